//! An address as HttpClient puts it on the wire.

use super::Scheme;
use crate::http::failure::{CLIENT_PROTOCOL, Fault};
use crate::http::uri::Uri;
use crate::text::Text;

/// What goes on the wire.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wire {
    pub host: Text,
    pub port: Option<u32>,
    pub target: Text,
    pub absolute_target: Text,
    pub host_header: Text,
}

impl Wire {
    pub fn new(text: &str, scheme: Scheme) -> Result<Wire, Fault> {
        let uri = Uri::parse(text)?;
        let named = uri.host.is_some();
        let (host, port) = match &uri.host {
            Some(host) => (host.clone(), uri.port),
            None => host_of_name(uri.authority.as_deref()).ok_or_else(|| {
                Fault::new(CLIENT_PROTOCOL, format!("URI does not specify a valid host name: {text}"))
            })?,
        };
        let query = uri.query.map(|query| format!("?{}", escape(&query))).unwrap_or_default();
        let path = escape(&uri.path);
        let absolute_path = if path.is_empty() { "/" } else { &*path };
        let absolute_port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let place = match &uri.authority {
            Some(authority) if !named => authority.clone(),
            _ => format!("{}{absolute_port}", host.to_lowercase()),
        };
        let absolute_target = format!("{}://{place}{absolute_path}{query}", scheme.name());
        let target = format!("{}{query}", normal_path(&uri.path, &path));
        let host_header = match port {
            Some(port) => format!("{host}:{port}"),
            // A name that is no host name has been through the route, which knows the port.
            None if !named => format!("{host}:{}", scheme.default_port()),
            None => host.clone(),
        };
        Ok(Wire {
            host: host.into(),
            port,
            target: target.into(),
            absolute_target: absolute_target.into(),
            host_header: host_header.into(),
        })
    }
}

/// The request target of an address with its letters as they are (`URI.toString` where the wire has `toASCIIString`).
pub(super) fn unescaped_target(text: &str) -> Option<String> {
    let uri = Uri::parse(text).ok()?;
    let query = uri.query.map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{}{query}", normal_path(&uri.path, &uri.path)))
}

/// The host and port of an authority that is no server's, such as one with an underscore (`URIUtils.extractHost`).
fn host_of_name(authority: Option<&str>) -> Option<(String, Option<u32>)> {
    let authority = decoded(authority?);
    let content = authority.split_once('@').map_or(&*authority, |(_, rest)| rest);
    let (host, port) = match content.split_once(':') {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, u32::try_from(port.parse::<i32>().ok()?).ok()),
        None => (content, None),
    };
    (!host.is_empty() && !host.contains(char::is_whitespace)).then(|| (host.to_owned(), port))
}

/// A text with its escapes read as UTF-8 (`URI.getAuthority`).
fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = tail.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = &tail[2..];
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A path without empty segments, as HttpClient sends it.
pub(in crate::http) fn without_empty_segments(raw: &str) -> String {
    normal_path(raw, raw)
}

/// A path without dot segments (`URIUtils.normalizeSyntax`): decoded, cleaned, encoded anew.
pub(in crate::http) fn without_dot_segments(raw: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in raw.strip_prefix('/').unwrap_or(raw).split('/') {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    if kept.is_empty() {
        kept.push("");
    }
    let mut path = String::new();
    for segment in kept {
        path.push('/');
        encode_segment(&unescape(segment), &mut path);
    }
    path
}

/// HttpClient's normal form of a path: no empty segments but the last. A path that has some is encoded anew; any other
/// stays as it is.
fn normal_path(raw: &str, escaped: &str) -> String {
    if raw.is_empty() {
        return "/".to_owned();
    }
    let segments: Vec<&str> = raw.strip_prefix('/').unwrap_or(raw).split('/').collect();
    let last = segments.len() - 1;
    let kept: Vec<&str> =
        segments.iter().enumerate().filter(|&(i, s)| i == last || !s.is_empty()).map(|(_, s)| *s).collect();
    if kept.len() == segments.len() {
        return escaped.to_owned();
    }
    let mut path = String::new();
    for segment in kept {
        path.push('/');
        encode_segment(&unescape(segment), &mut path);
    }
    path
}

/// `URLEncodedUtils.urlDecode`: it keeps the lower eight bits of each character, so that what is beyond ASCII becomes
/// something else.
fn unescape(segment: &str) -> String {
    let mut out = Vec::with_capacity(segment.len());
    let units: Vec<u16> = segment.encode_utf16().collect();
    let digit = |at: usize| units.get(at).and_then(|&unit| char::from_u32(unit.into())?.to_digit(16));
    let mut at = 0;
    while at < units.len() {
        match (digit(at + 1), digit(at + 2)) {
            (Some(high), Some(low)) if units[at] == u16::from(b'%') => {
                out.push((high << 4 | low) as u8);
                at += 3;
            }
            _ => {
                out.push(units[at] as u8);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn encode_segment(segment: &str, out: &mut String) {
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"_-.*!~'();:@&=+$,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            push_escape(byte, out);
        }
    }
}

/// `URI.toASCIIString`: UTF-8 escapes for all that is beyond ASCII (without the composition that Java does first).
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push_escape(byte, &mut out));
        }
    }
    out
}

fn push_escape(byte: u8, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}

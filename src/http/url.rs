//! The address of a request: a `java.net.URL`, with what HttpClient makes of it when it goes on the wire.

use std::sync::Arc;

use super::failure::{CLIENT_PROTOCOL, Failure, Fault, Stage};
use super::response::Timings;
use super::uri::Uri;
use crate::text::Text;

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain TCP.
    Http,
    /// TLS over TCP.
    Https,
}

impl Scheme {
    /// The name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// The port when none is written.
    pub fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// An address, cheap to clone. It may still be one that no request can be sent to ([`Url::check`]): JMeter, too, shows
/// the URL of such a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    text: Text,
    scheme: Scheme,
    authority: Text,
    host: Text,
    port: Option<u32>,
    path: Text,
    query: Option<Text>,
    fragment: Option<Text>,
    wire: Result<Wire, Fault>,
}

/// What goes on the wire.
#[derive(Debug, PartialEq, Eq)]
struct Wire {
    host: Text,
    port: Option<u32>,
    target: Text,
    absolute_target: Text,
    host_header: Text,
}

/// Why a text is no URL at all: JMeter then shows the URL `null` and an empty label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{class}: {message}")]
pub struct UrlError {
    /// The full name of the Java exception's class.
    pub class: Text,
    /// Its message.
    pub message: Text,
}

impl UrlError {
    fn malformed(message: String) -> Self {
        Self { class: "java.net.MalformedURLException".into(), message: message.into() }
    }
}

/// The parts of a `java.net.URL`.
#[derive(Debug, Default, Clone)]
struct Parts {
    scheme: String,
    authority: String,
    host: String,
    port: Option<u32>,
    path: String,
    query: Option<String>,
    fragment: Option<String>,
}

impl Url {
    /// `new URL(text)`: blanks around it are dropped, `.` and `..` segments are resolved. Fails when there is no
    /// protocol or one that is neither `http` nor `https`, and when the port is no number.
    pub fn parse(text: &str) -> Result<Url, UrlError> {
        Self::read(None, text)
    }

    /// `new URL(self, text)`: `text` may be relative to this address.
    pub fn join(&self, text: &str) -> Result<Url, UrlError> {
        Self::read(Some(self), text)
    }

    /// `new URL(protocol, host, port, file)`, as the sampler builds its address: nothing is resolved or checked but
    /// the protocol. `file` holds path, query and fragment. A host with a colon in it is put in brackets.
    pub fn from_parts(protocol: &str, host: &str, port: Option<u32>, file: &str) -> Result<Url, UrlError> {
        let scheme = protocol.to_lowercase();
        let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() };
        let authority = match port {
            Some(port) => format!("{host}:{port}"),
            None => host.clone(),
        };
        let (file, fragment) = match file.split_once('#') {
            Some((file, fragment)) => (file, Some(fragment.to_owned())),
            None => (file, None),
        };
        let (path, query) = match file.rsplit_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (file, None),
        };
        let slash = if !path.is_empty() && !path.starts_with('/') && !host.is_empty() { "/" } else { "" };
        let path = format!("{slash}{path}");
        Self::build(Parts { scheme, authority, host, port, path, query, fragment })
    }

    /// The external form: what JMeter's URL column shows.
    pub fn text(&self) -> &Text {
        &self.0.text
    }

    /// The protocol.
    pub fn scheme(&self) -> Scheme {
        self.0.scheme
    }

    /// User information, host and port as written.
    pub fn authority(&self) -> &Text {
        &self.0.authority
    }

    /// The host as written, without user information.
    pub fn host(&self) -> &Text {
        &self.0.host
    }

    /// The port that is written, whatever its size.
    pub fn port(&self) -> Option<u32> {
        self.0.port
    }

    /// The port that is written, or the protocol's own.
    pub fn effective_port(&self) -> u32 {
        self.0.port.unwrap_or_else(|| self.0.scheme.default_port().into())
    }

    /// The path as written; may be empty.
    pub fn path(&self) -> &Text {
        &self.0.path
    }

    /// The query as written, without its question mark.
    pub fn query(&self) -> Option<&Text> {
        self.0.query.as_ref()
    }

    /// Path and query as written (`URL.getFile`).
    pub fn file(&self) -> String {
        match &self.0.query {
            Some(query) => format!("{}?{query}", self.0.path),
            None => self.0.path.to_string(),
        }
    }

    /// The fragment as written, without its hash sign; never sent.
    pub fn fragment(&self) -> Option<&Text> {
        self.0.fragment.as_ref()
    }

    /// Whether a request can be sent to it: it must be a `java.net.URI` and name a host. The failure is the one with
    /// which an exchange fails.
    pub fn check(&self) -> Result<(), Failure> {
        match &self.0.wire {
            Ok(_) => Ok(()),
            Err(fault) => Err(fault.clone().at(Stage::Prepare, Timings::default())),
        }
    }

    /// The request target of a direct request: path and query, with UTF-8 escapes for what is beyond ASCII, empty path
    /// segments dropped (HttpClient's `URIUtils.rewriteURIForRoute`). Empty when [`Url::check`] fails.
    pub fn target(&self) -> &str {
        self.0.wire.as_ref().map_or("", |wire| &wire.target)
    }

    /// The request target of a request through a plain proxy: the whole address, its host in lower case.
    pub fn absolute_target(&self) -> &str {
        self.0.wire.as_ref().map_or("", |wire| &wire.absolute_target)
    }

    /// The value of the `Host` header that HttpClient writes when the caller has none.
    pub fn host_header(&self) -> &str {
        self.0.wire.as_ref().map_or("", |wire| &wire.host_header)
    }

    /// The host to connect to.
    pub(super) fn connect_host(&self) -> Result<&Text, Fault> {
        self.0.wire.as_ref().map(|wire| &wire.host).map_err(Clone::clone)
    }

    /// The port to connect to; above 65535 it cannot be.
    pub(super) fn connect_port(&self) -> u32 {
        let written = self.0.wire.as_ref().ok().and_then(|wire| wire.port);
        written.filter(|&port| port > 0).unwrap_or_else(|| self.0.scheme.default_port().into())
    }

    fn build(parts: Parts) -> Result<Url, UrlError> {
        let scheme = match &*parts.scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            other => return Err(UrlError::malformed(format!("unknown protocol: {other}"))),
        };
        let mut text = format!("{}:", scheme.name());
        if !parts.authority.is_empty() {
            text.push_str("//");
            text.push_str(&parts.authority);
        }
        text.push_str(&parts.path);
        for (mark, part) in [('?', &parts.query), ('#', &parts.fragment)] {
            if let Some(part) = part {
                text.push(mark);
                text.push_str(part);
            }
        }
        let wire = Wire::new(&text, scheme);
        Ok(Url(Arc::new(Inner {
            text: text.into(),
            scheme,
            authority: parts.authority.into(),
            host: parts.host.into(),
            port: parts.port,
            path: parts.path.into(),
            query: parts.query.map(Into::into),
            fragment: parts.fragment.map(Into::into),
            wire,
        })))
    }

    /// `new URL(context, spec)`.
    fn read(context: Option<&Url>, original: &str) -> Result<Url, UrlError> {
        let mut spec = original.trim_matches(|c: char| c <= ' ');
        if spec.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("url:")) {
            spec = &spec[4..];
        }
        let mut parts = Parts::default();
        let protocol = spec.find([':', '/']).filter(|&at| !spec.starts_with('#') && spec[at..].starts_with(':'));
        if let Some(at) = protocol.filter(|&at| is_protocol(&spec[..at])) {
            parts.scheme = spec[..at].to_lowercase();
            spec = &spec[at + 1..];
        }
        let context = context
            .map(|url| &*url.0)
            .filter(|inner| parts.scheme.is_empty() || (parts.scheme == inner.scheme.name() && !spec.starts_with('/')));
        let mut inherits = false;
        if let Some(inner) = context {
            // An old way to write a relative address, `http:page`, is one still.
            inherits = true;
            parts.scheme = inner.scheme.name().to_owned();
            parts.authority = inner.authority.to_string();
            parts.host = inner.host.to_string();
            parts.port = inner.port;
            parts.path = inner.path.to_string();
        }
        if parts.scheme.is_empty() {
            return Err(UrlError::malformed(format!("no protocol: {original}")));
        }
        if !matches!(&*parts.scheme, "http" | "https") {
            return Err(UrlError::malformed(format!("unknown protocol: {}", parts.scheme)));
        }
        if let Some((before, fragment)) = spec.split_once('#') {
            parts.fragment = Some(fragment.to_owned());
            spec = before;
        }
        if inherits && spec.is_empty() {
            parts.query = context.and_then(|inner| inner.query.as_ref().map(ToString::to_string));
            if parts.fragment.is_none() {
                parts.fragment = context.and_then(|inner| inner.fragment.as_ref().map(ToString::to_string));
            }
        }
        parse_url(&mut parts, spec)?;
        Self::build(parts)
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.text)
    }
}

fn is_protocol(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'))
}

/// `URLStreamHandler.parseURL`: what follows the protocol, without its fragment, laid over what was inherited.
fn parse_url(parts: &mut Parts, spec: &str) -> Result<(), UrlError> {
    let query_only = spec.starts_with('?');
    let (mut spec, query) = match spec.split_once('?') {
        Some((before, query)) => (before, Some(query.to_owned())),
        None => (spec, None),
    };
    if query.is_some() || !spec.is_empty() {
        parts.query = query;
    }
    if spec.starts_with("//") && !spec.starts_with("////") {
        let rest = &spec[2..];
        let end = rest.find('/').unwrap_or(rest.len());
        rest[..end].clone_into(&mut parts.authority);
        spec = &rest[end..];
        read_authority(parts)?;
        if !parts.authority.is_empty() {
            parts.path = String::new();
        }
    }
    if !spec.is_empty() {
        if spec.starts_with('/') {
            spec.clone_into(&mut parts.path);
        } else if !parts.path.is_empty() {
            let keep = parts.path.rfind('/').map_or(0, |at| at + 1);
            let slash = if keep == 0 && !parts.authority.is_empty() { "/" } else { "" };
            parts.path.truncate(keep);
            parts.path.push_str(slash);
            parts.path.push_str(spec);
        } else {
            let slash = if parts.authority.is_empty() { "" } else { "/" };
            parts.path = format!("{slash}{spec}");
        }
    } else if query_only {
        let keep = parts.path.rfind('/').unwrap_or(0);
        parts.path.truncate(keep);
        parts.path.push('/');
    }
    remove_dots(&mut parts.path);
    Ok(())
}

fn read_authority(parts: &mut Parts) -> Result<(), UrlError> {
    let number = |digits: &str| {
        if digits.is_empty() {
            return Ok(None);
        }
        let port = digits.parse::<i32>().map_err(|_| UrlError::malformed(number_format(digits)))?;
        match u32::try_from(port) {
            Ok(port) => Ok(Some(port)),
            Err(_) if port == -1 => Ok(None),
            Err(_) => Err(UrlError::malformed(format!("Invalid port number :{port}"))),
        }
    };
    let authority = &parts.authority;
    let host = match authority.split_once('@') {
        // Two of them leave no host.
        Some((_, rest)) if rest.contains('@') => "",
        Some((_, rest)) => rest,
        None => authority,
    };
    if host.starts_with('[') {
        let end = host.find(']').filter(|&end| end > 2);
        let end = end.ok_or_else(|| UrlError::malformed(format!("Invalid authority field: {authority}")))?;
        let address = host[1..end].split('%').next().unwrap_or_default();
        if address.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(UrlError::malformed(format!("Invalid host: {}", &host[..=end])));
        }
        parts.port = match &host[end + 1..] {
            "" => None,
            rest => match rest.strip_prefix(':') {
                Some(digits) => number(digits)?,
                None => return Err(UrlError::malformed(format!("Invalid authority field: {authority}"))),
            },
        };
        parts.host = host[..=end].to_owned();
    } else {
        let (name, digits) = host.split_once(':').unwrap_or((host, ""));
        parts.port = number(digits)?;
        parts.host = name.to_owned();
    }
    Ok(())
}

/// The message of a `NumberFormatException`.
fn number_format(digits: &str) -> String {
    format!("For input string: \"{digits}\"")
}

/// Takes `.` and `..` segments out, as far as `java.net.URL` does: those above the root stay.
fn remove_dots(path: &mut String) {
    while let Some(at) = path.find("/./") {
        path.replace_range(at..at + 2, "");
    }
    let mut from = 0;
    while let Some(at) = path[from..].find("/../").map(|at| from + at) {
        let parent = path[..at].rfind('/');
        match parent {
            Some(parent) if at > 0 && path[parent..].find("/../") != Some(0) => {
                path.replace_range(parent..at + 3, "");
                from = 0;
            }
            _ => from = at + 3,
        }
    }
    while path.ends_with("/..") {
        let at = path.find("/..").unwrap_or(0);
        let Some(parent) = path[..at].rfind('/') else { break };
        path.truncate(parent + 1);
    }
    if path.starts_with("./") && path.len() > 2 {
        path.replace_range(..2, "");
    }
    if path.ends_with("/.") {
        path.pop();
    }
}

impl Wire {
    fn new(text: &str, scheme: Scheme) -> Result<Wire, Fault> {
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
        let absolute_target =
            format!("{}://{}{absolute_port}{absolute_path}{query}", scheme.name(), host.to_lowercase());
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

/// The host and port of an authority that is no server's, such as one with an underscore (`URIUtils.extractHost`).
fn host_of_name(authority: Option<&str>) -> Option<(String, Option<u32>)> {
    let authority = authority?;
    let content = authority.split_once('@').map_or(authority, |(_, rest)| rest);
    let (host, port) = match content.split_once(':') {
        Some((host, "")) => (host, None),
        Some((host, port)) => (host, u32::try_from(port.parse::<i32>().ok()?).ok()),
        None => (content, None),
    };
    (!host.is_empty() && !host.contains(char::is_whitespace)).then(|| (host.to_owned(), port))
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

/// `URLEncodedUtils.urlDecode`; what is beyond ASCII has lost its upper bits there, which nobody should rely on.
fn unescape(segment: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(segment.len());
    let bytes = segment.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let pair = (bytes[at] == b'%').then(|| segment.get(at + 1..at + 3)).flatten();
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

fn encode_segment(segment: &[u8], out: &mut String) {
    for &byte in segment {
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

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
    /// `new URL(text)`: blanks around it are dropped, segments stay as they are. Fails when there is no
    /// protocol or one that is neither `http` nor `https`, and when the port is no number.
    pub fn parse(text: &str) -> Result<Url, UrlError> {
        Self::read(None, text)
    }

    /// `new URL(self, text)`: `text` may be relative to this address; its `.` and `..` segments are resolved if its path
    /// is.
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
        let path = path.to_owned();
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
            remove_dots(&mut parts.path);
        } else {
            let slash = if parts.authority.is_empty() { "" } else { "/" };
            parts.path = format!("{slash}{spec}");
        }
    } else if query_only {
        let keep = parts.path.rfind('/').unwrap_or(0);
        parts.path.truncate(keep);
        parts.path.push('/');
    }
    Ok(())
}

fn read_authority(parts: &mut Parts) -> Result<(), UrlError> {
    let number = |digits: &str| {
        if digits.is_empty() {
            return Ok(None);
        }
        let port = parse_int(digits).map_err(UrlError::malformed)?;
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

/// `Integer.parseInt(CharSequence, int, int, int)`; the error is the exception's message.
fn parse_int(text: &str) -> Result<i32, String> {
    let flaw = |at: usize| format!("Error at index {at} in: \"{text}\"");
    let negative = text.starts_with('-');
    let signed = negative || text.starts_with('+');
    let limit = if negative { i64::from(i32::MAX) + 1 } else { i64::from(i32::MAX) };
    let mut number = 0;
    let mut at = usize::from(signed);
    for c in text.chars().skip(at) {
        number = c
            .to_digit(10)
            .map(|digit| number * 10 + i64::from(digit))
            .filter(|&n| n <= limit)
            .ok_or_else(|| flaw(at))?;
        at += 1;
    }
    if at == usize::from(signed) {
        return Err(flaw(at));
    }
    i32::try_from(if negative { -number } else { number }).map_err(|_| flaw(at))
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

/// A path without empty segments, as HttpClient sends it.
pub(super) fn without_empty_segments(raw: &str) -> String {
    normal_path(raw, raw)
}

/// A path without dot segments (`URIUtils.normalizeSyntax`): decoded, cleaned, encoded anew.
pub(super) fn without_dot_segments(raw: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn show(url: Result<Url, UrlError>) -> String {
        let url = match url {
            Ok(url) => url,
            Err(error) => return error.to_string(),
        };
        let part = |part: Option<&Text>| part.map_or("null".to_owned(), ToString::to_string);
        let port = url.port().map_or("-1".to_owned(), |port| port.to_string());
        format!(
            "{url} host={} port={port} auth={} path={} q={} f={}",
            url.host(),
            url.authority(),
            url.path(),
            part(url.query()),
            part(url.fragment())
        )
    }

    /// Each line is what `new URL(…)` of Java 17 answered.
    #[test]
    fn absolute_addresses() {
        for (text, answer) in [
            ("http://h/a//b/c?x=%20&y", "http://h/a//b/c?x=%20&y host=h port=-1 auth=h path=/a//b/c q=x=%20&y f=null"),
            (
                " http://H:80/a/../b/./c#f ",
                "http://H:80/a/../b/./c#f host=H port=80 auth=H:80 path=/a/../b/./c q=null f=f",
            ),
            ("http://h", "http://h host=h port=-1 auth=h path= q=null f=null"),
            ("http://h?x", "http://h?x host=h port=-1 auth=h path= q=x f=null"),
            ("http://h#f?x", "http://h#f?x host=h port=-1 auth=h path= q=null f=f?x"),
            ("HTTP://h/", "http://h/ host=h port=-1 auth=h path=/ q=null f=null"),
            ("url:http://h/", "http://h/ host=h port=-1 auth=h path=/ q=null f=null"),
            ("http://h:/", "http://h:/ host=h port=-1 auth=h: path=/ q=null f=null"),
            ("http://h:-1/", "http://h:-1/ host=h port=-1 auth=h:-1 path=/ q=null f=null"),
            ("http://h:+80/", "http://h:+80/ host=h port=80 auth=h:+80 path=/ q=null f=null"),
            ("http://u:p@h:1/x", "http://u:p@h:1/x host=h port=1 auth=u:p@h:1 path=/x q=null f=null"),
            ("http://u@v@h/x", "http://u@v@h/x host= port=-1 auth=u@v@h path=/x q=null f=null"),
            ("http://[::1]:8/x", "http://[::1]:8/x host=[::1] port=8 auth=[::1]:8 path=/x q=null f=null"),
            ("http:x/y", "http:x/y host= port=-1 auth= path=x/y q=null f=null"),
            ("http:///x", "http:/x host= port=-1 auth= path=/x q=null f=null"),
            ("http://", "http: host= port=-1 auth= path= q=null f=null"),
            ("//h/x", "java.net.MalformedURLException: no protocol: //h/x"),
            ("h", "java.net.MalformedURLException: no protocol: h"),
            ("", "java.net.MalformedURLException: no protocol: "),
            (":x", "java.net.MalformedURLException: no protocol: :x"),
            ("gopher://h/", "java.net.MalformedURLException: unknown protocol: gopher"),
            ("http://h:abc/", "java.net.MalformedURLException: Error at index 0 in: \"abc\""),
            ("http://h:8x/", "java.net.MalformedURLException: Error at index 1 in: \"8x\""),
            ("http://h:99999999999/", "java.net.MalformedURLException: Error at index 9 in: \"99999999999\""),
            ("http://h:-2/", "java.net.MalformedURLException: Invalid port number :-2"),
            ("http://[::1]x/", "java.net.MalformedURLException: Invalid authority field: [::1]x"),
            ("http://[x]/", "java.net.MalformedURLException: Invalid authority field: [x]"),
        ] {
            assert_eq!(show(Url::parse(text)), answer, "{text}");
        }
    }

    #[test]
    fn addresses_from_parts() {
        let parts = |protocol, host, port, file| show(Url::from_parts(protocol, host, port, file));
        assert_eq!(
            parts("HTTP", "h", Some(80), "/a/../b?x#y"),
            "http://h:80/a/../b?x#y host=h port=80 auth=h:80 path=/a/../b q=x f=y"
        );
        assert_eq!(parts("http", "h", None, "a?b?c"), "http://ha?b?c host=h port=-1 auth=h path=a?b q=c f=null");
        assert_eq!(
            parts("http", "h:1", None, "/x"),
            "http://[h:1]/x host=[h:1] port=-1 auth=[h:1] path=/x q=null f=null"
        );
        assert_eq!(parts("http", "", Some(80), "/x"), "http://:80/x host= port=80 auth=:80 path=/x q=null f=null");
        assert_eq!(parts("foo", "h", None, "/x"), "java.net.MalformedURLException: unknown protocol: foo");
    }

    /// Each line is what `new URL(new URL(base), text)` of Java 17 answered.
    #[test]
    fn relative_addresses() {
        for (base, text, answer) in [
            ("http://h:8/a/b/c?q#f", "d", "http://h:8/a/b/d"),
            ("http://h:8/a/b/c?q#f", "./d", "http://h:8/a/b/d"),
            ("http://h:8/a/b/c?q#f", "../d", "http://h:8/a/d"),
            ("http://h:8/a/b/c?q#f", "../../../d", "http://h:8/../d"),
            ("http://h:8/a/b/c?q#f", "/x/../y/./z", "http://h:8/x/../y/./z"),
            ("http://h:8/a/b/c?q#f", "//o/x/../y", "http://o/x/../y"),
            ("http://h:8/a/b/c?q#f", "//o", "http://o"),
            ("http://h:8/a/b/c?q#f", "?x", "http://h:8/a/b/?x"),
            ("http://h:8/a/b/c?q#f", "#g", "http://h:8/a/b/c?q#g"),
            ("http://h:8/a/b/c?q#f", "", "http://h:8/a/b/c?q#f"),
            ("http://h:8/a/b/c?q#f", "http:d", "http://h:8/a/b/d"),
            ("http://h:8/a/b/c?q#f", "https:d", "https:d"),
            ("http://h:8/a/b/c?q#f", "HTTPS://O:9/d", "https://O:9/d"),
            ("http://h:8/a/b/c?q#f", "1a:b", "http://h:8/a/b/1a:b"),
            ("http://h:8/a/b/c?q#f", "d?x/../y", "http://h:8/a/b/d?x/../y"),
            ("http://h:8/a/b/c?q#f", "d/../e/.", "http://h:8/a/b/e/"),
            ("http://h:8/a/b/c?q#f", ".", "http://h:8/a/b/"),
            ("http://h:8/a/b/c?q#f", "..", "http://h:8/a/"),
            ("http://h:8/a/b/c?q#f", " d e ", "http://h:8/a/b/d e"),
            ("http://h", "d", "http://h/d"),
            ("http://h", "?x", "http://h/?x"),
            ("http://h/a?x/y", "d", "http://h/d"),
            ("http://h/a", "?", "http://h/?"),
            ("http://u:p@h/a", "//o/b", "http://o/b"),
            ("http://h/a", "//", "http:/a"),
            ("http://h/a", "///b", "http:/b"),
            ("http://h/a", "////b", "http://h////b"),
        ] {
            assert_eq!(Url::parse(base).unwrap().join(text).unwrap().to_string(), answer, "{base} {text}");
        }
        let base = Url::parse("http://h/").unwrap();
        assert_eq!(&*base.join("foo:bar").unwrap_err().message, "unknown protocol: foo");
    }

    /// Each line is what HttpClient 4.5.14 made of it: the target, the target for a proxy, the `Host` header.
    #[test]
    fn on_the_wire() {
        for (text, target, absolute, host) in [
            ("http://h/a//b/c?x=%20&y", "/a/b/c?x=%20&y", "http://h/a//b/c?x=%20&y", "h"),
            ("http://H:80/a/../b/./c#f", "/a/../b/./c", "http://h:80/a/../b/./c", "H:80"),
            ("http://h", "/", "http://h/", "h"),
            ("http://h?x", "/?x", "http://h/?x", "h"),
            ("http://h//", "/", "http://h//", "h"),
            ("http://h/a//", "/a/", "http://h/a//", "h"),
            ("http://h/;p=1//x", "/;p=1/x", "http://h/;p=1//x", "h"),
            ("http://u:p@h:1/x", "/x", "http://h:1/x", "h:1"),
            ("http://[::1]:8/x", "/x", "http://[::1]:8/x", "[::1]:8"),
            ("http://h:080/x", "/x", "http://h:80/x", "h:80"),
            (
                "http://my_host/\u{e9}//\u{fc}%41?\u{e9}#\u{e9}",
                "/%EF%BF%BD/%EF%BF%BDA?%C3%A9",
                "http://my_host/%C3%A9//%C3%BC%41?%C3%A9",
                "my_host:80",
            ),
            ("http://my_host:8080/", "/", "http://my_host:8080/", "my_host:8080"),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.target(), url.absolute_target(), url.host_header()), (target, absolute, host), "{text}");
        }
        let flaw = |text: &str| Url::parse(text).unwrap().check().unwrap_err().text();
        assert_eq!(
            flaw("http:///x"),
            "org.apache.http.client.ClientProtocolException: URI does not specify a valid host name: http:/x"
        );
        assert_eq!(
            flaw("http://h//a b"),
            "java.net.URISyntaxException: Illegal character in path at index 11: http://h//a b"
        );
        assert_eq!(flaw("http://"), "java.net.URISyntaxException: Expected scheme-specific part at index 5: http:");
    }
}

//! The address of a request: a `java.net.URL`, with what HttpClient makes of it when it goes on the wire.

mod parse;
mod wire;

use std::sync::Arc;

use parse::{Parts, is_protocol, parse_url};
use wire::Wire;
pub(in crate::http) use wire::{without_dot_segments, without_empty_segments};

use crate::http::failure::{Failure, Fault, Stage};
use crate::http::response::Timings;
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
        if let Some(c) = host.chars().find(|c| c.is_ascii_control() || *c == '/') {
            return Err(UrlError::malformed(illegal_in_host(c)));
        }
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

    /// The same address with more in its query.
    #[must_use]
    pub fn with_query(&self, more: &str) -> Url {
        let (before, fragment) = match self.text().split_once('#') {
            Some((before, fragment)) => (before, format!("#{fragment}")),
            None => (&**self.text(), String::new()),
        };
        let mark = if self.query().is_some() { '&' } else { '?' };
        Url::parse(&format!("{before}{mark}{more}{fragment}")).unwrap_or_else(|_| self.clone())
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

    /// The same with its letters as they are, as `URI.toString` shows them.
    pub fn unescaped_target(&self) -> String {
        wire::unescaped_target(&self.0.text).unwrap_or_default()
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
    pub(in crate::http) fn connect_host(&self) -> Result<&Text, Fault> {
        self.0.wire.as_ref().map(|wire| &wire.host).map_err(Clone::clone)
    }

    /// The port to connect to; above 65535 it cannot be.
    pub(in crate::http) fn connect_port(&self) -> u32 {
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
        let wire = Wire::new(&text, scheme).and_then(|wire| match illegal_host(&parts.host) {
            None => Ok(wire),
            Some(c) => {
                Err(Fault::new(crate::http::uri::SYNTAX, format!("{}: {}", illegal_in_host(c), parts.authority)))
            }
        });
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
        let context = context.map(|url| &*url.0).filter(|inner| {
            parts.scheme.is_empty() || (parts.scheme == inner.scheme.name() && inner.path.starts_with('/'))
        });
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

/// What a host may not hold although the address is a URI (`IPAddressUtil.checkAuthority`): it would end the host, or
/// begin it anew.
fn illegal_host(host: &str) -> Option<char> {
    let is_address = host.starts_with('[') && host.ends_with(']');
    host.chars().find(|c| !is_address && ":/?#[]@\\".contains(*c))
}

fn illegal_in_host(c: char) -> String {
    match c {
        '\n' => "Illegal character found in host: LF".to_owned(),
        '\r' => "Illegal character found in host: CR".to_owned(),
        c if c.is_ascii_control() => format!("Illegal character found in host: control char (code={})", c as u32),
        c => format!("Illegal character found in host: '{c}'"),
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.text)
    }
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

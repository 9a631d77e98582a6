//! Heads of HTTP/2: the plan's head becomes pseudo-headers and lower-case names, and what comes back becomes the text
//! that a head of HTTP/1.1 would be.

use std::cell::RefCell;
use std::sync::{Arc, PoisonError};

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::uri::{Authority, PathAndQuery};
use http::{Method, Uri};

use super::Http2;
use crate::http::failure::{Fault, ILLEGAL_ARGUMENT};
use crate::http::request::{Request, push_value};
use crate::http::response_head::Head;

/// What belongs to a connection of HTTP/1.1 and has no place in HTTP/2 (RFC 9113, 8.2.2), beside what `Connection`
/// names. `Host` is `:authority`.
const OF_THE_CONNECTION: [&str; 7] =
    ["connection", "host", "http2-settings", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/// A request's head.
pub(super) struct Outgoing {
    pub message: http::Request<()>,
    /// How long it would be as text, `HTTP/2.0` and `host` in it.
    pub size: u64,
    /// Whether the plan wants the connection closed after it.
    pub closes: bool,
}

/// Makes the head of a request for the wire.
pub(super) fn outgoing(request: &Request) -> Result<Outgoing, Fault> {
    let flaw = |what: &str, text: &str| Fault::new(ILLEGAL_ARGUMENT, format!("{what} not fit for HTTP/2: {text}"));
    let (mut host, mut named, mut closes) = (None, Vec::new(), false);
    for header in &request.headers {
        if header.name.eq_ignore_ascii_case("Host") {
            host = Some(&*header.value);
        } else if header.name.eq_ignore_ascii_case("Connection") {
            for token in header.value.split(',').map(str::trim) {
                closes |= token.eq_ignore_ascii_case("close");
                named.push(token);
            }
        }
    }
    let authority = host.filter(|host| !host.is_empty()).unwrap_or_else(|| request.url.host_header());
    let target = request.url.target();
    let mut size = request.method.len() + target.len() + authority.len() + " HTTP/2.0\r\nhost: \r\n\r\n".len() + 1;
    let mut headers = HeaderMap::with_capacity(request.headers.len());
    let mut bytes = Vec::new();
    for header in &request.headers {
        let is = |other: &str| header.name.eq_ignore_ascii_case(other);
        // Of TE only the wish for trailers may be said.
        let is_te = is("TE") && !header.value.trim().eq_ignore_ascii_case("trailers");
        if is_te || OF_THE_CONNECTION.iter().any(|name| is(name)) || named.iter().any(|token| is(token)) {
            continue;
        }
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| flaw("Header name", &header.name))?;
        bytes.clear();
        push_value(&mut bytes, &header.value);
        let value = HeaderValue::from_bytes(bytes.trim_ascii()).map_err(|_| flaw("Header value", &header.value))?;
        size += name.as_str().len() + value.len() + ": \r\n".len();
        headers.append(name, value);
    }
    let mut uri = http::uri::Parts::default();
    uri.scheme = http::uri::Scheme::try_from(request.url.scheme().name()).ok();
    uri.authority = Some(Authority::try_from(authority).map_err(|_| flaw("Host", authority))?);
    uri.path_and_query = Some(PathAndQuery::try_from(target).map_err(|_| flaw("Path", target))?);
    let mut message = http::Request::new(());
    *message.method_mut() =
        Method::from_bytes(request.method.as_bytes()).map_err(|_| flaw("Method", &request.method))?;
    *message.uri_mut() = Uri::from_parts(uri).map_err(|_| flaw("Address", request.url.text()))?;
    *message.version_mut() = http::Version::HTTP_2;
    *message.headers_mut() = headers;
    Ok(Outgoing { message, size: size as u64, closes })
}

impl Http2 {
    /// An answer's head as text, read: the same one as before if it says the same.
    pub(super) fn incoming(&self, head: &http::response::Parts) -> Option<Arc<Head>> {
        thread_local!(static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) });
        TEXT.with_borrow_mut(|text| {
            text.clear();
            write_head(text, head);
            let mut last = self.last_head.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((known, head)) = &*last
                && known == text
            {
                return Some(Arc::clone(head));
            }
            let head = Arc::new(Head::parse(text)?);
            *last = Some((std::mem::take(text), Arc::clone(&head)));
            Some(head)
        })
    }
}

/// The version and the phrase are those that Jetty's client shows, which the HTTP/2 plugin uses: `HTTP/2.0 200 OK`.
fn write_head(text: &mut Vec<u8>, head: &http::response::Parts) {
    text.extend_from_slice(b"HTTP/2.0 ");
    text.extend_from_slice(head.status.as_str().as_bytes());
    text.push(b' ');
    text.extend_from_slice(head.status.canonical_reason().unwrap_or(head.status.as_str()).as_bytes());
    text.extend_from_slice(b"\r\n");
    for (name, value) in &head.headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Body, Header, Url};

    fn request(headers: &[(&str, &str)]) -> Request {
        let headers = headers.iter().map(|(name, value)| Header::new(*name, *value)).collect();
        Request { method: "GET".into(), url: Url::parse("http://h:81/p?q#f").unwrap(), headers, body: Body::Empty }
    }

    #[test]
    fn names_are_lower_case_and_those_of_the_connection_go() {
        let request = request(&[
            ("Connection", "keep-alive, X-Hop"),
            ("X-Hop", "1"),
            ("Keep-Alive", "5"),
            ("TE", "gzip"),
            ("X-Two", " a "),
            ("Accept", "b"),
            ("x-two", "caf\u{e9}"),
            ("Host", "other"),
        ]);
        let Outgoing { message, size, closes } = outgoing(&request).unwrap();
        assert_eq!(message.uri(), "http://other/p?q");
        let told: Vec<_> = message.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(told, [("x-two", &b"a"[..]), ("x-two", b"caf\xe9"), ("accept", b"b")]);
        let text = "GET /p?q HTTP/2.0\r\nhost: other\r\nx-two: a\r\nx-two: caf.\r\naccept: b\r\n\r\n";
        assert_eq!(size, text.len() as u64);
        assert!(!closes);
    }

    #[test]
    fn what_cannot_be_sent_is_said() {
        let message = |headers| outgoing(&request(headers)).err().and_then(|fault| fault.message).unwrap_or_default();
        assert_eq!(message(&[("a b", "c")]), "Header name not fit for HTTP/2: a b");
        assert_eq!(message(&[("Host", "a b")]), "Host not fit for HTTP/2: a b");
        assert!(outgoing(&request(&[("Connection", "Close")])).unwrap().closes);
    }

    #[test]
    fn a_head_is_read_as_text() {
        let response = http::Response::builder().status(404).header("a", "b").header("content-length", "3");
        let mut text = Vec::new();
        write_head(&mut text, &response.body(()).unwrap().into_parts().0);
        let head = Head::parse(&text).unwrap();
        assert_eq!(&*head.text(), "HTTP/2.0 404 Not Found\na: b\ncontent-length: 3\n");
        assert_eq!(head.size(), text.len() as u64);
        let mut text = Vec::new();
        write_head(&mut text, &http::Response::builder().status(299).body(()).unwrap().into_parts().0);
        assert_eq!(text, b"HTTP/2.0 299 299\r\n\r\n");
    }
}

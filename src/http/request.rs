//! What goes out: a request whose head is complete, and its bytes on the wire.

use std::path::PathBuf;

use bytes::Bytes;

use super::url::Url;
use crate::text::Text;

/// One request. Nothing is added on the way out: the caller has built every header, in wire order and case.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method as it stands, in any case; not checked against any list.
    pub method: Text,
    /// Where it goes. Its wire form is the request target.
    pub url: Url,
    /// All headers, in the order and case in which they are sent.
    pub headers: Vec<Header>,
    /// What follows the head. Its length must be what `Content-Length` says.
    pub body: Body,
}

impl Request {
    /// The value of the first header called `name`, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| &*header.value)
    }
}

/// A header line: name and value as sent or as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name, in the case in which it is sent.
    pub name: Text,
    /// The value, without the line's end.
    pub value: Text,
}

impl Header {
    /// A header from anything that becomes text.
    pub fn new(name: impl Into<Text>, value: impl Into<Text>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// The body of a request.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// No entity at all (GET, HEAD and the like): different from an entity of no bytes, which has `Content-Length: 0`.
    #[default]
    Empty,
    /// An entity held in memory.
    Bytes(Bytes),
    /// An entity in pieces, of which files are read while they are sent.
    Parts(Vec<Part>),
}

impl Body {
    /// The number of bytes that will be sent.
    pub fn len(&self) -> u64 {
        match self {
            Body::Empty => 0,
            Body::Bytes(bytes) => bytes.len() as u64,
            Body::Parts(parts) => parts.iter().map(Part::len).sum(),
        }
    }

    /// Whether nothing follows the head.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether files are part of it.
    pub fn has_files(&self) -> bool {
        matches!(self, Body::Parts(parts) if parts.iter().any(|part| matches!(part, Part::File { .. })))
    }

    /// Whether the request encloses an entity, be it of no bytes.
    pub fn is_entity(&self) -> bool {
        !matches!(self, Body::Empty)
    }
}

/// A piece of a body.
#[derive(Debug, Clone)]
pub enum Part {
    /// Bytes in memory.
    Bytes(Bytes),
    /// A file, read in blocks while it is sent.
    File {
        /// Where it is.
        path: PathBuf,
        /// How many bytes of it `Content-Length` counts.
        len: u64,
    },
}

impl Part {
    /// The number of bytes of this piece.
    pub fn len(&self) -> u64 {
        match self {
            Part::Bytes(bytes) => bytes.len() as u64,
            Part::File { len, .. } => *len,
        }
    }

    /// Whether the piece has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Appends the head of `request` to `out`, ending with the blank line: the request line with `target`, the headers,
/// then `extra` headers (what only the connection knows, such as `Proxy-Authorization`).
pub(super) fn write_head(out: &mut Vec<u8>, request: &Request, target: &str, extra: &[Header]) {
    push_text(out, &request.method);
    out.push(b' ');
    push_text(out, target);
    out.extend_from_slice(b" HTTP/1.1\r\n");
    for header in request.headers.iter().chain(extra) {
        push_text(out, &header.name);
        out.extend_from_slice(b": ");
        push_value(out, &header.value);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends text as HttpCore puts lines on the wire (`ByteArrayBuffer.append(char[])`): visible Latin-1 and tab as one
/// byte each, a question mark for every other UTF-16 unit.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    if is_plain(text) {
        out.extend_from_slice(text.as_bytes());
    } else {
        text.encode_utf16().for_each(|unit| out.push(wire_byte(unit)));
    }
}

/// Appends a header's value: as [`push_text`], but what would end the line becomes a blank
/// (`BasicLineFormatter.doFormatHeader`).
pub(super) fn push_value(out: &mut Vec<u8>, value: &str) {
    if is_plain(value) {
        out.extend_from_slice(value.as_bytes());
    } else {
        value.encode_utf16().for_each(|unit| out.push(if matches!(unit, 10..=13) { b' ' } else { wire_byte(unit) }));
    }
}

/// Whether every character is sent as it is in UTF-8.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x7e | b'\t'))
}

fn wire_byte(unit: u16) -> u8 {
    match unit {
        0x20..=0x7e | 0xa0..=0xff | 9 => unit as u8,
        _ => b'?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        push_value(&mut out, text);
        out
    }

    #[test]
    fn header_values_are_latin_1_on_one_line() {
        assert_eq!(value("a b"), b"a b");
        assert_eq!(value("caf\u{e9}"), b"caf\xe9");
        assert_eq!(value("\u{20ac}\u{1f600}\u{7f}"), b"????");
        assert_eq!(value("a\r\nb\tc"), b"a  b\tc");
    }

    #[test]
    fn a_head_is_what_the_caller_said() {
        let request = Request {
            method: "foo".into(),
            url: Url::parse("http://h/p?q#f").unwrap(),
            headers: vec![Header::new("host", "h"), Header::new("X", "")],
            body: Body::Empty,
        };
        let mut out = Vec::new();
        write_head(&mut out, &request, request.url.target(), &[Header::new("Z", "1")]);
        assert_eq!(String::from_utf8(out).unwrap(), "foo /p?q HTTP/1.1\r\nhost: h\r\nX: \r\nZ: 1\r\n\r\n");
    }
}

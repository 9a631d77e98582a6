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

    /// Appends the head to `out`, ending with the blank line: the request line with `target`, the headers, then `extra`
    /// headers (what only the connection knows, such as `Proxy-Authorization`).
    pub(super) fn write_head(&self, out: &mut Vec<u8>, target: &str, extra: &[Header]) {
        let from = out.len();
        self.write_head_with(out, target, extra, push_as_it_is, push_as_it_is);
        // One look at the whole costs less than one at each of its parts. What is not plain is then the ends of the
        // lines, unless a part has more of it.
        let lines = self.headers.len() + extra.len() + 2;
        if odd_bytes(&out[from..]) != 2 * lines {
            out.truncate(from);
            self.write_head_with(out, target, extra, push_text, push_value);
        }
    }

    fn write_head_with(
        &self,
        out: &mut Vec<u8>,
        target: &str,
        extra: &[Header],
        push_text: impl Fn(&mut Vec<u8>, &str),
        push_value: impl Fn(&mut Vec<u8>, &str),
    ) {
        push_text(out, &self.method);
        out.push(b' ');
        push_text(out, target);
        out.extend_from_slice(b" HTTP/1.1\r\n");
        for header in self.headers.iter().chain(extra) {
            push_text(out, &header.name);
            out.extend_from_slice(b": ");
            push_value(out, &header.value);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
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

/// Appends text as HttpCore puts lines on the wire (`ByteArrayBuffer.append(char[])`): visible Latin-1 and tab as one
/// byte each, a question mark for every other UTF-16 unit.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(is_plain) {
        push_as_it_is(out, text);
    } else {
        text.encode_utf16().for_each(|unit| out.push(wire_byte(unit)));
    }
}

/// Appends a header's value: as [`push_text`], but what would end the line becomes a blank
/// (`BasicLineFormatter.doFormatHeader`).
pub(super) fn push_value(out: &mut Vec<u8>, value: &str) {
    if value.bytes().all(is_plain) {
        push_as_it_is(out, value);
    } else {
        value.encode_utf16().for_each(|unit| out.push(if matches!(unit, 10..=13) { b' ' } else { wire_byte(unit) }));
    }
}

fn push_as_it_is(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// How many bytes are not plain. Counts of one byte are added up sixteen at a time.
fn odd_bytes(bytes: &[u8]) -> usize {
    let odd = |piece: &[u8]| piece.iter().fold(0_u8, |odd, &byte| odd + u8::from(!is_plain(byte)));
    bytes.chunks(255).map(|piece| usize::from(odd(piece))).sum()
}

/// Whether a byte of UTF-8 is sent as it is.
fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e | b'\t')
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
        request.write_head(&mut out, request.url.target(), &[Header::new("Z", "1")]);
        assert_eq!(String::from_utf8(out).unwrap(), "foo /p?q HTTP/1.1\r\nhost: h\r\nX: \r\nZ: 1\r\n\r\n");
    }
}

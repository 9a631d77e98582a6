//! Java's charsets by their names. Unlike the web's, `ISO-8859-1` and `US-ASCII` are what they say.

use encoding_rs::{CoderResult, EncoderResult, Encoding};
use std::borrow::Cow;

/// A charset that Java knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charset(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ascii,
    Latin1,
    Utf8,
    /// Two bytes a unit. Without an order, texts are written big-endian with a mark and read by their mark.
    Utf16(Option<Order>),
    Other(&'static Encoding),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Big,
    Little,
}

impl Charset {
    /// UTF-8.
    pub const UTF_8: Self = Self(Kind::Utf8);
    /// ISO-8859-1.
    pub const ISO_8859_1: Self = Self(Kind::Latin1);
    /// US-ASCII.
    pub const US_ASCII: Self = Self(Kind::Ascii);

    /// `Charset.forName(name)`, in whatever case; none where Java throws.
    pub fn for_name(name: &str) -> Option<Self> {
        let kind = match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "unicode-1-1-utf-8" => Kind::Utf8,
            "iso-8859-1" | "iso8859-1" | "iso8859_1" | "iso_8859-1" | "iso_8859_1" | "8859_1" | "latin1" | "l1"
            | "ibm819" | "cp819" | "ibm-819" | "819" | "iso-ir-100" | "csisolatin1" | "iso_8859-1:1987" => Kind::Latin1,
            "us-ascii" | "ascii" | "ascii7" | "us" | "646" | "iso646-us" | "iso_646.irv:1991" | "iso_646.irv:1983"
            | "iso-ir-6" | "ansi_x3.4-1968" | "ansi_x3.4-1986" | "cp367" | "ibm367" | "csascii" | "default" => {
                Kind::Ascii
            }
            "utf-16" | "utf_16" | "utf16" | "unicode" | "unicodebig" => Kind::Utf16(None),
            "utf-16be" | "utf_16be" | "x-utf-16be" | "unicodebigunmarked" | "iso-10646-ucs-2" => {
                Kind::Utf16(Some(Order::Big))
            }
            "utf-16le" | "utf_16le" | "x-utf-16le" | "unicodelittleunmarked" => Kind::Utf16(Some(Order::Little)),
            lower => {
                // "Cp1252" is Java's old way to say "windows-1252".
                let label = match lower.strip_prefix("cp125") {
                    Some(rest) => Cow::Owned(format!("windows-125{rest}")),
                    None => Cow::Borrowed(lower),
                };
                let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
                // The web's other names for these mean nothing to Java.
                if encoding == encoding_rs::UTF_8 || encoding == encoding_rs::X_USER_DEFINED {
                    return None;
                }
                Kind::Other(encoding)
            }
        };
        Some(Self(kind))
    }

    /// Java's canonical name.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Ascii => "US-ASCII",
            Kind::Latin1 => "ISO-8859-1",
            Kind::Utf8 => "UTF-8",
            Kind::Utf16(None) => "UTF-16",
            Kind::Utf16(Some(Order::Big)) => "UTF-16BE",
            Kind::Utf16(Some(Order::Little)) => "UTF-16LE",
            Kind::Other(encoding) => encoding.name(),
        }
    }

    /// `text.getBytes(charset)`: what the charset does not have becomes `?`.
    pub fn encode(self, text: &str) -> Cow<'_, [u8]> {
        let limit = match self.0 {
            Kind::Utf8 => return Cow::Borrowed(text.as_bytes()),
            Kind::Ascii => 0x7f,
            Kind::Latin1 => 0xff,
            Kind::Utf16(order) => return Cow::Owned(encode_utf16(text, order)),
            Kind::Other(encoding) => return encode_other(encoding, text),
        };
        if text.is_ascii() {
            return Cow::Borrowed(text.as_bytes());
        }
        Cow::Owned(text.chars().map(|c| if c as u32 <= limit { c as u8 } else { b'?' }).collect())
    }

    /// `new String(bytes, charset)`: what makes no sense becomes U+FFFD.
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self.0 {
            Kind::Utf8 => String::from_utf8_lossy(bytes),
            Kind::Latin1 if bytes.is_ascii() => String::from_utf8_lossy(bytes),
            Kind::Latin1 => Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()),
            Kind::Ascii => Cow::Owned(
                bytes.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { '\u{fffd}' }).collect(),
            ),
            Kind::Utf16(order) => Cow::Owned(decode_utf16(bytes, order)),
            Kind::Other(encoding) => encoding.decode_without_bom_handling(bytes).0,
        }
    }
}

fn encode_utf16(text: &str, order: Option<Order>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() * 2 + 2);
    if order.is_none() && !text.is_empty() {
        bytes.extend_from_slice(&[0xfe, 0xff]);
    }
    for unit in text.encode_utf16() {
        bytes.extend_from_slice(&if order == Some(Order::Little) { unit.to_le_bytes() } else { unit.to_be_bytes() });
    }
    bytes
}

fn decode_utf16(bytes: &[u8], order: Option<Order>) -> String {
    let (order, bytes) = match (order, bytes) {
        (None, [0xfe, 0xff, rest @ ..]) => (Order::Big, rest),
        (None, [0xff, 0xfe, rest @ ..]) => (Order::Little, rest),
        (order, bytes) => (order.unwrap_or(Order::Big), bytes),
    };
    let pairs = bytes.chunks_exact(2);
    let odd = !pairs.remainder().is_empty();
    let units = pairs.map(|pair| match order {
        Order::Big => u16::from_be_bytes([pair[0], pair[1]]),
        Order::Little => u16::from_le_bytes([pair[0], pair[1]]),
    });
    let mut text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{fffd}')).collect();
    if odd {
        text.push('\u{fffd}');
    }
    text
}

fn encode_other<'t>(encoding: &'static Encoding, text: &'t str) -> Cow<'t, [u8]> {
    if text.is_ascii() && encoding.is_ascii_compatible() {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut encoder = encoding.new_encoder();
    let mut bytes = Vec::with_capacity(text.len() * 2);
    let mut buffer = [0; 1024];
    let mut rest = text;
    loop {
        let (result, read, written) = encoder.encode_from_utf8_without_replacement(rest, &mut buffer, true);
        bytes.extend_from_slice(&buffer[..written]);
        rest = &rest[read..];
        match result {
            EncoderResult::InputEmpty => return Cow::Owned(bytes),
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(_) => bytes.push(b'?'),
        }
    }
}

/// Decodes bytes as they come in, characters that are cut in two included.
#[derive(Debug)]
pub struct Decoder {
    charset: Charset,
    inner: Option<encoding_rs::Decoder>,
    pending: Vec<u8>,
}

impl Decoder {
    /// A decoder at the beginning of a text.
    pub fn new(charset: Charset) -> Self {
        let encoding = match charset.0 {
            Kind::Utf8 => Some(encoding_rs::UTF_8),
            Kind::Other(encoding) => Some(encoding),
            Kind::Ascii | Kind::Latin1 | Kind::Utf16(_) => None,
        };
        Self { charset, inner: encoding.map(Encoding::new_decoder_without_bom_handling), pending: Vec::new() }
    }

    /// Appends the text of `bytes` to `out`; `last` says that no more will come.
    pub fn decode(&mut self, bytes: &[u8], last: bool, out: &mut String) {
        if let Kind::Utf16(order) = self.charset.0
            && self.inner.is_none()
        {
            // A mark at the beginning says which byte comes first; without one it is the higher one.
            self.pending.extend_from_slice(bytes);
            if order.is_none() && self.pending.len() < 2 && !last {
                return;
            }
            let start = std::mem::take(&mut self.pending);
            let (encoding, mark) = match (order, start.as_slice()) {
                (None, [0xff, 0xfe, ..]) => (encoding_rs::UTF_16LE, 2),
                (None, [0xfe, 0xff, ..]) => (encoding_rs::UTF_16BE, 2),
                (Some(Order::Little), _) => (encoding_rs::UTF_16LE, 0),
                (None | Some(Order::Big), _) => (encoding_rs::UTF_16BE, 0),
            };
            self.inner = Some(encoding.new_decoder_without_bom_handling());
            self.decode(&start[mark..], last, out);
            return;
        }
        let Some(decoder) = &mut self.inner else {
            out.push_str(&self.charset.decode(bytes));
            return;
        };
        let mut rest = bytes;
        loop {
            out.reserve(decoder.max_utf8_buffer_length(rest.len()).unwrap_or(rest.len()));
            let (result, read, _) = decoder.decode_to_string(rest, out, last);
            rest = &rest[read..];
            if result == CoderResult::InputEmpty {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, canonical) in [
            ("utf8", "UTF-8"),
            ("LATIN1", "ISO-8859-1"),
            ("ascii", "US-ASCII"),
            ("Cp1252", "windows-1252"),
            ("windows-1251", "windows-1251"),
            ("UTF-16", "UTF-16"),
            ("UnicodeLittleUnmarked", "UTF-16LE"),
            ("Shift_JIS", "Shift_JIS"),
            ("iso-8859-2", "ISO-8859-2"),
        ] {
            assert_eq!(Charset::for_name(name).unwrap().name(), canonical);
        }
        for name in ["", "no such", "x-user-defined", "utf-7"] {
            assert_eq!(Charset::for_name(name), None, "{name}");
        }
    }

    #[test]
    fn bytes_and_texts() {
        let rows: [(&str, &str, &[u8]); 6] = [
            ("UTF-8", "é", &[0xc3, 0xa9]),
            ("ISO-8859-1", "é", &[0xe9]),
            ("UTF-16", "é", &[0xfe, 0xff, 0, 0xe9]),
            ("UTF-16LE", "é", &[0xe9, 0]),
            ("windows-1252", "€", &[0x80]),
            ("Shift_JIS", "あ", &[0x82, 0xa0]),
        ];
        for (name, text, bytes) in rows {
            let charset = Charset::for_name(name).unwrap();
            assert_eq!(&*charset.encode(text), bytes, "{name}");
            assert_eq!(charset.decode(bytes), text, "{name}");
        }
        assert_eq!(&*Charset::ISO_8859_1.encode("a€"), b"a?");
        assert_eq!(&*Charset::for_name("koi8-r").unwrap().encode("é€"), b"??");
        assert_eq!(Charset::US_ASCII.decode(&[b'a', 0xe9]), "a\u{fffd}");
    }

    #[test]
    fn a_text_may_come_in_pieces() {
        let mut decoder = Decoder::new(Charset::UTF_8);
        let mut out = String::new();
        for byte in "é€😀".bytes() {
            decoder.decode(&[byte], false, &mut out);
        }
        decoder.decode(&[0xe2], true, &mut out);
        assert_eq!(out, "é€😀\u{fffd}");
        for bytes in
            [&[0xff, 0xfe, b'a', 0, 0xac, 0x20], &[0xfe, 0xff, 0, b'a', 0x20, 0xac], &[0, b'a', 0x20, 0xac][..]]
        {
            let mut decoder = Decoder::new(Charset::for_name("UTF-16").unwrap());
            let mut out = String::new();
            for byte in bytes {
                decoder.decode(&[*byte], false, &mut out);
            }
            decoder.decode(&[], true, &mut out);
            assert_eq!(out, "a€");
        }
    }
}

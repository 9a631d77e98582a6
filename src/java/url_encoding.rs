//! `java.net.URLEncoder` and `java.net.URLDecoder`: the form encoding, in which a blank is a `+`.

use super::charset::Charset;
use thiserror::Error;

/// Why a text could not be coded; displays Java's message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlCodingError {
    /// `UnsupportedEncodingException`, whose message is the name of the charset.
    #[error("{0}")]
    UnsupportedEncoding(String),
    /// `IllegalArgumentException`
    #[error("{0}")]
    IllegalArgument(String),
}

fn charset_of(name: &str) -> Result<Charset, UrlCodingError> {
    Charset::for_name(name).ok_or_else(|| UrlCodingError::UnsupportedEncoding(name.to_owned()))
}

/// `URLEncoder.encode(text, charset)`. All but letters, digits and `-_.*` is encoded, characters next to each other
/// together (which shows in UTF-16, where each such piece has a mark of its own); what the charset lacks is `%3F`.
pub fn encode(text: &str, charset_name: &str) -> Result<String, UrlCodingError> {
    Ok(encode_in(text, charset_of(charset_name)?))
}

/// `URLEncoder.encode` in UTF-8.
pub fn encode_utf8(text: &str) -> String {
    encode_in(text, Charset::UTF_8)
}

/// See [`encode`].
pub fn encode_in(text: &str, charset: Charset) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while !rest.is_empty() {
        let safe = rest.bytes().position(|byte| !is_safe(byte)).unwrap_or(rest.len());
        out.extend(rest[..safe].chars().map(|c| if c == ' ' { '+' } else { c }));
        rest = &rest[safe..];
        let unsafe_len = rest.bytes().position(is_safe).unwrap_or(rest.len());
        for &byte in &*charset.encode(&rest[..unsafe_len]) {
            out.push('%');
            out.push(HEX[usize::from(byte >> 4)] as char);
            out.push(HEX[usize::from(byte & 15)] as char);
        }
        rest = &rest[unsafe_len..];
    }
    out
}

fn is_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'_' | b'.' | b'*')
}

/// `URLDecoder.decode(text, charset)`.
pub fn decode(text: &str, charset_name: &str) -> Result<String, UrlCodingError> {
    decode_in(text, charset_of(charset_name)?)
}

/// See [`decode`].
pub fn decode_in(text: &str, charset: Charset) -> Result<String, UrlCodingError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'%', b'+', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('+') {
            out.push(' ');
            rest = after;
            continue;
        }
        let mut bytes = Vec::new();
        while rest.starts_with('%') {
            let mut chars = rest[1..].chars();
            let digits: String = chars.by_ref().take(2).collect();
            // Java counts UTF-16 units, of which there must be two.
            if digits.encode_utf16().count() < 2 {
                return illegal("URLDecoder: Incomplete trailing escape (%) pattern".to_owned());
            }
            bytes.push(hex_byte(&digits)?);
            rest = chars.as_str();
        }
        out.push_str(&charset.decode(&bytes));
    }
    out.push_str(rest);
    Ok(out)
}

fn illegal<T>(text: String) -> Result<T, UrlCodingError> {
    Err(UrlCodingError::IllegalArgument(text))
}

/// Two hexadecimal digits, or a sign and one, since Java reads them as a number.
fn hex_byte(digits: &str) -> Result<u8, UrlCodingError> {
    const ILLEGAL: &str = "URLDecoder: Illegal hex characters in escape (%) pattern - ";
    let (negative, unsigned) = match digits.as_bytes() {
        [b'-', _, ..] => (true, &digits[1..]),
        [b'+', _, ..] => (false, &digits[1..]),
        _ => (false, digits),
    };
    let mut value = 0;
    for (at, c) in unsigned.chars().enumerate() {
        match c.to_digit(16) {
            Some(digit) => value = value * 16 + digit,
            None => {
                let index = at + digits.len() - unsigned.len();
                let units: Vec<u16> = digits.encode_utf16().take(2).collect();
                let shown = String::from_utf16_lossy(&units);
                return illegal(format!("{ILLEGAL}Error at index {index} in: \"{shown}\""));
            }
        }
    }
    if negative && value > 0 {
        return illegal(format!("{ILLEGAL}negative value"));
    }
    Ok(value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of JSON `[encode or decode, charset, text, result]`, printed by Java 17; errors as `error MESSAGE`.
    #[test]
    fn texts_are_those_of_java() {
        for line in include_str!("../../fixtures/java/url_encoding.jsonl").lines() {
            let row: Vec<String> = serde_json::from_str(line).unwrap();
            let coded = if row[0] == "encode" { encode(&row[2], &row[1]) } else { decode(&row[2], &row[1]) };
            let actual = coded.unwrap_or_else(|error| format!("error {error}"));
            assert_eq!(actual, row[3], "{} {} {}", row[0], row[1], row[2]);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_encoded_decodes(text in "\\PC{0,20}") {
            proptest::prop_assert_eq!(decode(&encode_utf8(&text), "UTF-8").unwrap(), text);
        }

        #[test]
        fn no_text_panics(text in "[%0-9a-g+é😀-]{0,12}") {
            let _ = decode(&text, "UTF-16");
        }
    }
}

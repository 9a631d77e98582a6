//! The form encoding that plans of format version 1.0 apply to names and texts (`ConversionHelp.encode`, `.decode`).

/// `URLDecoder.decode(text, UTF-8)`. `None` where Java throws.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                if digits.starts_with('+') {
                    return None;
                }
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &rest[2..];
            }
            other => bytes.push(other),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// `URLEncoder.encode(text, UTF-8)`.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => out.push(char::from(byte)),
            other => out += &format!("%{other:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_undoes_encoding() {
        for (encoded, text) in [("c%20d+e%c3%a9", "c d eé"), ("T+%41", "T A"), ("é", "é"), ("", "")] {
            assert_eq!(decode(encoded).as_deref(), Some(text));
            assert_eq!(decode(&encode(text)).as_deref(), Some(text));
        }
        assert_eq!(encode("a b/é~"), "a+b%2F%C3%A9%7E");
        for bad in ["%zz", "%4", "%", "%+1", "%é"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}

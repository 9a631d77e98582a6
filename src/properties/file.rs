//! The `.properties` format (`java.util.Properties.load`), in ISO-8859-1.

/// A `\u` that is not followed by four hexadecimal digits. Java ends the program with `Malformed \uxxxx encoding.`
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Malformed \\uxxxx encoding.")]
pub struct MalformedEscape;

/// The entries of a `.properties` file in their order; of equal keys the last counts.
pub fn parse(bytes: &[u8]) -> Result<Vec<(String, String)>, MalformedEscape> {
    let mut entries = Vec::new();
    let mut lines = LogicalLines { rest: bytes };
    while let Some(line) = lines.next_line() {
        let (key, value) = split(&line);
        entries.push((unescape(key)?, unescape(value)?));
    }
    Ok(entries)
}

/// Lines without comments and blank ones, continuations joined.
struct LogicalLines<'a> {
    rest: &'a [u8],
}

impl<'a> LogicalLines<'a> {
    fn next_line(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        while let Some((natural, line_end)) = self.natural_line() {
            let from = natural.iter().position(|&byte| !is_white_space(byte)).unwrap_or(natural.len());
            let natural = &natural[from..];
            let continued = !line.is_empty();
            // As long as nothing was gathered, a `#` begins a comment even after a lone `\`.
            if !continued && matches!(natural.first(), None | Some(b'#' | b'!')) {
                continue;
            }
            line.extend_from_slice(natural);
            let backslashes = natural.iter().rev().take_while(|&&byte| byte == b'\\').count();
            if backslashes % 2 == 0 {
                return Some(line);
            }
            line.pop();
            // Java notices the end of the file here, but not in the middle of `\r\n`: a lone `\` is an entry then.
            if self.rest.is_empty() && line_end != b"\r\n" {
                return Some(line);
            }
        }
        (!line.is_empty()).then_some(line)
    }

    /// The next line and its end: `\n`, `\r`, `\r\n`, or nothing at the end of the file.
    fn natural_line(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        if self.rest.is_empty() {
            return None;
        }
        let length = memchr::memchr2(b'\n', b'\r', self.rest).unwrap_or(self.rest.len());
        let (line, tail) = self.rest.split_at(length);
        let end = if tail.starts_with(b"\r\n") { 2 } else { tail.len().min(1) };
        let (line_end, rest) = tail.split_at(end);
        self.rest = rest;
        Some((line, line_end))
    }
}

/// Key and value: parted by white space, by `=` or `:`, or by both.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    let mut escaped = false;
    let end = line.iter().position(|&byte| {
        let parts = !escaped && (is_white_space(byte) || matches!(byte, b'=' | b':'));
        escaped = byte == b'\\' && !escaped;
        parts
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = trim_start(rest);
    let rest = rest.strip_prefix(b"=").or_else(|| rest.strip_prefix(b":")).unwrap_or(rest);
    (key, trim_start(rest))
}

fn trim_start(text: &[u8]) -> &[u8] {
    let from = text.iter().position(|&byte| !is_white_space(byte)).unwrap_or(text.len());
    &text[from..]
}

fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0C)
}

/// Undoes `\t`, `\n`, `\r`, `\f` and `\uXXXX`; before any other character the backslash is dropped. A surrogate
/// without its other half is `?`: a Rust string cannot hold it, and `?` is what Java sends in its place.
fn unescape(text: &[u8]) -> Result<String, MalformedEscape> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            units.push(u16::from(byte));
            continue;
        }
        units.push(match bytes.next() {
            None => break,
            Some(b't') => 0x09,
            Some(b'n') => 0x0A,
            Some(b'r') => 0x0D,
            Some(b'f') => 0x0C,
            Some(b'u') => {
                let mut code = 0;
                for _ in 0..4 {
                    let digit = bytes.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or(MalformedEscape)?;
                    code = code << 4 | digit as u16;
                }
                code
            }
            Some(other) => u16::from(other),
        });
    }
    Ok(char::decode_utf16(units).map(|unit| unit.unwrap_or('?')).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expectations from `Properties.load` of Java 17.
    #[test]
    fn lines_are_read_as_java_reads_them() {
        for (text, expected) in [
            ("", ""),
            ("a=b", "a→b\n"),
            ("a = b ", "a→b \n"),
            ("a:b", "a→b\n"),
            ("a b=c", "a→b=c\n"),
            ("a\t:\x0c b", "a→b\n"),
            ("a==b", "a→=b\n"),
            ("a", "a→\n"),
            ("=b", "→b\n"),
            ("a\\=b=c", "a=b→c\n"),
            ("a\\ b c", "a b→c\n"),
            ("a\\\\=b", "a\\→b\n"),
            ("# c\n  ! c\n\n \n a=1\r\nb=2\rc=3", "a→1\nb→2\nc→3\n"),
            ("a=b#c", "a→b#c\n"),
            ("a=b\\\n   c", "a→bc\n"),
            ("a=b\\\r\n\tc\\\rd", "a→bcd\n"),
            ("a=b\\\\\nc=d", "a→b\\\nc→d\n"),
            ("a=b\\\n# c", "a→b# c\n"),
            ("a=b\\\n\nc=d", "a→b\nc→d\n"),
            ("\\\n# c\na=b", "a→b\n"),
            ("a=b\\", "a→b\n"),
            ("a=\\t\\n\\r\\f\\q\\u00e9\\ud83d\\ude00\\ud83d", "a→\t\n\r\u{c}qé😀?\n"),
            ("a=1\na=2", "a→1\na→2\n"),
            ("\\", "→\n"),
            ("\\\n", "→\n"),
            ("\\\r\n", ""),
        ] {
            let entries = parse(text.as_bytes()).unwrap();
            let mut read = String::new();
            for (key, value) in entries {
                read += &format!("{key}→{value}\n");
            }
            assert_eq!(read, expected, "{text:?}");
        }
    }

    #[test]
    fn bytes_are_latin_1() {
        let entries = parse("a=é".as_bytes()).unwrap();
        assert_eq!(entries, [("a".to_owned(), "Ã©".to_owned())]);
    }

    #[test]
    fn bad_escapes_are_errors() {
        for text in ["a=\\u12", "a=\\u123g", "\\u=b", "a=\\u123\\u0041"] {
            assert_eq!(parse(text.as_bytes()), Err(MalformedEscape), "{text:?}");
        }
    }
}

//! HTML 4 character references, as `org.apache.commons.text.StringEscapeUtils` of commons-text 1.10 knows them.

use ahash::AHashMap;
use std::borrow::Cow;
use std::sync::OnceLock;

/// `name codepoint` lines: the 252 entities of HTML 4. `apos` is none of them.
const ENTITIES: &str = include_str!("html4.txt");

fn by_name() -> &'static AHashMap<&'static str, char> {
    static TABLE: OnceLock<AHashMap<&'static str, char>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let entry = |line: &'static str| {
            let (name, code) = line.split_once(' ')?;
            Some((name, char::from_u32(code.parse().ok()?)?))
        };
        ENTITIES.lines().filter_map(entry).collect()
    })
}

fn by_char() -> &'static AHashMap<char, &'static str> {
    static TABLE: OnceLock<AHashMap<char, &'static str>> = OnceLock::new();
    TABLE.get_or_init(|| by_name().iter().map(|(name, c)| (*c, *name)).collect())
}

/// `unescapeHtml4`: named and numeric references become characters; what is no reference, or lacks its semicolon, stays.
///
/// A number beyond U+10FFFF stays too, where Java throws.
pub fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(after) = rest.strip_prefix('&') {
        let (replaced, used) = match reference(after) {
            Some((c, length)) => (c, length),
            None => ('&', 0),
        };
        out.push(replaced);
        rest = &after[used..];
        let next = memchr::memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        out.push_str(&rest[..next]);
        rest = &rest[next..];
    }
    Cow::Owned(out)
}

/// The character that the reference behind an `&` stands for, and the reference's length with its semicolon.
fn reference(after: &str) -> Option<(char, usize)> {
    /// No name is longer.
    const LONGEST: usize = 8;
    if let Some(number) = after.strip_prefix('#') {
        let (radix, digits) = match number.strip_prefix(['x', 'X']) {
            Some(digits) => (16, digits),
            None => (10, number),
        };
        let end = digits.bytes().position(|b| !b.is_ascii_hexdigit())?;
        if digits.as_bytes()[end] != b';' {
            return None;
        }
        let code = i32::from_str_radix(&digits[..end], radix).ok().filter(|_| end > 0)?;
        let code = u32::try_from(code).ok()?;
        let c = match char::from_u32(code) {
            None if code <= 0xFFFF => char::REPLACEMENT_CHARACTER,
            c => c?,
        };
        return Some((c, after.len() - digits.len() + end + 1));
    }
    let end = after.bytes().take(LONGEST + 1).position(|b| b == b';')?;
    by_name().get(&after[..end]).map(|c| (*c, end + 1))
}

/// `escapeHtml4`: every character that has a name becomes a reference.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match by_char().get(&c) {
            Some(name) => {
                out.push('&');
                out.push_str(name);
                out.push(';');
            }
            None => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_as_commons_text_takes_them() {
        let cases = [
            ("&lt;i&gt; caf&eacute; &amp; &quot;t&quot; &#65;&nbsp;z", "<i> café & \"t\" A\u{a0}z"),
            ("&apos; &nope; &lt &", "&apos; &nope; &lt &"),
            ("&#x41;&#X42;&#128512;", "AB😀"),
            ("&#;&#x;&#xZ;&#12a;&#65", "&#;&#x;&#xZ;&#12a;&#65"),
            ("&amp;lt;", "&lt;"),
            ("&thetasym;", "ϑ"),
            ("&#99999999999;", "&#99999999999;"),
            ("é&é;", "é&é;"),
        ];
        for (text, expected) in cases {
            assert_eq!(unescape(text), expected);
        }
        assert_eq!(escape("<é 😀'>"), "&lt;&eacute; 😀'&gt;");
        assert_eq!(by_name().len(), 252);
    }
}

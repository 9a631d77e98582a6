//! `StringEscapeUtils` of commons-text: HTML 4, XML 1.0 and Java texts.

mod entities;

use entities::ENTITIES;
use std::fmt::Write;
use thiserror::Error;

/// The `IllegalArgumentException` of a text that cannot be unescaped; displays its message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct UnescapeError(String);

/// The four that both HTML and XML need.
const BASIC: [(char, &str); 4] = [('"', "quot"), ('&', "amp"), ('<', "lt"), ('>', "gt")];

/// `escapeHtml4`: markup characters and all that HTML 4 has a name for. An apostrophe stays.
pub fn escape_html4(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let name = match c {
            '"' | '&' | '<' | '>' => BASIC.iter().find(|(basic, _)| *basic == c).map(|(_, name)| *name),
            '\0'..='\u{9f}' => None,
            _ => ENTITIES.binary_search_by_key(&c, |(named, _)| *named).ok().map(|at| ENTITIES[at].1),
        };
        match name {
            Some(name) => {
                let _ = write!(out, "&{name};");
            }
            None => out.push(c),
        }
    }
    out
}

/// `unescapeHtml4`: names and numbers that end with a semicolon; others stay.
pub fn unescape_html4(text: &str) -> String {
    unescape_markup(text, |name| BASIC.iter().chain(ENTITIES.iter()).find(|(_, known)| *known == name).map(|(c, _)| *c))
}

/// `escapeXml10`: markup characters; what XML 1.0 cannot hold is dropped.
pub fn escape_xml10(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("&quot;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' | '\r' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' => {
                let _ = write!(out, "&#{};", c as u32);
            }
            _ => out.push(c),
        }
    }
    out
}

/// The first number in a text that Java takes for a character's and that is none, as `unescapeHtml4` says it.
pub fn invalid_code_point(text: &str) -> Option<String> {
    text.split('&').skip(1).find_map(|rest| {
        let (value, _) = numeric_value(rest)?;
        (value > 0x0010_ffff && i32::try_from(value).is_ok())
            .then(|| format!("Not a valid Unicode code point: 0x{value:X}"))
    })
}

/// `unescapeXml`: the five names of XML, and numbers.
pub fn unescape_xml(text: &str) -> String {
    unescape_markup(text, |name| match name {
        "apos" => Some('\''),
        _ => BASIC.iter().find(|(_, known)| *known == name).map(|(c, _)| *c),
    })
}

fn unescape_markup(text: &str, named: impl Fn(&str) -> Option<char>) -> String {
    /// The longest name is `thetasym`.
    const LONGEST: usize = 8;
    let mut out = Units::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some((unit, len)) = numeric(rest) {
            match unit {
                Unit::Char(c) => out.push(c),
                Unit::Surrogate(unit) => out.push_surrogate(unit),
            }
            rest = &rest[len..];
            continue;
        }
        let window = &rest.as_bytes()[..rest.len().min(LONGEST + 1)];
        let found = memchr::memchr(b';', window).and_then(|end| named(rest.get(..end)?).map(|c| (c, end)));
        match found {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => out.push('&'),
        }
    }
    out.text.push_str(rest);
    out.finish()
}

enum Unit {
    Char(char),
    Surrogate(u16),
}

/// A text to which halves of surrogate pairs may be added one by one, as Java can. A half that stays alone becomes the
/// question mark that Java writes for it.
struct Units {
    text: String,
    half: Option<u16>,
    /// Where the half was added; anything after it leaves it alone.
    at: usize,
}

impl Units {
    fn with_capacity(capacity: usize) -> Self {
        Self { text: String::with_capacity(capacity), half: None, at: 0 }
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
    }

    fn push_surrogate(&mut self, unit: u16) {
        if let Some(half) = self.half.take()
            && self.at == self.text.len()
            && let Some(Ok(c)) = char::decode_utf16([half, unit]).next()
        {
            self.text.pop();
            self.text.push(c);
            return;
        }
        self.text.push('?');
        self.half = Some(unit);
        self.at = self.text.len();
    }

    fn finish(self) -> String {
        self.text
    }
}

/// `#123;` or `#x7b;` at the beginning, and its length.
fn numeric(text: &str) -> Option<(Unit, usize)> {
    let (value, length) = numeric_value(text)?;
    let unit = match char::from_u32(value) {
        Some(c) => Unit::Char(c),
        None if value <= 0xffff => Unit::Surrogate(value as u16),
        None => return None,
    };
    Some((unit, length))
}

fn numeric_value(text: &str) -> Option<(u32, usize)> {
    let digits = text.strip_prefix('#')?;
    let (digits, radix, before) = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 2),
        None => (digits, 10, 1),
    };
    let end = digits.bytes().position(|byte| !byte.is_ascii_hexdigit())?;
    if digits.as_bytes().get(end) != Some(&b';') {
        return None;
    }
    let value = u32::from_str_radix(digits.get(..end).filter(|digits| !digits.is_empty())?, radix).ok()?;
    Some((value, before + end + 1))
}

/// `escapeJava`: quotes, backslashes, controls, and all beyond U+007F as `\uXXXX`.
pub fn escape_java(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            ' '..='\u{7f}' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04X}");
                }
            }
        }
    }
    out
}

/// `unescapeJava`: `\n` and its kin, octal and Unicode escapes; a backslash before anything else is dropped.
pub fn unescape_java(text: &str) -> Result<String, UnescapeError> {
    let mut out = Units::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.text.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        rest = match escape.as_bytes().first() {
            Some(first @ b'0'..=b'7') => {
                let limit = if *first <= b'3' { 3 } else { 2 };
                let len = escape.bytes().take(limit).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
                let value = escape.bytes().take(len).fold(0_u32, |value, byte| value * 8 + u32::from(byte - b'0'));
                out.push(char::from_u32(value).unwrap_or('?'));
                &escape[len..]
            }
            Some(b'u') => {
                let digits = escape.trim_start_matches('u');
                let digits = digits.strip_prefix('+').unwrap_or(digits);
                let (unit, after) = unicode_escape(&rest[at..], digits)?;
                match char::from_u32(u32::from(unit)) {
                    Some(c) => out.push(c),
                    None => out.push_surrogate(unit),
                }
                after
            }
            first => {
                let plain = match first {
                    Some(b'b') => '\u{8}',
                    Some(b'n') => '\n',
                    Some(b't') => '\t',
                    Some(b'f') => '\u{c}',
                    Some(b'r') => '\r',
                    Some(b'\\') => '\\',
                    Some(b'"') => '"',
                    Some(b'\'') => '\'',
                    _ => {
                        rest = escape;
                        continue;
                    }
                };
                out.push(plain);
                &escape[1..]
            }
        };
    }
    out.text.push_str(rest);
    Ok(out.finish())
}

/// The four digits at the beginning of `digits`, and what follows. `whole` begins at the backslash.
fn unicode_escape<'t>(whole: &'t str, digits: &'t str) -> Result<(u16, &'t str), UnescapeError> {
    let mut chars = digits.chars();
    let four: String = chars.by_ref().take(4).collect();
    if four.encode_utf16().count() < 4 {
        return Err(UnescapeError(format!(
            "Less than 4 hex digits in unicode value: '{whole}' due to end of CharSequence"
        )));
    }
    match crate::java::number::parse_int_radix(&four, 16) {
        Ok(value) => Ok((value as u16, chars.as_str())),
        Err(_) => Err(UnescapeError(format!("Unable to parse unicode value: {four}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of JSON `[function, text, result]`, printed by commons-text 1.10; errors as `error MESSAGE`.
    #[test]
    fn texts_are_those_of_commons_text() {
        for line in include_str!("../../../fixtures/java/escape.jsonl").lines() {
            let row: Vec<String> = serde_json::from_str(line).unwrap();
            let actual = match row[0].as_str() {
                "escapeHtml4" => escape_html4(&row[1]),
                "unescapeHtml4" => unescape_html4(&row[1]),
                "escapeXml10" => escape_xml10(&row[1]),
                "unescapeXml" => unescape_xml(&row[1]),
                "escapeJava" => escape_java(&row[1]),
                "unescapeJava" => unescape_java(&row[1]).unwrap_or_else(|error| format!("error {error}")),
                other => panic!("{other}"),
            };
            assert_eq!(actual, row[2], "{} {}", row[0], row[1]);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "([&#;\\\\ux0-9a-f+é]|amp){0,12}") {
            unescape_html4(&text);
            let _ = unescape_java(&text);
        }
    }
}

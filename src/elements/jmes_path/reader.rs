//! A reader of JSON that accepts and refuses what Jackson 2.15.2 does, in its words.

use super::json::Json;
use crate::text::Text;
use ahash::AHashMap;
use std::sync::Arc;

/// Characters of the text that a message quotes.
const QUOTED: usize = 500;
/// Characters of an unknown word that a message shows.
const LONGEST_WORD: usize = 256;
/// `StreamReadConstraints.DEFAULT_MAX_DEPTH`
const MAX_DEPTH: usize = 1000;
/// Members of an object from which on names are looked up in a table.
const MANY: usize = 16;

const EXPECTED_VALUE: &str =
    "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const EXPECTED_TOKEN: &str = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const EXPECTED_NAME: &str = "was expecting double-quote to start field name";

/// Reads the first value of a text.
pub(super) fn read(text: &str) -> Result<Json, String> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    reader.spaces();
    if reader.peek().is_none() {
        return Err(format!(
            "No content to map due to end-of-input\n at [Source: {}; line: 1, column: 0]",
            source(text)
        ));
    }
    let value = reader.value(None)?;
    if matches!(value, Json::Int(_) | Json::Big(_) | Json::Double(_))
        && let Some(c) = reader.peek().filter(|c| !is_space(*c))
    {
        return Err(reader.unexpected(c, ": Expected space separating root-level values"));
    }
    Ok(value)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

/// What a value is in: the kind and where it began.
#[derive(Clone, Copy)]
struct Within {
    kind: &'static str,
    start: usize,
}

impl Within {
    fn close(self) -> char {
        if self.kind == "Array" { ']' } else { '}' }
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// The text as messages quote it.
fn source(text: &str) -> String {
    let mut quoted = String::from("(String)\"");
    let mut left_out = 0;
    let mut units = 0;
    for c in text.chars() {
        if units >= QUOTED {
            left_out += c.len_utf16();
        } else if c.is_control() && !matches!(c, '\n' | '\r') {
            quoted.push_str(&format!("\\u{:04X}", u32::from(c)));
        } else {
            quoted.push(c);
        }
        units += c.len_utf16();
    }
    quoted.push('"');
    if left_out > 0 {
        quoted.push_str(&format!("[truncated {left_out} chars]"));
    }
    quoted
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(is_space).len();
    }

    /// Line and column of a place, in UTF-16 units; as Jackson counts, the column behind what was just read.
    fn place(&self, at: usize) -> String {
        self.place_plus(at, 1)
    }

    /// The place behind the character at `at`, even if that is a line end.
    fn place_over(&self, at: usize) -> String {
        self.place_plus(at, 2)
    }

    fn place_plus(&self, at: usize, plus: usize) -> String {
        let before = &self.text[..at];
        let line_start = before.rfind('\n').map_or(0, |index| index + 1);
        let line = before.matches('\n').count() + 1;
        let column = before[line_start..].encode_utf16().count() + plus;
        format!("[Source: {}; line: {line}, column: {column}]", source(self.text))
    }

    fn fault(&self, message: &str) -> String {
        format!("{message}\n at {}", self.place(self.at))
    }

    /// A character that may not stand here.
    fn unexpected(&mut self, c: char, comment: &str) -> String {
        let code = u32::from(c);
        let shown = match c {
            c if c < ' ' => format!("(CTRL-CHAR, code {code})"),
            c if code > 255 => format!("'{c}' (code {code} / 0x{code:x})"),
            c => format!("'{c}' (code {code})"),
        };
        if self.peek() == Some(c) {
            self.at += c.len_utf8();
        }
        self.fault(&format!("Unexpected character ({shown}){comment}"))
    }

    fn end_of_input(&self, within: Option<Within>, between: bool) -> String {
        match within {
            Some(Within { kind, .. }) if between => {
                self.fault(&format!("Unexpected end-of-input within/between {kind} entries"))
            }
            Some(Within { kind, start }) => {
                let start = self.place(start);
                self.fault(&format!(
                    "Unexpected end-of-input: expected close marker for {kind} (start marker at {start})"
                ))
            }
            None => self.fault("Unexpected end-of-input"),
        }
    }

    fn wrong_close(&mut self, found: char, within: Option<Within>) -> String {
        self.at += found.len_utf8();
        let (expected, kind, start) = match within {
            Some(within) => (within.close(), within.kind, self.place(within.start)),
            None => {
                let start = format!("[Source: {}; line: 1, column: 0]", source(self.text));
                (if found == ']' { '}' } else { ']' }, "root", start)
            }
        };
        self.fault(&format!(
            "Unexpected close marker '{found}': expected '{expected}' (for {kind} starting at {start})"
        ))
    }

    /// A value; white space before it has been skipped.
    fn value(&mut self, within: Option<Within>) -> Result<Json, String> {
        let Some(c) = self.peek() else { return Err(self.end_of_input(within, true)) };
        match c {
            '"' => {
                self.at += 1;
                self.text().map(Json::Text)
            }
            '{' => self.deeper(Self::object),
            '[' => self.deeper(Self::array),
            '-' | '0'..='9' => self.number(),
            '+' => {
                self.at += 1;
                let comment = " in numeric value: JSON spec does not allow numbers to have plus signs: enable \
                               `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow";
                match self.peek() {
                    Some(digit @ '0'..='9') => {
                        self.at += digit.len_utf8();
                        Err(self.fault(&format!("Unexpected character ('+' (code 43)){comment}")))
                    }
                    _ => Err(self.unexpected('+', &format!(": {EXPECTED_VALUE}"))),
                }
            }
            '}' | ']' if within.is_none() => Err(self.wrong_close(c, None)),
            '/' => {
                let comment = ": maybe a (non-standard) comment? (not recognized as one since Feature \
                               'ALLOW_COMMENTS' not enabled for parser)";
                Err(self.unexpected(c, comment))
            }
            c if is_java_identifier(c) => self.word(),
            c => Err(self.unexpected(c, &format!(": {EXPECTED_VALUE}"))),
        }
    }

    fn deeper(&mut self, read: fn(&mut Self) -> Result<Json, String>) -> Result<Json, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("Depth ({}) exceeds the maximum allowed nesting depth ({MAX_DEPTH})", self.depth));
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// `true`, `false`, `null`, or an unknown word.
    fn word(&mut self) -> Result<Json, String> {
        let rest = self.rest();
        let end = rest.find(|c| !is_java_identifier(c)).unwrap_or(rest.len());
        let word = &rest[..end];
        self.at += end;
        match word {
            "true" => Ok(Json::Bool(true)),
            "false" => Ok(Json::Bool(false)),
            "null" => Ok(Json::Null),
            "NaN" | "Infinity" => Err(self.not_a_number(word)),
            _ => {
                let mut shown = word.to_owned();
                if let Some((end, _)) = word.char_indices().nth(LONGEST_WORD) {
                    self.at -= word.len() - end;
                    shown = format!("{}...", &word[..end]);
                }
                Err(self.fault(&format!("Unrecognized token '{shown}': {EXPECTED_TOKEN}")))
            }
        }
    }

    fn not_a_number(&self, word: &str) -> String {
        self.fault(&format!("Non-standard token '{word}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"))
    }

    fn array(&mut self) -> Result<Json, String> {
        let within = Within { kind: "Array", start: self.at };
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.spaces();
            match self.peek() {
                Some(']') if items.is_empty() => {
                    self.at += 1;
                    return Ok(Json::Array(Arc::default()));
                }
                Some('}') if items.is_empty() => return Err(self.wrong_close('}', Some(within))),
                None if items.is_empty() => return Err(self.end_of_input(Some(within), false)),
                _ => {}
            }
            items.push(self.value(Some(within))?);
            if self.separated(within)? {
                return Ok(Json::Array(items.into()));
            }
        }
    }

    /// Over a comma, or the end of an array or object: then true.
    fn separated(&mut self, within: Within) -> Result<bool, String> {
        self.spaces();
        match self.peek() {
            None => Err(self.end_of_input(Some(within), false)),
            Some(',') => {
                self.at += 1;
                Ok(false)
            }
            Some(c) if c == within.close() => {
                self.at += 1;
                Ok(true)
            }
            Some(c @ ('}' | ']')) => Err(self.wrong_close(c, Some(within))),
            Some(c) => Err(self.unexpected(c, &format!(": was expecting comma to separate {} entries", within.kind))),
        }
    }

    fn object(&mut self) -> Result<Json, String> {
        let within = Within { kind: "Object", start: self.at };
        self.at += 1;
        let mut members = Members::default();
        loop {
            self.spaces();
            match self.peek() {
                Some('}') if members.entries.is_empty() => {
                    self.at += 1;
                    return Ok(Json::Object(Arc::default()));
                }
                Some(']') if members.entries.is_empty() => return Err(self.wrong_close(']', Some(within))),
                Some('"') => self.at += 1,
                Some(c) => return Err(self.unexpected(c, &format!(": {EXPECTED_NAME}"))),
                None => return Err(self.end_of_input(Some(within), !members.entries.is_empty())),
            }
            let name = self.text()?;
            self.spaces();
            match self.peek() {
                Some(':') => self.at += 1,
                Some(c) => {
                    return Err(self.unexpected(c, ": was expecting a colon to separate field name and value"));
                }
                None => return Err(self.end_of_input(Some(within), true)),
            }
            self.spaces();
            let value = self.value(Some(within))?;
            members.insert(name, value);
            if self.separated(within)? {
                return Ok(Json::Object(members.entries.into()));
            }
        }
    }

    /// A text behind its opening quote.
    fn text(&mut self) -> Result<Text, String> {
        let rest = self.rest();
        let plain = rest.bytes().position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f)).unwrap_or(rest.len());
        self.at += plain;
        if self.rest().starts_with('"') {
            self.at += 1;
            return Ok(Text::from(&rest[..plain]));
        }
        let mut out: Vec<u16> = rest[..plain].encode_utf16().collect();
        loop {
            match self.next() {
                None => {
                    return Err(self.fault("Unexpected end-of-input: was expecting closing quote for a string value"));
                }
                Some('"') => return Ok(Text::from(String::from_utf16_lossy(&out))),
                Some('\\') => out.push(self.escape()?),
                Some(c) if c < ' ' => {
                    let message = format!(
                        "Illegal unquoted character ((CTRL-CHAR, code {})): has to be escaped using backslash to be \
                         included in string value",
                        u32::from(c)
                    );
                    return Err(format!("{message}\n at {}", self.place_over(self.at - 1)));
                }
                Some(c) => out.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            }
        }
    }

    fn escape(&mut self) -> Result<u16, String> {
        let ended = "Unexpected end-of-input in character escape sequence";
        Ok(match self.next() {
            None => return Err(self.fault(ended)),
            Some(c @ ('"' | '\\' | '/')) => c as u16,
            Some('b') => 8,
            Some('f') => 12,
            Some('n') => 10,
            Some('r') => 13,
            Some('t') => 9,
            Some('u') => {
                let mut unit = 0;
                for _ in 0..4 {
                    let Some(c) = self.peek() else { return Err(self.fault(ended)) };
                    let Some(digit) = c.to_digit(16) else {
                        return Err(self.unexpected(c, ": expected a hex-digit for character escape sequence"));
                    };
                    self.at += 1;
                    unit = unit * 16 + digit;
                }
                unit as u16
            }
            Some(c) => {
                return Err(self.fault(&format!("Unrecognized character escape '{c}' (code {})", u32::from(c))));
            }
        })
    }

    fn digits(&mut self) -> usize {
        let count = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.at += count;
        count
    }

    fn number(&mut self) -> Result<Json, String> {
        let start = self.at;
        let negative = self.rest().starts_with('-');
        self.at += usize::from(negative);
        let whole = self.at;
        if self.digits() == 0 {
            return Err(match self.peek() {
                None => self.fault("Unexpected end-of-inputNo digit following minus sign"),
                Some('I') if self.rest().starts_with("Infinity") => {
                    self.at += "Infinity".len();
                    self.not_a_number("-Infinity")
                }
                Some(c) => {
                    let comment =
                        " in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value";
                    self.unexpected(c, comment)
                }
            });
        }
        if self.at > whole + 1 && self.text.as_bytes()[whole] == b'0' {
            self.at = whole + 1;
            return Err(self.fault("Invalid numeric value: Leading zeroes not allowed"));
        }
        let mut is_whole = true;
        if self.rest().starts_with('.') {
            is_whole = false;
            self.at += 1;
            if self.digits() == 0 {
                let comment = " in numeric value: Decimal point not followed by a digit";
                return Err(match self.peek() {
                    Some(c) => {
                        let message = self.unexpected(c, comment);
                        // Jackson does not count the character that it stumbled over here.
                        let after = self.at;
                        self.at -= c.len_utf8();
                        message.replace(&self.place(after), &self.place(self.at))
                    }
                    None => self.fault(&format!("Unexpected character ('.' (code 46)){comment}")),
                });
            }
        }
        if self.rest().starts_with(['e', 'E']) {
            is_whole = false;
            self.at += 1;
            self.at += usize::from(self.rest().starts_with(['+', '-']));
            if self.digits() == 0 {
                return Err(match self.peek() {
                    None => self.fault("Unexpected end-of-inputexpected a digit for number exponent"),
                    Some(c) => self.unexpected(c, " in numeric value: Exponent indicator not followed by a digit"),
                });
            }
        }
        let number = &self.text[start..self.at];
        if is_whole {
            return Ok(number.parse().map_or_else(|_| Json::Big(Text::from(number)), Json::Int));
        }
        Ok(Json::Double(number.parse().unwrap_or(f64::NAN)))
    }
}

/// Members of an object; a name that comes again replaces the value in its first place.
#[derive(Default)]
struct Members {
    entries: Vec<(Text, Json)>,
    places: AHashMap<Text, usize>,
}

impl Members {
    fn insert(&mut self, name: Text, value: Json) {
        if self.entries.len() == MANY {
            self.places =
                self.entries.iter().enumerate().map(|(place, (name, _))| (Text::clone(name), place)).collect();
        }
        let known = if self.entries.len() < MANY {
            self.entries.iter().position(|(known, _)| *known == name)
        } else {
            self.places.get(&name).copied()
        };
        match known {
            Some(place) => self.entries[place].1 = value,
            None => {
                if self.entries.len() >= MANY {
                    self.places.insert(Text::clone(&name), self.entries.len());
                }
                self.entries.push((name, value));
            }
        }
    }
}

/// `Character.isJavaIdentifierPart`, as far as texts that are not JSON are likely to hold it.
fn is_java_identifier(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that Jackson 2.15.2 printed: `[text, answer]`, the answer beginning with `=` for a value, `!` for a message.
    #[test]
    fn answers_are_those_of_jackson() {
        let mut failures = String::new();
        for line in include_str!("../../../fixtures/jmespath/jackson.jsonl").lines() {
            let row: Vec<String> = serde_json::from_str(line).unwrap();
            let actual = read(&row[0]).map_or_else(|error| format!("!{error}"), |json| format!("={json}"));
            if actual != row[1] {
                failures.push_str(&format!("{}\n  expected {}\n  but got  {actual}\n", row[0], row[1]));
            }
        }
        assert!(failures.is_empty(), "{failures}");
    }

    #[test]
    fn many_members_and_one_twice() {
        let members: Vec<String> = (0..40).map(|n| format!("\"k{n}\":{n}")).collect();
        let json = read(&format!("{{{},\"k3\":\"x\",\"k39\":\"y\"}}", members.join(","))).unwrap();
        assert_eq!((json.member("k3").to_string(), json.member("k39").to_string()), ("\"x\"".into(), "\"y\"".into()));
        assert!(matches!(json, Json::Object(members) if members.len() == 40));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[-\\[\\]{}:,\"\\\\u0-9.eE+ a/tré\u{1}]{0,24}") {
            let _ = read(&text);
        }
    }
}

//! json-smart 2.4.11's permissive reader (`JSONParser.MODE_PERMISSIVE`): texts without quotes, single quotes, surplus
//! commas and what follows the document are all taken.

use super::decimal::Decimal;
use super::json::{Json, Object};
use crate::java::number::parse_double;
use thiserror::Error;

/// json-smart's `ParseException`; displays its message. Positions count UTF-16 units.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct JsonError(String);

impl JsonError {
    /// The message of the `InvalidJsonException` that json-path makes of it.
    pub fn wrapped_text(&self) -> String {
        format!("net.minidev.json.parser.ParseException: {}", self.0)
    }
}

/// The end of the text; the character itself, in a text, ends it too.
const END: u8 = 0x1a;
const MAX_DEPTH: usize = 400;

impl Json {
    /// Reads a document.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, depth: 0 };
        reader.skip_blanks();
        reader.value(Stop::Nowhere)
    }
}

/// What ends a text without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Nowhere,
    InArray,
    InObject,
    AtColon,
}

impl Stop {
    fn at(self, byte: u8) -> bool {
        byte == END
            || match self {
                Self::Nowhere => false,
                Self::InArray => matches!(byte, b',' | b']'),
                Self::InObject => matches!(byte, b',' | b'}'),
                Self::AtColon => byte == b':',
            }
    }
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn current(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(END)
    }

    /// The UTF-16 position, `less` before the current one.
    fn position(&self, less: i64) -> i64 {
        let inside = self.at.min(self.text.len());
        let units = self.text.get(..inside).map_or(inside, |before| before.encode_utf16().count());
        (units + self.at - inside) as i64 - less
    }

    fn current_char(&self) -> char {
        self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or(END as char)
    }

    fn unexpected_char<T>(&self, less: i64) -> Result<T, JsonError> {
        Err(JsonError(format!("Unexpected character ({}) at position {}.", self.current_char(), self.position(less))))
    }

    fn unexpected_token<T>(&self, token: &str, less: i64) -> Result<T, JsonError> {
        Err(JsonError(format!("Unexpected token {token} at position {}.", self.position(less))))
    }

    fn unexpected_end<T>(&self, less: i64, what: &str) -> Result<T, JsonError> {
        Err(JsonError(format!("Unexpected End Of File position {}: {what}", self.position(less))))
    }

    fn skip_blanks(&mut self) {
        while matches!(self.current(), b' ' | b'\r' | b'\n' | b'\t') {
            self.at += 1;
        }
    }

    /// Skips blanks and all other control characters.
    fn skip_space(&mut self) {
        while self.current() <= b' ' && self.current() != END {
            self.at += 1;
        }
    }

    fn skip_digits(&mut self) {
        while self.current().is_ascii_digit() {
            self.at += 1;
        }
    }

    fn enter(&mut self) -> Result<(), JsonError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(JsonError(format!(
                "Malicious payload, having non natural depths, parsing stoped on {} at position {}.",
                self.current_char(),
                self.position(0)
            )));
        }
        Ok(())
    }

    fn value(&mut self, stop: Stop) -> Result<Json, JsonError> {
        self.skip_blanks();
        match self.current() {
            b':' | b'}' | b']' => self.unexpected_char(0),
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' | b'\'' => Ok(Json::String(self.quoted()?)),
            b'0'..=b'9' | b'-' => self.number(stop),
            _ => {
                let text = self.unquoted(stop);
                Ok(match text {
                    "null" => Json::Null,
                    "true" => Json::Bool(true),
                    "false" => Json::Bool(false),
                    "NaN" => Json::Double(f64::NAN),
                    _ => Json::String(text.to_owned()),
                })
            }
        }
    }

    fn array(&mut self) -> Result<Json, JsonError> {
        self.enter()?;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            match self.current() {
                b' ' | b'\r' | b'\n' | b'\t' | b',' => self.at += 1,
                b']' => {
                    self.depth -= 1;
                    self.at += 1;
                    return Ok(Json::Array(items));
                }
                b':' | b'}' => return self.unexpected_char(0),
                END => return self.unexpected_end(1, "EOF"),
                _ => items.push(self.value(Stop::InArray)?),
            }
        }
    }

    fn object(&mut self) -> Result<Json, JsonError> {
        self.enter()?;
        let mut object = Object::new();
        loop {
            self.at += 1;
            let key = match self.current() {
                b' ' | b'\r' | b'\n' | b'\t' | b',' => continue,
                b':' | b']' | b'[' | b'{' => return self.unexpected_char(0),
                b'}' => break,
                b'"' | b'\'' => self.quoted()?,
                _ => self.unquoted(Stop::AtColon).to_owned(),
            };
            self.skip_space();
            match self.current() {
                b':' => {}
                END => return self.unexpected_end(1, "null"),
                _ => return self.unexpected_char(1),
            }
            self.at += 1;
            if self.at >= self.bytes.len() {
                return self.unexpected_end(1, "EOF");
            }
            let value = self.value(Stop::InObject)?;
            object.insert(key, value);
            self.skip_space();
            match self.current() {
                b'}' => break,
                END => return self.unexpected_end(1, "null"),
                b',' => {}
                _ => {
                    let token = self.current_char().to_string();
                    return self.unexpected_token(&token, 1);
                }
            }
        }
        self.depth -= 1;
        self.at += 1;
        Ok(Json::Object(object))
    }

    /// Text up to what stops it, without blanks around it.
    fn unquoted(&mut self, stop: Stop) -> &'t str {
        let start = self.at;
        while !stop.at(self.current()) {
            self.at += 1;
        }
        self.trimmed(start)
    }

    /// From `start` to the current position, trimmed down to one character at least.
    fn trimmed(&self, start: usize) -> &'t str {
        let text = self.text.get(start..self.at.min(self.text.len())).unwrap_or_default();
        let trimmed = text.trim_matches(is_java_whitespace);
        if trimmed.is_empty() {
            return text.char_indices().next_back().map_or("", |(at, _)| &text[at..]);
        }
        trimmed
    }

    fn quoted(&mut self) -> Result<String, JsonError> {
        let quote = self.current();
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        let Some(len) = memchr::memchr(quote, rest) else {
            self.at = self.bytes.len();
            return self.unexpected_end(0, "null");
        };
        let plain = &rest[..len];
        if memchr::memchr(b'\\', plain).is_none() {
            let start = self.at + 1;
            self.at = start + len + 1;
            return Ok(self.text.get(start..start + len).unwrap_or_default().to_owned());
        }
        self.escaped(quote)
    }

    /// A text with escapes. Unlike in one without, control characters are dropped.
    fn escaped(&mut self, quote: u8) -> Result<String, JsonError> {
        let mut units: Vec<u16> = Vec::new();
        loop {
            self.at += 1;
            match self.current() {
                END => return self.unexpected_end(1, "null"),
                byte if byte == quote => {
                    self.at += 1;
                    // Half a surrogate pair is what Java writes as a question mark.
                    return Ok(char::decode_utf16(units).map(|unit| unit.unwrap_or('?')).collect());
                }
                b'\\' => {
                    self.at += 1;
                    let unit = match self.current() {
                        b't' => 0x9,
                        b'n' => 0xa,
                        b'r' => 0xd,
                        b'f' => 0xc,
                        b'b' => 0x8,
                        byte @ (b'\\' | b'/' | b'\'' | b'"') => u16::from(byte),
                        b'u' => self.hexadecimal(4)?,
                        b'x' => self.hexadecimal(2)?,
                        byte => {
                            // Both characters are lost; the rest of a wide one must not count on its own.
                            if !byte.is_ascii() {
                                self.at += self.current_char().len_utf8() - 1;
                            }
                            continue;
                        }
                    };
                    units.push(unit);
                }
                0..=31 | 127 => {}
                byte if byte.is_ascii() => units.push(u16::from(byte)),
                _ => {
                    let c = self.current_char();
                    let mut buffer = [0; 2];
                    units.extend_from_slice(c.encode_utf16(&mut buffer));
                    self.at += c.len_utf8() - 1;
                }
            }
        }
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<u16, JsonError> {
        let mut value = 0;
        for _ in 0..digits {
            self.at += 1;
            match (self.current(), (self.current() as char).to_digit(16)) {
                (_, Some(digit)) => value = value * 16 + digit as u16,
                (END, None) => return self.unexpected_end(0, "EOF"),
                (_, None) => {
                    return Err(JsonError(format!(
                        "Unexpected unicode escape sequence {} at position {}.",
                        self.current_char(),
                        self.position(0)
                    )));
                }
            }
        }
        Ok(value)
    }

    /// A number, or a text that begins like one.
    fn number(&mut self, stop: Stop) -> Result<Json, JsonError> {
        let start = self.at;
        self.at += 1;
        self.skip_digits();
        let mut floating = false;
        if self.current() == b'.' {
            floating = true;
            self.at += 1;
            self.skip_digits();
        }
        if matches!(self.current(), b'e' | b'E') {
            floating = true;
            self.at += 1;
            if !matches!(self.current(), b'+' | b'-' | b'0'..=b'9') {
                return Ok(Json::String(self.rest_of_text(start, stop)));
            }
            self.at += 1;
            self.skip_digits();
        }
        self.skip_space();
        let current = self.current();
        // Beyond "}" no character counts as the beginning of more text.
        if current < 126 && !stop.at(current) {
            return Ok(Json::String(self.rest_of_text(start, stop)));
        }
        let text = self.trimmed(start);
        if !floating {
            return Ok(whole_number(text));
        }
        let number = if text.len() > 18 {
            Decimal::parse(text).map(|decimal| Json::BigDecimal(decimal.to_string().into()))
        } else {
            parse_double(text).ok().map(Json::Double)
        };
        match number {
            Some(number) => Ok(number),
            None => self.unexpected_token(text, 0),
        }
    }

    fn rest_of_text(&mut self, start: usize, stop: Stop) -> String {
        while !stop.at(self.current()) {
            self.at += 1;
        }
        self.trimmed(start).to_owned()
    }
}

/// An optional minus and digits; a lone minus is 0 to json-smart.
fn whole_number(text: &str) -> Json {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() {
        return Json::Int(0);
    }
    // More than 19 digits make a BigInteger, even when most of them are zeros.
    if digits.len() <= 19
        && let Ok(value) = text.parse()
    {
        return Json::Int(value);
    }
    let significant = digits.trim_start_matches('0');
    match significant {
        "" => Json::BigInteger("0".into()),
        _ if text.starts_with('-') => Json::BigInteger(format!("-{significant}").into()),
        _ => Json::BigInteger(significant.into()),
    }
}

/// `Character.isWhitespace`.
fn is_java_whitespace(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{1c}'..='\u{1f}')
        || c.is_whitespace() && !matches!(c, '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}')
}

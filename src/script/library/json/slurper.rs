//! Reading JSON as Groovy does: numbers keep their digits, what follows the document does not matter.

use crate::script::value::{BigDecimal, Map, MapKind, Thrown, Value, exceptions};
use num_bigint::BigInt;
use std::borrow::Cow;
use std::sync::Arc;

/// Values within values.
const DEEPEST: u32 = 512;

/// What a slurper takes and what it makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `JsonSlurper`: lazy maps.
    Standard,
    /// `JsonSlurperClassic`: hash maps.
    Classic,
    /// `JsonParserType.LAX`: also names without quotes, single quotes and comments.
    Lax,
}

struct Reader<'t> {
    form: Form,
    text: &'t str,
    at: usize,
    depth: u32,
}

/// `parseText(text)`.
pub(super) fn parse(text: &str, form: Form) -> Result<Value, Thrown> {
    if text.is_empty() {
        return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, "Text must not be null or empty"));
    }
    let mut reader = Reader { form, text, at: 0, depth: 0 };
    reader.blanks();
    if reader.at == text.len() {
        return Ok(Value::Null);
    }
    reader.value()
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn blanks(&mut self) {
        if self.text.as_bytes().get(self.at).is_some_and(|byte| *byte > b' ' && *byte != b'/' && *byte != b'#') {
            return;
        }
        loop {
            let rest = &self.text[self.at..];
            self.at += rest.len() - rest.trim_start_matches(|c: char| c <= ' ').len();
            let rest = &self.text[self.at..];
            if self.form != Form::Lax {
                return;
            }
            self.at += match rest.get(..2) {
                Some("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
                Some("//") => rest.find('\n').unwrap_or(rest.len()),
                _ if rest.starts_with('#') => rest.find('\n').unwrap_or(rest.len()),
                _ => return,
            };
        }
    }

    /// The exception of a character that has no place there.
    fn unexpected(&self, message: &str) -> Thrown {
        let at = self.at.min(self.text.len());
        let current = self.text[at..].chars().next().or_else(|| self.text.chars().next_back()).unwrap_or('\0');
        let shown = match current {
            '\n' => "[NEWLINE]".to_owned(),
            '\r' => "[RETURN]".to_owned(),
            '\t' => "[TAB]".to_owned(),
            ' ' => "[SPACE]".to_owned(),
            c => format!("'{c}'"),
        };
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline);
        let line = self.text[..at].matches('\n').count() + 1;
        let column = self.text[start..at].chars().count();
        let index = self.text[..at].encode_utf16().count();
        let text = format!(
            "{message}\n\nThe current character read is {shown} with an int value of {}\n{message}\nline number {line}\n\
             index number {index}\n{}\n{}^",
            current as u32,
            &self.text[start..end],
            ".".repeat(column)
        );
        Thrown::new("groovy.json.JsonException", text)
    }

    fn value(&mut self) -> Result<Value, Thrown> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Thrown::with_cause(exceptions::STACK_OVERFLOW, None, Value::Null));
        }
        self.blanks();
        let value = match self.peek() {
            Some('"') => self.string('"').map(Value::string),
            Some('\'') if self.form == Form::Lax => self.string('\'').map(Value::string),
            Some('{') => self.object(),
            Some('[') => self.array(),
            Some('t') => self.word("true", true.into()),
            Some('f') => self.word("false", false.into()),
            Some('n') => self.word("null", Value::Null),
            Some('-' | '0'..='9') => self.number(),
            _ => Err(self
                .unexpected("Unable to determine the current character, it is not a string, number, array, or object")),
        };
        self.depth -= 1;
        value
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Thrown> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(value);
        }
        Err(self.unexpected(&format!("{word} not parsed properly")))
    }

    fn number(&mut self) -> Result<Value, Thrown> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len());
        let number = &rest[..length];
        let value = if number.contains(['.', 'e', 'E']) {
            BigDecimal::parse(number).map(Value::decimal)
        } else if let Ok(small) = number.parse::<i32>() {
            Some(Value::Int(small))
        } else if let Ok(long) = number.parse::<i64>() {
            Some(Value::Long(long))
        } else {
            // Groovy reads more digits than a long has with an overflow.
            number.parse::<BigInt>().ok().map(|number| Value::Long(crate::script::value::low_bits(&number)))
        };
        let value = value.ok_or_else(|| self.unexpected("unexpected character in number"))?;
        self.at += length;
        Ok(value)
    }

    /// A string whose quote comes next. One without escapes, as most are, is a part of the document.
    fn string(&mut self, quote: char) -> Result<Cow<'t, str>, Thrown> {
        let rest = &self.text[self.at + 1..];
        if let Some(end) = memchr::memchr2(quote as u8, b'\\', rest.as_bytes())
            && rest.as_bytes()[end] == quote as u8
        {
            self.at += 1 + end + 1;
            return Ok(Cow::Borrowed(&rest[..end]));
        }
        self.escaped(quote).map(Cow::Owned)
    }

    fn escaped(&mut self, quote: char) -> Result<String, Thrown> {
        let start = self.at;
        self.at += 1;
        let mut units: Vec<u16> = Vec::new();
        loop {
            let Some(c) = self.peek() else {
                self.at = start;
                return Err(self.unexpected("string not terminated properly"));
            };
            self.at += c.len_utf8();
            match c {
                c if c == quote => return Ok(String::from_utf16_lossy(&units)),
                '\\' => {
                    let escaped = self.peek();
                    self.at += escaped.map_or(0, char::len_utf8);
                    let plain = match escaped {
                        Some('b') => '\u{8}',
                        Some('f') => '\u{c}',
                        Some('n') => '\n',
                        Some('r') => '\r',
                        Some('t') => '\t',
                        Some('u') => {
                            let digits = self.text.get(self.at..self.at + 4);
                            let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
                            units.push(unit.ok_or_else(|| self.unexpected("unable to parse unicode escape"))?);
                            self.at += 4;
                            continue;
                        }
                        Some(c @ ('"' | '\\' | '/')) => c,
                        Some('\'') if self.form == Form::Lax => '\'',
                        // An escape that JSON does not know stays as it is written.
                        Some(other) => {
                            units.push(u16::from(b'\\'));
                            other
                        }
                        None => continue,
                    };
                    units.extend(plain.encode_utf16(&mut [0; 2]).iter());
                }
                c => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
            }
        }
    }

    fn object(&mut self) -> Result<Value, Thrown> {
        self.at += 1;
        let mut entries = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                Some('"') => {}
                Some(c) if self.form == Form::Lax && (c == '\'' || c.is_alphanumeric() || c == '_') => {}
                Some('}') => {
                    self.at += 1;
                    break;
                }
                // A document that ends here is taken as it is.
                None => break,
                Some(c) => {
                    let message = format!(
                        "expecting '}}' or ',' but got current char {} with an int value of {}",
                        shown(c),
                        c as u32
                    );
                    return Err(self.unexpected(&message));
                }
            }
            let name = match self.peek() {
                Some(quote @ ('"' | '\'')) => self.string(quote)?,
                _ => {
                    let rest = &self.text[self.at..];
                    let end = rest.find(|c: char| c == ':' || c.is_whitespace()).unwrap_or(rest.len());
                    self.at += end;
                    Cow::Borrowed(&rest[..end])
                }
            };
            self.blanks();
            if self.peek() != Some(':') {
                let c = self.peek().unwrap_or('\0');
                let message = format!("expecting current character to be '{c}' with an int value of {}\n", c as u32);
                return Err(self.unexpected(&message));
            }
            self.at += 1;
            entries.push((Value::string(name), self.value()?));
            self.blanks();
            match self.peek() {
                Some(',') => self.at += 1,
                Some('}') => {
                    self.at += 1;
                    break;
                }
                other => {
                    let c = other.or_else(|| self.text.chars().next_back()).unwrap_or('\0');
                    let message = format!(
                        "expecting '}}' or ',' but got current char {} with an int value of {}",
                        shown(c),
                        c as u32
                    );
                    return Err(self.unexpected(&message));
                }
            }
        }
        let map = Map::new(if self.form == Form::Classic { MapKind::Hash } else { MapKind::Lazy });
        for (name, value) in entries {
            map.put(name, value);
        }
        Ok(Value::Map(Arc::new(map)))
    }

    fn array(&mut self) -> Result<Value, Thrown> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.peek() == Some(']') {
            self.at += 1;
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value()?);
            self.blanks();
            match self.peek() {
                Some(',') => self.at += 1,
                Some(']') => {
                    self.at += 1;
                    return Ok(Value::list(items));
                }
                None => {
                    return Err(self.unexpected("issue parsing JSON array"));
                }
                Some(c) => {
                    let message = format!(
                        "expecting a ',' or a ']',  but got \nthe current character of  {} with an int value of {} \n on array \
                         index of {} \n",
                        shown(c),
                        c as u32,
                        items.len()
                    );
                    return Err(self.unexpected(&message));
                }
            }
        }
    }
}

fn shown(c: char) -> String {
    format!("'{c}'")
}

/// `JsonOutput.prettyPrint(text)`: the tokens of the text with four blanks a level.
pub(super) fn pretty(text: &str) -> Result<String, Thrown> {
    let mut out = String::with_capacity(text.len() * 2);
    let mut reader = Reader { form: Form::Standard, text, at: 0, depth: 0 };
    let mut level = 0usize;
    let line = |out: &mut String, level: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("    ", level.min(DEEPEST as usize)));
    };
    loop {
        reader.blanks();
        let Some(c) = reader.peek() else { return Ok(out) };
        match c {
            '{' | '[' => {
                level += 1;
                out.push(c);
                line(&mut out, level);
                reader.at += 1;
            }
            '}' | ']' => {
                level = level.saturating_sub(1);
                line(&mut out, level);
                out.push(c);
                reader.at += 1;
            }
            ',' => {
                out.push(c);
                line(&mut out, level);
                reader.at += 1;
            }
            ':' => {
                out.push_str(": ");
                reader.at += 1;
            }
            '"' => {
                let string = reader.string('"')?;
                super::quote(&string, &mut out, false);
            }
            '0'..='9' | '-' | 't' | 'f' | 'n' => {
                let start = reader.at;
                reader.value()?;
                out.push_str(&text[start..reader.at]);
            }
            _ => {
                let message = format!(
                    "A JSON payload should start with an openning curly brace '{{' or an openning square bracket '['.\nInstead, '{c}' was found on line: 1, column: 1"
                );
                return Err(Thrown::new("groovy.json.JsonException", message));
            }
        }
    }
}

//! The words of a JEXL script.

use super::Dialect;
use crate::script::compile_error::{CompileError, Position, Reader};
use crate::script::value::{BigDecimal, Value};
use num_bigint::BigInt;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or keyword.
    Word(String),
    Literal(LiteralToken),
    /// An operator or separator.
    Sign(&'static str),
    End,
}

/// A literal: values have no `PartialEq`, and the parser only ever asks for the kind.
#[derive(Debug, Clone)]
pub(super) struct LiteralToken(pub(super) Value);

impl PartialEq for LiteralToken {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Longest first, so that the first that fits is the right one.
const SIGNS: &[&str] = &[
    "...", "->", "?.", "?:", "??", "&&", "||", "==", "!=", ">=", "<=", "=~", "!~", "=^", "=$", "!^", "!$", "+=", "-=",
    "*=", "/=", "%=", "&=", "|=", "^=", "..", "(", ")", "{", "}", "[", "]", ";", ":", ",", ".", "?", "=", "+", "-",
    "*", "/", "%", "!", "&", "|", "^", "~", "<", ">",
];

/// Signs that came with JEXL 3; JEXL 2 reads their characters one by one.
const SIGNS_OF_JEXL3: &[&str] =
    &["...", "->", "?.", "??", "=^", "=$", "!^", "!$", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", ".."];

/// All words of a script with their places.
pub(super) fn words(source: &str, dialect: Dialect) -> Result<Vec<(Token, Position)>, CompileError> {
    let mut lexer = Lexer { reader: Reader::new(source), dialect, words: Vec::new() };
    while lexer.word()? {}
    Ok(lexer.words)
}

struct Lexer<'s> {
    reader: Reader<'s>,
    dialect: Dialect,
    words: Vec<(Token, Position)>,
}

fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '_' | '$' | '@')
}

impl Lexer<'_> {
    fn skip_blanks(&mut self) -> Result<(), CompileError> {
        loop {
            let position = self.reader.position();
            if self.reader.eat("##") || self.reader.eat("//") {
                self.reader.take_while(|c| c != '\n' && c != '\r');
            } else if self.reader.eat("/*") {
                while !self.reader.eat("*/") {
                    if self.reader.next().is_none() {
                        return Err(CompileError::syntax(position, "comment without an end"));
                    }
                }
            } else if self.reader.peek().is_some_and(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')) {
                self.reader.next();
            } else {
                return Ok(());
            }
        }
    }

    fn word(&mut self) -> Result<bool, CompileError> {
        self.skip_blanks()?;
        let position = self.reader.position();
        let Some(c) = self.reader.peek() else {
            self.words.push((Token::End, position));
            return Ok(false);
        };
        let after_dot = matches!(self.words.last(), Some((Token::Sign("." | "?."), _)));
        let token = if starts_name(c) || (after_dot && c.is_ascii_digit()) {
            Token::Word(self.reader.take_while(|c| starts_name(c) || c.is_ascii_digit()).to_owned())
        } else if c.is_ascii_digit() || (c == '.' && self.reader.peek_second().is_some_and(|c| c.is_ascii_digit())) {
            Token::Literal(LiteralToken(self.number(position)?))
        } else if c == '"' || c == '\'' {
            Token::Literal(LiteralToken(self.string(c, position)?.into()))
        } else if self.reader.rest().starts_with("~/") && self.dialect == Dialect::Jexl3 {
            return Err(CompileError::unsupported(position, "a JEXL regular expression literal"));
        } else if c == '`' {
            return Err(CompileError::unsupported(position, "a JEXL template literal"));
        } else {
            let jexl3 = self.dialect == Dialect::Jexl3;
            let known = |sign: &&&str| jexl3 || !SIGNS_OF_JEXL3.contains(*sign);
            let sign = SIGNS.iter().filter(known).find(|sign| self.reader.rest().starts_with(**sign));
            let Some(sign) = sign else {
                return Err(CompileError::syntax(position, format!("'{c}' is not part of the language")));
            };
            self.reader.eat(sign);
            Token::Sign(sign)
        };
        self.words.push((token, position));
        Ok(true)
    }

    fn string(&mut self, quote: char, start: Position) -> Result<String, CompileError> {
        let unclosed = || CompileError::syntax(start, "string without an end");
        self.reader.next();
        let mut text = String::new();
        loop {
            match self.reader.next().ok_or_else(unclosed)? {
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => return Err(unclosed()),
                '\\' => {
                    let escaped = self.reader.next().ok_or_else(unclosed)?;
                    self.escape(escaped, quote, &mut text);
                }
                c if c == quote => return Ok(text),
                c => text.push(c),
            }
        }
    }

    /// A backslash before a character that needs none stays in the text.
    fn escape(&mut self, c: char, quote: char, text: &mut String) {
        let code = self.reader.rest().get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match (c, code.and_then(char::from_u32)) {
            ('u', Some(c)) => {
                (0..4).for_each(|_| _ = self.reader.next());
                text.push(c);
            }
            _ if c == quote || c == '\\' => text.push(c),
            ('b', _) if self.dialect == Dialect::Jexl3 => text.push('\u{8}'),
            ('t', _) if self.dialect == Dialect::Jexl3 => text.push('\t'),
            ('n', _) if self.dialect == Dialect::Jexl3 => text.push('\n'),
            ('f', _) if self.dialect == Dialect::Jexl3 => text.push('\u{c}'),
            ('r', _) if self.dialect == Dialect::Jexl3 => text.push('\r'),
            _ => text.extend(['\\', c]),
        }
    }

    fn digits(&mut self) -> &str {
        self.reader.take_while(|c| c.is_ascii_digit())
    }

    /// `e`, an optional sign and digits, if they come next.
    fn exponent(&mut self) -> String {
        let rest = self.reader.rest();
        let Some(after) = rest.strip_prefix(['e', 'E']) else { return String::new() };
        let digits = after.strip_prefix(['+', '-']).unwrap_or(after);
        if !digits.starts_with(|c: char| c.is_ascii_digit()) {
            return String::new();
        }
        for _ in 0..rest.len() - digits.len() {
            self.reader.next();
        }
        format!("{}{}", &rest[..rest.len() - digits.len()], self.digits())
    }

    fn number(&mut self, position: Position) -> Result<Value, CompileError> {
        if self.reader.eat("0x") || self.reader.eat("0X") {
            let digits = self.reader.take_while(|c| c.is_ascii_hexdigit()).to_owned();
            return self.natural(&digits, 16, position);
        }
        let whole = self.digits().to_owned();
        let mut real = String::new();
        if self.reader.peek() == Some('.') && self.reader.peek_second().is_some_and(|c| c.is_ascii_digit()) {
            self.reader.next();
            real = format!(".{}", self.digits());
        }
        // JEXL 2 knows an exponent only after a fraction.
        if !real.is_empty() || self.dialect == Dialect::Jexl3 {
            real += &self.exponent();
        }
        let suffix = self.reader.peek().filter(|c| matches!(c, 'f' | 'F' | 'd' | 'D' | 'b' | 'B'));
        if real.is_empty() && (suffix.is_none() || self.dialect == Dialect::Jexl2) {
            let base = if whole.len() > 1 && whole.starts_with('0') { 8 } else { 10 };
            return self.natural(&whole, base, position);
        }
        if suffix.is_some() {
            self.reader.next();
        }
        let text = format!("{whole}{real}");
        let invalid = || CompileError::syntax(position, format!("{text} is not a number"));
        Ok(match (suffix, self.dialect) {
            (Some('b' | 'B'), _) => Value::decimal(BigDecimal::parse(&text).ok_or_else(invalid)?),
            (Some('f' | 'F'), _) | (None, Dialect::Jexl2) => Value::Float(text.parse().map_err(|_| invalid())?),
            _ => Value::Double(text.parse().map_err(|_| invalid())?),
        })
    }

    fn natural(&mut self, digits: &str, base: u32, position: Position) -> Result<Value, CompileError> {
        let invalid = || CompileError::syntax(position, format!("{digits} is not a number"));
        let number = BigInt::parse_bytes(digits.as_bytes(), base).ok_or_else(invalid)?;
        match self.reader.peek() {
            Some('l' | 'L') => {
                self.reader.next();
                Ok(Value::Long(i64::try_from(&number).map_err(|_| invalid())?))
            }
            Some('h' | 'H') => {
                self.reader.next();
                Ok(Value::integer(number))
            }
            _ => Ok(match (i32::try_from(&number), i64::try_from(&number)) {
                (Ok(int), _) => Value::Int(int),
                (_, Ok(long)) => Value::Long(long),
                _ => Value::integer(number),
            }),
        }
    }
}

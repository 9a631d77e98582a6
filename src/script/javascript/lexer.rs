//! The words of a JavaScript program.

use crate::script::compile_error::{CompileError, Position, Reader};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or keyword.
    Word(String),
    Number(f64),
    String(String),
    /// The fixed parts of a template literal and the sources between them.
    Template(Vec<String>, Vec<(String, Position)>),
    RegExp(String, String),
    Sign(&'static str),
    End,
}

/// A word with its place.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) token: Token,
    pub(super) position: Position,
    /// Whether a line end stands before it.
    pub(super) after_line: bool,
}

/// Longest first, so that the first that fits is the right one.
const SIGNS: &[&str] = &[
    ">>>=", "===", "!==", ">>>", "<<=", ">>=", "==", "!=", "<=", ">=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=",
    "%=", "&=", "|=", "^=", "<<", ">>", "=>", "{", "}", "(", ")", "[", "]", ";", ",", "<", ">", "+", "-", "*", "/",
    "%", "&", "|", "^", "!", "~", "?", ":", "=", ".",
];

/// Words after which a slash begins a regular expression rather than a division.
const BEFORE_OPERAND: &[&str] =
    &["return", "typeof", "case", "in", "instanceof", "new", "delete", "void", "throw", "else", "do"];

/// All words of a program.
pub(super) fn words(source: &str, start: Position) -> Result<Vec<Word>, CompileError> {
    let mut lexer = Lexer { reader: Reader::new(source), start, words: Vec::new() };
    while lexer.word()? {}
    Ok(lexer.words)
}

struct Lexer<'s> {
    reader: Reader<'s>,
    /// Where the source itself stands: that of a template is part of a larger one.
    start: Position,
    words: Vec<Word>,
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '$'
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

impl Lexer<'_> {
    fn position(&self) -> Position {
        let here = self.reader.position();
        let column = if here.line == 1 { here.column + self.start.column.max(1) - 1 } else { here.column };
        Position { line: here.line + self.start.line.max(1) - 1, column }
    }

    fn error(&self, message: &str) -> CompileError {
        CompileError::syntax(self.position(), message)
    }

    /// Whether a line end was among the blanks.
    fn skip_blanks(&mut self) -> Result<bool, CompileError> {
        let mut line = false;
        loop {
            if self.reader.eat("//") {
                self.reader.take_while(|c| !is_line_end(c));
            } else if self.reader.rest().starts_with("/*") {
                let unclosed = self.error("comment without an end");
                while !self.reader.eat("*/") {
                    line |= is_line_end(self.reader.next().ok_or_else(|| unclosed.clone())?);
                }
            } else if let Some(c) = self.reader.peek().filter(|c| c.is_whitespace() || *c == '\u{feff}') {
                line |= is_line_end(c);
                self.reader.next();
            } else {
                return Ok(line);
            }
        }
    }

    fn word(&mut self) -> Result<bool, CompileError> {
        let after_line = self.skip_blanks()?;
        let position = self.position();
        let Some(c) = self.reader.peek() else {
            self.words.push(Word { token: Token::End, position, after_line });
            return Ok(false);
        };
        let token = if starts_name(c) {
            Token::Word(self.reader.take_while(|c| starts_name(c) || c.is_ascii_digit()).to_owned())
        } else if c.is_ascii_digit() || (c == '.' && self.reader.peek_second().is_some_and(|c| c.is_ascii_digit())) {
            Token::Number(self.number()?)
        } else if c == '"' || c == '\'' {
            Token::String(self.string(c)?)
        } else if c == '`' {
            self.template()?
        } else if c == '/' && self.expects_operand() {
            self.regexp()?
        } else {
            let sign = SIGNS.iter().find(|sign| self.reader.rest().starts_with(**sign));
            let sign = sign.ok_or_else(|| self.error("illegal character"))?;
            self.reader.eat(sign);
            Token::Sign(sign)
        };
        self.words.push(Word { token, position, after_line });
        Ok(true)
    }

    fn expects_operand(&self) -> bool {
        match self.words.last().map(|word| &word.token) {
            None | Some(Token::End) => true,
            Some(Token::Word(word)) => BEFORE_OPERAND.contains(&word.as_str()),
            Some(Token::Sign(sign)) => !matches!(*sign, ")" | "]" | "}" | "++" | "--"),
            Some(_) => false,
        }
    }

    fn number(&mut self) -> Result<f64, CompileError> {
        for (prefix, radix) in [("0x", 16), ("0X", 16), ("0b", 2), ("0o", 8)] {
            if self.reader.eat(prefix) {
                let digits = self.reader.take_while(|c| c.is_digit(radix));
                return super::convert::whole(digits, radix).ok_or_else(|| self.error("number without digits"));
            }
        }
        let start = self.reader.rest();
        self.reader.take_while(|c| c.is_ascii_digit());
        let whole = &start[..start.len() - self.reader.rest().len()];
        if whole.len() > 1 && whole.starts_with('0') && whole.bytes().all(|b| (b'0'..b'8').contains(&b)) {
            return super::convert::whole(whole, 8).ok_or_else(|| self.error("illegal number"));
        }
        if self.reader.eat(".") {
            self.reader.take_while(|c| c.is_ascii_digit());
        }
        if self.reader.peek().is_some_and(|c| matches!(c, 'e' | 'E')) {
            self.reader.next();
            if self.reader.peek().is_some_and(|c| matches!(c, '+' | '-')) {
                self.reader.next();
            }
            if self.reader.take_while(|c| c.is_ascii_digit()).is_empty() {
                return Err(self.error("missing exponent"));
            }
        }
        if self.reader.peek().is_some_and(starts_name) {
            return Err(self.error("identifier starts immediately after numeric literal"));
        }
        let text = &start[..start.len() - self.reader.rest().len()];
        text.parse().map_err(|_| self.error("illegal number"))
    }

    fn string(&mut self, quote: char) -> Result<String, CompileError> {
        let unclosed = self.error("unterminated string literal");
        self.reader.next();
        let mut text = String::new();
        loop {
            match self.reader.next().ok_or_else(|| unclosed.clone())? {
                '\n' | '\r' => return Err(unclosed),
                '\\' => self.escape(&mut text, &unclosed)?,
                c if c == quote => return Ok(text),
                c => text.push(c),
            }
        }
    }

    fn escape(&mut self, text: &mut String, unclosed: &CompileError) -> Result<(), CompileError> {
        match self.reader.next().ok_or_else(|| unclosed.clone())? {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'v' => text.push('\u{b}'),
            '\n' => {}
            '\r' => _ = self.reader.eat("\n"),
            c @ ('x' | 'u') => {
                let count = if c == 'x' { 2 } else { 4 };
                let code = self.reader.rest().get(..count).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                match code {
                    Some(code) => {
                        (0..count).for_each(|_| _ = self.reader.next());
                        text.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                    }
                    None => text.push(c),
                }
            }
            c @ '0'..='7' => {
                let mut code = c.to_digit(8).unwrap_or(0);
                while let Some(digit) = self.reader.peek().and_then(|c| c.to_digit(8)).filter(|_| code < 32) {
                    code = code * 8 + digit;
                    self.reader.next();
                }
                text.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            c => text.push(c),
        }
        Ok(())
    }

    fn template(&mut self) -> Result<Token, CompileError> {
        let unclosed = self.error("unterminated template literal");
        self.reader.next();
        let (mut parts, mut sources, mut text) = (Vec::new(), Vec::new(), String::new());
        loop {
            if self.reader.eat("${") {
                parts.push(std::mem::take(&mut text));
                let (position, start) = (self.position(), self.reader.rest());
                let mut depth = 1;
                while depth > 0 {
                    match self.reader.next().ok_or_else(|| unclosed.clone())? {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        _ => {}
                    }
                }
                let source = &start[..start.len() - self.reader.rest().len() - 1];
                sources.push((source.to_owned(), position));
                continue;
            }
            match self.reader.next().ok_or_else(|| unclosed.clone())? {
                '`' => break,
                '\\' => self.escape(&mut text, &unclosed)?,
                c => text.push(c),
            }
        }
        parts.push(text);
        Ok(Token::Template(parts, sources))
    }

    fn regexp(&mut self) -> Result<Token, CompileError> {
        let unclosed = self.error("unterminated regular expression literal");
        self.reader.next();
        let (mut body, mut in_class) = (String::new(), false);
        loop {
            match self.reader.next().filter(|c| !is_line_end(*c)).ok_or_else(|| unclosed.clone())? {
                '/' if !in_class => break,
                '\\' => {
                    body.push('\\');
                    body.push(self.reader.next().ok_or_else(|| unclosed.clone())?);
                }
                c => {
                    in_class = (in_class || c == '[') && c != ']';
                    body.push(c);
                }
            }
        }
        let flags = self.reader.take_while(starts_name);
        Ok(Token::RegExp(body, flags.to_owned()))
    }
}

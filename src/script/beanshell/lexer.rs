//! The words of a BeanShell script (`bsh.jjt`: the longest match wins, the earlier rule among equals).

use super::error;
use crate::script::{CompileError, Position};
use crate::text::Text;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Keyword,
    Integer,
    Floating,
    Character,
    String,
    Sign,
    /// `/** … */`, which is a statement.
    FormalComment,
    End,
    /// Text that is no token: the last one.
    Bad,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// As written.
    pub(super) text: Text,
    pub(super) position: Position,
    /// The mistake, of [`Kind::Bad`].
    pub(super) error: Option<Box<CompileError>>,
}

const KEYWORDS: &[&str] = &[
    "abstract",
    "boolean",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extends",
    "false",
    "final",
    "finally",
    "float",
    "for",
    "goto",
    "if",
    "implements",
    "import",
    "instanceof",
    "int",
    "interface",
    "long",
    "native",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "short",
    "static",
    "strictfp",
    "switch",
    "synchronized",
    "throw",
    "throws",
    "transient",
    "true",
    "try",
    "void",
    "volatile",
    "while",
];

/// Longest first, so that the first that fits is the right one.
const SIGNS: &[&str] = &[
    "@right_unsigned_shift_assign",
    "@right_unsigned_shift",
    "@right_shift_assign",
    "@left_shift_assign",
    "@right_shift",
    "@bitwise_and",
    "@left_shift",
    "@bitwise_or",
    "@and_assign",
    "@or_assign",
    "@gteq",
    "@lteq",
    "@and",
    "@or",
    "@gt",
    "@lt",
    ">>>=",
    ">>>",
    "<<=",
    ">>=",
    "==",
    "<=",
    ">=",
    "!=",
    "||",
    "&&",
    "++",
    "--",
    "<<",
    ">>",
    "+=",
    "-=",
    "*=",
    "/=",
    "&=",
    "|=",
    "^=",
    "%=",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ";",
    ",",
    ".",
    "=",
    ">",
    "<",
    "!",
    "~",
    "?",
    ":",
    "+",
    "-",
    "*",
    "/",
    "&",
    "|",
    "^",
    "%",
];

/// Where a script starts.
const FIRST: Position = Position { line: 1, column: 1 };

/// All tokens of a script; the last is [`Kind::End`] or [`Kind::Bad`].
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { text: units(source), at: 0, place: 0, next_place: FIRST, last: FIRST, open: false };
    let mut tokens = Vec::new();
    loop {
        match lexer.token() {
            Ok(Some(token)) => {
                let end = token.kind == Kind::End;
                tokens.push(token);
                if end {
                    return tokens;
                }
            }
            Ok(None) => {}
            Err(error) => {
                let position = Position { line: error.line, column: error.column };
                tokens.push(Token { kind: Kind::Bad, text: Text::default(), position, error: Some(Box::new(error)) });
                return tokens;
            }
        }
    }
}

/// The UTF-16 units, with `\u0041` read as what it stands for; a malformed one stays.
fn units(source: &str) -> Vec<u16> {
    let raw: Vec<u16> = source.encode_utf16().collect();
    let mut text = Vec::with_capacity(raw.len());
    let (mut at, mut backslashes) = (0, 0_usize);
    while let Some(unit) = raw.get(at) {
        let escape = *unit == u16::from(b'\\') && backslashes % 2 == 0 && raw.get(at + 1) == Some(&u16::from(b'u'));
        let digits = at + 1 + raw[at + 1..].iter().take_while(|u| escape && **u == u16::from(b'u')).count();
        let code = raw.get(digits..digits + 4).and_then(|hex| {
            hex.iter().try_fold(0_u16, |code, digit| {
                let digit = char::from_u32(u32::from(*digit))?.to_digit(16)?;
                Some(code << 4 | u16::try_from(digit).ok()?)
            })
        });
        if let (true, Some(code)) = (escape, code) {
            text.push(code);
            at = digits + 4;
            backslashes = 0;
        } else {
            text.push(*unit);
            backslashes = if *unit == u16::from(b'\\') { backslashes + 1 } else { 0 };
            at += 1;
        }
    }
    text
}

struct Lexer {
    text: Vec<u16>,
    at: usize,
    /// Up to where places are counted, and the place there.
    place: usize,
    next_place: Position,
    /// The place of the unit before.
    last: Position,
    /// Whether a comment was found to have no end: none behind it has one.
    open: bool,
}

impl Lexer {
    fn unit(&self, at: usize) -> Option<u16> {
        self.text.get(at).copied()
    }

    /// The character, if it is ASCII.
    fn ascii(&self, at: usize) -> Option<char> {
        self.unit(at).and_then(|unit| u8::try_from(unit).ok()).filter(u8::is_ascii).map(char::from)
    }

    fn starts(&self, at: usize, wanted: &str) -> bool {
        wanted.bytes().enumerate().all(|(index, byte)| self.unit(at + index) == Some(u16::from(byte)))
    }

    fn text(&self, from: usize, to: usize) -> Text {
        Text::from(String::from_utf16_lossy(&self.text[from..to]))
    }

    /// The place of a unit at or behind the last one asked for; tabs reach to the next multiple of eight.
    fn position(&mut self, at: usize) -> Position {
        while self.place < at.min(self.text.len()) {
            self.last = self.next_place;
            let place = &mut self.next_place;
            match (self.text[self.place], self.text.get(self.place + 1)) {
                (0x0d, Some(0x0a)) => {}
                (0x0a | 0x0d, _) => *place = Position { line: place.line + 1, column: 1 },
                (0x09, _) => place.column += 8 - (place.column - 1) % 8,
                _ => place.column += 1,
            }
            self.place += 1;
        }
        self.next_place
    }

    /// The next token; `None` when blanks or a comment were read.
    fn token(&mut self) -> Result<Option<Token>, CompileError> {
        let start = self.at;
        let position = self.position(start);
        let token = |kind, text| Some(Token { kind, text, position, error: None });
        if start >= self.text.len() {
            // The end stands where the last character does.
            return Ok(Some(Token { kind: Kind::End, text: Text::from("<EOF>"), position: self.last, error: None }));
        }
        let blank = self.run(start, |unit| unit <= 0x20 || (0x80..=0xff).contains(&unit));
        let name = if self.unit(start).is_some_and(is_letter) { self.run(start, is_name) } else { 0 };
        if blank > 0 && blank >= name {
            self.at += blank;
            return Ok(None);
        }
        if name > 0 {
            self.at += name;
            let text = self.text(start, self.at);
            let keyword = KEYWORDS.contains(&&*text);
            return Ok(token(if keyword { Kind::Keyword } else { Kind::Name }, text));
        }
        if self.starts(start, "//") || self.starts(start, "#!") {
            self.at += self.run(start, |unit| unit != 0x0a && unit != 0x0d);
            return Ok(None);
        }
        if self.starts(start, "/*")
            && let Some(end) = self.comment_end(start + 3)
        {
            self.at = end;
            let formal = self.starts(start, "/**");
            return Ok(if formal { token(Kind::FormalComment, self.text(start, end)) } else { None });
        }
        let kind = match self.ascii(start) {
            Some('"' | '\'') => self.quoted()?,
            Some(c) if c.is_ascii_digit() || (c == '.' && self.is_digit(start + 1)) => self.number(),
            _ => self.sign()?,
        };
        Ok(token(kind, self.text(start, self.at)))
    }

    fn run(&self, start: usize, wanted: impl Fn(u16) -> bool) -> usize {
        self.text[start.min(self.text.len())..].iter().take_while(|unit| wanted(**unit)).count()
    }

    fn is_digit(&self, at: usize) -> bool {
        self.ascii(at).is_some_and(|c| c.is_ascii_digit())
    }

    /// The place behind the next `*/`.
    fn comment_end(&mut self, from: usize) -> Option<usize> {
        if self.open || from > self.text.len() {
            return None;
        }
        let end = self.text[from..].windows(2).position(|pair| pair == [u16::from(b'*'), u16::from(b'/')]);
        self.open = end.is_none();
        end.map(|end| from + end + 2)
    }

    fn quoted(&mut self) -> Result<Kind, CompileError> {
        let start = self.at;
        let string = self.ascii(start) == Some('"');
        let quote = if string { '"' } else { '\'' };
        self.at += 1;
        let mut read = 0;
        loop {
            let unit = self.unit(self.at);
            match self.ascii(self.at) {
                Some(c) if c == quote && (string || read == 1) => break,
                Some('\n' | '\r') => return Err(self.no_token(start)),
                Some(c) if c == quote => return Err(self.no_token(start)),
                None if unit.is_none() => return Err(self.no_token(start)),
                _ if !string && read == 1 => return Err(self.no_token(start)),
                Some('\\') => self.escape(start)?,
                _ => self.at += 1,
            }
            read += 1;
        }
        self.at += 1;
        Ok(if string { Kind::String } else { Kind::Character })
    }

    fn escape(&mut self, start: usize) -> Result<(), CompileError> {
        self.at += 1;
        let octal = |lexer: &Self| lexer.ascii(lexer.at).filter(|c| ('0'..='7').contains(c));
        match self.ascii(self.at) {
            Some('n' | 't' | 'b' | 'r' | 'f' | '\\' | '\'' | '"') => self.at += 1,
            Some(first @ '0'..='7') => {
                self.at += 1;
                let more = if first <= '3' { 2 } else { 1 };
                for _ in 0..more {
                    if octal(self).is_some() {
                        self.at += 1;
                    }
                }
            }
            _ => return Err(self.no_token(start)),
        }
        Ok(())
    }

    /// The mistake that no token goes on with the next unit.
    fn no_token(&mut self, start: usize) -> CompileError {
        let at = self.at;
        let unit = self.unit(at);
        let position = self.position(at);
        error::lexical(position, unit, &self.text[start..at])
    }

    fn number(&mut self) -> Kind {
        let start = self.at;
        if self.starts(start, "0x") || self.starts(start, "0X") {
            let digits = self.run(start + 2, |unit| char::from_u32(unit.into()).is_some_and(|c| c.is_ascii_hexdigit()));
            if digits > 0 {
                self.at = start + 2 + digits;
                self.suffix("lL");
                return Kind::Integer;
            }
        }
        let digits = self.digits(start);
        // What the longest match as a floating point number is.
        let mut end = start + digits;
        let mut floating = false;
        if self.ascii(end) == Some('.') {
            let fraction = self.digits(end + 1);
            if digits > 0 || fraction > 0 {
                end += 1 + fraction;
                floating = true;
            }
        }
        if matches!(self.ascii(end), Some('e' | 'E')) {
            let signed = usize::from(matches!(self.ascii(end + 1), Some('+' | '-')));
            let exponent = self.digits(end + 1 + signed);
            if exponent > 0 {
                end += 1 + signed + exponent;
                floating = true;
            }
        }
        if matches!(self.ascii(end), Some('f' | 'F' | 'd' | 'D')) {
            end += 1;
            floating = true;
        }
        if floating {
            self.at = end;
            return Kind::Floating;
        }
        let octal = self.ascii(start) == Some('0');
        let whole = if octal { self.run(start, |unit| (0x30..=0x37).contains(&unit)) } else { digits };
        self.at = start + whole;
        self.suffix("lL");
        Kind::Integer
    }

    fn digits(&self, at: usize) -> usize {
        self.run(at, |unit| (0x30..=0x39).contains(&unit))
    }

    fn suffix(&mut self, letters: &str) {
        self.at += usize::from(self.ascii(self.at).is_some_and(|c| letters.contains(c)));
    }

    fn sign(&mut self) -> Result<Kind, CompileError> {
        let start = self.at;
        if let Some(sign) = SIGNS.iter().find(|sign| self.starts(start, sign)) {
            self.at += sign.len();
            return Ok(Kind::Sign);
        }
        // As far as a sign of several characters could have gone on.
        let common = |sign: &&str| {
            sign.bytes().enumerate().take_while(|(n, b)| self.unit(start + n) == Some(u16::from(*b))).count()
        };
        let begun = SIGNS.iter().chain(&["#!"]).map(common).max().unwrap_or(0);
        self.at += begun;
        Err(self.no_token(start))
    }
}

fn is_letter(unit: u16) -> bool {
    matches!(unit, 0x24 | 0x41..=0x5a | 0x5f | 0x61..=0x7a | 0xc0..=0xd6 | 0xd8..=0xf6 | 0xf8..=0x1fff
        | 0x3040..=0x318f | 0x3300..=0x3d2d | 0x4e00..=0x9fff | 0xf900..=0xfaff)
}

fn is_name(unit: u16) -> bool {
    is_letter(unit) || (0x30..=0x39).contains(&unit)
}

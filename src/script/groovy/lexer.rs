//! The words of a Groovy script (`GroovyLexer.g4`).

use super::literal::Quote;
use crate::script::compile_error::Reader;
use crate::script::{CompileError, Position};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name.
    Identifier,
    /// A reserved word, `true`, `false` and `null` among them.
    Keyword,
    /// An operator or bracket.
    Symbol,
    /// `1`, `0x1F`, `3L`.
    Integer,
    /// `1.5`, `1e3`, `2f`.
    Decimal,
    /// A string without values in it, with its quotes.
    Text(Quote),
    /// An interpolated string from its quote to the first `$`.
    Begin(Quote),
    /// From behind a value to the next `$`.
    Part(Quote),
    /// From behind the last value to the closing quote.
    Finish(Quote),
    /// `.b` of `$a.b` within a string.
    PathPart,
    /// Line ends and comments that count as such; never two in a row.
    NewLine,
    /// The end of the script.
    End,
}

/// A word of the script.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'s> {
    /// What it is.
    pub kind: Kind,
    /// The word as written.
    pub text: &'s str,
    /// Where it starts.
    pub position: Position,
    /// Byte offset of its start.
    pub offset: usize,
    /// For an opening bracket or [`Kind::Begin`], the index of the token that closes it; 0 when there is none.
    pub partner: usize,
}

impl Token<'_> {
    /// Whether it is this operator, bracket or reserved word.
    pub(super) fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Symbol | Kind::Keyword) && self.text == text
    }
}

const KEYWORDS: &[&str] = &[
    "abstract",
    "as",
    "assert",
    "boolean",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "def",
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
    "in",
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
    "super",
    "switch",
    "synchronized",
    "this",
    "threadsafe",
    "throw",
    "throws",
    "trait",
    "transient",
    "true",
    "try",
    "var",
    "void",
    "volatile",
    "while",
];

/// Longest first among those that begin alike. `<<`, `>>` and `>>>` are no tokens: type arguments may end in them.
const SYMBOLS: &[&str] = &[
    ">>>=", "**=", "..<", "...", "<=>", "===", "!==", "==~", "<<=", ">>=", "??.", "..", "*.", "?.", "?:", ".&", "::",
    "=~", "**", "->", "==", "<=", ">=", "!=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "&=", "|=", "^=", "%=",
    "?=", "(", ")", "{", "}", "[", "]", ";", ",", ".", "=", ">", "<", "!", "~", "?", ":", "+", "-", "*", "/", "&", "|",
    "^", "%", "@",
];

/// What the lexer is within.
enum Frame {
    /// An open bracket: the index of its token, and whether newlines count in it.
    Bracket { token: usize, newlines: bool },
    /// An interpolated string: the index of its first token.
    Text(Quote, usize),
}

struct Lexer<'s> {
    source: &'s str,
    reader: Reader<'s>,
    tokens: Vec<Token<'s>>,
    frames: Vec<Frame>,
    /// `*/` does not come any more: looking for it again and again would take quadratic time.
    no_comment_ends: bool,
    /// The same for `/$`.
    no_dollar_slashy: bool,
}

/// The tokens of a script; the last one is [`Kind::End`].
pub(super) fn tokens(source: &str) -> Result<Vec<Token<'_>>, CompileError> {
    let mut lexer = Lexer {
        source,
        reader: Reader::new(source),
        tokens: Vec::new(),
        frames: Vec::new(),
        no_comment_ends: false,
        no_dollar_slashy: false,
    };
    while lexer.reader.eat("#!") {
        lexer.reader.take_while(|c| !matches!(c, '\r' | '\n'));
        if ["\n#!", "\r\n#!"].iter().any(|next| lexer.reader.rest().starts_with(next)) {
            lexer.line_end();
        }
    }
    loop {
        if let Some(Frame::Text(quote, _)) = lexer.frames.last() {
            let quote = *quote;
            lexer.text_goes_on(quote)?;
        } else if !lexer.token()? {
            break;
        }
    }
    let (offset, position) = lexer.here();
    lexer.tokens.push(Token { kind: Kind::End, text: "", position, offset, partner: 0 });
    Ok(lexer.tokens)
}

/// Whether a name may start with it (`Character.isJavaIdentifierStart`).
pub(super) fn starts_name(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '$' | '_') || (!c.is_ascii() && c.is_alphabetic()) || currency(c)
}

fn currency(c: char) -> bool {
    matches!(c, '\u{a2}'..='\u{a5}' | '\u{20a0}'..='\u{20bf}')
}

/// Whether a name may go on with it (`Character.isJavaIdentifierPart`).
pub(super) fn continues_name(c: char) -> bool {
    starts_name(c) || c.is_ascii_digit() || (!c.is_ascii() && c.is_alphanumeric())
}

impl Lexer<'_> {
    fn here(&self) -> (usize, Position) {
        (self.source.len() - self.reader.rest().len(), self.reader.position())
    }

    fn push(&mut self, kind: Kind, (offset, position): (usize, Position)) {
        let end = self.here().0;
        let text = self.source.get(offset..end).unwrap_or_default();
        self.tokens.push(Token { kind, text, position, offset, partner: 0 });
    }

    fn skip(&mut self, characters: usize) {
        for _ in 0..characters {
            self.reader.next();
        }
    }

    /// Reads one token or blank of a script outside strings; false at the end.
    fn token(&mut self) -> Result<bool, CompileError> {
        let start = self.here();
        let rest = self.reader.rest();
        let mut characters = rest.chars();
        let Some(first) = characters.next() else { return Ok(false) };
        let second = characters.next();
        match first {
            ' ' | '\t' => {
                self.reader.next();
            }
            '\\' if matches!(second, Some('\r' | '\n')) => {
                self.reader.next();
                self.line_end();
            }
            '\r' | '\n' => {
                self.line_end();
                self.new_line(start);
            }
            '/' if second == Some('/') => {
                self.reader.take_while(|c| !matches!(c, '\r' | '\n'));
                self.new_line(start);
            }
            '/' if second == Some('*') && self.comment_ends() => self.comment(start),
            '\'' | '"' => self.text(first, start)?,
            '$' if second == Some('/') && self.begins_dollar_slashy() => {
                self.text_of(Quote::DollarSlashy, start)?;
            }
            '/' if second != Some('*') && self.slash_begins_text() && self.begins_text(Quote::Slashy) => {
                self.text_of(Quote::Slashy, start)?;
            }
            '0'..='9' => self.number(start)?,
            '.' if second.is_some_and(|c| c.is_ascii_digit()) => self.number(start)?,
            _ if starts_name(first) => {
                let name = self.reader.take_while(continues_name);
                let reserved = KEYWORDS.binary_search(&name).is_ok();
                self.push(if reserved { Kind::Keyword } else { Kind::Identifier }, start);
            }
            _ => self.symbol(start)?,
        }
        Ok(true)
    }

    fn line_end(&mut self) {
        if !self.reader.eat("\r\n") {
            self.reader.next();
        }
    }

    /// Whether newlines are blanks: within `(` and `[`, except behind `try`.
    fn newlines_are_blank(&self) -> bool {
        matches!(self.frames.last(), Some(Frame::Bracket { newlines: false, .. }))
    }

    fn new_line(&mut self, start: (usize, Position)) {
        let doubled = self.tokens.last().is_some_and(|token| token.kind == Kind::NewLine);
        if !self.newlines_are_blank() && !doubled {
            self.push(Kind::NewLine, start);
        }
    }

    fn comment_ends(&mut self) -> bool {
        self.no_comment_ends = self.no_comment_ends || !self.reader.rest()[2..].contains("*/");
        !self.no_comment_ends
    }

    fn begins_dollar_slashy(&mut self) -> bool {
        self.no_dollar_slashy = self.no_dollar_slashy || !self.begins_text(Quote::DollarSlashy);
        !self.no_dollar_slashy
    }

    fn comment(&mut self, start: (usize, Position)) {
        self.skip(2);
        while !self.reader.eat("*/") && self.reader.next().is_some() {}
        let line = self.reader.rest().split(['\r', '\n']).next().unwrap_or_default();
        // A comment that ends its line is the line's end as well.
        if line.bytes().all(|b| matches!(b, b' ' | b'\t' | 0x0b | 0x0c)) {
            self.new_line(start);
        }
    }

    fn slash_begins_text(&self) -> bool {
        self.tokens.last().is_none_or(|last| match last.kind {
            Kind::Finish(_) | Kind::Text(_) | Kind::Integer | Kind::Decimal | Kind::Identifier => false,
            Kind::Keyword => !matches!(last.text, "this" | "null" | "true" | "false"),
            Kind::Symbol => !matches!(last.text, "--" | "++" | "}" | "]" | ")"),
            _ => true,
        })
    }

    fn symbol(&mut self, start: (usize, Position)) -> Result<(), CompileError> {
        let rest = self.reader.rest();
        for word in ["!instanceof", "!in"] {
            let Some(after) = rest.strip_prefix(word) else { continue };
            let blanks: &[char] =
                if word == "!in" { &[' ', '\t', '\r', '\n', '[', '(', '{'] } else { &[' ', '\t', '\r', '\n'] };
            if after.starts_with(blanks) {
                self.skip(word.len());
                self.push(Kind::Symbol, start);
                return Ok(());
            }
        }
        let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) else {
            let c = rest.chars().next().unwrap_or_default();
            return Err(unexpected(c, start.1));
        };
        let newlines_count =
            *symbol == "{" || (*symbol == "(" && self.tokens.last().is_some_and(|last| last.is("try")));
        self.skip(symbol.len());
        let index = self.tokens.len();
        self.push(Kind::Symbol, start);
        match *symbol {
            "(" | "[" | "{" => self.frames.push(Frame::Bracket { token: index, newlines: newlines_count }),
            ")" | "]" | "}" => {
                if let Some(Frame::Bracket { token, .. }) = self.frames.pop() {
                    let open = &mut self.tokens[token];
                    if matches!((open.text, *symbol), ("(", ")") | ("[", "]") | ("{", "}")) {
                        open.partner = index;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, quote: char, start: (usize, Position)) -> Result<(), CompileError> {
        let rest = self.reader.rest();
        let kind = match quote {
            '\'' if rest.starts_with("'''") => Quote::TripleSingle,
            '\'' => Quote::Single,
            _ if rest.starts_with("\"\"\"") => Quote::TripleDouble,
            _ => Quote::Double,
        };
        match kind {
            Quote::TripleSingle if !self.begins_text(kind) => self.text_of(Quote::Single, start),
            Quote::TripleDouble if !self.begins_text(kind) => self.text_of(Quote::Double, start),
            kind => self.text_of(kind, start),
        }
    }

    /// Whether a string of this kind that starts here comes to its end or to a value.
    fn begins_text(&self, quote: Quote) -> bool {
        let mut characters = self.reader.rest();
        characters = characters.get(quote.open().len()..).unwrap_or_default();
        let length = piece_in_text(characters, quote);
        let rest = &characters[length..];
        match quote {
            _ if rest.starts_with('$') && quote.interpolates() => true,
            Quote::Slashy | Quote::DollarSlashy => length > 0 && rest.starts_with(quote.close()),
            _ => rest.starts_with(quote.close()),
        }
    }

    /// Reads a string from its opening quote to its end or first value.
    fn text_of(&mut self, quote: Quote, start: (usize, Position)) -> Result<(), CompileError> {
        let after = self.reader.rest().get(quote.open().len()..).unwrap_or_default();
        let length = piece_in_text(after, quote);
        let rest = &after[length..];
        if rest.starts_with(quote.close()) && !(quote.interpolates() && rest.starts_with('$')) {
            self.reader.eat(quote.open());
            self.read_bytes(length);
            self.reader.eat(quote.close());
            self.push(Kind::Text(quote), start);
            return Ok(());
        }
        if quote.interpolates() && rest.starts_with('$') {
            self.reader.eat(quote.open());
            self.read_bytes(length);
            self.reader.eat("$");
            self.frames.push(Frame::Text(quote, self.tokens.len()));
            self.push(Kind::Begin(quote), start);
            return self.value();
        }
        Err(unexpected(self.reader.peek().unwrap_or_default(), start.1))
    }

    fn read_bytes(&mut self, count: usize) {
        let end = self.here().0 + count;
        while self.here().0 < end && self.reader.next().is_some() {}
    }

    /// Reads what stands between two values of a string, or behind the last.
    fn text_goes_on(&mut self, quote: Quote) -> Result<(), CompileError> {
        let start = self.here();
        let rest = self.reader.rest();
        let length = piece_length(rest, quote);
        self.read_bytes(length);
        if self.reader.eat(quote.close()) {
            self.push(Kind::Finish(quote), start);
            if let Some(Frame::Text(_, begin)) = self.frames.pop() {
                self.tokens[begin].partner = self.tokens.len() - 1;
            }
            return Ok(());
        }
        if self.reader.eat("$") {
            self.push(Kind::Part(quote), start);
            return self.value();
        }
        Err(not_recognised(self.reader.rest(), start.1))
    }

    /// Reads what follows the `$` of a string: `{`, or `a.b.c`.
    fn value(&mut self) -> Result<(), CompileError> {
        let start = self.here();
        if self.reader.eat("{") {
            self.frames.push(Frame::Bracket { token: self.tokens.len(), newlines: true });
            self.push(Kind::Symbol, start);
            return Ok(());
        }
        let Some(c) = self.reader.peek() else { return Err(not_recognised("", start.1)) };
        if c == '$' || !starts_name(c) {
            let text = self.reader.rest();
            return Err(not_recognised(&text[..c.len_utf8()], start.1));
        }
        self.reader.take_while(|c| c != '$' && continues_name(c));
        self.push(Kind::Identifier, start);
        loop {
            let mut rest = self.reader.rest().chars();
            let goes_on = rest.next() == Some('.') && rest.next().is_some_and(|c| c != '$' && starts_name(c));
            if !goes_on {
                return Ok(());
            }
            let start = self.here();
            self.reader.next();
            self.reader.take_while(|c| c != '$' && continues_name(c));
            self.push(Kind::PathPart, start);
        }
    }

    fn number(&mut self, start: (usize, Position)) -> Result<(), CompileError> {
        let (kind, length) = super::literal::number_length(self.reader.rest());
        let text = &self.reader.rest()[..length];
        let follows = self.reader.rest()[length..].chars().next();
        self.skip(length);
        if follows == Some('_') {
            let underscore = start.1.column + u32::try_from(length).unwrap_or(0);
            let position = Position { column: underscore, ..start.1 };
            return Err(lexical(position, "Number ending with underscores is invalid"));
        }
        let leading_zero = kind == Kind::Integer && text.starts_with('0');
        if leading_zero
            && text.trim_end_matches(['l', 'L', 'i', 'I', 'g', 'G']).bytes().all(|b| b.is_ascii_digit())
            && text.contains(['8', '9'])
        {
            return Err(lexical(start.1, "Invalid octal number"));
        }
        self.push(kind, start);
        Ok(())
    }
}

fn unexpected(c: char, position: Position) -> CompileError {
    let shown = if c == '\'' { "\\'".to_owned() } else { c.to_string() };
    CompileError::syntax(position, format!("Unexpected character: '{shown}'"))
}

/// An error of the lexer's own, which says twice where it is.
fn lexical(position: Position, message: &str) -> CompileError {
    CompileError::syntax(position, format!("{message} @ line {}, column {}", position.line, position.column))
}

fn not_recognised(text: &str, position: Position) -> CompileError {
    CompileError::syntax(position, format!("token recognition error at: '{text}'"))
}

/// The length of the first piece of a string. A slashy string without an end takes its last escaped slash for it.
fn piece_in_text(text: &str, quote: Quote) -> usize {
    let length = piece_length(text, quote);
    if quote == Quote::Slashy && !text[length..].starts_with(['/', '$']) {
        return text[..length].rfind("\\/").map_or(length, |backslash| backslash + 1);
    }
    length
}

/// Bytes up to the closing quote, the next value or what the string may not hold.
fn piece_length(text: &str, quote: Quote) -> usize {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match quote {
            Quote::Slashy => match c {
                '\\' if rest[1..].starts_with('/') => 2,
                '/' | '\0' => 0,
                '$' if begins_value(&rest[1..]) => 0,
                c => c.len_utf8(),
            },
            Quote::DollarSlashy => match c {
                '$' if rest[1..].starts_with(['/', '$']) => 2,
                '/' if rest[1..].starts_with('$') => 0,
                '\0' => 0,
                '$' if begins_value(&rest[1..]) => 0,
                c => c.len_utf8(),
            },
            _ => match c {
                '\\' => escape_length(rest),
                '$' if quote.interpolates() => 0,
                '\r' | '\n' if matches!(quote, Quote::Single | Quote::Double) => 0,
                '\'' if quote == Quote::Single => 0,
                '"' if quote == Quote::Double => 0,
                '\'' if quote == Quote::TripleSingle && closes(rest, b'\'') => 0,
                '"' if quote == Quote::TripleDouble && closes(rest, b'"') => 0,
                c => c.len_utf8(),
            },
        };
        if length == 0 {
            break;
        }
        rest = &rest[length..];
    }
    text.len() - rest.len()
}

/// Whether three quotes here close a string: up to two more before them belong to it.
fn closes(rest: &str, quote: u8) -> bool {
    let run = rest.bytes().take(5).take_while(|b| *b == quote).count();
    run == 3 || run == 5 && rest.as_bytes().get(5) == Some(&quote)
}

fn begins_value(rest: &str) -> bool {
    rest.chars().next().is_some_and(|c| c == '{' || (c != '$' && starts_name(c)))
}

/// Bytes of the escape at the start of `rest`, 0 when it is none.
fn escape_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    match bytes.get(1) {
        Some(b'b' | b't' | b'n' | b'f' | b'r' | b's' | b'"' | b'\'' | b'\\' | b'$' | b'\n') => 2,
        Some(b'\r') => 2 + usize::from(bytes.get(2) == Some(&b'\n')),
        Some(b'0'..=b'7') => 2,
        Some(b'u') if bytes.len() >= 6 && bytes[2..6].iter().all(u8::is_ascii_hexdigit) => 6,
        _ => 0,
    }
}

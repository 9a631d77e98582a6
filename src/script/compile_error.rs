//! Why a script cannot be run.

/// A script that is no program of its language, or uses something that is not supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    /// Line within the script, from 1.
    pub line: u32,
    /// Column within the line, from 1, in characters.
    pub column: u32,
    /// The construct that is not supported, empty for a plain syntax error.
    pub construct: String,
    /// What is wrong, for people.
    pub message: String,
}

impl CompileError {
    /// A syntax error.
    pub fn syntax(position: Position, message: impl Into<String>) -> Self {
        Self { line: position.line, column: position.column, construct: String::new(), message: message.into() }
    }

    /// Something that the language has, but this implementation has not.
    pub fn unsupported(position: Position, construct: impl Into<String>) -> Self {
        let construct = construct.into();
        let message = format!("{construct} is not supported");
        Self { line: position.line, column: position.column, construct, message }
    }
}

impl std::fmt::Display for CompileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} @ line {}, column {}", self.message, self.line, self.column)
    }
}

impl std::error::Error for CompileError {}

/// A place in a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in characters.
    pub column: u32,
}

/// The characters of a script, read one by one with their places.
pub(crate) struct Reader<'s> {
    rest: std::str::Chars<'s>,
    position: Position,
}

impl<'s> Reader<'s> {
    /// At the start of `source`.
    pub(crate) fn new(source: &'s str) -> Self {
        Self { rest: source.chars(), position: Position { line: 1, column: 1 } }
    }

    /// Where the next character stands.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// What is left to read.
    pub(crate) fn rest(&self) -> &'s str {
        self.rest.as_str()
    }

    /// The next character, without reading it.
    pub(crate) fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    /// The character after the next one.
    pub(crate) fn peek_second(&self) -> Option<char> {
        self.rest.clone().nth(1)
    }

    /// Reads one character.
    pub(crate) fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            self.position = Position { line: self.position.line + 1, column: 1 };
        } else {
            self.position.column += 1;
        }
        Some(c)
    }

    /// Reads `text` if it comes next.
    pub(crate) fn eat(&mut self, text: &str) -> bool {
        if !self.rest().starts_with(text) {
            return false;
        }
        for _ in text.chars() {
            self.next();
        }
        true
    }

    /// Reads as long as `wanted` holds.
    pub(crate) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'s str {
        let start = self.rest();
        while self.peek().is_some_and(&wanted) {
            self.next();
        }
        &start[..start.len() - self.rest().len()]
    }
}

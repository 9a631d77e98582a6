//! From tokens to the tree (`bsh.jjt`), looking ahead but never back: linear in the text.

mod class;
mod expression;
mod literal;
mod lookahead;
mod primary;
mod statement;

use super::error;
use super::lexer::{Kind, Token};
use crate::script::core::tree::{Expression, ExpressionKind, Program, Statement, StatementKind};
use crate::script::machine::with_stack;
use crate::script::{CompileError, Position};
use crate::text::Text;
use std::cell::Cell;

/// How deep expressions and statements may nest. The bound keeps the parser's own stack, and that of everything that
/// walks through the tree, small.
const MOST_DEPTH: u32 = 150;

/// How high the tree may get: chains like `a + b + c` grow it without nesting.
const MOST_HEIGHT: u32 = 3_000;

/// What a parsing function gives.
type Parsed<T> = Result<T, CompileError>;

struct Parser<'t> {
    tokens: &'t [Token],
    /// Index of the next token.
    at: usize,
    /// How many nested constructs are being read.
    depth: u32,
    /// Height of the tree that was read last, within the construct that is being read.
    height: u32,
    /// The last token that could not stand where it does.
    wrong: Cell<usize>,
    /// The first token of the last primary expression and the one behind it: only such a one can be assigned to.
    primary: (usize, usize),
}

/// The tree of a script up to its first mistake, and the mistake.
pub(super) fn program(tokens: &[Token]) -> (Program, Option<CompileError>) {
    let mut parser = Parser { tokens, at: 0, depth: 0, height: 0, wrong: Cell::new(0), primary: (0, 0) };
    let mut program = Program::default();
    while parser.kind(parser.at) != Kind::End {
        match parser.block_statement() {
            Ok(Some(statement)) => program.body.push(statement),
            Ok(None) => {}
            Err(error) => return (program, Some(error)),
        }
    }
    (program, None)
}

fn node(position: Position, kind: ExpressionKind) -> Expression {
    Expression { position, mark: position, kind: Box::new(kind) }
}

fn statement(position: Position, kind: StatementKind) -> Statement {
    Statement { position, kind }
}

impl<'t> Parser<'t> {
    fn token(&self, index: usize) -> &'t Token {
        // The last token is the end, and nothing is read behind it.
        &self.tokens[index.min(self.tokens.len() - 1)]
    }

    fn kind(&self, index: usize) -> Kind {
        self.token(index).kind
    }

    fn position(&self) -> Position {
        self.token(self.at).position
    }

    /// Whether the token is this sign or keyword.
    fn is_at(&self, index: usize, text: &str) -> bool {
        let token = self.token(index);
        matches!(token.kind, Kind::Sign | Kind::Keyword) && &*token.text == text
    }

    fn is(&self, text: &str) -> bool {
        self.is_at(self.at, text)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.is(text);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, text: &str) -> Parsed<()> {
        if self.eat(text) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Reads one of several signs.
    fn eat_any<T: Copy>(&mut self, signs: &[(&str, T)]) -> Option<T> {
        let token = self.token(self.at);
        let found =
            signs.iter().find(|(sign, _)| matches!(token.kind, Kind::Sign | Kind::Keyword) && *sign == &*token.text)?;
        self.at += 1;
        Some(found.1)
    }

    fn name(&mut self) -> Parsed<Text> {
        let token = self.token(self.at);
        if token.kind != Kind::Name {
            return Err(self.unexpected());
        }
        self.at += 1;
        Ok(token.text.clone())
    }

    /// The mistake that the next token cannot stand here.
    fn unexpected(&self) -> CompileError {
        let token = self.token(self.at);
        self.wrong.set(self.at);
        match &token.error {
            Some(error) => CompileError::clone(error),
            None => error::encountered(token.position, &token.text),
        }
    }

    /// The mistake of something in brackets that the engine tried out before it read it: it tells where the brackets
    /// begin, and how far it got.
    fn unexpected_since(&self, start: usize, error: CompileError) -> CompileError {
        /// Tokens that are worth showing.
        const MOST: usize = 1_000;
        if !error.message.starts_with("Encountered") {
            return error;
        }
        let tried = start..=self.wrong.get().min(start + MOST);
        let words: Vec<&str> = tried.map(|index| &*self.token(index).text).collect();
        let text = words.join(" ");
        error::encountered(self.token(start).position, &text)
    }

    /// Reads something nested.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MOST_DEPTH {
            return Err(error::refused(
                self.position(),
                &format!("more than {MOST_DEPTH} constructs within each other"),
            ));
        }
        self.depth += 1;
        let result = with_stack(|| read(self));
        self.depth -= 1;
        result
    }

    /// Notes that what was read has become an operand of something higher.
    fn grow(&mut self, other: u32) -> Parsed<()> {
        self.height = self.height.max(other) + 1;
        if self.height > MOST_HEIGHT {
            return Err(error::refused(self.position(), &format!("more than {MOST_HEIGHT} operations in a chain")));
        }
        Ok(())
    }
}

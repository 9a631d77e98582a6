//! From tokens to the tree (`GroovyParser.g4`).

mod class;
mod closure;
mod declaration;
mod expression;
mod lookahead;
mod path;
mod primary;
mod statement;

use super::lexer::{Kind, Token};
use crate::script::core::tree::{Expression, ExpressionKind, Program, Statement, StatementKind};
use crate::script::{CompileError, Position};
use std::collections::HashMap;

/// How deep expressions and statements may nest. The bound keeps the parser's own stack, and that of everything that
/// walks through the tree, small.
const MOST_DEPTH: u32 = 120;

/// How high the tree may get: chains like `a + b + c` grow it without nesting.
const MOST_HEIGHT: u32 = 3_000;

/// What a parsing function gives.
type Parsed<T> = Result<T, CompileError>;

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Token<'s>>,
    /// Index of the next token.
    at: usize,
    /// How many nested constructs are being read.
    depth: u32,
    /// Height of the tree that was read last, within the construct that is being read.
    height: u32,
    /// What [`Parser::type_end`] found.
    type_ends: HashMap<usize, Option<usize>>,
    /// The first token of the last parenthesised expression and the one behind it.
    parenthesised: Option<(usize, usize)>,
    /// Index of the token behind the last call with parentheses or a closure.
    call_end: usize,
    /// Whether arguments without parentheses may follow the expression that is being read.
    command: Commands,
    /// How many conditionals wait for their colon.
    conditionals: u32,
    /// The last call or block behind `if` and the like: its opening bracket and the token behind it.
    last_decision: (usize, usize),
    /// Index of the arrow of the closure whose parameters are being read: it belongs to no lambda.
    arrow: usize,
    /// How many loops, and loops and switches, are open.
    loops: u32,
    breakable: u32,
}

/// Where commands like `println x` may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Commands {
    /// Not here: an argument, an operand in brackets.
    None,
    /// Here, but a comma behind it is not the command's: the value of a variable.
    One,
    /// Here.
    Any,
}

/// The tree of a whole script.
pub(super) fn program<'s>(source: &'s str, tokens: Vec<Token<'s>>) -> Parsed<Program> {
    let mut parser = Parser {
        source,
        tokens,
        at: 0,
        depth: 0,
        height: 0,
        type_ends: HashMap::new(),
        parenthesised: None,
        call_end: usize::MAX,
        command: Commands::None,
        conditionals: 0,
        last_decision: (0, usize::MAX),
        arrow: usize::MAX,
        loops: 0,
        breakable: 0,
    };
    let mut program = Program::default();
    parser.script(&mut program)?;
    Ok(program)
}

fn node(position: Position, kind: ExpressionKind) -> Expression {
    Expression { position, mark: position, kind: Box::new(kind) }
}

/// An expression that is marked by its operator, bracket or name.
fn marked(position: Position, mark: Position, kind: ExpressionKind) -> Expression {
    Expression { mark, ..node(position, kind) }
}

/// How the message of every error begins that the grammar alone finds.
const UNEXPECTED: &str = "Unexpected input: ";

/// The error that a token stands where it may not.
fn unexpected_token(token: Token<'_>) -> CompileError {
    unexpected_text(if token.kind == Kind::End { "<EOF>" } else { token.text }, token.position)
}

fn unexpected_text(text: &str, position: Position) -> CompileError {
    let shown = text.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
    CompileError::syntax(position, format!("{UNEXPECTED}'{shown}'"))
}

fn statement(position: Position, kind: StatementKind) -> Statement {
    Statement { position, kind }
}

impl<'s> Parser<'s> {
    fn token(&self, index: usize) -> Token<'s> {
        // The last token is the end, and nothing is read behind it.
        self.tokens[index.min(self.tokens.len() - 1)]
    }

    fn peek(&self) -> Token<'s> {
        self.token(self.at)
    }

    fn position(&self) -> Position {
        self.peek().position
    }

    fn next(&mut self) -> Token<'s> {
        let token = self.peek();
        if token.kind != Kind::End {
            self.at += 1;
        }
        token
    }

    fn is(&self, text: &str) -> bool {
        self.peek().is(text)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.is(text);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, text: &str) -> Parsed<Token<'s>> {
        if self.is(text) { Ok(self.next()) } else { Err(self.unexpected()) }
    }

    /// `index`, or the one behind it if a newline stands there.
    fn past_newline(&self, index: usize) -> usize {
        index + usize::from(self.token(index).kind == Kind::NewLine)
    }

    fn skip_newline(&mut self) {
        self.at = self.past_newline(self.at);
    }

    /// Reads `text` if it comes next, or in the next line.
    fn eat_past_newline(&mut self, text: &str) -> bool {
        let index = self.past_newline(self.at);
        let found = self.token(index).is(text);
        if found {
            self.at = index + 1;
        }
        found
    }

    fn at_separator(&self) -> bool {
        self.peek().kind == Kind::NewLine || self.is(";")
    }

    fn skip_separators(&mut self) {
        while self.at_separator() {
            self.at += 1;
        }
    }

    fn at_end(&self) -> bool {
        self.peek().kind == Kind::End
    }

    /// Whether the token is a name; a few reserved words are.
    fn is_name(token: Token<'_>) -> bool {
        token.kind == Kind::Identifier
            || (token.kind == Kind::Keyword && matches!(token.text, "as" | "in" | "trait" | "var"))
    }

    fn name(&mut self) -> Parsed<Token<'s>> {
        if Self::is_name(self.peek()) { Ok(self.next()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> CompileError {
        unexpected_token(self.peek())
    }

    /// The error that shows all from the token at `first` to the one that comes next, as Groovy does where it had to
    /// look so far to decide what `first` begins.
    fn unexpected_from(&self, first: usize) -> CompileError {
        let token = self.peek();
        let start = self.token(first).offset;
        unexpected_text(self.source.get(start..token.offset + token.text.len()).unwrap_or_default(), token.position)
    }

    /// What is reported for a script that goes on where it should have ended.
    fn unexpected_rest(&self) -> CompileError {
        let (first, end) = self.last_decision;
        if end == self.at { self.unexpected_from(first) } else { self.unexpected() }
    }

    /// The text from a token to the last one that was read.
    fn source_from(&self, first: usize) -> &'s str {
        let last = self.token(self.at.saturating_sub(1));
        self.source.get(self.token(first).offset..last.offset + last.text.len()).unwrap_or_default()
    }

    /// Goes one construct deeper; the caller gives what it gets to [`Parser::leave`].
    fn enter(&mut self) -> Parsed<u32> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err(CompileError::syntax(self.position(), "The script nests too deep"));
        }
        Ok(std::mem::take(&mut self.height))
    }

    fn leave(&mut self, outer: u32) -> Parsed<()> {
        self.depth -= 1;
        self.grow()?;
        self.height = self.height.max(outer);
        Ok(())
    }

    /// Notes that the tree just read became a branch of a higher one.
    fn grow(&mut self) -> Parsed<()> {
        self.height += 1;
        if self.height > MOST_HEIGHT {
            return Err(CompileError::syntax(self.position(), "The expression is too long"));
        }
        Ok(())
    }

    fn script(&mut self, program: &mut Program) -> Parsed<()> {
        self.skip_newline();
        if self.token(self.past_modifiers(self.at)).is("package") {
            self.modifiers()?;
            self.expect("package")?;
            program.package = self.qualified_name()?.into();
            if !self.at_separator() && !self.at_end() {
                return Err(self.unexpected());
            }
        }
        loop {
            self.skip_separators();
            if self.at_end() {
                return Ok(());
            }
            self.script_statement(program)?;
            if !self.at_separator() && !self.at_end() {
                return Err(self.unexpected_rest());
            }
        }
    }

    fn script_statement(&mut self, program: &mut Program) -> Parsed<()> {
        let start = self.past_modifiers(self.at);
        let modified = start > self.at;
        if self.token(start).is("import") {
            self.modifiers()?;
            let import = self.import()?;
            program.imports.push(import);
        } else if self.is_class(start) {
            let class = self.class_declaration()?;
            program.classes.push(class);
        } else if self.is_method(start, modified) {
            let method = self.method_declaration(None)?;
            program.methods.push(method);
        } else {
            let statement = self.statement()?;
            program.body.push(statement);
        }
        Ok(())
    }
}

//! Statements.

use super::super::error;
use super::super::lexer::Kind;
use super::class::FIELD;
use super::{Parsed, Parser, statement};
use crate::script::core::tree::{Case, Catch, Expression, Import, Statement, StatementKind as S, Variable};
use crate::text::Text;

impl Parser<'_> {
    /// `{ … }`
    pub(super) fn block(&mut self) -> Parsed<Vec<Statement>> {
        self.expect("{")?;
        let statements = self.block_statements(&["}"])?;
        self.expect("}")?;
        Ok(statements)
    }

    /// Statements up to one of the words in `ends`, or to what begins no statement.
    fn block_statements(&mut self, ends: &[&str]) -> Parsed<Vec<Statement>> {
        let (mut statements, mut height) = (Vec::new(), 0);
        while !ends.iter().any(|end| self.is(end)) {
            if self.kind(self.at) == Kind::End {
                return Err(self.unexpected());
            }
            statements.extend(self.block_statement()?);
            height = self.height.max(height);
        }
        self.height = height;
        Ok(statements)
    }

    /// A statement or declaration; `None` for a comment.
    pub(super) fn block_statement(&mut self) -> Parsed<Option<Statement>> {
        self.height = 0;
        let position = self.position();
        let kind = self.kind(self.at);
        if kind == Kind::FormalComment {
            self.at += 1;
            return Ok(None);
        }
        let start = self.after_modifiers(self.at);
        let kind = if self.is_at(start, "class") || self.is_at(start, "interface") {
            S::Class(Box::new(self.class()?))
        } else if self.is_method() {
            S::Method(Box::new(self.method()?))
        } else if self.after_typed_name(start).is_some() {
            let declaration = self.declaration()?;
            self.expect(";")?;
            declaration
        } else if self.is("import") {
            self.import()?
        } else if self.eat("package") {
            self.dotted_name()?;
            S::Empty
        } else {
            return self.statement().map(Some);
        };
        Ok(Some(statement(position, kind)))
    }

    fn import(&mut self) -> Parsed<S> {
        let position = self.position();
        self.expect("import")?;
        if self.eat("*") {
            self.expect(";")?;
            return Ok(S::Import(Import {
                position,
                name: Text::default(),
                star: true,
                is_static: false,
                alias: None,
            }));
        }
        let is_static = self.eat("static");
        let name = self.dotted_name()?;
        let star = self.eat(".");
        if star {
            self.expect("*")?;
        }
        self.expect(";")?;
        Ok(S::Import(Import { position, name, star, is_static, alias: None }))
    }

    /// `final int a = 1, b`
    fn declaration(&mut self) -> Parsed<S> {
        let modifiers = self.modifiers(&FIELD)?;
        let type_name = Some(self.type_name()?);
        let (mut variables, mut height) = (Vec::new(), 0);
        loop {
            let position = self.position();
            let name = self.name()?;
            let value = if self.eat("=") { Some(self.initializer()?) } else { None };
            height = self.height.max(height);
            variables.push(Variable { position, name, dimensions: 0, value });
            if !self.eat(",") {
                break;
            }
        }
        self.height = height;
        Ok(S::Declare { modifiers, annotations: Vec::new(), type_name, variables })
    }

    fn statement(&mut self) -> Parsed<Statement> {
        self.nested(Self::one_statement)
    }

    fn one_statement(&mut self) -> Parsed<Statement> {
        let position = self.position();
        let token = self.token(self.at);
        let word = if matches!(token.kind, Kind::Keyword | Kind::Sign) { &*token.text } else { "" };
        let kind = match word {
            "{" => S::Block(self.block()?),
            "static" if self.is_at(self.at + 1, "{") => {
                self.at += 1;
                S::Block(self.block()?)
            }
            ";" => {
                self.at += 1;
                S::Empty
            }
            "switch" => self.switch()?,
            "if" => self.condition()?,
            "while" => {
                self.at += 1;
                let condition = self.parenthesised()?;
                let height = self.height;
                let body = Box::new(self.statement()?);
                self.grow(height)?;
                S::While(condition, body)
            }
            "do" => {
                self.at += 1;
                let body = Box::new(self.statement()?);
                let height = self.height;
                self.expect("while")?;
                let condition = self.parenthesised()?;
                self.grow(height)?;
                self.expect(";")?;
                S::DoWhile(body, condition)
            }
            "for" => self.loop_over()?,
            "break" | "continue" => {
                self.at += 1;
                // The engine reads labels, but knows none: the innermost loop is meant.
                if self.kind(self.at) == Kind::Name {
                    self.at += 1;
                }
                self.expect(";")?;
                if word == "break" { S::Break(None) } else { S::Continue(None) }
            }
            "return" => {
                self.at += 1;
                let value = if self.is(";") { None } else { Some(self.expression()?) };
                self.expect(";")?;
                S::Return(value)
            }
            "throw" => {
                self.at += 1;
                let value = self.expression()?;
                self.expect(";")?;
                S::Throw(value)
            }
            "synchronized" => {
                self.at += 1;
                let lock = self.parenthesised()?;
                let height = self.height;
                let body = self.block()?;
                self.grow(height)?;
                S::Synchronized(lock, body)
            }
            "try" => self.attempt()?,
            _ if self.kind(self.at) == Kind::Name && self.is_at(self.at + 1, ":") => {
                self.at += 2;
                return self.statement();
            }
            _ => {
                let lost = self.is_modifier(self.at) || self.is_primitive(self.at);
                let slip = error::slip(position);
                let value = self.expression().map_err(|error| if lost { slip } else { error })?;
                self.expect(";")?;
                S::Expression(value)
            }
        };
        Ok(statement(position, kind))
    }

    fn parenthesised(&mut self) -> Parsed<Expression> {
        self.expect("(")?;
        let value = self.expression()?;
        self.expect(")")?;
        Ok(value)
    }

    /// `if`; a chain of `else if` is read without nesting.
    fn condition(&mut self) -> Parsed<S> {
        let (mut branches, mut other, mut height) = (Vec::new(), None, 0);
        loop {
            let position = self.position();
            self.expect("if")?;
            let condition = self.parenthesised()?;
            height = self.height.max(height);
            let then = self.statement()?;
            height = self.height.max(height);
            branches.push((position, condition, then));
            if !self.eat("else") {
                break;
            }
            if !self.is("if") {
                other = Some(Box::new(self.statement()?));
                height = self.height.max(height);
                break;
            }
        }
        self.height = height;
        let mut chain: Option<S> = None;
        while let Some((position, condition, then)) = branches.pop() {
            self.grow(0)?;
            chain = Some(S::If(condition, Box::new(then), other.take()));
            if !branches.is_empty() {
                other = chain.take().map(|kind| Box::new(statement(position, kind)));
            }
        }
        chain.ok_or_else(|| self.unexpected())
    }

    fn loop_over(&mut self) -> Parsed<S> {
        let regular = self.is_at(self.at + 1, "(") && self.is_regular_for();
        self.at += 1;
        self.expect("(")?;
        if !regular {
            let typed = !(self.kind(self.at) == Kind::Name && self.is_at(self.at + 1, ":"));
            let type_name = if typed { Some(self.type_name()?) } else { None };
            let name = self.name()?;
            self.expect(":")?;
            let items = self.expression()?;
            self.expect(")")?;
            let height = self.height;
            let body = Box::new(self.statement()?);
            self.grow(height)?;
            return Ok(S::ForEach { type_name, name, items, body });
        }
        let position = self.position();
        let mut height = 0;
        let start = if self.is(";") {
            Vec::new()
        } else if self.after_typed_name(self.after_modifiers(self.at)).is_some() {
            vec![statement(position, self.declaration()?)]
        } else {
            let list = self.expressions()?;
            list.into_iter().map(|value| statement(value.position, S::Expression(value))).collect()
        };
        height = self.height.max(height);
        self.expect(";")?;
        let condition = if self.is(";") { None } else { Some(self.expression()?) };
        height = self.height.max(height);
        self.expect(";")?;
        let step = if self.is(")") { Vec::new() } else { self.expressions()? };
        height = self.height.max(height);
        self.expect(")")?;
        let body = Box::new(self.statement()?);
        self.grow(height)?;
        Ok(S::For { start, condition, step, body })
    }

    fn expressions(&mut self) -> Parsed<Vec<Expression>> {
        let mut height = 0;
        let mut list = Vec::new();
        loop {
            list.push(self.expression()?);
            height = self.height.max(height);
            if !self.eat(",") {
                break;
            }
        }
        self.height = height;
        Ok(list)
    }

    fn switch(&mut self) -> Parsed<S> {
        self.at += 1;
        let value = self.parenthesised()?;
        let mut height = self.height;
        self.expect("{")?;
        let mut cases = Vec::new();
        while !self.eat("}") {
            let value = if self.eat("default") {
                None
            } else {
                self.expect("case")?;
                Some(self.expression()?)
            };
            height = self.height.max(height);
            self.expect(":")?;
            let body = self.block_statements(&["case", "default", "}"])?;
            height = self.height.max(height);
            cases.push(Case { value, body });
        }
        self.grow(height)?;
        Ok(S::Switch(value, cases))
    }

    fn attempt(&mut self) -> Parsed<S> {
        self.at += 1;
        let body = self.block()?;
        let mut height = self.height;
        let mut catches = Vec::new();
        while self.is("catch") {
            let position = self.position();
            self.at += 1;
            self.expect("(")?;
            let parameter = self.parameter()?;
            self.expect(")")?;
            let body = self.block()?;
            height = self.height.max(height);
            catches.push(Catch {
                position,
                types: parameter.type_name.into_iter().collect(),
                name: parameter.name,
                body,
            });
        }
        let finally = if self.eat("finally") { Some(self.block()?) } else { None };
        if catches.is_empty() && finally.is_none() {
            return Err(self.unexpected());
        }
        self.grow(height)?;
        Ok(S::Try { resources: Vec::new(), body, catches, finally })
    }
}

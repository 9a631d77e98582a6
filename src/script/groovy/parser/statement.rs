//! Statements.

use super::super::lexer::{Kind, Token};
use super::{Commands, Parsed, Parser, UNEXPECTED, statement};
use crate::script::core::power_assert::Source;
use crate::script::core::tree::{Case, Catch, Expression, ExpressionKind, Statement, StatementKind, TypeName};
use crate::script::{CompileError, Position};
use crate::text::Text;

impl Parser<'_> {
    /// `{ … }`
    pub(super) fn block(&mut self) -> Parsed<Vec<Statement>> {
        self.expect("{")?;
        let statements = self.block_statements()?;
        self.expect("}")?;
        Ok(statements)
    }

    /// Statements up to the closing brace.
    pub(super) fn block_statements(&mut self) -> Parsed<Vec<Statement>> {
        self.statements(|token| token.is("}"))
    }

    fn statements(&mut self, ends: impl Fn(Token<'_>) -> bool) -> Parsed<Vec<Statement>> {
        let mut statements = Vec::new();
        loop {
            self.skip_separators();
            if ends(self.peek()) || self.at_end() {
                return Ok(statements);
            }
            statements.push(self.statement()?);
            if !self.at_separator() && !ends(self.peek()) {
                return Err(self.unexpected());
            }
        }
    }

    /// One statement.
    pub(super) fn statement(&mut self) -> Parsed<Statement> {
        let outer = self.enter()?;
        let command = std::mem::replace(&mut self.command, Commands::None);
        let position = self.position();
        let kind = self.statement_kind()?;
        self.command = command;
        self.leave(outer)?;
        Ok(statement(position, kind))
    }

    fn statement_kind(&mut self) -> Parsed<StatementKind> {
        let token = self.peek();
        match token.kind {
            Kind::Symbol if token.text == ";" => {
                self.at += 1;
                return Ok(StatementKind::Empty);
            }
            Kind::Symbol if token.text == "{" && self.is_block() => return Ok(StatementKind::Block(self.block()?)),
            Kind::Keyword => {
                if let Some(kind) = self.keyword_statement(token)? {
                    return Ok(kind);
                }
            }
            _ => {}
        }
        if Self::is_name(token) && self.token(self.at + 1).is(":") {
            self.at += 2;
            self.skip_newline();
            return Ok(StatementKind::Labeled(token.text.into(), Box::new(self.statement()?)));
        }
        if let Some(declaration) = self.local_declaration()? {
            return Ok(declaration);
        }
        Ok(StatementKind::Expression(self.command_expression(Commands::Any)?))
    }

    /// Whether the `{` here begins a block and not a closure that something is done with.
    fn is_block(&mut self) -> bool {
        let partner = self.peek().partner;
        let after = self.token(partner + 1);
        let ends = matches!(after.kind, Kind::NewLine | Kind::End)
            || [";", "}", "else", "while", "catch", "finally", "case", "default"].iter().any(|word| after.is(word));
        (partner == 0 || ends) && self.closure_arrow(self.at).is_none()
    }

    fn keyword_statement(&mut self, token: Token<'_>) -> Parsed<Option<StatementKind>> {
        Ok(Some(match token.text {
            "if" => self.if_statement()?,
            "while" => {
                self.at += 1;
                let condition = self.condition()?;
                StatementKind::While(condition, self.loop_body()?)
            }
            "do" => {
                self.at += 1;
                let body = self.loop_body()?;
                self.skip_newline();
                self.expect("while")?;
                StatementKind::DoWhile(body, self.condition()?)
            }
            "for" => self.for_statement()?,
            "switch" => self.switch()?,
            "try" => self.try_statement()?,
            "synchronized" if self.token(self.at + 1).is("(") => {
                self.at += 1;
                let lock = self.condition()?;
                self.skip_newline();
                StatementKind::Synchronized(lock, self.block()?)
            }
            "return" => {
                self.at += 1;
                let bare = self.at_separator() || self.at_end() || self.is("}");
                StatementKind::Return(if bare { None } else { Some(self.expression()?) })
            }
            "throw" => {
                self.at += 1;
                StatementKind::Throw(self.expression()?)
            }
            "break" => {
                if self.breakable == 0 {
                    let message = "break statement is only allowed inside loops or switches";
                    return Err(CompileError::syntax(token.position, message));
                }
                StatementKind::Break(self.jump_label())
            }
            "continue" => {
                if self.loops == 0 {
                    let message = "continue statement is only allowed inside loops";
                    return Err(CompileError::syntax(token.position, message));
                }
                StatementKind::Continue(self.jump_label())
            }
            "assert" => self.assert()?,
            _ => return Ok(None),
        }))
    }

    fn jump_label(&mut self) -> Option<Text> {
        self.at += 1;
        if Self::is_name(self.peek()) { Some(self.next().text.into()) } else { None }
    }

    /// `(…)` behind `if`, `while` and the like.
    fn condition(&mut self) -> Parsed<Expression> {
        let outer = self.enter()?;
        self.expect("(")?;
        let condition = self.enhanced_expression(Commands::Any)?;
        if !self.eat(")") {
            return Err(self.unexpected_rest());
        }
        self.leave(outer)?;
        Ok(condition)
    }

    /// The statement behind `if (…)` and the like.
    fn branch(&mut self) -> Parsed<Statement> {
        let start = self.at;
        let block = self.is("{");
        let branch = self.statement();
        if block {
            self.last_decision = (start, self.at);
        }
        match branch {
            Err(error) if block && self.at_end() && error.message.starts_with(UNEXPECTED) => {
                Err(self.unexpected_from(start))
            }
            branch => branch,
        }
    }

    fn loop_body(&mut self) -> Parsed<Box<Statement>> {
        self.skip_newline();
        self.loops += 1;
        self.breakable += 1;
        let body = self.branch()?;
        self.loops -= 1;
        self.breakable -= 1;
        Ok(Box::new(body))
    }

    /// A chain of `else if` is read in a loop: it nests in the tree, but not here.
    fn if_statement(&mut self) -> Parsed<StatementKind> {
        let mut branches: Vec<(Position, Expression, Statement)> = Vec::new();
        let mut last = None;
        while last.is_none() {
            let position = self.expect("if")?.position;
            let condition = self.condition()?;
            self.skip_newline();
            let then = self.branch()?;
            branches.push((position, condition, then));
            self.grow()?;
            let mut index = self.at;
            while self.token(index).kind == Kind::NewLine || self.token(index).is(";") {
                index += 1;
            }
            if !self.token(index).is("else") {
                break;
            }
            self.at = index + 1;
            self.skip_newline();
            if !self.is("if") {
                last = Some(self.branch()?);
            }
        }
        let mut rest = last;
        while let Some((position, condition, then)) = branches.pop() {
            let kind = StatementKind::If(condition, Box::new(then), rest.map(Box::new));
            rest = Some(statement(position, kind));
        }
        rest.map(|first| first.kind).ok_or_else(|| self.unexpected())
    }

    fn for_statement(&mut self) -> Parsed<StatementKind> {
        self.expect("for")?;
        self.expect("(")?;
        if let Some(name) = self.each_variable() {
            self.modifiers()?;
            let type_name = if self.at < name { Some(self.type_name()?) } else { None };
            let name = self.name()?.text.into();
            self.at += 1;
            let items = self.expression()?;
            self.expect(")")?;
            return Ok(StatementKind::ForEach { type_name, name, items, body: self.loop_body()? });
        }
        let mut start = Vec::new();
        if !self.is(";") {
            let position = self.position();
            if let Some(declaration) = self.local_declaration()? {
                start.push(statement(position, declaration));
            } else {
                start.extend(self.expressions()?.into_iter().map(|expression| {
                    let position = expression.position;
                    statement(position, StatementKind::Expression(expression))
                }));
            }
        }
        self.expect(";")?;
        let condition = if self.is(";") { None } else { Some(self.expression()?) };
        self.expect(";")?;
        let step = if self.is(")") { Vec::new() } else { self.expressions()? };
        self.expect(")")?;
        Ok(StatementKind::For { start, condition, step, body: self.loop_body()? })
    }

    /// The index of the variable's name when `for (…)` goes through something.
    fn each_variable(&mut self) -> Option<usize> {
        let is_each = |parser: &Self, name: usize| {
            let after = parser.token(name + 1);
            Self::is_name(parser.token(name)) && (after.is("in") || after.is(":"))
        };
        let start = self.past_modifiers(self.at);
        if is_each(self, start) {
            return Some(start);
        }
        let name = self.type_end(start)?;
        is_each(self, name).then_some(name)
    }

    fn expressions(&mut self) -> Parsed<Vec<Expression>> {
        let mut expressions = vec![self.expression()?];
        while self.eat(",") {
            expressions.push(self.expression()?);
        }
        Ok(expressions)
    }

    fn at_label(token: Token<'_>) -> bool {
        token.is("case") || token.is("default")
    }

    fn switch(&mut self) -> Parsed<StatementKind> {
        self.expect("switch")?;
        let value = self.condition()?;
        self.skip_newline();
        self.expect("{")?;
        self.breakable += 1;
        let mut cases: Vec<Case> = Vec::new();
        let mut default_body = self.position();
        self.skip_newline();
        while !self.is("}") {
            let position = self.position();
            let value = if self.eat("default") {
                if cases.iter().any(|case| case.value.is_none()) {
                    return Err(CompileError::syntax(position, "a switch must only have one default branch"));
                }
                None
            } else {
                self.expect("case")?;
                // The colon behind it is the label's.
                self.conditionals += 1;
                let value = self.case_value()?;
                self.conditionals -= 1;
                Some(value)
            };
            self.expect(":")?;
            self.skip_newline();
            if Self::at_label(self.peek()) {
                cases.push(Case { value, body: Vec::new() });
                continue;
            }
            if self.is("}") {
                return Err(self.unexpected());
            }
            if value.is_none() {
                default_body = self.position();
            }
            let body = self.statements(|token| token.is("}") || Self::at_label(token))?;
            cases.push(Case { value, body });
        }
        if let Some(at) = cases.iter().position(|case| case.value.is_none())
            && cases[at..].iter().skip(1).any(|case| case.value.is_some())
        {
            let message = "a default branch must only appear as the last branch of a switch";
            return Err(CompileError::syntax(default_body, message));
        }
        self.breakable -= 1;
        self.expect("}")?;
        Ok(StatementKind::Switch(value, cases))
    }

    fn try_statement(&mut self) -> Parsed<StatementKind> {
        let position = self.expect("try")?.position;
        let resources = if self.is("(") { self.resources()? } else { Vec::new() };
        self.skip_newline();
        let body = self.block()?;
        let mut catches = Vec::new();
        while self.eat_past_newline("catch") {
            catches.push(self.catch()?);
        }
        let finally = if self.eat_past_newline("finally") {
            self.skip_newline();
            Some(self.block()?)
        } else {
            None
        };
        if catches.is_empty() && finally.is_none() && resources.is_empty() {
            let message = "Either a catch or finally clause or both is required for a try-catch-finally statement";
            return Err(CompileError::syntax(position, message));
        }
        Ok(StatementKind::Try { resources, body, catches, finally })
    }

    fn resources(&mut self) -> Parsed<Vec<Statement>> {
        self.expect("(")?;
        self.skip_newline();
        let mut resources = Vec::new();
        while !self.is(")") {
            let position = self.position();
            let kind = match self.local_declaration()? {
                Some(declaration) => declaration,
                None => StatementKind::Expression(self.expression()?),
            };
            resources.push(statement(position, kind));
            if !self.at_separator() {
                break;
            }
            self.skip_separators();
        }
        self.expect(")")?;
        Ok(resources)
    }

    fn catch(&mut self) -> Parsed<Catch> {
        self.expect("(")?;
        let position = self.position();
        self.modifiers()?;
        let mut types = Vec::new();
        while !types.is_empty() || !self.token(self.at + 1).is(")") {
            let position = self.position();
            let name = self.qualified_name()?.into();
            types.push(TypeName { position, name, dimensions: 0 });
            if !self.eat("|") {
                break;
            }
        }
        let name = self.name()?.text.into();
        self.expect(")")?;
        self.skip_newline();
        Ok(Catch { position, types, name, body: self.block()? })
    }

    fn assert(&mut self) -> Parsed<StatementKind> {
        let first = self.at;
        let position = self.expect("assert")?.position;
        let start = self.at;
        let condition = self.expression()?;
        let source = Source::new(self.source_from(first), position);
        if matches!(&*condition.kind, ExpressionKind::Assign { operator: None, .. }) && !self.was_parenthesised(start) {
            let message = "Assignment expression is not allowed in the assert statement";
            return Err(CompileError::syntax(condition.position, message));
        }
        let message = if self.eat_past_newline(":") || self.eat_past_newline(",") {
            self.skip_newline();
            Some(self.expression()?)
        } else {
            None
        };
        Ok(StatementKind::Assert { condition, source, message })
    }
}

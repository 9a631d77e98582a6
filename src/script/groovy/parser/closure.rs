//! Closures, lambdas and parameters.

use super::{Commands, Parsed, Parser, node, statement};
use crate::script::core::tree::{Closure, Expression, ExpressionKind, Parameter, StatementKind};
use crate::script::{CompileError, Position};

impl Parser<'_> {
    /// `{ a, b -> … }`
    pub(super) fn closure(&mut self) -> Parsed<Expression> {
        let outer = self.enter()?;
        let command = std::mem::replace(&mut self.command, Commands::None);
        let conditionals = std::mem::take(&mut self.conditionals);
        let arrow = self.closure_arrow(self.at);
        let position = self.expect("{")?.position;
        let parameters = if let Some(arrow) = arrow {
            self.skip_newline();
            let outer = std::mem::replace(&mut self.arrow, arrow);
            let parameters = if self.is("->") { Vec::new() } else { self.parameter_list("->")? };
            self.arrow = outer;
            self.skip_newline();
            self.expect("->")?;
            Some(parameters)
        } else {
            None
        };
        let body = self.block_statements()?;
        self.expect("}")?;
        self.command = command;
        self.conditionals = conditionals;
        self.leave(outer)?;
        Ok(node(position, ExpressionKind::Closure(Closure { parameters, body })))
    }

    /// `(a, b) -> …`
    pub(super) fn lambda(&mut self) -> Parsed<Expression> {
        let position = self.position();
        let parameters = self.formal_parameters()?;
        self.lambda_body(position, parameters)
    }

    /// `a -> …`
    pub(super) fn bare_lambda(&mut self) -> Parsed<Expression> {
        let position = self.position();
        let name = self.name()?.text.into();
        let parameter = Parameter { position, type_name: None, name, default: None, variable: false };
        self.lambda_body(position, vec![parameter])
    }

    fn lambda_body(&mut self, position: Position, parameters: Vec<Parameter>) -> Parsed<Expression> {
        let outer = self.enter()?;
        self.skip_newline();
        self.expect("->")?;
        self.skip_newline();
        let body = if self.is("{") {
            self.block()?
        } else {
            let at = self.position();
            vec![statement(at, StatementKind::Expression(self.command_expression(Commands::One)?))]
        };
        self.leave(outer)?;
        Ok(node(position, ExpressionKind::Closure(Closure { parameters: Some(parameters), body })))
    }

    /// `(int a, b = 1, String… c)`
    pub(super) fn formal_parameters(&mut self) -> Parsed<Vec<Parameter>> {
        self.expect("(")?;
        let parameters = if self.is(")") { Vec::new() } else { self.parameter_list(")")? };
        self.expect(")")?;
        Ok(parameters)
    }

    fn parameter_list(&mut self, end: &str) -> Parsed<Vec<Parameter>> {
        let mut parameters: Vec<Parameter> = Vec::new();
        loop {
            let parameter = self.parameter(end)?;
            let doubled = |earlier: &Parameter| earlier.name == parameter.name && &*parameter.name != "_";
            if parameters.iter().any(doubled) {
                let message = format!("Duplicated parameter '{}' found.", parameter.name);
                return Err(CompileError::syntax(parameter.position, message));
            }
            let last = !self.is(",");
            if parameter.variable && !last {
                let message = "The var-arg parameter strs must be the last parameter";
                return Err(CompileError::syntax(parameter.position, message));
            }
            parameters.push(parameter);
            if last {
                return Ok(parameters);
            }
            self.at += 1;
            self.skip_newline();
        }
    }

    fn parameter(&mut self, end: &str) -> Parsed<Parameter> {
        let position = self.position();
        self.modifiers()?;
        let has_type = self.type_end(self.at).is_some_and(|end_of_type| {
            let next = self.token(end_of_type);
            let after = self.token(self.past_newline(end_of_type + 1));
            next.is("...")
                || (Self::is_name(next) && [",", "=", end, "->", ")"].iter().any(|symbol| after.is(symbol)))
                || next.is("this")
        });
        let type_name = if has_type { Some(self.type_name()?) } else { None };
        let variable = self.eat("...");
        let name = if self.is("this") { self.next() } else { self.name()? }.text.into();
        let default = if self.eat_past_newline("=") {
            self.skip_newline();
            Some(self.expression()?)
        } else {
            None
        };
        Ok(Parameter { position, type_name, name, default, variable })
    }
}

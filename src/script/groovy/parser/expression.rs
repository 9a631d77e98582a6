//! Operators, commands and lambdas.

use super::super::lexer::{Kind, Token};
use super::super::literal;
use super::{Commands, Parsed, Parser, marked, node, unexpected_token};
use crate::script::core::tree::{
    Access, Argument, BinaryOperator, Expression, ExpressionKind, MemberName, UnaryOperator,
};
use crate::script::value::Value;
use crate::script::{CompileError, Position};

/// How tightly operators bind: the larger the tighter.
mod level {
    pub(super) const ANY: u8 = 0;
    pub(super) const ASSIGNMENT: u8 = 1;
    pub(super) const CONDITIONAL: u8 = 2;
    pub(super) const OR: u8 = 3;
    pub(super) const AND: u8 = 4;
    pub(super) const BIT_OR: u8 = 5;
    pub(super) const BIT_XOR: u8 = 6;
    pub(super) const BIT_AND: u8 = 7;
    pub(super) const REGEX: u8 = 8;
    pub(super) const EQUALITY: u8 = 9;
    pub(super) const RELATION: u8 = 10;
    pub(super) const TYPE: u8 = 11;
    pub(super) const SHIFT: u8 = 12;
    pub(super) const SUM: u8 = 13;
    pub(super) const PRODUCT: u8 = 14;
    pub(super) const SIGN: u8 = 15;
    pub(super) const POWER: u8 = 16;
    pub(super) const NOT: u8 = 17;
}

/// What an operator behind an operand does.
#[derive(Clone, Copy)]
enum Infix {
    Binary(BinaryOperator),
    And,
    Or,
    Range { exclusive: bool },
    As,
    InstanceOf { negated: bool },
    Conditional,
    Elvis,
    Assign(Option<BinaryOperator>),
    AssignIfFalse,
}

impl Parser<'_> {
    /// An expression without a command.
    pub(super) fn expression(&mut self) -> Parsed<Expression> {
        let command = std::mem::replace(&mut self.command, Commands::None);
        let conditionals = std::mem::take(&mut self.conditionals);
        let expression = self.operand(level::ANY)?;
        self.command = command;
        self.conditionals = conditionals;
        Ok(expression)
    }

    /// The value of a `case`.
    pub(super) fn case_value(&mut self) -> Parsed<Expression> {
        self.operand(level::ANY)
    }

    /// An expression, command or lambda `x -> y`.
    pub(super) fn enhanced_expression(&mut self, commands: Commands) -> Parsed<Expression> {
        if self.is_bare_lambda(self.at) { self.bare_lambda() } else { self.command_expression(commands) }
    }

    /// What stands behind `=`: a comma behind it belongs to what is around when that is a list.
    fn assigned(&mut self) -> Parsed<Expression> {
        self.enhanced_expression(if self.command == Commands::None { Commands::One } else { self.command })
    }

    /// An expression, or a command: `println x`, `a b c d`.
    pub(super) fn command_expression(&mut self, commands: Commands) -> Parsed<Expression> {
        let outer = std::mem::replace(&mut self.command, commands);
        let conditionals = std::mem::take(&mut self.conditionals);
        let start = self.at;
        let base = self.operand(level::ANY)?;
        let expression = self.command_rest(start, base)?;
        self.command = outer;
        self.conditionals = conditionals;
        Ok(expression)
    }

    /// The arguments and further words of a command that `base`, read from `start` on, begins.
    pub(super) fn command_rest(&mut self, start: usize, base: Expression) -> Parsed<Expression> {
        let mut base = base;
        let parenthesised = self.was_parenthesised(start);
        let takes_arguments = self.at != self.call_end && self.starts_command_argument();
        if (takes_arguments || self.starts_command_word()) && !parenthesised && is_operation(&base) {
            let source = self.source_from(start);
            let position = self.token(start).position;
            return Err(CompileError::syntax(position, format!("Unexpected input: '{source}'")));
        }
        if takes_arguments {
            let arguments = self.command_arguments()?;
            self.grow()?;
            base = call_without_parentheses(base, arguments, parenthesised);
        }
        while self.starts_command_word() {
            base = self.command_word(base)?;
            self.grow()?;
        }
        Ok(base)
    }

    fn starts_command_word(&self) -> bool {
        let token = self.peek();
        match token.kind {
            Kind::Identifier | Kind::Integer | Kind::Decimal | Kind::Text(_) | Kind::Begin(_) => true,
            Kind::Keyword => matches!(token.text, "true" | "false" | "null" | "var" | "trait" | "in" | "as"),
            _ => false,
        }
    }

    /// `c`, `c d` or `c.d(e)` of the command `a b c d`.
    fn command_word(&mut self, base: Expression) -> Parsed<Expression> {
        let start = base.position;
        let position = self.position();
        let name = match self.peek().kind {
            Kind::Begin(_) => MemberName::Computed(self.interpolated()?),
            Kind::Text(_) => MemberName::Fixed(self.text_literal().into()),
            _ => MemberName::Fixed(self.next().text.into()),
        };
        if self.starts_command_argument() && !self.is("(") && !self.is("[") && !self.is("{") {
            let arguments = self.command_arguments()?;
            let kind = ExpressionKind::Call { target: Some(base), name, access: Access::Plain, arguments };
            return Ok(node(position, kind));
        }
        let member = ExpressionKind::Member { target: base, name, access: Access::Plain, field: false };
        self.path_rest(node(start, member), self.at, position)
    }

    fn command_arguments(&mut self) -> Parsed<Vec<Argument>> {
        let mut arguments = vec![self.argument(false)?];
        while self.eat(",") {
            self.skip_newline();
            arguments.push(self.argument(true)?);
        }
        Ok(arguments)
    }

    /// Whether the expression read from `start` to here is one in parentheses and nothing more.
    pub(super) fn was_parenthesised(&self, start: usize) -> bool {
        self.parenthesised == Some((start, self.at))
    }

    /// What stands between operators that bind at least as tightly as `least`.
    fn operand(&mut self, least: u8) -> Parsed<Expression> {
        let outer = self.enter()?;
        let expression = self.operations(least)?;
        self.leave(outer)?;
        Ok(expression)
    }

    fn operations(&mut self, least: u8) -> Parsed<Expression> {
        let start = self.at;
        if least <= level::ASSIGNMENT && self.is_multiple_assignment(start) {
            return self.multiple_assignment();
        }
        let mut left = self.prefix()?;
        while let Some((infix, binds, index)) = self.infix() {
            if binds < least {
                break;
            }
            self.check_target(start, &left, infix)?;
            let single = self.was_parenthesised(start) && matches!(infix, Infix::Assign(None));
            let mark = self.token(self.past_newline(self.at)).position;
            self.at = index;
            self.skip_newline();
            let position = left.position;
            let kind = match infix {
                Infix::Assign(None) if single => ExpressionKind::AssignAll(vec![left], self.assigned()?),
                Infix::Assign(operator) => ExpressionKind::Assign { target: left, operator, value: self.assigned()? },
                Infix::AssignIfFalse => ExpressionKind::AssignIfFalse(left, self.assigned()?),
                infix => self.operation(left, infix, binds)?,
            };
            left = marked(position, mark, kind);
            self.grow()?;
        }
        Ok(left)
    }

    fn operation(&mut self, left: Expression, infix: Infix, binds: u8) -> Parsed<ExpressionKind> {
        Ok(match infix {
            Infix::Binary(operator) => {
                let at = self.at - 1;
                let arithmetic = matches!(binds, level::SUM | level::PRODUCT);
                if self.at_end() && arithmetic {
                    return Err(unexpected_token(self.token(at)));
                }
                ExpressionKind::Binary(operator, left, self.operand(binds + 1)?)
            }
            Infix::And => ExpressionKind::And(left, self.operand(binds + 1)?),
            Infix::Or => ExpressionKind::Or(left, self.operand(binds + 1)?),
            Infix::Range { exclusive } => ExpressionKind::Range { from: left, to: self.operand(binds + 1)?, exclusive },
            Infix::As => ExpressionKind::Coerce(left, self.type_name()?),
            Infix::InstanceOf { negated } => {
                ExpressionKind::InstanceOf { value: left, class: self.type_name()?, negated }
            }
            Infix::Conditional => {
                let conditionals = self.conditionals;
                let command = std::mem::replace(&mut self.command, Commands::None);
                self.conditionals += 1;
                let then = self.operand(level::ANY)?;
                (self.conditionals, self.command) = (conditionals, command);
                self.skip_newline();
                self.expect(":")?;
                self.skip_newline();
                ExpressionKind::Conditional(left, then, self.operand(level::CONDITIONAL)?)
            }
            Infix::Elvis => ExpressionKind::Elvis(left, self.operand(level::CONDITIONAL)?),
            Infix::Assign(_) | Infix::AssignIfFalse => return Err(self.unexpected()),
        })
    }

    fn check_target(&self, start: usize, target: &Expression, infix: Infix) -> Parsed<()> {
        if !matches!(infix, Infix::Assign(_) | Infix::AssignIfFalse) {
            return Ok(());
        }
        let allowed = match &*target.kind {
            ExpressionKind::Name(_) if self.was_parenthesised(start) && self.token(start + 1).is("(") => {
                let message = "Nested parenthesis is not allowed in multiple assignment, e.g. ((a)) = b";
                return Err(CompileError::syntax(self.token(start).position, message));
            }
            ExpressionKind::Name(_) => true,
            ExpressionKind::This | ExpressionKind::Super | ExpressionKind::Class(_) => !self.was_parenthesised(start),
            ExpressionKind::Member { .. } | ExpressionKind::Index { .. } => true,
            _ => false,
        };
        if allowed {
            return Ok(());
        }
        let message = "The LHS of an assignment should be a variable or a field accessing expression";
        Err(CompileError::syntax(self.token(start).position, message))
    }

    /// `(a, b) = c`
    fn multiple_assignment(&mut self) -> Parsed<Expression> {
        let position = self.expect("(")?.position;
        let mut targets = Vec::new();
        while !self.is(")") {
            let name = self.name()?;
            targets.push(node(name.position, ExpressionKind::Name(name.text.into())));
            self.eat(",");
        }
        self.expect(")")?;
        self.skip_newline();
        self.expect("=")?;
        self.skip_newline();
        let value = self.command_expression(Commands::Any)?;
        Ok(node(position, ExpressionKind::AssignAll(targets, value)))
    }

    /// The operator that comes next, how tightly it binds and the index behind it.
    fn infix(&self) -> Option<(Infix, u8, usize)> {
        let index = self.past_newline(self.at);
        let token = self.token(index);
        if !matches!(token.kind, Kind::Symbol | Kind::Keyword) {
            return None;
        }
        let (infix, binds, length) = self.infix_at(index, token)?;
        let same_line_only = matches!(binds, level::SUM | level::POWER);
        if index != self.at && (same_line_only || self.begins_statement(token, index)) {
            return None;
        }
        Some((infix, binds, index + length))
    }

    /// Whether a new line begins with the variable `as` or `in` rather than with the operator.
    fn begins_statement(&self, token: Token<'_>, index: usize) -> bool {
        let next = self.token(index + 1);
        matches!(token.text, "as" | "in") && [".", "?.", "=", ","].iter().any(|symbol| next.is(symbol))
    }

    fn infix_at(&self, index: usize, token: Token<'_>) -> Option<(Infix, u8, usize)> {
        use BinaryOperator as B;
        let follows = |offset: usize, text: &str| self.token(index + offset).is(text);
        let binary = |operator, binds| Some((Infix::Binary(operator), binds, 1));
        let assign = |operator| Some((Infix::Assign(operator), level::ASSIGNMENT, 1));
        match token.text {
            "**" => binary(B::Power, level::POWER),
            // `*: map` is an argument.
            "*" if follows(1, ":") => None,
            "*" => binary(B::Multiply, level::PRODUCT),
            "/" => binary(B::Divide, level::PRODUCT),
            "%" => binary(B::Remainder, level::PRODUCT),
            "+" => binary(B::Plus, level::SUM),
            "-" => binary(B::Minus, level::SUM),
            "<" if follows(1, "<") => Some((Infix::Binary(B::ShiftLeft), level::SHIFT, 2)),
            ">" if follows(1, ">") && follows(2, ">") => Some((Infix::Binary(B::ShiftRightUnsigned), level::SHIFT, 3)),
            ">" if follows(1, ">") => Some((Infix::Binary(B::ShiftRight), level::SHIFT, 2)),
            ".." => Some((Infix::Range { exclusive: false }, level::SHIFT, 1)),
            "..<" => Some((Infix::Range { exclusive: true }, level::SHIFT, 1)),
            "as" => Some((Infix::As, level::TYPE, 1)),
            "instanceof" => Some((Infix::InstanceOf { negated: false }, level::TYPE, 1)),
            "!instanceof" => Some((Infix::InstanceOf { negated: true }, level::TYPE, 1)),
            "<=" => binary(B::LessOrEqual, level::RELATION),
            ">=" => binary(B::GreaterOrEqual, level::RELATION),
            "<" => binary(B::Less, level::RELATION),
            ">" => binary(B::Greater, level::RELATION),
            "in" => binary(B::In, level::RELATION),
            "!in" => binary(B::NotIn, level::RELATION),
            "==" => binary(B::Equal, level::EQUALITY),
            "!=" => binary(B::NotEqual, level::EQUALITY),
            "===" => binary(B::Same, level::EQUALITY),
            "!==" => binary(B::NotSame, level::EQUALITY),
            "<=>" => binary(B::Compare, level::EQUALITY),
            "=~" => binary(B::Find, level::REGEX),
            "==~" => binary(B::Match, level::REGEX),
            "&" => binary(B::BitAnd, level::BIT_AND),
            "^" => binary(B::BitXor, level::BIT_XOR),
            "|" => binary(B::BitOr, level::BIT_OR),
            "&&" => Some((Infix::And, level::AND, 1)),
            "||" => Some((Infix::Or, level::OR, 1)),
            "?" => Some((Infix::Conditional, level::CONDITIONAL, 1)),
            "?:" => Some((Infix::Elvis, level::CONDITIONAL, 1)),
            "=" => assign(None),
            "+=" => assign(Some(B::Plus)),
            "-=" => assign(Some(B::Minus)),
            "*=" => assign(Some(B::Multiply)),
            "/=" => assign(Some(B::Divide)),
            "%=" => assign(Some(B::Remainder)),
            "**=" => assign(Some(B::Power)),
            "&=" => assign(Some(B::BitAnd)),
            "|=" => assign(Some(B::BitOr)),
            "^=" => assign(Some(B::BitXor)),
            "<<=" => assign(Some(B::ShiftLeft)),
            ">>=" => assign(Some(B::ShiftRight)),
            ">>>=" => assign(Some(B::ShiftRightUnsigned)),
            "?=" => Some((Infix::AssignIfFalse, level::ASSIGNMENT, 1)),
            _ => None,
        }
    }

    /// A cast, a signed or negated operand, or a path with `++` or `--`.
    fn prefix(&mut self) -> Parsed<Expression> {
        let position = self.position();
        if self.is_cast(self.at) {
            return self.cast(position);
        }
        match self.unary_operator() {
            Some("!" | "~") => {
                let operator = if self.next().text == "!" { UnaryOperator::Not } else { UnaryOperator::Complement };
                self.skip_newline();
                let operand = self.operand(level::NOT)?;
                Ok(node(position, ExpressionKind::Unary(operator, operand)))
            }
            Some(_) => {
                let token = self.next();
                let start = self.at;
                if let Some(number) = self.signed_number(token)? {
                    return Ok(number);
                }
                let operand = self.operand(level::SIGN)?;
                Ok(self.signed(token, start, operand))
            }
            None => self.postfix(),
        }
    }

    fn unary_operator(&self) -> Option<&'static str> {
        ["!", "~", "++", "--", "+", "-"].into_iter().find(|symbol| self.is(symbol))
    }

    fn signed(&self, sign: Token<'_>, start: usize, operand: Expression) -> Expression {
        let kind = match sign.text {
            "-" => ExpressionKind::Unary(UnaryOperator::Minus, operand),
            "+" if self.at == start + 1 && is_number(&operand) => return operand,
            "+" => ExpressionKind::Unary(UnaryOperator::Plus, operand),
            text => ExpressionKind::Step { target: operand, up: text == "++", postfix: false },
        };
        node(sign.position, kind)
    }

    /// A number whose minus is part of it: nothing that binds tighter follows.
    fn signed_number(&mut self, sign: Token<'_>) -> Parsed<Option<Expression>> {
        let token = self.peek();
        if sign.text != "-" || !matches!(token.kind, Kind::Integer | Kind::Decimal) {
            return Ok(None);
        }
        let after = self.token(self.at + 1);
        let chained = [".", "?.", "*.", "??.", ".&", "::", "[", "(", "{", "**", "++", "--"].iter().any(|s| after.is(s));
        let next_line = self.token(self.past_newline(self.at + 1));
        if chained || [".", "?.", "*.", "{"].iter().any(|s| next_line.is(s)) {
            return Ok(None);
        }
        self.at += 1;
        let value = number(token, true)?;
        Ok(Some(node(sign.position, ExpressionKind::Literal(value))))
    }

    fn cast(&mut self, position: Position) -> Parsed<Expression> {
        self.expect("(")?;
        let class = self.type_name()?;
        self.expect(")")?;
        let operand = self.cast_operand()?;
        Ok(node(position, ExpressionKind::Cast(class, operand)))
    }

    fn cast_operand(&mut self) -> Parsed<Expression> {
        let outer = self.enter()?;
        let position = self.position();
        let operand = if self.is_cast(self.at) {
            self.cast(position)?
        } else {
            match self.unary_operator() {
                Some("!" | "~") => {
                    let operator = if self.next().text == "!" { UnaryOperator::Not } else { UnaryOperator::Complement };
                    self.skip_newline();
                    let operand = self.cast_operand()?;
                    node(position, ExpressionKind::Unary(operator, operand))
                }
                Some(_) => {
                    let token = self.next();
                    let start = self.at;
                    match self.signed_number(token)? {
                        Some(number) => number,
                        None => {
                            let operand = self.cast_operand()?;
                            self.signed(token, start, operand)
                        }
                    }
                }
                None => self.postfix()?,
            }
        };
        self.leave(outer)?;
        Ok(operand)
    }

    fn postfix(&mut self) -> Parsed<Expression> {
        let position = self.position();
        let target = self.path()?;
        if !self.is("++") && !self.is("--") {
            return Ok(target);
        }
        let mark = self.position();
        let up = self.next().text == "++";
        self.grow()?;
        Ok(marked(position, mark, ExpressionKind::Step { target, up, postfix: true }))
    }
}

/// The value of a number's token.
pub(super) fn number(token: Token<'_>, negative: bool) -> Parsed<Value> {
    let value = if token.kind == Kind::Integer {
        literal::integer(token.text, negative)
    } else {
        literal::decimal(token.text, negative)
    };
    value.map_err(|message| CompileError::syntax(token.position, message))
}

fn is_number(expression: &Expression) -> bool {
    matches!(&*expression.kind, ExpressionKind::Literal(value) if value.is_number())
}

/// Whether Groovy's tree has a binary expression for it.
fn is_operation(expression: &Expression) -> bool {
    matches!(
        &*expression.kind,
        ExpressionKind::Binary(..)
            | ExpressionKind::And(..)
            | ExpressionKind::Or(..)
            | ExpressionKind::Assign { .. }
            | ExpressionKind::AssignAll(..)
            | ExpressionKind::AssignIfFalse(..)
            | ExpressionKind::InstanceOf { .. }
    )
}

/// The call of `base` with the arguments of a command.
fn call_without_parentheses(base: Expression, arguments: Vec<Argument>, parenthesised: bool) -> Expression {
    let Expression { position, kind, .. } = base;
    match *kind {
        ExpressionKind::Member { target, name, access, field: false } => {
            node(position, ExpressionKind::Call { target: Some(target), name, access, arguments })
        }
        ExpressionKind::Name(name) if !parenthesised => {
            let name = MemberName::Fixed(name);
            node(position, ExpressionKind::Call { target: None, name, access: Access::Plain, arguments })
        }
        ExpressionKind::Literal(Value::String(name)) if !parenthesised => {
            let name = MemberName::Fixed(name);
            node(position, ExpressionKind::Call { target: None, name, access: Access::Plain, arguments })
        }
        kind @ ExpressionKind::Interpolated(..) if !parenthesised => {
            let name = MemberName::Computed(node(position, kind));
            node(position, ExpressionKind::Call { target: None, name, access: Access::Plain, arguments })
        }
        kind => {
            let name = MemberName::Fixed("call".into());
            let target = Some(node(position, kind));
            node(position, ExpressionKind::Call { target, name, access: Access::Plain, arguments })
        }
    }
}

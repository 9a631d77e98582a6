//! What expressions are made of: names, literals, lists, maps, strings and `new`.

use super::super::lexer::Kind;
use super::super::literal::Quote;
use super::expression::number;
use super::lookahead::is_primitive;
use super::{Commands, Parsed, Parser, node, unexpected_token};
use crate::script::core::tree::{
    Access, Argument, Closure, Expression, ExpressionKind, MemberName, Statement, StatementKind, TypeName,
};
use crate::script::value::Value;
use crate::script::{CompileError, Position};
use crate::text::Text;

impl Parser<'_> {
    /// An operand without anything chained to it.
    pub(super) fn primary(&mut self) -> Parsed<Expression> {
        let token = self.peek();
        let position = token.position;
        let literal = |value| Ok(node(position, ExpressionKind::Literal(value)));
        match token.kind {
            Kind::Integer | Kind::Decimal => {
                self.at += 1;
                literal(number(token, false)?)
            }
            Kind::Text(_) => literal(Value::string(self.text_literal())),
            Kind::Begin(_) => self.interpolated(),
            Kind::Identifier => Ok(self.variable()),
            Kind::Keyword => match token.text {
                "as" | "in" | "trait" | "var" => Ok(self.variable()),
                "true" | "false" => {
                    self.at += 1;
                    literal(Value::Boolean(token.text == "true"))
                }
                "null" => {
                    self.at += 1;
                    literal(Value::Null)
                }
                "this" | "super" => {
                    self.at += 1;
                    let kind = if token.text == "this" { ExpressionKind::This } else { ExpressionKind::Super };
                    Ok(node(position, kind))
                }
                "new" => self.creation(None),
                "static" if self.token(self.at + 1).is(".") => Ok(self.variable()),
                _ if is_primitive(token) || token.text == "void" => {
                    self.at += 1;
                    let class = TypeName { position, name: token.text.into(), dimensions: 0 };
                    Ok(node(position, ExpressionKind::Class(class)))
                }
                _ => Err(self.unexpected()),
            },
            Kind::Symbol => match token.text {
                "(" if self.is_lambda(self.at) => self.lambda(),
                "(" => self.parenthesised_expression(),
                "{" => self.closure(),
                "[" => self.list_or_map(),
                _ => Err(self.unexpected()),
            },
            _ => Err(self.unexpected()),
        }
    }

    /// A name; type arguments before `::` and the like are dropped.
    fn variable(&mut self) -> Expression {
        let token = self.next();
        if self.is("<")
            && let Some(end) = self.type_arguments_end(self.at, 0)
            && ["::", ".&", "."].iter().any(|symbol| self.token(end).is(symbol))
        {
            self.at = end;
        }
        node(token.position, ExpressionKind::Name(token.text.into()))
    }

    /// `(…)`
    pub(super) fn parenthesised_expression(&mut self) -> Parsed<Expression> {
        let start = self.at;
        self.expect("(")?;
        let expression = self.enhanced_expression(Commands::Any)?;
        self.expect(")")?;
        self.parenthesised = Some((start, self.at));
        Ok(expression)
    }

    /// The text of a string without values.
    pub(super) fn text_literal(&mut self) -> String {
        let token = self.next();
        let Kind::Text(quote) = token.kind else { return String::new() };
        let inner = token.text.len().saturating_sub(quote.close().len());
        quote.decode(token.text.get(quote.open().len()..inner).unwrap_or_default())
    }

    /// A string with values in it.
    pub(super) fn interpolated(&mut self) -> Parsed<Expression> {
        let first = self.next();
        let Kind::Begin(quote) = first.kind else { return Err(unexpected_token(first)) };
        let piece = |quote: Quote, raw: &str| -> Text { quote.decode(raw).into() };
        let raw = first.text.get(quote.open().len()..first.text.len() - 1).unwrap_or_default();
        let mut texts = vec![piece(quote, raw)];
        let mut values = Vec::new();
        loop {
            values.push(self.interpolated_value()?);
            let token = self.next();
            match token.kind {
                Kind::Part(_) => {
                    texts.push(piece(quote, token.text.strip_suffix('$').unwrap_or_default()));
                }
                Kind::Finish(_) => {
                    texts.push(piece(quote, token.text.strip_suffix(quote.close()).unwrap_or_default()));
                    return Ok(node(first.position, ExpressionKind::Interpolated(texts, values)));
                }
                _ => return Err(unexpected_token(token)),
            }
        }
    }

    /// `a.b` or `{…}` behind the `$`.
    fn interpolated_value(&mut self) -> Parsed<Expression> {
        let token = self.peek();
        if token.is("{") {
            return self.braced_value();
        }
        if token.kind != Kind::Identifier {
            return Err(self.unexpected());
        }
        self.at += 1;
        let kind = match token.text {
            "this" => ExpressionKind::This,
            "super" => ExpressionKind::Super,
            name => ExpressionKind::Name(name.into()),
        };
        let mut value = node(token.position, kind);
        while self.peek().kind == Kind::PathPart {
            let part = self.next();
            value = node(
                token.position,
                ExpressionKind::Member {
                    target: value,
                    name: MemberName::Fixed(part.text.trim_start_matches('.').into()),
                    access: Access::Plain,
                    field: false,
                },
            );
            self.grow()?;
        }
        Ok(value)
    }

    /// `{ x }` is the value of `x`, `{-> x}` a closure that is called each time.
    fn braced_value(&mut self) -> Parsed<Expression> {
        let position = self.position();
        let closure = self.closure()?;
        match *closure.kind {
            ExpressionKind::Closure(Closure { parameters: None, body }) => Ok(block_value(position, body)),
            kind => Ok(node(position, kind)),
        }
    }

    /// `[…]`: a list, or a map when it holds labels.
    fn list_or_map(&mut self) -> Parsed<Expression> {
        let position = self.expect("[")?.position;
        if self.is(":") && self.token(self.at + 1).is("]") {
            self.at += 2;
            return Ok(node(position, ExpressionKind::Map(Vec::new())));
        }
        if self.is("]") {
            self.at += 1;
            return Ok(node(position, ExpressionKind::List(Vec::new())));
        }
        if self.is(",") && self.token(self.at + 1).is("]") {
            let message = "Empty list constructor should not contain any comma(,)";
            return Err(CompileError::syntax(self.position(), message));
        }
        let mut items = Vec::new();
        let mut is_map = None;
        while !self.is("]") {
            let item = self.list_item()?;
            let named = matches!(item, Argument::Named(..) | Argument::SpreadMap(_));
            if *is_map.get_or_insert(named) != named {
                return Err(self.unexpected());
            }
            items.push(item);
            if !self.eat(",") {
                break;
            }
        }
        self.expect("]")?;
        let kind = if is_map == Some(true) { ExpressionKind::Map(items) } else { ExpressionKind::List(items) };
        Ok(node(position, kind))
    }

    fn list_item(&mut self) -> Parsed<Argument> {
        if self.eat("*") {
            if self.eat(":") {
                return Ok(Argument::SpreadMap(self.expression()?));
            }
            return Ok(Argument::Spread(self.expression()?));
        }
        if let Some(colon) = self.label_colon(self.at, true) {
            let label = self.label(colon)?;
            return Ok(Argument::Named(label, self.expression()?));
        }
        Ok(Argument::Plain(self.expression()?))
    }

    /// `new A(…)`, `new A(…) {…}`, `new A[1]`; with `outer`, `outer.new A(…)`.
    pub(super) fn creation(&mut self, outer: Option<Expression>) -> Parsed<Expression> {
        let position = self.expect("new")?.position;
        self.skip_newline();
        let class = self.created_name()?;
        if self.token(self.past_newline(self.at)).is("(") {
            self.skip_newline();
            let mut arguments: Vec<Argument> = outer.into_iter().map(Argument::Plain).collect();
            arguments.extend(self.arguments()?);
            let has_body = self.is("{") && self.is_class_body(self.at);
            let body = if has_body { Some(Box::new(self.anonymous_class()?)) } else { None };
            return Ok(node(position, ExpressionKind::New { class, arguments, body }));
        }
        if !self.is("[") {
            return Err(self.unexpected());
        }
        self.new_array(position, class)
    }

    fn created_name(&mut self) -> Parsed<TypeName> {
        self.skip_annotations()?;
        let token = self.peek();
        let position = token.position;
        if is_primitive(token) {
            self.at += 1;
            return Ok(TypeName { position, name: token.text.into(), dimensions: 0 });
        }
        let name = self.qualified_name()?.into();
        if self.is("<") {
            if self.token(self.at + 1).is(">") {
                self.at += 2;
            } else {
                self.skip_type_arguments()?;
            }
        }
        Ok(TypeName { position, name, dimensions: 0 })
    }

    fn new_array(&mut self, position: Position, class: TypeName) -> Parsed<Expression> {
        let mut lengths = Vec::new();
        let mut empty = 0;
        while self.is("[") {
            self.at += 1;
            if self.eat("]") {
                empty += 1;
                continue;
            }
            if empty > 0 {
                return Err(CompileError::syntax(self.position(), "dimension cannot be empty"));
            }
            lengths.push(self.expression()?);
            self.expect("]")?;
        }
        let element = TypeName { dimensions: class.dimensions + empty, ..class };
        let brace = self.past_newline(self.at);
        if lengths.is_empty() {
            if !self.token(brace).is("{") {
                return Err(CompileError::syntax(position, "dimensions cannot be all empty"));
            }
            self.at = brace;
            let element = TypeName { dimensions: element.dimensions.saturating_sub(1), ..element };
            let items = Some(self.array_items()?);
            return Ok(node(position, ExpressionKind::NewArray { element, lengths, items }));
        }
        Ok(node(position, ExpressionKind::NewArray { element, lengths, items: None }))
    }

    fn array_items(&mut self) -> Parsed<Vec<Expression>> {
        let outer = self.enter()?;
        self.expect("{")?;
        self.skip_newline();
        let mut items = Vec::new();
        while !self.is("}") {
            items.push(self.enhanced_expression(Commands::One)?);
            if !self.eat_past_newline(",") {
                break;
            }
            self.skip_newline();
        }
        self.skip_newline();
        self.expect("}")?;
        self.leave(outer)?;
        Ok(items)
    }
}

/// A closure that is called where it stands.
fn immediate(position: Position, body: Vec<Statement>) -> Expression {
    let target = node(position, ExpressionKind::Closure(Closure { parameters: None, body }));
    let name = MemberName::Fixed("call".into());
    node(position, ExpressionKind::Call { target: Some(target), name, access: Access::Plain, arguments: Vec::new() })
}

/// The value of a block in a string: its expression, null without one, a call of a closure for several statements.
fn block_value(position: Position, body: Vec<Statement>) -> Expression {
    let mut statements = body.into_iter();
    match (statements.next(), statements.next()) {
        (None, _) => node(position, ExpressionKind::Literal(Value::Null)),
        (Some(only), None) => match only.kind {
            StatementKind::Expression(expression) => expression,
            kind => {
                let body = vec![Statement { position: only.position, kind }];
                immediate(position, body)
            }
        },
        (Some(first), Some(second)) => {
            let body = [first, second].into_iter().chain(statements).collect();
            immediate(position, body)
        }
    }
}

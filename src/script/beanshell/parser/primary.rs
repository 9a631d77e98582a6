//! Operands: literals, names, calls, `new`, and what follows them.

use super::super::lexer::Kind;
use super::{Parsed, Parser, literal, node};
use crate::script::Position;
use crate::script::core::tree::{Access, Argument, Expression, ExpressionKind as E, MemberName, TypeName};
use crate::script::value::Value;
use crate::text::Text;

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Parsed<Expression> {
        let start = self.at;
        self.height = 1;
        let mut value = self.prefix()?;
        loop {
            let (before, position) = (self.height, self.position());
            let kind = if self.is(".") && self.is_at(self.at + 1, "class") {
                self.at += 2;
                E::Member {
                    target: value,
                    name: MemberName::Fixed(Text::from("class")),
                    access: Access::Plain,
                    field: false,
                }
            } else if self.eat("[") {
                let index = self.expression()?;
                self.expect("]")?;
                E::Index { target: value, index: vec![Argument::Plain(index)], safe: false }
            } else if self.eat(".") {
                let position = self.position();
                let name = MemberName::Fixed(self.name()?);
                let kind = if self.is("(") {
                    let arguments = self.arguments()?;
                    E::Call { target: Some(value), name, access: Access::Plain, arguments }
                } else {
                    E::Member { target: value, name, access: Access::Plain, field: false }
                };
                self.grow(before)?;
                value = node(position, kind);
                continue;
            } else if self.eat("{") {
                let name = self.expression()?;
                self.expect("}")?;
                E::Index { target: value, index: vec![Argument::Plain(name)], safe: false }
            } else {
                break;
            };
            self.grow(before)?;
            value = node(position, kind);
        }
        self.primary = (start, self.at);
        Ok(value)
    }

    fn prefix(&mut self) -> Parsed<Expression> {
        let token = self.token(self.at);
        let position = token.position;
        let constant = match (token.kind, &*token.text) {
            (Kind::Integer, _) => literal::integer(token)?,
            (Kind::Floating, _) => literal::floating(token)?,
            (Kind::Character, _) => literal::character(token),
            (Kind::String, _) => literal::string(token),
            (Kind::Keyword, "true") => Value::Boolean(true),
            (Kind::Keyword, "false") => Value::Boolean(false),
            (Kind::Keyword, "null") => Value::Null,
            (Kind::Keyword, "void") => Value::Void,
            (Kind::Keyword, "new") => return self.allocation(),
            (Kind::Sign, "(") => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect(")")?;
                return Ok(inner);
            }
            (Kind::Name, _) => return self.named(),
            _ => {
                let end = self.after_type(self.at);
                if end.is_none_or(|end| !self.is_at(end, ".") || !self.is_at(end + 1, "class")) {
                    return Err(self.unexpected());
                }
                let class = self.type_name()?;
                self.at += 2;
                return Ok(node(position, E::Class(class)));
            }
        };
        self.at += 1;
        Ok(node(position, E::Literal(constant)))
    }

    /// `a.b.c`, `a.b.c(…)`, `a.b[].class`.
    fn named(&mut self) -> Parsed<Expression> {
        let position = self.position();
        if let Some(end) = self.after_type(self.at)
            && self.is_at(end, ".")
            && self.is_at(end + 1, "class")
        {
            let class = self.type_name()?;
            self.at += 2;
            return Ok(node(position, E::Class(class)));
        }
        let end = self.after_name(self.at).unwrap_or(self.at + 1);
        let call = self.is_at(end, "(");
        let mut value = None;
        while self.at < end {
            let (place, name) = (self.position(), self.name()?);
            self.eat(".");
            if call && self.at >= end {
                return self.call(place, value, name);
            }
            value = Some(match value {
                None => match &*name {
                    "this" => node(place, E::This),
                    "super" => node(place, E::Super),
                    _ => node(place, E::Name(name)),
                },
                Some(target) => {
                    self.grow(0)?;
                    let name = MemberName::Fixed(name);
                    node(place, E::Member { target, name, access: Access::Plain, field: false })
                }
            });
        }
        value.ok_or_else(|| self.unexpected())
    }

    fn call(&mut self, position: Position, target: Option<Expression>, name: Text) -> Parsed<Expression> {
        let (start, before) = (self.at, self.height);
        let arguments = self.arguments().map_err(|error| self.unexpected_since(start, error))?;
        self.grow(before)?;
        let name = MemberName::Fixed(name);
        Ok(node(position, E::Call { target, name, access: Access::Plain, arguments }))
    }

    pub(super) fn arguments(&mut self) -> Parsed<Vec<Argument>> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        let mut height = 0;
        if !self.eat(")") {
            loop {
                arguments.push(Argument::Plain(self.expression()?));
                height = self.height.max(height);
                if !self.eat(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        self.height = height;
        Ok(arguments)
    }

    fn allocation(&mut self) -> Parsed<Expression> {
        let position = self.position();
        self.expect("new")?;
        let primitive = self.is_primitive(self.at);
        let place = self.position();
        let name = self.type_head()?;
        let class = TypeName { position: place, name, dimensions: 0 };
        if self.is("[") {
            return self.new_array(position, class);
        }
        if primitive {
            return Err(self.unexpected());
        }
        let arguments = self.arguments()?;
        let height = self.height;
        let body = if self.is("{") { Some(Box::new(self.class_body(position, Text::default())?)) } else { None };
        self.height = height;
        self.grow(0)?;
        Ok(node(position, E::New { class, arguments, body }))
    }

    fn new_array(&mut self, position: Position, class: TypeName) -> Parsed<Expression> {
        let (mut lengths, mut height) = (Vec::new(), 0);
        while self.is("[") && !self.is_at(self.at + 1, "]") {
            self.at += 1;
            lengths.push(self.expression()?);
            height = self.height.max(height);
            self.expect("]")?;
        }
        let mut dimensions = 0;
        while self.is("[") && self.is_at(self.at + 1, "]") {
            self.at += 2;
            dimensions += 1;
        }
        let items = if lengths.is_empty() {
            dimensions -= 1;
            Some(self.array_items()?)
        } else {
            None
        };
        self.grow(height)?;
        let element = TypeName { dimensions, ..class };
        Ok(node(position, E::NewArray { element, lengths, items }))
    }

    /// `{a, {b}, }`
    pub(super) fn array_items(&mut self) -> Parsed<Vec<Expression>> {
        self.expect("{")?;
        let (mut items, mut height) = (Vec::new(), 0);
        while !self.is("}") {
            if items.is_empty() && self.eat(",") {
                break;
            }
            items.push(self.initializer()?);
            height = self.height.max(height);
            if !self.eat(",") {
                break;
            }
        }
        self.expect("}")?;
        self.height = height;
        Ok(items)
    }

    pub(super) fn initializer(&mut self) -> Parsed<Expression> {
        if !self.is("{") {
            return self.expression();
        }
        let position = self.position();
        let items = self.nested(Self::array_items)?;
        self.grow(0)?;
        Ok(node(position, E::ArrayItems(items)))
    }

    /// `int`, `a.b.C`.
    pub(super) fn type_head(&mut self) -> Parsed<Text> {
        if self.is_primitive(self.at) {
            self.at += 1;
            return Ok(self.token(self.at - 1).text.clone());
        }
        self.dotted_name()
    }

    pub(super) fn dotted_name(&mut self) -> Parsed<Text> {
        let first = self.name()?;
        if !self.is(".") {
            return Ok(first);
        }
        let mut name = first.to_string();
        while self.is(".") && self.kind(self.at + 1) == Kind::Name {
            name.push('.');
            name.push_str(&self.token(self.at + 1).text);
            self.at += 2;
        }
        Ok(name.into())
    }

    pub(super) fn type_name(&mut self) -> Parsed<TypeName> {
        let position = self.position();
        let name = self.type_head()?;
        let mut dimensions = 0;
        while self.is("[") && self.is_at(self.at + 1, "]") {
            self.at += 2;
            dimensions += 1;
        }
        Ok(TypeName { position, name, dimensions })
    }
}

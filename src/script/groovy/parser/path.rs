//! Members, calls and indexes: `a.b(c)[d] { e }`.

use super::super::lexer::Kind;
use super::{Commands, Parsed, Parser, UNEXPECTED, marked, node, unexpected_token};
use crate::script::core::tree::{Access, Argument, Expression, ExpressionKind, MemberName, TypeName};
use crate::script::value::Value;
use crate::script::{CompileError, Position};

impl Parser<'_> {
    /// A primary and all that is chained to it.
    pub(super) fn path(&mut self) -> Parsed<Expression> {
        let start = self.at;
        let position = self.position();
        let primary = self.primary()?;
        self.path_rest(primary, start, position)
    }

    /// What is chained to `base`, whose first token is `start`; `name` is where the last name in it stands.
    pub(super) fn path_rest(&mut self, base: Expression, start: usize, name: Position) -> Parsed<Expression> {
        let mut base = base;
        let mut name = name;
        let mut safe_chain = false;
        loop {
            let next = self.past_newline(self.at);
            let token = self.token(next);
            if token.kind != Kind::Symbol {
                return Ok(base);
            }
            let parenthesised = self.was_parenthesised(start);
            let same_line = next == self.at;
            match token.text {
                "." | "?." | "*." | "??." | ".&" | "::" => {
                    self.at = next + 1;
                    self.skip_newline();
                    safe_chain |= token.text == "??.";
                    name = self.position();
                    base = self.member(base, token.text, safe_chain)?;
                }
                "{" => {
                    self.at = next;
                    let closure = self.closure().map_err(|error| self.blame(next, error))?;
                    base = call_with_closure(base, closure, name, parenthesised);
                    self.call_end = self.at;
                    self.last_decision = (next, self.at);
                }
                "(" if self.is_lambda(next) => {
                    self.at = next;
                    let closure = self.lambda()?;
                    base = call_with_closure(base, closure, name, parenthesised);
                    self.call_end = self.at;
                }
                "(" if same_line => {
                    let arguments = self.arguments().map_err(|error| self.blame(next, error))?;
                    // What could as well be an expression in parentheses is looked through to the end.
                    if let [Argument::Plain(_)] = arguments.as_slice() {
                        self.last_decision = (next, self.at);
                    }
                    base = call(base, arguments, name, parenthesised)?;
                    self.call_end = self.at;
                }
                "[" if same_line && !self.is_first_argument(next) => {
                    base = self.index(base, safe_chain).map_err(|error| self.blame(next, error))?;
                }
                "?" if same_line && self.is_safe_index() => {
                    self.at += 1;
                    base = self.index(base, true)?;
                }
                _ => return Ok(base),
            }
            self.grow()?;
        }
    }

    /// An error within the brackets that open at `index` is reported there: Groovy looks for their end before it
    /// takes them for what is chained to an expression.
    fn blame(&self, index: usize, error: CompileError) -> CompileError {
        if error.message.starts_with(UNEXPECTED) { unexpected_token(self.token(index)) } else { error }
    }

    /// Whether the `[` at `index` begins the first of several arguments of a command: `foo [1], 2`.
    fn is_first_argument(&self, index: usize) -> bool {
        let partner = self.token(index).partner;
        self.command == Commands::Any && partner > 0 && self.token(partner + 1).is(",")
    }

    /// Whether `?[` here begins a safe index and not a conditional with a list.
    fn is_safe_index(&self) -> bool {
        let open = self.token(self.at + 1);
        if !open.is("[") || open.partner == 0 {
            return false;
        }
        // `a?[1]` and `a ? [1] : 2`: who leaves no blanks means the index, unless its colon follows.
        let before = self.token(self.at.saturating_sub(1));
        let question = self.peek();
        let tight = before.offset + before.text.len() == question.offset && question.offset + 1 == open.offset;
        tight && (self.conditionals > 0 || !self.has_colon(open.partner + 1))
    }

    /// Whether a colon follows that belongs to a `?` before `index`.
    fn has_colon(&self, index: usize) -> bool {
        // Further away it is taken for none, so that a chain of indexes takes no quadratic time.
        const FAR: usize = 500;
        let mut index = index;
        let mut open = 0;
        for _ in 0..FAR {
            let token = self.token(index);
            match token.kind {
                Kind::NewLine if !self.token(index + 1).is(":") => return false,
                Kind::End => return false,
                Kind::Begin(_) if token.partner > 0 => index = token.partner,
                Kind::Symbol => match token.text {
                    "?" if !self.token(index + 1).is("[") => open += 1,
                    ":" if open == 0 => return true,
                    ":" => open -= 1,
                    "(" | "[" | "{" if token.partner > 0 => index = token.partner,
                    ")" | "]" | "}" | "," | ";" => return false,
                    _ => {}
                },
                _ => {}
            }
            index += 1;
        }
        false
    }

    fn member(&mut self, target: Expression, operator: &str, safe_chain: bool) -> Parsed<Expression> {
        let position = target.position;
        if operator == "." && self.is("new") && self.starts_type(self.at + 1) {
            return self.creation(Some(target));
        }
        let pointer = matches!(operator, ".&" | "::");
        let field = !pointer && self.eat("@");
        if !pointer && !field && self.is("<") {
            match self.type_arguments_end(self.at, 0) {
                Some(end) => self.at = end,
                None => return Err(self.unexpected()),
            }
        }
        let mark = self.position();
        let name = self.member_name()?;
        let access = match operator {
            "*." => Access::Spread,
            "?." | "??." => Access::Safe,
            _ if safe_chain => Access::Safe,
            _ => Access::Plain,
        };
        let kind = if pointer {
            ExpressionKind::MethodPointer { target, name }
        } else if !field && access == Access::Plain && is_class_literal(&target, &name) {
            match class_name(&target) {
                Some(class) => ExpressionKind::Class(class),
                None => ExpressionKind::Member { target, name, access, field },
            }
        } else {
            ExpressionKind::Member { target, name, access, field }
        };
        Ok(marked(position, mark, kind))
    }

    fn member_name(&mut self) -> Parsed<MemberName> {
        let token = self.peek();
        match token.kind {
            Kind::Identifier | Kind::Keyword => {
                self.at += 1;
                Ok(MemberName::Fixed(token.text.into()))
            }
            Kind::Text(_) => Ok(MemberName::Fixed(self.text_literal().into())),
            Kind::Begin(_) => Ok(MemberName::Computed(self.interpolated()?)),
            _ if token.is("(") => Ok(MemberName::Computed(self.parenthesised_expression()?)),
            _ => Err(self.unexpected()),
        }
    }

    /// `(a, b: c, *d)`
    pub(super) fn arguments(&mut self) -> Parsed<Vec<Argument>> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        while !self.is(")") {
            let start = self.at;
            let mut argument = self.argument(true)?;
            // `foo(bar 1)` is the command `foo` with the argument `(bar 1)`.
            if arguments.is_empty()
                && self.at != self.call_end
                && self.starts_command_argument()
                && let Argument::Plain(base) = argument
            {
                argument = Argument::Plain(self.command_rest(start, base)?);
            }
            arguments.push(argument);
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(arguments)
    }

    /// One argument; `bracketed` allows for labels in brackets, which the first one of a command may not have.
    pub(super) fn argument(&mut self, bracketed: bool) -> Parsed<Argument> {
        if self.is("*") {
            self.at += 1;
            if self.eat(":") {
                self.skip_newline();
                return Ok(Argument::SpreadMap(self.expression()?));
            }
            return Ok(Argument::Spread(self.expression()?));
        }
        if let Some(colon) = self.label_colon(self.at, bracketed) {
            let label = self.label(colon)?;
            self.skip_newline();
            return Ok(Argument::Named(label, self.expression()?));
        }
        if self.is_bare_lambda(self.at) {
            return Ok(Argument::Plain(self.bare_lambda()?));
        }
        Ok(Argument::Plain(self.expression()?))
    }

    /// The key before the colon at `colon`, which is read as well.
    pub(super) fn label(&mut self, colon: usize) -> Parsed<Expression> {
        let token = self.peek();
        let key = match token.kind {
            Kind::Identifier | Kind::Keyword => {
                self.at += 1;
                node(token.position, ExpressionKind::Literal(Value::string(token.text)))
            }
            _ => self.primary()?,
        };
        if self.at != colon {
            return Err(self.unexpected());
        }
        self.expect(":")?;
        Ok(key)
    }

    fn index(&mut self, target: Expression, safe: bool) -> Parsed<Expression> {
        let position = target.position;
        let mark = self.expect("[")?.position;
        if self.eat("]") {
            return match class_name(&target) {
                Some(class) => {
                    let class = TypeName { dimensions: class.dimensions + 1, ..class };
                    Ok(node(position, ExpressionKind::Class(class)))
                }
                None => Err(unexpected_token(self.token(self.at - 1))),
            };
        }
        let mut index = Vec::new();
        if self.is(":") && self.token(self.at + 1).is("]") {
            self.at += 1;
        } else {
            index.push(self.argument(true)?);
            while self.eat(",") {
                index.push(self.argument(true)?);
            }
        }
        self.expect("]")?;
        Ok(marked(position, mark, ExpressionKind::Index { target, index, safe }))
    }
}

/// Whether `target.name` is the class literal of a capitalized or primitive name.
fn is_class_literal(target: &Expression, name: &MemberName) -> bool {
    if !matches!(name, MemberName::Fixed(name) if &**name == "class") {
        return false;
    }
    match &*target.kind {
        ExpressionKind::Class(_) => true,
        ExpressionKind::Name(name) | ExpressionKind::Member { name: MemberName::Fixed(name), .. } => {
            name.starts_with(char::is_uppercase)
        }
        _ => false,
    }
}

/// The dotted name that an expression spells, as a type.
pub(super) fn class_name(expression: &Expression) -> Option<TypeName> {
    let mut parts: Vec<&str> = Vec::new();
    let mut rest = expression;
    loop {
        match &*rest.kind {
            ExpressionKind::Name(name) => {
                parts.push(name);
                parts.reverse();
                let name = parts.join(".").into();
                return Some(TypeName { position: expression.position, name, dimensions: 0 });
            }
            ExpressionKind::Member { target, name: MemberName::Fixed(name), access: Access::Plain, field: false } => {
                parts.push(name);
                rest = target;
            }
            ExpressionKind::Class(class) if parts.is_empty() => return Some(class.clone()),
            _ => return None,
        }
    }
}

/// The call of what `base` names, or of the method `call` on what it gives.
fn call(base: Expression, arguments: Vec<Argument>, name: Position, parenthesised: bool) -> Parsed<Expression> {
    if let ExpressionKind::Class(class) = &*base.kind
        && !parenthesised
        && class.dimensions == 0
        && super::lookahead::PRIMITIVES.contains(&&*class.name)
    {
        let message = format!("Primitive type literal: {} cannot be used as a method name", class.name);
        return Err(CompileError::syntax(name, message));
    }
    Ok(named_call(base, arguments, name, parenthesised))
}

fn named_call(base: Expression, arguments: Vec<Argument>, name: Position, parenthesised: bool) -> Expression {
    let Expression { position, kind, .. } = base;
    let own = |member: MemberName, arguments| ExpressionKind::Call {
        target: None,
        name: member,
        access: Access::Plain,
        arguments,
    };
    let kind = match *kind {
        kind if parenthesised => on_value(position, kind, arguments),
        ExpressionKind::Member { target, name, access, field: false } => {
            ExpressionKind::Call { target: Some(target), name, access, arguments }
        }
        ExpressionKind::Name(name) | ExpressionKind::Literal(Value::String(name)) => {
            own(MemberName::Fixed(name), arguments)
        }
        ExpressionKind::This => own(MemberName::Fixed("this".into()), arguments),
        ExpressionKind::Super => own(MemberName::Fixed("super".into()), arguments),
        kind @ ExpressionKind::Interpolated(..) => own(MemberName::Computed(node(position, kind)), arguments),
        kind => on_value(position, kind, arguments),
    };
    node(name, kind)
}

fn on_value(position: Position, kind: ExpressionKind, arguments: Vec<Argument>) -> ExpressionKind {
    let name = MemberName::Fixed("call".into());
    ExpressionKind::Call { target: Some(node(position, kind)), name, access: Access::Plain, arguments }
}

/// A closure behind a call is its last argument; behind anything else it is the only one.
fn call_with_closure(base: Expression, closure: Expression, name: Position, parenthesised: bool) -> Expression {
    let Expression { position, kind, .. } = base;
    match *kind {
        ExpressionKind::Call { target, name, access, mut arguments } => {
            arguments.push(Argument::Plain(closure));
            node(position, ExpressionKind::Call { target, name, access, arguments })
        }
        kind => named_call(node(position, kind), vec![Argument::Plain(closure)], name, parenthesised),
    }
}

//! Expressions: names to slots and classes, constants folded.

use super::super::node::{Access, Argument, Call, Kind, Language, Name, Node, Place};
use super::super::power_assert;
use super::super::tree::{self, Argument as SourceArgument, Expression, ExpressionKind as E, MemberName};
use super::{Context, Resolver, Shape};
use crate::script::value::{ClassRef, Value};
use crate::script::{CompileError, Position};
use crate::text::Text;
use std::sync::Arc;

type Result<T> = std::result::Result<T, CompileError>;

fn access(access: tree::Access) -> Access {
    match access {
        tree::Access::Plain => Access::Plain,
        tree::Access::Safe => Access::Safe,
        tree::Access::Spread => Access::Spread,
    }
}

impl Resolver {
    pub(super) fn expression(&mut self, expression: &Expression) -> Result<Node> {
        let node = self.deeper(expression.position, |resolver| resolver.shallow(expression))?;
        if let Some(Context { asserted: Some(source), .. }) = self.contexts.last()
            && power_assert::is_drawn(&expression.kind, &node)
            && let Some(column) = source.column(expression.mark)
        {
            // The value of `x++` is that of `x`, too.
            if let E::Step { target, postfix: true, .. } = &*expression.kind
                && let Some(before) = source.column(target.mark)
            {
                return Ok(Node::Drawn(Box::new((Node::Drawn(Box::new((node, before))), column))));
            }
            return Ok(Node::Drawn(Box::new((node, column))));
        }
        Ok(node)
    }

    fn pair(&mut self, a: &Expression, b: &Expression) -> Result<Box<(Node, Node)>> {
        Ok(Box::new((self.expression(a)?, self.expression(b)?)))
    }

    fn all(&mut self, expressions: &[Expression]) -> Result<Vec<Node>> {
        expressions.iter().map(|expression| self.expression(expression)).collect()
    }

    pub(super) fn arguments(&mut self, arguments: &[SourceArgument]) -> Result<Vec<Argument>> {
        arguments
            .iter()
            .map(|argument| {
                Ok(match argument {
                    SourceArgument::Plain(value) => Argument::Plain(self.expression(value)?),
                    SourceArgument::Named(key, value) => {
                        Argument::Named(self.expression(key)?, self.expression(value)?)
                    }
                    SourceArgument::Spread(value) => Argument::Spread(self.expression(value)?),
                    SourceArgument::SpreadMap(value) => Argument::SpreadMap(self.expression(value)?),
                })
            })
            .collect()
    }

    fn name(&mut self, name: &MemberName) -> Result<Name> {
        Ok(match name {
            MemberName::Fixed(name) => Name::Fixed(name.clone()),
            MemberName::Computed(name) => Name::Computed(self.expression(name)?),
        })
    }

    fn class_node(kind: Kind) -> Node {
        match kind {
            Kind::Class(class) => Node::Literal(Value::Class(class)),
            Kind::Own(place) => Node::OwnClass(place),
            Kind::Unknown(name) => Node::UnknownClass(name),
            Kind::Primitive(primitive) => match crate::script::library::language::primitive_class(primitive.name()) {
                Some(class) => Node::Literal(Value::Class(class)),
                None => Node::UnknownClass(primitive.name().into()),
            },
            Kind::Void => match crate::script::library::language::primitive_class("void") {
                Some(class) => Node::Literal(Value::Class(class)),
                None => Node::UnknownClass("void".into()),
            },
            Kind::Any => match crate::script::library::find_class("java.lang.Object") {
                Some(class) => Node::Literal(Value::Class(class)),
                None => Node::UnknownClass("java.lang.Object".into()),
            },
        }
    }

    pub(super) fn plain_name(&mut self, name: &Text) -> Node {
        match self.language {
            Language::Groovy => {
                if let Some((slot, _)) = self.local(name) {
                    return Node::Local(slot);
                }
                match self.find_class(name) {
                    Some(kind @ (Kind::Class(_) | Kind::Own(_))) => Self::class_node(kind),
                    _ => Node::Dynamic(name.clone()),
                }
            }
            Language::BeanShell => Node::Named(name.clone()),
        }
    }

    /// `a.b.c` written out, when it is nothing but names.
    fn dotted(expression: &Expression) -> Option<String> {
        match &*expression.kind {
            E::Name(name) => Some(name.to_string()),
            E::Member { target, name: MemberName::Fixed(name), access: tree::Access::Plain, field: false } => {
                Some(format!("{}.{name}", Self::dotted(target)?))
            }
            _ => None,
        }
    }

    /// The class that a dotted name is, unless its first part is a variable.
    fn dotted_class(&mut self, expression: &Expression) -> Option<Kind> {
        let name = Self::dotted(expression)?;
        let first = name.split('.').next().unwrap_or_default().to_owned();
        if self.local(&first).is_some() {
            return None;
        }
        // A package begins with a small letter; `Map.Entry` is a class within one.
        let last = name.rsplit('.').next().unwrap_or_default();
        if !last.starts_with(|c: char| c.is_ascii_uppercase()) {
            return None;
        }
        match self.find_class(&name) {
            Some(kind @ (Kind::Class(_) | Kind::Own(_))) => Some(kind),
            _ => None,
        }
    }

    /// An expression as a variable's first value: `{1, 2}` is an array there.
    pub(super) fn initial_value(&mut self, value: &Expression, kind: &Kind) -> Result<Node> {
        if let E::ArrayItems(items) = &*value.kind {
            let element = match kind {
                Kind::Class(ClassRef::Array(element)) => element.clone(),
                _ => "java.lang.Object".into(),
            };
            return self.array_items(&element, items);
        }
        self.expression(value)
    }

    fn array_items(&mut self, element: &Text, items: &[Expression]) -> Result<Node> {
        let inner: Text = element.strip_suffix("[]").unwrap_or(element).into();
        let nodes = items
            .iter()
            .map(|item| match &*item.kind {
                E::ArrayItems(nested) => self.array_items(&inner, nested),
                _ => self.expression(item),
            })
            .collect::<Result<_>>()?;
        Ok(Node::ArrayItems(element.clone(), nodes))
    }

    fn shallow(&mut self, expression: &Expression) -> Result<Node> {
        Ok(match &*expression.kind {
            E::Literal(value) => Node::Literal(value.clone()),
            E::Interpolated(texts, values) => Node::Interpolated(Box::new((texts.clone(), self.all(values)?))),
            E::Name(name) => self.plain_name(name),
            E::This => Node::This,
            E::Super => Node::Super,
            E::List(items) => Node::List(self.arguments(items)?),
            E::Map(entries) => Node::Map(self.arguments(entries)?),
            E::Range { from, to, exclusive } => Node::Range(self.pair(from, to)?, *exclusive),
            E::New { class, arguments, body } => {
                let arguments = self.arguments(arguments)?;
                match body {
                    Some(body) => {
                        let mut declaration = tree::ClassDeclaration::clone(body);
                        let kind = self.kind(Some(class));
                        let interface = match &kind {
                            Kind::Class(class) => class.is_interface(),
                            Kind::Own(place) => self.classes[*place].is_interface(),
                            _ => false,
                        };
                        if interface {
                            declaration.interfaces = vec![class.clone()];
                        } else {
                            declaration.parent = Some(class.clone());
                        }
                        Node::NewAnonymous(self.anonymous(&declaration)?, arguments)
                    }
                    None => Node::New(Box::new((self.kind(Some(class)), arguments))),
                }
            }
            E::NewArray { element, lengths, items } => {
                if let Some(items) = items {
                    let dimensions = element.dimensions.saturating_sub(1);
                    let name = self.element(element, if element.dimensions == 0 { 0 } else { dimensions });
                    return self.array_items(&name, items);
                }
                let whole = element.dimensions + lengths.len() as u32;
                let name = self.element(element, whole.saturating_sub(1));
                Node::NewArray(Box::new((name, self.all(lengths)?)))
            }
            E::ArrayItems(items) => self.array_items(&"java.lang.Object".into(), items)?,
            E::Member { target, name, access: how, field } => {
                if let Some(kind) = self.dotted_class(expression) {
                    return Ok(Self::class_node(kind));
                }
                let target = self.target_node(target)?;
                if let (MemberName::Fixed(name), Node::Literal(Value::Class(_)) | Node::OwnClass(_)) = (name, &target)
                    && &**name == "class"
                {
                    return Ok(target);
                }
                let name = self.name(name)?;
                if *field {
                    Node::Field(Box::new((target, name)))
                } else {
                    Node::Property(Box::new((target, name)), access(*how))
                }
            }
            E::MethodPointer { target, name } => {
                let target = self.target_node(target)?;
                Node::MethodPointer(Box::new((target, self.name(name)?)))
            }
            E::Call { target, name, access: how, arguments } => {
                self.call(expression.position, target.as_ref(), name, *how, arguments)?
            }
            E::Index { target, index, safe } => {
                let target = self.target_node(target)?;
                Node::Index(Box::new((target, self.arguments(index)?)), *safe)
            }
            E::Unary(operator, value) => {
                let value = self.expression(value)?;
                match (operator, &value) {
                    (tree::UnaryOperator::Minus, Node::Literal(Value::Int(n))) => {
                        Node::Literal(Value::Int(n.wrapping_neg()))
                    }
                    (tree::UnaryOperator::Minus, Node::Literal(Value::Long(n))) => {
                        Node::Literal(Value::Long(n.wrapping_neg()))
                    }
                    (tree::UnaryOperator::Minus, Node::Literal(Value::Double(n))) => Node::Literal(Value::Double(-n)),
                    _ => Node::Unary(*operator, Box::new(value)),
                }
            }
            E::Step { target, up, postfix } => {
                Node::Step { target: Box::new(self.place(target)?), up: *up, postfix: *postfix }
            }
            E::Binary(operator, a, b) => self.binary(*operator, a, b)?,
            E::And(a, b) => Node::And(self.pair(a, b)?),
            E::Or(a, b) => Node::Or(self.pair(a, b)?),
            E::Conditional(a, b, c) => {
                Node::Conditional(Box::new((self.expression(a)?, self.expression(b)?, self.expression(c)?)))
            }
            E::Elvis(a, b) => Node::Elvis(self.pair(a, b)?),
            E::Assign { target, operator, value } => {
                let place = self.place(target)?;
                let kind = match &place {
                    Place::Local(_, kind) => kind.clone(),
                    _ => Kind::Any,
                };
                let value = self.initial_value(value, &kind)?;
                match operator {
                    Some(operator) => Node::AssignWith(*operator, Box::new((place, value))),
                    None => Node::Assign(Box::new((place, value))),
                }
            }
            E::AssignIfFalse(target, value) => {
                let place = self.place(target)?;
                Node::AssignIfFalse(Box::new((place, self.expression(value)?)))
            }
            E::AssignAll(targets, value) => {
                let places = targets.iter().map(|target| self.place(target)).collect::<Result<_>>()?;
                Node::AssignAll(places, Box::new(self.expression(value)?))
            }
            E::Cast(name, value) => {
                let kind = self.kind(Some(name));
                Node::Cast(Box::new((kind.clone(), self.initial_value(value, &kind)?)))
            }
            E::Coerce(value, name) => {
                let kind = self.kind(Some(name));
                Node::Coerce(Box::new((self.expression(value)?, kind)))
            }
            E::InstanceOf { value, class, negated } => {
                let kind = self.kind(Some(class));
                Node::InstanceOf(Box::new((self.expression(value)?, kind)), *negated)
            }
            E::Closure(closure) => {
                let shape = Shape { implicit: closure.parameters.is_none(), closure: true, is_static: false };
                let parameters = closure.parameters.as_deref().unwrap_or_default();
                Node::Closure(Arc::new(self.function(&"call".into(), parameters, Some(&closure.body), shape)?))
            }
            E::Class(name) => {
                let kind = self.kind(Some(name));
                Self::class_node(kind)
            }
        })
    }

    /// What stands before a dot or bracket: a variable, a class, or any expression.
    fn target_node(&mut self, target: &Expression) -> Result<Node> {
        if let Some(kind) = self.dotted_class(target)
            && (self.language == Language::BeanShell || !matches!(&*target.kind, E::Name(_)))
        {
            return Ok(Self::class_node(kind));
        }
        // A dotted name in small letters that is neither variable nor class ends here as a property of a name.
        self.expression(target)
    }

    /// Left-leaning chains of operators are long in generated scripts; they are taken apart without recursion.
    fn binary(&mut self, operator: tree::BinaryOperator, a: &Expression, b: &Expression) -> Result<Node> {
        let mut chain = vec![(operator, b)];
        let mut first = a;
        let drawn = self.contexts.last().is_some_and(|context| context.asserted.is_some());
        while let (E::Binary(operator, a, b), false) = (&*first.kind, drawn) {
            chain.push((*operator, b));
            first = a;
        }
        let mut node = self.expression(first)?;
        let mut rest: Vec<(tree::BinaryOperator, Node)> = Vec::new();
        for (operator, right) in chain.into_iter().rev() {
            let right = self.expression(right)?;
            match (operator, &node, &right) {
                (tree::BinaryOperator::Plus, Node::Literal(Value::String(a)), Node::Literal(Value::String(b)))
                    if rest.is_empty() =>
                {
                    node = Node::Literal(Value::from(format!("{a}{b}")));
                }
                _ => rest.push((operator, right)),
            }
        }
        Ok(match rest.pop() {
            None => node,
            Some((operator, right)) if rest.is_empty() => Node::Binary(operator, Box::new((node, right))),
            Some(last) => {
                rest.push(last);
                Node::Chain(Box::new((node, rest)))
            }
        })
    }

    fn call(
        &mut self,
        position: Position,
        target: Option<&Expression>,
        name: &MemberName,
        how: tree::Access,
        arguments: &[SourceArgument],
    ) -> Result<Node> {
        if let MemberName::Fixed(name) = name
            && super::blocking::method(name, arguments.len())
        {
            self.blocks.set(true);
        }
        let Some(target) = target else {
            let arguments = self.arguments(arguments)?;
            let MemberName::Fixed(fixed) = name else {
                return Ok(Node::CallName(Box::new((self.name(name)?, arguments))));
            };
            if &**fixed == "this" || &**fixed == "super" {
                return Ok(Node::CallConstructor(&**fixed == "super", arguments));
            }
            if self.language == Language::Groovy
                && let Some((slot, _)) = self.local(fixed)
            {
                return Ok(Node::CallValue(Box::new((Node::Local(slot), arguments))));
            }
            return Ok(Node::CallName(Box::new((Name::Fixed(fixed.clone()), arguments))));
        };
        // A class that nobody knows, called by its full name, is worth a word to `check`.
        if let Some(dotted) = Self::dotted(target)
            && dotted.matches('.').count() >= 2
            && dotted.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_uppercase()))
            && dotted.starts_with(|c: char| c.is_ascii_lowercase())
            && self.find_class(&dotted).is_none()
            && dotted.rsplit_once('.').is_none_or(|(outer, _)| self.find_class(outer).is_none())
            && self.local(dotted.split('.').next().unwrap_or_default()).is_none()
            && ["java.", "javax.", "org.", "com.", "groovy."].iter().any(|package| dotted.starts_with(package))
        {
            self.unknown.push((position, dotted));
        }
        let shown = match name {
            MemberName::Fixed(name) if self.language == Language::BeanShell => {
                Some(Self::dotted(target).map_or_else(|| name.clone(), |dotted| format!("{dotted}.{name}").into()))
            }
            _ => None,
        };
        let target = self.target_node(target)?;
        let name = match (name, arguments) {
            // A number cast to an object is an item of the list, not a place in it.
            (MemberName::Fixed(fixed), [SourceArgument::Plain(only)]) if &**fixed == "remove" && to_object(only) => {
                Name::Fixed("remove(Object)".into())
            }
            _ => self.name(name)?,
        };
        let arguments = self.arguments(arguments)?;
        Ok(Node::Call(Box::new(Call { target, name, access: access(how), arguments, shown })))
    }

    fn place(&mut self, target: &Expression) -> Result<Place> {
        Ok(match &*target.kind {
            E::Name(name) => match self.language {
                Language::BeanShell => Place::Named(name.clone()),
                Language::Groovy => match self.local(name) {
                    Some((slot, kind)) => Place::Local(slot, kind),
                    None => Place::Dynamic(name.clone()),
                },
            },
            E::Member { target, name, access: how, field } => {
                let target = self.target_node(target)?;
                let name = self.name(name)?;
                if *field { Place::Field(target, name) } else { Place::Property(target, name, access(*how)) }
            }
            E::Index { target, index, .. } => {
                let target = self.target_node(target)?;
                Place::Index(target, self.arguments(index)?)
            }
            _ => return Err(CompileError::syntax(target.position, "this cannot be assigned to")),
        })
    }
}

/// Whether the expression is `(Object) a` or `a as Object`.
fn to_object(expression: &Expression) -> bool {
    match &*expression.kind {
        E::Cast(class, _) | E::Coerce(_, class) => {
            class.dimensions == 0 && matches!(&*class.name, "Object" | "java.lang.Object")
        }
        _ => false,
    }
}

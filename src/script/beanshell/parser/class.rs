//! Classes and methods.

use super::super::error;
use super::super::lexer::Kind;
use super::lookahead::MODIFIERS;
use super::{Parsed, Parser};
use crate::script::Position;
use crate::script::core::tree::{
    ClassDeclaration, ClassKind, FieldDeclaration, MethodDeclaration, Modifiers, Parameter, Statement, StatementKind,
    TypeName,
};
use crate::text::Text;

/// What modifiers stand before, and those that cannot.
pub(super) struct Declared {
    what: &'static str,
    forbidden: &'static [&'static str],
}

pub(super) const CLASS: Declared =
    Declared { what: "Class", forbidden: &["synchronized", "native", "transient", "volatile"] };
pub(super) const METHOD: Declared = Declared { what: "Method", forbidden: &["volatile", "transient"] };
pub(super) const FIELD: Declared = Declared { what: "Variable", forbidden: &["synchronized", "native", "abstract"] };

impl Parser<'_> {
    pub(super) fn modifiers(&mut self, declared: &Declared) -> Parsed<Modifiers> {
        let mut seen = 0_u32;
        let mut modifiers = Modifiers::default();
        while self.is_modifier(self.at) {
            let token = self.token(self.at);
            let bit = MODIFIERS.iter().position(|name| *name == &*token.text).map_or(0, |index| 1 << index);
            if seen & bit != 0 {
                return Err(error::refused(token.position, &format!("Duplicate modifier: {}", token.text)));
            }
            seen |= bit;
            if declared.forbidden.contains(&&*token.text) {
                let message = format!("{} cannot be declared '{}'", declared.what, token.text);
                return Err(error::refused(token.position, &message));
            }
            match &*token.text {
                "static" => modifiers.is_static = true,
                "final" => modifiers.is_final = true,
                "abstract" => modifiers.is_abstract = true,
                "private" | "protected" => modifiers.hidden = true,
                "public" => modifiers.public = true,
                "synchronized" => modifiers.is_synchronized = true,
                _ => {}
            }
            self.at += 1;
        }
        Ok(modifiers)
    }

    pub(super) fn class(&mut self) -> Parsed<ClassDeclaration> {
        let position = self.position();
        let modifiers = self.modifiers(&CLASS)?;
        let kind = if self.eat("interface") { ClassKind::Interface } else { ClassKind::Class };
        if kind == ClassKind::Class {
            self.expect("class")?;
        }
        let name = self.name()?;
        let parent = if self.eat("extends") { Some(self.named_type()?) } else { None };
        let mut interfaces = if self.eat("implements") { self.named_types()? } else { Vec::new() };
        let mut class = self.class_body(position, name)?;
        class.kind = kind;
        class.modifiers = modifiers;
        match (kind, parent) {
            (ClassKind::Interface, Some(parent)) => interfaces.insert(0, parent),
            (_, parent) => class.parent = parent,
        }
        class.interfaces = interfaces;
        Ok(class)
    }

    fn named_type(&mut self) -> Parsed<TypeName> {
        let position = self.position();
        Ok(TypeName { position, name: self.dotted_name()?, dimensions: 0 })
    }

    fn named_types(&mut self) -> Parsed<Vec<TypeName>> {
        let mut types = vec![self.named_type()?];
        while self.eat(",") {
            types.push(self.named_type()?);
        }
        Ok(types)
    }

    /// `{ … }` as the members of a class; the name is empty for an anonymous one.
    pub(super) fn class_body(&mut self, position: Position, name: Text) -> Parsed<ClassDeclaration> {
        let statements = self.nested(Self::block)?;
        let mut class = ClassDeclaration {
            position,
            kind: ClassKind::Class,
            name,
            modifiers: Modifiers::default(),
            annotations: Vec::new(),
            parent: None,
            interfaces: Vec::new(),
            constants: Vec::new(),
            fields: Vec::new(),
            methods: Vec::new(),
            constructors: Vec::new(),
            initializers: Vec::new(),
            classes: Vec::new(),
        };
        for statement in statements {
            member(&mut class, statement);
        }
        Ok(class)
    }

    pub(super) fn method(&mut self) -> Parsed<MethodDeclaration> {
        let position = self.position();
        let modifiers = self.modifiers(&METHOD)?;
        let result = if self.kind(self.at) == Kind::Name && self.is_at(self.at + 1, "(") {
            None
        } else if self.is("void") {
            let result = TypeName { position: self.position(), name: Text::from("void"), dimensions: 0 };
            self.at += 1;
            Some(result)
        } else {
            Some(self.type_name()?)
        };
        let name = self.name()?;
        let mut parameters = Vec::new();
        self.expect("(")?;
        if !self.eat(")") {
            loop {
                parameters.push(self.parameter()?);
                if !self.eat(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        if self.eat("throws") {
            self.named_types()?;
        }
        let body = if self.is("{") { Some(self.nested(Self::block)?) } else { None };
        if body.is_none() {
            self.expect(";")?;
        }
        Ok(MethodDeclaration { position, modifiers, annotations: Vec::new(), result, name, parameters, body })
    }

    pub(super) fn parameter(&mut self) -> Parsed<Parameter> {
        let position = self.position();
        let typed = self.after_typed_name(self.at).is_some();
        let type_name = if typed { Some(self.type_name()?) } else { None };
        Ok(Parameter { position, type_name, name: self.name()?, default: None, variable: false })
    }
}

/// Puts a statement of a class's body where it belongs.
fn member(class: &mut ClassDeclaration, statement: Statement) {
    match statement.kind {
        StatementKind::Method(method)
            if method.result.is_none() && !class.name.is_empty() && method.name == class.name =>
        {
            class.constructors.push(MethodDeclaration { name: Text::default(), ..*method });
        }
        StatementKind::Method(method) => class.methods.push(*method),
        StatementKind::Class(inner) => class.classes.push(*inner),
        StatementKind::Declare { modifiers, type_name, variables, .. } => {
            class.fields.extend(variables.into_iter().map(|variable| FieldDeclaration {
                position: variable.position,
                modifiers,
                type_name: type_name.clone(),
                name: variable.name,
                value: variable.value,
            }));
        }
        StatementKind::Empty => {}
        kind => {
            let statement = Statement { position: statement.position, kind };
            match class.initializers.last_mut() {
                Some((false, statements)) => statements.push(statement),
                _ => class.initializers.push((false, vec![statement])),
            }
        }
    }
}

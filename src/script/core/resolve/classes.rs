//! Classes of a script: their members are functions whose `this` is the object.

use super::super::class::{ClassInfo, FieldInfo};
use super::super::node::{Argument, Function, Kind, Node, Place, Statement, StatementKind};
use super::super::tree::{ClassDeclaration, ClassKind};
use super::{Context, Resolver};
use crate::script::CompileError;
use crate::script::value::Value;
use std::sync::Arc;

impl Resolver {
    /// A class written in the middle of an expression; gives its place.
    pub(super) fn anonymous(&mut self, declaration: &ClassDeclaration) -> Result<usize, CompileError> {
        let outer = self.classes[self.class].name.clone();
        let place = self.classes.len();
        let mut info = ClassInfo::declared(format!("{outer}${place}").into(), declaration);
        info.captures_locals = true;
        self.classes.push(info);
        self.members(declaration, place)?;
        Ok(place)
    }

    /// Resolves a declared class and the classes within it.
    pub(super) fn class(&mut self, declaration: &ClassDeclaration) -> Result<(), CompileError> {
        let Some(&place) = self.own.get(&declaration.name) else { return Ok(()) };
        self.members(declaration, place)?;
        for inner in &declaration.classes {
            self.class(inner)?;
        }
        Ok(())
    }

    fn members(&mut self, declaration: &ClassDeclaration, place: usize) -> Result<(), CompileError> {
        let parent = declaration.parent.as_ref().map(|name| self.kind(Some(name)));
        let interfaces = declaration.interfaces.iter().map(|name| self.kind(Some(name))).collect();
        self.classes[place].parent = parent;
        self.classes[place].interfaces = interfaces;
        for method in &declaration.methods {
            let function = self.method(method, place)?;
            self.classes[place].methods.push(Arc::new(function));
        }
        for constructor in &declaration.constructors {
            let function = self.method(constructor, place)?;
            self.classes[place].constructors.push(Arc::new(function));
        }
        for field in &declaration.fields {
            let kind = self.kind(field.type_name.as_ref());
            let info = FieldInfo {
                name: field.name.clone(),
                kind,
                is_static: field.modifiers.is_static || matches!(declaration.kind, ClassKind::Interface),
                is_final: field.modifiers.is_final,
                property: !field.modifiers.hidden && !field.modifiers.public,
            };
            self.classes[place].fields.push(info);
        }
        let initial = self.initializer(declaration, place, false)?;
        let initial_static = self.initializer(declaration, place, true)?;
        self.classes[place].initial = initial.map(Arc::new);
        self.classes[place].initial_static = initial_static.map(Arc::new);
        Ok(())
    }

    /// The function that gives the fields their first values and runs the blocks between them.
    fn initializer(
        &mut self,
        declaration: &ClassDeclaration,
        place: usize,
        is_static: bool,
    ) -> Result<Option<Function>, CompileError> {
        let before = std::mem::replace(&mut self.class, place);
        let closure = self.classes[place].captures_locals;
        self.contexts.push(Context { scopes: vec![Vec::new()], closure, ..Context::default() });
        let mut body = Vec::new();
        if is_static {
            for (index, (name, arguments, own)) in declaration.constants.iter().enumerate() {
                let class = match own {
                    Some(own) => {
                        let mut own = ClassDeclaration::clone(own);
                        own.parent = Some(crate::script::core::tree::TypeName {
                            position: declaration.position,
                            name: declaration.name.clone(),
                            dimensions: 0,
                        });
                        self.anonymous(&own)?
                    }
                    None => place,
                };
                let mut given = vec![
                    Argument::Plain(Node::Literal(Value::String(name.clone()))),
                    Argument::Plain(Node::Literal(Value::Int(index as i32))),
                ];
                given.extend(self.arguments(arguments)?);
                let value = Node::NewConstant(class, given);
                let target = Place::Field(Node::OwnClass(place), super::super::node::Name::Fixed(name.clone()));
                let kind = StatementKind::Expression(Node::Assign(Box::new((target, value))));
                body.push(Statement { line: declaration.position.line, kind });
                self.classes[place].constants.push(name.clone());
            }
        }
        for field in &declaration.fields {
            let own_static = field.modifiers.is_static || matches!(declaration.kind, ClassKind::Interface);
            if own_static != is_static {
                continue;
            }
            let Some(value) = &field.value else { continue };
            let kind = self.kind(field.type_name.as_ref());
            let value = self.initial_value(value, &kind)?;
            let owner = if is_static { Node::OwnClass(place) } else { Node::This };
            let target = Place::Field(owner, super::super::node::Name::Fixed(field.name.clone()));
            let kind = StatementKind::Expression(Node::Assign(Box::new((target, value))));
            body.push(Statement { line: field.position.line, kind });
        }
        for (own_static, statements) in &declaration.initializers {
            if *own_static == is_static {
                body.extend(self.statements(statements)?);
            }
        }
        let context = self.contexts.pop().unwrap_or_default();
        self.class = before;
        if body.is_empty() {
            return Ok(None);
        }
        Ok(Some(Function {
            name: "<init>".into(),
            parameters: Vec::new(),
            slots: context.slots,
            captures: context.captures,
            implicit: false,
            result: Kind::Void,
            is_static,
            body: Some(body),
        }))
    }
}

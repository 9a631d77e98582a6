//! Classes, interfaces, enums and traits.

use super::super::lexer::Kind;
use super::declaration::Before;
use super::{Commands, Parsed, Parser};
use crate::script::core::tree::{
    ClassDeclaration, ClassKind, FieldDeclaration, MethodDeclaration, Modifiers, TypeName,
};
use crate::script::{CompileError, Position};
use crate::text::Text;

fn empty_class(position: Position, kind: ClassKind, name: Text) -> ClassDeclaration {
    ClassDeclaration {
        position,
        kind,
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
    }
}

impl Parser<'_> {
    /// A class with its modifiers.
    pub(super) fn class_declaration(&mut self) -> Parsed<ClassDeclaration> {
        let position = self.position();
        let before = self.modifiers()?;
        self.class_rest(position, before)
    }

    fn class_rest(&mut self, position: Position, before: Before) -> Parsed<ClassDeclaration> {
        let word = self.next();
        let kind = match word.text {
            "class" => ClassKind::Class,
            "enum" => ClassKind::Enum,
            "trait" => ClassKind::Trait,
            _ => ClassKind::Interface,
        };
        if word.is("@") {
            self.expect("interface")?;
        }
        let name = self.name()?;
        if name.text == "var" {
            return Err(CompileError::syntax(name.position, "var cannot be used for type declarations"));
        }
        let mut class = empty_class(position, kind, name.text.into());
        (class.modifiers, class.annotations) = (before.modifiers, before.annotations);
        let parameters = self.past_newline(self.at);
        if self.token(parameters).is("<") {
            self.at = parameters;
            self.skip_type_arguments()?;
        }
        if self.eat_past_newline("extends") {
            self.skip_newline();
            let mut parents = self.types()?;
            if kind == ClassKind::Interface {
                class.interfaces = parents;
            } else {
                if parents.len() > 1 {
                    return Err(CompileError::syntax(parents[0].position, "Cannot extend multiple classes"));
                }
                class.parent = parents.pop();
            }
        }
        if self.eat_past_newline("implements") {
            self.skip_newline();
            class.interfaces.extend(self.types()?);
        }
        self.skip_newline();
        self.class_body(&mut class)?;
        Ok(class)
    }

    fn types(&mut self) -> Parsed<Vec<TypeName>> {
        let mut types = vec![self.type_name()?];
        while self.eat(",") {
            self.skip_newline();
            types.push(self.type_name()?);
        }
        Ok(types)
    }

    /// The body of `new A() { … }`.
    pub(super) fn anonymous_class(&mut self) -> Parsed<ClassDeclaration> {
        let mut class = empty_class(self.position(), ClassKind::Class, Text::default());
        self.class_body(&mut class)?;
        Ok(class)
    }

    fn class_body(&mut self, class: &mut ClassDeclaration) -> Parsed<()> {
        let outer = self.enter()?;
        let command = std::mem::replace(&mut self.command, Commands::None);
        self.expect("{")?;
        self.skip_newline();
        if class.kind == ClassKind::Enum && self.is_constant() {
            self.constants(class)?;
        }
        loop {
            self.skip_separators();
            if self.is("}") || self.at_end() {
                break;
            }
            self.member_declaration(class)?;
            if !self.at_separator() && !self.is("}") {
                return Err(self.unexpected());
            }
        }
        self.expect("}")?;
        self.command = command;
        self.leave(outer)
    }

    fn is_constant(&self) -> bool {
        let start = self.past_modifiers(self.at);
        let after = self.token(start + 1);
        let goes_on = matches!(after.kind, Kind::NewLine | Kind::End)
            || [",", "(", "{", ";", "}"].iter().any(|symbol| after.is(symbol));
        Self::is_name(self.token(start)) && goes_on
    }

    fn constants(&mut self, class: &mut ClassDeclaration) -> Parsed<()> {
        loop {
            self.skip_annotations()?;
            let name = self.name()?.text.into();
            let arguments = if self.is("(") { self.arguments()? } else { Vec::new() };
            let body = if self.is("{") { Some(Box::new(self.anonymous_class()?)) } else { None };
            class.constants.push((name, arguments, body));
            if !self.eat_past_newline(",") {
                return Ok(());
            }
            self.skip_newline();
            if !Self::is_name(self.peek()) && !self.is("@") {
                return Ok(());
            }
        }
    }

    fn member_declaration(&mut self, class: &mut ClassDeclaration) -> Parsed<()> {
        let brace = if self.is("static") { self.past_newline(self.at + 1) } else { self.at };
        if self.token(brace).is("{") {
            let is_static = brace > self.at;
            self.at = brace;
            let block = self.block()?;
            class.initializers.push((is_static, block));
            return Ok(());
        }
        let position = self.position();
        let before = self.modifiers()?;
        if self.is_class(self.at) {
            let inner = self.class_rest(position, before)?;
            class.classes.push(inner);
        } else if self.is_method(self.at, true) {
            let method = self.method_rest(position, before, Some(&class.name))?;
            let abstract_by_kind = class.kind == ClassKind::Interface || method.modifiers.is_abstract;
            if method.body.is_none() && !abstract_by_kind {
                let message = format!(
                    "You defined a method[{}] without a body. Try adding a method body, or declare it abstract",
                    method.name
                );
                return Err(CompileError::syntax(position, message));
            }
            if method.result.is_none() && method.body.is_some() && method.name == class.name {
                class.constructors.push(MethodDeclaration { name: Text::default(), ..method });
            } else {
                class.methods.push(method);
            }
        } else {
            self.fields(class, &before)?;
        }
        Ok(())
    }

    fn fields(&mut self, class: &mut ClassDeclaration, before: &Before) -> Parsed<()> {
        let type_name = if self.is_type_before_name() { Some(self.variable_type()?) } else { None };
        if type_name.is_none() && !before.any {
            return Err(self.unexpected());
        }
        for variable in self.variables()? {
            class.fields.push(FieldDeclaration {
                position: variable.position,
                modifiers: before.modifiers,
                type_name: type_name.clone(),
                name: variable.name,
                value: variable.value,
            });
        }
        Ok(())
    }
}

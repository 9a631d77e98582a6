//! From the tree to what is evaluated: the names of a script find what they stand for.

mod blocking;
mod classes;
mod expressions;
mod statements;

use super::class::ClassInfo;
use super::node::{Function, Kind, Language, Primitive, Unit};
use super::tree::{ClassDeclaration, Import, MethodDeclaration, Parameter, Program, TypeName};
use crate::script::library;
use crate::script::value::ClassRef;
use crate::script::{CompileError, Position};
use crate::text::Text;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

/// Expressions within expressions that a script may have.
const DEPTH_LIMIT: u32 = 600;

/// The variables of one function while it is resolved.
#[derive(Debug, Default)]
struct Context {
    /// Innermost last.
    scopes: Vec<Vec<(Text, usize, Kind)>>,
    slots: usize,
    captures: Vec<(usize, usize)>,
    /// Whether it sees the variables of the function around it.
    closure: bool,
    /// The assertion whose condition is resolved.
    asserted: Option<super::power_assert::Source>,
}

pub(super) struct Resolver {
    language: Language,
    contexts: Vec<Context>,
    /// Simple names that imports give, with the full names.
    imports: HashMap<Text, Text>,
    /// Packages (or classes) imported with `.*`, with the dot.
    stars: Vec<Text>,
    statics: Vec<(Option<Text>, ClassRef, Text)>,
    /// Names of the script's classes with their places.
    own: HashMap<Text, usize>,
    classes: Vec<ClassInfo>,
    /// Place of the class whose members are resolved; 0 is the script.
    class: usize,
    /// Names that nobody knows.
    pub(super) missing: Vec<(Position, String)>,
    /// Classes that are called by their full name and that nobody knows: no error before they are reached.
    unknown: Vec<(Position, String)>,
    /// Whether the script may hold up its thread.
    blocks: Cell<bool>,
    depth: u32,
}

/// Names of classes that nobody knows, with their places.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Of types: Groovy does not compile such a script.
    pub(super) missing: Vec<(Position, String)>,
    /// Of classes called by their full name: an error when it gets there.
    pub(super) unknown: Vec<(Position, String)>,
}

/// A resolved script and the names in it that nobody knows.
pub(super) fn resolve(program: &Program, language: Language, name: Text) -> Result<(Unit, Names), CompileError> {
    let mut resolver = Resolver {
        language,
        contexts: Vec::new(),
        imports: HashMap::new(),
        stars: Vec::new(),
        statics: Vec::new(),
        own: HashMap::new(),
        classes: vec![ClassInfo::script(name.clone())],
        class: 0,
        missing: Vec::new(),
        unknown: Vec::new(),
        blocks: Cell::new(false),
        depth: 0,
    };
    for import in &program.imports {
        resolver.import(import);
    }
    resolver.declare_classes(&program.classes, "");
    for class in &program.classes {
        resolver.class(class)?;
    }
    for method in &program.methods {
        let function = resolver.method(method, 0)?;
        resolver.classes[0].methods.push(Arc::new(function));
    }
    resolver.contexts.push(Context { scopes: vec![Vec::new()], ..Context::default() });
    let body = resolver.body(&program.body)?;
    let context = resolver.contexts.pop().unwrap_or_default();
    let body = Function {
        name: "run".into(),
        parameters: Vec::new(),
        slots: context.slots,
        captures: Vec::new(),
        implicit: false,
        result: Kind::Any,
        is_static: false,
        body: Some(body),
    };
    let initialized = Mutex::new(vec![false; resolver.classes.len()]);
    let unit = Unit {
        name,
        language,
        classes: resolver.classes,
        body: Arc::new(body),
        statics: resolver.statics,
        blocks: resolver.blocks.get(),
        static_fields: Mutex::default(),
        initialized,
    };
    Ok((unit, Names { missing: resolver.missing, unknown: resolver.unknown }))
}

impl Resolver {
    fn import(&mut self, import: &Import) {
        if import.is_static {
            let (class, member) = if import.star {
                (&*import.name, "")
            } else {
                import.name.rsplit_once('.').unwrap_or((&*import.name, ""))
            };
            match full_class(class) {
                Some(class) => {
                    let name = import.alias.clone().unwrap_or_else(|| Text::from(member));
                    self.statics.push(((!import.star).then_some(name), class, Text::from(member)));
                }
                None => self.missing.push((import.position, class.to_owned())),
            }
        } else if import.star {
            self.stars.push(format!("{}.", import.name).into());
        } else {
            let simple = import.name.rsplit('.').next().unwrap_or_default();
            let name = import.alias.clone().unwrap_or_else(|| Text::from(simple));
            if full_class(&import.name).is_none() {
                // A class that JMeter has and this library has not is no matter until it is used.
                let name = import.name.to_string();
                if library::shipped::has(&name) {
                    self.unknown.push((import.position, name));
                } else {
                    self.missing.push((import.position, name));
                }
            }
            self.imports.insert(name, import.name.clone());
        }
    }

    /// The class that a name stands for here.
    fn find_class(&self, name: &str) -> Option<Kind> {
        let found = self.look_up_class(name);
        if let Some(Kind::Class(class)) = &found
            && blocking::class(&class.name())
        {
            self.blocks.set(true);
        }
        found
    }

    fn look_up_class(&self, name: &str) -> Option<Kind> {
        if let Some(primitive) = Primitive::parse(name) {
            return Some(Kind::Primitive(primitive));
        }
        if let Some(place) = self.own.get(name) {
            return Some(Kind::Own(*place));
        }
        if let Some(full) = self.imports.get(name) {
            return full_class(full).map(Kind::Class);
        }
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        if !rest.is_empty() {
            // `Map.Entry`, or a class within an imported one.
            if let Some(class) = full_class(name) {
                return Some(Kind::Class(class));
            }
            let outer = match self.look_up_class(first)? {
                Kind::Class(class) => class.name(),
                Kind::Own(place) => {
                    let inner = format!("{}${rest}", self.classes[place].name);
                    return self.classes.iter().position(|class| *class.name == *inner).map(Kind::Own);
                }
                _ => return None,
            };
            return full_class(&format!("{outer}${}", rest.replace('.', "$"))).map(Kind::Class);
        }
        if let Some(class) = library::find_class(name) {
            return Some(Kind::Class(class));
        }
        let starred = |star: &Text| {
            let full = format!("{star}{name}");
            full_class(&full).or_else(|| full_class(&format!("{}${name}", star.trim_end_matches('.')))).map(Kind::Class)
        };
        self.stars.iter().find_map(starred)
    }

    /// The type that a declaration names.
    fn kind(&mut self, name: Option<&TypeName>) -> Kind {
        let Some(name) = name else { return Kind::Any };
        self.kind_with(name, 0)
    }

    fn kind_with(&mut self, name: &TypeName, more: u32) -> Kind {
        let dimensions = name.dimensions + more;
        if dimensions == 0 {
            return match &*name.name {
                "void" => Kind::Void,
                "def" | "var" | "Object" | "java.lang.Object" => Kind::Any,
                other => match self.find_class(other) {
                    Some(kind) => kind,
                    // A type parameter of a generic method or class.
                    None if other.len() == 1 && other.starts_with(|c: char| c.is_ascii_uppercase()) => Kind::Any,
                    None => {
                        self.missing.push((name.position, other.to_owned()));
                        Kind::Unknown(name.name.clone())
                    }
                },
            };
        }
        let element = self.element(name, dimensions - 1);
        Kind::Class(ClassRef::Array(element))
    }

    /// The name of an array's element type.
    fn element(&mut self, name: &TypeName, dimensions: u32) -> Text {
        let base = TypeName { dimensions: 0, ..name.clone() };
        let base = match self.kind(Some(&base)) {
            Kind::Primitive(primitive) => primitive.name().to_owned(),
            Kind::Class(class) => class.name(),
            Kind::Own(place) => self.classes[place].name.to_string(),
            _ => "java.lang.Object".to_owned(),
        };
        format!("{base}{}", "[]".repeat(dimensions as usize)).into()
    }

    fn context(&mut self) -> &mut Context {
        if self.contexts.is_empty() {
            self.contexts.push(Context { scopes: vec![Vec::new()], ..Context::default() });
        }
        let last = self.contexts.len() - 1;
        &mut self.contexts[last]
    }

    fn declare(&mut self, name: &Text, kind: Kind) -> usize {
        let context = self.context();
        let slot = context.slots;
        context.slots += 1;
        if context.scopes.is_empty() {
            context.scopes.push(Vec::new());
        }
        if let Some(scope) = context.scopes.last_mut() {
            scope.push((name.clone(), slot, kind));
        }
        slot
    }

    /// The slot of a local variable, captured if need be.
    fn local(&mut self, name: &str) -> Option<(usize, Kind)> {
        self.local_at(name, self.contexts.len().checked_sub(1)?)
    }

    fn local_at(&mut self, name: &str, at: usize) -> Option<(usize, Kind)> {
        let context = &self.contexts[at];
        for scope in context.scopes.iter().rev() {
            if let Some((_, slot, kind)) = scope.iter().rev().find(|variable| *variable.0 == *name) {
                return Some((*slot, kind.clone()));
            }
        }
        if !context.closure || at == 0 {
            return None;
        }
        let (outer, kind) = self.local_at(name, at - 1)?;
        let context = &mut self.contexts[at];
        let slot = context.slots;
        context.slots += 1;
        context.captures.push((outer, slot));
        if let Some(scope) = context.scopes.first_mut() {
            scope.push((Text::from(name), slot, kind.clone()));
        }
        Some((slot, kind))
    }

    fn in_scope<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        self.context().scopes.push(Vec::new());
        let result = work(self);
        self.context().scopes.pop();
        result
    }

    /// Resolves a function's parameters and body in a context of its own.
    fn function(
        &mut self,
        name: &Text,
        parameters: &[Parameter],
        body: Option<&[super::tree::Statement]>,
        shape: Shape,
    ) -> Result<Function, CompileError> {
        let context = Context { scopes: vec![Vec::new(), Vec::new()], closure: shape.closure, ..Context::default() };
        self.contexts.push(context);
        let mut resolved = Vec::new();
        if shape.implicit {
            self.declare(&"it".into(), Kind::Any);
            let parameter =
                super::node::Parameter { name: "it".into(), kind: Kind::Any, default: None, variable: false };
            resolved.push(parameter);
        }
        for parameter in parameters {
            let kind = if parameter.variable {
                let element = match &parameter.type_name {
                    Some(name) => {
                        // `String... a`; a type that is an array already is taken as it is.
                        self.element(name, name.dimensions)
                    }
                    None => "java.lang.Object".into(),
                };
                Kind::Class(ClassRef::Array(element))
            } else {
                self.kind(parameter.type_name.as_ref())
            };
            let default = match &parameter.default {
                Some(value) => Some(self.expression(value)?),
                None => None,
            };
            self.declare(&parameter.name, kind.clone());
            let variable = parameter.variable;
            resolved.push(super::node::Parameter { name: parameter.name.clone(), kind, default, variable });
        }
        // An array as the last parameter takes further arguments too, as in Groovy's methods.
        if self.language == Language::Groovy
            && let Some(last) = resolved.last_mut()
            && matches!(&last.kind, Kind::Class(ClassRef::Array(_)))
        {
            last.variable = true;
        }
        let body = match body {
            Some(body) => Some(self.body(body)?),
            None => None,
        };
        let context = self.contexts.pop().unwrap_or_default();
        Ok(Function {
            name: name.clone(),
            parameters: resolved,
            slots: context.slots,
            captures: context.captures,
            implicit: shape.implicit,
            result: Kind::Any,
            is_static: shape.is_static,
            body,
        })
    }

    fn method(&mut self, method: &MethodDeclaration, class: usize) -> Result<Function, CompileError> {
        let before = std::mem::replace(&mut self.class, class);
        let shape = Shape {
            is_static: method.modifiers.is_static,
            closure: self.classes[class].captures_locals,
            ..Shape::default()
        };
        let mut function = self.function(&method.name, &method.parameters, method.body.as_deref(), shape)?;
        function.result = self.kind(method.result.as_ref());
        self.class = before;
        Ok(function)
    }

    /// Gives every class its place, so that they see each other.
    fn declare_classes(&mut self, classes: &[ClassDeclaration], outer: &str) {
        for class in classes {
            let name = if outer.is_empty() { class.name.to_string() } else { format!("{outer}${}", class.name) };
            let place = self.classes.len();
            self.classes.push(ClassInfo::declared(name.as_str().into(), class));
            self.own.insert(class.name.clone(), place);
            self.declare_classes(&class.classes, &name);
        }
    }

    /// Counts a nesting.
    fn deeper<R>(
        &mut self,
        position: Position,
        work: impl FnOnce(&mut Self) -> Result<R, CompileError>,
    ) -> Result<R, CompileError> {
        if self.depth >= DEPTH_LIMIT {
            return Err(CompileError::syntax(position, "expressions are nested too deeply"));
        }
        self.depth += 1;
        let result = crate::script::machine::with_stack(|| work(self));
        self.depth -= 1;
        result
    }
}

/// What is particular to a function.
#[derive(Debug, Clone, Copy, Default)]
struct Shape {
    implicit: bool,
    closure: bool,
    is_static: bool,
}

/// The class of a full name; `a.b.C.D` may be the class D within C.
fn full_class(name: &str) -> Option<ClassRef> {
    let mut name = name.to_owned();
    loop {
        if name.contains('.') {
            if let Some(class) = library::find_class(&name) {
                return Some(class);
            }
            if crate::script::jmeter::has_class(&name) {
                return Some(ClassRef::Host(name.into()));
            }
        }
        let dot = name.rfind('.')?;
        if !name[..dot].contains('.') {
            return None;
        }
        name.replace_range(dot..=dot, "$");
    }
}

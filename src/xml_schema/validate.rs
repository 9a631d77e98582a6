//! A document, tag by tag, against a schema.

use super::components::{Attribute, Complex, Content, Element, ElementId, Name, Process, Schema, Type, TypeId};
use super::identity::Scope;
use super::model::{Leaf, State, Unexpected};
use super::simple::{Id, Variety, simple};
use super::value::{Primitive, Value};
use crate::xml_path::{Document, Kind, NodeId, Tag, Tags};
use ahash::AHashSet;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An element that is open.
struct Open<'s> {
    node: NodeId,
    /// None where nothing is known of it and nothing is asked.
    type_id: Option<TypeId>,
    declaration: Option<&'s Element>,
    state: State,
    children: bool,
    nil: bool,
    /// Whether all within is passed over.
    skip: bool,
}

struct Validator<'s, 'd> {
    schema: &'s Schema,
    document: &'d Document,
    open: Vec<Open<'s>>,
    scopes: Vec<Scope<'s>>,
    ids: AHashSet<String>,
    references: Vec<String>,
    /// Where the fault lies, if that is not where it is noticed: an element, and whether its end is meant.
    elsewhere: Option<(NodeId, bool)>,
}

/// The first fault of a document, and the byte where it is noticed.
pub fn first_fault(schema: &Schema, tags: &Tags) -> Option<(String, usize)> {
    let mut validator = Validator {
        schema,
        document: &tags.document,
        open: Vec::new(),
        scopes: Vec::new(),
        ids: AHashSet::default(),
        references: Vec::new(),
        elsewhere: None,
    };
    let (message, noticed) = tags.tags.iter().find_map(|tag: &Tag| {
        let told = if tag.ends { validator.end() } else { validator.start(tag.element) };
        told.err().map(|message| (message, tag.at))
    })?;
    let elsewhere = validator.elsewhere;
    let at = tags.tags.iter().find(|tag| elsewhere == Some((tag.element, tag.ends))).map_or(noticed, |tag| tag.at);
    Some((message, at))
}

type Told = Result<(), String>;

impl<'s> Validator<'s, '_> {
    fn start(&mut self, node: NodeId) -> Told {
        let (schema, document) = (self.schema, self.document);
        let raw = document.name(node);
        let name = Name::new(document.namespace(node), document.local_name(node));
        let mut open = Open {
            node,
            type_id: None,
            declaration: None,
            state: State::Start,
            children: false,
            nil: false,
            skip: false,
        };
        let mut found: Option<ElementId> = None;
        let mut process = Process::Lax;
        match self.open.last_mut() {
            None => {
                found = schema.global_elements.get(&name).copied();
                if found.is_none() && self.xsi(node, "type").is_none() {
                    return Err(format!("cvc-elt.1.a: Cannot find the declaration of element '{raw}'."));
                }
            }
            Some(parent) => {
                parent.children = true;
                if parent.skip {
                    open.skip = true;
                    self.open.push(open);
                    return Ok(());
                }
                if let Some(Type::Complex(Complex { content: Content::Model(model), .. })) =
                    parent.type_id.map(|id| &schema.types[id as usize])
                {
                    match model.next(schema, &mut parent.state, &name) {
                        Ok((Leaf::Element(_), element)) => {
                            found = Some(element);
                            process = Process::Strict;
                        }
                        Ok((Leaf::Any(wildcard), _)) => process = wildcard.process,
                        Err(unexpected) => return Err(invalid(&name, &unexpected)),
                    }
                }
                if process == Process::Skip {
                    open.skip = true;
                    self.open.push(open);
                    return Ok(());
                }
                if found.is_none() {
                    found = schema.global_elements.get(&name).copied();
                    if found.is_none() && process == Process::Strict && self.xsi(node, "type").is_none() {
                        return Err(format!(
                            "cvc-complex-type.2.4.c: The matching wildcard is strict, but no declaration can be found for element '{raw}'."
                        ));
                    }
                }
            }
        }
        open.declaration = found.map(|id| &schema.elements[id as usize]);
        open.type_id = open.declaration.map(|declaration| declaration.type_id);
        if open.declaration.is_some_and(|declaration| declaration.is_abstract) {
            return Err(format!(
                "cvc-elt.2: The value of {{abstract}} in the element declaration for '{raw}' must be false."
            ));
        }
        if let Some(text) = self.xsi(node, "type") {
            open.type_id = Some(self.type_of(node, raw, &text, open.declaration)?);
        }
        let Some(type_id) = open.type_id else {
            // An element without a declaration, somewhere below a wildcard that is lax.
            self.open.push(Open { type_id: Some(0), ..open });
            return Ok(());
        };
        if let Type::Complex(Complex { is_abstract: true, .. }) = &schema.types[type_id as usize] {
            return Err(format!("cvc-type.2: The type definition cannot be abstract for element {raw}."));
        }
        if let Some(nil) = self.xsi(node, "nil")
            && let Some(declaration) = open.declaration
        {
            if !declaration.nillable {
                return Err(format!(
                    "cvc-elt.3.1: Attribute '{XSI},nil' must not appear on element '{raw}', because the {{nillable}} property of '{raw}' is false."
                ));
            }
            open.nil = matches!(nil.trim(), "true" | "1");
        }
        if let Some(declaration) = open.declaration
            && !declaration.constraints.is_empty()
        {
            self.scopes.push(Scope::new(node, &declaration.constraints));
        }
        self.open.push(open);
        match &schema.types[type_id as usize] {
            Type::Simple(_) => match self.attributes(node).into_iter().next() {
                Some(attribute) => Err(format!(
                    "cvc-type.3.1.1: Element '{raw}' is a simple type, so it cannot have attributes, excepting those whose namespace name is identical to '{XSI}' and whose [local name] is one of 'type', 'nil', 'schemaLocation' or 'noNamespaceSchemaLocation'. However, the attribute, '{}' was found.",
                    document.name(attribute)
                )),
                None => Ok(()),
            },
            Type::Complex(complex) => self.complex_attributes(node, raw, complex),
            Type::Pending => Ok(()),
        }
    }

    /// The attributes of an element that are not of the instance's own namespace.
    fn attributes(&self, node: NodeId) -> Vec<NodeId> {
        self.document.attributes(node).filter(|attribute| self.document.namespace(*attribute) != XSI).collect()
    }

    fn xsi(&self, node: NodeId, local: &str) -> Option<String> {
        let document = self.document;
        let found = document
            .attributes(node)
            .find(|attribute| document.namespace(*attribute) == XSI && document.local_name(*attribute) == local)?;
        document.own_value(found).map(str::to_owned)
    }

    /// The type that `xsi:type` names.
    fn type_of(&self, node: NodeId, raw: &str, text: &str, declaration: Option<&Element>) -> Result<TypeId, String> {
        let text = text.trim();
        let (prefix, local) = text.split_once(':').unwrap_or(("", text));
        let namespace = self.document.namespace_of(prefix, node).unwrap_or_default();
        let Some(id) = self.schema.global_types.get(&Name::new(namespace, local)).copied() else {
            return Err(format!("cvc-elt.4.2: Cannot resolve '{text}' to a type definition for element '{raw}'."));
        };
        let Some(declaration) = declaration else { return Ok(id) };
        let mut at = Some(id);
        while let Some(type_id) = at {
            if type_id == declaration.type_id {
                return Ok(id);
            }
            at = self.base(type_id);
        }
        Err(format!(
            "cvc-elt.4.3: Type '{text}' is not validly derived from the type definition, '{}', of element '{raw}'.",
            self.type_name(declaration.type_id)
        ))
    }

    fn base(&self, id: TypeId) -> Option<TypeId> {
        match &self.schema.types[id as usize] {
            Type::Simple(simple) => Some(simple.base.unwrap_or(0)),
            Type::Complex(complex) => complex.base,
            Type::Pending => None,
        }
    }

    fn type_name(&self, id: TypeId) -> &str {
        match &self.schema.types[id as usize] {
            Type::Simple(simple) => &simple.name,
            Type::Complex(complex) => &complex.name,
            Type::Pending => "",
        }
    }

    fn complex_attributes(&mut self, node: NodeId, raw: &str, complex: &Complex) -> Told {
        let (schema, document) = (self.schema, self.document);
        let mut present: Vec<Name> = Vec::new();
        for attribute in self.attributes(node) {
            let name = Name::new(document.namespace(attribute), document.local_name(attribute));
            let text = document.own_value(attribute).unwrap_or_default();
            let used = complex.attributes.iter().find(|used| used.attribute.name == name);
            if let Some(used) = used {
                self.attribute(raw, attribute, &used.attribute, text)?;
                present.push(name);
                continue;
            }
            let wildcard = complex.wildcard.as_ref().filter(|wildcard| wildcard.takes(&name.namespace));
            let Some(wildcard) = wildcard else {
                return Err(format!(
                    "cvc-complex-type.3.2.2: Attribute '{}' is not allowed to appear in element '{raw}'.",
                    document.name(attribute)
                ));
            };
            match (wildcard.process, schema.global_attributes.get(&name)) {
                (Process::Skip, _) | (Process::Lax, None) => {}
                (_, Some(declared)) => self.attribute(raw, attribute, declared, text)?,
                (Process::Strict, None) => {
                    return Err(format!(
                        "cvc-complex-type.3.2.2: Attribute '{}' is not allowed to appear in element '{raw}'.",
                        document.name(attribute)
                    ));
                }
            }
        }
        for used in complex.attributes.iter().filter(|used| used.required) {
            let name = &used.attribute.name;
            if present.contains(name) {
                continue;
            }
            return Err(if name.namespace.is_empty() {
                format!("cvc-complex-type.4: Attribute '{}' must appear on element '{raw}'.", name.local)
            } else {
                format!(
                    "cvc-complex-type.4: Attribute '{}' belonging to namespace '{}', must appear on element '{raw}'.",
                    name.local, name.namespace
                )
            });
        }
        Ok(())
    }

    fn attribute(&mut self, raw: &str, node: NodeId, declared: &Attribute, text: &str) -> Told {
        let element = self.document.parent(node).unwrap_or(node);
        let value = self.value(element, declared.type_id, text)?;
        let Some(fixed) = &declared.fixed else { return Ok(()) };
        let expected = simple(self.schema, declared.type_id).map(|simple| simple.value(self.schema, fixed));
        if expected.is_some_and(|expected| expected.ok() != value) {
            return Err(format!(
                "cvc-complex-type.3.1: Value '{text}' of attribute '{name}' of element '{raw}' is not valid with respect to the corresponding attribute use. Attribute '{name}' has a fixed value of '{fixed}'.",
                name = self.document.name(node)
            ));
        }
        Ok(())
    }

    /// The value of a text of a simple type; IDs are noted.
    fn value(&mut self, element: NodeId, type_id: TypeId, text: &str) -> Result<Option<Value>, String> {
        let schema = self.schema;
        let Some(simple) = simple(schema, type_id) else { return Ok(None) };
        let value = simple.value(schema, text)?;
        if let (Variety::Atomic(Primitive::QName), Value::Text(text)) = (&simple.variety, &value)
            && let Some((prefix, _)) = text.split_once(':')
            && self.document.namespace_of(prefix, element).is_none()
        {
            return Err(format!(
                "UndeclaredPrefix: Cannot resolve '{text}' as a QName: the prefix '{prefix}' is not declared."
            ));
        }
        match (simple.identity, &value) {
            (Some(Id::Own), Value::Text(id)) if !self.ids.insert(id.clone()) => {
                return Err(format!("cvc-id.2: There are multiple occurrences of ID value '{id}'."));
            }
            (Some(Id::Reference), Value::Text(id)) => self.references.push(id.clone()),
            _ => {}
        }
        Ok(Some(value))
    }

    fn end(&mut self) -> Told {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let told = if open.skip { Ok(()) } else { self.content(&open) };
        told?;
        self.constraints(open.node)?;
        if self.open.is_empty()
            && let Some(missing) = self.references.iter().find(|id| !self.ids.contains(*id))
        {
            return Err(format!("cvc-id.1: There is no ID/IDREF binding for IDREF '{missing}'."));
        }
        Ok(())
    }

    fn constraints(&mut self, node: NodeId) -> Told {
        if self.scopes.is_empty() {
            return Ok(());
        }
        let (schema, document) = (self.schema, self.document);
        // Values are compared as texts and as numbers, whatever type says so.
        let value = |node: NodeId| {
            let text = match document.kind(node) {
                Kind::Attribute => document.own_value(node).unwrap_or_default().to_owned(),
                _ => document.own_text(node),
            };
            let integer = schema.global_types.get(&Name::new("http://www.w3.org/2001/XMLSchema", "integer"));
            let number = integer.and_then(|id| simple(schema, *id)).and_then(|simple| simple.value(schema, &text).ok());
            let shown = Primitive::Integer.shown(text.trim());
            Some(match number {
                Some(number) => (number, shown),
                None => (Value::Text(text.clone()), text),
            })
        };
        for scope in &mut self.scopes {
            if let Some((message, last)) = scope.take(document, node, &value) {
                self.elsewhere = Some(match document.kind(last) {
                    Kind::Attribute => (document.parent(last).unwrap_or(node), false),
                    _ => (last, true),
                });
                return Err(message);
            }
        }
        if self.scopes.last().is_some_and(|scope| scope.is_of(node))
            && let Some(scope) = self.scopes.pop()
            && let Some(message) = scope.end(document)
        {
            return Err(message);
        }
        Ok(())
    }

    fn content(&mut self, open: &Open<'s>) -> Told {
        let (schema, document) = (self.schema, self.document);
        let raw = document.name(open.node);
        let Some(type_id) = open.type_id else { return Ok(()) };
        let text = document.own_text(open.node);
        if open.nil {
            if open.children || !text.is_empty() {
                return Err(format!(
                    "cvc-elt.3.2.1: Element '{raw}' cannot have character or element information [children], because '{XSI},nil' is specified."
                ));
            }
            return Ok(());
        }
        match &schema.types[type_id as usize] {
            Type::Pending => Ok(()),
            Type::Simple(_) => {
                if open.children {
                    return Err(format!(
                        "cvc-type.3.1.2: Element '{raw}' is a simple type, so it must have no element information item [children]."
                    ));
                }
                self.text(open, raw, type_id, &text)
            }
            Type::Complex(complex) => match &complex.content {
                Content::Empty if open.children || !text.is_empty() => Err(format!(
                    "cvc-complex-type.2.1: Element '{raw}' must have no character or element information item [children], because the type's content type is empty."
                )),
                Content::Empty => Ok(()),
                Content::Simple(_) if open.children => Err(format!(
                    "cvc-complex-type.2.2: Element '{raw}' must have no element [children], and the value must be valid."
                )),
                Content::Simple(of) => self.text(open, raw, *of, &text),
                Content::Model(model) => {
                    let blank = text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
                    if !complex.mixed && !blank {
                        return Err(format!(
                            "cvc-complex-type.2.3: Element '{raw}' cannot have character [children], because the type's content type is element-only."
                        ));
                    }
                    model.end(schema, &open.state).map_err(|unexpected| incomplete(raw, &unexpected))
                }
            },
        }
    }

    /// The text of an element of a simple type.
    fn text(&mut self, open: &Open<'s>, raw: &str, type_id: TypeId, text: &str) -> Told {
        let declaration = open.declaration;
        let given = declaration.and_then(|declaration| declaration.default.as_ref().or(declaration.fixed.as_ref()));
        let text = if text.is_empty() { given.map_or(text, String::as_str) } else { text };
        let value = self.value(open.node, type_id, text)?;
        let Some(fixed) = declaration.and_then(|declaration| declaration.fixed.as_ref()) else { return Ok(()) };
        let expected = simple(self.schema, type_id).and_then(|simple| simple.value(self.schema, fixed).ok());
        if expected != value {
            return Err(format!(
                "cvc-elt.5.2.2.2.2: The value '{text}' of element '{raw}' does not match the {{value constraint}} value '{fixed}'."
            ));
        }
        Ok(())
    }
}

/// What is said of a child that does not belong there.
fn invalid(child: &Name, unexpected: &Unexpected) -> String {
    let child = child.expanded();
    let expected = list(unexpected);
    if let Some((name, count, min, max)) = &unexpected.counted {
        if count < min {
            return format!(
                "cvc-complex-type.2.4.{}: Invalid content was found starting with element '{child}'. '{name}' is expected to occur a minimum of '{min}' times in the current sequence. {}",
                if min - count == 1 { 'g' } else { 'h' },
                more(min - count)
            );
        }
        if let Some(max) = max.filter(|max| count >= max) {
            let limit = format!(
                "'{name}' can occur a maximum of '{max}' times in the current sequence. This limit was exceeded."
            );
            return if unexpected.expected.is_empty() {
                format!("cvc-complex-type.2.4.f: {limit} No child element is expected at this point.")
            } else {
                format!("cvc-complex-type.2.4.e: {limit} At this point one of '{expected}' is expected.")
            };
        }
    }
    if unexpected.expected.is_empty() {
        return format!(
            "cvc-complex-type.2.4.d: Invalid content was found starting with element '{child}'. No child element is expected at this point."
        );
    }
    format!(
        "cvc-complex-type.2.4.a: Invalid content was found starting with element '{child}'. One of '{expected}' is expected."
    )
}

/// What is said of an element that ends too early.
fn incomplete(raw: &str, unexpected: &Unexpected) -> String {
    if let Some((name, count, min, _)) = &unexpected.counted
        && count < min
    {
        return format!(
            "cvc-complex-type.2.4.{}: The content of element '{raw}' is not complete. '{name}' is expected to occur a minimum of '{min}' times. {}",
            if min - count == 1 { 'i' } else { 'j' },
            more(min - count)
        );
    }
    format!(
        "cvc-complex-type.2.4.b: The content of element '{raw}' is not complete. One of '{}' is expected.",
        list(unexpected)
    )
}

fn more(count: u32) -> String {
    if count == 1 {
        "One more instance is required to satisfy this constraint.".to_owned()
    } else {
        format!("'{count}' more instances are required to satisfy this constraint.")
    }
}

fn list(unexpected: &Unexpected) -> String {
    format!("{{{}}}", unexpected.expected.join(", "))
}

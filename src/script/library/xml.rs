//! `groovy.util.XmlSlurper` and the results of its paths (`GPathResult`).

mod markup;
mod parser;

pub use markup::{MARKUP_BUILDER, STREAMING_MARKUP_BUILDER};
pub use parser::{NEW_XML_PARSER, NODE, XML_PARSER};

use super::{Class, Fault, Method, arguments, file, groovy, io, java, object, takes};
use crate::script::host::Outcome;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Thrown, Value};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::sync::Arc;

/// `groovy.util.XmlSlurper`.
pub static XML_SLURPER: Class = Class {
    constructor: takes(0, 2, |_, _, _| Ok(Value::object(XmlSlurper))),
    methods: &[
        java("parse", 1, 1, |machine, _, args| Ok(found(document(&source_text(machine, &args[0])?)?))),
        java("parseText", 1, 1, |_, _, args| Ok(found(document(&arguments::text(args, 0)?)?))),
        java("setFeature", 2, 2, |_, _, _| Ok(Value::Null)),
    ],
    ..Class::named("groovy.util.XmlSlurper", &[&object::OBJECT])
};

/// The same class under its newer name.
pub static NEW_XML_SLURPER: Class = Class {
    constructor: takes(0, 2, |_, _, _| Ok(Value::object(XmlSlurper))),
    ..Class::named("groovy.xml.XmlSlurper", &[&XML_SLURPER])
};

#[derive(Debug)]
struct XmlSlurper;

impl Object for XmlSlurper {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&XML_SLURPER)
    }
}

#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    content: Vec<Content>,
}

#[derive(Debug)]
enum Content {
    Text(String),
    Element(Arc<Element>),
}

impl Element {
    fn text(&self) -> String {
        let part = |content: &Content| match content {
            Content::Text(text) => text.clone(),
            Content::Element(element) => element.text(),
        };
        self.content.iter().map(part).collect()
    }

    fn children(&self) -> impl Iterator<Item = &Arc<Element>> {
        self.content.iter().filter_map(|content| match content {
            Content::Element(element) => Some(element),
            Content::Text(_) => None,
        })
    }
}

/// Elements within elements.
const DEEPEST: usize = 512;

fn wrong(message: impl AsRef<str>) -> Fault {
    Thrown::new("org.xml.sax.SAXParseException", message).into()
}

fn opened(start: &BytesStart<'_>) -> Result<Element, Fault> {
    let local = |name: &str| name.rsplit(':').next().unwrap_or_default().to_owned();
    let mut element = Element { name: local(start.name().as_ref()), ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| wrong(error.to_string()))?;
        if attribute.key.as_ref() == "xmlns" || attribute.key.as_ref().starts_with("xmlns:") {
            continue;
        }
        element.attributes.push((local(attribute.key.as_ref()), crate::java::escape::unescape_xml(&attribute.value)));
    }
    Ok(element)
}

/// Text between elements that is nothing but blanks is left out, as `XmlSlurper` does by default.
fn add_text(stack: &mut [Element], text: String) {
    if let Some(parent) = stack.last_mut() {
        match parent.content.last_mut() {
            Some(Content::Text(before)) => before.push_str(&text),
            _ => parent.content.push(Content::Text(text)),
        }
    }
}

fn without_blanks(mut element: Element) -> Element {
    element.content.retain(|content| !matches!(content, Content::Text(text) if text.trim().is_empty()));
    element
}

/// The text of what a parser is given: a path, a file, a stream or a reader.
fn source_text(machine: &mut Machine<'_>, source: &Value) -> Result<String, Fault> {
    match arguments::text_of(source) {
        Some(path) => super::string::decode(&io::read_file(machine, &path)?, None),
        None if file::path_text(source).is_ok() => {
            super::string::decode(&io::read_file(machine, &file::path_text(source)?)?, None)
        }
        None => io::text_from(machine, source, None),
    }
}

/// The path that has found the root.
fn found(root: Arc<Element>) -> Value {
    Path::value(vec![Node::Element(root)])
}

/// The root of a document.
fn document(text: &str) -> Result<Arc<Element>, Fault> {
    let mut reader = Reader::from_str(text.trim_start());
    let mut stack: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let event = reader.read_event().map_err(|error| wrong(error.to_string()))?;
        let closed = match event {
            Event::Start(start) => {
                if stack.len() >= DEEPEST {
                    return Err(wrong("elements lie too deep within each other"));
                }
                stack.push(opened(&start)?);
                None
            }
            Event::Empty(start) => Some(opened(&start)?),
            Event::End(_) => stack.pop().map(without_blanks),
            Event::Text(text) => {
                add_text(&mut stack, text.to_string());
                None
            }
            Event::CData(text) => {
                add_text(&mut stack, text.to_string());
                None
            }
            Event::GeneralRef(name) => {
                let reference = format!("&{};", &*name);
                add_text(&mut stack, crate::java::escape::unescape_xml(&reference));
                None
            }
            Event::Eof => break,
            _ => None,
        };
        if let Some(element) = closed {
            match stack.last_mut() {
                Some(parent) => parent.content.push(Content::Element(Arc::new(element))),
                None => root = Some(Arc::new(element)),
            }
        }
    }
    if !stack.is_empty() {
        return Err(wrong("XML document structures must start and end within the same entity."));
    }
    root.ok_or_else(|| wrong("Premature end of file."))
}

/// What a path has found.
#[derive(Debug, Clone)]
enum Node {
    Element(Arc<Element>),
    /// An attribute's name and value.
    Attribute(String, String),
}

#[derive(Debug)]
struct Path(Vec<Node>);

/// `groovy.xml.slurpersupport.GPathResult`.
pub static G_PATH_RESULT: Class =
    Class { methods: METHODS, ..Class::named("groovy.util.slurpersupport.NodeChildren", &[&object::OBJECT]) };

impl Path {
    fn value(nodes: Vec<Node>) -> Value {
        Value::object(Self(nodes))
    }

    fn elements(&self) -> impl Iterator<Item = &Arc<Element>> {
        self.0.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Attribute(..) => None,
        })
    }

    fn text(&self) -> String {
        let part = |node: &Node| match node {
            Node::Element(element) => element.text(),
            Node::Attribute(_, value) => value.clone(),
        };
        self.0.iter().map(part).collect()
    }

    /// Each thing found, as a result of its own.
    fn each(&self) -> Vec<Value> {
        self.0.iter().map(|node| Self::value(vec![node.clone()])).collect()
    }

    fn member(&self, name: &str) -> Value {
        let elements = |all: Vec<&Arc<Element>>| all.into_iter().cloned().map(Node::Element).collect();
        Self::value(match name {
            "**" => {
                let mut all = Vec::new();
                for element in self.elements() {
                    deep(element, &mut all);
                }
                all
            }
            "*" => elements(self.elements().flat_map(|element| element.children()).collect()),
            name => match name.strip_prefix('@') {
                Some(name) => self
                    .elements()
                    .flat_map(|element| element.attributes.iter().filter(|pair| pair.0 == name))
                    .map(|(name, value)| Node::Attribute(name.clone(), value.clone()))
                    .collect(),
                None => {
                    let name = name.rsplit(':').next().unwrap_or_default();
                    let children = self.elements().flat_map(|element| element.children());
                    elements(children.filter(|child| child.name == name).collect())
                }
            },
        })
    }
}

fn deep(element: &Arc<Element>, all: &mut Vec<Node>) {
    all.push(Node::Element(element.clone()));
    for child in element.children() {
        deep(child, all);
    }
}

impl Object for Path {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&G_PATH_RESULT)
    }

    fn to_text(&self) -> String {
        self.text()
    }

    fn equals(&self, other: &Value) -> bool {
        match other {
            Value::Object(object) => object.downcast::<Path>().is_some_and(|other| other.text() == self.text()),
            other => arguments::text_of(other).is_some_and(|other| other == self.text()),
        }
    }

    fn property(&self, _: &mut Machine<'_>, name: &str) -> Option<Outcome> {
        Some(Ok(self.member(name)))
    }

    /// What a list of the results or their text can do.
    fn invoke(&self, machine: &mut Machine<'_>, name: &str, arguments: &[Value]) -> Option<Outcome> {
        let list = Value::list(self.each());
        if machine.has_method(&list, name, arguments.len()) {
            return Some(machine.call_method(&list, name, arguments));
        }
        Some(machine.call_method(&Value::from(self.text()), name, arguments))
    }
}

fn of(this: &Value) -> Result<&Path, Fault> {
    arguments::object(this)
}

/// A method of the text that has been found.
macro_rules! through_text {
    ($name:literal) => {
        java($name, 0, 0, |machine, this, _| Ok(machine.call_method(&Value::from(of(this)?.text()), $name, &[])?))
    };
}

static METHODS: &[Method] = &[
    java("attributes", 0, 0, |_, this, _| {
        let first = of(this)?.elements().next().map(|element| element.attributes.clone()).unwrap_or_default();
        Ok(Value::map(first.into_iter().map(|(name, value)| (name.into(), value.into()))))
    }),
    java("breadthFirst", 0, 0, |_, this, _| Ok(of(this)?.member("**"))),
    java("children", 0, 0, |_, this, _| Ok(of(this)?.member("*"))),
    java("depthFirst", 0, 0, |_, this, _| Ok(of(this)?.member("**"))),
    java("findAll", 1, 1, |machine, this, args| {
        let mut kept = Vec::new();
        for (node, value) in of(this)?.0.iter().zip(of(this)?.each()) {
            let answer = machine.call(&args[0], &[value])?;
            if machine.truth(&answer)? {
                kept.push(node.clone());
            }
        }
        Ok(Path::value(kept))
    }),
    java("find", 1, 1, |machine, this, args| {
        for value in of(this)?.each() {
            let answer = machine.call(&args[0], std::slice::from_ref(&value))?;
            if machine.truth(&answer)? {
                return Ok(value);
            }
        }
        Ok(Path::value(Vec::new()))
    }),
    java("getAt", 1, 1, |_, this, args| {
        let own = of(this)?;
        if let Some(name) = arguments::text_of(&args[0]) {
            return Ok(own.member(&name));
        }
        let index = arguments::int(args, 0)?;
        let at = if index < 0 { index + own.0.len() as i32 } else { index };
        let found = usize::try_from(at).ok().and_then(|at| own.0.get(at).cloned());
        Ok(Path::value(found.into_iter().collect()))
    }),
    java("isEmpty", 0, 0, |_, this, _| Ok(of(this)?.0.is_empty().into())),
    java("iterator", 0, 0, |machine, this, _| {
        Ok(machine.call_method(&Value::list(of(this)?.each()), "iterator", &[])?)
    }),
    java("list", 0, 0, |_, this, _| Ok(Value::list(of(this)?.each()))),
    java("name", 0, 0, |_, this, _| {
        Ok(match of(this)?.0.first() {
            Some(Node::Element(element)) => element.name.as_str().into(),
            Some(Node::Attribute(name, _)) => name.as_str().into(),
            None => Value::Null,
        })
    }),
    java("size", 0, 0, |_, this, _| Ok((of(this)?.0.len() as i32).into())),
    java("text", 0, 0, |_, this, _| Ok(of(this)?.text().into())),
    through_text!("toBigDecimal"),
    through_text!("toDouble"),
    through_text!("toInteger"),
    through_text!("toLong"),
    java("toString", 0, 0, |_, this, _| Ok(of(this)?.text().into())),
    // A result is an object like any other: true, whatever it has found.
    groovy("asBoolean", 0, 0, |_, _, _| Ok(true.into())),
    groovy("collect", 0, 1, |machine, this, args| {
        Ok(machine.call_method(&Value::list(of(this)?.each()), "collect", args)?)
    }),
    groovy("each", 1, 1, |machine, this, args| {
        machine.call_method(&Value::list(of(this)?.each()), "each", args)?;
        Ok(this.clone())
    }),
];

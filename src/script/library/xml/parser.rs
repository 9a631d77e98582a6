//! `groovy.util.XmlParser` and its `Node`s: a tree that can be changed.

use super::super::{ANY, Answer, Class, Fault, Method, arguments, groovy, java, object, takes};
use super::{Content, Element, document, source_text};
use crate::script::host::Outcome;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, List, ListKind, Object, Value, java_text};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// `groovy.util.XmlParser`.
pub static XML_PARSER: Class = Class {
    constructor: takes(0, 2, |_, _, _| Ok(Value::object(XmlParser))),
    methods: &[
        java("parse", 1, 1, |machine, _, args| Ok(node(&*document(&source_text(machine, &args[0])?)?))),
        java("parseText", 1, 1, |_, _, args| Ok(node(&*document(&arguments::text(args, 0)?)?))),
        java("setFeature", 2, 2, |_, _, _| Ok(Value::Null)),
        java("setTrimWhitespace", 1, 1, |_, _, _| Ok(Value::Null)),
    ],
    ..Class::named("groovy.util.XmlParser", &[&object::OBJECT])
};

/// The same class under its newer name.
pub static NEW_XML_PARSER: Class = Class {
    constructor: takes(0, 2, |_, _, _| Ok(Value::object(XmlParser))),
    ..Class::named("groovy.xml.XmlParser", &[&XML_PARSER])
};

#[derive(Debug)]
struct XmlParser;

impl Object for XmlParser {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&XML_PARSER)
    }
}

/// `groovy.util.Node`.
pub static NODE: Class = Class {
    constructor: takes(2, 4, |_, _, args| {
        let node = Arc::new(Node::named(&java_text(&args.get(1).cloned().unwrap_or_default())));
        for part in args.iter().skip(2) {
            match part {
                Value::Map(map) => node.state().attributes = map.entries(),
                value => node.state().children.push(value.clone()),
            }
        }
        if let Some(parent) = args.first().and_then(|parent| arguments::object::<Node>(parent).ok()) {
            parent.state().children.push(Value::Object(node.clone()));
        }
        Ok(Value::Object(node))
    }),
    methods: NODE_METHODS,
    ..Class::named("groovy.util.Node", &[&object::OBJECT])
};

/// `groovy.util.NodeList`.
static NODE_LIST: Class = Class { methods: LIST_METHODS, ..Class::named("groovy.util.NodeList", &[&object::OBJECT]) };

/// An element that can be changed.
#[derive(Debug)]
struct Node {
    name: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    attributes: Vec<(Value, Value)>,
    /// Texts and nodes.
    children: Vec<Value>,
    parent: Option<Weak<dyn Object>>,
}

/// The node of an element and all within it.
fn node(element: &Element) -> Value {
    let made = Node::named(&element.name);
    {
        let mut state = made.state();
        state.attributes =
            element.attributes.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect();
        state.children = element
            .content
            .iter()
            .map(|content| match content {
                Content::Text(text) => text.as_str().into(),
                Content::Element(element) => node(element),
            })
            .collect();
    }
    let value: Arc<dyn Object> = Arc::new(made);
    if let Some(own) = value.downcast::<Node>() {
        for child in &own.state().children {
            if let Ok(child) = arguments::object::<Node>(child) {
                child.state().parent = Some(Arc::downgrade(&value));
            }
        }
    }
    Value::Object(value)
}

impl Node {
    fn named(name: &str) -> Self {
        Node { name: name.to_owned(), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn text(&self) -> String {
        let children = self.state().children.clone();
        children
            .iter()
            .map(|child| match arguments::object::<Node>(child) {
                Ok(node) => node.text(),
                Err(_) => java_text(child),
            })
            .collect()
    }

    fn nodes(&self) -> Vec<Value> {
        let children = self.state().children.clone();
        children.into_iter().filter(|child| arguments::object::<Node>(child).is_ok()).collect()
    }

    /// A member by name: an attribute, all below, or the children of that name.
    fn member(&self, name: &str) -> Value {
        if let Some(attribute) = name.strip_prefix('@') {
            return self.attribute(attribute);
        }
        let nodes = self.nodes();
        match name {
            "*" => list(nodes),
            "**" => {
                let mut all = Vec::new();
                for child in &nodes {
                    deep(child, &mut all);
                }
                list(all)
            }
            _ => list(nodes.into_iter().filter(|child| is_named(child, name)).collect()),
        }
    }

    fn attribute(&self, name: &str) -> Value {
        let state = self.state();
        state
            .attributes
            .iter()
            .find(|pair| pair.0.as_text() == Some(name))
            .map(|pair| pair.1.clone())
            .unwrap_or_default()
    }
}

fn is_named(child: &Value, name: &str) -> bool {
    arguments::object::<Node>(child).is_ok_and(|node| node.name == name.rsplit(':').next().unwrap_or_default())
}

/// A node and all below it.
fn deep(value: &Value, all: &mut Vec<Value>) {
    all.push(value.clone());
    if let Ok(node) = arguments::object::<Node>(value) {
        for child in node.nodes() {
            deep(&child, all);
        }
    }
}

impl Object for Node {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&NODE)
    }

    fn to_text(&self) -> String {
        let state = self.state();
        let attributes: Vec<String> =
            state.attributes.iter().map(|(name, value)| format!("{}={}", java_text(name), java_text(value))).collect();
        let children = java_text(&Value::list(state.children.clone()));
        format!("{}[attributes={{{}}}; value={children}]", self.name, attributes.join(", "))
    }

    fn property(&self, _: &mut Machine<'_>, name: &str) -> Option<Outcome> {
        Some(Ok(self.member(name)))
    }
}

/// Nodes that a name has found.
#[derive(Debug)]
struct NodeList(Arc<List>);

fn list(nodes: Vec<Value>) -> Value {
    Value::object(NodeList(Arc::new(List::new(ListKind::ArrayList, nodes))))
}

impl NodeList {
    fn member(&self, name: &str) -> Value {
        let mut found = Vec::new();
        let mut attributes = Vec::new();
        for item in self.0.items() {
            let Ok(node) = arguments::object::<Node>(&item) else { continue };
            match node.member(name) {
                Value::Object(more) => match more.downcast::<NodeList>() {
                    Some(more) => found.extend(more.0.items()),
                    None => found.push(Value::Object(more)),
                },
                attribute => attributes.push(attribute),
            }
        }
        if name.starts_with('@') { Value::list(attributes) } else { list(found) }
    }
}

impl Object for NodeList {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&NODE_LIST)
    }

    fn to_text(&self) -> String {
        java_text(&Value::List(self.0.clone()))
    }

    fn property(&self, _: &mut Machine<'_>, name: &str) -> Option<Outcome> {
        Some(Ok(self.member(name)))
    }

    /// What every list can do.
    fn invoke(&self, machine: &mut Machine<'_>, name: &str, arguments: &[Value]) -> Option<Outcome> {
        Some(machine.call_method(&Value::List(self.0.clone()), name, arguments))
    }
}

fn of(this: &Value) -> Result<&Node, Fault> {
    arguments::object(this)
}

fn list_of(this: &Value) -> Result<&NodeList, Fault> {
    arguments::object(this)
}

static LIST_METHODS: &[Method] = &[
    java("getAt", 1, 1, |machine, this, args| match arguments::text_of(&args[0]) {
        Some(name) => Ok(list_of(this)?.member(&name)),
        None => Ok(machine.call_method(&Value::List(list_of(this)?.0.clone()), "getAt", args)?),
    }),
    java("text", 0, 0, |_, this, _| {
        let items = list_of(this)?.0.items();
        let text = |item: &Value| arguments::object::<Node>(item).map(Node::text).unwrap_or_default();
        Ok(items.iter().map(text).collect::<String>().into())
    }),
    java("iterator", 0, 0, |machine, this, _| {
        Ok(machine.call_method(&Value::List(list_of(this)?.0.clone()), "iterator", &[])?)
    }),
    java("name", 0, 0, |_, this, _| {
        let items = list_of(this)?.0.items();
        let name = |item: &Value| arguments::object::<Node>(item).map_or(Value::Null, |node| node.name.as_str().into());
        Ok(Value::list(items.iter().map(name).collect()))
    }),
    java("size", 0, 0, |_, this, _| Ok((list_of(this)?.0.len() as i32).into())),
    groovy("asBoolean", 0, 0, |_, this, _| Ok((!list_of(this)?.0.is_empty()).into())),
];

static NODE_METHODS: &[Method] = &[
    java("append", 1, 1, |_, this, args| {
        of(this)?.state().children.push(args[0].clone());
        Ok(true.into())
    }),
    java("appendNode", 1, ANY, |machine, this, args| {
        let given: Vec<Value> = std::iter::once(this.clone()).chain(args.iter().cloned()).collect();
        Ok(machine.construct(&ClassRef::Library(&NODE), &given)?)
    }),
    java("attribute", 1, 1, |_, this, args| Ok(of(this)?.attribute(&arguments::text(args, 0)?))),
    java("attributes", 0, 0, |_, this, _| Ok(Value::map(of(this)?.state().attributes.clone()))),
    java("breadthFirst", 0, 0, all),
    java("children", 0, 0, |_, this, _| Ok(list(of(this)?.state().children.clone()))),
    java("depthFirst", 0, 0, all),
    java("get", 1, 1, |_, this, args| Ok(of(this)?.member(&arguments::text(args, 0)?))),
    java("getAt", 1, 1, |_, this, args| Ok(of(this)?.member(&arguments::text(args, 0)?))),
    java("iterator", 0, 0, |machine, this, _| {
        let children = Value::list(of(this)?.state().children.clone());
        Ok(machine.call_method(&children, "iterator", &[])?)
    }),
    java("localText", 0, 0, |_, this, _| Ok(Value::list(vec![of(this)?.text().into()]))),
    java("name", 0, 0, |_, this, _| Ok(of(this)?.name.as_str().into())),
    java("parent", 0, 0, |_, this, _| {
        let parent = of(this)?.state().parent.as_ref().and_then(Weak::upgrade);
        Ok(parent.map_or(Value::Null, Value::Object))
    }),
    java("remove", 1, 1, |_, this, args| {
        of(this)?.state().children.retain(|child| !child.is_same(&args[0]));
        Ok(true.into())
    }),
    java("setValue", 1, 1, |_, this, args| {
        of(this)?.state().children = match &args[0] {
            Value::List(list) => list.items(),
            value => vec![value.clone()],
        };
        Ok(Value::Null)
    }),
    java("text", 0, 0, |_, this, _| Ok(of(this)?.text().into())),
    java("value", 0, 0, |_, this, _| Ok(list(of(this)?.state().children.clone()))),
];

/// The node and all below it.
fn all(_: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    let mut all = Vec::new();
    deep(this, &mut all);
    Ok(Value::list(all))
}

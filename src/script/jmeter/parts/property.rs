//! `org.apache.jmeter.testelement.property`: the list of properties behind arguments, headers and cookies, and what all
//! test elements have.

use super::{argument, cookie, header, item_of};
use crate::script::library::iterator::{Walk, iterator};
use crate::script::library::{Class, Fault, Method, arguments, gdk, java, object};
use crate::script::value::{ClassRef, List, Object, Value, java_text};
use std::sync::Arc;

/// The classes of parts that scripts can name.
pub(crate) static CLASSES: &[&Class] = &[
    &argument::ARGUMENT,
    &argument::ARGUMENTS,
    &argument::HTTP_ARGUMENT,
    &COLLECTION,
    &cookie::COOKIE,
    &cookie::COOKIE_MANAGER,
    &header::HEADER,
    &header::HEADER_MANAGER,
    &PROPERTY,
    &PROPERTY_ITERATOR,
    &TEST_ELEMENT,
    &TEST_ELEMENT_PROPERTY,
];

pub(super) static TEST_ELEMENT: Class =
    Class::interface("org.apache.jmeter.testelement.TestElement", &[&object::OBJECT]);

static PROPERTY: Class = Class::interface("org.apache.jmeter.testelement.property.JMeterProperty", &[&object::OBJECT]);

static PROPERTY_ITERATOR: Class = Class::interface(
    "org.apache.jmeter.testelement.property.PropertyIterator",
    &[&crate::script::library::iterator::ITERATOR],
);

static TEST_ELEMENT_PROPERTY: Class = Class {
    methods: &[
        java("getName", 0, 0, |machine, this, _| {
            let element = element(this)?;
            Ok(machine.call_method(&element, "getName", &[])?)
        }),
        java("getObjectValue", 0, 0, |_, this, _| element(this)),
        java("getElement", 0, 0, |_, this, _| element(this)),
        java("getStringValue", 0, 0, |_, this, _| Ok(java_text(&element(this)?).into())),
    ],
    ..Class::named("org.apache.jmeter.testelement.property.TestElementProperty", &[&PROPERTY])
};

static COLLECTION: Class = Class {
    methods: COLLECTION_METHODS,
    ..Class::named("org.apache.jmeter.testelement.property.CollectionProperty", &[&PROPERTY, &gdk::SEQUENCE])
};

/// A property that holds an element.
#[derive(Debug)]
struct ElementProperty(Value);

impl Object for ElementProperty {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&TEST_ELEMENT_PROPERTY)
    }

    fn to_text(&self) -> String {
        java_text(&self.0)
    }
}

fn element(this: &Value) -> Result<Value, Fault> {
    Ok(item_of::<ElementProperty>(this)?.0.clone())
}

/// A list of elements as the properties that hold them.
#[derive(Debug)]
pub(super) struct Collection(Arc<List>);

impl Collection {
    pub(super) fn over(items: Arc<List>) -> Self {
        Self(items)
    }

    /// The elements, each as a property.
    pub(super) fn properties(&self) -> Vec<Value> {
        self.0.items().into_iter().map(|item| Value::object(ElementProperty(item))).collect()
    }
}

impl Object for Collection {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&COLLECTION)
    }

    fn to_text(&self) -> String {
        java_text(&Value::list(self.properties()))
    }
}

fn items(this: &Value) -> Result<&Arc<List>, Fault> {
    Ok(&item_of::<Collection>(this)?.0)
}

/// An element, be it alone or within its property.
fn bare(value: &Value) -> Value {
    item_of::<ElementProperty>(value).map_or_else(|_| value.clone(), |property| property.0.clone())
}

const COLLECTION_METHODS: &[Method] = &[
    java("addItem", 1, 1, |_, this, args| {
        items(this)?.push(bare(&args[0]));
        Ok(Value::Null)
    }),
    java("addProperty", 1, 1, |_, this, args| {
        items(this)?.push(bare(&args[0]));
        Ok(Value::Null)
    }),
    java("clear", 0, 0, |_, this, _| {
        items(this)?.replace(Vec::new());
        Ok(Value::Null)
    }),
    java("get", 1, 1, |_, this, args| {
        let place = usize::try_from(arguments::int(args, 0)?).unwrap_or(usize::MAX);
        Ok(items(this)?.get(place).map_or(Value::Null, |item| Value::object(ElementProperty(item))))
    }),
    java("isEmpty", 0, 0, |_, this, _| Ok(items(this)?.is_empty().into())),
    java("iterator", 0, 0, |_, this, _| Ok(iterator(Walk::of(item_of::<Collection>(this)?.properties())))),
    java("remove", 1, 1, |_, this, args| {
        let list = items(this)?;
        list.change(|items| match &args[0] {
            Value::Int(place) => {
                if let Some(place) = usize::try_from(*place).ok().filter(|place| *place < items.len()) {
                    items.remove(place);
                }
            }
            other => {
                let element = bare(other);
                items.retain(|item| !item.is_same(&element));
            }
        });
        Ok(Value::Null)
    }),
    java("size", 0, 0, |_, this, _| Ok((items(this)?.len() as i32).into())),
];

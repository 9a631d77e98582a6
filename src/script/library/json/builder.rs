//! `groovy.json.JsonBuilder`: values, and closures whose calls become the members of an object.

use super::super::{ANY, Answer, Class, Fault, Method, arguments, java, object, takes};
use super::{slurper, to_json};
use crate::script::host::Outcome;
use crate::script::machine::Machine;
use crate::script::value::{Callable, ClassRef, Object, Resolve, Value};
use std::sync::{Arc, Mutex, PoisonError};

/// `groovy.json.JsonBuilder`.
pub static JSON_BUILDER: Class = Class {
    constructor: takes(0, 1, |_, _, args| Ok(Value::object(JsonBuilder(Mutex::new(arguments::any(args, 0)))))),
    methods: METHODS,
    ..Class::named("groovy.json.JsonBuilder", &[&object::OBJECT])
};

/// `groovy.json.JsonDelegate`: where the calls within a builder's closure go.
pub static JSON_DELEGATE: Class = Class {
    methods: &[java("getContent", 0, 0, |_, this, _| Ok(Value::map(arguments::object::<Delegate>(this)?.entries())))],
    ..Class::named("groovy.json.JsonDelegate", &[&object::OBJECT])
};

#[derive(Debug)]
struct JsonBuilder(Mutex<Value>);

impl JsonBuilder {
    fn content(&self) -> Value {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, content: Value) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = content;
    }
}

impl Object for JsonBuilder {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&JSON_BUILDER)
    }

    fn property(&self, _: &mut Machine<'_>, name: &str) -> Option<Outcome> {
        match name {
            "content" => Some(Ok(self.content())),
            _ => None,
        }
    }

    fn is_dynamic(&self) -> bool {
        true
    }

    /// `builder.person { … }`: an object with one member.
    fn invoke(&self, machine: &mut Machine<'_>, name: &str, arguments: &[Value]) -> Option<Outcome> {
        Some(member(machine, arguments).map_err(thrown).map(|value| {
            let content = Value::map([(Value::from(name), value)]);
            self.set(content.clone());
            content
        }))
    }
}

/// The content of a builder; none for any other object.
pub(super) fn content_of_builder(object: &dyn Object) -> Option<Value> {
    object.downcast::<JsonBuilder>().map(JsonBuilder::content)
}

fn thrown(fault: Fault) -> crate::script::value::Thrown {
    match fault {
        Fault::Thrown(thrown) => thrown,
        Fault::Mismatch => crate::script::value::Thrown::new(
            "groovy.json.JsonException",
            "Expected no arguments, a single map, a single closure, or a map and closure as arguments.",
        ),
    }
}

/// The members that the calls of a closure make.
#[derive(Debug, Default)]
struct Delegate(Mutex<Vec<(Value, Value)>>);

impl Delegate {
    fn entries(&self) -> Vec<(Value, Value)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Object for Delegate {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&JSON_DELEGATE)
    }

    fn is_dynamic(&self) -> bool {
        true
    }

    fn invoke(&self, machine: &mut Machine<'_>, name: &str, arguments: &[Value]) -> Option<Outcome> {
        Some(member(machine, arguments).map_err(thrown).inspect(|value| {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push((Value::from(name), value.clone()));
        }))
    }
}

/// What a call's arguments stand for.
fn member(machine: &mut Machine<'_>, arguments: &[Value]) -> Answer {
    match arguments {
        [] => Ok(Value::map([])),
        [closure @ Value::Closure(_)] => content_of(machine, closure),
        [value] => Ok(value.clone()),
        [items @ (Value::List(_) | Value::Set(_) | Value::Array(_)), closure @ Value::Closure(_)] => {
            each(machine, items, closure)
        }
        [Value::Map(map), closure @ Value::Closure(_)] => {
            let Value::Map(more) = content_of(machine, closure)? else { return Err(Fault::Mismatch) };
            Ok(Value::map(map.entries().into_iter().chain(more.entries())))
        }
        several => Ok(Value::list(several.to_vec())),
    }
}

/// A list of what a closure makes of each item.
fn each(machine: &mut Machine<'_>, items: &Value, closure: &Value) -> Answer {
    let mut contents = Vec::new();
    for item in super::super::list::items(items)? {
        contents.push(content_with(machine, closure, &[item])?);
    }
    Ok(Value::list(contents))
}

/// The object that the calls within a closure make; what it returns, when it makes none.
pub(super) fn content_of(machine: &mut Machine<'_>, closure: &Value) -> Answer {
    content_with(machine, closure, &[])
}

fn content_with(machine: &mut Machine<'_>, closure: &Value, arguments: &[Value]) -> Answer {
    let Value::Closure(callable) = closure else { return Err(Fault::Mismatch) };
    let delegate = Arc::new(Delegate::default());
    let bound = Callable::with_delegate(&**callable, Value::Object(delegate.clone()), Resolve::DelegateFirst);
    machine.call(&bound, arguments)?;
    Ok(Value::map(delegate.entries()))
}

fn of(this: &Value) -> Result<&JsonBuilder, Fault> {
    arguments::object(this)
}

static METHODS: &[Method] = &[
    java("call", 0, ANY, |machine, this, args| {
        let content = member(machine, args)?;
        of(this)?.set(content.clone());
        Ok(content)
    }),
    java("getContent", 0, 0, |_, this, _| Ok(of(this)?.content())),
    java("toPrettyString", 0, 0, |machine, this, _| {
        let text = to_json(machine, &of(this)?.content())?;
        Ok(slurper::pretty(&text)?.into())
    }),
    java("toString", 0, 0, |machine, this, _| Ok(to_json(machine, &of(this)?.content())?.into())),
    java("writeTo", 1, 1, |machine, this, args| {
        let text = to_json(machine, &of(this)?.content())?;
        machine.call_method(&args[0], "write", &[text.into()])?;
        Ok(args[0].clone())
    }),
];

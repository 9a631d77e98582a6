//! `java.util.Optional` and its numeric kin.

use super::{Answer, Class, Fault, Method, gdk, java, object, stream};
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Thrown, Value, equals, exceptions, hash_code, java_text};

/// `java.util.Optional`.
pub static OPTIONAL: Class =
    Class { statics: STATICS, methods: METHODS, ..Class::named("java.util.Optional", &[&object::OBJECT]) };
/// `java.util.OptionalInt`.
pub static OPTIONAL_INT: Class = Class::named("java.util.OptionalInt", &[&OPTIONAL]);
/// `java.util.OptionalLong`.
pub static OPTIONAL_LONG: Class = Class::named("java.util.OptionalLong", &[&OPTIONAL]);
/// `java.util.OptionalDouble`.
pub static OPTIONAL_DOUBLE: Class = Class::named("java.util.OptionalDouble", &[&OPTIONAL]);

/// A value that may be missing.
#[derive(Debug)]
struct Optional {
    value: Option<Value>,
    class: &'static Class,
}

impl Object for Optional {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }

    fn to_text(&self) -> String {
        let name = self.class.name.rsplit('.').next().unwrap_or_default();
        match &self.value {
            Some(value) => format!("{name}[{}]", java_text(value)),
            None => format!("{name}.empty"),
        }
    }

    fn equals(&self, other: &Value) -> bool {
        let Value::Object(other) = other else { return false };
        match (&self.value, other.downcast::<Self>().map(|other| &other.value)) {
            (Some(a), Some(Some(b))) => equals(a, b),
            (None, Some(None)) => true,
            _ => false,
        }
    }

    fn hash_code(&self) -> Option<i32> {
        Some(self.value.as_ref().map_or(0, hash_code))
    }
}

/// An optional of a class.
pub(crate) fn new(class: &'static Class, value: Option<Value>) -> Value {
    Value::object(Optional { value, class })
}

fn of(this: &Value) -> Result<&Optional, Fault> {
    match this {
        Value::Object(object) => object.downcast().ok_or(Fault::Mismatch),
        _ => Err(Fault::Mismatch),
    }
}

fn get(_: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    let missing = || Thrown::new(exceptions::NO_SUCH_ELEMENT, "No value present");
    Ok(of(this)?.value.clone().ok_or_else(missing)?)
}

static STATICS: &[Method] = &[
    java("empty", 0, 0, |_, _, _| Ok(new(&OPTIONAL, None))),
    java("of", 1, 1, |_, _, args| {
        if args[0].is_null() {
            return Err(super::collection::null_pointer());
        }
        Ok(new(&OPTIONAL, Some(args[0].clone())))
    }),
    java("ofNullable", 1, 1, |_, _, args| Ok(new(&OPTIONAL, Some(args[0].clone()).filter(|value| !value.is_null())))),
];

static METHODS: &[Method] = &[
    java("asBoolean", 0, 0, |_, this, _| Ok(of(this)?.value.is_some().into())),
    java("filter", 1, 1, |machine, this, args| match &of(this)?.value {
        Some(value) if !gdk::says(machine, &args[0], std::slice::from_ref(value))? => Ok(new(&OPTIONAL, None)),
        _ => Ok(this.clone()),
    }),
    java("flatMap", 1, 1, |machine, this, args| match &of(this)?.value {
        Some(value) => Ok(gdk::call(machine, &args[0], "apply", std::slice::from_ref(value))?),
        None => Ok(this.clone()),
    }),
    java("get", 0, 0, get),
    java("getAsDouble", 0, 0, get),
    java("getAsInt", 0, 0, get),
    java("getAsLong", 0, 0, get),
    java("ifPresent", 1, 1, |machine, this, args| {
        if let Some(value) = &of(this)?.value {
            gdk::call(machine, &args[0], "accept", std::slice::from_ref(value))?;
        }
        Ok(Value::Null)
    }),
    java("ifPresentOrElse", 2, 2, |machine, this, args| {
        match &of(this)?.value {
            Some(value) => gdk::call(machine, &args[0], "accept", std::slice::from_ref(value))?,
            None => gdk::call(machine, &args[1], "run", &[])?,
        };
        Ok(Value::Null)
    }),
    java("isEmpty", 0, 0, |_, this, _| Ok(of(this)?.value.is_none().into())),
    java("isPresent", 0, 0, |_, this, _| Ok(of(this)?.value.is_some().into())),
    java("map", 1, 1, |machine, this, args| match &of(this)?.value {
        Some(value) => {
            let made = gdk::call(machine, &args[0], "apply", std::slice::from_ref(value))?;
            Ok(new(&OPTIONAL, Some(made).filter(|made| !made.is_null())))
        }
        None => Ok(this.clone()),
    }),
    java("or", 1, 1, |machine, this, args| match &of(this)?.value {
        Some(_) => Ok(this.clone()),
        None => Ok(gdk::call(machine, &args[0], "get", &[])?),
    }),
    java("orElse", 1, 1, |_, this, args| Ok(of(this)?.value.clone().unwrap_or_else(|| args[0].clone()))),
    java("orElseGet", 1, 1, |machine, this, args| match &of(this)?.value {
        Some(value) => Ok(value.clone()),
        None => Ok(gdk::call(machine, &args[0], "get", &[])?),
    }),
    java("orElseThrow", 0, 1, |machine, this, args| {
        let optional = of(this)?;
        if optional.value.is_some() || args.is_empty() {
            return get(machine, this, &[]);
        }
        match gdk::call(machine, &args[0], "get", &[])? {
            Value::Throwable(exception) => Err(Thrown::from(exception).into()),
            _ => get(machine, this, &[]),
        }
    }),
    java("stream", 0, 0, |_, this, _| Ok(stream::of(of(this)?.value.iter().cloned().collect()))),
];

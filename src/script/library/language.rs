//! `java.lang.Class`.

use super::{Class, Fault, Method, java, object};
use crate::script::value::{ClassRef, Value};

/// `java.lang.Class`.
pub static CLASS: Class = Class { methods: METHODS, ..Class::named("java.lang.Class", &[&object::OBJECT]) };

static METHODS: &[Method] = &[
    java("getName", 0, 0, |_, this, _| Ok(of(this)?.name().into())),
    java("getSimpleName", 0, 0, |_, this, _| Ok(of(this)?.simple_name().into())),
];

fn of(this: &Value) -> Result<&ClassRef, Fault> {
    match this {
        Value::Class(class) => Ok(class),
        _ => Err(Fault::Mismatch),
    }
}

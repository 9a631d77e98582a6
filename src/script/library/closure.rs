//! `groovy.lang.Closure`.

use super::{ANY, Class, Fault, Method, java, object};
use crate::script::value::{Callable, Value};
use std::sync::Arc;

/// `groovy.lang.Closure`.
pub static CLOSURE: Class = Class { methods: METHODS, ..Class::named("groovy.lang.Closure", &[&object::OBJECT]) };

static METHODS: &[Method] = &[
    java("call", 0, ANY, |machine, this, args| Ok(of(this)?.call(machine, args)?)),
    java("doCall", 0, ANY, |machine, this, args| Ok(of(this)?.call(machine, args)?)),
    java("getMaximumNumberOfParameters", 0, 0, |_, this, _| Ok((of(this)?.parameters() as i32).into())),
];

fn of(this: &Value) -> Result<&Arc<dyn Callable>, Fault> {
    match this {
        Value::Closure(closure) => Ok(closure),
        _ => Err(Fault::Mismatch),
    }
}

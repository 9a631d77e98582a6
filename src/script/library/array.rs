//! Java's arrays.

use super::{Class, Fault, Method, gdk, groovy, java, object, stream};
use crate::script::value::{Array, Thrown, Value, equals, exceptions, groovy_text};
use std::sync::Arc;

/// Arrays of any type.
pub static ARRAY: Class = Class {
    methods: METHODS,
    ..Class::named("java.lang.Object[]", &[&gdk::SEQUENCE, &super::codec::BYTES_ADDED, &object::OBJECT])
};

/// Java's words for an index that an array does not have.
pub(crate) fn out_of_bounds(index: i64, count: usize) -> Fault {
    Thrown::new(exceptions::ARRAY_INDEX, format!("Index {index} out of bounds for length {count}")).into()
}

/// The array of a receiver.
pub(crate) fn of(this: &Value) -> Result<&Arc<Array>, Fault> {
    match this {
        Value::Array(array) => Ok(array),
        _ => Err(Fault::Mismatch),
    }
}

static METHODS: &[Method] = &[
    java("clone", 0, 0, |_, this, _| {
        let array = of(this)?;
        Ok(Value::Array(Arc::new(Array::new(&array.element, array.items()))))
    }),
    groovy("contains", 1, 1, |machine, this, args| {
        for item in of(this)?.items() {
            if machine.equals(&item, &args[0])? {
                return Ok(true.into());
            }
        }
        Ok(false.into())
    }),
    groovy("iterator", 0, 0, |machine, this, _| {
        Ok(super::iterator::iterator(super::iterator::Walk::over(machine, this)?))
    }),
    groovy("equals", 1, 1, |machine, this, args| match &args[0] {
        Value::Array(_) | Value::List(_) => Ok(machine.equals(this, &args[0])?.into()),
        other => Ok(equals(this, other).into()),
    }),
    groovy("toString", 0, 0, |_, this, _| Ok(groovy_text(this).into())),
    groovy("stream", 0, 0, |machine, this, _| stream::over(machine, this)),
];

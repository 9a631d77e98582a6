//! Reading the arguments of a library method.

use super::string_builder::StringBuilder;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Failure, Object, Thrown, Value, groovy_text, java_text};
use std::borrow::Cow;

/// Why a method of the library gives no value.
#[derive(Debug)]
pub enum Fault {
    /// It threw.
    Thrown(Thrown),
    /// It has no overload for these arguments.
    Mismatch,
}

impl From<Thrown> for Fault {
    fn from(thrown: Thrown) -> Self {
        Self::Thrown(thrown)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Thrown(failure.into())
    }
}

/// An `int` argument.
pub(crate) fn int(arguments: &[Value], index: usize) -> Result<i32, Fault> {
    match arguments.get(index) {
        Some(Value::Int(n)) => Ok(*n),
        Some(Value::Short(n)) => Ok(i32::from(*n)),
        Some(Value::Byte(n)) => Ok(i32::from(*n)),
        Some(Value::Char(n)) => Ok(i32::from(*n)),
        _ => Err(Fault::Mismatch),
    }
}

/// A `long` argument.
pub(crate) fn long(arguments: &[Value], index: usize) -> Result<i64, Fault> {
    match arguments.get(index) {
        Some(Value::Long(n)) => Ok(*n),
        _ => int(arguments, index).map(i64::from),
    }
}

/// A `double` argument; Groovy lets any number pass.
pub(crate) fn double(arguments: &[Value], index: usize) -> Result<f64, Fault> {
    arguments.get(index).and_then(Value::to_f64).ok_or(Fault::Mismatch)
}

/// A `CharSequence` argument.
pub(crate) fn text(arguments: &[Value], index: usize) -> Result<Cow<'_, str>, Fault> {
    arguments.get(index).and_then(text_of).ok_or(Fault::Mismatch)
}

/// A text with or without interpolation.
pub(crate) fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::GString(_) => Some(Cow::Owned(groovy_text(value))),
        Value::Object(object) => object.downcast::<StringBuilder>().map(|builder| Cow::Owned(builder.to_text())),
        _ => None,
    }
}

/// A `boolean` argument.
pub(crate) fn flag(arguments: &[Value], index: usize) -> Result<bool, Fault> {
    match arguments.get(index) {
        Some(Value::Boolean(flag)) => Ok(*flag),
        _ => Err(Fault::Mismatch),
    }
}

/// A closure among the arguments.
pub(crate) fn closure(arguments: &[Value], index: usize) -> Result<&Value, Fault> {
    arguments.get(index).filter(|value| matches!(value, Value::Closure(_))).ok_or(Fault::Mismatch)
}

/// A `byte[]` argument.
pub(crate) fn bytes(arguments: &[Value], index: usize) -> Result<Vec<u8>, Fault> {
    match arguments.get(index) {
        Some(Value::Array(array)) => array.to_bytes().ok_or(Fault::Mismatch),
        _ => Err(Fault::Mismatch),
    }
}

/// The object of the library that a value is.
pub(crate) fn object<T: Object>(value: &Value) -> Result<&T, Fault> {
    match value {
        Value::Object(object) => object.downcast().ok_or(Fault::Mismatch),
        _ => Err(Fault::Mismatch),
    }
}

/// `String.valueOf(value)`, also of JMeter's objects.
pub(crate) fn string_of(machine: &mut Machine<'_>, value: &Value) -> Result<String, Fault> {
    if let Value::Object(object) = value
        && let ClassRef::Host(_) = object.class()
    {
        return Ok(machine.text(value)?);
    }
    Ok(java_text(value))
}

/// The first argument of what needs one.
pub(crate) fn first(arguments: &[Value]) -> Result<&Value, Fault> {
    arguments.first().ok_or(Fault::Mismatch)
}

/// Any argument; null when it is left out.
pub(crate) fn any(arguments: &[Value], index: usize) -> Value {
    arguments.get(index).cloned().unwrap_or_default()
}

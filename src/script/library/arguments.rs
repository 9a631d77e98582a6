//! Reading the arguments of a library method.

use crate::script::value::{Failure, Thrown, Value, groovy_text};
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
        _ => None,
    }
}

/// Any argument; null when it is left out.
pub(crate) fn any(arguments: &[Value], index: usize) -> Value {
    arguments.get(index).cloned().unwrap_or_default()
}

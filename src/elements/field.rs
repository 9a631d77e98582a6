//! A field that an element reads again and again while the run goes on.

use super::{Compile, Severity};
use crate::expr::Expr;
use crate::java::number::NumberFormatException;
use crate::virtual_user::{Thrown, VirtualUser};

/// How a text becomes a value.
pub(in crate::elements) type Reading<T> = fn(&str) -> Result<T, NumberFormatException>;

/// A value that is known when the plan is compiled, or an expression.
pub(in crate::elements) enum Field<T> {
    /// The same always.
    Fixed(T),
    /// Read each time.
    Text(Expr, Reading<T>),
}

impl<T: Copy + Default> Field<T> {
    /// The property `key`, or `default` when it is absent. What can never be read is a problem of the plan.
    pub fn new(compile: &mut Compile<'_>, key: &str, default: &str, reading: Reading<T>) -> Self {
        let text = compile.expr_or(key, default);
        Self::of(compile, key, text, reading)
    }

    /// The same for a text that is no property of the element's own; `key` names it in the diagnostic.
    pub fn of(compile: &mut Compile<'_>, key: &str, text: Expr, reading: Reading<T>) -> Self {
        let Some(literal) = text.as_literal() else { return Field::Text(text, reading) };
        Field::Fixed(reading(literal).unwrap_or_else(|error| {
            compile.problem(Severity::Error, format!("{key} is not a number: {error}"));
            T::default()
        }))
    }

    /// The value now.
    pub fn read(&self, user: &mut VirtualUser) -> Result<T, Thrown> {
        match self {
            Field::Fixed(value) => Ok(*value),
            Field::Text(text, reading) => reading(&text.eval(user)?)
                .map_err(|error| Thrown::new("java.lang.NumberFormatException", error.to_string())),
        }
    }
}

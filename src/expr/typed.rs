//! Property values that are numbers or flags, with JMeter 5.6's conversions: text that is no number is 0, only `true`
//! (in any case) is true.

use super::Expr;
use crate::virtual_user::{Thrown, VirtualUser};

/// A flag.
#[derive(Debug, Clone)]
pub enum BoolExpr {
    /// The same always.
    Fixed(bool),
    /// Read each time.
    Text(Expr),
}

impl BoolExpr {
    /// Compiles `text`.
    pub fn new(text: Expr) -> Self {
        match text.as_literal() {
            Some(literal) => BoolExpr::Fixed(java_bool(literal)),
            None => BoolExpr::Text(text),
        }
    }

    /// Whether it is always true.
    pub fn is_true(&self) -> bool {
        matches!(self, BoolExpr::Fixed(true))
    }

    /// The flag for this user now.
    pub fn eval(&self, user: &mut VirtualUser) -> Result<bool, Thrown> {
        match self {
            BoolExpr::Fixed(value) => Ok(*value),
            BoolExpr::Text(text) => Ok(java_bool(&text.eval(user)?)),
        }
    }
}

/// A whole number.
#[derive(Debug, Clone)]
pub enum LongExpr {
    /// The same always.
    Fixed(i64),
    /// Read each time.
    Text(Expr),
}

impl LongExpr {
    /// Compiles `text`.
    pub fn new(text: Expr) -> Self {
        match text.as_literal() {
            Some(literal) => LongExpr::Fixed(java_long(literal)),
            None => LongExpr::Text(text),
        }
    }

    /// The number for this user now; 0 when the text is none.
    pub fn eval(&self, user: &mut VirtualUser) -> Result<i64, Thrown> {
        match self {
            LongExpr::Fixed(value) => Ok(*value),
            LongExpr::Text(text) => Ok(java_long(&text.eval(user)?)),
        }
    }

    /// The number as `getPropertyAsInt` reads it: 0 also when it is no `int`.
    pub fn eval_int(&self, user: &mut VirtualUser) -> Result<i32, Thrown> {
        Ok(i32::try_from(self.eval(user)?).unwrap_or(0))
    }
}

/// `getPropertyAsBoolean` of text.
pub fn java_bool(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

/// `getPropertyAsLong` of text: `Long.parseLong`, 0 when that throws.
pub fn java_long(text: &str) -> i64 {
    text.parse().unwrap_or(0)
}

/// `getPropertyAsInt` of text: `Integer.parseInt`, 0 when that throws.
pub fn java_int(text: &str) -> i32 {
    text.parse().unwrap_or(0)
}

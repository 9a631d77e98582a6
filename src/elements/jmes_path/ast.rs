//! Expressions, taken apart.

use super::functions::Function;
use super::json::Json;
use crate::text::Text;

/// An expression: what it makes of a value.
#[derive(Debug)]
pub(super) enum Ast {
    /// `@`
    Current,
    /// `name`
    Field(Text),
    /// `[0]`, from the end when negative.
    Index(i64),
    /// `[start:stop:step]`; its items are projected.
    Slice { start: Option<i64>, stop: Option<i64>, step: i64 },
    /// A constant.
    Literal(Json),
    /// One after the other: `a.b`, `a[0]`, `a | b`.
    Chain(Box<Ast>, Box<Ast>),
    /// Each item of an array.
    Project(Box<Ast>, Box<Ast>),
    /// Each value of an object.
    ProjectValues(Box<Ast>, Box<Ast>),
    /// `[]`: arrays within an array become part of it.
    Flatten(Box<Ast>),
    /// `[?condition]`: those items of an array that meet a condition.
    Filter(Box<Ast>, Box<Ast>),
    /// `!a`
    Not(Box<Ast>),
    /// `a && b`
    And(Box<Ast>, Box<Ast>),
    /// `a || b`
    Or(Box<Ast>, Box<Ast>),
    /// `a == b`
    Compare(Comparator, Box<Ast>, Box<Ast>),
    /// `[a, b]`
    List(Vec<Ast>),
    /// `{x: a, y: b}`
    Hash(Vec<(Text, Ast)>),
    /// `name(a, &b)`
    Call(&'static Function, Vec<Argument>),
}

/// An argument of a call.
#[derive(Debug)]
pub(super) enum Argument {
    /// Evaluated before the call.
    Value(Ast),
    /// `&a`: evaluated by the function.
    Expression(Ast),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

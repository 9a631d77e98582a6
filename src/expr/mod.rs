//! `${…}`: variables and function calls in property values, parsed once when the plan is compiled and evaluated against
//! a virtual user. Text without a reference is a literal that costs one reference count to hand on.

mod parse;
mod typed;

pub use parse::{NameSource, ParseError, Scope, UnsupportedFunction};
pub use typed::{BoolExpr, LongExpr, java_bool, java_int, java_long};

use crate::functions::Function;
use crate::text::Text;
use crate::virtual_user::{Thrown, Value, VarRef, VirtualUser};
use std::sync::Arc;

/// A compiled property value.
#[derive(Clone)]
pub struct Expr(Repr);

#[derive(Clone)]
enum Repr {
    Literal(Text),
    Parts(Arc<[Part]>),
}

pub(crate) enum Part {
    /// Text between references.
    Text(Text),
    /// `${name}`; `raw` is what stays when it is not set.
    Variable { name: VarRef, raw: Text },
    /// `${__name(…)}`
    Call(Box<dyn Function>),
}

impl Default for Expr {
    fn default() -> Self {
        Expr::literal("")
    }
}

impl std::fmt::Debug for Expr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Repr::Literal(text) => write!(f, "Expr({text:?})"),
            Repr::Parts(parts) => write!(f, "Expr({} parts)", parts.len()),
        }
    }
}

impl Expr {
    /// Text that means itself.
    pub fn literal(text: impl Into<Text>) -> Self {
        Expr(Repr::Literal(text.into()))
    }

    /// Parses a property value. Text that holds no reference is left exactly as written, backslashes included.
    pub fn parse(text: &str, scope: &mut Scope<'_>) -> Result<Self, ParseError> {
        if !text.contains("${") {
            return Ok(Expr::literal(text));
        }
        let parts = parse::compile(text, scope)?;
        Ok(match parts.as_slice() {
            [Part::Text(_)] | [] => Expr::literal(text),
            _ => Expr(Repr::Parts(parts.into())),
        })
    }

    /// Parses an argument of a function: its escapes are always taken out.
    pub fn parse_argument(text: &str, scope: &mut Scope<'_>) -> Result<Self, ParseError> {
        let mut parts = parse::compile(text, scope)?;
        if let [Part::Text(only)] = parts.as_mut_slice() {
            return Ok(Expr::literal(Text::clone(only)));
        }
        if parts.is_empty() {
            return Ok(Expr::default());
        }
        Ok(Expr(Repr::Parts(parts.into())))
    }

    /// The text, if it is the same for every user at every time.
    pub fn as_literal(&self) -> Option<&Text> {
        match &self.0 {
            Repr::Literal(text) => Some(text),
            Repr::Parts(_) => None,
        }
    }

    /// The text for this user now.
    pub fn eval(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        match &self.0 {
            Repr::Literal(text) => Ok(Text::clone(text)),
            Repr::Parts(parts) => match &**parts {
                [Part::Variable { name, raw }] => {
                    Ok(user.variables.value_of(name).map_or_else(|| Text::clone(raw), Value::text))
                }
                [Part::Call(function)] => function.call(user),
                parts => {
                    let mut out = String::new();
                    for part in parts {
                        part.append(user, &mut out)?;
                    }
                    Ok(Text::from(out))
                }
            },
        }
    }

    /// Appends the text for this user now.
    pub fn append(&self, user: &mut VirtualUser, out: &mut String) -> Result<(), Thrown> {
        match &self.0 {
            Repr::Literal(text) => out.push_str(text),
            Repr::Parts(parts) => {
                for part in parts.iter() {
                    part.append(user, out)?;
                }
            }
        }
        Ok(())
    }
}

impl Part {
    fn append(&self, user: &mut VirtualUser, out: &mut String) -> Result<(), Thrown> {
        match self {
            Part::Text(text) => out.push_str(text),
            Part::Variable { name, raw } => match user.variables.value_of(name) {
                Some(Value::Text(text)) => out.push_str(text),
                Some(value) => out.push_str(&value.text()),
                None => out.push_str(raw),
            },
            Part::Call(function) => out.push_str(&function.call(user)?),
        }
        Ok(())
    }
}

//! JEXL: the expressions of `__jexl3` and `__jexl2`.
//!
//! The two versions share one grammar and one evaluator; where they differ, a [`Dialect`] tells them apart. Lambdas,
//! regular expression literals, templates, annotations and pragmas are refused at compile time.

mod arithmetic;
mod eval;
mod lexer;
mod parser;
mod tree;

use crate::script::compile_error::CompileError;
use crate::script::host::{Bindings, Outcome};
use crate::script::machine::{self, Machine};
use crate::script::value::Thrown;

/// The version of JEXL whose rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Commons JEXL 2.1.1, strict: `__jexl2`.
    Jexl2,
    /// Commons JEXL 3.2.1, strict and safe: `__jexl3`.
    Jexl3,
}

/// A compiled JEXL script.
#[derive(Debug)]
pub struct Jexl {
    tree: tree::Node,
    dialect: Dialect,
}

impl Jexl {
    /// Compiles a script.
    pub fn compile(source: &str, dialect: Dialect) -> Result<Self, CompileError> {
        Ok(Self { tree: parser::parse(source, dialect)?, dialect })
    }

    /// The value of the script. What it assigns goes into the scope of `bindings`.
    ///
    /// # Errors
    /// Whatever its evaluation throws; JMeter logs it and takes the empty text.
    pub fn eval(&self, bindings: &mut Bindings<'_>) -> Outcome {
        let mut machine = Machine::new(bindings, machine::Dialect::Java);
        eval::evaluate(&self.tree, &mut machine, self.dialect)
    }

    /// The text that `__jexl3` and `__jexl2` give for the value: `None` for null.
    pub fn eval_to_text(&self, bindings: &mut Bindings<'_>) -> Result<Option<String>, Thrown> {
        let value = self.eval(bindings)?;
        if value.is_null() {
            return Ok(None);
        }
        Machine::new(bindings, machine::Dialect::Java).text(&value).map(Some)
    }
}

#[cfg(test)]
mod tests;

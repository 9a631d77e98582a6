//! JavaScript: `__javaScript` and the conditions of If Controllers, as Rhino 1.7.14 runs them.
//!
//! ECMAScript 5 with arrow functions and templates; destructuring, classes, `with`, getters and generators are refused
//! at compile time, `eval` when it is called. Objects live in a heap of one evaluation and end with it.

mod access;
mod arrays;
mod convert;
mod dates;
mod globals;
mod heap;
mod interop;
mod interpreter;
mod json;
mod lexer;
mod operators;
mod parser;
mod regexps;
mod strings;
mod tree;

use crate::script::compile_error::CompileError;
use crate::script::host::Bindings;
use crate::script::machine::{Dialect, Machine};
use crate::script::value::Thrown;
use interpreter::Interpreter;

/// A compiled JavaScript program.
#[derive(Debug)]
pub struct JavaScript {
    program: tree::Program,
}

impl JavaScript {
    /// Compiles a program.
    pub fn compile(source: &str) -> Result<Self, CompileError> {
        Ok(Self { program: parser::parse(source)? })
    }

    /// The text of the program's value, as Rhino's `Context.toString` gives it: `undefined` and `null` are words.
    ///
    /// The names of `bindings` are visible; what the program sets is gone afterwards.
    ///
    /// # Errors
    /// Whatever the program throws; `__javaScript` then gives the empty text and an If Controller is false.
    pub fn eval_to_text(&self, bindings: &mut Bindings<'_>) -> Result<String, Thrown> {
        let mut machine = Machine::new(bindings, Dialect::Java);
        let mut interpreter = Interpreter::new(&mut machine)?;
        let text = match interpreter.run(&self.program) {
            Ok(value) => interpreter.text(&value),
            Err(fail) => Err(fail),
        };
        text.map_err(|fail| interpreter.thrown(fail))
    }
}

#[cfg(test)]
mod tests;

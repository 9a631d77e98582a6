//! Groovy 3 (the grammar called Parrot, as in 3.0.17): text to [`tree::Program`].
//!
//! The lexer knows where a newline counts and where a slash begins a string; the parser is a recursive descent over its
//! tokens that looks ahead, but never back, so that its time is linear in the text.

mod error;
mod lexer;
mod literal;
mod parser;
#[cfg(test)]
mod sexp;
#[cfg(test)]
mod tests;

pub use error::startup_failed;

use crate::script::CompileError;
use crate::script::core::tree;

/// The tree of a script.
///
/// # Errors
/// When the text is no Groovy, or nests deeper than any script does.
pub fn parse(source: &str) -> Result<tree::Program, CompileError> {
    parser::program(source, lexer::tokens(source)?)
}

//! BeanShell (2.0b6, as JMeter has it): text to [`tree::Program`].
//!
//! The engine reads and runs one statement after the other, so what stands before a mistake has its effects:
//! [`parse_partly`] keeps it.

mod error;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;

pub(crate) use error::shown;
pub use error::{outcome, throw, thrown};

use crate::script::CompileError;
use crate::script::core::tree;

/// The tree of a script.
///
/// # Errors
/// When the text is no BeanShell, or nests deeper than any script does.
pub fn parse(source: &str) -> Result<tree::Program, CompileError> {
    match parse_partly(source) {
        (program, None) => Ok(program),
        (_, Some(error)) => Err(error),
    }
}

/// The tree of what stands before the first mistake, and the mistake: `eval` runs the one before it fails with the other.
pub fn parse_partly(source: &str) -> (tree::Program, Option<CompileError>) {
    // `bsh.Interpreter.eval` ends the text so, whatever it ends with else.
    let end = if source.ends_with(';') { "" } else { ";" };
    parser::program(&lexer::tokens(&format!("{source}{end}")))
}

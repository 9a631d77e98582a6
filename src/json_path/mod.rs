//! JSONPath in the dialect of Jayway's json-path 2.8.0 over json-smart 2.4.11, as JMeter uses it.
//!
//! [`Json::parse`] reads documents as leniently as json-smart does, [`JsonPath::compile`] takes the paths that Jayway
//! takes, and refuses the others with Jayway's words. Results come in Jayway's order, its oddities included; see the
//! goldens in `fixtures/json_path`, which the Java libraries printed.
//!
//! One thing is left out: Jayway's compiled paths remember where a deep scan last was, so that some odd paths give
//! other results the second time. Here every reading is the first.

mod compile;
mod condition;
mod cursor;
mod decimal;
mod evaluate;
mod filter;
mod function;
mod json;
mod path;
mod read;

#[cfg(test)]
mod tests;

pub use json::{Json, Object};
pub use read::JsonError;

use evaluate::{Context, EvalError};
use std::borrow::Cow;
use thiserror::Error;

/// A compiled path. Immutable, so that all users may share it.
#[derive(Debug, Clone)]
pub struct JsonPath {
    path: path::Path,
}

/// Jayway's `InvalidPathException` when it is compiled; displays its message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct InvalidPath(String);

/// Why a path could not be read; displays Java's message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathError {
    /// `PathNotFoundException`: what JMeter's extractor takes for "no match".
    #[error("{0}")]
    NotFound(String),
    /// Any other exception.
    #[error("{0}")]
    Failed(String),
}

impl From<EvalError> for PathError {
    fn from(error: EvalError) -> Self {
        match error {
            EvalError::NotFound(text) => Self::NotFound(text),
            EvalError::Invalid(text) | EvalError::OutOfBounds(text) | EvalError::Other(text) => Self::Failed(text),
        }
    }
}

impl JsonPath {
    /// Compiles a path. What does not begin with `$` or `@` is taken to begin with `$.`.
    pub fn compile(path: &str) -> Result<Self, InvalidPath> {
        if path.is_empty() {
            return Err(InvalidPath("json can not be null or empty".to_owned()));
        }
        compile::compile(path, 0).map(|path| Self { path }).map_err(InvalidPath)
    }

    /// Whether it has one result at most.
    pub fn is_definite(&self) -> bool {
        self.path.is_definite()
    }

    /// `JsonPath.read(document, path)` with json-path's default options, as the JSON Assertion reads: the value of a
    /// definite path, an array of the results of any other.
    pub fn read<'d>(&self, document: &'d Json) -> Result<Cow<'d, Json>, PathError> {
        if *document == Json::Null {
            return Err(PathError::Failed("json can not be null".to_owned()));
        }
        Ok(evaluate::value(&self.path, document, &Context::new(document), false)?)
    }

    /// The results in a list (`ALWAYS_RETURN_LIST`), as the JSON Extractor reads. Functions are refused with Jayway's
    /// words.
    pub fn read_list<'d>(&self, document: &'d Json) -> Result<Vec<Cow<'d, Json>>, PathError> {
        if self.path.is_function {
            return Err(PathError::Failed(
                "Options AS_PATH_LIST and ALWAYS_RETURN_LIST are not allowed when using path functions!".to_owned(),
            ));
        }
        if *document == Json::Null {
            return Err(PathError::Failed("root can not be null".to_owned()));
        }
        let mut results = evaluate::evaluate(&self.path, document, &Context::new(document), false)?;
        if !self.is_definite() {
            return Ok(results);
        }
        match results.pop() {
            Some(result) => Ok(vec![result]),
            None => Err(PathError::NotFound(format!("No results for path: {}", self.path.text()))),
        }
    }
}

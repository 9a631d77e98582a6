//! The script languages of plans: Groovy, BeanShell, JEXL and JavaScript expressions.
//!
//! All of them compute with one [`value::Value`], call one class [`library`], and see JMeter through one
//! [`host::Host`]; a front end is a parser, a tree and an evaluator.

pub mod beanshell;
pub(crate) mod budget;
mod compile_error;
pub mod core;
pub mod engine;
#[cfg(test)]
mod fake_host;
#[cfg(test)]
mod fuzz;
pub mod groovy;
pub mod host;
pub mod javascript;
pub mod jexl;
pub mod jmeter;
pub mod library;
pub mod machine;
pub mod value;

pub use compile_error::{CompileError, Position};

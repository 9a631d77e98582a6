//! The Java-shaped core under Groovy and BeanShell: their tree, what its names stand for, and its evaluation.

pub(crate) mod coerce;
pub(crate) mod operators;
pub mod tree;

//! The table of functions.

use super::Definition;

/// Every function, sorted by name.
pub static FUNCTIONS: &[Definition] = &[super::p::P, super::counter::COUNTER, super::eval::EVAL, super::eval::EVAL_VAR];

/// Functions of JMeter 5.6 and of the plugins that plans use which are not in [`FUNCTIONS`], sorted.
pub(super) static KNOWN_ELSEWHERE: &[&str] = &[];

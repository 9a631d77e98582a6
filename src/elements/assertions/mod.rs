//! Assertions.

use super::Definition;

/// Assertions, sorted by tag.
pub static ASSERTIONS: &[Definition] = &[];

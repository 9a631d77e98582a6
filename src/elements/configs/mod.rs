//! Config elements.

mod arguments;

pub use arguments::variables;

use super::Definition;

/// Config elements, sorted by tag.
pub static CONFIGS: &[Definition] = &[arguments::ARGUMENTS];

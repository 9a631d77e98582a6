//! Post-processors.

use super::Definition;

/// Post-processors, sorted by tag.
pub static POST_PROCESSORS: &[Definition] = &[];

//! Pre-processors.

use super::Definition;

/// Pre-processors, sorted by tag.
pub static PRE_PROCESSORS: &[Definition] = &[];

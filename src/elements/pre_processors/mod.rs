//! Pre-processors.

mod user_parameters;

use super::Definition;

/// Pre-processors, sorted by tag.
pub static PRE_PROCESSORS: &[Definition] = &[user_parameters::USER_PARAMETERS];

//! Post-processors.

mod boundary;
mod debug;
mod regex;
mod template;

use super::Definition;

/// Post-processors, sorted by tag.
pub static POST_PROCESSORS: &[Definition] = &[boundary::BOUNDARY, debug::DEBUG, regex::REGEX];

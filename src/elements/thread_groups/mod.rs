//! Thread groups: how many users, when they start, how long they run.

mod open_model;
mod plain;
mod ramp;

use super::Definition;

/// Thread groups, sorted by tag.
pub static THREAD_GROUPS: &[Definition] = &[open_model::OPEN_MODEL, plain::TEAR_DOWN, plain::SET_UP, plain::MAIN];

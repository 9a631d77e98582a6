//! Timers: how long a user waits before a sampler.

mod constant;
mod random;
mod rendezvous;

pub use rendezvous::Rendezvous;

use super::Definition;

/// Timers, sorted by tag.
pub static TIMERS: &[Definition] = &[constant::CONSTANT, random::GAUSSIAN, random::POISSON, random::UNIFORM];

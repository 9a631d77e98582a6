//! Timers: how long a user waits before a sampler.

mod constant;
mod constant_throughput;
mod precise_throughput;
mod random;
mod sync;
mod variable_throughput;

pub use sync::Rendezvous;

use super::Definition;

/// Timers, sorted by tag.
pub static TIMERS: &[Definition] = &[
    constant_throughput::CONSTANT_THROUGHPUT,
    constant::CONSTANT,
    random::GAUSSIAN,
    random::POISSON,
    precise_throughput::PRECISE_THROUGHPUT,
    sync::SYNC,
    random::UNIFORM,
    variable_throughput::VARIABLE_THROUGHPUT,
];

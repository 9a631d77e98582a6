//! Timers: how long a user waits before a sampler.

mod constant;
mod constant_throughput;
mod precise_throughput;
mod random;
mod script;
mod sync;
mod variable_throughput;

pub use sync::Rendezvous;

use super::Definition;

/// Timers, sorted by tag.
pub static TIMERS: &[Definition] = &[
    script::BEAN_SHELL,
    constant_throughput::CONSTANT_THROUGHPUT,
    constant::CONSTANT,
    random::GAUSSIAN,
    script::JSR223,
    random::POISSON,
    precise_throughput::PRECISE_THROUGHPUT,
    sync::SYNC,
    random::UNIFORM,
    variable_throughput::VARIABLE_THROUGHPUT,
];

//! Retry-After, back-off and pace: pure decisions, no clock and no network.

mod header;
mod pace;
mod policy;
#[cfg(test)]
mod race_tests;
#[cfg(test)]
pub(crate) mod testing;

pub use header::RetryAfter;
pub use pace::{Fate, Pace, Ticket, Told, Turn};
pub use policy::{Decision, PaceBy, Policy, Refusal, Rows};

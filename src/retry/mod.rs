//! Retry-After and back-off: pure decisions, no clock and no network.

mod header;
mod policy;

pub use header::RetryAfter;
pub use policy::{Decision, Policy, Refusal, Rows};

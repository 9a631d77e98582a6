//! Runs a compiled plan: which sample next, when, by whom, and when to stop.
//!
//! Choosing is synchronous ([`crate::elements::controllers`]), waiting happens in one place ([`wait`]), recording is one
//! append. A user lives on one worker; workers share nothing on the hot path but atomics.

mod alarm;
mod collectors;
mod control;
mod iteration;
mod outbox;
mod phases;
mod sample;
mod supply;
mod variables;
mod wait;
mod worker;

pub use crate::elements::listeners::timestamp_formatter;
pub use collectors::collectors;
pub use control::ControlPort;
pub use phases::{Ended, Observer, Settings, prepare, run};
pub use variables::{StartError, start_values};

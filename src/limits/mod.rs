//! The limiter behind a server, inferred from accepts and rejects. Pure: no clock, no file, no console.
//!
//! [`Attempt`]s are put to their resource ([`Resources`], or [`Watch`] while a run is under way). [`infer`] fits each model, one
//! a file, to all attempts at a resource and says what is left in a [`Finding`]. `docs/limits.md` has the method.

mod announced;
mod attempt;
mod borders;
mod concurrency;
#[cfg(test)]
mod evaluation_tests;
mod finding;
mod fixed_window;
mod gauge;
mod infer;
mod json;
mod leaky_bucket;
mod page;
mod plain;
mod request_window;
mod rows;
mod search;
mod sliding_counter;
mod sliding_log;
mod stacked;
mod stepped_bucket;
#[cfg(test)]
mod testing;
mod timeline;
mod token_bucket;
mod trace;
mod words;

pub use announced::{Announced, Announcement, Claim};
pub use attempt::{Attempt, Decision, Millis};
pub use finding::{Evidence, Finding, Kind, Limit, Load, Part, Range, RunnerUp, Verdict};
pub use infer::infer;
pub use page::page;
pub use rows::{By, Refusals, Resources, Watch, announcement};
pub use timeline::{Slot, Timeline};
pub use words::Advice;

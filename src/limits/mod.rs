//! The limiter behind a server, inferred from accepts and rejects.

mod announced;
mod attempt;
mod concurrency;
#[cfg(test)]
mod evaluation_tests;
mod finding;
mod fixed_window;
mod gauge;
mod infer;
mod json;
mod leaky_bucket;
mod search;
mod sliding_counter;
mod sliding_log;
mod stacked;
#[cfg(test)]
mod testing;
mod token_bucket;
mod trace;
mod words;

pub use announced::Announced;
pub use attempt::{Attempt, Decision, Millis};
pub use finding::{Evidence, Finding, Kind, Limit, Load, Part, Range, RunnerUp, Verdict};
pub use infer::infer;
pub use words::Advice;

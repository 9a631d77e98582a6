//! Summaries of a run for people and CI: JMeter's `statistics.json` and a page in one file.
//!
//! Rows go in one by one ([`Dashboard::record`]); nothing here reads a file, a clock or the network.

mod apdex;
mod criterion;
mod dashboard;
mod errors;
mod options;
mod page;
mod row;
mod scale;
mod statistics_json;
mod summary;
mod timeline;
pub mod verdict;

pub use criterion::{Criterion, CriterionError, Finding, Retries};
pub use dashboard::Dashboard;
pub use options::{Options, Read, read as read_options};
pub use page::page;
pub use statistics_json::statistics_json;

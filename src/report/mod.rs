//! Summaries of a run for people and CI: JMeter's `statistics.json` and a page in one file.
//!
//! Rows go in one by one ([`Dashboard::record`]); nothing here reads a file, a clock or the network.

mod apdex;
pub mod closing;
pub mod compare;
mod criterion;
mod dashboard;
pub mod equivalence;
mod errors;
mod failures;
pub mod glance;
mod goodput;
mod options;
mod page;
mod panel;
mod plan_tree;
mod punctuality;
mod rotameter_json;
mod row;
mod scale;
mod statistics_json;
mod summary;
mod timeline;
pub mod verdict;

pub use criterion::{Criterion, CriterionError, Finding, Retries};
pub use dashboard::Dashboard;
pub use goodput::{Goodput, Goodputs, Rates};
pub use options::{Options, Read, read as read_options};
pub use page::{Against, Content, RateLimit, page, page_data};
pub use punctuality::{LATE, Lateness, Punctuality};
pub use rotameter_json::rotameter_json;
pub use statistics_json::statistics_json;

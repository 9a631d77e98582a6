//! What was measured: samples, result files, statistics.

mod charset;
pub mod jtl_csv;
pub mod jtl_xml;
mod sample_result;
#[cfg(test)]
mod samples_for_tests;
pub mod save_config;
pub mod statistics;
pub mod summariser;
mod unassigned;

pub use sample_result::{
    AfterSample, AssertionResult, CollectorId, DataType, HttpDetails, LogicalAction, SampleEvent, SampleResult,
};
pub use save_config::{SaveConfig, SaveConfigError, TimestampFormat, TimestampOf};
pub use statistics::{Estimation, Histogram, LabelStatistics, Statistics};
pub use summariser::{Summariser, Transactions, UserCounts};

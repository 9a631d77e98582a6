//! What was measured: samples, result files, statistics.
//!
//! A run opens [`Results`] with its collectors before the first request, so that a file that cannot be written is known
//! then. Each worker sends its samples in batches through a [`BatchSender`]; one thread owns all files. Nothing here
//! knows what a virtual user or a plan is, and nothing prints: the summariser's lines go to a function that is handed in.

mod batch;
mod charset;
mod collector;
mod failures;
mod figures;
mod intended;
pub mod jtl_csv;
mod jtl_file;
pub mod jtl_read;
pub mod jtl_xml;
mod mask;
mod merge;
mod needs;
mod recorder;
mod routes;
mod sample_result;
#[cfg(test)]
mod samples_for_tests;
mod save_config;
mod sink;
mod statistics;
mod summariser;
mod unassigned;
mod writer;

pub use batch::{Batch, Lane};
pub use collector::{CollectorConfig, CollectorKind, FileCollector, Filter, SummariserCollector};
pub use failures::{FailedExchange, FailureBounds, FailureKind, Failures, Part};
pub use figures::{Figures, Sum, TRANSACTION};
pub use intended::Intended;
pub use jtl_csv::TimestampFormatter;
pub use jtl_read::{BrokenRow, JtlField, JtlReader, JtlRow, ReadError, ReadWarning, RowData};
pub use needs::{Needs, When};
pub use recorder::{
    BatchSender, Closed, Closer, Error, ExistingFiles, FormatterOfPattern, Live, Observe, Options, Results, RunOutcome,
    Seen, Unopenable, WriteError,
};
pub use sample_result::{
    AfterSample, AssertionResult, CollectorId, DataType, HttpDetails, LogicalAction, SampleEvent, SampleResult,
};
pub use save_config::{SaveConfig, SaveConfigError, TimestampFormat, TimestampOf, local_host_name, split_names};
pub use statistics::{Estimation, Histogram, LabelStatistics, Statistics};
pub use summariser::{Summariser, Transactions, UserCounts};

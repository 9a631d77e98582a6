//! Who hears of samples: result files, summarisers, statistics in memory.

use super::needs::{Needs, When};
use super::save_config::SaveConfig;
use super::summariser::Transactions;
use super::{CollectorId, SampleResult};
use crate::text::Text;
use std::path::PathBuf;
use std::time::Duration;

/// One listener of a run.
#[derive(Debug, Clone)]
pub struct CollectorConfig {
    /// What sample events call it.
    pub id: CollectorId,
    /// What it does with them.
    pub kind: CollectorKind,
}

/// What a listener does with the samples it hears of.
#[derive(Debug, Clone)]
pub enum CollectorKind {
    /// Writes them into a file (`ResultCollector`).
    File(FileCollector),
    /// Tells their number and times now and then (`Summariser`). Those of one name count together, and an event that
    /// reaches two of them counts twice.
    Summariser(SummariserCollector),
    /// Keeps [`super::Statistics`], to be read at any time and at the end.
    Live,
}

/// A result file.
#[derive(Debug, Clone)]
pub struct FileCollector {
    /// The file's name as it was written in the plan. A sample is written once for each name: two listeners with the
    /// same name share it, while another spelling of the same path gets the sample again, as in JMeter.
    pub name: Text,
    /// Where the file is.
    pub path: PathBuf,
    /// What it holds.
    pub save: SaveConfig,
    /// Which samples it holds.
    pub filter: Filter,
}

/// Which samples a file holds; sub-samples go with their parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Failed ones (`ResultCollector.error_logging`).
    ErrorsOnly,
    /// Passed ones (`ResultCollector.success_only_logging`).
    SuccessesOnly,
}

impl Filter {
    /// What the two settings of a plan mean together: both are the same as neither.
    pub fn from_settings(error_logging: bool, success_only_logging: bool) -> Filter {
        match (error_logging, success_only_logging) {
            (true, false) => Filter::ErrorsOnly,
            (false, true) => Filter::SuccessesOnly,
            (true, true) | (false, false) => Filter::All,
        }
    }

    /// Whether the file gets this sample.
    pub fn wants(self, sample: &SampleResult) -> bool {
        match self {
            Filter::All => true,
            Filter::ErrorsOnly => !sample.successful,
            Filter::SuccessesOnly => sample.successful,
        }
    }
}

/// A summariser.
#[derive(Debug, Clone)]
pub struct SummariserCollector {
    /// What its lines begin with.
    pub name: Text,
    /// `summariser.out`
    pub to_console: bool,
    /// `summariser.log`
    pub to_log: bool,
    /// `summariser.interval`, in whole seconds of the wall clock.
    pub interval: Duration,
    /// `summariser.ignore_transaction_controller_sample_result`
    pub transactions: Transactions,
}

impl CollectorConfig {
    /// What it reads of a sample; the rest need not be sent to it.
    pub fn needs(&self) -> Needs {
        match &self.kind {
            CollectorKind::File(file) => Needs::of_file(&file.save),
            CollectorKind::Live => Needs { sub_results: true, ..Needs::default() },
            CollectorKind::Summariser(_) => Needs::default(),
        }
    }

    /// Whether it reads response bodies.
    pub fn needs_response_data(&self) -> When {
        self.needs().response_data
    }

    /// Whether it reads what assertions said.
    pub fn needs_assertions(&self) -> bool {
        self.needs().assertions
    }
}

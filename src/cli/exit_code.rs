//! Exit statuses. JMeter's own where it has one; a run that did not happen is a failure here, where JMeter often says 0.

/// Why the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// The run went to its end, whatever its samples were.
    Done = 0,
    /// Nothing ran: a plan or option that cannot be used, results that cannot be written.
    Failed = 1,
    /// What was asked for is not there yet (remote servers, the dashboard).
    NotSupported = 2,
    /// A criterion of `--fail-if` or `--abort-if` holds.
    VerdictFailed = 99,
    /// SIGINT ended the run.
    Interrupted = 130,
    /// SIGTERM ended the run.
    Terminated = 143,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        std::process::ExitCode::from(exit as u8)
    }
}

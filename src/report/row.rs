//! What a row of results means to a report.

use crate::results::JtlRow;
use std::ops::Deref;

/// A row with its span, which its time stamp and the run's properties give.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    sample: &'a JtlRow,
    /// When the sample began, in ms since the epoch.
    pub start: i64,
    /// When it ended, in ms since the epoch.
    pub end: i64,
}

/// How the message of a Transaction Controller's row begins.
const TRANSACTION: &str = "Number of samples in transaction";

impl<'a> Row<'a> {
    /// `stamped_at_end`: the time stamp is that of the sample's end (`sampleresult.timestamp.start=false`).
    pub fn new(row: &'a JtlRow, stamped_at_end: bool) -> Self {
        let (stamp, elapsed) = (row.time_stamp.millis(), row.elapsed.as_millis() as i64);
        let (start, end) = if stamped_at_end {
            (stamp.saturating_sub(elapsed), stamp)
        } else {
            (stamp, stamp.saturating_add(elapsed))
        };
        Row { sample: row, start, end }
    }

    /// The response time in ms.
    pub fn elapsed_millis(&self) -> u64 {
        self.sample.elapsed.as_millis() as u64
    }

    /// Whether the row is that of a Transaction Controller (`Sample.isController`).
    pub fn is_transaction(&self) -> bool {
        self.response_message.starts_with(TRANSACTION)
    }

    /// Whether it is that of a transaction without samples, which counts nowhere (`Sample.isEmptyController`).
    pub fn is_empty_transaction(&self) -> bool {
        self.response_message.strip_prefix(TRANSACTION).is_some_and(|rest| rest.starts_with(" : 0"))
    }

    /// Whether a limiter turned the sample away.
    pub fn is_rejected(&self) -> bool {
        self.response_code == "429" || self.failure_message.contains("(Retry-After: ")
    }

    /// The group of the sample's user: its name up to the last blank (`ActiveThreadsGraphConsumer`).
    pub fn thread_group(&self) -> &'a str {
        self.sample.thread_name.rsplit_once(' ').map_or(&self.sample.thread_name, |(group, _)| group)
    }
}

impl Deref for Row<'_> {
    type Target = JtlRow;
    fn deref(&self) -> &JtlRow {
        self.sample
    }
}

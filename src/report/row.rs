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

impl<'a> Row<'a> {
    /// `stamped_at_end`: the time stamp is that of the sample's end (`sampleresult.timestamp.start=false`).
    pub fn new(row: &'a JtlRow, stamped_at_end: bool) -> Self {
        let (start, end) = row.span(stamped_at_end);
        let (start, end) = (start.millis(), end.millis());
        Row { sample: row, start, end }
    }

    /// The response time in ms.
    pub fn elapsed_millis(&self) -> u64 {
        self.sample.elapsed.as_millis() as u64
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

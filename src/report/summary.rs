//! The figures of one label, made as `StatisticsSummaryConsumer` makes them.

use super::apdex::Apdex;
use super::errors::Kinds;
use super::options::Options;
use super::row::Row;
use crate::clock::Timestamp;
use crate::results::{Histogram, LabelStatistics};
use std::collections::VecDeque;

/// What is known of a label, or of all rows.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Exact counts of everything.
    pub statistics: LabelStatistics,
    /// Whether the rows are those of a Transaction Controller.
    pub transaction: bool,
    /// Satisfied users.
    pub apdex: Apdex,
    /// Failures by kind.
    pub errors: Kinds,
    /// Rows among which failures are counted, and the failures.
    pub error_counts: (u64, u64),
    /// The last response times, in ms; empty when percentiles are made of all.
    window: VecDeque<u32>,
    /// JMeter's mean is a running one: the last digits depend on the order.
    mean: f64,
}

impl Summary {
    /// Nothing yet.
    pub fn new(transaction: bool, apdex: Apdex) -> Self {
        Self {
            statistics: LabelStatistics::default(),
            transaction,
            apdex,
            errors: Kinds::default(),
            error_counts: (0, 0),
            window: VecDeque::new(),
            mean: 0.0,
        }
    }

    /// Counts a row's times and sizes.
    pub fn record(&mut self, row: &Row, options: &Options) {
        let elapsed = row.elapsed_millis();
        let statistics = &mut self.statistics;
        let (start, end) = (Timestamp::from_millis(row.start), Timestamp::from_millis(row.end));
        statistics.add(elapsed, row.success, (row.bytes, row.sent_bytes), (start, end));
        self.mean += (elapsed as f64 - self.mean) / statistics.count() as f64;
        if let Some(size) = options.window {
            if self.window.len() >= size.max(1) {
                self.window.pop_front();
            }
            self.window.push_back(u32::try_from(elapsed).unwrap_or(u32::MAX));
        }
    }

    /// Counts a row among the failures, or not.
    pub fn record_outcome(&mut self, kind: Option<&str>) {
        self.error_counts.0 += 1;
        if let Some(kind) = kind {
            self.error_counts.1 += 1;
            self.errors.record(kind);
        }
    }

    /// The mean response time in ms; NaN without rows.
    pub fn mean(&self) -> f64 {
        if self.statistics.count() == 0 { f64::NAN } else { self.mean }
    }

    /// Percentiles in ms of the last rows alone, as in JMeter's `statistics.json`; NaN without rows.
    pub fn percentiles_of_window<const N: usize>(&self, percents: [f64; N], options: &Options) -> [f64; N] {
        let of_window;
        let histogram = if self.window.len() as u64 == self.statistics.count() || options.window.is_none() {
            &self.statistics.elapsed
        } else {
            let mut last = Histogram::default();
            self.window.iter().for_each(|&elapsed| last.record(u64::from(elapsed)));
            of_window = last;
            &of_window
        };
        percents.map(|percent| histogram.percentile(percent, options.estimation).unwrap_or(f64::NAN))
    }
}

//! What is kept of a run that is to be compared.

use super::blocks::Blocks;
use crate::clock::Timestamp;
use crate::results::{JtlRow, LabelStatistics};
use std::collections::BTreeMap;

/// One run: exact counts and some stretches for each label.
#[derive(Debug, Default)]
pub struct Run {
    labels: ahash::AHashMap<String, Recorded>,
    /// All samples but transactions.
    pub total: LabelStatistics,
}

/// One label of a run.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    pub statistics: LabelStatistics,
    pub blocks: Blocks,
    pub transaction: bool,
}

impl Run {
    /// Takes the next row in. `stamped_at_end`: its time stamp is that of its end.
    pub fn record(&mut self, row: &JtlRow, stamped_at_end: bool) {
        if row.is_empty_transaction() {
            return;
        }
        let span = row.span(stamped_at_end);
        let (elapsed, sizes) = (row.elapsed.as_millis() as u64, (row.bytes, row.sent_bytes));
        if !self.labels.contains_key(row.label.as_str()) {
            self.labels
                .insert(row.label.clone(), Recorded { transaction: row.is_transaction(), ..Recorded::default() });
        }
        if let Some(label) = self.labels.get_mut(row.label.as_str()) {
            label.statistics.add(elapsed, row.success, sizes, span);
            label.blocks.record(elapsed, row.success, span.0.millis());
        }
        if !row.is_transaction() {
            self.total.add(elapsed, row.success, sizes, span);
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Every label with its figures, sorted by label.
    pub(super) fn statistics(&self) -> impl Iterator<Item = (&str, &LabelStatistics)> {
        let mut labels: Vec<_> =
            self.labels.iter().map(|(label, recorded)| (label.as_str(), &recorded.statistics)).collect();
        labels.sort_unstable_by_key(|(label, _)| *label);
        labels.into_iter()
    }

    /// The first start and the last end of all samples, transactions too.
    pub(super) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let spans = self.labels.values().filter_map(|recorded| recorded.statistics.span);
        spans.reduce(|(start, end), (first, last)| (start.min(first), end.max(last)))
    }

    /// Every label, sorted.
    pub(super) fn into_labels(self) -> BTreeMap<String, Recorded> {
        self.labels.into_iter().collect()
    }
}

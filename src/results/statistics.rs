//! Exact counts of response times: what summaries, criteria and reports are made of.

use super::figures::{Figures, Sum};
use super::{JtlRow, SampleResult};
use crate::clock::Timestamp;
use crate::text::Text;
use ahash::AHashMap;
use std::collections::BTreeMap;
use std::time::Duration;

/// How a percentile is read off sorted values (the estimation types of commons-math's `Percentile`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Estimation {
    /// The nearest value that was really measured (`R_3`).
    NearestRank,
    /// Between two neighbours, at p·(n+1) (`LEGACY`): what JMeter's dashboard and backend listeners use.
    #[default]
    Legacy,
}

/// How often each whole number of milliseconds was measured. Exact, merges exactly, and takes O(distinct values) memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Counts of 0, 1, 2, … ms: an index costs less than a search, and nearly all values are here.
    low: Vec<u64>,
    /// Counts of all values from [`LOW_VALUES`] on.
    high: BTreeMap<u64, u64>,
    count: u64,
    sum: u128,
}

/// Values below this are counted in [`Histogram::low`], which takes at most 16 KiB.
const LOW_VALUES: u64 = 2048;

impl Histogram {
    /// Counts one value, in milliseconds.
    pub fn record(&mut self, millis: u64) {
        self.add(millis, 1);
    }

    fn add(&mut self, millis: u64, count: u64) {
        if millis < LOW_VALUES {
            let index = millis as usize;
            if index >= self.low.len() {
                self.low.resize(index + 1, 0);
            }
            self.low[index] += count;
        } else {
            *self.high.entry(millis).or_default() += count;
        }
        self.count += count;
        self.sum += u128::from(millis) * u128::from(count);
    }

    /// Adds all values of `other`; the result is that of having recorded both here.
    pub fn merge(&mut self, other: &Histogram) {
        other.values().for_each(|(millis, count)| self.add(millis, count));
    }

    /// The values without as many of each as `other` has.
    #[must_use]
    pub fn without(&self, other: &Histogram) -> Histogram {
        let mut left = Histogram::default();
        let mut taken = other.values().peekable();
        for (millis, count) in self.values() {
            while taken.next_if(|(other, _)| *other < millis).is_some() {}
            let less = taken.next_if(|(other, _)| *other == millis).map_or(0, |(_, count)| count);
            if count > less {
                left.add(millis, count - less);
            }
        }
        left
    }

    /// Every value that was measured, ascending, with how often.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = (u64, u64)> + '_ {
        let low = self.low.iter().enumerate().map(|(millis, &count)| (millis as u64, count));
        low.filter(|&(_, count)| count > 0).chain(self.high.iter().map(|(&millis, &count)| (millis, count)))
    }

    /// How many values were recorded.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The sum of all values, in milliseconds.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// The smallest value, in milliseconds; `None` without values.
    pub fn min(&self) -> Option<u64> {
        self.values().next().map(|(millis, _)| millis)
    }

    /// The largest value, in milliseconds; `None` without values.
    pub fn max(&self) -> Option<u64> {
        self.values().next_back().map(|(millis, _)| millis)
    }

    /// The mean in milliseconds; `None` without values.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The population's standard deviation in milliseconds; `None` without values.
    pub fn standard_deviation(&self) -> Option<f64> {
        let mean = self.mean()?;
        let squares: f64 = self.values().map(|(millis, count)| (millis as f64 - mean).powi(2) * count as f64).sum();
        Some((squares / self.count as f64).sqrt())
    }

    /// The value in milliseconds that `percent` (0 to 100) of all values do not exceed; `None` without values.
    pub fn percentile(&self, percent: f64, estimation: Estimation) -> Option<f64> {
        let count = self.count as f64;
        let quantile = (percent / 100.0).clamp(0.0, 1.0);
        let position = match estimation {
            Estimation::NearestRank if quantile <= 0.5 / count => 0.0,
            Estimation::NearestRank => (count * quantile).round_ties_even(),
            Estimation::Legacy if quantile == 0.0 => 0.0,
            Estimation::Legacy if quantile == 1.0 => count,
            Estimation::Legacy => quantile * (count + 1.0),
        };
        if position < 1.0 {
            return self.min().map(|millis| millis as f64);
        }
        if position >= count {
            return self.max().map(|millis| millis as f64);
        }
        let rank = position.floor();
        let lower = self.at_rank(rank as u64)? as f64;
        if position == rank {
            return Some(lower);
        }
        let upper = self.at_rank(rank as u64 + 1)? as f64;
        Some(lower + (position - rank) * (upper - lower))
    }

    /// The `rank`th smallest value, counted from 1.
    fn at_rank(&self, rank: u64) -> Option<u64> {
        let mut seen = 0;
        self.values().find_map(|(millis, count)| {
            seen += count;
            (seen >= rank).then_some(millis)
        })
    }
}

/// What was measured under one label, or in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelStatistics {
    /// Response times in milliseconds. Its count is the number of rows.
    pub elapsed: Histogram,
    /// Failed samples.
    pub errors: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Bytes sent.
    pub sent_bytes: u64,
    /// When the first sample began and the last one ended; `None` without samples.
    pub span: Option<(Timestamp, Timestamp)>,
}

impl LabelStatistics {
    /// Counts one sample, without its sub-samples.
    pub fn record(&mut self, sample: &SampleResult) {
        self.count_in(&Figures::of(sample));
    }

    fn count_in(&mut self, figures: &Figures) {
        let sizes = (figures.bytes, figures.sent_bytes);
        self.add(figures.elapsed_millis, figures.successful, sizes, (figures.start, figures.end));
    }

    /// Counts one row: its response time in milliseconds, whether it succeeded, its bytes received and sent, when it
    /// began and ended.
    pub fn add(&mut self, elapsed: u64, successful: bool, sizes: (u64, u64), span: (Timestamp, Timestamp)) {
        self.elapsed.record(elapsed);
        self.errors += u64::from(!successful);
        self.bytes = self.bytes.saturating_add(sizes.0);
        self.sent_bytes = self.sent_bytes.saturating_add(sizes.1);
        self.extend_span(span.0, span.1);
    }

    /// Adds all samples of `other`.
    pub fn merge(&mut self, other: &LabelStatistics) {
        self.elapsed.merge(&other.elapsed);
        self.errors += other.errors;
        self.bytes += other.bytes;
        self.sent_bytes += other.sent_bytes;
        if let Some((start, end)) = other.span {
            self.extend_span(start, end);
        }
    }

    fn extend_span(&mut self, start: Timestamp, end: Timestamp) {
        let (first, last) = self.span.unwrap_or((start, end));
        self.span = Some((first.min(start), last.max(end)));
    }

    /// The number of samples.
    pub fn count(&self) -> u64 {
        self.elapsed.count()
    }

    /// The part of the samples that failed, 0 to 1; 0 without samples.
    pub fn error_ratio(&self) -> f64 {
        if self.count() == 0 { 0.0 } else { self.errors as f64 / self.count() as f64 }
    }

    /// From the first sample's start to the last one's end.
    pub fn duration(&self) -> Duration {
        self.span.map_or(Duration::ZERO, |(start, end)| end.since(start))
    }

    /// Samples per second of [`LabelStatistics::duration`], taken in whole milliseconds as in JMeter's dashboard;
    /// infinite for samples that took no time.
    pub fn throughput(&self) -> f64 {
        self.per_second(self.count())
    }

    /// Bytes received per second; see [`LabelStatistics::throughput`].
    pub fn bytes_per_second(&self) -> f64 {
        self.per_second(self.bytes)
    }

    /// Bytes sent per second; see [`LabelStatistics::throughput`].
    pub fn sent_bytes_per_second(&self) -> f64 {
        self.per_second(self.sent_bytes)
    }

    fn per_second(&self, amount: u64) -> f64 {
        let Some((start, end)) = self.span else { return 0.0 };
        amount as f64 / (end.millis() - start.millis()) as f64 * 1000.0
    }
}

/// What a run measured, by label and in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    labels: AHashMap<Text, LabelStatistics>,
    total: LabelStatistics,
}

impl Statistics {
    /// Counts a sample and its sub-samples, which are the rows that a result file gets of it. As in JMeter's dashboard
    /// (`StatisticsSummaryConsumer`) transactions have labels of their own but are not in the total, and those without
    /// samples are nowhere.
    pub fn record(&mut self, sample: &SampleResult) {
        self.count(&sample.label, &Figures::of(sample));
        sample.sub_results.iter().for_each(|sub| self.record(sub));
    }

    /// The same for a sample that there are but the figures of.
    pub fn count(&mut self, label: &Text, figures: &Figures) {
        if figures.sum == Sum::EmptyTransaction {
            return;
        }
        match self.labels.get_mut(label) {
            Some(label) => label.count_in(figures),
            None => self.labels.entry(Text::clone(label)).or_default().count_in(figures),
        }
        if figures.sum == Sum::None {
            self.total.count_in(figures);
        }
    }

    /// Counts a row that was read back, by the same rules. `stamped_at_end`: its time stamp is that of its end.
    pub fn record_row(&mut self, row: &JtlRow, stamped_at_end: bool) {
        if row.is_empty_transaction() {
            return;
        }
        let span = row.span(stamped_at_end);
        let (elapsed, sizes) = (row.elapsed.as_millis() as u64, (row.bytes, row.sent_bytes));
        if let Some(label) = self.labels.get_mut(row.label.as_str()) {
            label.add(elapsed, row.success, sizes, span);
        } else {
            let label = self.labels.entry(Text::from(row.label.as_str())).or_default();
            label.add(elapsed, row.success, sizes, span);
        }
        if !row.is_transaction() {
            self.total.add(elapsed, row.success, sizes, span);
        }
    }

    /// Adds all samples of `other`.
    pub fn merge(&mut self, other: &Statistics) {
        for (label, statistics) in &other.labels {
            self.labels.entry(label.clone()).or_default().merge(statistics);
        }
        self.total.merge(&other.total);
    }

    /// All samples but transactions.
    pub fn total(&self) -> &LabelStatistics {
        &self.total
    }

    /// What was measured under `label`.
    pub fn label(&self, label: &str) -> Option<&LabelStatistics> {
        self.labels.get(label)
    }

    /// Every label with what was measured under it, sorted by label.
    pub fn labels(&self) -> Vec<(&Text, &LabelStatistics)> {
        let mut labels: Vec<_> = self.labels.iter().collect();
        labels.sort_unstable_by_key(|(label, _)| *label);
        labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn histogram(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        for &value in values {
            histogram.record(value);
        }
        histogram
    }

    /// Expectations are those of commons-math 3.6.1's `DescriptiveStatistics`, which JMeter uses.
    #[test]
    fn percentiles_are_those_of_commons_math() {
        const PERCENTS: [f64; 9] = [0.001, 12.5, 25.0, 37.5, 50.0, 62.5, 75.0, 90.0, 99.9];
        let ten: Vec<u64> = (1..=10).collect();
        for (values, estimation, expected) in [
            (&[5][..], Estimation::Legacy, [5.0; 9]),
            (&[5], Estimation::NearestRank, [5.0; 9]),
            (&[1, 2], Estimation::Legacy, [1.0, 1.0, 1.0, 1.125, 1.5, 1.875, 2.0, 2.0, 2.0]),
            (&[1, 2], Estimation::NearestRank, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0]),
            (&ten, Estimation::Legacy, [1.0, 1.375, 2.75, 4.125, 5.5, 6.875, 8.25, 9.9, 10.0]),
            (&ten, Estimation::NearestRank, [1.0, 1.0, 2.0, 4.0, 5.0, 6.0, 8.0, 9.0, 10.0]),
            (
                &[3, 3, 3, 100, 2500, 2500, 7],
                Estimation::Legacy,
                [3.0, 3.0, 3.0, 3.0, 7.0, 100.0, 2500.0, 2500.0, 2500.0],
            ),
            (
                &[3, 3, 3, 100, 2500, 2500, 7],
                Estimation::NearestRank,
                [3.0, 3.0, 3.0, 3.0, 7.0, 7.0, 100.0, 2500.0, 2500.0],
            ),
            (&[10, 20, 30, 40], Estimation::Legacy, [10.0, 10.0, 12.5, 18.75, 25.0, 31.25, 37.5, 40.0, 40.0]),
            (&[10, 20, 30, 40], Estimation::NearestRank, [10.0, 10.0, 10.0, 20.0, 20.0, 20.0, 30.0, 40.0, 40.0]),
        ] {
            let histogram = histogram(values);
            let measured = PERCENTS.map(|percent| histogram.percentile(percent, estimation).unwrap());
            assert_eq!(measured, expected, "{values:?} {estimation:?}");
        }
    }

    #[test]
    fn nothing_was_measured() {
        let empty = Histogram::default();
        assert_eq!((empty.min(), empty.max(), empty.mean()), (None, None, None));
        assert_eq!(empty.percentile(50.0, Estimation::Legacy), None);
        assert_eq!(empty.percentile(50.0, Estimation::NearestRank), None);
        assert_eq!(LabelStatistics::default().throughput(), 0.0);
    }

    fn sample(label: &str, start: i64, end: i64) -> SampleResult {
        let mut sample = SampleResult::started(label.into(), Timestamp::from_millis(start));
        sample.finish(Timestamp::from_millis(end));
        sample.bytes = 10;
        sample
    }

    #[test]
    fn rows_by_label_and_in_all() {
        let mut failed = sample("a", 1500, 2000);
        failed.successful = false;
        let mut transaction = sample("t", 1000, 5000);
        transaction.response_message = "Number of samples in transaction : 1, number of failing samples : 0".into();
        transaction.sub_results = vec![sample("b", 1000, 1100)];
        let mut empty = sample("none", 0, 9000);
        empty.response_message = "Number of samples in transaction : 0, number of failing samples : 0".into();

        let mut statistics = Statistics::default();
        for sample in &[sample("a", 1000, 1100), failed, transaction, empty] {
            statistics.record(sample);
        }

        let labels: Vec<_> =
            statistics.labels().into_iter().map(|(label, s)| (&**label, s.count(), s.errors)).collect();
        assert_eq!(labels, [("a", 2, 1), ("b", 1, 0), ("t", 1, 0)]);
        let total = statistics.total();
        assert_eq!((total.count(), total.bytes, total.duration()), (3, 30, Duration::from_secs(1)));
        assert_eq!((total.throughput(), total.bytes_per_second()), (3.0, 30.0));
    }

    proptest! {
        #[test]
        fn merging_is_recording_everything(
            a in prop::collection::vec(0..6000_u64, 0..50),
            b in prop::collection::vec(0..6000_u64, 0..50),
        ) {
            let mut merged = histogram(&a);
            merged.merge(&histogram(&b));
            let both = histogram(&[a, b].concat());
            prop_assert_eq!(merged.values().collect::<Vec<_>>(), both.values().collect::<Vec<_>>());
            prop_assert_eq!((merged.count(), merged.sum()), (both.count(), both.sum()));
        }

        #[test]
        fn agrees_with_sorting(mut values in prop::collection::vec(0..4000_u64, 1..60), percent in 0.0..100.0_f64) {
            let histogram = histogram(&values);
            values.sort_unstable();
            let rank = (values.len() as f64 * percent / 100.0).round_ties_even().max(1.0) as usize;
            let nearest = histogram.percentile(percent, Estimation::NearestRank);
            prop_assert_eq!(nearest, Some(values[rank - 1] as f64));
            let legacy = histogram.percentile(percent, Estimation::Legacy).unwrap();
            prop_assert!((values[0] as f64..=values[values.len() - 1] as f64).contains(&legacy));
            prop_assert_eq!(histogram.min(), values.first().copied());
            prop_assert_eq!(histogram.max(), values.last().copied());
        }
    }
}

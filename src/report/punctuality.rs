//! Whether samples began when the schedules of timers said, and response times from those moments.
//!
//! A user who waits for a slow answer sends nothing meanwhile: what it should have sent is not measured, and the figures
//! look better than what callers would have met (coordinated omission). Times from the intended start hold that against the
//! server.

use crate::clock::Timestamp;
use crate::results::{Estimation, Figures, Histogram, Intended, SampleResult};
use crate::text::Text;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A start that is later than this is a late one.
pub const LATE: Duration = Duration::from_millis(10);

/// Samples that a schedule passed over for one late user, at most; more would take longer to count than anybody looks.
const MOST_PASSED_OVER: u64 = 1_000_000;

/// Below this, lateness is counted in microseconds, from here on in milliseconds.
const FINE: Duration = Duration::from_millis(2);

/// How many samples began late by what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lateness {
    /// In microseconds.
    values: Histogram,
    late: u64,
}

impl Lateness {
    fn record(&mut self, late_by: Duration) {
        let micros = late_by.as_micros() as u64;
        self.values.record(if late_by < FINE { micros } else { micros / 1000 * 1000 });
        self.late += u64::from(late_by > LATE);
    }

    /// How many were later than [`LATE`].
    pub fn late(&self) -> u64 {
        self.late
    }

    /// In milliseconds.
    fn percentile(&self, percent: f64) -> f64 {
        self.values.percentile(percent, Estimation::NearestRank).unwrap_or_default() / 1000.0
    }

    fn worst(&self) -> f64 {
        self.values.max().unwrap_or_default() as f64 / 1000.0
    }

    fn json(&self) -> Value {
        json!({
            "late": self.late,
            "mean": self.values.mean().map(|micros| micros / 1000.0),
            "p50": self.percentile(50.0),
            "p99": self.percentile(99.0),
            "max": self.worst(),
        })
    }
}

/// What is known of the samples that had an intended start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Punctuality {
    /// From the intended start.
    lateness: Lateness,
    /// The part of it for which the user was still busy with what was before.
    busy: Lateness,
    /// The part of it for which the load generator was.
    delay: Lateness,
    /// Samples that should have begun while their users were busy, and never did.
    passed_over: u64,
    total: Histogram,
    labels: BTreeMap<Text, Histogram>,
}

impl Punctuality {
    /// Looks at a sample, and at those within a transaction's.
    pub fn sample(&mut self, sample: &SampleResult) {
        if let Some(intended) = &sample.intended {
            self.count(&sample.label, intended, sample.start, sample.elapsed_millis());
        }
        if sample.is_transaction {
            sample.sub_results.iter().for_each(|sub| self.sample(sub));
        }
    }

    /// The same for a sample that there are but the figures of.
    pub fn ordinary(&mut self, label: &Text, figures: &Figures) {
        if let Some(intended) = &figures.intended {
            self.count(label, intended, figures.start, figures.elapsed_millis);
        }
    }

    fn count(&mut self, label: &Text, intended: &Intended, start: Timestamp, elapsed: u64) {
        self.lateness.record(intended.lateness(start));
        self.busy.record(intended.busy());
        self.delay.record(intended.delay(start));
        if !self.labels.contains_key(label) {
            self.labels.insert(Text::clone(label), Histogram::default());
        }
        let Some(of_label) = self.labels.get_mut(label) else { return };
        // Whole readings of the clock, as for the elapsed time itself.
        let late = u64::try_from(start.millis().saturating_sub(intended.start.millis())).unwrap_or(0);
        let mut record = |millis: u64| {
            of_label.record(millis);
            self.total.record(millis);
        };
        let corrected = elapsed.saturating_add(late);
        record(corrected);
        // Callers of what was passed over would have been answered when this one was.
        let (busy, interval) = (intended.busy().as_micros(), intended.interval.as_micros());
        if busy > interval && interval > 0 {
            let missed = u64::try_from((busy - 1) / interval).unwrap_or(u64::MAX).min(MOST_PASSED_OVER);
            self.passed_over += missed;
            let step = (interval / 1000) as u64;
            (1..=missed).for_each(|nth| record(corrected.saturating_sub(nth.saturating_mul(step))));
        }
    }

    /// Whether any sample had an intended start.
    pub fn is_known(&self) -> bool {
        self.total.count() > 0
    }

    /// What those who run a test should know of late starts; nothing where there were none to speak of.
    pub fn warnings(&self) -> Vec<String> {
        let of = self.lateness.values.count();
        let bound = LATE.as_millis();
        let told = |lateness: &Lateness| {
            let late = lateness.late;
            let (tail, worst) = (lateness.percentile(99.0), lateness.worst());
            format!(
                "{late} of {of} scheduled samples began more than {bound} ms late (p99 {tail:.1} ms, worst {worst:.1} ms)"
            )
        };
        let mut lines = Vec::new();
        if self.delay.late > 0 {
            let line = told(&self.delay);
            lines.push(format!(
                "The load generator fell behind: {line} although their users were ready. It needs more of the processor, or less to do for each sample."
            ));
        }
        if self.busy.late > 0 {
            let line = told(&self.busy);
            let passed_over = match self.passed_over {
                0 => String::new(),
                count => format!(", and {count} more never did"),
            };
            lines.push(format!(
                "Users were too few for the rate: {line} because their users were still busy{passed_over}. --corrected shows response times from the intended starts."
            ));
        }
        lines
    }

    /// A table of response times from the intended starts.
    pub fn table(&self) -> Vec<String> {
        if !self.is_known() {
            return vec![
                "No sample had an intended start: none was in the scope of a timer that keeps a schedule.".to_owned(),
            ];
        }
        let mut rows = vec![HEAD.map(str::to_owned)];
        rows.extend(self.labels.iter().take(super::closing::MOST_LABELS).map(|(label, of)| row(label, of)));
        rows.push(row("Total", &self.total));
        let widths: [usize; HEAD.len()] =
            std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
        let mut lines = vec!["Response times from the intended start (corrected for coordinated omission):".to_owned()];
        lines.extend(rows.iter().map(|row| {
            let [first, ..] = widths;
            let figures = row.iter().zip(widths).skip(1).map(|(cell, width)| format!("  {cell:>width$}"));
            format!("{:<first$}{}", row[0], figures.collect::<String>())
        }));
        if self.labels.len() > super::closing::MOST_LABELS {
            lines.push(format!("… and {} labels more", self.labels.len() - super::closing::MOST_LABELS));
        }
        lines
    }

    /// For `rotameter.json`; times in ms.
    pub(super) fn json(&self, estimation: Estimation) -> Value {
        let labels: Map<String, Value> =
            self.labels.iter().map(|(label, of)| (label.to_string(), corrected(of, estimation))).collect();
        json!({
            "late_bound": LATE.as_millis() as u64,
            "lateness": self.lateness.json(),
            "lateness_of_users": self.busy.json(),
            "lateness_of_the_generator": self.delay.json(),
            "passed_over": self.passed_over,
            "corrected": { "total": corrected(&self.total, estimation), "labels": labels },
        })
    }
}

const HEAD: [&str; 7] = ["", "samples", "p50", "p90", "p95", "p99", "max"];

fn row(label: &str, of: &Histogram) -> [String; HEAD.len()] {
    let percentile =
        |percent: f64| super::closing::figure(of.percentile(percent, Estimation::Legacy).unwrap_or_default());
    [
        super::closing::shortened(label, super::closing::LONGEST_LABEL),
        of.count().to_string(),
        percentile(50.0),
        percentile(90.0),
        percentile(95.0),
        percentile(99.0),
        of.max().unwrap_or_default().to_string(),
    ]
}

fn corrected(of: &Histogram, estimation: Estimation) -> Value {
    let percentiles: Map<String, Value> = super::rotameter_json::PERCENTS
        .iter()
        .map(|percent| (percent.to_string(), json!(of.percentile(*percent, estimation))))
        .collect();
    json!({ "samples": of.count(), "mean": of.mean(), "max": of.max(), "percentiles": percentiles })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sample that should have begun at `due` and whose user came at `ready`.
    fn sample(due: i64, ready: i64, start: i64, end: i64, interval: u64) -> SampleResult {
        let mut sample = SampleResult::started(Text::from("s"), Timestamp::from_millis(start));
        sample.finish(Timestamp::from_millis(end));
        sample.intended = Some(Intended {
            start: Timestamp::from_millis(due),
            ready: Timestamp::from_millis(ready),
            interval: Duration::from_millis(interval),
        });
        sample
    }

    fn of(samples: &[SampleResult]) -> Punctuality {
        let (mut whole, mut ordinary) = (Punctuality::default(), Punctuality::default());
        for sample in samples {
            whole.sample(sample);
            ordinary.ordinary(&sample.label, &Figures::of(sample));
        }
        assert_eq!(whole, ordinary);
        whole
    }

    #[test]
    fn times_are_from_the_intended_start() {
        let on_time = sample(1000, 900, 1000, 1005, 0);
        let late = sample(1010, 1510, 1510, 1515, 0);
        let punctuality = of(&[on_time, late]);
        assert_eq!(punctuality.total.values().collect::<Vec<_>>(), [(5, 1), (505, 1)]);
        assert_eq!((punctuality.busy.late, punctuality.delay.late, punctuality.passed_over), (1, 0, 0));
        let [line] = &*punctuality.warnings() else { panic!("{:?}", punctuality.warnings()) };
        assert!(line.starts_with("Users were too few for the rate: 1 of 2 scheduled samples"), "{line}");
    }

    /// A sample that begins before its schedule says has its own response time.
    #[test]
    fn an_early_start_is_no_shorter_time() {
        assert_eq!(of(&[sample(1000, 900, 950, 990, 0)]).total.values().collect::<Vec<_>>(), [(40, 1)]);
    }

    /// A schedule that begins anew after a stall passes over what was due meanwhile; its callers would have waited, too.
    #[test]
    fn what_was_passed_over_is_counted() {
        let punctuality = of(&[sample(1000, 1050, 1050, 1052, 20)]);
        assert_eq!(punctuality.passed_over, 2);
        assert_eq!(punctuality.total.values().collect::<Vec<_>>(), [(12, 1), (32, 1), (52, 1)]);
        // The one that is due just now is not passed over: it is the next.
        assert_eq!(of(&[sample(1000, 1020, 1020, 1022, 20)]).passed_over, 0);
        assert_eq!(of(&[sample(0, i64::MAX / 1000, 1020, 1022, 1)]).passed_over, MOST_PASSED_OVER);
    }

    #[test]
    fn a_generator_that_falls_behind_says_so() {
        let punctuality = of(&[sample(1000, 900, 1035, 1040, 20), sample(1000, 900, 1009, 1012, 20)]);
        assert_eq!((punctuality.busy.late, punctuality.delay.late, punctuality.passed_over), (0, 1, 0));
        let [line] = &*punctuality.warnings() else { panic!("{:?}", punctuality.warnings()) };
        assert!(
            line.starts_with("The load generator fell behind: 1 of 2 ") && line.contains("worst 35.0 ms"),
            "{line}"
        );
        let json = punctuality.json(Estimation::Legacy);
        assert_eq!((&json["lateness"]["late"], &json["corrected"]["labels"]["s"]["max"]), (&json!(1), &json!(40)));
        assert_eq!(of(&[sample(1000, 900, 1001, 1002, 20)]).warnings(), Vec::<String>::new());
    }

    #[test]
    fn a_row_for_each_label() {
        let lines = of(&[sample(1000, 900, 1035, 1040, 0)]).table();
        assert_eq!(lines[1], "       samples  p50  p90  p95  p99  max");
        assert_eq!(lines[2], "s            1   40   40   40   40   40");
        assert!(lines[3].starts_with("Total"), "{lines:?}");
        let mut plain = sample(0, 0, 0, 1, 0);
        plain.intended = None;
        assert_eq!(of(&[plain]).table().len(), 1);
    }

    #[test]
    fn samples_of_a_transaction_have_their_own_starts() {
        let mut transaction = SampleResult::started(Text::from("t"), Timestamp::from_millis(0));
        transaction.is_transaction = true;
        transaction.sub_results = vec![sample(1000, 900, 1001, 1005, 0)];
        let mut punctuality = Punctuality::default();
        punctuality.sample(&transaction);
        assert_eq!(punctuality.labels.keys().map(|label| &**label).collect::<Vec<_>>(), ["s"]);
    }
}

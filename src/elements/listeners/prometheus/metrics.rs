//! Metrics and their text for Prometheus (exposition format 0.0.4), named and counted as johrstrom/jmeter-prometheus-plugin
//! does it.

use crate::clock::Timestamp;
use crate::java::number::double_to_string;
use crate::results::Histogram;
use crate::text::Text;
use ahash::AHashMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

/// What a metric counts with (`collector.type`).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    /// Upper bounds, ascending.
    Histogram(Vec<f64>),
    /// Quantiles, and for how many seconds a value counts.
    Summary(Vec<f64>, u64),
    SuccessRatio,
}

/// A metric as a listener defines it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Definition {
    pub name: String,
    pub help: String,
    pub kind: Kind,
    pub labels: Vec<String>,
}

/// The parts into which the time of a summary is divided: one after another is forgotten.
const AGES: usize = 5;

#[derive(Debug)]
enum Series {
    Counter(u64),
    /// What success and failure counted.
    Ratio(u64, u64),
    Histogram {
        buckets: Vec<u64>,
        sum: u64,
        count: u64,
    },
    Summary {
        ages: Vec<Histogram>,
        turned: Timestamp,
        sum: u64,
        count: u64,
    },
}

/// A metric with its series, one for each combination of values of its labels.
#[derive(Debug)]
pub(super) struct Metric {
    pub definition: Definition,
    most: usize,
    series: Mutex<AHashMap<Box<[Text]>, Series>>,
}

/// The value of every label of the series that takes what comes after the last one that may be.
const OTHER: &str = "other";

impl Metric {
    pub fn new(definition: Definition, most: usize) -> Self {
        Metric { definition, most, series: Mutex::default() }
    }

    fn with(&self, labels: Vec<Text>, now: Timestamp, change: impl FnOnce(&mut Series)) {
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = labels.into_boxed_slice();
        if series.len() >= self.most && !series.contains_key(&key) {
            key = key.iter().map(|_| Text::from(OTHER)).collect();
        }
        change(series.entry(key).or_insert_with(|| match &self.definition.kind {
            Kind::Counter | Kind::Gauge => Series::Counter(0),
            Kind::SuccessRatio => Series::Ratio(0, 0),
            Kind::Histogram(bounds) => Series::Histogram { buckets: vec![0; bounds.len()], sum: 0, count: 0 },
            Kind::Summary(..) => {
                let ages = (0..AGES).map(|_| Histogram::default()).collect();
                Series::Summary { ages, turned: now, sum: 0, count: 0 }
            }
        }));
    }

    /// Counts one more.
    pub fn count(&self, labels: Vec<Text>, now: Timestamp) {
        self.with(labels, now, |series| {
            if let Series::Counter(count) = series {
                *count += 1;
            }
        });
    }

    /// Counts a success or a failure.
    pub fn outcome(&self, labels: Vec<Text>, now: Timestamp, successful: bool) {
        self.with(labels, now, |series| {
            if let Series::Ratio(success, failure) = series {
                *if successful { success } else { failure } += 1;
            }
        });
    }

    /// Takes a value.
    pub fn observe(&self, labels: Vec<Text>, now: Timestamp, value: u64) {
        self.with(labels, now, |series| match (series, &self.definition.kind) {
            (Series::Histogram { buckets, sum, count }, Kind::Histogram(bounds)) => {
                if let Some(at) = bounds.iter().position(|bound| value as f64 <= *bound) {
                    buckets[at] += 1;
                }
                *sum += value;
                *count += 1;
            }
            (Series::Summary { ages, turned, sum, count }, Kind::Summary(_, seconds)) => {
                turn(ages, turned, *seconds, now);
                for age in ages {
                    age.record(value);
                }
                *sum += value;
                *count += 1;
            }
            _ => {}
        });
    }

    /// Writes the metric.
    pub fn write(&self, out: &mut String, now: Timestamp) {
        let Definition { name, help, kind, labels } = &self.definition;
        let mut series = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows: Vec<(&Box<[Text]>, &mut Series)> = series.iter_mut().collect();
        rows.sort_by(|one, other| one.0.cmp(other.0));
        let head = |out: &mut String, name: &str, kind: &str| {
            let help = help.replace('\\', "\\\\").replace('\n', "\\n");
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        };
        match kind {
            Kind::SuccessRatio => {
                let joint = if name.ends_with('_') { "" } else { "_" };
                for (at, part) in ["success", "failure", "total"].iter().enumerate() {
                    let name = format!("{name}{joint}{part}");
                    head(out, &name, "counter");
                    for (values, series) in &rows {
                        let Series::Ratio(success, failure) = &**series else { continue };
                        let count = [*success, *failure, success + failure][at];
                        line(out, &name, labels, values, None, count as f64);
                    }
                }
            }
            _ => {
                let kind_name = match kind {
                    Kind::Gauge => "gauge",
                    Kind::Histogram(_) => "histogram",
                    Kind::Summary(..) => "summary",
                    _ => "counter",
                };
                head(out, name, kind_name);
                for (values, series) in rows {
                    self.write_series(out, values, series, now);
                }
            }
        }
    }

    fn write_series(&self, out: &mut String, values: &[Text], series: &mut Series, now: Timestamp) {
        let Definition { name, kind, labels, .. } = &self.definition;
        match (series, kind) {
            (Series::Counter(count), _) => line(out, name, labels, values, None, *count as f64),
            (Series::Histogram { buckets, sum, count }, Kind::Histogram(bounds)) => {
                let bucket = format!("{name}_bucket");
                let mut below = 0;
                for (bound, here) in bounds.iter().zip(buckets) {
                    below += *here;
                    line(out, &bucket, labels, values, Some(("le", &double_to_string(*bound))), below as f64);
                }
                line(out, &bucket, labels, values, Some(("le", "+Inf")), *count as f64);
                line(out, &format!("{name}_count"), labels, values, None, *count as f64);
                line(out, &format!("{name}_sum"), labels, values, None, *sum as f64);
            }
            (Series::Summary { ages, turned, sum, count }, Kind::Summary(quantiles, seconds)) => {
                turn(ages, turned, *seconds, now);
                for quantile in quantiles {
                    let value =
                        ages.first().and_then(|age| value_at(age, *quantile)).map_or(f64::NAN, |value| value as f64);
                    line(out, name, labels, values, Some(("quantile", &double_to_string(*quantile))), value);
                }
                line(out, &format!("{name}_count"), labels, values, None, *count as f64);
                line(out, &format!("{name}_sum"), labels, values, None, *sum as f64);
            }
            _ => {}
        }
    }
}

/// Forgets what is too old: the first age is the oldest, a new one begins whenever a fifth of the time is over.
fn turn(ages: &mut [Histogram], turned: &mut Timestamp, seconds: u64, now: Timestamp) {
    let each = i64::try_from(seconds.max(1) * 1000 / AGES as u64).unwrap_or(i64::MAX).max(1);
    let steps = (now.millis() - turned.millis()) / each;
    for _ in 0..steps.clamp(0, AGES as i64) {
        ages.rotate_left(1);
        if let Some(last) = ages.last_mut() {
            *last = Histogram::default();
        }
    }
    if steps > 0 {
        *turned = Timestamp::from_millis(turned.millis() + steps * each);
    }
}

fn value_at(values: &Histogram, quantile: f64) -> Option<u64> {
    let rank = (quantile * values.count() as f64).ceil().max(1.0) as u64;
    let mut below = 0;
    values.values().find_map(|(value, count)| {
        below += count;
        (below >= rank).then_some(value)
    })
}

/// One line.
pub(super) fn line(
    out: &mut String,
    name: &str,
    labels: &[String],
    values: &[Text],
    more: Option<(&str, &str)>,
    value: f64,
) {
    out.push_str(name);
    let pairs = labels.iter().map(String::as_str).zip(values.iter().map(|value| &**value)).chain(more);
    for (number, (label, text)) in pairs.enumerate() {
        let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let _ = write!(out, "{}{label}=\"{text}\"", if number == 0 { "{" } else { "," });
    }
    if !labels.is_empty() || more.is_some() {
        out.push('}');
    }
    let _ = writeln!(out, " {}", double_to_string(value));
}

/// Whether a text may be the name of a metric, or of a label.
pub(super) fn is_name(text: &str, of_label: bool) -> bool {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_' || (c == ':' && !of_label);
    text.starts_with(starts) && text.chars().all(|c| starts(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(kind: Kind, most: usize) -> Metric {
        let labels = vec!["label".to_owned()];
        Metric::new(Definition { name: "m".to_owned(), help: "a\\b".to_owned(), kind, labels }, most)
    }

    fn text(metric: &Metric, now: i64) -> String {
        let mut out = String::new();
        metric.write(&mut out, Timestamp::from_millis(now));
        out
    }

    const NOW: Timestamp = Timestamp::from_millis(0);

    #[test]
    fn histograms_add_up_from_bucket_to_bucket() {
        let histogram = metric(Kind::Histogram(vec![100.0, 500.5]), 10);
        for value in [100, 101, 9000] {
            histogram.observe(vec!["a\"b".into()], NOW, value);
        }
        let expected = "# HELP m a\\\\b\n# TYPE m histogram\n\
            m_bucket{label=\"a\\\"b\",le=\"100.0\"} 1.0\nm_bucket{label=\"a\\\"b\",le=\"500.5\"} 2.0\n\
            m_bucket{label=\"a\\\"b\",le=\"+Inf\"} 3.0\nm_count{label=\"a\\\"b\"} 3.0\nm_sum{label=\"a\\\"b\"} 9201.0\n";
        assert_eq!(text(&histogram, 0), expected);
    }

    #[test]
    fn summaries_forget() {
        let summary = metric(Kind::Summary(vec![0.5, 0.99], 60), 10);
        for value in 1..=100 {
            summary.observe(vec!["a".into()], NOW, value);
        }
        let quantile = |now| text(&summary, now).lines().nth(2).unwrap().to_owned();
        assert_eq!(quantile(0), "m{label=\"a\",quantile=\"0.5\"} 50.0");
        assert_eq!(quantile(47_000), "m{label=\"a\",quantile=\"0.5\"} 50.0");
        assert_eq!(quantile(61_000), "m{label=\"a\",quantile=\"0.5\"} NaN");
        assert!(text(&summary, 61_000).ends_with("m_count{label=\"a\"} 100.0\nm_sum{label=\"a\"} 5050.0\n"));
    }

    #[test]
    fn a_failure_shows_that_nothing_succeeded() {
        let ratio = metric(Kind::SuccessRatio, 10);
        ratio.outcome(vec!["a".into()], NOW, false);
        let lines: Vec<String> =
            text(&ratio, 0).lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
        assert_eq!(lines, ["m_success{label=\"a\"} 0.0", "m_failure{label=\"a\"} 1.0", "m_total{label=\"a\"} 1.0"]);
    }

    #[test]
    fn there_are_only_so_many_series() {
        let counter = metric(Kind::Counter, 3);
        for number in 0..100 {
            counter.count(vec![Text::from(number.to_string())], NOW);
        }
        assert_eq!(text(&counter, 0).lines().count(), 2 + 4);
        assert!(text(&counter, 0).contains("m{label=\"other\"} 97.0\n"));
    }
}

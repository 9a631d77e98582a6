//! What backends are told of the samples of one label (`org.apache.jmeter.visualizers.backend.SamplerMetric`).

use super::Users;
use crate::properties::Properties;
use crate::results::SampleResult;
use crate::text::Text;
use ahash::RandomState;
use indexmap::IndexMap;
use std::collections::VecDeque;

/// The last values of a figure, at most as many as its window takes
/// (`org.apache.commons.math3.stat.descriptive.DescriptiveStatistics`).
#[derive(Debug, Clone)]
pub struct Window {
    size: usize,
    values: VecDeque<f64>,
}

impl Window {
    /// A window over the last `size` values.
    pub fn new(size: usize) -> Self {
        Self { size: size.max(1), values: VecDeque::new() }
    }

    /// Takes a value in, and the oldest out when there is no room.
    pub fn add(&mut self, value: f64) {
        if self.values.len() == self.size {
            self.values.pop_front();
        }
        self.values.push_back(value);
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        self.values.clear();
    }

    /// The smallest value; NaN without any.
    pub fn min(&self) -> f64 {
        self.values.iter().copied().fold(f64::NAN, f64::min)
    }

    /// The largest value; NaN without any.
    pub fn max(&self) -> f64 {
        self.values.iter().copied().fold(f64::NAN, f64::max)
    }

    /// The mean; NaN without any value.
    pub fn mean(&self) -> f64 {
        let count = self.values.len() as f64;
        let mean = self.values.iter().sum::<f64>() / count;
        mean + self.values.iter().map(|value| value - mean).sum::<f64>() / count
    }

    /// The value below which `percent` of all are, between two values in proportion
    /// (`Percentile.EstimationType.LEGACY`); NaN without any.
    pub fn percentile(&self, percent: f64) -> f64 {
        let mut sorted: Vec<f64> = self.values.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return f64::NAN };
        let place = percent / 100.0 * (sorted.len() as f64 + 1.0);
        if place < 1.0 {
            return *first;
        }
        if place >= sorted.len() as f64 {
            return *last;
        }
        let lower = place.floor();
        let (below, above) = (sorted[lower as usize - 1], sorted[lower as usize]);
        below + (place - lower) * (above - below)
    }
}

/// How windows work, by `backend_metrics_*` properties.
#[derive(Debug, Clone, Copy)]
pub struct Windows {
    /// `backend_metrics_window`: values that percentiles of all samples, and in fixed mode everything, are made of.
    pub small: usize,
    /// `backend_metrics_large_window`: values that are kept in timed mode.
    large: usize,
    /// `backend_metrics_window_mode=timed`: only the values of one interval count.
    timed: bool,
}

impl Windows {
    /// As the properties say.
    pub fn new(properties: &Properties) -> Self {
        let size = |name: &str, default| usize::try_from(properties.long_or(name, default)).unwrap_or(1);
        let mode = properties.get("backend_metrics_window_mode");
        Self {
            small: size("backend_metrics_window", 100),
            large: size("backend_metrics_large_window", 5000),
            timed: mode.is_some_and(|mode| mode.eq_ignore_ascii_case("timed")),
        }
    }
}

/// Labels with figures of their own: more are counted with all only, since a label may hold anything.
const MOST_LABELS: usize = 20_000;

/// The figures of a run: of all samples, of single labels, and the numbers of users at the samples' times.
#[derive(Debug)]
pub struct Figures {
    /// Of all samples together.
    pub all: SamplerMetric,
    /// By label, in the order in which labels came.
    pub labels: IndexMap<Text, SamplerMetric, RandomState>,
    /// Active users.
    pub users: Window,
    windows: Windows,
}

impl Figures {
    /// No figures yet.
    pub fn new(windows: Windows) -> Self {
        let all = SamplerMetric::new(windows);
        Self { all, labels: IndexMap::default(), users: Window::new(windows.small), windows }
    }

    /// Counts a sample taken while so many users were active; with `own`, for its label too. JMeter keeps the figures of all
    /// samples as those of a label named `all`.
    pub fn add(&mut self, result: &SampleResult, active: u32, own: bool, all: &str) {
        self.users.add(f64::from(active));
        self.all.add(result, true);
        if !own {
            return;
        }
        if &*result.label == all {
            self.all.add(result, false);
        } else if let Some(metric) = self.labels.get_mut(&*result.label) {
            metric.add(result, false);
        } else if self.labels.len() < MOST_LABELS {
            let mut metric = SamplerMetric::new(self.windows);
            metric.add(result, false);
            self.labels.insert(Text::clone(&result.label), metric);
        }
    }

    /// Begins the next interval.
    pub fn reset(&mut self) {
        self.all.reset();
        self.labels.values_mut().for_each(SamplerMetric::reset);
    }

    /// What a backend is told of users: least, most and mean active ones, those that have begun and have ended.
    pub fn user_counts(&self, users: Users) -> [(&'static str, i64); 5] {
        [
            ("minAT", self.users.min() as i64),
            ("maxAT", self.users.max() as i64),
            ("meanAT", self.users.mean() as i64),
            ("startedT", i64::from(users.started)),
            ("endedT", i64::from(users.finished)),
        ]
    }
}

/// A kind of failure: code and message, told apart in any case.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The response code, `0` when there is none.
    pub code: Text,
    /// The response message, `None` when there is none.
    pub message: Text,
    /// How often it happened in this interval.
    pub count: u32,
}

/// The figures of one label, or of all.
#[derive(Debug, Clone)]
pub struct SamplerMetric {
    /// Times of passed samples, in milliseconds.
    pub ok: Window,
    /// Times of failed samples, in milliseconds.
    pub ko: Window,
    /// Times of all samples, in milliseconds.
    pub all: Window,
    /// Times of all samples that percentiles of all are made of.
    pub percentiles: Window,
    /// Passed samples of this interval.
    pub successes: u32,
    /// Failed samples of this interval.
    pub failures: u32,
    /// Requests of this interval, sub-samples included.
    pub hits: u32,
    /// Bytes sent in this interval.
    pub sent_bytes: u64,
    /// Bytes received in this interval.
    pub received_bytes: u64,
    /// Kinds of failures of this interval.
    pub errors: Vec<Failure>,
    timed: bool,
}

/// More kinds of failures in one interval are counted with the last: messages may hold anything that a server says.
const MOST_ERRORS: usize = 1000;

impl SamplerMetric {
    /// No figures yet.
    pub fn new(windows: Windows) -> Self {
        let size = if windows.timed { windows.large } else { windows.small };
        Self {
            ok: Window::new(size),
            ko: Window::new(size),
            all: Window::new(size),
            percentiles: Window::new(windows.small),
            successes: 0,
            failures: 0,
            hits: 0,
            sent_bytes: 0,
            received_bytes: 0,
            errors: Vec::new(),
            timed: windows.timed,
        }
    }

    /// Counts a sample; `cumulated` for the figures of all labels together, where a transaction is not counted beside
    /// its samples.
    pub fn add(&mut self, result: &SampleResult, cumulated: bool) {
        let time = result.elapsed_millis() as f64;
        self.all.add(time);
        self.percentiles.add(time);
        if result.successful {
            self.successes += result.sample_count;
            self.ok.add(time);
        } else {
            self.failures += 1;
            self.ko.add(time);
            self.add_error(result);
        }
        self.hits += hits(result, cumulated);
        if !(cumulated && is_bare_transaction(result)) {
            self.sent_bytes += result.sent_bytes;
            self.received_bytes += result.bytes_as_long();
        }
    }

    fn add_error(&mut self, result: &SampleResult) {
        let (code, message) = failure_of(result);
        let known = self.errors.iter_mut().find(|known| same(&known.code, code) && same(&known.message, message));
        if let Some(known) = known {
            known.count += 1;
        } else if self.errors.len() < MOST_ERRORS {
            self.errors.push(Failure { code: Text::from(code), message: Text::from(message), count: 1 });
        } else if let Some(last) = self.errors.last_mut() {
            last.count += 1;
        }
    }

    /// Samples of this interval.
    pub fn total(&self) -> u32 {
        self.successes + self.failures
    }

    /// Begins the next interval.
    pub fn reset(&mut self) {
        if self.timed {
            for window in [&mut self.ok, &mut self.ko, &mut self.all] {
                window.clear();
            }
        }
        self.errors.clear();
        (self.successes, self.failures, self.hits) = (0, 0, 0);
        (self.sent_bytes, self.received_bytes) = (0, 0);
    }
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}

/// Code and message of a failure (`ErrorMetric`).
fn failure_of(result: &SampleResult) -> (&str, &str) {
    let assertion = result.assertion_results.iter().find(|assertion| assertion.failure || assertion.error);
    let message = assertion.and_then(|assertion| assertion.message.as_deref()).unwrap_or_default();
    // JMeter asks the new object's own empty code, so that any sample with a failed assertion is one.
    if !message.is_empty() {
        return ("Assertion failed", message.trim());
    }
    let code = if result.response_code.is_empty() { "0" } else { result.response_code.trim() };
    let message = if result.response_message.is_empty() { "None" } else { result.response_message.trim() };
    (code, message)
}

/// A transaction whose samples are rows of their own.
fn is_bare_transaction(result: &SampleResult) -> bool {
    result.is_transaction && result.sub_results.is_empty()
}

fn hits(result: &SampleResult, cumulated: bool) -> u32 {
    if cumulated && is_bare_transaction(result) {
        return 0;
    }
    let own = if result.is_transaction && !result.sub_results.is_empty() { 0 } else { result.sample_count };
    result.sub_results.iter().fold(own, |sum, sub| sum.saturating_add(hits(sub, cumulated)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::AssertionResult;

    #[test]
    fn percentiles_lie_between_values_as_commons_math_puts_them() {
        let mut window = Window::new(100);
        assert!(window.percentile(90.0).is_nan() && window.mean().is_nan() && window.min().is_nan());
        for value in [28.0, 48.0, 117.0, 2.0, 4.0, 45.0, 52.0, 1.0, 3.0, 45.0, 53.0, 1.0] {
            window.add(value);
        }
        // JMeter sent 97.80000000000007 and 117.0 for these.
        assert_eq!(window.percentile(90.0).to_string(), "97.80000000000007");
        assert_eq!([window.percentile(99.0), window.percentile(1.0)], [117.0, 1.0]);
        assert_eq!([window.min(), window.max()], [1.0, 117.0]);
    }

    #[test]
    fn a_window_keeps_the_last_values() {
        let mut window = Window::new(2);
        for value in [1.0, 2.0, 4.0] {
            window.add(value);
        }
        assert_eq!([window.min(), window.mean(), window.max()], [2.0, 3.0, 4.0]);
    }

    #[test]
    fn a_transaction_beside_its_samples_is_no_hit_of_all() {
        let windows = Windows { small: 100, large: 5000, timed: false };
        let sample =
            SampleResult { successful: true, sample_count: 1, bytes: 10, sent_bytes: 5, ..SampleResult::default() };
        let bare = SampleResult { is_transaction: true, ..sample.clone() };
        let parent = SampleResult { sub_results: vec![sample.clone(), sample.clone()], ..bare.clone() };
        let hits = |result: &SampleResult, cumulated| {
            let mut metric = SamplerMetric::new(windows);
            metric.add(result, cumulated);
            (metric.hits, metric.sent_bytes)
        };
        assert_eq!([hits(&sample, true), hits(&bare, true), hits(&bare, false)], [(1, 5), (0, 0), (1, 5)]);
        assert_eq!(hits(&parent, true), (2, 5));
    }

    #[test]
    fn failures_are_told_apart_by_code_and_message_in_any_case() {
        let mut metric = SamplerMetric::new(Windows { small: 100, large: 5000, timed: false });
        let failed = SampleResult { sample_count: 1, response_code: "404".into(), ..SampleResult::default() };
        for message in ["Not Found", "not found", ""] {
            metric.add(&SampleResult { response_message: message.into(), ..failed.clone() }, false);
        }
        let said = AssertionResult { failure: true, message: Some("no".into()), ..AssertionResult::default() };
        metric.add(&SampleResult { assertion_results: vec![said], ..failed }, false);
        let errors: Vec<(&str, &str, u32)> =
            metric.errors.iter().map(|error| (&*error.code, &*error.message, error.count)).collect();
        assert_eq!(errors, [("404", "Not Found", 2), ("404", "None", 1), ("Assertion failed", "no", 1)]);
        metric.reset();
        assert_eq!((metric.total(), metric.errors.len(), metric.all.max()), (0, 0, 0.0));
    }
}

//! Pass/fail criteria: `errors > 1%`, `p95 > 500ms`, `p99("POST script") > 2s`, `throughput < 45/s`, `gave_up > 0`.

use crate::results::{Estimation, LabelStatistics, Statistics};
use std::fmt;

/// What is true of a run that fails.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    /// As it was written.
    pub text: String,
    metric: Metric,
    /// The label that it is about; all samples but transactions without one.
    label: Option<String>,
    comparison: Comparison,
    bound: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Metric {
    Samples,
    Errors,
    ErrorPercent,
    Mean,
    Min,
    Max,
    Percentile(f64),
    StandardDeviation,
    Throughput,
    Received,
    Sent,
    Retried,
    GaveUp,
    Waited,
}

/// In what a bound is given. The text after the number decides between a count of errors and their share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Count,
    Percent,
    Millis,
    PerSecond,
    Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// A criterion that cannot be understood; displays what is wrong and what is possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the criterion '{text}' cannot be understood: {problem}")]
pub struct CriterionError {
    text: String,
    problem: String,
}

/// What heeding `Retry-After` came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retries {
    /// Samples that were tried more than once.
    pub retried: u64,
    /// Samples that were refused to the end.
    pub gave_up: u64,
    /// Time that users waited, in ms.
    pub waited_millis: u64,
}

/// What a criterion came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The criterion as it was written.
    pub criterion: String,
    /// Whether the run fails by it.
    pub failed: bool,
    /// What was measured, in words: `812 ms`, `no samples`.
    pub measured: String,
}

const METRICS: &str = "samples, errors, mean, median, min, max, p50 to p99.99, stddev, throughput, received, sent, \
                       retried, gave_up, waited";

impl Criterion {
    /// Reads a criterion: `METRIC > NUMBER[UNIT]` or `METRIC("LABEL") > NUMBER[UNIT]`, with `>`, `>=`, `<` or `<=`.
    pub fn parse(text: &str) -> Result<Self, CriterionError> {
        let wrong = |problem: String| CriterionError { text: text.to_owned(), problem };
        let (name, label, rest) = split(text).map_err(&wrong)?;
        let (comparison, rest) =
            Comparison::read(rest).ok_or_else(|| wrong("one of >, >=, <, <= is missing".into()))?;
        let rest = rest.trim();
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, unit) = rest.split_at(digits);
        let number: f64 = number.parse().map_err(|_| wrong(format!("'{rest}' does not begin with a number")))?;
        let unit = unit.trim();
        let metric = Metric::read(name, unit == "%")
            .ok_or_else(|| wrong(format!("there is no metric '{name}', but {METRICS}")))?;
        if label.is_some() && metric.is_of_the_run() {
            return Err(wrong(format!("'{name}' is counted for the whole run, not for a label")));
        }
        let factor = metric
            .unit()
            .factor(unit)
            .ok_or_else(|| wrong(format!("'{unit}' is no unit of '{name}', but {}", metric.unit().names())))?;
        Ok(Criterion { text: text.trim().to_owned(), metric, label, comparison, bound: number * factor })
    }

    /// Holds the criterion against what was measured. Without a sample to judge by, the run fails: a label that is
    /// misspelled must not pass.
    pub fn judge(&self, statistics: &Statistics, retries: &Retries) -> Finding {
        let measured = match &self.label {
            None => Some(statistics.total()),
            Some(label) => statistics.label(label),
        };
        let value = match measured.filter(|measured| measured.count() > 0 || self.metric.is_of_the_run()) {
            Some(measured) => self.metric.of(measured, retries),
            None if self.metric == Metric::Samples => Some(0.0),
            None => None,
        };
        let (failed, measured) = match value {
            Some(value) => (self.comparison.holds(value, self.bound), self.metric.unit().show(value)),
            None => (true, "no samples".to_owned()),
        };
        Finding { criterion: self.text.clone(), failed, measured }
    }
}

/// Metric, label and the rest of a criterion.
fn split(text: &str) -> Result<(&str, Option<String>, &str), String> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim_start();
    let Some(rest) = rest.strip_prefix('(') else { return Ok((name, None, rest)) };
    let quoted =
        rest.trim_start().strip_prefix('"').ok_or("a label stands in double quotes: p95(\"login\") > 500ms")?;
    let mut label = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                let rest = quoted[at + 1..].trim_start().strip_prefix(')').ok_or("')' is missing after the label")?;
                return Ok((name, Some(label), rest));
            }
            '\\' => label.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => label.push(character),
        }
    }
    Err("the label's closing quote is missing".to_owned())
}

impl Metric {
    fn read(name: &str, percent: bool) -> Option<Self> {
        Some(match name {
            "samples" => Metric::Samples,
            "errors" if percent => Metric::ErrorPercent,
            "errors" => Metric::Errors,
            "mean" | "avg" | "average" => Metric::Mean,
            "median" => Metric::Percentile(50.0),
            "min" => Metric::Min,
            "max" => Metric::Max,
            "stddev" => Metric::StandardDeviation,
            "throughput" => Metric::Throughput,
            "received" => Metric::Received,
            "sent" => Metric::Sent,
            "retried" => Metric::Retried,
            "gave_up" => Metric::GaveUp,
            "waited" => Metric::Waited,
            _ => {
                let percent = name.strip_prefix('p')?.parse().ok()?;
                Metric::Percentile(Some(percent).filter(|percent| (0.0..=100.0).contains(percent))?)
            }
        })
    }

    fn is_of_the_run(self) -> bool {
        matches!(self, Metric::Retried | Metric::GaveUp | Metric::Waited)
    }

    fn unit(self) -> Unit {
        match self {
            Metric::Samples | Metric::Errors | Metric::Retried | Metric::GaveUp => Unit::Count,
            Metric::ErrorPercent => Unit::Percent,
            Metric::Mean
            | Metric::Min
            | Metric::Max
            | Metric::Percentile(_)
            | Metric::StandardDeviation
            | Metric::Waited => Unit::Millis,
            Metric::Throughput => Unit::PerSecond,
            Metric::Received | Metric::Sent => Unit::Bytes,
        }
    }

    fn of(self, measured: &LabelStatistics, retries: &Retries) -> Option<f64> {
        let elapsed = &measured.elapsed;
        Some(match self {
            Metric::Samples => measured.count() as f64,
            Metric::Errors => measured.errors as f64,
            Metric::ErrorPercent => measured.error_ratio() * 100.0,
            Metric::Mean => elapsed.mean()?,
            Metric::Min => elapsed.min()? as f64,
            Metric::Max => elapsed.max()? as f64,
            Metric::Percentile(percent) => elapsed.percentile(percent, Estimation::Legacy)?,
            Metric::StandardDeviation => elapsed.standard_deviation()?,
            Metric::Throughput => measured.throughput(),
            Metric::Received => measured.bytes_per_second(),
            Metric::Sent => measured.sent_bytes_per_second(),
            Metric::Retried => retries.retried as f64,
            Metric::GaveUp => retries.gave_up as f64,
            Metric::Waited => retries.waited_millis as f64,
        })
    }
}

impl Unit {
    /// What a number with this text behind it is multiplied by.
    fn factor(self, text: &str) -> Option<f64> {
        Some(match (self, text) {
            (Unit::Count, "") | (Unit::Percent, "%") | (Unit::Millis, "" | "ms") => 1.0,
            (Unit::Millis, "s") => 1000.0,
            (Unit::Millis, "min") => 60_000.0,
            (Unit::PerSecond, "" | "/s") | (Unit::Bytes, "B/s") => 1.0,
            (Unit::PerSecond, "/min") => 1.0 / 60.0,
            (Unit::Bytes, "KB/s") => 1024.0,
            (Unit::Bytes, "MB/s") => 1024.0 * 1024.0,
            _ => return None,
        })
    }

    fn names(self) -> &'static str {
        match self {
            Unit::Count => "it has none (errors may be in %)",
            Unit::Percent => "%",
            Unit::Millis => "ms, s or min",
            Unit::PerSecond => "/s or /min",
            Unit::Bytes => "B/s, KB/s or MB/s",
        }
    }

    fn show(self, value: f64) -> String {
        let number = Number(value);
        match self {
            Unit::Count => number.to_string(),
            Unit::Percent => format!("{number} %"),
            Unit::Millis if value >= 10_000.0 => format!("{} s", Number(value / 1000.0)),
            Unit::Millis => format!("{number} ms"),
            Unit::PerSecond => format!("{number}/s"),
            Unit::Bytes => format!("{} KB/s", Number(value / 1024.0)),
        }
    }
}

/// A number with at most two decimals.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.2}", self.0);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Comparison {
    fn read(text: &str) -> Option<(Self, &str)> {
        [(">=", Comparison::AtLeast), ("<=", Comparison::AtMost), (">", Comparison::Above), ("<", Comparison::Below)]
            .into_iter()
            .find_map(|(sign, comparison)| Some((comparison, text.trim_start().strip_prefix(sign)?)))
    }

    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Comparison::Above => value > bound,
            Comparison::AtLeast => value >= bound,
            Comparison::Below => value < bound,
            Comparison::AtMost => value <= bound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::results::SampleResult;

    /// Ten samples of `login` (1 to 10 ms, one failed) and one of `say "hi"` (3 s), over 10 s.
    fn measured() -> Statistics {
        let mut statistics = Statistics::default();
        for number in 1..=10 {
            let mut sample = SampleResult::started("login".into(), Timestamp::from_millis(number * 900));
            sample.finish(Timestamp::from_millis(number * 900 + number));
            sample.successful = number != 10;
            sample.bytes = 1024;
            statistics.record(&sample);
        }
        let mut slow = SampleResult::started("say \"hi\"".into(), Timestamp::from_millis(7900));
        slow.finish(Timestamp::from_millis(10_900));
        slow.successful = true;
        statistics.record(&slow);
        statistics
    }

    #[test]
    fn criteria_hold_or_not() {
        let retries = Retries { retried: 4, gave_up: 1, waited_millis: 90_000 };
        for (text, failed, words) in [
            ("errors > 9%", true, "9.09 %"),
            ("errors>10 %", false, "9.09 %"),
            ("errors > 0", true, "1"),
            ("errors >= 2", false, "1"),
            ("samples < 12", true, "11"),
            ("p50(\"login\") > 5ms", true, "5.5 ms"),
            ("median( \"login\" ) <= 5.5", true, "5.5 ms"),
            ("max(\"say \\\"hi\\\"\") >= 3s", true, "3000 ms"),
            ("p95 > 0.05min", false, "3000 ms"),
            ("mean(\"login\") < 5", false, "5.5 ms"),
            ("min > 1ms", false, "1 ms"),
            ("throughput < 1.2/s", true, "1.1/s"),
            ("throughput < 60/min", false, "1.1/s"),
            ("received >= 1 KB/s", true, "1 KB/s"),
            ("gave_up > 0", true, "1"),
            ("retried > 4", false, "4"),
            ("waited > 1min", true, "90 s"),
            ("p99(\"lgoin\") > 1h", true, ""),
            ("p99(\"lgoin\") > 1s", true, "no samples"),
            ("samples(\"lgoin\") > 1", false, "0"),
        ] {
            let finding = match Criterion::parse(text) {
                Ok(criterion) => criterion.judge(&measured(), &retries),
                Err(error) => {
                    assert!(words.is_empty(), "{error}");
                    continue;
                }
            };
            assert_eq!((finding.failed, finding.measured.as_str()), (failed, words), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_told() {
        for (text, problem) in [
            ("", "one of >, >=, <, <= is missing"),
            ("errors", "one of >, >=, <, <= is missing"),
            ("p95 = 3", "one of >, >=, <, <= is missing"),
            ("p95 > fast", "'fast' does not begin with a number"),
            ("p101 > 3", "there is no metric 'p101'"),
            ("latency > 3", "there is no metric 'latency'"),
            ("p95 > 3h", "'h' is no unit of 'p95', but ms, s or min"),
            ("samples > 3%", "'%' is no unit of 'samples'"),
            ("p95(login) > 3", "a label stands in double quotes"),
            ("p95(\"login > 3", "closing quote is missing"),
            ("p95(\"login\" > 3", "')' is missing"),
            ("gave_up(\"login\") > 3", "for the whole run"),
        ] {
            let error = Criterion::parse(text).unwrap_err().to_string();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }

    #[test]
    fn without_samples_a_run_fails() {
        let finding = Criterion::parse("errors > 1%").unwrap().judge(&Statistics::default(), &Retries::default());
        assert!(finding.failed && finding.measured == "no samples");
    }
}

//! What a terminal is told at the end of a run: a row for each label, how the throughput went, the first failures.

use super::goodput::Goodputs;
use crate::clock::Timestamp;
use crate::results::{Estimation, Figures, LabelStatistics, SampleResult, Statistics};
use std::fmt::Write;

/// Kinds of failures that are told.
const MOST_FAILURES: usize = 5;

/// Characters of a failure's reason.
const LONGEST_REASON: usize = 120;

/// Characters of a label in the table.
pub(super) const LONGEST_LABEL: usize = 40;

/// Labels in the table; a report has all of them.
pub(super) const MOST_LABELS: usize = 50;

/// Labels whose goodput is told.
const MOST_GOODPUTS: usize = 5;

/// Moments of the sparkline: when there are more, two become one.
const MOST_MOMENTS: usize = 64;

/// The shortest moment, in ms.
const SHORTEST: i64 = 1000;

/// What is noticed of the samples of a run, one by one.
#[derive(Debug)]
pub struct Noticed {
    failures: Vec<Failure>,
    /// Failures of kinds that are not among the first.
    other_failures: u64,
    /// Samples by moment, from the first one on.
    moments: Vec<u64>,
    start: Option<Timestamp>,
    width: i64,
    goodput: Goodputs,
}

#[derive(Debug)]
struct Failure {
    label: String,
    reason: String,
    count: u64,
}

impl Default for Noticed {
    fn default() -> Self {
        Noticed {
            failures: Vec::new(),
            other_failures: 0,
            moments: Vec::new(),
            start: None,
            width: SHORTEST,
            goodput: Goodputs::default(),
        }
    }
}

impl Noticed {
    /// Looks at a sample.
    pub fn sample(&mut self, sample: &SampleResult) {
        if sample.is_transaction {
            sample.sub_results.iter().for_each(|sub| self.sample(sub));
            return;
        }
        self.moment(sample.end);
        self.goodput.sample(sample);
        if !sample.successful {
            self.failure(sample);
        }
    }

    /// Looks at a sample that passed, alone and without a wait.
    pub fn ordinary(&mut self, figures: &Figures) {
        if !figures.is_transaction {
            self.moment(figures.end);
        }
    }

    fn moment(&mut self, end: Timestamp) {
        let start = *self.start.get_or_insert(end);
        let since = (end.millis() - start.millis()).max(0);
        while since / self.width >= MOST_MOMENTS as i64 {
            self.moments = self.moments.chunks(2).map(|pair| pair.iter().sum()).collect();
            self.width *= 2;
        }
        let moment = (since / self.width) as usize;
        if moment >= self.moments.len() {
            self.moments.resize(moment + 1, 0);
        }
        self.moments[moment] += 1;
    }

    fn failure(&mut self, sample: &SampleResult) {
        let full = self.failures.len() >= MOST_FAILURES;
        // Past the bound, text is not put together only to be counted under another kind.
        let reason = reason(sample);
        match self.failures.iter_mut().find(|known| *known.label == *sample.label && known.reason == reason) {
            Some(known) => known.count += 1,
            None if full => self.other_failures += 1,
            None => self.failures.push(Failure { label: sample.label.to_string(), reason, count: 1 }),
        }
    }
}

/// Why a sample failed: what its first failed assertion says, or its code and message.
fn reason(sample: &SampleResult) -> String {
    let assertion = sample.assertion_results.iter().find(|result| result.failure || result.error);
    let text = match assertion.map(|result| (&result.name, result.message.as_deref().unwrap_or_default())) {
        Some((name, "")) => format!("{name} failed"),
        Some((name, message)) => format!("{name}: {message}"),
        None => format!("{} {}", sample.response_code, sample.response_message),
    };
    let clean: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    shortened(&clean, LONGEST_REASON)
}

pub(super) fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The columns of the table.
pub const HEAD: [&str; 11] = ["", "samples", "errors", "mean", "p50", "p90", "p95", "p99", "max", "rate/s", "KB/s"];

/// The lines that end a run. `colour`: the terminal shows it.
pub fn lines(statistics: &Statistics, noticed: &Noticed, colour: bool) -> Vec<String> {
    if statistics.total().count() == 0 {
        return Vec::new();
    }
    let labels = statistics.labels();
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(labels.iter().take(MOST_LABELS).map(|(label, of)| row(label, of)));
    rows.push(row("Total", statistics.total()));
    let widths: [usize; 11] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let failed: Vec<bool> = std::iter::once(false)
        .chain(labels.iter().take(MOST_LABELS).map(|(_, of)| of.errors > 0))
        .chain([statistics.total().errors > 0])
        .collect();
    let last = rows.len() - 1;
    let mut out: Vec<String> = rows
        .iter()
        .zip(failed)
        .enumerate()
        .map(|(index, (row, failed))| {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
                let padded = if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") };
                let style = match (index, column) {
                    (0, _) => DIM,
                    (_, 2) if failed => RED,
                    (index, _) if index == last => BOLD,
                    _ => "",
                };
                line.push_str(&painted(&padded, style, colour));
            }
            line
        })
        .collect();
    if labels.len() > MOST_LABELS {
        out.insert(last, format!("… and {} labels more", labels.len() - MOST_LABELS));
    }
    if noticed.moments.len() > 1 {
        let most = noticed.moments.iter().max().copied().unwrap_or(0);
        let peak = most as f64 * 1000.0 / noticed.width as f64;
        let seconds = noticed.width / 1000;
        out.push(format!("samples/s  {}  up to {}, every {seconds} s", sparkline(&noticed.moments), figure(peak)));
    }
    for (label, goodput) in noticed.goodput.labels().take(MOST_GOODPUTS) {
        if let Some(all) = statistics.label(label) {
            out.push(goodput.line(&shortened(label, LONGEST_LABEL), all));
        }
    }
    if !noticed.failures.is_empty() {
        out.push("First failures:".to_owned());
        for Failure { label, reason, count } in &noticed.failures {
            let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
            let label = shortened(label, LONGEST_LABEL);
            out.push(painted(&format!("  {label}: {reason}{times}"), RED, colour));
        }
        if noticed.other_failures > 0 {
            out.push(format!("  … and {} failures of other kinds", noticed.other_failures));
        }
    }
    out
}

/// The figures of a label in the columns of [`HEAD`], in whose first there is only its name.
pub fn values(first: f64, of: &LabelStatistics) -> [f64; 11] {
    let percentile = |percent: f64| of.elapsed.percentile(percent, Estimation::Legacy).unwrap_or_default();
    [
        first,
        of.count() as f64,
        of.error_ratio() * 100.0,
        of.elapsed.mean().unwrap_or_default(),
        percentile(50.0),
        percentile(90.0),
        percentile(95.0),
        percentile(99.0),
        of.elapsed.max().unwrap_or_default() as f64,
        of.throughput(),
        of.bytes_per_second() / 1024.0,
    ]
}

/// The same as text.
pub fn row(label: &str, of: &LabelStatistics) -> [String; 11] {
    let values = values(0.0, of);
    std::array::from_fn(|column| match (column, values[column]) {
        (0, _) => shortened(label, LONGEST_LABEL),
        (1 | 8, whole) => format!("{whole:.0}"),
        (2, percent) => format!("{} %", figure(percent)),
        (_, value) if value.is_finite() => figure(value),
        _ => "–".to_owned(),
    })
}

/// Three digits that say something.
pub(super) fn figure(value: f64) -> String {
    let digits = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const BOLD: &str = "\x1b[1m";

fn painted(text: &str, style: &str, colour: bool) -> String {
    if colour && !style.is_empty() { format!("{style}{text}\x1b[0m") } else { text.to_owned() }
}

/// A bar of eight heights for each value; a moment without samples has none.
fn sparkline(values: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().max().copied().unwrap_or(0).max(1);
    let mut line = String::new();
    for &value in values {
        let height = (value * BARS.len() as u64).div_ceil(most) as usize;
        let _ = write!(line, "{}", if value == 0 { ' ' } else { BARS[height.clamp(1, BARS.len()) - 1] });
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::AssertionResult;

    fn sample(label: &str, start: i64, end: i64) -> SampleResult {
        let mut sample = SampleResult::started(label.into(), Timestamp::from_millis(start));
        sample.finish(Timestamp::from_millis(end));
        sample.successful = true;
        sample.bytes = 1024;
        sample
    }

    fn told(samples: &[SampleResult], colour: bool) -> Vec<String> {
        let (mut statistics, mut noticed) = (Statistics::default(), Noticed::default());
        for sample in samples {
            statistics.record(sample);
            noticed.sample(sample);
        }
        lines(&statistics, &noticed, colour)
    }

    #[test]
    fn a_row_for_each_label_and_why_samples_failed() {
        let mut refused = sample("pay", 2000, 2100);
        refused.successful = false;
        refused.response_code = "500".into();
        refused.response_message = "Oops\nmore".into();
        let mut wrong = sample("home", 2000, 4500);
        wrong.successful = false;
        let message = Some("no such text".into());
        wrong.assertion_results =
            vec![AssertionResult { name: "Has text".into(), failure: true, message, ..AssertionResult::default() }];
        let lines = told(&[sample("home", 0, 120), refused.clone(), refused, wrong], false);
        assert_eq!(lines[0], "       samples  errors  mean   p50   p90   p95   p99   max  rate/s  KB/s");
        assert!(lines[1].starts_with("home         2    50 %  1310"), "{lines:#?}");
        assert!(lines[3].starts_with("Total        4    75 %"), "{lines:#?}");
        assert_eq!(lines[4], "samples/s  ▄█  ▄  up to 2, every 1 s");
        assert_eq!(lines[5..], ["First failures:", "  pay: 500 Oops more (2 times)", "  home: Has text: no such text"]);
    }

    #[test]
    fn colour_is_only_where_it_is_shown() {
        let mut failed = sample("a", 0, 10);
        failed.successful = false;
        let both = [failed, sample("b", 0, 20)];
        assert!(told(&both, false).iter().all(|line| !line.contains('\x1b')));
        let coloured = told(&both, true);
        assert!(coloured[1].contains(RED) && !coloured[2].contains(RED), "{coloured:?}");
        assert!(told(&[], true).is_empty());
    }

    #[test]
    fn a_long_run_has_a_short_sparkline_and_many_failures_few_lines() {
        let samples: Vec<SampleResult> = (0..500)
            .map(|number| {
                let mut sample = sample(&format!("label {number}"), 0, number * 10_000);
                sample.successful = number % 2 == 0;
                sample
            })
            .collect();
        let lines = told(&samples, false);
        let line = lines.iter().find(|line| line.starts_with("samples/s")).unwrap();
        assert!(line.chars().filter(|c| ('▁'..='█').contains(c)).count() <= MOST_MOMENTS, "{line}");
        assert_eq!(lines.iter().filter(|line| line.starts_with("label ")).count(), MOST_LABELS);
        assert!(lines.iter().any(|line| line == "  … and 245 failures of other kinds"), "{lines:?}");
    }
}

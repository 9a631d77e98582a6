//! A comparison in plain sentences.

use super::{Change, Comparison, Judgement, LabelComparison, Metric, Settings};

/// What became of one metric: `p95 of login rose by 18 % (12 to 25 %, sure): 812 to 958 ms`.
pub(super) fn sentence(label: &LabelComparison, change: &Change) -> String {
    let name = match change.metric {
        Metric::Shift => format!("{} as a whole", label.label),
        _ => format!("{} of {}", metric(change.metric), label.label),
    };
    let sure = match change.judgement {
        Judgement::TooFew => return format!("{name}: too few samples to tell"),
        Judgement::Same => return format!("{name}: no difference to be seen{}", possible(change)),
        Judgement::Perhaps => "not sure",
        Judgement::Small => "sure, but less than what matters",
        Judgement::Better | Judgement::Worse => "sure",
    };
    let maybe = change.judgement == Judgement::Perhaps;
    if change.metric == Metric::Shift {
        let slower = if label.shift.cliffs_delta > 0.0 { "slower" } else { "faster" };
        return format!(
            "{name} {} {slower}, typically by {} ({} effect, Cliff's delta {:.2}, {sure})",
            if maybe { "may be" } else { "is" },
            millis(change.difference.abs()),
            label.shift.size(),
            label.shift.cliffs_delta
        );
    }
    let verb = match (change.difference > 0.0, maybe) {
        (true, false) => "rose",
        (false, false) => "fell",
        (true, true) => "may have risen",
        (false, true) => "may have fallen",
    };
    let values = match change.metric {
        Metric::Errors => format!("{} to {}", percent(change.from), percent(change.to)),
        Metric::Throughput => format!("{} to {} /s", figure(change.from), figure(change.to)),
        _ => format!("{} to {}", bare_millis(change.from), millis(change.to)),
    };
    let (by, low, high, unit) = match (change.metric, change.relative) {
        (Metric::Errors, _) => {
            let (low, high) = change.interval.unwrap_or((change.difference, change.difference));
            (change.difference * 100.0, low * 100.0, high * 100.0, "points")
        }
        (_, Some((part, (low, high)))) => (part * 100.0, low * 100.0, high * 100.0, "%"),
        (_, None) => {
            let (low, high) = change.interval.unwrap_or((change.difference, change.difference));
            (change.difference, low, high, "ms")
        }
    };
    // A fall by 5 to 9 % reads better than a rise by −9 to −5 %.
    let (by, low, high) = if by < 0.0 { (-by, -high, -low) } else { (by, low, high) };
    format!("{name} {verb} by {} {unit} ({} to {} {unit}, {sure}): {values}", figure(by), figure(low), figure(high))
}

/// What may be behind a difference that is not to be seen.
fn possible(change: &Change) -> String {
    match (change.metric, change.relative, change.interval) {
        (Metric::Shift, ..) => String::new(),
        (Metric::Errors, _, Some((low, high))) => {
            format!(" ({} to {} points)", signed(low * 100.0), signed(high * 100.0))
        }
        (_, Some((_, (low, high))), _) => format!(" ({} to {} %)", signed(low * 100.0), signed(high * 100.0)),
        (_, None, Some((low, high))) => format!(" ({} to {} ms)", signed(low), signed(high)),
        _ => String::new(),
    }
}

/// What a metric is called.
pub(super) fn metric(metric: Metric) -> String {
    match metric {
        Metric::Shift => "all times".to_owned(),
        Metric::Percentile(50.0) => "median".to_owned(),
        Metric::Percentile(percent) => format!("p{percent}"),
        Metric::Errors => "error rate".to_owned(),
        Metric::Throughput => "throughput".to_owned(),
    }
}

/// The last line: whether the second run is worse.
pub(super) fn conclusion(comparison: &Comparison) -> String {
    let worse = comparison.regressions().count();
    let gone = comparison.gone.len();
    match (worse, gone) {
        (0, 0) => "No significant regression".to_owned(),
        (0, gone) => format!("Regression: {gone} labels are gone"),
        (worse, 0) => format!("Regression: {worse} of {} comparisons are worse", comparison.questions),
        (worse, gone) => {
            format!("Regression: {worse} of {} comparisons are worse, {gone} labels are gone", comparison.questions)
        }
    }
}

/// How it was done, for those who want to know.
pub(super) fn method(comparison: &Comparison) -> String {
    let Settings { level, correction, seed, .. } = &comparison.settings;
    let corrected = match correction.name() {
        "none" => "not corrected".to_owned(),
        "bh" => "corrected after Benjamini and Hochberg".to_owned(),
        _ => "corrected after Holm".to_owned(),
    };
    format!(
        "Intervals hold {} of what chance does; {} questions, {corrected}. Samples that follow each other are alike, so \
         that all variances come from whole stretches of the runs: block bootstrap for percentiles (seed {seed}), batch \
         means for ranks, errors and throughput.",
        percent(*level),
        comparison.questions
    )
}

/// A number with three digits that say something.
pub(super) fn figure(value: f64) -> String {
    let size = value.abs();
    let digits = if size >= 100.0 || size == 0.0 {
        0
    } else if size >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let text = if text == "-0" { "0" } else { text };
    text.replacen('-', "−", 1)
}

fn signed(value: f64) -> String {
    let text = figure(value);
    if value > 0.0 && text != "0" { format!("+{text}") } else { text }
}

pub(super) fn percent(part: f64) -> String {
    format!("{} %", figure(part * 100.0))
}

fn bare_millis(millis: f64) -> String {
    figure(millis)
}

fn millis(millis: f64) -> String {
    format!("{} ms", figure(millis))
}

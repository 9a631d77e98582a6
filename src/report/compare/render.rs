//! A comparison as text, markdown and JSON.

use super::words::{conclusion, figure, method, metric, percent, sentence};
use super::{Change, Comparison, Judgement, LabelComparison, Metric};
use crate::results::LabelStatistics;
use serde_json::{Value, json};
use std::fmt::Write;

/// For the console: what changed in sentences, all figures in a table, how it was done, the conclusion.
pub fn text(comparison: &Comparison) -> String {
    let [from, to] = &comparison.names;
    let mut out = format!("{from} → {to}\n\n");
    for line in lines(comparison) {
        let _ = writeln!(out, "  {line}");
    }
    out.push('\n');
    let rows = table(comparison);
    let widths: Vec<usize> = (0..rows[0].len())
        .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
        .collect();
    for row in &rows {
        for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let blanks = width - cell.chars().count();
            let (before, after) = if index == 0 { (0, blanks) } else { (blanks, 0) };
            let _ = write!(out, "{}{:before$}{cell}{:after$}", if index == 0 { "" } else { "  " }, "", "");
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
    let _ = write!(out, "\n{}\n{}\n", wrapped(&method(comparison), 100), conclusion(comparison));
    out
}

/// For the summary of a CI job.
pub fn markdown(comparison: &Comparison) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;");
    let mark = if comparison.is_worse() { "❌" } else { "✅" };
    let [from, to] = &comparison.names;
    let mut out = format!("### {mark} {}\n\n{} → {}\n\n", conclusion(comparison), cell(from), cell(to));
    for line in lines(comparison) {
        let _ = writeln!(out, "- {}", cell(&line));
    }
    for (index, row) in table(comparison).iter().enumerate() {
        let _ = writeln!(
            out,
            "{}| {} |",
            if index == 0 { "\n" } else { "" },
            row.iter().map(|text| cell(text)).collect::<Vec<_>>().join(" | ")
        );
        if index == 0 {
            let _ = writeln!(out, "|---{}|", "|---:".repeat(row.len() - 1));
        }
    }
    let _ = write!(out, "\n{}\n", method(comparison));
    out
}

/// Everything, for machines.
pub fn json(comparison: &Comparison) -> Value {
    let settings = &comparison.settings;
    json!({
        "runs": comparison.names.iter().zip(&comparison.totals).map(|(name, total)| run(name, total)).collect::<Vec<_>>(),
        "regression": comparison.is_worse(),
        "conclusion": conclusion(comparison),
        "sentences": lines(comparison),
        "labels": comparison.labels.iter().map(label_json).collect::<Vec<_>>(),
        "only_in_first": comparison.gone,
        "only_in_second": comparison.new,
        "level": settings.level,
        "correction": settings.correction.name(),
        "questions": comparison.questions,
        "seed": settings.seed,
        "method": method(comparison),
    })
}

fn run(name: &str, total: &LabelStatistics) -> Value {
    json!({
        "name": name,
        "samples": total.count(),
        "errors": total.errors,
        "start": total.span.map(|(start, _)| start.millis()),
        "end": total.span.map(|(_, end)| end.millis()),
    })
}

fn label_json(label: &LabelComparison) -> Value {
    let both = |of: fn(&LabelStatistics) -> Value| label.statistics.each_ref().map(of);
    json!({
        "label": label.label,
        "transaction": label.transaction,
        "samples": both(|of| json!(of.count())),
        "errors": both(|of| json!(of.errors)),
        "mean": both(|of| json!(of.elapsed.mean())),
        "mann_whitney_u": label.shift.u,
        "mann_whitney_p_if_independent": label.shift.independent_p,
        "cliffs_delta": label.shift.cliffs_delta,
        "hodges_lehmann": label.shift.hodges_lehmann,
        "error_test": label.errors.test,
        "changes": label.changes.iter().map(|change| {
            json!({
                "metric": metric(change.metric),
                "from": change.from,
                "to": change.to,
                "difference": change.difference,
                "interval": change.interval,
                "relative": change.relative.map(|(part, _)| part),
                "relative_interval": change.relative.and_then(|(_, interval)| change.p.map(|_| interval)),
                "p": change.p,
                "corrected_p": change.corrected_p,
                "judgement": judgement(change.judgement),
                "sentence": sentence(label, change),
            })
        }).collect::<Vec<_>>(),
    })
}

pub(super) fn judgement(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::TooFew => "too few samples",
        Judgement::Same => "same",
        Judgement::Perhaps => "perhaps",
        Judgement::Small => "small",
        Judgement::Better => "better",
        Judgement::Worse => "worse",
    }
}

/// The sentences that are worth reading: what is worse first.
fn lines(comparison: &Comparison) -> Vec<String> {
    let mut out = Vec::new();
    for label in &comparison.gone {
        out.push(format!("{label} is gone: only the first run has it"));
    }
    for wanted in [Judgement::Worse, Judgement::Better, Judgement::Perhaps, Judgement::Small] {
        out.extend(comparison.judged(wanted).map(|(label, change)| sentence(label, change)));
    }
    for label in &comparison.new {
        out.push(format!("{label} is new: only the second run has it"));
    }
    let of = |judgement: Judgement| {
        let all = |label: &LabelComparison| label.changes.iter().all(|change: &Change| change.judgement == judgement);
        comparison.labels.iter().filter(move |label| all(label)).map(|label| label.label.as_str()).collect::<Vec<_>>()
    };
    let quiet: Vec<&str> = comparison
        .labels
        .iter()
        .filter(|label| {
            let dull = |change: &Change| matches!(change.judgement, Judgement::Same | Judgement::TooFew);
            label.changes.iter().all(dull) && label.changes.iter().any(|change| change.judgement == Judgement::Same)
        })
        .map(|label| label.label.as_str())
        .collect();
    let few = of(Judgement::TooFew);
    for (names, text) in [(quiet, "no difference to be seen"), (few, "too few samples to tell")] {
        if !names.is_empty() {
            let shown: Vec<&str> = names.iter().take(8).copied().collect();
            let more = names.len() - shown.len();
            let more = if more > 0 { format!(" and {more} more labels") } else { String::new() };
            out.push(format!("{}{more}: {text}", shown.join(", ")));
        }
    }
    out
}

/// A head and a row for each label: `812 → 958` where the runs have two values.
fn table(comparison: &Comparison) -> Vec<Vec<String>> {
    let two = |from: String, to: String| if from == to { from } else { format!("{from} → {to}") };
    let mut head = vec!["Label".to_owned(), "Samples".to_owned(), "Errors".to_owned(), "Samples/s".to_owned()];
    head.extend(
        comparison.settings.percents.iter().map(|percent| format!("{} ms", metric(Metric::Percentile(*percent)))),
    );
    head.push("Shift ms".to_owned());
    let mut rows = vec![head];
    for label in &comparison.labels {
        let [from, to] = &label.statistics;
        let mut row = vec![
            label.label.clone(),
            two(from.count().to_string(), to.count().to_string()),
            two(percent(from.error_ratio()), percent(to.error_ratio())),
        ];
        let of = |metric: Metric| label.changes.iter().find(move |change| change.metric == metric);
        let value = |change: Option<&Change>| {
            change.map_or_else(String::new, |change| {
                let star = match change.judgement {
                    Judgement::Worse => " ▲",
                    Judgement::Better => " ▼",
                    _ => "",
                };
                format!("{}{star}", two(figure(change.from), figure(change.to)))
            })
        };
        row.push(value(of(Metric::Throughput)).replace(" ▲", "").replace(" ▼", ""));
        row.extend(comparison.settings.percents.iter().map(|percent| value(of(Metric::Percentile(*percent)))));
        row.push(figure(label.shift.hodges_lehmann));
        rows.push(row);
    }
    rows
}

fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

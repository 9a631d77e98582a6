//! `statistics.json` in JMeter's schema (`JsonExporter`, `SamplingStatistic`), to the last digit.

use super::dashboard::Dashboard;
use super::options::Options;
use super::summary::Summary;
use crate::java::number::{double_to_string, float_to_string};
use std::fmt::Write;

/// The text of the file: every label by name, then `Total`. JMeter's order is that of a hash map, which nobody can
/// rely on.
pub fn statistics_json(dashboard: &Dashboard) -> String {
    let mut labels: Vec<_> = dashboard.labels.iter().map(|label| (label.name.as_str(), &label.summary)).collect();
    labels.sort_unstable_by_key(|(name, _)| *name);
    // A label of that name would give the file two; JMeter's map keeps the label's.
    if !labels.iter().any(|(name, _)| *name == "Total") {
        labels.push(("Total", &dashboard.total));
    }
    let mut out = String::from("{");
    for (index, (name, summary)) in labels.into_iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        write_label(&mut out, name, summary, &dashboard.options);
    }
    out.push_str("\n}");
    out
}

fn write_label(out: &mut String, name: &str, summary: &Summary, options: &Options) {
    let name = serde_json::Value::from(name).to_string();
    let statistics = &summary.statistics;
    let (count, errors) = (statistics.count(), statistics.errors);
    let [pct1, pct2, pct3] = options.percentiles;
    let [pct1, pct2, pct3, median] = summary.percentiles_of_window([pct1, pct2, pct3, 50.0], options);
    let min = statistics.elapsed.min().map_or(i64::MAX as f64, |millis| millis as f64);
    let max = statistics.elapsed.max().map_or(i64::MIN as f64, |millis| millis as f64);
    // Without rows JMeter subtracts the smallest number from the largest, which overflows to 1.
    let millis = statistics.span.map_or(1.0, |(start, end)| (end.millis() - start.millis()) as f64);
    let kilobytes = |bytes: u64| bytes as f64 / (millis / 1000.0) / 1024.0;
    let percent = errors as f64 * 100.0 / count as f64;
    let _ = write!(out, "  {name} : {{\n    \"transaction\" : {name}");
    let _ = write!(out, ",\n    \"sampleCount\" : {count},\n    \"errorCount\" : {errors}");
    let _ = write!(out, ",\n    \"errorPct\" : {}", quoted(percent, &float_to_string(percent as f32)));
    for (key, value) in [
        ("meanResTime", summary.mean()),
        ("medianResTime", median),
        ("minResTime", min),
        ("maxResTime", max),
        ("pct1ResTime", pct1),
        ("pct2ResTime", pct2),
        ("pct3ResTime", pct3),
        ("throughput", count as f64 / millis * 1000.0),
        ("receivedKBytesPerSec", kilobytes(statistics.bytes)),
        ("sentKBytesPerSec", kilobytes(statistics.sent_bytes)),
    ] {
        let _ = write!(out, ",\n    \"{key}\" : {}", quoted(value, &double_to_string(value)));
    }
    out.push_str("\n  }");
}

/// JSON has no NaN and no infinity: they are texts, as Jackson writes them.
fn quoted(value: f64, text: &str) -> String {
    if value.is_finite() { text.to_owned() } else { format!("\"{text}\"") }
}

#[cfg(test)]
mod tests {
    use super::super::dashboard::of_rows_for_tests;
    use super::*;
    use serde_json::Value;

    /// The files beside the rows are what JMeter 5.6.2 wrote of them (`jmeter -g rows.jtl`, with these properties).
    #[test]
    fn every_field_is_jmeters_to_the_last_digit() {
        for (properties, expected) in [
            (&[][..], include_str!("../../fixtures/report/statistics.json")),
            (
                &[
                    ("jmeter.reportgenerator.statistic_window", "20"),
                    ("aggregate_rpt_pct1", "50.5"),
                    ("jmeter.reportgenerator.sample_filter", "s.*|check.*"),
                    ("backend_metrics_percentile_estimator", "R_3"),
                ],
                include_str!("../../fixtures/report/statistics-of-a-window.json"),
            ),
        ] {
            // Numbers are compared as they are written.
            let expected: Value = serde_json::from_str(expected).unwrap();
            let ours: Value = serde_json::from_str(&statistics_json(&of_rows_for_tests(properties))).unwrap();
            let (expected, ours) = (expected.as_object().unwrap(), ours.as_object().unwrap());
            assert_eq!(ours.len(), expected.len());
            for (label, statistics) in expected {
                assert_eq!(&ours[label], statistics, "{label}");
            }
        }
    }
}

//! `rotameter.json`: what `statistics.json` leaves out. Exact percentiles of all samples, errors by kind, rate limits,
//! what failed samples sent and received, the comparison; times in ms, rates per second.

use super::apdex::Apdex;
use super::goodput::Rates;
use super::page::Content;
use super::summary::Summary;
use super::{compare, failures};
use crate::results::Estimation;
use serde_json::{Map, Value, json};

/// The percentiles that are told of each label; a tail of a thousandth is what people ask for at most.
pub(super) const PERCENTS: [f64; 8] = [1.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9];

/// Kinds of errors that are told of each label.
const MOST_ERRORS: usize = 100;

/// The form of the file; a field more does not change it.
const FORM: &str = "rotameter-report-1";

/// The text of the file.
pub fn rotameter_json(content: &Content) -> String {
    let dashboard = content.dashboard;
    let estimation = dashboard.options.estimation;
    let labels: Map<String, Value> = dashboard
        .labels
        .iter()
        .map(|label| {
            let mut figures = figures(&label.summary, &label.summary.apdex, estimation);
            if let Some(goodput) = dashboard.goodput.of(&label.name) {
                figures["goodput"] = told(&goodput.rates(&label.summary.statistics), estimation);
            }
            (label.name.clone(), figures)
        })
        .collect();
    let mut all = json!({
        "form": FORM,
        "made_by": concat!("Rotameter ", env!("CARGO_PKG_VERSION")),
        "sources": content.sources,
        "start": dashboard.span.map(|(start, _)| start),
        "end": dashboard.span.map(|(_, end)| end),
        "rows_left_out": dashboard.filtered,
        "percentile_estimation": match estimation {
            Estimation::Legacy => "LEGACY",
            Estimation::NearestRank => "R_3",
        },
        "rate_limits": content.limits.iter().map(|limit| limit.text.as_str()).collect::<Vec<_>>(),
        "total": figures(&dashboard.total, &dashboard.apdex, estimation),
        "labels": labels,
    });
    if let Some(known) = content.failures.filter(|known| known.has_exchanges()) {
        all["failures"] = failures::json(known);
    }
    if let Some(punctuality) = content.punctuality.filter(|known| known.is_known()) {
        all["punctuality"] = punctuality.json(estimation);
    }
    if let Some(against) = &content.against {
        all["comparison"] = compare::json(against.comparison);
    }
    format!("{all:#}\n")
}

/// The rates a second, and the clock of success in ms.
fn told(rates: &Rates, estimation: Estimation) -> Value {
    let time = &rates.time_to_success;
    let percentiles: Map<String, Value> =
        PERCENTS.iter().map(|percent| (percent.to_string(), json!(time.percentile(*percent, estimation)))).collect();
    json!({
        "offered": rates.offered,
        "attempted": rates.attempted,
        "accepted": rates.accepted,
        "given_up": rates.given_up,
        "time_to_success": { "mean": time.mean(), "max": time.max(), "percentiles": percentiles },
    })
}

fn figures(summary: &Summary, apdex: &Apdex, estimation: Estimation) -> Value {
    let statistics = &summary.statistics;
    let elapsed = &statistics.elapsed;
    // JSON has no infinity: samples that took no time have no rate.
    let rate = |value: f64| value.is_finite().then_some(value);
    let percentiles: Map<String, Value> =
        PERCENTS.iter().map(|percent| (percent.to_string(), json!(elapsed.percentile(*percent, estimation)))).collect();
    let errors = summary.errors.sorted().into_iter().take(MOST_ERRORS);
    json!({
        "transaction": summary.transaction,
        "samples": statistics.count(),
        "errors": statistics.errors,
        "error_rate": statistics.error_ratio(),
        "mean": elapsed.mean(),
        "standard_deviation": elapsed.standard_deviation(),
        "min": elapsed.min(),
        "max": elapsed.max(),
        "percentiles": percentiles,
        "throughput": rate(statistics.throughput()),
        "bytes": statistics.bytes,
        "sent_bytes": statistics.sent_bytes,
        "bytes_per_second": rate(statistics.bytes_per_second()),
        "sent_bytes_per_second": rate(statistics.sent_bytes_per_second()),
        "start": statistics.span.map(|(start, _)| start.millis()),
        "end": statistics.span.map(|(_, end)| end.millis()),
        "apdex": apdex.index(),
        "error_kinds": errors.map(|(kind, count)| json!({ "kind": kind, "count": count })).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::dashboard::of_rows_for_tests;
    use super::*;

    #[test]
    fn it_tells_what_the_tables_tell() {
        let dashboard = of_rows_for_tests(&[]);
        let read: Value = serde_json::from_str(&rotameter_json(&Content::new(&dashboard))).unwrap();
        let total = &read["total"];
        assert_eq!((&total["samples"], &read["form"]), (&json!(151), &json!("rotameter-report-1")));
        let labels = read["labels"].as_object().unwrap();
        assert_eq!(labels.len(), 7);
        let kinds = labels.values().filter(|label| label["transaction"] == false);
        let kinds = kinds.flat_map(|label| label["error_kinds"].as_array().unwrap().clone());
        let failures: u64 = kinds.map(|kind| kind["count"].as_u64().unwrap()).sum();
        assert_eq!(json!(failures), total["errors"]);
        assert_eq!(
            total["percentiles"]["50"],
            json!(dashboard.total.statistics.elapsed.percentile(50.0, Estimation::Legacy))
        );
    }
}

//! The page: one HTML file with everything in it, which opens from disk and loads nothing.

use super::apdex::Apdex;
use super::compare::Comparison;
use super::dashboard::{Dashboard, Label, MOST_TRACKS};
use super::goodput::Goodput;
use super::options::Options;
use super::panel::PANELS;
use super::punctuality::Punctuality;
use super::scale::{Steps, start_of};
use super::summary::Summary;
use super::timeline::{Cell, OTHERS, Users};
use crate::jmx::TestTree;
use crate::results::{Estimation, Failures};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

const TEMPLATE: &str = include_str!("page/page.html");
const CSS: &str = include_str!("page/page.css");
/// The page's script but for its panels, in the order in which the parts need each other.
const SCRIPTS: [&str; 5] = [
    include_str!("page/script/start.js"),
    include_str!("page/script/data.js"),
    include_str!("page/script/plot.js"),
    include_str!("page/script/table.js"),
    include_str!("page/script/panel.js"),
];
/// What comes behind the panels.
const LAST_SCRIPT: &str = include_str!("page/script/end.js");
/// uPlot 1.6.32 (MIT licence, `page/uplot.LICENSE`).
const UPLOT_JS: &str = include_str!("page/uplot.min.js");
const UPLOT_CSS: &str = include_str!("page/uplot.min.css");

/// Asks for new data while a run goes on.
const LIVE_SCRIPT: &str = include_str!("page/script/live.js");

/// Kinds of errors that the page lists.
const MOST_ERRORS: usize = 500;

/// What a page tells.
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    /// The run, after its last row.
    pub dashboard: &'a Dashboard,
    /// Where its rows came from.
    pub sources: &'a [String],
    /// What is known of rate limits.
    pub limits: &'a [RateLimit],
    /// The run that it is compared with.
    pub against: Option<Against<'a>>,
    /// What is known of failed samples beside their rows.
    pub failures: Option<&'a Failures>,
    /// How its samples kept to the schedules of timers.
    pub punctuality: Option<&'a Punctuality>,
    /// The plan that was run.
    pub plan: Option<&'a TestTree>,
    /// Whether the run goes on: the page asks for new data and can stop the run.
    pub live: bool,
}

/// What is known of a rate limit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RateLimit {
    /// In words.
    pub text: String,
    /// Stretches of time, by their begins in milliseconds since the epoch, with the most requests a second that it lets through.
    pub allowed: Vec<(i64, f64)>,
}

impl RateLimit {
    /// What it lets through at that time; `None` outside of its stretches.
    fn allowed_at(&self, millis: i64) -> Option<f64> {
        let next = self.allowed.partition_point(|(begins, _)| *begins <= millis);
        let is_within = next < self.allowed.len();
        next.checked_sub(1).filter(|_| is_within).map(|index| self.allowed[index].1)
    }
}

/// The most that the limit of a run lets through in each stretch of the page's time; nothing where several limits hold, each for
/// a part of the samples.
pub(super) fn allowed(content: &Content) -> Value {
    let [limit] = content.limits else { return Value::Null };
    let timeline = &content.dashboard.timeline;
    let (Some((first, last)), false) = (timeline.span(), limit.allowed.is_empty()) else { return Value::Null };
    let width = timeline.width_millis();
    (first..=last).map(|bucket| json!(limit.allowed_at(bucket.saturating_mul(width) + width / 2))).collect()
}

/// A run that another one is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Against<'a> {
    /// Its rows, with moments as wide as those of the run that the page is about.
    pub dashboard: &'a Dashboard,
    /// Where they came from.
    pub source: &'a str,
    /// What changed from it to the run that the page is about.
    pub comparison: &'a Comparison,
}

impl<'a> Content<'a> {
    /// Nothing but the run.
    pub fn new(dashboard: &'a Dashboard) -> Self {
        Content {
            dashboard,
            sources: &[],
            limits: &[],
            against: None,
            failures: None,
            punctuality: None,
            plan: None,
            live: false,
        }
    }
}

/// The page's text.
pub fn page(content: &Content) -> String {
    let data = page_data(content);
    let other = content.against.map_or_else(
        || "null".to_owned(),
        |against| {
            let sources = [against.source.to_owned()];
            page_data(&Content { sources: &sources, ..Content::new(against.dashboard) })
        },
    );
    let title = escaped(&content.dashboard.options.title);
    let mut script = SCRIPTS.concat();
    for panel in PANELS {
        script.push_str(panel.script);
    }
    script.push_str(LAST_SCRIPT);
    if content.live {
        script.push_str(LIVE_SCRIPT);
    }
    let mut out = String::with_capacity(data.len() + UPLOT_JS.len() + script.len() + 32 * 1024);
    let mut rest = TEMPLATE;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(match name {
            "title" => &title,
            "version" => env!("CARGO_PKG_VERSION"),
            "uplot_css" => UPLOT_CSS,
            "uplot_js" => UPLOT_JS,
            "css" => CSS,
            "js" => &script,
            "data" => &data,
            "other" => &other,
            _ => "",
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What the page's script reads, as JSON that may stand in a script element.
pub fn page_data(content: &Content) -> String {
    // Within a script element only `<` could end it, and JSON has another way to write that.
    let mut data = data(content).to_string().replace('<', "\\u003c");
    write_tracks(&mut data, content.dashboard);
    data
}

fn data(content: &Content) -> Value {
    let Content { dashboard, sources, limits, .. } = *content;
    let options = &dashboard.options;
    let timeline = &dashboard.timeline;
    let (first, last) = timeline.span().unwrap_or((0, -1));
    let cells = || timeline.tracks().iter().flat_map(|track| track.buckets().map(|(_, cell)| cell));
    let tracks = timeline.tracks().len();
    let mut names: Vec<&str> = dashboard.labels.iter().take(tracks).map(|label| label.name.as_str()).collect();
    if tracks > MOST_TRACKS {
        names[MOST_TRACKS] = OTHERS;
    }
    let transactions: Vec<bool> = dashboard
        .labels
        .iter()
        .take(tracks)
        .map(|label| label.summary.transaction && label.track < MOST_TRACKS)
        .collect();
    let mut total = figures("Total", &dashboard.total, &dashboard.apdex, options);
    total.insert("error_counts".to_owned(), json!(dashboard.total.error_counts));
    let panels: Map<String, Value> = PANELS
        .iter()
        .map(|panel| (panel.name.to_owned(), (panel.data)(content)))
        .filter(|(_, data)| !data.is_null())
        .collect();
    json!({
        "sources": sources,
        "limits": limits.iter().map(|limit| limit.text.as_str()).collect::<Vec<_>>(),
        "start": dashboard.span.map(|(start, _)| start),
        "end": dashboard.span.map(|(_, end)| end),
        "filtered": dashboard.filtered,
        "undrawn": dashboard.undrawn,
        "percents": options.percentiles,
        "estimation": match options.estimation {
            Estimation::Legacy => "p·(n+1) between neighbours (LEGACY, as in JMeter)",
            Estimation::NearestRank => "nearest rank (R_3)",
        },
        "rejected": cells().map(|cell| u64::from(cell.rejected)).sum::<u64>(),
        "waited": cells().map(|cell| cell.waited).sum::<u64>(),
        "most_users": timeline.user_track().buckets().map(|(_, users)| users.all).max().unwrap_or(0),
        "width_ms": timeline.width_millis(),
        "first_bucket": first,
        "buckets": last - first + 1,
        "labels": dashboard
            .labels
            .iter()
            .map(|label| label_data(label, dashboard.goodput.of(&label.name), options))
            .collect::<Vec<_>>(),
        "total": total,
        "errors": dashboard.errors.sorted().into_iter().take(MOST_ERRORS).collect::<Vec<_>>(),
        "track_names": names,
        "track_transactions": transactions,
        "panels": panels,
        "users": users_data(timeline.user_track().buckets(), first, (last - first + 1) as usize),
    })
}

fn label_data(label: &Label, goodput: Option<&Goodput>, options: &Options) -> Value {
    let mut data = figures(&label.name, &label.summary, &label.summary.apdex, options);
    data.insert("track".to_owned(), json!(label.track));
    let by_users: Vec<_> = label.by_users.iter().map(|(step, (count, sum))| (start_of(*step), count, sum)).collect();
    data.insert("users".to_owned(), json!(by_users));
    if let Some(goodput) = goodput {
        let rates = goodput.rates(&label.summary.statistics);
        let time = |percent: f64| rates.time_to_success.percentile(percent, options.estimation);
        let told = json!([rates.offered, rates.attempted, rates.accepted, rates.given_up, time(50.0), time(95.0)]);
        data.insert("goodput".to_owned(), told);
    }
    Value::Object(data)
}

fn figures(name: &str, summary: &Summary, apdex: &Apdex, options: &Options) -> Map<String, Value> {
    let statistics = &summary.statistics;
    let percentile = |percent: f64| statistics.elapsed.percentile(percent, options.estimation);
    let data = json!({
        "name": name,
        "transaction": summary.transaction,
        "count": statistics.count(),
        "errors": statistics.errors,
        "error_percent": statistics.error_ratio() * 100.0,
        "mean": statistics.elapsed.mean(),
        "min": statistics.elapsed.min(),
        "max": statistics.elapsed.max(),
        "median": percentile(50.0),
        "percentiles": options.percentiles.map(percentile),
        "throughput": rate(statistics.throughput()),
        "received": rate(statistics.bytes_per_second() / 1024.0),
        "sent": rate(statistics.sent_bytes_per_second() / 1024.0),
        "apdex": apdex.index(),
        "thresholds": [apdex.thresholds.satisfied, apdex.thresholds.tolerated],
        "satisfied": [apdex.satisfied, apdex.tolerated],
        "error_counts": summary.error_counts,
        "top_errors": summary.errors.sorted().into_iter().take(5).collect::<Vec<_>>(),
    });
    match data {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Samples that took no time at all have no rate.
fn rate(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { json!("∞") }
}

/// Adds the tracks to the end of a JSON object: for each track its cells, for each cell its bucket's number from the first
/// on and its figures, in the order in which the page's script reads them. Most of the page is made here, so it is
/// written as it is read.
fn write_tracks(out: &mut String, dashboard: &Dashboard) {
    let timeline = &dashboard.timeline;
    let first = timeline.span().map_or(0, |(first, _)| first);
    out.pop();
    out.push_str(",\"tracks\":[");
    for (index, track) in timeline.tracks().iter().enumerate() {
        out.push_str(if index == 0 { "[" } else { ",[" });
        for (index, (number, cell)) in track.buckets().enumerate() {
            out.push_str(if index == 0 { "[" } else { ",[" });
            let _ = write!(out, "{},[", number - first);
            write_steps(out, &cell.passed);
            out.push_str("],[");
            write_steps(out, &cell.failed);
            let Cell { elapsed, longest, latency, connect, received, sent, started, rejected, waited, .. } = cell;
            let _ = write!(
                out,
                "],{elapsed},{longest},{latency},{connect},{received},{sent},{started},{rejected},{waited}]"
            );
        }
        out.push(']');
    }
    out.push_str("]}");
}

fn write_steps(out: &mut String, steps: &Steps) {
    for (index, (step, count)) in steps.pairs().iter().enumerate() {
        let _ = write!(out, "{}{step},{count}", if index == 0 { "" } else { "," });
    }
}

/// Users in all, by group, and codes: one value for each bucket, `null` where nothing happened.
fn users_data<'a>(track: impl Iterator<Item = (i64, &'a Users)>, first: i64, buckets: usize) -> Value {
    let empty = || vec![Value::Null; buckets];
    let mut all = empty();
    let mut groups: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut codes: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (number, users) in track {
        let Some(index) = usize::try_from(number - first).ok().filter(|&index| index < buckets) else { continue };
        all[index] = json!(users.all);
        for (group, (samples, sum)) in &users.groups {
            groups.entry(group).or_insert_with(empty)[index] = json!(*sum as f64 / *samples as f64);
        }
        for (code, count) in &users.codes {
            codes.entry(code).or_insert_with(empty)[index] = json!(count);
        }
    }
    json!({
        "all": all,
        "groups": groups.into_iter().collect::<Vec<_>>(),
        "codes": codes.into_iter().collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::dashboard::of_rows_for_tests;
    use super::*;

    fn about_20() -> RateLimit {
        RateLimit { text: "about 20/s".to_owned(), allowed: vec![(1000, 30.0), (2000, 20.0), (3000, 20.0)] }
    }

    #[test]
    fn what_a_limit_lets_through_is_known_within_its_time() {
        let at = |millis| about_20().allowed_at(millis);
        assert_eq!([999, 1000, 1999, 2000, 3000].map(at), [None, Some(30.0), Some(30.0), Some(20.0), None]);
        let dashboard = of_rows_for_tests(&[]);
        assert_eq!(allowed(&Content { limits: &[about_20(), about_20()], ..Content::new(&dashboard) }), Value::Null);
    }

    #[test]
    fn the_data_reads_back_and_cannot_end_its_element() {
        let dashboard = of_rows_for_tests(&[("jmeter.reportgenerator.report_title", "a <b> & \"c\"")]);
        let page = page(&Content { limits: &[about_20()], ..Content::new(&dashboard) });
        assert!(page.contains("<title>a &lt;b&gt; &amp; &quot;c&quot;</title>") && !page.contains("{{"));
        let (_, rest) = page.split_once("id=\"data\">").unwrap();
        let (data, _) = rest.split_once("</script>").unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["limits"][0], "about 20/s");
        let labels = data["labels"].as_array().unwrap();
        assert!(labels.iter().any(|label| label["name"] == "</script> ü"));
        assert_eq!(data["track_names"].as_array().unwrap().len(), data["tracks"].as_array().unwrap().len());
        for address in ["http://", "https://"] {
            for (place, _) in page.match_indices(address) {
                let context = &page[place..(place + 60).min(page.len())];
                assert!(context.starts_with("https://github.com/leeoniya/uPlot"), "{context}");
            }
        }
    }
}

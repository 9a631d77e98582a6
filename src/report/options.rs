//! What the properties ask of a report (`reportgenerator.properties`).

use super::apdex::{Thresholds, ThresholdsByLabel};
use crate::clock::Timestamp;
use crate::java::date_format::{DateFormat, Zone};
use crate::java::regex::{self, Pattern};
use crate::properties::Properties;
use crate::results::{Estimation, FailureBounds};
use crate::text::Text;

const PREFIX: &str = "jmeter.reportgenerator.";

/// What a report shows, and how its figures are made.
#[derive(Debug)]
pub struct Options {
    /// Its title.
    pub title: String,
    /// Satisfied and tolerated response times.
    pub apdex: ThresholdsByLabel,
    /// Only rows whose whole label matches are counted.
    pub sample_filter: Option<Pattern>,
    /// Only rows that began at or after this moment.
    pub from: Option<Timestamp>,
    /// Only rows that began at or before this moment.
    pub until: Option<Timestamp>,
    /// The three percentiles of the tables.
    pub percentiles: [f64; 3],
    /// How many of a label's last rows the percentiles of `statistics.json` are made of; `None` for all.
    pub window: Option<usize>,
    /// How percentiles are read off.
    pub estimation: Estimation,
    /// Whether a row's time stamp is that of its end (`sampleresult.timestamp.start=false`).
    pub stamped_at_end: bool,
    /// Whether transactions are left out of the most frequent failures by label.
    pub transactions_without_errors: bool,
    /// How much is shown of what failed samples sent and received; `None` for nothing.
    pub failures: Option<FailureBounds>,
}

impl Options {
    /// Whether a row that began at `start` (ms since the epoch) is in the range of time.
    pub fn takes_time(&self, start: i64) -> bool {
        self.from.is_none_or(|from| start >= from.millis()) && self.until.is_none_or(|until| start <= until.millis())
    }

    /// Whether rows of this label are counted.
    pub fn takes_label(&self, label: &str) -> bool {
        self.sample_filter.as_ref().is_none_or(|pattern| pattern.matches(label))
    }
}

/// What was read, and what of it could not be.
pub struct Read {
    /// The options.
    pub options: Options,
    /// One line for each property that was ignored, and why.
    pub ignored: Vec<String>,
}

/// Reads the options of a report. A property that cannot be read is as if it were not there, as in JMeter.
pub fn read(properties: &Properties) -> Read {
    let mut ignored = Vec::new();
    let own = |name: &str| properties.get(&format!("{PREFIX}{name}")).filter(|text| !text.trim().is_empty());
    let millis = |name: &str, default: i64| properties.long_or(&format!("{PREFIX}{name}"), default);
    let general = Thresholds {
        satisfied: millis("apdex_satisfied_threshold", 500),
        tolerated: millis("apdex_tolerated_threshold", 1500),
    };
    let (apdex, unread) = ThresholdsByLabel::new(general, &own("apdex_per_transaction").unwrap_or_default());
    ignored.extend(unread.into_iter().map(|part| {
        format!("{PREFIX}apdex_per_transaction: '{part}' is not of the form name:satisfied_ms|tolerated_ms; ignored")
    }));
    let sample_filter =
        own("sample_filter").and_then(|text| match Pattern::compile(&text, regex::Options::default()) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                ignored.push(format!("{PREFIX}sample_filter: {error}; ignored"));
                None
            }
        });
    let format = own("date_format").unwrap_or_else(|| "yyyyMMddHHmmss".into());
    let mut date = |name: &str| {
        let text = own(name)?;
        let parsed = DateFormat::compile(&format).map_err(|error| error.to_string());
        match parsed.and_then(|format| format.parse(&text, &Zone::local()).map_err(|error| error.to_string())) {
            Ok(moment) => Some(moment),
            Err(error) => {
                ignored.push(format!("{PREFIX}{name}: '{text}' is no date of the form {format} ({error}); ignored"));
                None
            }
        }
    };
    let (from, until) = (date("start_date"), date("end_date"));
    let mut percent = |name: &str, default: f64| match properties.get(name) {
        None => default,
        Some(text) => text.trim().parse().ok().filter(|percent| (0.0..=100.0).contains(percent)).unwrap_or_else(|| {
            ignored.push(format!("{name}: '{text}' is no number from 0 to 100; {default} is used"));
            default
        }),
    };
    let percentiles =
        [percent("aggregate_rpt_pct1", 90.0), percent("aggregate_rpt_pct2", 95.0), percent("aggregate_rpt_pct3", 99.0)];
    let estimation = match &*properties.text_or("backend_metrics_percentile_estimator", "LEGACY") {
        "R_3" => Estimation::NearestRank,
        "LEGACY" => Estimation::Legacy,
        other => {
            ignored.push(format!("backend_metrics_percentile_estimator: {other} is not known here, LEGACY is used"));
            Estimation::Legacy
        }
    };
    let options = Options {
        title: own("report_title").map_or_else(|| "Rotameter report".to_owned(), |title| title.to_string()),
        apdex,
        sample_filter,
        from,
        until,
        percentiles,
        window: usize::try_from(properties.long_or(&format!("{PREFIX}statistic_window"), 20_000)).ok(),
        estimation,
        stamped_at_end: !properties.bool_or("sampleresult.timestamp.start", false),
        transactions_without_errors: properties
            .bool_or(&format!("{PREFIX}exclude_tc_from_top5_errors_by_sampler"), true),
        failures: properties.bool_or("report.failures", true).then(|| failure_bounds(properties)),
    };
    Read { options, ignored }
}

/// How much is shown of failed samples; never so much that a page could not be sent and drawn.
fn failure_bounds(properties: &Properties) -> FailureBounds {
    let default = FailureBounds::default();
    let bound =
        |value: i64, default: usize, most: usize| usize::try_from(value).map_or(default, |value| value.min(most));
    FailureBounds {
        kinds: bound(properties.long_or("report.failures.kinds", default.kinds as i64), default.kinds, 1000),
        per_kind: bound(properties.long_or("report.failures.per_kind", default.per_kind as i64), default.per_kind, 100),
        body: bound(properties.long_or("report.failures.body", default.body as i64), default.body, 256 * 1024),
        masked: properties
            .text_or("report.failures.masked_headers", "")
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(Text::from)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::SystemProperties;

    fn with(pairs: &[(&str, &str)]) -> Read {
        let properties = Properties::new(SystemProperties::default());
        for (name, value) in pairs {
            properties.set(*name, crate::properties::Value::Text((*value).into()));
        }
        read(&properties)
    }

    #[test]
    fn without_properties_jmeters_defaults() {
        let Read { options, ignored } = with(&[]);
        assert!(ignored.is_empty());
        assert_eq!(options.apdex.general, Thresholds { satisfied: 500, tolerated: 1500 });
        assert_eq!((options.percentiles, options.window), ([90.0, 95.0, 99.0], Some(20_000)));
        assert!(options.sample_filter.is_none() && options.from.is_none() && options.until.is_none());
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let Read { options, ignored } = with(&[
            ("jmeter.reportgenerator.sample_filter", "("),
            ("jmeter.reportgenerator.start_date", "yesterday"),
            ("jmeter.reportgenerator.apdex_per_transaction", "a:1|2;nonsense"),
            ("jmeter.reportgenerator.statistic_window", "-1"),
            ("aggregate_rpt_pct2", "many"),
        ]);
        assert_eq!((ignored.len(), options.apdex.own.len(), options.window), (4, 1, None), "{ignored:?}");
    }
}

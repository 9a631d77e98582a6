//! InfluxDB's line protocol, as `InfluxdbBackendListenerClient` and `InfluxDBRawBackendListenerClient` write it.

use super::metric::{Figures, SamplerMetric, Window, Windows};
use super::parameters::{self, Parameters, Percentile};
use super::{Client, Users};
use crate::java::number::{double_to_string, float_to_string};
use crate::java::regex::{Options, Pattern};
use crate::results::SampleResult;
use std::fmt::Write;

/// A tag's text: blanks, commas, equal signs and line ends escaped.
fn tag(text: &str) -> String {
    let text = text.trim();
    text.replace(' ', "\\ ").replace(',', "\\,").replace('=', "\\=").replace('\n', "\\n")
}

/// The name under which JMeter keeps the figures of all samples. A label that is called so is counted into them a second time.
const ALL: &str = "all";

/// Figures by label, every few seconds.
pub(super) struct Influx {
    measurement: String,
    application: String,
    user_tags: String,
    title: String,
    event_tags: String,
    percentiles: Vec<Percentile>,
    summary_only: bool,
    samplers: Pattern,
    figures: Figures,
    /// Events that wait for the next sending.
    events: String,
}

/// Parameters that are no tags of the user's.
const KNOWN: [&str; 9] = [
    "influxdbMetricsSender",
    "influxdbUrl",
    "application",
    "measurement",
    "summaryOnly",
    "samplersRegex",
    "percentiles",
    "testTitle",
    "eventTags",
];

impl Influx {
    pub(super) fn new(parameters: &Parameters, windows: Windows) -> Result<Self, String> {
        let expression = parameters.get_or("samplersRegex", "");
        let samplers = Pattern::compile(expression, Options::default())
            .map_err(|error| format!("samplersRegex {expression}: {error}"))?;
        let own = parameters.iter().filter(|(name, value)| {
            name.starts_with("TAG_") && !KNOWN.contains(&name.trim()) && !value.trim().is_empty()
        });
        let mut user_tags = String::new();
        for (name, value) in own {
            _ = write!(user_tags, ",{}={}", tag(name.trim().get(4..).unwrap_or_default()), tag(value));
        }
        Ok(Self {
            measurement: tag(parameters.get_or("measurement", "jmeter")),
            application: tag(parameters.get_or("application", "")),
            user_tags,
            title: parameters.get_or("testTitle", "Test").to_owned(),
            event_tags: tag(parameters.get_or("eventTags", "")),
            percentiles: parameters::percentiles(parameters.get_or("percentiles", ""), "influxdb"),
            summary_only: parameters.flag("summaryOnly", false),
            samplers,
            figures: Figures::new(windows),
            events: String::new(),
        })
    }

    fn event(&mut self, what: &str, now: i64) {
        let tags = if self.event_tags.is_empty() { String::new() } else { format!(",tags={}", self.event_tags) };
        let text = format!("{} {what}", self.title);
        let text = text.trim().replace('"', "\\\"");
        _ = writeln!(
            self.events,
            "events,application={},title=ApacheJMeter{}{tags} text=\"{text}\" {now}000000",
            self.application, self.user_tags
        );
    }

    fn line(&self, out: &mut String, transaction: &str, tags: &str, fields: &str, now: i64) {
        _ = writeln!(
            out,
            "{},application={},transaction={transaction}{tags}{} {fields} {now}000000",
            self.measurement, self.application, self.user_tags
        );
    }

    fn times(fields: &mut String, times: &Window) {
        for (name, value) in [("avg", times.mean()), ("min", times.min()), ("max", times.max())] {
            if !value.is_nan() {
                _ = write!(fields, ",{name}={}", double_to_string(value));
            }
        }
    }

    fn traffic(&self, fields: &mut String, metric: &SamplerMetric, percentiles: &Window) {
        _ = write!(fields, ",hit={},sb={},rb={}", metric.hits, metric.sent_bytes, metric.received_bytes);
        for Percentile { percent, .. } in &self.percentiles {
            let value = percentiles.percentile(f64::from(*percent));
            _ = write!(fields, ",pct{}={}", float_to_string(*percent), double_to_string(value));
        }
    }

    fn label(&self, out: &mut String, label: &str, metric: &SamplerMetric, now: i64) {
        let label = tag(label);
        let rows = [
            (metric.total(), "all", &metric.all, &metric.percentiles),
            (metric.successes, "ok", &metric.ok, &metric.ok),
            (metric.failures, "ko", &metric.ko, &metric.ko),
        ];
        for (count, status, times, percentiles) in rows.into_iter().filter(|row| row.0 > 0) {
            let mut fields = format!("count={count}");
            Self::times(&mut fields, times);
            self.traffic(&mut fields, metric, percentiles);
            self.line(out, &label, &format!(",statut={status}"), &fields, now);
        }
        for error in &metric.errors {
            let tags = format!(",responseCode={},responseMessage={}", tag(&error.code), tag(&error.message));
            self.line(out, &label, &tags, &format!("count={}", error.count), now);
        }
    }

    fn all(&self, out: &mut String, metric: &SamplerMetric, now: i64) {
        if metric.total() == 0 {
            return;
        }
        let mut fields = format!("count={},countError={}", metric.total(), metric.failures);
        Self::times(&mut fields, &metric.ok);
        self.traffic(&mut fields, metric, &metric.percentiles);
        self.line(out, ALL, ",statut=all", &fields, now);
    }
}

impl Client for Influx {
    fn begin(&mut self, now: i64) {
        self.event("started", now);
    }

    fn end(&mut self, now: i64) {
        self.event("ended", now);
    }

    fn observe(&mut self, result: &SampleResult, active: u32) {
        let own = !self.summary_only && self.samplers.contains(&result.label);
        self.figures.add(result, active, own, ALL);
    }

    fn report(&mut self, users: Users, now: i64) -> Vec<u8> {
        let mut out = std::mem::take(&mut self.events);
        for (label, metric) in &self.figures.labels {
            self.label(&mut out, label, metric, now);
        }
        self.all(&mut out, &self.figures.all, now);
        self.figures.reset();
        let counts = self.figures.user_counts(users).map(|(name, count)| format!("{name}={count}"));
        self.line(&mut out, "internal", "", &counts.join(","), now);
        out.into_bytes()
    }
}

/// Every sample, one line each.
pub(super) struct InfluxRaw {
    measurement: String,
    lines: String,
}

impl InfluxRaw {
    pub(super) fn new(parameters: &Parameters) -> Self {
        Self { measurement: parameters.get_or("measurement", "jmeter").to_owned(), lines: String::new() }
    }
}

impl Client for InfluxRaw {
    fn observe(&mut self, result: &SampleResult, _: u32) {
        let status = if result.successful { "ok" } else { "ko" };
        let label = tag(result.label.trim_matches(['"', ' ']));
        let thread: String = result.thread_name.chars().filter(|c| !c.is_whitespace()).collect();
        _ = writeln!(
            self.lines,
            "{},status={status},transaction={label},threadName={thread} duration={},ttfb={},connectTime={} {}000000",
            self.measurement,
            result.elapsed_millis(),
            result.latency_millis(),
            result.connect_millis(),
            result.start.millis()
        );
    }

    fn report(&mut self, _: Users, _: i64) -> Vec<u8> {
        std::mem::take(&mut self.lines).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::PropertiesBuilder;
    use std::time::Duration;

    fn sample(label: &str, millis: u64, successful: bool) -> SampleResult {
        let elapsed = Duration::from_millis(millis);
        SampleResult { label: label.into(), elapsed, successful, sample_count: 1, ..SampleResult::default() }
    }

    /// Lines as JMeter 5.6.2 sent them for the same samples, but for the times of sending.
    #[test]
    fn figures_have_jmeters_measurements_tags_and_fields() {
        let rows =
            [("application", "my app,x=1"), ("percentiles", "99;99.5"), ("samplersRegex", "o.*"), ("TAG_env", "pre")];
        let rows = rows.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let (properties, _, _) = PropertiesBuilder::default().build().unwrap();
        let mut influx = Influx::new(&Parameters::new(rows), Windows::new(&properties)).unwrap();
        influx.begin(1);
        influx.observe(&sample("ok one", 4, true), 2);
        influx.observe(&sample("bad", 8, false), 3);
        let sent = String::from_utf8(influx.report(Users { started: 3, finished: 0 }, 7)).unwrap();
        let head = r"application=my\ app\,x\=1";
        let expected = [
            format!("events,{head},title=ApacheJMeter,env=pre text=\"Test started\" 1000000"),
            format!(
                r"jmeter,{head},transaction=ok\ one,statut=all,env=pre count=1,avg=4.0,min=4.0,max=4.0,hit=1,sb=0,rb=0,pct99.0=4.0,pct99.5=4.0 7000000"
            ),
            format!(
                r"jmeter,{head},transaction=ok\ one,statut=ok,env=pre count=1,avg=4.0,min=4.0,max=4.0,hit=1,sb=0,rb=0,pct99.0=4.0,pct99.5=4.0 7000000"
            ),
            format!(
                "jmeter,{head},transaction=all,statut=all,env=pre count=2,countError=1,avg=4.0,min=4.0,max=4.0,hit=2,sb=0,rb=0,pct99.0=8.0,pct99.5=8.0 7000000"
            ),
            format!("jmeter,{head},transaction=internal,env=pre minAT=2,maxAT=3,meanAT=2,startedT=3,endedT=0 7000000"),
        ];
        assert_eq!(sent.lines().collect::<Vec<_>>(), expected);
        // An interval without samples has the users only.
        assert_eq!(String::from_utf8(influx.report(Users { started: 3, finished: 3 }, 9)).unwrap().lines().count(), 1);
    }
}

//! Prometheus Listener (johrstrom/jmeter-prometheus-plugin): metrics of the run, fetched at `http://127.0.0.1:9270/metrics`.
//!
//! Names, labels, types and properties are the plugin's: `prometheus.ip`, `prometheus.port`, `prometheus.delay`,
//! `prometheus.save.threads` and `prometheus.save.threads.name`. There are no metrics of a JVM, quantiles of summaries are exact
//! whatever error they may have, and a metric has `prometheus.max_series` series at most (10,000): what comes after them counts
//! where every label is `other`. All listeners of a plan share their metrics and the endpoint.

mod metrics;
mod server;

use crate::clock::{self, Timestamp};
use crate::elements::roles::{Listener, TestListener};
use crate::elements::{Compile, Definition, Role, Severity};
use crate::jmx::{PropertyValue, TestElement};
use crate::results::SampleResult;
use crate::text::Text;
use crate::virtual_user::{Run, Thrown, VarId, VirtualUser};
use metrics::{Kind, Metric, is_name};
use server::Server;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub(super) const PROMETHEUS: Definition = Definition {
    tag: "com.github.johrstrom.listener.PrometheusListener",
    menu: "Prometheus Listener",
    compile: |compile| Some(role(compile)),
};

const TARGET: &str = "com.github.johrstrom.listener.PrometheusListener";

const DEFINITIONS: &str = "prometheus.collector_definitions";
const NAME: &str = "collector.metric_name";
const HELP: &str = "collector.help";
const TYPE: &str = "collector.type";
const LABELS: &str = "collector.labels";
const QUANTILES_OR_BUCKETS: &str = "collector.quantiles_or_buckets";
const LISTEN_TO: &str = "listener.collector.listen_to";
const MEASURING: &str = "listener.collector.measuring";

/// What all Prometheus Listeners of a plan share.
#[derive(Default)]
struct Exporter {
    metrics: Mutex<Vec<Arc<Metric>>>,
    server: Mutex<Option<Server>>,
}

/// What a metric is told of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measured {
    ResponseTime,
    ResponseSize,
    Latency,
    IdleTime,
    ConnectTime,
    SuccessTotal,
    FailureTotal,
    CountTotal,
    SuccessRatio,
}

const MEASURED: [(&str, Measured); 9] = [
    ("ResponseTime", Measured::ResponseTime),
    ("ResponseSize", Measured::ResponseSize),
    ("Latency", Measured::Latency),
    ("IdleTime", Measured::IdleTime),
    ("ConnectTime", Measured::ConnectTime),
    ("SuccessTotal", Measured::SuccessTotal),
    ("FailureTotal", Measured::FailureTotal),
    ("CountTotal", Measured::CountTotal),
    ("SuccessRatio", Measured::SuccessRatio),
];

/// Where the value of a label comes from.
enum Label {
    Sample,
    Code,
    ThreadGroup,
    Variable(VarId),
}

struct Updater {
    metric: Arc<Metric>,
    labels: Vec<Label>,
    measured: Measured,
    of_assertions: bool,
}

struct Prometheus {
    updaters: Vec<Updater>,
    exporter: Arc<Exporter>,
}

fn role(compile: &mut Compile<'_>) -> Role {
    let exporter = compile.common(|_| Exporter::default());
    let mut updaters = Vec::new();
    let element = compile.element;
    for row in element.collection(DEFINITIONS) {
        if let PropertyValue::Element(row) = &row.value {
            match updater(compile, row, &exporter) {
                Ok(updater) => updaters.push(updater),
                Err(why) => compile.problem(Severity::Unsupported, why),
            }
        }
    }
    let listener = Arc::new(Prometheus { updaters, exporter });
    Role { listener: Some(listener.clone()), test: Some(Arc::new(Lifetime(listener))), ..Role::default() }
}

fn updater(compile: &mut Compile<'_>, row: &TestElement, exporter: &Exporter) -> Result<Updater, String> {
    let name = row.text(NAME).to_string();
    if !is_name(&name, false) {
        return Err(format!("{name:?} is no name of a metric"));
    }
    let mut labels = Vec::new();
    for label in row.collection(LABELS) {
        let label = label.value.text();
        if !is_name(&label, true) {
            return Err(format!("{label:?} is no name of a label"));
        }
        labels.push(label.to_string());
    }
    let numbers = row.text(QUANTILES_OR_BUCKETS);
    let kind = match &*row.text_or(TYPE, "COUNTER") {
        "COUNTER" => Kind::Counter,
        "GAUGE" => Kind::Gauge,
        "HISTOGRAM" => Kind::Histogram(buckets(&numbers)),
        "SUMMARY" => {
            let (quantiles, seconds) = quantiles(&numbers);
            Kind::Summary(quantiles, seconds)
        }
        "SUCCESS_RATIO" => Kind::SuccessRatio,
        other => return Err(format!("{other:?} is no type of a metric")),
    };
    let measuring = row.text_or(MEASURING, "ResponseTime");
    let measured = MEASURED.iter().find(|(known, _)| *known == &*measuring);
    let measured = measured.ok_or_else(|| format!("{measuring:?} is nothing that can be measured"))?.1;
    let of_assertions = row.text_or(LISTEN_TO, "samples").eq_ignore_ascii_case("assertions");
    let sources = labels
        .iter()
        .map(|label| match label.to_ascii_lowercase().as_str() {
            "label" => Label::Sample,
            "code" if !of_assertions => Label::Code,
            "thread_group" if !of_assertions => Label::ThreadGroup,
            _ => Label::Variable(compile.variable(label)),
        })
        .collect();
    let help = row.text_or(HELP, "default help string").to_string();
    let definition = metrics::Definition { name, help, kind, labels };
    let most = compile.shared.properties.long_or("prometheus.max_series", 10_000);
    let metric = exporter.metric(definition, usize::try_from(most).unwrap_or(1).max(1))?;
    Ok(Updater { metric, labels: sources, measured, of_assertions })
}

/// `100,500,1000`; what is no number is left out.
fn buckets(text: &str) -> Vec<f64> {
    let mut bounds: Vec<f64> =
        text.split(',').filter_map(|part| part.trim().parse().ok()).filter(|bound: &f64| bound.is_finite()).collect();
    bounds.sort_by(f64::total_cmp);
    if bounds.is_empty() { vec![100.0, 500.0, 1000.0, 3000.0] } else { bounds }
}

/// `0.95,0.1|0.99,0.01;60`: quantiles, each with the error that it may have, and the seconds that a value counts.
fn quantiles(text: &str) -> (Vec<f64>, u64) {
    let (text, seconds) = text.split_once(';').unwrap_or((text, ""));
    let quantile = |part: &str| part.split_once(',').and_then(|(quantile, _)| quantile.trim().parse::<f64>().ok());
    let found: Vec<f64> = text.split('|').filter_map(quantile).filter(|part| (0.0..=1.0).contains(part)).collect();
    let found = if found.is_empty() { vec![0.75, 0.95, 0.99] } else { found };
    (found, seconds.trim().parse().unwrap_or(60))
}

impl Exporter {
    /// The metric of a definition: that of an equal one, if there is one.
    fn metric(&self, definition: metrics::Definition, most: usize) -> Result<Arc<Metric>, String> {
        let mut metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = metrics.iter().find(|known| known.definition.name == definition.name) {
            return if known.definition == definition {
                Ok(Arc::clone(known))
            } else {
                Err(format!("the metric {} is defined twice, and not alike", definition.name))
            };
        }
        let metric = Arc::new(Metric::new(definition, most));
        metrics.push(Arc::clone(&metric));
        Ok(metric)
    }

    /// Everything, as Prometheus reads it.
    fn page(&self, run: &Run, threads: Option<&str>) -> String {
        let mut out = String::new();
        if let Some(name) = threads {
            out.push_str(&format!("# HELP {name} Gauge for jmeter threads\n# TYPE {name} gauge\n"));
            let counts = &run.counts;
            for (state, count) in
                [("active", &counts.active), ("finished", &counts.finished), ("started", &counts.started)]
            {
                let count = f64::from(count.load(Ordering::Relaxed));
                metrics::line(&mut out, name, &["state".to_owned()], &[Text::from(state)], None, count);
            }
        }
        let now = clock::now();
        let metrics = self.metrics.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for metric in &metrics {
            metric.write(&mut out, now);
        }
        out
    }
}

impl Updater {
    fn labels(&self, user: &VirtualUser, result: &SampleResult, label: &Text) -> Vec<Text> {
        let value = |source: &Label| match source {
            Label::Sample => Some(Text::clone(label)),
            Label::Code => Some(Text::clone(&result.response_code)),
            Label::ThreadGroup => Some(Text::clone(&user.group.name)),
            Label::Variable(id) => user.variables.text(*id),
        };
        let or_null = |value: Option<Text>| value.filter(|text| !text.is_empty()).unwrap_or_else(|| Text::from("null"));
        self.labels.iter().map(|source| or_null(value(source))).collect()
    }

    fn update(&self, user: &VirtualUser, result: &SampleResult, now: Timestamp) {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let value = match self.measured {
            Measured::ResponseTime => millis(result.elapsed),
            Measured::ResponseSize => result.body_size,
            Measured::Latency => millis(result.latency),
            Measured::IdleTime => millis(result.idle),
            Measured::ConnectTime => millis(result.connect),
            _ if self.of_assertions => {
                for assertion in &result.assertion_results {
                    self.outcome(self.labels(user, result, &assertion.name), now, !assertion.failure);
                }
                return;
            }
            _ => return self.outcome(self.labels(user, result, &result.label), now, result.successful),
        };
        self.metric.observe(self.labels(user, result, &result.label), now, value);
    }

    fn outcome(&self, labels: Vec<Text>, now: Timestamp, successful: bool) {
        match (&self.metric.definition.kind, self.measured) {
            (Kind::SuccessRatio, _) => self.metric.outcome(labels, now, successful),
            (_, Measured::CountTotal) => self.metric.count(labels, now),
            (_, Measured::SuccessTotal) if successful => self.metric.count(labels, now),
            (_, Measured::FailureTotal) if !successful => self.metric.count(labels, now),
            _ => {}
        }
    }
}

impl Listener for Prometheus {
    fn sample_occurred(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<(), Thrown> {
        self.updaters.iter().for_each(|updater| updater.update(user, result, result.end));
        Ok(())
    }
}

/// The endpoint is there from the run's beginning to its end.
struct Lifetime(Arc<Prometheus>);

impl TestListener for Lifetime {
    fn test_started(&self, run: &Arc<Run>) {
        let exporter = &self.0.exporter;
        let mut server = exporter.server.lock().unwrap_or_else(PoisonError::into_inner);
        if server.is_some() {
            return;
        }
        let properties = &run.properties;
        let host = properties.text_or("prometheus.ip", "127.0.0.1");
        let port = u16::try_from(properties.long_or("prometheus.port", 9270)).unwrap_or(9270);
        let threads = properties.text_or("prometheus.save.threads.name", "jmeter_threads").to_string();
        let threads =
            Some(threads).filter(|name| properties.bool_or("prometheus.save.threads", true) && is_name(name, false));
        let (of, run) = (Arc::clone(exporter), Arc::clone(run));
        match Server::start(&host, port, Arc::new(move || of.page(&run, threads.as_deref()))) {
            Ok(started) => {
                log::info!(target: TARGET, "metrics are served at http://{}/metrics", started.address);
                *server = Some(started);
            }
            Err(error) => log::error!(target: TARGET, "Couldn't start http server at {host}:{port}: {error}"),
        }
    }

    fn test_ended(&self, run: &Run) {
        let mut server = self.0.exporter.server.lock().unwrap_or_else(PoisonError::into_inner);
        if server.is_some() {
            let delay = u64::try_from(run.properties.long_or("prometheus.delay", 0)).unwrap_or(0);
            std::thread::sleep(Duration::from_secs(delay));
            *server = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::bench::{compile, element, shared};
    use crate::elements::element_for_tests::{body, compiled};
    use crate::jmx::Property;
    use std::io::{Read, Write};

    fn row(texts: &[(&str, &str)], labels: &[&str]) -> Property {
        let mut row = TestElement::default();
        for (name, value) in texts {
            row.properties.push(Property::new(name, PropertyValue::String(Text::from(*value))));
        }
        let labels =
            labels.iter().map(|label| Property::new(label, PropertyValue::String(Text::from(*label)))).collect();
        row.properties.push(Property::new(LABELS, PropertyValue::Collection(labels)));
        Property::new("", PropertyValue::Element(Box::new(row)))
    }

    #[test]
    fn samples_become_metrics() {
        let mut listener = element(PROMETHEUS.tag);
        let histogram = [(NAME, "rt"), (TYPE, "HISTOGRAM"), (QUANTILES_OR_BUCKETS, "50")];
        let ratio = [(NAME, "ok"), (TYPE, "SUCCESS_RATIO"), (MEASURING, "SuccessRatio")];
        let rows = vec![
            row(&histogram, &["label", "code"]),
            row(&ratio, &["thread_group"]),
            row(&ratio, &["thread_group"]),
            row(&[(NAME, "ok")], &[]),
            row(&[(NAME, "bad name")], &[]),
        ];
        listener.properties.push(Property::new(DEFINITIONS, PropertyValue::Collection(rows)));
        let mut shared = shared();
        let role = compile(&listener, &mut shared);
        let problems: Vec<&str> = shared.diagnostics.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(problems, ["the metric ok is defined twice, and not alike", "\"bad name\" is no name of a metric"]);
        let exporter = shared.slots.common(|_| Exporter::default());
        let (_, mut user) = compiled(&element("ConstantTimer"));
        let mut sample = body("12345");
        sample.elapsed = Duration::from_millis(70);
        sample.response_code = "200".into();
        role.listener.unwrap().sample_occurred(&mut user, &mut sample).unwrap();
        let run = Arc::clone(&user.run);
        let page = move || exporter.page(&run, Some("jmeter_threads"));
        let server = Server::start("127.0.0.1", 0, Arc::new(page)).unwrap();
        let page = fetch(server.address.port());
        for line in [
            "jmeter_threads{state=\"active\"} 0.0",
            "rt_bucket{label=\"S\",code=\"200\",le=\"50.0\"} 0.0",
            "rt_sum{label=\"S\",code=\"200\"} 70.0",
            "ok_success{thread_group=\"null\"} 2.0",
            "ok_failure{thread_group=\"null\"} 0.0",
        ] {
            assert!(page.lines().any(|other| other == line), "{line} is not in\n{page}");
        }
        assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("text/plain; version=0.0.4"));
    }

    fn fetch(port: u16) -> String {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        page
    }

    #[test]
    fn quantiles_and_buckets_as_the_plugin_reads_them() {
        assert_eq!(buckets("500,x,100"), [100.0, 500.0]);
        assert_eq!(buckets(""), [100.0, 500.0, 1000.0, 3000.0]);
        assert_eq!(quantiles("0.5,0.1|0.9,0.01;30"), (vec![0.5, 0.9], 30));
        assert_eq!(quantiles(""), (vec![0.75, 0.95, 0.99], 60));
    }
}

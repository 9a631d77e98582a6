//! Graphite's metrics, as `GraphiteBackendListenerClient` names them.

use super::metric::{Figures, SamplerMetric, Windows};
use super::parameters::{self, Parameters};
use super::{Client, Users};
use crate::java::number::double_to_string;
use crate::java::regex::{Options, Pattern};
use crate::results::SampleResult;
use std::fmt::Write;

/// How metrics are put on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `name value seconds`, a line each (`TextGraphiteMetricsSender`).
    Text,
    /// A pickled list behind its length (`PickleGraphiteMetricsSender`).
    Pickle,
}

/// The name under which JMeter keeps the figures of all samples. A label that is called so is counted into them a second time.
const CUMULATED: &str = "__cumulated__";

/// Which labels have figures of their own.
enum Samplers {
    None,
    List(Vec<String>),
    Pattern(Pattern),
}

/// Figures by label, every second.
pub(super) struct Graphite {
    form: Form,
    prefix: String,
    /// Percentiles, and how they are named.
    percentiles: Vec<(f64, String)>,
    samplers: Samplers,
    figures: Figures,
}

impl Graphite {
    pub(super) fn new(parameters: &Parameters, windows: Windows) -> Result<Self, String> {
        let list = parameters.get_or("samplersList", "");
        let samplers = if parameters.flag("summaryOnly", true) {
            Samplers::None
        } else if parameters.flag("useRegexpForSamplersList", false) {
            Samplers::Pattern(
                Pattern::compile(list, Options::default()).map_err(|error| format!("samplersList {list}: {error}"))?,
            )
        } else {
            Samplers::List(list.split(';').map(str::to_owned).collect())
        };
        let sender = parameters.get_or("graphiteMetricsSender", "");
        let percentiles = parameters::percentiles(parameters.get_or("percentiles", ""), "graphite");
        Ok(Self {
            form: if sender.ends_with("PickleGraphiteMetricsSender") { Form::Pickle } else { Form::Text },
            prefix: parameters.get_or("rootMetricsPrefix", "jmeter.").to_owned(),
            percentiles: percentiles.into_iter().map(|one| (f64::from(one.percent), sanitize(&one.name))).collect(),
            samplers,
            figures: Figures::new(windows),
        })
    }

    fn wants(&self, label: &str) -> bool {
        match &self.samplers {
            Samplers::None => false,
            Samplers::List(labels) => labels.iter().any(|listed| listed == label),
            Samplers::Pattern(pattern) => pattern.matches(label),
        }
    }

    fn write(&self, context: &str, metric: &SamplerMetric, out: &mut Vec<(String, String)>) {
        if metric.total() == 0 {
            return;
        }
        let mut add = |name: String, value: String| out.push((format!("{}{context}.{name}", self.prefix), value));
        add("ok.count".to_owned(), metric.successes.to_string());
        add("ko.count".to_owned(), metric.failures.to_string());
        add("a.count".to_owned(), metric.total().to_string());
        add("h.count".to_owned(), metric.hits.to_string());
        add("sb.bytes".to_owned(), metric.sent_bytes.to_string());
        add("rb.bytes".to_owned(), metric.received_bytes.to_string());
        let kinds = [
            ("ok", metric.successes > 0, &metric.ok, &metric.ok),
            ("ko", metric.failures > 0, &metric.ko, &metric.ko),
            ("a", true, &metric.all, &metric.percentiles),
        ];
        for (kind, _, times, percentiles) in kinds.into_iter().filter(|kind| kind.1) {
            for (name, value) in [("min", times.min()), ("max", times.max()), ("avg", times.mean())] {
                add(format!("{kind}.{name}"), double_to_string(value));
            }
            for (percent, name) in &self.percentiles {
                add(format!("{kind}.pct{name}"), double_to_string(percentiles.percentile(*percent)));
            }
        }
    }
}

/// A name without what Graphite takes for a separator.
fn sanitize(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c == '\\' || c == ' ' {
                '-'
            } else if c == '.' {
                '_'
            } else {
                c
            }
        })
        .collect()
}

impl Client for Graphite {
    fn observe(&mut self, result: &SampleResult, active: u32) {
        let own = self.wants(&result.label);
        self.figures.add(result, active, own, CUMULATED);
    }

    fn report(&mut self, users: Users, now: i64) -> Vec<u8> {
        let mut figures = Vec::new();
        self.write("all", &self.figures.all, &mut figures);
        for (label, metric) in &self.figures.labels {
            self.write(&sanitize(label), metric, &mut figures);
        }
        self.figures.reset();
        let counts = self.figures.user_counts(users);
        figures.extend(counts.map(|(name, count)| (format!("{}test.{name}", self.prefix), count.to_string())));
        let seconds = now / 1000;
        match self.form {
            Form::Text => {
                let mut out = String::new();
                for (name, value) in figures {
                    _ = writeln!(out, "{name} {value} {seconds}");
                }
                out.into_bytes()
            }
            Form::Pickle => pickle(&figures, seconds),
        }
    }
}

/// A pickled list of `(name, (seconds, 'value'))` behind its length in four bytes.
fn pickle(figures: &[(String, String)], seconds: i64) -> Vec<u8> {
    let mut list = String::from("(l");
    for (name, value) in figures {
        _ = write!(list, "(S'{name}'\n(L{seconds}L\nS'{value}'\ntta");
    }
    list.push('.');
    let mut out = (list.len() as u32).to_be_bytes().to_vec();
    out.extend_from_slice(list.as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::PropertiesBuilder;

    fn graphite(sender: &str) -> Graphite {
        let rows = [
            ("graphiteMetricsSender", sender),
            ("summaryOnly", "false"),
            ("samplersList", "a b;c"),
            ("percentiles", "99.5;90"),
        ];
        let rows = rows.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let (properties, _, _) = PropertiesBuilder::default().build().unwrap();
        let mut graphite = Graphite::new(&Parameters::new(rows), Windows::new(&properties)).unwrap();
        let sample = SampleResult { label: "a b".into(), successful: true, sample_count: 1, ..SampleResult::default() };
        graphite.observe(&sample, 1);
        graphite.observe(&SampleResult { label: "other".into(), ..sample }, 1);
        graphite
    }

    #[test]
    fn metrics_have_jmeters_names() {
        let sent = graphite("x.TextGraphiteMetricsSender").report(Users { started: 1, finished: 0 }, 7_500);
        let sent = String::from_utf8(sent).unwrap();
        for line in [
            "jmeter.all.a.count 2 7",
            "jmeter.a-b.ok.count 1 7",
            "jmeter.a-b.ok.pct99_5 0.0 7",
            "jmeter.a-b.a.pct90 0.0 7",
            "jmeter.test.startedT 1 7",
        ] {
            assert!(sent.lines().any(|sent| sent == line), "{line} in {sent}");
        }
        assert!(!sent.contains("other") && !sent.contains(".ko.min"), "{sent}");
    }

    #[test]
    fn pickled_metrics_follow_their_length() {
        let sent = graphite("x.PickleGraphiteMetricsSender").report(Users { started: 1, finished: 0 }, 7_500);
        assert_eq!(u32::from_be_bytes([sent[0], sent[1], sent[2], sent[3]]) as usize, sent.len() - 4);
        assert!(sent[4..].starts_with(b"(l(S'jmeter.all.ok.count'\n(L7L\nS'2'\ntta"));
        assert!(sent.ends_with(b"tta."));
    }
}

//! A run against the runs before it: the median of the last ones, and how much they differ among themselves.

use super::words::{figure, metric, percent};
use super::{Judgement, Metric, Run, Settings};
use crate::results::Estimation;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Labels whose figures are kept of a run.
const MOST_LABELS: usize = 2000;

/// With fewer runs than this nothing is known of how runs differ among themselves.
const FEWEST_RUNS: usize = 3;

/// Then a change has to be so many times what matters.
const WITH_FEW_RUNS: f64 = 4.0;

/// Beyond so many of the deviations that earlier runs have from their median a value is out of the ordinary.
const DEVIATIONS: f64 = 3.0;

/// Makes the median of absolute deviations that of a normal distribution's standard deviation.
const OF_NORMAL: f64 = 1.4826;

/// What the form of a kept run is called.
const FORM: &str = "rotameter-baseline-1";

/// The figures of a run that are kept for later ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// When the run began, in ms since the epoch.
    pub start: i64,
    /// Where it came from.
    pub name: String,
    /// For each label its metrics by name, with the number of samples.
    labels: BTreeMap<String, (u64, BTreeMap<String, f64>)>,
}

/// What became of one metric of one label.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The label.
    pub label: String,
    /// The metric.
    pub metric: Metric,
    /// The median of the earlier runs.
    pub usual: f64,
    /// How far earlier runs are from it: their standard deviation, from the median of deviations.
    pub deviation: f64,
    /// This run.
    pub value: f64,
    /// In how many earlier runs it was measured.
    pub runs: usize,
    /// How many samples this run has.
    pub samples: u64,
    /// What that comes to.
    pub judgement: Judgement,
}

impl Figures {
    /// The figures of a run; `None` without samples.
    pub fn new(name: &str, run: &Run, settings: &Settings) -> Option<Figures> {
        let (start, _) = run.total.span.or_else(|| run.span())?;
        let labels = run.statistics().take(MOST_LABELS).map(|(label, statistics)| {
            let value = |of: Metric| match of {
                Metric::Percentile(percent) => statistics.elapsed.percentile(percent, Estimation::Legacy),
                Metric::Errors => Some(statistics.error_ratio()),
                Metric::Throughput => Some(statistics.throughput()).filter(|rate| rate.is_finite()),
                Metric::Shift => None,
            };
            let values = metrics(settings).into_iter().filter_map(|of| Some((metric(of), value(of)?))).collect();
            (label.to_owned(), (statistics.count(), values))
        });
        Some(Figures { start: start.millis(), name: name.to_owned(), labels: labels.collect() })
    }

    /// As it is kept in a file.
    pub fn write(&self) -> String {
        let labels: Map<String, Value> = self
            .labels
            .iter()
            .map(|(label, (count, values))| (label.clone(), json!({ "samples": count, "values": values })))
            .collect();
        let all = json!({ "form": FORM, "start": self.start, "name": self.name, "labels": labels });
        format!("{all:#}\n")
    }

    /// Reads what [`Figures::write`] wrote; `None` if it is anything else.
    pub fn read(text: &str) -> Option<Figures> {
        let read: Value = serde_json::from_str(text).ok()?;
        if read.get("form")? != FORM {
            return None;
        }
        let mut labels = BTreeMap::new();
        for (label, of) in read.get("labels")?.as_object()? {
            let values = of.get("values")?.as_object()?;
            let values = values.iter().map(|(name, value)| Some((name.clone(), value.as_f64()?)));
            labels.insert(label.clone(), (of.get("samples")?.as_u64()?, values.collect::<Option<_>>()?));
        }
        Some(Figures { start: read.get("start")?.as_i64()?, name: read.get("name")?.as_str()?.to_owned(), labels })
    }

    /// Holds the run against earlier ones.
    pub fn against(&self, earlier: &[Figures], settings: &Settings) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (label, (samples, values)) in &self.labels {
            for of in metrics(settings) {
                let name = metric(of);
                let Some(&value) = values.get(&name) else { continue };
                let mut before: Vec<f64> = earlier
                    .iter()
                    .filter_map(|run| run.labels.get(label).and_then(|(_, values)| values.get(&name).copied()))
                    .collect();
                let Some(usual) = median(&mut before) else { continue };
                let mut apart: Vec<f64> = before.iter().map(|value| (value - usual).abs()).collect();
                let deviation = median(&mut apart).unwrap_or_default() * OF_NORMAL;
                let mut finding = Finding {
                    label: label.clone(),
                    metric: of,
                    usual,
                    deviation,
                    value,
                    runs: before.len(),
                    samples: *samples,
                    judgement: Judgement::Same,
                };
                finding.judgement = finding.judge(settings);
                findings.push(finding);
            }
        }
        findings
    }

    /// Labels of the latest earlier run that this one does not have.
    pub fn gone(&self, earlier: &[Figures]) -> Vec<String> {
        let latest = earlier.iter().max_by_key(|run| run.start);
        latest.map_or_else(Vec::new, |run| {
            run.labels.keys().filter(|label| !self.labels.contains_key(*label)).cloned().collect()
        })
    }
}

fn metrics(settings: &Settings) -> Vec<Metric> {
    let percentiles = settings.percents.iter().map(|percent| Metric::Percentile(*percent));
    percentiles.chain([Metric::Errors, Metric::Throughput]).collect()
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => values.get(middle).copied(),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

impl Finding {
    fn judge(&self, settings: &Settings) -> Judgement {
        let size = (self.value - self.usual).abs();
        let few = self.runs < FEWEST_RUNS;
        // What chance does to a count of errors is known without any other run.
        let by_chance = match self.metric {
            Metric::Errors => {
                let rate = self.usual.max(self.value).min(1.0);
                (rate * (1.0 - rate) / self.samples.max(1) as f64).sqrt()
            }
            _ => 0.0,
        };
        let spread = DEVIATIONS * if few { by_chance } else { self.deviation.hypot(by_chance) };
        let times = if few { WITH_FEW_RUNS } else { 1.0 };
        let part = if self.usual > 0.0 { size / self.usual } else { f64::INFINITY };
        let matters = match self.metric {
            Metric::Errors => size >= times * settings.least_errors,
            Metric::Throughput => part >= times * settings.least_throughput,
            _ => part >= times * settings.least_part && size >= times * settings.least_millis,
        };
        let rose = self.value > self.usual;
        let worse = if self.metric == Metric::Throughput { !rose } else { rose };
        match (size > spread && matters, worse) {
            (false, _) => Judgement::Same,
            (true, true) => Judgement::Worse,
            (true, false) => Judgement::Better,
        }
    }

    /// Whether the run fails by it.
    pub fn is_regression(&self, settings: &Settings) -> bool {
        self.judgement == Judgement::Worse && (self.metric != Metric::Throughput || settings.judge_throughput)
    }

    /// In words: `p95 of login: 958 ms, usually 812 ms (5 runs, within 20)`.
    pub fn sentence(&self) -> String {
        let show = |value: f64| match self.metric {
            Metric::Errors => percent(value),
            Metric::Throughput => format!("{} /s", figure(value)),
            _ => format!("{} ms", figure(value)),
        };
        let spread = if self.runs < FEWEST_RUNS {
            "too few to know how runs differ".to_owned()
        } else {
            format!("within {}", show(DEVIATIONS * self.deviation))
        };
        let runs = if self.runs == 1 { "1 run".to_owned() } else { format!("{} runs", self.runs) };
        let (value, usual) = (show(self.value), show(self.usual));
        format!("{} of {}: {value}, usually {usual} ({runs}, {spread})", metric(self.metric), self.label)
    }
}

/// What came of all metrics, as text.
pub fn text(findings: &[Finding], gone: &[String], runs: usize, settings: &Settings) -> String {
    let mut out = String::new();
    for label in gone {
        let _ = writeln!(out, "  {label} is gone: the run before has it");
    }
    for wanted in [Judgement::Worse, Judgement::Better] {
        for finding in findings.iter().filter(|finding| finding.judgement == wanted) {
            let word = if wanted == Judgement::Worse { "worse: " } else { "better: " };
            let _ = writeln!(out, "  {word}{}", finding.sentence());
        }
    }
    let worse = findings.iter().filter(|finding| finding.is_regression(settings)).count();
    let _ = match (runs, worse + gone.len()) {
        (0, _) => writeln!(out, "No earlier runs to compare with"),
        (_, 0) => writeln!(out, "No regression against the median of {runs} earlier runs"),
        _ => writeln!(
            out,
            "Regression against the median of {runs} earlier runs: {worse} of {} figures, {} labels are gone",
            findings.len(),
            gone.len()
        ),
    };
    out
}

/// What came of all metrics, for machines.
pub fn json(findings: &[Finding], gone: &[String], runs: usize, settings: &Settings) -> Value {
    json!({
        "regression": !gone.is_empty() || findings.iter().any(|finding| finding.is_regression(settings)),
        "earlier_runs": runs,
        "gone": gone,
        "figures": findings.iter().map(|finding| json!({
            "label": finding.label,
            "metric": metric(finding.metric),
            "usual": finding.usual,
            "deviation": finding.deviation,
            "value": finding.value,
            "runs": finding.runs,
            "judgement": super::render::judgement(finding.judgement),
        })).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(start: i64, p95: f64, errors: f64) -> Figures {
        let values = [("p95".to_owned(), p95), ("error rate".to_owned(), errors)].into();
        Figures { start, name: format!("{start}.jtl"), labels: [("login".to_owned(), (100, values))].into() }
    }

    fn judged(history: &[f64], value: f64) -> Judgement {
        let earlier: Vec<Figures> = history.iter().zip(0..).map(|(p95, at)| figures(at, *p95, 0.0)).collect();
        let findings = figures(99, value, 0.0).against(&earlier, &Settings::default());
        findings.iter().find(|finding| finding.metric == Metric::Percentile(95.0)).unwrap().judgement
    }

    #[test]
    fn what_is_out_of_the_ordinary() {
        for (history, value, expected) in [
            (&[800.0, 810.0, 790.0, 805.0, 795.0][..], 900.0, Judgement::Worse),
            (&[800.0, 810.0, 790.0, 805.0, 795.0], 700.0, Judgement::Better),
            (&[800.0, 810.0, 790.0, 805.0, 795.0], 830.0, Judgement::Same),
            (&[700.0, 900.0, 800.0, 750.0, 850.0], 900.0, Judgement::Same),
            (&[800.0, 801.0, 5000.0], 900.0, Judgement::Worse),
            (&[800.0], 830.0, Judgement::Same),
            (&[800.0], 900.0, Judgement::Same),
            (&[800.0, 810.0], 970.0, Judgement::Worse),
        ] {
            assert_eq!(judged(history, value), expected, "{history:?} {value}");
        }
    }

    #[test]
    fn what_is_kept_reads_back() {
        let kept = figures(7, 812.5, 0.01);
        assert_eq!(Figures::read(&kept.write()), Some(kept.clone()));
        for broken in ["", "{}", "[1]", r#"{"form":"rotameter-baseline-2"}"#] {
            assert_eq!(Figures::read(broken), None);
        }
        let other = Figures { labels: BTreeMap::new(), ..kept.clone() };
        assert_eq!(other.gone(std::slice::from_ref(&kept)), ["login"]);
        let findings = figures(9, 1000.0, 0.0).against(&[kept], &Settings::default());
        let text = text(&findings, &[], 1, &Settings::default());
        assert!(text.contains("worse: p95 of login: 1000 ms, usually 812 ms (1 run, too few"), "{text}");
        assert!(!text.contains("error rate"), "one error in a hundred is chance: {text}");
    }
}

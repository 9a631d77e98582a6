//! Two runs side by side: what changed, by how much, and whether that is more than chance.
//!
//! Rows go into a [`Run`] each, one by one and in constant memory for each label; [`Comparison::new`] tests them:
//!
//! - shift: Mann's and Whitney's test with ties, Cliff's delta, Hodges' and Lehmann's shift;
//! - percentiles: exact, their change with an interval from a block bootstrap with a seed of its own;
//! - errors: two proportions, or Fisher's exact test where there are few; Newcombe's interval;
//! - throughput: the mean time between stretches of as many samples (batch means).
//!
//! Samples of a load test are not independent. Every test here takes its variance from whole stretches of the run
//! ([`blocks`]), not from single samples. All probabilities are corrected for the number of questions.

pub mod baseline;
mod blocks;
mod correction;
mod distribution;
mod proportion;
mod quantile;
mod rank;
mod render;
mod run;
#[cfg(test)]
mod tests;
mod words;

pub use correction::{CORRECTIONS, Correction};
pub use proportion::Proportions;
pub use rank::Shift;
pub use render::{json, markdown, text};
pub use run::Run;

use crate::results::{Estimation, LabelStatistics};
use distribution::{student_quantile, student_two_sided};
use fastrand::Rng;
use run::Recorded;

/// Fewer rows than this beyond a percentile do not tell where it is.
const FEWEST_BEYOND: f64 = 5.0;

/// Fewer stretches than this tell nothing of how a run varies.
const FEWEST_BLOCKS: usize = 5;

/// How runs are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The level of intervals; what is less probable than the rest of 1 is a difference.
    pub level: f64,
    /// Smaller changes of times are told, but are not called worse or better: a part of the first run's.
    pub least_part: f64,
    /// The same in ms. Both must be reached.
    pub least_millis: f64,
    /// The same of error rates, 0 to 1.
    pub least_errors: f64,
    /// The same of throughput, a part of the first run's.
    pub least_throughput: f64,
    /// The percentiles that are compared, 0 to 100.
    pub percents: Vec<f64>,
    /// How probabilities are corrected.
    pub correction: Correction,
    /// Whether less throughput is a regression. It is the plan that decides on it as often as the server.
    pub judge_throughput: bool,
    /// Where the bootstrap begins.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            level: 0.95,
            least_part: 0.05,
            least_millis: 1.0,
            least_errors: 0.001,
            least_throughput: 0.05,
            percents: vec![50.0, 90.0, 95.0, 99.0],
            correction: Correction::default(),
            judge_throughput: false,
            seed: 1,
        }
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric {
    /// All response times at once.
    Shift,
    /// One percentile of the response times, 0 to 100.
    Percentile(f64),
    /// The part of samples that failed.
    Errors,
    /// Samples per second.
    Throughput,
}

/// What became of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// There is too little to tell.
    TooFew,
    /// Nothing that could not be chance.
    Same,
    /// It would be a difference if it had been the only question.
    Perhaps,
    /// A difference, smaller than what matters.
    Small,
    /// A difference to the better.
    Better,
    /// A difference to the worse.
    Worse,
}

/// One metric of one label in both runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which.
    pub metric: Metric,
    /// In the first run: ms, a part of 1, or samples per second. For the shift the median.
    pub from: f64,
    /// In the second run.
    pub to: f64,
    /// The difference, in the same unit. For the shift that of Hodges and Lehmann.
    pub difference: f64,
    /// Where the difference lies; `None` where that is not known.
    pub interval: Option<(f64, f64)>,
    /// The change as a part of the first run's value, and where it lies; `None` for errors, and where that is 0.
    pub relative: Option<(f64, (f64, f64))>,
    /// The probability of a change as large as this where runs do not differ; `None` with too few samples.
    pub p: Option<f64>,
    /// The same, corrected for the number of questions.
    pub corrected_p: Option<f64>,
    /// What that comes to.
    pub judgement: Judgement,
}

/// One label in both runs.
#[derive(Debug)]
pub struct LabelComparison {
    /// The label.
    pub label: String,
    /// Whether it is that of a Transaction Controller.
    pub transaction: bool,
    /// Its figures in both runs.
    pub statistics: [LabelStatistics; 2],
    /// What the ranks of its response times say.
    pub shift: Shift,
    /// What its error rates say.
    pub errors: Proportions,
    /// All metrics: the shift, the percentiles, errors, throughput.
    pub changes: Vec<Change>,
}

/// Two runs side by side.
#[derive(Debug)]
pub struct Comparison {
    /// What the runs are called.
    pub names: [String; 2],
    /// All samples but transactions, of both runs.
    pub totals: [LabelStatistics; 2],
    /// Labels that both have, sorted.
    pub labels: Vec<LabelComparison>,
    /// Labels that only the first run has.
    pub gone: Vec<String>,
    /// Labels that only the second run has.
    pub new: Vec<String>,
    /// How they were compared.
    pub settings: Settings,
    /// How many questions were asked, for which probabilities are corrected.
    pub questions: usize,
}

impl Comparison {
    /// Compares two runs.
    pub fn new(names: [String; 2], a: Run, b: Run, settings: Settings) -> Comparison {
        let totals = [a.total.clone(), b.total.clone()];
        let (mut a, mut b) = (a.into_labels(), b.into_labels());
        let gone = a.keys().filter(|label| !b.contains_key(*label)).cloned().collect();
        let new = b.keys().filter(|label| !a.contains_key(*label)).cloned().collect();
        a.retain(|label, _| b.contains_key(label));
        let mut labels: Vec<LabelComparison> = a
            .into_iter()
            .zip(1_u64..)
            .filter_map(|((label, from), number)| {
                let to = b.remove(&label)?;
                let random = Rng::with_seed(settings.seed.wrapping_mul(1_000_003).wrapping_add(number));
                Some(compare(label, from, to, &settings, random))
            })
            .collect();
        let probabilities: Vec<f64> =
            labels.iter().flat_map(|label| label.changes.iter().filter_map(|change| change.p)).collect();
        let mut corrected = settings.correction.correct(&probabilities).into_iter();
        for label in &mut labels {
            let cliffs_delta = label.shift.cliffs_delta;
            for change in &mut label.changes {
                change.corrected_p = change.p.and_then(|_| corrected.next());
                change.judgement = judge(change, cliffs_delta, &settings);
            }
        }
        Comparison { names, totals, labels, gone, new, questions: probabilities.len(), settings }
    }

    /// All changes to the worse that are more than chance, with their labels.
    pub fn regressions(&self) -> impl Iterator<Item = (&LabelComparison, &Change)> {
        self.judged(Judgement::Worse)
            .filter(|(_, change)| change.metric != Metric::Throughput || self.settings.judge_throughput)
    }

    /// All changes that were judged so.
    pub fn judged(&self, judgement: Judgement) -> impl Iterator<Item = (&LabelComparison, &Change)> {
        let all = self.labels.iter().flat_map(|label| label.changes.iter().map(move |change| (label, change)));
        all.filter(move |(_, change)| change.judgement == judgement)
    }

    /// Whether the second run is worse than the first, or lacks labels that the first has.
    pub fn is_worse(&self) -> bool {
        !self.gone.is_empty() || self.regressions().next().is_some()
    }
}

fn compare(label: String, from: Recorded, to: Recorded, settings: &Settings, mut random: Rng) -> LabelComparison {
    let transaction = from.transaction;
    let statistics = [from.statistics, to.statistics];
    let (a, b) = (from.blocks.finish(), to.blocks.finish());
    let [from, to] = &statistics;
    let enough_blocks = a.len().min(b.len()) >= FEWEST_BLOCKS;
    let freedom = (a.len().min(b.len()) as f64 - 1.0).max(1.0);
    let value_at_level = student_quantile(1.0 - settings.level, freedom);
    let shift = Shift::new(&from.elapsed, &to.elapsed, &a, &b);
    let errors = Proportions::new(&a, &b, student_quantile(1.0 - settings.level, 1e9));

    let median = |of: &LabelStatistics| of.elapsed.percentile(50.0, Estimation::Legacy).unwrap_or_default();
    let mut changes = vec![Change {
        interval: None,
        difference: shift.hodges_lehmann,
        p: enough_blocks.then_some(shift.p),
        ..Change::of(Metric::Shift, median(from), median(to))
    }];
    changes[0].relative = None;
    let fractions: Vec<f64> = settings.percents.iter().map(|percent| percent / 100.0).collect();
    let spreads = quantile::spreads(&a, &b, &fractions, settings.level, &mut random);
    for ((&percent, fraction), spread) in settings.percents.iter().zip(fractions).zip(spreads) {
        let value = |of: &LabelStatistics| of.elapsed.percentile(percent, Estimation::Legacy).unwrap_or_default();
        let mut change = Change::of(Metric::Percentile(percent), value(from), value(to));
        let beyond = fraction.min(1.0 - fraction) * from.count().min(to.count()) as f64;
        if enough_blocks && beyond >= FEWEST_BEYOND {
            let ratio = (change.to + 1.0).ln() - (change.from + 1.0).ln();
            change.p = Some(student_two_sided(ratio / spread.deviation, freedom));
            change.interval = Some(around(change.difference, spread.difference));
            let of_zero = |ratio: f64| (ratio * (change.from + 1.0) - 1.0) / change.from - 1.0;
            change.relative = change
                .relative
                .map(|(part, _)| (part, around(part, (of_zero(spread.ratio.0), of_zero(spread.ratio.1)))));
        }
        changes.push(change);
    }
    changes.push(Change {
        interval: Some(errors.interval),
        relative: None,
        p: Some(errors.p),
        ..Change::of(Metric::Errors, from.error_ratio(), to.error_ratio())
    });
    changes.push(throughput([from, to], [&a, &b], enough_blocks, value_at_level, freedom));
    LabelComparison { label, transaction, statistics, shift, errors, changes }
}

/// The change of throughput. How long stretches of as many samples took tells how it varies.
fn throughput(
    statistics: [&LabelStatistics; 2],
    blocks: [&[blocks::Block]; 2],
    enough_blocks: bool,
    value_at_level: f64,
    freedom: f64,
) -> Change {
    let [from, to] = statistics.map(|of| if of.throughput().is_finite() { of.throughput() } else { 0.0 });
    let mut change = Change::of(Metric::Throughput, from, to);
    let variance = |blocks: &[blocks::Block]| {
        let spans: Vec<f64> = blocks.windows(2).map(|pair| (pair[1].start - pair[0].start) as f64).collect();
        let count = spans.len() as f64;
        let mean = spans.iter().sum::<f64>() / count;
        // A clock of whole milliseconds is what is known at best.
        let squares = spans.iter().map(|span| (span - mean).powi(2)).sum::<f64>() / (count - 1.0) + 1.0 / 6.0;
        squares / count / (mean * mean)
    };
    let deviation = blocks.map(variance).iter().sum::<f64>().sqrt();
    if enough_blocks && from > 0.0 && to > 0.0 && deviation.is_finite() {
        let ratio = (to / from).ln();
        let (low, high) = (ratio - value_at_level * deviation, ratio + value_at_level * deviation);
        change.p = Some(student_two_sided(ratio / deviation, freedom));
        change.interval = Some((from * low.exp_m1(), from * high.exp_m1()));
        change.relative = Some((to / from - 1.0, (low.exp_m1(), high.exp_m1())));
    }
    change
}

impl Change {
    fn of(metric: Metric, from: f64, to: f64) -> Change {
        let part = to / from - 1.0;
        Change {
            metric,
            from,
            to,
            difference: to - from,
            interval: None,
            relative: (from > 0.0).then_some((part, (part, part))),
            p: None,
            corrected_p: None,
            judgement: Judgement::TooFew,
        }
    }
}

/// An interval that holds the value: percentiles are read off a little differently in the draws.
fn around(value: f64, (low, high): (f64, f64)) -> (f64, f64) {
    (low.min(value), high.max(value))
}

fn judge(change: &Change, cliffs_delta: f64, settings: &Settings) -> Judgement {
    let (Some(p), Some(corrected)) = (change.p, change.corrected_p) else { return Judgement::TooFew };
    let chance = 1.0 - settings.level;
    if p >= chance {
        return Judgement::Same;
    }
    if corrected >= chance {
        return Judgement::Perhaps;
    }
    let size = change.difference.abs();
    let part = if change.from > 0.0 { size / change.from } else { f64::INFINITY };
    let (worse, matters) = match change.metric {
        Metric::Shift => (cliffs_delta > 0.0, part >= settings.least_part && size >= settings.least_millis),
        Metric::Percentile(_) => {
            (change.difference > 0.0, part >= settings.least_part && size >= settings.least_millis)
        }
        Metric::Errors => (change.difference > 0.0, size >= settings.least_errors),
        Metric::Throughput => (change.difference < 0.0, part >= settings.least_throughput),
    };
    match (matters, worse) {
        (false, _) => Judgement::Small,
        (true, true) => Judgement::Worse,
        (true, false) => Judgement::Better,
    }
}

//! What all limiters have in common: each measures a pressure and lets a request through while it is not above a threshold.
//!
//! A token bucket measures tokens taken less tokens that have flowed in since, a window the requests within it, a cap the
//! requests in flight. A request counts itself: it is accepted if the pressure with it is at most the threshold (the burst,
//! the limit, the cap). As it is not known exactly when a request arrived, a [`Gauge`] gives bounds of the pressure. Every
//! accept then bounds the threshold from below, and every reject from above.

use super::trace::{Query, Trace};

/// Pressures are sums and differences of as many products as there are requests.
const ROUNDING: f64 = 1e-6;
/// What a decision costs, as minus the logarithm of its probability, that a limiter cannot have made: other things than
/// limiters refuse requests, too. The further off the threshold it is the more, so that a search sees where to go.
const IMPOSSIBLE: f64 = 14.0;
const FAR_OFF: f64 = 14.0;
/// The probability of what a limiter can only have done if arrivals were as they hardly ever are.
const HARDLY: f64 = 1e-4;
/// Places between two bounds where the threshold is tried.
const TRIES: usize = 5;

/// Bounds of what a limiter measured when it decided on a request, the request included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pressure {
    pub least: f64,
    pub most: f64,
    /// If all requests arrived when they probably did.
    pub likely: f64,
}

impl Pressure {
    /// How far it may lie from where it probably does: between the bounds lie arrivals that were before this one or after it,
    /// each as likely as not, and what comes of not knowing this one's own moment.
    pub fn deviation(&self) -> f64 {
        let apart = self.most - self.least;
        0.5 * apart.sqrt() + 0.05 * apart
    }
}

/// A limiter of given shape (rate, length of window, phase), at work on a trace.
pub(super) trait Gauge {
    fn pressure(&self, query: &Query) -> Pressure;
}

/// What numbers a threshold can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Threshold {
    /// Requests are counted.
    Whole,
    /// What is measured need not be whole.
    Real,
}

/// How well a gauge with the best threshold tells accepts from rejects.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    /// The threshold is not below; which accept says so.
    pub low: f64,
    pub low_by: Option<Query>,
    /// The threshold is below this; which reject says so. Infinite without rejects.
    pub high: f64,
    pub high_by: Option<Query>,
    /// The threshold that goes best with all.
    pub threshold: f64,
    /// Decisions that cannot be this limiter's with that threshold, whenever the requests arrived.
    pub contradictions: usize,
    /// How surprising the decisions are in all: minus the logarithm of their probability, if arrivals are spread evenly.
    pub loss: f64,
}

impl Fit {
    /// The best threshold is looked for in `rounds`, each in the neighbourhood of what the one before found.
    ///
    /// `None` if the loss is more than `most_loss`. Nearly all shapes that a search tries are much worse than the best one so
    /// far, and a part of the queries shows that: what some of them lose under the threshold that is best for them all lose
    /// at least.
    pub fn of(gauge: &dyn Gauge, queries: &[Query], threshold: Threshold, rounds: u32, most_loss: f64) -> Option<Fit> {
        const PART: usize = 8;
        const FEWEST: usize = 24;
        if most_loss.is_finite() && queries.len() >= PART * FEWEST {
            let part: Vec<Query> = queries.iter().step_by(PART).copied().collect();
            if Fit::whole(gauge, &part, threshold, 1).loss > most_loss {
                return None;
            }
        }
        let fit = Fit::whole(gauge, queries, threshold, rounds);
        (fit.loss <= most_loss).then_some(fit)
    }

    /// Whatever it loses.
    pub fn whole(gauge: &dyn Gauge, queries: &[Query], threshold: Threshold, rounds: u32) -> Fit {
        let pressures: Vec<Pressure> = queries.iter().map(|query| gauge.pressure(query)).collect();
        let mut fit = Fit {
            low: 1.0,
            low_by: None,
            high: f64::INFINITY,
            high_by: None,
            threshold: 1.0,
            contradictions: 0,
            loss: f64::INFINITY,
        };
        for (query, pressure) in queries.iter().zip(&pressures) {
            if query.accepted() && pressure.least > fit.low {
                (fit.low, fit.low_by) = (pressure.least, Some(*query));
            } else if !query.accepted() && pressure.most < fit.high {
                (fit.high, fit.high_by) = (pressure.most, Some(*query));
            }
        }
        let (mut from, mut to) = threshold.between(fit.low, fit.high);
        if from > to {
            let best = threshold.least_contradicted(queries, &pressures, fit.low, fit.high);
            (from, to) = (best, best);
        }
        if !to.is_finite() {
            to = from;
        }
        // The best of some places, then of some between its neighbours.
        for _ in 0..rounds {
            let step = (to - from) / (TRIES - 1) as f64;
            let count = if step == 0.0 { 1 } else { TRIES };
            for index in 0..count {
                let tried = threshold.at(from + step * index as f64);
                let (contradictions, loss) = threshold.loss(tried, queries, &pressures);
                if loss < fit.loss {
                    (fit.threshold, fit.contradictions, fit.loss) = (tried, contradictions, loss);
                }
            }
            if threshold.is_exact(step, fit.threshold) {
                break;
            }
            (from, to) = ((fit.threshold - step).max(from), (fit.threshold + step).min(to));
        }
        fit
    }

    /// The range of the threshold; `None` if none goes with everything.
    pub fn range(&self, threshold: Threshold) -> Option<(f64, f64)> {
        let (from, to) = threshold.between(self.low, self.high);
        (from <= to).then_some((from, to))
    }
}

impl Threshold {
    /// The least and the greatest threshold that is at least `low` and less than `high`.
    fn between(self, low: f64, high: f64) -> (f64, f64) {
        match self {
            Threshold::Whole => ((low - ROUNDING).ceil(), (high - ROUNDING).ceil() - 1.0),
            Threshold::Real => (low, high - ROUNDING),
        }
    }

    /// The greatest threshold that is not above `value`.
    pub fn at(self, value: f64) -> f64 {
        if self == Threshold::Whole { value.floor() } else { value }
    }

    /// Whether steps so small need not be divided further.
    fn is_exact(self, step: f64, value: f64) -> bool {
        match self {
            Threshold::Whole => step <= 1.0,
            Threshold::Real => step <= 0.002 * value,
        }
    }

    /// The threshold with the fewest contradictions, where each has some.
    fn least_contradicted(self, queries: &[Query], pressures: &[Pressure], low: f64, high: f64) -> f64 {
        // From threshold to threshold, an accept is no contradiction any more, or a reject becomes one.
        let mut steps: Vec<(f64, i64)> = Vec::new();
        for (query, pressure) in queries.iter().zip(pressures) {
            if query.accepted() && pressure.least > high - 1.0 {
                steps.push((self.between(pressure.least, pressure.least).0, -1));
            } else if !query.accepted() && pressure.most <= low + 1.0 {
                let first = match self {
                    Threshold::Whole => (pressure.most - ROUNDING).ceil(),
                    Threshold::Real => pressure.most,
                };
                steps.push((first, 1));
            }
        }
        steps.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let (mut count, mut best, mut at) = (0, 0, low.min(high - 1.0).max(0.0));
        let mut steps = steps.into_iter().peekable();
        while let Some((threshold, change)) = steps.next() {
            count += change;
            let is_last_here = steps.peek().is_none_or(|next| next.0 > threshold);
            if is_last_here && count < best {
                (best, at) = (count, threshold);
            }
        }
        at
    }

    /// How probable it is that the pressure was not above the threshold.
    pub fn passes(self, threshold: f64, pressure: &Pressure) -> f64 {
        if pressure.most <= threshold {
            return 1.0;
        }
        if pressure.least > threshold + ROUNDING {
            return 0.0;
        }
        // A count at the threshold is not above it.
        let whole = if self == Threshold::Whole { 1.0 } else { 0.0 };
        let deviation = pressure.deviation();
        let likely = pressure.likely.clamp(pressure.least, pressure.most);
        let above = (threshold + 0.5 * whole - likely) / deviation.max(0.1);
        1.0 / (1.0 + (-1.702 * above).exp())
    }

    /// Contradictions and surprise.
    fn loss(self, threshold: f64, queries: &[Query], pressures: &[Pressure]) -> (usize, f64) {
        // As many factors as a number surely holds: a logarithm costs as much as all the rest.
        const FACTORS: u32 = 64;
        let (mut contradictions, mut loss) = (0, 0.0);
        let (mut product, mut factors) = (1.0_f64, 0);
        for (query, pressure) in queries.iter().zip(pressures) {
            let (certainly_below, certainly_above) =
                (pressure.most <= threshold, pressure.least > threshold + ROUNDING);
            let (certain, impossible) =
                if query.accepted() { (certainly_below, certainly_above) } else { (certainly_above, certainly_below) };
            if impossible {
                contradictions += 1;
                let off = if query.accepted() { pressure.least - threshold } else { threshold - pressure.most };
                loss += IMPOSSIBLE + FAR_OFF * (off / (0.2 * threshold + 1.0)).min(1.0);
            }
            if impossible || certain {
                continue;
            }
            let below = self.passes(threshold, pressure);
            let probability: f64 = if query.accepted() { below } else { 1.0 - below };
            product *= probability.max(HARDLY);
            factors += 1;
            if factors == FACTORS {
                loss -= product.ln();
                (product, factors) = (1.0, 0);
            }
        }
        (contradictions, loss - product.ln())
    }
}

/// What a gauge is made from, besides the trace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    /// Seconds: between two tokens, or the length of a window.
    pub period: f64,
    /// When a window begins, for those that begin at fixed times; between 0 and the period.
    pub phase: f64,
}

/// A kind of limiter, but for its numbers.
pub(super) trait Model {
    fn threshold(&self) -> Threshold;
    /// A gauge that is asked about requests until `horizon` only.
    fn gauge<'t>(&self, trace: &'t Trace, horizon: f64, shape: Shape) -> Box<dyn Gauge + 't>;
}

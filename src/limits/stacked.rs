//! Two limits at once, a burst and a sustained one, say: a request is accepted if both let it through. Each then goes with
//! all accepts, and each reject is the doing of one of them.

use super::finding::{Kind, Limit};
use super::gauge::Shape;
use super::infer::{describe, model};
use super::search::{Ranges, View, edge};
use super::trace::{Counted, Trace};

/// Rejects that are looked at in the search.
const REJECTS: usize = 4096;

/// One limit at its tightest: the threshold is the greatest pressure under which a request was surely accepted.
#[derive(Clone)]
struct Side {
    kind: Kind,
    shape: Shape,
    threshold: f64,
    /// Which rejects it explains, a bit each.
    explains: Vec<u64>,
    /// The greatest pressure that each reject may have met.
    most: Vec<f64>,
}

struct Bench<'t> {
    trace: &'t Trace,
    view: &'t View<'t>,
    rejects: Vec<usize>,
}

impl Bench<'_> {
    fn side(&self, kind: Kind, shape: Shape) -> Side {
        let model = model(kind, Counted::Accepted);
        let gauge = model.gauge(self.trace, self.trace.end, shape);
        let queries = self.view.queries();
        let accepts = queries.iter().filter(|query| query.accepted());
        let threshold = accepts.map(|query| gauge.pressure(query).least).fold(1.0, f64::max);
        let most: Vec<f64> = self.rejects.iter().map(|index| gauge.pressure(&queries[*index]).most).collect();
        let mut explains = vec![0; most.len().div_ceil(64)];
        for (index, most) in most.iter().enumerate() {
            if *most > threshold {
                explains[index / 64] |= 1_u64 << (index % 64);
            }
        }
        Side { kind, shape, threshold, explains, most }
    }

    fn unexplained(&self, one: &Side, other: &Side) -> usize {
        let explained: u32 =
            one.explains.iter().zip(&other.explains).map(|(one, other)| (one | other).count_ones()).sum();
        self.rejects.len() - explained as usize
    }

    /// Moves one side, so that both explain more.
    fn polish(&self, side: &mut Side, other: &Side, step: f64, levels: u32) {
        let mut left = self.unexplained(side, other);
        let mut step = step;
        for _ in 0..levels {
            for factor in [-2.0, -1.0, 1.0, 2.0] {
                let period = side.shape.period * (1.0 + factor * step);
                let tried = self.side(side.kind, Shape { period, ..side.shape });
                let count = self.unexplained(&tried, other);
                if count < left {
                    (*side, left) = (tried, count);
                }
            }
            step /= 2.0;
        }
    }

    /// The limit of one side while the other one stays, and what of it goes.
    fn limit(&self, side: &Side, other: &Side) -> Limit {
        let left = self.unexplained(side, other);
        let mut threshold = (side.threshold, Self::highest(side, other));
        let mut goes = |by: f64| {
            let tried = self.side(side.kind, Shape { period: side.shape.period * by.exp(), ..side.shape });
            let goes = self.unexplained(&tried, other) <= left;
            if goes {
                threshold = (threshold.0.min(tried.threshold), threshold.1.max(Self::highest(&tried, other)));
            }
            goes
        };
        let (down, up) = (edge(1.0, |by| goes(-by)), edge(1.0, &mut goes));
        let period = (side.shape.period * (-down).exp(), side.shape.period * up.exp());
        let mut limit = Limit::new(side.kind);
        describe(&mut limit, self.trace.origin, &Ranges { period, phase: (0.0, 0.0), threshold });
        limit
    }

    /// The least pressure of the rejects that only this side explains.
    fn highest(side: &Side, other: &Side) -> f64 {
        let alone = |index: usize| {
            let bit = 1_u64 << (index % 64);
            side.explains[index / 64] & bit != 0 && other.explains[index / 64] & bit == 0
        };
        let least = side.most.iter().enumerate().filter(|(index, _)| alone(*index)).map(|(_, most)| *most);
        let least = least.fold(f64::INFINITY, f64::min);
        if least.is_finite() { least } else { side.threshold }
    }
}

/// Two limits that explain all, if there are such.
pub(super) fn find(trace: &Trace, view: &View<'_>, allowed: usize) -> Option<Limit> {
    let refused: Vec<usize> =
        view.queries().iter().enumerate().filter(|(_, query)| !query.accepted()).map(|(index, _)| index).collect();
    let every = refused.len().div_ceil(REJECTS).max(1);
    let bench = Bench { trace, view, rejects: refused.into_iter().step_by(every).collect() };
    let mean = trace.accepts().max(1) as f64 / trace.end.max(0.001);
    let mut pool: Vec<Side> = Vec::new();
    for step in 0..140 {
        let rate = 0.05 * mean * 1.07_f64.powi(step);
        pool.push(bench.side(Kind::TokenBucket, Shape { period: 1.0 / rate, phase: 0.0 }));
    }
    for step in 0..90 {
        let period = 0.5 * 1.09_f64.powi(step);
        if period > trace.end {
            break;
        }
        pool.push(bench.side(Kind::SlidingLog, Shape { period, phase: 0.0 }));
    }
    pool.push(bench.side(Kind::Concurrency, Shape { period: 1.0, phase: 0.0 }));
    let mut pairs: Vec<(usize, usize, usize)> = Vec::new();
    for one in 0..pool.len() {
        for other in 0..one {
            pairs.push((bench.unexplained(&pool[one], &pool[other]), one, other));
        }
    }
    pairs.sort_unstable();
    let mut best: Option<(usize, Side, Side)> = None;
    let mut tried: Vec<(usize, usize)> = Vec::new();
    for (_, one, other) in pairs {
        let near = |known: &(usize, usize)| known.0.abs_diff(one) < 4 && known.1.abs_diff(other) < 4;
        if tried.iter().any(near) {
            continue;
        }
        tried.push((one, other));
        let (mut one, mut other) = (pool[one].clone(), pool[other].clone());
        for step in [0.04, 0.02, 0.005] {
            bench.polish(&mut one, &other, step, 5);
            bench.polish(&mut other, &one, step, 5);
        }
        let left = bench.unexplained(&one, &other);
        if best.as_ref().is_none_or(|(known, ..)| left < *known) {
            best = Some((left, one, other));
        }
        if tried.len() == 8 {
            break;
        }
    }
    let (left, one, other) = best?;
    if left * every > allowed {
        return None;
    }
    let mut both = Limit::new(Kind::Stacked);
    both.contradictions = left * every;
    both.stacked = vec![bench.limit(&one, &other), bench.limit(&other, &one)];
    // The one that lasts comes first.
    both.stacked.sort_by(|one, other| rate(one).total_cmp(&rate(other)));
    both.rate = both.stacked.first().and_then(|limit| limit.rate);
    both.burst = both.stacked.last().and_then(|limit| limit.burst.or(limit.limit).or(limit.concurrency));
    Some(both)
}

fn rate(limit: &Limit) -> f64 {
    limit.rate.map_or(f64::INFINITY, |rate| rate.0)
}

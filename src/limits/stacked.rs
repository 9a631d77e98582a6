//! Two limits at once, a burst and a sustained one, say: a request is accepted if both let it through. Each then goes with
//! all accepts, and each reject is the doing of one of them.

use super::borders::Turns;
use super::finding::{Kind, Limit};
use super::gauge::{Pressure, Shape};
use super::infer::{describe, has_phase, model};
use super::search::{LONGEST_WINDOW, Ranges, SHORTEST_WINDOW, View, edge, is_as_good};
use super::trace::{Counted, Query, Trace};
use std::rc::Rc;

/// Pairs that are looked at closely, and those of them that are refined.
const CLOSE: usize = 40;
const REFINED: usize = 5;
/// Attempts that are looked at in the search, and while refining.
const FEW: usize = 800;
const SOME: usize = 2000;
/// Edges of the arrival curve that are taken for buckets.
const EDGES: usize = 16;
/// The probability of a decision that both limits together cannot have made.
const HARDLY: f64 = 1e-6;

/// What one limit's shape measures, whatever its threshold.
struct Measured {
    kind: Kind,
    shape: Shape,
    pressures: Vec<Pressure>,
    /// The greatest pressure under which a request was surely accepted: the threshold is not below.
    least: f64,
}

/// One of the two limits.
#[derive(Clone)]
struct Side {
    of: Rc<Measured>,
    threshold: f64,
    /// How probable it is that it lets each request through.
    passes: Rc<Vec<f64>>,
    /// Which rejects can be its doing, a bit each.
    explains: Rc<Vec<u64>>,
}

struct Bench<'t> {
    trace: &'t Trace,
    queries: &'t [Query],
}

impl Bench<'_> {
    fn measured(&self, kind: Kind, shape: Shape) -> Rc<Measured> {
        let model = model(kind, Counted::Accepted);
        let gauge = model.gauge(self.trace, self.trace.end, shape);
        let pressures: Vec<Pressure> = self.queries.iter().map(|query| gauge.pressure(query)).collect();
        let accepted = self.queries.iter().zip(&pressures).filter(|(query, _)| query.accepted());
        let least = accepted.map(|(_, pressure)| pressure.least).fold(1.0, f64::max);
        Rc::new(Measured { kind, shape, pressures, least })
    }

    fn side(&self, of: &Rc<Measured>, threshold: f64) -> Side {
        let values = model(of.kind, Counted::Accepted).threshold();
        let threshold = values.at(threshold);
        let mut explains = vec![0; of.pressures.len().div_ceil(64)];
        for (index, (query, pressure)) in self.queries.iter().zip(&of.pressures).enumerate() {
            if !query.accepted() && pressure.most > threshold {
                explains[index / 64] |= 1_u64 << (index % 64);
            }
        }
        let passes = of.pressures.iter().map(|pressure| values.passes(threshold, pressure)).collect();
        Side { of: Rc::clone(of), threshold, passes: Rc::new(passes), explains: Rc::new(explains) }
    }

    fn tightest(&self, kind: Kind, shape: Shape) -> Side {
        let measured = self.measured(kind, shape);
        self.side(&measured, measured.least)
    }

    fn rejects(&self) -> usize {
        self.queries.iter().filter(|query| !query.accepted()).count()
    }

    /// Rejects that can be the doing of neither.
    fn unexplained(&self, one: &Side, other: &Side) -> usize {
        let pairs = one.explains.iter().zip(other.explains.iter());
        let explained: u32 = pairs.map(|(one, other)| (one | other).count_ones()).sum();
        self.rejects() - explained as usize
    }

    /// Minus the logarithm of the probability of all decisions.
    fn loss(&self, one: &Side, other: &Side) -> f64 {
        let passes = one.passes.iter().zip(other.passes.iter()).map(|(one, other)| one * other);
        let of = |(query, passes): (&Query, f64)| {
            let probability = if query.accepted() { passes } else { 1.0 - passes };
            -probability.max(HARDLY).ln()
        };
        self.queries.iter().zip(passes).map(of).sum()
    }

    /// The threshold is not above this: the least pressure of the rejects that the other limit cannot have caused.
    fn highest(&self, of: &Measured, other: &Side) -> f64 {
        let rejects = self.queries.iter().enumerate().filter(|(_, query)| !query.accepted());
        let alone = rejects.filter(|(index, _)| other.explains[index / 64] & (1 << (index % 64)) == 0);
        // What neither explains bounds nothing.
        let most = alone.map(|(index, _)| of.pressures[index].most).filter(|most| *most > of.least);
        let highest = most.fold(f64::INFINITY, f64::min);
        if highest.is_finite() { highest - 1e-6 } else { of.least }
    }

    /// The best threshold beside the other limit.
    fn settled(&self, of: &Rc<Measured>, other: &Side) -> (Side, f64) {
        const TRIES: u32 = 5;
        let (from, to) = (of.least, self.highest(of, other).max(of.least));
        let mut best: Option<(Side, f64)> = None;
        for step in 0..TRIES {
            let side = self.side(of, from + (to - from) * f64::from(step) / f64::from(TRIES - 1));
            let loss = self.loss(&side, other);
            if best.as_ref().is_none_or(|(_, least)| loss < *least) {
                best = Some((side, loss));
            }
            if to - from < 1e-3 {
                break;
            }
        }
        best.unwrap_or_else(|| (self.side(of, from), f64::INFINITY))
    }

    /// Moves one limit, so that both foretell more.
    fn polish(&self, side: &mut Side, other: &Side, loss: &mut f64, step: f64, levels: u32) {
        let (settled, found) = self.settled(&side.of, other);
        if found < *loss {
            (*side, *loss) = (settled, found);
        }
        if has_phase(side.of.kind) || side.of.kind == Kind::Concurrency {
            return;
        }
        let mut step = step;
        for _ in 0..levels {
            for factor in [-2.0, -1.0, 1.0, 2.0] {
                let period = side.of.shape.period * (1.0 + factor * step);
                let (tried, found) =
                    self.settled(&self.measured(side.of.kind, Shape { period, ..side.of.shape }), other);
                if found < *loss {
                    (*side, *loss) = (tried, found);
                }
            }
            step /= 2.0;
        }
    }

    /// Those pairs that lose least, no two of them alike.
    fn best_pairs(&self, pool: &[Side], count: usize) -> Vec<(f64, Side, Side)> {
        let mut pairs: Vec<(f64, &Side, &Side)> = Vec::new();
        for (index, one) in pool.iter().enumerate() {
            pairs.extend(pool[..index].iter().map(|other| (self.loss(one, other), one, other)));
        }
        pairs.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let near = |one: &Side, other: &Side| {
            one.of.kind == other.of.kind && (one.of.shape.period / other.of.shape.period).ln().abs() < 0.1
        };
        let mut close: Vec<(f64, Side, Side)> = Vec::new();
        for (_, one, other) in pairs {
            if close.len() == CLOSE {
                break;
            }
            if close.iter().any(|(_, first, second)| near(first, one) && near(second, other)) {
                continue;
            }
            // Each is settled beside the other one.
            let (one, _) = self.settled(&one.of, other);
            let (other, loss) = self.settled(&other.of, &one);
            close.push((loss, one, other));
        }
        close.sort_by(|one, other| one.0.total_cmp(&other.0));
        close.truncate(count);
        close
    }

    /// The limit of one side while the other one stays, and what of it goes.
    fn limit(&self, side: &Side, other: &Side) -> Limit {
        let (left, best) = (self.unexplained(side, other), self.loss(side, other));
        let mut threshold = (side.of.least, self.highest(&side.of, other).max(side.threshold));
        let mut goes = |by: f64| {
            let shape = Shape { period: side.of.shape.period * by.exp(), ..side.of.shape };
            let (tried, loss) = self.settled(&self.measured(side.of.kind, shape), other);
            let goes = self.unexplained(&tried, other) <= left && is_as_good(loss, best);
            if goes {
                let highest = self.highest(&tried.of, other).max(tried.threshold);
                threshold = (threshold.0.min(tried.of.least), threshold.1.max(highest));
            }
            goes
        };
        let period = side.of.shape.period;
        let period = if has_phase(side.of.kind) {
            (period * 0.999, period * 1.001)
        } else {
            let (down, up) = (edge(1.0, |by| goes(-by)), edge(1.0, &mut goes));
            (period * (-down).exp(), period * up.exp())
        };
        let mut limit = Limit::new(side.of.kind);
        let phase = (side.of.shape.phase, side.of.shape.phase);
        describe(&mut limit, self.trace.origin, &Ranges { period, phase, threshold });
        limit
    }
}

/// Buckets that the arrival curve shows: the most requests that were accepted within a time, for each length of it, lie under a
/// line for each bucket, and long edges of their hull are such lines.
fn buckets(trace: &Trace) -> Vec<Shape> {
    let times = trace.counted(Counted::Accepted).likely.sorted();
    let mut points: Vec<(f64, f64)> = vec![(0.0, 1.0)];
    let mut count = 2;
    while count <= times.len() {
        let within = times.windows(count).map(|some| some[count - 1] - some[0]).fold(f64::INFINITY, f64::min);
        points.push((within, count as f64));
        count += (count / 16).max(1);
    }
    let mut hull: Vec<(f64, f64)> = Vec::new();
    for point in points {
        while let [.., one, other] = hull[..]
            && (other.0 - one.0) * (point.1 - one.1) >= (other.1 - one.1) * (point.0 - one.0)
        {
            hull.pop();
        }
        hull.push(point);
    }
    let mut edges: Vec<(f64, f64)> = hull
        .windows(2)
        .filter(|edge| edge[1].0 > edge[0].0)
        .map(|edge| (edge[1].1 / edge[0].1, (edge[1].0 - edge[0].0) / (edge[1].1 - edge[0].1)))
        .collect();
    edges.sort_unstable_by(|one, other| other.0.total_cmp(&one.0));
    edges.into_iter().take(EDGES).map(|(_, period)| Shape { period, phase: 0.0 }).collect()
}

/// Limits of which two may be the ones: those that fit best alone, those that the arrival curve and the turns show, and a
/// grid.
fn pool(bench: &Bench<'_>, alone: &[(Kind, Shape)]) -> Vec<Side> {
    let trace = bench.trace;
    let mut shapes: Vec<(Kind, Shape)> = alone.to_vec();
    shapes.extend(buckets(trace).into_iter().map(|shape| (Kind::TokenBucket, shape)));
    let longest = LONGEST_WINDOW.min(trace.end.max(1.0));
    let windows = Turns(trace.turns().to_vec()).shapes(SHORTEST_WINDOW, longest, 4);
    shapes.extend(windows.into_iter().map(|shape| (Kind::FixedWindow, shape)));
    let mean = trace.accepts().max(1) as f64 / trace.end.max(0.001);
    let rates = (0..60).map(|step| 0.3 * mean * 1.1_f64.powi(step));
    shapes.extend(rates.map(|rate| (Kind::TokenBucket, Shape { period: 1.0 / rate, phase: 0.0 })));
    let lengths = (0..60).map(|step| SHORTEST_WINDOW * 1.14_f64.powi(step)).take_while(|length| *length < longest);
    shapes.extend(lengths.map(|period| (Kind::SlidingLog, Shape { period, phase: 0.0 })));
    shapes.push((Kind::Concurrency, Shape { period: 1.0, phase: 0.0 }));
    shapes.into_iter().map(|(kind, shape)| bench.tightest(kind, shape)).collect()
}

/// Two limits that explain all but what is allowed, if there are such, and what they lose. `alone` is what fits best alone.
pub(super) fn find(trace: &Trace, view: &View<'_>, alone: &[(Kind, Shape)], allowed: usize) -> Option<(Limit, f64)> {
    let few = trace.telling(trace.end, FEW);
    let bench = Bench { trace, queries: &few };
    let mut one_and_other = bench.best_pairs(&pool(&bench, alone), REFINED);
    let some = trace.telling(trace.end, SOME);
    for (queries, steps) in [(&few[..], &[0.05, 0.02, 0.005][..]), (&some[..], &[0.004, 0.001][..])] {
        let bench = Bench { trace, queries };
        for (loss, one, other) in &mut one_and_other {
            (*one, *other) = (bench.tightest(one.of.kind, one.of.shape), bench.tightest(other.of.kind, other.of.shape));
            (*one, _) = bench.settled(&one.of, other);
            (*other, *loss) = bench.settled(&other.of, one);
            for step in steps {
                bench.polish(one, other, loss, *step, 3);
                bench.polish(other, one, loss, *step, 3);
            }
        }
        one_and_other.sort_by(|one, other| one.0.total_cmp(&other.0));
        one_and_other.truncate(2);
    }
    let (_, one, other) = one_and_other.into_iter().next()?;
    let bench = Bench { trace, queries: view.queries() };
    let other = bench.tightest(other.of.kind, other.of.shape);
    let (one, _) = bench.settled(&bench.measured(one.of.kind, one.of.shape), &other);
    let (other, _) = bench.settled(&other.of, &one);
    let (one, loss) = bench.settled(&one.of, &other);
    let left = bench.unexplained(&one, &other);
    if left > allowed {
        return None;
    }
    let mut both = Limit::new(Kind::Stacked);
    both.contradictions = left;
    both.surprise = loss / std::f64::consts::LN_2 / bench.queries.len().max(1) as f64;
    both.stacked = vec![bench.limit(&one, &other), bench.limit(&other, &one)];
    // The one that lasts comes first.
    both.stacked.sort_by(|one, other| rate(one).total_cmp(&rate(other)));
    both.rate = both.stacked.first().and_then(|limit| limit.rate);
    both.burst = both.stacked.last().and_then(|limit| limit.burst.or(limit.limit).or(limit.concurrency));
    Some((both, loss))
}

fn rate(limit: &Limit) -> f64 {
    limit.rate.map_or(f64::INFINITY, |rate| rate.0)
}

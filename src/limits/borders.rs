//! Where fixed windows must begin: a window ends between a reject and an accept that surely came after it, as nothing but a new
//! window lets anything through again. The times of these turns alone tell length and phase: folded by the true length
//! they all lie in one place.

use super::gauge::Shape;
use super::trace::{Query, Trace};

/// What a turn without a border costs, as minus the logarithm of its probability.
const MISSED: f64 = 4.0;
/// Turns that are folded at once.
const MOST: usize = 64;
/// How far a border may lie off its turn in a first look, as a part of the window.
const COARSE: f64 = 0.01;
/// Lengths that are tried differ by at least this part.
const FINEST_STEP: f64 = 5e-5;
/// Lengths that differ by less are one in the end.
const ALIKE: f64 = 0.003;
/// Of lengths from one to its double that a first look shows, so many are followed.
const OF_OCTAVE: usize = 16;
/// Windows that a first look spans.
const WINDOWS: f64 = 12.0;

/// Stretches of time of which each has a border within, in ascending order.
#[derive(Debug)]
pub(super) struct Turns(pub Vec<(f64, f64)>);

/// A length and a phase, and how well the turns go with them.
#[derive(Debug, Clone, Copy)]
struct Fold {
    shape: Shape,
    score: f64,
}

impl Turns {
    pub fn of(trace: &Trace) -> Self {
        let (accepts, rejects): (Vec<&Query>, Vec<&Query>) = trace.queries.iter().partition(|query| query.accepted());
        let mut accepts: Vec<(f64, f64)> = accepts.iter().map(|query| (query.span.from, query.span.to)).collect();
        let mut rejects: Vec<(f64, f64)> = rejects.iter().map(|query| (query.span.to, query.span.from)).collect();
        accepts.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        rejects.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        let mut turns: Vec<(f64, f64)> = Vec::new();
        let (mut rejects, mut begin) = (rejects.into_iter().peekable(), f64::NEG_INFINITY);
        for (from, to) in accepts {
            while let Some((_, rejected)) = rejects.next_if(|(until, _)| *until < from) {
                begin = begin.max(rejected);
            }
            if begin.is_infinite() {
                continue;
            }
            match turns.last_mut() {
                // Two turns with a moment in common can be one.
                Some(last) if begin < last.1 => *last = (begin.max(last.0), to.min(last.1)),
                _ => turns.push((begin, to)),
            }
        }
        Turns(turns)
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The shapes that go best with the turns, of windows between two lengths.
    pub fn shapes(&self, shortest: f64, longest: f64, count: usize) -> Vec<Shape> {
        let (Some(first), Some(last)) = (self.0.first(), self.0.last()) else { return Vec::new() };
        let mut all: Vec<Fold> = Vec::new();
        let mut octave = shortest;
        while octave < longest {
            // A few turns of slow traffic go with many lengths; more of them than a step can follow tell nothing more.
            let turn = |number: usize| self.0.get(number).unwrap_or(last).1 - first.0;
            let most = 1.5 * COARSE * octave / FINEST_STEP;
            let span = (2.0 * octave * WINDOWS).max(turn(24).min(most)).max(turn(5)).min(last.1 - first.0).max(octave);
            let turns = self.within(first.0 + span);
            // The last border in view moves by less than what is allowed.
            let step = (1.5 * COARSE * octave / span).max(FINEST_STEP);
            let steps = (std::f64::consts::LN_2 / step).ceil() as usize;
            let folds = (0..steps).map(|number| {
                let period = octave * (step * number as f64).exp();
                fold(&turns, period, COARSE * period)
            });
            let found =
                best(folds.filter(|fold| fold.shape.period <= longest).collect(), OF_OCTAVE, ALIKE.min(3.0 * step));
            all.extend(found.into_iter().map(|fold| self.refine(fold, first.0, span, last.1)));
            octave *= 2.0;
        }
        // Where not all turns of a long trace were folded, those that were may be two or three windows apart.
        let parts = |fold: Fold| {
            [1.0, 2.0, 3.0].map(|parts| {
                let period = fold.shape.period / parts;
                Shape { period, phase: fold.shape.phase.rem_euclid(period) }
            })
        };
        let shapes = best(all, count, ALIKE).into_iter().flat_map(parts);
        shapes.filter(|shape| shape.period >= shortest).collect()
    }

    /// The shape near one of which a border lies within each turn, if there is one: each two turns bound the length, and of all
    /// lengths that are left the middle one is taken, and of the phases that it leaves.
    pub fn settle(&self, shape: Shape) -> Option<Shape> {
        const SOME: usize = 200;
        let every = self.0.len().div_ceil(SOME).max(1);
        let numbered: Vec<(f64, f64, f64)> = self
            .0
            .iter()
            .step_by(every)
            .chain(self.0.last())
            .map(|(from, to)| (((f64::midpoint(*from, *to) - shape.phase) / shape.period).round(), *from, *to))
            .collect();
        let (mut least, mut most) = (0.0_f64, f64::INFINITY);
        for (index, (number, from, to)) in numbered.iter().enumerate() {
            for (earlier, begin, end) in &numbered[..index] {
                let windows = number - earlier;
                if windows > 0.0 {
                    least = least.max((from - end) / windows);
                    most = most.min((to - begin) / windows);
                }
            }
        }
        let period = f64::midpoint(least, most);
        let low = numbered.iter().map(|(number, from, _)| from - number * period).fold(f64::NEG_INFINITY, f64::max);
        let high = numbered.iter().map(|(number, _, to)| to - number * period).fold(f64::INFINITY, f64::min);
        let is_one = least <= most && low <= high && most.is_finite() && period > 0.0;
        is_one.then(|| Shape { period, phase: f64::midpoint(low, high).rem_euclid(period) })
    }

    /// At most so many of the turns until then.
    fn within(&self, until: f64) -> Vec<(f64, f64)> {
        let end = self.0.partition_point(|turn| turn.1 <= until).max(2).min(self.0.len());
        let turns = &self.0[..end];
        let mut kept: Vec<(f64, f64)> = turns.iter().step_by(end.div_ceil(MOST)).copied().collect();
        kept.extend(turns.last());
        kept
    }

    /// Follows a fold to the end of the trace.
    fn refine(&self, start: Fold, first: f64, span: f64, end: f64) -> Fold {
        const TRIES: i32 = 8;
        let (mut best, mut span) = (start, span);
        let mut allowed = COARSE;
        let mut rounds = 0;
        while rounds < 4 {
            span = (span * 2.0).min(end - first);
            if span >= end - first {
                rounds += 1;
            }
            let turns = self.within(first + span);
            let Shape { period, .. } = best.shape;
            let step = 0.5 * allowed * period / span.max(period);
            allowed *= 0.5;
            let folds = (-TRIES..=TRIES).map(|number| {
                let period = period * (1.0 + step * f64::from(number));
                fold(&turns, period, allowed * period)
            });
            if let Some(found) = folds.max_by(|one, other| one.score.total_cmp(&other.score)) {
                best = found;
            }
        }
        best
    }
}

/// The phase that most turns allow, each a little widened. A turn tells the more the shorter it is.
fn fold(turns: &[(f64, f64)], period: f64, widened: f64) -> Fold {
    let mut edges: Vec<(f64, f64)> = Vec::with_capacity(2 * turns.len());
    let (mut weight, mut missed) = (0.0, 0.0);
    for (from, to) in turns {
        let length = to - from + 2.0 * widened;
        if length >= 0.5 * period {
            continue;
        }
        let tells = (period / length).ln() + MISSED;
        let begin = (from - widened).rem_euclid(period);
        let end = begin + length;
        edges.push((begin, tells));
        if end >= period {
            weight += tells;
        }
        edges.push((end % period, -tells));
        missed += MISSED;
    }
    edges.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let (mut most, mut place) = (f64::NEG_INFINITY, (0.0, 0.0));
    for (index, (at, change)) in edges.iter().enumerate() {
        weight += change;
        if weight > most {
            (most, place) = (weight, (*at, edges.get(index + 1).map_or(period, |next| next.0)));
        }
    }
    let score = if edges.is_empty() { f64::NEG_INFINITY } else { most - missed };
    Fold { shape: Shape { period, phase: f64::midpoint(place.0, place.1).rem_euclid(period) }, score }
}

/// The best, of those whose lengths differ by less than a part one.
fn best(mut all: Vec<Fold>, count: usize, alike: f64) -> Vec<Fold> {
    all.sort_by(|one, other| other.score.total_cmp(&one.score));
    let mut kept: Vec<Fold> = Vec::new();
    for fold in all {
        if kept.len() == count {
            break;
        }
        if fold.score.is_finite()
            && !kept.iter().any(|known| (known.shape.period / fold.shape.period).ln().abs() < alike)
        {
            kept.push(fold);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_tell_length_and_phase() {
        let turns = (0..40).map(|number| 3.0 + 7.5 * f64::from(number * number % 41)).map(|at| (at - 0.02, at + 0.05));
        let mut turns: Vec<(f64, f64)> = turns.collect();
        turns.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        turns.dedup();
        let settled = Turns(turns.clone()).settle(Shape { period: 7.503, phase: 2.98 }).unwrap();
        assert!((settled.period - 7.5).abs() < 0.002 && (settled.phase - 3.0).abs() < 0.06, "{settled:?}");
        // One that no window explains.
        turns.insert(3, (turns[2].1 + 1.0, turns[2].1 + 1.1));
        let Shape { period, phase } = Turns(turns).shapes(0.5, 300.0, 3)[0];
        assert!((period - 7.5).abs() < 0.002 && (phase - 3.0).abs() < 0.06, "{period} {phase}");
    }
}

//! Looks for the shapes (rates, lengths of windows, phases) that a trace allows.
//!
//! How well a rate or a period fits is a narrow peak when a trace is long: a little error adds up from period to period.
//! So the beginning of a trace is searched with a coarse grid, where peaks are wide, and what was found there is refined
//! while more and more of the trace is looked at.

use super::borders::Turns;
use super::gauge::{Fit, Model, Shape};
use super::request_window;
use super::stepped_bucket::SteppedBucket;
use super::trace::{Counted, Query, Trace};

/// Windows shorter than this are taken for a rate.
pub(super) const SHORTEST_WINDOW: f64 = 0.5;
pub(super) const LONGEST_WINDOW: f64 = 1500.0;
/// Buckets that are filled in shorter steps are taken for buckets that are filled all the time.
const SHORTEST_STEP: f64 = 0.1;
/// Shapes that are kept beside the best one, and how much more they may lose.
const OTHERS: usize = 4;
const OTHER_NATS: f64 = 7.0;
/// Attempts that are looked at while searching, and in the end.
const FEW: usize = 300;
const MANY: usize = 6000;
/// Times at which requests were let through again that are looked at.
const OPENINGS: usize = 24;

/// What loses more than the best shape by more than this is not a beginning for a search.
const NEAR: f64 = 3.0;
const NEAR_NATS: f64 = 60.0;

/// A limiter that was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub shape: Shape,
    pub fit: Fit,
    /// Shapes far from this one that explain as much.
    pub others: Vec<Shape>,
}

impl Found {
    fn new(shape: Shape, fit: Fit) -> Self {
        Found { shape, fit, others: Vec::new() }
    }
}

/// The beginning of a trace, with the attempts that are asked about.
pub(super) struct View<'t> {
    trace: &'t Trace,
    end: f64,
    queries: Vec<Query>,
    rounds: u32,
}

impl<'t> View<'t> {
    fn new(trace: &'t Trace, horizon: f64, most: usize) -> Self {
        let end = horizon.min(trace.end);
        View { trace, end, queries: trace.telling(end, most), rounds: if most > FEW { 3 } else { 1 } }
    }

    /// All of a trace, for a last look.
    pub fn whole(trace: &'t Trace) -> Self {
        View::new(trace, trace.end, MANY)
    }

    /// What comes after the first quarter of a trace, when what was used up before it is over.
    pub fn late(trace: &'t Trace) -> Self {
        let mut view = View::whole(trace);
        view.queries.retain(|query| query.span.from > trace.end / 4.0);
        view
    }

    pub fn asked(&self) -> usize {
        self.queries.len()
    }

    pub fn queries(&self) -> &[Query] {
        &self.queries
    }

    pub fn fit(&self, model: &dyn Model, shape: Shape) -> Found {
        let gauge = model.gauge(self.trace, self.end, shape);
        Found::new(shape, Fit::whole(&*gauge, &self.queries, model.threshold(), self.rounds))
    }

    /// The same, if it loses no more than that.
    fn fit_within(&self, model: &dyn Model, shape: Shape, most_loss: f64) -> Option<Found> {
        let gauge = model.gauge(self.trace, self.end, shape);
        let fit = Fit::of(&*gauge, &self.queries, model.threshold(), self.rounds, most_loss)?;
        Some(Found::new(shape, fit))
    }

    /// Those of many shapes that come near the best of them.
    fn near_best(&self, model: &dyn Model, shapes: impl Iterator<Item = Shape>) -> Vec<Found> {
        let mut best = f64::INFINITY;
        let mut near = Vec::new();
        for shape in shapes {
            if let Some(found) = self.fit_within(model, shape, NEAR * best + NEAR_NATS) {
                best = best.min(found.fit.loss);
                near.push(found);
            }
        }
        near
    }
}

/// Keeps the best `count`, of neighbours in the list the better one.
fn best(mut all: Vec<Found>, count: usize, score: impl Fn(&Found) -> f64) -> Vec<Found> {
    all.sort_by(|one, other| score(one).total_cmp(&score(other)));
    let mut kept: Vec<Found> = Vec::new();
    for found in all {
        let near = |other: &Found| {
            let apart = (found.shape.period / other.shape.period).ln().abs();
            let phase = (found.shape.phase / found.shape.period - other.shape.phase / other.shape.period).abs();
            apart < 0.01 && phase.min(1.0 - phase) < 0.05
        };
        if !kept.iter().any(near) {
            kept.push(found);
        }
        if kept.len() == count {
            break;
        }
    }
    kept
}

/// Of the best in their order, those that a search may still begin with.
fn near_the_best(mut all: Vec<Found>) -> Vec<Found> {
    let most = all.first().map_or(0.0, by_loss) * NEAR + NEAR_NATS;
    all.retain(|found| by_loss(found) <= most);
    all
}

fn by_loss(found: &Found) -> f64 {
    found.fit.loss
}

/// Geometric steps from `from` to `to`.
fn steps(from: f64, to: f64, ratio: f64) -> impl Iterator<Item = f64> {
    let count = ((to / from).ln() / ratio.ln()).ceil().max(0.0) as usize;
    (0..=count).map(move |step| (from * ratio.powi(step as i32)).min(to))
}

/// Fits a model whose shape is a rate.
pub(super) fn rate(trace: &Trace, model: &dyn Model) -> Found {
    let grid = |view: &View<'_>, from: f64, to: f64, ratio: f64| -> Vec<Found> {
        let accepts = trace.counted(Counted::Accepted).earliest.until(view.end);
        let mean = accepts.max(1) as f64 / view.end.max(1e-3);
        let shapes = steps(from * mean, to * mean, ratio).map(|rate| Shape { period: 1.0 / rate, phase: 0.0 });
        view.near_best(model, shapes)
    };
    let mut horizon = trace.turn(24).max(trace.first_reject() + 20.0 * trace.round_trip.min(1.0));
    let mut view = View::new(trace, horizon, FEW);
    let mut found = best(grid(&view, 0.01, 30.0, 1.12), 10, by_loss);
    let mut keep = 8;
    loop {
        let refined = found.into_iter().map(|start| {
            // An error of the rate adds up to the burst within the horizon, about.
            let step = (start.fit.threshold + 2.0) * start.shape.period / horizon;
            polish_period(&view, model, start, step.clamp(1e-5, 0.06), 8)
        });
        found = best(refined.collect(), if horizon < trace.end { keep } else { 2 }, by_loss);
        keep = (keep - 1).max(4);
        if horizon >= trace.end {
            break;
        }
        horizon *= 2.0;
        view = View::new(trace, horizon, if horizon >= trace.end { MANY } else { FEW });
        found = found.into_iter().map(|old| view.fit(model, old.shape)).collect();
        // A large burst may hide the rate from a short view.
        found.extend(best(grid(&view, 0.2, 2.0, 1.08), 3, by_loss));
    }
    let view = View::new(trace, trace.end, MANY);
    let mut found: Vec<Found> = found.into_iter().map(|old| view.fit(model, old.shape)).collect();
    // A few attempts may go with rates that all of them do not go with.
    if found.iter().all(|found| found.fit.contradictions > 0) {
        let wider = best(grid(&view, 0.1, 5.0, 1.05), 2, by_loss);
        found.extend(wider.into_iter().map(|start| polish_period(&view, model, start, 0.02, 8)));
    }
    finest(&view, model, found, |view, start| polish_period(view, model, start, 1e-4, 14))
}

/// Fits a model whose shape is the length of a window that slides.
pub(super) fn length(trace: &Trace, model: &dyn Model) -> Found {
    let view = View::new(trace, trace.end, 4 * FEW);
    let tried = steps(SHORTEST_WINDOW, LONGEST_WINDOW.min(trace.end.max(1.0)), 1.05);
    let grid = view.near_best(model, tried.map(|period| Shape { period, phase: 0.0 }));
    let found = best(grid, 5, by_loss);
    let found: Vec<Found> = found.into_iter().map(|start| polish_period(&view, model, start, 0.025, 10)).collect();
    let view = View::new(trace, trace.end, MANY);
    let found = best(found, 2, by_loss).into_iter().map(|old| view.fit(model, old.shape)).collect();
    finest(&view, model, found, |view, start| polish_period(view, model, start, 1e-3, 14))
}

/// Fits a model whose windows begin at fixed times, all at once.
pub(super) fn fixed_window(trace: &Trace, model: &dyn Model) -> Found {
    const FEWEST: usize = 3;
    const CANDIDATES: usize = 14;
    let turns = Turns(trace.turns().to_vec());
    if turns.count() < FEWEST {
        return window(trace, model, None);
    }
    let shapes = turns.shapes(SHORTEST_WINDOW, LONGEST_WINDOW.min(trace.end.max(1.0)), CANDIDATES);
    let view = View::new(trace, trace.end, 2 * FEW);
    let found = shapes.into_iter().map(|shape| polish_window(&view, model, view.fit(model, shape), 0.01, 8)).collect();
    let found = refine_windows(trace, model, best(found, 4, by_loss), false);
    settled(trace, &View::new(trace, trace.end, MANY), model, found)
}

/// The shape with a border in each turn, if it is better.
fn settled(trace: &Trace, view: &View<'_>, model: &dyn Model, found: Found) -> Found {
    let found = Found { others: found.others, ..view.fit(model, found.shape) };
    let Some(shape) = Turns(trace.turns().to_vec()).settle(found.shape) else { return found };
    let settled = view.fit(model, shape);
    if by_loss(&settled) < by_loss(&found) { Found { others: found.others, ..settled } } else { found }
}

/// Fits a model whose shape is a window with a phase.
///
/// Lengths of one octave are compared over a time that holds some windows of each. Then the time is doubled and doubled, and
/// lengths of higher octaves join.
///
/// What a `rival`, another model's best shape, foretells by far better is not followed.
pub(super) fn window(trace: &Trace, model: &dyn Model, rival: Option<(&dyn Model, Shape)>) -> Found {
    const PHASES: u32 = 12;
    // A few windows go with many lengths: those that do are kept until more is in view.
    const OF_OCTAVE: usize = 20;
    const POLISHED: usize = 10;
    const SETTLED: usize = 3;
    const KEPT_ANYWAY: usize = 4;
    const KNOWN: usize = 16;
    let (first, enough) = (trace.first_reject(), trace.turn(16));
    let longest = LONGEST_WINDOW.min(trace.end.max(1.0));
    let mut octave = SHORTEST_WINDOW;
    let mut candidates: Vec<Found> = Vec::new();
    let mut hopeless: Vec<Found> = Vec::new();
    loop {
        let horizon = (first + 8.0 * octave).max(enough);
        let is_last = horizon >= trace.end;
        let view = View::new(trace, horizon, FEW);
        let openings = trace.openings(view.end, OPENINGS);
        let refine = |found: Found, levels: u32| {
            let found = snap(&view, model, found, &openings);
            polish_window(&view, model, found, 0.05, levels)
        };
        let rival = rival.map(|(model, shape)| view.fit(model, shape));
        let has_hope =
            |found: &Found| rival.as_ref().is_none_or(|rival| by_loss(found) <= NEAR * by_loss(rival) + NEAR_NATS);
        // What is explained already is no reason to look closely.
        let is_close = rival.as_ref().is_none_or(|rival| rival.fit.contradictions > 0);
        let keep = |many: usize| if is_close { many } else { many.min(KEPT_ANYWAY) };
        let known: Vec<Found> = candidates.into_iter().map(|old| refine(view.fit(model, old.shape), 6)).collect();
        candidates = near_the_best(best(known, keep(KNOWN), by_loss));
        // Once the whole trace is in view, all lengths that are left are of this octave.
        let end = if is_last { longest } else { longest.min(octave * 2.0) };
        // The border of the last window in view may be off by a part of it.
        let ratio = (1.0 + 0.3 * octave / horizon).clamp(1.006, 1.04);
        let openings = &openings;
        let grid = steps(octave, end, ratio).filter(|period| *period >= octave).flat_map(|period| {
            let spread = (0..PHASES).map(move |phase| period * f64::from(phase) / f64::from(PHASES));
            // A window began a moment before requests were let through again.
            let seen = openings.iter().take(4).map(move |at| (at - 0.01 * period).rem_euclid(period));
            spread.chain(seen).map(move |phase| Shape { period, phase })
        });
        let of_octave = near_the_best(best(view.near_best(model, grid), keep(OF_OCTAVE), by_loss));
        let polished: Vec<Found> = of_octave.into_iter().map(|found| refine(found, 6)).collect();
        candidates.extend(near_the_best(best(polished, keep(POLISHED), by_loss)));
        let (hopeful, lost): (Vec<Found>, Vec<Found>) = candidates.into_iter().partition(has_hope);
        hopeless =
            best(hopeless.into_iter().chain(lost).map(|found| view.fit(model, found.shape)).collect(), 1, by_loss);
        let mut hopeful = best(hopeful, usize::MAX, by_loss);
        for found in hopeful.iter_mut().take(if is_close { SETTLED } else { 0 }) {
            *found = settle_window(&view, model, found.clone());
        }
        candidates = hopeful;
        if is_last {
            break;
        }
        octave *= 2.0;
    }
    if candidates.is_empty() {
        // It is told as one that was tried.
        let view = View::new(trace, trace.end, MANY / 2);
        let tried = hopeless.into_iter().map(|found| view.fit(model, found.shape));
        return finest(&view, model, tried.collect(), |_, found| found);
    }
    let rival = rival.map(|(model, shape)| View::new(trace, trace.end, 2 * FEW).fit(model, shape));
    refine_windows(trace, model, candidates, rival.is_none_or(|rival| rival.fit.contradictions > 0))
}

/// Refines windows while more and more is looked at, closely if nothing else explains it.
fn refine_windows(trace: &Trace, model: &dyn Model, candidates: Vec<Found>, is_close: bool) -> Found {
    let mut candidates = candidates;
    let openings = trace.openings(trace.end, 2 * OPENINGS);
    for (most, keep) in [(2 * FEW, 4), (MANY / 2, 2)] {
        let view = View::new(trace, trace.end, most);
        let refined = candidates.into_iter().map(|found| {
            let found = snap(&view, model, view.fit(model, found.shape), &openings);
            let found = polish_window(&view, model, found, 0.02, 9);
            let found = if is_close { settle_window(&view, model, found) } else { found };
            polish_window(&view, model, found, 0.002, 7)
        });
        candidates = best(refined.collect(), keep, by_loss);
    }
    let view = View::new(trace, trace.end, MANY / 2);
    finest(&view, model, candidates, |view, found| {
        let round = round_windows(trace, found.shape).into_iter().map(|shape| {
            let step = 0.3 * (shape.period / found.shape.period).ln().abs().max(1e-4);
            polish_window(view, model, view.fit(model, shape), step, 5)
        });
        let rounded = round.min_by(|one, other| by_loss(one).total_cmp(&by_loss(other)));
        match rounded.filter(|rounded| by_loss(rounded) < by_loss(&found)) {
            Some(rounded) => polish_window(view, model, rounded, 5e-4, 8),
            None => found,
        }
    })
}

/// The windows near one that people would set: round lengths, begun where this one begins in the middle of the trace, or by
/// the clock. A search can stop beside them.
fn round_windows(trace: &Trace, shape: Shape) -> Vec<Shape> {
    const APART: f64 = 0.03;
    let origin = trace.origin.micros() as f64 / 1e6;
    let round = |value: f64, digits: i32| {
        let scale = 10_f64.powi(digits - 1 - value.log10().floor() as i32);
        (value * scale).round() / scale
    };
    let mut lengths: Vec<f64> = (1..=3).map(|digits| round(shape.period, digits)).collect();
    lengths.push(60.0 * round(shape.period / 60.0, 1));
    lengths.retain(|length| *length > 0.0 && (length / shape.period).ln().abs() < APART);
    lengths.sort_unstable_by(f64::total_cmp);
    lengths.dedup();
    let middle = shape.begin(shape.window(trace.end / 2.0));
    let begun = |period: f64| [middle.rem_euclid(period), (-origin).rem_euclid(period)];
    lengths.into_iter().flat_map(|period| begun(period).map(|phase| Shape { period, phase })).collect()
}

/// Fits windows that begin with a request.
pub(super) fn request_window(trace: &Trace, model: &dyn Model) -> Found {
    let longest = LONGEST_WINDOW.min(trace.end.max(1.0));
    let mut lengths = request_window::lengths(trace, SHORTEST_WINDOW, longest);
    lengths.extend(steps(SHORTEST_WINDOW, longest, 1.05));
    let view = View::new(trace, trace.end, 2 * FEW);
    let grid = view.near_best(model, lengths.into_iter().map(|period| Shape { period, phase: 0.0 }));
    let found = best(grid, 4, by_loss).into_iter().map(|start| polish_period(&view, model, start, 0.012, 10)).collect();
    let view = View::new(trace, trace.end, MANY);
    let found = best(found, 2, by_loss).into_iter().map(|old| view.fit(model, old.shape)).collect();
    finest(&view, model, found, |view, start| polish_period(view, model, start, 4e-3, 13))
}

/// Fits buckets that are filled in steps and have this rate in the long run; the tokens of a step, too. Steps lie where
/// windows would begin.
pub(super) fn stepped(trace: &Trace, rate: f64) -> Option<(Found, u32)> {
    const CANDIDATES: usize = 14;
    const MOST_TOKENS: f64 = 1e6;
    let longest = LONGEST_WINDOW.min(trace.end.max(1.0));
    let view = View::new(trace, trace.end, 2 * FEW);
    let mut found: Vec<(Found, u32)> = Vec::new();
    for shape in Turns(trace.turns().to_vec()).shapes(SHORTEST_STEP, longest, CANDIDATES) {
        let mut tokens: Vec<u32> = tokens_of_steps(trace, shape);
        tokens.push((rate * shape.period).round().clamp(0.0, MOST_TOKENS) as u32);
        tokens.sort_unstable();
        tokens.dedup();
        for tokens in tokens.into_iter().filter(|tokens| *tokens > 0) {
            found.push((view.fit(&SteppedBucket(tokens), shape), tokens));
        }
    }
    found.sort_by(|one, other| by_loss(&one.0).total_cmp(&by_loss(&other.0)));
    found.truncate(6);
    let whole = View::new(trace, trace.end, MANY / 2);
    let polished = found.into_iter().map(|(start, tokens)| {
        let model = SteppedBucket(tokens);
        let near = polish_window(&view, &model, start, 0.02, 8);
        let near = polish_window(&whole, &model, whole.fit(&model, near.shape), 0.004, 8);
        let near = polish_window(&whole, &model, near, 0.0005, 8);
        let round = round_windows(trace, near.shape).into_iter().map(|shape| {
            let step = 0.3 * (shape.period / near.shape.period).ln().abs().max(1e-4);
            polish_window(&whole, &model, whole.fit(&model, shape), step, 5)
        });
        let rounded: Vec<Found> = round.collect();
        let settled = settled(trace, &whole, &model, near);
        rounded.into_iter().chain([settled]).map(|found| (found, tokens)).collect::<Vec<_>>()
    });
    let mut all: Vec<(Found, u32)> = polished.flatten().collect();
    all.sort_by(|one, other| by_loss(&one.0).total_cmp(&by_loss(&other.0)));
    let mut all = all.into_iter();
    let (mut first, tokens) = all.next()?;
    let is_other = |(other, of): &(Found, u32)| {
        *of == tokens
            && other.fit.contradictions <= first.fit.contradictions
            && other.fit.loss <= first.fit.loss + OTHER_NATS
    };
    first.others = all.filter(is_other).take(OTHERS).map(|(other, _)| other.shape).collect();
    Some((first, tokens))
}

/// How many tokens a step may bring: where the bucket was empty before two steps, what went through between is that of the
/// steps between.
fn tokens_of_steps(trace: &Trace, shape: Shape) -> Vec<u32> {
    let accepted = &trace.counted(Counted::Accepted).likely;
    let middle = |turn: &(f64, f64)| f64::midpoint(turn.0, turn.1);
    let each = trace.turns().windows(2).filter_map(|pair| {
        let (from, to) = (middle(&pair[0]), middle(&pair[1]));
        let steps = ((to - from) / shape.period).round();
        let went = accepted.before(pair[1].0).saturating_sub(accepted.before(pair[0].0));
        (steps >= 1.0).then(|| (went as f64 / steps).round() as u32)
    });
    let mut each: Vec<u32> = each.collect();
    each.sort_unstable();
    // Where the bucket was full in between, some steps brought less.
    [each.len() / 2, each.len() * 3 / 4, each.len() * 9 / 10].iter().filter_map(|at| each.get(*at).copied()).collect()
}

/// Puts the borders of windows to where requests were let through again, as far as these times are a window apart.
fn snap(view: &View<'_>, model: &dyn Model, found: Found, openings: &[f64]) -> Found {
    let mut best = found;
    for _ in 0..3 {
        let Shape { period, phase } = best.shape;
        let near: Vec<(f64, f64)> = openings
            .iter()
            .map(|at| (((at - phase) / period).round(), *at))
            .filter(|(number, at)| (at - phase - number * period).abs() < 0.15 * period)
            .collect();
        let count = near.len() as f64;
        let (number, at) = near.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0 / count, sum.1 + pair.1 / count));
        let both: f64 = near.iter().map(|pair| (pair.0 - number) * (pair.1 - at)).sum();
        let square: f64 = near.iter().map(|pair| (pair.0 - number).powi(2)).sum();
        if near.len() < 3 || square <= 0.0 || both <= 0.0 {
            break;
        }
        let period = both / square;
        let begin = at - number * period;
        // The first request that got through came a little later, of a counter after the time for one request more.
        let shifts = [0.0, 0.5, 1.0, 2.0].map(|shift| begin - shift * period / best.fit.threshold.max(2.0));
        let moved = shifts.map(|phase| view.fit(model, Shape { period, phase: phase.rem_euclid(period) }));
        let Some(moved) = moved.into_iter().min_by(|one, other| by_loss(one).total_cmp(&by_loss(other))) else { break };
        if by_loss(&moved) >= by_loss(&best) {
            break;
        }
        best = moved;
    }
    best
}

/// Refines what is left and takes the best.
fn finest(view: &View<'_>, model: &dyn Model, found: Vec<Found>, refine: impl Fn(&View<'_>, Found) -> Found) -> Found {
    let refined: Vec<Found> = found.into_iter().map(|start| refine(view, start)).collect();
    let mut best = best(refined, OTHERS, by_loss).into_iter();
    let Some(mut first) = best.next() else { return view.fit(model, Shape { period: 1.0, phase: 0.0 }) };
    let as_good = |other: &Found| {
        other.fit.contradictions <= first.fit.contradictions && other.fit.loss <= first.fit.loss + OTHER_NATS
    };
    first.others = best.filter(as_good).map(|other| other.shape).collect();
    first
}

/// The best of the shapes around one whose period is known but for a part.
pub(super) fn near(view: &View<'_>, model: &dyn Model, shape: Shape, part: f64) -> Found {
    polish_period(view, model, view.fit(model, shape), part.clamp(1e-6, 0.05), 8)
}

/// Tries neighbours of a period, nearer and nearer.
fn polish_period(view: &View<'_>, model: &dyn Model, start: Found, step: f64, levels: u32) -> Found {
    let mut best = start;
    let mut step = step;
    for _ in 0..levels {
        let centre = best.shape.period;
        for factor in [-2.0, -1.0, 1.0, 2.0] {
            let tried = Shape { period: centre * (1.0 + factor * step), phase: 0.0 };
            if let Some(better) = view.fit_within(model, tried, by_loss(&best)) {
                best = better;
            }
        }
        step /= 2.0;
    }
    best
}

/// The first and the last border between windows in a stretch of time, and how many windows lie between them. Where these
/// two lie is what a trace tells, each without the other; length and phase depend on each other.
#[derive(Debug, Clone, Copy)]
struct Borders {
    first: f64,
    last: f64,
    windows: f64,
}

impl Borders {
    fn of(shape: Shape, until: f64) -> Self {
        let windows = shape.window(until).max(1);
        Borders { first: shape.begin(0), last: shape.begin(windows), windows: windows as f64 }
    }

    fn shape(self) -> Shape {
        let period = ((self.last - self.first) / self.windows).max(SHORTEST_WINDOW / 2.0);
        Shape { period, phase: self.first.rem_euclid(period) }
    }
}

/// Tries neighbours of a window, moving its first and last border, nearer and nearer.
fn polish_window(view: &View<'_>, model: &dyn Model, start: Found, step: f64, levels: u32) -> Found {
    const MOVES: [(f64, f64); 6] = [(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0), (1.0, 1.0), (-1.0, -1.0)];
    const LEAPS: usize = 6;
    let mut random = fastrand::Rng::with_seed(start.shape.period.to_bits());
    let mut best = start;
    let mut step = step * best.shape.period;
    for _ in 0..levels {
        let borders = Borders::of(best.shape, view.end);
        // Moves to all sides, and some at random, as what fits may lie on a slant.
        let mut leap = || (random.f64() * 3.0 - 1.5, random.f64() * 3.0 - 1.5);
        let leaps: [(f64, f64); LEAPS] = std::array::from_fn(|_| leap());
        for (first, last) in MOVES.into_iter().chain(leaps) {
            let moved = Borders { first: borders.first + first * step, last: borders.last + last * step, ..borders };
            if let Some(better) = view.fit_within(model, moved.shape(), by_loss(&best)) {
                best = better;
            }
        }
        step *= 0.6;
    }
    best
}

/// Goes on while something is left that the window does not explain. What a window loses is a rough slope, and one walk down
/// ends in the first hollow: the best of many that lie around lead out of it.
fn settle_window(view: &View<'_>, model: &dyn Model, start: Found) -> Found {
    const FIRST: [f64; 7] = [-0.08, -0.04, -0.02, 0.0, 0.02, 0.04, 0.08];
    const LAST: [f64; 10] = [-0.24, -0.16, -0.1, -0.05, -0.02, 0.02, 0.05, 0.1, 0.16, 0.24];
    const WALKS: usize = 3;
    const ROUNDS: usize = 2;
    let mut best_one = start;
    for _ in 0..ROUNDS {
        if best_one.fit.contradictions == 0 {
            break;
        }
        let (borders, period) = (Borders::of(best_one.shape, view.end), best_one.shape.period);
        let around = FIRST.iter().flat_map(|first| LAST.iter().map(move |last| (first * period, last * period)));
        let around = around.map(|(first, last)| {
            Borders { first: borders.first + first, last: borders.last + last, ..borders }.shape()
        });
        let mut around = view.near_best(model, around);
        around.sort_by(|one, other| by_loss(one).total_cmp(&by_loss(other)));
        around.truncate(WALKS);
        let before = by_loss(&best_one);
        for found in around {
            let found = polish_window(view, model, found, 0.03, 8);
            if by_loss(&found) < by_loss(&best_one) {
                best_one = found;
            }
        }
        if by_loss(&best_one) >= before {
            break;
        }
    }
    best_one
}

/// What all shapes that go with a trace have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranges {
    pub period: (f64, f64),
    pub phase: (f64, f64),
    pub threshold: (f64, f64),
}

/// Whether a shape that loses so much may be the true one, when the best one loses that.
pub(super) fn is_as_good(loss: f64, best: f64) -> bool {
    loss <= best * 1.08 + 20.0
}

/// Follows the shapes that are as good as the best one to both sides.
pub(super) fn ranges(view: &View<'_>, model: &dyn Model, found: &Found, has_phase: bool) -> Ranges {
    let mut ranges = ranges_around(view, model, found, has_phase);
    for shape in &found.others {
        let other = view.fit(model, *shape);
        if other.fit.contradictions > found.fit.contradictions || !is_as_good(other.fit.loss, found.fit.loss) {
            continue;
        }
        let around = ranges_around(view, model, &other, has_phase);
        let both = |one: (f64, f64), other: (f64, f64)| (one.0.min(other.0), one.1.max(other.1));
        ranges.period = both(ranges.period, around.period);
        ranges.threshold = both(ranges.threshold, around.threshold);
    }
    ranges
}

fn ranges_around(view: &View<'_>, model: &dyn Model, found: &Found, has_phase: bool) -> Ranges {
    let best = view.fit(model, found.shape);
    // Many arrivals whose order is not known can be explained by any high rate one by one, but hardly all at once.
    let mut ranges = Ranges {
        period: (best.shape.period, best.shape.period),
        phase: (best.shape.phase, best.shape.phase),
        threshold: (best.fit.threshold, best.fit.threshold),
    };
    let mut goes = |shape: Shape| {
        let fit = view.fit(model, shape).fit;
        let goes = fit.contradictions <= best.fit.contradictions && (has_phase || is_as_good(fit.loss, best.fit.loss));
        if goes {
            let (low, high) = fit.range(model.threshold()).unwrap_or((fit.threshold, fit.threshold));
            ranges.threshold = (ranges.threshold.0.min(low), ranges.threshold.1.max(high));
        }
        goes
    };
    let start = best.shape;
    if has_phase {
        let borders = Borders::of(start, view.end);
        let span = start.period;
        let first = [-1.0, 1.0]
            .map(|side| edge(span, |by| goes(Borders { first: borders.first + side * by, ..borders }.shape())));
        let last = [-1.0, 1.0]
            .map(|side| edge(span, |by| goes(Borders { last: borders.last + side * by, ..borders }.shape())));
        let length = borders.last - borders.first;
        let period = |by: f64| ((length + by) / borders.windows).max(SHORTEST_WINDOW / 2.0).min(start.period * 3.0);
        let phase = |by: f64| borders.first + by;
        // What goes may lie on a slant, or with gaps between: a walk through it finds what straight lines do not.
        const WALK: u32 = 160;
        let mut random = fastrand::Rng::with_seed(start.period.to_bits());
        let mut known = vec![borders];
        let mut step = (first[0] + first[1] + last[0] + last[1]).max(1e-4 * span);
        for _ in 0..WALK {
            let from = known[random.usize(..known.len())];
            let mut by = || (random.f64() + random.f64() - 1.0) * step;
            let moved = Borders { first: from.first + by(), last: from.last + by(), ..from };
            if goes(moved.shape()) {
                known.push(moved);
                step *= 1.1;
            } else {
                step *= 0.95;
            }
        }
        let of = |of: fn(&Borders) -> f64| {
            let least = known.iter().map(of).fold(f64::INFINITY, f64::min);
            (least, known.iter().map(of).fold(f64::NEG_INFINITY, f64::max))
        };
        let (walked, begun) = (of(|at| at.last - at.first), of(|at| at.first));
        ranges.period = (
            period(-last[0] - first[1]).min((walked.0 / borders.windows).max(SHORTEST_WINDOW / 2.0)),
            period(last[1] + first[0]).max(walked.1 / borders.windows),
        );
        ranges.phase = (phase(-first[0]).min(begun.0), phase(first[1]).max(begun.1));
    } else {
        let sides = [-1.0, 1.0]
            .map(|side: f64| edge(3.0, |by| goes(Shape { period: start.period * (side * by).exp(), ..start })));
        ranges.period = (start.period * (-sides[0]).exp(), start.period * sides[1].exp());
    }
    ranges
}

/// How far one can go before `goes` says no: from tiny steps to large ones, then back by halves.
pub(super) fn edge(most: f64, mut goes: impl FnMut(f64) -> bool) -> f64 {
    let (mut good, mut bad) = (0.0, 1e-6);
    while goes(bad) {
        good = bad;
        bad *= 2.0;
        if bad > most {
            return most;
        }
    }
    for _ in 0..8 {
        let middle = f64::midpoint(good, bad);
        if goes(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    // The outer side: the edge itself belongs to the range.
    bad
}

//! From attempts to a finding: every model is fitted, and what cannot be it is left out.

use super::attempt::{Attempt, Decision};
use super::concurrency::Concurrency;
use super::finding::{Evidence, Finding, Kind, Limit, Load, Part, Range, RunnerUp, Verdict};
use super::fixed_window::FixedWindow;
use super::gauge::{Model, Shape};
use super::leaky_bucket;
use super::plain;
use super::request_window::RequestWindow;
use super::search::{self, Found, View};
use super::sliding_counter::SlidingCounter;
use super::sliding_log::SlidingLog;
use super::stacked;
use super::stepped_bucket::SteppedBucket;
use super::timeline::Timeline;
use super::token_bucket::TokenBucket;
use super::trace::{Counted, Query, Trace};
use crate::clock::Timestamp;
use std::time::Duration;

/// So many attempts in a row are looked at.
const PIECE: usize = 40_000;
/// Fewer rejects do not tell one limiter from another.
const FEWEST_REJECTS: usize = 3;
/// Contradictions that a limiter may leave: this many, and of so many attempts one more. Servers have clocks of their own,
/// and refuse requests for other reasons, too.
const ALLOWED: usize = 2;
const ALLOWED_OF: usize = 400;
/// But no more than one of so many of the decisions that are the rarer ones: of few refusals each tells.
const ALLOWED_OF_RARER: usize = 20;
/// A model is not told from another that foretells nearly as much, when what their numbers cost is added.
const AS_GOOD: f64 = 1.12;
const AS_GOOD_NATS: f64 = 9.0;
/// Numbers cost no more than so much.
const NUMBERS_NATS: f64 = 30.0;
/// Nats of surprise an attempt, above which buckets that are filled in steps are tried.
const STEPPED: f64 = 0.02;

/// Who is surprised by more than this part of what one is who only knows how many are refused explains nothing, if all
/// numbers will do.
const NOTHING: f64 = 0.9;
const WIDE: f64 = 2.0;
/// Windows by the clock and windows by requests are one where they are nearly as long, and one does not lose more than this.
const BEGINS_APART: f64 = 0.05;
const BEGINS_NATS: f64 = 100.0;
/// And for each attempt.
const BEGINS_SURPRISE: f64 = 0.05;
/// What may be lost for each window that a request opened.
const OPENING_NATS: f64 = 3.0;

/// Bits of surprise an attempt, above which a model that counts refused requests explains nothing.
const MOST_SURPRISE: f64 = 0.4;

/// Nats of surprise an attempt, above which two limits are tried where one would do. As two can always do more, they must do
/// so by far.
const SURPRISED: f64 = 0.2;
const TWICE_AS_FREE: f64 = 1.25;
const TWICE_AS_FREE_BITS: f64 = 60.0;

/// A model that was fitted.
struct Fitted {
    kind: Kind,
    counted: Counted,
    /// Tokens of a step.
    fill: u32,
    found: Found,
}

impl Fitted {
    fn new(trace: &Trace, view: &View<'_>, kind: Kind, counted: Counted, rivals: &[Fitted]) -> Self {
        let by_loss = |one: &&Fitted, other: &&Fitted| one.found.fit.loss.total_cmp(&other.found.fit.loss);
        let rival = rivals.iter().min_by(by_loss);
        Fitted { kind, counted, fill: 1, found: fit(trace, view, kind, counted, rival) }
    }

    fn model(&self) -> Box<dyn Model> {
        if self.kind == Kind::SteppedBucket {
            return Box::new(SteppedBucket(self.fill));
        }
        model(self.kind, self.counted)
    }
}

/// The model of a kind.
pub(super) fn model(kind: Kind, counted: Counted) -> Box<dyn Model> {
    match kind {
        Kind::TokenBucket | Kind::LeakyBucket | Kind::Stacked => Box::new(TokenBucket(counted)),
        Kind::FixedWindow => Box::new(FixedWindow),
        Kind::RequestWindow => Box::new(RequestWindow),
        Kind::SteppedBucket => Box::new(SteppedBucket(1)),
        Kind::SlidingLog => Box::new(SlidingLog(counted)),
        Kind::SlidingCounter => Box::new(SlidingCounter(counted)),
        Kind::Concurrency => Box::new(Concurrency),
    }
}

pub(super) fn has_phase(kind: Kind) -> bool {
    matches!(kind, Kind::FixedWindow | Kind::SlidingCounter | Kind::SteppedBucket)
}

/// Fits a model to all of a trace. What a rival foretells by far better need not be found.
fn fit(trace: &Trace, view: &View<'_>, kind: Kind, counted: Counted, rival: Option<&Fitted>) -> Found {
    let model = model(kind, counted);
    let found = match kind {
        Kind::TokenBucket | Kind::LeakyBucket | Kind::Stacked => search::rate(trace, &*model),
        Kind::SlidingLog => search::length(trace, &*model),
        Kind::FixedWindow | Kind::SteppedBucket => search::fixed_window(trace, &*model),
        Kind::RequestWindow => search::request_window(trace, &*model),
        Kind::SlidingCounter => {
            let rival = rival.map(|rival| (rival.model(), rival.found.shape));
            search::window(trace, &*model, rival.as_ref().map(|(model, shape)| (&**model, *shape)))
        }
        Kind::Concurrency => view.fit(&*model, Shape { period: 1.0, phase: 0.0 }),
    };
    Found { others: found.others, ..view.fit(&*model, found.shape) }
}

/// What attempts at one resource, in any order, tell of its limit.
pub fn infer(attempts: &[Attempt]) -> Finding {
    if attempts.len() <= PIECE {
        return infer_all(attempts);
    }
    // Of very many attempts two stretches tell as much as all: the one where rejects begin, and the last one, which must
    // agree with it.
    let mut sorted: Vec<&Attempt> = attempts.iter().collect();
    sorted.sort_unstable_by_key(|attempt| attempt.sent);
    let is_reject = |attempt: &&Attempt| attempt.decision == Decision::Rejected;
    let (Some(first), Some(last)) = (sorted.iter().position(is_reject), sorted.iter().rposition(is_reject)) else {
        return infer_all(attempts);
    };
    let copy = |from: usize, to: usize| sorted[from..to].iter().map(|attempt| **attempt).collect::<Vec<_>>();
    // Where they begin soon, all from the first request on is looked at: what was used up before is then known.
    let from = if first <= PIECE / 2 { 0 } else { first - PIECE / 4 }.min(sorted.len() - PIECE);
    let mut finding = infer_all(&copy(from, from + PIECE));
    let whole = Trace::counts(attempts);
    (finding.samples, finding.rejects, finding.duration) = (attempts.len(), whole.0, whole.1);
    let to = (last + 1).max(PIECE);
    let late = copy((to - PIECE).max(from + PIECE).min(to), to);
    if let Verdict::Limit(limit) = &finding.verdict
        && late.len() >= PIECE / 4
        && !still_holds(limit, &late)
        && let Some(later) = later(&late, limit.kind)
        && !agrees(limit, &later)
    {
        let parts = [(sorted[0].sent, limit.clone()), (late[0].sent, later)];
        finding.verdict = Verdict::NotConstant(parts.map(|(from, limit)| Part { from, limit }).into());
    }
    finding
}

/// Whether a later stretch goes with a limit as well: its own search would take as long as the first one.
fn still_holds(limit: &Limit, late: &[Attempt]) -> bool {
    const SOME: usize = 100;
    let middle = |range: Range| f64::midpoint(range.0, range.1);
    let part = |range: Range| (range.1 - range.0) / (range.1 + range.0);
    let (kind, period, part) = match (limit.kind, limit.rate, limit.window) {
        (Kind::TokenBucket | Kind::LeakyBucket, Some(rate), _) => (Kind::TokenBucket, 1.0 / middle(rate), part(rate)),
        (Kind::SlidingLog | Kind::RequestWindow, _, Some(window)) => (limit.kind, middle(window), part(window)),
        (Kind::Concurrency, ..) => (limit.kind, 1.0, 0.0),
        _ => return false,
    };
    let counted = if limit.rejects_consume == Some(true) { Counted::All } else { Counted::Accepted };
    let (trace, model) = (Trace::new(late), model(kind, counted));
    let view = View::late(&trace);
    let found = search::near(&view, &*model, Shape { period, phase: 0.0 }, part);
    let threshold = limit.burst.or(limit.limit).or(limit.concurrency).unwrap_or_default();
    let is_same = found.fit.threshold <= threshold.1 * 1.1 + 2.0 && found.fit.threshold >= threshold.0 * 0.9 - 2.0;
    is_same && found.fit.contradictions <= ALLOWED + view.asked() / SOME
}

/// The same kind of limit, fitted to a later stretch.
fn later(attempts: &[Attempt], kind: Kind) -> Option<Limit> {
    let kind = if kind == Kind::LeakyBucket { Kind::TokenBucket } else { kind };
    let trace = Trace::new(attempts);
    if kind == Kind::Stacked || trace.rejects() < FEWEST_REJECTS {
        return None;
    }
    let view = View::whole(&trace);
    let fitted = Fitted::new(&trace, &view, kind, Counted::Accepted, &[]);
    // In the middle of a run it is not known what was used up before, which leaves contradictions.
    let fit = &fitted.found.fit;
    let is_sure = fit.contradictions <= ALLOWED && fit.loss < SURPRISED * view.asked() as f64;
    is_sure.then(|| limit(&trace, &view, &fitted))
}

/// Whether two limits can be one: their rates, or caps, meet, but for a twentieth.
fn agrees(one: &Limit, other: &Limit) -> bool {
    let meets = |one: Option<Range>, other: Option<Range>| match (one, other) {
        (Some(one), Some(other)) => one.0 <= other.1 * 1.05 && other.0 <= one.1 * 1.05,
        _ => true,
    };
    meets(one.rate, other.rate) && meets(one.concurrency, other.concurrency)
}

fn infer_all(attempts: &[Attempt]) -> Finding {
    let trace = Trace::new(attempts);
    let mut finding = Finding {
        samples: attempts.len(),
        rejects: trace.rejects(),
        duration: Duration::from_secs_f64(trace.end.max(0.0)),
        verdict: Verdict::NoRejects,
        runner_up: None,
        load: load(&trace),
        announced: Vec::new(),
        timeline: Timeline::default(),
    };
    if trace.rejects() == 0 {
        return finding;
    }
    let view = View::whole(&trace);
    let refused = view.queries().iter().filter(|query| !query.accepted()).count();
    let rarer = refused.min(view.asked() - refused);
    let allowed = ALLOWED + (view.asked() / ALLOWED_OF).min(rarer / ALLOWED_OF_RARER);
    let mut all: Vec<Fitted> = Vec::new();
    for kind in [
        Kind::TokenBucket,
        Kind::Concurrency,
        Kind::SlidingLog,
        Kind::FixedWindow,
        Kind::RequestWindow,
        Kind::SlidingCounter,
    ] {
        let fitted = Fitted::new(&trace, &view, kind, Counted::Accepted, &all);
        all.push(fitted);
    }
    const FEW_TURNS: usize = 30;
    // Steps can be as small as one likes: they are tried where nothing else explains what happens, or where few
    // turns leave room for much.
    let is_foretold = |fitted: &Fitted| {
        let fit = &fitted.found.fit;
        fit.contradictions <= allowed && fit.loss < STEPPED * view.asked() as f64 + AS_GOOD_NATS
    };
    if trace.turns().len() < FEW_TURNS || !all.iter().any(is_foretold) {
        let rate =
            all.iter().find(|fitted| fitted.kind == Kind::TokenBucket).map(|bucket| 1.0 / bucket.found.shape.period);
        if let Some((found, fill)) = rate.and_then(|rate| search::stepped(&trace, rate)) {
            let kind = Kind::SteppedBucket;
            let found = Found { others: found.others, ..view.fit(&SteppedBucket(fill), found.shape) };
            // A bucket that one step fills is a fixed window.
            if found.fit.threshold > f64::from(fill) + 0.5 {
                all.push(Fitted { kind, counted: Counted::Accepted, fill, found });
            }
        }
    }
    // Few decisions of one kind, or few changes between them, say little, and odd numbers of another model explain them, too.
    const FEW: usize = 300;
    let is_open = all.iter().all(|fitted| fitted.found.fit.contradictions > allowed);
    if trace.rejects().min(trace.accepts()) < FEW || trace.turns().len() < FEW_TURNS || is_open {
        let consuming = [Kind::TokenBucket, Kind::SlidingLog, Kind::SlidingCounter];
        let fitted = consuming.map(|kind| Fitted::new(&trace, &view, kind, Counted::All, &all));
        // Where nearly everything counts, nearly everything can be explained; it must be foretold, or nothing else be left.
        let most_surprise = MOST_SURPRISE * std::f64::consts::LN_2;
        let most_surprise = if is_open { most_surprise.max(NOTHING * guess(&trace)) } else { most_surprise };
        let most_loss = most_surprise * view.asked() as f64;
        all.extend(fitted.into_iter().filter(|fitted| fitted.found.fit.loss < most_loss));
    }
    let fewest = all.iter().map(|fitted| fitted.found.fit.contradictions).min().unwrap_or(0);
    // Those that explain nearly everything come first, then those that foretell most.
    let explains = |fitted: &Fitted| fitted.found.fit.contradictions <= fewest.max(allowed.min(fewest + ALLOWED));
    all.sort_by(|one, other| {
        explains(other).cmp(&explains(one)).then(one.found.fit.loss.total_cmp(&other.found.fit.loss))
    });
    let explaining = all.iter().filter(|fitted| explains(fitted)).count();
    let best_loss = all[0].found.fit.loss;
    // When each window of these began is known from its own requests alone, which costs as much as a decision or two.
    let opening = |fitted: &Fitted| {
        if fitted.kind == Kind::RequestWindow { OPENING_NATS * trace.turns().len() as f64 } else { 0.0 }
    };
    let most_loss = best_loss * AS_GOOD + AS_GOOD_NATS + NUMBERS_NATS;
    let most_with_other_begins = 3.0 * best_loss + BEGINS_NATS + BEGINS_SURPRISE * view.asked() as f64;
    let contradicting = all.split_off(explaining);
    let is_near = |fitted: &Fitted| {
        let may_begin_otherwise = matches!(fitted.kind, Kind::FixedWindow | Kind::RequestWindow);
        fitted.found.fit.loss - opening(fitted) <= most_loss
            || may_begin_otherwise && fitted.found.fit.loss < most_with_other_begins
    };
    let (near, far): (Vec<Fitted>, Vec<Fitted>) = all.into_iter().partition(is_near);
    // What is foretold and what it takes to say it, together.
    let mut priced: Vec<(f64, Fitted)> = near
        .into_iter()
        .map(|fitted| {
            let numbers = (priced(&trace, &view, &fitted).1 * std::f64::consts::LN_2).min(NUMBERS_NATS);
            (fitted.found.fit.loss + numbers, fitted)
        })
        .collect();
    priced.sort_by(|one, other| one.0.total_cmp(&other.0));
    let most = priced.first().map_or(0.0, |best| best.0 + (AS_GOOD - 1.0) * best_loss + AS_GOOD_NATS);
    let best = priced.first().map(|(_, best)| (best.kind, best.counted, best.found.shape.period));
    // What windows begin with nothing but a contradiction tells.
    let begins_otherwise = |fitted: &Fitted| {
        let is_window = |kind: Kind| matches!(kind, Kind::FixedWindow | Kind::RequestWindow);
        best.is_some_and(|(kind, _, period)| {
            let apart = (fitted.found.shape.period / period).ln().abs();
            kind != fitted.kind && is_window(kind) && is_window(fitted.kind) && apart < BEGINS_APART
        })
    };
    let is_as_good = |(price, fitted): &(f64, Fitted)| price - opening(fitted) <= most || begins_otherwise(fitted);
    let (mut good, rest): (Vec<_>, Vec<_>) = priced.into_iter().partition(is_as_good);
    // Where it does not matter whether refused requests count, that they do not is the simpler guess.
    let simple: Vec<Kind> =
        good.iter().filter(|(_, fitted)| fitted.counted == Counted::Accepted).map(|(_, fitted)| fitted.kind).collect();
    good.retain(|(_, fitted)| {
        fitted.counted == Counted::Accepted
            || !simple.contains(&fitted.kind)
            || best.is_some_and(|(kind, counted, _)| (kind, counted) == (fitted.kind, fitted.counted))
    });
    let as_good = good.len();
    let mut priced = good;
    priced.extend(rest);
    let all: Vec<Fitted> = priced.into_iter().map(|(_, fitted)| fitted).chain(far).chain(contradicting).collect();

    // One limit that is contradicted, or that leaves most of what happens to chance, may be half of the truth.
    if fewest > allowed || all[0].found.fit.loss > SURPRISED * view.asked() as f64 {
        // How many tokens a step brings is no part of a shape.
        let plain = all.iter().filter(|fitted| fitted.kind != Kind::SteppedBucket);
        let alone: Vec<(Kind, Shape)> = plain.map(|fitted| (fitted.kind, fitted.found.shape)).collect();
        if let Some((both, loss)) = stacked::find(&trace, &view, &alone, allowed)
            && (fewest > allowed || loss * TWICE_AS_FREE + TWICE_AS_FREE_BITS < all[0].found.fit.loss)
        {
            finding.runner_up = Some(contradicted(limit(&trace, &view, &all[0])));
            finding.verdict = Verdict::Limit(both);
            return finding;
        }
    }
    if fewest > allowed {
        let best = limit(&trace, &view, &all[0]);
        if let Some(parts) = parts(attempts, trace.origin) {
            finding.runner_up = Some(contradicted(best));
            finding.verdict = Verdict::NotConstant(parts);
        } else {
            finding.verdict = Verdict::Unexplained(best);
        }
        return finding;
    }
    if trace.rejects() >= FEWEST_REJECTS
        && let [one, other] = &all[..as_good]
        && are_twins(one, other)
    {
        let (one, other) = (limit(&trace, &view, one), limit(&trace, &view, other));
        finding.verdict = Verdict::Limit(one.or_twin(&other));
        return finding;
    }
    let is_told = is_one_limiter(&trace, &all[..as_good]) || is_queue(&trace, &view, &all[..as_good]);
    let says_nothing = all[0].found.fit.loss > NOTHING * guess(&trace) * view.asked() as f64 && {
        let best = limit(&trace, &view, &all[0]);
        best.rate.or(best.concurrency).is_some_and(|(from, to)| to > WIDE * from)
    };
    if trace.rejects() < FEWEST_REJECTS || says_nothing || as_good > 1 && !is_told {
        finding.verdict =
            Verdict::Undecided(all[..as_good].iter().map(|fitted| limit(&trace, &view, fitted)).collect());
        return finding;
    }
    let best = prefer(&trace, &all[..as_good]);
    let mut answer = limit(&trace, &view, &all[best]);
    if answer.kind == Kind::TokenBucket && leaky_bucket::is_one(&trace, &answer) {
        answer.kind = Kind::LeakyBucket;
    }
    answer.rejects_consume = consumes(&trace, &view, &all[best], allowed);
    finding.runner_up = all.iter().enumerate().find(|(index, _)| *index >= as_good).map(|(_, fitted)| {
        let loser = limit(&trace, &view, fitted);
        if fitted.found.fit.contradictions > answer.contradictions {
            return contradicted(loser);
        }
        if loser.surprise <= answer.surprise + 0.005 {
            let why = "it explains as much, but needs odder numbers for it".to_owned();
            return RunnerUp { limit: loser, why };
        }
        let why = format!(
            "it goes with all accepts and rejects, but foretells fewer of them ({:.2} bits of surprise a request, not {:.2})",
            loser.surprise, answer.surprise
        );
        RunnerUp { limit: loser, why }
    });
    finding.verdict = Verdict::Limit(answer);
    finding
}

/// Windows that begin by the clock or with a request, and those that slide by a log or by two counters: where nothing tells
/// them apart, it is one length and one limit either way.
fn are_twins(one: &Fitted, other: &Fitted) -> bool {
    let apart = (one.found.shape.period / other.found.shape.period).ln().abs();
    one.kind.name() == other.kind.name()
        && one.found.shape.period > 0.0
        && apart < 0.2
        && !matches!(one.kind, Kind::TokenBucket | Kind::SteppedBucket)
}

/// Nats of surprise an attempt for one who knows nothing but how many are refused.
fn guess(trace: &Trace) -> f64 {
    let refused = trace.rejects() as f64 / trace.queries.len().max(1) as f64;
    [refused, 1.0 - refused].into_iter().filter(|part| *part > 0.0).map(|part| -part * part.ln()).sum()
}

fn contradicted(limit: Limit) -> RunnerUp {
    let count = limit.contradictions;
    let why = format!("{count} of the accepts and rejects that were looked at cannot be its doing");
    RunnerUp { limit, why }
}

/// Different models with the same parameters are one limiter: a window for one request is a bucket for one token, and work
/// that always takes the same time makes a window of a cap.
fn is_one_limiter(trace: &Trace, all: &[Fitted]) -> bool {
    let single = |fitted: &Fitted| fitted.found.fit.threshold < 1.5 && fitted.kind != Kind::Concurrency;
    all.iter().all(single) || all.iter().all(|fitted| fitted.kind == Kind::Concurrency || is_work(trace, fitted))
}

/// A queue for so many requests is a cap on requests in flight as well. That requests wait for their turn tells that it is one.
fn is_queue(trace: &Trace, view: &View<'_>, all: &[Fitted]) -> bool {
    let is_either = |fitted: &Fitted| matches!(fitted.kind, Kind::TokenBucket | Kind::Concurrency);
    let bucket = all.iter().find(|fitted| fitted.kind == Kind::TokenBucket);
    all.iter().all(is_either) && bucket.is_some_and(|bucket| leaky_bucket::is_one(trace, &limit(trace, view, bucket)))
}

/// Whether a window is as long as the work takes.
fn is_work(trace: &Trace, fitted: &Fitted) -> bool {
    let mut taken: Vec<f64> = trace.answers.iter().map(|answer| answer.took).collect();
    taken.sort_unstable_by(f64::total_cmp);
    let Some(usual) = taken.get(taken.len() / 2) else { return false };
    matches!(fitted.kind, Kind::SlidingLog | Kind::SlidingCounter | Kind::FixedWindow | Kind::RequestWindow)
        && (fitted.found.shape.period - usual).abs() < 0.1 * usual + trace.round_trip
}

/// Of one limiter with several names, the usual name.
fn prefer(trace: &Trace, all: &[Fitted]) -> usize {
    let of = |kind: Kind| all.iter().position(|fitted| fitted.kind == kind);
    if all.len() > 1 && all.iter().any(|fitted| is_work(trace, fitted)) {
        return of(Kind::Concurrency).unwrap_or(0);
    }
    if all.len() > 1 { of(Kind::TokenBucket).unwrap_or(0) } else { 0 }
}

/// Whether the same model that counts differently explains as much.
fn consumes(trace: &Trace, view: &View<'_>, fitted: &Fitted, allowed: usize) -> Option<bool> {
    if fitted.kind == Kind::Concurrency {
        return Some(false);
    }
    if matches!(fitted.kind, Kind::FixedWindow | Kind::RequestWindow | Kind::SteppedBucket) {
        return None;
    }
    let (other, consumes) = match fitted.counted {
        Counted::Accepted => (Counted::All, false),
        Counted::All => (Counted::Accepted, true),
    };
    let found = fit(trace, view, fitted.kind, other, Some(fitted));
    let as_good =
        found.fit.contradictions <= allowed && found.fit.loss <= fitted.found.fit.loss * AS_GOOD + AS_GOOD_NATS;
    (!as_good).then_some(consumes)
}

/// A fitted model with its ranges and its evidence.
fn limit(trace: &Trace, view: &View<'_>, fitted: &Fitted) -> Limit {
    priced(trace, view, fitted).0
}

/// The same, with the bits that its numbers take.
fn priced(trace: &Trace, view: &View<'_>, fitted: &Fitted) -> (Limit, f64) {
    let model = fitted.model();
    let found = &fitted.found;
    let mut limit = Limit {
        rejects_consume: Some(fitted.counted == Counted::All),
        contradictions: found.fit.contradictions,
        surprise: found.fit.loss / std::f64::consts::LN_2 / view.asked().max(1) as f64,
        evidence: evidence(trace, fitted),
        ..Limit::new(fitted.kind)
    };
    if fitted.kind == Kind::Concurrency {
        let range = found.fit.range(model.threshold());
        limit.concurrency = Some(range.unwrap_or((found.fit.threshold, found.fit.threshold)));
        let bits = plain::bits(&limit, None);
        return (limit, bits);
    }
    let ranges = search::ranges(view, &*model, found, has_phase(fitted.kind));
    if fitted.kind == Kind::SteppedBucket {
        limit.limit = Some((f64::from(fitted.fill), f64::from(fitted.fill)));
    }
    describe(&mut limit, trace.origin, &ranges);
    let origin = trace.origin.micros() as f64 / 1e6;
    let phase = has_phase(fitted.kind).then_some((origin + ranges.phase.0, origin + ranges.phase.1));
    let bits = plain::bits(&limit, phase);
    (limit, bits)
}

/// Puts ranges into the words of a limit's kind.
pub(super) fn describe(limit: &mut Limit, origin: Timestamp, ranges: &search::Ranges) {
    let search::Ranges { period, phase, threshold } = *ranges;
    match limit.kind {
        Kind::Concurrency => limit.concurrency = Some(threshold),
        Kind::TokenBucket | Kind::LeakyBucket | Kind::Stacked => {
            limit.rate = Some((1.0 / period.1, 1.0 / period.0));
            // Bursts are whole numbers, if one is within the range.
            let whole = (threshold.0.ceil(), threshold.1.floor());
            limit.burst = Some(if whole.0 <= whole.1 { whole } else { threshold });
        }
        Kind::SteppedBucket => {
            let fill = limit.limit.unwrap_or_default();
            (limit.window, limit.burst) =
                (Some(period), Some((threshold.0.ceil(), threshold.1.floor().max(threshold.0))));
            limit.rate = Some((fill.0 / period.1, fill.1 / period.0));
        }
        Kind::FixedWindow | Kind::RequestWindow | Kind::SlidingLog | Kind::SlidingCounter => {
            let whole = (threshold.0.floor(), threshold.1.ceil());
            limit.limit = Some(whole);
            limit.window = Some(period);
            limit.rate = Some((whole.0 / period.1, whole.1 / period.0));
            if has_phase(limit.kind) {
                let begins = f64::midpoint(phase.0, phase.1);
                limit.begins = Some(Timestamp::from_micros(origin.micros() + (begins * 1e6) as i64));
            }
        }
    }
}

/// The accept and the reject that bound the threshold.
fn evidence(trace: &Trace, fitted: &Fitted) -> Vec<Evidence> {
    let at = |query: &Query| Timestamp::from_micros(trace.origin.micros() + (query.span.likely * 1e6) as i64);
    let fit = &fitted.found.fit;
    let what = |pressure: f64| match fitted.kind {
        Kind::TokenBucket | Kind::LeakyBucket | Kind::Stacked => {
            format!("{pressure:.1} more than had flowed in at {} a second", short(1.0 / fitted.found.shape.period))
        }
        Kind::Concurrency => format!("{pressure:.0} in flight"),
        _ => format!("{pressure:.0} in {} s", short(fitted.found.shape.period)),
    };
    let accepted = fit.low_by.map(|query| Evidence {
        at: at(&query),
        seen: format!("a request was accepted although it made at least {}", what(fit.low)),
    });
    let refused = fit.high_by.map(|query| Evidence {
        at: at(&query),
        seen: format!("a request was refused although it made at most {}", what(fit.high)),
    });
    accepted.into_iter().chain(refused).collect()
}

/// Three or four digits.
pub(super) fn short(value: f64) -> String {
    let digits = if value >= 1000.0 {
        0
    } else if value >= 100.0 {
        1
    } else if value >= 10.0 {
        2
    } else {
        3
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Two stretches of time of which each has a limit of the same kind that explains it.
fn parts(attempts: &[Attempt], origin: Timestamp) -> Option<Vec<Part>> {
    const FEWEST: usize = 100;
    let mut sorted: Vec<&Attempt> = attempts.iter().collect();
    sorted.sort_by_key(|attempt| attempt.sent);
    let mut best: Option<(usize, Vec<Part>)> = None;
    for quarter in 1..4 {
        let at = sorted.len() * quarter / 4;
        let halves: Vec<Vec<Attempt>> =
            [&sorted[..at], &sorted[at..]].map(|half| half.iter().map(|attempt| **attempt).collect()).into();
        if halves.iter().any(|half| half.len() < FEWEST) {
            continue;
        }
        let fitted: Option<Vec<(Part, usize)>> = halves
            .iter()
            .map(|half| {
                let trace = Trace::new(half);
                let view = View::whole(&trace);
                if trace.rejects() < FEWEST_REJECTS {
                    return None;
                }
                let kinds = [Kind::TokenBucket, Kind::SlidingLog, Kind::FixedWindow];
                let fits = kinds.map(|kind| Fitted::new(&trace, &view, kind, Counted::Accepted, &[]));
                let best = fits.into_iter().min_by(|one, other| one.found.fit.loss.total_cmp(&other.found.fit.loss))?;
                let most = ALLOWED + view.asked() / 50;
                let count = best.found.fit.contradictions;
                let from = if trace.origin > origin { trace.origin } else { origin };
                (count <= most).then(|| (Part { from, limit: limit(&trace, &view, &best) }, count))
            })
            .collect();
        let Some(fitted) = fitted else { continue };
        let left = fitted.iter().map(|(_, count)| count).sum();
        if best.as_ref().is_none_or(|(known, _)| left < *known) {
            best = Some((left, fitted.into_iter().map(|(part, _)| part).collect()));
        }
    }
    best.map(|(_, parts)| parts)
}

/// The load in stretches of about a fiftieth of the time, a second at least.
fn load(trace: &Trace) -> Load {
    let length = (trace.end / 50.0).max(1.0);
    let mut load = Load::default();
    let mut from = 0;
    while let Some(first) = trace.queries.get(from) {
        let begin = first.span.likely;
        let count = trace.queries[from..].partition_point(|query| query.span.likely < begin + length);
        let stretch = &trace.queries[from..from + count];
        let accepted = stretch.iter().filter(|query| query.decision == Decision::Accepted).count();
        let sent = count as f64 / length;
        if accepted == count {
            load.most_without_rejects = load.most_without_rejects.max(sent);
        } else if sent > load.most {
            (load.most, load.accepted_then) = (sent, accepted as f64 / length);
        }
        from += count.max(1);
    }
    load
}

/// What two ranges have in common with all others: from the least to the greatest.
pub(super) fn span(ranges: impl Iterator<Item = Range>) -> Option<Range> {
    ranges.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

//! Whether a simulated trace can tell its limiter from others at all, decided by one who knows when every request arrived.
//!
//! Limiters of all other models are fitted to the true arrivals, by trying many, and made to foretell every decision. The true
//! limiter foretells them, too, but is only told arrivals that are moved at random within what the network hides. If another
//! model does about as well as that, nobody can tell from the times that are recorded.

use super::Spec;
use super::workload::Arrival;
use crate::limits::{Kind as Named, Limit};
use fastrand::Rng;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Arrivals that are looked at, and those of them in which a limiter is looked for anywhere.
const MOST: usize = 40_000;
const FIRST: usize = 5000;
/// Limiters that are tried of each model, anywhere and near the best.
const ANYWHERE: usize = 120;
const NEAR: usize = 100;
/// How far around, as a part of the length, and what is left of that from try to try.
const COARSE: (f64, f64) = (0.2, 0.95);
const FINE: (f64, f64) = (0.02, 0.93);
/// Phases that are tried of each rival that is given.
const PHASES: u32 = 40;
/// A model that errs so often more than the true one, and by this many decisions, is told from it.
const TELLS: f64 = 1.5;
const TELLS_LEAST: f64 = 5.0;
/// Deviations from chance that waits must show.
const WAITS_SURE: f64 = 5.0;
/// Requests that each of two limits must have refused alone.
const ALONE: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bucket,
    Log,
    Fixed,
    Request,
    Counter,
    Cap,
    /// Steps of so many tokens.
    Steps(u32),
}

/// Whether the trace tells. The rivals are limits that the inference found as good: none of them may be better than those that
/// are found here by trying.
pub(in crate::limits) fn can_tell(spec: &Spec, arrivals: &[Arrival], rivals: &[Limit], jitter: f64, seed: u64) -> bool {
    let arrivals = &arrivals[..arrivals.len().min(MOST)];
    let mut random = Rng::with_seed(seed);
    if let Spec::Stacked(one, other) = spec
        && !both_refuse(one, other, arrivals)
    {
        return false;
    }
    if let Spec::LeakyBucket { rate, .. } = *spec
        && !shows_waits(1.0 / rate, arrivals, jitter)
    {
        return false;
    }
    let mut moved: Vec<Arrival> = arrivals.to_vec();
    // A message there and a millisecond that the file cuts off.
    for arrival in &mut moved {
        arrival.at += (random.f64() - 0.5) * (jitter + 0.001);
        arrival.left += (random.f64() - 0.5) * (jitter + 0.001);
    }
    moved.sort_by(|one, other| one.at.total_cmp(&other.at));
    count_in_flight(&mut moved);
    let (own, period, phase, all) = match *spec {
        Spec::TokenBucket { rate, debt, .. } => (Kind::Bucket, 1.0 / rate, 0.0, debt),
        Spec::LeakyBucket { rate, .. } => (Kind::Bucket, 1.0 / rate, 0.0, false),
        Spec::SlidingLog { window, all, .. } => (Kind::Log, window, 0.0, all),
        Spec::FixedWindow { window, phase, .. } => (Kind::Fixed, window, phase, false),
        Spec::RequestWindow { window, .. } => (Kind::Request, window, 0.0, false),
        Spec::SteppedBucket { fill, every, phase, .. } => (Kind::Steps(fill), every, phase, false),
        Spec::SlidingCounter { window, phase, all, .. } => (Kind::Counter, window, phase, all),
        Spec::Concurrency { .. } | Spec::Stacked(..) => (Kind::Cap, 1.0, 0.0, false),
    };
    let (truth, own) = match spec {
        Spec::Stacked(one, other) => (errors_of_both(one, other, &moved), None),
        _ => (errors(&moved, &pressures(own, period, phase, all, &moved)), Some(own)),
    };
    let most = truth as f64 * TELLS + TELLS_LEAST;
    let is_rival = |kind: Kind| Some(kind) != own || all;
    for rival in rivals {
        let (kind, period) = match (rival.kind, rival.rate, rival.window) {
            (Named::TokenBucket | Named::LeakyBucket, Some(rate), _) => (Kind::Bucket, 2.0 / (rate.0 + rate.1)),
            (Named::SlidingLog, _, Some(window)) => (Kind::Log, f64::midpoint(window.0, window.1)),
            (Named::FixedWindow, _, Some(window)) => (Kind::Fixed, f64::midpoint(window.0, window.1)),
            (Named::RequestWindow, _, Some(window)) => (Kind::Request, f64::midpoint(window.0, window.1)),
            (Named::SlidingCounter, _, Some(window)) => (Kind::Counter, f64::midpoint(window.0, window.1)),
            _ => continue,
        };
        let has_phase = matches!(kind, Kind::Fixed | Kind::Counter);
        let phases = (0..if has_phase { PHASES } else { 1 }).map(|step| f64::from(step) / f64::from(PHASES));
        let counts_all = rival.rejects_consume == Some(true);
        if !is_rival(kind) && counts_all == all {
            continue;
        }
        let tried = |phase: f64| {
            let phase = phase * period;
            (errors(arrivals, &pressures(kind, period, phase, counts_all, arrivals)), period, phase)
        };
        let fewest = phases.map(tried).min_by_key(|tried| tried.0).unwrap_or((usize::MAX, period, 0.0));
        // The middle of a range need not be the best of it.
        let fewest = near(kind, arrivals, counts_all, fewest, FINE, &mut random);
        if fewest.0 as f64 <= most {
            return false;
        }
    }
    let others = [Kind::Bucket, Kind::Log, Kind::Fixed, Kind::Request, Kind::Counter, Kind::Cap];
    others.into_iter().filter(|kind| is_rival(*kind)).all(|kind| best(kind, arrivals, &mut random) as f64 > most)
}

/// Whether the answers' times show that requests waited for their turn, beside all else that they differ by.
fn shows_waits(period: f64, arrivals: &[Arrival], jitter: f64) -> bool {
    let pressures = pressures(Kind::Bucket, period, 0.0, false, arrivals);
    let accepted = arrivals.iter().zip(&pressures).filter(|(arrival, _)| arrival.accepted);
    let pairs: Vec<(f64, f64)> =
        accepted.map(|(arrival, pressure)| (pressure * period, arrival.left - arrival.at)).collect();
    let count = pairs.len().max(1) as f64;
    let variance = |of: fn(&(f64, f64)) -> f64| {
        let mean = pairs.iter().map(of).sum::<f64>() / count;
        pairs.iter().map(|pair| (of(pair) - mean).powi(2)).sum::<f64>() / count
    };
    // Two messages each take up to so much longer.
    let others = variance(|pair| pair.1) + jitter * jitter / 6.0;
    (variance(|pair| pair.0) / others.max(1e-12) * count).sqrt() > WAITS_SURE
}

/// How many were within the server, as the moved times have it.
fn count_in_flight(moved: &mut [Arrival]) {
    let mut within: BinaryHeap<Reverse<u64>> = BinaryHeap::new();
    for arrival in moved {
        let micros = |at: f64| (at.max(0.0) * 1e6) as u64;
        while within.peek().is_some_and(|left| left.0 <= micros(arrival.at)) {
            within.pop();
        }
        arrival.in_flight = within.len() as u32;
        if arrival.accepted {
            within.push(Reverse(micros(arrival.left)));
        }
    }
}

/// Decisions that two limits together would not have made at these moments.
fn errors_of_both(one: &Spec, other: &Spec, moved: &[Arrival]) -> usize {
    let (mut one, mut other) = (one.limiter(), other.limiter());
    let wrong = moved.iter().filter(|arrival| {
        let passes = one.look(arrival.at, arrival.in_flight) && other.look(arrival.at, arrival.in_flight);
        if arrival.accepted {
            one.take(arrival.at);
            other.take(arrival.at);
        }
        passes != arrival.accepted
    });
    wrong.count()
}

/// The fewest errors of any limiter of a kind.
fn best(kind: Kind, arrivals: &[Arrival], random: &mut Rng) -> usize {
    let some = &arrivals[..arrivals.len().min(FIRST)];
    let (Some(first), Some(last)) = (some.first(), some.last()) else { return 0 };
    let length = (last.at - first.at).max(0.01);
    let mean = some.iter().filter(|arrival| arrival.accepted).count().max(1) as f64 / length;
    let (least, most) = match kind {
        Kind::Bucket => (0.05 / mean, 5.0 / mean),
        _ => (0.5, (length / 2.0).max(0.6)),
    };
    if kind == Kind::Cap {
        return errors(arrivals, &pressures(kind, 1.0, 0.0, false, arrivals));
    }
    let anywhere = (0..ANYWHERE).map(|_| {
        let period = least * (random.f64() * (most / least).ln()).exp();
        let phase = random.f64() * period;
        (errors(some, &pressures(kind, period, phase, false, some)), period, phase)
    });
    let found = anywhere.min_by_key(|tried| tried.0).unwrap_or((usize::MAX, least, 0.0));
    let found = near(kind, some, false, found, COARSE, random);
    if some.len() == arrivals.len() {
        return found.0;
    }
    // An error of a length adds up in all the others.
    let (_, period, phase) = found;
    let found = (errors(arrivals, &pressures(kind, period, phase, false, arrivals)), period, phase);
    near(kind, arrivals, false, found, FINE, random).0
}

/// Limiters near one with so many errors, nearer and nearer: the number of errors, length and phase of the best.
fn near(
    kind: Kind,
    arrivals: &[Arrival],
    all: bool,
    found: (usize, f64, f64),
    (width, narrower): (f64, f64),
    random: &mut Rng,
) -> (usize, f64, f64) {
    let (mut found, mut width) = (found, width);
    for _ in 0..NEAR {
        let (fewest, period, phase) = found;
        let mut by = || (random.f64() - 0.5) * width;
        let (period, phase) = (period * (1.0 + by()), phase + period * by());
        let count = errors(arrivals, &pressures(kind, period, phase, all, arrivals));
        if count < fewest {
            found = (count, period, phase);
        }
        width *= narrower;
    }
    found
}

/// What a limiter of a kind measures at each arrival, when it lets through what was let through.
fn pressures(kind: Kind, period: f64, phase: f64, all: bool, arrivals: &[Arrival]) -> Vec<f64> {
    let (mut level, mut since, mut window, mut before, mut now) = (0.0_f64, 0.0, i64::MIN, 0.0, 0.0);
    let mut log: Vec<f64> = Vec::new();
    let mut gone = 0;
    let measure = |arrival: &Arrival| {
        let at = arrival.at;
        let takes = if arrival.accepted || all { 1.0 } else { 0.0 };
        match kind {
            Kind::Cap => f64::from(arrival.in_flight),
            Kind::Bucket => {
                level = (level - (at - since) / period).max(0.0);
                since = at;
                level += takes;
                level - takes
            }
            Kind::Log => {
                while log.get(gone).is_some_and(|oldest| *oldest <= at - period) {
                    gone += 1;
                }
                let count = log.len() - gone;
                if takes > 0.0 {
                    log.push(at);
                }
                count as f64
            }
            Kind::Request => {
                // Nothing but an accepted request opens a window, and one that is over is empty.
                let over = at >= since + period || window == i64::MIN;
                if over && arrival.accepted {
                    (since, now, window) = (at, 0.0, 0);
                }
                let pressure = if over { 0.0 } else { now };
                now += takes;
                pressure
            }
            Kind::Steps(fill) => {
                let number = ((at - phase) / period).floor() as i64;
                let steps = if window == i64::MIN { 0 } else { number - window };
                window = number;
                level = (level - f64::from(fill) * steps as f64).max(0.0) + takes;
                level - takes
            }
            Kind::Fixed | Kind::Counter => {
                let number = ((at - phase) / period).floor() as i64;
                if number != window {
                    before = if number == window.wrapping_add(1) { now } else { 0.0 };
                    (now, window) = (0.0, number);
                }
                let part = (at - phase).rem_euclid(period) / period;
                let pressure = if kind == Kind::Counter { before * (1.0 - part) + now } else { now };
                now += takes;
                pressure
            }
        }
    };
    arrivals.iter().map(measure).collect()
}

/// Decisions that the best threshold gets wrong.
fn errors(arrivals: &[Arrival], pressures: &[f64]) -> usize {
    let mut sorted: Vec<(f64, bool)> =
        pressures.iter().zip(arrivals).map(|(pressure, arrival)| (*pressure, arrival.accepted)).collect();
    sorted.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    // With a threshold below all, every accept is an error.
    let mut count = sorted.iter().filter(|(_, accepted)| *accepted).count();
    let mut least = count;
    for (index, (pressure, accepted)) in sorted.iter().enumerate() {
        count = if *accepted { count - 1 } else { count + 1 };
        if sorted.get(index + 1).is_none_or(|next| next.0 > *pressure) {
            least = least.min(count);
        }
    }
    least
}

/// Whether each of two limits was met while the other one would have let through.
fn both_refuse(one: &Spec, other: &Spec, arrivals: &[Arrival]) -> bool {
    let (mut one, mut other) = (one.limiter(), other.limiter());
    let (mut by_one, mut by_other) = (0, 0);
    for arrival in arrivals {
        let passes = [one.look(arrival.at, arrival.in_flight), other.look(arrival.at, arrival.in_flight)];
        match passes {
            [false, true] => by_one += 1,
            [true, false] => by_other += 1,
            _ => {}
        }
        if arrival.accepted {
            one.take(arrival.at);
            other.take(arrival.at);
        }
    }
    by_one >= ALONE && by_other >= ALONE
}

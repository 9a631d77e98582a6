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

/// Arrivals that are looked at.
const MOST: usize = 5000;
/// Limiters that are tried of each model, anywhere and near the best.
const ANYWHERE: usize = 120;
const NEAR: usize = 100;
/// Phases that are tried of each rival that is given.
const PHASES: u32 = 40;
/// A model that errs so often more than the true one, and by this many decisions, is told from it.
const TELLS: f64 = 1.5;
const TELLS_LEAST: f64 = 5.0;
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
        let mut fewest =
            phases.map(|phase| errors(arrivals, &pressures(kind, period, phase * period, counts_all, arrivals)));
        if (is_rival(kind) || counts_all != all) && fewest.any(|count| count as f64 <= most) {
            return false;
        }
    }
    let others = [Kind::Bucket, Kind::Log, Kind::Fixed, Kind::Request, Kind::Counter, Kind::Cap];
    others.into_iter().filter(|kind| is_rival(*kind)).all(|kind| best(kind, arrivals, &mut random) as f64 > most)
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
    let (Some(first), Some(last)) = (arrivals.first(), arrivals.last()) else { return 0 };
    let length = (last.at - first.at).max(0.01);
    let mean = arrivals.iter().filter(|arrival| arrival.accepted).count().max(1) as f64 / length;
    let (least, most) = match kind {
        Kind::Bucket => (0.05 / mean, 5.0 / mean),
        _ => (0.5, (length / 2.0).max(0.6)),
    };
    let mut found = (usize::MAX, least, 0.0);
    let try_one = |period: f64, phase: f64, found: &mut (usize, f64, f64)| {
        let count = errors(arrivals, &pressures(kind, period, phase, false, arrivals));
        if count < found.0 {
            *found = (count, period, phase);
        }
    };
    if kind == Kind::Cap {
        try_one(1.0, 0.0, &mut found);
        return found.0;
    }
    for _ in 0..ANYWHERE {
        let period = least * (random.f64() * (most / least).ln()).exp();
        try_one(period, random.f64() * period, &mut found);
    }
    let mut width = 0.2;
    for _ in 0..NEAR {
        let (_, period, phase) = found;
        let near = |random: &mut Rng| (random.f64() - 0.5) * width;
        let (period, phase) = (period * (1.0 + near(random)), phase + period * near(random));
        try_one(period, phase, &mut found);
        width *= 0.95;
    }
    found.0
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

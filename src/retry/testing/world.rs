//! Users, a network and a limiter.

use super::{Client, Refused, Spec};
use crate::clock::Timestamp;
use fastrand::Rng;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// What a refusal says about when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::retry) enum Header {
    /// When the limiter would let a request through, in whole seconds and at least one.
    Honest,
    /// `Retry-After: 1`, whatever the limit.
    One,
    /// Nothing.
    Absent,
}

/// What is simulated.
#[derive(Debug, Clone)]
pub(in crate::retry) struct World {
    pub limit: Spec,
    pub header: Header,
    pub users: usize,
    /// How many times the limit the users would send if nothing were refused.
    pub demand: f64,
    /// How long an accepted request is worked on, on average.
    pub service: f64,
    /// What a message may take longer than another.
    pub jitter: f64,
    /// How long it lasts, and from when on is counted.
    pub seconds: f64,
    pub warm: f64,
    pub seed: u64,
}

/// What came of it once it was warm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::retry) struct Outcome {
    /// Accepted, as a part of what the limit lets through.
    pub goodput: f64,
    /// Refused, as a part of what was sent.
    pub rejects: f64,
    /// Logical requests that were given up, as a part of those that ended.
    pub given_up: f64,
    /// Seconds from a request's first wish to its acceptance: the middle one, and the 95th of a hundred.
    pub median: f64,
    pub p95: f64,
    /// Jain's index over the users' successes: 1 if all are equal.
    pub fairness: f64,
}

impl Outcome {
    /// The mean of several.
    pub fn mean(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
        let all: Vec<Outcome> = outcomes.collect();
        let of = |field: fn(&Outcome) -> f64| all.iter().map(field).sum::<f64>() / all.len() as f64;
        Outcome {
            goodput: of(|one| one.goodput),
            rejects: of(|one| one.rejects),
            given_up: of(|one| one.given_up),
            median: of(|one| one.median),
            p95: of(|one| one.p95),
            fairness: of(|one| one.fairness),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Begin,
    Want,
    Arrive,
    Leave,
    Receive { refused: bool, after: Option<Duration> },
    Poll,
}

struct User {
    begun: f64,
    attempt: u32,
    order: u64,
    /// When it wants to begin its next request, at the earliest.
    due: f64,
    accepted: u32,
}

const MICROS: f64 = 1e6;
/// Second 0, on the clock that clients see.
const EPOCH: i64 = 1_700_000_000_000_000;
const NETWORK: f64 = 0.0005;

impl World {
    /// Requests a second that go through in the long run.
    fn capacity(&self) -> f64 {
        match self.limit {
            // One less: evenly spaced requests are never fewer in the part of the window before than were counted.
            Spec::SlidingCounter { limit, window, .. } => f64::from(limit.saturating_sub(1).max(1)) / window,
            _ => self.limit.capacity(self.service + 2.0 * NETWORK + self.jitter),
        }
    }

    pub fn run(&self, client: &mut dyn Client) -> Outcome {
        let mut random = Rng::with_seed(self.seed);
        let mut limiter = self.limit.limiter();
        let capacity = self.capacity();
        let period = self.users as f64 / (capacity * self.demand);
        let mut users: Vec<User> = (0..self.users)
            .map(|_| User { begun: 0.0, attempt: 0, order: 0, due: random.f64() * period.min(1.0), accepted: 0 })
            .collect();
        // Moment, number of the event (so that they stay in order), user, event.
        let mut events: BinaryHeap<Reverse<(u64, u64, usize, What)>> = BinaryHeap::new();
        let (mut number, mut order) = (0, 0);
        let mut push = |events: &mut BinaryHeap<_>, at: f64, user: usize, what: What| {
            number += 1;
            events.push(Reverse(((at * MICROS).round() as u64, number, user, what)));
        };
        for (user, state) in users.iter().enumerate() {
            push(&mut events, state.due, user, What::Begin);
        }
        let (mut in_flight, mut sent, mut refusals, mut gave_up) = (0_u32, 0_u64, 0_u64, 0_u64);
        let (mut times, mut polled): (Vec<f64>, f64) = (Vec::new(), f64::INFINITY);
        while let Some(Reverse((micros, _, user, what))) = events.pop() {
            let now = micros as f64 / MICROS;
            if now > self.seconds {
                break;
            }
            let warm = now >= self.warm;
            let moment = Timestamp::from_micros(EPOCH + micros as i64);
            let back = NETWORK + random.f64() * self.jitter;
            match what {
                What::Begin => {
                    let state = &mut users[user];
                    (state.begun, state.attempt, state.order) = (now, 1, order);
                    order += 1;
                    client.want(moment, user, state.order);
                }
                What::Want => client.want(moment, user, users[user].order),
                What::Poll => polled = f64::INFINITY,
                What::Arrive => match limiter.decide(now, in_flight) {
                    Some(delay) => {
                        in_flight += 1;
                        let work = delay + self.service * (0.5 + random.f64());
                        push(&mut events, now + work, user, What::Leave);
                        let what = What::Receive { refused: false, after: None };
                        push(&mut events, now + work + back, user, what);
                    }
                    None => {
                        let after = match self.header {
                            Header::Honest => Some(limiter.wait(now).ceil().max(1.0)),
                            Header::One => Some(1.0),
                            Header::Absent => None,
                        };
                        let after = after.map(Duration::from_secs_f64);
                        push(&mut events, now + back, user, What::Receive { refused: true, after });
                    }
                },
                What::Leave => in_flight -= 1,
                What::Receive { refused, after } => {
                    let state = &mut users[user];
                    let wait =
                        client.answered(moment, user, state.attempt, refused.then_some(Refused { asked: after }));
                    refusals += u64::from(refused && warm);
                    if let Some(wait) = wait {
                        state.attempt += 1;
                        push(&mut events, now + wait.as_secs_f64(), user, What::Want);
                    } else {
                        if !refused {
                            if warm {
                                times.push(now - state.begun);
                                state.accepted += 1;
                            }
                        } else if warm {
                            gave_up += 1;
                        }
                        state.due = (state.due + period * (0.5 + random.f64())).max(now);
                        push(&mut events, state.due, user, What::Begin);
                    }
                }
            }
            while let Some(user) = client.next(moment) {
                sent += u64::from(warm);
                push(&mut events, now + NETWORK + random.f64() * self.jitter, user, What::Arrive);
            }
            if let Some(wake) = client.wake() {
                let wake = (wake.micros() - EPOCH) as f64 / MICROS;
                if wake < polled {
                    polled = wake.max(now);
                    push(&mut events, polled, 0, What::Poll);
                }
            }
        }
        times.sort_unstable_by(f64::total_cmp);
        let at = |part: f64| times.get((times.len() as f64 * part) as usize).copied().unwrap_or(f64::INFINITY);
        let successes = users.iter().map(|user| f64::from(user.accepted));
        let (sum, squares) = successes.fold((0.0, 0.0), |(sum, squares), x| (sum + x, squares + x * x));
        Outcome {
            goodput: times.len() as f64 / (capacity * (self.seconds - self.warm)),
            rejects: refusals as f64 / sent.max(1) as f64,
            given_up: gave_up as f64 / (gave_up + times.len() as u64).max(1) as f64,
            median: at(0.5),
            p95: at(0.95),
            fairness: if squares == 0.0 { 0.0 } else { sum * sum / (users.len() as f64 * squares) },
        }
    }
}

//! Policies: who waits how long before a request, and before it is sent again.

use crate::clock::Timestamp;
use crate::retry::{Decision, Fate, Pace, Policy, Refusal, RetryAfter, Ticket, Told, Turn};
use fastrand::Rng;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// A refusal, with the wait that it asks for if it does.
#[derive(Debug, Clone, Copy)]
pub(in crate::retry) struct Refused {
    pub asked: Option<Duration>,
}

/// What users do about refusals.
pub(in crate::retry) trait Client {
    /// A user wants to send a request; `order` is that of the requests' first wishes.
    fn want(&mut self, now: Timestamp, user: usize, order: u64);
    /// A user who may send now.
    fn next(&mut self, now: Timestamp) -> Option<usize>;
    /// When to ask again, if anybody waits.
    fn wake(&self) -> Option<Timestamp>;
    /// A user has an answer, or a refusal. After a wait it wants to send again, or it does not.
    fn answered(&mut self, now: Timestamp, user: usize, attempt: u32, refused: Option<Refused>) -> Option<Duration>;
}

/// The policies of the race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::retry) enum Policies {
    None,
    Fixed,
    Header,
    FullJitter,
    HeaderAndBackoff,
    Aimd,
    Pace,
}

impl Policies {
    pub const ALL: [Policies; 7] = [
        Policies::None,
        Policies::Fixed,
        Policies::Header,
        Policies::FullJitter,
        Policies::HeaderAndBackoff,
        Policies::Aimd,
        Policies::Pace,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Policies::None => "none",
            Policies::Fixed => "fixed delay, 1 s",
            Policies::Header => "Retry-After alone",
            Policies::FullJitter => "back-off with full jitter",
            Policies::HeaderAndBackoff => "Retry-After and back-off (the default)",
            Policies::Aimd => "adaptive token bucket",
            Policies::Pace => "`--pace auto`",
        }
    }

    pub fn client(self, seed: u64) -> Box<dyn Client> {
        let each = Each { policy: self, random: Rng::with_seed(seed), ready: Vec::new() };
        match self {
            Policies::Aimd => Box::new(Aimd {
                each,
                queue: BTreeMap::new(),
                rate: f64::INFINITY,
                next: Timestamp::default(),
                changed: Timestamp::default(),
            }),
            Policies::Pace => Box::new(Paced {
                each,
                queue: BTreeMap::new(),
                pace: Pace::default(),
                tickets: HashMap::new(),
                turn: Turn::Now,
                wanted: BTreeMap::new(),
            }),
            _ => Box::new(each),
        }
    }
}

/// Every user for itself.
struct Each {
    policy: Policies,
    random: Rng,
    ready: Vec<usize>,
}

impl Client for Each {
    fn want(&mut self, _: Timestamp, user: usize, _: u64) {
        self.ready.push(user);
    }

    fn next(&mut self, _: Timestamp) -> Option<usize> {
        self.ready.pop()
    }

    fn wake(&self) -> Option<Timestamp> {
        None
    }

    fn answered(&mut self, _: Timestamp, _: usize, attempt: u32, refused: Option<Refused>) -> Option<Duration> {
        let Refused { asked } = refused?;
        let random = self.random.f64();
        let policy = match self.policy {
            Policies::None => return None,
            Policies::Fixed => return (attempt < 6).then_some(Duration::from_secs(1)),
            Policies::FullJitter => {
                let most = (0.25 * 2_f64.powi(attempt as i32)).min(20.0);
                return (attempt < 6).then(|| Duration::from_secs_f64(most * random));
            }
            Policies::Header => Policy { backoff_base: Duration::ZERO, ..Policy::default() },
            _ => Policy::default(),
        };
        let refusal = Refusal { status: 429, retry_after: asked.map(RetryAfter), attempt, time_left: None };
        match policy.decide(&refusal, random) {
            Decision::Retry(wait) => Some(wait),
            _ => None,
        }
    }
}

/// One bucket for all users: its rate falls by half (at most once in a quarter of a second) when a request is refused, and
/// grows by a request a second each second.
struct Aimd {
    each: Each,
    queue: BTreeMap<u64, usize>,
    rate: f64,
    next: Timestamp,
    changed: Timestamp,
}

impl Client for Aimd {
    fn want(&mut self, _: Timestamp, user: usize, order: u64) {
        self.queue.insert(order, user);
    }

    fn next(&mut self, now: Timestamp) -> Option<usize> {
        if self.next > now {
            return None;
        }
        let (_, user) = self.queue.pop_first()?;
        if self.rate.is_finite() {
            self.next = now.max(self.next) + Duration::from_secs_f64(1.0 / self.rate);
        }
        Some(user)
    }

    fn wake(&self) -> Option<Timestamp> {
        (!self.queue.is_empty()).then_some(self.next)
    }

    fn answered(&mut self, now: Timestamp, user: usize, attempt: u32, refused: Option<Refused>) -> Option<Duration> {
        if refused.is_some() {
            if now.since(self.changed) > Duration::from_millis(250) {
                self.changed = now;
                self.rate = if self.rate.is_finite() { (self.rate / 2.0).max(0.1) } else { 10.0 };
            }
        } else if self.rate.is_finite() {
            self.rate += 1.0 / self.rate;
        }
        self.each.answered(now, user, attempt, refused)
    }
}

/// Ours.
struct Paced {
    each: Each,
    queue: BTreeMap<u64, usize>,
    pace: Pace,
    tickets: HashMap<usize, Ticket>,
    turn: Turn,
    /// When each of the waiting first asked.
    wanted: BTreeMap<u64, Timestamp>,
}

impl Client for Paced {
    fn want(&mut self, now: Timestamp, user: usize, order: u64) {
        self.queue.insert(order, user);
        self.wanted.insert(order, now);
    }

    fn next(&mut self, now: Timestamp) -> Option<usize> {
        self.turn = self.pace.turn(now);
        if self.turn != Turn::Now {
            return None;
        }
        let (order, user) = self.queue.pop_first()?;
        let waited = self.wanted.remove(&order).is_some_and(|wanted| wanted < now);
        let ticket = self.pace.send(now, waited);
        self.tickets.insert(user, ticket);
        Some(user)
    }

    fn wake(&self) -> Option<Timestamp> {
        match self.turn {
            Turn::At(moment) if !self.queue.is_empty() => Some(moment),
            _ => None,
        }
    }

    fn answered(&mut self, now: Timestamp, user: usize, attempt: u32, refused: Option<Refused>) -> Option<Duration> {
        let ticket = self.tickets.remove(&user).unwrap();
        let fate = if refused.is_some() { Fate::Refused } else { Fate::Accepted };
        self.pace.answer(now, ticket, fate, Told { wait: refused.and_then(|refused| refused.asked), rate: None });
        self.each.answered(now, user, attempt, refused)
    }
}

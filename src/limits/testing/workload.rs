//! Users who meet a limiter, over a network that takes its time.

use super::Spec;
use crate::limits::attempt::{Attempt, Decision, Millis};
use fastrand::Rng;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Who asks, how often, and from how far away. Times are in seconds.
#[derive(Debug, Clone)]
pub(in crate::limits) struct Workload {
    pub users: u32,
    pub samples: usize,
    /// A message takes up to so much longer than another.
    pub jitter: f64,
    /// How long an accepted request is worked on, on average.
    pub service: f64,
    /// Stages: how long each is, and how many requests a second the users want in all. They come again and again.
    pub stages: Vec<(f64, f64)>,
    /// Refused users wait so long before they go on.
    pub after_refusal: f64,
    pub seed: u64,
}

/// A request at the limiter.
#[derive(Debug, Clone, Copy)]
pub(in crate::limits) struct Arrival {
    pub at: f64,
    pub accepted: bool,
    pub in_flight: u32,
    /// When it left the server.
    pub left: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Send,
    Arrive { sent: u64 },
    Leave,
    Receive { sent: u64, accepted: bool, latency: u64 },
}

/// The wall clock's time of second 0.
pub(in crate::limits) const EPOCH_MILLIS: i64 = 1_700_000_000_000;
const MICROS: f64 = 1e6;

impl Workload {
    /// What a result file would hold, its times cut to milliseconds.
    pub fn run(&self, spec: &Spec) -> Vec<Attempt> {
        self.run_and_watch(spec).0
    }

    /// The same, and what the limiter saw.
    pub fn run_and_watch(&self, spec: &Spec) -> (Vec<Attempt>, Vec<Arrival>) {
        let mut arrivals = Vec::with_capacity(self.samples);
        let mut random = Rng::with_seed(self.seed);
        let mut limiter = spec.limiter();
        let mut events: BinaryHeap<Reverse<(u64, u32, What)>> = BinaryHeap::new();
        let spread = f64::from(self.users) / self.stages[0].1;
        for user in 0..self.users {
            events.push(Reverse(((random.f64() * spread * MICROS) as u64, user, What::Send)));
        }
        let epoch = EPOCH_MILLIS;
        let mut attempts = Vec::with_capacity(self.samples);
        let (mut in_flight, mut waiting) = (0, 0);
        while let Some(Reverse((now, user, what))) = events.pop() {
            let mut after = |seconds: f64, what: What| {
                events.push(Reverse((now + (seconds * MICROS) as u64, user, what)));
            };
            match what {
                What::Send if attempts.len() + waiting >= self.samples => {}
                What::Send => {
                    waiting += 1;
                    after(0.0002 + random.f64() * self.jitter, What::Arrive { sent: now });
                }
                What::Arrive { sent } => {
                    let back = 0.0002 + random.f64() * self.jitter;
                    let decided = limiter.decide(now as f64 / MICROS, in_flight);
                    let mut work = 0.0;
                    let seen = in_flight;
                    if let Some(delay) = decided {
                        in_flight += 1;
                        work = delay + self.service * (0.5 + random.f64());
                        after(work, What::Leave);
                    }
                    let at = now as f64 / MICROS;
                    arrivals.push(Arrival { at, accepted: decided.is_some(), in_flight: seen, left: at + work });
                    let latency = ((work + back) * MICROS) as u64 + now - sent;
                    after(work + back, What::Receive { sent, accepted: decided.is_some(), latency });
                }
                What::Leave => in_flight -= 1,
                What::Receive { sent, accepted, latency } => {
                    let decision = if accepted { Decision::Accepted } else { Decision::Rejected };
                    let start = sent / 1000;
                    let times = Millis {
                        start: epoch + start as i64,
                        elapsed: now / 1000 - start,
                        latency: (sent + latency) / 1000 - start,
                        connect: 0,
                    };
                    waiting -= 1;
                    attempts.push(Attempt::from_millis(times, decision));
                    if attempts.len() + waiting >= self.samples {
                        continue;
                    }
                    let pace = f64::from(self.users) / self.wanted(now as f64 / MICROS) * (0.5 + random.f64());
                    let mut pause = pace - (now - sent) as f64 / MICROS;
                    if !accepted {
                        pause = pause.max(self.after_refusal * (1.0 + 0.2 * random.f64()));
                    }
                    after(pause.max(0.0), What::Send);
                }
            }
        }
        (attempts, arrivals)
    }

    fn wanted(&self, at: f64) -> f64 {
        let round: f64 = self.stages.iter().map(|(length, _)| length).sum();
        let mut at = at % round;
        for (length, rate) in &self.stages {
            if at < *length {
                return *rate;
            }
            at -= length;
        }
        self.stages[0].1
    }
}

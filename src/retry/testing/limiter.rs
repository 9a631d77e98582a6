//! Simulated limiters with their `Retry-After`. Times are in seconds.

use std::collections::VecDeque;

/// A limiter's parameters.
#[derive(Debug, Clone)]
pub(in crate::retry) enum Limit {
    TokenBucket {
        rate: f64,
        burst: f64,
    },
    /// Requests wait in a queue, from which they leave at a rate.
    LeakyBucket {
        rate: f64,
        queue: f64,
    },
    FixedWindow {
        limit: u32,
        window: f64,
    },
    SlidingLog {
        limit: u32,
        window: f64,
    },
    SlidingCounter {
        limit: u32,
        window: f64,
    },
    Concurrency {
        cap: u32,
    },
    Stacked(Vec<Limit>),
}

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

impl Limit {
    /// Requests a second that go through in the long run, if each is worked on for `service` seconds.
    pub fn capacity(&self, service: f64) -> f64 {
        match self {
            Limit::TokenBucket { rate, .. } | Limit::LeakyBucket { rate, .. } => *rate,
            Limit::FixedWindow { limit, window } | Limit::SlidingLog { limit, window } => f64::from(*limit) / window,
            // One less: evenly spaced requests are never fewer in the part of the window before than were counted.
            Limit::SlidingCounter { limit, window } => f64::from(limit.saturating_sub(1).max(1)) / window,
            Limit::Concurrency { cap } => f64::from(*cap) / service,
            Limit::Stacked(all) => all.iter().map(|limit| limit.capacity(service)).fold(f64::INFINITY, f64::min),
        }
    }

    /// How long it remembers, in seconds.
    pub fn memory(&self) -> f64 {
        match self {
            Limit::TokenBucket { rate, burst: most } | Limit::LeakyBucket { rate, queue: most } => most / rate,
            Limit::FixedWindow { window, .. }
            | Limit::SlidingLog { window, .. }
            | Limit::SlidingCounter { window, .. } => *window,
            Limit::Concurrency { .. } => 0.0,
            Limit::Stacked(all) => all.iter().map(Limit::memory).fold(0.0, f64::max),
        }
    }

    pub fn limiter(&self) -> Limiter {
        let parts = if let Limit::Stacked(all) = self { all.iter().map(Limit::limiter).collect() } else { Vec::new() };
        Limiter {
            limit: self.clone(),
            level: 0.0,
            since: 0.0,
            log: VecDeque::new(),
            window: 0.0,
            now: 0,
            before: 0,
            parts,
        }
    }
}

/// A limiter at work.
pub(in crate::retry) struct Limiter {
    limit: Limit,
    /// Tokens taken, or requests in the queue.
    level: f64,
    since: f64,
    log: VecDeque<f64>,
    window: f64,
    now: u32,
    before: u32,
    parts: Vec<Limiter>,
}

/// Windows do not begin with the test.
const PHASE: f64 = 0.37;

impl Limiter {
    /// Lets a request through that comes `at`, with so many in flight, after a delay; or says when one would be.
    pub fn decide(&mut self, at: f64, in_flight: u32) -> Result<f64, f64> {
        self.look(at, in_flight)?;
        Ok(self.take(at))
    }

    fn look(&mut self, at: f64, in_flight: u32) -> Result<(), f64> {
        match self.limit {
            Limit::Stacked(_) => {
                let waits = self.parts.iter_mut().filter_map(|part| part.look(at, in_flight).err());
                waits.reduce(f64::max).map_or(Ok(()), Err)
            }
            Limit::TokenBucket { rate, burst: most } | Limit::LeakyBucket { rate, queue: most } => {
                self.level = (self.level - (at - self.since) * rate).max(0.0);
                self.since = at;
                if self.level + 1.0 <= most + 1e-9 { Ok(()) } else { Err((self.level + 1.0 - most) / rate) }
            }
            Limit::FixedWindow { limit, window } => {
                self.turn(at, window);
                if self.now < limit { Ok(()) } else { Err(self.window + window - at) }
            }
            Limit::SlidingCounter { limit, window } => {
                self.turn(at, window);
                let part = (at - self.window) / window;
                let weighted = f64::from(self.before) * (1.0 - part) + f64::from(self.now) + 1.0;
                let over = weighted - f64::from(limit);
                if over <= 1e-9 { Ok(()) } else { Err(over / f64::from(self.before.max(1)) * window) }
            }
            Limit::SlidingLog { limit, window } => {
                while self.log.front().is_some_and(|oldest| *oldest <= at - window) {
                    self.log.pop_front();
                }
                if self.log.len() < limit as usize { Ok(()) } else { Err(self.log[0] + window - at) }
            }
            Limit::Concurrency { cap } => {
                if in_flight < cap {
                    Ok(())
                } else {
                    Err(0.1)
                }
            }
        }
    }

    fn turn(&mut self, at: f64, window: f64) {
        let begin = ((at + PHASE * window) / window).floor() * window - PHASE * window;
        if begin > self.window + 1e-9 || self.window == 0.0 {
            self.before = if (begin - self.window - window).abs() < 1e-6 { self.now } else { 0 };
            (self.now, self.window) = (0, begin);
        }
    }

    fn take(&mut self, at: f64) -> f64 {
        match self.limit {
            Limit::Stacked(_) => self.parts.iter_mut().map(|part| part.take(at)).fold(0.0, f64::max),
            Limit::TokenBucket { .. } => {
                self.level += 1.0;
                0.0
            }
            Limit::LeakyBucket { rate, .. } => {
                self.level += 1.0;
                (self.level - 1.0) / rate
            }
            Limit::FixedWindow { .. } | Limit::SlidingCounter { .. } => {
                self.now += 1;
                0.0
            }
            Limit::SlidingLog { .. } => {
                self.log.push_back(at);
                0.0
            }
            Limit::Concurrency { .. } => 0.0,
        }
    }
}

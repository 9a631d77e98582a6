//! Simulated limiters of each model.

use std::collections::VecDeque;

/// A limiter with its true parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Spec {
    /// `debt`: refused requests take a token, too.
    TokenBucket {
        rate: f64,
        burst: f64,
        debt: bool,
    },
    /// Requests wait in a queue and leave it at a rate.
    LeakyBucket {
        rate: f64,
        queue: f64,
    },
    FixedWindow {
        limit: u32,
        window: f64,
        phase: f64,
    },
    /// A window begins with the first request after the last one ended: Redis's `INCR` and `EXPIRE`, express-rate-limit,
    /// rate-limiter-flexible.
    RequestWindow {
        limit: u32,
        window: f64,
    },
    /// So many tokens every so often: Envoy's `fill_interval`, Bucket4j's `refillIntervally`.
    SteppedBucket {
        burst: u32,
        fill: u32,
        every: f64,
        phase: f64,
    },
    /// `all`: refused requests are in the log, too. Redis's sorted sets, where they are trimmed and counted first.
    SlidingLog {
        limit: u32,
        window: f64,
        all: bool,
    },
    SlidingCounter {
        limit: u32,
        window: f64,
        phase: f64,
        all: bool,
    },
    Concurrency {
        cap: u32,
    },
    Stacked(Box<Spec>, Box<Spec>),
}

impl Spec {
    /// Requests a second that go through in the long run; of a cap with this service time.
    pub fn capacity(&self, service: f64) -> f64 {
        match self {
            Spec::TokenBucket { rate, .. } | Spec::LeakyBucket { rate, .. } => *rate,
            Spec::SteppedBucket { fill, every, .. } => f64::from(*fill) / every,
            Spec::FixedWindow { limit, window, .. }
            | Spec::RequestWindow { limit, window }
            | Spec::SlidingLog { limit, window, .. }
            | Spec::SlidingCounter { limit, window, .. } => f64::from(*limit) / window,
            Spec::Concurrency { cap } => f64::from(*cap) / service,
            Spec::Stacked(one, other) => one.capacity(service).min(other.capacity(service)),
        }
    }

    /// How long it remembers.
    pub fn memory(&self) -> f64 {
        match self {
            Spec::Concurrency { .. } => 1.0,
            Spec::TokenBucket { rate, burst, .. } => burst / rate,
            Spec::LeakyBucket { rate, queue } => queue / rate,
            Spec::SteppedBucket { burst, fill, every, .. } => every * f64::from(*burst) / f64::from(*fill),
            Spec::FixedWindow { window, .. }
            | Spec::RequestWindow { window, .. }
            | Spec::SlidingLog { window, .. }
            | Spec::SlidingCounter { window, .. } => *window,
            Spec::Stacked(one, other) => one.memory().max(other.memory()),
        }
    }

    pub fn limiter(&self) -> Limiter {
        Limiter {
            spec: self.clone(),
            level: None,
            log: VecDeque::new(),
            window: i64::MIN,
            now: 0,
            before: 0,
            parts: parts(self),
        }
    }
}

fn parts(spec: &Spec) -> Vec<Limiter> {
    match spec {
        Spec::Stacked(one, other) => vec![one.limiter(), other.limiter()],
        _ => Vec::new(),
    }
}

/// A limiter at work.
pub(crate) struct Limiter {
    spec: Spec,
    level: Option<(f64, f64)>,
    log: VecDeque<f64>,
    window: i64,
    now: u32,
    before: u32,
    parts: Vec<Limiter>,
}

impl Limiter {
    /// Decides on a request that arrives `at`, with so many in flight. An accepted one is delayed by what is returned.
    pub fn decide(&mut self, at: f64, in_flight: u32) -> Option<f64> {
        if !self.parts.is_empty() {
            let accepts = self.parts.iter_mut().all(|part| part.look(at, in_flight));
            if accepts {
                self.parts.iter_mut().for_each(|part| {
                    part.take(at);
                });
            }
            return accepts.then_some(0.0);
        }
        if self.look(at, in_flight) {
            return Some(self.take(at));
        }
        if matches!(
            self.spec,
            Spec::TokenBucket { debt: true, .. }
                | Spec::SlidingLog { all: true, .. }
                | Spec::SlidingCounter { all: true, .. }
        ) {
            self.take(at);
        }
        None
    }

    pub(crate) fn look(&mut self, at: f64, in_flight: u32) -> bool {
        match self.spec {
            Spec::Stacked(..) => true,
            Spec::TokenBucket { rate, burst, .. } => {
                let (level, since) = self.level.unwrap_or((burst, at));
                let level = (level + (at - since) * rate).min(burst);
                self.level = Some((level, at));
                level >= 1.0
            }
            Spec::LeakyBucket { rate, queue } => {
                let (level, since) = self.level.unwrap_or((0.0, at));
                let level = (level - (at - since) * rate).max(0.0);
                self.level = Some((level, at));
                level + 1.0 <= queue
            }
            Spec::SlidingLog { limit, window, .. } => {
                while self.log.front().is_some_and(|oldest| *oldest <= at - window) {
                    self.log.pop_front();
                }
                self.log.len() < limit as usize
            }
            Spec::FixedWindow { limit, window, phase } => {
                self.turn(at, window, phase);
                self.now < limit
            }
            Spec::RequestWindow { limit, window } => {
                let begun = *self.level.get_or_insert((0.0, at));
                if at >= begun.1 + window {
                    (self.now, self.level) = (0, Some((0.0, at)));
                }
                self.now < limit
            }
            Spec::SteppedBucket { burst, fill, every, phase } => {
                let number = ((at - phase) / every).floor();
                let (level, since) = self.level.unwrap_or((f64::from(burst), number));
                let level = (level + (number - since) * f64::from(fill)).min(f64::from(burst));
                self.level = Some((level, number));
                level >= 1.0
            }
            Spec::SlidingCounter { limit, window, phase, .. } => {
                self.turn(at, window, phase);
                let part = (at - phase).rem_euclid(window) / window;
                f64::from(self.before) * (1.0 - part) + f64::from(self.now) + 1.0 <= f64::from(limit)
            }
            Spec::Concurrency { cap } => in_flight < cap,
        }
    }

    /// How long a request that was refused `at` has to wait until one would be let through, if no other comes.
    pub fn wait(&self, at: f64) -> f64 {
        let (level, since) = self.level.unwrap_or_default();
        match self.spec {
            Spec::Stacked(..) => self.parts.iter().map(|part| part.wait(at)).fold(0.0, f64::max),
            Spec::TokenBucket { rate, .. } => since + (1.0 - level) / rate - at,
            Spec::LeakyBucket { rate, queue } => since + (level + 1.0 - queue) / rate - at,
            Spec::SteppedBucket { fill, every, phase, .. } => {
                let fills = ((1.0 - level) / f64::from(fill)).ceil();
                (since + fills) * every + phase - at
            }
            Spec::FixedWindow { limit, window, phase } => {
                let end = (self.window + 1) as f64 * window + phase;
                if self.now < limit { 0.0 } else { end - at }
            }
            Spec::RequestWindow { limit, window } => {
                if self.now < limit {
                    0.0
                } else {
                    since + window - at
                }
            }
            Spec::SlidingLog { limit, window, .. } => {
                let over = self.log.len().checked_sub(limit as usize);
                over.and_then(|over| self.log.get(over)).map_or(0.0, |oldest| oldest + window - at)
            }
            Spec::SlidingCounter { limit, window, phase, .. } => {
                let part = (at - phase).rem_euclid(window) / window;
                let weighted = f64::from(self.before) * (1.0 - part) + f64::from(self.now) + 1.0;
                (weighted - f64::from(limit)) / f64::from(self.before.max(1)) * window
            }
            // When a place will be free is not known.
            Spec::Concurrency { .. } => 0.1,
        }
    }

    fn turn(&mut self, at: f64, window: f64, phase: f64) {
        let number = ((at - phase) / window).floor() as i64;
        if number != self.window {
            self.before = if number == self.window.wrapping_add(1) { self.now } else { 0 };
            (self.now, self.window) = (0, number);
        }
    }

    pub(crate) fn take(&mut self, at: f64) -> f64 {
        match self.spec {
            Spec::TokenBucket { .. } | Spec::SteppedBucket { .. } => {
                self.level = self.level.map(|(level, since)| (level - 1.0, since));
            }
            Spec::LeakyBucket { rate, .. } => {
                let waits = self.level.map_or(0.0, |(level, _)| level / rate);
                self.level = self.level.map(|(level, since)| (level + 1.0, since));
                return waits;
            }
            Spec::SlidingLog { .. } => self.log.push_back(at),
            Spec::FixedWindow { .. } | Spec::RequestWindow { .. } | Spec::SlidingCounter { .. } => self.now += 1,
            Spec::Concurrency { .. } | Spec::Stacked(..) => {}
        }
        0.0
    }
}

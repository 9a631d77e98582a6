//! The gate of requests in flight, for limiters that count those and not the rate.

use super::Ticket;
use crate::clock::Timestamp;

/// Accepts at the level between two tries with more in flight, at first and at most.
const FIRST_INTERVAL: u32 = 100;
const LAST_INTERVAL: u32 = 6400;
/// Accepts with more in flight after which those are let through.
const CONFIRMED: u32 = 50;
/// One more is a large step from levels up to this.
const COARSE: u32 = 16;

/// What a refusal says of the cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It is where it was thought to be.
    Cap,
    /// So it is, but it is so small that something in between is thinkable: a rate.
    Coarse,
    /// It is none.
    None,
}

/// The state of the gate.
#[derive(Debug, Clone)]
pub(super) struct Cap {
    /// How many may be in flight.
    level: u32,
    /// How many surely may, while more are tried; and how many more that is next time.
    sure: Option<u32>,
    step: u32,
    /// Requests with smaller numbers were sent before the last decision; what becomes of them is no news.
    decided: u64,
    /// Accepts at the level since the last try, and how many there must be until the next.
    at_level: u32,
    interval: u32,
    /// How often the level was lowered since the last try.
    lowered: u32,
    /// Since when the level is surely good, and what went through a second.
    since: Timestamp,
    throughput: f64,
}

impl Cap {
    /// So many were let through at once.
    pub fn new(now: Timestamp, level: u32, sent: u64) -> Self {
        Cap {
            level,
            sure: None,
            step: 1,
            decided: sent,
            at_level: 0,
            interval: FIRST_INTERVAL,
            lowered: 0,
            since: now,
            throughput: 0.0,
        }
    }

    pub fn level(&self) -> u32 {
        self.level
    }

    pub fn is_reached(&self, in_flight: u32) -> bool {
        in_flight >= self.level
    }

    pub fn accepted(&mut self, now: Timestamp, ticket: &Ticket, sent: u64) {
        if ticket.number < self.decided || ticket.others + 1 < self.level {
            return;
        }
        self.at_level += 1;
        if self.sure.is_some() {
            if self.at_level >= 2 * self.level + CONFIRMED {
                // More are let through: that is the level now, and still more are tried.
                self.step = self.step.saturating_mul(2);
                self.interval = FIRST_INTERVAL;
                self.raise(now, sent);
            }
        } else if self.at_level >= self.interval {
            self.step = (self.level / 16).max(1);
            self.raise(now, sent);
        }
    }

    fn raise(&mut self, now: Timestamp, sent: u64) {
        self.throughput = f64::from(self.at_level) / now.since(self.since).as_secs_f64().max(1e-3);
        self.since = now;
        self.sure = Some(self.level);
        self.level = self.level.saturating_add(self.step);
        (self.at_level, self.lowered, self.decided) = (0, 0, sent);
    }

    /// Takes note of a refusal.
    pub fn refused(&mut self, now: Timestamp, ticket: &Ticket, sent: u64) -> Judgement {
        if ticket.number < self.decided {
            return Judgement::Cap;
        }
        if let Some(sure) = self.sure.filter(|sure| ticket.others >= *sure) {
            let is_coarse = self.level == sure + 1 && sure <= COARSE;
            self.level = sure;
            self.sure = None;
            self.interval = self.interval.saturating_mul(2).min(LAST_INTERVAL);
            (self.at_level, self.decided, self.since) = (0, sent, now);
            return if is_coarse { Judgement::Coarse } else { Judgement::Cap };
        }
        // Servers may count a request for a moment longer than its answer takes, and the level may be measured too high.
        let tolerance = 2 + self.level / 4;
        self.lowered += 1;
        if ticket.others == 0 || ticket.others + tolerance < self.level || self.lowered > tolerance {
            return Judgement::None;
        }
        self.level = self.sure.take().unwrap_or(self.level - 1).max(1);
        (self.at_level, self.decided, self.since) = (0, sent, now);
        Judgement::Cap
    }

    /// The gate again, after another one was tried.
    pub fn resumed(self, now: Timestamp, sent: u64) -> Self {
        Cap { at_level: 0, decided: sent, since: now, ..self }
    }

    /// Requests a second that went through at the level.
    pub fn throughput(&self) -> f64 {
        self.throughput
    }
}

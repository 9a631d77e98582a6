//! When a sample should have begun, where a timer or a group of arrivals keeps a schedule.

use crate::clock::Timestamp;
use std::time::Duration;

/// What a schedule said of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intended {
    /// When it should have begun.
    pub start: Timestamp,
    /// When its user had come to wait for that. Who comes too late was still busy with what was before; what is later than
    /// both is the load generator's own delay.
    pub ready: Timestamp,
    /// The interval of a schedule that begins anew where a user is late: what should have begun meanwhile never does. Zero
    /// where it is made up for.
    pub interval: Duration,
}

impl Intended {
    /// A sample that is due at `start`, by a schedule that makes up for late ones.
    pub fn at(start: Timestamp) -> Self {
        Intended { start, ready: start, interval: Duration::ZERO }
    }

    /// The same after so many milliseconds for which other timers ask.
    #[must_use]
    pub fn later(self, millis: i64) -> Self {
        Intended { start: self.start.plus_millis(millis), ready: self.ready.plus_millis(millis), ..self }
    }

    /// How late a sample began.
    pub fn lateness(&self, start: Timestamp) -> Duration {
        start.since(self.start)
    }

    /// How late its user came.
    pub fn busy(&self) -> Duration {
        self.ready.since(self.start)
    }

    /// The part of the lateness that the load generator made.
    pub fn delay(&self, start: Timestamp) -> Duration {
        start.since(self.start.max(self.ready))
    }
}

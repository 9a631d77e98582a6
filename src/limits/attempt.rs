//! The border: what is known of one attempt, wherever it was recorded.

use crate::clock::Timestamp;
use std::time::Duration;

/// A request that reached a limiter, and what became of it.
///
/// When the limiter decided is not known; it lies between `sent` and `answered`. Who makes an `Attempt` has taken care of
/// that: where times were cut to milliseconds, the interval is that much wider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// The request was not decided on before.
    pub sent: Timestamp,
    /// It was not decided on after: the first byte of the answer was there.
    pub answered: Timestamp,
    /// The whole answer was there.
    pub ended: Timestamp,
    /// What the limiter decided.
    pub decision: Decision,
}

/// What a limiter decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The request went through.
    Accepted,
    /// It was refused.
    Rejected,
}

/// Times of a sample as result files have them, in whole milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Millis {
    /// When the sample began, since the epoch.
    pub start: i64,
    /// Its length.
    pub elapsed: u64,
    /// From its start to the first byte of the answer; 0 if not recorded.
    pub latency: u64,
    /// From its start to the connection; 0 on a kept connection, or if not recorded.
    pub connect: u64,
}

impl Attempt {
    /// An attempt whose start, length, latency and time to connect were measured exactly.
    pub fn measured(times: (Timestamp, Duration, Duration, Duration), decision: Decision) -> Self {
        let (start, elapsed, latency, connect) = times;
        let answered = if latency.is_zero() { elapsed } else { latency.min(elapsed) };
        Attempt { sent: start + connect.min(answered), answered: start + answered, ended: start + elapsed, decision }
    }

    /// An attempt whose times were cut to milliseconds.
    pub fn from_millis(times: Millis, decision: Decision) -> Self {
        let at =
            |after: u64| Timestamp::from_millis(times.start.saturating_add(i64::try_from(after).unwrap_or(i64::MAX)));
        let after = |moment: Timestamp| moment + Duration::from_millis(1);
        let ended = times.elapsed.max(times.latency);
        let answered = if times.latency == 0 { ended } else { times.latency };
        Attempt {
            sent: at(times.connect.min(answered)),
            answered: after(at(answered)),
            ended: after(at(ended)),
            decision,
        }
    }
}

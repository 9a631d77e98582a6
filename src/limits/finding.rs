//! What can be said of the limit of one resource.

use super::announced::Claim;
use super::timeline::Timeline;
use crate::clock::Timestamp;
use std::time::Duration;

/// What the attempts at one resource tell.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Accepts and rejects.
    pub samples: usize,
    /// The rejects among them.
    pub rejects: usize,
    /// From the first request to the last answer.
    pub duration: Duration,
    /// What stands behind the rejects.
    pub verdict: Verdict,
    /// The model that comes second, and why it does.
    pub runner_up: Option<RunnerUp>,
    /// The load that the resource met.
    pub load: Load,
    /// What answers say of the limit, if their headers are known.
    pub announced: Vec<Claim>,
    /// Accepts, rejects and waits over time, against what the limit lets through.
    pub timeline: Timeline,
}

/// What stands behind rejects.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// There were none.
    NoRejects,
    /// A limiter.
    Limit(Limit),
    /// Several limiters would do as well.
    Undecided(Vec<Limit>),
    /// No limiter with constant parameters does all of this. The best two parts of the time, if they tell.
    NotConstant(Vec<Part>),
    /// No limiter that is known here does this; the one that comes nearest.
    Unexplained(Limit),
}

/// A stretch of time with a limit of its own.
#[derive(Debug, Clone)]
pub struct Part {
    /// When it begins.
    pub from: Timestamp,
    /// What held in it.
    pub limit: Limit,
}

/// The kinds of limiters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A rate, and a burst after a time of silence.
    TokenBucket,
    /// The same, but requests wait in a queue and leave it at the rate.
    LeakyBucket,
    /// A count that begins anew at fixed times.
    FixedWindow,
    /// The same, but a window begins with the first request after the last one ended.
    RequestWindow,
    /// A bucket that is filled in steps: `limit` tokens every `window`.
    SteppedBucket,
    /// A count of the time before each request.
    SlidingLog,
    /// The same by two counts of fixed windows.
    SlidingCounter,
    /// Requests in flight.
    Concurrency,
    /// Two limits, each of which may refuse.
    Stacked,
}

/// From, to.
pub type Range = (f64, f64);

/// A limiter with the ranges of its parameters; what its kind does not have is `None`.
#[derive(Debug, Clone)]
pub struct Limit {
    /// Its kind.
    pub kind: Kind,
    /// Another kind of the same name that does as well; the ranges hold for both.
    pub or_kind: Option<Kind>,
    /// Requests a second in the long run.
    pub rate: Option<Range>,
    /// Requests at once after a time of silence.
    pub burst: Option<Range>,
    /// Requests in a window.
    pub limit: Option<Range>,
    /// A window's length in seconds.
    pub window: Option<Range>,
    /// When a window begins.
    pub begins: Option<Timestamp>,
    /// Requests in flight.
    pub concurrency: Option<Range>,
    /// Whether refused requests count; `None` if both would do.
    pub rejects_consume: Option<bool>,
    /// The two limits of a stacked one.
    pub stacked: Vec<Limit>,
    /// Accepts and rejects that this limiter cannot have caused.
    pub contradictions: usize,
    /// How little it foretells: the surprise, in bits for each attempt that was looked at.
    pub surprise: f64,
    /// The accept and the reject that bound it most.
    pub evidence: Vec<Evidence>,
}

/// An observation that bounds a limit.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// When.
    pub at: Timestamp,
    /// What was seen, in words that follow on the time.
    pub seen: String,
}

/// A model that did not win.
#[derive(Debug, Clone)]
pub struct RunnerUp {
    /// It.
    pub limit: Limit,
    /// What speaks against it.
    pub why: String,
}

/// The load, in requests a second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Load {
    /// Sent in the busiest stretch with rejects.
    pub most: f64,
    /// Accepted then.
    pub accepted_then: f64,
    /// Sent in the busiest stretch without rejects.
    pub most_without_rejects: f64,
}

impl Kind {
    /// As the JSON names it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::TokenBucket | Kind::SteppedBucket => "token-bucket",
            Kind::LeakyBucket => "leaky-bucket",
            Kind::FixedWindow | Kind::RequestWindow => "fixed-window",
            Kind::SlidingLog | Kind::SlidingCounter => "sliding-window",
            Kind::Concurrency => "concurrency",
            Kind::Stacked => "stacked",
        }
    }

    /// In a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Kind::TokenBucket => "a token bucket",
            Kind::LeakyBucket => "a leaky bucket",
            Kind::FixedWindow => "a fixed window",
            Kind::RequestWindow => "a window that begins with a request",
            Kind::SteppedBucket => "a token bucket that is filled in steps",
            Kind::SlidingLog => "a sliding window",
            Kind::SlidingCounter => "a sliding window (two counters)",
            Kind::Concurrency => "a cap on concurrent requests",
            Kind::Stacked => "two limits at once",
        }
    }
}

impl Limit {
    /// This limit, or one of the same name that counts a little otherwise.
    pub(super) fn or_twin(self, other: &Limit) -> Self {
        let both = |one: Option<Range>, other: Option<Range>| match (one, other) {
            (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
            (one, _) => one,
        };
        Limit {
            or_kind: Some(other.kind),
            rate: both(self.rate, other.rate),
            limit: both(self.limit, other.limit),
            window: both(self.window, other.window),
            begins: None,
            rejects_consume: self.rejects_consume.filter(|own| other.rejects_consume == Some(*own)),
            ..self
        }
    }

    /// A limit of which nothing is known but its kind.
    pub(super) fn new(kind: Kind) -> Self {
        Limit {
            kind,
            or_kind: None,
            rate: None,
            burst: None,
            limit: None,
            window: None,
            begins: None,
            concurrency: None,
            rejects_consume: None,
            stacked: Vec::new(),
            contradictions: 0,
            surprise: 0.0,
            evidence: Vec::new(),
        }
    }
}

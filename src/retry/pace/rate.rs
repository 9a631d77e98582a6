//! The gate of the rate: requests are spaced evenly at a rate that is found from refusals.
//!
//! A limiter that refuses says that nothing was left, and the first request that goes through after that finds what had just
//! come in. What goes through between two such recoveries is therefore what came in between them, whatever the limiter's kind
//! and however large its burst: the rate that can be kept up. (Between two refusals it is not: those of a window come at any
//! time within it.) The gate is set a little below that and opens slowly, so that refusals are rare and the next one corrects it.

use super::{Tally, Ticket, Told};
use crate::clock::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;

/// How far below the measured rate the gate is set.
const MARGIN: f64 = 0.03;
/// Requests in which it opens by that margin, for each refusal that the last outage brought.
const REACH: f64 = 120.0;
/// Requests in which it opens by what the measurement may be wrong.
const DOUBT_REACH: f64 = 30.0;
/// The most it opens with a request.
const MOST_GROWTH: f64 = 0.03;
/// Requests a second beyond which growth is by time: answers must come in before more is dared.
const GROWTHS_A_SECOND: f64 = 20.0;
/// A measurement with as many requests is good.
const ENOUGH: u64 = 20;
/// Between outages so far apart the gate was nearly right all the time.
const FAR_APART: u64 = 80;
/// And so far that it was opening nearly all the time.
const FAR_AWAY: u64 = 1000;
/// What a late timer may catch up.
const SLACK: Duration = Duration::from_millis(2);
/// The least and the most that is paused after a refusal where the server does not say, and what part of the outage so far.
const SHORT_PAUSE: f64 = 0.01;
const LONG_PAUSE: f64 = 30.0;
const PAUSE: f64 = 0.25;
/// A server's word is not taken for more than this.
const LONGEST_HOLD: Duration = Duration::from_secs(3600);
/// Recoveries that are remembered.
const MARKS: usize = 16;

/// The first request that went through after an outage.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: Timestamp,
    /// Requests that went through before it.
    accepted: u64,
    /// How long nothing did.
    outage: Duration,
    /// Time in which nobody wanted to send, until then.
    idle: Duration,
    /// Whether many went through since the one before.
    is_long: bool,
}

/// Nothing is let through.
#[derive(Debug, Clone, Copy)]
struct Outage {
    since: Timestamp,
    /// Refusals one after another, with those of requests that were already on their way, and without.
    refused: u32,
    strikes: u32,
    /// The pause before the last request.
    pause: Duration,
}

/// The state of the gate.
#[derive(Debug, Clone)]
pub(super) struct Rate {
    /// Requests a second.
    pace: f64,
    /// When the next request is due at that pace.
    next: Timestamp,
    /// Nothing goes before.
    hold: Timestamp,
    outage: Option<Outage>,
    /// During an outage requests go one at a time until one is accepted: the next one is alone, or one is under way and others
    /// wait until then.
    alone: bool,
    probe: Option<(u64, Timestamp)>,
    /// Requests with smaller numbers were sent before the last decision; what becomes of them is no news.
    decided: u64,
    /// Accepted of those sent since.
    accepted_since: u64,
    /// When it began, then recoveries.
    origin: Mark,
    marks: VecDeque<Mark>,
    idle: Duration,
    /// By what part the gate opens with each request.
    growth: f64,
    /// The pace at the last change of growth, and how much of growth confirms that it was too low.
    base: f64,
    /// The pace after the last outage.
    began: f64,
    doubt: f64,
    grown: Timestamp,
    /// How long a refusal takes to come back.
    refusal_takes: f64,
    /// Refusals that an outage brings.
    cost: f64,
}

impl Rate {
    /// Begins at a rate that is let through for sure.
    pub fn tried(now: Timestamp, pace: f64, tally: &Tally) -> Self {
        let origin = Mark {
            at: now,
            accepted: tally.sent.saturating_sub(tally.refused),
            outage: Duration::MAX,
            idle: Duration::ZERO,
            is_long: false,
        };
        let next = now + seconds(1.0 / pace);
        Rate { next, decided: tally.sent, growth: MOST_GROWTH / 3.0, ..Rate::at(now, pace, origin) }
    }

    /// Whether something was refused often enough to know the rate.
    pub fn is_measured(&self) -> bool {
        !self.marks.is_empty()
    }

    /// Begins with the refusal of a request.
    pub fn new(now: Timestamp, ticket: &Ticket, tally: &Tally, told: Told) -> Self {
        let origin = Mark {
            at: tally.first.unwrap_or(ticket.sent),
            accepted: 0,
            outage: Duration::MAX,
            idle: Duration::ZERO,
            is_long: false,
        };
        let since = now.since(origin.at).as_secs_f64().max(SHORT_PAUSE);
        let most = (ticket.number + 1).saturating_sub(tally.refused).max(1) as f64 / since;
        let mut rate = Rate::at(now, most, origin);
        rate.refusal_takes = now.since(ticket.sent).as_secs_f64();
        rate.refused(now, ticket, tally, told);
        rate
    }

    fn at(now: Timestamp, pace: f64, origin: Mark) -> Self {
        Rate {
            pace,
            next: now,
            hold: now,
            outage: None,
            alone: false,
            probe: None,
            decided: 0,
            accepted_since: 0,
            origin,
            marks: VecDeque::new(),
            idle: Duration::ZERO,
            growth: 0.0,
            began: pace,
            base: pace,
            doubt: MARGIN,
            grown: now,
            refusal_takes: SHORT_PAUSE,
            cost: 1.0,
        }
    }

    pub fn pace(&self) -> f64 {
        self.pace
    }

    /// The moment before which nothing may be sent.
    pub fn earliest(&self) -> Timestamp {
        let moment = self.next.max(self.hold);
        self.probe.map_or(moment, |(_, until)| moment.max(until))
    }

    pub fn send(&mut self, now: Timestamp, ticket: &Ticket, waited: bool) {
        if std::mem::take(&mut self.alone) {
            // A refusal would be known by then; a request that is worked on for longer was let through.
            let patience = seconds(2.0 * self.refusal_takes + SHORT_PAUSE);
            self.probe = Some((ticket.number, now + patience));
        }
        let due = self.next.max(self.hold);
        if waited {
            self.grow(now);
        } else {
            self.idle += now.since(due + SLACK);
            self.grown = now;
        }
        let from = if now.since(due) > SLACK { now } else { due };
        self.next = from + seconds(1.0 / self.pace);
    }

    /// The gate opens with time, as long as it is what holds requests back.
    fn grow(&mut self, now: Timestamp) {
        let passed = now.since(self.grown).as_secs_f64().min(2.0 / self.pace.min(GROWTHS_A_SECOND));
        self.grown = now;
        if self.outage.is_some() {
            return;
        }
        self.pace *= 1.0 + self.growth * passed * self.pace.min(GROWTHS_A_SECOND);
        // So much more, and still nothing is refused: the limit is elsewhere.
        if self.pace > self.base * (1.0 + 2.0 * self.doubt) && self.accepted_since >= 2 * ENOUGH {
            self.growth = (self.growth * 2.0).min(MOST_GROWTH);
            self.base = self.pace;
        }
    }

    pub fn accepted(&mut self, ticket: &Ticket, tally: &Tally, told: Told) {
        if ticket.number < self.decided {
            return;
        }
        self.unknown(ticket);
        if let Some(outage) = self.outage.take() {
            self.recovered(ticket, outage, tally, told);
        }
        self.accepted_since += 1;
    }

    /// There will be no more news of a request.
    pub fn unknown(&mut self, ticket: &Ticket) {
        if self.probe.is_some_and(|(number, _)| number == ticket.number) {
            self.probe = None;
        }
    }

    pub fn refused(&mut self, now: Timestamp, ticket: &Ticket, tally: &Tally, told: Told) {
        self.refusal_takes = 0.8 * self.refusal_takes + 0.2 * now.since(ticket.sent).as_secs_f64();
        self.unknown(ticket);
        if let Some(outage) = &mut self.outage {
            outage.refused += 1;
        }
        if ticket.number < self.decided {
            return;
        }
        let unit = 1.0 / self.pace;
        let unit = if self.marks.is_empty() { unit.max(SHORT_PAUSE) } else { unit };
        // What a gate that was nearly right overshoots by is soon over, and about as soon as the last time.
        let last = self
            .marks
            .back()
            .map_or(0.0, |mark| mark.outage.as_secs_f64().min(MARGIN * ticket.sent.since(mark.at).as_secs_f64()));
        let patience = if self.marks.is_empty() { 1 } else { 2 };
        let unit = unit.max(last / 2.0);
        let outage =
            self.outage.get_or_insert(Outage { since: ticket.sent, refused: 1, strikes: 0, pause: Duration::ZERO });
        outage.strikes += 1;
        let own = seconds((PAUSE * now.since(outage.since).as_secs_f64()).max(unit).min(LONG_PAUSE));
        // One user's refusal may be bad luck; when the next one is refused, too, the server's word holds for all.
        let asked = told.wait.filter(|wait| outage.strikes > patience && !wait.is_zero());
        outage.pause = asked.map_or(own, |asked| own.max(asked.min(LONGEST_HOLD)));
        self.hold = now + outage.pause;
        self.next = self.hold;
        self.alone = true;
        self.probe = None;
        self.decided = tally.sent;
    }

    /// Measures, and sets the gate.
    fn recovered(&mut self, ticket: &Ticket, outage: Outage, tally: &Tally, told: Told) {
        let here = Mark {
            at: ticket.sent,
            accepted: ticket.number.saturating_sub(tally.refused),
            outage: ticket.sent.since(outage.since),
            idle: self.idle,
            is_long: self.accepted_since >= FAR_APART,
        };
        // Of two limits at once the longer one has the longer outages; what went through between those counts. A long span says
        // nothing about what follows it: the pace was another one then.
        let latest =
            self.marks.iter().rev().scan(false, |over, mark| (!std::mem::replace(over, mark.is_long)).then_some(mark));
        let comparable = || latest.clone().filter(|mark| mark.outage.saturating_mul(2) >= here.outage);
        let far = comparable().find(|mark| here.accepted.saturating_sub(mark.accepted) >= ENOUGH);
        let far = far.or_else(|| self.marks.iter().rev().find(|mark| mark.outage.saturating_mul(2) >= here.outage));
        let is_measured = far.is_some();
        let from = far.copied().unwrap_or(self.origin);
        let count = here.accepted.saturating_sub(from.accepted).max(1) as f64;
        let time = here.at.since(from.at).saturating_sub(here.idle.saturating_sub(from.idle)).as_secs_f64().max(1e-3);
        let measured = if is_measured { count / time } else { told.rate.unwrap_or(count / time) };
        let was_close = self.began <= measured * (1.0 + 4.0 * MARGIN);
        let estimate = if here.is_long && was_close {
            // A gate that opened for long was further away at first than it is now.
            let (part, most) =
                if self.accepted_since >= FAR_AWAY { (0.75, f64::INFINITY) } else { (0.5, 2.0 * MARGIN) };
            (measured + part * (self.pace - measured)).min(self.pace).min(measured * (1.0 + most))
        } else if is_measured && self.marks.len() > 2 && count < ENOUGH as f64 {
            self.pace * (1.0 - MARGIN)
        } else {
            measured.min(self.pace)
        };
        self.doubt =
            (outage.pause.as_secs_f64().min(PAUSE * here.outage.as_secs_f64()) / time + 1.0 / count).clamp(MARGIN, 1.0);
        let overtaken = 1.0 + self.pace.min(measured) * self.refusal_takes;
        self.cost = 0.5 * self.cost + 0.5 * f64::from(outage.refused).min(overtaken);
        self.growth = (self.doubt - MARGIN) / DOUBT_REACH.max(count / 2.0) + MARGIN / (REACH * self.cost.max(1.0));
        self.growth = self.growth.min(MOST_GROWTH);
        self.pace = estimate * (1.0 - MARGIN);
        self.began = self.pace;
        self.base = self.pace;
        self.accepted_since = 0;
        self.grown = ticket.sent;
        self.next = self.next.max(ticket.sent + seconds(1.0 / self.pace));
        if self.marks.len() == MARKS {
            // The longest one stays.
            let longest = self.marks.iter().map(|mark| mark.outage).max();
            let shorter = self.marks.iter().position(|mark| Some(mark.outage) != longest);
            self.marks.remove(shorter.unwrap_or(0));
        }
        self.marks.push_back(here);
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_HOLD)
}

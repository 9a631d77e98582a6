//! A limit that nobody told, learned and kept: how many requests a resource takes, from what became of those that were sent.
//!
//! A pure state machine without a clock. Whoever sends asks [`Pace::turn`] when the next request may go, says so with
//! [`Pace::send`], and tells what became of it with [`Pace::answer`]. Until a request is refused nothing is held back.
//!
//! After the first refusal all that is under way is let come back, and one request goes alone. If that is refused, with nothing
//! else in flight, the limit is one of the rate. If it is accepted, the limit may be one of concurrent requests, and as many as
//! were let through at once are kept in flight ([`cap`]); the first refusal that a cap does not explain ends that. Everything
//! that is no cap, token and leaky buckets, fixed and sliding windows and two of them at once, lets through the same evenly
//! spaced requests at the same rate in the long run; so their kind need not be known, only that rate ([`rate`]).

mod cap;
mod rate;

use crate::clock::Timestamp;
use cap::{Cap, Judgement};
use rate::Rate;
use std::time::Duration;

/// How long answers are waited for after the first refusal, before one request goes alone.
const DRAIN: Duration = Duration::from_secs(1);

/// A rate is held to instead of a cap if it lets through so much more.
const WORTH_IT: f64 = 1.05;

/// What is known of one resource's limit.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    gate: Gate,
    tally: Tally,
    /// Requests that are not answered.
    in_flight: u32,
    /// The cap that is gone back to if a rate does not let through more.
    fallback: Option<Cap>,
}

/// Requests so far.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    first: Option<Timestamp>,
    sent: u64,
    refused: u64,
}

#[derive(Debug, Clone, Default)]
enum Gate {
    /// Nothing was refused.
    #[default]
    Open,
    /// Something was, and what else is in flight is waited for; so many of those were accepted.
    Draining {
        until: Timestamp,
        accepted: u32,
    },
    /// One request is sent with nothing else in flight, or is on its way.
    Alone {
        accepted: u32,
        number: Option<u64>,
    },
    Cap(Cap),
    Rate(Box<Rate>),
}

impl Gate {
    fn rate(now: Timestamp, ticket: &Ticket, tally: &Tally, told: Told) -> Self {
        Gate::Rate(Box::new(Rate::new(now, ticket, tally, told)))
    }
}

/// When the next request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// At once.
    Now,
    /// Then, or earlier if an answer comes.
    At(Timestamp),
    /// Once an answer has come.
    AfterAnswer,
}

/// A request on its way.
#[derive(Debug)]
#[must_use = "an answer, or that there is none, must be told"]
pub struct Ticket {
    number: u64,
    sent: Timestamp,
    /// Requests that were in flight beside it, when it was sent or answered.
    others: u32,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fate {
    /// The limiter let it through.
    Accepted,
    /// The limiter refused it.
    Refused,
    /// Nobody knows: there was no answer.
    Unknown,
}

/// What the headers of an answer say, as far as it helps.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Told {
    /// How long to wait until more are let through.
    pub wait: Option<Duration>,
    /// Requests a second that are let through in the long run.
    pub rate: Option<f64>,
}

impl Pace {
    /// When the next request may be sent.
    pub fn turn(&self, now: Timestamp) -> Turn {
        let at = |moment: Timestamp| if moment > now { Turn::At(moment) } else { Turn::Now };
        match &self.gate {
            Gate::Open => Turn::Now,
            Gate::Draining { until, .. } => at(*until),
            Gate::Alone { number, .. } => number.map_or(Turn::Now, |_| Turn::AfterAnswer),
            Gate::Cap(cap) if cap.is_reached(self.in_flight) => Turn::AfterAnswer,
            Gate::Cap(_) => Turn::Now,
            Gate::Rate(rate) => at(rate.earliest()),
        }
    }

    /// A request is sent now. `waited`: it would have been sent earlier but for this.
    pub fn send(&mut self, now: Timestamp, waited: bool) -> Ticket {
        let ticket = Ticket { number: self.tally.sent, sent: now, others: self.in_flight };
        self.tally.first.get_or_insert(now);
        self.tally.sent += 1;
        self.in_flight += 1;
        match &mut self.gate {
            Gate::Draining { accepted, .. } => {
                self.gate = Gate::Alone { accepted: *accepted, number: Some(ticket.number) };
            }
            Gate::Alone { number, .. } => *number = Some(ticket.number),
            Gate::Rate(rate) => rate.send(now, &ticket, waited),
            Gate::Open | Gate::Cap(_) => {}
        }
        ticket
    }

    /// A request was answered now, or will not be. True if others may have their turn earlier for it.
    pub fn answer(&mut self, now: Timestamp, mut ticket: Ticket, fate: Fate, told: Told) -> bool {
        self.in_flight = self.in_flight.saturating_sub(1);
        // Requests that were sent later may have come before it.
        ticket.others = ticket.others.max(self.in_flight);
        let is_refused = fate == Fate::Refused;
        self.tally.refused += u64::from(is_refused);
        let is_drained = self.in_flight == 0;
        match &mut self.gate {
            Gate::Open if is_refused => {
                self.gate = Gate::Draining { until: now + DRAIN, accepted: 0 };
                if is_drained {
                    self.gate = Gate::rate(now, &ticket, &self.tally, told);
                }
            }
            Gate::Open => return false,
            Gate::Draining { accepted, .. } => {
                *accepted += u32::from(fate == Fate::Accepted);
                let accepted = *accepted;
                if !is_drained {
                    return false;
                }
                self.gate = match accepted {
                    // None was in flight beside the refused one, so they were not too many.
                    0 => Gate::rate(now, &ticket, &self.tally, told),
                    _ => Gate::Alone { accepted, number: None },
                };
            }
            Gate::Alone { number, .. } if *number != Some(ticket.number) => return false,
            Gate::Alone { accepted, number } => match fate {
                Fate::Accepted => self.gate = Gate::Cap(Cap::new(now, *accepted, self.tally.sent)),
                Fate::Refused => self.gate = Gate::rate(now, &ticket, &self.tally, told),
                Fate::Unknown => *number = None,
            },
            Gate::Cap(cap) => match fate {
                Fate::Accepted => cap.accepted(now, &ticket, self.tally.sent),
                Fate::Refused => match cap.refused(now, &ticket, self.tally.sent) {
                    Judgement::Cap => {}
                    Judgement::Coarse => {
                        let rate = Rate::tried(now, cap.throughput(), &self.tally);
                        self.fallback = Some(cap.clone());
                        self.gate = Gate::Rate(Box::new(rate));
                    }
                    Judgement::None => self.gate = Gate::rate(now, &ticket, &self.tally, told),
                },
                Fate::Unknown => {}
            },
            Gate::Rate(rate) => match fate {
                Fate::Accepted => {
                    rate.accepted(&ticket, &self.tally, told);
                    let is_worse = |cap: &mut Cap| rate.is_measured() && rate.pace() < cap.throughput() * WORTH_IT;
                    if let Some(cap) = self.fallback.take_if(is_worse) {
                        self.gate = Gate::Cap(cap.resumed(now, self.tally.sent));
                    }
                }
                Fate::Refused => rate.refused(now, &ticket, &self.tally, told),
                Fate::Unknown => rate.unknown(&ticket),
            },
        }
        true
    }

    /// The rate that is held to, in requests a second, if a rate is what is limited.
    pub fn rate(&self) -> Option<f64> {
        if let Gate::Rate(rate) = &self.gate { Some(rate.pace()) } else { None }
    }

    /// How many requests may be in flight at once, if that is what is limited.
    pub fn in_flight_at_most(&self) -> Option<u32> {
        if let Gate::Cap(cap) = &self.gate { Some(cap.level()) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Told = Told { wait: None, rate: None };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn nothing_is_held_back_until_something_is_refused() {
        let mut pace = Pace::default();
        let tickets: Vec<Ticket> = (0..1000).map(|_| pace.send(at(0), false)).collect();
        assert_eq!((pace.turn(at(0)), pace.rate()), (Turn::Now, None));
        for ticket in tickets {
            assert!(!pace.answer(at(5), ticket, Fate::Accepted, NOTHING));
        }
        assert_eq!(pace.turn(at(5)), Turn::Now);
    }

    #[test]
    fn two_refusals_in_a_row_make_the_headers_word_hold_for_all() {
        let mut pace = Pace::default();
        let told = Told { wait: Some(Duration::from_secs(7)), rate: None };
        let first = pace.send(at(0), false);
        pace.answer(at(1), first, Fate::Refused, told);
        let Turn::At(soon) = pace.turn(at(1)) else { panic!() };
        assert!(soon < at(1000), "others may go on at a slower pace: {soon:?}");
        let second = pace.send(soon, true);
        pace.answer(soon, second, Fate::Refused, told);
        assert_eq!(pace.turn(soon), Turn::At(soon + Duration::from_secs(7)));
    }

    #[test]
    fn a_request_without_an_answer_does_not_block_the_others() {
        let mut pace = Pace::default();
        let first = pace.send(at(0), false);
        pace.answer(at(1), first, Fate::Refused, NOTHING);
        let Turn::At(soon) = pace.turn(at(1)) else { panic!() };
        let probe = pace.send(soon, true);
        let Turn::At(_) = pace.turn(soon) else { panic!("one at a time after a refusal") };
        pace.answer(soon, probe, Fate::Unknown, NOTHING);
        assert_ne!(pace.turn(soon + Duration::from_secs(60)), Turn::AfterAnswer);
    }

    #[test]
    fn requests_that_are_worked_on_for_long_do_not_hold_the_others_for_long() {
        let mut pace = Pace::default();
        let _never_answered = pace.send(at(0), false);
        let refused = pace.send(at(0), false);
        pace.answer(at(1), refused, Fate::Refused, NOTHING);
        assert_eq!(pace.turn(at(1)), Turn::At(at(1) + DRAIN));
    }

    #[test]
    fn as_many_as_were_let_through_at_once_are_kept_in_flight() {
        let mut pace = Pace::default();
        let mut accepted: Vec<Ticket> = (0..4).map(|_| pace.send(at(0), false)).collect();
        let refused = pace.send(at(0), false);
        pace.answer(at(1), refused, Fate::Refused, NOTHING);
        accepted.drain(..).for_each(|ticket| {
            pace.answer(at(20), ticket, Fate::Accepted, NOTHING);
        });
        assert_eq!(pace.turn(at(20)), Turn::Now);
        let alone = pace.send(at(20), true);
        assert_eq!(pace.turn(at(20)), Turn::AfterAnswer);
        pace.answer(at(40), alone, Fate::Accepted, NOTHING);
        assert_eq!((pace.in_flight_at_most(), pace.rate()), (Some(4), None));
    }
}

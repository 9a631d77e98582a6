//! Goodput told honestly. One request of the plan may be several attempts: it has two clocks, that of an attempt, and that of
//! success, which runs from when the request was due to when it was accepted, through refusals and waits.
//!
//! Only rows that were refused or had to wait are remembered; of all others both clocks show the same.

use crate::results::{Estimation, Histogram, JtlRow, LabelStatistics, SampleResult};
use ahash::AHashMap;
use indexmap::IndexMap;

/// Users whose request is between two attempts; names with random numbers in them may be without end.
const MOST_OPEN: usize = 200_000;
/// Labels that are told of.
const MOST_LABELS: usize = 10_000;

/// What refusals and waits made of the requests of one label.
#[derive(Debug, Clone, Default)]
pub struct Goodput {
    /// Attempts that a limiter refused.
    pub refused: u64,
    /// Those of them after which another one was made.
    pub retried: u64,
    /// Accepted requests that were refused before, or held back: ms from when they were due.
    waited: Histogram,
    /// What an attempt's clock showed of those, and of what was refused.
    replaced: Histogram,
}

/// Requests a second, and the two clocks.
#[derive(Debug, Clone)]
pub struct Rates {
    /// Requests that the plan wanted to make.
    pub offered: f64,
    /// Attempts at them.
    pub attempted: f64,
    /// Requests that were let through.
    pub accepted: f64,
    /// Requests whose last attempt was refused.
    pub given_up: f64,
    /// From when an accepted request was due to the end of its last attempt, in ms.
    pub time_to_success: Histogram,
}

/// What a row says.
#[derive(Debug, Clone, Copy)]
struct Attempt<'a> {
    label: &'a str,
    user: &'a str,
    start: i64,
    elapsed: u64,
    /// The wait before it.
    idle: u64,
    refused: bool,
    retried: bool,
}

/// All labels of a run.
#[derive(Debug, Clone, Default)]
pub struct Goodputs {
    labels: IndexMap<String, Goodput>,
    /// When the request was due that a user is about to send again, and its label.
    open: AHashMap<String, (i64, String)>,
}

impl Goodputs {
    /// Takes a row that was read back, with when it began in ms since the epoch.
    pub fn row(&mut self, row: &JtlRow, start: i64) {
        let message = row.failure_message.as_str();
        let elapsed = u64::try_from(row.elapsed.as_millis()).unwrap_or(u64::MAX);
        let idle = u64::try_from(row.idle_time.as_millis()).unwrap_or(u64::MAX);
        self.attempt(Attempt {
            label: &row.label,
            user: &row.thread_name,
            start,
            elapsed,
            idle,
            refused: is_refused(&row.response_code, message),
            retried: is_retried(message),
        });
    }

    /// Takes a finished sample, of a transaction those within.
    pub fn sample(&mut self, sample: &SampleResult) {
        if sample.is_transaction {
            sample.sub_results.iter().for_each(|sub| self.sample(sub));
            return;
        }
        let message = sample.first_assertion_message().map_or("", |message| &**message);
        let elapsed = u64::try_from(sample.elapsed.as_millis()).unwrap_or(u64::MAX);
        let idle = u64::try_from(sample.idle.as_millis()).unwrap_or(u64::MAX);
        self.attempt(Attempt {
            label: &sample.label,
            user: &sample.thread_name,
            start: sample.start.millis(),
            elapsed,
            idle,
            refused: is_refused(&sample.response_code, message),
            retried: is_retried(message),
        });
    }

    fn attempt(&mut self, attempt: Attempt<'_>) {
        // The common case: nothing to remember.
        if !attempt.refused && attempt.idle == 0 && self.open.is_empty() {
            return;
        }
        let before = self.open.remove(attempt.user).filter(|(_, label)| label == attempt.label);
        let due = before.map(|(due, _)| due);
        if !attempt.refused && attempt.idle == 0 && due.is_none() {
            return;
        }
        if !self.labels.contains_key(attempt.label) {
            if self.labels.len() >= MOST_LABELS {
                return;
            }
            self.labels.insert(attempt.label.to_owned(), Goodput::default());
        }
        let Some(goodput) = self.labels.get_mut(attempt.label) else { return };
        let wait = i64::try_from(attempt.idle).unwrap_or(i64::MAX);
        let due = due.unwrap_or(attempt.start.saturating_sub(wait));
        goodput.replaced.record(attempt.elapsed);
        if !attempt.refused {
            let before = u64::try_from(attempt.start.saturating_sub(due)).unwrap_or(0);
            goodput.waited.record(before.saturating_add(attempt.elapsed));
            return;
        }
        goodput.refused += 1;
        goodput.retried += u64::from(attempt.retried);
        if attempt.retried && self.open.len() < MOST_OPEN {
            self.open.insert(attempt.user.to_owned(), (due, attempt.label.to_owned()));
        }
    }

    /// What is known of a label; `None` if nothing was refused or held back.
    pub fn of(&self, label: &str) -> Option<&Goodput> {
        self.labels.get(label)
    }

    /// Labels with refusals or waits, in the order in which they had them.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &Goodput)> {
        self.labels.iter().map(|(label, goodput)| (label.as_str(), goodput))
    }
}

/// Whether a limiter turned the sample away.
fn is_refused(code: &str, message: &str) -> bool {
    code == "429" || message.contains("(Retry-After: ")
}

/// What is written where a refused sample is sent again (`elements/samplers/http/retrying.rs`).
fn is_retried(message: &str) -> bool {
    message.starts_with("retried in ")
}

impl Goodput {
    /// The rates, with what was counted of all rows of the label.
    pub fn rates(&self, all: &LabelStatistics) -> Rates {
        let attempts = all.count();
        let accepted = attempts.saturating_sub(self.refused);
        let seconds = all.span.map_or(0.0, |(start, end)| end.since(start).as_secs_f64()).max(0.001);
        let rate = |count: u64| count as f64 / seconds;
        let mut time_to_success = all.elapsed.without(&self.replaced);
        time_to_success.merge(&self.waited);
        Rates {
            offered: rate(attempts.saturating_sub(self.retried)),
            attempted: rate(attempts),
            accepted: rate(accepted),
            given_up: rate(self.refused.saturating_sub(self.retried)),
            time_to_success,
        }
    }

    /// A line for the end of a run.
    pub fn line(&self, label: &str, all: &LabelStatistics) -> String {
        let rates = self.rates(all);
        let median = |times: &Histogram| times.percentile(50.0, Estimation::Legacy).unwrap_or(0.0);
        format!(
            "Goodput of {label}: offered {:.1}/s, attempted {:.1}/s, accepted {:.1}/s, given up {:.1}/s; an attempt takes \
             {:.0} ms, a success with its waits {:.0} ms (medians)",
            rates.offered,
            rates.attempted,
            rates.accepted,
            rates.given_up,
            median(&all.elapsed),
            median(&rates.time_to_success),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    /// Attempts at a label: user, start, elapsed and idle in ms, `+` accepted, `r` refused and retried, `g` given up.
    fn told(attempts: &[(&str, i64, u64, u64, char)]) -> (Goodputs, LabelStatistics) {
        let (mut goodputs, mut all) = (Goodputs::default(), LabelStatistics::default());
        for (user, start, elapsed, idle, fate) in attempts.iter().copied() {
            let (refused, retried) = (fate != '+', fate == 'r');
            goodputs.attempt(Attempt { label: "a", user, start, elapsed, idle, refused, retried });
            let end = start + i64::try_from(elapsed).unwrap();
            all.add(elapsed, !refused, (0, 0), (Timestamp::from_millis(start), Timestamp::from_millis(end)));
        }
        (goodputs, all)
    }

    #[test]
    fn a_request_has_two_clocks() {
        let (goodputs, all) = told(&[
            ("u1", 0, 20, 0, '+'),
            ("u1", 100, 5, 0, 'r'),
            ("u2", 110, 5, 0, 'r'),
            ("u1", 1200, 10, 1095, 'r'),
            ("u2", 1300, 30, 1185, '+'),
            ("u1", 2300, 40, 1090, '+'),
            ("u2", 3000, 5, 0, 'g'),
            // Held back, never refused.
            ("u3", 3900, 100, 500, '+'),
        ]);
        let rates = goodputs.of("a").unwrap().rates(&all);
        // Eight attempts at five requests in four seconds: four are accepted, one is not.
        assert_eq!((rates.offered, rates.attempted, rates.accepted, rates.given_up), (1.25, 2.0, 1.0, 0.25));
        let times: Vec<(u64, u64)> = rates.time_to_success.values().collect();
        assert_eq!(times, [(20, 1), (600, 1), (1220, 1), (2240, 1)]);
    }

    #[test]
    fn what_was_not_refused_and_did_not_wait_is_not_told_of() {
        let (goodputs, _) = told(&[("u1", 0, 20, 0, '+'), ("u1", 30, 20, 0, '+')]);
        assert!(goodputs.of("a").is_none());
    }

    #[test]
    fn a_request_that_comes_to_no_answer_does_not_lend_its_time_to_the_next() {
        let mut goodputs = Goodputs::default();
        let attempt = Attempt { label: "a", user: "u", start: 0, elapsed: 5, idle: 0, refused: true, retried: true };
        goodputs.attempt(attempt);
        goodputs.attempt(Attempt { label: "b", start: 9000, refused: false, retried: false, ..attempt });
        goodputs.attempt(Attempt { start: 9100, refused: false, retried: false, ..attempt });
        assert!(goodputs.of("b").is_none());
        assert_eq!(goodputs.of("a").unwrap().waited.count(), 0);
    }
}

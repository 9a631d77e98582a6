//! Attempts of one sample: what is recorded of them, and what the last one says.

use super::fields::Fields;
use crate::clock;
use crate::elements::record;
use crate::http::Exchange;
use crate::results::{AssertionResult, SampleResult};
use crate::retry::{Decision, Policy, Refusal, RetryAfter, Rows};
use crate::text::Text;
use crate::virtual_user::{Run, VirtualUser};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What follows from an answer.
pub(super) enum Verdict {
    /// It is the sample.
    Final,
    /// The request is sent again after the wait.
    Again(Duration),
}

/// The attempts so far.
pub(super) struct Retrying<'p> {
    policy: &'p Policy,
    attempt: u32,
    /// The wait before the attempt at work.
    waited: Duration,
    folded: Vec<SampleResult>,
    /// Where the end of a retried sample is counted, until it is.
    open: Option<Arc<Run>>,
}

/// A retried sample ends in one way only, so that the numbers of the closing line add up: one that is dropped before it was
/// judged has no answer.
impl Drop for Retrying<'_> {
    fn drop(&mut self) {
        if let Some(run) = self.open.take() {
            run.retries.unanswered.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<'p> Retrying<'p> {
    pub fn new(policy: &'p Policy) -> Self {
        Retrying { policy, attempt: 1, waited: Duration::ZERO, folded: Vec::new(), open: None }
    }

    /// Judges an answer and notes in its result what was decided.
    pub fn judge(&mut self, user: &mut VirtualUser, sample: &mut SampleResult, exchange: &Exchange) -> Verdict {
        if !self.policy.enabled || exchange.status < 400 {
            self.count_end(user, false);
            return Verdict::Final;
        }
        let now = u64::try_from(clock::now().millis() / 1000).unwrap_or(0);
        let header = exchange.head.last("retry-after");
        let retry_after = header.and_then(|value| RetryAfter::parse(value, exchange.head.last("date"), now));
        let refusal = Refusal {
            status: exchange.status,
            retry_after,
            attempt: self.attempt,
            time_left: user.end_time().map(|end| end.since(clock::now())),
        };
        let asked = header.unwrap_or("none");
        match self.policy.decide(&refusal, user.random.f64()) {
            Decision::Accept => {
                // A refusal that says nothing more is one all the same once the sample was retried.
                let refused = self.attempt > 1 && self.policy.statuses.contains(&exchange.status);
                self.count_end(user, refused);
                Verdict::Final
            }
            Decision::GiveUp(why) => {
                note(sample, format!("{why} (Retry-After: {asked})"));
                self.count_end(user, true);
                Verdict::Final
            }
            Decision::Retry(wait) => {
                let (attempt, most) = (self.attempt, self.policy.max_attempts);
                let millis = wait.as_millis();
                note(sample, format!("retried in {millis} ms (Retry-After: {asked}), attempt {attempt} of {most}"));
                if self.attempt == 1 {
                    user.run.retries.retried.fetch_add(1, Ordering::Relaxed);
                    self.open = Some(Arc::clone(&user.run));
                }
                user.run.retries.waited_ms.fetch_add(u64::try_from(millis).unwrap_or(u64::MAX), Ordering::Relaxed);
                self.attempt += 1;
                self.waited = wait;
                Verdict::Again(wait)
            }
        }
    }

    /// Takes note of a wait for the attempt that comes.
    pub fn held_back(&mut self, user: &VirtualUser, wait: Duration) {
        if wait.is_zero() {
            return;
        }
        self.waited += wait;
        let totals = &user.run.retries;
        totals.held_back.fetch_add(1, Ordering::Relaxed);
        totals.held_back_ms.fetch_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn count_end(&mut self, user: &VirtualUser, refused: bool) {
        self.open = None;
        let totals = &user.run.retries;
        let counter = match (refused, self.attempt > 1) {
            (true, true) => &totals.gave_up,
            (true, false) => &totals.not_retried,
            (false, true) => &totals.recovered,
            (false, false) => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// The wait before this attempt is its idle time; it does not count as elapsed.
    pub fn fold_wait(&mut self, sample: &mut SampleResult) {
        sample.idle = std::mem::take(&mut self.waited);
    }

    /// Keeps an attempt that is not the last: as a row of its own, or within the sample.
    pub fn keep(&mut self, fields: &Fields, user: &mut VirtualUser, mut attempt: SampleResult) {
        attempt.group_threads = user.group.active.load(Ordering::Relaxed);
        attempt.all_threads = user.run.counts.active.load(Ordering::Relaxed);
        attempt.thread_name = Text::clone(&user.thread_name);
        match self.policy.rows {
            Rows::Attempts => {
                if let Some(name) = fields.name.as_literal() {
                    attempt.label = Text::clone(name);
                }
                let collectors = Arc::clone(&user.attempts_to);
                record(user, &attempt, &collectors);
            }
            Rows::Final => self.folded.push(attempt),
        }
    }

    /// The sample with the attempts that were kept within it. Its own times stay those of the last attempt.
    pub fn fold(&mut self, last: &mut SampleResult) {
        if !self.folded.is_empty() {
            let mut attempts = std::mem::take(&mut self.folded);
            attempts.push(last.clone());
            for (index, attempt) in attempts.iter_mut().enumerate() {
                attempt.label = Text::from(format!("{}-{index}", last.label));
            }
            last.sub_results = attempts;
        }
    }
}

fn note(sample: &mut SampleResult, message: String) {
    sample.successful = false;
    sample.assertion_results.push(AssertionResult {
        name: Text::from("Retry-After"),
        failure: true,
        error: false,
        message: Some(Text::from(message)),
    });
}

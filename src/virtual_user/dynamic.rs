//! The run-time side of a thread group whose users come and go: a level of concurrency that is kept, or arrivals that
//! are met by users at rest (`com.blazemeter.jmeter.threads.AbstractDynamicThreadGroup`).

use crate::clock::{self, Timestamp};
use crate::results::{CollectorId, SampleEvent, SampleResult};
use crate::text::Text;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, oneshot};

/// What a dynamic group keeps account of.
#[derive(Debug, Default)]
pub struct Dynamic {
    /// Nobody is wanted any more.
    supplied: AtomicBool,
    /// A user has ended; another may be wanted in its place.
    pub user_ended: Notify,
    /// Present where users stand for arrivals.
    pub arrivals: Option<Arrivals>,
    /// Where the group notes who came and went (`LogFilename`).
    log: Arc<[CollectorId]>,
}

/// Arrivals met so far, and the users at rest that wait for the next.
#[derive(Debug)]
pub struct Arrivals {
    arrived: AtomicU64,
    completed: AtomicU64,
    abandoned: AtomicU64,
    /// How many there are to be; 0 while that is not known.
    limit: AtomicU64,
    /// Wakes those at rest; `None` once no more arrivals come.
    resting: Mutex<Option<Vec<oneshot::Sender<Timestamp>>>>,
}

/// What a dynamic group notes of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// It was started.
    Start,
    /// It has ended.
    Finish,
    /// It begins an iteration.
    Arrival,
    /// It has come to an iteration's end.
    Completion,
    /// It has left an iteration.
    Abandonment,
}

impl Dynamic {
    /// A group that keeps up a level of concurrency.
    pub fn concurrency() -> Self {
        Self::default()
    }

    /// A group of arrivals, which ends after `limit` of them unless that is 0.
    pub fn arrivals(limit: u64) -> Self {
        let arrivals = Arrivals {
            arrived: AtomicU64::new(0),
            completed: AtomicU64::new(0),
            abandoned: AtomicU64::new(0),
            limit: AtomicU64::new(limit),
            resting: Mutex::new(Some(Vec::new())),
        };
        Dynamic { arrivals: Some(arrivals), ..Self::default() }
    }

    /// The group, noting who comes and goes in those result files.
    #[must_use]
    pub fn with_log(mut self, log: Arc<[CollectorId]>) -> Self {
        self.log = log;
        self
    }

    /// Whether users end before their next sample (`isLimitReached`).
    pub fn is_limit_reached(&self) -> bool {
        match &self.arrivals {
            Some(arrivals) => arrivals.is_limit_reached(),
            None => self.supplied.load(Ordering::Acquire),
        }
    }

    /// Nobody is wanted any more: those at rest end.
    pub fn close(&self) {
        self.supplied.store(true, Ordering::Release);
        if let Some(arrivals) = &self.arrivals {
            arrivals.resting.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    /// The row of the group's own log about a user, if it keeps one.
    pub fn note(&self, note: Note, label: fmt::Arguments<'_>, thread_name: &Text) -> Option<SampleEvent> {
        if self.log.is_empty() {
            return None;
        }
        let mut result = SampleResult::started(Text::from(label.to_string()), clock::now());
        result.successful = false;
        result.response_message = Text::from(note.text());
        result.thread_name = Text::clone(thread_name);
        Some(SampleEvent {
            heard: result.start,
            result: Box::new(result),
            collectors: Arc::clone(&self.log),
            variables: Box::default(),
        })
    }
}

impl Arrivals {
    /// Counts what a user does.
    pub fn count(&self, note: Note) {
        let counter = match note {
            Note::Arrival => &self.arrived,
            Note::Completion => &self.completed,
            Note::Abandonment => &self.abandoned,
            Note::Start | Note::Finish => return,
        };
        counter.fetch_add(1, Ordering::AcqRel);
    }

    /// The schedule is over: this many arrivals were asked for.
    pub fn limit_to(&self, scheduled: u64) {
        self.limit.store(scheduled, Ordering::Release);
    }

    fn is_limit_reached(&self) -> bool {
        let limit = self.limit.load(Ordering::Acquire);
        limit > 0 && self.arrived.load(Ordering::Acquire) >= limit
    }

    /// Goes to rest until the next arrival; `None` when none will come.
    pub fn rest(&self) -> Option<oneshot::Receiver<Timestamp>> {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        let (wake, woken) = oneshot::channel();
        resting.as_mut()?.push(wake);
        Some(woken)
    }

    /// Takes the user that went to rest last; it is to be woken once it counts as active again, and told when its arrival
    /// was due.
    pub fn take_rested(&self) -> Option<oneshot::Sender<Timestamp>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.pop()
    }

    /// What came of it, for the log.
    pub fn summary(&self) -> String {
        let [arrived, completed, abandoned] =
            [&self.arrived, &self.completed, &self.abandoned].map(|count| count.load(Ordering::Acquire));
        format!("Done {arrived} arrivals, {completed} completions, {abandoned} abandonments")
    }
}

impl Note {
    fn text(self) -> &'static str {
        match self {
            Note::Start => "START",
            Note::Finish => "FINISH",
            Note::Arrival => "ARRIVAL",
            Note::Completion => "COMPLETION",
            Note::Abandonment => "ABANDONMENT",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_arrivals_ends_with_the_last_of_those_scheduled() {
        let group = Dynamic::arrivals(0);
        let arrivals = group.arrivals.as_ref().unwrap();
        arrivals.count(Note::Arrival);
        assert!(!group.is_limit_reached(), "how many there are to be is not known");
        arrivals.limit_to(2);
        assert!(!group.is_limit_reached());
        arrivals.count(Note::Completion);
        assert!(!group.is_limit_reached());
        arrivals.count(Note::Arrival);
        assert!(group.is_limit_reached());
        assert_eq!(arrivals.summary(), "Done 2 arrivals, 1 completions, 0 abandonments");
    }

    #[test]
    fn who_rests_is_woken_or_told_that_it_is_over() {
        let group = Dynamic::arrivals(0);
        let arrivals = group.arrivals.as_ref().unwrap();
        let (mut first, mut second) = (arrivals.rest().unwrap(), arrivals.rest().unwrap());
        arrivals.take_rested().unwrap().send(Timestamp::from_millis(7)).unwrap();
        assert!(second.try_recv().is_ok());
        group.close();
        assert_eq!(first.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        assert!(arrivals.rest().is_none());
        assert!(arrivals.take_rested().is_none());
    }
}

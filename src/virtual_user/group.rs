//! The run-time side of a thread group.

use super::Dynamic;
use crate::clock::Timestamp;
use crate::text::Text;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

/// What a failed sample does to its user and the run (`ThreadGroup.on_sample_error`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnSampleError {
    /// Go on.
    #[default]
    Continue,
    /// Drop the rest of the iteration.
    StartNextLoop,
    /// End the user.
    StopThread,
    /// End the run after the samples in flight.
    StopTest,
    /// End the run at once.
    StopTestNow,
}

/// One started thread group.
#[derive(Debug, Default)]
pub struct Group {
    /// The group's name.
    pub name: Text,
    /// 1-based number within its phase.
    pub number: u32,
    /// Users that its plan asks for; what `ctx.getThreadGroup().getNumThreads()` gives.
    pub users: u32,
    /// Users that have begun and not ended.
    pub active: AtomicU32,
    /// When its time is up, by its own settings.
    pub end: Option<Timestamp>,
    /// When an element of its plan ends it: microseconds since the epoch, 0 for never.
    pub closing: AtomicI64,
    /// What a failed sample does.
    pub on_sample_error: OnSampleError,
    /// Whether an iteration goes on as the same user: connections, cookies and caches are kept.
    pub same_user_on_next_iteration: bool,
    /// Present where users come and go.
    pub dynamic: Option<Dynamic>,
}

impl Group {
    /// Ends the group at `moment`, as `AbstractThreadGroup.stop()` does at once: its users start no sample after it.
    pub fn close_at(&self, moment: Timestamp) {
        self.closing.store(moment.micros().max(1), Ordering::Relaxed);
    }

    /// Whether an element of its plan ends it, now or soon: nobody else needs to start.
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed) != 0
    }

    /// When its time is up.
    pub fn end(&self) -> Option<Timestamp> {
        match self.closing.load(Ordering::Relaxed) {
            0 => self.end,
            micros => {
                let closing = Timestamp::from_micros(micros);
                Some(self.end.map_or(closing, |end| end.min(closing)))
            }
        }
    }

    /// `GROUP g-t`; an empty group name leaves its blank, as in JMeter. The users of a dynamic group are named after the
    /// thread that starts them.
    pub fn thread_name(&self, thread_number: u32) -> Text {
        let starter = if self.dynamic.is_some() { "-ThreadStarter" } else { "" };
        Text::from(format!("{}{starter} {}-{thread_number}", self.name, self.number))
    }
}

//! The run-time side of a thread group.

use crate::clock::Timestamp;
use crate::text::Text;
use std::sync::atomic::AtomicU32;

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
    /// When its time is up.
    pub end: Option<Timestamp>,
    /// What a failed sample does.
    pub on_sample_error: OnSampleError,
    /// Whether an iteration goes on as the same user: connections, cookies and caches are kept.
    pub same_user_on_next_iteration: bool,
}

impl Group {
    /// `GROUP g-t`; an empty group name leaves its blank, as in JMeter.
    pub fn thread_name(&self, thread_number: u32) -> Text {
        Text::from(format!("{} {}-{thread_number}", self.name, self.number))
    }
}

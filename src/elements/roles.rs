//! What elements can be to a run. The engine knows elements only by these traits.

use super::controllers::ControllerId;
use crate::clock::Timestamp;
use crate::expr::Expr;
use crate::results::{AssertionResult, CollectorId, SampleResult};
use crate::text::Text;
use crate::virtual_user::{Dynamic, OnSampleError, Run, Thrown, VirtualUser};
use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A sample in the making.
pub type Sampling<'a> = Pin<Box<dyn Future<Output = Result<Option<Box<SampleResult>>, Thrown>> + Send + 'a>>;

/// What a sampler that took one comes to.
pub fn taken(result: SampleResult) -> Option<Box<SampleResult>> {
    Some(Box::new(result))
}

/// Takes one sample. The only role that awaits.
pub trait Sampler: Send + Sync + Any {
    /// The sampler's name, for logs, `ctx` and Debug results.
    fn name(&self) -> &Expr;

    /// Takes a sample. `None` is no sample at all (a Flow Control Action, an answer from the cache). A sampler heeds
    /// [`crate::virtual_user::StopSignal`] at level `Now` itself, so that it can say how far it came.
    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a>;

    /// Whether the sample is a call that blocks its thread (a script that sleeps, a process): the engine then runs it
    /// on a thread of its own.
    fn blocks(&self) -> bool {
        false
    }

    /// The full name of JMeter's class for it, as scripts ask for it.
    fn class_name(&self) -> &'static str {
        "org.apache.jmeter.samplers.AbstractSampler"
    }
}

/// Works before the timers and the sampler.
pub trait PreProcessor: Send + Sync {
    /// Does its work; `sampler` is the one that follows.
    fn process(&self, user: &mut VirtualUser, sampler: &dyn Sampler) -> Result<(), Thrown>;

    /// Whether the work blocks its thread.
    fn blocks(&self) -> bool {
        false
    }
}

/// Works on `user.previous`, the sample just taken.
pub trait PostProcessor: Send + Sync {
    /// Does its work. What is thrown loses the sample's row, as in JMeter.
    fn process(&self, user: &mut VirtualUser, sampler: &dyn Sampler) -> Result<(), Thrown>;

    /// Whether it may look at response bodies; what nobody looks at is not kept.
    fn reads_response_data(&self) -> bool {
        true
    }

    /// Whether the work blocks its thread.
    fn blocks(&self) -> bool {
        false
    }
}

/// Says how long to wait before a sampler.
pub trait Timer: Send + Sync {
    /// Milliseconds to wait; negative ones take from what other timers ask for (JMeter sums them).
    fn delay(&self, user: &mut VirtualUser) -> Result<i64, Thrown>;

    /// Whether `timer.factor` stretches it (the random timers).
    fn is_modifiable(&self) -> bool {
        false
    }

    /// Where users wait for each other before the delay counts (Synchronizing Timer).
    fn rendezvous(&self) -> Option<&super::timers::Rendezvous> {
        None
    }

    /// Whether asking blocks the thread.
    fn blocks(&self) -> bool {
        false
    }
}

/// Which samples an assertion or extractor looks at (`Sample.scope`, `Assertion.scope`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SampleScope {
    /// The sample itself.
    #[default]
    Parent,
    /// The sample and its sub-samples.
    All,
    /// Only its sub-samples.
    Children,
    /// The text of the variable of this name.
    Variable(Text),
}

/// Judges a sample.
pub trait Assertion: Send + Sync {
    /// The assertion's name, for results about sub-samples.
    fn name(&self) -> &Expr;

    /// Which samples it is applied to.
    fn scope(&self) -> &SampleScope {
        &SampleScope::Parent
    }

    /// Judges `result`; may change it (Response Assertion's "ignore status", scripts).
    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown>;

    /// Whether it may look at response bodies; their sizes do not count.
    fn reads_response_data(&self) -> bool {
        true
    }

    /// Whether judging blocks its thread.
    fn blocks(&self) -> bool {
        false
    }
}

/// Hears of samples on the user's own time (scripts, Result Status Action Handler, Save Responses). Result files are
/// not listeners: they are collectors, named by number in the sample's event.
pub trait Listener: Send + Sync {
    /// Hears of a sample; may change it for the listeners that come after.
    fn sample_occurred(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<(), Thrown>;

    /// Whether it may look at response bodies; their sizes do not count.
    fn reads_response_data(&self) -> bool {
        true
    }

    /// Whether the work blocks its thread.
    fn blocks(&self) -> bool {
        false
    }
}

/// One place in a sampler's list of listeners, in JMeter's order.
#[derive(Clone)]
pub enum ListenerRef {
    /// Result files and summarisers that stand side by side.
    Collectors(Arc<[CollectorId]>),
    /// An element that works on the user's time.
    Listener(Arc<dyn Listener>),
    /// A Transaction Controller that sums up what it hears.
    Transaction(ControllerId),
}

/// A config element, compiled once and found by samplers through their scope.
pub trait Config: Any + Send + Sync {
    /// For the sampler that knows it.
    fn as_any(&self) -> &dyn Any;
}

/// Is told of each pass of the controller that holds it (JMeter's `LoopIterationListener`).
pub trait IterationListener: Send + Sync {
    /// A pass begins.
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown>;
}

/// Is told when a user begins and ends (`ThreadListener`).
pub trait ThreadListener: Send + Sync {
    /// The user begins.
    fn thread_started(&self, user: &mut VirtualUser) {
        let _ = user;
    }

    /// The user has ended.
    fn thread_finished(&self, user: &mut VirtualUser) {
        let _ = user;
    }
}

/// Is told when the run begins and ends (`TestStateListener`).
pub trait TestListener: Send + Sync {
    /// Makes ready what the run cannot do without, before anything of it has begun. An error is the end of the run.
    /// JMeter's engine does not survive an exception at this point either, though its exit status is 0 then.
    fn prepare(&self, run: &Arc<Run>) -> Result<(), Thrown> {
        let _ = run;
        Ok(())
    }

    /// The run begins.
    fn test_started(&self, run: &Arc<Run>) {
        let _ = run;
    }

    /// All users have ended.
    fn test_ended(&self, run: &Run) {
        let _ = run;
    }
}

/// When users of a group start, and until when they run.
pub struct Schedule {
    /// How many users, as `ctx` and the log show it.
    pub users: u32,
    /// Who is to start when.
    pub demands: Box<dyn Demands>,
    /// Present where users come and go.
    pub dynamic: Option<Dynamic>,
    /// When the group's time is up.
    pub end: Option<Timestamp>,
    /// Users still running at this moment are interrupted, and the group lasts until then (Open Model Thread Group).
    pub interrupt_at: Option<Timestamp>,
    /// What a failed sample does.
    pub on_sample_error: OnSampleError,
    /// Whether an iteration goes on as the same user.
    pub same_user_on_next_iteration: bool,
    /// What the log says of the start.
    pub log: Option<StartLog>,
}

/// What a group that starts says in the log.
pub struct StartLog {
    /// The class that says it.
    pub target: &'static str,
    /// `Starting thread group... number=1 threads=2 ramp-up=1 delayedStart=false`
    pub line: String,
}

/// What a thread group asks for next. Times are offsets from the group's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// A new user.
    User {
        /// Its number in the group, from 1.
        number: u32,
        /// When it starts.
        at: Duration,
        /// When its own time is up.
        end: Option<Duration>,
    },
    /// A new user that comes by a schedule of arrivals: its first sample is due when it starts.
    Caller {
        /// Its number in the group, from 1.
        number: u32,
        /// When it starts.
        at: Duration,
    },
    /// Somebody to begin an iteration: a user at rest, or else a new one.
    Arrival {
        /// When.
        at: Duration,
        /// Nobody new while this many are at work; nobody comes then.
        most: Option<u32>,
    },
    /// Nobody yet: ask again then.
    Later {
        /// When.
        at: Duration,
    },
    /// Nobody yet: ask again then, or as soon as a user has ended.
    Watch {
        /// When.
        at: Duration,
    },
}

/// What a thread group asks for in the course of time. Decides only; the engine waits and starts.
pub trait Demands: Send {
    /// The next demand, with `active` users at work; `None` when there is no more.
    fn next(&mut self, now: Duration, active: u32) -> Option<Demand>;
}

/// Demands that are known from the start.
impl<I: Iterator<Item = Demand> + Send> Demands for I {
    fn next(&mut self, _: Duration, _: u32) -> Option<Demand> {
        Iterator::next(self)
    }
}

/// Decides when users start.
pub trait ThreadGroup: Send + Sync {
    /// The schedule, with numbers read now. `user` is a stand-in for reading expressions; its group has the name and the
    /// number, no more. An error is JMeter's text; the group is then not started.
    fn schedule(&self, user: &mut VirtualUser, now: Timestamp) -> Result<Schedule, String>;
}

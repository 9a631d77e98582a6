//! A virtual user: what JMeter calls a thread. Its variables, its previous result, its connections and the state that
//! elements keep for it. The plan is never copied per user; a user is just this.

mod count;
mod dynamic;
mod fifo;
mod group;
mod run;
mod slots;
mod stop;
mod thrown;
mod variables;

pub use count::Count;
pub use dynamic::{Arrivals, Dynamic, Note};
pub use fifo::{Fifos, Interrupted};
pub use group::{Group, OnSampleError};
pub use run::{Booleans, RetryTotals, Run, UserCounts};
pub use slots::{Slot, SlotAllocator, Slots};
pub use stop::{Stop, StopLevel, StopSignal};
pub use thrown::{Thrown, ThrownKind};
pub use variables::{Names, Value, VarId, VarRef, VariableObject, Variables, well_known};

use crate::clock::Timestamp;
use crate::http;
use crate::results::{CollectorId, Intended, LogicalAction, SampleEvent, SampleResult};
use crate::text::Text;
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// Takes finished samples off a user's hands without making it wait.
pub trait EventSink: Send + Sync {
    /// Takes a sample for those collectors, with the values of `sample_variables`.
    fn record(&self, sample: &SampleResult, collectors: &Arc<[CollectorId]>, variables: Box<[Option<Text>]>);
    /// Takes an event that is no user's sample.
    fn put(&self, event: SampleEvent);
}

/// One virtual user (JMeter's `JMeterThread` and its `JMeterContext`).
pub struct VirtualUser {
    /// `GROUP g-t`: group name, number of the group in its phase, number of the user in the group.
    pub thread_name: Text,
    /// 1-based number within the group.
    pub thread_number: u32,
    /// The group's run-time side: name, active users, end of its time.
    pub group: Arc<Group>,
    /// When this user's own time is up, where the group gives each its own.
    pub end: Option<Timestamp>,
    /// What all users of the run share.
    pub run: Arc<Run>,
    /// Wakes this user's waits when the run stops.
    pub stop: Arc<StopSignal>,
    /// `vars`
    pub variables: Variables,
    /// `prev`: the result of the last sampler that had one.
    pub previous: Option<Box<SampleResult>>,
    /// State that elements keep for this user.
    pub slots: Slots,
    /// Source of randomness that no seed in the plan asked for.
    pub random: fastrand::Rng,
    /// The user's connections.
    pub http: http::Client,
    /// The request that a pre-processor asked to change; the sampler of this pass takes it.
    pub draft: Option<Box<dyn Any + Send>>,
    /// Name of the sampler at work (`ctx.getCurrentSampler().getName()`).
    pub sampler_name: Text,
    /// Whether that name is being evaluated: what asks for it meanwhile asks for itself.
    pub naming: bool,
    /// 1-based iteration of the thread group.
    pub iteration: u32,
    /// What the flow does after this sample; set by Flow Control Actions and scripts.
    pub logical_action: LogicalAction,
    /// Number of the worker that the user lives on.
    pub worker: usize,
    /// False once this user is to end after the current sample.
    pub running: bool,
    /// When the arrival was due that the user came by; its first sample takes it.
    pub arrived: Option<Timestamp>,
    /// What a schedule says of the start of the sample that follows.
    pub intended: Option<Intended>,
    /// How long the sample that follows may take, counted from its own start (Sample Timeout).
    pub sample_timeout: Option<Duration>,
    /// Collectors that hear of the attempts of the sample at work.
    pub attempts_to: Arc<[CollectorId]>,
    /// Whether the bodies of the sample at work may be looked at by anything but result files.
    pub reads_response_data: bool,
    /// Where finished samples go; `None` for one who takes none.
    pub sink: Option<Arc<dyn EventSink>>,
}

impl VirtualUser {
    /// A user that has not started: `run`'s start variables, no connections.
    pub fn new(run: Arc<Run>, group: Arc<Group>, stop: Arc<StopSignal>, thread_number: u32) -> Self {
        let variables = run.start_variables();
        Self::with_variables(run, group, stop, thread_number, variables)
    }

    /// A user without variables that holds this one's place while it is elsewhere.
    #[must_use]
    pub fn stand_in(&self) -> Self {
        let variables = Variables::new(Arc::clone(&self.run.names));
        let (run, group, stop) = (Arc::clone(&self.run), Arc::clone(&self.group), Arc::clone(&self.stop));
        Self::with_variables(run, group, stop, self.thread_number, variables)
    }

    fn with_variables(
        run: Arc<Run>,
        group: Arc<Group>,
        stop: Arc<StopSignal>,
        thread_number: u32,
        variables: Variables,
    ) -> Self {
        let thread_name = group.thread_name(thread_number);
        VirtualUser {
            thread_name,
            thread_number,
            end: None,
            stop,
            variables,
            previous: None,
            slots: Slots::with_places(run.slots),
            random: fastrand::Rng::new(),
            http: http::Client::default(),
            draft: None,
            sampler_name: Text::default(),
            naming: false,
            iteration: 0,
            logical_action: LogicalAction::Continue,
            worker: 0,
            running: true,
            arrived: None,
            intended: None,
            sample_timeout: None,
            attempts_to: Arc::default(),
            reads_response_data: true,
            sink: None,
            group,
            run,
        }
    }

    /// Evaluates the name of the sampler at work.
    pub fn named<T>(&mut self, name: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.naming, true);
        let name = name(self);
        self.naming = outer;
        name
    }

    /// Whether the user may take another sample.
    pub fn may_run(&self) -> bool {
        self.running && self.stop.level() == StopLevel::Run
    }

    /// Counts an iteration of the group. A group whose iterations are different users starts each on new connections.
    pub fn begin_iteration(&mut self) {
        self.iteration = self.iteration.wrapping_add(1);
        if self.iteration > 1 && !self.group.same_user_on_next_iteration && self.run.new_user_closes_connections {
            self.http.close_all();
        }
    }

    /// Sets `JMeterThread.last_sample_ok`.
    pub fn set_last_sample_ok(&mut self, ok: bool) {
        let text = if ok { &self.run.texts.yes } else { &self.run.texts.no };
        self.variables.set(well_known::LAST_SAMPLE_OK, Value::Text(Text::clone(text)));
    }

    /// Reads `JMeterThread.last_sample_ok` as JMeter's loop does: only `true` is true.
    pub fn last_sample_ok(&self) -> bool {
        matches!(self.variables.value(well_known::LAST_SAMPLE_OK), Some(Value::Text(text)) if &**text == "true")
    }

    /// Hands on an event that is no sample.
    pub fn put(&self, event: Option<SampleEvent>) {
        if let (Some(sink), Some(event)) = (&self.sink, event) {
            sink.put(event);
        }
    }

    /// Ends this user after the sample that runs now.
    pub fn stop_thread(&mut self) {
        self.running = false;
        log::info!(target: "org.apache.jmeter.threads.JMeterThread", "Stop Thread detected by thread: {}", self.thread_name);
    }

    /// Ends the run after the samples that run now (`askThreadsToStop`).
    pub fn shutdown_test(&mut self) {
        self.running = false;
        log::info!(target: "org.apache.jmeter.threads.JMeterThread", "Shutdown Test detected by thread: {}", self.thread_name);
        self.run.stop.ask();
    }

    /// Ends the run at once: samples in flight are interrupted (`stopTest`).
    pub fn stop_test_now(&mut self) {
        self.running = false;
        log::info!(target: "org.apache.jmeter.threads.JMeterThread", "Stop Test Now detected by thread: {}", self.thread_name);
        self.run.stop.raise(StopLevel::Now);
    }

    /// The moment at which this user's time is up, if its group has one.
    pub fn end_time(&self) -> Option<Timestamp> {
        match (self.end, self.group.end()) {
            (Some(own), Some(group)) => Some(own.min(group)),
            (own, group) => own.or(group),
        }
    }

    /// Reads an element's state for this user, made on first use.
    pub fn slot<T: Default + Send + 'static>(&mut self, slot: Slot<T>) -> &mut T {
        self.slots.get(slot)
    }
}

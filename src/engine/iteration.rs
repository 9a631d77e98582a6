//! One user from start to end (`org.apache.jmeter.threads.JMeterThread.run`).

use super::alarm::Alarm;
use super::outbox::Outbox;
use crate::clock;
use crate::elements::controllers::{ControllerId, ControllerTree, SamplerId, States, Step, TransactionRef, Walk, lock};
use crate::plan::GroupPlan;
use crate::results::LogicalAction;
use crate::virtual_user::{Note, OnSampleError, Thrown, ThrownKind, Value, VirtualUser, well_known};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A user at work.
pub(super) struct UserTask {
    pub user: Box<VirtualUser>,
    pub states: States,
    pub group: Arc<GroupPlan>,
    /// The sampler that ran last; its listeners hear transactions that end.
    pub last: Option<SamplerId>,
    /// Whether the user rests between arrivals, and counts as none.
    pub at_rest: bool,
    pub outbox: Arc<Outbox>,
    pub alarm: Arc<Alarm>,
}

/// Passes over the whole tree without a sample after which the user lets the machine breathe.
const IDLE_PASSES: u32 = 100;

/// A user whose samples never have to wait (scripts, Debug Samplers) lets the others of its worker go on after this time.
const TURN: Duration = Duration::from_micros(200);

/// Awaits `work` and says whether it had to wait: others had their turn meanwhile.
async fn noting_waits<T>(mut work: impl Future<Output = T> + Unpin) -> (T, bool) {
    let mut waited = false;
    let output = poll_fn(|context| {
        let poll = Pin::new(&mut work).poll(context);
        waited |= poll.is_pending();
        poll
    })
    .await;
    (output, waited)
}

impl UserTask {
    /// The user's view of its controllers.
    pub fn walk(&mut self) -> Walk<'_> {
        Walk { tree: &self.group.tree, states: &mut self.states, user: &mut self.user, last: self.last, spins: 0 }
    }

    /// Sees to it that the worker's samples are sent, if there are many.
    pub async fn hand_over(&mut self) {
        if self.outbox.is_full() {
            Box::pin(self.outbox.flush()).await;
        }
    }

    /// Lives the user's life.
    pub async fn run(mut self) {
        let counts_group = Arc::clone(&self.user.group);
        let run = Arc::clone(&self.user.run);
        log::info!(target: "org.apache.jmeter.threads.JMeterThread", "Thread started: {}", self.user.thread_name);
        let same_user = counts_group.same_user_on_next_iteration;
        self.user.variables.set(well_known::SAME_USER, Value::from(if same_user { "true" } else { "false" }));
        self.user.set_last_sample_ok(true);
        let compiled = self.start_controllers();
        self.walk().initialize(ControllerTree::ROOT);
        run.counts.active.fetch_add(1, Ordering::AcqRel);
        run.counts.started.fetch_add(1, Ordering::AcqRel);
        if counts_group.dynamic.is_none() {
            // Dynamic groups count a user when they decide on it.
            counts_group.active.fetch_add(1, Ordering::AcqRel);
        }
        let group = Arc::clone(&self.group);
        for listener in &group.thread_listeners {
            listener.thread_started(&mut self.user);
        }

        let lived = match compiled {
            Ok(()) => self.iterate().await,
            Err(thrown) => Err(thrown),
        };
        if let Err(thrown) = lived {
            self.ended_by(&thrown);
        }

        log::info!(target: "org.apache.jmeter.threads.JMeterThread", "Thread finished: {}", self.user.thread_name);
        self.walk().each_controller(|controller, walk, id| controller.thread_finished(walk, id));
        for listener in &group.thread_listeners {
            listener.thread_finished(&mut self.user);
        }
        if !self.at_rest {
            run.counts.active.fetch_sub(1, Ordering::AcqRel);
            run.counts.finished.fetch_add(1, Ordering::AcqRel);
            counts_group.active.fetch_sub(1, Ordering::AcqRel);
        }
        if let Some(dynamic) = &counts_group.dynamic {
            if dynamic.arrivals.is_none() {
                let row = dynamic.note(Note::Finish, format_args!(""), &self.user.thread_name);
                self.user.put(row);
            }
            dynamic.user_ended.notify_one();
        }
        self.hand_over().await;
    }

    /// Waits for the group's next arrival; the user ends when there will be none. It does not count as a user meanwhile.
    async fn rest(&mut self) {
        self.hand_over().await;
        let (group, run) = (Arc::clone(&self.user.group), Arc::clone(&self.user.run));
        let Some(arrivals) = group.dynamic.as_ref().and_then(|dynamic| dynamic.arrivals.as_ref()) else { return };
        self.at_rest = true;
        run.counts.active.fetch_sub(1, Ordering::AcqRel);
        run.counts.finished.fetch_add(1, Ordering::AcqRel);
        group.active.fetch_sub(1, Ordering::AcqRel);
        self.user.http.rest();
        let woken = match arrivals.rest() {
            Some(woken) => woken.await.ok(),
            None => None,
        };
        if let Some(due) = woken {
            self.at_rest = false;
            self.user.arrived = Some(due);
            run.counts.active.fetch_add(1, Ordering::AcqRel);
            run.counts.started.fetch_add(1, Ordering::AcqRel);
        } else {
            self.user.running = false;
        }
    }

    fn start_controllers(&mut self) -> Result<(), Thrown> {
        let mut walk = self.walk();
        (0..walk.tree.controllers.len() as u32)
            .try_for_each(|id| walk.behaviour(ControllerId(id)).thread_started(&mut walk))
    }

    async fn iterate(&mut self) -> Result<(), Thrown> {
        let group = Arc::clone(&self.group);
        let mut idle_passes = 0_u32;
        // Since when the user has had the worker to itself; read when it comes to matter.
        let mut turn = None;
        while self.user.may_run() {
            let mut sampled = false;
            let mut step = self.next()?;
            while self.user.may_run() {
                let Some(current) = step.take() else { break };
                match current {
                    Step::Yield => {
                        self.breathe().await;
                        step = self.next()?;
                        continue;
                    }
                    Step::Lock(request) => {
                        request.acquire(&mut self.user).await;
                        if self.user.may_run() {
                            step = self.next()?;
                        }
                        continue;
                    }
                    Step::Rest => {
                        self.rest().await;
                        if self.user.may_run() {
                            step = self.next()?;
                        }
                        continue;
                    }
                    Step::Sampler(_) | Step::Transaction(_) => {}
                }
                sampled = true;
                let waited = match &current {
                    // In the user's own task: most steps are one sample.
                    Step::Sampler(sampler) => noting_waits(pin!(self.one(&group, *sampler, None))).await.1,
                    Step::Transaction(step) => {
                        noting_waits(self.transaction(&group, TransactionRef::clone(step), false)).await.1
                    }
                    Step::Yield | Step::Lock(_) | Step::Rest => false,
                };
                self.hand_over().await;
                if waited {
                    turn = None;
                } else if clock::now().since(*turn.get_or_insert_with(clock::now)) >= TURN {
                    tokio::task::yield_now().await;
                    turn = None;
                }
                let start_next_loop = self.user.group.on_sample_error == OnSampleError::StartNextLoop;
                let failed = start_next_loop && !self.user.last_sample_ok();
                if self.user.logical_action != LogicalAction::Continue || failed {
                    let action =
                        if failed { LogicalAction::StartNextIterationOfThread } else { self.user.logical_action };
                    self.jump(&current, action)?;
                    self.hand_over().await;
                    self.user.logical_action = LogicalAction::Continue;
                    self.user.set_last_sample_ok(true);
                    break;
                }
                step = self.next()?;
                self.hand_over().await;
            }
            if self.walk().is_done(ControllerTree::ROOT) {
                self.user.running = false;
                log::info!(target: "org.apache.jmeter.threads.JMeterThread", "Thread is done: {}", self.user.thread_name);
            }
            // A group that finds nothing to sample would spin; others on this worker must have their turn.
            idle_passes = if sampled { 0 } else { idle_passes + 1 };
            if idle_passes > IDLE_PASSES {
                self.breathe().await;
            } else if !sampled {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// A user that turns and turns without a sample leaves the machine to others for a moment; its time may run out.
    async fn breathe(&mut self) {
        let stop = Arc::clone(&self.user.stop);
        super::wait::pause(&stop, Duration::from_millis(1)).await;
        self.stop_if_time_is_up();
    }

    fn next(&mut self) -> Result<Option<Step>, Thrown> {
        self.walk().next(ControllerTree::ROOT)
    }

    /// Ends the user when its group's time is up; looked at after each sample only, as in JMeter.
    pub fn stop_if_time_is_up(&mut self) {
        if self.user.end_time().is_some_and(|end| clock::now() >= end) {
            self.user.running = false;
            log::info!(target: "org.apache.jmeter.threads.JMeterThread",
                "Stopping because end time detected by thread: {}", self.user.thread_name);
        }
    }

    /// Leaves the loops around the sample that just ended, as far as `action` says
    /// (`triggerLoopLogicalActionOnParentControllers`).
    fn jump(&mut self, step: &Step, action: LogicalAction) -> Result<(), Thrown> {
        let mut real = step.clone();
        while let Step::Transaction(transaction) = &real {
            let Some(sub) = lock(transaction).sub.clone() else { break };
            real = sub;
        }
        let Step::Sampler(sampler) = real else {
            // Only an assertion on the transaction itself can ask for a jump once all its children are through.
            let message = "Got null subSampler calling findRealSampler";
            return Err(Thrown::new("java.lang.IllegalStateException", message));
        };
        self.walk().jump(sampler, action)?;
        if let Step::Transaction(transaction) = step {
            self.end_transaction(transaction, false);
        }
        Ok(())
    }

    /// What an exception that no sample could hold means to the user.
    fn ended_by(&mut self, thrown: &Thrown) {
        match thrown.kind {
            ThrownKind::StopTest => self.user.shutdown_test(),
            ThrownKind::StopTestNow => self.user.stop_test_now(),
            ThrownKind::StopThread => log::info!(target: "org.apache.jmeter.threads.JMeterThread",
                "Stop Thread seen for thread {}, reason: {thrown}", self.user.thread_name),
            ThrownKind::Exception => {
                log::error!(target: "org.apache.jmeter.threads.JMeterThread", "Test failed! {thrown}");
            }
        }
    }
}

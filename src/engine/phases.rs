//! A run from start to end: setUp groups, the load, tearDown groups (`org.apache.jmeter.engine.StandardJMeterEngine`).

use super::supply::Supply;
use super::worker::Workers;
use crate::clock::{self, Timestamp};
use crate::elements::roles::StartLog;
use crate::plan::{GroupPlan, Phase, Plan};
use crate::results::Results;
use crate::virtual_user::{Group, OnSampleError, Run, StopLevel, StopSignal, Thrown, VirtualUser};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

const ENGINE: &str = "org.apache.jmeter.engine.StandardJMeterEngine";

/// How a run is done.
pub struct Settings<'a> {
    /// Worker threads.
    pub workers: usize,
    /// Where finished samples go.
    pub results: &'a Results,
    /// How long users get to end after they were interrupted (`jmeterengine.threadstop.wait`).
    pub stop_wait: Duration,
}

/// Is told what a person at the console should see while a run goes on.
pub trait Observer {
    /// A thread group could not be started; the run goes on without it.
    fn group_failed(&self, message: &str);
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Users would not end although they were interrupted.
    pub stuck: bool,
}

/// Makes ready what `plan` cannot run without; the exception is the end of the run.
pub fn prepare(plan: &Plan, run: &Arc<Run>) -> Result<(), Thrown> {
    for listener in &plan.test_listeners {
        listener.prepare(run).inspect_err(|thrown| {
            log::error!(target: ENGINE, "Uncaught exception in thread Thread[StandardJMeterEngine] {thrown}");
        })?;
    }
    Ok(())
}

/// Runs `plan` to its end. Blocks; the run is stopped through [`Run::stop`].
pub fn run(
    plan: &Arc<Plan>,
    run: &Arc<Run>,
    settings: &Settings<'_>,
    observer: &dyn Observer,
) -> std::io::Result<Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let workers = Workers::spawn(settings.workers, run, settings.results)?;
    let mut engine = Engine { plan, run, settings, observer, workers, stop: run.stop.signal(), stuck: false };
    for listener in &plan.test_listeners {
        listener.test_started(run);
    }
    runtime.block_on(engine.phases());
    let Engine { workers, stuck, .. } = engine;
    if !stuck {
        workers.finish();
    }
    for listener in &plan.test_listeners {
        listener.test_ended(run);
    }
    log::info!(target: ENGINE, "Notifying test listeners of end of test");
    Ok(Ended { stuck })
}

struct Engine<'a> {
    plan: &'a Arc<Plan>,
    run: &'a Arc<Run>,
    settings: &'a Settings<'a>,
    observer: &'a dyn Observer,
    workers: Workers,
    stop: Arc<StopSignal>,
    stuck: bool,
}

impl Engine<'_> {
    async fn phases(&mut self) {
        log::info!(target: ENGINE, "Running the test!");
        self.phase(Phase::SetUp).await;
        let main_ran = self.running();
        if main_ran {
            self.phase(Phase::Main).await;
        }
        if main_ran && !self.running() && self.plan.settings.tear_down_on_shutdown && !self.stuck {
            self.run.stop.reset();
        }
        if self.running() {
            self.phase(Phase::TearDown).await;
        }
    }

    fn running(&self) -> bool {
        self.run.stop.level() == StopLevel::Run
    }

    async fn phase(&mut self, phase: Phase) {
        let groups: Vec<_> = self.plan.groups.iter().filter(|group| group.phase == phase).cloned().collect();
        if groups.is_empty() {
            if phase == Phase::Main {
                log::info!(target: ENGINE, "No enabled thread groups found");
            }
            return;
        }
        for count in
            [&self.run.counts.active, &self.run.counts.started, &self.run.counts.finished, &self.run.counts.planned]
        {
            count.store(0, Ordering::Release);
        }
        match phase {
            Phase::SetUp => log::info!(target: ENGINE, "Starting setUp thread groups"),
            Phase::Main => {}
            Phase::TearDown => log::info!(target: ENGINE, "Starting tearDown thread groups"),
        }
        // Each group's users hold a clone of the sender; the phase is over when all are gone.
        let (alive, mut ended) = mpsc::channel::<()>(1);
        let mut all = Vec::new();
        for (index, plan) in groups.into_iter().enumerate() {
            if !self.running() {
                break;
            }
            if self.plan.settings.serialize_thread_groups {
                let (own, mut own_ended) = mpsc::channel::<()>(1);
                all.extend(self.start(&plan, index as u32 + 1, own).await);
                self.wait_for_end(&mut own_ended).await;
            } else {
                all.extend(self.start(&plan, index as u32 + 1, alive.clone()).await);
            }
        }
        drop(alive);
        if phase == Phase::Main {
            if self.running() {
                log::info!(target: ENGINE, "All thread groups have been started");
            } else {
                log::info!(target: ENGINE, "Test stopped - no more thread groups will be started");
            }
        }
        self.wait_for_end(&mut ended).await;
        for arrivals in all.iter().filter_map(|group| group.dynamic.as_ref()?.arrivals.as_ref()) {
            log::info!(target: "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroup", "{}", arrivals.summary());
        }
    }

    /// Begins to start the users of a group, in a task of its own. Groups of arrivals hold up those after them until
    /// somebody has arrived. `None` after it was reported that the group cannot start.
    async fn start(&mut self, plan: &Arc<GroupPlan>, number: u32, alive: mpsc::Sender<()>) -> Option<Arc<Group>> {
        let mut supply = self.prepare(plan, number, alive)?;
        let group = Arc::clone(&supply.group);
        let mut arrived = None;
        if group.dynamic.as_ref().is_some_and(|dynamic| dynamic.arrivals.is_some()) {
            let (first, seen) = oneshot::channel();
            supply.first = Some(first);
            arrived = Some(seen);
        }
        tokio::spawn(supply.run());
        if let Some(arrived) = arrived {
            // An error: there is none, because the schedule is over or the run stops.
            let _ = arrived.await;
        }
        Some(group)
    }

    /// Reads a group's schedule; `None` after it was reported that the group cannot start.
    fn prepare(&mut self, plan: &Arc<GroupPlan>, number: u32, alive: mpsc::Sender<()>) -> Option<Supply> {
        let mut user = self.stand_in(Group::default());
        let name = plan.name.eval(&mut user).unwrap_or_default();
        match plan.phase {
            Phase::SetUp => log::info!(target: ENGINE, "Starting setUp ThreadGroup: {number} : {name} "),
            Phase::Main => log::info!(target: ENGINE, "Starting ThreadGroup: {number} : {name}"),
            Phase::TearDown => log::info!(target: ENGINE, "Starting tearDown ThreadGroup: {number} : {name}"),
        }
        user = self.stand_in(Group { name: name.clone(), number, ..Group::default() });
        user.sampler_name = name.clone();
        let started = clock::now();
        let schedule = match plan.group.schedule(&mut user, started) {
            Ok(schedule) => schedule,
            Err(message) => {
                let text = format!("Error occurred starting thread group :{name}, error message:{message}, ");
                log::error!(target: ENGINE, "{text}");
                self.observer.group_failed(&text);
                return None;
            }
        };
        self.run.counts.planned.fetch_add(schedule.users, Ordering::Relaxed);
        log::info!(target: ENGINE, "Starting {} threads for group {name}.", schedule.users);
        log::info!(target: ENGINE, "{}", on_error_line(schedule.on_sample_error));
        if let Some(StartLog { target, line }) = &schedule.log {
            log::info!(target: target, "{line}");
            log::info!(target: target, "Started thread group number {number}");
        }
        let dynamic = schedule.dynamic.map(|dynamic| dynamic.with_log(Arc::clone(&plan.log)));
        let end_of_users = match schedule.interrupt_at {
            Some(moment) => Some(Interruption::At(moment)),
            None => dynamic.is_some().then_some(Interruption::AtShutdown),
        };
        let own_stop = end_of_users.map(|interruption| {
            let stop = self.run.stop.signal();
            tokio::spawn(interruption.wait(Arc::clone(&stop), alive.clone()));
            stop
        });
        let group = Arc::new(Group {
            name,
            number,
            users: schedule.users,
            end: schedule.end,
            on_sample_error: schedule.on_sample_error,
            same_user_on_next_iteration: schedule.same_user_on_next_iteration,
            dynamic,
            ..Group::default()
        });
        Some(Supply {
            plan: Arc::clone(plan),
            group,
            started,
            demands: schedule.demands,
            dispatch: self.workers.dispatch(),
            events: self.settings.results.sender(),
            stop: Arc::clone(&self.stop),
            own_stop,
            first: None,
            made: 0,
            alive,
        })
    }

    /// A user that reads a group's expressions before it has users.
    fn stand_in(&self, group: Group) -> VirtualUser {
        VirtualUser::new(Arc::clone(self.run), Arc::new(group), Arc::clone(&self.stop), 0)
    }

    /// Waits until all users have ended; after an interruption only as long as they are given.
    async fn wait_for_end(&mut self, ended: &mut mpsc::Receiver<()>) {
        tokio::select! {
            _ = ended.recv() => return,
            () = self.stop.reached(StopLevel::Now) => {}
        }
        if tokio::time::timeout(self.settings.stop_wait, ended.recv()).await.is_err() {
            self.stuck = true;
        }
    }
}

/// When the users of a group are interrupted on their own account: the stop signal is theirs alone.
enum Interruption {
    /// The group's time is over. It lasts until then.
    At(Timestamp),
    /// The run stops, if only after the samples in flight: dynamic groups do not wait for those.
    AtShutdown,
}

impl Interruption {
    /// Waits for the moment, unless the run stops before; `alive` keeps the group going.
    async fn wait(self, stop: Arc<StopSignal>, alive: mpsc::Sender<()>) {
        match self {
            Interruption::At(moment) => {
                let moment = tokio::time::Instant::from_std(clock::instant_of(moment));
                tokio::select! {
                    () = stop.reached(StopLevel::Shutdown) => {}
                    () = tokio::time::sleep_until(moment) => {
                        log::info!(target: "org.apache.jmeter.threads.openmodel.OpenModelThreadGroup",
                            "Test schedule finished. Threads that are still running are interrupted.");
                        stop.raise(StopLevel::Now);
                    }
                }
                drop(alive);
            }
            Interruption::AtShutdown => {
                drop(alive);
                stop.reached(StopLevel::Shutdown).await;
                stop.raise(StopLevel::Now);
            }
        }
    }
}

fn on_error_line(policy: OnSampleError) -> &'static str {
    match policy {
        OnSampleError::Continue => "Thread will continue on error",
        OnSampleError::StartNextLoop => "Thread will start next loop on error",
        OnSampleError::StopThread => "Thread will stop on error",
        OnSampleError::StopTest => "Test will stop on error",
        OnSampleError::StopTestNow => "Test will stop abruptly on error",
    }
}

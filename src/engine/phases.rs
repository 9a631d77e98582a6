//! A run from start to end: setUp groups, the load, tearDown groups (`org.apache.jmeter.engine.StandardJMeterEngine`).

use super::worker::{Start, Workers};
use crate::clock::{self, Timestamp};
use crate::plan::{GroupPlan, Phase, Plan};
use crate::results::Results;
use crate::virtual_user::{Group, OnSampleError, Run, StopLevel, StopSignal, Thrown, VirtualUser};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;

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
        let mut starting = Vec::new();
        for (index, plan) in groups.into_iter().enumerate() {
            if !self.running() {
                break;
            }
            let Some(starter) = self.prepare(&plan, index as u32 + 1) else { continue };
            if self.plan.settings.serialize_thread_groups {
                let (own, mut own_ended) = mpsc::channel::<()>(1);
                self.start_all(vec![Starting { alive: own, ..starter }]).await;
                self.wait_for_end(&mut own_ended).await;
            } else {
                starting.push(Starting { alive: alive.clone(), ..starter });
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
        self.start_all(starting).await;
        self.wait_for_end(&mut ended).await;
    }

    /// Reads a group's schedule; `None` after it was reported that the group cannot start.
    fn prepare(&mut self, plan: &Arc<GroupPlan>, number: u32) -> Option<Starting> {
        let stand_in = Arc::new(Group::default());
        let mut user = VirtualUser::new(Arc::clone(self.run), stand_in, Arc::clone(&self.stop), 0);
        let name = plan.name.eval(&mut user).unwrap_or_default();
        match plan.phase {
            Phase::SetUp => log::info!(target: ENGINE, "Starting setUp ThreadGroup: {number} : {name} "),
            Phase::Main => log::info!(target: ENGINE, "Starting ThreadGroup: {number} : {name}"),
            Phase::TearDown => log::info!(target: ENGINE, "Starting tearDown ThreadGroup: {number} : {name}"),
        }
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
        log::info!(target: "org.apache.jmeter.threads.ThreadGroup",
            "Starting thread group... number={number} threads={} {}", schedule.users, schedule.log_line);
        let group = Arc::new(Group {
            name,
            number,
            users: schedule.users,
            end: schedule.end,
            on_sample_error: schedule.on_sample_error,
            same_user_on_next_iteration: schedule.same_user_on_next_iteration,
            ..Group::default()
        });
        log::info!(target: "org.apache.jmeter.threads.ThreadGroup", "Started thread group number {number}");
        let (alive, _) = mpsc::channel(1);
        let cut = schedule.interrupt_at.map(|moment| Cut { moment, stop: self.run.stop.signal() });
        Some(Starting {
            plan: Arc::clone(plan),
            group,
            started,
            starts: schedule.starts,
            next: None,
            users: 0,
            alive,
            cut,
        })
    }

    /// Starts the users of several groups, each at its time, until all are started or the run stops.
    async fn start_all(&mut self, mut groups: Vec<Starting>) {
        for group in &mut groups {
            group.next = group.starts.next();
            if let Some(cut) = &group.cut {
                tokio::spawn(cut.clone().wait(group.alive.clone()));
            }
        }
        loop {
            groups.retain(|group| group.next.is_some());
            let soonest =
                groups.iter().enumerate().min_by_key(|(_, group)| group.next.map(|offset| group.started + offset));
            let Some((index, _)) = soonest else { return };
            let group = &mut groups[index];
            let Some(offset) = group.next else { return };
            let wait = (group.started + offset).since(clock::now());
            if !super::wait::pause(&self.stop, wait).await || !self.running() {
                return;
            }
            group.users += 1;
            group.next = group.starts.next();
            self.workers.start(Start {
                plan: Arc::clone(&group.plan),
                group: Arc::clone(&group.group),
                number: group.users,
                alive: group.alive.clone(),
                stop: group.cut.as_ref().map(|cut| Arc::clone(&cut.stop)),
            });
        }
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

struct Starting {
    plan: Arc<GroupPlan>,
    group: Arc<Group>,
    started: Timestamp,
    starts: Box<dyn Iterator<Item = Duration> + Send>,
    next: Option<Duration>,
    users: u32,
    alive: mpsc::Sender<()>,
    cut: Option<Cut>,
}

/// The end of a group whose users are interrupted when its time is over.
#[derive(Clone)]
struct Cut {
    moment: Timestamp,
    /// What the group's own users listen to.
    stop: Arc<StopSignal>,
}

impl Cut {
    /// Interrupts the users at the moment, unless the run stops before. The group lasts until then: `alive` is held.
    async fn wait(self, alive: mpsc::Sender<()>) {
        let moment = tokio::time::Instant::from_std(clock::instant_of(self.moment));
        tokio::select! {
            () = self.stop.reached(StopLevel::Shutdown) => {}
            () = tokio::time::sleep_until(moment) => {
                log::info!(target: "org.apache.jmeter.threads.openmodel.OpenModelThreadGroup",
                    "Test schedule finished. Threads that are still running are interrupted.");
                self.stop.raise(StopLevel::Now);
            }
        }
        drop(alive);
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

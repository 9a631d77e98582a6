//! Starts the users of one thread group, each at its time, as the group's schedule demands them.

use super::wait;
use super::worker::{Dispatch, Start};
use crate::clock::{self, Timestamp};
use crate::elements::roles::{Demand, Demands};
use crate::plan::GroupPlan;
use crate::results::BatchSender;
use crate::virtual_user::{Arrivals, Group, Note, StopLevel, StopSignal};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How often a group that waits looks whether it was ended.
const LOOK: Duration = Duration::from_secs(1);

/// How long after a user's end the group looks for others that have ended.
const BREATH: Duration = Duration::from_millis(1);

/// A thread group that is being started.
pub(super) struct Supply {
    pub plan: Arc<GroupPlan>,
    pub group: Arc<Group>,
    pub started: Timestamp,
    pub demands: Box<dyn Demands>,
    pub dispatch: Dispatch,
    /// Takes the rows of the group's own log.
    pub events: BatchSender,
    /// The run's switch.
    pub stop: Arc<StopSignal>,
    /// What the group's users listen to, where it is not their worker's.
    pub own_stop: Option<Arc<StopSignal>>,
    /// Told of the first arrival; later groups wait for it.
    pub first: Option<oneshot::Sender<()>>,
    /// Users made for arrivals so far.
    pub made: u32,
    /// Held until the last user is started; users hold clones of it.
    pub alive: mpsc::Sender<()>,
}

impl Supply {
    /// Starts users until there is no more demand or the run stops.
    pub async fn run(mut self) {
        let group = Arc::clone(&self.group);
        let over = self.meet_all(&group).await;
        if let Some(dynamic) = &group.dynamic {
            if let (Over::Demands { scheduled }, Some(arrivals)) = (over, &dynamic.arrivals) {
                arrivals.limit_to(scheduled);
            }
            dynamic.close();
        }
    }

    async fn meet_all(&mut self, group: &Group) -> Over {
        let mut scheduled = 0;
        loop {
            let now = clock::now().since(self.started);
            let Some(demand) = self.demands.next(now, group.active.load(Ordering::Acquire)) else {
                return Over::Demands { scheduled };
            };
            match demand {
                Demand::User { number, at, end } => {
                    if !self.wait(at).await {
                        return Over::Run;
                    }
                    self.start(number, end, None).await;
                }
                Demand::Caller { number, at } => {
                    if !self.wait(at).await {
                        return Over::Run;
                    }
                    self.start(number, None, Some(self.started + at)).await;
                }
                Demand::Arrival { at, most } => {
                    scheduled += 1;
                    if !self.wait(at).await {
                        return Over::Run;
                    }
                    let Some(dynamic) = &group.dynamic else { continue };
                    if dynamic.is_limit_reached() {
                        return Over::Limit;
                    }
                    if let Some(arrivals) = &dynamic.arrivals {
                        self.arrival(group, arrivals, most, self.started + at).await;
                    }
                }
                Demand::Later { at } => {
                    if !self.wait(at).await {
                        return Over::Run;
                    }
                }
                Demand::Watch { at } => {
                    let ended = async {
                        match &group.dynamic {
                            Some(dynamic) => dynamic.user_ended.notified().await,
                            None => std::future::pending().await,
                        }
                    };
                    tokio::select! {
                        // Those that end together are replaced together; and who finds nothing to do ends at once.
                        () = ended => wait::pause(&self.stop, BREATH).await,
                        running = self.wait(at) => if running { true } else { return Over::Run },
                    };
                }
            }
        }
    }

    /// Waits until `at`; false when the run stops before, or the group was ended by an element of its plan.
    async fn wait(&mut self, at: Duration) -> bool {
        // Who is late must not keep the other groups from their turn.
        tokio::task::yield_now().await;
        loop {
            if self.stop.level() != StopLevel::Run || self.group.is_closing() {
                return false;
            }
            let left = (self.started + at).since(clock::now());
            if left.is_zero() {
                return true;
            }
            wait::pause(&self.stop, left.min(LOOK)).await;
        }
    }

    /// Somebody at rest goes on, or else somebody new comes, by an arrival that was due at `due`.
    async fn arrival(&mut self, group: &Group, arrivals: &Arrivals, most: Option<u32>, due: Timestamp) {
        if let Some(rested) = arrivals.take_rested() {
            group.active.fetch_add(1, Ordering::AcqRel);
            // It waits for nothing else.
            let _ = rested.send(due);
        } else if most.is_none_or(|most| group.active.load(Ordering::Acquire) < most) {
            self.made += 1;
            self.start(self.made, None, Some(due)).await;
        } else {
            log::debug!(target: "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadStarter",
                "Not creating thread because of concurrency limit");
            return;
        }
        if let Some(first) = self.first.take() {
            log::info!(target: "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroup", "Got first arrival");
            // Nobody waits for it where this is the last group.
            let _ = first.send(());
        }
    }

    async fn start(&mut self, number: u32, end: Option<Duration>, arrived: Option<Timestamp>) {
        let mut row = None;
        if let Some(dynamic) = &self.group.dynamic {
            // The next decision counts it, before it has begun.
            self.group.active.fetch_add(1, Ordering::AcqRel);
            if dynamic.arrivals.is_none() {
                row = dynamic.note(Note::Start, format_args!(""), &self.group.thread_name(number));
            }
        }
        self.dispatch.start(Start {
            plan: Arc::clone(&self.plan),
            group: Arc::clone(&self.group),
            number,
            end: end.map(|end| self.started + end),
            arrived,
            alive: self.alive.clone(),
            stop: self.own_stop.clone(),
        });
        if let Some(row) = row {
            // The writer is gone only when the process is being ended.
            let _ = self.events.send(vec![row]).await;
        }
    }
}

/// Why no more users are started.
enum Over {
    /// The schedule is used up, after so many arrivals.
    Demands { scheduled: u64 },
    /// As many have arrived as there were to be.
    Limit,
    /// The run stops.
    Run,
}

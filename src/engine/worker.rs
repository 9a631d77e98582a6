//! Workers: one current-thread runtime per core. A user is born, lives and ends on one of them.

use super::alarm::Alarm;
use super::iteration::UserTask;
use super::outbox::Outbox;
use crate::clock::Timestamp;
use crate::plan::GroupPlan;
use crate::results::{BatchSender, Results};
use crate::virtual_user::{Group, Run, StopSignal, VirtualUser};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc;

/// Users of a worker that may be held up by scripts at one time; more would wait for each other.
const MOST_BLOCKED: usize = 16_384;

/// How often a worker hands over what its users have measured.
const TICK: Duration = Duration::from_millis(50);
/// Stack of a worker: controllers within controllers recurse.
const STACK: usize = 16 << 20;

/// An order to start a user.
pub(super) struct Start {
    pub plan: Arc<GroupPlan>,
    pub group: Arc<Group>,
    pub number: u32,
    /// When the user's own time is up.
    pub end: Option<Timestamp>,
    /// When its arrival was due, where it comes by a schedule of those.
    pub arrived: Option<Timestamp>,
    /// Dropped when the user has ended.
    pub alive: mpsc::Sender<()>,
    /// What the user listens to, where its group has an end of its own.
    pub stop: Option<Arc<StopSignal>>,
}

/// The running workers.
pub(super) struct Workers {
    dispatch: Dispatch,
    threads: Vec<JoinHandle<()>>,
}

/// Gives users to the workers in turn. Workers end when all clones are gone.
#[derive(Clone)]
pub(super) struct Dispatch {
    starts: Arc<[mpsc::UnboundedSender<Start>]>,
    next: Arc<AtomicUsize>,
}

impl Workers {
    /// Starts `count` workers.
    pub fn spawn(count: usize, run: &Arc<Run>, results: &Results) -> std::io::Result<Self> {
        let (mut orders_to, mut threads) = (Vec::new(), Vec::new());
        for number in 0..count.max(1) {
            let (starts, orders) = mpsc::unbounded_channel();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .max_blocking_threads(MOST_BLOCKED)
                .build()?;
            let (run, sender) = (Arc::clone(run), results.sender());
            let stop = run.stop.signal();
            let thread = std::thread::Builder::new()
                .name(format!("worker-{number}"))
                .stack_size(STACK)
                .spawn(move || runtime.block_on(work(number, orders, &run, &stop, sender)))?;
            orders_to.push(starts);
            threads.push(thread);
        }
        let dispatch = Dispatch { starts: orders_to.into(), next: Arc::default() };
        Ok(Workers { dispatch, threads })
    }

    /// What starts users.
    pub fn dispatch(&self) -> Dispatch {
        self.dispatch.clone()
    }

    /// Ends the workers once their users have; events still there go out first.
    pub fn finish(self) {
        drop(self.dispatch);
        for thread in self.threads {
            if thread.join().is_err() {
                log::error!(target: "org.apache.jmeter.engine.StandardJMeterEngine", "A worker ended by a panic");
            }
        }
    }
}

impl Dispatch {
    /// Starts a user on the next worker in turn.
    pub fn start(&self, start: Start) {
        let worker = self.next.fetch_add(1, Ordering::Relaxed) % self.starts.len();
        // A worker ends only when all senders are gone, so the order is always taken.
        let _ = self.starts[worker].send(start);
    }
}

async fn work(
    number: usize,
    mut orders: mpsc::UnboundedReceiver<Start>,
    run: &Arc<Run>,
    stop: &Arc<StopSignal>,
    sender: BatchSender,
) {
    let outbox = Arc::new(Outbox::new(sender));
    let flusher = tokio::spawn({
        let outbox = Arc::clone(&outbox);
        async move {
            let mut ticks = tokio::time::interval(TICK);
            ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                outbox.flush().await;
            }
        }
    });
    let alarm = Arc::<Alarm>::default();
    let mut users = tokio::task::JoinSet::new();
    let alive = Arc::new(AtomicUsize::new(0));
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(order) => {
                    let mut user = new_user(&order, run, stop, &outbox, &alarm);
                    user.user.worker = number;
                    alive.fetch_add(1, Ordering::AcqRel);
                    users.spawn(live(user, Arc::clone(&alive), order.alive));
                }
                None => break,
            },
            Some(ended) = users.join_next() => report(ended),
        }
    }
    while let Some(ended) = users.join_next().await {
        report(ended);
    }
    flusher.abort();
    outbox.flush().await;
}

fn new_user(
    order: &Start,
    run: &Arc<Run>,
    stop: &Arc<StopSignal>,
    outbox: &Arc<Outbox>,
    alarm: &Arc<Alarm>,
) -> UserTask {
    let stop = order.stop.as_ref().unwrap_or(stop);
    let mut user = VirtualUser::new(Arc::clone(run), Arc::clone(&order.group), Arc::clone(stop), order.number);
    user.end = order.end;
    user.arrived = order.arrived;
    user.sink = Some(Arc::clone(outbox) as Arc<dyn crate::virtual_user::EventSink>);
    UserTask {
        user: Box::new(user),
        states: order.plan.tree.new_states(),
        group: Arc::clone(&order.plan),
        last: None,
        at_rest: false,
        outbox: Arc::clone(outbox),
        alarm: Arc::clone(alarm),
    }
}

/// The user's life. Before a phase can be over, what its users have measured goes out: rows of a setUp group stand before
/// those of the groups after it, whichever workers they run on.
async fn live(user: UserTask, on_this_worker: Arc<AtomicUsize>, alive: mpsc::Sender<()>) {
    let outbox = Arc::clone(&user.outbox);
    user.run().await;
    if on_this_worker.fetch_sub(1, Ordering::AcqRel) == 1 {
        outbox.flush().await;
    }
    drop(alive);
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        log::error!(target: "org.apache.jmeter.threads.JMeterThread", "Test failed! A user ended by a panic: {error}");
    }
}

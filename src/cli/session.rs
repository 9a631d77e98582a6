//! One run of a compiled plan, from open files to the last row: what every command that sends requests has in common.

use super::console;
use super::progress::Progress;
use super::signals::Stoppable;
use crate::clock;
use crate::engine::{self, Ended, Observer};
use crate::limits::Watch;
use crate::plan::Plan;
use crate::properties::Properties;
use crate::results::{
    self, Closer, CollectorConfig, ExistingFiles, Live, Needs, Observe, Results, RunOutcome, Seen, UserCounts,
};
use crate::text::Text;
use crate::virtual_user::{Booleans, Fifos, Group, RetryTotals, Run, Stop, StopLevel, VarId, VirtualUser};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long an interrupted process gives its files to be closed.
const CLOSING: Duration = Duration::from_secs(2);

/// Why nothing ran, as one or more lines for the console.
pub(super) struct Failure(pub Vec<String>);

impl Failure {
    pub(super) fn new(line: impl Into<String>) -> Self {
        Failure(vec![line.into()])
    }

    /// In JMeter's words.
    pub(super) fn of(error: impl std::fmt::Display) -> Self {
        Failure::new(format!("An error occurred: {error}"))
    }
}

/// Looks at each sample of a run, in the order of the rows, on the thread that writes them.
pub(super) struct Onlooker {
    /// What it looks at beside what result files hold.
    pub needs: Needs,
    /// Is shown a sample.
    pub sees: Box<Observe>,
}

/// A run that can begin: its variables are set, its result files are open, no request was sent.
pub(super) struct Session {
    plan: Arc<Plan>,
    run: Arc<Run>,
    results: Results,
    progress: Arc<Progress>,
    workers: usize,
    limits: Arc<Mutex<Watch>>,
}

/// What stops a run.
pub(super) struct Brake {
    run: Arc<Run>,
    closer: Closer,
}

impl Stoppable for Brake {
    fn stop(&self, level: StopLevel) {
        self.run.stop.raise(level);
    }

    fn close(&self) {
        self.closer.close(CLOSING);
    }
}

impl Session {
    /// Sets a run of `plan` up.
    pub fn open(
        plan: Arc<Plan>,
        properties: &Properties,
        existing: ExistingFiles,
        workers: usize,
        mut onlookers: Vec<Onlooker>,
        progress: Progress,
    ) -> Result<Self, Failure> {
        let mut run = new_run(&plan, properties);
        let stand_in_run = Arc::new(run);
        let mut user =
            VirtualUser::new(Arc::clone(&stand_in_run), Arc::new(Group::default()), stand_in_run.stop.signal(), 0);
        let values = engine::start_values(&plan, &mut user).map_err(|error| {
            Failure(vec!["Error occurred compiling the tree: - see log file".to_owned(), error.0.to_string()])
        })?;
        let configs = engine::collectors(&plan, properties, &mut user).map_err(Failure::of)?;
        drop(user);
        run = Arc::try_unwrap(stand_in_run).map_err(|_| Failure::of("the run could not be set up"))?;
        run.start_values = values;
        let needs = configs.iter().map(CollectorConfig::needs).chain(onlookers.iter().map(|onlooker| onlooker.needs));
        let needs = needs.fold(Needs::default(), Needs::union);
        run.needs = needs;
        let run = Arc::new(run);
        engine::prepare(&plan, &run).map_err(Failure::of)?;

        let progress = Arc::new(progress);
        let (counting, printing, warning) = (Arc::clone(&run), Arc::clone(&progress), Arc::clone(&progress));
        let limits = Arc::<Mutex<Watch>>::default();
        let watching = Arc::clone(&limits);
        let options = results::Options {
            existing,
            unopenable: results::Unopenable::Refuse,
            workers,
            format_timestamp: Box::new(engine::timestamp_formatter),
            users: Arc::new(move || UserCounts {
                active: counting.counts.active.load(Ordering::Relaxed),
                started: counting.counts.started.load(Ordering::Relaxed),
                finished: counting.counts.finished.load(Ordering::Relaxed),
            }),
            console: Box::new(move |line| printing.suspend(|| console::told(line))),
            trouble: Box::new(move |line| warning.suspend(|| console::error_line(line))),
            observe: Box::new(move |seen| {
                let mut watching = watching.lock().unwrap_or_else(PoisonError::into_inner);
                match seen {
                    Seen::Whole(sample) => watching.sample(sample),
                    Seen::Ordinary { label, figures } => watching.ordinary(label, figures),
                }
                drop(watching);
                for onlooker in &mut onlookers {
                    (onlooker.sees)(seen);
                }
            }),
            needs,
        };
        let results = Results::open(&configs, options).map_err(Failure::of)?;
        Ok(Session { plan, run, results, progress, workers, limits })
    }

    /// What the users of the run share.
    pub fn run(&self) -> &Arc<Run> {
        &self.run
    }

    /// The statistics that are kept in memory, if the plan was compiled with such a collector.
    pub fn live(&self) -> Live {
        self.results.first_live()
    }

    /// What the run's refusals will have told, once it has been played.
    pub fn limits(&self) -> Arc<Mutex<Watch>> {
        Arc::clone(&self.limits)
    }

    /// Stops the run, also while it is played.
    pub fn brake(&self) -> Brake {
        Brake { run: Arc::clone(&self.run), closer: self.results.closer() }
    }

    /// Runs the plan to its end and completes the result files.
    pub fn play(self, observer: &dyn Observer) -> Result<(Ended, RunOutcome), Failure> {
        self.progress.follow(&self.run);
        let stop_wait = self.run.properties.long_or("jmeterengine.threadstop.wait", 5000);
        let stop_wait = Duration::from_millis(u64::try_from(stop_wait).unwrap_or(5000));
        let settings = engine::Settings { workers: self.workers, results: &self.results, stop_wait };
        let ended = engine::run(&self.plan, &self.run, &settings, observer);
        self.progress.finish();
        let ended = ended.map_err(Failure::of)?;
        Ok((ended, self.results.finish()))
    }
}

fn new_run(plan: &Plan, properties: &Properties) -> Run {
    Run {
        names: Arc::clone(&plan.names),
        properties: properties.clone(),
        plan_name: Text::clone(&plan.file_name),
        base_dir: plan.base_dir.clone(),
        counts: crate::virtual_user::UserCounts::default(),
        stop: Stop::default(),
        test_start: clock::now(),
        start_values: Vec::new(),
        slots: plan.slots,
        needs: Needs::default(),
        script_sandbox: properties.bool_or("script_sandbox", false),
        new_user_closes_connections: properties.bool_or("httpclient.reset_state_on_thread_group_iteration", true),
        timer_factor: properties
            .get("timer.factor")
            .and_then(|factor| factor.parse().ok())
            .filter(|factor| *factor != 1.0),
        sample_variables: sample_variables(plan, properties),
        retries: RetryTotals::default(),
        texts: Booleans::default(),
        fifos: Fifos::default(),
    }
}

fn sample_variables(plan: &Plan, properties: &Properties) -> Vec<VarId> {
    let names = properties.get("sample_variables").map(|names| results::split_names(&names)).unwrap_or_default();
    names.iter().filter_map(|name| plan.names.find(name)).collect()
}

//! Where samples go in a run: [`Results`] is opened before it, fed by its workers, and finished after it.

use super::batch::{Batch, Event, Lane};
use super::collector::CollectorConfig;
use super::figures::Figures;
use super::jtl_csv::TimestampFormatter;
use super::needs::Needs;
use super::routes::Routes;
use super::statistics::Statistics;
use super::summariser::UserCounts;
use super::writer::Writer;
use super::{CollectorId, SampleEvent, SampleResult};
use crate::clock::{self, Timestamp};
use crate::text::Text;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc};

/// This many batches may wait for the writer; then users do.
const BATCHES_IN_QUEUE: usize = 64;

/// What the collectors of a run have in common.
pub struct Options {
    /// What happens to files that are there already.
    pub existing: ExistingFiles,
    /// What happens if a file cannot be opened.
    pub unopenable: Unopenable,
    /// How many workers will send samples. With more than one, samples are held back for a moment, so that rows are in
    /// the order of completion across workers.
    pub workers: usize,
    /// Reads the pattern of time stamps.
    pub format_timestamp: Box<FormatterOfPattern>,
    /// Counts the users of the run.
    pub users: Arc<dyn Fn() -> UserCounts + Send + Sync>,
    /// Prints a line of a summariser; called from the writer's thread.
    pub console: Box<dyn FnMut(&str) + Send>,
    /// Told once of each file that cannot be written, while the run goes on; called from the writer's thread.
    pub trouble: Box<dyn FnMut(&str) + Send>,
    /// Is shown each sample, in the order of the rows; called from the writer's thread.
    pub observe: Box<Observe>,
    /// What is read of a sample: by the collectors, and by [`Options::observe`].
    pub needs: Needs,
}

/// Looks at samples.
pub type Observe = dyn FnMut(Seen<'_>) + Send;

/// A sample as an observer is shown it.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// Whatever [`Options::needs`] asks for.
    Whole(&'a SampleResult),
    /// One that passed, without sub-samples and without a wait, where nobody asks for every sample.
    Ordinary {
        /// Its label.
        label: &'a Text,
        /// What is counted of it.
        figures: &'a Figures,
    },
}

/// Makes a formatter of a time stamp pattern; `None` if the pattern cannot be read.
pub type FormatterOfPattern = dyn Fn(&str) -> Option<TimestampFormatter>;

/// What happens to result files of an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExistingFiles {
    /// New rows come behind the old ones.
    #[default]
    GoOn,
    /// They are deleted (`-f`).
    Delete,
}

/// What happens if a result file cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unopenable {
    /// There is no run.
    #[default]
    Refuse,
    /// The run goes on without the file, as JMeter's does; the log and the outcome tell.
    RunWithout,
}

/// Why there are no results to be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A result file cannot be opened, or not begun.
    #[error("cannot write results to {}: {error}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The writer's thread cannot be started.
    #[error("cannot start the thread that writes results: {0}")]
    Thread(std::io::Error),
}

/// A result file that is not complete.
#[derive(Debug, thiserror::Error)]
#[error("cannot write results to {}: {error} (rows lost: {rows_lost})", path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// What went wrong first.
    pub error: std::io::Error,
    /// How many rows are missing, at most; 0 if the file could be written again in time, or was never opened.
    pub rows_lost: u64,
}

/// What became of the results of a run.
#[derive(Debug, Default)]
pub struct RunOutcome {
    /// Rows in all files (in XML top-level samples).
    pub rows: u64,
    /// Files that are not complete.
    pub write_errors: Vec<WriteError>,
    /// How long users waited for the writer, added up over all workers.
    pub lost: Duration,
    /// What the `Live` collectors counted.
    pub statistics: Vec<(CollectorId, Statistics)>,
}

/// The writer is gone: the run is over. Holds the number of samples that came too late.
#[derive(Debug, thiserror::Error)]
#[error("{0} samples came after the end of the run")]
pub struct Closed(pub usize);

/// The collectors of a run, and the thread that serves them.
pub struct Results {
    shared: Arc<Shared>,
    routes: Arc<Routes>,
    batches: mpsc::Sender<Batch>,
    thread: Option<JoinHandle<RunOutcome>>,
}

impl Results {
    /// Opens every result file and starts the writer.
    pub fn open(configs: &[CollectorConfig], options: Options) -> Result<Results, Error> {
        let shared = Arc::<Shared>::default();
        let writer = Writer::open(configs, options, shared.clone())?;
        let routes = writer.routes().clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(Error::Thread)?;
        let (batches, receiver) = mpsc::channel(BATCHES_IN_QUEUE);
        let done = Done(shared.clone());
        let thread = std::thread::Builder::new().name("results".to_owned()).spawn(move || {
            let _done = done;
            runtime.block_on(writer.run(receiver))
        });
        Ok(Results { shared, routes, batches, thread: Some(thread.map_err(Error::Thread)?) })
    }

    /// A sender for one worker. Samples that one sender sends stay in their order.
    pub fn sender(&self) -> BatchSender {
        BatchSender {
            lane: self.shared.lanes.fetch_add(1, Ordering::Relaxed),
            routes: self.routes.clone(),
            batches: self.batches.clone(),
            shared: self.shared.clone(),
        }
    }

    /// For those who must end the process without [`Results::finish`], such as a second SIGINT's handler.
    pub fn closer(&self) -> Closer {
        Closer(self.shared.clone())
    }

    /// How long users have waited for the writer until now, added up over all workers.
    pub fn lost(&self) -> Duration {
        self.shared.lost()
    }

    /// The first `Live` collector, to be read from another thread.
    pub fn first_live(&self) -> Live {
        Live(self.shared.clone())
    }

    /// Writes what is left, ends every file, and lets the summarisers say their last. Samples that are sent from now on
    /// come back to their senders.
    pub fn finish(mut self) -> RunOutcome {
        self.stop()
    }

    fn stop(&mut self) -> RunOutcome {
        self.shared.stop.notify_one();
        let Some(thread) = self.thread.take() else { return RunOutcome::default() };
        let mut outcome = thread.join().unwrap_or_else(|_| RunOutcome {
            // Only what was handed in (console, formatter) can panic there. The run's figures are still of use.
            write_errors: vec![WriteError {
                path: PathBuf::new(),
                error: std::io::Error::other("the thread that writes results panicked"),
                rows_lost: 0,
            }],
            ..RunOutcome::default()
        });
        outcome.lost = self.shared.lost();
        outcome.statistics = self.shared.live();
        outcome
    }
}

impl Drop for Results {
    /// Ends the files on every way out, without a summary if it is not the regular one.
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.shared.broken_off.store(true, Ordering::Release);
            self.stop();
        }
    }
}

/// Sends one worker's samples to the writer. A clone is another worker's.
pub struct BatchSender {
    lane: usize,
    routes: Arc<Routes>,
    batches: mpsc::Sender<Batch>,
    shared: Arc<Shared>,
}

impl Clone for BatchSender {
    fn clone(&self) -> Self {
        BatchSender {
            lane: self.shared.lanes.fetch_add(1, Ordering::Relaxed),
            routes: self.routes.clone(),
            batches: self.batches.clone(),
            shared: self.shared.clone(),
        }
    }
}

impl BatchSender {
    /// Where the worker's samples are gathered.
    pub fn lane(&self) -> Lane {
        Lane::new(Arc::clone(&self.routes), self.lane)
    }

    /// Sends samples as they are, in the order of their completion.
    pub async fn send(&self, events: Vec<SampleEvent>) -> Result<(), Closed> {
        let events = events.into_iter().map(Event::Whole).collect();
        self.send_batch(Batch { lane: self.lane, events, ..Batch::default() }).await
    }

    /// Sends what a [`Lane`] has gathered; at least every 100 ms, or rows of several workers may not be in order. Waits
    /// while the writer cannot follow, and counts the time as lost.
    pub async fn send_batch(&self, batch: Batch) -> Result<(), Closed> {
        if batch.is_empty() {
            return Ok(());
        }
        let batch = match self.batches.try_send(batch) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Closed(batch)) => return Err(Closed(batch.len())),
            Err(TrySendError::Full(batch)) => batch,
        };
        let waiting = Waiting { since: clock::now(), shared: &self.shared };
        let sent = self.batches.send(batch).await;
        drop(waiting);
        sent.map_err(|unsent| Closed(unsent.0.len()))
    }

    /// How long users have waited for the writer until now, added up over all workers.
    pub fn lost(&self) -> Duration {
        self.shared.lost()
    }
}

/// Counts the time until it is dropped as lost, also when the one who waits is cancelled.
struct Waiting<'a> {
    since: Timestamp,
    shared: &'a Shared,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let lost = clock::now().since(self.since).as_micros() as u64;
        self.shared.lost_micros.fetch_add(lost, Ordering::Relaxed);
    }
}

/// Reads the first `Live` collector of a run.
#[derive(Clone)]
pub struct Live(Arc<Shared>);

impl Live {
    /// What it has counted until now; `None` if the run has no such collector.
    pub fn read(&self) -> Option<Statistics> {
        self.0.live().into_iter().next().map(|(_, statistics)| statistics)
    }
}

/// Ends the files of a run that is broken off.
#[derive(Clone)]
pub struct Closer(Arc<Shared>);

impl Closer {
    /// Writes what is left and ends every file, without a summary, as JMeter's shutdown hook does. Waits for it at most
    /// this long, and says whether it is done.
    pub fn close(&self, at_most: Duration) -> bool {
        self.0.broken_off.store(true, Ordering::Release);
        self.0.stop.notify_one();
        let done = self.0.done.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.is_done.wait_timeout_while(done, at_most, |done| !*done);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// What the writer, the senders and the run's owner share.
#[derive(Default)]
pub(super) struct Shared {
    /// How many senders there were.
    lanes: AtomicUsize,
    lost_micros: AtomicU64,
    /// Wakes the writer for the last time.
    pub(super) stop: Notify,
    /// No summary is wanted.
    pub(super) broken_off: AtomicBool,
    done: Mutex<bool>,
    is_done: Condvar,
    live: Mutex<Vec<(CollectorId, Arc<Mutex<Statistics>>)>>,
}

impl Shared {
    pub(super) fn add_live(&self, id: CollectorId, statistics: Arc<Mutex<Statistics>>) {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).push((id, statistics));
    }

    fn live(&self) -> Vec<(CollectorId, Statistics)> {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = |statistics: &Mutex<Statistics>| statistics.lock().unwrap_or_else(PoisonError::into_inner).clone();
        live.iter().map(|(id, statistics)| (*id, copy(statistics))).collect()
    }

    fn lost(&self) -> Duration {
        Duration::from_micros(self.lost_micros.load(Ordering::Relaxed))
    }
}

/// Says that the writer is done when it is dropped, whatever the reason.
struct Done(Arc<Shared>);

impl Drop for Done {
    fn drop(&mut self) {
        *self.0.done.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.is_done.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::samples_for_tests::{default_flags, no_flags, plain_sample};
    use crate::results::{
        CollectorKind, FileCollector, Filter, SampleResult, SaveConfig, SummariserCollector, Transactions,
    };
    use std::fs;
    use std::path::Path;
    use std::sync::mpsc as std_mpsc;

    fn options(workers: usize) -> Options {
        Options {
            existing: ExistingFiles::GoOn,
            unopenable: Unopenable::Refuse,
            workers,
            format_timestamp: Box::new(|_| None),
            users: Arc::new(UserCounts::default),
            console: Box::new(|_| {}),
            trouble: Box::new(|_| {}),
            observe: Box::new(|_| ()),
            needs: Needs::default(),
        }
    }

    fn file(id: u32, folder: &Path, name: &str, filter: Filter) -> CollectorConfig {
        let kind = CollectorKind::File(FileCollector {
            name: name.into(),
            path: folder.join(name),
            save: SaveConfig { label: true, ..no_flags() },
            filter,
        });
        CollectorConfig { id: CollectorId(id), kind }
    }

    fn summariser(id: u32, name: &str) -> CollectorConfig {
        let kind = CollectorKind::Summariser(SummariserCollector {
            name: name.into(),
            to_console: true,
            to_log: false,
            interval: Duration::from_secs(1),
            transactions: Transactions::Ignored,
        });
        CollectorConfig { id: CollectorId(id), kind }
    }

    fn event(label: &str, end: i64, collectors: &[u32]) -> SampleEvent {
        let mut result = SampleResult::started(label.into(), Timestamp::from_millis(end));
        result.successful = label != "bad";
        let collectors = collectors.iter().copied().map(CollectorId).collect();
        SampleEvent {
            result: Box::new(result),
            heard: Timestamp::from_millis(end),
            collectors,
            variables: Box::default(),
        }
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn names_filters_and_spellings() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let configs = [
            file(0, folder, "all", Filter::All),
            file(1, folder, "all", Filter::ErrorsOnly),
            file(2, folder, "errors", Filter::ErrorsOnly),
            file(3, folder, "good", Filter::SuccessesOnly),
            file(4, folder, "./good", Filter::SuccessesOnly),
            CollectorConfig { id: CollectorId(9), kind: CollectorKind::Live },
        ];
        let results = Results::open(&configs, options(1)).unwrap();
        let sender = results.sender();
        let everyone = [0, 1, 2, 3, 4, 9, 77];
        block_on(sender.send(vec![event("good", 1, &everyone), event("bad", 2, &everyone), event("x", 3, &[])]))
            .unwrap();
        let outcome = results.finish();

        let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!((read("all"), read("errors")), ("good\nbad\n".into(), "bad\n".into()));
        // Another spelling of the same path gets the sample again.
        assert_eq!(read("good"), "good\ngood\n");
        assert_eq!((outcome.rows, outcome.write_errors.len(), outcome.lost), (5, 0, Duration::ZERO));
        assert_eq!(outcome.statistics[0].1.total().count(), 2);
        let late = block_on(sender.send(vec![event("late", 4, &[0])])).unwrap_err();
        assert_eq!(late.0, 1);
    }

    /// What workers write themselves is what the thread of results would have written.
    #[test]
    fn ordinary_samples_go_as_rows() {
        let samples: Vec<SampleResult> = (0..9)
            .map(|index| {
                let mut sample = plain_sample();
                sample.label = Text::from(format!("l,{}", index % 2));
                sample.successful = index != 4;
                if index == 6 {
                    sample.sub_results.push(plain_sample());
                }
                if index == 7 {
                    sample.response_message =
                        "Number of samples in transaction : 0, number of failing samples : 0".into();
                }
                sample
            })
            .collect();
        let everyone: Arc<[CollectorId]> = [0, 1, 2, 3, 5, 9, 77].map(CollectorId).into();
        let run = |as_rows: bool| {
            let folder = tempfile::tempdir().unwrap();
            let folder = folder.path();
            let mut configs = vec![
                file(0, folder, "all", Filter::All),
                file(1, folder, "all", Filter::ErrorsOnly),
                file(2, folder, "errors", Filter::ErrorsOnly),
                file(3, folder, "good", Filter::SuccessesOnly),
                summariser(5, "s"),
                CollectorConfig { id: CollectorId(9), kind: CollectorKind::Live },
            ];
            for config in &mut configs {
                if let CollectorKind::File(file) = &mut config.kind {
                    file.save = default_flags();
                }
            }
            let seen = Arc::new(Mutex::new(Vec::new()));
            let noted = seen.clone();
            let needs = configs.iter().map(CollectorConfig::needs).fold(Needs::default(), Needs::union);
            let lines = Arc::new(Mutex::new(Vec::new()));
            let told = lines.clone();
            let options = Options {
                needs,
                observe: Box::new(move |seen| noted.lock().unwrap().push(matches!(seen, Seen::Ordinary { .. }))),
                console: Box::new(move |line| told.lock().unwrap().push(line.split(" in ").next().unwrap().to_owned())),
                ..options(1)
            };
            let results = Results::open(&configs, options).unwrap();
            let sender = results.sender();
            let mut lane = sender.lane();
            for sample in &samples {
                if as_rows {
                    lane.record(sample, &everyone, Box::default());
                } else {
                    let (result, heard) = (Box::new(sample.clone()), clock::now());
                    let collectors = everyone.clone();
                    lane.put(SampleEvent { result, heard, collectors, variables: Box::default() });
                }
            }
            assert_eq!((lane.len(), lane.is_empty()), (samples.len(), false));
            block_on(sender.send_batch(lane.batch())).unwrap();
            let outcome = results.finish();
            let files = ["all", "errors", "good"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
            let ordinary = seen.lock().unwrap().clone();
            let told = lines.lock().unwrap().clone();
            (files, outcome.rows, outcome.statistics, told, ordinary)
        };
        let (whole, rows) = (run(false), run(true));
        assert_eq!((&rows.0, rows.1, &rows.2, &rows.3), (&whole.0, whole.1, &whole.2, &whole.3));
        assert!(whole.4.iter().all(|ordinary| !ordinary));
        // The failed one, the one after it and the one with something in it.
        let as_whole: Vec<_> = (0..9).filter(|index| !rows.4[*index]).collect();
        assert_eq!(as_whole, [4, 5, 6]);
        assert_eq!(rows.0[0].lines().count(), 1 + 10);
        assert!(rows.0[0].contains(",\"l,1\","));
    }

    #[test]
    fn rows_of_several_workers_are_in_order_of_completion() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::open(&[file(0, folder.path(), "out", Filter::All)], options(2)).unwrap();
        let (one, two) = (results.sender(), results.sender());
        let at = clock::now().millis() - 100;
        block_on(async {
            one.send(vec![event("1", at, &[0]), event("3", at + 2, &[0])]).await.unwrap();
            one.clone().send(vec![event("4", at + 3, &[0])]).await.unwrap();
            two.send(vec![event("2", at + 1, &[0])]).await.unwrap();
        });
        results.finish();
        assert_eq!(fs::read_to_string(folder.path().join("out")).unwrap(), "1\n2\n3\n4\n");
    }

    #[test]
    fn rows_are_in_the_file_long_before_the_end() {
        let folder = tempfile::tempdir().unwrap();
        for workers in [1, 4] {
            let name = format!("out{workers}");
            let results = Results::open(&[file(0, folder.path(), &name, Filter::All)], options(workers)).unwrap();
            block_on(results.sender().send(vec![event("a", clock::now().millis(), &[0])])).unwrap();
            let sent = clock::now();
            while fs::read(folder.path().join(&name)).unwrap().is_empty() {
                assert!(clock::now().since(sent) < Duration::from_secs(5));
                std::thread::yield_now();
            }
        }
    }

    #[test]
    fn what_cannot_be_opened() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("folder")).unwrap();
        let configs = [file(0, folder.path(), "folder", Filter::All), file(1, folder.path(), "new/out", Filter::All)];
        let refused = Results::open(&configs, options(1)).map(|_| ()).unwrap_err();
        assert!(matches!(&refused, Error::Open { path, .. } if path.ends_with("folder")), "{refused}");

        let run_without = Options { unopenable: Unopenable::RunWithout, ..options(1) };
        let results = Results::open(&configs, run_without).unwrap();
        block_on(results.sender().send(vec![event("a", 1, &[0, 1])])).unwrap();
        let outcome = results.finish();
        assert_eq!((outcome.rows, outcome.write_errors.len()), (1, 1));
        assert_eq!(fs::read_to_string(folder.path().join("new/out")).unwrap(), "a\n");
    }

    #[test]
    fn old_files_are_deleted_if_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("out"), "old\n").unwrap();
        let configs = [file(0, folder.path(), "out", Filter::All)];
        drop(Results::open(&configs, options(1)).unwrap());
        assert_eq!(fs::read_to_string(folder.path().join("out")).unwrap(), "old\n");
        drop(Results::open(&configs, Options { existing: ExistingFiles::Delete, ..options(1) }).unwrap());
        assert_eq!(fs::read_to_string(folder.path().join("out")).unwrap(), "");
    }

    #[test]
    fn users_wait_for_a_slow_writer_and_the_time_is_counted() {
        let (go, may_go) = std_mpsc::channel::<()>();
        // The writer stands still within the first line of the summariser.
        let console = Box::new(move |_: &str| {
            let _ = may_go.recv();
        });
        let results = Results::open(&[summariser(0, "s")], Options { console, ..options(1) }).unwrap();
        let sender = results.sender();
        let pause = Duration::from_millis(20);
        block_on(async {
            let mut sent = 0;
            let send = async |n: i64| sender.send(vec![event("a", n, &[0])]).await;
            while tokio::time::timeout(pause, send(sent)).await.is_ok() {
                sent += 1;
                assert!(sent < 1000);
            }
            assert!(sent >= BATCHES_IN_QUEUE as i64);
            drop(go);
            send(sent).await.unwrap();
            assert!(sender.lost() >= pause);
        });
        assert!(results.finish().lost >= pause);
    }

    #[test]
    fn summarisers_say_their_last_unless_the_run_is_broken_off() {
        for broken_off in [false, true] {
            let (lines, heard) = std_mpsc::channel();
            let console = Box::new(move |line: &str| {
                let _ = lines.send(line.to_owned());
            });
            let configs =
                [summariser(0, "summary"), summariser(1, "Generate Summary Results"), summariser(2, "summary")];
            let results = Results::open(&configs, Options { console, ..options(1) }).unwrap();
            let closer = results.closer();
            if broken_off {
                assert!(closer.close(Duration::from_secs(60)));
            }
            results.finish();
            assert!(closer.close(Duration::ZERO));
            let names: Vec<_> = heard.try_iter().map(|line| line.split(" = ").next().unwrap().to_owned()).collect();
            let expected: &[&str] = if broken_off { &[] } else { &["summary", "Generate Summary Results"] };
            assert_eq!(names, expected);
        }
    }
}

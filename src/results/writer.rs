//! The thread that owns the files of a run.

use super::batch::{Batch, Event, framed};
use super::collector::{CollectorConfig, CollectorKind, FileCollector};
use super::figures::Figures;
use super::jtl_file::{self, Format, JtlFile};
use super::merge::{Lanes, Next};
use super::recorder::{
    Error, ExistingFiles, FormatterOfPattern, Observe, Options, RunOutcome, Seen, Shared, Unopenable, WriteError,
};
use super::routes::{Route, Routes};
use super::save_config::TimestampFormat;
use super::statistics::Statistics;
use super::summariser::{Summariser, UserCounts, sort_as_java_does};
use super::{CollectorId, SampleEvent};
use crate::clock::{self, Timestamp};
use crate::text::Text;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

const SUMMARISER_LOGGER: &str = "org.apache.jmeter.reporters.Summariser";
const COLLECTOR_LOGGER: &str = "org.apache.jmeter.reporters.ResultCollector";

/// With several workers a sample is held back this long, since a worker may keep a batch for 100 ms before it sends it.
const HOLD_BACK: Duration = Duration::from_millis(200);

/// Rows are handed to the operating system at least this often.
const FLUSH_AFTER: Duration = Duration::from_millis(250);

/// How often the thread looks whether something is due, while something waits. It sleeps otherwise.
const TICK: Duration = Duration::from_millis(50);

/// Everything that the thread owns.
pub(super) struct Writer {
    desk: Desk,
    lanes: Lanes,
    hold_back: Duration,
    last_flush: Timestamp,
    write_errors: Vec<WriteError>,
    trouble: Box<dyn FnMut(&str) + Send>,
    shared: Arc<Shared>,
}

/// Where samples that have their turn are recorded.
struct Desk {
    /// Workers read them, too: they are borrowed here, not counted, lest each sample's count take them from the workers' caches.
    routes: Arc<Routes>,
    files: Vec<JtlFile>,
    counters: Counters,
    observe: Box<Observe>,
    /// Scratch space: names of the files that have the event at hand.
    names: Vec<usize>,
}

/// Those who count samples.
struct Counters {
    summarisers: Vec<NamedSummariser>,
    live: Vec<Arc<Mutex<Statistics>>>,
    users: Arc<dyn Fn() -> UserCounts + Send + Sync>,
    console: Box<dyn FnMut(&str) + Send>,
    /// Scratch space: what a summariser has to say.
    lines: Vec<String>,
}

struct NamedSummariser {
    summariser: Summariser,
    to_console: bool,
    to_log: bool,
}

impl Writer {
    /// Opens all files.
    pub(super) fn open(configs: &[CollectorConfig], options: Options, shared: Arc<Shared>) -> Result<Writer, Error> {
        let now = clock::now();
        if options.existing == ExistingFiles::Delete {
            for config in configs {
                if let CollectorKind::File(file) = &config.kind
                    && let Err(error) = jtl_file::delete(&file.path)
                {
                    log::warn!(target: COLLECTOR_LOGGER, "Cannot delete {}: {error}", file.path.display());
                }
            }
        }
        let mut routes = Routes::new(options.needs);
        let (mut files, mut summarisers) = (Vec::new(), Vec::<NamedSummariser>::new());
        let (mut live, mut write_errors, mut open_files) = (Vec::new(), Vec::new(), OpenFiles::default());
        for config in configs {
            let route = match &config.kind {
                CollectorKind::File(file) => {
                    match open_file(file, &mut files, &mut open_files, &*options.format_timestamp) {
                        Ok(route) => route,
                        Err(error) if options.unopenable == Unopenable::RunWithout => {
                            log::error!(target: COLLECTOR_LOGGER, "Cannot open {}: {error}", file.path.display());
                            write_errors.push(WriteError { path: file.path.clone(), error, rows_lost: 0 });
                            continue;
                        }
                        Err(error) => return Err(Error::Open { path: file.path.clone(), error }),
                    }
                }
                CollectorKind::Summariser(of) => {
                    let known = summarisers.iter().position(|known| *known.summariser.name() == of.name);
                    Route::Summariser(known.unwrap_or_else(|| {
                        let seconds = i64::try_from(of.interval.as_secs()).unwrap_or(i64::MAX);
                        summarisers.push(NamedSummariser {
                            summariser: Summariser::new(of.name.clone(), seconds, of.transactions, now),
                            to_console: of.to_console,
                            to_log: of.to_log,
                        });
                        summarisers.len() - 1
                    }))
                }
                CollectorKind::Live => {
                    let statistics = Arc::<Mutex<Statistics>>::default();
                    shared.add_live(config.id, statistics.clone());
                    live.push(statistics);
                    Route::Live(live.len() - 1)
                }
            };
            routes.insert(config.id, route);
        }
        Ok(Writer {
            desk: Desk {
                routes: Arc::new(routes),
                files,
                counters: Counters {
                    summarisers,
                    live,
                    users: options.users,
                    console: options.console,
                    lines: Vec::new(),
                },
                observe: options.observe,
                names: Vec::new(),
            },
            lanes: Lanes::default(),
            hold_back: if options.workers > 1 { HOLD_BACK } else { Duration::ZERO },
            last_flush: now,
            write_errors,
            trouble: options.trouble,
            shared,
        })
    }

    /// What workers must know to write rows.
    pub(super) fn routes(&self) -> &Arc<Routes> {
        &self.desk.routes
    }

    /// Writes what comes until the run is over.
    pub(super) async fn run(mut self, mut batches: mpsc::Receiver<Batch>) -> RunOutcome {
        loop {
            let waiting = !self.lanes.is_empty() || self.desk.files.iter().any(JtlFile::is_dirty);
            tokio::select! {
                biased;
                () = self.shared.stop.notified() => break,
                batch = batches.recv() => match batch {
                    Some(batch) => self.lanes.push(batch),
                    None => break,
                },
                () = tokio::time::sleep(TICK), if waiting => {}
            }
            // No more than is there now, so that writing is not put off for ever.
            for _ in 0..batches.len() {
                match batches.try_recv() {
                    Ok(batch) => self.lanes.push(batch),
                    Err(_) => break,
                }
            }
            let now = clock::now();
            self.release(if self.hold_back.is_zero() {
                Timestamp::from_micros(i64::MAX)
            } else {
                self.held_until(now)
            });
            if now.since(self.last_flush) >= FLUSH_AFTER {
                self.desk.files.iter_mut().for_each(JtlFile::flush);
                for line in self.desk.files.iter_mut().filter_map(JtlFile::trouble) {
                    (self.trouble)(&line);
                }
                self.last_flush = now;
            }
        }
        batches.close();
        while let Some(batch) = batches.recv().await {
            self.lanes.push(batch);
        }
        self.release(Timestamp::from_micros(i64::MAX));
        self.finish()
    }

    fn held_until(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_micros(now.micros().saturating_sub(self.hold_back.as_micros() as i64))
    }

    /// Records everything that was heard of by `until`.
    fn release(&mut self, until: Timestamp) {
        while let Some(Next { heard, event, rows, labels, audiences }) = self.lanes.pop(until) {
            match event {
                Event::Whole(event) => self.desk.whole(&event, heard),
                Event::Ordinary(ordinary) => {
                    let (label, audience) =
                        (labels.get(ordinary.label as usize), audiences.get(ordinary.audience as usize));
                    if let (Some(label), Some(audience)) = (label, audience) {
                        self.desk.ordinary(label, &ordinary.figures, rows, &audience.collectors, heard);
                    }
                }
            }
        }
    }

    /// Ends all files, and unless the run was broken off tells the last of the summarisers' lines.
    fn finish(self) -> RunOutcome {
        let mut outcome = RunOutcome { write_errors: self.write_errors, ..RunOutcome::default() };
        let Desk { files, mut counters, .. } = self.desk;
        for file in files {
            let (rows, error) = file.close();
            outcome.rows += rows;
            outcome.write_errors.extend(error);
        }
        if !self.shared.broken_off.load(Ordering::Acquire) {
            let now = clock::now();
            sort_as_java_does(&mut counters.summarisers, |named| named.summariser.name());
            for named in &mut counters.summarisers {
                named.summariser.finish(now, &*counters.users, &mut counters.lines);
                named.tell(&mut counters.lines, &mut counters.console);
            }
        }
        outcome
    }
}

impl Desk {
    fn whole(&mut self, event: &SampleEvent, heard: Timestamp) {
        (self.observe)(Seen::Whole(&event.result));
        let Desk { routes, files, names, counters, .. } = self;
        routes.each_file(&event.collectors, &event.result, names, |file, format| {
            files[file].write(event, format);
        });
        counters.count(routes.of(&event.collectors), &Figures::of(&event.result), heard, |statistics| {
            statistics.record(&event.result);
        });
    }

    fn ordinary(&mut self, label: &Text, figures: &Figures, rows: &[u8], audience: &[CollectorId], heard: Timestamp) {
        (self.observe)(Seen::Ordinary { label, figures });
        for (file, row) in framed(rows) {
            if let Some(file) = self.files.get_mut(file) {
                file.write_row(row);
            }
        }
        let routes = self.routes.of(audience);
        self.counters.count(routes, figures, heard, |statistics| statistics.count(label, figures));
    }
}

impl Counters {
    /// Counts a sample for those whose routes these are.
    fn count<'a>(
        &mut self,
        routes: impl Iterator<Item = &'a Route>,
        figures: &Figures,
        heard: Timestamp,
        record: impl Fn(&mut Statistics),
    ) {
        for route in routes {
            match route {
                Route::File { .. } => {}
                Route::Summariser(index) => {
                    let named = &mut self.summarisers[*index];
                    named.summariser.observe(figures, heard, &*self.users, &mut self.lines);
                    if !self.lines.is_empty() {
                        named.tell(&mut self.lines, &mut self.console);
                    }
                }
                Route::Live(index) => record(&mut self.live[*index].lock().unwrap_or_else(PoisonError::into_inner)),
            }
        }
    }
}

impl NamedSummariser {
    fn tell(&self, lines: &mut Vec<String>, console: &mut dyn FnMut(&str)) {
        for line in lines.drain(..) {
            if self.to_log {
                log::info!(target: SUMMARISER_LOGGER, "{line}");
            }
            if self.to_console {
                console(&line);
            }
        }
    }
}

/// Opens a file, unless it is open already.
fn open_file(
    config: &FileCollector,
    files: &mut Vec<JtlFile>,
    open: &mut OpenFiles,
    format_timestamp: &FormatterOfPattern,
) -> std::io::Result<Route> {
    let formatter = match &config.save.timestamp_format {
        TimestampFormat::Pattern(pattern) if config.save.timestamp && !config.save.xml => {
            let formatter = format_timestamp(pattern);
            if formatter.is_none() {
                log::error!(
                    target: "org.apache.jmeter.samplers.SampleSaveConfiguration",
                    "Invalid pattern value {pattern} for property jmeter.save.saveservice.timestamp_format"
                );
            }
            formatter
        }
        _ => None,
    };
    let format = Format::new(&config.save, formatter);
    let file = match open.by_path(&config.path)? {
        Ok(file) => file,
        Err(path) => {
            files.push(JtlFile::open(&path, &format)?);
            open.paths.push(path);
            files.len() - 1
        }
    };
    Ok(Route::File { file, name: open.number_of(&config.name), filter: config.filter, format })
}

/// The files that were opened so far, by path, and the names that were seen.
#[derive(Default)]
struct OpenFiles {
    paths: Vec<PathBuf>,
    names: Vec<Text>,
}

impl OpenFiles {
    /// The index of an open file, or the path to open.
    fn by_path(&self, path: &Path) -> std::io::Result<Result<usize, PathBuf>> {
        let path = jtl_file::canonical(path)?;
        Ok(self.paths.iter().position(|known| *known == path).ok_or(path))
    }

    fn number_of(&mut self, name: &Text) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.clone());
            self.names.len() - 1
        })
    }
}

//! The thread that owns the files of a run.

use super::collector::{CollectorConfig, CollectorKind, FileCollector, Filter};
use super::jtl_file::{self, Format, JtlFile};
use super::merge::Lanes;
use super::recorder::{Error, ExistingFiles, FormatterOfPattern, Options, RunOutcome, Shared, Unopenable, WriteError};
use super::save_config::TimestampFormat;
use super::statistics::Statistics;
use super::summariser::{Summariser, UserCounts, sort_as_java_does};
use super::{CollectorId, SampleEvent, SampleResult};
use crate::clock::{self, Timestamp};
use crate::text::Text;
use ahash::AHashMap;
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

/// Samples of one worker, in the order of their completion.
pub(super) struct Batch {
    pub(super) lane: usize,
    pub(super) events: Vec<SampleEvent>,
}

/// Everything that the thread owns.
pub(super) struct Writer {
    files: Vec<JtlFile>,
    collectors: AHashMap<CollectorId, Collector>,
    summarisers: Vec<NamedSummariser>,
    lanes: Lanes,
    hold_back: Duration,
    last_flush: Timestamp,
    write_errors: Vec<WriteError>,
    users: Arc<dyn Fn() -> UserCounts + Send + Sync>,
    console: Box<dyn FnMut(&str) + Send>,
    trouble: Box<dyn FnMut(&str) + Send>,
    observe: Box<dyn FnMut(&SampleResult) + Send>,
    shared: Arc<Shared>,
    /// Scratch space: names of the files that have the event at hand.
    written: Vec<usize>,
    /// Scratch space: what a summariser has to say.
    lines: Vec<String>,
}

enum Collector {
    File {
        /// Index into [`Writer::files`].
        file: usize,
        /// Collectors with the same name of their file have the same number.
        name: usize,
        filter: Filter,
        format: Format,
    },
    /// Index into [`Writer::summarisers`].
    Summariser(usize),
    Live(Arc<Mutex<Statistics>>),
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
        let mut writer = Writer {
            files: Vec::new(),
            collectors: AHashMap::new(),
            summarisers: Vec::new(),
            lanes: Lanes::default(),
            hold_back: if options.workers > 1 { HOLD_BACK } else { Duration::ZERO },
            last_flush: now,
            write_errors: Vec::new(),
            users: options.users,
            console: options.console,
            trouble: options.trouble,
            observe: options.observe,
            shared,
            written: Vec::new(),
            lines: Vec::new(),
        };
        if options.existing == ExistingFiles::Delete {
            for config in configs {
                if let CollectorKind::File(file) = &config.kind
                    && let Err(error) = jtl_file::delete(&file.path)
                {
                    log::warn!(target: COLLECTOR_LOGGER, "Cannot delete {}: {error}", file.path.display());
                }
            }
        }
        let mut open_files = OpenFiles::default();
        for config in configs {
            let collector = match &config.kind {
                CollectorKind::File(file) => {
                    match writer.open_file(file, &mut open_files, &*options.format_timestamp) {
                        Ok(collector) => collector,
                        Err(error) if options.unopenable == Unopenable::RunWithout => {
                            log::error!(target: COLLECTOR_LOGGER, "Cannot open {}: {error}", file.path.display());
                            writer.write_errors.push(WriteError { path: file.path.clone(), error, rows_lost: 0 });
                            continue;
                        }
                        Err(error) => return Err(Error::Open { path: file.path.clone(), error }),
                    }
                }
                CollectorKind::Summariser(of) => {
                    let known = writer.summarisers.iter().position(|known| *known.summariser.name() == of.name);
                    Collector::Summariser(known.unwrap_or_else(|| {
                        let seconds = i64::try_from(of.interval.as_secs()).unwrap_or(i64::MAX);
                        writer.summarisers.push(NamedSummariser {
                            summariser: Summariser::new(of.name.clone(), seconds, of.transactions, now),
                            to_console: of.to_console,
                            to_log: of.to_log,
                        });
                        writer.summarisers.len() - 1
                    }))
                }
                CollectorKind::Live => {
                    let statistics = Arc::<Mutex<Statistics>>::default();
                    writer.shared.add_live(config.id, statistics.clone());
                    Collector::Live(statistics)
                }
            };
            writer.collectors.insert(config.id, collector);
        }
        Ok(writer)
    }

    fn open_file(
        &mut self,
        config: &FileCollector,
        open: &mut OpenFiles,
        format_timestamp: &FormatterOfPattern,
    ) -> std::io::Result<Collector> {
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
                self.files.push(JtlFile::open(&path, &format)?);
                open.paths.push(path);
                self.files.len() - 1
            }
        };
        Ok(Collector::File { file, name: open.number_of(&config.name), filter: config.filter, format })
    }

    /// Writes what comes until the run is over.
    pub(super) async fn run(mut self, mut batches: mpsc::Receiver<Batch>) -> RunOutcome {
        loop {
            let waiting = !self.lanes.is_empty() || self.files.iter().any(JtlFile::is_dirty);
            tokio::select! {
                biased;
                () = self.shared.stop.notified() => break,
                batch = batches.recv() => match batch {
                    Some(batch) => self.take(batch),
                    None => break,
                },
                () = tokio::time::sleep(TICK), if waiting => {}
            }
            // No more than is there now, so that writing is not put off for ever.
            for _ in 0..batches.len() {
                match batches.try_recv() {
                    Ok(batch) => self.take(batch),
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
                self.files.iter_mut().for_each(JtlFile::flush);
                for line in self.files.iter_mut().filter_map(JtlFile::trouble) {
                    (self.trouble)(&line);
                }
                self.last_flush = now;
            }
        }
        batches.close();
        while let Some(batch) = batches.recv().await {
            self.take(batch);
        }
        self.release(Timestamp::from_micros(i64::MAX));
        self.finish()
    }

    fn held_until(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_micros(now.micros().saturating_sub(self.hold_back.as_micros() as i64))
    }

    fn take(&mut self, batch: Batch) {
        self.lanes.push(batch.lane, batch.events);
    }

    /// Records everything that was heard of by `until`.
    fn release(&mut self, until: Timestamp) {
        while let Some((heard, event)) = self.lanes.pop(until) {
            self.record(&event, heard);
        }
    }

    fn record(&mut self, event: &SampleEvent, heard: Timestamp) {
        self.written.clear();
        (self.observe)(&event.result);
        for id in event.collectors.iter() {
            match self.collectors.get(id) {
                Some(Collector::File { file, name, filter, format })
                    if filter.wants(&event.result) && !self.written.contains(name) =>
                {
                    self.written.push(*name);
                    self.files[*file].write(event, format);
                }
                Some(Collector::Summariser(index)) => {
                    let named = &mut self.summarisers[*index];
                    named.summariser.observe(&event.result, heard, &*self.users, &mut self.lines);
                    if !self.lines.is_empty() {
                        named.tell(&mut self.lines, &mut self.console);
                    }
                }
                Some(Collector::Live(statistics)) => {
                    statistics.lock().unwrap_or_else(PoisonError::into_inner).record(&event.result);
                }
                Some(Collector::File { .. }) | None => {}
            }
        }
    }

    /// Ends all files, and unless the run was broken off tells the last of the summarisers' lines.
    fn finish(mut self) -> RunOutcome {
        let mut outcome = RunOutcome { write_errors: self.write_errors, ..RunOutcome::default() };
        for file in self.files {
            let (rows, error) = file.close();
            outcome.rows += rows;
            outcome.write_errors.extend(error);
        }
        if !self.shared.broken_off.load(Ordering::Acquire) {
            let now = clock::now();
            sort_as_java_does(&mut self.summarisers, |named| named.summariser.name());
            for named in &mut self.summarisers {
                named.summariser.finish(now, &*self.users, &mut self.lines);
                named.tell(&mut self.lines, &mut self.console);
            }
        }
        outcome
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

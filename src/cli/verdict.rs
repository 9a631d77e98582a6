//! `--fail-if`, `--abort-if`, `--verdict` and `rotameter verdict`: whether a run is good enough, for CI.

use super::arguments::{option, with_places};
use super::console;
use super::exit_code::Exit;
use super::rows::each_row;
use super::run;
use super::session::{Brake, Failure};
use super::settings::{Refusal, properties};
use super::signals::Stoppable;
use crate::properties::PropertiesBuilder;
use crate::report::verdict::{self, FORMATS, Format};
use crate::report::{Criterion, Finding, Retries};
use crate::results::{JtlRow, Live, SaveConfig, Statistics, TimestampOf};
use crate::virtual_user::{RetryTotals, StopLevel};
use clap::ArgMatches;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A criterion that stops the run is not looked at before, as a few samples say little.
const FIRST_LOOK: Duration = Duration::from_secs(5);

/// How often criteria that stop the run are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// What a run is judged by, and who is told.
pub(super) struct VerdictSettings {
    fail_if: Vec<Criterion>,
    /// With the time from which on each is looked at.
    abort_if: Vec<(Criterion, Duration)>,
    outputs: Vec<(Format, Option<PathBuf>)>,
}

impl VerdictSettings {
    /// Reads `--fail-if CRITERION`, `--abort-if "CRITERION[ after SECONDSs]"` and `--verdict FORMAT[=FILE]`.
    pub fn new(matches: &ArgMatches) -> Result<Self, Refusal> {
        let texts = |id| with_places(matches, id).into_iter().map(|(_, text)| text);
        let criterion = |text: &str| Criterion::parse(text).map_err(|error| Refusal::Usage(error.to_string()));
        let fail_if = texts(option::FAIL_IF).map(|text| criterion(&text)).collect::<Result<_, _>>()?;
        let abort_if = texts(option::ABORT_IF)
            .map(|text| match text.rsplit_once(" after ") {
                Some((text, seconds)) => Ok((criterion(text)?, seconds_of(seconds)?)),
                None => Ok((criterion(&text)?, FIRST_LOOK)),
            })
            .collect::<Result<_, Refusal>>()?;
        let outputs = texts(option::VERDICT).map(|text| output(&text)).collect::<Result<_, _>>()?;
        Ok(VerdictSettings { fail_if, abort_if, outputs })
    }

    /// Whether there is anything to judge by.
    pub fn is_wanted(&self) -> bool {
        !self.fail_if.is_empty() || !self.abort_if.is_empty()
    }

    /// Looks at the criteria that stop a run until the watch is ended.
    pub fn watch(&self, live: Live, brake: Brake) -> Watch {
        let (ended, end) = mpsc::channel::<()>();
        let criteria = self.abort_if.clone();
        if criteria.is_empty() {
            return Watch { running: ended, thread: None };
        }
        // Without this thread the run goes to its end, where the same criteria are judged.
        let thread = std::thread::Builder::new().name("verdict".to_owned()).spawn(move || {
            let mut passed = Duration::ZERO;
            while end.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                passed += EVERY;
                if criteria.iter().all(|(_, from)| passed < *from) {
                    continue;
                }
                let Some(statistics) = live.read().filter(|statistics| statistics.total().count() > 0) else {
                    continue;
                };
                let due = criteria.iter().filter(|(_, from)| passed >= *from);
                let mut findings = due.map(|(criterion, _)| criterion.judge(&statistics, &Retries::default()));
                if let Some(finding) = findings.find(|finding| finding.failed) {
                    console::error_line(&format!("Stopped early: {}: {}", finding.criterion, finding.measured));
                    brake.stop(StopLevel::Shutdown);
                    return;
                }
            }
        });
        Watch { running: ended, thread: thread.ok() }
    }

    /// Judges what was measured and tells everyone. `name` is that of the plan or the results.
    pub fn tell(&self, name: &str, statistics: &Statistics, retries: &Retries) -> Exit {
        let criteria = self.fail_if.iter().chain(self.abort_if.iter().map(|(criterion, _)| criterion));
        let findings: Vec<Finding> = criteria.map(|criterion| criterion.judge(statistics, retries)).collect();
        for line in verdict::lines(&findings) {
            console::line(&line);
        }
        let mut exit = if verdict::failed(&findings) { Exit::VerdictFailed } else { Exit::Done };
        for (format, file) in &self.outputs {
            let text = verdict::write(*format, name, &findings);
            match file {
                None => console::line(text.trim_end()),
                Some(file) => {
                    if let Err(error) = write(*format, file, &text) {
                        console::error_line(&format!("An error occurred: Cannot write {}: {error}", file.display()));
                        exit = Exit::Failed;
                    }
                }
            }
        }
        exit
    }
}

/// A watch on a run; it ends when this is dropped.
pub(super) struct Watch {
    /// The thread ends when this is gone.
    running: mpsc::Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Waits until nothing more will be said.
    pub fn end(self) {
        drop(self.running);
        let _ = self.thread.map(JoinHandle::join);
    }
}

/// What heeding `Retry-After` came to in this process.
pub(super) fn retries_of(totals: &RetryTotals) -> Retries {
    Retries {
        retried: totals.retried.load(Ordering::Relaxed),
        gave_up: totals.gave_up.load(Ordering::Relaxed) + totals.not_retried.load(Ordering::Relaxed),
        waited_millis: totals.waited_ms.load(Ordering::Relaxed),
    }
}

fn seconds_of(text: &str) -> Result<Duration, Refusal> {
    let number = text.trim().strip_suffix('s').unwrap_or(text).trim();
    let seconds = number.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| Refusal::Usage(format!("'{text}' is no time in seconds: --abort-if 'errors > 5% after 30s'")))
}

fn output(text: &str) -> Result<(Format, Option<PathBuf>), Refusal> {
    let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(PathBuf::from(file))));
    let format = FORMATS.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
    let Some(format) = format else {
        let names: Vec<_> = FORMATS.iter().map(|(name, _)| *name).collect();
        return Err(Refusal::Usage(format!("--verdict is one of {} with =FILE, not {name}", names.join(", "))));
    };
    // On GitHub the summary of a step is a file that everyone appends to.
    let summary = || std::env::var_os("GITHUB_STEP_SUMMARY").map(PathBuf::from);
    Ok((format, file.or_else(|| (format == Format::Markdown).then(summary).flatten())))
}

fn write(format: Format, file: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true);
    if format == Format::Markdown {
        options.append(true)
    } else {
        options.write(true).truncate(true)
    };
    options.open(file)?.write_all(text.as_bytes())
}

/// What `rotameter verdict RESULTS.jtl …` is asked.
pub(super) struct VerdictOfFiles {
    results: Vec<PathBuf>,
    verdict: VerdictSettings,
    properties: PropertiesBuilder,
}

impl VerdictOfFiles {
    /// Reads the words of the command.
    pub fn of_words(matches: &ArgMatches) -> Result<Self, Refusal> {
        let results: Vec<PathBuf> =
            matches.get_many::<String>(option::STRAY).into_iter().flatten().map(PathBuf::from).collect();
        let verdict = VerdictSettings::new(matches)?;
        if results.is_empty() || verdict.fail_if.is_empty() || !verdict.abort_if.is_empty() {
            return Err(Refusal::Usage(
                "rotameter verdict RESULTS.jtl ... --fail-if CRITERION ... [--verdict FORMAT[=FILE]]".to_owned(),
            ));
        }
        Ok(VerdictOfFiles { results, verdict, properties: properties(matches)? })
    }

    /// Reads the results and judges them.
    pub fn judge(&self) -> Result<Exit, Failure> {
        let (properties, _, warnings) = self.properties.build().map_err(Failure::of)?;
        run::prepare(&properties, &warnings);
        let expected = SaveConfig::from_properties(&|name| properties.get(name)).map_err(Failure::of)?;
        let stamped_at_end = expected.timestamp_of == TimestampOf::End;
        let (mut statistics, mut retries) = (Statistics::default(), Retries::default());
        for file in &self.results {
            each_row(file, &expected, |row| {
                statistics.record_row(row, stamped_at_end);
                count_retries(&mut retries, row);
            })
            .map_err(Failure::of)?;
        }
        let names: Vec<String> = self.results.iter().map(|file| file.display().to_string()).collect();
        Ok(self.verdict.tell(&names.join(", "), &statistics, &retries))
    }
}

/// What a row tells of `Retry-After`: the sample's message says what was decided (`retry::policy`).
fn count_retries(retries: &mut Retries, row: &JtlRow) {
    let message = row.failure_message.as_str();
    if let Some(wait) = message.strip_prefix("retried in ") {
        let millis: String = wait.chars().take_while(char::is_ascii_digit).collect();
        retries.waited_millis = retries.waited_millis.saturating_add(millis.parse().unwrap_or(0));
        retries.retried += u64::from(message.contains(", attempt 1 of "));
    } else if message.starts_with("gave up") {
        retries.gave_up += 1;
    }
}

//! `-g`, `-e -o` and `rotameter report`: the dashboard of a run, from its result files.

use super::console;
use super::exit_code::Exit;
use super::rows::each_row;
use super::run_log;
use super::session::Failure;
use super::settings::{ReportSettings, absolute};
use crate::jmx::{self, TestTree};
use crate::limits::{Finding, Watch};
use crate::properties::Properties;
use crate::report::compare::{self, Comparison, Run};
use crate::report::{self, Against, Content, Dashboard, Punctuality, RateLimit};
use crate::results::{Failures, SaveConfig, TimestampOf};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// `index.html`, `statistics.json` and `rotameter.json` in a folder of their own.
    Folder(PathBuf),
    /// The page alone.
    File(PathBuf),
}

impl Target {
    /// The target of `-o`: a name that ends in `.html` is one of a file. Without `-o`, JMeter's folder name.
    pub fn new(output: Option<&str>) -> Self {
        match output {
            Some(path) if is_page(Path::new(path)) => Target::File(path.into()),
            path => Target::Folder(path.unwrap_or("report-output").into()),
        }
    }

    /// Makes sure that it can be written, before anything runs: a folder is made, and must be empty unless `force`
    /// empties it (`JOrphanUtils.canSafelyWriteToFolder`).
    pub fn prepare(&self, force: bool) -> Result<(), Failure> {
        let cannot = |path: &Path, why: &dyn std::fmt::Display| {
            Failure::of(format!("Cannot write to '{}' {why}", absolute(path).display()))
        };
        match self {
            Target::File(path) if !force && path.exists() => Err(cannot(path, &"as it is an existing file")),
            Target::File(path) => {
                let folder = absolute(path).parent().map(Path::to_path_buf).unwrap_or_default();
                fs::create_dir_all(&folder).map_err(|error| cannot(path, &format!("({error})")))
            }
            Target::Folder(path) => {
                if path.is_file() {
                    if !force {
                        return Err(cannot(path, &"as it is an existing file"));
                    }
                    fs::remove_file(path).map_err(|error| cannot(path, &format!("({error})")))?;
                }
                let filled = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
                if filled && !force {
                    return Err(cannot(path, &"as folder is not empty"));
                }
                if filled {
                    if holds_working_directory(path) {
                        return Err(cannot(path, &"as it holds the working directory, which -f would delete"));
                    }
                    fs::remove_dir_all(path).map_err(|error| cannot(path, &format!("({error})")))?;
                }
                fs::create_dir_all(path).map_err(|error| cannot(path, &format!("({error})")))
            }
        }
    }
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|of_file| of_file.eq_ignore_ascii_case("html")) && !path.is_dir()
}

fn holds_working_directory(folder: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    match (real(folder), real(Path::new("."))) {
        (Some(folder), Some(here)) => here.starts_with(folder),
        _ => true,
    }
}

/// `-g` and `rotameter report`.
pub(super) fn report(settings: &ReportSettings) -> Result<Exit, Failure> {
    if let Some(log) = &settings.run_log
        && let Err(error) = run_log::open(log, &settings.log_levels)
    {
        console::error_line(&format!("Cannot write the log to {}: {error}", log.display()));
    }
    let (properties, _, warnings) = settings.properties.build().map_err(Failure::of)?;
    super::run::prepare(&properties, &warnings);
    settings.target.prepare(settings.force)?;
    for results in settings.results.iter().chain(&settings.against) {
        if !results.is_file() {
            return Err(Failure::of(format!("Cannot read test results file : {}", results.display())));
        }
    }
    let sources = Sources {
        results: &settings.results,
        against: settings.against.as_deref(),
        plan: settings.plan.as_deref(),
        failures: None,
        punctuality: None,
    };
    generate(sources, &settings.target, &properties).map_err(Failure::of)?;
    Ok(Exit::Done)
}

/// What a report is made of.
pub(super) struct Sources<'a> {
    pub results: &'a [PathBuf],
    /// Results of the run that it is compared with.
    pub against: Option<&'a Path>,
    /// The plan that was run.
    pub plan: Option<&'a Path>,
    /// What a run told of failed samples; without it, what its rows tell.
    pub failures: Option<Failures>,
    /// How its samples kept to the schedules of timers, which rows do not tell.
    pub punctuality: Option<Punctuality>,
}

/// Reads result files and writes their report. An error is a line for the console, without JMeter's beginning.
pub(super) fn generate(sources: Sources, target: &Target, properties: &Properties) -> Result<(), String> {
    let read = || report::read_options(properties);
    for line in &read().ignored {
        console::error_line(&format!("warning: {line}"));
    }
    let expected = SaveConfig::from_properties(&|name| properties.get(name)).map_err(|error| error.to_string())?;
    let stamped_at_end = expected.timestamp_of == TimestampOf::End;
    let (mut dashboard, mut earlier) = (Dashboard::new(read().options), Dashboard::new(read().options));
    // Only where two runs are compared are rows kept in the form that this needs.
    let mut runs = sources.against.map(|_| [Run::default(), Run::default()]);
    let mut watch = Watch::default();
    // After a run they are known better than from its rows.
    let from_rows = sources.failures.is_none();
    let mut failures = sources.failures.or_else(|| dashboard.options.failures.clone().map(Failures::new));
    let failed = |error: String| format!("Error while processing samples: {error}");
    for file in sources.results {
        each_row(file, &expected, |row| {
            let taken = dashboard.record(row);
            watch.row(row);
            if let Some(failures) = failures.as_mut().filter(|_| taken && from_rows) {
                failures.row(row, stamped_at_end);
            }
            if let Some([_, run]) = &mut runs {
                run.record(row, stamped_at_end);
            }
        })
        .map_err(failed)?;
    }
    let names: Vec<String> = sources.results.iter().map(|file| file.display().to_string()).collect();
    if dashboard.labels.is_empty() {
        return Err(format!("{}: there are no samples to report on", names.join(", ")));
    }
    dashboard.settle();
    let mut compared = None;
    if let (Some(file), Some([mut before, after])) = (sources.against, runs) {
        each_row(file, &expected, |row| {
            earlier.record(row);
            before.record(row, stamped_at_end);
        })
        .map_err(failed)?;
        let name = file.display().to_string();
        if before.is_empty() {
            return Err(format!("{name}: there are no samples to compare with"));
        }
        Dashboard::settle_together(&mut dashboard, &mut earlier);
        let both = [name.clone(), names.join(", ")];
        compared = Some((name, Comparison::new(both, before, after, compare::Settings::default())));
    }
    let plan = sources.plan.map(read_plan).transpose()?;
    let limits = limits_of(watch);
    let content = Content {
        sources: &names,
        limits: &limits,
        plan: plan.as_ref(),
        failures: failures.as_ref(),
        punctuality: sources.punctuality.as_ref(),
        against: compared.as_ref().map(|(source, comparison)| Against { dashboard: &earlier, source, comparison }),
        ..Content::new(&dashboard)
    };
    let page = report::page(&content);
    let written = match target {
        Target::File(path) => write(path, &page),
        Target::Folder(folder) => write(&folder.join("statistics.json"), &report::statistics_json(&dashboard))
            .and_then(|()| write(&folder.join("rotameter.json"), &report::rotameter_json(&content)))
            .and_then(|()| write(&folder.join("index.html"), &page)),
    };
    written.map_err(|(path, error)| format!("Cannot write {}: {error}", path.display()))
}

/// Reads a plan for its tree alone.
fn read_plan(file: &Path) -> Result<TestTree, String> {
    let tree = fs::File::open(file).map_err(jmx::Error::from).and_then(|input| jmx::read(io::BufReader::new(input)));
    tree.map_err(|error| format!("{}: {error}", file.display()))
}

/// What is known of rate limits.
pub(super) fn limits_of(watch: Watch) -> Vec<RateLimit> {
    let of = |(resource, finding): &(String, Finding)| {
        let timeline = &finding.timeline;
        let slots = timeline.slots.iter().enumerate();
        let allowed = slots.filter_map(|(index, slot)| {
            slot.allowed.map(|most| (timeline.at(index).millis(), most / timeline.seconds))
        });
        RateLimit { text: format!("{resource}: {}", finding.answer()), allowed: allowed.collect() }
    };
    watch.findings().iter().map(of).collect()
}

/// Writes a whole file. One that is there already keeps its content until the new one is complete.
pub(super) fn write(path: &Path, text: &str) -> Result<(), (PathBuf, io::Error)> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".part");
    let unfinished = PathBuf::from(unfinished);
    let write = || {
        let mut file = fs::File::create(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&unfinished);
        (path.to_path_buf(), error)
    })
}

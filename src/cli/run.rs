//! `rotameter -n …`: reads a plan, runs it, says what JMeter says.

use super::console;
use super::exit_code::Exit;
use super::gathered::Gathered;
use super::progress::Progress;
use super::session::{Failure, Onlooker, Session};
use super::settings::{Settings, absolute};
use super::tui::{self, Tui};
use super::web::{self, Server};
use super::{report, run_log, signals, verdict};
use crate::clock;
use crate::elements::CollectorSpec;
use crate::engine::{ControlPort, Observer};
use crate::expr::Expr;
use crate::java::date_format::Zone;
use crate::jmx::{self, TestElement};
use crate::plan::{self, Compilation, Diagnostic, Plan, Severity};
use crate::properties::{Properties, Warning};
use crate::report::Punctuality;
use crate::report::closing::{self, Noticed};
use crate::results::{self, ExistingFiles, Needs, RunOutcome, SaveConfig, Seen, Statistics};
use crate::virtual_user::Run;
use std::fs::File;
use std::io::BufReader;
use std::sync::{Arc, Mutex, PoisonError};

/// Runs what `settings` ask for.
pub(super) fn run(settings: &Settings) -> Result<Exit, Failure> {
    // The first reading of the clock is the start of everything.
    let started = clock::now();
    if settings.quiet {
        console::be_quiet();
    }
    if let Err(error) = run_log::open(&settings.run_log, &settings.log_levels) {
        // JMeter goes on without a log, too.
        console::error_line(&format!("Cannot write the log to {}: {error}", settings.run_log.display()));
    }
    let (properties, _, warnings) =
        settings.properties.build().map_err(|error| Failure::new(format!("An error occurred: {error}")))?;
    prepare(&properties, &warnings);
    properties.mark_start(started);
    log::info!(target: "org.apache.jmeter.JMeter", "Version 5.6.2 (Rotameter {})", env!("CARGO_PKG_VERSION"));

    if let Some(target) = &settings.report_folder {
        target.prepare(settings.force)?;
    }
    let compilation = load(settings, &properties)?;
    let summariser = properties.get("summariser.name").filter(|name| !name.trim().is_empty());
    if let Some(name) = &summariser {
        console::told(&format!("Creating summariser <{name}>"));
    }
    if settings.results.is_some() {
        SaveConfig::from_properties(&|key| properties.get(key))
            .map_err(|error| Failure::new(format!("An error occurred: {error}")))?;
    }
    for diagnostic in compilation.diagnostics.iter().filter(|diagnostic| diagnostic.severity < Severity::Error) {
        console::note(&diagnostic.to_string());
    }
    let plan_name = settings.plan.display();
    console::told(&format!("Created the tree successfully using {plan_name}"));
    let Some(plan) = compilation.plan.filter(|_| compilation.tree_error.is_none()) else {
        return Err(not_compiled(&compilation.diagnostics));
    };
    start(settings, plan, &properties)
}

/// Reads and compiles the plan; elements that cannot run end it here.
fn load(settings: &Settings, properties: &Properties) -> Result<Compilation, Failure> {
    let file = absolute(&settings.plan);
    let Ok(input) = File::open(&file).and_then(|input| input.metadata().map(|meta| (input, meta))) else {
        return Err(Failure::new(format!(
            "An error occurred: The file {} doesn't exist or can't be opened",
            file.display()
        )));
    };
    let (input, metadata) = input;
    if metadata.is_dir() {
        return Err(Failure::new(format!(
            "An error occurred: The file {} doesn't exist or can't be opened",
            file.display()
        )));
    }
    log::info!(target: "org.apache.jmeter.services.FileServer", "Set new base='{}'", file.parent().unwrap_or(&file).display());
    log::info!(target: "org.apache.jmeter.save.SaveService", "Loading file: {}", settings.plan.display());
    let tree = jmx::read(BufReader::new(input)).map_err(|error| {
        let mut lines = not_loaded(&file.display().to_string(), &[error.to_string()]);
        if metadata.len() == 0 {
            lines[0] = format!("Error in NonGUIDriver com.thoughtworks.xstream.io.StreamException: {error}");
            lines.pop();
            lines.push("An error occurred: Error in NonGUIDriver".to_owned());
        }
        Failure(lines)
    })?;
    let compilation = plan::compile(&Arc::new(tree), options(settings, properties, file.clone()));
    let stops: Vec<String> = compilation
        .diagnostics
        .iter()
        .filter(|diagnostic| match diagnostic.severity {
            Severity::Warning => false,
            Severity::Unsupported => settings.unsupported == plan::Unsupported::Stop,
            Severity::Error => true,
        })
        .map(Diagnostic::to_string)
        .collect();
    if compilation.tree_error.is_none() && !stops.is_empty() {
        let mut lines = not_loaded(&file.display().to_string(), &stops);
        lines.push("Run 'rotameter check' for everything that was noticed, or leave such elements out with '--unsupported skip'.".to_owned());
        return Err(Failure(lines));
    }
    Ok(compilation)
}

/// What compiling a plan needs for a run.
fn options(settings: &Settings, properties: &Properties, file: std::path::PathBuf) -> plan::Options {
    let mut collectors = Vec::new();
    let summariser = properties.get("summariser.name").filter(|name| !name.trim().is_empty());
    if let Some(results) = &settings.results {
        let element = Box::new(TestElement::default());
        collectors.push(CollectorSpec::File { file: Expr::literal(results.as_str()), element });
    }
    if let Some(name) = summariser {
        collectors.push(CollectorSpec::Summariser(Expr::literal(name)));
    }
    // Samples are only told of to somebody who hears them.
    let is_shown = settings.web.is_some() || settings.tui;
    if settings.verdict.is_wanted() || settings.table || (is_shown && collectors.is_empty()) {
        collectors.push(CollectorSpec::Live);
    }
    let variables = properties.get("sample_variables").map(|names| results::split_names(&names)).unwrap_or_default();
    let sample_variables = variables.iter().map(ToString::to_string).collect();
    plan::Options {
        file,
        properties: properties.clone(),
        unsupported: settings.unsupported,
        collectors,
        sample_variables,
    }
}

fn not_loaded(path: &str, causes: &[String]) -> Vec<String> {
    let mut lines =
        vec![format!("Error in NonGUIDriver java.lang.IllegalArgumentException: Problem loading XML from:'{path}'. ")];
    lines.extend(causes.iter().cloned());
    lines.push(format!("An error occurred: Error in NonGUIDriver Problem loading XML from:'{path}'. "));
    lines
}

fn not_compiled(diagnostics: &[Diagnostic]) -> Failure {
    let mut lines = vec!["Error occurred compiling the tree: - see log file".to_owned()];
    lines.extend(
        diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).map(Diagnostic::to_string),
    );
    Failure(lines)
}

/// What every command does with its properties: tells what is wrong with them, and sets the time zone.
pub(super) fn prepare(properties: &Properties, warnings: &[Warning]) {
    for warning in warnings {
        console::error_line(&format!("warning: {warning}"));
    }
    if let Some(zone) = properties.system().get("user.timezone").filter(|name| !name.is_empty()) {
        Zone::set_default(Zone::of_lenient(&zone));
    }
}

struct Console;

impl Observer for Console {
    fn group_failed(&self, message: &str) {
        console::line(message);
        console::line("see log file for more details");
    }
}

fn start(settings: &Settings, plan: Plan, properties: &Properties) -> Result<Exit, Failure> {
    if let Some((results, _)) = settings.report()
        && !settings.force
        && results.metadata().is_ok_and(|file| file.len() > 0)
    {
        let why = format!("Results file:{} is not empty", results.display());
        return Err(Failure(vec![
            format!("Error in NonGUIDriver java.lang.IllegalArgumentException: {why}"),
            format!("An error occurred: Error in NonGUIDriver {why}"),
        ]));
    }
    let existing = if settings.force { ExistingFiles::Delete } else { ExistingFiles::GoOn };
    let noticed = settings.table.then(Arc::<Mutex<Noticed>>::default);
    let options = || crate::report::read_options(properties).options;
    let tui = settings.tui && tui::is_there();
    if settings.tui && !tui {
        console::error_line("warning: --tui needs a terminal on stdin and stderr; the run goes on without it");
    }
    let gathered = match (settings.web.is_some() || tui, settings.report()) {
        (true, _) => Some(Gathered::to_be_shown(options())),
        (false, Some(_)) => Some(Gathered::of_failures(options())),
        (false, None) => None,
    };
    let punctuality = Arc::<Mutex<Punctuality>>::default();
    let onlookers = noticed.iter().map(notices).chain(gathered.iter().map(Gathered::onlooker));
    let onlookers = onlookers.chain([times(&punctuality)]).collect();
    let progress = if tui { Progress::none() } else { Progress::new() };
    let session = Session::open(Arc::new(plan), properties, existing, settings.workers, onlookers, progress)?;
    let web = match settings.web.zip(gathered.clone()) {
        Some((address, gathered)) => Some(show(address, gathered, settings, &session)?),
        None => None,
    };
    let run = Arc::clone(session.run());
    console::told(&format!("Starting standalone test {}", console::at(run.test_start)));
    let (from, to) =
        (properties.long_or("jmeterengine.nongui.port", 4445), properties.long_or("jmeterengine.nongui.maxport", 4455));
    let control = ControlPort::open(from, to, &run, console::told);
    if let Some(control) = &control {
        console::told(&format!(
            "Waiting for possible Shutdown/StopTestNow/HeapDump/ThreadDump message on port {}",
            control.port
        ));
    } else if from > 1000 {
        console::told("Failed to create UDP port");
    }
    let caught = signals::listen(session.brake()).map_err(Failure::of)?;
    log::info!(target: "org.apache.jmeter.JMeter", "Running test ({})", run.test_start.millis());
    let limits = session.limits();
    let watch = settings.verdict.watch(session.live(), session.brake());
    let tui = match gathered.clone().filter(|_| tui) {
        Some(gathered) => Some(view(gathered, settings, &session)?),
        None => None,
    };
    let played = session.play(&Console);
    // What follows is printed.
    drop(tui);
    let (ended, outcome) = played?;
    watch.end();
    drop(web);
    drop(control);
    if ended.stuck {
        console::line("Fatal error, could not stop test, exiting");
        return Ok(Exit::Failed);
    }
    if let Some(exit) = caught.exit() {
        tell_outcome(&run, &outcome);
        return Ok(exit);
    }
    console::told(&format!("Tidying up ...    {}", console::at(clock::now())));
    let punctuality = std::mem::take(&mut *punctuality.lock().unwrap_or_else(PoisonError::into_inner));
    let mut exit = Exit::Done;
    if let Some((results, target)) = settings.report()
        && let Err(error) = report::generate(
            report::Sources {
                results: &[results],
                against: settings.against.as_deref(),
                plan: Some(&settings.plan),
                failures: gathered.as_ref().and_then(Gathered::failures),
                punctuality: Some(punctuality.clone()),
            },
            target,
            properties,
        )
    {
        console::error_line(&format!("Error generating the report: {error}"));
        exit = Exit::Failed;
    }
    console::told("... end of run");
    if !tell_outcome(&run, &outcome) {
        exit = Exit::Failed;
    }
    super::limits::tell(
        std::mem::take(&mut *limits.lock().unwrap_or_else(PoisonError::into_inner)),
        settings.results.as_deref(),
    );
    if let (Some(noticed), Some((_, statistics))) = (noticed, outcome.statistics.first()) {
        let noticed = noticed.lock().unwrap_or_else(PoisonError::into_inner);
        for line in closing::lines(statistics, &noticed, console::shows_colour()) {
            console::error_line(&line);
        }
    }
    if settings.corrected {
        punctuality.table().iter().for_each(|line| console::note(line));
    }
    punctuality.warnings().iter().for_each(|line| console::error_line(line));
    if settings.verdict.is_wanted() {
        let statistics = outcome.statistics.first().map(|(_, statistics)| statistics);
        let name = settings.plan.display().to_string();
        let retries = verdict::retries_of(&run.retries);
        let verdict = settings.verdict.tell(&name, statistics.unwrap_or(&Statistics::default()), &retries);
        // Results that are not complete are worse news than what they show.
        exit = if exit == Exit::Done { verdict } else { exit };
    }
    Ok(exit)
}

/// Looks at samples for the closing table.
fn notices(noticed: &Arc<Mutex<Noticed>>) -> Onlooker {
    let noticed = Arc::clone(noticed);
    let sees = move |seen: Seen<'_>| {
        let mut noticed = noticed.lock().unwrap_or_else(PoisonError::into_inner);
        match seen {
            Seen::Whole(sample) => noticed.sample(sample),
            Seen::Ordinary { figures, .. } => noticed.ordinary(figures),
        }
    };
    Onlooker { needs: Needs::of_failures(None), sees: Box::new(sees) }
}

/// Looks at when samples begin. Nearly no plan keeps schedules: then there is nothing to lock.
fn times(punctuality: &Arc<Mutex<Punctuality>>) -> Onlooker {
    let punctuality = Arc::clone(punctuality);
    let sees = move |seen: Seen<'_>| {
        let lock = || punctuality.lock().unwrap_or_else(PoisonError::into_inner);
        match seen {
            Seen::Whole(sample) if sample.intended.is_some() || sample.is_transaction => lock().sample(sample),
            Seen::Ordinary { label, figures } if figures.intended.is_some() => lock().ordinary(label, figures),
            _ => {}
        }
    };
    Onlooker { needs: Needs { sub_results: true, ..Needs::default() }, sees: Box::new(sees) }
}

/// Shows the run on a page, whose address is told even to those who want quiet: it is of no use without.
fn show(address: web::Address, gathered: Gathered, settings: &Settings, session: &Session) -> Result<Server, Failure> {
    let name = settings.plan.display().to_string();
    let server = Server::start(address, name, gathered, session.brake())
        .map_err(|error| Failure::of(format!("Cannot show the run at {address}: {error}")))?;
    console::error_line(&format!("The run is shown at {}", server.url()));
    if server.is_open() {
        console::error_line("warning: that is plain HTTP, and others can reach it: the token goes over the network");
    }
    Ok(server)
}

/// Shows the run in the terminal.
fn view(gathered: Gathered, settings: &Settings, session: &Session) -> Result<Tui, Failure> {
    let name = settings.plan.display().to_string();
    Tui::start(name, gathered, Arc::clone(session.run()), session.brake())
        .map_err(|error| Failure::of(format!("Cannot show the run in the terminal: {error}")))
}

/// Says what a user should know beside JMeter's lines. False when results are not complete.
fn tell_outcome(run: &Run, outcome: &RunOutcome) -> bool {
    for error in &outcome.write_errors {
        console::error_line(&format!("An error occurred: {error}"));
    }
    if !outcome.lost.is_zero() {
        console::error_line(&format!(
            "Users waited {:.1} s in all for the result files; the load was lower than the plan asks for.",
            outcome.lost.as_secs_f64()
        ));
    }
    for line in [run.retries.summary(), run.retries.pace_summary()].into_iter().flatten() {
        console::told(&line);
    }
    outcome.write_errors.is_empty()
}

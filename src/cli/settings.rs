//! What the command line means.

use super::arguments::{option, with_places};
use super::report::Target;
use super::verdict::{VerdictOfFiles, VerdictSettings};
use super::web;
use crate::plan::Unsupported;
use crate::properties::{Override, PropertiesBuilder};
use crate::text::Text;
use clap::ArgMatches;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// The settings of one run.
pub(super) struct Settings {
    pub plan: PathBuf,
    pub results: Option<String>,
    pub run_log: PathBuf,
    pub log_levels: Vec<String>,
    pub properties: PropertiesBuilder,
    pub force: bool,
    pub unsupported: Unsupported,
    pub workers: usize,
    /// Whether there is to be a report after the run.
    reports: bool,
    /// Where `-o` wants it, which is checked even where there is none.
    pub report_folder: Option<Target>,
    /// Results of an earlier run that the report is to compare this one with.
    pub against: Option<PathBuf>,
    /// What the run is judged by.
    pub verdict: VerdictSettings,
    /// Whether nothing but errors and verdicts is printed.
    pub quiet: bool,
    /// Whether the run ends with a table on stderr.
    pub table: bool,
    /// Whether it ends with response times from the intended starts.
    pub corrected: bool,
    /// Where the run is shown while it goes on.
    pub web: Option<web::Address>,
    /// Whether the run is shown in the terminal while it goes on.
    pub tui: bool,
}

/// The settings of a report from results that are there.
pub(super) struct ReportSettings {
    pub results: Vec<PathBuf>,
    /// Results of an earlier run to compare with.
    pub against: Option<PathBuf>,
    /// The plan, whose tree is shown.
    pub plan: Option<PathBuf>,
    pub target: Target,
    /// `None` for no log.
    pub run_log: Option<PathBuf>,
    pub log_levels: Vec<String>,
    pub properties: PropertiesBuilder,
    pub force: bool,
}

/// What a command line asks for.
pub(super) enum Task {
    Run(Box<Settings>),
    Report(Box<ReportSettings>),
    Verdict(Box<VerdictOfFiles>),
}

/// A command line that was understood but cannot be followed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// JMeter's text for it.
    Usage(String),
    /// What JMeter's reading of options says of it.
    Options(String),
    /// A word that belongs to no option.
    Stray(String),
    /// Something that is not there yet.
    NotSupported(&'static str),
}

impl Task {
    /// Reads JMeter's options.
    pub fn new(matches: &ArgMatches) -> Result<Self, Refusal> {
        if let Some(stray) = matches.get_many::<String>(option::STRAY).and_then(|mut words| words.next()) {
            return Err(Refusal::Stray(stray.clone()));
        }
        let text = |id| matches.get_one::<String>(id).cloned();
        if matches.get_flag(option::SERVER)
            || matches.get_flag(option::RUN_REMOTE)
            || text(option::REMOTE_START).is_some()
        {
            return Err(Refusal::NotSupported("remote servers (-r, -R, -s)"));
        }
        let reports = matches.get_flag(option::REPORT);
        if reports && text(option::RESULTS).is_none() {
            return Err(Refusal::Usage("Option -e requires -l option".to_owned()));
        }
        let folder = text(option::REPORT_FOLDER);
        let results = text(option::RESULTS);
        if let Some(of) = text(option::REPORT_ONLY) {
            let other = match results {
                Some(_) => Some("-l/--logfile"),
                None => matches.get_flag(option::NON_GUI).then_some("-n/--nongui"),
            };
            if let Some(other) = other {
                return Err(Refusal::Options(format!("Incompatible options -{other} and -g/--reportonly found.")));
            }
            let results = of;
            return Ok(Task::Report(Box::new(ReportSettings::new(matches, vec![results.into()])?)));
        }
        if results.as_deref() == Some("LAST") || text_of_path(matches, option::PLAN) == Some("LAST") {
            let why = "LAST is the plan that JMeter's window opened last, and its results: there is none here";
            return Err(Refusal::Usage(why.to_owned()));
        }
        let report_folder = (reports || folder.is_some()).then(|| Target::new(folder.as_deref()));
        let Some(plan) = matches.get_one::<PathBuf>(option::PLAN).cloned() else {
            return Err(Refusal::Usage("Non-GUI runs require a test plan".to_owned()));
        };
        let unsupported = match text(option::UNSUPPORTED).as_deref() {
            None | Some("stop") => Unsupported::Stop,
            Some("skip") => Unsupported::Skip,
            Some(other) => return Err(Refusal::Usage(format!("--unsupported is stop or skip, not {other}"))),
        };
        let run_log = PathBuf::from(text(option::RUN_LOG).unwrap_or_else(|| "jmeter.log".to_owned()));
        let workers = matches.get_one::<usize>(option::WORKERS).copied();
        Ok(Task::Run(Box::new(Settings {
            plan,
            results,
            run_log,
            log_levels: log_levels(matches),
            properties: properties(matches)?,
            force: matches.get_flag(option::FORCE),
            unsupported,
            workers: workers
                .or_else(|| std::thread::available_parallelism().ok().map(std::num::NonZero::get))
                .unwrap_or(1),
            reports,
            report_folder,
            against: matches.get_one::<PathBuf>(option::AGAINST).cloned(),
            verdict: VerdictSettings::new(matches)?,
            quiet: matches.get_flag(option::QUIET),
            table: wants_table(matches)?,
            corrected: matches.get_flag(option::CORRECTED),
            web: text(option::WEB).map(|text| web::Address::parse(&text)).transpose().map_err(Refusal::Usage)?,
            tui: wants_tui(matches)?,
        })))
    }
}

impl Settings {
    /// The results of which a report is wanted after the run, and where it goes.
    pub fn report(&self) -> Option<(PathBuf, &Target)> {
        let results = self.results.as_ref().filter(|_| self.reports)?;
        Some((results.into(), self.report_folder.as_ref()?))
    }
}

impl ReportSettings {
    /// Reads the options of a report on `results`.
    pub fn new(matches: &ArgMatches, results: Vec<PathBuf>) -> Result<Self, Refusal> {
        Ok(ReportSettings {
            results,
            against: matches.get_one::<PathBuf>(option::AGAINST).cloned(),
            plan: matches.get_one::<PathBuf>(option::PLAN).cloned(),
            target: Target::new(matches.get_one::<String>(option::REPORT_FOLDER).map(String::as_str)),
            run_log: matches.get_one::<String>(option::RUN_LOG).map(PathBuf::from),
            log_levels: log_levels(matches),
            properties: properties(matches)?,
            force: matches.get_flag(option::FORCE),
        })
    }

    /// Reads `rotameter report RESULTS… [options]`.
    pub fn of_words(matches: &ArgMatches) -> Result<Self, Refusal> {
        let results: Vec<PathBuf> =
            matches.get_many::<String>(option::STRAY).into_iter().flatten().map(PathBuf::from).collect();
        if results.is_empty() {
            return Err(Refusal::Usage(
                "rotameter report RESULTS.jtl ... [-o FOLDER|FILE.html] [-f] [--against EARLIER.jtl] [--plan PLAN.jmx] [-JNAME=VALUE]".to_owned(),
            ));
        }
        ReportSettings::new(matches, results)
    }
}

/// `--table auto` is for people: programs that read what a run prints get what JMeter prints.
fn wants_table(matches: &ArgMatches) -> Result<bool, Refusal> {
    match matches.get_one::<String>(option::TABLE).map(String::as_str) {
        None | Some("auto") => Ok(!matches.get_flag(option::QUIET) && std::io::stderr().is_terminal()),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(other) => Err(Refusal::Usage(format!("--table is auto, on or off, not {other}"))),
    }
}

fn text_of_path<'a>(matches: &'a ArgMatches, id: &str) -> Option<&'a str> {
    matches.get_one::<PathBuf>(id).and_then(|path| path.to_str())
}

fn wants_tui(matches: &ArgMatches) -> Result<bool, Refusal> {
    match (matches.get_flag(option::TUI), matches.get_flag(option::QUIET)) {
        (true, true) => Err(Refusal::Usage("--tui and --quiet exclude each other".to_owned())),
        (wanted, _) => Ok(wanted),
    }
}

fn log_levels(matches: &ArgMatches) -> Vec<String> {
    with_places(matches, option::LOG_LEVEL).into_iter().map(|(_, level)| level).collect()
}

/// `-q` and `-J` in the order in which they stand, `-S` and `-D` likewise; our own options are properties, too.
pub(super) fn properties(matches: &ArgMatches) -> Result<PropertiesBuilder, Refusal> {
    for (id, letter) in [(option::PROPERTY, 'J'), (option::SYSTEM_PROPERTY, 'D')] {
        if with_places(matches, id).iter().any(|(_, text)| text.starts_with('=')) {
            return Err(Refusal::Options(format!("Unable to parse first argument for option -{letter}")));
        }
    }
    let mut overrides = ordered(matches, option::ADD_PROPERTIES, option::PROPERTY);
    if let Some(retry_after) = matches.get_one::<String>(option::RETRY_AFTER) {
        if !matches!(retry_after.as_str(), "on" | "off") {
            return Err(Refusal::Usage(format!("--retry-after is on or off, not {retry_after}")));
        }
        overrides.push(Override::Define(Text::from("retry_after"), Text::from(retry_after.as_str())));
    }
    if let Some(pace) = matches.get_one::<String>(option::PACE) {
        if !matches!(pace.as_str(), "auto" | "off") {
            return Err(Refusal::Usage(format!("--pace is auto or off, not {pace}")));
        }
        overrides.push(Override::Define(Text::from("retry_after.pace"), Text::from(pace.as_str())));
    }
    if let Some(file) = matches.get_one::<String>(option::TLS_VERIFY) {
        overrides.push(Override::Define(Text::from("tls_verify"), Text::from("on")));
        overrides.push(Override::Define(Text::from("tls_verify.ca_file"), Text::from(file.as_str())));
    }
    if matches.get_flag(option::SCRIPT_SANDBOX) {
        overrides.push(Override::Define(Text::from("script_sandbox"), Text::from("true")));
    }
    let mut system = ordered(matches, option::SYSTEM_PROPERTY_FILE, option::SYSTEM_PROPERTY);
    let proxy = [
        (option::PROXY_SCHEME, &["http.proxyScheme"][..]),
        (option::PROXY_HOST, &["http.proxyHost", "https.proxyHost"][..]),
        (option::PROXY_PORT, &["http.proxyPort", "https.proxyPort"][..]),
        (option::NON_PROXY_HOSTS, &["http.nonProxyHosts", "https.nonProxyHosts"][..]),
    ];
    if matches.get_one::<String>(option::PROXY_HOST).is_some()
        != matches.get_one::<String>(option::PROXY_PORT).is_some()
    {
        return Err(Refusal::Usage("If specifying a proxy server, host and port must be given".to_owned()));
    }
    for (id, names) in proxy {
        if let Some(value) = matches.get_one::<String>(id) {
            system.extend(names.iter().map(|name| Override::Define(Text::from(*name), Text::from(value.as_str()))));
        }
    }
    for (id, name) in [(option::PROXY_USER, "http.proxyUser"), (option::PROXY_PASSWORD, "http.proxyPass")] {
        if let Some(value) = matches.get_one::<String>(id) {
            overrides.push(Override::Define(Text::from(name), Text::from(value.as_str())));
        }
    }
    let path = |id| matches.get_one::<String>(id).map(PathBuf::from);
    let home = path(option::HOME);
    Ok(PropertiesBuilder { propfile: path(option::PROPERTY_FILE), overrides, system, home, working_directory: None })
}

fn ordered(matches: &ArgMatches, files: &str, definitions: &str) -> Vec<Override> {
    let files = with_places(matches, files).into_iter().map(|(at, file)| (at, Override::AddFile(PathBuf::from(file))));
    let definitions = with_places(matches, definitions).into_iter().map(|(at, text)| (at, definition(&text)));
    let mut all: Vec<_> = files.chain(definitions).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, option)| option).collect()
}

fn definition(text: &str) -> Override {
    match text.split_once('=') {
        Some((name, value)) => Override::Define(Text::from(name), Text::from(value)),
        None => Override::Remove(Text::from(text)),
    }
}

/// An absolute path as Java's `File.getAbsolutePath` gives it: no links resolved.
pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

//! What the command line means.

use super::arguments::{option, with_places};
use crate::plan::Unsupported;
use crate::properties::{Override, PropertiesBuilder};
use crate::text::Text;
use clap::ArgMatches;
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
}

/// A command line that was understood but cannot be followed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// JMeter's text for it.
    Usage(String),
    /// A word that belongs to no option.
    Stray(String),
    /// Something that is not there yet.
    NotSupported(&'static str),
}

impl Settings {
    /// Reads the options of a run.
    pub fn new(matches: &ArgMatches) -> Result<Self, Refusal> {
        if let Some(stray) = matches.get_many::<String>(option::STRAY).and_then(|mut words| words.next()) {
            return Err(Refusal::Stray(stray.clone()));
        }
        let text = |id| matches.get_one::<String>(id).cloned();
        if matches.get_flag(option::SERVER)
            || matches.get_flag(option::RUN_REMOTE)
            || matches.get_flag(option::REMOTE_EXIT)
            || text(option::REMOTE_START).is_some()
        {
            return Err(Refusal::NotSupported("remote servers (-r, -R, -X, -s)"));
        }
        let report = matches.get_flag(option::REPORT);
        if report && text(option::RESULTS).is_none() {
            return Err(Refusal::Usage("Option -e requires -l option".to_owned()));
        }
        if report || text(option::REPORT_ONLY).is_some() || text(option::REPORT_FOLDER).is_some() {
            return Err(Refusal::NotSupported("the HTML dashboard (-e, -g, -o)"));
        }
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
        Ok(Settings {
            plan,
            results: text(option::RESULTS),
            run_log,
            log_levels: with_places(matches, option::LOG_LEVEL).into_iter().map(|(_, level)| level).collect(),
            properties: properties(matches)?,
            force: matches.get_flag(option::FORCE),
            unsupported,
            workers: workers
                .or_else(|| std::thread::available_parallelism().ok().map(std::num::NonZero::get))
                .unwrap_or(1),
        })
    }
}

/// `-q` and `-J` in the order in which they stand, `-S` and `-D` likewise; our own options are properties, too.
fn properties(matches: &ArgMatches) -> Result<PropertiesBuilder, Refusal> {
    let mut overrides = ordered(matches, option::ADD_PROPERTIES, option::PROPERTY);
    if let Some(retry_after) = matches.get_one::<String>(option::RETRY_AFTER) {
        if !matches!(retry_after.as_str(), "on" | "off") {
            return Err(Refusal::Usage(format!("--retry-after is on or off, not {retry_after}")));
        }
        overrides.push(Override::Define(Text::from("retry_after"), Text::from(retry_after.as_str())));
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

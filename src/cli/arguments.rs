//! What was typed. JMeter's own forms (`-Jx=y`, `-J x=y`, `-nt plan.jmx`, `--testfile=plan.jmx`) and the long options of
//! `run` are one set of options; a small step before clap turns the few forms that clap does not have.

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::ffi::OsString;
use std::path::PathBuf;

/// Names of the options that are read elsewhere.
pub(super) mod option {
    pub const PLAN: &str = "testfile";
    pub const RESULTS: &str = "logfile";
    pub const RUN_LOG: &str = "jmeterlogfile";
    pub const RUN_LOG_CONFIG: &str = "jmeterlogconf";
    pub const PROPERTY_FILE: &str = "propfile";
    pub const ADD_PROPERTIES: &str = "addprop";
    pub const PROPERTY: &str = "jmeterproperty";
    pub const GLOBAL_PROPERTY: &str = "globalproperty";
    pub const SYSTEM_PROPERTY: &str = "systemproperty";
    pub const SYSTEM_PROPERTY_FILE: &str = "systemPropertyFile";
    pub const LOG_LEVEL: &str = "loglevel";
    pub const NON_GUI: &str = "nongui";
    pub const FORCE: &str = "forceDeleteResultFile";
    pub const REPORT: &str = "reportatendofloadtests";
    pub const REPORT_ONLY: &str = "reportonly";
    pub const REPORT_FOLDER: &str = "reportoutputfolder";
    pub const AGAINST: &str = "against";
    pub const RUN_REMOTE: &str = "runremote";
    pub const REMOTE_START: &str = "remotestart";
    pub const REMOTE_EXIT: &str = "remoteexit";
    pub const SERVER: &str = "server";
    pub const HOME: &str = "homedir";
    pub const PROXY_SCHEME: &str = "proxyScheme";
    pub const PROXY_HOST: &str = "proxyHost";
    pub const PROXY_PORT: &str = "proxyPort";
    pub const NON_PROXY_HOSTS: &str = "nonProxyHosts";
    pub const PROXY_USER: &str = "username";
    pub const PROXY_PASSWORD: &str = "password";
    pub const HELP: &str = "help";
    pub const OPTIONS: &str = "options";
    pub const VERSION: &str = "version";
    pub const RETRY_AFTER: &str = "retry-after";
    pub const PACE: &str = "pace";
    pub const SCRIPT_SANDBOX: &str = "script-sandbox";
    pub const UNSUPPORTED: &str = "unsupported";
    pub const FAIL_IF: &str = "fail-if";
    pub const ABORT_IF: &str = "abort-if";
    pub const VERDICT: &str = "verdict";
    pub const QUIET: &str = "quiet";
    pub const TABLE: &str = "table";
    pub const CORRECTED: &str = "corrected";
    pub const WEB: &str = "web";
    pub const TUI: &str = "tui";
    pub const TLS_VERIFY: &str = "tls-verify";
    pub const WORKERS: &str = "workers";
    pub const STRAY: &str = "stray";
}

/// Brings JMeter's forms into clap's: `-?` is `--options`, and a lone `-J` takes the word that follows.
pub(super) fn normalise(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    arguments
        .into_iter()
        .flat_map(|argument| match argument.to_str() {
            Some("-?" | "--?") => vec![OsString::from("--options")],
            // The sign belongs to the definition: it has no name. The parser would take it for one between option and value.
            Some(text) if text.starts_with("-J=") || text.starts_with("-D=") => {
                let (option, definition) = text.split_at(2);
                vec![OsString::from(option), OsString::from(definition)]
            }
            _ => vec![argument],
        })
        .collect()
}

fn flag(id: &'static str, short: Option<char>, help: &'static str) -> Arg {
    let arg = Arg::new(id).long(id).action(ArgAction::SetTrue).help(help);
    match short {
        Some(short) => arg.short(short),
        None => arg,
    }
}

fn value(id: &'static str, short: Option<char>, name: &'static str, help: &'static str) -> Arg {
    let arg = Arg::new(id).long(id).value_name(name).allow_hyphen_values(true).help(help);
    match short {
        Some(short) => arg.short(short),
        None => arg,
    }
}

/// An option that may be given many times and has no short form.
fn each(id: &'static str, name: &'static str, help: &'static str) -> Arg {
    value(id, None, name, help).action(ArgAction::Append)
}

fn repeated(id: &'static str, short: char, name: &'static str, help: &'static str) -> Arg {
    value(id, Some(short), name, help).action(ArgAction::Append)
}

/// The options of a run, JMeter's and ours.
pub(super) fn command() -> Command {
    use option as o;
    Command::new("rotameter")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .no_binary_name(true)
        .arg(flag(o::OPTIONS, None, "Print the options and exit (also -?)"))
        .arg(flag(o::HELP, Some('h'), "Print how to use the program and exit"))
        .arg(flag(o::VERSION, Some('v'), "Print the version and exit"))
        .arg(flag(o::NON_GUI, Some('n'), "Run a plan without a window; there is no other way here"))
        .arg(
            value(o::PLAN, Some('t'), "FILE", "The plan (.jmx)")
                .value_parser(value_parser!(PathBuf))
                .visible_alias("plan"),
        )
        .arg(value(o::RESULTS, Some('l'), "FILE", "Where samples are written (JTL)").visible_alias("results"))
        .arg(value(o::RUN_LOG, Some('j'), "FILE", "The run's log (jmeter.log)").visible_alias("log"))
        .arg(value(o::RUN_LOG_CONFIG, Some('i'), "FILE", "Accepted and ignored: there is no log4j here"))
        .arg(value(o::PROPERTY_FILE, Some('p'), "FILE", "Properties in place of jmeter.properties"))
        .arg(repeated(o::ADD_PROPERTIES, 'q', "FILE", "More properties"))
        .arg(
            repeated(o::PROPERTY, 'J', "NAME=VALUE", "Define a property; NAME alone removes it")
                .visible_alias("property"),
        )
        .arg(repeated(
            o::GLOBAL_PROPERTY,
            'G',
            "NAME=VALUE|FILE",
            "A property for servers; has no effect on a local run",
        ))
        .arg(repeated(o::SYSTEM_PROPERTY, 'D', "NAME=VALUE", "Define a system property; NAME alone removes it"))
        .arg(repeated(o::SYSTEM_PROPERTY_FILE, 'S', "FILE", "More system properties"))
        .arg(repeated(o::LOG_LEVEL, 'L', "[CATEGORY=]LEVEL", "How much goes into the run's log"))
        .arg(flag(o::FORCE, Some('f'), "Delete result files of an earlier run first").visible_alias("force"))
        .arg(flag(o::REPORT, Some('e'), "Write the dashboard after the run"))
        .arg(value(o::REPORT_ONLY, Some('g'), "FILE", "Write the dashboard of an earlier run's results"))
        .arg(value(o::REPORT_FOLDER, Some('o'), "FOLDER", "Where the dashboard goes"))
        .arg(
            value(o::AGAINST, None, "FILE", "Results of an earlier run, which the dashboard compares with")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(flag(o::RUN_REMOTE, Some('r'), "Run on remote servers"))
        .arg(value(o::REMOTE_START, Some('R'), "HOSTS", "Run on these remote servers"))
        .arg(flag(o::REMOTE_EXIT, Some('X'), "End remote servers after the run"))
        .arg(flag(o::SERVER, Some('s'), "Be a remote server"))
        .arg(value(o::HOME, Some('d'), "FOLDER", "JMeter's home folder: user.properties is looked for in its bin"))
        .arg(value(o::PROXY_SCHEME, Some('E'), "SCHEME", "Scheme of the proxy"))
        .arg(value(o::PROXY_HOST, Some('H'), "HOST", "Proxy for HTTP requests"))
        .arg(value(o::PROXY_PORT, Some('P'), "PORT", "Its port"))
        .arg(value(o::NON_PROXY_HOSTS, Some('N'), "HOSTS", "Hosts that are asked directly (*.example.org|localhost)"))
        .arg(value(o::PROXY_USER, Some('u'), "NAME", "User at the proxy"))
        .arg(value(o::PROXY_PASSWORD, Some('a'), "PASSWORD", "Password at the proxy"))
        .arg(value(o::RETRY_AFTER, None, "on|off", "Whether Retry-After is heeded (default on)"))
        .arg(value(o::PACE, None, "auto|off", "Whether limits are learned, and users kept below them (default off)"))
        .arg(
            Arg::new(o::SCRIPT_SANDBOX)
                .long(o::SCRIPT_SANDBOX)
                .action(ArgAction::SetTrue)
                .help("Keeps scripts from files, processes and the network"),
        )
        .arg(value(o::UNSUPPORTED, None, "stop|skip", "What to do about elements that cannot run here (default stop)"))
        .arg(each(o::FAIL_IF, "CRITERION", "Exit with 99 if it holds at the end: 'errors > 1%', 'p95(\"login\") > 2s'"))
        .arg(each(o::ABORT_IF, "CRITERION", "Stop the run as soon as it holds ('... after 30s'), exit with 99"))
        .arg(each(o::VERDICT, "FORMAT[=FILE]", "Write the verdict as json, junit, markdown, openmetrics or teamcity"))
        .arg(flag(o::QUIET, None, "Print nothing but errors and verdicts"))
        .arg(value(o::TABLE, None, "auto|on|off", "The table at the end, on stderr (default on a terminal)"))
        .arg(flag(o::CORRECTED, None, "Also tell response times from the starts that timers intended, on stderr"))
        .arg(value(o::WEB, None, "[HOST]:PORT", "Show the run on a page that goes with it, and can stop it"))
        .arg(flag(o::TUI, None, "Show the run in the terminal while it goes on; keys can stop it"))
        .arg(
            value(
                o::TLS_VERIFY,
                None,
                "FILE",
                "Check servers' certificates, against these authorities (PEM) or the system's",
            )
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value(""),
        )
        .arg(value(o::WORKERS, None, "N", "Worker threads (default one per core)").value_parser(value_parser!(usize)))
        .arg(Arg::new(o::STRAY).num_args(0..).hide(true))
}

/// Values of a repeatable option with their places on the command line.
pub(super) fn with_places(matches: &ArgMatches, id: &str) -> Vec<(usize, String)> {
    let places = matches.indices_of(id).into_iter().flatten();
    places.zip(matches.get_many::<String>(id).into_iter().flatten().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> ArgMatches {
        let words = line.split_whitespace().map(OsString::from);
        command().try_get_matches_from(normalise(words)).unwrap()
    }

    #[test]
    fn jmeters_forms_are_understood() {
        let matches = parse("-nt plan.jmx -Ja=1 -J b=x=y --jmeterproperty c=2 --logfile=out.jtl -Jd -Le=DEBUG -f");
        assert_eq!(matches.get_one::<PathBuf>(option::PLAN).unwrap().to_str(), Some("plan.jmx"));
        assert_eq!(matches.get_one::<String>(option::RESULTS).unwrap(), "out.jtl");
        let properties: Vec<_> = with_places(&matches, option::PROPERTY).into_iter().map(|(_, value)| value).collect();
        assert_eq!(properties, ["a=1", "b=x=y", "c=2", "d"]);
        assert!(matches.get_flag(option::FORCE) && matches.get_flag(option::NON_GUI));
    }

    #[test]
    fn the_command_is_sound() {
        command().debug_assert();
    }
}

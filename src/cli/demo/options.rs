//! What was typed after `demo`.

use super::PORT;
use crate::cli::usage_error;
use clap::{Arg, ArgAction, Command, value_parser};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// A stage's length unless another is asked for: long enough for the burst to be used up at 20 requests a second.
const STAGE_SECONDS: u32 = 8;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The text of `--help`.
    Help(&'static str),
    /// `--plan`: the plan's text.
    Plan,
    /// `--serve`: the API alone, for a time or until a signal comes.
    Serve {
        /// Port 0 is a free one.
        port: u16,
        /// For ever, if absent.
        time: Option<Duration>,
    },
    /// The whole of it.
    Demo(Options),
}

/// The options of a whole demo.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    /// The API's port; 0 is a free one.
    pub port: u16,
    /// The result file if one was named.
    pub results: Option<PathBuf>,
    /// How long each stage would take without a limit.
    pub stage_seconds: u32,
}

const HELP: &str = "\
Usage: rotameter demo [options]

Starts an HTTP API with a rate limit on loopback and runs a plan against it.

      --seconds N    How long each of the four stages takes without a limit (8)
      --port N       The API's port (a free one)
  -l, --results FILE Where samples are written; an existing file is replaced
                     (results.jtl, or results-2.jtl and so on if that exists)
      --plan         Print the plan that the demo runs, and exit
      --serve        Only serve the API, for JMeter or plans of your own;
                     --port N (18429), --seconds N (until Ctrl-C)
  -h, --help         Print this text";

fn command() -> Command {
    let flag = |id: &'static str| Arg::new(id).long(id).action(ArgAction::SetTrue);
    let value = |id: &'static str| Arg::new(id).long(id).value_name("N");
    Command::new("rotameter demo")
        .disable_version_flag(true)
        .disable_help_flag(true)
        .no_binary_name(true)
        .arg(flag("help").short('h'))
        .arg(flag("serve").conflicts_with("plan"))
        .arg(flag("plan"))
        .arg(value("port").value_parser(value_parser!(u16)))
        .arg(value("seconds").value_parser(value_parser!(u32).range(1..=3600)))
        .arg(value("results").short('l').value_parser(value_parser!(PathBuf)))
}

/// Reads the words after `demo`; the error is a line for the console.
pub(super) fn read(words: &[OsString]) -> Result<Asked, String> {
    let matches = command().try_get_matches_from(words).map_err(|error| usage_error(&error))?;
    if matches.get_flag("help") {
        return Ok(Asked::Help(HELP));
    }
    if matches.get_flag("plan") {
        return Ok(Asked::Plan);
    }
    let port = matches.get_one::<u16>("port").copied();
    let seconds = matches.get_one::<u32>("seconds").copied();
    let results = matches.get_one::<PathBuf>("results").cloned();
    if matches.get_flag("serve") {
        if results.is_some() {
            return Err("Error: --serve writes no results".to_owned());
        }
        let time = seconds.map(|seconds| Duration::from_secs(u64::from(seconds)));
        return Ok(Asked::Serve { port: port.unwrap_or(PORT), time });
    }
    let stage_seconds = seconds.unwrap_or(STAGE_SECONDS);
    Ok(Asked::Demo(Options { port: port.unwrap_or(0), results, stage_seconds }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Result<Asked, String> {
        read(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn what_was_typed() {
        let demo = |port, results: Option<&str>, stage_seconds| {
            Ok(Asked::Demo(Options { port, results: results.map(PathBuf::from), stage_seconds }))
        };
        assert_eq!(asked(""), demo(0, None, 8));
        assert_eq!(asked("--port 9000 --seconds 2 -l a.jtl"), demo(9000, Some("a.jtl"), 2));
        assert_eq!(asked("--serve"), Ok(Asked::Serve { port: PORT, time: None }));
        let time = Some(Duration::from_secs(5));
        assert_eq!(asked("--serve --port 0 --seconds 5"), Ok(Asked::Serve { port: 0, time }));
        assert_eq!(asked("--plan"), Ok(Asked::Plan));
        assert!(matches!(asked("--help"), Ok(Asked::Help(text)) if text.lines().all(|line| line.len() <= 80)));
        for wrong in ["--seconds 0", "--port 70000", "--nonsense", "stray", "--serve --plan", "--serve -l a.jtl"] {
            assert!(asked(wrong).is_err_and(|message| message.starts_with("Error: ")), "{wrong}");
        }
    }

    #[test]
    fn the_command_is_sound() {
        command().debug_assert();
    }
}

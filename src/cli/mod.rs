//! The command line. The only module that prints.

mod arguments;
mod check;
mod compare;
mod console;
mod demo;
mod exit_code;
mod gathered;
mod limits;
mod progress;
mod report;
mod rows;
mod run;
mod run_log;
mod session;
mod settings;
mod signals;
mod sub_command;
mod tables;
mod tui;
mod verdict;
mod web;

use arguments::option;
use clap::ArgMatches;
use exit_code::Exit;
use session::Failure;
use settings::{Refusal, ReportSettings, Task};
use std::ffi::OsString;
use std::process::ExitCode;
use verdict::VerdictOfFiles;

const HELP: &str = "\
Rotameter replays Apache JMeter plans.

  rotameter -n -t PLAN.jmx -l RESULTS.jtl [options]    as 'jmeter -n' (all of JMeter's options are understood)
  rotameter run --plan PLAN.jmx --results RESULTS.jtl  the same in words
  rotameter report RESULTS.jtl ... [-o DIR|FILE.html]  the dashboard of a run, as 'jmeter -g'
  rotameter compare BEFORE.jtl AFTER.jtl [--html FILE] what changed between two runs, and whether it is chance
  rotameter verdict RESULTS.jtl --fail-if CRITERION    whether a run was good enough; exit status 99 if not
  rotameter limits RESULTS.jtl [--json] [--html FILE]  the rate limit behind 429s, and how to stay below it
  rotameter check PLAN.jmx ... [--json]                what a plan holds, and what cannot run
  rotameter demo [--serve]                             a plan against an API with a rate limit, both built in
  rotameter elements                                   the test elements that are supported
  rotameter functions                                  the functions that are supported

Options of a run:";

/// Runs the program on the process's own arguments.
pub fn run() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let command = arguments.first().and_then(|word| word.to_str()).unwrap_or_default().to_owned();
    let exit = match command.as_str() {
        "check" => check::check(&arguments[1..]),
        "compare" => compare::compare(&arguments[1..]),
        "demo" => demo::demo(&arguments[1..]),
        "elements" => tables::elements(),
        "functions" => tables::functions(),
        "limits" => limits::limits(&arguments[1..]),
        "run" => {
            arguments.remove(0);
            from_options(arguments, Task::new)
        }
        "report" => {
            arguments.remove(0);
            from_options(arguments, |matches| Ok(Task::Report(Box::new(ReportSettings::of_words(matches)?))))
        }
        "verdict" => {
            arguments.remove(0);
            from_options(arguments, |matches| Ok(Task::Verdict(Box::new(VerdictOfFiles::of_words(matches)?))))
        }
        _ => from_options(arguments, Task::new),
    };
    run_log::flush();
    exit.into()
}

fn from_options(words: Vec<OsString>, task: impl FnOnce(&ArgMatches) -> Result<Task, Refusal>) -> Exit {
    let matches = match arguments::command().try_get_matches_from(arguments::normalise(words)) {
        Ok(matches) => matches,
        Err(error) => {
            console::error_line(&usage_error(&error));
            console::error_line("'rotameter --help' lists the options.");
            return Exit::Failed;
        }
    };
    if matches.get_flag(option::VERSION) {
        console::line(&format!("Rotameter {} (replays plans of Apache JMeter 5.6.2)", env!("CARGO_PKG_VERSION")));
        return Exit::Done;
    }
    if matches.get_flag(option::HELP) || matches.get_flag(option::OPTIONS) {
        console::line(HELP);
        console::line(&arguments::command().help_template("{options}").render_help().to_string());
        return Exit::Done;
    }
    let done = match task(&matches) {
        Ok(Task::Run(settings)) => run::run(&settings),
        Ok(Task::Report(settings)) => report::report(&settings),
        Ok(Task::Verdict(files)) => files.judge(),
        Err(refusal) => return refused(refusal),
    };
    done.unwrap_or_else(|Failure(lines)| {
        for line in &lines {
            console::line(line);
            log::error!(target: "org.apache.jmeter.JMeter", "{line}");
        }
        Exit::Failed
    })
}

fn refused(refusal: Refusal) -> Exit {
    match refusal {
        Refusal::Usage(text) => {
            console::line(&format!("Incorrect Usage:{text}"));
            console::line("'rotameter --help' lists the options.");
            Exit::Failed
        }
        Refusal::Options(text) => {
            console::error_line(&format!("Error: {text}"));
            console::error_line("'rotameter --help' lists the options.");
            Exit::Failed
        }
        Refusal::Stray(word) => {
            console::line(&format!("An error occurred: Unknown arg: {word}"));
            Exit::Failed
        }
        Refusal::NotSupported(what) => {
            console::line(&format!("Rotameter does not have {what} yet; nothing was run."));
            Exit::NotSupported
        }
    }
}

/// JMeter's words for a command line that cannot be understood.
fn usage_error(error: &clap::Error) -> String {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    let about = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(text)) => text.split(' ').next().unwrap_or_default().to_owned(),
        Some(ContextValue::Strings(texts)) => texts.first().cloned().unwrap_or_default(),
        _ => String::new(),
    };
    match error.kind() {
        ErrorKind::UnknownArgument => format!("Error: Unknown option {about}"),
        ErrorKind::ArgumentConflict => format!("Error: Duplicate options for {about} found."),
        _ => format!("Error: {}", error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ")),
    }
}

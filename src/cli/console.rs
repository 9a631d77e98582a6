//! What is printed, and where: JMeter's lines on stdout, ours on stderr.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the console is what this module is for")]

use crate::clock::Timestamp;
use crate::java::date_format::Zone;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Prints a line on stdout. A closed pipe (`| head`) must not end the run.
pub(super) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// Set by `--quiet`.
static QUIET: AtomicBool = AtomicBool::new(false);

/// From now on only errors and verdicts are printed.
pub(super) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Whether only errors and verdicts are printed.
pub(super) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints a line of the course of a run on stdout, where JMeter prints it.
pub(super) fn told(text: &str) {
    if !is_quiet() {
        line(text);
    }
}

/// Prints a line that a user may want to know on stderr.
pub(super) fn note(text: &str) {
    if !is_quiet() {
        error_line(text);
    }
}

/// Whether stderr is a terminal that shows colours, to a user who wants them (`NO_COLOR`).
pub(super) fn shows_colour() -> bool {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let able = std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb");
    wanted && able && std::io::stderr().is_terminal()
}

/// Prints a line on stderr.
pub(super) fn error_line(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = writeln!(out, "{text}");
}

/// `@ 2026 Nov 24 02:46:00 UTC (1795488360224)`
pub(super) fn at(moment: Timestamp) -> String {
    format!("@ {} ({})", crate::java::date_format::long_date(moment, &Zone::local()), moment.millis())
}

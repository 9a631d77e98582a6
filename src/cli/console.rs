//! What is printed, and where: JMeter's lines on stdout, ours on stderr.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the console is what this module is for")]

use crate::clock::Timestamp;
use crate::java::date_format::Zone;
use std::collections::VecDeque;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Lines that wait while a view has the terminal.
static HELD: Mutex<Option<Held>> = Mutex::new(None);

/// So many lines wait at most; the oldest give way. The run's log has them, too.
const MOST_HELD: usize = 1000;

#[derive(Default)]
struct Held {
    lines: VecDeque<(Stream, String)>,
    lost: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    Out,
    Error,
}

/// From now on lines that would be printed on the terminal wait.
pub(super) fn hold() {
    held().get_or_insert_default();
}

/// Prints what had to wait; from now on nothing does.
pub(super) fn let_go() {
    let Some(held) = held().take() else { return };
    if held.lost > 0 {
        error_line(&format!("({} earlier lines are in the run's log only)", held.lost));
    }
    for (stream, text) in held.lines {
        match stream {
            Stream::Out => line(&text),
            Stream::Error => error_line(&text),
        }
    }
}

/// The last line for stderr that waits: what a user may want to know at once.
pub(super) fn last_held() -> Option<String> {
    let held = held();
    let mut lines = held.as_ref()?.lines.iter().rev();
    lines.find(|(stream, _)| *stream == Stream::Error).map(|(_, text)| text.clone())
}

fn held() -> MutexGuard<'static, Option<Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a line has to wait, and does.
fn waits(stream: Stream, text: &str) -> bool {
    let mut held = held();
    let Some(held) = held.as_mut() else { return false };
    // What goes into a file or a pipe is in nobody's way. The view is on stderr.
    if stream == Stream::Out && !std::io::stdout().is_terminal() {
        return false;
    }
    if held.lines.len() >= MOST_HELD {
        held.lines.pop_front();
        held.lost += 1;
    }
    held.lines.push_back((stream, text.to_owned()));
    true
}

/// Prints a line on stdout. A closed pipe (`| head`) must not end the run.
pub(super) fn line(text: &str) {
    if waits(Stream::Out, text) {
        return;
    }
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
    if waits(Stream::Error, text) {
        return;
    }
    let mut out = std::io::stderr().lock();
    let _ = writeln!(out, "{text}");
}

/// `@ 2026 Nov 24 02:46:00 UTC (1795488360224)`
pub(super) fn at(moment: Timestamp) -> String {
    format!("@ {} ({})", crate::java::date_format::long_date(moment, &Zone::local()), moment.millis())
}

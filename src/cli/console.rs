//! What is printed, and where: JMeter's lines on stdout, ours on stderr.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the console is what this module is for")]

use crate::clock::Timestamp;
use crate::java::date_format::Zone;
use std::io::Write;

/// Prints a line on stdout. A closed pipe (`| head`) must not end the run.
pub(super) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
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

//! Something about a plan that its user should know before the first request, with its place.

use std::fmt;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The plan runs, but perhaps not as meant.
    Warning,
    /// The element cannot run here; `--unsupported skip` leaves it out.
    Unsupported,
    /// The plan cannot run, in JMeter neither.
    Error,
}

impl Severity {
    /// As diagnostics print it.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Unsupported => "unsupported",
            Severity::Error => "error",
        }
    }
}

/// One problem of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// Names from the plan down to the element, joined by ` / `.
    pub path: String,
    /// The element's tag.
    pub tag: String,
    /// Line of the element in its file; 0 when it has none.
    pub line: u32,
    /// What is wrong and what to do about it, in one line.
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic { severity, path, tag, line, message } = self;
        let severity = severity.as_str();
        // A file that is no plan has no elements; its message says where it went wrong.
        if path.is_empty() {
            return write!(f, "{severity}: {message}");
        }
        write!(f, "{severity}: line {line}: {path} ({tag}): {message}")
    }
}

//! What a function, script or element may throw while it runs, in Java's words: result files and logs show them.

use crate::text::Text;
use std::fmt;

/// An exception as JMeter would show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thrown {
    /// Java class, for instance `java.lang.NumberFormatException`.
    pub class: Text,
    /// Its message; `None` prints as `null`.
    pub message: Option<Text>,
    /// What the engine makes of it.
    pub kind: ThrownKind,
    /// Where in a function of JMeter it comes from, one place a line as in a stack trace; empty where that is not
    /// known. Failed samples keep their stack trace as data, and its length counts as bytes received.
    pub frames: &'static str,
}

/// JMeter's control-flow exceptions beside ordinary ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrownKind {
    /// An ordinary exception: the sample is lost or fails.
    Exception,
    /// `JMeterStopThreadException`
    StopThread,
    /// `JMeterStopTestException`
    StopTest,
    /// `JMeterStopTestNowException`
    StopTestNow,
}

impl Thrown {
    /// An ordinary exception.
    pub fn new(class: &str, message: impl Into<Text>) -> Self {
        Thrown { class: Text::from(class), message: Some(message.into()), kind: ThrownKind::Exception, frames: "" }
    }

    /// `JMeterStopThreadException`: the user ends.
    pub fn stop_thread(message: impl Into<Text>) -> Self {
        let class = "org.apache.jorphan.util.JMeterStopThreadException";
        Thrown { kind: ThrownKind::StopThread, ..Thrown::new(class, message) }
    }

    /// The same with its place.
    #[must_use]
    pub fn from(self, frames: &'static str) -> Self {
        Thrown { frames, ..self }
    }

    /// Message as Java's string concatenation shows it.
    pub fn message_or_null(&self) -> &str {
        self.message.as_deref().unwrap_or("null")
    }
}

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{}: {message}", self.class),
            None => f.write_str(&self.class),
        }
    }
}

impl std::error::Error for Thrown {}

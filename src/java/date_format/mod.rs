//! Dates as Java writes and reads them.
//!
//! [`DateFormat`] is `SimpleDateFormat` and commons-lang's `FastDateFormat`, [`DateTimeFormatter`] that of `java.time`;
//! their pattern letters look alike and mean different things. Names come in the languages of [`Locale`], zones from
//! [`Zone`]. Dates follow the Gregorian calendar always, also before 1582, where `SimpleDateFormat` would not.

mod fields;
mod formatter;
mod formatter_parse;
mod formatter_pattern;
mod locale;
mod resolve;
mod simple;
mod simple_parse;
mod zone;

#[cfg(test)]
mod tests;

pub use fields::{Field, Moment};
pub use formatter::DateTimeFormatter;
pub use locale::Locale;
pub use resolve::Parsed;
pub use simple::DateFormat;
pub use zone::Zone;

use crate::clock::Timestamp;
use thiserror::Error;

/// The `IllegalArgumentException` of a pattern; displays its message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct PatternError(String);

/// A text that is no date of the pattern (`ParseException`, `DateTimeParseException`); displays Java's message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct ParseError(String);

/// A pattern asks for what a date does not have (`UnsupportedTemporalTypeException`); displays Java's message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct FormatError(String);

/// The long form in which JMeter prints when a run starts and ends: `2026 Nov 24 02:46:00 UTC`
/// (`DateTimeFormatter.ofLocalizedDateTime(FormatStyle.LONG)` in the root locale).
pub fn long_date(moment: Timestamp, zone: &Zone) -> String {
    let mut out = String::new();
    if let Ok(formatter) = DateTimeFormatter::of_pattern("y MMM d HH:mm:ss z", &Locale::root()) {
        // A moment in a zone has all that the pattern asks for.
        let _ = formatter.format(&mut out, &Moment::at(moment, zone));
    }
    out
}

/// A moment in a pattern of `SimpleDateFormat` and the local zone; empty if there is no such pattern.
pub fn local_date(moment: Timestamp, pattern: &str) -> String {
    DateFormat::compile(pattern).map(|format| format.format_to_string(moment, &Zone::local())).unwrap_or_default()
}

fn pad(out: &mut String, value: i64, width: usize) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value.unsigned_abs());
    if value < 0 {
        out.push('-');
    }
    out.extend(std::iter::repeat_n('0', width.saturating_sub(digits.len())));
    out.push_str(digits);
}

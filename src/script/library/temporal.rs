//! What dates and times of all kinds have in common when they are formatted.

use super::date;
use crate::clock::Timestamp;
use crate::java::date_format::{DateFormat, DateTimeFormatter, Locale, Moment, Zone};
use crate::script::value::Value;

/// The moment that a value is, as far as it has one; `None` for what is no date or time.
pub(crate) fn moment_of(value: &Value) -> Option<Moment> {
    if let Ok(millis) = date::millis(value) {
        return Some(Moment::at(Timestamp::from_millis(millis), &date::zone_of(value)));
    }
    match value {
        Value::Long(millis) => Some(Moment::at(Timestamp::from_millis(*millis), &Zone::local())),
        Value::Object(_) => super::java_time::moment_of(value),
        _ => None,
    }
}

/// `%tY` and its kin: a part of a date or time by its letter.
pub(crate) fn formatter_part(value: &Value, part: char, locale: &Locale) -> Option<String> {
    let moment = moment_of(value)?;
    let pattern = match part {
        'H' => "HH",
        'I' => "hh",
        'k' => "H",
        'l' => "h",
        'M' => "mm",
        'S' => "ss",
        'L' => "SSS",
        'N' => "nnnnnnnnn",
        'p' => return Some(with_pattern(&moment, "a", locale)?.to_lowercase()),
        'z' => "xx",
        'Z' => "zzz",
        'B' => "MMMM",
        'b' | 'h' => "MMM",
        'A' => "EEEE",
        'a' => "EEE",
        'C' => return Some(format!("{:02}", moment.date?.year() / 100)),
        'Y' => "yyyy",
        'y' => "yy",
        'j' => "DDD",
        'm' => "MM",
        'd' => "dd",
        'e' => "d",
        'R' => "HH:mm",
        'T' => "HH:mm:ss",
        'r' => "hh:mm:ss a",
        'D' => "MM/dd/yy",
        'F' => "yyyy-MM-dd",
        'c' => "EEE MMM dd HH:mm:ss zzz yyyy",
        's' => return Some((moment_millis(value)?.div_euclid(1000)).to_string()),
        'Q' => return Some(moment_millis(value)?.to_string()),
        _ => return None,
    };
    with_pattern(&moment, pattern, locale)
}

fn with_pattern(moment: &Moment, pattern: &str, locale: &Locale) -> Option<String> {
    let mut out = String::new();
    DateTimeFormatter::of_pattern(pattern, locale).ok()?.format(&mut out, moment).ok()?;
    Some(out)
}

/// Milliseconds since the epoch of a value that is a moment.
pub(crate) fn moment_millis(value: &Value) -> Option<i64> {
    match value {
        Value::Long(millis) => Some(*millis),
        other => date::millis(other).ok().or_else(|| super::java_time::millis_of(other)),
    }
}

/// `Date.toString()`.
pub(crate) fn date_text(millis: i64) -> String {
    match DateFormat::compile("EEE MMM dd HH:mm:ss zzz yyyy") {
        Ok(format) => format.format_to_string(Timestamp::from_millis(millis), &Zone::local()),
        Err(error) => error.to_string(),
    }
}

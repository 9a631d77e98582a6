//! JavaScript's dates.

use super::heap::{Class, Js, ObjectId};
use super::interpreter::{Interpreter, Result};
use crate::clock;
use crate::script::library::civil::{self, Fields};
use crate::script::machine::Machine;
use jiff::tz::TimeZone;

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The latest moment that a date can name.
const LIMIT: f64 = 8.64e15;

/// Milliseconds since the epoch.
pub(super) fn now() -> f64 {
    clock::now().millis() as f64
}

/// The zone of local times.
pub(super) fn zone(machine: &Machine<'_>) -> TimeZone {
    civil::default_zone(machine)
}

/// `toString()`: `Thu Jan 01 1970 00:00:00 GMT-0000 (UTC)`.
pub(super) fn text(millis: f64, zone: &TimeZone) -> String {
    if millis.is_nan() {
        return "Invalid Date".to_owned();
    }
    let fields = civil::local(millis as i64, zone);
    let (offset, name) = civil::offset(millis as i64, zone);
    let sign = if offset > 0 { '+' } else { '-' };
    let minutes = offset.abs() / 60_000;
    format!(
        "{} {} {:02} {:04} {:02}:{:02}:{:02} GMT{sign}{:02}{:02} ({name})",
        DAYS[fields.weekday() as usize],
        MONTHS[fields.month as usize - 1],
        fields.day,
        fields.year,
        fields.hour,
        fields.minute,
        fields.second,
        minutes / 60,
        minutes % 60,
    )
}

/// `toISOString()`; `None` for an invalid date.
pub(super) fn iso(millis: f64) -> Option<String> {
    if millis.is_nan() {
        return None;
    }
    let f = civil::fields(millis as i64);
    Some(format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        f.year, f.month, f.day, f.hour, f.minute, f.second, f.milli
    ))
}

/// `Date.parse`: ISO texts; NaN for others.
pub(super) fn parse(text: &str, zone: &TimeZone) -> f64 {
    let text = text.trim();
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return timestamp.as_millisecond() as f64;
    }
    if let Ok(moment) = text.parse::<jiff::civil::DateTime>()
        && text.contains('T')
    {
        return civil::to_utc(&Fields::from(moment), zone) as f64;
    }
    // A date without a time is midnight UTC.
    let padded = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    match padded.parse::<jiff::civil::Date>() {
        Ok(date) => civil::millis(&Fields::from(date.to_datetime(jiff::civil::Time::midnight()))) as f64,
        Err(_) => f64::NAN,
    }
}

/// The moment of `year, month, day, hours, minutes, seconds, milliseconds` in UTC, and whether it is valid.
pub(super) fn from_fields(interpreter: &mut Interpreter<'_, '_>, arguments: &[Js]) -> Result<(f64, bool)> {
    let mut parts = [1970.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    for (index, part) in parts.iter_mut().enumerate().take(arguments.len()) {
        *part = interpreter.argument_number(arguments, index)?.trunc();
    }
    if (0.0..=99.0).contains(&parts[0]) {
        parts[0] += 1900.0;
    }
    Ok(compose(parts))
}

fn compose(parts: [f64; 7]) -> (f64, bool) {
    if parts.iter().any(|part| !part.is_finite() || part.abs() > 1e12) {
        return (f64::NAN, false);
    }
    let months = parts[0] * 12.0 + parts[1];
    let (year, month) = ((months / 12.0).floor(), months.rem_euclid(12.0));
    let days = civil::days(year as i64, month as i64 + 1, 1) as f64 + parts[2] - 1.0;
    let millis = ((days * 24.0 + parts[3]) * 60.0 + parts[4]) * 60.0 * 1000.0 + parts[5] * 1000.0 + parts[6];
    if millis.abs() <= LIMIT { (millis, true) } else { (f64::NAN, false) }
}

fn local_to_utc(millis: f64, zone: &TimeZone) -> f64 {
    if millis.is_nan() { millis } else { civil::to_utc(&civil::fields(millis as i64), zone) as f64 }
}

/// `new Date(…)`.
pub(super) fn construct(interpreter: &mut Interpreter<'_, '_>, arguments: &[Js]) -> Result {
    let zone = zone(interpreter.machine);
    let millis = match arguments {
        [] => now(),
        [Js::Object(id)] if matches!(interpreter.heap.object(*id).class, Class::Date(_)) => {
            interpreter.argument_number(arguments, 0)?
        }
        [value @ (Js::String(_) | Js::Java(crate::script::value::Value::String(_)))] => {
            parse(&interpreter.text(value)?, &zone)
        }
        [_] => {
            let number = interpreter.argument_number(arguments, 0)?.trunc();
            if number.abs() <= LIMIT { number } else { f64::NAN }
        }
        _ => local_to_utc(from_fields(interpreter, arguments)?.0, &zone),
    };
    Ok(Js::Object(interpreter.heap.add(Class::Date(millis))?))
}

/// Calls a method; `None` when dates have none of that name.
pub(super) fn call(
    interpreter: &mut Interpreter<'_, '_>,
    id: ObjectId,
    millis: f64,
    name: &str,
    arguments: &[Js],
) -> Result<Option<Js>> {
    let zone = zone(interpreter.machine);
    let utc = name.contains("UTC");
    let plain = name.replacen("UTC", "", 1);
    let fields = if utc || millis.is_nan() { civil::fields(millis as i64) } else { civil::local(millis as i64, &zone) };
    let number = |value: i64| Js::Number(if millis.is_nan() { f64::NAN } else { value as f64 });
    Ok(Some(match plain.as_str() {
        "getTime" | "valueOf" => Js::Number(millis),
        "getFullYear" => number(fields.year),
        "getYear" => number(fields.year - 1900),
        "getMonth" => number(fields.month - 1),
        "getDate" => number(fields.day),
        "getDay" => number(fields.weekday()),
        "getHours" => number(fields.hour),
        "getMinutes" => number(fields.minute),
        "getSeconds" => number(fields.second),
        "getMilliseconds" => number(fields.milli),
        "getTimezoneOffset" => number(-civil::offset(millis as i64, &zone).0 / 60_000),
        "toISOString" | "toJSON" => match iso(millis) {
            Some(text) => Js::string(text),
            None => return Err(interpreter.error("RangeError", "Date is invalid.")),
        },
        "toString" if utc => Js::string(text(millis, &TimeZone::UTC).replace(" GMT-0000 (UTC)", " GMT")),
        "toString" => Js::string(text(millis, &zone)),
        "toDateString" => Js::string(text(millis, &zone).chars().take(15).collect::<String>()),
        "toTimeString" => Js::string(text(millis, &zone).chars().skip(16).collect::<String>()),
        "setTime" => {
            let millis = interpreter.argument_number(arguments, 0)?.trunc();
            interpreter.heap.object_mut(id).class = Class::Date(millis);
            Js::Number(millis)
        }
        setter => {
            let first = match setter {
                "setFullYear" => 0,
                "setMonth" => 1,
                "setDate" => 2,
                "setHours" => 3,
                "setMinutes" => 4,
                "setSeconds" => 5,
                "setMilliseconds" => 6,
                _ => return Ok(None),
            };
            let mut parts =
                [fields.year, fields.month - 1, fields.day, fields.hour, fields.minute, fields.second, fields.milli]
                    .map(|part| part as f64);
            for (offset, part) in parts[first..].iter_mut().enumerate().take(arguments.len()) {
                *part = interpreter.argument_number(arguments, offset)?.trunc();
            }
            let (composed, _) = compose(parts);
            let millis = if utc { composed } else { local_to_utc(composed, &zone) };
            interpreter.heap.object_mut(id).class = Class::Date(millis);
            Js::Number(millis)
        }
    }))
}

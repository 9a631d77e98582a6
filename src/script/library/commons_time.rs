//! commons-lang3's `time.DateUtils` and `time.DateFormatUtils`.

use super::calendar::{self, Calendar};
use super::date::{self, Date};
use super::{Answer, Class, Fault, Method, arguments, java, list, object, text_format};
use crate::java::date_format::Zone;
use crate::script::machine::Machine;
use crate::script::value::{Thrown, Value};

/// `org.apache.commons.lang3.time.DateFormatUtils`.
pub static DATE_FORMAT_UTILS: Class = Class {
    statics: &[
        java("format", 2, 4, |_, _, args| {
            let zone = args.get(2).filter(|zone| !zone.is_null()).map(calendar::zone);
            formatted(args, &zone.transpose()?.unwrap_or_else(|| date::zone_of(&args[0])))
        }),
        java("formatUTC", 2, 3, |_, _, args| formatted(args, &Zone::utc())),
    ],
    ..Class::named("org.apache.commons.lang3.time.DateFormatUtils", &[&object::OBJECT])
};

fn formatted(args: &[Value], zone: &Zone) -> Answer {
    let millis = match &args[0] {
        Value::Long(millis) => *millis,
        Value::Int(millis) => i64::from(*millis),
        other => date::millis(other)?,
    };
    Ok(date::formatted(&arguments::text(args, 1)?, millis, zone)?.into())
}

/// `org.apache.commons.lang3.time.DateUtils`.
pub static DATE_UTILS: Class = Class {
    statics: STATICS,
    constants: &[
        ("MILLIS_PER_DAY", || Value::Long(86_400_000)),
        ("MILLIS_PER_HOUR", || Value::Long(3_600_000)),
        ("MILLIS_PER_MINUTE", || Value::Long(60_000)),
        ("MILLIS_PER_SECOND", || Value::Long(1000)),
    ],
    ..Class::named("org.apache.commons.lang3.time.DateUtils", &[&object::OBJECT])
};

/// Calendar's fields, from the finest that can be cut off.
const FIELDS: [i32; 6] = [14, 13, 12, 11, 5, 2];

/// A date with so much more of a field of `Calendar`.
fn added(args: &[Value], field: i32, times: i64) -> Answer {
    let calendar = Calendar::new(date::millis(&args[0])?, Zone::local());
    calendar.add(field, i64::from(arguments::int(args, 1)?) * times);
    Ok(Value::object(Date::new(calendar.millis())))
}

fn set(args: &[Value], field: i32) -> Answer {
    let calendar = Calendar::new(date::millis(&args[0])?, Zone::local());
    calendar.set(field, i64::from(arguments::int(args, 1)?));
    Ok(Value::object(Date::new(calendar.millis())))
}

/// The start of the time that a field counts.
fn truncated(millis: i64, field: i32) -> Result<i64, Fault> {
    let field = match field {
        // `AM_PM` and the other names of a day count as days.
        6 => 5,
        10 => 11,
        other => other,
    };
    let place = match field {
        1 => FIELDS.len(),
        _ => FIELDS.iter().position(|known| *known == field).ok_or_else(|| {
            Thrown::new("java.lang.IllegalArgumentException", format!("The field {field} is not supported"))
        })?,
    };
    let calendar = Calendar::new(millis, Zone::local());
    for finer in &FIELDS[..place] {
        calendar.set(*finer, i64::from(*finer == 5));
    }
    Ok(calendar.millis())
}

fn parse(args: &[Value], lenient: bool) -> Answer {
    let text = arguments::text(args, 0)?;
    let patterns = match args.get(1) {
        Some(Value::Array(_) | Value::List(_)) => list::items(&args[1])?,
        _ => args[1..].to_vec(),
    };
    for pattern in &patterns {
        let pattern = super::string::text(pattern)?;
        if let Ok(parsed) = text_format::parse_date(&pattern, &text, &Zone::local()) {
            // Strict parsing takes no 31st of February.
            let again = date::formatted(&pattern, date::millis(&parsed)?, &Zone::local())?;
            if lenient || again == *text {
                return Ok(parsed);
            }
        }
    }
    Err(Thrown::new("java.text.ParseException", format!("Unable to parse the date: {text}")).into())
}

static STATICS: &[Method] = &[
    java("addDays", 2, 2, |_, _, args| added(args, 5, 1)),
    java("addHours", 2, 2, |_, _, args| added(args, 11, 1)),
    java("addMilliseconds", 2, 2, |_, _, args| added(args, 14, 1)),
    java("addMinutes", 2, 2, |_, _, args| added(args, 12, 1)),
    java("addMonths", 2, 2, |_, _, args| added(args, 2, 1)),
    java("addSeconds", 2, 2, |_, _, args| added(args, 13, 1)),
    java("addWeeks", 2, 2, |_, _, args| added(args, 5, 7)),
    java("addYears", 2, 2, |_, _, args| added(args, 1, 1)),
    java("isSameDay", 2, 2, |_, _, args| {
        let day = |value: &Value| truncated(date::millis(value)?, 5);
        Ok((day(&args[0])? == day(&args[1])?).into())
    }),
    java("isSameInstant", 2, 2, |_, _, args| Ok((date::millis(&args[0])? == date::millis(&args[1])?).into())),
    java("parseDate", 2, usize::MAX, |_, _, args| parse(args, true)),
    java("parseDateStrictly", 2, usize::MAX, |_, _, args| parse(args, false)),
    java("setDays", 2, 2, |_, _, args| set(args, 5)),
    java("setHours", 2, 2, |_, _, args| set(args, 11)),
    java("setMilliseconds", 2, 2, |_, _, args| set(args, 14)),
    java("setMinutes", 2, 2, |_, _, args| set(args, 12)),
    java("setMonths", 2, 2, |_, _, args| set(args, 2)),
    java("setSeconds", 2, 2, |_, _, args| set(args, 13)),
    java("setYears", 2, 2, |_, _, args| set(args, 1)),
    java("toCalendar", 1, 1, |_, _, args| Ok(Value::object(Calendar::new(date::millis(&args[0])?, Zone::local())))),
    java("truncate", 2, 2, truncate),
];

fn truncate(_: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    Ok(Value::object(Date::new(truncated(date::millis(&args[0])?, arguments::int(args, 1)?)?)))
}

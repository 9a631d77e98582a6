//! `java.sql.Timestamp` and `java.sql.Date`: dates that print otherwise.

use super::date::{self, DATE, Date};
use super::{Answer, Class, Fault, Method, arguments, java, java_time, string, takes, text_format};
use crate::java::date_format::Zone;
use crate::script::value::{Thrown, Value, exceptions};

/// `java.sql.Timestamp`.
pub static TIMESTAMP: Class = Class {
    constructor: takes(1, 1, |_, _, args| Ok(timestamp(arguments::long(args, 0)?))),
    statics: &[
        java("from", 1, 1, |_, _, args| Ok(timestamp(java_time::millis_of(&args[0]).ok_or(Fault::Mismatch)?))),
        java("valueOf", 1, 1, |machine, _, args| {
            if let Ok(text) = arguments::text(args, 0) {
                let (seconds, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
                let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
                let millis = millis.parse::<i64>().map_err(|_| wrong_format())?;
                return parsed(seconds, "yyyy-MM-dd HH:mm:ss", |whole| timestamp(whole + millis));
            }
            // A `LocalDateTime`, in the zone of this machine.
            let zone = java_time::zone_id(Zone::local());
            let zoned = machine.call_method(&args[0], "atZone", &[zone])?;
            Ok(timestamp(java_time::millis_of(&zoned).ok_or(Fault::Mismatch)?))
        }),
    ],
    methods: TIMESTAMP_METHODS,
    ..Class::named("java.sql.Timestamp", &[&DATE])
};

/// `java.sql.Date`.
pub static SQL_DATE: Class = Class {
    constructor: takes(1, 1, |_, _, args| Ok(Value::object(Date::of(&SQL_DATE, arguments::long(args, 0)?)))),
    statics: &[java("valueOf", 1, 1, |_, _, args| {
        let text = string::text(&args[0])?;
        parsed(&text, "yyyy-MM-dd", |millis| Value::object(Date::of(&SQL_DATE, millis)))
    })],
    ..Class::named("java.sql.Date", &[&DATE])
};

/// `java.sql.Timestamp` of milliseconds since the epoch.
pub(crate) fn timestamp(millis: i64) -> Value {
    Value::object(Date::of(&TIMESTAMP, millis))
}

fn wrong_format() -> Fault {
    Thrown::new(exceptions::ILLEGAL_ARGUMENT, "Timestamp format must be yyyy-mm-dd hh:mm:ss[.fffffffff]").into()
}

/// The date that a text in a pattern is.
fn parsed(text: &str, pattern: &str, make: impl Fn(i64) -> Value) -> Answer {
    let parsed = text_format::parse_date(pattern, text, &Zone::local()).map_err(|_| wrong_format())?;
    Ok(make(date::millis(&parsed)?))
}

/// What a date of these classes prints.
pub(crate) fn text(class: &'static Class, millis: i64) -> String {
    if std::ptr::eq(class, &raw const SQL_DATE) {
        return date::formatted("yyyy-MM-dd", millis, &Zone::local()).unwrap_or_default();
    }
    let seconds = date::formatted("yyyy-MM-dd HH:mm:ss", millis, &Zone::local()).unwrap_or_default();
    let fraction = format!("{:03}", millis.rem_euclid(1000));
    let fraction = fraction.trim_end_matches('0');
    format!("{seconds}.{}", if fraction.is_empty() { "0" } else { fraction })
}

static TIMESTAMP_METHODS: &[Method] = &[
    java("getNanos", 0, 0, |_, this, _| Ok(((date::millis(this)?.rem_euclid(1000) * 1_000_000) as i32).into())),
    java("setNanos", 1, 1, |machine, this, args| {
        let millis = date::millis(this)?.div_euclid(1000) * 1000 + i64::from(arguments::int(args, 0)? / 1_000_000);
        Ok(machine.call_method(this, "setTime", &[millis.into()])?)
    }),
    java("toLocalDateTime", 0, 0, |_, this, _| java_time::local_of(date::millis(this)?, "toLocalDateTime")),
];

//! `java.util.Date`, with what Groovy adds.

use super::calendar::{self, Calendar};
use super::{
    Answer, Class, Fault, Method, arguments, date_text, groovy, java, number, object, takes, temporal, time_category,
};
use crate::clock::{self, Timestamp};
use crate::java::date_format::{DateFormat, Zone};
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions};
use std::cmp::Ordering;
use std::sync::atomic::{AtomicI64, Ordering as Memory};

/// `java.util.Date`.
pub static DATE: Class = Class {
    constructor: takes(0, 6, construct),
    statics: STATICS,
    methods: METHODS,
    ..Class::named("java.util.Date", &[&object::COMPARABLE])
};

static METHODS: &[Method] = &[
    java("after", 1, 1, |_, this, args| Ok((millis(this)? > millis(&args[0])?).into())),
    java("before", 1, 1, |_, this, args| Ok((millis(this)? < millis(&args[0])?).into())),
    java("compareTo", 1, 1, |_, this, args| Ok(number::ordering(millis(this)?.cmp(&millis(&args[0])?)))),
    java("getTime", 0, 0, |_, this, _| Ok(millis(this)?.into())),
    java("clone", 0, 0, |_, this, _| Ok(Value::object(Date::new(millis(this)?)))),
    java("getDate", 0, 0, |_, this, _| calendar::field_of(this, 5)),
    java("getDay", 0, 0, |_, this, _| Ok((calendar::field_of(this, 7)?.to_i32().unwrap_or(1) - 1).into())),
    java("getHours", 0, 0, |_, this, _| calendar::field_of(this, 11)),
    java("getMinutes", 0, 0, |_, this, _| calendar::field_of(this, 12)),
    java("getMonth", 0, 0, |_, this, _| calendar::field_of(this, 2)),
    java("getSeconds", 0, 0, |_, this, _| calendar::field_of(this, 13)),
    java("getTimezoneOffset", 0, 0, |_, this, _| {
        Ok((-Zone::local().offset_at(Timestamp::from_millis(millis(this)?)) / 60).into())
    }),
    java("getYear", 0, 0, |_, this, _| Ok((calendar::field_of(this, 1)?.to_i32().unwrap_or(1900) - 1900).into())),
    java("setTime", 1, 1, |_, this, args| {
        of(this)?.0.store(arguments::long(args, 0)?, Memory::Relaxed);
        Ok(Value::Null)
    }),
    java("toGMTString", 0, 0, |_, this, _| {
        Ok(formatted("d MMM yyyy HH:mm:ss 'GMT'", millis(this)?, &Zone::utc())?.into())
    }),
    java("toInstant", 0, 0, |_, this, _| Ok(super::java_time::instant(millis(this)?))),
    groovy("clearTime", 0, 0, |_, this, _| {
        let cleared = calendar::start_of_day(millis(this)?);
        of(this)?.0.store(cleared, Memory::Relaxed);
        Ok(this.clone())
    }),
    groovy("copyWith", 1, 1, |_, this, args| {
        Ok(Value::object(Date::of(of(this)?.1, calendar::updated(millis(this)?, &args[0])?)))
    }),
    groovy("format", 0, 2, |_, this, args| {
        let zone = args.get(1).map(calendar::zone).transpose()?.unwrap_or_else(Zone::local);
        let pattern = if args.is_empty() { "M/d/yy, h:mm a".into() } else { arguments::text(args, 0)? };
        Ok(formatted(&pattern, millis(this)?, &zone)?.into())
    }),
    groovy("getAt", 1, 1, |_, this, args| calendar::field_of(this, arguments::int(args, 0)?)),
    groovy("getDateString", 0, 0, |_, this, _| Ok(formatted("M/d/yy", millis(this)?, &Zone::local())?.into())),
    groovy("getDateTimeString", 0, 0, |_, this, _| {
        Ok(formatted("M/d/yy, h:mm:ss a", millis(this)?, &Zone::local())?.into())
    }),
    groovy("getTimeString", 0, 0, |_, this, _| Ok(formatted("h:mm:ss a", millis(this)?, &Zone::local())?.into())),
    groovy("minus", 1, 1, |_, this, args| {
        if let Ok(other) = millis(&args[0]) {
            // Whole days between the two.
            let days = calendar::start_of_day_utc(millis(this)?) - calendar::start_of_day_utc(other);
            return Ok(((days / DAY) as i32).into());
        }
        if let Ok(span) = time_category::span(&args[0]) {
            return Ok(Value::object(Date::new(span.added_to(millis(this)?, -1))));
        }
        days_later(this, -i64::from(arguments::int(args, 0)?))
    }),
    groovy("next", 0, 0, |_, this, _| days_later(this, 1)),
    groovy("plus", 1, 1, |_, this, args| {
        if let Ok(span) = time_category::span(&args[0]) {
            return Ok(Value::object(Date::new(span.added_to(millis(this)?, 1))));
        }
        days_later(this, i64::from(arguments::int(args, 0)?))
    }),
    groovy("previous", 0, 0, |_, this, _| days_later(this, -1)),
    groovy("set", 1, 1, |_, this, args| {
        let changed = calendar::updated(millis(this)?, &args[0])?;
        of(this)?.0.store(changed, Memory::Relaxed);
        Ok(Value::Null)
    }),
    groovy("toCalendar", 0, 0, |_, this, _| Ok(Value::object(Calendar::new(millis(this)?, Zone::local())))),
    groovy("toLocalDate", 0, 0, |_, this, _| super::java_time::local_of(millis(this)?, "toLocalDate")),
    groovy("toLocalDateTime", 0, 0, |_, this, _| super::java_time::local_of(millis(this)?, "toLocalDateTime")),
    groovy("toLocalTime", 0, 0, |_, this, _| super::java_time::local_of(millis(this)?, "toLocalTime")),
    groovy("toTimestamp", 0, 0, |_, this, _| Ok(super::sql::timestamp(millis(this)?))),
    groovy("updated", 1, 1, |_, this, args| Ok(Value::object(Date::new(calendar::updated(millis(this)?, &args[0])?)))),
];

const DAY: i64 = 86_400_000;

fn of(this: &Value) -> Result<&Date, Fault> {
    arguments::object(this)
}

/// The same time of day, days later.
fn days_later(this: &Value, days: i64) -> Answer {
    let calendar = Calendar::new(millis(this)?, Zone::local());
    calendar.add(5, days);
    Ok(Value::object(Date::new(calendar.millis())))
}

/// A moment in a pattern of `SimpleDateFormat`.
pub(crate) fn formatted(pattern: &str, millis: i64, zone: &Zone) -> Result<String, Fault> {
    let wrong =
        |error: crate::java::date_format::PatternError| Thrown::new(exceptions::ILLEGAL_ARGUMENT, error.to_string());
    Ok(DateFormat::compile(pattern).map_err(wrong)?.format_to_string(Timestamp::from_millis(millis), zone))
}

/// The text of a date in JSON.
pub(crate) fn json_text(millis: i64) -> String {
    formatted("yyyy-MM-dd'T'HH:mm:ssZ", millis, &Zone::utc()).unwrap_or_default()
}

/// The zone in which a date or calendar is shown.
pub(crate) fn zone_of(value: &Value) -> Zone {
    arguments::object::<Calendar>(value).map_or_else(|_| Zone::local(), Calendar::zone)
}

static STATICS: &[Method] = &[
    java("from", 1, 1, |_, _, args| {
        Ok(Value::object(Date::new(super::java_time::millis_of(&args[0]).ok_or(Fault::Mismatch)?)))
    }),
    groovy("parse", 2, 3, |_, _, args| {
        let zone = args.get(2).map(calendar::zone).transpose()?.unwrap_or_else(Zone::local);
        super::text_format::parse_date(&arguments::text(args, 0)?, &arguments::text(args, 1)?, &zone)
    }),
];

/// A `java.util.Date`: milliseconds since the epoch, which `setTime` may change.
#[derive(Debug)]
pub struct Date(AtomicI64, &'static Class);

impl Date {
    /// The date of so many milliseconds since the epoch.
    pub fn new(millis: i64) -> Self {
        Self::of(&DATE, millis)
    }

    /// The date of a class that extends `java.util.Date`.
    pub(crate) fn of(class: &'static Class, millis: i64) -> Self {
        Self(AtomicI64::new(millis), class)
    }

    /// Milliseconds since the epoch.
    pub fn millis(&self) -> i64 {
        self.0.load(Memory::Relaxed)
    }
}

impl Object for Date {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.1)
    }

    fn to_text(&self) -> String {
        if !std::ptr::eq(self.1, &raw const DATE) {
            return super::sql::text(self.1, self.millis());
        }
        temporal::date_text(self.millis())
    }

    fn equals(&self, other: &Value) -> bool {
        millis(other).is_ok_and(|other| other == self.millis())
    }

    fn hash_code(&self) -> Option<i32> {
        let millis = self.millis();
        Some((millis ^ (millis >> 32)) as i32)
    }

    fn successor(&self, back: bool) -> Option<Value> {
        let calendar = Calendar::new(self.millis(), Zone::local());
        calendar.add(5, if back { -1 } else { 1 });
        Some(Value::object(Date::of(self.1, calendar.millis())))
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        millis(other).ok().map(|other| self.millis().cmp(&other))
    }
}

/// The milliseconds of a date or calendar.
pub(crate) fn millis(value: &Value) -> Result<i64, Fault> {
    match value {
        Value::Object(object) => match object.downcast::<Date>() {
            Some(date) => Ok(date.millis()),
            None => object.downcast::<Calendar>().map(Calendar::millis).ok_or(Fault::Mismatch),
        },
        _ => Err(Fault::Mismatch),
    }
}

/// The moment that Java's `Date.parse` reads, in milliseconds.
fn from_text(text: &str) -> Result<i64, Fault> {
    let no_date = || Thrown::with_cause(exceptions::ILLEGAL_ARGUMENT, None, Value::Null);
    let this_year = calendar::field_of(&Value::object(Date::new(clock::now().millis())), 1)?.to_i64().unwrap_or(2000);
    let parts = date_text::parse(text, this_year).ok_or_else(no_date)?;
    let calendar = Calendar::new(0, if parts.west.is_some() { Zone::utc() } else { Zone::local() });
    let [hour, minute, second] = parts.time;
    for (field, value) in [(1, parts.year), (2, parts.month), (5, parts.day), (11, hour), (12, minute), (13, second)] {
        calendar.set(field, value);
    }
    Ok(calendar.millis() + parts.west.unwrap_or_default() * 60_000)
}

fn construct(_: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    let millis = match args {
        [] => clock::now().millis(),
        [text @ (Value::String(_) | Value::GString(_))] => from_text(&crate::script::value::java_text(text))?,
        [_] => arguments::long(args, 0)?,
        [year, rest @ ..] if matches!(rest.len(), 2 | 4 | 5) => {
            let calendar = Calendar::new(0, Zone::local());
            let year = year.to_i32().ok_or(Fault::Mismatch)?.wrapping_add(1900);
            let part = |index: usize| arguments::int(args, index);
            let optional = |index: usize| if index < args.len() { arguments::int(args, index) } else { Ok(0) };
            for (field, value) in
                [(1, year), (2, part(1)?), (5, part(2)?), (11, optional(3)?), (12, optional(4)?), (13, optional(5)?)]
            {
                calendar.set(field, i64::from(value));
            }
            calendar.millis()
        }
        _ => return Err(Fault::Mismatch),
    };
    Ok(Value::object(Date::new(millis)))
}

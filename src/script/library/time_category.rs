//! `groovy.time`: `TimeCategory` and the spans that it makes of numbers.

use super::calendar::Calendar;
use super::date::{self, Date};
use super::{Answer, Class, Fault, Method, arguments, groovy, java, object, takes};
use crate::clock;
use crate::java::date_format::Zone;
use crate::script::value::{ClassRef, Object, Value};

/// `groovy.time.TimeCategory`: static methods on the object that `use` extends.
pub static TIME_CATEGORY: Class = Class {
    statics: &[
        java("getDay", 1, 1, |_, _, args| unit(args, DAYS)),
        java("getDays", 1, 1, |_, _, args| unit(args, DAYS)),
        java("getHour", 1, 1, |_, _, args| unit(args, HOURS)),
        java("getHours", 1, 1, |_, _, args| unit(args, HOURS)),
        java("getMillisecond", 1, 1, |_, _, args| unit(args, MILLIS)),
        java("getMilliseconds", 1, 1, |_, _, args| unit(args, MILLIS)),
        java("getMinute", 1, 1, |_, _, args| unit(args, MINUTES)),
        java("getMinutes", 1, 1, |_, _, args| unit(args, MINUTES)),
        java("getMonth", 1, 1, |_, _, args| unit(args, MONTHS)),
        java("getMonths", 1, 1, |_, _, args| unit(args, MONTHS)),
        java("getSecond", 1, 1, |_, _, args| unit(args, SECONDS)),
        java("getSeconds", 1, 1, |_, _, args| unit(args, SECONDS)),
        java("getWeek", 1, 1, |_, _, args| weeks(args)),
        java("getWeeks", 1, 1, |_, _, args| weeks(args)),
        java("getYear", 1, 1, |_, _, args| unit(args, YEARS)),
        java("getYears", 1, 1, |_, _, args| unit(args, YEARS)),
        java("minus", 2, 2, |_, _, args| {
            let from = date::millis(&args[0])?;
            if let Ok(other) = date::millis(&args[1]) {
                let millis = from - other;
                let parts = [
                    0,
                    0,
                    millis / 86_400_000,
                    millis / 3_600_000 % 24,
                    millis / 60_000 % 60,
                    millis / 1000 % 60,
                    millis % 1000,
                ];
                return Ok(Value::object(Span(parts)));
            }
            Ok(Value::object(Date::new(span(&args[1])?.added_to(from, -1))))
        }),
        java("plus", 2, 2, |_, _, args| {
            Ok(Value::object(Date::new(span(&args[1])?.added_to(date::millis(&args[0])?, 1))))
        }),
    ],
    ..Class::named("groovy.time.TimeCategory", &[&object::OBJECT])
};

const YEARS: usize = 0;
const MONTHS: usize = 1;
const DAYS: usize = 2;
const HOURS: usize = 3;
const MINUTES: usize = 4;
const SECONDS: usize = 5;
const MILLIS: usize = 6;

/// `groovy.time.TimeDuration` and its kin.
pub static TIME_DURATION: Class = Class {
    constructor: takes(4, 7, |_, _, args| {
        let mut parts = [0; 7];
        let first = match args.len() {
            4 => HOURS,
            5 => DAYS,
            7 => YEARS,
            _ => return Err(Fault::Mismatch),
        };
        for (at, part) in parts.iter_mut().skip(first).enumerate() {
            *part = i64::from(arguments::int(args, at)?);
        }
        Ok(Value::object(Span(parts)))
    }),
    methods: METHODS,
    ..Class::named("groovy.time.TimeDuration", &[&object::COMPARABLE])
};

/// Years, months, days, hours, minutes, seconds and milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span([i64; 7]);

impl Span {
    /// The moment so much later, or earlier with a sign of -1.
    pub fn added_to(&self, millis: i64, sign: i64) -> i64 {
        let calendar = Calendar::new(millis, Zone::local());
        for (field, part) in [1, 2, 6, 11, 12, 13, 14].into_iter().zip(self.0) {
            if part != 0 {
                calendar.add(field, part * sign);
            }
        }
        calendar.millis()
    }

    fn total_millis(&self) -> i64 {
        let [years, months, days, hours, minutes, seconds, millis] = self.0;
        let days = years * 365 + months * 30 + days;
        (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + millis
    }
}

impl Object for Span {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&TIME_DURATION)
    }

    fn to_text(&self) -> String {
        const NAMES: [&str; 5] = ["years", "months", "days", "hours", "minutes"];
        let mut parts: Vec<String> = NAMES
            .iter()
            .zip(self.0)
            .filter(|(_, part)| *part != 0)
            .map(|(name, part)| format!("{part} {name}"))
            .collect();
        let [.., seconds, millis] = self.0;
        if seconds != 0 || millis != 0 {
            let total = seconds * 1000 + millis;
            let sign = if total < 0 { "-" } else { "" };
            parts.push(format!("{sign}{}.{:03} seconds", (total / 1000).abs(), (total % 1000).abs()));
        }
        if parts.is_empty() { "0".to_owned() } else { parts.join(", ") }
    }

    fn equals(&self, other: &Value) -> bool {
        span(other).is_ok_and(|other| other == *self)
    }

    fn compare(&self, other: &Value) -> Option<std::cmp::Ordering> {
        span(other).ok().map(|other| self.total_millis().cmp(&other.total_millis()))
    }
}

/// The span that a value is.
pub(crate) fn span(value: &Value) -> Result<Span, Fault> {
    arguments::object::<Span>(value).copied()
}

fn unit(args: &[Value], which: usize) -> Answer {
    let mut parts = [0; 7];
    parts[which] = arguments::long(args, 0)?;
    Ok(Value::object(Span(parts)))
}

fn weeks(args: &[Value]) -> Answer {
    unit(&[Value::Long(arguments::long(args, 0)?.saturating_mul(7))], DAYS)
}

/// What `span.from` gives, of which `now` is asked.
#[derive(Debug)]
struct From(Span);

static FROM: Class = Class {
    methods: &[java("getNow", 0, 0, |_, this, _| {
        let span = arguments::object::<From>(this)?.0;
        Ok(Value::object(Date::new(span.added_to(clock::now().millis(), 1))))
    })],
    ..Class::named("groovy.time.BaseDuration$From", &[&object::OBJECT])
};

impl Object for From {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&FROM)
    }
}

fn combined(this: &Value, other: &Value, sign: i64) -> Answer {
    let own = span(this)?;
    if let Ok(millis) = date::millis(other) {
        return Ok(Value::object(Date::new(own.added_to(millis, 1))));
    }
    let other = span(other)?;
    let mut parts = own.0;
    for (part, more) in parts.iter_mut().zip(other.0) {
        *part += sign * more;
    }
    Ok(Value::object(Span(parts)))
}

static METHODS: &[Method] = &[
    java("getAgo", 0, 0, |_, this, _| Ok(Value::object(Date::new(span(this)?.added_to(clock::now().millis(), -1))))),
    java("getDays", 0, 0, |_, this, _| Ok((span(this)?.0[DAYS] as i32).into())),
    java("getFrom", 0, 0, |_, this, _| Ok(Value::object(From(span(this)?)))),
    java("getHours", 0, 0, |_, this, _| Ok((span(this)?.0[HOURS] as i32).into())),
    java("getMillis", 0, 0, |_, this, _| Ok((span(this)?.0[MILLIS] as i32).into())),
    java("getMinutes", 0, 0, |_, this, _| Ok((span(this)?.0[MINUTES] as i32).into())),
    java("getMonths", 0, 0, |_, this, _| Ok((span(this)?.0[MONTHS] as i32).into())),
    java("getSeconds", 0, 0, |_, this, _| Ok((span(this)?.0[SECONDS] as i32).into())),
    java("getYears", 0, 0, |_, this, _| Ok((span(this)?.0[YEARS] as i32).into())),
    java("toMilliseconds", 0, 0, |_, this, _| Ok(span(this)?.total_millis().into())),
    groovy("minus", 1, 1, |_, this, args| combined(this, &args[0], -1)),
    groovy("plus", 1, 1, |_, this, args| combined(this, &args[0], 1)),
];

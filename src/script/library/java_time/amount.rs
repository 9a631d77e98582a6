//! `java.time.Duration` and `Period`.

use super::super::{Answer, Class, Fault, Method, arguments, enumeration, java, number, object};
use super::kind::{CHRONO_UNIT, DAY, Kind, of as temporal};
use super::methods::{UNIT_NANOS, parse_error, until};
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions};
use std::cmp::Ordering;
use std::fmt::Write;

/// A length of time: in nanoseconds, or in years, months and days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    Duration(i128),
    Period(i64, i64, i64),
}

impl Object for Amount {
    fn class(&self) -> ClassRef {
        ClassRef::Library(match self {
            Self::Duration(_) => &DURATION,
            Self::Period(..) => &PERIOD,
        })
    }

    fn to_text(&self) -> String {
        match self {
            Self::Duration(nanos) => duration_text(*nanos),
            Self::Period(0, 0, 0) => "P0D".to_owned(),
            Self::Period(years, months, days) => {
                let mut out = "P".to_owned();
                for (value, unit) in [(years, 'Y'), (months, 'M'), (days, 'D')] {
                    if *value != 0 {
                        _ = write!(out, "{value}{unit}");
                    }
                }
                out
            }
        }
    }

    fn equals(&self, other: &Value) -> bool {
        of(other).is_ok_and(|other| other == *self)
    }

    fn hash_code(&self) -> Option<i32> {
        Some(crate::java::number::string_hash_code(&self.to_text()))
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        match (self, of(other).ok()?) {
            (Self::Duration(a), Self::Duration(b)) => Some(a.cmp(&b)),
            _ => None,
        }
    }
}

/// The amount that a value is.
pub(super) fn of(value: &Value) -> Result<Amount, Fault> {
    arguments::object::<Amount>(value).copied()
}

const SECOND: i128 = 1_000_000_000;

fn duration_text(nanos: i128) -> String {
    if nanos == 0 {
        return "PT0S".to_owned();
    }
    // Hours and minutes are cut towards zero, so that each part has the sign of the whole.
    let (hours, minutes, rest) = (nanos / (3600 * SECOND), nanos / (60 * SECOND) % 60, nanos % (60 * SECOND));
    let mut out = "PT".to_owned();
    if hours != 0 {
        _ = write!(out, "{hours}H");
    }
    if minutes != 0 {
        _ = write!(out, "{minutes}M");
    }
    if rest != 0 {
        let (seconds, fraction) = (rest.abs() / SECOND, rest.abs() % SECOND);
        let sign = if rest < 0 { "-" } else { "" };
        let digits = format!("{fraction:09}");
        let digits = digits.trim_end_matches('0');
        let point = if digits.is_empty() { "" } else { "." };
        _ = write!(out, "{sign}{seconds}{point}{digits}S");
    }
    out
}

/// A `Duration`.
pub(super) fn duration(nanos: i128) -> Value {
    Value::object(Amount::Duration(nanos))
}

fn period(years: i64, months: i64, days: i64) -> Answer {
    Ok(Value::object(Amount::Period(years, months, days)))
}

/// `Duration.between(from, to)`.
pub(super) fn between(from: &Kind, to: &Kind) -> Answer {
    if let Kind::Date(_) = from {
        return Err(super::kind::unsupported("Unsupported unit: Seconds"));
    }
    Ok(duration(i128::from(until(from, to, 0)?)))
}

/// `Period.between(from, to)`.
pub(super) fn between_dates(from: &Kind, to: &Kind) -> Answer {
    let (start, end) = (from.date().ok_or(Fault::Mismatch)?, to.date().ok_or(Fault::Mismatch)?);
    let months = until(&Kind::Date(start), &Kind::Date(end), 9)?;
    let moved = super::methods::plus(&Kind::Date(start), months, 9)?;
    period(months / 12, months % 12, until(&moved, &Kind::Date(end), 7)?)
}

/// `java.time.Duration`.
pub static DURATION: Class = Class {
    statics: &[
        java("between", 2, 2, |_, _, args| between(temporal(&args[0])?, temporal(&args[1])?)),
        java("of", 2, 2, |_, _, args| {
            let unit = enumeration::ordinal(&args[1], &CHRONO_UNIT)?;
            let estimated = || super::kind::unsupported("Unit must not have an estimated duration");
            let size = UNIT_NANOS.get(unit).filter(|_| unit <= 7).ok_or_else(estimated)?;
            Ok(duration(i128::from(arguments::long(args, 0)?) * size))
        }),
        java("ofDays", 1, 1, |_, _, args| Ok(duration(i128::from(arguments::long(args, 0)?) * DAY))),
        java("ofHours", 1, 1, |_, _, args| Ok(duration(i128::from(arguments::long(args, 0)?) * 3600 * SECOND))),
        java("ofMillis", 1, 1, |_, _, args| Ok(duration(i128::from(arguments::long(args, 0)?) * 1_000_000))),
        java("ofMinutes", 1, 1, |_, _, args| Ok(duration(i128::from(arguments::long(args, 0)?) * 60 * SECOND))),
        java("ofNanos", 1, 1, |_, _, args| Ok(duration(i128::from(arguments::long(args, 0)?)))),
        java("ofSeconds", 1, 2, |_, _, args| {
            let nanos = if args.len() > 1 { arguments::long(args, 1)? } else { 0 };
            Ok(duration(i128::from(arguments::long(args, 0)?) * SECOND + i128::from(nanos)))
        }),
        java("parse", 1, 1, |_, _, args| {
            let text = arguments::text(args, 0)?;
            let nanos = crate::java::duration::parse_nanos(&text);
            Ok(duration(nanos.map_err(|_| parse_error("Text cannot be parsed to a Duration"))?))
        }),
    ],
    constants: &[("ZERO", || duration(0))],
    methods: DURATION_METHODS,
    ..Class::named("java.time.Duration", &[&object::COMPARABLE])
};

fn nanos(value: &Value) -> Result<i128, Fault> {
    match of(value)? {
        Amount::Duration(nanos) => Ok(nanos),
        Amount::Period(..) => Err(Fault::Mismatch),
    }
}

fn in_units(this: &Value, unit: i128) -> Answer {
    Ok((nanos(this)?.div_euclid(unit) as i64).into())
}

fn part(this: &Value, unit: i128, count: i128) -> Answer {
    Ok(((nanos(this)? / unit % count) as i32).into())
}

fn longer(this: &Value, args: &[Value], unit: i128) -> Answer {
    Ok(duration(nanos(this)? + i128::from(arguments::long(args, 0)?) * unit))
}

static DURATION_METHODS: &[Method] = &[
    java("abs", 0, 0, |_, this, _| Ok(duration(nanos(this)?.abs()))),
    java("compareTo", 1, 1, |_, this, args| Ok(number::ordering(nanos(this)?.cmp(&nanos(&args[0])?)))),
    java("dividedBy", 1, 1, |_, this, args| {
        let zero = || Thrown::new(exceptions::ARITHMETIC, "Cannot divide by zero");
        if let Ok(other) = nanos(&args[0]) {
            return Ok((nanos(this)?.checked_div(other).ok_or_else(zero)? as i64).into());
        }
        Ok(duration(nanos(this)?.checked_div(i128::from(arguments::long(args, 0)?)).ok_or_else(zero)?))
    }),
    java("getNano", 0, 0, |_, this, _| Ok((nanos(this)?.rem_euclid(SECOND) as i32).into())),
    java("getSeconds", 0, 0, |_, this, _| in_units(this, SECOND)),
    java("isNegative", 0, 0, |_, this, _| Ok((nanos(this)? < 0).into())),
    java("isZero", 0, 0, |_, this, _| Ok((nanos(this)? == 0).into())),
    java("minus", 1, 1, |_, this, args| Ok(duration(nanos(this)? - nanos(&args[0])?))),
    java("minusMillis", 1, 1, |_, this, args| longer(this, args, -1_000_000)),
    java("minusMinutes", 1, 1, |_, this, args| longer(this, args, -60 * SECOND)),
    java("minusSeconds", 1, 1, |_, this, args| longer(this, args, -SECOND)),
    java("multipliedBy", 1, 1, |_, this, args| Ok(duration(nanos(this)? * i128::from(arguments::long(args, 0)?)))),
    java("negated", 0, 0, |_, this, _| Ok(duration(-nanos(this)?))),
    java("plus", 1, 1, |_, this, args| Ok(duration(nanos(this)? + nanos(&args[0])?))),
    java("plusDays", 1, 1, |_, this, args| longer(this, args, DAY)),
    java("plusHours", 1, 1, |_, this, args| longer(this, args, 3600 * SECOND)),
    java("plusMillis", 1, 1, |_, this, args| longer(this, args, 1_000_000)),
    java("plusMinutes", 1, 1, |_, this, args| longer(this, args, 60 * SECOND)),
    java("plusNanos", 1, 1, |_, this, args| longer(this, args, 1)),
    java("plusSeconds", 1, 1, |_, this, args| longer(this, args, SECOND)),
    java("toDays", 0, 0, |_, this, _| Ok(((nanos(this)?.div_euclid(SECOND) / 86_400) as i64).into())),
    java("toDaysPart", 0, 0, |_, this, _| Ok(((nanos(this)? / DAY) as i64).into())),
    java("toHours", 0, 0, |_, this, _| Ok(((nanos(this)?.div_euclid(SECOND) / 3600) as i64).into())),
    java("toHoursPart", 0, 0, |_, this, _| part(this, 3600 * SECOND, 24)),
    java("toMillis", 0, 0, |_, this, _| in_units(this, 1_000_000)),
    java("toMillisPart", 0, 0, |_, this, _| part(this, 1_000_000, 1000)),
    java("toMinutes", 0, 0, |_, this, _| Ok(((nanos(this)?.div_euclid(SECOND) / 60) as i64).into())),
    java("toMinutesPart", 0, 0, |_, this, _| part(this, 60 * SECOND, 60)),
    java("toNanos", 0, 0, |_, this, _| in_units(this, 1)),
    java("toSeconds", 0, 0, |_, this, _| in_units(this, SECOND)),
    java("toSecondsPart", 0, 0, |_, this, _| part(this, SECOND, 60)),
];

/// `java.time.Period`.
pub static PERIOD: Class = Class {
    statics: &[
        java("between", 2, 2, |_, _, args| between_dates(temporal(&args[0])?, temporal(&args[1])?)),
        java("of", 3, 3, |_, _, args| {
            let part = |at: usize| arguments::int(args, at).map(i64::from);
            period(part(0)?, part(1)?, part(2)?)
        }),
        java("ofDays", 1, 1, |_, _, args| period(0, 0, i64::from(arguments::int(args, 0)?))),
        java("ofMonths", 1, 1, |_, _, args| period(0, i64::from(arguments::int(args, 0)?), 0)),
        java("ofWeeks", 1, 1, |_, _, args| period(0, 0, i64::from(arguments::int(args, 0)?) * 7)),
        java("ofYears", 1, 1, |_, _, args| period(i64::from(arguments::int(args, 0)?), 0, 0)),
        java("parse", 1, 1, |_, _, args| parse_period(&arguments::text(args, 0)?)),
    ],
    constants: &[("ZERO", || Value::object(Amount::Period(0, 0, 0)))],
    methods: PERIOD_METHODS,
    ..Class::named("java.time.Period", &[&object::OBJECT])
};

/// `P1Y2M3W4D`, in whatever case, each part with a sign of its own.
fn parse_period(text: &str) -> Answer {
    let wrong = || parse_error("Text cannot be parsed to a Period");
    let upper = text.to_ascii_uppercase();
    let (sign, rest) = match upper.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, upper.strip_prefix('+').unwrap_or(&upper)),
    };
    let mut rest = rest.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or_else(wrong)?;
    let (mut years, mut months, mut days) = (0, 0, 0);
    let mut last = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
        let value: i64 = rest[..end].parse::<i32>().map_err(|_| wrong())?.into();
        let place = "YMWD".find(&rest[end..=end]).ok_or_else(wrong)? + 1;
        if place <= last {
            return Err(wrong());
        }
        last = place;
        match place {
            1 => years = value * sign,
            2 => months = value * sign,
            3 => days = value * 7 * sign,
            _ => days += value * sign,
        }
        rest = &rest[end + 1..];
    }
    period(years, months, days)
}

fn parts(value: &Value) -> Result<(i64, i64, i64), Fault> {
    match of(value)? {
        Amount::Period(years, months, days) => Ok((years, months, days)),
        Amount::Duration(_) => Err(Fault::Mismatch),
    }
}

static PERIOD_METHODS: &[Method] = &[
    java("getDays", 0, 0, |_, this, _| Ok((parts(this)?.2 as i32).into())),
    java("getMonths", 0, 0, |_, this, _| Ok((parts(this)?.1 as i32).into())),
    java("getYears", 0, 0, |_, this, _| Ok((parts(this)?.0 as i32).into())),
    java("isNegative", 0, 0, |_, this, _| {
        let (years, months, days) = parts(this)?;
        Ok((years < 0 || months < 0 || days < 0).into())
    }),
    java("isZero", 0, 0, |_, this, _| Ok((parts(this)? == (0, 0, 0)).into())),
    java("minus", 1, 1, |_, this, args| {
        let (own, other) = (parts(this)?, parts(&args[0])?);
        period(own.0 - other.0, own.1 - other.1, own.2 - other.2)
    }),
    java("multipliedBy", 1, 1, |_, this, args| {
        let (own, by) = (parts(this)?, i64::from(arguments::int(args, 0)?));
        period(own.0 * by, own.1 * by, own.2 * by)
    }),
    java("negated", 0, 0, |_, this, _| {
        let own = parts(this)?;
        period(-own.0, -own.1, -own.2)
    }),
    java("normalized", 0, 0, |_, this, _| {
        let (years, months, days) = parts(this)?;
        let total = years * 12 + months;
        period(total / 12, total % 12, days)
    }),
    java("plus", 1, 1, |_, this, args| {
        let (own, other) = (parts(this)?, parts(&args[0])?);
        period(own.0 + other.0, own.1 + other.1, own.2 + other.2)
    }),
    java("plusDays", 1, 1, |_, this, args| {
        let own = parts(this)?;
        period(own.0, own.1, own.2 + arguments::long(args, 0)?)
    }),
    java("toTotalMonths", 0, 0, |_, this, _| {
        let (years, months, _) = parts(this)?;
        Ok((years * 12 + months).into())
    }),
];

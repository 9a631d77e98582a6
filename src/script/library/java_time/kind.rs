//! The classes of dates and times, and what one of them is made of.

use super::super::enumeration::{self, ENUM, constants};
use super::super::{Answer, Class, Fault, Method, arguments, calendar, java, object};
use super::{date_time_error, formatter, methods};
use crate::clock;
use crate::java::date_format::{Moment, Zone};
use crate::script::value::{ClassRef, Object, Thrown, Value};
use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, Timestamp, tz::TimeZone};
use std::cmp::Ordering;

/// A date, a time, or both, with or without a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Date(Date),
    Time(Time),
    DateTime(DateTime),
    /// With the offset from UTC in seconds that the zone has then.
    Zoned(DateTime, i32, Zone),
    Offset(DateTime, i32),
    Instant(Timestamp),
    /// The first of the month.
    YearMonth(Date),
}

/// An immutable object of this package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Temporal(pub(super) Kind);

pub(super) const DAY: i128 = 86_400_000_000_000;

/// Nanoseconds since midnight.
pub(super) fn nanos_of_day(time: Time) -> i128 {
    let seconds = i128::from(time.hour()) * 3600 + i128::from(time.minute()) * 60 + i128::from(time.second());
    seconds * 1_000_000_000 + i128::from(time.subsec_nanosecond())
}

/// The time so many nanoseconds after midnight, or after another midnight.
pub(super) fn time_of(nanos: i128) -> Time {
    let nanos = nanos.rem_euclid(DAY);
    let seconds = (nanos / 1_000_000_000) as i64;
    let part = |value: i64| value as i8;
    Time::new(part(seconds / 3600), part(seconds / 60 % 60), part(seconds % 60), (nanos % 1_000_000_000) as i32)
        .unwrap_or(Time::midnight())
}

/// Days since 1970-01-01.
pub(super) fn epoch_day(date: Date) -> i64 {
    super::super::civil::days(i64::from(date.year()), i64::from(date.month()), i64::from(date.day()))
}

/// Nanoseconds from 1970-01-01T00:00 to a local time.
pub(super) fn local_nanos(local: DateTime) -> i128 {
    i128::from(epoch_day(local.date())) * DAY + nanos_of_day(local.time())
}

/// The local time so many nanoseconds after 1970-01-01T00:00.
pub(super) fn local_of(nanos: i128) -> Result<DateTime, Fault> {
    let moment = Timestamp::from_nanosecond(nanos).map_err(|_| out_of_range(nanos / DAY / 365 + 1970))?;
    Ok(TimeZone::UTC.to_datetime(moment))
}

pub(super) fn out_of_range(year: impl std::fmt::Display) -> Fault {
    date_time_error(format!("Invalid value for Year (valid values -999999999 - 999999999): {year}"))
}

/// The date that a year, month and day name.
pub(super) fn date_of(year: i64, month: i64, day: i64) -> Result<Date, Fault> {
    if !(1..=12).contains(&month) {
        return Err(date_time_error(format!("Invalid value for MonthOfYear (valid values 1 - 12): {month}")));
    }
    if !(1..=31).contains(&day) {
        return Err(date_time_error(format!("Invalid value for DayOfMonth (valid values 1 - 28/31): {day}")));
    }
    let first = Date::new(i16::try_from(year).map_err(|_| out_of_range(year))?, month as i8, 1);
    let first = first.map_err(|_| out_of_range(year))?;
    if day > i64::from(first.days_in_month()) {
        return Err(if month == 2 && day == 29 {
            date_time_error(format!("Invalid date 'February 29' as '{year}' is not a leap year"))
        } else {
            let name = MONTH.constants.get(month as usize - 1).map_or("", |row| row.0);
            date_time_error(format!("Invalid date '{name} {day}'"))
        });
    }
    Date::new(first.year(), first.month(), day as i8).map_err(|_| out_of_range(year))
}

/// The day of a year, from 1.
pub(super) fn day_of_year(year: i64, day: i64) -> Result<Date, Fault> {
    if !(1..=366).contains(&day) {
        return Err(date_time_error(format!("Invalid value for DayOfYear (valid values 1 - 365/366): {day}")));
    }
    let first = date_of(year, 1, 1)?;
    if day > i64::from(first.days_in_year()) {
        return Err(date_time_error(format!("Invalid date 'DayOfYear 366' as '{year}' is not a leap year")));
    }
    let later = Span::new().try_days(day - 1).ok().and_then(|days| first.checked_add(days).ok());
    later.ok_or_else(|| out_of_range(year))
}

/// The time that its fields name.
pub(super) fn time_from(hour: i64, minute: i64, second: i64, nano: i64) -> Result<Time, Fault> {
    for (name, value, high) in [
        ("HourOfDay", hour, 23),
        ("MinuteOfHour", minute, 59),
        ("SecondOfMinute", second, 59),
        ("NanoOfSecond", nano, 999_999_999),
    ] {
        if !(0..=high).contains(&value) {
            return Err(date_time_error(format!("Invalid value for {name} (valid values 0 - {high}): {value}")));
        }
    }
    Time::new(hour as i8, minute as i8, second as i8, nano as i32).map_err(|_| Fault::Mismatch)
}

/// A local time in a zone; in a gap, the time after it.
pub(super) fn zoned(local: DateTime, zone: &Zone) -> Kind {
    let moment = zone.moment_of(local);
    let offset = zone.offset_at(moment);
    let shown = zone.local_time(moment);
    // The zone counts in microseconds; what is finer stays as it was.
    let finer = local.subsec_nanosecond() % 1000;
    let shown = shown.checked_add(Span::new().nanoseconds(i64::from(finer))).unwrap_or(shown);
    Kind::Zoned(shown, offset, zone.clone())
}

/// A moment in a zone.
pub(super) fn in_zone(nanos: i128, zone: &Zone) -> Result<Kind, Fault> {
    let micros = i64::try_from(nanos.div_euclid(1000)).map_err(|_| Fault::Mismatch)?;
    let offset = zone.offset_at(clock::Timestamp::from_micros(micros));
    Ok(Kind::Zoned(local_of(nanos + i128::from(offset) * 1_000_000_000)?, offset, zone.clone()))
}

impl Kind {
    pub(super) fn date(&self) -> Option<Date> {
        match self {
            Self::Date(date) | Self::YearMonth(date) => Some(*date),
            Self::DateTime(local) | Self::Zoned(local, ..) | Self::Offset(local, _) => Some(local.date()),
            Self::Time(_) | Self::Instant(_) => None,
        }
    }

    pub(super) fn time(&self) -> Option<Time> {
        match self {
            Self::Time(time) => Some(*time),
            Self::DateTime(local) | Self::Zoned(local, ..) | Self::Offset(local, _) => Some(local.time()),
            _ => None,
        }
    }

    /// Nanoseconds since the epoch, of what is a moment.
    pub(super) fn instant_nanos(&self) -> Option<i128> {
        match self {
            Self::Zoned(local, offset, _) | Self::Offset(local, offset) => {
                Some(local_nanos(*local) - i128::from(*offset) * 1_000_000_000)
            }
            Self::Instant(moment) => Some(moment.as_nanosecond()),
            _ => None,
        }
    }

    /// What a formatter sees of it.
    pub(super) fn moment(&self) -> Moment {
        let (offset, zone) = match self {
            Self::Zoned(_, offset, zone) => (Some(*offset), Some(zone.clone())),
            Self::Offset(_, offset) => (Some(*offset), Some(Zone::of_offset(*offset))),
            _ => (None, None),
        };
        if let (Some(nanos), Some(zone)) = (self.instant_nanos(), &zone) {
            let at = clock::Timestamp::from_micros(i64::try_from(nanos.div_euclid(1000)).unwrap_or(0));
            let mut moment = Moment::at(at, zone);
            (moment.date, moment.time, moment.offset) = (self.date(), self.time(), offset);
            return moment;
        }
        match (self.date(), self.time()) {
            (Some(date), Some(time)) => Moment::of_date_time(DateTime::from_parts(date, time)),
            (Some(date), None) => Moment::of_date(date),
            (None, Some(time)) => Moment::of_time(time),
            (None, None) => Moment::default(),
        }
    }

    fn class(&self) -> &'static Class {
        match self {
            Self::Date(_) => &LOCAL_DATE,
            Self::Time(_) => &LOCAL_TIME,
            Self::DateTime(_) => &LOCAL_DATE_TIME,
            Self::Zoned(..) => &ZONED_DATE_TIME,
            Self::Offset(..) => &OFFSET_DATE_TIME,
            Self::Instant(_) => &INSTANT,
            Self::YearMonth(_) => &YEAR_MONTH,
        }
    }

    /// The order of two of one kind.
    pub(super) fn order(&self, other: &Self) -> Option<Ordering> {
        Some(match (self, other) {
            (Self::Date(a), Self::Date(b)) | (Self::YearMonth(a), Self::YearMonth(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::DateTime(a), Self::DateTime(b)) => a.cmp(b),
            _ => self.instant_nanos()?.cmp(&other.instant_nanos()?),
        })
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Date(date) => date_text(*date),
            Self::Time(time) => time_text(*time),
            Self::DateTime(local) => format!("{}T{}", date_text(local.date()), time_text(local.time())),
            Self::Zoned(local, offset, zone) => {
                let offset = offset_text(*offset);
                let place = if **zone.id() == *offset { String::new() } else { format!("[{}]", zone.id()) };
                format!("{}T{}{offset}{place}", date_text(local.date()), time_text(local.time()))
            }
            Self::Offset(local, offset) => {
                format!("{}T{}{}", date_text(local.date()), time_text(local.time()), offset_text(*offset))
            }
            Self::Instant(moment) => instant_text(*moment),
            Self::YearMonth(date) => format!("{:04}-{:02}", date.year(), date.month()),
        }
    }
}

pub(super) fn offset_text(seconds: i32) -> String {
    Zone::of_offset(seconds).id().to_string()
}

fn date_text(date: Date) -> String {
    let sign = if date.year() < 0 { "-" } else { "" };
    format!("{sign}{:04}-{:02}-{:02}", date.year().unsigned_abs(), date.month(), date.day())
}

/// `HH:mm`, with seconds and a fraction of three, six or nine digits when there are any.
fn time_text(time: Time) -> String {
    let nano = time.subsec_nanosecond();
    let mut out = format!("{:02}:{:02}", time.hour(), time.minute());
    if time.second() != 0 || nano != 0 {
        out += &format!(":{:02}", time.second());
        out += &fraction(nano);
    }
    out
}

fn fraction(nano: i32) -> String {
    if nano == 0 {
        String::new()
    } else if nano % 1_000_000 == 0 {
        format!(".{:03}", nano / 1_000_000)
    } else if nano % 1000 == 0 {
        format!(".{:06}", nano / 1000)
    } else {
        format!(".{nano:09}")
    }
}

pub(super) fn instant_text(moment: Timestamp) -> String {
    let local = TimeZone::UTC.to_datetime(moment);
    let time = local.time();
    format!(
        "{}T{:02}:{:02}:{:02}{}Z",
        date_text(local.date()),
        time.hour(),
        time.minute(),
        time.second(),
        fraction(time.subsec_nanosecond())
    )
}

impl Temporal {
    pub(super) fn value(kind: Kind) -> Value {
        Value::object(Self(kind))
    }
}

impl Object for Temporal {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.0.class())
    }

    fn to_text(&self) -> String {
        self.0.text()
    }

    fn equals(&self, other: &Value) -> bool {
        arguments::object::<Temporal>(other).is_ok_and(|other| other == self)
    }

    fn hash_code(&self) -> Option<i32> {
        Some(match &self.0 {
            Kind::Date(date) => {
                let year = i32::from(date.year());
                (year & -2048) ^ ((year << 11) + (i32::from(date.month()) << 6) + i32::from(date.day()))
            }
            _ => crate::java::number::string_hash_code(&self.0.text()),
        })
    }

    fn successor(&self, back: bool) -> Option<Value> {
        use jiff::ToSpan;
        let next = |date: Date| date.checked_add((if back { -1 } else { 1 }).days()).ok();
        Some(Temporal::value(match &self.0 {
            Kind::Date(date) => Kind::Date(next(*date)?),
            Kind::DateTime(moment) => Kind::DateTime(next(moment.date())?.to_datetime(moment.time())),
            _ => return None,
        }))
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        self.0.order(&arguments::object::<Temporal>(other).ok()?.0)
    }
}

pub(super) fn of(this: &Value) -> Result<&Kind, Fault> {
    Ok(&arguments::object::<Temporal>(this)?.0)
}

const PARENTS: &[&Class] = &[&methods::TEMPORAL, &object::COMPARABLE];

/// The moment that `now()` gives, in the zone asked for.
fn now(args: &[Value]) -> Result<Kind, Fault> {
    let zone = match args.first() {
        Some(zone) => calendar::zone(zone)?,
        None => Zone::local(),
    };
    in_zone(i128::from(clock::now().micros()) * 1000, &zone)
}

fn local(kind: &Kind) -> Result<DateTime, Fault> {
    Ok(DateTime::from_parts(kind.date().ok_or(Fault::Mismatch)?, kind.time().ok_or(Fault::Mismatch)?))
}

/// A month as a number or a constant.
fn month(args: &[Value], index: usize) -> Result<i64, Fault> {
    match args.get(index) {
        Some(Value::Object(_)) => Ok(enumeration::ordinal(&args[index], &MONTH)? as i64 + 1),
        _ => Ok(i64::from(arguments::int(args, index)?)),
    }
}

fn date_args(args: &[Value]) -> Result<Date, Fault> {
    date_of(i64::from(arguments::int(args, 0)?), month(args, 1)?, i64::from(arguments::int(args, 2)?))
}

fn time_args(args: &[Value]) -> Result<Time, Fault> {
    let part = |index: usize| if index < args.len() { arguments::int(args, index).map(i64::from) } else { Ok(0) };
    time_from(part(0)?, part(1)?, part(2)?, part(3)?)
}

macro_rules! parse {
    ($class:ident) => {
        |_, _, args| formatter::parse(&arguments::text(args, 0)?, args.get(1), &$class)
    };
}

fn date(date: Date) -> Answer {
    Ok(Temporal::value(Kind::Date(date)))
}

/// `java.time.LocalDate`.
pub static LOCAL_DATE: Class = Class {
    statics: &[
        java("from", 1, 1, |_, _, args| date(of(&args[0])?.date().ok_or(Fault::Mismatch)?)),
        java("now", 0, 1, |_, _, args| date(now(args)?.date().ok_or(Fault::Mismatch)?)),
        java("of", 3, 3, |_, _, args| date(date_args(args)?)),
        java("ofEpochDay", 1, 1, |_, _, args| date(local_of(i128::from(arguments::long(args, 0)?) * DAY)?.date())),
        java("ofInstant", 2, 2, |_, _, args| {
            let nanos = of(&args[0])?.instant_nanos().ok_or(Fault::Mismatch)?;
            date(in_zone(nanos, &calendar::zone(&args[1])?)?.date().ok_or(Fault::Mismatch)?)
        }),
        java("ofYearDay", 2, 2, |_, _, args| {
            date(day_of_year(i64::from(arguments::int(args, 0)?), i64::from(arguments::int(args, 1)?))?)
        }),
        java("parse", 1, 2, parse!(LOCAL_DATE)),
    ],
    constants: &[
        ("EPOCH", || Temporal::value(Kind::Date(Date::constant(1970, 1, 1)))),
        ("MAX", || Temporal::value(Kind::Date(Date::MAX))),
        ("MIN", || Temporal::value(Kind::Date(Date::MIN))),
    ],
    ..Class::named("java.time.LocalDate", PARENTS)
};

/// `java.time.LocalTime`.
pub static LOCAL_TIME: Class = Class {
    statics: &[
        java("from", 1, 1, |_, _, args| Ok(Temporal::value(Kind::Time(of(&args[0])?.time().ok_or(Fault::Mismatch)?)))),
        java("now", 0, 1, |_, _, args| Ok(Temporal::value(Kind::Time(now(args)?.time().ok_or(Fault::Mismatch)?)))),
        java("of", 2, 4, |_, _, args| Ok(Temporal::value(Kind::Time(time_args(args)?)))),
        java("ofNanoOfDay", 1, 1, |_, _, args| {
            Ok(Temporal::value(Kind::Time(time_of(i128::from(arguments::long(args, 0)?)))))
        }),
        java("ofSecondOfDay", 1, 1, |_, _, args| {
            Ok(Temporal::value(Kind::Time(time_of(i128::from(arguments::long(args, 0)?) * 1_000_000_000))))
        }),
        java("parse", 1, 2, parse!(LOCAL_TIME)),
    ],
    constants: &[
        ("MAX", || Temporal::value(Kind::Time(Time::MAX))),
        ("MIDNIGHT", || Temporal::value(Kind::Time(Time::midnight()))),
        ("MIN", || Temporal::value(Kind::Time(Time::midnight()))),
        ("NOON", || Temporal::value(Kind::Time(Time::constant(12, 0, 0, 0)))),
    ],
    ..Class::named("java.time.LocalTime", PARENTS)
};

/// `java.time.LocalDateTime`.
pub static LOCAL_DATE_TIME: Class = Class {
    statics: &[
        java("from", 1, 1, |_, _, args| Ok(Temporal::value(Kind::DateTime(local(of(&args[0])?)?)))),
        java("now", 0, 1, |_, _, args| Ok(Temporal::value(Kind::DateTime(local(&now(args)?)?)))),
        java("of", 2, 7, |_, _, args| {
            let parts = if let [first, second] = args {
                DateTime::from_parts(
                    of(first)?.date().ok_or(Fault::Mismatch)?,
                    of(second)?.time().ok_or(Fault::Mismatch)?,
                )
            } else {
                DateTime::from_parts(date_args(args)?, time_args(args.get(3..).unwrap_or_default())?)
            };
            Ok(Temporal::value(Kind::DateTime(parts)))
        }),
        java("ofEpochSecond", 3, 3, |_, _, args| {
            let offset = calendar::zone(&args[2])?.offset_at(clock::Timestamp::from_micros(0));
            let nanos = (i128::from(arguments::long(args, 0)?) + i128::from(offset)) * 1_000_000_000;
            Ok(Temporal::value(Kind::DateTime(local_of(nanos + i128::from(arguments::int(args, 1)?))?)))
        }),
        java("ofInstant", 2, 2, |_, _, args| {
            let nanos = of(&args[0])?.instant_nanos().ok_or(Fault::Mismatch)?;
            Ok(Temporal::value(Kind::DateTime(local(&in_zone(nanos, &calendar::zone(&args[1])?)?)?)))
        }),
        java("parse", 1, 2, parse!(LOCAL_DATE_TIME)),
    ],
    ..Class::named("java.time.LocalDateTime", PARENTS)
};

/// Date and time of `of(…)`, whose last argument is a zone or offset: as one, as two, or as numbers.
fn date_time_args(args: &[Value]) -> Result<DateTime, Fault> {
    Ok(match args {
        [local_time, _] => local(of(local_time)?)?,
        [first, second, _] => {
            DateTime::from_parts(of(first)?.date().ok_or(Fault::Mismatch)?, of(second)?.time().ok_or(Fault::Mismatch)?)
        }
        _ => DateTime::from_parts(date_args(args)?, time_args(args.get(3..args.len() - 1).unwrap_or_default())?),
    })
}

/// `java.time.ZonedDateTime`.
pub static ZONED_DATE_TIME: Class = Class {
    statics: &[
        java("now", 0, 1, |_, _, args| Ok(Temporal::value(now(args)?))),
        java("of", 2, 8, |_, _, args| {
            let zone = calendar::zone(args.last().ok_or(Fault::Mismatch)?)?;
            let parts = date_time_args(args)?;
            Ok(Temporal::value(zoned(parts, &zone)))
        }),
        java("ofInstant", 2, 2, |_, _, args| {
            let nanos = of(&args[0])?.instant_nanos().ok_or(Fault::Mismatch)?;
            Ok(Temporal::value(in_zone(nanos, &calendar::zone(&args[1])?)?))
        }),
        java("parse", 1, 2, parse!(ZONED_DATE_TIME)),
    ],
    ..Class::named("java.time.ZonedDateTime", PARENTS)
};

/// `java.time.OffsetDateTime`.
pub static OFFSET_DATE_TIME: Class = Class {
    statics: &[
        java("now", 0, 1, |_, _, args| match now(args)? {
            Kind::Zoned(local, offset, _) => Ok(Temporal::value(Kind::Offset(local, offset))),
            other => Ok(Temporal::value(other)),
        }),
        java("of", 2, 8, |_, _, args| {
            let offset =
                calendar::zone(args.last().ok_or(Fault::Mismatch)?)?.offset_at(clock::Timestamp::from_micros(0));
            let parts = date_time_args(args)?;
            Ok(Temporal::value(Kind::Offset(parts, offset)))
        }),
        java("ofInstant", 2, 2, |_, _, args| {
            let nanos = of(&args[0])?.instant_nanos().ok_or(Fault::Mismatch)?;
            match in_zone(nanos, &calendar::zone(&args[1])?)? {
                Kind::Zoned(local, offset, _) => Ok(Temporal::value(Kind::Offset(local, offset))),
                other => Ok(Temporal::value(other)),
            }
        }),
        java("parse", 1, 2, parse!(OFFSET_DATE_TIME)),
    ],
    ..Class::named("java.time.OffsetDateTime", PARENTS)
};

fn instant(nanos: i128) -> Answer {
    let exceeds = |_| date_time_error("Instant exceeds minimum or maximum instant");
    Ok(Temporal::value(Kind::Instant(Timestamp::from_nanosecond(nanos).map_err(exceeds)?)))
}

/// `java.time.Instant`.
pub static INSTANT: Class = Class {
    statics: &[
        java("now", 0, 1, |_, _, _| instant(i128::from(clock::now().micros()) * 1000)),
        java("ofEpochMilli", 1, 1, |_, _, args| instant(i128::from(arguments::long(args, 0)?) * 1_000_000)),
        java("ofEpochSecond", 1, 2, |_, _, args| {
            let nanos = if args.len() > 1 { arguments::long(args, 1)? } else { 0 };
            instant(i128::from(arguments::long(args, 0)?) * 1_000_000_000 + i128::from(nanos))
        }),
        java("parse", 1, 1, parse!(INSTANT)),
    ],
    constants: &[("EPOCH", || Temporal::value(Kind::Instant(Timestamp::UNIX_EPOCH)))],
    ..Class::named("java.time.Instant", PARENTS)
};

/// `java.time.YearMonth`.
pub static YEAR_MONTH: Class = Class {
    statics: &[
        java("from", 1, 1, |_, _, args| {
            Ok(Temporal::value(Kind::YearMonth(of(&args[0])?.date().ok_or(Fault::Mismatch)?.first_of_month())))
        }),
        java("now", 0, 1, |_, _, args| {
            Ok(Temporal::value(Kind::YearMonth(now(args)?.date().ok_or(Fault::Mismatch)?.first_of_month())))
        }),
        java("of", 2, 2, |_, _, args| {
            Ok(Temporal::value(Kind::YearMonth(date_of(i64::from(arguments::int(args, 0)?), month(args, 1)?, 1)?)))
        }),
        java("parse", 1, 2, parse!(YEAR_MONTH)),
    ],
    ..Class::named("java.time.YearMonth", PARENTS)
};

/// `java.time.temporal.ChronoUnit`.
pub static CHRONO_UNIT: Class = Class {
    constants: constants!(CHRONO_UNIT: 0 "NANOS", 1 "MICROS", 2 "MILLIS", 3 "SECONDS", 4 "MINUTES", 5 "HOURS",
        6 "HALF_DAYS", 7 "DAYS", 8 "WEEKS", 9 "MONTHS", 10 "YEARS", 11 "DECADES", 12 "CENTURIES", 13 "MILLENNIA",
        14 "ERAS", 15 "FOREVER"),
    methods: &[
        java("between", 2, 2, |_, this, args| {
            Ok(methods::until(of(&args[0])?, of(&args[1])?, enumeration::ordinal(this, &CHRONO_UNIT)?)?.into())
        }),
        java("getDuration", 0, 0, |_, this, _| {
            let unit = enumeration::ordinal(this, &CHRONO_UNIT)?;
            Ok(super::amount::duration(methods::UNIT_NANOS.get(unit).copied().unwrap_or(DAY)))
        }),
    ],
    ..Class::named("java.time.temporal.ChronoUnit", &[&ENUM])
};

/// `java.time.temporal.ChronoField`.
pub static CHRONO_FIELD: Class = Class {
    constants: constants!(CHRONO_FIELD: 0 "NANO_OF_SECOND", 1 "NANO_OF_DAY", 2 "MICRO_OF_SECOND", 3 "MICRO_OF_DAY",
        4 "MILLI_OF_SECOND", 5 "MILLI_OF_DAY", 6 "SECOND_OF_MINUTE", 7 "SECOND_OF_DAY", 8 "MINUTE_OF_HOUR",
        9 "MINUTE_OF_DAY", 10 "HOUR_OF_AMPM", 11 "CLOCK_HOUR_OF_AMPM", 12 "HOUR_OF_DAY", 13 "CLOCK_HOUR_OF_DAY",
        14 "AMPM_OF_DAY", 15 "DAY_OF_WEEK", 16 "ALIGNED_DAY_OF_WEEK_IN_MONTH", 17 "ALIGNED_DAY_OF_WEEK_IN_YEAR",
        18 "DAY_OF_MONTH", 19 "DAY_OF_YEAR", 20 "EPOCH_DAY", 21 "ALIGNED_WEEK_OF_MONTH", 22 "ALIGNED_WEEK_OF_YEAR",
        23 "MONTH_OF_YEAR", 24 "PROLEPTIC_MONTH", 25 "YEAR_OF_ERA", 26 "YEAR", 27 "ERA", 28 "INSTANT_SECONDS",
        29 "OFFSET_SECONDS"),
    ..Class::named("java.time.temporal.ChronoField", &[&ENUM])
};

fn turned(this: &Value, class: &'static Class, by: i64) -> Answer {
    let count = class.constants.len() as i64;
    let at = enumeration::ordinal(this, class)? as i64;
    Ok(enumeration::constant(class, (at + by).rem_euclid(count) as usize))
}

fn constant_of(args: &[Value], class: &'static Class, name: &str) -> Answer {
    let number = arguments::int(args, 0)?;
    let at = usize::try_from(number - 1).ok().filter(|at| *at < class.constants.len());
    Ok(enumeration::constant(class, at.ok_or_else(|| date_time_error(format!("Invalid value for {name}: {number}")))?))
}

/// The name of a day or month: in full, or three letters of it.
fn display_name(this: &Value, args: &[Value]) -> Answer {
    let name = &arguments::object::<enumeration::Constant>(this)?.name;
    let name = format!("{}{}", &name[..1], name[1..].to_ascii_lowercase());
    let style = crate::script::value::java_text(&args[0]);
    Ok(if style.starts_with("SHORT") { name[..3].to_owned() } else { name }.into())
}

/// `java.time.format.TextStyle`.
pub static TEXT_STYLE: Class = Class {
    constants: constants!(TEXT_STYLE: 0 "FULL", 1 "FULL_STANDALONE", 2 "SHORT", 3 "SHORT_STANDALONE", 4 "NARROW",
        5 "NARROW_STANDALONE"),
    ..Class::named("java.time.format.TextStyle", &[&ENUM])
};

/// `java.time.DayOfWeek`.
pub static DAY_OF_WEEK: Class = Class {
    statics: &[java("of", 1, 1, |_, _, args| constant_of(args, &DAY_OF_WEEK, "DayOfWeek"))],
    constants: constants!(DAY_OF_WEEK: 0 "MONDAY", 1 "TUESDAY", 2 "WEDNESDAY", 3 "THURSDAY", 4 "FRIDAY", 5 "SATURDAY",
        6 "SUNDAY"),
    methods: &[
        java("getDisplayName", 2, 2, |_, this, args| display_name(this, args)),
        java("getValue", 0, 0, |_, this, _| Ok((enumeration::ordinal(this, &DAY_OF_WEEK)? as i32 + 1).into())),
        java("minus", 1, 1, |_, this, args| turned(this, &DAY_OF_WEEK, -arguments::long(args, 0)?)),
        java("plus", 1, 1, |_, this, args| turned(this, &DAY_OF_WEEK, arguments::long(args, 0)?)),
    ],
    ..Class::named("java.time.DayOfWeek", &[&ENUM])
};

/// `java.time.Month`.
pub static MONTH: Class = Class {
    statics: &[java("of", 1, 1, |_, _, args| constant_of(args, &MONTH, "MonthOfYear"))],
    constants: constants!(MONTH: 0 "JANUARY", 1 "FEBRUARY", 2 "MARCH", 3 "APRIL", 4 "MAY", 5 "JUNE", 6 "JULY",
        7 "AUGUST", 8 "SEPTEMBER", 9 "OCTOBER", 10 "NOVEMBER", 11 "DECEMBER"),
    methods: &[
        java("getDisplayName", 2, 2, |_, this, args| display_name(this, args)),
        java("getValue", 0, 0, |_, this, _| Ok((enumeration::ordinal(this, &MONTH)? as i32 + 1).into())),
        java("length", 1, 1, |_, this, args| {
            let month = enumeration::ordinal(this, &MONTH)? as i64 + 1;
            let year = if arguments::flag(args, 0)? { 2024 } else { 2023 };
            Ok(i32::from(date_of(year, month, 1)?.days_in_month()).into())
        }),
        java("minus", 1, 1, |_, this, args| turned(this, &MONTH, -arguments::long(args, 0)?)),
        java("plus", 1, 1, |_, this, args| turned(this, &MONTH, arguments::long(args, 0)?)),
    ],
    ..Class::named("java.time.Month", &[&ENUM])
};

/// `java.time.ZoneId`.
pub static ZONE_ID: Class = Class {
    statics: &[
        java("of", 1, 1, |_, _, args| zone_named(&arguments::text(args, 0)?)),
        java("systemDefault", 0, 0, |_, _, _| Ok(super::zone_id(Zone::local()))),
    ],
    methods: ZONE_METHODS,
    ..Class::named("java.time.ZoneId", &[&object::OBJECT])
};

static ZONE_METHODS: &[Method] = &[
    java("getId", 0, 0, |_, this, _| Ok(arguments::object::<ZoneId>(this)?.0.id().clone().into())),
    java("getRules", 0, 0, |_, this, _| Ok(Value::object(Rules(arguments::object::<ZoneId>(this)?.0.clone())))),
    java("getTotalSeconds", 0, 0, |_, this, _| {
        Ok(arguments::object::<ZoneId>(this)?.0.offset_at(clock::Timestamp::from_micros(0)).into())
    }),
];

/// `java.time.zone.ZoneRules`: when a zone has which offset.
static ZONE_RULES: Class = Class {
    methods: &[
        java("getOffset", 1, 1, |machine, this, args| {
            let rules: &Rules = arguments::object(this)?;
            let millis = match super::millis_of(&args[0]) {
                Some(millis) => millis,
                None => {
                    let zoned = machine.call_method(&args[0], "atZone", &[super::zone_id(rules.0.clone())])?;
                    super::millis_of(&zoned).ok_or(Fault::Mismatch)?
                }
            };
            Ok(super::zone_id(Zone::of_offset(rules.0.offset_at(clock::Timestamp::from_millis(millis)))))
        }),
        java("isFixedOffset", 0, 0, |_, this, _| {
            let id = arguments::object::<Rules>(this)?.0.id().clone();
            Ok((id.starts_with(['+', '-']) || &*id == "Z").into())
        }),
    ],
    ..Class::named("java.time.zone.ZoneRules", &[&object::OBJECT])
};

#[derive(Debug)]
struct Rules(Zone);

impl Object for Rules {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&ZONE_RULES)
    }
}

fn zone_named(id: &str) -> Answer {
    let unknown = || {
        let message = format!("Unknown time-zone ID: {id}");
        Fault::from(Thrown::new("java.time.zone.ZoneRulesException", message))
    };
    Ok(super::zone_id(Zone::of(id).ok_or_else(unknown)?))
}

/// `java.time.ZoneOffset`.
pub static ZONE_OFFSET: Class = Class {
    statics: &[
        java("of", 1, 1, |_, _, args| {
            let id = arguments::text(args, 0)?;
            let valid = id.starts_with(['+', '-']) || &*id == "Z";
            let zone = Zone::of(&id).filter(|_| valid);
            Ok(super::zone_id(
                zone.ok_or_else(|| date_time_error(format!("Invalid ID for ZoneOffset, invalid format: {id}")))?,
            ))
        }),
        java("ofHours", 1, 1, |_, _, args| {
            Ok(super::zone_id(Zone::of_offset(arguments::int(args, 0)?.saturating_mul(3600))))
        }),
        java("ofHoursMinutes", 2, 2, |_, _, args| {
            let seconds = arguments::int(args, 0)?
                .saturating_mul(3600)
                .saturating_add(arguments::int(args, 1)?.saturating_mul(60));
            Ok(super::zone_id(Zone::of_offset(seconds)))
        }),
        java("ofTotalSeconds", 1, 1, |_, _, args| Ok(super::zone_id(Zone::of_offset(arguments::int(args, 0)?)))),
    ],
    constants: &[("UTC", || super::zone_id(Zone::of_offset(0)))],
    ..Class::named("java.time.ZoneOffset", &[&ZONE_ID])
};

/// A `ZoneId` or `ZoneOffset`.
#[derive(Debug)]
pub(super) struct ZoneId(pub(super) Zone);

impl Object for ZoneId {
    fn class(&self) -> ClassRef {
        let offset = self.0.id().starts_with(['+', '-']) || &**self.0.id() == "Z";
        ClassRef::Library(if offset { &ZONE_OFFSET } else { &ZONE_ID })
    }

    fn to_text(&self) -> String {
        self.0.id().to_string()
    }

    fn equals(&self, other: &Value) -> bool {
        arguments::object::<ZoneId>(other).is_ok_and(|other| other.0.id() == self.0.id())
    }

    fn hash_code(&self) -> Option<i32> {
        Some(crate::java::number::string_hash_code(self.0.id()))
    }
}

/// `UnsupportedTemporalTypeException` of a unit or field.
pub(super) fn unsupported(what: &str) -> Fault {
    Thrown::new("java.time.temporal.UnsupportedTemporalTypeException", what).into()
}

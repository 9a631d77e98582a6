//! The methods of dates and times: one table for all kinds; a kind refuses what it does not have.

use super::super::{Answer, Class, Fault, Method, arguments, calendar, enumeration, groovy, java, number, object};
use super::amount::{self, Amount};
use super::kind::{
    CHRONO_FIELD, CHRONO_UNIT, DAY, DAY_OF_WEEK, Kind, MONTH, Temporal, date_of, day_of_year, epoch_day, in_zone,
    local_nanos, local_of, nanos_of_day, of, out_of_range, time_from, time_of, unsupported, zoned,
};
use super::{formatter, unit_text, zone_id};
use crate::java::date_format::Zone;
use crate::script::value::{Thrown, Value};
use jiff::Span;
use jiff::civil::{Date, DateTime, Time};

/// What all temporal classes extend here.
pub(super) static TEMPORAL: Class =
    Class { methods: METHODS, ..Class::named("java.time.temporal.Temporal", &[&object::OBJECT]) };

/// Nanoseconds of the units up to weeks.
pub(super) const UNIT_NANOS: [i128; 9] =
    [1, 1000, 1_000_000, 1_000_000_000, 60_000_000_000, 3_600_000_000_000, 43_200_000_000_000, DAY, 7 * DAY];

const NANOS: usize = 0;
const MILLIS: usize = 2;
const SECONDS: usize = 3;
const MINUTES: usize = 4;
const HOURS: usize = 5;
const DAYS: usize = 7;
const WEEKS: usize = 8;
const MONTHS: usize = 9;
const YEARS: usize = 10;

fn unit_name(unit: usize) -> String {
    CHRONO_UNIT.constants.get(unit).map_or_else(String::new, |row| unit_text(row.0))
}

/// Months of the units from months on.
fn months_of(unit: usize) -> Option<i64> {
    match unit {
        9 => Some(1),
        10 => Some(12),
        11 => Some(120),
        12 => Some(1200),
        13 => Some(12_000),
        _ => None,
    }
}

fn add_to_date(date: Date, amount: i64, unit: usize) -> Result<Date, Fault> {
    let span = match (unit, months_of(unit)) {
        (_, Some(months)) => Span::new().try_months(amount.saturating_mul(months)),
        (DAYS, _) => Span::new().try_days(amount),
        (WEEKS, _) => Span::new().try_weeks(amount),
        _ => return Err(unsupported(&format!("Unsupported unit: {}", unit_name(unit)))),
    };
    let far = || out_of_range(i64::from(date.year()).saturating_add(amount));
    date.checked_add(span.map_err(|_| far())?).map_err(|_| far())
}

fn add_to_local(local: DateTime, amount: i64, unit: usize) -> Result<DateTime, Fault> {
    if unit < DAYS {
        return local_of(local_nanos(local) + i128::from(amount) * UNIT_NANOS[unit]);
    }
    Ok(DateTime::from_parts(add_to_date(local.date(), amount, unit)?, local.time()))
}

/// `plus(amount, unit)`.
pub(super) fn plus(kind: &Kind, amount: i64, unit: usize) -> Result<Kind, Fault> {
    let refuse = || unsupported(&format!("Unsupported unit: {}", unit_name(unit)));
    Ok(match kind {
        Kind::Date(date) => Kind::Date(add_to_date(*date, amount, unit)?),
        Kind::YearMonth(date) => Kind::YearMonth(add_to_date(
            *date,
            amount,
            if months_of(unit).is_some() { unit } else { return Err(refuse()) },
        )?),
        Kind::Time(time) => {
            if unit >= DAYS {
                return Err(refuse());
            }
            Kind::Time(time_of(nanos_of_day(*time) + (i128::from(amount) * UNIT_NANOS[unit]) % DAY))
        }
        Kind::DateTime(local) => Kind::DateTime(add_to_local(*local, amount, unit)?),
        Kind::Offset(local, offset) => Kind::Offset(add_to_local(*local, amount, unit)?, *offset),
        Kind::Zoned(local, _, zone) => {
            if unit < DAYS {
                let nanos = kind.instant_nanos().ok_or(Fault::Mismatch)?;
                in_zone(nanos + i128::from(amount) * UNIT_NANOS[unit], zone)?
            } else {
                zoned(add_to_local(*local, amount, unit)?, zone)
            }
        }
        Kind::Instant(moment) => {
            if unit > DAYS {
                return Err(refuse());
            }
            let nanos = moment.as_nanosecond() + i128::from(amount) * UNIT_NANOS[unit];
            let exceeds = |_| super::date_time_error("Instant exceeds minimum or maximum instant");
            Kind::Instant(jiff::Timestamp::from_nanosecond(nanos).map_err(exceeds)?)
        }
    })
}

/// Whole units from one to another.
pub(super) fn until(from: &Kind, to: &Kind, unit: usize) -> Result<i64, Fault> {
    let refuse = || unsupported(&format!("Unsupported unit: {}", unit_name(unit)));
    // What is not of the first one's kind is made so, as `from` does.
    let local = |kind: &Kind| -> Option<DateTime> { Some(DateTime::from_parts(kind.date()?, kind.time()?)) };
    let nanos = |kind: &Kind| match (from, kind) {
        (Kind::Time(_), _) => kind.time().map(nanos_of_day),
        (Kind::Date(_) | Kind::YearMonth(_), _) => kind.date().map(|date| i128::from(epoch_day(date)) * DAY),
        (Kind::DateTime(_), _) => local(kind).map(local_nanos),
        // Dates are counted by the clocks of the first one's zone.
        (Kind::Zoned(_, _, zone), _) if unit >= DAYS => match in_zone(kind.instant_nanos()?, zone).ok()? {
            Kind::Zoned(local, ..) => Some(local_nanos(local)),
            _ => None,
        },
        (Kind::Offset(_, offset), _) if unit >= DAYS => {
            Some(kind.instant_nanos()? + i128::from(*offset) * 1_000_000_000)
        }
        _ => kind.instant_nanos(),
    };
    let unable = || {
        let class = super::super::class_of(&Temporal::value(from.clone())).simple_name();
        let other = Temporal::value(to.clone());
        let message = format!(
            "Unable to obtain {class} from TemporalAccessor: {} of type {}",
            to.text(),
            super::super::class_of(&other).name()
        );
        super::date_time_error(message)
    };
    let (start, end) = (nanos(from).ok_or_else(unable)?, nanos(to).ok_or_else(unable)?);
    let allowed = match from {
        Kind::Date(_) => unit >= DAYS,
        Kind::Time(_) => unit < DAYS,
        Kind::Instant(_) => unit <= DAYS,
        Kind::YearMonth(_) => unit >= MONTHS,
        _ => true,
    };
    if !allowed {
        return Err(refuse());
    }
    if let Some(size) = UNIT_NANOS.get(unit) {
        return Ok(((end - start) / size) as i64);
    }
    let size = months_of(unit).ok_or_else(refuse)?;
    let (first, last) = (local_of(start)?, local_of(end)?);
    let months = |at: DateTime| i64::from(at.year()) * 12 + i64::from(at.month()) - 1;
    let within = |at: DateTime| (at.day(), at.time());
    let mut count = months(last) - months(first);
    if count > 0 && within(last) < within(first) {
        count -= 1;
    } else if count < 0 && within(last) > within(first) {
        count += 1;
    }
    Ok(count / size)
}

/// The value of a field by its place among `ChronoField`.
fn field(kind: &Kind, which: usize) -> Option<i64> {
    let time = kind.time();
    let date = kind.date();
    let of_day = |size: i128| time.map(|time| (nanos_of_day(time) / size) as i64);
    match which {
        0 => time.map(|time| i64::from(time.subsec_nanosecond())).or_else(|| {
            if let Kind::Instant(moment) = kind { Some(i64::from(moment.subsec_nanosecond())) } else { None }
        }),
        1 => of_day(1),
        2 => time.map(|time| i64::from(time.subsec_nanosecond()) / 1000),
        3 => of_day(1000),
        4 => time.map(|time| i64::from(time.subsec_nanosecond()) / 1_000_000),
        5 => of_day(1_000_000),
        6 => time.map(|time| i64::from(time.second())),
        7 => of_day(1_000_000_000),
        8 => time.map(|time| i64::from(time.minute())),
        9 => of_day(60_000_000_000),
        10 => time.map(|time| i64::from(time.hour()) % 12),
        12 => time.map(|time| i64::from(time.hour())),
        14 => time.map(|time| i64::from(time.hour()) / 12),
        15 => date.map(|date| i64::from(date.weekday().to_monday_one_offset())),
        18 => date.map(|date| i64::from(date.day())),
        19 => date.map(|date| i64::from(date.day_of_year())),
        20 => date.map(epoch_day),
        23 => date.map(|date| i64::from(date.month())),
        25 | 26 => date.map(|date| i64::from(date.year())),
        28 => kind.instant_nanos().map(|nanos| nanos.div_euclid(1_000_000_000) as i64),
        29 => match kind {
            Kind::Zoned(_, offset, _) | Kind::Offset(_, offset) => Some(i64::from(*offset)),
            _ => None,
        },
        _ => None,
    }
}

/// The same with another date or time of day.
fn with_local(kind: &Kind, date: Option<Date>, time: Option<Time>) -> Result<Kind, Fault> {
    let local = |old: &DateTime| DateTime::from_parts(date.unwrap_or(old.date()), time.unwrap_or(old.time()));
    Ok(match (kind, date, time) {
        (Kind::Date(_), Some(date), None) => Kind::Date(date),
        (Kind::YearMonth(_), Some(date), None) => Kind::YearMonth(date.first_of_month()),
        (Kind::Time(_), None, Some(time)) => Kind::Time(time),
        (Kind::DateTime(old), ..) => Kind::DateTime(local(old)),
        (Kind::Zoned(old, _, zone), ..) => zoned(local(old), zone),
        (Kind::Offset(old, offset), ..) => Kind::Offset(local(old), *offset),
        _ => return Err(Fault::Mismatch),
    })
}

/// The same with a field set.
fn with_field(kind: &Kind, which: usize, value: i64) -> Result<Kind, Fault> {
    if let Some(date) = kind.date() {
        let (year, month, day) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
        let last = |year: i64, month: i64| date_of(year, month, 1).map(|first| i64::from(first.days_in_month()));
        let changed = match which {
            15 => Some(add_to_date(date, value - i64::from(date.weekday().to_monday_one_offset()), DAYS)?),
            18 => Some(date_of(year, month, value)?),
            19 => Some(day_of_year(i64::from(date.year()), value)?),
            20 => Some(local_of(i128::from(value) * DAY)?.date()),
            23 => Some(date_of(year, value, day.min(last(year, value)?))?),
            25 | 26 => Some(date_of(value, month, day.min(last(value, month)?))?),
            _ => None,
        };
        if changed.is_some() {
            return with_local(kind, changed, None);
        }
    }
    let time = kind.time().ok_or(Fault::Mismatch)?;
    let (hour, minute, second, nano) = (
        i64::from(time.hour()),
        i64::from(time.minute()),
        i64::from(time.second()),
        i64::from(time.subsec_nanosecond()),
    );
    let changed = match which {
        0 => time_from(hour, minute, second, value)?,
        1 => time_of(i128::from(value)),
        4 => time_from(hour, minute, second, value * 1_000_000)?,
        6 => time_from(hour, minute, value, nano)?,
        7 => time_of(i128::from(value) * 1_000_000_000 + i128::from(nano)),
        8 => time_from(hour, value, second, nano)?,
        12 => time_from(value, minute, second, nano)?,
        _ => return Err(Fault::Mismatch),
    };
    with_local(kind, None, Some(changed))
}

fn value(kind: Kind) -> Answer {
    Ok(Temporal::value(kind))
}

fn shifted(this: &Value, args: &[Value], unit: usize, sign: i64) -> Answer {
    value(plus(of(this)?, sign.saturating_mul(arguments::long(args, 0)?), unit)?)
}

fn number_field(this: &Value, which: usize) -> Answer {
    Ok((field(of(this)?, which).ok_or(Fault::Mismatch)? as i32).into())
}

fn with_number(this: &Value, args: &[Value], which: usize) -> Answer {
    value(with_field(of(this)?, which, i64::from(arguments::int(args, 0)?))?)
}

/// Adds a duration, a period, a count of units or, in Groovy, of days.
fn added(this: &Value, args: &[Value], sign: i64) -> Answer {
    let kind = of(this)?;
    if let [count, unit] = args {
        let count = count.to_i64().ok_or(Fault::Mismatch)?;
        return value(plus(kind, count.saturating_mul(sign), enumeration::ordinal(unit, &CHRONO_UNIT)?)?);
    }
    match amount::of(&args[0]) {
        Ok(Amount::Duration(nanos)) => {
            let total = nanos * i128::from(sign);
            let seconds = plus(kind, (total / 1_000_000_000) as i64, SECONDS)?;
            value(plus(&seconds, (total % 1_000_000_000) as i64, NANOS)?)
        }
        Ok(Amount::Period(years, months, days)) => {
            let total = years.saturating_mul(12).saturating_add(months).saturating_mul(sign);
            let later = if total == 0 { kind.clone() } else { plus(kind, total, MONTHS)? };
            value(if days == 0 { later } else { plus(&later, days.saturating_mul(sign), DAYS)? })
        }
        Err(_) => {
            let unit = match kind {
                Kind::Date(_) => DAYS,
                Kind::YearMonth(_) => MONTHS,
                _ => SECONDS,
            };
            shifted(this, args, unit, sign)
        }
    }
}

fn order(this: &Value, other: &Value) -> Result<std::cmp::Ordering, Fault> {
    of(this)?.order(of(other)?).ok_or(Fault::Mismatch)
}

static METHODS: &[Method] = &[
    java("atDay", 1, 1, |_, this, args| {
        let Kind::YearMonth(first) = of(this)? else { return Err(Fault::Mismatch) };
        let day = i64::from(arguments::int(args, 0)?);
        value(Kind::Date(date_of(i64::from(first.year()), i64::from(first.month()), day)?))
    }),
    java("atEndOfMonth", 0, 0, |_, this, _| {
        let Kind::YearMonth(first) = of(this)? else { return Err(Fault::Mismatch) };
        value(Kind::Date(first.last_of_month()))
    }),
    java("atOffset", 1, 1, |_, this, args| {
        let zone = calendar::zone(&args[0])?;
        let offset = zone.offset_at(crate::clock::Timestamp::from_micros(0));
        match of(this)? {
            Kind::DateTime(local) => value(Kind::Offset(*local, offset)),
            Kind::Instant(moment) => {
                value(Kind::Offset(local_of(moment.as_nanosecond() + i128::from(offset) * 1_000_000_000)?, offset))
            }
            _ => Err(Fault::Mismatch),
        }
    }),
    java("atStartOfDay", 0, 1, |_, this, args| {
        let Kind::Date(date) = of(this)? else { return Err(Fault::Mismatch) };
        let local = DateTime::from_parts(*date, Time::midnight());
        value(match args.first() {
            Some(zone) => zoned(local, &calendar::zone(zone)?),
            None => Kind::DateTime(local),
        })
    }),
    java("atTime", 1, 4, |_, this, args| {
        let Kind::Date(date) = of(this)? else { return Err(Fault::Mismatch) };
        let time = if args.len() == 1 {
            of(&args[0])?.time().ok_or(Fault::Mismatch)?
        } else {
            let part = |at: usize| if at < args.len() { arguments::int(args, at).map(i64::from) } else { Ok(0) };
            time_from(part(0)?, part(1)?, part(2)?, part(3)?)?
        };
        value(Kind::DateTime(DateTime::from_parts(*date, time)))
    }),
    java("atZone", 1, 1, |_, this, args| {
        let zone = calendar::zone(&args[0])?;
        match of(this)? {
            Kind::DateTime(local) => value(zoned(*local, &zone)),
            Kind::Instant(moment) => value(in_zone(moment.as_nanosecond(), &zone)?),
            _ => Err(Fault::Mismatch),
        }
    }),
    java("atZoneSameInstant", 1, 1, |_, this, args| {
        value(in_zone(of(this)?.instant_nanos().ok_or(Fault::Mismatch)?, &calendar::zone(&args[0])?)?)
    }),
    java("compareTo", 1, 1, |_, this, args| match (of(this)?, of(&args[0])?) {
        (Kind::Date(a), Kind::Date(b)) | (Kind::YearMonth(a), Kind::YearMonth(b)) => {
            // Java gives the difference of the first part that differs.
            let parts = |date: &Date| [i32::from(date.year()), i32::from(date.month()), i32::from(date.day())];
            let differs = parts(a).into_iter().zip(parts(b)).map(|(a, b)| a - b).find(|difference| *difference != 0);
            Ok(differs.unwrap_or(0).into())
        }
        _ => Ok(number::ordering(order(this, &args[0])?)),
    }),
    java("format", 1, 1, |_, this, args| Ok(formatter::format(of(this)?, &args[0])?.into())),
    java("get", 1, 1, |_, this, args| {
        let which = enumeration::ordinal(&args[0], &CHRONO_FIELD)?;
        let unknown = || unsupported(&format!("Unsupported field: {}", field_name(which)));
        Ok((field(of(this)?, which).ok_or_else(unknown)? as i32).into())
    }),
    java("getDayOfMonth", 0, 0, |_, this, _| number_field(this, 18)),
    java("getDayOfWeek", 0, 0, |_, this, _| {
        let day = field(of(this)?, 15).ok_or(Fault::Mismatch)?;
        Ok(enumeration::constant(&DAY_OF_WEEK, day as usize - 1))
    }),
    java("getDayOfYear", 0, 0, |_, this, _| number_field(this, 19)),
    java("getEpochSecond", 0, 0, |_, this, _| Ok(field(of(this)?, 28).ok_or(Fault::Mismatch)?.into())),
    java("getHour", 0, 0, |_, this, _| number_field(this, 12)),
    java("getLong", 1, 1, |_, this, args| {
        let which = enumeration::ordinal(&args[0], &CHRONO_FIELD)?;
        let unknown = || unsupported(&format!("Unsupported field: {}", field_name(which)));
        Ok(field(of(this)?, which).ok_or_else(unknown)?.into())
    }),
    java("getMinute", 0, 0, |_, this, _| number_field(this, 8)),
    java("getMonth", 0, 0, |_, this, _| {
        let month = field(of(this)?, 23).ok_or(Fault::Mismatch)?;
        Ok(enumeration::constant(&MONTH, month as usize - 1))
    }),
    java("getMonthValue", 0, 0, |_, this, _| number_field(this, 23)),
    java("getNano", 0, 0, |_, this, _| number_field(this, 0)),
    java("getOffset", 0, 0, |_, this, _| {
        Ok(zone_id(Zone::of_offset(field(of(this)?, 29).ok_or(Fault::Mismatch)? as i32)))
    }),
    java("getSecond", 0, 0, |_, this, _| number_field(this, 6)),
    java("getYear", 0, 0, |_, this, _| number_field(this, 26)),
    java("getZone", 0, 0, |_, this, _| match of(this)? {
        Kind::Zoned(_, _, zone) => Ok(zone_id(zone.clone())),
        _ => Err(Fault::Mismatch),
    }),
    java("isAfter", 1, 1, |_, this, args| Ok(order(this, &args[0])?.is_gt().into())),
    java("isBefore", 1, 1, |_, this, args| Ok(order(this, &args[0])?.is_lt().into())),
    java("isEqual", 1, 1, |_, this, args| Ok(order(this, &args[0])?.is_eq().into())),
    java("isLeapYear", 0, 0, |_, this, _| Ok(of(this)?.date().ok_or(Fault::Mismatch)?.in_leap_year().into())),
    java("lengthOfMonth", 0, 0, |_, this, _| {
        Ok(i32::from(of(this)?.date().ok_or(Fault::Mismatch)?.days_in_month()).into())
    }),
    java("lengthOfYear", 0, 0, |_, this, _| {
        Ok(i32::from(of(this)?.date().ok_or(Fault::Mismatch)?.days_in_year()).into())
    }),
    java("minus", 1, 2, |_, this, args| added(this, args, -1)),
    java("minusDays", 1, 1, |_, this, args| shifted(this, args, DAYS, -1)),
    java("minusHours", 1, 1, |_, this, args| shifted(this, args, HOURS, -1)),
    java("minusMillis", 1, 1, |_, this, args| shifted(this, args, MILLIS, -1)),
    java("minusMinutes", 1, 1, |_, this, args| shifted(this, args, MINUTES, -1)),
    java("minusMonths", 1, 1, |_, this, args| shifted(this, args, MONTHS, -1)),
    java("minusNanos", 1, 1, |_, this, args| shifted(this, args, NANOS, -1)),
    java("minusSeconds", 1, 1, |_, this, args| shifted(this, args, SECONDS, -1)),
    java("minusWeeks", 1, 1, |_, this, args| shifted(this, args, WEEKS, -1)),
    java("minusYears", 1, 1, |_, this, args| shifted(this, args, YEARS, -1)),
    java("plus", 1, 2, |_, this, args| added(this, args, 1)),
    java("plusDays", 1, 1, |_, this, args| shifted(this, args, DAYS, 1)),
    java("plusHours", 1, 1, |_, this, args| shifted(this, args, HOURS, 1)),
    java("plusMillis", 1, 1, |_, this, args| shifted(this, args, MILLIS, 1)),
    java("plusMinutes", 1, 1, |_, this, args| shifted(this, args, MINUTES, 1)),
    java("plusMonths", 1, 1, |_, this, args| shifted(this, args, MONTHS, 1)),
    java("plusNanos", 1, 1, |_, this, args| shifted(this, args, NANOS, 1)),
    java("plusSeconds", 1, 1, |_, this, args| shifted(this, args, SECONDS, 1)),
    java("plusWeeks", 1, 1, |_, this, args| shifted(this, args, WEEKS, 1)),
    java("plusYears", 1, 1, |_, this, args| shifted(this, args, YEARS, 1)),
    java("toEpochDay", 0, 0, |_, this, _| Ok(epoch_day(of(this)?.date().ok_or(Fault::Mismatch)?).into())),
    java("toEpochMilli", 0, 0, |_, this, _| {
        let nanos = of(this)?.instant_nanos().ok_or(Fault::Mismatch)?;
        Ok((nanos.div_euclid(1_000_000) as i64).into())
    }),
    java("toEpochSecond", 0, 1, |_, this, args| {
        if let (Kind::DateTime(local), Some(zone)) = (of(this)?, args.first()) {
            let offset = calendar::zone(zone)?.offset_at(crate::clock::Timestamp::from_micros(0));
            return Ok(((local_nanos(*local).div_euclid(1_000_000_000)) as i64 - i64::from(offset)).into());
        }
        Ok(field(of(this)?, 28).ok_or(Fault::Mismatch)?.into())
    }),
    java("toInstant", 0, 1, |_, this, args| {
        let nanos = match (of(this)?, args.first()) {
            (Kind::DateTime(local), Some(zone)) => {
                let offset = calendar::zone(zone)?.offset_at(crate::clock::Timestamp::from_micros(0));
                local_nanos(*local) - i128::from(offset) * 1_000_000_000
            }
            (kind, _) => kind.instant_nanos().ok_or(Fault::Mismatch)?,
        };
        let exceeds = |_| super::date_time_error("Instant exceeds minimum or maximum instant");
        value(Kind::Instant(jiff::Timestamp::from_nanosecond(nanos).map_err(exceeds)?))
    }),
    java("toLocalDate", 0, 0, |_, this, _| value(Kind::Date(of(this)?.date().ok_or(Fault::Mismatch)?))),
    java("toLocalDateTime", 0, 0, |_, this, _| {
        let kind = of(this)?;
        value(Kind::DateTime(DateTime::from_parts(
            kind.date().ok_or(Fault::Mismatch)?,
            kind.time().ok_or(Fault::Mismatch)?,
        )))
    }),
    java("toLocalTime", 0, 0, |_, this, _| value(Kind::Time(of(this)?.time().ok_or(Fault::Mismatch)?))),
    java("toNanoOfDay", 0, 0, |_, this, _| Ok(field(of(this)?, 1).ok_or(Fault::Mismatch)?.into())),
    java("toOffsetDateTime", 0, 0, |_, this, _| match of(this)? {
        Kind::Zoned(local, offset, _) => value(Kind::Offset(*local, *offset)),
        _ => Err(Fault::Mismatch),
    }),
    java("toSecondOfDay", 0, 0, |_, this, _| number_field(this, 7)),
    java("toZonedDateTime", 0, 0, |_, this, _| match of(this)? {
        Kind::Offset(local, offset) => value(zoned(*local, &Zone::of_offset(*offset))),
        _ => Err(Fault::Mismatch),
    }),
    java("truncatedTo", 1, 1, |_, this, args| {
        let (kind, unit) = (of(this)?, enumeration::ordinal(&args[0], &CHRONO_UNIT)?);
        let Some(size) = UNIT_NANOS.get(unit).filter(|_| unit <= DAYS) else {
            return Err(unsupported("Unit is too large to be used for truncation"));
        };
        if let Kind::Instant(moment) = kind {
            let nanos = moment.as_nanosecond().div_euclid(*size) * size;
            return value(Kind::Instant(jiff::Timestamp::from_nanosecond(nanos).map_err(|_| Fault::Mismatch)?));
        }
        let nanos = nanos_of_day(kind.time().ok_or(Fault::Mismatch)?);
        value(with_local(kind, None, Some(time_of(nanos / size * size)))?)
    }),
    java("until", 1, 2, |_, this, args| {
        if args.len() == 1 {
            return amount::between_dates(of(this)?, of(&args[0])?);
        }
        Ok(until(of(this)?, of(&args[0])?, enumeration::ordinal(&args[1], &CHRONO_UNIT)?)?.into())
    }),
    java("with", 1, 2, |machine, this, args| {
        if let [adjuster] = args
            && let Some(adjusted) = super::adjusters::adjusted(machine, this, adjuster)
        {
            return adjusted;
        }
        if let [which, number] = args {
            let number = number.to_i64().ok_or(Fault::Mismatch)?;
            return value(with_field(of(this)?, enumeration::ordinal(which, &CHRONO_FIELD)?, number)?);
        }
        let other = of(&args[0])?;
        value(match other {
            Kind::Date(date) => with_local(of(this)?, Some(*date), None)?,
            Kind::Time(time) => with_local(of(this)?, None, Some(*time))?,
            _ => return Err(Fault::Mismatch),
        })
    }),
    java("withDayOfMonth", 1, 1, |_, this, args| with_number(this, args, 18)),
    java("withDayOfYear", 1, 1, |_, this, args| with_number(this, args, 19)),
    java("withHour", 1, 1, |_, this, args| with_number(this, args, 12)),
    java("withMinute", 1, 1, |_, this, args| with_number(this, args, 8)),
    java("withMonth", 1, 1, |_, this, args| with_number(this, args, 23)),
    java("withNano", 1, 1, |_, this, args| with_number(this, args, 0)),
    java("withSecond", 1, 1, |_, this, args| with_number(this, args, 6)),
    java("withYear", 1, 1, |_, this, args| with_number(this, args, 26)),
    java("withZoneSameInstant", 1, 1, |_, this, args| {
        value(in_zone(of(this)?.instant_nanos().ok_or(Fault::Mismatch)?, &calendar::zone(&args[0])?)?)
    }),
    java("withZoneSameLocal", 1, 1, |_, this, args| match of(this)? {
        Kind::Zoned(local, ..) => value(zoned(*local, &calendar::zone(&args[0])?)),
        _ => Err(Fault::Mismatch),
    }),
    groovy("leftShift", 1, 1, |_, this, args| {
        let (kind, other) = (of(this)?, of(&args[0])?);
        let date = kind.date().or(other.date()).ok_or(Fault::Mismatch)?;
        let time = kind.time().or(other.time()).ok_or(Fault::Mismatch)?;
        value(Kind::DateTime(DateTime::from_parts(date, time)))
    }),
    groovy("next", 0, 0, |_, this, _| added(this, &[Value::Int(1)], 1)),
    groovy("previous", 0, 0, |_, this, _| added(this, &[Value::Int(1)], -1)),
    groovy("rightShift", 1, 1, |_, this, args| {
        let (from, to) = (of(this)?, of(&args[0])?);
        if let Kind::Date(_) = from { amount::between_dates(from, to) } else { amount::between(from, to) }
    }),
    groovy("toDate", 0, 0, |_, this, _| {
        let kind = of(this)?;
        let millis = match (kind.instant_nanos(), kind.date()) {
            (Some(nanos), _) => nanos.div_euclid(1_000_000) as i64,
            (None, Some(date)) => {
                Zone::local().moment_of(DateTime::from_parts(date, kind.time().unwrap_or(Time::midnight()))).millis()
            }
            _ => return Err(Fault::Mismatch),
        };
        Ok(Value::object(super::super::date::Date::new(millis)))
    }),
];

/// `ChronoField.toString()`.
fn field_name(which: usize) -> String {
    let name = CHRONO_FIELD.constants.get(which).map_or("", |row| row.0);
    match name {
        "AMPM_OF_DAY" => "AmPmOfDay".to_owned(),
        "HOUR_OF_AMPM" => "HourOfAmPm".to_owned(),
        name => unit_text(name),
    }
}

/// The exception of a text that is no date.
pub(super) fn parse_error(message: impl AsRef<str>) -> Fault {
    Thrown::new("java.time.format.DateTimeParseException", message).into()
}

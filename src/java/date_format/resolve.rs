//! From fields to a date and a time, as Java's "smart" resolver does it.

use super::fields::{Field, Moment, Weeks, date_field, time_field, weekday};
use super::formatter_parse::Fields;
use super::simple_parse::week_date;
use super::zone::Zone;
use crate::clock::Timestamp;
use jiff::civil::{Date, DateTime, Time};

/// What a text was read as: `java.time.format.Parsed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The date, if the text has all of it.
    pub date: Option<Date>,
    /// The time of day, if the text has it.
    pub time: Option<Time>,
    /// Seconds east of UTC, if the text says so.
    pub offset: Option<i32>,
    /// The zone, if the text names one.
    pub zone: Option<Zone>,
}

impl Parsed {
    /// What two formatters made with `withZone(zone)` make of the text, one by reading it and the other by writing it:
    /// the moment's time in `zone` if the text names another zone, else the date and the time as they stand there, even
    /// with an offset.
    pub fn in_zone(&self, zone: &Zone) -> Moment {
        let instant = self.moment(zone);
        match (instant, &self.zone) {
            (Some(moment), Some(own)) if own != zone => Moment::at(moment, zone),
            _ => Moment { date: self.date, time: self.time, offset: self.offset, zone: Some(zone.clone()), instant },
        }
    }

    /// The moment, which the text's own offset or zone determines, and `zone` where it has none.
    pub fn moment(&self, zone: &Zone) -> Option<Timestamp> {
        let local = self.date_time()?;
        Some(match (self.offset, &self.zone) {
            (Some(seconds), _) => Zone::of_offset(seconds).moment_of(local),
            (None, Some(own)) => own.moment_of(local),
            (None, None) => zone.moment_of(local),
        })
    }

    /// The local date and time (`LocalDateTime.from`).
    pub fn date_time(&self) -> Option<DateTime> {
        Some(DateTime::from_parts(self.date?, self.time?))
    }

    /// The moment and its zone or offset (`ZonedDateTime.from`); none when the text lacks either.
    pub fn zoned(&self) -> Option<(Timestamp, Zone)> {
        let zone = self.zone.clone().or_else(|| self.offset.map(Zone::of_offset))?;
        Some((self.moment(&zone)?, zone))
    }
}

type Resolved<T> = Result<T, String>;

pub(super) fn resolve(mut fields: Fields, weeks: Weeks) -> Resolved<Parsed> {
    let date = resolve_date(&mut fields, weeks)?;
    let (time, next_day) = resolve_time(&mut fields)?;
    let offset = match fields.get(Field::OffsetSeconds) {
        Some(seconds) => Some(checked(Field::OffsetSeconds, seconds)? as i32),
        None => None,
    };
    for &(field, value) in &fields.values {
        let actual = date
            .and_then(|date| date_field(date, field, weeks))
            .map(|actual| (actual, date.map(|date| date.to_string())))
            .or_else(|| time.and_then(|time| Some((time_field(time, field)?, Some(time_text(time))))));
        if let Some((actual, Some(whole))) = actual
            && actual != value
        {
            return Err(format!(
                "Conflict found: Field {} {actual} differs from {} {value} derived from {whole}",
                field.name(),
                field.name()
            ));
        }
    }
    let date = match date {
        Some(date) if next_day => date.tomorrow().ok(),
        date => date,
    };
    Ok(Parsed { date, time, offset, zone: fields.zone })
}

/// `LocalTime.toString`.
fn time_text(time: Time) -> String {
    match (time.second(), time.subsec_nanosecond()) {
        (0, 0) => format!("{:02}:{:02}", time.hour(), time.minute()),
        _ => time.to_string(),
    }
}

fn checked(field: Field, value: i64) -> Resolved<i64> {
    let (low, high) = field.range();
    if (low..=high).contains(&value) {
        return Ok(value);
    }
    let range = match field {
        Field::DayOfMonth => "1 - 28/31".to_owned(),
        Field::DayOfYear => "1 - 365/366".to_owned(),
        _ => format!("{low} - {high}"),
    };
    Err(format!("Invalid value for {} (valid values {range}): {value}", field.name()))
}

fn take(fields: &mut Fields, field: Field) -> Option<i64> {
    let at = fields.values.iter().position(|(known, _)| *known == field)?;
    Some(fields.values.swap_remove(at).1)
}

fn put(fields: &mut Fields, from: Field, field: Field, value: i64) -> Resolved<()> {
    match fields.get(field) {
        Some(known) if known != value => Err(format!(
            "Conflict found: {} {known} differs from {} {value} while resolving  {}",
            field.name(),
            field.name(),
            from.name()
        )),
        Some(_) => Ok(()),
        None => {
            fields.values.push((field, value));
            Ok(())
        }
    }
}

fn resolve_date(fields: &mut Fields, weeks: Weeks) -> Resolved<Option<Date>> {
    if let Some(year) = take(fields, Field::YearOfEra) {
        checked(Field::YearOfEra, year)?;
        let year = match take(fields, Field::Era) {
            Some(era) if checked(Field::Era, era)? == 0 => 1 - year,
            _ => year,
        };
        put(fields, Field::YearOfEra, Field::Year, year)?;
    }
    if let Some(day) = take(fields, Field::LocalizedDayOfWeek) {
        let day = checked(Field::LocalizedDayOfWeek, day)?;
        put(fields, Field::LocalizedDayOfWeek, Field::DayOfWeek, (weeks.first_day + day - 2).rem_euclid(7) + 1)?;
    }
    let get = |field| fields.get(field);
    if let (Some(year), Some(month), Some(day)) = (get(Field::Year), get(Field::MonthOfYear), get(Field::DayOfMonth)) {
        let year = checked(Field::Year, year)?;
        let month = checked(Field::MonthOfYear, month)?;
        let day = checked(Field::DayOfMonth, day)?;
        remove(fields, &[Field::Year, Field::MonthOfYear, Field::DayOfMonth]);
        return date_of(year, month, day).map(Some);
    }
    if let (Some(year), Some(day)) = (get(Field::Year), get(Field::DayOfYear)) {
        let year = checked(Field::Year, year)?;
        let day = checked(Field::DayOfYear, day)?;
        remove(fields, &[Field::Year, Field::DayOfYear]);
        let date = date_of(year, 1, 1)?.checked_add(jiff::Span::new().try_days(day - 1).map_err(|e| e.to_string())?);
        return match date {
            Ok(date) if i64::from(date.year()) == year => Ok(Some(date)),
            _ => Err(format!("Invalid date 'DayOfYear {day}' as '{year}' is not a leap year")),
        };
    }
    if let (Some(year), Some(week), Some(day)) =
        (get(Field::WeekBasedYear), get(Field::WeekOfWeekBasedYear), get(Field::DayOfWeek))
    {
        let week = checked(Field::WeekOfWeekBasedYear, week)?;
        let day = (checked(Field::DayOfWeek, day)? - weeks.first_day).rem_euclid(7) + 1;
        remove(fields, &[Field::WeekBasedYear, Field::WeekOfWeekBasedYear]);
        return week_date(year, week, day, weeks).map(Some).ok_or_else(|| format!("Invalid value for Year: {year}"));
    }
    Ok(None)
}

fn remove(fields: &mut Fields, which: &[Field]) {
    fields.values.retain(|(field, _)| !which.contains(field));
}

/// A day that its month does not have is the last one of it.
fn date_of(year: i64, month: i64, day: i64) -> Resolved<Date> {
    let invalid = || format!("Invalid value for Year (valid values -9999 - 9999): {year}");
    let first = Date::new(i16::try_from(year).map_err(|_| invalid())?, month as i8, 1).map_err(|_| invalid())?;
    let last = first.last_of_month();
    let day = (day as i8).min(last.day());
    Date::new(first.year(), first.month(), day).map_err(|_| invalid())
}

/// The time, and whether it is the end of the day, 24:00, which is the next day's beginning.
fn resolve_time(fields: &mut Fields) -> Resolved<(Option<Time>, bool)> {
    if let Some(hour) = take(fields, Field::ClockHourOfDay) {
        let hour = checked(Field::ClockHourOfDay, hour)?;
        put(fields, Field::ClockHourOfDay, Field::HourOfDay, if hour == 24 { 0 } else { hour })?;
    }
    if let Some(hour) = take(fields, Field::ClockHourOfAmPm) {
        let hour = checked(Field::ClockHourOfAmPm, hour)?;
        put(fields, Field::ClockHourOfAmPm, Field::HourOfAmPm, if hour == 12 { 0 } else { hour })?;
    }
    if let (Some(half), Some(hour)) = (fields.get(Field::AmPmOfDay), fields.get(Field::HourOfAmPm)) {
        let half = checked(Field::AmPmOfDay, half)?;
        let hour = checked(Field::HourOfAmPm, hour)?;
        remove(fields, &[Field::AmPmOfDay, Field::HourOfAmPm]);
        put(fields, Field::AmPmOfDay, Field::HourOfDay, half * 12 + hour)?;
    }
    if let Some(nanos) = take(fields, Field::NanoOfDay) {
        let nanos = checked(Field::NanoOfDay, nanos)?;
        put_nanos(fields, Field::NanoOfDay, nanos)?;
    }
    if let Some(millis) = take(fields, Field::MilliOfDay) {
        let millis = checked(Field::MilliOfDay, millis)?;
        put_nanos(fields, Field::MilliOfDay, millis * 1_000_000)?;
    }
    if let Some(nano) = fields.get(Field::NanoOfSecond) {
        checked(Field::NanoOfSecond, nano)?;
        if fields.get(Field::MilliOfSecond).is_some() {
            put(fields, Field::MilliOfSecond, Field::MilliOfSecond, nano / 1_000_000)?;
        }
    } else if let Some(milli) = take(fields, Field::MilliOfSecond) {
        put(fields, Field::MilliOfSecond, Field::NanoOfSecond, checked(Field::MilliOfSecond, milli)? * 1_000_000)?;
    }
    let get = |field| fields.get(field).map(|value| checked(field, value)).transpose();
    let minute = get(Field::MinuteOfHour)?;
    let second = get(Field::SecondOfMinute)?;
    let nano = get(Field::NanoOfSecond)?;
    let Some(hour) = fields.get(Field::HourOfDay) else { return Ok((None, false)) };
    if minute.is_none() && (second.is_some() || nano.is_some()) || second.is_none() && nano.is_some() {
        return Ok((None, false));
    }
    let (minute, second, nano) = (minute.unwrap_or(0), second.unwrap_or(0), nano.unwrap_or(0));
    let next_day = hour == 24 && minute == 0 && second == 0 && nano == 0;
    let hour = if next_day { 0 } else { checked(Field::HourOfDay, hour)? };
    remove(fields, &[Field::HourOfDay, Field::MinuteOfHour, Field::SecondOfMinute, Field::NanoOfSecond]);
    let time = Time::new(hour as i8, minute as i8, second as i8, nano as i32).map_err(|error| error.to_string())?;
    Ok((Some(time), next_day))
}

fn put_nanos(fields: &mut Fields, from: Field, nanos: i64) -> Resolved<()> {
    let seconds = nanos / 1_000_000_000;
    put(fields, from, Field::HourOfDay, seconds / 3600)?;
    put(fields, from, Field::MinuteOfHour, seconds / 60 % 60)?;
    put(fields, from, Field::SecondOfMinute, seconds % 60)?;
    put(fields, from, Field::NanoOfSecond, nanos % 1_000_000_000)
}

impl Parsed {
    /// The day of the week of its date, 1 for Monday.
    pub fn day_of_week(&self) -> Option<i64> {
        self.date.map(weekday)
    }
}

//! Reading with `SimpleDateFormat`.

use super::ParseError;
use super::fields::{Field, Weeks, date_field, time_field};
use super::locale::Style;
use super::simple::{DateFormat, Item};
use super::zone::{Overlap, Zone, all_names, zone_named};
use crate::clock::{self, Timestamp};
use jiff::Span;
use jiff::civil::{Date, DateTime, Time};

/// What has been read of a date, each with its place in the order of reading, since what is read last counts.
#[derive(Debug, Default)]
struct Found {
    values: Vec<(Field, i64)>,
    offset: Option<i32>,
}

impl Found {
    fn set(&mut self, field: Field, value: i64) {
        self.values.retain(|(known, _)| *known != field);
        self.values.push((field, value));
    }

    fn get(&self, field: Field) -> Option<i64> {
        self.place(field).map(|at| self.values[at].1)
    }

    fn place(&self, field: Field) -> Option<usize> {
        self.values.iter().position(|(known, _)| *known == field)
    }
}

impl DateFormat {
    /// `parse(text)` of a lenient format: 32 January is 1 February. What follows the date in the text does not matter.
    pub fn parse(&self, text: &str, zone: &Zone) -> Result<Timestamp, ParseError> {
        self.read(text, zone)
            .and_then(|(found, zone)| Some(moment(&resolve(&found, self.weeks())?, &found, &zone)))
            .ok_or_else(|| unparseable(text))
    }

    /// `parse(text)` after `setLenient(false)`: every field must be in its range and agree with the others.
    pub fn parse_strict(&self, text: &str, zone: &Zone) -> Result<Timestamp, ParseError> {
        let weeks = self.weeks();
        self.read(text, zone)
            .and_then(|(found, zone)| {
                let local = resolve(&found, weeks)?;
                let agrees = found.values.iter().all(|&(field, value)| {
                    let actual = date_field(local.date(), field, weeks).or_else(|| time_field(local.time(), field));
                    actual.is_none_or(|actual| actual == value)
                });
                let moment = moment(&local, &found, &zone);
                // Nor may it be an hour that clocks jump over.
                let exists = found.offset.is_some() || zone.local_time(moment) == local;
                (agrees && exists).then_some(moment)
            })
            .ok_or_else(|| unparseable(text))
    }

    fn read(&self, text: &str, zone: &Zone) -> Option<(Found, Zone)> {
        let mut found = Found::default();
        let mut zone = zone.clone();
        let mut rest = text;
        for (at, item) in self.items.iter().enumerate() {
            let (letter, count) = match item {
                Item::Literal(literal) => {
                    rest = rest.strip_prefix(literal.as_str())?;
                    continue;
                }
                Item::ColonOffset { .. } => ('Z', 1),
                Item::Field(letter, count) => (*letter, *count),
            };
            // Fields next to each other are told apart by their widths.
            let abutting = matches!(self.items.get(at + 1), Some(Item::Field(..) | Item::ColonOffset { .. }));
            rest =
                self.read_field(rest.trim_start_matches([' ', '\t']), letter, count, abutting, &mut found, &mut zone)?;
        }
        Some((found, zone))
    }

    fn read_field<'t>(
        &self,
        text: &'t str,
        letter: char,
        count: usize,
        abutting: bool,
        found: &mut Found,
        zone: &mut Zone,
    ) -> Option<&'t str> {
        let locale = &self.locale;
        match letter {
            'G' => {
                return longest(text, &[locale.eras()]).map(|(era, rest)| {
                    found.set(Field::Era, era);
                    rest
                });
            }
            'a' => {
                return longest(text, &[locale.am_pm()]).map(|(half, rest)| {
                    found.set(Field::AmPmOfDay, half);
                    rest
                });
            }
            'E' => {
                let (day, rest) = longest(text, &[locale.days(Style::Full), locale.days(Style::Short)])?;
                found.set(Field::DayOfWeek, day + 1);
                return Some(rest);
            }
            'M' | 'L' if count > 2 => {
                let lists = [
                    locale.months(Style::Full),
                    locale.months(Style::Short),
                    locale.months(Style::FullStandalone),
                    locale.months(Style::ShortStandalone),
                ];
                let (month, rest) = longest(text, &lists)?;
                found.set(Field::MonthOfYear, month + 1);
                return Some(rest);
            }
            'z' | 'Z' => return read_zone(text, found, zone),
            'X' => return read_iso_offset(text, count, found),
            _ => {}
        }
        let (value, rest) = read_number(text, if abutting { Some(count) } else { None })?;
        let field = match letter {
            'y' | 'Y' => {
                let digits = &text[..text.len() - rest.len()];
                let two = count <= 2 && digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
                let value = if two { in_this_century(value) } else { value };
                found.set(if letter == 'y' { Field::YearOfEra } else { Field::WeekBasedYear }, value);
                return Some(rest);
            }
            'M' | 'L' => Field::MonthOfYear,
            'd' => Field::DayOfMonth,
            'D' => Field::DayOfYear,
            'u' => Field::DayOfWeek,
            'w' => Field::WeekOfWeekBasedYear,
            'W' => Field::WeekOfMonth,
            'H' => Field::HourOfDay,
            'k' => {
                found.set(Field::HourOfDay, if value == 24 { 0 } else { value });
                return Some(rest);
            }
            'K' => Field::HourOfAmPm,
            'h' => {
                found.set(Field::HourOfAmPm, if value == 12 { 0 } else { value });
                return Some(rest);
            }
            'm' => Field::MinuteOfHour,
            's' => Field::SecondOfMinute,
            'S' => Field::MilliOfSecond,
            // The week of the month by days, which nothing is made of here.
            _ => return Some(rest),
        };
        found.set(field, value);
        Some(rest)
    }
}

fn unparseable(text: &str) -> ParseError {
    ParseError(format!("Unparseable date: \"{text}\""))
}

/// The longest name of the lists at the beginning of `text`, whatever the case, and its place in its list.
fn longest<'t>(text: &'t str, lists: &[&[String]]) -> Option<(i64, &'t str)> {
    let mut best: Option<(usize, i64)> = None;
    for list in lists {
        for (at, name) in list.iter().enumerate() {
            if let Some(len) = prefix_len(text, name)
                && best.is_none_or(|(longest, _)| len > longest)
            {
                best = Some((len, at as i64));
            }
        }
    }
    best.map(|(len, at)| (at, &text[len..]))
}

/// How many bytes of `text` the name takes, whatever the case.
fn prefix_len(text: &str, name: &str) -> Option<usize> {
    if name.is_empty() {
        return None;
    }
    let mut chars = text.char_indices();
    for expected in name.chars() {
        let (_, actual) = chars.next()?;
        if actual != expected && !actual.to_lowercase().eq(expected.to_lowercase()) {
            return None;
        }
    }
    Some(chars.next().map_or(text.len(), |(at, _)| at))
}

/// A whole number, of `width` characters at most if there is one.
fn read_number(text: &str, width: Option<usize>) -> Option<(i64, &str)> {
    let window = match width {
        Some(width) => text.get(..width)?,
        None => text,
    };
    let sign = usize::from(window.starts_with('-'));
    let digits = window[sign..].bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    let value: i64 = window[..sign + digits].parse().ok()?;
    // Java takes the lower 32 bits.
    Some((i64::from(value as i32), &text[sign + digits..]))
}

/// Two digits mean a year at most 80 years ago and less than 20 ahead.
fn in_this_century(value: i64) -> i64 {
    let now = i64::from(Zone::utc().local_time(clock::now()).year());
    let start = now - 80;
    let year = start / 100 * 100 + value;
    if value < start % 100 { year + 100 } else { year }
}

/// `+0200`, `+02:00`, `GMT+2:00` or a name.
fn read_zone<'t>(text: &'t str, found: &mut Found, zone: &mut Zone) -> Option<&'t str> {
    if text.starts_with(['+', '-']) {
        let (seconds, rest) = read_offset(text, false)?;
        found.offset = Some(seconds);
        return Some(rest);
    }
    if let Some(rest) = text.get(..3).filter(|prefix| prefix.eq_ignore_ascii_case("GMT")).map(|_| &text[3..])
        && rest.starts_with(['+', '-'])
        && let Some((seconds, rest)) = read_offset(rest, true)
    {
        found.offset = Some(seconds);
        return Some(rest);
    }
    let name = all_names().iter().find(|name| prefix_len(text, name).is_some())?;
    let (named, summer) = zone_named(name, zone)?;
    // A name says whether it is summer time, even when it is not.
    let january = named.offset_at(Timestamp::from_millis(1_704_067_200_000));
    let july = named.offset_at(Timestamp::from_millis(1_719_792_000_000));
    let (winter_offset, summer_offset) = (january.min(july), january.max(july));
    found.offset = Some(if summer { summer_offset } else { winter_offset });
    *zone = named;
    text.get(prefix_len(text, name)?..)
}

/// `+hhmm`, or, where a colon may be, `+h:mm`.
fn read_offset(text: &str, colon: bool) -> Option<(i32, &str)> {
    let negative = text.starts_with('-');
    let digits = text.get(1..)?;
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (hours, minutes, rest) = if colon && digits[count..].starts_with(':') && (1..=2).contains(&count) {
        let minutes = digits.get(count + 1..count + 3)?;
        (digits[..count].parse::<i32>().ok()?, minutes.parse::<i32>().ok()?, &digits[count + 3..])
    } else {
        let four = digits.get(..4).filter(|four| four.bytes().all(|byte| byte.is_ascii_digit()))?;
        (four[..2].parse().ok()?, four[2..].parse().ok()?, &digits[4..])
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = hours * 3600 + minutes * 60;
    Some((if negative { -seconds } else { seconds }, rest))
}

fn read_iso_offset<'t>(text: &'t str, count: usize, found: &mut Found) -> Option<&'t str> {
    if let Some(rest) = text.strip_prefix('Z') {
        found.offset = Some(0);
        return Some(rest);
    }
    if !text.starts_with(['+', '-']) {
        return None;
    }
    let (seconds, rest) = match count {
        1 => {
            let hours: i32 = text.get(1..3)?.parse().ok()?;
            let seconds = hours.min(23) * 3600;
            (if text.starts_with('-') { -seconds } else { seconds }, &text[3..])
        }
        2 if text.as_bytes().get(3) == Some(&b':') => return None,
        3 if text.as_bytes().get(3) != Some(&b':') => return None,
        _ => read_offset(text, count == 3)?,
    };
    found.offset = Some(seconds);
    Some(rest)
}

/// The local time of the fields: what is missing is that of 1970-01-01 00:00, what is too large carries over.
fn resolve(found: &Found, weeks: Weeks) -> Option<DateTime> {
    let date = resolve_date(found, weeks)?;
    let hour = match (found.place(Field::HourOfDay), found.place(Field::HourOfAmPm)) {
        (Some(of_day), of_half) if of_half.is_none_or(|of_half| of_half < of_day) => found.get(Field::HourOfDay),
        (_, Some(_)) => Some(found.get(Field::HourOfAmPm)? + 12 * found.get(Field::AmPmOfDay).unwrap_or(0)),
        _ => found.get(Field::AmPmOfDay).map(|half| half * 12),
    };
    let get = |field| found.get(field).unwrap_or(0);
    let millis = ((hour.unwrap_or(0) * 60 + get(Field::MinuteOfHour)) * 60 + get(Field::SecondOfMinute)) * 1000
        + get(Field::MilliOfSecond);
    DateTime::from_parts(date, Time::midnight()).checked_add(Span::new().try_milliseconds(millis).ok()?).ok()
}

fn resolve_date(found: &Found, weeks: Weeks) -> Option<Date> {
    let era_year = found.get(Field::YearOfEra).unwrap_or(1970);
    let year = if found.get(Field::Era) == Some(0) { 1 - era_year } else { era_year };
    let latest = |fields: &[Field]| fields.iter().filter_map(|&field| found.place(field)).max();
    let by_month = latest(&[Field::MonthOfYear, Field::DayOfMonth]);
    let by_day_of_year = latest(&[Field::DayOfYear]);
    let by_week = latest(&[Field::WeekOfWeekBasedYear, Field::WeekBasedYear]);
    if by_week > by_month && by_week > by_day_of_year
        || by_month.is_none() && by_day_of_year.is_none() && by_week.is_some()
    {
        let year = found.get(Field::WeekBasedYear).unwrap_or(year);
        let week = found.get(Field::WeekOfWeekBasedYear).unwrap_or(1);
        let day = found.get(Field::DayOfWeek).map_or(1, |day| (day - weeks.first_day).rem_euclid(7) + 1);
        return week_date(year, week, day, weeks);
    }
    if by_day_of_year > by_month {
        let day = found.get(Field::DayOfYear).unwrap_or(1);
        return add_days(first_of(year, 0)?, day - 1);
    }
    let month = found.get(Field::MonthOfYear).unwrap_or(1) - 1;
    if found.get(Field::DayOfMonth).is_none()
        && let (Some(week), day) = (found.get(Field::WeekOfMonth), found.get(Field::DayOfWeek))
    {
        let first = first_of(year, month)?;
        let day = day.map_or(1, |day| (day - weeks.first_day).rem_euclid(7) + 1);
        let week_of_first = weeks.week_of(first, 1);
        let days = (week - week_of_first) * 7 + day - weeks.day_of_week(first);
        return add_days(first, days);
    }
    let day = found.get(Field::DayOfMonth).unwrap_or(1);
    let date = add_days(first_of(year, month)?, day - 1)?;
    // A day of the week alone is that day of the first week of the month.
    match found.get(Field::DayOfWeek) {
        Some(weekday) if found.get(Field::DayOfMonth).is_none() => {
            let offset = (weekday - super::fields::weekday(date)).rem_euclid(7);
            add_days(date, offset)
        }
        _ => Some(date),
    }
}

/// The first day of the month that lies `month` months after January of `year`.
fn first_of(year: i64, month: i64) -> Option<Date> {
    let year = year.checked_add(month.div_euclid(12))?;
    Date::new(i16::try_from(year).ok()?, (month.rem_euclid(12) + 1) as i8, 1).ok()
}

/// The `day`-th day (1 to 7) of a week of a week-based year.
pub(super) fn week_date(year: i64, week: i64, day: i64, weeks: Weeks) -> Option<Date> {
    let january = first_of(year, 0)?;
    let into_week = weeks.day_of_week(january) - 1;
    let week_of_january = i64::from(7 - into_week >= weeks.min_days);
    let days = (week - week_of_january).checked_mul(7)?.checked_add(day - 1 - into_week)?;
    add_days(january, days)
}

fn add_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn moment(local: &DateTime, found: &Found, zone: &Zone) -> Timestamp {
    match found.offset {
        Some(seconds) => {
            let utc = Zone::utc().moment(*local, Overlap::Later);
            Timestamp::from_micros(utc.micros() - i64::from(seconds) * 1_000_000)
        }
        None => zone.moment(*local, Overlap::Later),
    }
}

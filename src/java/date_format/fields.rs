//! The fields of a date, and a date that may have only some of them.

use super::zone::Zone;
use crate::clock::Timestamp;
use jiff::civil::{Date, DateTime, Time};

/// `java.time.temporal.ChronoField` and the fields of weeks, as far as pattern letters name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// 0 before Christ, 1 after.
    Era,
    /// The year within its era.
    YearOfEra,
    /// The proleptic year; 0 is 1 BC.
    Year,
    /// 1 to 4.
    QuarterOfYear,
    /// 1 to 12.
    MonthOfYear,
    /// 1 to 31.
    DayOfMonth,
    /// 1 to 366.
    DayOfYear,
    /// 1 (Monday) to 7.
    DayOfWeek,
    /// 1 to 7, from the locale's first day of a week.
    LocalizedDayOfWeek,
    /// The year to which the locale's week belongs.
    WeekBasedYear,
    /// The week in that year.
    WeekOfWeekBasedYear,
    /// The week in the month.
    WeekOfMonth,
    /// 1 to 7: days since the last 1st, 8th, 15th …
    AlignedDayOfWeekInMonth,
    /// 0 or 1.
    AmPmOfDay,
    /// 1 to 12.
    ClockHourOfAmPm,
    /// 0 to 11.
    HourOfAmPm,
    /// 1 to 24.
    ClockHourOfDay,
    /// 0 to 23.
    HourOfDay,
    /// 0 to 59.
    MinuteOfHour,
    /// 0 to 59.
    SecondOfMinute,
    /// 0 to 999.
    MilliOfSecond,
    /// 0 to 999,999,999.
    NanoOfSecond,
    /// Milliseconds since midnight.
    MilliOfDay,
    /// Nanoseconds since midnight.
    NanoOfDay,
    /// Seconds east of UTC.
    OffsetSeconds,
}

impl Field {
    /// Java's name, as error texts show it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Era => "Era",
            Self::YearOfEra => "YearOfEra",
            Self::Year => "Year",
            Self::QuarterOfYear => "QuarterOfYear",
            Self::MonthOfYear => "MonthOfYear",
            Self::DayOfMonth => "DayOfMonth",
            Self::DayOfYear => "DayOfYear",
            Self::DayOfWeek => "DayOfWeek",
            Self::LocalizedDayOfWeek => "DayOfWeek[WeekFields]",
            Self::WeekBasedYear => "WeekBasedYear[WeekFields]",
            Self::WeekOfWeekBasedYear => "WeekOfWeekBasedYear[WeekFields]",
            Self::WeekOfMonth => "WeekOfMonth[WeekFields]",
            Self::AlignedDayOfWeekInMonth => "AlignedDayOfWeekInMonth",
            Self::AmPmOfDay => "AmPmOfDay",
            Self::ClockHourOfAmPm => "ClockHourOfAmPm",
            Self::HourOfAmPm => "HourOfAmPm",
            Self::ClockHourOfDay => "ClockHourOfDay",
            Self::HourOfDay => "HourOfDay",
            Self::MinuteOfHour => "MinuteOfHour",
            Self::SecondOfMinute => "SecondOfMinute",
            Self::MilliOfSecond => "MilliOfSecond",
            Self::NanoOfSecond => "NanoOfSecond",
            Self::MilliOfDay => "MilliOfDay",
            Self::NanoOfDay => "NanoOfDay",
            Self::OffsetSeconds => "OffsetSeconds",
        }
    }

    /// The values that it may have.
    pub(super) fn range(self) -> (i64, i64) {
        match self {
            Self::Era | Self::AmPmOfDay => (0, 1),
            Self::YearOfEra => (1, 999_999_999),
            Self::Year | Self::WeekBasedYear => (-999_999_999, 999_999_999),
            Self::QuarterOfYear => (1, 4),
            Self::MonthOfYear | Self::ClockHourOfAmPm => (1, 12),
            Self::DayOfMonth => (1, 31),
            Self::DayOfYear => (1, 366),
            Self::DayOfWeek | Self::LocalizedDayOfWeek | Self::AlignedDayOfWeekInMonth => (1, 7),
            Self::WeekOfWeekBasedYear => (1, 53),
            Self::WeekOfMonth => (0, 6),
            Self::HourOfAmPm => (0, 11),
            Self::ClockHourOfDay => (1, 24),
            Self::HourOfDay => (0, 23),
            Self::MinuteOfHour | Self::SecondOfMinute => (0, 59),
            Self::MilliOfSecond => (0, 999),
            Self::NanoOfSecond => (0, 999_999_999),
            Self::MilliOfDay => (0, 86_399_999),
            Self::NanoOfDay => (0, 86_399_999_999_999),
            Self::OffsetSeconds => (-64_800, 64_800),
        }
    }
}

/// A date, a time of day, a place: whichever of them there is. What a [`super::DateTimeFormatter`] formats.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moment {
    /// The date.
    pub date: Option<Date>,
    /// The time of day.
    pub time: Option<Time>,
    /// Seconds east of UTC.
    pub offset: Option<i32>,
    /// The zone.
    pub zone: Option<Zone>,
    /// The moment itself, when it is one.
    pub(super) instant: Option<Timestamp>,
}

impl Moment {
    /// A moment as clocks in `zone` show it.
    pub fn at(moment: Timestamp, zone: &Zone) -> Self {
        let local = zone.local_time(moment);
        Self {
            date: Some(local.date()),
            time: Some(local.time()),
            offset: Some(zone.offset_at(moment)),
            zone: Some(zone.clone()),
            instant: Some(moment),
        }
    }

    /// A date without a time (`LocalDate`).
    pub fn of_date(date: Date) -> Self {
        Self { date: Some(date), ..Self::default() }
    }

    /// A time of day without a date (`LocalTime`).
    pub fn of_time(time: Time) -> Self {
        Self { time: Some(time), ..Self::default() }
    }

    /// A date and a time without a zone (`LocalDateTime`).
    pub fn of_date_time(local: DateTime) -> Self {
        Self { date: Some(local.date()), time: Some(local.time()), ..Self::default() }
    }

    /// The value of a field; none when the moment does not have it.
    pub(super) fn get(&self, field: Field, weeks: Weeks) -> Option<i64> {
        if let Field::OffsetSeconds = field {
            return self.offset.map(i64::from);
        }
        self.date
            .and_then(|date| date_field(date, field, weeks))
            .or_else(|| self.time.and_then(|time| time_field(time, field)))
    }
}

/// Where weeks begin, and how many days the first one of a year has at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Weeks {
    pub(super) first_day: i64,
    pub(super) min_days: i64,
}

impl Weeks {
    /// The day of the week, 1 to 7 from the first day.
    pub(super) fn day_of_week(self, date: Date) -> i64 {
        (weekday(date) - self.first_day).rem_euclid(7) + 1
    }

    /// The week of a day that is the `day`-th of its month or year; 0 for days before the first whole enough week.
    pub(super) fn week_of(self, date: Date, day: i64) -> i64 {
        let first = (self.day_of_week(date) - day).rem_euclid(7);
        // `first` days of the first week lie before the 1st.
        let starts_early = 7 - first >= self.min_days;
        (day + first - 1) / 7 + i64::from(starts_early)
    }

    /// The week-based year and the week in it.
    pub(super) fn week_based(self, date: Date) -> (i64, i64) {
        let day = i64::from(date.day_of_year());
        let year = i64::from(date.year());
        let week = self.week_of(date, day);
        if week == 0 {
            let last_day = day + days_in_year(year - 1);
            return (year - 1, self.week_of(date, last_day));
        }
        let from_next = day - days_in_year(year);
        if from_next > -7 {
            let first = (self.day_of_week(date) - from_next).rem_euclid(7);
            let next_starts_early = 7 - first >= self.min_days;
            if next_starts_early && from_next + first > 0 {
                return (year + 1, 1);
            }
        }
        (year, week)
    }
}

fn days_in_year(year: i64) -> i64 {
    if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 }
}

/// 1 for Monday.
pub(super) fn weekday(date: Date) -> i64 {
    i64::from(date.weekday().to_monday_one_offset())
}

pub(super) fn date_field(date: Date, field: Field, weeks: Weeks) -> Option<i64> {
    let year = i64::from(date.year());
    Some(match field {
        Field::Era => i64::from(year > 0),
        Field::YearOfEra => {
            if year > 0 {
                year
            } else {
                1 - year
            }
        }
        Field::Year => year,
        Field::QuarterOfYear => (i64::from(date.month()) + 2) / 3,
        Field::MonthOfYear => i64::from(date.month()),
        Field::DayOfMonth => i64::from(date.day()),
        Field::DayOfYear => i64::from(date.day_of_year()),
        Field::DayOfWeek => weekday(date),
        Field::LocalizedDayOfWeek => weeks.day_of_week(date),
        Field::WeekBasedYear => weeks.week_based(date).0,
        Field::WeekOfWeekBasedYear => weeks.week_based(date).1,
        Field::WeekOfMonth => weeks.week_of(date, i64::from(date.day())),
        Field::AlignedDayOfWeekInMonth => (i64::from(date.day()) - 1) % 7 + 1,
        _ => return None,
    })
}

pub(super) fn time_field(time: Time, field: Field) -> Option<i64> {
    let hour = i64::from(time.hour());
    let nano = i64::from(time.subsec_nanosecond());
    let second_of_day = hour * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    let clock = |hour: i64, full: i64| if hour == 0 { full } else { hour };
    Some(match field {
        Field::AmPmOfDay => hour / 12,
        Field::ClockHourOfAmPm => clock(hour % 12, 12),
        Field::HourOfAmPm => hour % 12,
        Field::ClockHourOfDay => clock(hour, 24),
        Field::HourOfDay => hour,
        Field::MinuteOfHour => i64::from(time.minute()),
        Field::SecondOfMinute => i64::from(time.second()),
        Field::MilliOfSecond => nano / 1_000_000,
        Field::NanoOfSecond => nano,
        Field::MilliOfDay => second_of_day * 1000 + nano / 1_000_000,
        Field::NanoOfDay => second_of_day * 1_000_000_000 + nano,
        _ => return None,
    })
}

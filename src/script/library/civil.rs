//! Civil time: the fields of a moment in a time zone, and back.

use crate::script::machine::Machine;
use jiff::tz::TimeZone;

const DAY: i64 = 86_400_000;

/// The fields of a moment; months from 1, everything proleptic Gregorian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields {
    /// Year, astronomical.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 59.
    pub second: i64,
    /// 0 to 999.
    pub milli: i64,
}

impl Fields {
    /// 0 for Sunday to 6 for Saturday.
    pub fn weekday(&self) -> i64 {
        (days(self.year, self.month, self.day) + 4).rem_euclid(7)
    }
}

impl From<jiff::civil::DateTime> for Fields {
    fn from(moment: jiff::civil::DateTime) -> Self {
        Self {
            year: i64::from(moment.year()),
            month: i64::from(moment.month()),
            day: i64::from(moment.day()),
            hour: i64::from(moment.hour()),
            minute: i64::from(moment.minute()),
            second: i64::from(moment.second()),
            milli: i64::from(moment.millisecond()),
        }
    }
}

/// Days from 1970-01-01 to a date; a month beyond 1 to 12 must be carried before, a day may be any.
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    // Howard Hinnant's algorithm: years begin in March, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The fields of a moment in UTC.
pub fn fields(millis: i64) -> Fields {
    let (day, rest) = (millis.div_euclid(DAY), millis.rem_euclid(DAY));
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    Fields {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
        hour: rest / 3_600_000,
        minute: rest / 60_000 % 60,
        second: rest / 1000 % 60,
        milli: rest % 1000,
    }
}

/// The moment of fields in UTC; fields beyond their ranges carry over.
pub fn millis(fields: &Fields) -> i64 {
    let months = fields.year.saturating_mul(12).saturating_add(fields.month - 1);
    let day = days(months.div_euclid(12), months.rem_euclid(12) + 1, 1).saturating_add(fields.day - 1);
    let time = fields
        .hour
        .saturating_mul(3_600_000)
        .saturating_add(fields.minute.saturating_mul(60_000))
        .saturating_add(fields.second.saturating_mul(1000))
        .saturating_add(fields.milli);
    day.saturating_mul(DAY).saturating_add(time)
}

/// The offset from UTC in milliseconds at a moment, and the zone's short name then.
pub fn offset(millis: i64, zone: &TimeZone) -> (i64, String) {
    let Ok(timestamp) = jiff::Timestamp::from_millisecond(millis) else { return (0, "UTC".to_owned()) };
    let info = zone.to_offset_info(timestamp);
    (i64::from(info.offset().seconds()) * 1000, info.abbreviation().to_string())
}

/// The fields of a moment in a zone.
pub fn local(millis: i64, zone: &TimeZone) -> Fields {
    fields(millis.saturating_add(offset(millis, zone).0))
}

/// The moment of fields in a zone; in a gap, the offset before it holds.
pub fn to_utc(local_fields: &Fields, zone: &TimeZone) -> i64 {
    let as_utc = millis(local_fields);
    let Ok(timestamp) = jiff::Timestamp::from_millisecond(as_utc) else { return as_utc };
    let moment = TimeZone::UTC.to_datetime(timestamp);
    match zone.to_ambiguous_timestamp(moment).compatible() {
        Ok(timestamp) => timestamp.as_millisecond(),
        Err(_) => as_utc,
    }
}

/// The zone of the system property `user.timezone`, else of the system.
pub fn default_zone(machine: &Machine<'_>) -> TimeZone {
    let named = machine.host.system_property("user.timezone").filter(|name| !name.is_empty());
    named.and_then(|name| zone_of(&name)).unwrap_or_else(TimeZone::system)
}

/// A zone by its name, or as `GMT+2`, `UTC-03:30`.
pub fn zone_of(name: &str) -> Option<TimeZone> {
    if matches!(name, "UTC" | "GMT" | "Z" | "UCT" | "Zulu") {
        return Some(TimeZone::UTC);
    }
    let shift = ["GMT", "UTC", "UT", ""].iter().find_map(|prefix| name.strip_prefix(prefix));
    if let Some(shift) = shift
        && let Some(digits) = shift.strip_prefix(['+', '-'])
    {
        let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
            (Some(parts), _) => parts,
            (None, 3..=4) => digits.split_at(digits.len() - 2),
            _ => (digits, "0"),
        };
        let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        let signed = if shift.starts_with('-') { -seconds } else { seconds };
        return jiff::tz::Offset::from_seconds(signed).ok().map(TimeZone::fixed);
    }
    TimeZone::get(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_back() {
        for millis in [0, 1_709_640_615_123, -1, -62_135_596_800_000, 253_402_300_799_999] {
            assert_eq!(super::millis(&fields(millis)), millis);
        }
        let leap = fields(1_709_164_800_000);
        assert_eq!((leap.year, leap.month, leap.day, leap.weekday()), (2024, 2, 29, 4));
    }

    #[test]
    fn zones() {
        let berlin = zone_of("Europe/Berlin").unwrap();
        assert_eq!(offset(1_709_640_615_123, &berlin), (3_600_000, "CET".to_owned()));
        let summer = Fields { year: 2024, month: 7, day: 1, hour: 12, minute: 0, second: 0, milli: 0 };
        assert_eq!(to_utc(&summer, &berlin), 1_719_828_000_000);
        assert_eq!(offset(0, &zone_of("GMT+2").unwrap()).0, 7_200_000);
    }
}

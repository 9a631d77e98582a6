//! `java.text.SimpleDateFormat`, and `org.apache.commons.lang3.time.FastDateFormat`, which differs in a few letters.

use super::fields::{Field, Weeks, date_field, time_field};
use super::locale::{Locale, Style};
use super::zone::Zone;
use super::{PatternError, pad};
use crate::clock::Timestamp;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct DateFormat {
    pub(super) items: Vec<Item>,
    pub(super) locale: Locale,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Literal(String),
    /// A letter and how often it stands there.
    Field(char, usize),
    /// FastDateFormat's `ZZ`: the offset with a colon, `Z` for none.
    ColonOffset {
        zulu: bool,
    },
}

const SIMPLE_LETTERS: &str = "GyMdkHmsSEDFwWahKzZYuXL";
const FAST_LETTERS: &str = "GyYMdhHmsSEuDFwWakKXzZ";

impl DateFormat {
    /// Compiles a pattern of `SimpleDateFormat` with English names.
    pub fn compile(pattern: &str) -> Result<Self, PatternError> {
        Self::compile_in(pattern, &Locale::english())
    }

    /// `new SimpleDateFormat(pattern, locale)`.
    pub fn compile_in(pattern: &str, locale: &Locale) -> Result<Self, PatternError> {
        let mut items = Vec::new();
        let mut chars = pattern.chars().peekable();
        let mut quoted = false;
        while let Some(c) = chars.next() {
            if c == '\'' {
                if chars.next_if_eq(&'\'').is_some() {
                    literal(&mut items, '\'');
                } else {
                    quoted = !quoted;
                }
            } else if quoted || !c.is_ascii_alphabetic() {
                literal(&mut items, c);
            } else {
                let mut count = 1;
                while chars.next_if_eq(&c).is_some() {
                    count += 1;
                }
                if !SIMPLE_LETTERS.contains(c) {
                    return Err(PatternError(format!("Illegal pattern character '{c}'")));
                }
                if c == 'X' && count > 3 {
                    return Err(PatternError(format!("invalid ISO 8601 format: length={count}")));
                }
                items.push(Item::Field(c, count));
            }
        }
        if quoted {
            return Err(PatternError("Unterminated quote".to_owned()));
        }
        Ok(Self { items, locale: locale.clone() })
    }

    /// `FastDateFormat.getInstance(pattern)`, which the JTL's `timestamp_format` is, with English names.
    pub fn compile_fast(pattern: &str) -> Result<Self, PatternError> {
        let mut items = Vec::new();
        let chars: Vec<char> = pattern.chars().collect();
        let mut at = 0;
        while let Some(&c) = chars.get(at) {
            if c.is_ascii_alphabetic() {
                let count = chars[at..].iter().take_while(|&&other| other == c).count();
                at += count;
                items.push(fast_item(c, count)?);
                continue;
            }
            let mut quoted = false;
            while let Some(&c) = chars.get(at) {
                if c == '\'' {
                    if chars.get(at + 1) == Some(&'\'') {
                        at += 1;
                        literal(&mut items, '\'');
                    } else {
                        quoted = !quoted;
                    }
                } else if !quoted && c.is_ascii_alphabetic() {
                    break;
                } else {
                    literal(&mut items, c);
                }
                at += 1;
            }
            if quoted {
                return Err(PatternError("Unterminated quote".to_owned()));
            }
        }
        Ok(Self { items, locale: Locale::english() })
    }

    /// Appends `moment` as clocks in `zone` show it.
    pub fn format(&self, out: &mut String, moment: Timestamp, zone: &Zone) {
        let local = zone.local_time(moment);
        let weeks = self.weeks();
        let get = |field| {
            date_field(local.date(), field, weeks).or_else(|| time_field(local.time(), field)).unwrap_or_default()
        };
        let locale = &self.locale;
        for item in &self.items {
            let (letter, count) = match item {
                Item::Literal(text) => {
                    out.push_str(text);
                    continue;
                }
                Item::ColonOffset { zulu } => {
                    offset(out, zone.offset_at(moment), true, *zulu);
                    continue;
                }
                Item::Field(letter, count) => (*letter, *count),
            };
            let numeric = match letter {
                'y' | 'Y' => {
                    let year = get(if letter == 'y' { Field::YearOfEra } else { Field::WeekBasedYear });
                    if count == 2 {
                        pad(out, year.rem_euclid(100), 2);
                    } else {
                        pad(out, year, count);
                    }
                    continue;
                }
                'M' | 'L' if count >= 3 => {
                    let style = match (letter, count) {
                        ('M', 3) => Style::Short,
                        ('M', _) => Style::Full,
                        (_, 3) => Style::ShortStandalone,
                        _ => Style::FullStandalone,
                    };
                    name(out, locale.months(style), get(Field::MonthOfYear) - 1);
                    continue;
                }
                'E' => {
                    let style = if count >= 4 { Style::Full } else { Style::Short };
                    name(out, locale.days(style), get(Field::DayOfWeek) - 1);
                    continue;
                }
                'G' => {
                    name(out, locale.eras(), get(Field::Era));
                    continue;
                }
                'a' => {
                    name(out, locale.am_pm(), get(Field::AmPmOfDay));
                    continue;
                }
                'z' => {
                    out.push_str(&zone_name(zone, moment, count >= 4));
                    continue;
                }
                'Z' => {
                    offset(out, zone.offset_at(moment), false, false);
                    continue;
                }
                'X' => {
                    iso_offset(out, zone.offset_at(moment), count);
                    continue;
                }
                'M' | 'L' => Field::MonthOfYear,
                'd' => Field::DayOfMonth,
                'D' => Field::DayOfYear,
                'u' => Field::DayOfWeek,
                'w' => Field::WeekOfWeekBasedYear,
                'W' => Field::WeekOfMonth,
                'F' => {
                    pad(out, (get(Field::DayOfMonth) - 1) / 7 + 1, count);
                    continue;
                }
                'H' => Field::HourOfDay,
                'k' => Field::ClockHourOfDay,
                'K' => Field::HourOfAmPm,
                'h' => Field::ClockHourOfAmPm,
                'm' => Field::MinuteOfHour,
                's' => Field::SecondOfMinute,
                _ => Field::MilliOfSecond,
            };
            pad(out, get(numeric), count);
        }
    }

    /// [`Self::format`] into a text of its own.
    pub fn format_to_string(&self, moment: Timestamp, zone: &Zone) -> String {
        let mut out = String::new();
        self.format(&mut out, moment, zone);
        out
    }

    pub(super) fn weeks(&self) -> Weeks {
        Weeks { first_day: self.locale.first_day_of_week(), min_days: self.locale.min_days_in_first_week() }
    }
}

fn literal(items: &mut Vec<Item>, c: char) {
    match items.last_mut() {
        Some(Item::Literal(text)) => text.push(c),
        _ => items.push(Item::Literal(c.to_string())),
    }
}

fn fast_item(letter: char, count: usize) -> Result<Item, PatternError> {
    match letter {
        _ if !FAST_LETTERS.contains(letter) => {
            let token: String = std::iter::repeat_n(letter, count).collect();
            Err(PatternError(format!("Illegal pattern component: {token}")))
        }
        'X' if count > 3 => Err(PatternError("invalid number of X".to_owned())),
        'Z' if count == 2 => Ok(Item::ColonOffset { zulu: true }),
        'Z' if count > 2 => Ok(Item::ColonOffset { zulu: false }),
        'y' | 'Y' if count != 2 => Ok(Item::Field(letter, count.max(4))),
        'u' | 'K' | 'k' => Ok(Item::Field(letter, count)),
        _ => Ok(Item::Field(letter, count)),
    }
}

fn name(out: &mut String, names: &[String], at: i64) {
    if let Some(name) = usize::try_from(at).ok().and_then(|at| names.get(at)) {
        out.push_str(name);
    }
}

/// `TimeZone.getDisplayName`: zones that are offsets show as `GMT+02:00`.
fn zone_name(zone: &Zone, moment: Timestamp, long: bool) -> String {
    if !zone.is_offset() {
        return zone.name(Some(moment), long);
    }
    let seconds = zone.offset_at(moment);
    if seconds == 0 {
        return if long { "Coordinated Universal Time" } else { "UTC" }.to_owned();
    }
    let mut out = "GMT".to_owned();
    offset(&mut out, seconds, true, false);
    out
}

/// `+0200`, or `+02:00`.
fn offset(out: &mut String, seconds: i32, colon: bool, zulu: bool) {
    if zulu && seconds == 0 {
        out.push('Z');
        return;
    }
    out.push(if seconds < 0 { '-' } else { '+' });
    let minutes = i64::from(seconds.unsigned_abs() / 60);
    pad(out, minutes / 60, 2);
    if colon {
        out.push(':');
    }
    pad(out, minutes % 60, 2);
}

/// One to three times `X`.
fn iso_offset(out: &mut String, seconds: i32, count: usize) {
    if count > 1 || seconds / 60 == 0 {
        if seconds / 60 == 0 {
            out.push('Z');
        } else {
            offset(out, seconds, count == 3, true);
        }
        return;
    }
    out.push(if seconds < 0 { '-' } else { '+' });
    pad(out, i64::from(seconds.unsigned_abs() / 3600), 2);
}

//! `java.time.format.DateTimeFormatter` of a pattern: compiling and formatting.

use super::fields::{Field, Moment, Weeks};
use super::locale::{Locale, Style};
use super::zone::offset_id;
use super::{FormatError, PatternError, formatter_pattern};

/// A compiled pattern. It reads as Java's "smart" resolver does: 31 February is the last day of February, 32 January an
/// error.
#[derive(Debug, Clone)]
pub struct DateTimeFormatter {
    pub(super) items: Vec<Item>,
    pub(super) locale: Locale,
    /// Values for fields that a text does not give (`parseDefaulting`).
    pub(super) defaults: Vec<(Field, i64)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Literal(String),
    Number(Number),
    /// Digits after the decimal point of a second.
    Fraction(usize),
    Text {
        field: Field,
        style: Style,
    },
    /// `+HH:MM` and its kin, and what stands for no offset.
    Offset {
        form: OffsetForm,
        none: &'static str,
    },
    /// `GMT+2`, or `GMT+02:00` in full.
    LocalizedOffset {
        full: bool,
    },
    /// `Europe/Paris`
    ZoneId,
    ZoneName {
        long: bool,
        generic: bool,
    },
    /// Blanks before what follows, up to a width.
    Pad(usize, Box<Item>),
    /// `[…]`
    Optional(Vec<Item>),
}

/// How a number is written and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) field: Field,
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) sign: Sign,
    /// Two digits of a year from 2000 to 2099.
    pub(super) reduced: bool,
    /// It stands before digits of a fixed number, so that it must leave as many.
    pub(super) following: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Normal,
    NotNegative,
    ExceedsPad,
}

/// Which parts of an offset are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OffsetForm {
    pub(super) colon: bool,
    pub(super) minutes: Part,
    pub(super) seconds: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Never,
    WhenNeeded,
    Always,
}

impl DateTimeFormatter {
    /// `DateTimeFormatter.ofPattern(pattern, locale)`.
    pub fn of_pattern(pattern: &str, locale: &Locale) -> Result<Self, PatternError> {
        let items = formatter_pattern::compile(pattern)?;
        Ok(Self { items, locale: locale.clone(), defaults: Vec::new() })
    }

    /// Values that fields get when a text does not give them (`DateTimeFormatterBuilder.parseDefaulting`).
    #[must_use]
    pub fn with_defaults(mut self, defaults: &[(Field, i64)]) -> Self {
        self.defaults.extend_from_slice(defaults);
        self
    }

    /// The locale whose names it uses.
    pub fn locale(&self) -> &Locale {
        &self.locale
    }

    pub(super) fn weeks(&self) -> Weeks {
        Weeks { first_day: self.locale.first_day_of_week(), min_days: self.locale.min_days_in_first_week() }
    }

    /// Appends a moment; an error when it lacks what the pattern asks for.
    pub fn format(&self, out: &mut String, moment: &Moment) -> Result<(), FormatError> {
        let start = out.len();
        let done = self.format_items(&self.items, out, moment, false);
        if done.is_err() {
            out.truncate(start);
        }
        done.map(|_| ())
    }

    /// Says whether all of it could be formatted; in an optional part what is not there is no error.
    fn format_items(
        &self,
        items: &[Item],
        out: &mut String,
        moment: &Moment,
        optional: bool,
    ) -> Result<bool, FormatError> {
        for item in items {
            if !self.format_item(item, out, moment, optional)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn format_item(&self, item: &Item, out: &mut String, moment: &Moment, optional: bool) -> Result<bool, FormatError> {
        let value_of = |field: Field| match moment.get(field, self.weeks()) {
            Some(value) => Ok(Some(value)),
            None if optional => Ok(None),
            None => Err(FormatError(format!("Unsupported field: {}", field.name()))),
        };
        match item {
            Item::Literal(text) => out.push_str(text),
            Item::Number(number) => {
                let Some(value) = value_of(number.field)? else { return Ok(false) };
                format_number(out, number, value)?;
            }
            Item::Fraction(width) => {
                let Some(nano) = value_of(Field::NanoOfSecond)? else { return Ok(false) };
                let digits = format!("{nano:09}");
                out.push_str(digits.get(..*width).unwrap_or(&digits));
            }
            Item::Text { field, style } => {
                let Some(value) = value_of(*field)? else { return Ok(false) };
                match self.text(*field, *style, value) {
                    Some(text) => out.push_str(&text),
                    None => out.push_str(&value.to_string()),
                }
            }
            Item::Offset { form, none } => {
                let Some(seconds) = value_of(Field::OffsetSeconds)? else { return Ok(false) };
                format_offset(out, *form, none, seconds);
            }
            Item::LocalizedOffset { full } => {
                let Some(seconds) = value_of(Field::OffsetSeconds)? else { return Ok(false) };
                format_localized_offset(out, *full, seconds);
            }
            Item::ZoneId => match zone_id(moment) {
                Some(id) => out.push_str(&id),
                None if optional => return Ok(false),
                None => return Err(FormatError("Unable to extract ZoneId from temporal".to_owned())),
            },
            Item::ZoneName { long, generic } => match &moment.zone {
                Some(zone) if !zone.is_offset() => {
                    let name = zone.name(moment.instant.filter(|_| !generic), *long);
                    if *generic {
                        out.push_str(&generic_name(&name, *long));
                    } else {
                        out.push_str(&name);
                    }
                }
                _ => match zone_id(moment) {
                    Some(id) => out.push_str(&id),
                    None if optional => return Ok(false),
                    None => return Err(FormatError("Unable to extract ZoneId from temporal".to_owned())),
                },
            },
            Item::Pad(width, inner) => {
                let start = out.len();
                if !self.format_item(inner, out, moment, optional)? {
                    return Ok(false);
                }
                let len = out[start..].chars().count();
                if len > *width {
                    let text = &out[start..];
                    return Err(FormatError(format!(
                        "Cannot print as output of {len} characters exceeds pad width of {width}: {text}"
                    )));
                }
                out.insert_str(start, &" ".repeat(width - len));
            }
            Item::Optional(items) => {
                let start = out.len();
                if !self.format_items(items, out, moment, true)? {
                    out.truncate(start);
                }
            }
        }
        Ok(true)
    }

    /// The name of a value; none for fields without names.
    pub(super) fn text(&self, field: Field, style: Style, value: i64) -> Option<String> {
        let names = match field {
            Field::MonthOfYear => self.locale.months(style),
            Field::DayOfWeek | Field::LocalizedDayOfWeek => self.locale.days(style),
            Field::AmPmOfDay => self.locale.am_pm(),
            Field::Era if style == Style::Full && self.locale.tag().starts_with("en") => {
                return Some(if value == 0 { "Before Christ" } else { "Anno Domini" }.to_owned());
            }
            Field::Era => self.locale.eras(),
            Field::QuarterOfYear => {
                return Some(match style {
                    Style::Short | Style::ShortStandalone => format!("Q{value}"),
                    Style::Narrow => value.to_string(),
                    Style::Full | Style::FullStandalone => {
                        format!("{value}{} quarter", ["th", "st", "nd", "rd", "th"].get(value as usize)?)
                    }
                });
            }
            _ => return None,
        };
        let first = i64::from(!matches!(field, Field::AmPmOfDay | Field::Era));
        let value = match field {
            Field::LocalizedDayOfWeek => (self.locale.first_day_of_week() + value - 2).rem_euclid(7) + 1,
            _ => value,
        };
        let name = names.get(usize::try_from(value - first).ok()?)?;
        Some(match style {
            Style::Narrow if first == 1 => name.chars().next()?.to_uppercase().to_string(),
            _ => name.clone(),
        })
    }
}

/// `CEST` in general is `CET`, and `Central European Time` in full.
fn generic_name(name: &str, long: bool) -> String {
    if long {
        return name.replace(" Standard Time", " Time");
    }
    match name {
        "EST" | "CST" | "MST" | "PST" => name.replace('S', ""),
        _ => name.to_owned(),
    }
}

fn zone_id(moment: &Moment) -> Option<String> {
    moment.zone.as_ref().map(|zone| zone.id().to_string()).or_else(|| moment.offset.map(offset_id))
}

fn format_number(out: &mut String, number: &Number, value: i64) -> Result<(), FormatError> {
    if number.reduced {
        let value = value.unsigned_abs() % 100;
        out.push_str(&format!("{value:02}"));
        return Ok(());
    }
    let digits = value.unsigned_abs().to_string();
    if digits.len() > number.max {
        return Err(FormatError(format!(
            "Field {} cannot be printed as the value {value} exceeds the maximum print width of {}",
            number.field.name(),
            number.max
        )));
    }
    if value < 0 {
        if number.sign == Sign::NotNegative {
            return Err(FormatError(format!(
                "Field {} cannot be printed as the value {value} cannot be negative according to the SignStyle",
                number.field.name()
            )));
        }
        out.push('-');
    } else if number.sign == Sign::ExceedsPad && number.min < 19 && digits.len() > number.min {
        out.push('+');
    }
    out.extend(std::iter::repeat_n('0', number.min.saturating_sub(digits.len())));
    out.push_str(&digits);
    Ok(())
}

fn format_offset(out: &mut String, form: OffsetForm, none: &str, seconds: i64) {
    if seconds == 0 {
        out.push_str(none);
        return;
    }
    let total = seconds.unsigned_abs();
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60);
    let shows_seconds = form.seconds == Part::Always || form.seconds == Part::WhenNeeded && rest > 0;
    let shows_minutes =
        form.minutes == Part::Always || form.minutes == Part::WhenNeeded && minutes > 0 || shows_seconds;
    if hours == 0 && !(shows_minutes && minutes > 0) && !(shows_seconds && rest > 0) {
        out.push_str(none);
        return;
    }
    let colon = if form.colon { ":" } else { "" };
    out.push(if seconds < 0 { '-' } else { '+' });
    out.push_str(&format!("{hours:02}"));
    if shows_minutes {
        out.push_str(&format!("{colon}{minutes:02}"));
    }
    if shows_seconds {
        out.push_str(&format!("{colon}{rest:02}"));
    }
}

fn format_localized_offset(out: &mut String, full: bool, seconds: i64) {
    out.push_str("GMT");
    if seconds == 0 {
        return;
    }
    let total = seconds.unsigned_abs();
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60);
    out.push(if seconds < 0 { '-' } else { '+' });
    if full {
        out.push_str(&format!("{hours:02}:{minutes:02}"));
    } else {
        out.push_str(&hours.to_string());
        if minutes > 0 || rest > 0 {
            out.push_str(&format!(":{minutes:02}"));
        }
    }
    if rest > 0 {
        out.push_str(&format!(":{rest:02}"));
    }
}

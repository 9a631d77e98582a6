//! Reading with a `DateTimeFormatter`: from a text to fields.

use super::ParseError;
use super::fields::Field;
use super::formatter::{DateTimeFormatter, Item, Number, OffsetForm, Part, Sign};
use super::locale::Style;
use super::resolve::{Parsed, resolve};
use super::zone::{Zone, all_names, zone_named};

/// The fields of a text, and its zone.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    pub(super) values: Vec<(Field, i64)>,
    pub(super) zone: Option<Zone>,
}

impl Fields {
    pub(super) fn get(&self, field: Field) -> Option<i64> {
        self.values.iter().find(|(known, _)| *known == field).map(|(_, value)| *value)
    }

    /// Sets a field that must not have had another value.
    fn set(&mut self, field: Field, value: i64) -> bool {
        match self.get(field) {
            Some(known) => known == value,
            None => {
                self.values.push((field, value));
                true
            }
        }
    }
}

/// A place in the text, as Java counts; the error is where reading failed.
type Place = Result<usize, usize>;

impl DateTimeFormatter {
    /// Reads the whole text.
    pub fn parse(&self, text: &str) -> Result<Parsed, ParseError> {
        let mut reader = Reader { formatter: self, text, fields: Fields::default() };
        let shown = abbreviated(text);
        let units = |at: usize| text.get(..at).map_or(at, |before| before.encode_utf16().count());
        let end = match reader.items(&self.items, 0) {
            Ok(end) => end,
            Err(at) => return Err(ParseError(format!("Text '{shown}' could not be parsed at index {}", units(at)))),
        };
        for &(field, value) in &self.defaults {
            if reader.fields.get(field).is_none() {
                reader.fields.values.push((field, value));
            }
        }
        if end < text.len() {
            return Err(ParseError(format!(
                "Text '{shown}' could not be parsed, unparsed text found at index {}",
                units(end)
            )));
        }
        resolve(reader.fields, self.weeks())
            .map_err(|cause| ParseError(format!("Text '{shown}' could not be parsed: {cause}")))
    }
}

/// Java shows 64 characters.
fn abbreviated(text: &str) -> String {
    if text.encode_utf16().count() <= 64 {
        return text.to_owned();
    }
    let units: Vec<u16> = text.encode_utf16().take(64).collect();
    format!("{}...", String::from_utf16_lossy(&units))
}

struct Reader<'r> {
    formatter: &'r DateTimeFormatter,
    text: &'r str,
    fields: Fields,
}

impl<'r> Reader<'r> {
    fn rest(&self, at: usize) -> &'r str {
        self.text.get(at..).unwrap_or_default()
    }

    fn items(&mut self, items: &[Item], start: usize) -> Place {
        items.iter().try_fold(start, |at, item| self.item(item, at))
    }

    fn set(&mut self, field: Field, value: i64, start: usize, end: usize) -> Place {
        if self.fields.set(field, value) { Ok(end) } else { Err(start) }
    }

    fn item(&mut self, item: &Item, at: usize) -> Place {
        match item {
            Item::Literal(literal) => {
                if self.rest(at).starts_with(literal.as_str()) {
                    Ok(at + literal.len())
                } else {
                    Err(at)
                }
            }
            Item::Number(number) => self.number(number, at),
            Item::Fraction(width) => {
                let digits = self.rest(at).get(..*width).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
                let value: i64 = digits.and_then(|digits| digits.parse().ok()).ok_or(at)?;
                self.set(Field::NanoOfSecond, value * 10_i64.pow(9 - *width as u32), at, at + width)
            }
            Item::Text { field, style } => self.name(*field, *style, at),
            Item::Offset { form, none } => self.offset(*form, none, at),
            Item::LocalizedOffset { full } => self.localized_offset(*full, at),
            Item::ZoneId => self.zone_id(at),
            Item::ZoneName { .. } => self.zone_name(at),
            Item::Pad(width, inner) => {
                let end = at + width;
                let window = self.rest(at).get(..*width).ok_or(at)?;
                let blanks = window.len() - window.trim_start_matches(' ').len();
                let done = self.item(inner, at + blanks)?;
                if done == end { Ok(done) } else { Err(at + blanks) }
            }
            Item::Optional(items) => {
                let saved = self.fields.clone();
                match self.items(items, at) {
                    Ok(end) => Ok(end),
                    Err(_) => {
                        self.fields = saved;
                        Ok(at)
                    }
                }
            }
        }
    }

    fn number(&mut self, number: &Number, start: usize) -> Place {
        let rest = self.rest(start).as_bytes();
        if rest.is_empty() {
            return Err(start);
        }
        let sign = match rest[0] {
            b'+' if number.sign == Sign::ExceedsPad => Some(false),
            b'-' if number.sign != Sign::NotNegative => Some(true),
            b'+' | b'-' => return Err(start),
            _ => None,
        };
        let from = usize::from(sign.is_some());
        let available = rest[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let max = number.max.saturating_add(number.following);
        let mut count = available.min(max);
        if count < number.min {
            return Err(start);
        }
        // Digits that belong to the numbers right after this one.
        if number.following > 0 {
            count = count.saturating_sub(number.following).max(number.min);
        }
        let digits = self.rest(start + from).get(..count).unwrap_or_default();
        let magnitude: i64 = digits.parse().map_err(|_| start)?;
        let mut value = magnitude;
        match sign {
            Some(true) if magnitude == 0 => return Err(start),
            Some(true) => value = -magnitude,
            Some(false) if count <= number.min => return Err(start),
            None if number.sign == Sign::ExceedsPad && count > number.min => return Err(start),
            _ => {}
        }
        if number.reduced && count == number.min && value >= 0 {
            value += 2000;
        }
        self.set(number.field, value, start, start + from + count)
    }

    fn name(&mut self, field: Field, style: Style, at: usize) -> Place {
        let (low, high) = field.range();
        let rest = self.rest(at);
        let best = (low..=high)
            .filter_map(|value| Some((value, self.formatter.text(field, style, value)?)))
            .filter(|(_, name)| rest.starts_with(name.as_str()))
            .max_by_key(|(_, name)| name.len());
        let (value, name) = best.ok_or(at)?;
        self.set(field, value, at, at + name.len())
    }

    fn offset(&mut self, form: OffsetForm, none: &str, at: usize) -> Place {
        let rest = self.rest(at);
        if none == "Z" && rest.starts_with('Z') {
            return self.set(Field::OffsetSeconds, 0, at, at + 1);
        }
        let sign = match rest.as_bytes().first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Err(at),
        };
        let two = |from: usize| -> Option<i64> {
            rest.get(from..from + 2).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
        };
        let hours = two(1).ok_or(at)?;
        let mut end = 3;
        let mut seconds = hours * 3600;
        for (part, weight) in [(form.minutes, 60), (form.seconds, 1)] {
            if part == Part::Never {
                break;
            }
            let colon = usize::from(form.colon);
            let has_colon = !form.colon || rest.as_bytes().get(end) == Some(&b':');
            match two(end + colon).filter(|value| has_colon && *value < 60) {
                Some(value) => {
                    seconds += value * weight;
                    end += colon + 2;
                }
                None if part == Part::Always => return Err(at),
                None => break,
            }
        }
        if hours > 18 || seconds > 64_800 {
            return Err(at);
        }
        self.set(Field::OffsetSeconds, sign * seconds, at, at + end)
    }

    fn localized_offset(&mut self, full: bool, at: usize) -> Place {
        let rest = self.rest(at).strip_prefix("GMT").ok_or(at)?;
        let sign = match rest.as_bytes().first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return self.set(Field::OffsetSeconds, 0, at, at + 3),
        };
        let digits = rest[1..].bytes().take(2).take_while(u8::is_ascii_digit).count();
        if digits == 0 || full && digits != 2 {
            return Err(at);
        }
        let mut seconds = rest[1..=digits].parse::<i64>().map_err(|_| at)? * 3600;
        let mut end = 1 + digits;
        for weight in [60, 1] {
            let part = rest.get(end + 1..end + 3).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
            match part {
                Some(part) if rest.as_bytes().get(end) == Some(&b':') => {
                    seconds += part.parse::<i64>().map_err(|_| at)? * weight;
                    end += 3;
                }
                _ => break,
            }
        }
        self.set(Field::OffsetSeconds, sign * seconds, at, at + 3 + end)
    }

    fn zone_id(&mut self, at: usize) -> Place {
        let rest = self.rest(at);
        let len = rest
            .bytes()
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'+' | b'-' | b':')))
            .unwrap_or(rest.len());
        // The longest identifier that makes sense.
        for end in (1..=len).rev() {
            if let Some(zone) = Zone::of(&rest[..end]) {
                self.fields.zone = Some(zone);
                return Ok(at + end);
            }
        }
        Err(at)
    }

    fn zone_name(&mut self, at: usize) -> Place {
        let rest = self.rest(at);
        let named = all_names().iter().find(|name| rest.starts_with(**name));
        if let Some(name) = named
            && let Some(zone) = match *name {
                "UTC" | "GMT" => Zone::of(name),
                _ => zone_named(name, &Zone::local()).map(|(zone, _)| zone),
            }
        {
            self.fields.zone = Some(zone);
            return Ok(at + name.len());
        }
        self.zone_id(at)
    }
}

//! Values of the built-in types: which texts they take, and which texts stand for one value.

use base64::Engine;
use std::cmp::Ordering;

/// Types of their own, and those whose texts have rules that no facet tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Primitive {
    Text,
    NmToken,
    Name,
    NcName,
    Boolean,
    Decimal,
    Integer,
    Float,
    Double,
    Duration,
    DateTime,
    Time,
    Date,
    YearMonth,
    Year,
    MonthDay,
    Day,
    Month,
    Hex,
    Base64,
    Uri,
    QName,
}

/// A value; two are equal when they are the same to XML Schema.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Boolean(bool),
    Decimal(Decimal),
    Double(f64),
    /// Months and seconds.
    Duration(i64, f64),
    /// Seconds from the first of the year 1; whether they are told for a time zone.
    Moment(f64, bool),
    Bytes(Vec<u8>),
    List(Vec<Value>),
}

/// A decimal number: digits before and behind the point, without zeros that do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Decimal {
    /// Digits that count, of them those behind the point.
    pub fn digits(&self) -> (usize, usize) {
        (self.whole.len() + self.fraction.len(), self.fraction.len())
    }

    fn order(&self, other: &Self) -> Ordering {
        let size = |number: &Self| (number.whole.len(), number.whole.clone(), number.fraction.clone());
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => size(self).cmp(&size(other)),
            (true, true) => size(other).cmp(&size(self)),
        }
    }
}

impl Primitive {
    /// The name that messages have for it.
    pub fn name(self) -> &'static str {
        match self {
            Primitive::Text => "string",
            Primitive::NmToken => "NMTOKEN",
            Primitive::Name => "Name",
            Primitive::NcName => "NCName",
            Primitive::Boolean => "boolean",
            Primitive::Decimal => "decimal",
            Primitive::Integer => "integer",
            Primitive::Float => "float",
            Primitive::Double => "double",
            Primitive::Duration => "duration",
            Primitive::DateTime => "dateTime",
            Primitive::Time => "time",
            Primitive::Date => "date",
            Primitive::YearMonth => "gYearMonth",
            Primitive::Year => "gYear",
            Primitive::MonthDay => "gMonthDay",
            Primitive::Day => "gDay",
            Primitive::Month => "gMonth",
            Primitive::Hex => "hexBinary",
            Primitive::Base64 => "base64Binary",
            Primitive::Uri => "anyURI",
            Primitive::QName => "QName",
        }
    }

    /// The value of a text whose white space has been dealt with.
    pub fn value(self, text: &str) -> Option<Value> {
        let as_text = |holds: bool| holds.then(|| Value::Text(text.to_owned()));
        match self {
            Primitive::Text => as_text(true),
            Primitive::NmToken => as_text(!text.is_empty() && text.chars().all(in_name)),
            Primitive::Name => as_text(is_name(text)),
            Primitive::NcName => as_text(is_name(text) && !text.contains(':')),
            Primitive::Boolean => match text {
                "true" | "1" => Some(Value::Boolean(true)),
                "false" | "0" => Some(Value::Boolean(false)),
                _ => None,
            },
            Primitive::Decimal => decimal(text).map(Value::Decimal),
            Primitive::Integer => decimal(text).filter(|_| !text.contains('.')).map(Value::Decimal),
            Primitive::Float | Primitive::Double => double(text, self == Primitive::Float).map(Value::Double),
            Primitive::Duration => duration(text),
            Primitive::Hex => hex(text).map(Value::Bytes),
            Primitive::Base64 => base64(text).map(Value::Bytes),
            Primitive::Uri => as_text(is_uri(text)),
            Primitive::QName => {
                let parts: Vec<&str> = text.split(':').collect();
                as_text(parts.len() <= 2 && parts.iter().all(|part| is_name(part)))
            }
            _ => moment(self, text),
        }
    }

    /// Whether a length counts bytes, characters or nothing at all.
    pub fn length(self, text: &str, value: &Value) -> Option<usize> {
        match value {
            Value::Bytes(bytes) => Some(bytes.len()),
            Value::Text(_) if self != Primitive::QName => Some(text.encode_utf16().count()),
            _ => None,
        }
    }

    /// A bound, as messages show it.
    pub fn shown(self, text: &str) -> String {
        match self.value(text) {
            Some(Value::Decimal(number)) => {
                let whole = if number.whole.is_empty() { "0" } else { &number.whole };
                let sign = if number.negative { "-" } else { "" };
                match (self, &*number.fraction) {
                    (Primitive::Integer, _) => format!("{sign}{whole}"),
                    (_, "") => format!("{sign}{whole}.0"),
                    (_, fraction) => format!("{sign}{whole}.{fraction}"),
                }
            }
            Some(Value::Double(0.0)) => "0.0E1".to_owned(),
            Some(Value::Double(number)) if number.is_finite() => {
                let shown = format!("{number:E}");
                match shown.split_once('E') {
                    Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0E{exponent}"),
                    _ => shown,
                }
            }
            _ => text.to_owned(),
        }
    }
}

/// How two values of a type that has an order compare; none where that is open.
pub fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Decimal(one), Value::Decimal(other)) => Some(one.order(other)),
        (Value::Double(one), Value::Double(other)) => one.partial_cmp(other),
        (Value::Moment(one, true), Value::Moment(other, true))
        | (Value::Moment(one, false), Value::Moment(other, false)) => one.partial_cmp(other),
        (Value::Moment(one, _), Value::Moment(other, _)) => {
            /// Clocks differ by this much at most.
            const FARTHEST: f64 = 14.0 * 3600.0;
            if (one - other).abs() > FARTHEST { one.partial_cmp(other) } else { None }
        }
        (Value::Duration(months, seconds), Value::Duration(other_months, other_seconds)) => {
            /// The mean length of a month.
            const MONTH: f64 = 2_629_746.0;
            let all = |months: i64, seconds: f64| months as f64 * MONTH + seconds;
            all(*months, *seconds).partial_cmp(&all(*other_months, *other_seconds))
        }
        _ => None,
    }
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | ':')
}

fn in_name(c: char) -> bool {
    starts_name(c) || c.is_numeric() || matches!(c, '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}')
}

/// Whether a text is a name of XML.
pub fn is_name(text: &str) -> bool {
    text.starts_with(starts_name) && text.chars().all(in_name)
}

fn decimal(text: &str) -> Option<Decimal> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all(whole) || !all(fraction) {
        return None;
    }
    let whole = whole.trim_start_matches('0').to_owned();
    let fraction = fraction.trim_end_matches('0').to_owned();
    let negative = negative && !(whole.is_empty() && fraction.is_empty());
    Some(Decimal { negative, whole, fraction })
}

fn double(text: &str, single: bool) -> Option<f64> {
    match text {
        "INF" => return Some(f64::INFINITY),
        "-INF" => return Some(f64::NEG_INFINITY),
        "NaN" => return Some(f64::NAN),
        _ => {}
    }
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
        return None;
    }
    if single { text.parse::<f32>().ok().map(f64::from) } else { text.parse().ok() }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len() / 2).map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()).collect()
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// What Xerces takes for an address: nearly all.
fn is_uri(text: &str) -> bool {
    let bytes = text.as_bytes();
    let escapes = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'%')
        .all(|(at, _)| bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)));
    escapes && !text.starts_with(':')
}

/// A number of exactly, or at least, so many digits at the start of a text.
fn digits(text: &str, count: usize, more: bool) -> Option<(i64, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if length < count {
        return None;
    }
    let length = if more { length } else { count };
    if length > 9 {
        return None;
    }
    Some((text.get(..length)?.parse().ok()?, &text[length..]))
}

fn duration(text: &str) -> Option<Value> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut rest = rest.strip_prefix('P')?;
    let (mut months, mut seconds, mut parts) = (0_i64, 0.0, 0);
    let mut units = "YMD";
    loop {
        if let Some(after) = rest.strip_prefix('T').filter(|_| units.len() <= 3 && !units.contains('H')) {
            (rest, units) = (after, "HMS");
            if rest.is_empty() {
                return None;
            }
        }
        if rest.is_empty() {
            break;
        }
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let fraction = match rest.get(length..)?.strip_prefix('.') {
            Some(after) => 1 + after.bytes().take_while(u8::is_ascii_digit).count(),
            None => 0,
        };
        if length == 0 || fraction == 1 {
            return None;
        }
        let number: f64 = rest.get(..length + fraction)?.parse().ok()?;
        let unit = rest[length + fraction..].chars().next()?;
        let at = units.find(unit)?;
        let in_time = units.ends_with('S');
        if fraction > 0 && !(in_time && unit == 'S') {
            return None;
        }
        match (in_time, unit) {
            (false, 'Y') => months = months.saturating_add((number * 12.0) as i64),
            (false, 'M') => months = months.saturating_add(number as i64),
            (false, _) => seconds += number * 86_400.0,
            (true, 'H') => seconds += number * 3600.0,
            (true, 'M') => seconds += number * 60.0,
            (true, _) => seconds += number,
        }
        units = if at + 1 == units.len() && !in_time { "D" } else { &units[at + 1..] };
        if !in_time && unit == 'D' {
            units = "";
        }
        rest = &rest[length + fraction + 1..];
        parts += 1;
        if rest.is_empty() {
            break;
        }
        if in_time && units.is_empty() {
            return None;
        }
    }
    (parts > 0).then(|| Value::Duration(i64::from(sign) * months, f64::from(sign) * seconds))
}

/// Moments of all kinds. What a kind does not tell is that of 2000-01-01T00:00:00.
fn moment(kind: Primitive, text: &str) -> Option<Value> {
    let (mut year, mut month, mut day, mut seconds) = (2000_i64, 1_i64, 1_i64, 0.0);
    let mut rest = text;
    let sign = |rest: &mut &str, sign: &str| {
        *rest = rest.strip_prefix(sign)?;
        Some(())
    };
    let number = |rest: &mut &str, count: usize, more: bool| {
        let (number, after) = digits(rest, count, more)?;
        *rest = after;
        Some(number)
    };
    if matches!(kind, Primitive::DateTime | Primitive::Date | Primitive::YearMonth | Primitive::Year) {
        let before = rest.starts_with('-');
        rest = rest.strip_prefix('-').unwrap_or(rest);
        if rest.bytes().take_while(u8::is_ascii_digit).count() > 4 && rest.starts_with('0') {
            return None;
        }
        year = number(&mut rest, 4, true)?;
        if year == 0 {
            return None;
        }
        if before {
            year = -year;
        }
    }
    match kind {
        Primitive::DateTime | Primitive::Date => {
            sign(&mut rest, "-")?;
            month = number(&mut rest, 2, false)?;
            sign(&mut rest, "-")?;
            day = number(&mut rest, 2, false)?;
        }
        Primitive::YearMonth => {
            sign(&mut rest, "-")?;
            month = number(&mut rest, 2, false)?;
        }
        Primitive::MonthDay => {
            sign(&mut rest, "--")?;
            month = number(&mut rest, 2, false)?;
            sign(&mut rest, "-")?;
            day = number(&mut rest, 2, false)?;
        }
        Primitive::Month => {
            sign(&mut rest, "--")?;
            month = number(&mut rest, 2, false)?;
            rest = rest.strip_prefix("--").unwrap_or(rest);
        }
        Primitive::Day => {
            sign(&mut rest, "---")?;
            day = number(&mut rest, 2, false)?;
        }
        _ => {}
    }
    if !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) {
        return None;
    }
    if matches!(kind, Primitive::DateTime | Primitive::Time) {
        if kind == Primitive::DateTime {
            sign(&mut rest, "T")?;
        }
        let hour = number(&mut rest, 2, false)?;
        sign(&mut rest, ":")?;
        let minute = number(&mut rest, 2, false)?;
        sign(&mut rest, ":")?;
        let second = number(&mut rest, 2, false)?;
        let mut fraction = 0.0;
        if let Some(after) = rest.strip_prefix('.') {
            let length = after.bytes().take_while(u8::is_ascii_digit).count();
            fraction = format!("0.{}", after.get(..length).filter(|digits| !digits.is_empty())?).parse().ok()?;
            rest = &after[length..];
        }
        let midnight = hour == 24 && minute == 0 && second == 0 && fraction == 0.0;
        if !midnight && (hour > 23 || minute > 59 || second > 59) {
            return None;
        }
        seconds = (hour * 3600 + minute * 60 + second) as f64 + fraction;
    }
    let mut zoned = false;
    if rest == "Z" {
        zoned = true;
    } else if !rest.is_empty() {
        let east = match rest.as_bytes()[0] {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        rest = &rest[1..];
        let hour = number(&mut rest, 2, false)?;
        sign(&mut rest, ":")?;
        let minute = number(&mut rest, 2, false)?;
        if !rest.is_empty() || minute > 59 || hour > 14 || (hour == 14 && minute > 0) {
            return None;
        }
        zoned = true;
        seconds -= (east * (hour * 3600 + minute * 60)) as f64;
    }
    Some(Value::Moment(days_before(year, month, day) as f64 * 86_400.0 + seconds, zoned))
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from the first of the year 1.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let past = year - 1;
    let months: i64 = (1..month).map(|month| days_of(year, month)).sum();
    past * 365 + past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400) + months + day - 1
}

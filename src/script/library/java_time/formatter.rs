//! `java.time.format.DateTimeFormatter`: of patterns, and the formats of ISO 8601.

use super::super::{Answer, Class, Fault, Method, arguments, calendar, java, object};
use super::kind::{
    INSTANT, Kind, LOCAL_DATE, LOCAL_DATE_TIME, LOCAL_TIME, OFFSET_DATE_TIME, Temporal, YEAR_MONTH, instant_text, zoned,
};
use super::methods::parse_error;
use crate::java::date_format::{DateTimeFormatter, Locale, Zone};
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions};
use jiff::civil::{Date, DateTime, Time};

/// `java.time.format.DateTimeFormatter`.
pub static FORMATTER: Class = Class {
    statics: &[java("ofPattern", 1, 2, |_, _, args| {
        let locale = args.get(1).and_then(calendar::locale).unwrap_or_else(Locale::english);
        Ok(Value::object(of_pattern(&arguments::text(args, 0)?, &locale)?))
    })],
    constants: &[
        ("BASIC_ISO_DATE", || preset("yyyyMMdd")),
        ("ISO_DATE", || iso(Iso::Date)),
        ("ISO_DATE_TIME", || iso(Iso::Any)),
        ("ISO_INSTANT", || iso(Iso::Instant)),
        ("ISO_LOCAL_DATE", || iso(Iso::Date)),
        ("ISO_LOCAL_DATE_TIME", || iso(Iso::DateTime)),
        ("ISO_LOCAL_TIME", || iso(Iso::Time)),
        ("ISO_OFFSET_DATE_TIME", || iso(Iso::Offset)),
        ("ISO_ORDINAL_DATE", || preset("yyyy-DDD")),
        ("ISO_TIME", || iso(Iso::Time)),
        ("ISO_WEEK_DATE", || preset("YYYY-'W'ww-e")),
        ("ISO_ZONED_DATE_TIME", || iso(Iso::Any)),
        ("RFC_1123_DATE_TIME", || preset(RFC_1123)),
    ],
    methods: METHODS,
    ..Class::named("java.time.format.DateTimeFormatter", &[&object::OBJECT])
};

/// Which of ISO's formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Iso {
    Date,
    Time,
    DateTime,
    Offset,
    Instant,
    Any,
}

#[derive(Debug, Clone)]
enum Form {
    Pattern(DateTimeFormatter, String),
    Iso(Iso),
}

#[derive(Debug, Clone)]
struct Formatter {
    form: Form,
    zone: Option<Zone>,
}

impl Object for Formatter {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&FORMATTER)
    }

    fn to_text(&self) -> String {
        match &self.form {
            Form::Pattern(_, source) => source.clone(),
            Form::Iso(iso) => format!("{iso:?}"),
        }
    }
}

fn of_pattern(pattern: &str, locale: &Locale) -> Result<Formatter, Fault> {
    let compiled = DateTimeFormatter::of_pattern(pattern, locale)
        .map_err(|error| Thrown::new(exceptions::ILLEGAL_ARGUMENT, error.to_string()))?;
    Ok(Formatter { form: Form::Pattern(compiled, pattern.to_owned()), zone: None })
}

/// `RFC_1123_DATE_TIME` of what is in Greenwich.
const RFC_1123: &str = "EEE, d MMM yyyy HH:mm:ss 'GMT'";

fn preset(pattern: &str) -> Value {
    of_pattern(pattern, &Locale::english()).map_or(Value::Null, Value::object)
}

fn iso(iso: Iso) -> Value {
    Value::object(Formatter { form: Form::Iso(iso), zone: None })
}

fn of(this: &Value) -> Result<&Formatter, Fault> {
    arguments::object(this)
}

static METHODS: &[Method] = &[
    java("format", 1, 1, |_, this, args| {
        let kind = &arguments::object::<Temporal>(&args[0])?.0;
        Ok(format(kind, this)?.into())
    }),
    java("getZone", 0, 0, |_, this, _| Ok(of(this)?.zone.clone().map(super::zone_id).unwrap_or_default())),
    java("parse", 1, 1, |_, this, args| {
        let text = arguments::text(args, 0)?;
        let read = read(&text, of(this)?)?;
        let class = match (read.date, read.time) {
            (Some(_), Some(_)) if read.offset.is_some() => &OFFSET_DATE_TIME,
            (Some(_), Some(_)) => &LOCAL_DATE_TIME,
            (Some(_), None) => &LOCAL_DATE,
            _ => &LOCAL_TIME,
        };
        made(&text, read, class)
    }),
    java("withLocale", 1, 1, |_, this, args| {
        let own = of(this)?;
        let Some(locale) = calendar::locale(&args[0]) else { return Err(Fault::Mismatch) };
        match &own.form {
            Form::Pattern(_, source) => {
                let changed = of_pattern(source, &locale)?;
                Ok(Value::object(Formatter { zone: own.zone.clone(), ..changed }))
            }
            Form::Iso(_) => Ok(this.clone()),
        }
    }),
    java("withResolverStyle", 1, 1, |_, this, _| Ok(this.clone())),
    java("withZone", 1, 1, |_, this, args| {
        Ok(Value::object(Formatter { zone: Some(calendar::zone(&args[0])?), ..of(this)?.clone() }))
    }),
];

/// `temporal.format(formatter)`; Groovy takes a pattern too.
pub(super) fn format(kind: &Kind, formatter: &Value) -> Result<String, Fault> {
    let own;
    let formatter = if let Ok(formatter) = of(formatter) {
        formatter
    } else {
        own = of_pattern(&super::super::string::text(formatter)?, &Locale::english())?;
        &own
    };
    let in_zone;
    let kind = match (kind.instant_nanos(), &formatter.zone) {
        (Some(nanos), Some(zone)) => {
            in_zone = super::kind::in_zone(nanos, zone)?;
            &in_zone
        }
        _ => kind,
    };
    let elsewhere;
    let form = match &formatter.form {
        // Elsewhere the offset stands in its place.
        Form::Pattern(_, source) if source == RFC_1123 && kind.moment().offset.is_some_and(|seconds| seconds != 0) => {
            elsewhere = of_pattern("EEE, d MMM yyyy HH:mm:ss Z", &Locale::english())?;
            &elsewhere.form
        }
        form => form,
    };
    match form {
        Form::Pattern(pattern, _) => {
            let mut out = String::new();
            let failed = |error: crate::java::date_format::FormatError| {
                Thrown::new("java.time.temporal.UnsupportedTemporalTypeException", error.to_string())
            };
            pattern.format(&mut out, &kind.moment()).map_err(failed)?;
            Ok(out)
        }
        Form::Iso(iso) => iso_text(kind, *iso),
    }
}

fn iso_text(kind: &Kind, iso: Iso) -> Result<String, Fault> {
    let lacks = |field: &str| {
        Fault::from(Thrown::new(
            "java.time.temporal.UnsupportedTemporalTypeException",
            format!("Unsupported field: {field}"),
        ))
    };
    let date = || kind.date().map(|date| Kind::Date(date).text()).ok_or_else(|| lacks("Year"));
    // The formats of ISO always show seconds; of a fraction as many digits as it takes.
    let time = || -> Result<String, Fault> {
        let time = kind.time().ok_or_else(|| lacks("HourOfDay"))?;
        let digits = format!("{:09}", time.subsec_nanosecond());
        let digits = digits.trim_end_matches('0');
        let point = if digits.is_empty() { "" } else { "." };
        Ok(format!("{:02}:{:02}:{:02}{point}{digits}", time.hour(), time.minute(), time.second()))
    };
    let offset = match kind {
        Kind::Zoned(_, offset, _) | Kind::Offset(_, offset) => Some(super::kind::offset_text(*offset)),
        _ => None,
    };
    Ok(match iso {
        Iso::Date => date()?,
        Iso::Time => time()?,
        Iso::DateTime => format!("{}T{}", date()?, time()?),
        Iso::Offset => format!("{}T{}{}", date()?, time()?, offset.ok_or_else(|| lacks("OffsetSeconds"))?),
        Iso::Instant => {
            let nanos = kind.instant_nanos().ok_or_else(|| lacks("InstantSeconds"))?;
            instant_text(jiff::Timestamp::from_nanosecond(nanos).map_err(|_| Fault::Mismatch)?)
        }
        Iso::Any => {
            let zone = match kind {
                Kind::Zoned(_, _, zone) if offset.as_deref() != Some(&**zone.id()) => format!("[{}]", zone.id()),
                _ => String::new(),
            };
            format!("{}T{}{}{zone}", date()?, time()?, offset.unwrap_or_default())
        }
    })
}

/// What has been read of a text.
#[derive(Debug, Default)]
struct Read {
    date: Option<Date>,
    time: Option<Time>,
    offset: Option<i32>,
    zone: Option<Zone>,
}

fn read(text: &str, formatter: &Formatter) -> Result<Read, Fault> {
    let mut read = match &formatter.form {
        Form::Pattern(pattern, source) => {
            let parsed = match pattern.parse(text) {
                Ok(parsed) => parsed,
                Err(error) => return Err(parse_error(error.to_string())),
            };
            // A year and a month alone are a date for us; for what needs a day it lacks one.
            let date = parsed.date.or_else(|| year_month(text, source));
            Read { date, time: parsed.time, offset: parsed.offset, zone: parsed.zone }
        }
        Form::Iso(_) => read_iso(text)?,
    };
    if read.zone.is_none() && read.offset.is_none() {
        read.zone.clone_from(&formatter.zone);
    }
    Ok(read)
}

/// The first of the month that `yyyy-MM` and its like name.
fn year_month(text: &str, pattern: &str) -> Option<Date> {
    if pattern.contains('d') || !pattern.contains('M') {
        return None;
    }
    let formatter = DateTimeFormatter::of_pattern(&format!("{pattern} dd"), &Locale::english()).ok()?;
    formatter.parse(&format!("{text} 01")).ok()?.date
}

/// Where digits are read from a text of ISO's.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl Cursor<'_> {
    fn fail<T>(&self) -> Result<T, Fault> {
        Err(parse_error(format!("Text '{}' could not be parsed at index {}", self.text, self.at)))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn number(&mut self, digits: usize) -> Result<i64, Fault> {
        let part = self.text.get(self.at..self.at + digits).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
        let Some(part) = part else { return self.fail() };
        self.at += digits;
        part.parse().or_else(|_| self.fail())
    }

    fn date(&mut self) -> Result<Date, Fault> {
        let negative = self.eat(b'-');
        let year = self.number(4)?;
        if !self.eat(b'-') {
            return self.fail();
        }
        let month = self.number(2)?;
        if !self.eat(b'-') {
            return self.fail();
        }
        let day = self.number(2)?;
        super::kind::date_of(if negative { -year } else { year }, month, day).map_err(|fault| self.invalid(fault))
    }

    fn time(&mut self) -> Result<Time, Fault> {
        let hour = self.number(2)?;
        if !self.eat(b':') {
            return self.fail();
        }
        let minute = self.number(2)?;
        let (mut second, mut nano) = (0, 0);
        if self.eat(b':') {
            second = self.number(2)?;
            if self.eat(b'.') {
                let digits: String = self.text[self.at..].chars().take_while(char::is_ascii_digit).take(9).collect();
                self.at += digits.len();
                nano = format!("{digits:0<9}").parse().unwrap_or(0);
            }
        }
        super::kind::time_from(hour, minute, second, nano).map_err(|fault| self.invalid(fault))
    }

    /// The exception of fields that make no date or time.
    fn invalid(&self, fault: Fault) -> Fault {
        match fault {
            Fault::Thrown(thrown) => parse_error(format!(
                "Text '{}' could not be parsed: {}",
                self.text,
                thrown.message().unwrap_or_default()
            )),
            Fault::Mismatch => Fault::Mismatch,
        }
    }
}

/// A date, a time, or both, with an offset and a zone if they are there.
fn read_iso(text: &str) -> Result<Read, Fault> {
    let mut cursor = Cursor { text, at: 0 };
    let mut read = Read::default();
    let is_time = text.as_bytes().get(2) == Some(&b':');
    if !is_time {
        read.date = Some(cursor.date()?);
    }
    if is_time || cursor.eat(b'T') || cursor.eat(b't') {
        read.time = Some(cursor.time()?);
    }
    if matches!(cursor.peek(), Some(b'Z' | b'z' | b'+' | b'-')) {
        let end = text[cursor.at..].find('[').map_or(text.len(), |at| cursor.at + at);
        let id = text[cursor.at..end].to_ascii_uppercase();
        let Some(zone) = Zone::of(&id) else { return cursor.fail() };
        read.offset = Some(zone.offset_at(crate::clock::Timestamp::from_micros(0)));
        cursor.at = end;
    }
    if cursor.eat(b'[') {
        let end = text[cursor.at..].find(']').map_or(text.len(), |at| cursor.at + at);
        let Some(zone) = Zone::of(&text[cursor.at..end]) else { return cursor.fail() };
        read.zone = Some(zone);
        cursor.at = (end + 1).min(text.len());
    }
    if cursor.at < text.len() {
        let message = format!("Text '{text}' could not be parsed, unparsed text found at index {}", cursor.at);
        return Err(parse_error(message));
    }
    Ok(read)
}

/// `Class.parse(text)`, `Class.parse(text, formatter)`.
pub(super) fn parse(text: &str, formatter: Option<&Value>, class: &'static Class) -> Answer {
    let own;
    let formatter = match formatter {
        Some(formatter) if of(formatter).is_ok() => of(formatter)?,
        // Groovy's `parse(text, pattern)`.
        Some(pattern) => {
            own = of_pattern(&super::super::string::text(pattern)?, &Locale::english())?;
            &own
        }
        None if std::ptr::eq(class, &raw const YEAR_MONTH) => {
            let mut cursor = Cursor { text, at: 0 };
            let year = cursor.number(4)?;
            if !cursor.eat(b'-') {
                return cursor.fail();
            }
            let month = cursor.number(2)?;
            if cursor.at < text.len() {
                return cursor.fail();
            }
            return Ok(Temporal::value(Kind::YearMonth(super::kind::date_of(year, month, 1)?)));
        }
        None => {
            own = Formatter { form: Form::Iso(Iso::Any), zone: None };
            let read = read(text, &own)?;
            // What the class does not have is not expected in the text.
            let wants_time = !std::ptr::eq(class, &raw const LOCAL_DATE);
            let wants_date = !std::ptr::eq(class, &raw const LOCAL_TIME);
            if !wants_time && read.time.is_some() {
                let at = text.find(['T', 't']).unwrap_or(0);
                return Err(parse_error(format!(
                    "Text '{text}' could not be parsed, unparsed text found at index {at}"
                )));
            }
            if wants_time && read.time.is_none() {
                return Err(parse_error(format!("Text '{text}' could not be parsed at index {}", text.len().min(10))));
            }
            if wants_date && read.date.is_none() || !wants_date && read.date.is_some() {
                return Err(parse_error(format!("Text '{text}' could not be parsed at index 0")));
            }
            if std::ptr::eq(class, &raw const LOCAL_DATE_TIME) && read.offset.is_some() {
                let at = text.rfind(['+', '-', 'Z', 'z']).unwrap_or(0);
                return Err(parse_error(format!(
                    "Text '{text}' could not be parsed, unparsed text found at index {at}"
                )));
            }
            if read.offset.is_none() && wants_date && wants_time && !std::ptr::eq(class, &raw const LOCAL_DATE_TIME) {
                return Err(parse_error(format!("Text '{text}' could not be parsed at index {}", text.len())));
            }
            return made(text, read, class);
        }
    };
    made(text, read(text, formatter)?, class)
}

/// What a class makes of what has been read.
fn made(text: &str, read: Read, class: &'static Class) -> Answer {
    let simple = class.name.rsplit('.').next().unwrap_or_default();
    let lacking = || {
        let mut resolved = Vec::new();
        resolved.extend(read.date.map(|date| Kind::Date(date).text()));
        resolved.extend(read.time.map(|time| Kind::Time(time).text()));
        let iso = if resolved.is_empty() { ",ISO" } else { ",ISO resolved to " };
        parse_error(format!(
            "Text '{text}' could not be parsed: Unable to obtain {simple} from TemporalAccessor: {{}}{iso}{} of type \
             java.time.format.Parsed",
            resolved.join("T")
        ))
    };
    let local = || Some(DateTime::from_parts(read.date?, read.time?));
    let kind = match simple {
        "LocalDate" => Kind::Date(read.date.ok_or_else(lacking)?),
        "LocalTime" => Kind::Time(read.time.ok_or_else(lacking)?),
        "LocalDateTime" => Kind::DateTime(local().ok_or_else(lacking)?),
        "YearMonth" => Kind::YearMonth(read.date.ok_or_else(lacking)?.first_of_month()),
        "OffsetDateTime" => Kind::Offset(local().ok_or_else(lacking)?, read.offset.ok_or_else(lacking)?),
        _ => {
            let local = local().ok_or_else(lacking)?;
            let zone = read.zone.clone().or_else(|| read.offset.map(Zone::of_offset)).ok_or_else(lacking)?;
            let exact = match (read.offset, &read.zone) {
                (Some(offset), Some(zone)) => {
                    let nanos = Kind::Offset(local, offset).instant_nanos().ok_or(Fault::Mismatch)?;
                    super::kind::in_zone(nanos, zone)?
                }
                _ => zoned(local, &zone),
            };
            if std::ptr::eq(class, &raw const INSTANT) {
                let nanos = exact.instant_nanos().ok_or(Fault::Mismatch)?;
                Kind::Instant(jiff::Timestamp::from_nanosecond(nanos).map_err(|_| Fault::Mismatch)?)
            } else {
                exact
            }
        }
    };
    Ok(Temporal::value(kind))
}

//! `java.text`: `SimpleDateFormat`, `DecimalFormat` and `NumberFormat`.

use super::calendar::{self, TimeZone};
use super::date::{self, Date};
use super::{Answer, Class, Fault, Method, arguments, big_number, java, object, takes};
use crate::clock::Timestamp;
use crate::java::date_format::{DateFormat, Locale, Zone};
use crate::java::decimal_format::DecimalFormat as Pattern;
use crate::script::value::{ClassRef, Object, Rounding, Thrown, Value, exceptions};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// `java.text.SimpleDateFormat`.
pub static SIMPLE_DATE_FORMAT: Class = Class {
    constructor: takes(0, 2, |_, _, args| {
        let pattern = if args.is_empty() { "M/d/yy, h:mm a".into() } else { arguments::text(args, 0)? };
        let locale = args.get(1).and_then(calendar::locale).unwrap_or_else(Locale::english);
        Ok(Value::object(SimpleDateFormat(Mutex::new(DateState {
            format: compile(&pattern, &locale)?,
            pattern: pattern.into_owned(),
            locale,
            zone: Zone::local(),
            lenient: true,
        }))))
    }),
    statics: &[
        java("getDateInstance", 0, 2, |_, _, _| preset("MMM d, y")),
        java("getDateTimeInstance", 0, 3, |_, _, _| preset("MMM d, y, h:mm:ss a")),
        java("getTimeInstance", 0, 2, |_, _, _| preset("h:mm:ss a")),
    ],
    methods: DATE_METHODS,
    ..Class::named("java.text.SimpleDateFormat", &[&object::OBJECT])
};

/// `java.text.DateFormat`, of which scripts name the static methods.
pub static DATE_FORMAT: Class = Class {
    constants: &[("FULL", || 0.into()), ("LONG", || 1.into()), ("MEDIUM", || 2.into()), ("SHORT", || 3.into())],
    ..Class::named("java.text.DateFormat", &[&SIMPLE_DATE_FORMAT])
};

fn preset(pattern: &str) -> Answer {
    let locale = Locale::english();
    let format = compile(pattern, &locale)?;
    let state = DateState { format, pattern: pattern.to_owned(), locale, zone: Zone::local(), lenient: true };
    Ok(Value::object(SimpleDateFormat(Mutex::new(state))))
}

#[derive(Debug)]
struct SimpleDateFormat(Mutex<DateState>);

#[derive(Debug)]
struct DateState {
    pattern: String,
    format: DateFormat,
    locale: Locale,
    zone: Zone,
    lenient: bool,
}

impl Object for SimpleDateFormat {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&SIMPLE_DATE_FORMAT)
    }
}

fn compile(pattern: &str, locale: &Locale) -> Result<DateFormat, Fault> {
    DateFormat::compile_in(pattern, locale)
        .map_err(|error| Thrown::new(exceptions::ILLEGAL_ARGUMENT, error.to_string()).into())
}

/// A `Date` of a text by a pattern.
pub(crate) fn parse_date(pattern: &str, text: &str, zone: &Zone) -> Answer {
    let format = compile(pattern, &Locale::english())?;
    let moment =
        format.parse(text, zone).map_err(|error| Thrown::new("java.text.ParseException", error.to_string()))?;
    Ok(Value::object(Date::new(moment.millis())))
}

fn of(this: &Value) -> Result<MutexGuard<'_, DateState>, Fault> {
    Ok(arguments::object::<SimpleDateFormat>(this)?.0.lock().unwrap_or_else(PoisonError::into_inner))
}

static DATE_METHODS: &[Method] = &[
    java("applyPattern", 1, 1, |_, this, args| {
        let mut state = of(this)?;
        state.pattern = arguments::text(args, 0)?.into_owned();
        state.format = compile(&state.pattern, &state.locale)?;
        Ok(Value::Null)
    }),
    java("format", 1, 1, |_, this, args| {
        let millis = match date::millis(&args[0]) {
            Ok(millis) => millis,
            Err(_) if args[0].is_null() => {
                return Err(Thrown::with_cause(exceptions::NULL_POINTER, None, Value::Null).into());
            }
            Err(_) => args[0]
                .to_i64()
                .filter(|_| args[0].is_number())
                .ok_or_else(|| Thrown::new(exceptions::ILLEGAL_ARGUMENT, "Cannot format given Object as a Date"))?,
        };
        let state = of(this)?;
        Ok(state.format.format_to_string(Timestamp::from_millis(millis), &state.zone).into())
    }),
    java("getTimeZone", 0, 0, |_, this, _| Ok(Value::object(TimeZone(of(this)?.zone.clone())))),
    java("isLenient", 0, 0, |_, this, _| Ok(of(this)?.lenient.into())),
    java("parse", 1, 1, |_, this, args| {
        let (state, text) = (of(this)?, arguments::text(args, 0)?);
        let parsed = if state.lenient {
            state.format.parse(&text, &state.zone)
        } else {
            state.format.parse_strict(&text, &state.zone)
        };
        let moment = parsed.map_err(|error| Thrown::new("java.text.ParseException", error.to_string()))?;
        Ok(Value::object(Date::new(moment.millis())))
    }),
    java("setLenient", 1, 1, |_, this, args| {
        of(this)?.lenient = arguments::flag(args, 0)?;
        Ok(Value::Null)
    }),
    java("setTimeZone", 1, 1, |_, this, args| {
        of(this)?.zone = calendar::zone(&args[0])?;
        Ok(Value::Null)
    }),
    java("toPattern", 0, 0, |_, this, _| Ok(of(this)?.pattern.as_str().into())),
];

/// `java.text.DecimalFormat`.
pub static DECIMAL_FORMAT: Class = Class {
    constructor: takes(0, 2, |_, _, args| decimal_format(&arguments::text(args, 0)?)),
    methods: DECIMAL_METHODS,
    ..Class::named("java.text.DecimalFormat", &[&object::OBJECT])
};

/// `java.text.NumberFormat`.
pub static NUMBER_FORMAT: Class = Class {
    statics: &[
        java("getCurrencyInstance", 0, 1, |_, _, _| decimal_format("'$'#,##0.00")),
        java("getInstance", 0, 1, |_, _, _| decimal_format("#,##0.###")),
        java("getIntegerInstance", 0, 1, |_, _, _| decimal_format("#,##0")),
        java("getNumberInstance", 0, 1, |_, _, _| decimal_format("#,##0.###")),
        java("getPercentInstance", 0, 1, |_, _, _| decimal_format("#,##0%")),
    ],
    ..Class::named("java.text.NumberFormat", &[&object::OBJECT])
};

/// `java.text.DecimalFormatSymbols`: always those of English.
pub static DECIMAL_FORMAT_SYMBOLS: Class = Class {
    constructor: takes(0, 1, |_, _, _| Ok(Value::object(Symbols))),
    statics: &[java("getInstance", 0, 1, |_, _, _| Ok(Value::object(Symbols)))],
    ..Class::named("java.text.DecimalFormatSymbols", &[&object::OBJECT])
};

#[derive(Debug)]
struct Symbols;

impl Object for Symbols {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&DECIMAL_FORMAT_SYMBOLS)
    }
}

#[derive(Debug)]
struct DecimalFormat(Mutex<DecimalState>);

#[derive(Debug)]
struct DecimalState {
    source: String,
    pattern: Pattern,
    min_fraction: usize,
    max_fraction: usize,
    rounding: Rounding,
}

impl Object for DecimalFormat {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&DECIMAL_FORMAT)
    }
}

/// Fraction digits that a format may ask for.
const MOST_DIGITS: usize = 340;

fn decimal_format(source: &str) -> Answer {
    let pattern =
        Pattern::compile(source).map_err(|error| Thrown::new(exceptions::ILLEGAL_ARGUMENT, error.to_string()))?;
    let positive = source.split(';').next().unwrap_or_default();
    let fraction: String =
        positive.split_once('.').map_or("", |parts| parts.1).chars().take_while(|c| matches!(c, '0' | '#')).collect();
    let min_fraction = fraction.matches('0').count();
    let state = DecimalState {
        source: source.to_owned(),
        pattern,
        min_fraction,
        max_fraction: fraction.len(),
        rounding: Rounding::HalfEven,
    };
    Ok(Value::object(DecimalFormat(Mutex::new(state))))
}

fn decimal(this: &Value) -> Result<MutexGuard<'_, DecimalState>, Fault> {
    Ok(arguments::object::<DecimalFormat>(this)?.0.lock().unwrap_or_else(PoisonError::into_inner))
}

fn set_digits(this: &Value, args: &[Value], least: bool) -> Answer {
    let count = (arguments::int(args, 0)?.max(0) as usize).min(MOST_DIGITS);
    let mut state = decimal(this)?;
    if least {
        state.min_fraction = count;
        state.max_fraction = state.max_fraction.max(count);
    } else {
        state.max_fraction = count;
        state.min_fraction = state.min_fraction.min(count);
    }
    state.pattern = state.pattern.clone().with_fraction_digits(state.min_fraction, state.max_fraction);
    Ok(Value::Null)
}

static DECIMAL_METHODS: &[Method] = &[
    java("applyPattern", 1, 1, |_, this, args| {
        let other = decimal_format(&arguments::text(args, 0)?)?;
        let mut other = decimal(&other)?;
        let own = decimal(this)?.rounding;
        other.rounding = own;
        let mut state = decimal(this)?;
        std::mem::swap(&mut *state, &mut *other);
        Ok(Value::Null)
    }),
    java("format", 1, 1, |_, this, args| {
        let state = decimal(this)?;
        let value = &args[0];
        if !value.is_number() {
            return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, "Cannot format given Object as a Number").into());
        }
        if value.is_integral() && !matches!(value, Value::BigInteger(_)) {
            return Ok(state.pattern.format_long(value.to_i64().ok_or(Fault::Mismatch)?).into());
        }
        let double = value.to_f64().ok_or(Fault::Mismatch)?;
        let by_value = state.rounding == Rounding::HalfEven && matches!(value, Value::Double(_) | Value::Float(_));
        if by_value || !double.is_finite() || state.source.contains('%') {
            return Ok(state.pattern.format_double(double).into());
        }
        // Decimals, and other ways of rounding: rounded first, so that the format has nothing left to round.
        let exact = match value {
            Value::Double(number) => crate::script::value::BigDecimal::exact(*number),
            other => other.to_decimal(),
        };
        let rounded = exact.ok_or(Fault::Mismatch)?.set_scale(state.max_fraction as i32, state.rounding)?;
        Ok(state.pattern.format_double(rounded.to_f64()).into())
    }),
    java("getMaximumFractionDigits", 0, 0, |_, this, _| Ok((decimal(this)?.max_fraction as i32).into())),
    java("getMinimumFractionDigits", 0, 0, |_, this, _| Ok((decimal(this)?.min_fraction as i32).into())),
    java("parse", 1, 1, |_, this, args| {
        let state = decimal(this)?;
        let text = arguments::text(args, 0)?;
        let digits: String =
            text.chars().take_while(|c| c.is_ascii_digit() || "-.,".contains(*c)).filter(|c| *c != ',').collect();
        let unparseable = || Thrown::new("java.text.ParseException", format!("Unparseable number: \"{text}\""));
        let number: f64 = digits.parse().map_err(|_| unparseable())?;
        let number = if state.source.contains('%') { number / 100.0 } else { number };
        Ok(if number.fract() == 0.0 && number.abs() < 9e18 { Value::Long(number as i64) } else { number.into() })
    }),
    java("setGroupingUsed", 1, 1, |_, this, args| {
        if !arguments::flag(args, 0)? {
            let mut state = decimal(this)?;
            state.source = state.source.replace("#,##0", "0").replace(',', "");
            let plain = Pattern::compile(&state.source).map_err(|_| Fault::Mismatch)?;
            state.pattern = plain.with_fraction_digits(state.min_fraction, state.max_fraction);
        }
        Ok(Value::Null)
    }),
    java("setMaximumFractionDigits", 1, 1, |_, this, args| set_digits(this, args, false)),
    java("setMinimumFractionDigits", 1, 1, |_, this, args| set_digits(this, args, true)),
    java("setRoundingMode", 1, 1, |_, this, args| {
        decimal(this)?.rounding = big_number::rounding(&args[0])?;
        Ok(Value::Null)
    }),
    java("toPattern", 0, 0, |_, this, _| Ok(decimal(this)?.source.as_str().into())),
];

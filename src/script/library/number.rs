//! `java.lang.Number` and its classes.

use super::{Answer, Class, Fault, Method, arguments, java, number_groovy, object, takes};
use crate::script::machine::Machine;
use crate::script::value::{Thrown, Value, compare_numbers, double_text, equals, exceptions, float_text};
use num_bigint::BigInt;
use std::cmp::Ordering;

pub(super) const NUMBER_PARENTS: &[&Class] = &[&NUMBER, &object::COMPARABLE];

/// `java.lang.Number`.
pub static NUMBER: Class =
    Class { methods: NUMBER_METHODS, ..Class::named("java.lang.Number", &[&number_groovy::ADDED]) };

/// `java.lang.Byte`.
pub static BYTE: Class = Class {
    constructor: takes(1, 1, |_, _, args| narrow_value_of(args, -0x80..=0x7f)),
    statics: &[
        java("valueOf", 1, 1, |_, _, args| narrow_value_of(args, -0x80..=0x7f)),
        java("parseByte", 1, 2, |_, _, args| Ok(Value::Byte(whole(args, i64::from(i8::MIN)..=127)? as i8))),
    ],
    constants: &[("MAX_VALUE", || Value::Byte(i8::MAX)), ("MIN_VALUE", || Value::Byte(i8::MIN))],
    ..Class::named("java.lang.Byte", NUMBER_PARENTS)
};

/// `java.lang.Short`.
pub static SHORT: Class = Class {
    constructor: takes(1, 1, |_, _, args| narrow_value_of(args, -0x8000..=0x7fff)),
    statics: &[
        java("valueOf", 1, 1, |_, _, args| narrow_value_of(args, -0x8000..=0x7fff)),
        java("parseShort", 1, 2, |_, _, args| Ok(Value::Short(whole(args, -0x8000..=0x7fff)? as i16))),
    ],
    constants: &[("MAX_VALUE", || Value::Short(i16::MAX)), ("MIN_VALUE", || Value::Short(i16::MIN))],
    ..Class::named("java.lang.Short", NUMBER_PARENTS)
};

/// `java.lang.Integer`.
pub static INTEGER: Class = Class {
    constructor: takes(1, 1, |_, _, args| int_value_of(args)),
    statics: INTEGER_STATICS,
    constants: &[("MAX_VALUE", || i32::MAX.into()), ("MIN_VALUE", || i32::MIN.into())],
    ..Class::named("java.lang.Integer", NUMBER_PARENTS)
};

/// `java.lang.Long`.
pub static LONG: Class = Class {
    constructor: takes(1, 1, |_, _, args| long_value_of(args)),
    statics: LONG_STATICS,
    constants: &[("MAX_VALUE", || i64::MAX.into()), ("MIN_VALUE", || i64::MIN.into())],
    ..Class::named("java.lang.Long", NUMBER_PARENTS)
};

/// `java.lang.Float`.
pub static FLOAT: Class = Class {
    constructor: takes(1, 1, |_, _, args| float_value_of(args)),
    statics: &[
        java("parseFloat", 1, 1, |_, _, args| Ok(Value::Float(parse_double(&text(args)?)? as f32))),
        java("toString", 1, 1, |_, _, args| Ok(float_text(arguments::double(args, 0)? as f32).into())),
        java("valueOf", 1, 1, |_, _, args| float_value_of(args)),
    ],
    constants: &[("MAX_VALUE", || Value::Float(f32::MAX)), ("MIN_VALUE", || Value::Float(f32::from_bits(1)))],
    methods: FLOATING_METHODS,
    ..Class::named("java.lang.Float", NUMBER_PARENTS)
};

/// `java.lang.Double`.
pub static DOUBLE: Class = Class {
    constructor: takes(1, 1, |_, _, args| double_value_of(args)),
    statics: &[
        java("doubleToLongBits", 1, 1, |_, _, args| Ok((arguments::double(args, 0)?.to_bits() as i64).into())),
        java("isFinite", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.is_finite().into())),
        java("longBitsToDouble", 1, 1, |_, _, args| Ok(f64::from_bits(arguments::long(args, 0)? as u64).into())),
        java("max", 2, 2, |_, _, args| Ok(arguments::double(args, 0)?.max(arguments::double(args, 1)?).into())),
        java("min", 2, 2, |_, _, args| Ok(arguments::double(args, 0)?.min(arguments::double(args, 1)?).into())),
        java("sum", 2, 2, |_, _, args| Ok((arguments::double(args, 0)? + arguments::double(args, 1)?).into())),
        java("toHexString", 1, 1, |_, _, args| Ok(super::format::hexadecimal(arguments::double(args, 0)?).into())),
        java("compare", 2, 2, |_, _, args| {
            Ok((arguments::double(args, 0)?.total_cmp(&arguments::double(args, 1)?) as i32).into())
        }),
        java("isInfinite", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.is_infinite().into())),
        java("isNaN", 1, 1, |_, _, args| Ok(arguments::double(args, 0)?.is_nan().into())),
        java("parseDouble", 1, 1, |_, _, args| {
            if args[0].is_null() {
                let message = "Cannot invoke \"String.trim()\" because \"in\" is null";
                return Err(Thrown::new(exceptions::NULL_POINTER, message).into());
            }
            Ok(parse_double(&text(args)?)?.into())
        }),
        java("toString", 1, 1, |_, _, args| Ok(double_text(arguments::double(args, 0)?).into())),
        java("valueOf", 1, 1, |_, _, args| double_value_of(args)),
    ],
    constants: &[
        ("MAX_VALUE", || f64::MAX.into()),
        ("MIN_VALUE", || f64::from_bits(1).into()),
        ("NEGATIVE_INFINITY", || f64::NEG_INFINITY.into()),
        ("NaN", || f64::NAN.into()),
        ("POSITIVE_INFINITY", || f64::INFINITY.into()),
    ],
    methods: FLOATING_METHODS,
    ..Class::named("java.lang.Double", NUMBER_PARENTS)
};

static NUMBER_METHODS: &[Method] = &[
    java("byteValue", 0, 0, |_, this, _| Ok(Value::Byte(int_of(this)? as i8))),
    java("compareTo", 1, 1, compare_to),
    java("doubleValue", 0, 0, |_, this, _| Ok(double_of(this)?.into())),
    java("floatValue", 0, 0, |_, this, _| Ok(Value::Float(double_of(this)? as f32))),
    java("intValue", 0, 0, |_, this, _| Ok(int_of(this)?.into())),
    java("longValue", 0, 0, |_, this, _| Ok(this.to_i64().ok_or(Fault::Mismatch)?.into())),
    java("shortValue", 0, 0, |_, this, _| Ok(Value::Short(int_of(this)? as i16))),
];

static FLOATING_METHODS: &[Method] = &[
    java("isInfinite", 0, 0, |_, this, _| Ok(double_of(this)?.is_infinite().into())),
    java("isNaN", 0, 0, |_, this, _| Ok(double_of(this)?.is_nan().into())),
];

static INTEGER_STATICS: &[Method] = &[
    java("compare", 2, 2, |_, _, args| Ok(ordering(arguments::int(args, 0)?.cmp(&arguments::int(args, 1)?)))),
    java("bitCount", 1, 1, |_, _, args| Ok((arguments::int(args, 0)?.count_ones() as i32).into())),
    java("decode", 1, 1, |_, _, args| {
        Ok((decoded(&text(args)?, i64::from(i32::MIN)..=i64::from(i32::MAX))? as i32).into())
    }),
    java("divideUnsigned", 2, 2, |_, _, args| {
        let (a, b) = (arguments::int(args, 0)? as u32, arguments::int(args, 1)? as u32);
        let quotient = a.checked_div(b).ok_or_else(|| Thrown::new(exceptions::ARITHMETIC, "/ by zero"))?;
        Ok((quotient as i32).into())
    }),
    java("hashCode", 1, 1, |_, _, args| Ok(arguments::int(args, 0)?.into())),
    java("highestOneBit", 1, 1, |_, _, args| {
        let n = arguments::int(args, 0)?;
        Ok((if n == 0 { 0 } else { (1u32 << (31 - n.leading_zeros())) as i32 }).into())
    }),
    java("numberOfLeadingZeros", 1, 1, |_, _, args| Ok((arguments::int(args, 0)?.leading_zeros() as i32).into())),
    java("numberOfTrailingZeros", 1, 1, |_, _, args| Ok((arguments::int(args, 0)?.trailing_zeros() as i32).into())),
    java("parseUnsignedInt", 1, 2, |_, _, args| Ok((whole(args, 0..=0xffff_ffff)? as i32).into())),
    java("reverse", 1, 1, |_, _, args| Ok(arguments::int(args, 0)?.reverse_bits().into())),
    java("max", 2, 2, |_, _, args| Ok(arguments::int(args, 0)?.max(arguments::int(args, 1)?).into())),
    java("min", 2, 2, |_, _, args| Ok(arguments::int(args, 0)?.min(arguments::int(args, 1)?).into())),
    java("parseInt", 1, 2, |_, _, args| Ok((whole(args, -0x8000_0000..=0x7fff_ffff)? as i32).into())),
    java("signum", 1, 1, |_, _, args| Ok(arguments::int(args, 0)?.signum().into())),
    java("sum", 2, 2, |_, _, args| Ok(arguments::int(args, 0)?.wrapping_add(arguments::int(args, 1)?).into())),
    java("toBinaryString", 1, 1, |_, _, args| Ok(format!("{:b}", arguments::int(args, 0)?).into())),
    java("toHexString", 1, 1, |_, _, args| Ok(format!("{:x}", arguments::int(args, 0)?).into())),
    java("toOctalString", 1, 1, |_, _, args| Ok(format!("{:o}", arguments::int(args, 0)?).into())),
    java("toString", 1, 2, |_, _, args| Ok(in_radix(i64::from(arguments::int(args, 0)?), radix(args)?).into())),
    java("valueOf", 1, 2, |_, _, args| int_value_of(args)),
];

static LONG_STATICS: &[Method] = &[
    java("compare", 2, 2, |_, _, args| Ok(ordering(arguments::long(args, 0)?.cmp(&arguments::long(args, 1)?)))),
    java("bitCount", 1, 1, |_, _, args| Ok((arguments::long(args, 0)?.count_ones() as i32).into())),
    java("decode", 1, 1, |_, _, args| Ok(decoded(&text(args)?, i64::MIN..=i64::MAX)?.into())),
    java("hashCode", 1, 1, |_, _, args| Ok(crate::script::value::hash_code(&arguments::long(args, 0)?.into()).into())),
    java("numberOfLeadingZeros", 1, 1, |_, _, args| Ok((arguments::long(args, 0)?.leading_zeros() as i32).into())),
    java("numberOfTrailingZeros", 1, 1, |_, _, args| Ok((arguments::long(args, 0)?.trailing_zeros() as i32).into())),
    java("toUnsignedString", 1, 1, |_, _, args| Ok((arguments::long(args, 0)? as u64).to_string().into())),
    java("max", 2, 2, |_, _, args| Ok(arguments::long(args, 0)?.max(arguments::long(args, 1)?).into())),
    java("min", 2, 2, |_, _, args| Ok(arguments::long(args, 0)?.min(arguments::long(args, 1)?).into())),
    java("parseLong", 1, 2, |_, _, args| Ok(whole(args, i64::MIN..=i64::MAX)?.into())),
    java("signum", 1, 1, |_, _, args| Ok((arguments::long(args, 0)?.signum() as i32).into())),
    java("sum", 2, 2, |_, _, args| Ok(arguments::long(args, 0)?.wrapping_add(arguments::long(args, 1)?).into())),
    java("toBinaryString", 1, 1, |_, _, args| Ok(format!("{:b}", arguments::long(args, 0)?).into())),
    java("toHexString", 1, 1, |_, _, args| Ok(format!("{:x}", arguments::long(args, 0)?).into())),
    java("toOctalString", 1, 1, |_, _, args| Ok(format!("{:o}", arguments::long(args, 0)?).into())),
    java("toString", 1, 2, |_, _, args| Ok(in_radix(arguments::long(args, 0)?, radix(args)?).into())),
    java("valueOf", 1, 2, |_, _, args| long_value_of(args)),
];

fn text(args: &[Value]) -> Result<String, Fault> {
    arguments::text(args, 0).map(std::borrow::Cow::into_owned)
}

fn int_of(this: &Value) -> Result<i32, Fault> {
    this.to_i32().ok_or(Fault::Mismatch)
}

fn double_of(this: &Value) -> Result<f64, Fault> {
    this.to_f64().ok_or(Fault::Mismatch)
}

/// The result of a comparison as Java's -1, 0 or 1.
pub(crate) fn ordering(order: Ordering) -> Value {
    Value::Int(order as i32)
}

fn compare_to(_: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    if equals(this, &args[0]) {
        return Ok(0.into());
    }
    compare_numbers(this, &args[0]).map(ordering).ok_or(Fault::Mismatch)
}

fn radix(args: &[Value]) -> Result<u32, Fault> {
    let radix = if args.len() > 1 { arguments::int(args, 1)? } else { 10 };
    Ok(if (2..=36).contains(&radix) { radix as u32 } else { 10 })
}

/// `Long.toString(number, radix)`.
pub(crate) fn in_radix(number: i64, radix: u32) -> String {
    BigInt::from(number).to_str_radix(radix)
}

/// Parses a whole number within a type's range, as `Integer.parseInt` does.
pub(crate) fn parse_whole(text: &str, radix: u32, range: &std::ops::RangeInclusive<i64>) -> Result<i64, Thrown> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || digits.starts_with(['-', '+']) {
        return Err(Thrown::number_format(text));
    }
    match i64::from_str_radix(text, radix) {
        Ok(number) if range.contains(&number) => Ok(number),
        // Small types are read as an int first.
        Ok(number) if *range.end() <= 0x7fff && i32::try_from(number).is_ok() => {
            let message = format!("Value out of range. Value:\"{text}\" Radix:{radix}");
            Err(Thrown::new(exceptions::NUMBER_FORMAT, message))
        }
        _ if radix == 10 => Err(Thrown::number_format(text)),
        _ => {
            let message = format!("For input string: \"{text}\" under radix {radix}");
            Err(Thrown::new(exceptions::NUMBER_FORMAT, message))
        }
    }
}

fn whole(args: &[Value], range: std::ops::RangeInclusive<i64>) -> Result<i64, Fault> {
    if args[0].is_null() {
        return Err(Thrown::new(exceptions::NUMBER_FORMAT, "Cannot parse null string").into());
    }
    Ok(parse_whole(&text(args)?, radix(args)?, &range)?)
}

/// `Double.parseDouble`.
pub(crate) fn parse_double(text: &str) -> Result<f64, Thrown> {
    let trimmed = text.trim_matches(|c: char| c <= ' ');
    if trimmed.is_empty() {
        let message = if text.is_empty() { "empty String".to_owned() } else { format!("For input string: \"{text}\"") };
        return Err(Thrown::new(exceptions::NUMBER_FORMAT, message));
    }
    let unsigned = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    let negative = trimmed.starts_with('-');
    let special = match unsigned {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        _ => None,
    };
    if let Some(special) = special {
        return Ok(if negative { -special } else { special });
    }
    let number = unsigned.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(unsigned);
    if number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
        && let Ok(value) = number.parse::<f64>()
    {
        return Ok(if negative { -value } else { value });
    }
    Err(Thrown::number_format(trimmed))
}

/// `Integer.decode`: `0x`, `#` and a leading zero name the radix.
fn decoded(text: &str, range: std::ops::RangeInclusive<i64>) -> Result<i64, Fault> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = if let Some(digits) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
        (16, digits)
    } else if let Some(digits) = rest.strip_prefix('#') {
        (16, digits)
    } else if rest.len() > 1 && rest.starts_with('0') {
        (8, &rest[1..])
    } else {
        (10, rest)
    };
    if text.is_empty() {
        return Err(Thrown::new(exceptions::NUMBER_FORMAT, "Zero length string").into());
    }
    Ok(parse_whole(&format!("{sign}{digits}"), radix, &range)?)
}

fn int_value_of(args: &[Value]) -> Answer {
    if arguments::text(args, 0).is_ok() || arguments::first(args)?.is_null() {
        return Ok((whole(args, -0x8000_0000..=0x7fff_ffff)? as i32).into());
    }
    Ok(arguments::int(args, 0)?.into())
}

fn long_value_of(args: &[Value]) -> Answer {
    if arguments::text(args, 0).is_ok() || arguments::first(args)?.is_null() {
        return Ok(whole(args, i64::MIN..=i64::MAX)?.into());
    }
    Ok(arguments::long(args, 0)?.into())
}

fn double_value_of(args: &[Value]) -> Answer {
    match arguments::text(args, 0) {
        Ok(text) => Ok(parse_double(&text)?.into()),
        Err(_) => Ok(arguments::double(args, 0)?.into()),
    }
}

/// `Byte.valueOf` and `Short.valueOf`, told apart by their range.
fn narrow_value_of(args: &[Value], range: std::ops::RangeInclusive<i64>) -> Answer {
    let byte = *range.end() == 0x7f;
    let number = if arguments::text(args, 0).is_ok() { whole(args, range)? } else { arguments::long(args, 0)? };
    Ok(if byte { Value::Byte(number as i8) } else { Value::Short(number as i16) })
}

fn float_value_of(args: &[Value]) -> Answer {
    match arguments::text(args, 0) {
        Ok(text) => Ok(Value::Float(parse_double(&text)? as f32)),
        Err(_) => Ok(Value::Float(arguments::double(args, 0)? as f32)),
    }
}

/// What `new BigDecimal(text)` throws.
pub(crate) fn decimal_format_error(text: &str) -> Thrown {
    let wrong =
        text.trim_start_matches(['-', '+']).chars().find(|c| !c.is_ascii_digit() && !matches!(c, '.' | 'e' | 'E'));
    match wrong {
        _ if text.is_empty() => Thrown::with_cause(exceptions::NUMBER_FORMAT, None, Value::Null),
        Some(c) => {
            let message = format!(
                "Character {c} is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark."
            );
            Thrown::new(exceptions::NUMBER_FORMAT, message)
        }
        None => Thrown::with_cause(exceptions::NUMBER_FORMAT, None, Value::Null),
    }
}

/// What `new BigInteger(text)` throws.
pub(crate) fn integer_format_error(text: &str) -> Thrown {
    if text.is_empty() {
        return Thrown::new(exceptions::NUMBER_FORMAT, "Zero length BigInteger");
    }
    Thrown::number_format(text)
}

//! `java.lang.Character`.

use super::{Class, Fault, Method, arguments, groovy, java, object, string, takes};
use crate::script::value::{Value, utf16_len};

/// `java.lang.Character`.
pub static CHARACTER: Class = Class {
    constructor: takes(1, 1, |_, _, args| match args {
        [Value::Char(unit)] => Ok(Value::Char(*unit)),
        _ => Err(Fault::Mismatch),
    }),
    statics: STATICS,
    methods: METHODS,
    constants: &[
        ("MAX_RADIX", || 36.into()),
        ("MAX_VALUE", || Value::Char(u16::MAX)),
        ("MIN_RADIX", || 2.into()),
        ("MIN_VALUE", || Value::Char(0)),
    ],
    ..Class::named("java.lang.Character", &[&object::COMPARABLE])
};

static STATICS: &[Method] = &[
    java("charCount", 1, 1, |_, _, args| Ok((if arguments::int(args, 0)? >= 0x10000 { 2 } else { 1 }).into())),
    java("compare", 2, 2, |_, _, args| Ok(arguments::int(args, 0)?.wrapping_sub(arguments::int(args, 1)?).into())),
    java("digit", 2, 2, |_, _, args| {
        let radix = arguments::int(args, 1)?;
        if !(2..=36).contains(&radix) {
            return Ok((-1).into());
        }
        Ok(character(args)?.to_digit(radix as u32).map_or(-1, |digit| digit as i32).into())
    }),
    java("forDigit", 2, 2, |_, _, args| {
        let (digit, radix) = (arguments::int(args, 0)?, arguments::int(args, 1)?);
        let valid = (2..=36).contains(&radix) && (0..radix).contains(&digit);
        let c = if valid { char::from_digit(digit as u32, radix as u32) } else { None };
        Ok(Value::Char(c.map_or(0, |c| c as u16)))
    }),
    java("getNumericValue", 1, 1, |_, _, args| {
        Ok(character(args)?.to_digit(36).map_or(-1, |digit| digit as i32).into())
    }),
    java("hashCode", 1, 1, |_, _, args| Ok(arguments::int(args, 0)?.into())),
    java("isAlphabetic", 1, 1, |_, _, args| Ok(character(args)?.is_alphabetic().into())),
    java("isDigit", 1, 1, |_, _, args| Ok(is_digit(character(args)?).into())),
    java("isISOControl", 1, 1, |_, _, args| Ok(character(args)?.is_control().into())),
    java("isLetter", 1, 1, |_, _, args| Ok(character(args)?.is_alphabetic().into())),
    java("isLetterOrDigit", 1, 1, |_, _, args| {
        let c = character(args)?;
        Ok((c.is_alphabetic() || is_digit(c)).into())
    }),
    java("isLowerCase", 1, 1, |_, _, args| Ok(character(args)?.is_lowercase().into())),
    java("isSpaceChar", 1, 1, |_, _, args| {
        let c = character(args)?;
        Ok((c.is_whitespace() && !matches!(c, '\t'..='\r' | '\u{85}')).into())
    }),
    java("isUpperCase", 1, 1, |_, _, args| Ok(character(args)?.is_uppercase().into())),
    java("isWhitespace", 1, 1, |_, _, args| Ok(string::java_whitespace(character(args)?).into())),
    java("toChars", 1, 1, |_, _, args| {
        let units: Vec<Value> =
            character(args)?.encode_utf16(&mut [0; 2]).iter().map(|unit| Value::Char(*unit)).collect();
        Ok(Value::Array(std::sync::Arc::new(crate::script::value::Array::new("char", units))))
    }),
    java("toLowerCase", 1, 1, |_, _, args| Ok(cased(args, character(args)?.to_lowercase().next()))),
    java("toString", 1, 1, |_, _, args| Ok(character(args)?.to_string().into())),
    java("toUpperCase", 1, 1, |_, _, args| Ok(cased(args, character(args)?.to_uppercase().next()))),
    java("valueOf", 1, 1, |_, _, args| match args[0] {
        Value::Char(c) => Ok(Value::Char(c)),
        _ => Err(Fault::Mismatch),
    }),
];

static METHODS: &[Method] = &[
    java("charValue", 0, 0, |_, this, _| Ok(this.clone())),
    java("compareTo", 1, 1, |_, this, args| match (this, &args[0]) {
        (Value::Char(a), Value::Char(b)) => Ok((i32::from(*a) - i32::from(*b)).into()),
        _ => Err(Fault::Mismatch),
    }),
    groovy("isDigit", 0, 0, |_, this, _| Ok(is_digit(character(std::slice::from_ref(this))?).into())),
    groovy("isLetter", 0, 0, |_, this, _| Ok(character(std::slice::from_ref(this))?.is_alphabetic().into())),
    groovy("isLetterOrDigit", 0, 0, |_, this, _| {
        let c = character(std::slice::from_ref(this))?;
        Ok((c.is_alphabetic() || is_digit(c)).into())
    }),
    groovy("isLowerCase", 0, 0, |_, this, _| Ok(character(std::slice::from_ref(this))?.is_lowercase().into())),
    groovy("isUpperCase", 0, 0, |_, this, _| Ok(character(std::slice::from_ref(this))?.is_uppercase().into())),
    groovy("isWhitespace", 0, 0, |_, this, _| {
        Ok(string::java_whitespace(character(std::slice::from_ref(this))?).into())
    }),
    groovy("next", 0, 0, |_, this, _| stepped(this, 1)),
    groovy("previous", 0, 0, |_, this, _| stepped(this, -1)),
    groovy("toLowerCase", 0, 0, |_, this, _| {
        let this = std::slice::from_ref(this);
        Ok(cased(this, character(this)?.to_lowercase().next()))
    }),
    groovy("toUpperCase", 0, 0, |_, this, _| {
        let this = std::slice::from_ref(this);
        Ok(cased(this, character(this)?.to_uppercase().next()))
    }),
];

fn stepped(this: &Value, by: i16) -> Result<Value, Fault> {
    match this {
        Value::Char(unit) => Ok(Value::Char(unit.wrapping_add_signed(by))),
        _ => Err(Fault::Mismatch),
    }
}

fn character(args: &[Value]) -> Result<char, Fault> {
    let code = match &args[0] {
        Value::Char(unit) => u32::from(*unit),
        Value::Int(point) => *point as u32,
        Value::String(text) if utf16_len(text) == 1 => return text.chars().next().ok_or(Fault::Mismatch),
        _ => return Err(Fault::Mismatch),
    };
    Ok(char::from_u32(code).unwrap_or('\u{fffd}'))
}

fn cased(args: &[Value], changed: Option<char>) -> Value {
    match (&args[0], changed) {
        (Value::Int(_), Some(c)) => Value::Int(u32::from(c) as i32),
        (_, Some(c)) => Value::Char(u32::from(c) as u16),
        (same, None) => same.clone(),
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && c.is_numeric())
}

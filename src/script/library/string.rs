//! `java.lang.String`, `CharSequence` and `Character`, and Groovy's `GString`.

use super::{ANY, Answer, Class, Fault, Method, arguments, java, object, pattern};
use crate::script::machine::Machine;
use crate::script::value::{
    Array, Thrown, Value, char_text, compare_texts, exceptions, java_text, slice_utf16, utf16_len,
};
use std::sync::Arc;

/// `java.lang.CharSequence`.
pub static CHAR_SEQUENCE: Class =
    Class { methods: SEQUENCE_METHODS, ..Class::interface("java.lang.CharSequence", &[&object::OBJECT]) };

/// `java.lang.String`.
pub static STRING: Class = Class {
    constructor: Some(construct),
    statics: STATICS,
    methods: METHODS,
    ..Class::named("java.lang.String", &[&CHAR_SEQUENCE, &object::COMPARABLE])
};

/// `org.codehaus.groovy.runtime.GStringImpl`: it has the methods of a string.
pub static GSTRING: Class = Class {
    methods: &[
        java("equals", 1, 1, |_, this, args| Ok(crate::script::value::equals(this, &args[0]).into())),
        java("toString", 0, 0, |machine, this, _| Ok(machine.text(this)?.into())),
    ],
    ..Class::named("org.codehaus.groovy.runtime.GStringImpl", &[&STRING])
};

/// `java.lang.Character`.
pub static CHARACTER: Class = Class {
    statics: CHARACTER_STATICS,
    methods: CHARACTER_METHODS,
    ..Class::named("java.lang.Character", &[&object::COMPARABLE])
};

static SEQUENCE_METHODS: &[Method] = &[
    java("charAt", 1, 1, char_at),
    java("isEmpty", 0, 0, |_, this, _| Ok(text(this)?.is_empty().into())),
    java("length", 0, 0, |_, this, _| Ok((utf16_len(&text(this)?) as i32).into())),
    java("subSequence", 2, 2, substring),
];

static METHODS: &[Method] = &[
    java("codePointAt", 1, 1, |machine, this, args| {
        Ok(char_at(machine, this, args)?.to_i32().ok_or(Fault::Mismatch)?.into())
    }),
    java("compareTo", 1, 1, |_, this, args| Ok(compare_as_java(&text(this)?, &arguments::text(args, 0)?).into())),
    java("compareToIgnoreCase", 1, 1, |_, this, args| {
        let (left, right) = (text(this)?.to_lowercase(), arguments::text(args, 0)?.to_lowercase());
        Ok(compare_as_java(&left, &right).into())
    }),
    java("concat", 1, 1, |_, this, args| Ok(format!("{}{}", text(this)?, arguments::text(args, 0)?).into())),
    java("contains", 1, 1, |_, this, args| Ok(text(this)?.contains(&*arguments::text(args, 0)?).into())),
    java("contentEquals", 1, 1, |_, this, args| Ok((text(this)? == java_text(&args[0])).into())),
    java("endsWith", 1, 1, |_, this, args| Ok(text(this)?.ends_with(&*arguments::text(args, 0)?).into())),
    java("equalsIgnoreCase", 1, 1, |_, this, args| {
        let Ok(other) = arguments::text(args, 0) else { return Ok(false.into()) };
        Ok((text(this)?.to_lowercase() == other.to_lowercase()).into())
    }),
    java("getBytes", 0, 1, get_bytes),
    java("indexOf", 1, 2, |_, this, args| {
        let (text, part) = (text(this)?, char_or_text(args, 0)?);
        let from = if args.len() > 1 { arguments::int(args, 1)?.max(0) as usize } else { 0 };
        Ok(index_of(&text, &part, from).into())
    }),
    java("intern", 0, 0, |_, this, _| Ok(text(this)?.into_owned().into())),
    java("isBlank", 0, 0, |_, this, _| Ok(text(this)?.trim().is_empty().into())),
    java("lastIndexOf", 1, 2, |_, this, args| {
        let (text, part) = (text(this)?, char_or_text(args, 0)?);
        let from = if args.len() > 1 { arguments::int(args, 1)? } else { i32::MAX };
        Ok(last_index_of(&text, &part, from).into())
    }),
    java("matches", 1, 1, |_, this, args| {
        Ok(pattern::cached(&arguments::text(args, 0)?)?.matches(&text(this)?)?.into())
    }),
    java("repeat", 1, 1, |_, this, args| repeat(&text(this)?, i64::from(arguments::int(args, 0)?))),
    java("replace", 2, 2, |_, this, args| {
        Ok(text(this)?.replace(&*char_or_text(args, 0)?, &char_or_text(args, 1)?).into())
    }),
    java("replaceAll", 2, 2, |_, this, args| {
        let pattern = pattern::cached(&arguments::text(args, 0)?)?;
        Ok(pattern.replace_all(&text(this)?, &arguments::text(args, 1)?)?.into())
    }),
    java("replaceFirst", 2, 2, |_, this, args| {
        let pattern = pattern::cached(&arguments::text(args, 0)?)?;
        Ok(pattern.replace_first(&text(this)?, &arguments::text(args, 1)?)?.into())
    }),
    java("split", 1, 2, |_, this, args| {
        let limit = if args.len() > 1 { arguments::int(args, 1)? } else { 0 };
        let parts = pattern::cached(&arguments::text(args, 0)?)?.split(&text(this)?, limit)?;
        Ok(string_array(parts))
    }),
    java("startsWith", 1, 2, |_, this, args| {
        let text = text(this)?;
        let from = if args.len() > 1 { arguments::int(args, 1)? } else { 0 };
        let Ok(from) = usize::try_from(from) else { return Ok(false.into()) };
        Ok(slice_utf16(&text, from, usize::MAX).starts_with(&*arguments::text(args, 0)?).into())
    }),
    java("strip", 0, 0, |_, this, _| Ok(text(this)?.trim().into())),
    java("stripLeading", 0, 0, |_, this, _| Ok(text(this)?.trim_start().into())),
    java("stripTrailing", 0, 0, |_, this, _| Ok(text(this)?.trim_end().into())),
    java("substring", 1, 2, substring),
    java("toCharArray", 0, 0, |_, this, _| {
        let units = text(this)?.encode_utf16().map(Value::Char).collect();
        Ok(Value::Array(Arc::new(Array::new("char", units))))
    }),
    java("toLowerCase", 0, 1, |_, this, _| Ok(text(this)?.to_lowercase().into())),
    java("toUpperCase", 0, 1, |_, this, _| Ok(text(this)?.to_uppercase().into())),
    java("trim", 0, 0, |_, this, _| Ok(text(this)?.trim_matches(|c: char| c <= ' ').into())),
];

static STATICS: &[Method] = &[
    java("copyValueOf", 1, 1, |_, _, args| Ok(chars_or_text(&args[0]).into())),
    java("join", 1, ANY, join),
    java("valueOf", 1, 1, |_, _, args| Ok(chars_or_text(&args[0]).into())),
];

static CHARACTER_STATICS: &[Method] = &[
    java("getNumericValue", 1, 1, |_, _, args| {
        Ok(character(args)?.to_digit(36).map_or(-1, |digit| digit as i32).into())
    }),
    java("isAlphabetic", 1, 1, |_, _, args| Ok(character(args)?.is_alphabetic().into())),
    java("isDigit", 1, 1, |_, _, args| Ok(is_digit(character(args)?).into())),
    java("isLetter", 1, 1, |_, _, args| Ok(character(args)?.is_alphabetic().into())),
    java("isLetterOrDigit", 1, 1, |_, _, args| {
        let c = character(args)?;
        Ok((c.is_alphabetic() || is_digit(c)).into())
    }),
    java("isLowerCase", 1, 1, |_, _, args| Ok(character(args)?.is_lowercase().into())),
    java("isUpperCase", 1, 1, |_, _, args| Ok(character(args)?.is_uppercase().into())),
    java("isWhitespace", 1, 1, |_, _, args| Ok(character(args)?.is_whitespace().into())),
    java("toLowerCase", 1, 1, |_, _, args| Ok(cased(args, character(args)?.to_lowercase().next()))),
    java("toString", 1, 1, |_, _, args| Ok(character(args)?.to_string().into())),
    java("toUpperCase", 1, 1, |_, _, args| Ok(cased(args, character(args)?.to_uppercase().next()))),
    java("valueOf", 1, 1, |_, _, args| match args[0] {
        Value::Char(c) => Ok(Value::Char(c)),
        _ => Err(Fault::Mismatch),
    }),
];

static CHARACTER_METHODS: &[Method] = &[
    java("charValue", 0, 0, |_, this, _| Ok(this.clone())),
    java("compareTo", 1, 1, |_, this, args| match (this, &args[0]) {
        (Value::Char(a), Value::Char(b)) => Ok((i32::from(*a) - i32::from(*b)).into()),
        _ => Err(Fault::Mismatch),
    }),
];

/// The text of a string receiver.
pub(crate) fn text(this: &Value) -> Result<std::borrow::Cow<'_, str>, Fault> {
    arguments::text_of(this).ok_or(Fault::Mismatch)
}

/// A `String[]`.
pub(crate) fn string_array(parts: Vec<String>) -> Value {
    Value::Array(Arc::new(Array::new("java.lang.String", parts.into_iter().map(Value::from).collect())))
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

/// A `char`, a code point or a text as text, for methods that take any of them.
pub(crate) fn char_or_text(args: &[Value], index: usize) -> Result<std::borrow::Cow<'_, str>, Fault> {
    match args.get(index) {
        Some(Value::Char(unit)) => Ok(char_text(*unit).into()),
        Some(Value::Int(point)) => Ok(char::from_u32(*point as u32).unwrap_or('\u{fffd}').to_string().into()),
        _ => arguments::text(args, index),
    }
}

/// `String.valueOf`: the characters of a `char[]`, else Java's text of the value.
pub(crate) fn chars_or_text(value: &Value) -> String {
    match value {
        Value::Array(array) if &*array.element == "char" => array.items().iter().map(java_text).collect(),
        other => java_text(other),
    }
}

/// `String.compareTo`: the difference of the first code units that differ, or of the lengths.
fn compare_as_java(left: &str, right: &str) -> i32 {
    let pair = left.encode_utf16().zip(right.encode_utf16()).find(|(a, b)| a != b);
    match pair {
        Some((a, b)) => i32::from(a) - i32::from(b),
        None if compare_texts(left, right).is_eq() => 0,
        None => utf16_len(left) as i32 - utf16_len(right) as i32,
    }
}

fn construct(_: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    match args {
        [] => Ok("".into()),
        [Value::Array(array), rest @ ..] if array.to_bytes().is_some() => {
            let mut bytes = array.to_bytes().unwrap_or_default();
            let (range, charset) = match rest {
                [Value::Int(from), Value::Int(count), charset @ ..] => (Some((*from, *count)), charset),
                charset => (None, charset),
            };
            if let Some((from, count)) = range {
                let (from, count) = (from.max(0) as usize, count.max(0) as usize);
                bytes = bytes.into_iter().skip(from).take(count).collect();
            }
            Ok(decode(&bytes, charset.first())?.into())
        }
        [Value::Array(array), Value::Int(from), Value::Int(count)] if &*array.element == "char" => {
            let units = array.items().into_iter().skip(*from as usize).take(*count as usize);
            Ok(units.map(|unit| java_text(&unit)).collect::<String>().into())
        }
        [value] => Ok(chars_or_text(value).into()),
        _ => Err(Fault::Mismatch),
    }
}

/// The encoding that an argument names, by name or as a `Charset`; UTF-8 when there is none.
fn encoding(charset: Option<&Value>) -> Result<&'static encoding_rs::Encoding, Fault> {
    let Some(charset) = charset else { return Ok(encoding_rs::UTF_8) };
    let name = java_text(charset);
    let unknown = || Thrown::new("java.io.UnsupportedEncodingException", &name);
    encoding_rs::Encoding::for_label(name.as_bytes()).ok_or_else(|| unknown().into())
}

/// Text of bytes in a charset, as `new String(bytes, charset)` reads them.
pub(crate) fn decode(bytes: &[u8], charset: Option<&Value>) -> Result<String, Fault> {
    if is_latin_1(charset) {
        return Ok(bytes.iter().map(|byte| char::from(*byte)).collect());
    }
    let encoding = encoding(charset)?;
    Ok(encoding.decode_without_bom_handling(bytes).0.into_owned())
}

/// Bytes of a text in a charset; what it cannot hold becomes `?`.
pub(crate) fn encode(text: &str, charset: Option<&Value>) -> Result<Vec<u8>, Fault> {
    let latin_1 = is_latin_1(charset);
    if latin_1 || is_ascii(charset) {
        let limit = if latin_1 { 0xff } else { 0x7f };
        return Ok(text.chars().map(|c| if u32::from(c) <= limit { c as u8 } else { b'?' }).collect());
    }
    let name = charset.map(java_text).unwrap_or_default().to_ascii_uppercase();
    if name.starts_with("UTF-16") {
        let little = name.ends_with("LE");
        let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        let mark = (name == "UTF-16").then_some(0xfeff);
        return Ok(mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect());
    }
    Ok(encoding(charset)?.encode(text).0.into_owned())
}

fn is_latin_1(charset: Option<&Value>) -> bool {
    charset.is_some_and(|name| matches!(&*java_text(name).to_ascii_uppercase(), "ISO-8859-1" | "ISO8859_1" | "LATIN1"))
}

fn is_ascii(charset: Option<&Value>) -> bool {
    charset.is_some_and(|name| matches!(&*java_text(name).to_ascii_uppercase(), "US-ASCII" | "ASCII"))
}

fn get_bytes(_: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    Ok(Value::Array(Arc::new(Array::bytes(&encode(&text(this)?, args.first())?))))
}

fn char_at(_: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let (text, index) = (text(this)?, arguments::int(args, 0)?);
    let unit = usize::try_from(index).ok().and_then(|at| {
        if text.is_ascii() { text.as_bytes().get(at).map(|byte| u16::from(*byte)) } else { text.encode_utf16().nth(at) }
    });
    unit.map(Value::Char).ok_or_else(|| {
        let message = format!("String index out of range: {index}");
        Thrown::new(exceptions::STRING_INDEX, message).into()
    })
}

fn substring(_: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let text = text(this)?;
    let length = utf16_len(&text) as i32;
    let from = arguments::int(args, 0)?;
    let to = if args.len() > 1 { arguments::int(args, 1)? } else { length };
    if from < 0 || to > length || from > to {
        let message = format!("begin {from}, end {to}, length {length}");
        return Err(Thrown::new(exceptions::STRING_INDEX, message).into());
    }
    Ok(slice_utf16(&text, from as usize, to as usize).into())
}

/// `text.indexOf(part, from)` in UTF-16 positions.
pub(crate) fn index_of(text: &str, part: &str, from: usize) -> i32 {
    if text.is_ascii() {
        let from = from.min(text.len());
        return text[from..].find(part).map_or(-1, |at| (at + from) as i32);
    }
    let (units, wanted): (Vec<u16>, Vec<u16>) = (text.encode_utf16().collect(), part.encode_utf16().collect());
    (from.min(units.len())..=units.len()).find(|at| units[*at..].starts_with(&wanted)).map_or(-1, |at| at as i32)
}

fn last_index_of(text: &str, part: &str, from: i32) -> i32 {
    let Ok(from) = usize::try_from(from) else { return -1 };
    let (units, wanted): (Vec<u16>, Vec<u16>) = (text.encode_utf16().collect(), part.encode_utf16().collect());
    let last = units.len().checked_sub(wanted.len());
    last.and_then(|last| (0..=last.min(from)).rev().find(|at| units[*at..].starts_with(&wanted)))
        .map_or(-1, |at| at as i32)
}

/// Characters that one operation may make.
pub(crate) const TEXT_LIMIT: i64 = 1 << 28;

/// `text.repeat(count)`.
pub(crate) fn repeat(text: &str, count: i64) -> Answer {
    if count < 0 {
        return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, format!("count is negative: {count}")).into());
    }
    if count.saturating_mul(text.len() as i64) > TEXT_LIMIT {
        return Err(Thrown::new(exceptions::OUT_OF_MEMORY, "Java heap space").into());
    }
    Ok(text.repeat(count as usize).into())
}

fn join(_: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    let separator = arguments::text(args, 0)?;
    let items = match args {
        [_, Value::List(list)] => list.items(),
        [_, Value::Set(set)] => set.items(),
        [_, Value::Array(array)] => array.items(),
        _ => args[1..].to_vec(),
    };
    let items: Vec<String> = items.iter().map(java_text).collect();
    Ok(items.join(&separator).into())
}

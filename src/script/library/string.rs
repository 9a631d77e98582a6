//! `java.lang.String` and `CharSequence`, and Groovy's `GString`.

use super::pattern::Source;
use super::{ANY, Answer, Class, Fault, Method, arguments, format, java, object, pattern, string_groovy, takes};
use crate::java::charset::Charset;
use crate::java::compare_texts;
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{
    Array, ClassRef, Object, Thrown, Value, char_text, exceptions, java_text, slice_utf16, utf16_len,
};
use std::sync::Arc;

/// `java.lang.CharSequence`.
pub static CHAR_SEQUENCE: Class = Class {
    methods: SEQUENCE_METHODS,
    ..Class::interface("java.lang.CharSequence", &[&string_groovy::ADDED, &object::OBJECT])
};

/// `java.lang.String`.
pub static STRING: Class = Class {
    constructor: takes(0, 4, construct),
    statics: STATICS,
    methods: METHODS,
    constants: &[("CASE_INSENSITIVE_ORDER", || Value::object(CaseInsensitiveOrder))],
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

static SEQUENCE_METHODS: &[Method] = &[
    java("charAt", 1, 1, char_at),
    java("chars", 0, 0, |machine, this, _| {
        let units = text(this)?.encode_utf16().map(|unit| Value::Int(i32::from(unit))).collect();
        let class = machine.find_class("java.util.stream.IntStream").ok_or(Fault::Mismatch)?;
        Ok(machine.call_static(&class, "of", &[Value::Array(Arc::new(Array::new("int", units)))])?)
    }),
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
        Ok(compare_ignoring_case(&text(this)?, &arguments::text(args, 0)?).into())
    }),
    java("codePointCount", 2, 2, |_, this, args| {
        let part = slice_utf16(&text(this)?, arguments::int(args, 0)?.max(0) as usize, usize::MAX);
        let count = arguments::int(args, 1)?.saturating_sub(arguments::int(args, 0)?).max(0) as usize;
        Ok((slice_utf16(&part, 0, count).chars().count() as i32).into())
    }),
    java("concat", 1, 1, |_, this, args| Ok(format!("{}{}", text(this)?, arguments::text(args, 0)?).into())),
    java("contains", 1, 1, |_, this, args| Ok(text(this)?.contains(&*arguments::text(args, 0)?).into())),
    java("contentEquals", 1, 1, |_, this, args| Ok((text(this)? == java_text(&args[0])).into())),
    java("endsWith", 1, 1, |_, this, args| Ok(text(this)?.ends_with(&*arguments::text(args, 0)?).into())),
    java("equalsIgnoreCase", 1, 1, |_, this, args| {
        let Ok(other) = arguments::text(args, 0) else { return Ok(false.into()) };
        Ok((text(this)?.to_lowercase() == other.to_lowercase()).into())
    }),
    java("formatted", 0, ANY, |machine, this, args| {
        Ok(format::format(machine, &text(this)?, &format::spread(args))?.into())
    }),
    java("getBytes", 0, 1, get_bytes),
    java("indent", 1, 1, |_, this, args| {
        let count = arguments::int(args, 0)?;
        let line = |line: &str| match usize::try_from(count) {
            Ok(more) => format!("{}{line}\n", " ".repeat(more.min(1 << 16))),
            Err(_) => {
                let blanks = line.chars().take_while(|c| java_whitespace(*c)).take(count.unsigned_abs() as usize);
                format!("{}\n", &line[blanks.map(char::len_utf8).sum::<usize>()..])
            }
        };
        Ok(lines(&text(this)?).map(line).collect::<String>().into())
    }),
    java("indexOf", 1, 2, |_, this, args| {
        let (text, part) = (text(this)?, char_or_text(args, 0)?);
        let from = if args.len() > 1 { arguments::int(args, 1)?.max(0) as usize } else { 0 };
        Ok(index_of(&text, &part, from).into())
    }),
    java("intern", 0, 0, |_, this, _| Ok(text(this)?.into_owned().into())),
    java("isBlank", 0, 0, |_, this, _| Ok(text(this)?.chars().all(java_whitespace).into())),
    java("lines", 0, 0, |machine, this, _| {
        let lines = lines(&text(this)?).map(Value::from).collect();
        Ok(machine.call_method(&Value::list(lines), "stream", &[])?)
    }),
    java("lastIndexOf", 1, 2, |_, this, args| {
        let (text, part) = (text(this)?, char_or_text(args, 0)?);
        let from = if args.len() > 1 { arguments::int(args, 1)? } else { i32::MAX };
        Ok(last_index_of(&text, &part, from).into())
    }),
    java("matches", 1, 1, |_, this, args| Ok(Source::of(args, 0)?.matches(&text(this)?)?.into())),
    java("regionMatches", 4, 5, region_matches),
    java("repeat", 1, 1, |_, this, args| repeat(&text(this)?, i64::from(arguments::int(args, 0)?))),
    java("replace", 2, 2, |_, this, args| {
        let (text, what, with) = (text(this)?, char_or_text(args, 0)?, char_or_text(args, 1)?);
        Ok(replaced(&text, &what, &with)?.into())
    }),
    java("replaceAll", 2, 2, |machine, this, args| {
        let (pattern, text) = (Source::of(args, 0)?, text(this)?);
        Ok(match &args[1] {
            Value::Closure(_) => pattern::replace_with(machine, &pattern, &text, &args[1], usize::MAX)?.into(),
            _ => pattern.replace_all(&mut || machine.look(), &text, &arguments::text(args, 1)?)?.into(),
        })
    }),
    java("replaceFirst", 2, 2, |machine, this, args| {
        let (pattern, text) = (Source::of(args, 0)?, text(this)?);
        Ok(match &args[1] {
            Value::Closure(_) => pattern::replace_with(machine, &pattern, &text, &args[1], 1)?.into(),
            _ => pattern.replace_first(&mut || machine.look(), &text, &arguments::text(args, 1)?)?.into(),
        })
    }),
    java("split", 1, 2, |machine, this, args| {
        let limit = if args.len() > 1 { arguments::int(args, 1)? } else { 0 };
        if matches!(args[0], Value::Closure(_)) {
            return Err(Fault::Mismatch);
        }
        Ok(string_array(Source::of(args, 0)?.split(&mut || machine.look(), &text(this)?, limit)?))
    }),
    java("startsWith", 1, 2, |_, this, args| {
        let text = text(this)?;
        let from = if args.len() > 1 { arguments::int(args, 1)? } else { 0 };
        let Ok(from) = usize::try_from(from) else { return Ok(false.into()) };
        Ok(slice_utf16(&text, from, usize::MAX).starts_with(&*arguments::text(args, 0)?).into())
    }),
    java("strip", 0, 0, |_, this, _| Ok(text(this)?.trim_matches(java_whitespace).into())),
    java("stripLeading", 0, 0, |_, this, _| Ok(text(this)?.trim_start_matches(java_whitespace).into())),
    java("stripTrailing", 0, 0, |_, this, _| Ok(text(this)?.trim_end_matches(java_whitespace).into())),
    java("substring", 1, 2, substring),
    java("toCharArray", 0, 0, |_, this, _| {
        let units = text(this)?.encode_utf16().map(Value::Char).collect();
        Ok(Value::Array(Arc::new(Array::new("char", units))))
    }),
    java("translateEscapes", 0, 0, |_, this, _| {
        crate::java::escape::unescape_java(&text(this)?)
            .map(Value::from)
            .map_err(|error| Thrown::new(exceptions::ILLEGAL_ARGUMENT, error.to_string()).into())
    }),
    java("toLowerCase", 0, 1, |_, this, _| Ok(text(this)?.to_lowercase().into())),
    java("toUpperCase", 0, 1, |_, this, _| Ok(text(this)?.to_uppercase().into())),
    java("trim", 0, 0, |_, this, _| Ok(text(this)?.trim_matches(|c: char| c <= ' ').into())),
];

static STATICS: &[Method] = &[
    java("copyValueOf", 1, 1, |_, _, args| Ok(chars_or_text(&args[0]).into())),
    java("format", 1, ANY, |machine, _, args| {
        let (locale, args) = if text(&args[0]).is_err() && args.len() > 1 {
            (Some(java_text(&args[0])), &args[1..])
        } else {
            (None, args)
        };
        let template = arguments::text(args, 0)?;
        let values = format::spread(&args[1..]);
        Ok(format::format_in(machine, locale.as_deref(), &template, &values)?.into())
    }),
    java("join", 1, ANY, join),
    java("valueOf", 1, 3, |machine, _, args| match args {
        [Value::Array(_)] => Ok(chars_or_text(&args[0]).into()),
        [value] => Ok(arguments::string_of(machine, value)?.into()),
        _ => construct(machine, &Value::Null, args),
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
pub(crate) fn compare_as_java(left: &str, right: &str) -> i32 {
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
        [Value::Array(array)] if &*array.element == "char" => Ok(chars_or_text(&args[0]).into()),
        [value] => Ok(arguments::text_of(value).ok_or(Fault::Mismatch)?.into_owned().into()),
        _ => Err(Fault::Mismatch),
    }
}

/// The charset that an argument names, by name or as a `Charset`; UTF-8 when there is none.
pub(crate) fn charset(argument: Option<&Value>) -> Result<Charset, Fault> {
    let Some(argument) = argument else { return Ok(Charset::UTF_8) };
    let name = java_text(argument);
    Charset::for_name(&name).ok_or_else(|| Thrown::new("java.io.UnsupportedEncodingException", &name).into())
}

/// Text of bytes in a charset, as `new String(bytes, charset)` reads them.
pub(crate) fn decode(bytes: &[u8], named: Option<&Value>) -> Result<String, Fault> {
    Ok(charset(named)?.decode(bytes).into_owned())
}

/// Bytes of a text in a charset; what it cannot hold becomes `?`.
pub(crate) fn encode(text: &str, named: Option<&Value>) -> Result<Vec<u8>, Fault> {
    Ok(charset(named)?.encode(text).into_owned())
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

pub(crate) fn last_index_of(text: &str, part: &str, from: i32) -> i32 {
    let Ok(from) = usize::try_from(from) else { return -1 };
    let (units, wanted): (Vec<u16>, Vec<u16>) = (text.encode_utf16().collect(), part.encode_utf16().collect());
    let last = units.len().checked_sub(wanted.len());
    last.and_then(|last| (0..=last.min(from)).rev().find(|at| units[*at..].starts_with(&wanted)))
        .map_or(-1, |at| at as i32)
}

/// `text.replace(what, with)`.
pub(crate) fn replaced(text: &str, what: &str, with: &str) -> Result<String, Thrown> {
    if with.len() > what.len() {
        budget::text(text.len() + text.matches(what).count().saturating_mul(with.len() - what.len()))?;
    }
    Ok(text.replace(what, with))
}

/// `text.repeat(count)`.
pub(crate) fn repeat(text: &str, count: i64) -> Answer {
    if count < 0 {
        return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, format!("count is negative: {count}")).into());
    }
    budget::text((count as usize).saturating_mul(text.len()))?;
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
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(&separator);
        }
        out.push_str(&java_text(item));
        budget::text(out.len())?;
    }
    Ok(out.into())
}

/// `Character.isWhitespace`: no-break spaces are none.
pub(crate) fn java_whitespace(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{1c}'..='\u{1f}')
        || (c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{85}'))
}

/// The lines of a text without their ends, which may be `\n`, `\r` or both.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text).filter(|text| !text.is_empty());
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let Some(end) = text.find(['\n', '\r']) else { return Some(text) };
        let after = if text[end..].starts_with("\r\n") { end + 2 } else { end + 1 };
        rest = Some(&text[after..]).filter(|text| !text.is_empty());
        Some(&text[..end])
    })
}

/// `compareToIgnoreCase`: units are compared in upper, then in lower case.
pub(crate) fn compare_ignoring_case(left: &str, right: &str) -> i32 {
    let fold = |text: &str| text.to_uppercase().to_lowercase();
    compare_as_java(&fold(left), &fold(right))
}

fn region_matches(_: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let (ignoring_case, args) = match args {
        [Value::Boolean(flag), rest @ ..] if rest.len() == 4 => (*flag, rest),
        _ if args.len() == 4 => (false, args),
        _ => return Err(Fault::Mismatch),
    };
    let (own, other) = (text(this)?, arguments::text(args, 1)?);
    let (at, from, count) = (arguments::int(args, 0)?, arguments::int(args, 2)?, arguments::int(args, 3)?);
    let fits = |text: &str, at: i32| at >= 0 && i64::from(at) + i64::from(count) <= utf16_len(text) as i64;
    if !fits(&own, at) || !fits(&other, from) {
        return Ok(false.into());
    }
    let part = |text: &str, at: i32| slice_utf16(text, at as usize, (at + count).max(at) as usize);
    let (left, right) = (part(&own, at), part(&other, from));
    Ok((if ignoring_case { compare_ignoring_case(&left, &right) == 0 } else { left == right }).into())
}

/// `String.CASE_INSENSITIVE_ORDER`.
#[derive(Debug)]
struct CaseInsensitiveOrder;

static CASE_INSENSITIVE_ORDER: Class = Class {
    methods: &[java("compare", 2, 2, |_, _, args| {
        Ok(compare_ignoring_case(&arguments::text(args, 0)?, &arguments::text(args, 1)?).into())
    })],
    ..Class::named("java.lang.String$CaseInsensitiveComparator", &[&object::OBJECT])
};

impl Object for CaseInsensitiveOrder {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&CASE_INSENSITIVE_ORDER)
    }
}

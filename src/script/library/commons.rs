//! commons-lang3 and commons-io: `StringUtils`, `RandomStringUtils`, `NumberUtils`, `StringEscapeUtils`, `FileUtils`,
//! `IOUtils`, `FilenameUtils`.

use super::string::{java_whitespace, lines, string_array};
use super::{ANY, Answer, Class, Fault, Method, arguments, file, io, java, list, object, random};
use crate::java::escape;
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{Thrown, Value, equals, exceptions, groovy_text, slice_utf16, utf16_len};
use std::borrow::Cow;

/// `org.apache.commons.lang3.StringUtils`.
pub static STRING_UTILS: Class = Class {
    statics: STRING_STATICS,
    constants: &[("EMPTY", || "".into()), ("LF", || "\n".into()), ("SPACE", || " ".into())],
    ..Class::named("org.apache.commons.lang3.StringUtils", &[&object::OBJECT])
};

/// A text, or null.
fn optional(args: &[Value], index: usize) -> Result<Option<Cow<'_, str>>, Fault> {
    match args.get(index) {
        None => Ok(None),
        Some(value) if value.is_null() => Ok(None),
        Some(_) => arguments::text(args, index).map(Some),
    }
}

/// What a text becomes; null stays null.
fn mapped(args: &[Value], change: impl FnOnce(&str) -> String) -> Answer {
    Ok(optional(args, 0)?.map(|text| change(&text)).into())
}

fn is_blank(args: &[Value]) -> Result<bool, Fault> {
    Ok(optional(args, 0)?.is_none_or(|text| text.chars().all(java_whitespace)))
}

fn is_empty(args: &[Value]) -> Result<bool, Fault> {
    Ok(optional(args, 0)?.is_none_or(|text| text.is_empty()))
}

/// Whether all characters are of a kind, and there is one.
fn all(args: &[Value], kind: fn(char) -> bool) -> Answer {
    Ok(optional(args, 0)?.is_some_and(|text| !text.is_empty() && text.chars().all(kind)).into())
}

/// The part of a text at a mark: before or after its first or last place.
fn part(args: &[Value], last: bool, after: bool) -> Answer {
    let (Some(text), mark) = (optional(args, 0)?, optional(args, 1)?) else { return Ok(Value::Null) };
    let Some(mark) = mark else { return Ok(if after { "".into() } else { text.into_owned().into() }) };
    let found = if last { text.rsplit_once(&*mark) } else { text.split_once(&*mark) };
    Ok(match (found, after) {
        (Some((before, _)), false) => before.into(),
        (Some((_, rest)), true) => rest.into(),
        (None, false) => text.into_owned().into(),
        (None, true) => "".into(),
    })
}

fn between(text: &str, open: &str, close: &str) -> Option<String> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(between, _)| between.to_owned())
}

static STRING_STATICS: &[Method] = &[
    java("abbreviate", 2, 2, |_, _, args| {
        let most = arguments::int(args, 1)?;
        if most < 4 {
            return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, "Minimum abbreviation width is 4").into());
        }
        mapped(args, |text| {
            if utf16_len(text) <= most as usize {
                text.to_owned()
            } else {
                slice_utf16(text, 0, most as usize - 3) + "..."
            }
        })
    }),
    java(
        "capitalize",
        1,
        1,
        |machine, _, args| {
            if args[0].is_null() { Ok(Value::Null) } else { capitalized(machine, args, true) }
        },
    ),
    java("chomp", 1, 1, |_, _, args| {
        mapped(args, |text| {
            let cut = text.strip_suffix('\n').unwrap_or(text);
            cut.strip_suffix('\r').unwrap_or(cut).to_owned()
        })
    }),
    java("contains", 2, 2, |_, _, args| {
        Ok(optional(args, 0)?.zip(optional(args, 1)?).is_some_and(|(text, part)| text.contains(&*part)).into())
    }),
    java("containsIgnoreCase", 2, 2, |_, _, args| {
        let both = optional(args, 0)?.zip(optional(args, 1)?);
        Ok(both.is_some_and(|(text, part)| text.to_lowercase().contains(&part.to_lowercase())).into())
    }),
    java("countMatches", 2, 2, |_, _, args| {
        let both = optional(args, 0)?.zip(optional(args, 1)?).filter(|(_, part)| !part.is_empty());
        Ok((both.map_or(0, |(text, part)| text.matches(&*part).count()) as i32).into())
    }),
    java("defaultIfBlank", 2, 2, |_, _, args| Ok(if is_blank(args)? { args[1].clone() } else { args[0].clone() })),
    java("defaultIfEmpty", 2, 2, |_, _, args| Ok(if is_empty(args)? { args[1].clone() } else { args[0].clone() })),
    java("defaultString", 1, 2, |_, _, args| {
        let default = args.get(1).cloned().unwrap_or_else(|| "".into());
        Ok(if args[0].is_null() { default } else { args[0].clone() })
    }),
    java("deleteWhitespace", 1, 1, |_, _, args| mapped(args, |text| text.replace(java_whitespace, ""))),
    java("endsWith", 2, 2, |_, _, args| {
        Ok(optional(args, 0)?.zip(optional(args, 1)?).is_some_and(|(text, end)| text.ends_with(&*end)).into())
    }),
    java("equals", 2, 2, |_, _, args| Ok((optional(args, 0)? == optional(args, 1)?).into())),
    java("equalsIgnoreCase", 2, 2, |_, _, args| {
        let lower = |index| Ok::<_, Fault>(optional(args, index)?.map(|text| text.to_lowercase()));
        Ok((lower(0)? == lower(1)?).into())
    }),
    java("indexOf", 2, 2, |_, _, args| {
        let both = optional(args, 0)?.zip(optional(args, 1)?);
        Ok(both.map_or(-1, |(text, part)| super::string::index_of(&text, &part, 0)).into())
    }),
    java("isAllUpperCase", 1, 1, |_, _, args| all(args, char::is_uppercase)),
    java("isAlpha", 1, 1, |_, _, args| all(args, char::is_alphabetic)),
    java("isAlphanumeric", 1, 1, |_, _, args| all(args, char::is_alphanumeric)),
    java("isBlank", 1, 1, |_, _, args| Ok(is_blank(args)?.into())),
    java("isEmpty", 1, 1, |_, _, args| Ok(is_empty(args)?.into())),
    java("isNotBlank", 1, 1, |_, _, args| Ok((!is_blank(args)?).into())),
    java("isNotEmpty", 1, 1, |_, _, args| Ok((!is_empty(args)?).into())),
    java("isNumeric", 1, 1, |_, _, args| all(args, |c| c.is_ascii_digit() || (!c.is_ascii() && c.is_numeric()))),
    java("isWhitespace", 1, 1, |_, _, args| {
        Ok(optional(args, 0)?.is_some_and(|text| text.chars().all(java_whitespace)).into())
    }),
    java("join", 1, ANY, |_, _, args| {
        let (items, separator) = match args {
            [items @ (Value::List(_) | Value::Set(_) | Value::Array(_)), rest @ ..] => {
                (list::items(items)?, rest.first().map(groovy_text).unwrap_or_default())
            }
            _ => (args.to_vec(), String::new()),
        };
        let shown = |item: &Value| if item.is_null() { String::new() } else { crate::script::value::java_text(item) };
        Ok(items.iter().map(shown).collect::<Vec<_>>().join(&separator).into())
    }),
    java("lastIndexOf", 2, 2, |_, _, args| {
        let both = optional(args, 0)?.zip(optional(args, 1)?);
        Ok(both
            .and_then(|(text, part)| text.rfind(&*part).map(|at| utf16_len(&text[..at]) as i32))
            .unwrap_or(-1)
            .into())
    }),
    java("left", 2, 2, |_, _, args| {
        let most = arguments::int(args, 1)?.max(0) as usize;
        mapped(args, |text| slice_utf16(text, 0, most.min(utf16_len(text))))
    }),
    java("leftPad", 2, 3, |machine, _, args| pad(machine, args, "padLeft")),
    java("length", 1, 1, |_, _, args| Ok((optional(args, 0)?.map_or(0, |text| utf16_len(&text)) as i32).into())),
    java("lowerCase", 1, 1, |_, _, args| mapped(args, str::to_lowercase)),
    java("normalizeSpace", 1, 1, |_, _, args| {
        mapped(args, |text| text.split(java_whitespace).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
    }),
    java("remove", 2, 2, |_, _, args| {
        let what = optional(args, 1)?.unwrap_or_default();
        mapped(args, |text| text.replace(&*what, ""))
    }),
    java("removeEnd", 2, 2, |_, _, args| {
        let what = optional(args, 1)?.unwrap_or_default();
        mapped(args, |text| text.strip_suffix(&*what).unwrap_or(text).to_owned())
    }),
    java("removeStart", 2, 2, |_, _, args| {
        let what = optional(args, 1)?.unwrap_or_default();
        mapped(args, |text| text.strip_prefix(&*what).unwrap_or(text).to_owned())
    }),
    java("repeat", 2, 3, |_, _, args| match optional(args, 0)? {
        Some(text) if args.len() == 3 => {
            let (separator, count) = (optional(args, 1)?.unwrap_or_default(), i64::from(arguments::int(args, 2)?));
            if count < 1 {
                return Ok("".into());
            }
            let repeated = super::string::repeat(&format!("{separator}{text}"), count)?;
            let repeated = super::string::text(&repeated)?.into_owned();
            Ok(repeated.strip_prefix(&*separator).unwrap_or(&repeated).into())
        }
        Some(text) => super::string::repeat(&text, i64::from(arguments::int(args, 1)?.max(0))),
        None => Ok(Value::Null),
    }),
    java("replace", 3, 3, |_, _, args| {
        let (text, from) = (optional(args, 0)?, optional(args, 1)?.unwrap_or_default());
        Ok(match (text, optional(args, 2)?) {
            (Some(text), Some(to)) if !from.is_empty() => super::string::replaced(&text, &from, &to)?.into(),
            (text, _) => text.map(std::borrow::Cow::into_owned).into(),
        })
    }),
    java("reverse", 1, 1, |_, _, args| mapped(args, |text| text.chars().rev().collect())),
    java("right", 2, 2, |_, _, args| {
        let most = arguments::int(args, 1)?.max(0) as usize;
        mapped(args, |text| {
            let length = utf16_len(text);
            slice_utf16(text, length - most.min(length), length)
        })
    }),
    java("rightPad", 2, 3, |machine, _, args| pad(machine, args, "padRight")),
    java("split", 1, 2, |_, _, args| {
        let Some(text) = optional(args, 0)? else { return Ok(Value::Null) };
        let separators = if args.len() > 1 { super::string::char_or_text(args, 1)? } else { " \t\n\r\u{c}".into() };
        Ok(string_array(super::string_groovy::tokens(&text, &separators)))
    }),
    java("startsWith", 2, 2, |_, _, args| {
        Ok(optional(args, 0)?.zip(optional(args, 1)?).is_some_and(|(text, start)| text.starts_with(&*start)).into())
    }),
    java("strip", 1, 2, |_, _, args| {
        let set = optional(args, 1)?;
        mapped(args, |text| match &set {
            Some(set) => text.trim_matches(|c| set.contains(c)).to_owned(),
            None => text.trim_matches(java_whitespace).to_owned(),
        })
    }),
    java("substring", 2, 3, |_, _, args| {
        let Some(text) = optional(args, 0)? else { return Ok(Value::Null) };
        let length = utf16_len(&text) as i64;
        let place = |index: i64| if index < 0 { (index + length).max(0) } else { index };
        let from = place(i64::from(arguments::int(args, 1)?));
        let to = if args.len() > 2 { place(i64::from(arguments::int(args, 2)?)) } else { length };
        Ok(if from >= to.min(length) { "".into() } else { slice_utf16(&text, from as usize, to as usize).into() })
    }),
    java("substringAfter", 2, 2, |_, _, args| part(args, false, true)),
    java("substringAfterLast", 2, 2, |_, _, args| part(args, true, true)),
    java("substringBefore", 2, 2, |_, _, args| part(args, false, false)),
    java("substringBeforeLast", 2, 2, |_, _, args| part(args, true, false)),
    java("substringBetween", 2, 3, |_, _, args| {
        let (text, open) = (optional(args, 0)?, optional(args, 1)?);
        let close = if args.len() > 2 { optional(args, 2)? } else { open.clone() };
        let (Some(text), Some(open), Some(close)) = (text, open, close) else { return Ok(Value::Null) };
        Ok(between(&text, &open, &close).into())
    }),
    java("substringsBetween", 3, 3, |_, _, args| {
        let (text, open, close) = (optional(args, 0)?, optional(args, 1)?, optional(args, 2)?);
        let (Some(text), Some(open), Some(close)) = (text, open, close) else { return Ok(Value::Null) };
        let (mut rest, mut parts) = (&*text, Vec::new());
        while let Some((part, after)) =
            rest.split_once(&*open).and_then(|(_, rest)| rest.split_once(&*close)).filter(|_| !close.is_empty())
        {
            parts.push(part.to_owned());
            rest = after;
        }
        Ok(if parts.is_empty() { Value::Null } else { string_array(parts) })
    }),
    java("equalsAny", 1, ANY, |_, _, args| Ok(args[1..].iter().any(|other| equals(&args[0], other)).into())),
    java("swapCase", 1, 1, |_, _, args| {
        mapped(args, |text| {
            let swapped =
                |c: char| if c.is_uppercase() { c.to_lowercase().to_string() } else { c.to_uppercase().to_string() };
            text.chars().map(swapped).collect()
        })
    }),
    java("trim", 1, 1, |_, _, args| mapped(args, |text| text.trim_matches(|c: char| c <= ' ').to_owned())),
    java("trimToEmpty", 1, 1, |_, _, args| {
        Ok(optional(args, 0)?.unwrap_or_default().trim_matches(|c: char| c <= ' ').into())
    }),
    java("trimToNull", 1, 1, |_, _, args| {
        let text = optional(args, 0)?.unwrap_or_default();
        Ok(Some(text.trim_matches(|c: char| c <= ' ')).filter(|text| !text.is_empty()).into())
    }),
    java(
        "uncapitalize",
        1,
        1,
        |machine, _, args| {
            if args[0].is_null() { Ok(Value::Null) } else { capitalized(machine, args, false) }
        },
    ),
    java("upperCase", 1, 1, |_, _, args| mapped(args, str::to_uppercase)),
];

fn capitalized(_: &mut Machine<'_>, args: &[Value], up: bool) -> Answer {
    mapped(args, |text| {
        let mut chars = text.chars();
        let Some(first) = chars.next() else { return String::new() };
        let first: String = if up { first.to_uppercase().collect() } else { first.to_lowercase().collect() };
        first + chars.as_str()
    })
}

fn pad(_: &mut Machine<'_>, args: &[Value], side: &str) -> Answer {
    let Some(text) = optional(args, 0)? else { return Ok(Value::Null) };
    let filler = if args.len() > 2 { super::string::char_or_text(args, 2)? } else { " ".into() };
    let missing = i64::from(arguments::int(args, 1)?) - utf16_len(&text) as i64;
    if missing <= 0 || filler.is_empty() {
        return Ok(text.into_owned().into());
    }
    budget::text((missing as usize).saturating_mul(4))?;
    let fill: String = filler.chars().cycle().take(missing as usize).collect();
    Ok(if side == "padLeft" { format!("{fill}{text}") } else { format!("{text}{fill}") }.into())
}

/// `org.apache.commons.lang3.RandomStringUtils`.
pub static RANDOM_STRING_UTILS: Class =
    Class { statics: RANDOM_STATICS, ..Class::named("org.apache.commons.lang3.RandomStringUtils", &[&object::OBJECT]) };

const DIGITS: &str = "0123456789";
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Random characters out of a set; with two numbers, a random count of them.
fn drawn(args: &[Value], set: &str) -> Answer {
    let count = arguments::int(args, 0)?;
    let count = match args.get(1) {
        Some(Value::Int(most)) if *most > count => fastrand::i32(count..*most),
        _ => count,
    };
    if count < 0 {
        let message = format!("Requested random string length {count} is less than 0.");
        return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into());
    }
    budget::text((count as usize).saturating_mul(4))?;
    let chars: Vec<char> = set.chars().collect();
    if chars.is_empty() {
        return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, "The chars array must not be empty").into());
    }
    Ok((0..count).map(|_| chars[fastrand::usize(..chars.len())]).collect::<String>().into())
}

static RANDOM_STATICS: &[Method] = &[
    java("random", 1, 3, |_, _, args| match args {
        [_] => drawn(args, &(LETTERS.to_owned() + DIGITS)),
        [_, Value::Boolean(letters), Value::Boolean(digits)] => {
            let set = format!("{}{}", if *letters { LETTERS } else { "" }, if *digits { DIGITS } else { "" });
            drawn(&args[..1], &set)
        }
        [_, set] => drawn(&args[..1], &super::string::chars_or_text(set)),
        _ => Err(Fault::Mismatch),
    }),
    java("randomAlphabetic", 1, 2, |_, _, args| drawn(args, LETTERS)),
    java("randomAlphanumeric", 1, 2, |_, _, args| drawn(args, &(LETTERS.to_owned() + DIGITS))),
    java("randomAscii", 1, 2, |_, _, args| drawn(args, &(' '..='~').collect::<String>())),
    java("randomGraph", 1, 2, |_, _, args| drawn(args, &('!'..='~').collect::<String>())),
    java("randomNumeric", 1, 2, |_, _, args| drawn(args, DIGITS)),
    java("randomPrint", 1, 2, |_, _, args| drawn(args, &(' '..='~').collect::<String>())),
];

/// `org.apache.commons.lang3.RandomUtils`.
pub static RANDOM_UTILS: Class = Class {
    statics: &[
        java("nextBoolean", 0, 0, |_, _, _| Ok(fastrand::bool().into())),
        java("nextBytes", 1, 1, |_, _, args| {
            Ok(super::codec::byte_array(&random::secure_bytes(arguments::int(args, 0)?.clamp(0, 1 << 24) as usize)?))
        }),
        java("nextDouble", 0, 2, |_, _, args| {
            let (low, high) = if args.is_empty() {
                (0.0, f64::MAX)
            } else {
                (arguments::double(args, 0)?, arguments::double(args, 1)?)
            };
            Ok((low + fastrand::f64() * (high - low)).into())
        }),
        java("nextInt", 0, 2, |_, _, args| {
            let (low, high) =
                if args.is_empty() { (0, i32::MAX) } else { (arguments::int(args, 0)?, arguments::int(args, 1)?) };
            check_range(i64::from(low), i64::from(high))?;
            Ok((if low == high { low } else { fastrand::i32(low..high) }).into())
        }),
        java("nextLong", 0, 2, |_, _, args| {
            let (low, high) =
                if args.is_empty() { (0, i64::MAX) } else { (arguments::long(args, 0)?, arguments::long(args, 1)?) };
            check_range(low, high)?;
            Ok((if low == high { low } else { fastrand::i64(low..high) }).into())
        }),
    ],
    ..Class::named("org.apache.commons.lang3.RandomUtils", &[&object::OBJECT])
};

fn check_range(low: i64, high: i64) -> Result<(), Fault> {
    let illegal = |message: &str| Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into());
    if high < low {
        return illegal("Start value must be smaller or equal to end value.");
    }
    if low < 0 { illegal("Both range values must be non-negative.") } else { Ok(()) }
}

/// `org.apache.commons.lang3.SystemUtils`.
pub static SYSTEM_UTILS: Class = Class {
    constants: &[
        ("FILE_SEPARATOR", || std::path::MAIN_SEPARATOR_STR.into()),
        ("IS_OS_LINUX", || cfg!(target_os = "linux").into()),
        ("IS_OS_MAC", || cfg!(target_os = "macos").into()),
        ("IS_OS_MAC_OSX", || cfg!(target_os = "macos").into()),
        ("IS_OS_UNIX", || cfg!(unix).into()),
        ("IS_OS_WINDOWS", || cfg!(windows).into()),
        ("LINE_SEPARATOR", || (if cfg!(windows) { "\r\n" } else { "\n" }).into()),
    ],
    ..Class::named("org.apache.commons.lang3.SystemUtils", &[&object::OBJECT])
};

/// `org.apache.commons.lang3.math.NumberUtils`.
pub static NUMBER_UTILS: Class = Class {
    statics: &[
        java("isCreatable", 1, 1, |_, _, args| {
            Ok(optional(args, 0)?.is_some_and(|text| crate::script::value::BigDecimal::parse(&text).is_some()).into())
        }),
        java("isDigits", 1, 1, |_, _, args| all(args, |c| c.is_ascii_digit())),
        java("isNumber", 1, 1, |_, _, args| {
            Ok(optional(args, 0)?.is_some_and(|text| crate::script::value::BigDecimal::parse(&text).is_some()).into())
        }),
        java("isParsable", 1, 1, |_, _, args| {
            let parsable = |text: &str| {
                let digits = text.strip_prefix('-').unwrap_or(text);
                !digits.is_empty()
                    && !digits.ends_with('.')
                    && digits.matches('.').count() < 2
                    && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
            };
            Ok(optional(args, 0)?.is_some_and(|text| parsable(&text)).into())
        }),
        java("toDouble", 1, 2, |_, _, args| {
            let default = args.get(1).cloned().unwrap_or(Value::Double(0.0));
            let parsed = optional(args, 0)?.and_then(|text| super::number::parse_double(&text).ok());
            Ok(parsed.map_or(default, Value::from))
        }),
        java("toInt", 1, 2, |_, _, args| {
            let default = args.get(1).cloned().unwrap_or(Value::Int(0));
            let parsed = optional(args, 0)?.and_then(|text| crate::java::number::parse_int(&text).ok());
            Ok(parsed.map_or(default, Value::from))
        }),
        java("toLong", 1, 2, |_, _, args| {
            let default = args.get(1).cloned().unwrap_or(Value::Long(0));
            let parsed = optional(args, 0)?.and_then(|text| crate::java::number::parse_long(&text).ok());
            Ok(parsed.map_or(default, Value::from))
        }),
    ],
    ..Class::named("org.apache.commons.lang3.math.NumberUtils", &[&object::OBJECT])
};

/// `org.apache.commons.lang3.StringEscapeUtils`.
pub static STRING_ESCAPE_UTILS: Class =
    Class { statics: ESCAPE_STATICS, ..Class::named("org.apache.commons.lang3.StringEscapeUtils", &[&object::OBJECT]) };

/// `org.apache.commons.text.StringEscapeUtils`.
pub static TEXT_ESCAPE_UTILS: Class =
    Class { statics: ESCAPE_STATICS, ..Class::named("org.apache.commons.text.StringEscapeUtils", &[&object::OBJECT]) };

static ESCAPE_STATICS: &[Method] = &[
    java("escapeCsv", 1, 1, |_, _, args| {
        mapped(args, |text| {
            if text.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.to_owned()
            }
        })
    }),
    java("escapeHtml4", 1, 1, |_, _, args| mapped(args, escape::escape_html4)),
    java("escapeJava", 1, 1, |_, _, args| mapped(args, escape::escape_java)),
    java("escapeJson", 1, 1, |_, _, args| mapped(args, |text| escape::escape_java(text).replace('/', "\\/"))),
    java("escapeXml", 1, 1, |_, _, args| mapped(args, escape::escape_xml10)),
    java("escapeXml10", 1, 1, |_, _, args| mapped(args, escape::escape_xml10)),
    java("escapeXml11", 1, 1, |_, _, args| mapped(args, escape::escape_xml10)),
    java("unescapeHtml4", 1, 1, |_, _, args| mapped(args, escape::unescape_html4)),
    java("unescapeJava", 1, 1, unescape_java),
    java("unescapeJson", 1, 1, unescape_java),
    java("unescapeXml", 1, 1, |_, _, args| mapped(args, escape::unescape_xml)),
];

fn unescape_java(_: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    let Some(text) = optional(args, 0)? else { return Ok(Value::Null) };
    let wrong = |error: escape::UnescapeError| Thrown::new(exceptions::ILLEGAL_ARGUMENT, error.to_string());
    Ok(escape::unescape_java(&text).map_err(wrong)?.into())
}

/// `org.apache.commons.io.FileUtils`.
pub static FILE_UTILS: Class =
    Class { statics: FILE_STATICS, ..Class::named("org.apache.commons.io.FileUtils", &[&object::OBJECT]) };

fn read_text(machine: &mut Machine<'_>, args: &[Value]) -> Result<String, Fault> {
    let path = file::path_text(&args[0])?;
    let bytes = io::read_file(machine, &path).map_err(|fault| missing(fault, &path))?;
    super::string::decode(&bytes, args.get(1).filter(|named| !named.is_null()))
}

/// commons-io words a file that is not there in its own way.
fn missing(fault: Fault, path: &str) -> Fault {
    match fault {
        Fault::Thrown(thrown) if thrown.class() == "java.io.FileNotFoundException" => {
            let message = thrown.message().unwrap_or_default().to_owned();
            Thrown::new("java.io.FileNotFoundException", if message.is_empty() { path.to_owned() } else { message })
                .into()
        }
        other => other,
    }
}

fn write_file(machine: &mut Machine<'_>, args: &[Value], bytes: &[u8]) -> Answer {
    let append = args.iter().skip(2).any(|arg| matches!(arg, Value::Boolean(true)));
    let path = file::path_text(&args[0])?;
    io::allow_files(machine)?;
    if let Some(parent) = std::path::Path::new(&path).parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(|error| io::io_error(&error))?;
    }
    let mut opened = io::open_file(machine, &path, append)?;
    std::io::Write::write_all(&mut opened, bytes).map_err(|error| io::io_error(&error))?;
    Ok(Value::Null)
}

fn named(args: &[Value]) -> Option<&Value> {
    args.iter().skip(2).find(|arg| !arg.is_null() && !matches!(arg, Value::Boolean(_)))
}

static FILE_STATICS: &[Method] = &[
    java("copyFile", 2, 2, |machine, _, args| {
        io::allow_files(machine)?;
        let (from, to) = (file::path_text(&args[0])?, file::path_text(&args[1])?);
        std::fs::copy(from, to).map_err(|error| io::io_error(&error))?;
        Ok(Value::Null)
    }),
    java("deleteDirectory", 1, 1, |machine, _, args| {
        io::allow_files(machine)?;
        std::fs::remove_dir_all(file::path_text(&args[0])?).map_err(|error| io::io_error(&error))?;
        Ok(Value::Null)
    }),
    java("deleteQuietly", 1, 1, |machine, _, args| {
        io::allow_files(machine)?;
        let path = file::path_text(&args[0])?;
        Ok((std::fs::remove_file(&path).is_ok() || std::fs::remove_dir_all(&path).is_ok()).into())
    }),
    java("forceMkdir", 1, 1, |machine, _, args| {
        io::allow_files(machine)?;
        std::fs::create_dir_all(file::path_text(&args[0])?).map_err(|error| io::io_error(&error))?;
        Ok(Value::Null)
    }),
    java("getFile", 1, ANY, |_, _, args| {
        let parts: Vec<String> = args.iter().map(groovy_text).collect();
        Ok(file::file(&parts.join("/")))
    }),
    java("readFileToByteArray", 1, 1, |machine, _, args| {
        Ok(super::codec::byte_array(&io::read_file(machine, &file::path_text(&args[0])?)?))
    }),
    java("readFileToString", 1, 2, |machine, _, args| Ok(read_text(machine, args)?.into())),
    java("readLines", 1, 2, |machine, _, args| {
        let text = read_text(machine, args)?;
        Ok(Value::list(lines(&text).map(Value::from).collect()))
    }),
    java("sizeOf", 1, 1, |machine, _, args| {
        Ok((io::read_file(machine, &file::path_text(&args[0])?)?.len() as i64).into())
    }),
    java("write", 2, 4, write_text),
    java("writeByteArrayToFile", 2, 3, |machine, _, args| {
        let bytes = arguments::bytes(args, 1)?;
        write_file(machine, args, &bytes)
    }),
    java("writeLines", 2, 4, |machine, _, args| {
        let mut text = String::new();
        for item in list::items(&args[1])? {
            text += &machine.text(&item)?;
            text.push('\n');
        }
        write_file(machine, args, text.as_bytes())
    }),
    java("writeStringToFile", 2, 4, write_text),
];

fn write_text(machine: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    let text = optional(args, 1)?.unwrap_or_default();
    let bytes = io::encoded(&text, named(args))?;
    write_file(machine, args, &bytes)
}

/// `org.apache.commons.io.IOUtils`.
pub static IO_UTILS: Class = Class {
    statics: &[
        java("closeQuietly", 0, ANY, |machine, _, args| {
            for resource in args.iter().filter(|resource| !resource.is_null()) {
                // What cannot be closed is passed over: that is what "quietly" means.
                _ = machine.call_method(resource, "close", &[]);
            }
            Ok(Value::Null)
        }),
        java("readLines", 1, 2, |machine, _, args| {
            let text = io::text_from(machine, &args[0], args.get(1))?;
            Ok(Value::list(lines(&text).map(Value::from).collect()))
        }),
        java("toByteArray", 1, 2, |machine, _, args| Ok(super::codec::byte_array(&io::bytes_from(machine, &args[0])?))),
        java("toInputStream", 1, 2, |_, _, args| {
            let bytes = io::encoded(&arguments::text(args, 0)?, args.get(1))?;
            Ok(io::byte_stream("java.io.ByteArrayInputStream", bytes))
        }),
        java("toString", 1, 2, |machine, _, args| Ok(io::text_from(machine, &args[0], args.get(1))?.into())),
    ],
    ..Class::named("org.apache.commons.io.IOUtils", &[&object::OBJECT])
};

/// `org.apache.commons.io.FilenameUtils`.
pub static FILENAME_UTILS: Class = Class {
    statics: &[
        java("getBaseName", 1, 1, |_, _, args| {
            mapped(args, |text| {
                let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
                name.rsplit_once('.').map_or(name, |(base, _)| base).to_owned()
            })
        }),
        java("getExtension", 1, 1, |_, _, args| {
            mapped(args, |text| {
                let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
                name.rsplit_once('.').map_or("", |(_, extension)| extension).to_owned()
            })
        }),
        java("getName", 1, 1, |_, _, args| {
            mapped(args, |text| text.rsplit(['/', '\\']).next().unwrap_or_default().to_owned())
        }),
        java("removeExtension", 1, 1, |_, _, args| {
            mapped(args, |text| {
                let start = text.rfind(['/', '\\']).map_or(0, |at| at + 1);
                text[start..].rfind('.').map_or(text, |dot| &text[..start + dot]).to_owned()
            })
        }),
    ],
    ..Class::named("org.apache.commons.io.FilenameUtils", &[&object::OBJECT])
};

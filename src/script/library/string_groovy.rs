//! What Groovy adds to `CharSequence` and `String` (`StringGroovyMethods`).

use super::number::{parse_double, parse_whole};
use super::pattern::Source;
use super::string::{char_or_text, index_of, java_whitespace, lines, repeat, text};
use super::{ANY, Answer, Class, Fault, Method, arguments, codec, groovy, java, number, object, process};
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{BigDecimal, List, ListKind, Thrown, Value, exceptions, slice_utf16, utf16_len};
use num_bigint::BigInt;
use std::sync::Arc;

/// A method that a text has through the list of its characters.
macro_rules! through_list {
    ($name:literal) => {
        |machine, this, args| Ok(machine.call_method(&characters(this)?, $name, args)?)
    };
}

/// Where the added methods stand, as a parent of `CharSequence`.
pub static ADDED: Class = Class { methods: METHODS, ..Class::interface("java.lang.CharSequence", &[&object::OBJECT]) };

static METHODS: &[Method] = &[
    groovy("any", 0, 1, through_list!("any")),
    groovy("asBoolean", 0, 0, |_, this, _| Ok((!text(this)?.is_empty()).into())),
    groovy("bitwiseNegate", 0, 0, |_, this, _| Ok(Value::object(super::pattern::Pattern::compile(&text(this)?, 0)?))),
    groovy("capitalize", 0, 0, |_, this, _| Ok(first_letter(&text(this)?, |c| c.to_uppercase().collect()).into())),
    groovy("center", 1, 2, |_, this, args| padded(this, args, Side::Both)),
    groovy("collect", 0, 2, through_list!("collect")),
    groovy("collectEntries", 0, 2, through_list!("collectEntries")),
    groovy("collectMany", 1, 2, through_list!("collectMany")),
    groovy("collectReplacements", 1, 1, |machine, this, args| {
        let mut out = String::new();
        for c in text(this)?.chars() {
            let replacement = machine.call(&args[0], &[Value::from(c.to_string())])?;
            if replacement.is_null() {
                out.push(c);
            } else {
                out.push_str(&machine.text(&replacement)?);
            }
        }
        Ok(out.into())
    }),
    groovy("contains", 1, 1, |_, this, args| Ok(text(this)?.contains(&*arguments::text(args, 0)?).into())),
    groovy("containsIgnoreCase", 1, 1, |_, this, args| {
        Ok(text(this)?.to_lowercase().contains(&arguments::text(args, 0)?.to_lowercase()).into())
    }),
    groovy("count", 1, 1, |machine, this, args| {
        if matches!(args[0], Value::Closure(_)) {
            return Ok(machine.call_method(&characters(this)?, "count", args)?);
        }
        let (text, part) = (text(this)?, arguments::text(args, 0)?);
        let (mut count, mut from) = (0, 0);
        loop {
            let at = index_of(&text, &part, from);
            if at < 0 || from > utf16_len(&text) {
                return Ok(count.into());
            }
            count += 1;
            from = at as usize + 1;
        }
    }),
    groovy("decodeBase64", 0, 0, |_, this, _| codec::groovy_decode_base64(&text(this)?, false)),
    groovy("decodeBase64Url", 0, 0, |_, this, _| codec::groovy_decode_base64(&text(this)?, true)),
    groovy("decodeHex", 0, 0, |_, this, _| codec::groovy_decode_hex(&text(this)?)),
    groovy("denormalize", 0, 0, |_, this, _| Ok(normalized(&text(this)?).into())),
    groovy("digest", 1, 1, |_, this, args| {
        Ok(codec::hex(&super::digest::digest(&arguments::text(args, 0)?, text(this)?.as_bytes())?).into())
    }),
    groovy("drop", 1, 1, |_, this, args| {
        Ok(slice_utf16(&text(this)?, arguments::int(args, 0)?.max(0) as usize, usize::MAX).into())
    }),
    groovy("dropRight", 1, 1, |_, this, args| {
        let text = text(this)?;
        let end = utf16_len(&text) as i64 - i64::from(arguments::int(args, 0)?.max(0));
        Ok(slice_utf16(&text, 0, end.max(0) as usize).into())
    }),
    groovy("dropWhile", 1, 1, |machine, this, args| {
        let rest = machine.call_method(&characters(this)?, "dropWhile", args)?;
        Ok(machine.call_method(&rest, "join", &["".into()])?)
    }),
    groovy("each", 1, 1, |machine, this, args| {
        machine.call_method(&characters(this)?, "each", args)?;
        Ok(this.clone())
    }),
    groovy("eachLine", 1, 2, |machine, this, args| {
        let first = if args.len() > 1 { arguments::int(args, 0)? } else { 0 };
        let closure = arguments::closure(args, args.len() - 1)?;
        let lines: Vec<String> = lines(&text(this)?).map(str::to_owned).collect();
        each_line(machine, lines, closure, first)
    }),
    groovy("eachMatch", 2, 2, |machine, this, args| {
        let (pattern, text) = (Source::of(args, 0)?, text(this)?);
        for found in pattern.find_all(&mut || machine.look(), &text)? {
            super::pattern::call(machine, &args[1], &pattern, &text, &found)?;
        }
        Ok(this.clone())
    }),
    groovy("eachWithIndex", 1, 1, |machine, this, args| {
        machine.call_method(&characters(this)?, "eachWithIndex", args)?;
        Ok(this.clone())
    }),
    groovy("endsWithAny", 1, ANY, |_, this, args| {
        let text = text(this)?;
        Ok(args.iter().filter_map(arguments::text_of).any(|end| text.ends_with(&*end)).into())
    }),
    groovy("endsWithIgnoreCase", 1, 1, |_, this, args| {
        Ok(text(this)?.to_lowercase().ends_with(&arguments::text(args, 0)?.to_lowercase()).into())
    }),
    groovy("every", 0, 1, through_list!("every")),
    groovy("execute", 0, 2, process::execute),
    groovy("expand", 0, 1, |_, this, args| {
        let stop = if args.is_empty() { 8 } else { arguments::int(args, 0)?.clamp(1, 1 << 10) as usize };
        let text = text(this)?;
        let mut out = String::new();
        let mut column = 0;
        for c in text.chars() {
            match c {
                '\t' => {
                    let blanks = stop - column % stop;
                    out.extend(std::iter::repeat_n(' ', blanks));
                    column += blanks;
                }
                '\n' | '\r' => {
                    out.push(c);
                    column = 0;
                }
                c => {
                    out.push(c);
                    column += 1;
                }
            }
            budget::text(out.len())?;
        }
        Ok(out.into())
    }),
    groovy("find", 0, 2, |machine, this, args| {
        if args.is_empty() || matches!(args[0], Value::Closure(_)) {
            return Ok(machine.call_method(&characters(this)?, "find", args)?);
        }
        let (pattern, text) = (Source::of(args, 0)?, text(this)?);
        let Some(found) = pattern.find(&text, 0)? else { return Ok(Value::Null) };
        if args.len() > 1 {
            return super::pattern::call(machine, &args[1], &pattern, &text, &found);
        }
        Ok(found.text(&text, 0).into())
    }),
    groovy("findAll", 0, 2, |machine, this, args| {
        if args.is_empty() || matches!(args[0], Value::Closure(_)) {
            return Ok(machine.call_method(&characters(this)?, "findAll", args)?);
        }
        let (pattern, text) = (Source::of(args, 0)?, text(this)?);
        let mut all = Vec::new();
        for found in pattern.find_all(&mut || machine.look(), &text)? {
            all.push(if args.len() > 1 {
                super::pattern::call(machine, &args[1], &pattern, &text, &found)?
            } else {
                found.text(&text, 0).into()
            });
        }
        Ok(Value::list(all))
    }),
    groovy("findIndexOf", 1, 2, through_list!("findIndexOf")),
    groovy("findIndexValues", 1, 2, through_list!("findIndexValues")),
    groovy("findLastIndexOf", 1, 2, through_list!("findLastIndexOf")),
    groovy("findResult", 1, 2, through_list!("findResult")),
    groovy("findResults", 0, 1, through_list!("findResults")),
    groovy("getAt", 1, ANY, get_at),
    groovy("getChars", 0, 0, |machine, this, _| Ok(machine.call_method(this, "toCharArray", &[])?)),
    groovy("groupBy", 1, ANY, through_list!("groupBy")),
    groovy("inject", 1, 2, through_list!("inject")),
    groovy("isAllWhitespace", 0, 0, |_, this, _| Ok(text(this)?.chars().all(java_whitespace).into())),
    groovy("isBigDecimal", 0, 0, |_, this, _| Ok(BigDecimal::parse(text(this)?.trim()).is_some().into())),
    groovy("isBigInteger", 0, 0, |_, this, _| Ok(big_integer(&text(this)?).is_some().into())),
    groovy("isBlank", 0, 0, |_, this, _| Ok(text(this)?.chars().all(java_whitespace).into())),
    groovy("isCase", 1, 1, |machine, this, args| {
        if args[0].is_null() {
            return Ok(false.into());
        }
        Ok((*text(this)? == machine.text(&args[0])?).into())
    }),
    groovy("isDouble", 0, 0, |_, this, _| Ok(parse_double(&text(this)?).is_ok().into())),
    groovy("isFloat", 0, 0, |_, this, _| Ok(parse_double(&text(this)?).is_ok().into())),
    groovy("isInteger", 0, 0, |_, this, _| {
        Ok(parse_whole(text(this)?.trim(), 10, &(i64::from(i32::MIN)..=i64::from(i32::MAX))).is_ok().into())
    }),
    groovy("isLong", 0, 0, |_, this, _| Ok(parse_whole(text(this)?.trim(), 10, &(i64::MIN..=i64::MAX)).is_ok().into())),
    groovy("isNumber", 0, 0, |_, this, _| Ok(BigDecimal::parse(text(this)?.trim()).is_some().into())),
    groovy("iterator", 0, 0, through_list!("iterator")),
    groovy("leftShift", 1, 1, |machine, this, args| {
        let builder = super::string_builder::StringBuilder::buffer(text(this)?.into_owned());
        builder.push(&machine.text(&args[0])?)?;
        Ok(Value::object(builder))
    }),
    groovy("matches", 1, 1, |_, this, args| Ok(Source::of(args, 0)?.matches(&text(this)?)?.into())),
    groovy("md5", 0, 0, |_, this, _| Ok(codec::hex(&super::digest::digest("MD5", text(this)?.as_bytes())?).into())),
    groovy("minus", 1, 1, |machine, this, args| {
        let text = text(this)?;
        if let Ok(pattern) = arguments::object::<super::pattern::Pattern>(&args[0]) {
            return Ok(pattern.replace_first(&mut || machine.look(), &text, "")?.into());
        }
        Ok(text.replacen(&machine.text(&args[0])?, "", 1).into())
    }),
    groovy("multiply", 1, 1, |_, this, args| {
        let count = args[0].to_i64().ok_or(Fault::Mismatch)?;
        if count < 0 {
            let message = format!("multiply() should be called with a number of 0 or greater not: {count}");
            return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into());
        }
        repeat(&text(this)?, count)
    }),
    groovy("next", 0, 0, |_, this, _| Ok(stepped(&text(this)?, 1).into())),
    groovy("normalize", 0, 0, |_, this, _| Ok(normalized(&text(this)?).into())),
    groovy("padLeft", 1, 2, |_, this, args| padded(this, args, Side::Left)),
    groovy("padRight", 1, 2, |_, this, args| padded(this, args, Side::Right)),
    groovy("plus", 1, 1, |machine, this, args| Ok(format!("{}{}", text(this)?, machine.text(&args[0])?).into())),
    groovy("previous", 0, 0, |_, this, _| Ok(stepped(&text(this)?, -1).into())),
    groovy("readLines", 0, 0, |_, this, _| Ok(Value::list(lines(&text(this)?).map(Value::from).collect()))),
    groovy("replace", 1, 2, replace_by_map),
    groovy("reverse", 0, 0, |_, this, _| Ok(text(this)?.chars().rev().collect::<String>().into())),
    groovy("sha256", 0, 0, |_, this, _| {
        Ok(codec::hex(&super::digest::digest("SHA-256", text(this)?.as_bytes())?).into())
    }),
    groovy("size", 0, 0, |_, this, _| Ok((utf16_len(&text(this)?) as i32).into())),
    groovy("split", 0, 1, |machine, this, args| {
        if !args.is_empty() {
            return Ok(machine.call_method(&characters(this)?, "split", args)?);
        }
        Ok(super::string::string_array(tokens(&text(this)?, " \t\n\r\u{c}")))
    }),
    groovy("splitEachLine", 2, 2, |machine, this, args| {
        let pattern = Source::of(args, 0)?;
        let mut last = Value::Null;
        for line in lines(&text(this)?) {
            let parts = pattern.split(&mut || machine.look(), line, 0)?.into_iter().map(Value::from).collect();
            let parts = Value::List(Arc::new(List::new(ListKind::Arrays, parts)));
            last = machine.call(&args[1], &[parts])?;
        }
        Ok(last)
    }),
    groovy("startsWithAny", 1, ANY, |_, this, args| {
        let text = text(this)?;
        Ok(args.iter().filter_map(arguments::text_of).any(|start| text.starts_with(&*start)).into())
    }),
    groovy("startsWithIgnoreCase", 1, 1, |_, this, args| {
        Ok(text(this)?.to_lowercase().starts_with(&arguments::text(args, 0)?.to_lowercase()).into())
    }),
    groovy("stripIndent", 0, 1, |_, this, args| {
        let text = text(this)?;
        let indent = |line: &str| line.chars().take_while(|c| java_whitespace(*c)).count();
        let count = if args.is_empty() {
            lines(&text).filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0)
        } else {
            arguments::int(args, 0)?.max(0) as usize
        };
        let stripped: Vec<String> = lines(&text).map(|line| line.chars().skip(count).collect()).collect();
        Ok(with_line_end(stripped, &text).into())
    }),
    groovy("stripMargin", 0, 1, |_, this, args| {
        let text = text(this)?;
        let margin = if args.is_empty() { "|".into() } else { char_or_text(args, 0)? };
        let margin = margin.chars().next().ok_or(Fault::Mismatch)?;
        let strip = |line: &str| {
            let rest = line.trim_start_matches(|c: char| c <= ' ');
            rest.strip_prefix(margin).unwrap_or(line).to_owned()
        };
        Ok(with_line_end(lines(&text).map(strip).collect(), &text).into())
    }),
    groovy("take", 1, 1, |_, this, args| {
        Ok(slice_utf16(&text(this)?, 0, arguments::int(args, 0)?.max(0) as usize).into())
    }),
    groovy("takeAfter", 1, 1, |_, this, args| {
        let (text, mark) = (text(this)?, arguments::text(args, 0)?);
        Ok(text.split_once(&*mark).map_or("", |parts| parts.1).into())
    }),
    groovy("takeBefore", 1, 1, |_, this, args| {
        let (text, mark) = (text(this)?, arguments::text(args, 0)?);
        Ok(text.split_once(&*mark).map_or("", |parts| parts.0).into())
    }),
    groovy("takeBetween", 1, 3, |_, this, args| {
        let (text, from) = (text(this)?, arguments::text(args, 0)?);
        let to =
            if args.len() > 1 && arguments::text(args, 1).is_ok() { arguments::text(args, 1)? } else { from.clone() };
        let occurrence = args.last().filter(|_| args.len() > 1).and_then(|last| match last {
            Value::Int(n) => Some(*n),
            _ => None,
        });
        let mut rest = &*text;
        for left in (0..=occurrence.unwrap_or(0).max(0)).rev() {
            let Some((_, after)) = rest.split_once(&*from) else { break };
            let Some((between, beyond)) = after.split_once(&*to) else { break };
            if left == 0 {
                return Ok(between.into());
            }
            rest = beyond;
        }
        Ok("".into())
    }),
    groovy("takeRight", 1, 1, |_, this, args| {
        let text = text(this)?;
        let start = utf16_len(&text) as i64 - i64::from(arguments::int(args, 0)?.max(0));
        Ok(slice_utf16(&text, start.max(0) as usize, usize::MAX).into())
    }),
    groovy("takeWhile", 1, 1, |machine, this, args| {
        let part = machine.call_method(&characters(this)?, "takeWhile", args)?;
        Ok(machine.call_method(&part, "join", &["".into()])?)
    }),
    groovy("toBigDecimal", 0, 0, |_, this, _| {
        let text = text(this)?;
        let number = BigDecimal::parse(text.trim());
        Ok(Value::decimal(number.ok_or_else(|| number::decimal_format_error(text.trim()))?))
    }),
    groovy("toBigInteger", 0, 0, |_, this, _| {
        let text = text(this)?;
        Ok(Value::integer(big_integer(&text).ok_or_else(|| number::integer_format_error(text.trim()))?))
    }),
    groovy("toBoolean", 0, 0, |_, this, _| {
        let text = text(this)?.trim().to_lowercase();
        Ok(matches!(&*text, "true" | "y" | "1").into())
    }),
    groovy("toCharacter", 0, 0, |_, this, _| {
        Ok(text(this)?.encode_utf16().next().map(Value::Char).unwrap_or_default())
    }),
    groovy("toDouble", 0, 0, |_, this, _| Ok(parse_double(&text(this)?)?.into())),
    groovy("toFloat", 0, 0, |_, this, _| Ok(Value::Float(parse_double(&text(this)?)? as f32))),
    groovy("toInteger", 0, 0, |_, this, _| {
        let range = i64::from(i32::MIN)..=i64::from(i32::MAX);
        Ok((parse_whole(trimmed(&text(this)?), 10, &range)? as i32).into())
    }),
    groovy("toList", 0, 0, |_, this, _| characters(this)),
    groovy("toLong", 0, 0, |_, this, _| Ok(parse_whole(trimmed(&text(this)?), 10, &(i64::MIN..=i64::MAX))?.into())),
    groovy("toSet", 0, 0, through_list!("toSet")),
    groovy("toShort", 0, 0, |_, this, _| {
        Ok(Value::Short(parse_whole(trimmed(&text(this)?), 10, &(-0x8000..=0x7fff))? as i16))
    }),
    groovy("toURI", 0, 0, |machine, this, _| {
        let class = machine.find_class("java.net.URI").ok_or(Fault::Mismatch)?;
        Ok(machine.construct(&class, std::slice::from_ref(this))?)
    }),
    groovy("toURL", 0, 0, |machine, this, _| {
        let class = machine.find_class("java.net.URL").ok_or(Fault::Mismatch)?;
        Ok(machine.construct(&class, std::slice::from_ref(this))?)
    }),
    groovy("tokenize", 0, 1, |_, this, args| {
        let separators = if args.is_empty() { " \t\n\r\u{c}".into() } else { char_or_text(args, 0)? };
        Ok(Value::list(tokens(&text(this)?, &separators).into_iter().map(Value::from).collect()))
    }),
    groovy("tr", 2, 2, |_, this, args| {
        translated(&text(this)?, &arguments::text(args, 0)?, &arguments::text(args, 1)?)
    }),
    groovy("uncapitalize", 0, 0, |_, this, _| Ok(first_letter(&text(this)?, |c| c.to_lowercase().collect()).into())),
    groovy("unexpand", 0, 1, |_, this, args| {
        let stop = if args.is_empty() { 8 } else { arguments::int(args, 0)?.clamp(1, 1 << 10) as usize };
        Ok(unexpanded(&text(this)?, stop).into())
    }),
    java("compareTo", 1, 1, |_, this, args| {
        Ok(super::string::compare_as_java(&text(this)?, &arguments::text(args, 0)?).into())
    }),
];

/// The characters of a text as a list of strings.
fn characters(this: &Value) -> Answer {
    Ok(Value::list(text(this)?.chars().map(|c| Value::from(c.to_string())).collect()))
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ')
}

fn big_integer(text: &str) -> Option<BigInt> {
    let text = trimmed(text);
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) { None } else { text.parse().ok() }
}

fn first_letter(text: &str, change: fn(char) -> String) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| change(first) + chars.as_str())
}

/// Calls a closure with each line, and with its number if it wants one; gives what the last call gave.
pub(crate) fn each_line(
    machine: &mut Machine<'_>,
    lines: impl IntoIterator<Item = String>,
    closure: &Value,
    first: i32,
) -> Answer {
    let numbered = matches!(closure, Value::Closure(closure) if closure.parameters() > 1);
    let mut last = Value::Null;
    for (at, line) in (0..).zip(lines) {
        let line = Value::from(line);
        last = if numbered {
            machine.call(closure, &[line, Value::Int(first.wrapping_add(at))])?
        } else {
            machine.call(closure, &[line])?
        };
    }
    Ok(last)
}

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
    Both,
}

fn padded(this: &Value, args: &[Value], side: Side) -> Answer {
    let text = text(this)?;
    let wanted = args[0].to_i64().ok_or(Fault::Mismatch)?;
    let filler = if args.len() > 1 { arguments::text(args, 1)? } else { " ".into() };
    let missing = wanted - utf16_len(&text) as i64;
    if missing <= 0 || filler.is_empty() {
        return Ok(text.into_owned().into());
    }
    budget::text((wanted as usize).saturating_mul(4))?;
    let fill = |count: i64| filler.chars().cycle().take(count as usize).collect::<String>();
    Ok(match side {
        Side::Left => format!("{}{text}", fill(missing)),
        Side::Right => format!("{text}{}", fill(missing)),
        // What is uneven goes to the right.
        Side::Both => format!("{}{text}{}", fill(missing / 2), fill(missing - missing / 2)),
    }
    .into())
}

fn normalized(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Lines put together again, with a line end at the end if the text had one.
fn with_line_end(lines: Vec<String>, text: &str) -> String {
    let end = if text.ends_with('\n') { "\n" } else { "" };
    lines.join("\n") + end
}

/// The parts between any of the separators, without empty ones.
pub(crate) fn tokens(text: &str, separators: &str) -> Vec<String> {
    text.split(|c| separators.contains(c)).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// `"az".next()`: the last character moves on by one.
fn stepped(text: &str, by: i32) -> String {
    let mut chars = text.chars();
    let Some(last) = chars.next_back() else { return if by > 0 { "\0".to_owned() } else { "\u{ffff}".to_owned() } };
    let moved = char::from_u32((last as u32).wrapping_add_signed(by)).unwrap_or(last);
    format!("{}{moved}", chars.as_str())
}

fn replace_by_map(_: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let Some(Value::Map(map)) = args.last() else { return Err(Fault::Mismatch) };
    let text = text(this)?;
    let pairs: Vec<(String, String)> = map
        .entries()
        .iter()
        .map(|(key, value)| (crate::script::value::groovy_text(key), crate::script::value::groovy_text(value)))
        .collect();
    let mut out = String::new();
    let mut rest = &*text;
    'next: while !rest.is_empty() {
        for (from, to) in &pairs {
            if let Some(after) = rest.strip_prefix(from.as_str()).filter(|_| !from.is_empty()) {
                out.push_str(to);
                rest = after;
                continue 'next;
            }
        }
        let length = rest.chars().next().map_or(1, char::len_utf8);
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Ok(out.into())
}

/// `text[3]`, `text[-1]`, `text[0..2]`, `text[1, 3]`.
fn get_at(_: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let text = text(this)?;
    let length = utf16_len(&text) as i64;
    let one = |index: i64| -> Result<String, Fault> {
        let at = if index < 0 { index + length } else { index };
        if at < 0 {
            let message = format!("Negative array index [{index}] too large for array size {length}");
            return Err(Thrown::new(exceptions::ARRAY_INDEX, message).into());
        }
        if at >= length {
            let message = format!("begin {at}, end {}, length {length}", at + 1);
            return Err(Thrown::new(exceptions::STRING_INDEX, message).into());
        }
        Ok(slice_utf16(&text, at as usize, at as usize + 1))
    };
    let part = |value: &Value| -> Result<String, Fault> {
        match value {
            Value::Range(range) => {
                let (Some(from), Some(to)) = (range.from.to_i64(), range.to.to_i64()) else {
                    return Err(Fault::Mismatch);
                };
                let absolute = |index: i64| if index < 0 { index + length } else { index };
                let (start, mut end) = (absolute(from), absolute(to));
                if !range.inclusive {
                    // A range without its end may be empty; then it takes nothing, wherever it stands.
                    if from == to {
                        return Ok(String::new());
                    }
                    end += if start <= end { -1 } else { 1 };
                }
                let (low, high) = (start.min(end), start.max(end));
                if low < 0 {
                    let message =
                        format!("Negative string index [{}] too large for string size {length}", low - length);
                    return Err(Thrown::new(exceptions::STRING_INDEX, message).into());
                }
                if high >= length {
                    let message = format!("begin {low}, end {}, length {length}", high + 1);
                    return Err(Thrown::new(exceptions::STRING_INDEX, message).into());
                }
                let taken = slice_utf16(&text, low as usize, high as usize + 1);
                Ok(if start > end { taken.chars().rev().collect() } else { taken })
            }
            other => one(other.to_i64().filter(|_| other.is_integral()).ok_or(Fault::Mismatch)?),
        }
    };
    let items = match args {
        [Value::List(list)] => list.items(),
        other => other.to_vec(),
    };
    Ok(items.iter().map(part).collect::<Result<String, Fault>>()?.into())
}

/// `tr('a-c', 'x')`: characters of the first set become those of the second, whose last stands for all further ones.
fn translated(text: &str, from: &str, to: &str) -> Answer {
    let (excluded, from) = match from.strip_prefix('^') {
        Some(rest) if !rest.is_empty() => (true, rest),
        _ => (false, from),
    };
    let (from, to) = (characters_of_set(from)?, characters_of_set(to)?);
    let Some(last) = to.last().copied() else {
        return Ok(text.chars().filter(|c| from.contains(c) == excluded).collect::<String>().into());
    };
    let change = |c: char| match (from.iter().rposition(|known| *known == c), excluded) {
        (Some(at), false) => to.get(at).copied().unwrap_or(last),
        (None, true) => last,
        _ => c,
    };
    Ok(text.chars().map(change).collect::<String>().into())
}

fn characters_of_set(set: &str) -> Result<Vec<char>, Fault> {
    let chars: Vec<char> = set.chars().collect();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        if at + 2 < chars.len() && chars[at + 1] == '-' {
            let (low, high) = (chars[at], chars[at + 2]);
            if low <= high {
                out.extend(low..=high);
            } else {
                out.extend((high..=low).rev());
            }
            at += 3;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    Ok(out)
}

/// Blanks before tab stops become tabs.
fn unexpanded(text: &str, stop: usize) -> String {
    let line = |line: &str| {
        let chars: Vec<char> = line.chars().collect();
        let mut out = String::new();
        for chunk in chars.chunks(stop) {
            let kept = chunk.iter().rposition(|c| *c != ' ').map_or(0, |at| at + 1);
            if chunk.len() == stop && stop - kept > 1 {
                out.extend(&chunk[..kept]);
                out.push('\t');
            } else {
                out.extend(chunk);
            }
        }
        out
    };
    with_line_end(lines(text).map(line).collect(), text)
}

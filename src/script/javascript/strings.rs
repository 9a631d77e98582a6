//! Methods of JavaScript's strings.

use super::heap::{Class, Js};
use super::interpreter::{Interpreter, Result};
use super::regexps;
use crate::script::budget;
use crate::script::library::string::{index_of, repeat};
use crate::script::value::{slice_utf16, utf16_len};

/// Names of the methods, for when one is taken off a string without a call.
pub(super) const METHODS: &[&str] = &[
    "charAt",
    "charCodeAt",
    "codePointAt",
    "concat",
    "endsWith",
    "includes",
    "indexOf",
    "lastIndexOf",
    "localeCompare",
    "match",
    "padEnd",
    "padStart",
    "repeat",
    "replace",
    "search",
    "slice",
    "split",
    "startsWith",
    "substr",
    "substring",
    "toLocaleLowerCase",
    "toLocaleUpperCase",
    "toLowerCase",
    "toString",
    "toUpperCase",
    "trim",
    "trimEnd",
    "trimLeft",
    "trimRight",
    "trimStart",
    "valueOf",
];

/// A position argument, clamped to `0..=length`; NaN is 0.
fn position(
    interpreter: &mut Interpreter<'_, '_>,
    arguments: &[Js],
    index: usize,
    length: usize,
    default: usize,
) -> Result<usize> {
    if matches!(arguments.get(index), None | Some(Js::Undefined)) {
        return Ok(default);
    }
    let number = interpreter.argument_number(arguments, index)?;
    Ok(if number.is_nan() { 0 } else { number.clamp(0.0, length as f64) as usize })
}

/// As [`position`], but a negative number counts from the end.
pub(super) fn relative(
    interpreter: &mut Interpreter<'_, '_>,
    arguments: &[Js],
    index: usize,
    length: usize,
    default: usize,
) -> Result<usize> {
    if matches!(arguments.get(index), None | Some(Js::Undefined)) {
        return Ok(default);
    }
    let number = interpreter.argument_number(arguments, index)?;
    let from_end = if number < 0.0 { number + length as f64 } else { number };
    Ok(if from_end.is_nan() { 0 } else { from_end.clamp(0.0, length as f64) as usize })
}

fn blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// Calls a method; `None` when strings have none of that name.
pub(super) fn call(
    interpreter: &mut Interpreter<'_, '_>,
    text: &str,
    name: &str,
    arguments: &[Js],
) -> Result<Option<Js>> {
    let length = utf16_len(text);
    Ok(Some(match name {
        "charAt" => {
            let at = interpreter.argument_number(arguments, 0)?;
            let at = if at.is_nan() { 0.0 } else { at.trunc() };
            let inside = at >= 0.0 && at < length as f64;
            Js::string(if inside { slice_utf16(text, at as usize, at as usize + 1) } else { String::new() })
        }
        "charCodeAt" | "codePointAt" => {
            let at = interpreter.argument_number(arguments, 0)?;
            let at = if at.is_nan() { 0.0 } else { at.trunc() };
            let unit = if at >= 0.0 { text.encode_utf16().nth(at as usize) } else { None };
            Js::Number(unit.map_or(f64::NAN, f64::from))
        }
        "concat" => {
            let mut joined = text.to_owned();
            for argument in arguments {
                joined += &interpreter.text(argument)?;
                budget::text(joined.len())?;
            }
            Js::string(joined)
        }
        "startsWith" => {
            let from = position(interpreter, arguments, 1, length, 0)?;
            Js::Boolean(slice_utf16(text, from, length).starts_with(&interpreter.argument_text(arguments, 0)?))
        }
        "endsWith" => {
            let to = position(interpreter, arguments, 1, length, length)?;
            Js::Boolean(slice_utf16(text, 0, to).ends_with(&interpreter.argument_text(arguments, 0)?))
        }
        "includes" => {
            let from = position(interpreter, arguments, 1, length, 0)?;
            Js::Boolean(slice_utf16(text, from, length).contains(&interpreter.argument_text(arguments, 0)?))
        }
        "indexOf" => {
            let from = position(interpreter, arguments, 1, length, 0)?;
            Js::Number(f64::from(index_of(text, &interpreter.argument_text(arguments, 0)?, from)))
        }
        "lastIndexOf" => {
            let part = interpreter.argument_text(arguments, 0)?;
            let to = position(interpreter, arguments, 1, length, length)?;
            let head = slice_utf16(text, 0, to.saturating_add(utf16_len(&part)));
            Js::Number(head.rfind(&part).map_or(-1.0, |at| utf16_len(&head[..at]) as f64))
        }
        "localeCompare" => {
            let other = interpreter.argument_text(arguments, 0)?;
            Js::Number(f64::from(crate::java::compare_texts(text, &other) as i32))
        }
        "match" => return regexps::match_text(interpreter, text, arguments).map(Some),
        "replace" => return regexps::replace(interpreter, text, arguments).map(Some),
        "search" => return regexps::search(interpreter, text, arguments).map(Some),
        "split" => return split(interpreter, text, arguments).map(Some),
        "padStart" | "padEnd" => {
            let wanted = position(interpreter, arguments, 0, 1 << 24, 0)?;
            let filler = if arguments.len() > 1 { interpreter.argument_text(arguments, 1)? } else { " ".to_owned() };
            let missing = wanted.saturating_sub(length);
            let count = if filler.is_empty() { 0 } else { missing.div_ceil(utf16_len(&filler)) };
            let padding = slice_utf16(&filler.repeat(count), 0, missing);
            Js::string(if name == "padStart" { padding + text } else { text.to_owned() + &padding })
        }
        "repeat" => {
            let count = interpreter.argument_number(arguments, 0)?;
            if count < 0.0 || count.is_infinite() {
                return Err(interpreter.error("RangeError", "Invalid count value"));
            }
            match repeat(text, count as i64) {
                Ok(value) => super::interop::from_java(value),
                Err(_) => return Err(interpreter.error("RangeError", "Invalid count value")),
            }
        }
        "slice" => {
            let from = relative(interpreter, arguments, 0, length, 0)?;
            let to = relative(interpreter, arguments, 1, length, length)?;
            Js::string(slice_utf16(text, from, to.max(from)))
        }
        "substr" => {
            let from = relative(interpreter, arguments, 0, length, 0)?;
            let count = position(interpreter, arguments, 1, length, length)?;
            Js::string(slice_utf16(text, from, from.saturating_add(count)))
        }
        "substring" => {
            let from = position(interpreter, arguments, 0, length, 0)?;
            let to = position(interpreter, arguments, 1, length, length)?;
            Js::string(slice_utf16(text, from.min(to), from.max(to)))
        }
        "toLowerCase" | "toLocaleLowerCase" => Js::string(text.to_lowercase()),
        "toUpperCase" | "toLocaleUpperCase" => Js::string(text.to_uppercase()),
        "toString" | "valueOf" => Js::string(text),
        "trim" => Js::string(text.trim_matches(blank)),
        "trimLeft" | "trimStart" => Js::string(text.trim_start_matches(blank)),
        "trimRight" | "trimEnd" => Js::string(text.trim_end_matches(blank)),
        // As in Java, which scripts for Rhino mix up with JavaScript.
        "equals" => Js::Boolean(interpreter.argument_text(arguments, 0)? == text),
        _ => return Ok(None),
    }))
}

fn split(interpreter: &mut Interpreter<'_, '_>, text: &str, arguments: &[Js]) -> Result {
    let limit = match arguments.get(1) {
        None | Some(Js::Undefined) => usize::MAX,
        Some(_) => interpreter.argument_number(arguments, 1)?.max(0.0) as usize,
    };
    let parts = match arguments.first() {
        None | Some(Js::Undefined) => vec![Js::string(text)],
        Some(Js::Object(id)) if matches!(interpreter.heap.object(*id).class, Class::RegExp { .. }) => {
            regexps::split(interpreter, *id, text)?
        }
        Some(separator) => {
            let separator = interpreter.text(separator)?;
            if separator.is_empty() {
                text.chars().map(|c| Js::string(c.to_string())).collect()
            } else {
                text.split(&separator).map(Js::string).collect()
            }
        }
    };
    Ok(interpreter.heap.array(parts.into_iter().take(limit).collect())?)
}

//! JavaScript's global functions and the constructors' own functions.

use super::convert::{number_text, truth, whole};
use super::heap::{Class, Js};
use super::interpreter::{Interpreter, Result};
use super::{dates, interop, json};
use crate::script::library::math::round;
use crate::script::value::{BigDecimal, Rounding};
use crate::text::Text;
use std::fmt::Write;

/// Everything built in that a program can name.
const NAMES: &[&str] = &[
    "Array",
    "Boolean",
    "Date",
    "Error",
    "EvalError",
    "Function",
    "JSON",
    "Math",
    "Number",
    "Object",
    "RangeError",
    "ReferenceError",
    "RegExp",
    "String",
    "SyntaxError",
    "TypeError",
    "URIError",
    "decodeURI",
    "decodeURIComponent",
    "encodeURI",
    "encodeURIComponent",
    "escape",
    "eval",
    "isFinite",
    "isNaN",
    "parseFloat",
    "parseInt",
    "unescape",
];

const ERRORS: &[&str] = &["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"];

/// A global by its name.
pub(super) fn lookup(name: &str) -> Option<Js> {
    match name {
        "undefined" => Some(Js::Undefined),
        "NaN" => Some(Js::Number(f64::NAN)),
        "Infinity" => Some(Js::Number(f64::INFINITY)),
        "toString" => Some(Js::Native(Text::from("global.toString"))),
        name if NAMES.contains(&name) => Some(Js::Native(Text::from(name))),
        name => interop::package(name),
    }
}

/// `Math.PI` and the like; anything else is a function to be called.
pub(super) fn property(path: &str, name: &str) -> Js {
    let number = match (path, name) {
        ("Math", "PI") => std::f64::consts::PI,
        ("Math", "E") => std::f64::consts::E,
        ("Math", "LN2") => std::f64::consts::LN_2,
        ("Math", "LN10") => std::f64::consts::LN_10,
        ("Math", "LOG2E") => std::f64::consts::LOG2_E,
        ("Math", "LOG10E") => std::f64::consts::LOG10_E,
        ("Math", "SQRT2") => std::f64::consts::SQRT_2,
        ("Math", "SQRT1_2") => std::f64::consts::FRAC_1_SQRT_2,
        ("Number", "MAX_VALUE") => f64::MAX,
        ("Number", "MIN_VALUE") => 5e-324,
        ("Number", "NaN") => f64::NAN,
        ("Number", "POSITIVE_INFINITY") => f64::INFINITY,
        ("Number", "NEGATIVE_INFINITY") => f64::NEG_INFINITY,
        ("Number", "MAX_SAFE_INTEGER") => 9_007_199_254_740_991.0,
        ("Number", "MIN_SAFE_INTEGER") => -9_007_199_254_740_991.0,
        ("global", name) => return lookup(name).unwrap_or(Js::Undefined),
        _ => return Js::Native(Text::from(format!("{path}.{name}"))),
    };
    Js::Number(number)
}

/// `new X(arguments)`.
pub(super) fn construct(interpreter: &mut Interpreter<'_, '_>, path: &str, arguments: &[Js]) -> Result {
    let class = match path {
        "Date" => return dates::construct(interpreter, arguments),
        "String" => {
            let text = if arguments.is_empty() { String::new() } else { interpreter.argument_text(arguments, 0)? };
            Class::Boxed(Js::string(text))
        }
        "Number" => {
            let number = if arguments.is_empty() { 0.0 } else { interpreter.argument_number(arguments, 0)? };
            Class::Boxed(Js::Number(number))
        }
        "Boolean" => Class::Boxed(Js::Boolean(arguments.first().is_some_and(truth))),
        _ => return call(interpreter, path, arguments),
    };
    Ok(Js::Object(interpreter.heap.add(class)?))
}

/// Calls something built in by its path.
pub(super) fn call(interpreter: &mut Interpreter<'_, '_>, path: &str, arguments: &[Js]) -> Result {
    if let Some(function) = path.strip_prefix("Math.") {
        return math(interpreter, function, arguments);
    }
    let first = arguments.first().cloned().unwrap_or(Js::Undefined);
    Ok(match path {
        "String" if arguments.is_empty() => Js::string(""),
        "String" => Js::string(interpreter.text(&first)?),
        "Number" if arguments.is_empty() => Js::Number(0.0),
        "Number" => Js::Number(interpreter.number(&first)?),
        "Boolean" => Js::Boolean(truth(&first)),
        "Object" | "Object.create" if matches!(first, Js::Undefined | Js::Null) || path == "Object.create" => {
            let id = interpreter.heap.add(Class::Plain)?;
            if let Js::Object(prototype) = first {
                interpreter.heap.object_mut(id).prototype = Some(prototype);
            }
            Js::Object(id)
        }
        "Object" => first,
        "Object.keys" => {
            let keys = interpreter.keys_of(&first);
            interpreter.heap.array(keys)?
        }
        "Object.assign" => {
            for source in arguments.get(1..).unwrap_or_default() {
                if let (Js::Object(target), Js::Object(source)) = (&first, source) {
                    let properties = interpreter.heap.object(*source).properties.clone();
                    interpreter.heap.object_mut(*target).properties.extend(properties);
                }
            }
            first
        }
        "Array" => match (&first, arguments.len()) {
            (Js::Number(length), 1) => {
                if *length < 0.0 || length.fract() != 0.0 || *length > 1e7 {
                    return Err(interpreter.error("RangeError", "Inappropriate array length."));
                }
                interpreter.heap.array(vec![Js::Undefined; *length as usize])?
            }
            _ => interpreter.heap.array(arguments.to_vec())?,
        },
        "Array.isArray" => Js::Boolean(interpreter.heap.items(&first).is_some()),
        "Array.of" => interpreter.heap.array(arguments.to_vec())?,
        "Date" => Js::string(dates::text(dates::now(), &dates::zone(interpreter.machine))),
        "Date.now" => Js::Number(dates::now()),
        "Date.parse" => {
            let text = interpreter.text(&first)?;
            Js::Number(dates::parse(&text, &dates::zone(interpreter.machine)))
        }
        "Date.UTC" => Js::Number(dates::from_fields(interpreter, arguments)?.0),
        "RegExp" => {
            let flags = if arguments.len() > 1 { interpreter.argument_text(arguments, 1)? } else { String::new() };
            if let Js::Object(id) = &first
                && let Class::RegExp { source, .. } = &interpreter.heap.object(*id).class
            {
                let source = source.clone();
                return interpreter.make_regexp(&source, &flags);
            }
            let source = interpreter.text(&first)?;
            interpreter.make_regexp(&source, &flags)?
        }
        "JSON.parse" => {
            let text = interpreter.text(&first)?;
            json::parse(interpreter, &text)?
        }
        "JSON.stringify" => {
            let indent = match arguments.get(2) {
                Some(Js::Number(count)) => " ".repeat(count.clamp(0.0, 10.0) as usize),
                Some(Js::String(text)) => text.chars().take(10).collect(),
                _ => String::new(),
            };
            interpreter.json_text(&first, &indent)?.map_or(Js::Undefined, Js::string)
        }
        "String.fromCharCode" => {
            let mut units = Vec::new();
            for index in 0..arguments.len() {
                units.push(super::convert::to_int32(interpreter.argument_number(arguments, index)?) as u16);
            }
            Js::string(String::from_utf16_lossy(&units))
        }
        "parseInt" | "Number.parseInt" => {
            let text = interpreter.text(&first)?;
            let radix = if arguments.len() > 1 { interpreter.argument_number(arguments, 1)? } else { 0.0 };
            Js::Number(parse_int(&text, radix as i32))
        }
        "parseFloat" | "Number.parseFloat" => Js::Number(parse_float(&interpreter.text(&first)?)),
        "isNaN" | "Number.isNaN" => Js::Boolean(interpreter.number(&first)?.is_nan()),
        "isFinite" | "Number.isFinite" => Js::Boolean(interpreter.number(&first)?.is_finite()),
        "Number.isInteger" => Js::Boolean(matches!(first, Js::Number(n) if n.fract() == 0.0)),
        "escape" => Js::string(escape(&interpreter.text(&first)?)),
        "unescape" => Js::string(unescape(&interpreter.text(&first)?)),
        "encodeURIComponent" => Js::string(encode(&interpreter.text(&first)?, "-_.!~*'()")),
        "encodeURI" => Js::string(encode(&interpreter.text(&first)?, "-_.!~*'();/?:@&=+$,#")),
        "decodeURIComponent" | "decodeURI" => {
            let text = interpreter.text(&first)?;
            let reserved = if path == "decodeURI" { ";/?:@&=+$,#" } else { "" };
            match decode(&text, reserved) {
                Some(text) => Js::string(text),
                None => return Err(interpreter.error("URIError", "Malformed URI sequence.")),
            }
        }
        "global.toString" => Js::string("[object Object]"),
        "eval" | "Function" => {
            return Err(interpreter.error("EvalError", format!("{path} is not supported")));
        }
        path if ERRORS.contains(&path) => {
            let message = if arguments.is_empty() { String::new() } else { interpreter.text(&first)? };
            interpreter.error_object(path, &message)?
        }
        path => {
            let (object, name) = path.rsplit_once('.').unwrap_or(("global", path));
            return Err(interpreter.type_error(format!("Cannot find function {name} in object {object}.")));
        }
    })
}

fn math(interpreter: &mut Interpreter<'_, '_>, function: &str, arguments: &[Js]) -> Result {
    let mut numbers = Vec::with_capacity(arguments.len());
    for index in 0..arguments.len() {
        numbers.push(interpreter.argument_number(arguments, index)?);
    }
    let x = numbers.first().copied().unwrap_or(f64::NAN);
    let y = numbers.get(1).copied().unwrap_or(f64::NAN);
    let extreme = |start: f64, pick: fn(f64, f64) -> f64| {
        numbers.iter().fold(start, |best, n| if best.is_nan() || n.is_nan() { f64::NAN } else { pick(best, *n) })
    };
    Ok(Js::Number(match function {
        "abs" => x.abs(),
        "acos" => x.acos(),
        "asin" => x.asin(),
        "atan" => x.atan(),
        "atan2" => x.atan2(y),
        "cbrt" => x.cbrt(),
        "ceil" => x.ceil(),
        "cos" => x.cos(),
        "exp" => x.exp(),
        "floor" => x.floor(),
        "hypot" => x.hypot(y),
        "log" => x.ln(),
        "log10" => x.log10(),
        "log2" => x.log2(),
        "max" => extreme(f64::NEG_INFINITY, f64::max),
        "min" => extreme(f64::INFINITY, f64::min),
        // One to the power of infinity is not a number in JavaScript.
        "pow" if x.abs() == 1.0 && y.is_infinite() => f64::NAN,
        "pow" => x.powf(y),
        "random" => fastrand::f64(),
        "round" => round(x),
        "sign" => {
            if x == 0.0 || x.is_nan() {
                x
            } else {
                x.signum()
            }
        }
        "sin" => x.sin(),
        "sqrt" => x.sqrt(),
        "tan" => x.tan(),
        "trunc" => x.trunc(),
        _ => return Err(interpreter.type_error(format!("Cannot find function {function} in object [object Math]."))),
    }))
}

fn parse_int(text: &str, radix: i32) -> f64 {
    let text = text.trim_start_matches(|c: char| c.is_whitespace());
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let (radix, digits) = match (radix, hexadecimal) {
        (0 | 16, Some(rest)) => (16, rest),
        // Rhino still reads a leading zero as octal.
        (0, None)
            if digits.len() > 1 && digits.starts_with('0') && digits[1..].starts_with(|c: char| c.is_digit(8)) =>
        {
            (8, digits)
        }
        (0, None) => (10, digits),
        (2..=36, _) => (radix as u32, digits),
        _ => return f64::NAN,
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    if radix == 10 && end > 0 {
        return sign * digits[..end].parse().unwrap_or(f64::NAN);
    }
    sign * whole(&digits[..end], radix).unwrap_or(f64::NAN)
}

/// The longest start of a text that is a number.
fn parse_float(text: &str) -> f64 {
    let text = text.trim_start_matches(|c: char| c.is_whitespace());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned.starts_with("Infinity") {
        return if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let allowed = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
    let mut end = text.find(|c| !allowed(c)).unwrap_or(text.len());
    while end > 0 {
        if let Ok(number) = text[..end].parse() {
            return number;
        }
        end -= 1;
    }
    f64::NAN
}

/// Methods of numbers; `None` when they have none of that name.
pub(super) fn call_number(
    interpreter: &mut Interpreter<'_, '_>,
    number: &f64,
    name: &str,
    arguments: &[Js],
) -> Result<Option<Js>> {
    let number = *number;
    Ok(Some(match name {
        "toString" if arguments.is_empty() => Js::string(number_text(number)),
        "toString" => {
            let radix = interpreter.argument_number(arguments, 0)?;
            if !(2.0..=36.0).contains(&radix) {
                return Err(interpreter.error("RangeError", "illegal radix"));
            }
            Js::string(in_radix(number, radix as u32))
        }
        "toLocaleString" => Js::string(number_text(number)),
        "valueOf" => Js::Number(number),
        "toFixed" | "toPrecision" | "toExponential" => {
            let digits = interpreter.argument_number(arguments, 0)?;
            let digits = if digits.is_nan() { 0.0 } else { digits };
            if !(0.0..=100.0).contains(&digits) {
                return Err(interpreter.error("RangeError", "precision out of range."));
            }
            if !number.is_finite() {
                return Ok(Some(Js::string(number_text(number))));
            }
            Js::string(match name {
                "toFixed" => to_fixed(number, digits as i32),
                "toExponential" => exponential(number, digits as u32),
                _ if arguments.is_empty() => number_text(number),
                _ => to_precision(number, digits.max(1.0) as u32),
            })
        }
        _ => return Ok(None),
    }))
}

fn to_fixed(number: f64, digits: i32) -> String {
    if number.abs() >= 1e21 {
        return number_text(number);
    }
    let rounded = BigDecimal::exact(number).and_then(|exact| exact.set_scale(digits, Rounding::HalfUp).ok());
    rounded.map_or_else(|| number_text(number), |rounded| rounded.to_plain_string())
}

/// `d.ddde+x` with so many digits after the point.
fn exponential(number: f64, digits: u32) -> String {
    let text = format!("{number:.*e}", digits as usize);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{mantissa}e{exponent:+}")
}

fn to_precision(number: f64, digits: u32) -> String {
    let text = exponential(number, digits - 1);
    let exponent: i32 = text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    if exponent < -6 || exponent >= digits as i32 { text } else { to_fixed(number, digits as i32 - 1 - exponent) }
}

/// `number.toString(radix)`, fractions to 52 places.
fn in_radix(number: f64, radix: u32) -> String {
    if radix == 10 || !number.is_finite() {
        return number_text(number);
    }
    let mut rest = number.abs().trunc();
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((rest % f64::from(radix)) as u32, radix).unwrap_or('0'));
        rest = (rest / f64::from(radix)).trunc();
        if rest < 1.0 {
            break;
        }
    }
    let mut text: String = digits.into_iter().rev().collect();
    let mut fraction = number.abs().fract();
    if fraction > 0.0 {
        text.push('.');
        for _ in 0..52 {
            fraction *= f64::from(radix);
            text.push(char::from_digit(fraction as u32, radix).unwrap_or('0'));
            fraction = fraction.fract();
            if fraction == 0.0 {
                break;
            }
        }
    }
    if number < 0.0 { format!("-{text}") } else { text }
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for unit in text.encode_utf16() {
        match char::from_u32(u32::from(unit)).filter(char::is_ascii) {
            Some(c) if c.is_ascii_alphanumeric() || "@*_+-./".contains(c) => out.push(c),
            _ if unit < 256 => _ = write!(out, "%{unit:02X}"),
            _ => _ = write!(out, "%u{unit:04X}"),
        }
    }
    out
}

fn unescape(text: &str) -> String {
    let mut units = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let code = |from: usize, to: usize| rest.get(from..to).and_then(|hex| u16::from_str_radix(hex, 16).ok());
        let (unit, length) = match (c, code(1, 3), code(2, 6)) {
            ('%', _, Some(unit)) if rest.as_bytes().get(1) == Some(&b'u') => (Some(unit), 6),
            ('%', Some(unit), _) => (Some(unit), 3),
            _ => (None, c.len_utf8()),
        };
        match unit {
            Some(unit) => units.push(unit),
            None => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
        }
        rest = &rest[length..];
    }
    String::from_utf16_lossy(&units)
}

fn encode(text: &str, kept: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || kept.contains(c) {
            out.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn decode(text: &str, reserved: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        if *byte != b'%' {
            bytes.push(*byte);
            rest = tail;
            continue;
        }
        let hex = std::str::from_utf8(tail.get(..2)?).ok()?;
        let decoded = u8::from_str_radix(hex, 16).ok()?;
        if reserved.as_bytes().contains(&decoded) {
            bytes.extend_from_slice(&rest[..3]);
        } else {
            bytes.push(decoded);
        }
        rest = &tail[2..];
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::super::convert::text_to_number;
    use super::*;

    #[test]
    fn numbers_are_read() {
        assert_eq!(parse_int("12px", 0), 12.0);
        assert_eq!(parse_int("010", 0), 8.0);
        assert_eq!(parse_int("0x1f", 0), 31.0);
        assert!(parse_int("x", 0).is_nan());
        assert_eq!(parse_float("2.5abc"), 2.5);
        assert_eq!(text_to_number(" 12 "), 12.0);
        assert!(text_to_number("1_0").is_nan());
    }
}

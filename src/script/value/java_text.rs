//! Java's `toString()` of every value.

use super::Value;
use crate::script::budget;
use std::fmt::Write;

/// Nesting beyond which a collection prints as `...`: a list may contain itself.
const DEPTH_LIMIT: u32 = 64;

/// `Double.toString`.
pub fn double_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    java_notation(&format!("{value:e}"))
}

/// `Float.toString`.
pub fn float_text(value: f32) -> String {
    if value.is_finite() { java_notation(&format!("{value:e}")) } else { double_text(f64::from(value)) }
}

/// From shortest digits `d.ddde±x` to Java's notation: plain between 10^-3 and 10^7, else with `E`.
fn java_notation(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{first}{rest}");
    if digits == "0" {
        return format!("{sign}0.0");
    }
    if (0..7).contains(&exponent) {
        let whole = exponent as usize + 1;
        if digits.len() > whole {
            format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
        } else {
            format!("{sign}{digits}{}.0", "0".repeat(whole - digits.len()))
        }
    } else if (-3..0).contains(&exponent) {
        format!("{sign}0.{}{digits}", "0".repeat((-exponent - 1) as usize))
    } else {
        let rest = if rest.is_empty() { "0" } else { rest };
        format!("{sign}{first}.{rest}E{exponent}")
    }
}

/// The text of one UTF-16 code unit; half of a surrogate pair becomes `?`.
pub fn char_text(unit: u16) -> String {
    char::from_u32(u32::from(unit)).unwrap_or('?').to_string()
}

/// `String.valueOf(value)`.
pub fn java_text(value: &Value) -> String {
    if let Value::String(text) = value {
        return text.to_string();
    }
    budget::measured(|| {
        let mut out = String::new();
        write_java(value, &mut out, 0);
        out
    })
}

fn write_joined<'v>(open: char, items: impl IntoIterator<Item = &'v Value>, out: &mut String, depth: u32) {
    out.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_java(item, out, depth + 1);
    }
}

/// The class that the first closure of a script has in Groovy.
const CLOSURE_CLASS: &str = "Script1$_run_closure1";

fn write_java(value: &Value, out: &mut String, depth: u32) {
    if depth > DEPTH_LIMIT {
        out.push_str("...");
        return;
    }
    if depth > 0 && !(budget::visit() && budget::may_grow(out.len())) {
        return;
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Void => out.push_str("void"),
        Value::Boolean(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Char(c) => out.push_str(&char_text(*c)),
        Value::Byte(n) => _ = write!(out, "{n}"),
        Value::Short(n) => _ = write!(out, "{n}"),
        Value::Int(n) => out.push_str(itoa::Buffer::new().format(*n)),
        Value::Long(n) => out.push_str(itoa::Buffer::new().format(*n)),
        Value::Float(n) => out.push_str(&float_text(*n)),
        Value::Double(n) => out.push_str(&double_text(*n)),
        Value::BigInteger(n) => _ = write!(out, "{n}"),
        Value::BigDecimal(n) => _ = write!(out, "{n}"),
        Value::String(text) => out.push_str(text),
        Value::GString(text) => {
            for (index, fixed) in text.strings.iter().enumerate() {
                out.push_str(fixed);
                if let Some(value) = text.values.get(index) {
                    write_java(value, out, depth + 1);
                }
            }
        }
        Value::List(list) => {
            write_joined('[', &list.items(), out, depth);
            out.push(']');
        }
        Value::Set(set) => {
            write_joined('[', &set.items(), out, depth);
            out.push(']');
        }
        Value::Range(range) => out.push_str(&range.to_text()),
        Value::Closure(closure) => {
            let address = std::sync::Arc::as_ptr(closure).addr();
            _ = write!(out, "{}@{:x}", CLOSURE_CLASS, (address >> 4) & 0x7fff_ffff);
        }
        Value::Map(map) if map.has_default() => {
            // It has no `toString` of its own.
            _ = write!(out, "groovy.lang.MapWithDefault@{:x}", super::hash_code(value));
        }
        Value::Map(map) => {
            out.push('{');
            for (index, (key, value)) in map.entries().iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_java(key, out, depth + 1);
                out.push('=');
                write_java(value, out, depth + 1);
            }
            out.push('}');
        }
        Value::Entry(entry) => {
            write_java(&entry.key, out, depth + 1);
            out.push('=');
            write_java(&entry.value(), out, depth + 1);
        }
        Value::Array(array) => _ = write!(out, "{}@1", super::ClassRef::Array(array.element.clone()).name()),
        Value::Class(class) => {
            let kind = match class.is_interface() {
                _ if crate::script::library::language::is_primitive(class) => "",
                true => "interface ",
                false => "class ",
            };
            out.push_str(kind);
            out.push_str(&class.name());
        }
        Value::Throwable(exception) => _ = write!(out, "{exception}"),
        Value::Object(object) => out.push_str(&object.to_text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_print_as_in_java() {
        for (value, expected) in [
            (0.1 + 0.2, "0.30000000000000004"),
            (1e7, "1.0E7"),
            (1_234_567.0, "1234567.0"),
            (12_345_678.9, "1.23456789E7"),
            (1e-5, "1.0E-5"),
            (0.001, "0.001"),
            (100.0, "100.0"),
            (-0.0, "-0.0"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(double_text(value), expected);
        }
        assert_eq!(float_text(1.1), "1.1");
        assert_eq!(float_text(16_777_216.0), "1.6777216E7");
    }
}

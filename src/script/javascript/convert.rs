//! Conversions between the types of JavaScript.

use super::heap::Js;
use crate::script::value::java_text;

/// The digits of a whole number in some radix; `None` without digits.
pub(super) fn whole(digits: &str, radix: u32) -> Option<f64> {
    if digits.is_empty() {
        return None;
    }
    digits.chars().try_fold(0.0, |number, c| Some(number * f64::from(radix) + f64::from(c.to_digit(radix)?)))
}

/// `String(number)`.
pub(super) fn number_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-6..21).contains(&exponent) {
        return format!("{number}");
    }
    format!("{mantissa}e{exponent:+}")
}

/// `Number(text)`.
pub(super) fn text_to_number(text: &str) -> f64 {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return 0.0;
    }
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return whole(digits, 16).unwrap_or(f64::NAN);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if unsigned == "Infinity" {
        return if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    if unsigned.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-')) {
        text.parse().unwrap_or(f64::NAN)
    } else {
        f64::NAN
    }
}

/// `ToInt32`.
pub(super) fn to_int32(number: f64) -> i32 {
    if !number.is_finite() {
        return 0;
    }
    let wrapped = number.trunc().rem_euclid(4_294_967_296.0);
    wrapped as u32 as i32
}

/// `Boolean(value)`: every object is true, a Java string too.
pub(super) fn truth(value: &Js) -> bool {
    match value {
        Js::Undefined | Js::Null => false,
        Js::Boolean(b) => *b,
        Js::Number(n) => !n.is_nan() && *n != 0.0,
        Js::String(text) => !text.is_empty(),
        _ => true,
    }
}

/// The number of a primitive; objects have been made primitive before.
pub(super) fn primitive_to_number(value: &Js) -> f64 {
    match value {
        Js::Null => 0.0,
        Js::Boolean(b) => f64::from(u8::from(*b)),
        Js::Number(n) => *n,
        Js::String(text) => text_to_number(text),
        Js::Java(value) => value.to_f64().unwrap_or_else(|| text_to_number(&java_text(value))),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_as_in_javascript() {
        for (number, expected) in [
            (2.0, "2"),
            (-0.0, "0"),
            (1e21, "1e+21"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (0.000_001_234, "0.000001234"),
            (1e-7, "1e-7"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1.5e300, "1.5e+300"),
        ] {
            assert_eq!(number_text(number), expected);
        }
    }
}

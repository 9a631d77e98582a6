//! Numbers as Java prints and reads them: `Double.toString`, `Float.toString`, `Integer.parseInt`, `Long.parseLong`,
//! `Double.parseDouble`, `Math.round`, `String.trim`, `String.hashCode`.

mod digits;
mod parse;

pub use digits::{Digits, digits_of_double, digits_of_float};
pub use parse::{
    NumberFormatException, decode_long, parse_boolean, parse_double, parse_float, parse_int, parse_int_radix,
    parse_long,
};

/// `Double.toString(value)`: at least one digit after the point, `E` notation below 10⁻³ and from 10⁷ on.
pub fn double_to_string(value: f64) -> String {
    let mut text = String::with_capacity(24);
    write_double(&mut text, value);
    text
}

/// Appends `Double.toString(value)` to `out`.
pub fn write_double(out: &mut String, value: f64) {
    if !write_special(out, value) {
        layout(out, &digits_of_double(value.abs()));
    }
}

/// `Float.toString(value)`.
pub fn float_to_string(value: f32) -> String {
    let mut text = String::with_capacity(16);
    if !write_special(&mut text, f64::from(value)) {
        layout(&mut text, &digits_of_float(value.abs()));
    }
    text
}

/// `Math.round(value)`: half of one goes up, also below zero.
pub fn round(value: f64) -> i64 {
    (value + 0.5).floor() as i64
}

/// `String.trim()`: drops every character up to and including the space, at both ends.
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ')
}

/// `String.hashCode()`: over UTF-16 units, wrapping.
pub fn string_hash_code(text: &str) -> i32 {
    if text.is_ascii() {
        return text.bytes().fold(0_i32, |hash, byte| hash.wrapping_mul(31).wrapping_add(i32::from(byte)));
    }
    text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// Writes the sign, and the whole text for values that have no digits; says whether the text is complete.
fn write_special(out: &mut String, value: f64) -> bool {
    if value.is_nan() {
        out.push_str("NaN");
        return true;
    }
    if value.is_sign_negative() {
        out.push('-');
    }
    if value.is_infinite() {
        out.push_str("Infinity");
    } else if value == 0.0 {
        out.push_str("0.0");
    } else {
        return false;
    }
    true
}

/// Lays digits out in Java's two forms.
fn layout(out: &mut String, number: &Digits) {
    let digits = number.as_str();
    let point = number.exponent;
    if (1..8).contains(&point) {
        let whole = point as usize;
        if digits.len() <= whole {
            out.push_str(digits);
            out.extend(std::iter::repeat_n('0', whole - digits.len()));
            out.push_str(".0");
        } else {
            out.push_str(&digits[..whole]);
            out.push('.');
            out.push_str(&digits[whole..]);
        }
    } else if (-2..=0).contains(&point) {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', point.unsigned_abs() as usize));
        out.push_str(digits);
    } else {
        let (first, rest) = digits.split_at(1.min(digits.len()));
        out.push_str(first);
        out.push('.');
        out.push_str(if rest.is_empty() { "0" } else { rest });
        out.push('E');
        out.push_str(itoa::Buffer::new().format(point - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines `BITS TEXT`, printed by Java 17.0.15 for random bits, decimals, powers and edges.
    #[test]
    fn doubles_print_as_in_java_17() {
        for line in include_str!("../../../fixtures/java/double_to_string.txt").lines() {
            let (bits, text) = line.split_once(' ').unwrap();
            let value = f64::from_bits(u64::from_str_radix(bits, 16).unwrap());
            assert_eq!(double_to_string(value), text, "{bits}");
        }
    }

    #[test]
    fn floats_print_as_in_java_17() {
        for line in include_str!("../../../fixtures/java/float_to_string.txt").lines() {
            let (bits, text) = line.split_once(' ').unwrap();
            let value = f32::from_bits(u32::from_str_radix(bits, 16).unwrap());
            assert_eq!(float_to_string(value), text, "{bits}");
        }
    }

    #[test]
    fn hash_codes() {
        for (text, hash) in [("", 0), ("a", 97), ("hello", 99_162_322), ("category", 50_511_102), ("é😀", 1_996_812)]
        {
            assert_eq!(string_hash_code(text), hash, "{text}");
        }
    }
}

//! How Java writes numbers as text and reads them back (`java.lang.Integer`, `Long`, `Float`, `Double`).
//!
//! Not ported: decimal digits outside ASCII and hexadecimal floating point, which `parseInt` and `parseDouble` take.

/// `String.trim()`: drops every character up to and including the space, at both ends.
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ')
}

/// `Integer.parseInt`: an optional sign and decimal digits, no white space. `None` where Java throws.
pub fn parse_int(text: &str) -> Option<i32> {
    text.parse().ok()
}

/// `Long.parseLong`: an optional sign and decimal digits, no white space. `None` where Java throws.
pub fn parse_long(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// `Double.parseDouble`: white space at both ends and a type suffix are allowed. `None` where Java throws.
pub fn parse_double(text: &str) -> Option<f64> {
    match special(trim(text)) {
        Some(value) => Some(value),
        None => plain(text)?.parse().ok(),
    }
}

/// `Float.parseFloat`: as [`parse_double`], rounded once to the nearest `float`.
pub fn parse_float(text: &str) -> Option<f32> {
    match special(trim(text)) {
        Some(value) => Some(value as f32),
        None => plain(text)?.parse().ok(),
    }
}

/// `Boolean.parseBoolean`: only `true`, in any case, is true.
pub fn parse_boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

fn special(text: &str) -> Option<f64> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = match rest {
        "NaN" => f64::NAN,
        "Infinity" => f64::INFINITY,
        _ => return None,
    };
    Some(if negative { -value } else { value })
}

/// The part of `text` that Rust's own parser reads as Java does: words such as `inf` are not numbers in Java.
fn plain(text: &str) -> Option<&str> {
    let text = trim(text);
    let text = text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text);
    let numeric = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    text.bytes().all(numeric).then_some(text)
}

/// `Double.toString`: at least one digit after the point, scientific notation below 10⁻³ and from 10⁷ on.
pub fn double_to_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    java_exponent(&format!("{value:e}"))
}

/// `Float.toString`: as [`double_to_text`], with the digits that tell one `float` from its neighbours.
pub fn float_to_text(value: f32) -> String {
    if value.is_nan() || value.is_infinite() {
        return double_to_text(f64::from(value));
    }
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    java_exponent(&format!("{value:e}"))
}

/// Rust writes `1e9`, Java `1.0E9`.
fn java_exponent(text: &str) -> String {
    match text.split_once('e') {
        Some((digits, exponent)) if digits.contains('.') => format!("{digits}E{exponent}"),
        Some((digits, exponent)) => format!("{digits}.0E{exponent}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_take_no_white_space() {
        // `jshell> Integer.parseInt(" 5")` throws; JMeter then answers 0.
        for (text, expected) in
            [("5", Some(5)), ("+5", Some(5)), ("-5", Some(-5)), (" 5", None), ("5 ", None), ("", None), ("5.0", None)]
        {
            assert_eq!(parse_int(text), expected, "{text:?}");
        }
        assert_eq!(parse_int("2147483648"), None);
        assert_eq!(parse_long("2147483648"), Some(2_147_483_648));
    }

    #[test]
    fn doubles_take_white_space_and_suffixes() {
        for (text, expected) in [
            (" 2.5 ", Some(2.5)),
            ("1d", Some(1.0)),
            ("1.5F", Some(1.5)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("1E3", Some(1000.0)),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("inf", None),
            ("nan", None),
            ("infinity", None),
            ("", None),
            ("1,5", None),
            ("d", None),
        ] {
            assert_eq!(parse_double(text), expected, "{text:?}");
        }
        assert!(parse_double("NaN").is_some_and(f64::is_nan));
        assert_eq!(parse_float("0.1"), Some(0.1));
    }

    #[test]
    fn doubles_are_written_as_java_does() {
        // Values from `Double.toString` and `Float.toString` of Java 17.
        for (value, expected) in [
            (1.0, "1.0"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (0.001, "0.001"),
            (1e-4, "1.0E-4"),
            (1.5e-7, "1.5E-7"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (1.234_567_89e9, "1.23456789E9"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(double_to_text(value), expected);
        }
        assert_eq!(float_to_text(0.1), "0.1");
        assert_eq!(float_to_text(1e10), "1.0E10");
    }
}

//! Reading numbers with the errors that Java gives.

use thiserror::Error;

/// `java.lang.NumberFormatException`; displays its message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct NumberFormatException(String);

impl NumberFormatException {
    fn of_input(text: &str, radix: u32) -> Self {
        if radix == 10 {
            Self(format!("For input string: \"{text}\""))
        } else {
            Self(format!("For input string: \"{text}\" under radix {radix}"))
        }
    }
}

/// `Integer.parseInt(text)`: an optional sign and digits, nothing else (no blanks), within 32 bits.
pub fn parse_int(text: &str) -> Result<i32, NumberFormatException> {
    parse_int_radix(text, 10)
}

/// `Integer.parseInt(text, radix)` for a radix of 2 to 36.
pub fn parse_int_radix(text: &str, radix: u32) -> Result<i32, NumberFormatException> {
    parse_whole(text, radix)
        .and_then(|value| i32::try_from(value).ok())
        .ok_or_else(|| NumberFormatException::of_input(text, radix))
}

/// `Long.parseLong(text)`.
pub fn parse_long(text: &str) -> Result<i64, NumberFormatException> {
    parse_whole(text, 10).ok_or_else(|| NumberFormatException::of_input(text, 10))
}

/// `Long.decode(text)`: decimal, or hexadecimal behind `0x` or `#`, or octal behind `0`; `None` where that throws.
pub fn decode_long(text: &str) -> Option<i64> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let hexadecimal = ["0x", "0X", "#"].iter().find_map(|prefix| rest.strip_prefix(prefix));
    let (digits, radix) = match hexadecimal {
        Some(digits) => (digits, 16),
        None => match rest.strip_prefix('0') {
            Some(digits) if !digits.is_empty() => (digits, 8),
            _ => (rest, 10),
        },
    };
    if digits.starts_with(['-', '+']) {
        return None;
    }
    parse_whole(&format!("{sign}{digits}"), radix)
}

fn parse_whole(text: &str, radix: u32) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let radix_long = i64::from(radix);
    digits.chars().try_fold(0_i64, |value, digit| {
        let digit = i64::from(digit.to_digit(radix).or_else(|| foreign_digit(digit))?);
        let shifted = value.checked_mul(radix_long)?;
        if negative { shifted.checked_sub(digit) } else { shifted.checked_add(digit) }
    })
}

/// The zeros of the other scripts' digits, of which each has ten in a row (`Character.digit` of a 16-bit character).
const FOREIGN_ZEROS: [u32; 36] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
];

fn foreign_digit(c: char) -> Option<u32> {
    let c = u32::from(c);
    FOREIGN_ZEROS.iter().map(|zero| c.wrapping_sub(*zero)).find(|digit| *digit < 10)
}

/// `Double.parseDouble(text)`: trims blanks and control characters, takes `NaN`, `Infinity`, a suffix `d` or `f` and
/// hexadecimal notation.
pub fn parse_double(text: &str) -> Result<f64, NumberFormatException> {
    let trimmed = super::trim(text);
    if trimmed.is_empty() {
        return Err(NumberFormatException("empty String".to_owned()));
    }
    let (negative, unsigned) = match trimmed.as_bytes()[0] {
        b'-' => (true, &trimmed[1..]),
        b'+' => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let magnitude = match unsigned {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        _ if unsigned.starts_with("0x") || unsigned.starts_with("0X") => parse_hexadecimal(&unsigned[2..]),
        _ => parse_decimal(unsigned),
    };
    match magnitude {
        Some(value) => Ok(if negative { -value } else { value }),
        None => Err(NumberFormatException::of_input(trimmed, 10)),
    }
}

/// `Float.parseFloat(text)`: as [`parse_double`]; a decimal number is rounded once, to the nearest `float`.
pub fn parse_float(text: &str) -> Result<f32, NumberFormatException> {
    let double = parse_double(text)?;
    let unsigned = super::trim(text).trim_start_matches(['-', '+']);
    let magnitude = unsigned.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(unsigned).parse::<f32>();
    Ok(match magnitude {
        Ok(magnitude) if magnitude.is_finite() => magnitude.copysign(double as f32),
        _ => double as f32,
    })
}

/// `Boolean.parseBoolean(text)`: only `true`, in any case, is true.
pub fn parse_boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

fn parse_decimal(text: &str) -> Option<f64> {
    let number = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    // Rust also reads "inf" and the like, and another sign: only what begins as a number may pass.
    if !number.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    number.parse().ok()
}

/// `HHH.HHHpEEE`, the exponent being compulsory.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let number = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    let (digits, exponent) = number.split_once(['p', 'P'])?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let exponent = parse_whole(exponent, 10)?.clamp(-1_000_000, 1_000_000) as i32;
    let mut mantissa = 0_u128;
    let mut dropped = 0_i32;
    for digit in whole.chars().chain(fraction.chars()) {
        let digit = u128::from(digit.to_digit(16)?);
        if mantissa >> 120 == 0 {
            mantissa = mantissa << 4 | digit;
        } else {
            // Beyond 120 bits only whether anything follows can matter for rounding.
            mantissa |= u128::from(digit != 0);
            dropped = dropped.saturating_add(4);
        }
    }
    let places = i32::try_from(fraction.len()).ok()?.saturating_mul(4);
    let exponent = exponent.saturating_add(dropped).saturating_sub(places);
    Some(scale(mantissa, exponent))
}

/// `mantissa` × 2^`exponent`, rounded once to the nearest double, ties to even.
fn scale(mantissa: u128, exponent: i32) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let bits = 128 - mantissa.leading_zeros() as i32;
    let top = exponent.saturating_add(bits - 1);
    if top > 1023 {
        return f64::INFINITY;
    }
    // The weight of the last bit kept: 53 bits, or fewer below the smallest normal number.
    let last = (top - 52).max(-1074);
    let drop = last - exponent;
    let kept = if drop <= 0 {
        mantissa << (-drop)
    } else if drop > 127 {
        0
    } else {
        let kept = mantissa >> drop;
        let half = 1_u128 << (drop - 1);
        let rest = mantissa & ((half << 1) - 1);
        kept + u128::from(rest > half || (rest == half && kept & 1 == 1))
    };
    // Two exact factors, since 2^last alone may be too small for a double.
    kept as f64 * 2_f64.powi(last / 2) * 2_f64.powi(last - last / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longs_are_decoded() {
        let all = ["17", "-0x1F", "#ff", "010", "+5", "0", "08", "", "-", "0x", "0x-1", " 1", "9223372036854775808"];
        let expected =
            [Some(17), Some(-31), Some(255), Some(8), Some(5), Some(0), None, None, None, None, None, None, None];
        assert_eq!(all.map(decode_long), expected);
    }

    #[test]
    fn floats_are_rounded_once() {
        // Twice rounded, the first would be 16777216; all as Float.parseFloat of Java 17 has them.
        let rows = [
            ("16777217.0000000001", 16_777_218.0),
            (" -0.1f ", -0.1),
            ("1e3", 1000.0),
            ("-Infinity", f32::NEG_INFINITY),
        ];
        for (text, expected) in rows {
            assert_eq!(parse_float(text), Ok(expected), "{text:?}");
        }
        assert!(parse_float("NaN").is_ok_and(f32::is_nan));
        assert_eq!(parse_float("inf").unwrap_err().to_string(), "For input string: \"inf\"");
        assert!(parse_boolean("TrUe") && !parse_boolean(" true"));
    }

    #[test]
    fn whole_numbers_and_their_errors() {
        let rows = [
            ("12", Ok(12)),
            ("+7", Ok(7)),
            ("-2147483648", Ok(i32::MIN)),
            ("2147483648", Err("For input string: \"2147483648\"")),
            ("3x", Err("For input string: \"3x\"")),
            (" 2 ", Err("For input string: \" 2 \"")),
            ("", Err("For input string: \"\"")),
            ("-", Err("For input string: \"-\"")),
            ("1.0", Err("For input string: \"1.0\"")),
        ];
        for (text, expected) in rows {
            assert_eq!(parse_int(text).map_err(|e| e.to_string()), expected.map_err(str::to_owned), "{text}");
        }
        assert_eq!(parse_long("9223372036854775807").unwrap(), i64::MAX);
        assert!(parse_long("9223372036854775808").is_err());
        assert_eq!(parse_int_radix("zz", 16).unwrap_err().to_string(), "For input string: \"zz\" under radix 16");
    }

    #[test]
    fn doubles_and_their_errors() {
        let rows = [
            (" 1.5 ", Ok(1.5)),
            ("1e3", Ok(1000.0)),
            (".5", Ok(0.5)),
            ("5.", Ok(5.0)),
            ("2d", Ok(2.0)),
            ("-3.25F", Ok(-3.25)),
            ("0x1.8p1", Ok(3.0)),
            ("0x0.0000000000001p-1022", Ok(f64::from_bits(1))),
            ("-Infinity", Ok(f64::NEG_INFINITY)),
            ("", Err("empty String")),
            ("  ", Err("empty String")),
            ("abc", Err("For input string: \"abc\"")),
            (" 1x ", Err("For input string: \"1x\"")),
            ("inf", Err("For input string: \"inf\"")),
            ("1e", Err("For input string: \"1e\"")),
            ("0x10", Err("For input string: \"0x10\"")),
        ];
        for (text, expected) in rows {
            assert_eq!(parse_double(text).map_err(|e| e.to_string()), expected.map_err(str::to_owned), "{text}");
        }
        assert!(parse_double("NaN").unwrap().is_nan());
    }
}

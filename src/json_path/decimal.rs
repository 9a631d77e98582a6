//! As much of `java.math.BigDecimal` as filters need: reading, printing, comparing.

use std::cmp::Ordering;

/// An exact decimal number: `digits` × 10^-`scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Without leading zeros; empty for zero.
    digits: String,
    scale: i64,
}

impl Decimal {
    /// `new BigDecimal(text)`; none where Java throws a `NumberFormatException`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let digits = format!("{whole}{fraction}").trim_start_matches('0').to_owned();
        let scale = fraction.len() as i64 - exponent;
        Some(Self { negative: negative && !digits.is_empty(), digits, scale })
    }

    /// `intValue()` as far as 64 bits go.
    pub(super) fn to_whole(&self) -> Option<i64> {
        let keep = self.digits.len() as i64 - self.scale;
        let text = if keep <= 0 {
            return Some(0);
        } else if self.scale >= 0 {
            self.digits.get(..keep as usize)?.to_owned()
        } else if keep > 18 {
            return None;
        } else {
            format!("{}{}", self.digits, "0".repeat(self.scale.unsigned_abs() as usize))
        };
        let value: i64 = text.parse().ok()?;
        Some(if self.negative { -value } else { value })
    }

    /// `compareTo`: by value, so that 1.0 and 1.00 are the same.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
        }
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        let magnitude = |number: &Self| number.digits.len() as i64 - number.scale;
        magnitude(self).cmp(&magnitude(other)).then_with(|| {
            let (left, right) = (self.digits.trim_end_matches('0'), other.digits.trim_end_matches('0'));
            left.cmp(right)
        })
    }
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 10 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: i64 = text.parse().ok()?;
    i32::try_from(value).ok().map(i64::from)
}

impl std::fmt::Display for Decimal {
    /// `BigDecimal.toString`: plain digits while the exponent is small, else `1.5E+10`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = if self.digits.is_empty() { "0" } else { &self.digits };
        if self.negative {
            f.write_str("-")?;
        }
        if self.scale == 0 {
            return f.write_str(digits);
        }
        let adjusted = digits.len() as i64 - 1 - self.scale;
        if self.scale > 0 && adjusted >= -6 {
            let places = self.scale as usize;
            if digits.len() > places {
                let (whole, fraction) = digits.split_at(digits.len() - places);
                return write!(f, "{whole}.{fraction}");
            }
            return write!(f, "0.{}{digits}", "0".repeat(places - digits.len()));
        }
        let (first, rest) = digits.split_at(1);
        f.write_str(first)?;
        if !rest.is_empty() {
            write!(f, ".{rest}")?;
        }
        if adjusted != 0 { write!(f, "E{adjusted:+}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_big_decimal() {
        let rows = [
            ("1.50", "1.50"),
            ("-0.0", "0.0"),
            ("1e3", "1E+3"),
            ("1.5e-10", "1.5E-10"),
            ("0.0000001", "1E-7"),
            ("0.000001", "0.000001"),
            ("123456789012345678901.5", "123456789012345678901.5"),
            ("12e-1", "1.2"),
            ("0e5", "0E+5"),
            ("5.", "5"),
            (".5", "0.5"),
        ];
        for (text, expected) in rows {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), expected, "{text}");
        }
        for text in ["", "-", ".", "1e", "1x", " 1", "NaN", "1e99999999999"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn order_is_by_value() {
        let number = |text| Decimal::parse(text).unwrap();
        for (left, right, expected) in [
            ("1.0", "1.00", Ordering::Equal),
            ("100", "1e2", Ordering::Equal),
            ("9", "10", Ordering::Less),
            ("-9", "-10", Ordering::Greater),
            ("0", "-1", Ordering::Greater),
            ("0.5", "0.25", Ordering::Greater),
            ("0", "0.000", Ordering::Equal),
        ] {
            assert_eq!(number(left).compare(&number(right)), expected, "{left} {right}");
        }
        assert_eq!(number("-12.9").to_whole(), Some(-12));
        assert_eq!(number("2e1").to_whole(), Some(20));
    }
}

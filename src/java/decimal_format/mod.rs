//! `java.text.DecimalFormat` with the symbols of English: the formats of counters and random variables.

mod pattern;

use super::number::digits_of_double;
use pattern::Affixes;
use thiserror::Error;

/// The `IllegalArgumentException` of a pattern; displays its message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct PatternError(String);

/// A compiled pattern. It rounds half-even, by the exact value of a double.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecimalFormat {
    positive: Affixes,
    negative: Affixes,
    min_integer: usize,
    max_integer: usize,
    min_fraction: usize,
    max_fraction: usize,
    /// Digits between grouping commas; 0 for none.
    grouping: usize,
    multiplier: i64,
    always_point: bool,
    /// Least number of exponent digits; none for plain notation.
    exponent_digits: Option<usize>,
}

/// Decimal digits of a number: 0.DIGITS × 10^`exponent`.
struct DigitList {
    digits: Vec<u8>,
    exponent: i64,
}

impl DecimalFormat {
    /// Compiles a pattern.
    pub fn compile(pattern: &str) -> Result<Self, PatternError> {
        pattern::parse(pattern)
    }

    /// Sets the numbers of fraction digits (`setMinimumFractionDigits`, `setMaximumFractionDigits`).
    #[must_use]
    pub fn with_fraction_digits(mut self, min: usize, max: usize) -> Self {
        self.min_fraction = min;
        self.max_fraction = max.max(min);
        self
    }

    /// Formats a `long`.
    pub fn format_long(&self, value: i64) -> String {
        let scaled = i128::from(value) * i128::from(self.multiplier);
        let text = scaled.unsigned_abs().to_string();
        let mut list = DigitList { exponent: text.len() as i64, digits: text.into_bytes() };
        if scaled == 0 {
            list = DigitList { digits: Vec::new(), exponent: 0 };
        }
        list.trim();
        if self.exponent_digits.is_some() {
            let keep = self.max_integer.saturating_add(self.max_fraction);
            if keep > 0 {
                list.round(keep as i64, false, true);
            }
        }
        self.finish(value < 0, &list, true)
    }

    /// Formats a `double`.
    pub fn format_double(&self, value: f64) -> String {
        if value.is_nan() {
            return "NaN".to_owned();
        }
        let scaled = value * self.multiplier as f64;
        let negative = scaled.is_sign_negative();
        if scaled.is_infinite() {
            let affixes = if negative { &self.negative } else { &self.positive };
            return format!("{}∞{}", affixes.prefix, affixes.suffix);
        }
        let digits = digits_of_double(scaled.abs());
        let mut list = DigitList { digits: digits.as_str().as_bytes().to_vec(), exponent: i64::from(digits.exponent) };
        list.trim();
        let keep = if self.exponent_digits.is_some() {
            let keep = self.max_integer.saturating_add(self.max_fraction);
            if keep == 0 { i64::MAX } else { i64::try_from(keep).unwrap_or(i64::MAX) }
        } else {
            i64::try_from(self.max_fraction).unwrap_or(i64::MAX).saturating_add(list.exponent)
        };
        list.round(keep, digits.rounded_up, digits.exact);
        self.finish(negative, &list, false)
    }

    fn finish(&self, negative: bool, list: &DigitList, whole: bool) -> String {
        let affixes = if negative { &self.negative } else { &self.positive };
        let mut out = affixes.prefix.clone();
        match self.exponent_digits {
            Some(min_digits) => self.exponential(&mut out, list, min_digits),
            None => self.plain(&mut out, list, whole),
        }
        out.push_str(&affixes.suffix);
        out
    }

    fn plain(&self, out: &mut String, list: &DigitList, whole: bool) {
        let start = out.len();
        let integer_digits = usize::try_from(list.exponent).unwrap_or(0);
        let count = self.min_integer.max(integer_digits).min(self.max_integer);
        let mut next = integer_digits.saturating_sub(count);
        for place in (0..count).rev() {
            let digit = if place < integer_digits { list.digits.get(next) } else { None };
            if place < integer_digits {
                next += 1;
            }
            out.push(digit.map_or('0', |&digit| digit as char));
            if place > 0 && self.grouping > 0 && place.is_multiple_of(self.grouping) {
                out.push(',');
            }
        }
        next = next.min(list.digits.len());
        let has_fraction = self.min_fraction > 0 || !whole && next < list.digits.len();
        if !has_fraction && out.len() == start {
            out.push('0');
        }
        if self.always_point || has_fraction {
            out.push('.');
        }
        for place in 0..self.max_fraction {
            if place >= self.min_fraction && (whole || next >= list.digits.len()) {
                break;
            }
            // Zeros between the point and the first digit are not in the list.
            if (place as i64) < -list.exponent {
                out.push('0');
                continue;
            }
            match list.digits.get(next) {
                Some(&digit) if !whole => {
                    out.push(digit as char);
                    next += 1;
                }
                _ => out.push('0'),
            }
        }
    }

    fn exponential(&self, out: &mut String, list: &DigitList, min_digits: usize) {
        let mut exponent = list.exponent;
        let repeat = self.max_integer as i64;
        let mut min_integer = self.min_integer as i64;
        if repeat > 1 && repeat > min_integer {
            exponent = if exponent >= 1 { exponent - 1 } else { exponent - repeat } / repeat * repeat;
            min_integer = 1;
        } else {
            exponent -= min_integer;
        }
        let integer = if list.digits.is_empty() { min_integer } else { list.exponent - exponent };
        let least = (self.min_integer.saturating_add(self.min_fraction) as i64).max(integer);
        let total = (list.digits.len() as i64).max(least);
        for place in 0..total {
            if place == integer {
                out.push('.');
            }
            out.push(list.digits.get(place as usize).map_or('0', |&digit| digit as char));
        }
        if self.always_point && total == integer {
            out.push('.');
        }
        out.push('E');
        if list.digits.is_empty() {
            exponent = 0;
        }
        if exponent < 0 {
            out.push('-');
        }
        let text = exponent.unsigned_abs().to_string();
        out.extend(std::iter::repeat_n('0', min_digits.saturating_sub(text.len())));
        out.push_str(&text);
    }
}

impl DigitList {
    fn trim(&mut self) {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.exponent = 0;
        }
    }

    /// Rounds half-even to `keep` digits, which may be less than none. `rounded_up` and `exact` tell how the digits
    /// stand to the value that they were made of.
    fn round(&mut self, keep: i64, rounded_up: bool, exact: bool) {
        let Ok(mut at) = usize::try_from(keep) else {
            *self = Self { digits: Vec::new(), exponent: 0 };
            return;
        };
        if at >= self.digits.len() {
            return;
        }
        let up = match self.digits[at] {
            b'6'..=b'9' => true,
            b'5' if at + 1 < self.digits.len() => true,
            b'5' if rounded_up => false,
            b'5' if !exact => true,
            b'5' => at > 0 && self.digits[at - 1] % 2 == 1,
            _ => false,
        };
        self.digits.truncate(at);
        if up {
            loop {
                if at == 0 {
                    self.digits = vec![b'1'];
                    self.exponent += 1;
                    return;
                }
                at -= 1;
                if self.digits[at] < b'9' {
                    self.digits[at] += 1;
                    self.digits.truncate(at + 1);
                    break;
                }
            }
        }
        self.trim();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of JSON `[pattern, long or double, number, text]`, printed by Java 17; errors as `error MESSAGE`.
    #[test]
    fn numbers_are_formatted_as_in_java() {
        let mut failures = String::new();
        for line in include_str!("../../../fixtures/java/decimal_format.jsonl").lines() {
            let row: Vec<String> = serde_json::from_str(line).unwrap();
            let actual = match DecimalFormat::compile(&row[0]) {
                Err(error) => format!("error {error}"),
                Ok(format) if row[1] == "long" => format.format_long(row[2].parse().unwrap()),
                Ok(format) => format.format_double(crate::java::number::parse_double(&row[2]).unwrap()),
            };
            if actual != row[3] {
                failures.push_str(&format!("{line}: {actual}\n"));
            }
        }
        assert!(failures.is_empty(), "{failures}");
    }

    /// The JSON Assertion prints doubles by `#.#` with 1 to 340 fraction digits.
    #[test]
    fn fraction_digits_can_be_set() {
        let format = DecimalFormat::compile("#.#").unwrap().with_fraction_digits(1, 340);
        for (value, text) in [
            (4.0, "4.0"),
            (0.5, "0.5"),
            (1e-7, "0.0000001"),
            (12345.678, "12345.678"),
            (1e21, "1000000000000000000000.0"),
        ] {
            assert_eq!(format.format_double(value), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_pattern_panics(pattern in "[#0.,%;'E¤a-]{0,10}", long in proptest::num::i64::ANY, double in proptest::num::f64::ANY) {
            if let Ok(format) = DecimalFormat::compile(&pattern) {
                format.format_long(long);
                format.format_double(double);
            }
        }
    }
}

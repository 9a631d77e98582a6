//! `xs:decimal`: up to some 38 digits, which is more than plans add up.

use std::cmp::Ordering;
use std::fmt;

/// `units / 10^scale`, without zeroes at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    units: i128,
    scale: u32,
}

/// Digits behind the point that a quotient has.
const QUOTIENT: u32 = 18;

impl Decimal {
    fn new(mut units: i128, mut scale: u32) -> Self {
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale -= 1;
        }
        Decimal { units, scale }
    }

    /// A whole number.
    pub fn whole(units: i128) -> Self {
        Decimal { units, scale: 0 }
    }

    /// From digits with or without a point and a sign.
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let units: i128 = digits.parse().ok()?;
        let units = if text.starts_with('-') { -units } else { units };
        Some(Decimal::new(units, fraction.len() as u32))
    }

    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let to = |value: Decimal| 10_i128.checked_pow(scale - value.scale)?.checked_mul(value.units);
        Some((to(self)?, to(other)?, scale))
    }

    /// The sum.
    pub fn add(self, other: Self) -> Option<Self> {
        let (one, other, scale) = self.aligned(other)?;
        Some(Decimal::new(one.checked_add(other)?, scale))
    }

    /// The difference.
    pub fn subtract(self, other: Self) -> Option<Self> {
        let (one, other, scale) = self.aligned(other)?;
        Some(Decimal::new(one.checked_sub(other)?, scale))
    }

    /// The product.
    pub fn multiply(self, other: Self) -> Option<Self> {
        Some(Decimal::new(self.units.checked_mul(other.units)?, self.scale + other.scale))
    }

    /// The quotient, cut off behind 18 digits; `other` is not 0.
    pub fn divide(self, other: Self) -> Option<Self> {
        let (one, other, _) = self.aligned(other)?;
        Some(Decimal::new(10_i128.checked_pow(QUOTIENT)?.checked_mul(one)?.checked_div(other)?, QUOTIENT))
    }

    /// The remainder, with the sign of the first; `other` is not 0.
    pub fn remainder(self, other: Self) -> Option<Self> {
        let (one, other, scale) = self.aligned(other)?;
        Some(Decimal::new(one.checked_rem(other)?, scale))
    }

    /// The greatest whole number that is not greater.
    pub fn floor(self) -> i128 {
        10_i128.checked_pow(self.scale).map_or(0, |unit| self.units.div_euclid(unit))
    }

    /// The whole part.
    pub fn truncated(self) -> i128 {
        10_i128.checked_pow(self.scale).map_or(0, |unit| self.units / unit)
    }

    /// As a double.
    pub fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// Which is greater.
    pub fn order(self, other: Self) -> Ordering {
        match self.aligned(other) {
            Some((one, other, _)) => one.cmp(&other),
            None => self.to_f64().total_cmp(&other.to_f64()),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.units.unsigned_abs().to_string();
        let scale = self.scale as usize;
        if self.units < 0 {
            f.write_str("-")?;
        }
        if scale == 0 {
            return f.write_str(&digits);
        }
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        write!(f, "{whole}.{fraction}")
    }
}

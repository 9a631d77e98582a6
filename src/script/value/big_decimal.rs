//! `java.math.BigDecimal`: an unscaled integer and a decimal scale.

use num_bigint::{BigInt, Sign};
use std::cmp::Ordering;

/// How digits that do not fit are dropped (`java.math.RoundingMode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
    /// Towards positive infinity.
    Ceiling,
    /// Towards negative infinity.
    Floor,
    /// To the nearest, ties away from zero.
    HalfUp,
    /// To the nearest, ties towards zero.
    HalfDown,
    /// To the nearest, ties to the even digit.
    HalfEven,
    /// Rounding is an error.
    Unnecessary,
}

impl Rounding {
    /// Java's names, in the order of their ordinals (and of the old `ROUND_…` constants).
    pub const NAMES: [(&'static str, Rounding); 8] = [
        ("UP", Rounding::Up),
        ("DOWN", Rounding::Down),
        ("CEILING", Rounding::Ceiling),
        ("FLOOR", Rounding::Floor),
        ("HALF_UP", Rounding::HalfUp),
        ("HALF_DOWN", Rounding::HalfDown),
        ("HALF_EVEN", Rounding::HalfEven),
        ("UNNECESSARY", Rounding::Unnecessary),
    ];
}

/// Scales beyond this would need more memory than a script may take.
/// Digits that a text may have to be read as a number: it takes time by their square.
const DIGITS: usize = 1_000_000;
const SCALE_LIMIT: u32 = 100_000;

/// A decimal number of arbitrary precision: `unscaled * 10^-scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BigDecimal {
    unscaled: BigInt,
    scale: i32,
}

/// Why an operation has no result; the texts are Java's `ArithmeticException` messages.
pub type Failure = &'static str;

fn ten_to(power: u32) -> Result<BigInt, Failure> {
    if power > SCALE_LIMIT { Err("Overflow") } else { Ok(BigInt::from(10).pow(power)) }
}

fn digits(number: &BigInt) -> u64 {
    if number.sign() == Sign::NoSign {
        return 1;
    }
    if number.bits() <= 127
        && let Ok(small) = i128::try_from(number)
    {
        return u64::from(small.unsigned_abs().ilog10()) + 1;
    }
    number.magnitude().to_str_radix(10).len() as u64
}

/// `numerator / denominator` as an integer, rounded.
fn divide_rounded(numerator: &BigInt, denominator: &BigInt, rounding: Rounding) -> Result<BigInt, Failure> {
    let quotient = numerator / denominator;
    let remainder = numerator - &quotient * denominator;
    if remainder.sign() == Sign::NoSign {
        return Ok(quotient);
    }
    let negative = (numerator.sign() == Sign::Minus) != (denominator.sign() == Sign::Minus);
    let twice = remainder.magnitude() << 1u32;
    let half = twice.cmp(denominator.magnitude());
    let away = match rounding {
        Rounding::Up => true,
        Rounding::Down => false,
        Rounding::Ceiling => !negative,
        Rounding::Floor => negative,
        Rounding::HalfUp => half != Ordering::Less,
        Rounding::HalfDown => half == Ordering::Greater,
        Rounding::HalfEven => half == Ordering::Greater || (half == Ordering::Equal && quotient.bit(0)),
        Rounding::Unnecessary => return Err("Rounding necessary"),
    };
    Ok(match (away, negative) {
        (false, _) => quotient,
        (true, false) => quotient + 1,
        (true, true) => quotient - 1,
    })
}

impl Default for BigDecimal {
    fn default() -> Self {
        Self::zero()
    }
}

impl BigDecimal {
    /// `unscaled * 10^-scale`.
    pub fn new(unscaled: BigInt, scale: i32) -> Self {
        Self { unscaled, scale }
    }

    /// Zero with scale zero.
    pub fn zero() -> Self {
        Self::from(0i64)
    }

    /// As `new BigDecimal(String)` reads it; `None` when it is not a number.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].strip_prefix('+').unwrap_or(&text[at + 1..]).parse::<i32>().ok()?),
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + fraction.len() > DIGITS {
            return None;
        }
        if (whole.is_empty() && fraction.is_empty()) || !all(whole) || !all(fraction) {
            return None;
        }
        let mut number: BigInt = format!("{whole}{fraction}").parse().ok()?;
        if mantissa.starts_with('-') {
            number = -number;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        Some(Self { unscaled: number, scale })
    }

    /// `new BigDecimal(double)`: the exact binary value. `None` for NaN and infinities.
    pub fn exact(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let bits = value.to_bits();
        let raw_exponent = ((bits >> 52) & 0x7ff) as i32;
        let fraction = (bits & ((1 << 52) - 1)) as i64;
        let mantissa = if raw_exponent == 0 { fraction << 1 } else { fraction | (1 << 52) };
        let mut exponent = raw_exponent - 1075;
        let mut number = BigInt::from(if value < 0.0 { -mantissa } else { mantissa });
        if mantissa == 0 {
            return Some(Self::zero());
        }
        while exponent < 0 && !number.bit(0) {
            number >>= 1u32;
            exponent += 1;
        }
        if exponent >= 0 {
            Some(Self::new(number << exponent.unsigned_abs(), 0))
        } else {
            Some(Self::new(number * BigInt::from(5).pow(exponent.unsigned_abs()), -exponent))
        }
    }

    /// The integer without its scale.
    pub fn unscaled(&self) -> &BigInt {
        &self.unscaled
    }

    /// Digits after the point; negative for multiples of ten.
    pub fn scale(&self) -> i32 {
        self.scale
    }

    /// Count of digits of the unscaled integer, at least 1.
    pub fn precision(&self) -> u64 {
        digits(&self.unscaled)
    }

    /// -1, 0 or 1.
    pub fn signum(&self) -> i32 {
        match self.unscaled.sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        }
    }

    fn aligned(&self, other: &Self) -> Result<(BigInt, BigInt, i32), Failure> {
        let scale = self.scale.max(other.scale);
        let raise = |number: &Self| -> Result<BigInt, Failure> {
            let by = scale.abs_diff(number.scale);
            Ok(if by == 0 { number.unscaled.clone() } else { &number.unscaled * ten_to(by)? })
        };
        Ok((raise(self)?, raise(other)?, scale))
    }

    /// The sum, at the larger scale.
    pub fn add(&self, other: &Self) -> Result<Self, Failure> {
        let (left, right, scale) = self.aligned(other)?;
        Ok(Self::new(left + right, scale))
    }

    /// The difference, at the larger scale.
    pub fn subtract(&self, other: &Self) -> Result<Self, Failure> {
        let (left, right, scale) = self.aligned(other)?;
        Ok(Self::new(left - right, scale))
    }

    /// The product; the scales add up.
    pub fn multiply(&self, other: &Self) -> Result<Self, Failure> {
        let scale = self.scale.checked_add(other.scale).ok_or("Overflow")?;
        if self.unscaled.bits() + other.unscaled.bits() > crate::script::budget::BITS {
            return Err("Overflow");
        }
        Ok(Self::new(&self.unscaled * &other.unscaled, scale))
    }

    /// The exact quotient, or an error when its expansion does not end (`divide(BigDecimal)`).
    pub fn divide_exact(&self, other: &Self) -> Result<Self, Failure> {
        if other.signum() == 0 {
            return Err(if self.signum() == 0 { "Division undefined" } else { "Division by zero" });
        }
        let preferred = self.scale.saturating_sub(other.scale);
        if self.signum() == 0 {
            return Ok(Self::new(BigInt::ZERO, preferred));
        }
        let common = gcd(&self.unscaled, &other.unscaled);
        let mut numerator = &self.unscaled / &common;
        let mut denominator = &other.unscaled / &common;
        if denominator.sign() == Sign::Minus {
            numerator = -numerator;
            denominator = -denominator;
        }
        let (five, ten) = (BigInt::from(5), BigInt::from(10));
        let twos = denominator.trailing_zeros().unwrap_or(0);
        let mut rest = &denominator >> twos;
        let mut fives = 0u64;
        while (&rest % &five).sign() == Sign::NoSign {
            rest /= &five;
            fives += 1;
        }
        if rest != BigInt::from(1) {
            return Err("Non-terminating decimal expansion; no exact representable decimal result.");
        }
        let extra = u32::try_from(twos.max(fives)).ok().filter(|e| *e <= SCALE_LIMIT).ok_or("Overflow")?;
        let scale = preferred.checked_add(extra as i32).ok_or("Overflow")?;
        Ok(Self::new(numerator * ten.pow(extra) / denominator, scale))
    }

    /// The quotient rounded to `precision` significant digits (`divide(BigDecimal, MathContext)`).
    pub fn divide_to_precision(&self, other: &Self, precision: u32, rounding: Rounding) -> Result<Self, Failure> {
        if precision == 0 {
            return self.divide_exact(other);
        }
        if other.signum() == 0 {
            return Err(if self.signum() == 0 { "Division undefined" } else { "Division by zero" });
        }
        let preferred = self.scale.saturating_sub(other.scale);
        if self.signum() == 0 {
            return Ok(Self::new(BigInt::ZERO, preferred));
        }
        // One digit more than wanted at least, so that a single rounding suffices.
        let shift = i64::from(precision) + other.precision() as i64 - self.precision() as i64 + 3;
        let shift = u32::try_from(shift.max(0)).map_err(|_| "Overflow")?;
        let numerator = &self.unscaled * ten_to(shift)?;
        let (quotient, remainder) = (&numerator / &other.unscaled, &numerator % &other.unscaled);
        let scale = preferred.checked_add(shift as i32).ok_or("Overflow")?;
        let exact = remainder.sign() == Sign::NoSign;
        let drop = digits(&quotient).saturating_sub(u64::from(precision));
        let drop = u32::try_from(drop).map_err(|_| "Overflow")?;
        let power = ten_to(drop)?;
        let dropped_nothing = exact && (&quotient % &power).sign() == Sign::NoSign;
        let rounded = divide_rounded(&numerator, &(&other.unscaled * &power), rounding)?;
        let mut result = Self::new(rounded, scale - drop as i32);
        if digits(&result.unscaled) > u64::from(precision) {
            result = Self::new(result.unscaled / 10, result.scale - 1);
        }
        if dropped_nothing {
            result = result.strip_to(preferred);
        }
        Ok(result)
    }

    /// The quotient at a given scale (`divide(BigDecimal, int, RoundingMode)`).
    pub fn divide_to_scale(&self, other: &Self, scale: i32, rounding: Rounding) -> Result<Self, Failure> {
        if other.signum() == 0 {
            return Err(if self.signum() == 0 { "Division undefined" } else { "Division by zero" });
        }
        let shift = i64::from(scale) - (i64::from(self.scale) - i64::from(other.scale));
        let power = ten_to(u32::try_from(shift.unsigned_abs()).map_err(|_| "Overflow")?)?;
        let unscaled = if shift >= 0 {
            divide_rounded(&(&self.unscaled * power), &other.unscaled, rounding)?
        } else {
            divide_rounded(&self.unscaled, &(&other.unscaled * power), rounding)?
        };
        Ok(Self::new(unscaled, scale))
    }

    /// What is left of a division that gives a whole number; has the sign of `self`.
    pub fn remainder(&self, other: &Self) -> Result<Self, Failure> {
        if other.signum() == 0 {
            return Err("Division by zero");
        }
        let (left, right, scale) = self.aligned(other)?;
        Ok(Self::new(left % right, scale))
    }

    /// The same number at another scale.
    pub fn set_scale(&self, scale: i32, rounding: Rounding) -> Result<Self, Failure> {
        let by = scale.abs_diff(self.scale);
        let power = ten_to(by)?;
        if scale >= self.scale {
            Ok(Self::new(&self.unscaled * power, scale))
        } else {
            Ok(Self::new(divide_rounded(&self.unscaled, &power, rounding)?, scale))
        }
    }

    /// Rounded to `precision` significant digits (0 keeps all).
    pub fn round(&self, precision: u32, rounding: Rounding) -> Result<Self, Failure> {
        let mut result = self.clone();
        while precision > 0 && result.precision() > u64::from(precision) {
            let drop = (result.precision() - u64::from(precision)) as i32;
            result = result.set_scale(result.scale.saturating_sub(drop), rounding)?;
        }
        Ok(result)
    }

    fn strip_to(mut self, scale: i32) -> Self {
        let ten = BigInt::from(10);
        while self.scale > scale {
            let quotient = &self.unscaled / &ten;
            if &quotient * &ten != self.unscaled {
                break;
            }
            self = Self::new(quotient, self.scale - 1);
        }
        self
    }

    /// Without trailing zeros.
    #[must_use]
    pub fn strip_trailing_zeros(&self) -> Self {
        if self.signum() == 0 { Self::zero() } else { self.clone().strip_to(i32::MIN) }
    }

    /// The number with its sign turned.
    #[must_use]
    pub fn negate(&self) -> Self {
        Self::new(-&self.unscaled, self.scale)
    }

    /// Without sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.signum() < 0 { self.negate() } else { self.clone() }
    }

    /// `self` to a whole power that is not negative.
    pub fn power(&self, exponent: u32) -> Result<Self, Failure> {
        if exponent > 9_999 || self.precision() * u64::from(exponent) > u64::from(SCALE_LIMIT) {
            return Err("Overflow");
        }
        let scale = self.scale.checked_mul(exponent as i32).ok_or("Overflow")?;
        Ok(Self::new(self.unscaled.pow(exponent), scale))
    }

    /// The whole part.
    pub fn to_big_integer(&self) -> Result<BigInt, Failure> {
        Ok(self.set_scale(0, Rounding::Down)?.unscaled)
    }

    /// The low 64 bits of the whole part (`longValue`).
    pub fn to_i64_wrapping(&self) -> i64 {
        self.to_big_integer().map_or(0, |whole| low_bits(&whole))
    }

    /// The nearest double.
    pub fn to_f64(&self) -> f64 {
        format!("{}e{}", self.unscaled, -i64::from(self.scale)).parse().unwrap_or(f64::NAN)
    }

    /// Digits without an exponent (`toPlainString`).
    pub fn to_plain_string(&self) -> String {
        let text = self.unscaled.magnitude().to_str_radix(10);
        let sign = if self.signum() < 0 { "-" } else { "" };
        if self.scale <= 0 {
            let zeros = if self.signum() == 0 { 0 } else { self.scale.unsigned_abs().min(SCALE_LIMIT) as usize };
            return format!("{sign}{text}{}", "0".repeat(zeros));
        }
        let scale = (self.scale as usize).min(SCALE_LIMIT as usize);
        if text.len() > scale {
            let (whole, fraction) = text.split_at(text.len() - scale);
            format!("{sign}{whole}.{fraction}")
        } else {
            format!("{sign}0.{}{text}", "0".repeat(scale - text.len()))
        }
    }
}

/// The low 64 bits of an integer, as Java's `longValue`.
pub fn low_bits(number: &BigInt) -> i64 {
    let low = number.iter_u64_digits().next().unwrap_or(0) as i64;
    if number.sign() == Sign::Minus { low.wrapping_neg() } else { low }
}

fn gcd(left: &BigInt, right: &BigInt) -> BigInt {
    let (mut a, mut b) = (left.magnitude().clone(), right.magnitude().clone());
    while b.bits() > 0 {
        let rest = &a % &b;
        a = b;
        b = rest;
    }
    BigInt::from(a)
}

impl From<i64> for BigDecimal {
    fn from(value: i64) -> Self {
        Self::new(BigInt::from(value), 0)
    }
}

impl From<BigInt> for BigDecimal {
    fn from(value: BigInt) -> Self {
        Self::new(value, 0)
    }
}

impl BigDecimal {
    /// By value: `1.10` and `1.1` compare as equal.
    pub fn compare(&self, other: &Self) -> Ordering {
        if self.signum() != other.signum() {
            return self.signum().cmp(&other.signum());
        }
        match self.aligned(other) {
            Ok((left, right, _)) => left.cmp(&right),
            Err(_) => self.to_f64().total_cmp(&other.to_f64()),
        }
    }
}

impl std::fmt::Display for BigDecimal {
    /// Java's `toString`: the scale is kept, with an exponent for large or very small numbers.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.unscaled.magnitude().to_str_radix(10);
        let adjusted = text.len() as i64 - 1 - i64::from(self.scale);
        if self.scale == 0 || (self.scale > 0 && adjusted >= -6) {
            return f.write_str(&self.to_plain_string());
        }
        let sign = if self.signum() < 0 { "-" } else { "" };
        let (first, rest) = text.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        if adjusted == 0 {
            return write!(f, "{sign}{first}{point}{rest}");
        }
        write!(f, "{sign}{first}{point}{rest}E{adjusted:+}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> BigDecimal {
        BigDecimal::parse(text).unwrap()
    }

    #[test]
    fn prints_as_java_does() {
        for (input, expected) in [
            ("1.10", "1.10"),
            ("1e3", "1E+3"),
            ("1.5e3", "1.5E+3"),
            ("0.0000001", "1E-7"),
            ("-0.000001", "-0.000001"),
            ("100", "100"),
            (".5", "0.5"),
            ("12e-1", "1.2"),
        ] {
            assert_eq!(decimal(input).to_string(), expected);
        }
    }

    #[test]
    fn divides() {
        let quotient = |a: &str, b: &str| decimal(a).divide_exact(&decimal(b)).map(|q| q.to_string());
        assert_eq!(quotient("7", "2"), Ok("3.5".to_owned()));
        assert_eq!(quotient("6", "3"), Ok("2".to_owned()));
        assert_eq!(quotient("1.00", "4"), Ok("0.25".to_owned()));
        assert!(quotient("1", "3").is_err());
        let third = decimal("1").divide_to_precision(&decimal("3"), 11, Rounding::HalfUp).unwrap();
        assert_eq!(third.to_string(), "0.33333333333");
        let two_thirds = decimal("2").divide_to_precision(&decimal("3"), 5, Rounding::HalfUp).unwrap();
        assert_eq!(two_thirds.to_string(), "0.66667");
        let nearly = decimal("99999").divide_to_precision(&decimal("10"), 3, Rounding::HalfUp).unwrap();
        assert_eq!(nearly.to_string(), "1.00E+4");
    }

    #[test]
    fn rounds() {
        let at = |text: &str, scale, rounding| decimal(text).set_scale(scale, rounding).unwrap().to_string();
        assert_eq!(at("2.345", 2, Rounding::HalfEven), "2.34");
        assert_eq!(at("3.14159", 2, Rounding::HalfUp), "3.14");
        assert_eq!(at("-2.5", 0, Rounding::HalfUp), "-3");
        assert_eq!(at("-2.5", 0, Rounding::Ceiling), "-2");
    }

    #[test]
    fn compares_by_value() {
        assert_eq!(decimal("1.10").compare(&decimal("1.1")), Ordering::Equal);
        assert_ne!(decimal("1.10"), decimal("1.1"));
        assert_eq!(BigDecimal::exact(0.5).unwrap().to_string(), "0.5");
    }
}

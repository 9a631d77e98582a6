//! The decimal digits that Java 17 chooses for a binary floating point number.
//!
//! `jdk.internal.math.FloatingDecimal` generates digits until the rest is within half a unit in the last place, with a
//! symmetric stopping test that is not always the shortest or nearest choice (JDK-4511638, mended in Java 19). Its word
//! sizes leak into the result, so the three of them (32 bits, 64 bits, unbounded) are kept apart here too.

use super::digits::big::Big;

mod big;

/// Significant decimal digits of a positive number: 0.DIGITS × 10^`exponent`.
#[derive(Debug, Clone)]
pub struct Digits {
    text: [u8; 24],
    len: usize,
    /// Place of the decimal point, counted from before the first digit.
    pub exponent: i32,
    /// The last digit was rounded up, so that the exact value is below the digits.
    pub rounded_up: bool,
    /// The digits are the exact value.
    pub exact: bool,
}

const MANTISSA_BITS: i32 = 53;

/// Bits needed for 5^n, as the JDK counts them.
const BITS_OF_POWER_OF_5: [i32; 27] =
    [0, 3, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28, 31, 33, 35, 38, 40, 42, 45, 47, 49, 52, 54, 56, 59, 61];

impl Digits {
    fn new(exponent: i32) -> Self {
        Self { text: [b'0'; 24], len: 0, exponent, rounded_up: false, exact: false }
    }

    /// The digits, without leading or (mostly) trailing zeros.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..self.len]).unwrap_or_default()
    }

    fn push(&mut self, digit: u8) {
        if self.len < self.text.len() {
            self.text[self.len] = b'0' + digit;
            self.len += 1;
        }
    }

    /// Adds one to the last digit. A carry out of the first makes it a 1 of the next power.
    fn round_up(&mut self) {
        let mut at = self.len.saturating_sub(1);
        while at > 0 && self.text[at] == b'9' {
            self.text[at] = b'0';
            at -= 1;
        }
        if self.text[at] == b'9' {
            self.exponent += 1;
            self.text[at] = b'1';
            return;
        }
        self.text[at] += 1;
        self.rounded_up = true;
    }

    /// Digits of a whole number of which the last `insignificant` say nothing.
    fn of_integer(mut value: u64, insignificant: u32) -> Self {
        let mut zeros = 0;
        if insignificant > 0 {
            let unit = 10_u64.pow(insignificant);
            let rest = value % unit;
            value /= unit;
            zeros = insignificant as i32;
            if rest >= unit >> 1 {
                value += 1;
            }
        }
        while value != 0 && value.is_multiple_of(10) {
            value /= 10;
            zeros += 1;
        }
        let mut buffer = itoa::Buffer::new();
        let text = buffer.format(value);
        let mut digits = Self::new(text.len() as i32 + zeros);
        for byte in text.bytes() {
            digits.push(byte - b'0');
        }
        digits
    }
}

/// Digits of a positive, finite double. Zero gives no digits.
pub fn digits_of_double(value: f64) -> Digits {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = (bits >> 52 & 0x7ff) as i32;
    if exponent != 0 {
        return digits(exponent - 1023, fraction | 1 << 52, MANTISSA_BITS);
    }
    if fraction == 0 {
        return Digits::new(0);
    }
    let shift = fraction.leading_zeros() as i32 - 11;
    digits(1 - shift - 1023, fraction << shift, MANTISSA_BITS - shift)
}

/// Digits of a positive, finite float. Zero gives no digits.
pub fn digits_of_float(value: f32) -> Digits {
    let bits = value.to_bits();
    let fraction = u64::from(bits & ((1 << 23) - 1));
    let exponent = (bits >> 23 & 0xff) as i32;
    if exponent != 0 {
        return digits(exponent - 127, (fraction | 1 << 23) << 29, 24);
    }
    if fraction == 0 {
        return Digits::new(0);
    }
    let shift = fraction.leading_zeros() as i32 - 40;
    digits(1 - shift - 127, (fraction << shift) << 29, 24 - shift)
}

/// How digit generation ended: the rest is near zero, near ten, and how twice the rest compares with ten.
struct Stop {
    low: bool,
    high: bool,
    twice_rest: std::cmp::Ordering,
}

/// `mantissa` has its highest bit at 52 and stands for a number in [2^`exponent`, 2^(`exponent`+1)) of which
/// `significant` bits count.
fn digits(exponent: i32, mantissa: u64, significant: i32) -> Digits {
    let tail_zeros = mantissa.trailing_zeros() as i32;
    let fraction_bits = MANTISSA_BITS - tail_zeros;
    let places = (fraction_bits - exponent - 1).max(0);
    if places == 0 && exponent <= 62 {
        let insignificant = if exponent > significant { digits_of_power_of_2(exponent - significant - 1) } else { 0 };
        let whole = if exponent >= 52 { mantissa << (exponent - 52) } else { mantissa >> (52 - exponent) };
        return Digits::of_integer(whole, insignificant);
    }

    // value = b / s * 10^power, m = half a unit in the last place on b's scale; each as 2^x * 5^y.
    let power = estimate_power(mantissa, exponent);
    let b5 = (-power).max(0);
    let s5 = power.max(0);
    let mut b2 = b5 + places + exponent;
    let mut s2 = s5 + places;
    let mut m2 = b2 - significant;
    b2 -= fraction_bits - 1;
    let common = b2.min(s2);
    b2 -= common;
    s2 -= common;
    m2 -= common;
    if fraction_bits == 1 {
        // Below a power of two the next number is only half as far away.
        m2 -= 1;
    }
    if m2 < 0 {
        b2 -= m2;
        s2 -= m2;
        m2 = 0;
    }
    let b = mantissa >> tail_zeros;
    let b_bits = fraction_bits + b2 + bits_of_power_of_5(b5);
    let ten_s_bits = s2 + 1 + bits_of_power_of_5(s5 + 1);

    let mut out = Digits::new(power + 1);
    let stop = if b_bits < 32 && ten_s_bits < 32 {
        let start =
            |factor: u64, fives: i32, twos: i32| ((factor as i32).wrapping_mul(5_i32.pow(fives as u32))) << twos;
        generate_int(&mut out, start(b, b5, b2), start(1, s5, s2), start(1, b5, m2))
    } else if b_bits < 64 && ten_s_bits < 64 {
        let start =
            |factor: u64, fives: i32, twos: i32| ((factor as i64).wrapping_mul(5_i64.pow(fives as u32))) << twos;
        generate_long(&mut out, start(b, b5, b2), start(1, s5, s2), start(1, b5, m2))
    } else {
        generate_big(&mut out, Big::new(b, b5, b2), &Big::new(1, s5, s2), Big::new(1, b5, m2))
    };
    if stop.high {
        let odd = out.len > 0 && out.text[out.len - 1] & 1 == 1;
        if !stop.low || stop.twice_rest.is_gt() || (stop.twice_rest.is_eq() && odd) {
            out.round_up();
        }
    }
    out
}

/// Whether the text will be in `E` notation, which asks for two digits at least.
fn wants_two_digits(exponent: i32) -> bool {
    exponent - 1 < -3 || exponent > 8
}

macro_rules! generate {
    ($name:ident, $word:ty) => {
        /// Digit generation in wrapping machine words.
        fn $name(out: &mut Digits, mut b: $word, s: $word, mut m: $word) -> Stop {
            let tens = s.wrapping_mul(10);
            let mut first = true;
            loop {
                let digit = (b / s) as u8;
                b = (b % s).wrapping_mul(10);
                m = m.wrapping_mul(10);
                // A half unit that overflowed is larger than any rest.
                let overflow = !first && m <= 0;
                let mut low = overflow || b < m;
                let mut high = overflow || b.wrapping_add(m) > tens;
                if first && digit == 0 && !high {
                    out.exponent -= 1;
                } else {
                    out.push(digit);
                }
                if first && wants_two_digits(out.exponent) {
                    low = false;
                    high = false;
                }
                first = false;
                if low || high {
                    out.exact = b == 0;
                    return Stop { low, high, twice_rest: b.wrapping_shl(1).wrapping_sub(tens).cmp(&0) };
                }
            }
        }
    };
}

generate!(generate_int, i32);
generate!(generate_long, i64);

/// Digit generation without bounds. Unlike in machine words, a rest that reaches ten exactly counts as high.
fn generate_big(out: &mut Digits, mut b: Big, s: &Big, mut m: Big) -> Stop {
    let tens = s.times(10);
    let mut first = true;
    loop {
        let digit = b.divide_step(s);
        m = m.times(10);
        let mut low = b < m;
        let mut high = tens <= b.plus(&m);
        if first && digit == 0 && !high {
            out.exponent -= 1;
        } else {
            out.push(digit);
        }
        if first && wants_two_digits(out.exponent) {
            low = false;
            high = false;
        }
        first = false;
        if low || high {
            out.exact = b.is_zero();
            return Stop { low, high, twice_rest: b.times(2).cmp(&tens) };
        }
    }
}

/// floor(log10) of the number, or one too many.
#[expect(clippy::approx_constant, reason = "the estimate is Java's, digit for digit")]
fn estimate_power(mantissa: u64, exponent: i32) -> i32 {
    let scaled = f64::from_bits(1023 << 52 | mantissa & ((1 << 52) - 1));
    let log = (scaled - 1.5) * 0.289_529_654 + 0.176_091_259 + f64::from(exponent) * 0.301_029_995_663_981;
    log.floor() as i32
}

fn bits_of_power_of_5(power: i32) -> i32 {
    BITS_OF_POWER_OF_5.get(power as usize).copied().unwrap_or(power * 3)
}

/// Decimal digits of 2^`power`, less one.
fn digits_of_power_of_2(power: i32) -> u32 {
    if (2..64).contains(&power) { (1_u64 << power).ilog10() } else { 0 }
}

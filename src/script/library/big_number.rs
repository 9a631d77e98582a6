//! `java.math`: `BigDecimal`, `BigInteger`, `RoundingMode` and `MathContext`.

use super::enumeration::{self, ENUM, constants};
use super::number::{NUMBER_PARENTS, ordering};
use super::{Answer, Class, Fault, Method, arguments, groovy, java, object, takes};
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{Array, BigDecimal, ClassRef, Object, Rounding, Thrown, Value, exceptions};
use num_bigint::{BigInt, Sign};
use std::sync::Arc;

/// `java.math.RoundingMode`.
pub static ROUNDING_MODE: Class = Class {
    constants: constants!(ROUNDING_MODE: 0 "UP", 1 "DOWN", 2 "CEILING", 3 "FLOOR", 4 "HALF_UP", 5 "HALF_DOWN",
        6 "HALF_EVEN", 7 "UNNECESSARY"),
    ..Class::named("java.math.RoundingMode", &[&ENUM])
};

/// `java.math.MathContext`.
pub static MATH_CONTEXT: Class = Class {
    constructor: takes(1, 2, |_, _, args| {
        let rounding = if args.len() > 1 { rounding(&args[1])? } else { Rounding::HalfUp };
        Ok(Value::object(MathContext(arguments::int(args, 0)?.max(0) as u32, rounding)))
    }),
    methods: &[java("getPrecision", 0, 0, |_, this, _| Ok((context(this)?.0 as i32).into()))],
    constants: &[
        ("UNLIMITED", || Value::object(MathContext(0, Rounding::HalfUp))),
        ("DECIMAL32", || Value::object(MathContext(7, Rounding::HalfEven))),
        ("DECIMAL64", || Value::object(MathContext(16, Rounding::HalfEven))),
        ("DECIMAL128", || Value::object(MathContext(34, Rounding::HalfEven))),
    ],
    ..Class::named("java.math.MathContext", &[&object::OBJECT])
};

/// A precision in digits and how to round to it.
#[derive(Debug, Clone, Copy)]
struct MathContext(u32, Rounding);

impl Object for MathContext {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&MATH_CONTEXT)
    }

    fn to_text(&self) -> String {
        let name = Rounding::NAMES.iter().find(|row| row.1 == self.1).map_or("", |row| row.0);
        format!("precision={} roundingMode={name}", self.0)
    }
}

fn context(value: &Value) -> Result<MathContext, Fault> {
    arguments::object::<MathContext>(value).copied()
}

/// A rounding mode as a constant of the enumeration, or as one of the old `ROUND_…` numbers.
pub(crate) fn rounding(value: &Value) -> Result<Rounding, Fault> {
    let at = match value {
        Value::Int(old) => {
            usize::try_from(*old).map_err(|_| Thrown::new(exceptions::ILLEGAL_ARGUMENT, "Invalid rounding mode"))?
        }
        other => enumeration::ordinal(other, &ROUNDING_MODE)?,
    };
    let row = Rounding::NAMES.get(at);
    Ok(row.ok_or_else(|| Thrown::new(exceptions::ILLEGAL_ARGUMENT, "Invalid rounding mode"))?.1)
}

/// `java.math.BigDecimal`.
pub static BIG_DECIMAL: Class = Class {
    constructor: takes(1, 4, |_, _, args| new_decimal(args)),
    statics: &[java("valueOf", 1, 2, |_, _, args| {
        if args.len() == 2 {
            return Ok(Value::decimal(BigDecimal::new(arguments::long(args, 0)?.into(), arguments::int(args, 1)?)));
        }
        let number = arguments::first(args)?;
        let number = number.to_decimal().filter(|_| number.is_number()).ok_or(Fault::Mismatch)?;
        Ok(Value::decimal(number))
    })],
    constants: &[
        ("ZERO", || Value::decimal(BigDecimal::zero())),
        ("ONE", || Value::decimal(BigDecimal::from(1))),
        ("TEN", || Value::decimal(BigDecimal::from(10))),
        ("ROUND_UP", || 0.into()),
        ("ROUND_DOWN", || 1.into()),
        ("ROUND_CEILING", || 2.into()),
        ("ROUND_FLOOR", || 3.into()),
        ("ROUND_HALF_UP", || 4.into()),
        ("ROUND_HALF_DOWN", || 5.into()),
        ("ROUND_HALF_EVEN", || 6.into()),
        ("ROUND_UNNECESSARY", || 7.into()),
    ],
    methods: DECIMAL_METHODS,
    ..Class::named("java.math.BigDecimal", NUMBER_PARENTS)
};

/// `java.math.BigInteger`.
pub static BIG_INTEGER: Class = Class {
    constructor: takes(1, 3, |_, _, args| new_integer(args)),
    statics: &[
        java("probablePrime", 2, 2, |machine, _, args| {
            let bits = arguments::int(args, 0)?.clamp(2, 4096) as u32;
            let top = BigInt::from(1) << (bits - 1);
            let mut candidate: BigInt = &top + (random_below(&top) | BigInt::from(1));
            while !probably_prime(machine, &candidate)? {
                candidate += 2;
            }
            Ok(Value::integer(candidate))
        }),
        java("valueOf", 1, 1, |_, _, args| Ok(Value::integer(arguments::long(args, 0)?.into()))),
    ],
    constants: &[
        ("ZERO", || Value::integer(0.into())),
        ("ONE", || Value::integer(1.into())),
        ("TWO", || Value::integer(2.into())),
        ("TEN", || Value::integer(10.into())),
    ],
    methods: INTEGER_METHODS,
    ..Class::named("java.math.BigInteger", NUMBER_PARENTS)
};

fn new_decimal(args: &[Value]) -> Answer {
    let number = match args.first() {
        Some(Value::Double(n)) => BigDecimal::exact(*n),
        Some(Value::Float(n)) => BigDecimal::exact(f64::from(*n)),
        Some(Value::BigInteger(n)) if args.len() > 1 && args[1].is_integral() => {
            Some(BigDecimal::new(BigInt::clone(n), arguments::int(args, 1)?))
        }
        Some(value) => match arguments::text_of(value) {
            Some(text) => Some(BigDecimal::parse(&text).ok_or_else(|| super::number::decimal_format_error(&text))?),
            None => value.to_decimal().filter(|_| value.is_number()),
        },
        None => return Err(Fault::Mismatch),
    };
    let unreadable = || Thrown::new(exceptions::NUMBER_FORMAT, "Infinite or NaN");
    let number = number.ok_or_else(unreadable)?;
    Ok(Value::decimal(match args.get(1).map(context) {
        Some(Ok(MathContext(precision, rounding))) if precision > 0 => number.round(precision, rounding)?,
        _ => number,
    }))
}

fn decimal(value: &Value) -> Result<BigDecimal, Fault> {
    value.to_decimal().filter(|_| value.is_number()).ok_or(Fault::Mismatch)
}

/// An operation with an optional `MathContext` as its last argument.
fn rounded(args: &[Value], result: BigDecimal) -> Answer {
    Ok(Value::decimal(match args.get(1).map(context).transpose()? {
        Some(MathContext(precision, rounding)) if precision > 0 => result.round(precision, rounding)?,
        _ => result,
    }))
}

static DECIMAL_METHODS: &[Method] = &[
    java("abs", 0, 0, |_, this, _| Ok(Value::decimal(decimal(this)?.abs()))),
    java("add", 1, 2, |_, this, args| rounded(args, decimal(this)?.add(&decimal(&args[0])?)?)),
    java("divide", 1, 3, |_, this, args| {
        let (own, other) = (decimal(this)?, decimal(&args[0])?);
        if other.signum() == 0 {
            let message = if own.signum() == 0 { "Division undefined" } else { "Division by zero" };
            return Err(Thrown::new(exceptions::ARITHMETIC, if args.len() == 1 { message } else { "/ by zero" }).into());
        }
        Ok(Value::decimal(match args.len() {
            1 => own.divide_exact(&other)?,
            2 => match context(&args[1]) {
                Ok(MathContext(0, _)) => own.divide_exact(&other)?,
                Ok(MathContext(precision, rounding)) => own.divide_to_precision(&other, precision, rounding)?,
                Err(_) => own.divide_to_scale(&other, own.scale(), rounding(&args[1])?)?,
            },
            _ => own.divide_to_scale(&other, arguments::int(args, 1)?, rounding(&args[2])?)?,
        }))
    }),
    java("divideAndRemainder", 1, 1, |_, this, args| {
        let (own, other) = (decimal(this)?, decimal(&args[0])?);
        let quotient = integral_quotient(&own, &other)?;
        let rest = own.remainder(&other)?;
        let items = vec![Value::decimal(quotient), Value::decimal(rest)];
        Ok(Value::Array(Arc::new(Array::new("java.math.BigDecimal", items))))
    }),
    java("divideToIntegralValue", 1, 1, |_, this, args| {
        Ok(Value::decimal(integral_quotient(&decimal(this)?, &decimal(&args[0])?)?))
    }),
    java("intValueExact", 0, 0, |_, this, _| {
        let whole = exact(this)?;
        Ok(i32::try_from(whole).map_err(|_| Thrown::new(exceptions::ARITHMETIC, "Overflow"))?.into())
    }),
    java("longValueExact", 0, 0, |_, this, _| {
        let whole = exact(this)?;
        Ok(i64::try_from(whole).map_err(|_| Thrown::new(exceptions::ARITHMETIC, "Overflow"))?.into())
    }),
    java("max", 1, 1, |_, this, args| {
        Ok(if decimal(this)?.compare(&decimal(&args[0])?).is_lt() { args[0].clone() } else { this.clone() })
    }),
    java("min", 1, 1, |_, this, args| {
        Ok(if decimal(this)?.compare(&decimal(&args[0])?).is_gt() { args[0].clone() } else { this.clone() })
    }),
    java("movePointLeft", 1, 1, |_, this, args| move_point(this, i64::from(arguments::int(args, 0)?))),
    java("movePointRight", 1, 1, |_, this, args| move_point(this, -i64::from(arguments::int(args, 0)?))),
    java("multiply", 1, 2, |_, this, args| rounded(args, decimal(this)?.multiply(&decimal(&args[0])?)?)),
    java("negate", 0, 0, |_, this, _| Ok(Value::decimal(decimal(this)?.negate()))),
    java("plus", 0, 0, |_, this, _| Ok(this.clone())),
    java("pow", 1, 2, |_, this, args| {
        let exponent = u32::try_from(arguments::int(args, 0)?).ok().filter(|n| *n <= 100_000);
        let invalid = || Thrown::new(exceptions::ARITHMETIC, "Invalid operation");
        rounded(args, decimal(this)?.power(exponent.ok_or_else(invalid)?)?)
    }),
    java("precision", 0, 0, |_, this, _| Ok((decimal(this)?.precision() as i32).into())),
    java("remainder", 1, 1, |_, this, args| {
        let other = decimal(&args[0])?;
        if other.signum() == 0 {
            return Err(Thrown::new(exceptions::ARITHMETIC, "Division by zero").into());
        }
        Ok(Value::decimal(decimal(this)?.remainder(&other)?))
    }),
    java("round", 1, 1, |_, this, args| {
        if let Ok(MathContext(precision, rounding)) = context(&args[0]) {
            return Ok(Value::decimal(if precision == 0 {
                decimal(this)?
            } else {
                decimal(this)?.round(precision, rounding)?
            }));
        }
        Ok(Value::decimal(decimal(this)?.set_scale(arguments::int(args, 0)?, Rounding::HalfUp)?))
    }),
    java("scale", 0, 0, |_, this, _| Ok(decimal(this)?.scale().into())),
    java("scaleByPowerOfTen", 1, 1, |_, this, args| {
        let own = decimal(this)?;
        Ok(Value::decimal(BigDecimal::new(
            own.unscaled().clone(),
            own.scale().saturating_sub(arguments::int(args, 0)?),
        )))
    }),
    java("setScale", 1, 2, |_, this, args| {
        let mode = if args.len() > 1 { rounding(&args[1])? } else { Rounding::Unnecessary };
        Ok(Value::decimal(decimal(this)?.set_scale(arguments::int(args, 0)?, mode)?))
    }),
    java("signum", 0, 0, |_, this, _| Ok(decimal(this)?.signum().into())),
    java("sqrt", 1, 1, |_, this, args| {
        let (own, MathContext(precision, mode)) = (decimal(this)?, context(&args[0])?);
        if own.signum() < 0 {
            return Err(Thrown::new(exceptions::ARITHMETIC, "Attempted square root of negative BigDecimal").into());
        }
        let digits = if precision == 0 { 34 } else { precision };
        let shift = (digits as i32 + 2) * 2;
        let widened = own.set_scale(shift, Rounding::Down)?;
        let root = BigDecimal::new(widened.unscaled().sqrt(), shift / 2);
        Ok(Value::decimal(root.round(digits, mode)?.strip_trailing_zeros()))
    }),
    java("stripTrailingZeros", 0, 0, |_, this, _| Ok(Value::decimal(decimal(this)?.strip_trailing_zeros()))),
    java("subtract", 1, 2, |_, this, args| rounded(args, decimal(this)?.subtract(&decimal(&args[0])?)?)),
    java("toBigInteger", 0, 0, |_, this, _| Ok(Value::integer(decimal(this)?.to_big_integer()?))),
    java("toEngineeringString", 0, 0, |_, this, _| Ok(crate::script::value::java_text(this).into())),
    java("toPlainString", 0, 0, |_, this, _| Ok(decimal(this)?.to_plain_string().into())),
    java("unscaledValue", 0, 0, |_, this, _| Ok(Value::integer(decimal(this)?.unscaled().clone()))),
    groovy("round", 0, 0, |_, this, _| Ok(Value::decimal(decimal(this)?.set_scale(0, Rounding::HalfUp)?))),
    groovy("trunc", 0, 1, |_, this, args| {
        let scale = if args.is_empty() { 0 } else { arguments::int(args, 0)? };
        Ok(Value::decimal(decimal(this)?.set_scale(scale, Rounding::Down)?))
    }),
];

fn move_point(this: &Value, by: i64) -> Answer {
    let own = decimal(this)?;
    let scale =
        i32::try_from(i64::from(own.scale()) + by).map_err(|_| Thrown::new(exceptions::ARITHMETIC, "Overflow"))?;
    let moved = BigDecimal::new(own.unscaled().clone(), scale);
    Ok(Value::decimal(if scale < 0 { moved.set_scale(0, Rounding::Unnecessary)? } else { moved }))
}

fn integral_quotient(own: &BigDecimal, other: &BigDecimal) -> Result<BigDecimal, Fault> {
    if other.signum() == 0 {
        return Err(Thrown::new(exceptions::ARITHMETIC, "Division by zero").into());
    }
    Ok(own.divide_to_scale(other, 0, Rounding::Down)?)
}

/// The whole number that a decimal without fraction is.
fn exact(this: &Value) -> Result<BigInt, Fault> {
    let own = decimal(this)?;
    Ok(own.set_scale(0, Rounding::Unnecessary)?.to_big_integer()?)
}

fn new_integer(args: &[Value]) -> Answer {
    if let Some(Value::Array(_)) = args.last() {
        let bytes = arguments::bytes(args, args.len() - 1)?;
        return Ok(Value::integer(match args {
            [_] => BigInt::from_signed_bytes_be(&bytes),
            [Value::Int(sign), _] => BigInt::from_bytes_be(if *sign < 0 { Sign::Minus } else { Sign::Plus }, &bytes),
            _ => return Err(Fault::Mismatch),
        }));
    }
    if let [bits, source @ Value::Object(_)] = args
        && bits.is_integral()
    {
        _ = source;
        let bits = arguments::int(args, 0)?.clamp(0, 1 << 16) as u32;
        return Ok(Value::integer(random_below(&(BigInt::from(1) << bits))));
    }
    let text = arguments::text(args, 0)?;
    budget::bits(text.len() as u64 * 3)?;
    let radix = if args.len() > 1 { arguments::int(args, 1)?.clamp(2, 36) as u32 } else { 10 };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let number = BigInt::parse_bytes(text.as_bytes(), radix);
    let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    Ok(Value::integer(number.filter(|_| valid).ok_or_else(|| super::number::integer_format_error(&text))?))
}

fn integer(value: &Value) -> Result<BigInt, Fault> {
    value.to_big_integer().filter(|_| value.is_integral()).ok_or(Fault::Mismatch)
}

fn with(this: &Value, args: &[Value], compute: fn(&BigInt, &BigInt) -> BigInt) -> Answer {
    Ok(Value::integer(compute(&integer(this)?, &integer(&args[0])?)))
}

fn divided(this: &Value, args: &[Value], compute: fn(&BigInt, &BigInt) -> BigInt) -> Answer {
    let other = integer(&args[0])?;
    if other.sign() == Sign::NoSign {
        return Err(Thrown::new(exceptions::ARITHMETIC, "BigInteger divide by zero").into());
    }
    Ok(Value::integer(compute(&integer(this)?, &other)))
}

/// Bits that a number may have.
const MOST_BITS: i64 = budget::BITS as i64;

fn shifted(this: &Value, by: i64) -> Answer {
    let own = integer(this)?;
    if by > 0 && own.bits() as i64 + by > MOST_BITS {
        return Err(Thrown::new(exceptions::ARITHMETIC, "BigInteger would overflow supported range").into());
    }
    Ok(Value::integer(if by >= 0 { own << by as u64 } else { own >> by.unsigned_abs() }))
}

static INTEGER_METHODS: &[Method] = &[
    java("abs", 0, 0, |_, this, _| Ok(Value::integer(integer(this)?.magnitude().clone().into()))),
    java("add", 1, 1, |_, this, args| with(this, args, |a, b| a + b)),
    java("and", 1, 1, |_, this, args| with(this, args, |a, b| a & b)),
    java("bitCount", 0, 0, |_, this, _| {
        let own = integer(this)?;
        let magnitude = if own.sign() == Sign::Minus { -own - 1 } else { own };
        Ok((magnitude.magnitude().count_ones() as i32).into())
    }),
    java("bitLength", 0, 0, |_, this, _| {
        let own = integer(this)?;
        Ok(((if own.sign() == Sign::Minus { -own - 1 } else { own }).bits() as i32).into())
    }),
    java("divide", 1, 1, |_, this, args| divided(this, args, |a, b| a / b)),
    java("divideAndRemainder", 1, 1, |_, this, args| {
        let items = vec![divided(this, args, |a, b| a / b)?, divided(this, args, |a, b| a % b)?];
        Ok(Value::Array(Arc::new(Array::new("java.math.BigInteger", items))))
    }),
    java("gcd", 1, 1, |machine, this, args| {
        let (mut a, mut b) = (integer(this)?.magnitude().clone(), integer(&args[0])?.magnitude().clone());
        while b != num_bigint::BigUint::ZERO {
            machine.spend(words(b.bits()))?;
            (a, b) = (b.clone(), a % b);
        }
        Ok(Value::integer(a.into()))
    }),
    java("intValueExact", 0, 0, |_, this, _| {
        let overflow = |_| Thrown::new(exceptions::ARITHMETIC, "BigInteger out of int range");
        Ok(i32::try_from(integer(this)?).map_err(overflow)?.into())
    }),
    java("isProbablePrime", 1, 1, |machine, this, _| Ok(probably_prime(machine, &integer(this)?)?.into())),
    java("longValueExact", 0, 0, |_, this, _| {
        let overflow = |_| Thrown::new(exceptions::ARITHMETIC, "BigInteger out of long range");
        Ok(i64::try_from(integer(this)?).map_err(overflow)?.into())
    }),
    java("max", 1, 1, |_, this, args| with(this, args, |a, b| a.max(b).clone())),
    java("min", 1, 1, |_, this, args| with(this, args, |a, b| a.min(b).clone())),
    java("mod", 1, 1, |_, this, args| {
        let modulus = integer(&args[0])?;
        if modulus.sign() != Sign::Plus {
            return Err(Thrown::new(exceptions::ARITHMETIC, "BigInteger: modulus not positive").into());
        }
        divided(this, args, |a, b| ((a % b) + b) % b)
    }),
    java("modInverse", 1, 1, |_, this, args| {
        let modulus = integer(&args[0])?;
        if modulus.sign() != Sign::Plus {
            return Err(Thrown::new(exceptions::ARITHMETIC, "BigInteger: modulus not positive").into());
        }
        let inverse = integer(this)?.modinv(&modulus);
        let none = || Thrown::new(exceptions::ARITHMETIC, "BigInteger not invertible.");
        Ok(Value::integer(inverse.ok_or_else(none)?))
    }),
    java("modPow", 2, 2, |machine, this, args| {
        let modulus = integer(&args[1])?;
        if modulus.sign() != Sign::Plus {
            return Err(Thrown::new(exceptions::ARITHMETIC, "BigInteger: modulus not positive").into());
        }
        let exponent = integer(&args[0])?;
        let base = if exponent.sign() == Sign::Minus {
            let none = || Thrown::new(exceptions::ARITHMETIC, "BigInteger not invertible.");
            integer(this)?.modinv(&modulus).ok_or_else(none)?
        } else {
            integer(this)?
        };
        Ok(Value::integer(mod_pow(machine, &base, &exponent.magnitude().clone().into(), &modulus)?))
    }),
    java("multiply", 1, 1, |_, this, args| {
        if integer(this)?.bits() + integer(&args[0])?.bits() > MOST_BITS as u64 {
            return Err(Thrown::new(exceptions::ARITHMETIC, "BigInteger would overflow supported range").into());
        }
        with(this, args, |a, b| a * b)
    }),
    java("negate", 0, 0, |_, this, _| Ok(Value::integer(-integer(this)?))),
    java("nextProbablePrime", 0, 0, |machine, this, _| {
        let mut candidate = integer(this)? + 1;
        while !probably_prime(machine, &candidate)? {
            candidate += 1;
        }
        Ok(Value::integer(candidate))
    }),
    java("not", 0, 0, |_, this, _| Ok(Value::integer(-integer(this)? - 1))),
    java("or", 1, 1, |_, this, args| with(this, args, |a, b| a | b)),
    java("pow", 1, 1, |_, this, args| {
        let (own, exponent) = (integer(this)?, arguments::int(args, 0)?);
        let Ok(exponent) = u32::try_from(exponent) else {
            return Err(Thrown::new(exceptions::ARITHMETIC, "Negative exponent").into());
        };
        if own.bits() as i64 * i64::from(exponent) > MOST_BITS {
            return Err(Thrown::new(exceptions::ARITHMETIC, "BigInteger would overflow supported range").into());
        }
        Ok(Value::integer(own.pow(exponent)))
    }),
    java("remainder", 1, 1, |_, this, args| divided(this, args, |a, b| a % b)),
    java("shiftLeft", 1, 1, |_, this, args| shifted(this, i64::from(arguments::int(args, 0)?))),
    java("shiftRight", 1, 1, |_, this, args| shifted(this, -i64::from(arguments::int(args, 0)?))),
    java("signum", 0, 0, |_, this, _| Ok(ordering(integer(this)?.cmp(&BigInt::ZERO)))),
    java("sqrt", 0, 0, |_, this, _| {
        let own = integer(this)?;
        if own.sign() == Sign::Minus {
            return Err(Thrown::new(exceptions::ARITHMETIC, "Negative BigInteger").into());
        }
        Ok(Value::integer(own.sqrt()))
    }),
    java("subtract", 1, 1, |_, this, args| with(this, args, |a, b| a - b)),
    java("testBit", 1, 1, |_, this, args| {
        let at = u64::try_from(arguments::int(args, 0)?);
        let at = at.map_err(|_| Thrown::new(exceptions::ARITHMETIC, "Negative bit address"))?;
        Ok(integer(this)?.bit(at).into())
    }),
    java("toByteArray", 0, 0, |_, this, _| {
        Ok(Value::Array(Arc::new(Array::bytes(&integer(this)?.to_signed_bytes_be()))))
    }),
    java("toString", 1, 1, |_, this, args| {
        Ok(integer(this)?.to_str_radix(arguments::int(args, 0)?.clamp(2, 36) as u32).into())
    }),
    java("xor", 1, 1, |_, this, args| with(this, args, |a, b| a ^ b)),
];

fn random_below(limit: &BigInt) -> BigInt {
    let bytes: Vec<u8> =
        std::iter::repeat_with(|| fastrand::u8(..)).take(limit.bits().div_ceil(8) as usize + 8).collect();
    if limit.sign() == Sign::Plus { BigInt::from_bytes_be(Sign::Plus, &bytes) % limit } else { BigInt::ZERO }
}

/// The machine words of so many bits: what one step of arithmetic takes.
fn words(bits: u64) -> usize {
    1 + (bits / 64) as usize
}

/// `base` to a power that is not negative, by a modulus. Of large numbers it takes step after step, between which the run
/// may end.
fn mod_pow(machine: &mut Machine<'_>, base: &BigInt, exponent: &BigInt, modulus: &BigInt) -> Result<BigInt, Fault> {
    /// Bits of exponents and moduli for which it is no matter of time.
    const SMALL: u64 = 4096;
    if exponent.bits() <= SMALL && modulus.bits() <= SMALL {
        machine.spend(words(exponent.bits() + modulus.bits()))?;
        return Ok(base.modpow(exponent, modulus));
    }
    let mut result = BigInt::from(1) % modulus;
    for bit in (0..exponent.bits()).rev() {
        machine.spend(words(modulus.bits()))?;
        result = &result * &result % modulus;
        if exponent.bit(bit) {
            result = result * base % modulus;
        }
    }
    Ok(if result.sign() == Sign::Minus { result + modulus } else { result })
}

/// Miller and Rabin's test with the first twelve primes as bases.
fn probably_prime(machine: &mut Machine<'_>, number: &BigInt) -> Result<bool, Fault> {
    const BASES: [u32; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    let one = BigInt::from(1);
    if *number <= one {
        return Ok(false);
    }
    if let Some(divides) = BASES.iter().find(|base| (number % **base).sign() == Sign::NoSign) {
        return Ok(*number == BigInt::from(*divides));
    }
    let before = number - &one;
    let twos = before.trailing_zeros().unwrap_or(0);
    let odd = &before >> twos;
    'bases: for base in BASES {
        let mut x = mod_pow(machine, &BigInt::from(base), &odd, number)?;
        if x == one || x == before {
            continue;
        }
        for _ in 1..twos {
            machine.spend(words(number.bits()))?;
            x = &x * &x % number;
            if x == before {
                continue 'bases;
            }
        }
        return Ok(false);
    }
    Ok(true)
}

//! JEXL's arithmetic: what operands become before they are computed with (`JexlArithmetic`, strict).

use super::Dialect;
use crate::java::compare_texts;
use crate::script::budget;
use crate::script::library::number::{parse_double, parse_whole};
use crate::script::value::{BigDecimal, Rounding, Thrown, Value, double_text, equals, exceptions, java_text};
use num_bigint::BigInt;
use std::cmp::Ordering;

/// `MathContext.DECIMAL128`.
const PRECISION: u32 = 34;

type Computed = Result<Value, Thrown>;

fn null_operand() -> Thrown {
    Thrown::new(exceptions::JEXL, "null operand")
}

fn coercion(kind: &str, value: &Value) -> Thrown {
    let class = crate::script::library::class_of(value).name();
    Thrown::new(exceptions::ARITHMETIC, format!("{kind} coercion: {class}:({})", java_text(value)))
}

/// A number as a long when it is of a whole type up to long (`asLongNumber`).
fn as_long(value: &Value) -> Option<i64> {
    match value {
        Value::Long(_) | Value::Int(_) | Value::Short(_) | Value::Byte(_) => value.to_i64(),
        _ => None,
    }
}

fn is_floating(value: &Value, dialect: Dialect) -> bool {
    match value {
        Value::Float(_) | Value::Double(_) => true,
        Value::String(text) if dialect == Dialect::Jexl2 => text.contains(['.', 'e', 'E']),
        Value::String(text) => looks_floating(text),
        _ => false,
    }
}

/// `^[+-]?\d*(\.\d*)?([eE][+-]?\d+)?$` with a fraction or an exponent.
fn looks_floating(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    match mantissa.split_once('.') {
        Some((whole, fraction)) => exponent_fits && digits(whole) && digits(fraction),
        None => exponent.is_some() && exponent_fits && digits(mantissa),
    }
}

fn to_double(value: &Value, dialect: Dialect) -> Result<f64, Thrown> {
    match value {
        Value::Null | Value::Void => Err(null_operand()),
        Value::Boolean(b) => Ok(f64::from(u8::from(*b))),
        // By way of the text, as JEXL does: the float 0.1 becomes the double 0.1.
        Value::Float(_) => parse_double(&java_text(value)),
        Value::String(text) => {
            let text = if dialect == Dialect::Jexl2 { text.trim() } else { text };
            if text.is_empty() { Ok(f64::NAN) } else { parse_double(text) }
        }
        _ => value.to_f64().ok_or_else(|| coercion("Double", value)),
    }
}

pub(super) fn to_long(value: &Value) -> Result<i64, Thrown> {
    match value {
        Value::Null | Value::Void => Err(null_operand()),
        Value::Boolean(b) => Ok(i64::from(*b)),
        Value::String(text) if text.is_empty() => Ok(0),
        Value::String(text) => parse_whole(text, 10, &(i64::MIN..=i64::MAX)),
        _ => value.to_i64().ok_or_else(|| coercion("Long", value)),
    }
}

fn to_big_integer(value: &Value, dialect: Dialect) -> Result<BigInt, Thrown> {
    match value {
        Value::Null | Value::Void => Err(null_operand()),
        Value::Boolean(b) if dialect == Dialect::Jexl3 => Ok(BigInt::from(*b)),
        Value::String(text) if text.is_empty() => Ok(BigInt::ZERO),
        Value::String(text) if text.trim().is_empty() && dialect == Dialect::Jexl2 => Ok(BigInt::ZERO),
        Value::String(text) => text.parse().map_err(|_| Thrown::number_format(text)),
        _ => value.to_big_integer().ok_or_else(|| coercion("BigInteger", value)),
    }
}

fn to_big_decimal(value: &Value) -> Result<BigDecimal, Thrown> {
    match value {
        Value::Null | Value::Void => Err(null_operand()),
        Value::Boolean(b) => Ok(BigDecimal::from(i64::from(*b))),
        Value::Double(n) if n.is_nan() => Ok(BigDecimal::zero()),
        Value::String(text) if text.is_empty() => Ok(BigDecimal::zero()),
        Value::String(text) => {
            BigDecimal::parse(text).ok_or_else(|| Thrown::with_cause(exceptions::NUMBER_FORMAT, None, Value::Null))
        }
        _ => value.to_decimal().ok_or_else(|| coercion("BigDecimal", value)),
    }
}

pub(super) fn to_boolean(value: &Value, dialect: Dialect) -> Result<bool, Thrown> {
    match value {
        Value::Null | Value::Void => Err(null_operand()),
        Value::Boolean(b) => Ok(*b),
        Value::String(text) => Ok(!text.is_empty() && &**text != "false"),
        _ if value.is_number() => Ok(value.to_f64().is_some_and(|n| !n.is_nan() && n != 0.0)),
        _ => Ok(dialect == Dialect::Jexl3),
    }
}

fn to_text(value: &Value) -> Result<String, Thrown> {
    match value {
        Value::Null | Value::Void => Err(null_operand()),
        Value::Double(n) if n.is_nan() => Ok(String::new()),
        Value::Double(n) => Ok(double_text(*n)),
        _ => Ok(java_text(value)),
    }
}

/// An integer in the smallest type that the operands allow.
fn narrow_integer(left: &Value, right: &Value, number: BigInt) -> Value {
    let either = |test: fn(&Value) -> bool| test(left) || test(right);
    let Ok(long) = i64::try_from(&number) else { return Value::integer(number) };
    if either(|value| matches!(value, Value::BigInteger(_))) {
        return Value::integer(number);
    }
    match i32::try_from(long) {
        Ok(int) if !either(|value| matches!(value, Value::Long(_))) => Value::Int(int),
        _ => Value::Long(long),
    }
}

fn narrow_decimal(left: &Value, right: &Value, number: BigDecimal) -> Value {
    let whole = |value: &Value| as_long(value).is_some() || matches!(value, Value::Char(_));
    if !whole(left) && !whole(right) {
        return Value::decimal(number);
    }
    match number.set_scale(0, Rounding::Unnecessary).map(|whole| i64::try_from(whole.unscaled())) {
        Ok(Ok(long)) => i32::try_from(long).map_or(Value::Long(long), Value::Int),
        _ => Value::decimal(number),
    }
}

/// The four operations that follow one scheme.
pub(super) struct Operation {
    long: fn(i64, i64) -> Option<i64>,
    double: fn(f64, f64) -> f64,
    integer: fn(BigInt, BigInt) -> BigInt,
    decimal: fn(&BigDecimal, &BigDecimal) -> Result<BigDecimal, &'static str>,
    /// The message for a right operand of zero, when that is an error.
    by_zero: Option<&'static str>,
}

pub(super) static SUBTRACT: Operation = Operation {
    long: i64::checked_sub,
    double: |a, b| a - b,
    integer: |a, b| a - b,
    decimal: BigDecimal::subtract,
    by_zero: None,
};

pub(super) static MULTIPLY: Operation = Operation {
    long: i64::checked_mul,
    double: |a, b| a * b,
    integer: |a, b| a * b,
    decimal: BigDecimal::multiply,
    by_zero: None,
};

pub(super) static DIVIDE: Operation = Operation {
    long: |a, b| Some(a.wrapping_div(b)),
    double: |a, b| a / b,
    integer: |a, b| a / b,
    decimal: |a, b| a.divide_to_precision(b, PRECISION, Rounding::HalfEven),
    by_zero: Some("/"),
};

pub(super) static MODULO: Operation = Operation {
    long: |a, b| Some(a.wrapping_rem(b)),
    double: |a, b| a % b,
    integer: |a, b| ((a % &b) + &b) % b,
    decimal: BigDecimal::remainder,
    by_zero: Some("%"),
};

static ADD: Operation = Operation {
    long: i64::checked_add,
    double: |a, b| a + b,
    integer: |a, b| a + b,
    decimal: BigDecimal::add,
    by_zero: None,
};

impl Operation {
    pub(super) fn compute(&self, left: &Value, right: &Value, dialect: Dialect) -> Computed {
        let by_zero = |zero: bool| match self.by_zero {
            Some(message) if zero => Err(Thrown::new(exceptions::ARITHMETIC, message)),
            _ => Ok(()),
        };
        if left.is_null() && right.is_null() {
            return Err(null_operand());
        }
        let floating = is_floating(left, dialect) || is_floating(right, dialect);
        let decimal = matches!(left, Value::BigDecimal(_)) || matches!(right, Value::BigDecimal(_));
        // JEXL 3 computes longs directly: its remainder has the sign of the dividend, JEXL 2's never is negative.
        if dialect == Dialect::Jexl3
            && let (Some(a), Some(b)) = (as_long(left), as_long(right))
        {
            by_zero(b == 0)?;
            if let Some(result) = (self.long)(a, b) {
                return Ok(narrow_integer(left, right, BigInt::from(result)));
            }
            return Ok(Value::integer((self.integer)(BigInt::from(a), BigInt::from(b))));
        }
        if decimal && (dialect == Dialect::Jexl3 || !floating) {
            let (a, b) = (to_big_decimal(left)?, to_big_decimal(right)?);
            by_zero(b.signum() == 0 && b.scale() == 0)?;
            let result = (self.decimal)(&a, &b)?.round(PRECISION, Rounding::HalfEven)?;
            return Ok(narrow_decimal(left, right, result));
        }
        if floating {
            let (a, b) = (to_double(left, dialect)?, to_double(right, dialect)?);
            by_zero(b == 0.0)?;
            return Ok((self.double)(a, b).into());
        }
        let (a, b) = (to_big_integer(left, dialect)?, to_big_integer(right, dialect)?);
        by_zero(b == BigInt::ZERO)?;
        if std::ptr::eq(self, &raw const MODULO) && b < BigInt::ZERO {
            return Err(Thrown::new(exceptions::ARITHMETIC, "BigInteger: modulus not positive"));
        }
        Ok(narrow_integer(left, right, (self.integer)(a, b)))
    }
}

/// `left + right`: a sum, or texts put together.
pub(super) fn add(left: &Value, right: &Value, dialect: Dialect) -> Computed {
    if left.is_null() && right.is_null() {
        return Err(null_operand());
    }
    let text = |value: &Value| matches!(value, Value::String(_));
    if dialect == Dialect::Jexl2 || !(text(left) || text(right)) {
        match ADD.compute(left, right, dialect) {
            Err(thrown) if thrown.class() == exceptions::NUMBER_FORMAT => {}
            result => return result,
        }
    }
    let text = to_text(left)? + &to_text(right)?;
    budget::text(text.len())?;
    Ok(text.into())
}

fn comparison(left: &Value, right: &Value, operator: &str, dialect: Dialect) -> Result<Ordering, Thrown> {
    let either = |test: fn(&Value) -> bool| test(left) || test(right);
    if either(|value| matches!(value, Value::BigDecimal(_))) {
        return Ok(to_big_decimal(left)?.compare(&to_big_decimal(right)?));
    }
    if either(|value| matches!(value, Value::BigInteger(_))) {
        return Ok(to_big_integer(left, dialect)?.cmp(&to_big_integer(right, dialect)?));
    }
    if either(|value| matches!(value, Value::Float(_) | Value::Double(_))) {
        let (a, b) = (to_double(left, dialect)?, to_double(right, dialect)?);
        // NaN is below every number and equal to itself.
        return Ok(a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan())));
    }
    if either(|value| as_long(value).is_some() || matches!(value, Value::Char(_))) {
        return Ok(to_long(left)?.cmp(&to_long(right)?));
    }
    if either(|value| matches!(value, Value::String(_))) {
        return Ok(compare_texts(&to_text(left)?, &to_text(right)?));
    }
    if operator == "==" {
        return Ok(if equals(left, right) { Ordering::Equal } else { Ordering::Less });
    }
    crate::script::value::compare(left, right).ok_or_else(|| {
        let message = format!("Object comparison:({} {operator} {})", java_text(left), java_text(right));
        Thrown::new(exceptions::ARITHMETIC, message)
    })
}

/// `left == right`.
pub(super) fn are_equal(left: &Value, right: &Value, dialect: Dialect) -> Result<bool, Thrown> {
    if left.is_null() || right.is_null() {
        return Ok(left.is_null() && right.is_null());
    }
    if matches!(left, Value::Boolean(_)) || matches!(right, Value::Boolean(_)) {
        return Ok(to_boolean(left, dialect)? == to_boolean(right, dialect)?);
    }
    Ok(left.is_same(right) || comparison(left, right, "==", dialect)?.is_eq())
}

/// An order of two values by `operator`; null is in no order but to itself.
pub(super) fn in_order(
    left: &Value,
    right: &Value,
    operator: &str,
    accepts: fn(Ordering) -> bool,
    dialect: Dialect,
) -> Result<bool, Thrown> {
    if left.is_null() || right.is_null() {
        return Ok(left.is_null() && right.is_null() && accepts(Ordering::Equal));
    }
    Ok(accepts(comparison(left, right, operator, dialect)?))
}

/// `-value`.
pub(super) fn negate(value: &Value) -> Computed {
    Ok(match value {
        // A literal such as 2147483648 was read as a long; with its sign it fits an int.
        Value::Int(n) => Value::Int(n.wrapping_neg()),
        Value::Long(n) if *n == -i64::from(i32::MIN) => Value::Int(i32::MIN),
        Value::Long(n) => Value::Long(n.wrapping_neg()),
        Value::Short(n) => Value::Short(n.wrapping_neg()),
        Value::Byte(n) => Value::Byte(n.wrapping_neg()),
        Value::Float(n) => Value::Float(-n),
        Value::Double(n) => Value::Double(-n),
        Value::BigDecimal(n) => Value::decimal(n.negate()),
        Value::BigInteger(n) => Value::integer(-(**n).clone()),
        Value::Boolean(b) => (!b).into(),
        Value::Null | Value::Void => return Err(null_operand()),
        other => return Err(Thrown::new(exceptions::ARITHMETIC, format!("Object negate:({})", java_text(other)))),
    })
}

/// `+value`.
pub(super) fn positive(value: &Value) -> Computed {
    match value {
        Value::Null | Value::Void => Err(null_operand()),
        Value::Char(_) | Value::Short(_) | Value::Byte(_) => Ok(Value::Int(value.to_i32().unwrap_or(0))),
        Value::Boolean(_) => Ok(value.clone()),
        _ if value.is_number() => Ok(value.clone()),
        other => Err(Thrown::new(exceptions::ARITHMETIC, format!("Object positivize:({})", java_text(other)))),
    }
}

/// The number in the smallest type that holds it, as arguments are tried when a method does not take them otherwise.
pub(super) fn narrow(value: &Value) -> Value {
    match (value, value.to_i64()) {
        (Value::Long(_) | Value::BigInteger(_) | Value::BigDecimal(_), Some(long)) => match i32::try_from(long) {
            Ok(int) if value.to_decimal().is_some_and(|n| n.compare(&BigDecimal::from(i64::from(int))).is_eq()) => {
                Value::Int(int)
            }
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

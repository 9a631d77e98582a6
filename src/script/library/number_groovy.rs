//! What Groovy adds to `Number`.

use super::math::round;
use super::{Answer, Class, Fault, Method, arguments, groovy, object};
use crate::script::core::tree::BinaryOperator;
use crate::script::machine::Machine;
use crate::script::value::{Thrown, Value, compare_numbers, exceptions};

/// Where the added methods stand, as a parent of `Number`.
pub static ADDED: Class = Class { methods: METHODS, ..Class::named("java.lang.Number", &[&object::OBJECT]) };

static METHODS: &[Method] = &[
    groovy("abs", 0, 0, |_, this, _| {
        Ok(match this {
            Value::Long(n) => n.wrapping_abs().into(),
            Value::Float(n) => Value::Float(n.abs()),
            Value::Double(n) => n.abs().into(),
            other => other.to_i32().ok_or(Fault::Mismatch)?.wrapping_abs().into(),
        })
    }),
    groovy("and", 1, 1, |machine, this, args| operate(machine, BinaryOperator::BitAnd, this, &args[0])),
    groovy("asBoolean", 0, 0, |_, this, _| Ok((this.to_f64().ok_or(Fault::Mismatch)? != 0.0).into())),
    groovy("ceil", 0, 0, |_, this, _| Ok(double(this)?.ceil().into())),
    groovy("div", 1, 1, |machine, this, args| operate(machine, BinaryOperator::Divide, this, &args[0])),
    groovy("downto", 2, 2, |machine, this, args| steps(machine, this, &args[0], -1, &args[1])),
    groovy("floor", 0, 0, |_, this, _| Ok(double(this)?.floor().into())),
    groovy("intdiv", 1, 1, int_div),
    groovy("isCase", 1, 1, |_, this, args| {
        Ok(compare_numbers(this, &args[0]).is_some_and(std::cmp::Ordering::is_eq).into())
    }),
    groovy("leftShift", 1, 1, |machine, this, args| operate(machine, BinaryOperator::ShiftLeft, this, &args[0])),
    groovy("minus", 1, 1, |machine, this, args| operate(machine, BinaryOperator::Minus, this, &args[0])),
    groovy("mod", 1, 1, |machine, this, args| operate(machine, BinaryOperator::Remainder, this, &args[0])),
    groovy("multiply", 1, 1, |machine, this, args| operate(machine, BinaryOperator::Multiply, this, &args[0])),
    groovy("next", 0, 0, |machine, this, _| Ok(machine.binary(BinaryOperator::Plus, this, &Value::Int(1))?)),
    groovy("or", 1, 1, |machine, this, args| operate(machine, BinaryOperator::BitOr, this, &args[0])),
    groovy("plus", 1, 1, |machine, this, args| operate(machine, BinaryOperator::Plus, this, &args[0])),
    groovy("power", 1, 1, |machine, this, args| operate(machine, BinaryOperator::Power, this, &args[0])),
    groovy("previous", 0, 0, |machine, this, _| Ok(machine.binary(BinaryOperator::Minus, this, &Value::Int(1))?)),
    groovy("rightShift", 1, 1, |machine, this, args| operate(machine, BinaryOperator::ShiftRight, this, &args[0])),
    groovy("round", 0, 1, |_, this, args| {
        let number = double(this)?;
        if args.is_empty() {
            return Ok(match this {
                Value::Float(_) => (round(number) as i32).into(),
                _ => (round(number) as i64).into(),
            });
        }
        // Groovy rounds by way of a power of ten, with its binary errors.
        let factor = 10f64.powi(arguments::int(args, 0)?);
        Ok(match this {
            Value::Float(_) => Value::Float((round(number * factor) / factor) as f32),
            _ => (round(number * factor).floor() / factor).into(),
        })
    }),
    groovy("step", 3, 3, |machine, this, args| {
        let (mut at, to, by) = (this.clone(), &args[0], &args[1]);
        let descending = match compare_numbers(by, &Value::Int(0)) {
            Some(std::cmp::Ordering::Greater) => false,
            Some(std::cmp::Ordering::Less) => true,
            _ => return Err(Thrown::new("groovy.lang.GroovyRuntimeException", "Infinite loop in step").into()),
        };
        loop {
            let order = compare_numbers(&at, to).ok_or(Fault::Mismatch)?;
            if order.is_eq() || order.is_lt() == descending {
                return Ok(Value::Null);
            }
            machine.call(&args[2], &[at.clone()])?;
            at = sum(&at, by)?;
        }
    }),
    groovy("times", 1, 1, |machine, this, args| {
        for n in 0..this.to_i32().ok_or(Fault::Mismatch)? {
            machine.call(&args[0], &[n.into()])?;
        }
        Ok(Value::Null)
    }),
    groovy("toBigDecimal", 0, 0, |_, this, _| Ok(Value::decimal(this.to_decimal().ok_or(Fault::Mismatch)?))),
    groovy("toBigInteger", 0, 0, |_, this, _| Ok(Value::integer(this.to_big_integer().ok_or(Fault::Mismatch)?))),
    groovy("toDouble", 0, 0, |_, this, _| Ok(double(this)?.into())),
    groovy("toFloat", 0, 0, |_, this, _| Ok(Value::Float(double(this)? as f32))),
    groovy("toInteger", 0, 0, |_, this, _| Ok(this.to_i32().ok_or(Fault::Mismatch)?.into())),
    groovy("toLong", 0, 0, |_, this, _| Ok(this.to_i64().ok_or(Fault::Mismatch)?.into())),
    groovy("trunc", 0, 1, |_, this, args| {
        let places = if args.is_empty() { 0 } else { arguments::int(args, 0)? };
        let factor = 10f64.powi(places);
        Ok(((double(this)? * factor).trunc() / factor).into())
    }),
    groovy("xor", 1, 1, |machine, this, args| operate(machine, BinaryOperator::BitXor, this, &args[0])),
    groovy("upto", 2, 2, |machine, this, args| steps(machine, this, &args[0], 1, &args[1])),
];

/// An operator as a method. What is no number is nothing to it: the operator itself comes here for that.
fn operate(machine: &mut Machine<'_>, operator: BinaryOperator, this: &Value, other: &Value) -> Answer {
    let joins = operator == BinaryOperator::Plus && matches!(other, Value::String(_) | Value::GString(_));
    if !other.is_number() && !matches!(other, Value::Char(_)) && !joins {
        return Err(Fault::Mismatch);
    }
    Ok(machine.binary(operator, this, other)?)
}

/// `7.intdiv(2)`: the quotient of whole numbers, cut towards zero.
fn int_div(_: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    if !this.is_integral() || !args[0].is_integral() {
        let message = format!(
            "Cannot use intdiv() on this number type: {} with value: {}",
            super::class_of(this).name(),
            crate::script::value::java_text(this)
        );
        return Err(Thrown::new(exceptions::UNSUPPORTED, message).into());
    }
    let zero = || Thrown::new(exceptions::ARITHMETIC, "Division by zero");
    if let (Value::BigInteger(_), _) | (_, Value::BigInteger(_)) = (this, &args[0]) {
        let (a, b) = (this.to_big_integer().ok_or(Fault::Mismatch)?, args[0].to_big_integer().ok_or(Fault::Mismatch)?);
        return Ok(Value::integer(a.checked_div(&b).ok_or_else(zero)?));
    }
    let (a, b) = (this.to_i64().ok_or(Fault::Mismatch)?, args[0].to_i64().ok_or(Fault::Mismatch)?);
    if b == 0 {
        return Err(Thrown::new(exceptions::ARITHMETIC, "/ by zero").into());
    }
    let long = matches!(this, Value::Long(_)) || matches!(args[0], Value::Long(_));
    let quotient = a.wrapping_div(b);
    Ok(if long { quotient.into() } else { (quotient as i32).into() })
}

fn double(this: &Value) -> Result<f64, Fault> {
    this.to_f64().ok_or(Fault::Mismatch)
}

/// The sum in the wider of two numbers' types.
fn sum(left: &Value, right: &Value) -> Answer {
    Ok(match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.wrapping_add(*b).into(),
        (Value::Double(_) | Value::Float(_), _) | (_, Value::Double(_) | Value::Float(_)) => {
            (double(left)? + double(right)?).into()
        }
        (Value::BigDecimal(_), _) | (_, Value::BigDecimal(_)) => {
            let (a, b) = (left.to_decimal().ok_or(Fault::Mismatch)?, right.to_decimal().ok_or(Fault::Mismatch)?);
            Value::decimal(a.add(&b)?)
        }
        (Value::BigInteger(_), _) | (_, Value::BigInteger(_)) => {
            let (a, b) =
                (left.to_big_integer().ok_or(Fault::Mismatch)?, right.to_big_integer().ok_or(Fault::Mismatch)?);
            Value::integer(a + b)
        }
        _ => left.to_i64().ok_or(Fault::Mismatch)?.wrapping_add(right.to_i64().ok_or(Fault::Mismatch)?).into(),
    })
}

fn steps(machine: &mut Machine<'_>, from: &Value, to: &Value, by: i32, closure: &Value) -> Answer {
    let order = compare_numbers(from, to).ok_or(Fault::Mismatch)?;
    if !order.is_eq() && order.is_lt() != (by > 0) {
        let (name, relation) = if by > 0 { ("upto", "less") } else { ("downto", "greater") };
        let message = format!(
            "The argument ({}) to {name}() cannot be {relation} than the value ({}) it's called on.",
            crate::script::value::java_text(to),
            crate::script::value::java_text(from)
        );
        return Err(Thrown::new("groovy.lang.GroovyRuntimeException", message).into());
    }
    let mut at = from.clone();
    loop {
        machine.call(closure, &[at.clone()])?;
        let next = sum(&at, &Value::Int(by))?;
        match compare_numbers(&next, to) {
            Some(order) if order.is_eq() || order.is_lt() == (by > 0) => at = next,
            _ => return Ok(Value::Null),
        }
    }
}

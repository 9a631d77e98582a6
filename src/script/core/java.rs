//! Java's arithmetic, as BeanShell does it.

use super::names::type_name;
use super::tree::{BinaryOperator as B, UnaryOperator as U};
use crate::script::budget;
use crate::script::host::Outcome;
use crate::script::value::{Thrown, Value, compare_numbers, exceptions, java_text};
use std::cmp::Ordering;

fn error(message: String) -> Thrown {
    Thrown::new("bsh.EvalError", message)
}

/// Whether Java's arithmetic takes it.
fn primitive(value: &Value) -> bool {
    matches!(
        value,
        Value::Byte(_)
            | Value::Short(_)
            | Value::Char(_)
            | Value::Int(_)
            | Value::Long(_)
            | Value::Float(_)
            | Value::Double(_)
    )
}

/// `==` of Java, with BeanShell's boxed numbers by value and its strings by what they say.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) | (Value::Void, Value::Void) => true,
        (Value::Null | Value::Void, _) | (_, Value::Null | Value::Void) => false,
        _ if primitive(a) && primitive(b) => compare_numbers(a, b) == Some(Ordering::Equal),
        _ => a.is_same(b),
    }
}

/// `a OPERATOR b` by Java's rules.
pub(crate) fn binary(operator: B, a: &Value, b: &Value) -> Outcome {
    match operator {
        B::Equal | B::Same => return Ok(equal(a, b).into()),
        B::NotEqual | B::NotSame => return Ok((!equal(a, b)).into()),
        B::Plus if matches!(a, Value::String(_)) || matches!(b, Value::String(_)) => {
            let (mut left, right) = (java_text(a), java_text(b));
            budget::text(left.len() + right.len())?;
            left.push_str(&right);
            return Ok(left.into());
        }
        _ => {}
    }
    if let (Value::Boolean(x), Value::Boolean(y)) = (a, b) {
        return Ok(Value::Boolean(match operator {
            B::BitAnd => x & y,
            B::BitOr => x | y,
            B::BitXor => x ^ y,
            _ => return Err(unsuitable(operator, a, b)),
        }));
    }
    if !primitive(a) || !primitive(b) {
        return Err(unsuitable(operator, a, b));
    }
    let compared = compare_numbers(a, b);
    match operator {
        B::Less => return Ok((compared == Some(Ordering::Less)).into()),
        B::LessOrEqual => return Ok(matches!(compared, Some(Ordering::Less | Ordering::Equal)).into()),
        B::Greater => return Ok((compared == Some(Ordering::Greater)).into()),
        B::GreaterOrEqual => return Ok(matches!(compared, Some(Ordering::Greater | Ordering::Equal)).into()),
        _ => {}
    }
    let float = |value: &Value| matches!(value, Value::Float(_) | Value::Double(_));
    if float(a) || float(b) {
        let (x, y) = (a.to_f64().unwrap_or(f64::NAN), b.to_f64().unwrap_or(f64::NAN));
        let double = matches!(a, Value::Double(_)) || matches!(b, Value::Double(_));
        if !double {
            let (x, y) = (x as f32, y as f32);
            return Ok(Value::Float(match operator {
                B::Plus => x + y,
                B::Minus => x - y,
                B::Multiply => x * y,
                B::Divide => x / y,
                B::Remainder => x % y,
                _ => return Err(unsuitable(operator, a, b)),
            }));
        }
        return Ok(Value::Double(match operator {
            B::Plus => x + y,
            B::Minus => x - y,
            B::Multiply => x * y,
            B::Divide => x / y,
            B::Remainder => x % y,
            _ => return Err(unsuitable(operator, a, b)),
        }));
    }
    let (x, y) = (a.to_i64().unwrap_or(0), b.to_i64().unwrap_or(0));
    let shift = matches!(operator, B::ShiftLeft | B::ShiftRight | B::ShiftRightUnsigned);
    let long = matches!(a, Value::Long(_)) || (!shift && matches!(b, Value::Long(_)));
    if matches!(operator, B::Divide | B::Remainder) && y == 0 {
        return Err(Thrown::new(exceptions::ARITHMETIC, "/ by zero"));
    }
    let by = y as u32;
    let result = match operator {
        B::Plus => x.wrapping_add(y),
        B::Minus => x.wrapping_sub(y),
        B::Multiply => x.wrapping_mul(y),
        B::Divide => x.wrapping_div(y),
        B::Remainder => x.wrapping_rem(y),
        B::BitAnd => x & y,
        B::BitOr => x | y,
        B::BitXor => x ^ y,
        B::ShiftLeft if long => x.wrapping_shl(by),
        B::ShiftLeft => i64::from((x as i32).wrapping_shl(by)),
        B::ShiftRight if long => x.wrapping_shr(by),
        B::ShiftRight => i64::from((x as i32).wrapping_shr(by)),
        B::ShiftRightUnsigned if long => (x as u64).wrapping_shr(by) as i64,
        B::ShiftRightUnsigned => i64::from((x as u32).wrapping_shr(by) as i32),
        _ => return Err(unsuitable(operator, a, b)),
    };
    Ok(if long { Value::Long(result) } else { Value::Int(result as i32) })
}

fn unsuitable(operator: B, a: &Value, b: &Value) -> Thrown {
    if matches!(a, Value::Void) || matches!(b, Value::Void) {
        return error("illegal use of undefined variable, class, or 'void' literal".to_owned());
    }
    if a.is_null() || b.is_null() {
        return error("illegal use of null value or 'null' literal".to_owned());
    }
    let symbol = match operator {
        B::Plus => "+",
        B::Minus => "-",
        B::Multiply => "*",
        B::Divide => "/",
        B::Less => "<",
        B::LessOrEqual => "<=",
        B::Greater => ">",
        B::GreaterOrEqual => ">=",
        _ => super::operators::method_name(operator),
    };
    error(format!("Operator: '{symbol}' inappropriate for objects: {} and {}", type_name(a), type_name(b)))
}

/// `-value`, `+value`, `!value`, `~value`.
pub(crate) fn unary(operator: U, value: &Value) -> Outcome {
    Ok(match (operator, value) {
        (U::Not, Value::Boolean(b)) => Value::Boolean(!b),
        (U::Minus, Value::Double(n)) => Value::Double(-n),
        (U::Minus, Value::Float(n)) => Value::Float(-n),
        (U::Minus, Value::Long(n)) => Value::Long(n.wrapping_neg()),
        (U::Complement, Value::Long(n)) => Value::Long(!n),
        (U::Plus, Value::Byte(_) | Value::Short(_) | Value::Char(_)) => Value::Int(value.to_i32().unwrap_or(0)),
        (U::Plus, number) if primitive(number) => number.clone(),
        (U::Minus, number) if primitive(number) => Value::Int(number.to_i32().unwrap_or(0).wrapping_neg()),
        (U::Complement, number) if primitive(number) => Value::Int(!number.to_i32().unwrap_or(0)),
        (_, Value::Boolean(_)) => return Err(error("Operator inappropriate for boolean".to_owned())),
        _ => {
            let sign = match operator {
                U::Minus => "-",
                U::Plus => "+",
                U::Not => "!",
                U::Complement => "~",
            };
            return Err(error(format!("Unary operation \"{sign}\" inappropriate for object")));
        }
    })
}

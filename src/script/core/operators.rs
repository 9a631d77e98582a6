//! Groovy's operators on values: `NumberMath`, `DefaultTypeTransformation` and what each operator calls.

use super::tree::BinaryOperator as B;
use crate::java::compare_texts;
use crate::script::budget;
use crate::script::host::Outcome;
use crate::script::library::{Fault, class_of, pattern};
use crate::script::machine::Machine;
use crate::script::value::{
    BigDecimal, GString, RANGE_LIMIT, Range, Rounding, Thrown, Value, compare_numbers, exceptions, java_text, utf16_len,
};
use num_bigint::BigInt;
use std::cmp::Ordering;
use std::sync::Arc;

/// The method that stands behind an operator.
pub(crate) fn method_name(operator: B) -> &'static str {
    match operator {
        B::Plus => "plus",
        B::Minus => "minus",
        B::Multiply => "multiply",
        B::Divide => "div",
        B::Remainder => "mod",
        B::Power => "power",
        B::ShiftLeft => "leftShift",
        B::ShiftRight => "rightShift",
        B::ShiftRightUnsigned => "rightShiftUnsigned",
        B::BitAnd => "and",
        B::BitOr => "or",
        B::BitXor => "xor",
        B::Compare | B::Less | B::LessOrEqual | B::Greater | B::GreaterOrEqual => "compareTo",
        B::In | B::NotIn => "isCase",
        B::Equal | B::NotEqual | B::Same | B::NotSame | B::Find | B::Match => "equals",
    }
}

/// Whether a value counts with in arithmetic: a number or a character.
fn numeric(value: &Value) -> bool {
    value.is_number() || matches!(value, Value::Char(_))
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::GString(_))
}

/// A text of exactly one UTF-16 unit, as its character.
fn lone_char(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if utf16_len(text) == 1 => text.encode_utf16().next().map(Value::Char),
        _ => None,
    }
}

/// Groovy's arithmetic on two numbers; `None` when they are no numbers, or the operator is none of arithmetic.
pub(crate) fn arithmetic(operator: B, a: &Value, b: &Value) -> Option<Outcome> {
    use Value as V;
    if let (V::Int(x), V::Int(y)) = (a, b) {
        let (x, y) = (*x, *y);
        return Some(Ok(V::Int(match operator {
            B::Plus => x.wrapping_add(y),
            B::Minus => x.wrapping_sub(y),
            B::Multiply => x.wrapping_mul(y),
            B::Remainder if y != 0 => x.wrapping_rem(y),
            B::ShiftLeft => x.wrapping_shl(y as u32),
            B::ShiftRight => x.wrapping_shr(y as u32),
            B::ShiftRightUnsigned => (x as u32).wrapping_shr(y as u32) as i32,
            B::BitAnd => x & y,
            B::BitOr => x | y,
            B::BitXor => x ^ y,
            B::Remainder => return Some(Err(by_zero())),
            B::Divide => return Some(divide(&BigDecimal::from(i64::from(x)), &BigDecimal::from(i64::from(y)))),
            B::Power => return Some(power(a, b)),
            _ => return None,
        })));
    }
    if !numeric(a) || !numeric(b) {
        return None;
    }
    match operator {
        B::Plus | B::Minus | B::Multiply | B::Divide | B::Remainder => Some(widened(operator, a, b)),
        B::Power => Some(power(a, b)),
        B::ShiftLeft | B::ShiftRight | B::ShiftRightUnsigned => shift(operator, a, b),
        B::BitAnd | B::BitOr | B::BitXor => bits(operator, a, b),
        _ => None,
    }
}

/// An operator that Groovy does not have for two numbers.
fn unsupported_for(operator: B, a: &Value, b: &Value) -> Thrown {
    let shift = matches!(operator, B::ShiftLeft | B::ShiftRight | B::ShiftRightUnsigned);
    if !shift || b.is_integral() {
        return unsupported(operator, a);
    }
    let (distance, class) = (java_text(b), class_of(b).name());
    let message = format!("Shift distance must be an integral type, but {distance} ({class}) was supplied");
    Thrown::new(exceptions::UNSUPPORTED, message)
}

/// An operator that Groovy does not have for a kind of number.
fn unsupported(operator: B, number: &Value) -> Thrown {
    let (name, class) = (method_name(operator), class_of(number).name());
    let message = format!("Cannot use {name}() on this number type: {class} with value: {}", java_text(number));
    Thrown::new(exceptions::UNSUPPORTED, message)
}

fn by_zero() -> Thrown {
    Thrown::new(exceptions::ARITHMETIC, "/ by zero")
}

fn widened(operator: B, a: &Value, b: &Value) -> Outcome {
    use Value as V;
    if matches!(a, V::Double(_) | V::Float(_)) || matches!(b, V::Double(_) | V::Float(_)) {
        let (x, y) = (a.to_f64().unwrap_or(f64::NAN), b.to_f64().unwrap_or(f64::NAN));
        return Ok(V::Double(match operator {
            B::Plus => x + y,
            B::Minus => x - y,
            B::Multiply => x * y,
            B::Divide => x / y,
            _ => x % y,
        }));
    }
    let decimal = matches!(a, V::BigDecimal(_)) || matches!(b, V::BigDecimal(_));
    if decimal || operator == B::Divide {
        let (x, y) = (a.to_decimal().unwrap_or_default(), b.to_decimal().unwrap_or_default());
        return Ok(V::decimal(match operator {
            B::Plus => x.add(&y)?,
            B::Minus => x.subtract(&y)?,
            B::Multiply => x.multiply(&y)?,
            B::Divide => return divide(&x, &y),
            _ => return Err(unsupported(operator, a)),
        }));
    }
    if matches!(a, V::BigInteger(_)) || matches!(b, V::BigInteger(_)) {
        let (x, y) = (a.to_big_integer().unwrap_or_default(), b.to_big_integer().unwrap_or_default());
        return Ok(V::integer(match operator {
            B::Plus => x + y,
            B::Minus => x - y,
            B::Multiply => {
                budget::bits(x.bits() + y.bits())?;
                x * y
            }
            _ if y == BigInt::ZERO => return Err(Thrown::new(exceptions::ARITHMETIC, "BigInteger divide by zero")),
            _ => x % y,
        }));
    }
    let (x, y) = (a.to_i64().unwrap_or(0), b.to_i64().unwrap_or(0));
    let result = match operator {
        B::Plus => x.wrapping_add(y),
        B::Minus => x.wrapping_sub(y),
        B::Multiply => x.wrapping_mul(y),
        _ if y == 0 => return Err(by_zero()),
        _ => x.wrapping_rem(y),
    };
    let long = matches!(a, V::Long(_)) || matches!(b, V::Long(_));
    Ok(if long { V::Long(result) } else { V::Int(result as i32) })
}

/// `BigDecimalMath.divideImpl`: exact if it can be, else with at least ten digits after the point.
fn divide(x: &BigDecimal, y: &BigDecimal) -> Outcome {
    if y.signum() != 0
        && let Ok(exact) = x.divide_exact(y)
    {
        return Ok(Value::decimal(exact));
    }
    let precision = x.precision().max(y.precision()) + 10;
    let result = x.divide_to_precision(y, precision as u32, Rounding::HalfUp)?;
    let scale = x.scale().max(y.scale()).max(10);
    Ok(Value::decimal(if result.scale() > scale { result.set_scale(scale, Rounding::HalfUp)? } else { result }))
}

fn power(a: &Value, b: &Value) -> Outcome {
    use Value as V;
    let exponent = if b.is_integral() { b.to_i64().filter(|n| *n >= 0) } else { None };
    let whole = match (a, exponent) {
        (V::Int(_) | V::Long(_) | V::BigInteger(_), Some(exponent)) => a.to_big_integer().zip(Some(exponent)),
        (V::BigDecimal(base), Some(exponent)) => {
            let exponent = u32::try_from(exponent).map_err(|_| budget::out_of_memory())?;
            budget::bits(base.unscaled().bits().saturating_mul(u64::from(exponent)))?;
            return Ok(V::decimal(base.power(exponent)?));
        }
        _ => None,
    };
    if let Some((base, exponent)) = whole {
        if base.bits() > 1 {
            budget::bits(base.bits().saturating_mul(exponent as u64))?;
        }
        let answer = base.pow(u32::try_from(exponent).unwrap_or(u32::MAX));
        return Ok(match (a, i32::try_from(&answer), i64::try_from(&answer)) {
            (V::Int(_), Ok(n), _) => V::Int(n),
            (V::Long(_), _, Ok(n)) => V::Long(n),
            _ => V::integer(answer),
        });
    }
    let answer = a.to_f64().unwrap_or(f64::NAN).powf(b.to_f64().unwrap_or(f64::NAN));
    if f64::from(answer as i32) == answer {
        return Ok(V::Int(answer as i32));
    }
    Ok(if (answer as i64) as f64 == answer && answer.abs() < 9e18 { V::Long(answer as i64) } else { V::Double(answer) })
}

fn shift(operator: B, a: &Value, b: &Value) -> Option<Outcome> {
    use Value as V;
    if !a.is_integral() || !b.is_integral() {
        return None;
    }
    let by = b.to_i64()?;
    Some(Ok(match a {
        V::Long(x) => V::Long(match operator {
            B::ShiftLeft => x.wrapping_shl(by as u32),
            B::ShiftRight => x.wrapping_shr(by as u32),
            _ => (*x as u64).wrapping_shr(by as u32) as i64,
        }),
        V::BigInteger(x) => {
            let left = (operator == B::ShiftLeft) == (by >= 0);
            let by = by.unsigned_abs();
            if left && let Err(thrown) = budget::bits(x.bits().saturating_add(by)) {
                return Some(Err(thrown));
            }
            V::integer(if left { &**x << by } else { &**x >> by })
        }
        _ => {
            let x = a.to_i32()?;
            V::Int(match operator {
                B::ShiftLeft => x.wrapping_shl(by as u32),
                B::ShiftRight => x.wrapping_shr(by as u32),
                _ => (x as u32).wrapping_shr(by as u32) as i32,
            })
        }
    }))
}

fn bits(operator: B, a: &Value, b: &Value) -> Option<Outcome> {
    use Value as V;
    if !a.is_integral() || !b.is_integral() {
        return None;
    }
    if matches!(a, V::BigInteger(_)) || matches!(b, V::BigInteger(_)) {
        let (x, y) = (a.to_big_integer()?, b.to_big_integer()?);
        return Some(Ok(V::integer(match operator {
            B::BitAnd => x & y,
            B::BitOr => x | y,
            _ => x ^ y,
        })));
    }
    let (x, y) = (a.to_i64()?, b.to_i64()?);
    let result = match operator {
        B::BitAnd => x & y,
        B::BitOr => x | y,
        _ => x ^ y,
    };
    let long = matches!(a, V::Long(_)) || matches!(b, V::Long(_));
    Some(Ok(if long { V::Long(result) } else { V::Int(result as i32) }))
}

impl Machine<'_> {
    /// Groovy's truth: what `if (value)` asks.
    pub fn truth(&mut self, value: &Value) -> Result<bool, Thrown> {
        Ok(match value {
            Value::Boolean(b) => *b,
            Value::Null | Value::Void => false,
            Value::String(text) => !text.is_empty(),
            Value::GString(_) => !self.text(value)?.is_empty(),
            Value::Int(n) => *n != 0,
            Value::Char(c) => *c != 0,
            Value::List(list) => !list.is_empty(),
            Value::Array(array) => !array.is_empty(),
            Value::Map(map) => !map.is_empty(),
            Value::Set(set) => !set.is_empty(),
            Value::Range(range) => !range_items(range)?.is_empty(),
            Value::Class(_) | Value::Closure(_) | Value::Throwable(_) | Value::Entry(_) => true,
            Value::Object(_) => {
                for name in ["asBoolean", "hasNext", "hasMoreElements"] {
                    if self.has_particular_method(value, name, 0) {
                        return Ok(matches!(self.call_method(value, name, &[])?, Value::Boolean(true)));
                    }
                }
                true
            }
            number => number.to_f64().is_none_or(|n| n != 0.0),
        })
    }

    /// Groovy's `==`.
    pub fn equals(&mut self, a: &Value, b: &Value) -> Result<bool, Thrown> {
        use Value as V;
        match (a, b) {
            (V::Int(x), V::Int(y)) => return Ok(x == y),
            (V::String(x), V::String(y)) => return Ok(x == y),
            (V::Boolean(x), V::Boolean(y)) => return Ok(x == y),
            _ => {}
        }
        if a.is_null() || b.is_null() {
            return Ok(a.is_null() && b.is_null());
        }
        if a.is_same(b) && !matches!(a, V::Double(_)) {
            return Ok(true);
        }
        if numeric(a) && numeric(b) {
            return Ok(compare_numbers(a, b) == Some(Ordering::Equal) || both_nan(a, b));
        }
        match (a, b) {
            (V::String(_) | V::GString(_), V::String(_) | V::GString(_)) => Ok(self.text(a)? == self.text(b)?),
            (V::String(_) | V::Char(_), V::Char(_) | V::String(_)) => Ok(java_text(a) == java_text(b)),
            (x, y) if numeric(x) && is_text(y) => {
                Ok(lone_char(y).is_some_and(|c| compare_numbers(x, &c) == Some(Ordering::Equal)))
            }
            (x, y) if is_text(x) && numeric(y) => {
                Ok(lone_char(x).is_some_and(|c| compare_numbers(&c, y) == Some(Ordering::Equal)))
            }
            (V::List(_) | V::Range(_) | V::Array(_), V::List(_) | V::Range(_) | V::Array(_)) => {
                let (x, y) = (self.iterate(a)?, self.iterate(b)?);
                self.deeper(|machine| machine.all_equal(&x, &y))
            }
            (V::Set(x), V::Set(y)) => {
                if x.len() != y.len() {
                    return Ok(false);
                }
                let others = y.items();
                for item in x.items() {
                    if y.contains(&item) {
                        continue;
                    }
                    let mut found = false;
                    for other in &others {
                        found = found || self.equals(&item, other)?;
                    }
                    if !found {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (V::Map(x), V::Map(y)) => self.deeper(|machine| {
                if x.len() != y.len() {
                    return Ok(false);
                }
                for (key, value) in x.entries() {
                    match y.get(&key) {
                        Some(other) if machine.equals(&value, &other)? => {}
                        _ => return Ok(false),
                    }
                }
                Ok(true)
            }),
            (V::Entry(x), V::Entry(y)) => Ok(self.equals(&x.key, &y.key)? && self.equals(&x.value(), &y.value())?),
            (V::Object(_), _) if self.has_own_method(a, "equals", 1) => {
                let answer = self.call_method(a, "equals", std::slice::from_ref(b))?;
                self.truth(&answer)
            }
            _ => Ok(crate::script::value::equals(a, b)),
        }
    }

    fn all_equal(&mut self, a: &[Value], b: &[Value]) -> Result<bool, Thrown> {
        if a.len() != b.len() {
            return Ok(false);
        }
        for (x, y) in a.iter().zip(b) {
            if !self.equals(x, y)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Groovy's `<=>`: null comes first, numbers and characters compare by value.
    pub fn compare(&mut self, a: &Value, b: &Value) -> Result<Ordering, Thrown> {
        use Value as V;
        match (a, b) {
            (V::Int(x), V::Int(y)) => return Ok(x.cmp(y)),
            (V::Null | V::Void, V::Null | V::Void) => return Ok(Ordering::Equal),
            (V::Null | V::Void, _) => return Ok(Ordering::Less),
            (_, V::Null | V::Void) => return Ok(Ordering::Greater),
            (V::Boolean(x), V::Boolean(y)) => return Ok(x.cmp(y)),
            _ => {}
        }
        if numeric(a) && numeric(b) {
            // NaN is above all numbers, as in `Double.compareTo`.
            let nan = |value: &Value| value.to_f64().is_some_and(f64::is_nan);
            return Ok(compare_numbers(a, b).unwrap_or_else(|| nan(a).cmp(&nan(b))));
        }
        let lone = match (a, b) {
            (x, y) if numeric(x) => lone_char(y).and_then(|y| compare_numbers(x, &y)),
            (x, y) if numeric(y) => lone_char(x).and_then(|x| compare_numbers(&x, y)),
            _ => None,
        };
        if let Some(order) = lone {
            return Ok(order);
        }
        let textual = |value: &Value| is_text(value) || matches!(value, V::Char(_));
        if textual(a) && textual(b) {
            return Ok(compare_texts(&self.text(a)?, &self.text(b)?));
        }
        if let V::Object(object) = a {
            if let Some(order) = object.compare(b) {
                return Ok(order);
            }
            if self.has_own_method(a, "compareTo", 1) {
                let answer = self.call_method(a, "compareTo", std::slice::from_ref(b))?;
                return Ok(answer.to_i64().unwrap_or(0).cmp(&0));
            }
        }
        if self.equals(a, b)? {
            return Ok(Ordering::Equal);
        }
        let message = format!(
            "Cannot compare {} with value '{}' and {} with value '{}'",
            class_of(a).name(),
            self.text(a)?,
            class_of(b).name(),
            self.text(b)?
        );
        Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message))
    }

    /// What `each` and `for (x in value)` go through: items, entries, characters; null is nothing, anything else itself.
    pub fn iterate(&mut self, value: &Value) -> Result<Vec<Value>, Thrown> {
        Ok(match value {
            Value::Null | Value::Void => Vec::new(),
            Value::List(list) => list.items(),
            Value::Set(set) => set.items(),
            Value::Array(array) => array.items(),
            Value::Range(range) => return range_items(range),
            Value::Map(map) => {
                let weak = Arc::downgrade(map);
                let entry = |(key, value)| {
                    Value::Entry(Arc::new(crate::script::value::Entry::new(key, value, Some(weak.clone()))))
                };
                map.entries().into_iter().map(entry).collect()
            }
            Value::String(_) | Value::GString(_) => {
                let text = self.text(value)?;
                text.chars().map(|c| Value::from(c.encode_utf8(&mut [0; 4]) as &str)).collect()
            }
            Value::Object(_) => return self.drain(value),
            other => vec![other.clone()],
        })
    }

    /// The items of an iterator, enumeration, or an object that has an iterator.
    fn drain(&mut self, value: &Value) -> Result<Vec<Value>, Thrown> {
        let mut source = value.clone();
        for _ in 0..3 {
            for (more, next) in [("hasNext", "next"), ("hasMoreElements", "nextElement")] {
                if !self.has_own_method(&source, more, 0) {
                    continue;
                }
                let mut items = Vec::new();
                while matches!(self.call_method(&source, more, &[])?, Value::Boolean(true)) {
                    budget::items(items.len())?;
                    self.turn()?;
                    items.push(self.call_method(&source, next, &[])?);
                }
                return Ok(items);
            }
            if !self.has_own_method(&source, "iterator", 0) {
                break;
            }
            source = self.call_method(&source, "iterator", &[])?;
            if !matches!(source, Value::Object(_)) {
                return self.iterate(&source);
            }
        }
        Ok(vec![source])
    }

    /// `a OPERATOR b` by Groovy's rules.
    pub fn binary(&mut self, operator: B, a: &Value, b: &Value) -> Outcome {
        match operator {
            B::Equal => return Ok(self.equals(a, b)?.into()),
            B::NotEqual => return Ok((!self.equals(a, b)?).into()),
            B::Same => return Ok(a.is_same(b).into()),
            B::NotSame => return Ok((!a.is_same(b)).into()),
            B::Less => return Ok((self.compare(a, b)? == Ordering::Less).into()),
            B::LessOrEqual => return Ok((self.compare(a, b)? != Ordering::Greater).into()),
            B::Greater => return Ok((self.compare(a, b)? == Ordering::Greater).into()),
            B::GreaterOrEqual => return Ok((self.compare(a, b)? != Ordering::Less).into()),
            B::Compare => return Ok(Value::Int(self.compare(a, b)? as i32)),
            B::In => return Ok(self.is_case(b, a)?.into()),
            B::NotIn => return Ok((!self.is_case(b, a)?).into()),
            B::Find => return self.find(a, b),
            B::Match => {
                let pattern = self.pattern(b)?;
                if a.is_null() {
                    return Ok(false.into());
                }
                return Ok(pattern.matches(&self.text(a)?)?.into());
            }
            _ => {}
        }
        if let Some(outcome) = arithmetic(operator, a, b) {
            return outcome;
        }
        if let (Value::Boolean(x), Value::Boolean(y)) = (a, b) {
            match operator {
                B::BitAnd => return Ok((x & y).into()),
                B::BitOr => return Ok((x | y).into()),
                B::BitXor => return Ok((x ^ y).into()),
                _ => {}
            }
        }
        match (operator, a, b) {
            (_, x, y) if numeric(x) && numeric(y) => Err(unsupported_for(operator, a, b)),
            (B::Plus, Value::String(_), _) => self.concatenate(a, b),
            (B::Plus, Value::GString(left), Value::String(right)) => {
                let mut strings = left.strings.clone();
                let last = strings.pop().unwrap_or_default();
                strings.push(format!("{last}{right}").into());
                Ok(Value::GString(Arc::new(GString::new(strings, left.values.clone()))))
            }
            (B::Plus, Value::GString(left), Value::GString(right)) => Ok(Value::GString(Arc::new(joined(left, right)))),
            (B::Plus, Value::GString(_), _) => self.concatenate(a, b),
            (B::Plus, x, Value::String(_) | Value::GString(_)) if numeric(x) || x.is_null() => self.concatenate(a, b),
            (B::Multiply, Value::String(_) | Value::GString(_), n) if n.is_number() => self.repeat(a, n),
            (B::Minus, Value::String(_) | Value::GString(_), _) => self.without(a, b),
            (B::Plus, left, _) if left.is_null() => {
                let message = format!("Cannot execute null+{}", self.text(b)?);
                Err(Thrown::new(exceptions::NULL_POINTER, message))
            }
            (_, left, _) if left.is_null() => {
                let name = method_name(operator);
                let message = format!("Cannot invoke method {name}() on null object");
                Err(Thrown::new(exceptions::NULL_POINTER, message))
            }
            _ => self.call_method(a, method_name(operator), std::slice::from_ref(b)),
        }
    }

    fn concatenate(&mut self, a: &Value, b: &Value) -> Outcome {
        let text = |machine: &mut Self, value: &Value| match value {
            Value::Range(range) => Ok(range.to_text()),
            value => machine.text(value),
        };
        let (mut left, right) = (text(self, a)?, text(self, b)?);
        budget::text(left.len() + right.len())?;
        left.push_str(&right);
        self.done(&Value::Null, left.into())
    }

    fn repeat(&mut self, text: &Value, times: &Value) -> Outcome {
        let times = times.to_i32().unwrap_or(0);
        let Ok(times) = usize::try_from(times) else {
            let message = format!("multiply() should be called with a number of 0 or greater not: {times}");
            return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message));
        };
        let text = self.text(text)?;
        budget::text(text.len().saturating_mul(times))?;
        self.done(&Value::Null, text.repeat(times).into())
    }

    /// `text - part`: the first occurrence is taken out.
    fn without(&mut self, a: &Value, b: &Value) -> Outcome {
        let text = self.text(a)?;
        if let Value::Object(object) = b
            && let Some(pattern) = object.downcast::<pattern::Pattern>()
        {
            return Ok(pattern.replace_first(&mut || self.look(), &text, "")?.into());
        }
        let part = self.text(b)?;
        Ok(text.replacen(&part, "", 1).into())
    }

    fn pattern(&mut self, value: &Value) -> Result<Arc<pattern::Pattern>, Thrown> {
        if let Value::Object(object) = value
            && object.downcast::<pattern::Pattern>().is_some()
        {
            // The same pattern, shared under its own flags.
            let any: Arc<dyn std::any::Any + Send + Sync> = object.clone();
            if let Ok(pattern) = any.downcast::<pattern::Pattern>() {
                return Ok(pattern);
            }
        }
        if value.is_null() {
            return Err(Thrown::with_cause(exceptions::NULL_POINTER, None, Value::Null));
        }
        pattern::cached(&self.text(value)?)
    }

    /// `a =~ b`: the matcher of a pattern on a text.
    fn find(&mut self, a: &Value, b: &Value) -> Outcome {
        let pattern = Value::Object(self.pattern(b)?);
        let text = Value::from(self.text(a)?);
        self.call_method(&pattern, "matcher", &[text])
    }

    /// `switch` and `in`: whether `candidate` is a case of `of`.
    pub fn is_case(&mut self, of: &Value, candidate: &Value) -> Result<bool, Thrown> {
        match of {
            Value::Class(class) => Ok(super::coerce::is_instance(self, candidate, class)),
            Value::List(list) => self.contains(&list.items(), candidate),
            Value::Array(array) => self.contains(&array.items(), candidate),
            Value::Set(set) => Ok(set.contains(candidate)),
            Value::Range(range) => {
                if let (Some((from, count, step)), true) = (range.numbers(), candidate.is_number()) {
                    let (low, high) = if step > 0 { (from, from + count - 1) } else { (from - count + 1, from) };
                    let Some(number) = candidate.to_i64() else { return Ok(false) };
                    let whole = compare_numbers(candidate, &Value::Long(number)) == Some(Ordering::Equal);
                    return Ok(whole && (low..=high).contains(&number));
                }
                let items = range_items(range)?;
                self.contains(&items, candidate)
            }
            Value::Map(map) => {
                let value = map.get(candidate).unwrap_or_default();
                self.truth(&value)
            }
            Value::Closure(_) => {
                let answer = self.call(of, std::slice::from_ref(candidate))?;
                self.truth(&answer)
            }
            Value::Object(object) => {
                if let Some(pattern) = object.downcast::<pattern::Pattern>() {
                    if candidate.is_null() {
                        return Ok(false);
                    }
                    let text = self.text(candidate)?;
                    return pattern.matches(&text);
                }
                if self.has_particular_method(of, "isCase", 1) {
                    let answer = self.call_method(of, "isCase", std::slice::from_ref(candidate))?;
                    return self.truth(&answer);
                }
                self.equals(of, candidate)
            }
            Value::String(_) | Value::GString(_) => {
                if candidate.is_null() {
                    return Ok(false);
                }
                Ok(self.text(of)? == self.text(candidate)?)
            }
            _ => self.equals(candidate, of),
        }
    }

    /// `Collection.contains`: by Java's `equals`.
    fn contains(&mut self, items: &[Value], wanted: &Value) -> Result<bool, Thrown> {
        for item in items {
            if crate::script::value::equals(item, wanted) {
                return Ok(true);
            }
            if matches!(item, Value::Object(_))
                && self.has_own_method(item, "equals", 1)
                && self.equals(item, wanted)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `-value`, `+value`, `~value`, by Groovy's rules.
    pub(crate) fn unary(&mut self, operator: super::tree::UnaryOperator, value: &Value) -> Outcome {
        use super::tree::UnaryOperator as U;
        use Value as V;
        Ok(match (operator, value) {
            (U::Not, _) => (!self.truth(value)?).into(),
            (U::Minus, V::Int(n)) => V::Int(n.wrapping_neg()),
            (U::Minus, V::Byte(n)) => V::Byte(n.wrapping_neg()),
            (U::Minus, V::Short(n)) => V::Short(n.wrapping_neg()),
            (U::Minus, V::Long(n)) => V::Long(n.wrapping_neg()),
            (U::Minus, V::Float(n)) => V::Float(-n),
            (U::Minus, V::Double(n)) => V::Double(-n),
            (U::Minus, V::BigInteger(n)) => V::integer(-(**n).clone()),
            (U::Minus, V::BigDecimal(n)) => V::decimal(n.negate()),
            (U::Minus | U::Plus, V::List(list)) => {
                let mut items = Vec::new();
                for item in list.items() {
                    items.push(self.unary(operator, &item)?);
                }
                V::list(items)
            }
            (U::Plus, number) if number.is_number() => number.clone(),
            (U::Complement, V::Int(n)) => V::Int(!n),
            (U::Complement, V::Byte(n)) => V::Int(!i32::from(*n)),
            (U::Complement, V::Short(n)) => V::Int(!i32::from(*n)),
            (U::Complement, V::Long(n)) => V::Long(!n),
            (U::Complement, V::BigInteger(n)) => V::integer(!(**n).clone()),
            (U::Complement, V::String(_) | V::GString(_)) => {
                let text = self.text(value)?;
                V::Object(pattern::cached(&text)?)
            }
            (U::Minus, _) => return self.call_method(value, "negative", &[]),
            (U::Plus, _) => return self.call_method(value, "positive", &[]),
            (U::Complement, _) => return self.call_method(value, "bitwiseNegate", &[]),
        })
    }
}

fn both_nan(a: &Value, b: &Value) -> bool {
    let nan = |value: &Value| value.to_f64().is_some_and(f64::is_nan);
    nan(a) && nan(b)
}

/// `"${a}" + "${b}"`: still an interpolated string.
fn joined(left: &GString, right: &GString) -> GString {
    let mut strings = left.strings.clone();
    let seam = strings.pop().unwrap_or_default();
    let first = right.strings.first().cloned().unwrap_or_default();
    strings.push(format!("{seam}{first}").into());
    strings.extend(right.strings.iter().skip(1).cloned());
    let values = left.values.iter().chain(&right.values).cloned().collect();
    GString::new(strings, values)
}

impl From<Fault> for Thrown {
    /// A mismatch that nobody has put in words.
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Thrown(thrown) => thrown,
            Fault::Mismatch => Thrown::with_cause(exceptions::ILLEGAL_ARGUMENT, None, Value::Null),
        }
    }
}

/// The items of a range; too many are an `OutOfMemoryError`.
pub(crate) fn range_items(range: &Range) -> Result<Vec<Value>, Thrown> {
    if range.distance().is_some_and(|distance| distance > RANGE_LIMIT as f64) {
        return Err(budget::out_of_memory());
    }
    Ok(range.items())
}

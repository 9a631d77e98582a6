//! Java's `equals`, `hashCode` and `compareTo`.

use super::{Value, java_text};
use crate::java::compare_texts;
use crate::script::budget;
use std::cmp::Ordering;

/// Nesting beyond which two collections count as different: a list may contain itself.
const DEPTH_LIMIT: u32 = 64;

/// Java's `equals`: `1` is not `1L`, `1.10` is not `1.1`, a `GString` is not a `String`.
pub fn equals(left: &Value, right: &Value) -> bool {
    if holds_others(left) { budget::measured(|| equals_within(left, right, 0)) } else { equals_within(left, right, 0) }
}

/// Whether comparing or hashing it goes into what it holds.
fn holds_others(value: &Value) -> bool {
    use Value as V;
    matches!(value, V::List(_) | V::Set(_) | V::Map(_) | V::Entry(_) | V::Range(_) | V::Object(_))
}

fn all_equal(left: &[Value], right: &[Value], depth: u32) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(a, b)| equals_within(a, b, depth + 1))
}

fn equals_within(left: &Value, right: &Value, depth: u32) -> bool {
    use Value as V;
    if depth > DEPTH_LIMIT || (depth > 0 && !budget::visit()) {
        return false;
    }
    match (left, right) {
        (V::String(a), V::String(b)) => a == b,
        (V::Boolean(a), V::Boolean(b)) => a == b,
        (V::Char(a), V::Char(b)) => a == b,
        (V::Byte(a), V::Byte(b)) => a == b,
        (V::Short(a), V::Short(b)) => a == b,
        (V::Int(a), V::Int(b)) => a == b,
        (V::Long(a), V::Long(b)) => a == b,
        (V::Float(a), V::Float(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        (V::Double(a), V::Double(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        (V::BigInteger(a), V::BigInteger(b)) => a == b,
        (V::BigDecimal(a), V::BigDecimal(b)) => a == b,
        (V::List(_) | V::Range(_), V::List(_) | V::Range(_)) => {
            let lists = is_list(left) && is_list(right);
            left.is_same(right) || (lists && all_equal(&list_items(left), &list_items(right), depth))
        }
        (V::Set(a), V::Set(b)) => a.len() == b.len() && a.items().iter().all(|item| b.contains(item)),
        (V::Map(a), V::Map(b)) => {
            left.is_same(right)
                || (a.len() == b.len()
                    && a.entries()
                        .iter()
                        .all(|(key, value)| b.get(key).is_some_and(|other| equals_within(value, &other, depth + 1))))
        }
        (V::Entry(a), V::Entry(b)) => {
            equals_within(&a.key, &b.key, depth + 1) && equals_within(&a.value(), &b.value(), depth + 1)
        }
        (V::GString(_), V::GString(_)) => java_text(left) == java_text(right),
        (V::Object(a), _) => left.is_same(right) || a.equals(right),
        _ => left.is_same(right),
    }
}

/// Queues and the values of a map have Java's `Object.equals` and `hashCode`.
fn is_list(value: &Value) -> bool {
    !matches!(value, Value::List(list) if !list.kind.is_list())
}

fn list_items(value: &Value) -> Vec<Value> {
    match value {
        Value::List(list) => list.items(),
        Value::Range(range) => range.items(),
        _ => Vec::new(),
    }
}

pub(super) fn string_hash(text: &str) -> i32 {
    if text.is_ascii() {
        return text.bytes().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    }
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

fn long_hash(number: i64) -> i32 {
    (number ^ ((number as u64) >> 32) as i64) as i32
}

fn list_hash(items: &[Value], depth: u32) -> i32 {
    items.iter().fold(1i32, |hash, item| hash.wrapping_mul(31).wrapping_add(hash_within(item, depth + 1)))
}

/// Java's `hashCode`; objects without one of their own get a hash of their address.
pub fn hash_code(value: &Value) -> i32 {
    if holds_others(value) { budget::measured(|| hash_within(value, 0)) } else { hash_within(value, 0) }
}

fn hash_within(value: &Value, depth: u32) -> i32 {
    if depth > DEPTH_LIMIT || (depth > 0 && !budget::visit()) {
        return 0;
    }
    match value {
        Value::Null | Value::Void => 0,
        Value::Boolean(b) => {
            if *b {
                1231
            } else {
                1237
            }
        }
        Value::Char(c) => i32::from(*c),
        Value::Byte(n) => i32::from(*n),
        Value::Short(n) => i32::from(*n),
        Value::Int(n) => *n,
        Value::Long(n) => long_hash(*n),
        Value::Float(n) => n.to_bits() as i32,
        Value::Double(n) => long_hash(n.to_bits() as i64),
        Value::BigInteger(n) => {
            let hash = n
                .magnitude()
                .to_u32_digits()
                .iter()
                .rev()
                .fold(0i32, |hash, digit| hash.wrapping_mul(31).wrapping_add(*digit as i32));
            if n.sign() == num_bigint::Sign::Minus { hash.wrapping_neg() } else { hash }
        }
        Value::BigDecimal(n) => {
            let unscaled = hash_within(&Value::integer(n.unscaled().clone()), depth + 1);
            unscaled.wrapping_mul(31).wrapping_add(n.scale())
        }
        Value::String(text) => string_hash(text),
        Value::GString(_) => 37i32.wrapping_add(string_hash(&java_text(value))),
        Value::List(list) if !list.kind.is_list() => address_hash(std::sync::Arc::as_ptr(list).addr()),
        Value::List(list) => list_hash(&list.items(), depth),
        Value::Range(range) => list_hash(&range.items(), depth),
        Value::Set(set) => set.items().iter().fold(0, |hash, item| hash.wrapping_add(hash_within(item, depth + 1))),
        Value::Map(map) => map.entries().iter().fold(0, |hash, (key, value)| {
            hash.wrapping_add(hash_within(key, depth + 1) ^ hash_within(value, depth + 1))
        }),
        Value::Entry(entry) => hash_within(&entry.key, depth + 1) ^ hash_within(&entry.value(), depth + 1),
        Value::Class(class) => string_hash(&class.name()),
        Value::Array(array) => address_hash(std::sync::Arc::as_ptr(array).addr()),
        Value::Throwable(exception) => address_hash(std::sync::Arc::as_ptr(exception).addr()),
        Value::Closure(closure) => address_hash(std::sync::Arc::as_ptr(closure).addr()),
        Value::Object(object) => {
            object.hash_code().unwrap_or_else(|| address_hash(std::sync::Arc::as_ptr(object).addr()))
        }
    }
}

fn address_hash(address: usize) -> i32 {
    ((address >> 4) & 0x7fff_ffff) as i32
}

/// The order of two numbers (or characters) by value, whatever their types; `None` when one is no number or NaN.
pub fn compare_numbers(left: &Value, right: &Value) -> Option<Ordering> {
    use Value as V;
    match (left, right) {
        (V::Double(_) | V::Float(_), _) | (_, V::Double(_) | V::Float(_)) => {
            left.to_f64()?.partial_cmp(&right.to_f64()?)
        }
        (V::BigDecimal(_), _) | (_, V::BigDecimal(_)) => Some(left.to_decimal()?.compare(&right.to_decimal()?)),
        (V::BigInteger(_), _) | (_, V::BigInteger(_)) => Some(left.to_big_integer()?.cmp(&right.to_big_integer()?)),
        _ => Some(left.to_i64()?.cmp(&right.to_i64()?)),
    }
}

/// `compareTo` of two comparable values of one kind; null comes first.
pub fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    use Value as V;
    match (left, right) {
        (V::Null | V::Void, V::Null | V::Void) => Some(Ordering::Equal),
        (V::Null | V::Void, _) => Some(Ordering::Less),
        (_, V::Null | V::Void) => Some(Ordering::Greater),
        (V::Boolean(a), V::Boolean(b)) => Some(a.cmp(b)),
        (V::String(_) | V::GString(_) | V::Char(_), V::String(_) | V::GString(_))
        | (V::String(_) | V::GString(_), V::Char(_)) => Some(compare_texts(&java_text(left), &java_text(right))),
        (V::Object(object), _) => object.compare(right),
        (V::Double(a), V::Double(b)) if a.is_nan() || b.is_nan() => Some(a.is_nan().cmp(&b.is_nan())),
        _ => compare_numbers(left, right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_javas() {
        assert_eq!(hash_code(&Value::from("hello")), 99_162_322);
        assert_eq!(hash_code(&Value::Double(1.5)), 1_073_217_536);
        assert_eq!(hash_code(&Value::Long(5_000_000_000)), 705_032_705);
        assert_eq!(hash_code(&Value::list(vec![Value::Int(1), Value::Int(2)])), 994);
        assert_eq!(hash_code(&Value::decimal(super::super::BigDecimal::parse("1.10").unwrap())), 3412);
    }
}

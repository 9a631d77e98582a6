//! Groovy's ranges.

use crate::script::value::{BigDecimal, Object, Value, java_text};
use std::cmp::Ordering;
use std::sync::Arc;

/// Groovy's `from..to`.
#[derive(Debug)]
pub struct Range {
    /// The first bound.
    pub from: Value,
    /// The second bound.
    pub to: Value,
    /// `..` includes the second bound, `..<` does not.
    pub inclusive: bool,
}

/// Items that a range may have when it is spread out.
pub const RANGE_LIMIT: i64 = if cfg!(test) { 1_000_000 } else { 10_000_000 };

impl Range {
    /// The whole numbers that it covers as `(first, count, step)`, `None` for other ranges.
    pub fn numbers(&self) -> Option<(i64, i64, i64)> {
        if !self.from.is_integral() || !self.to.is_integral() {
            return None;
        }
        let (from, to) = (self.from.to_i64()?, self.to.to_i64()?);
        let step = if to < from { -1 } else { 1 };
        let count = i64::try_from(from.abs_diff(to)).unwrap_or(i64::MAX - 1) + i64::from(self.inclusive);
        Some((from, count, step))
    }

    /// A whole number as an item of this range.
    pub fn number(&self, number: i64) -> Value {
        let long = matches!(self.from, Value::Long(_)) || matches!(self.to, Value::Long(_));
        if long { Value::Long(number) } else { Value::Int(number as i32) }
    }

    /// Whether the first bound is the greater one.
    pub fn is_reverse(&self) -> bool {
        match self.numbers() {
            Some((_, _, step)) => step < 0,
            None => crate::script::value::compare(&self.from, &self.to) == Some(Ordering::Greater),
        }
    }

    /// Count of items.
    pub fn len(&self) -> usize {
        match self.numbers() {
            Some((_, count, _)) => count.clamp(0, i64::from(i32::MAX)) as usize,
            None if self.distance().is_some_and(|distance| distance > RANGE_LIMIT as f64) => i32::MAX as usize,
            None => self.items().len(),
        }
    }

    /// How far apart two numbers as bounds are.
    pub fn distance(&self) -> Option<f64> {
        let number = |bound: &Value| if bound.is_number() { bound.to_f64() } else { None };
        Some((number(&self.to)? - number(&self.from)?).abs())
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at `index`.
    pub fn get(&self, index: usize) -> Option<Value> {
        match self.numbers() {
            Some((from, count, step)) => {
                let index = i64::try_from(index).ok().filter(|index| *index < count)?;
                Some(self.number(from + index * step))
            }
            None => self.items().into_iter().nth(index),
        }
    }

    /// All items, in order.
    pub fn items(&self) -> Vec<Value> {
        if let Some((from, count, step)) = self.numbers() {
            return (0..count.clamp(0, RANGE_LIMIT)).map(|i| self.number(from + i * step)).collect();
        }
        if let (Some(from), Some(to)) = (number(&self.from), number(&self.to)) {
            return self.decimal_items(from, &to);
        }
        if let Value::Object(first) = &self.from {
            return self.steps(first);
        }
        let (Some((head, from)), Some((_, to))) = (last_unit(&self.from), last_unit(&self.to)) else {
            return vec![self.from.clone()];
        };
        let item = |unit: u16| match self.from {
            Value::Char(_) => Value::Char(unit),
            _ => {
                let mut text = head.clone();
                text.push(char::from_u32(u32::from(unit)).unwrap_or('?'));
                Value::from(text)
            }
        };
        let mut items: Vec<Value> = (from.min(to)..=from.max(to)).map(item).collect();
        if to < from {
            items.reverse();
        }
        if !self.inclusive {
            items.pop();
        }
        items
    }

    /// The items of a range of dates.
    fn steps(&self, first: &Arc<dyn Object>) -> Vec<Value> {
        let reverse = self.is_reverse();
        let (mut items, mut next) = (Vec::new(), Some(Value::Object(first.clone())));
        while let Some(item) = next {
            let order = crate::script::value::compare(&item, &self.to);
            let beyond = if reverse { Ordering::Less } else { Ordering::Greater };
            if order == Some(beyond)
                || order == Some(Ordering::Equal) && !self.inclusive
                || items.len() >= RANGE_LIMIT as usize
            {
                break;
            }
            next = match &item {
                Value::Object(object) => object.successor(reverse),
                _ => None,
            };
            items.push(item);
        }
        items
    }

    fn decimal_items(&self, from: BigDecimal, to: &BigDecimal) -> Vec<Value> {
        let up = from.compare(to) != Ordering::Greater;
        let step = BigDecimal::from(if up { 1 } else { -1 });
        let beyond = if up { Ordering::Greater } else { Ordering::Less };
        let double = matches!(self.from, Value::Double(_) | Value::Float(_));
        let (mut items, mut next) = (Vec::new(), from);
        while items.len() < RANGE_LIMIT as usize {
            let order = next.compare(to);
            if order == beyond || (order == Ordering::Equal && !self.inclusive) {
                break;
            }
            items.push(if double { Value::Double(next.to_f64()) } else { Value::decimal(next.clone()) });
            match next.add(&step) {
                Ok(sum) => next = sum,
                Err(_) => break,
            }
        }
        if let Some(first) = items.first_mut() {
            *first = self.from.clone();
        }
        items
    }

    /// `toString()`: `1..3`, `1..<3`; a range of texts shows its last item.
    pub fn to_text(&self) -> String {
        let to = match (self.inclusive, &self.from) {
            (false, Value::String(_) | Value::GString(_) | Value::Char(_)) => self.items().pop(),
            _ => None,
        };
        let dots = if self.inclusive || to.is_some() { ".." } else { "..<" };
        format!("{}{dots}{}", java_text(&self.from), java_text(to.as_ref().unwrap_or(&self.to)))
    }
}

/// A number, not a character, as a decimal.
fn number(value: &Value) -> Option<BigDecimal> {
    if value.is_number() { value.to_decimal() } else { None }
}

/// A character or text as what comes before its last UTF-16 unit, and that unit: Groovy's `next()` counts it up.
fn last_unit(value: &Value) -> Option<(String, u16)> {
    match value {
        Value::Char(unit) => Some((String::new(), *unit)),
        Value::String(_) | Value::GString(_) => {
            let text = java_text(value);
            let last = text.chars().next_back()?;
            let unit = u16::try_from(u32::from(last)).ok()?;
            Some((text[..text.len() - last.len_utf8()].to_owned(), unit))
        }
        _ => None,
    }
}

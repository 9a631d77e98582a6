//! Groovy's ranges.

use super::list::LIST;
use super::{Answer, Class, Fault, Method, Run, arguments, gdk, groovy, java, takes};
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{BigDecimal, Range, Thrown, Value, exceptions};
use std::cmp::Ordering;
use std::sync::Arc;

/// `groovy.lang.Range`.
pub static RANGE: Class = Class { methods: METHODS, ..Class::interface("groovy.lang.Range", &[&LIST]) };

const PARENTS: &[&Class] = &[&RANGE];

const fn class(name: &'static str, constructor: Run) -> Class {
    Class { constructor: takes(2, 3, constructor), ..Class::named(name, PARENTS) }
}

/// `groovy.lang.IntRange`.
pub static INT_RANGE: Class = class("groovy.lang.IntRange", new);
/// `groovy.lang.NumberRange`.
pub static NUMBER_RANGE: Class = class("groovy.lang.NumberRange", new);
/// `groovy.lang.ObjectRange`.
pub static OBJECT_RANGE: Class = class("groovy.lang.ObjectRange", new);
/// `groovy.lang.EmptyRange`.
pub static EMPTY_RANGE: Class = Class::named("groovy.lang.EmptyRange", &[&RANGE]);

/// The class of a range.
pub(crate) fn class_of_range(range: &Range) -> &'static Class {
    match (&range.from, &range.to) {
        _ if !range.inclusive && range.is_empty() => &EMPTY_RANGE,
        (Value::Int(_), Value::Int(_)) => &INT_RANGE,
        (from, to) if from.is_number() && to.is_number() => &NUMBER_RANGE,
        _ => &OBJECT_RANGE,
    }
}

fn new(_: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    let (from, to, inclusive) = match args {
        [from, to] => (from, to, true),
        [Value::Boolean(inclusive), from, to] => (from, to, *inclusive),
        [from, to, Value::Boolean(inclusive)] => (from, to, *inclusive),
        _ => return Err(Fault::Mismatch),
    };
    Ok(Value::Range(Arc::new(Range { from: from.clone(), to: to.clone(), inclusive })))
}

/// What `range.get(index)` says of an index beyond the end.
pub(crate) fn out_of_bounds(range: &Range, index: i32) -> Fault {
    let message = if index < 0 {
        format!("Index: {index} should not be negative")
    } else {
        format!("Index: {index} too big for range: {}", range.to_text())
    };
    Thrown::new(exceptions::INDEX, message).into()
}

fn of(this: &Value) -> Result<&Range, Fault> {
    match this {
        Value::Range(range) => Ok(range),
        _ => Err(Fault::Mismatch),
    }
}

/// The lowest and the highest item.
fn bounds(machine: &mut Machine<'_>, range: &Range) -> Result<(Value, Value), Fault> {
    let (first, last) = match range.numbers() {
        Some((_, count, _)) if count > 0 => (range.get(0), range.get(count as usize - 1)),
        _ => {
            let items = crate::script::core::operators::range_items(range)?;
            (items.first().cloned(), items.last().cloned())
        }
    };
    let (first, last) = (first.unwrap_or_else(|| range.from.clone()), last.unwrap_or_else(|| range.from.clone()));
    Ok(if machine.compare(&first, &last)? == Ordering::Greater { (last, first) } else { (first, last) })
}

/// Every so many-th item; of numbers, by a step of any size.
fn step(machine: &mut Machine<'_>, range: &Range, step: &Value) -> Result<Vec<Value>, Fault> {
    let by_decimal = matches!(step, Value::BigDecimal(_) | Value::Double(_) | Value::Float(_));
    if by_decimal
        && let (Some(from), Some(to), Some(by)) = (range.from.to_decimal(), range.to.to_decimal(), step.to_decimal())
    {
        return decimal_steps(machine, range, from, &to, by, step);
    }
    let by = step.to_i64().ok_or(Fault::Mismatch)?;
    if by == 0 {
        if range.is_empty() || machine.compare(&range.from, &range.to)? == Ordering::Equal {
            return Ok(Vec::new());
        }
        return Err(
            Thrown::new("groovy.lang.GroovyRuntimeException", "Infinite loop detected due to step size of 0").into()
        );
    }
    let mut items = Vec::new();
    if let Some((from, count, own)) = range.numbers() {
        // A negative step goes through the range from its end.
        let (mut at, end) = if by > 0 { (from, from + own * (count - 1)) } else { (from + own * (count - 1), from) };
        let stride = own.saturating_mul(by);
        while count > 0 && (if stride > 0 { at <= end } else { at >= end }) {
            budget::items(items.len())?;
            items.push(range.number(at));
            at = at.saturating_add(stride);
        }
        return Ok(items);
    }
    let mut all = crate::script::core::operators::range_items(range)?;
    if by < 0 {
        all.reverse();
    }
    Ok(all.into_iter().step_by(by.unsigned_abs() as usize).collect())
}

fn decimal_steps(
    machine: &mut Machine<'_>,
    range: &Range,
    from: BigDecimal,
    to: &BigDecimal,
    by: BigDecimal,
    step: &Value,
) -> Result<Vec<Value>, Fault> {
    let up = from.compare(to) != Ordering::Greater;
    let mut items = Vec::new();
    let mut at = range.from.clone();
    let operator = if up {
        crate::script::core::tree::BinaryOperator::Plus
    } else {
        crate::script::core::tree::BinaryOperator::Minus
    };
    if by.compare(&BigDecimal::from(0)) != Ordering::Greater {
        return Err(
            Thrown::new("groovy.lang.GroovyRuntimeException", "Infinite loop detected due to step size of 0").into()
        );
    }
    while let Some(now) = at.to_decimal() {
        let order = now.compare(to);
        let beyond = if up { order == Ordering::Greater } else { order == Ordering::Less };
        if beyond || (order == Ordering::Equal && !range.inclusive) {
            break;
        }
        budget::items(items.len())?;
        machine.turn()?;
        items.push(at.clone());
        at = machine.binary(operator, &at, step)?;
    }
    Ok(items)
}

static METHODS: &[Method] = &[
    groovy("by", 1, 1, |machine, this, args| Ok(Value::list(step(machine, of(this)?, &args[0])?))),
    java("containsWithinBounds", 1, 1, |machine, this, args| {
        let (low, high) = bounds(machine, of(this)?)?;
        let inside = machine.compare(&args[0], &low)? != Ordering::Less
            && machine.compare(&args[0], &high)? != Ordering::Greater;
        Ok(inside.into())
    }),
    java("getFrom", 0, 0, |machine, this, _| Ok(bounds(machine, of(this)?)?.0)),
    java("getFromInt", 0, 0, |machine, this, _| Ok(bounds(machine, of(this)?)?.0)),
    java("getTo", 0, 0, |machine, this, _| Ok(bounds(machine, of(this)?)?.1)),
    java("getToInt", 0, 0, |machine, this, _| Ok(bounds(machine, of(this)?)?.1)),
    java("inspect", 0, 0, |_, this, _| Ok(of(this)?.to_text().into())),
    java("isReverse", 0, 0, |_, this, _| Ok(of(this)?.is_reverse().into())),
    java("toString", 0, 0, |_, this, _| Ok(of(this)?.to_text().into())),
    java("step", 1, 2, |machine, this, args| {
        let items = step(machine, of(this)?, &args[0])?;
        let Some(closure) = args.get(1) else { return Ok(Value::list(items)) };
        for item in items {
            gdk::call(machine, closure, "call", &[item])?;
        }
        Ok(Value::Null)
    }),
    java("subList", 2, 2, |_, this, args| {
        let range = of(this)?;
        let (from, to) = (i64::from(arguments::int(args, 0)?), i64::from(arguments::int(args, 1)?));
        if let Some((first, count, step)) = range.numbers()
            && from >= 0
            && from < to
            && to <= count
        {
            let bound = |at: i64| range.number(first + at * step);
            return Ok(Value::Range(Arc::new(Range { from: bound(from), to: bound(to - 1), inclusive: true })));
        }
        Ok(Value::list(gdk::sub_list(&range.items(), from, to)?))
    }),
];

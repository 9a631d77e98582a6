//! Methods of JavaScript's arrays.

use super::convert::truth;
use super::heap::Js;
use super::interpreter::{Interpreter, Result};
use super::operators::strictly_equal;
use super::strings::relative;
use crate::script::budget;
use std::cmp::Ordering;

/// Names of the methods, for when one is taken off an array without a call.
pub(super) const METHODS: &[&str] = &[
    "concat",
    "every",
    "fill",
    "filter",
    "find",
    "findIndex",
    "forEach",
    "includes",
    "indexOf",
    "join",
    "lastIndexOf",
    "map",
    "pop",
    "push",
    "reduce",
    "reduceRight",
    "reverse",
    "shift",
    "slice",
    "some",
    "sort",
    "splice",
    "toString",
    "unshift",
];

fn items(interpreter: &Interpreter<'_, '_>, this: &Js) -> Vec<Js> {
    interpreter.heap.items(this).cloned().unwrap_or_default()
}

/// The text of an array: null and undefined are empty. An array within itself is empty too.
pub(super) fn join(interpreter: &mut Interpreter<'_, '_>, this: &Js, separator: &str) -> Result<String> {
    let mut text = String::new();
    for (index, item) in items(interpreter, this).iter().enumerate() {
        if index > 0 {
            text.push_str(separator);
        }
        interpreter.count_step()?;
        if !matches!(item, Js::Null | Js::Undefined) && !strictly_equal(item, this) {
            text += &interpreter.text(item)?;
            budget::text(text.len())?;
        }
    }
    Ok(text)
}

/// Calls a method; `None` when arrays have none of that name.
pub(super) fn call(
    interpreter: &mut Interpreter<'_, '_>,
    this: &Js,
    name: &str,
    arguments: &[Js],
) -> Result<Option<Js>> {
    let function = arguments.first().cloned().unwrap_or(Js::Undefined);
    let current = items(interpreter, this);
    Ok(Some(match name {
        "push" => {
            let Some(list) = interpreter.heap.items_mut(this) else { return Ok(None) };
            list.extend_from_slice(arguments);
            Js::Number(list.len() as f64)
        }
        "pop" => interpreter.heap.items_mut(this).and_then(Vec::pop).unwrap_or(Js::Undefined),
        "shift" => match interpreter.heap.items_mut(this) {
            Some(list) if !list.is_empty() => list.remove(0),
            _ => Js::Undefined,
        },
        "unshift" => {
            let Some(list) = interpreter.heap.items_mut(this) else { return Ok(None) };
            list.splice(0..0, arguments.iter().cloned());
            Js::Number(list.len() as f64)
        }
        "reverse" => {
            if let Some(list) = interpreter.heap.items_mut(this) {
                list.reverse();
            }
            this.clone()
        }
        "join" => {
            let separator =
                if matches!(function, Js::Undefined) { ",".to_owned() } else { interpreter.text(&function)? };
            Js::string(join(interpreter, this, &separator)?)
        }
        "toString" => Js::string(join(interpreter, this, ",")?),
        "concat" => {
            let mut joined = current;
            for argument in arguments {
                match interpreter.heap.items(argument) {
                    Some(more) => joined.extend(more.iter().cloned()),
                    None => joined.push(argument.clone()),
                }
                budget::items(joined.len())?;
            }
            interpreter.heap.array(joined)?
        }
        "slice" => {
            let from = relative(interpreter, arguments, 0, current.len(), 0)?;
            let to = relative(interpreter, arguments, 1, current.len(), current.len())?;
            interpreter.heap.array(current.get(from..to.max(from)).unwrap_or_default().to_vec())?
        }
        "splice" => {
            let from = relative(interpreter, arguments, 0, current.len(), 0)?;
            let rest = current.len() - from;
            let count = if arguments.len() > 1 {
                interpreter.argument_number(arguments, 1)?.clamp(0.0, rest as f64) as usize
            } else {
                rest
            };
            let added = arguments.get(2..).unwrap_or_default().to_vec();
            let Some(list) = interpreter.heap.items_mut(this) else { return Ok(None) };
            let removed: Vec<Js> = list.splice(from..from + count, added).collect();
            interpreter.heap.array(removed)?
        }
        "fill" => {
            let from = relative(interpreter, arguments, 1, current.len(), 0)?;
            let to = relative(interpreter, arguments, 2, current.len(), current.len())?;
            if let Some(list) = interpreter.heap.items_mut(this) {
                list.iter_mut().take(to).skip(from).for_each(|item| *item = function.clone());
            }
            this.clone()
        }
        "indexOf" => number(current.iter().position(|item| strictly_equal(item, &function))),
        "lastIndexOf" => number(current.iter().rposition(|item| strictly_equal(item, &function))),
        "includes" => Js::Boolean(current.iter().any(|item| strictly_equal(item, &function))),
        "map" | "forEach" | "filter" | "some" | "every" | "find" | "findIndex" => {
            return each(interpreter, this, &current, name, &function).map(Some);
        }
        "reduce" | "reduceRight" => {
            let mut list: Vec<(usize, Js)> = current.into_iter().enumerate().collect();
            if name == "reduceRight" {
                list.reverse();
            }
            let mut list = list.into_iter();
            let first = arguments.get(1).cloned().or_else(|| list.next().map(|(_, item)| item));
            let Some(mut value) = first else {
                return Err(interpreter.type_error("Reduce of empty array with no initial value"));
            };
            for (index, item) in list {
                let arguments = [value, item, Js::Number(index as f64), this.clone()];
                value = interpreter.call(&function, Js::Undefined, &arguments)?;
            }
            value
        }
        "sort" => {
            let sorted = sort(interpreter, current, &function)?;
            if let Some(list) = interpreter.heap.items_mut(this) {
                *list = sorted;
            }
            this.clone()
        }
        _ => return Ok(None),
    }))
}

fn number(position: Option<usize>) -> Js {
    Js::Number(position.map_or(-1.0, |at| at as f64))
}

fn each(interpreter: &mut Interpreter<'_, '_>, this: &Js, list: &[Js], name: &str, function: &Js) -> Result {
    let mut collected = Vec::new();
    for (index, item) in list.iter().enumerate() {
        let arguments = [item.clone(), Js::Number(index as f64), this.clone()];
        let result = interpreter.call(function, Js::Undefined, &arguments)?;
        match (name, truth(&result)) {
            ("map", _) => collected.push(result),
            ("filter", true) => collected.push(item.clone()),
            ("some", true) => return Ok(Js::Boolean(true)),
            ("every", false) => return Ok(Js::Boolean(false)),
            ("find", true) => return Ok(item.clone()),
            ("findIndex", true) => return Ok(Js::Number(index as f64)),
            _ => {}
        }
    }
    Ok(match name {
        "map" | "filter" => interpreter.heap.array(collected)?,
        "some" => Js::Boolean(false),
        "every" => Js::Boolean(true),
        "findIndex" => Js::Number(-1.0),
        _ => Js::Undefined,
    })
}

/// A stable merge sort: the comparison may fail, and may contradict itself.
fn sort(interpreter: &mut Interpreter<'_, '_>, list: Vec<Js>, function: &Js) -> Result<Vec<Js>> {
    if list.len() < 2 {
        return Ok(list);
    }
    let mut left = list;
    let right = left.split_off(left.len() / 2);
    let left = sort(interpreter, left, function)?;
    let right = sort(interpreter, right, function)?;
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    let mut merged = Vec::new();
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let order = order(interpreter, a, b, function)?;
        merged.extend(if order == Ordering::Greater { right.next() } else { left.next() });
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

fn order(interpreter: &mut Interpreter<'_, '_>, a: &Js, b: &Js, function: &Js) -> Result<Ordering> {
    if matches!(function, Js::Undefined) {
        let (a, b) = (interpreter.text(a)?, interpreter.text(b)?);
        return Ok(crate::java::compare_texts(&a, &b));
    }
    let result = interpreter.call(function, Js::Undefined, &[a.clone(), b.clone()])?;
    let result = interpreter.number(&result)?;
    Ok(result.partial_cmp(&0.0).unwrap_or(Ordering::Equal))
}

//! Parts of a sequence: `take`, `drop`, `head`, `tail`, `collate`, `chop`, `toList` and their kin.

use super::{alike, items, none_there, says, similar};
use crate::script::budget;
use crate::script::library::iterator::{Walk, iterator};
use crate::script::library::{Answer, Class, Fault, Method, arguments, groovy};
use crate::script::machine::Machine;
use crate::script::value::{Array, Thrown, Value, exceptions};
use std::sync::Arc;

/// See [`super::SEQUENCE`].
pub static PARTS: Class = Class { methods: METHODS, ..Class::interface("java.lang.Iterable", &[]) };

/// A part: an array of an array, an iterator of an iterator, else a collection of the same kind.
fn part(this: &Value, items: Vec<Value>) -> Value {
    match this {
        Value::Object(_) => iterator(Walk::of(items)),
        _ => alike(this, items),
    }
}

fn count(args: &[Value]) -> Result<usize, Fault> {
    Ok(arguments::int(args, 0)?.max(0) as usize)
}

/// The first items, of an endless iterator too.
fn first_items(machine: &mut Machine<'_>, this: &Value, most: usize) -> Result<Vec<Value>, Fault> {
    let mut walk = Walk::over(machine, this)?;
    let mut first = Vec::new();
    while first.len() < most {
        match walk.next(machine)? {
            Some(item) => first.push(item),
            None => break,
        }
    }
    Ok(first)
}

fn empty(what: &str, this: &Value) -> Fault {
    let of = match this {
        Value::Array(_) if what.starts_with("first") => "array",
        Value::Array(_) => "Array",
        Value::Set(_) | Value::Object(_) => "Iterable",
        _ => "List",
    };
    none_there(&format!("Cannot access {what} element from an empty {of}"))
}

fn first(machine: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    first_items(machine, this, 1)?.pop().ok_or_else(|| empty("first()", this))
}

fn last(machine: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    if let Value::List(list) = this {
        return list.last().ok_or_else(|| empty("last()", this));
    }
    items(machine, this)?.pop().ok_or_else(|| empty("last()", this))
}

/// The count of items for which a closure says yes from the start.
fn prefix(machine: &mut Machine<'_>, all: &[Value], closure: &Value) -> Result<usize, Thrown> {
    for (at, item) in all.iter().enumerate() {
        if !says(machine, closure, std::slice::from_ref(item))? {
            return Ok(at);
        }
    }
    Ok(all.len())
}

fn collate(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let (numbers, keep) = match args {
        [numbers @ .., Value::Boolean(keep)] => (numbers, *keep),
        numbers => (numbers, true),
    };
    let all = items(machine, this)?;
    let size = arguments::int(numbers, 0)?;
    let step = if numbers.len() > 1 { arguments::int(numbers, 1)? } else { size };
    if size <= 0 {
        return Ok(Value::list(vec![Value::list(all)]));
    }
    if step == 0 {
        return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, "step cannot be zero").into());
    }
    let (size, mut at, mut parts) = (size as usize, 0usize, Vec::new());
    while at < all.len() {
        if !keep && at + size > all.len() {
            break;
        }
        parts.push(Value::list(all[at..(at + size).min(all.len())].to_vec()));
        match at.checked_add_signed(step as isize) {
            Some(next) if step > 0 => at = next,
            _ => break,
        }
    }
    Ok(Value::list(parts))
}

fn chop(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let all = items(machine, this)?;
    let (mut rest, mut parts) = (all.as_slice(), Vec::new());
    for index in 0..args.len() {
        let size = arguments::int(args, index)?;
        let size = if size < 0 { rest.len() } else { (size as usize).min(rest.len()) };
        let (part, others) = rest.split_at(size);
        parts.push(Value::list(part.to_vec()));
        rest = others;
    }
    Ok(Value::list(parts))
}

static METHODS: &[Method] = &[
    groovy("asList", 0, 0, |machine, this, _| {
        if matches!(this, Value::List(_)) {
            return Ok(this.clone());
        }
        Ok(Value::list(items(machine, this)?))
    }),
    groovy("chop", 1, usize::MAX, chop),
    groovy("collate", 1, 3, collate),
    groovy("drop", 1, 1, |machine, this, args| {
        let mut all = items(machine, this)?;
        let at = count(args)?.min(all.len());
        Ok(part(this, all.split_off(at)))
    }),
    groovy("dropRight", 1, 1, |machine, this, args| {
        let mut all = items(machine, this)?;
        all.truncate(all.len().saturating_sub(count(args)?));
        Ok(part(this, all))
    }),
    groovy("dropWhile", 1, 1, |machine, this, args| {
        let mut all = items(machine, this)?;
        let at = prefix(machine, &all, &args[0])?;
        Ok(part(this, all.split_off(at)))
    }),
    groovy("first", 0, 0, first),
    groovy("getIndices", 0, 0, |machine, this, _| {
        let count = items(machine, this)?.len() as i32;
        Ok(Value::Range(Arc::new(crate::script::value::Range { from: 0.into(), to: count.into(), inclusive: false })))
    }),
    groovy("head", 0, 0, first),
    groovy("init", 0, 0, |machine, this, _| {
        let mut all = items(machine, this)?;
        if all.pop().is_none() {
            let what = if matches!(this, Value::Array(_)) { "Object array" } else { "Iterable" };
            return Err(none_there(&format!("Cannot access init() for an empty {what}")));
        }
        Ok(part(this, all))
    }),
    groovy("inits", 0, 0, |machine, this, _| {
        let all = items(machine, this)?;
        bounded_square(all.len())?;
        Ok(Value::list((0..=all.len()).rev().map(|end| similar(this, all[..end].to_vec())).collect()))
    }),
    groovy("last", 0, 0, last),
    groovy("size", 0, 0, |machine, this, _| Ok((items(machine, this)?.len() as i32).into())),
    groovy("tail", 0, 0, |machine, this, _| {
        let mut all = items(machine, this)?;
        if all.is_empty() {
            let what = if matches!(this, Value::Array(_)) { "array" } else { "iterable" };
            return Err(none_there(&format!("Cannot access tail() for an empty {what}")));
        }
        Ok(part(this, all.split_off(1)))
    }),
    groovy("tails", 0, 0, |machine, this, _| {
        let all = items(machine, this)?;
        bounded_square(all.len())?;
        Ok(Value::list((0..=all.len()).map(|start| similar(this, all[start..].to_vec())).collect()))
    }),
    groovy("take", 1, 1, |machine, this, args| {
        let most = count(args)?;
        if let Value::List(list) = this {
            return Ok(similar(this, list.slice(0, most)));
        }
        Ok(part(this, first_items(machine, this, most)?))
    }),
    groovy("takeRight", 1, 1, |machine, this, args| {
        let mut all = items(machine, this)?;
        let at = all.len().saturating_sub(count(args)?);
        Ok(part(this, all.split_off(at)))
    }),
    groovy("takeWhile", 1, 1, |machine, this, args| {
        let mut taken = Vec::new();
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            if !says(machine, &args[0], std::slice::from_ref(&item))? {
                break;
            }
            taken.push(item);
        }
        Ok(part(this, taken))
    }),
    groovy("toArray", 0, 0, |machine, this, _| {
        let all = items(machine, this)?;
        Ok(Value::Array(Arc::new(Array::new("java.lang.Object", all))))
    }),
    groovy("toList", 0, 0, |machine, this, _| Ok(Value::list(items(machine, this)?))),
    groovy("toListString", 0, 1, |machine, this, args| {
        let list = Value::list(items(machine, this)?);
        let text = machine.text(&list)?;
        match args.first() {
            None => Ok(text.into()),
            Some(_) => {
                let most = arguments::int(args, 0)?.max(0) as usize;
                let inner: String = text.chars().skip(1).collect();
                let cut = inner.chars().count().saturating_sub(1) > most;
                let shown: String = inner.chars().take(most).collect();
                Ok(if cut { format!("[{shown}...]") } else { text }.into())
            }
        }
    }),
    groovy("toSet", 0, 0, |machine, this, _| {
        let all = items(machine, this)?;
        Ok(super::order::hash_set(all))
    }),
    groovy("toSpreadMap", 0, 0, |machine, this, _| {
        let all = items(machine, this)?;
        Ok(Value::map(all.chunks(2).map(|pair| (pair[0].clone(), pair.get(1).cloned().unwrap_or_default()))))
    }),
];

/// `inits` and `tails` of a long list would take all memory.
fn bounded_square(count: usize) -> Result<(), Thrown> {
    if count > 5000 {
        return Err(budget::out_of_memory());
    }
    Ok(())
}

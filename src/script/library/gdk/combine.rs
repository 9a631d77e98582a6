//! Sequences with sequences: `plus`, `minus`, `intersect`, `leftShift`, `multiply`, and changes in place by closures.

use super::{is_closure, items, says, similar};
use crate::script::budget;
use crate::script::library::collection::growable;
use crate::script::library::{Answer, Class, Fault, Method, arguments, groovy};
use crate::script::machine::Machine;
use crate::script::value::{Array, List, ListKind, Map, MapKind, Set, Thrown, Value, View, exceptions};
use std::sync::Arc;

/// See [`super::SEQUENCE`].
pub static COMBINE: Class = Class { methods: METHODS, ..Class::interface("java.lang.Iterable", &[]) };

fn is_sequence(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Set(_) | Value::Range(_) | Value::Array(_))
}

/// Whether an item equals one of `others` by Groovy's rules.
fn among(machine: &mut Machine<'_>, item: &Value, others: &[Value], index: &Set) -> Result<bool, Thrown> {
    if index.contains(item) {
        return Ok(true);
    }
    // A text equals nothing but the same text, or one with interpolation.
    let plain = matches!(item, Value::String(_));
    for other in others {
        if !(plain && matches!(other, Value::String(_) | Value::Int(_))) && machine.equals(item, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn plus(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    if let Value::Array(array) = this
        && !crate::script::library::arrays::nothing(&array.element).is_null()
    {
        return Err(Fault::Mismatch);
    }
    if let [Value::Int(at), more, ..] = args {
        let mut all = items(machine, this)?;
        let at = (*at).max(0) as usize;
        let more = if is_sequence(more) { items(machine, more)? } else { vec![more.clone()] };
        all.splice(at.min(all.len())..at.min(all.len()), more);
        return Ok(similar(this, all));
    }
    let mut all = items(machine, this)?;
    match &args[0] {
        Value::Array(_) if !matches!(this, Value::Array(_)) => all.push(args[0].clone()),
        more if is_sequence(more) => {
            let more = items(machine, more)?;
            crate::script::library::collection::room(all.len(), more.len())?;
            all.extend(more);
        }
        one => all.push(one.clone()),
    }
    Ok(match this {
        Value::Array(array) => Value::Array(Arc::new(Array::new(&array.element, all))),
        // Other than elsewhere, the sum of a `HashSet` is one.
        Value::Set(set) if set.kind == MapKind::Hash && set.view.is_none() => {
            Value::Set(Arc::new(Set::copy_of(MapKind::Hash, all)))
        }
        _ => similar(this, all),
    })
}

fn minus(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let removed = match &args[0] {
        one if args.len() > 1 || !is_sequence(one) => vec![one.clone()],
        many => items(machine, many)?,
    };
    let index = Set::new(MapKind::Hash, removed.iter().cloned());
    let mut kept = Vec::new();
    for item in items(machine, this)? {
        if !among(machine, &item, &removed, &index)? {
            kept.push(item);
        }
    }
    Ok(super::alike(this, kept))
}

fn multiply(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let times = args.first().filter(|times| times.is_number()).and_then(Value::to_i32).ok_or(Fault::Mismatch)?;
    let all = items(machine, this)?;
    let Ok(times) = usize::try_from(times) else {
        let message = format!("Illegal Capacity: {}", i64::from(times) * all.len() as i64);
        return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into());
    };
    budget::items(all.len().saturating_mul(times))?;
    Ok(similar(this, all.iter().cloned().cycle().take(all.len() * times).collect()))
}

/// Removes (or keeps) the items of which a closure says yes, or that stand in a collection.
fn filter(machine: &mut Machine<'_>, this: &Value, args: &[Value], keep: bool) -> Answer {
    let all = items(machine, this)?;
    let mut kept = Vec::with_capacity(all.len());
    let mut dropped = Vec::new();
    let listed = if is_closure(&args[0]) { None } else { Some(items(machine, &args[0])?) };
    let index = Set::new(MapKind::Hash, listed.iter().flatten().cloned());
    for item in all {
        let yes = match &listed {
            None => says(machine, &args[0], std::slice::from_ref(&item))?,
            Some(_) => index.contains(&item),
        };
        if yes == keep {
            kept.push(item);
        } else {
            dropped.push(item);
        }
    }
    let changes = !dropped.is_empty();
    match this {
        Value::List(list) => {
            growable(list)?;
            if changes {
                list.replace(kept);
                crate::script::library::list::taken(list, &dropped);
            }
        }
        Value::Set(set) => {
            crate::script::library::set::changeable(set)?;
            for item in &dropped {
                set.remove(item);
            }
        }
        _ => return Err(Fault::Mismatch),
    }
    Ok(changes.into())
}

/// `removeAll(…)` of collections, by closure or collection.
pub(crate) fn remove_all(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    filter(machine, this, args, false)
}

/// `retainAll(…)`.
pub(crate) fn retain_all(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    filter(machine, this, args, true)
}

fn left_shift(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    if let Value::List(list) = this
        && list.kind == ListKind::ArrayList
        && list.extras().is_none()
    {
        list.push(args[0].clone());
        return Ok(this.clone());
    }
    let method =
        if matches!(this, Value::List(list) if list.kind == ListKind::LinkedBlockingQueue) { "put" } else { "add" };
    machine.call_method(this, method, &args[..1])?;
    Ok(this.clone())
}

/// A view that refuses changes.
pub(crate) fn unmodifiable(value: &Value) -> Result<Value, Fault> {
    Ok(match value {
        Value::List(list) => Value::List(Arc::new(List::with_extras(
            ListKind::Unmodifiable,
            Vec::new(),
            crate::script::value::Extras { source: Some(list.clone()), ..Default::default() },
        ))),
        Value::Set(set) => Value::Set(Arc::new(Set::view_of(MapKind::Unmodifiable, View::Set(set.clone())))),
        Value::Map(map) => Value::Map(Arc::new(Map::view(MapKind::Unmodifiable, map.clone()))),
        Value::Range(_) => value.clone(),
        _ => return Err(Fault::Mismatch),
    })
}

/// A copy that refuses changes.
fn immutable(value: &Value) -> Result<Value, Fault> {
    match value {
        Value::List(list) => unmodifiable(&Value::list(list.items())),
        Value::Set(_) => unmodifiable(&similar(value, super::super::list::items(value)?)),
        Value::Map(map) => {
            let kind = if map.kind == MapKind::Tree { MapKind::Tree } else { MapKind::Linked };
            let copy = Map::new(kind);
            for (key, value) in map.entries() {
                copy.put(key, value);
            }
            unmodifiable(&Value::Map(Arc::new(copy)))
        }
        other => unmodifiable(other),
    }
}

static METHODS: &[Method] = &[
    groovy("and", 1, 1, |machine, this, args| Ok(machine.call_method(this, "intersect", args)?)),
    groovy("asImmutable", 0, 0, |_, this, _| immutable(this)),
    groovy("asSynchronized", 0, 0, |_, this, _| Ok(this.clone())),
    groovy("asUnmodifiable", 0, 0, |_, this, _| unmodifiable(this)),
    groovy("disjoint", 1, 1, |machine, this, args| {
        let others = items(machine, &args[0])?;
        let index = Set::new(MapKind::Hash, others.iter().cloned());
        for item in items(machine, this)? {
            if among(machine, &item, &others, &index)? {
                return Ok(false.into());
            }
        }
        Ok(true.into())
    }),
    groovy("intersect", 1, 2, |machine, this, args| {
        let others = items(machine, &args[0])?;
        let index = Set::new(MapKind::Hash, others.iter().cloned());
        let mut both = Vec::new();
        // Groovy walks the longer of the two.
        let own = items(machine, this)?;
        let (walked, index_of, looked_in) = if own.len() < others.len() {
            (others.clone(), Set::new(MapKind::Hash, own.iter().cloned()), own)
        } else {
            (own, index, others)
        };
        for item in walked {
            if among(machine, &item, &looked_in, &index_of)? {
                both.push(item);
            }
        }
        Ok(similar(this, both))
    }),
    groovy("leftShift", 1, 1, left_shift),
    groovy("minus", 1, 1, minus),
    groovy("multiply", 1, 1, multiply),
    groovy("or", 1, 1, plus),
    groovy("plus", 1, 2, plus),
    groovy("removeElement", 1, 1, |_, this, args| match this {
        Value::List(list) => {
            growable(list)?;
            let at = list.items().iter().position(|item| crate::script::value::equals(&args[0], item));
            if let Some(at) = at {
                list.change(|items| _ = items.remove(at));
            }
            Ok(at.is_some().into())
        }
        Value::Set(set) => Ok(set.remove(&args[0]).into()),
        _ => Err(Fault::Mismatch),
    }),
];

/// `removeAt`, whose index must be an `int`.
pub(crate) fn remove_at(list: &List, args: &[Value]) -> Answer {
    growable(list)?;
    let (index, count) = (arguments::int(args, 0)?, list.len());
    let at = usize::try_from(index).ok().filter(|at| *at < count);
    let at = at.ok_or_else(|| crate::script::library::list::no_such_index(list, index))?;
    if at == 0 {
        return Ok(list.pop_front().unwrap_or_default());
    }
    Ok(list.change(|items| if at < items.len() { items.remove(at) } else { Value::Null }))
}

//! One pass over all items: `each`, `collect`, `inject`, `sum`, `join` and their kin.

use super::{call, items, plus};
use crate::script::budget;
use crate::script::core::tree::BinaryOperator;
use crate::script::library::iterator::Walk;
use crate::script::library::{Answer, Class, Fault, Method, arguments, groovy};
use crate::script::machine::Machine;
use crate::script::value::{ListKind, Map, MapKind, Value};
use std::sync::Arc;

/// See [`super::SEQUENCE`].
pub static WALK: Class = Class { methods: METHODS, ..Class::interface("java.lang.Iterable", &[]) };

static METHODS: &[Method] = &[
    groovy("average", 0, 1, |machine, this, args| {
        let count = items(machine, this)?.len();
        let sum = machine.call_method(this, "sum", args)?;
        if sum.is_null() {
            return Ok(Value::Null);
        }
        Ok(machine.binary(BinaryOperator::Divide, &sum, &Value::Int(count as i32))?)
    }),
    groovy("collect", 0, 2, |machine, this, args| {
        let (into, closure) = into_and_closure(args);
        let mut results = Vec::new();
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            results.push(match closure {
                Some(closure) => call(machine, closure, "apply", &[item])?,
                None => item,
            });
        }
        filled(machine, into, results)
    }),
    groovy("collectEntries", 0, 2, |machine, this, args| {
        let (into, closure) = into_and_closure(args);
        let result = match into {
            Some(into) => into.clone(),
            None => Value::map([]),
        };
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            let entry = match closure {
                Some(closure) => call(machine, closure, "apply", &[item])?,
                None => item,
            };
            add_entry(machine, &result, &entry)?;
        }
        Ok(result)
    }),
    groovy("collectMany", 1, 2, |machine, this, args| {
        let (into, closure) = into_and_closure(args);
        let closure = closure.ok_or(Fault::Mismatch)?;
        let mut results = Vec::new();
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            let many = call(machine, closure, "apply", &[item])?;
            if !many.is_null() {
                results.extend(items(machine, &many)?);
            }
        }
        filled(machine, into, results)
    }),
    groovy("count", 1, 1, |machine, this, args| {
        let mut count = 0i32;
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            let counts = if super::is_closure(&args[0]) {
                super::says(machine, &args[0], &[item])?
            } else {
                machine.equals(&item, &args[0])?
            };
            count += i32::from(counts);
        }
        Ok(count.into())
    }),
    groovy("each", 1, 1, |machine, this, args| {
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            call(machine, &args[0], "accept", &[item])?;
        }
        Ok(this.clone())
    }),
    groovy("eachWithIndex", 1, 1, |machine, this, args| {
        let mut walk = Walk::over(machine, this)?;
        let mut index = 0i32;
        while let Some(item) = walk.next(machine)? {
            call(machine, &args[0], "call", &[item, index.into()])?;
            index = index.wrapping_add(1);
        }
        Ok(this.clone())
    }),
    groovy("indexed", 0, 1, |machine, this, args| {
        let offset = offset(args)?;
        let pairs = items(machine, this)?.into_iter().zip(offset..);
        Ok(Value::map(pairs.map(|(item, index)| (index.into(), item))))
    }),
    groovy("inject", 1, 2, |machine, this, args| {
        let mut walk = Walk::over(machine, this)?;
        let (mut sum, closure) = match args {
            [closure] => {
                let first = walk.next(machine)?.ok_or_else(|| nothing_to_inject(this))?;
                (first, closure)
            }
            [first, closure, ..] => (first.clone(), closure),
            [] => return Err(Fault::Mismatch),
        };
        while let Some(item) = walk.next(machine)? {
            sum = call(machine, closure, "apply", &[sum, item])?;
        }
        Ok(sum)
    }),
    groovy("join", 0, 1, |machine, this, args| {
        let separator = match args.first() {
            None | Some(Value::Null) => String::new(),
            Some(_) => arguments::text(args, 0)?.into_owned(),
        };
        let mut out = String::new();
        let mut walk = Walk::over(machine, this)?;
        let mut first = true;
        while let Some(item) = walk.next(machine)? {
            if !std::mem::take(&mut first) {
                out.push_str(&separator);
            }
            out.push_str(&machine.text(&item)?);
            budget::text(out.len())?;
        }
        Ok(out.into())
    }),
    groovy("reverseEach", 1, 1, |machine, this, args| {
        let all = items(machine, this)?;
        for item in all.into_iter().rev() {
            call(machine, &args[0], "accept", &[item])?;
        }
        Ok(this.clone())
    }),
    groovy("sum", 0, 2, |machine, this, args| {
        let (first, closure) = match args {
            [] => (None, None),
            [closure] if super::is_closure(closure) => (None, Some(closure)),
            [first] => (Some(first), None),
            [first, closure, ..] => (Some(first), Some(closure)),
        };
        let mut sum = first.cloned();
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            let item = match closure {
                Some(closure) => call(machine, closure, "apply", &[item])?,
                None => item,
            };
            sum = Some(match sum {
                // Small numbers add up as `int`s.
                None => match item {
                    Value::Byte(n) => Value::Int(n.into()),
                    Value::Short(n) => Value::Int(n.into()),
                    other => other,
                },
                Some(sum) => plus(machine, &sum, &item)?,
            });
        }
        Ok(sum.unwrap_or_default())
    }),
    groovy("withIndex", 0, 1, |machine, this, args| {
        let offset = offset(args)?;
        let pairs = items(machine, this)?.into_iter().zip(offset..);
        Ok(Value::list(pairs.map(|(item, index)| tuple(item, index.into())).collect()))
    }),
];

fn offset(args: &[Value]) -> Result<i32, Fault> {
    if args.is_empty() { Ok(0) } else { arguments::int(args, 0) }
}

/// A pair: Groovy's `Tuple2` is a list that refuses changes.
fn tuple(first: Value, second: Value) -> Value {
    Value::List(Arc::new(crate::script::value::List::new(ListKind::Unmodifiable, vec![first, second])))
}

fn nothing_to_inject(this: &Value) -> Fault {
    let over = match this {
        Value::Array(_) => "on an empty Object[]",
        Value::List(_) | Value::Set(_) | Value::Range(_) => "on an empty collection",
        _ => "over an empty iterable",
    };
    super::none_there(&format!("Cannot call inject() {over} without passing an initial value."))
}

/// `(closure)` or `(collection, closure)`.
pub(super) fn into_and_closure(args: &[Value]) -> (Option<&Value>, Option<&Value>) {
    match args {
        [] => (None, None),
        [only @ (Value::List(_) | Value::Map(_) | Value::Set(_))] => (Some(only), None),
        [closure] => (None, Some(closure)),
        [into, closure, ..] => (Some(into), Some(closure)),
    }
}

/// The results as a new list, or added to the collection given.
pub(super) fn filled(machine: &mut Machine<'_>, into: Option<&Value>, results: Vec<Value>) -> Answer {
    let Some(into) = into else { return Ok(Value::list(results)) };
    machine.call_method(into, "addAll", &[Value::list(results)])?;
    Ok(into.clone())
}

/// Puts what a closure of `collectEntries` gave: a map, a list of two, or an entry.
pub(super) fn add_entry(machine: &mut Machine<'_>, map: &Value, entry: &Value) -> Result<(), Fault> {
    let pair = |items: Vec<Value>| {
        let mut items = items.into_iter();
        vec![(items.next().unwrap_or_default(), items.next().unwrap_or_default())]
    };
    let pairs = match entry {
        Value::Map(map) => map.entries(),
        Value::Entry(entry) => vec![(entry.key.clone(), entry.value())],
        Value::List(list) => pair(list.slice(0, 2)),
        Value::Array(array) => pair(array.items()),
        other => {
            let key = machine.call_method(other, "getKey", &[])?;
            vec![(key, machine.call_method(other, "getValue", &[])?)]
        }
    };
    for (key, value) in pairs {
        match map {
            Value::Map(target) if target.kind == MapKind::Linked && target.source.is_none() => {
                Map::put(target, key, value);
            }
            _ => _ = machine.call_method(map, "put", &[key, value])?,
        }
    }
    Ok(())
}

//! Items by what a closure says of them: `groupBy`, `countBy`, and what they share with maps.

use super::{call, call_entry, is_closure};
use crate::script::library::iterator::Walk;
use crate::script::library::{Answer, Class, Method, groovy};
use crate::script::machine::Machine;
use crate::script::value::{Map, Thrown, Value};
use std::sync::Arc;

/// See [`super::SEQUENCE`].
pub static GROUP: Class = Class { methods: METHODS, ..Class::interface("java.lang.Iterable", &[]) };

static METHODS: &[Method] = &[
    groovy("countBy", 0, 1, |machine, this, args| {
        let Value::Map(counts) = Value::map([]) else { return Ok(Value::Null) };
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            let key = key_of(machine, args.first(), &item)?;
            let count = counts.get(&key).and_then(|count| count.to_i32()).unwrap_or(0);
            counts.put(key, Value::Int(count + 1));
        }
        Ok(Value::Map(counts))
    }),
    groovy("groupBy", 0, usize::MAX, |machine, this, args| {
        // Closures may come in a list of their own.
        let listed = match args {
            [Value::List(list)] => Some(list.items()),
            [Value::Array(array)] => Some(array.items()),
            _ => None,
        };
        let closures = listed.as_deref().unwrap_or(args);
        let items = Walk::over(machine, this)?.rest(machine)?;
        group(machine, items, closures, &|items| items)
    }),
];

/// What an item is counted or grouped by.
fn key_of(machine: &mut Machine<'_>, closure: Option<&Value>, item: &Value) -> Result<Value, Thrown> {
    let key = match closure {
        Some(closure) if is_closure(closure) => call_entry(machine, closure, item)?,
        Some(function) => call(machine, function, "apply", std::slice::from_ref(item))?,
        None => item.clone(),
    };
    // A text with interpolation is no good key.
    Ok(key)
}

/// Groups by the first closure, each group by the next, and so on; `finish` makes what a group is.
pub(super) fn group(
    machine: &mut Machine<'_>,
    items: Vec<Value>,
    closures: &[Value],
    finish: &dyn Fn(Vec<Value>) -> Vec<Value>,
) -> Answer {
    let groups = groups(machine, items, closures.first())?;
    let result = Value::map([]);
    let Value::Map(map) = &result else { return Ok(result) };
    for (key, items) in groups {
        let items = finish(items);
        let group = match closures.get(1..) {
            Some(rest) if !rest.is_empty() => group(machine, items, rest, finish)?,
            _ => Value::list(items),
        };
        map.put(key, group);
    }
    Ok(result)
}

/// Keys in the order in which they came, each with its items.
pub(super) fn groups(
    machine: &mut Machine<'_>,
    items: Vec<Value>,
    closure: Option<&Value>,
) -> Result<Vec<(Value, Vec<Value>)>, Thrown> {
    let places = Arc::new(Map::new(crate::script::value::MapKind::Linked));
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for item in items {
        let key = key_of(machine, closure, &item)?;
        match places.get(&key).and_then(|place| place.to_i64()).and_then(|place| groups.get_mut(place as usize)) {
            Some(group) => group.1.push(item),
            None => {
                places.put(key.clone(), Value::Long(groups.len() as i64));
                groups.push((key, vec![item]));
            }
        }
    }
    Ok(groups)
}

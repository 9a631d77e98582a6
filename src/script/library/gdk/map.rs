//! What Groovy adds to maps.

use super::walk::add_entry;
use super::{call_entry, is_closure, parameters};
use crate::script::host::Outcome;
use crate::script::library::iterator::Walk;
use crate::script::library::map::{changeable, get, of, of_arc, put, put_all, remove};
use crate::script::library::{Answer, Class, Fault, Method, arguments, groovy};
use crate::script::machine::Machine;
use crate::script::value::{Entry, Map, MapKind, Thrown, Value, exceptions};
use std::cmp::Ordering;
use std::sync::Arc;

/// The methods that Groovy gives to maps: a parent of `java.util.Map`.
pub static MAP: Class = Class { methods: METHODS, ..Class::interface("java.util.Map", &[]) };

/// A new map of the kind of `like`.
fn similar(like: &Map, entries: Vec<(Value, Value)>) -> Value {
    let kind = match like.kind {
        kind @ (MapKind::Tree | MapKind::Properties | MapKind::Hashtable) => kind,
        _ => MapKind::Linked,
    };
    let mut map = Map::new(kind);
    map.comparator.clone_from(&like.comparator);
    for (at, (key, value)) in entries.into_iter().enumerate() {
        // What comes from a sorted map comes in its order.
        if kind == MapKind::Tree && map.comparator.is_some() {
            map.insert_at(at, key, value);
        } else {
            map.put(key, value);
        }
    }
    Value::Map(Arc::new(map))
}

/// A copy as Groovy makes one for `plus` and `minus`.
fn copy(map: &Map) -> Value {
    similar(map, map.entries())
}

fn pair(entry: &Value) -> (Value, Value) {
    match entry {
        Value::Entry(entry) => (entry.key.clone(), entry.value()),
        other => (other.clone(), Value::Null),
    }
}

fn says(machine: &mut Machine<'_>, closure: &Value, entry: &Value) -> Result<bool, Thrown> {
    let answer = call_entry(machine, closure, entry)?;
    machine.truth(&answer)
}

fn walk(machine: &mut Machine<'_>, this: &Value) -> Result<Walk, Fault> {
    of(this)?;
    Ok(Walk::over(machine, this)?)
}

/// `map.get(key)`, with the default of `withDefault`.
pub(crate) fn map_get(machine: &mut Machine<'_>, this: &Value, key: &Value) -> Answer {
    let map = of(this)?;
    if let Some(value) = get(machine, map, key)? {
        return Ok(value);
    }
    match &map.default {
        Some(default) if is_closure(default) => {
            let value = machine.call(default, std::slice::from_ref(key))?;
            put(machine, map, key.clone(), value.clone())?;
            Ok(value)
        }
        _ => Ok(Value::Null),
    }
}

/// Puts a collection of entries.
pub(crate) fn put_entries(machine: &mut Machine<'_>, this: &Value, entries: &Value) -> Result<(), Fault> {
    for entry in super::items(machine, entries)? {
        let (key, value) = match &entry {
            Value::Entry(_) => pair(&entry),
            _ => return Err(Fault::Mismatch),
        };
        put(machine, of(this)?, key, value)?;
    }
    Ok(())
}

/// Entries in the order of a closure, a comparator, or their keys.
fn sorted(machine: &mut Machine<'_>, map: &Arc<Map>, order: Option<&Value>) -> Result<Vec<Value>, Thrown> {
    let entries: Vec<Value> = map.entries().into_iter().map(|(key, value)| Entry::of(map, key, value)).collect();
    match order {
        Some(closure) if is_closure(closure) => super::sorted(machine, entries, super::Order::by(Some(closure))),
        Some(comparator) => super::sort_with(entries, |a, b| {
            crate::script::library::comparator::by(machine, comparator, &pair(a).0, &pair(b).0)
        }),
        None => super::sort_with(entries, |a, b| Ok(super::number_aware(machine, &pair(a).0, &pair(b).0))),
    }
}

fn sort(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    if args.is_empty() {
        let class = crate::script::value::ClassRef::Library(&crate::script::library::map::TREE_MAP);
        return Ok(machine.construct(&class, std::slice::from_ref(this))?);
    }
    if let [comparator @ Value::Object(_)] = args {
        let class = crate::script::value::ClassRef::Library(&crate::script::library::map::TREE_MAP);
        let sorted = machine.construct(&class, std::slice::from_ref(comparator))?;
        put_all(machine, of(&sorted)?, of(this)?.entries())?;
        return Ok(sorted);
    }
    let entries = sorted(machine, of_arc(this)?, args.first())?;
    Ok(Value::map(entries.iter().map(pair)))
}

fn extreme(machine: &mut Machine<'_>, this: &Value, closure: &Value, wanted: Ordering) -> Answer {
    let mut best: Option<(Value, Value)> = None;
    let mut walk = walk(machine, this)?;
    while let Some(entry) = walk.next(machine)? {
        let key = if parameters(closure) == 2 { entry.clone() } else { call_entry(machine, closure, &entry)? };
        let better = match &best {
            None => true,
            Some((best_key, _)) if parameters(closure) == 2 => {
                crate::script::library::comparator::by(machine, closure, &key, best_key)? == wanted
            }
            Some((best_key, _)) => super::number_aware(machine, &key, best_key) == wanted,
        };
        if better {
            best = Some((key, entry));
        }
    }
    Ok(best.map_or(Value::Null, |(_, entry)| entry))
}

/// The entries of which a closure says what is wanted.
fn filtered(
    machine: &mut Machine<'_>,
    this: &Value,
    closure: &Value,
    wanted: bool,
) -> Result<Vec<(Value, Value)>, Fault> {
    let mut found = Vec::new();
    let mut walk = walk(machine, this)?;
    while let Some(entry) = walk.next(machine)? {
        if says(machine, closure, &entry)? == wanted {
            found.push(pair(&entry));
        }
    }
    Ok(found)
}

fn drop_where(machine: &mut Machine<'_>, this: &Value, closure: &Value, wanted: bool) -> Answer {
    let gone = filtered(machine, this, closure, wanted)?;
    changeable(of(this)?)?;
    for (key, _) in &gone {
        remove(machine, of(this)?, key)?;
    }
    Ok((!gone.is_empty()).into())
}

/// Groups of entries, each a map of its own.
fn group(machine: &mut Machine<'_>, this: &Value, entries: Vec<Value>, closures: &[Value], as_maps: bool) -> Outcome {
    let groups = super::group::groups(machine, entries, closures.first())?;
    let result = Value::map([]);
    let Value::Map(map) = &result else { return Ok(result) };
    for (key, entries) in groups {
        let group = match closures.get(1..) {
            Some(rest) if !rest.is_empty() => group(machine, this, entries, rest, as_maps)?,
            _ if as_maps => match of(this) {
                Ok(like) => similar(like, entries.iter().map(pair).collect()),
                Err(_) => Value::Null,
            },
            _ => Value::list(entries),
        };
        map.put(key, group);
    }
    Ok(result)
}

fn collect(machine: &mut Machine<'_>, this: &Value, args: &[Value], many: bool) -> Answer {
    let (into, closure) = super::walk::into_and_closure(args);
    let mut results = Vec::new();
    let mut walk = walk(machine, this)?;
    while let Some(entry) = walk.next(machine)? {
        let result = match closure {
            Some(closure) => call_entry(machine, closure, &entry)?,
            None => entry,
        };
        if many {
            results.extend(super::items(machine, &result)?);
        } else {
            results.push(result);
        }
    }
    super::walk::filled(machine, into, results)
}

static METHODS: &[Method] = &[
    groovy("any", 0, 1, |machine, this, args| {
        let Some(closure) = args.first() else { return Ok((!of(this)?.is_empty()).into()) };
        let mut walk = walk(machine, this)?;
        while let Some(entry) = walk.next(machine)? {
            if says(machine, closure, &entry)? {
                return Ok(true.into());
            }
        }
        Ok(false.into())
    }),
    groovy("asImmutable", 0, 0, |machine, this, _| {
        let copy = copy(of(this)?);
        Ok(machine.call_method(&copy, "asUnmodifiable", &[])?)
    }),
    groovy("asSynchronized", 0, 0, |_, this, _| Ok(this.clone())),
    groovy("asUnmodifiable", 0, 0, |_, this, _| super::unmodifiable(this)),
    groovy("collect", 0, 2, |machine, this, args| collect(machine, this, args, false)),
    groovy("collectEntries", 0, 2, |machine, this, args| {
        let (into, closure) = super::walk::into_and_closure(args);
        let result = match into {
            Some(into) => into.clone(),
            None => similar(of(this)?, Vec::new()),
        };
        let mut walk = walk(machine, this)?;
        while let Some(entry) = walk.next(machine)? {
            let made = match closure {
                Some(closure) => call_entry(machine, closure, &entry)?,
                None => entry,
            };
            add_entry(machine, &result, &made)?;
        }
        Ok(result)
    }),
    groovy("collectMany", 1, 2, |machine, this, args| collect(machine, this, args, true)),
    groovy("count", 1, 1, |machine, this, args| Ok((filtered(machine, this, &args[0], true)?.len() as i32).into())),
    groovy("countBy", 1, 1, |machine, this, args| {
        let entries = walk(machine, this)?.rest(machine)?;
        let groups = super::group::groups(machine, entries, args.first())?;
        Ok(Value::map(groups.into_iter().map(|(key, items)| (key, Value::Int(items.len() as i32)))))
    }),
    groovy("drop", 1, 1, |_, this, args| {
        let most = arguments::int(args, 0)?.max(0) as usize;
        Ok(similar(of(this)?, of(this)?.entries().into_iter().skip(most).collect()))
    }),
    groovy("dropWhile", 1, 1, |machine, this, args| {
        let (mut kept, mut dropping) = (Vec::new(), true);
        let mut walk = walk(machine, this)?;
        while let Some(entry) = walk.next(machine)? {
            dropping = dropping && says(machine, &args[0], &entry)?;
            if !dropping {
                kept.push(pair(&entry));
            }
        }
        Ok(similar(of(this)?, kept))
    }),
    groovy("every", 0, 1, |machine, this, args| {
        let Some(closure) = args.first() else { return Ok(true.into()) };
        let mut walk = walk(machine, this)?;
        while let Some(entry) = walk.next(machine)? {
            if !says(machine, closure, &entry)? {
                return Ok(false.into());
            }
        }
        Ok(true.into())
    }),
    groovy("find", 0, 1, |machine, this, args| {
        let mut walk = walk(machine, this)?;
        while let Some(entry) = walk.next(machine)? {
            match args.first() {
                Some(closure) if !says(machine, closure, &entry)? => {}
                _ => return Ok(entry),
            }
        }
        Ok(Value::Null)
    }),
    groovy("findAll", 1, 1, |machine, this, args| {
        let found = filtered(machine, this, &args[0], true)?;
        Ok(similar(of(this)?, found))
    }),
    groovy("findResult", 1, 2, |machine, this, args| {
        let (default, closure) = match args {
            [default, closure] => (default.clone(), closure),
            _ => (Value::Null, &args[0]),
        };
        let mut walk = walk(machine, this)?;
        while let Some(entry) = walk.next(machine)? {
            let result = call_entry(machine, closure, &entry)?;
            if !result.is_null() {
                return Ok(result);
            }
        }
        Ok(default)
    }),
    groovy("findResults", 1, 1, |machine, this, args| {
        let mut found = Vec::new();
        let mut walk = walk(machine, this)?;
        while let Some(entry) = walk.next(machine)? {
            let result = call_entry(machine, &args[0], &entry)?;
            if !result.is_null() {
                found.push(result);
            }
        }
        Ok(Value::list(found))
    }),
    groovy("get", 2, 2, |machine, this, args| {
        let map = of(this)?;
        if map.contains(&args[0]) {
            return map_get(machine, this, &args[0]);
        }
        put(machine, map, args[0].clone(), args[1].clone())?;
        Ok(args[1].clone())
    }),
    groovy("getAt", 1, 1, |machine, this, args| map_get(machine, this, &args[0])),
    groovy("groupBy", 1, usize::MAX, |machine, this, args| {
        let entries = walk(machine, this)?.rest(machine)?;
        Ok(group(machine, this, entries, args, true)?)
    }),
    groovy("groupEntriesBy", 1, 1, |machine, this, args| {
        let entries = walk(machine, this)?.rest(machine)?;
        Ok(group(machine, this, entries, args, false)?)
    }),
    groovy("intersect", 1, 1, |machine, this, args| {
        let other = of(&args[0])?;
        let mut both = Vec::new();
        for (key, value) in of(this)?.entries() {
            if let Some(there) = other.get(&key)
                && machine.equals(&there, &value)?
            {
                both.push((key, value));
            }
        }
        Ok(similar(of(this)?, both))
    }),
    groovy("iterator", 0, 0, |machine, this, _| {
        Ok(crate::script::library::iterator::iterator(Walk::over(machine, this)?))
    }),
    groovy("leftShift", 1, 1, |machine, this, args| {
        match &args[0] {
            Value::Map(more) => put_all(machine, of(this)?, more.entries())?,
            Value::Entry(entry) => _ = put(machine, of(this)?, entry.key.clone(), entry.value())?,
            _ => return Err(Fault::Mismatch),
        }
        Ok(this.clone())
    }),
    groovy("max", 1, 1, |machine, this, args| extreme(machine, this, &args[0], Ordering::Greater)),
    groovy("min", 1, 1, |machine, this, args| extreme(machine, this, &args[0], Ordering::Less)),
    groovy("minus", 1, 1, |machine, this, args| {
        let gone = of(&args[0])?;
        let mut kept = Vec::new();
        for (key, value) in of(this)?.entries() {
            let same = match gone.get(&key) {
                Some(other) => machine.equals(&value, &other)?,
                None => false,
            };
            if !same {
                kept.push((key, value));
            }
        }
        Ok(similar(of(this)?, kept))
    }),
    groovy("plus", 1, 1, |machine, this, args| {
        let sum = copy(of(this)?);
        match &args[0] {
            Value::Map(more) => put_all(machine, of(&sum)?, more.entries())?,
            Value::List(_) | Value::Set(_) => put_entries(machine, &sum, &args[0])?,
            _ => return Err(Fault::Mismatch),
        }
        Ok(sum)
    }),
    groovy("putAt", 2, 2, |machine, this, args| {
        put(machine, of(this)?, args[0].clone(), args[1].clone())?;
        Ok(args[1].clone())
    }),
    groovy("removeAll", 1, 1, |machine, this, args| drop_where(machine, this, &args[0], true)),
    groovy("retainAll", 1, 1, |machine, this, args| drop_where(machine, this, &args[0], false)),
    groovy("sort", 0, 1, sort),
    groovy("spread", 0, 0, |_, this, _| Ok(this.clone())),
    groovy("subMap", 1, 2, |machine, this, args| {
        let map = of(this)?;
        let mut part = Vec::new();
        for key in super::items(machine, &args[0])? {
            let value = match (map.get(&key), args.get(1)) {
                (Some(value), _) => value,
                (None, Some(default)) if is_closure(default) => machine.call(default, std::slice::from_ref(&key))?,
                (None, Some(default)) => default.clone(),
                (None, None) if map.default.is_some() => map_get(machine, this, &key)?,
                (None, None) => continue,
            };
            part.push((key, value));
        }
        Ok(Value::map(part))
    }),
    groovy("take", 1, 1, |_, this, args| {
        let most = arguments::int(args, 0)?.max(0) as usize;
        Ok(similar(of(this)?, of(this)?.entries().into_iter().take(most).collect()))
    }),
    groovy("takeWhile", 1, 1, |machine, this, args| {
        let mut taken = Vec::new();
        let mut walk = walk(machine, this)?;
        while let Some(entry) = walk.next(machine)? {
            if !says(machine, &args[0], &entry)? {
                break;
            }
            taken.push(pair(&entry));
        }
        Ok(similar(of(this)?, taken))
    }),
    groovy("toMapString", 0, 1, |machine, this, args| {
        let text = machine.text(this)?;
        let Some(most) = args.first().and_then(Value::to_i32) else { return Ok(text.into()) };
        let most = most.max(0) as usize;
        let inner: String = text.chars().skip(1).collect();
        if inner.chars().count().saturating_sub(1) <= most {
            return Ok(text.into());
        }
        Ok(format!("[{}...]", inner.chars().take(most).collect::<String>()).into())
    }),
    groovy("toSorted", 0, 1, |machine, this, args| {
        if args.is_empty() {
            // Without an order, by value.
            let map = of_arc(this)?;
            let sorted = super::sort_with(map.entries(), |a, b| Ok(super::number_aware(machine, &a.1, &b.1)))?;
            return Ok(Value::map(sorted));
        }
        sort(machine, this, args)
    }),
    groovy("withDefault", 1, 1, |_, this, args| {
        let map = of_arc(this)?;
        let mut view = Map::view(map.kind, map.clone());
        view.default = Some(args[0].clone());
        view.comparator.clone_from(&map.comparator);
        Ok(Value::Map(Arc::new(view)))
    }),
    groovy("each", 1, 1, each),
    groovy("eachWithIndex", 1, 1, each_with_index),
    groovy("inject", 1, 2, inject),
    groovy("reverseEach", 1, 1, |machine, this, args| {
        for entry in walk(machine, this)?.rest(machine)?.iter().rev() {
            call_entry(machine, &args[0], entry)?;
        }
        Ok(this.clone())
    }),
];

fn each(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let mut walk = walk(machine, this)?;
    while let Some(entry) = walk.next(machine)? {
        call_entry(machine, &args[0], &entry)?;
    }
    Ok(this.clone())
}

fn each_with_index(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let mut walk = walk(machine, this)?;
    let mut index = 0i32;
    while let Some(entry) = walk.next(machine)? {
        let (key, value) = pair(&entry);
        if parameters(&args[0]) == 3 {
            machine.call(&args[0], &[key, value, index.into()])?;
        } else {
            machine.call(&args[0], &[entry, index.into()])?;
        }
        index = index.wrapping_add(1);
    }
    Ok(this.clone())
}

fn inject(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let mut walk = walk(machine, this)?;
    let [mut sum, closure] = match args {
        [first, closure] => [first.clone(), closure.clone()],
        [closure] => {
            let message = "Cannot call inject() on an empty collection without passing an initial value.";
            let first = walk.next(machine)?.ok_or_else(|| Thrown::new(exceptions::NO_SUCH_ELEMENT, message))?;
            [first, closure.clone()]
        }
        _ => return Err(Fault::Mismatch),
    };
    while let Some(entry) = walk.next(machine)? {
        let (key, value) = pair(&entry);
        sum = if parameters(&closure) == 3 {
            machine.call(&closure, &[sum, key, value])?
        } else {
            machine.call(&closure, &[sum, entry])?
        };
    }
    Ok(sum)
}

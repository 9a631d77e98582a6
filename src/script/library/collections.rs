//! `java.util.Collections`.

use super::arrays::{binary_search, list_at};
use super::collection::settable;
use super::{Answer, Class, Fault, Method, arguments, comparator, gdk, iterator, java, object};
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{List, ListKind, Map, MapKind, Set, Thrown, Value, equals, exceptions};
use std::cmp::Ordering;
use std::sync::Arc;

/// `java.util.Collections`.
pub static COLLECTIONS: Class = Class {
    statics: STATICS,
    constants: &[
        ("EMPTY_LIST", || fixed_list(Vec::new())),
        ("EMPTY_MAP", || fixed_map(&[])),
        ("EMPTY_SET", || super::set::immutable(Vec::new())),
    ],
    ..Class::named("java.util.Collections", &[&object::OBJECT])
};

fn fixed_list(items: Vec<Value>) -> Value {
    Value::List(Arc::new(List::new(ListKind::Unmodifiable, items)))
}

fn fixed_map(pairs: &[(Value, Value)]) -> Value {
    let map = Map::new(MapKind::Immutable);
    for (key, value) in pairs {
        map.put(key.clone(), value.clone());
    }
    Value::Map(Arc::new(map))
}

fn fixed_set(items: Vec<Value>) -> Value {
    Value::Set(Arc::new(Set::new(MapKind::Unmodifiable, items)))
}

fn extreme(machine: &mut Machine<'_>, args: &[Value], wanted: Ordering) -> Answer {
    let order = gdk::Order::natural_or(args.get(1));
    let mut best: Option<Value> = None;
    for item in gdk::items(machine, &args[0])? {
        let better = match &best {
            None => true,
            Some(best) => order.compare(machine, &item, best)? == wanted,
        };
        if better {
            best = Some(item);
        }
    }
    best.ok_or_else(|| Thrown::with_cause(exceptions::NO_SUCH_ELEMENT, None, Value::Null).into())
}

fn unmodifiable(_: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    if args[0].is_null() {
        return Err(super::collection::null_pointer());
    }
    gdk::unmodifiable(&args[0])
}

fn same(_: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    if args[0].is_null() {
        return Err(super::collection::null_pointer());
    }
    Ok(args[0].clone())
}

static STATICS: &[Method] = &[
    java("addAll", 1, usize::MAX, |machine, _, args| {
        let items = match &args[1..] {
            [Value::Array(array)] => array.items(),
            items => items.to_vec(),
        };
        let mut changed = false;
        for item in items {
            changed |= super::collection::add(machine, &args[0], item)?;
        }
        Ok(changed.into())
    }),
    java("binarySearch", 2, 3, |machine, _, args| {
        let items = list_at(args, 0)?.items();
        binary_search(machine, &items, &args[1], args.get(2))
    }),
    java("disjoint", 2, 2, |machine, _, args| {
        let index = super::collection::index_of(&gdk::items(machine, &args[0])?);
        Ok((!gdk::items(machine, &args[1])?.iter().any(|item| index.contains(item))).into())
    }),
    java("emptyIterator", 0, 0, |_, _, _| Ok(iterator::iterator(iterator::Walk::of(Vec::new())))),
    java("emptyList", 0, 0, |_, _, _| Ok(fixed_list(Vec::new()))),
    java("emptyMap", 0, 0, |_, _, _| Ok(fixed_map(&[]))),
    java("emptySet", 0, 0, |_, _, _| Ok(fixed_set(Vec::new()))),
    java("enumeration", 1, 1, |machine, _, args| Ok(iterator::enumeration(gdk::items(machine, &args[0])?))),
    java("fill", 2, 2, |_, _, args| {
        let list = list_at(args, 0)?;
        settable(list)?;
        list.change(|items| items.fill(args[1].clone()));
        Ok(Value::Null)
    }),
    java("frequency", 2, 2, |machine, _, args| {
        let items = gdk::items(machine, &args[0])?;
        Ok((items.iter().filter(|item| equals(&args[1], item)).count() as i32).into())
    }),
    java("list", 1, 1, |machine, _, args| Ok(Value::list(gdk::items(machine, &args[0])?))),
    java("max", 1, 2, |machine, _, args| extreme(machine, args, Ordering::Greater)),
    java("min", 1, 2, |machine, _, args| extreme(machine, args, Ordering::Less)),
    java("nCopies", 2, 2, |_, _, args| {
        let count = arguments::int(args, 0)?;
        let Ok(count) = usize::try_from(count) else {
            return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, format!("List length = {count}")).into());
        };
        budget::items(count)?;
        Ok(fixed_list(vec![args[1].clone(); count]))
    }),
    java("reverse", 1, 1, |_, _, args| {
        let list = list_at(args, 0)?;
        settable(list)?;
        list.change(|items| items.reverse());
        Ok(Value::Null)
    }),
    java("reverseOrder", 0, 1, |_, _, args| {
        Ok(comparator::reversed(args.first().cloned().unwrap_or_else(comparator::natural_order)))
    }),
    java("rotate", 2, 2, |_, _, args| {
        let (list, distance) = (list_at(args, 0)?, i64::from(arguments::int(args, 1)?));
        settable(list)?;
        list.change(|items| {
            if !items.is_empty() {
                let count = items.len();
                items.rotate_right(distance.rem_euclid(count as i64) as usize);
            }
        });
        Ok(Value::Null)
    }),
    java("shuffle", 1, 2, |machine, _, args| {
        let list = list_at(args, 0)?;
        settable(list)?;
        let mut items = list.items();
        gdk::shuffle(machine, &mut items, args.get(1))?;
        list.change(|own| *own = items);
        Ok(Value::Null)
    }),
    java("singleton", 1, 1, |_, _, args| Ok(fixed_set(vec![args[0].clone()]))),
    java("singletonList", 1, 1, |_, _, args| Ok(fixed_list(vec![args[0].clone()]))),
    java("singletonMap", 2, 2, |_, _, args| Ok(fixed_map(&[(args[0].clone(), args[1].clone())]))),
    java("sort", 1, 2, |machine, _, args| {
        let list = list_at(args, 0)?;
        settable(list)?;
        let sorted = gdk::sorted(machine, list.items(), gdk::Order::natural_or(args.get(1)))?;
        list.replace(sorted);
        Ok(Value::Null)
    }),
    java("swap", 3, 3, |_, _, args| {
        gdk::swap(&args[0], arguments::int(args, 1)?, arguments::int(args, 2)?)?;
        Ok(Value::Null)
    }),
    java("synchronizedCollection", 1, 1, same),
    java("synchronizedList", 1, 1, same),
    java("synchronizedMap", 1, 1, same),
    java("synchronizedSet", 1, 1, same),
    java("synchronizedSortedMap", 1, 1, same),
    java("unmodifiableCollection", 1, 1, unmodifiable),
    java("unmodifiableList", 1, 1, unmodifiable),
    java("unmodifiableMap", 1, 1, unmodifiable),
    java("unmodifiableSet", 1, 1, unmodifiable),
    java("unmodifiableSortedMap", 1, 1, unmodifiable),
    java("unmodifiableSortedSet", 1, 1, unmodifiable),
    java("newSetFromMap", 1, 1, |_, _, args| match &args[0] {
        Value::Map(map) => Ok(Value::Set(Arc::new(Set::new(map.kind, [])))),
        _ => Err(Fault::Mismatch),
    }),
];

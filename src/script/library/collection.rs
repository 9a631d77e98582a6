//! `java.util.Collection`: what lists, sets and queues share.

use super::{Class, Fault, Method, arguments, gdk, groovy, iterator, java, list, map, object, queue, set, stream};
use crate::script::budget;
use crate::script::machine::{Dialect, Machine};
use crate::script::value::{
    Array, List, ListKind, MapKind, Set, Thrown, Value, equals, exceptions, groovy_text, java_text,
};
use std::sync::Arc;

/// `java.lang.Iterable`.
pub static ITERABLE: Class = Class {
    methods: &[
        java("forEach", 1, 1, |machine, this, args| {
            let mut walk = iterator::Walk::over(machine, this)?;
            while let Some(item) = walk.next(machine)? {
                gdk::call(machine, &args[0], "accept", &[item])?;
            }
            Ok(Value::Null)
        }),
        java("iterator", 0, 0, |machine, this, _| Ok(iterator::iterator(iterator::Walk::over(machine, this)?))),
    ],
    ..Class::interface("java.lang.Iterable", &[&gdk::SEQUENCE, &object::OBJECT])
};

/// `java.util.Collection`.
pub static COLLECTION: Class = Class { methods: METHODS, ..Class::interface("java.util.Collection", &[&ITERABLE]) };

/// `UnsupportedOperationException` without a message.
pub(crate) fn unsupported() -> Fault {
    Thrown::with_cause(exceptions::UNSUPPORTED, None, Value::Null).into()
}

/// `NullPointerException` without a message.
pub(crate) fn null_pointer() -> Fault {
    Thrown::with_cause(exceptions::NULL_POINTER, None, Value::Null).into()
}

/// Java's words for an index that a list does not have.
pub(crate) fn out_of_bounds(index: i64, count: usize) -> Fault {
    Thrown::new(exceptions::INDEX, format!("Index {index} out of bounds for length {count}")).into()
}

/// A list whose items may be replaced.
pub(crate) fn settable(list: &List) -> Result<(), Fault> {
    if list.kind.is_fixed() || list.kind == ListKind::Values { Err(unsupported()) } else { Ok(()) }
}

/// A list that items may be added to and taken from.
pub(crate) fn growable(list: &List) -> Result<(), Fault> {
    if list.kind.is_fixed() || matches!(list.kind, ListKind::Arrays) { Err(unsupported()) } else { Ok(()) }
}

/// Whether a collection of `length` items may grow by `more`.
pub(crate) fn room(length: usize, more: usize) -> Result<(), Fault> {
    Ok(budget::items(length.saturating_add(more))?)
}

/// Adds an item as `Collection.add` does; whether it is there now and was not before.
pub(crate) fn add(machine: &mut Machine<'_>, this: &Value, item: Value) -> Result<bool, Fault> {
    match this {
        Value::List(list) => {
            growable(list)?;
            room(list.len(), 1)?;
            if list.kind == ListKind::Values {
                return Err(unsupported());
            }
            if list.kind.refuses_null() && item.is_null() {
                return Err(null_pointer());
            }
            match list.kind {
                ListKind::PriorityQueue => queue::offer(machine, list, item)?,
                _ => match list.extras().and_then(|extras| extras.capacity) {
                    Some(capacity) if !list.push_within(item.clone(), capacity) => {
                        return Err(Thrown::new(exceptions::ILLEGAL_STATE, queue::full(list.kind)).into());
                    }
                    Some(_) => {}
                    None => list.push(item),
                },
            }
            Ok(true)
        }
        Value::Set(set) => set::add(machine, set, item),
        Value::Range(_) => Err(unsupported()),
        _ => Err(Fault::Mismatch),
    }
}

/// Removes the first item that equals `item`; whether there was one.
pub(crate) fn remove(machine: &mut Machine<'_>, this: &Value, item: &Value) -> Result<bool, Fault> {
    match this {
        Value::List(list) => {
            growable(list)?;
            if list.kind == ListKind::PriorityQueue {
                return queue::remove(machine, list, item);
            }
            let at = position(machine, list, item)?;
            if let Some(at) = at {
                list.change(|items| {
                    if at < items.len() {
                        items.remove(at);
                    }
                });
                list::taken(list, std::slice::from_ref(item));
            }
            Ok(at.is_some())
        }
        Value::Set(set) => set::remove(machine, set, item),
        Value::Range(_) => Err(unsupported()),
        _ => Err(Fault::Mismatch),
    }
}

/// Whether two items are equal by Java's rules; objects of the script may have an `equals` of their own.
pub(crate) fn same(machine: &mut Machine<'_>, a: &Value, b: &Value) -> Result<bool, Thrown> {
    if equals(a, b) {
        return Ok(true);
    }
    match a {
        Value::Object(_) if !b.is_null() && machine.has_own_method(a, "equals", 1) => {
            Ok(matches!(machine.call_method(a, "equals", std::slice::from_ref(b))?, Value::Boolean(true)))
        }
        _ => Ok(false),
    }
}

/// Where an item stands in a list.
pub(crate) fn position(machine: &mut Machine<'_>, list: &List, item: &Value) -> Result<Option<usize>, Thrown> {
    if matches!(item, Value::String(_) | Value::Int(_) | Value::Long(_) | Value::Boolean(_) | Value::Null) {
        return Ok(list.position(|other| equals(item, other)));
    }
    for (at, other) in list.items().iter().enumerate() {
        if same(machine, item, other)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn contains(machine: &mut Machine<'_>, this: &Value, item: &Value) -> Result<bool, Fault> {
    Ok(match this {
        Value::Set(set) => set::contains(machine, set, item)?,
        Value::List(list) => position(machine, list, item)?.is_some(),
        Value::Range(range) if item.is_number() && range.from.is_number() => machine.is_case(this, item)?,
        _ => {
            for other in list::items(this)? {
                if same(machine, item, &other)? {
                    return Ok(true);
                }
            }
            false
        }
    })
}

static METHODS: &[Method] = &[
    java("add", 1, 1, |machine, this, args| Ok(add(machine, this, args[0].clone())?.into())),
    java("addAll", 1, 1, |machine, this, args| {
        let more = match &args[0] {
            Value::List(_) | Value::Set(_) | Value::Range(_) => list::items(&args[0])?,
            Value::Array(array) if machine.dialect == Dialect::Groovy => array.items(),
            Value::Null => return Err(null_pointer()),
            _ => return Err(Fault::Mismatch),
        };
        if let Value::List(own) = this {
            room(own.len(), more.len())?;
        }
        if let Value::List(own) = this
            && own.kind.is_list()
        {
            growable(own)?;
            let added = !more.is_empty();
            own.change(|items| items.extend(more));
            return Ok(added.into());
        }
        let mut changed = false;
        for item in more {
            changed |= add(machine, this, item)?;
        }
        Ok(changed.into())
    }),
    java("clear", 0, 0, |_, this, _| {
        match this {
            Value::List(list) => {
                growable(list)?;
                let items = list.items();
                list.replace(Vec::new());
                list::taken(list, &items);
            }
            Value::Set(set) => {
                set::changeable(set)?;
                set.clear();
            }
            _ => return Err(unsupported()),
        }
        Ok(Value::Null)
    }),
    java("contains", 1, 1, |machine, this, args| Ok(contains(machine, this, &args[0])?.into())),
    java("containsAll", 1, 1, |machine, this, args| {
        for item in list::items(&args[0])? {
            if !contains(machine, this, &item)? {
                return Ok(false.into());
            }
        }
        Ok(true.into())
    }),
    java("isEmpty", 0, 0, |_, this, _| Ok((count(this)? == 0).into())),
    java("parallelStream", 0, 0, |machine, this, _| stream::over(machine, this)),
    java("remove", 1, 1, |machine, this, args| Ok(remove(machine, this, &args[0])?.into())),
    java("removeAll", 1, 1, gdk::remove_all),
    java("removeIf", 1, 1, |machine, this, args| {
        let (mut kept, mut dropped) = (Vec::new(), Vec::new());
        match this {
            Value::List(list) => growable(list)?,
            Value::Set(set) => set::changeable(set)?,
            _ => return Err(unsupported()),
        }
        for item in list::items(this)? {
            if gdk::says(machine, &args[0], std::slice::from_ref(&item))? {
                dropped.push(item);
            } else {
                kept.push(item);
            }
        }
        if !dropped.is_empty() {
            match this {
                Value::List(list) => {
                    list.replace(kept);
                    list::taken(list, &dropped);
                }
                Value::Set(set) => {
                    for item in &dropped {
                        set::remove(machine, set, item)?;
                    }
                }
                _ => {}
            }
        }
        Ok((!dropped.is_empty()).into())
    }),
    java("retainAll", 1, 1, gdk::retain_all),
    java("size", 0, 0, |_, this, _| Ok((count(this)? as i32).into())),
    java("stream", 0, 0, |machine, this, _| stream::over(machine, this)),
    groovy("toString", 0, 0, |_, this, _| {
        // Java's own where the class has one, Groovy's else.
        let own = match this {
            Value::List(list) => {
                matches!(list.kind, ListKind::Vector | ListKind::Stack | ListKind::CopyOnWrite | ListKind::Unmodifiable)
            }
            Value::Set(set) => matches!(set.kind, MapKind::Unmodifiable | MapKind::CopyOnWrite),
            _ => true,
        };
        Ok(if own { java_text(this) } else { groovy_text(this) }.into())
    }),
    java("toArray", 0, 1, |_, this, args| {
        let element = match args.first() {
            Some(Value::Array(array)) => array.element.to_string(),
            _ => "java.lang.Object".to_owned(),
        };
        Ok(Value::Array(Arc::new(Array::new(&element, list::items(this)?))))
    }),
];

/// Count of items, without a copy of them.
pub(crate) fn count(this: &Value) -> Result<usize, Fault> {
    Ok(match this {
        Value::List(list) => list.len(),
        Value::Set(set) => set.len(),
        Value::Array(array) => array.len(),
        Value::Range(range) => range.len(),
        Value::Map(map) => map.len(),
        _ => return Err(Fault::Mismatch),
    })
}

/// The items of a constructor's argument: a collection's, or none for a capacity.
pub(crate) fn initial(machine: &mut Machine<'_>, args: &[Value]) -> Result<Vec<Value>, Fault> {
    if args.len() > 2 {
        return Err(Fault::Mismatch);
    }
    match args.first() {
        None => Ok(Vec::new()),
        Some(Value::Int(_)) => {
            let capacity = arguments::int(args, 0)?;
            if capacity < 0 {
                let message = format!("Illegal Capacity: {capacity}");
                return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into());
            }
            Ok(Vec::new())
        }
        Some(Value::Null) => Err(null_pointer()),
        Some(Value::Array(_) | Value::Map(_)) => Err(Fault::Mismatch),
        Some(collection @ (Value::List(_) | Value::Set(_) | Value::Range(_))) => gdk::items(machine, collection),
        Some(_) => Err(Fault::Mismatch),
    }
}

/// A `HashSet` for looking up.
pub(crate) fn index_of(items: &[Value]) -> Set {
    Set::new(MapKind::Hash, items.iter().cloned())
}

/// The classes of collections and what goes with them, for the table of classes.
pub static CLASSES: &[&Class] = &[
    &super::arrays::ARRAYS,
    &map::ABSTRACT_MAP,
    &super::collections::COLLECTIONS,
    &super::collectors::COLLECTOR,
    &super::collectors::COLLECTORS,
    &super::comparator::COMPARATOR,
    &COLLECTION,
    &ITERABLE,
    &iterator::ENUMERATION,
    &iterator::ITERATOR,
    &iterator::LIST_ITERATOR,
    &list::ARRAY_LIST,
    &list::COPY_ON_WRITE,
    &list::LINKED_LIST,
    &list::LIST,
    &list::RANDOM_ACCESS,
    &list::STACK,
    &list::VECTOR,
    &map::CONCURRENT_HASH_MAP,
    &map::CONCURRENT_MAP,
    &map::CONCURRENT_SKIP_LIST_MAP,
    &map::ENTRY,
    &map::HASHTABLE,
    &map::HASH_MAP,
    &map::LINKED_HASH_MAP,
    &map::MAP,
    &map::MAP_ENTRY,
    &map::NAVIGABLE_MAP,
    &map::PROPERTIES,
    &map::SIMPLE_ENTRY,
    &map::SORTED_MAP,
    &map::TREE_MAP,
    &super::optional::OPTIONAL,
    &super::optional::OPTIONAL_DOUBLE,
    &super::optional::OPTIONAL_INT,
    &super::optional::OPTIONAL_LONG,
    &queue::ARRAY_BLOCKING_QUEUE,
    &queue::ARRAY_DEQUE,
    &queue::BLOCKING_QUEUE,
    &queue::CONCURRENT_LINKED_DEQUE,
    &queue::CONCURRENT_LINKED_QUEUE,
    &queue::DEQUE,
    &queue::LINKED_BLOCKING_DEQUE,
    &queue::LINKED_BLOCKING_QUEUE,
    &queue::PRIORITY_QUEUE,
    &queue::QUEUE,
    &super::range::EMPTY_RANGE,
    &super::range::INT_RANGE,
    &super::range::NUMBER_RANGE,
    &super::range::OBJECT_RANGE,
    &super::range::RANGE,
    &set::CONCURRENT_SKIP_LIST_SET,
    &set::COPY_ON_WRITE_SET,
    &set::HASH_SET,
    &set::LINKED_HASH_SET,
    &set::NAVIGABLE_SET,
    &set::SET,
    &set::SORTED_SET,
    &set::TREE_SET,
    &stream::DOUBLE_STREAM,
    &stream::INT_STREAM,
    &stream::LONG_STREAM,
    &stream::STREAM,
];

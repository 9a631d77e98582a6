//! `java.util.List` and its classes.

use super::collection::{COLLECTION, growable, initial, out_of_bounds, position, remove, settable, unsupported};
use super::{Answer, Class, Constant, Fault, Method, Run, arguments, gdk, groovy, iterator, java, queue, takes};
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{Extras, List, ListKind, Thrown, Value, equals, exceptions};
use std::sync::Arc;

/// `java.util.List`.
pub static LIST: Class = Class {
    statics: &[
        java("copyOf", 1, 1, |machine, _, args| of(gdk::items(machine, &args[0])?)),
        java("of", 0, usize::MAX, |_, _, args| match args {
            [Value::Array(array)] => of(array.items()),
            _ => of(args.to_vec()),
        }),
    ],
    methods: METHODS,
    ..Class::interface("java.util.List", &[&COLLECTION])
};

const NO_CONSTANTS: &[Constant] = &[];

const fn class(name: &'static str, most: usize, parents: &'static [&'static Class], run: Run) -> Class {
    Class { constructor: takes(0, most, run), constants: NO_CONSTANTS, ..Class::named(name, parents) }
}

/// `java.util.RandomAccess`.
pub static RANDOM_ACCESS: Class = Class::interface("java.util.RandomAccess", &[]);
/// `java.util.ArrayList`.
pub static ARRAY_LIST: Class = class("java.util.ArrayList", 1, &[&LIST, &RANDOM_ACCESS], |machine, _, args| {
    new(machine, ListKind::ArrayList, args)
});
/// `java.util.LinkedList`.
pub static LINKED_LIST: Class =
    class("java.util.LinkedList", 1, &[&queue::DEQUE_METHODS, &LIST, &queue::DEQUE], |machine, _, args| {
        if matches!(args, [Value::Int(_)]) {
            return Err(Fault::Mismatch);
        }
        new(machine, ListKind::LinkedList, args)
    });
/// `java.util.Vector`.
pub static VECTOR: Class = Class {
    methods: &[
        java("addElement", 1, 1, |machine, this, args| Ok(machine.call_method(this, "add", args)?)),
        java("elementAt", 1, 1, |machine, this, args| Ok(machine.call_method(this, "get", args)?)),
        java("elements", 0, 0, |_, this, _| Ok(iterator::enumeration(items(this)?))),
        java("firstElement", 0, 0, |_, this, _| list_of(this)?.get(0).ok_or_else(no_such_element)),
        java("lastElement", 0, 0, |_, this, _| list_of(this)?.last().ok_or_else(no_such_element)),
        java("removeAllElements", 0, 0, |machine, this, _| Ok(machine.call_method(this, "clear", &[])?)),
    ],
    ..class("java.util.Vector", 2, &[&LIST, &RANDOM_ACCESS], |machine, _, args| new(machine, ListKind::Vector, args))
};
/// `java.util.Stack`.
pub static STACK: Class = Class {
    methods: &[
        java("empty", 0, 0, |_, this, _| Ok(list_of(this)?.is_empty().into())),
        java("peek", 0, 0, |_, this, _| list_of(this)?.last().ok_or_else(empty_stack)),
        java("pop", 0, 0, |_, this, _| list_of(this)?.pop().ok_or_else(empty_stack)),
        java("push", 1, 1, |_, this, args| {
            list_of(this)?.push(args[0].clone());
            Ok(args[0].clone())
        }),
        java("search", 1, 1, |_, this, args| {
            let items = items(this)?;
            let at = items.iter().rev().position(|item| equals(item, &args[0]));
            Ok(at.map_or(-1, |at| at as i32 + 1).into())
        }),
    ],
    ..class("java.util.Stack", 0, &[&VECTOR], |machine, _, args| new(machine, ListKind::Stack, args))
};
/// `java.util.concurrent.CopyOnWriteArrayList`.
pub static COPY_ON_WRITE: Class = Class {
    methods: &[java("addIfAbsent", 1, 1, |machine, this, args| {
        let list = list_of(this)?;
        if position(machine, list, &args[0])?.is_some() {
            return Ok(false.into());
        }
        list.push(args[0].clone());
        Ok(true.into())
    })],
    ..class("java.util.concurrent.CopyOnWriteArrayList", 1, &[&LIST, &RANDOM_ACCESS], |machine, _, args| {
        let items = match args {
            [Value::Array(array)] => array.items(),
            _ => initial(machine, args)?,
        };
        Ok(Value::List(Arc::new(List::new(ListKind::CopyOnWrite, items))))
    })
};
/// What `Arrays.asList` gives.
pub static ARRAYS_LIST: Class = Class::named("java.util.Arrays$ArrayList", &[&LIST, &RANDOM_ACCESS]);
/// What `List.of` gives.
pub static IMMUTABLE_LIST: Class = Class::named("java.util.ImmutableCollections$ListN", &[&LIST, &RANDOM_ACCESS]);
/// What `List.of` gives of one or two items.
pub static IMMUTABLE_PAIR: Class = Class::named("java.util.ImmutableCollections$List12", &[&LIST, &RANDOM_ACCESS]);
/// What `Collections.unmodifiableList` gives.
pub static UNMODIFIABLE_LIST: Class =
    Class::named("java.util.Collections$UnmodifiableRandomAccessList", &[&LIST, &RANDOM_ACCESS]);
/// What `ArrayList.subList` gives.
pub static SUB_LIST: Class = Class::named("java.util.ArrayList$SubList", &[&LIST, &RANDOM_ACCESS]);
/// What Groovy's `withDefault` gives.
pub static WITH_DEFAULT: Class = Class::named("groovy.lang.ListWithDefault", &[&LIST]);
/// What `Map.values()` gives.
pub static VALUES: Class = Class::named("java.util.LinkedHashMap$LinkedValues", &[&COLLECTION]);

/// The class of a list or queue.
pub(crate) fn class_of_list(list: &List) -> &'static Class {
    match list.kind {
        _ if list.extras().is_some_and(|extras| extras.default.is_some()) => &WITH_DEFAULT,
        ListKind::ArrayList if list.extras().is_some_and(|extras| extras.part_of.is_some()) => &SUB_LIST,
        ListKind::ArrayList => &ARRAY_LIST,
        ListKind::LinkedList => &LINKED_LIST,
        ListKind::Vector => &VECTOR,
        ListKind::Stack => &STACK,
        ListKind::CopyOnWrite => &COPY_ON_WRITE,
        ListKind::Arrays => &ARRAYS_LIST,
        ListKind::Immutable if (1..3).contains(&list.len()) => &IMMUTABLE_PAIR,
        ListKind::Immutable => &IMMUTABLE_LIST,
        ListKind::Unmodifiable => &UNMODIFIABLE_LIST,
        ListKind::Values => &VALUES,
        ListKind::ArrayDeque => &queue::ARRAY_DEQUE,
        ListKind::PriorityQueue => &queue::PRIORITY_QUEUE,
        ListKind::ConcurrentLinkedQueue => &queue::CONCURRENT_LINKED_QUEUE,
        ListKind::ConcurrentLinkedDeque => &queue::CONCURRENT_LINKED_DEQUE,
        ListKind::LinkedBlockingQueue => &queue::LINKED_BLOCKING_QUEUE,
        ListKind::LinkedBlockingDeque => &queue::LINKED_BLOCKING_DEQUE,
        ListKind::ArrayBlockingQueue => &queue::ARRAY_BLOCKING_QUEUE,
    }
}

fn new(machine: &mut Machine<'_>, kind: ListKind, args: &[Value]) -> Answer {
    Ok(Value::List(Arc::new(List::new(kind, initial(machine, args)?))))
}

/// `List.of(items)`.
pub(crate) fn of(items: Vec<Value>) -> Answer {
    if items.iter().any(Value::is_null) {
        return Err(super::collection::null_pointer());
    }
    Ok(Value::List(Arc::new(List::new(ListKind::Immutable, items))))
}

fn no_such_element() -> Fault {
    Thrown::with_cause(exceptions::NO_SUCH_ELEMENT, None, Value::Null).into()
}

fn empty_stack() -> Fault {
    Thrown::with_cause("java.util.EmptyStackException", None, Value::Null).into()
}

/// The list of a receiver.
pub(crate) fn list_of(this: &Value) -> Result<&Arc<List>, Fault> {
    match this {
        Value::List(list) => Ok(list),
        _ => Err(Fault::Mismatch),
    }
}

/// The items of a collection or array.
pub(crate) fn items(value: &Value) -> Result<Vec<Value>, Fault> {
    Ok(match value {
        Value::List(list) => list.items(),
        Value::Set(set) => set.items(),
        Value::Array(array) => array.items(),
        Value::Range(range) => crate::script::core::operators::range_items(range)?,
        _ => return Err(Fault::Mismatch),
    })
}

/// What was taken from the values of a map goes from the map too, and what was taken from a part of a list from the list.
pub(crate) fn taken(list: &List, gone: &[Value]) {
    let Some(extras) = list.extras() else { return };
    if let Some((whole, from)) = &extras.part_of {
        whole.change(|items| {
            for one in gone {
                let from = (*from).min(items.len());
                if let Some(at) = items[from..].iter().position(|item| item.is_same(one) || equals(item, one)) {
                    items.remove(from + at);
                }
            }
        });
    }
    if let Some(map) = &extras.values_of {
        for one in gone {
            if let Some((key, _)) = map.entries().into_iter().find(|(_, value)| equals(value, one)) {
                map.remove(&key);
            }
        }
    }
}

/// A list of Groovy's `withDefault`: an index beyond the end makes the items up to it.
pub(crate) fn get_with_default(machine: &mut Machine<'_>, list: &Arc<List>, index: i32) -> Answer {
    let count = list.len();
    let at = gdk::normalized(i64::from(index), count)?;
    let Some((closure, eager)) = list.extras().and_then(|extras| extras.default.clone()) else {
        return Ok(list.get(at).unwrap_or_default());
    };
    budget::items(at)?;
    for missing in count..at {
        let item = if eager { machine.call(&closure, &[Value::Int(missing as i32)])? } else { Value::Null };
        list.push(item);
    }
    let there = list.get(at);
    if let Some(item) = there.filter(|item| !item.is_null()) {
        return Ok(item);
    }
    let item = machine.call(&closure, &[Value::Int(at as i32)])?;
    if at < list.len() {
        list.set(at, item.clone());
    } else {
        list.push(item.clone());
    }
    Ok(item)
}

/// What the class of a list says of an index that it does not have.
pub(crate) fn no_such_index(list: &List, index: i32) -> Fault {
    let count = list.len();
    let message = match list.kind {
        ListKind::LinkedList => format!("Index: {index}, Size: {count}"),
        ListKind::Unmodifiable if count == 0 => format!("Index: {index}"),
        ListKind::Immutable if (1..3).contains(&count) => format!("Index: {index} Size: {count}"),
        ListKind::Vector | ListKind::Stack if index >= 0 => {
            return Thrown::new(exceptions::ARRAY_INDEX, format!("Array index out of range: {index}")).into();
        }
        ListKind::Vector | ListKind::Stack | ListKind::Arrays | ListKind::CopyOnWrite | ListKind::Immutable => {
            return super::array::out_of_bounds(i64::from(index), count);
        }
        _ => return out_of_bounds(i64::from(index), count),
    };
    Thrown::new(exceptions::INDEX, message).into()
}

/// The position of an index argument; an error in Java's words beyond the end.
fn checked(args: &[Value], list: &List) -> Result<usize, Fault> {
    let index = arguments::int(args, 0)?;
    usize::try_from(index).ok().filter(|at| *at < list.len()).ok_or_else(|| no_such_index(list, index))
}

/// The same where the end itself will do.
fn insertion(args: &[Value], list: &List) -> Result<usize, Fault> {
    let (index, count) = (arguments::int(args, 0)?, list.len());
    usize::try_from(index).ok().filter(|at| *at <= count).ok_or_else(|| {
        let message = match list.kind {
            ListKind::Vector | ListKind::Stack => format!("{index} > {count}"),
            _ => format!("Index: {index}, Size: {count}"),
        };
        Thrown::new(exceptions::INDEX, message).into()
    })
}

fn get(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let index = arguments::int(args, 0)?;
    match this {
        Value::List(list) => {
            let item = usize::try_from(index).ok().and_then(|at| list.get(at));
            if let Some(item) = item {
                return Ok(item);
            }
            if list.extras().is_some_and(|extras| extras.default.is_some()) {
                return get_with_default(machine, list, index);
            }
            Err(no_such_index(list, index))
        }
        Value::Range(range) => {
            let item = usize::try_from(index).ok().and_then(|at| range.get(at));
            item.ok_or_else(|| super::range::out_of_bounds(range, index))
        }
        _ => Err(Fault::Mismatch),
    }
}

fn sort(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    // Groovy's own `sort(closure)` and `sort(mutate)` come first there.
    if machine.dialect == crate::script::machine::Dialect::Groovy && !matches!(args[0], Value::Object(_) | Value::Null)
    {
        return gdk::sort(machine, this, args);
    }
    let list = list_of(this).map_err(|_| unsupported())?;
    settable(list)?;
    let sorted = gdk::sorted(machine, list.items(), gdk::Order::natural_or(args.first()))?;
    list.replace(sorted);
    Ok(Value::Null)
}

static METHODS: &[Method] = &[
    super::groovy("execute", 0, 2, super::process::execute),
    java("add", 2, 2, |_, this, args| {
        let list = list_of(this).map_err(|_| unsupported())?;
        growable(list)?;
        let at = insertion(args, list)?;
        list.change(|items| items.insert(at.min(items.len()), args[1].clone()));
        Ok(Value::Null)
    }),
    java("addAll", 2, 2, |_, this, args| {
        let list = list_of(this).map_err(|_| unsupported())?;
        growable(list)?;
        let (at, more) = (insertion(args, list)?, items(&args[1])?);
        let added = !more.is_empty();
        list.change(|items| _ = items.splice(at.min(items.len())..at.min(items.len()), more));
        Ok(added.into())
    }),
    groovy("equals", 1, 1, |machine, this, args| match &args[0] {
        Value::List(_) | Value::Range(_) => Ok(machine.equals(this, &args[0])?.into()),
        other => Ok(equals(this, other).into()),
    }),
    java("ensureCapacity", 1, 1, |_, _, _| Ok(Value::Null)),
    java("get", 1, 1, get),
    java("indexOf", 1, 1, |machine, this, args| {
        let at = match this {
            Value::List(list) => position(machine, list, &args[0])?,
            _ => items(this)?.iter().position(|item| equals(item, &args[0])),
        };
        Ok(at.map_or(-1, |at| at as i32).into())
    }),
    java("lastIndexOf", 1, 1, |_, this, args| {
        let at = items(this)?.iter().rposition(|item| equals(item, &args[0]));
        Ok(at.map_or(-1, |at| at as i32).into())
    }),
    java("listIterator", 0, 1, |_, this, args| {
        let at = if args.is_empty() { 0 } else { arguments::int(args, 0)?.max(0) as usize };
        match this {
            Value::List(list) => Ok(iterator::list_iterator(list, at)),
            other => {
                let list = List::new(ListKind::Unmodifiable, items(other)?);
                Ok(iterator::list_iterator(&Arc::new(list), at))
            }
        }
    }),
    java("remove", 1, 1, |machine, this, args| match (this, &args[0]) {
        (Value::List(list), Value::Int(_) | Value::Short(_) | Value::Byte(_)) if list.kind.is_list() => {
            gdk::remove_at(list, args)
        }
        (Value::Range(_), _) => Err(unsupported()),
        _ => Ok(remove(machine, this, &args[0])?.into()),
    }),
    // As the resolver names `remove` when its argument is cast to an object.
    java("remove(Object)", 1, 1, |machine, this, args| Ok(remove(machine, this, &args[0])?.into())),
    groovy("removeAt", 1, 1, |_, this, args| gdk::remove_at(list_of(this)?, args)),
    java("replaceAll", 1, 1, |machine, this, args| {
        let list = list_of(this).map_err(|_| unsupported())?;
        settable(list)?;
        let mut new = Vec::new();
        for item in list.items() {
            new.push(gdk::call(machine, &args[0], "apply", &[item])?);
        }
        list.change(|items| *items = new);
        Ok(Value::Null)
    }),
    java("set", 2, 2, |_, this, args| {
        let list = list_of(this).map_err(|_| unsupported())?;
        settable(list)?;
        let at = checked(args, list)?;
        Ok(list.set(at, args[1].clone()).unwrap_or_default())
    }),
    java("sort", 1, 1, sort),
    java("subList", 2, 2, |_, this, args| {
        let (from, to) = (i64::from(arguments::int(args, 0)?), i64::from(arguments::int(args, 1)?));
        let part = gdk::sub_list(&items(this)?, from, to)?;
        Ok(match this {
            Value::List(list) if !list.kind.is_fixed() => {
                let extras = Extras { part_of: Some((list.clone(), from.max(0) as usize)), ..Extras::default() };
                Value::List(Arc::new(List::with_extras(list.kind, part, extras)))
            }
            _ => Value::list(part),
        })
    }),
    java("trimToSize", 0, 0, |_, _, _| Ok(Value::Null)),
    groovy("pop", 0, 0, |_, this, _| {
        let list = list_of(this)?;
        growable(list)?;
        list.pop_front().ok_or_else(|| gdk::none_there("Cannot pop() an empty List"))
    }),
    groovy("push", 1, 1, |_, this, args| {
        let list = list_of(this)?;
        growable(list)?;
        list.change(|items| items.insert(0, args[0].clone()));
        Ok(true.into())
    }),
    groovy("removeLast", 0, 0, |_, this, _| {
        let list = list_of(this)?;
        growable(list)?;
        list.pop().ok_or_else(|| gdk::none_there("Cannot removeLast() an empty List"))
    }),
    groovy("withDefault", 1, 1, |_, this, args| with_default(this, &args[0], false)),
    groovy("withEagerDefault", 1, 1, |_, this, args| with_default(this, &args[0], true)),
    groovy("withLazyDefault", 1, 1, |_, this, args| with_default(this, &args[0], false)),
];

fn with_default(this: &Value, closure: &Value, eager: bool) -> Answer {
    let list = list_of(this)?;
    let extras = Extras { source: Some(list.clone()), default: Some((closure.clone(), eager)), ..Extras::default() };
    Ok(Value::List(Arc::new(List::with_extras(ListKind::ArrayList, Vec::new(), extras))))
}

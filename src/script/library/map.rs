//! `java.util.Map` and its classes.

use super::collection::{null_pointer, room, unsupported};
use super::{Answer, Class, Fault, Method, Run, arguments, gdk, groovy, java, object, takes};
use crate::script::machine::Machine;
use crate::script::value::{
    Entry, Extras, List, ListKind, Map, MapKind, Set, Thrown, Value, View, equals, exceptions, groovy_text, java_text,
};
use std::cmp::Ordering;
use std::sync::Arc;

/// `java.util.Map`.
pub static MAP: Class = Class {
    statics: &[
        java("copyOf", 1, 1, |_, _, args| Ok(fixed(of(&args[0])?.entries()))),
        java("entry", 2, 2, |_, _, args| {
            Ok(Value::Entry(Arc::new(Entry::new(args[0].clone(), args[1].clone(), None))))
        }),
        java("of", 0, 20, |_, _, args| {
            if args.len() % 2 != 0 {
                return Err(Fault::Mismatch);
            }
            if args.iter().any(Value::is_null) {
                return Err(null_pointer());
            }
            let map = Map::new(MapKind::Immutable);
            for pair in args.chunks(2) {
                if map.put(pair[0].clone(), pair[1].clone()).is_some() {
                    let message = format!("duplicate key: {}", java_text(&pair[0]));
                    return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into());
                }
            }
            Ok(Value::Map(Arc::new(map)))
        }),
        java("ofEntries", 0, usize::MAX, |_, _, args| {
            let entries = match args {
                [Value::Array(array)] => array.items(),
                _ => args.to_vec(),
            };
            let pair = |entry: &Value| match entry {
                Value::Entry(entry) => Ok((entry.key.clone(), entry.value())),
                _ => Err(Fault::Mismatch),
            };
            Ok(fixed(entries.iter().map(pair).collect::<Result<_, _>>()?))
        }),
    ],
    methods: METHODS,
    ..Class::interface("java.util.Map", &[&gdk::MAP, &object::OBJECT])
};
/// `java.util.SortedMap`.
pub static SORTED_MAP: Class = Class { methods: SORTED, ..Class::interface("java.util.SortedMap", &[&MAP]) };
/// `java.util.NavigableMap`.
pub static NAVIGABLE_MAP: Class = Class::interface("java.util.NavigableMap", &[&SORTED_MAP]);
/// `java.util.concurrent.ConcurrentMap`.
pub static CONCURRENT_MAP: Class = Class::interface("java.util.concurrent.ConcurrentMap", &[&MAP]);

const fn class(name: &'static str, most: usize, parents: &'static [&'static Class], run: Run) -> Class {
    Class { constructor: takes(0, most, run), ..Class::named(name, parents) }
}

/// `java.util.AbstractMap`.
pub static ABSTRACT_MAP: Class = Class::named("java.util.AbstractMap", &[&MAP]);
/// `java.util.HashMap`.
pub static HASH_MAP: Class = class("java.util.HashMap", 2, &[&ABSTRACT_MAP], |_, _, args| new(MapKind::Hash, args));
/// `java.util.LinkedHashMap`.
pub static LINKED_HASH_MAP: Class =
    class("java.util.LinkedHashMap", 3, &[&HASH_MAP], |_, _, args| new(MapKind::Linked, args));
/// What `JsonSlurper` makes of an object. Its `toString()` is its own, so that Groovy's does not take its place.
pub static LAZY_MAP: Class = Class {
    methods: &[java("toString", 0, 0, |_, this, _| Ok(java_text(this).into()))],
    ..Class::named("org.apache.groovy.json.internal.LazyMap", &[&ABSTRACT_MAP])
};
/// `java.util.TreeMap`.
pub static TREE_MAP: Class = class("java.util.TreeMap", 1, &[&NAVIGABLE_MAP], new_tree);
/// `java.util.concurrent.ConcurrentSkipListMap`.
pub static CONCURRENT_SKIP_LIST_MAP: Class =
    class("java.util.concurrent.ConcurrentSkipListMap", 1, &[&NAVIGABLE_MAP, &CONCURRENT_MAP], new_tree);
/// `java.util.concurrent.ConcurrentHashMap`.
pub static CONCURRENT_HASH_MAP: Class = Class {
    statics: &[java("newKeySet", 0, 1, |_, _, _| Ok(Value::Set(Arc::new(Set::new(MapKind::Concurrent, [])))))],
    methods: TABLE,
    ..class("java.util.concurrent.ConcurrentHashMap", 3, &[&CONCURRENT_MAP], |_, _, args| {
        new(MapKind::Concurrent, args)
    })
};
/// `java.util.Hashtable`.
pub static HASHTABLE: Class =
    Class { methods: TABLE, ..class("java.util.Hashtable", 2, &[&MAP], |_, _, args| new(MapKind::Hashtable, args)) };
/// `java.util.Properties`.
pub static PROPERTIES: Class = Class {
    methods: &[
        java("getProperty", 1, 2, |_, this, args| Ok(property(of(this)?, &args[0]).unwrap_or(arguments::any(args, 1)))),
        java("propertyNames", 0, 0, |_, this, _| Ok(super::iterator::enumeration(of(this)?.keys()))),
        java("setProperty", 2, 2, |_, this, args| {
            let texts = [arguments::text(args, 0)?, arguments::text(args, 1)?];
            Ok(of(this)?.put(texts[0].as_ref().into(), texts[1].as_ref().into()).unwrap_or_default())
        }),
        java("stringPropertyNames", 0, 0, |_, this, _| {
            let mut names = Vec::new();
            let mut map = Some(of_arc(this)?.clone());
            while let Some(one) = map {
                names.extend(one.entries().into_iter().filter(|pair| pair.1.as_text().is_some()).map(|pair| pair.0));
                map = match &one.default {
                    Some(Value::Map(defaults)) => Some(defaults.clone()),
                    _ => None,
                };
            }
            Ok(Value::Set(Arc::new(Set::new(MapKind::Hash, names))))
        }),
    ],
    ..class("java.util.Properties", 1, &[&super::properties::ADDED, &HASHTABLE], |_, _, args| match args.first() {
        Some(defaults @ Value::Map(_)) => {
            let mut map = Map::new(MapKind::Properties);
            map.default = Some(defaults.clone());
            Ok(Value::Map(Arc::new(map)))
        }
        _ => new(MapKind::Properties, &[]),
    })
};
/// What `Map.of` gives.
pub static IMMUTABLE_MAP: Class = Class::named("java.util.ImmutableCollections$MapN", &[&MAP]);
/// What `Collections.unmodifiableMap` gives.
pub static UNMODIFIABLE_MAP: Class = Class::named("java.util.Collections$UnmodifiableMap", &[&MAP]);

/// What Groovy's `withDefault` gives.
pub static WITH_DEFAULT: Class = Class::named("groovy.lang.MapWithDefault", &[&MAP]);

/// The class of an entry, by the map that it is of.
pub(crate) fn class_of_entry(entry: &Entry) -> &'static Class {
    match entry.kind {
        None => &MAP_ENTRY,
        Some(MapKind::Linked | MapKind::Lazy | MapKind::CopyOnWrite) => &LINKED_ENTRY,
        Some(MapKind::Hash) => &HASH_ENTRY,
        Some(MapKind::Tree) => &TREE_ENTRY,
        Some(MapKind::Concurrent | MapKind::Properties) => &CONCURRENT_ENTRY,
        Some(MapKind::Hashtable) => &TABLE_ENTRY,
        Some(MapKind::Immutable | MapKind::Unmodifiable) => &ENTRY,
    }
}

/// An entry of a `LinkedHashMap`.
static LINKED_ENTRY: Class = Class::named("java.util.LinkedHashMap$Entry", &[&ENTRY]);
/// An entry of a `HashMap`.
static HASH_ENTRY: Class = Class::named("java.util.HashMap$Node", &[&ENTRY]);
/// An entry of a `TreeMap`.
static TREE_ENTRY: Class = Class::named("java.util.TreeMap$Entry", &[&ENTRY]);
/// An entry of a `ConcurrentHashMap`.
static CONCURRENT_ENTRY: Class = Class::named("java.util.concurrent.ConcurrentHashMap$MapEntry", &[&ENTRY]);
/// An entry of a `Hashtable`.
static TABLE_ENTRY: Class = Class::named("java.util.Hashtable$Entry", &[&ENTRY]);

/// `java.util.Map.Entry`.
pub static ENTRY: Class = Class {
    statics: &[
        java("comparingByKey", 0, 1, |machine, _, args| by_part(machine, "getKey", args)),
        java("comparingByValue", 0, 1, |machine, _, args| by_part(machine, "getValue", args)),
    ],
    methods: &[
        java("getKey", 0, 0, |_, this, _| Ok(entry_of(this)?.key.clone())),
        java("getValue", 0, 0, |_, this, _| {
            let entry = entry_of(this)?;
            let fresh = entry.map.as_ref().and_then(std::sync::Weak::upgrade).and_then(|map| map.get(&entry.key));
            Ok(fresh.unwrap_or_else(|| entry.value()))
        }),
        java("setValue", 1, 1, |_, this, args| {
            let entry = entry_of(this)?;
            if let Some(map) = entry.map.as_ref().and_then(std::sync::Weak::upgrade) {
                changeable(&map)?;
            }
            Ok(entry.set_value(args[0].clone()))
        }),
    ],
    ..Class::interface("java.util.Map$Entry", &[&object::OBJECT])
};
/// `java.util.AbstractMap.SimpleEntry`.
pub static SIMPLE_ENTRY: Class = class("java.util.AbstractMap$SimpleEntry", 2, &[&ENTRY], new_entry);
/// `groovy.lang.MapEntry`.
pub static MAP_ENTRY: Class = class("groovy.lang.MapEntry", 2, &[&ENTRY], new_entry);

/// The class of a map.
pub(crate) fn class_of_map(map: &Map) -> &'static Class {
    match map.kind {
        _ if map.has_default() => &WITH_DEFAULT,
        MapKind::Linked | MapKind::CopyOnWrite => &LINKED_HASH_MAP,
        MapKind::Lazy => &LAZY_MAP,
        MapKind::Hash => &HASH_MAP,
        MapKind::Concurrent => &CONCURRENT_HASH_MAP,
        MapKind::Tree => &TREE_MAP,
        MapKind::Properties => &PROPERTIES,
        MapKind::Hashtable => &HASHTABLE,
        MapKind::Immutable => &IMMUTABLE_MAP,
        MapKind::Unmodifiable => &UNMODIFIABLE_MAP,
    }
}

fn new_entry(_: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    match args {
        [key, value] => Ok(Value::Entry(Arc::new(Entry::new(key.clone(), value.clone(), None)))),
        [Value::Entry(entry)] => Ok(Value::Entry(Arc::new(Entry::new(entry.key.clone(), entry.value(), None)))),
        _ => Err(Fault::Mismatch),
    }
}

fn by_part(machine: &mut Machine<'_>, getter: &'static str, args: &[Value]) -> Answer {
    let key = super::comparator::getter(getter);
    let mut arguments = vec![key];
    arguments.extend(args.first().cloned());
    let class = crate::script::value::ClassRef::Library(&super::comparator::COMPARATOR);
    Ok(machine.call_static(&class, "comparing", &arguments)?)
}

/// A map that refuses changes.
fn fixed(pairs: Vec<(Value, Value)>) -> Value {
    let map = Map::new(MapKind::Immutable);
    for (key, value) in pairs {
        map.put(key, value);
    }
    Value::Map(Arc::new(map))
}

fn new(kind: MapKind, args: &[Value]) -> Answer {
    let map = match args.first() {
        None => Map::new(kind),
        Some(Value::Map(from)) => {
            let map = Map::with_room(kind, from.len());
            for (key, value) in from.entries() {
                map.put(key, value);
            }
            map
        }
        Some(Value::Null) => return Err(null_pointer()),
        Some(_) => {
            let capacity = arguments::int(args, 0)?;
            let illegal = || {
                let message = match kind {
                    MapKind::Hash | MapKind::Linked => Some(format!("Illegal initial capacity: {capacity}").into()),
                    MapKind::Hashtable => Some(format!("Illegal Capacity: {capacity}").into()),
                    _ => None,
                };
                Thrown::with_cause(exceptions::ILLEGAL_ARGUMENT, message, Value::Null)
            };
            Map::with_capacity(kind, usize::try_from(capacity).map_err(|_| illegal())?)
        }
    };
    Ok(Value::Map(Arc::new(map)))
}

fn new_tree(machine: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    let mut map = Map::new(MapKind::Tree);
    let entries = match args.first() {
        Some(Value::Map(from)) => {
            if from.kind == MapKind::Tree {
                map.comparator.clone_from(&from.comparator);
            }
            from.entries()
        }
        Some(comparator @ (Value::Closure(_) | Value::Object(_))) => {
            map.comparator = Some(comparator.clone());
            Vec::new()
        }
        None | Some(Value::Null) => Vec::new(),
        Some(_) => return Err(Fault::Mismatch),
    };
    let map = Arc::new(map);
    for (key, value) in entries {
        put(machine, &map, key, value)?;
    }
    Ok(Value::Map(map))
}

/// The map of a receiver.
pub(crate) fn of(this: &Value) -> Result<&Map, Fault> {
    of_arc(this).map(|map| &**map)
}

/// The map of a receiver, to share.
pub(crate) fn of_arc(this: &Value) -> Result<&Arc<Map>, Fault> {
    match this {
        Value::Map(map) => Ok(map),
        _ => Err(Fault::Mismatch),
    }
}

fn entry_of(this: &Value) -> Result<&Entry, Fault> {
    match this {
        Value::Entry(entry) => Ok(entry),
        _ => Err(Fault::Mismatch),
    }
}

/// A map that may be changed.
pub(crate) fn changeable(map: &Map) -> Result<(), Fault> {
    if map.kind.is_fixed() { Err(unsupported()) } else { Ok(()) }
}

/// Where a key stands in a sorted map, or where it would stand.
pub(crate) fn place(machine: &mut Machine<'_>, map: &Map, key: &Value) -> Result<Result<usize, usize>, Fault> {
    let (mut low, mut high) = (0, map.len());
    if high == 0 {
        compare(machine, map, key, key)?;
    }
    while low < high {
        let middle = usize::midpoint(low, high);
        let Some(other) = map.key_at(middle) else { break };
        match compare(machine, map, key, &other)? {
            Ordering::Equal => return Ok(Ok(middle)),
            Ordering::Less => high = middle,
            Ordering::Greater => low = middle + 1,
        }
    }
    Ok(Err(low))
}

fn compare(machine: &mut Machine<'_>, map: &Map, a: &Value, b: &Value) -> Result<Ordering, Thrown> {
    gdk::Order::natural_or(map.comparator.as_ref()).compare(machine, a, b)
}

/// The value of a key by the rules of the map's class.
pub(crate) fn get(machine: &mut Machine<'_>, map: &Map, key: &Value) -> Result<Option<Value>, Fault> {
    if map.kind == MapKind::Tree {
        if map.is_empty() {
            return Ok(None);
        }
        return Ok(place(machine, map, key)?.ok().and_then(|at| map.at(at)).map(|pair| pair.1));
    }
    if key.is_null() && map.kind.refuses_null() {
        return Err(null_pointer());
    }
    Ok(map.get(key))
}

/// Sets a value by the rules of the map's class, and gives the one before.
pub(crate) fn put(machine: &mut Machine<'_>, map: &Map, key: Value, value: Value) -> Result<Option<Value>, Fault> {
    changeable(map)?;
    room(map.len(), 1)?;
    if map.kind == MapKind::Tree {
        return Ok(match place(machine, map, &key)? {
            Ok(at) => map.set_at(at, value),
            Err(at) => {
                map.insert_at(at, key, value);
                None
            }
        });
    }
    if map.kind.refuses_null() && (key.is_null() || value.is_null()) {
        return Err(null_pointer());
    }
    Ok(map.put(key, value))
}

/// As [`put`], of what `computeIfAbsent`, `compute` or `merge` made.
pub(crate) fn put_computed(machine: &mut Machine<'_>, map: &Map, key: Value, value: Value) -> Result<(), Fault> {
    if map.kind == MapKind::Hash {
        map.put_computed(key, value);
    } else {
        put(machine, map, key, value)?;
    }
    Ok(())
}

/// Removes a key by the rules of the map's class.
pub(crate) fn remove(machine: &mut Machine<'_>, map: &Map, key: &Value) -> Result<Option<Value>, Fault> {
    changeable(map)?;
    if map.kind == MapKind::Tree {
        if map.is_empty() {
            return Ok(None);
        }
        return Ok(place(machine, map, key)?.ok().and_then(|at| map.remove_at(at)).map(|pair| pair.1));
    }
    Ok(map.remove(key))
}

fn property(map: &Map, name: &Value) -> Option<Value> {
    match map.get(name) {
        Some(text @ Value::String(_)) => Some(text),
        _ => match &map.default {
            Some(Value::Map(defaults)) => property(defaults, name),
            _ => None,
        },
    }
}

/// A value that is a property of the map in Java: present and not null.
fn present(machine: &mut Machine<'_>, map: &Map, key: &Value) -> Result<Option<Value>, Fault> {
    Ok(get(machine, map, key)?.filter(|value| !value.is_null()))
}

/// What a function made of a value takes its place, or the key goes if it is null.
fn keep(machine: &mut Machine<'_>, map: &Map, key: &Value, value: Value) -> Answer {
    if value.is_null() {
        remove(machine, map, key)?;
    } else {
        put_computed(machine, map, key.clone(), value.clone())?;
    }
    Ok(value)
}

/// Adds all entries of another map.
pub(crate) fn put_all(machine: &mut Machine<'_>, map: &Map, entries: Vec<(Value, Value)>) -> Result<(), Fault> {
    changeable(map)?;
    map.reserve(entries.len());
    for (key, value) in entries {
        put(machine, map, key, value)?;
    }
    Ok(())
}

static METHODS: &[Method] = &[
    java("clear", 0, 0, |_, this, _| {
        changeable(of(this)?)?;
        of(this)?.clear();
        Ok(Value::Null)
    }),
    java("clone", 0, 0, |_, this, _| {
        let map = of(this)?;
        let copy = Map::with_room(map.kind, map.len());
        for (key, value) in map.entries() {
            copy.put(key, value);
        }
        Ok(Value::Map(Arc::new(copy)))
    }),
    java("compute", 2, 2, |machine, this, args| {
        let map = of(this)?;
        let old = get(machine, map, &args[0])?.unwrap_or_default();
        let new = gdk::call(machine, &args[1], "apply", &[args[0].clone(), old])?;
        keep(machine, map, &args[0], new)
    }),
    java("computeIfAbsent", 2, 2, |machine, this, args| {
        let map = of(this)?;
        changeable(map)?;
        if let Some(there) = present(machine, map, &args[0])? {
            return Ok(there);
        }
        let new = gdk::call(machine, &args[1], "apply", &args[..1])?;
        if !new.is_null() {
            put_computed(machine, map, args[0].clone(), new.clone())?;
        }
        Ok(new)
    }),
    java("computeIfPresent", 2, 2, |machine, this, args| {
        let map = of(this)?;
        let Some(old) = present(machine, map, &args[0])? else { return Ok(Value::Null) };
        let new = gdk::call(machine, &args[1], "apply", &[args[0].clone(), old])?;
        keep(machine, map, &args[0], new)
    }),
    java("containsKey", 1, 1, |machine, this, args| {
        let map = of(this)?;
        if map.kind == MapKind::Tree && !map.is_empty() {
            return Ok(place(machine, map, &args[0])?.is_ok().into());
        }
        Ok(map.contains(&args[0]).into())
    }),
    java("containsValue", 1, 1, |_, this, args| {
        Ok(of(this)?.values().iter().any(|value| equals(&args[0], value)).into())
    }),
    java("entrySet", 0, 0, |_, this, _| {
        let map = of_arc(this)?;
        Ok(Value::Set(Arc::new(Set::view_of(map.kind, View::Entries(map.clone())))))
    }),
    groovy("equals", 1, 1, |machine, this, args| match &args[0] {
        Value::Map(_) => Ok(machine.equals(this, &args[0])?.into()),
        _ => Ok(false.into()),
    }),
    java("forEach", 1, 1, |machine, this, args| {
        let mut walk = super::iterator::Walk::over(machine, this)?;
        while let Some(entry) = walk.next(machine)? {
            let Value::Entry(entry) = entry else { break };
            gdk::call(machine, &args[0], "accept", &[entry.key.clone(), entry.value()])?;
        }
        Ok(Value::Null)
    }),
    java("get", 1, 1, |machine, this, args| {
        let map = of(this)?;
        if map.default.is_some() && map.kind != MapKind::Properties {
            return gdk::map_get(machine, this, &args[0]);
        }
        Ok(get(machine, map, &args[0])?.unwrap_or_default())
    }),
    java("getOrDefault", 2, 2, |machine, this, args| {
        let map = of(this)?;
        let there = get(machine, map, &args[0])?;
        Ok(there.unwrap_or_else(|| args[1].clone()))
    }),
    java("isEmpty", 0, 0, |_, this, _| Ok(of(this)?.is_empty().into())),
    java("keySet", 0, 0, |_, this, _| {
        let map = of_arc(this)?;
        Ok(Value::Set(Arc::new(Set::view_of(map.kind, View::Keys(map.clone())))))
    }),
    java("merge", 3, 3, |machine, this, args| {
        let map = of(this)?;
        let new = match present(machine, map, &args[0])? {
            None => args[1].clone(),
            Some(old) => gdk::call(machine, &args[2], "apply", &[old, args[1].clone()])?,
        };
        keep(machine, map, &args[0], new)
    }),
    java("put", 2, 2, |machine, this, args| {
        Ok(put(machine, of(this)?, args[0].clone(), args[1].clone())?.unwrap_or_default())
    }),
    java("putAll", 1, 1, |machine, this, args| {
        let map = of(this)?;
        match &args[0] {
            Value::Map(more) => put_all(machine, map, more.entries())?,
            Value::Null => return Err(null_pointer()),
            entries => gdk::put_entries(machine, this, entries)?,
        }
        Ok(Value::Null)
    }),
    java("putIfAbsent", 2, 2, |machine, this, args| {
        let map = of(this)?;
        changeable(map)?;
        if map.kind == MapKind::Tree {
            if let Some(there) = present(machine, map, &args[0])? {
                return Ok(there);
            }
            put(machine, map, args[0].clone(), args[1].clone())?;
            return Ok(Value::Null);
        }
        if map.kind.refuses_null() && (args[0].is_null() || args[1].is_null()) {
            return Err(null_pointer());
        }
        Ok(map.put_if_absent(args[0].clone(), args[1].clone()).unwrap_or_default())
    }),
    java("remove", 1, 1, |machine, this, args| Ok(remove(machine, of(this)?, &args[0])?.unwrap_or_default())),
    java("remove", 2, 2, |machine, this, args| {
        let map = of(this)?;
        let same = get(machine, map, &args[0])?.is_some_and(|value| equals(&value, &args[1]));
        if same {
            remove(machine, map, &args[0])?;
        }
        Ok(same.into())
    }),
    java("replace", 2, 2, |machine, this, args| {
        let map = of(this)?;
        if get(machine, map, &args[0])?.is_none() {
            return Ok(Value::Null);
        }
        Ok(put(machine, map, args[0].clone(), args[1].clone())?.unwrap_or_default())
    }),
    java("replace", 3, 3, |machine, this, args| {
        let map = of(this)?;
        let same = get(machine, map, &args[0])?.is_some_and(|value| equals(&value, &args[1]));
        if same {
            put(machine, map, args[0].clone(), args[2].clone())?;
        }
        Ok(same.into())
    }),
    java("replaceAll", 1, 1, |machine, this, args| {
        let map = of(this)?;
        changeable(map)?;
        for (key, value) in map.entries() {
            let new = gdk::call(machine, &args[0], "apply", &[key.clone(), value])?;
            put(machine, map, key, new)?;
        }
        Ok(Value::Null)
    }),
    java("size", 0, 0, |_, this, _| Ok((of(this)?.len() as i32).into())),
    groovy("toString", 0, 0, |_, this, _| {
        let map = of(this)?;
        let own =
            matches!(map.kind, MapKind::Concurrent | MapKind::Properties | MapKind::Hashtable | MapKind::Unmodifiable);
        Ok(if own && !map.has_default() { java_text(this) } else { groovy_text(this) }.into())
    }),
    java("values", 0, 0, |_, this, _| {
        let map = of(this)?;
        let extras = Extras { values_of: Some(of_arc(this)?.clone()), ..Extras::default() };
        Ok(Value::List(Arc::new(List::with_extras(ListKind::Values, map.values(), extras))))
    }),
];

static TABLE: &[Method] = &[
    java("contains", 1, 1, |_, this, args| Ok(of(this)?.values().iter().any(|value| equals(&args[0], value)).into())),
    java("elements", 0, 0, |_, this, _| Ok(super::iterator::enumeration(of(this)?.values()))),
    java("keys", 0, 0, |_, this, _| Ok(super::iterator::enumeration(of(this)?.keys()))),
    java("mappingCount", 0, 0, |_, this, _| Ok((of(this)?.len() as i64).into())),
];

/// The entry at a position, null when there is none.
fn entry_at(this: &Value, at: Option<usize>) -> Answer {
    let map = of_arc(this)?;
    let pair = at.and_then(|at| map.at(at));
    Ok(pair.map_or(Value::Null, |(key, value)| Value::Entry(Arc::new(Entry::new(key, value, None)))))
}

fn key_at(this: &Value, at: Option<usize>) -> Answer {
    Ok(at.and_then(|at| of(this).ok()?.key_at(at)).unwrap_or_default())
}

/// The position from which keys are at least (or, exclusive, beyond) a bound.
fn from(machine: &mut Machine<'_>, this: &Value, bound: &Value, inclusive: bool) -> Result<usize, Fault> {
    Ok(match place(machine, of(this)?, bound)? {
        Ok(at) if inclusive => at,
        Ok(at) => at + 1,
        Err(at) => at,
    })
}

fn part(this: &Value, start: usize, end: usize) -> Answer {
    let map = of(this)?;
    let mut part = Map::new(MapKind::Tree);
    part.comparator.clone_from(&map.comparator);
    for (at, (key, value)) in map.entries().into_iter().take(end).skip(start).enumerate() {
        part.insert_at(at, key, value);
    }
    Ok(Value::Map(Arc::new(part)))
}

fn no_key() -> Fault {
    Thrown::with_cause(exceptions::NO_SUCH_ELEMENT, None, Value::Null).into()
}

fn flag(args: &[Value], at: usize, default: bool) -> bool {
    match args.get(at) {
        Some(Value::Boolean(flag)) => *flag,
        _ => default,
    }
}

static SORTED: &[Method] = &[
    java("ceilingEntry", 1, 1, |machine, this, args| {
        let at = from(machine, this, &args[0], true)?;
        entry_at(this, Some(at))
    }),
    java("ceilingKey", 1, 1, |machine, this, args| {
        let at = from(machine, this, &args[0], true)?;
        key_at(this, Some(at))
    }),
    java("comparator", 0, 0, |_, this, _| Ok(of(this)?.comparator.clone().unwrap_or_default())),
    java("descendingKeySet", 0, 0, |_, this, _| {
        let mut keys = of(this)?.keys();
        keys.reverse();
        Ok(Value::Set(Arc::new(Set::new(MapKind::Linked, keys))))
    }),
    java("descendingMap", 0, 0, |_, this, _| {
        let mut entries = of(this)?.entries();
        entries.reverse();
        Ok(Value::map(entries))
    }),
    java("firstEntry", 0, 0, |_, this, _| entry_at(this, Some(0))),
    java("firstKey", 0, 0, |_, this, _| of(this)?.key_at(0).ok_or_else(no_key)),
    java("floorEntry", 1, 1, |machine, this, args| {
        let at = from(machine, this, &args[0], false)?;
        entry_at(this, at.checked_sub(1))
    }),
    java("floorKey", 1, 1, |machine, this, args| {
        let at = from(machine, this, &args[0], false)?;
        key_at(this, at.checked_sub(1))
    }),
    java("headMap", 1, 2, |machine, this, args| {
        let end = from(machine, this, &args[0], !flag(args, 1, false))?;
        part(this, 0, end)
    }),
    java("higherEntry", 1, 1, |machine, this, args| {
        let at = from(machine, this, &args[0], false)?;
        entry_at(this, Some(at))
    }),
    java("higherKey", 1, 1, |machine, this, args| {
        let at = from(machine, this, &args[0], false)?;
        key_at(this, Some(at))
    }),
    java("lastEntry", 0, 0, |_, this, _| entry_at(this, of(this)?.len().checked_sub(1))),
    java("lastKey", 0, 0, |_, this, _| {
        let map = of(this)?;
        map.len().checked_sub(1).and_then(|at| map.key_at(at)).ok_or_else(no_key)
    }),
    java("lowerEntry", 1, 1, |machine, this, args| {
        let at = from(machine, this, &args[0], true)?;
        entry_at(this, at.checked_sub(1))
    }),
    java("lowerKey", 1, 1, |machine, this, args| {
        let at = from(machine, this, &args[0], true)?;
        key_at(this, at.checked_sub(1))
    }),
    java("pollFirstEntry", 0, 0, |_, this, _| {
        let entry = entry_at(this, Some(0));
        of(this)?.remove_at(0);
        entry
    }),
    java("pollLastEntry", 0, 0, |_, this, _| {
        let last = of(this)?.len().checked_sub(1);
        let entry = entry_at(this, last);
        if let Some(last) = last {
            of(this)?.remove_at(last);
        }
        entry
    }),
    java("subMap", 2, 4, |machine, this, args| {
        let (low, high, low_in, high_in) = match args {
            [low, low_in, high, high_in] => {
                (low, high, matches!(low_in, Value::Boolean(true)), matches!(high_in, Value::Boolean(true)))
            }
            [low, high, ..] => (low, high, true, false),
            _ => return Err(Fault::Mismatch),
        };
        let start = from(machine, this, low, low_in)?;
        let end = from(machine, this, high, !high_in)?;
        part(this, start, end)
    }),
    java("tailMap", 1, 2, |machine, this, args| {
        let start = from(machine, this, &args[0], flag(args, 1, true))?;
        part(this, start, usize::MAX)
    }),
];

//! `java.util.Set` and its classes.

use super::collection::{COLLECTION, initial, null_pointer, unsupported};
use super::{Answer, Class, Fault, Method, Run, gdk, groovy, iterator, java, takes};
use crate::script::machine::Machine;
use crate::script::value::{MapKind, Set, Thrown, Value, View, exceptions};
use std::cmp::Ordering;
use std::sync::Arc;

/// `java.util.Set`.
pub static SET: Class = Class {
    statics: &[
        java("copyOf", 1, 1, |machine, _, args| Ok(immutable(gdk::items(machine, &args[0])?))),
        java("of", 0, usize::MAX, |_, _, args| {
            let items = match args {
                [Value::Array(array)] => array.items(),
                _ => args.to_vec(),
            };
            if items.iter().any(Value::is_null) {
                return Err(null_pointer());
            }
            let set = Set::new(MapKind::Immutable, []);
            for item in items {
                let text = crate::script::value::java_text(&item);
                if !set.add(item) {
                    return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, format!("duplicate element: {text}")).into());
                }
            }
            Ok(Value::Set(Arc::new(set)))
        }),
    ],
    methods: &[groovy("equals", 1, 1, |machine, this, args| match &args[0] {
        Value::Set(_) => Ok(machine.equals(this, &args[0])?.into()),
        other => Ok(crate::script::value::equals(this, other).into()),
    })],
    ..Class::interface("java.util.Set", &[&COLLECTION])
};
/// `java.util.SortedSet`.
pub static SORTED_SET: Class = Class { methods: SORTED, ..Class::interface("java.util.SortedSet", &[&SET]) };
/// `java.util.NavigableSet`.
pub static NAVIGABLE_SET: Class = Class::interface("java.util.NavigableSet", &[&SORTED_SET]);

const fn class(name: &'static str, most: usize, parents: &'static [&'static Class], run: Run) -> Class {
    Class { constructor: takes(0, most, run), ..Class::named(name, parents) }
}

/// `java.util.HashSet`.
pub static HASH_SET: Class =
    class("java.util.HashSet", 2, &[&SET], |machine, _, args| new(machine, MapKind::Hash, args));
/// `java.util.LinkedHashSet`.
pub static LINKED_HASH_SET: Class =
    class("java.util.LinkedHashSet", 2, &[&HASH_SET], |machine, _, args| new(machine, MapKind::Linked, args));
/// `java.util.TreeSet`.
pub static TREE_SET: Class = class("java.util.TreeSet", 1, &[&NAVIGABLE_SET], new_tree);
/// `java.util.concurrent.ConcurrentSkipListSet`.
pub static CONCURRENT_SKIP_LIST_SET: Class =
    class("java.util.concurrent.ConcurrentSkipListSet", 1, &[&NAVIGABLE_SET], new_tree);
/// `java.util.concurrent.CopyOnWriteArraySet`.
pub static COPY_ON_WRITE_SET: Class =
    class("java.util.concurrent.CopyOnWriteArraySet", 1, &[&SET], |machine, _, args| {
        new(machine, MapKind::CopyOnWrite, args)
    });
/// What `ConcurrentHashMap.newKeySet()` gives.
pub static KEY_SET_VIEW: Class = Class::named("java.util.concurrent.ConcurrentHashMap$KeySetView", &[&SET]);
/// What `Set.of` gives.
pub static IMMUTABLE_SET: Class = Class::named("java.util.ImmutableCollections$SetN", &[&SET]);
/// What `Collections.unmodifiableSet` gives.
pub static UNMODIFIABLE_SET: Class = Class::named("java.util.Collections$UnmodifiableSet", &[&SET]);
/// The keys of a `HashMap`.
pub static HASH_KEYS: Class = Class::named("java.util.HashMap$KeySet", &[&SET]);
/// The keys of a `LinkedHashMap`.
pub static LINKED_KEYS: Class = Class::named("java.util.LinkedHashMap$LinkedKeySet", &[&SET]);
/// The keys of a `TreeMap`.
pub static TREE_KEYS: Class = Class::named("java.util.TreeMap$KeySet", &[&NAVIGABLE_SET]);
/// The entries of a `HashMap`.
pub static HASH_ENTRIES: Class = Class::named("java.util.HashMap$EntrySet", &[&SET]);
/// The entries of a `LinkedHashMap`.
pub static LINKED_ENTRIES: Class = Class::named("java.util.LinkedHashMap$LinkedEntrySet", &[&SET]);
/// The entries of a `TreeMap`.
pub static TREE_ENTRIES: Class = Class::named("java.util.TreeMap$EntrySet", &[&SET]);

/// The class of a set.
pub(crate) fn class_of_set(set: &Set) -> &'static Class {
    match (&set.view, set.kind) {
        (Some(View::Keys(_)), MapKind::Linked | MapKind::Lazy) => &LINKED_KEYS,
        (Some(View::Keys(_)), MapKind::Tree) => &TREE_KEYS,
        (Some(View::Keys(_)), MapKind::Concurrent) => &KEY_SET_VIEW,
        (Some(View::Keys(_)), _) => &HASH_KEYS,
        (Some(View::Entries(_)), MapKind::Linked | MapKind::Lazy) => &LINKED_ENTRIES,
        (Some(View::Entries(_)), MapKind::Tree) => &TREE_ENTRIES,
        (Some(View::Entries(_)), _) => &HASH_ENTRIES,
        (_, MapKind::Tree) => &TREE_SET,
        (_, MapKind::Linked | MapKind::Lazy) => &LINKED_HASH_SET,
        (_, MapKind::Hash | MapKind::Hashtable) => &HASH_SET,
        (_, MapKind::Concurrent | MapKind::Properties) => &KEY_SET_VIEW,
        (_, MapKind::Immutable) => &IMMUTABLE_SET,
        (_, MapKind::Unmodifiable) => &UNMODIFIABLE_SET,
        (_, MapKind::CopyOnWrite) => &COPY_ON_WRITE_SET,
    }
}

fn new(machine: &mut Machine<'_>, kind: MapKind, args: &[Value]) -> Answer {
    if let Some(Value::Int(capacity)) = args.first() {
        let Ok(capacity) = usize::try_from(*capacity) else {
            let message = format!("Illegal initial capacity: {capacity}");
            return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into());
        };
        return Ok(Value::Set(Arc::new(Set::with_capacity(kind, capacity))));
    }
    let items = initial(machine, args)?;
    let set = if args.is_empty() { Set::new(kind, []) } else { Set::copy_of(kind, items) };
    Ok(Value::Set(Arc::new(set)))
}

fn new_tree(machine: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    let mut set = Set::new(MapKind::Tree, []);
    let items = match args.first() {
        Some(comparator @ (Value::Closure(_) | Value::Object(_))) => {
            set.comparator = Some(comparator.clone());
            Vec::new()
        }
        Some(Value::Null) => Vec::new(),
        _ => initial(machine, args)?,
    };
    let set = Arc::new(set);
    for item in items {
        add(machine, &set, item)?;
    }
    Ok(Value::Set(set))
}

/// A set that refuses changes.
pub(crate) fn immutable(items: Vec<Value>) -> Value {
    Value::Set(Arc::new(Set::new(MapKind::Immutable, items)))
}

/// The set of a receiver.
pub(crate) fn set_of(this: &Value) -> Result<&Arc<Set>, Fault> {
    match this {
        Value::Set(set) => Ok(set),
        _ => Err(Fault::Mismatch),
    }
}

/// A set that items can be taken from.
pub(crate) fn changeable(set: &Set) -> Result<(), Fault> {
    let fixed = match &set.view {
        Some(View::Keys(map) | View::Entries(map)) => map.kind.is_fixed(),
        _ => set.kind.is_fixed(),
    };
    if fixed { Err(unsupported()) } else { Ok(()) }
}

/// Where an item stands in a sorted set, or where it would stand.
fn place(machine: &mut Machine<'_>, set: &Set, item: &Value) -> Result<Result<usize, usize>, Fault> {
    let (mut low, mut high) = (0, set.len());
    if high == 0 {
        // Java compares the first item with itself, so that what cannot be compared is told at once.
        compare(machine, set, item, item)?;
    }
    while low < high {
        let middle = usize::midpoint(low, high);
        let Some(other) = set.at(middle) else { break };
        match compare(machine, set, item, &other)? {
            Ordering::Equal => return Ok(Ok(middle)),
            Ordering::Less => high = middle,
            Ordering::Greater => low = middle + 1,
        }
    }
    Ok(Err(low))
}

fn compare(machine: &mut Machine<'_>, set: &Set, a: &Value, b: &Value) -> Result<Ordering, Thrown> {
    gdk::Order::natural_or(set.comparator.as_ref()).compare(machine, a, b)
}

fn is_sorted(set: &Set) -> bool {
    set.kind == MapKind::Tree && set.view.is_none()
}

/// Adds an item; whether it was not there.
pub(crate) fn add(machine: &mut Machine<'_>, set: &Set, item: Value) -> Result<bool, Fault> {
    changeable(set)?;
    if matches!(set.view, Some(View::Keys(_) | View::Entries(_))) {
        return Err(unsupported());
    }
    if set.kind.refuses_null() && item.is_null() {
        return Err(null_pointer());
    }
    super::collection::room(set.len(), 1)?;
    if !is_sorted(set) {
        return Ok(set.add(item));
    }
    Ok(match place(machine, set, &item)? {
        Ok(_) => false,
        Err(at) => {
            set.insert_at(at, item);
            true
        }
    })
}

/// Removes an item; whether it was there.
pub(crate) fn remove(machine: &mut Machine<'_>, set: &Set, item: &Value) -> Result<bool, Fault> {
    changeable(set)?;
    if is_sorted(set) && !set.is_empty() {
        return Ok(match place(machine, set, item)? {
            Ok(at) => set.remove_at(at).is_some(),
            Err(_) => false,
        });
    }
    Ok(set.remove(item))
}

/// Whether an item is there.
pub(crate) fn contains(machine: &mut Machine<'_>, set: &Set, item: &Value) -> Result<bool, Fault> {
    if is_sorted(set) && !set.is_empty() {
        return Ok(place(machine, set, item)?.is_ok());
    }
    Ok(set.contains(item))
}

fn nothing() -> Fault {
    Thrown::with_cause(exceptions::NO_SUCH_ELEMENT, None, Value::Null).into()
}

fn tree(like: &Set, items: Vec<Value>) -> Value {
    let mut set = Set::new(MapKind::Tree, []);
    set.comparator.clone_from(&like.comparator);
    for (at, item) in items.into_iter().enumerate() {
        set.insert_at(at, item);
    }
    Value::Set(Arc::new(set))
}

/// The position from which items are at least (or, exclusive, beyond) a bound.
fn from(machine: &mut Machine<'_>, set: &Set, bound: &Value, inclusive: bool) -> Result<usize, Fault> {
    Ok(match place(machine, set, bound)? {
        Ok(at) if inclusive => at,
        Ok(at) => at + 1,
        Err(at) => at,
    })
}

fn flag(args: &[Value], at: usize, default: bool) -> bool {
    match args.get(at) {
        Some(Value::Boolean(flag)) => *flag,
        _ => default,
    }
}

static SORTED: &[Method] = &[
    java("ceiling", 1, 1, |machine, this, args| {
        let set = set_of(this)?;
        let at = from(machine, set, &args[0], true)?;
        Ok(set.at(at).unwrap_or_default())
    }),
    java("comparator", 0, 0, |_, this, _| Ok(set_of(this)?.comparator.clone().unwrap_or_default())),
    java("descendingIterator", 0, 0, |_, this, _| {
        let mut items = set_of(this)?.items();
        items.reverse();
        Ok(iterator::iterator(iterator::Walk::of(items)))
    }),
    java("descendingSet", 0, 0, |_, this, _| {
        let mut items = set_of(this)?.items();
        items.reverse();
        Ok(Value::Set(Arc::new(Set::new(MapKind::Linked, items))))
    }),
    java("first", 0, 0, |_, this, _| set_of(this)?.at(0).ok_or_else(nothing)),
    java("floor", 1, 1, |machine, this, args| {
        let set = set_of(this)?;
        let at = from(machine, set, &args[0], false)?;
        Ok(at.checked_sub(1).and_then(|at| set.at(at)).unwrap_or_default())
    }),
    java("headSet", 1, 2, |machine, this, args| {
        let set = set_of(this)?;
        let end = from(machine, set, &args[0], !flag(args, 1, false))?;
        Ok(tree(set, set.items().into_iter().take(end).collect()))
    }),
    java("higher", 1, 1, |machine, this, args| {
        let set = set_of(this)?;
        let at = from(machine, set, &args[0], false)?;
        Ok(set.at(at).unwrap_or_default())
    }),
    java("last", 0, 0, |_, this, _| {
        let set = set_of(this)?;
        set.len().checked_sub(1).and_then(|at| set.at(at)).ok_or_else(nothing)
    }),
    java("lower", 1, 1, |machine, this, args| {
        let set = set_of(this)?;
        let at = from(machine, set, &args[0], true)?;
        Ok(at.checked_sub(1).and_then(|at| set.at(at)).unwrap_or_default())
    }),
    java("pollFirst", 0, 0, |_, this, _| Ok(set_of(this)?.remove_at(0).unwrap_or_default())),
    java("pollLast", 0, 0, |_, this, _| {
        let set = set_of(this)?;
        Ok(set.len().checked_sub(1).and_then(|at| set.remove_at(at)).unwrap_or_default())
    }),
    java("subSet", 2, 4, |machine, this, args| {
        let set = set_of(this)?;
        let (low, high, low_in, high_in) = match args {
            [low, low_in, high, high_in] => {
                (low, high, matches!(low_in, Value::Boolean(true)), matches!(high_in, Value::Boolean(true)))
            }
            [low, high, ..] => (low, high, true, false),
            _ => return Err(Fault::Mismatch),
        };
        let (start, end) = (from(machine, set, low, low_in)?, from(machine, set, high, !high_in)?);
        Ok(tree(set, set.items().into_iter().take(end).skip(start).collect()))
    }),
    java("tailSet", 1, 2, |machine, this, args| {
        let set = set_of(this)?;
        let start = from(machine, set, &args[0], flag(args, 1, true))?;
        Ok(tree(set, set.items().into_iter().skip(start).collect()))
    }),
];

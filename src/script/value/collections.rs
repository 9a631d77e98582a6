//! Lists, arrays, maps, sets and ranges.

use super::{Value, equality, java_text};
use crate::text::Text;
use indexmap::IndexMap;
use std::cmp::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which Java class a list is; they differ in name, and [`ListKind::Immutable`] in refusing changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// `java.util.ArrayList`.
    ArrayList,
    /// `java.util.LinkedList`.
    LinkedList,
    /// `java.util.Arrays$ArrayList`: items can be set, but none added.
    Arrays,
    /// `List.of(…)`, `Collections.unmodifiableList(…)`.
    Immutable,
}

/// A `java.util.List`.
///
/// The lock is never held while an item is looked at: an item may be the list itself.
#[derive(Debug)]
pub struct List {
    /// Its class.
    pub kind: ListKind,
    items: Mutex<Vec<Value>>,
}

impl List {
    /// A list of `items`.
    pub fn new(kind: ListKind, items: Vec<Value>) -> Self {
        Self { kind, items: Mutex::new(items) }
    }

    /// The items as they are now.
    pub fn items(&self) -> Vec<Value> {
        lock(&self.items).clone()
    }

    /// Count of items.
    pub fn len(&self) -> usize {
        lock(&self.items).len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at `index`.
    pub fn get(&self, index: usize) -> Option<Value> {
        lock(&self.items).get(index).cloned()
    }

    /// Changes the items; `change` must not evaluate script code.
    pub fn change<R>(&self, change: impl FnOnce(&mut Vec<Value>) -> R) -> R {
        change(&mut lock(&self.items))
    }
}

/// A Java array: its length is fixed.
#[derive(Debug)]
pub struct Array {
    /// Name of the element type: `int`, `byte`, `java.lang.String`, …
    pub element: Text,
    items: Mutex<Vec<Value>>,
}

impl Array {
    /// An array of `items`, each of which already has the element type.
    pub fn new(element: &str, items: Vec<Value>) -> Self {
        Self { element: Text::from(element), items: Mutex::new(items) }
    }

    /// A `byte[]`.
    pub fn bytes(bytes: &[u8]) -> Self {
        Self::new("byte", bytes.iter().map(|byte| Value::Byte(*byte as i8)).collect())
    }

    /// The items as they are now.
    pub fn items(&self) -> Vec<Value> {
        lock(&self.items).clone()
    }

    /// Count of items.
    pub fn len(&self) -> usize {
        lock(&self.items).len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at `index`.
    pub fn get(&self, index: usize) -> Option<Value> {
        lock(&self.items).get(index).cloned()
    }

    /// Sets the item at `index`; false when there is none.
    pub fn set(&self, index: usize, value: Value) -> bool {
        match lock(&self.items).get_mut(index) {
            Some(item) => {
                *item = value;
                true
            }
            None => false,
        }
    }

    /// Changes the items in place (sorting, filling); `change` must not evaluate script code.
    pub fn change<R>(&self, change: impl FnOnce(&mut [Value]) -> R) -> R {
        change(&mut lock(&self.items))
    }

    /// The bytes of a `byte[]`, `None` for another array.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        if &*self.element != "byte" {
            return None;
        }
        Some(lock(&self.items).iter().map(|item| item.to_i64().unwrap_or(0) as u8).collect())
    }
}

/// A value as the key of a map, with Java's `equals` and `hashCode`.
///
/// The hash is taken once, outside the map's lock: a key may be the map itself.
#[derive(Debug, Clone)]
pub struct Key {
    value: Value,
    hash: i32,
}

impl From<Value> for Key {
    fn from(value: Value) -> Self {
        let hash = equality::hash_code(&value);
        Self { value, hash }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && (self.value.is_same(&other.value) || equality::equals(&self.value, &other.value))
    }
}

impl Eq for Key {}

impl std::hash::Hash for Key {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_i32(self.hash);
    }
}

/// Which Java class a map or set is, hence the order of its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MapKind {
    /// `LinkedHashMap`, `LinkedHashSet`: the order in which keys came.
    Linked,
    /// `HashMap`, `HashSet`: the order of Java's hash table.
    Hash,
    /// `ConcurrentHashMap`: the same order.
    Concurrent,
    /// `TreeMap`, `TreeSet`: the natural order of the keys.
    Tree,
    /// `java.util.Properties`: as a concurrent map.
    Properties,
    /// `Map.of(…)`, `Set.of(…)`, `Collections.unmodifiable…`.
    Immutable,
}

/// The entries of a map (or, with `()`, of a set), in insertion order, with what is needed to replay Java's order.
#[derive(Debug, Clone)]
pub struct Table<V> {
    entries: IndexMap<Key, V, ahash::RandomState>,
    buckets: usize,
}

impl<V> Table<V> {
    fn new() -> Self {
        Self { entries: IndexMap::default(), buckets: 16 }
    }

    fn insert(&mut self, key: Key, value: V) -> Option<V> {
        let old = match self.entries.entry(key) {
            indexmap::map::Entry::Occupied(mut entry) => Some(entry.insert(value)),
            indexmap::map::Entry::Vacant(entry) => {
                entry.insert(value);
                None
            }
        };
        while self.entries.len() > self.buckets / 4 * 3 {
            self.buckets *= 2;
        }
        old
    }

    /// Positions of the entries in the order in which Java would walk them.
    fn order(&self, kind: MapKind) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        let key = |index: &usize| self.entries.get_index(*index).map_or(&Value::Null, |(key, _)| &key.value);
        match kind {
            MapKind::Linked | MapKind::Immutable => {}
            // A bucket keeps the order of insertion, also when the table grows, so a stable sort by bucket is exact
            // (but for buckets of eight and more, which become trees).
            MapKind::Hash | MapKind::Concurrent | MapKind::Properties => order.sort_by_cached_key(|index| {
                let hash = self.entries.get_index(*index).map_or(0, |(key, _)| key.hash) as u32;
                (hash ^ (hash >> 16)) as usize & (self.buckets - 1)
            }),
            MapKind::Tree => order.sort_by(|a, b| natural_order(key(a), key(b))),
        }
        order
    }
}

fn natural_order(left: &Value, right: &Value) -> Ordering {
    equality::compare(left, right).unwrap_or(Ordering::Equal)
}

/// A `java.util.Map`.
#[derive(Debug)]
pub struct Map {
    /// Its class.
    pub kind: MapKind,
    table: Mutex<Table<Value>>,
    /// The closure of Groovy's `withDefault`.
    pub default: Option<Value>,
}

impl Map {
    /// An empty map.
    pub fn new(kind: MapKind) -> Self {
        Self { kind, table: Mutex::new(Table::new()), default: None }
    }

    /// An empty table that has room for `size` entries, as Java's copy constructors make it.
    pub fn with_room(kind: MapKind, size: usize) -> Self {
        let map = Self::new(kind);
        lock(&map.table).buckets = (size * 4 / 3 + 1).next_power_of_two();
        map
    }

    /// Count of entries.
    pub fn len(&self) -> usize {
        lock(&self.table).entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    pub fn get(&self, key: &Value) -> Option<Value> {
        let key = Key::from(key.clone());
        lock(&self.table).entries.get(&key).cloned()
    }

    /// Whether the key is there.
    pub fn contains(&self, key: &Value) -> bool {
        let key = Key::from(key.clone());
        lock(&self.table).entries.contains_key(&key)
    }

    /// Sets a value and gives the one before.
    pub fn put(&self, key: Value, value: Value) -> Option<Value> {
        let key = Key::from(key);
        lock(&self.table).insert(key, value)
    }

    /// Removes a key and gives its value.
    pub fn remove(&self, key: &Value) -> Option<Value> {
        let key = Key::from(key.clone());
        lock(&self.table).entries.shift_remove(&key)
    }

    /// Removes all.
    pub fn clear(&self) {
        lock(&self.table).entries.clear();
    }

    /// The entries as they are now, in this map's order.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        let table = lock(&self.table);
        let entry = |index| table.entries.get_index(index).map(|(key, value)| (key.value.clone(), value.clone()));
        table.order(self.kind).into_iter().filter_map(entry).collect()
    }

    /// The keys in this map's order.
    pub fn keys(&self) -> Vec<Value> {
        self.entries().into_iter().map(|(key, _)| key).collect()
    }
}

/// A `java.util.Set`.
#[derive(Debug)]
pub struct Set {
    /// Its class.
    pub kind: MapKind,
    table: Mutex<Table<()>>,
}

impl Set {
    /// A set of `items`.
    pub fn new(kind: MapKind, items: impl IntoIterator<Item = Value>) -> Self {
        let set = Self { kind, table: Mutex::new(Table::new()) };
        for item in items {
            set.add(item);
        }
        set
    }

    /// Count of items.
    pub fn len(&self) -> usize {
        lock(&self.table).entries.len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the item is there.
    pub fn contains(&self, item: &Value) -> bool {
        let key = Key::from(item.clone());
        lock(&self.table).entries.contains_key(&key)
    }

    /// Adds an item; false when it was there.
    pub fn add(&self, item: Value) -> bool {
        let key = Key::from(item);
        let mut table = lock(&self.table);
        if table.entries.contains_key(&key) {
            return false;
        }
        table.insert(key, ());
        true
    }

    /// Removes an item; false when it was not there.
    pub fn remove(&self, item: &Value) -> bool {
        let key = Key::from(item.clone());
        lock(&self.table).entries.shift_remove(&key).is_some()
    }

    /// Removes all.
    pub fn clear(&self) {
        lock(&self.table).entries.clear();
    }

    /// The items as they are now, in this set's order.
    pub fn items(&self) -> Vec<Value> {
        let table = lock(&self.table);
        let item = |index| table.entries.get_index(index).map(|(key, ())| key.value.clone());
        table.order(self.kind).into_iter().filter_map(item).collect()
    }
}

/// `Map.Entry`.
#[derive(Debug)]
pub struct Entry {
    /// `getKey()`.
    pub key: Value,
    value: Mutex<Value>,
    /// The map that `setValue` writes through to.
    pub map: Option<std::sync::Weak<Map>>,
}

impl Entry {
    /// An entry of its own, or of `map`.
    pub fn new(key: Value, value: Value, map: Option<std::sync::Weak<Map>>) -> Self {
        Self { key, value: Mutex::new(value), map }
    }

    /// `getValue()`.
    pub fn value(&self) -> Value {
        lock(&self.value).clone()
    }

    /// `setValue(v)`: gives the value before.
    pub fn set_value(&self, value: Value) -> Value {
        if let Some(map) = self.map.as_ref().and_then(std::sync::Weak::upgrade) {
            map.put(self.key.clone(), value.clone());
        }
        std::mem::replace(&mut lock(&self.value), value)
    }
}

/// Groovy's `from..to`.
#[derive(Debug)]
pub struct Range {
    /// The first bound.
    pub from: Value,
    /// The second bound.
    pub to: Value,
    /// `..` includes the second bound, `..<` does not.
    pub inclusive: bool,
}

/// Items that a range may have when it is spread out.
const RANGE_LIMIT: i64 = 10_000_000;

impl Range {
    /// The whole numbers that it covers as `(first, count, step)`, `None` for other ranges.
    pub fn numbers(&self) -> Option<(i64, i64, i64)> {
        if !self.from.is_integral() || !self.to.is_integral() {
            return None;
        }
        let (from, to) = (self.from.to_i64()?, self.to.to_i64()?);
        let step = if to < from { -1 } else { 1 };
        let count = from.abs_diff(to) as i64 + i64::from(self.inclusive);
        Some((from, count, step))
    }

    /// All items, in order.
    pub fn items(&self) -> Vec<Value> {
        if let Some((from, count, step)) = self.numbers() {
            let long = matches!(self.from, Value::Long(_)) || matches!(self.to, Value::Long(_));
            let item = |n: i64| if long { Value::Long(n) } else { Value::Int(n as i32) };
            return (0..count.clamp(0, RANGE_LIMIT)).map(|i| item(from + i * step)).collect();
        }
        if let (Some(from), Some(to)) = (self.from.to_decimal(), self.to.to_decimal()) {
            return self.decimal_items(from, &to);
        }
        let (Some(from), Some(to)) = (Self::single_char(&self.from), Self::single_char(&self.to)) else {
            return vec![self.from.clone()];
        };
        let item = |unit: u32| match self.from {
            Value::Char(_) => Value::Char(unit as u16),
            _ => Value::from(char::from_u32(unit).unwrap_or('?').to_string()),
        };
        let mut items: Vec<Value> = (from.min(to)..=from.max(to)).map(item).collect();
        if to < from {
            items.reverse();
        }
        if !self.inclusive {
            items.pop();
        }
        items
    }

    fn decimal_items(&self, from: super::BigDecimal, to: &super::BigDecimal) -> Vec<Value> {
        let up = from.compare(to) != Ordering::Greater;
        let step = super::BigDecimal::from(if up { 1 } else { -1 });
        let beyond = if up { Ordering::Greater } else { Ordering::Less };
        let (mut items, mut next) = (Vec::new(), from);
        while items.len() < RANGE_LIMIT as usize {
            let order = next.compare(to);
            if order == beyond || (order == Ordering::Equal && !self.inclusive) {
                break;
            }
            items.push(Value::decimal(next.clone()));
            match next.add(&step) {
                Ok(sum) => next = sum,
                Err(_) => break,
            }
        }
        items
    }

    fn single_char(value: &Value) -> Option<u32> {
        match value {
            Value::Char(unit) => Some(u32::from(*unit)),
            Value::String(text) => {
                let mut chars = text.chars();
                chars.next().filter(|_| chars.next().is_none()).map(u32::from)
            }
            _ => None,
        }
    }

    /// `toString()`: `1..3`, `1..<3`.
    pub fn to_text(&self) -> String {
        let dots = if self.inclusive { ".." } else { "..<" };
        format!("{}{dots}{}", java_text(&self.from), java_text(&self.to))
    }
}

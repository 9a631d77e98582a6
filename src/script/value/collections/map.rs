//! Maps and their entries.

use super::lock;
use super::table::{Key, MapKind, Table};
use crate::script::value::Value;
use std::sync::{Arc, Mutex, Weak};

/// A `java.util.Map`.
#[derive(Debug)]
pub struct Map {
    /// Its class.
    pub kind: MapKind,
    table: Mutex<Table<Value>>,
    /// The closure of Groovy's `withDefault`; the defaults of `Properties`.
    pub default: Option<Value>,
    /// The order of a sorted map that is not the natural one.
    pub comparator: Option<Value>,
    /// The map of which this is a view.
    pub source: Option<Arc<Map>>,
}

impl Map {
    /// An empty map.
    pub fn new(kind: MapKind) -> Self {
        Self { kind, table: Mutex::new(Table::new(kind)), default: None, comparator: None, source: None }
    }

    /// An empty map made by `new HashMap(capacity)`.
    pub fn with_capacity(kind: MapKind, capacity: usize) -> Self {
        let map = Self::new(kind);
        lock(&map.table).set_capacity(kind, capacity);
        map
    }

    /// An empty table that has room for `size` entries, as Java's copy constructors make it.
    pub fn with_room(kind: MapKind, size: usize) -> Self {
        let map = Self::new(kind);
        map.reserve(size);
        map
    }

    /// A view of `source` of another kind.
    pub fn view(kind: MapKind, source: Arc<Map>) -> Self {
        Self { source: Some(source), ..Self::new(kind) }
    }

    /// Whether reading and writing it needs no more than [`Map::get`] and [`Map::put`]: no default, no comparator,
    /// nothing that is refused.
    pub fn is_plain(&self) -> bool {
        matches!(self.kind, MapKind::Linked | MapKind::Lazy | MapKind::Hash)
            && self.source.is_none()
            && self.default.is_none()
    }

    /// Whether it is Groovy's `MapWithDefault`.
    pub fn has_default(&self) -> bool {
        self.kind != MapKind::Properties && self.default.is_some()
    }

    /// Makes room for `count` entries that come at once.
    pub fn reserve(&self, count: usize) {
        let kind = self.order_kind();
        lock(self.store()).reserve_for_all(kind, count);
    }

    fn store(&self) -> &Mutex<Table<Value>> {
        match &self.source {
            Some(source) => source.store(),
            None => &self.table,
        }
    }

    fn order_kind(&self) -> MapKind {
        self.source.as_ref().map_or(self.kind, |source| source.order_kind())
    }

    /// Count of entries.
    pub fn len(&self) -> usize {
        lock(self.store()).len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    pub fn get(&self, key: &Value) -> Option<Value> {
        if let Value::String(name) = key {
            return self.get_named(name);
        }
        let key = Key::from(key.clone());
        lock(self.store()).get(&key).cloned()
    }

    /// The value of the key that is the string `name`.
    pub fn get_named(&self, name: &str) -> Option<Value> {
        lock(self.store()).get_named(name).cloned()
    }

    /// Whether the key is there.
    pub fn contains(&self, key: &Value) -> bool {
        let key = Key::from(key.clone());
        lock(self.store()).contains(&key)
    }

    /// Sets a value and gives the one before.
    pub fn put(&self, key: Value, value: Value) -> Option<Value> {
        let (key, kind) = (Key::from(key), self.order_kind());
        lock(self.store()).insert(kind, key, value)
    }

    /// Sets a value that `computeIfAbsent`, `compute` or `merge` made.
    pub fn put_computed(&self, key: Value, value: Value) -> Option<Value> {
        let (key, kind) = (Key::from(key), self.order_kind());
        lock(self.store()).insert_computed(kind, key, value)
    }

    /// Sets a value unless the key has one that is not null; gives the one that is there.
    pub fn put_if_absent(&self, key: Value, value: Value) -> Option<Value> {
        let (key, kind) = (Key::from(key), self.order_kind());
        let mut table = lock(self.store());
        match table.get(&key) {
            Some(old) if !old.is_null() => Some(old.clone()),
            _ => {
                table.insert(kind, key, value);
                None
            }
        }
    }

    /// Removes a key and gives its value.
    pub fn remove(&self, key: &Value) -> Option<Value> {
        let key = Key::from(key.clone());
        lock(self.store()).remove(&key)
    }

    /// Removes all.
    pub fn clear(&self) {
        lock(self.store()).clear();
    }

    /// Changes of the set of keys, and of values.
    pub fn version(&self) -> (u32, u32) {
        lock(self.store()).version()
    }

    /// The entry at a position; of a sorted map, in its order.
    pub fn at(&self, index: usize) -> Option<(Value, Value)> {
        lock(self.store()).at(index).map(|(key, value)| (key.clone(), value.clone()))
    }

    /// The key at a position; of a sorted map, in its order.
    pub fn key_at(&self, index: usize) -> Option<Value> {
        lock(self.store()).at(index).map(|(key, _)| key.clone())
    }

    /// Sets the value at a position and gives the one before.
    pub fn set_at(&self, index: usize, value: Value) -> Option<Value> {
        lock(self.store()).set_at(index, value)
    }

    /// Puts a new entry at a position of a sorted map.
    pub fn insert_at(&self, index: usize, key: Value, value: Value) {
        let key = Key::from(key);
        lock(self.store()).insert_at(index, key, value);
    }

    /// Removes the entry at a position.
    pub fn remove_at(&self, index: usize) -> Option<(Value, Value)> {
        lock(self.store()).remove_at(index)
    }

    /// The entries as they are now, in this map's order.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        let kind = self.order_kind();
        let table = lock(self.store());
        let entry = |index| table.at(index).map(|(key, value)| (key.clone(), value.clone()));
        table.order(kind).into_iter().filter_map(entry).collect()
    }

    /// The keys in this map's order.
    pub fn keys(&self) -> Vec<Value> {
        self.entries().into_iter().map(|(key, _)| key).collect()
    }

    /// The values in this map's order.
    pub fn values(&self) -> Vec<Value> {
        self.entries().into_iter().map(|(_, value)| value).collect()
    }
}

/// `Map.Entry`.
#[derive(Debug)]
pub struct Entry {
    /// `getKey()`.
    pub key: Value,
    value: Mutex<Value>,
    /// The map that `setValue` writes through to.
    pub map: Option<Weak<Map>>,
    /// The class of that map.
    pub kind: Option<MapKind>,
}

impl Entry {
    /// An entry of its own, or of `map`.
    pub fn new(key: Value, value: Value, map: Option<Weak<Map>>) -> Self {
        let kind = map.as_ref().and_then(Weak::upgrade).map(|map| map.kind);
        Self { key, value: Mutex::new(value), map, kind }
    }

    /// An entry of `map` as a value.
    pub fn of(map: &Arc<Map>, key: Value, value: Value) -> Value {
        Value::Entry(Arc::new(Self::new(key, value, Some(Arc::downgrade(map)))))
    }

    /// `getValue()`.
    pub fn value(&self) -> Value {
        lock(&self.value).clone()
    }

    /// `setValue(v)`: gives the value before.
    pub fn set_value(&self, value: Value) -> Value {
        if let Some(map) = self.map.as_ref().and_then(Weak::upgrade) {
            map.put(self.key.clone(), value.clone());
        }
        std::mem::replace(&mut lock(&self.value), value)
    }
}

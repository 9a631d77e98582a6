//! Sets, and the views of maps that are sets.

use super::lock;
use super::map::{Entry, Map};
use super::table::{Key, MapKind, Table};
use crate::script::value::Value;
use std::sync::{Arc, Mutex};

/// What a set that has no items of its own shows.
#[derive(Debug, Clone)]
pub enum View {
    /// The keys of a map.
    Keys(Arc<Map>),
    /// The entries of a map.
    Entries(Arc<Map>),
    /// Another set.
    Set(Arc<Set>),
}

/// A `java.util.Set`.
#[derive(Debug)]
pub struct Set {
    /// Its class; of a view of a map, that of the map.
    pub kind: MapKind,
    table: Mutex<Table<()>>,
    /// What it is a view of.
    pub view: Option<View>,
    /// The order of a sorted set that is not the natural one.
    pub comparator: Option<Value>,
}

impl Set {
    /// A set of `items`.
    pub fn new(kind: MapKind, items: impl IntoIterator<Item = Value>) -> Self {
        let set = Self { kind, table: Mutex::new(Table::new(kind)), view: None, comparator: None };
        for item in items {
            set.add(item);
        }
        set
    }

    /// An empty set made by `new HashSet(capacity)`.
    pub fn with_capacity(kind: MapKind, capacity: usize) -> Self {
        let set = Self::new(kind, []);
        lock(&set.table).set_capacity(kind, capacity);
        set
    }

    /// A set of `items` made by a copy constructor, whose table has room for all from the start.
    pub fn copy_of(kind: MapKind, items: Vec<Value>) -> Self {
        let set = Self::with_capacity(kind, (items.len().saturating_mul(4) / 3 + 1).max(16));
        for item in items {
            set.add(item);
        }
        set
    }

    /// A view.
    pub fn view_of(kind: MapKind, view: View) -> Self {
        Self { view: Some(view), ..Self::new(kind, []) }
    }

    /// The set that holds the items of a view of a set.
    fn holder(&self) -> &Self {
        match &self.view {
            Some(View::Set(set)) => set.holder(),
            _ => self,
        }
    }

    /// Count of items.
    pub fn len(&self) -> usize {
        match &self.view {
            Some(View::Keys(map) | View::Entries(map)) => map.len(),
            Some(View::Set(set)) => set.len(),
            None => lock(&self.table).len(),
        }
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the item is there.
    pub fn contains(&self, item: &Value) -> bool {
        match &self.view {
            Some(View::Keys(map)) => map.contains(item),
            Some(View::Entries(map)) => match item {
                Value::Entry(entry) => {
                    map.get(&entry.key).is_some_and(|value| crate::script::value::equals(&value, &entry.value()))
                }
                _ => false,
            },
            Some(View::Set(set)) => set.contains(item),
            None => {
                let key = Key::from(item.clone());
                lock(&self.table).contains(&key)
            }
        }
    }

    /// Adds an item; false when it was there, or when this is a view of a map, which takes none.
    pub fn add(&self, item: Value) -> bool {
        match &self.view {
            Some(View::Keys(_) | View::Entries(_)) => false,
            Some(View::Set(set)) => set.add(item),
            None => {
                let key = Key::from(item);
                let mut table = lock(&self.table);
                !table.contains(&key) && table.insert(self.kind, key, ()).is_none()
            }
        }
    }

    /// Removes an item; false when it was not there.
    pub fn remove(&self, item: &Value) -> bool {
        match &self.view {
            Some(View::Keys(map)) => map.remove(item).is_some(),
            Some(View::Entries(map)) => match item {
                Value::Entry(entry) if self.contains(item) => map.remove(&entry.key).is_some(),
                _ => false,
            },
            Some(View::Set(set)) => set.remove(item),
            None => {
                let key = Key::from(item.clone());
                lock(&self.table).remove(&key).is_some()
            }
        }
    }

    /// Removes all.
    pub fn clear(&self) {
        match &self.view {
            Some(View::Keys(map) | View::Entries(map)) => map.clear(),
            Some(View::Set(set)) => set.clear(),
            None => lock(&self.table).clear(),
        }
    }

    /// The items as they are now, in this set's order.
    pub fn items(&self) -> Vec<Value> {
        match &self.view {
            Some(View::Keys(map)) => map.keys(),
            Some(View::Entries(map)) => {
                map.entries().into_iter().map(|(key, value)| Entry::of(map, key, value)).collect()
            }
            Some(View::Set(set)) => set.items(),
            None => {
                let table = lock(&self.table);
                let item = |index| table.at(index).map(|(key, ())| key.clone());
                table.order(self.kind).into_iter().filter_map(item).collect()
            }
        }
    }

    /// Changes of the items, for who walks the set.
    pub fn version(&self) -> u32 {
        match &self.view {
            Some(View::Keys(map) | View::Entries(map)) => map.version().0,
            Some(View::Set(set)) => set.version(),
            None => lock(&self.table).version().0,
        }
    }

    /// The item at a position of a sorted set.
    pub fn at(&self, index: usize) -> Option<Value> {
        match &self.holder().view {
            Some(View::Keys(map)) => map.key_at(index),
            Some(View::Entries(map)) => map.at(index).map(|(key, value)| Entry::of(map, key, value)),
            _ => lock(&self.holder().table).at(index).map(|(key, ())| key.clone()),
        }
    }

    /// Puts a new item at a position of a sorted set.
    pub fn insert_at(&self, index: usize, item: Value) {
        let key = Key::from(item);
        lock(&self.holder().table).insert_at(index, key, ());
    }

    /// Removes the item at a position.
    pub fn remove_at(&self, index: usize) -> Option<Value> {
        match &self.holder().view {
            Some(View::Keys(map) | View::Entries(map)) => map.remove_at(index).map(|(key, _)| key),
            _ => lock(&self.holder().table).remove_at(index).map(|(key, ())| key),
        }
    }
}

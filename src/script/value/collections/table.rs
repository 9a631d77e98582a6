//! The entries of maps and sets, in the order in which Java's classes walk them.

use crate::script::value::{Value, equality};
use indexmap::IndexMap;
use std::cmp::Ordering;

/// A value as the key of a map, with Java's `equals` and `hashCode`.
///
/// The hash is taken once, outside the map's lock: a key may be the map itself.
#[derive(Debug, Clone)]
pub struct Key {
    value: Value,
    hash: i32,
    /// Where it stands among those of its bucket: what `compute` puts in comes before all others.
    place: i32,
}

impl From<Value> for Key {
    fn from(value: Value) -> Self {
        let hash = equality::hash_code(&value);
        Self { value, hash, place: 0 }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && (self.value.is_same(&other.value) || equality::equals(&self.value, &other.value))
    }
}

impl Eq for Key {}

/// A text that is looked up as a key without being made a value first.
struct Named<'n> {
    name: &'n str,
    hash: i32,
}

impl std::hash::Hash for Named<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_i32(self.hash);
    }
}

impl indexmap::Equivalent<Key> for Named<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.hash == key.hash && matches!(&key.value, Value::String(text) if **text == *self.name)
    }
}

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
    /// `LazyMap` of `JsonSlurper`: the order in which keys came.
    Lazy,
    /// `HashMap`, `HashSet`: the order of Java's hash table.
    Hash,
    /// `ConcurrentHashMap`: nearly the same order; refuses null.
    Concurrent,
    /// `TreeMap`, `TreeSet`: the order of the keys, natural or by a comparator.
    Tree,
    /// `java.util.Properties`: as a concurrent map.
    Properties,
    /// `java.util.Hashtable`: its table is walked from the end.
    Hashtable,
    /// `Map.of(…)`, `Set.of(…)`: refuses changes and null.
    Immutable,
    /// `Collections.unmodifiable…`: refuses changes.
    Unmodifiable,
    /// `java.util.concurrent.CopyOnWriteArraySet`: the order of insertion.
    CopyOnWrite,
}

impl MapKind {
    /// Whether it refuses any change.
    pub fn is_fixed(self) -> bool {
        matches!(self, Self::Immutable | Self::Unmodifiable)
    }

    /// Whether who walks it need not fear changes.
    pub fn is_concurrent(self) -> bool {
        matches!(self, Self::Concurrent | Self::Properties | Self::CopyOnWrite)
    }

    /// Whether it refuses null as key and value.
    pub fn refuses_null(self) -> bool {
        matches!(self, Self::Concurrent | Self::Properties | Self::Hashtable | Self::Immutable)
    }

    fn is_hashed(self) -> bool {
        matches!(self, Self::Hash | Self::Concurrent | Self::Properties | Self::Hashtable)
    }
}

/// The entries of a map (or, with `()`, of a set).
///
/// They stand as they came (sorted ones: in their order), which with the size of Java's table tells the order in which
/// Java walks a hash table: bucket by bucket, within one as they came. (Buckets of eight and more become trees in Java;
/// that is not followed.)
#[derive(Debug, Clone)]
pub struct Table<V: Held> {
    entries: IndexMap<Key, V, ahash::RandomState>,
    buckets: usize,
    /// Changes of the set of keys.
    version: u32,
    /// Changes of values.
    writes: u32,
}

/// What a table holds beside its keys.
pub trait Held {
    /// The value that it is, if it is one.
    fn into_value(self) -> Option<Value>;
}

impl Held for Value {
    fn into_value(self) -> Option<Value> {
        Some(self)
    }
}

impl Held for () {
    fn into_value(self) -> Option<Value> {
        None
    }
}

impl<V: Held> Drop for Table<V> {
    fn drop(&mut self) {
        let entries = self.entries.drain(..);
        crate::script::value::bury(entries.flat_map(|(key, value)| [Some(key.value), value.into_value()]).flatten());
    }
}

/// The size of Java's table of so many entries to come.
fn table_size(wanted: usize) -> usize {
    wanted.clamp(1, 1 << 30).next_power_of_two()
}

impl<V: Held> Table<V> {
    /// An empty table of Java's default size.
    pub(super) fn new(kind: MapKind) -> Self {
        let buckets = if kind == MapKind::Hashtable { 11 } else { 16 };
        Self { entries: IndexMap::default(), buckets, version: 0, writes: 0 }
    }

    /// Sets the size of an empty table for `new HashMap(capacity)`.
    pub(super) fn set_capacity(&mut self, kind: MapKind, capacity: usize) {
        self.buckets = match kind {
            MapKind::Hashtable => capacity.clamp(1, 1 << 30),
            MapKind::Concurrent | MapKind::Properties => table_size(capacity.saturating_mul(4) / 3 + 1),
            _ => table_size(capacity),
        };
    }

    /// Makes room for `count` entries at once, as `putAll` does.
    pub(super) fn reserve_for_all(&mut self, kind: MapKind, count: usize) {
        match kind {
            MapKind::Hash if count > 0 && self.entries.is_empty() && self.version == 0 && self.buckets == 16 => {
                self.buckets = table_size(count.saturating_mul(4) / 3 + 1);
            }
            MapKind::Hash => {
                while count > self.buckets * 3 / 4 && self.buckets < 1 << 30 {
                    self.grow(kind);
                }
            }
            MapKind::Concurrent | MapKind::Properties => {
                let wanted = table_size(count + (count >> 1) + 1);
                if self.version == 0 {
                    self.buckets = self.buckets.max(wanted);
                }
                while wanted > self.buckets - (self.buckets >> 2) {
                    self.grow(kind);
                }
            }
            _ => {}
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn version(&self) -> (u32, u32) {
        (self.version, self.writes)
    }

    pub(super) fn get(&self, key: &Key) -> Option<&V> {
        self.entries.get(key)
    }

    /// The value of the key that is the string `name`.
    pub(super) fn get_named(&self, name: &str) -> Option<&V> {
        self.entries.get(&Named { name, hash: equality::string_hash(name) })
    }

    pub(super) fn contains(&self, key: &Key) -> bool {
        self.entries.contains_key(key)
    }

    /// The entry at a position of storage; of sorted ones, of their order.
    pub(super) fn at(&self, index: usize) -> Option<(&Value, &V)> {
        self.entries.get_index(index).map(|(key, value)| (&key.value, value))
    }

    pub(super) fn set_at(&mut self, index: usize, value: V) -> Option<V> {
        self.writes = self.writes.wrapping_add(1);
        self.entries.get_index_mut(index).map(|(_, slot)| std::mem::replace(slot, value))
    }

    pub(super) fn insert_at(&mut self, index: usize, key: Key, value: V) {
        let index = index.min(self.entries.len());
        self.version = self.version.wrapping_add(1);
        if self.entries.contains_key(&key) {
            self.entries.insert(key, value);
        } else {
            self.entries.shift_insert(index, key, value);
        }
    }

    pub(super) fn remove_at(&mut self, index: usize) -> Option<(Value, V)> {
        let removed = self.entries.shift_remove_index(index).map(|(key, value)| (key.value, value));
        self.version = self.version.wrapping_add(u32::from(removed.is_some()));
        removed
    }

    pub(super) fn insert(&mut self, kind: MapKind, key: Key, value: V) -> Option<V> {
        if let Some(slot) = self.entries.get_mut(&key) {
            self.writes = self.writes.wrapping_add(1);
            return Some(std::mem::replace(slot, value));
        }
        self.version = self.version.wrapping_add(1);
        if kind == MapKind::Tree {
            let at = self.entries.binary_search_by(|other, _| natural_order(&other.value, &key.value));
            self.entries.shift_insert(at.unwrap_or_else(|at| at), key, value);
            return None;
        }
        if kind == MapKind::Hashtable && self.entries.len() >= self.buckets * 3 / 4 {
            self.grow(kind);
        }
        self.entries.insert(key, value);
        let full = match kind {
            MapKind::Hash => self.entries.len() > self.buckets * 3 / 4,
            MapKind::Concurrent | MapKind::Properties => self.entries.len() >= self.buckets - (self.buckets >> 2),
            _ => false,
        };
        if full {
            self.grow(kind);
        }
        None
    }

    /// Adds what `computeIfAbsent`, `compute` or `merge` made: a `HashMap` puts it first in its bucket, and makes its
    /// table larger before, not after.
    pub(super) fn insert_computed(&mut self, kind: MapKind, mut key: Key, value: V) -> Option<V> {
        if kind != MapKind::Hash || self.entries.contains_key(&key) {
            return self.insert(kind, key, value);
        }
        if self.entries.len() > self.buckets * 3 / 4 {
            self.grow(kind);
        }
        self.version = self.version.wrapping_add(1);
        // Later ones come before earlier ones; the version grows with each.
        key.place = -((self.version & 0x7fff_ffff) as i32);
        self.entries.insert(key, value);
        None
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<V> {
        let removed = self.entries.shift_remove(key);
        self.version = self.version.wrapping_add(u32::from(removed.is_some()));
        removed
    }

    pub(super) fn clear(&mut self) {
        self.version = self.version.wrapping_add(1);
        self.entries.clear();
    }

    fn bucket(&self, kind: MapKind, hash: i32) -> usize {
        let hash = hash as u32;
        if kind == MapKind::Hashtable {
            (hash & 0x7fff_ffff) as usize % self.buckets
        } else {
            (hash ^ (hash >> 16)) as usize & (self.buckets - 1)
        }
    }

    /// Doubles Java's table. A `HashMap` keeps the order within a bucket; the others turn parts of it round.
    fn grow(&mut self, kind: MapKind) {
        match kind {
            MapKind::Concurrent | MapKind::Properties => {
                let order = self.order(kind);
                let hash = |index: &usize| self.entries.get_index(*index).map_or(0, |(key, _)| key.hash);
                let mut sequence = Vec::with_capacity(order.len());
                for bucket in order.chunk_by(|a, b| self.bucket(kind, hash(a)) == self.bucket(kind, hash(b))) {
                    sequence.extend(split_bucket(bucket, |index| {
                        let hash = hash(index) as u32;
                        (hash ^ (hash >> 16)) as usize & self.buckets != 0
                    }));
                }
                self.rearrange(&sequence);
                self.buckets *= 2;
            }
            MapKind::Hashtable => {
                let sequence = self.order(kind);
                self.rearrange(&sequence);
                self.buckets = self.buckets * 2 + 1;
            }
            _ => self.buckets *= 2,
        }
    }

    fn rearrange(&mut self, sequence: &[usize]) {
        let mut entries: Vec<Option<(Key, V)>> = self.entries.drain(..).map(Some).collect();
        for index in sequence {
            if let Some((key, value)) = entries.get_mut(*index).and_then(Option::take) {
                self.entries.insert(key, value);
            }
        }
    }

    /// Positions of the entries in the order in which Java would walk them.
    pub(super) fn order(&self, kind: MapKind) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        if kind.is_hashed() {
            order.sort_by_cached_key(|index| {
                let (hash, place) = self.entries.get_index(*index).map_or((0, 0), |(key, _)| (key.hash, key.place));
                (self.bucket(kind, hash), place)
            });
            if kind == MapKind::Hashtable {
                order.reverse();
            }
        }
        order
    }
}

/// How `ConcurrentHashMap` splits a bucket when its table doubles: the longest tail whose entries go to one half stays
/// as it is, the entries before it are put in front of their half one by one.
fn split_bucket(bucket: &[usize], upper: impl Fn(&usize) -> bool) -> Vec<usize> {
    let Some(last) = bucket.last() else { return Vec::new() };
    let tail = bucket.iter().rposition(|index| upper(index) != upper(last)).map_or(0, |at| at + 1);
    let mut sequence = Vec::with_capacity(bucket.len());
    for half in [false, true] {
        sequence.extend(bucket[..tail].iter().rev().filter(|index| upper(index) == half));
        if upper(last) == half {
            sequence.extend(&bucket[tail..]);
        }
    }
    sequence
}

fn natural_order(left: &Value, right: &Value) -> Ordering {
    equality::compare(left, right).unwrap_or(Ordering::Equal)
}

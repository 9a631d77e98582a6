//! Lists and queues.

use super::lock;
use crate::script::value::Value;
use std::sync::{Arc, Mutex};

/// Which Java class a list or queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// `java.util.ArrayList`.
    ArrayList,
    /// `java.util.LinkedList`.
    LinkedList,
    /// `java.util.Vector`.
    Vector,
    /// `java.util.Stack`.
    Stack,
    /// `java.util.concurrent.CopyOnWriteArrayList`: who walks it sees it as it was.
    CopyOnWrite,
    /// `java.util.Arrays$ArrayList`: items can be set, but none added.
    Arrays,
    /// `List.of(…)`: refuses changes and null.
    Immutable,
    /// `Collections.unmodifiableList(…)`: refuses changes.
    Unmodifiable,
    /// The values of a map, as `Map.values()` gives them: items can be removed, but none added.
    Values,
    /// `java.util.ArrayDeque`.
    ArrayDeque,
    /// `java.util.PriorityQueue`.
    PriorityQueue,
    /// `java.util.concurrent.ConcurrentLinkedQueue`.
    ConcurrentLinkedQueue,
    /// `java.util.concurrent.ConcurrentLinkedDeque`.
    ConcurrentLinkedDeque,
    /// `java.util.concurrent.LinkedBlockingQueue`.
    LinkedBlockingQueue,
    /// `java.util.concurrent.LinkedBlockingDeque`.
    LinkedBlockingDeque,
    /// `java.util.concurrent.ArrayBlockingQueue`.
    ArrayBlockingQueue,
}

impl ListKind {
    /// Whether it is a `java.util.List`, equal to another of the same items; queues are equal to themselves only.
    pub fn is_list(self) -> bool {
        self < Self::Values
    }

    /// Whether who walks it need not fear changes.
    pub fn is_concurrent(self) -> bool {
        self == Self::CopyOnWrite || self >= Self::ConcurrentLinkedQueue
    }

    /// Whether it refuses any change.
    pub fn is_fixed(self) -> bool {
        matches!(self, Self::Immutable | Self::Unmodifiable)
    }

    /// Whether it refuses null.
    pub fn refuses_null(self) -> bool {
        self == Self::Immutable || self >= Self::ArrayDeque
    }
}

impl PartialOrd for ListKind {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (*self as u8).partial_cmp(&(*other as u8))
    }
}

/// What few lists have.
#[derive(Debug, Default)]
pub struct Extras {
    /// The list of which this is a view that refuses changes.
    pub source: Option<Arc<List>>,
    /// The closure of Groovy's `withDefault`, and whether items that are skipped get their value too.
    pub default: Option<(Value, bool)>,
    /// The order of a priority queue.
    pub comparator: Option<Value>,
    /// Items that a bounded queue takes.
    pub capacity: Option<usize>,
    /// The list that this is a part of, and where it begins there.
    pub part_of: Option<(Arc<List>, usize)>,
    /// The map whose values these are.
    pub values_of: Option<Arc<super::Map>>,
}

#[derive(Debug)]
struct Items {
    values: Vec<Value>,
    /// Items at the front that a queue has given away.
    gone: usize,
    version: u32,
}

impl Drop for Items {
    fn drop(&mut self) {
        crate::script::value::bury(std::mem::take(&mut self.values));
    }
}

impl Items {
    fn live(&self) -> &[Value] {
        &self.values[self.gone..]
    }

    fn close_up(&mut self) {
        self.values.drain(..self.gone);
        self.gone = 0;
    }
}

/// A `java.util.List`, `Deque` or `Queue`.
///
/// The lock is never held while an item is looked at: an item may be the list itself.
#[derive(Debug)]
pub struct List {
    /// Its class.
    pub kind: ListKind,
    items: Mutex<Items>,
    extras: Option<Box<Extras>>,
}

impl List {
    /// A list of `items`.
    pub fn new(kind: ListKind, items: Vec<Value>) -> Self {
        Self { kind, items: Mutex::new(Items { values: items, gone: 0, version: 0 }), extras: None }
    }

    /// A list that has more to it.
    pub fn with_extras(kind: ListKind, items: Vec<Value>, extras: Extras) -> Self {
        Self { extras: Some(Box::new(extras)), ..Self::new(kind, items) }
    }

    /// What this list has more.
    pub fn extras(&self) -> Option<&Extras> {
        self.extras.as_deref()
    }

    fn store(&self) -> &Mutex<Items> {
        match self.extras().and_then(|extras| extras.source.as_ref()) {
            Some(source) => source.store(),
            None => &self.items,
        }
    }

    /// The items as they are now.
    pub fn items(&self) -> Vec<Value> {
        lock(self.store()).live().to_vec()
    }

    /// The items from `from` to before `to`, as far as there are any.
    pub fn slice(&self, from: usize, to: usize) -> Vec<Value> {
        let items = lock(self.store());
        let live = items.live();
        let to = to.min(live.len());
        live.get(from..to).map_or_else(Vec::new, <[Value]>::to_vec)
    }

    /// Count of items.
    pub fn len(&self) -> usize {
        lock(self.store()).live().len()
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at `index`.
    pub fn get(&self, index: usize) -> Option<Value> {
        lock(self.store()).live().get(index).cloned()
    }

    /// The position of the first item that passes; `test` must not look into other collections.
    pub fn position(&self, test: impl FnMut(&Value) -> bool) -> Option<usize> {
        lock(self.store()).live().iter().position(test)
    }

    /// The last item.
    pub fn last(&self) -> Option<Value> {
        lock(self.store()).live().last().cloned()
    }

    /// How often the count of items changed: tells a walk that the list is no longer what it was.
    pub fn version(&self) -> u32 {
        lock(self.store()).version
    }

    /// What a walk needs for one step, at one go: the version, the count, and the item at `index`.
    pub fn step(&self, index: usize) -> (u32, usize, Option<Value>) {
        let items = lock(self.store());
        (items.version, items.live().len(), items.live().get(index).cloned())
    }

    /// Adds an item at the end.
    pub fn push(&self, value: Value) {
        let mut items = lock(self.store());
        items.values.push(value);
        items.version = items.version.wrapping_add(1);
    }

    /// Adds an item at the end if fewer than `capacity` are there.
    pub fn push_within(&self, value: Value, capacity: usize) -> bool {
        let mut items = lock(self.store());
        if items.live().len() >= capacity {
            return false;
        }
        items.values.push(value);
        items.version = items.version.wrapping_add(1);
        true
    }

    /// Sets the item at `index` and gives the one before; `None` when there is none.
    pub fn set(&self, index: usize, value: Value) -> Option<Value> {
        let mut items = lock(self.store());
        let at = items.gone.checked_add(index)?;
        items.values.get_mut(at).map(|item| std::mem::replace(item, value))
    }

    /// Takes the first item away, without moving the others.
    pub fn pop_front(&self) -> Option<Value> {
        let mut items = lock(self.store());
        let at = items.gone;
        let first = items.values.get_mut(at).map(std::mem::take)?;
        items.gone += 1;
        items.version = items.version.wrapping_add(1);
        if items.gone > 32 && items.gone * 2 > items.values.len() {
            items.close_up();
        }
        Some(first)
    }

    /// Takes the last item away.
    pub fn pop(&self) -> Option<Value> {
        let mut items = lock(self.store());
        if items.live().is_empty() {
            return None;
        }
        items.version = items.version.wrapping_add(1);
        items.values.pop()
    }

    /// Changes the items; `change` must not evaluate script code.
    pub fn change<R>(&self, change: impl FnOnce(&mut Vec<Value>) -> R) -> R {
        let mut items = lock(self.store());
        items.close_up();
        let before = items.values.len();
        let result = change(&mut items.values);
        if items.values.len() != before {
            items.version = items.version.wrapping_add(1);
        }
        result
    }

    /// Puts `new` in the place of all items; to a walk the list has changed.
    pub fn replace(&self, new: Vec<Value>) {
        let mut items = lock(self.store());
        items.gone = 0;
        items.values = new;
        items.version = items.version.wrapping_add(1);
    }
}

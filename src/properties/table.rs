//! A table that many threads read and few write, such as Java's `Properties`.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::text::Text;

/// What a property holds.
#[derive(Clone)]
pub enum Value {
    /// Text, as files and the command line define it.
    Text(Text),
    /// Whatever a script put there with `props.put`, such as a closure. Only scripts can use it.
    Object(Arc<dyn Any + Send + Sync>),
}

impl Value {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            Self::Object(_) => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Text::from(text))
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => fmt::Debug::fmt(text, f),
            Self::Object(_) => f.write_str("Object"),
        }
    }
}

type Entries = HashMap<Text, Value, ahash::RandomState>;

/// The table. A reader takes a read lock for as long as it takes to copy a pointer.
#[derive(Debug, Default)]
pub(super) struct Table {
    entries: RwLock<Entries>,
}

impl Table {
    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        // A thread that panicked while it held the lock left a whole table behind: each change is a single step.
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, name: &str) -> Option<Value> {
        self.read().get(name).cloned()
    }

    pub(super) fn text(&self, name: &str) -> Option<Text> {
        self.read().get(name).and_then(Value::as_text).cloned()
    }

    pub(super) fn put(&self, name: Text, value: Value) -> Option<Value> {
        self.write().insert(name, value)
    }

    pub(super) fn remove(&self, name: &str) -> Option<Value> {
        self.write().remove(name)
    }

    pub(super) fn sorted(&self) -> Vec<(Text, Value)> {
        let mut entries: Vec<_> = self.read().iter().map(|(name, value)| (Text::clone(name), value.clone())).collect();
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries
    }
}

//! Java's arrays.

use super::lock;
use crate::script::value::Value;
use crate::text::Text;
use std::sync::Mutex;

/// A Java array: its length is fixed.
#[derive(Debug)]
pub struct Array {
    /// Name of the element type: `int`, `byte`, `java.lang.String`, …
    pub element: Text,
    items: Mutex<Vec<Value>>,
}

impl Drop for Array {
    fn drop(&mut self) {
        let items = self.items.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        crate::script::value::bury(std::mem::take(items));
    }
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

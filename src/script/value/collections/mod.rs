//! Lists, arrays, maps, sets and ranges.

mod array;
mod list;
mod map;
mod range;
mod set;
mod table;

pub use array::Array;
pub use list::{Extras, List, ListKind};
pub use map::{Entry, Map};
pub use range::{RANGE_LIMIT, Range};
pub use set::{Set, View};
pub use table::{Key, MapKind, Table};

use std::sync::{Mutex, MutexGuard, PoisonError};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

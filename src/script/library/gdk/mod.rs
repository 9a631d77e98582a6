//! What Groovy adds to whatever has items: lists, sets, arrays, ranges, iterators and maps.

mod combine;
mod find;
mod group;
mod index;
mod map;
mod nested;
mod order;
mod parts;
mod walk;

pub(crate) use combine::{remove_all, remove_at, retain_all, unmodifiable};
pub(crate) use index::sub_list;
pub use map::MAP;
pub(crate) use map::{map_get, put_entries};
pub(crate) use order::{Order, hash_set, number_aware, shuffle, sort, sort_with, sorted, swap};

use super::iterator::Walk;
use super::{Class, Fault};
use crate::script::core::tree::BinaryOperator;
use crate::script::host::Outcome;
use crate::script::machine::Machine;
use crate::script::value::{List, ListKind, MapKind, Set, Thrown, Value, exceptions};
use std::sync::Arc;

/// The methods that Groovy gives to all that can be walked: a parent of `Iterable`, of arrays and of iterators.
pub static SEQUENCE: Class = Class::interface(
    "java.lang.Iterable",
    &[
        &walk::WALK,
        &find::FIND,
        &group::GROUP,
        &order::ORDER,
        &parts::PARTS,
        &combine::COMBINE,
        &nested::NESTED,
        &index::INDEX,
    ],
);

/// Calls a closure, or `name` of an object that implements a functional interface.
pub(crate) fn call(machine: &mut Machine<'_>, function: &Value, name: &str, arguments: &[Value]) -> Outcome {
    match function {
        Value::Object(_) => machine.call_method(function, name, arguments),
        _ => machine.call(function, arguments),
    }
}

/// Whether a closure says yes of an item.
pub(crate) fn says(machine: &mut Machine<'_>, closure: &Value, arguments: &[Value]) -> Result<bool, Thrown> {
    let answer = call(machine, closure, "test", arguments)?;
    machine.truth(&answer)
}

/// Parameters of a closure; 1 of anything else.
pub(crate) fn parameters(closure: &Value) -> usize {
    match closure {
        Value::Closure(closure) => closure.parameters(),
        _ => 1,
    }
}

/// Whether it is a closure or what can stand for one.
pub(crate) fn is_closure(value: &Value) -> bool {
    matches!(value, Value::Closure(_))
}

/// Calls a closure with an entry of a map, or with its key and value if it has two parameters.
pub(crate) fn call_entry(machine: &mut Machine<'_>, closure: &Value, entry: &Value) -> Outcome {
    match entry {
        Value::Entry(pair) if parameters(closure) == 2 => machine.call(closure, &[pair.key.clone(), pair.value()]),
        _ => call(machine, closure, "call", std::slice::from_ref(entry)),
    }
}

/// The items of whatever can be walked, as they are now.
pub(crate) fn items(machine: &mut Machine<'_>, value: &Value) -> Result<Vec<Value>, Fault> {
    Ok(match value {
        Value::List(list) => list.items(),
        Value::Set(set) => set.items(),
        Value::Array(array) => array.items(),
        Value::Range(range) => crate::script::core::operators::range_items(range)?,
        _ => Walk::over(machine, value)?.rest(machine)?,
    })
}

/// A new collection of the kind of `like`: Groovy makes a set of a set, a list of a list (and of an array).
pub(crate) fn similar(like: &Value, items: Vec<Value>) -> Value {
    match like {
        Value::Set(set) => {
            let kind = if set.kind == MapKind::Tree { MapKind::Tree } else { MapKind::Linked };
            let mut result = Set::new(kind, items);
            result.comparator.clone_from(&set.comparator);
            Value::Set(Arc::new(result))
        }
        Value::List(list) => {
            let kind = match list.kind {
                ListKind::LinkedList | ListKind::Stack | ListKind::Vector => list.kind,
                kind if kind.is_list() => ListKind::ArrayList,
                _ => ListKind::LinkedList,
            };
            Value::List(Arc::new(List::new(kind, items)))
        }
        _ => Value::list(items),
    }
}

/// The same of an operation that gives an array for an array.
pub(crate) fn alike(like: &Value, items: Vec<Value>) -> Value {
    match like {
        Value::Array(array) => Value::Array(Arc::new(crate::script::value::Array::new(&array.element, items))),
        _ => similar(like, items),
    }
}

/// Groovy's `+` of two values.
pub(crate) fn plus(machine: &mut Machine<'_>, left: &Value, right: &Value) -> Outcome {
    machine.binary(BinaryOperator::Plus, left, right)
}

/// `NoSuchElementException` with Groovy's words.
pub(crate) fn none_there(message: &str) -> Fault {
    Thrown::new(exceptions::NO_SUCH_ELEMENT, message).into()
}

/// The position of an index that may count from the end; beyond the beginning it is an error in Java's words.
pub(crate) fn normalized(index: i64, size: usize) -> Result<usize, Fault> {
    let at = if index < 0 { index + size as i64 } else { index };
    usize::try_from(at).map_err(|_| {
        let message = format!("Negative array index [{index}] too large for array size {size}");
        Thrown::new(exceptions::ARRAY_INDEX, message).into()
    })
}

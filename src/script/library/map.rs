//! `java.util.Map`.

use super::{Class, Fault, Method, arguments, java, object};
use crate::script::value::{Map, Value};

/// `java.util.Map`.
pub static MAP: Class = Class { methods: METHODS, ..Class::interface("java.util.Map", &[&object::OBJECT]) };
/// `java.util.HashMap`.
pub static HASH_MAP: Class = Class::named("java.util.HashMap", &[&MAP]);
/// `java.util.LinkedHashMap`.
pub static LINKED_HASH_MAP: Class = Class::named("java.util.LinkedHashMap", &[&HASH_MAP]);
/// `java.util.TreeMap`.
pub static TREE_MAP: Class = Class::named("java.util.TreeMap", &[&MAP]);
/// `java.util.concurrent.ConcurrentHashMap`.
pub static CONCURRENT_HASH_MAP: Class = Class::named("java.util.concurrent.ConcurrentHashMap", &[&MAP]);
/// `java.util.Properties`.
pub static PROPERTIES: Class = Class::named("java.util.Properties", &[&MAP]);
/// `java.util.Map.Entry`.
pub static ENTRY: Class = Class {
    methods: &[
        java("getKey", 0, 0, |_, this, _| match this {
            Value::Entry(entry) => Ok(entry.key.clone()),
            _ => Err(Fault::Mismatch),
        }),
        java("getValue", 0, 0, |_, this, _| match this {
            Value::Entry(entry) => Ok(entry.value()),
            _ => Err(Fault::Mismatch),
        }),
    ],
    ..Class::named("java.util.Map$Entry", &[&object::OBJECT])
};

static METHODS: &[Method] = &[
    java("containsKey", 1, 1, |_, this, args| Ok(of(this)?.contains(&args[0]).into())),
    java("get", 1, 1, |_, this, args| Ok(of(this)?.get(&args[0]).unwrap_or_default())),
    java("isEmpty", 0, 0, |_, this, _| Ok(of(this)?.is_empty().into())),
    java("put", 2, 2, |_, this, args| Ok(of(this)?.put(args[0].clone(), arguments::any(args, 1)).unwrap_or_default())),
    java("size", 0, 0, |_, this, _| Ok((of(this)?.len() as i32).into())),
];

/// The map of a receiver.
pub(crate) fn of(this: &Value) -> Result<&Map, Fault> {
    match this {
        Value::Map(map) => Ok(map),
        _ => Err(Fault::Mismatch),
    }
}

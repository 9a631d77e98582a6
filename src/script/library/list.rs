//! `java.util.List`, `Collection`, sets, arrays and Groovy's ranges.

use super::{Class, Fault, Method, arguments, java, object};
use crate::script::value::{Thrown, Value, equals, exceptions};

/// `java.lang.Iterable`.
pub static ITERABLE: Class = Class::interface("java.lang.Iterable", &[&object::OBJECT]);
/// `java.util.Collection`.
pub static COLLECTION: Class =
    Class { methods: COLLECTION_METHODS, ..Class::interface("java.util.Collection", &[&ITERABLE]) };
/// `java.util.List`.
pub static LIST: Class = Class { methods: LIST_METHODS, ..Class::interface("java.util.List", &[&COLLECTION]) };
/// `java.util.ArrayList`.
pub static ARRAY_LIST: Class = Class::named("java.util.ArrayList", &[&LIST]);
/// `java.util.LinkedList`.
pub static LINKED_LIST: Class = Class::named("java.util.LinkedList", &[&LIST]);
/// What `Arrays.asList` gives.
pub static ARRAYS_LIST: Class = Class::named("java.util.Arrays$ArrayList", &[&LIST]);
/// What `List.of` gives.
pub static IMMUTABLE_LIST: Class = Class::named("java.util.ImmutableCollections$ListN", &[&LIST]);
/// `java.util.Set`.
pub static SET: Class = Class::interface("java.util.Set", &[&COLLECTION]);
/// `java.util.HashSet`.
pub static HASH_SET: Class = Class::named("java.util.HashSet", &[&SET]);
/// `java.util.LinkedHashSet`.
pub static LINKED_HASH_SET: Class = Class::named("java.util.LinkedHashSet", &[&HASH_SET]);
/// `java.util.TreeSet`.
pub static TREE_SET: Class = Class::named("java.util.TreeSet", &[&SET]);
/// `groovy.lang.IntRange`.
pub static INT_RANGE: Class = Class::named("groovy.lang.IntRange", &[&LIST]);
/// `groovy.lang.ObjectRange`.
pub static OBJECT_RANGE: Class = Class::named("groovy.lang.ObjectRange", &[&LIST]);
/// Arrays of any type.
pub static ARRAY: Class = Class::named("java.lang.Object[]", &[&object::OBJECT]);

static COLLECTION_METHODS: &[Method] = &[
    java("contains", 1, 1, |_, this, args| Ok(items(this)?.iter().any(|item| equals(item, &args[0])).into())),
    java("isEmpty", 0, 0, |_, this, _| Ok(items(this)?.is_empty().into())),
    java("size", 0, 0, |_, this, _| Ok((items(this)?.len() as i32).into())),
];

static LIST_METHODS: &[Method] = &[
    java("get", 1, 1, |_, this, args| {
        let (items, index) = (items(this)?, arguments::int(args, 0)?);
        Ok(usize::try_from(index).ok().and_then(|at| items.get(at).cloned()).ok_or_else(|| {
            Thrown::new(exceptions::INDEX, format!("Index {index} out of bounds for length {}", items.len()))
        })?)
    }),
    java("indexOf", 1, 1, |_, this, args| {
        let at = items(this)?.iter().position(|item| equals(item, &args[0]));
        Ok(at.map_or(-1, |at| at as i32).into())
    }),
];

/// The items of a collection or array.
pub(crate) fn items(value: &Value) -> Result<Vec<Value>, Fault> {
    Ok(match value {
        Value::List(list) => list.items(),
        Value::Set(set) => set.items(),
        Value::Array(array) => array.items(),
        Value::Range(range) => range.items(),
        _ => return Err(Fault::Mismatch),
    })
}

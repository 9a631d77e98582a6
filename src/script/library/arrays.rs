//! `java.util.Arrays`.

use super::{Answer, Class, Fault, Method, arguments, array, collection, gdk, java, list, object, stream};
use crate::script::budget;
use crate::script::machine::{Dialect, Machine};
use crate::script::value::{Array, List, ListKind, Thrown, Value, equals, exceptions, hash_code, java_text};
use std::cmp::Ordering;
use std::sync::Arc;

/// `java.util.Arrays`.
pub static ARRAYS: Class = Class { statics: STATICS, ..Class::named("java.util.Arrays", &[&object::OBJECT]) };

fn array_at(args: &[Value], at: usize) -> Result<&Arc<Array>, Fault> {
    args.get(at).map_or(Err(Fault::Mismatch), array::of)
}

fn new(element: &str, items: Vec<Value>) -> Value {
    Value::Array(Arc::new(Array::new(element, items)))
}

/// What an array of this type holds where nothing was put.
pub(crate) fn nothing(element: &str) -> Value {
    match element {
        "boolean" => false.into(),
        "byte" => Value::Byte(0),
        "char" => Value::Char(0),
        "short" => Value::Short(0),
        "int" => 0.into(),
        "long" => Value::Long(0),
        "float" => Value::Float(0.0),
        "double" => 0.0.into(),
        _ => Value::Null,
    }
}

/// The bounds of `(array, from, to, …)`, checked as Java does.
fn bounds(args: &[Value], count: usize) -> Result<(usize, usize), Fault> {
    let (from, to) = (arguments::int(args, 1)?, arguments::int(args, 2)?);
    if from > to {
        let message = format!("fromIndex({from}) > toIndex({to})");
        return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into());
    }
    let outside = |index: i32| Thrown::new(exceptions::ARRAY_INDEX, format!("Array index out of range: {index}"));
    let start = usize::try_from(from).map_err(|_| outside(from))?;
    let end = usize::try_from(to).ok().filter(|end| *end <= count).ok_or_else(|| outside(to))?;
    Ok((start, end))
}

fn sort(machine: &mut Machine<'_>, args: &[Value]) -> Answer {
    let array = array_at(args, 0)?;
    let ranged = args.len() > 2;
    let (from, to) = if ranged { bounds(args, array.len())? } else { (0, array.len()) };
    let comparator = args.get(if ranged { 3 } else { 1 });
    let part = array.items().get(from..to).map_or_else(Vec::new, <[Value]>::to_vec);
    let sorted = gdk::sorted(machine, part, gdk::Order::natural_or(comparator))?;
    array.change(|items| items[from..to].clone_from_slice(&sorted));
    Ok(Value::Null)
}

fn deep_text(value: &Value, depth: u32) -> String {
    match value {
        Value::Array(_) if depth > 32 => "[...]".to_owned(),
        Value::Array(array) => {
            let items: Vec<String> = array.items().iter().map(|item| deep_text(item, depth + 1)).collect();
            format!("[{}]", items.join(", "))
        }
        other => java_text(other),
    }
}

fn deep_equals(a: &Value, b: &Value, depth: u32) -> bool {
    match (a, b) {
        (Value::Array(x), Value::Array(y)) => {
            let (x, y) = (x.items(), y.items());
            depth < 32 && x.len() == y.len() && x.iter().zip(&y).all(|(a, b)| deep_equals(a, b, depth + 1))
        }
        _ => equals(a, b),
    }
}

static STATICS: &[Method] = &[
    java("asList", 0, usize::MAX, |machine, _, args| {
        let items = match args {
            [Value::Array(array)]
                if machine.dialect == Dialect::Java && !matches!(nothing(&array.element), Value::Null) =>
            {
                vec![args[0].clone()]
            }
            [Value::Array(array)] => array.items(),
            _ => args.to_vec(),
        };
        Ok(Value::List(Arc::new(List::new(ListKind::Arrays, items))))
    }),
    java("binarySearch", 2, 3, |machine, _, args| {
        let items = array_at(args, 0)?.items();
        binary_search(machine, &items, &args[1], args.get(2))
    }),
    java("copyOf", 2, 2, |_, _, args| {
        let (array, count) = (array_at(args, 0)?, arguments::int(args, 1)?);
        let Ok(count) = usize::try_from(count) else {
            return Err(Thrown::new("java.lang.NegativeArraySizeException", count.to_string()).into());
        };
        budget::items(count)?;
        let mut items = array.items();
        items.resize(count, nothing(&array.element));
        Ok(new(&array.element, items))
    }),
    java("copyOfRange", 3, 3, |_, _, args| {
        let (array, from, to) = (array_at(args, 0)?, arguments::int(args, 1)?, arguments::int(args, 2)?);
        let count = array.len();
        let Some(wanted) = to.checked_sub(from).and_then(|wanted| usize::try_from(wanted).ok()) else {
            return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, format!("{from} > {to}")).into());
        };
        let start = usize::try_from(from).ok().filter(|start| *start <= count);
        let outside = || {
            let message = format!("arraycopy: last source index {from} out of bounds for length {count}");
            Thrown::new(exceptions::ARRAY_INDEX, message)
        };
        let start = start.ok_or_else(outside)?;
        budget::items(wanted)?;
        let mut items: Vec<Value> = array.items().into_iter().skip(start).take(wanted).collect();
        items.resize(wanted, nothing(&array.element));
        Ok(new(&array.element, items))
    }),
    java("deepEquals", 2, 2, |_, _, args| Ok(deep_equals(&args[0], &args[1], 0).into())),
    java("deepToString", 1, 1, |_, _, args| Ok(deep_text(&args[0], 0).into())),
    java("equals", 2, 2, |_, _, args| {
        if args[0].is_null() || args[1].is_null() {
            return Ok((args[0].is_null() && args[1].is_null()).into());
        }
        let (a, b) = (array_at(args, 0)?.items(), array_at(args, 1)?.items());
        Ok((a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| equals(a, b))).into())
    }),
    java("fill", 2, 4, |machine, _, args| {
        let array = array_at(args, 0)?;
        let (from, to) = if args.len() > 3 { bounds(args, array.len())? } else { (0, array.len()) };
        let value = machine.element_value(args[args.len() - 1].clone(), &array.element)?;
        array.change(|items| items[from..to].fill(value));
        Ok(Value::Null)
    }),
    java("hashCode", 1, 1, |_, _, args| match &args[0] {
        Value::Null => Ok(0.into()),
        _ => Ok(hash_code(&Value::list(array_at(args, 0)?.items())).into()),
    }),
    java("setAll", 2, 2, |machine, _, args| {
        let array = array_at(args, 0)?;
        for at in 0..array.len() {
            let value = gdk::call(machine, &args[1], "apply", &[Value::Int(at as i32)])?;
            let value = machine.element_value(value, &array.element)?;
            array.set(at, value);
        }
        Ok(Value::Null)
    }),
    java("sort", 1, 4, |machine, _, args| sort(machine, args)),
    java("stream", 1, 3, |machine, _, args| {
        let array = array_at(args, 0)?;
        if args.len() > 2 {
            let (from, to) = bounds(args, array.len())?;
            let part = array.items().get(from..to).map_or_else(Vec::new, <[Value]>::to_vec);
            return stream::over(machine, &new(&array.element, part));
        }
        stream::over(machine, &args[0])
    }),
    java("toString", 1, 1, |_, _, args| match &args[0] {
        Value::Null => Ok("null".into()),
        _ => {
            let items: Vec<String> = array_at(args, 0)?.items().iter().map(java_text).collect();
            Ok(format!("[{}]", items.join(", ")).into())
        }
    }),
];

/// Java's binary search: the position, or where the item would stand as `-(position) - 1`.
pub(crate) fn binary_search(
    machine: &mut Machine<'_>,
    items: &[Value],
    wanted: &Value,
    comparator: Option<&Value>,
) -> Answer {
    let (mut low, mut high) = (0i64, items.len() as i64 - 1);
    while low <= high {
        let middle = i64::midpoint(low, high);
        let order = gdk::Order::natural_or(comparator).compare(machine, &items[middle as usize], wanted)?;
        match order {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle - 1,
            Ordering::Equal => return Ok((middle as i32).into()),
        }
    }
    Ok((-(low as i32) - 1).into())
}

/// The list of an argument, for the methods of `java.util.Collections`.
pub(crate) fn list_at(args: &[Value], at: usize) -> Result<&Arc<List>, Fault> {
    match args.get(at) {
        Some(Value::Null) => Err(collection::null_pointer()),
        Some(value) => list::list_of(value),
        None => Err(Fault::Mismatch),
    }
}

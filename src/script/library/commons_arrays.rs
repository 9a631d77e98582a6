//! commons-lang3's `ArrayUtils`.

use super::{Answer, Class, Fault, Method, arguments, java, object};
use crate::script::machine::Machine;
use crate::script::value::{Array, Value, equals};
use std::sync::Arc;

/// `org.apache.commons.lang3.ArrayUtils`.
pub static ARRAY_UTILS: Class =
    Class { statics: STATICS, ..Class::named("org.apache.commons.lang3.ArrayUtils", &[&object::OBJECT]) };

/// An array, or null.
fn array(args: &[Value], index: usize) -> Result<Option<&Arc<Array>>, Fault> {
    match args.get(index) {
        Some(Value::Array(array)) => Ok(Some(array)),
        Some(value) if value.is_null() => Ok(None),
        _ => Err(Fault::Mismatch),
    }
}

fn of(element: &str, items: Vec<Value>) -> Value {
    Value::Array(Arc::new(Array::new(element, items)))
}

/// An array of the same kind with other items; null stays null.
fn changed(args: &[Value], change: impl FnOnce(&mut Vec<Value>)) -> Answer {
    let Some(array) = array(args, 0)? else { return Ok(Value::Null) };
    let mut items = array.items();
    change(&mut items);
    Ok(of(&array.element, items))
}

fn position(args: &[Value], last: bool) -> Result<i32, Fault> {
    let Some(array) = array(args, 0)? else { return Ok(-1) };
    let items = array.items();
    let found = |item: &Value| equals(item, &args[1]);
    let place = if last { items.iter().rposition(found) } else { items.iter().position(found) };
    Ok(place.map_or(-1, |place| place as i32))
}

/// The kind of items that an array of objects holds, and the kind it becomes.
const BOXES: [(&str, &str); 8] = [
    ("boolean", "java.lang.Boolean"),
    ("byte", "java.lang.Byte"),
    ("char", "java.lang.Character"),
    ("double", "java.lang.Double"),
    ("float", "java.lang.Float"),
    ("int", "java.lang.Integer"),
    ("long", "java.lang.Long"),
    ("short", "java.lang.Short"),
];

fn index(args: &[Value], place: usize) -> Result<usize, Fault> {
    Ok(usize::try_from(arguments::int(args, place)?).unwrap_or(0))
}

static STATICS: &[Method] = &[
    java("add", 2, 3, |_, _, args| match args {
        [_, place, item] if place.is_integral() => {
            let (place, item) = (index(args, 1)?, item.clone());
            changed(args, |items| items.insert(place.min(items.len()), item))
        }
        _ => changed(args, |items| items.push(args[1].clone())),
    }),
    java("addAll", 2, usize::MAX, |_, _, args| {
        let more = match &args[1..] {
            [Value::Array(array)] => array.items(),
            rest => rest.to_vec(),
        };
        changed(args, |items| items.extend(more))
    }),
    java("contains", 2, 2, |_, _, args| Ok((position(args, false)? >= 0).into())),
    java("getLength", 1, 1, |_, _, args| Ok((array(args, 0)?.map_or(0, |array| array.len()) as i32).into())),
    java("indexOf", 2, 2, |_, _, args| Ok(position(args, false)?.into())),
    java("isEmpty", 1, 1, |_, _, args| Ok(array(args, 0)?.is_none_or(|array| array.is_empty()).into())),
    java("isNotEmpty", 1, 1, |_, _, args| Ok(array(args, 0)?.is_some_and(|array| !array.is_empty()).into())),
    java("lastIndexOf", 2, 2, |_, _, args| Ok(position(args, true)?.into())),
    java("remove", 2, 2, |_, _, args| {
        let place = index(args, 1)?;
        let length = array(args, 0)?.map_or(0, |array| array.len());
        if place >= length {
            let message = format!("Index: {place}, Length: {length}");
            return Err(crate::script::value::Thrown::new(crate::script::value::exceptions::INDEX, message).into());
        }
        changed(args, |items| _ = items.remove(place))
    }),
    java("removeElement", 2, 2, |_, _, args| {
        let place = position(args, false)?;
        changed(args, |items| {
            if let Ok(place) = usize::try_from(place) {
                items.remove(place);
            }
        })
    }),
    java("reverse", 1, 1, reverse),
    java("subarray", 3, 3, |_, _, args| {
        let (from, to) = (index(args, 1)?, index(args, 2)?);
        changed(args, |items| {
            items.truncate(to);
            items.drain(..from.min(items.len()));
        })
    }),
    java("toObject", 1, 1, |_, _, args| {
        let Some(array) = array(args, 0)? else { return Ok(Value::Null) };
        let kind = BOXES.iter().find(|pair| pair.0 == &*array.element).ok_or(Fault::Mismatch)?;
        Ok(of(kind.1, array.items()))
    }),
    java("toPrimitive", 1, 1, |_, _, args| {
        let Some(array) = array(args, 0)? else { return Ok(Value::Null) };
        let kind = BOXES.iter().find(|pair| pair.1 == &*array.element).ok_or(Fault::Mismatch)?;
        Ok(of(kind.0, array.items()))
    }),
    java("toString", 1, 1, |_, _, args| {
        let Some(array) = array(args, 0)? else { return Ok("{}".into()) };
        let texts: Vec<String> = array.items().iter().map(crate::script::value::java_text).collect();
        Ok(format!("{{{}}}", texts.join(",")).into())
    }),
];

/// Turns the array itself round.
fn reverse(_: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    if let Some(array) = array(args, 0)? {
        for (place, item) in array.items().into_iter().rev().enumerate() {
            array.set(place, item);
        }
    }
    Ok(Value::Null)
}

//! `java.util.stream.Collectors`.

use super::{Answer, Class, Fault, Method, arguments, gdk, java, list, map, object, optional};
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Map, MapKind, Object, Thrown, Value, exceptions, java_text};
use std::cmp::Ordering;
use std::sync::Arc;

/// `java.util.stream.Collectors`.
pub static COLLECTORS: Class =
    Class { statics: STATICS, ..Class::named("java.util.stream.Collectors", &[&object::OBJECT]) };
/// `java.util.stream.Collector`.
pub static COLLECTOR: Class = Class::interface("java.util.stream.Collector", &[&object::OBJECT]);

/// What a collector makes of the items: a function of it and its arguments.
type Make = fn(&mut Machine<'_>, &[Value], Vec<Value>) -> Answer;

#[derive(Debug)]
struct Collector {
    make: Make,
    arguments: Vec<Value>,
}

impl Object for Collector {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&COLLECTOR)
    }
}

/// `stream.collect(collector)`.
pub(crate) fn collect(machine: &mut Machine<'_>, collector: &Value, items: Vec<Value>) -> Answer {
    let Value::Object(object) = collector else { return Err(Fault::Mismatch) };
    let collector = object.downcast::<Collector>().ok_or(Fault::Mismatch)?;
    Ok(machine.deeper(|machine| {
        (collector.make)(machine, &collector.arguments, items).map_err(|fault| match fault {
            Fault::Thrown(thrown) => thrown,
            Fault::Mismatch => Thrown::new(exceptions::ILLEGAL_ARGUMENT, "this collector takes no such arguments"),
        })
    })?)
}

fn of(make: Make, arguments: &[Value]) -> Answer {
    Ok(Value::object(Collector { make, arguments: arguments.to_vec() }))
}

fn apply(machine: &mut Machine<'_>, function: &Value, item: &Value) -> Result<Value, Thrown> {
    gdk::call(machine, function, "apply", std::slice::from_ref(item))
}

fn joined(_: &mut Machine<'_>, args: &[Value], items: Vec<Value>) -> Answer {
    let part = |at: usize| args.get(at).map(java_text).unwrap_or_default();
    let texts: Vec<String> = items.iter().map(java_text).collect();
    Ok(format!("{}{}{}", part(1), texts.join(&part(0)), part(2)).into())
}

fn grouped(machine: &mut Machine<'_>, args: &[Value], items: Vec<Value>) -> Answer {
    let (factory, downstream) = match args {
        [_, factory, downstream] => (Some(factory), Some(downstream)),
        [_, downstream] => (None, Some(downstream)),
        _ => (None, None),
    };
    let result = match factory {
        Some(factory) => gdk::call(machine, factory, "get", &[])?,
        None => Value::Map(Arc::new(Map::new(MapKind::Hash))),
    };
    let places = Map::new(MapKind::Linked);
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for item in items {
        let key = apply(machine, &args[0], &item)?;
        if key.is_null() {
            return Err(Thrown::new(exceptions::NULL_POINTER, "element cannot be mapped to a null key").into());
        }
        match places.get(&key).and_then(|place| place.to_i64()).and_then(|place| groups.get_mut(place as usize)) {
            Some(group) => group.1.push(item),
            None => {
                places.put(key.clone(), Value::Long(groups.len() as i64));
                groups.push((key, vec![item]));
            }
        }
    }
    for (key, items) in groups {
        let group = match downstream {
            Some(downstream) => collect(machine, downstream, items)?,
            None => Value::list(items),
        };
        map::put_computed(machine, map::of(&result)?, key, group)?;
    }
    Ok(result)
}

fn parted(machine: &mut Machine<'_>, args: &[Value], items: Vec<Value>) -> Answer {
    let (mut yes, mut no) = (Vec::new(), Vec::new());
    for item in items {
        if gdk::says(machine, &args[0], std::slice::from_ref(&item))? {
            yes.push(item);
        } else {
            no.push(item);
        }
    }
    let mut finished = Vec::new();
    for items in [no, yes] {
        finished.push(match args.get(1) {
            Some(downstream) => collect(machine, downstream, items)?,
            None => Value::list(items),
        });
    }
    let keys = [Value::from(false), Value::from(true)];
    Ok(Value::map(keys.into_iter().zip(finished)))
}

fn to_map(machine: &mut Machine<'_>, args: &[Value], items: Vec<Value>) -> Answer {
    let result = match args.get(3) {
        Some(factory) => gdk::call(machine, factory, "get", &[])?,
        None => Value::Map(Arc::new(Map::new(MapKind::Hash))),
    };
    for item in items {
        let (key, value) = (apply(machine, &args[0], &item)?, apply(machine, &args[1], &item)?);
        if value.is_null() {
            return Err(super::collection::null_pointer());
        }
        let map = map::of(&result)?;
        let value = match (map::get(machine, map, &key)?, args.get(2)) {
            (None, _) => value,
            (Some(there), Some(merge)) => gdk::call(machine, merge, "apply", &[there, value])?,
            (Some(there), None) => {
                let message = format!(
                    "Duplicate key {} (attempted merging values {} and {})",
                    java_text(&key),
                    java_text(&there),
                    java_text(&value)
                );
                return Err(Thrown::new(exceptions::ILLEGAL_STATE, message).into());
            }
        };
        if args.len() > 2 {
            map::put_computed(machine, map, key, value)?;
        } else {
            map::put(machine, map, key, value)?;
        }
    }
    Ok(result)
}

fn extreme(machine: &mut Machine<'_>, args: &[Value], items: Vec<Value>, wanted: Ordering) -> Answer {
    let mut best: Option<Value> = None;
    for item in items {
        let better = match &best {
            None => true,
            Some(best) => super::comparator::by(machine, &args[0], &item, best)? == wanted,
        };
        if better {
            best = Some(item);
        }
    }
    Ok(optional::new(&optional::OPTIONAL, best))
}

fn mapped(machine: &mut Machine<'_>, function: &Value, items: &[Value]) -> Result<Vec<Value>, Thrown> {
    items.iter().map(|item| apply(machine, function, item)).collect()
}

fn sum(machine: &mut Machine<'_>, args: &[Value], items: &[Value], start: Value) -> Answer {
    let mut sum = start;
    for number in mapped(machine, &args[0], items)? {
        sum = gdk::plus(machine, &sum, &number)?;
    }
    Ok(sum)
}

fn mean(machine: &mut Machine<'_>, args: &[Value], items: Vec<Value>) -> Answer {
    let numbers = mapped(machine, &args[0], &items)?;
    let sum: f64 = numbers.iter().filter_map(Value::to_f64).sum();
    Ok(Value::Double(if numbers.is_empty() { 0.0 } else { sum / numbers.len() as f64 }))
}

static STATICS: &[Method] = &[
    java("averagingDouble", 1, 1, |_, _, args| of(mean, args)),
    java("averagingInt", 1, 1, |_, _, args| of(mean, args)),
    java("averagingLong", 1, 1, |_, _, args| of(mean, args)),
    java("collectingAndThen", 2, 2, |_, _, args| {
        of(
            |machine, args, items| {
                let collected = collect(machine, &args[0], items)?;
                Ok(apply(machine, &args[1], &collected)?)
            },
            args,
        )
    }),
    java("counting", 0, 0, |_, _, args| of(|_, _, items| Ok((items.len() as i64).into()), args)),
    java("filtering", 2, 2, |_, _, args| {
        of(
            |machine, args, items| {
                let mut kept = Vec::new();
                for item in items {
                    if gdk::says(machine, &args[0], std::slice::from_ref(&item))? {
                        kept.push(item);
                    }
                }
                collect(machine, &args[1], kept)
            },
            args,
        )
    }),
    java("groupingBy", 1, 3, |_, _, args| of(grouped, args)),
    java("groupingByConcurrent", 1, 2, |_, _, args| of(grouped, args)),
    java("joining", 0, 3, |_, _, args| {
        for at in 0..args.len() {
            arguments::text(args, at)?;
        }
        of(joined, args)
    }),
    java("mapping", 2, 2, |_, _, args| {
        of(
            |machine, args, items| {
                let mapped = mapped(machine, &args[0], &items)?;
                collect(machine, &args[1], mapped)
            },
            args,
        )
    }),
    java("maxBy", 1, 1, |_, _, args| of(|machine, args, items| extreme(machine, args, items, Ordering::Greater), args)),
    java("minBy", 1, 1, |_, _, args| of(|machine, args, items| extreme(machine, args, items, Ordering::Less), args)),
    java("partitioningBy", 1, 2, |_, _, args| of(parted, args)),
    java("reducing", 2, 2, |_, _, args| {
        of(
            |machine, args, items| {
                let mut result = args[0].clone();
                for item in items {
                    result = gdk::call(machine, &args[1], "apply", &[result, item])?;
                }
                Ok(result)
            },
            args,
        )
    }),
    java("summingDouble", 1, 1, |_, _, args| {
        of(|machine, args, items| sum(machine, args, &items, Value::Double(0.0)), args)
    }),
    java("summingInt", 1, 1, |_, _, args| of(|machine, args, items| sum(machine, args, &items, Value::Int(0)), args)),
    java("summingLong", 1, 1, |_, _, args| of(|machine, args, items| sum(machine, args, &items, Value::Long(0)), args)),
    java("toCollection", 1, 1, |_, _, args| {
        of(
            |machine, args, items| {
                let into = gdk::call(machine, &args[0], "get", &[])?;
                machine.call_method(&into, "addAll", &[Value::list(items)])?;
                Ok(into)
            },
            args,
        )
    }),
    java("toList", 0, 0, |_, _, args| of(|_, _, items| Ok(Value::list(items)), args)),
    java("toMap", 2, 4, |_, _, args| of(to_map, args)),
    java("toSet", 0, 0, |_, _, args| {
        // A set that grows, as the collector's does.
        of(|_, _, items| Ok(Value::Set(Arc::new(crate::script::value::Set::new(MapKind::Hash, items)))), args)
    }),
    java("toUnmodifiableList", 0, 0, |_, _, args| of(|_, _, items| list::of(items), args)),
    java("toUnmodifiableSet", 0, 0, |_, _, args| of(|_, _, items| Ok(super::set::immutable(items)), args)),
];

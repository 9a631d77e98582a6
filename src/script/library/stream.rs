//! `java.util.stream`: streams as plans use them, each stage done at once on all items.

use super::optional::{OPTIONAL, OPTIONAL_DOUBLE, OPTIONAL_INT, OPTIONAL_LONG};
use super::{Answer, Class, Fault, Method, arguments, collectors, gdk, iterator, java, object, optional};
use crate::script::budget;
use crate::script::core::tree::BinaryOperator;
use crate::script::machine::{Dialect, Machine};
use crate::script::value::{Array, ClassRef, MapKind, Object, Set, Thrown, Value, exceptions};
use std::cmp::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

/// `java.util.stream.Stream`.
pub static STREAM: Class =
    Class { statics: STATICS, methods: METHODS, ..Class::interface("java.util.stream.Stream", &[&object::OBJECT]) };
/// `java.util.stream.IntStream`.
pub static INT_STREAM: Class =
    Class { statics: INT_STATICS, ..Class::interface("java.util.stream.IntStream", &[&STREAM]) };
/// `java.util.stream.LongStream`.
pub static LONG_STREAM: Class =
    Class { statics: INT_STATICS, ..Class::interface("java.util.stream.LongStream", &[&STREAM]) };
/// `java.util.stream.DoubleStream`.
pub static DOUBLE_STREAM: Class = Class::interface("java.util.stream.DoubleStream", &[&STREAM]);

/// Where the items come from.
#[derive(Debug)]
enum Source {
    Items(Vec<Value>),
    /// `Stream.iterate(seed, …, next)`.
    Iterate {
        seed: Value,
        has_next: Option<Value>,
        next: Value,
    },
    /// `Stream.generate(supplier)`.
    Generate(Value),
    Used,
}

/// What is done to the items of an endless source before it is limited.
#[derive(Debug, Clone)]
enum Stage {
    Map(Value),
    Filter(Value),
    Skip(usize),
}

/// A stream.
#[derive(Debug)]
struct Stream {
    source: Mutex<(Source, Vec<Stage>)>,
    class: &'static Class,
}

impl Object for Stream {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }
}

fn new(class: &'static Class, source: Source) -> Value {
    Value::object(Stream { source: Mutex::new((source, Vec::new())), class })
}

/// A stream of items.
pub(crate) fn of(items: Vec<Value>) -> Value {
    new(&STREAM, Source::Items(items))
}

/// A stream over a collection or array.
pub(crate) fn over(machine: &mut Machine<'_>, this: &Value) -> Answer {
    let class = match this {
        Value::Array(array) => match &*array.element {
            "int" => &INT_STREAM,
            "long" => &LONG_STREAM,
            "double" => &DOUBLE_STREAM,
            _ => &STREAM,
        },
        _ => &STREAM,
    };
    Ok(new(class, Source::Items(gdk::items(machine, this)?)))
}

fn stream_of(this: &Value) -> Result<&Stream, Fault> {
    match this {
        Value::Object(object) => object.downcast().ok_or(Fault::Mismatch),
        _ => Err(Fault::Mismatch),
    }
}

/// Items that an endless stream may give before it counts as endless.
const LIMIT: usize = 10_000_000;

fn take(stream: &Stream) -> Result<(Source, Vec<Stage>), Fault> {
    let mut source = stream.source.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = std::mem::replace(&mut *source, (Source::Used, Vec::new()));
    if matches!(taken.0, Source::Used) {
        let message = "stream has already been operated upon or closed";
        return Err(Thrown::new(exceptions::ILLEGAL_STATE, message).into());
    }
    Ok(taken)
}

/// The items; the stream is used up.
pub(crate) fn drain(machine: &mut Machine<'_>, this: &Value) -> Result<Vec<Value>, Fault> {
    first(machine, this, usize::MAX, None)
}

/// The first items, or those before the first of which `until` says no.
fn first(machine: &mut Machine<'_>, this: &Value, most: usize, until: Option<&Value>) -> Result<Vec<Value>, Fault> {
    let (source, stages) = take(stream_of(this)?)?;
    let (mut seed, has_next, next) = match source {
        Source::Items(mut items) => {
            items.truncate(most);
            if let Some(until) = until {
                let mut end = items.len();
                for (at, item) in items.iter().enumerate() {
                    if !gdk::says(machine, until, std::slice::from_ref(item))? {
                        end = at;
                        break;
                    }
                }
                items.truncate(end);
            }
            return Ok(items);
        }
        Source::Iterate { seed, has_next, next } => (Some(seed), has_next, next),
        Source::Generate(supplier) => (None, None, supplier),
        Source::Used => return Err(Fault::Mismatch),
    };
    let mut skips: Vec<usize> = stages.iter().map(|stage| if let Stage::Skip(n) = stage { *n } else { 0 }).collect();
    let (mut items, mut drawn) = (Vec::new(), 0usize);
    while items.len() < most {
        machine.turn()?;
        drawn += 1;
        if drawn > LIMIT {
            return Err(budget::out_of_memory().into());
        }
        let mut item = match &seed {
            Some(seed) => seed.clone(),
            None => gdk::call(machine, &next, "get", &[])?,
        };
        if let Some(has_next) = &has_next
            && !gdk::says(machine, has_next, std::slice::from_ref(&item))?
        {
            break;
        }
        let raw = item.clone();
        let mut passes = true;
        for (at, stage) in stages.iter().enumerate() {
            match stage {
                Stage::Map(function) => item = gdk::call(machine, function, "apply", &[item])?,
                Stage::Filter(test) => passes = gdk::says(machine, test, std::slice::from_ref(&item))?,
                Stage::Skip(_) if skips[at] > 0 => {
                    skips[at] -= 1;
                    passes = false;
                }
                Stage::Skip(_) => {}
            }
            if !passes {
                break;
            }
        }
        if passes {
            if let Some(until) = until
                && !gdk::says(machine, until, std::slice::from_ref(&item))?
            {
                break;
            }
            items.push(item);
        }
        if seed.is_some() && items.len() < most {
            seed = Some(gdk::call(machine, &next, "apply", &[raw])?);
        }
    }
    Ok(items)
}

/// Puts a stage on an endless stream; `None` when the stream has its items.
fn postponed(this: &Value, stage: &Stage, class: &'static Class) -> Result<Option<Value>, Fault> {
    let stream = stream_of(this)?;
    let (source, mut stages) = take(stream)?;
    if let Source::Items(_) = source {
        *stream.source.lock().unwrap_or_else(PoisonError::into_inner) = (source, stages);
        return Ok(None);
    }
    stages.push(stage.clone());
    Ok(Some(Value::object(Stream { source: Mutex::new((source, stages)), class })))
}

fn same(this: &Value, items: Vec<Value>) -> Answer {
    Ok(new(stream_of(this)?.class, Source::Items(items)))
}

fn map_to(machine: &mut Machine<'_>, this: &Value, function: &Value, class: &'static Class) -> Answer {
    if let Some(stream) = postponed(this, &Stage::Map(function.clone()), class)? {
        return Ok(stream);
    }
    let mut made = Vec::new();
    for item in drain(machine, this)? {
        let item = gdk::call(machine, function, "apply", &[item])?;
        made.push(as_kind(item, class));
    }
    Ok(new(class, Source::Items(made)))
}

/// A number as a stream of numbers holds it.
fn as_kind(item: Value, class: &'static Class) -> Value {
    let is = |other: &'static Class| std::ptr::eq(class, other);
    match () {
        () if is(&DOUBLE_STREAM) => item.to_f64().map_or(item, Value::Double),
        () if is(&LONG_STREAM) => item.to_i64().map_or(item, Value::Long),
        () if is(&INT_STREAM) => item.to_i32().map_or(item, Value::Int),
        () => item,
    }
}

fn optional_class(this: &Value) -> Result<&'static Class, Fault> {
    let class = stream_of(this)?.class;
    Ok(match class.name {
        "java.util.stream.IntStream" => &OPTIONAL_INT,
        "java.util.stream.LongStream" => &OPTIONAL_LONG,
        "java.util.stream.DoubleStream" => &OPTIONAL_DOUBLE,
        _ => &OPTIONAL,
    })
}

fn extreme(machine: &mut Machine<'_>, this: &Value, args: &[Value], wanted: Ordering) -> Answer {
    let class = optional_class(this)?;
    let order = gdk::Order::natural_or(args.first());
    let mut best: Option<Value> = None;
    for item in drain(machine, this)? {
        let better = match &best {
            None => true,
            Some(best) => order.compare(machine, &item, best)? == wanted,
        };
        if better {
            best = Some(item);
        }
    }
    Ok(optional::new(class, best))
}

fn matching(machine: &mut Machine<'_>, this: &Value, test: &Value, stop: bool) -> Result<bool, Fault> {
    for item in drain(machine, this)? {
        if gdk::says(machine, test, &[item])? == stop {
            return Ok(true);
        }
    }
    Ok(false)
}

fn for_each(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    for item in drain(machine, this)? {
        gdk::call(machine, &args[0], "accept", &[item])?;
    }
    Ok(Value::Null)
}

fn sum(machine: &mut Machine<'_>, this: &Value, items: &[Value]) -> Answer {
    let mut sum = as_kind(Value::Int(0), stream_of(this)?.class);
    for item in items {
        sum = machine.binary(BinaryOperator::Plus, &sum, item)?;
    }
    Ok(sum)
}

fn find_first(machine: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    let class = optional_class(this)?;
    let found = first(machine, this, 1, None)?.into_iter().next();
    if found.as_ref().is_some_and(Value::is_null) {
        return Err(super::collection::null_pointer());
    }
    Ok(optional::new(class, found))
}

fn to_list(machine: &mut Machine<'_>, this: &Value) -> Answer {
    let items = drain(machine, this)?;
    if machine.dialect == Dialect::Groovy {
        // Groovy's own comes first.
        return Ok(Value::list(items));
    }
    Ok(Value::List(Arc::new(crate::script::value::List::new(crate::script::value::ListKind::Unmodifiable, items))))
}

static METHODS: &[Method] = &[
    java("allMatch", 1, 1, |machine, this, args| Ok((!matching(machine, this, &args[0], false)?).into())),
    java("anyMatch", 1, 1, |machine, this, args| Ok(matching(machine, this, &args[0], true)?.into())),
    java("asDoubleStream", 0, 0, |machine, this, _| {
        let items = drain(machine, this)?.into_iter().map(|item| as_kind(item, &DOUBLE_STREAM)).collect();
        Ok(new(&DOUBLE_STREAM, Source::Items(items)))
    }),
    java("asLongStream", 0, 0, |machine, this, _| {
        let items = drain(machine, this)?.into_iter().map(|item| as_kind(item, &LONG_STREAM)).collect();
        Ok(new(&LONG_STREAM, Source::Items(items)))
    }),
    java("average", 0, 0, |machine, this, _| {
        let items = drain(machine, this)?;
        let sum: f64 = items.iter().filter_map(Value::to_f64).sum();
        let mean = (!items.is_empty()).then(|| Value::Double(sum / items.len() as f64));
        Ok(optional::new(&OPTIONAL_DOUBLE, mean))
    }),
    java("boxed", 0, 0, |machine, this, _| Ok(of(drain(machine, this)?))),
    java("close", 0, 0, |_, _, _| Ok(Value::Null)),
    java("collect", 1, 3, |machine, this, args| {
        let items = drain(machine, this)?;
        if let [supplier, accumulator, _] = args {
            let container = gdk::call(machine, supplier, "get", &[])?;
            for item in items {
                gdk::call(machine, accumulator, "accept", &[container.clone(), item])?;
            }
            return Ok(container);
        }
        collectors::collect(machine, &args[0], items)
    }),
    java("count", 0, 0, |machine, this, _| Ok((drain(machine, this)?.len() as i64).into())),
    java("distinct", 0, 0, |machine, this, _| {
        let items = drain(machine, this)?;
        let set = Set::new(MapKind::Linked, items);
        same(this, set.items())
    }),
    java("dropWhile", 1, 1, |machine, this, args| {
        let (mut kept, mut dropping) = (Vec::new(), true);
        for item in drain(machine, this)? {
            dropping = dropping && gdk::says(machine, &args[0], std::slice::from_ref(&item))?;
            if !dropping {
                kept.push(item);
            }
        }
        same(this, kept)
    }),
    java("filter", 1, 1, |machine, this, args| {
        let class = stream_of(this)?.class;
        if let Some(stream) = postponed(this, &Stage::Filter(args[0].clone()), class)? {
            return Ok(stream);
        }
        let mut kept = Vec::new();
        for item in drain(machine, this)? {
            if gdk::says(machine, &args[0], std::slice::from_ref(&item))? {
                kept.push(item);
            }
        }
        same(this, kept)
    }),
    java("findAny", 0, 0, find_first),
    java("findFirst", 0, 0, find_first),
    java("flatMap", 1, 1, |machine, this, args| {
        let mut all = Vec::new();
        for item in drain(machine, this)? {
            let stream = gdk::call(machine, &args[0], "apply", &[item])?;
            if !stream.is_null() {
                all.extend(drain(machine, &stream)?);
            }
        }
        same(this, all)
    }),
    java("forEach", 1, 1, for_each),
    java("forEachOrdered", 1, 1, for_each),
    java("iterator", 0, 0, |machine, this, _| Ok(iterator::iterator(iterator::Walk::of(drain(machine, this)?)))),
    java("limit", 1, 1, |machine, this, args| {
        let most = arguments::long(args, 0)?;
        let Ok(most) = usize::try_from(most) else {
            return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, most.to_string()).into());
        };
        let items = first(machine, this, most, None)?;
        same(this, items)
    }),
    java("map", 1, 1, |machine, this, args| {
        let class = stream_of(this)?.class;
        map_to(machine, this, &args[0], class)
    }),
    java("mapToDouble", 1, 1, |machine, this, args| map_to(machine, this, &args[0], &DOUBLE_STREAM)),
    java("mapToInt", 1, 1, |machine, this, args| map_to(machine, this, &args[0], &INT_STREAM)),
    java("mapToLong", 1, 1, |machine, this, args| map_to(machine, this, &args[0], &LONG_STREAM)),
    java("mapToObj", 1, 1, |machine, this, args| map_to(machine, this, &args[0], &STREAM)),
    java("max", 0, 1, |machine, this, args| extreme(machine, this, args, Ordering::Greater)),
    java("min", 0, 1, |machine, this, args| extreme(machine, this, args, Ordering::Less)),
    java("noneMatch", 1, 1, |machine, this, args| Ok((!matching(machine, this, &args[0], true)?).into())),
    java("parallel", 0, 0, |_, this, _| Ok(this.clone())),
    java("peek", 1, 1, |machine, this, args| {
        let items = drain(machine, this)?;
        for item in &items {
            gdk::call(machine, &args[0], "accept", std::slice::from_ref(item))?;
        }
        same(this, items)
    }),
    java("reduce", 1, 3, |machine, this, args| {
        let class = optional_class(this)?;
        let mut items = drain(machine, this)?.into_iter();
        let (mut result, function) = match args {
            [function] => match items.next() {
                Some(first) => (first, function),
                None => return Ok(optional::new(class, None)),
            },
            [identity, function, ..] => (identity.clone(), function),
            [] => return Err(Fault::Mismatch),
        };
        for item in items {
            result = gdk::call(machine, function, "apply", &[result, item])?;
        }
        Ok(if args.len() == 1 { optional::new(class, Some(result)) } else { result })
    }),
    java("sequential", 0, 0, |_, this, _| Ok(this.clone())),
    java("skip", 1, 1, |machine, this, args| {
        let count = arguments::long(args, 0)?.max(0) as usize;
        let class = stream_of(this)?.class;
        if let Some(stream) = postponed(this, &Stage::Skip(count), class)? {
            return Ok(stream);
        }
        let items = drain(machine, this)?.into_iter().skip(count).collect();
        same(this, items)
    }),
    java("sorted", 0, 1, |machine, this, args| {
        let items = drain(machine, this)?;
        let sorted = gdk::sorted(machine, items, gdk::Order::natural_or(args.first()))?;
        same(this, sorted)
    }),
    java("sum", 0, 0, |machine, this, _| {
        let items = drain(machine, this)?;
        sum(machine, this, &items)
    }),
    java("takeWhile", 1, 1, |machine, this, args| {
        let items = first(machine, this, usize::MAX, Some(&args[0]))?;
        same(this, items)
    }),
    java("toArray", 0, 1, |machine, this, args| {
        let items = drain(machine, this)?;
        if let Some(generator) = args.first()
            && let Value::Array(array) = gdk::call(machine, generator, "apply", &[Value::Int(items.len() as i32)])?
        {
            return Ok(Value::Array(Arc::new(Array::new(&array.element, items))));
        }
        let element = match stream_of(this)?.class.name {
            "java.util.stream.IntStream" => "int",
            "java.util.stream.LongStream" => "long",
            "java.util.stream.DoubleStream" => "double",
            _ => "java.lang.Object",
        };
        Ok(Value::Array(Arc::new(Array::new(element, items))))
    }),
    java("toList", 0, 0, |machine, this, _| to_list(machine, this)),
    super::groovy("toSet", 0, 0, |machine, this, _| Ok(gdk::hash_set(drain(machine, this)?))),
    java("unordered", 0, 0, |_, this, _| Ok(this.clone())),
];

static STATICS: &[Method] = &[
    java("concat", 2, 2, |machine, _, args| {
        let mut items = drain(machine, &args[0])?;
        items.extend(drain(machine, &args[1])?);
        Ok(of(items))
    }),
    java("empty", 0, 0, |_, _, _| Ok(of(Vec::new()))),
    java("generate", 1, 1, |_, _, args| Ok(new(&STREAM, Source::Generate(args[0].clone())))),
    java("iterate", 2, 3, |_, _, args| {
        let has_next = if args.len() > 2 { Some(args[1].clone()) } else { None };
        let next = args[args.len() - 1].clone();
        Ok(new(&STREAM, Source::Iterate { seed: args[0].clone(), has_next, next }))
    }),
    java("of", 0, usize::MAX, |_, _, args| match args {
        [Value::Array(array)] => Ok(of(array.items())),
        _ => Ok(of(args.to_vec())),
    }),
    java("ofNullable", 1, 1, |_, _, args| Ok(of(args.iter().filter(|item| !item.is_null()).cloned().collect()))),
];

fn numbers(this: &Value, args: &[Value], more: i64) -> Answer {
    let (from, to) = (arguments::long(args, 0)?, arguments::long(args, 1)?.saturating_add(more));
    if to.saturating_sub(from) > LIMIT as i64 {
        return Err(budget::out_of_memory().into());
    }
    let long = matches!(this, Value::Class(ClassRef::Library(class)) if std::ptr::eq(*class, &raw const LONG_STREAM));
    let class = if long { &LONG_STREAM } else { &INT_STREAM };
    Ok(new(class, Source::Items((from..to).map(|n| as_kind(Value::Long(n), class)).collect())))
}

static INT_STATICS: &[Method] = &[
    java("of", 0, usize::MAX, |_, _, args| {
        let items = match args {
            [Value::Array(array)] => array.items(),
            _ => args.to_vec(),
        };
        Ok(new(&INT_STREAM, Source::Items(items)))
    }),
    java("range", 2, 2, |_, this, args| numbers(this, args, 0)),
    java("rangeClosed", 2, 2, |_, this, args| numbers(this, args, 1)),
];

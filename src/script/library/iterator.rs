//! Walking over whatever has items, as Java's iterators do: `Iterator`, `ListIterator`, `Enumeration`.

use super::{Answer, Class, Fault, Method, gdk, java, object};
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{
    Array, ClassRef, Entry, List, Map, Object, Range, Set, Thrown, Value, View, exceptions, groovy_text,
};
use std::sync::{Arc, Mutex, PoisonError};

/// `java.util.Iterator`.
pub static ITERATOR: Class =
    Class { methods: METHODS, ..Class::interface("java.util.Iterator", &[&gdk::SEQUENCE, &object::OBJECT]) };
/// `java.util.ListIterator`.
pub static LIST_ITERATOR: Class =
    Class { methods: LIST_METHODS, ..Class::interface("java.util.ListIterator", &[&ITERATOR]) };
/// `java.util.Enumeration`.
pub static ENUMERATION: Class = Class {
    methods: &[
        java("asIterator", 0, 0, |_, this, _| Ok(this.clone())),
        java("hasMoreElements", 0, 0, has_next),
        java("nextElement", 0, 0, next),
    ],
    ..Class::interface("java.util.Enumeration", &[&ITERATOR])
};

#[derive(Debug)]
enum Source {
    Items(std::vec::IntoIter<Value>),
    List {
        list: Arc<List>,
        version: u32,
    },
    Array(Arc<Array>),
    Numbers(Arc<Range>),
    Map {
        map: Arc<Map>,
        entries: Vec<(Value, Value)>,
        version: (u32, u32),
    },
    Set {
        set: Arc<Set>,
        items: Vec<Value>,
        version: u32,
    },
    /// An object with `hasNext` and `next`.
    Iterator(Value),
}

/// A walk over the items of a value. Who changes a collection while it is walked gets Java's
/// `ConcurrentModificationException` at the same step as in Java.
#[derive(Debug)]
pub struct Walk {
    source: Source,
    at: usize,
    /// The position of the item given last, which `remove` takes away.
    last: Option<usize>,
}

fn changed() -> Thrown {
    Thrown::with_cause("java.util.ConcurrentModificationException", None, Value::Null)
}

impl Walk {
    /// A walk over what Groovy's `each` and `for (x in value)` go through: items, entries of a map, characters of a
    /// text, nothing of null, and of any other object itself.
    pub fn over(machine: &mut Machine<'_>, value: &Value) -> Result<Self, Thrown> {
        let source = match value {
            Value::Null | Value::Void => Source::Items(Vec::new().into_iter()),
            Value::List(list) if list.kind.is_concurrent() => Source::Items(list.items().into_iter()),
            Value::List(list) => Source::List { version: list.version(), list: list.clone() },
            Value::Array(array) => Source::Array(array.clone()),
            Value::Range(range) if range.numbers().is_some() => Source::Numbers(range.clone()),
            Value::Range(range) => Source::Items(range.items().into_iter()),
            Value::Map(map) => Self::of_map(map),
            Value::Set(set) => match &set.view {
                Some(View::Entries(map)) => Self::of_map(map),
                _ if set.kind.is_concurrent() => Source::Items(set.items().into_iter()),
                _ => Source::Set { version: set.version(), items: set.items(), set: set.clone() },
            },
            Value::String(_) | Value::GString(_) => {
                let text = groovy_text(value);
                Source::Items(text.chars().map(|c| Value::from(c.to_string())).collect::<Vec<_>>().into_iter())
            }
            Value::Object(_) if machine.has_own_method(value, "hasNext", 0) => Source::Iterator(value.clone()),
            Value::Object(_) if machine.has_own_method(value, "iterator", 0) => {
                let iterator = machine.call_method(value, "iterator", &[])?;
                return match iterator {
                    Value::Object(_) => Ok(Self { source: Source::Iterator(iterator), at: 0, last: None }),
                    other => Self::over(machine, &other),
                };
            }
            other => Source::Items(vec![other.clone()].into_iter()),
        };
        Ok(Self { source, at: 0, last: None })
    }

    /// A walk over items that nobody else has.
    pub fn of(items: Vec<Value>) -> Self {
        Self { source: Source::Items(items.into_iter()), at: 0, last: None }
    }

    fn of_map(map: &Arc<Map>) -> Source {
        let version = if map.kind.is_concurrent() { (0, 0) } else { map.version() };
        Source::Map { entries: map.entries(), version, map: map.clone() }
    }

    /// Whether there is a next item.
    pub fn has_next(&self, machine: &mut Machine<'_>) -> Result<bool, Thrown> {
        Ok(match &self.source {
            Source::Items(items) => items.len() > 0,
            Source::List { list, .. } => list.len() != self.at,
            Source::Array(array) => array.len() > self.at,
            Source::Numbers(range) => range.len() > self.at,
            Source::Map { entries, .. } => entries.len() > self.at,
            Source::Set { items, .. } => items.len() > self.at,
            Source::Iterator(iterator) => {
                matches!(machine.call_method(iterator, "hasNext", &[])?, Value::Boolean(true))
            }
        })
    }

    /// The next item, `None` at the end.
    pub fn next(&mut self, machine: &mut Machine<'_>) -> Result<Option<Value>, Thrown> {
        machine.turn()?;
        let at = self.at;
        let item = match &mut self.source {
            Source::Items(items) => items.next(),
            Source::List { list, version } => {
                let (now, count, item) = list.step(at);
                if count == at {
                    return Ok(None);
                }
                if now != *version {
                    return Err(changed());
                }
                item
            }
            Source::Array(array) => array.get(at),
            // What is made of the items does not fit JMeter's heap.
            Source::Numbers(_) if at >= budget::ITEMS => return Err(budget::out_of_memory()),
            Source::Numbers(range) => range.get(at),
            Source::Map { map, entries, version } => match entries.get(at) {
                None => None,
                Some((key, value)) => {
                    let now = map.version();
                    if now.0 != version.0 && !map.kind.is_concurrent() {
                        return Err(changed());
                    }
                    let fresh = if now.1 == version.1 { None } else { map.get(key) };
                    Some(Entry::of(map, key.clone(), fresh.unwrap_or_else(|| value.clone())))
                }
            },
            Source::Set { set, items, version } => match items.get(at) {
                Some(_) if set.version() != *version => return Err(changed()),
                item => item.cloned(),
            },
            Source::Iterator(iterator) => {
                let iterator = iterator.clone();
                if !matches!(machine.call_method(&iterator, "hasNext", &[])?, Value::Boolean(true)) {
                    return Ok(None);
                }
                return machine.call_method(&iterator, "next", &[]).map(Some);
            }
        };
        if item.is_some() {
            self.last = Some(at);
            self.at += 1;
        }
        Ok(item)
    }

    /// All that is left.
    pub fn rest(&mut self, machine: &mut Machine<'_>) -> Result<Vec<Value>, Thrown> {
        let mut items = Vec::new();
        while let Some(item) = self.next(machine)? {
            budget::items(items.len())?;
            items.push(item);
        }
        Ok(items)
    }

    /// `Iterator.remove()`: takes away the item given last.
    fn remove(&mut self, machine: &mut Machine<'_>) -> Result<(), Fault> {
        if let Source::Iterator(iterator) = &self.source {
            machine.call_method(&iterator.clone(), "remove", &[])?;
            return Ok(());
        }
        if matches!(self.source, Source::Numbers(_)) {
            return Err(super::collection::unsupported());
        }
        let illegal = || Thrown::with_cause(exceptions::ILLEGAL_STATE, None, Value::Null);
        let last = self.last.take().ok_or_else(illegal)?;
        match &mut self.source {
            Source::List { list, version } => {
                super::collection::growable(list)?;
                if list.version() != *version {
                    return Err(changed().into());
                }
                list.change(|items| {
                    if last < items.len() {
                        items.remove(last);
                    }
                });
                *version = list.version();
                self.at = last;
            }
            Source::Map { map, entries, version } => {
                super::map::changeable(map)?;
                if let Some((key, _)) = entries.get(last) {
                    map.remove(key);
                }
                *version = map.version();
            }
            Source::Set { set, items, version } => {
                super::set::changeable(set)?;
                if let Some(item) = items.get(last) {
                    set.remove(item);
                }
                *version = set.version();
            }
            _ => {
                let message = Some("remove".into());
                return Err(Thrown::with_cause(exceptions::UNSUPPORTED, message, Value::Null).into());
            }
        }
        Ok(())
    }
}

/// An iterator as a script holds it.
#[derive(Debug)]
pub struct Cursor {
    walk: Mutex<Walk>,
    class: &'static Class,
}

impl Object for Cursor {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }
}

impl Cursor {
    /// Runs `work` on the walk, which is out of reach meanwhile.
    fn with<R>(&self, work: impl FnOnce(&mut Walk) -> R) -> R {
        let mut walk = {
            let mut held = self.walk.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *held, Walk::of(Vec::new()))
        };
        let result = work(&mut walk);
        *self.walk.lock().unwrap_or_else(PoisonError::into_inner) = walk;
        result
    }
}

/// An iterator over `walk`.
pub(crate) fn iterator(walk: Walk) -> Value {
    Value::object(Cursor { walk: Mutex::new(walk), class: &ITERATOR })
}

/// An enumeration over items.
pub(crate) fn enumeration(items: Vec<Value>) -> Value {
    Value::object(Cursor { walk: Mutex::new(Walk::of(items)), class: &ENUMERATION })
}

/// `list.listIterator(at)`.
pub(crate) fn list_iterator(list: &Arc<List>, at: usize) -> Value {
    let source = Source::List { list: list.clone(), version: list.version() };
    Value::object(Cursor { walk: Mutex::new(Walk { source, at, last: None }), class: &LIST_ITERATOR })
}

fn of(this: &Value) -> Result<&Cursor, Fault> {
    match this {
        Value::Object(object) => object.downcast().ok_or(Fault::Mismatch),
        _ => Err(Fault::Mismatch),
    }
}

fn no_such_element() -> Fault {
    Thrown::with_cause(exceptions::NO_SUCH_ELEMENT, None, Value::Null).into()
}

fn has_next(machine: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    Ok(of(this)?.with(|walk| walk.has_next(machine))?.into())
}

fn next(machine: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    of(this)?.with(|walk| walk.next(machine))?.ok_or_else(no_such_element)
}

static METHODS: &[Method] = &[
    java("forEachRemaining", 1, 1, |machine, this, args| {
        let items = of(this)?.with(|walk| walk.rest(machine))?;
        for item in items {
            gdk::call(machine, &args[0], "accept", &[item])?;
        }
        Ok(Value::Null)
    }),
    java("hasNext", 0, 0, has_next),
    java("iterator", 0, 0, |_, this, _| Ok(this.clone())),
    java("next", 0, 0, next),
    java("remove", 0, 0, |machine, this, _| {
        of(this)?.with(|walk| walk.remove(machine))?;
        Ok(Value::Null)
    }),
];

static LIST_METHODS: &[Method] = &[
    java("add", 1, 1, |_, this, args| {
        of(this)?.with(|walk| {
            let Source::List { list, version } = &mut walk.source else { return Err(Fault::Mismatch) };
            super::collection::growable(list)?;
            let at = walk.at;
            list.change(|items| items.insert(at.min(items.len()), args[0].clone()));
            *version = list.version();
            walk.at += 1;
            walk.last = None;
            Ok(Value::Null)
        })
    }),
    java("hasPrevious", 0, 0, |_, this, _| Ok(of(this)?.with(|walk| walk.at > 0).into())),
    java("nextIndex", 0, 0, |_, this, _| Ok((of(this)?.with(|walk| walk.at) as i32).into())),
    java("previous", 0, 0, |_, this, _| {
        of(this)?.with(|walk| {
            let Source::List { list, version } = &walk.source else { return Err(Fault::Mismatch) };
            if list.version() != *version {
                return Err(changed().into());
            }
            let before = walk.at.checked_sub(1).ok_or_else(no_such_element)?;
            let item = list.get(before).ok_or_else(no_such_element)?;
            walk.at = before;
            walk.last = Some(before);
            Ok(item)
        })
    }),
    java("previousIndex", 0, 0, |_, this, _| Ok((of(this)?.with(|walk| walk.at) as i32 - 1).into())),
    java("set", 1, 1, |_, this, args| {
        of(this)?.with(|walk| {
            let illegal = || Thrown::with_cause(exceptions::ILLEGAL_STATE, None, Value::Null);
            let last = walk.last.ok_or_else(illegal)?;
            match &walk.source {
                Source::List { list, .. } => {
                    super::collection::settable(list)?;
                    list.set(last, args[0].clone());
                }
                _ => return Err(Fault::Mismatch),
            }
            Ok(Value::Null)
        })
    }),
];

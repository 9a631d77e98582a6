//! Order: `sort`, `max`, `min`, `unique`, `reverse`, `shuffle`.

use super::{alike, call, is_closure, items, parameters, similar};
use crate::script::library::collection::settable;
use crate::script::library::{Answer, Class, Fault, Method, arguments, comparator, groovy};
use crate::script::machine::Machine;
use crate::script::value::{MapKind, Set, Thrown, Value, exceptions, hash_code};
use std::cmp::Ordering;
use std::sync::Arc;

/// See [`super::SEQUENCE`].
pub static ORDER: Class = Class { methods: METHODS, ..Class::interface("java.lang.Iterable", &[]) };

/// How two items are put in order.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order<'v> {
    /// Groovy's: numbers by value, null first, what cannot be compared by its hash.
    Groovy,
    /// Java's `compareTo`; mixed types are a `ClassCastException`.
    Natural,
    /// By what a closure of one parameter gives for each.
    Key(&'v Value),
    /// By a `Comparator` or a closure of two parameters.
    Comparator(&'v Value),
}

impl<'v> Order<'v> {
    /// Groovy's order by an optional closure or comparator.
    pub(crate) fn by(closure: Option<&'v Value>) -> Self {
        match closure {
            None | Some(Value::Null) => Self::Groovy,
            Some(closure) if is_closure(closure) && parameters(closure) != 2 => Self::Key(closure),
            Some(comparator) => Self::Comparator(comparator),
        }
    }

    /// Java's order by an optional comparator.
    pub(crate) fn natural_or(comparator: Option<&'v Value>) -> Self {
        match comparator {
            None | Some(Value::Null) => Self::Natural,
            Some(comparator) => Self::Comparator(comparator),
        }
    }

    /// Compares two items.
    pub(crate) fn compare(self, machine: &mut Machine<'_>, a: &Value, b: &Value) -> Result<Ordering, Thrown> {
        match self {
            Self::Groovy => Ok(number_aware(machine, a, b)),
            Self::Natural => comparator::natural(machine, a, b),
            Self::Key(closure) => {
                let left = call(machine, closure, "apply", std::slice::from_ref(a))?;
                let right = call(machine, closure, "apply", std::slice::from_ref(b))?;
                Ok(number_aware(machine, &left, &right))
            }
            Self::Comparator(comparator) => comparator::by(machine, comparator, a, b),
        }
    }
}

/// `NumberAwareComparator`: what cannot be compared is put in order by its hash.
pub(crate) fn number_aware(machine: &mut Machine<'_>, a: &Value, b: &Value) -> Ordering {
    match machine.compare(a, b) {
        Ok(order) => order,
        Err(_) => {
            let (left, right) = (hash_code(a), hash_code(b));
            if left == right && crate::script::value::equals(a, b) {
                Ordering::Equal
            } else if left > right {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
    }
}

/// Lists shorter than this are sorted by insertion alone, as in Java.
const RUN: usize = 32;

/// A stable sort that compares in the order in which Java's does for short lists, so that the first pair that cannot be
/// compared is the same.
pub(crate) fn sort_with<T>(
    items: Vec<T>,
    mut compare: impl FnMut(&T, &T) -> Result<Ordering, Thrown>,
) -> Result<Vec<T>, Thrown> {
    let mut slots: Vec<Option<T>> = items.into_iter().map(Some).collect();
    let mut runs: Vec<Vec<T>> = Vec::new();
    for chunk in slots.chunks_mut(RUN) {
        runs.push(sort_run(chunk.iter_mut().filter_map(Option::take).collect(), &mut compare)?);
    }
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
        let mut rest = runs.into_iter();
        while let Some(left) = rest.next() {
            merged.push(match rest.next() {
                Some(right) => merge(left, right, &mut compare)?,
                None => left,
            });
        }
        runs = merged;
    }
    Ok(runs.pop().unwrap_or_default())
}

fn sort_run<T>(
    mut items: Vec<T>,
    compare: &mut impl FnMut(&T, &T) -> Result<Ordering, Thrown>,
) -> Result<Vec<T>, Thrown> {
    if items.len() < 2 {
        return Ok(items);
    }
    let mut sorted = 2;
    if compare(&items[1], &items[0])? == Ordering::Less {
        while sorted < items.len() && compare(&items[sorted], &items[sorted - 1])? == Ordering::Less {
            sorted += 1;
        }
        items[..sorted].reverse();
    } else {
        while sorted < items.len() && compare(&items[sorted], &items[sorted - 1])? != Ordering::Less {
            sorted += 1;
        }
    }
    for next in sorted..items.len() {
        let (mut left, mut right) = (0, next);
        while left < right {
            let middle = usize::midpoint(left, right);
            if compare(&items[next], &items[middle])? == Ordering::Less {
                right = middle;
            } else {
                left = middle + 1;
            }
        }
        items[left..=next].rotate_right(1);
    }
    Ok(items)
}

fn merge<T>(
    left: Vec<T>,
    right: Vec<T>,
    compare: &mut impl FnMut(&T, &T) -> Result<Ordering, Thrown>,
) -> Result<Vec<T>, Thrown> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if compare(b, a)? == Ordering::Less { right.next() } else { left.next() };
        merged.extend(next);
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

/// Items in an order; a closure of one parameter is asked once for each.
pub(crate) fn sorted(machine: &mut Machine<'_>, items: Vec<Value>, order: Order<'_>) -> Result<Vec<Value>, Thrown> {
    if items.len() < 2 {
        return Ok(items);
    }
    if let Order::Key(closure) = order {
        let mut keyed = Vec::with_capacity(items.len());
        for item in items {
            keyed.push((call(machine, closure, "apply", std::slice::from_ref(&item))?, item));
        }
        let sorted = sort_with(keyed, |a, b| Ok(number_aware(machine, &a.0, &b.0)))?;
        return Ok(sorted.into_iter().map(|(_, item)| item).collect());
    }
    sort_with(items, |a, b| order.compare(machine, a, b))
}

/// `sort()`, `sort(mutate)`, `sort(closure)`, `sort(mutate, closure)`: a list is sorted in place.
pub(crate) fn sort(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let (mutate, closure) = match args {
        [Value::Boolean(mutate), rest @ ..] => (*mutate, rest.first()),
        _ => (true, args.first()),
    };
    if let Value::Array(array) = this
        && !crate::script::library::arrays::nothing(&array.element).is_null()
    {
        return Err(Fault::Mismatch);
    }
    let all = sorted_items(machine, this, closure)?;
    match this {
        Value::Range(_) if mutate => Err(unchangeable()),
        Value::List(list) if mutate && list.kind.is_list() => {
            settable(list)?;
            list.replace(all);
            Ok(this.clone())
        }
        Value::Array(array) if mutate => {
            array.change(|items| items.clone_from_slice(&all));
            Ok(this.clone())
        }
        Value::Array(_) => Ok(alike(this, all)),
        _ => Ok(Value::list(all)),
    }
}

/// The error of what would change a range.
fn unchangeable() -> Fault {
    Fault::Thrown(Thrown::with_cause(exceptions::UNSUPPORTED, None, Value::Null))
}

fn sorted_items(machine: &mut Machine<'_>, this: &Value, closure: Option<&Value>) -> Result<Vec<Value>, Fault> {
    let all = items(machine, this)?;
    Ok(sorted(machine, all, Order::by(closure))?)
}

/// The greatest (or least) item, the first of several.
fn extreme(machine: &mut Machine<'_>, this: &Value, closure: Option<&Value>, wanted: Ordering) -> Answer {
    let order = Order::by(closure);
    let all = items(machine, this)?;
    let mut best: Option<(Value, Value)> = None;
    for item in all {
        let key = match order {
            Order::Key(closure) => call(machine, closure, "apply", std::slice::from_ref(&item))?,
            _ if item.is_null() && matches!(order, Order::Groovy) => continue,
            _ => item.clone(),
        };
        let better = match &best {
            None => true,
            Some((best_key, _)) => {
                let compared = match order {
                    Order::Comparator(comparator) => comparator::by(machine, comparator, &key, best_key)?,
                    _ => number_aware(machine, &key, best_key),
                };
                compared == wanted
            }
        };
        if better {
            best = Some((key, item));
        }
    }
    match (best, this) {
        (Some((_, item)), _) => Ok(item),
        (None, Value::Array(array)) if matches!(&*array.element, "int" | "long" | "double") => {
            let name = if wanted == Ordering::Greater { "max" } else { "min" };
            let message = format!("Can't call {name}() on empty {}[]", array.element);
            Err(Thrown::new(crate::script::value::exceptions::UNSUPPORTED, message).into())
        }
        _ => Ok(Value::Null),
    }
}

/// Items without those that equal an earlier one, by Groovy's `==`, a key, or a comparator.
pub(crate) fn distinct(
    machine: &mut Machine<'_>,
    all: Vec<Value>,
    closure: Option<&Value>,
) -> Result<Vec<Value>, Thrown> {
    let order = Order::by(closure);
    let mut kept: Vec<(Value, Value)> = Vec::new();
    // What is the same by Java's rules is the same by Groovy's: looked up first, so that long lists do not take long.
    let seen = Set::new(MapKind::Linked, []);
    for item in all {
        let key = match order {
            Order::Key(closure) => call(machine, closure, "apply", std::slice::from_ref(&item))?,
            _ => item.clone(),
        };
        let mut known = !matches!(order, Order::Comparator(_)) && seen.contains(&key);
        let plain = matches!(key, Value::String(_) | Value::Int(_)) && !matches!(order, Order::Comparator(_));
        for (other, _) in &kept {
            if known {
                break;
            }
            known = match order {
                Order::Comparator(comparator) => comparator::by(machine, comparator, &key, other)? == Ordering::Equal,
                _ if plain && std::mem::discriminant(&key) == std::mem::discriminant(other) => false,
                _ => number_aware(machine, &key, other) == Ordering::Equal,
            };
        }
        if !known {
            seen.add(key.clone());
            kept.push((key, item));
        }
    }
    Ok(kept.into_iter().map(|(_, item)| item).collect())
}

fn unique(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let (mutate, closure) = match args {
        [Value::Boolean(mutate), rest @ ..] => (*mutate, rest.first()),
        _ => (true, args.first()),
    };
    let before = items(machine, this)?;
    let count = before.len();
    let all = distinct(machine, before, closure)?;
    match this {
        Value::Range(_) if mutate => Err(unchangeable()),
        Value::List(list) if mutate => {
            if all.len() != count {
                crate::script::library::collection::growable(list)?;
                list.replace(all);
            }
            Ok(this.clone())
        }
        Value::Set(set) if mutate => {
            for item in set.items() {
                if !all.iter().any(|kept| kept.is_same(&item) || crate::script::value::equals(kept, &item)) {
                    set.remove(&item);
                }
            }
            Ok(this.clone())
        }
        Value::List(_) | Value::Set(_) => Ok(similar(this, all)),
        _ => Ok(Value::list(all)),
    }
}

/// Java's `Collections.shuffle`.
pub(crate) fn shuffle(machine: &mut Machine<'_>, items: &mut [Value], random: Option<&Value>) -> Result<(), Fault> {
    for i in (1..items.len()).rev() {
        let bound = i as i32 + 1;
        let drawn = match random {
            Some(random) => machine.call_method(random, "nextInt", &[bound.into()])?.to_i32().unwrap_or(0),
            None => fastrand::i32(0..bound),
        };
        items.swap(i, (drawn.max(0) as usize).min(i));
    }
    Ok(())
}

/// Puts other items in the place of those of a list or array.
fn set_items(this: &Value, all: Vec<Value>) -> Result<(), Fault> {
    match this {
        Value::List(list) => {
            settable(list)?;
            list.change(|items| *items = all);
        }
        Value::Array(array) => array.change(|items| items.clone_from_slice(&all)),
        _ => return Err(Fault::Mismatch),
    }
    Ok(())
}

static METHODS: &[Method] = &[
    groovy("max", 0, 1, |machine, this, args| extreme(machine, this, args.first(), Ordering::Greater)),
    groovy("min", 0, 1, |machine, this, args| extreme(machine, this, args.first(), Ordering::Less)),
    groovy("reverse", 0, 1, |machine, this, args| {
        let mut all = items(machine, this)?;
        all.reverse();
        if let Some(Value::Boolean(true)) = args.first() {
            set_items(this, all)?;
            return Ok(this.clone());
        }
        match this {
            Value::Array(_) => Ok(alike(this, all)),
            Value::List(_) => Ok(similar(this, all)),
            Value::Object(_) => {
                Ok(crate::script::library::iterator::iterator(crate::script::library::iterator::Walk::of(all)))
            }
            _ => Ok(Value::list(all)),
        }
    }),
    groovy("shuffle", 0, 1, |machine, this, args| {
        let mut all = items(machine, this)?;
        shuffle(machine, &mut all, args.first())?;
        set_items(this, all)?;
        Ok(Value::Null)
    }),
    groovy("shuffled", 0, 1, |machine, this, args| {
        let mut all = items(machine, this)?;
        shuffle(machine, &mut all, args.first())?;
        Ok(if matches!(this, Value::Array(_)) { alike(this, all) } else { Value::list(all) })
    }),
    groovy("sort", 0, 2, sort),
    groovy("swap", 2, 2, |_, this, args| {
        let (a, b) = (arguments::int(args, 0)?, arguments::int(args, 1)?);
        swap(this, a, b)?;
        Ok(this.clone())
    }),
    groovy("toSorted", 0, 1, |machine, this, args| {
        let all = sorted_items(machine, this, args.first())?;
        Ok(if matches!(this, Value::Array(_)) { alike(this, all) } else { Value::list(all) })
    }),
    groovy("toUnique", 0, 1, |machine, this, args| {
        let all = items(machine, this)?;
        let all = distinct(machine, all, args.first())?;
        Ok(if matches!(this, Value::Array(_)) { alike(this, all) } else { Value::list(all) })
    }),
    groovy("unique", 0, 2, unique),
];

/// Swaps two items of a list or array.
pub(crate) fn swap(this: &Value, a: i32, b: i32) -> Result<(), Fault> {
    let count = match this {
        Value::List(list) => list.len(),
        Value::Array(array) => array.len(),
        _ => return Err(Fault::Mismatch),
    };
    let (left, right) = (check(a, count)?, check(b, count)?);
    match this {
        Value::List(list) => {
            settable(list)?;
            list.change(|items| {
                if left.max(right) < items.len() {
                    items.swap(left, right);
                }
            });
        }
        Value::Array(array) => array.change(|items| items.swap(left, right)),
        _ => {}
    }
    Ok(())
}

fn check(index: i32, count: usize) -> Result<usize, Fault> {
    usize::try_from(index)
        .ok()
        .filter(|at| *at < count)
        .ok_or_else(|| crate::script::library::collection::out_of_bounds(i64::from(index), count))
}

/// A set that Groovy's `toSet` gives.
pub(crate) fn hash_set(items: Vec<Value>) -> Value {
    Value::Set(Arc::new(Set::copy_of(MapKind::Hash, items)))
}

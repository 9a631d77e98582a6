//! `java.util.Queue` and `Deque` and their classes.

use super::collection::{COLLECTION, add, null_pointer};
use super::list::list_of;
use super::{Answer, Class, Fault, Method, Run, arguments, collection, gdk, iterator, java, takes};
use crate::script::machine::Machine;
use crate::script::value::{Extras, List, ListKind, Thrown, Value, equals, exceptions};
use std::cmp::Ordering;
use std::sync::Arc;

/// `java.util.Queue`.
pub static QUEUE: Class = Class::interface("java.util.Queue", &[&COLLECTION]);
/// `java.util.Deque`.
pub static DEQUE: Class = Class::interface("java.util.Deque", &[&QUEUE]);
/// `java.util.concurrent.BlockingQueue`.
pub static BLOCKING_QUEUE: Class = Class::interface("java.util.concurrent.BlockingQueue", &[&QUEUE]);

/// The methods of queues, before those of lists.
static QUEUE_METHODS: Class = Class { methods: QUEUES, ..Class::interface("java.util.Queue", &[]) };
/// The methods of deques, before those of lists.
pub static DEQUE_METHODS: Class = Class { methods: DEQUES, ..Class::interface("java.util.Deque", &[&QUEUE_METHODS]) };

const fn class(name: &'static str, most: usize, parents: &'static [&'static Class], run: Run) -> Class {
    Class { constructor: takes(0, most, run), ..Class::named(name, parents) }
}

/// `java.util.ArrayDeque`.
pub static ARRAY_DEQUE: Class = class("java.util.ArrayDeque", 1, &[&DEQUE_METHODS, &DEQUE], |machine, _, args| {
    new(machine, ListKind::ArrayDeque, args)
});
/// `java.util.PriorityQueue`.
pub static PRIORITY_QUEUE: Class = Class {
    methods: &[java("comparator", 0, 0, |_, this, _| {
        Ok(list_of(this)?.extras().and_then(|extras| extras.comparator.clone()).unwrap_or_default())
    })],
    ..class("java.util.PriorityQueue", 2, &[&QUEUE_METHODS, &QUEUE], new_priority_queue)
};
/// `java.util.concurrent.ConcurrentLinkedQueue`.
pub static CONCURRENT_LINKED_QUEUE: Class =
    class("java.util.concurrent.ConcurrentLinkedQueue", 1, &[&QUEUE_METHODS, &QUEUE], |machine, _, args| {
        new(machine, ListKind::ConcurrentLinkedQueue, args)
    });
/// `java.util.concurrent.ConcurrentLinkedDeque`.
pub static CONCURRENT_LINKED_DEQUE: Class =
    class("java.util.concurrent.ConcurrentLinkedDeque", 1, &[&DEQUE_METHODS, &DEQUE], |machine, _, args| {
        new(machine, ListKind::ConcurrentLinkedDeque, args)
    });
/// `java.util.concurrent.LinkedBlockingQueue`.
pub static LINKED_BLOCKING_QUEUE: Class = Class {
    methods: BLOCKING,
    ..class("java.util.concurrent.LinkedBlockingQueue", 1, &[&QUEUE_METHODS, &BLOCKING_QUEUE], |machine, _, args| {
        new(machine, ListKind::LinkedBlockingQueue, args)
    })
};
/// `java.util.concurrent.LinkedBlockingDeque`.
pub static LINKED_BLOCKING_DEQUE: Class = Class {
    methods: BLOCKING_ENDS,
    ..class(
        "java.util.concurrent.LinkedBlockingDeque",
        1,
        &[&BLOCKING_METHODS, &DEQUE_METHODS, &BLOCKING_QUEUE, &DEQUE],
        |machine, _, args| new(machine, ListKind::LinkedBlockingDeque, args),
    )
};
/// `java.util.concurrent.ArrayBlockingQueue`.
pub static ARRAY_BLOCKING_QUEUE: Class = Class {
    methods: BLOCKING,
    ..class("java.util.concurrent.ArrayBlockingQueue", 3, &[&QUEUE_METHODS, &BLOCKING_QUEUE], |machine, _, args| {
        if args.is_empty() {
            return Err(Fault::Mismatch);
        }
        new(machine, ListKind::ArrayBlockingQueue, &args[..1])
    })
};

fn new(machine: &mut Machine<'_>, kind: ListKind, args: &[Value]) -> Answer {
    let bounded =
        matches!(kind, ListKind::LinkedBlockingQueue | ListKind::LinkedBlockingDeque | ListKind::ArrayBlockingQueue);
    if let ([Value::Int(capacity)], true) = (args, bounded) {
        let capacity = usize::try_from(*capacity).ok().filter(|capacity| *capacity > 0);
        let illegal = || Thrown::with_cause(exceptions::ILLEGAL_ARGUMENT, None, Value::Null);
        let extras = Extras { capacity: Some(capacity.ok_or_else(illegal)?), ..Extras::default() };
        return Ok(Value::List(Arc::new(List::with_extras(kind, Vec::new(), extras))));
    }
    let items = collection::initial(machine, args)?;
    if items.iter().any(Value::is_null) {
        return Err(null_pointer());
    }
    Ok(Value::List(Arc::new(List::new(kind, items))))
}

fn new_priority_queue(machine: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    let comparator = args.iter().find(|arg| matches!(arg, Value::Closure(_) | Value::Object(_))).cloned();
    let extras = Extras { comparator, ..Extras::default() };
    let queue = Arc::new(List::with_extras(ListKind::PriorityQueue, Vec::new(), extras));
    if let Some(Value::List(_) | Value::Set(_) | Value::Range(_)) = args.first() {
        queue.replace(gdk::items(machine, &args[0])?);
        // Java makes a heap of all at once here.
        for at in (0..queue.len() / 2).rev() {
            sift_down(machine, &queue, at)?;
        }
    }
    Ok(Value::List(queue))
}

fn compare(machine: &mut Machine<'_>, queue: &List, a: &Value, b: &Value) -> Result<Ordering, Thrown> {
    let comparator = queue.extras().and_then(|extras| extras.comparator.as_ref());
    gdk::Order::natural_or(comparator).compare(machine, a, b)
}

/// Swaps two places of a heap.
fn swap(queue: &List, a: usize, b: usize) {
    queue.change(|items| {
        if a.max(b) < items.len() {
            items.swap(a, b);
        }
    });
}

fn sift_up(machine: &mut Machine<'_>, queue: &List, mut at: usize) -> Result<(), Thrown> {
    while at > 0 {
        let parent = (at - 1) / 2;
        let (Some(item), Some(above)) = (queue.get(at), queue.get(parent)) else { break };
        if compare(machine, queue, &item, &above)? != Ordering::Less {
            break;
        }
        swap(queue, at, parent);
        at = parent;
    }
    Ok(())
}

/// Lets an item sink to its place; whether it moved.
fn sift_down(machine: &mut Machine<'_>, queue: &List, mut at: usize) -> Result<bool, Thrown> {
    let start = at;
    while let Some(left) = queue.get(2 * at + 1) {
        let (mut child, mut least) = (2 * at + 1, left);
        if let Some(right) = queue.get(child + 1)
            && compare(machine, queue, &least, &right)? == Ordering::Greater
        {
            (child, least) = (child + 1, right);
        }
        let Some(item) = queue.get(at) else { break };
        if compare(machine, queue, &item, &least)? != Ordering::Greater {
            break;
        }
        swap(queue, at, child);
        at = child;
    }
    Ok(at != start)
}

/// Adds an item to a priority queue. The items are Java's heap, so that the queue prints as in Java.
pub(crate) fn offer(machine: &mut Machine<'_>, queue: &List, item: Value) -> Result<(), Fault> {
    if queue.is_empty() {
        // Java compares the first item with itself, so that what cannot be compared is told at once.
        compare(machine, queue, &item, &item)?;
    }
    queue.push(item);
    Ok(sift_up(machine, queue, queue.len().saturating_sub(1))?)
}

fn remove_at(machine: &mut Machine<'_>, queue: &List, at: usize) -> Result<Option<Value>, Thrown> {
    let removed = queue.change(|items| if at < items.len() { Some(items.swap_remove(at)) } else { None });
    if at < queue.len() && !sift_down(machine, queue, at)? {
        sift_up(machine, queue, at)?;
    }
    Ok(removed)
}

/// Removes an item of a priority queue.
pub(crate) fn remove(machine: &mut Machine<'_>, queue: &List, item: &Value) -> Result<bool, Fault> {
    let at = queue.items().iter().position(|other| equals(item, other));
    Ok(match at {
        Some(at) => remove_at(machine, queue, at)?.is_some(),
        None => false,
    })
}

/// What a full queue says to `add`.
pub(crate) fn full(kind: ListKind) -> &'static str {
    if kind == ListKind::LinkedBlockingDeque { "Deque full" } else { "Queue full" }
}

fn take_first(machine: &mut Machine<'_>, this: &Value) -> Result<Option<Value>, Fault> {
    let list = list_of(this)?;
    if list.kind == ListKind::PriorityQueue {
        return Ok(remove_at(machine, list, 0)?);
    }
    Ok(list.pop_front())
}

fn nothing() -> Fault {
    Thrown::with_cause(exceptions::NO_SUCH_ELEMENT, None, Value::Null).into()
}

fn poll(machine: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    Ok(take_first(machine, this)?.unwrap_or_default())
}

fn remove_first(machine: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    take_first(machine, this)?.ok_or_else(nothing)
}

fn remove_last(_: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    list_of(this)?.pop().ok_or_else(nothing)
}

fn peek(_: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    Ok(list_of(this)?.get(0).unwrap_or_default())
}

fn first(_: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    list_of(this)?.get(0).ok_or_else(nothing)
}

fn last(_: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    list_of(this)?.last().ok_or_else(nothing)
}

/// Adds at the end as far as there is room.
fn offer_last(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let list = list_of(this)?;
    match list.extras().and_then(|extras| extras.capacity) {
        Some(_) if args[0].is_null() => Err(null_pointer()),
        Some(capacity) => Ok(list.push_within(args[0].clone(), capacity).into()),
        None => Ok(add(machine, this, args[0].clone())?.into()),
    }
}

/// Adds at the front; false when there is no room.
fn push_front(this: &Value, item: &Value) -> Result<bool, Fault> {
    let list = list_of(this)?;
    if list.kind.refuses_null() && item.is_null() {
        return Err(null_pointer());
    }
    let capacity = list.extras().and_then(|extras| extras.capacity).unwrap_or(usize::MAX);
    Ok(list.change(|items| {
        let room = items.len() < capacity;
        if room {
            items.insert(0, item.clone());
        }
        room
    }))
}

fn add_first(_: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    if push_front(this, &args[0])? {
        return Ok(Value::Null);
    }
    Err(Thrown::new(exceptions::ILLEGAL_STATE, full(list_of(this)?.kind)).into())
}

fn remove_occurrence(this: &Value, item: &Value, from_end: bool) -> Answer {
    let list = list_of(this)?;
    let items = list.items();
    let same = |other: &Value| equals(item, other);
    let at = if from_end { items.iter().rposition(same) } else { items.iter().position(same) };
    if let Some(at) = at {
        list.change(|items| {
            if at < items.len() {
                items.remove(at);
            }
        });
    }
    Ok(at.is_some().into())
}

static QUEUES: &[Method] = &[
    java("element", 0, 0, first),
    java("offer", 1, 1, offer_last),
    java("peek", 0, 0, peek),
    java("poll", 0, 0, poll),
    java("remove", 0, 0, remove_first),
];

static DEQUES: &[Method] = &[
    java("addFirst", 1, 1, add_first),
    java("addLast", 1, 1, |machine, this, args| {
        add(machine, this, args[0].clone())?;
        Ok(Value::Null)
    }),
    java("descendingIterator", 0, 0, |_, this, _| {
        let mut items = list_of(this)?.items();
        items.reverse();
        Ok(iterator::iterator(iterator::Walk::of(items)))
    }),
    java("getFirst", 0, 0, first),
    java("getLast", 0, 0, last),
    java("offerFirst", 1, 1, |_, this, args| Ok(push_front(this, &args[0])?.into())),
    java("offerLast", 1, 1, offer_last),
    java("peekFirst", 0, 0, peek),
    java("peekLast", 0, 0, |_, this, _| Ok(list_of(this)?.last().unwrap_or_default())),
    java("pollFirst", 0, 0, poll),
    java("pollLast", 0, 0, |_, this, _| Ok(list_of(this)?.pop().unwrap_or_default())),
    java("pop", 0, 0, remove_first),
    java("push", 1, 1, add_first),
    java("removeFirst", 0, 0, remove_first),
    java("removeFirstOccurrence", 1, 1, |_, this, args| remove_occurrence(this, &args[0], false)),
    java("removeLast", 0, 0, remove_last),
    java("removeLastOccurrence", 1, 1, |_, this, args| remove_occurrence(this, &args[0], true)),
];

/// Waits for an item no longer than `millis`, and only while the run goes on.
fn wait_for(machine: &mut Machine<'_>, this: &Value, millis: Option<u64>) -> Result<Option<Value>, Fault> {
    /// Milliseconds between two looks.
    const PAUSE: u64 = 2;
    let mut waited = 0;
    loop {
        if let Some(item) = take_first(machine, this)? {
            return Ok(Some(item));
        }
        if millis.is_some_and(|most| waited >= most) {
            return Ok(None);
        }
        if machine.host.stopping() {
            return Err(Thrown::with_cause("java.lang.InterruptedException", None, Value::Null).into());
        }
        std::thread::sleep(std::time::Duration::from_millis(PAUSE));
        waited += PAUSE;
    }
}

/// A time and its unit in milliseconds.
fn millis(args: &[Value], at: usize) -> Result<u64, Fault> {
    let count = arguments::long(args, at)?.max(0) as u64;
    let unit = args.get(at + 1).map(crate::script::value::java_text).unwrap_or_default();
    Ok(match unit.as_str() {
        "NANOSECONDS" => count / 1_000_000,
        "MICROSECONDS" => count / 1000,
        "SECONDS" => count.saturating_mul(1000),
        "MINUTES" => count.saturating_mul(60_000),
        "HOURS" => count.saturating_mul(3_600_000),
        _ => count,
    })
}

/// The methods of blocking queues, before those of queues.
static BLOCKING_METHODS: Class =
    Class { methods: BLOCKING, ..Class::interface("java.util.concurrent.BlockingQueue", &[]) };

static BLOCKING_ENDS: &[Method] = &[
    java("putFirst", 1, 1, add_first),
    java("putLast", 1, 1, |machine, this, args| Ok(machine.call_method(this, "put", args)?)),
    java("takeFirst", 0, 0, |machine, this, _| Ok(wait_for(machine, this, None)?.unwrap_or_default())),
    java("takeLast", 0, 0, remove_last),
];

static BLOCKING: &[Method] = &[
    java("drainTo", 1, 2, |machine, this, args| {
        let most = if args.len() > 1 { arguments::int(args, 1)?.max(0) } else { i32::MAX };
        let mut moved = 0;
        while moved < most
            && let Some(item) = list_of(this)?.pop_front()
        {
            add(machine, &args[0], item)?;
            moved += 1;
        }
        Ok(moved.into())
    }),
    java("offer", 3, 3, |machine, this, args| offer_last(machine, this, &args[..1])),
    java("poll", 2, 2, |machine, this, args| Ok(wait_for(machine, this, Some(millis(args, 0)?))?.unwrap_or_default())),
    java("put", 1, 1, |machine, this, args| {
        while !matches!(offer_last(machine, this, args)?, Value::Boolean(true)) {
            if machine.host.stopping() {
                return Err(Thrown::with_cause("java.lang.InterruptedException", None, Value::Null).into());
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        Ok(Value::Null)
    }),
    java("remainingCapacity", 0, 0, |_, this, _| {
        let list = list_of(this)?;
        let capacity = list.extras().and_then(|extras| extras.capacity).unwrap_or(i32::MAX as usize);
        Ok((capacity.saturating_sub(list.len()) as i32).into())
    }),
    java("take", 0, 0, |machine, this, _| Ok(wait_for(machine, this, None)?.unwrap_or_default())),
];

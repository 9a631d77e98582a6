//! `java.util.concurrent`: atomic numbers and references, and units of time.

use super::enumeration::{self, ENUM, constants};
use super::{Answer, Class, Fault, Method, arguments, java, object, takes};
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Value, equals, java_text};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// `java.util.concurrent.TimeUnit`.
pub static TIME_UNIT: Class = Class {
    constants: constants!(TIME_UNIT: 0 "NANOSECONDS", 1 "MICROSECONDS", 2 "MILLISECONDS", 3 "SECONDS", 4 "MINUTES",
        5 "HOURS", 6 "DAYS"),
    methods: &[
        java("convert", 2, 2, |_, this, args| {
            let (from, to) = (nanos(&args[1])?, nanos(this)?);
            Ok(((i128::from(arguments::long(args, 0)?) * from / to) as i64).into())
        }),
        java("sleep", 1, 1, |machine, this, args| {
            let millis = i128::from(arguments::long(args, 0)?) * nanos(this)? / 1_000_000;
            super::system::sleep(machine, millis as i64)
        }),
        java("toDays", 1, 1, |_, this, args| converted(this, args, 6)),
        java("toHours", 1, 1, |_, this, args| converted(this, args, 5)),
        java("toMicros", 1, 1, |_, this, args| converted(this, args, 1)),
        java("toMillis", 1, 1, |_, this, args| converted(this, args, 2)),
        java("toMinutes", 1, 1, |_, this, args| converted(this, args, 4)),
        java("toNanos", 1, 1, |_, this, args| converted(this, args, 0)),
        java("toSeconds", 1, 1, |_, this, args| converted(this, args, 3)),
    ],
    ..Class::named("java.util.concurrent.TimeUnit", &[&ENUM])
};

const NANOS: [i128; 7] = [1, 1000, 1_000_000, 1_000_000_000, 60_000_000_000, 3_600_000_000_000, 86_400_000_000_000];

/// The nanoseconds of a unit.
fn nanos(unit: &Value) -> Result<i128, Fault> {
    Ok(NANOS[enumeration::ordinal(unit, &TIME_UNIT)?])
}

/// The time that a count and a unit say.
pub(crate) fn duration(args: &[Value]) -> Result<Duration, Fault> {
    let unit = nanos(args.get(1).ok_or(Fault::Mismatch)?)?;
    let total = i128::from(arguments::long(args, 0)?.max(0)) * unit;
    Ok(Duration::from_nanos(u64::try_from(total).unwrap_or(u64::MAX)))
}

fn converted(this: &Value, args: &[Value], to: usize) -> Answer {
    let total = i128::from(arguments::long(args, 0)?) * nanos(this)? / NANOS[to];
    Ok(total.clamp(i128::from(i64::MIN), i128::from(i64::MAX)).to_i64().into())
}

/// The narrowing of a number that is known to fit.
trait Narrow {
    fn to_i64(self) -> i64;
}

impl Narrow for i128 {
    fn to_i64(self) -> i64 {
        self as i64
    }
}

/// `java.util.concurrent.atomic.AtomicInteger`.
pub static ATOMIC_INTEGER: Class = Class {
    constructor: takes(0, 1, |_, _, args| {
        let first = if args.is_empty() { 0 } else { arguments::int(args, 0)? };
        Ok(atomic(&ATOMIC_INTEGER, first.into()))
    }),
    methods: NUMBER_METHODS,
    ..Class::named("java.util.concurrent.atomic.AtomicInteger", &[&ATOMIC])
};

/// `java.util.concurrent.atomic.AtomicLong`.
pub static ATOMIC_LONG: Class = Class {
    constructor: takes(0, 1, |_, _, args| {
        let first = if args.is_empty() { 0 } else { arguments::long(args, 0)? };
        Ok(atomic(&ATOMIC_LONG, first.into()))
    }),
    methods: NUMBER_METHODS,
    ..Class::named("java.util.concurrent.atomic.AtomicLong", &[&ATOMIC])
};

/// `java.util.concurrent.atomic.AtomicBoolean`.
pub static ATOMIC_BOOLEAN: Class = Class {
    constructor: takes(0, 1, |_, _, args| {
        let first = if args.is_empty() { false } else { arguments::flag(args, 0)? };
        Ok(atomic(&ATOMIC_BOOLEAN, first.into()))
    }),
    ..Class::named("java.util.concurrent.atomic.AtomicBoolean", &[&ATOMIC])
};

/// `java.util.concurrent.atomic.AtomicReference`.
pub static ATOMIC_REFERENCE: Class = Class {
    constructor: takes(0, 1, |_, _, args| Ok(atomic(&ATOMIC_REFERENCE, arguments::any(args, 0)))),
    ..Class::named("java.util.concurrent.atomic.AtomicReference", &[&ATOMIC])
};

/// What atomic numbers, flags and references share.
static ATOMIC: Class = Class { methods: METHODS, ..Class::named("java.lang.Object", &[&object::OBJECT]) };

/// A value that is changed as a whole.
#[derive(Debug)]
pub struct Atomic {
    class: &'static Class,
    value: Mutex<Value>,
}

impl Object for Atomic {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }

    fn to_text(&self) -> String {
        let value = self.value().clone();
        java_text(&value)
    }
}

impl Atomic {
    fn value(&self) -> MutexGuard<'_, Value> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets it and gives the value before.
    fn swap(&self, value: Value) -> Value {
        std::mem::replace(&mut *self.value(), value)
    }

    /// Adds to a number: the values before and after.
    fn add(&self, by: i64) -> Result<(Value, Value), Fault> {
        let mut value = self.value();
        let before = value.clone();
        *value = match before {
            Value::Int(n) => n.wrapping_add(by as i32).into(),
            Value::Long(n) => n.wrapping_add(by).into(),
            _ => return Err(Fault::Mismatch),
        };
        Ok((before, value.clone()))
    }

    /// A value as this one keeps it.
    fn kept(&self, value: &Value) -> Value {
        match (self.class.name.rsplit('.').next(), value.to_i64()) {
            (Some("AtomicLong"), Some(n)) => n.into(),
            (Some("AtomicInteger"), Some(n)) => (n as i32).into(),
            _ => value.clone(),
        }
    }
}

fn atomic(class: &'static Class, value: Value) -> Value {
    Value::object(Atomic { class, value: Mutex::new(value) })
}

fn of(this: &Value) -> Result<&Atomic, Fault> {
    arguments::object(this)
}

/// Changes by a closure until no other change came between: the values before and after.
fn update(
    machine: &mut Machine<'_>,
    this: &Value,
    closure: &Value,
    with: Option<&Value>,
) -> Result<(Value, Value), Fault> {
    loop {
        let before = of(this)?.value().clone();
        let arguments: Vec<Value> = std::iter::once(before.clone()).chain(with.cloned()).collect();
        let after = of(this)?.kept(&machine.call(closure, &arguments)?);
        let mut value = of(this)?.value();
        if value.is_same(&before) || equals(&value, &before) {
            *value = after.clone();
            return Ok((before, after));
        }
    }
}

static METHODS: &[Method] = &[
    java("accumulateAndGet", 2, 2, |machine, this, args| Ok(update(machine, this, &args[1], Some(&args[0]))?.1)),
    java("compareAndSet", 2, 2, |_, this, args| {
        let atomic = of(this)?;
        let mut value = atomic.value();
        let expected = atomic.kept(&args[0]);
        if !value.is_same(&expected) && !equals(&value, &expected) {
            return Ok(false.into());
        }
        *value = atomic.kept(&args[1]);
        Ok(true.into())
    }),
    java("get", 0, 0, |_, this, _| Ok(of(this)?.value().clone())),
    java("getAndSet", 1, 1, |_, this, args| Ok(of(this)?.swap(of(this)?.kept(&args[0])))),
    java("getAndUpdate", 1, 1, |machine, this, args| Ok(update(machine, this, &args[0], None)?.0)),
    java("lazySet", 1, 1, |_, this, args| {
        of(this)?.swap(of(this)?.kept(&args[0]));
        Ok(Value::Null)
    }),
    java("set", 1, 1, |_, this, args| {
        of(this)?.swap(of(this)?.kept(&args[0]));
        Ok(Value::Null)
    }),
    java("updateAndGet", 1, 1, |machine, this, args| Ok(update(machine, this, &args[0], None)?.1)),
];

static NUMBER_METHODS: &[Method] = &[
    java("addAndGet", 1, 1, |_, this, args| Ok(of(this)?.add(arguments::long(args, 0)?)?.1)),
    java("decrementAndGet", 0, 0, |_, this, _| Ok(of(this)?.add(-1)?.1)),
    java("doubleValue", 0, 0, |_, this, _| Ok(of(this)?.value().to_f64().ok_or(Fault::Mismatch)?.into())),
    java("getAndAdd", 1, 1, |_, this, args| Ok(of(this)?.add(arguments::long(args, 0)?)?.0)),
    java("getAndDecrement", 0, 0, |_, this, _| Ok(of(this)?.add(-1)?.0)),
    java("getAndIncrement", 0, 0, |_, this, _| Ok(of(this)?.add(1)?.0)),
    java("incrementAndGet", 0, 0, |_, this, _| Ok(of(this)?.add(1)?.1)),
    java("intValue", 0, 0, |_, this, _| Ok(of(this)?.value().to_i32().ok_or(Fault::Mismatch)?.into())),
    java("longValue", 0, 0, |_, this, _| Ok(of(this)?.value().to_i64().ok_or(Fault::Mismatch)?.into())),
];

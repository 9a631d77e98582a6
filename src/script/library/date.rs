//! `java.util.Date`.

use super::{Answer, Class, Fault, Method, arguments, java, number, object};
use crate::clock;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Value};
use std::cmp::Ordering;
use std::sync::atomic::{AtomicI64, Ordering as Memory};

/// `java.util.Date`.
pub static DATE: Class =
    Class { constructor: Some(construct), methods: METHODS, ..Class::named("java.util.Date", &[&object::COMPARABLE]) };

static METHODS: &[Method] = &[
    java("after", 1, 1, |_, this, args| Ok((millis(this)? > millis(&args[0])?).into())),
    java("before", 1, 1, |_, this, args| Ok((millis(this)? < millis(&args[0])?).into())),
    java("compareTo", 1, 1, |_, this, args| Ok(number::ordering(millis(this)?.cmp(&millis(&args[0])?)))),
    java("getTime", 0, 0, |_, this, _| Ok(millis(this)?.into())),
    java("setTime", 1, 1, |_, this, args| {
        let Value::Object(object) = this else { return Err(Fault::Mismatch) };
        let date = object.downcast::<Date>().ok_or(Fault::Mismatch)?;
        date.0.store(arguments::long(args, 0)?, Memory::Relaxed);
        Ok(Value::Null)
    }),
];

/// A `java.util.Date`: milliseconds since the epoch, which `setTime` may change.
#[derive(Debug)]
pub struct Date(AtomicI64);

impl Date {
    /// The date of so many milliseconds since the epoch.
    pub fn new(millis: i64) -> Self {
        Self(AtomicI64::new(millis))
    }

    /// Milliseconds since the epoch.
    pub fn millis(&self) -> i64 {
        self.0.load(Memory::Relaxed)
    }
}

impl Object for Date {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&DATE)
    }

    fn equals(&self, other: &Value) -> bool {
        millis(other).is_ok_and(|other| other == self.millis())
    }

    fn hash_code(&self) -> Option<i32> {
        let millis = self.millis();
        Some((millis ^ (millis >> 32)) as i32)
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        millis(other).ok().map(|other| self.millis().cmp(&other))
    }
}

/// The milliseconds of a date.
pub(crate) fn millis(value: &Value) -> Result<i64, Fault> {
    match value {
        Value::Object(object) => object.downcast::<Date>().map(Date::millis).ok_or(Fault::Mismatch),
        _ => Err(Fault::Mismatch),
    }
}

fn construct(_: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    let millis = if args.is_empty() { clock::now().millis() } else { arguments::long(args, 0)? };
    Ok(Value::object(Date::new(millis)))
}

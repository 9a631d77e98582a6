//! `java.time.temporal.TemporalAdjusters`: dates that lie at a place of their month, year or week.

use super::kind::DAY_OF_WEEK;
use crate::script::library::{Answer, Class, Fault, Method, arguments, enumeration, java, object};
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Value};

/// `java.time.temporal.TemporalAdjusters`.
pub static TEMPORAL_ADJUSTERS: Class =
    Class { statics: STATICS, ..Class::named("java.time.temporal.TemporalAdjusters", &[&object::OBJECT]) };

/// `java.time.temporal.TemporalAdjuster`.
pub static TEMPORAL_ADJUSTER: Class = Class {
    methods: &[java("adjustInto", 1, 1, |machine, this, args| {
        adjusted(machine, &args[0], this).ok_or(Fault::Mismatch)?
    })],
    ..Class::interface("java.time.temporal.TemporalAdjuster", &[&object::OBJECT])
};

/// Where a date goes.
#[derive(Debug, Clone, Copy)]
enum Adjuster {
    FirstDayOfMonth,
    LastDayOfMonth,
    FirstDayOfNextMonth,
    FirstDayOfYear,
    LastDayOfYear,
    FirstDayOfNextYear,
    /// To a day of the week, 1 for Monday; whether the day itself may stay.
    Next(i64, bool),
    Previous(i64, bool),
    /// To the so-manieth of such days of the month, from its end when negative.
    InMonth(i64, i64),
}

impl Object for Adjuster {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&TEMPORAL_ADJUSTER)
    }
}

fn day(args: &[Value], index: usize) -> Result<i64, Fault> {
    Ok(enumeration::ordinal(args.get(index).ok_or(Fault::Mismatch)?, &DAY_OF_WEEK)? as i64 + 1)
}

const fn fixed(name: &'static str, run: crate::script::library::Run) -> Method {
    java(name, 0, 0, run)
}

static STATICS: &[Method] = &[
    java("dayOfWeekInMonth", 2, 2, |_, _, args| {
        Ok(Value::object(Adjuster::InMonth(i64::from(arguments::int(args, 0)?), day(args, 1)?)))
    }),
    java("firstInMonth", 1, 1, |_, _, args| Ok(Value::object(Adjuster::InMonth(1, day(args, 0)?)))),
    java("lastInMonth", 1, 1, |_, _, args| Ok(Value::object(Adjuster::InMonth(-1, day(args, 0)?)))),
    fixed("firstDayOfMonth", |_, _, _| Ok(Value::object(Adjuster::FirstDayOfMonth))),
    fixed("firstDayOfNextMonth", |_, _, _| Ok(Value::object(Adjuster::FirstDayOfNextMonth))),
    fixed("firstDayOfNextYear", |_, _, _| Ok(Value::object(Adjuster::FirstDayOfNextYear))),
    fixed("firstDayOfYear", |_, _, _| Ok(Value::object(Adjuster::FirstDayOfYear))),
    fixed("lastDayOfMonth", |_, _, _| Ok(Value::object(Adjuster::LastDayOfMonth))),
    fixed("lastDayOfYear", |_, _, _| Ok(Value::object(Adjuster::LastDayOfYear))),
    java("next", 1, 1, |_, _, args| Ok(Value::object(Adjuster::Next(day(args, 0)?, false)))),
    java("nextOrSame", 1, 1, |_, _, args| Ok(Value::object(Adjuster::Next(day(args, 0)?, true)))),
    java("previous", 1, 1, |_, _, args| Ok(Value::object(Adjuster::Previous(day(args, 0)?, false)))),
    java("previousOrSame", 1, 1, |_, _, args| Ok(Value::object(Adjuster::Previous(day(args, 0)?, true)))),
];

/// `date.with(adjuster)`: by the methods that every date has. `None` when it is no adjuster or day of the week.
pub(super) fn adjusted(machine: &mut Machine<'_>, date: &Value, adjuster: &Value) -> Option<Answer> {
    if let Ok(wanted) = enumeration::ordinal(adjuster, &DAY_OF_WEEK) {
        // A day of the same week, which begins on Monday.
        return Some(weekday(machine, date).and_then(|today| days(machine, date, wanted as i64 + 1 - today)));
    }
    let adjuster = *arguments::object::<Adjuster>(adjuster).ok()?;
    Some(adjust(machine, date, adjuster))
}

fn days(machine: &mut Machine<'_>, date: &Value, days: i64) -> Answer {
    Ok(machine.call_method(date, "plusDays", &[Value::Long(days)])?)
}

fn number(machine: &mut Machine<'_>, date: &Value, getter: &str) -> Result<i64, Fault> {
    machine.call_method(date, getter, &[])?.to_i64().ok_or(Fault::Mismatch)
}

fn weekday(machine: &mut Machine<'_>, date: &Value) -> Result<i64, Fault> {
    let day = machine.call_method(date, "getDayOfWeek", &[])?;
    number(machine, &day, "getValue")
}

/// The length of the month or year of a date, whatever time of day comes with it.
fn length(machine: &mut Machine<'_>, date: &Value, method: &str) -> Result<i64, Fault> {
    let day = match machine.call_method(date, "toLocalDate", &[]) {
        Ok(day) => day,
        Err(_) => date.clone(),
    };
    number(machine, &day, method)
}

fn adjust(machine: &mut Machine<'_>, date: &Value, adjuster: Adjuster) -> Answer {
    let set = |machine: &mut Machine<'_>, date: &Value, setter: &str, number: i64| -> Answer {
        Ok(machine.call_method(date, setter, &[Value::Int(number as i32)])?)
    };
    match adjuster {
        Adjuster::FirstDayOfMonth => set(machine, date, "withDayOfMonth", 1),
        Adjuster::LastDayOfMonth => {
            let last = length(machine, date, "lengthOfMonth")?;
            set(machine, date, "withDayOfMonth", last)
        }
        Adjuster::FirstDayOfNextMonth => {
            let first = set(machine, date, "withDayOfMonth", 1)?;
            Ok(machine.call_method(&first, "plusMonths", &[Value::Long(1)])?)
        }
        Adjuster::FirstDayOfYear => set(machine, date, "withDayOfYear", 1),
        Adjuster::LastDayOfYear => {
            let last = length(machine, date, "lengthOfYear")?;
            set(machine, date, "withDayOfYear", last)
        }
        Adjuster::FirstDayOfNextYear => {
            let first = set(machine, date, "withDayOfYear", 1)?;
            Ok(machine.call_method(&first, "plusYears", &[Value::Long(1)])?)
        }
        Adjuster::Next(wanted, same) => {
            let ahead = (wanted - weekday(machine, date)?).rem_euclid(7);
            days(machine, date, if ahead == 0 && !same { 7 } else { ahead })
        }
        Adjuster::Previous(wanted, same) => {
            let back = (weekday(machine, date)? - wanted).rem_euclid(7);
            days(machine, date, if back == 0 && !same { -7 } else { -back })
        }
        Adjuster::InMonth(count, wanted) if count >= 0 => {
            let first = set(machine, date, "withDayOfMonth", 1)?;
            let ahead = (wanted - weekday(machine, &first)?).rem_euclid(7);
            days(machine, &first, ahead + (count - 1) * 7)
        }
        Adjuster::InMonth(count, wanted) => {
            let length = length(machine, date, "lengthOfMonth")?;
            let last = set(machine, date, "withDayOfMonth", length)?;
            let back = (weekday(machine, &last)? - wanted).rem_euclid(7);
            days(machine, &last, -back + (count + 1) * 7)
        }
    }
}

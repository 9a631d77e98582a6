//! The loops that Groovy adds to numbers: `times`, `upto`, `downto`, `step`.

use super::{Answer, Class, Fault, Method, gdk, groovy};
use crate::script::core::tree::BinaryOperator;
use crate::script::machine::Machine;
use crate::script::value::{Thrown, Value};
use std::cmp::Ordering;

/// The methods, as a parent of `java.lang.Number`.
pub static LOOPS: Class = Class { methods: METHODS, ..Class::named("java.lang.Number", &[]) };

/// Counts from `this` to a bound by steps, in the type that the additions have.
fn count(machine: &mut Machine<'_>, this: &Value, to: &Value, up: bool, closure: &Value) -> Answer {
    let beyond = if up { Ordering::Greater } else { Ordering::Less };
    if machine.compare(this, to)? == beyond {
        let (name, least) = if up { ("upto", "greater than or equal to") } else { ("downto", "less than or equal to") };
        let message = format!(
            "The argument ({}) to {name}() must be {least} the value ({}) it's called on.",
            machine.text(to)?,
            machine.text(this)?
        );
        return Err(Thrown::new("groovy.lang.GroovyRuntimeException", message).into());
    }
    let operator = if up { BinaryOperator::Plus } else { BinaryOperator::Minus };
    let mut at = this.clone();
    while machine.compare(&at, to)? != beyond {
        machine.turn()?;
        gdk::call(machine, closure, "call", std::slice::from_ref(&at))?;
        let next = machine.binary(operator, &at, &Value::Int(1))?;
        // At the end of a type's range the count would begin anew.
        let wrapped = machine.compare(&next, &at)? != beyond;
        if wrapped {
            break;
        }
        at = next;
    }
    Ok(Value::Null)
}

static METHODS: &[Method] = &[
    groovy("downto", 2, 2, |machine, this, args| count(machine, this, &args[0], false, &args[1])),
    groovy("step", 3, 3, |machine, this, args| {
        let zero = Value::Int(0);
        let direction = machine.compare(&args[1], &zero)?;
        if direction == Ordering::Equal {
            if machine.compare(this, &args[0])? == Ordering::Equal {
                return Ok(Value::Null);
            }
            let message = format!(
                "Infinite loop in {}.step({}, {})",
                machine.text(this)?,
                machine.text(&args[0])?,
                machine.text(&args[1])?
            );
            return Err(Thrown::new("groovy.lang.GroovyRuntimeException", message).into());
        }
        let before = if direction == Ordering::Greater { Ordering::Less } else { Ordering::Greater };
        if machine.compare(this, &args[0])? == before.reverse() {
            let message = format!(
                "Infinite loop in {}.step({}, {})",
                machine.text(this)?,
                machine.text(&args[0])?,
                machine.text(&args[1])?
            );
            return Err(Thrown::new("groovy.lang.GroovyRuntimeException", message).into());
        }
        let mut at = this.clone();
        while machine.compare(&at, &args[0])? == before {
            machine.turn()?;
            gdk::call(machine, &args[2], "call", std::slice::from_ref(&at))?;
            at = machine.binary(BinaryOperator::Plus, &at, &args[1])?;
        }
        Ok(Value::Null)
    }),
    groovy("times", 1, 1, |machine, this, args| {
        let count = this.to_i32().ok_or(Fault::Mismatch)?;
        for index in 0..count {
            machine.turn()?;
            gdk::call(machine, &args[0], "call", &[index.into()])?;
        }
        Ok(Value::Null)
    }),
];

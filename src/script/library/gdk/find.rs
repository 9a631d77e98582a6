//! Looking for items: `find`, `findAll`, `any`, `every`, `grep`, `split` and their kin.

use super::{call, says, similar};
use crate::script::library::iterator::Walk;
use crate::script::library::{Class, Fault, Method, arguments, groovy};
use crate::script::machine::Machine;
use crate::script::value::{Thrown, Value};

/// See [`super::SEQUENCE`].
pub static FIND: Class = Class { methods: METHODS, ..Class::interface("java.lang.Iterable", &[]) };

/// Whether an item passes: by the closure, or without one by its own truth.
fn passes(machine: &mut Machine<'_>, args: &[Value], item: &Value) -> Result<bool, Thrown> {
    match args.first() {
        Some(closure) => says(machine, closure, std::slice::from_ref(item)),
        None => machine.truth(item),
    }
}

/// Positions of the items that pass, from `start` on; only the first if `one`.
fn indices(machine: &mut Machine<'_>, this: &Value, args: &[Value], one: bool) -> Result<Vec<i64>, Fault> {
    let (start, closure) = match args {
        [closure] => (0, closure),
        [_, closure, ..] => (arguments::long(args, 0)?, closure),
        [] => return Err(Fault::Mismatch),
    };
    let (mut found, mut index) = (Vec::new(), 0i64);
    let mut walk = Walk::over(machine, this)?;
    while let Some(item) = walk.next(machine)? {
        if index >= start && says(machine, closure, &[item])? {
            found.push(index);
            if one {
                break;
            }
        }
        index += 1;
    }
    Ok(found)
}

fn index_or_none(index: Option<&i64>) -> Value {
    Value::Int(index.map_or(-1, |index| *index as i32))
}

static METHODS: &[Method] = &[
    groovy("any", 0, 1, |machine, this, args| {
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            if passes(machine, args, &item)? {
                return Ok(true.into());
            }
        }
        Ok(false.into())
    }),
    groovy("every", 0, 1, |machine, this, args| {
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            if !passes(machine, args, &item)? {
                return Ok(false.into());
            }
        }
        Ok(true.into())
    }),
    groovy("find", 0, 1, |machine, this, args| {
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            if passes(machine, args, &item)? {
                return Ok(item);
            }
        }
        Ok(Value::Null)
    }),
    groovy("findAll", 0, 1, |machine, this, args| {
        let mut found = Vec::new();
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            if passes(machine, args, &item)? {
                found.push(item);
            }
        }
        Ok(similar(this, found))
    }),
    groovy("findIndexOf", 1, 2, |machine, this, args| Ok(index_or_none(indices(machine, this, args, true)?.first()))),
    groovy("findIndexValues", 1, 2, |machine, this, args| {
        Ok(Value::list(indices(machine, this, args, false)?.into_iter().map(Value::Long).collect()))
    }),
    groovy("findLastIndexOf", 1, 2, |machine, this, args| {
        Ok(index_or_none(indices(machine, this, args, false)?.last()))
    }),
    groovy("findResult", 1, 2, |machine, this, args| {
        let (default, closure) = match args {
            [default, closure] => (default.clone(), closure),
            _ => (Value::Null, &args[0]),
        };
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            let result = call(machine, closure, "apply", &[item])?;
            if !result.is_null() {
                return Ok(result);
            }
        }
        Ok(default)
    }),
    groovy("findResults", 0, 1, |machine, this, args| {
        let mut found = Vec::new();
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            let result = match args.first() {
                Some(closure) => call(machine, closure, "apply", &[item])?,
                None => item,
            };
            if !result.is_null() {
                found.push(result);
            }
        }
        Ok(Value::list(found))
    }),
    groovy("grep", 0, 1, |machine, this, args| {
        let mut found = Vec::new();
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            let passes = match args.first() {
                Some(filter) => machine.is_case(filter, &item)?,
                None => machine.truth(&item)?,
            };
            if passes {
                found.push(item);
            }
        }
        Ok(similar(this, found))
    }),
    groovy("split", 1, 1, |machine, this, args| {
        let (mut passed, mut others) = (Vec::new(), Vec::new());
        let mut walk = Walk::over(machine, this)?;
        while let Some(item) = walk.next(machine)? {
            if says(machine, &args[0], std::slice::from_ref(&item))? {
                passed.push(item);
            } else {
                others.push(item);
            }
        }
        Ok(Value::list(vec![similar(this, passed), similar(this, others)]))
    }),
];

//! Lists of lists: `flatten`, `transpose`, `combinations`, `permutations`, `subsequences`, `collectNested`.

use super::{call, items, similar};
use crate::script::budget;
use crate::script::library::{Answer, Class, Fault, Method, groovy};
use crate::script::machine::Machine;
use crate::script::value::{MapKind, Set, Thrown, Value, exceptions};
use std::sync::Arc;

/// See [`super::SEQUENCE`].
pub static NESTED: Class = Class { methods: METHODS, ..Class::interface("java.lang.Iterable", &[]) };

/// Lists that combinations and permutations may give.
const LIMIT: usize = 2_000_000;

fn too_many() -> Thrown {
    budget::out_of_memory()
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Set(_) | Value::Range(_) | Value::Array(_))
}

fn flatten(
    machine: &mut Machine<'_>,
    value: &Value,
    using: Option<&Value>,
    out: &mut Vec<Value>,
) -> Result<(), Thrown> {
    let Ok(all) = crate::script::library::list::items(value) else { return Ok(()) };
    for item in all {
        if is_nested(&item) {
            machine.deeper(|machine| flatten(machine, &item, using, out))?;
            continue;
        }
        match using {
            None => out.push(item),
            Some(closure) => {
                let made = call(machine, closure, "apply", std::slice::from_ref(&item))?;
                if is_nested(&made) && !made.is_same(&item) {
                    machine.deeper(|machine| flatten(machine, &made, None, out))?;
                } else {
                    out.push(made);
                }
            }
        }
        if out.len() > LIMIT * 5 {
            return Err(too_many());
        }
    }
    Ok(())
}

fn collect_nested(machine: &mut Machine<'_>, value: &Value, closure: &Value) -> Result<Value, Thrown> {
    let all = match crate::script::library::list::items(value) {
        Ok(all) if is_nested(value) => all,
        _ => return call(machine, closure, "apply", std::slice::from_ref(value)),
    };
    let mut out = Vec::with_capacity(all.len());
    for item in all {
        out.push(machine.deeper(|machine| collect_nested(machine, &item, closure))?);
    }
    Ok(Value::list(out))
}

/// All choices of one item from each list; the first list changes fastest.
fn combinations(machine: &mut Machine<'_>, this: &Value) -> Result<Vec<Value>, Fault> {
    let mut made: Vec<Vec<Value>> = Vec::new();
    for (index, item) in items(machine, this)?.iter().enumerate() {
        let choices = if is_nested(item) { items(machine, item)? } else { vec![item.clone()] };
        if index == 0 {
            made = choices.into_iter().map(|choice| vec![choice]).collect();
            continue;
        }
        if made.len().saturating_mul(choices.len()) > LIMIT {
            return Err(too_many().into());
        }
        let extended = |choice: &Value| {
            let choice = choice.clone();
            made.iter().map(move |start| [start.as_slice(), std::slice::from_ref(&choice)].concat()).collect::<Vec<_>>()
        };
        made = choices.iter().flat_map(extended).collect();
    }
    Ok(made.into_iter().map(Value::list).collect())
}

/// All orders of the items, in the order in which Groovy gives them.
fn permutations(all: Vec<Value>) -> Result<Vec<Value>, Fault> {
    let count = (1..=all.len()).try_fold(1usize, usize::checked_mul).filter(|count| *count <= LIMIT);
    let count = count.ok_or_else(too_many)?;
    let mut orders = Vec::with_capacity(count);
    let mut places: Vec<usize> = (0..all.len()).collect();
    loop {
        orders.push(Value::list(places.iter().map(|place| all[*place].clone()).collect()));
        let Some(at) = (1..places.len()).rev().find(|at| places[at - 1] < places[*at]) else { break };
        let Some(with) = (at..places.len()).rev().find(|with| places[*with] > places[at - 1]) else { break };
        places.swap(at - 1, with);
        places[at..].reverse();
    }
    Ok(orders)
}

fn subsequences(all: &[Value]) -> Result<Vec<Value>, Fault> {
    let mut made: Vec<Vec<Value>> = Vec::new();
    for item in all {
        if made.len() * 2 > LIMIT {
            return Err(too_many().into());
        }
        let extended: Vec<Vec<Value>> =
            made.iter().map(|start| [start.as_slice(), std::slice::from_ref(item)].concat()).collect();
        made.extend(extended);
        made.push(vec![item.clone()]);
    }
    Ok(made.into_iter().map(Value::list).collect())
}

fn each_of(machine: &mut Machine<'_>, made: &[Value], closure: &Value) -> Result<Vec<Value>, Thrown> {
    made.iter().map(|item| call(machine, closure, "apply", std::slice::from_ref(item))).collect()
}

fn transpose(machine: &mut Machine<'_>, this: &Value) -> Answer {
    let mut rows = Vec::new();
    for row in items(machine, this)? {
        if !is_nested(&row) {
            let class = crate::script::library::class_of(&row).name();
            let message =
                format!("Cannot cast object '{}' with class '{class}' to class 'java.util.List'", machine.text(&row)?);
            return Err(Thrown::new(exceptions::GROOVY_CAST, message).into());
        }
        rows.push(items(machine, &row)?);
    }
    let width = rows.iter().map(Vec::len).min().unwrap_or(0);
    let column = |at: usize| Value::list(rows.iter().map(|row| row[at].clone()).collect());
    Ok(Value::list((0..width).map(column).collect()))
}

fn set_of(lists: Vec<Value>) -> Value {
    Value::Set(Arc::new(Set::new(MapKind::Hash, lists)))
}

static METHODS: &[Method] = &[
    groovy("collectNested", 1, 2, |machine, this, args| {
        let closure = args.last().ok_or(Fault::Mismatch)?;
        Ok(collect_nested(machine, this, closure)?)
    }),
    groovy("combinations", 0, 1, |machine, this, args| {
        let made = combinations(machine, this)?;
        match args.first() {
            Some(closure) => Ok(Value::list(each_of(machine, &made, closure)?)),
            None => Ok(Value::list(made)),
        }
    }),
    groovy("eachCombination", 1, 1, |machine, this, args| {
        let made = combinations(machine, this)?;
        each_of(machine, &made, &args[0])?;
        Ok(this.clone())
    }),
    groovy("eachPermutation", 1, 1, |machine, this, args| {
        let all = items(machine, this)?;
        let made = permutations(all)?;
        each_of(machine, &made, &args[0])?;
        Ok(crate::script::library::iterator::iterator(crate::script::library::iterator::Walk::of(Vec::new())))
    }),
    groovy("flatten", 0, 1, |machine, this, args| {
        let mut out = Vec::new();
        if let Value::Object(_) = this {
            let all = Value::list(items(machine, this)?);
            flatten(machine, &all, args.first(), &mut out)?;
        } else {
            flatten(machine, this, args.first(), &mut out)?;
        }
        Ok(similar(this, out))
    }),
    groovy("permutations", 0, 1, |machine, this, args| {
        let all = items(machine, this)?;
        let made = permutations(all)?;
        match args.first() {
            Some(closure) => Ok(Value::list(each_of(machine, &made, closure)?)),
            None => Ok(set_of(made)),
        }
    }),
    groovy("subsequences", 0, 0, |machine, this, _| {
        let all = items(machine, this)?;
        Ok(set_of(subsequences(&all)?))
    }),
    groovy("transpose", 0, 0, |machine, this, _| transpose(machine, this)),
];

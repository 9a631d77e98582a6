//! `list[…]` and `list[…] = …`.

use super::{items, normalized, similar};
use crate::script::budget;
use crate::script::library::collection::{growable, out_of_bounds, settable};
use crate::script::library::{Answer, Class, Fault, Method, array, groovy};
use crate::script::machine::Machine;
use crate::script::value::{List, Range, Thrown, Value, exceptions};

/// See [`super::SEQUENCE`].
pub static INDEX: Class = Class { methods: METHODS, ..Class::interface("java.lang.Iterable", &[]) };

static METHODS: &[Method] = &[
    groovy("getAt", 1, 1, |machine, this, args| get_at(machine, this, &args[0])),
    groovy("putAt", 2, 2, |machine, this, args| {
        put_at(machine, this, &args[0], &args[1])?;
        Ok(Value::Null)
    }),
];

/// Where a range of indices begins and ends in a list, and whether it is walked backwards.
fn borders(range: &Range, size: usize) -> Result<(i64, i64, bool), Fault> {
    let (_, count, _) = range.numbers().ok_or(Fault::Mismatch)?;
    let bound = |value: &Value| {
        let bound = value.to_i64().unwrap_or(0);
        if bound < 0 { bound + size as i64 } else { bound }
    };
    let (from, to) = (bound(&range.from), bound(&range.to));
    if count == 0 {
        let at = normalized(range.from.to_i64().unwrap_or(0), size)? as i64;
        return Ok((at, at, false));
    }
    let inclusive = i64::from(range.inclusive);
    Ok(if from > to { (to + 1 - inclusive, from + 1, true) } else { (from, to + inclusive, false) })
}

/// The items from one index to before another, or the error of Java's `subList`.
pub(crate) fn sub_list(all: &[Value], from: i64, to: i64) -> Result<Vec<Value>, Fault> {
    let index = |message: String| Err(Thrown::new(exceptions::INDEX, message).into());
    if from < 0 {
        return index(format!("fromIndex = {from}"));
    }
    if to > all.len() as i64 {
        return index(format!("toIndex = {to}"));
    }
    if from > to {
        let message = format!("fromIndex({from}) > toIndex({to})");
        return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into());
    }
    Ok(all[from as usize..to as usize].to_vec())
}

fn part(range: &Range, all: &[Value]) -> Result<Vec<Value>, Fault> {
    let (from, to, reverse) = borders(range, all.len())?;
    let mut items = sub_list(all, from, to)?;
    if reverse {
        items.reverse();
    }
    Ok(items)
}

fn one(this: &Value, index: i64) -> Answer {
    Ok(match this {
        Value::List(list) => {
            let count = list.len();
            match list.get(normalized(index, count)?) {
                Some(item) => item,
                None => Value::Null,
            }
        }
        Value::Array(array) => {
            let at = normalized(index, array.len())?;
            array.get(at).ok_or_else(|| array::out_of_bounds(at as i64, array.len()))?
        }
        Value::Range(range) => range.get(normalized(index, range.len())?).unwrap_or_default(),
        _ => return Err(Fault::Mismatch),
    })
}

/// `this[index]` with an index, a range or a list of indices.
pub(crate) fn get_at(machine: &mut Machine<'_>, this: &Value, index: &Value) -> Answer {
    match index {
        Value::Int(_) | Value::Long(_) | Value::Short(_) | Value::Byte(_) | Value::BigInteger(_)
            if matches!(this, Value::List(_) | Value::Array(_) | Value::Range(_)) =>
        {
            let index = index.to_i32().ok_or(Fault::Mismatch)?;
            if let Value::List(list) = this
                && let Some(extras) = list.extras()
                && extras.default.is_some()
            {
                return super::super::list::get_with_default(machine, list, index);
            }
            one(this, i64::from(index))
        }
        number if number.is_number() => {
            let index = number.to_i32().unwrap_or(0);
            let all = items(machine, this)?;
            let Ok(at) = normalized(i64::from(index), all.len()) else { return Ok(Value::Null) };
            Ok(all.get(at).cloned().unwrap_or_default())
        }
        Value::Range(range) => {
            let all = items(machine, this)?;
            if all.is_empty() && range.is_empty() {
                return Ok(similar(this, Vec::new()));
            }
            Ok(similar(this, part(range, &all)?))
        }
        Value::List(_) | Value::Array(_) | Value::Set(_) => {
            let all = items(machine, this)?;
            let mut picked = Vec::new();
            for index in items(machine, index)? {
                match &index {
                    Value::Range(range) => picked.extend(part(range, &all)?),
                    Value::List(_) => {
                        if let Value::List(list) = get_at(machine, this, &index)? {
                            picked.extend(list.items());
                        }
                    }
                    number => {
                        let number = number.to_i64().ok_or(Fault::Mismatch)?;
                        picked.push(one(this, number)?);
                    }
                }
            }
            Ok(if matches!(this, Value::Array(_)) { Value::list(picked) } else { similar(this, picked) })
        }
        // A property of each item.
        Value::String(_) | Value::GString(_) if !matches!(this, Value::Array(_)) => {
            let name = machine.text(index)?;
            let mut found = Vec::new();
            for item in items(machine, this)? {
                if !item.is_null() {
                    found.push(match &item {
                        Value::Map(map) => map.get(&Value::from(name.as_str())).unwrap_or_default(),
                        _ => machine.get_bean_property(&item, &name).map_err(|thrown| {
                            let class = crate::script::library::class_of(this).name();
                            if thrown.class() != exceptions::MISSING_PROPERTY {
                                return thrown;
                            }
                            let message =
                                format!("Exception evaluating property '{name}' for {class}, Reason: {thrown}");
                            Thrown::new(exceptions::MISSING_PROPERTY, message)
                        })?,
                    });
                }
            }
            Ok(Value::list(found))
        }
        _ => Err(Fault::Mismatch),
    }
}

fn put_one(list: &List, index: i64, value: &Value) -> Result<(), Fault> {
    let count = list.len();
    let at = normalized(index, count)?;
    if at < count {
        settable(list)?;
        list.set(at, value.clone());
        return Ok(());
    }
    growable(list)?;
    budget::items(at)?;
    list.change(|items| {
        items.resize(at, Value::Null);
        items.push(value.clone());
    });
    Ok(())
}

/// `this[index] = value`: a list grows as far as it must.
pub(crate) fn put_at(machine: &mut Machine<'_>, this: &Value, index: &Value, value: &Value) -> Result<(), Fault> {
    match (this, index) {
        (Value::List(list), number) if number.is_number() => {
            put_one(list, number.to_i64().ok_or(Fault::Mismatch)?, value)
        }
        (Value::List(list), Value::Range(range)) => {
            let count = list.len();
            let (from, to, _) = borders(range, count)?;
            growable(list)?;
            let (from, to) = (from.max(0) as usize, to.max(0) as usize);
            budget::items(from.max(to))?;
            let new = match value {
                Value::List(_) | Value::Set(_) | Value::Range(_) => items(machine, value)?,
                one => vec![one.clone()],
            };
            list.change(|items| {
                if from > items.len() {
                    items.resize(from, Value::Null);
                }
                let to = to.clamp(from, items.len());
                items.splice(from..to, new);
            });
            Ok(())
        }
        (Value::List(list), Value::List(splice)) => {
            let indices = splice.items();
            let values = match value {
                Value::List(_) => Some(items(machine, value)?),
                _ => None,
            };
            if let Some(values) = &values
                && values.len() != indices.len()
            {
                let message = format!("Trying to replace {} elements with {} elements", indices.len(), values.len());
                return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into());
            }
            for (at, index) in indices.iter().enumerate() {
                let index = index.to_i64().ok_or(Fault::Mismatch)?;
                let value = values.as_ref().and_then(|values| values.get(at)).unwrap_or(value);
                put_one(list, index, value)?;
            }
            Ok(())
        }
        (Value::Array(array), number) if number.is_number() => {
            let index = number.to_i64().ok_or(Fault::Mismatch)?;
            let at = normalized(index, array.len())?;
            if at >= array.len() {
                return Err(array::out_of_bounds(at as i64, array.len()));
            }
            let value = machine.element_value(value.clone(), &array.element)?;
            array.set(at, value);
            Ok(())
        }
        (Value::Set(_), _) => Err(Fault::Mismatch),
        _ => Err(out_of_bounds(-1, 0)),
    }
}

//! Properties and items: `a.b`, `a[b]`, read and written.

use super::class::{Instance, lock};
use super::names::This;
use crate::script::budget;
use crate::script::host::{Outcome, unknown_property};
use crate::script::library::class_of;
use crate::script::machine::{Dialect, Machine, capitalized};
use crate::script::value::{ClassRef, Thrown, Value, exceptions, slice_utf16, utf16_len};

/// Items that an assignment beyond a list's end may make.
const GROWTH_LIMIT: usize = 10_000_000;

/// `receiver.name` by Groovy's rules.
pub(crate) fn get(machine: &mut Machine<'_>, receiver: &Value, name: &str) -> Outcome {
    match receiver {
        Value::Null | Value::Void => {
            Err(Thrown::new(exceptions::NULL_POINTER, format!("Cannot get property '{name}' on null object")))
        }
        Value::Map(map) if map.is_plain() => Ok(map.get_named(name).unwrap_or_default()),
        Value::Map(_) => machine.call_method(receiver, "get", &[Value::from(name)]),
        Value::List(_) | Value::Set(_) | Value::Range(_) | Value::Array(_) => {
            if name == "class" {
                return Ok(Value::Class(class_of(receiver)));
            }
            match bean(machine, receiver, name)? {
                Some(value) => Ok(value),
                None => {
                    if let (Value::Array(array), "length") = (receiver, name) {
                        return Ok(Value::Int(array.len() as i32));
                    }
                    spread(machine, receiver, name).map_err(|thrown| in_property(receiver, name, thrown))
                }
            }
        }
        Value::Class(class) => get_static(machine, class, name),
        Value::Closure(closure) => match closure.get(name) {
            Some(value) => Ok(value),
            None => machine.get_bean_property(receiver, name),
        },
        Value::Throwable(exception) => match exception.details.iter().find(|detail| detail.0 == name) {
            Some((_, value)) => Ok(value.clone()),
            None => machine.get_bean_property(receiver, name),
        },
        Value::Object(object) => {
            if let Some(instance) = object.downcast::<Instance>() {
                return match instance_property(machine, receiver, instance, name)? {
                    Some(value) => Ok(value),
                    None => Err(unknown_property(&class_of(receiver).name(), name)),
                };
            }
            if let Some(this) = object.downcast::<This>() {
                return Ok(this.0.get(name).unwrap_or(Value::Void));
            }
            machine.get_bean_property(receiver, name)
        }
        _ => machine.get_bean_property(receiver, name),
    }
}

/// A property by its getter, when there is one.
fn bean(machine: &mut Machine<'_>, receiver: &Value, name: &str) -> Result<Option<Value>, Thrown> {
    let capital = capitalized(name);
    for getter in [format!("get{capital}"), format!("is{capital}")] {
        if machine.has_own_method(receiver, &getter, 0) {
            return machine.call_method(receiver, &getter, &[]).map(Some);
        }
    }
    Ok(None)
}

/// The property of each item, as a list.
pub(crate) fn spread(machine: &mut Machine<'_>, receiver: &Value, name: &str) -> Outcome {
    let mut values = Vec::new();
    for item in machine.iterate(receiver)? {
        if item.is_null() {
            values.push(Value::Null);
            continue;
        }
        values.push(get(machine, &item, name)?);
    }
    Ok(Value::list(values))
}

fn get_static(machine: &mut Machine<'_>, class: &ClassRef, name: &str) -> Outcome {
    if name == "class" {
        return Ok(Value::Class(class.clone()));
    }
    if let ClassRef::Script(script) = class {
        if let Some(value) = super::call::static_field(machine, script, name)? {
            return Ok(value);
        }
        let getter = format!("get{}", capitalized(name));
        if let Some(outcome) = super::call::static_method(machine, script, &getter, &[]) {
            return outcome;
        }
        return machine.get_bean_property(&Value::Class(class.clone()), name);
    }
    let found = machine.get_static(class, name);
    match found {
        Ok(Some(value)) => return Ok(value),
        Ok(None) => {}
        Err(thrown) if thrown.class() == exceptions::MISSING_PROPERTY => {}
        Err(thrown) => return Err(thrown),
    }
    let nested = format!("{}${name}", class.name());
    if let Some(nested) = machine.find_class(&nested).filter(|found| found.name() == nested) {
        return Ok(Value::Class(nested));
    }
    let capital = capitalized(name);
    for getter in [format!("get{capital}"), format!("is{capital}")] {
        match machine.call_static(class, &getter, &[]) {
            Err(thrown) if thrown.class() == exceptions::MISSING_METHOD => {}
            outcome => return outcome,
        }
    }
    Err(unknown_property(&class.name(), name))
}

/// A property of an object of the script's own class, or of the script itself; `None` when it has none such.
pub(crate) fn instance_property(
    machine: &mut Machine<'_>,
    receiver: &Value,
    instance: &Instance,
    name: &str,
) -> Result<Option<Value>, Thrown> {
    if name == "class" {
        return Ok(Some(Value::Class(class_of(receiver))));
    }
    if instance.is_script() {
        return Ok(match name {
            "binding" => Some(receiver.clone()),
            "variables" => {
                let entries = instance.scope.entries().into_iter().map(|(name, value)| (Value::String(name), value));
                Some(Value::map(entries))
            }
            _ => instance.scope.get(name),
        });
    }
    let capital = capitalized(name);
    for getter in [format!("get{capital}"), format!("is{capital}")] {
        if let Some(outcome) = super::call::instance_method(machine, receiver, instance, &getter, &[]) {
            return outcome.map(Some);
        }
    }
    field(machine, receiver, instance, name)
}

/// A field of an object, or of what it stands on.
pub(crate) fn field(
    machine: &mut Machine<'_>,
    receiver: &Value,
    instance: &Instance,
    name: &str,
) -> Result<Option<Value>, Thrown> {
    if let Some(value) = instance.get(name) {
        return Ok(Some(value));
    }
    if let Some((_, info)) = instance.class.field(name) {
        if info.is_static {
            return super::call::static_field(machine, &instance.class, name);
        }
        return Ok(Some(Value::Null));
    }
    if instance.constant().is_some() && matches!(name, "name" | "ordinal") {
        return machine.call_method(receiver, name, &[]).map(Some);
    }
    if let Some(value) = super::call::static_field(machine, &instance.class, name)? {
        return Ok(Some(value));
    }
    let base = lock(&instance.base).clone();
    if !base.is_null() {
        return get(machine, &base, name).map(Some);
    }
    if !instance.outer.is_null() {
        return match get(machine, &instance.outer, name) {
            Ok(value) => Ok(Some(value)),
            Err(thrown) if thrown.class() == exceptions::MISSING_PROPERTY => Ok(None),
            Err(thrown) => Err(thrown),
        };
    }
    if let Some(outcome) =
        super::call::instance_method(machine, receiver, instance, "propertyMissing", &[Value::from(name)])
    {
        return outcome.map(Some);
    }
    Ok(None)
}

/// `receiver.name = value` by Groovy's rules.
pub(crate) fn set(machine: &mut Machine<'_>, receiver: &Value, name: &str, value: Value) -> Result<(), Thrown> {
    match receiver {
        Value::Null | Value::Void => {
            Err(Thrown::new(exceptions::NULL_POINTER, format!("Cannot set property '{name}' on null object")))
        }
        Value::Map(map) => {
            if !map.is_plain() {
                return machine.call_method(receiver, "put", &[Value::from(name), value]).map(|_| ());
            }
            map.put(Value::from(name), value);
            Ok(())
        }
        Value::Closure(closure) if closure.set(name, &value) => Ok(()),
        Value::Class(ClassRef::Script(class)) => {
            if super::call::set_static_field(machine, class, name, value)? {
                return Ok(());
            }
            Err(unknown_property(&class.name(), name))
        }
        Value::Object(object) => {
            if let Some(instance) = object.downcast::<Instance>() {
                return set_instance(machine, receiver, instance, name, value);
            }
            if let Some(this) = object.downcast::<This>() {
                this.0.set(name, value);
                return Ok(());
            }
            if let ClassRef::Host(_) = object.class() {
                let value = super::call::plain(machine, value)?;
                return machine.host.set_property(&**object, name, &value);
            }
            set_bean(machine, receiver, name, value)
        }
        _ => set_bean(machine, receiver, name, value),
    }
}

fn set_bean(machine: &mut Machine<'_>, receiver: &Value, name: &str, value: Value) -> Result<(), Thrown> {
    let setter = format!("set{}", capitalized(name));
    if machine.has_own_method(receiver, &setter, 1) {
        return machine.call_method(receiver, &setter, &[value]).map(|_| ());
    }
    let class = class_of(receiver).name();
    if bean(machine, receiver, name)?.is_some() {
        let message = format!("Cannot set readonly property: {name} for class: {class}");
        return Err(Thrown::new("groovy.lang.ReadOnlyPropertyException", message));
    }
    Err(unknown_property(&class, name))
}

fn set_instance(
    machine: &mut Machine<'_>,
    receiver: &Value,
    instance: &Instance,
    name: &str,
    value: Value,
) -> Result<(), Thrown> {
    if instance.is_script() {
        instance.scope.set(name, value);
        return Ok(());
    }
    let setter = format!("set{}", capitalized(name));
    if let Some(outcome) =
        super::call::instance_method(machine, receiver, instance, &setter, std::slice::from_ref(&value))
    {
        return outcome.map(|_| ());
    }
    if let Some((_, info)) = instance.class.field(name)
        && info.is_final
        && info.property
    {
        let message = format!("Cannot set readonly property: {name} for class: {}", instance.class.name());
        return Err(Thrown::new("groovy.lang.ReadOnlyPropertyException", message));
    }
    if set_field(machine, instance, name, value.clone())? {
        return Ok(());
    }
    if !instance.outer.is_null() {
        return set(machine, &instance.outer, name, value);
    }
    let base = lock(&instance.base).clone();
    if base.is_null() {
        return Err(unknown_property(&instance.class.name(), name));
    }
    set(machine, &base, name, value)
}

/// `this.name = value` within the class; false when there is no such field.
pub(crate) fn set_field(
    machine: &mut Machine<'_>,
    instance: &Instance,
    name: &str,
    value: Value,
) -> Result<bool, Thrown> {
    let Some((_, info)) = instance.class.field(name) else { return Ok(false) };
    if info.is_static {
        return super::call::set_static_field(machine, &instance.class, name, value);
    }
    let value = super::cast::cast(machine, &instance.class.unit, value, &info.kind)?;
    instance.set(name, value);
    Ok(true)
}

/// What Groovy says of a property that an item of a list does not have.
fn in_property(receiver: &Value, name: &str, thrown: Thrown) -> Thrown {
    if thrown.class() != exceptions::MISSING_PROPERTY || matches!(receiver, Value::Array(_)) {
        return thrown;
    }
    let message = format!("Exception evaluating property '{name}' for {}, Reason: {thrown}", class_of(receiver).name());
    Thrown::with_details(exceptions::MISSING_PROPERTY, message, vec![("property", Value::from(name))])
}

/// `target[index]`.
pub(crate) fn index_get(machine: &mut Machine<'_>, target: &Value, index: &Value) -> Outcome {
    match (target, index) {
        (Value::Null | Value::Void, _) => {
            Err(Thrown::new(exceptions::NULL_POINTER, "Cannot invoke method getAt() on null object"))
        }
        // An interpolated string counts as a name here, other than in `get`.
        (Value::Map(_), Value::GString(_)) => {
            let name = Value::from(machine.text(index)?);
            index_get(machine, target, &name)
        }
        (Value::Map(map), _) if map.is_plain() => Ok(map.get(index).unwrap_or_default()),
        (Value::Map(_), _) => machine.call_method(target, "get", std::slice::from_ref(index)),
        (Value::List(list), Value::Int(at)) if list.extras().is_none() => {
            let length = list.len();
            let at = place(*at, length)?;
            Ok(list.get(at).unwrap_or_default())
        }
        (Value::Array(array), Value::Int(at)) => {
            let length = array.len();
            let whole = machine.dialect == Dialect::Groovy && *at < 0;
            let place = if whole { place(*at, length)? } else { usize::try_from(*at).unwrap_or(usize::MAX) };
            array.get(place).ok_or_else(|| out_of_bounds(*at, length))
        }
        (Value::String(_) | Value::GString(_), Value::Int(at)) => {
            let text = machine.text(target)?;
            let length = utf16_len(&text);
            let from = if *at < 0 { i64::from(*at) + length as i64 } else { i64::from(*at) };
            if from < 0 || from >= length as i64 {
                if from < 0 {
                    let message = format!("Negative array index [{at}] too large for array size {length}");
                    return Err(Thrown::new(exceptions::ARRAY_INDEX, message));
                }
                let message = format!("begin {from}, end {}, length {length}", from + 1);
                return Err(Thrown::new(exceptions::STRING_INDEX, message));
            }
            Ok(slice_utf16(&text, from as usize, from as usize + 1).into())
        }
        (Value::Object(object), Value::String(_) | Value::GString(_)) => {
            if matches!(object.class(), ClassRef::Host(_)) || object.downcast::<Instance>().is_some() {
                if machine.has_own_method(target, "getAt", 1) {
                    return machine.call_method(target, "getAt", std::slice::from_ref(index));
                }
                let name = machine.text(index)?;
                return get(machine, target, &name);
            }
            if machine.has_own_method(target, "getAt", 1) {
                return machine.call_method(target, "getAt", std::slice::from_ref(index));
            }
            let name = machine.text(index)?;
            get(machine, target, &name)
        }
        (Value::List(_) | Value::Range(_) | Value::Set(_), Value::String(_) | Value::GString(_)) => {
            let name = machine.text(index)?;
            spread(machine, target, &name)
        }
        (Value::Entry(_) | Value::Class(_), Value::String(name)) => get(machine, target, name),
        _ => machine.call_method(target, "getAt", std::slice::from_ref(index)),
    }
}

fn out_of_bounds(at: i32, length: usize) -> Thrown {
    Thrown::new(exceptions::ARRAY_INDEX, format!("Index {at} out of bounds for length {length}"))
}

/// An index from the front, or from the end when it is negative.
fn place(at: i32, length: usize) -> Result<usize, Thrown> {
    if at >= 0 {
        return Ok(at as usize);
    }
    let back = at.unsigned_abs() as usize;
    length.checked_sub(back).ok_or_else(|| {
        let message = format!("Negative array index [{at}] too large for array size {length}");
        Thrown::new(exceptions::ARRAY_INDEX, message)
    })
}

/// `target[index] = value`.
pub(crate) fn index_set(machine: &mut Machine<'_>, target: &Value, index: &Value, value: Value) -> Result<(), Thrown> {
    use crate::script::value::ListKind;
    match (target, index) {
        (Value::Null | Value::Void, _) => {
            Err(Thrown::new(exceptions::NULL_POINTER, "Cannot invoke method putAt() on null object"))
        }
        (Value::Map(_), Value::GString(_)) => {
            let name = Value::from(machine.text(index)?);
            index_set(machine, target, &name, value)
        }
        (Value::Map(map), _) if map.is_plain() => {
            map.put(index.clone(), value);
            Ok(())
        }
        (Value::List(list), Value::Int(at))
            if matches!(list.kind, ListKind::ArrayList | ListKind::LinkedList) && list.extras().is_none() =>
        {
            let at = place(*at, list.len())?;
            if at >= GROWTH_LIMIT {
                return Err(budget::out_of_memory());
            }
            list.change(|items| {
                if at >= items.len() {
                    items.resize(at + 1, Value::Null);
                }
                items[at] = value;
            });
            Ok(())
        }
        (Value::Array(array), Value::Int(at)) => {
            let length = array.len();
            let whole = machine.dialect == Dialect::Groovy && *at < 0;
            let place = if whole { place(*at, length)? } else { usize::try_from(*at).unwrap_or(usize::MAX) };
            let element = array.element.clone();
            let value = machine.element_value(value, &element)?;
            if array.set(place, value) { Ok(()) } else { Err(out_of_bounds(*at, length)) }
        }
        (Value::Object(object), Value::String(_) | Value::GString(_)) => {
            let known = matches!(object.class(), ClassRef::Host(_)) || object.downcast::<Instance>().is_some();
            if !machine.has_own_method(target, "putAt", 2) && (known || !machine.has_own_method(target, "put", 2)) {
                let name = machine.text(index)?;
                return set(machine, target, &name, value);
            }
            let method = if machine.has_own_method(target, "putAt", 2) { "putAt" } else { "put" };
            machine.call_method(target, method, &[index.clone(), value]).map(|_| ())
        }
        (Value::Map(_), _) => machine.call_method(target, "put", &[index.clone(), value]).map(|_| ()),
        _ => machine.call_method(target, "putAt", &[index.clone(), value]).map(|_| ()),
    }
}

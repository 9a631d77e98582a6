//! What a declared type does to a value: `int x = …`, `(int) x`, a typed parameter, a method's result.

use super::class::ScriptClass;
use super::coerce::{cast_error, is_instance, lone_code, to_number};
use super::node::{Kind, Language, Primitive, Unit};
use crate::script::host::Outcome;
use crate::script::library::{self, class_of};
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Thrown, Value};
use std::sync::Arc;

/// The class whose objects hold values of a primitive.
pub(crate) fn boxed(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::Boolean => "java.lang.Boolean",
        Primitive::Char => "java.lang.Character",
        Primitive::Byte => "java.lang.Byte",
        Primitive::Short => "java.lang.Short",
        Primitive::Int => "java.lang.Integer",
        Primitive::Long => "java.lang.Long",
        Primitive::Float => "java.lang.Float",
        Primitive::Double => "java.lang.Double",
    }
}

/// Whether the value is of the primitive type already.
fn is_already(value: &Value, primitive: Primitive) -> bool {
    matches!(
        (value, primitive),
        (Value::Boolean(_), Primitive::Boolean)
            | (Value::Char(_), Primitive::Char)
            | (Value::Byte(_), Primitive::Byte)
            | (Value::Short(_), Primitive::Short)
            | (Value::Int(_), Primitive::Int)
            | (Value::Long(_), Primitive::Long)
            | (Value::Float(_), Primitive::Float)
            | (Value::Double(_), Primitive::Double)
    )
}

/// The class that a kind stands for, when it is one.
pub(crate) fn class_of_kind(unit: &Arc<Unit>, kind: &Kind) -> Option<ClassRef> {
    match kind {
        Kind::Class(class) => Some(class.clone()),
        Kind::Own(index) => Some(ClassRef::Script(ScriptClass { unit: unit.clone(), index: *index })),
        Kind::Primitive(primitive) => library::find_class(boxed(*primitive)),
        _ => None,
    }
}

/// A value as a variable of this type takes it.
pub(crate) fn cast(machine: &mut Machine<'_>, unit: &Arc<Unit>, value: Value, kind: &Kind) -> Outcome {
    match kind {
        Kind::Any => Ok(value),
        Kind::Void => Ok(Value::Null),
        Kind::Unknown(name) => Err(super::names::class_not_found(name)),
        Kind::Primitive(primitive) => {
            if is_already(&value, *primitive) {
                return Ok(value);
            }
            match unit.language {
                Language::Groovy => groovy_primitive(machine, &value, *primitive),
                Language::BeanShell => java_primitive(&value, *primitive),
            }
        }
        Kind::Class(_) | Kind::Own(_) => {
            let Some(class) = class_of_kind(unit, kind) else { return Ok(value) };
            if value.is_null() || is_instance(machine, &value, &class) {
                return Ok(if matches!(value, Value::Void) { Value::Null } else { value });
            }
            match unit.language {
                Language::Groovy => groovy_class(machine, value, &class),
                Language::BeanShell => java_class(value, &class),
            }
        }
    }
}

fn groovy_primitive(machine: &mut Machine<'_>, value: &Value, primitive: Primitive) -> Outcome {
    if primitive == Primitive::Boolean {
        return Ok(machine.truth(value)?.into());
    }
    if primitive == Primitive::Char
        && let Value::GString(_) = value
    {
        let text = Value::from(machine.text(value)?);
        return groovy_primitive(machine, &text, primitive);
    }
    let number = lone_code(value).as_ref().and_then(|value| to_number(value, primitive.name()));
    number.ok_or_else(|| cast_error(machine, value, primitive.name()))
}

fn groovy_class(machine: &mut Machine<'_>, value: Value, class: &ClassRef) -> Outcome {
    let name = class.name();
    match name.as_str() {
        "java.lang.String" => return Ok(machine.text(&value)?.into()),
        "java.lang.Boolean" => return Ok(machine.truth(&value)?.into()),
        "java.lang.Class" => {
            let text = machine.text(&value)?;
            return match machine.find_class(&text) {
                Some(class) => Ok(Value::Class(class)),
                None => Err(cast_error(machine, &value, &name)),
            };
        }
        _ => {}
    }
    if let Some(number) = lone_code(&value).as_ref().and_then(|value| to_number(value, &name)) {
        return Ok(number);
    }
    let collection = matches!(value, Value::List(_) | Value::Set(_) | Value::Range(_) | Value::Array(_));
    match (&value, class) {
        (_, ClassRef::Array(element)) if collection || matches!(value, Value::Object(_)) => {
            return machine.array_value(&value, element);
        }
        (Value::Closure(_), _) if class.is_interface() => return Ok(value),
        (Value::Map(_), ClassRef::Script(_)) => return machine.construct(class, std::slice::from_ref(&value)),
        (Value::String(_) | Value::GString(_), ClassRef::Script(_)) => return machine.coerce(&value, class),
        (Value::Array(_), _) if matches!(name.as_str(), "java.util.List" | "java.util.Collection") => {
            return machine.coerce(&value, class);
        }
        (Value::List(_), _) if name.starts_with("java.util.") && (name.ends_with("Set") || name.ends_with("List")) => {
            return machine.coerce(&value, class);
        }
        (Value::List(items), _) if !class.is_interface() => {
            let items = items.items();
            return machine.construct(class, &items);
        }
        _ => {}
    }
    Err(cast_error(machine, &value, &name))
}

fn rank(value: &Value) -> Option<u32> {
    Some(match value {
        Value::Byte(_) => 1,
        Value::Short(_) => 2,
        Value::Char(_) => 2,
        Value::Int(_) => 3,
        Value::Long(_) => 4,
        Value::Float(_) => 5,
        Value::Double(_) => 6,
        _ => return None,
    })
}

fn java_primitive(value: &Value, primitive: Primitive) -> Outcome {
    let wanted = match primitive {
        Primitive::Boolean => 0,
        Primitive::Byte => 1,
        Primitive::Short | Primitive::Char => 2,
        Primitive::Int => 3,
        Primitive::Long => 4,
        Primitive::Float => 5,
        Primitive::Double => 6,
    };
    // BeanShell narrows numbers without a word.
    if rank(value).is_some() && wanted > 0 {
        return to_number(value, primitive.name()).ok_or_else(Thrown::nothing);
    }
    Err(super::names::cannot_cast(value, primitive.name()))
}

fn java_class(value: Value, class: &ClassRef) -> Outcome {
    let name = class.name();
    if rank(&value).is_some()
        && let Some(number) = to_number(&value, &name)
    {
        return Ok(number);
    }
    if class.is_interface() && matches!(value, Value::Object(_) | Value::Closure(_)) {
        return Ok(value);
    }
    if matches!(class, ClassRef::Host(_)) || matches!(class_of(&value), ClassRef::Host(_)) {
        return Ok(value);
    }
    Err(super::names::cannot_cast(&value, &name))
}

/// A value as a method of BeanShell returns it: numbers are widened, never narrowed.
pub(crate) fn returned(
    machine: &mut Machine<'_>,
    unit: &Arc<Unit>,
    value: Value,
    kind: &Kind,
    method: &str,
) -> Outcome {
    if value.is_null() || distance(machine, unit, &value, kind).is_some() {
        return cast(machine, unit, value, kind);
    }
    let reason = match kind {
        Kind::Primitive(primitive) => {
            format!("Can't assign {} to {}", super::names::type_name(&value), primitive.name())
        }
        _ => {
            let class = class_of_kind(unit, kind).map_or_else(String::new, |class| class.name());
            match rank(&value) {
                Some(_) => format!("Can't assign primitive value to object type:class {class}"),
                None => format!("Can't assign {} to {class}", super::names::type_name(&value)),
            }
        }
    };
    let message = format!("Incorrect type returned from method: {method}{reason}: {reason}");
    Err(Thrown::new(super::names::EVAL_ERROR, message))
}

/// How far a value is from a parameter's type: 0 is exact, `None` does not fit.
pub(crate) fn distance(machine: &Machine<'_>, unit: &Arc<Unit>, value: &Value, kind: &Kind) -> Option<u32> {
    match kind {
        Kind::Any | Kind::Void | Kind::Unknown(_) => Some(20),
        Kind::Primitive(primitive) => {
            if is_already(value, *primitive) {
                return Some(0);
            }
            number_distance(value, boxed(*primitive))
        }
        Kind::Class(_) | Kind::Own(_) => {
            let class = class_of_kind(unit, kind)?;
            if value.is_null() {
                return Some(1);
            }
            if class_of(value) == class {
                return Some(0);
            }
            if is_instance(machine, value, &class) {
                return Some(if class.is_interface() { 4 } else { 2 });
            }
            let name = class.name();
            match value {
                Value::GString(_) if name == "java.lang.String" => Some(3),
                Value::Closure(_) if class.is_interface() => Some(6),
                Value::Array(_) if matches!(class, ClassRef::Array(_)) => Some(8),
                _ => number_distance(value, &name),
            }
        }
    }
}

/// Java's widening, and Groovy's from `BigDecimal` to floating point.
fn number_distance(value: &Value, class: &str) -> Option<u32> {
    let wanted = match class {
        "java.lang.Short" => 2,
        "java.lang.Integer" => 3,
        "java.lang.Long" => 4,
        "java.lang.Float" => 5,
        "java.lang.Double" => 6,
        "java.math.BigInteger" if value.is_integral() => return Some(7),
        "java.math.BigDecimal" if value.is_number() => return Some(8),
        _ => return None,
    };
    if let Value::BigDecimal(_) | Value::BigInteger(_) = value {
        return (wanted >= 5).then(|| 14 - wanted);
    }
    rank(value).filter(|own| *own < wanted).map(|own| wanted - own)
}

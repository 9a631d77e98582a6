//! Java objects in JavaScript (Rhino's LiveConnect).

use super::heap::{Class, Js};
use super::interpreter::{Fail, Interpreter, Result};
use super::strings;
use crate::script::library::list;
use crate::script::value::{ClassRef, Value, exceptions, java_text};
use crate::text::Text;

/// A Java value as JavaScript sees it: numbers and booleans become its own, everything else stays a Java object.
pub(super) fn from_java(value: Value) -> Js {
    match value {
        Value::Null => Js::Null,
        Value::Void => Js::Undefined,
        Value::Boolean(value) => Js::Boolean(value),
        Value::Char(_) => Js::string(java_text(&value)),
        Value::BigInteger(_) | Value::BigDecimal(_) => Js::Java(value),
        value if value.is_number() => Js::Number(value.to_f64().unwrap_or(f64::NAN)),
        value => Js::Java(value),
    }
}

impl Interpreter<'_, '_> {
    /// A value as Java sees it: whole numbers as `int` or `long`, arrays as lists, objects as maps.
    pub(super) fn java(&mut self, value: &Js) -> Result<Value> {
        Ok(match value {
            Js::Undefined | Js::Null => Value::Null,
            Js::Boolean(value) => Value::Boolean(*value),
            Js::Number(number) => {
                if number.fract() == 0.0 && number.abs() <= f64::from(i32::MAX) {
                    Value::Int(*number as i32)
                } else if number.fract() == 0.0 && number.abs() < 9e15 {
                    Value::Long(*number as i64)
                } else {
                    Value::Double(*number)
                }
            }
            Js::String(text) => Value::String(text.clone()),
            Js::Java(value) => value.clone(),
            Js::Object(id) => match &self.heap.object(*id).class {
                Class::Boxed(inner) => {
                    let inner = inner.clone();
                    self.java(&inner)?
                }
                Class::Array(items) => {
                    let items = items.clone();
                    Value::list(items.iter().map(|item| self.java(item)).collect::<Result<_>>()?)
                }
                Class::Plain => {
                    let properties = self.heap.object(*id).properties.clone();
                    let mut entries = Vec::new();
                    for (key, value) in &properties {
                        entries.push((Value::String(key.clone()), self.java(value)?));
                    }
                    Value::map(entries)
                }
                _ => Value::from(self.text(value)?),
            },
            Js::Native(_) | Js::Bound(_) | Js::Package(_) => Value::from(self.text(value)?),
        })
    }

    fn all_to_java(&mut self, values: &[Js]) -> Result<Vec<Value>> {
        values.iter().map(|value| self.java(value)).collect()
    }
}

/// Rhino picks the overload that fits best: numbers may become doubles or texts.
fn with_conversions(
    interpreter: &mut Interpreter<'_, '_>,
    arguments: &[Js],
    call: impl Fn(&mut Interpreter<'_, '_>, &[Value]) -> std::result::Result<Value, crate::script::value::Thrown>,
) -> Result<Value> {
    let exact = interpreter.all_to_java(arguments)?;
    let refused = |result: &std::result::Result<Value, crate::script::value::Thrown>| matches!(result, Err(thrown) if thrown.class() == exceptions::MISSING_METHOD);
    let mut result = call(interpreter, &exact);
    if refused(&result) && arguments.iter().any(|argument| matches!(argument, Js::Number(_))) {
        let widened: Vec<Value> = exact
            .iter()
            .map(|value| if value.is_number() { Value::Double(value.to_f64().unwrap_or(0.0)) } else { value.clone() })
            .collect();
        result = call(interpreter, &widened);
    }
    if refused(&result) && !arguments.is_empty() {
        let mut texts = Vec::new();
        for (value, argument) in exact.iter().zip(arguments) {
            texts.push(match value {
                Value::Null => Value::Null,
                Value::Object(_) | Value::List(_) | Value::Map(_) => value.clone(),
                _ => Value::from(interpreter.text(argument)?),
            });
        }
        result = call(interpreter, &texts);
    }
    Ok(result?)
}

/// The class that a package path names, if it is one.
fn class_of_path(interpreter: &Interpreter<'_, '_>, path: &str) -> Option<ClassRef> {
    interpreter.machine.find_class(path).filter(|class| class.name() == path)
}

pub(super) fn construct(interpreter: &mut Interpreter<'_, '_>, class: &Js, arguments: &[Js]) -> Result {
    let class = match class {
        Js::Java(Value::Class(class)) => class.clone(),
        other => {
            let text = interpreter.text(other)?;
            return Err(interpreter.type_error(format!("{text} is not a function, it is object.")));
        }
    };
    let made =
        with_conversions(interpreter, arguments, |interpreter, values| interpreter.machine.construct(&class, values))?;
    Ok(from_java(made))
}

pub(super) fn call_method(
    interpreter: &mut Interpreter<'_, '_>,
    receiver: &Js,
    name: &Text,
    arguments: &[Js],
) -> Result {
    if let Js::Package(_) = receiver {
        let class = get_property(interpreter, receiver, name)?;
        return construct(interpreter, &class, arguments);
    }
    let Js::Java(value) = receiver else {
        let text = interpreter.text(receiver)?;
        return Err(interpreter.type_error(format!(
            "Cannot call property {name} in object {text}. It is not a function, it is \"object\"."
        )));
    };
    if let Value::Class(class) = value {
        let result = with_conversions(interpreter, arguments, |interpreter, values| {
            interpreter.machine.call_static(class, name, values)
        })?;
        return Ok(from_java(result));
    }
    let result = with_conversions(interpreter, arguments, |interpreter, values| {
        interpreter.machine.call_method(value, name, values)
    });
    match result {
        Ok(value) => Ok(from_java(value)),
        Err(Fail::Java(thrown)) if thrown.class() == exceptions::MISSING_METHOD => {
            // A Java string also has the methods of a JavaScript one.
            if let Value::String(text) = value
                && let Some(result) = strings::call(interpreter, text, name, arguments)?
            {
                return Ok(result);
            }
            let text = interpreter.machine.text(value)?;
            Err(interpreter.type_error(format!("Cannot find function {name} in object {text}.")))
        }
        Err(fail) => Err(fail),
    }
}

pub(super) fn get_property(interpreter: &mut Interpreter<'_, '_>, object: &Js, name: &Text) -> Result {
    let value = match object {
        Js::Package(path) => {
            let full = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
            return Ok(match class_of_path(interpreter, &full) {
                Some(class) => Js::Java(Value::Class(class)),
                None => Js::Package(Text::from(full)),
            });
        }
        Js::Java(value) => value,
        _ => return Ok(Js::Undefined),
    };
    match value {
        Value::Class(class) => {
            if let Some(constant) = interpreter.machine.get_static(class, name)? {
                return Ok(from_java(constant));
            }
        }
        Value::Array(array) if &**name == "length" => return Ok(Js::Number(array.len() as f64)),
        Value::Map(map) => {
            if let Some(value) = map.get(&Value::String(name.clone())) {
                return Ok(from_java(value));
            }
        }
        _ => {}
    }
    if has_method(interpreter, value, name) {
        return Ok(Js::Bound(Box::new((object.clone(), name.clone()))));
    }
    match interpreter.machine.get_bean_property(value, name) {
        Ok(value) => Ok(from_java(value)),
        Err(thrown) if thrown.class() == exceptions::MISSING_PROPERTY => Ok(Js::Undefined),
        Err(thrown) => Err(thrown.into()),
    }
}

fn has_method(interpreter: &Interpreter<'_, '_>, value: &Value, name: &str) -> bool {
    !matches!(value, Value::Object(object) if matches!(object.class(), ClassRef::Host(_)))
        && (0..4).any(|arguments| interpreter.machine.has_method(value, name, arguments))
}

pub(super) fn set_property(interpreter: &mut Interpreter<'_, '_>, object: &Js, name: &Text, value: &Js) -> Result<()> {
    let Js::Java(target) = object else { return Ok(()) };
    let value = interpreter.java(value)?;
    match target {
        Value::Map(map) => _ = map.put(Value::String(name.clone()), value),
        Value::Object(host) if matches!(host.class(), ClassRef::Host(_)) => {
            interpreter.machine.host.set_property(&**host, name, &value)?;
        }
        Value::Array(array) => {
            if let Ok(at) = name.parse() {
                array.set(at, value);
            }
        }
        other => {
            let text = interpreter.machine.text(other)?;
            return Err(interpreter
                .type_error(format!("Java object {text} has no public instance field or method named \"{name}\".")));
        }
    }
    Ok(())
}

/// The item of a Java array or list.
pub(super) fn item(value: &Value, position: usize) -> Js {
    list::items(value).ok().and_then(|items| items.get(position).cloned()).map_or(Js::Undefined, from_java)
}

/// The start of a Java package in the global scope.
pub(super) fn package(name: &str) -> Option<Js> {
    match name {
        "Packages" => Some(Js::Package(Text::from(""))),
        "java" | "javax" | "org" | "com" | "net" | "edu" => Some(Js::Package(Text::from(name))),
        _ => None,
    }
}

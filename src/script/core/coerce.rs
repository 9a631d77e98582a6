//! Casts, `as` and `instanceof`.

use crate::script::host::Outcome;
use crate::script::library::{self, class_of, throwable};
use crate::script::machine::Machine;
use crate::script::value::{Array, BigDecimal, ClassRef, MapKind, Set, Thrown, Value, exceptions, utf16_len};
use num_bigint::BigInt;
use std::sync::Arc;

/// `GroovyCastException`: the value is no such thing and cannot be made one.
pub(crate) fn cast_error(machine: &mut Machine<'_>, value: &Value, to: &str) -> Thrown {
    let message = if value.is_null() {
        format!("Cannot cast object 'null' with class 'null' to class '{to}'. Try 'java.lang.{}' instead", boxed(to))
    } else {
        let text = machine.text(value).unwrap_or_default();
        format!("Cannot cast object '{text}' with class '{}' to class '{to}'", class_of(value).name())
    };
    Thrown::new(exceptions::GROOVY_CAST, message)
}

fn boxed(primitive: &str) -> &str {
    match primitive {
        "int" => "Integer",
        "char" => "Character",
        "long" => "Long",
        "short" => "Short",
        "byte" => "Byte",
        "float" => "Float",
        "double" => "Double",
        "boolean" => "Boolean",
        other => other,
    }
}

/// `value instanceof class`.
pub(crate) fn is_instance(machine: &Machine<'_>, value: &Value, class: &ClassRef) -> bool {
    if value.is_null() {
        return false;
    }
    let own = class_of(value);
    let wanted = class.name();
    if wanted == "java.lang.Object" || own == *class {
        return true;
    }
    match (&own, class, value) {
        (_, ClassRef::Library(of), Value::Closure(_))
            if of.interface && library::functional::is_functional(&wanted) =>
        {
            true
        }
        // A GString has the methods of a String, but is none.
        (_, _, Value::GString(_)) if wanted == "java.lang.String" => false,
        (ClassRef::Script(own), ..) => own.extends(class),
        (ClassRef::Library(own), ClassRef::Library(of), _) => own.extends(of),
        (ClassRef::Exception(own), ..) => throwable::is_instance(own, &wanted),
        (ClassRef::Host(own), ..) => machine.host.is_instance(own, &wanted),
        _ => false,
    }
}

/// A number as a Java type cuts it; `None` for a class that is no number.
pub(crate) fn to_number(value: &Value, class: &str) -> Option<Value> {
    Some(match class {
        "java.lang.Byte" | "byte" => Value::Byte(value.to_i64()? as i8),
        "java.lang.Short" | "short" => Value::Short(value.to_i64()? as i16),
        "java.lang.Integer" | "int" => Value::Int(value.to_i32()?),
        "java.lang.Long" | "long" => Value::Long(value.to_i64()?),
        "java.lang.Float" | "float" => Value::Float(value.to_f64()? as f32),
        "java.lang.Double" | "double" => Value::Double(value.to_f64()?),
        "java.math.BigInteger" => Value::integer(value.to_big_integer()?),
        "java.math.BigDecimal" => Value::decimal(value.to_decimal()?),
        "java.lang.Character" | "char" => Value::Char(value.to_i64()? as u16),
        _ => return None,
    })
}

/// A number read from text, as `"12" as int` does.
fn parse_number(text: &str, class: &str) -> Result<Value, Thrown> {
    let trimmed = text.trim();
    let bad = || Thrown::number_format(trimmed);
    let whole = |low: i64, high: i64| library::number::parse_whole(trimmed, 10, &(low..=high));
    Ok(match class {
        "java.lang.Byte" => Value::Byte(whole(-0x80, 0x7f)? as i8),
        "java.lang.Short" => Value::Short(whole(-0x8000, 0x7fff)? as i16),
        "java.lang.Integer" => Value::Int(whole(i64::from(i32::MIN), i64::from(i32::MAX))? as i32),
        "java.lang.Long" => Value::Long(whole(i64::MIN, i64::MAX)?),
        "java.lang.Float" => Value::Float(library::number::parse_double(trimmed)? as f32),
        "java.lang.Double" => Value::Double(library::number::parse_double(trimmed)?),
        "java.math.BigInteger" => Value::integer(trimmed.parse::<BigInt>().map_err(|_| bad())?),
        _ => Value::decimal(
            BigDecimal::parse(trimmed)
                .ok_or_else(|| Thrown::with_cause(exceptions::NUMBER_FORMAT, None, Value::Null))?,
        ),
    })
}

const NUMBERS: [&str; 8] = [
    "java.lang.Byte",
    "java.lang.Short",
    "java.lang.Integer",
    "java.lang.Long",
    "java.lang.Float",
    "java.lang.Double",
    "java.math.BigInteger",
    "java.math.BigDecimal",
];

impl Machine<'_> {
    /// `value as class`, by Groovy's rules.
    pub fn coerce(&mut self, value: &Value, class: &ClassRef) -> Outcome {
        let name = class.name();
        if value.is_null() {
            return Ok(if name == "java.lang.Boolean" { false.into() } else { Value::Null });
        }
        if let ClassRef::Array(element) = class {
            return self.array_value(value, element);
        }
        if is_instance(self, value, class) {
            return Ok(value.clone());
        }
        let is_text = matches!(value, Value::String(_) | Value::GString(_));
        match name.as_str() {
            "java.lang.String" | "java.lang.CharSequence" => {
                return Ok(match value {
                    Value::Range(range) => range.to_text().into(),
                    value => self.text(value)?.into(),
                });
            }
            "java.lang.Boolean" => return Ok(self.truth(value)?.into()),
            "java.lang.Character" if is_text => {
                let text = self.text(value)?;
                if utf16_len(&text) == 1 {
                    return Ok(Value::Char(text.encode_utf16().next().unwrap_or_default()));
                }
            }
            "java.lang.Character" if value.is_number() => return to_number(value, &name).ok_or_else(Thrown::nothing),
            "java.lang.Number" if is_text => return parse_number(&self.text(value)?, "java.math.BigDecimal"),
            number if NUMBERS.contains(&number) => {
                if is_text {
                    return parse_number(&self.text(value)?, number);
                }
                if let Some(number) = to_number(value, number) {
                    return Ok(number);
                }
            }
            "java.util.List" | "java.util.Collection" | "java.util.ArrayList" | "java.lang.Iterable"
                if collects(value) =>
            {
                return Ok(Value::list(self.iterate(value)?));
            }
            "java.util.Set"
            | "java.util.LinkedHashSet"
            | "java.util.HashSet"
            | "java.util.TreeSet"
            | "java.util.SortedSet"
                if collects(value) =>
            {
                let kind = match name.as_str() {
                    "java.util.HashSet" => MapKind::Hash,
                    "java.util.TreeSet" | "java.util.SortedSet" => MapKind::Tree,
                    _ => MapKind::Linked,
                };
                return Ok(Value::Set(Arc::new(Set::new(kind, self.iterate(value)?))));
            }
            "java.util.regex.Pattern" if is_text => {
                return Ok(Value::Object(library::pattern::cached(&self.text(value)?)?));
            }
            _ => {}
        }
        if let (ClassRef::Script(wanted), Value::Closure(_) | Value::Map(_)) = (class, value)
            && wanted.is_abstract()
        {
            return Ok(super::class::stand_in(wanted, value.clone(), &self.scope));
        }
        if let ClassRef::Library(wanted) = class
            && wanted.constructor.is_some()
            && wanted.extends(&library::collection::COLLECTION)
            && collects(value)
        {
            let items = Value::list(self.iterate(value)?);
            return self.construct(class, &[items]);
        }
        // A map of closures stands in for an interface; one of them is all that an interface of one method asks for.
        if let Value::Map(map) = value
            && library::functional::is_functional(&name)
            && let [(_, held @ Value::Closure(_))] = map.entries().as_slice()
        {
            return Ok(held.clone());
        }
        match value {
            Value::List(list) if !class.is_interface() && !NUMBERS.contains(&name.as_str()) => {
                let items = list.items();
                return self.construct(class, &items);
            }
            Value::Map(_)
                if matches!(name.as_str(), "java.util.HashMap" | "java.util.TreeMap" | "java.util.Properties") =>
            {
                return self.construct(class, std::slice::from_ref(value));
            }
            _ => {}
        }
        if is_text && matches!(name.as_str(), "java.io.File" | "java.net.URL" | "java.net.URI") {
            return self.construct(class, std::slice::from_ref(value));
        }
        Err(cast_error(self, value, &name))
    }

    /// `value as T[]`, `T[] a = value`.
    pub(crate) fn array_value(&mut self, value: &Value, element: &str) -> Outcome {
        if let Value::Array(array) = value
            && *array.element == *element
        {
            return Ok(value.clone());
        }
        if !collects(value) {
            if element == "byte" && matches!(value, Value::String(_) | Value::GString(_)) {
                return Ok(Value::Array(Arc::new(Array::bytes(self.text(value)?.as_bytes()))));
            }
            return Err(cast_error(self, value, &ClassRef::Array(element.into()).name()));
        }
        let (mut items, inner) = (Vec::new(), element.strip_suffix("[]"));
        for item in self.iterate(value)? {
            items.push(match inner {
                Some(inner) if !item.is_null() => self.array_value(&item, inner)?,
                _ => self.element_value(item, element)?,
            });
        }
        Ok(Value::Array(Arc::new(Array::new(element, items))))
    }

    /// A value as an array of `element` holds it.
    pub(crate) fn element_value(&mut self, value: Value, element: &str) -> Outcome {
        if let Value::Int(_) = value
            && element == "int"
        {
            return Ok(value);
        }
        match element {
            "boolean" => return Ok(self.truth(&value)?.into()),
            "char" => return self.coerce(&value, &ClassRef::Library(&library::character::CHARACTER)),
            "byte" | "short" | "int" | "long" | "float" | "double" => {
                let number = lone_code(&value).as_ref().and_then(|value| to_number(value, element));
                return number.ok_or_else(|| cast_error(self, &value, element));
            }
            _ => {}
        }
        if value.is_null() || element == "java.lang.Object" || element.ends_with("[]") {
            return Ok(value);
        }
        match self.find_class(element) {
            Some(class) => self.coerce(&value, &class),
            None => Ok(value),
        }
    }
}

/// A number, or the code of a character or a text of one character.
pub(crate) fn lone_code(value: &Value) -> Option<Value> {
    match value {
        number if number.is_number() => Some(number.clone()),
        Value::Char(code) => Some(Value::Int(i32::from(*code))),
        Value::String(text) if utf16_len(text) == 1 => text.encode_utf16().next().map(|c| Value::Int(i32::from(c))),
        _ => None,
    }
}

/// Whether a value has items that a list or an array can be made of.
fn collects(value: &Value) -> bool {
    matches!(
        value,
        Value::List(_)
            | Value::Set(_)
            | Value::Array(_)
            | Value::Range(_)
            | Value::Map(_)
            | Value::String(_)
            | Value::GString(_)
            | Value::Object(_)
    )
}

//! Operators and conversions of values.

use super::convert::{number_text, primitive_to_number, to_int32, truth};
use super::heap::{Class, Heap, Js, ObjectId};
use super::interpreter::{Frame, Interpreter, Result};
use super::tree::{Binary, Expression, Unary};
use super::{arrays, dates};
use crate::script::budget;
use crate::script::value::Value;
use crate::text::Text;
use std::cmp::Ordering;

impl Interpreter<'_, '_> {
    pub(super) fn unary(&mut self, operator: Unary, operand: &Expression, frame: &Frame) -> Result {
        if let (Unary::Typeof, Expression::Name(name)) = (operator, operand) {
            let value = self.find_variable(name, frame.scope).unwrap_or(Js::Undefined);
            return Ok(Js::string(type_of(&value, &self.heap)));
        }
        if operator == Unary::Delete {
            return self.delete(operand, frame);
        }
        let value = self.eval(operand, frame)?;
        Ok(match operator {
            Unary::Minus => Js::Number(-self.number(&value)?),
            Unary::Plus => Js::Number(self.number(&value)?),
            Unary::Not => Js::Boolean(!truth(&value)),
            Unary::Complement => Js::Number(f64::from(!to_int32(self.number(&value)?))),
            Unary::Typeof => Js::string(type_of(&value, &self.heap)),
            Unary::Void | Unary::Delete => Js::Undefined,
        })
    }

    fn delete(&mut self, operand: &Expression, frame: &Frame) -> Result {
        let (object, name) = match operand {
            Expression::Member(object, name) => (self.eval(object, frame)?, name.clone()),
            Expression::Index(object, index) => {
                let object = self.eval(object, frame)?;
                let index = self.eval(index, frame)?;
                (object, Text::from(self.text(&index)?))
            }
            _ => return Ok(Js::Boolean(true)),
        };
        if let Js::Object(id) = object {
            if let (Some(items), Ok(at)) = (self.heap.items_mut(&object), name.parse::<usize>()) {
                if let Some(item) = items.get_mut(at) {
                    *item = Js::Undefined;
                }
            } else {
                self.heap.object_mut(id).properties.shift_remove(&name);
            }
        }
        Ok(Js::Boolean(true))
    }

    pub(super) fn binary(&mut self, operator: Binary, left: &Js, right: &Js) -> Result {
        let number = |this: &mut Self, compute: fn(f64, f64) -> f64| -> Result {
            Ok(Js::Number(compute(this.number(left)?, this.number(right)?)))
        };
        let bits = |this: &mut Self, compute: fn(i32, i32) -> i32| -> Result {
            let (left, right) = (this.number(left)?, this.number(right)?);
            Ok(Js::Number(f64::from(compute(to_int32(left), to_int32(right)))))
        };
        match operator {
            Binary::Add => self.add(left, right),
            Binary::Subtract => number(self, |a, b| a - b),
            Binary::Multiply => number(self, |a, b| a * b),
            Binary::Divide => number(self, |a, b| a / b),
            Binary::Remainder => number(self, |a, b| a % b),
            Binary::And => bits(self, |a, b| a & b),
            Binary::Or => bits(self, |a, b| a | b),
            Binary::Xor => bits(self, |a, b| a ^ b),
            Binary::ShiftLeft => bits(self, |a, b| a.wrapping_shl(b as u32)),
            Binary::ShiftRight => bits(self, |a, b| a.wrapping_shr(b as u32)),
            Binary::ShiftRightUnsigned => {
                let (left, right) = (self.number(left)?, self.number(right)?);
                let shifted = (to_int32(left) as u32).wrapping_shr(to_int32(right) as u32);
                Ok(Js::Number(f64::from(shifted)))
            }
            Binary::Equal => Ok(Js::Boolean(self.loosely_equal(left, right)?)),
            Binary::NotEqual => Ok(Js::Boolean(!self.loosely_equal(left, right)?)),
            Binary::StrictEqual => Ok(Js::Boolean(strictly_equal(left, right))),
            Binary::StrictNotEqual => Ok(Js::Boolean(!strictly_equal(left, right))),
            Binary::Less => Ok(Js::Boolean(self.compare(left, right)?.is_some_and(Ordering::is_lt))),
            Binary::LessEqual => Ok(Js::Boolean(self.compare(left, right)?.is_some_and(Ordering::is_le))),
            Binary::Greater => Ok(Js::Boolean(self.compare(left, right)?.is_some_and(Ordering::is_gt))),
            Binary::GreaterEqual => Ok(Js::Boolean(self.compare(left, right)?.is_some_and(Ordering::is_ge))),
            Binary::In => {
                let name = self.text(left)?;
                Ok(Js::Boolean(self.has_property(right, &name, false)))
            }
            Binary::InstanceOf => Ok(Js::Boolean(self.is_instance(left, right))),
        }
    }

    pub(super) fn add(&mut self, left: &Js, right: &Js) -> Result {
        let (left, right) = (self.primitive(left)?, self.primitive(right)?);
        let is_text = |value: &Js| matches!(value, Js::String(_) | Js::Java(Value::String(_)));
        if is_text(&left) || is_text(&right) {
            let text = self.text(&left)? + &self.text(&right)?;
            budget::text(text.len())?;
            return Ok(Js::string(text));
        }
        Ok(Js::Number(primitive_to_number(&left) + primitive_to_number(&right)))
    }

    pub(super) fn is_instance(&self, left: &Js, right: &Js) -> bool {
        match (left, right) {
            (Js::Object(id), Js::Native(name)) => match (&self.heap.object(*id).class, &**name) {
                (_, "Object")
                | (Class::Array(_), "Array")
                | (Class::Date(_), "Date")
                | (Class::RegExp { .. }, "RegExp")
                | (Class::Function { .. }, "Function")
                | (Class::Error, "Error")
                | (Class::Boxed(Js::String(_)), "String")
                | (Class::Boxed(Js::Number(_)), "Number")
                | (Class::Boxed(Js::Boolean(_)), "Boolean") => true,
                (Class::Error, kind) => {
                    matches!(self.heap.object(*id).properties.get("name"), Some(Js::String(name)) if **name == *kind)
                }
                _ => false,
            },
            (Js::Object(id), Js::Object(class)) => {
                let Some(Js::Object(prototype)) = self.heap.object(*class).properties.get("prototype") else {
                    return false;
                };
                let mut at = self.heap.object(*id).prototype;
                for _ in 0..64 {
                    match at {
                        Some(found) if found == *prototype => return true,
                        Some(found) => at = self.heap.object(found).prototype,
                        None => return false,
                    }
                }
                false
            }
            _ => false,
        }
    }

    pub(super) fn loosely_equal(&mut self, left: &Js, right: &Js) -> Result<bool> {
        let nothing = |value: &Js| matches!(value, Js::Undefined | Js::Null);
        if nothing(left) || nothing(right) {
            return Ok(nothing(left) && nothing(right));
        }
        let is_object = |value: &Js| matches!(value, Js::Object(_) | Js::Native(_) | Js::Bound(_) | Js::Java(_));
        if is_object(left) && is_object(right) {
            if let (Js::Java(left), Js::Java(right)) = (left, right) {
                return Ok(crate::script::value::equals(left, right));
            }
            return Ok(strictly_equal(left, right));
        }
        let (left, right) = (self.primitive(left)?, self.primitive(right)?);
        if let (Some(left), Some(right)) = (text_of(&left), text_of(&right)) {
            return Ok(left == right);
        }
        if let (Js::Boolean(left), Js::Boolean(right)) = (&left, &right) {
            return Ok(left == right);
        }
        Ok(primitive_to_number(&left) == primitive_to_number(&right))
    }

    pub(super) fn compare(&mut self, left: &Js, right: &Js) -> Result<Option<Ordering>> {
        let (left, right) = (self.primitive(left)?, self.primitive(right)?);
        if let (Some(left), Some(right)) = (text_of(&left), text_of(&right)) {
            return Ok(Some(crate::java::compare_texts(left, right)));
        }
        Ok(primitive_to_number(&left).partial_cmp(&primitive_to_number(&right)))
    }

    /// A primitive for an object: its `valueOf`, else its `toString`.
    pub(super) fn primitive(&mut self, value: &Js) -> Result {
        let Js::Object(id) = value else { return Ok(value.clone()) };
        match &self.heap.object(*id).class {
            Class::Boxed(inner) => return Ok(inner.clone()),
            Class::Date(_) => return Ok(Js::string(self.text(value)?)),
            _ => {}
        }
        if let Some(function) = self.own_or_inherited(*id, "valueOf") {
            let result = self.call(&function, value.clone(), &[])?;
            if !matches!(result, Js::Object(_)) {
                return Ok(result);
            }
        }
        Ok(Js::string(self.text(value)?))
    }

    /// `Number(value)`.
    pub(super) fn number(&mut self, value: &Js) -> Result<f64> {
        if let Js::Object(id) = value
            && let Class::Date(millis) = &self.heap.object(*id).class
        {
            return Ok(*millis);
        }
        let primitive = self.primitive(value)?;
        Ok(primitive_to_number(&primitive))
    }

    /// `String(value)`.
    pub(super) fn text(&mut self, value: &Js) -> Result<String> {
        Ok(match value {
            Js::Undefined => "undefined".to_owned(),
            Js::Null => "null".to_owned(),
            Js::Boolean(value) => value.to_string(),
            Js::Number(number) => number_text(*number),
            Js::String(text) => text.to_string(),
            Js::Native(path) if matches!(&**path, "Math" | "JSON") => format!("[object {path}]"),
            Js::Native(path) if &**path == "global" => "[object Object]".to_owned(),
            Js::Native(path) => {
                let name = path.rsplit('.').next().unwrap_or(path);
                format!("\nfunction {name}() {{\n    [native code for {name}, arity=0]\n}}\n")
            }
            Js::Bound(bound) => format!("\nfunction {0}() {{\n    [native code for {0}, arity=0]\n}}\n", bound.1),
            Js::Java(value) => self.machine.text(value)?,
            Js::Package(name) => format!("[JavaPackage {name}]"),
            Js::Object(id) => return self.object_text(*id, value),
        })
    }

    fn object_text(&mut self, id: ObjectId, value: &Js) -> Result<String> {
        if let Some(function) = self.own_or_inherited(id, "toString") {
            let text = self.call(&function, value.clone(), &[])?;
            return if matches!(text, Js::Object(_)) {
                Err(self.type_error("Cannot find default value for object."))
            } else {
                self.text(&text)
            };
        }
        match &self.heap.object(id).class {
            Class::Plain => Ok("[object Object]".to_owned()),
            Class::Array(_) => arrays::join(self, value, ","),
            Class::Function { function, .. } => {
                let name = function.name.as_deref().unwrap_or_default();
                Ok(format!("\nfunction {name}({}) {{\n}}\n", function.parameters.join(", ")))
            }
            Class::Date(millis) => Ok(dates::text(*millis, &dates::zone(self.machine))),
            Class::RegExp { source, flags, .. } => Ok(format!("/{source}/{flags}")),
            Class::Error => {
                let properties = &self.heap.object(id).properties;
                let part = |name: &str| match properties.get(name) {
                    Some(Js::String(text)) => text.to_string(),
                    _ => String::new(),
                };
                let (name, message) = (part("name"), part("message"));
                Ok(if message.is_empty() { name } else { format!("{name}: {message}") })
            }
            Class::Boxed(inner) => {
                let inner = inner.clone();
                self.text(&inner)
            }
        }
    }

    pub(super) fn argument_text(&mut self, arguments: &[Js], index: usize) -> Result<String> {
        self.text(arguments.get(index).unwrap_or(&Js::Undefined))
    }

    pub(super) fn argument_number(&mut self, arguments: &[Js], index: usize) -> Result<f64> {
        self.number(arguments.get(index).unwrap_or(&Js::Undefined))
    }
}

fn text_of(value: &Js) -> Option<&str> {
    match value {
        Js::String(text) | Js::Java(Value::String(text)) => Some(text),
        _ => None,
    }
}

pub(super) fn strictly_equal(left: &Js, right: &Js) -> bool {
    match (left, right) {
        (Js::Undefined, Js::Undefined) | (Js::Null, Js::Null) => true,
        (Js::Boolean(a), Js::Boolean(b)) => a == b,
        (Js::Number(a), Js::Number(b)) => a == b,
        (Js::String(a), Js::String(b)) => a == b,
        (Js::Object(a), Js::Object(b)) => a == b,
        (Js::Native(a), Js::Native(b)) => a == b,
        (Js::Java(a), Js::Java(b)) => a.is_same(b),
        _ => false,
    }
}

pub(super) fn type_of(value: &Js, heap: &Heap) -> &'static str {
    match value {
        Js::Undefined => "undefined",
        Js::Boolean(_) => "boolean",
        Js::Number(_) => "number",
        Js::String(_) => "string",
        Js::Native(path) if matches!(&**path, "Math" | "JSON" | "global") => "object",
        Js::Native(_) | Js::Bound(_) | Js::Java(Value::Class(_)) => "function",
        Js::Object(id) if matches!(heap.object(*id).class, Class::Function { .. }) => "function",
        _ => "object",
    }
}

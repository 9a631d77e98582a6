//! Properties, methods and calls.

use super::heap::{Class, Js, ObjectId, ScopeId};
use super::interpreter::{Fail, Flow, Frame, Interpreter, Result};
use super::operators::type_of;
use super::tree::{Expression, Function};
use super::{arrays, dates, globals, interop, regexps, strings};
use crate::script::value::{Thrown, Value, exceptions};
use crate::text::Text;
use std::sync::Arc;

/// A method call on a value of one kind: `None` when the kind has no such method.
type BuiltIn<'e, 'm, T> = fn(&mut Interpreter<'e, 'm>, &T, &str, &[Js]) -> Result<Option<Js>>;

/// Calls within calls.
const DEPTH_LIMIT: u32 = 150;

impl<'e, 'm> Interpreter<'e, 'm> {
    pub(super) fn eval_call(&mut self, callee: &Expression, arguments: &[Expression], frame: &Frame) -> Result {
        let (object, name) = match callee {
            Expression::Member(object, name) => (self.eval(object, frame)?, name.clone()),
            Expression::Index(object, index) => {
                let object = self.eval(object, frame)?;
                let index = self.eval(index, frame)?;
                (object, Text::from(self.text(&index)?))
            }
            _ => {
                let function = self.eval(callee, frame)?;
                let arguments = self.eval_all(arguments, frame)?;
                return self.call(&function, Js::Undefined, &arguments);
            }
        };
        let arguments = self.eval_all(arguments, frame)?;
        self.call_method(&object, &name, &arguments)
    }

    /// `function(arguments)` with `this`.
    pub(super) fn call(&mut self, function: &Js, this: Js, arguments: &[Js]) -> Result {
        match function {
            Js::Object(id) => {
                if let Class::Function { function, scope, this: bound } = &self.heap.object(*id).class {
                    let (function, scope, this) = (function.clone(), *scope, bound.clone().unwrap_or(this));
                    return self.call_function(&function, scope, this, arguments);
                }
            }
            Js::Native(path) => return globals::call(self, path, arguments),
            Js::Bound(bound) => {
                let (receiver, name) = &**bound;
                // `[].push.apply(list, …)` lends a method to another object.
                let receiver = if matches!(this, Js::Undefined) { receiver } else { &this };
                return self.call_method(receiver, name, arguments);
            }
            Js::Java(Value::Class(_)) | Js::Package(_) => return interop::construct(self, function, arguments),
            _ => {}
        }
        let text = self.text(function)?;
        Err(self.type_error(format!("{text} is not a function, it is {}.", type_of(function, &self.heap))))
    }

    fn call_function(&mut self, function: &Arc<Function>, outer: ScopeId, this: Js, arguments: &[Js]) -> Result {
        self.count_step()?;
        if self.depth >= DEPTH_LIMIT {
            return Err(Fail::Java(Thrown::with_cause(exceptions::STACK_OVERFLOW, None, Value::Null)));
        }
        let scope = self.heap.open_scope(Some(outer))?;
        if !function.arrow {
            let arguments = self.heap.array(arguments.to_vec())?;
            self.heap.declare(scope, &Text::from("arguments"), Some(arguments));
        }
        for (index, name) in function.parameters.iter().enumerate() {
            self.heap.declare(scope, name, Some(arguments.get(index).cloned().unwrap_or(Js::Undefined)));
        }
        for name in &function.variables {
            self.heap.declare(scope, name, None);
        }
        self.hoist(&function.body, scope)?;
        let this = if matches!(this, Js::Undefined | Js::Null) { Js::Native(Text::from("global")) } else { this };
        self.depth += 1;
        let flow = self.execute_all(&function.body, &Frame { scope, this, top: false });
        self.depth -= 1;
        Ok(match flow? {
            Flow::Return(value) => value,
            _ => Js::Undefined,
        })
    }

    pub(super) fn construct(&mut self, class: &Js, arguments: &[Js]) -> Result {
        match class {
            Js::Object(id) if matches!(self.heap.object(*id).class, Class::Function { .. }) => {
                let prototype = match self.heap.object(*id).properties.get("prototype") {
                    Some(Js::Object(prototype)) => Some(*prototype),
                    _ => None,
                };
                let made = self.heap.add(Class::Plain)?;
                self.heap.object_mut(made).prototype = prototype;
                let result = self.call(class, Js::Object(made), arguments)?;
                Ok(if matches!(result, Js::Object(_)) { result } else { Js::Object(made) })
            }
            Js::Native(path) => globals::construct(self, path, arguments),
            Js::Java(_) | Js::Package(_) => interop::construct(self, class, arguments),
            _ => {
                let text = self.text(class)?;
                Err(self.type_error(format!("{text} is not a function, it is {}.", type_of(class, &self.heap))))
            }
        }
    }

    pub(super) fn call_method(&mut self, receiver: &Js, name: &Text, arguments: &[Js]) -> Result {
        match receiver {
            Js::Undefined | Js::Null => {
                let text = if matches!(receiver, Js::Null) { "null" } else { "undefined" };
                Err(self.type_error(format!("Cannot call method \"{name}\" of {text}")))
            }
            Js::String(text) => self.or_missing(strings::call, text, receiver, name, arguments),
            Js::Number(number) => self.or_missing(globals::call_number, number, receiver, name, arguments),
            Js::Boolean(_) if matches!(&**name, "toString" | "valueOf") => {
                if &**name == "valueOf" {
                    Ok(receiver.clone())
                } else {
                    Ok(Js::string(self.text(receiver)?))
                }
            }
            Js::Java(_) | Js::Package(_) => interop::call_method(self, receiver, name, arguments),
            Js::Native(path) if matches!(&**name, "call" | "apply") => {
                let path = path.clone();
                let arguments = self.lent_arguments(name, arguments);
                globals::call(self, &path, &arguments)
            }
            Js::Native(path) => {
                let path = Text::from(format!("{path}.{name}"));
                globals::call(self, &path, arguments)
            }
            Js::Bound(_) if matches!(&**name, "call" | "apply") => {
                let this = arguments.first().cloned().unwrap_or(Js::Undefined);
                let arguments = self.lent_arguments(name, arguments);
                self.call(receiver, this, &arguments)
            }
            Js::Object(id) => self.call_object_method(*id, receiver, name, arguments),
            _ => Err(self.no_method(receiver, name)),
        }
    }

    /// The arguments of `call` and `apply` without their `this`.
    fn lent_arguments(&self, name: &str, arguments: &[Js]) -> Vec<Js> {
        if name == "apply" {
            arguments.get(1).and_then(|list| self.heap.items(list)).cloned().unwrap_or_default()
        } else {
            arguments.get(1..).unwrap_or_default().to_vec()
        }
    }

    fn no_method(&mut self, receiver: &Js, name: &str) -> Fail {
        let text = self.text(receiver).unwrap_or_default();
        self.type_error(format!("Cannot find function {name} in object {text}."))
    }

    fn or_missing<T: ?Sized>(
        &mut self,
        call: BuiltIn<'e, 'm, T>,
        subject: &T,
        receiver: &Js,
        name: &str,
        arguments: &[Js],
    ) -> Result {
        match call(self, subject, name, arguments)? {
            Some(value) => Ok(value),
            None => Err(self.no_method(receiver, name)),
        }
    }

    fn call_object_method(&mut self, id: ObjectId, receiver: &Js, name: &Text, arguments: &[Js]) -> Result {
        if let Some(function) = self.own_or_inherited(id, name) {
            return self.call(&function, receiver.clone(), arguments);
        }
        let built_in = match &self.heap.object(id).class {
            Class::Array(_) => arrays::call(self, receiver, name, arguments)?,
            Class::Date(millis) => {
                let millis = *millis;
                dates::call(self, id, millis, name, arguments)?
            }
            Class::RegExp { .. } => regexps::call(self, id, name, arguments)?,
            Class::Function { .. } if matches!(&**name, "call" | "apply") => {
                let this = arguments.first().cloned().unwrap_or(Js::Undefined);
                let arguments = self.lent_arguments(name, arguments);
                return self.call(receiver, this, &arguments);
            }
            Class::Boxed(inner) => {
                let inner = inner.clone();
                return self.call_method(&inner, name, arguments);
            }
            _ => None,
        };
        if let Some(value) = built_in {
            return Ok(value);
        }
        match &**name {
            "toString" | "toLocaleString" => Ok(Js::string(self.text(receiver)?)),
            "valueOf" => Ok(receiver.clone()),
            "hasOwnProperty" => {
                let wanted = self.argument_text(arguments, 0)?;
                Ok(Js::Boolean(self.has_property(receiver, &wanted, true)))
            }
            _ => Err(self.no_method(receiver, name)),
        }
    }

    pub(super) fn own_or_inherited(&self, id: ObjectId, name: &str) -> Option<Js> {
        let mut at = Some(id);
        for _ in 0..64 {
            let object = self.heap.object(at?);
            if let Some(value) = object.properties.get(name) {
                return Some(value.clone());
            }
            at = object.prototype;
        }
        None
    }

    pub(super) fn has_property(&self, object: &Js, name: &str, own: bool) -> bool {
        match object {
            Js::Object(id) => {
                let index = name.parse::<usize>().ok();
                self.heap
                    .items(object)
                    .is_some_and(|items| index.is_some_and(|at| at < items.len()) || name == "length")
                    || if own {
                        self.heap.object(*id).properties.contains_key(name)
                    } else {
                        self.own_or_inherited(*id, name).is_some()
                    }
            }
            Js::Java(Value::Map(map)) => map.contains(&Value::from(name)),
            _ => false,
        }
    }

    pub(super) fn get_property(&mut self, object: &Js, name: &Text) -> Result {
        match object {
            Js::Undefined | Js::Null => {
                let text = if matches!(object, Js::Null) { "null" } else { "undefined" };
                Err(self.type_error(format!("Cannot read property \"{name}\" from {text}")))
            }
            Js::String(text) if &**name == "length" => Ok(Js::Number(crate::script::value::utf16_len(text) as f64)),
            Js::Object(id) => {
                if let Some(value) = self.own_or_inherited(*id, name) {
                    return Ok(value);
                }
                match &self.heap.object(*id).class {
                    Class::Array(items) if &**name == "length" => Ok(Js::Number(items.len() as f64)),
                    Class::Array(_) if arrays::METHODS.contains(&&**name) => {
                        Ok(Js::Bound(Box::new((object.clone(), name.clone()))))
                    }
                    Class::Function { function, .. } if &**name == "length" => {
                        Ok(Js::Number(function.parameters.len() as f64))
                    }
                    Class::RegExp { .. } => Ok(regexps::property(self, *id, name)),
                    Class::Boxed(inner) => {
                        let inner = inner.clone();
                        self.get_property(&inner, name)
                    }
                    _ => Ok(Js::Undefined),
                }
            }
            Js::Native(path) => Ok(globals::property(path, name)),
            Js::Java(_) | Js::Package(_) => interop::get_property(self, object, name),
            Js::String(_) if strings::METHODS.contains(&&**name) => {
                Ok(Js::Bound(Box::new((object.clone(), name.clone()))))
            }
            _ => Ok(Js::Undefined),
        }
    }

    pub(super) fn get_index(&mut self, object: &Js, index: &Js) -> Result {
        if let Js::Number(at) = index {
            let position = if *at >= 0.0 && at.fract() == 0.0 { Some(*at as usize) } else { None };
            if let (Some(items), Some(position)) = (self.heap.items(object), position) {
                return Ok(items.get(position).cloned().unwrap_or(Js::Undefined));
            }
            if let (Js::String(text), Some(position)) = (object, position) {
                let unit = crate::script::value::slice_utf16(text, position, position + 1);
                return Ok(if unit.is_empty() { Js::Undefined } else { Js::string(unit) });
            }
            if let (Js::Java(value), Some(position)) = (object, position) {
                return Ok(interop::item(value, position));
            }
        }
        let name = self.text(index)?;
        if let (Some(items), Ok(at)) = (self.heap.items(object), name.parse::<usize>()) {
            return Ok(items.get(at).cloned().unwrap_or(Js::Undefined));
        }
        self.get_property(object, &Text::from(name))
    }

    pub(super) fn set_property(&mut self, object: &Js, name: &Text, value: Js) -> Result<()> {
        match object {
            Js::Undefined | Js::Null => {
                let text = if matches!(object, Js::Null) { "null" } else { "undefined" };
                Err(self.type_error(format!("Cannot set property \"{name}\" of {text}")))
            }
            Js::Object(id) => {
                if let Some(items) = self.heap.items_mut(object) {
                    let at = if &**name == "length" { None } else { name.parse::<f64>().ok() };
                    if let Some(at) = at {
                        return set_item(items, at, value)
                            .ok_or_else(|| self.error("RangeError", "invalid array index"));
                    }
                    if let ("length", Js::Number(length)) = (&**name, &value) {
                        items.resize((*length).clamp(0.0, MAX_LENGTH) as usize, Js::Undefined);
                        return Ok(());
                    }
                }
                self.heap.object_mut(*id).properties.insert(name.clone(), value);
                Ok(())
            }
            Js::Java(_) => interop::set_property(self, object, name, &value),
            _ => Ok(()),
        }
    }

    pub(super) fn keys_of(&self, object: &Js) -> Vec<Js> {
        match object {
            Js::Object(id) => {
                let object = self.heap.object(*id);
                let count = if let Class::Array(items) = &object.class { items.len() } else { 0 };
                let indices = (0..count).map(|index| Js::string(index.to_string()));
                indices.chain(object.properties.keys().map(|key| Js::String(key.clone()))).collect()
            }
            Js::Java(Value::Map(map)) => map.keys().into_iter().map(interop::from_java).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn values_of(&mut self, object: &Js) -> Result<Vec<Js>> {
        if let Js::Java(value) = object
            && let Ok(items) = crate::script::library::list::items(value)
        {
            return Ok(items.into_iter().map(interop::from_java).collect());
        }
        if let Js::String(text) = object {
            return Ok(text.chars().map(|c| Js::string(c.to_string())).collect());
        }
        let mut values = Vec::new();
        for key in self.keys_of(object) {
            values.push(self.get_index(object, &key)?);
        }
        Ok(values)
    }
}

/// Items that an array may have.
const MAX_LENGTH: f64 = 10_000_000.0;

pub(super) fn set_item(items: &mut Vec<Js>, at: f64, value: Js) -> Option<()> {
    if !(0.0..MAX_LENGTH).contains(&at) || at.fract() != 0.0 {
        return None;
    }
    let at = at as usize;
    if at >= items.len() {
        items.resize(at + 1, Js::Undefined);
    }
    items[at] = value;
    Some(())
}

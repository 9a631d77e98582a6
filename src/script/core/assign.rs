//! Assignments: to variables, properties, items, and the operators that change them.

use super::call::{closure_set, owner_get, owner_set};
use super::cast::cast;
use super::class::Instance;
use super::evaluate::small;
use super::frame::Frame;
use super::member;
use super::names;
use super::node::{Access, Kind, Node, Place, Primitive};
use super::tree::BinaryOperator;
use crate::script::host::Outcome;
use crate::script::machine::Machine;
use crate::script::value::{Thrown, Value};
use crate::text::Text;

impl Frame<'_> {
    #[inline(never)]
    pub(super) fn assign(&mut self, machine: &mut Machine<'_>, place: &Place, node: &Node) -> Outcome {
        match place {
            // The target is looked at before the value, as Java does.
            Place::Property(target, name, access) => {
                let target = self.evaluate(machine, target)?;
                let name = self.name(machine, name)?;
                let value = self.evaluate(machine, node)?;
                self.set_property(machine, &target, &name, value.clone(), *access)?;
                Ok(value)
            }
            Place::Index(target, index) => {
                let target = self.evaluate(machine, target)?;
                let index = self.index_value(machine, index)?;
                let value = self.evaluate(machine, node)?;
                member::index_set(machine, &target, &index, value.clone()).map_err(|thrown| {
                    if self.groovy() { thrown } else { names::array_access("Assignment: Array access", thrown) }
                })?;
                Ok(value)
            }
            _ => {
                let value = self.evaluate(machine, node)?;
                self.store(machine, place, value)
            }
        }
    }

    fn set_property(
        &mut self,
        machine: &mut Machine<'_>,
        target: &Value,
        name: &Text,
        value: Value,
        access: Access,
    ) -> Result<(), Thrown> {
        if access == Access::Safe && target.is_null() {
            return Ok(());
        }
        if access == Access::Spread {
            for item in machine.iterate(target)? {
                member::set(machine, &item, name, value.clone())?;
            }
            return Ok(());
        }
        // `this.x = …` within the class sets the field, not by way of the setter.
        if target.is_same(&self.this)
            && let Value::Object(object) = target
            && let Some(instance) = object.downcast::<Instance>()
            && member::set_field(machine, instance, name, value.clone())?
        {
            return Ok(());
        }
        if !self.groovy() && matches!(target, Value::Map(_) | Value::List(_)) {
            return Err(Thrown::new("bsh.EvalError", format!("Cannot access field: {name}")));
        }
        member::set(machine, target, name, value)
    }

    /// Sets a place and gives the value that it has then.
    pub(super) fn store(&mut self, machine: &mut Machine<'_>, place: &Place, value: Value) -> Outcome {
        match place {
            Place::Local(slot, Kind::Any) => self.set_local(*slot, value.clone()),
            Place::Local(slot, kind) => {
                // The value of an assignment is what was assigned, not what the variable made of it.
                let held = cast(machine, self.unit, value.clone(), kind)?;
                self.set_local(*slot, held);
            }
            Place::Dynamic(name) => match self.closure {
                Some(data) => closure_set(machine, data, name, value.clone())?,
                None => owner_set(machine, self.scope, &self.this, name, value.clone())?,
            },
            Place::Named(name) => {
                let Some(names) = self.names.clone() else {
                    // A static method of a class sees the class's own fields.
                    if !self.this.is_null() {
                        owner_set(machine, self.scope, &self.this, name, value.clone())?;
                    }
                    return Ok(value);
                };
                if matches!(value, Value::Void) {
                    return Err(Thrown::new("bsh.EvalError", "Void assignment."));
                }
                if !self.this.is_null() && names.get(name).is_none() {
                    owner_set(machine, self.scope, &self.this, name, value.clone())?;
                    return Ok(value);
                }
                let value = match names.kind(name) {
                    Kind::Any => value,
                    kind => cast(machine, self.unit, value, &kind)?,
                };
                names.set(name, value.clone());
                return Ok(value);
            }
            Place::Property(target, name, access) => {
                let target = self.evaluate(machine, target)?;
                let name = self.name(machine, name)?;
                self.set_property(machine, &target, &name, value.clone(), *access)?;
            }
            Place::Field(target, name) => {
                let target = self.evaluate(machine, target)?;
                let name = self.name(machine, name)?;
                match &target {
                    Value::Object(object) => match object.downcast::<Instance>() {
                        Some(instance) if member::set_field(machine, instance, &name, value.clone())? => {}
                        _ => member::set(machine, &target, &name, value.clone())?,
                    },
                    _ => member::set(machine, &target, &name, value.clone())?,
                }
            }
            Place::Index(target, index) => {
                let target = self.evaluate(machine, target)?;
                let index = self.index_value(machine, index)?;
                member::index_set(machine, &target, &index, value.clone())?;
            }
        }
        Ok(value)
    }

    /// The value of a place.
    pub(super) fn read(&mut self, machine: &mut Machine<'_>, place: &Place) -> Outcome {
        match place {
            Place::Local(slot, _) => Ok(self.local(*slot)),
            Place::Dynamic(name) => self.dynamic(machine, name),
            Place::Named(name) => match self.named(name) {
                Value::Void if !self.this.is_null() => {
                    let found = owner_get(machine, self.unit, self.scope, &self.this, name)?;
                    Ok(found.unwrap_or(Value::Void))
                }
                value => Ok(value),
            },
            Place::Property(target, name, _) | Place::Field(target, name) => {
                let target = self.evaluate(machine, target)?;
                let name = self.name(machine, name)?;
                member::get(machine, &target, &name)
            }
            Place::Index(target, index) => {
                let target = self.evaluate(machine, target)?;
                let index = self.index_value(machine, index)?;
                member::index_get(machine, &target, &index)
            }
        }
    }

    /// Works on a place whose parts are evaluated once.
    fn update(
        &mut self,
        machine: &mut Machine<'_>,
        place: &Place,
        change: impl FnOnce(&mut Self, &mut Machine<'_>, &Value) -> Outcome,
    ) -> Result<(Value, Value), Thrown> {
        match place {
            Place::Property(target, name, access) => {
                let target = self.evaluate(machine, target)?;
                let name = self.name(machine, name)?;
                let old = member::get(machine, &target, &name)?;
                let new = change(self, machine, &old)?;
                self.set_property(machine, &target, &name, new.clone(), *access)?;
                Ok((old, new))
            }
            Place::Index(target, index) => {
                let target = self.evaluate(machine, target)?;
                let index = self.index_value(machine, index)?;
                let old = self.item(machine, &target, &index)?;
                let new = change(self, machine, &old)?;
                member::index_set(machine, &target, &index, new.clone())?;
                Ok((old, new))
            }
            place => {
                let old = self.read(machine, place)?;
                let new = change(self, machine, &old)?;
                let new = self.store(machine, place, new)?;
                Ok((old, new))
            }
        }
    }

    #[inline(never)]
    pub(super) fn assign_with(
        &mut self,
        machine: &mut Machine<'_>,
        operator: BinaryOperator,
        place: &Place,
        node: &Node,
    ) -> Outcome {
        // A counter or a sum: an `int` that stays one.
        if let (Place::Local(slot, Kind::Any | Kind::Primitive(Primitive::Int)), true) = (place, self.groovy())
            && let old @ Value::Int(_) = self.local(*slot)
        {
            let value = self.evaluate(machine, node)?;
            let new = match small(operator, &old, &value) {
                Some(new) => new,
                None => machine.binary(operator, &old, &value)?,
            };
            return self.store(machine, place, new);
        }
        let (_, new) = self.update(machine, place, |frame, machine, old| {
            let value = frame.evaluate(machine, node)?;
            if frame.groovy() {
                return machine.binary(operator, old, &value);
            }
            if matches!(old, Value::Void) {
                return Err(Thrown::new("bsh.EvalError", "Illegal use of undefined variable or 'void' literal"));
            }
            // Unlike in Java, the result is not cast to the target's type: a variable of a type refuses a wider one.
            super::java::binary(operator, old, &value)
        })?;
        Ok(new)
    }

    #[inline(never)]
    pub(super) fn step(&mut self, machine: &mut Machine<'_>, place: &Place, up: bool, postfix: bool) -> Outcome {
        if let Place::Local(slot, _) = place
            && let Value::Int(n) = self.local(*slot)
        {
            let next = Value::Int(if up { n.wrapping_add(1) } else { n.wrapping_sub(1) });
            self.set_local(*slot, next.clone());
            return Ok(if postfix { Value::Int(n) } else { next });
        }
        let (old, new) = self.update(machine, place, |frame, machine, old| step(machine, frame.groovy(), old, up))?;
        Ok(if postfix { old } else { new })
    }
}

/// `value + 1` as `++` makes it: numbers keep their type, all else has `next()`.
fn step(machine: &mut Machine<'_>, groovy: bool, value: &Value, up: bool) -> Outcome {
    let by = if up { 1i8 } else { -1 };
    Ok(match value {
        Value::Int(n) => Value::Int(n.wrapping_add(by.into())),
        Value::Long(n) => Value::Long(n.wrapping_add(by.into())),
        Value::Byte(n) if !groovy => Value::Byte(n.wrapping_add(by)),
        Value::Short(n) if !groovy => Value::Short(n.wrapping_add(by.into())),
        Value::Char(c) => Value::Char(c.wrapping_add_signed(by.into())),
        Value::Float(n) if !groovy => Value::Float(n + f32::from(by)),
        Value::Double(n) => Value::Double(n + f64::from(by)),
        number if groovy && number.is_number() => {
            let operator = if up { BinaryOperator::Plus } else { BinaryOperator::Minus };
            return machine.binary(operator, number, &Value::Int(1));
        }
        other if groovy => return machine.call_method(other, if up { "next" } else { "previous" }, &[]),
        _ => return Err(Thrown::new("bsh.EvalError", "Unary operation inappropriate for object")),
    })
}

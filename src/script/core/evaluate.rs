//! The value of an expression.

use super::call::{closure_call, closure_get, owner_call, owner_get};
use super::cast::{cast, class_of_kind};
use super::class::{Cell, Instance, ScriptClass};
use super::closure::{ClosureData, Derived, ScriptClosure, ScriptMethod};
use super::construct::Surroundings;
use super::frame::{Frame, Slot};
use super::member;
use super::names::{self, This};
use super::node::{Access, Argument, Call, Kind, Name, Node, Primitive};
use super::tree::BinaryOperator;
use crate::script::budget;
use crate::script::host::{Outcome, unknown_property};
use crate::script::library::{self, class_of};
use crate::script::machine::{Machine, with_stack};
use crate::script::value::{Array, ClassRef, GString, Range, Thrown, Value, exceptions};
use crate::text::Text;
use std::sync::{Arc, Mutex};

impl Frame<'_> {
    /// The value of an expression.
    pub(crate) fn evaluate(&mut self, machine: &mut Machine<'_>, node: &Node) -> Outcome {
        match node {
            Node::Literal(value) => Ok(value.clone()),
            Node::Local(slot) => Ok(self.local(*slot)),
            node => with_stack(|| self.compound(machine, node)),
        }
    }

    fn compound(&mut self, machine: &mut Machine<'_>, node: &Node) -> Outcome {
        match node {
            Node::Binary(operator, operands) => self.binary(machine, *operator, operands),
            Node::Chain(parts) => self.chain(machine, parts),
            Node::Call(call) => self.call(machine, call),
            Node::Property(parts, access) => self.property(machine, parts, *access),
            Node::CallName(parts) => self.call_name(machine, parts),
            Node::CallValue(parts) => {
                let callee = self.evaluate(machine, &parts.0)?;
                let arguments = self.arguments(machine, &parts.1)?;
                call_value(machine, &callee, &arguments)
            }
            Node::Dynamic(name) => self.dynamic(machine, name),
            Node::Named(name) => match self.named(name) {
                Value::Void if !self.this.is_null() => {
                    let found = owner_get(machine, self.unit, self.scope, &self.this, name)?;
                    Ok(found.unwrap_or(Value::Void))
                }
                value => Ok(value),
            },
            Node::And(pair) => Ok((self.holds(machine, &pair.0)? && self.holds(machine, &pair.1)?).into()),
            Node::Or(pair) => Ok((self.holds(machine, &pair.0)? || self.holds(machine, &pair.1)?).into()),
            Node::Conditional(parts) => {
                let chosen = if self.holds(machine, &parts.0)? { &parts.1 } else { &parts.2 };
                self.evaluate(machine, chosen)
            }
            Node::Elvis(pair) => {
                let value = self.evaluate(machine, &pair.0)?;
                if machine.truth(&value)? { Ok(value) } else { self.evaluate(machine, &pair.1) }
            }
            Node::Assign(parts) => self.assign(machine, &parts.0, &parts.1),
            Node::Interpolated(parts) => self.interpolated(machine, &parts.0, &parts.1),
            Node::Index(parts, safe) => self.index(machine, parts, *safe),
            Node::Unary(operator, operand) => {
                let value = self.evaluate(machine, operand)?;
                if self.groovy() { machine.unary(*operator, &value) } else { super::java::unary(*operator, &value) }
            }
            Node::Closure(function) => {
                let captured: Vec<Cell> = function.captures.iter().map(|(outer, _)| self.share(*outer)).collect();
                let data = ClosureData {
                    unit: self.unit.clone(),
                    function: function.clone(),
                    captured,
                    this: self.this.clone(),
                    class: self.class,
                    owner: self.closure.cloned(),
                    scope: self.scope.clone(),
                    delegate: Mutex::new(None),
                };
                Ok(Value::Closure(Arc::new(ScriptClosure(Arc::new(data)))))
            }
            Node::Step { target, up, postfix } => self.step(machine, target, *up, *postfix),
            Node::AssignWith(operator, parts) => self.assign_with(machine, *operator, &parts.0, &parts.1),
            Node::This => Ok(self.this_value()),
            other => self.seldom(machine, other),
        }
    }

    #[inline(never)]
    fn seldom(&mut self, machine: &mut Machine<'_>, node: &Node) -> Outcome {
        match node {
            Node::Super => match &self.names {
                Some(names) => Ok(names.super_value()),
                None => Ok(self.this_value()),
            },
            Node::OwnClass(index) => Ok(Value::Class(self.own_class(*index))),
            Node::List(items) => Ok(Value::list(self.arguments(machine, items)?)),
            Node::Map(entries) => self.map(machine, entries),
            Node::Range(pair, exclusive) => {
                let (from, to) = (self.evaluate(machine, &pair.0)?, self.evaluate(machine, &pair.1)?);
                Ok(Value::Range(Arc::new(Range { from, to, inclusive: !exclusive })))
            }
            Node::New(parts) => {
                let outcome = self.construct(machine, &parts.0, &parts.1);
                if let Err(thrown) = &outcome
                    && !self.groovy()
                    && thrown.class() != names::EVAL_ERROR
                {
                    machine.add_context("Object constructor");
                }
                outcome
            }
            Node::NewAnonymous(index, arguments) => {
                let arguments = self.arguments(machine, arguments)?;
                self.construct_anonymous(machine, *index, None, &arguments)
            }
            Node::NewConstant(index, arguments) => {
                let arguments = self.arguments(machine, arguments)?;
                let [name, ordinal, rest @ ..] = arguments.as_slice() else { return Ok(Value::Null) };
                self.construct_anonymous(machine, *index, Some((name.clone(), ordinal.clone())), rest)
            }
            Node::NewArray(parts) => {
                let mut lengths = Vec::new();
                for length in &parts.1 {
                    let length = self.evaluate(machine, length)?;
                    lengths.push(length.to_i32().ok_or_else(|| names::cannot_cast(&length, "int"))?);
                }
                let array = new_array(&parts.0, &lengths)?;
                machine.done(&Value::Null, array)
            }
            Node::ArrayItems(element, items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    let value = self.evaluate(machine, item)?;
                    values.push(machine.element_value(value, element)?);
                }
                Ok(Value::Array(Arc::new(Array::new(element, values))))
            }
            Node::Field(parts) => {
                let target = self.evaluate(machine, &parts.0)?;
                let name = self.name(machine, &parts.1)?;
                if let Value::Object(object) = &target
                    && let Some(instance) = object.downcast::<Instance>()
                {
                    let found = member::field(machine, &target, instance, &name)?;
                    return found.ok_or_else(|| {
                        let message = format!("No such field: {name} for class: {}", instance.class.name());
                        Thrown::new("groovy.lang.MissingFieldException", message)
                    });
                }
                // Objects that answer to any name (XML) tell `a.@b` from `a.b`.
                if let Value::Object(object) = &target
                    && let Some(outcome) = object.property(machine, &format!("@{name}"))
                {
                    return outcome;
                }
                member::get(machine, &target, &name)
            }
            Node::MethodPointer(parts) => {
                let target = self.evaluate(machine, &parts.0)?;
                let name = self.name(machine, &parts.1)?.to_string();
                Ok(Derived::Method(target, name).value())
            }
            Node::CallConstructor(above, arguments) => {
                let arguments = self.arguments(machine, arguments)?;
                let class = ScriptClass { unit: self.unit.clone(), index: self.class };
                let this = self.this.clone();
                if *above {
                    super::construct::construct_parent(machine, &this, &class, &arguments)?;
                    super::construct::initial(machine, &this, &class)?;
                } else {
                    super::construct::construct_as(machine, &this, &class, &arguments)?;
                }
                Ok(Value::Null)
            }
            Node::AssignIfFalse(parts) => {
                let old = self.read(machine, &parts.0)?;
                if machine.truth(&old)? {
                    return Ok(old);
                }
                self.assign(machine, &parts.0, &parts.1)
            }
            Node::AssignAll(places, value) => {
                let value = self.evaluate(machine, value)?;
                for (index, place) in places.iter().enumerate() {
                    let part = super::frame::part(machine, &value, index)?;
                    self.store(machine, place, part)?;
                }
                Ok(value)
            }
            Node::Cast(parts) => {
                let value = self.evaluate(machine, &parts.1)?;
                cast(machine, self.unit, value, &parts.0)
            }
            Node::Coerce(parts) => {
                let value = self.evaluate(machine, &parts.0)?;
                match &parts.1 {
                    Kind::Primitive(Primitive::Boolean) if value.is_null() => Ok(false.into()),
                    Kind::Primitive(primitive) if value.is_null() => {
                        Err(super::coerce::cast_error(machine, &value, primitive.name()))
                    }
                    Kind::Primitive(primitive)
                        if matches!(value, Value::List(_)) && *primitive != Primitive::Boolean =>
                    {
                        Err(super::coerce::cast_error(machine, &value, primitive.name()))
                    }
                    kind => match class_of_kind(self.unit, kind) {
                        Some(class) => machine.coerce(&value, &class),
                        None => Ok(value),
                    },
                }
            }
            Node::InstanceOf(parts, negated) => {
                let value = self.evaluate(machine, &parts.0)?;
                let is = match class_of_kind(self.unit, &parts.1) {
                    Some(class) => super::coerce::is_instance(machine, &value, &class),
                    None => match &parts.1 {
                        Kind::Unknown(name) => return Err(names::class_not_found(name)),
                        _ => !value.is_null(),
                    },
                };
                Ok((is != *negated).into())
            }
            Node::UnknownClass(name) => Err(names::class_not_found(name)),
            Node::Drawn(parts) => {
                let value = self.evaluate(machine, &parts.0)?;
                self.drawn.push((parts.1, value.clone()));
                Ok(value)
            }
            _ => Ok(Value::Null),
        }
    }

    fn own_class(&self, index: usize) -> ClassRef {
        ClassRef::Script(ScriptClass { unit: self.unit.clone(), index })
    }

    #[inline(never)]
    fn binary(&mut self, machine: &mut Machine<'_>, operator: BinaryOperator, operands: &(Node, Node)) -> Outcome {
        let a = self.evaluate(machine, &operands.0)?;
        let b = self.evaluate(machine, &operands.1)?;
        self.operate(machine, operator, a, b)
    }

    #[inline(never)]
    fn chain(&mut self, machine: &mut Machine<'_>, parts: &(Node, Vec<(BinaryOperator, Node)>)) -> Outcome {
        let mut value = self.evaluate(machine, &parts.0)?;
        for (operator, node) in &parts.1 {
            let next = self.evaluate(machine, node)?;
            value = self.operate(machine, *operator, value, next)?;
        }
        Ok(value)
    }

    fn operate(&mut self, machine: &mut Machine<'_>, operator: BinaryOperator, a: Value, b: Value) -> Outcome {
        if let Some(value) = small(operator, &a, &b) {
            return Ok(value);
        }
        if self.groovy() {
            return machine.binary(operator, &a, &b);
        }
        if matches!(operator, BinaryOperator::Plus)
            && (matches!(a, Value::String(_)) || matches!(b, Value::String(_)))
            && (matches!(a, Value::Object(_)) || matches!(b, Value::Object(_)))
        {
            let (a, b) = (Value::from(machine.text(&a)?), Value::from(machine.text(&b)?));
            return super::java::binary(operator, &a, &b);
        }
        let outcome = super::java::binary(operator, &a, &b);
        if outcome.as_ref().is_err_and(|thrown| thrown.class() == exceptions::ARITHMETIC) {
            machine.add_context("Arithemetic Exception in binary op");
        }
        outcome
    }

    #[inline(never)]
    fn interpolated(&mut self, machine: &mut Machine<'_>, texts: &[Text], nodes: &[Node]) -> Outcome {
        let mut values = Vec::with_capacity(nodes.len());
        for node in nodes {
            let value = self.evaluate(machine, node)?;
            values.push(match &value {
                Value::GString(text) if text.is_deep() => machine.text(&value)?.into(),
                _ => value,
            });
        }
        let text = GString::new(texts.to_vec(), values);
        budget::text(text.size())?;
        Ok(Value::GString(Arc::new(text)))
    }

    #[inline(never)]
    fn map(&mut self, machine: &mut Machine<'_>, entries: &[Argument]) -> Outcome {
        let map = crate::script::value::Map::new(crate::script::value::MapKind::Linked);
        self.fill(machine, &map, entries)?;
        Ok(Value::Map(Arc::new(map)))
    }

    fn fill(
        &mut self,
        machine: &mut Machine<'_>,
        map: &crate::script::value::Map,
        entries: &[Argument],
    ) -> Result<(), Thrown> {
        for entry in entries {
            match entry {
                Argument::Named(key, value) => {
                    let key = self.evaluate(machine, key)?;
                    let value = self.evaluate(machine, value)?;
                    map.put(key, value);
                }
                Argument::SpreadMap(node) => {
                    if let Value::Map(other) = self.evaluate(machine, node)? {
                        for (key, value) in other.entries() {
                            map.put(key, value);
                        }
                    }
                }
                Argument::Plain(_) | Argument::Spread(_) => {}
            }
        }
        Ok(())
    }

    /// The values of arguments: named ones are one map, the first; spread lists are spread.
    pub(crate) fn arguments(
        &mut self,
        machine: &mut Machine<'_>,
        arguments: &[Argument],
    ) -> Result<Vec<Value>, Thrown> {
        let mut values = Vec::with_capacity(arguments.len());
        if arguments.iter().any(|argument| matches!(argument, Argument::Named(..) | Argument::SpreadMap(_))) {
            values.push(self.map(machine, arguments)?);
        }
        for argument in arguments {
            match argument {
                Argument::Plain(node) => {
                    let value = self.evaluate(machine, node)?;
                    if let (Value::Void, Node::Named(name)) = (&value, node) {
                        return Err(names::undefined_argument(name));
                    }
                    values.push(value);
                }
                Argument::Spread(node) => {
                    let value = self.evaluate(machine, node)?;
                    if !value.is_null() {
                        values.extend(machine.iterate(&value)?);
                    }
                }
                Argument::Named(..) | Argument::SpreadMap(_) => {}
            }
        }
        Ok(values)
    }

    pub(crate) fn name(&mut self, machine: &mut Machine<'_>, name: &Name) -> Result<Text, Thrown> {
        match name {
            Name::Fixed(name) => Ok(name.clone()),
            Name::Computed(node) => {
                let value = self.evaluate(machine, node)?;
                Ok(machine.text(&value)?.into())
            }
        }
    }

    /// A name of the binding, the object around, or a closure's owner and delegate.
    #[inline(never)]
    pub(super) fn dynamic(&mut self, machine: &mut Machine<'_>, name: &Text) -> Outcome {
        if self.closure.is_none()
            && self.this.is_null()
            && let Some(value) = self.scope.get(name)
        {
            return Ok(value);
        }
        let found = match self.closure {
            Some(data) => closure_get(machine, data, name)?,
            None => owner_get(machine, self.unit, self.scope, &self.this, name)?,
        };
        match found {
            Some(value) => Ok(value),
            None => {
                let class = match &self.this {
                    Value::Null => self.unit.name.to_string(),
                    Value::Class(class) => class.name(),
                    other => class_of(other).name(),
                };
                Err(unknown_property(&class, name))
            }
        }
    }

    /// A name of BeanShell; one that is not set is `void`.
    pub(super) fn named(&mut self, name: &Text) -> Value {
        let Some(names) = &self.names else { return Value::Void };
        if let Some(value) = names.get(name) {
            return value;
        }
        match &**name {
            "global" => return names.global_value(),
            "this" => return names.this_value(),
            _ => {}
        }
        if let Some(index) = self.unit.classes.iter().skip(1).position(|class| class.name == *name) {
            return Value::Class(self.own_class(index + 1));
        }
        Value::Void
    }

    #[inline(never)]
    fn property(&mut self, machine: &mut Machine<'_>, parts: &(Node, Name), access: Access) -> Outcome {
        let this = if matches!(parts.0, Node::Super) && self.groovy() { self.this.clone() } else { Value::Null };
        if let Value::Object(object) = &this
            && let Some(instance) = object.downcast::<Instance>()
        {
            let name = self.name(machine, &parts.1)?;
            let found = member::field(machine, &this, instance, &name)?;
            return found.ok_or_else(|| unknown_property(&instance.class.name(), &name));
        }
        // A plain map in a variable, as parsed JSON is, need not be handed around.
        if let (Node::Local(slot), Name::Fixed(name), true) = (&parts.0, &parts.1, self.groovy())
            && let Slot::Plain(Value::Map(map)) = &self.slots[*slot]
            && access != Access::Spread
            && map.is_plain()
        {
            return Ok(map.get_named(name).unwrap_or_default());
        }
        let target = self.evaluate(machine, &parts.0)?;
        if access != Access::Plain && target.is_null() {
            return Ok(Value::Null);
        }
        let name = self.name(machine, &parts.1)?;
        if access == Access::Spread {
            return member::spread(machine, &target, &name);
        }
        if !self.groovy() {
            return self.java_property(machine, &parts.0, &target, &name);
        }
        // Within a class its own fields are meant, not their getters.
        if matches!(parts.0, Node::This)
            && let Value::Object(object) = &target
            && let Some(instance) = object.downcast::<Instance>()
            && !instance.is_script()
            && let Some(value) = instance.get(&name)
        {
            return Ok(value);
        }
        member::get(machine, &target, &name)
    }

    fn java_property(&mut self, machine: &mut Machine<'_>, node: &Node, target: &Value, name: &Text) -> Outcome {
        match target {
            Value::Void => {
                // `bsh.args`, `System.out` by way of a name with a dot.
                if let Node::Named(first) = node {
                    if let Some(value) = self.names.as_ref().and_then(|names| names.get(&format!("{first}.{name}"))) {
                        return Ok(value);
                    }
                    return Err(names::undefined_variable(&format!("{first}.{name}")));
                }
                Err(names::undefined_variable(name))
            }
            Value::Null => {
                Err(Thrown::new(exceptions::NULL_POINTER, format!("Null Pointer in Property Access: {name}")))
            }
            Value::Array(array) if &**name == "length" => Ok(Value::Int(array.len() as i32)),
            Value::Object(object) if object.downcast::<This>().is_some() || object.downcast::<Instance>().is_some() => {
                member::get(machine, target, name)
            }
            Value::Class(_) => member::get(machine, target, name),
            other => machine.get_bean_property(other, name).map_err(|thrown| match thrown.class() {
                exceptions::MISSING_PROPERTY => Thrown::new(
                    "bsh.EvalError",
                    format!("Cannot access field: {name}, on object: {}", library::class_of(other).name()),
                ),
                _ => thrown,
            }),
        }
    }

    #[inline(never)]
    fn index(&mut self, machine: &mut Machine<'_>, parts: &(Node, Vec<Argument>), safe: bool) -> Outcome {
        let target = self.evaluate(machine, &parts.0)?;
        if safe && target.is_null() {
            return Ok(Value::Null);
        }
        let index = self.index_value(machine, &parts.1)?;
        self.item(machine, &target, &index)
    }

    pub(super) fn item(&mut self, machine: &mut Machine<'_>, target: &Value, index: &Value) -> Outcome {
        if !self.groovy() && !matches!(target, Value::Array(_) | Value::Map(_) | Value::List(_)) {
            return Err(Thrown::new("bsh.EvalError", "Not an array"));
        }
        if let (Value::Array(_), false, Some(at)) = (target, self.groovy(), super::coerce::lone_code(index)) {
            let at = Value::Int(at.to_i32().unwrap_or(0));
            return member::index_get(machine, target, &at);
        }
        member::index_get(machine, target, index)
    }

    pub(super) fn index_value(&mut self, machine: &mut Machine<'_>, index: &[Argument]) -> Outcome {
        if let [Argument::Plain(node)] = index {
            return self.evaluate(machine, node);
        }
        Ok(Value::list(self.arguments(machine, index)?))
    }

    #[inline(never)]
    fn call(&mut self, machine: &mut Machine<'_>, call: &Call) -> Outcome {
        if matches!(call.target, Node::Super) && self.groovy() {
            let name = self.name(machine, &call.name)?;
            let arguments = self.arguments(machine, &call.arguments)?;
            let this = self.this_value();
            return super::call::super_method(machine, self.unit, &this, self.class, &name, &arguments);
        }
        let target = self.evaluate(machine, &call.target)?;
        if call.access != Access::Plain && target.is_null() {
            return Ok(Value::Null);
        }
        let arguments = self.arguments(machine, &call.arguments)?;
        let computed;
        let name: &Text = match &call.name {
            Name::Fixed(name) => name,
            Name::Computed(node) => {
                let value = self.evaluate(machine, node)?;
                if let Value::Closure(_) = value {
                    return machine.call(&value, &arguments);
                }
                computed = Text::from(machine.text(&value)?);
                &computed
            }
        };
        if call.access == Access::Spread {
            let mut values = Vec::new();
            for item in machine.iterate(&target)? {
                values.push(if item.is_null() { Value::Null } else { call_method(machine, &item, name, &arguments)? });
            }
            return Ok(Value::list(values));
        }
        if !self.groovy() {
            let outcome = if is_primitive(&target) && self.is_boxed(&call.target) {
                machine.call_method(&target, name, &arguments)
            } else {
                java_call(machine, &call.target, &target, name, &arguments)
            };
            if let (Err(thrown), Some(shown)) = (&outcome, &call.shown)
                && thrown.class() != names::EVAL_ERROR
                && !target.is_null()
            {
                machine.add_context(&format!("Method Invocation {shown}"));
            }
            return outcome;
        }
        call_method(machine, &target, name, &arguments)
    }

    #[inline(never)]
    fn call_name(&mut self, machine: &mut Machine<'_>, parts: &(Name, Vec<Argument>)) -> Outcome {
        let name = self.name(machine, &parts.0)?;
        let arguments = self.arguments(machine, &parts.1)?;
        if let Some(names) = self.names.clone() {
            return self.call_named(machine, &names, &name, &arguments);
        }
        let outcome = match self.closure {
            Some(data) => closure_call(machine, data, &name, &arguments),
            None => owner_call(machine, self.unit, self.scope, &self.this, &name, &arguments),
        };
        if let Some(outcome) = outcome {
            return outcome;
        }
        // `it(…)` and the like: a name that holds something to call.
        let this = self.this_value();
        if let Value::Object(object) = &this
            && let Some(instance) = object.downcast::<Instance>()
        {
            let given = [Value::String(name.clone()), super::call::object_array(&arguments)];
            if let Some(outcome) = super::call::instance_method(machine, &this, instance, "methodMissing", &given) {
                return outcome;
            }
            if machine.has_method(&this, &name, arguments.len()) {
                return machine.class_method(&this, &name, &arguments);
            }
        }
        Err(super::call::no_such_method(self.unit, &self.this, &name, &arguments))
    }

    fn call_named(
        &mut self,
        machine: &mut Machine<'_>,
        names: &Arc<names::Namespace>,
        name: &Text,
        arguments: &[Value],
    ) -> Outcome {
        if let Some(method) = choose(machine, &names.methods(name), arguments) {
            return method.call(machine, arguments);
        }
        if !self.this.is_null()
            && let Some(outcome) = owner_call(machine, self.unit, self.scope, &self.this, name, arguments)
        {
            return outcome;
        }
        let script = self.unit.classes[0].methods.iter().filter(|method| method.name == *name);
        if let Some(function) = super::call::select(machine, self.unit, script, arguments) {
            let method = ScriptMethod { unit: self.unit.clone(), function: function.clone(), names: None };
            return method.call(machine, arguments);
        }
        if let Some(outcome) = super::commands::call(machine, self.unit, self.scope, name, arguments) {
            return outcome;
        }
        if let Some(held @ Value::Closure(_)) = names.get(name) {
            return machine.call(&held, arguments);
        }
        let imported = super::call::imported_call(machine, self.unit, name, arguments);
        imported.unwrap_or_else(|| Err(names::no_command(name, arguments)))
    }

    #[inline(never)]
    fn construct(&mut self, machine: &mut Machine<'_>, kind: &Kind, arguments: &[Argument]) -> Outcome {
        let arguments = self.arguments(machine, arguments)?;
        match kind {
            Kind::Own(index) => {
                let class = ScriptClass { unit: self.unit.clone(), index: *index };
                super::construct::construct(machine, &class, self.scope, Surroundings::default(), &arguments)
            }
            Kind::Class(class) => machine.construct(class, &arguments),
            Kind::Any => machine.construct(&ClassRef::Library(&library::object::OBJECT), &arguments),
            Kind::Unknown(name) => Err(names::unknown_class(name)),
            Kind::Primitive(_) | Kind::Void => Err(Thrown::nothing()),
        }
    }

    #[inline(never)]
    fn construct_anonymous(
        &mut self,
        machine: &mut Machine<'_>,
        index: usize,
        constant: Option<(Value, Value)>,
        arguments: &[Value],
    ) -> Outcome {
        let class = ScriptClass { unit: self.unit.clone(), index };
        let info = &self.unit.classes[index];
        let functions = info.methods.iter().chain(&info.constructors).chain(&info.initial);
        let mut captured = Vec::new();
        for function in functions.filter(|function| !function.captures.is_empty()) {
            let cells = function.captures.iter().map(|(outer, _)| self.share(*outer)).collect();
            captured.push((function.clone(), cells));
        }
        let outer = if constant.is_some() { Value::Null } else { self.this.clone() };
        let around = Surroundings { captured, outer, names: self.names.clone(), constant };
        super::construct::construct(machine, &class, self.scope, around, arguments)
    }
}

/// The operators that both languages have most often on two `int`s.
pub(super) fn small(operator: BinaryOperator, a: &Value, b: &Value) -> Option<Value> {
    let (Value::Int(a), Value::Int(b)) = (a, b) else { return None };
    Some(match operator {
        BinaryOperator::Plus => Value::Int(a.wrapping_add(*b)),
        BinaryOperator::Minus => Value::Int(a.wrapping_sub(*b)),
        BinaryOperator::Multiply => Value::Int(a.wrapping_mul(*b)),
        BinaryOperator::Less => (a < b).into(),
        BinaryOperator::LessOrEqual => (a <= b).into(),
        BinaryOperator::Greater => (a > b).into(),
        BinaryOperator::GreaterOrEqual => (a >= b).into(),
        BinaryOperator::Equal => (a == b).into(),
        BinaryOperator::NotEqual => (a != b).into(),
        _ => return None,
    })
}

/// `new T[2][3]`.
fn new_array(element: &str, lengths: &[i32]) -> Outcome {
    let Some((first, rest)) = lengths.split_first() else { return Ok(Value::Null) };
    let count =
        usize::try_from(*first).map_err(|_| Thrown::new("java.lang.NegativeArraySizeException", first.to_string()))?;
    let whole = lengths.iter().fold(1usize, |all, n| all.saturating_mul((*n).max(0) as usize));
    budget::items(whole)?;
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        items.push(if rest.is_empty() {
            super::node::Primitive::parse(element).map_or(Value::Null, super::node::Primitive::zero)
        } else {
            new_array(element.strip_suffix("[]").unwrap_or(element), rest)?
        });
    }
    Ok(Value::Array(Arc::new(Array::new(element, items))))
}

/// The method among overloads that fits best.
fn choose<'m>(machine: &Machine<'_>, methods: &'m [Value], arguments: &[Value]) -> Option<&'m ScriptMethod> {
    let all = methods.iter().filter_map(|value| match value {
        Value::Object(object) => object.downcast::<ScriptMethod>(),
        _ => None,
    });
    all.filter_map(|method| {
        super::call::applicable(machine, &method.unit, &method.function, arguments).map(|near| (near, method))
    })
    .min_by_key(|(near, _)| *near)
    .map(|(_, method)| method)
}

impl Frame<'_> {
    /// Whether a primitive value of BeanShell is an object here, by what gave it: a variable of a class's type, a method
    /// or constructor of Java that gives objects.
    fn is_boxed(&self, node: &Node) -> bool {
        match node {
            Node::Named(name) => self.names.as_ref().is_some_and(|names| matches!(names.kind(name), Kind::Class(_))),
            Node::Call(call) => matches!(&call.name, Name::Fixed(name) if BOXING.contains(&&**name)),
            Node::New(..) => true,
            _ => false,
        }
    }
}

/// A method of a BeanShell object.
pub(crate) fn call_this(machine: &mut Machine<'_>, this: &This, name: &str, arguments: &[Value]) -> Outcome {
    let methods = this.0.methods(name);
    if let Some(method) = choose(machine, &methods, arguments) {
        return method.call(machine, arguments);
    }
    match (name, arguments) {
        ("getVariable" | "getNameSpace", [name]) => {
            let name = machine.text(name)?;
            Ok(this.0.get(&name).unwrap_or_default())
        }
        ("toString", []) => Ok("'this' reference to Bsh object: NameSpace: global".into()),
        ("hashCode", []) => Ok(Value::Int(1)),
        ("equals", [other]) => Ok(matches!(other, Value::Object(object)
            if object.downcast::<This>().is_some_and(|other| Arc::ptr_eq(&other.0, &this.0)))
        .into()),
        _ => Err(names::no_command(name, arguments)),
    }
}

fn call_method(machine: &mut Machine<'_>, target: &Value, name: &Text, arguments: &[Value]) -> Outcome {
    match target {
        Value::Class(class) => machine.call_static(class, name, arguments),
        _ => machine.call_method(target, name, arguments),
    }
}

/// Whether it is a value that BeanShell keeps as a `bsh.Primitive`, unless it is an object.
fn is_primitive(value: &Value) -> bool {
    matches!(
        value,
        Value::Boolean(_)
            | Value::Char(_)
            | Value::Byte(_)
            | Value::Short(_)
            | Value::Int(_)
            | Value::Long(_)
            | Value::Float(_)
            | Value::Double(_)
    )
}

/// Methods of Java that give numbers as objects.
const BOXING: [&str; 14] = [
    "elementAt",
    "get",
    "getFirst",
    "getKey",
    "getLast",
    "getObject",
    "getValue",
    "next",
    "peek",
    "poll",
    "pop",
    "removeFirst",
    "removeLast",
    "valueOf",
];

fn java_call(machine: &mut Machine<'_>, node: &Node, target: &Value, name: &Text, arguments: &[Value]) -> Outcome {
    match target {
        Value::Void => {
            let variable = match node {
                Node::Named(name) => name.clone(),
                _ => "void".into(),
            };
            let message =
                format!("Attempt to resolve method: {name}() on undefined variable or class name: {variable}");
            Err(Thrown::new("bsh.EvalError", message))
        }
        Value::Null => {
            let message = format!("Null Pointer in Method Invocation of {name}()");
            Err(Thrown::new(exceptions::NULL_POINTER, message))
        }
        Value::Class(class) => machine.call_static(class, name, arguments),
        target if is_primitive(target) => match (&**name, arguments) {
            ("getClass", []) => Ok(Value::Class(ClassRef::Library(&names::PRIMITIVE))),
            ("equals", [_]) => Ok(false.into()),
            ("getType", []) => Ok(Value::from(names::type_name(target))),
            _ => machine.call_method(target, name, arguments),
        },
        Value::Object(object) if object.downcast::<This>().is_some() => {
            let Some(this) = object.downcast::<This>() else { return Ok(Value::Null) };
            call_this(machine, this, name, arguments)
        }
        other => machine.call_method(other, name, arguments).map_err(|thrown| match thrown.class() {
            exceptions::MISSING_METHOD if !matches!(class_of(other), ClassRef::Script(_)) => {
                names::no_method(other, name, arguments)
            }
            _ => thrown,
        }),
    }
}

fn call_value(machine: &mut Machine<'_>, callee: &Value, arguments: &[Value]) -> Outcome {
    match callee {
        Value::Null => Err(Thrown::new(exceptions::NULL_POINTER, "Cannot invoke method call() on null object")),
        Value::Class(class) => machine.call_static(class, "call", arguments),
        _ => machine.call(callee, arguments),
    }
}

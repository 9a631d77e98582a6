//! The variables of a running function, and its statements.

use super::cast::{cast, class_of_kind};
use super::class::{Cell, Instance, ScriptClass, lock};
use super::closure::ClosureData;
use super::coerce::is_instance;
use super::monitor::Monitor;
use super::names::{self, Namespace};
use super::node::{Function, Kind, Language, Node, Statement, StatementKind as S, Target, Try, Unit};
use super::power_assert::{self, Assertion, Otherwise};
use crate::script::host::{Outcome, Scope};
use crate::script::library::throwable;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Thrown, Value, exceptions};
use crate::text::Text;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// A local variable.
#[derive(Debug)]
pub(crate) enum Slot {
    /// Only this function sees it.
    Plain(Value),
    /// A closure was made that shares it.
    Shared(Cell),
}

/// A function at work.
pub(crate) struct Frame<'f> {
    pub(crate) slots: Vec<Slot>,
    /// `this`: an object, a class (in static methods), or null for the script itself.
    pub(crate) this: Value,
    /// The closure whose body it is.
    pub(crate) closure: Option<&'f Arc<ClosureData>>,
    pub(crate) unit: &'f Arc<Unit>,
    pub(crate) scope: &'f Scope,
    /// The names of BeanShell.
    pub(crate) names: Option<Arc<Namespace>>,
    /// The class whose method it is, for `super`.
    pub(crate) class: usize,
    /// Values of the parts of the assertion at work, with their columns.
    pub(super) drawn: Vec<(u32, Value)>,
}

/// How a statement ended.
pub(crate) enum Flow {
    Normal,
    Return(Value),
    Break(Option<Text>),
    Continue(Option<Text>),
}

/// What a function is called with.
pub(crate) struct Invocation<'i> {
    pub(crate) unit: &'i Arc<Unit>,
    pub(crate) function: &'i Arc<Function>,
    pub(crate) this: Value,
    pub(crate) closure: Option<&'i Arc<ClosureData>>,
    pub(crate) scope: &'i Scope,
    pub(crate) captured: &'i [Cell],
    pub(crate) names: Option<Arc<Namespace>>,
    pub(crate) class: usize,
}

impl Invocation<'_> {
    /// Runs the function on arguments that fit its parameters.
    pub(crate) fn run(self, machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome {
        machine.deeper(|machine| {
            machine.turn()?;
            let function = self.function;
            let Some(body) = &function.body else {
                return Err(Thrown::new("java.lang.AbstractMethodError", &function.name));
            };
            let mut slots = Vec::with_capacity(function.slots);
            slots.resize_with(function.slots, || Slot::Plain(Value::Null));
            for ((_, inner), cell) in function.captures.iter().zip(self.captured) {
                slots[*inner] = Slot::Shared(cell.clone());
            }
            let mut frame = Frame {
                slots,
                this: self.this,
                closure: self.closure,
                unit: self.unit,
                scope: self.scope,
                names: self.names,
                class: self.class,
                drawn: Vec::new(),
            };
            frame.bind(machine, function, arguments)?;
            let value = match frame.run(machine, body)? {
                Flow::Return(value) => value,
                _ if frame.names.is_some() => Value::Void,
                _ => Value::Null,
            };
            match &function.result {
                Kind::Any => Ok(value),
                Kind::Void if frame.names.is_some() => Ok(Value::Void),
                result if frame.names.is_some() => {
                    super::cast::returned(machine, self.unit, value, result, &function.name)
                }
                result => cast(machine, self.unit, value, result),
            }
        })
    }
}

impl Frame<'_> {
    /// Gives the parameters their values.
    fn bind(&mut self, machine: &mut Machine<'_>, function: &Function, arguments: &[Value]) -> Result<(), Thrown> {
        let parameters = &function.parameters;
        let spare = arguments.len().saturating_sub(function.least());
        let variable = parameters.last().is_some_and(|last| last.variable);
        let mut defaults = spare;
        let mut next = 0;
        for (slot, parameter) in parameters.iter().enumerate() {
            let value = if parameter.variable && slot + 1 == parameters.len() {
                let rest = arguments.get(next..).unwrap_or_default();
                let element = match &parameter.kind {
                    Kind::Class(ClassRef::Array(element)) => element.clone(),
                    _ => "java.lang.Object".into(),
                };
                match rest {
                    [whole @ (Value::Array(_) | Value::Null)] => whole.clone(),
                    _ => {
                        let mut items = Vec::with_capacity(rest.len());
                        for item in rest {
                            items.push(machine.element_value(item.clone(), &element)?);
                        }
                        Value::Array(Arc::new(crate::script::value::Array::new(&element, items)))
                    }
                }
            } else if let Some(default) = &parameter.default {
                let given = defaults > 0 && next < arguments.len() && !(variable && next >= arguments.len());
                if given {
                    defaults -= 1;
                    next += 1;
                    arguments[next - 1].clone()
                } else {
                    self.evaluate(machine, default)?
                }
            } else {
                next += 1;
                arguments.get(next - 1).cloned().unwrap_or_default()
            };
            let value = match &parameter.kind {
                Kind::Any => value,
                kind => cast(machine, self.unit, value, kind)?,
            };
            self.declare(&Target::Local(slot, Kind::Any), value.clone());
            if let Some(names) = &self.names {
                names.declare(&parameter.name, parameter.kind.clone(), value);
            }
        }
        Ok(())
    }

    pub(crate) fn groovy(&self) -> bool {
        self.unit.language == Language::Groovy
    }

    /// The value of a local variable.
    pub(crate) fn local(&self, slot: usize) -> Value {
        match &self.slots[slot] {
            Slot::Plain(value) => value.clone(),
            Slot::Shared(cell) => lock(cell).clone(),
        }
    }

    pub(crate) fn set_local(&mut self, slot: usize, value: Value) {
        match &mut self.slots[slot] {
            Slot::Plain(old) => *old = value,
            Slot::Shared(cell) => *lock(cell) = value,
        }
    }

    /// A variable as closures share it from now on.
    pub(crate) fn share(&mut self, slot: usize) -> Cell {
        match &mut self.slots[slot] {
            Slot::Shared(cell) => cell.clone(),
            Slot::Plain(value) => {
                let cell = Arc::new(Mutex::new(std::mem::take(value)));
                self.slots[slot] = Slot::Shared(cell.clone());
                cell
            }
        }
    }

    /// A variable comes into being.
    fn declare(&mut self, target: &Target, value: Value) {
        match target {
            Target::Local(slot, _) => self.slots[*slot] = Slot::Plain(value),
            Target::Named(name, kind) => {
                if let Some(names) = &self.names {
                    names.declare(name, kind.clone(), value);
                }
            }
        }
    }

    /// `this` as a value: the script itself is an object too.
    pub(crate) fn this_value(&self) -> Value {
        if let Some(names) = &self.names
            && self.this.is_null()
        {
            return names.this_value();
        }
        if self.this.is_null() { script_object(self.unit, self.scope) } else { self.this.clone() }
    }

    /// Runs statements one after the other.
    pub(crate) fn run(&mut self, machine: &mut Machine<'_>, statements: &[Statement]) -> Result<Flow, Thrown> {
        for statement in statements {
            match self.execute(machine, statement)? {
                Flow::Normal => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Normal)
    }

    /// Runs a block whose names are gone at its end (BeanShell).
    fn run_named(&mut self, machine: &mut Machine<'_>, statements: &[Statement]) -> Result<Flow, Thrown> {
        self.in_block(|frame| frame.run(machine, statements))
    }

    fn in_block<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        let Some(outer) = self.names.clone() else { return work(self) };
        self.names = Some(Namespace::block(&outer));
        let result = work(self);
        self.names = Some(outer);
        result
    }

    /// What an `if` asks: Groovy's truth, or Java's boolean.
    pub(crate) fn holds(&mut self, machine: &mut Machine<'_>, condition: &Node) -> Result<bool, Thrown> {
        match self.evaluate(machine, condition)? {
            Value::Boolean(b) => Ok(b),
            value if self.groovy() => machine.truth(&value),
            value => Err(super::names::no_condition(&value)),
        }
    }

    pub(crate) fn execute(&mut self, machine: &mut Machine<'_>, statement: &Statement) -> Result<Flow, Thrown> {
        let result = match &statement.kind {
            S::Expression(node) => self.evaluate(machine, node).map(|_| Flow::Normal),
            S::Return(node) => match node {
                Some(node) => self.evaluate(machine, node).map(Flow::Return),
                None => Ok(Flow::Return(if self.groovy() { Value::Null } else { Value::Void })),
            },
            S::Declare(slot, kind, value) => self.declare_local(machine, *slot, kind, value.as_ref()),
            S::If(condition, yes, no) => match self.holds(machine, condition) {
                Ok(true) => return self.execute(machine, yes),
                Ok(false) => match no {
                    Some(no) => return self.execute(machine, no),
                    None => Ok(Flow::Normal),
                },
                Err(thrown) => Err(thrown),
            },
            S::Block(body) => return self.run(machine, body),
            S::NamedBlock(body) => return self.run_named(machine, body),
            S::Synchronized(object, body) => match self.evaluate(machine, object) {
                Ok(object) => match Monitor::enter(machine, &object) {
                    Ok(_held) => return self.execute(machine, body),
                    Err(thrown) => Err(thrown),
                },
                Err(thrown) => Err(thrown),
            },
            S::Break(label) => Ok(Flow::Break(label.clone())),
            S::Continue(label) => Ok(Flow::Continue(label.clone())),
            S::Empty => Ok(Flow::Normal),
            S::Labeled(label, body) => return self.labeled(machine, label, body),
            S::While(..) | S::DoWhile(..) | S::For(..) | S::ForEach(..) => self.looping(machine, &statement.kind, None),
            S::Try(parts) => return self.attempt(machine, parts),
            other => self.rare(machine, other),
        };
        result.map_err(|thrown| thrown.at_line(statement.line))
    }

    #[inline(never)]
    fn declare_local(
        &mut self,
        machine: &mut Machine<'_>,
        slot: usize,
        kind: &Kind,
        value: Option<&Node>,
    ) -> Result<Flow, Thrown> {
        let value = match (value, kind) {
            (None, Kind::Primitive(primitive)) => primitive.zero(),
            (None, _) => Value::Null,
            (Some(node), Kind::Any) => self.evaluate(machine, node)?,
            (Some(node), kind) => {
                let value = self.evaluate(machine, node)?;
                cast(machine, self.unit, value, kind)?
            }
        };
        self.slots[slot] = Slot::Plain(value);
        Ok(Flow::Normal)
    }

    #[inline(never)]
    fn rare(&mut self, machine: &mut Machine<'_>, kind: &S) -> Result<Flow, Thrown> {
        match kind {
            S::DeclareNamed(name, kind, value) => {
                let outcome = self.declare_named(machine, name, kind, value.as_ref());
                if outcome.is_err() && !matches!(kind, Kind::Any) {
                    machine.add_context("Typed variable declaration");
                }
                outcome
            }
            S::DeclareAll(slots, node) => {
                let value = self.evaluate(machine, node)?;
                for (index, (slot, kind)) in slots.iter().enumerate() {
                    let part = part(machine, &value, index)?;
                    let part = cast(machine, self.unit, part, kind)?;
                    self.slots[*slot] = Slot::Plain(part);
                }
                Ok(Flow::Normal)
            }
            S::Switch(value, cases) => {
                let value = self.evaluate(machine, value)?;
                self.switch(machine, &value, cases)
            }
            S::Throw(node) => {
                let value = self.evaluate(machine, node)?;
                machine.context = "TargetError".to_owned();
                Err(thrown_of(&value))
            }
            S::Assert(assertion) => self.assert(machine, assertion),
            S::Method(function) => {
                if let Some(names) = &self.names {
                    names.declare_method(self.unit, function);
                }
                Ok(Flow::Normal)
            }
            _ => Ok(Flow::Normal),
        }
    }

    fn declare_named(
        &mut self,
        machine: &mut Machine<'_>,
        name: &Text,
        kind: &Kind,
        value: Option<&Node>,
    ) -> Result<Flow, Thrown> {
        let value = match (value, kind) {
            (_, Kind::Unknown(name)) => return Err(names::class_not_found(name)),
            (Some(node), kind) => {
                let value = self.evaluate(machine, node)?;
                cast(machine, self.unit, value, kind)?
            }
            (None, Kind::Primitive(primitive)) => primitive.zero(),
            (None, _) => Value::Null,
        };
        if let Some(names) = &self.names {
            names.declare(name, kind.clone(), value);
        }
        Ok(Flow::Normal)
    }

    fn switch(
        &mut self,
        machine: &mut Machine<'_>,
        value: &Value,
        cases: &[(Option<Node>, Vec<Statement>)],
    ) -> Result<Flow, Thrown> {
        let mut start = None;
        for (index, (case, _)) in cases.iter().enumerate() {
            let Some(case) = case else { continue };
            let case = self.evaluate(machine, case)?;
            let fits = if self.groovy() {
                machine.is_case(&case, value)?
            } else {
                super::java::equal(&case, value) || crate::script::value::equals(&case, value)
            };
            if fits {
                start = Some(index);
                break;
            }
        }
        let start = start.or_else(|| cases.iter().position(|case| case.0.is_none()));
        let Some(start) = start else { return Ok(Flow::Normal) };
        for (_, body) in &cases[start..] {
            match self.run(machine, body)? {
                Flow::Normal => {}
                Flow::Break(None) => return Ok(Flow::Normal),
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Normal)
    }

    fn assert(&mut self, machine: &mut Machine<'_>, assertion: &Assertion) -> Result<Flow, Thrown> {
        self.drawn.clear();
        if self.holds(machine, &assertion.condition)? {
            return Ok(Flow::Normal);
        }
        match &assertion.otherwise {
            Otherwise::Drawing(source) => {
                let mut values = Vec::new();
                for (column, value) in std::mem::take(&mut self.drawn) {
                    values.push((column, power_assert::value_text(machine, &value)?));
                }
                let text = power_assert::draw(source, values);
                Err(Thrown::new("org.codehaus.groovy.runtime.powerassert.PowerAssertionError", text))
            }
            Otherwise::Message { message, condition, variables } => {
                let mut values = String::new();
                for (name, node) in variables {
                    let value = self.evaluate(machine, node)?;
                    let lead = if values.is_empty() { ". Values: " } else { ", " };
                    let text = machine.text(&value)?;
                    values.extend([lead, name, " = ", &text]);
                }
                let message = self.evaluate(machine, message)?;
                let message = machine.text(&message)?;
                let text = format!("{message}. Expression: {condition}{values}");
                Err(Thrown::new("java.lang.AssertionError", text))
            }
        }
    }

    fn labeled(&mut self, machine: &mut Machine<'_>, label: &Text, body: &Statement) -> Result<Flow, Thrown> {
        let flow = match &body.kind {
            kind @ (S::While(..) | S::DoWhile(..) | S::For(..) | S::ForEach(..)) => {
                self.looping(machine, kind, Some(label)).map_err(|thrown| thrown.at_line(body.line))?
            }
            _ => self.execute(machine, body)?,
        };
        Ok(match flow {
            Flow::Break(Some(to)) if to == *label => Flow::Normal,
            flow => flow,
        })
    }

    /// Runs one pass of a loop; `None` goes on, anything else ends it.
    fn pass(
        &mut self,
        machine: &mut Machine<'_>,
        body: &Statement,
        label: Option<&Text>,
    ) -> Result<Option<Flow>, Thrown> {
        machine.turn()?;
        Ok(match self.execute(machine, body)? {
            Flow::Normal | Flow::Continue(None) => None,
            Flow::Continue(Some(to)) if Some(&to) == label => None,
            Flow::Break(None) => Some(Flow::Normal),
            flow => Some(flow),
        })
    }

    #[inline(never)]
    fn looping(&mut self, machine: &mut Machine<'_>, kind: &S, label: Option<&Text>) -> Result<Flow, Thrown> {
        match kind {
            S::While(condition, body) => {
                while self.holds(machine, condition)? {
                    if let Some(flow) = self.pass(machine, body, label)? {
                        return Ok(flow);
                    }
                }
            }
            S::DoWhile(body, condition) => loop {
                if let Some(flow) = self.pass(machine, body, label)? {
                    return Ok(flow);
                }
                if !self.holds(machine, condition)? {
                    break;
                }
            },
            S::For(start, condition, step, body) => {
                return self.in_block(|frame| {
                    frame.run(machine, start)?;
                    loop {
                        if let Some(condition) = condition
                            && !frame.holds(machine, condition)?
                        {
                            return Ok(Flow::Normal);
                        }
                        if let Some(flow) = frame.pass(machine, body, label)? {
                            return Ok(flow);
                        }
                        for step in step {
                            frame.evaluate(machine, step)?;
                        }
                    }
                });
            }
            S::ForEach(target, items, body) => return self.for_each(machine, target, items, body, label),
            _ => {}
        }
        Ok(Flow::Normal)
    }

    fn for_each(
        &mut self,
        machine: &mut Machine<'_>,
        target: &Target,
        items: &Node,
        body: &Statement,
        label: Option<&Text>,
    ) -> Result<Flow, Thrown> {
        let source = self.evaluate(machine, items)?;
        if source.is_null() && !self.groovy() {
            return Err(super::names::no_items());
        }
        // One variable for all passes: closures made in them share it.
        if let Target::Local(slot, _) = target {
            self.slots[*slot] = Slot::Plain(Value::Null);
        }
        if let Value::Range(range) = &source
            && let Some((first, count, step)) = range.numbers()
            && matches!((&range.from, &range.to), (Value::Int(_), Value::Int(_)))
        {
            for index in 0..count.max(0) {
                let item = Value::Int((first + index * step) as i32);
                if let Some(flow) = self.each_pass(machine, target, item, body, label)? {
                    return Ok(flow);
                }
            }
            return Ok(Flow::Normal);
        }
        let mut walk = crate::script::library::iterator::Walk::over(machine, &source)?;
        while let Some(item) = walk.next(machine)? {
            if let Some(flow) = self.each_pass(machine, target, item, body, label)? {
                return Ok(flow);
            }
        }
        Ok(Flow::Normal)
    }

    fn each_pass(
        &mut self,
        machine: &mut Machine<'_>,
        target: &Target,
        item: Value,
        body: &Statement,
        label: Option<&Text>,
    ) -> Result<Option<Flow>, Thrown> {
        match target {
            Target::Local(slot, kind) => {
                let item = cast(machine, self.unit, item, kind)?;
                self.set_local(*slot, item);
                self.pass(machine, body, label)
            }
            Target::Named(..) => self.in_block(|frame| {
                frame.declare(target, item);
                frame.pass(machine, body, label)
            }),
        }
    }

    #[inline(never)]
    fn attempt(&mut self, machine: &mut Machine<'_>, parts: &Try) -> Result<Flow, Thrown> {
        let result = if parts.resources.is_empty() {
            self.run_named(machine, &parts.body)
        } else {
            self.with_resources(machine, parts)
        };
        let result = match result {
            Err(thrown) => self.handle(machine, parts, thrown),
            done => done,
        };
        if let Some(finally) = &parts.finally {
            match self.run_named(machine, finally)? {
                Flow::Normal => {}
                flow => return Ok(flow),
            }
        }
        result
    }

    fn with_resources(&mut self, machine: &mut Machine<'_>, parts: &Try) -> Result<Flow, Thrown> {
        let mut open: Vec<Value> = Vec::new();
        let mut result = Ok(Flow::Normal);
        for (target, node) in &parts.resources {
            match self.evaluate(machine, node) {
                Ok(value) => {
                    open.push(value.clone());
                    self.declare(target, value);
                }
                Err(thrown) => {
                    result = Err(thrown);
                    break;
                }
            }
        }
        if result.is_ok() {
            result = self.run_named(machine, &parts.body);
        }
        for value in open.iter().rev().filter(|value| !value.is_null()) {
            if let Err(thrown) = machine.call_method(value, "close", &[])
                && result.is_ok()
            {
                result = Err(thrown);
            }
        }
        result
    }

    fn handle(&mut self, machine: &mut Machine<'_>, parts: &Try, thrown: Thrown) -> Result<Flow, Thrown> {
        // The end of a run is nothing that a script may catch.
        if thrown.class() == exceptions::THREAD_DEATH || (!self.groovy() && thrown.class() == names::EVAL_ERROR) {
            return Err(thrown);
        }
        machine.context.clear();
        for catch in &parts.catches {
            let takes = if catch.kinds.is_empty() {
                !self.groovy() || throwable::is_instance(thrown.class(), "java.lang.Exception")
            } else {
                catch.kinds.iter().any(|kind| self.catches(machine, kind, &thrown))
            };
            if takes {
                let value = value_of(&thrown);
                return self.in_block(|frame| {
                    frame.declare(&catch.target, value);
                    frame.run(machine, &catch.body)
                });
            }
        }
        Err(thrown)
    }

    fn catches(&mut self, machine: &Machine<'_>, kind: &Kind, thrown: &Thrown) -> bool {
        let Some(class) = class_of_kind(self.unit, kind) else { return matches!(kind, Kind::Any) };
        let value = value_of(thrown);
        matches!(value, Value::Object(_)) && is_instance(machine, &value, &class)
            || throwable::is_instance(thrown.class(), &class.name())
    }
}

/// Detail under which an exception keeps the object of the script's own exception class.
const OBJECT: &str = "$object";

/// The exception that a thrown value is.
pub(crate) fn thrown_of(value: &Value) -> Thrown {
    match value {
        Value::Throwable(exception) => exception.clone().into(),
        Value::Object(object) => match object.downcast::<Instance>() {
            Some(instance) => {
                let base = lock(&instance.base).clone();
                let (message, cause) = match &base {
                    Value::Throwable(exception) => (exception.message.clone(), exception.cause.clone()),
                    _ => (None, Value::Null),
                };
                let exception = crate::script::value::Throwable {
                    class: instance.class.name(),
                    message,
                    cause,
                    details: vec![(OBJECT, value.clone())],
                    line: 0,
                };
                Arc::new(exception).into()
            }
            None => Thrown::new(exceptions::CLASS_CAST, "a value that is no exception was thrown"),
        },
        Value::Null => Thrown::nothing(),
        other => super::names::cannot_cast(other, "java.lang.Throwable"),
    }
}

/// The value that `catch` binds.
pub(crate) fn value_of(thrown: &Thrown) -> Value {
    match thrown.exception.details.iter().find(|detail| detail.0 == OBJECT) {
        Some((_, object)) => object.clone(),
        None => Value::Throwable(thrown.exception.clone()),
    }
}

/// The script as an object.
pub(crate) fn script_object(unit: &Arc<Unit>, scope: &Scope) -> Value {
    Value::object(Instance {
        class: ScriptClass { unit: unit.clone(), index: 0 },
        fields: Mutex::new(HashMap::new()),
        captured: Vec::new(),
        names: None,
        scope: scope.clone(),
        outer: Value::Null,
        base: Mutex::new(Value::Null),
    })
}

/// A part of what `def (a, b) = …` takes apart.
pub(crate) fn part(machine: &mut Machine<'_>, value: &Value, index: usize) -> Outcome {
    match value {
        Value::List(list) => Ok(list.get(index).unwrap_or_default()),
        Value::Array(array) if array.len() <= index => {
            let message = format!("Index {index} out of bounds for length {}", array.len());
            Err(Thrown::new(exceptions::ARRAY_INDEX, message))
        }
        _ => super::member::index_get(machine, value, &Value::Int(index as i32)),
    }
}

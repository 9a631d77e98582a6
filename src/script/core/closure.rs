//! Closures of scripts, and what is made of closures: curried, composed, remembered ones, and method pointers.

use super::class::{Cell, lock};
use super::frame::Invocation;
use super::names::Namespace;
use super::node::{Function, Kind, Unit};
use crate::script::host::{Outcome, Scope, unknown_method};
use crate::script::library::{Class, object};
use crate::script::machine::Machine;
use crate::script::value::{Callable, ClassRef, Object, Resolve, Value};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What a closure is made of; copies with another delegate share all but that.
#[derive(Debug)]
pub(crate) struct ClosureData {
    pub(crate) unit: Arc<Unit>,
    pub(crate) function: Arc<Function>,
    pub(crate) captured: Vec<Cell>,
    /// `this` of the function that made it.
    pub(crate) this: Value,
    /// The class whose method made it.
    pub(crate) class: usize,
    /// The closure in which it was made.
    pub(crate) owner: Option<Arc<ClosureData>>,
    pub(crate) scope: Scope,
    pub(crate) delegate: Mutex<Option<(Value, Resolve)>>,
}

impl ClosureData {
    /// The delegate, if it is not the owner.
    pub(crate) fn delegate(&self) -> Option<(Value, Resolve)> {
        lock(&self.delegate).clone()
    }
}

/// A closure as a value.
#[derive(Debug)]
pub(crate) struct ScriptClosure(pub(crate) Arc<ClosureData>);

/// What a script's closure is made of; `None` for a derived one.
pub(crate) fn data_of(closure: &dyn Callable) -> Option<Arc<ClosureData>> {
    (closure as &dyn std::any::Any).downcast_ref::<ScriptClosure>().map(|closure| closure.0.clone())
}

impl Callable for ScriptClosure {
    fn call(&self, machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome {
        let data = &self.0;
        let function = &data.function;
        let wanted = function.parameters.len();
        let variable = function.parameters.last().is_some_and(|last| last.variable);
        let run = |machine: &mut Machine<'_>, arguments: &[Value]| {
            Invocation {
                unit: &data.unit,
                function,
                this: data.this.clone(),
                closure: Some(data),
                scope: &data.scope,
                captured: &data.captured,
                names: None,
                class: data.class,
            }
            .run(machine, arguments)
        };
        let (least, count) = (function.least(), arguments.len());
        if (least..=wanted).contains(&count) || (variable && count >= least) {
            let fits = function.parameters.iter().all(|parameter| matches!(parameter.kind, Kind::Any))
                || super::call::applicable(machine, &data.unit, function, arguments).is_some();
            if fits {
                return run(machine, arguments);
            }
        }
        // One list for several parameters is taken apart.
        if let [single] = arguments
            && wanted > 1
        {
            let items = match single {
                Value::List(list) => Some(list.items()),
                Value::Array(array) => Some(array.items()),
                Value::Entry(entry) if wanted == 2 => Some(vec![entry.key.clone(), entry.value()]),
                _ => None,
            };
            if let Some(items) = items
                && items.len() == wanted
            {
                return run(machine, &items);
            }
        }
        // A closure with one parameter may be called with none: it is null then.
        if count == 0 && wanted == 1 && matches!(function.parameters[0].kind, Kind::Any | Kind::Class(_)) {
            return run(machine, &[Value::Null]);
        }
        let class = format!("{}$_run_closure1", data.unit.name);
        Err(unknown_method(&class, "call", arguments))
    }

    fn parameters(&self) -> usize {
        self.0.function.parameters.len()
    }

    fn with_delegate(&self, delegate: Value, resolve: Resolve) -> Value {
        let data = &self.0;
        let copy = ClosureData {
            unit: data.unit.clone(),
            function: data.function.clone(),
            captured: data.captured.clone(),
            this: data.this.clone(),
            class: data.class,
            owner: data.owner.clone(),
            scope: data.scope.clone(),
            delegate: Mutex::new(Some((delegate, resolve))),
        };
        Value::Closure(Arc::new(Self(Arc::new(copy))))
    }

    fn get(&self, name: &str) -> Option<Value> {
        let data = &self.0;
        let this = || {
            if data.this.is_null() { super::frame::script_object(&data.unit, &data.scope) } else { data.this.clone() }
        };
        let owner = || match &data.owner {
            Some(owner) => Value::Closure(Arc::new(Self(owner.clone()))),
            None => this(),
        };
        Some(match name {
            "delegate" => data.delegate().map_or_else(owner, |delegate| delegate.0),
            "owner" => owner(),
            "thisObject" => this(),
            "resolveStrategy" => Value::Int(data.delegate().map_or(0, |delegate| delegate.1 as i32)),
            "parameterTypes" => {
                let types = data.function.parameters.iter().map(|parameter| {
                    let class = super::cast::class_of_kind(&data.unit, &parameter.kind);
                    Value::Class(class.unwrap_or(ClassRef::Library(&object::OBJECT)))
                });
                Value::Array(Arc::new(crate::script::value::Array::new("java.lang.Class", types.collect())))
            }
            "maximumNumberOfParameters" => Value::Int(self.parameters() as i32),
            _ => return None,
        })
    }

    fn set(&self, name: &str, value: &Value) -> bool {
        let mut delegate = lock(&self.0.delegate);
        match name {
            "delegate" => {
                let resolve = delegate.as_ref().map_or(Resolve::OwnerFirst, |delegate| delegate.1);
                *delegate = Some((value.clone(), resolve));
            }
            "resolveStrategy" => {
                let resolve = match value.to_i64() {
                    Some(1) => Resolve::DelegateFirst,
                    Some(2) => Resolve::OwnerOnly,
                    Some(3) => Resolve::DelegateOnly,
                    Some(4) => Resolve::ToSelf,
                    _ => Resolve::OwnerFirst,
                };
                match delegate.as_mut() {
                    Some(delegate) => delegate.1 = resolve,
                    None => {
                        drop(delegate);
                        let owner = self.get("owner").unwrap_or_default();
                        *lock(&self.0.delegate) = Some((owner, resolve));
                    }
                }
            }
            _ => return false,
        }
        true
    }
}

/// What a closure made of others does.
#[derive(Debug)]
pub(crate) enum Derived {
    /// `curry`, `rcurry`, `ncurry`: arguments that are there already, and where.
    Curried(Value, Vec<Value>, Place),
    /// `first >> second`.
    Composed(Value, Value),
    /// `memoize()`.
    Memoized(Value, Mutex<HashMap<crate::script::value::Key, Value>>),
    /// `object.&method`, `Class::method`.
    Method(Value, String),
    /// `comparator.reversed()`.
    Reversed(Value),
    /// `predicate.negate()`.
    Negated(Value),
    /// `predicate.and(other)`.
    Both(Value, Value),
    /// `predicate.or(other)`.
    Either(Value, Value),
    /// `comparator.thenComparing(other)`: another comparator, or what gives the key.
    Then(Value, Value),
    /// `closure.trampoline()`: as long as it gives a closure, that one is called.
    Trampoline(Value),
}

/// Where curried arguments stand.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    First,
    Last,
    At(usize),
}

impl Derived {
    pub(crate) fn value(self) -> Value {
        Value::Closure(Arc::new(self))
    }
}

impl Callable for Derived {
    fn call(&self, machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome {
        match self {
            Self::Curried(closure, given, place) => {
                let at = match place {
                    Place::First => 0,
                    Place::Last => arguments.len(),
                    Place::At(at) => (*at).min(arguments.len()),
                };
                let all: Vec<Value> = arguments[..at].iter().chain(given).chain(&arguments[at..]).cloned().collect();
                machine.call(closure, &all)
            }
            Self::Composed(first, second) => {
                let between = machine.call(first, arguments)?;
                machine.call(second, &[between])
            }
            Self::Memoized(closure, known) => {
                let key = crate::script::value::Key::from(Value::list(arguments.to_vec()));
                if let Some(value) = lock(known).get(&key) {
                    return Ok(value.clone());
                }
                let value = machine.call(closure, arguments)?;
                lock(known).insert(key, value.clone());
                Ok(value)
            }
            Self::Method(receiver, name) => super::call::call_pointer(machine, receiver, name, arguments),
            Self::Reversed(closure) => {
                let turned: Vec<Value> = arguments.iter().rev().cloned().collect();
                machine.call(closure, &turned)
            }
            Self::Negated(closure) => {
                let answer = machine.call(closure, arguments)?;
                Ok((!machine.truth(&answer)?).into())
            }
            Self::Both(first, second) | Self::Either(first, second) => {
                let answer = machine.call(first, arguments)?;
                let holds = machine.truth(&answer)?;
                if holds == matches!(self, Self::Either(..)) {
                    return Ok(holds.into());
                }
                let answer = machine.call(second, arguments)?;
                Ok(machine.truth(&answer)?.into())
            }
            Self::Then(first, second) => {
                let order = machine.call(first, arguments)?;
                if order.to_i64() != Some(0) {
                    return Ok(order);
                }
                let [a, b] = arguments else { return Ok(order) };
                if matches!(second, Value::Closure(closure) if closure.parameters() == 1) {
                    let a = machine.call(second, std::slice::from_ref(a))?;
                    let b = machine.call(second, std::slice::from_ref(b))?;
                    return Ok(Value::Int(machine.compare(&a, &b)? as i32));
                }
                machine.call(second, arguments)
            }
            Self::Trampoline(closure) => {
                let mut value = machine.call(closure, arguments)?;
                while let Value::Closure(_) = value {
                    machine.turn()?;
                    value = machine.call(&value, &[])?;
                }
                Ok(value)
            }
        }
    }

    fn parameters(&self) -> usize {
        match self {
            Self::Curried(Value::Closure(closure), given, _) => closure.parameters().saturating_sub(given.len()),
            Self::Composed(Value::Closure(closure), _) | Self::Memoized(Value::Closure(closure), _) => {
                closure.parameters()
            }
            Self::Reversed(_) | Self::Then(..) => 2,
            Self::Trampoline(Value::Closure(closure)) => closure.parameters(),
            _ => 1,
        }
    }

    fn with_delegate(&self, delegate: Value, resolve: Resolve) -> Value {
        let with = |value: &Value| match value {
            Value::Closure(closure) => closure.with_delegate(delegate.clone(), resolve),
            other => other.clone(),
        };
        match self {
            Self::Curried(closure, given, place) => Self::Curried(with(closure), given.clone(), *place),
            Self::Composed(first, second) => Self::Composed(with(first), with(second)),
            Self::Memoized(closure, _) => Self::Memoized(with(closure), Mutex::default()),
            Self::Method(receiver, name) => Self::Method(receiver.clone(), name.clone()),
            Self::Reversed(closure) => Self::Reversed(with(closure)),
            Self::Negated(closure) => Self::Negated(with(closure)),
            Self::Both(first, second) => Self::Both(with(first), with(second)),
            Self::Either(first, second) => Self::Either(with(first), with(second)),
            Self::Then(first, second) => Self::Then(with(first), with(second)),
            Self::Trampoline(closure) => Self::Trampoline(with(closure)),
        }
        .value()
    }
}

/// A method of BeanShell with the names it sees.
#[derive(Debug)]
pub(crate) struct ScriptMethod {
    pub(crate) unit: Arc<Unit>,
    pub(crate) function: Arc<Function>,
    /// `None`: those of the interpreter.
    pub(crate) names: Option<Arc<Namespace>>,
}

/// The class of BeanShell's methods.
pub static METHOD: Class = Class::named("bsh.BshMethod", &[&object::OBJECT]);

impl Object for ScriptMethod {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&METHOD)
    }
}

impl ScriptMethod {
    pub(crate) fn call(&self, machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome {
        let scope = machine.scope.clone();
        let outer = self.names.clone().unwrap_or_else(|| Namespace::global(scope.clone()));
        Invocation {
            unit: &self.unit,
            function: &self.function,
            this: Value::Null,
            closure: None,
            scope: &scope,
            captured: &[],
            names: Some(Namespace::method(&outer)),
            class: 0,
        }
        .run(machine, arguments)
    }
}

//! Calls: which method a name and arguments mean.

use super::cast::distance;
use super::class::{Cell, ClassInfo, Instance, ScriptClass, lock};
use super::closure::ClosureData;
use super::frame::{Invocation, script_object};
use super::names::Namespace;
use super::node::{Function, Kind, Unit};
use super::tree::ClassKind;
use crate::script::host::{Outcome, Scope, unknown_method};
use crate::script::library::{self, class_of};
use crate::script::machine::{Machine, capitalized};
use crate::script::value::{ClassRef, Resolve, Thrown, Value, exceptions};
use crate::text::Text;
use std::sync::Arc;

/// How well arguments fit a function: 0 is exact, `None` not at all.
pub(crate) fn applicable(
    machine: &Machine<'_>,
    unit: &Arc<Unit>,
    function: &Function,
    arguments: &[Value],
) -> Option<u32> {
    let parameters = &function.parameters;
    let (least, count) = (function.least(), arguments.len());
    let variable = parameters.last().is_some_and(|last| last.variable);
    if count < least || (count > parameters.len() && !variable) {
        return None;
    }
    let mut spare = count - least;
    let (mut next, mut total) = (0, 0);
    for (index, parameter) in parameters.iter().enumerate() {
        if parameter.variable && index + 1 == parameters.len() {
            let rest = &arguments[next.min(count)..];
            if let [single] = rest
                && let Some(near) = distance(machine, unit, single, &parameter.kind)
            {
                return Some(total + near);
            }
            let Kind::Class(ClassRef::Array(element)) = &parameter.kind else { return Some(total + 30) };
            let fits = rest.iter().all(|value| fits_element(machine, value, element));
            return fits.then_some(total + 30 + rest.len() as u32);
        }
        if parameter.default.is_some() {
            if spare == 0 {
                total += 1;
                continue;
            }
            spare -= 1;
        }
        total += distance(machine, unit, arguments.get(next)?, &parameter.kind)?;
        next += 1;
    }
    Some(total)
}

fn fits_element(machine: &Machine<'_>, value: &Value, element: &str) -> bool {
    if element == "java.lang.Object" || value.is_null() {
        return true;
    }
    match super::node::Primitive::parse(element) {
        Some(_) => value.is_number() || matches!(value, Value::Boolean(_) | Value::Char(_)),
        None => match library::find_class(element) {
            Some(class) => {
                super::coerce::is_instance(machine, value, &class)
                    || (element == "java.lang.String" && matches!(value, Value::GString(_)))
            }
            None => true,
        },
    }
}

/// The best of several overloads.
pub(crate) fn select<'f>(
    machine: &Machine<'_>,
    unit: &Arc<Unit>,
    functions: impl IntoIterator<Item = &'f Arc<Function>>,
    arguments: &[Value],
) -> Option<&'f Arc<Function>> {
    let fitting = functions
        .into_iter()
        .filter_map(|function| applicable(machine, unit, function, arguments).map(|distance| (distance, function)));
    fitting.min_by_key(|(distance, _)| *distance).map(|(_, function)| function)
}

/// Interpolated text as plain text, for JMeter's objects.
pub(crate) fn plain(machine: &mut Machine<'_>, value: Value) -> Outcome {
    match value {
        Value::GString(_) => Ok(machine.text(&value)?.into()),
        other => Ok(other),
    }
}

/// A method of an object of the script's class or of the script itself; `None` when the class declares none that fits.
pub(crate) fn instance_method(
    machine: &mut Machine<'_>,
    receiver: &Value,
    instance: &Instance,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    let unit = instance.class.unit.clone();
    let line = instance.class.lineage();
    let (class, function) = find(machine, &instance.class, &line, name, arguments, false)?;
    Some(invoke_on(machine, &unit, receiver, instance, class, &function, arguments))
}

fn find(
    machine: &Machine<'_>,
    class: &ScriptClass,
    line: &[ScriptClass],
    name: &str,
    arguments: &[Value],
    only_static: bool,
) -> Option<(usize, Arc<Function>)> {
    for methods in super::class::methods(line, name) {
        let owner = methods.first().map_or(0, |method| method.0);
        let candidates = methods
            .iter()
            .map(|method| method.1)
            .filter(|function| function.body.is_some() && (!only_static || function.is_static));
        if let Some(function) = select(machine, &class.unit, candidates, arguments) {
            return Some((owner, function.clone()));
        }
    }
    None
}

pub(crate) fn invoke_on(
    machine: &mut Machine<'_>,
    unit: &Arc<Unit>,
    receiver: &Value,
    instance: &Instance,
    class: usize,
    function: &Arc<Function>,
    arguments: &[Value],
) -> Outcome {
    let captured = instance.captured.iter().find(|row| Arc::ptr_eq(&row.0, function)).map(|row| row.1.clone());
    let captured: Vec<Cell> = captured.unwrap_or_default();
    let this = if function.is_static {
        Value::Class(ClassRef::Script(ScriptClass { unit: unit.clone(), index: class }))
    } else if instance.is_script() {
        Value::Null
    } else {
        receiver.clone()
    };
    Invocation {
        unit,
        function,
        this,
        closure: None,
        scope: &instance.scope,
        captured: &captured,
        names: names_of(unit, instance),
        class,
    }
    .run(machine, arguments)
}

/// The names that a method of an object sees, in BeanShell.
fn names_of(unit: &Arc<Unit>, instance: &Instance) -> Option<Arc<Namespace>> {
    if unit.language != super::node::Language::BeanShell {
        return None;
    }
    let around = instance.names.clone().unwrap_or_else(|| Namespace::global(instance.scope.clone()));
    Some(Namespace::method(&around))
}

/// `super.name(…)` from a method of `class`.
pub(crate) fn super_method(
    machine: &mut Machine<'_>,
    unit: &Arc<Unit>,
    this: &Value,
    class: usize,
    name: &str,
    arguments: &[Value],
) -> Outcome {
    let Value::Object(object) = this else { return Err(unknown_method("java.lang.Object", name, arguments)) };
    let Some(instance) = object.downcast::<Instance>() else {
        return machine.call_method(this, name, arguments);
    };
    let above = ScriptClass { unit: unit.clone(), index: class };
    let line: Vec<ScriptClass> = above.lineage().into_iter().skip(1).collect();
    if let Some((owner, function)) = find(machine, &above, &line, name, arguments, false) {
        return invoke_on(machine, unit, this, instance, owner, &function, arguments);
    }
    let base = lock(&instance.base).clone();
    if !base.is_null() {
        return machine.call_method(&base, name, arguments);
    }
    machine.class_method(this, name, arguments)
}

/// Any method of an object of the script: its own, generated, inherited from the library.
pub(crate) fn instance_call(
    machine: &mut Machine<'_>,
    receiver: &Value,
    instance: &Instance,
    name: &str,
    arguments: &[Value],
) -> Outcome {
    if let Some(outcome) = instance_method(machine, receiver, instance, name, arguments) {
        return outcome;
    }
    if let Some(outcome) = generated(machine, receiver, instance, name, arguments) {
        return outcome;
    }
    if instance.is_script()
        && let Some(outcome) = script_call(machine, &instance.class.unit, &instance.scope, name, arguments)
    {
        return outcome;
    }
    let base = lock(&instance.base).clone();
    if !base.is_null() && machine.has_method(&base, name, arguments.len()) && name != "toString" && name != "getClass" {
        return machine.call_method(&base, name, arguments);
    }
    if let Some(outcome) = super::class::call_worker(machine, instance, name, arguments) {
        return outcome;
    }
    // A closure in a property is called like a method.
    if let Some(held @ Value::Closure(_)) = instance.get(name) {
        return machine.call(&held, arguments);
    }
    let missing = [Value::from(name), object_array(arguments)];
    if name != "methodMissing"
        && let Some(outcome) = instance_method(machine, receiver, instance, "methodMissing", &missing)
    {
        return outcome;
    }
    machine.class_method(receiver, name, arguments)
}

/// The arguments as the `Object[]` that `methodMissing` gets.
pub(crate) fn object_array(arguments: &[Value]) -> Value {
    Value::Array(Arc::new(crate::script::value::Array::new("java.lang.Object", arguments.to_vec())))
}

/// Methods that nobody wrote: getters and setters, those of enums, `toString` by annotation.
fn generated(
    machine: &mut Machine<'_>,
    receiver: &Value,
    instance: &Instance,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    match (name, arguments) {
        ("getClass", []) => return Some(Ok(Value::Class(class_of(receiver)))),
        ("getProperty", [property]) => {
            let property = machine.text(property).ok()?;
            return Some(super::member::get(machine, receiver, &property));
        }
        ("setProperty", [property, value]) => {
            let property = machine.text(property).ok()?;
            return Some(super::member::set(machine, receiver, &property, value.clone()).map(|()| Value::Null));
        }
        ("invokeMethod", [method, given]) => {
            let method = machine.text(method).ok()?;
            let given = machine.iterate(given).ok()?;
            return Some(machine.call_method(receiver, &method, &given));
        }
        _ => {}
    }
    if let Some((constant, ordinal)) = instance.constant() {
        match (name, arguments) {
            ("name" | "toString", []) => return Some(Ok(Value::String(constant))),
            ("ordinal", []) => return Some(Ok(Value::Int(ordinal))),
            // The static methods that every enum has.
            ("values", []) | ("valueOf", [_]) => {
                return static_method(machine, &enum_class(&instance.class), name, arguments);
            }
            ("getDeclaringClass", []) => return Some(Ok(Value::Class(class_of(receiver)))),
            ("compareTo", [other]) => {
                let Value::Object(other) = other else { return None };
                let (_, second) = other.downcast::<Instance>()?.constant()?;
                return Some(Ok(Value::Int(ordinal - second)));
            }
            ("next" | "previous", []) => {
                let class = enum_class(&instance.class);
                let names = &class.info().constants;
                let step = if name == "next" { 1 } else { names.len() as i32 - 1 };
                let at = (ordinal + step) as usize % names.len().max(1);
                return Some(static_field(machine, &class, names.get(at)?).map(Option::unwrap_or_default));
            }
            _ => {}
        }
    }
    for (prefix, count) in [("get", 0), ("is", 0), ("set", 1)] {
        let Some(rest) = name.strip_prefix(prefix).filter(|rest| !rest.is_empty()) else { continue };
        if arguments.len() != count {
            continue;
        }
        let mut chars = rest.chars();
        let lower: String = chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default();
        let field = [lower.as_str(), rest]
            .into_iter()
            .find(|name| instance.class.field(name).is_some_and(|(_, field)| field.property && !field.is_static));
        let Some(field) = field else { continue };
        return Some(match arguments {
            [value] => super::member::set_field(machine, instance, field, value.clone()).map(|_| Value::Null),
            _ => Ok(instance.get(field).unwrap_or_default()),
        });
    }
    None
}

/// The enum of a constant, which may have a body of its own.
fn enum_class(class: &ScriptClass) -> ScriptClass {
    class.lineage().into_iter().find(|class| class.info().kind == ClassKind::Enum).unwrap_or_else(|| class.clone())
}

/// Runs what gives the static fields of a class their values, once.
pub(crate) fn initialize(machine: &mut Machine<'_>, class: &ScriptClass) -> Result<(), Thrown> {
    {
        let mut initialized = lock(&class.unit.initialized);
        match initialized.get_mut(class.index) {
            Some(done) if !*done => *done = true,
            _ => return Ok(()),
        }
    }
    let info = class.info();
    {
        let mut fields = lock(&class.unit.static_fields);
        for field in info.fields.iter().filter(|field| field.is_static) {
            let zero = match &field.kind {
                Kind::Primitive(primitive) => primitive.zero(),
                _ => Value::Null,
            };
            fields.entry((class.index, field.name.clone())).or_insert(zero);
        }
    }
    let Some(function) = &info.initial_static else { return Ok(()) };
    let scope = machine.scope.clone();
    Invocation {
        unit: &class.unit,
        function,
        this: Value::Class(ClassRef::Script(class.clone())),
        closure: None,
        scope: &scope,
        captured: &[],
        names: None,
        class: class.index,
    }
    .run(machine, &[])
    .map(|_| ())
}

/// The value of a static field, also of an enum's constant.
pub(crate) fn static_field(
    machine: &mut Machine<'_>,
    class: &ScriptClass,
    name: &str,
) -> Result<Option<Value>, Thrown> {
    for class in class.lineage() {
        initialize(machine, &class)?;
        if let Some(value) = lock(&class.unit.static_fields).get(&(class.index, Text::from(name))) {
            return Ok(Some(value.clone()));
        }
    }
    Ok(None)
}

/// Sets a static field; false when there is none of that name.
pub(crate) fn set_static_field(
    machine: &mut Machine<'_>,
    class: &ScriptClass,
    name: &str,
    value: Value,
) -> Result<bool, Thrown> {
    for class in class.lineage() {
        initialize(machine, &class)?;
        let info = class.info();
        let constant = info.constants.iter().any(|constant| **constant == *name);
        let Some(field) = info.fields.iter().find(|field| *field.name == *name && field.is_static) else {
            if constant {
                lock(&class.unit.static_fields).insert((class.index, Text::from(name)), value);
                return Ok(true);
            }
            continue;
        };
        let value = super::cast::cast(machine, &class.unit, value, &field.kind)?;
        lock(&class.unit.static_fields).insert((class.index, field.name.clone()), value);
        return Ok(true);
    }
    Ok(false)
}

/// A static method of a script's class; `None` when it has none that fits.
pub(crate) fn static_method(
    machine: &mut Machine<'_>,
    class: &ScriptClass,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    if let Err(thrown) = initialize(machine, class) {
        return Some(Err(thrown));
    }
    let line = class.lineage();
    if let Some((owner, function)) = find(machine, class, &line, name, arguments, true) {
        let scope = machine.scope.clone();
        let invocation = Invocation {
            unit: &class.unit,
            function: &function,
            this: Value::Class(ClassRef::Script(ScriptClass { unit: class.unit.clone(), index: owner })),
            closure: None,
            scope: &scope,
            captured: &[],
            names: None,
            class: owner,
        };
        return Some(invocation.run(machine, arguments));
    }
    if class.info().kind == ClassKind::Enum {
        let constants = class.info().constants.clone();
        match (name, arguments) {
            ("values", []) => {
                let mut values = Vec::new();
                for constant in &constants {
                    match static_field(machine, class, constant) {
                        Ok(value) => values.push(value.unwrap_or_default()),
                        Err(thrown) => return Some(Err(thrown)),
                    }
                }
                let array = crate::script::value::Array::new(&class.name(), values);
                return Some(Ok(Value::Array(Arc::new(array))));
            }
            ("valueOf", [wanted]) => {
                let wanted = match machine.text(wanted) {
                    Ok(wanted) => wanted,
                    Err(thrown) => return Some(Err(thrown)),
                };
                let found = constants.iter().any(|constant| **constant == *wanted);
                if !found {
                    let message = format!("No enum constant {}.{wanted}", class.name());
                    return Some(Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message)));
                }
                return Some(static_field(machine, class, &wanted).map(Option::unwrap_or_default));
            }
            _ => {}
        }
    }
    None
}

/// What a script itself can be asked: its methods, the commands of every script, closures among its names.
pub(crate) fn script_call(
    machine: &mut Machine<'_>,
    unit: &Arc<Unit>,
    scope: &Scope,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    let info: &ClassInfo = &unit.classes[0];
    let named = info.methods.iter().filter(|method| *method.name == *name);
    if let Some(function) = select(machine, unit, named, arguments) {
        let invocation = Invocation {
            unit,
            function,
            this: Value::Null,
            closure: None,
            scope,
            captured: &[],
            names: None,
            class: 0,
        };
        return Some(invocation.run(machine, arguments));
    }
    if let Some(outcome) = super::commands::call(machine, unit, scope, name, arguments) {
        return Some(outcome);
    }
    if let Some(outcome) = imported_call(machine, unit, name, arguments) {
        return Some(outcome);
    }
    match scope.get(name) {
        None | Some(Value::Null) => None,
        Some(held) => {
            let callable = matches!(held, Value::Closure(_)) || machine.has_own_method(&held, "call", arguments.len());
            callable.then(|| machine.call(&held, arguments))
        }
    }
}

/// A method that a static import names.
pub(crate) fn imported_call(
    machine: &mut Machine<'_>,
    unit: &Unit,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    unit.statics.iter().find_map(|(alias, class, member)| {
        let wanted = match alias {
            Some(alias) if **alias == *name => member,
            Some(_) => return None,
            None => name,
        };
        match machine.call_static(class, wanted, arguments) {
            Err(thrown) if thrown.is_missing_method(wanted) => None,
            outcome => Some(outcome),
        }
    })
}

/// A name called where `this` is the script, an object or a class.
pub(crate) fn owner_call(
    machine: &mut Machine<'_>,
    unit: &Arc<Unit>,
    scope: &Scope,
    this: &Value,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    match this {
        Value::Null => script_call(machine, unit, scope, name, arguments),
        Value::Class(ClassRef::Script(class)) => static_method(machine, class, name, arguments)
            .or_else(|| super::commands::call(machine, unit, scope, name, arguments)),
        Value::Object(object) => {
            let instance = object.downcast::<Instance>()?;
            if let Some(outcome) = instance_method(machine, this, instance, name, arguments) {
                return Some(outcome);
            }
            if let Some(outcome) = generated(machine, this, instance, name, arguments) {
                return Some(outcome);
            }
            if let Some(held @ Value::Closure(_)) = instance.get(name) {
                return Some(machine.call(&held, arguments));
            }
            let base = lock(&instance.base).clone();
            if !base.is_null() && machine.has_own_method(&base, name, arguments.len()) {
                return Some(machine.call_method(&base, name, arguments));
            }
            // A class within another calls the static methods of that one.
            if let Some((outer, _)) = instance.class.name().rsplit_once('$')
                && let Some(index) = unit.classes.iter().position(|class| *class.name == *outer)
                && index > 0
                && let Some(outcome) =
                    static_method(machine, &ScriptClass { unit: unit.clone(), index }, name, arguments)
            {
                return Some(outcome);
            }
            if instance.class.info().captures_locals {
                let outer = instance.outer.clone();
                if let Some(outcome) = owner_call(machine, unit, scope, &outer, name, arguments) {
                    return Some(outcome);
                }
            }
            if let Some(outcome) = imported_call(machine, unit, name, arguments) {
                return Some(outcome);
            }
            super::commands::call(machine, unit, scope, name, arguments).or_else(|| {
                machine.has_method(this, name, arguments.len()).then(|| machine.call_method(this, name, arguments))
            })
        }
        other => delegate_call(machine, other, name, arguments),
    }
}

/// A name called on a closure's delegate; `None` when that has no such method.
fn delegate_call(machine: &mut Machine<'_>, delegate: &Value, name: &str, arguments: &[Value]) -> Option<Outcome> {
    match delegate {
        Value::Null | Value::Void => None,
        Value::Class(class) => match machine.call_static(class, name, arguments) {
            Err(thrown) if thrown.class() == exceptions::MISSING_METHOD => None,
            outcome => Some(outcome),
        },
        Value::Closure(closure) => match super::closure::data_of(&**closure) {
            Some(data) => closure_call(machine, &data, name, arguments),
            None => None,
        },
        _ => {
            let builder = machine.has_own_method(delegate, "invokeMethod", 2);
            if !machine.has_method(delegate, name, arguments.len()) && !builder {
                if let Value::Map(map) = delegate
                    && let Some(held @ Value::Closure(_)) = map.get(&Value::from(name))
                {
                    return Some(machine.call(&held, arguments));
                }
                return None;
            }
            match machine.call_method(delegate, name, arguments) {
                Err(thrown) if thrown.is_missing_method(name) => None,
                outcome => Some(outcome),
            }
        }
    }
}

/// A name called in a closure: its owner or delegate may have it.
pub(crate) fn closure_call(
    machine: &mut Machine<'_>,
    data: &Arc<ClosureData>,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    // A closure finds its own methods first: it calls itself.
    if matches!(name, "call" | "doCall") {
        use crate::script::value::Callable;
        return Some(super::closure::ScriptClosure(data.clone()).call(machine, arguments));
    }
    let owner = |machine: &mut Machine<'_>| match &data.owner {
        Some(owner) => closure_call(machine, owner, name, arguments),
        None => owner_call(machine, &data.unit, &data.scope, &data.this, name, arguments),
    };
    let Some((delegate, resolve)) = data.delegate() else { return owner(machine) };
    match resolve {
        Resolve::OwnerFirst => owner(machine).or_else(|| delegate_call(machine, &delegate, name, arguments)),
        Resolve::DelegateFirst => delegate_call(machine, &delegate, name, arguments).or_else(|| owner(machine)),
        Resolve::DelegateOnly => delegate_call(machine, &delegate, name, arguments),
        Resolve::OwnerOnly | Resolve::ToSelf => owner(machine),
    }
}

/// Calls what `object.&name` or `Class::name` points to.
pub(crate) fn call_pointer(machine: &mut Machine<'_>, receiver: &Value, name: &str, arguments: &[Value]) -> Outcome {
    let Value::Class(class) = receiver else { return machine.call_method(receiver, name, arguments) };
    if name == "new" {
        return machine.construct(class, arguments);
    }
    let outcome = machine.call_static(class, name, arguments);
    match (&outcome, arguments) {
        // `String::length`: the first argument is the object.
        (Err(thrown), [first, rest @ ..]) if thrown.is_missing_method(name) => machine.call_method(first, name, rest),
        _ => outcome,
    }
}

const SCRIPT_ENGINE: &str = "org.codehaus.groovy.jsr223.GroovyScriptEngineImpl";

/// The error for a name that is no method.
pub(crate) fn no_such_method(unit: &Arc<Unit>, this: &Value, name: &str, arguments: &[Value]) -> Thrown {
    let class = match this {
        // The script engine asks itself for the methods that a script has not.
        Value::Null if unit.language == super::node::Language::Groovy => {
            let own = unit.classes[0].methods.iter().any(|method| *method.name == *name);
            if own || matches!(name, "print" | "println" | "printf") {
                unit.name.to_string()
            } else {
                SCRIPT_ENGINE.to_owned()
            }
        }
        Value::Class(class) => class.name(),
        other => class_of(other).name(),
    };
    unknown_method(&class, name, arguments)
}

/// The value of a name in a closure or method; `None` when nobody knows it.
pub(crate) fn owner_get(
    machine: &mut Machine<'_>,
    unit: &Arc<Unit>,
    scope: &Scope,
    this: &Value,
    name: &str,
) -> Result<Option<Value>, Thrown> {
    let found = match this {
        Value::Null => match scope.get(name) {
            Some(value) => Some(value),
            None => script_property(machine, unit, scope, name)?,
        },
        Value::Class(ClassRef::Script(class)) => static_field(machine, class, name)?,
        Value::Object(object) => match object.downcast::<Instance>() {
            Some(instance) => match super::member::field(machine, this, instance, name)? {
                Some(value) => Some(value),
                None => {
                    let found = super::member::instance_property(machine, this, instance, name)?;
                    if found.is_none() && instance.class.info().captures_locals {
                        let outer = instance.outer.clone();
                        owner_get(machine, unit, &instance.scope, &outer, name)?
                    } else {
                        found
                    }
                }
            },
            None => return delegate_get(machine, this, name),
        },
        other => return delegate_get(machine, other, name),
    };
    if found.is_some() {
        return Ok(found);
    }
    for (alias, class, member) in &unit.statics {
        let wanted = match alias {
            Some(alias) if **alias == *name => member,
            Some(_) => continue,
            None => name,
        };
        match super::member::get(machine, &Value::Class(class.clone()), wanted) {
            Ok(value) => return Ok(Some(value)),
            Err(thrown) if thrown.class() == exceptions::MISSING_PROPERTY => {}
            Err(thrown) => return Err(thrown),
        }
    }
    // Static fields of the class around an inner one.
    if let Value::Object(object) = this
        && let Some(instance) = object.downcast::<Instance>()
        && let Some((outer, _)) = instance.class.name().rsplit_once('$')
        && let Some(index) = unit.classes.iter().position(|class| *class.name == *outer)
        && index > 0
    {
        return static_field(machine, &ScriptClass { unit: unit.clone(), index }, name);
    }
    Ok(None)
}

fn script_property(
    machine: &mut Machine<'_>,
    unit: &Arc<Unit>,
    scope: &Scope,
    name: &str,
) -> Result<Option<Value>, Thrown> {
    match name {
        "binding" => return Ok(Some(script_object(unit, scope))),
        "class" => {
            let class = ScriptClass { unit: unit.clone(), index: 0 };
            return Ok(Some(Value::Class(ClassRef::Script(class))));
        }
        _ => {}
    }
    let getter = format!("get{}", capitalized(name));
    if unit.classes[0].methods.iter().any(|method| *method.name == *getter && method.parameters.is_empty()) {
        return match script_call(machine, unit, scope, &getter, &[]) {
            Some(outcome) => outcome.map(Some),
            None => Ok(None),
        };
    }
    Ok(None)
}

fn delegate_get(machine: &mut Machine<'_>, delegate: &Value, name: &str) -> Result<Option<Value>, Thrown> {
    if delegate.is_null() {
        return Ok(None);
    }
    if let Value::Closure(closure) = delegate
        && let Some(data) = super::closure::data_of(&**closure)
    {
        return closure_get(machine, &data, name);
    }
    match super::member::get(machine, delegate, name) {
        Ok(value) => Ok(Some(value)),
        Err(thrown) if thrown.class() == exceptions::MISSING_PROPERTY => Ok(None),
        Err(thrown) => Err(thrown),
    }
}

/// The value of a name in a closure.
pub(crate) fn closure_get(
    machine: &mut Machine<'_>,
    data: &Arc<ClosureData>,
    name: &str,
) -> Result<Option<Value>, Thrown> {
    if matches!(name, "owner" | "delegate" | "thisObject") {
        use crate::script::value::Callable;
        return Ok(super::closure::ScriptClosure(data.clone()).get(name));
    }
    let owner = |machine: &mut Machine<'_>| match &data.owner {
        Some(owner) => closure_get(machine, owner, name),
        None => owner_get(machine, &data.unit, &data.scope, &data.this, name),
    };
    let Some((delegate, resolve)) = data.delegate() else { return owner(machine) };
    match resolve {
        Resolve::OwnerFirst => match owner(machine)? {
            Some(value) => Ok(Some(value)),
            None => delegate_get(machine, &delegate, name),
        },
        Resolve::DelegateFirst => match delegate_get(machine, &delegate, name)? {
            Some(value) => Ok(Some(value)),
            None => owner(machine),
        },
        Resolve::DelegateOnly => delegate_get(machine, &delegate, name),
        Resolve::OwnerOnly | Resolve::ToSelf => owner(machine),
    }
}

/// `name = value` where the name is no local variable.
pub(crate) fn owner_set(
    machine: &mut Machine<'_>,
    scope: &Scope,
    this: &Value,
    name: &str,
    value: Value,
) -> Result<(), Thrown> {
    match this {
        Value::Null => {
            scope.set(name, value);
            Ok(())
        }
        Value::Object(object) => match object.downcast::<Instance>() {
            Some(instance) => {
                if super::member::set_field(machine, instance, name, value.clone())? {
                    return Ok(());
                }
                if instance.class.info().captures_locals {
                    let outer = instance.outer.clone();
                    return owner_set(machine, &instance.scope, &outer, name, value);
                }
                super::member::set(machine, this, name, value)
            }
            None => super::member::set(machine, this, name, value),
        },
        other => super::member::set(machine, other, name, value),
    }
}

/// `name = value` in a closure.
pub(crate) fn closure_set(
    machine: &mut Machine<'_>,
    data: &Arc<ClosureData>,
    name: &str,
    value: Value,
) -> Result<(), Thrown> {
    let owner = |machine: &mut Machine<'_>, value: Value| match &data.owner {
        Some(owner) => closure_set(machine, owner, name, value),
        None => owner_set(machine, &data.scope, &data.this, name, value),
    };
    let Some((delegate, resolve)) = data.delegate() else { return owner(machine, value) };
    match resolve {
        Resolve::DelegateOnly => super::member::set(machine, &delegate, name, value),
        Resolve::DelegateFirst => match super::member::set(machine, &delegate, name, value.clone()) {
            Err(thrown) if thrown.class() == exceptions::MISSING_PROPERTY => owner(machine, value),
            done => done,
        },
        _ => match owner(machine, value.clone()) {
            Err(thrown) if thrown.class() == exceptions::MISSING_PROPERTY => {
                super::member::set(machine, &delegate, name, value)
            }
            done => done,
        },
    }
}

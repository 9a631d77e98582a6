//! Objects of a script's classes come into being: constructors, first values, named arguments.

use super::call::{initialize, invoke_on, select};
use super::class::{Cell, Instance, ScriptClass, lock};
use super::node::{Function, Kind};
use super::tree::ClassKind;
use crate::script::host::{Outcome, Scope};
use crate::script::library;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Thrown, Value, exceptions};
use crate::text::Text;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What an anonymous class brings from the function it stands in.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) captured: Vec<(Arc<Function>, Vec<Cell>)>,
    pub(crate) outer: Value,
    pub(crate) names: Option<Arc<super::names::Namespace>>,
    /// Name and place of an enum's constant.
    pub(crate) constant: Option<(Value, Value)>,
}

/// `new Class(arguments)`.
pub(crate) fn construct(
    machine: &mut Machine<'_>,
    class: &ScriptClass,
    scope: &Scope,
    around: Surroundings,
    arguments: &[Value],
) -> Outcome {
    let info = class.info();
    if info.is_abstract {
        let message = format!("You cannot create an instance from the abstract class '{}'.", class.name());
        return Err(Thrown::new("java.lang.InstantiationException", message));
    }
    initialize(machine, class)?;
    let instance = Instance {
        class: class.clone(),
        fields: Mutex::new(HashMap::new()),
        captured: around.captured,
        names: around.names,
        scope: scope.clone(),
        outer: around.outer,
        base: Mutex::new(Value::Null),
    };
    if let Some((name, ordinal)) = around.constant {
        instance.set("$name", name);
        instance.set("$ordinal", ordinal);
    }
    // Primitive fields hold zero, before anything runs.
    for ancestor in class.lineage() {
        for field in ancestor.info().fields.iter().filter(|field| !field.is_static) {
            if let Kind::Primitive(primitive) = &field.kind {
                instance.set(&field.name, primitive.zero());
            }
        }
    }
    let value = Value::object(instance);
    machine.deeper(|machine| construct_as(machine, &value, class, arguments))?;
    Ok(value)
}

fn instance_of(value: &Value) -> Option<&Instance> {
    match value {
        Value::Object(object) => object.downcast::<Instance>(),
        _ => None,
    }
}

/// Runs the constructor of one class of the line on an object.
pub(crate) fn construct_as(
    machine: &mut Machine<'_>,
    value: &Value,
    class: &ScriptClass,
    arguments: &[Value],
) -> Result<(), Thrown> {
    let Some(instance) = instance_of(value) else { return Ok(()) };
    let info = class.info();
    if let Some(constructor) = select(machine, &class.unit, &info.constructors, arguments) {
        let constructor = constructor.clone();
        // `this(…)` and `super(…)` see to the rest themselves.
        if !starts_with_call(&constructor) {
            construct_parent(machine, value, class, &[])?;
            initial(machine, value, class)?;
        }
        return invoke_on(machine, &class.unit, value, instance, class.index, &constructor, arguments).map(|_| ());
    }
    if !info.constructors.is_empty() && !matches!(arguments, [Value::Map(_)]) {
        return Err(no_constructor(class, arguments));
    }
    let named = match arguments {
        [Value::Map(map)] => Some(map.entries()),
        _ => None,
    };
    let captures = info.captures_locals;
    let tuple = info.generated.tuple && named.is_none();
    let own: &[Value] = if named.is_some() || tuple { &[] } else { arguments };
    if !own.is_empty() && !captures && info.parent.is_none() {
        return Err(no_constructor(class, arguments));
    }
    construct_parent(machine, value, class, own)?;
    initial(machine, value, class)?;
    if let Some(entries) = named {
        for (key, item) in entries {
            let name = machine.text(&key)?;
            super::member::set(machine, value, &name, item).map_err(|thrown| match thrown.class() {
                exceptions::MISSING_PROPERTY => crate::script::host::unknown_property(&class.name(), &name),
                _ => thrown,
            })?;
        }
    } else if tuple {
        let fields: Vec<Text> =
            info.fields.iter().filter(|field| !field.is_static && field.property).map(|f| f.name.clone()).collect();
        if arguments.len() > fields.len() {
            return Err(no_constructor(class, arguments));
        }
        for (name, item) in fields.iter().zip(arguments) {
            super::member::set_field(machine, instance, name, item.clone())?;
        }
    }
    Ok(())
}

/// Whether a constructor begins with `super(…)` or `this(…)`.
fn starts_with_call(function: &Function) -> bool {
    use super::node::{Node, StatementKind};
    let first = function.body.as_ref().and_then(|body| body.first()).map(|statement| &statement.kind);
    matches!(
        first,
        Some(
            StatementKind::Expression(Node::CallConstructor(..))
                | StatementKind::Return(Some(Node::CallConstructor(..)))
        )
    )
}

/// Gives the fields that a class declares their first values.
pub(crate) fn initial(machine: &mut Machine<'_>, value: &Value, class: &ScriptClass) -> Result<(), Thrown> {
    let Some(instance) = instance_of(value) else { return Ok(()) };
    for interface in class.interfaces() {
        if let ClassRef::Script(interface) = interface {
            initial(machine, value, &interface)?;
        }
    }
    let Some(function) = &class.info().initial else { return Ok(()) };
    invoke_on(machine, &class.unit, value, instance, class.index, function, &[]).map(|_| ())
}

/// Runs the constructor of the class above.
pub(crate) fn construct_parent(
    machine: &mut Machine<'_>,
    value: &Value,
    class: &ScriptClass,
    arguments: &[Value],
) -> Result<(), Thrown> {
    match class.parent() {
        Some(ClassRef::Script(parent)) => {
            let inner = instance_of(value).is_some_and(|instance| instance.constant().is_some());
            if inner && parent.info().kind == ClassKind::Enum && parent.info().constructors.is_empty() {
                return initial(machine, value, &parent);
            }
            construct_as(machine, value, &parent, arguments)
        }
        Some(outside) => {
            let base = machine.construct(&outside, arguments)?;
            if let Some(instance) = instance_of(value) {
                *lock(&instance.base) = base;
            }
            Ok(())
        }
        None => Ok(()),
    }
}

fn no_constructor(class: &ScriptClass, arguments: &[Value]) -> Thrown {
    let types: Vec<String> = arguments.iter().map(library::simple_class_name).collect();
    let message = format!("Could not find matching constructor for: {}({})", class.name(), types.join(", "));
    Thrown::new("groovy.lang.GroovyRuntimeException", message)
}

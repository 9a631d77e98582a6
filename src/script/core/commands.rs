//! What every script can call without a receiver: `println`, `sleep`, `use`, `evaluate`.

use super::node::{Language, Unit};
use crate::script::CompileError;
use crate::script::host::{Access, Outcome, Scope};
use crate::script::library;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Thrown, Value};
use std::sync::Arc;

/// Calls a command; `None` when there is none of that name for so many arguments.
pub(crate) fn call(
    machine: &mut Machine<'_>,
    unit: &Arc<Unit>,
    scope: &Scope,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    Some(match (name, arguments) {
        ("println", [] | [_]) => print(machine, arguments.first(), "\n"),
        ("print", [value]) => print(machine, Some(value), if unit.language == Language::Groovy { "" } else { "\n" }),
        ("printf", [_, ..]) => format(machine, arguments).and_then(|text| print(machine, Some(&text), "")),
        ("sprintf", [_, ..]) => format(machine, arguments),
        // Groovy's own sleep takes no notice of interruptions.
        ("sleep", [time, ..]) => machine.sleep(time.to_i64().unwrap_or(0), |host| host.stopping()),
        ("use", [categories @ .., body]) if matches!(body, Value::Closure(_)) => {
            with_categories(machine, categories, body)
        }
        ("evaluate", [source]) => evaluate(machine, unit.language, scope, source),
        ("eval", [source]) if unit.language == Language::BeanShell => evaluate(machine, unit.language, scope, source),
        ("hasVariable", [name]) => machine.text(name).map(|name| scope.contains(&name).into()),
        ("getVariable", [name]) => machine.text(name).map(|name| scope.get(&name).unwrap_or_default()),
        ("setVariable", [name, value]) => machine.text(name).map(|name| {
            scope.set(&name, value.clone());
            Value::Null
        }),
        ("removeVariable", [name]) => machine.text(name).map(|name| {
            scope.remove(&name);
            Value::Null
        }),
        ("getBinding", []) => Ok(super::frame::script_object(unit, scope)),
        ("unset", [name]) => machine.text(name).map(|name| {
            scope.remove(&name);
            Value::Void
        }),
        ("source", [path]) => source_file(machine, scope, path),
        ("getClass", [name]) if unit.language == Language::BeanShell => {
            machine.text(name).map(|name| machine.find_class(&name).map_or(Value::Null, Value::Class))
        }
        ("error", [value]) if unit.language == Language::BeanShell => machine
            .text(value)
            .map(|text| format!("// Error: {text}"))
            .and_then(|text| print(machine, Some(&text.into()), "\n")),
        _ => return None,
    })
}

fn print(machine: &mut Machine<'_>, value: Option<&Value>, end: &str) -> Outcome {
    let mut text = match value {
        Some(value) => machine.text(value)?,
        None => String::new(),
    };
    text.push_str(end);
    machine.host.print(&text);
    Ok(Value::Null)
}

fn format(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome {
    let given = match arguments {
        [pattern, Value::List(list)] => {
            let mut given = vec![pattern.clone()];
            given.extend(list.items());
            given
        }
        _ => arguments.to_vec(),
    };
    machine.call_static(&ClassRef::Library(&library::string::STRING), "format", &given)
}

fn with_categories(machine: &mut Machine<'_>, categories: &[Value], body: &Value) -> Outcome {
    let before = machine.categories.len();
    for category in categories {
        match category {
            Value::Class(class) => machine.categories.push(class.clone()),
            Value::List(list) => {
                let classes = list.items().into_iter().filter_map(|item| match item {
                    Value::Class(class) => Some(class),
                    _ => None,
                });
                machine.categories.extend(classes);
            }
            _ => {}
        }
    }
    let outcome = machine.call(body, &[]);
    machine.categories.truncate(before);
    outcome
}

/// Compiles and runs a text as a script with the same names.
pub(crate) fn evaluate(machine: &mut Machine<'_>, language: Language, scope: &Scope, source: &Value) -> Outcome {
    let source = machine.text(source)?;
    let script =
        super::Script::compile(&source, language).map_err(|error| does_not_compile(&error, &source, language))?;
    machine.deeper(|machine| script.run_within(machine, scope))
}

fn does_not_compile(error: &CompileError, source: &str, language: Language) -> Thrown {
    match language {
        Language::Groovy => Thrown::new(
            "org.codehaus.groovy.control.MultipleCompilationErrorsException",
            crate::script::groovy::startup_failed(error, source, "Script1.groovy"),
        ),
        Language::BeanShell => Thrown::new("bsh.EvalError", error.to_string()),
    }
}

/// BeanShell's `source("file")`.
fn source_file(machine: &mut Machine<'_>, scope: &Scope, path: &Value) -> Outcome {
    /// Bytes that a script may have.
    const LIMIT: u64 = 16 << 20;
    let path = machine.text(path)?;
    if !machine.host.allows(Access::Files) {
        return Err(Access::Files.denied());
    }
    let unreadable = || Thrown::new("java.io.FileNotFoundException", format!("{path} (No such file or directory)"));
    if std::fs::metadata(&path).map_err(|_| unreadable())?.len() > LIMIT {
        return Err(Thrown::new("java.io.IOException", format!("{path} is larger than {LIMIT} bytes")));
    }
    let text = std::fs::read_to_string(&path).map_err(|_| unreadable())?;
    evaluate(machine, Language::BeanShell, scope, &text.into())
}

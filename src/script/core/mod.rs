//! The Java-shaped core under Groovy and BeanShell: their tree, what its names stand for, and its evaluation.
//!
//! A script is parsed and resolved once; the result holds no state of a run and is shared by all users. Variables of
//! functions are slots of a frame; a variable that a closure sees becomes a cell that both hold, so closures may outlive
//! the run that made them. They never hold the host: it comes with the [`Machine`] of each call.

mod assign;
#[cfg(test)]
mod bounds;
mod call;
mod cast;
mod class;
mod closure;
pub(crate) mod coerce;
mod commands;
mod construct;
mod evaluate;
mod frame;
mod java;
mod member;
mod monitor;
mod names;
mod node;
pub(crate) mod operators;
pub mod power_assert;
mod resolve;
#[cfg(test)]
mod script_tables;
pub mod tree;

pub(crate) use call::{instance_call, instance_method, static_method};
pub use class::{Instance, ScriptClass};
pub(crate) use closure::{Derived, Place};
pub(crate) use member::{get as get_property, set as set_property};
pub use node::Language;

use crate::script::beanshell;
use crate::script::budget;
use crate::script::host::{Bindings, Outcome, Scope};
use crate::script::machine::{Dialect, Machine};
use crate::script::value::{Thrown, Value};
use crate::script::{CompileError, Position};
use crate::text::Text;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A compiled script, shared by all users.
#[derive(Debug, Clone)]
pub struct Script {
    unit: Arc<node::Unit>,
    missing: Arc<Vec<(Position, String)>>,
    /// BeanShell's first mistake, which it finds when it gets there.
    mistake: Option<CompileError>,
    /// The script as BeanShell's messages show it.
    shown: Text,
}

impl Script {
    /// Parses and resolves a script. For Groovy, a type that nobody knows is an error, as it is in JMeter.
    pub fn compile(source: &str, language: Language) -> Result<Self, CompileError> {
        let program = match language {
            Language::Groovy => crate::script::groovy::parse(source)?,
            Language::BeanShell => {
                let (mut program, mistake) = beanshell::parse_partly(source);
                program.body.extend(mistake.as_ref().map(|error| beanshell::throw(error, source)));
                let mut script = Self::resolve(&program, language)?;
                script.mistake = mistake;
                script.shown = beanshell::shown(source).into();
                return Ok(script);
            }
        };
        Self::resolve(&program, language)
    }

    /// Resolves a parsed script.
    pub fn resolve(program: &tree::Program, language: Language) -> Result<Self, CompileError> {
        /// Scripts compiled so far: Groovy numbers the classes that it makes of them.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = Text::from(format!("Script{}", COUNT.fetch_add(1, Ordering::Relaxed) + 1));
        let (unit, names) = resolve::resolve(program, language, name)?;
        if language == Language::Groovy
            && let Some((position, class)) = names.missing.first()
        {
            let mut error = CompileError::syntax(*position, format!("unable to resolve class {class}"));
            error.construct = format!("class {class}");
            return Err(error);
        }
        let missing = names.missing.into_iter().chain(names.unknown).collect();
        Ok(Self { unit: Arc::new(unit), missing: Arc::new(missing), mistake: None, shown: Text::default() })
    }

    /// Classes that the script names and nobody knows, with their places: it fails when it gets there.
    pub fn missing(&self) -> &[(Position, String)] {
        &self.missing
    }

    /// Whether running it may hold up the thread: it sleeps, waits, reads files, or loops without an end in sight.
    pub fn may_block(&self) -> bool {
        self.unit.blocks
    }

    /// The first mistake of a BeanShell script: what stands before it is run all the same.
    pub fn mistake(&self) -> Option<&CompileError> {
        self.mistake.as_ref()
    }

    /// Runs the script; the outcome is the value of its last statement, or of the `return` that ended it.
    pub fn run(&self, bindings: &mut Bindings<'_>) -> Outcome {
        let dialect = match self.unit.language {
            Language::Groovy => Dialect::Groovy,
            Language::BeanShell => Dialect::Java,
        };
        let scope = bindings.scope.clone();
        let mut machine = Machine::new(bindings, dialect);
        let outcome = self.run_within(&mut machine, &scope);
        let outcome = outcome.and_then(|value| budget::settle().map(|()| value));
        match self.unit.language {
            Language::Groovy => outcome,
            Language::BeanShell => beanshell::outcome(outcome, &self.shown, &machine.context),
        }
    }

    fn run_within(&self, machine: &mut Machine<'_>, scope: &Scope) -> Outcome {
        let names = (self.unit.language == Language::BeanShell).then(|| names::Namespace::global(scope.clone()));
        if let Some(names) = &names {
            for method in &self.unit.classes[0].methods {
                names.declare_method(&self.unit, method);
            }
        }
        let body = self.unit.body.clone();
        frame::Invocation {
            unit: &self.unit,
            function: &body,
            this: Value::Null,
            closure: None,
            scope,
            captured: &[],
            names,
            class: 0,
        }
        .run(machine, &[])
    }
}

/// Java's `toString()` of what a script gave, with the help of the script's own classes.
///
/// # Errors
/// What a `toString` of the script throws.
pub fn to_text(bindings: &mut Bindings<'_>, value: &Value) -> Result<String, Thrown> {
    let dialect = if matches!(value, Value::GString(_)) { Dialect::Groovy } else { Dialect::Java };
    Machine::new(bindings, dialect).text(value)
}

/// `new Class(arguments)` of a script's class.
pub(crate) fn construct(machine: &mut Machine<'_>, class: &ScriptClass, scope: &Scope, arguments: &[Value]) -> Outcome {
    construct::construct(machine, class, scope, construct::Surroundings::default(), arguments)
}

/// The method by which an object stands in for a closure: `call`, or the only one that takes so many arguments.
pub(crate) fn functional_method(instance: &Instance, arguments: usize) -> Option<Text> {
    let line = instance.class.lineage();
    let mut names = line.iter().flat_map(|class| &class.info().methods).filter(|method| {
        !method.is_static && method.body.is_some() && (method.least()..=method.parameters.len()).contains(&arguments)
    });
    let wanted = |name: &str| name == "call" || crate::script::library::functional::is_abstract_method(name);
    names.find(|method| wanted(&method.name)).map(|method| method.name.clone())
}

/// A method of one of BeanShell's own objects; `None` for all others.
pub(crate) fn call_names(
    machine: &mut Machine<'_>,
    object: &dyn crate::script::value::Object,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    object.downcast::<names::This>().map(|this| evaluate::call_this(machine, this, name, arguments))
}

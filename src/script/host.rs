//! What a script sees of the world: the names bound for it and the host that stands behind JMeter's objects.

use crate::script::value::{Object, Thrown, Value};
use crate::text::Text;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The result of evaluating something.
pub type Outcome = Result<Value, Thrown>;

/// Stands behind JMeter's objects (`vars`, `prev`, `sampler`, …) and classes while a script runs.
///
/// Such an object is a [`Value::Object`] whose class is a [`ClassRef::Host`](crate::script::value::ClassRef::Host): a
/// mere handle, whose members are asked for here, since what they need (the user, the running sample) is only borrowed
/// for the run. Interpolated strings among arguments have become plain strings.
pub trait Host {
    /// `object.name`. [`unknown_property`] is the error for a name that the class does not have.
    fn get_property(&mut self, object: &dyn Object, name: &str) -> Outcome;

    /// `object.name = value`.
    fn set_property(&mut self, object: &dyn Object, name: &str, value: &Value) -> Result<(), Thrown>;

    /// `object.name(arguments)`. [`unknown_method`] is the error for a method that the class does not have, or not with
    /// such arguments.
    fn call_method(&mut self, object: &dyn Object, name: &str, arguments: &[Value]) -> Outcome;

    /// `new class(arguments)` for a class of which [`Host::has_class`] is true.
    fn construct(&mut self, class: &str, arguments: &[Value]) -> Outcome;

    /// `class.name(arguments)`.
    fn call_static(&mut self, class: &str, name: &str, arguments: &[Value]) -> Outcome;

    /// `class.name`, a constant or a static property.
    fn get_static(&mut self, class: &str, name: &str) -> Outcome;

    /// Whether the host knows the class of this full name.
    fn has_class(&self, class: &str) -> bool;

    /// Whether an object of class `class` is an instance of `of`; both are full names.
    fn is_instance(&self, class: &str, of: &str) -> bool {
        class == of
    }

    /// Whether scripts may do this; what they may not gives a `SecurityException`.
    fn allows(&self, _access: Access) -> bool {
        true
    }

    /// `Thread.currentThread().getName()`.
    fn thread_name(&self) -> Text;

    /// `System.getProperty(name)`.
    fn system_property(&self, name: &str) -> Option<Text>;

    /// Whether an object of the host is one for all users: `synchronized` on it makes them take turns.
    fn is_shared(&self, _object: &dyn Object) -> bool {
        true
    }

    /// `Thread.interrupted()` of the script's thread: the run has been stopped at once.
    fn is_interrupted(&self) -> bool {
        false
    }

    /// Whether the run is over and the script is to end now.
    fn stopping(&self) -> bool {
        false
    }

    /// Whether the process holds all the memory that scripts may take.
    fn heap_is_full(&self) -> bool {
        crate::script::budget::heap_is_full()
    }

    /// What a script prints with `println` or `System.out`, with its line end.
    fn print(&mut self, text: &str);
}

/// What a script may do beyond computing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To read and write files.
    Files,
    /// To start processes.
    Processes,
    /// To connect to other machines.
    Network,
}

impl Access {
    /// `java.lang.SecurityException`: the host does not allow it.
    pub fn denied(self) -> Thrown {
        let what = match self {
            Self::Files => "files",
            Self::Processes => "processes",
            Self::Network => "the network",
        };
        Thrown::new("java.lang.SecurityException", format!("scripts of this run have no access to {what}"))
    }
}

/// `groovy.lang.MissingPropertyException`: the class has no such property.
pub fn unknown_property(class: &str, name: &str) -> Thrown {
    let message = format!("No such property: {name} for class: {class}");
    Thrown::with_details(
        crate::script::value::exceptions::MISSING_PROPERTY,
        message,
        vec![("property", Value::from(name)), ("propertyName", Value::from(name))],
    )
}

/// The class of an argument as the message of a missing method names it.
fn argument_type(argument: &Value) -> String {
    match argument {
        Value::Closure(_) => {
            let text = crate::script::value::java_text(argument);
            text.split('@').next().unwrap_or_default().to_owned()
        }
        Value::GString(_) => crate::script::library::class_of(argument).name(),
        other => crate::script::library::simple_class_name(other),
    }
}

/// `groovy.lang.MissingMethodException`: the class has no such method for these arguments.
pub fn unknown_method(class: &str, name: &str, arguments: &[Value]) -> Thrown {
    let types: Vec<String> = arguments.iter().map(argument_type).collect();
    let values: Vec<String> = arguments.iter().map(crate::script::value::groovy_text).collect();
    let message = format!(
        "No signature of method: {class}.{name}() is applicable for argument types: ({}) values: [{}]",
        types.join(", "),
        values.join(", ")
    );
    Thrown::with_details(crate::script::value::exceptions::MISSING_METHOD, message, vec![("method", Value::from(name))])
}

/// Stands before the names under which a scope keeps methods; such names are no variables.
pub(crate) const METHOD_MARK: char = '\u{1}';

/// The names that a script has set or finds set: Groovy's binding, JEXL's context, BeanShell's global namespace.
///
/// A clone is the same scope: closures that outlive the run keep it. An interpreter that keeps its state between passes
/// is a scope that its owner keeps.
#[derive(Debug, Clone, Default)]
pub struct Scope(Arc<Mutex<HashMap<Text, Value, ahash::RandomState>>>);

impl Scope {
    /// An empty scope.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty scope with room for so many names.
    pub fn with_room(names: usize) -> Self {
        Self(Arc::new(Mutex::new(HashMap::with_capacity_and_hasher(names, ahash::RandomState::default()))))
    }

    fn names(&self) -> MutexGuard<'_, HashMap<Text, Value, ahash::RandomState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a name; `None` when it was never set.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.names().get(name).cloned()
    }

    /// Sets a name.
    pub fn set(&self, name: &str, value: Value) {
        let mut names = self.names();
        match names.get_mut(name) {
            Some(slot) => *slot = value,
            None => _ = names.insert(Text::from(name), value),
        }
    }

    /// Forgets a name.
    pub fn remove(&self, name: &str) {
        self.names().remove(name);
    }

    /// Whether the name is set, be it to null.
    pub fn contains(&self, name: &str) -> bool {
        self.names().contains_key(name)
    }

    /// All names with their values, in the order of the names.
    pub fn entries(&self) -> Vec<(Text, Value)> {
        let mut entries: Vec<_> = self
            .names()
            .iter()
            .filter(|(name, _)| !name.starts_with(METHOD_MARK))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries
    }
}

/// What a run is given: the names and the host behind them.
pub struct Bindings<'h> {
    /// The names.
    pub scope: Scope,
    /// The host.
    pub host: &'h mut (dyn Host + 'h),
}

impl<'h> Bindings<'h> {
    /// An empty scope before `host`.
    pub fn new(host: &'h mut (dyn Host + 'h)) -> Self {
        Self { scope: Scope::new(), host }
    }

    /// A kept scope before `host`.
    pub fn with_scope(scope: Scope, host: &'h mut (dyn Host + 'h)) -> Self {
        Self { scope, host }
    }

    /// Binds a name.
    pub fn set(&mut self, name: &str, value: Value) {
        self.scope.set(name, value);
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.scope.get(name)
    }
}

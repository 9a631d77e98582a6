//! What runs a script: the binding of its names, the bounds on its resources, and calls of methods.

use crate::script::host::{Bindings, Host, Outcome, Scope, unknown_method, unknown_property};
use crate::script::library::{self, Fault, Origin};
use crate::script::value::{ClassRef, Thrown, Value, exceptions, groovy_text, java_text};

/// The language whose rules hold where the languages differ about one and the same object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Java's classes as they are: JEXL, JavaScript, BeanShell.
    Java,
    /// With the methods that Groovy adds.
    Groovy,
}

/// Calls within calls that a script may make before it gets a `StackOverflowError`.
const DEPTH_LIMIT: u32 = 900;

/// One run of a script.
pub struct Machine<'m> {
    /// The names bound.
    pub scope: Scope,
    /// JMeter's side.
    pub host: &'m mut (dyn Host + 'm),
    /// Whose methods objects have.
    pub dialect: Dialect,
    depth: u32,
    turns: u32,
}

impl<'m> Machine<'m> {
    /// A run on `bindings`.
    pub fn new(bindings: &'m mut Bindings<'_>, dialect: Dialect) -> Self {
        Self { scope: bindings.scope.clone(), host: &mut *bindings.host, dialect, depth: 0, turns: 0 }
    }

    /// Runs `work` one call deeper.
    pub fn deeper<R>(&mut self, work: impl FnOnce(&mut Self) -> Result<R, Thrown>) -> Result<R, Thrown> {
        if self.depth >= DEPTH_LIMIT {
            return Err(Thrown::with_cause(exceptions::STACK_OVERFLOW, None, Value::Null));
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    /// Counts a pass of a loop or a call; now and then asks whether the run is over, and then ends the script.
    pub fn turn(&mut self) -> Result<(), Thrown> {
        /// Passes between two questions: a few hundred microseconds.
        const BETWEEN: u32 = 1024;
        self.turns = self.turns.wrapping_add(1);
        if self.turns.is_multiple_of(BETWEEN) && self.host.stopping() {
            return Err(Thrown::new("java.lang.ThreadDeath", "the run has been stopped"));
        }
        Ok(())
    }

    /// The text that a value has in a string: `toString()` by the rules of the dialect.
    pub fn text(&mut self, value: &Value) -> Result<String, Thrown> {
        if let Value::Object(object) = value
            && let ClassRef::Host(_) = object.class()
        {
            let text = self.host.call_method(&**object, "toString", &[])?;
            return Ok(java_text(&text));
        }
        Ok(match self.dialect {
            Dialect::Java => java_text(value),
            Dialect::Groovy => groovy_text(value),
        })
    }

    /// Calls a closure, or the method `call` of anything else.
    pub fn call(&mut self, callable: &Value, arguments: &[Value]) -> Outcome {
        match callable {
            Value::Closure(closure) => self.deeper(|machine| closure.call(machine, arguments)),
            other => self.call_method(other, "call", arguments),
        }
    }

    /// `receiver.name(arguments)`.
    pub fn call_method(&mut self, receiver: &Value, name: &str, arguments: &[Value]) -> Outcome {
        if receiver.is_null() {
            let message = format!("Cannot invoke method {name}() on null object");
            return Err(Thrown::new(exceptions::NULL_POINTER, message));
        }
        let class = library::class_of(receiver);
        if let (Value::Object(object), ClassRef::Host(_)) = (receiver, &class) {
            let plain = plain_arguments(arguments);
            return self.host.call_method(&**object, name, plain.as_deref().unwrap_or(arguments));
        }
        let definition = library::definition(&class);
        let Some(method) = library::find_method(definition, name, arguments.len(), self.origin()) else {
            return Err(unknown_method(&class.name(), name, arguments));
        };
        self.deeper(|machine| match (method.run)(machine, receiver, arguments) {
            Ok(value) => Ok(value),
            Err(Fault::Thrown(thrown)) => Err(thrown),
            Err(Fault::Mismatch) => Err(unknown_method(&class.name(), name, arguments)),
        })
    }

    /// Whether the value has a method of this name for so many arguments.
    pub fn has_method(&self, receiver: &Value, name: &str, arguments: usize) -> bool {
        let class = library::class_of(receiver);
        matches!(class, ClassRef::Host(_))
            || library::find_method(library::definition(&class), name, arguments, self.origin()).is_some()
    }

    /// Whether the library or the script, not the host, gives the value a method of this name.
    pub(crate) fn has_own_method(&self, receiver: &Value, name: &str, arguments: usize) -> bool {
        !matches!(library::class_of(receiver), ClassRef::Host(_)) && self.has_method(receiver, name, arguments)
    }

    fn origin(&self) -> Origin {
        match self.dialect {
            Dialect::Java => Origin::Java,
            Dialect::Groovy => Origin::Groovy,
        }
    }

    /// `receiver.name`, by way of a getter; maps and classes are the caller's to treat before.
    pub fn get_bean_property(&mut self, receiver: &Value, name: &str) -> Outcome {
        if receiver.is_null() {
            let message = format!("Cannot get property '{name}' on null object");
            return Err(Thrown::new(exceptions::NULL_POINTER, message));
        }
        let class = library::class_of(receiver);
        if let (Value::Object(object), ClassRef::Host(_)) = (receiver, &class) {
            return self.host.get_property(&**object, name);
        }
        let capital = capitalized(name);
        for getter in [format!("get{capital}"), format!("is{capital}")] {
            if self.has_method(receiver, &getter, 0) {
                return self.call_method(receiver, &getter, &[]);
            }
        }
        match (receiver, name) {
            (Value::Array(array), "length") => Ok(Value::Int(array.len() as i32)),
            _ => Err(unknown_property(&class.name(), name)),
        }
    }

    /// `new class(arguments)`.
    pub fn construct(&mut self, class: &ClassRef, arguments: &[Value]) -> Outcome {
        match class {
            ClassRef::Host(name) => {
                let plain = plain_arguments(arguments);
                self.host.construct(name, plain.as_deref().unwrap_or(arguments))
            }
            ClassRef::Exception(name) => library::throwable::construct(name, arguments),
            ClassRef::Array(_) => Err(no_constructor(class, arguments)),
            ClassRef::Library(definition) => {
                let Some(constructor) = definition.constructor else {
                    return Err(no_constructor(class, arguments));
                };
                match constructor(self, &Value::Null, arguments) {
                    Ok(value) => Ok(value),
                    Err(Fault::Thrown(thrown)) => Err(thrown),
                    Err(Fault::Mismatch) => Err(no_constructor(class, arguments)),
                }
            }
        }
    }

    /// `class.name(arguments)`; also a method of `java.lang.Class` itself.
    pub fn call_static(&mut self, class: &ClassRef, name: &str, arguments: &[Value]) -> Outcome {
        if let ClassRef::Host(class_name) = class {
            let plain = plain_arguments(arguments);
            return self.host.call_static(class_name, name, plain.as_deref().unwrap_or(arguments));
        }
        let method = library::definition(class).find_static(name, arguments.len());
        let Some(method) = method else {
            return self.call_method(&Value::Class(class.clone()), name, arguments);
        };
        match (method.run)(self, &Value::Class(class.clone()), arguments) {
            Ok(value) => Ok(value),
            Err(Fault::Thrown(thrown)) => Err(thrown),
            Err(Fault::Mismatch) => Err(unknown_method(&class.name(), name, arguments)),
        }
    }

    /// `class.name`, a constant; `None` when the class has none of that name.
    pub fn get_static(&mut self, class: &ClassRef, name: &str) -> Result<Option<Value>, Thrown> {
        if let ClassRef::Host(class_name) = class {
            return self.host.get_static(class_name, name).map(Some);
        }
        Ok(library::definition(class).find_constant(name))
    }

    /// The class of a full name, or of a simple name of the packages that every script sees.
    pub fn find_class(&self, name: &str) -> Option<ClassRef> {
        library::find_class(name).or_else(|| self.host.has_class(name).then(|| ClassRef::Host(name.into())))
    }
}

fn no_constructor(class: &ClassRef, arguments: &[Value]) -> Thrown {
    let types: Vec<String> = arguments.iter().map(library::simple_class_name).collect();
    let message = format!("Could not find matching constructor for: {}({})", class.name(), types.join(", "));
    Thrown::new("groovy.lang.GroovyRuntimeException", message)
}

/// The arguments with interpolated strings as plain ones, `None` when there are none to change.
fn plain_arguments(arguments: &[Value]) -> Option<Vec<Value>> {
    if !arguments.iter().any(|argument| matches!(argument, Value::GString(_))) {
        return None;
    }
    let plain = |argument: &Value| match argument {
        Value::GString(_) => Value::from(groovy_text(argument)),
        other => other.clone(),
    };
    Some(arguments.iter().map(plain).collect())
}

/// `name` with its first letter upper-cased, as in the name of a getter.
pub fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

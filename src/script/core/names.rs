//! BeanShell's names: blocks within methods within the interpreter, each with its variables and methods.

use super::class::lock;
use super::closure::ScriptMethod;
use super::node::{Function, Kind, Unit};
use crate::script::host::Scope;
use crate::script::library::{Class, class_of, object};
use crate::script::value::{ClassRef, Object, Thrown, Value};
use crate::text::Text;
use std::sync::{Arc, Mutex};

/// The class of BeanShell's `this`.
pub static THIS: Class = Class::named("bsh.This", &[&object::OBJECT]);
/// The class that BeanShell's numbers have when asked.
pub static PRIMITIVE: Class = Class::named("bsh.Primitive", &[&object::OBJECT]);

pub(crate) const EVAL_ERROR: &str = "bsh.EvalError";

/// The name under which a method is kept among the names of the interpreter.
fn method_key(name: &str) -> String {
    format!("{}{name}", crate::script::host::METHOD_MARK)
}

/// Variables and methods of one block, method, or the interpreter.
#[derive(Debug)]
pub(crate) struct Namespace {
    variables: Mutex<Vec<(Text, Kind, Value)>>,
    parent: Option<Arc<Namespace>>,
    /// The interpreter's names, for the outermost.
    global: Option<Scope>,
    /// Whether it is a mere block.
    is_block: bool,
}

impl Namespace {
    /// The names of the interpreter.
    pub(crate) fn global(scope: Scope) -> Arc<Self> {
        Arc::new(Self { variables: Mutex::default(), parent: None, global: Some(scope), is_block: false })
    }

    /// A method's names.
    pub(crate) fn method(parent: &Arc<Self>) -> Arc<Self> {
        let parent = Some(parent.clone());
        Arc::new(Self { variables: Mutex::default(), parent, global: None, is_block: false })
    }

    /// A block's names.
    pub(crate) fn block(parent: &Arc<Self>) -> Arc<Self> {
        let parent = Some(parent.clone());
        Arc::new(Self { variables: Mutex::default(), parent, global: None, is_block: true })
    }

    fn own(&self, name: &str) -> Option<Value> {
        if let Some(scope) = &self.global {
            return scope.get(name);
        }
        lock(&self.variables).iter().find(|variable| *variable.0 == *name).map(|variable| variable.2.clone())
    }

    fn kind_of(&self, name: &str) -> Option<Kind> {
        lock(&self.variables).iter().find(|variable| *variable.0 == *name).map(|variable| variable.1.clone())
    }

    pub(crate) fn get(&self, name: &str) -> Option<Value> {
        let mut names = self;
        loop {
            if let Some(value) = names.own(name) {
                return Some(value);
            }
            names = names.parent.as_deref()?;
        }
    }

    /// The type of the variable that an assignment would set.
    pub(crate) fn kind(&self, name: &str) -> Kind {
        let mut names = self;
        loop {
            if let Some(kind) = names.kind_of(name) {
                return kind;
            }
            match names.parent.as_deref() {
                Some(parent) => names = parent,
                None => return Kind::Any,
            }
        }
    }

    /// Sets the variable where it is, or makes it here.
    pub(crate) fn set(&self, name: &str, value: Value) {
        let mut names = self;
        loop {
            if let Some(scope) = &names.global
                && scope.contains(name)
            {
                return scope.set(name, value);
            }
            if let Some(variable) = lock(&names.variables).iter_mut().find(|variable| *variable.0 == *name)
                && names.global.is_none()
            {
                variable.2 = value;
                return;
            }
            match names.parent.as_deref() {
                Some(parent) => names = parent,
                None => break,
            }
        }
        self.declare(&Text::from(name), Kind::Any, value);
    }

    /// Makes a variable here.
    pub(crate) fn declare(&self, name: &Text, kind: Kind, value: Value) {
        let mut variables = lock(&self.variables);
        if let Some(scope) = &self.global {
            scope.set(name, value);
            variables.retain(|variable| variable.0 != *name);
            if !matches!(kind, Kind::Any) {
                variables.push((name.clone(), kind, Value::Null));
            }
            return;
        }
        match variables.iter_mut().find(|variable| variable.0 == *name) {
            Some(variable) => *variable = (name.clone(), kind, value),
            None => variables.push((name.clone(), kind, value)),
        }
    }

    /// Makes a method here; one of the same shape is replaced.
    pub(crate) fn declare_method(self: &Arc<Self>, unit: &Arc<Unit>, function: &Arc<Function>) {
        let home = if self.is_block { self.home() } else { self.clone() };
        let key = method_key(&function.name);
        let names = home.global.is_none().then(|| home.clone());
        let method = ScriptMethod { unit: unit.clone(), function: function.clone(), names };
        let mut methods = match home.own(&key) {
            Some(Value::List(list)) => list.items(),
            _ => Vec::new(),
        };
        let same = |value: &Value| match value {
            Value::Object(object) => object.downcast::<ScriptMethod>().is_some_and(|other| {
                let types = |function: &Function| -> Vec<String> {
                    function.parameters.iter().map(|parameter| format!("{:?}", parameter.kind)).collect()
                };
                types(&other.function) == types(function)
            }),
            _ => false,
        };
        methods.retain(|value| !same(value));
        methods.push(Value::object(method));
        home.declare(&key.as_str().into(), Kind::Any, Value::list(methods));
    }

    /// The methods of a name, nearest first.
    pub(crate) fn methods(&self, name: &str) -> Vec<Value> {
        match self.get(&method_key(name)) {
            Some(Value::List(list)) => list.items(),
            _ => Vec::new(),
        }
    }

    /// The names around the blocks: the method's or the interpreter's.
    fn home(self: &Arc<Self>) -> Arc<Self> {
        let mut names = self.clone();
        while names.is_block {
            match &names.parent {
                Some(parent) => names = parent.clone(),
                None => break,
            }
        }
        names
    }

    /// `this`.
    pub(crate) fn this_value(self: &Arc<Self>) -> Value {
        Value::object(This(self.home()))
    }

    /// `global`.
    pub(crate) fn global_value(self: &Arc<Self>) -> Value {
        let mut names = self.clone();
        while let Some(parent) = &names.parent {
            names = parent.clone();
        }
        Value::object(This(names))
    }

    /// `super`.
    pub(crate) fn super_value(self: &Arc<Self>) -> Value {
        let home = self.home();
        match &home.parent {
            Some(parent) => Value::object(This(parent.home())),
            None => Value::object(This(home)),
        }
    }
}

/// An object made of a method's names: BeanShell's closures.
#[derive(Debug)]
pub(crate) struct This(pub(crate) Arc<Namespace>);

impl Object for This {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&THIS)
    }

    fn to_text(&self) -> String {
        "'this' reference to Bsh object: NameSpace: global".to_owned()
    }
}

fn error(message: String) -> Thrown {
    Thrown::new(EVAL_ERROR, message)
}

pub(crate) fn class_not_found(name: &str) -> Thrown {
    error(format!("Class: {name} not found in namespace"))
}

pub(crate) fn unknown_class(name: &str) -> Thrown {
    error(format!("Unknown class: {name}"))
}

/// A value that a variable of this type cannot take.
pub(crate) fn cannot_cast(value: &Value, to: &str) -> Thrown {
    let from = type_name(value);
    let message = match value {
        Value::Object(_) | Value::String(_) | Value::List(_) | Value::Map(_) => {
            format!("Cannot cast object of type {from} to {to}")
        }
        _ => format!("Cannot cast {from} to {to}"),
    };
    Thrown::new(crate::script::value::exceptions::CLASS_CAST, message)
}

/// A value's type as BeanShell names it.
pub(crate) fn type_name(value: &Value) -> String {
    match value {
        Value::Boolean(_) => "boolean".to_owned(),
        Value::Char(_) => "char".to_owned(),
        Value::Byte(_) => "byte".to_owned(),
        Value::Short(_) => "short".to_owned(),
        Value::Int(_) => "int".to_owned(),
        Value::Long(_) => "long".to_owned(),
        Value::Float(_) => "float".to_owned(),
        Value::Double(_) => "double".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Void => "void".to_owned(),
        other => class_of(other).name(),
    }
}

/// An index beyond an array, which BeanShell turns into an error of its own.
pub(crate) fn array_access(place: &str, thrown: Thrown) -> Thrown {
    if thrown.class() != crate::script::value::exceptions::ARRAY_INDEX {
        return thrown;
    }
    error(format!("{place}:{}", thrown.class()))
}

pub(crate) fn no_condition(value: &Value) -> Thrown {
    error(match value {
        Value::Void => "Condition evaluates to void type".to_owned(),
        _ => "Condition must evaluate to a Boolean or boolean.".to_owned(),
    })
}

pub(crate) fn no_items() -> Thrown {
    error("The collection, array, map, iterator, or enumeration portion of a for statement cannot be null.".to_owned())
}

pub(crate) fn undefined_argument(name: &str) -> Thrown {
    error(format!("Undefined argument: {name} "))
}

pub(crate) fn undefined_variable(name: &str) -> Thrown {
    error(format!("illegal use of undefined variable, class, or 'void' literal: {name}"))
}

/// A method that the script has not.
pub(crate) fn no_command(name: &str, arguments: &[Value]) -> Thrown {
    let types: Vec<String> = arguments.iter().map(type_name).collect();
    let given = if types.is_empty() { "()".to_owned() } else { format!("( {} )", types.join(", ")) };
    error(format!("Command not found: {name}{given}"))
}

/// A method that an object has not.
pub(crate) fn no_method(receiver: &Value, name: &str, arguments: &[Value]) -> Thrown {
    let types: Vec<String> = arguments.iter().map(type_name).collect();
    let given = if types.is_empty() { "()".to_owned() } else { format!("( {} )", types.join(", ")) };
    error(format!("Error in method invocation: Method {name}{given} not found in class'{}'", type_name(receiver)))
}

//! A host for tests: `vars`, `props`, `ctx` and `log` over plain maps.

use crate::clock::Timestamp;
use crate::script::host::{Access, Host, Outcome, unknown_method, unknown_property};
use crate::script::value::{ClassRef, Object, Thrown, Value, groovy_text};
use crate::text::Text;
use std::collections::BTreeMap;

#[derive(Debug)]
struct Handle(&'static str);

impl Object for Handle {
    fn class(&self) -> ClassRef {
        ClassRef::Host(self.0.into())
    }
}

/// What scripts under test see of JMeter.
#[derive(Debug, Default)]
pub(crate) struct FakeHost {
    pub(crate) vars: BTreeMap<String, Value>,
    pub(crate) props: BTreeMap<String, Value>,
    pub(crate) printed: String,
    /// Whether scripts may do no more than compute.
    pub(crate) sandboxed: bool,
    /// Whether the heap is full as soon as a script has made something of size.
    pub(crate) full: bool,
    /// When scripts are to end.
    pub(crate) end: Option<Timestamp>,
}

const VARS: &str = "org.apache.jmeter.threads.JMeterVariables";
const CONTEXT: &str = "org.apache.jmeter.threads.JMeterContext";
const PROPERTIES: &str = "java.util.Properties";
const LOG: &str = "org.slf4j.Logger";

/// Binds the names that every script has.
pub(crate) fn bind(scope: &crate::script::host::Scope) {
    for (name, class) in [("vars", VARS), ("ctx", CONTEXT), ("props", PROPERTIES), ("log", LOG)] {
        scope.set(name, Value::object(Handle(class)));
    }
    scope.set("threadName", Value::from("Users 1-1"));
}

impl Host for FakeHost {
    fn get_property(&mut self, object: &dyn Object, name: &str) -> Outcome {
        let class = object.class().name();
        let map = match class.as_str() {
            VARS => &self.vars,
            PROPERTIES => &self.props,
            CONTEXT if name == "threadNum" => return Ok(Value::Int(0)),
            _ => return Err(unknown_property(&class, name)),
        };
        Ok(map.get(name).cloned().unwrap_or_default())
    }

    fn set_property(&mut self, object: &dyn Object, name: &str, _: &Value) -> Result<(), Thrown> {
        Err(unknown_property(&object.class().name(), name))
    }

    fn call_method(&mut self, object: &dyn Object, name: &str, arguments: &[Value]) -> Outcome {
        let class = object.class().name();
        let map = if class == VARS { &mut self.vars } else { &mut self.props };
        match (class.as_str(), name, arguments) {
            (VARS | PROPERTIES, "get" | "getProperty" | "getObject", [Value::String(key)]) => {
                Ok(map.get(&**key).cloned().unwrap_or_default())
            }
            (VARS, "put", [Value::String(key), value @ (Value::String(_) | Value::Null)])
            | (VARS, "putObject", [Value::String(key), value])
            | (PROPERTIES, "put" | "setProperty", [Value::String(key), value]) => {
                map.insert(key.to_string(), value.clone());
                Ok(Value::Void)
            }
            (VARS | PROPERTIES, "remove", [Value::String(key)]) => Ok(map.remove(&**key).unwrap_or_default()),
            (CONTEXT, "getThreadNum", []) => Ok(Value::Int(0)),
            (LOG, "info" | "warn" | "error" | "debug", [first, ..]) => {
                self.printed += &groovy_text(first);
                self.printed.push('\n');
                Ok(Value::Void)
            }
            (_, "toString", []) => Ok(format!("{class}@1").into()),
            _ => Err(unknown_method(&class, name, arguments)),
        }
    }

    fn construct(&mut self, class: &str, arguments: &[Value]) -> Outcome {
        Err(unknown_method(class, "<init>", arguments))
    }

    fn call_static(&mut self, class: &str, name: &str, arguments: &[Value]) -> Outcome {
        Err(unknown_method(class, name, arguments))
    }

    fn get_static(&mut self, class: &str, name: &str) -> Outcome {
        Err(unknown_property(class, name))
    }

    fn has_class(&self, class: &str) -> bool {
        class == VARS
    }

    fn is_interrupted(&self) -> bool {
        self.stopping()
    }

    fn heap_is_full(&self) -> bool {
        self.full
    }

    fn stopping(&self) -> bool {
        self.end.is_some_and(|end| crate::clock::now() > end)
    }

    fn allows(&self, _: Access) -> bool {
        !self.sandboxed
    }

    fn thread_name(&self) -> Text {
        Text::from("Users 1-1")
    }

    fn system_property(&self, name: &str) -> Option<Text> {
        (name == "user.timezone").then(|| Text::from("UTC"))
    }

    fn print(&mut self, text: &str) {
        self.printed += text;
    }
}

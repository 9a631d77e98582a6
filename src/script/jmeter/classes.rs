//! JMeter's classes that scripts name: `JMeterUtils`, `FileServer`, `JMeterContextService`, the constants of
//! `TestLogicalAction`.

use super::{JMeter, JMeterObject, text_of};
use crate::script::host::{Outcome, unknown_method, unknown_property};
use crate::script::value::{Thrown, Value};
use crate::text::Text;

const UTILS: &str = "org.apache.jmeter.util.JMeterUtils";
const CONTEXT_SERVICE: &str = "org.apache.jmeter.threads.JMeterContextService";
const FILE_SERVER: &str = "org.apache.jmeter.services.FileServer";
const RESULT: &str = "org.apache.jmeter.samplers.SampleResult";
const LOGICAL_ACTION: &str = "org.apache.jmeter.threads.JMeterContext$TestLogicalAction";

pub(super) fn has(class: &str) -> bool {
    matches!(class, UTILS | CONTEXT_SERVICE | FILE_SERVER | RESULT | LOGICAL_ACTION)
        || class == "org.apache.jmeter.threads.JMeterContext.TestLogicalAction"
}

pub(super) fn construct(class: &str, _: &[Value]) -> Outcome {
    Err(Thrown::new("java.lang.UnsupportedOperationException", format!("new {class} is not supported")))
}

pub(super) fn call_static(jmeter: &mut JMeter<'_>, class: &str, name: &str, arguments: &[Value]) -> Outcome {
    let properties = &jmeter.user.run.properties;
    match (class, name, arguments) {
        (UTILS, "getProperty", [key]) => Ok(properties.get(&text_of(key)).map_or(Value::Null, Value::String)),
        (UTILS, "getPropDefault", [key, default]) => {
            let key = text_of(key);
            Ok(match default {
                Value::Int(number) => Value::Int(properties.int_or(&key, *number)),
                Value::Long(number) => Value::Long(properties.long_or(&key, *number)),
                Value::Boolean(flag) => Value::Boolean(properties.bool_or(&key, *flag)),
                other => properties.get(&key).map_or_else(|| other.clone(), Value::String),
            })
        }
        (UTILS, "setProperty", [key, value]) => {
            let old = properties.set(Text::from(text_of(key)), Text::from(text_of(value)));
            Ok(old.as_ref().and_then(|old| old.as_text().cloned()).map_or(Value::Null, Value::String))
        }
        (UTILS, "getJMeterProperties", []) => Ok(Value::object(JMeterObject::Properties)),
        (UTILS, "getJMeterVersion", []) => Ok(Value::from("5.6.2")),
        (CONTEXT_SERVICE, "getContext", []) => Ok(Value::object(JMeterObject::Context)),
        (CONTEXT_SERVICE, "getNumberOfThreads", []) => {
            let active = jmeter.user.run.counts.active.load(std::sync::atomic::Ordering::Relaxed);
            Ok(Value::Int(active as i32))
        }
        (CONTEXT_SERVICE, "getTestStartTime", []) => Ok(Value::Long(jmeter.user.run.test_start.millis())),
        (FILE_SERVER, "getFileServer", []) => Ok(Value::object(JMeterObject::FileServer)),
        _ => Err(unknown_method(class, name, arguments)),
    }
}

pub(super) fn get_static(class: &str, name: &str) -> Outcome {
    if class.ends_with("TestLogicalAction") && super::context::logical_action(name).is_some() {
        return Ok(Value::from(name));
    }
    match (class, name) {
        (RESULT, "TEXT") => Ok(Value::from("text")),
        (RESULT, "BINARY") => Ok(Value::from("bin")),
        (RESULT, "DEFAULT_HTTP_ENCODING") => Ok(Value::from("UTF-8")),
        _ => Err(unknown_property(class, name)),
    }
}

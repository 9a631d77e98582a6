//! JMeter's classes that scripts name: `JMeterUtils`, `FileServer`, `JMeterContextService`, the types of its objects, the
//! constants of `TestLogicalAction`.

use super::{JMeter, JMeterObject, result, text_of};
use crate::results::AssertionResult;
use crate::script::host::{Outcome, unknown_method, unknown_property};
use crate::script::value::{Thrown, Value};
use crate::text::Text;
use std::sync::Mutex;

/// The class of an HTTP Request.
pub(super) const HTTP_SAMPLER: &str = "org.apache.jmeter.protocol.http.sampler.HTTPSamplerProxy";

const UTILS: &str = "org.apache.jmeter.util.JMeterUtils";
const CONTEXT_SERVICE: &str = "org.apache.jmeter.threads.JMeterContextService";
const FILE_SERVER: &str = "org.apache.jmeter.services.FileServer";
const LOGICAL_ACTION: &str = "org.apache.jmeter.threads.JMeterContext$TestLogicalAction";
const ASSERTION_RESULT: &str = "org.apache.jmeter.assertions.AssertionResult";
const LOGGER: &str = "org.slf4j.Logger";
const LOGGER_FACTORY: &str = "org.slf4j.LoggerFactory";

/// Classes and what they extend and implement, nearest first.
const TYPES: &[(&str, &[&str])] = &[
    (ASSERTION_RESULT, &[]),
    ("org.apache.jmeter.engine.StandardJMeterEngine", &[]),
    ("org.apache.jmeter.protocol.http.sampler.HTTPSampleResult", &[result::RESULT]),
    ("org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase", &[SAMPLER, TEST_ELEMENT]),
    (HTTP_SAMPLER, &["org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase", SAMPLER, TEST_ELEMENT]),
    ("org.apache.jmeter.protocol.java.sampler.BeanShellSampler", &[SAMPLER, TEST_ELEMENT]),
    ("org.apache.jmeter.protocol.java.sampler.JSR223Sampler", &[SAMPLER, TEST_ELEMENT]),
    ("org.apache.jmeter.samplers.AbstractSampler", &[]),
    ("org.apache.jmeter.samplers.SampleEvent", &[]),
    (result::RESULT, &[]),
    (SAMPLER, &[]),
    ("org.apache.jmeter.threads.AbstractThreadGroup", &[]),
    ("org.apache.jmeter.threads.JMeterContext", &[]),
    ("org.apache.jmeter.threads.JMeterThread", &[]),
    ("org.apache.jmeter.threads.JMeterVariables", &[]),
    ("org.apache.jmeter.threads.ThreadGroup", &["org.apache.jmeter.threads.AbstractThreadGroup"]),
    ("org.apache.logging.slf4j.Log4jLogger", &[LOGGER]),
    (LOGGER, &[]),
];

const SAMPLER: &str = "org.apache.jmeter.samplers.Sampler";
const TEST_ELEMENT: &str = "org.apache.jmeter.testelement.TestElement";

pub(super) fn has(class: &str) -> bool {
    matches!(class, UTILS | CONTEXT_SERVICE | FILE_SERVER | LOGICAL_ACTION | LOGGER_FACTORY)
        || class == "org.apache.jmeter.threads.JMeterContext.TestLogicalAction"
        || TYPES.iter().any(|known| known.0 == class)
}

/// Whether an object of `class` is one of `of`.
pub(super) fn is_instance(class: &str, of: &str) -> bool {
    let extends = || TYPES.iter().find(|known| known.0 == class).is_some_and(|known| known.1.contains(&of));
    let abstract_sampler = of == "org.apache.jmeter.samplers.AbstractSampler";
    class == of || extends() || abstract_sampler && is_instance(class, SAMPLER)
        // Handles on results and on `props` do not know what they lead to.
        || class == result::RESULT && of == result::HTTP_RESULT
        || class == "java.util.Properties" && matches!(of, "java.util.Map" | "java.util.Hashtable")
}

pub(super) fn construct(class: &str, arguments: &[Value]) -> Outcome {
    match (class, arguments) {
        (result::RESULT | result::HTTP_RESULT, []) => Ok(result::new(class)),
        (ASSERTION_RESULT, [] | [_]) => {
            let name = arguments.first().map(text_of).unwrap_or_default();
            let said = AssertionResult { name: Text::from(name), ..AssertionResult::default() };
            Ok(Value::object(result::Judgement(Mutex::new(said))))
        }
        _ => Err(Thrown::new("java.lang.UnsupportedOperationException", format!("new {class} is not supported"))),
    }
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
        (LOGGER_FACTORY, "getLogger", [_]) => Ok(Value::object(JMeterObject::Log)),
        _ => Err(unknown_method(class, name, arguments)),
    }
}

pub(super) fn get_static(class: &str, name: &str) -> Outcome {
    if class.ends_with("TestLogicalAction") && super::context::logical_action(name).is_some() {
        return Ok(Value::from(name));
    }
    match (class, name) {
        (result::RESULT | result::HTTP_RESULT, "TEXT") => Ok(Value::from("text")),
        (result::RESULT | result::HTTP_RESULT, "BINARY") => Ok(Value::from("bin")),
        (result::RESULT | result::HTTP_RESULT, "DEFAULT_HTTP_ENCODING") => Ok(Value::from("UTF-8")),
        _ => Err(unknown_property(class, name)),
    }
}

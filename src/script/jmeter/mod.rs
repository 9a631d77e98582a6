//! JMeter's objects as scripts see them: `vars`, `props`, `ctx`, `log`, `prev` and the classes behind them. One file an
//! object; each is a table of its members.

mod classes;
mod context;
mod log;
mod parts;
mod properties;
mod reads;
mod result;
mod variables;

pub(crate) use parts::CLASSES;
pub use parts::{ArgumentParts, Headers, Part, ScriptedSampler};
pub use reads::may_read_results;
pub(crate) use result::sampler_data;
pub use variables::ScriptObject;

use crate::clock::{self, Timestamp};
use crate::results::{AssertionResult, SampleResult};
use crate::script::host::{Access, Bindings, Host, Outcome, Scope, unknown_method, unknown_property};
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions};
use crate::text::Text;
use crate::virtual_user::{StopLevel, VirtualUser};
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

/// How long a script may go on after the run was stopped at once: a little less than the engine waits for its users
/// (`jmeterengine.threadstop.wait`, 5 s).
const GRACE: Duration = Duration::from_secs(4);

/// Whether JMeter has a class of this full name that scripts can use.
pub fn has_class(class: &str) -> bool {
    classes::has(class)
}

/// A handle on one of JMeter's objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JMeterObject {
    /// `vars`
    Variables,
    /// `props`
    Properties,
    /// `ctx`
    Context,
    /// `log`
    Log,
    /// `prev`: the sample before.
    Previous,
    /// `SampleResult`: the sample at work.
    Result,
    /// `AssertionResult`
    Assertion,
    /// `sampler`, with the name of its class
    Sampler(&'static str),
    /// `ctx.getThread()`
    Thread,
    /// `ctx.getThreadGroup()`
    ThreadGroup,
    /// `ctx.getEngine()`
    Engine,
    /// `FileServer.getFileServer()`
    FileServer,
    /// `sampleEvent`
    Event,
}

impl JMeterObject {
    fn class_name(self) -> &'static str {
        match self {
            Self::Variables => "org.apache.jmeter.threads.JMeterVariables",
            Self::Properties => "java.util.Properties",
            Self::Context => "org.apache.jmeter.threads.JMeterContext",
            Self::Log => "org.apache.logging.slf4j.Log4jLogger",
            Self::Previous | Self::Result => "org.apache.jmeter.samplers.SampleResult",
            Self::Assertion => "org.apache.jmeter.assertions.AssertionResult",
            Self::Sampler(class) => class,
            Self::Thread => "org.apache.jmeter.threads.JMeterThread",
            Self::ThreadGroup => "org.apache.jmeter.threads.ThreadGroup",
            Self::Engine => "org.apache.jmeter.engine.StandardJMeterEngine",
            Self::FileServer => "org.apache.jmeter.services.FileServer",
            Self::Event => "org.apache.jmeter.samplers.SampleEvent",
        }
    }
}

impl Object for JMeterObject {
    fn class(&self) -> ClassRef {
        ClassRef::Host(Text::from(self.class_name()))
    }

    fn equals(&self, other: &Value) -> bool {
        matches!(other, Value::Object(other) if other.downcast::<Self>() == Some(self))
    }
}

/// What JMeter binds to a name.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    /// One of its objects.
    Object(JMeterObject),
    /// `System.out`.
    Console,
    /// The sampler at work.
    Sampler,
    /// The sample before, or null.
    Previous,
    /// The sample before; without one the name is not bound.
    PreviousIfAny,
    /// The user's name.
    ThreadName,
}

/// Names of the expressions in `__jexl2`, `__jexl3` and `__javaScript`.
pub const EXPRESSION: &[(&str, Bound)] = &[
    ("vars", Bound::Object(JMeterObject::Variables)),
    ("props", Bound::Object(JMeterObject::Properties)),
    ("ctx", Bound::Object(JMeterObject::Context)),
    ("log", Bound::Object(JMeterObject::Log)),
    ("OUT", Bound::Console),
    ("sampler", Bound::Sampler),
    ("prev", Bound::Previous),
    ("threadName", Bound::ThreadName),
];

/// Names of `__groovy` (`org.apache.jmeter.functions.Groovy`).
pub const GROOVY_FUNCTION: &[(&str, Bound)] = &[
    ("vars", Bound::Object(JMeterObject::Variables)),
    ("props", Bound::Object(JMeterObject::Properties)),
    ("ctx", Bound::Object(JMeterObject::Context)),
    ("log", Bound::Object(JMeterObject::Log)),
    ("OUT", Bound::Console),
    ("sampler", Bound::Sampler),
    ("prev", Bound::PreviousIfAny),
    ("threadName", Bound::ThreadName),
];

/// Names of `__BeanShell` (`org.apache.jmeter.functions.BeanShell`).
pub const BEAN_SHELL_FUNCTION: &[(&str, Bound)] = &[
    ("vars", Bound::Object(JMeterObject::Variables)),
    ("props", Bound::Object(JMeterObject::Properties)),
    ("ctx", Bound::Object(JMeterObject::Context)),
    ("log", Bound::Object(JMeterObject::Log)),
    ("Sampler", Bound::Sampler),
    ("SampleResult", Bound::PreviousIfAny),
    ("threadName", Bound::ThreadName),
];

/// Names of the JSR223 elements (`org.apache.jmeter.util.JSR223TestElement`).
pub const JSR223: &[(&str, Bound)] = &[
    ("vars", Bound::Object(JMeterObject::Variables)),
    ("props", Bound::Object(JMeterObject::Properties)),
    ("ctx", Bound::Object(JMeterObject::Context)),
    ("log", Bound::Object(JMeterObject::Log)),
    ("OUT", Bound::Console),
    ("sampler", Bound::Sampler),
    ("prev", Bound::Previous),
];

/// Names of the BeanShell elements (`org.apache.jmeter.util.BeanShellTestElement`).
pub const BEAN_SHELL: &[(&str, Bound)] = &[
    ("vars", Bound::Object(JMeterObject::Variables)),
    ("props", Bound::Object(JMeterObject::Properties)),
    ("ctx", Bound::Object(JMeterObject::Context)),
    ("log", Bound::Object(JMeterObject::Log)),
    ("prev", Bound::Previous),
];

/// The world of one run of a script.
pub struct JMeter<'u> {
    /// The user it runs for.
    pub user: &'u mut VirtualUser,
    /// The sample at work: a scripted sampler's own, or the one that an assertion or listener looks at.
    pub result: Option<&'u mut SampleResult>,
    /// What an assertion is about to say.
    pub assertion: Option<&'u mut AssertionResult>,
    /// The sampler at work.
    pub sampler: Option<&'u mut dyn ScriptedSampler>,
    /// What of the sampler the script has in hand.
    opened: parts::Opened,
    /// Whether the sample at work is taken: it is `prev` then, unless the user has another (a transaction's listeners).
    pub sampled: bool,
    /// When the script was first seen to go on although the run is stopped at once.
    overtime: Cell<Option<Timestamp>>,
    /// What the script printed.
    pub printed: String,
    /// The name of `log`: a class, and of which of its elements.
    pub logger: (&'static str, Text),
}

impl<'u> JMeter<'u> {
    /// A world with nothing but the user.
    pub fn new(user: &'u mut VirtualUser) -> Self {
        JMeter {
            user,
            result: None,
            assertion: None,
            sampler: None,
            opened: parts::Opened::default(),
            sampled: false,
            overtime: Cell::default(),
            printed: String::new(),
            logger: (log::TARGET, Text::default()),
        }
    }

    /// Binds `names` in a new scope.
    pub fn bindings(&mut self, names: &[(&str, Bound)]) -> Bindings<'_> {
        self.bind(Scope::with_room(names.len() + 4), names)
    }

    /// Binds `names` in a scope that is kept from run to run; what else it holds is the script's own.
    pub fn bind(&mut self, scope: Scope, names: &[(&str, Bound)]) -> Bindings<'_> {
        for (name, bound) in names {
            if let Some(value) = self.bound(*bound) {
                scope.set(name, value);
            }
        }
        Bindings::with_scope(scope, self)
    }

    fn bound(&self, bound: Bound) -> Option<Value> {
        let previous = match (self.user.previous.is_some(), self.sampled) {
            (true, _) => Some(JMeterObject::Previous),
            (false, true) => Some(JMeterObject::Result),
            (false, false) => None,
        };
        match bound {
            Bound::Object(object) => Some(Value::object(object)),
            Bound::Console => Some(crate::script::library::io::console()),
            Bound::Sampler => Some(Value::object(JMeterObject::Sampler(self.sampler_class()))),
            Bound::Previous => Some(previous.map_or(Value::Null, Value::object)),
            Bound::PreviousIfAny => previous.map(Value::object),
            Bound::ThreadName => Some(Value::String(Text::clone(&self.user.thread_name))),
        }
    }

    /// Writes back to the sampler what the script has changed of its arguments, headers and cookies: the script is over.
    pub fn close(&mut self) {
        if let Some(sampler) = &mut self.sampler {
            self.opened.write(&mut **sampler, self.user);
        }
    }

    /// The class of the sampler at work.
    fn sampler_class(&self) -> &'static str {
        self.sampler.as_ref().map_or(classes::HTTP_SAMPLER, |sampler| sampler.class_name())
    }

    /// The sample behind a handle.
    fn sample(&mut self, object: JMeterObject) -> Option<&mut SampleResult> {
        match object {
            JMeterObject::Result => match &mut self.result {
                Some(result) => Some(result),
                None => self.user.previous.as_deref_mut(),
            },
            // While assertions and listeners are at work, the sample is out of the user's hands.
            _ => match &mut self.result {
                Some(result) if self.sampled && self.user.previous.is_none() => Some(result),
                _ => self.user.previous.as_deref_mut(),
            },
        }
    }
}

/// The member that a property name stands for: `responseCode` is `getResponseCode()` or `isResponseCode()`.
fn getters(name: &str) -> [String; 2] {
    let capitalized = crate::script::machine::capitalized(name);
    [format!("get{capitalized}"), format!("is{capitalized}")]
}

impl Host for JMeter<'_> {
    fn get_property(&mut self, object: &dyn Object, name: &str) -> Outcome {
        let class = object.class().name();
        if let Some(outcome) = getters(name).iter().find_map(|getter| self.call_result(object, getter, &[])) {
            return outcome;
        }
        let Some(&handle) = object.downcast::<JMeterObject>() else { return Err(unknown_property(&class, name)) };
        if handle == JMeterObject::Variables {
            return Ok(variables::get(self.user, name));
        }
        for getter in getters(name) {
            if let Some(outcome) = self.dispatch(handle, &getter, &[]) {
                return outcome;
            }
        }
        if handle == JMeterObject::Properties {
            return Ok(properties::get(self.user, name));
        }
        Err(unknown_property(&class, name))
    }

    fn set_property(&mut self, object: &dyn Object, name: &str, value: &Value) -> Result<(), Thrown> {
        let class = object.class().name();
        let setter = format!("set{}", crate::script::machine::capitalized(name));
        if let Some(outcome) = self.call_result(object, &setter, std::slice::from_ref(value)) {
            return outcome.map(|_| ());
        }
        let Some(&handle) = object.downcast::<JMeterObject>() else { return Err(unknown_property(&class, name)) };
        match self.dispatch(handle, &setter, std::slice::from_ref(value)) {
            Some(outcome) => outcome.map(|_| ()),
            None if handle == JMeterObject::Properties => {
                properties::put(self.user, name, value);
                Ok(())
            }
            None => Err(unknown_property(&class, name)),
        }
    }

    fn call_method(&mut self, object: &dyn Object, name: &str, arguments: &[Value]) -> Outcome {
        let class = object.class().name();
        if let Some(outcome) = self.call_result(object, name, arguments) {
            return outcome;
        }
        let Some(&handle) = object.downcast::<JMeterObject>() else {
            return Err(unknown_method(&class, name, arguments));
        };
        self.dispatch(handle, name, arguments).unwrap_or_else(|| Err(unknown_method(&class, name, arguments)))
    }

    fn construct(&mut self, class: &str, arguments: &[Value]) -> Outcome {
        classes::construct(class, arguments)
    }

    fn call_static(&mut self, class: &str, name: &str, arguments: &[Value]) -> Outcome {
        classes::call_static(self, class, name, arguments)
    }

    fn get_static(&mut self, class: &str, name: &str) -> Outcome {
        classes::get_static(class, name)
    }

    fn has_class(&self, class: &str) -> bool {
        classes::has(class)
    }

    fn is_instance(&self, class: &str, of: &str) -> bool {
        classes::is_instance(class, of)
    }

    fn allows(&self, _: Access) -> bool {
        !self.user.run.script_sandbox
    }

    fn thread_name(&self) -> Text {
        Text::clone(&self.user.thread_name)
    }

    fn system_property(&self, name: &str) -> Option<Text> {
        self.user.run.properties.system().get(name)
    }

    fn is_shared(&self, object: &dyn Object) -> bool {
        use JMeterObject::{Engine, FileServer, Log, Properties, ThreadGroup};
        let of_one_user =
            |object: &JMeterObject| !matches!(object, Properties | Log | ThreadGroup | Engine | FileServer);
        !object.downcast().is_some_and(of_one_user)
    }

    fn is_interrupted(&self) -> bool {
        self.user.stop.level() == StopLevel::Now
    }

    /// A script that goes on for long after the run was stopped at once is broken off: JMeter lets scripts end, but
    /// one that never does would keep the run from ending.
    fn stopping(&self) -> bool {
        if !self.is_interrupted() {
            return false;
        }
        let now = clock::now();
        let since = self.overtime.get().unwrap_or(now);
        self.overtime.set(Some(since));
        now.since(since) > GRACE
    }

    fn print(&mut self, text: &str) {
        self.printed.push_str(text);
        ::log::error!(target: crate::functions::log::STDOUT, "{}", text.trim_end_matches('\n'));
    }
}

impl JMeter<'_> {
    /// Calls a member of a result that a script has made, of one within another, or of an assertion's; `None` for any
    /// other object, and when there is no such member.
    fn call_result(&mut self, object: &dyn Object, name: &str, arguments: &[Value]) -> Option<Outcome> {
        if let Some(judgement) = object.downcast::<result::Judgement>() {
            return result::call_assertion(&mut result::lock(&judgement.0), name, arguments);
        }
        if let Some(sub) = object.downcast::<result::SubResult>() {
            return self.call_sample(sub.of, &sub.path, name, arguments);
        }
        let detached = object.downcast::<result::Detached>()?;
        if let Some(sub) = arguments.first().and_then(|argument| self.copy_of(argument)) {
            let renames = flag_argument(arguments, 1).unwrap_or(true);
            if result::add_sub_result(&mut result::lock(&detached.0), name, sub, renames) {
                return done();
            }
        }
        let mut result = result::lock(&detached.0);
        if name == "getSubResults" {
            return Some(Ok(result::sub_results(&result, None)));
        }
        result::call(&mut result, name, arguments)
    }

    /// Calls a member of a sample, or of one within it.
    fn call_sample(&mut self, of: JMeterObject, path: &[usize], name: &str, arguments: &[Value]) -> Option<Outcome> {
        let sub = arguments.first().and_then(|argument| self.copy_of(argument));
        let result = result_at(self.sample(of)?, path)?;
        match (name, arguments.first()) {
            ("getSubResults", None) => return Some(Ok(result::sub_results(result, Some((of, path))))),
            ("getClass", None) => {
                let class = Text::from(result::class_of(result));
                return Some(Ok(Value::Class(ClassRef::Host(class))));
            }
            ("getParent", None) => {
                let Some((_, outer)) = path.split_last() else { return Some(Ok(Value::Null)) };
                let outer = outer.to_vec();
                return Some(Ok(result::handle(of, outer, result::class_of(result))));
            }
            ("addAssertionResult", Some(Value::Object(said))) => {
                let said = result::lock(&said.downcast::<result::Judgement>()?.0).clone();
                result.assertion_results.push(said);
                return done();
            }
            _ => {}
        }
        if let Some(sub) = sub
            && result::add_sub_result(result, name, sub, flag_argument(arguments, 1).unwrap_or(true))
        {
            return done();
        }
        result::call(result, name, arguments)
    }

    /// The result that an argument is.
    fn copy_of(&mut self, argument: &Value) -> Option<SampleResult> {
        let Value::Object(object) = argument else { return None };
        if let Some(detached) = object.downcast::<result::Detached>() {
            return Some(result::lock(&detached.0).clone());
        }
        if let Some(sub) = object.downcast::<result::SubResult>() {
            return result_at(self.sample(sub.of)?, &sub.path).cloned();
        }
        let handle = *object.downcast::<JMeterObject>()?;
        if matches!(handle, JMeterObject::Previous | JMeterObject::Result) {
            self.sample(handle).cloned()
        } else {
            None
        }
    }

    /// Calls a member; `None` when the object has no such member.
    fn dispatch(&mut self, object: JMeterObject, name: &str, arguments: &[Value]) -> Option<Outcome> {
        match object {
            JMeterObject::Variables => variables::call(self.user, name, arguments),
            JMeterObject::Properties => properties::call(self.user, name, arguments),
            JMeterObject::Context => context::call(self, name, arguments),
            JMeterObject::Thread | JMeterObject::ThreadGroup | JMeterObject::Engine | JMeterObject::FileServer => {
                context::call_part(self.user, object, name, arguments)
            }
            JMeterObject::Log => log::call(&self.logger, name, arguments),
            JMeterObject::Event => match name {
                "getResult" => handle(JMeterObject::Result),
                "getThreadGroup" => Some(Ok(Value::String(Text::clone(&self.user.group.name)))),
                _ => None,
            },
            JMeterObject::Previous | JMeterObject::Result => self.call_sample(object, &[], name, arguments),
            JMeterObject::Assertion => {
                let assertion = self.assertion.as_mut()?;
                result::call_assertion(assertion, name, arguments)
            }
            JMeterObject::Sampler(_) => {
                let called = match &mut self.sampler {
                    Some(sampler) => self.opened.call(&mut **sampler, self.user, name, arguments),
                    None => None,
                };
                match called {
                    Some(outcome) => Some(outcome),
                    // A name that asks for itself.
                    None if name == "getName" && self.user.naming => {
                        Some(Err(Thrown::with_cause(exceptions::STACK_OVERFLOW, None, Value::Null)))
                    }
                    None if name == "getName" => Some(Ok(Value::String(Text::clone(&self.user.sampler_name)))),
                    None => None,
                }
            }
        }
    }
}

/// The result at the end of a way through sub-results.
fn result_at<'r>(result: &'r mut SampleResult, path: &[usize]) -> Option<&'r mut SampleResult> {
    path.iter().try_fold(result, |result, place| result.sub_results.get_mut(*place))
}

/// Java's text of a value.
fn text_of(value: &Value) -> String {
    crate::script::value::java_text(value)
}

/// A text argument.
fn text_argument(arguments: &[Value], index: usize) -> Option<Text> {
    match arguments.get(index)? {
        Value::Null | Value::Void => None,
        Value::String(text) => Some(Text::clone(text)),
        other => Some(Text::from(text_of(other))),
    }
}

/// A flag argument.
fn flag_argument(arguments: &[Value], index: usize) -> Option<bool> {
    match arguments.get(index)? {
        Value::Boolean(flag) => Some(*flag),
        _ => None,
    }
}

/// A whole number argument.
fn number_argument(arguments: &[Value], index: usize) -> Option<i64> {
    match arguments.get(index)? {
        Value::Int(number) => Some(i64::from(*number)),
        Value::Long(number) => Some(*number),
        Value::Short(number) => Some(i64::from(*number)),
        Value::Byte(number) => Some(i64::from(*number)),
        _ => None,
    }
}

/// Done, with nothing to say.
fn done() -> Option<Outcome> {
    Some(Ok(Value::Void))
}

/// A handle.
fn handle(object: JMeterObject) -> Option<Outcome> {
    Some(Ok(Value::Object(Arc::new(object))))
}

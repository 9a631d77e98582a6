//! What the elements that run scripts have in common: where the script comes from, what it sees, and how it fails.
//!
//! The elements themselves stand with their families: samplers, pre-processors, …; each has a JSR223 and a BeanShell form.

mod bean_shell;
mod draft;
mod jsr223;

pub(super) use bean_shell::{ASSERTION, BEAN, BeanShell, SAMPLER, text_of};
pub(super) use draft::{Draft, Itself};
pub(super) use jsr223::Jsr223;

use crate::elements::Compile;
use crate::expr::Expr;
use crate::results::{AssertionResult, SampleResult};
use crate::script::engine::{Program, Refusal};
use crate::script::host::Bindings;
use crate::script::jmeter::{JMeter, JMeterObject, ScriptedSampler, may_read_results};
use crate::script::value::{Array, Thrown as Exception, Value};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::sync::Arc;

/// Names of an element's properties; test beans and the older elements differ.
pub(super) struct Keys {
    script: &'static str,
    file: &'static str,
    parameters: &'static str,
}

/// Where an element's script comes from.
struct Source {
    name: Expr,
    /// A file wins over the text.
    file: Expr,
    parameters: Expr,
    script: Expr,
    /// Whether the script may look at results.
    reads_results: bool,
}

/// What an element's properties are at one pass. Each is evaluated once: functions in them may count or draw.
pub(super) struct Pass {
    /// The element's name.
    pub label: Text,
    /// The script's file, empty without one.
    pub file: Text,
    /// The script's text, `${…}` put in.
    pub script: Text,
    parameters: Text,
}

/// The program of a text that is the same at every pass.
type Fixed = Option<Result<Arc<Program>, Refusal>>;

impl Source {
    fn new(compile: &mut Compile<'_>, keys: &Keys) -> Self {
        let mut source = Self {
            name: compile.name(),
            file: compile.expr(keys.file),
            parameters: compile.expr(keys.parameters),
            script: compile.expr(keys.script),
            reads_results: true,
        };
        source.reads_results = source.fixed().is_none_or(|script| may_read_results(script));
        // A post-processor's result is that of the sample at work, which its role tells of.
        compile.shared.reads_previous |= source.reads_results && !compile.element.class.ends_with("PostProcessor");
        source
    }

    /// The script, when it is the same at every pass.
    fn fixed(&self) -> Option<&Text> {
        self.script.as_literal().filter(|_| self.file.as_literal().is_some_and(Text::is_empty))
    }

    fn read(&self, user: &mut VirtualUser) -> Result<Pass, Thrown> {
        Ok(Pass {
            label: user.named(|user| self.name.eval(user))?,
            file: self.file.eval(user)?,
            script: self.script.eval(user)?,
            parameters: self.parameters.eval(user)?,
        })
    }
}

impl Pass {
    /// Binds what this pass adds, `args` under the name that the language has for it, and what the element gives.
    fn bind(&self, bindings: &mut Bindings<'_>, args: &str, names: Vec<(&'static str, Value)>) {
        bindings.set("Label", Value::String(Text::clone(&self.label)));
        bindings.set("FileName", Value::String(Text::clone(&self.file)));
        bindings.set("Parameters", Value::String(Text::clone(&self.parameters)));
        bindings.set(args, arguments(&self.parameters));
        for (name, value) in names {
            bindings.set(name, value);
        }
    }
}

/// Whether a script may hold up its thread: one that is not known before the run may do anything.
fn may_block(fixed: &Fixed) -> bool {
    match fixed {
        Some(Ok(program)) => program.may_block(),
        Some(Err(_)) => false,
        None => true,
    }
}

/// Runs a program: the text of its value, `None` for null.
fn value_text(program: &Program, bindings: &mut Bindings<'_>) -> Result<Option<String>, Exception> {
    let value = program.run(bindings)?;
    if value.is_null() { Ok(None) } else { program.text(bindings, &value).map(Some) }
}

/// What a script of an element is given beside what all scripts see.
#[derive(Default)]
pub(super) struct Given<'g> {
    /// The sample at work.
    pub result: Option<&'g mut SampleResult>,
    /// Whether that sample is taken: assertions and listeners.
    pub sampled: bool,
    /// What an assertion is about to say.
    pub assertion: Option<&'g mut AssertionResult>,
    /// The sampler that follows or has just run.
    pub sampler: Option<&'g mut dyn ScriptedSampler>,
    /// Further names.
    pub names: Vec<(&'static str, Value)>,
}

impl<'g> Given<'g> {
    /// With a handle on one of JMeter's objects under `name`.
    pub fn with(mut self, name: &'static str, object: JMeterObject) -> Self {
        self.names.push((name, Value::object(object)));
        self
    }

    /// With the sample at work.
    pub fn on(mut self, result: &'g mut SampleResult) -> Self {
        self.result = Some(result);
        self
    }
}

impl<'g> Given<'g> {
    /// The world of a run for `user`, and the further names.
    fn into_world(self, user: &'g mut VirtualUser) -> (JMeter<'g>, Vec<(&'static str, Value)>) {
        let mut world = JMeter::new(user);
        world.result = self.result;
        world.sampled = self.sampled;
        world.assertion = self.assertion;
        world.sampler = self.sampler;
        (world, self.names)
    }
}

/// `args`, `bsh.args`: the parameters, split at each single blank, empty parts left out (`JOrphanUtils.split`).
fn arguments(parameters: &str) -> Value {
    let parts = parameters.split(' ').filter(|part| !part.is_empty()).map(Value::from).collect();
    Value::Array(Arc::new(Array::new("java.lang.String", parts)))
}

/// A file of a script, relative to the working directory as in Java; bounded, since it may be anything.
fn read_file(path: &str) -> std::io::Result<Text> {
    use std::io::Read;
    const MOST: u64 = 64 << 20;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MOST).read_to_end(&mut bytes)?;
    Ok(Text::from(String::from_utf8_lossy(&bytes)))
}

//! What the elements that run scripts have in common: where the script comes from, what it sees, and how it fails.
//!
//! The elements themselves stand with their families: samplers, pre-processors, …; each has a JSR223 and a BeanShell form.

mod bean_shell;
mod draft;
mod jsr223;

pub(super) use bean_shell::{ASSERTION, BEAN, BeanShell, Failure as BeanShellFailure, SAMPLER, log_failure, text_of};
pub(super) use draft::Draft;
pub(super) use jsr223::{Failure as Jsr223Failure, Jsr223};

use crate::results::{AssertionResult, SampleResult};
use crate::script::jmeter::{JMeterObject, ScriptedSampler};
use crate::script::value::{Array, Value};
use crate::text::Text;
use std::sync::Arc;

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

//! JSR223 Assertion and BeanShell Assertion: a script judges the sample.

use crate::elements::roles::Assertion;
use crate::elements::scripting::{self, BeanShell, Given, Jsr223};
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::results::{AssertionResult, SampleResult};
use crate::script::jmeter::JMeterObject;
use crate::script::value::{Array, Value};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::sync::Arc;

pub(super) const JSR223: Definition = Definition {
    tag: "JSR223Assertion",
    menu: "JSR223 Assertion",
    compile: |compile| Some(Role::assertion(Jsr223Assertion(Jsr223::new(compile)))),
};

pub(super) const BEAN_SHELL: Definition = Definition {
    tag: "BeanShellAssertion",
    menu: "BeanShell Assertion",
    compile: |compile| {
        let script = BeanShell::new(compile, &scripting::ASSERTION, "beanshell.assertion.init");
        Some(Role::assertion(BeanShellAssertion(script)))
    },
};

struct Jsr223Assertion(Jsr223);

impl Assertion for Jsr223Assertion {
    fn name(&self) -> &Expr {
        self.0.name()
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let pass = self.0.read(user)?;
        let mut judgement = AssertionResult { name: Text::clone(&pass.label), ..AssertionResult::default() };
        let given = Given { assertion: Some(&mut judgement), sampled: true, ..Given::default() }
            .on(result)
            .with("SampleResult", JMeterObject::Result)
            .with("AssertionResult", JMeterObject::Assertion);
        match self.0.run(user, &pass, given) {
            // Whatever the script says: it ran.
            Ok(_) => judgement.error = false,
            Err(failure) if failure.assertion_error().is_some() => {
                // JMeter's thread catches this one error, and makes a result of its own.
                judgement.name = Text::from("Assertion failed! See log file (debug level, only).");
                judgement.failure = true;
                judgement.message = failure.assertion_error().map(|error| Text::from(error.to_string()));
            }
            Err(failure) => {
                let failure = failure.caught()?;
                log::error!(
                    target: "org.apache.jmeter.assertions.JSR223Assertion",
                    "Problem in JSR223 script: {}: {failure}", judgement.name
                );
                judgement.error = true;
                judgement.message = Some(Text::from(failure.to_string()));
            }
        }
        Ok(judgement)
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }

    fn reads_response_data(&self) -> bool {
        self.0.reads_results()
    }
}

/// What Java says when a variable that JMeter reads back is null.
const NULL: &str = "java.lang.NullPointerException: Cannot invoke \"Object.toString()\" because the return value of \
                    \"org.apache.jmeter.util.BeanShellInterpreter.get(String)\" is null";

struct BeanShellAssertion(BeanShell);

impl Assertion for BeanShellAssertion {
    fn name(&self) -> &Expr {
        self.0.name()
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let (pass, scope) = (self.0.read(user)?, self.0.interpreter(user)?);
        let mut judgement = AssertionResult { name: Text::clone(&pass.label), ..AssertionResult::default() };
        let text = |text: &Text| Value::String(Text::clone(text));
        let names = vec![
            ("ResponseData", Value::Array(Arc::new(Array::bytes(&result.response_data)))),
            ("ResponseCode", text(&result.response_code)),
            ("ResponseMessage", text(&result.response_message)),
            ("ResponseHeaders", text(&result.response_headers)),
            ("RequestHeaders", text(&result.request_headers)),
            ("SampleLabel", text(&result.label)),
            ("SamplerData", crate::script::jmeter::sampler_data(result)),
            ("Successful", Value::Boolean(result.successful)),
            ("FailureMessage", Value::from("")),
            ("Failure", Value::Boolean(false)),
        ];
        let given = Given { names, sampled: true, ..Given::default() }
            .on(result)
            .with("SampleResult", JMeterObject::Result)
            .with("Response", JMeterObject::Result);
        let failure = match self.0.run(user, &pass, scope.clone(), given) {
            Ok(_) => {
                let read = |name| scripting::text_of(&scope, name);
                if let (Some(message), Some(failed)) = (read("FailureMessage"), read("Failure")) {
                    judgement.message = Some(Text::from(message));
                    judgement.failure = failed.eq_ignore_ascii_case("true");
                    return Ok(judgement);
                }
                NULL.to_owned()
            }
            Err(failure) => failure.to_string(),
        };
        log::warn!(target: "org.apache.jmeter.assertions.BeanShellAssertion", "Error in BeanShellAssertion: {failure}");
        judgement.error = true;
        judgement.message = Some(Text::from(failure));
        Ok(judgement)
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }

    fn reads_response_data(&self) -> bool {
        self.0.reads_results()
    }
}

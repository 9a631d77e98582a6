//! JSR223 Sampler and BeanShell Sampler: a script is the sample, its value the response
//! (`org.apache.jmeter.protocol.java.sampler`).

use crate::clock;
use crate::elements::roles::{Sampler, Sampling};
use crate::elements::scripting::{self, BeanShell, Given, Jsr223};
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::results::{DataType, SampleResult};
use crate::script::jmeter::JMeterObject;
use crate::script::value::Value;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use bytes::Bytes;

pub(super) const JSR223: Definition = Definition {
    tag: "JSR223Sampler",
    menu: "JSR223 Sampler",
    compile: |compile| Some(Role::sampler(Jsr223Sampler(Jsr223::new(compile)))),
};

pub(super) const BEAN_SHELL: Definition = Definition {
    tag: "BeanShellSampler",
    menu: "BeanShell Sampler",
    compile: |compile| {
        let script = BeanShell::new(compile, &scripting::SAMPLER, "beanshell.sampler.init");
        Some(Role::sampler(BeanShellSampler(script)))
    },
};

/// A sample that a script is about to make.
fn begin(label: Text) -> SampleResult {
    SampleResult { data_type: DataType::Text, ..SampleResult::started(label, clock::now()) }
}

/// `setResponseData(text, null)`
fn set_data(result: &mut SampleResult, user: &VirtualUser, text: String) {
    result.data_encoding =
        Some(user.run.properties.get("sampleresult.default.encoding").unwrap_or_else(|| Text::from("UTF-8")));
    result.response_data = Bytes::from(text);
}

struct Jsr223Sampler(Jsr223);

impl Jsr223Sampler {
    fn take(&self, user: &mut VirtualUser) -> Result<SampleResult, Thrown> {
        let label = self.0.name.eval(user)?;
        user.sampler_name = Text::clone(&label);
        let file = self.0.file.eval(user)?;
        let shown = if file.is_empty() { self.0.script.eval(user)? } else { Text::from(format!("File: {file}")) };
        let mut result = begin(label);
        result.sampler_data = Some(shown);
        result.successful = true;
        result.response_code = Text::from("200");
        result.response_message = Text::from("OK");
        let given = Given::default().on(&mut result).with("SampleResult", JMeterObject::Result);
        match self.0.run(user, given) {
            Ok(Some(text)) if result.response_data.is_empty() => set_data(&mut result, user, text),
            Ok(_) => {}
            Err(scripting::Jsr223Failure::Element(thrown)) => return Err(thrown),
            Err(failure) => {
                log::error!(
                    target: "org.apache.jmeter.protocol.java.sampler.JSR223Sampler",
                    "Problem in JSR223 script {}, message: {failure}", result.label
                );
                result.successful = false;
                result.response_code = Text::from("500");
                result.response_message = Text::from(failure.to_string());
            }
        }
        if result.end == result.start {
            result.finish(clock::now());
        }
        Ok(result)
    }
}

impl Sampler for Jsr223Sampler {
    fn name(&self) -> &Expr {
        &self.0.name
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async move { self.take(user).map(Some) })
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }
}

struct BeanShellSampler(BeanShell);

impl BeanShellSampler {
    fn take(&self, user: &mut VirtualUser) -> Result<SampleResult, Thrown> {
        let label = self.0.name.eval(user)?;
        user.sampler_name = Text::clone(&label);
        let mut result = begin(label);
        let scope = self.0.interpreter(user)?;
        let mut given = Given::default().on(&mut result).with("SampleResult", JMeterObject::Result);
        given.names.push(("ResponseCode", Value::from("200")));
        given.names.push(("ResponseMessage", Value::from("OK")));
        given.names.push(("IsSuccess", Value::Boolean(true)));
        let (shown, outcome) = self.0.run(user, scope.clone(), given);
        result.sampler_data = Some(shown);
        result.successful = false;
        match outcome {
            Ok(text) => {
                if let Some(text) = text {
                    set_data(&mut result, user, text);
                }
                let read = |name| scripting::text_of(&scope, name);
                match (read("ResponseCode"), read("ResponseMessage"), read("IsSuccess")) {
                    (Some(code), Some(message), Some(success)) => {
                        result.response_code = Text::from(code);
                        result.response_message = Text::from(message);
                        result.successful = success.eq_ignore_ascii_case("true");
                    }
                    _ => fail(&mut result, "java.lang.NullPointerException"),
                }
            }
            Err(scripting::BeanShellFailure::Element(thrown)) => return Err(thrown),
            Err(failure) => fail(&mut result, &failure.to_string()),
        }
        result.finish(clock::now());
        Ok(result)
    }
}

fn fail(result: &mut SampleResult, message: &str) {
    log::warn!(
        target: "org.apache.jmeter.protocol.java.sampler.BeanShellSampler",
        "Exception executing script. {message}"
    );
    result.response_code = Text::from("500");
    result.response_message = Text::from(message);
}

impl Sampler for BeanShellSampler {
    fn name(&self) -> &Expr {
        &self.0.name
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async move { self.take(user).map(Some) })
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }
}

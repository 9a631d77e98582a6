//! JSR223 Sampler and BeanShell Sampler: a script is the sample, its value the response
//! (`org.apache.jmeter.protocol.java.sampler`).

use crate::clock;
use crate::elements::roles::{Sampler, Sampling, taken};
use crate::elements::scripting::{self, BeanShell, Given, Itself, Jsr223, Pass};
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
fn begin(pass: &Pass) -> SampleResult {
    SampleResult { data_type: DataType::Text, ..SampleResult::started(Text::clone(&pass.label), clock::now()) }
}

/// `setResponseData(text, null)`: in the JVM's own charset.
fn set_data(result: &mut SampleResult, text: String) {
    result.data_encoding = Some(Text::from("UTF-8"));
    result.response_data = Bytes::from(text);
}

struct Jsr223Sampler(Jsr223);

impl Jsr223Sampler {
    fn take(&self, user: &mut VirtualUser) -> Result<SampleResult, Thrown> {
        let pass = self.0.read(user)?;
        user.sampler_name = Text::clone(&pass.label);
        let mut result = begin(&pass);
        result.sampler_data = Some(match &*pass.file {
            "" => Text::clone(&pass.script),
            file => Text::from(format!("File: {file}")),
        });
        result.successful = true;
        result.response_code = Text::from("200");
        result.response_message = Text::from("OK");
        let mut itself = Itself(self.class_name());
        let given = Given { sampler: Some(&mut itself), ..Given::default() }
            .on(&mut result)
            .with("SampleResult", JMeterObject::Result);
        match self.0.run(user, &pass, given) {
            Ok(Some(text)) if result.response_data.is_empty() => set_data(&mut result, text),
            Ok(_) => {}
            Err(failure) => {
                let failure = failure.caught()?;
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
        self.0.name()
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async move { self.take(user).map(taken) })
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }

    fn class_name(&self) -> &'static str {
        "org.apache.jmeter.protocol.java.sampler.JSR223Sampler"
    }
}

struct BeanShellSampler(BeanShell);

impl BeanShellSampler {
    fn take(&self, user: &mut VirtualUser) -> Result<SampleResult, Thrown> {
        let (pass, scope) = (self.0.read(user)?, self.0.interpreter(user)?);
        user.sampler_name = Text::clone(&pass.label);
        let mut result = begin(&pass);
        // Unlike that of a JSR223 Sampler it is no success before the script has ended.
        result.successful = false;
        let mut itself = Itself(self.class_name());
        let mut given = Given { sampler: Some(&mut itself), ..Given::default() }
            .on(&mut result)
            .with("SampleResult", JMeterObject::Result);
        given.names.push(("ResponseCode", Value::from("200")));
        given.names.push(("ResponseMessage", Value::from("OK")));
        given.names.push(("IsSuccess", Value::Boolean(true)));
        let outcome = self.0.run(user, &pass, scope.clone(), given);
        result.sampler_data = Some(Text::clone(if pass.file.is_empty() { &pass.script } else { &pass.file }));
        result.successful = false;
        match outcome {
            Ok(text) => {
                if let Some(text) = text {
                    set_data(&mut result, text);
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
        self.0.name()
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async move { self.take(user).map(taken) })
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }

    fn class_name(&self) -> &'static str {
        "org.apache.jmeter.protocol.java.sampler.BeanShellSampler"
    }
}

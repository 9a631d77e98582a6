//! JSR223 PostProcessor and BeanShell PostProcessor: a script after the sample, before its assertions. What goes wrong in
//! it is a line in the log.

use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::scripting::{self, BeanShell, Draft, Given, Jsr223};
use crate::elements::{Definition, Role};
use crate::script::value::{Array, Value};
use crate::virtual_user::{Thrown, VirtualUser};
use std::sync::Arc;

pub(super) const JSR223: Definition = Definition {
    tag: "JSR223PostProcessor",
    menu: "JSR223 PostProcessor",
    compile: |compile| Some(Role::post_processor(Jsr223Post(Jsr223::new(compile)))),
};

pub(super) const BEAN_SHELL: Definition = Definition {
    tag: "BeanShellPostProcessor",
    menu: "BeanShell PostProcessor",
    compile: |compile| {
        let script = BeanShell::new(compile, &scripting::BEAN, "beanshell.postprocessor.init");
        Some(Role::post_processor(BeanShellPost(script)))
    },
};

struct Jsr223Post(Jsr223);

impl PostProcessor for Jsr223Post {
    fn process(&self, user: &mut VirtualUser, sampler: &dyn Sampler) -> Result<(), Thrown> {
        let given = Given { sampler: Some(&mut Draft(sampler)), ..Given::default() };
        self.0.process(user, given, "org.apache.jmeter.extractor.JSR223PostProcessor").map(drop)
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }

    fn reads_response_data(&self) -> bool {
        self.0.reads_results()
    }
}

struct BeanShellPost(BeanShell);

impl PostProcessor for BeanShellPost {
    fn process(&self, user: &mut VirtualUser, sampler: &dyn Sampler) -> Result<(), Thrown> {
        let Some(previous) = &user.previous else { return Ok(()) };
        let data = Value::Array(Arc::new(Array::bytes(&previous.response_data)));
        let mut draft = Draft(sampler);
        let given = Given { sampler: Some(&mut draft), names: vec![("data", data)], ..Given::default() };
        self.0.process(user, given, "org.apache.jmeter.extractor.BeanShellPostProcessor").map(drop)
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }

    fn reads_response_data(&self) -> bool {
        self.0.reads_results()
    }
}

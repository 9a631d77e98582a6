//! JSR223 Listener and BeanShell Listener: a script that hears of every sample. What goes wrong in it is a line in the
//! log.

use crate::elements::roles::Listener;
use crate::elements::scripting::{self, BeanShell, Given, Jsr223};
use crate::elements::{Definition, Role};
use crate::results::SampleResult;
use crate::script::jmeter::JMeterObject;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const JSR223: Definition = Definition {
    tag: "JSR223Listener",
    menu: "JSR223 Listener",
    compile: |compile| Some(Role::listener(Jsr223Listener(Jsr223::new(compile)))),
};

pub(super) const BEAN_SHELL: Definition = Definition {
    tag: "BeanShellListener",
    menu: "BeanShell Listener",
    compile: |compile| {
        let script = BeanShell::new(compile, &scripting::BEAN, "beanshell.listener.init");
        Some(Role::listener(BeanShellListener(script)))
    },
};

fn given(result: &mut SampleResult) -> Given<'_> {
    Given { sampled: true, ..Given::default() }
        .on(result)
        .with("sampleEvent", JMeterObject::Event)
        .with("sampleResult", JMeterObject::Result)
}

struct Jsr223Listener(Jsr223);

impl Listener for Jsr223Listener {
    fn sample_occurred(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<(), Thrown> {
        self.0.process(user, given(result), "org.apache.jmeter.visualizers.JSR223Listener").map(drop)
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }

    fn reads_response_data(&self) -> bool {
        self.0.reads_results()
    }
}

struct BeanShellListener(BeanShell);

impl Listener for BeanShellListener {
    fn sample_occurred(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<(), Thrown> {
        self.0.process(user, given(result), "org.apache.jmeter.visualizers.BeanShellListener").map(drop)
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }

    fn reads_response_data(&self) -> bool {
        self.0.reads_results()
    }
}

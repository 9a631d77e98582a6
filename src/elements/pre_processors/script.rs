//! JSR223 PreProcessor and BeanShell PreProcessor: a script before the timers and the sampler. What goes wrong in it is
//! a line in the log.

use crate::elements::roles::{PreProcessor, Sampler};
use crate::elements::scripting::{self, BeanShell, Draft, Given, Jsr223};
use crate::elements::{Definition, Role};
use crate::script::jmeter::JMeterObject;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const JSR223: Definition = Definition {
    tag: "JSR223PreProcessor",
    menu: "JSR223 PreProcessor",
    compile: |compile| Some(Role::pre_processor(Jsr223Pre(Jsr223::new(compile)))),
};

pub(super) const BEAN_SHELL: Definition = Definition {
    tag: "BeanShellPreProcessor",
    menu: "BeanShell PreProcessor",
    compile: |compile| {
        let script = BeanShell::new(compile, &scripting::BEAN, "beanshell.preprocessor.init");
        Some(Role::pre_processor(BeanShellPre(script)))
    },
};

struct Jsr223Pre(Jsr223);

impl PreProcessor for Jsr223Pre {
    fn process(&self, user: &mut VirtualUser, sampler: &dyn Sampler) -> Result<(), Thrown> {
        let given = Given { sampler: Some(&mut Draft(sampler)), ..Given::default() };
        self.0.process(user, given, "org.apache.jmeter.modifiers.JSR223PreProcessor").map(drop)
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }
}

struct BeanShellPre(BeanShell);

impl PreProcessor for BeanShellPre {
    fn process(&self, user: &mut VirtualUser, sampler: &dyn Sampler) -> Result<(), Thrown> {
        let mut draft = Draft(sampler);
        let given = Given { sampler: Some(&mut draft), ..Given::default() }
            .with("sampler", JMeterObject::Sampler(sampler.class_name()));
        self.0.process(user, given, "org.apache.jmeter.modifiers.BeanShellPreProcessor").map(drop)
    }

    fn blocks(&self) -> bool {
        self.0.blocks()
    }
}

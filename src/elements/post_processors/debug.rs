//! Debug PostProcessor: adds a sub-sample whose data are the variables and properties of the moment.
//!
//! Of the sampler's properties only the name is shown; JMeter shows all, in the form that it stores them in.

use crate::clock;
use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::samplers::section;
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::results::{DataType, SampleResult};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use bytes::Bytes;
use std::sync::atomic::Ordering;

const SAMPLER: &str = "displaySamplerProperties";
const VARIABLES: &str = "displayJMeterVariables";
const PROPERTIES: &str = "displayJMeterProperties";
const SYSTEM: &str = "displaySystemProperties";

pub(super) const DEBUG: Definition = Definition {
    tag: "DebugPostProcessor",
    menu: "Debug PostProcessor",
    compile: |compile| {
        Some(Role::post_processor(Debug {
            name: compile.name(),
            sampler: compile.flag(SAMPLER, true),
            variables: compile.flag(VARIABLES, true),
            properties: compile.flag(PROPERTIES, false),
            system: compile.flag(SYSTEM, false),
        }))
    },
};

struct Debug {
    name: Expr,
    sampler: BoolExpr,
    variables: BoolExpr,
    properties: BoolExpr,
    system: BoolExpr,
}

impl PostProcessor for Debug {
    fn process(&self, user: &mut VirtualUser, sampler: &dyn Sampler) -> Result<(), Thrown> {
        let mut result = SampleResult::started(self.name.eval(user)?, clock::now());
        let (mut shown, mut data) = (String::new(), String::new());
        if self.sampler.eval(user)? {
            shown.push_str("SamplerProperties\n");
            let name = sampler.name().eval(user)?;
            section(&mut data, "SamplerProperties", vec![(Text::from("TestElement.name"), name)]);
        }
        if self.variables.eval(user)? {
            shown.push_str("JMeterVariables\n");
            let lines = user.variables.sorted().into_iter().map(|(name, value)| (name, value.text()));
            section(&mut data, "JMeterVariables", lines.collect());
        }
        if self.properties.eval(user)? {
            shown.push_str("JMeterProperties\n");
            section(&mut data, "JMeterProperties", user.run.properties.sorted());
        }
        if self.system.eval(user)? {
            shown.push_str("SystemProperties\n");
            section(&mut data, "SystemProperties", user.run.system.sorted());
        }
        result.group_threads = user.group.active.load(Ordering::Relaxed);
        result.all_threads = user.run.counts.active.load(Ordering::Relaxed);
        result.thread_name = Text::clone(&user.thread_name);
        result.body_size = data.len() as u64;
        result.bytes = result.body_size;
        result.response_data = Bytes::from(data);
        result.data_encoding = Some(Text::from("UTF-8"));
        result.data_type = DataType::Text;
        result.sampler_data = Some(Text::from(shown));
        result.response_code = Text::from("200");
        result.response_message = Text::from("OK");
        result.finish(clock::now());
        if let Some(previous) = &mut user.previous {
            result.label = Text::from(format!("{}-{}", previous.label, previous.sub_results.len()));
            previous.add_sub_result(result);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, compiled, element};

    struct Nameless(Expr);

    impl Sampler for Nameless {
        fn name(&self) -> &Expr {
            &self.0
        }

        fn sample<'a>(&'a self, _: &'a mut VirtualUser) -> crate::elements::roles::Sampling<'a> {
            Box::pin(std::future::ready(Ok(None)))
        }
    }

    fn sub_sample(element: &crate::jmx::TestElement) -> SampleResult {
        let (role, mut user) = compiled(element);
        for name in ["a10", "a2", "b"] {
            user.variables.put(name, "x");
        }
        user.previous = Some(body("12345"));
        role.post_processor.unwrap().process(&mut user, &Nameless(Expr::literal("S"))).unwrap();
        let mut main = user.previous.unwrap();
        assert_eq!(main.bytes, 5 + main.sub_results[0].bytes);
        main.sub_results.remove(0)
    }

    #[test]
    fn variables_in_the_order_of_their_numbers() {
        let sub = sub_sample(&element("DebugPostProcessor").with(SAMPLER, false));
        assert_eq!((&*sub.label, sub.sampler_data.as_deref()), ("S-0", Some("JMeterVariables\n")));
        assert_eq!(sub.response_text(), "JMeterVariables:\na2=x\na10=x\nb=x\n\n");
    }

    #[test]
    fn nothing_to_show() {
        let sub = sub_sample(&element("DebugPostProcessor").with(SAMPLER, false).with(VARIABLES, false));
        assert_eq!((sub.bytes, sub.sampler_data.as_deref()), (0, Some("")));
    }
}

//! Debug PostProcessor: adds a sub-sample whose data are the variables and properties of the moment.
//!
//! The sampler's properties are worked out when they are shown; JMeter shows what the sampler saw of them.

use crate::clock;
use crate::elements::debug_data::{Parts, Shown};
use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::sampler_properties::SamplerProperties;
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::results::SampleResult;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::sync::Arc;
use std::sync::atomic::Ordering;

const SAMPLER: &str = "displaySamplerProperties";

pub(super) const DEBUG: Definition = Definition {
    tag: "DebugPostProcessor",
    menu: "Debug PostProcessor",
    compile: |compile| {
        Some(Role::post_processor(Debug {
            name: compile.name(),
            sampler: compile.flag(SAMPLER, true),
            properties: Arc::clone(compile.shared.sampler_properties.get_or_insert_default()),
            parts: Parts::compile(compile),
            renames: !compile.shared.functional_mode,
        }))
    },
};

struct Debug {
    name: Expr,
    sampler: BoolExpr,
    properties: Arc<SamplerProperties>,
    parts: Parts,
    /// Sub-samples keep their names in functional mode.
    renames: bool,
}

impl PostProcessor for Debug {
    fn process(&self, user: &mut VirtualUser, sampler: &dyn Sampler) -> Result<(), Thrown> {
        let mut result = SampleResult::started(self.name.eval(user)?, clock::now());
        let mut shown = Shown::default();
        if self.sampler.eval(user)? {
            shown.section("SamplerProperties", self.properties.of(sampler, user)?);
        }
        self.parts.show(user, &mut shown)?;
        shown.into_response(&mut result);
        result.group_threads = user.group.active.load(Ordering::Relaxed);
        result.all_threads = user.run.counts.active.load(Ordering::Relaxed);
        result.thread_name = Text::clone(&user.thread_name);
        result.finish(clock::now());
        if let Some(previous) = &mut user.previous {
            if self.renames {
                result.label = Text::from(format!("{}-{}", previous.label, previous.sub_results.len()));
            }
            previous.add_sub_result(result);
        }
        Ok(())
    }

    fn reads_response_data(&self) -> bool {
        false
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
        user.previous = Some(Box::new(body("12345")));
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
        let sub = sub_sample(&element("DebugPostProcessor").with(SAMPLER, false).with("displayJMeterVariables", false));
        assert_eq!((sub.bytes, sub.sampler_data.as_deref()), (0, Some("")));
    }
}

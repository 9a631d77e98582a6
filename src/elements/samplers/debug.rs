//! Debug Sampler: a sample whose data are the variables and properties of the moment.

use crate::clock;
use crate::elements::debug_data::{Parts, Shown};
use crate::elements::roles::{Sampler, Sampling, taken};
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::results::SampleResult;
use crate::text::Text;
use crate::virtual_user::VirtualUser;

pub(super) const DEBUG: Definition = Definition {
    tag: "DebugSampler",
    menu: "Debug Sampler",
    compile: |compile| Some(Role::sampler(Debug { name: compile.name(), parts: Parts::compile(compile) })),
};

struct Debug {
    name: Expr,
    parts: Parts,
}

impl Sampler for Debug {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async move {
            let label = self.name.eval(user)?;
            user.sampler_name = Text::clone(&label);
            let mut result = SampleResult::started(label, clock::now());
            let mut shown = Shown::default();
            self.parts.show(user, &mut shown)?;
            shown.into_response(&mut result);
            result.finish(clock::now());
            Ok(taken(result))
        })
    }
}

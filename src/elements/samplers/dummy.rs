//! Dummy Sampler of the plugin jpgc-dummy: a sample that was made up, with or without the time that it says it took.

use crate::clock;
use crate::elements::dummy_sample::DummySample;
use crate::elements::roles::{Sampler, Sampling, taken};
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::virtual_user::{StopLevel, VirtualUser};
use std::sync::Arc;

pub(super) const DUMMY: Definition = Definition {
    tag: "kg.apc.jmeter.samplers.DummySampler",
    menu: "jp@gc - Dummy Sampler",
    compile: |compile| Some(Role::sampler(Dummy(DummySample::compile(compile)))),
};

struct Dummy(DummySample);

impl Sampler for Dummy {
    fn name(&self) -> &Expr {
        self.0.name()
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async move {
            let begun = self.0.begin(user)?;
            if let Some(wait) = begun.wait {
                let deadline = tokio::time::Instant::from_std(clock::instant_of(clock::now() + wait));
                let stop = Arc::clone(&user.stop);
                user.http.rest();
                tokio::select! {
                    () = stop.reached(StopLevel::Now) => {}
                    () = tokio::time::sleep_until(deadline) => {}
                }
            }
            self.0.end(user, begun).map(taken)
        })
    }
}

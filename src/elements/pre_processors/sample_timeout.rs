//! Sample Timeout (`org.apache.jmeter.modifiers.SampleTimeout`): a sample that takes too long is interrupted.

use crate::elements::roles::{PreProcessor, Sampler};
use crate::elements::{Definition, Role};
use crate::expr::LongExpr;
use crate::virtual_user::{Thrown, VirtualUser};
use std::time::Duration;

pub(super) const SAMPLE_TIMEOUT: Definition = Definition {
    tag: "SampleTimeout",
    menu: "Sample Timeout",
    compile: |compile| {
        let timeout = LongExpr::new(compile.expr("InterruptTimer.timeout"));
        Some(Role::pre_processor(SampleTimeout { timeout }))
    },
};

struct SampleTimeout {
    /// Milliseconds; none when it is not above zero.
    timeout: LongExpr,
}

impl PreProcessor for SampleTimeout {
    /// The sample counts its own time; of several limits the shortest holds.
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        if let Ok(millis @ 1..) = u64::try_from(self.timeout.eval(user)?) {
            let timeout = Duration::from_millis(millis);
            user.sample_timeout = Some(user.sample_timeout.map_or(timeout, |other| other.min(timeout)));
        }
        Ok(())
    }
}

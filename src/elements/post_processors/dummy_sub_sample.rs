//! Dummy Subsampler of the plugin jpgc-dummy: adds a sub-sample that was made up.

use crate::clock;
use crate::elements::dummy_sample::DummySample;
use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::{Definition, Role};
use crate::text::Text;
use crate::virtual_user::{StopLevel, Thrown, VirtualUser};
use std::time::Duration;

pub(super) const DUMMY_SUB_SAMPLE: Definition = Definition {
    tag: "kg.apc.jmeter.modifiers.DummySubPostProcessor",
    menu: "jp@gc - Dummy Subsampler",
    compile: |compile| {
        let renames = !compile.shared.functional_mode;
        Some(Role::post_processor(DummySubSample { sample: DummySample::compile(compile), renames }))
    },
};

/// A thread that sleeps looks this often whether the run has been stopped.
const PIECE: Duration = Duration::from_millis(50);

struct DummySubSample {
    sample: DummySample,
    /// Sub-samples keep their names in functional mode.
    renames: bool,
}

impl PostProcessor for DummySubSample {
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        let begun = self.sample.begin(user)?;
        if let Some(wait) = begun.wait {
            sleep(user, wait);
        }
        let mut result = self.sample.end(user, begun)?;
        result.thread_name = Text::clone(&user.thread_name);
        if let Some(previous) = &mut user.previous {
            if self.renames {
                result.label = Text::from(format!("{}-{}", previous.label, previous.sub_results.len()));
            }
            previous.add_sub_result(result);
        }
        Ok(())
    }

    fn blocks(&self) -> bool {
        self.sample.may_wait()
    }

    fn reads_response_data(&self) -> bool {
        false
    }
}

/// Sleeps, unless the run is stopped at once.
fn sleep(user: &VirtualUser, wait: Duration) {
    let begin = clock::now();
    loop {
        let left = wait.saturating_sub(clock::now().since(begin));
        if left.is_zero() || user.stop.level() == StopLevel::Now {
            return;
        }
        std::thread::sleep(left.min(PIECE));
    }
}

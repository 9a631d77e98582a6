//! Flow Control Action: pauses, stops and jumps. It gives no sample, but timers and pre-processors in its scope work for
//! it as for any sampler.

use crate::clock;
use crate::elements::roles::{Sampler, Sampling};
use crate::elements::{Definition, Role};
use crate::expr::{Expr, LongExpr};
use crate::results::LogicalAction;
use crate::virtual_user::{StopLevel, VirtualUser};
use std::sync::Arc;
use std::time::Duration;

pub(super) const FLOW_CONTROL: Definition = Definition {
    tag: "TestAction",
    menu: "Flow Control Action",
    compile: |compile| {
        Some(Role::sampler(FlowControl {
            name: compile.name(),
            action: compile.long("ActionProcessor.action", 0),
            target: compile.long("ActionProcessor.target", 0),
            duration: compile.expr("ActionProcessor.duration"),
        }))
    },
};

const STOP: i32 = 0;
const PAUSE: i32 = 1;
const STOP_NOW: i32 = 2;
const NEXT_THREAD_LOOP: i32 = 3;
const NEXT_ITERATION: i32 = 4;
const BREAK: i32 = 5;
const THIS_THREAD: i32 = 0;
const WHOLE_TEST: i32 = 2;

struct FlowControl {
    name: Expr,
    action: LongExpr,
    target: LongExpr,
    duration: Expr,
}

impl Sampler for FlowControl {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async move {
            let action = self.action.eval_int(user)?;
            let target = self.target.eval_int(user)?;
            match action {
                PAUSE => self.pause(user).await?,
                STOP | STOP_NOW if target == WHOLE_TEST => {
                    if action == STOP {
                        user.shutdown_test();
                    } else {
                        user.stop_test_now();
                    }
                }
                STOP | STOP_NOW if target == THIS_THREAD => user.stop_thread(),
                NEXT_THREAD_LOOP => user.logical_action = LogicalAction::StartNextIterationOfThread,
                NEXT_ITERATION => user.logical_action = LogicalAction::StartNextIterationOfCurrentLoop,
                BREAK => user.logical_action = LogicalAction::BreakCurrentLoop,
                _ => {}
            }
            Ok(None)
        })
    }
}

impl FlowControl {
    /// Pauses, no longer than the group's time lasts.
    async fn pause(&self, user: &mut VirtualUser) -> Result<(), crate::virtual_user::Thrown> {
        let text = self.duration.eval(user)?;
        let millis: i64 = text.parse().unwrap_or_else(|_| {
            log::warn!(target: "org.apache.jmeter.sampler.TestAction", "Could not parse number: '{text}'");
            0
        });
        let Ok(millis) = u64::try_from(millis) else {
            log::error!(target: "org.apache.jmeter.sampler.TestAction", "Timeout value is negative: {millis}");
            return Ok(());
        };
        let mut pause = Duration::from_millis(millis);
        if let Some(end) = user.end_time() {
            pause = pause.min(end.since(clock::now()));
        }
        let deadline = tokio::time::Instant::from_std(clock::instant_of(clock::now() + pause));
        let stop = Arc::clone(&user.stop);
        user.http.rest();
        tokio::select! {
            () = stop.reached(StopLevel::Shutdown) => {}
            () = tokio::time::sleep_until(deadline) => {}
        }
        Ok(())
    }
}

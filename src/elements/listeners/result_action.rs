//! Result Status Action Handler: what a failed sample does to its user or the run.

use crate::elements::roles::Listener;
use crate::elements::{Definition, Role};
use crate::expr::LongExpr;
use crate::results::{LogicalAction, SampleResult};
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const RESULT_ACTION: Definition = Definition {
    tag: "ResultAction",
    menu: "Result Status Action Handler",
    compile: |compile| Some(Role::listener(ResultAction { action: compile.long("OnError.action", CONTINUE) })),
};

const CONTINUE: i64 = 0;
const STOP_THREAD: i64 = 1;
const STOP_TEST: i64 = 2;
const STOP_TEST_NOW: i64 = 3;
const START_NEXT_THREAD_LOOP: i64 = 4;
const START_NEXT_ITERATION_OF_CURRENT_LOOP: i64 = 5;
const BREAK_CURRENT_LOOP: i64 = 6;

struct ResultAction {
    action: LongExpr,
}

impl Listener for ResultAction {
    fn sample_occurred(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<(), Thrown> {
        if result.successful {
            return Ok(());
        }
        let action = &mut result.action;
        match self.action.eval(user)? {
            STOP_THREAD => action.stop_thread = true,
            STOP_TEST => action.stop_test = true,
            STOP_TEST_NOW => action.stop_test_now = true,
            START_NEXT_THREAD_LOOP => action.logical_action = LogicalAction::StartNextIterationOfThread,
            START_NEXT_ITERATION_OF_CURRENT_LOOP => {
                action.logical_action = LogicalAction::StartNextIterationOfCurrentLoop;
            }
            BREAK_CURRENT_LOOP => action.logical_action = LogicalAction::BreakCurrentLoop,
            _ => {}
        }
        Ok(())
    }

    fn reads_response_data(&self) -> bool {
        false
    }
}

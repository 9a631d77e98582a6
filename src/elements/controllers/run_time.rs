//! Runtime Controller: repeats its children until its time is up. It looks at the clock before each child and never cuts
//! a sample.

use super::walk::{ControllerId, Turn, Walk};
use super::{Controller, Pass};
use crate::clock::{self, Timestamp};
use crate::elements::{Definition, Role};
use crate::expr::LongExpr;
use crate::virtual_user::{Slot, Thrown, VirtualUser};

pub(super) const RUN_TIME: Definition = Definition {
    tag: "RunTime",
    menu: "Runtime Controller",
    compile: |compile| {
        Some(Role::controller(RunTime { seconds: compile.long("RunTime.seconds", 0), state: compile.slot() }))
    },
};

struct RunTime {
    seconds: LongExpr,
    state: Slot<State>,
}

#[derive(Default)]
struct State {
    start: Option<Timestamp>,
    count: i32,
}

impl RunTime {
    /// Whole seconds count.
    fn end_of_loop(&self, user: &mut VirtualUser) -> Result<bool, Thrown> {
        let seconds = self.seconds.eval(user)?;
        let now = clock::now();
        let start = *user.slot(self.state).start.get_or_insert(now);
        Ok(i64::try_from(now.since(start).as_secs()).unwrap_or(i64::MAX) >= seconds)
    }
}

impl Controller for RunTime {
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        if !walk.is_resuming() && self.end_of_loop(walk.user)? {
            walk.re_initialize(me);
            *walk.user.slot(self.state) = State::default();
            return Ok(Turn::Step(None));
        }
        walk.generic_next(me)
    }

    fn is_done(&self, walk: &mut Walk<'_>, me: ControllerId) -> bool {
        let runs = self.seconds.eval(walk.user).unwrap_or(0) > 0 && walk.child_count(me) > 0;
        !runs || walk.state(me).done
    }

    fn next_is_null(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        walk.re_initialize(me);
        if self.end_of_loop(walk.user)? {
            *walk.user.slot(self.state) = State::default();
            return Ok(Turn::Step(None));
        }
        Ok(Turn::Again)
    }

    fn re_initialize(&self, walk: &mut Walk<'_>, me: ControllerId) {
        let state = walk.state_mut(me);
        state.first = true;
        state.current = 0;
        let own = walk.user.slot(self.state);
        own.count = own.count.wrapping_add(1);
    }

    fn trigger_end_of_loop(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<(), Thrown> {
        walk.re_initialize(me);
        *walk.user.slot(self.state) = State::default();
        Ok(())
    }

    /// To JMeter only the first pass of a Loop is a first one.
    fn pass(&self, walk: &mut Walk<'_>, _: ControllerId) -> Pass {
        Pass { iteration: walk.user.slot(self.state).count.wrapping_add(1), is_first: false }
    }
}

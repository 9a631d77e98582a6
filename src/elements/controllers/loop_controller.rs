//! Loop Controller, and the main loop of every thread group.

use super::walk::{ControllerId, Turn, Walk};
use super::{Controller, Iterating, Pass};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, Expr, java_int};
use crate::jmx::TestElement;
use crate::virtual_user::{Slot, Thrown};

pub(super) const LOOP: Definition = Definition {
    tag: "LoopController",
    menu: "Loop Controller",
    compile: |compile| {
        let element = compile.element;
        let controller = Loop::new(compile, element);
        Some(Role::controller(controller).counts_passes().starts_over())
    },
};

const LOOPS: &str = "LoopController.loops";
const CONTINUE_FOREVER: &str = "LoopController.continue_forever";
/// "For ever"; any other negative number means the same.
const INFINITE: i32 = -1;

/// Loop Controller.
pub(in crate::elements) struct Loop {
    loops: Expr,
    /// The number, where it is the same at all times.
    fixed: Option<i32>,
    continue_forever: BoolExpr,
    state: Slot<State>,
}

#[derive(Default)]
struct State {
    count: i32,
    /// Read once and kept until the loop ends, unless it was none or for ever.
    loops: Option<i32>,
    broken: bool,
}

impl Loop {
    /// Reads the loop's settings from `element`: the controller's own, or a thread group's `main_controller`.
    pub(in crate::elements) fn new(compile: &mut Compile<'_>, element: &TestElement) -> Self {
        let loops = compile.expr_in(element, LOOPS);
        Loop {
            fixed: loops.as_literal().map(|loops| java_int(loops)),
            loops,
            continue_forever: compile.flag_in(element, CONTINUE_FOREVER, true),
            state: compile.slot(),
        }
    }

    fn loops(&self, walk: &mut Walk<'_>) -> Result<i32, Thrown> {
        match walk.user.slot(self.state).loops {
            Some(loops) if loops != 0 && loops != INFINITE => Ok(loops),
            _ => {
                let loops = java_int(&self.loops.eval(walk.user)?);
                walk.user.slot(self.state).loops = Some(loops);
                Ok(loops)
            }
        }
    }

    fn end_of_loop(&self, walk: &mut Walk<'_>) -> Result<bool, Thrown> {
        let loops = match self.fixed {
            Some(loops) => loops,
            None => self.loops(walk)?,
        };
        let state = walk.user.slot(self.state);
        Ok(state.broken || loops > INFINITE && state.count >= loops)
    }

    fn set_done(&self, walk: &mut Walk<'_>, me: ControllerId) {
        let state = walk.user.slot(self.state);
        state.broken = false;
        state.loops = None;
        walk.state_mut(me).done = true;
    }

    fn reset_count(&self, walk: &mut Walk<'_>) {
        let state = walk.user.slot(self.state);
        state.count = 0;
        state.loops = None;
    }

    fn publish(&self, walk: &mut Walk<'_>, me: ControllerId) {
        let count = walk.user.slot(self.state).count;
        walk.publish_index(me, count);
    }
}

impl Controller for Loop {
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        self.publish(walk, me);
        let turn = if self.end_of_loop(walk)? {
            if !self.continue_forever.eval(walk.user)? {
                self.set_done(walk, me);
            }
            walk.user.slot(self.state).broken = false;
            Ok(Turn::Step(None))
        } else {
            walk.generic_next(me)
        };
        // Another time, whether or not it has changed: a controller within may have the same name.
        self.publish(walk, me);
        turn
    }

    fn next_is_null(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        walk.re_initialize(me);
        if !self.end_of_loop(walk)? {
            return Ok(Turn::Again);
        }
        if self.continue_forever.eval(walk.user)? {
            self.reset_count(walk);
        } else {
            self.set_done(walk, me);
        }
        Ok(Turn::Step(None))
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
        self.reset_count(walk);
        Ok(())
    }

    fn enclosing_iteration(&self, walk: &mut Walk<'_>, me: ControllerId, _: Pass) -> Result<(), Thrown> {
        walk.re_initialize(me);
        self.reset_count(walk);
        Ok(())
    }

    fn pass(&self, walk: &mut Walk<'_>, _: ControllerId) -> Pass {
        let count = walk.user.slot(self.state).count;
        Pass { iteration: count.wrapping_add(1), is_first: count == 0 }
    }

    fn as_iterating(&self) -> Option<&dyn Iterating> {
        Some(self)
    }
}

impl Iterating for Loop {
    fn start_next_loop(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.re_initialize(me);
    }

    fn break_loop(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.user.slot(self.state).broken = true;
        let state = walk.state_mut(me);
        state.first = true;
        state.current = 0;
        self.reset_count(walk);
    }
}

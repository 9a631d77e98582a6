//! While Controller: repeats its children until its condition is the text `false`.

use super::walk::{ControllerId, Turn, Walk};
use super::{Controller, Iterating, Pass};
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::virtual_user::{Slot, Thrown, well_known};

pub(super) const WHILE: Definition = Definition {
    tag: "WhileController",
    menu: "While Controller",
    compile: |compile| {
        let controller = While { condition: compile.expr(CONDITION), broken: compile.slot() };
        Some(Role::controller(controller).counts_passes().starts_over())
    },
};

const CONDITION: &str = "WhileController.condition";

struct While {
    condition: Expr,
    broken: Slot<bool>,
}

impl While {
    /// Blank looks at the last sample after each pass, `LAST` before the first one too; anything but `false` goes on.
    fn end_of_loop(&self, walk: &mut Walk<'_>, after_pass: bool) -> Result<bool, Thrown> {
        if *walk.user.slot(self.broken) {
            return Ok(true);
        }
        let condition = self.condition.eval(walk.user)?;
        let condition = condition.trim();
        if after_pass && condition.is_empty() || condition.eq_ignore_ascii_case("LAST") {
            let last = walk.user.variables.text(well_known::LAST_SAMPLE_OK);
            return Ok(last.is_some_and(|ok| ok.eq_ignore_ascii_case("false")));
        }
        Ok(condition.eq_ignore_ascii_case("false"))
    }

    fn leave(&self, walk: &mut Walk<'_>, me: ControllerId) {
        *walk.user.slot(self.broken) = false;
        walk.state_mut(me).iterations = 0;
    }

    fn publish(walk: &mut Walk<'_>, me: ControllerId) {
        let iterations = walk.state(me).iterations;
        walk.publish_index(me, iterations);
    }
}

impl Controller for While {
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        Self::publish(walk, me);
        let turn = if walk.state(me).first && self.end_of_loop(walk, false)? {
            self.leave(walk, me);
            Ok(Turn::Step(None))
        } else {
            walk.generic_next(me)
        };
        Self::publish(walk, me);
        turn
    }

    fn next_is_null(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        walk.re_initialize(me);
        if self.end_of_loop(walk, true)? {
            self.leave(walk, me);
            return Ok(Turn::Step(None));
        }
        Ok(Turn::Again)
    }

    fn trigger_end_of_loop(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<(), Thrown> {
        walk.re_initialize(me);
        // JMeter evaluates the condition here and drops the answer; functions in it count the call.
        self.end_of_loop(walk, true)?;
        walk.state_mut(me).iterations = 0;
        Ok(())
    }

    fn enclosing_iteration(&self, walk: &mut Walk<'_>, me: ControllerId, _: Pass) -> Result<(), Thrown> {
        walk.re_initialize(me);
        walk.state_mut(me).iterations = 0;
        Ok(())
    }

    fn as_iterating(&self) -> Option<&dyn Iterating> {
        Some(self)
    }
}

impl Iterating for While {
    fn start_next_loop(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.re_initialize(me);
    }

    fn break_loop(&self, walk: &mut Walk<'_>, me: ControllerId) {
        *walk.user.slot(self.broken) = true;
        let state = walk.state_mut(me);
        state.first = true;
        state.current = 0;
        state.iterations = 0;
    }
}

//! ForEach Controller: its children once for each of the variables `in_1`, `in_2`, …, up to the first that is not set.
//!
//! JMeter sets the output variable wherever it asks whether the controller is done; it is therefore set after the
//! elements that act once per pass have run, and holds the list's first value when the controller has ended.

use super::walk::{ControllerId, Turn, Walk};
use super::{Controller, Iterating, Pass};
use crate::elements::{Definition, Role, VariableName};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::virtual_user::{Slot, Thrown, Value, VirtualUser};
use std::fmt::Write;

pub(super) const FOREACH: Definition = Definition {
    tag: "ForeachController",
    menu: "ForEach Controller",
    compile: |compile| {
        let has_end = compile.element.get(END_INDEX).is_some();
        let controller = Foreach {
            input: compile.expr("ForeachController.inputVal"),
            output: compile.variable_name("ForeachController.returnVal"),
            separator: compile.flag("ForeachController.useSeparator", true),
            start: compile.long("ForeachController.startIndex", 0),
            end: has_end.then(|| compile.long(END_INDEX, 0)),
            state: compile.slot(),
        };
        Some(Role::controller(controller).counts_passes().starts_over())
    },
};

const END_INDEX: &str = "ForeachController.endIndex";

struct Foreach {
    input: Expr,
    output: VariableName,
    separator: BoolExpr,
    start: LongExpr,
    /// Where there is no end, the list goes on as long as its variables do. A blank one is 0.
    end: Option<LongExpr>,
    state: Slot<State>,
}

#[derive(Default)]
struct State {
    count: i32,
    broken: bool,
}

impl Foreach {
    fn start(&self, user: &mut VirtualUser) -> Result<i32, Thrown> {
        Ok(i32::try_from(self.start.eval(user)?).unwrap_or(0))
    }

    fn end(&self, user: &mut VirtualUser) -> Result<i32, Thrown> {
        match &self.end {
            Some(end) => Ok(i32::try_from(end.eval(user)?).unwrap_or(0)),
            None => Ok(i32::MAX),
        }
    }

    /// The value of this pass, `None` past the end of the list.
    fn value(&self, user: &mut VirtualUser) -> Result<Option<Value>, Thrown> {
        let mut name = String::new();
        self.input.append(user, &mut name)?;
        if self.separator.eval(user)? {
            name.push('_');
        }
        let number = user.slot(self.state).count.wrapping_add(1);
        let _ = write!(name, "{number}");
        Ok(user.variables.get(&name).cloned())
    }

    fn reset_count(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        let start = self.start(user)?;
        user.slot(self.state).count = start;
        Ok(())
    }

    fn publish(&self, walk: &mut Walk<'_>, me: ControllerId) {
        let count = walk.user.slot(self.state).count;
        walk.publish_index(me, count);
    }

    fn step(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        if walk.user.slot(self.state).broken || self.value(walk.user)?.is_none() {
            walk.user.slot(self.state).broken = false;
            walk.re_initialize(me);
            self.reset_count(walk.user)?;
            return Ok(Turn::Step(None));
        }
        walk.generic_next(me)
    }

    fn done(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<bool, Thrown> {
        if walk.user.slot(self.state).count >= self.end(walk.user)? {
            return Ok(true);
        }
        match self.value(walk.user)? {
            Some(value) => {
                self.output.set(walk.user, value)?;
                Ok(false)
            }
            None => Ok(walk.state(me).done),
        }
    }
}

impl Controller for Foreach {
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        self.publish(walk, me);
        let turn = self.step(walk, me);
        self.publish(walk, me);
        turn
    }

    fn is_done(&self, walk: &mut Walk<'_>, me: ControllerId) -> bool {
        self.done(walk, me).unwrap_or(false)
    }

    fn next_is_null(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        walk.re_initialize(me);
        let state = walk.user.slot(self.state);
        let (broken, count) = (state.broken, state.count);
        if broken || self.value(walk.user)?.is_none() || count >= self.end(walk.user)? {
            walk.user.slot(self.state).broken = false;
            self.reset_count(walk.user)?;
            return Ok(Turn::Step(None));
        }
        Ok(Turn::Again)
    }

    fn initialize(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.generic_initialize(me);
        // What cannot be read now is read again when the list begins.
        let _ = self.reset_count(walk.user);
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
        self.reset_count(walk.user)
    }

    fn enclosing_iteration(&self, walk: &mut Walk<'_>, me: ControllerId, _: Pass) -> Result<(), Thrown> {
        walk.re_initialize(me);
        self.reset_count(walk.user)
    }

    /// A Once Only Controller within is not brought back: to JMeter only the first pass of a Loop is a first one.
    fn pass(&self, walk: &mut Walk<'_>, _: ControllerId) -> Pass {
        Pass { iteration: walk.user.slot(self.state).count.wrapping_add(1), is_first: false }
    }

    fn as_iterating(&self) -> Option<&dyn Iterating> {
        Some(self)
    }
}

impl Iterating for Foreach {
    fn start_next_loop(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.re_initialize(me);
    }

    fn break_loop(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.user.slot(self.state).broken = true;
        let state = walk.state_mut(me);
        state.first = true;
        state.current = 0;
        let _ = self.reset_count(walk.user);
    }
}

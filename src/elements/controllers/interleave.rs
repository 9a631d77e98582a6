//! Interleave Controller: one child per pass of the controller around it, the next one in the next pass. Random
//! Controller: the same with a child picked at random.
//!
//! JMeter recurses here without end where no child has anything to give, and its thread dies of it; ours gives nothing
//! for that pass.

use super::Controller;
use super::walk::{Child, ControllerId, SamplerId, Step, Turn, Walk};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, LongExpr};
use crate::virtual_user::{Slot, Thrown};

pub(super) const INTERLEAVE: Definition = Definition {
    tag: "InterleaveControl",
    menu: "Interleave Controller",
    compile: |compile| Some(Role::controller(Interleave::new(compile, Pick::InTurn))),
};

pub(super) const RANDOM: Definition = Definition {
    tag: "RandomController",
    menu: "Random Controller",
    compile: |compile| Some(Role::controller(Interleave::new(compile, Pick::AtRandom))),
};

/// Take one sampler from a child controller and leave it (any other style takes all of it).
const IGNORE_SUB_CONTROLLERS: i64 = 0;
/// How often a child that gives nothing is asked again where JMeter would ask until its stack is full. Its answer may
/// depend on chance (an If with a random condition), so once is not enough.
const ASKS: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pick {
    InTurn,
    AtRandom,
}

struct Interleave {
    pick: Pick,
    style: LongExpr,
    across_threads: BoolExpr,
    state: Slot<State>,
}

struct State {
    /// This pass has had its child.
    skip_next: bool,
    /// Where this pass began to look; a look that comes back here has found nothing.
    search_start: Option<Child>,
    returned_at_least_one: bool,
    still_same: bool,
    /// Children asked since the last one that gave something.
    asked: usize,
}

impl Default for State {
    fn default() -> Self {
        State { skip_next: false, search_start: None, returned_at_least_one: false, still_same: true, asked: 0 }
    }
}

impl Interleave {
    fn new(compile: &mut Compile<'_>, pick: Pick) -> Self {
        Interleave {
            pick,
            style: compile.long("InterleaveControl.style", IGNORE_SUB_CONTROLLERS),
            across_threads: compile.flag("InterleaveControl.accrossThreads", false),
            state: compile.slot(),
        }
    }

    fn random_child(walk: &mut Walk<'_>, me: ControllerId) -> usize {
        match walk.child_count(me) {
            0 => 0,
            count => walk.user.random.usize(..count),
        }
    }

    /// `GenericController.next()` with `InterleaveControl.setCurrentElement`.
    fn next_child(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        walk.fire_iteration_events(me)?;
        if self.is_done(walk, me) {
            return Ok(Turn::Step(None));
        }
        let count = walk.child_count(me);
        if count == 0 {
            walk.state_mut(me).done = true;
            return Ok(Turn::Step(None));
        }
        let child = walk.child(me, walk.state(me).current);
        let is_resuming = walk.is_resuming();
        let state = walk.user.slot(self.state);
        if is_resuming {
            // The child was asked before, and has not answered yet.
        } else if state.search_start.is_none() {
            state.search_start = child;
        } else if state.search_start == child && !state.still_same || state.asked > ASKS * (count + 1) {
            self.re_initialize(walk, me);
            return Ok(Turn::Step(None));
        }
        match child {
            None => self.next_is_null(walk, me),
            Some(Child::Sampler(sampler)) => self.next_is_a_sampler(walk, me, sampler),
            Some(Child::Controller(child)) => self.next_is_a_controller(walk, me, child),
        }
    }
}

impl Controller for Interleave {
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        if walk.user.slot(self.state).skip_next {
            self.re_initialize(walk, me);
            return Ok(Turn::Step(None));
        }
        self.next_child(walk, me)
    }

    fn next_is_a_controller(&self, walk: &mut Walk<'_>, me: ControllerId, child: ControllerId) -> Result<Turn, Thrown> {
        let Some(step) = walk.next(child)? else {
            walk.user.slot(self.state).asked += 1;
            self.current_returned_null(walk, me, child);
            return Ok(Turn::Again);
        };
        if step.is_suspension() {
            return Ok(Turn::Step(Some(step)));
        }
        let ignore_sub_controllers = self.style.eval(walk.user)? == IGNORE_SUB_CONTROLLERS;
        let state = walk.user.slot(self.state);
        state.returned_at_least_one = true;
        state.asked = 0;
        if ignore_sub_controllers {
            self.increment_current(walk, me);
            walk.user.slot(self.state).skip_next = true;
        } else {
            state.search_start = None;
        }
        Ok(Turn::Step(Some(step)))
    }

    fn next_is_a_sampler(&self, walk: &mut Walk<'_>, me: ControllerId, child: SamplerId) -> Result<Turn, Thrown> {
        let state = walk.user.slot(self.state);
        state.skip_next = true;
        state.asked = 0;
        self.increment_current(walk, me);
        Ok(Turn::Step(Some(Step::Sampler(child))))
    }

    fn next_is_null(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        self.reset_current(walk, me);
        Ok(Turn::Again)
    }

    fn current_returned_null(&self, walk: &mut Walk<'_>, me: ControllerId, child: ControllerId) {
        if walk.is_done(child) {
            walk.remove_current(me);
            return;
        }
        // A flag that cannot be read counts as unset.
        let style = self.style.eval(walk.user).unwrap_or(IGNORE_SUB_CONTROLLERS);
        let asked = walk.user.slot(self.state).asked;
        if style != IGNORE_SUB_CONTROLLERS || asked.is_multiple_of(ASKS) {
            self.increment_current(walk, me);
        }
    }

    fn increment_current(&self, walk: &mut Walk<'_>, me: ControllerId) {
        let state = walk.user.slot(self.state);
        if state.returned_at_least_one {
            state.skip_next = true;
        }
        state.still_same = false;
        match self.pick {
            Pick::InTurn => walk.state_mut(me).current += 1,
            Pick::AtRandom => walk.state_mut(me).current = Self::random_child(walk, me),
        }
    }

    fn reset_current(&self, walk: &mut Walk<'_>, me: ControllerId) {
        let first = match self.pick {
            Pick::InTurn => 0,
            Pick::AtRandom => Self::random_child(walk, me),
        };
        walk.state_mut(me).current = first;
    }

    /// The position among the children stays.
    fn re_initialize(&self, walk: &mut Walk<'_>, me: ControllerId) {
        let state = walk.state_mut(me);
        state.first = true;
        state.iterations = state.iterations.wrapping_add(1);
        *walk.user.slot(self.state) = State::default();
    }

    fn initialize(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.generic_initialize(me);
        let count = walk.child_count(me);
        if count > 0 && self.across_threads.eval(walk.user).unwrap_or(false) {
            let thread = walk.user.thread_number.saturating_sub(1) as usize;
            walk.state_mut(me).current = thread % count;
        }
    }
}

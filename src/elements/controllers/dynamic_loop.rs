//! The main loop of a dynamic thread group: iterations until the group has had enough; where users stand for arrivals, a
//! rest between them (`com.blazemeter.jmeter.control.VirtualUserController`).

use super::walk::{ControllerId, Step, Turn, Walk};
use super::{Controller, Iterating, Pass};
use crate::elements::Compile;
use crate::elements::field::Field;
use crate::virtual_user::{Dynamic, Note, Slot, Thrown};
use std::sync::Arc;
use std::sync::atomic::Ordering;

const TARGET: &str = "com.blazemeter.jmeter.control.VirtualUserController";

/// Iterations of a dynamic group's user.
pub(in crate::elements) struct DynamicLoop {
    /// How many a user has; no limit if none.
    iterations: Field<i64>,
    /// Users that the group is to have, where those beyond end.
    most: Option<Field<i32>>,
    state: Slot<State>,
}

#[derive(Default)]
struct State {
    iteration: i64,
    arrived: bool,
    broken: bool,
    resting: bool,
}

impl DynamicLoop {
    pub(in crate::elements) fn new(
        compile: &mut Compile<'_>,
        iterations: Field<i64>,
        most: Option<Field<i32>>,
    ) -> Self {
        DynamicLoop { iterations, most, state: compile.slot() }
    }

    fn step(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        let over = is_limit_reached(walk);
        let state = walk.user.slot(self.state);
        if std::mem::take(&mut state.resting) {
            return Ok(Turn::Step(Some(Step::Rest)));
        }
        if state.broken || over {
            self.set_done(walk, me);
        } else if !state.arrived {
            state.arrived = true;
            state.iteration += 1;
            self.publish(walk, me);
            self.note(walk, Note::Arrival);
        }
        walk.generic_next(me)
    }

    fn set_done(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.user.slot(self.state).broken = false;
        walk.state_mut(me).done = true;
    }

    fn publish(&self, walk: &mut Walk<'_>, me: ControllerId) {
        let index = self.iteration(walk).wrapping_sub(1);
        walk.publish_index(me, index);
    }

    /// `getIterCount()`
    fn iteration(&self, walk: &mut Walk<'_>) -> i32 {
        walk.user.slot(self.state).iteration as i32
    }

    /// Counts and logs what a user that stands for arrivals does.
    fn note(&self, walk: &mut Walk<'_>, note: Note) {
        if !rests(walk) {
            return;
        }
        let iteration = walk.user.slot(self.state).iteration;
        let group = Arc::clone(&walk.user.group);
        let Some(dynamic) = &group.dynamic else { return };
        let Some(arrivals) = &dynamic.arrivals else { return };
        arrivals.count(note);
        let label = format_args!("{}.{iteration}", walk.user.thread_number.wrapping_sub(1));
        let row = dynamic.note(note, label, &walk.user.thread_name);
        walk.user.put(row);
    }

    /// Whether the user is through with the group, which is said in the log.
    fn has_had_enough(&self, walk: &mut Walk<'_>) -> Result<bool, Thrown> {
        let limit = self.iterations.read(walk.user)?;
        let why = if is_limit_reached(walk) {
            "Test limit reached"
        } else if limit > 0 && walk.user.slot(self.state).iteration >= limit {
            "Iteration limit reached"
        } else if self.is_too_many(walk)? {
            "Need to decrease concurrency"
        } else {
            return Ok(false);
        };
        log::info!(target: TARGET, "{why}, thread is done: {}", walk.user.thread_name);
        Ok(true)
    }

    fn is_too_many(&self, walk: &mut Walk<'_>) -> Result<bool, Thrown> {
        let Some(most) = &self.most else { return Ok(false) };
        let most = most.read(walk.user)?;
        Ok(i64::from(walk.user.group.active.load(Ordering::Acquire)) > i64::from(most))
    }
}

fn is_limit_reached(walk: &Walk<'_>) -> bool {
    walk.user.group.dynamic.as_ref().is_some_and(Dynamic::is_limit_reached)
}

/// Whether users rest between iterations.
fn rests(walk: &Walk<'_>) -> bool {
    walk.user.group.dynamic.as_ref().is_some_and(|dynamic| dynamic.arrivals.is_some())
}

impl Controller for DynamicLoop {
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        self.publish(walk, me);
        let turn = self.step(walk, me);
        self.publish(walk, me);
        turn
    }

    fn next_is_null(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        self.note(walk, Note::Completion);
        if self.has_had_enough(walk)? {
            self.set_done(walk, me);
            return Ok(Turn::Step(None));
        }
        walk.re_initialize(me);
        walk.user.slot(self.state).resting = rests(walk);
        Ok(Turn::Again)
    }

    fn re_initialize(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.generic_re_initialize(me);
        walk.user.slot(self.state).arrived = false;
    }

    fn pass(&self, walk: &mut Walk<'_>, _: ControllerId) -> Pass {
        let iteration = self.iteration(walk);
        Pass { iteration, is_first: iteration == 1 }
    }

    fn as_iterating(&self) -> Option<&dyn Iterating> {
        Some(self)
    }
}

impl Iterating for DynamicLoop {
    fn start_next_loop(&self, walk: &mut Walk<'_>, me: ControllerId) {
        self.note(walk, Note::Abandonment);
        if rests(walk) && is_limit_reached(walk) {
            self.set_done(walk, me);
            return;
        }
        walk.re_initialize(me);
        walk.user.slot(self.state).resting = rests(walk);
    }

    fn break_loop(&self, walk: &mut Walk<'_>, me: ControllerId) {
        let own = walk.user.slot(self.state);
        own.broken = true;
        own.iteration = 0;
        let state = walk.state_mut(me);
        state.first = true;
        state.current = 0;
    }
}

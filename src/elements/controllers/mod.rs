//! Logic controllers: which sampler is next. JMeter's `next()` protocol is the contract, down to what a null means and
//! when a controller starts over; its classes are not. A controller is immutable and shared, its state per user is a
//! [`ControllerState`] (and a slot for what only it needs).

mod critical_section;
mod dynamic_loop;
mod foreach;
mod generic;
mod http2_async;
mod if_controller;
mod interleave;
mod loop_controller;
mod once_only;
mod open_model;
mod parameterized;
mod random_order;
mod run_time;
mod simple;
mod switch;
#[cfg(test)]
mod tests;
mod throughput;
mod transaction;
mod walk;
mod while_controller;

pub use transaction::{TransactionRef, TransactionSample, lock};

pub use walk::{
    Child, ControllerId, ControllerNode, ControllerState, ControllerTree, IndexVariable, MAX_DEPTH, Next, PassListener,
    SamplerId, States, Step, TransactionScope, Turn, Walk,
};

use crate::elements::Definition;
use crate::results::SampleResult;
use crate::virtual_user::Thrown;

pub use critical_section::LockRequest;
pub(in crate::elements) use dynamic_loop::DynamicLoop;
pub(in crate::elements) use loop_controller::Loop;
pub(in crate::elements) use open_model::OnePass;

/// Logic controllers, sorted by tag.
pub static CONTROLLERS: &[Definition] = &[
    critical_section::CRITICAL_SECTION,
    foreach::FOREACH,
    simple::SIMPLE,
    if_controller::IF,
    simple::INCLUDE,
    interleave::INTERLEAVE,
    loop_controller::LOOP,
    simple::MODULE,
    once_only::ONCE_ONLY,
    interleave::RANDOM,
    random_order::RANDOM_ORDER,
    simple::RECORDING,
    run_time::RUN_TIME,
    switch::SWITCH,
    simple::FRAGMENT,
    throughput::THROUGHPUT,
    transaction::TRANSACTION,
    while_controller::WHILE,
    http2_async::HTTP2_ASYNC,
    parameterized::PARAMETERIZED,
];

/// A logic controller. The defaults are `GenericController`'s: children in order, once.
///
/// Where JMeter's method calls its own `next()` again as the last thing it does, ours returns [`Turn::Again`]: a loop
/// with a million empty passes needs no deep stack.
pub trait Controller: Send + Sync {
    /// The next step of this controller, `None` when this pass is over.
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        walk.generic_next(me)
    }

    /// Whether the controller has nothing left for the rest of its user's life; its parent then drops it.
    fn is_done(&self, walk: &mut Walk<'_>, me: ControllerId) -> bool {
        walk.state(me).done
    }

    /// All children have been offered.
    fn next_is_null(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        walk.re_initialize(me);
        Ok(Turn::Step(None))
    }

    /// The child at the current position is a controller.
    fn next_is_a_controller(&self, walk: &mut Walk<'_>, me: ControllerId, child: ControllerId) -> Result<Turn, Thrown> {
        walk.generic_next_is_a_controller(me, child)
    }

    /// The child at the current position is a sampler.
    fn next_is_a_sampler(&self, walk: &mut Walk<'_>, me: ControllerId, child: SamplerId) -> Result<Turn, Thrown> {
        self.increment_current(walk, me);
        Ok(Turn::Step(Some(Step::Sampler(child))))
    }

    /// The child controller at the current position had nothing more to give.
    fn current_returned_null(&self, walk: &mut Walk<'_>, me: ControllerId, child: ControllerId) {
        walk.generic_current_returned_null(me, child);
    }

    /// Moves on to the next child.
    fn increment_current(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.state_mut(me).current += 1;
    }

    /// Back to the first child.
    fn reset_current(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.state_mut(me).current = 0;
    }

    /// To the state of a user that has just started.
    fn initialize(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.generic_initialize(me);
    }

    /// To the start of a new pass.
    fn re_initialize(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.generic_re_initialize(me);
    }

    /// The pass is cut short by an error or a jump.
    fn trigger_end_of_loop(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<(), Thrown> {
        walk.re_initialize(me);
        Ok(())
    }

    /// A new pass of the enclosing controller begins; asked only of those whose role says so.
    fn enclosing_iteration(&self, walk: &mut Walk<'_>, me: ControllerId, pass: Pass) -> Result<(), Thrown> {
        let _ = (walk, me, pass);
        Ok(())
    }

    /// `getIterCount()`: how the controller numbers its passes.
    fn pass(&self, walk: &mut Walk<'_>, me: ControllerId) -> Pass {
        Pass { iteration: walk.state(me).iterations, is_first: walk.state(me).iterations == 0 }
    }

    /// What "next iteration" and "break" mean to a controller that repeats its children.
    fn as_iterating(&self) -> Option<&dyn Iterating> {
        None
    }

    /// A sample in this controller's reach has ended (Transaction Controllers sum them up).
    fn sample_occurred(&self, walk: &mut Walk<'_>, me: ControllerId, result: &SampleResult) {
        let _ = (walk, me, result);
    }

    /// Whether [`Controller::sample_occurred`] does anything.
    fn hears_samples(&self) -> bool {
        false
    }

    /// Its user is about to start.
    fn thread_started(&self, walk: &mut Walk<'_>) -> Result<(), Thrown> {
        let _ = walk;
        Ok(())
    }

    /// Gives back what the controller holds when its user ends (Critical Section).
    fn thread_finished(&self, walk: &mut Walk<'_>, me: ControllerId) {
        let _ = (walk, me);
    }
}

/// A pass of a controller, as those within it are told of it (`LoopIterationEvent`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// The controller's own number for it: loops count from 1, others from 0.
    pub iteration: i32,
    /// Whether it is the first since the controller was entered.
    pub is_first: bool,
}

/// A controller that repeats its children (`IteratingController`).
pub trait Iterating: Send + Sync {
    /// Drops the rest of this pass.
    fn start_next_loop(&self, walk: &mut Walk<'_>, me: ControllerId);

    /// Ends the repetition.
    fn break_loop(&self, walk: &mut Walk<'_>, me: ControllerId);
}

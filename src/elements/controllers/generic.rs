//! What all controllers share (`org.apache.jmeter.control.GenericController`).

use super::walk::{Child, ControllerId, Turn, Walk};
use crate::virtual_user::Thrown;

impl Walk<'_> {
    /// `GenericController.next()`
    pub fn generic_next(&mut self, me: ControllerId) -> Result<Turn, Thrown> {
        self.fire_iteration_events(me)?;
        let behaviour = self.behaviour(me);
        if behaviour.is_done(self, me) {
            return Ok(Turn::Step(None));
        }
        match self.child(me, self.state(me).current) {
            None if self.child_count(me) == 0 => {
                self.state_mut(me).done = true;
                Ok(Turn::Step(None))
            }
            None => behaviour.next_is_null(self, me),
            Some(Child::Sampler(sampler)) => behaviour.next_is_a_sampler(self, me, sampler),
            Some(Child::Controller(child)) => behaviour.next_is_a_controller(self, me, child),
        }
    }

    /// `GenericController.nextIsAController()`
    pub fn generic_next_is_a_controller(&mut self, me: ControllerId, child: ControllerId) -> Result<Turn, Thrown> {
        match self.next(child)? {
            Some(step) => Ok(Turn::Step(Some(step))),
            None => {
                self.behaviour(me).current_returned_null(self, me, child);
                Ok(Turn::Again)
            }
        }
    }

    /// `GenericController.currentReturnedNull()`
    pub fn generic_current_returned_null(&mut self, me: ControllerId, child: ControllerId) {
        if self.is_done(child) {
            self.remove_current(me);
        } else {
            self.behaviour(me).increment_current(self, me);
        }
    }

    /// `GenericController.removeCurrentElement()`
    pub fn remove_current(&mut self, me: ControllerId) {
        let current = self.state(me).current;
        let children = self.children_mut(me);
        if current < children.len() {
            children.remove(current);
        }
    }

    /// `GenericController.initialize()`
    pub fn generic_initialize(&mut self, me: ControllerId) {
        self.behaviour(me).reset_current(self, me);
        let state = self.state_mut(me);
        state.iterations = 0;
        state.done = false;
        state.first = true;
        self.initialize_sub_controllers(me);
    }

    /// `GenericController.initializeSubControllers()`
    pub fn initialize_sub_controllers(&mut self, me: ControllerId) {
        for position in 0..self.child_count(me) {
            if let Some(Child::Controller(child)) = self.child(me, position) {
                self.initialize(child);
            }
        }
    }

    /// `GenericController.reInitialize()`
    pub fn generic_re_initialize(&mut self, me: ControllerId) {
        self.behaviour(me).reset_current(self, me);
        let state = self.state_mut(me);
        state.iterations = state.iterations.wrapping_add(1);
        state.first = true;
    }
}

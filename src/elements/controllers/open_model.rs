//! The main loop of an Open Model Thread Group: each user passes once over its children
//! (`org.apache.jmeter.threads.openmodel.OpenModelThreadGroupController`).

use super::walk::{ControllerId, Turn, Walk};
use super::{Controller, Iterating};
use crate::virtual_user::Thrown;

/// One pass. There is no next iteration to jump to and no loop to break: JMeter goes on with what follows.
pub(in crate::elements) struct OnePass;

impl Controller for OnePass {
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        let turn = walk.generic_next(me)?;
        if let Turn::Step(_) = turn
            && walk.state(me).iterations >= 1
        {
            walk.state_mut(me).done = true;
        }
        Ok(turn)
    }

    fn as_iterating(&self) -> Option<&dyn Iterating> {
        Some(self)
    }
}

impl Iterating for OnePass {
    fn start_next_loop(&self, _: &mut Walk<'_>, _: ControllerId) {}

    fn break_loop(&self, _: &mut Walk<'_>, _: ControllerId) {}
}

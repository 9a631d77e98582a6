//! Once Only Controller: its children run in the first pass of the loop around it, or once per user where no loop is.

use super::walk::{ControllerId, Turn, Walk};
use super::{Controller, Pass};
use crate::elements::{Definition, Role};
use crate::virtual_user::Thrown;

pub(super) const ONCE_ONLY: Definition = Definition {
    tag: "OnceOnlyController",
    menu: "Once Only Controller",
    compile: |_| Some(Role::controller(OnceOnly).starts_over()),
};

struct OnceOnly;

impl Controller for OnceOnly {
    fn enclosing_iteration(&self, walk: &mut Walk<'_>, me: ControllerId, pass: Pass) -> Result<(), Thrown> {
        if pass.is_first {
            walk.re_initialize(me);
        }
        Ok(())
    }

    /// Stays behind its last child until a first pass brings it back.
    fn next_is_null(&self, _: &mut Walk<'_>, _: ControllerId) -> Result<Turn, Thrown> {
        Ok(Turn::Step(None))
    }
}

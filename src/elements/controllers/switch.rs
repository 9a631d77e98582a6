//! Switch Controller: the one child that its value names, by position (from 0) or by name.

use super::Controller;
use super::walk::{Child, ControllerId, Turn, Walk};
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::virtual_user::Thrown;

pub(super) const SWITCH: Definition = Definition {
    tag: "SwitchController",
    menu: "Switch Controller",
    compile: |compile| Some(Role::controller(Switch { value: compile.expr("SwitchController.value") })),
};

struct Switch {
    value: Expr,
}

/// Behind every child.
const NONE: usize = usize::MAX;

impl Switch {
    fn selection(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<usize, Thrown> {
        let value = self.value.eval(walk.user)?;
        let value = value.trim();
        if value.is_empty() {
            return Ok(0);
        }
        // A sign makes it a name; so does a number that is too long.
        if value.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(position) = value.parse::<i32>()
        {
            let position = position as usize;
            return Ok(if position < walk.child_count(me) { position } else { 0 });
        }
        Self::named(walk, me, value)
    }

    /// The first child of exactly that name, else the last one that is called `default`.
    fn named(walk: &mut Walk<'_>, me: ControllerId, wanted: &str) -> Result<usize, Thrown> {
        let mut default = NONE;
        for position in 0..walk.child_count(me) {
            let name = match walk.child(me, position) {
                Some(Child::Controller(child)) => walk.tree.controller(child).name.eval(walk.user)?,
                Some(Child::Sampler(child)) => walk.tree.sampler(child).sampler.name().eval(walk.user)?,
                None => continue,
            };
            if &*name == wanted {
                return Ok(position);
            }
            if name.eq_ignore_ascii_case("default") {
                default = position;
            }
        }
        Ok(default)
    }
}

impl Controller for Switch {
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        if walk.state(me).first {
            let selection = self.selection(walk, me)?;
            walk.state_mut(me).current = selection;
        }
        walk.generic_next(me)
    }

    fn increment_current(&self, walk: &mut Walk<'_>, me: ControllerId) {
        walk.state_mut(me).current = NONE;
    }
}

//! Parameterized Controller of the plugin jpgc-prmctl: a container that sets variables whenever it is asked for its next
//! child.

use super::Controller;
use super::walk::{ControllerId, Turn, Walk};
use crate::elements::set_variables::SetVariables;
use crate::elements::{Definition, Role};
use crate::virtual_user::Thrown;

pub(super) const PARAMETERIZED: Definition = Definition {
    tag: "kg.apc.jmeter.control.ParameterizedController",
    menu: "jp@gc - Parameterized Controller",
    compile: |compile| Some(Role::controller(Parameterized(SetVariables::compile(compile, "ParameterizedController")))),
};

struct Parameterized(SetVariables);

impl Controller for Parameterized {
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        self.0.set(walk.user)?;
        walk.generic_next(me)
    }
}

#[cfg(test)]
mod tests {
    use crate::elements::bench::labels;

    #[test]
    fn without_a_list_it_is_a_container() {
        let plan = "@kg.apc.jmeter.control.ParameterizedController\n  one\n  two\nthree";
        assert_eq!(labels(2, plan), "one two three | one two three");
    }
}

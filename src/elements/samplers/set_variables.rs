//! Set Variables Action of the plugin jpgc-prmctl: sets variables, and gives no sample.

use crate::elements::roles::{Sampler, Sampling};
use crate::elements::set_variables::SetVariables;
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::virtual_user::VirtualUser;

pub(super) const SET_VARIABLES: Definition = Definition {
    tag: "kg.apc.jmeter.control.sampler.SetVariablesAction",
    menu: "jp@gc - Set Variables Action",
    compile: |compile| {
        let variables = SetVariables::compile(compile, "SetVariablesAction");
        Some(Role::sampler(SetVariablesAction { name: compile.name(), variables }))
    },
};

struct SetVariablesAction {
    name: Expr,
    variables: SetVariables,
}

impl Sampler for SetVariablesAction {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async move { self.variables.set(user).map(|()| None) })
    }
}

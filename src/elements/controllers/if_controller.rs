//! If Controller: its children run when the condition holds. The condition is an expression whose text must be `true`,
//! or (without "interpret as variable expression", JMeter's default for old plans) a JavaScript expression.

use super::Controller;
use super::walk::{ControllerId, Turn, Walk};
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const IF: Definition = Definition {
    tag: "IfController",
    menu: "If Controller",
    compile: |compile| {
        let controller = If {
            name: compile.name(),
            condition: compile.expr("IfController.condition"),
            use_expression: compile.flag("IfController.useExpression", false),
            evaluate_all: compile.flag("IfController.evaluateAll", false),
        };
        Some(Role::controller(controller))
    },
};

struct If {
    name: Expr,
    condition: Expr,
    use_expression: BoolExpr,
    evaluate_all: BoolExpr,
}

impl If {
    fn holds(&self, user: &mut VirtualUser) -> Result<bool, Thrown> {
        let condition = self.condition.eval(user)?;
        let condition = condition.trim();
        if self.use_expression.eval(user)? {
            return Ok(condition.eq_ignore_ascii_case("true"));
        }
        let problem = match crate::script::javascript_text(condition) {
            Ok(result) if result == "true" => return Ok(true),
            Ok(result) if result == "false" => return Ok(false),
            Ok(_) => format!("BAD CONDITION :: {condition} :: expected true or false"),
            Err(error) => error,
        };
        let name = self.name.eval(user)?;
        log::error!(target: "org.apache.jmeter.control.IfController", "{name}: error while processing [{condition}] {problem}");
        Ok(false)
    }
}

impl Controller for If {
    /// An If is never done, even when all its children are.
    fn is_done(&self, _: &mut Walk<'_>, _: ControllerId) -> bool {
        false
    }

    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        let ask = !walk.is_resuming() && (walk.state(me).first || self.evaluate_all.eval(walk.user)?);
        if !ask || self.holds(walk.user)? {
            return walk.generic_next(me);
        }
        walk.initialize_sub_controllers(me);
        self.next_is_null(walk, me)
    }

    fn trigger_end_of_loop(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<(), Thrown> {
        walk.initialize_sub_controllers(me);
        walk.re_initialize(me);
        Ok(())
    }
}

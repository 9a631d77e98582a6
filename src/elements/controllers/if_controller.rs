//! If Controller: its children run when the condition holds. The condition is an expression whose text must be `true`,
//! or (without "interpret as variable expression", JMeter's default for old plans) a JavaScript expression.

use super::Controller;
use super::walk::{ControllerId, Turn, Walk};
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::script::host::Bindings;
use crate::script::javascript::JavaScript;
use crate::script::jmeter::JMeter;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::Arc;

pub(super) const IF: Definition = Definition {
    tag: "IfController",
    menu: "If Controller",
    compile: |compile| {
        let controller = If {
            name: compile.name(),
            condition: compile.expr("IfController.condition"),
            use_expression: compile.flag("IfController.useExpression", false),
            evaluate_all: compile.flag("IfController.evaluateAll", false),
            program: compile.slot(),
        };
        Some(Role::controller(controller))
    },
};

struct If {
    name: Expr,
    condition: Expr,
    use_expression: BoolExpr,
    evaluate_all: BoolExpr,
    program: Slot<Kept>,
}

/// A user's last condition with its program.
#[derive(Default)]
struct Kept(Option<(String, Arc<JavaScript>)>);

impl If {
    /// The text of the condition's value. Its program is kept for as long as the condition stays the same.
    fn script(&self, user: &mut VirtualUser, condition: &str) -> Result<String, String> {
        let Kept(kept) = user.slots.take(self.program);
        let program = match kept {
            Some((source, program)) if source == condition => program,
            _ => Arc::new(JavaScript::compile(condition).map_err(|error| error.to_string())?),
        };
        user.slots.put(self.program, Kept(Some((condition.to_owned(), Arc::clone(&program)))));
        // Rhino gives a condition no names at all: references have been replaced by their values before.
        let mut jmeter = JMeter::new(user);
        program.eval_to_text(&mut Bindings::new(&mut jmeter)).map_err(|thrown| thrown.to_string())
    }

    fn holds(&self, user: &mut VirtualUser) -> Result<bool, Thrown> {
        let condition = self.condition.eval(user)?;
        let condition = condition.trim();
        if self.use_expression.eval(user)? {
            return Ok(condition.eq_ignore_ascii_case("true"));
        }
        let problem = match self.script(user, condition) {
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

//! `__eval(text)` and, with the same machinery, `__evalVar(name)`: evaluate the references in a value.

use super::{Definition, Function};
use crate::expr::{Expr, NameSource, Scope};
use crate::text::Text;
use crate::virtual_user::{SlotAllocator, Thrown, VirtualUser};
use std::sync::Arc;

pub(super) const EVAL: Definition = Definition {
    name: "__eval",
    arguments: (1, Some(1)),
    compile: |mut arguments, scope| {
        // Nobody knows yet which functions the text will name.
        scope.reads_previous = true;
        Ok(Box::new(Eval(arguments.remove(0))))
    },
    summary: "Evaluates the references in a text that itself comes from a variable",
};

pub(super) const EVAL_VAR: Definition = Definition {
    name: "__evalVar",
    arguments: (1, Some(1)),
    compile: |mut arguments, scope| {
        // Nobody knows yet which functions the text will name.
        scope.reads_previous = true;
        Ok(Box::new(EvalVar(arguments.remove(0))))
    },
    summary: "Evaluates the references in a variable's value",
};

struct Eval(Expr);

impl Function for Eval {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let text = self.0.eval(user)?;
        evaluate(&text, user)
    }
}

struct EvalVar(Expr);

impl Function for EvalVar {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let name = self.0.eval(user)?;
        match user.variables.get_text(&name) {
            Some(text) => evaluate(&text, user),
            None => Ok(Text::default()),
        }
    }
}

/// Evaluates text that is known only at run time. Names that the plan does not mention are looked up by name, and what the
/// text's functions keep per user does not outlive the call, as in JMeter, which compiles the text anew each time.
pub(crate) fn evaluate(text: &str, user: &mut VirtualUser) -> Result<Text, Thrown> {
    let run = Arc::clone(&user.run);
    let before = user.slots.len();
    let mut slots = SlotAllocator::behind(&user.slots);
    let mut scope = Scope::new(NameSource::Run(&run.names), &mut slots, &run.properties);
    // A text that does not compile is an empty one (CompoundVariable's constructor swallows the exception).
    let Ok(expr) = Expr::parse_argument(text, &mut scope) else { return Ok(Text::default()) };
    let value = expr.eval(user);
    user.slots.truncate(before);
    value
}

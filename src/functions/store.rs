//! The argument that names a variable to keep the result in.

use super::early::Early;
use super::trim;
use crate::expr::{Expr, Scope};
use crate::text::Text;
use crate::virtual_user::{Thrown, VarRef, VirtualUser};

/// Where a function keeps its result, if anywhere. Functions differ in how they read the name.
pub(super) struct Store {
    target: Target,
    rule: Rule,
}

enum Target {
    Nowhere,
    Fixed(VarRef),
    Computed(Expr),
    Early(Early),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Blanks around the name are dropped; no name, no variable.
    Trimmed,
    /// The name is taken as it is; no name, no variable.
    Exact,
    /// Blanks around the name are dropped, and the empty name is one too.
    EvenEmpty,
}

impl Rule {
    fn name(self, text: &str) -> Option<&str> {
        let name = if self == Rule::Exact { text } else { trim(text) };
        (self == Rule::EvenEmpty || !name.is_empty()).then_some(name)
    }
}

impl Store {
    /// As most functions read the name (`AbstractFunction.addVariableValue`).
    pub(super) fn new(argument: Option<Expr>, scope: &mut Scope<'_>) -> Self {
        Store::with(argument, scope, Rule::Trimmed)
    }

    /// Blanks in the name count.
    pub(super) fn exact(argument: Option<Expr>, scope: &mut Scope<'_>) -> Self {
        Store::with(argument, scope, Rule::Exact)
    }

    /// An argument that is given but blank names the variable ``.
    pub(super) fn even_empty(argument: Option<Expr>, scope: &mut Scope<'_>) -> Self {
        Store::with(argument, scope, Rule::EvenEmpty)
    }

    /// The name is worked out once, before the run.
    pub(super) fn early(argument: Option<Expr>, scope: &mut Scope<'_>) -> Self {
        match Early::new(argument, scope) {
            Early::Fixed(name) => Store::new(Some(Expr::literal(name)), scope),
            late @ Early::Late { .. } => Store { target: Target::Early(late), rule: Rule::Trimmed },
        }
    }

    fn with(argument: Option<Expr>, scope: &mut Scope<'_>, rule: Rule) -> Self {
        let target = match argument {
            None => Target::Nowhere,
            Some(argument) => match argument.as_literal() {
                Some(literal) => rule.name(literal).map_or(Target::Nowhere, |name| Target::Fixed(scope.name(name))),
                None => Target::Computed(argument),
            },
        };
        Store { target, rule }
    }

    /// Keeps `value` under the name, if there is one.
    pub(super) fn put(&self, user: &mut VirtualUser, value: &Text) -> Result<(), Thrown> {
        match &self.target {
            Target::Nowhere => {}
            Target::Fixed(id) => user.variables.set_ref(id, Text::clone(value)),
            Target::Computed(name) => {
                let text = name.eval(user)?;
                if let Some(name) = self.rule.name(&text) {
                    user.variables.put(name, Text::clone(value));
                }
            }
            Target::Early(name) => {
                if let Some(name) = self.rule.name(name.text(user)?) {
                    user.variables.put(name, Text::clone(value));
                }
            }
        }
        Ok(())
    }
}

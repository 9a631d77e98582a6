//! Arguments that JMeter reads while it compiles the plan (`setParameters` calls `execute`): only the plan's own and the User
//! Defined Variables are there then, and the text is the same ever after.

use crate::expr::{Expr, NameSource, Scope};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::sync::OnceLock;

/// Such an argument; empty when it was not given.
pub(super) enum Early {
    /// The plan says it.
    Fixed(Text),
    /// It is worked out at the first call, from the variables with which users start.
    Late { argument: Expr, from_start: bool, text: OnceLock<Text> },
}

impl Early {
    pub(super) fn new(argument: Option<Expr>, scope: &Scope<'_>) -> Self {
        let argument = argument.unwrap_or_default();
        match argument.as_literal() {
            Some(literal) => Early::Fixed(Text::clone(literal)),
            None => {
                // What `__eval` compiles at run time sees the variables of that moment.
                let from_start = matches!(scope.names, NameSource::Compile(_));
                Early::Late { argument, from_start, text: OnceLock::new() }
            }
        }
    }

    /// The text, if the plan says it.
    pub(super) fn fixed(&self) -> Option<&Text> {
        match self {
            Early::Fixed(text) => Some(text),
            Early::Late { .. } => None,
        }
    }

    /// The text.
    pub(super) fn text(&self, user: &mut VirtualUser) -> Result<&Text, Thrown> {
        let (argument, from_start, text) = match self {
            Early::Fixed(text) => return Ok(text),
            Early::Late { argument, from_start, text } => (argument, *from_start, text),
        };
        if let Some(text) = text.get() {
            return Ok(text);
        }
        // Before the run has begun the user's own variables are those of the plan.
        let value = if from_start && !user.run.start_values.is_empty() {
            let mut start = user.stand_in();
            start.variables = user.run.start_variables();
            argument.eval(&mut start)?
        } else {
            argument.eval(user)?
        };
        Ok(text.get_or_init(|| value))
    }
}

#[cfg(test)]
mod tests {
    use super::Early;
    use crate::expr::{Expr, NameSource, Scope};
    use crate::functions::testing::Bench;
    use crate::virtual_user::{Names, SlotAllocator};

    #[test]
    fn the_text_is_that_of_the_start() {
        let (mut user, _) = Bench::default().variable("a", "start").user(&["${a}"]);
        let (names, mut slots) = (user.run.names.clone(), SlotAllocator::default());
        let properties = user.run.properties.clone();
        let mut own = Names::default();
        own.intern("a");
        let mut early = |names: NameSource<'_>| {
            let mut scope = Scope::new(names, &mut slots, &properties);
            let argument = Expr::parse_argument("${a}!", &mut scope).unwrap();
            Early::new(Some(argument), &scope)
        };
        let (compiled, evaluated) = (early(NameSource::Compile(&mut own)), early(NameSource::Run(&names)));
        user.variables.put("a", "now");
        assert_eq!(&**compiled.text(&mut user).unwrap(), "start!");
        assert_eq!(&**evaluated.text(&mut user).unwrap(), "now!");
        user.variables.put("a", "later");
        assert_eq!(&**evaluated.text(&mut user).unwrap(), "now!");
    }
}

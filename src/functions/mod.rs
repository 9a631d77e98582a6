//! The `${__functions()}`: one file each (or one for close kin), one sorted table.

mod counter;
pub(crate) mod eval;
mod p;
mod table;

use crate::expr::{Expr, ParseError, Scope};
use crate::text::Text;
use crate::virtual_user::{Thrown, VarRef, VirtualUser};

pub use table::FUNCTIONS;

/// A compiled call. It keeps its arguments and evaluates them when called.
pub trait Function: Send + Sync {
    /// The function's value for this user now.
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown>;
}

/// One row of the table of functions.
pub struct Definition {
    /// `__name`
    pub name: &'static str,
    /// Fewest and most arguments.
    pub arguments: (usize, Option<usize>),
    /// Turns arguments into a call.
    pub compile: fn(Vec<Expr>, &mut Scope<'_>) -> Result<Box<dyn Function>, ParseError>,
    /// One line for `rotameter functions` and the README.
    pub summary: &'static str,
}

impl Definition {
    /// JMeter's text for a wrong number of arguments (`AbstractFunction.checkParameterCount`).
    pub fn wrong_count(&self, actual: usize) -> String {
        let (min, max) = self.arguments;
        match max {
            Some(max) if max == min => {
                format!("{} called with wrong number of parameters. Actual: {actual}. Expected: {min}.", self.name)
            }
            Some(max) => format!(
                "{} called with wrong number of parameters. Actual: {actual}. Expected: >= {min} and <= {max}",
                self.name
            ),
            None => {
                format!(
                    "{} called with wrong number of parameters. Actual: {actual}. Expected at least: {min}.",
                    self.name
                )
            }
        }
    }
}

/// The function of that name.
pub fn find(name: &str) -> Option<&'static Definition> {
    if !name.starts_with("__") {
        return None;
    }
    FUNCTIONS.binary_search_by(|definition| definition.name.cmp(name)).ok().map(|index| &FUNCTIONS[index])
}

/// Whether JMeter 5.6 itself, or a plugin that plans use, has a function of that name: where it is not in our table, a plan that
/// calls it cannot run as it does there.
pub fn exists_in_jmeter(name: &str) -> bool {
    name.starts_with("__") && table::KNOWN_ELSEWHERE.binary_search(&name).is_ok()
}

/// An argument that names a variable to store the result in; blank for none.
pub(crate) struct Store(Option<StoreName>);

enum StoreName {
    Fixed(VarRef),
    Text(Expr),
}

impl Store {
    /// From the optional argument.
    pub(crate) fn new(argument: Option<&Expr>, scope: &mut Scope<'_>) -> Self {
        Store(argument.and_then(|name| match name.as_literal() {
            Some(literal) => {
                let trimmed = literal.trim();
                (!trimmed.is_empty()).then(|| StoreName::Fixed(scope.name(trimmed)))
            }
            None => Some(StoreName::Text(name.clone())),
        }))
    }

    /// Keeps `value` under the name, if there is one.
    pub(crate) fn put(&self, user: &mut VirtualUser, value: &Text) -> Result<(), Thrown> {
        match &self.0 {
            None => {}
            Some(StoreName::Fixed(id)) => user.variables.set_ref(id, Text::clone(value)),
            Some(StoreName::Text(name)) => {
                let name = name.eval(user)?;
                let name = name.trim();
                if !name.is_empty() {
                    user.variables.put(name, Text::clone(value));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_disjoint() {
        assert!(FUNCTIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(table::KNOWN_ELSEWHERE.windows(2).all(|pair| pair[0] < pair[1]));
        for definition in FUNCTIONS {
            assert!(table::KNOWN_ELSEWHERE.binary_search(&definition.name).is_err(), "{}", definition.name);
        }
    }
}

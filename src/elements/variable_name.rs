//! A property that names a variable: nearly always a literal, whose number is known when the plan is compiled.

use crate::expr::Expr;
use crate::virtual_user::{Names, Thrown, Value, VarId, VirtualUser};

/// The name of a variable that an element sets.
#[derive(Debug, Clone)]
pub enum VariableName {
    /// The same always.
    Fixed(VarId),
    /// Read each time.
    Text(Expr),
}

impl VariableName {
    /// Compiles `name`.
    pub fn new(name: Expr, names: &mut Names) -> Self {
        match name.as_literal() {
            Some(literal) => VariableName::Fixed(names.intern(literal)),
            None => VariableName::Text(name),
        }
    }

    /// Sets the variable for this user.
    pub fn set(&self, user: &mut VirtualUser, value: impl Into<Value>) -> Result<(), Thrown> {
        match self {
            VariableName::Fixed(id) => user.variables.set(*id, value),
            VariableName::Text(name) => {
                let name = name.eval(user)?;
                user.variables.put(&name, value);
            }
        }
        Ok(())
    }
}

//! User Parameters: variables with a column of values for each user; users beyond the last column start over at the first.

use crate::elements::roles::{IterationListener, PreProcessor, Sampler};
use crate::elements::{Compile, Definition, Role, VariableName};
use crate::expr::{BoolExpr, Expr};
use crate::jmx::PropertyValue;
use crate::virtual_user::{Thrown, VirtualUser};
use std::sync::Arc;

pub(super) const USER_PARAMETERS: Definition = Definition {
    tag: "UserParameters",
    menu: "User Parameters",
    compile: |compile| {
        let element = Arc::new(UserParameters::new(compile));
        Some(Role { pre_processor: Some(element.clone()), iteration: Some(element), ..Role::default() })
    },
};

struct UserParameters {
    names: Vec<VariableName>,
    columns: Vec<Vec<Expr>>,
    /// Set once per pass of the controller that holds the element, instead of before each sampler.
    per_iteration: BoolExpr,
}

impl UserParameters {
    fn new(compile: &mut Compile<'_>) -> Self {
        let element = compile.element;
        let mut names = Vec::new();
        for name in element.collection("UserParameters.names") {
            let name = compile.parse(&name.value.text());
            names.push(VariableName::new(name, &mut compile.shared.names));
        }
        let mut columns = Vec::new();
        for column in element.collection("UserParameters.thread_values") {
            if let PropertyValue::Collection(values) = &column.value {
                columns.push(values.iter().map(|value| compile.parse(&value.value.text())).collect());
            }
        }
        UserParameters { names, columns, per_iteration: compile.flag("UserParameters.per_iteration", false) }
    }

    /// A column that is too short leaves the other variables as they are.
    fn set_values(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        if self.columns.is_empty() {
            return Ok(());
        }
        let thread = user.thread_number.saturating_sub(1) as usize;
        for (name, value) in self.names.iter().zip(&self.columns[thread % self.columns.len()]) {
            let value = value.eval(user)?;
            name.set(user, value)?;
        }
        Ok(())
    }
}

impl PreProcessor for UserParameters {
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        if self.per_iteration.eval(user)? { Ok(()) } else { self.set_values(user) }
    }
}

impl IterationListener for UserParameters {
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        if self.per_iteration.eval(user)? { self.set_values(user) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use crate::elements::bench;
    use crate::jmx::{Property, PropertyValue, TestElement};
    use crate::virtual_user::Group;
    use std::sync::Arc;

    #[test]
    fn users_take_turns_with_the_columns() {
        let texts =
            |values: &[&str]| PropertyValue::Collection(values.iter().map(|value| Property::new("", *value)).collect());
        let columns = vec![Property::new("", texts(&["ann", "a${n}"])), Property::new("", texts(&["bob"]))];
        let element = TestElement::new("UserParameters", "", "")
            .with("UserParameters.names", texts(&["name", "nick"]))
            .with("UserParameters.thread_values", PropertyValue::Collection(columns))
            .with("UserParameters.per_iteration", true);
        let mut shared = bench::shared();
        let role = bench::compile(&element, &mut shared);
        let run = bench::run_of(shared);
        let group = Arc::new(Group::default());
        let listener = role.iteration.unwrap();
        let seen: Vec<String> = (1..=3)
            .map(|number| {
                let mut user = bench::user(&run, &group, number);
                user.variables.put("n", number.to_string());
                listener.iteration_start(&mut user).unwrap();
                let text = |name: &str| user.variables.get_text(name).unwrap_or_else(|| "unset".into());
                format!("{} {}", text("name"), text("nick"))
            })
            .collect();
        assert_eq!(seen, ["ann a1", "bob unset", "ann a3"]);
    }
}

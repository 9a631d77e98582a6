//! A list of names and values that an element sets as variables each time (plugin jpgc-prmctl).

use super::Compile;
use crate::expr::Expr;
use crate::jmx::PropertyValue;
use crate::text::Text;
use crate::virtual_user::{Thrown, VarRef, VirtualUser};

/// Of equal names the first counts. All values are read before the first variable is set.
pub(super) struct SetVariables(Vec<(Name, Expr)>);

enum Name {
    Fixed(VarRef),
    Text(Expr),
}

impl SetVariables {
    /// The `Arguments` in property `key`.
    pub fn compile(compile: &mut Compile<'_>, key: &str) -> Self {
        let Some(PropertyValue::Element(arguments)) = compile.element.get(key) else { return SetVariables(Vec::new()) };
        let mut entries = Vec::new();
        for entry in arguments.collection("Arguments.arguments") {
            let PropertyValue::Element(argument) = &entry.value else { continue };
            let name = compile.expr_in(argument, "Argument.name");
            let name = match name.as_literal() {
                Some(literal) => Name::Fixed(VarRef::Numbered(compile.variable(literal))),
                None => Name::Text(name),
            };
            let value = compile.expr_in(argument, "Argument.value");
            entries.push((name, value));
        }
        SetVariables(entries)
    }

    /// Sets the variables.
    pub fn set(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        let mut values: Vec<(VarRef, Text)> = Vec::with_capacity(self.0.len());
        for (name, value) in &self.0 {
            let name = match name {
                Name::Fixed(name) => name.clone(),
                Name::Text(name) => {
                    let name = name.eval(user)?;
                    user.run.names.find(&name).map_or(VarRef::Named(name), VarRef::Numbered)
                }
            };
            if !values.iter().any(|(known, _)| *known == name) {
                values.push((name, value.eval(user)?));
            }
        }
        for (name, value) in values {
            user.variables.set_ref(&name, value);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::bench::{run_of, shared, user};
    use crate::jmx::{Property, TestElement};
    use crate::virtual_user::Group;
    use std::sync::Arc;

    #[test]
    fn values_are_read_before_variables_are_set() {
        let argument = |name: &str, value: &str| {
            let argument = TestElement::new("Argument", "", "").with("Argument.name", name);
            Property::new("", PropertyValue::Element(Box::new(argument.with("Argument.value", value))))
        };
        let entries = vec![
            argument("v", "${v}+"),
            argument("v", "second"),
            argument("w", "${v}"),
            argument("${v}", "x"),
            argument("made ${v}", "y"),
        ];
        let list =
            TestElement::new("Arguments", "", "").with("Arguments.arguments", PropertyValue::Collection(entries));
        let element = TestElement::new("E", "", "").with("E", PropertyValue::Element(Box::new(list)));
        let mut shared = shared();
        let mut compile = Compile { element: &element, configs: &[], shared: &mut shared, path: "" };
        let variables = SetVariables::compile(&mut compile, "E");
        let mut user = user(&run_of(shared), &Arc::new(Group::default()), 1);
        user.variables.put("v", "w");
        variables.set(&mut user).unwrap();
        let text = |name| user.variables.get_text(name).unwrap_or_default().to_string();
        assert_eq!([text("v"), text("w"), text("made w")], ["w+", "w", "y"]);
        user.variables.put("v", "v");
        variables.set(&mut user).unwrap();
        assert_eq!(user.variables.get_text("v").unwrap().as_str(), "v+");
    }
}

//! User Defined Variables, and the lists of names and values in other elements.

use crate::elements::{Compile, Definition, Role, Structure};
use crate::expr::Expr;
use crate::jmx::{PropertyValue, TestElement};

pub(super) const ARGUMENTS: Definition = Definition {
    tag: "Arguments",
    menu: "User Defined Variables",
    compile: |compile| {
        let element = compile.element;
        let variables = variables(compile, element);
        Some(Role::structure(Structure::Variables(variables)))
    },
};

/// Names and values of an `Arguments` element, in order.
pub fn variables(compile: &mut Compile<'_>, arguments: &TestElement) -> Vec<(String, Expr)> {
    let mut entries = Vec::new();
    for entry in arguments.collection("Arguments.arguments") {
        if let PropertyValue::Element(argument) = &entry.value {
            let name = argument.text("Argument.name").to_string();
            compile.variable(&name);
            let value = compile.expr_in(argument, "Argument.value");
            entries.push((name, value));
        }
    }
    entries
}

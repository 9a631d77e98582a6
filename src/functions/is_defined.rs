//! `__isPropDefined(name)` and `__isVarDefined(name)`, and `__isDefined(name)` of the plugin jpgc-functions, which answers
//! `1` or `0` for a variable.

use super::{Definition, Function, take, trim};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const IS_PROP_DEFINED: Definition = Definition {
    name: "__isPropDefined",
    arguments: (1, Some(1)),
    compile: |arguments, _| {
        let [name] = take(arguments);
        let name = name.unwrap_or_default();
        Ok(Box::new(Call { name, test: |user, name| truth(user, user.run.properties.get(name).is_some()) }))
    },
    summary: "Whether there is a JMeter property of that name",
};

pub(super) const IS_VAR_DEFINED: Definition = Definition {
    name: "__isVarDefined",
    arguments: (1, Some(1)),
    compile: |arguments, _| {
        let [name] = take(arguments);
        let name = name.unwrap_or_default();
        Ok(Box::new(Call { name, test: |user, name| truth(user, user.variables.get(name).is_some()) }))
    },
    summary: "Whether there is a variable of that name",
};

pub(super) const IS_DEFINED: Definition = Definition {
    name: "__isDefined",
    arguments: (1, None),
    compile: |arguments, _| {
        let [name] = take(arguments);
        let test = |user: &VirtualUser, name: &str| {
            Text::from(if user.variables.get(trim(name)).is_some() { "1" } else { "0" })
        };
        Ok(Box::new(Call { name: name.unwrap_or_default(), test }))
    },
    summary: "1 if there is a variable of that name, else 0 (plugin jpgc-functions)",
};

struct Call {
    name: Expr,
    test: fn(&VirtualUser, &str) -> Text,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let name = self.name.eval(user)?;
        Ok((self.test)(user, &name))
    }
}

fn truth(user: &VirtualUser, is_so: bool) -> Text {
    Text::clone(if is_so { &user.run.texts.yes } else { &user.run.texts.no })
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    #[test]
    fn what_is_defined() {
        let bench = Bench::default().variable("a", "").property("p", "1");
        bench.properties.system().set("s", "1");
        bench.check(&[
            ("${__isVarDefined(a)} ${__isVarDefined( a )} ${__isVarDefined(b)}", "true false false"),
            ("${__isPropDefined(p)} ${__isPropDefined(s)} ${__isPropDefined(a)}", "true true false"),
            ("${__isDefined(a)} ${__isDefined( a )} ${__isDefined(b)}", "1 1 0"),
        ]);
    }
}

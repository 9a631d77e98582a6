//! `__V(name, default)`: the variable whose name is computed, as in `${__V(item_${n})}`. Without the variable it is the
//! default, or else the name.

use super::{Definition, Function, take};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const V: Definition = Definition {
    name: "__V",
    arguments: (1, Some(2)),
    compile: |arguments, _| {
        let [name, default] = take(arguments);
        Ok(Box::new(Call { name: name.unwrap_or_default(), default }))
    },
    summary: "The variable with a computed name, or the default",
};

struct Call {
    name: Expr,
    default: Option<Expr>,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let mut name = String::new();
        self.name.append(user, &mut name)?;
        // The default is evaluated even if it is not used: it may count or draw.
        let default = match &self.default {
            Some(default) => Some(default.eval(user)?),
            None => None,
        };
        Ok(user.variables.get_text(&name).or(default).unwrap_or_else(|| Text::from(name)))
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    #[test]
    fn names_are_computed() {
        Bench::default().variable("n", "2").variable("item_2", "two").check(&[
            ("${__V(item_${n})}", "two"),
            ("${__V(item_3)}", "item_3"),
            ("${__V(item_3,)}", ""),
            ("${__V(item_3,none)}", "none"),
            ("${__V( n )}", " n "),
            ("${__V(item_3,${__counter(TRUE,c)})}${__V(n,${__counter(TRUE,d)})}${d}", "121"),
        ]);
    }
}

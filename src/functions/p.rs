//! `__P(name, default)`: a JMeter property; the default is `1` when none is given.

use super::{Definition, Function};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const P: Definition = Definition {
    name: "__P",
    arguments: (1, Some(2)),
    compile: |mut arguments, _| {
        let default = if arguments.len() > 1 { arguments.remove(1) } else { Expr::literal("1") };
        Ok(Box::new(Call { name: arguments.remove(0), default }))
    },
    summary: "A JMeter property (`-Jname=value`), or the default",
};

struct Call {
    name: Expr,
    default: Expr,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let name = self.name.eval(user)?;
        match user.run.properties.get(&name) {
            Some(value) => Ok(value),
            None => self.default.eval(user),
        }
    }
}

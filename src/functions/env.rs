//! `__env(name, variable, default)` of the plugin jpgc-functions: an environment variable, or the default, or the name.

use super::{Definition, Function, Store, take, trim};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const ENV: Definition = Definition {
    name: "__env",
    arguments: (1, Some(3)),
    compile: |arguments, scope| {
        let [name, store, default] = take(arguments);
        Ok(Box::new(Call { name: name.unwrap_or_default(), default, store: Store::exact(store, scope) }))
    },
    summary: "An environment variable, or the default (plugin jpgc-functions)",
};

struct Call {
    name: Expr,
    default: Option<Expr>,
    store: Store,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let name = self.name.eval(user)?;
        let default = match &self.default {
            Some(default) => default.eval(user)?,
            None => Text::clone(&name),
        };
        // A name that no variable can have is one that is not set.
        let legal = !name.is_empty() && !name.contains(['=', '\0']);
        let value = if legal { std::env::var_os(&*name) } else { None };
        let text = match value {
            Some(value) => Text::from(trim(&value.to_string_lossy())),
            None => Text::from(trim(&default)),
        };
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn variables_of_the_environment() {
        // Cargo sets it for its tests.
        check(&[
            ("${__env(CARGO_PKG_NAME,v)}|${v}", "rotameter|rotameter"),
            ("${__env(no such one)}", "no such one"),
            ("${__env(no such one,, none )}", "none"),
            ("${__env(a=b, w ,x)}|${ w }", "x|x"),
        ]);
    }
}

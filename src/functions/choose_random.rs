//! `__chooseRandom(a, b, …, variable)` of the plugin jpgc-functions: one of the values; the last argument names a variable.

use super::{Definition, Function, Store};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const CHOOSE_RANDOM: Definition = Definition {
    name: "__chooseRandom",
    arguments: (3, None),
    compile: |mut arguments, scope| {
        let store = Store::new(arguments.pop(), scope);
        Ok(Box::new(Call { values: arguments, store }))
    },
    summary: "A random one of its arguments (plugin jpgc-functions)",
};

struct Call {
    values: Vec<Expr>,
    store: Store,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let index = user.random.usize(..self.values.len());
        let text = self.values[index].eval(user)?;
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{Bench, check};

    #[test]
    fn one_is_chosen() {
        check(&[("${__chooseRandom(a,a, v )}|${v}", "a|a"), ("${__chooseRandom(a,a,)}", "a")]);
        let (mut user, exprs) = Bench::default().user(&["${__chooseRandom(a,b,c,v)}"]);
        let mut seen: Vec<_> = (0..200).map(|_| exprs[0].eval(&mut user).unwrap()).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.iter().map(|text| &**text).collect::<Vec<_>>(), ["a", "b", "c"]);
    }
}

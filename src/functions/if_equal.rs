//! `__if(actual, expected, then, else, variable)` of the plugin jpgc-functions: one of two texts, of which only that one is
//! evaluated.

use super::{Definition, Function, Store, take};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const IF: Definition = Definition {
    name: "__if",
    arguments: (4, None),
    compile: |arguments, scope| {
        let [actual, expected, equal, different, store] = take(arguments);
        Ok(Box::new(Call {
            actual: actual.unwrap_or_default(),
            expected: expected.unwrap_or_default(),
            equal: equal.unwrap_or_default(),
            different: different.unwrap_or_default(),
            store: Store::even_empty(store, scope),
        }))
    },
    summary: "One of two texts, depending on whether two others are equal (plugin jpgc-functions)",
};

struct Call {
    actual: Expr,
    expected: Expr,
    equal: Expr,
    different: Expr,
    store: Store,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let equal = self.actual.eval(user)? == self.expected.eval(user)?;
        let text = if equal { self.equal.eval(user)? } else { self.different.eval(user)? };
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    #[test]
    fn one_of_two() {
        Bench::default().variable("a", "1").check(&[
            ("${__if(${a},1,same,other)}", "same"),
            ("${__if(${a},2,same,other, v )}|${v}", "other|other"),
            ("${__if(x,x,${__counter(TRUE,c)},${__counter(TRUE,d)})}${d}", "1${d}"),
        ]);
    }
}

//! `__RandomFromMultipleVars(a|b|…, variable)`: one of the values of the named variables. A name with matches
//! (`name_matchNr`, as extractors leave them) counts with each of them, another one with its value if that is not empty.

use super::{Definition, Function, Store, not_a_number, take, trim};
use crate::expr::Expr;
use crate::java::number::parse_int;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const RANDOM_FROM_MULTIPLE_VARS: Definition = Definition {
    name: "__RandomFromMultipleVars",
    arguments: (1, Some(2)),
    compile: |arguments, scope| {
        let [names, store] = take(arguments);
        Ok(Box::new(Call { names: names.unwrap_or_default(), store: Store::new(store, scope) }))
    },
    summary: "A random one of the values of several variables or lists of matches",
};

struct Call {
    names: Expr,
    store: Store,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let names = self.names.eval(user)?;
        let mut values: Vec<Option<Text>> = Vec::new();
        for name in trim(&names).split('|').filter(|name| !name.is_empty()) {
            let matches = match user.variables.get_text(&format!("{name}_matchNr")) {
                Some(text) if !text.is_empty() => parse_int(&text).map_err(not_a_number)?,
                _ => 0,
            };
            if matches > 0 {
                values.extend((1..=matches).map(|number| user.variables.get_text(&format!("{name}_{number}"))));
            } else if let Some(value) = user.variables.get_text(name).filter(|value| !value.is_empty()) {
                values.push(Some(value));
            }
        }
        let drawn = match values.len() {
            0 => Some(Text::default()),
            count => values.swap_remove(user.random.usize(..count)),
        };
        // A match that is not there is Java's null.
        let text = drawn.unwrap_or_else(|| Text::from("null"));
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::Bench;

    #[test]
    fn values_are_gathered() {
        Bench::default()
            .variable("one", "1")
            .variable("empty", "")
            .variable("list_matchNr", "2")
            .variable("list_1", "x")
            .variable("list_2", "x")
            .variable("none_matchNr", "0")
            .variable("bad_matchNr", "two")
            .check(&[
                ("${__RandomFromMultipleVars(one)}", "1"),
                ("${__RandomFromMultipleVars(absent|empty||one, v )}|${v}", "1|1"),
                ("${__RandomFromMultipleVars(list)}", "x"),
                ("${__RandomFromMultipleVars(none|absent,w)}|${w}", "|"),
                ("${__RandomFromMultipleVars(bad)}", "!java.lang.NumberFormatException: For input string: \"two\""),
            ]);
    }

    #[test]
    fn every_value_is_drawn() {
        let bench =
            Bench::default().variable("a", "1").variable("b_matchNr", "2").variable("b_1", "2").variable("b_2", "3");
        let (mut user, exprs) = bench.user(&["${__RandomFromMultipleVars(a|b)}"]);
        let mut seen: Vec<_> = (0..200).map(|_| exprs[0].eval(&mut user).unwrap()).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.iter().map(|text| &**text).collect::<Vec<_>>(), ["1", "2", "3"]);
    }
}

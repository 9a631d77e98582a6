//! `__split(text, name, delimiters)`: splits into `name_1`, `name_2` …, with their number in `name_n` and the text in `name`.
//!
//! Every character of the delimiters splits. An empty part is `?`; what stands before a leading delimiter is no part, what
//! follows a trailing one is. Of an older, longer split only the variable after the last one is removed.

use super::{Definition, Function, take, trim};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::fmt::Write;

pub(super) const SPLIT: Definition = Definition {
    name: "__split",
    arguments: (2, Some(3)),
    compile: |arguments, _| {
        let [text, name, delimiters] = take(arguments);
        Ok(Box::new(Call { text: text.unwrap_or_default(), name: name.unwrap_or_default(), delimiters }))
    },
    summary: "Splits a text into numbered variables",
};

struct Call {
    text: Expr,
    name: Expr,
    delimiters: Option<Expr>,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let text = self.text.eval(user)?;
        let name = self.name.eval(user)?;
        let name = trim(&name);
        let delimiters = match &self.delimiters {
            Some(delimiters) => delimiters.eval(user)?,
            None => Text::default(),
        };
        let parts = split(&text, if delimiters.is_empty() { "," } else { &delimiters });
        user.variables.put(name, Text::clone(&text));
        let mut numbered = format!("{name}_n");
        user.variables.put(&numbered, itoa::Buffer::new().format(parts.len()));
        for (index, part) in parts.iter().enumerate() {
            numbered.truncate(name.len() + 1);
            // Writing to a String cannot fail.
            let _ = write!(numbered, "{}", index + 1);
            user.variables.put(&numbered, *part);
        }
        user.variables.remove(&format!("{name}_{}", parts.len() + 1));
        Ok(text)
    }
}

/// `JOrphanUtils.split(text, delimiters, "?")`.
fn split<'t>(text: &'t str, delimiters: &str) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let mut after_delimiter = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if delimiters.contains(first) {
            let (token, behind) = rest.split_at(first.len_utf8());
            rest = behind;
            if first.len_utf16() > 1 {
                // To JMeter it is two characters and so no delimiter after all.
                parts.push(token);
                after_delimiter = false;
                continue;
            }
            if after_delimiter {
                parts.push("?");
            }
            after_delimiter = true;
        } else {
            let end = rest.find(|c| delimiters.contains(c)).unwrap_or(rest.len());
            let (token, behind) = rest.split_at(end);
            rest = behind;
            parts.push(token);
            after_delimiter = false;
        }
    }
    if after_delimiter {
        parts.push("?");
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::split;
    use crate::functions::testing::Bench;

    #[test]
    fn parts() {
        for (text, delimiters, expected) in [
            ("a,b,c", ",", "a b c"),
            ("a|b||d", "|", "a b ? d"),
            ("1 - 2 - 3", " - ", "1 ? ? 2 ? ? 3"),
            ("a|b|", "|", "a b ?"),
            ("|a", "|", "a"),
            ("||", "|", "? ?"),
            ("", ",", ""),
            ("a😀b", "😀", "a 😀 b"),
        ] {
            assert_eq!(split(text, delimiters).join(" "), expected, "{text:?} {delimiters:?}");
        }
    }

    #[test]
    fn variables_are_set_and_the_next_one_removed() {
        Bench::default().variable("P_2", "old").variable("P_3", "older").check(&[
            ("${__split(x, P ,|)}", "x"),
            ("${P} ${P_n} ${P_1} ${P_2} ${P_3}", "x 1 x ${P_2} older"),
            ("${__split(a b,Q, )}${Q_2}", "a bb"),
            ("${__split(a\\,b,R,)}${R_n}", "a,b2"),
        ]);
    }
}

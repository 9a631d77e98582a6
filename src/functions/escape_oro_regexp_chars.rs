//! `__escapeOroRegexpChars(text, variable)`: a backslash before all that a Perl 5 pattern might take for a sign.

use super::{Definition, Function, Store, take};
use crate::expr::Expr;
use crate::java::regex::quote_meta;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

pub(super) const ESCAPE_ORO_REGEXP_CHARS: Definition = Definition {
    name: "__escapeOroRegexpChars",
    arguments: (1, Some(2)),
    compile: |arguments, scope| {
        let [text, store] = take(arguments);
        Ok(Box::new(Call { text: text.unwrap_or_default(), store: Store::new(store, scope) }))
    },
    summary: "A text with everything escaped that has a meaning in regular expressions",
};

struct Call {
    text: Expr,
    store: Store,
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let text = Text::from(quote_meta(&self.text.eval(user)?));
        self.store.put(user, &text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    /// As JMeter 5.6.2 answers.
    #[test]
    fn signs_are_escaped() {
        check(&[("${__escapeOroRegexpChars([^a]_1é., v )}|${v}", "\\[\\^a\\]_1é\\.|\\[\\^a\\]_1é\\.")]);
    }
}

//! Equal texts stored once.

use std::collections::HashSet;

use crate::text::Text;

/// A plan repeats the same few hundred names, tags and short values thousands of times.
#[derive(Debug, Default)]
pub(super) struct TextTable {
    known: HashSet<Text, ahash::RandomState>,
}

impl TextTable {
    /// Longer texts are rarely equal: looking them up costs more than it saves.
    const MAX_LENGTH: usize = 64;
    /// A bound on the table itself, for plans of which no two texts are equal.
    const MAX_TEXTS: usize = 100_000;

    /// `text`, shared with earlier equal texts.
    pub(super) fn intern(&mut self, text: &str) -> Text {
        if text.len() > Self::MAX_LENGTH {
            return Text::from(text);
        }
        if let Some(known) = self.known.get(text) {
            return Text::clone(known);
        }
        let new = Text::from(text);
        if self.known.len() < Self::MAX_TEXTS {
            self.known.insert(Text::clone(&new));
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_short_texts_are_one() {
        let mut texts = TextTable::default();
        let first = texts.intern("stringProp");
        assert!(Text::ptr_eq(&first, &texts.intern("stringProp")));
        let long = "x".repeat(65);
        assert!(!Text::ptr_eq(&texts.intern(&long), &texts.intern(&long)));
    }
}

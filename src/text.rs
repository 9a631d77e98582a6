//! The text type of the whole pipeline.

use std::sync::Arc;

/// Immutable text that is cheap to hand on: a label that is the same in a million samples is stored once.
pub type Text = Arc<str>;

/// The shared empty text.
pub fn empty() -> Text {
    Text::default()
}

//! The text type of the whole pipeline.

/// Immutable text that is cheap to hand on: a label that is the same in a million samples is stored once, and the empty
/// text and other literals are not even counted.
pub type Text = arcstr::ArcStr;

/// The empty text.
pub const fn empty() -> Text {
    Text::new()
}

//! The text type of the whole pipeline.

/// Immutable text that is cheap to hand on: a label that is the same in a million samples is stored once, and the empty
/// text and other literals are not even counted.
pub type Text = arcstr::ArcStr;

/// The empty text.
pub const fn empty() -> Text {
    Text::new()
}

/// Keeps a text until the process ends, and counts its clones no longer: they are made by all cores at one place in memory.
/// For what a plan says, and what is made of it once; never for what a run makes again and again.
pub fn for_ever(text: &Text) {
    text.leak();
}

//! XML documents and XPath over them.

mod document;
mod read;

pub use document::{Document, Kind, NodeId, ROOT};
pub use read::{Fault, Reading, check, read};

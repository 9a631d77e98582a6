//! XML documents: read as Xerces reads them, with its words for what is wrong, and written as Xalan and Saxon write them.

mod document;
mod read;

pub use document::{Document, Kind, NodeId, ROOT};
pub use read::{Fault, Reading, check, read};

//! Bytes <-> element tree. Knows no element by name.
//!
//! [`read`] turns a `.jmx` file into a [`TestTree`], [`write`](fn@write) turns it back into one that JMeter loads as
//! the same plan. When you hold a `TestTree`, the file was well-formed XML, its elements and `hashTree`s alternated,
//! each element had a `guiclass`, each typed property held a value of its type, and XStream's `reference`s were
//! resolved. Nothing is known about classes: an element may be one that does not exist, and a property tag that JMeter
//! has no class for is a [`PropertyValue::Unknown`].

mod error;
mod property;
mod pull;
mod read;
mod reference;
mod source;
mod text_table;
mod tree;
mod url_code;
mod write;

pub use error::{Error, Position};
pub use property::{Property, PropertyValue, XmlElement};
pub use read::read;
pub use tree::{DocumentOrder, Node, NodeId, TestElement, TestTree};
pub use write::write;

#[cfg(test)]
mod tests;

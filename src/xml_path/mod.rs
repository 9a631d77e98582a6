//! XML documents and XPath: documents are read as Xerces reads them, with its words for what is wrong, searched as Xalan (XPath
//! 1.0) and Saxon (XPath 2.0) search them, and written as those write them.

mod decimal;
mod document;
mod evaluate;
mod expression;
mod functions;
mod html;
mod library;
mod parse;
mod read;
mod token;
mod tree;
mod value;

pub use document::{Document, Kind, NodeId, ROOT};
pub use expression::{Expression, Trouble, Value};
pub use html::{ForeignNode, from_page};
pub use read::{Fault, Reading, Tag, Tags, check, decode, position, read, read_tags};
pub use tree::Dialect;
pub use value::Item;

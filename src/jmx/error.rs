//! Why a `.jmx` file was not read.

use std::fmt;

use crate::text::Text;

/// A place in the file, counted from 1. The column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// The line, counted from 1.
    pub line: u32,
    /// The character within the line, counted from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl Error {
    /// Where in the file it is; `None` when the file itself could not be read.
    pub fn position(&self) -> Option<Position> {
        Some(match self {
            Self::Io(_) => return None,
            Self::Malformed { at, .. }
            | Self::Doctype { at }
            | Self::UnknownEntity { at, .. }
            | Self::NotATestPlan { at, .. }
            | Self::ExpectedHashTree { at, .. }
            | Self::ExpectedElement { at }
            | Self::MissingGuiClass { at, .. }
            | Self::MissingAttribute { at, .. }
            | Self::NotANumber { at, .. }
            | Self::UnknownField { at, .. }
            | Self::InvalidReference { at, .. }
            | Self::Limit { at, .. } => *at,
        })
    }
}

/// Why a `.jmx` file was not read. Each is one line of text, and all but [`Error::Io`] say where.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read to its end.
    #[error("the plan cannot be read: {0}")]
    Io(#[from] std::io::Error),

    /// Not well-formed XML.
    #[error("{at}: {problem}")]
    Malformed {
        /// Where the offending markup begins.
        at: Position,
        /// What was expected, and what stands there.
        problem: String,
    },

    /// A document type definition. No plan needs one, and its entities are a well-known way to attack a parser.
    #[error("{at}: a document type definition (<!DOCTYPE …>) is not allowed in a plan")]
    Doctype {
        /// Where it begins.
        at: Position,
    },

    /// A reference to an entity that XML does not predefine.
    #[error("{at}: unknown entity &{name};, expected one of &amp; &lt; &gt; &quot; &apos; or a number such as &#10;")]
    UnknownEntity {
        /// Where the reference or the tag around it begins.
        at: Position,
        /// The text between `&` and `;`.
        name: String,
    },

    /// XML, but not a plan.
    #[error("{at}: expected <jmeterTestPlan>, found <{found}>")]
    NotATestPlan {
        /// Where the root element begins.
        at: Position,
        /// The root element's tag.
        found: Text,
    },

    /// In a `hashTree` elements and `hashTree`s alternate, and `<jmeterTestPlan>` begins with a `hashTree`.
    #[error("{at}: expected <hashTree> {place}, found <{found}>")]
    ExpectedHashTree {
        /// Where the other tag begins.
        at: Position,
        /// Which tag the `hashTree` ought to follow: `after <ThreadGroup>`, `in <jmeterTestPlan>`.
        place: String,
        /// The tag that stands there, with a leading `/` for an end tag.
        found: Text,
    },

    /// In a `hashTree` elements and `hashTree`s alternate, and an element comes first.
    #[error("{at}: expected a test element before <hashTree>")]
    ExpectedElement {
        /// Where the `hashTree` begins.
        at: Position,
    },

    /// JMeter's `TestElementConverter` refuses an element without `guiclass`.
    #[error("{at}: guiclass attribute is not found in <{tag}>")]
    MissingGuiClass {
        /// Where the element begins.
        at: Position,
        /// The element's tag.
        tag: Text,
    },

    /// An attribute without which JMeter does not load the tag.
    #[error("{at}: <{tag}> has no attribute {attribute}")]
    MissingAttribute {
        /// Where the tag begins.
        at: Position,
        /// The tag.
        tag: Text,
        /// The attribute that it lacks.
        attribute: &'static str,
    },

    /// An `intProp`, `longProp`, `doubleProp` or `FloatProperty` that does not hold a number.
    #[error("{at}: property {name} is <{tag}>, but its text {text:?} is not such a number")]
    NotANumber {
        /// Where the property begins.
        at: Position,
        /// The property's name.
        name: Text,
        /// The property's tag.
        tag: &'static str,
        /// What stands there.
        text: String,
    },

    /// A tag that `doubleProp` or `FloatProperty` cannot hold.
    #[error("{at}: expected <name>, <value> or <savedValue>, found <{found}>")]
    UnknownField {
        /// Where the tag begins.
        at: Position,
        /// The tag that stands there.
        found: Text,
    },

    /// A `reference="…"` attribute that names nothing that was read before it, or something of another kind.
    #[error("{at}: reference {reference:?} leads to nothing of this kind above it")]
    InvalidReference {
        /// Where the tag with the reference begins.
        at: Position,
        /// The reference, a path.
        reference: Text,
    },

    /// A bound that no real plan comes near.
    #[error("{at}: more than {limit} {what}")]
    Limit {
        /// Where the bound was passed.
        at: Position,
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: u32,
    },
}

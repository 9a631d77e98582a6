//! JSON values as Jackson's `JsonNode` has them: objects keep their order, whole numbers stay whole.

use super::reader;
use crate::java::{compare_texts, number};
use crate::text::Text;
use std::cmp::Ordering;
use std::fmt::{self, Write};
use std::sync::Arc;

/// A value. Cheap to clone.
#[derive(Debug, Clone)]
pub(in crate::elements) enum Json {
    /// `null`, and whatever is not there.
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `IntNode`, `LongNode`
    Int(i64),
    /// `BigIntegerNode`: its digits.
    Big(Text),
    /// `DoubleNode`
    Double(f64),
    /// `TextNode`
    Text(Text),
    /// `ArrayNode`
    Array(Arc<[Json]>),
    /// `ObjectNode`; no name is there twice.
    Object(Arc<[(Text, Json)]>),
}

impl Json {
    /// Reads the first value of a text (`ObjectMapper.readValue`); what follows is not looked at. The error is Jackson's
    /// message.
    pub fn read(text: &str) -> Result<Json, String> {
        reader::read(text)
    }

    /// The member of that name; null where there is none.
    pub fn member(&self, name: &str) -> Json {
        match self {
            Json::Object(members) => {
                members.iter().find(|(key, _)| &**key == name).map_or(Json::Null, |(_, value)| value.clone())
            }
            _ => Json::Null,
        }
    }

    /// A text as it is, everything else as JSON.
    pub fn text(&self) -> Text {
        match self {
            Json::Text(text) => Text::clone(text),
            other => Text::from(other.to_string()),
        }
    }

    /// What JMESPath takes for true.
    pub fn is_truthy(&self) -> bool {
        match self {
            Json::Null => false,
            Json::Bool(value) => *value,
            Json::Text(text) => !text.is_empty(),
            Json::Array(items) => !items.is_empty(),
            Json::Object(members) => !members.is_empty(),
            Json::Int(_) | Json::Big(_) | Json::Double(_) => true,
        }
    }

    /// The value of a number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Json::Int(value) => Some(*value as f64),
            Json::Big(digits) => digits.parse().ok(),
            Json::Double(value) => Some(*value),
            _ => None,
        }
    }

    /// JMESPath's name of its type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Int(_) | Json::Big(_) | Json::Double(_) => "number",
            Json::Text(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        }
    }

    /// `==` of JMESPath: 1 equals 1.0.
    pub fn equals(&self, other: &Json) -> bool {
        match (self, other) {
            (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.equals(b)),
            (Json::Object(a), Json::Object(b)) => same_members(a, b, Json::equals),
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a == b,
                _ => self == other,
            },
        }
    }

    /// The order of two numbers or two texts; equal for all else.
    pub fn order(&self, other: &Json) -> Ordering {
        match (self, other) {
            (Json::Text(a), Json::Text(b)) => compare_texts(a, b),
            _ => match (self.number(), other.number()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => Ordering::Equal,
            },
        }
    }
}

/// `JsonNode.equals`: 1 does not equal 1.0; the order of members is of no matter.
impl PartialEq for Json {
    fn eq(&self, other: &Json) -> bool {
        match (self, other) {
            (Json::Null, Json::Null) => true,
            (Json::Bool(a), Json::Bool(b)) => a == b,
            (Json::Int(a), Json::Int(b)) => a == b,
            (Json::Double(a), Json::Double(b)) => a.total_cmp(b) == Ordering::Equal,
            (Json::Big(a), Json::Big(b)) | (Json::Text(a), Json::Text(b)) => a == b,
            (Json::Array(a), Json::Array(b)) => a == b,
            (Json::Object(a), Json::Object(b)) => same_members(a, b, Json::eq),
            _ => false,
        }
    }
}

fn same_members(a: &[(Text, Json)], b: &[(Text, Json)], same: impl Fn(&Json, &Json) -> bool) -> bool {
    let has = |(name, value): &(Text, Json)| {
        b.iter().find(|(other, _)| other == name).is_some_and(|(_, other)| same(value, other))
    };
    a.len() == b.len() && a.iter().all(has)
}

/// As Jackson writes it: no white space, doubles as Java prints them.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Int(value) => write!(f, "{value}"),
            Json::Big(digits) => f.write_str(digits),
            Json::Double(value) if value.is_finite() => f.write_str(&number::double_to_string(*value)),
            Json::Double(value) => write!(f, "\"{}\"", number::double_to_string(*value)),
            Json::Text(text) => write_text(f, text),
            Json::Array(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    f.write_str(if index > 0 { "," } else { "" })?;
                    item.fmt(f)?;
                }
                f.write_char(']')
            }
            Json::Object(members) => {
                f.write_char('{')?;
                for (index, (name, value)) in members.iter().enumerate() {
                    f.write_str(if index > 0 { "," } else { "" })?;
                    write_text(f, name)?;
                    f.write_char(':')?;
                    value.fmt(f)?;
                }
                f.write_char('}')
            }
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\u{8}' => f.write_str("\\b")?,
            '\u{c}' => f.write_str("\\f")?,
            c if c < ' ' => write!(f, "\\u{:04X}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

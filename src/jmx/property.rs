//! Properties of test elements and their conversions (`org.apache.jmeter.testelement.property`).

use super::tree::{TestElement, attribute};
use crate::java::number;
use crate::text::{self, Text};

/// A property of a test element, or an entry of a collection.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// The key. Collection entries have one too, often a number that means nothing.
    pub name: Text,
    /// Attributes that JMeter does not read, such as `xml:space`.
    pub attributes: Vec<(Text, Text)>,
    /// What it holds.
    pub value: PropertyValue,
    /// The line of the start tag, counted from 1; 0 for a property that comes from no file.
    pub line: u32,
}

impl Property {
    /// A property that comes from no file.
    pub fn new(name: &str, value: impl Into<PropertyValue>) -> Self {
        Self { name: Text::from(name), attributes: Vec::new(), value: value.into(), line: 0 }
    }
}

/// What a property holds. The kind is a hint: what is meant as a number often arrives as a [`PropertyValue::String`]
/// with an expression in it, and every kind converts to every other as in JMeter.
#[derive(Debug, Clone, PartialEq)]
pub enum PropertyValue {
    /// `stringProp`: the text as it is, white space and line ends included.
    String(Text),
    /// `boolProp`: only `true` in any case is true, an expression is false.
    Bool(bool),
    /// `intProp`.
    Int(i32),
    /// `longProp`.
    Long(i64),
    /// `FloatProperty`.
    Float(f32),
    /// `doubleProp`.
    Double(f64),
    /// `elementProp`.
    Element(Box<TestElement>),
    /// `collectionProp`.
    Collection(Vec<Property>),
    /// `mapProp`; the entries' names are the keys.
    Map(Vec<Property>),
    /// `objProp`: the tags in it but `<name>`, which is the property's own. A listener's `saveConfig` is one.
    Object(Vec<XmlElement>),
    /// A tag that is no property of JMeter's: it cannot load such a plan.
    Unknown(Box<XmlElement>),
}

impl PropertyValue {
    /// The property's tag in a `.jmx` file.
    pub fn tag(&self) -> &str {
        match self {
            Self::String(_) => "stringProp",
            Self::Bool(_) => "boolProp",
            Self::Int(_) => "intProp",
            Self::Long(_) => "longProp",
            Self::Float(_) => "FloatProperty",
            Self::Double(_) => "doubleProp",
            Self::Element(_) => "elementProp",
            Self::Collection(_) => "collectionProp",
            Self::Map(_) => "mapProp",
            Self::Object(_) => "objProp",
            Self::Unknown(element) => &element.tag,
        }
    }

    /// `getStringValue()`. An element's text is its name, a collection's `[a, b]`; maps and objects have none here.
    pub fn text(&self) -> Text {
        match self {
            Self::String(text) => Text::clone(text),
            Self::Bool(value) => Text::from(if *value { "true" } else { "false" }),
            Self::Int(value) => Text::from(value.to_string()),
            Self::Long(value) => Text::from(value.to_string()),
            Self::Float(value) => Text::from(number::float_to_string(*value)),
            Self::Double(value) => Text::from(number::double_to_string(*value)),
            Self::Element(element) => element.name(),
            Self::Collection(entries) => {
                let texts: Vec<Text> = entries.iter().map(|entry| entry.value.text()).collect();
                Text::from(format!("[{}]", texts.join(", ")))
            }
            Self::Map(_) | Self::Object(_) | Self::Unknown(_) => text::empty(),
        }
    }

    /// `getIntValue()`: 0 for a text that is no number, or has white space around it.
    pub fn int(&self) -> i32 {
        match self {
            Self::Int(value) => *value,
            Self::Long(value) => *value as i32,
            Self::Float(value) => *value as i32,
            Self::Double(value) => *value as i32,
            Self::String(text) => number::parse_int(text).unwrap_or(0),
            _ => number::parse_int(&self.text()).unwrap_or(0),
        }
    }

    /// `getLongValue()`: 0 for a text that is no number, or has white space around it.
    pub fn long(&self) -> i64 {
        match self {
            Self::Int(value) => i64::from(*value),
            Self::Long(value) => *value,
            Self::Float(value) => *value as i64,
            Self::Double(value) => *value as i64,
            Self::String(text) => number::parse_long(text).unwrap_or(0),
            _ => number::parse_long(&self.text()).unwrap_or(0),
        }
    }

    /// `getBooleanValue()`: a number is true if it is above 0, a text if it is `true` in any case.
    pub fn bool(&self) -> bool {
        match self {
            Self::Bool(value) => *value,
            Self::Int(value) => *value > 0,
            Self::Long(value) => *value > 0,
            Self::Float(value) => *value > 0.0,
            Self::Double(value) => *value > 0.0,
            Self::String(text) => number::parse_boolean(text),
            _ => number::parse_boolean(&self.text()),
        }
    }

    /// `getDoubleValue()`: 0 for a text that is no number; white space around it does no harm.
    pub fn double(&self) -> f64 {
        match self {
            Self::Int(value) => f64::from(*value),
            Self::Long(value) => *value as f64,
            Self::Float(value) => f64::from(*value),
            Self::Double(value) => *value,
            Self::String(text) => number::parse_double(text).unwrap_or(0.0),
            _ => number::parse_double(&self.text()).unwrap_or(0.0),
        }
    }

    /// `getFloatValue()`: 0 for a text that is no number; white space around it does no harm.
    pub fn float(&self) -> f32 {
        match self {
            Self::Int(value) => *value as f32,
            Self::Long(value) => *value as f32,
            Self::Float(value) => *value,
            Self::Double(value) => *value as f32,
            Self::String(text) => number::parse_float(text).unwrap_or(0.0),
            _ => number::parse_float(&self.text()).unwrap_or(0.0),
        }
    }
}

impl From<&str> for PropertyValue {
    fn from(text: &str) -> Self {
        Self::String(Text::from(text))
    }
}

impl From<bool> for PropertyValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i32> for PropertyValue {
    fn from(value: i32) -> Self {
        Self::Int(value)
    }
}

impl From<i64> for PropertyValue {
    fn from(value: i64) -> Self {
        Self::Long(value)
    }
}

impl From<TestElement> for PropertyValue {
    fn from(element: TestElement) -> Self {
        Self::Element(Box::new(element))
    }
}

impl From<Vec<Property>> for PropertyValue {
    fn from(entries: Vec<Property>) -> Self {
        Self::Collection(entries)
    }
}

/// XML as it is: the inside of an `objProp`, or a tag that JMeter has no property for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct XmlElement {
    /// The tag.
    pub tag: Text,
    /// All attributes in the file's order.
    pub attributes: Vec<(Text, Text)>,
    /// The text before the first child; mere white space there is left out.
    pub text: Text,
    /// The tags in it, in the file's order.
    pub children: Vec<XmlElement>,
    /// The line of the start tag, counted from 1; 0 for an element that comes from no file.
    pub line: u32,
}

impl XmlElement {
    /// An attribute of the start tag.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        attribute(&self.attributes, name)
    }

    /// The first child with that tag.
    pub fn child(&self, tag: &str) -> Option<&XmlElement> {
        self.children.iter().find(|child| &*child.tag == tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_convert_as_in_abstract_property() {
        for (text, int, double, bool) in [
            ("5", 5, 5.0, false),
            (" 5", 0, 5.0, false),
            ("5.9", 0, 5.9, false),
            ("", 0, 0.0, false),
            ("${x}", 0, 0.0, false),
            ("TRUE", 0, 0.0, true),
            (" true", 0, 0.0, false),
        ] {
            let value = PropertyValue::from(text);
            assert_eq!(value.int(), int, "{text:?}");
            assert_eq!(value.long(), i64::from(int), "{text:?}");
            assert_eq!(value.double(), double, "{text:?}");
            assert_eq!(value.float(), double as f32, "{text:?}");
            assert_eq!(value.bool(), bool, "{text:?}");
        }
    }

    #[test]
    fn numbers_convert_as_in_number_property() {
        assert_eq!(PropertyValue::Long(1 << 32 | 7).int(), 7);
        assert_eq!(PropertyValue::Double(1e20).int(), i32::MAX);
        assert_eq!(PropertyValue::Double(-2.9).long(), -2);
        assert_eq!(&*PropertyValue::Double(1.0).text(), "1.0");
        assert_eq!(&*PropertyValue::Float(0.5).text(), "0.5");
        assert!(PropertyValue::Int(2).bool());
        assert!(!PropertyValue::Int(-1).bool());
        assert_eq!(PropertyValue::Bool(true).int(), 0);
        assert_eq!(&*PropertyValue::Bool(true).text(), "true");
    }

    #[test]
    fn a_collection_reads_as_a_list() {
        let entries = vec![Property::new("1", "a"), Property::new("2", 7)];
        assert_eq!(&*PropertyValue::from(entries).text(), "[a, 7]");
    }
}

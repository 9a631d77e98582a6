//! What expressions give: sequences of nodes and single values.

use super::decimal::Decimal;
use super::document::{Document, Kind, NodeId, is_xml_blank};
use super::tree::{Dialect, Type};

/// A node or a single value. XPath 1.0 has nodes, texts, booleans and doubles.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A node of the document.
    Node(NodeId),
    /// `xs:string`
    Text(String),
    /// `xs:untypedAtomic`: what a node holds.
    Untyped(String),
    /// `xs:boolean`
    Boolean(bool),
    /// `xs:integer`
    Whole(i128),
    /// `xs:decimal`
    Decimal(Decimal),
    /// `xs:double`
    Double(f64),
}

/// What is wrong at run time; Saxon finds some of it already before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong(pub(super) String);

/// Shorthand for a mistake.
pub(super) fn wrong<T>(message: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong(message.into()))
}

impl Item {
    /// The item's text (`XdmItem.getStringValue`, `XObject.toString`).
    pub fn text(&self, document: &Document, dialect: Dialect) -> String {
        match self {
            Item::Node(node) => document.string_value(*node),
            Item::Text(text) | Item::Untyped(text) => text.clone(),
            Item::Boolean(yes) => yes.to_string(),
            Item::Whole(number) => number.to_string(),
            Item::Decimal(number) => number.to_string(),
            Item::Double(number) => double_text(*number, dialect),
        }
    }

    /// The value without the node around it (`fn:data`).
    pub(super) fn atomized(self, document: &Document) -> Item {
        match self {
            Item::Node(node) => {
                let text = document.string_value(node);
                match document.kind(node) {
                    Kind::Comment | Kind::Instruction | Kind::Namespace => Item::Text(text),
                    _ => Item::Untyped(text),
                }
            }
            other => other,
        }
    }

    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Item::Node(_) => "node()",
            Item::Text(_) => "xs:string",
            Item::Untyped(_) => "xs:untypedAtomic",
            Item::Boolean(_) => "xs:boolean",
            Item::Whole(_) => "xs:integer",
            Item::Decimal(_) => "xs:decimal",
            Item::Double(_) => "xs:double",
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Item::Whole(_) | Item::Decimal(_) | Item::Double(_))
    }

    /// The number, as `number()` takes it.
    pub(super) fn number(&self, document: &Document, dialect: Dialect) -> f64 {
        match self {
            Item::Node(node) => text_number(&document.string_value(*node), dialect),
            Item::Text(text) | Item::Untyped(text) => text_number(text, dialect),
            Item::Boolean(yes) => f64::from(u8::from(*yes)),
            Item::Whole(number) => *number as f64,
            Item::Decimal(number) => number.to_f64(),
            Item::Double(number) => *number,
        }
    }

    /// `cast as`, of a value without a node around it.
    pub(super) fn cast(self, to: Type) -> Result<Item, Wrong> {
        let text = match &self {
            Item::Text(text) | Item::Untyped(text) => Some(text.trim_matches([' ', '\t', '\r', '\n']).to_owned()),
            _ => None,
        };
        Ok(match (to, self, text) {
            (Type::Text, item, _) => Item::Text(item.text(&Document::empty(), Dialect::Two)),
            (Type::Untyped, item, _) => Item::Untyped(item.text(&Document::empty(), Dialect::Two)),
            (Type::Boolean, _, Some(text)) => match &*text {
                "true" | "1" => Item::Boolean(true),
                "false" | "0" => Item::Boolean(false),
                _ => return wrong(format!("The string \"{text}\" cannot be cast to a boolean")),
            },
            (Type::Boolean, Item::Boolean(yes), _) => Item::Boolean(yes),
            (Type::Boolean, item, _) => {
                let number = item.number(&Document::empty(), Dialect::Two);
                Item::Boolean(number != 0.0 && !number.is_nan())
            }
            (Type::Whole, _, Some(text)) => match text.parse() {
                Ok(number) => Item::Whole(number),
                Err(_) => return wrong(format!("Cannot convert string \"{text}\" to xs:integer: invalid characters")),
            },
            (Type::Whole, Item::Decimal(number), _) => Item::Whole(number.truncated()),
            (Type::Whole, Item::Double(number), _) if !number.is_finite() => {
                return wrong(format!("Cannot convert double {} to an integer", double_text(number, Dialect::Two)));
            }
            (Type::Whole, Item::Double(number), _) => Item::Whole(number as i128),
            (Type::Whole, Item::Boolean(yes), _) => Item::Whole(i128::from(yes)),
            (Type::Decimal, _, Some(text)) => match Decimal::parse(&text) {
                Some(number) => Item::Decimal(number),
                None => return wrong(format!("Cannot convert string \"{text}\" to xs:decimal")),
            },
            (Type::Decimal, Item::Whole(number), _) => Item::Decimal(Decimal::whole(number)),
            (Type::Decimal, Item::Boolean(yes), _) => Item::Decimal(Decimal::whole(i128::from(yes))),
            (Type::Decimal, Item::Double(number), _) => match Decimal::parse(&number.to_string()) {
                Some(number) => Item::Decimal(number),
                None => return wrong("Cannot convert double to decimal"),
            },
            (Type::Double, _, Some(text)) => Item::Double(double(&text)?),
            (Type::Double, item, _) => Item::Double(item.number(&Document::empty(), Dialect::Two)),
            (_, item, _) => item,
        })
    }
}

/// A text that must be a double.
pub(super) fn double(text: &str) -> Result<f64, Wrong> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let number = text_number(text, Dialect::Two);
    if number.is_nan() && text != "NaN" {
        return wrong(format!("Cannot convert string \"{text}\" to double"));
    }
    Ok(number)
}

fn text_number(text: &str, dialect: Dialect) -> f64 {
    if is_xml_blank(text) {
        return f64::NAN;
    }
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
    match (dialect, text) {
        (Dialect::Two, "INF" | "+INF") => f64::INFINITY,
        (Dialect::Two, "-INF") => f64::NEG_INFINITY,
        (Dialect::Two, text) if text.chars().all(|c| plain(c) || matches!(c, 'e' | 'E' | '+')) => {
            text.parse().unwrap_or(f64::NAN)
        }
        (Dialect::One, text) if text.chars().all(plain) => text.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

fn double_text(number: f64, dialect: Dialect) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        let word = if dialect == Dialect::One { "Infinity" } else { "INF" };
        return format!("{}{word}", if number < 0.0 { "-" } else { "" });
    }
    if number == 0.0 {
        return if dialect == Dialect::Two && number.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    if dialect == Dialect::One || (1e-6..1e6).contains(&number.abs()) {
        return number.to_string();
    }
    let text = format!("{number:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

//! The JSON values that json-smart makes, and what Java's `toString` says of them.

use crate::java::hash_map::order_of_copy;
use crate::java::number::write_double;
use std::fmt::Write;

/// A value as json-smart 2.4 in permissive mode stores it.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `Boolean`
    Bool(bool),
    /// `Integer` when it fits 32 bits, else `Long`
    Int(i64),
    /// `BigInteger`, in digits
    BigInteger(Box<str>),
    /// `Double`
    Double(f64),
    /// `BigDecimal`, as its `toString` writes it; what has more than 18 characters becomes one
    BigDecimal(Box<str>),
    /// `String`
    String(String),
    /// `JSONArray`
    Array(Vec<Json>),
    /// `LinkedHashMap`
    Object(Object),
    /// The set of keys that the path function `keys()` gives, which is no array to Java
    Keys(Vec<String>),
}

/// The members of an object in document order. A name that comes again replaces the value where it stood.
#[derive(Debug, Clone, Default)]
pub struct Object {
    members: Vec<(String, Json)>,
    /// Positions by the hash of the name, once there are many members.
    index: Option<ahash::AHashMap<u64, usize>>,
}

/// Members above which searching one by one would take too long.
const INDEX_FROM: usize = 16;

fn hash(name: &str) -> u64 {
    static STATE: std::sync::LazyLock<ahash::RandomState> = std::sync::LazyLock::new(ahash::RandomState::new);
    STATE.hash_one(name)
}

impl PartialEq for Object {
    /// As `Map.equals`: whatever the order.
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl Object {
    /// An object without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members in document order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json)> {
        self.members.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The value of a member.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.position(name).map(|at| &self.members[at].1)
    }

    /// Sets a member.
    pub fn insert(&mut self, name: String, value: Json) {
        if let Some(at) = self.position(&name) {
            self.members[at].1 = value;
            return;
        }
        let at = self.members.len();
        if let Some(index) = &mut self.index {
            index.entry(hash(&name)).or_insert(at);
        }
        self.members.push((name, value));
        if self.index.is_none() && self.members.len() > INDEX_FROM {
            let mut index = ahash::AHashMap::with_capacity(self.members.len() * 2);
            for (at, (name, _)) in self.members.iter().enumerate() {
                index.entry(hash(name)).or_insert(at);
            }
            self.index = Some(index);
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        if let Some(index) = &self.index {
            let &at = index.get(&hash(name))?;
            if self.members[at].0 == name {
                return Some(at);
            }
        }
        self.members.iter().position(|(other, _)| other == name)
    }

    /// The members in the order in which `new HashMap(this)` goes through them: JMeter prints objects from such a copy.
    fn in_hash_map_order(&self) -> Vec<&(String, Json)> {
        let names: Vec<&str> = self.members.iter().map(|(name, _)| name.as_str()).collect();
        order_of_copy(&names).into_iter().map(|at| &self.members[at]).collect()
    }
}

impl FromIterator<(String, Json)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Json)>>(members: I) -> Self {
        let mut object = Self::new();
        for (name, value) in members {
            object.insert(name, value);
        }
        object
    }
}

impl Json {
    /// The name of the Java class, `null` for null.
    pub fn class_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "java.lang.Boolean",
            Self::Int(value) if i32::try_from(*value).is_ok() => "java.lang.Integer",
            Self::Int(_) => "java.lang.Long",
            Self::BigInteger(_) => "java.math.BigInteger",
            Self::Double(_) => "java.lang.Double",
            Self::BigDecimal(_) => "java.math.BigDecimal",
            Self::String(_) => "java.lang.String",
            Self::Array(_) => "net.minidev.json.JSONArray",
            Self::Object(_) => "java.util.LinkedHashMap",
            Self::Keys(_) => "java.util.LinkedHashMap$LinkedKeySet",
        }
    }

    /// Whether it is a number of any kind.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::BigInteger(_) | Self::Double(_) | Self::BigDecimal(_))
    }

    /// `Number.doubleValue`; none for what is no number.
    pub fn as_double(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Double(value) => Some(*value),
            Self::BigInteger(text) | Self::BigDecimal(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The text that JMeter's JSON extractor stores: strings without quotes, objects as JSON with their own members in
    /// the order of a Java `HashMap` (inner objects in document order), none for null.
    pub fn to_variable(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Object(object) => {
                let mut out = String::new();
                write_members(&mut out, object.in_hash_map_order().into_iter().map(|(name, value)| (&**name, value)));
                Some(out)
            }
            other => Some(other.to_java_string()),
        }
    }

    /// Compact JSON as json-smart writes it, members in document order.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        write_json(&mut out, self);
        out
    }

    /// What `String.valueOf` says: strings as they are, arrays as JSON, objects as `{a=1, b=x}`.
    pub fn to_java_string(&self) -> String {
        let mut out = String::new();
        write_java(&mut out, self);
        out
    }
}

fn write_java(out: &mut String, value: &Json) {
    match value {
        Json::String(text) => out.push_str(text),
        Json::Object(object) => {
            out.push('{');
            for (at, (name, value)) in object.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                out.push_str(name);
                out.push('=');
                write_java(out, value);
            }
            out.push('}');
        }
        Json::Keys(keys) => {
            let _ = write!(out, "[{}]", keys.join(", "));
        }
        Json::Double(value) => write_double(out, *value),
        other => write_json(out, other),
    }
}

fn write_json(out: &mut String, value: &Json) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Int(value) => out.push_str(itoa::Buffer::new().format(*value)),
        Json::BigInteger(text) | Json::BigDecimal(text) => out.push_str(text),
        Json::Double(value) if value.is_infinite() => out.push_str("null"),
        Json::Double(value) => write_double(out, *value),
        Json::String(text) => write_string(out, text),
        Json::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write_json(out, item);
            }
            out.push(']');
        }
        Json::Object(object) => write_members(out, object.iter()),
        Json::Keys(keys) => {
            out.push('[');
            for (at, key) in keys.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write_string(out, key);
            }
            out.push(']');
        }
    }
}

fn write_members<'j>(out: &mut String, members: impl Iterator<Item = (&'j str, &'j Json)>) {
    out.push('{');
    for (at, (name, value)) in members.enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        write_string(out, name);
        out.push(':');
        write_json(out, value);
    }
    out.push('}');
}

/// json-smart's escapes "for the web": `/` too, and controls and U+2000 to U+20FF as `\uXXXX`.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '/' => out.push_str("\\/"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2000}'..='\u{20ff}' => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

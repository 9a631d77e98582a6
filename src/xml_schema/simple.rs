//! Simple types: white space, patterns and facets, with Xerces' words for what does not hold.

use super::components::{Schema, Type, TypeId};
use super::value::{Primitive, Value, order};
use regex::Regex;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A simple type. Facets of the types that it comes from are its own, too.
#[derive(Debug, Clone)]
pub struct Simple {
    /// As messages have it.
    pub name: Box<str>,
    pub base: Option<TypeId>,
    pub variety: Variety,
    pub space: Space,
    /// For each step of restriction its patterns, and how messages show them.
    pub patterns: Vec<(Vec<Regex>, String)>,
    /// The texts of the values, as written.
    pub enumeration: Option<Vec<(String, Value)>>,
    pub length: Option<usize>,
    pub min_length: Option<usize>,
    pub max_length: Option<usize>,
    pub total_digits: Option<usize>,
    pub fraction_digits: Option<usize>,
    pub bounds: [Option<(String, Value)>; 4],
    pub identity: Option<Id>,
}

/// Whether a value is an ID of an element, or refers to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id {
    Own,
    Reference,
}

/// The places of bounds in [`Simple::bounds`], in the order in which they are looked at.
pub const BOUNDS: [&str; 4] = ["maxInclusive", "maxExclusive", "minInclusive", "minExclusive"];

/// What values are made of.
#[derive(Debug, Clone)]
pub enum Variety {
    Atomic(Primitive),
    List(TypeId),
    Union(Vec<TypeId>),
}

/// What happens to white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    Preserve,
    Replace,
    Collapse,
}

/// Unions and lists within each other.
const DEEPEST: usize = 50;

impl Simple {
    pub fn new(name: &str, variety: Variety, space: Space) -> Self {
        Simple {
            name: name.into(),
            base: None,
            variety,
            space,
            patterns: Vec::new(),
            enumeration: None,
            length: None,
            min_length: None,
            max_length: None,
            total_digits: None,
            fraction_digits: None,
            bounds: [None, None, None, None],
            identity: None,
        }
    }

    /// The type without its facets but those that came with it, as the base of a restriction.
    pub fn restricted(&self, name: &str, base: TypeId) -> Self {
        Simple { name: name.into(), base: Some(base), ..self.clone() }
    }

    /// A text with its white space as the type has it.
    pub fn normalized<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
        match self.space {
            Space::Preserve => Cow::Borrowed(text),
            Space::Replace if text.contains(['\t', '\n', '\r']) => Cow::Owned(text.replace(['\t', '\n', '\r'], " ")),
            Space::Replace => Cow::Borrowed(text),
            Space::Collapse => {
                let trimmed = text.trim_matches(blank);
                if trimmed.contains("  ") || trimmed.contains(['\t', '\n', '\r']) {
                    let words: Vec<&str> = trimmed.split(blank).filter(|word| !word.is_empty()).collect();
                    Cow::Owned(words.join(" "))
                } else {
                    Cow::Borrowed(trimmed)
                }
            }
        }
    }

    /// The value of a text, or Xerces' sentence about it.
    pub fn value(&self, schema: &Schema, text: &str) -> Result<Value, String> {
        self.value_at(schema, text, 0)
    }

    fn value_at(&self, schema: &Schema, text: &str, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err(format!("cvc-datatype-valid.1.2.1: '{text}' is not a valid value for '{}'.", self.name));
        }
        let text = &*self.normalized(text);
        for (patterns, shown) in &self.patterns {
            if !patterns.iter().any(|pattern| pattern.is_match(text)) {
                return Err(format!(
                    "cvc-pattern-valid: Value '{text}' is not facet-valid with respect to pattern '{shown}' for type '{}'.",
                    self.name
                ));
            }
        }
        let (value, length) = match &self.variety {
            Variety::Atomic(primitive) => {
                let value = primitive.value(text).ok_or_else(|| {
                    format!("cvc-datatype-valid.1.2.1: '{text}' is not a valid value for '{}'.", primitive.name())
                })?;
                let length = primitive.length(text, &value);
                (value, length)
            }
            Variety::List(item) => {
                let words = text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty());
                let values: Result<Vec<Value>, String> = words
                    .map(|word| {
                        simple(schema, *item)
                            .map_or(Ok(Value::Text(word.to_owned())), |item| item.value_at(schema, word, depth + 1))
                    })
                    .collect();
                let values = values?;
                let length = values.len();
                (Value::List(values), Some(length))
            }
            Variety::Union(members) => {
                let member = members.iter().filter_map(|member| simple(schema, *member));
                let found = member.map(|member| member.value_at(schema, text, depth + 1)).find_map(Result::ok);
                let value = found.ok_or_else(|| {
                    format!("cvc-datatype-valid.1.2.3: '{text}' is not a valid value of union type '{}'.", self.name)
                })?;
                (value, None)
            }
        };
        self.facets(text, &value, length)?;
        Ok(value)
    }

    fn facets(&self, text: &str, value: &Value, length: Option<usize>) -> Result<(), String> {
        let name = &self.name;
        if let Some(length) = length {
            let facets = [("length", self.length), ("minLength", self.min_length), ("maxLength", self.max_length)];
            for (facet, bound) in facets {
                let Some(bound) = bound else { continue };
                let holds = match facet {
                    "length" => length == bound,
                    "minLength" => length >= bound,
                    _ => length <= bound,
                };
                if !holds {
                    return Err(format!(
                        "cvc-{facet}-valid: Value '{text}' with length = '{length}' is not facet-valid with respect to {facet} '{bound}' for type '{name}'."
                    ));
                }
            }
        }
        if let Some(values) = &self.enumeration
            && !values.iter().any(|(_, known)| known == value)
        {
            let texts: Vec<&str> = values.iter().map(|(text, _)| text.as_str()).collect();
            return Err(format!(
                "cvc-enumeration-valid: Value '{text}' is not facet-valid with respect to enumeration '[{}]'. It must be a value from the enumeration.",
                texts.join(", ")
            ));
        }
        if let Value::Decimal(number) = value {
            let (total, fraction) = number.digits();
            if let Some(most) = self.fraction_digits.filter(|most| fraction > *most) {
                return Err(format!(
                    "cvc-fractionDigits-valid: Value '{text}' has {fraction} fraction digits, but the number of fraction digits has been limited to {most}."
                ));
            }
            if let Some(most) = self.total_digits.filter(|most| total > *most) {
                return Err(format!(
                    "cvc-totalDigits-valid: Value '{text}' has {total} total digits, but the number of total digits has been limited to {most}."
                ));
            }
        }
        for (at, facet) in BOUNDS.iter().enumerate() {
            let Some((shown, bound)) = &self.bounds[at] else { continue };
            let order = order(value, bound);
            let holds = match at {
                0 => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                1 => order == Some(Ordering::Less),
                2 => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
                _ => order == Some(Ordering::Greater),
            };
            if !holds {
                return Err(format!(
                    "cvc-{facet}-valid: Value '{text}' is not facet-valid with respect to {facet} '{shown}' for type '{name}'."
                ));
            }
        }
        Ok(())
    }
}

/// A type of the table, if it is a simple one.
pub fn simple(schema: &Schema, id: TypeId) -> Option<&Simple> {
    match schema.types.get(id as usize) {
        Some(Type::Simple(simple)) => Some(simple),
        _ => None,
    }
}

use Primitive as P;
use Space::{Collapse, Preserve, Replace};

/// The built-in types: name, base, how texts are read, white space.
const BUILT_IN: &[(&str, &str, Primitive, Space)] = &[
    ("anySimpleType", "anyType", P::Text, Preserve),
    ("string", "anySimpleType", P::Text, Preserve),
    ("normalizedString", "string", P::Text, Replace),
    ("token", "normalizedString", P::Text, Collapse),
    ("language", "token", P::Text, Collapse),
    ("NMTOKEN", "token", P::NmToken, Collapse),
    ("Name", "token", P::Name, Collapse),
    ("NCName", "Name", P::NcName, Collapse),
    ("ID", "NCName", P::NcName, Collapse),
    ("IDREF", "NCName", P::NcName, Collapse),
    ("ENTITY", "NCName", P::NcName, Collapse),
    ("boolean", "anySimpleType", P::Boolean, Collapse),
    ("decimal", "anySimpleType", P::Decimal, Collapse),
    ("integer", "decimal", P::Integer, Collapse),
    ("nonPositiveInteger", "integer", P::Integer, Collapse),
    ("negativeInteger", "nonPositiveInteger", P::Integer, Collapse),
    ("long", "integer", P::Integer, Collapse),
    ("int", "long", P::Integer, Collapse),
    ("short", "int", P::Integer, Collapse),
    ("byte", "short", P::Integer, Collapse),
    ("nonNegativeInteger", "integer", P::Integer, Collapse),
    ("unsignedLong", "nonNegativeInteger", P::Integer, Collapse),
    ("unsignedInt", "unsignedLong", P::Integer, Collapse),
    ("unsignedShort", "unsignedInt", P::Integer, Collapse),
    ("unsignedByte", "unsignedShort", P::Integer, Collapse),
    ("positiveInteger", "nonNegativeInteger", P::Integer, Collapse),
    ("float", "anySimpleType", P::Float, Collapse),
    ("double", "anySimpleType", P::Double, Collapse),
    ("duration", "anySimpleType", P::Duration, Collapse),
    ("dateTime", "anySimpleType", P::DateTime, Collapse),
    ("time", "anySimpleType", P::Time, Collapse),
    ("date", "anySimpleType", P::Date, Collapse),
    ("gYearMonth", "anySimpleType", P::YearMonth, Collapse),
    ("gYear", "anySimpleType", P::Year, Collapse),
    ("gMonthDay", "anySimpleType", P::MonthDay, Collapse),
    ("gDay", "anySimpleType", P::Day, Collapse),
    ("gMonth", "anySimpleType", P::Month, Collapse),
    ("hexBinary", "anySimpleType", P::Hex, Collapse),
    ("base64Binary", "anySimpleType", P::Base64, Collapse),
    ("anyURI", "anySimpleType", P::Uri, Collapse),
    ("QName", "anySimpleType", P::QName, Collapse),
    ("NOTATION", "anySimpleType", P::QName, Collapse),
];

/// Bounds of built-in types.
const LIMITS: &[(&str, &str, &str)] = &[
    ("nonPositiveInteger", "", "0"),
    ("negativeInteger", "", "-1"),
    ("long", "-9223372036854775808", "9223372036854775807"),
    ("int", "-2147483648", "2147483647"),
    ("short", "-32768", "32767"),
    ("byte", "-128", "127"),
    ("nonNegativeInteger", "0", ""),
    ("unsignedLong", "0", "18446744073709551615"),
    ("unsignedInt", "0", "4294967295"),
    ("unsignedShort", "0", "65535"),
    ("unsignedByte", "0", "255"),
    ("positiveInteger", "1", ""),
];

const LANGUAGE: &str = "([a-zA-Z]{1,8})(-[a-zA-Z0-9]{1,8})*";

/// The built-in simple types by name, each after its base; `first` is the place that the first of them will have.
pub fn built_in(first: TypeId) -> Vec<(&'static str, Simple)> {
    let place = |name: &str, known: &[(&'static str, Simple)]| {
        known.iter().position(|(other, _)| *other == name).map(|at| first + at as TypeId)
    };
    let mut known: Vec<(&'static str, Simple)> = Vec::new();
    for (name, base, primitive, space) in BUILT_IN {
        let mut simple = Simple::new(name, Variety::Atomic(*primitive), *space);
        simple.base = place(base, &known);
        let bound = |text: &str| primitive.value(text).map(|value| (text.to_owned(), value));
        if let Some((_, least, most)) = LIMITS.iter().find(|(other, _, _)| other == name) {
            simple.bounds = [bound(most), None, bound(least), None];
        }
        if *name == "language" {
            simple.patterns = vec![(super::pattern::compile(LANGUAGE).into_iter().collect(), LANGUAGE.to_owned())];
        }
        simple.identity = match *name {
            "ID" => Some(Id::Own),
            "IDREF" => Some(Id::Reference),
            _ => None,
        };
        known.push((name, simple));
    }
    for (name, item) in [("NMTOKENS", "NMTOKEN"), ("IDREFS", "IDREF"), ("ENTITIES", "ENTITY")] {
        let variety = Variety::List(place(item, &known).unwrap_or(first));
        let mut simple = Simple::new(name, variety, Collapse);
        simple.base = Some(first);
        simple.min_length = Some(1);
        known.push((name, simple));
    }
    known
}

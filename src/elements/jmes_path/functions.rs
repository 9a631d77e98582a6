//! The functions of JMESPath, one table row each.

use super::ast::Ast;
use super::json::Json;
use super::search::search;
use crate::java::number;
use crate::text::Text;
use std::cmp::Ordering;
use std::sync::Arc;

/// A function.
#[derive(Debug)]
pub(super) struct Function {
    name: &'static str,
    /// What each argument must be; the last one stands for all that follow when there may be more.
    arguments: &'static [Kind],
    more: bool,
    body: fn(&[Given<'_>]) -> Result<Json, String>,
}

/// An argument as it is given.
pub(super) enum Given<'a> {
    Value(Json),
    Expression(&'a Ast),
}

/// What an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Any,
    Number,
    Text,
    Object,
    Array,
    Expression,
    TextOrArray,
    TextArrayOrObject,
    ArrayOf(&'static [&'static str]),
}

impl Kind {
    fn name(self) -> String {
        match self {
            Kind::Any => "any value".to_owned(),
            Kind::Number => "number".to_owned(),
            Kind::Text => "string".to_owned(),
            Kind::Object => "object".to_owned(),
            Kind::Array => "array".to_owned(),
            Kind::Expression => "expression".to_owned(),
            Kind::TextOrArray => "array or string".to_owned(),
            Kind::TextArrayOrObject => "string, array or object".to_owned(),
            Kind::ArrayOf(types) => format!("array of {}", types.join(" or ")),
        }
    }

    fn takes(self, value: &Json) -> bool {
        match self {
            Kind::Any => true,
            Kind::Number => value.number().is_some(),
            Kind::Text => matches!(value, Json::Text(_)),
            Kind::Object => matches!(value, Json::Object(_)),
            Kind::Array => matches!(value, Json::Array(_)),
            Kind::Expression => false,
            Kind::TextOrArray => matches!(value, Json::Text(_) | Json::Array(_)),
            Kind::TextArrayOrObject => matches!(value, Json::Text(_) | Json::Array(_) | Json::Object(_)),
            Kind::ArrayOf(types) => match value {
                // Of one type, whichever of those it is.
                Json::Array(items) => {
                    let first = items.first().map(Json::type_name);
                    first.is_none_or(|first| {
                        types.contains(&first) && items.iter().all(|item| item.type_name() == first)
                    })
                }
                _ => false,
            },
        }
    }

    /// What is told of a value that is not taken.
    fn found(self, value: &Json) -> String {
        match (self, value) {
            (Kind::ArrayOf(_), Json::Array(items)) => {
                let mut types: Vec<&str> = Vec::new();
                for item in items.iter() {
                    if !types.contains(&item.type_name()) {
                        types.push(item.type_name());
                    }
                }
                let last = types.pop().unwrap_or_default();
                let before = if types.is_empty() { String::new() } else { format!("{} and ", types.join(", ")) };
                format!("array containing {before}{last}")
            }
            (_, value) => value.type_name().to_owned(),
        }
    }
}

impl Function {
    /// Checks the arguments and calls.
    pub fn call(&self, given: &[Given<'_>]) -> Result<Json, String> {
        let last = self.arguments.last().copied().unwrap_or(Kind::Any);
        for (index, argument) in given.iter().enumerate() {
            let kind = self.arguments.get(index).copied().unwrap_or(last);
            let found = match argument {
                Given::Expression(_) if kind == Kind::Expression => continue,
                Given::Expression(_) => "expression".to_owned(),
                Given::Value(value) if kind.takes(value) => continue,
                Given::Value(value) => kind.found(value),
            };
            return Err(self.wrong_argument(&kind.name(), &found));
        }
        (self.body)(given)
    }

    fn wrong_argument(&self, expected: &str, found: &str) -> String {
        format!("Invalid argument type calling \"{}\": expected {expected} but was {found}", self.name)
    }
}

/// The function of that name for that many arguments.
pub(super) fn find(name: &str, count: usize) -> Result<&'static Function, String> {
    let Ok(index) = FUNCTIONS.binary_search_by(|function| function.name.cmp(name)) else {
        return Err(format!("unknown function \"{name}\""));
    };
    let function = &FUNCTIONS[index];
    let wanted = function.arguments.len();
    if count == wanted || function.more && count > wanted {
        return Ok(function);
    }
    let least = if function.more { "at least " } else { "" };
    Err(format!("invalid arity calling \"{name}\" (expected {least}{wanted} but was {count})"))
}

const NUMBERS: Kind = Kind::ArrayOf(&["number"]);
const TEXTS: Kind = Kind::ArrayOf(&["string"]);
const NUMBERS_OR_TEXTS: Kind = Kind::ArrayOf(&["number", "string"]);
const OBJECTS: Kind = Kind::ArrayOf(&["object"]);

const fn row(
    name: &'static str,
    arguments: &'static [Kind],
    body: fn(&[Given<'_>]) -> Result<Json, String>,
) -> Function {
    Function { name, arguments, more: false, body }
}

/// Sorted by name.
static FUNCTIONS: [Function; 26] = [
    row("abs", &[Kind::Number], |given| double(given, f64::abs)),
    row("avg", &[NUMBERS], |given| {
        let items = array(given, 0);
        Ok(if items.is_empty() { Json::Null } else { Json::Double(total(items) / items.len() as f64) })
    }),
    row("ceil", &[Kind::Number], |given| double(given, f64::ceil)),
    row("contains", &[Kind::TextOrArray, Kind::Any], |given| {
        Ok(Json::Bool(match (value(given, 0), value(given, 1)) {
            (Json::Text(text), Json::Text(part)) => text.contains(&**part),
            (Json::Array(items), part) => items.contains(part),
            _ => false,
        }))
    }),
    row("ends_with", &[Kind::Text, Kind::Text], |given| Ok(Json::Bool(text(given, 0).ends_with(text(given, 1))))),
    row("floor", &[Kind::Number], |given| double(given, f64::floor)),
    row("join", &[Kind::Text, TEXTS], |given| {
        let parts: Vec<Text> = array(given, 1).iter().map(Json::text).collect();
        Ok(Json::Text(Text::from(parts.join(text(given, 0)))))
    }),
    row("keys", &[Kind::Object], |given| {
        Ok(Json::Array(members(given, 0).iter().map(|(name, _)| Json::Text(Text::clone(name))).collect()))
    }),
    row("length", &[Kind::TextArrayOrObject], |given| {
        Ok(Json::Int(match value(given, 0) {
            Json::Text(text) => text.encode_utf16().count(),
            Json::Array(items) => items.len(),
            Json::Object(members) => members.len(),
            _ => 0,
        } as i64))
    }),
    row("map", &[Kind::Expression, Kind::Array], |given| {
        let made: Result<Vec<Json>, String> =
            array(given, 1).iter().map(|item| search(expression(given, 0), item)).collect();
        Ok(Json::Array(made?.into()))
    }),
    row("max", &[NUMBERS_OR_TEXTS], |given| {
        Ok(extreme(array(given, 0).iter().map(|item| (item, item)), Ordering::Greater))
    }),
    row("max_by", &[OBJECTS, Kind::Expression], |given| extreme_by(given, "max_by", Ordering::Greater)),
    Function {
        name: "merge",
        arguments: &[Kind::Object],
        more: true,
        body: |given| {
            let mut merged: Vec<(Text, Json)> = Vec::new();
            for index in 0..given.len() {
                for (name, value) in members(given, index) {
                    match merged.iter_mut().find(|(known, _)| known == name) {
                        Some(place) => place.1 = value.clone(),
                        None => merged.push((Text::clone(name), value.clone())),
                    }
                }
            }
            Ok(Json::Object(merged.into()))
        },
    },
    row("min", &[NUMBERS_OR_TEXTS], |given| {
        Ok(extreme(array(given, 0).iter().map(|item| (item, item)), Ordering::Less))
    }),
    row("min_by", &[OBJECTS, Kind::Expression], |given| extreme_by(given, "min_by", Ordering::Less)),
    Function {
        name: "not_null",
        arguments: &[Kind::Any],
        more: true,
        body: |given| {
            let first = (0..given.len()).map(|index| value(given, index)).find(|value| !matches!(value, Json::Null));
            Ok(first.cloned().unwrap_or(Json::Null))
        },
    },
    row("reverse", &[Kind::TextOrArray], |given| {
        Ok(match value(given, 0) {
            Json::Array(items) => Json::Array(items.iter().rev().cloned().collect()),
            other => Json::Text(Text::from(other.text().chars().rev().collect::<String>())),
        })
    }),
    row("sort", &[NUMBERS_OR_TEXTS], |given| {
        let mut items = array(given, 0).to_vec();
        items.sort_by(Json::order);
        Ok(Json::Array(items.into()))
    }),
    row("sort_by", &[OBJECTS, Kind::Expression], |given| {
        let mut keyed = keys(given, "sort_by")?;
        keyed.sort_by(|(a, _), (b, _)| a.order(b));
        Ok(Json::Array(keyed.into_iter().map(|(_, item)| item).collect()))
    }),
    row("starts_with", &[Kind::Text, Kind::Text], |given| Ok(Json::Bool(text(given, 0).starts_with(text(given, 1))))),
    row("sum", &[NUMBERS], |given| Ok(Json::Double(total(array(given, 0))))),
    row("to_array", &[Kind::Any], |given| {
        Ok(match value(given, 0) {
            array @ Json::Array(_) => array.clone(),
            other => Json::Array(Arc::from([other.clone()])),
        })
    }),
    row("to_number", &[Kind::Any], |given| {
        Ok(match value(given, 0) {
            number @ (Json::Int(_) | Json::Big(_) | Json::Double(_)) => number.clone(),
            Json::Text(text) => match number::parse_double(text) {
                Ok(number) if number.floor() == number => Json::Int(number as i64),
                Ok(number) => Json::Double(number),
                Err(_) => Json::Null,
            },
            _ => Json::Null,
        })
    }),
    row("to_string", &[Kind::Any], |given| Ok(Json::Text(value(given, 0).text()))),
    row("type", &[Kind::Any], |given| Ok(Json::Text(Text::from(value(given, 0).type_name())))),
    row("values", &[Kind::Object], |given| {
        Ok(Json::Array(members(given, 0).iter().map(|(_, value)| value.clone()).collect()))
    }),
];

/// The arguments' kinds have been checked, so the other cases of these do not arise.
fn value<'a>(given: &'a [Given<'_>], index: usize) -> &'a Json {
    match given.get(index) {
        Some(Given::Value(value)) => value,
        _ => &Json::Null,
    }
}

fn array<'a>(given: &'a [Given<'_>], index: usize) -> &'a [Json] {
    match value(given, index) {
        Json::Array(items) => items,
        _ => &[],
    }
}

fn members<'a>(given: &'a [Given<'_>], index: usize) -> &'a [(Text, Json)] {
    match value(given, index) {
        Json::Object(members) => members,
        _ => &[],
    }
}

fn text<'a>(given: &'a [Given<'_>], index: usize) -> &'a str {
    match value(given, index) {
        Json::Text(text) => text,
        _ => "",
    }
}

fn expression<'a>(given: &[Given<'a>], index: usize) -> &'a Ast {
    match given.get(index) {
        Some(Given::Expression(expression)) => expression,
        _ => &Ast::Current,
    }
}

fn double(given: &[Given<'_>], function: fn(f64) -> f64) -> Result<Json, String> {
    Ok(Json::Double(function(value(given, 0).number().unwrap_or_default())))
}

fn total(items: &[Json]) -> f64 {
    // An empty `sum()` would be -0.0.
    items.iter().filter_map(Json::number).fold(0.0, |total, number| total + number)
}

/// The first item whose key lies furthest in a direction.
fn extreme<'a>(keyed: impl Iterator<Item = (&'a Json, &'a Json)>, direction: Ordering) -> Json {
    let best = keyed.reduce(|best, next| if next.0.order(best.0) == direction { next } else { best });
    best.map_or(Json::Null, |(_, item)| item.clone())
}

fn extreme_by(given: &[Given<'_>], name: &str, direction: Ordering) -> Result<Json, String> {
    let keyed = keys(given, name)?;
    Ok(extreme(keyed.iter().map(|(key, item)| (key, item)), direction))
}

/// Each item of the first argument with what the second makes of it: numbers all, or texts all.
fn keys(given: &[Given<'_>], name: &str) -> Result<Vec<(Json, Json)>, String> {
    let mut keyed: Vec<(Json, Json)> = Vec::new();
    for item in array(given, 0) {
        let key = search(expression(given, 1), item)?;
        let expected = keyed.first().map_or("number or string", |(first, _)| first.type_name());
        if !expected.split(" or ").any(|expected| expected == key.type_name()) {
            let found = key.type_name();
            return Err(format!("Invalid argument type calling \"{name}\": expected {expected} but was {found}"));
        }
        keyed.push((key, item.clone()));
    }
    Ok(keyed)
}

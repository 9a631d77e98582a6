//! What expressions make of values.

use super::ast::{Argument, Ast, Comparator};
use super::functions::Given;
use super::json::Json;
use std::cmp::Ordering;

/// Evaluates an expression on a value.
pub(super) fn search(ast: &Ast, json: &Json) -> Result<Json, String> {
    Ok(match ast {
        Ast::Current => json.clone(),
        Ast::Field(name) => json.member(name),
        Ast::Index(index) => item(json, *index),
        Ast::Slice { start, stop, step } => slice(json, *start, *stop, *step),
        Ast::Literal(value) => value.clone(),
        Ast::Chain(left, right) => search(right, &search(left, json)?)?,
        Ast::Project(left, right) => match search(left, json)? {
            Json::Array(items) => each(items.iter(), right)?,
            _ => Json::Null,
        },
        Ast::ProjectValues(left, right) => match search(left, json)? {
            Json::Object(members) if matches!(**right, Ast::Current) => {
                Json::Array(members.iter().map(|(_, value)| value.clone()).collect())
            }
            Json::Object(members) => each(members.iter().map(|(_, value)| value), right)?,
            _ => Json::Null,
        },
        Ast::Flatten(left) => match search(left, json)? {
            Json::Array(items) => {
                let mut flat = Vec::with_capacity(items.len());
                for item in items.iter() {
                    match item {
                        Json::Array(inner) => flat.extend(inner.iter().cloned()),
                        other => flat.push(other.clone()),
                    }
                }
                Json::Array(flat.into())
            }
            _ => Json::Null,
        },
        Ast::Filter(left, condition) => match search(left, json)? {
            Json::Array(items) => {
                let mut kept = Vec::new();
                for item in items.iter() {
                    if search(condition, item)?.is_truthy() {
                        kept.push(item.clone());
                    }
                }
                Json::Array(kept.into())
            }
            _ => Json::Null,
        },
        Ast::Not(inner) => Json::Bool(!search(inner, json)?.is_truthy()),
        Ast::And(left, right) => {
            let left = search(left, json)?;
            if left.is_truthy() { search(right, json)? } else { left }
        }
        Ast::Or(left, right) => {
            let left = search(left, json)?;
            if left.is_truthy() { left } else { search(right, json)? }
        }
        Ast::Compare(comparator, left, right) => compare(*comparator, &search(left, json)?, &search(right, json)?),
        Ast::List(items) => {
            if matches!(json, Json::Null) {
                return Ok(Json::Null);
            }
            let values: Result<Vec<Json>, String> = items.iter().map(|item| search(item, json)).collect();
            Json::Array(values?.into())
        }
        Ast::Hash(members) => {
            if matches!(json, Json::Null) {
                return Ok(Json::Null);
            }
            let mut made = Vec::with_capacity(members.len());
            for (name, value) in members {
                made.push((name.clone(), search(value, json)?));
            }
            Json::Object(made.into())
        }
        Ast::Call(function, arguments) => {
            let mut given = Vec::with_capacity(arguments.len());
            for argument in arguments {
                given.push(match argument {
                    Argument::Value(value) => Given::Value(search(value, json)?),
                    Argument::Expression(expression) => Given::Expression(expression),
                });
            }
            function.call(&given)?
        }
    })
}

/// What is made of each item, without nulls.
fn each<'a>(items: impl Iterator<Item = &'a Json>, ast: &Ast) -> Result<Json, String> {
    let mut made = Vec::new();
    for item in items {
        let value = search(ast, item)?;
        if !matches!(value, Json::Null) {
            made.push(value);
        }
    }
    Ok(Json::Array(made.into()))
}

fn item(json: &Json, index: i64) -> Json {
    let Json::Array(items) = json else { return Json::Null };
    let index = if index < 0 { index.saturating_add(items.len() as i64) } else { index };
    usize::try_from(index).ok().and_then(|index| items.get(index)).cloned().unwrap_or(Json::Null)
}

/// A slice of an array, or of an object's values.
fn slice(json: &Json, start: Option<i64>, stop: Option<i64>, step: i64) -> Json {
    let values: Vec<Json>;
    let items: &[Json] = match json {
        Json::Array(items) => items,
        Json::Object(members) => {
            values = members.iter().map(|(_, value)| value.clone()).collect();
            &values
        }
        _ => return Json::Null,
    };
    let length = items.len() as i64;
    let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let bound = |given: Option<i64>, default: i64| match given {
        None => default,
        Some(given) if given < 0 => given.saturating_add(length).max(lowest),
        Some(given) => given.min(highest),
    };
    let (first, last) = if step > 0 { (lowest, highest) } else { (highest, lowest) };
    let (mut at, stop) = (bound(start, first), bound(stop, last));
    let mut taken = Vec::new();
    while step != 0 && if step > 0 { at < stop } else { at > stop } {
        taken.extend(usize::try_from(at).ok().and_then(|at| items.get(at)).cloned());
        at = at.saturating_add(step);
    }
    Json::Array(taken.into())
}

/// Order is known among numbers only.
fn compare(comparator: Comparator, left: &Json, right: &Json) -> Json {
    match comparator {
        Comparator::Equal => return Json::Bool(left.equals(right)),
        Comparator::NotEqual => return Json::Bool(!left.equals(right)),
        _ => {}
    }
    let (Some(left), Some(right)) = (left.number(), right.number()) else { return Json::Null };
    let order = left.total_cmp(&right);
    Json::Bool(match comparator {
        Comparator::Less => order == Ordering::Less,
        Comparator::LessOrEqual => order != Ordering::Greater,
        Comparator::Greater => order == Ordering::Greater,
        _ => order != Ordering::Less,
    })
}

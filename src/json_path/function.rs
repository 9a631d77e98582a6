//! Path functions: `length()`, `min()`, `concat()` and the like.

use super::evaluate::{Context, EvalError, evaluate, value, value_of};
use super::json::Json;
use super::path::{Parameter, Token};
use std::borrow::Cow;

const EMPTY: &str = "Aggregation function attempted to calculate value using empty array";

/// Calls a function on what the path has found so far.
pub(super) fn call(name: &str, parameters: &[Parameter], model: &Json, context: &Context) -> Result<Json, EvalError> {
    let numbers: fn(&[f64]) -> f64 = match name {
        "avg" => |all| all.iter().sum::<f64>() / all.len() as f64,
        "stddev" => deviation,
        "sum" => |all| all.iter().fold(0.0, |sum, number| sum + number),
        "min" => |all| all.iter().fold(f64::MAX, |min, &number| if min > number { number } else { min }),
        // Java begins with the smallest positive double, which is what negative numbers give.
        "max" => |all| all.iter().fold(f64::from_bits(1), |max, &number| if max < number { number } else { max }),
        "concat" | "length" | "size" | "append" | "keys" | "first" | "last" | "index" => |_| 0.0,
        _ => return Err(EvalError::Invalid(format!("Function with name: {name} does not exist."))),
    };
    let values = arguments(parameters, context)?;
    match name {
        "concat" => concat(model, &values),
        "length" | "size" => length(parameters, model),
        "append" => append(model, values),
        "keys" => Ok(match model {
            Json::Object(object) => Json::Keys(object.iter().map(|(name, _)| name.to_owned()).collect()),
            _ => Json::Null,
        }),
        "first" => element(model, |_| Ok(0)),
        "last" => element(model, |_| Ok(-1)),
        "index" => element(model, |_| {
            let numbers = all_numbers(None, &values)?;
            let first = numbers
                .first()
                .ok_or_else(|| EvalError::OutOfBounds("Index 0 out of bounds for length 0".to_owned()))?;
            Ok(*first as i64)
        }),
        _ => {
            let all = all_numbers(Some(model), &values)?;
            if all.is_empty() { Err(EvalError::Other(EMPTY.to_owned())) } else { Ok(Json::Double(numbers(&all))) }
        }
    }
}

/// An argument: a path's value is found at once, JSON is read when a function asks for it.
enum Argument<'d> {
    Found(Cow<'d, Json>),
    Text(&'d str),
}

impl Argument<'_> {
    fn get(&self) -> Result<Cow<'_, Json>, EvalError> {
        match self {
            Self::Found(value) => Ok(Cow::Borrowed(value)),
            Self::Text(text) => {
                Json::parse(text).map(Cow::Owned).map_err(|error| EvalError::Other(error.wrapped_text()))
            }
        }
    }
}

fn arguments<'d>(parameters: &'d [Parameter], context: &Context<'d>) -> Result<Vec<Argument<'d>>, EvalError> {
    parameters
        .iter()
        .map(|parameter| match parameter {
            Parameter::Json(text) => Ok(Argument::Text(text)),
            Parameter::Path(path) => value(path, context.root, &Context::new(context.root), false).map(Argument::Found),
        })
        .collect()
}

/// The numbers of an array and of the arguments.
fn all_numbers(model: Option<&Json>, arguments: &[Argument]) -> Result<Vec<f64>, EvalError> {
    fn take(numbers: &mut Vec<f64>, value: &Json) {
        match value {
            Json::Array(items) => numbers.extend(items.iter().filter_map(Json::as_double)),
            value => numbers.extend(value.as_double()),
        }
    }
    let mut numbers = Vec::new();
    if let Some(model @ Json::Array(_)) = model {
        take(&mut numbers, model);
    }
    for argument in arguments {
        take(&mut numbers, &*argument.get()?);
    }
    Ok(numbers)
}

fn deviation(all: &[f64]) -> f64 {
    let count = all.len() as f64;
    let sum = all.iter().fold(0.0, |sum, number| sum + number);
    let squares = all.iter().fold(0.0, |sum, number| sum + number * number);
    (squares / count - sum * sum / count / count).sqrt()
}

fn concat(model: &Json, arguments: &[Argument]) -> Result<Json, EvalError> {
    let mut text = String::new();
    if let Json::Array(items) = model {
        for item in items {
            if let Json::String(item) = item {
                text.push_str(item);
            }
        }
    }
    for argument in arguments {
        match &*argument.get()? {
            Json::Array(items) => {
                items.iter().filter(|item| **item != Json::Null).for_each(|item| text.push_str(&item.to_java_string()));
            }
            Json::Null => {}
            value => text.push_str(&value.to_java_string()),
        }
    }
    Ok(Json::String(text))
}

fn append(model: &Json, arguments: Vec<Argument>) -> Result<Json, EvalError> {
    let Json::Array(items) = model else { return Ok(model.clone()) };
    let mut items = items.clone();
    for argument in arguments {
        items.push(argument.get()?.into_owned());
    }
    Ok(Json::Array(items))
}

/// The element at an index; from the end when negative, which by Jayway's count never reaches the first one.
fn element(model: &Json, index: impl Fn(&[Json]) -> Result<i64, EvalError>) -> Result<Json, EvalError> {
    let Json::Array(items) = model else { return Err(EvalError::Other(EMPTY.to_owned())) };
    let index = index(items)?;
    let len = items.len() as i64;
    let at = if index < 0 { len + index } else { index };
    if index < 0 && at <= 0 {
        return Err(EvalError::Other(format!("Target index:{index} larger than object count:{len}")));
    }
    usize::try_from(at)
        .ok()
        .and_then(|at| items.get(at))
        .cloned()
        .ok_or_else(|| EvalError::OutOfBounds(format!("Index {at} out of bounds for length {len}")))
}

/// The number of members or elements. An argument is a path, of which the number of children counts.
fn length(parameters: &[Parameter], model: &Json) -> Result<Json, EvalError> {
    match parameters.first() {
        Some(Parameter::Path(path)) => {
            let definite = path.is_definite();
            let mut all = path.clone();
            if !path.is_function && !path.tokens.is_empty() {
                all.tokens.push(Token::Wildcard);
            }
            let found = evaluate(&all, model, &Context::new(model), false)?;
            if let Json::Array(items) = &*value_of(&all, found, definite)? {
                return Ok(Json::Int(items.len() as i64));
            }
        }
        Some(Parameter::Json(_)) => {
            return Err(EvalError::Other(
                "Cannot invoke \"com.jayway.jsonpath.internal.Path.isFunctionPath()\" because the return value of \
                 \"com.jayway.jsonpath.internal.function.Parameter.getPath()\" is null"
                    .to_owned(),
            ));
        }
        None => {}
    }
    Ok(match model {
        Json::Array(items) => Json::Int(items.len() as i64),
        Json::Object(object) => Json::Int(object.len() as i64),
        _ => Json::Null,
    })
}

//! Whether an item meets a filter: Jayway's evaluators (`EvaluatorFactory`) over its value nodes.

use super::compile;
use super::compile::unescape;
use super::cursor::Fail;
use super::decimal::Decimal;
use super::evaluate::{Context, EvalError, value};
use super::filter::{Expression, Operand, Operator};
use super::json::Json;
use super::path::Path;
use crate::java::compare_texts;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A value node, paths evaluated.
#[derive(Debug, Clone)]
enum Node<'a> {
    /// JSON that is still text to Java, with the value that it reads as.
    JsonText(Cow<'a, str>, Result<Cow<'a, Json>, String>),
    /// An array or an object of the document.
    Json(Cow<'a, Json>),
    String(Cow<'a, str>),
    Number(Decimal),
    Boolean(bool),
    Null,
    /// What a path did not find.
    Undefined,
    /// A text in a list that is a path itself: like nothing else.
    PathInList,
    Pattern(&'a fancy_regex::Regex),
}

/// Whether a filter lets an item pass; paths that do not work out mean no.
pub(super) fn accepts(expression: &Expression, item: &Json, context: &Context) -> Result<bool, EvalError> {
    match apply(expression, item, context) {
        Err(EvalError::NotFound(_) | EvalError::Invalid(_)) => Ok(false),
        result => result,
    }
}

fn apply(expression: &Expression, item: &Json, context: &Context) -> Result<bool, EvalError> {
    match expression {
        Expression::And(all) => {
            for one in all {
                if !apply(one, item, context)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Expression::Or(any) => {
            for one in any {
                if apply(one, item, context)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Expression::Not(inner) => Ok(!apply(inner, item, context)?),
        Expression::Relation(relation) => {
            let left = node(&relation.left, item, context)?;
            let right = node(&relation.right, item, context)?;
            relate(&left, relation.operator, &right)
        }
    }
}

fn invalid<T>(text: &str) -> Result<T, EvalError> {
    Err(EvalError::Invalid(text.to_owned()))
}

fn node<'a>(operand: &'a Operand, item: &Json, context: &Context) -> Result<Node<'a>, EvalError> {
    Ok(match operand {
        Operand::Path { path, exists: true, .. } => {
            // Whether it exists is asked of the item even for a path that begins with "$".
            match value(path, item, context, true) {
                Ok(_) => Node::Boolean(true),
                Err(EvalError::NotFound(_)) => Node::Boolean(false),
                Err(error) => return Err(error),
            }
        }
        Operand::Path { path, .. } => match path_value(path, item, context) {
            Ok(found) => of_result(found)?,
            Err(EvalError::NotFound(_)) => Node::Undefined,
            Err(error) => return Err(error),
        },
        Operand::Json(text, value) => {
            Node::JsonText(Cow::Borrowed(text), value.as_ref().map(Cow::Borrowed).map_err(Clone::clone))
        }
        Operand::String(text) => Node::String(Cow::Borrowed(text)),
        Operand::Number(number) => Node::Number(number.clone()),
        Operand::Boolean(value) => Node::Boolean(*value),
        Operand::Null => Node::Null,
        Operand::Pattern(regex) => Node::Pattern(regex),
    })
}

fn path_value(path: &Path, item: &Json, context: &Context) -> Result<Json, EvalError> {
    if !path.is_root {
        return value(path, item, context, false).map(Cow::into_owned);
    }
    let key = std::ptr::from_ref(path) as usize;
    if let Some(known) = context.roots.borrow().get(&key) {
        return Ok(known.clone());
    }
    let found = value(path, context.root, context, false)?.into_owned();
    context.roots.borrow_mut().insert(key, found.clone());
    Ok(found)
}

/// What a path found, as a node.
fn of_result<'a>(found: Json) -> Result<Node<'a>, EvalError> {
    Ok(match found {
        Json::Null => Node::Null,
        Json::Bool(value) => Node::Boolean(value),
        Json::String(text) => Node::String(Cow::Owned(text)),
        Json::Array(_) | Json::Object(_) => Node::Json(Cow::Owned(found)),
        Json::Keys(_) => {
            return Err(EvalError::Other(format!(
                "Could not convert class {}:{} to a ValueNode",
                found.class_name(),
                found.to_java_string()
            )));
        }
        number => number_node(&number)?,
    })
}

fn number_node<'a>(number: &Json) -> Result<Node<'a>, EvalError> {
    let text = number.to_java_string();
    Decimal::parse(&text).map(Node::Number).ok_or_else(|| {
        EvalError::Other(
            "Character N is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark."
                .to_owned(),
        )
    })
}

/// An element of an array, as a node of a value list.
fn of_element(element: &Json) -> Result<Node<'_>, EvalError> {
    Ok(match element {
        Json::Null => Node::Null,
        Json::Bool(value) => Node::Boolean(*value),
        Json::String(text) => {
            let trimmed = text.trim_matches(|c| c <= ' ');
            if trimmed.starts_with(['@', '$']) && compile::compile(trimmed, 0).is_ok() {
                return Ok(Node::PathInList);
            }
            let bracketed = trimmed.len() > 1
                && (trimmed.starts_with('[') && trimmed.ends_with(']')
                    || trimmed.starts_with('{') && trimmed.ends_with('}'));
            if bracketed && let Ok(value) = Json::parse(trimmed) {
                return Ok(Node::JsonText(Cow::Borrowed(text), Ok(Cow::Owned(value))));
            }
            Node::String(unquoted(text)?)
        }
        Json::Array(_) | Json::Object(_) | Json::Keys(_) => {
            return Err(EvalError::Other("Could not determine value type".to_owned()));
        }
        number => number_node(number)?,
    })
}

/// A text without the quotation marks around it, if there are any, and without escapes.
fn unquoted(text: &str) -> Result<Cow<'_, str>, EvalError> {
    if text.encode_utf16().nth(1).is_none() {
        return Ok(Cow::Borrowed(text));
    }
    let inner = ['\'', '"'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(text);
    if !inner.contains('\\') {
        return Ok(Cow::Borrowed(inner));
    }
    match unescape(inner) {
        Ok(text) => Ok(Cow::Owned(text)),
        Err(Fail::Invalid(text) | Fail::Other(text)) => {
            let message = text.strip_prefix("com.jayway.jsonpath.JsonPathException: ").unwrap_or(&text);
            Err(EvalError::Other(message.to_owned()))
        }
    }
}

impl Node<'_> {
    fn is_json(&self) -> bool {
        matches!(self, Self::JsonText(..) | Self::Json(_))
    }

    /// `JsonNode.parse`; none when it is no JSON node.
    fn json(&self) -> Result<Option<&Json>, EvalError> {
        match self {
            Self::Json(value) => Ok(Some(value)),
            Self::JsonText(_, Ok(value)) => Ok(Some(value)),
            Self::JsonText(_, Err(text)) => Err(EvalError::Other(text.clone())),
            _ => Ok(None),
        }
    }

    /// The elements of an array; `Ok(None)` when it is JSON, but no array.
    fn list(&self) -> Result<Option<Vec<Node<'_>>>, EvalError> {
        match self.json()? {
            Some(Json::Array(items)) => items.iter().map(of_element).collect::<Result<_, _>>().map(Some),
            Some(_) => Ok(None),
            None => invalid("Expected value list node"),
        }
    }

    /// The text that a regular expression is tried on.
    fn input(&self) -> Cow<'_, str> {
        match self {
            Self::String(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Boolean(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            _ => Cow::Borrowed(""),
        }
    }

    /// Java's `equals`, in which texts and numbers may equal each other.
    fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::String(left), Self::String(right)) => left == right,
            (Self::String(left), Self::Number(right)) => **left == right.to_string(),
            (Self::Number(left), Self::Number(right)) => left.compare(right).is_eq(),
            (Self::Number(left), Self::String(right)) => {
                Decimal::parse(right).is_some_and(|right| left.compare(&right).is_eq())
            }
            (Self::Boolean(left), Self::Boolean(right)) => left == right,
            (Self::Null, Self::Null) => true,
            (Self::JsonText(left, _), Self::JsonText(right, _)) => left == right,
            (Self::Json(left), Self::Json(right)) => left == right,
            (Self::Pattern(left), Self::Pattern(right)) => std::ptr::eq(*left, *right),
            _ => false,
        }
    }

    /// Whether both are of one Java class.
    fn same_class(&self, other: &Self) -> bool {
        self.is_json() && other.is_json() || std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    fn boolean(&self) -> Result<bool, EvalError> {
        match self {
            Self::Boolean(value) => Ok(*value),
            _ => invalid("Expected boolean node"),
        }
    }
}

fn relate(left: &Node, operator: Operator, right: &Node) -> Result<bool, EvalError> {
    Ok(match operator {
        Operator::Equal => equal(left, right)?,
        Operator::NotEqual => !equal(left, right)?,
        Operator::SameTypeEqual => left.same_class(right) && equal(left, right)?,
        Operator::SameTypeNotEqual => !(left.same_class(right) && equal(left, right)?),
        Operator::Less => order(left, right).is_some_and(Ordering::is_lt),
        Operator::LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
        Operator::Greater => order(left, right).is_some_and(Ordering::is_gt),
        Operator::GreaterOrEqual => order(left, right).is_some_and(Ordering::is_ge),
        Operator::Matches => matches(left, right)?,
        Operator::In => contains(right, left)?,
        Operator::NotIn => !contains(right, left)?,
        Operator::Contains => match (left, right) {
            (Node::String(left), Node::String(right)) => left.contains(&**right),
            (left, right) if left.is_json() => contains(left, right)?,
            _ => false,
        },
        Operator::Size => has_size(left, right)?,
        Operator::Empty => is_empty(left, right)?,
        Operator::Exists => match (left, right) {
            (Node::Boolean(left), Node::Boolean(right)) => left == right,
            (Node::Boolean(_), _) | (_, Node::Boolean(_)) => return invalid("Expected boolean node"),
            _ => return Err(EvalError::Other("Failed to evaluate exists expression".to_owned())),
        },
        Operator::SubsetOf => {
            let Some((left, right)) = both_lists(left, right)? else { return Ok(false) };
            left.iter().all(|one| right.iter().any(|other| one.equals(other)))
        }
        Operator::AnyOf => {
            let Some((left, right)) = both_lists(left, right)? else { return Ok(false) };
            left.iter().any(|one| right.iter().any(|other| one.equals(other)))
        }
        Operator::NoneOf => {
            let Some((left, right)) = both_lists(left, right)? else { return Ok(false) };
            !left.iter().any(|one| right.iter().any(|other| one.equals(other)))
        }
        Operator::Unusable => return invalid("Expected value list node"),
    })
}

fn equal(left: &Node, right: &Node) -> Result<bool, EvalError> {
    if !left.is_json() || !right.is_json() {
        return Ok(left.equals(right));
    }
    let right = right.json()?;
    // JSON on the left that is still text equals no value.
    Ok(matches!((left, right), (Node::Json(left), Some(right)) if **left == *right))
}

fn order(left: &Node, right: &Node) -> Option<Ordering> {
    match (left, right) {
        (Node::Number(left), Node::Number(right)) => Some(left.compare(right)),
        (Node::String(left), Node::String(right)) => Some(compare_texts(left, right)),
        _ => None,
    }
}

/// Whether a list contains a node; no when it is JSON, but no list.
fn contains(list: &Node, node: &Node) -> Result<bool, EvalError> {
    Ok(list.list()?.is_some_and(|items| items.iter().any(|item| node.equals(item))))
}

type Lists<'l, 'r> = (Vec<Node<'l>>, Vec<Node<'r>>);

fn both_lists<'l, 'r>(left: &'l Node, right: &'r Node) -> Result<Option<Lists<'l, 'r>>, EvalError> {
    let Some(right) = right.list()? else { return Ok(None) };
    let Some(left) = left.list()? else { return Ok(None) };
    Ok(Some((left, right)))
}

fn has_size(left: &Node, right: &Node) -> Result<bool, EvalError> {
    let Node::Number(expected) = right else { return Ok(false) };
    let size = match left {
        Node::String(text) => text.encode_utf16().count() as i64,
        left => match left.json()? {
            Some(Json::Array(items)) => items.len() as i64,
            Some(_) => -1,
            None => return Ok(false),
        },
    };
    Ok(expected.to_whole() == Some(size))
}

fn is_empty(left: &Node, right: &Node) -> Result<bool, EvalError> {
    let empty = match left {
        Node::String(text) => text.is_empty(),
        left => match left.json()? {
            Some(Json::Array(items)) => items.is_empty(),
            Some(Json::Object(_)) => {
                // Jayway takes a map for a collection here.
                return Err(EvalError::Other(
                    "class java.util.LinkedHashMap cannot be cast to class java.util.Collection (java.util.LinkedHashMap \
                     and java.util.Collection are in module java.base of loader 'bootstrap')"
                        .to_owned(),
                ));
            }
            Some(Json::String(text)) => text.is_empty(),
            Some(_) => true,
            None => return Ok(false),
        },
    };
    Ok(empty == right.boolean()?)
}

/// `=~`: the whole text, or any element of an array.
fn matches(left: &Node, right: &Node) -> Result<bool, EvalError> {
    let (pattern, other) = match (left, right) {
        (Node::Pattern(_), Node::Pattern(_)) => return Ok(false),
        (Node::Pattern(pattern), other) | (other, Node::Pattern(pattern)) => (pattern, other),
        _ => return Ok(false),
    };
    let fits = |text: &str| pattern.is_match(text).unwrap_or(false);
    if other.is_json()
        && let Some(items) = other.list()?
    {
        return Ok(items.iter().any(|item| fits(&item.input())));
    }
    Ok(fits(&other.input()))
}

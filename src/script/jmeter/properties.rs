//! `props` (`java.util.Properties`).

use super::{done, text_of};
use crate::properties;
use crate::script::host::Outcome;
use crate::script::value::Value;
use crate::text::Text;
use crate::virtual_user::VirtualUser;
use std::sync::Arc;

fn from_property(value: &properties::Value) -> Value {
    match value {
        properties::Value::Text(text) => Value::String(Text::clone(text)),
        properties::Value::Object(object) => object.downcast_ref::<Value>().cloned().unwrap_or_default(),
    }
}

fn to_property(value: &Value) -> properties::Value {
    match value {
        Value::String(text) => properties::Value::Text(Text::clone(text)),
        other => properties::Value::Object(Arc::new(other.clone())),
    }
}

/// `props.get(name)`
pub(super) fn get(user: &VirtualUser, name: &str) -> Value {
    user.run.properties.value(name).as_ref().map(from_property).unwrap_or_default()
}

/// `props.put(name, value)`
pub(super) fn put(user: &VirtualUser, name: &str, value: &Value) -> Value {
    user.run.properties.set(Text::from(name), to_property(value)).as_ref().map(from_property).unwrap_or_default()
}

pub(super) fn call(user: &mut VirtualUser, name: &str, arguments: &[Value]) -> Option<Outcome> {
    match (name, arguments) {
        ("get" | "getAt", [key]) => Some(Ok(get(user, &text_of(key)))),
        ("getProperty", [key]) => Some(Ok(match get(user, &text_of(key)) {
            Value::String(text) => Value::String(text),
            _ => Value::Null,
        })),
        ("getProperty", [key, default]) => Some(Ok(match get(user, &text_of(key)) {
            Value::String(text) => Value::String(text),
            _ => default.clone(),
        })),
        ("getOrDefault", [key, default]) => Some(Ok(match get(user, &text_of(key)) {
            Value::Null => default.clone(),
            value => value,
        })),
        ("put" | "setProperty" | "putAt", [key, value]) => Some(Ok(put(user, &text_of(key), value))),
        ("remove", [key]) => {
            Some(Ok(user.run.properties.remove(&text_of(key)).as_ref().map(from_property).unwrap_or_default()))
        }
        ("containsKey", [key]) => Some(Ok(Value::Boolean(user.run.properties.value(&text_of(key)).is_some()))),
        ("putIfAbsent", [key, value]) => match get(user, &text_of(key)) {
            Value::Null => {
                put(user, &text_of(key), value);
                done()
            }
            old => Some(Ok(old)),
        },
        _ => None,
    }
}

//! `vars` (`JMeterVariables`).

use super::{done, text_of};
use crate::script::host::Outcome;
use crate::script::value::{Entry, List, ListKind, Value};
use crate::text::Text;
use crate::virtual_user::{self, VariableObject, VirtualUser};
use std::any::Any;
use std::sync::Arc;

/// What `vars.putObject` keeps.
pub struct ScriptObject(pub Value);

impl VariableObject for ScriptObject {
    fn text(&self) -> Text {
        Text::from(text_of(&self.0))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `vars.get(name)`
pub(super) fn get(user: &VirtualUser, name: &str) -> Value {
    user.variables.get_text(name).map_or(Value::Null, Value::String)
}

fn get_object(user: &VirtualUser, name: &str) -> Value {
    match user.variables.get(name) {
        None => Value::Null,
        Some(virtual_user::Value::Text(text)) => Value::String(Text::clone(text)),
        Some(virtual_user::Value::Object(object)) => match object.as_any().downcast_ref::<ScriptObject>() {
            Some(ScriptObject(value)) => value.clone(),
            None => Value::String(object.text()),
        },
    }
}

pub(super) fn call(user: &mut VirtualUser, name: &str, arguments: &[Value]) -> Option<Outcome> {
    match (name, arguments) {
        ("get", [key]) => Some(Ok(get(user, &text_of(key)))),
        ("getAt", [key]) => Some(Ok(get(user, &text_of(key)))),
        ("getObject", [key]) => Some(Ok(get_object(user, &text_of(key)))),
        ("put", [key, Value::Null]) => {
            user.variables.remove(&text_of(key));
            done()
        }
        ("put", [key, value @ Value::String(_)]) => {
            user.variables.put(&text_of(key), Text::from(text_of(value)));
            done()
        }
        ("putObject", [key, Value::Null]) => {
            user.variables.remove(&text_of(key));
            done()
        }
        ("putObject", [key, value]) => {
            let object: Arc<dyn VariableObject> = Arc::new(ScriptObject(value.clone()));
            user.variables.put(&text_of(key), virtual_user::Value::Object(object));
            done()
        }
        ("remove", [key]) => {
            let old = get_object(user, &text_of(key));
            user.variables.remove(&text_of(key));
            Some(Ok(old))
        }
        ("putAll", [Value::Map(map)]) => {
            for (key, value) in map.entries() {
                user.variables.put(&text_of(&key), Text::from(text_of(&value)));
            }
            done()
        }
        ("getIteration", []) => Some(Ok(Value::Int(user.iteration as i32))),
        ("incIteration", []) => {
            user.iteration += 1;
            done()
        }
        ("getThreadName", []) => Some(Ok(Value::String(Text::clone(&user.thread_name)))),
        ("entrySet" | "getIterator" | "iterator", []) => {
            let entries = user.variables.sorted().into_iter().map(|(name, _)| {
                let value = get_object(user, &name);
                Value::Entry(Arc::new(Entry::new(Value::String(name), value, None)))
            });
            Some(Ok(Value::List(Arc::new(List::new(ListKind::ArrayList, entries.collect())))))
        }
        ("isSameUserOnNextIteration", []) => Some(Ok(Value::Boolean(user.group.same_user_on_next_iteration))),
        _ => None,
    }
}

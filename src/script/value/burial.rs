//! Values are let go one after the other: a chain of a million lists, each within the next, must not need a stack that
//! deep.

use super::Value;
use std::cell::RefCell;

thread_local! {
    /// What waits to be let go while something is; `None` when nothing is.
    static WAITING: RefCell<Option<Vec<Value>>> = const { RefCell::new(None) };
}

/// Whether letting go of the value may let go of others.
fn holds_others(value: &Value) -> bool {
    matches!(
        value,
        Value::List(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Array(_)
            | Value::Entry(_)
            | Value::GString(_)
            | Value::Closure(_)
            | Value::Object(_)
            | Value::Throwable(_)
    )
}

/// Lets go of what a container holds, whose own end this is.
pub(crate) fn bury(values: impl IntoIterator<Item = Value>) {
    let mut values = values.into_iter().filter(holds_others).peekable();
    if values.peek().is_none() {
        return;
    }
    // Without the place, at a thread's own end, values go the plain way.
    _ = WAITING.try_with(|waiting| {
        if let Some(waiting) = &mut *waiting.borrow_mut() {
            waiting.extend(values);
            return;
        }
        *waiting.borrow_mut() = Some(values.collect());
        loop {
            let next = waiting.borrow_mut().as_mut().and_then(Vec::pop);
            match next {
                Some(value) => drop(value),
                None => break,
            }
        }
        *waiting.borrow_mut() = None;
    });
}

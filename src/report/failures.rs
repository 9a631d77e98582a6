//! What was sent and what came back where samples failed, as the page and `rotameter.json` have it.

use crate::results::{FailedExchange, Failures, Part};
use serde_json::{Value, json};

/// Failures by kind; a kind of which no exchange is known has only its count.
pub(super) fn json(failures: &Failures) -> Value {
    let kinds: Vec<Value> = failures
        .kinds()
        .iter()
        .map(|kind| {
            json!({
                "label": kind.label,
                "code": kind.code,
                "message": kind.message,
                "count": kind.count,
                "exchanges": kind.exchanges.iter().map(exchange).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "kinds": kinds, "of_other_kinds": failures.uncounted() })
}

fn exchange(exchange: &FailedExchange) -> Value {
    json!({
        "start": exchange.start.millis(),
        "elapsed": exchange.elapsed,
        "thread": exchange.thread_name,
        "failure_message": exchange.failure_message,
        "request": exchange.request,
        "request_body": part(&exchange.request_body),
        "response": exchange.response,
        "response_body": part(&exchange.response_body),
    })
}

fn part(part: &Part) -> Value {
    match part {
        Part::Empty => Value::Null,
        Part::Text { text, cut } => json!({ "text": text, "cut": cut }),
        Part::Binary(size) => json!({ "binary": size }),
        Part::Unread(size) => json!({ "unread": size }),
    }
}

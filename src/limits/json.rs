//! A finding for machines.

use super::finding::{Finding, Limit, Range, Verdict};
use super::infer::span;
use serde_json::{Map, Value, json};

impl Finding {
    /// One object of the list that `rotameter limits --json` prints.
    pub fn json(&self, resource: &str) -> Value {
        let mut object = Map::new();
        object.insert("resource".to_owned(), json!(resource));
        object.insert("samples".to_owned(), json!(self.samples));
        object.insert("rejects".to_owned(), json!(self.rejects));
        match &self.verdict {
            Verdict::NoRejects => put(&mut object, "none", None, &[], 0),
            Verdict::Limit(limit) => {
                // Of two limits, the one that lasts is the answer, and both are listed.
                let main = limit.stacked.first().unwrap_or(limit);
                put(&mut object, main.kind.name(), Some(main), &limit.stacked, limit.contradictions);
            }
            Verdict::Undecided(all) => {
                let common = Limit {
                    rate: span(all.iter().filter_map(|limit| limit.rate)),
                    rejects_consume: None,
                    ..all.first().cloned().unwrap_or_else(|| Limit::new(super::Kind::TokenBucket))
                };
                let common = Limit { burst: None, limit: None, window: None, concurrency: None, ..common };
                put(&mut object, "undetermined", Some(&common), &[], common.contradictions);
                object.insert("candidates".to_owned(), all.iter().map(part).collect());
            }
            Verdict::NotConstant(parts) => {
                put(&mut object, "undetermined", None, &[], 0);
                object.insert("reason".to_owned(), json!("not constant"));
                let parts = parts.iter().map(|of| {
                    let mut value = part(&of.limit);
                    if let Value::Object(object) = &mut value {
                        object.insert("from".to_owned(), json!(of.from.millis()));
                    }
                    value
                });
                object.insert("parts".to_owned(), parts.collect());
            }
            Verdict::Unexplained(nearest) => {
                put(&mut object, "undetermined", None, &[], nearest.contradictions);
                object.insert("reason".to_owned(), json!("no constant limit explains it"));
            }
        }
        let runner_up = self.runner_up.as_ref().map(|other| {
            let mut value = part(&other.limit);
            if let Value::Object(object) = &mut value {
                object.insert("why_not".to_owned(), json!(other.why));
            }
            value
        });
        object.insert("runner_up".to_owned(), json!(runner_up));
        let advice = self.advice();
        let advice = json!({
            "constant_throughput_timer_per_min": advice.per_minute,
            "max_users_at_once": advice.users_at_once,
            "experiment": advice.experiment,
        });
        object.insert("advice".to_owned(), advice);
        let announced = self.announced.iter().map(
            |claim| json!({ "header": claim.header, "says": claim.says, "holds": claim.holds, "seen": claim.seen }),
        );
        object.insert("announced".to_owned(), announced.collect());
        object.insert("text".to_owned(), json!(self.answer()));
        Value::Object(object)
    }
}

fn put(object: &mut Map<String, Value>, model: &str, limit: Option<&Limit>, stacked: &[Limit], contradictions: usize) {
    object.insert("model".to_owned(), json!(model));
    let unknown = Limit::new(super::Kind::Stacked);
    let known = limit.unwrap_or(&unknown);
    for (name, range) in [
        ("rate_per_s", known.rate),
        ("burst", known.burst),
        ("limit", known.limit),
        ("window_s", known.window),
        ("concurrency", known.concurrency),
    ] {
        object.insert(name.to_owned(), range.map_or(Value::Null, numbers));
    }
    object.insert("rejects_consume".to_owned(), json!(limit.and_then(|limit| limit.rejects_consume)));
    object.insert("stacked".to_owned(), stacked.iter().map(part).collect());
    object.insert("contradictions".to_owned(), json!(contradictions));
}

fn part(limit: &Limit) -> Value {
    let mut object = Map::new();
    put(&mut object, limit.kind.name(), Some(limit), &limit.stacked, limit.contradictions);
    Value::Object(object)
}

/// A range without an end has none in JSON either.
fn numbers((from, to): Range) -> Value {
    let rounded = |value: f64| {
        let scale = 10_f64.powi(5 - value.abs().max(1e-9).log10().floor() as i32);
        if value.is_finite() { json!((value * scale).round() / scale) } else { Value::Null }
    };
    json!([rounded(from), rounded(to)])
}

//! Groovy's text of a value: in strings, `print`, `join` and `toString()` of its collections.

use super::{Value, java_text};
use crate::script::budget;
use std::fmt::Write;

/// Nesting beyond which a collection prints as `...`: a list may contain itself.
const DEPTH_LIMIT: u32 = 64;

/// `"" + value`, `"${value}"`: maps print as `[a:1]`, ranges and arrays as lists.
pub fn groovy_text(value: &Value) -> String {
    if let Value::String(text) = value {
        return text.to_string();
    }
    budget::measured(|| {
        let mut out = String::new();
        write_groovy(value, &mut out, 0, false);
        out
    })
}

fn write_items(items: &[Value], out: &mut String, depth: u32) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_groovy(item, out, depth + 1, true);
    }
    out.push(']');
}

fn write_groovy(value: &Value, out: &mut String, depth: u32, within: bool) {
    if depth > DEPTH_LIMIT {
        out.push_str("...");
        return;
    }
    if depth > 0 && !(budget::visit() && budget::may_grow(out.len())) {
        return;
    }
    match value {
        Value::List(list) => write_items(&list.items(), out, depth),
        Value::Set(set) => write_items(&set.items(), out, depth),
        // Within a collection a range prints as it is written, alone in a text as the list that it is.
        Value::Range(range) if within => out.push_str(&range.to_text()),
        Value::Range(range) => write_items(&range.items(), out, depth),
        Value::Array(array) if &*array.element == "char" => {
            for item in array.items() {
                out.push_str(&java_text(&item));
            }
        }
        Value::Array(array) => write_items(&array.items(), out, depth),
        Value::Map(map) => {
            let entries = map.entries();
            if entries.is_empty() {
                out.push_str("[:]");
                return;
            }
            out.push('[');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_groovy(key, out, depth + 1, true);
                out.push(':');
                write_groovy(value, out, depth + 1, true);
            }
            out.push(']');
        }
        Value::GString(text) => {
            for (index, fixed) in text.strings.iter().enumerate() {
                out.push_str(fixed);
                if let Some(value) = text.values.get(index) {
                    write_groovy(value, out, depth + 1, false);
                }
            }
        }
        Value::Entry(entry) => {
            write_groovy(&entry.key, out, depth + 1, true);
            out.push('=');
            write_groovy(&entry.value(), out, depth + 1, true);
        }
        other => _ = write!(out, "{}", java_text(other)),
    }
}

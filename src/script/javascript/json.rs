//! JavaScript's `JSON`.

use super::convert::number_text;
use super::heap::{Class, Js};
use super::interpreter::{Interpreter, Result};
use crate::text::Text;
use serde_json::Value as Json;
use std::fmt::Write;

/// Objects within objects that `stringify` follows before it takes them for a cycle.
const DEPTH_LIMIT: usize = 128;

/// `JSON.parse`.
pub(super) fn parse(interpreter: &mut Interpreter<'_, '_>, text: &str) -> Result {
    match serde_json::from_str::<Json>(text) {
        Ok(json) => from_json(interpreter, &json),
        Err(error) => Err(interpreter.error("SyntaxError", format!("Unexpected token: {error}"))),
    }
}

fn from_json(interpreter: &mut Interpreter<'_, '_>, json: &Json) -> Result {
    Ok(match json {
        Json::Null => Js::Null,
        Json::Bool(value) => Js::Boolean(*value),
        Json::Number(number) => Js::Number(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Js::string(text),
        Json::Array(items) => {
            let items = items.iter().map(|item| from_json(interpreter, item)).collect::<Result<_>>()?;
            interpreter.heap.array(items)?
        }
        Json::Object(entries) => {
            let id = interpreter.heap.add(Class::Plain)?;
            for (key, value) in entries {
                let value = from_json(interpreter, value)?;
                interpreter.heap.object_mut(id).properties.insert(Text::from(key.as_str()), value);
            }
            Js::Object(id)
        }
    })
}

/// `JSON.stringify`; `None` for what has no JSON.
pub(super) fn stringify(interpreter: &mut Interpreter<'_, '_>, value: &Js, indent: &str) -> Result<Option<String>> {
    let mut out = String::new();
    Ok(write(interpreter, value, indent, 0, &mut out)?.then_some(out))
}

pub(super) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn line(indent: &str, depth: usize, out: &mut String) {
    if !indent.is_empty() {
        out.push('\n');
        (0..depth).for_each(|_| out.push_str(indent));
    }
}

/// Writes a value; false when it has no JSON.
fn write(
    interpreter: &mut Interpreter<'_, '_>,
    value: &Js,
    indent: &str,
    depth: usize,
    out: &mut String,
) -> Result<bool> {
    if depth > DEPTH_LIMIT {
        return Err(interpreter.type_error("Cyclic value not allowed."));
    }
    match value {
        Js::Null => out.push_str("null"),
        Js::Boolean(value) => _ = write!(out, "{value}"),
        Js::Number(number) => out.push_str(&if number.is_finite() { number_text(*number) } else { "null".to_owned() }),
        Js::String(text) => quote(text, out),
        Js::Java(_) => {
            let text = interpreter.text(value)?;
            quote(&text, out);
        }
        Js::Object(id) => match &interpreter.heap.object(*id).class {
            Class::Function { .. } => return Ok(false),
            Class::Boxed(inner) => {
                let inner = inner.clone();
                return write(interpreter, &inner, indent, depth, out);
            }
            Class::Date(millis) => match super::dates::iso(*millis) {
                Some(text) => quote(&text, out),
                None => out.push_str("null"),
            },
            Class::Array(items) => {
                let items = items.clone();
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    line(indent, depth + 1, out);
                    if !write(interpreter, item, indent, depth + 1, out)? {
                        out.push_str("null");
                    }
                }
                if !items.is_empty() {
                    line(indent, depth, out);
                }
                out.push(']');
            }
            _ => {
                let properties = interpreter.heap.object(*id).properties.clone();
                out.push('{');
                let mut first = true;
                for (key, value) in &properties {
                    let mut text = String::new();
                    if !write(interpreter, value, indent, depth + 1, &mut text)? {
                        continue;
                    }
                    if !std::mem::take(&mut first) {
                        out.push(',');
                    }
                    line(indent, depth + 1, out);
                    quote(key, out);
                    out.push_str(if indent.is_empty() { ":" } else { ": " });
                    out.push_str(&text);
                }
                if !first {
                    line(indent, depth, out);
                }
                out.push('}');
            }
        },
        Js::Undefined | Js::Native(_) | Js::Bound(_) | Js::Package(_) => return Ok(false),
    }
    Ok(true)
}

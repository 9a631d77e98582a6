//! JSON Format Post Processor of the plugin jpgc-json: writes the response's JSON anew, over several lines, as json-lib
//! does.
//!
//! json-lib takes more for JSON than is any, and sums up the values of equal names; here the response stays as it is, and
//! the last of equal names counts.

use crate::elements::roles::{PostProcessor, Sampler};
use crate::elements::{Definition, Role};
use crate::java::number::{double_to_string, float_to_string};
use crate::json_path::Json;
use crate::virtual_user::{Thrown, VirtualUser};
use bytes::Bytes;
use std::fmt::Write;

pub(super) const JSON_FORMATTER: Definition = Definition {
    tag: "com.atlantbh.jmeter.plugins.jsonutils.jsonformatter.JSONFormatter",
    menu: "jp@gc - JSON Format Post Processor",
    compile: |_| Some(Role::post_processor(JsonFormatter)),
};

/// Blanks that a level is moved in by.
const STEP: usize = 4;

struct JsonFormatter;

impl PostProcessor for JsonFormatter {
    fn process(&self, user: &mut VirtualUser, _: &dyn Sampler) -> Result<(), Thrown> {
        let Some(previous) = &mut user.previous else { return Ok(()) };
        match formatted(&previous.response_text()) {
            Some(text) => previous.response_data = Bytes::from(text),
            None => log::warn!(
                target: "com.atlantbh.jmeter.plugins.jsonutils.jsonformatter.JSONFormatter",
                "Failed to format JSON: Invalid JSON String"
            ),
        }
        Ok(())
    }
}

/// The text of an object or an array that begins with its bracket; `None` for anything else.
fn formatted(text: &str) -> Option<String> {
    let in_brackets = |open, close| text.starts_with(open) && text.ends_with(close);
    if !in_brackets('{', '}') && !in_brackets('[', ']') {
        return None;
    }
    let value = Json::parse(text).ok()?;
    let mut out = String::with_capacity(text.len() * 2);
    write(&mut out, &value, 0);
    Some(out)
}

fn write(out: &mut String, value: &Json, indent: usize) {
    match value {
        Json::Array(items) => write_all(out, ['[', ']'], items.iter().map(|item| (None, item)), indent),
        Json::Object(object) => {
            let members = object.iter().map(|(name, value)| (Some(name), value));
            write_all(out, ['{', '}'], members, indent);
        }
        // Such a string would be null otherwise.
        Json::String(text) if text == "null" => write_string(out, "\"null\""),
        Json::String(text) => write_string(out, text),
        Json::Double(number) => write_number(out, *number),
        Json::BigDecimal(digits) => {
            write_number(out, digits.parse().unwrap_or(f64::NAN));
        }
        other => out.push_str(&other.to_json()),
    }
}

/// An object or an array: one that holds a single value stays on its line; any other begins with blanks of its own when
/// it is not the outermost.
fn write_all<'j>(
    out: &mut String,
    [open, close]: [char; 2],
    values: impl ExactSizeIterator<Item = (Option<&'j str>, &'j Json)>,
    indent: usize,
) {
    let several = values.len() > 1;
    let inner = if several { indent + STEP } else { indent };
    if several {
        blanks(out, indent);
    }
    out.push(open);
    for (index, (name, value)) in values.enumerate() {
        if several {
            out.push_str(if index > 0 { ",\n" } else { "\n" });
            blanks(out, inner);
        }
        if let Some(name) = name {
            write_string(out, name);
            out.push_str(": ");
        }
        write(out, value, inner);
    }
    if several {
        out.push('\n');
        blanks(out, indent);
    }
    out.push(close);
}

fn blanks(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}

/// `JSONUtils.quote`: a slash is escaped only behind `<`.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut before = '\0';
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '/' if before == '<' => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
        before = c;
    }
    out.push('"');
}

/// json-lib reads a number with a fraction as a `float` if it can, whatever that costs.
fn write_number(out: &mut String, number: f64) {
    let short = number as f32;
    let read = if short.is_finite() && (short != 0.0 || number == 0.0) {
        // There is no zero below zero.
        float_to_string(short + 0.0).parse().unwrap_or(number)
    } else {
        number
    };
    out.push_str(without_zeros(&double_to_string(read)));
}

/// `JSONUtils.numberToString`: zeros behind the point go, and then the point.
fn without_zeros(number: &str) -> &str {
    if number.contains('.') && !number.contains(['e', 'E']) {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use super::formatted;

    /// As json-lib 2.4 writes them.
    #[test]
    fn several_values_are_set_out() {
        let check = |text: &str, expected: &str| assert_eq!(formatted(text).as_deref(), Some(expected), "{text}");
        check("{\"a\":1}", "{\"a\": 1}");
        check("{\"a\":[{\"b\":1}],\"c\":[]}", "{\n    \"a\": [{\"b\": 1}],\n    \"c\": []\n}");
        check("[[1,2],[3]]", "[\n        [\n        1,\n        2\n    ],\n    [3]\n]");
        check("[1.50,1e3]", "[\n    1.5,\n    1000\n]");
        check("[3.14159265358979,-0.0]", "[\n    3.1415927,\n    0\n]");
        check("[1234567.891,1e-7]", "[\n    1234567.9,\n    1.0E-7\n]");
        check("[1e300,-2.5]", "[\n    1.0E300,\n    -2.5\n]");
        check("[\"</b>\",\"a/b\"]", "[\n    \"<\\/b>\",\n    \"a/b\"\n]");
        for none in ["", "text", "\"text\"", "{\"a\":1", " {}", "{} ", "[}"] {
            assert_eq!(formatted(none), None, "{none}");
        }
    }
}

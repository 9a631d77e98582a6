//! Assertions.

mod compare;
mod duration;
mod equals_difference;
mod html;
mod jmes_path;
mod json_path;
mod md5_hex;
mod response;
mod script;
mod size;
mod xml;
mod xml_schema;
mod xpath;

use super::Definition;
use crate::results::AssertionResult;
use crate::text::Text;

/// Assertions, sorted by tag.
pub static ASSERTIONS: &[Definition] = &[
    script::BEAN_SHELL,
    compare::COMPARE,
    duration::DURATION,
    html::HTML,
    jmes_path::JMES_PATH,
    json_path::JSON_PATH,
    script::JSR223,
    md5_hex::MD5_HEX,
    response::RESPONSE,
    size::SIZE,
    xml::XML,
    xml_schema::XML_SCHEMA,
    xpath::XPATH2,
    xpath::XPATH,
    json_path::PLUGIN_JSON_PATH,
];

/// What nearly every assertion says of an empty response (`setResultForNull`).
const RESPONSE_WAS_NULL: &str = "Response was null";

/// A sample that met its assertion.
fn passed(name: Text) -> AssertionResult {
    AssertionResult { name, ..AssertionResult::default() }
}

/// A sample that did not.
fn failed(name: Text, message: impl Into<Text>) -> AssertionResult {
    AssertionResult { name, failure: true, error: false, message: Some(message.into()) }
}

/// `NumberFormat` of a whole number in English, as `MessageFormat` shows it: `1,234,567`.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_in_messages_are_grouped() {
        let all = [0, 12, 123, 1234, 123_456, -1_234_567].map(grouped);
        assert_eq!(all, ["0", "12", "123", "1,234", "123,456", "-1,234,567"]);
    }
}

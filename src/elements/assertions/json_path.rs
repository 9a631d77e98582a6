//! JSON Assertion: the value that a JSONPath finds in the response must be there, be null, or be as expected. The plugin
//! jpgc-json has one of its own, which JMeter's was made of.

use super::{RESPONSE_WAS_NULL, failed};
use crate::elements::pattern::PatternExpr;
use crate::elements::roles::Assertion;
use crate::elements::{Compile, Definition, Role, Severity, parsed_json};
use crate::expr::{BoolExpr, Expr};
use crate::json_path::Json;
use crate::results::{AssertionResult, SampleResult};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

const PATH: &str = "JSON_PATH";
const EXPECTED: &str = "EXPECTED_VALUE";
const VALIDATES: &str = "JSONVALIDATION";
const EXPECT_NULL: &str = "EXPECT_NULL";
const INVERT: &str = "INVERT";
const IS_REGEX: &str = "ISREGEX";

pub(super) const JSON_PATH: Definition = Definition {
    tag: "JSONPathAssertion",
    menu: "JSON Assertion",
    compile: |compile| JsonPathAssertion::compile(compile, Dialect::JMeter),
};

pub(super) const PLUGIN_JSON_PATH: Definition = Definition {
    tag: "com.atlantbh.jmeter.plugins.jsonutils.jsonpathassertion.JSONPathAssertion",
    menu: "jp@gc - JSON Path Assertion",
    compile: |compile| {
        if &*compile.element.text("INPUT_FORMAT") == "YAML" {
            compile.problem(Severity::Unsupported, "YAML is not read here");
            return None;
        }
        JsonPathAssertion::compile(compile, Dialect::Plugin)
    },
};

/// Whose assertion it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// Values that are no patterns are compared as JSON; an empty array is nothing found.
    JMeter,
    /// Values that are no patterns are compared as texts.
    Plugin,
}

impl JsonPathAssertion {
    fn compile(compile: &mut Compile<'_>, dialect: Dialect) -> Option<Role> {
        let expected = compile.expr(EXPECTED);
        Some(Role::assertion(JsonPathAssertion {
            dialect,
            name: compile.name(),
            path: compile.expr(PATH),
            pattern: PatternExpr::new(expected.clone()),
            expected,
            validates: compile.flag(VALIDATES, false),
            expect_null: compile.flag(EXPECT_NULL, false),
            invert: compile.flag(INVERT, false),
            is_regex: compile.flag(IS_REGEX, true),
        }))
    }
}

struct JsonPathAssertion {
    dialect: Dialect,
    name: Expr,
    path: Expr,
    expected: Expr,
    pattern: PatternExpr,
    validates: BoolExpr,
    expect_null: BoolExpr,
    invert: BoolExpr,
    is_regex: BoolExpr,
}

impl Assertion for JsonPathAssertion {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        if result.response_data.is_empty() {
            return Ok(failed(name, RESPONSE_WAS_NULL));
        }
        let path = self.path.eval(user)?;
        let invert = self.invert.eval(user)?;
        let message = match (self.fault(user, &path, result)?, invert) {
            (Some(fault), false) => Some(fault),
            (None, true) => Some(self.inverted_message(user, &path)?),
            _ => None,
        };
        Ok(match message {
            Some(message) => failed(name, message),
            // An empty message, which hides those of later assertions.
            None => AssertionResult { name, message: Some(Text::default()), ..AssertionResult::default() },
        })
    }
}

impl JsonPathAssertion {
    /// What is wrong with the response, if anything is.
    fn fault(&self, user: &mut VirtualUser, path: &Text, result: &SampleResult) -> Result<Option<String>, Thrown> {
        let document = parsed_json::of(result);
        let document = match &*document {
            Ok(document) => document,
            Err(message) => return Ok(Some(message.clone())),
        };
        if path.is_empty() {
            return Ok(Some("path can not be null or empty".to_owned()));
        }
        let compiled = parsed_json::path(path);
        let compiled = match &*compiled {
            Ok(compiled) => compiled,
            Err(invalid) => return Ok(Some(invalid.to_string())),
        };
        let value = match compiled.read(document) {
            Ok(value) => value,
            Err(error) => return Ok(Some(error.to_string())),
        };
        let expected = self.expected.eval(user)?;
        if !self.validates.eval(user)? {
            let empty = self.dialect == Dialect::JMeter && matches!(&*value, Json::Array(items) if items.is_empty());
            return Ok((empty && !compiled.is_definite()).then(|| {
                format!(
                    "JSONPath '{path}' is indefinite and the extracted Value is an empty Array. Please use an \
                     assertion value, to be sure to get a correct result. Expected value was '{expected}'"
                )
            }));
        }
        let wanted = self.wanted(user, expected)?;
        match wanted.is_met(&value) {
            Ok(true) => return Ok(None),
            Ok(false) => {}
            Err(bad) => return Ok(Some(bad.message_or_null().to_owned())),
        }
        let expected = &wanted.expected;
        let place = match self.dialect {
            Dialect::JMeter => format!(" in json path '{path}'"),
            Dialect::Plugin => String::new(),
        };
        Ok(Some(if wanted.null {
            format!("Value{place} expected to be null, but found '{}'", value.to_java_string())
        } else {
            let found = parsed_json::shown(&value);
            match wanted.value {
                Value::Pattern(_) => {
                    format!("Value{place} expected to match regexp '{expected}', but it did not match: '{found}'")
                }
                Value::Json(_) | Value::Text => {
                    format!("Value{place} expected to be '{expected}', but found '{found}'")
                }
            }
        }))
    }

    fn wanted(&self, user: &mut VirtualUser, expected: Text) -> Result<Wanted, Thrown> {
        let null = self.expect_null.eval(user)?;
        let value = if self.is_regex.eval(user)? {
            Value::Pattern(self.pattern.get(user)?)
        } else if self.dialect == Dialect::Plugin {
            Value::Text
        } else {
            // What cannot be parsed is null to json-smart.
            Value::Json(parsed_json::parse(&expected).unwrap_or(Json::Null))
        };
        Ok(Wanted { expected, null, value })
    }

    fn inverted_message(&self, user: &mut VirtualUser, path: &str) -> Result<String, Thrown> {
        if !self.validates.eval(user)? {
            return Ok(format!("Failed that JSONPath not exists: {path}"));
        }
        if self.expect_null.eval(user)? {
            return Ok(format!("Failed that JSONPath {path} not matches null"));
        }
        Ok(format!("Failed that JSONPath {path} not matches {}", self.expected.eval(user)?))
    }
}

/// What a value should be.
struct Wanted {
    expected: Text,
    null: bool,
    value: Value,
}

enum Value {
    Pattern(std::sync::Arc<crate::elements::pattern::Compiled>),
    Json(Json),
    /// The expected text itself.
    Text,
}

impl Wanted {
    /// Of an array, any item will do, or the whole. A bad pattern is an error only once it is needed.
    fn is_met(&self, value: &Json) -> Result<bool, Thrown> {
        let Json::Array(items) = value else { return self.is_met_by_one(value) };
        if items.is_empty() && &*self.expected == "[]" {
            return Ok(true);
        }
        for item in items {
            if self.is_met_by_one(item)? {
                return Ok(true);
            }
        }
        self.equals(value)
    }

    fn is_met_by_one(&self, value: &Json) -> Result<bool, Thrown> {
        Ok(self.null && matches!(value, Json::Null) || self.equals(value)?)
    }

    fn equals(&self, value: &Json) -> Result<bool, Thrown> {
        match &self.value {
            Value::Pattern(compiled) => Ok(compiled.pattern()?.matches(&parsed_json::shown(value))),
            Value::Json(expected) => Ok(expected == value),
            Value::Text => Ok(parsed_json::shown(value) == *self.expected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, check, element};

    const DATA: &str = r#"{"total": 4, "name": "Corner", "none": null, "tags": ["new", "used"], "price": 10.50,
        "exp": 1e2, "half": 0.5, "o": {"color": "red", "b": 1}, "empty": []}"#;

    #[test]
    fn the_plugins_compares_texts() {
        let judge = |path: &str, expected: &str, flags: &str| {
            let assertion = element(PLUGIN_JSON_PATH.tag)
                .with(PATH, path)
                .with(EXPECTED, expected)
                .with(VALIDATES, flags.contains('v'))
                .with(EXPECT_NULL, flags.contains('n'))
                .with(IS_REGEX, !flags.contains('p'));
            check(assertion, &[], &mut body(DATA)).message.unwrap().to_string()
        };
        assert_eq!(judge("$.tags[?(@.x)]", "", ""), "");
        assert_eq!(judge("$.total", "4.0", "vp"), "Value expected to be '4.0', but found '4'");
        let expected = "Value expected to match regexp '5', but it did not match: '4'";
        assert_eq!(judge("$.total", "5", "v"), expected);
        assert_eq!(judge("$.total", "", "vn"), "Value expected to be null, but found '4'");
        assert_eq!(judge("$.tags", r#"["new","used"]"#, "vp"), "");
    }

    /// `flags`: `v`alidates, expects `n`ull, `i`nverts, `p`lain text.
    fn judge(path: &str, expected: &str, flags: &str, data: &str) -> String {
        let assertion = element("JSONPathAssertion")
            .with(PATH, path)
            .with(EXPECTED, expected)
            .with(VALIDATES, flags.contains('v'))
            .with(EXPECT_NULL, flags.contains('n'))
            .with(INVERT, flags.contains('i'))
            .with(IS_REGEX, !flags.contains('p'));
        let verdict = check(assertion, &[], &mut body(data));
        assert!(!verdict.error);
        assert_eq!(verdict.message.as_deref() == Some(""), !verdict.failure);
        verdict.message.unwrap().to_string()
    }

    #[test]
    fn what_it_says() {
        let cases = [
            ("$.total", "", "", ""),
            ("$.gone", "", "", "No results for path: $['gone']"),
            ("", "", "", "path can not be null or empty"),
            ("$.total", "4", "v", ""),
            (
                "$.total",
                "5",
                "v",
                "Value in json path '$.total' expected to match regexp '5', but it did not match: '4'",
            ),
            (
                "$.name",
                "orn",
                "v",
                "Value in json path '$.name' expected to match regexp 'orn', but it did not match: 'Corner'",
            ),
            ("$.name", "C.*r", "vp", "Value in json path '$.name' expected to be 'C.*r', but found 'Corner'"),
            ("$.name", "Corner", "vp", ""),
            ("$.none", "", "vn", ""),
            ("$.total", "", "vn", "Value in json path '$.total' expected to be null, but found '4'"),
            ("$.o", "", "vn", "Value in json path '$.o' expected to be null, but found '{color=red, b=1}'"),
            ("$.total", "", "i", "Failed that JSONPath not exists: $.total"),
            ("$.gone", "", "i", ""),
            ("$.total", "4", "vi", "Failed that JSONPath $.total not matches 4"),
            ("$.none", "", "vni", "Failed that JSONPath $.none not matches null"),
            (
                "$.total",
                "4.0",
                "v",
                "Value in json path '$.total' expected to match regexp '4.0', but it did not match: '4'",
            ),
            ("$.total", "4.0", "vp", "Value in json path '$.total' expected to be '4.0', but found '4'"),
            ("$.price", "10\\.5", "v", ""),
            (
                "$.exp",
                "100",
                "v",
                "Value in json path '$.exp' expected to match regexp '100', but it did not match: '100.0'",
            ),
            ("$.half", "0.5", "v", ""),
            ("$.tags[*]", "used", "v", ""),
            ("$.tags", "[\"new\",\"used\"]", "vp", ""),
            (
                "$.tags[*]",
                "z",
                "v",
                "Value in json path '$.tags[*]' expected to match regexp 'z', but it did not match: '[\"new\",\"used\"]'",
            ),
            ("$.o", "{\"b\":1,\"color\":\"red\"}", "vp", ""),
            ("$.empty", "[]", "v", ""),
            ("$.empty", "", "", ""),
            (
                "$..tags[?(@.x)]",
                "",
                "",
                "JSONPath '$..tags[?(@.x)]' is indefinite and the extracted Value is an empty Array. Please use an \
                 assertion value, to be sure to get a correct result. Expected value was ''",
            ),
            ("$.total", "(", "v", "Invalid expression: (\nUnmatched parentheses."),
            ("$[", "", "", "java.lang.StringIndexOutOfBoundsException: String index out of range: 2"),
        ];
        for (path, expected, flags, message) in cases {
            assert_eq!(judge(path, expected, flags, DATA), message, "{path} {expected} {flags}");
        }
        assert_eq!(judge("$.a", "", "", ""), "Response was null");
        let broken = "net.minidev.json.parser.ParseException: Unexpected End Of File position 5: null";
        assert_eq!(judge("$.a", "", "", "{\"a\": "), broken);
        assert_eq!(judge("$.a", "", "i", "{\"a\": "), "");
    }
}

//! JSON JMESPath Assertion: the value that a JMESPath finds in the response must be there, be null, or be as expected.

use super::{RESPONSE_WAS_NULL, failed};
use crate::elements::jmes_path::{Json, Query, QueryExpr};
use crate::elements::pattern::PatternExpr;
use crate::elements::roles::Assertion;
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::results::{AssertionResult, SampleResult};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

const PATH: &str = "JMES_PATH";
const EXPECTED: &str = "EXPECTED_VALUE";
const VALIDATES: &str = "JSONVALIDATION";
const EXPECT_NULL: &str = "EXPECT_NULL";
const INVERT: &str = "INVERT";
const IS_REGEX: &str = "ISREGEX";

pub(super) const JMES_PATH: Definition = Definition {
    tag: "JMESPathAssertion",
    menu: "JSON JMESPath Assertion",
    compile: |compile| {
        let path = compile.expr(PATH);
        let expected = compile.expr(EXPECTED);
        Some(Role::assertion(JmesPath {
            name: compile.name(),
            query: QueryExpr::new(path.clone()),
            path,
            pattern: PatternExpr::new(expected.clone()),
            expected,
            validates: compile.flag(VALIDATES, false),
            expect_null: compile.flag(EXPECT_NULL, false),
            invert: compile.flag(INVERT, false),
            is_regex: compile.flag(IS_REGEX, true),
        }))
    },
};

struct JmesPath {
    name: Expr,
    path: Expr,
    query: QueryExpr,
    expected: Expr,
    pattern: PatternExpr,
    validates: BoolExpr,
    expect_null: BoolExpr,
    invert: BoolExpr,
    is_regex: BoolExpr,
}

impl Assertion for JmesPath {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        let text = result.response_text();
        if text.is_empty() {
            return Ok(failed(name, RESPONSE_WAS_NULL));
        }
        let invert = self.invert.eval(user)?;
        Ok(match self.holds(user, &text)? {
            Ok(holds) if holds == invert => failed(name, self.message(user, invert)?),
            Err(message) if !invert => AssertionResult { name, failure: false, error: true, message: Some(message) },
            // An empty message, which hides those of later assertions.
            _ => AssertionResult { name, message: Some(Text::default()), ..AssertionResult::default() },
        })
    }
}

impl JmesPath {
    /// Whether the response is as it should be; or why that cannot be told.
    fn holds(&self, user: &mut VirtualUser, text: &str) -> Result<Result<bool, Text>, Thrown> {
        let query = self.query.get(user)?;
        let found = match search(text, &query) {
            Ok(found) => found,
            Err(message) => return Ok(Err(message)),
        };
        let is_null = matches!(found, Json::Null);
        if !self.validates.eval(user)? {
            return Ok(Ok(!is_null));
        }
        if self.expect_null.eval(user)? {
            return Ok(Ok(is_null));
        }
        let text = found.text();
        if self.is_regex.eval(user)? {
            let compiled = self.pattern.get(user)?;
            let holds = match compiled.pattern() {
                Ok(pattern) => Ok(pattern.matches(&text)),
                Err(bad) => Err(Text::from(bad.message_or_null())),
            };
            return Ok(holds);
        }
        let expected = self.expected.eval(user)?;
        if text == expected {
            return Ok(Ok(true));
        }
        Ok(Json::read(&expected).map(|expected| expected == found).map_err(Text::from))
    }

    fn message(&self, user: &mut VirtualUser, invert: bool) -> Result<String, Thrown> {
        let not = if invert { " not" } else { "" };
        if !self.validates.eval(user)? {
            return Ok(format!("JMESPATH {} expected{not} to exist", self.path.eval(user)?));
        }
        if self.expect_null.eval(user)? {
            return Ok(format!("Value expected{not} to be null"));
        }
        let verb = if self.is_regex.eval(user)? { "match" } else { "be equal to" };
        Ok(format!("Value expected{not} to {verb} {}", self.expected.eval(user)?))
    }
}

fn search(text: &str, query: &Result<Query, String>) -> Result<Json, Text> {
    let json = Json::read(text).map_err(Text::from)?;
    let query = query.as_ref().map_err(|error| Text::from(&**error))?;
    query.search(&json).map_err(Text::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, check, element};

    const DATA: &str = r#"{"total": 4, "name": "Corner", "none": null, "tags": ["new", "used"], "price": 10.50}"#;

    /// `flags`: `v`alidates, expects `n`ull, `i`nverts, `p`lain text.
    fn judge(path: &str, expected: &str, flags: &str, data: &str) -> String {
        let assertion = element("JMESPathAssertion")
            .with(PATH, path)
            .with(EXPECTED, expected)
            .with(VALIDATES, flags.contains('v'))
            .with(EXPECT_NULL, flags.contains('n'))
            .with(INVERT, flags.contains('i'))
            .with(IS_REGEX, !flags.contains('p'));
        let verdict = check(assertion, &[], &mut body(data));
        let kind = if verdict.error { "error: " } else { "" };
        assert_eq!(verdict.message.as_deref() == Some(""), !verdict.failure && !verdict.error);
        format!("{kind}{}", verdict.message.unwrap())
    }

    #[test]
    fn what_it_says() {
        let cases = [
            ("total", "", "", ""),
            ("gone", "", "", "JMESPATH gone expected to exist"),
            ("total", "4", "v", ""),
            ("total", "5", "v", "Value expected to match 5"),
            ("name", "C.*r", "v", ""),
            ("name", "orn", "v", "Value expected to match orn"),
            ("none", "", "vn", ""),
            ("gone", "", "vn", ""),
            ("total", "", "vn", "Value expected to be null"),
            ("total", "", "i", "JMESPATH total expected not to exist"),
            ("gone", "", "i", ""),
            ("total", "4", "vi", "Value expected not to match 4"),
            ("tags", r#"[ "new","used" ]"#, "vp", ""),
            ("tags", "[]", "vp", "Value expected to be equal to []"),
            ("price", "10.5", "v", ""),
            ("total", "4.0", "vp", "Value expected to be equal to 4.0"),
            (
                "name",
                "C.*r",
                "vp",
                "error: Unrecognized token 'C': was expecting (JSON String, Number, Array, Object or token 'null', \
                 'true' or 'false')\n at [Source: (String)\"C.*r\"; line: 1, column: 2]",
            ),
            (
                "store[",
                "",
                "",
                "error: Unable to compile expression \"store[\": syntax error no viable alternative at input '[' at \
                 position 6",
            ),
            ("store[", "", "i", ""),
            ("total", "(", "v", "error: Invalid expression: (\nUnmatched parentheses."),
        ];
        for (path, expected, flags, message) in cases {
            assert_eq!(judge(path, expected, flags, DATA), message, "{path} {expected} {flags}");
        }
        assert_eq!(judge("a", "", "", ""), "Response was null");
    }
}

//! Response Assertion: looks for texts or Perl 5 patterns in a part of the response or request.
//!
//! Differs from JMeter where the field is `Assertion.response_data_as_document`: see
//! [`document_text`](crate::elements::scope_text::document_text). `jmeter.regex.engine=java` is not heeded.

use super::equals_difference::{self, Marks};
use super::{RESPONSE_WAS_NULL, failed, passed};
use crate::elements::pattern::PatternExpr;
use crate::elements::roles::{Assertion, SampleScope};
use crate::elements::scope_text::{AssertionScope, document_text, sampler_data};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::results::{AssertionResult, SampleResult};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::borrow::Cow;

const FIELD: &str = "Assertion.test_field";
const TYPE: &str = "Assertion.test_type";
/// The misspelling is JMeter's.
const STRINGS: &str = "Asserion.test_strings";
const ASSUME_SUCCESS: &str = "Assertion.assume_success";
const CUSTOM_MESSAGE: &str = "Assertion.custom_message";

/// Bits of `Assertion.test_type`.
const MATCH: i64 = 1;
const CONTAINS: i64 = 2;
const NOT: i64 = 4;
const EQUALS: i64 = 8;
const SUBSTRING: i64 = 16;
const OR: i64 = 32;

pub(super) const RESPONSE: Definition = Definition {
    tag: "ResponseAssertion",
    menu: "Response Assertion",
    compile: |compile| {
        let Some(scope) = AssertionScope::compile(compile) else { return Some(Role::inert()) };
        let kind = compile.long(TYPE, CONTAINS);
        Some(Role::assertion(Response {
            name: compile.name(),
            scope,
            field: Field::of(&compile.element.text(FIELD)),
            strings: strings(compile, &kind),
            kind,
            assume_success: compile.flag(ASSUME_SUCCESS, false),
            custom_message: compile.expr(CUSTOM_MESSAGE),
            marks: Marks::from(&compile.shared.properties),
        }))
    },
};

fn strings(compile: &mut Compile<'_>, kind: &LongExpr) -> Vec<TestString> {
    let element = compile.element;
    let patterns = match kind {
        LongExpr::Fixed(kind) => takes_patterns(*kind),
        LongExpr::Text(_) => true,
    };
    let one = |entry: &crate::jmx::Property| {
        let text = compile.parse(&entry.value.text());
        if patterns { TestString::Pattern(PatternExpr::new(text)) } else { TestString::Plain(text) }
    };
    element.collection(STRINGS).iter().map(one).collect()
}

/// Contains wins over equals, equals over substring, and what is none of these matches.
fn takes_patterns(kind: i64) -> bool {
    kind & CONTAINS != 0 || kind & (EQUALS | SUBSTRING) == 0
}

/// What is looked for.
enum TestString {
    Plain(Expr),
    Pattern(PatternExpr),
}

/// What is looked at.
#[derive(Debug, Clone, Copy)]
enum Field {
    Body,
    Document,
    Code,
    Message,
    ResponseHeaders,
    RequestHeaders,
    RequestData,
    Url,
}

impl Field {
    /// What is unknown is the URL.
    fn of(property: &str) -> Self {
        match property {
            "Assertion.response_data" => Field::Body,
            "Assertion.response_data_as_document" => Field::Document,
            "Assertion.response_code" => Field::Code,
            "Assertion.response_message" => Field::Message,
            "Assertion.response_headers" => Field::ResponseHeaders,
            "Assertion.request_headers" => Field::RequestHeaders,
            "Assertion.request_data" => Field::RequestData,
            _ => Field::Url,
        }
    }

    /// Its name in messages.
    fn name(self) -> &'static str {
        match self {
            Field::Body => "text",
            Field::Document => "document",
            Field::Code => "code",
            Field::Message => "message",
            Field::ResponseHeaders => "headers",
            Field::RequestHeaders => "request headers",
            Field::RequestData => "request data",
            Field::Url => "URL",
        }
    }

    fn text(self, result: &SampleResult) -> Cow<'_, str> {
        match self {
            Field::Body => result.response_text(),
            Field::Document => Cow::Borrowed(document_text(&result.response_data)),
            Field::Code => Cow::Borrowed(&result.response_code),
            Field::Message => Cow::Borrowed(&result.response_message),
            Field::ResponseHeaders => Cow::Borrowed(&result.response_headers),
            Field::RequestHeaders => Cow::Borrowed(&result.request_headers),
            Field::RequestData => sampler_data(result).unwrap_or_default(),
            Field::Url => Cow::Borrowed(result.url.as_deref().unwrap_or_default()),
        }
    }
}

struct Response {
    name: Expr,
    scope: AssertionScope,
    field: Field,
    kind: LongExpr,
    strings: Vec<TestString>,
    assume_success: BoolExpr,
    custom_message: Expr,
    marks: Marks,
}

impl Assertion for Response {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn scope(&self) -> &SampleScope {
        &self.scope.samples
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        if self.assume_success.eval(user)? {
            result.successful = true;
        }
        let kind = self.kind.eval(user)?;
        let variable = match &self.scope.variable {
            Some(variable) => Some(variable.get(user)?.unwrap_or_default()),
            None => None,
        };
        let text = match &variable {
            Some(text) => Cow::Borrowed(&**text),
            None => self.field.text(result),
        };
        if text.is_empty() {
            let verdict = if kind & NOT != 0 { passed(name) } else { failed(name, RESPONSE_WAS_NULL) };
            return Ok(verdict);
        }
        let mut failures = String::new();
        for string in &self.strings {
            let (found, wanted) = match found(string, kind, &text, user)? {
                Ok(found) => found,
                Err(bad) => {
                    let message = Text::from(format!("Bad test configuration {bad}"));
                    return Ok(AssertionResult { name, failure: false, error: true, message: Some(message) });
                }
            };
            let passes = found != (kind & NOT != 0);
            if kind & OR != 0 {
                if passes {
                    return Ok(passed(name));
                }
                self.describe(&mut failures, kind, &text, &wanted, user)?;
                failures.push('\t');
            } else if !passes {
                self.describe(&mut failures, kind, &text, &wanted, user)?;
                return self.fail(name, failures, user);
            }
        }
        if kind & OR != 0 {
            if failures.is_empty() {
                failures.push('\t');
            }
            return self.fail(name, failures, user);
        }
        Ok(passed(name))
    }

    fn reads_response_data(&self) -> bool {
        self.scope.variable.is_none() && matches!(self.field, Field::Body | Field::Document)
    }
}

/// Whether `string` is in `text`, and what it reads now; or its pattern is none.
fn found(
    string: &TestString,
    kind: i64,
    text: &str,
    user: &mut VirtualUser,
) -> Result<Result<(bool, Text), Thrown>, Thrown> {
    let plain = |wanted: &str| {
        if kind & EQUALS != 0 {
            text == wanted
        } else {
            memchr::memmem::find(text.as_bytes(), wanted.as_bytes()).is_some()
        }
    };
    match string {
        TestString::Plain(expr) => {
            let wanted = expr.eval(user)?;
            Ok(Ok((plain(&wanted), wanted)))
        }
        TestString::Pattern(expr) => {
            let compiled = expr.get(user)?;
            let wanted = Text::clone(&compiled.text);
            if !takes_patterns(kind) {
                return Ok(Ok((plain(&wanted), wanted)));
            }
            let pattern = match compiled.pattern() {
                Ok(pattern) => pattern,
                Err(bad) => return Ok(Err(bad)),
            };
            let found = if kind & CONTAINS != 0 { pattern.contains(text) } else { pattern.matches(text) };
            Ok(Ok((found, wanted)))
        }
    }
}

impl Response {
    fn fail(&self, name: Text, message: String, user: &mut VirtualUser) -> Result<AssertionResult, Thrown> {
        let custom = self.custom_message.eval(user)?;
        Ok(if custom.is_empty() { failed(name, message) } else { failed(name, custom) })
    }

    /// Appends `Test failed: text expected to contain /x/`.
    fn describe(
        &self,
        out: &mut String,
        kind: i64,
        text: &str,
        wanted: &str,
        user: &mut VirtualUser,
    ) -> Result<(), Thrown> {
        out.push_str("Test failed: ");
        match &self.scope.variable {
            Some(variable) => out.push_str(&format!("variable({})", variable.text(user)?)),
            None => out.push_str(self.field.name()),
        }
        let negated = kind & NOT != 0;
        out.push_str(match kind & !NOT {
            CONTAINS | SUBSTRING if negated => " expected not to contain ",
            CONTAINS | SUBSTRING => " expected to contain ",
            MATCH if negated => " expected not to match ",
            MATCH => " expected to match ",
            EQUALS if negated => " expected not to equal ",
            EQUALS => " expected to equal ",
            _ => " expected something using ",
        });
        out.push('/');
        if kind & EQUALS != 0 {
            equals_difference::append(out, text, wanted, &self.marks);
        } else {
            out.push_str(wanted);
        }
        out.push('/');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, check, element};
    use crate::jmx::{Property, TestElement};

    fn assertion(kind: &str, strings: &[&str]) -> TestElement {
        let strings: Vec<Property> = strings.iter().map(|text| Property::new("0", *text)).collect();
        element("ResponseAssertion").with(FIELD, "Assertion.response_data").with(TYPE, kind).with(STRINGS, strings)
    }

    fn message(assertion: TestElement, data: &str) -> String {
        let verdict = check(assertion, &[("v", "in var")], &mut body(data));
        assert_eq!(verdict.failure || verdict.error, verdict.message.is_some());
        verdict.message.map_or_else(|| "passed".to_owned(), |text| text.to_string())
    }

    #[test]
    fn what_each_type_says() {
        let text = "Test failed: text expected";
        let cases: &[(&str, &[&str], String)] = &[
            ("16", &["nope"], format!("{text} to contain /nope/")),
            ("20", &["abc"], format!("{text} not to contain /abc/")),
            ("2", &["no.e"], format!("{text} to contain /no.e/")),
            ("6", &["a.c"], format!("{text} not to contain /a.c/")),
            ("1", &["ab"], format!("{text} to match /ab/")),
            ("5", &["a.c"], format!("{text} not to match /a.c/")),
            ("48", &["x", "y"], format!("{text} something using /x/\t{text} something using /y/\t")),
            ("48", &["x", "b"], "passed".into()),
            ("52", &["a", "b"], format!("{text} something using /a/\t{text} something using /b/\t")),
            ("16", &["a", "x", "y"], format!("{text} to contain /x/")),
            ("8", &["abc"], "passed".into()),
            ("12", &["abd"], "passed".into()),
            ("16", &[], "passed".into()),
            ("32", &[], "\t".into()),
            ("18", &["a.c"], "passed".into()),
            (
                "24",
                &["ab"],
                format!(
                    "{text} something using /\n\n****** received  : ab[[[c]]]\n\n****** comparison: ab[[[ ]]]\n\n/"
                ),
            ),
            (
                "2",
                &["(a"],
                "Bad test configuration org.apache.oro.text.MalformedCachePatternException: Invalid expression: (a\n\
                 Unmatched parentheses."
                    .into(),
            ),
        ];
        for (kind, strings, expected) in cases {
            assert_eq!(&message(assertion(kind, strings), "abc"), expected, "{kind} {strings:?}");
        }
    }

    #[test]
    fn contains_is_the_default_and_patterns_may_hold_references() {
        let strings = vec![Property::new("0", "^i.${v}$")];
        let bare = element("ResponseAssertion").with(FIELD, "Assertion.response_data").with(STRINGS, strings);
        assert_eq!(message(bare, "is in var"), "Test failed: text expected to contain /^i.in var$/");
    }

    #[test]
    fn a_message_of_ones_own_replaces_all() {
        assert_eq!(message(assertion("48", &["x"]).with(CUSTOM_MESSAGE, "no ${v}"), "abc"), "no in var");
    }

    #[test]
    fn empty_texts_pass_only_what_must_not_be_there() {
        assert_eq!(message(assertion("16", &["x"]), ""), "Response was null");
        assert_eq!(message(assertion("20", &["x"]), ""), "passed");
        let gone = assertion("16", &["x"]).with("Assertion.scope", "variable").with("Scope.variable", "gone");
        assert_eq!(message(gone, "x"), "Response was null");
    }

    #[test]
    fn a_variable_instead_of_the_sample() {
        let of_variable = assertion("16", &["x"]).with("Assertion.scope", "variable").with("Scope.variable", "v");
        assert_eq!(message(of_variable, "x"), "Test failed: variable(v) expected to contain /x/");
    }

    #[test]
    fn ignoring_the_status_comes_before_the_check() {
        let mut sample = SampleResult { successful: false, ..body("abc") };
        let verdict = check(assertion("16", &["b"]).with(ASSUME_SUCCESS, true), &[], &mut sample);
        assert!(sample.successful && !verdict.failure);
    }
}

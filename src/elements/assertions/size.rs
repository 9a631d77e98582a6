//! Size Assertion: compares the size of a response, or of a part of it, with a number.

use super::{failed, grouped, passed};
use crate::elements::roles::{Assertion, SampleScope};
use crate::elements::scope_text::AssertionScope;
use crate::elements::{Definition, Role};
use crate::expr::{Expr, LongExpr};
use crate::java::number;
use crate::results::{AssertionResult, SampleResult};
use crate::virtual_user::{Thrown, VirtualUser};

const FIELD: &str = "Assertion.test_field";
const SIZE_OF: &str = "SizeAssertion.size";
const OPERATOR: &str = "SizeAssertion.operator";

pub(super) const SIZE: Definition = Definition {
    tag: "SizeAssertion",
    menu: "Size Assertion",
    compile: |compile| {
        let Some(scope) = AssertionScope::compile(compile) else { return Some(Role::inert()) };
        let field = match &*compile.element.text(FIELD) {
            "SizeAssertion.response_headers" => Field::Headers,
            "SizeAssertion.response_data" => Field::Body,
            "SizeAssertion.response_code" => Field::Code,
            "SizeAssertion.response_message" => Field::Message,
            _ => Field::Network,
        };
        let (name, allowed) = (compile.name(), compile.expr(SIZE_OF));
        Some(Role::assertion(Size { name, scope, field, allowed, operator: compile.long(OPERATOR, 0) }))
    },
};

/// What is measured: bytes, but for code and message, whose characters are counted.
enum Field {
    Network,
    Headers,
    Body,
    Code,
    Message,
}

struct Size {
    name: Expr,
    scope: AssertionScope,
    field: Field,
    allowed: Expr,
    operator: LongExpr,
}

impl Assertion for Size {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn scope(&self) -> &SampleScope {
        &self.scope.samples
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        let size = match &self.scope.variable {
            Some(variable) => {
                let value = variable.get(user)?;
                let Some(size) = value.as_deref().and_then(|text| number::parse_long(text).ok()) else {
                    let value = value.as_deref().unwrap_or("null");
                    let message = format!("Error parsing variable name: {} value: {value}", variable.text(user)?);
                    return Ok(failed(name, message));
                };
                size
            }
            None => {
                let size = match self.field {
                    Field::Network => result.bytes_as_long(),
                    Field::Headers => result.headers_size,
                    Field::Body => result.body_size_as_long(),
                    Field::Code => result.response_code.encode_utf16().count() as u64,
                    Field::Message => result.response_message.encode_utf16().count() as u64,
                };
                i64::try_from(size).unwrap_or(i64::MAX)
            }
        };
        let text = self.allowed.eval(user)?;
        let allowed = number::parse_long(&text)
            .map_err(|error| Thrown::new("java.lang.NumberFormatException", error.to_string()))?;
        let (holds, been) = match self.operator.eval(user)? {
            1 => (size == allowed, "been equal to"),
            2 => (size != allowed, "not been equal to"),
            3 => (size > allowed, "been greater than"),
            4 => (size < allowed, "been less than"),
            5 => (size >= allowed, "been greater or equal to"),
            6 => (size <= allowed, "been less than or equal to"),
            _ => (false, "ERROR - invalid condition"),
        };
        if holds {
            return Ok(passed(name));
        }
        let (size, allowed) = (grouped(size), grouped(allowed));
        let message =
            format!("The result was the wrong size: It was {size} bytes, but should have {been} {allowed} bytes.");
        Ok(failed(name, message))
    }

    fn reads_response_data(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use crate::elements::element_for_tests::{check, element, try_check};
    use crate::results::SampleResult;
    use crate::text::Text;
    use bytes::Bytes;

    fn sample() -> SampleResult {
        SampleResult {
            response_code: Text::from("200"),
            response_message: Text::from("All fine"),
            response_data: Bytes::from_static(b"xxxxxxxxxxxxxxxxxxxx"),
            headers_size: 108,
            ..SampleResult::default()
        }
    }

    #[test]
    fn every_field_and_operator() {
        let cases = [
            ("response_data", "1", "20", ""),
            ("response_data", "2", "20", "20 bytes, but should have not been equal to 20"),
            ("response_data", "3", "20", "20 bytes, but should have been greater than 20"),
            ("response_data", "4", "20", "20 bytes, but should have been less than 20"),
            ("response_data", "5", "21", "20 bytes, but should have been greater or equal to 21"),
            ("response_data", "6", "19", "20 bytes, but should have been less than or equal to 19"),
            ("response_data", "0", "20", "20 bytes, but should have ERROR - invalid condition 20"),
            ("response_code", "1", "3", ""),
            ("response_message", "4", "8", "8 bytes, but should have been less than 8"),
            ("response_headers", "4", "5", "108 bytes, but should have been less than 5"),
            ("response_network_size", "1", "1000", "128 bytes, but should have been equal to 1,000"),
            ("response_data", "3", "-1", ""),
        ];
        for (field, operator, size, expected) in cases {
            let assertion = element("SizeAssertion")
                .with(super::FIELD, &*format!("SizeAssertion.{field}"))
                .with(super::OPERATOR, operator)
                .with(super::SIZE_OF, size);
            let message = check(assertion, &[], &mut sample()).message.unwrap_or_default();
            let expected = match expected {
                "" => String::new(),
                text => format!("The result was the wrong size: It was {text} bytes."),
            };
            assert_eq!(*message, *expected);
        }
    }

    #[test]
    fn what_is_no_number() {
        let assertion = element("SizeAssertion").with(super::SIZE_OF, "many").with(super::OPERATOR, "1");
        let thrown = try_check(assertion, &[], &mut sample()).unwrap_err();
        assert_eq!(thrown.to_string(), "java.lang.NumberFormatException: For input string: \"many\"");
        let of_variable = |name: &str| {
            element("SizeAssertion")
                .with("Assertion.scope", "variable")
                .with("Scope.variable", name)
                .with(super::SIZE_OF, "9")
                .with(super::OPERATOR, "1")
        };
        let message = |name| check(of_variable(name), &[("v", "in"), ("n", "9")], &mut sample()).message;
        assert_eq!(message("v").as_deref(), Some("Error parsing variable name: v value: in"));
        assert_eq!(message("gone").as_deref(), Some("Error parsing variable name: gone value: null"));
        assert_eq!(message("n"), None);
    }
}

//! XML Assertion: the response must be well-formed XML, without a DOCTYPE.
//!
//! See [`xml_path::read`] for what is told otherwise than by JMeter's parser.

use super::{RESPONSE_WAS_NULL, failed, passed};
use crate::elements::roles::Assertion;
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::results::{AssertionResult, SampleResult};
use crate::virtual_user::{Thrown, VirtualUser};
use crate::xml_path;

pub(super) const XML: Definition = Definition {
    tag: "XMLAssertion",
    menu: "XML Assertion",
    compile: |compile| Some(Role::assertion(Xml { name: compile.name() })),
};

struct Xml {
    name: Expr,
}

impl Assertion for Xml {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        let text = result.response_text();
        if text.is_empty() {
            return Ok(failed(name, RESPONSE_WAS_NULL));
        }
        if text.starts_with('\u{feff}') {
            // JMeter's parser is handed characters, among which a byte order mark has no place.
            return Ok(AssertionResult { error: true, ..failed(name, "Content is not allowed in prolog.") });
        }
        Ok(match xml_path::check(&text) {
            Ok(()) => passed(name),
            Err(fault) => AssertionResult { error: true, ..failed(name, fault) },
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::elements::element_for_tests::{body, check, element};

    #[test]
    fn malformed_is_a_failure_and_an_error() {
        let judge = |data| check(element("XMLAssertion"), &[], &mut body(data));
        assert_eq!(judge("<a/>").message, None);
        let verdict = judge("hello");
        assert!(verdict.failure && verdict.error);
        assert_eq!(verdict.message.as_deref(), Some("Content is not allowed in prolog."));
        let verdict = judge("\u{feff}<a/>");
        assert_eq!(verdict.message.as_deref(), Some("Content is not allowed in prolog."));
        let verdict = judge("");
        assert!(verdict.failure && !verdict.error);
    }
}

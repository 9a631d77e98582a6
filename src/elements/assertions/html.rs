//! HTML Assertion: counts JTidy's errors and warnings, and fails when there are more than are allowed.
//!
//! A page whose elements lie too deep in each other for JTidy's stack ends the user in JMeter; here it fails the sample.

use super::{RESPONSE_WAS_NULL, failed, grouped, passed};
use crate::elements::roles::Assertion;
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::results::{AssertionResult, SampleResult};
use crate::text::Text;
use crate::tidy::{self, DocType, Format, Options};
use crate::virtual_user::{Thrown, VirtualUser};

const ERRORS_ONLY: &str = "html_assertion_errorsonly";
const ERROR_THRESHOLD: &str = "html_assertion_error_threshold";
const WARNING_THRESHOLD: &str = "html_assertion_warning_threshold";
const FORMAT: &str = "html_assertion_format";
const DOCTYPE: &str = "html_assertion_doctype";
const FILE_NAME: &str = "html_assertion_filename";

const LOG: &str = "org.apache.jmeter.assertions.HTMLAssertion";

pub(super) const HTML: Definition = Definition {
    tag: "HTMLAssertion",
    menu: "HTML Assertion",
    compile: |compile| {
        Some(Role::assertion(Html {
            name: compile.name(),
            errors_only: compile.flag(ERRORS_ONLY, false),
            errors: compile.long(ERROR_THRESHOLD, 0),
            warnings: compile.long(WARNING_THRESHOLD, 0),
            format: compile.long(FORMAT, 0),
            doctype: compile.expr(DOCTYPE),
            file_name: compile.expr(FILE_NAME),
        }))
    },
};

struct Html {
    name: Expr,
    errors_only: BoolExpr,
    errors: LongExpr,
    warnings: LongExpr,
    format: LongExpr,
    doctype: Expr,
    file_name: Expr,
}

impl Assertion for Html {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        if result.response_data.is_empty() {
            return Ok(failed(name, RESPONSE_WAS_NULL));
        }
        let file_name = self.file_name.eval(user)?;
        let writes_file = !file_name.trim().is_empty();
        let options = Options {
            format: match self.format.eval(user)? {
                1 => Format::Xhtml,
                2 => Format::Xml,
                _ => Format::Html,
            },
            doctype: DocType::named(&self.doctype.eval(user)?),
            clean: false,
            quiet: false,
            show_warnings: true,
            messages: writes_file,
        };
        let outcome = match tidy::read(&String::from_utf8_lossy(&result.response_data), &options) {
            Ok(outcome) => outcome,
            Err(failure) => {
                log::warn!(target: LOG, "Cannot parse result content {failure}");
                return Ok(failed(name, failure.to_string()));
            }
        };
        if writes_file {
            write_messages(&file_name, &outcome.messages);
        }
        let (errors, warnings) = (i64::from(outcome.errors), i64::from(outcome.warnings));
        let (most_errors, most_warnings) = (self.errors.eval(user)?, self.warnings.eval(user)?);
        let has_many_warnings = warnings > most_warnings && !self.errors_only.eval(user)?;
        if errors <= most_errors && !has_many_warnings {
            return Ok(passed(name));
        }
        let message = format!(
            "Tidy Parser errors: {} (allowed {}) Tidy Parser warnings: {} (allowed {})",
            grouped(errors),
            grouped(most_errors),
            grouped(warnings),
            grouped(most_warnings)
        );
        Ok(failed(name, message))
    }
}

/// Each sample writes the file anew.
fn write_messages(file_name: &Text, messages: &str) {
    if let Err(error) = std::fs::write(&**file_name, messages) {
        log::warn!(target: LOG, "writeOutput() -> could not write output to file: {file_name} {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::{ERROR_THRESHOLD, ERRORS_ONLY, FILE_NAME, FORMAT, WARNING_THRESHOLD};
    use crate::elements::element_for_tests::{body, check, element};

    fn judge(properties: &[(&str, &str)], page: &str) -> (bool, Option<String>) {
        let assertion =
            properties.iter().fold(element("HTMLAssertion"), |element, (key, value)| element.with(key, *value));
        let verdict = check(assertion, &[], &mut body(page));
        (verdict.failure, verdict.message.map(|message| message.to_string()))
    }

    #[test]
    fn more_than_is_allowed() {
        let message = |text: &str| (true, Some(format!("Tidy Parser {text}")));
        let page = "<main></main>";
        assert_eq!(judge(&[(ERRORS_ONLY, "true"), (ERROR_THRESHOLD, "1")], page), (false, None));
        assert_eq!(
            judge(&[(ERRORS_ONLY, "true")], page),
            message("errors: 1 (allowed 0) Tidy Parser warnings: 4 (allowed 0)")
        );
        assert_eq!(
            judge(&[(ERROR_THRESHOLD, "1"), (WARNING_THRESHOLD, "3")], page),
            message("errors: 1 (allowed 1) Tidy Parser warnings: 4 (allowed 3)")
        );
        assert_eq!(judge(&[(ERROR_THRESHOLD, "1"), (WARNING_THRESHOLD, "4")], page), (false, None));
        assert_eq!(judge(&[], ""), (true, Some("Response was null".to_owned())));
    }

    #[test]
    fn xml_knows_no_elements() {
        assert_eq!(judge(&[(FORMAT, "2")], "<a><b>x</b></a>"), (false, None));
        assert!(judge(&[(FORMAT, "2")], "<a></b></a>").0);
    }

    #[test]
    fn messages_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tidy.txt");
        judge(&[(FILE_NAME, file.to_str().unwrap())], "<!DOCTYPE html><title>t</title><p>x");
        let expected = "InputStream: Doctype given is \"\"\nInputStream: Document content looks like HTML 2.0\n\
            no warnings or errors were found\n";
        assert_eq!(std::fs::read_to_string(file).unwrap(), expected);
    }
}

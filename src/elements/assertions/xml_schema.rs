//! XML Schema Assertion: the response must be valid XML of a schema in a file.
//!
//! A schema is read once; JMeter reads it for each sample. What [`crate::xml_schema`] does not know of a schema whose file is
//! named without a reference stops the run before it begins; otherwise the assertion fails and says so.

use super::{RESPONSE_WAS_NULL, failed, passed};
use crate::elements::roles::Assertion;
use crate::elements::{Definition, Role, Severity};
use crate::expr::Expr;
use crate::results::{AssertionResult, SampleResult};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use crate::xml_schema::{self, Schema, Trouble, Verdict};
use ahash::AHashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

const FILE_NAME: &str = "xmlschema_assertion_filename";

/// Schemas that an assertion keeps.
const KEPT: usize = 100;

pub(super) const XML_SCHEMA: Definition = Definition {
    tag: "XMLSchemaAssertion",
    menu: "XML Schema Assertion",
    compile: |compile| {
        let assertion = XmlSchema { name: compile.name(), file: compile.expr(FILE_NAME), schemas: Mutex::default() };
        if let Some(file) = assertion.file.as_literal().filter(|file| !file.is_empty())
            && let Err(Trouble::Unsupported(what)) = &*assertion.schema(file)
        {
            compile.problem(Severity::Unsupported, format!("the schema {file}: {what} is not supported"));
        }
        Some(Role::assertion(assertion))
    },
};

type Loaded = Arc<Result<Schema, Trouble>>;

struct XmlSchema {
    name: Expr,
    file: Expr,
    schemas: Mutex<AHashMap<Text, Loaded>>,
}

impl XmlSchema {
    fn schema(&self, file: &Text) -> Loaded {
        let mut schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = schemas.get(file) {
            return Arc::clone(known);
        }
        let path = file.strip_prefix("file://").or_else(|| file.strip_prefix("file:")).unwrap_or(file);
        let loaded = if path.contains("://") {
            Err(Trouble::Unsupported("a schema that is no file".to_owned()))
        } else {
            xml_schema::load(Path::new(path))
        };
        let loaded = Arc::new(loaded);
        // A file that is not there yet may be there for the next sample.
        if !matches!(&*loaded, Err(Trouble::Missing(_))) {
            if schemas.len() >= KEPT {
                schemas.clear();
            }
            schemas.insert(Text::clone(file), Arc::clone(&loaded));
        }
        loaded
    }
}

impl Assertion for XmlSchema {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        let text = result.response_text();
        if text.is_empty() {
            return Ok(failed(name, RESPONSE_WAS_NULL));
        }
        let file = self.file.eval(user)?;
        if file.is_empty() {
            return Ok(failed(name, "FileName is required"));
        }
        Ok(match xml_schema::check(&self.schema(&file), &text) {
            Verdict::Valid(None) => passed(name),
            Verdict::Valid(Some(warning)) => AssertionResult { message: Some(Text::from(warning)), ..passed(name) },
            Verdict::Invalid(message) => {
                AssertionResult { name, failure: false, error: true, message: Some(Text::from(message)) }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::FILE_NAME;
    use crate::elements::element_for_tests::{body, check, element};

    #[test]
    fn what_is_not_valid_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xsd");
        let schema =
            "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='a' type='xs:int'/></xs:schema>";
        std::fs::write(&path, schema).unwrap();
        let judge = |file: &str, data| check(element("XMLSchemaAssertion").with(FILE_NAME, file), &[], &mut body(data));
        let file = path.to_str().unwrap();
        let verdict = judge(file, "<a>1</a>");
        assert!(!verdict.failure && !verdict.error && verdict.message.is_none());
        let verdict = judge(file, "<a>x</a>");
        assert!(!verdict.failure && verdict.error);
        let sentence = "error: line=1 col=9 cvc-datatype-valid.1.2.1: 'x' is not a valid value for 'integer'.";
        assert_eq!(verdict.message.as_deref(), Some(sentence));
        assert_eq!(judge("", "<a/>").message.as_deref(), Some("FileName is required"));
        assert_eq!(judge(file, "").message.as_deref(), Some("Response was null"));
        let message = judge("no.xsd", "<a/>").message.unwrap_or_default();
        assert!(
            message.starts_with("error: line=1 col=5 schema_reference.4: Failed to read schema document 'no.xsd',")
        );
    }
}

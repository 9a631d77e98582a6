//! XPath Assertion and XPath2 Assertion: an expression must find something in the response, or be true.
//!
//! `Validate the XML against its DTD` and `Ignore whitespace` do nothing.

use super::{RESPONSE_WAS_NULL, failed};
use crate::elements::roles::{Assertion, SampleScope};
use crate::elements::scope_text::AssertionScope;
use crate::elements::xpath::{Decoding, PathExpr, Source, TolerantExpr, Unread, document_of, sax_text};
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr};
use crate::results::{AssertionResult, SampleResult};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use crate::xml_path::{Dialect, Document, Expression, Item, Reading};
use std::rc::Rc;

const PATH: &str = "XPath.xpath";
const NEGATE: &str = "XPath.negate";
const NAMESPACES: &str = "XPath.namespaces";

pub(super) const XPATH: Definition = Definition {
    tag: "XPathAssertion",
    menu: "XPath Assertion",
    compile: |compile| {
        let Some(scope) = AssertionScope::compile(compile) else { return Some(Role::inert()) };
        let text = compile.expr_or(PATH, "/");
        Some(Role::assertion(XPath {
            name: compile.name(),
            path: PathExpr::compile(compile, text, Expr::default(), Dialect::One),
            negate: compile.flag(NEGATE, false),
            tolerant: TolerantExpr::compile(compile, "XPath"),
            namespaces: compile.flag("XPath.namespace", false),
            scope,
        }))
    },
};

pub(super) const XPATH2: Definition = Definition {
    tag: "XPath2Assertion",
    menu: "XPath2 Assertion",
    compile: |compile| {
        let Some(scope) = AssertionScope::compile(compile) else { return Some(Role::inert()) };
        let (text, namespaces) = (compile.expr_or(PATH, "/"), compile.expr(NAMESPACES));
        Some(Role::assertion(XPath2 {
            name: compile.name(),
            as_one: PathExpr::compile(compile, text.clone(), namespaces.clone(), Dialect::One),
            path: PathExpr::compile(compile, text, namespaces, Dialect::Two),
            negate: compile.flag(NEGATE, false),
            scope,
        }))
    },
};

struct XPath {
    name: Expr,
    path: PathExpr,
    negate: BoolExpr,
    tolerant: TolerantExpr,
    namespaces: BoolExpr,
    scope: AssertionScope,
}

/// The document to look at; none if there is nothing to read.
fn document(
    scope: &AssertionScope,
    source: Source,
    user: &mut VirtualUser,
    result: &SampleResult,
) -> Result<Option<Rc<Result<Document, Unread>>>, Thrown> {
    match &scope.variable {
        Some(variable) => {
            let text = variable.get(user)?.filter(|text| !text.is_empty());
            Ok(text.map(|text| Rc::new(source.read(&text))))
        }
        None => {
            let decoding = if matches!(source, Source::Tolerant(_)) { Decoding::Utf8 } else { Decoding::Charset };
            Ok(Some(document_of(result, source, decoding)))
        }
    }
}

fn error(name: Text, message: String) -> AssertionResult {
    AssertionResult { name, failure: false, error: true, message: Some(Text::from(message)) }
}

impl Assertion for XPath {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn scope(&self) -> &SampleScope {
        &self.scope.samples
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        if self.scope.variable.is_none() && result.response_data.is_empty() {
            return Ok(failed(name, RESPONSE_WAS_NULL));
        }
        let source = match self.tolerant.get(user)? {
            Some(tolerant) => tolerant,
            None if self.namespaces.eval(user)? => Source::Xml(Reading::Namespaces),
            None => Source::Xml(Reading::Plain),
        };
        let Some(document) = document(&self.scope, source, user, result)? else {
            return Ok(failed(name, RESPONSE_WAS_NULL));
        };
        let document = match &*document {
            Ok(document) => document,
            Err(Unread::Fault(fault)) => return Ok(error(name, format!("SAXException: {}", fault.message))),
            Err(Unread::Tidy(message)) => return Ok(error(name, message.clone())),
            Err(Unread::Thrown(thrown)) => return Err(thrown.clone()),
        };
        if document.root_element().is_none() {
            return Ok(error(name, "Document is null, probably not parsable".to_owned()));
        }
        let negate = self.negate.eval(user)?;
        let (text, path) = self.path.get(user)?;
        let value = match path.evaluate(document) {
            Ok(value) => value,
            Err(trouble) => {
                return Ok(error(name, format!("TransformerException: {} for: {text}", trouble.message())));
            }
        };
        let (failure, message) = match &*value.items {
            [Item::Boolean(yes)] if negate => (*yes, format!("Nodes Matched for {text}")),
            [Item::Boolean(yes)] => (!yes, format!("No Nodes Matched for {text}")),
            [] => (!negate, format!("No Nodes Matched {text}")),
            _ if !value.is_node_set() => (true, format!("Cannot understand: {text}")),
            _ if negate => (true, "Specified XPath was found... Turn off negate if this is not desired".to_owned()),
            _ => (false, String::new()),
        };
        Ok(AssertionResult { name, failure, error: false, message: Some(Text::from(message)) })
    }
}

struct XPath2 {
    name: Expr,
    path: PathExpr,
    /// JMeter asks Xalan, on an empty document, whether the expression is a boolean one.
    as_one: PathExpr,
    negate: BoolExpr,
    scope: AssertionScope,
}

impl Assertion for XPath2 {
    fn name(&self) -> &Expr {
        &self.name
    }

    fn scope(&self) -> &SampleScope {
        &self.scope.samples
    }

    fn check(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<AssertionResult, Thrown> {
        let name = self.name.eval(user)?;
        let Some(document) = document(&self.scope, Source::Xml(Reading::Saxon), user, result)? else {
            return Ok(failed(name, RESPONSE_WAS_NULL));
        };
        let (text, path) = self.path.get(user)?;
        let (_, as_one) = self.as_one.get(user)?;
        let negate = self.negate.eval(user)?;
        let passed = |message: String| AssertionResult {
            name: Text::clone(&name),
            failure: false,
            error: false,
            message: Some(Text::from(message)),
        };
        if text.is_empty() {
            return Ok(passed(String::new()));
        }
        Ok(match found(&path, &as_one, &document) {
            Ok(found) => {
                let no = if negate { "" } else { "No " };
                AssertionResult { failure: found == negate, ..passed(format!("{no}Nodes Matched for {text}")) }
            }
            Err(Failure::Xalan(message)) => error(name, format!("Exception: {message} for:{text}")),
            Err(Failure::Saxon(message)) => {
                error(name, format!("Exception occurred computing assertion with XPath:{text}, error:{message}"))
            }
        })
    }
}

enum Failure {
    Xalan(String),
    Saxon(String),
}

fn found(path: &Expression, as_one: &Expression, document: &Result<Document, Unread>) -> Result<bool, Failure> {
    let saxon = |trouble: crate::xml_path::Trouble| Failure::Saxon(trouble.message().to_owned());
    path.check().map_err(saxon)?;
    let document = document.as_ref().map_err(|fault| Failure::Saxon(sax_text(fault)))?;
    let kind = as_one.evaluate(&Document::empty()).map_err(|trouble| Failure::Xalan(trouble.message().to_owned()))?;
    let value = path.evaluate(document).map_err(saxon)?;
    let is_boolean = matches!(&*kind.items, [Item::Boolean(_)]);
    Ok(match value.items.first() {
        None => false,
        Some(first) if is_boolean => value.text(first, document).eq_ignore_ascii_case("true"),
        Some(_) => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::element_for_tests::{body, check, element};

    fn judge(class: &str, path: &str, negate: bool, data: &str) -> (bool, String) {
        let assertion = element(class).with(PATH, path).with(NEGATE, negate);
        let verdict = check(assertion, &[], &mut body(data));
        (verdict.failure || verdict.error, verdict.message.unwrap_or_default().to_string())
    }

    #[test]
    fn what_they_say() {
        let one = |path, negate| judge("XPathAssertion", path, negate, "<a><b/></a>");
        assert_eq!(one("//b", false), (false, String::new()));
        assert_eq!(one("//c", true), (false, "No Nodes Matched //c".to_owned()));
        assert_eq!(one("count(//b)", false), (true, "Cannot understand: count(//b)".to_owned()));
        let two = |path, negate| judge("XPath2Assertion", path, negate, "<a><b/></a>");
        assert_eq!(two("//b", true), (true, "Nodes Matched for //b".to_owned()));
        assert_eq!(two("count(//b)=2", false), (true, "No Nodes Matched for count(//b)=2".to_owned()));
        let message = "Exception: Could not find function: exists for:exists(//b)".to_owned();
        assert_eq!(two("exists(//b)", false), (true, message));
        assert_eq!(judge("XPathAssertion", "/", false, "").1, "Response was null");
    }
}

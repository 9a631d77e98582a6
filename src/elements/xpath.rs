//! What the XPath elements share: responses read once for all that ask in a row, expressions compiled with the plan.

use super::{Compile, Severity};
use crate::expr::Expr;
use crate::results::{AssertionResult, SampleResult};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use crate::xml_path::{self, Dialect, Document, Expression, Fault, Reading};
use bytes::Bytes;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// How a text becomes a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// XML.
    Xml(Reading),
    /// HTML of any quality, unless it says that it is XML (`Use Tidy`).
    Tolerant,
}

impl Source {
    /// Reads a text.
    pub fn read(self, text: &str) -> Result<Document, Fault> {
        match self {
            Source::Xml(reading) => xml_path::read(text, reading),
            Source::Tolerant if text.starts_with("<?xml") => xml_path::read(text, Reading::Plain),
            Source::Tolerant => Ok(xml_path::read_html(text)),
        }
    }
}

type Known = Rc<Result<Document, Fault>>;

thread_local! {
    /// Elements of a sample run one after another on its worker, so one place is enough.
    static LAST: RefCell<Option<(Bytes, Source, Known)>> = const { RefCell::new(None) };
}

/// The document of a sample's response.
pub(super) fn document_of(sample: &SampleResult, source: Source) -> Known {
    let data = &sample.response_data;
    LAST.with_borrow_mut(|last| {
        // While the data are kept here, nothing else can come to lie in their place.
        let is_same = |known: &Bytes| known.as_ptr() == data.as_ptr() && known.len() == data.len();
        if let Some((_, _, document)) = last.as_ref().filter(|(known, other, _)| *other == source && is_same(known)) {
            return Rc::clone(document);
        }
        let document = Rc::new(source.read(&sample.response_text()));
        *last = Some((data.clone(), source, Rc::clone(&document)));
        document
    })
}

const NAMESPACE_CONFIG: &str = "xpath.namespace.config";

/// An expression that may hold references.
pub(super) struct PathExpr {
    text: Expr,
    namespaces: Expr,
    /// Those of `xpath.namespace.config`.
    configured: Vec<(String, String)>,
    dialect: Dialect,
    fixed: Option<Arc<Expression>>,
}

impl PathExpr {
    /// Compiles a property's expression now, if it is the same always. `namespaces` are lines of `prefix=namespace`.
    pub fn compile(compile: &mut Compile<'_>, text: Expr, namespaces: Expr, dialect: Dialect) -> Self {
        let configured = if dialect == Dialect::One { configured_namespaces(compile) } else { Vec::new() };
        let mut path = PathExpr { text, namespaces, configured, dialect, fixed: None };
        if let (Some(text), Some(namespaces)) = (path.text.as_literal(), path.namespaces.as_literal()) {
            let fixed = Arc::new(path.expression(text, namespaces));
            if let Some(missing) = fixed.missing() {
                compile.problem(
                    Severity::Unsupported,
                    format!("the XPath {text} uses {missing}, which Rotameter does not have"),
                );
            }
            path.fixed = Some(fixed);
        }
        path
    }

    /// The text of the expression and the expression.
    pub fn get(&self, user: &mut VirtualUser) -> Result<(Text, Arc<Expression>), Thrown> {
        let text = self.text.eval(user)?;
        let expression = match &self.fixed {
            Some(fixed) => Arc::clone(fixed),
            None => {
                let namespaces = self.namespaces.eval(user)?;
                Arc::new(self.expression(&text, &namespaces))
            }
        };
        Ok((text, expression))
    }

    fn expression(&self, text: &str, namespaces: &str) -> Expression {
        let namespaces = self.configured.iter().cloned().chain(namespaces_in(namespaces)).collect();
        Expression::compile(text, self.dialect, namespaces)
    }
}

/// The prefixes that XPath 1.0 knows everywhere, from the file that a property names (`PropertiesBasedPrefixResolver`).
fn configured_namespaces(compile: &mut Compile<'_>) -> Vec<(String, String)> {
    match compile.shared.properties.file_named_by(NAMESPACE_CONFIG) {
        None => Vec::new(),
        Some(Ok(namespaces)) => namespaces,
        Some(Err(error)) => {
            compile.problem(Severity::Warning, format!("the file in the property {NAMESPACE_CONFIG}: {error}"));
            Vec::new()
        }
    }
}

/// `XPathUtil.namespacesParse`: a line without an equals sign says nothing.
fn namespaces_in(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('\n').filter_map(|line| line.split_once('='));
    pairs.map(|(prefix, uri)| (prefix.to_owned(), uri.to_owned())).collect()
}

/// A fault as `SAXParseException` shows itself through Saxon.
pub(super) fn sax_text(fault: &Fault) -> String {
    match fault.position {
        Some((line, column)) => {
            format!("org.xml.sax.SAXParseException; lineNumber: {line}; columnNumber: {column}; {}", fault.message)
        }
        None => format!("org.xml.sax.SAXParseException; {}", fault.message),
    }
}

/// What an extractor leaves on a sample that it could not search; the sample still passes.
pub(super) fn note(user: &mut VirtualUser, name: Text, message: &str) {
    let message = Some(Text::from(format!("{message}\nSee log file for further details.")));
    if let Some(previous) = user.previous.as_mut() {
        previous.assertion_results.push(AssertionResult { name, failure: true, error: false, message });
    }
}

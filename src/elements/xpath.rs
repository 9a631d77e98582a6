//! What the XPath elements share: responses read once for all that ask in a row, expressions compiled with the plan.

use super::{Compile, Severity};
use crate::expr::{BoolExpr, Expr};
use crate::results::{AssertionResult, SampleResult};
use crate::text::Text;
use crate::tidy::{self, DocType, Failure, Format, Options};
use crate::virtual_user::{Thrown, VirtualUser};
use crate::xml_path::{self, Dialect, Document, Expression, Fault, ForeignNode, Reading};
use bytes::Bytes;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

const TIDY_LOG: &str = "org.apache.jmeter.util.XPathUtil";

/// How a text becomes a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// XML.
    Xml(Reading),
    /// HTML of any quality, or XML if it says that it is (`Use Tidy`).
    Tolerant(Tolerance),
}

/// The switches of `Use Tidy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tolerance {
    quiet: bool,
    show_warnings: bool,
    report_errors: bool,
}

/// Why there is no document.
#[derive(Debug, Clone)]
pub(super) enum Unread {
    /// It is not well-formed XML.
    Fault(Fault),
    /// JTidy's errors were to be reported (`TidyException`), or the page is beyond what can be put in order.
    Tidy(String),
    /// JMeter trips over it.
    Thrown(Thrown),
}

/// The switches before they are known.
pub(super) struct TolerantExpr {
    tolerant: BoolExpr,
    quiet: BoolExpr,
    show_warnings: BoolExpr,
    report_errors: BoolExpr,
}

impl TolerantExpr {
    /// Reads the properties that begin with `prefix`.
    pub fn compile(compile: &mut Compile<'_>, prefix: &str) -> Self {
        TolerantExpr {
            tolerant: compile.flag(&format!("{prefix}.tolerant"), false),
            quiet: compile.flag(&format!("{prefix}.quiet"), true),
            show_warnings: compile.flag(&format!("{prefix}.show_warnings"), false),
            report_errors: compile.flag(&format!("{prefix}.report_errors"), false),
        }
    }

    /// The source that is asked for, unless it is to be XML.
    pub fn get(&self, user: &mut VirtualUser) -> Result<Option<Source>, Thrown> {
        if !self.tolerant.eval(user)? {
            return Ok(None);
        }
        let (quiet, show_warnings) = (self.quiet.eval(user)?, self.show_warnings.eval(user)?);
        let report_errors = self.report_errors.eval(user)?;
        Ok(Some(Source::Tolerant(Tolerance { quiet, show_warnings, report_errors })))
    }
}

impl Source {
    /// Reads a text.
    pub fn read(self, text: &str) -> Result<Document, Unread> {
        match self {
            Source::Xml(reading) => xml_path::read(text, reading).map_err(Unread::Fault),
            Source::Tolerant(tolerance) => tolerance.read(text),
        }
    }
}

impl Tolerance {
    /// `XPathUtil.tidyDoc`
    fn read(self, text: &str) -> Result<Document, Unread> {
        let is_xml = text.starts_with("<?xml");
        let outcome = tidy::read(
            text,
            &Options {
                format: if is_xml { Format::Xml } else { Format::Html },
                doctype: DocType::Auto,
                clean: true,
                quiet: self.quiet,
                show_warnings: self.show_warnings,
                messages: !self.quiet,
            },
        );
        let outcome = outcome.map_err(|failure| match failure {
            Failure::Thrown { class, message } => Unread::Thrown(Thrown::new(class, message)),
            failure => Unread::Tidy(failure.to_string()),
        })?;
        let Some(page) = outcome.page else {
            let message = "Cannot invoke \"org.w3c.dom.Document.normalize()\" because \"doc\" is null";
            return Err(Unread::Thrown(Thrown::new("java.lang.NullPointerException", message)));
        };
        if outcome.errors > 0 {
            let (errors, warnings) = (outcome.errors, outcome.warnings);
            if self.report_errors {
                log::error!(target: TIDY_LOG, "TidyException: {}", outcome.messages);
                return Err(Unread::Tidy(format!("tidy: {errors} errors, {warnings} warnings")));
            }
            log::warn!(target: TIDY_LOG, "Tidy errors: {}", outcome.messages);
        }
        xml_path::from_page(&page).map_err(|ForeignNode| {
            let message = "Index -1 out of bounds for length 128";
            Unread::Thrown(Thrown::new("java.lang.ArrayIndexOutOfBoundsException", message))
        })
    }
}

type Known = Rc<Result<Document, Unread>>;

thread_local! {
    /// Elements of a sample run one after another on its worker, so one place is enough.
    static LAST: RefCell<Option<(Bytes, Source, Decoding, Known)>> = const { RefCell::new(None) };
}

/// How the bytes of a response become text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoding {
    /// In the charset that it names.
    Charset,
    /// As UTF-8, whatever it says.
    Utf8,
}

/// The document of a sample's response.
pub(super) fn document_of(sample: &SampleResult, source: Source, decoding: Decoding) -> Known {
    let data = &sample.response_data;
    LAST.with_borrow_mut(|last| {
        // While the data are kept here, nothing else can come to lie in their place.
        let is_same = |known: &Bytes| known.as_ptr() == data.as_ptr() && known.len() == data.len();
        let known =
            last.as_ref().filter(|(known, other, how, _)| *other == source && *how == decoding && is_same(known));
        if let Some((_, _, _, document)) = known {
            return Rc::clone(document);
        }
        let document = Rc::new(match decoding {
            Decoding::Charset => source.read(&sample.response_text()),
            Decoding::Utf8 => source.read(&String::from_utf8_lossy(data)),
        });
        *last = Some((data.clone(), source, decoding, Rc::clone(&document)));
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
pub(super) fn sax_text(unread: &Unread) -> String {
    match unread {
        Unread::Fault(Fault { position: Some((line, column)), message }) => {
            format!("org.xml.sax.SAXParseException; lineNumber: {line}; columnNumber: {column}; {message}")
        }
        Unread::Fault(Fault { position: None, message }) => format!("org.xml.sax.SAXParseException; {message}"),
        Unread::Tidy(message) => message.clone(),
        Unread::Thrown(thrown) => thrown.to_string(),
    }
}

/// What an extractor leaves on a sample that it could not search; the sample still passes.
pub(super) fn note(user: &mut VirtualUser, name: Text, message: &str) {
    let message = Some(Text::from(format!("{message}\nSee log file for further details.")));
    if let Some(previous) = user.previous.as_mut() {
        previous.assertion_results.push(AssertionResult { name, failure: true, error: false, message });
    }
}

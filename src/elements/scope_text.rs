//! What extractors and assertions share: which samples they look at (`AbstractScopedTestElement`), which of a sample's
//! texts, and names of variables in properties.

use super::Compile;
use super::roles::SampleScope;
use crate::expr::Expr;
use crate::java::escape;
use crate::results::SampleResult;
use crate::text::Text;
use crate::virtual_user::{Thrown, VarId, VirtualUser};
use std::borrow::Cow;

const SAMPLE_SCOPE: &str = "Sample.scope";
const ASSERTION_SCOPE: &str = "Assertion.scope";
const SCOPE_VARIABLE: &str = "Scope.variable";

/// Levels of sub-samples that an extractor goes down, beyond the first.
const DEPTH: u32 = 3;

/// A variable that a property names.
pub(super) struct VariableName {
    text: Expr,
    id: Option<VarId>,
}

impl VariableName {
    /// The name in property `key`. One that is the same always gets its number now.
    pub fn compile(compile: &mut Compile<'_>, key: &str) -> Self {
        let text = compile.expr(key);
        let id = text.as_literal().cloned().map(|name| compile.variable(&name));
        VariableName { text, id }
    }

    /// The name itself.
    pub fn text(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        self.text.eval(user)
    }

    /// The variable's text (`vars.get`).
    pub fn get(&self, user: &mut VirtualUser) -> Result<Option<Text>, Thrown> {
        match self.id {
            Some(id) => Ok(user.variables.text(id)),
            None => {
                let name = self.text.eval(user)?;
                Ok(user.variables.get_text(&name))
            }
        }
    }

    /// The variable for an extractor that is about to set it and its `NAME_…` kin.
    pub fn target(&self, user: &mut VirtualUser) -> Result<Target, Thrown> {
        Ok(Target { name: self.text.eval(user)?, id: self.id })
    }
}

/// A variable that an extractor sets, with the `NAME_1`, `NAME_matchNr` … beside it.
#[derive(Clone)]
pub(super) struct Target {
    /// The variable's name.
    pub name: Text,
    id: Option<VarId>,
}

impl Target {
    /// A variable whose name was met at run time.
    pub fn named(name: impl Into<Text>) -> Self {
        Target { name: name.into(), id: None }
    }

    /// The same, with its number.
    pub fn with_id(&self, id: VarId) -> Self {
        Target { name: Text::clone(&self.name), id: Some(id) }
    }

    /// Sets the variable itself.
    pub fn set(&self, user: &mut VirtualUser, value: impl Into<Text>) {
        let value: Text = value.into();
        match self.id {
            Some(id) => user.variables.set(id, value),
            None => user.variables.put(&self.name, value),
        }
    }

    /// `NAME` with `suffix` behind it.
    pub fn beside(&self, suffix: impl std::fmt::Display) -> Target {
        Target::named(format!("{}{suffix}", self.name))
    }

    /// `NAME_n`
    pub fn numbered(&self, number: usize) -> Target {
        self.beside(format_args!("_{number}"))
    }

    /// Sets `NAME_matchNr`.
    pub fn set_match_count(&self, user: &mut VirtualUser, count: usize) {
        self.beside("_matchNr").set(user, itoa::Buffer::new().format(count));
    }

    /// Removes the variable.
    pub fn remove(&self, user: &mut VirtualUser) {
        user.variables.remove(&self.name);
    }

    /// The variable's text.
    pub fn get(&self, user: &VirtualUser) -> Option<Text> {
        match self.id {
            Some(id) => user.variables.text(id),
            None => user.variables.get_text(&self.name),
        }
    }

    /// Takes `NAME_matchNr` away and says what it was: how many `NAME_n` an earlier match has left. A text that is no
    /// number is 0, with a warning from `logger`.
    pub fn take_match_count(&self, user: &mut VirtualUser, logger: &str) -> usize {
        let count = self.beside("_matchNr");
        let Some(text) = count.get(user) else { return 0 };
        count.remove(user);
        text.parse::<i32>().map_or_else(
            |_| {
                log::warn!(target: logger, "Could not parse number: '{text}'");
                0
            },
            |count| usize::try_from(count).unwrap_or(0),
        )
    }

    /// Takes `NAME_matchNr` and all `NAME_1`, `NAME_2`, … away, up to the first that is not set, as the JSON extractors do.
    pub fn clear_matches(&self, user: &mut VirtualUser) {
        self.beside("_matchNr").remove(user);
        for number in 1.. {
            if user.variables.remove(&self.numbered(number).name).is_none() {
                break;
            }
        }
    }
}

/// Which samples an extractor looks at.
pub(super) enum Scope {
    /// The sample itself, its sub-samples, or both.
    Samples {
        /// The sample itself.
        main: bool,
        /// Its sub-samples.
        subs: bool,
    },
    /// The text of a variable.
    Variable(VariableName),
}

impl Scope {
    /// An extractor's scope. A scope that JMeter does not have covers no sample.
    pub fn compile(compile: &mut Compile<'_>) -> Self {
        let (main, subs) = match &*compile.element.text_or(SAMPLE_SCOPE, "parent") {
            "parent" => (true, false),
            "children" => (false, true),
            "all" => (true, true),
            "variable" => return Scope::Variable(VariableName::compile(compile, SCOPE_VARIABLE)),
            _ => (false, false),
        };
        Scope::Samples { main, subs }
    }

    /// Whether an extractor of this scope may look at response bodies, with what `field` says it looks at.
    pub fn reads_response_data(&self, field: &Expr) -> bool {
        let is_body = |field: Field| matches!(field, Field::Body | Field::BodyUnescaped | Field::BodyAsDocument);
        matches!(self, Scope::Samples { .. }) && field.as_literal().is_none_or(|field| is_body(Field::of(field)))
    }

    /// The samples in scope, the main one first (`getSampleList`); none for a variable.
    pub fn samples<'a>(&self, result: &'a SampleResult) -> Vec<&'a SampleResult> {
        let mut samples = Vec::new();
        if let Scope::Samples { main, subs } = *self {
            if main {
                samples.push(result);
            }
            if subs {
                samples.extend(&result.sub_results);
                below(&mut samples, &result.sub_results, DEPTH);
            }
        }
        samples
    }
}

fn below<'a>(samples: &mut Vec<&'a SampleResult>, results: &'a [SampleResult], level: u32) {
    for child in results {
        samples.extend(&child.sub_results);
        if let Some(level) = level.checked_sub(1) {
            below(samples, &child.sub_results, level);
        }
    }
}

/// Which samples an assertion looks at.
pub(super) struct AssertionScope {
    /// For the engine.
    pub samples: SampleScope,
    /// The variable to look at instead of the sample.
    pub variable: Option<VariableName>,
}

impl AssertionScope {
    /// An assertion's scope; `None` for one that JMeter does not have: such an assertion is never asked.
    pub fn compile(compile: &mut Compile<'_>) -> Option<Self> {
        let (samples, variable) = match &*compile.element.text_or(ASSERTION_SCOPE, "parent") {
            "parent" => (SampleScope::Parent, None),
            "children" => (SampleScope::Children, None),
            "all" => (SampleScope::All, None),
            "variable" => {
                let name = compile.element.text(SCOPE_VARIABLE);
                (SampleScope::Variable(name), Some(VariableName::compile(compile, SCOPE_VARIABLE)))
            }
            _ => return None,
        };
        Some(AssertionScope { samples, variable })
    }
}

/// The text of a sample that a Regular Expression or Boundary Extractor searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// The response body.
    Body,
    /// The body with its HTML character references resolved.
    BodyUnescaped,
    /// The body as Tika reads it.
    BodyAsDocument,
    /// The response's head.
    ResponseHeaders,
    /// The request's head.
    RequestHeaders,
    /// The address.
    Url,
    /// The status code.
    Code,
    /// The reason phrase.
    Message,
}

impl Field {
    /// From `….useHeaders`, in any case; what is unknown is the body.
    pub fn of(text: &str) -> Self {
        let names = [
            ("URL", Field::Url),
            ("true", Field::ResponseHeaders),
            ("request_headers", Field::RequestHeaders),
            ("code", Field::Code),
            ("message", Field::Message),
            ("unescaped", Field::BodyUnescaped),
            ("as_document", Field::BodyAsDocument),
        ];
        names.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map_or(Field::Body, |(_, field)| *field)
    }

    /// The text itself.
    pub fn text<'a>(&self, result: &'a SampleResult) -> Cow<'a, str> {
        match self {
            Field::Body => result.response_text(),
            Field::BodyUnescaped => match result.response_text() {
                Cow::Borrowed(text) if !text.contains('&') => Cow::Borrowed(text),
                text => Cow::Owned(escape::unescape_html4(&text)),
            },
            Field::BodyAsDocument => Cow::Borrowed(document_text(&result.response_data)),
            Field::ResponseHeaders => Cow::Borrowed(&result.response_headers),
            Field::RequestHeaders => Cow::Borrowed(&result.request_headers),
            Field::Url => Cow::Borrowed(result.url.as_deref().unwrap_or_default()),
            Field::Code => Cow::Borrowed(&result.response_code),
            Field::Message => Cow::Borrowed(&result.response_message),
        }
    }
}

/// What JMeter makes of a document with the parts of Tika that it ships (`Document.getTextFromDocument`): an excuse.
/// XML and RTF, of which those parts do get the text, have the excuse for plain text here.
pub(super) fn document_text(data: &[u8]) -> &'static str {
    if data.is_empty() {
        "org.apache.tika.exception.ZeroByteFileException: InputStream must have > 0 bytes"
    } else if data.starts_with(b"%PDF") || data.starts_with(b"PK\x03\x04") || data.contains(&0) {
        "Missing tika-app.jar in classpath. Unable to convert to plain text this kind of document.\n\
         Download the tika-app-x.x.jar file from http://tika.apache.org/download.html\n\
         And put the file in <JMeter>/lib directory."
    } else {
        "org.apache.tika.exception.TikaException: Failed to detect the character encoding of a document"
    }
}

/// What was sent (`getSamplerData`): for HTTP the request line, body and cookies as JMeter shows them.
pub(super) fn sampler_data(result: &SampleResult) -> Option<Cow<'_, str>> {
    const WITHOUT_BODY: [&str; 3] = ["HEAD", "OPTIONS", "TRACE"];
    let own = result.sampler_data.as_deref();
    let Some(http) = &result.http else { return own.map(Cow::Borrowed) };
    let mut text = http.method.to_string();
    if let Some(url) = &result.url {
        text.push_str(&format!(" {url}\n"));
        if !WITHOUT_BODY.contains(&&*http.method) {
            text.push_str(&format!("\n{} data:\n{}\n", http.method, http.query_string));
        }
        if http.cookies.is_empty() {
            text.push_str("\n[no cookies]");
        } else {
            text.push_str("\nCookie Data:\n");
            text.push_str(&http.cookies);
        }
        text.push('\n');
    }
    text.push_str(own.unwrap_or_default());
    Some(Cow::Owned(text))
}

/// `StringUtils.isBlank`: nothing but what Java's `Character.isWhitespace` takes for white space.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| match c {
        '\u{1c}'..='\u{1f}' => true,
        '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        c => c.is_whitespace(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_main_first_then_level_by_level_below_each_child() {
        fn sample(label: &str, subs: Vec<SampleResult>) -> SampleResult {
            SampleResult { label: Text::from(label), sub_results: subs, ..SampleResult::default() }
        }
        let tree = sample("m", vec![sample("0", vec![sample("00", vec![sample("000", vec![])])]), sample("1", vec![])]);
        let labels = |main, subs| {
            let scope = Scope::Samples { main, subs };
            scope.samples(&tree).iter().map(|sample| &*sample.label).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(labels(true, false), "m");
        assert_eq!(labels(false, true), "0 1 00 000");
        assert_eq!(labels(true, true), "m 0 1 00 000");
        assert_eq!(labels(false, false), "");
    }

    #[test]
    fn blank_is_what_java_calls_white_space() {
        assert!(is_blank("") && is_blank(" \t\r\n\u{1c}\u{2003}"));
        assert!(!is_blank("\u{a0}") && !is_blank("x"));
    }

    #[test]
    fn what_an_http_sample_sent() {
        let details = crate::results::HttpDetails {
            method: Text::from("POST"),
            query_string: Text::from("a=1"),
            ..crate::results::HttpDetails::default()
        };
        let mut result = SampleResult {
            url: Some(Text::from("http://h/")),
            http: Some(Box::new(details)),
            ..SampleResult::default()
        };
        assert_eq!(sampler_data(&result).unwrap(), "POST http://h/\n\nPOST data:\na=1\n\n[no cookies]\n");
        result.http = None;
        assert_eq!(sampler_data(&result), None);
    }
}

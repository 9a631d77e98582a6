//! From an exchange or a failure to JMeter's result (`HTTPSampleResult`).

use super::pass::Cause;
use super::stack_trace::{self, Place};
use crate::clock::Timestamp;
use crate::http::{Exchange, Header, Timings, Url};
use crate::results::{DataType, HttpDetails, SampleResult};
use crate::text::Text;
use crate::virtual_user::Thrown;
use bytes::Bytes;
use std::cell::RefCell;
use std::fmt::Write;

/// A result before anything was sent.
pub(super) fn begun(label: Text, url: &Url, method: &Text, start: Timestamp) -> Box<SampleResult> {
    let mut result = Box::new(SampleResult::started(label, start));
    result.url = Some(Text::clone(url.text()));
    result.http = Some(Box::new(HttpDetails { method: Text::clone(method), ..HttpDetails::default() }));
    result
}

/// The result of a sample that has no address at all: an empty label, and the URL `null`.
pub(super) fn without_address(thrown: &Thrown) -> SampleResult {
    let mut result = nothing();
    fail_at(&mut result, &thrown.class, thrown.message_or_null(), &Place::outside(Cause::Plan, 0));
    result
}

/// The result of a sample whose name could not be read: the same, with another stack trace.
pub(super) fn without_name(thrown: &Thrown) -> SampleResult {
    let mut result = nothing();
    let trace = stack_trace::of_name(thrown);
    fail_with(&mut result, &thrown.class, thrown.message_or_null(), trace);
    result
}

fn nothing() -> SampleResult {
    SampleResult { sample_count: 1, http: Some(Box::default()), ..SampleResult::default() }
}

/// Makes a result a failed one, with the first line of the stack trace that JMeter stores as the data.
pub(super) fn fail(result: &mut SampleResult, class: &str, message: &str) {
    fail_with(result, class, message, format!("{class}: {message}"));
}

/// Makes a result a failed one (`HTTPSamplerBase.errorResult`), with the whole stack trace if it is known.
pub(super) fn fail_at(result: &mut SampleResult, class: &str, message: &str, place: &Place) {
    fail_with(result, class, message, stack_trace::text(class, message, place));
}

fn fail_with(result: &mut SampleResult, class: &str, message: &str, data: String) {
    result.data_type = DataType::Text;
    result.response_code = Text::from(format!("Non HTTP response code: {class}"));
    result.response_message = Text::from(format!("Non HTTP response message: {message}"));
    result.response_data = Bytes::from(data);
    result.successful = false;
}

/// Takes the times of an exchange.
pub(super) fn timed(result: &mut SampleResult, timings: &Timings) {
    result.start = timings.start;
    result.connect = timings.connect;
    result.latency = timings.latency;
    result.finish(timings.end);
}

/// Fills in the answer. Its sizes come later: they stay unknown where JMeter fails at reading the answer.
pub(super) fn answered(result: &mut SampleResult, exchange: &Exchange) {
    timed(result, &exchange.timings);
    let status = exchange.status;
    result.response_code = status_text(status);
    result.response_message = reason_text(exchange.reason());
    result.successful = (200..=399).contains(&status);
    if let Some(content_type) = exchange.head.content_type() {
        typed(result, content_type);
    }
    result.response_data = exchange.body.clone();
    result.response_headers = exchange.head_text();
}

/// Takes the answer's type, which is known before its body is.
pub(super) fn typed(result: &mut SampleResult, content_type: &str) {
    // Answers of one type mostly follow each other.
    thread_local!(static LAST: RefCell<Type> = RefCell::new(Type::of("")));
    LAST.with_borrow_mut(|last| {
        if *last.text != *content_type {
            *last = Type::of(content_type);
        }
        result.data_type = last.kind.clone();
        result.data_encoding.clone_from(&last.charset);
        result.content_type = Text::clone(&last.text);
    });
}

/// A `Content-Type` and what it says.
struct Type {
    text: Text,
    kind: DataType,
    charset: Option<Text>,
}

impl Type {
    fn of(content_type: &str) -> Self {
        let charset = charset_of(content_type).map(Text::from);
        Type { text: Text::from(content_type), kind: data_type(content_type), charset }
    }
}

/// Fills in what came over the wire.
pub(super) fn sized(result: &mut SampleResult, exchange: &Exchange) {
    result.headers_size = exchange.head_size();
    result.body_size = u64::try_from(exchange.body_size()).unwrap_or(0);
    result.sent_bytes = exchange.sent_bytes;
}

/// Adds a sub-sample without its sizes (`SampleResult.addRawSubResult`). It is called after its parent and its place
/// there, unless sub-samples keep their addresses as names.
pub(super) fn store_sub_result(parent: &mut SampleResult, mut sub: SampleResult, rename: bool) {
    name(parent, &mut sub, rename);
    parent.sub_results.push(sub);
}

/// Adds a sub-sample: sizes are summed, and the parent ends no earlier (`SampleResult.addSubResult`).
pub(super) fn add_sub_result(parent: &mut SampleResult, mut sub: SampleResult, rename: bool, thread: &Text) {
    if parent.thread_name.is_empty() {
        parent.thread_name = Text::clone(thread);
    }
    sub.thread_name = Text::clone(&parent.thread_name);
    name(parent, &mut sub, rename);
    parent.add_sub_result(sub);
}

fn name(parent: &SampleResult, sub: &mut SampleResult, rename: bool) {
    if rename {
        sub.label = Text::from(format!("{}-{}", parent.label, parent.sub_results.len()));
    }
}

/// Status codes that nearly every answer has are not made anew each time.
fn status_text(status: u16) -> Text {
    thread_local!(static OK: Text = Text::from("200"));
    if status == 200 { OK.with(Text::clone) } else { Text::from(itoa::Buffer::new().format(status)) }
}

fn reason_text(reason: &str) -> Text {
    thread_local!(static OK: Text = Text::from("OK"));
    if reason == "OK" { OK.with(Text::clone) } else { Text::from(reason) }
}

/// Request headers as JMeter shows them: one a line, without cookies.
pub(super) fn shown_headers<'h>(headers: impl Iterator<Item = &'h Header>) -> Text {
    let mut text = String::with_capacity(256);
    for header in headers.filter(|header| !header.name.eq_ignore_ascii_case("Cookie")) {
        let _ = writeln!(text, "{}: {}", header.name, header.value);
    }
    Text::from(text)
}

/// `bin` for pictures, sound and film, except those that are text all the same (`SampleResult.isBinaryType`).
fn data_type(content_type: &str) -> DataType {
    const TEXT: [&str; 4] = ["audio/x-mpegurl", "audio/mpegurl", "video/f4m", "image/svg+xml"];
    const BINARY: [&str; 3] = ["image/", "audio/", "video/"];
    let starts_with = |names: &[&str]| names.iter().any(|name| content_type.starts_with(name));
    if !starts_with(&TEXT) && starts_with(&BINARY) { DataType::Binary } else { DataType::Text }
}

/// The `charset` parameter of a type, wherever it stands (`SampleResult.setEncodingAndType`).
fn charset_of(content_type: &str) -> Option<&str> {
    const PARAMETER: &str = "charset=";
    let bytes = content_type.as_bytes();
    let from = bytes.windows(PARAMETER.len()).position(|part| part.eq_ignore_ascii_case(PARAMETER.as_bytes()))?;
    let value = content_type[from + PARAMETER.len()..].split(';').next().unwrap_or_default();
    // The first and the last character go, whether or not the last one is a quote.
    match value.strip_prefix(['"', '\'']) {
        Some(inner) => Some(inner.char_indices().next_back().map_or("", |(last, _)| &inner[..last])),
        None => Some(value),
    }
}

/// The media type of an answer, which says how it is parsed (`SampleResult.getMediaType`).
pub(super) fn media_type(content_type: &str) -> String {
    content_type.split([' ', ';']).find(|token| !token.is_empty()).unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_text_unless_they_are_media() {
        assert_eq!(data_type("image/png"), DataType::Binary);
        assert_eq!(data_type("image/svg+xml"), DataType::Text);
        assert_eq!(data_type("application/octet-stream"), DataType::Text);
        assert_eq!(charset_of("text/html; charset=\"ISO-8859-1\""), Some("ISO-8859-1"));
        assert_eq!(charset_of("text/html; Charset=utf-8; x"), Some("utf-8"));
        assert_eq!(charset_of("text/html"), None);
        assert_eq!(media_type("Text/HTML;charset=x"), "text/html");
    }
}

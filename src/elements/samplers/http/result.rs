//! From an exchange or a failure to JMeter's result (`HTTPSampleResult`).

use crate::clock;
use crate::http::{Exchange, Failure, Header, Url};
use crate::results::{DataType, HttpDetails, SampleResult};
use crate::text::Text;
use bytes::Bytes;
use std::fmt::Write;

/// A result before anything was sent.
pub(super) fn begun(label: Text, url: &Url, method: &Text) -> SampleResult {
    let mut result = SampleResult::started(label, clock::now());
    result.url = Some(Text::clone(url.text()));
    result.http = Some(Box::new(HttpDetails { method: Text::clone(method), ..HttpDetails::default() }));
    result
}

/// The result of a sample that has no address at all: an empty label, and the URL `null`.
pub(super) fn without_address(class: &str, message: &str) -> SampleResult {
    let mut result = SampleResult { sample_count: 1, http: Some(Box::default()), ..SampleResult::default() };
    fail(&mut result, class, message);
    result
}

/// Makes a result a failed one (`HTTPSamplerBase.errorResult`). JMeter stores the exception's stack trace as the data;
/// ours is its first line.
pub(super) fn fail(result: &mut SampleResult, class: &str, message: &str) {
    result.data_type = DataType::Text;
    result.response_code = Text::from(format!("Non HTTP response code: {class}"));
    result.response_message = Text::from(format!("Non HTTP response message: {message}"));
    result.response_data = Bytes::from(format!("{class}: {message}"));
    result.successful = false;
}

/// Fills in what a failed exchange measured.
pub(super) fn failed(result: &mut SampleResult, failure: &Failure) {
    result.start = failure.timings.start;
    result.connect = failure.timings.connect;
    result.latency = failure.timings.latency;
    result.finish(failure.timings.end);
    fail(result, &failure.class, &failure.message);
}

/// Fills in the answer.
pub(super) fn answered(result: &mut SampleResult, exchange: &Exchange) {
    result.start = exchange.timings.start;
    result.connect = exchange.timings.connect;
    result.latency = exchange.timings.latency;
    result.finish(exchange.timings.end);
    let status = exchange.status;
    result.response_code = status_text(status);
    result.response_message = reason_text(exchange.reason());
    result.successful = (200..=399).contains(&status);
    if let Some(content_type) = exchange.head.last("content-type") {
        result.data_type = data_type(content_type);
        result.data_encoding = charset_of(content_type).map(Text::from);
        result.content_type = Text::from(content_type);
    }
    result.response_data = exchange.body.clone();
    result.response_headers = exchange.head_text();
    result.headers_size = exchange.head_size();
    result.body_size = u64::try_from(exchange.body_size()).unwrap_or(0);
    result.sent_bytes = exchange.sent_bytes;
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
pub(super) fn shown_headers(headers: &[Header]) -> Text {
    let mut text = String::with_capacity(headers.len() * 32);
    for header in headers.iter().filter(|header| !header.name.eq_ignore_ascii_case("Cookie")) {
        let _ = writeln!(text, "{}: {}", header.name, header.value);
    }
    Text::from(text)
}

/// `bin` for pictures, sound and film, except those that are text all the same (`SampleResult.setEncodingAndType`).
fn data_type(content_type: &str) -> DataType {
    let kind = content_type.to_ascii_lowercase();
    let is_binary = ["image/", "audio/", "video/"].iter().any(|prefix| kind.starts_with(prefix));
    let is_text = ["image/svg+xml", "audio/x-mpegurl", "audio/mpegurl", "video/f4m"]
        .iter()
        .any(|prefix| kind.starts_with(prefix));
    if is_binary && !is_text { DataType::Binary } else { DataType::Text }
}

/// The `charset` parameter of a type.
fn charset_of(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })
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
        assert_eq!(charset_of("text/html"), None);
    }
}

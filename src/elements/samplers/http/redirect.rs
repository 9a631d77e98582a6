//! Which answers send the user on, and where to (`HTTPSampleResult.isRedirect`, `HTTPSamplerBase.followRedirects`).

use crate::http::{Exchange, Url, UrlError};
use crate::results::SampleResult;
use crate::text::Text;

/// Whether an answer is one that is followed: 307 only for methods that may be repeated.
pub(super) fn is_redirect(status: u16, method: &str) -> bool {
    matches!(status, 301 | 302 | 303 | 308) || status == 307 && matches!(method, "GET" | "HEAD")
}

/// Where an answer points.
pub(super) fn location(exchange: &Exchange) -> Option<Text> {
    exchange.head.last("location").map(Text::from)
}

/// The method of the next hop: HEAD stays, everything else becomes GET.
pub(super) fn next_method(method: &str) -> &'static str {
    if method == "HEAD" { "HEAD" } else { "GET" }
}

/// The address of the next hop.
pub(super) fn target(from: &Url, location: &str) -> Result<Url, UrlError> {
    from.join(&location.replace(' ', "%20"))
}

/// The result over all hops: times of the first, sums of sizes, everything else of the last.
pub(super) fn total(hops: Vec<SampleResult>) -> Option<SampleResult> {
    let mut hops = hops.into_iter();
    let first = hops.next()?;
    let mut total = first.clone();
    total.sub_results = vec![first];
    for hop in hops {
        total.add_sub_result(hop);
    }
    let last = total.sub_results.last()?.clone();
    total.url = last.url;
    total.response_data = last.response_data;
    total.response_code = last.response_code;
    total.response_message = last.response_message;
    total.successful = last.successful;
    total.data_type = last.data_type;
    total.data_encoding = last.data_encoding;
    total.content_type = last.content_type;
    total.response_headers = last.response_headers;
    total.request_headers = last.request_headers;
    if let (Some(total), Some(last)) = (&mut total.http, last.http) {
        total.method = last.method;
        total.query_string = last.query_string;
    }
    Some(total)
}

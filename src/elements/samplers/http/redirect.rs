//! Redirects that JMeter follows itself (`HTTPSamplerBase.followRedirects`): which answers they are, and the sample
//! over all hops.

use crate::http::redirect::is_followed;
use crate::results::SampleResult;
use crate::text::Text;

/// Whether a result is an answer that is followed (`HTTPSampleResult.isRedirect`).
pub(super) fn is_redirect(result: &SampleResult) -> bool {
    let Some(http) = &result.http else { return false };
    result.response_code.starts_with('3')
        && result.response_code.parse().is_ok_and(|status| is_followed(status, &http.method))
}

/// Where a result points.
pub(super) fn location(result: &SampleResult) -> Text {
    result.http.as_ref().and_then(|http| http.redirect_location.clone()).unwrap_or_default()
}

/// Gives the sample over all hops what it shows of the last one: everything but times and sizes.
pub(super) fn show_last(total: &mut SampleResult, last: &SampleResult) {
    total.url.clone_from(&last.url);
    total.response_data = last.response_data.clone();
    total.response_code = Text::clone(&last.response_code);
    total.response_message = Text::clone(&last.response_message);
    total.successful = last.successful;
    total.data_type = last.data_type.clone();
    total.data_encoding.clone_from(&last.data_encoding);
    total.content_type = Text::clone(&last.content_type);
    total.response_headers = Text::clone(&last.response_headers);
    total.request_headers = Text::clone(&last.request_headers);
    if let (Some(total), Some(last)) = (&mut total.http, &last.http) {
        total.method = Text::clone(&last.method);
        total.query_string = Text::clone(&last.query_string);
    }
}

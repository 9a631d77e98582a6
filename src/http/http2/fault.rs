//! What h2 fails with, in the words that the same trouble has over HTTP/1.1; what only HTTP/2 has, in RFC 9113's.

use h2::Reason;

use super::io::Watch;
use crate::http::chunks::grouped;
use crate::http::failure::{CLIENT_PROTOCOL, CONNECTION_CLOSED, Fault, IO, NO_RESPONSE};

/// Why there is no head. Where the server has just gone, its caller says who failed to respond.
pub(super) fn before_head(error: &h2::Error, watch: &Watch) -> Fault {
    if watch.answers_http1() {
        let words = "The server answered in HTTP/1: it does not take HTTP/2 in cleartext (http.version)";
        return Fault::new(CLIENT_PROTOCOL, words);
    }
    if error.is_io() {
        return watch.fault().unwrap_or_else(|| Fault::bare(NO_RESPONSE));
    }
    told(error)
}

/// Why a body did not come to its end. `expected` is what the head says of its length.
pub(super) fn in_body(error: &h2::Error, watch: &Watch, expected: Option<u64>, received: u64) -> Fault {
    if !error.is_io() {
        return told(error);
    }
    watch.fault().unwrap_or_else(|| {
        let words = match expected.filter(|expected| received < *expected) {
            Some(expected) => format!(
                "Premature end of Content-Length delimited message body (expected: {}; received: {})",
                grouped(expected),
                grouped(received)
            ),
            None => "Premature end of message body: END_STREAM expected".to_owned(),
        };
        Fault::new(CONNECTION_CLOSED, words)
    })
}

/// Whether a server that has answered says that it wants no more of the request (RFC 9113, 8.1): the answer stands.
pub(super) fn ends_request_only(error: &h2::Error) -> bool {
    error.is_reset() && error.is_remote() && error.reason() == Some(Reason::NO_ERROR)
}

/// What one side told the other.
fn told(error: &h2::Error) -> Fault {
    let reason = error.reason().map_or_else(String::new, |reason| format!("{reason:?}"));
    match (error.is_remote(), error.is_go_away(), error.reason()) {
        (true, true, _) => Fault::new(IO, format!("Received GOAWAY: {reason}")),
        (true, false, _) => Fault::new(IO, format!("Received RST_STREAM: {reason}")),
        (false, _, Some(_)) if error.is_library() => {
            Fault::new(CLIENT_PROTOCOL, format!("The server broke the rules of HTTP/2: {reason}"))
        }
        _ => Fault::new(IO, error.to_string()),
    }
}

//! Why there is no answer, in the words of the Java classes that JMeter would have thrown.

use std::io;

use super::response::Timings;
use crate::text::Text;

/// How far an exchange had come when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Before anything was done: an address that cannot be used.
    Prepare,
    /// While connecting: name look-up, TCP, proxy, TLS.
    Connect,
    /// While the request was being sent.
    Send,
    /// While waiting for the response's head, or at reading it.
    Head,
    /// While reading or decoding the body.
    Body,
}

/// An exchange that failed: what JMeter shows as `Non HTTP response code: CLASS` and
/// `Non HTTP response message: MESSAGE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The full name of the Java exception's class.
    pub class: Text,
    /// The exception's message; `null` when it has none, as JMeter prints it.
    pub message: Text,
    /// What had been measured by then.
    pub timings: Timings,
    /// How far it had come.
    pub stage: Stage,
    /// The answer's `Content-Type`, where its head had come: JMeter has taken it by then.
    pub content_type: Option<Text>,
}

impl Failure {
    /// JMeter's `bytes` of a failed sample are the length of the Java stack trace that it stores as the response data.
    /// We have no stack trace: this is the length of [`Failure::text`], a known difference.
    pub fn bytes(&self) -> u64 {
        self.text().len() as u64
    }

    /// What stands for the stack trace as the response data: the first line of one.
    pub fn text(&self) -> String {
        format!("{}: {}", self.class, self.message)
    }

    /// Whether HttpClient's `StandardHttpRequestRetryHandler` would never try again after it: it descends from
    /// `InterruptedIOException`, `UnknownHostException`, `ConnectException`, `NoRouteToHostException` or
    /// `SSLException`, or it is no `IOException` at all.
    pub(super) fn is_final(&self) -> bool {
        const RETRIED: [&str; 6] = [NO_RESPONSE, SOCKET, CONNECTION_CLOSED, BIND, IO, FILE_NOT_FOUND];
        !RETRIED.contains(&&*self.class)
    }
}

/// A failure without its timings: what the layers below the exchange return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub class: &'static str,
    pub message: Option<String>,
}

impl Fault {
    pub fn new(class: &'static str, message: impl Into<String>) -> Self {
        Self { class, message: Some(message.into()) }
    }

    pub fn bare(class: &'static str) -> Self {
        Self { class, message: None }
    }

    /// A breach of the protocol: HttpClient wraps it so that JMeter shows no message.
    pub fn protocol() -> Self {
        Self::bare(CLIENT_PROTOCOL)
    }

    /// What reading a socket throws.
    pub fn reading(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset => Self::new(SOCKET, "Connection reset"),
            io::ErrorKind::TimedOut => Self::new(SOCKET, "Connection timed out"),
            _ => super::tls::fault_of(error).unwrap_or_else(|| Self::new(SOCKET, os_message(error))),
        }
    }

    /// What writing to a socket throws.
    pub fn writing(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(SOCKET, "Broken pipe"),
            io::ErrorKind::ConnectionReset => Self::new(SOCKET, "Connection reset by peer"),
            _ => super::tls::fault_of(error).unwrap_or_else(|| Self::new(SOCKET, os_message(error))),
        }
    }

    pub fn at(self, stage: Stage, timings: Timings) -> Failure {
        Failure {
            class: Text::from(self.class),
            message: Text::from(self.message.as_deref().unwrap_or("null")),
            timings,
            stage,
            content_type: None,
        }
    }
}

/// The operating system's words for an error, without Rust's ` (os error N)`.
pub(super) fn os_message(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

pub(super) const BIND: &str = "java.net.BindException";
pub(super) const CLIENT_PROTOCOL: &str = "org.apache.http.client.ClientProtocolException";
pub(super) const CONNECTION_CLOSED: &str = "org.apache.http.ConnectionClosedException";
pub(super) const CONNECT_TIMEOUT: &str = "org.apache.http.conn.ConnectTimeoutException";
pub(super) const EOF: &str = "java.io.EOFException";
pub(super) const FILE_NOT_FOUND: &str = "java.io.FileNotFoundException";
pub(super) const HOST_CONNECT: &str = "org.apache.http.conn.HttpHostConnectException";
pub(super) const ILLEGAL_ARGUMENT: &str = "java.lang.IllegalArgumentException";
pub(super) const IO: &str = "java.io.IOException";
pub(super) const MALFORMED_CHUNK: &str = "org.apache.http.MalformedChunkCodingException";
pub(super) const NO_RESPONSE: &str = "org.apache.http.NoHttpResponseException";
pub(super) const NO_ROUTE: &str = "java.net.NoRouteToHostException";
pub(super) const NULL_POINTER: &str = "java.lang.NullPointerException";
pub(super) const SOCKET: &str = "java.net.SocketException";
pub(super) const SOCKET_TIMEOUT: &str = "java.net.SocketTimeoutException";
pub(super) const SSL: &str = "javax.net.ssl.SSLException";
pub(super) const SSL_HANDSHAKE: &str = "javax.net.ssl.SSLHandshakeException";
pub(super) const TRUNCATED_CHUNK: &str = "org.apache.http.TruncatedChunkException";
pub(super) const UNKNOWN_HOST: &str = "java.net.UnknownHostException";
pub(super) const ZIP: &str = "java.util.zip.ZipException";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_reads_like_the_first_line_of_a_stack_trace() {
        let failure = Fault::new(SOCKET, "Connection reset").at(Stage::Head, Timings::default());
        assert_eq!(failure.text(), "java.net.SocketException: Connection reset");
        assert_eq!(failure.bytes(), 42);
        assert!(!failure.is_final());
        assert_eq!(&*Fault::protocol().at(Stage::Head, Timings::default()).message, "null");
    }

    #[test]
    fn os_words_lose_their_number() {
        assert_eq!(os_message(&io::Error::from_raw_os_error(111)), "Connection refused");
    }
}

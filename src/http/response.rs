//! What comes back: the answer, its sizes and its timings.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::request::Header;
use super::response_head::Head;
use crate::clock::Timestamp;
use crate::text::Text;

/// A request that was answered.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The status code.
    pub status: u16,
    /// The head, as it came.
    pub head: Arc<Head>,
    /// The body, decoded; or what [`super::BodyUse`] makes of it.
    pub body: Bytes,
    /// How many bytes the decoded body had, kept or not.
    pub body_len: u64,
    /// Bytes that came over the connection for this answer: head, framing and body as transferred. Counted before TLS.
    pub received_bytes: u64,
    /// Bytes that were sent for this request: head and body.
    pub sent_bytes: u64,
    /// What was measured.
    pub timings: Timings,
    /// Whether a kept connection was used.
    pub reused: bool,
    /// The other end of the connection.
    pub peer: Option<SocketAddr>,
    /// Headers that were sent beyond those of the request: what the proxy asked for.
    pub added: Vec<Header>,
}

impl Exchange {
    /// The head as JMeter shows it: the status line and the headers, each followed by `\n`.
    pub fn head_text(&self) -> Text {
        self.head.text()
    }

    /// The reason phrase; empty when the server gave none.
    pub fn reason(&self) -> &str {
        self.head.reason()
    }

    /// The size that JMeter gives to the head.
    pub fn head_size(&self) -> u64 {
        self.head.size()
    }

    /// The size that JMeter gives to the body: what was received less the head's size, hence negative after a head
    /// with bare line feeds.
    pub fn body_size(&self) -> i64 {
        self.received_bytes as i64 - self.head_size() as i64
    }
}

/// The timings of an exchange, as JMeter takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timings {
    /// When it began.
    pub start: Timestamp,
    /// From the start until the connection stood (or could not be made): name look-up, TCP and TLS, though not a
    /// proxy's `CONNECT` nor the TLS inside it. Zero when a kept connection was used.
    pub connect: Duration,
    /// From the start until the first byte of the body, or until the end of an empty one; zero when no body can follow
    /// (HEAD, 204, 205, 304) or none had come.
    pub latency: Duration,
    /// When it ended.
    pub end: Timestamp,
}

impl Timings {
    /// From start to end.
    pub fn elapsed(&self) -> Duration {
        self.end.since(self.start)
    }
}

//! How an exchange is made: everything about it that is not in the request.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::dns::Resolver;
use super::tls::TlsSettings;
use super::url::Scheme;
use crate::text::Text;

/// What HttpClient 4.5.14 on Java 17 calls itself.
pub const DEFAULT_USER_AGENT: &str = "Apache-HttpClient/4.5.14 (Java/17.0.15)";

/// Settings of an exchange; shared by all the exchanges of a sampler. The defaults are JMeter's.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which HTTP is spoken.
    pub version: Version,
    /// How long a connect may take, and each read of a TLS handshake; none waits as long as the system does.
    pub connect_timeout: Option<Duration>,
    /// How long each read of the response may take (`SO_TIMEOUT`), not the response as a whole.
    pub response_timeout: Option<Duration>,
    /// The proxy, if the request goes through one.
    pub proxy: Option<Proxy>,
    /// The `User-Agent` of the `CONNECT` request to a proxy.
    pub connect_agent: Text,
    /// The local address to connect from.
    pub source_address: Option<IpAddr>,
    /// How names become addresses.
    pub resolver: Arc<Resolver>,
    /// How TLS is spoken.
    pub tls: Arc<TlsSettings>,
    /// How fast connections are, where that is limited.
    pub slow: SlowSockets,
    /// What is kept of the body.
    pub keep_body: BodyUse,
    /// Whether `gzip`, `x-gzip`, `deflate` and `br` bodies are decoded.
    pub decode: bool,
    /// Whether a gzip or deflate body that ends early is taken as it is (`httpclient4.gzip_relax_mode`,
    /// `httpclient4.deflate_relax_mode`).
    pub relaxed_gzip: bool,
    /// As `relaxed_gzip`, for deflate.
    pub relaxed_deflate: bool,
    /// How often a failed request is tried again (`httpclient4.retrycount`).
    pub retry_count: u32,
    /// Whether a request is tried again though it was sent and its method is not idempotent.
    pub retry_sent: bool,
    /// A kept connection that was idle for as long is checked before it is used again.
    pub validate_after_inactivity: Option<Duration>,
    /// No connection lives longer than this.
    pub time_to_live: Duration,
    /// How long a connection is kept when the server does not say (`Keep-Alive: timeout=…`).
    pub idle_timeout: Option<Duration>,
    /// How long to wait for `100 Continue` before the body is sent all the same.
    pub continue_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: Version::Http11,
            connect_timeout: None,
            response_timeout: None,
            proxy: None,
            connect_agent: DEFAULT_USER_AGENT.into(),
            source_address: None,
            resolver: Arc::default(),
            tls: Arc::default(),
            slow: SlowSockets::default(),
            keep_body: BodyUse::default(),
            decode: true,
            relaxed_gzip: false,
            relaxed_deflate: false,
            retry_count: 0,
            retry_sent: false,
            validate_after_inactivity: Some(Duration::from_millis(4900)),
            time_to_live: Duration::from_secs(60),
            idle_timeout: None,
            continue_timeout: Duration::from_secs(3),
        }
    }
}

/// Which HTTP is spoken (`http.version`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// HTTP/1.1, as JMeter does: nothing is negotiated.
    #[default]
    Http11,
    /// HTTP/2 and nothing else: over TLS it is all that is offered, in cleartext the server is taken to know it.
    Http2,
    /// Over TLS what the server chooses of HTTP/2 and HTTP/1.1; in cleartext HTTP/1.1.
    Auto,
    /// The same over TLS; in cleartext HTTP/2, which the server is taken to know.
    AutoPriorKnowledge,
}

impl Version {
    /// The version that a property's value names.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "1.1" => Some(Self::Http11),
            "2" => Some(Self::Http2),
            "auto" => Some(Self::Auto),
            _ => None,
        }
    }

    /// The protocols that TLS offers (ALPN, RFC 7301), the preferred one first; none for no such offer.
    pub(super) fn offered(self) -> &'static [&'static [u8]] {
        match self {
            Self::Http11 => &[],
            Self::Http2 => &[H2],
            Self::Auto | Self::AutoPriorKnowledge => &[H2, b"http/1.1"],
        }
    }
}

/// How many characters a second connections of HTTP/1.1 take in either direction; no limit by default. Over TLS what is
/// in it counts, not the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SlowSockets {
    /// In cleartext (`httpclient.socket.http.cps`).
    pub http: Option<NonZeroU32>,
    /// Over TLS (`httpclient.socket.https.cps`).
    pub https: Option<NonZeroU32>,
}

impl SlowSockets {
    pub(super) fn of(self, scheme: Scheme) -> Option<NonZeroU32> {
        match scheme {
            Scheme::Http => self.http,
            Scheme::Https => self.https,
        }
    }
}

/// HTTP/2 over TLS, as ALPN names it.
pub(super) const H2: &[u8] = b"h2";

/// What is kept of a response's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyUse {
    /// The body, or its first bytes when `max` says how many.
    Keep {
        /// The most bytes to keep; `None` for all (`httpsampler.max_bytes_to_store_per_request`).
        max: Option<u64>,
    },
    /// The MD5 sum of the body, as 32 lower-case hexadecimal digits.
    Md5,
    /// Nothing; the body is read and counted all the same.
    Discard,
}

impl BodyUse {
    /// The first bytes of what would be kept otherwise.
    #[must_use]
    pub fn cut_to(self, most: u64) -> Self {
        match (self, most) {
            (BodyUse::Keep { .. }, 0) => BodyUse::Discard,
            (BodyUse::Keep { max }, _) => BodyUse::Keep { max: Some(max.map_or(most, |max| max.min(most))) },
            (other, _) => other,
        }
    }
}

impl Default for BodyUse {
    fn default() -> Self {
        BodyUse::Keep { max: None }
    }
}

/// A proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// How the proxy itself is spoken to.
    pub scheme: Scheme,
    /// Its host.
    pub host: Text,
    /// Its port.
    pub port: u16,
    /// Who we are, when it asks (`407`).
    pub auth: Option<Credentials>,
}

/// A name and a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The name.
    pub user: Text,
    /// The password.
    pub password: Text,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

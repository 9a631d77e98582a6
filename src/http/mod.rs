//! HTTP/1.1 as JMeter's HttpClient4 speaks it, and HTTP/2: a request in, a response and its timings out. Knows no .jmx.
//!
//! A [`Request`] is complete: method, [`Url`], every header in wire order and case, and a [`Body`]. [`Client::exchange`]
//! sends it under [`Options`] and returns an [`Exchange`], or a [`Failure`] in the words of the Java exception that
//! JMeter would have shown. A [`Client`] belongs to one virtual user and keeps its connections.

pub mod auth;
mod charsets;
mod chunks;
mod client;
mod client_certificate;
mod connect;
mod connection;
mod content;
mod cookies;
mod decoders;
mod dns;
mod failure;
pub mod form;
mod header_value;
mod http2;
pub mod multipart;
mod name_servers;
mod options;
mod proxy;
pub mod redirect;
mod request;
mod request_body;
mod response;
mod response_head;
mod tls;
mod transport;
mod uri;
mod url;

pub use charsets::Charsets;
pub use client::{Client, same_connection};
pub use client_certificate::{Certificate, Choice, ClientKeys};
pub use cookies::{Cookie, CookieJar, CookiePolicy, http_date};
pub use dns::{Resolver, StaticHost};
pub use failure::{Failure, Stage};
pub use options::{BodyUse, Credentials, DEFAULT_USER_AGENT, Options, Proxy, SlowSockets, Version};
pub use request::{Body, Header, Part, Request};
pub use response::{Exchange, Timings};
pub use response_head::Head;
pub use tls::{TlsDemands, TlsSettings, TlsVersion, Trust, certificates_of_pem, has_cipher_suite};
pub use url::{Scheme, Url, UrlError};

#[cfg(test)]
mod robustness;

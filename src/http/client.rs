//! One user's HTTP client: its kept connections, its TLS sessions, what it told its proxies; and the exchange itself.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::auth;
use super::client_certificate::Certificate;
use super::connect::{Target, connect};
use super::connection::{Connection, Outgoing, Received};
use super::content::Sink;
use super::failure::{Failure, Fault, NO_RESPONSE, Stage};
use super::http2::Http2State;
use super::options::{Options, Proxy, Version};
use super::proxy::{self, ProxyAnswer};
use super::request::{Header, Request};
use super::request_body::{Missing, open_files};
use super::response::{Exchange, Timings};
use super::tls::{TlsSettings, UserTls};
use super::transport::Stream;
use super::url::{Scheme, Url};
use crate::clock::{self, Timestamp};
use crate::text::Text;

/// The client of one virtual user. Exchanges may run side by side (embedded resources): each takes a kept connection
/// that is free, or opens one. Dropping an exchange closes its connection.
#[derive(Default)]
pub struct Client {
    state: Mutex<UserState>,
}

#[derive(Default)]
pub(super) struct UserState {
    /// Free connections; the one that was used last comes last, and is taken first.
    kept: Vec<(Arc<Key>, Box<Connection>)>,
    /// What there is beyond HTTP/1.1, once it has been asked for.
    pub http2: Option<Box<Http2State>>,
    tls: Vec<(Arc<TlsSettings>, Version, UserTls)>,
    certificate: Option<Certificate>,
    proxy_answers: Vec<(Proxy, ProxyAnswer)>,
}

/// What two requests must agree in to share a connection. Hosts are told apart as written: JMeter has a client for each.
#[derive(Debug)]
pub(super) struct Key {
    scheme: Scheme,
    authority: Text,
    /// The address that was asked for at first: JMeter has an HttpClient for each, which follows redirects on
    /// connections of its own.
    client: (Scheme, Text),
    proxy: Option<Proxy>,
    source: Option<IpAddr>,
}

impl Key {
    pub fn new(client: &Url, url: &Url, options: &Options) -> Self {
        Self {
            scheme: url.scheme(),
            authority: url.authority().clone(),
            client: (client.scheme(), client.authority().clone()),
            proxy: options.proxy.clone(),
            source: options.source_address,
        }
    }

    pub fn serves(&self, client: &Url, url: &Url, options: &Options) -> bool {
        self.authority == *url.authority()
            && self.scheme == url.scheme()
            && self.client.1 == *client.authority()
            && self.client.0 == client.scheme()
            && self.proxy == options.proxy
            && self.source == options.source_address
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("kept", &self.state().kept.len()).finish_non_exhaustive()
    }
}

impl Client {
    /// Sends a request and reads its answer to the end. The future may be dropped at any time; the connection that it
    /// used is closed then.
    pub async fn exchange(&self, request: &Request, options: &Options) -> Result<Exchange, Failure> {
        self.exchange_within(&request.url, request, options, clock::now()).await
    }

    /// The same for a request that HttpClient makes while it follows redirects from `client`, and that began at `start`.
    pub async fn exchange_within(
        &self,
        client: &Url,
        request: &Request,
        options: &Options,
        start: Timestamp,
    ) -> Result<Exchange, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            let result = match options.version {
                Version::Http11 => self.attempt(client, request, options, start, None).await,
                Version::Http2 | Version::Auto | Version::AutoPriorKnowledge => {
                    Box::pin(self.attempt_http2(client, request, options, start)).await
                }
            };
            match result {
                Err(failure) if tries <= options.retry_count && may_retry(request, options, &failure) => {}
                result => return result,
            }
        }
    }

    /// Closes every connection and forgets TLS sessions and proxies' answers: the next exchange is a new user's.
    pub fn close_all(&mut self) {
        *self.state() = UserState::default();
    }

    /// Closes the free connections to a server.
    pub fn close_kept(&self, url: &Url, options: &Options) {
        let mut state = self.state();
        state.kept.retain(|(key, _)| !key.serves(url, url, options));
        if let Some(http2) = &mut state.http2 {
            http2.close(|key| key.serves(url, url, options));
        }
    }

    /// Gives back the memory that only exchanges need: the user will wait. Connections stay open.
    pub fn rest(&mut self) {
        for (_, connection) in &mut self.state().kept {
            connection.rest();
        }
    }

    /// Closes the free connections whose time is up.
    pub fn close_expired(&mut self) {
        let now = clock::now();
        let mut state = self.state();
        state.kept.retain(|(_, connection)| connection.expires > now);
        if let Some(http2) = &mut state.http2 {
            http2.close_expired(now);
        }
    }

    /// How many free connections are kept; of HTTP/2, which ones are open.
    pub fn kept_connections(&self) -> usize {
        let state = self.state();
        state.kept.len() + state.http2.as_ref().map_or(0, |http2| http2.len())
    }

    pub(super) fn state(&self) -> MutexGuard<'_, UserState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One try over HTTP/1.1, on the connection that is `given` or on one that is found or opened.
    pub(super) async fn attempt(
        &self,
        client: &Url,
        request: &Request,
        options: &Options,
        start: Timestamp,
        mut given: Option<Given>,
    ) -> Result<Exchange, Failure> {
        let mut timings = Timings { start, ..Timings::default() };
        let url = &request.url;
        let host = match url.connect_host() {
            Ok(host) => host,
            Err(fault) => return Err(fail(fault, Stage::Prepare, timings)),
        };
        let target = Target { scheme: url.scheme(), host, port: url.connect_port() };
        let plain_proxy = options.proxy.as_ref().filter(|_| url.scheme() == Scheme::Http);
        loop {
            let leased = if given.is_some() { None } else { self.lease(client, url, options, start) };
            let (key, mut connection, reused) = match (leased, given.take()) {
                (Some((key, connection)), _) => (key, connection, true),
                (None, Some(Given { key, connection, connect })) => {
                    timings.connect = connect;
                    (key, connection, false)
                }
                // Boxed, lest every user's task be as large as a handshake.
                (None, None) => {
                    let opened = Box::pin(self.open(&target, url, options, Version::Http11, &mut timings)).await;
                    match opened {
                        Ok(Opened::Stream(stream, peer)) => {
                            let connection = Box::new(Connection::new(stream, Some(peer), target.scheme, options));
                            (Arc::new(Key::new(client, url, options)), connection, false)
                        }
                        Ok(Opened::Refused(exchange)) => return Ok(finish_refused(*exchange, timings)),
                        Err(fault) => return Err(fail(fault, Stage::Connect, timings)),
                    }
                }
            };
            let mut extra = Vec::new();
            if let Some(proxy) = plain_proxy
                && request.header("Proxy-Authorization").is_none()
                && let Some(value) = self.proxy_authorization(proxy, &request.method, url.absolute_target())
            {
                extra.push(Header::new("Proxy-Authorization", value));
            }
            let wire_target = if plain_proxy.is_some() { url.absolute_target() } else { url.target() };
            let opened =
                if request.body.has_files() { Box::pin(open_files(&request.body)).await } else { Ok(Vec::new()) };
            let files = match opened {
                Ok(files) => files,
                Err(Missing { fault, before }) => {
                    let sent = connection.send_beginning(request, wire_target, &extra, before);
                    let fault = Box::pin(sent).await.err().unwrap_or(fault);
                    return Err(fail(fault, Stage::Send, timings));
                }
            };
            let mut sink = Sink::new(options);
            let outgoing = Outgoing { request, target: wire_target, extra: &extra, files, started: start };
            let result = connection.exchange(outgoing, options, &mut sink).await;
            let ended = match result {
                Ok(ended) => ended,
                Err((stage, mut fault)) => {
                    let wire = connection.transport().wire();
                    timings.end = clock::now();
                    timings.latency = latency(&timings, wire.first_body(), sink.len(), false);
                    if fault.class == NO_RESPONSE {
                        fault.message = Some(format!("{} failed to respond", target.host_string()));
                    }
                    let mut failure = fault.at(stage, timings);
                    if stage == Stage::Body {
                        failure.content_type = wire.head().and_then(|head| head.content_type()).map(Text::from);
                    }
                    return Err(failure);
                }
            };
            let Some(Received { head, bytes_in, bytes_out, peer, first_body, keeps }) = connection.finish(request)
            else {
                return Err(fail(Fault::protocol(), Stage::Head, timings));
            };
            let decoded = sink.len();
            let content = sink.finish();
            let has_body = content.as_ref().is_ok_and(|content| content.has_body);
            // What takes time to decode ends later than it came.
            timings.end =
                ended.filter(|_| content.as_ref().is_ok_and(|content| !content.decoded)).unwrap_or_else(clock::now);
            timings.latency = latency(&timings, first_body, decoded, has_body);
            if keeps {
                connection.updated = timings.end;
                let idle = head.keep_alive_for().or(options.idle_timeout);
                let deadline = connection.created + options.time_to_live;
                connection.expires = idle.map_or(deadline, |idle| deadline.min(connection.updated + idle));
                self.state().kept.push((key, connection));
            }
            if head.status() == 407
                && let Some(proxy) = plain_proxy
                && self.take_challenge(proxy, head.all("Proxy-Authenticate"), !extra.is_empty())
            {
                continue;
            }
            let content = content.map_err(|fault| {
                let content_type = head.content_type().map(Text::from);
                Failure { content_type, ..fault.at(Stage::Body, timings) }
            })?;
            let head = if content.decoded { Arc::new(head.after_decoding()) } else { head };
            return Ok(Exchange {
                status: head.status(),
                head,
                body: content.bytes,
                body_len: content.len,
                received_bytes: bytes_in,
                sent_bytes: bytes_out,
                timings,
                reused,
                peer,
                added: extra,
            });
        }
    }

    /// Takes a free connection for `url`, the one that was used last, and drops those whose time is up.
    fn lease(&self, client: &Url, url: &Url, options: &Options, now: Timestamp) -> Option<(Arc<Key>, Box<Connection>)> {
        let mut state = self.state();
        loop {
            let at = state.kept.iter().rposition(|(key, _)| key.serves(client, url, options))?;
            let (key, connection) = state.kept.remove(at);
            let unchecked = |limit: Duration| connection.updated + limit > now;
            if connection.expires > now
                && (options.validate_after_inactivity.is_none_or(unchecked)
                    || !connection.transport().wire().is_stale())
            {
                return Some((key, connection));
            }
        }
    }

    /// Opens a stream to the server, offering `version` where TLS has the servers choose.
    pub(super) async fn open(
        &self,
        target: &Target<'_>,
        url: &Url,
        options: &Options,
        version: Version,
        timings: &mut Timings,
    ) -> Result<Opened, Fault> {
        let tls = match (target.scheme, &options.proxy) {
            (Scheme::Https, _) | (_, Some(Proxy { scheme: Scheme::Https, .. })) => {
                Some(self.tls(&options.tls, version)?)
            }
            _ => None,
        };
        let start = timings.start;
        let Some(proxy) = &options.proxy else {
            let outcome = connect(target, tls.as_ref(), options).await;
            timings.connect = outcome.at.since(start);
            let (stream, peer) = outcome.result?;
            return Ok(Opened::Stream(stream, peer));
        };
        let proxy_target = Target { scheme: proxy.scheme, host: &proxy.host, port: proxy.port.into() };
        if target.scheme == Scheme::Http {
            let outcome = connect(&proxy_target, tls.as_ref(), options).await;
            timings.connect = outcome.at.since(start);
            let (stream, peer) = outcome.result?;
            return Ok(Opened::Stream(stream, peer));
        }
        let mut answered = false;
        loop {
            let outcome = connect(&proxy_target, tls.as_ref(), options).await;
            timings.connect = outcome.at.since(start);
            let (stream, peer) = outcome.result?;
            let authority = target.host_string();
            let authorization = self.proxy_authorization(proxy, "CONNECT", &authority);
            let sent = authorization.is_some();
            match proxy::tunnel(stream, &authority, url.host_header(), authorization, options).await? {
                proxy::Tunnel::Open(tcp) => {
                    let tls = tls.as_ref().ok_or_else(Fault::protocol)?;
                    let stream = super::connect::upgrade(tcp, target.host, tls, options).await?;
                    return Ok(Opened::Stream(stream, peer));
                }
                proxy::Tunnel::Refused(exchange) => {
                    let challenged = exchange.status == 407
                        && !answered
                        && self.take_challenge(proxy, exchange.head.all("Proxy-Authenticate"), sent);
                    if !challenged {
                        return Ok(Opened::Refused(exchange));
                    }
                    answered = true;
                }
            }
        }
    }

    /// Who the user is to servers that ask for a certificate, from the next handshake on.
    pub fn show(&mut self, certificate: Certificate) {
        let mut state = self.state();
        for keys in state.tls.iter().filter_map(|(_, _, tls)| tls.keys.as_ref()) {
            keys.set_choice(certificate.choice.clone());
        }
        // What is made later shows the same.
        state.certificate = Some(certificate);
    }

    /// This user's TLS configuration, with this user's sessions.
    fn tls(&self, settings: &Arc<TlsSettings>, version: Version) -> Result<UserTls, Fault> {
        let mut state = self.state();
        let known = state.tls.iter().find(|(known, of, _)| Arc::ptr_eq(known, settings) && *of == version);
        if let Some((.., tls)) = known {
            return Ok(tls.clone());
        }
        let tls = settings.for_user(state.certificate.clone(), version)?;
        state.tls.push((Arc::clone(settings), version, tls.clone()));
        Ok(tls)
    }

    /// What to say to a proxy that has asked before who we are.
    fn proxy_authorization(&self, proxy: &Proxy, method: &str, target: &str) -> Option<Text> {
        let mut state = self.state();
        let (_, answer) = state.proxy_answers.iter_mut().find(|(known, _)| known == proxy)?;
        answer.authorization(proxy.auth.as_ref()?, method, target)
    }

    /// Takes up a proxy's challenge. False when there is no answer to it, or when the answer was wrong.
    fn take_challenge<'a>(&self, proxy: &Proxy, challenges: impl Iterator<Item = &'a str>, answered: bool) -> bool {
        let mut state = self.state();
        state.proxy_answers.retain(|(known, _)| known != proxy);
        if answered || proxy.auth.is_none() {
            return false;
        }
        let answer = auth::Challenge::choose(challenges).and_then(|challenge| ProxyAnswer::new(&challenge));
        let Some(answer) = answer else { return false };
        state.proxy_answers.push((proxy.clone(), answer));
        true
    }
}

/// From the start to the first byte of a body, or to the end of one of no bytes.
fn latency(timings: &Timings, first: Option<Timestamp>, decoded: u64, has_body: bool) -> Duration {
    match first {
        Some(first) if decoded > 0 => first.since(timings.start),
        _ if has_body => timings.end.since(timings.start),
        _ => Duration::ZERO,
    }
}

/// A connection that was opened for an exchange already.
pub(super) struct Given {
    pub key: Arc<Key>,
    pub connection: Box<Connection>,
    /// How long it took, for its timings.
    pub connect: Duration,
}

/// What became of the wish for a connection.
pub(super) enum Opened {
    Stream(Stream, SocketAddr),
    /// The proxy opened no tunnel: its answer is the answer.
    Refused(Box<Exchange>),
}

pub(super) fn fail(fault: Fault, stage: Stage, mut timings: Timings) -> Failure {
    timings.end = clock::now();
    fault.at(stage, timings)
}

pub(super) fn finish_refused(mut exchange: Exchange, mut timings: Timings) -> Exchange {
    timings.end = clock::now();
    if exchange.body_len > 0 {
        timings.latency = timings.end.since(timings.start);
    }
    exchange.timings = timings;
    exchange
}

/// `StandardHttpRequestRetryHandler`: what came of the head, not of the body, is retried, when the method is idempotent
/// or the request had not been sent.
fn may_retry(request: &Request, options: &Options, failure: &Failure) -> bool {
    const IDEMPOTENT: [&str; 6] = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"];
    if failure.is_final() || !matches!(failure.stage, Stage::Connect | Stage::Send | Stage::Head) {
        return false;
    }
    IDEMPOTENT.iter().any(|method| request.method.eq_ignore_ascii_case(method))
        || failure.stage < Stage::Head
        || options.retry_sent
}

/// Whether two URLs are of one origin to a client: connections are shared between them.
pub fn same_connection(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme() && a.authority() == b.authority()
}

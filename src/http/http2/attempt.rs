//! Which connection an exchange takes, and what is made of its outcome.

use std::sync::Arc;

use super::Http2;
use super::exchange::Loss;
use super::message::{Outgoing, outgoing};
use crate::clock::{self, Timestamp};
use crate::http::client::{Client, Given, Key, Opened, fail, finish_refused};
use crate::http::connect::Target;
use crate::http::connection::Connection;
use crate::http::content::Sink;
use crate::http::failure::{CLIENT_PROTOCOL, Failure, Fault, NO_RESPONSE, SSL_HANDSHAKE, Stage};
use crate::http::options::{H2, Options, Version};
use crate::http::request::Request;
use crate::http::request_body::{Missing, open_files};
use crate::http::response::{Exchange, Timings};
use crate::http::url::{Scheme, Url};
use crate::text::Text;

/// How many connections a request is taken to whose server turns it away unprocessed each time.
const CONNECTIONS: u32 = 3;

/// What a user has of HTTP/2.
#[derive(Default)]
pub(in crate::http) struct Http2State {
    kept: Vec<Kept>,
    /// Connections that are being opened, so that others who want the same one wait for it.
    opening: Vec<(Arc<Key>, Arc<Opening>)>,
    /// Origins that chose HTTP/1.1.
    only_http1: Vec<Arc<Key>>,
}

struct Kept {
    key: Arc<Key>,
    connection: Arc<Http2>,
    /// Until when a request may begin on it.
    expires: Timestamp,
}

/// Held while a connection is opened. Those who wait for it fail as it fails.
type Opening = tokio::sync::Mutex<Option<Fault>>;

impl Http2State {
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Gives up connections; exchanges that are on them come to their end.
    pub fn close(&mut self, is_meant: impl Fn(&Key) -> bool) {
        self.kept.retain(|kept| !is_meant(&kept.key));
        self.only_http1.retain(|key| !is_meant(key));
    }

    pub fn close_expired(&mut self, now: Timestamp) {
        self.kept.retain(|kept| kept.expires > now);
    }
}

/// A connection for an exchange.
enum Found {
    Http2 {
        connection: Arc<Http2>,
        is_new: bool,
    },
    /// The server speaks HTTP/1.1 only; perhaps a connection is open already.
    Http1(Option<Given>),
    Refused(Box<Exchange>),
}

impl Client {
    /// One try over HTTP/2, or over HTTP/1.1 where the server chooses that and may.
    pub(in crate::http) async fn attempt_http2(
        &self,
        client: &Url,
        request: &Request,
        options: &Options,
        start: Timestamp,
    ) -> Result<Exchange, Failure> {
        let url = &request.url;
        let mut timings = Timings { start, ..Timings::default() };
        if url.scheme() == Scheme::Http {
            if options.version == Version::Auto {
                return self.attempt(client, request, options, start, None).await;
            }
            if options.proxy.is_some() {
                let words = "HTTP/2 in cleartext cannot go through a proxy (http.version=2)";
                return Err(fail(Fault::new(CLIENT_PROTOCOL, words), Stage::Prepare, timings));
            }
        }
        let host = match url.connect_host() {
            Ok(host) => host,
            Err(fault) => return Err(fail(fault, Stage::Prepare, timings)),
        };
        let target = Target { scheme: url.scheme(), host, port: url.connect_port() };
        let mut tries = 0;
        loop {
            tries += 1;
            let (connection, is_new) = match self.find(client, &target, url, options, &mut timings).await {
                Ok(Found::Http2 { connection, is_new }) => (connection, is_new),
                Ok(Found::Http1(given)) => return self.attempt(client, request, options, start, given).await,
                Ok(Found::Refused(exchange)) => return Ok(finish_refused(*exchange, timings)),
                Err(fault) => return Err(fail(fault, Stage::Connect, timings)),
            };
            let files = match open_files(&request.body).await {
                Ok(files) => files,
                Err(Missing { fault, .. }) => return Err(fail(fault, Stage::Send, timings)),
            };
            let head = outgoing(request).map_err(|fault| fail(fault, Stage::Prepare, timings))?;
            let Outgoing { size, closes, .. } = head;
            let mut sink = Sink::new(options);
            let result = connection.exchange(request, head, files, options, &mut sink).await;
            timings.end = clock::now();
            match result {
                Ok(answer) => {
                    let has_body = answer.head.has_body(request.method.eq_ignore_ascii_case("HEAD"));
                    timings.latency = match answer.first_body {
                        Some(first) if has_body => first.since(start),
                        _ if has_body => timings.end.since(start),
                        _ => std::time::Duration::ZERO,
                    };
                    self.used(&connection, closes, answer.head.keep_alive_for(), options, timings.end);
                    let content = sink.finish().map_err(|fault| {
                        let content_type = answer.head.last("content-type").map(Text::from);
                        Failure { content_type, ..fault.at(Stage::Body, timings) }
                    })?;
                    let received_bytes = answer.head.size() + answer.received;
                    let head = if content.decoded { Arc::new(answer.head.after_decoding()) } else { answer.head };
                    return Ok(Exchange {
                        status: head.status(),
                        head,
                        body: content.bytes,
                        body_len: content.len,
                        received_bytes,
                        sent_bytes: size + answer.sent,
                        timings,
                        reused: !is_new,
                        peer: Some(connection.peer),
                        added: Vec::new(),
                    });
                }
                Err(Loss::Unprocessed(_)) if tries < CONNECTIONS => self.forget(&connection),
                Err(Loss::Unprocessed(fault)) => {
                    self.forget(&connection);
                    return Err(fail(named(fault, &target), Stage::Head, timings));
                }
                Err(Loss::Failed { stage, fault, head, first_body, ends_connection }) => {
                    if ends_connection || closes {
                        self.forget(&connection);
                    }
                    if let Some(first) = first_body {
                        timings.latency = first.since(start);
                    }
                    let content_type = head.and_then(|head| head.last("content-type").map(Text::from));
                    return Err(Failure { content_type, ..named(fault, &target).at(stage, timings) });
                }
            }
        }
    }

    /// Finds the user's connection to a server, or opens it.
    async fn find(
        &self,
        client: &Url,
        target: &Target<'_>,
        url: &Url,
        options: &Options,
        timings: &mut Timings,
    ) -> Result<Found, Fault> {
        let serves = |key: &Key| key.serves(client, url, options);
        let lease = |http2: &mut Http2State| {
            let now = clock::now();
            http2.kept.retain(|kept| kept.expires > now && !kept.connection.watch.is_going_away());
            let kept = http2.kept.iter().find(|kept| serves(&kept.key)).map(|kept| Arc::clone(&kept.connection));
            kept.map(|connection| Found::Http2 { connection, is_new: false }).or_else(|| {
                // A server that has chosen HTTP/1.1 is not asked again.
                let is_known = options.version != Version::Http2 && http2.only_http1.iter().any(|key| serves(key));
                is_known.then_some(Found::Http1(None))
            })
        };
        let (key, opening) = {
            let mut state = self.state();
            let http2 = state.http2.get_or_insert_default();
            if let Some(found) = lease(http2) {
                return Ok(found);
            }
            match http2.opening.iter().find(|(key, _)| serves(key)) {
                Some((key, opening)) => (Arc::clone(key), Arc::clone(opening)),
                None => {
                    let opening = (Arc::new(Key::new(client, url, options)), Arc::new(Opening::default()));
                    http2.opening.push(opening.clone());
                    opening
                }
            }
        };
        let mut failed = opening.lock().await;
        if let Some(fault) = &*failed {
            return Err(fault.clone());
        }
        if let Some(found) = lease(self.state().http2.get_or_insert_default()) {
            return Ok(found);
        }
        let result = self.open_http2(&key, target, url, options, timings).await;
        let mut state = self.state();
        let http2 = state.http2.get_or_insert_default();
        http2.opening.retain(|(_, known)| !Arc::ptr_eq(known, &opening));
        match &result {
            Ok(Found::Http2 { connection, .. }) => {
                let expires = connection.created + options.time_to_live;
                http2.kept.push(Kept { key, connection: Arc::clone(connection), expires });
            }
            Ok(Found::Http1(_)) => http2.only_http1.push(key),
            Ok(Found::Refused(_)) => {}
            Err(fault) => *failed = Some(fault.clone()),
        }
        result
    }

    async fn open_http2(
        &self,
        key: &Arc<Key>,
        target: &Target<'_>,
        url: &Url,
        options: &Options,
        timings: &mut Timings,
    ) -> Result<Found, Fault> {
        let (stream, peer) = match self.open(target, url, options, options.version, timings).await? {
            Opened::Stream(stream, peer) => (stream, peer),
            Opened::Refused(exchange) => return Ok(Found::Refused(exchange)),
        };
        if target.scheme == Scheme::Http || stream.chosen_protocol() == Some(H2) {
            let connection = Arc::new(Http2::over(stream, peer).await?);
            return Ok(Found::Http2 { connection, is_new: true });
        }
        if options.version == Version::Http2 {
            let words = "The server did not choose HTTP/2, which is all that was offered (http.version=2)";
            return Err(Fault::new(SSL_HANDSHAKE, words));
        }
        let connection = Box::new(Connection::new(stream, Some(peer), target.scheme, options));
        Ok(Found::Http1(Some(Given { key: Arc::clone(key), connection, connect: timings.connect })))
    }

    /// An exchange has come to its end: how long the connection may be idle counts from now.
    fn used(
        &self,
        connection: &Arc<Http2>,
        closes: bool,
        keep_alive_for: Option<std::time::Duration>,
        options: &Options,
        now: Timestamp,
    ) {
        if closes {
            return self.forget(connection);
        }
        if let Some(idle) = keep_alive_for.or(options.idle_timeout)
            && let Some(http2) = &mut self.state().http2
            && let Some(kept) = http2.kept.iter_mut().find(|kept| Arc::ptr_eq(&kept.connection, connection))
        {
            kept.expires = (connection.created + options.time_to_live).min(now + idle);
        }
    }

    /// No more requests go over a connection.
    fn forget(&self, connection: &Arc<Http2>) {
        if let Some(http2) = &mut self.state().http2 {
            http2.kept.retain(|kept| !Arc::ptr_eq(&kept.connection, connection));
        }
    }
}

/// Says who failed to respond.
fn named(mut fault: Fault, target: &Target<'_>) -> Fault {
    if fault.class == NO_RESPONSE {
        fault.message = Some(format!("{} failed to respond", target.host_string()));
    }
    fault
}

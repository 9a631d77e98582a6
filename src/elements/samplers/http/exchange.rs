//! One sample's exchanges: the request, again with the answer to a challenge, and on to where HttpClient is sent
//! ("Redirect Automatically"). All of them are one row, with the sizes of the last.

use super::java;
use super::pass::Pass;
use super::request::Ready;
use super::settings::Implementation;
use crate::clock::{self, Timestamp};
use crate::elements::configs::{AuthManager, Authorization};
use crate::http::auth::{self, Challenge, Digest, Signed};
use crate::http::redirect::{AutoRedirect, AutoRedirects};
use crate::http::{Body, Exchange, Failure, Options, Part, Request, Stage, Timings, Url, same_connection};
use crate::text::Text;
use crate::virtual_user::{StopLevel, Thrown};
use std::sync::Arc;

/// An answer, and the request that got it if it is not the one that was given.
pub(super) struct Sent {
    pub exchange: Exchange,
    pub request: Option<Ready>,
}

/// A failure, and the request that was sent last if it is not the one that was given.
pub(super) struct Unsent {
    pub failure: Failure,
    pub request: Option<Ready>,
}

/// What the server knows of us.
enum Told {
    Nothing,
    Basic,
    Digest(Box<Digest>),
}

struct Auth {
    who: Option<Authorization>,
    told: Told,
}

impl Pass<'_, '_> {
    /// Makes the exchanges.
    pub(super) async fn exchange(&self, ready: &Ready, options: &Options) -> Result<Sent, Box<Unsent>> {
        let Some(manager) = self.managers.auth.as_deref() else {
            if !self.redirects_silently() {
                // The common case: one request, one answer.
                return match self.send(&ready.request.url, &ready.request, options).await {
                    Ok(exchange) => Ok(Sent { exchange, request: None }),
                    Err(failure) => Err(Box::new(Unsent { failure, request: None })),
                };
            }
            // Boxed, lest every sample be as large as the rare ones.
            return Box::pin(self.exchanges(ready, options, None)).await;
        };
        Box::pin(self.exchanges(ready, options, Some(manager))).await
    }

    async fn exchanges(
        &self,
        ready: &Ready,
        options: &Options,
        manager: Option<&AuthManager>,
    ) -> Result<Sent, Box<Unsent>> {
        let silently = self.redirects_silently();
        // Java keeps the connections of all addresses together, HttpClient those of one request.
        let is_java = self.settings.implementation == Implementation::Java;
        let limit = usize::try_from(self.settings.max_redirects).unwrap_or(usize::MAX);
        let mut redirects = AutoRedirects::default();
        let mut hops = 0;
        let mut so_far: Option<Timings> = None;
        let mut base = ready.clone();
        let mut auth = Auth { who: None, told: Told::Nothing };
        if let Err(thrown) = self.introduce(manager, &base.request, &mut auth) {
            return Err(thrown_before(&thrown));
        }
        loop {
            let mut current = base.clone();
            if let Some(value) = auth.authorization(&current.request) {
                current.add_authorization(self.settings, value);
            }
            let client = if is_java { &current.request.url } else { &ready.request.url };
            let mut exchange = match self.send(client, &current.request, options).await {
                Ok(exchange) => exchange,
                Err(mut failure) => {
                    failure.timings = after(so_far, failure.timings);
                    return Err(Box::new(Unsent { failure, request: Some(current) }));
                }
            };
            exchange.timings = after(so_far, exchange.timings);
            so_far = Some(exchange.timings);
            let failed = |class: &str, message: &str, request: Ready, timings: Timings| {
                let (class, message) = (class.into(), message.into());
                let failure = Failure { class, message, timings, stage: Stage::Connect, content_type: None };
                Err(Box::new(Unsent { failure, request: Some(request) }))
            };
            if exchange.status == 401
                && self.settings.implementation == Implementation::HttpClient
                && let Some(manager) = manager
            {
                match self.take_challenge(manager, &base.request, &exchange, &mut auth) {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(thrown) => {
                        return failed(&thrown.class, thrown.message_or_null(), current, exchange.timings);
                    }
                }
            }
            if !silently {
                return Ok(Sent { exchange, request: Some(current) });
            }
            if self.settings.implementation == Implementation::Java {
                hops += 1;
                match java::redirected(&base, self.settings, &exchange) {
                    Some(_) if hops >= limit => {
                        let message = format!("Server redirected too many  times ({limit})");
                        return failed("java.net.ProtocolException", &message, current, exchange.timings);
                    }
                    Some(next) => {
                        // Java does not use a connection again that sent it elsewhere.
                        self.client.close_kept(&base.request.url, options);
                        base = next;
                        continue;
                    }
                    None => return Ok(Sent { exchange, request: Some(current) }),
                }
            }
            let (url, method) = (&base.request.url, &base.request.method);
            match redirects.next(url, method, exchange.status, exchange.head.first("location"), limit) {
                AutoRedirect::Stop => return Ok(Sent { exchange, request: Some(current) }),
                AutoRedirect::Fail => {
                    let class = "org.apache.http.client.ClientProtocolException";
                    return failed(class, "null", current, exchange.timings);
                }
                AutoRedirect::Follow { url, repeat } => {
                    if !same_connection(&base.request.url, &url) {
                        auth.told = Told::Nothing;
                    }
                    base = base.redirected(self.settings, options.proxy.is_some(), url, repeat);
                    if let Err(thrown) = self.introduce(manager, &base.request, &mut auth) {
                        return failed(&thrown.class, thrown.message_or_null(), current, exchange.timings);
                    }
                }
            }
        }
    }

    /// Whether HttpClient follows redirects by itself.
    fn redirects_silently(&self) -> bool {
        self.flag(&self.fields.auto_redirects)
    }

    /// Finds out who we are to a server, before the first request to an address.
    fn introduce(&self, manager: Option<&AuthManager>, request: &Request, auth: &mut Auth) -> Result<(), Thrown> {
        let Some(manager) = manager.filter(|_| self.settings.preemptive_auth) else { return Ok(()) };
        auth.who = manager.for_url(&request.url, &mut self.user())?;
        let is_java = self.settings.implementation == Implementation::Java;
        if matches!(auth.told, Told::Nothing) && auth.who.as_ref().is_some_and(|who| is_java || who.preemptive) {
            auth.told = Told::Basic;
        }
        Ok(())
    }

    /// Takes up a challenge. False when there is no answer to it, or when the answer was wrong.
    fn take_challenge(
        &self,
        manager: &AuthManager,
        request: &Request,
        exchange: &Exchange,
        auth: &mut Auth,
    ) -> Result<bool, Thrown> {
        // A request that says by a header of its own who we are is sent again as well, as it was.
        let challenges = || exchange.head.all("WWW-Authenticate");
        let offers = |scheme: &str| challenges().any(|challenge| Challenge::parse(challenge).scheme == scheme);
        let Some(challenge) = Challenge::choose(challenges()) else { return Ok(false) };
        let is_again = match &auth.told {
            Told::Nothing => false,
            Told::Basic => offers("basic"),
            Told::Digest(_) => {
                !(offers("digest")
                    && challenge.parameter("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")))
            }
        };
        if is_again {
            return Ok(false);
        }
        let realm = challenge.parameter("realm").unwrap_or_default();
        if !self.settings.preemptive_auth {
            auth.who = manager.for_realm(&request.url, realm, &mut self.user())?;
        }
        let Some(who) = &auth.who else { return Ok(false) };
        if !who.realm.is_empty() && *who.realm != *realm {
            return Ok(false);
        }
        auth.told = match Digest::new(&challenge) {
            Some(digest) => Told::Digest(Box::new(digest)),
            None if challenge.scheme == "basic" => Told::Basic,
            None => return Ok(false),
        };
        Ok(true)
    }

    /// One request of the client for an address, and its answer, unless the run or a Sample Timeout ends it before.
    async fn send(&self, client: &Url, request: &Request, options: &Options) -> Result<Exchange, Failure> {
        // A user whose server answers at once would otherwise never let others run.
        tokio::task::coop::consume_budget().await;
        let started = clock::now();
        let outcome = tokio::select! {
            biased;
            outcome = self.client.exchange_within(client, request, options, started) => outcome,
            () = self.stop.reached(StopLevel::Now) => Err(interrupted(started)),
            () = self.deadline.passed() => Err(interrupted(started)),
        };
        match self.settings.implementation {
            Implementation::HttpClient => outcome,
            Implementation::Java => outcome.map_err(java::reworded).map(|mut exchange| {
                exchange.timings.connect = std::time::Duration::ZERO;
                exchange
            }),
        }
    }
}

impl Auth {
    /// What the `Authorization` header says; `None` when nothing is to be said, or the plan says it itself.
    fn authorization(&mut self, request: &Request) -> Option<Text> {
        let who = self.who.as_ref()?;
        if request.header("Authorization").is_some() {
            return None;
        }
        let (user, password) = (&*who.user, &*who.password);
        match &mut self.told {
            Told::Nothing => None,
            Told::Basic => Some(auth::basic(user, password)),
            Told::Digest(digest) => {
                let entity = entity_bytes(&request.body);
                let entity = entity.as_deref();
                let signed = Signed { user, password, method: &request.method, target: request.url.target(), entity };
                digest.authorization(&signed, auth::client_nonce)
            }
        }
    }
}

/// The bytes of an entity that is held in memory.
fn entity_bytes(body: &Body) -> Option<Vec<u8>> {
    match body {
        Body::Empty => None,
        Body::Bytes(bytes) => Some(bytes.to_vec()),
        Body::Parts(parts) => parts
            .iter()
            .map(|part| if let Part::Bytes(bytes) = part { Some(&**bytes) } else { None })
            .collect::<Option<Vec<_>>>()
            .map(|parts| parts.concat()),
    }
}

/// The times of an exchange that is not the first of its sample.
fn after(before: Option<Timings>, mut timings: Timings) -> Timings {
    let Some(before) = before else { return timings };
    let offset = timings.start.since(before.start);
    timings.connect = if timings.connect.is_zero() { before.connect } else { timings.connect + offset };
    if !timings.latency.is_zero() {
        timings.latency += offset;
    }
    timings.start = before.start;
    timings
}

fn thrown_before(thrown: &Thrown) -> Box<Unsent> {
    let now = clock::now();
    let timings = Timings { start: now, end: now, ..Timings::default() };
    let (class, message) = (Text::clone(&thrown.class), Text::from(thrown.message_or_null()));
    let failure = Failure { class, message, timings, stage: Stage::Prepare, content_type: None };
    Box::new(Unsent { failure, request: None })
}

/// What an interrupted sample shows: HttpClient's socket was closed under it.
fn interrupted(started: Timestamp) -> Failure {
    Failure {
        class: Text::from("java.net.SocketException"),
        message: Text::from("Socket closed"),
        timings: Timings { start: started, end: clock::now(), ..Timings::default() },
        stage: Stage::Head,
        content_type: None,
    }
}

/// A moment at which the request at work is aborted; the ones after it go on (`SampleTimeout`).
pub(super) struct Deadline {
    at: Option<Timestamp>,
    over: std::sync::atomic::AtomicBool,
}

impl Deadline {
    pub fn new(at: Option<Timestamp>) -> Self {
        Deadline { at, over: std::sync::atomic::AtomicBool::new(false) }
    }

    async fn passed(&self) {
        use std::sync::atomic::Ordering::Relaxed;
        match self.at {
            Some(at) if !self.over.load(Relaxed) => {
                // Boxed, lest every sample be as large as one with a timeout.
                Box::pin(tokio::time::sleep_until(tokio::time::Instant::from_std(clock::instant_of(at)))).await;
                self.over.store(true, Relaxed);
            }
            _ => std::future::pending().await,
        }
    }
}

/// Waits for a retry; the run's stop ends it.
pub(super) async fn pause(stop: &Arc<crate::virtual_user::StopSignal>, wait: std::time::Duration) {
    tokio::select! {
        () = stop.reached(StopLevel::Shutdown) => {}
        () = tokio::time::sleep(wait) => {}
    }
}

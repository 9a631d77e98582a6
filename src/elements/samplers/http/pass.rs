//! One sample of an HTTP Request (`HTTPHC4Impl.sample`, `HTTPSamplerBase.resultProcessing`): the request is put
//! together, sent as often as `Retry-After` asks, and what follows from the answer is done: redirects, then resources.

use super::exchange::{Deadline, Sent, pause};
use super::fields::Fields;
use super::fixed::Fixed;
use super::redirect::{is_redirect, location, show_last};
use super::request::{self, Ready};
use super::retrying::{Retrying, Verdict};
use super::settings::{CachedResource, Implementation, Settings};
use super::sources::Managers;
use super::stack_trace::Place;
use super::{body, java, proxy, result, source_address, url};
use crate::clock::{self, Timestamp};
use crate::elements::configs::Cache;
use crate::elements::roles::taken;
use crate::expr::BoolExpr;
use crate::http::redirect::{follow, followed_method};
use crate::http::{Body, BodyUse, Client, CookieJar, Exchange, Options, Stage, Url, UrlError};
use crate::results::{DataType, SampleResult};
use crate::text::Text;
use crate::virtual_user::{StopSignal, Thrown, ThrownKind, VirtualUser, well_known};
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What all requests of one sample work with. Resources may be fetched side by side, hence the locks; they are never
/// held while anything is waited for.
pub(super) struct Pass<'p, 'u> {
    pub fields: &'p Fields,
    /// What is the same at every pass; `None` when a pre-processor changed the request.
    pub fixed: Option<&'p Fixed>,
    pub settings: &'p Settings,
    pub managers: &'p Managers,
    pub user: &'p Mutex<&'u mut VirtualUser>,
    pub client: &'p Client,
    pub jar: Option<&'p Mutex<CookieJar>>,
    pub cache: Option<&'p Mutex<Cache>>,
    pub stop: &'p Arc<StopSignal>,
    pub deadline: &'p Deadline,
    /// The thread that JMeter would do it on.
    pub thread: Text,
    /// Whether only the MD5 sums of bodies are kept, whatever the sampler says.
    pub md5: bool,
    /// How many bytes of a body are kept; `None` for all, for those who read them.
    pub beginning: Option<u64>,
}

/// A sample that may call itself.
pub(super) type Sampled<'a, T> = Pin<Box<dyn Future<Output = Result<T, Thrown>> + Send + 'a>>;

/// Why a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The plan asks for it.
    Plan,
    /// An answer pointed there.
    Redirect,
    /// A page needs it.
    Resource,
}

/// A request and how it is sent; either may be one that all passes share.
type Outgoing<'p> = (Cow<'p, Ready>, Cow<'p, Options>);

/// A request on its way out.
#[allow(
    clippy::large_enum_variant,
    reason = "nearly every one is ready, and a box for each would cost more than it saves"
)]
enum Prepared<'p> {
    Ready {
        label: Text,
        ready: Cow<'p, Ready>,
        options: Cow<'p, Options>,
    },
    /// There is nothing to send: a failed sample, or what the cache makes of it.
    Done(Option<Box<SampleResult>>),
}

impl<'p, 'u> Pass<'p, 'u> {
    /// Takes the sample that the plan asks for. Its label is set by the caller; sub-samples have theirs.
    pub async fn take(&self) -> Result<Option<Box<SampleResult>>, Thrown> {
        let make = || {
            let mut user = self.user();
            let method = self.fields.method.eval(&mut user)?;
            let url = url::build(self.fields, &method, &mut user)?;
            Ok((method, url))
        };
        let address = match self.fixed {
            Some(fixed) => fixed.address(make),
            None => make().map(Cow::Owned),
        };
        let (method, url) = &*address?;
        self.sample(url, method, Cause::Plan, 0).await
    }

    /// Samples an address; `depth` counts the pages around it. `None` is an answer from the cache that is no sample.
    pub async fn sample(
        &self,
        url: &Url,
        method: &Text,
        cause: Cause,
        depth: u32,
    ) -> Result<Option<Box<SampleResult>>, Thrown> {
        let (label, ready, options) = match self.prepare(url, method, cause, depth)? {
            Prepared::Ready { label, ready, options } => (label, ready, options),
            Prepared::Done(result) => return Ok(result),
        };
        let mut retrying = Retrying::new(&self.settings.retry);
        // What redirects and pages bring with them is part of a sample whose time runs: it is not held back.
        let pacing = self.settings.pacing.as_deref().filter(|_| cause == Cause::Plan);
        let gate = pacing.map(|pacing| pacing.gate(url, &label));
        let (mut sample, sent) = loop {
            let permit = match &gate {
                Some(gate) => {
                    // Boxed, lest every sample be as large as one that waits.
                    let Some(permit) = Box::pin(gate.pass(self.stop)).await else { return Ok(None) };
                    retrying.held_back(&self.user(), permit.waited());
                    Some(permit)
                }
                None => None,
            };
            let mut sample = Self::begun(&label, url, method, &ready);
            let outcome = self.exchange(&ready, &options).await;
            retrying.fold_wait(&mut sample);
            let sent = match outcome {
                Ok(sent) => sent,
                Err(unsent) => {
                    let failure = &unsent.failure;
                    // What is no `IOException` leaves the request's head out.
                    if failure.stage != Stage::Prepare && &*failure.class != "java.lang.IllegalArgumentException" {
                        sample.request_headers = unsent.request.as_ref().unwrap_or(&ready).head_text(&[]);
                    }
                    result::timed(&mut sample, &failure.timings);
                    if let Some(content_type) = &failure.content_type {
                        result::typed(&mut sample, content_type);
                    }
                    let (scheme, timed_connect) = (url.scheme(), options.connect_timeout.is_some());
                    let is_multipart = matches!(&ready.request.body, Body::Parts(parts) if parts.len() > 1);
                    let place = Place { cause, depth, stage: Some(failure.stage), scheme, timed_connect, is_multipart };
                    match self.settings.implementation {
                        Implementation::HttpClient => {
                            result::fail_at(&mut sample, &failure.class, &failure.message, &place);
                        }
                        Implementation::Java => result::fail(&mut sample, &failure.class, &failure.message),
                    }
                    retrying.fold(&mut sample);
                    return Ok(Some(sample));
                }
            };
            if let Some(permit) = permit {
                permit.answered(&sent.exchange, &self.settings.retry);
            }
            let verdict = {
                let mut user = self.user();
                self.fill(&mut user, &mut sample, &ready, &sent);
                if cause != Cause::Plan {
                    break (sample, sent);
                }
                retrying.judge(&mut user, &mut sample, &sent.exchange)
            };
            match verdict {
                Verdict::Final => {
                    retrying.fold(&mut sample);
                    break (sample, sent);
                }
                Verdict::Again(wait) => {
                    result::sized(&mut sample, &sent.exchange);
                    self.count_unkept(&mut sample, &sent.exchange);
                    drop(sent);
                    retrying.keep(self.fields, &mut self.user(), *sample);
                    Box::pin(pause(self.stop, wait)).await;
                    if !self.user().may_run() {
                        // The refusal is the last word; it has been recorded already, so there is nothing to add.
                        return Ok(None);
                    }
                }
            }
        };
        if !self.settle(&mut sample, &ready, &sent, cause, depth) {
            return Ok(Some(sample));
        }
        drop(sent);
        self.follow_up(sample, url, cause == Cause::Redirect, depth).await.map(Some)
    }

    /// Puts the request together.
    fn prepare(&self, url: &Url, method: &Text, cause: Cause, depth: u32) -> Result<Prepared<'p>, Thrown> {
        let mut user = self.user();
        let label = if self.settings.rename_sub_results {
            let label = match user.named(|user| self.fields.name.eval(user)) {
                Ok(label) => label,
                Err(thrown) if thrown.kind == ThrownKind::Exception => {
                    return Ok(Prepared::Done(taken(result::without_name(&thrown))));
                }
                Err(thrown) => return Err(thrown),
            };
            // The rest of the request may ask for it (`__samplerName`).
            user.sampler_name = Text::clone(&label);
            label
        } else {
            Text::clone(url.text())
        };
        match self.requested(&mut user, url, method, cause) {
            Ok(Some((ready, options))) => Ok(Prepared::Ready { label, ready, options }),
            Ok(None) => Ok(Prepared::Done(match &self.settings.cached {
                CachedResource::NoSample => None,
                CachedResource::Row { code, message } => {
                    let mut sample = result::begun(label, url, method, clock::now());
                    sample.response_code = Text::clone(code);
                    sample.response_message = Text::clone(message);
                    sample.finish(clock::now());
                    Some(sample)
                }
            })),
            Err(thrown) => {
                let mut sample = result::begun(label, url, method, clock::now());
                sample.finish(clock::now());
                // A body that cannot be put together is the last thing to fail.
                if url.check().is_ok()
                    && is_token(method)
                    && self.settings.implementation == Implementation::HttpClient
                    && let (Some(http), Ok(Some(cookies))) = (&mut sample.http, self.cookies(&mut user, url))
                {
                    http.cookies = cookies;
                }
                let place = Place::outside(cause, depth);
                result::fail_at(&mut sample, &thrown.class, thrown.message_or_null(), &place);
                Ok(Prepared::Done(Some(sample)))
            }
        }
    }

    /// The request and how it is sent; `None` when the cache has a fresh answer.
    fn requested(
        &self,
        user: &mut VirtualUser,
        url: &Url,
        method: &Text,
        cause: Cause,
    ) -> Result<Option<Outgoing<'p>>, Thrown> {
        let fixed = self.fixed;
        let options = match fixed.filter(|_| !self.md5).and_then(|fixed| fixed.options(|| self.options(user, url))) {
            Some(options) => Cow::Borrowed(options.as_ref().map_err(Clone::clone)?),
            None => Cow::Owned(self.options(user, url)?),
        };
        if cause == Cause::Plan
            && let Some(ready) =
                fixed.and_then(|fixed| fixed.request(|| self.ready(user, url, method, cause, &options, None)))
        {
            let ready = ready.as_ref().map_err(Clone::clone)?;
            let ready = match self.cookies(user, url)? {
                Some(cookies) => Cow::Owned(ready.with_cookies(cookies)),
                None => Cow::Borrowed(ready),
            };
            return Ok(Some((ready, options)));
        }
        let cookies = self.cookies(user, url)?;
        let ready = self.ready(user, url, method, cause, &options, cookies)?;
        let is_fresh = method.eq_ignore_ascii_case("GET")
            && self.cache().is_some_and(|cache| cache.is_fresh(url.text(), ready.own_headers()));
        Ok((!is_fresh).then_some((Cow::Owned(ready), options)))
    }

    fn ready(
        &self,
        user: &mut VirtualUser,
        url: &Url,
        method: &Text,
        cause: Cause,
        options: &Options,
        cookies: Option<Text>,
    ) -> Result<Ready, Thrown> {
        url.check().map_err(|failure| Thrown::new(&failure.class, failure.message))?;
        if self.settings.implementation == Implementation::Java {
            java::check_method(method)?;
        } else if !is_token(method) {
            let message = format!("Unexpected method: '{method}'");
            return Err(Thrown::new("java.lang.IllegalArgumentException", message));
        }
        let mut headers = request::plan_head(self.fields, self.settings, url, user)?;
        if let Some(cache) = self.cache() {
            cache.add_validators(url.text(), &mut headers);
        }
        // A resource of a page is asked for like the page itself, its raw body included; a redirect's target never is.
        let entity = match cause {
            Cause::Redirect => None,
            Cause::Plan | Cause::Resource => body::build(self.fields, self.settings, method, user)?,
        };
        Ok(Ready::new(self.settings, options.proxy.is_some(), method, url, headers, cookies, entity))
    }

    /// The Cookie Manager's header for an address.
    fn cookies(&self, user: &mut VirtualUser, url: &Url) -> Result<Option<Text>, Thrown> {
        match (&self.managers.cookies, self.jar) {
            (Some(manager), Some(jar)) => manager.header(&lock(jar), url, user),
            _ => Ok(None),
        }
    }

    /// How a request to `url` is sent.
    fn options(&self, user: &mut VirtualUser, url: &Url) -> Result<Options, Thrown> {
        let mut options = self.settings.options.clone();
        let millis = |value: i64| u64::try_from(value).ok().filter(|value| *value > 0).map(Duration::from_millis);
        if let Some(address) = source_address::read(self.fields, user)? {
            options.source_address = Some(address);
        }
        options.connect_timeout = millis(self.fields.connect_timeout.eval(user)?);
        options.response_timeout = millis(self.fields.response_timeout.eval(user)?);
        options.proxy = match proxy::of_fields(self.fields, &self.settings.proxy_domain, user)? {
            None => self.settings.proxy.as_ref().and_then(|proxy| proxy.for_url(url)),
            own => own,
        };
        if self.md5 || self.fields.md5.eval(user)? {
            options.keep_body = BodyUse::Md5;
        } else if let Some(beginning) = self.beginning {
            options.keep_body = options.keep_body.cut_to(beginning);
        }
        if let Some(manager) = &self.managers.dns {
            options.resolver = manager.resolver(user)?;
        }
        Ok(options)
    }

    /// A sample whose times are those of the exchange that follows.
    fn begun(label: &Text, url: &Url, method: &Text, ready: &Ready) -> Box<SampleResult> {
        let mut sample = result::begun(Text::clone(label), url, method, Timestamp::default());
        if let Some(http) = &mut sample.http {
            http.cookies = Text::clone(&ready.cookies);
            http.query_string = Text::clone(&ready.shown_body);
        }
        sample
    }

    /// Fills in the answer.
    fn fill(&self, user: &mut VirtualUser, sample: &mut SampleResult, ready: &Ready, sent: &Sent) {
        let ready = sent.request.as_ref().unwrap_or(ready);
        sample.request_headers = match &self.settings.local_address {
            None => ready.head_text(&sent.exchange.added),
            Some(local) => {
                let mut added = sent.exchange.added.clone();
                added.push(local.clone());
                ready.head_text(&added)
            }
        };
        result::answered(sample, &sent.exchange);
        if user.variables.value(well_known::USER_TOKEN).is_none() {
            let token = Text::clone(&user.thread_name);
            user.variables.set(well_known::USER_TOKEN, token);
        }
    }

    /// What an answer leaves behind: sizes, cookies, what the cache remembers. False when it is a redirect that points
    /// nowhere: the sample has failed then.
    fn settle(&self, sample: &mut SampleResult, ready: &Ready, sent: &Sent, cause: Cause, depth: u32) -> bool {
        let exchange = &sent.exchange;
        if is_redirect(sample) {
            let Some(location) = exchange.head.last("location") else {
                let Ready { request, .. } = ready;
                let message =
                    format!("Missing location header in redirect for {} {} HTTP/1.1", request.method, request.url);
                let place = Place::outside(cause, depth);
                result::fail_at(sample, "java.lang.IllegalArgumentException", &message, &place);
                return false;
            };
            if let Some(http) = &mut sample.http {
                http.redirect_location = Some(Text::from(location));
            }
        }
        match self.settings.implementation {
            Implementation::HttpClient => result::sized(sample, exchange),
            Implementation::Java => java::sized(sample, exchange),
        }
        self.count_unkept(sample, exchange);
        let mut at = &ready.request.url;
        if let Some(last) = sent.request.as_ref().filter(|_| self.flag(&self.fields.auto_redirects)) {
            at = &last.request.url;
            sample.url = Some(Text::from(reached(at)));
        }
        if let (Some(manager), Some(jar)) = (&self.managers.cookies, self.jar) {
            let mut set_cookies = exchange.head.all("Set-Cookie").peekable();
            if set_cookies.peek().is_some() {
                manager.received(&mut lock(jar), at, set_cookies, &mut self.user());
            }
        }
        if let (Some(manager), Some(cache)) = (&self.managers.cache, self.cache) {
            let headers = &sent.request.as_ref().unwrap_or(ready).request.headers;
            let url = sample.url.as_deref().unwrap_or_default();
            manager.save(&mut lock(cache), url, &ready.request.method, &exchange.head, headers);
        }
        true
    }

    /// What follows from a body must outlive it: where no size was counted, that of the body counts.
    fn count_unkept(&self, sample: &mut SampleResult, exchange: &Exchange) {
        if self.beginning.is_some() && sample.body_size == 0 && !(self.md5 || self.flag(&self.fields.md5)) {
            let most = match self.settings.options.keep_body {
                BodyUse::Keep { max: Some(max) } => max,
                _ => u64::MAX,
            };
            sample.body_size = exchange.body_len.min(most);
        }
    }

    /// Follows redirects and fetches resources; `asked` is the address that was sampled. `following` says that the answer
    /// is a redirect's target: its redirects are the caller's.
    async fn follow_up(
        &self,
        mut sample: Box<SampleResult>,
        asked: &Url,
        following: bool,
        depth: u32,
    ) -> Result<Box<SampleResult>, Thrown> {
        if !following && is_redirect(&sample) && self.flag(&self.fields.follow_redirects) {
            // The resources of the page were fetched with the last hop.
            return self.follow(sample, asked.clone(), depth).await;
        }
        if sample.successful && sample.data_type == DataType::Text && self.flag(&self.fields.image_parser) {
            if depth > self.settings.max_frame_depth {
                let mut flaw = SampleResult::clone(&sample);
                flaw.sub_results.clear();
                result::fail(&mut flaw, "java.lang.Exception", "Maximum frame/iframe nesting depth exceeded.");
                self.add(&mut sample, flaw);
            } else {
                sample = self.download(sample, asked.clone(), depth).await?;
            }
        }
        Ok(sample)
    }

    /// Goes where an answer points, and on from there: each hop is a sub-sample.
    fn follow(&self, first: Box<SampleResult>, asked: Url, depth: u32) -> Sampled<'_, Box<SampleResult>> {
        Box::pin(async move {
            let mut total = first.clone();
            let rename = self.settings.rename_sub_results;
            let mut last = first.clone();
            let mut asked = asked;
            result::store_sub_result(&mut total, *first, rename);
            let mut hops = 0;
            while hops < self.settings.max_redirects {
                let target = address_of(&last, &asked)
                    .and_then(|base| follow(&base, &location(&last), self.settings.remove_slash_dot_dot));
                let mut is_new = true;
                match target {
                    Ok(target) => {
                        let method = last.http.as_ref().map(|http| Text::clone(&http.method)).unwrap_or_default();
                        let method = Text::from(followed_method(&method));
                        match self.sample(&target, &method, Cause::Redirect, depth).await? {
                            Some(hop) => last = hop,
                            None => break,
                        }
                        asked = target;
                    }
                    Err(error) => {
                        result::fail(&mut last, &error.class, &error.message);
                        if let Some(kept) = total.sub_results.last_mut() {
                            result::fail(kept, &error.class, &error.message);
                        }
                        is_new = false;
                    }
                }
                if !last.sub_results.is_empty() {
                    for sub in std::mem::take(&mut last.sub_results) {
                        self.add(&mut total, sub);
                    }
                } else if is_new {
                    self.add(&mut total, SampleResult::clone(&last));
                }
                if !is_redirect(&last) {
                    break;
                }
                hops += 1;
            }
            if hops >= self.settings.max_redirects {
                let message = format!("Exceeded maximum number of redirects: {}", self.settings.max_redirects);
                let place = Place::outside(Cause::Plan, depth);
                result::fail_at(&mut last, "java.io.IOException", &message, &place);
                self.add(&mut total, SampleResult::clone(&last));
            }
            if !rename {
                total.label = Text::from(format!("{}->{}", total.label, last.label));
            }
            show_last(&mut total, &last);
            Ok(total)
        })
    }

    /// Adds a sub-sample with its sizes.
    pub fn add(&self, parent: &mut SampleResult, sub: SampleResult) {
        result::add_sub_result(parent, sub, self.settings.rename_sub_results, &self.thread);
    }

    /// The user. Held for a moment only.
    pub fn user(&self) -> MutexGuard<'p, &'u mut VirtualUser> {
        lock(self.user)
    }

    /// A flag that is read when it matters; one whose expression throws is false.
    pub fn flag(&self, flag: &BoolExpr) -> bool {
        match flag {
            BoolExpr::Fixed(value) => *value,
            BoolExpr::Text(_) => flag.eval(&mut self.user()).unwrap_or(false),
        }
    }

    fn cache(&self) -> Option<MutexGuard<'p, Cache>> {
        self.cache.map(lock)
    }
}

/// Whether a method can be sent (`HttpWebdav.isWebdavMethod`).
fn is_token(method: &str) -> bool {
    let is_mark = |c: char| "!#$%&'*+-.^_`|~".contains(c);
    !method.is_empty() && method.chars().all(|c| c.is_ascii_alphanumeric() || is_mark(c))
}

/// The address that a sample shows. One that was asked for is taken as it was made: where a text has two question marks,
/// Java's paths end at the one or the other, by how the address came about, and references are relative to the path.
pub(super) fn address_of(sample: &SampleResult, asked: &Url) -> Result<Url, UrlError> {
    match sample.url.as_deref() {
        Some(shown) if *shown == **asked.text() => Ok(asked.clone()),
        shown => Url::parse(shown.unwrap_or_default()),
    }
}

/// Locks what no panic leaves half-done.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The address that HttpClient reached by itself: as it went over the wire, but for letters that are escaped only there.
fn reached(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme().name(), url.host(), url.unescaped_target())
}

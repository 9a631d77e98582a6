//! One sample of an HTTP Request: the request is put together once, sent as often as `Retry-After` asks, and redirects
//! are followed.

use super::fields::Fields;
use super::retrying::{Retrying, Verdict};
use super::{body, headers, redirect, result, url};
use crate::elements::configs::CookieManager;
use crate::http::{Body, Exchange, Failure, Options, Request, Url};
use crate::results::SampleResult;
use crate::text::Text;
use crate::virtual_user::{StopLevel, StopSignal, Thrown, VirtualUser, well_known};
use std::sync::Arc;
use std::time::Duration;

/// Takes the sample. Its label is set by the caller; sub-samples have theirs.
pub(super) async fn sample(fields: &Fields, user: &mut VirtualUser) -> Option<SampleResult> {
    let method = match fields.method.eval(user) {
        Ok(method) => method,
        Err(thrown) => return Some(result::without_address(&thrown.class, thrown.message_or_null())),
    };
    let url = match url::build(fields, &method, user) {
        Ok(url) => url,
        Err(thrown) => return Some(result::without_address(&thrown.class, thrown.message_or_null())),
    };
    let options = match options(fields, user) {
        Ok(options) => options,
        Err(thrown) => return Some(result::without_address(&thrown.class, thrown.message_or_null())),
    };
    let (mut sample, exchange) = first_hop(fields, user, &url, &method, &options).await?;
    let Some(exchange) = exchange else { return Some(sample) };
    let follows = fields.follow_redirects.eval(user).unwrap_or(false);
    let automatic = fields.auto_redirects.eval(user).unwrap_or(false);
    if redirect::is_redirect(exchange.status, &method) {
        let Some(location) = redirect::location(&exchange) else {
            let line = format!("{method} {url} HTTP/1.1", url = url.text());
            result::fail(
                &mut sample,
                "java.lang.IllegalArgumentException",
                &format!("Missing location header in redirect for {line}"),
            );
            sample.headers_size = 0;
            sample.body_size = 0;
            sample.sent_bytes = 0;
            return Some(sample);
        };
        if let Some(http) = &mut sample.http {
            http.redirect_location = Some(Text::clone(&location));
        }
        if automatic {
            return Some(follow_silently(fields, user, sample, &url, &method, exchange, &options).await);
        }
        if follows {
            return Some(follow(fields, user, sample, &url, &method, location, &options).await);
        }
    }
    Some(sample)
}

/// The request that the plan asks for, tried again as long as the server asks to wait.
async fn first_hop(
    fields: &Fields,
    user: &mut VirtualUser,
    url: &Url,
    method: &Text,
    options: &Options,
) -> Option<(SampleResult, Option<Exchange>)> {
    let (request, mut prepared) = match prepare(fields, user, url, method, true) {
        Ok(prepared) => prepared,
        Err(sample) => return Some((*sample, None)),
    };
    let mut retrying = Retrying::new(&fields.retry);
    let blank = prepared.clone();
    loop {
        let exchange = exchange(fields, user, &request, &mut prepared, options).await;
        retrying.fold_wait(&mut prepared);
        let Some(exchange) = exchange else { return Some((retrying.fold(prepared), None)) };
        match retrying.judge(user, &mut prepared, &exchange) {
            Verdict::Final => return Some((retrying.fold(prepared), Some(exchange))),
            Verdict::Again(wait) => {
                retrying.keep(fields, user, std::mem::replace(&mut prepared, blank.clone()));
                pause(Arc::clone(&user.stop), wait).await;
                if !user.may_run() {
                    // The refusal is the last word; it has been recorded already, so there is nothing to add.
                    return None;
                }
            }
        }
    }
}

async fn pause(stop: Arc<StopSignal>, wait: Duration) {
    tokio::select! {
        () = stop.reached(StopLevel::Shutdown) => {}
        () = tokio::time::sleep(wait) => {}
    }
}

/// Builds request and result; an error is a finished failed sample.
fn prepare(
    fields: &Fields,
    user: &mut VirtualUser,
    url: &Url,
    method: &Text,
    with_arguments: bool,
) -> Result<(Request, SampleResult), Box<SampleResult>> {
    let label = if fields.rename_sub_results {
        fields
            .name
            .eval(user)
            .map_err(|thrown| Box::new(result::without_address(&thrown.class, thrown.message_or_null())))?
    } else {
        Text::clone(url.text())
    };
    let mut sample = result::begun(label, url, method);
    match request(fields, user, url, method, with_arguments) {
        Ok((request, cookies, shown)) => {
            if let Some(http) = &mut sample.http {
                http.cookies = cookies;
                http.query_string = shown;
            }
            Ok((request, sample))
        }
        Err(thrown) => {
            sample.finish(crate::clock::now());
            result::fail(&mut sample, &thrown.class, thrown.message_or_null());
            Err(Box::new(sample))
        }
    }
}

fn request(
    fields: &Fields,
    user: &mut VirtualUser,
    url: &Url,
    method: &Text,
    with_arguments: bool,
) -> Result<(Request, Text, Text), Thrown> {
    url.check().map_err(|failure| Thrown::new(&failure.class, failure.message))?;
    if method.is_empty() {
        return Err(Thrown::new("java.lang.IllegalArgumentException", "Unexpected method: ''"));
    }
    let entity = if with_arguments { body::build(fields, method, user)? } else { None };
    let head = headers::build(fields, url, entity.as_ref(), user)?;
    let (body, shown) = entity.map_or_else(|| (Body::Empty, Text::default()), |entity| (entity.body, entity.shown));
    user.variables.set(well_known::USER_TOKEN, Text::clone(&user.thread_name));
    Ok((Request { method: Text::clone(method), url: url.clone(), headers: head.headers, body }, head.cookies, shown))
}

/// Sends `request` and fills in `sample`. `None` when there was no answer.
async fn exchange(
    fields: &Fields,
    user: &mut VirtualUser,
    request: &Request,
    sample: &mut SampleResult,
    options: &Options,
) -> Option<Exchange> {
    sample.request_headers = result::shown_headers(&request.headers);
    let started = crate::clock::now();
    let stop = Arc::clone(&user.stop);
    let limit = user.sample_deadline;
    let outcome = tokio::select! {
        biased;
        outcome = user.http.exchange(request, options) => outcome,
        () = stop.reached(StopLevel::Now) => Err(interrupted(started)),
        () = deadline(limit) => Err(interrupted(started)),
    };
    match outcome {
        Ok(exchange) => {
            result::answered(sample, &exchange);
            if let Some(manager) = cookie_manager(fields) {
                manager.received(user, &request.url, &exchange);
            }
            Some(exchange)
        }
        Err(failure) => {
            result::failed(sample, &failure);
            None
        }
    }
}

async fn deadline(limit: Option<crate::clock::Timestamp>) {
    match limit {
        Some(limit) => tokio::time::sleep_until(tokio::time::Instant::from_std(crate::clock::instant_of(limit))).await,
        None => std::future::pending().await,
    }
}

/// What an interrupted sample shows: HttpClient's socket was closed under it.
fn interrupted(started: crate::clock::Timestamp) -> Failure {
    Failure {
        class: Text::from("java.net.SocketException"),
        message: Text::from("Socket closed"),
        timings: crate::http::Timings { start: started, end: crate::clock::now(), ..crate::http::Timings::default() },
        stage: crate::http::Stage::Head,
    }
}

fn cookie_manager(fields: &Fields) -> Option<&CookieManager> {
    fields.cookies.as_ref().and_then(|config| config.as_any().downcast_ref())
}

/// Follows redirects as JMeter does: each hop is a sub-sample.
async fn follow(
    fields: &Fields,
    user: &mut VirtualUser,
    first: SampleResult,
    url: &Url,
    method: &Text,
    location: Text,
    options: &Options,
) -> SampleResult {
    let (mut at, mut method, mut location) = (url.clone(), Text::clone(method), location);
    let mut hops = vec![first];
    let mut exceeded = true;
    for _ in 0..fields.max_redirects {
        let target = match redirect::target(&at, &location) {
            Ok(target) => target,
            Err(error) => {
                if let Some(last) = hops.last_mut() {
                    result::fail(last, &error.class, &error.message);
                }
                exceeded = false;
                break;
            }
        };
        method = Text::from(redirect::next_method(&method));
        let (mut sample, exchange) = match prepare(fields, user, &target, &method, false) {
            Ok((request, mut sample)) => {
                let exchange = exchange(fields, user, &request, &mut sample, options).await;
                (sample, exchange)
            }
            Err(failed) => (*failed, None),
        };
        at = target;
        let next = exchange.filter(|exchange| redirect::is_redirect(exchange.status, &method));
        let Some(exchange) = next else {
            hops.push(sample);
            exceeded = false;
            break;
        };
        match redirect::location(&exchange) {
            Some(next) => {
                if let Some(http) = &mut sample.http {
                    http.redirect_location = Some(Text::clone(&next));
                }
                location = next;
                hops.push(sample);
            }
            None => {
                let line = format!("{method} {} HTTP/1.1", at.text());
                let message = format!("Missing location header in redirect for {line}");
                result::fail(&mut sample, "java.lang.IllegalArgumentException", &message);
                sample.sent_bytes = 0;
                hops.push(sample);
                exceeded = false;
                break;
            }
        }
    }
    if exceeded && let Some(last) = hops.last() {
        let mut extra = last.clone();
        let message = format!("Exceeded maximum number of redirects: {}", fields.max_redirects);
        result::fail(&mut extra, "java.io.IOException", &message);
        hops.push(extra);
    }
    name_hops(fields, &mut hops);
    redirect::total(hops).unwrap_or_default()
}

/// `NAME-0`, `NAME-1`, … unless sub-samples keep their addresses as names.
fn name_hops(fields: &Fields, hops: &mut [SampleResult]) {
    if fields.rename_sub_results {
        for (index, hop) in hops.iter_mut().enumerate() {
            hop.label = Text::from(format!("{}-{index}", hop.label));
        }
    }
}

/// Follows redirects as HttpClient does by itself: one sample, with the sizes of the last hop.
async fn follow_silently(
    fields: &Fields,
    user: &mut VirtualUser,
    mut sample: SampleResult,
    url: &Url,
    method: &Text,
    first: Exchange,
    options: &Options,
) -> SampleResult {
    let started = sample.start;
    let connect = sample.connect;
    let (mut at, mut method, mut last) = (url.clone(), Text::clone(method), first);
    let mut seen = vec![Text::clone(url.text())];
    loop {
        let repeats = last.status == 307 && &*method == "POST";
        if !redirect::is_redirect(last.status, &method) && !repeats || !matches!(&*method, "GET" | "HEAD" | "POST") {
            break;
        }
        let Some(location) = redirect::location(&last) else { break };
        let Ok(target) = redirect::target(&at, &location) else { break };
        if seen.contains(target.text()) || seen.len() as u32 > fields.max_redirects {
            sample.finish(crate::clock::now());
            result::fail(&mut sample, "org.apache.http.client.ClientProtocolException", "null");
            (sample.headers_size, sample.body_size, sample.sent_bytes) = (0, 0, 0);
            return sample;
        }
        seen.push(Text::clone(target.text()));
        if !repeats {
            method = Text::from(redirect::next_method(&method));
        }
        let (request, mut hop) = match prepare(fields, user, &target, &method, repeats) {
            Ok(prepared) => prepared,
            Err(failed) => return *failed,
        };
        let exchange = exchange(fields, user, &request, &mut hop, options).await;
        hop.connect = connect + hop.connect;
        hop.latency += hop.start.since(started);
        hop.start = started;
        hop.finish(hop.end);
        sample = hop;
        at = target;
        match exchange {
            Some(exchange) => last = exchange,
            None => break,
        }
    }
    sample
}

/// The exchange's settings with this pass's time-outs.
fn options(fields: &Fields, user: &mut VirtualUser) -> Result<Options, Thrown> {
    let mut options = fields.options.clone();
    let millis = |text: Text| text.trim().parse::<u64>().ok().filter(|value| *value > 0).map(Duration::from_millis);
    options.connect_timeout = millis(fields.connect_timeout.eval(user)?);
    options.response_timeout = millis(fields.response_timeout.eval(user)?);
    Ok(options)
}

//! The demo's API: scripts that can be read and changed, behind a limit that it does not announce. Loopback only.

use super::limiter::TokenBucket;
use super::{BURST, RATE};
use crate::clock::{self, Timestamp};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;

/// Larger bodies are refused.
const LARGEST_BODY: usize = 1 << 20;
const SCRIPTS: &str = "/api/v2/scripts/";

struct Script {
    version: u64,
    text: String,
}

struct Api {
    begun: Timestamp,
    bucket: Mutex<TokenBucket>,
    scripts: Mutex<BTreeMap<String, Script>>,
}

/// A running server; its threads end with the process.
pub(super) struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    api: Arc<Api>,
}

impl Server {
    /// Listens on a port of the loopback interface, 0 for any free one.
    pub fn start(port: u16) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let api = Arc::new(Api {
            begun: clock::now(),
            bucket: Mutex::new(TokenBucket::new(RATE, BURST)),
            scripts: Mutex::default(),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let served = Arc::clone(&api);
        std::thread::Builder::new()
            .name("demo-api".to_owned())
            .spawn(move || runtime.block_on(serve(listener, served)))?;
        Ok(Server { address, api })
    }

    /// Fills the bucket again, so that stages do not depend on each other.
    pub fn refill(&self) {
        let mut bucket = self.api.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        *bucket = TokenBucket::new(RATE, BURST);
        bucket.start_at(clock::now().since(self.api.begun));
    }
}

async fn serve(listener: std::net::TcpListener, api: Arc<Api>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let api = Arc::clone(&api);
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, Arc::clone(&api)));
            // A client that goes away in the middle is no concern of the demo's.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(request: Request<Incoming>, api: Arc<Api>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Some(id) = head.uri.path().strip_prefix(SCRIPTS).filter(|id| !id.is_empty() && !id.contains('/')) else {
        return Ok(reply(StatusCode::NOT_FOUND, &json!({"error": "no such resource"})));
    };
    if !api.bucket.lock().unwrap_or_else(PoisonError::into_inner).take(clock::now().since(api.begun)) {
        let mut refusal = reply(
            StatusCode::TOO_MANY_REQUESTS,
            &json!({"error": "rate_limited", "message": "Too many requests, try again later"}),
        );
        refusal.headers_mut().insert("retry-after", http::HeaderValue::from_static("1"));
        return Ok(refusal);
    }
    if head.method == Method::GET {
        return Ok(reply(StatusCode::OK, &api.read(id)));
    }
    if head.method != Method::POST && head.method != Method::PUT {
        return Ok(reply(StatusCode::METHOD_NOT_ALLOWED, &json!({"error": "method not allowed"})));
    }
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        return Ok(reply(StatusCode::BAD_REQUEST, &json!({"error": "the body cannot be read"})));
    };
    let change: Option<Value> = serde_json::from_slice(&body.to_bytes()).ok();
    let text = change.as_ref().and_then(|change| change.get("text")).and_then(Value::as_str);
    let version = change.as_ref().and_then(|change| change.get("version")).and_then(Value::as_u64);
    Ok(match (text, version) {
        (Some(text), Some(version)) => match api.write(id, version, text) {
            Some(script) => reply(StatusCode::OK, &script),
            None => reply(StatusCode::CONFLICT, &json!({"error": "the script has been changed since"})),
        },
        _ => reply(StatusCode::BAD_REQUEST, &json!({"error": "a script needs a text and a version"})),
    })
}

impl Api {
    fn read(&self, id: &str) -> Value {
        let mut scripts = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
        let script = scripts.entry(id.to_owned()).or_insert_with(Script::first);
        script.json(id)
    }

    /// Stores a text; `None` when `version` is not the current one.
    fn write(&self, id: &str, version: u64, text: &str) -> Option<Value> {
        let mut scripts = self.scripts.lock().unwrap_or_else(PoisonError::into_inner);
        let script = scripts.entry(id.to_owned()).or_insert_with(Script::first);
        if script.version != version {
            return None;
        }
        script.version += 1;
        text.clone_into(&mut script.text);
        Some(script.json(id))
    }
}

impl Script {
    fn first() -> Self {
        Script { version: 1, text: "Hello, how can I help you?".to_owned() }
    }

    fn json(&self, id: &str) -> Value {
        json!({"id": id, "name": "Agent script", "version": self.version, "status": "published", "text": self.text})
    }
}

fn reply(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    response
}

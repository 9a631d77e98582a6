//! The demo's API on loopback: HTTP/1.1, one thread, a token bucket in front of the scripts.

use super::bucket::{Bucket, Limit};
use super::scripts::{self, Answer, Scripts};
use crate::clock;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// Scripts that the API holds: as many agents can work without getting into each other's way.
const SCRIPTS: usize = 100;
/// No change of a text is larger.
const MAX_BODY: usize = 64 * 1024;
/// The wait before the next connection is taken, after one could not be (no more file descriptors, say).
const AFTER_FAILURE: Duration = Duration::from_millis(20);

/// The API. It serves until it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    api: Arc<Api>,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

/// What the server counted until now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Requests.
    pub requests: u64,
    /// Those of them that were answered 429.
    pub refused: u64,
    /// Changes of scripts that were accepted.
    pub saved: u64,
}

struct Api {
    state: Mutex<State>,
    requests: AtomicU64,
    refused: AtomicU64,
    saved: AtomicU64,
}

struct State {
    bucket: Bucket,
    scripts: Scripts,
}

impl Server {
    /// Serves on the loopback interface only. Port 0 is a free one.
    pub fn start(port: u16, limit: Limit) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let state = State { bucket: Bucket::new(limit, clock::now()), scripts: Scripts::new(SCRIPTS) };
        let api = Arc::new(Api {
            state: Mutex::new(state),
            requests: AtomicU64::default(),
            refused: AtomicU64::default(),
            saved: AtomicU64::default(),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&api);
        let thread = std::thread::Builder::new().name("demo-api".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, serving) => {}
                }
            });
        })?;
        Ok(Server { address, api, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it counted until now.
    pub fn counts(&self) -> Counts {
        Counts {
            requests: self.api.requests.load(Ordering::Relaxed),
            refused: self.api.refused.load(Ordering::Relaxed),
            saved: self.api.saved.load(Ordering::Relaxed),
        }
    }
}

impl std::ops::Sub for Counts {
    type Output = Counts;
    fn sub(self, earlier: Counts) -> Counts {
        Counts {
            requests: self.requests - earlier.requests,
            refused: self.refused - earlier.refused,
            saved: self.saved - earlier.saved,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by its thread, and there is nothing to save.
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, api: Arc<Api>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(AFTER_FAILURE).await;
            continue;
        };
        // Without this, answers may wait for the client's acknowledgement; with an error, they do.
        let _ = stream.set_nodelay(true);
        let api = Arc::clone(&api);
        tokio::spawn(async move {
            let service = hyper::service::service_fn(|request| {
                let api = Arc::clone(&api);
                async move { Ok::<_, Infallible>(api.serve(request).await) }
            });
            let mut connection = hyper::server::conn::http1::Builder::new();
            connection.timer(TokioTimer::new());
            // A client that breaks off is no concern of the server's.
            let _ = connection.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

impl Api {
    async fn serve(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let (head, body) = request.into_parts();
        let path = head.uri.path();
        if scripts::is_limited(path) && !self.state().bucket.take(clock::now()) {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return respond(too_many_requests());
        }
        match Limited::new(body, MAX_BODY).collect().await {
            Ok(body) => {
                let answer = self.state().scripts.answer(&head.method, path, &body.to_bytes());
                if answer.0 == StatusCode::OK && head.method != Method::GET {
                    self.saved.fetch_add(1, Ordering::Relaxed);
                }
                respond(answer)
            }
            Err(problem) => respond(scripts::error(
                StatusCode::BAD_REQUEST,
                "bad.request",
                format!("The body cannot be read: {problem}."),
            )),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many_requests() -> Answer {
    scripts::error(StatusCode::TOO_MANY_REQUESTS, "too.many.requests", "Rate limit exceeded. Retry in 1 second.")
}

fn respond((status, json): Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(json.to_string())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if status == StatusCode::TOO_MANY_REQUESTS {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("GET, PUT, POST"));
    }
    response
}

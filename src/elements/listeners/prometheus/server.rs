//! Where Prometheus fetches metrics: HTTP/1.1 on a thread of its own.

use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_TYPE, HeaderValue};
use http_body_util::Full;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};

/// Connections at a time; more wait.
const CONNECTIONS: usize = 16;
/// The wait before the next connection is taken, after one could not be (no more file descriptors, say).
const AFTER_FAILURE: Duration = Duration::from_millis(20);
const CONTENT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is served.
pub(super) type Page = Arc<dyn Fn() -> String + Send + Sync>;

/// The endpoint. It serves until it is dropped.
pub(super) struct Server {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves `page` at every path of an address; port 0 is a free one.
    pub fn start(host: &str, port: u16, page: Page) -> io::Result<Self> {
        let nowhere = || io::Error::new(io::ErrorKind::NotFound, format!("no such address: {host}"));
        let listener = TcpListener::bind((host, port).to_socket_addrs()?.next().ok_or_else(nowhere)?)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("prometheus".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, page) => {}
                }
            });
        })?;
        Ok(Server { address, stop: Some(stop), thread: Some(thread) })
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

async fn accept(listener: TcpListener, page: Page) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(AFTER_FAILURE).await;
            continue;
        };
        let page = Arc::clone(&page);
        tokio::spawn(async move {
            let _place = place;
            let service = hyper::service::service_fn(|_| {
                let text = page();
                async move {
                    let mut response = Response::new(Full::new(Bytes::from(text)));
                    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(CONTENT));
                    Ok::<_, Infallible>(response)
                }
            });
            let mut connection = hyper::server::conn::http1::Builder::new();
            // A head that does not come within half a minute ends the connection, an idle one as well.
            connection.timer(TokioTimer::new());
            // A client that breaks off is no concern of the server's.
            let _ = connection.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

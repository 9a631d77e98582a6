//! `--web`: the report's page of a run that goes on, with buttons that stop it. Served on a thread of its own; whoever
//! does not know the token, which is printed once with the address, gets nothing.

use super::gathered::Gathered;
use super::signals::Stoppable;
use crate::clock::{self, Timestamp};
use crate::report::{self, Content};
use crate::virtual_user::StopLevel;
use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use ring::rand::{SecureRandom, SystemRandom};
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};

/// Connections that are served at the same time; further ones wait for their turn.
const MOST_CONNECTIONS: usize = 8;

/// How long one connection may take, from its first byte to its last.
const PATIENCE: Duration = Duration::from_secs(20);

/// The wait before the next connection is taken, after one could not be.
const AFTER_FAILURE: Duration = Duration::from_millis(50);

/// Data is made anew no more often than this, however many pages ask for it.
const FRESH: Duration = Duration::from_secs(1);

/// No request that the page sends has more.
const MOST_HEADER_BYTES: usize = 16 * 1024;

/// Where `--web` listens: `:8089`, `8089`, `0.0.0.0:8089`, `[::1]:0`. Without a host on loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address(SocketAddr);

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Address {
    /// Reads what was typed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let port = text.strip_prefix(':').unwrap_or(text);
        if let Ok(port) = port.parse::<u16>() {
            return Ok(Address((Ipv4Addr::LOCALHOST, port).into()));
        }
        let address = text.to_socket_addrs().ok().and_then(|mut all| all.next());
        address.map(Address).ok_or_else(|| format!("--web is a port or an address such as :8089, not {text}"))
    }
}

/// The page's server. It serves until it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    token: String,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

struct Site {
    token: String,
    name: String,
    gathered: Gathered,
    brake: Box<dyn Stoppable + Sync>,
    /// The data that was sent last, and when it was made.
    made: Mutex<Option<(Timestamp, Bytes)>>,
}

impl Server {
    /// Listens; what it shows is `gathered`, what its buttons stop is `brake`. `name` is that of the plan.
    pub fn start(
        address: Address,
        name: String,
        gathered: Gathered,
        brake: impl Stoppable + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address.0)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let token = new_token()?;
        let site =
            Arc::new(Site { token: token.clone(), name, gathered, brake: Box::new(brake), made: Mutex::new(None) });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("web".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = accept(listener, site) => {}
                }
            });
        })?;
        Ok(Server { address, token, stop: Some(stop), thread: Some(thread) })
    }

    /// The address of the page, with the token.
    pub fn url(&self) -> String {
        format!("http://{}/?token={}", self.address, self.token)
    }

    /// Whether others than this machine can reach it.
    pub fn is_open(&self) -> bool {
        !self.address.ip().is_loopback()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by its thread; the run is not concerned.
            let _ = thread.join();
        }
    }
}

/// 128 random bits.
fn new_token() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("there are no random numbers"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Whether two texts are equal, in a time that does not tell how much of them is.
fn equal(given: &str, token: &str) -> bool {
    let different = given.bytes().zip(token.bytes()).fold(0, |all, (a, b)| std::hint::black_box(all | (a ^ b)));
    given.len() == token.len() && different == 0
}

async fn accept(listener: TcpListener, site: Arc<Site>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let turns = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(AFTER_FAILURE).await;
            continue;
        };
        let site = Arc::clone(&site);
        tokio::spawn(async move {
            let _turn = turn;
            let service = hyper::service::service_fn(|request| {
                let answer = site.answer(&request);
                async move { Ok::<_, Infallible>(answer) }
            });
            let mut connection = hyper::server::conn::http1::Builder::new();
            connection.timer(TokioTimer::new()).keep_alive(false).max_buf_size(MOST_HEADER_BYTES);
            let serving = connection.serve_connection(TokioIo::new(stream), service);
            // A client that breaks off or dawdles is no concern of the run's.
            let _ = tokio::time::timeout(PATIENCE, serving).await;
        });
    }
}

impl Site {
    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let (method, path) = (request.method(), request.uri().path());
        // A page that is opened has the token in its address, what the page's script asks for has it in a header, which
        // no page of another origin can send.
        let known = match path {
            "/" => self.is_known(request.uri().query().and_then(token_of_query)),
            _ => self.is_known(token_of_headers(request.headers())),
        };
        if !known {
            return respond(StatusCode::FORBIDDEN, TEXT, "The address that was printed has a token at its end.".into());
        }
        match (method, path) {
            (&Method::GET, "/") => respond(StatusCode::OK, "text/html; charset=utf-8", self.page().into()),
            (&Method::GET, "/data") => respond(StatusCode::OK, "application/json", self.data()),
            (&Method::POST, "/shutdown") => self.stop(StopLevel::Shutdown),
            (&Method::POST, "/stop") => self.stop(StopLevel::Now),
            (_, "/" | "/data" | "/shutdown" | "/stop") => {
                respond(StatusCode::METHOD_NOT_ALLOWED, TEXT, "Not this way.".into())
            }
            _ => respond(StatusCode::NOT_FOUND, TEXT, "There is nothing here.".into()),
        }
    }

    fn is_known(&self, token: Option<&str>) -> bool {
        token.is_some_and(|token| equal(token, &self.token))
    }

    fn stop(&self, level: StopLevel) -> Response<Full<Bytes>> {
        self.brake.stop(level);
        respond(StatusCode::ACCEPTED, TEXT, "Stopping.".into())
    }

    fn page(&self) -> String {
        self.with_content(report::page)
    }

    fn data(&self) -> Bytes {
        let now = clock::now();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        match &*made {
            Some((at, data)) if now.since(*at) < FRESH => data.clone(),
            _ => {
                let data = Bytes::from(self.with_content(report::page_data));
                *made = Some((now, data.clone()));
                data
            }
        }
    }

    fn with_content(&self, make: impl FnOnce(&Content) -> String) -> String {
        let (mut dashboard, failures) = self.gathered.copy();
        dashboard.settle();
        let sources = [self.name.clone()];
        make(&Content { sources: &sources, failures: failures.as_ref(), live: true, ..Content::new(&dashboard) })
    }
}

fn token_of_query(query: &str) -> Option<&str> {
    query.split('&').find_map(|pair| pair.strip_prefix("token="))
}

fn token_of_headers(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

const TEXT: &str = "text/plain; charset=utf-8";

fn respond(status: StatusCode, kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    // The page's own script and style are all that it may use, and its own address all that it may ask.
    const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; \
                          connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{SampleResult, Seen};
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::sync::atomic::{AtomicU8, Ordering};

    #[test]
    fn addresses() {
        for (text, expected) in [
            (":8089", "127.0.0.1:8089"),
            ("8089", "127.0.0.1:8089"),
            ("0.0.0.0:1", "0.0.0.0:1"),
            ("[::1]:0", "[::1]:0"),
        ] {
            assert_eq!(Address::parse(text).unwrap().0.to_string(), expected);
        }
        assert!(Address::parse("plan.jmx").is_err() && Address::parse(":99999").is_err());
    }

    #[test]
    fn tokens_are_long_and_compared_whole() {
        let (one, other) = (new_token().unwrap(), new_token().unwrap());
        assert_eq!((one.len(), one == other), (32, false));
        assert!(equal(&one, &one.clone()) && !equal(&one[..31], &one) && !equal("", &one) && !equal(&other, &one));
    }

    #[derive(Clone, Default)]
    struct Pulled(Arc<AtomicU8>);

    impl Stoppable for Pulled {
        fn stop(&self, level: StopLevel) {
            self.0.fetch_add(if level == StopLevel::Now { 10 } else { 1 }, Ordering::Relaxed);
        }

        fn close(&self) {}
    }

    fn ask(server: &Server, request: &str) -> String {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn only_who_knows_the_token_sees_and_stops() {
        let properties = crate::properties::PropertiesBuilder::default().build().unwrap().0;
        let gathered = Gathered::to_be_shown(report::read_options(&properties).options);
        let mut sample = SampleResult::started("log </script> in".into(), Timestamp::from_millis(1000));
        sample.finish(Timestamp::from_millis(1250));
        sample.thread_name = "Users 1-1".into();
        (gathered.onlooker().sees)(Seen::Whole(&sample));
        let pulled = Pulled::default();
        let address = Address::parse("127.0.0.1:0").unwrap();
        let server = Server::start(address, "plan.jmx".to_owned(), gathered.clone(), pulled.clone()).unwrap();
        assert!(!server.is_open());
        let token = server.url().split_once("token=").unwrap().1.to_owned();
        let bearer = format!("Host: a\r\nAuthorization: Bearer {token}\r\n\r\n");

        let page = ask(&server, &format!("GET /?token={token} HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("log \\u003c/script> in"), "{page:.300}");
        assert!(!page.contains("Access-Control") && page.contains("content-security-policy"), "{page:.600}");
        let data = ask(&server, &format!("GET /data HTTP/1.1\r\n{bearer}"));
        let (_, json) = data.split_once("\r\n\r\n").unwrap();
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(json["labels"][0]["mean"], 250.0);

        for refused in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            "GET /?token=0 HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            "GET /data HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            format!("POST /stop?token={token} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
        ] {
            assert!(ask(&server, &refused).starts_with("HTTP/1.1 403"), "{refused}");
        }
        assert!(ask(&server, &format!("GET /stop HTTP/1.1\r\n{bearer}")).starts_with("HTTP/1.1 405"));
        assert_eq!(pulled.0.load(Ordering::Relaxed), 0);
        assert!(ask(&server, &format!("POST /shutdown HTTP/1.1\r\n{bearer}")).starts_with("HTTP/1.1 202"));
        assert!(ask(&server, &format!("POST /stop HTTP/1.1\r\n{bearer}")).starts_with("HTTP/1.1 202"));
        assert_eq!(pulled.0.load(Ordering::Relaxed), 11);
    }
}

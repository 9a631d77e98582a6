//! HTTP/2 with servers that keep to its rules, and with servers that do not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use rotameter::http::{Body, Client, Exchange, Failure, Header, Options, Part, Request, Stage, Url, Version};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Much longer than anything here takes, on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

type Received = http::Request<RecvStream>;
type Reply = SendResponse<Bytes>;

fn options() -> Options {
    Options { version: Version::Http2, ..Options::default() }
}

fn request(method: &str, url: &str, headers: &[(&str, &str)], body: Body) -> Request {
    let url = Url::parse(url).unwrap();
    let mut all = vec![Header::new("Connection", "keep-alive")];
    all.extend(headers.iter().map(|(name, value)| Header::new(*name, *value)));
    if body.is_entity() {
        all.push(Header::new("Content-Length", body.len().to_string()));
    }
    all.push(Header::new("Host", url.host_header()));
    Request { method: method.into(), url, headers: all, body }
}

async fn get_with(client: &Client, url: &str, options: &Options) -> Result<Exchange, Failure> {
    tokio::time::timeout(PATIENCE, client.exchange(&request("GET", url, &[], Body::Empty), options)).await.unwrap()
}

async fn get(client: &Client, url: &str) -> Result<Exchange, Failure> {
    get_with(client, url, &options()).await
}

/// A server that keeps to the rules: `answer` sees each request, and the number of its connection.
struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Server {
    async fn start<F, A>(settings: h2::server::Builder, answer: F) -> Self
    where
        F: Fn(usize, Received, Reply) -> A + Clone + Send + 'static,
        A: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let number = count.fetch_add(1, Ordering::SeqCst);
                let (answer, settings) = (answer.clone(), settings.clone());
                tokio::spawn(async move {
                    let Ok(mut connection) = settings.handshake::<_, Bytes>(tcp).await else { return };
                    while let Some(Ok((request, reply))) = connection.accept().await {
                        if request.uri().path() == "/last" {
                            connection.graceful_shutdown();
                        }
                        tokio::spawn(answer(number, request, reply));
                    }
                });
            }
        });
        Self { port, connections }
    }

    /// One that answers each request by a head and a body.
    async fn simple(head: fn() -> http::response::Builder, body: &'static str) -> Self {
        Self::start(h2::server::Builder::new(), move |_, _, mut reply: Reply| async move {
            let mut stream = reply.send_response(head().body(()).unwrap(), body.is_empty()).unwrap();
            if !body.is_empty() {
                stream.send_data(body.into(), true).unwrap();
            }
        })
        .await
    }

    fn url(&self, file: &str) -> String {
        format!("http://127.0.0.1:{}{file}", self.port)
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// All of a request's body.
async fn body_of(request: &mut Received) -> Vec<u8> {
    let (mut all, body) = (Vec::new(), request.body_mut());
    while let Some(Ok(piece)) = body.data().await {
        body.flow_control().release_capacity(piece.len()).unwrap();
        all.extend_from_slice(&piece);
    }
    all
}

fn ok() -> http::response::Builder {
    http::Response::builder().status(200)
}

#[tokio::test]
async fn a_request_and_its_answer() {
    let server = Server::start(h2::server::Builder::new(), |_, request: Received, mut reply: Reply| async move {
        let mut told = format!("{} {}", request.method(), request.uri());
        for (name, value) in request.headers() {
            told.push_str(&format!("\n{name}: {}", value.to_str().unwrap()));
        }
        let head = ok().header("x-one", "1").header("x-one", "2").header("content-length", told.len());
        let mut stream = reply.send_response(head.body(()).unwrap(), false).unwrap();
        stream.send_data(told.into(), true).unwrap();
    })
    .await;
    let client = Client::default();
    let headers = [("X-Mixed-Case", "a"), ("Keep-Alive", "5"), ("Transfer-Encoding", "x"), ("Cookie", "a=1; b=2")];
    let request = request("get", &server.url("/p?q=\u{e9}"), &headers, Body::Empty);
    let exchange = client.exchange(&request, &options()).await.unwrap();
    let told = format!("get {}\nx-mixed-case: a\ncookie: a=1; b=2", server.url("/p?q=%C3%A9"));
    assert_eq!(exchange.body, told);
    let head = format!("HTTP/2.0 200 OK\nx-one: 1\nx-one: 2\ncontent-length: {}\n", told.len());
    assert_eq!(&*exchange.head_text(), head);
    assert_eq!((exchange.status, exchange.reason(), exchange.reused), (200, "OK", false));
    // The head counts as text, the body as it came.
    assert_eq!(exchange.head_size(), (head.len() + 6) as u64);
    assert_eq!(exchange.body_size(), told.len() as i64);
    let host = format!("127.0.0.1:{}", server.port);
    let sent = format!("get /p?q=%C3%A9 HTTP/2.0\r\nhost: {host}\r\nx-mixed-case: a\r\ncookie: a=1; b=2\r\n\r\n");
    assert_eq!(exchange.sent_bytes, sent.len() as u64);
    let timings = exchange.timings;
    assert!(timings.connect > Duration::ZERO && timings.connect <= timings.latency);
    assert!(timings.latency <= timings.elapsed());
    let again = client.exchange(&request, &options()).await.unwrap();
    assert!(again.reused && again.timings.connect.is_zero());
    assert_eq!((server.connections(), client.kept_connections()), (1, 1));
}

#[tokio::test]
async fn answers_without_a_body() {
    let server = Server::simple(|| http::Response::builder().status(204), "").await;
    let exchange = get(&Client::default(), &server.url("/")).await.unwrap();
    assert_eq!((exchange.status, exchange.reason(), exchange.body_len), (204, "No Content", 0));
    assert_eq!(exchange.timings.latency, Duration::ZERO);
    let server = Server::simple(|| ok().header("content-length", 99), "").await;
    let request = request("HEAD", &server.url("/"), &[], Body::Empty);
    let exchange = Client::default().exchange(&request, &options()).await.unwrap();
    assert_eq!((exchange.status, exchange.body_size()), (200, 0));
}

#[tokio::test]
async fn large_bodies_go_both_ways() {
    let server = Server::start(h2::server::Builder::new(), |_, mut request: Received, mut reply: Reply| async move {
        let body = body_of(&mut request).await;
        let mut stream = reply.send_response(ok().body(()).unwrap(), false).unwrap();
        stream.send_data(body.into(), true).unwrap();
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large");
    let file: Vec<u8> = (0..3_000_000u32).map(|at| (at % 251) as u8).collect();
    std::fs::write(&path, &file).unwrap();
    let parts = vec![
        Part::Bytes(Bytes::from_static(b"before ")),
        Part::File { path, len: file.len() as u64 },
        Part::Bytes(Bytes::from_static(b" after")),
    ];
    let expected = [b"before ", &file[..], b" after"].concat();
    let client = Client::default();
    for body in [Body::Parts(parts), Body::Bytes(expected.clone().into())] {
        let request = request("POST", &server.url("/"), &[], body);
        let exchange = tokio::time::timeout(PATIENCE, client.exchange(&request, &options())).await.unwrap().unwrap();
        assert!(exchange.body == expected);
        assert_eq!(exchange.body_size(), expected.len() as i64);
        assert!(exchange.sent_bytes > expected.len() as u64);
    }
}

#[tokio::test]
async fn an_answer_that_comes_before_the_body_has_gone_is_an_answer() {
    // The server ends the request by a reset with NO_ERROR, once it has answered without reading it.
    let server = Server::start(h2::server::Builder::new(), |_, request: Received, mut reply: Reply| async move {
        let mut stream = reply.send_response(http::Response::builder().status(413).body(()).unwrap(), false).unwrap();
        stream.send_data("too large".into(), true).unwrap();
        drop(request);
    })
    .await;
    let request = request("POST", &server.url("/"), &[], Body::Bytes(vec![0; 1 << 20].into()));
    let exchange = tokio::time::timeout(PATIENCE, Client::default().exchange(&request, &options())).await.unwrap();
    let exchange = exchange.unwrap();
    assert_eq!((exchange.status, &*exchange.body), (413, &b"too large"[..]));
}

#[tokio::test]
async fn exchanges_side_by_side_share_a_connection_and_heed_its_limit() {
    let at_once = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let seen = Arc::clone(&at_once);
    let mut settings = h2::server::Builder::new();
    settings.max_concurrent_streams(2);
    let server = Server::start(settings, move |_, _, mut reply: Reply| {
        let seen = Arc::clone(&seen);
        async move {
            let now = seen.0.fetch_add(1, Ordering::SeqCst) + 1;
            seen.1.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            seen.0.fetch_sub(1, Ordering::SeqCst);
            reply.send_response(ok().body(()).unwrap(), true).unwrap();
        }
    })
    .await;
    let client = Arc::new(Client::default());
    // The server's limit is known once it has answered.
    get(&client, &server.url("/")).await.unwrap();
    let all: Vec<_> = (0..8)
        .map(|_| {
            let (client, url) = (Arc::clone(&client), server.url("/"));
            tokio::spawn(async move { get(&client, &url).await.unwrap().status })
        })
        .collect();
    for task in all {
        assert_eq!(task.await.unwrap(), 200);
    }
    assert_eq!((server.connections(), at_once.1.load(Ordering::SeqCst)), (1, 2));
}

#[tokio::test]
async fn a_connection_is_opened_once_for_all_who_want_it() {
    let server = Server::simple(ok, "x").await;
    let client = Arc::new(Client::default());
    let all: Vec<_> = (0..6)
        .map(|_| {
            let (client, url) = (Arc::clone(&client), server.url("/"));
            tokio::spawn(async move { get(&client, &url).await.unwrap().reused })
        })
        .collect();
    let mut new = 0;
    for task in all {
        new += usize::from(!task.await.unwrap());
    }
    assert_eq!((new, server.connections()), (1, 1));
}

#[tokio::test]
async fn those_who_wait_for_a_connection_fail_as_it_fails() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let client = Client::default();
    let url = format!("http://127.0.0.1:{port}/");
    let (one, two) = tokio::join!(get(&client, &url), get(&client, &url));
    for failure in [one.unwrap_err(), two.unwrap_err()] {
        assert_eq!(&*failure.class, "org.apache.http.conn.HttpHostConnectException");
        assert_eq!(failure.stage, Stage::Connect);
    }
}

#[tokio::test]
async fn a_server_that_goes_away_gets_the_next_request_on_a_new_connection() {
    let server = Server::simple(ok, "x").await;
    let client = Client::default();
    assert_eq!(get(&client, &server.url("/last")).await.unwrap().body, "x");
    let next = get(&client, &server.url("/")).await.unwrap();
    assert_eq!((next.status, server.connections()), (200, 2));
}

#[tokio::test]
async fn connections_close_with_the_plan_s_wish_and_with_their_user() {
    let server = Server::simple(ok, "x").await;
    let mut client = Client::default();
    let mut closing = request("GET", &server.url("/"), &[], Body::Empty);
    closing.headers[0] = Header::new("Connection", "close");
    client.exchange(&closing, &options()).await.unwrap();
    assert_eq!(client.kept_connections(), 0);
    assert!(!get(&client, &server.url("/")).await.unwrap().reused);
    client.close_all();
    assert!(!get(&client, &server.url("/")).await.unwrap().reused);
    client.close_kept(&Url::parse(&server.url("/")).unwrap(), &options());
    assert_eq!((client.kept_connections(), server.connections()), (0, 3));
    let brief = Options { time_to_live: Duration::from_millis(1), ..options() };
    get_with(&client, &server.url("/"), &brief).await.unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    client.close_expired();
    assert_eq!(client.kept_connections(), 0);
}

#[tokio::test]
async fn resets_are_told_and_leave_the_connection() {
    let server = Server::start(h2::server::Builder::new(), |_, request: Received, mut reply: Reply| async move {
        match request.uri().path() {
            "/refused" => reply.send_reset(Reason::REFUSED_STREAM),
            "/body" => {
                let mut stream = reply.send_response(ok().body(()).unwrap(), false).unwrap();
                stream.send_data("ab".into(), false).unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
                stream.send_reset(Reason::INTERNAL_ERROR);
            }
            _ => drop(reply.send_response(ok().body(()).unwrap(), true)),
        }
    })
    .await;
    let client = Client::default();
    let failure = get(&client, &server.url("/refused")).await.unwrap_err();
    assert_eq!(
        (&*failure.text(), failure.stage),
        ("java.io.IOException: Received RST_STREAM: REFUSED_STREAM", Stage::Head)
    );
    let failure = get(&client, &server.url("/body")).await.unwrap_err();
    assert_eq!(
        (&*failure.text(), failure.stage),
        ("java.io.IOException: Received RST_STREAM: INTERNAL_ERROR", Stage::Body)
    );
    assert!(get(&client, &server.url("/")).await.unwrap().reused);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_server_that_stalls_is_waited_for_as_long_as_the_plan_says() {
    let server = Server::start(h2::server::Builder::new(), |_, request: Received, mut reply: Reply| async move {
        if request.uri().path() == "/body" {
            let mut stream = reply.send_response(ok().body(()).unwrap(), false).unwrap();
            stream.send_data("ab".into(), false).unwrap();
            tokio::time::sleep(PATIENCE).await;
            drop(stream);
        }
        tokio::time::sleep(PATIENCE).await;
        drop((request, reply));
    })
    .await;
    let impatient = Options { response_timeout: Some(Duration::from_millis(50)), ..options() };
    for (file, stage) in [("/", Stage::Head), ("/body", Stage::Body)] {
        let client = Client::default();
        let failure = get_with(&client, &server.url(file), &impatient).await.unwrap_err();
        assert_eq!((&*failure.text(), failure.stage), ("java.net.SocketTimeoutException: Read timed out", stage));
        assert_eq!(client.kept_connections(), 0);
    }
    // A server that does not read is no other.
    let body = Body::Bytes(vec![0; 1 << 20].into());
    let request = request("POST", &server.url("/"), &[], body);
    let failure = Client::default().exchange(&request, &impatient).await.unwrap_err();
    assert_eq!((&*failure.text(), failure.stage), ("java.net.SocketTimeoutException: Read timed out", Stage::Send));
}

#[tokio::test]
async fn an_exchange_that_is_dropped_resets_its_stream_and_no_other() {
    let (told, mut reset) = tokio::sync::mpsc::unbounded_channel();
    let server = Server::start(h2::server::Builder::new(), move |_, request: Received, mut reply: Reply| {
        let told = told.clone();
        async move {
            if request.uri().path() == "/slow" {
                let reason = std::future::poll_fn(|cx| reply.poll_reset(cx)).await.unwrap();
                told.send(reason).unwrap();
            } else {
                reply.send_response(ok().body(()).unwrap(), true).unwrap();
            }
        }
    })
    .await;
    let client = Client::default();
    let slow = server.url("/slow");
    assert!(tokio::time::timeout(Duration::from_millis(200), get(&client, &slow)).await.is_err());
    assert_eq!(tokio::time::timeout(PATIENCE, reset.recv()).await.unwrap(), Some(Reason::CANCEL));
    assert!(get(&client, &server.url("/")).await.unwrap().reused);
}

#[tokio::test]
async fn interim_answers_and_trailers_are_passed_over() {
    let server = Server::start(h2::server::Builder::new(), |_, mut request: Received, mut reply: Reply| async move {
        let interim = http::Response::builder().status(103).header("link", "x");
        reply.send_informational(interim.body(()).unwrap()).unwrap();
        let expects = request.headers().contains_key("expect");
        if expects {
            reply.send_informational(http::Response::builder().status(100).body(()).unwrap()).unwrap();
        }
        let body = body_of(&mut request).await;
        let mut stream = reply.send_response(ok().body(()).unwrap(), false).unwrap();
        stream.send_data(body.into(), false).unwrap();
        stream.send_trailers([("x-sum".parse().unwrap(), "9".parse().unwrap())].into_iter().collect()).unwrap();
    })
    .await;
    for headers in [&[][..], &[("Expect", "100-continue")]] {
        let request = request("POST", &server.url("/"), headers, Body::Bytes(Bytes::from_static(b"hello")));
        let exchange = Client::default().exchange(&request, &options()).await.unwrap();
        assert_eq!((&*exchange.body, &*exchange.head_text()), (&b"hello"[..], "HTTP/2.0 200 OK\n"));
    }
}

#[tokio::test]
async fn a_body_that_awaits_leave_is_kept_back_when_it_is_refused() {
    let server = Server::start(h2::server::Builder::new(), |_, mut request: Received, mut reply: Reply| async move {
        let head = http::Response::builder().status(417);
        let mut stream = reply.send_response(head.body(()).unwrap(), false).unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let came = tokio::time::timeout(Duration::from_millis(50), request.body_mut().data()).await;
        stream.send_data(if came.is_err() { "nothing came" } else { "it came" }.into(), true).unwrap();
    })
    .await;
    let headers = [("Expect", "100-continue")];
    let request = request("POST", &server.url("/"), &headers, Body::Bytes(Bytes::from_static(b"hello")));
    let exchange = Client::default().exchange(&request, &options()).await.unwrap();
    assert_eq!((exchange.status, &*exchange.body), (417, &b"nothing came"[..]));
}

#[tokio::test]
async fn gzip_is_decoded_and_counted_as_it_came() {
    let server = Server::start(h2::server::Builder::new(), |_, _, mut reply: Reply| async move {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut gzip, &[b'a'; 1000]).unwrap();
        let body = gzip.finish().unwrap();
        let head = ok().header("content-encoding", "gzip").header("x-length", body.len());
        let mut stream = reply.send_response(head.body(()).unwrap(), false).unwrap();
        stream.send_data(body.into(), true).unwrap();
    })
    .await;
    let exchange = get(&Client::default(), &server.url("/")).await.unwrap();
    assert_eq!(exchange.body_len, 1000);
    assert_eq!(exchange.body_size().to_string(), exchange.head.first("x-length").unwrap());
}

#[tokio::test]
async fn what_cannot_be_said_in_http_2_is_not_sent() {
    let server = Server::simple(ok, "").await;
    let request = request("GET", &server.url("/"), &[("no name", "x")], Body::Empty);
    let failure = Client::default().exchange(&request, &options()).await.unwrap_err();
    assert_eq!(failure.text(), "java.lang.IllegalArgumentException: Header name not fit for HTTP/2: no name");
    assert_eq!(failure.stage, Stage::Prepare);
}

/// What a server of bytes does next.
#[derive(Clone)]
enum Step {
    /// Reads frames until one of this kind has come.
    Until(u8),
    Send(Vec<u8>),
    /// Sends these bytes again and again until the client has gone; fails when it never goes.
    Flood(Vec<u8>),
    /// Ends its half, and reads until the client has ended the other.
    HangUp,
    Reset,
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// `:status: 200`, as HPACK has it.
const STATUS_200: &[u8] = &[0x88];

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

fn settings() -> Step {
    Step::Send(frame(SETTINGS, 0, 0, &[]))
}

/// A server that follows a script for each connection; what comes is read all the while.
async fn scripted(scripts: Vec<Vec<Step>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        for script in scripts {
            let (tcp, _) = listener.accept().await.unwrap();
            tokio::spawn(follow(tcp, script));
        }
    });
    format!("http://127.0.0.1:{port}/")
}

async fn follow(mut tcp: TcpStream, script: Vec<Step>) {
    let mut preface = [0; 24];
    tcp.read_exact(&mut preface).await.unwrap();
    for step in script {
        match step {
            Step::Until(kind) => loop {
                let mut head = [0; 9];
                tcp.read_exact(&mut head).await.unwrap();
                let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
                tcp.read_exact(&mut payload).await.unwrap();
                if head[3] == kind {
                    break;
                }
            },
            Step::Send(bytes) => tcp.write_all(&bytes).await.unwrap(),
            Step::Flood(bytes) => {
                let (mut read, mut write) = tcp.split();
                let drain = async { while matches!(read.read(&mut [0; 4096]).await, Ok(1..)) {} };
                let flood = async { while write.write_all(&bytes).await.is_ok() {} };
                tokio::select! { () = drain => {} () = flood => {} }
                return;
            }
            Step::HangUp => {
                tcp.shutdown().await.unwrap();
                while matches!(tcp.read(&mut [0; 4096]).await, Ok(1..)) {}
                return;
            }
            Step::Reset => return tcp.set_zero_linger().unwrap(),
        }
    }
    // Whatever else comes is read, so that closing resets nothing.
    while matches!(tcp.read(&mut [0; 4096]).await, Ok(1..)) {}
}

/// The failure of a GET that the server answers with `steps`.
async fn failure(steps: Vec<Step>) -> String {
    let url = scripted(vec![steps]).await;
    let failure = get(&Client::default(), &url).await.unwrap_err();
    let port = url.rsplit(':').next().unwrap().trim_end_matches('/').to_owned();
    failure.text().replace(&port, "PORT")
}

#[tokio::test]
async fn a_server_that_goes_without_an_answer_fails_as_over_http_1() {
    let gone = "org.apache.http.NoHttpResponseException: 127.0.0.1:PORT failed to respond";
    assert_eq!(failure(vec![settings(), Step::Until(HEADERS), Step::HangUp]).await, gone);
    assert_eq!(
        failure(vec![settings(), Step::Until(HEADERS), Step::Reset]).await,
        "java.net.SocketException: Connection reset"
    );
    let head = Step::Send(frame(HEADERS, END_HEADERS, 1, STATUS_200));
    assert_eq!(
        failure(vec![settings(), Step::Until(HEADERS), head, Step::HangUp]).await,
        "org.apache.http.ConnectionClosedException: Premature end of message body: END_STREAM expected"
    );
}

#[tokio::test]
async fn a_body_shorter_than_its_length_fails() {
    // `content-length: 9`, and two bytes.
    let head = frame(HEADERS, END_HEADERS, 1, &[0x88, 0x0f, 0x0d, 1, b'9']);
    let body = frame(DATA, END_STREAM, 1, b"ab");
    let words = "org.apache.http.ConnectionClosedException: Premature end of Content-Length delimited message body \
                 (expected: 9; received: 2)";
    let begun = frame(DATA, 0, 1, b"ab");
    let steps = vec![settings(), Step::Until(HEADERS), Step::Send([&head[..], &begun].concat()), Step::HangUp];
    assert_eq!(failure(steps).await, words);
    // Said to be the end, it is a breach of the protocol.
    assert_eq!(
        failure(vec![settings(), Step::Until(HEADERS), Step::Send([head, body].concat())]).await,
        "org.apache.http.client.ClientProtocolException: The server broke the rules of HTTP/2: PROTOCOL_ERROR"
    );
}

#[tokio::test]
async fn a_request_that_a_server_did_not_process_goes_to_a_new_connection() {
    let goaway = |last: u8| Step::Send(frame(GOAWAY, 0, 0, &[0, 0, 0, last, 0, 0, 0, 0]));
    let answer = Step::Send(frame(HEADERS, END_HEADERS | END_STREAM, 1, STATUS_200));
    let away = vec![settings(), Step::Until(HEADERS), goaway(0), Step::HangUp];
    let url = scripted(vec![away.clone(), vec![settings(), Step::Until(HEADERS), answer.clone()]]).await;
    // Whatever the method is: the server says that it has done nothing.
    let post = request("POST", &url, &[], Body::Bytes(Bytes::from_static(b"x")));
    let exchange = tokio::time::timeout(PATIENCE, Client::default().exchange(&post, &options())).await.unwrap();
    assert_eq!(exchange.unwrap().status, 200);
    // A server that turns everything away is not asked for ever.
    let url = scripted(vec![away; 3]).await;
    let failure = get(&Client::default(), &url).await.unwrap_err();
    assert_eq!((&*failure.text(), failure.stage), ("java.io.IOException: Received GOAWAY: NO_ERROR", Stage::Head));
    // One that it may have processed is not sent again, though the connection has gone.
    let away = vec![settings(), Step::Until(HEADERS), goaway(1), Step::HangUp];
    let url = scripted(vec![away, vec![settings(), Step::Until(HEADERS), answer]]).await;
    assert!(get(&Client::default(), &url).await.is_err());
}

#[tokio::test]
async fn a_connection_that_ended_while_idle_is_not_used() {
    let answer = Step::Send(frame(HEADERS, END_HEADERS | END_STREAM, 1, STATUS_200));
    let script = vec![settings(), Step::Until(HEADERS), answer];
    let mut ending = script.clone();
    ending.push(Step::HangUp);
    let url = scripted(vec![ending, script]).await;
    let client = Client::default();
    assert_eq!(get(&client, &url).await.unwrap().status, 200);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!get(&client, &url).await.unwrap().reused);
}

#[tokio::test]
async fn a_ping_is_answered_while_the_user_waits() {
    let answer = Step::Send(frame(HEADERS, END_HEADERS | END_STREAM, 1, STATUS_200));
    let ping = Step::Send(frame(PING, 0, 0, &[0; 8]));
    let next = Step::Send(frame(HEADERS, END_HEADERS | END_STREAM, 3, STATUS_200));
    // The second answer is only sent when the ping has been answered.
    let url = scripted(vec![vec![
        settings(),
        Step::Until(HEADERS),
        answer,
        ping,
        Step::Until(PING),
        Step::Until(HEADERS),
        next,
    ]])
    .await;
    let client = Client::default();
    get(&client, &url).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(get(&client, &url).await.unwrap().reused);
}

#[tokio::test]
async fn a_server_of_http_1_is_told_apart() {
    let steps = vec![Step::Send(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".to_vec()), Step::HangUp];
    assert_eq!(
        failure(steps).await,
        "org.apache.http.client.ClientProtocolException: The server answered in HTTP/1: it does not take HTTP/2 in \
         cleartext (http.version)"
    );
}

#[tokio::test]
async fn servers_that_break_the_rules_fail_the_sample_and_nothing_else() {
    let broken = "org.apache.http.client.ClientProtocolException: The server broke the rules of HTTP/2: ";
    let after_request = |bytes: Vec<u8>| vec![settings(), Step::Until(HEADERS), Step::Send(bytes)];
    let pushed = frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2, 0x82, 0x87, 0x84, 0x41, 1, b'h']);
    for bytes in [
        frame(DATA, 0, 1, b"no head"),
        frame(HEADERS, END_HEADERS, 1, &[0xff, 0xff, 0xff]),
        frame(SETTINGS, 0, 0, &[1]),
        frame(PING, 0, 0, &[1]),
        frame(DATA, 0, 1, &vec![0; 17_000]),
        pushed,
        // Two heads, and a name in capitals.
        frame(HEADERS, END_HEADERS, 1, &[0x88, 0x88]),
        frame(HEADERS, END_HEADERS, 1, &[0x88, 0, 1, b'A', 1, b'b']),
    ] {
        let failure = failure(after_request(bytes)).await;
        assert!(failure.starts_with(broken), "{failure}");
    }
    assert_eq!(
        failure(after_request(frame(RST_STREAM, 0, 1, &[0, 0, 0, 11]))).await,
        "java.io.IOException: Received RST_STREAM: ENHANCE_YOUR_CALM"
    );
    // Data beyond the window.
    let data = frame(DATA, 0, 1, &[0; 16_384]);
    let head = frame(HEADERS, END_HEADERS, 1, STATUS_200);
    let url = scripted(vec![vec![settings(), Step::Until(HEADERS), Step::Send(head), Step::Flood(data)]]).await;
    let impatient = Options { response_timeout: Some(Duration::from_millis(300)), ..options() };
    // A body without an end is read as long as it comes: the user's deadline ends it.
    let endless = tokio::time::timeout(Duration::from_secs(1), get_with(&Client::default(), &url, &impatient)).await;
    assert!(endless.is_err() || endless.unwrap().is_err());
}

#[tokio::test]
async fn floods_end_the_connection() {
    // A head that never ends, in small pieces and in large ones; each piece says one header more.
    let header = [&[0, 1, b'a', 100][..], &[b'b'; 100]].concat();
    for count in [1, 100] {
        let begin = Step::Send(frame(HEADERS, 0, 1, STATUS_200));
        let flood = Step::Flood(frame(CONTINUATION, 0, 1, &header.repeat(count)));
        let failure = failure(vec![settings(), Step::Until(HEADERS), begin, flood]).await;
        assert!(failure.contains("The server broke the rules of HTTP/2: "), "{failure}");
    }
    // A head that is complete and too long: 12,000 times a header of 100 bytes that HPACK says in one.
    let mut block = [&[0x88, 0x40, 1, b'a', 100][..], &[b'b'; 100]].concat();
    block.extend_from_slice(&vec![0xbe; 12_000]);
    let failure_of_bomb = failure(vec![
        settings(),
        Step::Until(HEADERS),
        Step::Send(frame(HEADERS, END_HEADERS | END_STREAM, 1, &block)),
    ])
    .await;
    assert!(failure_of_bomb.ends_with("The server broke the rules of HTTP/2: PROTOCOL_ERROR"), "{failure_of_bomb}");
    // Small frames that say nothing.
    let head = Step::Send(frame(HEADERS, END_HEADERS, 1, STATUS_200));
    let flood = Step::Flood(frame(DATA, 0, 1, b"").repeat(100));
    let failure = failure(vec![settings(), Step::Until(HEADERS), head, flood]).await;
    assert!(failure.ends_with("ENHANCE_YOUR_CALM"), "{failure}");
}

#[tokio::test]
async fn a_flood_of_pings_and_settings_holds_up_no_other_user() {
    for bytes in [frame(PING, 0, 0, &[7; 8]), frame(SETTINGS, 0, 0, &[])] {
        let url = scripted(vec![vec![settings(), Step::Until(HEADERS), Step::Flood(bytes.repeat(500))]]).await;
        let quiet = Server::simple(ok, "x").await;
        let impatient = Options { response_timeout: Some(Duration::from_millis(500)), ..options() };
        let (client, other) = (Client::default(), Client::default());
        let quiet_url = quiet.url("/");
        let (flooded, others) = tokio::join!(get_with(&client, &url, &impatient), async {
            for _ in 0..20 {
                assert_eq!(get(&other, &quiet_url).await.unwrap().body, "x");
            }
        });
        let () = others;
        assert!(flooded.is_err());
    }
}

/// TLS with these protocols to choose from; `serve` takes over what was made.
async fn tls_server(protocols: &[&[u8]]) -> String {
    let chain = vec![CertificateDer::from_pem_slice(include_bytes!("server/certificate.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("server/key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut tls) = acceptor.accept(tcp).await else { return };
                if tls.get_ref().1.alpn_protocol() == Some(b"h2") {
                    let mut connection = h2::server::handshake(tls).await.unwrap();
                    while let Some(Ok((_, mut reply))) = connection.accept().await {
                        let mut stream = reply.send_response(ok().body(()).unwrap(), false).unwrap();
                        stream.send_data(Bytes::from_static(b"two"), true).unwrap();
                    }
                } else {
                    while matches!(tls.read(&mut [0; 4096]).await, Ok(1..)) {
                        tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none").await.unwrap();
                    }
                }
            });
        }
    });
    format!("https://127.0.0.1:{port}/")
}

#[tokio::test]
async fn the_server_chooses_where_it_may() {
    let automatic = Options { version: Version::Auto, ..Options::default() };
    for (protocols, answer) in
        [(&[&b"h2"[..], b"http/1.1"][..], "two"), (&[b"http/1.1"], "one"), (&[], "one"), (&[b"h2"], "two")]
    {
        let url = tls_server(protocols).await;
        let client = Client::default();
        let first = get_with(&client, &url, &automatic).await.unwrap();
        let second = get_with(&client, &url, &automatic).await.unwrap();
        assert_eq!((&*first.body, &*second.body), (answer.as_bytes(), answer.as_bytes()));
        assert!(!first.reused && second.reused && first.timings.connect > Duration::ZERO);
        assert_eq!(client.kept_connections(), 1);
    }
    // By default nothing is negotiated.
    let url = tls_server(&[b"h2", b"http/1.1"]).await;
    assert_eq!(get_with(&Client::default(), &url, &Options::default()).await.unwrap().body, "one");
}

#[tokio::test]
async fn http_2_and_nothing_else_is_offered_where_the_plan_says_so() {
    assert_eq!(get(&Client::default(), &tls_server(&[b"h2", b"http/1.1"]).await).await.unwrap().body, "two");
    let refused =
        async |protocols: &[&[u8]]| get(&Client::default(), &tls_server(protocols).await).await.unwrap_err().text();
    assert_eq!(
        refused(&[]).await,
        "javax.net.ssl.SSLHandshakeException: The server did not choose HTTP/2, which is all that was offered \
         (http.version=2)"
    );
    assert_eq!(
        refused(&[b"http/1.1"]).await,
        "javax.net.ssl.SSLHandshakeException: Received fatal alert: no_application_protocol"
    );
}

#[tokio::test]
async fn cleartext_is_http_1_unless_the_server_is_taken_to_know_better() {
    let server = Server::simple(ok, "x").await;
    for (version, works) in [(Version::Auto, false), (Version::AutoPriorKnowledge, true), (Version::Http2, true)] {
        let options = Options { version, ..Options::default() };
        assert_eq!(get_with(&Client::default(), &server.url("/"), &options).await.is_ok(), works, "{version:?}");
    }
}

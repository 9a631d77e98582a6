//! Exchanges with small servers that send exact bytes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod server;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rotameter::http::{
    Body, BodyUse, Client, Credentials, DEFAULT_USER_AGENT, Exchange, Failure, Header, Options, Part, Proxy, Request,
    Scheme, Stage, TlsDemands, TlsSettings, Trust, Url, certificates_of_pem,
};
use server::{Server, Step};

fn request(method: &str, url: &str, body: Body) -> Request {
    let url = Url::parse(url).unwrap();
    let mut headers = vec![Header::new("Connection", "keep-alive")];
    if body.is_entity() {
        headers.push(Header::new("Content-Length", body.len().to_string()));
    }
    headers.push(Header::new("Host", url.host_header()));
    Request { method: method.into(), url, headers, body }
}

async fn get(client: &Client, url: &str) -> Result<Exchange, Failure> {
    client.exchange(&request("GET", url, Body::Empty), &Options::default()).await
}

/// The class and message of the failure of a GET that the server answers with `steps`.
async fn failure(steps: Vec<Step>) -> (String, String, Stage) {
    let server = Server::start(vec![steps]).await;
    let options = Options { response_timeout: Some(Duration::from_millis(200)), ..Options::default() };
    let request = request("GET", &server.url("/x"), Body::Empty);
    let failure = Client::default().exchange(&request, &options).await.unwrap_err();
    let message = failure.message.replace(&server.port().to_string(), "PORT");
    (failure.class.to_string(), message, failure.stage)
}

#[tokio::test]
async fn a_request_goes_out_as_the_caller_wrote_it() {
    let server = Server::start(vec![vec![Step::answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")]]).await;
    let url = Url::parse(&server.url("/a//b?q=\u{e9}#f")).unwrap();
    let headers = vec![
        Header::new("Connection", "keep-alive"),
        Header::new("x-LOWER", "1"),
        Header::new("Connection", "again"),
        Header::new("Empty", ""),
        Header::new("Host", url.host_header()),
    ];
    let request = Request { method: "foo".into(), url, headers, body: Body::Empty };
    let exchange = Client::default().exchange(&request, &Options::default()).await.unwrap();
    assert_eq!(exchange.status, 200);
    assert_eq!(&exchange.body[..], b"abc");
    let expected = format!(
        "foo /a/b?q=%C3%A9 HTTP/1.1\r\nConnection: keep-alive\r\nx-LOWER: 1\r\nConnection: again\r\nEmpty: \r\nHost: \
         127.0.0.1:{}\r\n\r\n",
        server.port()
    );
    assert_eq!(server.seen(), [(0, expected.clone())]);
    assert_eq!(exchange.sent_bytes, expected.len() as u64);
    assert_eq!(exchange.received_bytes, 41);
    assert_eq!(exchange.head_size() as i64 + exchange.body_size(), 41);
    assert_eq!(exchange.body_size(), 3);
    assert_eq!(&*exchange.head_text(), "HTTP/1.1 200 OK\nContent-Length: 3\n");
    assert!(exchange.timings.latency > Duration::ZERO && exchange.timings.latency <= exchange.timings.elapsed());
    assert!(exchange.timings.connect > Duration::ZERO);
}

#[tokio::test]
async fn connections_are_kept() {
    let server = Server::start(vec![
        vec![
            ok(),
            ok(),
            Step::answer("HTTP/1.1 204 No Content\r\n\r\n"),
            Step::answer(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n",
            ),
            Step::answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbye"),
        ],
        vec![Step::answer("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold style\n"), Step::Close],
        vec![ok()],
    ])
    .await;
    let client = Client::default();
    let mut bodies = Vec::new();
    for _ in 0..7 {
        let exchange = get(&client, &server.url("/")).await.unwrap();
        bodies.push((String::from_utf8(exchange.body.to_vec()).unwrap(), exchange.reused, exchange.received_bytes));
    }
    let expect = |body: &str, reused, bytes| (body.to_owned(), reused, bytes);
    assert_eq!(
        bodies,
        [
            expect("ok", false, 40),
            expect("ok", true, 40),
            expect("", true, 27),
            expect("hello", true, 78),
            expect("bye", true, 60),
            expect("old style\n", false, 55),
            expect("ok", false, 40)
        ]
    );
    let connections: Vec<usize> = server.seen().into_iter().map(|(connection, _)| connection).collect();
    assert_eq!(connections, [0, 0, 0, 0, 0, 1, 2]);
}

#[tokio::test]
async fn hosts_are_told_apart_as_written() {
    let server = Server::start(vec![vec![ok(), ok()], vec![ok()], vec![ok()]]).await;
    let client = Client::default();
    for host in ["127.0.0.1", "localhost", "LocalHost", "127.0.0.1"] {
        get(&client, &format!("http://{host}:{}/", server.port())).await.unwrap();
    }
    let connections: Vec<usize> = server.seen().into_iter().map(|(connection, _)| connection).collect();
    assert_eq!(connections, [0, 1, 2, 0]);
}

#[tokio::test]
async fn answers_that_hyper_alone_would_refuse() {
    for (answer, shown, body) in [
        ("HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nok\n", "HTTP/1.1 200 \nContent-Length: 3\n", "ok\n"),
        ("junk\r\n\r\nHTTP/1.1 299 Odd\nContent-Length: 2\n\nok", "HTTP/1.1 299 Odd\nContent-Length: 2\n", "ok"),
        (
            "HTTP/1.1 1200 Odd\r\nX Y: b c\r\n d\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 1200 Odd\nX Y: b c d\nContent-Length: 0\n",
            "",
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: x\r\ncontent-length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\nContent-Length: x\ncontent-length: 2\n",
            "ok",
        ),
        (
            "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/2.7 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 2 \nok\n0\n\n",
            "HTTP/2.7 200 OK\nTransfer-Encoding: chunked\n",
            "ok",
        ),
    ] {
        for cut in [answer.len(), answer.len() / 2, 1] {
            let server = Server::start(vec![vec![Step::pieces(answer, cut)]]).await;
            let exchange = get(&Client::default(), &server.url("/")).await.unwrap();
            assert_eq!(&*exchange.head_text(), shown);
            assert_eq!(exchange.body, body.as_bytes());
            assert_eq!(exchange.received_bytes, answer.len() as u64);
        }
    }
}

#[tokio::test]
async fn a_body_that_the_connection_ends() {
    let server = Server::start(vec![vec![
        Step::answer("HTTP/1.1 200 OK\r\n\r\nuntil"),
        Step::Pause(30),
        Step::Send(b" close".to_vec()),
        Step::Close,
    ]])
    .await;
    let exchange = get(&Client::default(), &server.url("/")).await.unwrap();
    assert_eq!(exchange.body, "until close");
    assert!(exchange.timings.latency < Duration::from_millis(30));
    assert!(exchange.timings.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn no_body_has_no_latency() {
    for answer in ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"] {
        let server = Server::start(vec![vec![Step::answer(answer)]]).await;
        let exchange = get(&Client::default(), &server.url("/")).await.unwrap();
        assert_eq!(exchange.timings.latency, Duration::ZERO);
    }
    let server = Server::start(vec![vec![Step::answer("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")]]).await;
    let head = request("HEAD", &server.url("/"), Body::Empty);
    let exchange = Client::default().exchange(&head, &Options::default()).await.unwrap();
    assert_eq!((exchange.timings.latency, exchange.body.len()), (Duration::ZERO, 0));
    let server = Server::start(vec![vec![Step::answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]]).await;
    let exchange = get(&Client::default(), &server.url("/")).await.unwrap();
    assert!(exchange.timings.latency > Duration::ZERO);
}

#[tokio::test]
async fn failures_have_jmeter_s_classes_and_words() {
    let expect = |class: &str, message: &str, stage| (class.to_owned(), message.to_owned(), stage);
    assert_eq!(
        failure(vec![Step::Close]).await,
        expect("org.apache.http.NoHttpResponseException", "127.0.0.1:PORT failed to respond", Stage::Head)
    );
    assert_eq!(failure(vec![Step::Reset]).await, expect("java.net.SocketException", "Connection reset", Stage::Head));
    assert_eq!(
        failure(vec![Step::answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nyyyy"), Step::Close]).await,
        expect(
            "org.apache.http.ConnectionClosedException",
            "Premature end of Content-Length delimited message body (expected: 100; received: 4)",
            Stage::Body
        )
    );
    assert_eq!(
        failure(vec![Step::answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"), Step::Close]).await,
        expect(
            "org.apache.http.TruncatedChunkException",
            "Truncated chunk (expected size: 5; actual size: 3)",
            Stage::Body
        )
    );
    assert_eq!(
        failure(vec![Step::answer("this is not HTTP at all\r\n\r\n"), Step::Close]).await,
        expect("org.apache.http.client.ClientProtocolException", "null", Stage::Head)
    );
    assert_eq!(
        failure(vec![Step::answer(""), Step::Pause(500)]).await,
        expect("java.net.SocketTimeoutException", "Read timed out", Stage::Head)
    );
    assert_eq!(
        failure(vec![Step::answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), Step::Pause(500)]).await,
        expect("java.net.SocketTimeoutException", "Read timed out", Stage::Body)
    );
    assert_eq!(
        failure(vec![Step::answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nhalf")]).await,
        expect("java.util.zip.ZipException", "Not in GZIP format", Stage::Body)
    );
}

#[tokio::test]
async fn connect_failures() {
    let client = Client::default();
    let told = |failure: Failure| format!("{}: {}", failure.class, failure.message);
    assert_eq!(
        told(get(&client, "http://127.0.0.1:1/").await.unwrap_err()),
        "org.apache.http.conn.HttpHostConnectException: Connect to 127.0.0.1:1 [/127.0.0.1] failed: Connection refused"
    );
    assert_eq!(
        told(get(&client, "http://127.0.0.1:99999/").await.unwrap_err()),
        "java.lang.IllegalArgumentException: port out of range:99999"
    );
    assert_eq!(
        told(get(&client, "http://:8099/").await.unwrap_err()),
        "org.apache.http.client.ClientProtocolException: URI does not specify a valid host name: http://:8099/"
    );
    assert_eq!(
        told(get(&client, "http://h/a b").await.unwrap_err()),
        "java.net.URISyntaxException: Illegal character in path at index 10: http://h/a b"
    );
    let unknown = get(&client, "http://no-such-host.invalid/").await.unwrap_err();
    assert_eq!(&*unknown.class, "java.net.UnknownHostException");
    assert!(unknown.timings.connect > Duration::ZERO);
}

#[tokio::test]
async fn a_stale_connection_fails_the_next_request_unless_it_is_retried() {
    for (retries, method, works) in [(0, "GET", false), (1, "GET", true), (1, "POST", false)] {
        let server = Server::start(vec![vec![ok(), Step::Close], vec![ok()]]).await;
        let client = Client::default();
        get(&client, &server.url("/")).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        let options = Options { retry_count: retries, ..Options::default() };
        let body = if method == "POST" { Body::Bytes(Bytes::new()) } else { Body::Empty };
        let result = client.exchange(&request(method, &server.url("/"), body), &options).await;
        match result {
            Ok(exchange) => assert!(works && !exchange.reused, "{method} {retries}"),
            Err(failure) => {
                assert!(!works, "{method} {retries}");
                // A server that has closed both ways may also answer with a reset.
                assert!(
                    ["org.apache.http.NoHttpResponseException", "java.net.SocketException"].contains(&&*failure.class)
                );
            }
        }
    }
}

#[tokio::test]
async fn idle_connections_are_checked_or_expire() {
    let checked = Options { validate_after_inactivity: Some(Duration::from_millis(10)), ..Options::default() };
    let server = Server::start(vec![vec![ok(), Step::Close], vec![ok(), ok()]]).await;
    let client = Client::default();
    for reused in [false, false, true] {
        let exchange = client.exchange(&request("GET", &server.url("/"), Body::Empty), &checked).await.unwrap();
        assert_eq!(exchange.reused, reused);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let idle = Options { idle_timeout: Some(Duration::from_millis(10)), ..Options::default() };
    let server = Server::start(vec![vec![ok()], vec![ok()]]).await;
    for _ in 0..2 {
        assert!(!client.exchange(&request("GET", &server.url("/"), Body::Empty), &idle).await.unwrap().reused);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn bodies_are_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let content: Vec<u8> = (0..300_000u32).map(|i| b'a' + (i % 26) as u8).collect();
    std::fs::write(&path, &content).unwrap();
    let parts = vec![
        Part::Bytes(Bytes::from_static(b"before ")),
        Part::File { path: path.clone(), len: content.len() as u64 },
        Part::Bytes(Bytes::from_static(b" after")),
    ];
    let server = Server::start(vec![vec![ok(), ok(), ok()]]).await;
    let client = Client::default();
    let mut sent = Vec::new();
    for body in [Body::Bytes(Bytes::from_static(b"small")), Body::Parts(parts), Body::Bytes(Bytes::new())] {
        let exchange = client.exchange(&request("POST", &server.url("/"), body), &Options::default()).await.unwrap();
        assert_eq!(exchange.body, "ok");
        sent.push(exchange.sent_bytes);
    }
    let seen = server.seen();
    assert!(seen[0].1.ends_with("\r\n\r\nsmall"));
    let expected = format!("\r\n\r\nbefore {} after", std::str::from_utf8(&content).unwrap());
    assert!(seen[1].1.ends_with(&expected));
    assert!(seen[2].1.contains("Content-Length: 0\r\n"));
    assert_eq!(sent, seen.iter().map(|(_, text)| text.len() as u64).collect::<Vec<_>>());
    assert!(seen.iter().all(|(connection, _)| *connection == 0));
}

#[tokio::test]
async fn a_missing_file_fails_after_the_head() {
    let server = Server::start(vec![vec![Step::Head(""), Step::Body(6)]]).await;
    let missing = Part::File { path: "/no/such/file".into(), len: 0 };
    let body = Body::Parts(vec![Part::Bytes(Bytes::from_static(b"before")), missing]);
    let failure =
        Client::default().exchange(&request("POST", &server.url("/"), body), &Options::default()).await.unwrap_err();
    assert_eq!(failure.text(), "java.io.FileNotFoundException: /no/such/file (No such file or directory)");
    tokio::time::sleep(Duration::from_millis(20)).await;
    let seen = server.seen();
    assert!(seen[0].1.starts_with("POST / HTTP/1.1\r\n") && seen[0].1.ends_with("\r\n\r\nbefore"));
}

#[tokio::test]
async fn a_missing_second_file_fails_after_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().join("first.txt");
    std::fs::write(&there, "x".repeat(500_000)).unwrap();
    let server = Server::start(vec![vec![Step::Head(""), Step::Body(500_014)]]).await;
    let file = |path: &std::path::Path, len| Part::File { path: path.to_owned(), len };
    let missing = folder.path().join("gone.txt");
    let text = |text: &'static str| Part::Bytes(Bytes::from_static(text.as_bytes()));
    let parts = vec![text("before "), file(&there, 500_000), text("between"), file(&missing, 0), text("after")];
    let request = request("POST", &server.url("/"), Body::Parts(parts));
    let failure = Client::default().exchange(&request, &Options::default()).await.unwrap_err();
    assert_eq!(&*failure.class, "java.io.FileNotFoundException");
    assert_eq!(failure.stage, Stage::Send);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let seen = server.seen();
    let expected = format!("\r\n\r\nbefore {}between", "x".repeat(500_000));
    assert!(seen[0].1.ends_with(&expected), "{} bytes", seen[0].1.len());
}

#[tokio::test]
async fn expect_continue() {
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let expecting = |server: &Server| {
        let mut request = request("POST", &server.url("/"), Body::Bytes(Bytes::from_static(b"payload")));
        request.headers.insert(1, Header::new("Expect", "100-continue"));
        request
    };
    // The server says so.
    let server =
        Server::start(vec![vec![Step::Head("HTTP/1.1 100 Continue\r\n\r\n"), Step::Body(7), Step::Send(ok.into())]])
            .await;
    let exchange = Client::default().exchange(&expecting(&server), &Options::default()).await.unwrap();
    assert_eq!((exchange.status, exchange.received_bytes), (200, 40));
    assert!(server.seen()[0].1.ends_with("\r\n\r\npayload"));
    // The server says nothing.
    let server = Server::start(vec![vec![Step::Head(""), Step::Body(7), Step::Send(ok.into())]]).await;
    let options = Options { continue_timeout: Duration::from_millis(50), ..Options::default() };
    let exchange = Client::default().exchange(&expecting(&server), &options).await.unwrap();
    assert_eq!(exchange.status, 200);
    assert!(exchange.timings.elapsed() >= Duration::from_millis(50));
    // The server refuses: the body is not sent, and the connection stays.
    let refusal = "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n";
    let server = Server::start(vec![vec![Step::Head(refusal), Step::answer(ok)]]).await;
    let client = Client::default();
    assert_eq!(client.exchange(&expecting(&server), &Options::default()).await.unwrap().status, 417);
    assert!(get(&client, &server.url("/")).await.unwrap().reused);
    assert!(server.seen()[0].1.ends_with("\r\n\r\n"));
}

#[tokio::test]
async fn what_is_kept_of_a_body() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
    for (keep_body, kept) in [
        (BodyUse::Keep { max: Some(2) }, "ab"),
        (BodyUse::Md5, "900150983cd24fb0d6963f7d28e17f72"),
        (BodyUse::Discard, ""),
    ] {
        let server = Server::start(vec![vec![Step::answer(answer)]]).await;
        let options = Options { keep_body, ..Options::default() };
        let exchange =
            Client::default().exchange(&request("GET", &server.url("/"), Body::Empty), &options).await.unwrap();
        assert_eq!((exchange.body_len, &*exchange.body), (3, kept.as_bytes()));
    }
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let body: Vec<u8> = (0..1_048_576u32).map(|i| (i / 7) as u8).collect();
    for chunked in [false, true] {
        let mut answer = if chunked {
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec()
        } else {
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes()
        };
        if chunked {
            for piece in body.chunks(10_007) {
                answer.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
                answer.extend_from_slice(piece);
                answer.extend_from_slice(b"\r\n");
            }
            answer.extend_from_slice(b"0\r\n\r\n");
        } else {
            answer.extend_from_slice(&body);
        }
        let size = answer.len() as u64;
        let server = Server::start(vec![vec![Step::Head(""), Step::Send(answer)]]).await;
        let exchange = get(&Client::default(), &server.url("/")).await.unwrap();
        assert_eq!(exchange.received_bytes, size);
        assert!(exchange.body == body, "chunked: {chunked}");
    }
}

#[tokio::test]
async fn a_dropped_exchange_closes_its_connection() {
    let server = Server::start(vec![vec![ok(), Step::answer(""), Step::Pause(1000)], vec![ok()]]).await;
    let client = Client::default();
    get(&client, &server.url("/")).await.unwrap();
    let url = server.url("/");
    assert!(tokio::time::timeout(Duration::from_millis(30), get(&client, &url)).await.is_err());
    assert_eq!(client.kept_connections(), 0);
    assert!(!get(&client, &url).await.unwrap().reused);
}

#[tokio::test]
async fn a_connection_outlives_the_rest_between_exchanges() {
    let server = Server::start(vec![vec![ok(), ok(), ok()]]).await;
    let mut client = Client::default();
    let url = server.url("/");
    assert!(!get(&client, &url).await.unwrap().reused);
    for _ in 0..2 {
        client.rest();
        let exchange = get(&client, &url).await.unwrap();
        assert!(exchange.reused);
        assert_eq!(exchange.status, 200);
    }
    assert_eq!(client.kept_connections(), 1);
}

#[tokio::test]
async fn exchanges_side_by_side() {
    let server = Server::start(vec![vec![ok(), ok()], vec![ok(), ok()]]).await;
    let client = Arc::new(Client::default());
    let url = server.url("/");
    let both = tokio::join!(get(&client, &url), get(&client, &url));
    assert!(!both.0.unwrap().reused && !both.1.unwrap().reused);
    assert_eq!(client.kept_connections(), 2);
    let other = Arc::clone(&client);
    // The future can move to another thread.
    let spawned = tokio::spawn(async move { get(&other, &url).await.unwrap().reused });
    assert!(spawned.await.unwrap());
}

#[test]
fn an_exchange_is_small_until_it_connects() {
    // Every virtual user's task holds one.
    let client = Client::default();
    let request = request("GET", "http://h/", Body::Empty);
    let options = Options::default();
    assert!(size_of_val(&client.exchange(&request, &options)) < 2048);
}

fn ok() -> Step {
    Step::answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
}

#[tokio::test]
async fn tls() {
    let server = Server::start(vec![vec![Step::Tls, ok(), ok()], vec![Step::Tls, ok()]]).await;
    let client = Client::default();
    let first = get(&client, &server.tls_url("127.0.0.1", "/")).await.unwrap();
    let second = get(&client, &server.tls_url("127.0.0.1", "/")).await.unwrap();
    assert_eq!((&*first.body, first.reused, second.reused), (&b"ok"[..], false, true));
    // Bytes are counted as the server's HTTP has them, before they are encrypted.
    assert_eq!((first.received_bytes, first.sent_bytes), (40, server.seen()[0].1.len() as u64));
    assert!(first.timings.connect > Duration::ZERO && first.timings.connect <= first.timings.latency);
    assert!(!get(&client, &server.tls_url("localhost", "/")).await.unwrap().reused);
    // A body that only the connection ends may end without TLS's goodbye.
    let until_close = Step::answer("HTTP/1.1 200 OK\r\n\r\nall of it");
    let server = Server::start(vec![vec![Step::Tls, until_close, Step::Close]]).await;
    assert_eq!(get(&client, &server.tls_url("127.0.0.1", "/")).await.unwrap().body, "all of it");
}

fn tls_trusting(roots: Option<&[u8]>) -> TlsSettings {
    let trust = roots.map_or(Trust::All, |pem| Trust::Roots(certificates_of_pem(pem).unwrap()));
    TlsSettings::new(TlsDemands { trust, ..TlsDemands::default() })
}

#[tokio::test]
async fn certificates_are_checked_only_when_asked() {
    let told = |result: Result<Exchange, Failure>| match result {
        Ok(exchange) => exchange.status.to_string(),
        Err(failure) => failure.text(),
    };
    for (roots, answer) in [
        (None, "200"),
        (Some(server::CERTIFICATE), "200"),
        (
            Some(&include_bytes!("server/other.pem")[..]),
            "javax.net.ssl.SSLHandshakeException: PKIX path building failed: \
             sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to \
             requested target",
        ),
    ] {
        let server = Server::start(vec![vec![Step::Tls, ok()]]).await;
        let options = Options { tls: Arc::new(tls_trusting(roots)), ..Options::default() };
        let request = request("GET", &server.tls_url("localhost", "/"), Body::Empty);
        assert_eq!(told(Client::default().exchange(&request, &options).await), answer);
    }
    let options = Options { tls: Arc::new(tls_trusting(Some(b""))), ..Options::default() };
    let request = request("GET", "https://127.0.0.1:1/", Body::Empty);
    let failure = Client::default().exchange(&request, &options).await.unwrap_err();
    assert_eq!(&*failure.class, "javax.net.ssl.SSLException");
}

#[tokio::test]
async fn tls_failures() {
    let fail = async |steps: Vec<Step>| {
        let server = Server::start(vec![steps]).await;
        let options = Options { connect_timeout: Some(Duration::from_millis(100)), ..Options::default() };
        let request = request("GET", &server.tls_url("127.0.0.1", "/"), Body::Empty);
        let failure = Client::default().exchange(&request, &options).await.unwrap_err();
        assert_eq!(failure.stage, Stage::Connect);
        failure.text().replace(&server.port().to_string(), "PORT")
    };
    assert_eq!(
        fail(vec![Step::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()), Step::Pause(200)]).await,
        "javax.net.ssl.SSLException: Unsupported or unrecognized SSL message"
    );
    assert_eq!(
        fail(vec![Step::Send(Vec::new()), Step::Pause(300)]).await,
        "org.apache.http.conn.ConnectTimeoutException: Connect to 127.0.0.1:PORT [/127.0.0.1] failed: Read timed out"
    );
    assert_eq!(
        fail(vec![Step::Body(10), Step::HangUp]).await,
        "javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake"
    );
    // A fatal alert: handshake_failure.
    assert_eq!(
        fail(vec![Step::Body(10), Step::Send(vec![21, 3, 3, 0, 2, 2, 40]), Step::Pause(200)]).await,
        "javax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure"
    );
    assert_eq!(
        fail(vec![Step::Body(10), Step::Send(vec![21, 3, 3, 0, 2, 2, 48]), Step::Pause(200)]).await,
        "javax.net.ssl.SSLHandshakeException: Received fatal alert: unknown_ca"
    );
    assert_eq!(
        fail(vec![Step::Body(10), Step::Send(vec![21, 3, 3, 0, 2, 2, 80]), Step::Pause(200)]).await,
        "javax.net.ssl.SSLException: Received fatal alert: internal_error"
    );
}

fn through(server: &Server, auth: Option<(&str, &str)>) -> Options {
    let auth = auth.map(|(user, password)| Credentials { user: user.into(), password: password.into() });
    let proxy = Proxy { scheme: Scheme::Http, host: "127.0.0.1".into(), port: server.port(), auth };
    Options { proxy: Some(proxy), ..Options::default() }
}

#[tokio::test]
async fn a_plain_proxy() {
    let who =
        || Step::answer("HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n");
    let server = Server::start(vec![vec![ok()], vec![who(), ok(), ok()], vec![who()]]).await;
    let client = Client::default();
    let get =
        async |options: &Options, url: &str| client.exchange(&request("GET", url, Body::Empty), options).await.unwrap();
    let open = through(&server, None);
    let known = through(&server, Some(("u", "p")));
    assert_eq!(get(&open, "http://Shop.invalid:8080/echo?x=1").await.status, 200);
    let answered = get(&known, "http://shop.invalid/a").await;
    assert_eq!((answered.status, answered.reused), (200, true));
    assert_eq!(answered.added, [Header::new("Proxy-Authorization", "Basic dTpw")]);
    assert_eq!(get(&known, "http://shop.invalid/b").await.status, 200);
    assert_eq!(get(&open, "http://other.invalid/").await.status, 407);
    let seen: Vec<(usize, String)> = server.seen();
    let lines: Vec<(usize, &str)> = seen.iter().map(|(n, text)| (*n, text.split("\r\n").next().unwrap())).collect();
    assert_eq!(
        lines,
        [
            (0, "GET http://shop.invalid:8080/echo?x=1 HTTP/1.1"),
            (1, "GET http://shop.invalid/a HTTP/1.1"),
            (1, "GET http://shop.invalid/a HTTP/1.1"),
            (1, "GET http://shop.invalid/b HTTP/1.1"),
            (2, "GET http://other.invalid/ HTTP/1.1")
        ]
    );
    assert!(seen[0].1.contains("Host: Shop.invalid:8080\r\n"));
    assert!(!seen[1].1.contains("Proxy-Authorization"));
    assert!(
        seen[2].1.ends_with("Proxy-Authorization: Basic dTpw\r\n\r\n") && seen[3].1 == seen[2].1.replace("/a", "/b")
    );
}

#[tokio::test]
async fn a_proxy_s_tunnel() {
    let open = Step::Head("HTTP/1.1 200 Connection established\r\n\r\n");
    let refuse = Step::answer("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nlate");
    let server = Server::start(vec![vec![open, Step::Tls, ok(), ok()], vec![refuse]]).await;
    let client = Client::default();
    let options = through(&server, None);
    let get = async |url: &str| client.exchange(&request("GET", url, Body::Empty), &options).await.unwrap();
    assert_eq!(get("https://shop.example/echo").await.body, "ok");
    assert!(get("https://shop.example/echo").await.reused);
    let refused = get("https://other.example:8443/").await;
    assert_eq!((refused.status, &*refused.body), (503, &b"late"[..]));
    let seen = server.seen();
    assert_eq!(
        seen[0].1,
        format!("CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: {DEFAULT_USER_AGENT}\r\n\r\n")
    );
    assert!(seen[1].1.starts_with("GET /echo HTTP/1.1\r\n"));
    assert!(seen[3].1.starts_with("CONNECT other.example:8443 HTTP/1.1\r\nHost: other.example:8443\r\n"));
}

#[tokio::test]
async fn a_source_address() {
    let server = Server::start(vec![vec![ok()], vec![ok()]]).await;
    let client = Client::default();
    let request = request("GET", &server.url("/"), Body::Empty);
    for source in ["127.0.0.2", "127.0.0.3"] {
        let options = Options { source_address: Some(source.parse().unwrap()), ..Options::default() };
        assert!(!client.exchange(&request, &options).await.unwrap().reused);
    }
    let options = Options { source_address: Some("192.0.2.1".parse().unwrap()), ..Options::default() };
    let failure = client.exchange(&request, &options).await.unwrap_err();
    assert_eq!(failure.text(), "java.net.BindException: Cannot assign requested address");
}

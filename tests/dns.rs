//! Names that servers of the plan's own give. What is expected was seen of JMeter with such a server on port 53.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use rotameter::http::{Body, Client, Exchange, Failure, Header, Options, Request, Resolver, Url};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

/// A DNS server that knows a few names, and what it was asked.
struct Names {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Names {
    async fn start() -> Self {
        let (udp, tcp) = loop {
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
                break (udp, tcp);
            }
        };
        let address = tcp.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut query = [0; 512];
            while let Ok((length, peer)) = udp.recv_from(&mut query).await {
                let (name, answer) = answer(&query[..length], false);
                log.lock().unwrap().push(name);
                // An answer to somebody else's question is passed over.
                udp.send_to(&[&[!query[0], query[1]], &answer[2..]].concat(), peer).await.unwrap();
                udp.send_to(&answer, peer).await.unwrap();
            }
        });
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut tcp, _)) = tcp.accept().await {
                let mut query = vec![0; usize::from(tcp.read_u16().await.unwrap())];
                tcp.read_exact(&mut query).await.unwrap();
                let (name, answer) = answer(&query, true);
                log.lock().unwrap().push(format!("{name} by TCP"));
                tcp.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
                tcp.write_all(&answer).await.unwrap();
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn encoded(name: &str) -> Vec<u8> {
    let label = |label: &str| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat();
    name.split('.').flat_map(label).chain([0]).collect()
}

/// A record for the name that was asked for.
fn record(kind: u8, data: &[u8]) -> Vec<u8> {
    [&[0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 60, 0, u8::try_from(data.len()).unwrap()], data].concat()
}

fn answer(query: &[u8], over_tcp: bool) -> (String, Vec<u8>) {
    let mut name = String::new();
    let mut at = 12;
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(std::str::from_utf8(&query[at + 1..end]).unwrap());
        at = end;
    }
    let question = &query[12..at + 5];
    let a = |last| record(1, &[127, 0, 0, last]);
    let (flags, code, records) = match &*name.to_lowercase() {
        "one.test" => (0x81, 0, vec![a(1)]),
        "two.test" => (0x81, 0, vec![a(77), a(1)]),
        "alias.test" => (0x81, 0, vec![record(5, &encoded("one.test"))]),
        "loop.test" => (0x81, 0, vec![record(5, &encoded("pool.test"))]),
        "pool.test" => (0x81, 0, vec![record(5, &encoded("loop.test"))]),
        "big.test" if over_tcp => (0x81, 0, vec![a(1)]),
        "big.test" => (0x83, 0, vec![]),
        "empty.test" => (0x81, 0, vec![]),
        "servfail.test" => (0x81, 2, vec![]),
        _ => (0x81, 3, vec![]),
    };
    let count = u8::try_from(records.len()).unwrap();
    let head = [query[0], query[1], flags, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0];
    (name, [&head[..], question, &records.concat()].concat())
}

async fn get(resolver: &Arc<Resolver>, host: &str, port: u16) -> Result<Exchange, Failure> {
    let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
    let headers = vec![Header::new("Host", url.host_header()), Header::new("Connection", "close")];
    let request = Request { method: "GET".into(), url, headers, body: Body::Empty };
    let options = Options { resolver: Arc::clone(resolver), ..Options::default() };
    Client::default().exchange(&request, &options).await
}

/// How a request to a port with nobody behind it fails.
async fn refused(resolver: &Arc<Resolver>, host: &str) -> String {
    let failure = get(resolver, host, 1).await.unwrap_err();
    format!("{}: {}", failure.class.rsplit('.').next().unwrap(), failure.message)
}

fn resolver(servers: &[SocketAddr]) -> Arc<Resolver> {
    Arc::new(Resolver::caching(Vec::new()).asking(servers.iter().map(|server| server.to_string().into()).collect()))
}

#[tokio::test]
async fn names_are_asked_for_once() {
    let names = Names::start().await;
    let resolver = resolver(&[names.address]);
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = server.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = server.accept().await {
            let _ = tcp.read(&mut [0; 4096]).await;
            let _ = tcp.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await;
        }
    });
    for _ in 0..2 {
        assert_eq!(get(&resolver, "one.test", port).await.unwrap().status, 204);
    }
    assert_eq!(names.asked(), ["one.test"]);
    resolver.clear();
    assert_eq!(get(&resolver, "one.test", port).await.unwrap().status, 204);
    assert_eq!(names.asked(), ["one.test"]);
}

#[tokio::test]
async fn servers_are_told_apart_by_what_they_say() {
    let names = Names::start().await;
    let resolver = resolver(&[names.address]);
    let connect = |to: &str| format!("HttpHostConnectException: Connect to {to} failed: Connection refused");
    let unknown = |host: &str| format!("UnknownHostException: Failed to resolve host name: {host}");
    let told = [
        ("two.test", connect("two.test:1 [two.test./127.0.0.77, two.test./127.0.0.1]"), vec!["two.test"]),
        ("alias.test", connect("alias.test:1 [one.test./127.0.0.1]"), vec!["alias.test", "one.test"]),
        ("big.test", connect("big.test:1 [big.test./127.0.0.1]"), vec!["big.test", "big.test by TCP"]),
        ("empty.test", unknown("empty.test"), vec!["empty.test"]),
        ("servfail.test", unknown("servfail.test"), vec!["servfail.test"]),
        ("loop.test", unknown("loop.test"), ["loop.test", "pool.test"].repeat(5)),
        // Addresses are asked for like names.
        ("127.0.0.1", unknown("127.0.0.1"), vec!["127.0.0.1"]),
    ];
    for (host, expected, asked) in told {
        assert_eq!(refused(&resolver, host).await, expected);
        // This machine's search list may have it asked for more.
        assert_eq!(names.asked()[..asked.len()], asked, "{host}");
    }
    let long = format!("{}.test", "a".repeat(64));
    let words = "NullPointerException: Cannot read the array length because \"addresses\" is null";
    assert_eq!(refused(&resolver, &long).await, words);
    // That a name is unknown is not remembered.
    refused(&resolver, "empty.test").await;
    assert_eq!(names.asked(), ["empty.test"]);
}

#[tokio::test]
async fn servers_take_turns_and_stand_in_for_each_other() {
    let (first, second) = (Names::start().await, Names::start().await);
    let both = resolver(&[first.address, second.address]);
    for _ in 0..2 {
        refused(&both, "empty.test").await;
    }
    assert_eq!([first.asked().len(), second.asked().len()], [1, 1]);
    // Nobody is there: the system says so at once, and the next one is asked.
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    let half = resolver(&[nobody, second.address]);
    assert!(refused(&half, "one.test").await.contains("[one.test./127.0.0.1]"));
    assert_eq!(second.asked(), ["one.test"]);
    assert_eq!(
        refused(&resolver(&[nobody]), "one.test").await,
        "UnknownHostException: Failed to resolve host name: one.test"
    );
}

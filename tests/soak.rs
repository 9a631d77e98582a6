//! The program against a server that closes, resets, truncates, stalls, drips and talks nonsense, at full speed: no row is
//! lost, nothing leaks, and every user is alive at the end.
//!
//! `ROTAMETER_SOAK_SECONDS=600 cargo test --release --test soak -- --nocapture` gives it longer than a moment, and shows
//! what was measured.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use fastrand::Rng;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const USERS: usize = 50;
/// Connections that a user may have at once: its own, and a pool for the resources of a page.
const CONNECTIONS: usize = 1 + 4;
/// What a process has open beside its connections.
const OTHER_FILES: usize = 64;

fn seconds() -> u64 {
    std::env::var("ROTAMETER_SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(6)
}

#[test]
fn a_hostile_server_costs_no_row_and_nothing_leaks() {
    soak(serve(|stream| Box::pin(mistreat(stream))), &[]);
}

#[test]
fn a_hostile_server_of_http_2_costs_no_row_and_nothing_leaks() {
    soak(serve(|stream| Box::pin(http2::mistreat(stream))), &["-Jhttp.version=2"]);
}

fn soak(port: u16, more: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.jmx"), plan(port, seconds())).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rotameter"))
        .args(["-n", "-t", "plan.jmx", "-l", "results.csv", "-j", "run.log", "-Jsummariser.interval=6"])
        .args(["-Jjmeter.save.saveservice.subresults=false", "--retry-after", "off"])
        .args(more)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(folder.path().join("stdout")).unwrap())
        .spawn()
        .unwrap();
    let usage = watch(&mut child);
    let rows = Rows::read(&folder.path().join("results.csv"));

    let told = std::fs::read_to_string(folder.path().join("stdout")).unwrap();
    let total = told.lines().rfind(|line| line.starts_with("summary =")).unwrap_or_default();
    let counted: u64 = total.split_whitespace().nth(2).and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut figures = format!("{} rows, {counted} samples told, {:?}\n", rows.count, rows.codes);
    for usage in &usage {
        let _ = writeln!(figures, "{usage:?}");
    }
    let _ = writeln!(std::io::stderr(), "{figures}");

    assert_eq!(rows.count, counted, "{total}");
    assert!(rows.count > 100 * seconds(), "{figures}");
    assert_eq!(rows.users.len(), USERS, "{figures}");
    for (user, last) in &rows.users {
        assert!(rows.end - last < 3_000, "{user} was silent for the last {} ms", rows.end - last);
    }
    for (kind, least) in [("200", 10), ("Non HTTP response code: java.net.SocketTimeoutException", 1)] {
        assert!(rows.codes.get(kind).copied().unwrap_or(0) >= least, "too few of {kind}: {figures}");
    }
    // The last third is held against what came before; the first moments, in which users start, do not count.
    let (begun, late) = usage[usage.len() / 6..].split_at(usage.len() / 2);
    let most = |part: &[Usage], of: fn(&Usage) -> usize| part.iter().map(of).max().unwrap_or(0);
    assert!(most(&usage, |usage| usage.files) <= USERS * CONNECTIONS + OTHER_FILES, "{figures}");
    assert!(most(late, |usage| usage.threads) <= most(begun, |usage| usage.threads) + 8, "{figures}");
    let (before, after) = (most(begun, |usage| usage.kilobytes), most(late, |usage| usage.kilobytes));
    assert!(after <= before + before / 4 + 8 * 1024, "{before} KB became {after} KB: {figures}");
}

/// What the program uses at a moment.
#[derive(Debug)]
#[allow(dead_code, reason = "shown")]
struct Usage {
    second: u64,
    files: usize,
    threads: usize,
    kilobytes: usize,
}

/// Looks at the program until it ends, which it must in time.
fn watch(child: &mut Child) -> Vec<Usage> {
    let begin = Instant::now();
    let patience = Duration::from_secs(2 * seconds() + 60);
    let mut usage: Vec<Usage> = Vec::new();
    let between = Duration::from_millis((seconds() * 1000 / 60).clamp(250, 10_000));
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return usage;
        }
        if begin.elapsed() > patience {
            child.kill().unwrap();
            panic!("the program does not end: {usage:?}");
        }
        usage.extend(Usage::of(child.id(), begin.elapsed().as_secs()));
        std::thread::sleep(between);
    }
}

impl Usage {
    /// `None` when the process is about to end.
    fn of(process: u32, second: u64) -> Option<Usage> {
        let files = std::fs::read_dir(format!("/proc/{process}/fd")).ok()?.count();
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        Some(Usage { second, files, threads: number("Threads:")?, kilobytes: number("VmRSS:")? })
    }
}

/// What the result file says.
#[derive(Default)]
struct Rows {
    count: u64,
    codes: BTreeMap<String, u64>,
    /// Users and when their last sample began, in milliseconds.
    users: BTreeMap<String, i64>,
    end: i64,
}

impl Rows {
    /// Reads it, and checks that the samples of each user are there without a gap and have a code.
    fn read(path: &Path) -> Rows {
        let mut reader = csv::Reader::from_path(path).unwrap();
        let names = reader.headers().unwrap().clone();
        let place = |name: &str| names.iter().position(|column| column == name).unwrap();
        let (stamp, label, code, user) =
            (place("timeStamp"), place("label"), place("responseCode"), place("threadName"));
        let mut rows = Rows::default();
        let mut seen: BTreeMap<(String, String), u64> = BTreeMap::new();
        for row in reader.records() {
            let row = row.unwrap();
            let (kind, number) = row[label].split_once(' ').unwrap();
            let last = seen.entry((row[user].to_owned(), kind.to_owned())).or_default();
            *last += 1;
            assert_eq!(number.parse(), Ok(*last), "a gap in the rows of {}: {row:?}", &row[user]);
            assert!(!row[code].is_empty(), "no code: {row:?}");
            *rows.codes.entry(row[code].to_owned()).or_default() += 1;
            let begun: i64 = row[stamp].parse().unwrap();
            rows.users.insert(row[user].to_owned(), begun);
            rows.end = rows.end.max(begun);
            rows.count += 1;
        }
        rows
    }
}

/// Users who ask without a pause: plain, with a body, through redirects, for pages with what belongs to them.
fn plan(port: u16, seconds: u64) -> String {
    let request = |kind: &str, method: &str, path: &str, more: &str| {
        format!(
            r#"<HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="{kind} ${{turn}}">
<stringProp name="HTTPSampler.domain">127.0.0.1</stringProp>
<stringProp name="HTTPSampler.port">{port}</stringProp>
<stringProp name="HTTPSampler.protocol">http</stringProp>
<stringProp name="HTTPSampler.path">{path}</stringProp>
<stringProp name="HTTPSampler.method">{method}</stringProp>
<stringProp name="HTTPSampler.connect_timeout">1000</stringProp>
<stringProp name="HTTPSampler.response_timeout">150</stringProp>
<boolProp name="HTTPSampler.use_keepalive">true</boolProp>
<elementProp name="HTTPsampler.Arguments" elementType="Arguments"><collectionProp name="Arguments.arguments">
<elementProp name="a" elementType="HTTPArgument"><stringProp name="Argument.name">a</stringProp>
<stringProp name="Argument.value">b c</stringProp><boolProp name="HTTPArgument.always_encode">true</boolProp>
<boolProp name="HTTPArgument.use_equals">true</boolProp><stringProp name="Argument.metadata">=</stringProp></elementProp>
</collectionProp></elementProp>{more}</HTTPSamplerProxy>"#
        )
    };
    let follow = r#"<boolProp name="HTTPSampler.follow_redirects">true</boolProp>"#;
    let automatic = r#"<boolProp name="HTTPSampler.auto_redirects">true</boolProp>"#;
    let page = r#"<boolProp name="HTTPSampler.follow_redirects">true</boolProp>
<boolProp name="HTTPSampler.image_parser">true</boolProp><boolProp name="HTTPSampler.concurrentDwn">true</boolProp>
<stringProp name="HTTPSampler.concurrentPool">4</stringProp>"#;
    let samplers = [
        request("get", "GET", "/any", ""),
        request("post", "POST", "/any", follow),
        request("auto", "GET", "/any", automatic),
        request("page", "GET", "/page", page),
        request("head", "HEAD", "/any", ""),
    ];
    let read = r#"<hashTree><RegexExtractor guiclass="RegexExtractorGui" testclass="RegexExtractor" testname="Read">
<stringProp name="RegexExtractor.refname">x</stringProp><stringProp name="RegexExtractor.regex">(.)</stringProp>
<stringProp name="RegexExtractor.template">$1$</stringProp></RegexExtractor><hashTree/></hashTree>"#;
    let mut tree = String::new();
    for (place, sampler) in samplers.iter().enumerate() {
        tree.push_str(sampler);
        tree.push_str(if place == 1 { read } else { "<hashTree/>" });
    }
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<jmeterTestPlan version="1.2" properties="5.0" jmeter="5.6.2"><hashTree>
<TestPlan guiclass="TestPlanGui" testclass="TestPlan" testname="Plan"/><hashTree>
<CookieManager guiclass="CookiePanel" testclass="CookieManager" testname="Cookies"/><hashTree/>
<CacheManager guiclass="CacheManagerGui" testclass="CacheManager" testname="Cache"><stringProp name="maxSize">50</stringProp>
<boolProp name="clearEachIteration">true</boolProp></CacheManager><hashTree/>
<ThreadGroup guiclass="ThreadGroupGui" testclass="ThreadGroup" testname="Users">
<elementProp name="ThreadGroup.main_controller" elementType="LoopController">
<boolProp name="LoopController.continue_forever">false</boolProp><intProp name="LoopController.loops">-1</intProp></elementProp>
<stringProp name="ThreadGroup.num_threads">{USERS}</stringProp><stringProp name="ThreadGroup.ramp_time">0</stringProp>
<boolProp name="ThreadGroup.scheduler">true</boolProp><stringProp name="ThreadGroup.duration">{seconds}</stringProp>
<boolProp name="ThreadGroup.same_user_on_next_iteration">true</boolProp>
</ThreadGroup><hashTree>
<CounterConfig guiclass="CounterConfigGui" testclass="CounterConfig" testname="Turns"><stringProp name="CounterConfig.start">1</stringProp>
<stringProp name="CounterConfig.incr">1</stringProp><stringProp name="CounterConfig.name">turn</stringProp>
<boolProp name="CounterConfig.per_user">true</boolProp></CounterConfig><hashTree/>
{tree}</hashTree></hashTree></hashTree></jmeterTestPlan>"#
    )
}

type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Starts the server on a thread of its own.
fn serve(mistreat: fn(TcpStream) -> Serving) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            loop {
                if let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(mistreat(stream));
                }
            }
        });
    });
    port
}

/// What becomes of a connection after an answer.
enum Then {
    Keep,
    Close,
    Reset,
}

async fn mistreat(mut stream: TcpStream) {
    let mut random = Rng::new();
    if random.u8(..50) == 0 {
        return;
    }
    let mut kept = Vec::new();
    loop {
        let Some(head) = request(&mut stream, &mut kept).await else { return };
        let is_page = head.starts_with("GET /page");
        let Ok(then) = answer(&mut stream, &mut random, is_page, head.starts_with("HEAD")).await else { return };
        match then {
            Then::Keep => {}
            Then::Close => return,
            Then::Reset => {
                let _ = stream.set_zero_linger();
                return;
            }
        }
    }
}

/// Reads a request; its body is as long as it says.
async fn request(stream: &mut TcpStream, kept: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = kept.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&kept[..end]).into_owned();
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            let length: usize = length.map_or(0, |text| text.trim().parse().unwrap());
            while kept.len() < end + 4 + length {
                read(stream, kept).await?;
            }
            kept.drain(..end + 4 + length);
            return Some(head);
        }
        read(stream, kept).await?;
    }
}

async fn read(stream: &mut TcpStream, kept: &mut Vec<u8>) -> Option<()> {
    match stream.read_buf(kept).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(()),
    }
}

fn whole(body: &[u8], headers: &str) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

async fn answer(stream: &mut TcpStream, random: &mut Rng, page: bool, head: bool) -> std::io::Result<Then> {
    let body = vec![b'x'; if random.u8(..20) == 0 { 200_000 } else { random.usize(..500) }];
    let good = if page {
        let names: Vec<String> = (0..random.u8(..6)).map(|n| format!("<img src=\"/any/{n}\">")).collect();
        let names = names.concat();
        whole(format!("<html><body>{names}</body></html>").as_bytes(), "Content-Type: text/html\r\n")
    } else {
        whole(&body, "Set-Cookie: a=b\r\nETag: \"1\"\r\nCache-Control: max-age=1\r\n")
    };
    if head && random.u8(..4) > 0 {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n").await?;
        return Ok(Then::Keep);
    }
    match random.u8(..40) {
        0 => return Ok(Then::Close),
        1 => return Ok(Then::Reset),
        2 => stream.write_all(&good[..random.usize(..good.len())]).await?,
        3 => {
            stream.write_all(&good[..random.usize(..good.len())]).await?;
            return Ok(Then::Reset);
        }
        4 => {
            // Longer than the client waits.
            tokio::time::sleep(Duration::from_millis(300)).await;
            stream.write_all(&good).await?;
        }
        5 => {
            stream.write_all(&good[..good.len() / 2]).await?;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        6 => {
            let garbage: Vec<u8> = (0..random.usize(1..4000)).map(|_| random.u8(..)).collect();
            stream.write_all(&garbage).await?;
        }
        7 => {
            // Kept, as it seems.
            stream.write_all(&good).await?;
        }
        8 => {
            stream.write_all(&good).await?;
            return Ok(Then::Reset);
        }
        9 => {
            for piece in good.chunks(good.len() / 8 + 1) {
                stream.write_all(piece).await?;
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            return Ok(Then::Keep);
        }
        10 => {
            // More than was asked for.
            stream.write_all(&[&*good, &good].concat()).await?;
            return Ok(Then::Keep);
        }
        11 => stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n").await?,
        12 => {
            let mut broken = gzipped(&body);
            let at = random.usize(..broken.len());
            broken[at] ^= 1 << random.u8(..8);
            stream.write_all(&whole(&broken, "Content-Encoding: gzip\r\n")).await?;
            return Ok(Then::Keep);
        }
        13 => {
            let to = *random
                .choice(["/any", "/page", "//", "http://", "", "http://127.0.0.1:1/", "ftp://x/"].iter())
                .unwrap();
            let text = format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(text.as_bytes()).await?;
            return Ok(Then::Keep);
        }
        14 => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end").await?;
        }
        15 => {
            let interim = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(random.usize(1..5));
            stream.write_all(&[interim, good].concat()).await?;
            return Ok(Then::Keep);
        }
        16 => {
            let text = format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 0\r\n\r\n", "y".repeat(100_000));
            stream.write_all(text.as_bytes()).await?;
            return Ok(Then::Keep);
        }
        17..=20 => {
            let packed = gzipped(&body);
            stream.write_all(&whole(&packed, "Content-Encoding: gzip\r\n")).await?;
            return Ok(Then::Keep);
        }
        21..=24 => {
            let chunk = format!("{:x}\r\n", body.len().max(1));
            let data = if body.is_empty() { b"z" } else { &*body };
            let text =
                [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk.as_bytes(), data, b"\r\n0\r\n\r\n"];
            stream.write_all(&text.concat()).await?;
            return Ok(Then::Keep);
        }
        _ => {
            stream.write_all(&good).await?;
            return Ok(Then::Keep);
        }
    }
    Ok(Then::Close)
}

/// The same server over HTTP/2, in its own ways: streams and connections end early, bodies stop, frames are none.
mod http2 {
    use super::{Duration, Rng, TcpStream, gzipped};
    use bytes::Bytes;
    use h2::server::SendResponse;
    use h2::{Reason, RecvStream};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    type Received = http::Request<RecvStream>;

    /// What a stream's end means for its connection.
    #[derive(Default)]
    struct Ends {
        going_away: AtomicBool,
        cut_off: AtomicBool,
    }

    pub(super) async fn mistreat(mut stream: TcpStream) {
        let mut random = Rng::new();
        match random.u8(..50) {
            0 => return,
            1 => return nonsense(&mut stream, &mut random).await,
            _ => {}
        }
        let ends = Arc::new(Ends::default());
        let mut settings = h2::server::Builder::new();
        settings.max_concurrent_streams(random.u32(1..5)).initial_window_size(random.u32(1..100_000));
        let Ok(mut connection) = settings.handshake::<_, Bytes>(stream).await else { return };
        let mut looks = tokio::time::interval(Duration::from_millis(5));
        loop {
            tokio::select! {
                request = connection.accept() => match request {
                    Some(Ok((request, reply))) => drop(tokio::spawn(answer(request, reply, Arc::clone(&ends)))),
                    _ => return,
                },
                _ = looks.tick() => {
                    if ends.cut_off.load(Ordering::Relaxed) {
                        // In the middle of whatever else there is.
                        return;
                    }
                    if ends.going_away.swap(false, Ordering::Relaxed) {
                        match random.u8(..3) {
                            0 => connection.abrupt_shutdown(Reason::ENHANCE_YOUR_CALM),
                            _ => connection.graceful_shutdown(),
                        }
                    }
                }
            }
        }
    }

    /// What a server might send that has lost its way: frames of all kinds, or no frames.
    async fn nonsense(stream: &mut TcpStream, random: &mut Rng) {
        let _ = stream.read(&mut [0; 4096]).await;
        let mut bytes = vec![0, 0, 0, 4, 0, 0, 0, 0, 0];
        for _ in 0..random.usize(1..200) {
            let payload: Vec<u8> = (0..random.usize(..40)).map(|_| random.u8(..)).collect();
            let length = if random.u8(..8) == 0 { random.u8(..) } else { payload.len() as u8 };
            bytes.extend_from_slice(&[0, 0, length, random.u8(..11), random.u8(..), 0, 0, 0, random.u8(..6)]);
            bytes.extend_from_slice(&payload);
        }
        let _ = stream.write_all(&bytes).await;
    }

    async fn answer(mut request: Received, mut reply: SendResponse<Bytes>, ends: Arc<Ends>) {
        let mut random = Rng::new();
        if random.u8(..10) > 0 {
            // Else it is answered before it has come.
            while let Some(Ok(piece)) = request.body_mut().data().await {
                let _ = request.body_mut().flow_control().release_capacity(piece.len());
            }
        }
        let mut body = vec![b'x'; if random.u8(..20) == 0 { 200_000 } else { random.usize(1..500) }];
        let mut head = http::Response::builder().header("set-cookie", "a=b").header("etag", "\"1\"");
        if request.uri().path() == "/page" {
            let names: Vec<String> = (0..random.u8(..6)).map(|n| format!("<img src=\"/any/{n}\">")).collect();
            body = format!("<html><body>{}</body></html>", names.concat()).into_bytes();
            head = head.header("content-type", "text/html");
        }
        let is_head = request.method() == http::Method::HEAD;
        let what = random.u8(..40);
        match what {
            0 => return reply.send_reset(Reason::REFUSED_STREAM),
            1 => return reply.send_reset(Reason::INTERNAL_ERROR),
            // Longer than the client waits.
            2 => tokio::time::sleep(Duration::from_millis(300)).await,
            3 => ends.going_away.store(true, Ordering::Relaxed),
            4 => ends.cut_off.store(true, Ordering::Relaxed),
            5 => head = head.header("content-length", body.len() + 1),
            6 => head = head.header("x", "y".repeat(100_000)),
            7 => {
                body = gzipped(&body);
                let at = random.usize(..body.len());
                body[at] ^= 1 << random.u8(..8);
                head = head.header("content-encoding", "gzip");
            }
            8 => {
                let to = *random.choice(["/any", "//", "http://", "http://127.0.0.1:1/", "ftp://x/"].iter()).unwrap();
                head = head.status(302).header("location", to);
            }
            9 => {
                for _ in 0..random.usize(1..5) {
                    let _ = reply.send_informational(http::Response::builder().status(103).body(()).unwrap());
                }
            }
            _ => {}
        }
        let Ok(mut stream) = reply.send_response(head.body(()).unwrap(), is_head) else { return };
        if is_head {
            return;
        }
        let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
        match what {
            10 => {
                let _ = stream.send_data(half, false);
                stream.send_reset(Reason::CANCEL);
            }
            11 => {
                let _ = stream.send_data(half, false);
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            12 => {
                for piece in body.chunks(body.len() / 8 + 1) {
                    let _ = stream.send_data(Bytes::copy_from_slice(piece), false);
                    tokio::time::sleep(Duration::from_millis(3)).await;
                }
                let _ = stream.send_trailers([("x-sum".parse().unwrap(), "9".parse().unwrap())].into_iter().collect());
            }
            _ => drop(stream.send_data(body.into(), true)),
        }
    }
}

//! Parsers of what others write: whatever they are given, they answer in time and do not panic.
//!
//! Texts that are known to be read well are broken at random, each time from another start. Each target gets a moment;
//! `ROTAMETER_FUZZ_SECONDS=600 cargo test --test fuzz -- --test-threads 2` gives it more. A failure prints its input.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use fastrand::Rng;
use rotameter::clock;
use rotameter::expr::{Expr, NameSource, Scope};
use rotameter::http::{Body, Client, CookieJar, CookiePolicy, Options as HttpOptions, Request, Url, redirect};
use rotameter::java::regex::{Options, Pattern};
use rotameter::jmx;
use rotameter::json_path::{Json, JsonPath};
use rotameter::properties::Properties;
use rotameter::results::{JtlReader, ReadError, SaveConfig};
use rotameter::virtual_user::{Names, SlotAllocator};
use rotameter::xml_path::{self, Dialect, Expression, Reading};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// No answer takes longer than this. A pattern that backtracks is given up after five million steps, which take a debug
/// build on a busy machine half a minute.
const LONGEST: Duration = Duration::from_secs(120);

/// Inputs are not longer than this: what takes time in proportion is not what is looked for.
const LARGEST: usize = 4096;

fn seconds() -> f64 {
    std::env::var("ROTAMETER_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0.3)
}

/// Runs `parse` on broken seeds until the time is up.
fn fuzz<S: AsRef<[u8]>>(seeds: &[S], words: &[&str], parse: impl Fn(&[u8])) {
    assert!(!seeds.is_empty());
    let mut random = Rng::new();
    let begin = Instant::now();
    let mut runs = 0_u64;
    while begin.elapsed().as_secs_f64() < seconds() {
        let mut input = random.choice(seeds).unwrap().as_ref().to_vec();
        for _ in 0..random.usize(1..8) {
            mutate(&mut input, seeds, words, &mut random);
        }
        input.truncate(LARGEST);
        let start = Instant::now();
        let answer = catch_unwind(AssertUnwindSafe(|| parse(&input)));
        let shown = || String::from_utf8_lossy(&input).into_owned();
        assert!(answer.is_ok(), "a panic at {:?}", shown());
        assert!(start.elapsed() < LONGEST, "{:?} for {:?}", start.elapsed(), shown());
        runs += 1;
    }
    assert!(runs > 0);
}

fn mutate<S: AsRef<[u8]>>(input: &mut Vec<u8>, seeds: &[S], words: &[&str], random: &mut Rng) {
    let at = random.usize(..=input.len());
    let end = (at + random.usize(..16)).min(input.len());
    match random.u8(..8) {
        0 => drop(input.drain(at..end)),
        1 => input.insert(at, random.u8(..)),
        2 if at < input.len() => input[at] = random.u8(..),
        3 if at < input.len() => input[at] ^= 1 << random.u8(..8),
        4 => {
            let piece = input[at..end].to_vec();
            (0..random.usize(1..20)).for_each(|_| drop(input.splice(at..at, piece.iter().copied())));
        }
        5 => {
            let other = random.choice(seeds).unwrap().as_ref();
            let from = random.usize(..=other.len());
            let piece = &other[from..(from + random.usize(..64)).min(other.len())];
            input.splice(at..end, piece.iter().copied());
        }
        _ => {
            let word = random.choice(words).unwrap();
            input.splice(at..at, word.bytes());
        }
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

#[test]
fn plans() {
    let seeds = [
        include_str!("../fixtures/jmx/saved-by-jmeter.jmx").to_owned(),
        "<jmeterTestPlan><hashTree/></jmeterTestPlan>".to_owned(),
    ];
    fuzz(
        &seeds,
        &["<hashTree>", "</hashTree>", "<stringProp name=\"a\">", "&#x0;", "&amp;", "<!--", "]]>", "<![CDATA["],
        |bytes| {
            if let Ok(tree) = jmx::read(bytes) {
                let mut written = Vec::new();
                jmx::write(&tree, &mut written).unwrap();
                assert!(jmx::read(&*written).is_ok(), "what was written cannot be read");
            }
        },
    );
}

#[test]
fn result_files() {
    let seeds = lines(
        "timeStamp,elapsed,label,success,\"v\"
<testResults version=\"1.2\"><sample t=\"1\" ts=\"2\" lb=\"a\" s=\"true\"><assertionResult><failureMessage>x</failureMessage></assertionResult></sample></testResults>",
    );
    let csv = "timeStamp,elapsed,label,success\n1,2,\"a,\"\"b\"\"\",true\n2023/01/01 10:00:00,3,c,false\n".to_owned();
    let seeds: Vec<String> = seeds.into_iter().chain([csv]).collect();
    let save = SaveConfig::from_properties(&|_| None).unwrap();
    fuzz(
        &seeds,
        &["\"", "\r\n", ",", "&#xd800;", "<sample>", "</sample>", "\u{feff}", "elapsed,label\n", "\x1f\u{8b}"],
        |bytes| {
            let Ok(mut reader) = JtlReader::new(std::io::Cursor::new(bytes.to_vec()), &save) else { return };
            let mut answers = 0;
            loop {
                match reader.next_row() {
                    Ok(None) | Err(ReadError::Io(_)) => break,
                    Ok(Some(_)) | Err(ReadError::Row(_)) => answers += 1,
                }
                assert!(answers <= 2 * bytes.len() + 2, "more rows than there can be");
            }
        },
    );
}

#[test]
fn expressions() {
    let seeds: Vec<String> = include_str!("../fixtures/functions/calls.table")
        .lines()
        .filter_map(|line| line.split_once('\t').map(|(text, _)| text.to_owned()))
        .collect();
    let properties = Properties::default();
    fuzz(
        &seeds,
        &["${", "}", "${__", "(", ")", ",", "\\", "\\,", "${__groovy(", "${__jexl3(", "${__javaScript("],
        |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let (mut names, mut slots) = (Names::default(), SlotAllocator::default());
            let _ = Expr::parse(&text, &mut Scope::new(NameSource::Compile(&mut names), &mut slots, &properties));
        },
    );
}

#[test]
fn json_paths() {
    let document = Json::parse(r#"{"a":[1,2.5,"3",null,true,{"b":{"c":[[],{}]}}],"b":"x","é":{"a":-1}}"#).unwrap();
    let seeds: Vec<String> = include_str!("../fixtures/json_path/golden.jsonl")
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<Vec<serde_json::Value>>(line).ok()?.get(1)?.as_str().map(str::to_owned)
        })
        .filter(|path| path.starts_with('$'))
        .collect();
    fuzz(
        &seeds,
        &["$", "..", "[?(", ")]", "@.a", "[*]", "['", "']", "-1:", "=~ /", ".length()", "&&", "in ["],
        |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let _ = Json::parse(&text);
            if let Ok(path) = JsonPath::compile(&text) {
                let _ = path.read(&document);
            }
        },
    );
}

#[test]
fn patterns() {
    let seeds: Vec<String> = include_str!("../fixtures/java/oro.jsonl")
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<Vec<serde_json::Value>>(line).ok()?.get(1)?.as_str().map(str::to_owned)
        })
        .collect();
    fuzz(
        &seeds,
        &["(", ")", "(?=", "(?<!", "\\1", "{1,3}", "[^", "]", "\\Q", "(?i)", "*?", "|", "$", "\\b"],
        |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let text: String = text.chars().take(80).collect();
            if let Ok(pattern) = Pattern::compile(&text, Options::default()) {
                let _ = pattern.find_iter("aab {1} x=\"y\"\nzz").take(100).count();
            }
        },
    );
}

#[test]
fn xml_and_xpaths() {
    let seeds: Vec<String> = include_str!("../fixtures/xml_path/expressions.txt").lines().map(str::to_owned).collect();
    let seeds: Vec<String> =
        seeds.into_iter().chain(["<a b='1'>x<!-- c --><c:d xmlns:c='u'/></a>".to_owned()]).collect();
    let document = xml_path::read("<a b='1'>x<c>2</c><c d='3'/></a>", Reading::Plain).unwrap();
    fuzz(&seeds, &["//", "::", "[", "]", "count(", ")", "<a>", "</a>", "&lt;", "<![CDATA[", "xmlns:p='u'"], |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let _ = xml_path::read(&text, Reading::Namespaces);
        let _ = xml_path::read_html(&text);
        for dialect in [Dialect::One, Dialect::Two] {
            let _ = Expression::compile(&text, dialect, Vec::new()).evaluate(&document);
        }
    });
}

/// Answers that servers may give, whole ones: heads of every kind, bodies in every framing and coding, pages and style
/// sheets.
fn answers() -> Vec<Vec<u8>> {
    let gzip = |body: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    let zlib = |body: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    let brotli = |body: &[u8]| {
        let mut packed = Vec::new();
        brotli::BrotliCompress(&mut &*body, &mut packed, &brotli::enc::BrotliEncoderParams::default()).unwrap();
        packed
    };
    let with = |headers: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    let text = "some text, some more text, é€ ".repeat(20).into_bytes();
    let page = br#"<html><head><base href="/b/"><link rel="stylesheet" href="a.css"><style>@import url(b.css);</style></head>
<body background="bg.png"><img src="i.png"/><iframe src="/page"></iframe><script src=x.js></script><a style="background:url('u')">&amp;</a>"#;
    let css = b"@import url('/c.css'); @import \"d.css\"; .a{background:url( img.png )} /* c */ @media x{b{c:url(e)}}";
    // A megabyte of nothing in a kilobyte, and that in less.
    let bomb = gzip(&gzip(&vec![0; 1 << 20]));
    vec![
        with("", b"hello"),
        with("Set-Cookie: a=b; Path=/; Domain=127.0.0.1; Expires=Thu, 01 Jan 2099 00:00:00 GMT; Max-Age=5\r\n", b"x"),
        with("Content-Encoding: gzip\r\n", &gzip(&text)),
        with("Content-Encoding: deflate\r\n", &zlib(&text)),
        with("Content-Encoding: br\r\n", &brotli(&text)),
        with("Content-Encoding: gzip, gzip\r\n", &bomb),
        with("Content-Encoding: br\r\n", &brotli(&vec![7; 1 << 20])),
        with("Content-Type: text/html; charset=UTF-8\r\n", page),
        with("Content-Type: text/html\r\n", b"<meta http-equiv=\"content-type\" content=\"text/html; charset=x\">\xff"),
        with("Content-Type: text/css\r\n", css),
        with("ETag: \"1\"\r\nVary: Accept\r\nCache-Control: max-age=99999999999\r\nExpires: 0\r\n", b"x"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: x\r\n\r\n".to_vec(),
        b"HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\n\r\nuntil the end".to_vec(),
        b"HTTP/1.1 302 Found\r\nLocation: /next?x=%41&y=\xe9#f\r\nContent-Length: 0\r\n\r\n".to_vec(),
        b"HTTP/1.1 301 M\r\nlocation: //127.0.0.1/../a b|c\r\nContent-Length: 2\r\n\r\nxx".to_vec(),
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nKeep-Alive: timeout=5, max=1\r\n\r\n".to_vec(),
        b"HTTP/1.1 401 U\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth,auth-int\", algorithm=MD5-sess\r\nContent-Length: 0\r\n\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\tc\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!".to_vec(),
    ]
}

const HEAD_WORDS: &[&str] = &[
    "\r\n",
    "\n",
    "\r\n\r\n",
    ": ",
    "HTTP/1.1 ",
    "200",
    "Content-Length: 18446744073709551616\r\n",
    "Content-Length: 4294967296\r\n",
    "Transfer-Encoding: chunked\r\n",
    "ffffffffffffffff\r\n",
    "Content-Encoding: br\r\n",
    "Content-Encoding: gzip,deflate,br,gzip\r\n",
    "Connection: close\r\n",
    "Set-Cookie: ",
    "=;\"",
    "Location: ",
    "http://[::1",
    "%",
    "<img src='",
    "url(",
    "@import",
    "<base href=",
    "\u{0}",
    "\u{1f600}",
];

/// Answers of any kind, through the client and what reads their heads. Memory is not to grow with what a body says of
/// itself: a length is only somebody's word.
#[test]
fn answers_to_a_client() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/a/b?c", listener.local_addr().unwrap())).unwrap();
    let request = Request { method: "GET".into(), url: url.clone(), headers: Vec::new(), body: Body::Empty };
    let options = HttpOptions { response_timeout: Some(Duration::from_secs(20)), ..HttpOptions::default() };
    fuzz(&answers(), HEAD_WORDS, |bytes| {
        let start = clock::now();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                // The request fits into one packet.
                let _ = stream.read(&mut [0; 1024]);
                let _ = stream.write_all(bytes);
            });
            let client = Client::default();
            let Ok(exchange) = runtime.block_on(client.exchange(&request, &options)) else { return };
            assert!(exchange.received_bytes <= bytes.len() as u64);
            let _ = exchange.head_text();
            let mut jar = CookieJar::new(CookiePolicy::named("standard").unwrap());
            for header in exchange.head.all("Set-Cookie") {
                jar.add_from_response(&url, header);
            }
            let _ = jar.header_for(&url);
            if let Some(location) = exchange.head.last("location") {
                let _ = redirect::follow(&url, location, true);
            }
        });
        assert!(clock::now().since(start) < Duration::from_secs(15), "the end of the connection was not seen");
    });
}

/// The same through the program: redirects are followed, pages and style sheets read for what belongs to them, cookies and
/// answers kept.
#[test]
fn answers_to_the_program() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sent: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let log = Arc::clone(&sent);
    std::thread::spawn(move || {
        let (seeds, mut random) = (answers(), Rng::new());
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut input = random.choice(&seeds).unwrap().clone();
            for _ in 0..random.usize(..8) {
                mutate(&mut input, &seeds, HEAD_WORDS, &mut random);
            }
            let mut log = log.lock().unwrap();
            log.push(input.clone());
            let first = log.len().saturating_sub(40);
            log.drain(..first);
            drop(log);
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(&input);
            });
        }
    });
    let seconds = seconds().ceil();
    let folder = tempfile::tempdir().unwrap();
    let plan = include_str!("../fixtures/http/hostile.jmx");
    let plan = plan.replace("@PORT@", &port.to_string()).replace("@SECONDS@", &seconds.to_string());
    std::fs::write(folder.path().join("plan.jmx"), plan).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rotameter"))
        .args(["-n", "-t", "plan.jmx", "-l", "results.csv", "-j", "run.log"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.path().join("stderr")).unwrap())
        .spawn()
        .unwrap();
    let last = || {
        let sent = sent.lock().unwrap();
        let shown: Vec<String> = sent.iter().map(|bytes| format!("{:?}", String::from_utf8_lossy(bytes))).collect();
        shown.join("\n")
    };
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if begin.elapsed() > Duration::from_secs_f64(seconds) + LONGEST {
            let _ = child.kill();
            panic!("it does not end; sent last:\n{}", last());
        }
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let size =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")).and_then(|line| line.split_whitespace().next());
        let kilobytes: u64 = size.and_then(|size| size.parse().ok()).unwrap_or(0);
        if kilobytes > 1 << 20 {
            let _ = child.kill();
            panic!("{kilobytes} KB of memory; sent last:\n{}", last());
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let said = std::fs::read_to_string(folder.path().join("stderr")).unwrap();
    assert!(status.success() && !said.contains("panicked"), "{status} {said}; sent last:\n{}", last());
    let rows = std::fs::read_to_string(folder.path().join("results.csv")).unwrap();
    assert!(rows.lines().count() > 3, "{rows}");
}

//! Parsers of what others write: whatever they are given, they answer in time, in bounded memory, and do not panic.
//!
//! Texts that are known to be read well are broken at random, each time from another start: bytes are changed, words of the
//! language put in, pieces between brackets moved, doubled and nested, numbers made extreme. Each target gets a moment;
//! `ROTAMETER_FUZZ_SECONDS=600 cargo test --test fuzz -- --test-threads 2` gives it more. A failure prints its input.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "these are tests")]

use fastrand::Rng;
use rotameter::clock::{self, Timestamp};
use rotameter::elements::parsers;
use rotameter::expr::{Expr, NameSource, Scope};
use rotameter::http::{
    Body, Client, CookieJar, CookiePolicy, Options as HttpOptions, Request, Url, Version as HttpVersion, http_date,
    redirect,
};
use rotameter::java::date_format::{DateFormat, DateTimeFormatter, Locale, Moment, Zone};
use rotameter::java::decimal_format::DecimalFormat;
use rotameter::java::regex::{Options, Pattern};
use rotameter::java::{duration, escape, number, url_encoding};
use rotameter::jmx;
use rotameter::json_path::{Json, JsonPath};
use rotameter::properties::Properties;
use rotameter::results::{JtlReader, ReadError, SaveConfig};
use rotameter::tidy::{self, DocType, Format, Options as TidyOptions};
use rotameter::virtual_user::{Names, SlotAllocator};
use rotameter::xml_path::{self, Dialect, Expression, Reading};
use rotameter::xml_schema;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// No answer takes longer than this on a busy machine. A pattern that backtracks is given up after five million steps, which
/// take a debug build half a minute.
const LONGEST: Duration = Duration::from_secs(120);

/// Inputs are not longer than this: what takes time in proportion is not what is looked for.
const LARGEST: usize = 4096;

/// All targets together never need more memory than this, in KiB: no input of a few KB is answered with gigabytes.
const MOST_MEMORY: u64 = 1 << 20;

fn seconds() -> f64 {
    std::env::var("ROTAMETER_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0.3)
}

/// Random where somebody asked for time; else the same inputs each time, so that a check of a change says something of the
/// change.
fn rng() -> Rng {
    if std::env::var_os("ROTAMETER_FUZZ_SECONDS").is_some() { Rng::new() } else { Rng::with_seed(1) }
}

/// The most memory that this process ever used, in KiB; 0 where the system does not tell.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Runs `parse` on broken seeds until the time is up.
fn fuzz<S: AsRef<[u8]>, W: AsRef<[u8]>>(seeds: &[S], words: &[W], parse: impl Fn(&[u8])) {
    assert!(!seeds.is_empty());
    let mut random = rng();
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
        if runs.is_multiple_of(64) || start.elapsed() > Duration::from_millis(100) {
            assert!(most_memory() < MOST_MEMORY, "{} KiB at {:?}", most_memory(), shown());
        }
        runs += 1;
    }
    assert!(runs > 0);
    println!("{runs} runs");
}

fn mutate<S: AsRef<[u8]>, W: AsRef<[u8]>>(input: &mut Vec<u8>, seeds: &[S], words: &[W], random: &mut Rng) {
    let at = random.usize(..=input.len());
    let end = (at + random.usize(..16)).min(input.len());
    match random.u8(..12) {
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
        6 => {
            // A whole part of another text in place of one of this.
            let other = random.choice(seeds).unwrap().as_ref();
            let (to, from) = (part(input, random), part(other, random));
            input.splice(to, other[from].iter().copied());
        }
        7 => {
            // A part within itself, many times over.
            let part = part(input, random);
            let inner = part.start + part.len() / 2;
            let (head, tail) = (input[part.start..inner].to_vec(), input[inner..part.end].to_vec());
            let times = if random.u8(..16) == 0 { LARGEST / part.len().max(1) } else { random.usize(1..4) };
            input.splice(inner..inner, head.repeat(times).into_iter().chain(tail.repeat(times)));
        }
        8 => number_made_extreme(input, random),
        _ => {
            let word = random.choice(words).unwrap();
            input.splice(at..at, word.as_ref().iter().copied());
        }
    }
}

/// The place of a text in brackets or quotes, of a tag, or of a word.
fn part(text: &[u8], random: &mut Rng) -> Range<usize> {
    let begins: Vec<usize> =
        (0..text.len()).filter(|&at| matches!(text[at], b'(' | b'[' | b'{' | b'<' | b'"' | b'\'')).collect();
    let Some(&begin) = random.choice(&begins) else {
        let begin = random.usize(..=text.len());
        return begin..(begin + random.usize(..12)).min(text.len());
    };
    let (open, close) = match text[begin] {
        b'(' => (b'(', b')'),
        b'[' => (b'[', b']'),
        b'{' => (b'{', b'}'),
        b'<' => (b'<', b'>'),
        quote => (0, quote),
    };
    let mut depth = 0_usize;
    for (at, &byte) in text.iter().enumerate().skip(begin + 1) {
        if byte == close && depth == 0 {
            return begin..at + 1;
        }
        depth += usize::from(byte == open);
        depth -= usize::from(byte == close);
    }
    begin..text.len()
}

/// Puts an extreme number in the place of one.
fn number_made_extreme(input: &mut Vec<u8>, random: &mut Rng) {
    let digits: Vec<usize> = (0..input.len()).filter(|&at| input[at].is_ascii_digit()).collect();
    let Some(&begin) = random.choice(&digits) else { return };
    let length = input[begin..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let extremes =
        ["-1", "0", "2147483648", "-9223372036854775808", "18446744073709551616", "1e309", "0.1", "007", "99999"];
    input.splice(begin..begin + length, random.choice(extremes).unwrap().bytes());
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
        for dialect in [Dialect::One, Dialect::Two] {
            let _ = Expression::compile(&text, dialect, Vec::new()).evaluate(&document);
        }
    });
}

#[test]
fn pages_for_tidy() {
    let pages: Vec<String> = include_str!("../fixtures/tidy/recorded.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<[String; 3]>(line).unwrap()[1].clone())
        .collect();
    let words = [
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "<form>",
        "</form>",
        "<p>",
        "</p>",
        "<a href=x>",
        "<font size=4>",
        "<b>",
        "<ul>",
        "<li>",
        "<dl>",
        "<center>",
        "<pre>",
        "<script>",
        "</script>",
        "<frameset>",
        "<noframes>",
        "<body>",
        "<head>",
        "<html>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<%",
        "%>",
        "<?xml ",
        "?>",
        "&amp;",
        "&#0;",
        "=\"",
        "style=\"a:b\"",
        "<object>",
        "<option>",
        "<!DOCTYPE ",
    ];
    let formats = [(Format::Html, false), (Format::Html, true), (Format::Xhtml, false), (Format::Xml, true)];
    fuzz(&pages, &words, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        for (format, clean) in formats {
            let options = TidyOptions {
                format,
                doctype: DocType::Auto,
                clean,
                quiet: false,
                show_warnings: true,
                messages: true,
            };
            if let Ok(outcome) = tidy::read(&text, &options) {
                let _ = outcome.page.map(|page| xml_path::from_page(&page));
            }
        }
    });
}

/// What lies in each other beyond measure is refused, and none of the others takes its time by the square.
#[test]
fn deep_and_long_pages_for_tidy() {
    let options = TidyOptions {
        format: Format::Html,
        doctype: DocType::Auto,
        clean: true,
        quiet: false,
        show_warnings: true,
        messages: true,
    };
    for tags in
        ["<div>", "<b>", "<font>", "<table><tr><td>", "<ul><li>", "<font><p>", "<object>", "<a>", "<span>", "<p id=a>"]
    {
        let start = Instant::now();
        let _ = tidy::read(&tags.repeat(20_000), &options);
        let _ = tidy::read(&tags.repeat(20_000), &TidyOptions { format: Format::Xml, ..options });
        assert!(start.elapsed() < LONGEST, "{tags} {:?}", start.elapsed());
    }
    assert!(tidy::read(&"<div>".repeat(100_000), &options).is_err());
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

/// A frame of HTTP/2 (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
}

/// A server's side of HTTP/2: heads in HPACK's ways, bodies, and what else may come.
fn frames() -> Vec<Vec<u8>> {
    const END_STREAM: u8 = 1;
    const END_HEADERS: u8 = 4;
    let settings = frame(4, 0, 0, &[]);
    let acknowledged = frame(4, 1, 0, &[]);
    // `:status: 200`; with `content-length: 5`; with one header that is remembered; Huffman's `x`.
    let heads: [&[u8]; 4] = [
        &[0x88],
        &[0x88, 0x0f, 0x0d, 1, b'5'],
        &[0x88, 0x40, 1, b'a', 3, b'b', b'c', b'd', 0xbe, 0xbe],
        &[0x48, 0x82, 0x10, 0x01, 0x00, 0x81, 0xf3, 0x81, 0xf3],
    ];
    let mut all = Vec::new();
    for head in heads {
        let begun = [&settings[..], &acknowledged, &frame(1, END_HEADERS, 1, head)].concat();
        all.push([&begun[..], &frame(0, END_STREAM, 1, b"hello")].concat());
        all.push([&begun[..], &frame(0, 8, 1, b"\x02he\0\0"), &frame(0, END_STREAM, 1, b"llo")].concat());
        all.push([&begun[..], &frame(3, 0, 1, &[0, 0, 0, 8])].concat());
        // Trailers.
        all.push([&begun[..], &frame(1, END_HEADERS | END_STREAM, 1, &[0, 1, b't', 1, b'u'])].concat());
        let cut = head.len() / 2;
        let (one, two) = (frame(1, END_STREAM, 1, &head[..cut]), frame(9, END_HEADERS, 1, &head[cut..]));
        all.push([&settings[..], &one, &two].concat());
    }
    // A smaller table, another window, larger frames; interim answers; going away before and after.
    let tuned = frame(4, 0, 0, &[0, 1, 0, 0, 0, 0, 0, 4, 0, 0, 0, 9, 0, 5, 0, 0, 0x7f, 0xff, 0, 6, 0, 0, 1, 0]);
    let answer = frame(1, END_HEADERS | END_STREAM, 1, &[0x88]);
    all.push([&tuned[..], &frame(8, 0, 0, &[0, 1, 0, 0]), &answer].concat());
    all.push([&settings[..], &frame(1, END_HEADERS, 1, &[0x08, 3, b'1', b'0', b'3']), &answer].concat());
    all.push([&settings[..], &frame(7, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0, b'b', b'y', b'e']), &answer].concat());
    all.push([&settings[..], &frame(7, 0, 0, &[0; 8])].concat());
    let pushed = frame(5, END_HEADERS, 1, &[0, 0, 0, 2, 0x82, 0x87, 0x84, 0x41, 1, b'h']);
    all.push([&settings[..], &pushed, &frame(6, 0, 0, &[7; 8]), &answer].concat());
    all.push(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".to_vec());
    all
}

/// What a server may say over HTTP/2, to a request with a body and one without. That it has said its last is seen, and
/// nothing of the exchange is left.
#[test]
fn answers_over_http_2() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/a/b?c", listener.local_addr().unwrap())).unwrap();
    let body = |text: &'static str| if text.is_empty() { Body::Empty } else { Body::Bytes(text.as_bytes().into()) };
    let requests = ["", "a body"].map(|text| Request {
        method: "POST".into(),
        url: url.clone(),
        headers: Vec::new(),
        body: body(text),
    });
    let options = HttpOptions {
        version: HttpVersion::Http2,
        response_timeout: Some(Duration::from_secs(20)),
        ..HttpOptions::default()
    };
    let words: Vec<Vec<u8>> = (0..10)
        .flat_map(|kind| {
            [(0, 0, 0), (1, 1, 1), (4, 1, 4), (5, 1, 8), (0, 3, 5), (0x2c, 1, 30), (0, 0, 4)]
                .map(|(flags, stream, length)| frame(kind, flags, stream, &vec![kind; length]))
        })
        .chain([vec![0xff; 5], vec![0x7f, 0x80, 0x80, 0x80, 0x01], frame(3, 0, 1, &[0; 4]).repeat(200)])
        .chain([frame(6, 0, 0, &[0; 8]).repeat(200), frame(0, 0, 1, &[]).repeat(400)])
        .collect();
    fuzz(&frames(), &words, |bytes| {
        let start = clock::now();
        std::thread::scope(|scope| {
            let (done, is_done) = std::sync::mpsc::channel::<()>();
            let listener = &listener;
            scope.spawn(move || {
                listener.set_nonblocking(true).unwrap();
                // A request that was not processed is sent again, to a connection that is given the same.
                while is_done.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                    let Ok((mut stream, _)) = listener.accept() else {
                        std::thread::sleep(Duration::from_micros(50));
                        continue;
                    };
                    stream.set_nonblocking(false).unwrap();
                    let _ = stream.read(&mut [0; 1024]);
                    let _ = stream.write_all(bytes);
                    // What has come is read, lest the answer be lost in a reset.
                    let _ = stream.shutdown(std::net::Shutdown::Write);
                    let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
                    while matches!(stream.read(&mut [0; 4096]), Ok(1..)) {}
                }
            });
            let request = &requests[bytes.len() % 2];
            let client = Client::default();
            let answer = runtime.block_on(client.exchange(request, &options));
            drop(client);
            if let Ok(exchange) = answer {
                assert!(exchange.body_size() <= bytes.len() as i64);
                let _ = exchange.head_text();
            }
            drop(done);
        });
        // The drivers of connections that nobody holds end when they are looked at.
        let ended = || {
            runtime.block_on(async {
                tokio::task::yield_now().await;
                runtime.metrics().num_alive_tasks() == 0
            })
        };
        assert!((0..100).any(|_| ended()), "a connection is kept open");
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
        let (seeds, mut random) = (answers(), rng());
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

/// The texts at a place of the rows of a table of JSON lists.
fn column(table: &str, place: usize) -> Vec<String> {
    let rows = table.lines().filter_map(|line| serde_json::from_str::<Vec<serde_json::Value>>(line).ok());
    rows.filter_map(|row| row.get(place)?.as_str().map(str::to_owned)).collect()
}

#[test]
fn jmes_paths() {
    let table = include_str!("../fixtures/jmespath/burt.jsonl");
    let document = column(table, 0).into_iter().find(|text| text.starts_with('{')).unwrap();
    let documents = column(include_str!("../fixtures/jmespath/jackson.jsonl"), 0);
    let seeds: Vec<String> = column(table, 0).into_iter().chain(documents).collect();
    fuzz(
        &seeds,
        &["sort_by(@, &", "[?", "`[1]`", "||", "&&", "[*]", "{a: ", "'", "\"\\ud800\"", "|", "max_by(", "[::-1]", "\\"],
        |bytes| {
            let text = String::from_utf8_lossy(bytes);
            parsers::jmes_path(&text, &document);
            parsers::jmes_path("@", &text);
        },
    );
}

#[test]
fn css_selectors() {
    let table = include_str!("../fixtures/css/jsoup_jodd.jsonl");
    let document = column(table, 0).into_iter().find(|text| text.starts_with('<')).unwrap();
    let seeds = column(table, 0);
    fuzz(
        &seeds,
        &[
            ":not(",
            ":has(> ",
            ":nth-child(2n+1)",
            "[a^=",
            ":eq(",
            ":contains(",
            ":matches(",
            " ~ ",
            "*",
            "\\",
            "<table>",
            "<svg>",
        ],
        |bytes| {
            let text = String::from_utf8_lossy(bytes);
            parsers::css_selector(&text, &document);
            parsers::css_selector("a, :has(> b) + *", &text);
        },
    );
}

#[test]
fn data_files() {
    let seeds =
        ["a,b\r\n\"c\"\"d\",e\n", "\"open", "\u{feff}x\r\r\n", "é€😀,\0", "a;b\n\"x\ny\";z\n"].map(str::to_owned);
    let charsets = ["", "UTF-8", "UTF-16", "UTF-16LE", "Shift_JIS", "ISO-8859-1", "windows-1252"];
    fuzz(&seeds, &["\"", "\"\"", ",", "\r", "\r\n", "\n\n", "\u{feff}", ";"], |bytes| {
        for charset in charsets {
            for delimiter in [',', ';'] {
                assert!(parsers::csv_records(bytes, charset, delimiter) <= bytes.len() + 1, "records without end");
            }
        }
    });
}

#[test]
fn cookies() {
    let seeds = lines(
        "a=b; path=/x; domain=.example.com; secure
sid=\"q=1; \\\"\"; Max-Age=3600; Version=1
a=b; expires=Wed, 09-Nov-2033 23:12:40 GMT, c=d; expires=Sun Nov  6 08:49:37 1994
x=; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax
n=v; Discard; Port=\"80,81\"; Comment=c",
    );
    let url = Url::parse("http://a.example.com:8080/x/y?z").unwrap();
    let policies = ["standard", "standard-strict", "netscape", "default", "rfc2109"];
    fuzz(
        &seeds,
        &[";", "=", ",", "\"", "expires=", "Max-Age=", "domain=", "path=", "Version=1", ".", "\t", "1970"],
        |bytes| {
            let text = String::from_utf8_lossy(bytes);
            for policy in policies {
                let mut jar = CookieJar::new(CookiePolicy::named(policy).unwrap());
                jar.add_from_response(&url, &text);
                let _ = jar.header_for(&url);
            }
            let _ = http_date(&text);
        },
    );
}

#[test]
fn addresses() {
    let seeds = lines(
        "http://user:pw@example.com:8080/a/../b;x?q=1&r=%20#f
https://[::1]:1/%zz?a b|c
//host/path
../x/./y?
file:///a/b
mailto:a@b",
    );
    let base = Url::parse("http://a.example.com:8080/x/y?z").unwrap();
    fuzz(&seeds, &["/", "..", "?", "#", "%", ":", "@", "[", "]", "//", "http:", "é", "\\"], |bytes| {
        let text = String::from_utf8_lossy(bytes);
        for url in [Url::parse(&text), base.join(&text)].into_iter().flatten() {
            let _ = url.check();
            let _ = (url.file(), url.target(), url.host_header());
        }
        let _ = url_encoding::decode(&text, "UTF-8");
    });
}

#[test]
fn dates() {
    let table = include_str!("../fixtures/java/dates.jsonl");
    let seeds: Vec<String> = column(table, 1).into_iter().chain(column(table, 4)).chain(column(table, 5)).collect();
    let zone = Zone::of("Europe/Berlin").unwrap();
    let locales = ["", "en", "de_DE", "fr"].map(Locale::of);
    let texts = column(table, 4);
    fuzz(
        &seeds,
        &[
            "yyyy",
            "MM",
            "'",
            "''",
            "Z",
            "XX",
            "zzzz",
            "EEE",
            "[",
            "]",
            "uuuu",
            "ww",
            "SSS",
            "a",
            "VV",
            "G",
            "2024-02-29",
        ],
        |bytes| {
            let pattern = String::from_utf8_lossy(bytes);
            let moment = Timestamp::from_millis(1_700_000_000_123);
            let locale = &locales[bytes.len() % locales.len()];
            let text = &texts[bytes.iter().map(|&byte| usize::from(byte)).sum::<usize>() % texts.len()];
            for format in
                [DateFormat::compile_in(&pattern, locale), DateFormat::compile_fast(&pattern)].iter().flatten()
            {
                for text in [text, &format.format_to_string(moment, &zone)] {
                    let _ = (format.parse(text, &zone), format.parse_strict(text, &zone));
                }
            }
            if let Ok(format) = DateTimeFormatter::of_pattern(&pattern, locale) {
                let mut written = String::new();
                let _ = format.format(&mut written, &Moment::at(moment, &zone));
                for text in [text, &written] {
                    let _ = format.parse(text).map(|parsed| parsed.zoned());
                }
            }
            let known = DateFormat::compile_in("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", &locales[1]).unwrap();
            let _ = known.parse(&pattern, &zone);
            let _ = duration::parse_nanos(&pattern);
        },
    );
}

#[test]
fn numbers() {
    let table = include_str!("../fixtures/java/decimal_format.jsonl");
    let seeds: Vec<String> = column(table, 0).into_iter().chain(column(table, 2)).collect();
    fuzz(&seeds, &["#", "0", ",", ".", "%", "\u{2030}", "E0", "'", ";", "-", "¤", "1e400", "0x1p3"], |bytes| {
        let text = String::from_utf8_lossy(bytes);
        if let Ok(format) = DecimalFormat::compile(&text) {
            for value in [0, -1, 42, i64::MAX, i64::MIN] {
                let _ = format.format_long(value);
            }
            for value in [0.0, -0.5, 1.5e300, 1e-300, f64::NAN, f64::INFINITY, 123_456.789] {
                let _ = format.format_double(value);
            }
        }
        let _ = (number::parse_int(&text), number::parse_long(&text), number::decode_long(&text));
        let _ = (number::parse_double(&text), number::parse_float(&text));
    });
}

#[test]
fn escapes() {
    let seeds = column(include_str!("../fixtures/java/escape.jsonl"), 1);
    fuzz(&seeds, &["&#", "&#x", ";", "&amp;", "&eacute", "\\u00e", "\\", "\\777", "%", "%E2%82", "+"], |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let _ = escape::unescape_java(&escape::escape_java(&text)).map(|back| assert_eq!(back, text));
        let _ = (escape::unescape_html4(&text), escape::unescape_xml(&text), escape::unescape_java(&text));
        let _ = (escape::escape_html4(&text), escape::escape_xml10(&text));
        let _ = url_encoding::decode(&url_encoding::encode_utf8(&text), "UTF-8").map(|back| assert_eq!(back, text));
    });
}

#[test]
fn xml_schemas() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xsd");
    let (mut seeds, mut documents) = (vec![String::new()], Vec::new());
    for line in include_str!("../fixtures/xml_schema/xerces.table").lines() {
        match line.split_once('\t') {
            Some((document, _)) => documents.push(document.to_owned()),
            None if line.starts_with('@') => seeds.push(String::new()),
            None if !line.starts_with('#') => seeds.last_mut().unwrap().push_str(line),
            None => {}
        }
    }
    seeds.retain(|seed| !seed.is_empty());
    let words = [
        "<xs:sequence>",
        "</xs:choice>",
        " maxOccurs='unbounded'",
        " minOccurs='0'",
        " base='xs:int'",
        "<xs:any/>",
        "ref='a'",
        " type='T'",
        "<xs:all>",
        "<xs:pattern value='",
        "|",
        "[a-z-[b]]",
        " name='a'",
        "<xs:group ref='G'/>",
        "xs:union",
    ];
    fuzz(&seeds, &words, |bytes| {
        std::fs::write(&path, bytes).unwrap();
        let schema = xml_schema::load(&path);
        for document in &documents[bytes.len() % 7..][..20] {
            let _ = xml_schema::check(&schema, document);
        }
        let _ = xml_schema::check(&schema, &String::from_utf8_lossy(bytes));
    });
}

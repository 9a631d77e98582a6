//! Whatever comes in, nothing here panics, and what is cut anywhere reads the same.

use bytes::Bytes;
use proptest::prelude::*;

use super::chunks::Chunks;
use super::content::Sink;
use super::cookies::{CookieJar, CookiePolicy};
use super::options::Options;
use super::response_head::{Head, Scan, scan};
use super::{Url, auth, redirect};

/// Text of the pieces that addresses, headers and dates are made of, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "http:",
        "https:",
        "//",
        "/",
        "..",
        ".",
        "?",
        "#",
        "@",
        ":",
        "[",
        "]",
        "::",
        "1",
        "ff",
        "%",
        "%41",
        "%25",
        "h",
        "h.x",
        "127.0.0.1",
        "\u{e9}",
        "\u{1f600}",
        " ",
        "|",
        "é",
        "url:",
        "-",
        "+80",
        "=",
        ";",
        ",",
        "\"",
        "\\",
        "a=b",
        "Path",
        "Domain",
        "Expires",
        "Max-Age",
        "Version=1",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "99999999999",
        "+0100",
        "\r",
        "\n",
        "\t",
        "Digest ",
        "nonce",
        "realm",
        "qop",
        "\u{2028}",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Bytes of the pieces that answers are made of.
fn answers() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.0 404\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/",
        "HTTP/9.9 99999 x\n",
        "\r\n",
        "\n",
        "\r",
        " ",
        ":",
        "A: b\r\n",
        " folded\r\n",
        "Content-Length: 5\r\n",
        "Content-Length: -1\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Connection: close, x\r\n",
        "5\r\n",
        "0\r\n",
        "hello",
        "5;x\r\n",
        "zz\r\n",
        "Keep-Alive: timeout=5\r\n",
        "Content-Encoding: gzip, deflate, br\r\n",
        "\u{e9}",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn addresses(one in pieces(), two in pieces()) {
        for text in [one.clone(), format!("http://h/a/b{one}"), format!("http://{one}")] {
            let Ok(url) = Url::parse(&text) else { continue };
            let _ = (url.check(), url.target(), url.absolute_target(), url.host_header(), url.file());
            let _ = url.join(&two);
            let _ = redirect::follow(&url, &two, true);
            let _ = redirect::AutoRedirects::default().next(&url, "GET", 302, Some(&two), 5);
        }
        let _ = Url::from_parts("http", &one, Some(1), &two).map(|url| url.check());
        let _ = redirect::remove_slash_dot_dot(&one);
    }

    /// An address that can be sent to is sent in ASCII, on one line, without blanks.
    #[test]
    fn targets(text in pieces()) {
        if let Ok(url) = Url::parse(&format!("http://h/{text}")) && url.check().is_ok() {
            for target in [url.target(), url.absolute_target()] {
                prop_assert!(target.bytes().all(|byte| (0x21..=0x7e).contains(&byte)), "{target}");
            }
        }
    }

    #[test]
    fn cookies(headers in prop::collection::vec(pieces(), 1..4)) {
        let url = Url::parse("http://127.0.0.1/a/b").unwrap();
        for name in ["standard", "standard-strict", "netscape", "default", "rfc2109", "ignoreCookies"] {
            let mut jar = CookieJar::new(CookiePolicy::named(name).unwrap());
            for header in &headers {
                jar.add_from_response(&url, header);
                jar.add_from_response(&url, &format!("n=v; {header}"));
            }
            let _ = jar.header_for(&url);
        }
    }

    #[test]
    fn challenges(text in pieces()) {
        let challenge = auth::Challenge::parse(&format!("Digest realm=r, nonce=n, {text}"));
        if let Some(mut digest) = auth::Digest::new(&challenge) {
            let signed = auth::Signed { user: "u", password: "p", method: "GET", target: "/", entity: None };
            let _ = digest.authorization(&signed, auth::client_nonce);
        }
    }

    #[test]
    fn heads(bytes in answers()) {
        let whole = scan(&bytes);
        if let Scan::Complete { start, end } = whole {
            prop_assert!(start < end && end <= bytes.len());
            prop_assert_eq!(scan(&bytes[..end]), Scan::Complete { start, end });
            prop_assert_eq!(scan(&bytes[..end - 1]), Scan::Incomplete);
        }
        if let Some(head) = Head::parse(&bytes) {
            prop_assert_eq!(head.text().lines().count() as u64, head.headers().count() as u64 + 1);
            let _ = (head.after_decoding(), head.size(), head.keeps_alive(true), head.keep_alive_for());
        }
    }

    #[test]
    fn chunks(bytes in answers(), cut in 0usize..64) {
        let read = |parts: &[&[u8]]| {
            let mut chunks = Chunks::default();
            let mut content = Vec::new();
            for part in parts {
                if let Err(fault) = chunks.advance(part, |bytes| content.extend_from_slice(bytes)) {
                    return (content, Some(fault));
                }
            }
            let fault = chunks.end().err();
            (content, fault)
        };
        let (one, two) = bytes.split_at(cut.min(bytes.len()));
        prop_assert_eq!(read(&[&bytes]), read(&[one, two]));
    }

    #[test]
    fn encoded_bodies(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..200, coding in 0usize..4) {
        let coding = ["gzip", "deflate", "br", "gzip, br"][coding];
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n");
        let mut sink = Sink::new(&Options::default());
        sink.open(&Head::parse(head.as_bytes()).unwrap(), true);
        let (one, two) = bytes.split_at(cut.min(bytes.len()));
        sink.push(&Bytes::copy_from_slice(one));
        sink.push(&Bytes::copy_from_slice(two));
        let _ = sink.finish();
    }
}

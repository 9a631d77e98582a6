//! Backend Listeners held against what JMeter 5.6.2 sent for the same plan, line by line: measurements, tags, fields, events
//! and Graphite's names. Times and times of sending are masked.
//!
//! `ROTAMETER_BACKEND=record JMETER=…/bin/jmeter cargo test --test backend` writes `tests/backend/expected.txt` anew.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use regex::Regex;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What came in, by where it came in.
type Seen = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

fn note(seen: &Seen, place: &str, data: &[u8]) {
    seen.lock().unwrap().push((place.to_owned(), data.to_vec()));
}

/// An InfluxDB that is also the server under test.
fn web(seen: &Seen) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::clone(seen);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let seen = Arc::clone(&seen);
            std::thread::spawn(move || serve(stream.unwrap(), &seen));
        }
    });
    port
}

fn serve(stream: TcpStream, seen: &Seen) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("").to_owned();
        let mut body = vec![0; value("Content-Length: ").parse().unwrap_or(0)];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let path = head.split(' ').nth(1).unwrap_or_default();
        let answer = if head.starts_with("POST") {
            let token = value("Authorization: ");
            note(seen, &format!("http {path} {token}"), &body);
            "HTTP/1.1 204 No Content\r\n\r\n"
        } else if path == "/redirect" {
            "HTTP/1.1 302 Found\r\nLocation: /page\r\nContent-Length: 0\r\n\r\n"
        } else {
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
        };
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn udp(seen: &Seen, place: &'static str) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let seen = Arc::clone(seen);
    std::thread::spawn(move || {
        let mut datagram = vec![0; 65_536];
        while let Ok(length) = socket.recv(&mut datagram) {
            note(&seen, place, &datagram[..length]);
        }
    });
    port
}

fn tcp(seen: &Seen, place: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Arc::clone(seen);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let seen = Arc::clone(&seen);
            std::thread::spawn(move || {
                let mut sent = Vec::new();
                _ = stream.unwrap().read_to_end(&mut sent);
                note(&seen, place, &sent);
            });
        }
    });
    port
}

/// The lists that a pickling sender sent, a line a metric.
fn pickled(mut data: &[u8]) -> String {
    let mut text = String::new();
    while let Some((length, rest)) = data.split_first_chunk::<4>() {
        let (list, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        let list = std::str::from_utf8(list).unwrap();
        assert!(list.starts_with("(l") && list.ends_with('.'), "{list}");
        let list = &list[2..list.len() - 1];
        list.split_inclusive("tta").for_each(|metric| _ = writeln!(text, "{}", metric.replace('\n', " ")));
        data = rest;
    }
    text
}

/// Every line, masked, under where it came in.
fn told(seen: &[(String, Vec<u8>)]) -> String {
    let masks = [
        (r"([ ,](avg|min|max|pct[\d.]+|duration|ttfb|connectTime)=)[\d.]+", "${1}#"),
        (r"((\.min|\.max|\.avg|\.pct[\d_]+) )[\d.]+", "${1}#"),
        (r"((\.min|\.max|\.avg|\.pct[\d_]+)' \(L\d+L S')[\d.]+", "${1}#"),
        (r"( |\(L)\d{10,}", "${1}T"),
    ];
    let masks = masks.map(|(text, to)| (Regex::new(text).unwrap(), to));
    let mut lines: Vec<String> = Vec::new();
    for (place, data) in seen {
        let text = if place.contains("pickle") { pickled(data) } else { String::from_utf8(data.clone()).unwrap() };
        for line in text.lines() {
            let mut line = line.to_owned();
            for (pattern, to) in &masks {
                line = pattern.replace_all(&line, *to).into_owned();
            }
            lines.push(format!("{place}| {line}"));
        }
    }
    lines.sort();
    lines.iter().fold(String::new(), |mut all, line| {
        _ = writeln!(all, "{line}");
        all
    })
}

#[test]
fn backends_are_told_what_jmeter_tells_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backend");
    let records = std::env::var_os("ROTAMETER_BACKEND").is_some();
    let program = if records { std::env::var_os("JMETER").unwrap() } else { env!("CARGO_BIN_EXE_rotameter").into() };
    let work = tempfile::tempdir().unwrap();
    let seen = Seen::default();
    let ports = [
        ("http", web(&seen)),
        ("udp", udp(&seen, "udp")),
        ("raw", udp(&seen, "udp raw")),
        ("text", tcp(&seen, "text")),
        ("pickle", tcp(&seen, "pickle")),
        ("defaults", tcp(&seen, "defaults")),
    ];
    let mut command = Command::new(program);
    command
        .current_dir(work.path())
        .arg("-n")
        .arg("-t")
        .arg(folder.join("plan.jmx"))
        .args(["-l", "out.jtl", "-j", "run.log"]);
    command.args(ports.map(|(name, port)| format!("-J{name}={port}")));
    command.args(["-Jbackend_influxdb.send_interval=60", "-Jbackend_graphite.send_interval=60"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    // Datagrams and the ends of connections may still be on their way to the threads that note them.
    std::thread::sleep(Duration::from_millis(300));
    let told = told(&seen.lock().unwrap());
    let file = folder.join("expected.txt");
    if records {
        std::fs::write(file, told).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(file).unwrap();
    for (ours, theirs) in told.lines().zip(expected.lines()) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(told.lines().count(), expected.lines().count());
}

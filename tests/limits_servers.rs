//! `rotameter limits` on what real servers do: nginx's `limit_req` and `limit_conn`, HAProxy's stick tables, the crate governor,
//! and servers that decide as Envoy, Bucket4j and limiters that keep their counts in Redis do. A server that is not
//! installed is left out, and a line says so.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "these are tests")]

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroU32;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A server in a process of its own.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts a server and waits until it listens; `None` if it is not installed.
fn start(program: &str, arguments: &[&str], port: u16) -> Option<Server> {
    let mut command = Command::new(program);
    let started = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(process) = started else {
        println!("{program} is not installed: this test does nothing");
        return None;
    };
    let server = Server(process);
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{program} does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(server)
}

fn nginx(folder: &Path, port: u16, http: &str, location: &str) -> Option<Server> {
    let place = folder.display();
    let config = format!(
        "daemon off; master_process off; pid {place}/pid; error_log {place}/error.log; events {{}}\n\
         http {{ access_log off; client_body_temp_path {place}/b; proxy_temp_path {place}/p; fastcgi_temp_path {place}/f;\n\
         uwsgi_temp_path {place}/u; scgi_temp_path {place}/s; keepalive_requests 100000;\n{http}\n\
         server {{ listen 127.0.0.1:{port}; location / {{ {location} }} }} }}\n"
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, config).unwrap();
    start("nginx", &["-p", folder.to_str().unwrap(), "-c", file.to_str().unwrap()], port)
}

/// Answers every request after so long, for as long as the test runs.
fn slow_server(takes: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                std::thread::sleep(takes);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            });
        }
    });
    port
}

/// Refuses what `decide` refuses, one request after the other, for as long as the test runs.
fn limited_server(decide: impl FnMut(Instant) -> bool + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let decide = Arc::new(Mutex::new(decide));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, decide) = (stream.unwrap(), Arc::clone(&decide));
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                loop {
                    // Nothing but the empty line after a head matters. A closed connection asks for nothing.
                    if !lines.by_ref().map_while(Result::ok).any(|line| line.is_empty()) {
                        break;
                    }
                    let passes = (decide.lock().unwrap())(Instant::now());
                    let status = if passes { "200 OK" } else { "429 Too Many Requests" };
                    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok");
                    if stream.write_all(answer.as_bytes()).is_err() {
                        break;
                    }
                }
            });
        }
    });
    port
}

/// One request on a kept connection; its status, and when its first byte was there.
fn ask(stream: &mut BufReader<TcpStream>) -> Option<(u32, Instant)> {
    stream.get_mut().write_all(b"GET / HTTP/1.1\r\nHost: limited\r\n\r\n").ok()?;
    let (mut line, mut status, mut length) = (String::new(), None, 0);
    let mut answered = None;
    loop {
        line.clear();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let now = *answered.get_or_insert_with(Instant::now);
        let text = line.trim_end();
        if text.is_empty() {
            std::io::copy(&mut stream.by_ref().take(length), &mut std::io::sink()).ok()?;
            return Some((status?, now));
        }
        if status.is_none() {
            status = text.split(' ').nth(1)?.parse().ok();
        }
        if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
}

/// Sends requests by stages of (seconds, requests a second), and writes what became of them as a result file.
fn load(port: u16, users: usize, stages: &[(f64, f64)]) -> String {
    let (mut times, mut begin) = (Vec::new(), 0.0);
    for (seconds, rate) in stages {
        times.extend((0..(seconds * rate) as usize).map(|number| begin + number as f64 / rate));
        begin += seconds;
    }
    let rows = Mutex::new("timeStamp,elapsed,label,responseCode,Latency,URL\n".to_owned());
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..users {
            scope.spawn(|| {
                let connect = || BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap());
                let mut stream = connect();
                while let Some(at) = times.get(next.fetch_add(1, Ordering::Relaxed)) {
                    std::thread::sleep(Duration::from_secs_f64(*at).saturating_sub(begun.elapsed()));
                    let sent = Instant::now();
                    let Some((status, answered)) = ask(&mut stream) else {
                        stream = connect();
                        continue;
                    };
                    let milliseconds = |moment: Instant| (epoch + (moment - begun)).as_millis();
                    let start = milliseconds(sent);
                    let (elapsed, latency) = (milliseconds(Instant::now()) - start, milliseconds(answered) - start);
                    writeln!(rows.lock().unwrap(), "{start},{elapsed},call,{status},{latency},http://limited/")
                        .unwrap();
                }
            });
        }
    });
    rows.into_inner().unwrap()
}

/// What `rotameter limits --json` says of it.
fn limits(folder: &Path, rows: &str) -> serde_json::Value {
    let file = folder.join("results.jtl");
    std::fs::write(&file, rows).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rotameter"))
        .args(["limits", "--json", "--reject-codes", "429,503"])
        .arg(&file)
        .output()
        .unwrap();
    let all: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    all[0].clone()
}

fn holds(found: &serde_json::Value, name: &str, truth: f64, slack: f64) {
    let (from, to) = (found[name][0].as_f64().unwrap(), found[name][1].as_f64().unwrap());
    assert!(
        from <= truth * (1.0 + slack) && to >= truth * (1.0 - slack),
        "{name}: {from} to {to}, not {truth}\n{found:#}"
    );
}

#[test]
fn nginx_limit_req_is_a_token_bucket() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let zone = "limit_req_zone $server_addr zone=all:1m rate=20r/s;";
    let location = "limit_req zone=all burst=10 nodelay; limit_req_status 429; return 204;";
    // `return` answers before the limit is looked at: a file does not.
    let location = location.replace("return 204;", "root html; try_files $uri /index.html;");
    std::fs::create_dir(folder.path().join("html")).unwrap();
    std::fs::write(folder.path().join("html/index.html"), "ok").unwrap();
    let Some(_server) = nginx(folder.path(), port, zone, &location) else { return };
    std::thread::sleep(Duration::from_secs(1));
    let rows =
        load(port, 8, &[(1.5, 80.0), (0.8, 0.0), (1.5, 40.0), (1.0, 5.0), (1.2, 100.0), (0.6, 0.0), (1.5, 50.0)]);
    let found = limits(folder.path(), &rows);
    assert_eq!(found["model"], "token-bucket", "{found:#}");
    holds(&found, "rate_per_s", 20.0, 0.03);
    // One request, and ten more.
    holds(&found, "burst", 11.0, 0.1);
}

#[test]
fn nginx_limit_conn_is_a_cap_on_concurrent_requests() {
    let folder = tempfile::tempdir().unwrap();
    let (port, slow) = (free_port(), slow_server(Duration::from_millis(120)));
    let zone = "limit_conn_zone $server_addr zone=all:1m;";
    let location = format!("limit_conn all 4; limit_conn_status 429; proxy_pass http://127.0.0.1:{slow};");
    let Some(_server) = nginx(folder.path(), port, zone, &location) else { return };
    let rows = load(port, 12, &[(1.5, 60.0), (0.7, 12.0), (0.5, 0.0), (1.5, 40.0), (0.5, 100.0), (1.0, 25.0)]);
    let found = limits(folder.path(), &rows);
    assert_eq!(found["model"], "concurrency", "{found:#}");
    holds(&found, "concurrency", 4.0, 0.0);
}

#[test]
fn haproxy_stick_table_is_a_sliding_window_that_counts_refusals() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let config = format!(
        "defaults\n  mode http\n  timeout client 30s\n  timeout server 5s\n  timeout connect 5s\n\
         frontend limited\n  bind 127.0.0.1:{port}\n  stick-table type ip size 1k expire 1m store http_req_rate(2s)\n\
         \x20 http-request track-sc0 src\n  http-request deny deny_status 429 if {{ sc_http_req_rate(0) gt 30 }}\n\
         \x20 http-request return status 200 content-type text/plain string ok\n"
    );
    let file = folder.path().join("haproxy.cfg");
    std::fs::write(&file, config).unwrap();
    let Some(_server) = start("haproxy", &["-db", "-f", file.to_str().unwrap()], port) else { return };
    std::thread::sleep(Duration::from_secs(4));
    let stages = [
        (1.0, 40.0),
        (2.3, 8.0),
        (1.5, 30.0),
        (2.6, 5.0),
        (1.2, 45.0),
        (3.1, 9.0),
        (1.0, 60.0),
        (2.7, 6.0),
        (1.5, 25.0),
    ];
    let rows = load(port, 8, &stages);
    let found = limits(folder.path(), &rows);
    assert_eq!(found["model"], "sliding-window", "{found:#}");
    assert_ne!(found["rejects_consume"], false, "{found:#}");
    holds(&found, "window_s", 2.0, 0.1);
    holds(&found, "limit", 30.0, 0.1);
}

/// Loads that meet a limit of about 20/s, or 40 in two seconds, in many ways.
const STAGES: [(f64, f64); 9] =
    [(1.5, 80.0), (1.3, 0.0), (1.5, 40.0), (1.1, 5.0), (1.2, 100.0), (2.1, 7.0), (1.5, 50.0), (1.6, 2.0), (1.2, 60.0)];

#[test]
fn governor_is_a_token_bucket() {
    let per_second = NonZeroU32::new(20).unwrap();
    let quota = governor::Quota::per_second(per_second).allow_burst(NonZeroU32::new(12).unwrap());
    let limiter = governor::RateLimiter::direct(quota);
    let port = limited_server(move |_| limiter.check().is_ok());
    let folder = tempfile::tempdir().unwrap();
    let found = limits(folder.path(), &load(port, 8, &STAGES));
    assert_eq!(found["model"], "token-bucket", "{found:#}");
    holds(&found, "rate_per_s", 20.0, 0.03);
    holds(&found, "burst", 12.0, 0.1);
}

/// Envoy's local rate limit, `max_tokens: 24, tokens_per_fill: 16, fill_interval: 0.8s`, and Bucket4j's `refillIntervally`.
#[test]
fn a_fill_interval_is_a_token_bucket_that_is_filled_in_steps() {
    let (begun, mut tokens, mut filled) = (Instant::now(), 24, 0);
    let port = limited_server(move |now| {
        let fills = (now - begun).as_millis() / 800;
        tokens = (tokens + 16 * (fills - filled)).min(24);
        filled = fills;
        let passes = tokens > 0;
        tokens -= u128::from(passes);
        passes
    });
    let folder = tempfile::tempdir().unwrap();
    let found = limits(folder.path(), &load(port, 8, &STAGES));
    assert_eq!(found["model"], "token-bucket", "{found:#}");
    holds(&found, "rate_per_s", 20.0, 0.03);
    holds(&found, "window_s", 0.8, 0.02);
    holds(&found, "limit", 16.0, 0.0);
}

/// `INCR` and `EXPIRE` in Redis, express-rate-limit, rate-limiter-flexible: the count ends so long after its first request.
#[test]
fn a_count_that_expires_is_a_window_that_begins_with_a_request() {
    let mut window: Option<(Instant, u32)> = None;
    let port = limited_server(move |now| {
        let (_, count) = match &mut window {
            Some(open) if now - open.0 < Duration::from_millis(1500) => open,
            _ => window.insert((now, 0)),
        };
        *count += 1;
        *count <= 30
    });
    let folder = tempfile::tempdir().unwrap();
    let found = limits(folder.path(), &load(port, 8, &STAGES));
    assert_eq!(found["model"], "fixed-window", "{found:#}");
    holds(&found, "window_s", 1.5, 0.02);
    holds(&found, "limit", 30.0, 0.04);
}

/// A sorted set in Redis: `ZREMRANGEBYSCORE`, `ZCARD`, and `ZADD` if there is room.
#[test]
fn a_sorted_set_is_a_sliding_window() {
    let mut log: VecDeque<Instant> = VecDeque::new();
    let port = limited_server(move |now| {
        while log.front().is_some_and(|oldest| now - *oldest >= Duration::from_secs(2)) {
            log.pop_front();
        }
        let passes = log.len() < 40;
        if passes {
            log.push_back(now);
        }
        passes
    });
    let folder = tempfile::tempdir().unwrap();
    let found = limits(folder.path(), &load(port, 8, &STAGES));
    assert_eq!(found["model"], "sliding-window", "{found:#}");
    holds(&found, "window_s", 2.0, 0.03);
    holds(&found, "limit", 40.0, 0.04);
}

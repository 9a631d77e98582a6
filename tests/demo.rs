//! `rotameter demo` from outside: the API over real sockets, the plan against it, the rows that come of it.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rotameter");
const PLAN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/plans/agent-scripting.jmx");

/// The API in a process of its own.
struct Api {
    process: Child,
    address: String,
}

impl Api {
    fn start() -> Api {
        let mut process = Command::new(PROGRAM)
            .args(["demo", "--serve", "--port", "0", "--seconds", "120"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut first).unwrap();
        let url = first.split(' ').nth(1).unwrap();
        let address = url.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
        assert!(address.starts_with("127.0.0.1:"), "{first}");
        Api { process, address }
    }

    /// Sends a request on a connection of its own.
    fn ask(&self, request: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: api\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn rows(file: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_api_answers_and_limits() {
    let api = Api::start();
    let script = "/api/v2/scripts/agent-7";
    let read = api.ask(&format!("GET {script}"), "");
    assert!(
        read.starts_with("HTTP/1.1 200 OK\r\n") && read.contains("\r\ncontent-type: application/json\r\n"),
        "{read}"
    );
    assert!(read.contains("\"version\":1"), "{read}");
    let change = "{\"version\": 1, \"text\": \"Hello\"}";
    assert!(
        api.ask(&format!("PUT {script}"), change)
            .ends_with("\"version\":2,\"status\":\"published\",\"text\":\"Hello\"}")
    );
    assert!(api.ask(&format!("PUT {script}"), change).starts_with("HTTP/1.1 409 "));
    assert!(api.ask(&format!("PUT {script}"), "nonsense").starts_with("HTTP/1.1 400 "));
    assert!(api.ask("GET /api/v2/scripts/nobody", "").starts_with("HTTP/1.1 404 "));

    // So many at once that a slow machine, too, is over the limit at some time.
    let answers: Vec<String> = (0..400).map(|_| api.ask("GET /api/v2/scripts", "")).collect();
    let refused = answers.iter().find(|answer| answer.starts_with("HTTP/1.1 429 ")).unwrap();
    assert!(refused.contains("\r\nretry-after: 1\r\n"), "{refused}");
    assert!(refused.contains("\r\ncontent-type: application/json\r\n"), "{refused}");
    assert!(refused.contains("{\"error\":{"), "{refused}");
    assert!(api.ask("GET /elsewhere", "").starts_with("HTTP/1.1 404 "), "no limit elsewhere");
}

#[test]
fn the_plan_heeds_or_does_not() {
    let api = Api::start();
    let folder = tempfile::tempdir().unwrap();
    let port = api.address.rsplit(':').next().unwrap();
    for retry_after in ["on", "off"] {
        let file = folder.path().join(format!("{retry_after}.jtl"));
        let status = Command::new(PROGRAM)
            .current_dir(folder.path())
            .args(["-n", "-t", PLAN, "-Jrate=1000", "-Jloops=2", "-Jduration=60", "-Jsummariser.name="])
            .args([&format!("-Jport={port}"), "--retry-after", retry_after, "-l", file.to_str().unwrap()])
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
        let rows = rows(&file);
        let accepted = |label: &str| rows.iter().filter(|row| row[2] == label && row[3] == "200").count();
        let of_429: Vec<_> = rows.iter().filter(|row| row[3] == "429").collect();
        assert!(rows.iter().all(|row| row[3] == "200" || row[3] == "429"), "{rows:?}");
        // Ten users ask about a hundred times a second.
        assert!(!of_429.is_empty());
        assert!(of_429.iter().all(|row| row[7] == "false"));
        if retry_after == "on" {
            assert_eq!((accepted("Fetch script"), accepted("Post script")), (20, 20));
            assert!(of_429.iter().all(|row| row[8].starts_with("retried in ")), "{of_429:?}");
            let again = rows.iter().filter(|row| row[15].parse::<u64>().unwrap() >= 1000).count();
            assert_eq!(again, of_429.len(), "each waited before its next attempt");
        } else {
            assert!(rows.iter().all(|row| row[15] == "0"));
            assert!(of_429.iter().all(|row| row[8] == "The API did not accept the request"), "{of_429:?}");
        }
    }
}

#[test]
fn a_short_demo() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("results.jtl");
    std::fs::write(&kept, "somebody's results").unwrap();
    let output = Command::new(PROGRAM).current_dir(folder.path()).args(["demo", "--seconds", "1"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "somebody's results");
    let stages: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.contains("/s ") && line.ends_with(" s"))
        .map(|line| line.split_whitespace().collect())
        .collect();
    let settings: Vec<_> = stages.iter().map(|words| (words[0], words[1])).collect();
    assert_eq!(settings, [("5/s", "on"), ("20/s", "on"), ("50/s", "on"), ("50/s", "off")], "{text}");
    assert_eq!(stages[0][3], "0", "5/s is below the limit: {text}");
    let sent: usize = stages.iter().map(|words| words[2].parse::<usize>().unwrap()).sum();
    assert_eq!(rows(&folder.path().join("results-2.jtl")).len(), sent, "{text}");
    assert!(text.lines().all(|line| line.len() <= 80 || line.contains(PROGRAM)), "{text}");
}

/// The API lets 18 a second through; the plan asks for many more. Bounds are generous: the machine may be busy.
#[test]
fn pace_keeps_all_users_below_the_limit() {
    let api = Api::start();
    let folder = tempfile::tempdir().unwrap();
    let port = api.address.rsplit(':').next().unwrap();
    let output = Command::new(PROGRAM)
        .current_dir(folder.path())
        .args(["-n", "-t", PLAN, "-Jrate=1000", "-Jduration=14", "-Jsummariser.name=", "--pace", "auto"])
        .args([&format!("-Jport={port}"), "-l", "paced.jtl"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("\nPace: ") && told.contains(" requests held back, "), "{told}");
    let rows = rows(&folder.path().join("paced.jtl"));
    let start: i64 = rows[0][0].parse().unwrap();
    let late: Vec<_> = rows.iter().filter(|row| row[0].parse::<i64>().unwrap() > start + 6000).collect();
    let accepted = late.iter().filter(|row| row[3] == "200").count();
    let refused = late.iter().filter(|row| row[3] == "429").count();
    assert!(accepted > 80 && refused * 8 < accepted, "{accepted} accepted, {refused} refused after six seconds");
    // The wait is told, and is no part of the elapsed time.
    let held_back = late.iter().filter(|row| row[15].parse::<u64>().unwrap() > 100).count();
    assert!(held_back > accepted / 2, "{held_back}");
    assert!(late.iter().filter(|row| row[1].parse::<u64>().unwrap() > 400).count() < 10);
}

#[test]
fn the_plan_is_printed() {
    let output = Command::new(PROGRAM).args(["demo", "--plan"]).output().unwrap();
    assert_eq!(output.stdout, std::fs::read(PLAN).unwrap());
}

//! `rotameter limits` from outside.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::fmt::Write;
use std::process::Command;

/// Asks `rotameter limits` in a folder that has `results.jtl`; exit status and everything that was printed.
fn limits(results: &str, options: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("results.jtl"), results).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rotameter"));
    let output = command.arg("limits").args(options).current_dir(folder.path()).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code(), text)
}

/// Rows of requests that come every `gap` ms, at a bucket for 5 tokens that gets one every 100 ms. Every so often there is a
/// pause, in which it fills.
fn rows_of_a_bucket(count: u64, gap: u64) -> String {
    let mut text = "timeStamp,elapsed,label,responseCode,URL\n".to_owned();
    let (mut level, mut last, mut at) = (500, 0, 0);
    for index in 0..count {
        at += if index % 60 == 59 { 900 } else { gap + index * 7 % 5 };
        level = (level + at - last).min(500);
        last = at;
        let code = if level >= 100 { 200 } else { 429 };
        level -= if code == 200 { 100 } else { 0 };
        writeln!(text, "{},2,call,{code},http://api.test/v2/call", 1_700_000_000_000 + at).unwrap();
    }
    text
}

#[test]
fn a_token_bucket_is_named_with_its_numbers() {
    let (status, text) = limits(&rows_of_a_bucket(400, 31), &["results.jtl", "--json"]);
    assert_eq!(status, Some(0), "{text}");
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let found = &all[0];
    assert_eq!(
        (found["resource"].as_str(), found["model"].as_str()),
        (Some("http://api.test call"), Some("token-bucket")),
        "{text}"
    );
    let within = |name: &str, truth: f64| {
        let (from, to) = (found[name][0].as_f64().unwrap(), found[name][1].as_f64().unwrap());
        assert!(from <= truth && truth <= to && to - from <= 0.1 * truth, "{name}: {from} to {to}\n{text}");
    };
    within("rate_per_s", 10.0);
    within("burst", 5.0);
    assert_eq!(found["advice"]["max_users_at_once"].as_u64(), Some(5), "{text}");
}

#[test]
fn nothing_was_refused() {
    let rows = "timeStamp,elapsed,label,responseCode\n1700000000000,5,a,200\n1700000000500,5,a,200\n";
    let (status, text) = limits(rows, &["results.jtl"]);
    assert_eq!(status, Some(0));
    assert!(text.contains("No limit was met: all 2 requests were accepted"), "{text}");
}

#[test]
fn what_cannot_be_read_is_one_line() {
    let rows = "timeStamp,elapsed,label,responseCode\n1700000000000,5,a,200\n";
    for (results, options, expected) in [
        ("", &["results.jtl"][..], "Nothing to tell from results.jtl"),
        ("timeStamp,elapsed,label,responseCode\nx,5,a,200\n", &["results.jtl"], "Cannot read results.jtl: line 2"),
        (rows, &["gone.jtl"], "Cannot read gone.jtl"),
        (rows, &["results.jtl", "--by", "header:X-Api-Key"], "it has no such column"),
        (rows, &["results.jtl", "--by", "colour"], "Error: --by is auto"),
        (rows, &[], "Error: no result file was named"),
    ] {
        let (status, text) = limits(results, options);
        assert_eq!(status, Some(1), "{options:?}: {text}");
        assert!(text.contains(expected) && !text.contains("panicked"), "{options:?}: {text}");
    }
}

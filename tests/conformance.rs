//! Holds the program against what Apache JMeter 5.6.2 did: every case of `tests/conformance/cases`, through `conform.py`.
//!
//! `tests/conformance/known-failures.txt` names the cases that may fail. A case that fails and is not listed fails the
//! test, and so does a listed one that passes: the list may only shrink.
//!
//! `ROTAMETER_CONFORMANCE=bless` takes those that pass off the list; `=record` writes the list anew from this run.

#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Ports for each worker. They have five digits, since a request's bytes are compared, lie below those that systems give
/// to clients, and differ between runs, so that two checkouts can be tested at once.
const PORTS_EACH: usize = 12;
const MOST_WORKERS: usize = 16;

/// The first port of a worker.
fn first_port(worker: usize) -> usize {
    20_000 + std::process::id() as usize % 50 * PORTS_EACH * MOST_WORKERS + worker * PORTS_EACH
}

/// Seconds for a case that is listed as failing: some wait for what is missing.
const LISTED_TIMEOUT: &str = "15";

/// How many lines of a case's differences are shown.
const SHOWN_LINES: usize = 25;

#[test]
fn cases_go_as_they_went_in_jmeter() {
    if let Some(reason) = what_is_missing() {
        say(&format!("conformance: SKIPPED, {reason}"));
        return;
    }
    let begin = Instant::now();
    let names = case_names();
    let listed = read_list();
    let unknown: Vec<_> = listed.iter().filter(|name| !names.contains(name)).collect();
    assert!(unknown.is_empty(), "known-failures.txt names cases that are not there: {unknown:?}");

    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get) * 2;
    let workers = workers.min(MOST_WORKERS);
    let mut problems = run_all(&names, &listed, workers);
    // Cases of timing are noisy on a busy machine, so what comes as a surprise is tried again with nothing beside it.
    let surprises: Vec<String> = surprises(&problems, &listed);
    for name in &surprises {
        let again = run_one(name, 0, listed.contains(name));
        if listed.contains(name) || again.is_empty() {
            problems.insert(name.clone(), again);
        }
    }

    report(&problems, begin);
    let failed: BTreeSet<String> =
        problems.iter().filter(|(_, found)| !found.is_empty()).map(|(name, _)| name.clone()).collect();
    match std::env::var("ROTAMETER_CONFORMANCE").as_deref() {
        Ok("record") => return write_list(&failed),
        Ok("bless") => write_list(&listed.intersection(&failed).cloned().collect()),
        _ => {
            let mended: Vec<_> = listed.difference(&failed).cloned().collect();
            assert!(
                mended.is_empty(),
                "listed in tests/conformance/known-failures.txt, but they pass: take them off the list \
                 (ROTAMETER_CONFORMANCE=bless cargo test --test conformance):\n  {}",
                mended.join("\n  ")
            );
        }
    }
    let broken: Vec<String> = failed
        .difference(&listed)
        .map(|name| {
            let lines: Vec<&str> = problems[name].iter().flat_map(|text| text.lines()).take(SHOWN_LINES).collect();
            format!("{name}\n    {}", lines.join("\n    "))
        })
        .collect();
    assert!(broken.is_empty(), "{} cases went differently:\n  {}", broken.len(), broken.join("\n  "));
}

/// What a case's run was found to differ in, by name; nothing for one that passed.
type Problems = BTreeMap<String, Vec<String>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

/// What `conform.py` and `target.py` need and this machine lacks.
fn what_is_missing() -> Option<String> {
    let runs = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
    };
    if !runs("python3", &["-c", "import ssl, sys; sys.exit(sys.version_info < (3, 9))"]) {
        return Some("python3 (3.9 or later, with ssl) is not there".to_owned());
    }
    (!runs("openssl", &["version"])).then(|| "openssl is not there".to_owned())
}

fn case_names() -> Vec<String> {
    let entries = std::fs::read_dir(folder().join("cases")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Runs every case, several at a time.
fn run_all(names: &[String], listed: &BTreeSet<String>, workers: usize) -> Problems {
    let next = AtomicUsize::new(0);
    let problems = Mutex::new(Problems::new());
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let (next, problems) = (&next, &problems);
            scope.spawn(move || {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = run_one(name, worker, listed.contains(name));
                    problems.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), found);
                }
            });
        }
    });
    problems.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn run_one(name: &str, worker: usize, listed: bool) -> Vec<String> {
    let first = first_port(worker);
    let answer = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new("python3");
    command.arg(folder().join("conform.py")).args(["run", "--quiet", "--runner", env!("CARGO_BIN_EXE_rotameter")]);
    command.arg("--json").arg(answer.path());
    command.args(["--ports", &format!("{first}-{}", first + PORTS_EACH - 1)]);
    if listed {
        command.args(["--timeout", LISTED_TIMEOUT]);
    }
    // The recordings were made in this zone and character set.
    command.arg(format!("{name}$")).envs([("TZ", "UTC"), ("LC_ALL", "C.UTF-8"), ("PYTHONDONTWRITEBYTECODE", "1")]);
    let output = command.output().unwrap();
    let text = std::fs::read_to_string(answer.path()).unwrap();
    match serde_json::from_str::<Problems>(&text) {
        Ok(mut problems) => problems.remove(name).unwrap_or_default(),
        Err(_) => vec![format!("conform.py: {}", String::from_utf8_lossy(&output.stderr).trim())],
    }
}

/// Cases that fail without being listed, and listed ones that pass.
fn surprises(problems: &Problems, listed: &BTreeSet<String>) -> Vec<String> {
    let is_surprise = |name: &String, found: &Vec<String>| listed.contains(name) == found.is_empty();
    problems.iter().filter(|(name, found)| is_surprise(name, found)).map(|(name, _)| name.clone()).collect()
}

/// Says how many cases of each area pass. The area is the part of the name before the first dash.
fn report(problems: &Problems, begin: Instant) {
    let mut areas: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (name, found) in problems {
        let area = areas.entry(name.split('-').next().unwrap_or(name)).or_default();
        *area = (area.0 + usize::from(found.is_empty()), area.1 + 1);
    }
    let of = |full: bool| {
        let chosen = areas.iter().filter(|(_, (passed, all))| (passed == all) == full);
        let texts: Vec<String> = chosen.map(|(area, (passed, all))| format!("{area} {passed}/{all}")).collect();
        if texts.is_empty() { "none".to_owned() } else { texts.join(", ") }
    };
    let passed: usize = areas.values().map(|(passed, _)| passed).sum();
    let seconds = begin.elapsed().as_secs();
    say(&format!("conformance: {passed} of {} cases go as in JMeter 5.6.2 ({seconds} s)", problems.len()));
    say(&format!("conformance: areas that pass in full: {}", of(true)));
    say(&format!("conformance: areas that pass in part: {}", of(false)));
}

/// Prints past the capture of the test harness: a run that passes should tell how much it covers.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

const LIST_HEAD: &str = "\
# Conformance cases that do not go as in JMeter yet. May only shrink.
# Take off what passes:  ROTAMETER_CONFORMANCE=bless cargo test --test conformance
";

fn list_file() -> PathBuf {
    folder().join("known-failures.txt")
}

fn read_list() -> BTreeSet<String> {
    let text = std::fs::read_to_string(list_file()).unwrap_or_default();
    let names: Vec<&str> =
        text.lines().map(|line| line.split('#').next().unwrap_or("").trim()).filter(|name| !name.is_empty()).collect();
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "known-failures.txt is not sorted");
    names.into_iter().map(str::to_owned).collect()
}

fn write_list(names: &BTreeSet<String>) {
    let lines: Vec<&str> = names.iter().map(String::as_str).collect();
    std::fs::write(list_file(), format!("{LIST_HEAD}{}\n", lines.join("\n"))).unwrap();
}

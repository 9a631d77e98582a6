//! Trees of controllers, by chance: what JMeter makes of them and what we do.
//!
//! `recorded.txt` holds plans (as outlines) with the rows that JMeter 5.6.2 wrote for them; the test runs the plans and
//! names the first row that differs. With a JMeter at hand, new plans are held against it:
//!
//!     ROTAMETER_TREES=1000..1500 JMETER_HOME=… cargo test --test trees        plans of these seeds, in both, now
//!     ROTAMETER_TREES=record ROTAMETER_SEEDS=0..250 JMETER_HOME=… cargo test --test trees
//!     ROTAMETER_TREES=1000 (or a file with an outline) JMETER_HOME=… cargo test --test trees -- --nocapture     shows it
//!
//! What differs is shrunk to a small plan that still differs. `ROTAMETER_TREES_JMX=FOLDER` writes that as `.jmx` files.
#![allow(clippy::unwrap_used, reason = "these are tests")]
#![allow(clippy::panic, reason = "as above")]

mod generate;
mod jmx;
mod outline;
mod runs;
mod shrink;

use outline::Outline;
use runs::{JMeter, Went};
use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

fn recorded_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/trees/recorded.txt")
}

#[test]
fn trees_run_as_they_ran_in_jmeter() {
    match std::env::var("ROTAMETER_TREES").as_deref() {
        Err(_) => compare_with_recorded(),
        Ok("record") => record(),
        Ok(file) if Path::new(file).is_file() => {
            let plan = std::fs::read_to_string(file).unwrap();
            assert!(!show(&mut jmeter(), &Outline::parse(&plan)), "{file} differs");
        }
        Ok(seed) if seed.parse::<u64>().is_ok() => {
            assert!(!show(&mut jmeter(), &generate::plan(seed.parse().unwrap())), "{seed} differs");
        }
        Ok(seeds) => compare_now(range(seeds)),
    }
}

/// A plan of `recorded.txt`.
struct Recorded {
    title: String,
    outline: Outline,
    rows: String,
}

const PLAN: &str = "=== ";
const ROWS: &str = "---\n";

fn read_recorded() -> Vec<Recorded> {
    let text = std::fs::read_to_string(recorded_file()).unwrap();
    let mut found = Vec::new();
    for part in format!("\n{text}").split(&format!("\n{PLAN}")).skip(1) {
        let (title, rest) = part.split_once('\n').unwrap();
        // The end of the last line went with the mark of the next plan.
        let rest = format!("{}\n", rest.trim_end_matches('\n'));
        let (plan, rows) = rest.split_once(ROWS).unwrap();
        let rows = rows.to_owned();
        found.push(Recorded { title: title.to_owned(), outline: Outline::parse(plan), rows });
    }
    found
}

fn compare_with_recorded() {
    let plans = read_recorded();
    assert!(plans.len() >= 200, "only {} plans are recorded", plans.len());
    let differences = Mutex::new(String::new());
    in_parallel(plans.len(), |index| {
        let plan = &plans[index];
        let ours = runs::ours(&plan.outline);
        if let Some(difference) = first_difference(&plan.rows, &ours) {
            let _ = writeln!(differences.lock().unwrap(), "{}:\n{difference}", plan.title);
        }
    });
    let differences = differences.into_inner().unwrap();
    assert!(differences.is_empty(), "{differences}");
}

/// Does `work` for each number below `count`, several at a time.
fn in_parallel(count: usize, work: impl Fn(usize) + Sync) {
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    work(index);
                }
            });
        }
    });
}

/// The first line in which two answers differ, with the line before it.
fn first_difference(jmeter: &str, ours: &str) -> Option<String> {
    if jmeter == ours {
        return None;
    }
    let (mut theirs, mut own) = (jmeter.lines(), ours.lines());
    let mut before = "the beginning";
    for number in 1.. {
        let (expected, got) = (theirs.next(), own.next());
        match (expected, got) {
            (Some(one), Some(other)) if one == other => before = one,
            _ => {
                let (expected, got) = (expected.unwrap_or("nothing more"), got.unwrap_or("nothing more"));
                return Some(format!("  line {number}, after {before}\n  JMeter {expected}\n  ours   {got}"));
            }
        }
    }
    None
}

fn range(text: &str) -> Range<u64> {
    let (from, to) = text.split_once("..").unwrap_or_else(|| panic!("neither a file nor seeds: {text}"));
    from.parse().unwrap()..to.parse().unwrap()
}

fn jmeter() -> JMeter {
    JMeter::new(PathBuf::from(std::env::var("JMETER_HOME").expect("JMETER_HOME names the folder with bin and lib")))
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Runs new plans in both. What differs is shrunk and shown.
fn compare_now(seeds: Range<u64>) {
    let mut jmeter = jmeter();
    let (mut agreed, mut unusable, mut differing) = (0, 0, Vec::new());
    for seed in seeds {
        let outline = generate::plan(seed);
        match jmeter.run(&outline) {
            Went::Badly(reason) => {
                say(&format!("seed {seed}: left out, JMeter {reason}"));
                unusable += 1;
            }
            Went::Well(rows) => match first_difference(&rows, &runs::ours(&outline)) {
                None => agreed += 1,
                Some(difference) => {
                    say(&format!("=== seed {seed}\n{difference}"));
                    let small = shrink::shrink(&outline, &mut |smaller| differs(&mut jmeter, smaller));
                    show(&mut jmeter, &small);
                    differing.push(seed);
                }
            },
        }
    }
    say(&format!("{agreed} agreed, {} differed, {unusable} were left out", differing.len()));
    assert!(differing.is_empty(), "seeds {differing:?}");
}

/// Whether the two differ, and would again.
fn differs(jmeter: &mut JMeter, outline: &Outline) -> bool {
    let differs = |jmeter: &mut JMeter| match jmeter.run(outline) {
        Went::Well(rows) => rows != runs::ours(outline),
        Went::Badly(_) => false,
    };
    differs(jmeter) && differs(jmeter)
}

/// As much of an answer as one wants to see.
fn first_lines(text: &str) -> &str {
    const SHOWN: usize = 60;
    text.match_indices('\n').nth(SHOWN).map_or(text, |(at, _)| &text[..=at])
}

/// Shows a plan and what both make of it; true when they differ.
fn show(jmeter: &mut JMeter, outline: &Outline) -> bool {
    say(&outline.to_string());
    if let Ok(folder) = std::env::var("ROTAMETER_TREES_JMX") {
        jmx::write(outline, Path::new(&folder));
    }
    let ours = runs::ours(outline);
    match jmeter.run(outline) {
        Went::Badly(reason) => {
            say(&format!("JMeter {reason}; ours:\n{}", first_lines(&ours)));
            false
        }
        Went::Well(rows) => {
            let difference = first_difference(&rows, &ours);
            let summary = difference.as_deref().unwrap_or("no difference");
            let (rows, ours) = (first_lines(&rows), first_lines(&ours));
            say(&format!("JMeter:\n{rows}ours:\n{ours}{summary}"));
            difference.is_some()
        }
    }
}

/// Writes `recorded.txt` anew, from the plans of `ROTAMETER_SEEDS`.
fn record() {
    let mut jmeter = jmeter();
    let mut out = String::new();
    for seed in range(&std::env::var("ROTAMETER_SEEDS").expect("ROTAMETER_SEEDS names the seeds, as in 0..250")) {
        let outline = generate::plan(seed);
        let (Went::Well(rows), Went::Well(again)) = (jmeter.run(&outline), jmeter.run(&outline)) else { continue };
        if rows != again {
            say(&format!("seed {seed}: JMeter's two runs differ"));
            continue;
        }
        let _ = write!(out, "{PLAN}seed {seed}\n{outline}{ROWS}{rows}");
    }
    std::fs::create_dir_all(recorded_file().parent().unwrap()).unwrap();
    std::fs::write(recorded_file(), out).unwrap();
}

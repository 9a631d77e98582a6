//! Scripts of the tables, cut, spliced and garbled: whatever comes of it, the front ends, the core and the library end
//! with a value or an exception. `ROTAMETER_FUZZ_SECONDS=300 cargo test --lib script::core::fuzz` goes on for that long;
//! a failure names the script.

use super::{Language, Script};
use crate::clock::{self, Timestamp};
use crate::script::fake_host::{self, FakeHost};
use crate::script::host::Bindings;
use std::path::Path;

/// Scripts that each front end gets when no time is given.
const SHORT: usize = 400;
/// Milliseconds that one script may run.
const EACH: i64 = 200;

/// What takes the place of a piece now and then.
const ODD: [&str; 11] = ["2147483647", "-1", "null", "''", "[]", "[:]", "{", "}", "(", "\"", "\u{1f600}"];

/// The scripts of a language's tables.
fn seeds(language: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scripts").join(language);
    let mut tables: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    tables.sort();
    let script = |row: &str| {
        let lines: Vec<&str> =
            row.lines().take_while(|line| !line.starts_with("=== ") && !line.starts_with("!!! ")).collect();
        lines.join("\n")
    };
    let texts = tables.iter().map(|table| std::fs::read_to_string(table).unwrap());
    texts.flat_map(|text| text.split(">>>\n").skip(1).map(script).collect::<Vec<_>>()).collect()
}

/// Words, numbers, signs and blanks.
fn pieces(script: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut wordy = false;
    for c in script.chars() {
        let word = c.is_alphanumeric() || c == '_';
        match pieces.last_mut() {
            Some(last) if word && wordy => last.push(c),
            _ => pieces.push(c.to_string()),
        }
        wordy = word;
    }
    pieces
}

fn mutated(random: &mut fastrand::Rng, seeds: &[String]) -> String {
    let pick = |random: &mut fastrand::Rng| pieces(&seeds[random.usize(..seeds.len())]);
    let mut script = pick(random);
    for _ in 0..random.usize(1..6) {
        let other = pick(random);
        if script.is_empty() || other.is_empty() {
            continue;
        }
        let at = random.usize(..script.len());
        let from = random.usize(..other.len());
        match random.u32(..7) {
            0 => _ = script.remove(at),
            1 => script[at].clone_from(&other[from]),
            2 => script.insert(at, other[from].clone()),
            3 => script.truncate(at),
            4 => script.splice(at..at, other[from..(from + 12).min(other.len())].to_vec()).for_each(drop),
            5 => script[at] = ODD[random.usize(..ODD.len())].to_owned(),
            _ => {
                let to = random.usize(..script.len());
                script.swap(at, to);
            }
        }
    }
    script.concat()
}

fn fuzz(name: &str, language: Language) {
    let seconds = std::env::var("ROTAMETER_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse::<i64>().ok());
    let end = seconds.map(|seconds| Timestamp::from_millis(clock::now().millis() + seconds * 1000));
    let seed = if seconds.is_some() { fastrand::u64(..) } else { 7 };
    let mut random = fastrand::Rng::with_seed(seed);
    let seeds = seeds(name);
    let mut count = 0;
    while end.map_or(count < SHORT, |end| clock::now() < end) {
        count += 1;
        let script = mutated(&mut random, &seeds);
        let shown = script.clone();
        let run = move || {
            let Ok(script) = Script::compile(&script, language) else { return };
            let end = Timestamp::from_millis(clock::now().millis() + EACH);
            let mut host = FakeHost { sandboxed: true, end: Some(end), ..FakeHost::default() };
            let mut bindings = Bindings::new(&mut host);
            fake_host::bind(&bindings.scope);
            if let Ok(value) = script.run(&mut bindings) {
                _ = super::to_text(&mut bindings, &value);
            }
        };
        // As little stack as the engine's threads have.
        let outcome = std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join();
        assert!(outcome.is_ok(), "{name}, script {count} of seed {seed}:\n{shown}");
    }
}

#[test]
fn groovy_never_panics() {
    fuzz("groovy", Language::Groovy);
}

#[test]
fn beanshell_never_panics() {
    fuzz("beanshell", Language::BeanShell);
}

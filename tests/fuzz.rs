//! Parsers of what others write: whatever they are given, they answer in time and do not panic.
//!
//! Texts that are known to be read well are broken at random, each time from another start. Each target gets a moment;
//! `ROTAMETER_FUZZ_SECONDS=600 cargo test --test fuzz -- --test-threads 2` gives it more. A failure prints its input.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use fastrand::Rng;
use rotameter::expr::{Expr, NameSource, Scope};
use rotameter::java::regex::{Options, Pattern};
use rotameter::jmx;
use rotameter::json_path::{Json, JsonPath};
use rotameter::properties::Properties;
use rotameter::results::{JtlReader, ReadError, SaveConfig};
use rotameter::virtual_user::{Names, SlotAllocator};
use rotameter::xml_path::{self, Dialect, Expression, Reading};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// No answer takes longer than this, on the slowest machine that tests run on.
const LONGEST: Duration = Duration::from_secs(20);

/// Inputs are not longer than this: what takes time in proportion is not what is looked for.
const LARGEST: usize = 4096;

fn seconds() -> f64 {
    std::env::var("ROTAMETER_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0.3)
}

/// Runs `parse` on broken seeds until the time is up.
fn fuzz(seeds: &[String], words: &[&str], parse: impl Fn(&[u8])) {
    assert!(!seeds.is_empty());
    let mut random = Rng::new();
    let begin = Instant::now();
    let mut runs = 0_u64;
    while begin.elapsed().as_secs_f64() < seconds() {
        let mut input = random.choice(seeds).unwrap().clone().into_bytes();
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

fn mutate(input: &mut Vec<u8>, seeds: &[String], words: &[&str], random: &mut Rng) {
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
            let other = random.choice(seeds).unwrap().as_bytes();
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

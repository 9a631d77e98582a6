//! House rules that a compiler does not know. Each test reads the sources and names every place that breaks its rule.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The modules in the order of the pipeline. A module uses those of its own row and of the rows before.
const ORDER: &[&[&str]] = &[
    &["text", "clock", "java"],
    &["properties", "json_path", "keystore", "tidy", "xml_path", "xml_schema", "jmx", "results", "http", "retry"],
    &["virtual_user"],
    &["expr", "functions", "script"],
    &["elements"],
    &["plan"],
    &["engine"],
    &["limits", "report"],
    &["cli"],
];

const MOST_LINES: usize = 900;

#[test]
fn modules_use_only_what_lies_before_them() {
    let mut found = Places::default();
    for source in sources() {
        let Some(own) = rank(source.module()) else {
            let known = matches!(source.module(), "lib" | "main");
            found.check(known, &source, 0, "a module without a place in ORDER of tests/tidy.rs");
            continue;
        };
        for (number, line) in source.lines_outside_tests() {
            for used in line.split("crate::").skip(1) {
                let name = used.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
                let goes_back = rank(name).is_none_or(|rank| rank <= own);
                found.check(goes_back, &source, number, &format!("{} uses {name}", source.module()));
            }
        }
    }
    found.assert_none("A module may use only modules before it (docs/architecture.md)");
}

#[test]
fn only_the_command_line_prints() {
    let mut found = Places::default();
    for source in sources() {
        for (number, line) in source.lines_outside_tests() {
            let prints = ["println!", "print!", "dbg!", "stdout()", "stderr()"].iter().any(|word| line.contains(word));
            found.check(!prints || source.module() == "cli", &source, number, line.trim());
        }
    }
    found.assert_none("Only src/cli prints");
}

#[test]
fn only_the_clock_reads_the_time() {
    let mut found = Places::default();
    for source in sources() {
        for (number, line) in source.lines_outside_tests() {
            let reads = ["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now"]
                .iter()
                .any(|word| line.contains(word));
            found.check(!reads || source.module() == "clock", &source, number, line.trim());
        }
    }
    found.assert_none("Only src/clock.rs reads the time");
}

#[test]
fn files_are_small() {
    let mut found = Places::default();
    for source in sources() {
        let lines = source.text.lines().count();
        found.check(lines <= MOST_LINES, &source, lines, "the file wants dividing");
    }
    found.assert_none(&format!("No file is longer than {MOST_LINES} lines"));
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not find itself.
    let words = [["TO", "DO"], ["FIX", "ME"], ["to", "do!("], ["unimple", "mented!("]].map(|halves| halves.concat());
    let mut found = Places::default();
    for source in sources().into_iter().chain(files_under("tests", false)) {
        for (number, line) in source.lines() {
            let unfinished = words.iter().any(|word| line.contains(word.as_str()));
            found.check(!unfinished, &source, number, line.trim());
        }
    }
    found.assert_none("What is there is finished");
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut found = Places::default();
    for source in sources().into_iter().chain(files_under("tests", false)) {
        // Tests of a module that have a file of their own are told about by the module.
        let told = source.text.starts_with("//!") || source.path.ends_with("tests.rs");
        found.check(told, &source, 1, "no `//!` on the first line");
    }
    found.assert_none("A file begins with what it is for");
}

#[test]
fn nothing_speaks_of_one_machine() {
    let words = [["/ro", "ot/"], ["/ho", "me/"], ["/wo", "rk/"]].map(|halves| halves.concat());
    let mut found = Places::default();
    for source in sources().into_iter().chain(files_under("tests", false)).chain(files_under("docs", true)) {
        for (number, line) in source.lines() {
            let local = words.iter().any(|word| line.contains(word.as_str()));
            found.check(!local, &source, number, line.trim());
        }
    }
    found.assert_none("Paths are the project's own");
}

/// Where a rule is broken, for the message.
#[derive(Default)]
struct Places(String);

impl Places {
    fn check(&mut self, holds: bool, source: &Source, line: usize, what: &str) {
        if !holds {
            let _ = writeln!(self.0, "  {}:{line}: {what}", source.path.display());
        }
    }

    fn assert_none(&self, rule: &str) {
        assert!(self.0.is_empty(), "{rule}, except:\n{}", self.0);
    }
}

fn rank(module: &str) -> Option<usize> {
    ORDER.iter().position(|row| row.contains(&module))
}

/// A file of the project.
struct Source {
    /// From the project's root.
    path: PathBuf,
    text: String,
}

impl Source {
    /// The first part of the path below `src`, without its ending.
    fn module(&self) -> &str {
        let part = self.path.components().nth(1).unwrap().as_os_str().to_str().unwrap();
        part.strip_suffix(".rs").unwrap_or(part)
    }

    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Lines of code that is there in the program: no comments, no tests, no doubles for tests.
    fn lines_outside_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let stem = self.path.file_stem().unwrap().to_str().unwrap();
        let only_for_tests = stem.ends_with("tests") || matches!(stem, "testing" | "fake_host");
        let mut after_test_attribute = false;
        self.lines()
            .take_while(move |(_, line)| {
                let begins_tests = after_test_attribute && line.starts_with("mod ") && line.ends_with('{');
                after_test_attribute = *line == "#[cfg(test)]";
                !only_for_tests && !begins_tests
            })
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn sources() -> Vec<Source> {
    files_under("src", true)
}

/// The Rust and Markdown files of a folder, and of its folders if `deep`.
fn files_under(folder: &str, deep: bool) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.extend(deep.then_some(path));
            } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push(Source { path: path.strip_prefix(root).unwrap().to_path_buf(), text });
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

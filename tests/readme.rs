//! The README's tables are those of the program. `ROTAMETER_README=bless cargo test --test readme` writes them. The list of
//! properties is complete, and what the documents point at is there.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use rotameter::elements::FAMILIES;
use rotameter::functions::FUNCTIONS;
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[test]
fn the_tables_are_up_to_date() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let old = std::fs::read_to_string(file).unwrap();
    let new = between(&between(&old, "elements", &elements()), "functions", &functions());
    if std::env::var_os("ROTAMETER_README").is_some_and(|wish| wish == "bless") {
        std::fs::write(file, new).unwrap();
    } else {
        assert!(old == new, "the README's tables are old: ROTAMETER_README=bless cargo test --test readme");
    }
}

fn elements() -> String {
    let mut table = String::from("| element | tag | |\n|---|---|---|\n");
    for (family, definitions) in FAMILIES {
        for definition in *definitions {
            writeln!(table, "| {} | `{}` | {family} |", definition.menu, definition.tag).unwrap();
        }
    }
    table
}

fn functions() -> String {
    let mut table = String::from("| function | |\n|---|---|\n");
    for definition in FUNCTIONS {
        writeln!(table, "| `{}` | {} |", definition.name, definition.summary.replace('|', "\\|")).unwrap();
    }
    table
}

fn between(text: &str, name: &str, table: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = text.find(&open).unwrap() + open.len();
    let end = text.find(&close).unwrap();
    format!("{}{table}{}", &text[..start], &text[end..])
}

#[test]
fn every_property_that_is_read_is_documented() {
    let list = std::fs::read_to_string(root().join("docs/properties.md")).unwrap();
    let read = regex::Regex::new(
        r#"\b(?:properties|properties\.system\(\)|properties\(\)|lookup|system|max)(?:\s*\.\s*(?:get|[a-z]+_or))?\(\s*"([a-z0-9]+(?:[._][A-Za-z0-9]+)+)""#,
    )
    .unwrap();
    let mut missing = Vec::new();
    let mut seen = 0;
    for file in files(&root().join("src"), "rs") {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        for name in read.captures_iter(code).map(|found| found.get(1).unwrap().as_str()) {
            seen += 1;
            if !list.contains(&format!("`{name}`")) {
                missing.push(format!("{name} ({})", file.display()));
            }
        }
    }
    assert!(seen > 30, "the look-ups are written in another way now");
    assert!(missing.is_empty(), "docs/properties.md lacks:\n  {}", missing.join("\n  "));
}

#[test]
fn links_lead_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)#]+)(?:#[^)]*)?\)").unwrap();
    let documents = files(&root().join("docs"), "md")
        .into_iter()
        .chain(["README.md", "CHANGELOG.md"].map(|name| root().join(name)));
    for document in documents {
        let text = std::fs::read_to_string(&document).unwrap();
        for target in link.captures_iter(&text).map(|found| found.get(1).unwrap().as_str()) {
            let there = target.starts_with("https://") || document.with_file_name(target).exists();
            assert!(there, "{} points at {target}", document.display());
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files with that ending in a folder and the folders in it.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|of_file| of_file == ending) {
            found.push(path);
        }
    }
    found
}

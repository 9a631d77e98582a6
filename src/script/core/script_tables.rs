//! Tables of scripts with what the real engines answered.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use super::{Language, Script};
use crate::script::fake_host::{FakeHost, bind};
use crate::script::host::Bindings;
use crate::script::library::class_of;
use crate::script::value::{Value, java_text};
use std::path::Path;

/// One row: the script, the mark (`===` or `!!!`), the class, and the text.
fn rows(text: &str) -> Vec<(String, String, String, String)> {
    let mut rows = Vec::new();
    for part in text.split(">>>\n").skip(1) {
        let mut lines: Vec<&str> = part.strip_suffix('\n').unwrap_or(part).split('\n').collect();
        let Some(mark) = lines.iter().position(|line| line.starts_with("=== ") || line.starts_with("!!! ")) else {
            continue;
        };
        while lines.len() > mark + 2 && lines.last().is_some_and(|line| line.starts_with("# ") || line.is_empty()) {
            lines.pop();
        }
        let script = lines[..mark].join("\n");
        let (kind, class) = lines[mark].split_at(4);
        rows.push((script, kind.trim().to_owned(), class.to_owned(), lines[mark + 1..].join("\n")));
    }
    rows
}

fn answer(script: &str, language: Language) -> (String, String, String) {
    let mut host = FakeHost::default();
    let compiled = match Script::compile(script, language) {
        Ok(compiled) => compiled,
        Err(error) => return ("!!!".to_owned(), "compile".to_owned(), error.to_string()),
    };
    let mut bindings = Bindings::new(&mut host);
    bind(&bindings.scope);
    match compiled.run(&mut bindings) {
        Ok(value) => {
            let class = if value.is_null() { "null".to_owned() } else { class_of(&value).name() };
            let text = match &value {
                Value::Void => "null".to_owned(),
                value => super::to_text(&mut bindings, value).unwrap_or_else(|_| java_text(value)),
            };
            ("===".to_owned(), class, text)
        }
        Err(thrown) => ("!!!".to_owned(), thrown.class().to_owned(), thrown.message().unwrap_or("null").to_owned()),
    }
}

/// Texts that hold an address or a number of the run are alike when the rest is.
fn alike(given: &str, wanted: &str) -> bool {
    let wanted = wanted.split("\nPossible solutions:").next().unwrap_or_default();
    let mask = |text: &str| -> String {
        let pattern = regex::Regex::new(r"@[0-9a-f]+|Script\d+|_run_closure\d+").unwrap();
        pattern.replace_all(text, "#").into_owned()
    };
    mask(given) == mask(wanted)
}

/// Rows on which we are known to differ, as `LANGUAGE/NAME.table: first line of the script`; the list may only shrink.
const KNOWN: &str = "fixtures/scripts/known-differences.txt";

/// `ROTAMETER_SCRIPTS=record` takes what differs now into the list.
fn record(folder: &str, differ: &[String]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(KNOWN);
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let other = known.lines().filter(|line| !line.starts_with(folder)).map(str::to_owned);
    let mut lines: Vec<String> = other.chain(differ.iter().cloned()).collect();
    lines.sort();
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

fn check(language_name: &str, language: Language) {
    let known = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(KNOWN)).unwrap_or_default();
    let mut known: Vec<&str> = known.lines().filter(|line| line.starts_with(language_name)).collect();
    let mut differ = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scripts").join(language_name);
    let wanted = std::env::var("ROTAMETER_TABLE").unwrap_or_default();
    let (mut all, mut wrong) = (0, Vec::new());
    let mut tables: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    tables.sort();
    for table in tables.iter().filter(|table| table.to_string_lossy().contains(&wanted)) {
        let text = std::fs::read_to_string(table).unwrap();
        for (script, mark, class, text) in rows(&text) {
            all += 1;
            let (own_mark, own_class, own_text) = answer(&script, language);
            let startup = class.ends_with("MultipleCompilationErrorsException") && own_class == "compile";
            let equal = own_mark == mark
                && (startup || (alike(&own_class, &class) && alike(own_text.trim_end(), text.trim_end())));
            if !equal {
                let name = table.file_name().unwrap().to_string_lossy().into_owned();
                let id = format!("{language_name}/{name}: {}", script.lines().next().unwrap_or_default());
                differ.push(id.clone());
                if let Some(at) = known.iter().position(|known| *known == id) {
                    known.swap_remove(at);
                    continue;
                }
                wrong.push(format!(
                    "{name}:\n{script}\n  wanted {mark} {class} {text}\n  given  {own_mark} {own_class} {own_text}"
                ));
            }
        }
    }
    if std::env::var("ROTAMETER_SCRIPTS").is_ok_and(|mode| mode == "record") {
        return record(language_name, &differ);
    }
    assert!(wrong.is_empty(), "{} of {all} rows differ\n{}", wrong.len(), wrong.join("\n\n"));
    // With a part of the tables only a part of the list can be looked at.
    assert!(!wanted.is_empty() || known.is_empty(), "these rows are right now, take them off {KNOWN}: {known:#?}");
}

#[test]
fn groovy_answers_as_groovy_does() {
    let worker = std::thread::Builder::new().stack_size(8 << 20).spawn(|| check("groovy", Language::Groovy)).unwrap();
    if let Err(panic) = worker.join() {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn beanshell_answers_as_beanshell_does() {
    let worker =
        std::thread::Builder::new().stack_size(8 << 20).spawn(|| check("beanshell", Language::BeanShell)).unwrap();
    if let Err(panic) = worker.join() {
        std::panic::resume_unwind(panic);
    }
}

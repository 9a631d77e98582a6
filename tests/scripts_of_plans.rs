//! The scripts of whole plans parse and resolve. `ROTAMETER_PLANS=FOLDER` looks at all plans below a folder instead of
//! this project's own, tells what stands in the way of which, and asks for 95 %:
//!
//!     ROTAMETER_PLANS=some/plans cargo test --test scripts_of_plans -- --nocapture
#![allow(clippy::unwrap_used, reason = "a test may fail")]
#![allow(clippy::print_stdout, reason = "the tally is what it is for")]

use rotameter::jmx::{self, PropertyValue, TestElement};
use rotameter::script::engine::{self, Gap, Language, Program};
use rotameter::script::javascript::JavaScript;
use rotameter::text::Text;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The plans below a folder.
fn plans(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            plans(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "jmx") {
            found.push(entry);
        }
    }
}

/// What a language's name in a plan or a function's name stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Engine(String),
    Function(&'static str),
}

type Scripts = BTreeMap<(Kind, String), PathBuf>;

/// A script with `1` in the place of JMeter's own references, which are put in before the language sees it.
fn substituted(script: &str) -> String {
    let mut out = String::new();
    let mut rest = script;
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        let reference = &rest[at + 2..];
        let name: String =
            reference.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-')).collect();
        let after = &reference[name.len()..];
        rest = if name.starts_with("__") && after.starts_with('(') {
            out.push('1');
            let arguments = arguments(after).map_or(after.len(), |(_, length)| length);
            after[arguments..].strip_prefix('}').unwrap_or(&after[arguments..])
        } else if let (false, Some(after)) = (name.is_empty(), after.strip_prefix('}')) {
            out.push('1');
            after
        } else {
            // The language's own.
            out.push_str("${");
            reference
        };
    }
    out.push_str(rest);
    out
}

/// The first argument of a call that begins with its parenthesis, and how long the parentheses are.
fn arguments(text: &str) -> Option<(String, usize)> {
    let (mut depth, mut braces, mut first, mut ended) = (0, 0, String::new(), false);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                if let Some((_, next)) = chars.next().filter(|_| !ended) {
                    first.push(next);
                }
                continue;
            }
            '(' => {
                depth += 1;
                if depth == 1 {
                    continue;
                }
            }
            ')' => {
                depth -= 1;
                if depth == 0 {
                    return Some((first, at + 1));
                }
            }
            '{' => braces += 1,
            '}' => braces -= 1,
            ',' if depth == 1 && braces == 0 => ended = true,
            _ => {}
        }
        if !ended {
            first.push(c);
        }
    }
    None
}

/// Functions with the languages that they have of their own; `None` is JavaScript.
const FUNCTIONS: [(&str, Option<Language>); 5] = [
    ("${__groovy(", Some(Language::Groovy)),
    ("${__BeanShell(", Some(Language::BeanShell)),
    ("${__jexl2(", Some(Language::Jexl2)),
    ("${__jexl3(", Some(Language::Jexl3)),
    ("${__javaScript(", None),
];

/// The language of a script; `None` is JavaScript, an error the name of an engine that JMeter has not either.
fn language_of(kind: &Kind) -> Result<Option<Language>, &str> {
    match kind {
        Kind::Engine(name) => Language::named(name).map(Some).ok_or(name),
        Kind::Function(function) => Ok(FUNCTIONS.iter().find(|(name, _)| name == function).and_then(|(_, own)| *own)),
    }
}

/// The scripts within the functions of a text.
fn of_text(text: &str, plan: &Path, scripts: &mut Scripts) {
    for (function, _) in FUNCTIONS {
        for (at, _) in text.match_indices(function) {
            let Some((script, _)) = arguments(&text[at + function.len() - 1..]) else { continue };
            scripts.entry((Kind::Function(function), script)).or_insert_with(|| plan.to_owned());
        }
    }
}

fn of_value(value: &PropertyValue, plan: &Path, scripts: &mut Scripts) {
    match value {
        PropertyValue::String(text) => of_text(text, plan, scripts),
        PropertyValue::Element(element) => of_element(element, plan, scripts),
        PropertyValue::Collection(entries) | PropertyValue::Map(entries) => {
            for entry in entries {
                of_value(&entry.value, plan, scripts);
            }
        }
        _ => {}
    }
}

fn of_element(element: &TestElement, plan: &Path, scripts: &mut Scripts) {
    for property in &element.properties {
        of_value(&property.value, plan, scripts);
    }
    let jsr223 = element.class.starts_with("JSR223");
    if !jsr223 && !element.class.starts_with("BeanShell") {
        return;
    }
    let language = if jsr223 { element.text_or("scriptLanguage", "groovy") } else { Text::from("bsh") };
    let language = if language.is_empty() { "groovy".to_owned() } else { language.to_string() };
    for key in ["script", "BeanShellSampler.query", "BeanShellAssertion.query"] {
        let script = element.text(key);
        if !script.trim().is_empty() {
            let key = (Kind::Engine(language.clone()), script.to_string());
            scripts.entry(key).or_insert_with(|| plan.to_owned());
        }
    }
}

#[test]
fn they_parse_and_resolve() {
    let given = std::env::var_os("ROTAMETER_PLANS").map(PathBuf::from);
    let folder = given.clone().unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("plans"));
    let (mut files, mut scripts) = (Vec::new(), Scripts::new());
    plans(&folder, &mut files);
    for file in &files {
        let Ok(tree) = jmx::read(std::fs::read(file).unwrap().as_slice()) else { continue };
        for (_, node) in tree.document_order() {
            of_element(&tree[node].element, file, &mut scripts);
        }
    }
    assert!(!scripts.is_empty(), "no scripts below {}", folder.display());
    let (mut run, mut fail, mut unsupported) = (0, 0, Vec::new());
    for ((kind, script), plan) in &scripts {
        let script = Text::from(substituted(script));
        let gaps = match language_of(kind) {
            Ok(None) => match JavaScript::compile(&script) {
                Ok(_) => Vec::new(),
                Err(error) if error.construct.is_empty() => vec![Gap::Fails(error.to_string())],
                Err(error) => vec![Gap::Unsupported(error.to_string())],
            },
            Ok(Some(language)) => engine::gaps(language, &Program::of(language, &script)),
            Err(name) => vec![Gap::Fails(format!("no engine named {name}"))],
        };
        let gap = gaps.iter().find(|gap| matches!(gap, Gap::Unsupported(_))).or(gaps.first());
        match gap {
            None => run += 1,
            Some(Gap::Fails(why)) => {
                fail += 1;
                println!("fails in JMeter too: {}: {why}", plan.display());
            }
            Some(Gap::Unsupported(why)) => unsupported.push(format!("{}: {kind:?}: {why}", plan.display())),
        }
    }
    for one in &unsupported {
        println!("unsupported: {one}");
    }
    println!(
        "{} plans, {} distinct scripts: {run} run, {fail} fail in JMeter too, {} are unsupported",
        files.len(),
        scripts.len(),
        unsupported.len()
    );
    if given.is_none() {
        assert!(unsupported.is_empty() && fail == 0, "{unsupported:#?}");
    }
    assert!(unsupported.len() * 20 <= scripts.len(), "more than 5 % are unsupported: {unsupported:#?}");
}

//! The README's tables are those of the program. `ROTAMETER_README=bless cargo test --test readme` writes them.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use rotameter::elements::FAMILIES;
use rotameter::functions::FUNCTIONS;
use std::fmt::Write;

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

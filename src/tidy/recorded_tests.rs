//! Pages held against what JTidy r938 said of them.

use super::{DocType, Failure, Format, Options, Visitor, read};
use std::fmt::Write;

/// The tree in short.
#[derive(Default)]
struct Shown(String);

impl Visitor for Shown {
    fn start(&mut self, name: &str) {
        let _ = write!(self.0, "<{name}");
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let _ = write!(self.0, " {name}={value}|");
    }

    fn end_of_start(&mut self) {
        self.0.push('>');
    }

    fn end(&mut self) {
        self.0.push_str("</>");
    }

    fn text(&mut self, text: &str) {
        let _ = write!(self.0, "[3:{text}]");
    }

    fn cdata(&mut self, text: &str) {
        let _ = write!(self.0, "[4:{text}]");
    }

    fn comment(&mut self, text: &str) {
        let _ = write!(self.0, "[8:{text}]");
    }

    fn instruction(&mut self, text: &str) {
        let _ = write!(self.0, "[7:{text}]");
    }

    fn other(&mut self) {
        self.0.push_str("[-1:]");
    }
}

/// `format:doctype`, or `dom` with `x` for XML, `q` for quiet, `w` for no warnings, as the XPath elements ask for it.
fn options(mode: &str) -> Options {
    let (kind, doctype) = mode.split_once(':').unwrap_or((mode, "auto"));
    let of_tree = kind.strip_prefix("dom");
    let has = |flag| of_tree.is_some_and(|flags| flags.contains(flag));
    let format = match kind {
        "xhtml" => Format::Xhtml,
        "xml" | "domx" => Format::Xml,
        _ => Format::Html,
    };
    Options {
        format,
        doctype: DocType::named(doctype),
        clean: of_tree.is_some(),
        quiet: has('q'),
        show_warnings: !has('w'),
        messages: true,
    }
}

fn describe(mode: &str, page: &str) -> String {
    match read(page, &options(mode)) {
        Err(Failure::Thrown { message, .. }) => format!("thrown {message}"),
        Err(failure) => format!("{failure:?}"),
        Ok(outcome) => {
            let mut text = format!("{} {}\n{}", outcome.errors, outcome.warnings, outcome.messages);
            if mode.starts_with("dom") {
                let tree = outcome.page.map(|page| {
                    let mut shown = Shown::default();
                    page.visit(&mut shown);
                    shown.0
                });
                text.push_str(tree.as_deref().unwrap_or("null"));
            }
            text
        }
    }
}

/// Lines of JSON `[mode, page, expected]`, made with random pages in JTidy itself.
#[test]
fn pages_are_read_as_by_jtidy() {
    let recorded = std::env::var("ROTAMETER_TIDY").ok().map(|path| std::fs::read_to_string(path).unwrap());
    let recorded = recorded.as_deref().unwrap_or(include_str!("../../fixtures/tidy/recorded.jsonl"));
    let (mut failures, mut failed, mut count) = (String::new(), 0, 0);
    for line in recorded.lines() {
        let [mode, page, expected]: [String; 3] = serde_json::from_str(line).unwrap();
        let actual = describe(&mode, &page);
        count += 1;
        if actual != expected {
            failed += 1;
            if failed <= 20 {
                let _ = writeln!(failures, "{mode} {page:?}\nexpected {expected}\nbut got  {actual}\n");
            }
        }
    }
    assert!(failures.is_empty(), "{failed} of {count}\n{failures}");
    assert!(count >= 300, "{count}");
}

//! `rotameter check PLAN…`: what plans hold, and everything that would keep them from running here.

use super::console;
use super::exit_code::Exit;
use super::settings::absolute;
use crate::jmx::{self, TestTree};
use crate::plan::{self, Diagnostic, Severity, Unsupported};
use crate::properties::PropertiesBuilder;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Checks each plan; exit 1 if any could not run.
pub(super) fn check(words: &[OsString]) -> Exit {
    let as_json = words.iter().any(|word| word == "--json");
    let plans: Vec<PathBuf> = words.iter().filter(|word| *word != "--json").map(PathBuf::from).collect();
    if plans.is_empty() {
        console::error_line("Usage: rotameter check PLAN.jmx ... [--json]");
        return Exit::Failed;
    }
    if let Some(option) = plans.iter().find(|plan| plan.to_string_lossy().starts_with("--")) {
        console::error_line(&format!("Error: Unknown option {}", option.display()));
        return Exit::Failed;
    }
    let reports: Vec<Report> = plans.iter().map(|plan| Report::new(plan)).collect();
    if as_json {
        let all: Vec<Value> = reports.iter().map(Report::json).collect();
        console::line(&serde_json::to_string_pretty(&all).unwrap_or_default());
    } else {
        for report in &reports {
            report.print();
        }
    }
    if reports.iter().all(Report::runs) { Exit::Done } else { Exit::Failed }
}

struct Report {
    file: PathBuf,
    /// Enabled elements by class.
    elements: BTreeMap<String, usize>,
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    fn new(file: &Path) -> Self {
        let mut report = Report { file: file.to_path_buf(), elements: BTreeMap::new(), diagnostics: Vec::new() };
        let tree = File::open(file).map_err(jmx::Error::from).and_then(|input| jmx::read(BufReader::new(input)));
        let tree = match tree {
            Ok(tree) => Arc::new(tree),
            Err(error) => {
                report.diagnostics.push(unreadable(error.position().map_or(0, |at| at.line), error.to_string()));
                return report;
            }
        };
        report.elements = count(&tree);
        let properties = match PropertiesBuilder::default().build() {
            Ok((properties, _, _)) => properties,
            Err(error) => {
                report.diagnostics.push(unreadable(0, error.to_string()));
                return report;
            }
        };
        let options = plan::Options {
            file: absolute(file),
            properties,
            unsupported: Unsupported::Stop,
            collectors: Vec::new(),
            sample_variables: Vec::new(),
        };
        report.diagnostics = plan::compile(&tree, options).diagnostics;
        report
    }

    fn runs(&self) -> bool {
        self.diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Warning)
    }

    fn print(&self) {
        let total: usize = self.elements.values().sum();
        let verdict = if self.runs() { "runs" } else { "cannot run" };
        console::line(&format!("{}: {verdict} ({total} enabled elements)", self.file.display()));
        let counts: Vec<String> = self.elements.iter().map(|(class, count)| format!("{count} {class}")).collect();
        if !counts.is_empty() {
            console::line(&format!("  holds {}", counts.join(", ")));
        }
        for diagnostic in &self.diagnostics {
            console::line(&format!("  {diagnostic}"));
        }
    }

    fn json(&self) -> Value {
        let diagnostics: Vec<Value> = self
            .diagnostics
            .iter()
            .map(|diagnostic| {
                json!({
                    "severity": diagnostic.severity.as_str(),
                    "line": diagnostic.line,
                    "path": diagnostic.path,
                    "element": diagnostic.tag,
                    "message": diagnostic.message,
                })
            })
            .collect();
        json!({
            "plan": self.file.display().to_string(),
            "runs": self.runs(),
            "elements": self.elements,
            "diagnostics": diagnostics,
        })
    }
}

fn count(tree: &TestTree) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let mut skipping: Option<usize> = None;
    for (depth, node) in tree.document_order() {
        if skipping.is_some_and(|above| depth > above) {
            continue;
        }
        let element = &tree[node].element;
        skipping = (!element.enabled()).then_some(depth);
        if skipping.is_none() {
            *counts.entry(element.class.to_string()).or_default() += 1;
        }
    }
    counts
}

fn unreadable(line: u32, message: String) -> Diagnostic {
    Diagnostic { severity: Severity::Error, path: String::new(), tag: "jmeterTestPlan".to_owned(), line, message }
}

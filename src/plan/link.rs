//! Module and Include Controllers: what they point at is put in their place before anything is compiled.

use super::items::{self, Item};
use crate::elements::{Diagnostic, Severity};
use crate::jmx::{self, NodeId, TestTree};
use crate::text::Text;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What linking needs to know.
pub(super) struct Linker<'a> {
    /// Where relative files are looked for after the working directory.
    pub base_dir: &'a Path,
    /// `includecontroller.prefix`
    pub include_prefix: String,
    /// Problems so far.
    pub diagnostics: &'a mut Vec<Diagnostic>,
    /// Files that are being included, outermost first.
    pub open: Vec<PathBuf>,
}

/// Modules within modules, includes within includes.
const MAX_LINKS: usize = 50;

impl Linker<'_> {
    /// Replaces the children of every Module and Include Controller below `item`.
    pub fn link(&mut self, item: &mut Item, depth: usize) {
        let in_included_file = self.open.len() > 1;
        match &*item.element().class {
            // JMeter resolves modules of the plan itself only, and goes on without those of other files.
            "ModuleController" if in_included_file => {
                item.children.clear();
                let message = "a module of an included file: as in JMeter, nothing runs here".to_owned();
                self.problem(item, Severity::Warning, message);
            }
            "ModuleController" => self.module(item, depth),
            "IncludeController" => self.include(item, depth),
            _ => {
                for child in &mut item.children {
                    self.link(child, depth);
                }
            }
        }
    }

    fn module(&mut self, item: &mut Item, depth: usize) {
        item.children.clear();
        let names: Vec<_> =
            item.element().collection("ModuleController.node_path").iter().map(|entry| entry.value.text()).collect();
        // The first name is the root of JMeter's window, above the plan.
        let target = names.split_first().and_then(|(_, names)| find(&item.tree, item.tree.roots(), names));
        let Some(target) = target else {
            let name = item.element().name();
            self.problem(item, Severity::Error, format!(
                "ModuleController:{name} has no selected Controller (did you rename some element in the path to target controller?)"
            ));
            return;
        };
        if depth > MAX_LINKS {
            self.problem(item, Severity::Error, "modules point at each other in a circle".to_owned());
            return;
        }
        match items::item(&item.tree, target, 0) {
            Some(mut module) => {
                self.link(&mut module, depth + 1);
                item.children = vec![module];
            }
            None => self.problem(item, Severity::Error, "the module's target is nested too deeply".to_owned()),
        }
    }

    fn include(&mut self, item: &mut Item, depth: usize) {
        item.children.clear();
        let name = item.element().text("IncludeController.includepath");
        let path = self.included_file(&name);
        if depth > MAX_LINKS || self.open.contains(&path) {
            self.problem(item, Severity::Error, format!("{} includes itself", path.display()));
            return;
        }
        let tree = match File::open(&path).map_err(jmx::Error::from).and_then(|file| jmx::read(BufReader::new(file))) {
            Ok(tree) => Arc::new(tree),
            Err(error) => {
                // JMeter goes on without the part that is missing; it says so on the console and in the log.
                let message = format!("Including file \"{name}\" failed: {error}");
                self.problem(item, Severity::Warning, message);
                return;
            }
        };
        self.open.push(path);
        match fragment(&tree, tree.roots()).and_then(|fragment| items::item(&tree, fragment, 0)) {
            Some(mut fragment) => {
                for child in &mut fragment.children {
                    self.link(child, depth + 1);
                }
                item.children = fragment.children;
            }
            None => {
                // JMeter dies of a ClassCastException before the run.
                self.problem(item, Severity::Error, format!("{name} holds no Test Fragment to include"));
            }
        }
        self.open.pop();
    }

    /// With the prefix from the working directory, without it from the plan's folder.
    fn included_file(&self, name: &str) -> PathBuf {
        let path = PathBuf::from(format!("{}{name}", self.include_prefix).trim());
        if path.is_absolute() || path.exists() { path } else { self.base_dir.join(name) }
    }

    fn problem(&mut self, item: &Item, severity: Severity, message: String) {
        let element = item.element();
        self.diagnostics.push(Diagnostic {
            severity,
            path: element.name().to_string(),
            tag: element.class.to_string(),
            line: element.line,
            message,
        });
    }
}

/// The first Test Fragment of an included plan, be it switched off or not: at the top, or directly in the first Test Plan.
fn fragment(tree: &TestTree, nodes: &[NodeId]) -> Option<NodeId> {
    for node in nodes {
        match &*tree[*node].element.class {
            "TestPlan" => return fragment(tree, tree[*node].children()),
            "TestFragmentController" => return Some(*node),
            _ => {}
        }
    }
    None
}

/// Follows names level by level; of several ways the last one in the document counts, and a module is no target, as in
/// JMeter.
fn find(tree: &TestTree, nodes: &[NodeId], names: &[Text]) -> Option<NodeId> {
    let (name, rest) = names.split_first()?;
    nodes.iter().rev().copied().find_map(|node| {
        let element = &tree[node].element;
        if element.name() != *name || &*element.class == "ModuleController" {
            return None;
        }
        if rest.is_empty() { Some(node) } else { find(tree, tree[node].children(), rest) }
    })
}

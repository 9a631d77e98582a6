//! The plan's elements as they run: disabled subtrees left out, modules and includes put in place.

use crate::jmx::{NodeId, TestElement, TestTree};
use std::sync::Arc;

/// An enabled element with its enabled children.
#[derive(Clone)]
pub(super) struct Item {
    pub tree: Arc<TestTree>,
    pub node: NodeId,
    pub children: Vec<Item>,
}

impl Item {
    /// The same element by itself.
    pub fn alone(&self) -> Item {
        Item { tree: Arc::clone(&self.tree), node: self.node, children: Vec::new() }
    }

    pub fn element(&self) -> &TestElement {
        &self.tree[self.node].element
    }
}

/// Elements nested deeper than this are refused: no plan is, and the compiler recurses once a level.
pub(super) const MAX_DEPTH: usize = crate::elements::controllers::MAX_DEPTH;

/// The enabled elements below `nodes`; `None` when they are nested too deeply.
pub(super) fn enabled(tree: &Arc<TestTree>, nodes: &[NodeId], depth: usize) -> Option<Vec<Item>> {
    if depth > MAX_DEPTH {
        return None;
    }
    nodes.iter().filter(|node| tree[**node].element.enabled()).map(|node| item(tree, *node, depth)).collect()
}

/// One element, enabled or not, with its enabled children.
pub(super) fn item(tree: &Arc<TestTree>, node: NodeId, depth: usize) -> Option<Item> {
    let children = enabled(tree, tree[node].children(), depth + 1)?;
    Some(Item { tree: Arc::clone(tree), node, children })
}

//! The plan as a list of rows for the page, which puts a label's numbers beside the elements that have its name.

use crate::jmx::{NodeId, TestTree};
use serde_json::{Value, json};

/// Elements that are shown; nobody reads more.
const MOST_ELEMENTS: usize = 5000;

/// For each element its depth, name, class, and whether it is enabled together with all above it. An element is a sampler
/// or a controller to the page if it has a label of its name, whatever its class is.
pub(super) fn rows(tree: &TestTree) -> Value {
    let mut out = Vec::new();
    add(tree, None, 0, true, &mut out);
    Value::Array(out)
}

fn add(tree: &TestTree, parent: Option<NodeId>, depth: usize, enabled: bool, out: &mut Vec<Value>) {
    for &node in tree.children(parent) {
        if out.len() == MOST_ELEMENTS {
            return;
        }
        let element = &tree[node].element;
        let enabled = enabled && element.enabled();
        out.push(json!([depth, &*element.name(), &*element.class, enabled]));
        add(tree, Some(node), depth + 1, enabled, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jmx::TestElement;

    #[test]
    fn what_is_below_a_disabled_element_is_disabled() {
        let mut tree = TestTree::new();
        let plan = tree.add(None, TestElement::new("TestPlan", "TestPlanGui", "Plan"));
        let mut off = TestElement::new("GenericController", "LogicControllerGui", "Off");
        off.attributes.push(("enabled".into(), "false".into()));
        let off = tree.add(Some(plan), off);
        tree.add(Some(off), TestElement::new("HTTPSamplerProxy", "HttpTestSampleGui", "login"));
        let expected = json!([
            [0, "Plan", "TestPlan", true],
            [1, "Off", "GenericController", false],
            [2, "login", "HTTPSamplerProxy", false]
        ]);
        assert_eq!(rows(&tree), expected);
    }
}

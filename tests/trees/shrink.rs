//! Takes a plan apart as long as something holds: what is left is what matters.

use super::outline::{Node, Outline};

/// The smallest plan found for which `holds` is still true.
pub fn shrink(outline: &Outline, holds: &mut dyn FnMut(&Outline) -> bool) -> Outline {
    let mut best = outline.clone();
    if !holds(&best) {
        return best;
    }
    loop {
        let mut shrunk = false;
        let mut at = 0;
        while at < count(&best) {
            // Of several ways to make it smaller, the one that takes most comes first.
            let next = [remove, hoist].iter().find_map(|way| {
                let smaller = edited(&best, at, *way)?;
                holds(&smaller).then_some(smaller)
            });
            match next {
                Some(smaller) => (best, shrunk) = (smaller, true),
                None => at += 1,
            }
        }
        for at in 0..count(&best) {
            let mut key = 0;
            while let Some(smaller) = without_key(&best, at, key) {
                if holds(&smaller) {
                    (best, shrunk) = (smaller, true);
                } else {
                    key += 1;
                }
            }
        }
        if !shrunk {
            return best;
        }
    }
}

fn count(outline: &Outline) -> usize {
    fn below(node: &Node) -> usize {
        1 + node.children.iter().map(below).sum::<usize>()
    }
    outline.0.iter().map(below).sum()
}

/// The plan with node number `at` put through `edit`, `None` when that does not make it smaller.
fn edited(outline: &Outline, at: usize, edit: fn(Node) -> Vec<Node>) -> Option<Outline> {
    let mut number = at;
    let roots = map(outline.0.clone(), &mut number, &mut |node| edit(node));
    let smaller = Outline(roots);
    (count(&smaller) < count(outline) && smaller.0.first().is_some_and(|root| root.kind == "Plan")).then_some(smaller)
}

fn remove(_: Node) -> Vec<Node> {
    Vec::new()
}

fn hoist(node: Node) -> Vec<Node> {
    if matches!(node.kind.as_str(), "Plan" | "Group" | "SetUp" | "TearDown" | "Fragment" | "File" | "Data") {
        return vec![node];
    }
    node.children
}

/// Keys without which an element means something else, or nothing.
const NEEDED: &[&str] =
    &["script", "cond", "path", "action", "in", "out", "var", "expression", "delay", "file", "vars", "text"];

/// The plan without a key of node number `at`.
fn without_key(outline: &Outline, at: usize, key: usize) -> Option<Outline> {
    let mut found = false;
    let mut number = at;
    let roots = map(outline.0.clone(), &mut number, &mut |mut node| {
        let may_go = |(at, (name, _)): &(usize, &(String, String))| *at >= key && !NEEDED.contains(&name.as_str());
        if let Some((at, _)) = node.keys.iter().enumerate().find(may_go) {
            node.keys.remove(at);
            found = true;
        }
        vec![node]
    });
    found.then_some(Outline(roots))
}

/// Replaces the node of that number (in document order) by what `edit` makes of it.
fn map(nodes: Vec<Node>, number: &mut usize, edit: &mut dyn FnMut(Node) -> Vec<Node>) -> Vec<Node> {
    let mut out = Vec::new();
    for mut node in nodes {
        if *number == 0 {
            *number = usize::MAX;
            out.extend(edit(node));
            continue;
        }
        if *number != usize::MAX {
            *number -= 1;
        }
        node.children = map(node.children, number, edit);
        out.push(node);
    }
    out
}

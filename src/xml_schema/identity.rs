//! `xs:unique`, `xs:key` and `xs:keyref`: values that must differ, and values that must be there.

use super::components::{Constraint, Identity, Steps};
use super::value::Value;
use crate::xml_path::{Document, Kind, NodeId};

/// Values of one constraint within one element.
#[derive(Debug)]
struct Table {
    name: Box<str>,
    identity: Identity,
    rows: Vec<(Vec<Value>, String)>,
}

/// The constraints of an element that is open.
#[derive(Debug)]
pub struct Scope<'s> {
    element: NodeId,
    constraints: &'s [Constraint],
    tables: Vec<Table>,
}

impl<'s> Scope<'s> {
    pub fn new(element: NodeId, constraints: &'s [Constraint]) -> Self {
        let tables = constraints
            .iter()
            .map(|constraint| Table {
                name: constraint.name.clone(),
                identity: constraint.identity.clone(),
                rows: Vec::new(),
            })
            .collect();
        Scope { element, constraints, tables }
    }

    /// Takes an element that has ended; `value` tells the value of an element or an attribute. A fault comes with the last
    /// node that had to do with it.
    pub fn take(
        &mut self,
        document: &Document,
        ended: NodeId,
        value: &impl Fn(NodeId) -> Option<(Value, String)>,
    ) -> Option<(String, NodeId)> {
        let owner = document.name(self.element);
        for (constraint, table) in self.constraints.iter().zip(&mut self.tables) {
            if !constraint.selector.iter().any(|path| leads(document, self.element, ended, path)) {
                continue;
            }
            let (mut values, mut texts, mut last) = (Vec::new(), Vec::new(), ended);
            for field in &constraint.fields {
                let Some(node) = field.iter().find_map(|path| find(document, ended, path)) else { continue };
                if let Some((value, text)) = value(node) {
                    values.push(value);
                    texts.push(text);
                    last = last.max(node);
                }
            }
            let name = &constraint.name;
            if values.len() < constraint.fields.len() {
                if constraint.identity == Identity::Key {
                    let message = if values.is_empty() {
                        format!(
                            "cvc-identity-constraint.4.2.1.a: Element \"{owner}\" has no value for the key \"{name}\"."
                        )
                    } else {
                        format!(
                            "cvc-identity-constraint.4.2.1.b: Not enough values specified for <key name=\"{name}\"> identity constraint specified for element \"{owner}\"."
                        )
                    };
                    return Some((message, ended));
                }
                continue;
            }
            let shown = texts.join(",");
            let known = table.rows.iter().any(|(other, _)| *other == values);
            match constraint.identity {
                Identity::Unique if known => {
                    let message = format!(
                        "cvc-identity-constraint.4.1: Duplicate unique value [{shown}] found for identity constraint \"{name}\" of element \"{owner}\"."
                    );
                    return Some((message, last));
                }
                Identity::Key if known => {
                    let message = format!(
                        "cvc-identity-constraint.4.2.2: Duplicate key value [{shown}] found for identity constraint \"{name}\" of element \"{owner}\"."
                    );
                    return Some((message, last));
                }
                _ => table.rows.push((values, shown)),
            }
        }
        None
    }

    /// Whether an element is that of this scope.
    pub fn is_of(&self, element: NodeId) -> bool {
        self.element == element
    }

    /// Looks for the keys that are referred to, at the end of the element.
    pub fn end(&self, document: &Document) -> Option<String> {
        for table in &self.tables {
            let Identity::Reference(key) = &table.identity else { continue };
            let keys = self.tables.iter().find(|other| other.name == *key);
            for (values, shown) in &table.rows {
                if keys.is_none_or(|keys| keys.rows.iter().all(|(other, _)| other != values)) {
                    return Some(format!(
                        "cvc-identity-constraint.4.3: Key '{}' with value '{shown}' not found for identity constraint of element '{}'.",
                        table.name,
                        document.name(self.element)
                    ));
                }
            }
        }
        None
    }
}

/// Whether a path leads from an element to another below it.
fn leads(document: &Document, from: NodeId, to: NodeId, path: &Steps) -> bool {
    let mut at = to;
    for test in path.elements.iter().rev() {
        if at == from || !test.holds(document.namespace(at), document.local_name(at)) {
            return false;
        }
        let Some(parent) = document.parent(at) else { return false };
        at = parent;
    }
    at == from
        || (path.anywhere && std::iter::successors(Some(at), |at| document.parent(*at)).any(|above| above == from))
}

/// The first node that a path leads to.
fn find(document: &Document, from: NodeId, path: &Steps) -> Option<NodeId> {
    let mut elements = vec![from];
    if path.anywhere {
        let mut at = 0;
        while let Some(element) = elements.get(at).copied() {
            elements.extend(document.children(element).filter(|child| document.kind(*child) == Kind::Element));
            at += 1;
        }
    }
    for test in &path.elements {
        elements = elements
            .iter()
            .flat_map(|element| document.children(*element))
            .filter(|child| document.kind(*child) == Kind::Element)
            .filter(|child| test.holds(document.namespace(*child), document.local_name(*child)))
            .collect();
    }
    match &path.attribute {
        None => elements.first().copied(),
        Some(test) => elements.into_iter().find_map(|element| {
            document
                .attributes(element)
                .find(|attribute| test.holds(document.namespace(*attribute), document.local_name(*attribute)))
        }),
    }
}

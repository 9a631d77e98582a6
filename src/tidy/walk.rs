//! The tree for those who want to look at it.

use super::buffer::Buffer;
use super::tree::{Kind, NodeId, Tree};

/// A page after it was put in order.
pub struct Page {
    tree: Tree,
    buffer: Buffer,
    root: NodeId,
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Page").field("nodes", &self.tree.len()).finish_non_exhaustive()
    }
}

/// What a tree consists of, from its beginning to its end.
pub trait Visitor {
    /// An element begins.
    fn start(&mut self, name: &str);
    /// An attribute of the element that began; one that has no value has its name for it.
    fn attribute(&mut self, name: &str, value: &str);
    /// All attributes of the element were shown.
    fn end_of_start(&mut self);
    /// The element ends.
    fn end(&mut self);
    /// A text, which may be empty, and may have others beside it.
    fn text(&mut self, text: &str);
    /// A CDATA section.
    fn cdata(&mut self, text: &str);
    /// A comment.
    fn comment(&mut self, text: &str);
    /// A processing instruction, its target included.
    fn instruction(&mut self, text: &str);
    /// What is none of these: server code, a section, an XML declaration.
    fn other(&mut self);
}

impl Page {
    pub(super) fn new(tree: Tree, buffer: Buffer, root: NodeId) -> Self {
        Page { tree, buffer, root }
    }

    fn text(&self, id: NodeId) -> String {
        let node = &self.tree[id];
        match &node.own_text {
            Some(own) => String::from_utf8_lossy(own.get(node.start..node.end).unwrap_or_default()).into_owned(),
            None => self.buffer.text(node.start, node.end),
        }
    }

    /// Shows all nodes to a visitor.
    pub fn visit(&self, visitor: &mut impl Visitor) {
        let mut at = self.tree[self.root].first;
        let mut open: Vec<NodeId> = Vec::new();
        loop {
            let Some(id) = at else {
                let Some(element) = open.pop() else { return };
                visitor.end();
                at = self.tree[element].next;
                continue;
            };
            let node = &self.tree[id];
            at = node.next;
            match node.kind {
                Kind::Start | Kind::StartEnd => {
                    visitor.start(node.element.as_deref().unwrap_or_default());
                    for attribute in &node.attributes {
                        if let Some(name) = attribute.name.as_deref() {
                            visitor.attribute(name, attribute.value.as_deref().unwrap_or(name));
                        }
                    }
                    visitor.end_of_start();
                    open.push(id);
                    at = node.first;
                }
                Kind::Text => visitor.text(&self.text(id)),
                Kind::CData => visitor.cdata(&self.text(id)),
                Kind::Comment => visitor.comment(&self.text(id)),
                Kind::Instruction => visitor.instruction(&self.text(id)),
                Kind::Doctype => {}
                Kind::Root | Kind::End | Kind::Section | Kind::Asp | Kind::Jste | Kind::Php | Kind::XmlDeclaration => {
                    visitor.other();
                }
            }
        }
    }
}

//! Inline elements that are open where a block begins: they are opened again within it.

use super::tags::{INLINE, OBJECT, Tag};
use super::tree::{Attribute, Kind, NodeId};
use super::{Failure, Tidy};
use std::borrow::Cow;

pub(super) struct Inline {
    tag: Tag,
    element: Option<Cow<'static, str>>,
    attributes: Vec<Attribute>,
}

impl Tidy<'_> {
    pub fn push_inline(&mut self, node: NodeId) {
        let Some(tag) = self.tree.tag(node).filter(|tag| tag.is(INLINE) && !tag.is(OBJECT)) else { return };
        if self.tree[node].implicit || (tag != Tag::Font && self.is_pushed(node)) {
            return;
        }
        let (element, attributes) = (self.tree[node].element.clone(), self.tree[node].attributes.clone());
        self.inlines.push(Inline { tag, element, attributes });
    }

    /// Takes the last inline off, or all down to the last anchor.
    pub fn pop_inline(&mut self, node: NodeId) {
        let Some(tag) = self.tree.tag(node).filter(|tag| tag.is(INLINE) && !tag.is(OBJECT)) else { return };
        if tag == Tag::A {
            while self.inlines.pop().is_some_and(|inline| inline.tag != Tag::A) {}
            self.forget_missing_inlines();
        } else {
            self.pop_any_inline();
        }
    }

    pub fn pop_any_inline(&mut self) {
        if self.inlines.pop().is_some() {
            self.forget_missing_inlines();
        }
    }

    fn forget_missing_inlines(&mut self) {
        self.insert = self.insert.filter(|insert| *insert < self.inlines.len());
    }

    /// Takes off all that belong to the innermost context.
    pub fn pop_context_inlines(&mut self) {
        while self.inlines.len() > self.inlines_base {
            self.pop_any_inline();
        }
    }

    pub fn is_pushed(&self, node: NodeId) -> bool {
        let tag = self.tree.tag(node);
        self.inlines.iter().any(|inline| Some(inline.tag) == tag)
    }

    /// Asks for the inlines of this context, and for `node` behind them. Whether there are any.
    pub fn repeat_inlines(&mut self, node: Option<NodeId>) -> bool {
        let has_any = self.inlines.len() > self.inlines_base;
        if has_any {
            self.insert = Some(self.inlines_base);
            self.inode = node;
        }
        has_any
    }

    pub fn inserted_token(&mut self) -> Result<Option<NodeId>, Failure> {
        let Some(place) = self.insert else { return Ok(self.inode.take()) };
        if self.inode.is_none() {
            self.line = self.input.line;
            self.column = self.input.column;
        }
        let count = self.inlines.len();
        let inline = self.inlines.get(place).ok_or_else(|| Failure::Thrown {
            class: "java.lang.ArrayIndexOutOfBoundsException",
            message: format!("{place} >= {count}"),
        })?;
        let (tag, element, attributes) = (inline.tag, inline.element.clone(), inline.attributes.clone());
        let node = self.new_node(Kind::Start);
        let new = &mut self.tree[node];
        new.implicit = true;
        new.tag = Some(tag);
        new.element = element;
        new.attributes = attributes;
        self.insert = Some(place + 1).filter(|next| *next < count);
        Ok(Some(node))
    }
}

//! White space and empty elements that JTidy takes away, and elements that it turns into others.

use super::report::Warning;
use super::tags::{EMPTY, FIELD, INLINE, ROW, Tag};
use super::tree::{Kind, Node, NodeId};
use super::{Failure, Tidy};
use std::borrow::Cow;

impl Tidy<'_> {
    /// The byte of a node's text at a place of the array that it lies in.
    pub fn text_byte(&self, id: NodeId, at: usize) -> u8 {
        match &self.tree[id].own_text {
            Some(own) => own.get(at).copied().unwrap_or(0),
            None => self.buffer.byte(at),
        }
    }

    pub fn node_text(&self, id: NodeId) -> String {
        let node = &self.tree[id];
        match &node.own_text {
            Some(own) => String::from_utf8_lossy(own.get(node.start..node.end).unwrap_or_default()).into_owned(),
            None => self.buffer.text(node.start, node.end),
        }
    }

    pub fn is_text(&self, id: NodeId) -> bool {
        self.tree.kind(id) == Kind::Text
    }

    pub fn is_empty_text(&self, id: NodeId) -> bool {
        self.tree[id].start >= self.tree[id].end
    }

    /// Whether a text is no more than a blank.
    pub fn is_blank_text(&self, id: NodeId) -> bool {
        let node = &self.tree[id];
        node.kind == Kind::Text && node.end <= node.start + 1 && self.text_byte(id, node.start) == b' '
    }

    fn can_be_trimmed(&self, id: NodeId) -> bool {
        let node = &self.tree[id];
        if node.kind == Kind::Text {
            return true;
        }
        let Some(tag) = node.tag.filter(|_| node.first.is_none()) else { return false };
        let has = |name: &str| self.tree.attribute(id, name).is_some();
        let is_kept = (tag == Tag::A && !node.attributes.is_empty())
            || tag.is(ROW | EMPTY)
            || matches!(tag, Tag::Applet | Tag::Object | Tag::Title | Tag::Iframe)
            || (tag == Tag::Script && has("src"))
            || has("id")
            || has("name");
        !is_kept
    }

    pub fn trim_empty(&mut self, id: NodeId) {
        if self.can_be_trimmed(id) {
            if !self.is_text(id) {
                self.warn(Some(id), None, Warning::TrimEmptyElement);
            }
            self.tree.remove(id);
        } else if self.tree.tag(id) == Some(Tag::P) && self.tree[id].first.is_none() {
            let br = self.inferred(Tag::Br);
            self.coerce(id, Tag::Br);
            self.tree.insert_after(id, br);
        }
    }

    /// Turns a node into another element.
    pub fn coerce(&mut self, id: NodeId, tag: Tag) {
        let new = self.inferred(tag);
        self.warn(Some(id), Some(new), Warning::ObsoleteElement);
        let node = &mut self.tree[id];
        node.was = node.tag;
        node.tag = Some(tag);
        node.kind = Kind::Start;
        node.implicit = true;
        node.element = Some(Cow::Borrowed(tag.name()));
    }

    fn trim_last_blank(&mut self, element: NodeId, last: NodeId) {
        let node = &self.tree[last];
        if node.end > node.start && self.buffer.byte(node.end - 1) == b' ' {
            self.tree[last].end -= 1;
            let model = self.tree.model(element);
            if model & INLINE != 0 && model & FIELD == 0 {
                self.insert_space = true;
            }
        }
        if self.tree[last].start == self.tree[last].end {
            self.trim_empty(last);
        }
    }

    /// Moves the blank at the beginning of an inline element before it; elsewhere drops it.
    pub fn trim_first_blank(&mut self, element: NodeId, text: NodeId) -> Result<(), Failure> {
        let (start, end) = (self.tree[text].start, self.tree[text].end);
        if !self.is_text(text) || self.text_byte(text, start) != b' ' || start >= end {
            return Ok(());
        }
        let model = self.tree.model(element);
        if model & INLINE != 0 && model & FIELD == 0 {
            let parent = self.tree[element].parent.ok_or_else(|| Failure::null_field("content", "element.parent"))?;
            if self.tree[parent].first != Some(element) {
                self.put_blank_before(element, parent);
            }
        }
        self.tree[text].start += 1;
        Ok(())
    }

    fn put_blank_before(&mut self, element: NodeId, parent: NodeId) {
        let previous = self.tree[element].previous;
        if let Some(previous) = previous.filter(|previous| self.is_text(*previous)) {
            let end = self.tree[previous].end;
            if end == 0 || self.text_byte(previous, end - 1) != b' ' {
                self.set_text_byte(previous, end, b' ');
                self.tree[previous].end += 1;
            }
            self.tree[element].start += 1;
            return;
        }
        let start = self.tree[element].start;
        let blank = if start >= self.tree[element].end {
            self.tree.add(Node { own_text: Some(Box::from(*b" ")), ..Node::new(Kind::Text, 0, 1) })
        } else {
            self.tree[element].start += 1;
            self.buffer.set(start, b' ');
            self.tree.add(Node::new(Kind::Text, start, start + 1))
        };
        self.tree[blank].previous = previous;
        if let Some(previous) = previous {
            self.tree[previous].next = Some(blank);
        }
        self.tree[blank].next = Some(element);
        self.tree[element].previous = Some(blank);
        self.tree[blank].parent = Some(parent);
    }

    fn set_text_byte(&mut self, id: NodeId, at: usize, byte: u8) {
        match &mut self.tree[id].own_text {
            Some(own) => {
                if let Some(place) = own.get_mut(at) {
                    *place = byte;
                }
            }
            None => self.buffer.set(at, byte),
        }
    }

    /// Trims the blanks at both ends of an element.
    pub fn trim_spaces(&mut self, element: NodeId) -> Result<(), Failure> {
        let first = self.tree[element].first.filter(|first| self.is_text(*first));
        if let Some(text) = first.filter(|_| self.tree.tag(element) != Some(Tag::Pre)) {
            self.trim_first_blank(element, text)?;
        }
        if let Some(text) = self.tree[element].last.filter(|last| self.is_text(*last)) {
            self.trim_last_blank(element, text);
        }
        Ok(())
    }
}

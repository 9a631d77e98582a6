//! Lists, definition lists, and `pre`.

use super::{Frame, Mode, Parsed};
use crate::tidy::Tidy;
use crate::tidy::report::Warning;
use crate::tidy::tags::{BLOCK, INLINE, OBSOLETE, Tag};
use crate::tidy::tree::{Kind, Node, NodeId};

#[derive(Clone, Copy)]
pub(in crate::tidy) struct Definitions {
    element: NodeId,
    /// A `center` that was read just now, behind which the list goes on anew.
    center: Option<NodeId>,
}

impl Tidy<'_> {
    pub fn begin_list(&mut self, element: NodeId) -> Parsed {
        self.insert = None;
        self.open(Frame::List(element))
    }

    fn modernize_list(&mut self, list: NodeId) {
        if self.is(list, OBSOLETE) {
            self.coerce(list, Tag::Ul);
        }
    }

    pub fn list(&mut self, list: NodeId) -> Parsed {
        while let Some(mut node) = self.next_token(Mode::IgnoreWhitespace)? {
            if self.ends(node, list) {
                self.modernize_list(list);
                self.trim_empty(list);
                return Ok(());
            }
            if self.appends_misc(list, node) {
                continue;
            }
            if !self.is_text(node) && self.tag(node).is_none() {
                self.discard(list, node);
                continue;
            }
            if self.is_end(node) {
                if self.tag(node) == Some(Tag::Form) {
                    self.bad_form();
                    self.discard(list, node);
                    continue;
                }
                if self.is(node, INLINE) {
                    self.discard(list, node);
                    self.pop_inline(node);
                    continue;
                }
                if self.is_of_ancestor(node, list) {
                    self.missing_end_before(list, node);
                    self.unget_token();
                    self.modernize_list(list);
                    self.trim_empty(list);
                    return Ok(());
                }
                self.discard(list, node);
                continue;
            }
            if self.tag(node) != Some(Tag::Li) {
                self.unget_token();
                if self.is(node, BLOCK) && self.exclude_blocks {
                    self.missing_end_before(list, node);
                    self.trim_empty(list);
                    return Ok(());
                }
                node = self.inferred(Tag::Li);
                self.tree.append_attribute(node, "style", "list-style: none");
                self.warn(Some(list), Some(node), Warning::MissingStartTag);
            }
            self.tree.append(list, node);
            return self.descend(Frame::List(list), node, Mode::IgnoreWhitespace);
        }
        self.modernize_list(list);
        self.missing_end(list);
        self.trim_empty(list);
        Ok(())
    }

    pub fn begin_definitions(&mut self, element: NodeId) -> Parsed {
        self.insert = None;
        self.open(Frame::Definitions(Definitions { element, center: None }))
    }

    pub fn definitions(&mut self, mut frame: Definitions) -> Parsed {
        if let Some(center) = frame.center.take() {
            frame.element = self.inferred(Tag::Dl);
            self.tree.insert_after(center, frame.element);
        }
        let list = frame.element;
        while let Some(mut node) = self.next_token(Mode::IgnoreWhitespace)? {
            if self.ends(node, list) {
                self.trim_empty(list);
                return Ok(());
            }
            if self.appends_misc(list, node) {
                continue;
            }
            if self.is_text(node) {
                self.unget_token();
                node = self.missing_start(list, Tag::Dt);
            }
            if self.tag(node).is_none() {
                self.discard(list, node);
                continue;
            }
            if self.is_end(node) {
                if self.tag(node) == Some(Tag::Form) {
                    self.bad_form();
                    self.discard(list, node);
                    continue;
                }
                if self.is_of_ancestor(node, list) {
                    self.missing_end_before(list, node);
                    self.unget_token();
                    self.trim_empty(list);
                    return Ok(());
                }
            }
            if self.tag(node) == Some(Tag::Center) {
                if self.tree[list].first.is_some() {
                    self.tree.insert_after(list, node);
                } else {
                    self.tree.insert_before(list, node);
                    self.tree.remove(list);
                }
                frame.center = Some(node);
                return self.descend(Frame::Definitions(frame), node, Mode::IgnoreWhitespace);
            }
            if !matches!(self.tag(node), Some(Tag::Dt | Tag::Dd)) {
                self.unget_token();
                if !self.is(node, BLOCK | INLINE) {
                    self.not_allowed(list, node);
                    self.trim_empty(list);
                    return Ok(());
                }
                if !self.is(node, INLINE) && self.exclude_blocks {
                    self.trim_empty(list);
                    return Ok(());
                }
                node = self.missing_start(list, Tag::Dd);
            }
            if self.is_end(node) {
                self.discard(list, node);
                continue;
            }
            self.tree.append(list, node);
            return self.descend(Frame::Definitions(frame), node, Mode::IgnoreWhitespace);
        }
        self.missing_end(list);
        self.trim_empty(list);
        Ok(())
    }

    pub fn begin_pre(&mut self, pre: NodeId) -> Parsed {
        if self.is(pre, OBSOLETE) {
            self.coerce(pre, Tag::Pre);
        }
        self.repeat_inlines(None);
        self.open(Frame::Pre(pre))
    }

    pub fn pre(&mut self, pre: NodeId) -> Parsed {
        while let Some(node) = self.next_token(Mode::Preformatted)? {
            let tag = self.tag(node);
            if self.ends(node, pre) {
                self.trim_spaces(pre)?;
                self.trim_empty(pre);
                return Ok(());
            }
            if tag == Some(Tag::Html) {
                if self.begins(node) {
                    self.discard(pre, node);
                }
                continue;
            }
            if self.is_text(node) {
                if self.tree[pre].first.is_none() {
                    if self.text_byte(node, self.tree[node].start) == b'\n' {
                        self.tree[node].start += 1;
                    }
                    if self.is_empty_text(node) {
                        continue;
                    }
                }
                self.tree.append(pre, node);
                continue;
            }
            if self.appends_misc(pre, node) {
                continue;
            }
            if !self.may_be_in_pre(node) {
                self.warn(Some(pre), Some(node), Warning::UnescapedElement);
                let text = self.as_text(node);
                self.tree.append(pre, text);
                continue;
            }
            if tag == Some(Tag::P) {
                if self.is_start(node) {
                    self.warn(Some(pre), Some(node), Warning::UsingBrInPlaceOf);
                    self.trim_spaces(pre)?;
                    self.coerce(node, Tag::Br);
                    self.tree.append(pre, node);
                } else {
                    self.discard(pre, node);
                }
                continue;
            }
            if self.begins(node) {
                if tag == Some(Tag::Br) {
                    self.trim_spaces(pre)?;
                }
                self.tree.append(pre, node);
                return self.descend(Frame::Pre(pre), node, Mode::Preformatted);
            }
            self.discard(pre, node);
        }
        self.missing_end(pre);
        self.trim_empty(pre);
        Ok(())
    }

    /// A tag as text.
    fn as_text(&mut self, node: NodeId) -> NodeId {
        let start = self.buffer.size;
        let kind = self.tree.kind(node);
        let mut text = Vec::from(*b"<");
        if kind == Kind::End {
            text.push(b'/');
        }
        if let Some(name) = &self.tree[node].element {
            text.extend_from_slice(name.as_bytes());
        } else if kind == Kind::Doctype {
            text.extend_from_slice(b"!DOCTYPE ");
            let (start, end) = (self.tree[node].start, self.tree[node].end);
            text.extend_from_slice(self.buffer.slice(start, end.saturating_sub(start)));
        }
        if kind == Kind::StartEnd {
            text.push(b'/');
        }
        text.push(b'>');
        for byte in text {
            self.buffer.push(byte);
        }
        self.tree.add(Node::new(Kind::Text, start, self.buffer.size))
    }
}

//! The body of a page.

use super::{Frame, Mode, Parsed};
use crate::tidy::Tidy;
use crate::tidy::report::Warning;
use crate::tidy::tags::{BLOCK, Content, DEFLIST, FIELD, HEAD, HTML, INLINE, LIST, MIXED, ROW, ROWGRP, TABLE, Tag};
use crate::tidy::tree::{Kind, NodeId};
use crate::tidy::versions::{HTML20, HTML40_STRICT};

#[derive(Clone, Copy)]
pub(in crate::tidy) struct Body {
    element: NodeId,
    mode: Mode,
    /// Whether open inlines are still to be repeated before what comes next.
    checks_inlines: bool,
}

/// What becomes of a tag that has no place in a body.
enum Place {
    /// It goes on with this one.
    In(NodeId),
    Nowhere,
    Head,
    /// It ends the body.
    Behind,
}

impl Tidy<'_> {
    pub fn begin_body(&mut self, element: NodeId) -> Parsed {
        self.bump_objects(self.tree[element].parent);
        self.open(Frame::Body(Body { element, mode: Mode::IgnoreWhitespace, checks_inlines: true }))
    }

    pub fn body(&mut self, mut frame: Body) -> Parsed {
        let body = frame.element;
        let is_in_noframes = self.tree[body].parent.is_some_and(|parent| self.tag(parent) == Some(Tag::Noframes));
        while let Some(mut node) = self.next_token(frame.mode)? {
            let tag = self.tag(node);
            if tag == Some(Tag::Html) {
                if self.begins(node) || self.seen_end_of_html {
                    self.discard(body, node);
                } else {
                    self.seen_end_of_html = true;
                }
                continue;
            }
            if self.seen_end_of_body && matches!(self.tree.kind(node), Kind::Start | Kind::End | Kind::StartEnd) {
                self.warn(Some(body), Some(node), Warning::ContentAfterBody);
            }
            if self.ends(node, body) {
                self.trim_spaces(body)?;
                self.seen_end_of_body = true;
                frame.mode = Mode::IgnoreWhitespace;
                if is_in_noframes {
                    break;
                }
                continue;
            }
            if tag == Some(Tag::Noframes) {
                if self.is_start(node) {
                    self.tree.append(body, node);
                    self.open(Frame::Body(frame))?;
                    return self.begin(node, Content::Block, frame.mode);
                }
                if self.is_end(node) && is_in_noframes {
                    self.trim_spaces(body)?;
                    self.unget_token();
                    break;
                }
            }
            if matches!(tag, Some(Tag::Frame | Tag::Frameset)) && is_in_noframes {
                self.trim_spaces(body)?;
                self.unget_token();
                break;
            }
            let is_blank = self.is_blank_text(node);
            if self.appends_misc(body, node) {
                continue;
            }
            if self.is_text(node) {
                if is_blank && frame.mode == Mode::IgnoreWhitespace {
                    continue;
                }
                self.constrain(!(HTML40_STRICT | HTML20));
                if frame.checks_inlines {
                    frame.checks_inlines = false;
                    if self.repeat_inlines(Some(node)) {
                        continue;
                    }
                }
                self.tree.append(body, node);
                frame.mode = Mode::Mixed;
                continue;
            }
            if self.tree.kind(node) == Kind::Doctype {
                self.insert_late_doctype(body, node)?;
                continue;
            }
            if matches!(tag, None | Some(Tag::Param)) {
                self.discard(body, node);
                continue;
            }
            self.exclude_blocks = false;
            if !self.is(node, BLOCK | INLINE) || tag == Some(Tag::Input) {
                match self.place_in_body(body, node) {
                    Place::In(place) => node = place,
                    Place::Nowhere => continue,
                    Place::Head => return self.move_to_head(Frame::Body(frame), body, node),
                    Place::Behind => return Ok(()),
                }
            }
            if self.is_end(node) {
                match self.tag(node) {
                    Some(Tag::Br) => self.tree[node].kind = Kind::Start,
                    Some(Tag::P) => {
                        self.coerce(node, Tag::Br);
                        self.tree.append(body, node);
                        node = self.inferred(Tag::Br);
                    }
                    _ if self.is(node, INLINE) => self.pop_inline(node),
                    _ => {}
                }
            }
            if !self.begins(node) {
                self.discard(body, node);
                continue;
            }
            if self.is(node, INLINE) && !self.is(node, MIXED) {
                self.constrain(if self.tag(node) == Some(Tag::Img) {
                    !HTML40_STRICT
                } else {
                    !(HTML40_STRICT | HTML20)
                });
                if frame.checks_inlines && !self.tree[node].implicit {
                    frame.checks_inlines = false;
                    if self.repeat_inlines(Some(node)) {
                        continue;
                    }
                }
                frame.mode = Mode::Mixed;
            } else {
                frame.checks_inlines = true;
                frame.mode = Mode::IgnoreWhitespace;
            }
            if self.tree[node].implicit {
                self.warn(Some(body), Some(node), Warning::InsertingTag);
            }
            self.tree.append(body, node);
            return self.descend(Frame::Body(frame), node, frame.mode);
        }
        Ok(())
    }

    fn place_in_body(&mut self, body: NodeId, node: NodeId) -> Place {
        if !self.is(node, HEAD) {
            self.not_allowed(body, node);
        }
        if self.is(node, HTML) {
            if self.tag(node) == Some(Tag::Body) && self.tree[body].implicit && self.tree[body].attributes.is_empty() {
                self.tree[body].attributes = std::mem::take(&mut self.tree[node].attributes);
            }
            return Place::Nowhere;
        }
        if self.is(node, HEAD) {
            return Place::Head;
        }
        let place = if self.is(node, LIST) {
            self.unget_token();
            self.infer_list()
        } else if self.is(node, DEFLIST) {
            self.unget_token();
            self.inferred(Tag::Dl)
        } else if self.is(node, TABLE | ROWGRP | ROW) {
            if self.is_end(node) {
                node
            } else {
                self.unget_token();
                self.inferred(Tag::Table)
            }
        } else if self.tag(node) == Some(Tag::Input) {
            self.unget_token();
            self.inferred(Tag::Form)
        } else if self.is(node, ROW | FIELD) {
            return Place::Nowhere;
        } else {
            self.unget_token();
            return Place::Behind;
        };
        self.exclude_blocks = true;
        Place::In(place)
    }
}

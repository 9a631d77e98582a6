//! Blocks: divisions, forms, items, cells.

use super::{Frame, Mode, Parsed};
use crate::tidy::report::Warning;
use crate::tidy::tags::{BLOCK, Content, DEFLIST, HEAD, INLINE, LIST, MIXED, OBJECT, OPT, PARAM, ROW, TABLE, Tag};
use crate::tidy::tree::{Kind, NodeId};
use crate::tidy::versions::HTML40_STRICT;
use crate::tidy::{Failure, Tidy};
use std::borrow::Cow;

#[derive(Clone, Copy)]
pub(in crate::tidy) struct Block {
    element: NodeId,
    mode: Mode,
    checks_inlines: bool,
    /// Where the inlines of what is around begin; for elements that have inlines of their own.
    inlines_base: usize,
}

/// What becomes of a tag that is not inline.
enum Place {
    In(NodeId),
    Nowhere,
    Head,
    /// The element has ended before it.
    Ended,
}

impl Tidy<'_> {
    pub fn begin_block(&mut self, element: NodeId) -> Parsed {
        if self.tag(element) == Some(Tag::Form) && self.tree.is_in(element, Tag::Form) {
            self.warn(Some(element), None, Warning::IllegalNesting);
        }
        let inlines_base = self.inlines_base;
        if self.is(element, OBJECT) {
            self.inlines_base = self.inlines.len();
        }
        if !self.is(element, MIXED) {
            self.repeat_inlines(None);
        }
        self.open(Frame::Block(Block { element, mode: Mode::IgnoreWhitespace, checks_inlines: true, inlines_base }))
    }

    pub fn block(&mut self, mut frame: Block) -> Parsed {
        let element = frame.element;
        while let Some(mut node) = self.next_token(frame.mode)? {
            let mut tag = self.tag(node);
            if self.is_end(node) && tag.is_some() && (tag == self.tag(element) || tag == self.tree[element].was) {
                self.leave_object(frame);
                return self.close(element);
            }
            if matches!(tag, Some(Tag::Html | Tag::Head | Tag::Body)) {
                if self.begins(node) {
                    self.discard(element, node);
                }
                continue;
            }
            if self.is_end(node) {
                if tag.is_none() {
                    self.discard(element, node);
                    continue;
                }
                if tag == Some(Tag::Br) {
                    self.tree[node].kind = Kind::Start;
                } else if tag == Some(Tag::P) {
                    self.coerce(node, Tag::Br);
                    self.tree.append(element, node);
                    node = self.inferred(Tag::Br);
                    tag = Some(Tag::Br);
                } else if self.is_of_ancestor(node, element) {
                    if !self.is(element, OPT) {
                        self.missing_end_before(element, node);
                    }
                    self.unget_token();
                    self.leave_object(frame);
                    return self.close(element);
                } else if self.exiled && self.is(node, TABLE) {
                    self.unget_token();
                    return self.close(element);
                }
            }
            if self.is_text(node) {
                if frame.checks_inlines {
                    frame.checks_inlines = false;
                    if !self.is(element, MIXED) && self.repeat_inlines(Some(node)) {
                        continue;
                    }
                }
                self.tree.append(element, node);
                frame.mode = Mode::Mixed;
                if matches!(self.tag(element), Some(Tag::Body | Tag::Map | Tag::Blockquote | Tag::Form | Tag::Noscript))
                {
                    self.constrain(!HTML40_STRICT);
                }
                continue;
            }
            if self.appends_misc(element, node) {
                continue;
            }
            let wants = match tag {
                Some(Tag::Param) => Some(self.is(element, PARAM)),
                Some(Tag::Area) => Some(self.tag(element) == Some(Tag::Map)),
                None => Some(false),
                _ => None,
            };
            if let Some(wants) = wants {
                if wants && self.begins(node) {
                    self.tree.append(element, node);
                } else {
                    self.discard(element, node);
                }
                continue;
            }
            if !self.is(node, INLINE) {
                match self.place_in_block(frame, node)? {
                    Place::In(place) => node = place,
                    Place::Nowhere => continue,
                    Place::Head => return self.move_to_head(Frame::Block(frame), element, node),
                    Place::Ended => return Ok(()),
                }
            }
            if self.begins(node) {
                if self.is(node, INLINE) {
                    if frame.checks_inlines && !self.tree[node].implicit {
                        frame.checks_inlines = false;
                        if !self.is(element, MIXED) && self.repeat_inlines(Some(node)) {
                            continue;
                        }
                    }
                    frame.mode = Mode::Mixed;
                } else {
                    frame.checks_inlines = true;
                    frame.mode = Mode::IgnoreWhitespace;
                }
                if self.tag(node) == Some(Tag::Br) {
                    self.trim_spaces(element)?;
                }
                self.tree.append(element, node);
                if self.tree[node].implicit {
                    self.warn(Some(element), Some(node), Warning::InsertingTag);
                }
                return self.descend(Frame::Block(frame), node, Mode::IgnoreWhitespace);
            }
            if self.is_end(node) {
                self.pop_inline(node);
            }
            self.discard(element, node);
        }
        if !self.is(element, OPT) {
            self.missing_end(element);
        }
        self.leave_object(frame);
        self.close(element)
    }

    /// Ends the inlines of an object, which has its own.
    fn leave_object(&mut self, frame: Block) {
        if self.is(frame.element, OBJECT) {
            self.pop_context_inlines();
            self.inlines_base = frame.inlines_base;
        }
    }

    fn place_in_block(&mut self, frame: Block, node: NodeId) -> Result<Place, Failure> {
        let element = frame.element;
        let tag = self.tag(node);
        let own = self.tag(element);
        if !self.begins(node) {
            if tag == Some(Tag::Form) {
                self.bad_form();
            }
            self.discard(element, node);
            return Ok(Place::Nowhere);
        }
        if own == Some(Tag::Li) && matches!(tag, Some(Tag::Frame | Tag::Frameset | Tag::Optgroup | Tag::Option)) {
            self.discard(element, node);
            return Ok(Place::Nowhere);
        }
        if matches!(own, Some(Tag::Td | Tag::Th)) {
            return self.place_in_cell(element, node);
        }
        if self.is(node, BLOCK) {
            if !self.exclude_blocks {
                return Ok(Place::In(node));
            }
            if !self.is(element, OPT) {
                self.missing_end_before(element, node);
            }
            self.unget_token();
            if self.is(element, OBJECT) {
                self.inlines_base = frame.inlines_base;
            }
            self.close(element)?;
            return Ok(Place::Ended);
        }
        if self.is(node, HEAD) {
            return Ok(Place::Head);
        }
        let parent = self.tree[element].parent;
        let parent_tag = parent.and_then(|parent| self.tag(parent));
        if let Some(cell) =
            parent.filter(|cell| own == Some(Tag::Form) && parent_tag == Some(Tag::Td) && self.tree[*cell].implicit)
        {
            // A form that began in a row was put into a cell of its own.
            if matches!(tag, Some(Tag::Td | Tag::Th)) {
                self.discard(element, node);
                if tag == Some(Tag::Th) {
                    self.tree[cell].tag = Some(Tag::Th);
                    self.tree[cell].element = Some(Cow::Borrowed("th"));
                }
                return Ok(Place::Nowhere);
            }
        }
        if !self.is(element, OPT) && !self.tree[element].implicit {
            self.missing_end_before(element, node);
        }
        self.unget_token();
        if self.is(node, LIST) {
            if parent_tag.is_none_or(|tag| tag.content() != Content::List) {
                return Ok(Place::In(self.infer_list()));
            }
        } else if self.is(node, DEFLIST) {
            if parent_tag != Some(Tag::Dl) {
                return Ok(Place::In(self.inferred(Tag::Dl)));
            }
        } else if self.is(node, TABLE | ROW) {
            return Ok(Place::In(self.inferred(Tag::Table)));
        } else {
            self.leave_object(frame);
        }
        self.close(element)?;
        Ok(Place::Ended)
    }

    fn place_in_cell(&mut self, cell: NodeId, node: NodeId) -> Result<Place, Failure> {
        if self.is(node, HEAD) {
            return Ok(Place::Head);
        }
        let place = if self.is(node, LIST) {
            self.unget_token();
            self.exclude_blocks = true;
            self.infer_list()
        } else if self.is(node, DEFLIST) {
            self.unget_token();
            self.exclude_blocks = true;
            self.inferred(Tag::Dl)
        } else {
            node
        };
        if self.is(place, BLOCK) {
            return Ok(Place::In(place));
        }
        self.unget_token();
        self.close(cell)?;
        Ok(Place::Ended)
    }
}

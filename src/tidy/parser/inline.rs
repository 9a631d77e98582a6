//! Inline elements, paragraphs and headings.

use super::{Frame, Mode, Parsed};
use crate::tidy::report::{Warning, layout};
use crate::tidy::tags::{BLOCK, HEAD, HEADING, INLINE, OBJECT, OPT, TABLE, Tag};
use crate::tidy::tree::{Kind, NodeId};
use crate::tidy::{Failure, Tidy};
use std::borrow::Cow;

#[derive(Clone, Copy)]
pub(in crate::tidy) struct Inline {
    element: NodeId,
    mode: Mode,
}

/// What became of a tag.
enum Taken {
    /// It has been dealt with.
    Yes,
    No,
    /// The element ends before it.
    End,
}

impl Tidy<'_> {
    pub fn begin_inline(&mut self, element: NodeId, mode: Mode) -> Parsed {
        let tag = self.tag(element);
        if self.is(element, BLOCK) || tag == Some(Tag::Dt) {
            self.repeat_inlines(None);
        } else if self.is(element, INLINE) && !matches!(tag, Some(Tag::A | Tag::Span)) {
            self.push_inline(element);
        }
        match tag {
            Some(Tag::Nobr) => self.report.layout |= layout::USING_NOBR,
            Some(Tag::Font) => self.report.layout |= layout::USING_FONT,
            _ => {}
        }
        let mode = if mode == Mode::Preformatted { mode } else { Mode::Mixed };
        self.open(Frame::Inline(Inline { element, mode }))
    }

    pub fn inline(&mut self, mut frame: Inline) -> Parsed {
        while let Some(node) = self.next_token(frame.mode)? {
            let element = frame.element;
            let tag = self.tag(node);
            if self.ends(node, element) {
                return self.end_inline(frame, node);
            }
            if self.is_nested_emphasis(element, node) {
                if self.tree[element].first.is_some() && self.tree[node].attributes.is_empty() {
                    self.warn(Some(element), Some(node), Warning::CoerceToEndTag);
                    self.tree[node].kind = Kind::End;
                    self.unget_token();
                    continue;
                }
                self.warn(Some(element), Some(node), Warning::NestedEmphasis);
            } else if tag == Some(Tag::Q) && self.is_start(node) && self.is_pushed(node) {
                self.warn(Some(element), Some(node), Warning::NestedQuotation);
            }
            if self.is_text(node) {
                if self.tree[element].first.is_none() {
                    self.trim_unless_preformatted(frame)?;
                }
                if !self.is_empty_text(node) {
                    self.tree.append(element, node);
                }
                continue;
            }
            if self.appends_misc(element, node) {
                continue;
            }
            if tag == Some(Tag::Html) {
                if self.begins(node) {
                    self.discard(element, node);
                    continue;
                }
                self.unget_token();
                return self.close_inline(frame);
            }
            let is_in_term = || self.tag(element) == Some(Tag::Dt) || self.tree.is_in(element, Tag::Dt);
            if tag == Some(Tag::P) && self.is_start(node) && (frame.mode == Mode::Preformatted || is_in_term()) {
                self.tree[node].tag = Some(Tag::Br);
                self.tree[node].element = Some(Cow::Borrowed("br"));
                self.trim_spaces(element)?;
                self.tree.append(element, node);
                continue;
            }
            if matches!(tag, None | Some(Tag::Param)) {
                self.discard(element, node);
                continue;
            }
            match self.end_tag_in_inline(frame, node)? {
                Taken::Yes => continue,
                Taken::End => return Ok(()),
                Taken::No => {}
            }
            if self.is(node, HEADING) && self.is(element, HEADING) {
                if tag == self.tag(element) {
                    self.warn(Some(element), Some(node), Warning::NonMatchingEndTag);
                } else {
                    self.missing_end_before(element, node);
                    self.unget_token();
                }
                return self.close_inline(frame);
            }
            if tag == Some(Tag::A)
                && !self.tree[node].implicit
                && (self.tag(element) == Some(Tag::A) || self.tree.is_in(element, Tag::A))
            {
                self.unget_token();
                if !self.is_end(node) && self.tree[node].attributes.is_empty() {
                    self.tree[node].kind = Kind::End;
                    self.warn(Some(element), Some(node), Warning::CoerceToEndTag);
                    continue;
                }
                self.missing_end_before(element, node);
                return self.close_inline(frame);
            }
            if self.splits(&mut frame, node)? {
                continue;
            }
            if self.is_end(node) && self.is_of_ancestor(node, element) {
                if !self.is(element, OPT) && !self.tree[element].implicit {
                    self.missing_end_before(element, node);
                }
                if self.tag(element) == Some(Tag::A) {
                    self.pop_inline(element);
                }
                self.unget_token();
                return self.close_inline(frame);
            }
            if !self.is(node, INLINE) {
                if !self.is_start(node) {
                    self.discard(element, node);
                    continue;
                }
                if !self.is(element, OPT) {
                    self.missing_end_before(element, node);
                }
                if self.is(node, HEAD) && !self.is(node, BLOCK) {
                    return self.move_to_head(Frame::Inline(frame), element, node);
                }
                if self.tag(element) == Some(Tag::A) {
                    if !self.is(node, HEADING) {
                        self.pop_inline(element);
                    } else if self.tree[element].first.is_none() {
                        self.tree.remove(element);
                        self.unget_token();
                        return Ok(());
                    }
                }
                self.unget_token();
                return self.close_inline(frame);
            }
            if self.begins(node) {
                if self.tree[node].implicit {
                    self.warn(Some(element), Some(node), Warning::InsertingTag);
                }
                if self.tag(node) == Some(Tag::Br) {
                    self.trim_spaces(element)?;
                }
                self.tree.append(element, node);
                return self.descend(Frame::Inline(frame), node, frame.mode);
            }
            self.discard(element, node);
        }
        if !self.is(frame.element, OPT) {
            self.missing_end(frame.element);
        }
        self.trim_empty(frame.element);
        Ok(())
    }

    fn trim_unless_preformatted(&mut self, frame: Inline) -> Parsed {
        if frame.mode == Mode::Preformatted { Ok(()) } else { self.trim_spaces(frame.element) }
    }

    fn close_inline(&mut self, frame: Inline) -> Parsed {
        self.trim_unless_preformatted(frame)?;
        self.trim_empty(frame.element);
        Ok(())
    }

    fn end_inline(&mut self, frame: Inline, node: NodeId) -> Parsed {
        let element = frame.element;
        if self.is(element, INLINE) {
            self.pop_inline(node);
        }
        self.trim_unless_preformatted(frame)?;
        let only = self.tree[element].first.filter(|first| self.tree[element].last == Some(*first));
        let anchor = only.filter(|only| self.tag(*only) == Some(Tag::A));
        if let Some(anchor) = anchor.filter(|_| self.tag(element) == Some(Tag::Font)) {
            self.move_font_into_anchor(element, anchor);
        }
        self.close(element)
    }

    /// A font around nothing but an anchor goes into it, since its colour would not count else.
    fn move_font_into_anchor(&mut self, font: NodeId, anchor: NodeId) {
        let (parent, previous, next) = (self.tree[font].parent, self.tree[font].previous, self.tree[font].next);
        let (first, last) = (self.tree[anchor].first, self.tree[anchor].last);
        self.tree[anchor].parent = parent;
        self.tree[anchor].previous = previous;
        self.tree[anchor].next = next;
        let outside = &mut self.tree;
        match previous {
            Some(previous) => outside[previous].next = Some(anchor),
            None => parent.into_iter().for_each(|parent| outside[parent].first = Some(anchor)),
        }
        match next {
            Some(next) => outside[next].previous = Some(anchor),
            None => parent.into_iter().for_each(|parent| outside[parent].last = Some(anchor)),
        }
        let inside = &mut self.tree[font];
        inside.next = None;
        inside.previous = None;
        inside.parent = Some(anchor);
        inside.first = first;
        inside.last = last;
        self.tree[anchor].first = Some(font);
        self.tree[anchor].last = Some(font);
        self.tree.adopt_children(font);
    }

    fn is_nested_emphasis(&self, element: NodeId, node: NodeId) -> bool {
        let is_cumulative = matches!(self.tag(node), Some(Tag::A | Tag::Font | Tag::Big | Tag::Small | Tag::Q));
        self.is_start(node)
            && self.tag(node) == self.tag(element)
            && self.is_pushed(node)
            && !self.tree[node].implicit
            && !self.tree[element].implicit
            && self.is(node, INLINE)
            && !is_cumulative
    }

    /// What an end tag of something else does.
    fn end_tag_in_inline(&mut self, frame: Inline, node: NodeId) -> Result<Taken, Failure> {
        let element = frame.element;
        let tag = self.tag(node);
        if !self.is_end(node) {
            return Ok(Taken::No);
        }
        if tag == Some(Tag::Br) {
            self.tree[node].kind = Kind::Start;
        } else if tag == Some(Tag::P) {
            if !self.tree.is_in(element, Tag::P) {
                self.coerce(node, Tag::Br);
                self.trim_spaces(element)?;
                self.tree.append(element, node);
                self.inferred(Tag::Br);
                return Ok(Taken::Yes);
            }
        } else if self.is(node, INLINE) && tag != Some(Tag::A) && !self.is(node, OBJECT) && self.is(element, INLINE) {
            // Any end tag of an inline element ends this one.
            self.pop_inline(element);
            if self.tag(element) == Some(Tag::A) {
                self.discard(element, node);
                return Ok(Taken::Yes);
            }
            self.warn(Some(element), Some(node), Warning::NonMatchingEndTag);
            self.close_inline(frame)?;
            return Ok(Taken::End);
        } else if self.exiled && self.is(node, TABLE) {
            self.unget_token();
            self.close(element)?;
            return Ok(Taken::End);
        }
        Ok(Taken::No)
    }

    /// Headings and terms are split by what may not be in them. Whether this one was, or a tag was dropped.
    fn splits(&mut self, frame: &mut Inline, node: NodeId) -> Result<bool, Failure> {
        let element = frame.element;
        let tag = self.tag(node);
        let is_heading = self.is(element, HEADING);
        let by_center = is_heading && matches!(tag, Some(Tag::Center | Tag::Div));
        let by_rule = (is_heading || self.tag(element) == Some(Tag::Dt)) && tag == Some(Tag::Hr);
        if !by_center && !by_rule {
            return Ok(false);
        }
        if !self.begins(node) {
            self.discard(element, node);
            return Ok(true);
        }
        self.not_allowed(element, node);
        // What goes between the two parts.
        let between = if is_heading { node } else { self.inferred(Tag::Dd) };
        if self.tree[element].first.is_none() {
            if by_center {
                self.tree.wrap(element, node);
            } else {
                self.tree.insert_before(element, between);
                if between != node {
                    self.tree.append(between, node);
                }
            }
            return Ok(true);
        }
        self.tree.insert_after(element, between);
        if between != node {
            self.tree.append(between, node);
        }
        self.trim_unless_preformatted(*frame)?;
        let size = self.buffer.size;
        let mut second = self.tree[element].clone();
        second.previous = None;
        second.next = None;
        second.first = None;
        second.last = None;
        second.was = None;
        second.start = size;
        second.end = size;
        let second = self.tree.add(second);
        if by_center {
            self.tree.append(node, second);
        } else {
            self.tree.insert_after(between, second);
        }
        frame.element = second;
        Ok(true)
    }
}

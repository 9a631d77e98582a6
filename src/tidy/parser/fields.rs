//! Fields of forms: `select`, `optgroup`, and those that hold nothing but text.

use super::{Frame, Mode, Parsed};
use crate::tidy::Tidy;
use crate::tidy::report::Warning;
use crate::tidy::tags::{FIELD, INLINE, OPT, Tag};
use crate::tidy::tree::NodeId;

impl Tidy<'_> {
    pub fn begin_select(&mut self, element: NodeId) -> Parsed {
        self.insert = None;
        self.open(Frame::Select(element))
    }

    pub fn select(&mut self, field: NodeId) -> Parsed {
        while let Some(node) = self.next_token(Mode::IgnoreWhitespace)? {
            if self.ends(node, field) {
                return self.trim_spaces(field);
            }
            if self.appends_misc(field, node) {
                continue;
            }
            if self.is_start(node) && matches!(self.tag(node), Some(Tag::Option | Tag::Optgroup | Tag::Script)) {
                self.tree.append(field, node);
                return self.descend(Frame::Select(field), node, Mode::IgnoreWhitespace);
            }
            self.discard(field, node);
        }
        self.missing_end(field);
        Ok(())
    }

    pub fn begin_option_group(&mut self, element: NodeId) -> Parsed {
        self.insert = None;
        self.open(Frame::OptionGroup(element))
    }

    pub fn option_group(&mut self, field: NodeId) -> Parsed {
        while let Some(node) = self.next_token(Mode::IgnoreWhitespace)? {
            if self.ends(node, field) {
                return self.trim_spaces(field);
            }
            if self.appends_misc(field, node) {
                continue;
            }
            if self.is_start(node) && matches!(self.tag(node), Some(Tag::Option | Tag::Optgroup)) {
                if self.tag(node) == Some(Tag::Optgroup) {
                    self.warn(Some(field), Some(node), Warning::CantBeNested);
                }
                self.tree.append(field, node);
                return self.descend(Frame::OptionGroup(field), node, Mode::Mixed);
            }
            self.discard(field, node);
        }
        Ok(())
    }

    /// `option`, `textarea`.
    pub fn field_text(&mut self, field: NodeId) -> Parsed {
        self.insert = None;
        let is_area = self.tag(field) == Some(Tag::Textarea);
        let mode = if is_area { Mode::Preformatted } else { Mode::Mixed };
        while let Some(node) = self.next_token(mode)? {
            if self.ends(node, field) {
                return self.trim_spaces(field);
            }
            if self.appends_misc(field, node) {
                continue;
            }
            if self.is_text(node) {
                if self.tree[field].first.is_none() && !is_area {
                    self.trim_spaces(field)?;
                }
                if !self.is_empty_text(node) {
                    self.tree.append(field, node);
                }
                continue;
            }
            if self.is(node, INLINE) && !self.is(node, FIELD) {
                self.discard(field, node);
                continue;
            }
            if !self.is(field, OPT) {
                self.missing_end_before(field, node);
            }
            self.unget_token();
            return self.trim_spaces(field);
        }
        if !self.is(field, OPT) {
            self.missing_end(field);
        }
        Ok(())
    }
}

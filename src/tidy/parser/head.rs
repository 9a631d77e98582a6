//! The head of a page, its title, scripts and style sheets.

use super::{Frame, Mode, Parsed};
use crate::tidy::Tidy;
use crate::tidy::report::{Error, Warning};
use crate::tidy::tags::{HEAD, Tag};
use crate::tidy::tree::{Kind, NodeId};

#[derive(Clone, Copy)]
pub(in crate::tidy) struct Head {
    element: NodeId,
    titles: usize,
    bases: usize,
}

impl Head {
    pub fn new(element: NodeId) -> Self {
        Head { element, titles: 0, bases: 0 }
    }
}

impl Tidy<'_> {
    pub fn head(&mut self, mut frame: Head) -> Parsed {
        let head = frame.element;
        while let Some(node) = self.next_token(Mode::IgnoreWhitespace)? {
            if self.ends(node, head) {
                break;
            }
            if self.is_text(node) {
                self.not_allowed(head, node);
                self.unget_token();
                break;
            }
            if self.appends_misc(head, node) {
                continue;
            }
            if self.tree.kind(node) == Kind::Doctype {
                self.insert_late_doctype(head, node)?;
                continue;
            }
            let Some(tag) = self.tag(node) else {
                self.discard(head, node);
                continue;
            };
            if !tag.is(HEAD) {
                if self.is_voyager {
                    self.not_allowed(head, node);
                }
                self.unget_token();
                break;
            }
            if !self.begins(node) {
                self.discard(head, node);
                continue;
            }
            frame.titles += usize::from(tag == Tag::Title);
            frame.bases += usize::from(tag == Tag::Base);
            if (tag == Tag::Title && frame.titles > 1) || (tag == Tag::Base && frame.bases > 1) {
                self.warn(Some(head), Some(node), Warning::TooManyElements);
            } else if tag == Tag::Noscript {
                self.not_allowed(head, node);
            }
            self.tree.append(head, node);
            return self.descend(Frame::Head(frame), node, Mode::IgnoreWhitespace);
        }
        Ok(())
    }

    pub fn title(&mut self, title: NodeId) -> Parsed {
        while let Some(node) = self.next_token(Mode::Mixed)? {
            if self.tag(node) == Some(Tag::Title) && self.is_start(node) {
                self.warn(Some(title), Some(node), Warning::CoerceToEndTag);
                self.tree[node].kind = Kind::End;
                continue;
            }
            if self.ends(node, title) {
                return self.trim_spaces(title);
            }
            if self.is_text(node) {
                if self.tree[title].first.is_none() {
                    self.trim_first_blank(title, node)?;
                }
                if !self.is_empty_text(node) {
                    self.tree.append(title, node);
                }
                continue;
            }
            if self.appends_misc(title, node) {
                continue;
            }
            if self.tag(node).is_none() {
                self.discard(title, node);
                continue;
            }
            self.missing_end_before(title, node);
            self.unget_token();
            return self.trim_spaces(title);
        }
        self.missing_end(title);
        Ok(())
    }

    pub fn script(&mut self, script: NodeId) -> Parsed {
        let Some(text) = self.script_text(script) else {
            self.error(Some(script), None, Error::MissingEndTag);
            return Ok(());
        };
        self.tree.append(script, text);
        let node = self.next_token(Mode::IgnoreWhitespace)?;
        if !node.is_some_and(|node| self.ends(node, script)) {
            self.error(Some(script), node, Error::MissingEndTag);
            if node.is_some() {
                self.unget_token();
            }
        }
        Ok(())
    }
}

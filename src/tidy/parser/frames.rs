//! Frame sets, and what stands for them where there are no frames.

use super::{Frame, Mode, Parsed};
use crate::tidy::report::{Warning, access};
use crate::tidy::tags::{FRAMES, HEAD, Tag};
use crate::tidy::tree::{NoBody, NodeId};
use crate::tidy::{Failure, Tidy};

#[derive(Clone, Copy)]
pub(in crate::tidy) struct NoFrames {
    element: NodeId,
    /// A body that was read within, after the page's own.
    second_body: Option<NodeId>,
}

impl From<NoBody> for Failure {
    fn from(_: NoBody) -> Self {
        Failure::null_field("tag", "node")
    }
}

impl Tidy<'_> {
    pub fn begin_frame_set(&mut self, element: NodeId) -> Parsed {
        self.report.access |= access::USING_FRAMES;
        self.open(Frame::Set(element))
    }

    pub fn frame_set(&mut self, frameset: NodeId) -> Parsed {
        while let Some(mut node) = self.next_token(Mode::IgnoreWhitespace)? {
            if self.ends(node, frameset) {
                return self.trim_spaces(frameset);
            }
            if self.appends_misc(frameset, node) {
                continue;
            }
            if self.tag(node).is_none() {
                self.discard(frameset, node);
                continue;
            }
            if self.begins(node) && self.is(node, HEAD) {
                return self.move_to_head(Frame::Set(frameset), frameset, node);
            }
            if self.tag(node) == Some(Tag::Body) {
                self.unget_token();
                node = self.inferred(Tag::Noframes);
                self.warn(Some(frameset), Some(node), Warning::InsertingTag);
            }
            if self.is(node, FRAMES) && self.is_start(node) {
                self.tree.append(frameset, node);
                self.exclude_blocks = false;
                return self.descend(Frame::Set(frameset), node, Mode::Mixed);
            }
            if self.is(node, FRAMES) && self.begins(node) {
                self.tree.append(frameset, node);
                continue;
            }
            self.discard(frameset, node);
        }
        self.missing_end(frameset);
        Ok(())
    }

    pub fn begin_no_frames(&mut self, element: NodeId) -> Parsed {
        self.report.access |= access::USING_NOFRAMES;
        self.open(Frame::NoFrames(NoFrames { element, second_body: None }))
    }

    pub fn no_frames(&mut self, mut frame: NoFrames) -> Parsed {
        let noframes = frame.element;
        if let Some(second) = frame.second_body.take() {
            self.coerce(second, Tag::Div);
            self.tree.remove(second);
            let body = self.page_body()?;
            self.tree.append(body, second);
        }
        while let Some(mut node) = self.next_token(Mode::IgnoreWhitespace)? {
            let tag = self.tag(node);
            if self.ends(node, noframes) {
                return self.trim_spaces(noframes);
            }
            if matches!(tag, Some(Tag::Frame | Tag::Frameset)) {
                self.trim_spaces(noframes)?;
                if self.is_end(node) {
                    self.discard(noframes, node);
                } else {
                    self.missing_end_before(noframes, node);
                    self.unget_token();
                }
                return Ok(());
            }
            if tag == Some(Tag::Html) {
                if self.begins(node) {
                    self.discard(noframes, node);
                }
                continue;
            }
            if self.appends_misc(noframes, node) {
                continue;
            }
            if tag == Some(Tag::Body) && self.is_start(node) {
                frame.second_body = self.seen_end_of_body.then_some(node);
                self.tree.append(noframes, node);
                return self.descend(Frame::NoFrames(frame), node, Mode::IgnoreWhitespace);
            }
            if self.is_text(node) || (tag.is_some() && !self.is_end(node)) {
                if self.seen_end_of_body {
                    let body = self.tree.body(self.root)?;
                    if self.is_text(node) {
                        self.unget_token();
                        node = self.inferred(Tag::P);
                        self.warn(Some(noframes), Some(node), Warning::ContentAfterBody);
                    }
                    let body = body.ok_or_else(missing_body)?;
                    self.tree.append(body, node);
                } else {
                    self.unget_token();
                    node = self.inferred(Tag::Body);
                    if self.options.xml_out {
                        self.warn(Some(noframes), Some(node), Warning::InsertingTag);
                    }
                    self.tree.append(noframes, node);
                }
                return self.descend(Frame::NoFrames(frame), node, Mode::IgnoreWhitespace);
            }
            self.discard(noframes, node);
        }
        self.missing_end(noframes);
        Ok(())
    }

    fn page_body(&self) -> Result<NodeId, Failure> {
        self.tree.body(self.root)?.ok_or_else(missing_body)
    }
}

fn missing_body() -> Failure {
    Failure::null("org.w3c.tidy.Node.insertNodeAtEnd(org.w3c.tidy.Node)", "body")
}

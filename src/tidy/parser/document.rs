//! The document and its `html` element; documents of XML.

use super::{Frame, Mode, Parsed};
use crate::tidy::report::{Error, Warning};
use crate::tidy::tags::{Content, HEAD, Tag};
use crate::tidy::tree::{Kind, NodeId};
use crate::tidy::versions::FRAMESET;
use crate::tidy::{Failure, Tidy};

/// How far an `html` element was read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    BeforeHead,
    BehindHead,
    BehindFrameSet,
    BehindBody,
}

#[derive(Clone, Copy)]
pub(in crate::tidy) struct Html {
    element: NodeId,
    phase: Phase,
    frameset: Option<NodeId>,
    noframes: Option<NodeId>,
}

#[derive(Clone, Copy)]
pub(in crate::tidy) struct XmlElement {
    element: NodeId,
    mode: Mode,
    /// The element that was read within, which is put into the tree when it is complete.
    within: Option<NodeId>,
}

impl Tidy<'_> {
    pub fn parse_document(&mut self) -> Parsed {
        let root = self.root;
        let mut doctype = None;
        while let Some(node) = self.next_token(Mode::IgnoreWhitespace)? {
            if self.appends_misc(root, node) {
                continue;
            }
            if self.tree.kind(node) == Kind::Doctype {
                if doctype.is_none() {
                    self.tree.append(root, node);
                    doctype = Some(node);
                } else {
                    self.discard(root, node);
                }
                continue;
            }
            if self.is_end(node) {
                self.discard(root, node);
                continue;
            }
            let html = if self.is_start(node) && self.tag(node) == Some(Tag::Html) {
                node
            } else {
                self.unget_token();
                self.inferred(Tag::Html)
            };
            if self.tree.doctype(root).is_none() {
                self.warn(None, None, Warning::MissingDoctype);
            }
            self.parse_html(html)?;
            break;
        }
        if self.tree.html(root).is_none() {
            let html = self.inferred(Tag::Html);
            self.parse_html(html)?;
        }
        if self.tree.title(root).is_none() {
            let head = self.tree.head(root);
            self.warn(head, None, Warning::MissingTitleElement);
            let head =
                head.ok_or_else(|| Failure::null("org.w3c.tidy.Node.insertNodeAtEnd(org.w3c.tidy.Node)", "head"))?;
            let title = self.inferred(Tag::Title);
            self.tree.append(head, title);
        }
        Ok(())
    }

    fn parse_html(&mut self, html: NodeId) -> Parsed {
        self.tree.append(self.root, html);
        self.begin(html, Content::Html, Mode::IgnoreWhitespace)?;
        self.run()
    }

    pub fn begin_html(&mut self, element: NodeId) -> Parsed {
        self.options.xml_tags = false;
        self.seen_end_of_body = false;
        self.open(Frame::Html(Html { element, phase: Phase::BeforeHead, frameset: None, noframes: None }))
    }

    pub fn html(&mut self, mut frame: Html) -> Parsed {
        match frame.phase {
            Phase::BeforeHead => {
                let head = self.find_head(frame.element)?;
                self.tree.append(frame.element, head);
                frame.phase = Phase::BehindHead;
                self.open(Frame::Html(frame))?;
                return self.begin(head, Content::Head, Mode::IgnoreWhitespace);
            }
            Phase::BehindBody => {
                self.seen_end_of_html = true;
                return Ok(());
            }
            Phase::BehindFrameSet => {
                let frameset = frame.frameset.unwrap_or(frame.element);
                let last = self.tree.children(frameset).filter(|child| self.tag(*child) == Some(Tag::Noframes)).last();
                frame.noframes = last.or(frame.noframes);
                frame.phase = Phase::BehindHead;
            }
            Phase::BehindHead => {}
        }
        self.behind_head(frame)
    }

    fn find_head(&mut self, html: NodeId) -> Result<NodeId, Failure> {
        loop {
            let Some(node) = self.next_token(Mode::IgnoreWhitespace)? else { return Ok(self.inferred(Tag::Head)) };
            if self.tag(node) == Some(Tag::Head) {
                return Ok(node);
            }
            if self.ends(node, html) {
                self.discard(html, node);
                continue;
            }
            if self.appends_misc(html, node) {
                continue;
            }
            self.unget_token();
            return Ok(self.inferred(Tag::Head));
        }
    }

    fn behind_head(&mut self, mut frame: Html) -> Parsed {
        let html = frame.element;
        let body = loop {
            let Some(node) = self.next_token(Mode::IgnoreWhitespace)? else {
                if frame.frameset.is_none() {
                    let body = self.inferred(Tag::Body);
                    self.tree.append(html, body);
                    return self.begin(body, Content::Body, Mode::IgnoreWhitespace);
                }
                return Ok(());
            };
            let tag = self.tag(node);
            if tag == Some(Tag::Html) {
                if !self.is_start(node) && frame.frameset.is_none() {
                    self.discard(html, node);
                } else if self.is_end(node) {
                    self.seen_end_of_html = true;
                }
                continue;
            }
            if self.appends_misc(html, node) {
                continue;
            }
            match tag {
                Some(Tag::Body | Tag::Frameset | Tag::Noframes) if !self.is_start(node) => {
                    self.discard(html, node);
                    continue;
                }
                Some(Tag::Body) => {
                    let Some(frameset) = frame.frameset else {
                        self.constrain(!FRAMESET);
                        break node;
                    };
                    self.unget_token();
                    let noframes = match frame.noframes {
                        Some(noframes) => noframes,
                        None => {
                            let noframes = self.inferred(Tag::Noframes);
                            self.tree.append(frameset, noframes);
                            self.warn(Some(html), Some(noframes), Warning::InsertingTag);
                            noframes
                        }
                    };
                    frame.noframes = Some(noframes);
                    return self.descend(Frame::Html(frame), noframes, Mode::IgnoreWhitespace);
                }
                Some(Tag::Frameset) => {
                    if frame.frameset.is_some() {
                        self.error(Some(html), Some(node), Error::DuplicateFrameset);
                    } else {
                        frame.frameset = Some(node);
                    }
                    self.tree.append(html, node);
                    frame.phase = Phase::BehindFrameSet;
                    return self.descend(Frame::Html(frame), node, Mode::IgnoreWhitespace);
                }
                Some(Tag::Noframes) => {
                    let Some(frameset) = frame.frameset else {
                        self.discard(html, node);
                        break self.inferred(Tag::Body);
                    };
                    let noframes = match frame.noframes {
                        Some(noframes) => noframes,
                        None => {
                            self.tree.append(frameset, node);
                            node
                        }
                    };
                    frame.noframes = Some(noframes);
                    return self.descend(Frame::Html(frame), noframes, Mode::IgnoreWhitespace);
                }
                _ => {}
            }
            if self.begins(node) {
                if self.is(node, HEAD) {
                    return self.move_to_head(Frame::Html(frame), html, node);
                }
                if frame.frameset.is_some() && tag == Some(Tag::Frame) {
                    self.discard(html, node);
                    continue;
                }
            }
            self.unget_token();
            let Some(frameset) = frame.frameset else {
                self.constrain(!FRAMESET);
                break self.inferred(Tag::Body);
            };
            let noframes = match frame.noframes {
                Some(noframes) => {
                    self.warn(Some(html), Some(node), Warning::NoframesContent);
                    noframes
                }
                None => {
                    let noframes = self.inferred(Tag::Noframes);
                    self.tree.append(frameset, noframes);
                    noframes
                }
            };
            frame.noframes = Some(noframes);
            self.constrain(FRAMESET);
            return self.descend(Frame::Html(frame), noframes, Mode::IgnoreWhitespace);
        };
        self.tree.append(html, body);
        frame.phase = Phase::BehindBody;
        self.descend(Frame::Html(frame), body, Mode::IgnoreWhitespace)
    }

    pub fn parse_xml_document(&mut self) -> Parsed {
        let root = self.root;
        let mut doctype = None;
        while let Some(node) = self.next_token(Mode::IgnoreWhitespace)? {
            if self.is_end(node) {
                self.warn(None, Some(node), Warning::UnexpectedEndTag);
                continue;
            }
            if self.appends_misc(root, node) {
                continue;
            }
            match self.tree.kind(node) {
                Kind::Doctype if doctype.is_none() => {
                    self.tree.append(root, node);
                    doctype = Some(node);
                }
                Kind::Doctype => self.discard(root, node),
                Kind::StartEnd => self.tree.append(root, node),
                Kind::Start => {
                    self.tree.append(root, node);
                    self.begin_xml_element(node, Mode::IgnoreWhitespace)?;
                    self.run()?;
                }
                _ => {}
            }
        }
        if let Some(doctype) = doctype.filter(|doctype| !self.has_proper_keywords(*doctype)) {
            self.warn(Some(doctype), None, Warning::DoctypeNotUpperCase);
        }
        Ok(())
    }

    fn begin_xml_element(&mut self, element: NodeId, mode: Mode) -> Parsed {
        let mode = if self.keeps_white_space(element)? { Mode::Preformatted } else { mode };
        self.open(Frame::Xml(XmlElement { element, mode, within: None }))
    }

    /// Whether an element says, or its name, that its white space counts.
    fn keeps_white_space(&self, element: NodeId) -> Result<bool, Failure> {
        for attribute in &self.tree[element].attributes {
            let Some(name) = attribute.name.as_deref() else {
                return Err(Failure::null("String.equals(Object)", "attribute.attribute"));
            };
            if name == "xml:space" {
                let value = attribute.value.as_deref();
                let value = value.ok_or_else(|| Failure::null("String.equals(Object)", "attribute.value"))?;
                return Ok(value == "preserve");
            }
        }
        let Some(name) = self.tree[element].element.as_deref() else { return Ok(false) };
        let by_name = ["pre", "script", "style", "xsl:text"].iter().any(|known| known.eq_ignore_ascii_case(name));
        Ok(by_name || Tag::named(name).is_some_and(|tag| tag.content() == Content::Pre))
    }

    pub fn xml_element(&mut self, mut frame: XmlElement) -> Parsed {
        let XmlElement { element, mode, .. } = frame;
        if let Some(within) = frame.within.take() {
            self.tree.append(element, within);
        }
        while let Some(node) = self.next_token(mode)? {
            if self.is_end(node) {
                if self.tree[node].element == self.tree[element].element {
                    break;
                }
                self.error(Some(element), Some(node), Error::UnexpectedEndTag);
                continue;
            }
            if self.is_start(node) {
                frame.within = Some(node);
                self.open(Frame::Xml(frame))?;
                return self.begin_xml_element(node, mode);
            }
            self.tree.append(element, node);
        }
        if mode == Mode::Preformatted {
            return Ok(());
        }
        if let Some(first) = self.tree[element].first.filter(|first| self.is_text(*first))
            && self.text_byte(first, self.tree[first].start) == b' '
        {
            self.tree[first].start += 1;
            self.remove_if_empty(first);
        }
        if let Some(last) = self.tree[element].last.filter(|last| self.is_text(*last))
            && let Some(end) = self.tree[last].end.checked_sub(1)
            && self.text_byte(last, end) == b' '
        {
            self.tree[last].end = end;
            self.remove_if_empty(last);
        }
        Ok(())
    }

    fn remove_if_empty(&mut self, text: NodeId) {
        if self.is_empty_text(text) {
            self.tree.remove(text);
        }
    }
}

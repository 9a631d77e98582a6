//! From tokens to the tree: one way of reading for each kind of content.
//!
//! JTidy calls itself for each element. Here an element that has others in it is a [`Frame`] on a stack: a way of reading
//! that comes to an element within puts its own frame back, then that of the element, and goes on when it is on top again.

mod block;
mod body;
mod document;
mod fields;
mod frames;
mod head;
mod inline;
mod lists;
mod table;

use super::lexer::Mode;
use super::report::Warning;
use super::tags::{Content, EMPTY, INLINE, Tag};
use super::tree::{Kind, NodeId};
use super::{Failure, Tidy};

/// More elements in each other than this JTidy cannot read with the stack that Java gives its threads.
const MOST_DEEP: usize = 3500;
const MOST_DEEP_IN_XML: usize = 7000;

/// An element whose content is being read.
#[derive(Clone, Copy)]
pub(super) enum Frame {
    Html(document::Html),
    Head(head::Head),
    Body(body::Body),
    /// `frameset`
    Set(NodeId),
    NoFrames(frames::NoFrames),
    Inline(inline::Inline),
    List(NodeId),
    Definitions(lists::Definitions),
    Pre(NodeId),
    Block(block::Block),
    Table(table::Table),
    ColumnGroup(NodeId),
    RowGroup(table::Rows),
    Row(table::Row),
    Select(NodeId),
    OptionGroup(NodeId),
    Xml(document::XmlElement),
}

pub(super) type Parsed = Result<(), Failure>;

impl Tidy<'_> {
    fn tag(&self, id: NodeId) -> Option<Tag> {
        self.tree.tag(id)
    }

    /// Whether the content model of a node has one of these.
    fn is(&self, id: NodeId, model: u32) -> bool {
        self.tree.model(id) & model != 0
    }

    fn is_end(&self, id: NodeId) -> bool {
        self.tree.kind(id) == Kind::End
    }

    /// `<tag>`
    fn is_start(&self, id: NodeId) -> bool {
        self.tree.kind(id) == Kind::Start
    }

    /// `<tag>` or `<tag/>`
    fn begins(&self, id: NodeId) -> bool {
        self.tree.is_element(id)
    }

    fn ends(&self, id: NodeId, element: NodeId) -> bool {
        self.is_end(id) && self.tag(id) == self.tag(element)
    }

    fn discard(&mut self, element: NodeId, node: NodeId) {
        self.warn(Some(element), Some(node), Warning::DiscardingUnexpected);
    }

    fn not_allowed(&mut self, element: NodeId, node: NodeId) {
        self.warn(Some(element), Some(node), Warning::TagNotAllowedIn);
    }

    fn missing_end(&mut self, element: NodeId) {
        self.warn(Some(element), None, Warning::MissingEndTagFor);
    }

    fn missing_end_before(&mut self, element: NodeId, node: NodeId) {
        self.warn(Some(element), Some(node), Warning::MissingEndTagBefore);
    }

    /// An element whose start tag is missing.
    fn missing_start(&mut self, element: NodeId, tag: Tag) -> NodeId {
        let node = self.inferred(tag);
        self.warn(Some(element), Some(node), Warning::MissingStartTag);
        node
    }

    /// Whether something that an element lies in has the tag of a node.
    fn is_of_ancestor(&self, node: NodeId, element: NodeId) -> bool {
        let tag = self.tag(node);
        self.tree.ancestors(element).any(|above| self.tag(above) == tag)
    }

    /// Appends comments and the like, which may stand anywhere.
    fn appends_misc(&mut self, element: NodeId, node: NodeId) -> bool {
        let is_misc = !matches!(
            self.tree.kind(node),
            Kind::Root | Kind::Doctype | Kind::Text | Kind::Start | Kind::End | Kind::StartEnd
        );
        if is_misc {
            self.tree.append(element, node);
        }
        is_misc
    }

    /// Reads elements until no frame is left.
    fn run(&mut self) -> Parsed {
        while let Some(frame) = self.frames.pop() {
            match frame {
                Frame::Html(frame) => self.html(frame)?,
                Frame::Head(frame) => self.head(frame)?,
                Frame::Body(frame) => self.body(frame)?,
                Frame::Set(element) => self.frame_set(element)?,
                Frame::NoFrames(frame) => self.no_frames(frame)?,
                Frame::Inline(frame) => self.inline(frame)?,
                Frame::List(element) => self.list(element)?,
                Frame::Definitions(frame) => self.definitions(frame)?,
                Frame::Pre(element) => self.pre(element)?,
                Frame::Block(frame) => self.block(frame)?,
                Frame::Table(frame) => self.table(frame)?,
                Frame::ColumnGroup(element) => self.column_group(element)?,
                Frame::RowGroup(frame) => self.row_group(frame)?,
                Frame::Row(frame) => self.row(frame)?,
                Frame::Select(element) => self.select(element)?,
                Frame::OptionGroup(element) => self.option_group(element)?,
                Frame::Xml(frame) => self.xml_element(frame)?,
            }
        }
        Ok(())
    }

    fn open(&mut self, frame: Frame) -> Parsed {
        if self.frames.len() >= if self.options.xml_tags { MOST_DEEP_IN_XML } else { MOST_DEEP } {
            return Err(Failure::TooDeep);
        }
        self.frames.push(frame);
        Ok(())
    }

    /// Reads an element within the one of a frame, which goes on then.
    fn descend(&mut self, frame: Frame, node: NodeId, mode: Mode) -> Parsed {
        self.open(frame)?;
        self.parse(node, mode)
    }

    fn parse(&mut self, node: NodeId, mode: Mode) -> Parsed {
        let Some(tag) = self.tag(node) else { return Ok(()) };
        if tag.is(EMPTY) {
            self.was_white = false;
        } else if !tag.is(INLINE) {
            self.insert_space = false;
        }
        if self.tree.kind(node) == Kind::StartEnd {
            self.trim_empty(node);
            return Ok(());
        }
        self.begin(node, tag.content(), mode)
    }

    fn begin(&mut self, node: NodeId, content: Content, mode: Mode) -> Parsed {
        // Only the elements that are empty by nature have nothing to read.
        let is_empty = self.is(node, EMPTY);
        match content {
            Content::Any => Ok(()),
            Content::Html => self.begin_html(node),
            Content::Head => self.open(Frame::Head(head::Head::new(node))),
            Content::Title => self.title(node),
            Content::Script => self.script(node),
            Content::Body => self.begin_body(node),
            Content::FrameSet => self.begin_frame_set(node),
            Content::NoFrames => self.begin_no_frames(node),
            Content::Select => self.begin_select(node),
            Content::Text => self.field_text(node),
            Content::OptionGroup => self.begin_option_group(node),
            Content::Table => self.begin_table(node),
            Content::Empty => self.empty(node, mode),
            _ if is_empty => Ok(()),
            Content::Inline => self.begin_inline(node, mode),
            Content::List => self.begin_list(node),
            Content::DefinitionList => self.begin_definitions(node),
            Content::Pre => self.begin_pre(node),
            Content::Block => self.begin_block(node),
            Content::ColumnGroup => self.open(Frame::ColumnGroup(node)),
            Content::RowGroup => self.open(Frame::RowGroup(table::Rows::new(node))),
            Content::Row => self.open(Frame::Row(table::Row::new(node))),
        }
    }

    /// An element that has no content; XHTML wants it closed.
    fn empty(&mut self, element: NodeId, mode: Mode) -> Parsed {
        if self.is_voyager {
            let Some(node) = self.next_token(mode)? else { return Ok(()) };
            if !self.ends(node, element) {
                self.warn(Some(element), Some(node), Warning::ElementNotEmpty);
                self.unget_token();
            }
        }
        Ok(())
    }

    /// Reads what belongs into the head of the page; the frame goes on then.
    fn move_to_head(&mut self, frame: Frame, element: NodeId, node: NodeId) -> Parsed {
        self.tree.remove(node);
        if !self.begins(node) {
            self.discard(element, node);
            return self.open(frame);
        }
        self.not_allowed(element, node);
        let mut html = element;
        while self.tag(html) != Some(Tag::Html) {
            html = self.tree[html].parent.ok_or_else(|| Failure::null_field("tag", "element"))?;
        }
        if let Some(head) = self.tree.child_with(html, Tag::Head) {
            self.tree.append(head, node);
        }
        self.descend(frame, node, Mode::IgnoreWhitespace)
    }

    /// Puts a doctype that comes late before the page.
    fn insert_late_doctype(&mut self, element: NodeId, doctype: NodeId) -> Parsed {
        self.warn(Some(element), Some(doctype), Warning::DoctypeAfterTags);
        let mut html = element;
        while self.tag(html) != Some(Tag::Html) {
            html = self.tree[html].parent.ok_or_else(|| Failure::null_field("tag", "element"))?;
        }
        self.tree.insert_before(html, doctype);
        Ok(())
    }

    /// Trims an element at its end.
    fn close(&mut self, element: NodeId) -> Parsed {
        self.trim_spaces(element)?;
        self.trim_empty(element);
        Ok(())
    }

    /// An element in which things must be that the page does not have.
    fn infer_list(&mut self) -> NodeId {
        let list = self.inferred(Tag::Ul);
        self.tree.add_class(list, "noindent");
        list
    }
}

//! The nodes of a page in one table, linked to each other as JTidy links them.
//!
//! Each operation sets the links that JTidy's sets, and no other: where JTidy leaves a tree that contradicts itself, so does
//! this, because what JTidy then says depends on it (`Tree::is_whole`).

use super::tags::Tag;
use std::borrow::Cow;
use std::ops::{Index, IndexMut};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct NodeId(u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Root,
    Doctype,
    Comment,
    Instruction,
    Text,
    Start,
    End,
    /// `<tag/>`
    StartEnd,
    CData,
    /// `<![if …]>`
    Section,
    /// `<% … %>`
    Asp,
    /// `<# … #>`
    Jste,
    Php,
    XmlDeclaration,
}

/// An attribute. One that stands for server code has no name.
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub name: Option<Cow<'static, str>>,
    pub value: Option<String>,
    pub server: Option<Server>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Server {
    Asp,
    Php,
}

impl Attribute {
    pub fn new(name: impl Into<Cow<'static, str>>, value: Option<String>) -> Self {
        Attribute { name: Some(name.into()), value, server: None }
    }

    pub fn is(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub kind: Kind,
    pub parent: Option<NodeId>,
    pub previous: Option<NodeId>,
    pub next: Option<NodeId>,
    pub first: Option<NodeId>,
    pub last: Option<NodeId>,
    /// Where its text is in the lexer's buffer, or in `own_text`.
    pub start: usize,
    pub end: usize,
    pub own_text: Option<Box<[u8]>>,
    /// Whether the page does not have it.
    pub implicit: bool,
    /// What it was before it became another element.
    pub was: Option<Tag>,
    pub tag: Option<Tag>,
    pub element: Option<Cow<'static, str>>,
    pub attributes: Vec<Attribute>,
}

impl Node {
    pub fn new(kind: Kind, start: usize, end: usize) -> Self {
        Node {
            kind,
            parent: None,
            previous: None,
            next: None,
            first: None,
            last: None,
            start,
            end,
            own_text: None,
            implicit: false,
            was: None,
            tag: None,
            element: None,
            attributes: Vec::new(),
        }
    }
}

pub(super) struct Tree {
    nodes: Vec<Node>,
}

impl Index<NodeId> for Tree {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}

impl IndexMut<NodeId> for Tree {
    fn index_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }
}

impl Tree {
    pub fn new() -> Self {
        Tree { nodes: Vec::new() }
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn add(&mut self, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    pub fn kind(&self, id: NodeId) -> Kind {
        self[id].kind
    }

    pub fn tag(&self, id: NodeId) -> Option<Tag> {
        self[id].tag
    }

    /// The content model of a node's element; empty where there is none.
    pub fn model(&self, id: NodeId) -> u32 {
        self[id].tag.map_or(0, Tag::model)
    }

    pub fn is_element(&self, id: NodeId) -> bool {
        matches!(self[id].kind, Kind::Start | Kind::StartEnd)
    }

    pub fn attribute(&self, id: NodeId, name: &str) -> Option<&Attribute> {
        self[id].attributes.iter().find(|attribute| attribute.is(name))
    }

    pub fn attribute_mut(&mut self, id: NodeId, name: &str) -> Option<&mut Attribute> {
        self[id].attributes.iter_mut().find(|attribute| attribute.is(name))
    }

    pub fn append_attribute(&mut self, id: NodeId, name: &'static str, value: &str) {
        self[id].attributes.push(Attribute::new(name, Some(value.to_owned())));
    }

    pub fn prepend_attribute(&mut self, id: NodeId, name: &'static str, value: &str) {
        self[id].attributes.insert(0, Attribute::new(name, Some(value.to_owned())));
    }

    pub fn add_class(&mut self, id: NodeId, class: &str) {
        match self.attribute_mut(id, "class") {
            Some(attribute) => {
                attribute.value = Some(format!("{} {class}", attribute.value.as_deref().unwrap_or("null")));
            }
            None => self.append_attribute(id, "class", class),
        }
    }

    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self[id].first, |child| self[*child].next)
    }

    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self[id].parent, |parent| self[*parent].parent)
    }

    pub fn child_with(&self, id: NodeId, tag: Tag) -> Option<NodeId> {
        self.children(id).find(|child| self.tag(*child) == Some(tag))
    }

    pub fn is_in(&self, id: NodeId, tag: Tag) -> bool {
        self.ancestors(id).any(|above| self.tag(above) == Some(tag))
    }

    pub fn insert_at_start(&mut self, parent: NodeId, id: NodeId) {
        self[id].parent = Some(parent);
        let first = self[parent].first;
        match first {
            None => self[parent].last = Some(id),
            Some(first) => self[first].previous = Some(id),
        }
        self[id].next = first;
        self[id].previous = None;
        self[parent].first = Some(id);
    }

    pub fn append(&mut self, parent: NodeId, id: NodeId) {
        self[id].parent = Some(parent);
        let last = self[parent].last;
        self[id].previous = last;
        match last {
            Some(last) => self[last].next = Some(id),
            None => self[parent].first = Some(id),
        }
        self[parent].last = Some(id);
    }

    /// Puts `id` around `element`. False if that is nowhere.
    pub fn wrap(&mut self, element: NodeId, id: NodeId) -> bool {
        let Some(parent) = self[element].parent else { return false };
        self[id].first = Some(element);
        self[id].last = Some(element);
        self[id].parent = Some(parent);
        self[element].parent = Some(id);
        if self[parent].first == Some(element) {
            self[parent].first = Some(id);
        }
        if self[parent].last == Some(element) {
            self[parent].last = Some(id);
        }
        let (previous, next) = (self[element].previous.take(), self[element].next.take());
        self[id].previous = previous;
        self[id].next = next;
        self.link_neighbours(id);
        true
    }

    fn link_neighbours(&mut self, id: NodeId) {
        if let Some(previous) = self[id].previous {
            self[previous].next = Some(id);
        }
        if let Some(next) = self[id].next {
            self[next].previous = Some(id);
        }
    }

    pub fn insert_before(&mut self, element: NodeId, id: NodeId) {
        let (parent, previous) = (self[element].parent, self[element].previous);
        self[id].parent = parent;
        self[id].next = Some(element);
        self[id].previous = previous;
        self[element].previous = Some(id);
        if let Some(previous) = previous {
            self[previous].next = Some(id);
        }
        if let Some(parent) = parent.filter(|parent| self[*parent].first == Some(element)) {
            self[parent].first = Some(id);
        }
    }

    pub fn insert_after(&mut self, element: NodeId, id: NodeId) {
        let parent = self[element].parent;
        self[id].parent = parent;
        match parent.filter(|parent| self[*parent].last == Some(element)) {
            Some(parent) => self[parent].last = Some(id),
            None => {
                let next = self[element].next;
                self[id].next = next;
                if let Some(next) = next {
                    self[next].previous = Some(id);
                }
            }
        }
        self[element].next = Some(id);
        self[id].previous = Some(element);
    }

    /// Puts `id` before the table that `row` is in, if it is in one.
    pub fn insert_before_table(&mut self, row: NodeId, id: NodeId) {
        let Some(table) = self.ancestors(row).find(|above| self.tag(*above) == Some(Tag::Table)) else { return };
        let (parent, previous) = (self[table].parent, self[table].previous);
        if let Some(parent) = parent.filter(|parent| self[*parent].first == Some(table)) {
            self[parent].first = Some(id);
        }
        self[id].previous = previous;
        self[id].next = Some(table);
        self[table].previous = Some(id);
        self[id].parent = parent;
        if let Some(previous) = previous {
            self[previous].next = Some(id);
        }
    }

    /// Takes a node out of its place. What was behind it, if anything was.
    pub fn remove(&mut self, id: NodeId) -> Option<NodeId> {
        let (parent, previous, next) = (self[id].parent.take(), self[id].previous.take(), self[id].next.take());
        if let Some(previous) = previous {
            self[previous].next = next;
        }
        if let Some(next) = next {
            self[next].previous = previous;
        }
        if let Some(parent) = parent {
            if self[parent].first == Some(id) {
                self[parent].first = next;
            }
            if self[parent].last == Some(id) {
                self[parent].last = previous;
            }
        }
        next
    }

    /// Puts the contents of an element in its place. What stands there now.
    pub fn unwrap(&mut self, element: NodeId) -> Option<NodeId> {
        let (previous, next) = (self[element].previous, self[element].next.take());
        let parent = self[element].parent;
        let Some((first, last)) = self[element].first.take().zip(self[element].last) else {
            match next {
                Some(next) => self[next].previous = previous,
                None => self.set_last(parent, previous),
            }
            match previous {
                Some(previous) => self[previous].next = next,
                None => self.set_first(parent, next),
            }
            return next;
        };
        self[last].next = next;
        match next {
            Some(next) => self[next].previous = Some(last),
            None => self.set_last(parent, Some(last)),
        }
        match previous {
            Some(previous) => {
                self[first].previous = Some(previous);
                self[previous].next = Some(first);
            }
            None => self.set_first(parent, Some(first)),
        }
        let mut at = Some(first);
        while let Some(node) = at {
            self[node].parent = parent;
            at = self[node].next;
        }
        Some(first)
    }

    fn set_first(&mut self, parent: Option<NodeId>, id: Option<NodeId>) {
        if let Some(parent) = parent {
            self[parent].first = id;
        }
    }

    fn set_last(&mut self, parent: Option<NodeId>, id: Option<NodeId>) {
        if let Some(parent) = parent {
            self[parent].last = id;
        }
    }

    /// Makes the neighbours, the parent and the children of a node point to it.
    pub fn relink(&mut self, id: NodeId) {
        let (parent, previous, next) = (self[id].parent, self[id].previous, self[id].next);
        match previous {
            Some(previous) => self[previous].next = Some(id),
            None => self.set_first(parent, Some(id)),
        }
        match next {
            Some(next) => self[next].previous = Some(id),
            None => self.set_last(parent, Some(id)),
        }
        self.adopt_children(id);
    }

    pub fn adopt_children(&mut self, id: NodeId) {
        let mut at = self[id].first;
        while let Some(child) = at {
            self[child].parent = Some(id);
            at = self[child].next;
        }
    }

    /// Replaces the only child of an element by what is in the child.
    pub fn strip_only_child(&mut self, id: NodeId) {
        if let Some(child) = self[id].first {
            let last = self[child].last;
            self[id].first = self[child].first.take();
            self[id].last = last;
            self.adopt_children(id);
        }
    }

    pub fn only_child(&self, id: NodeId) -> Option<NodeId> {
        self[id].first.filter(|child| self[*child].next.is_none())
    }

    /// Whether all links agree with each other.
    pub fn is_whole(&self, root: NodeId) -> bool {
        let mut waiting = vec![root];
        // A tree that goes round in circles is not whole either.
        let mut left = self.nodes.len();
        while let Some(id) = waiting.pop() {
            let node = &self[id];
            let neighbours_agree = node.previous.is_none_or(|previous| self[previous].next == Some(id))
                && node.next.is_none_or(|next| next != id && self[next].previous == Some(id));
            let parent_agrees = node.parent.is_none_or(|parent| {
                (node.previous.is_some() || self[parent].first == Some(id))
                    && (node.next.is_some() || self[parent].last == Some(id))
            });
            if !neighbours_agree || !parent_agrees {
                return false;
            }
            for child in self.children(id) {
                if self[child].parent != Some(id) || left == 0 {
                    return false;
                }
                left -= 1;
                waiting.push(child);
            }
        }
        true
    }

    pub fn html(&self, root: NodeId) -> Option<NodeId> {
        self.child_with(root, Tag::Html)
    }

    pub fn head(&self, root: NodeId) -> Option<NodeId> {
        self.child_with(self.html(root)?, Tag::Head)
    }

    pub fn title(&self, root: NodeId) -> Option<NodeId> {
        self.child_with(self.head(root)?, Tag::Title)
    }

    pub fn doctype(&self, root: NodeId) -> Option<NodeId> {
        self.children(root).find(|child| self.kind(*child) == Kind::Doctype)
    }

    /// The body, be it in a frame set. An error where JTidy trips over a page that has neither.
    pub fn body(&self, root: NodeId) -> Result<Option<NodeId>, NoBody> {
        let Some(html) = self.html(root) else { return Ok(None) };
        let is_body = |id: &NodeId| matches!(self.tag(*id), Some(Tag::Body | Tag::Frameset));
        let found = self.children(html).find(is_body).ok_or(NoBody)?;
        if self.tag(found) != Some(Tag::Frameset) {
            return Ok(Some(found));
        }
        let without_frames = self.child_with(found, Tag::Noframes);
        Ok(without_frames.and_then(|noframes| self.child_with(noframes, Tag::Body)))
    }
}

/// A page without a body.
pub(super) struct NoBody;

//! An XML document as XPath sees it: nodes in one table, in document order.

use crate::java::compare_texts;
use std::fmt::Write;

/// A node's number. Numbers are in document order: an element, its attributes, its children.
pub type NodeId = u32;

/// The document itself.
pub const ROOT: NodeId = 0;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The document.
    Document,
    /// An element.
    Element,
    /// An attribute.
    Attribute,
    /// A declaration `xmlns…="…"`.
    Namespace,
    /// Text.
    Text,
    /// Text of a CDATA section, where those are kept apart.
    CData,
    /// A comment.
    Comment,
    /// A processing instruction.
    Instruction,
}

#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    /// The name as written; for a declaration the prefix that it binds.
    pub name: Box<str>,
    /// Where the part of the name begins that name tests compare.
    pub local_at: u32,
    pub uri: Option<Box<str>>,
    pub value: Box<str>,
    pub parent: NodeId,
    pub previous: Option<NodeId>,
    pub next: Option<NodeId>,
    pub first: Option<NodeId>,
    pub last: Option<NodeId>,
    /// The first number behind the node's attributes.
    pub attributes_end: NodeId,
    /// The first number behind all that is in the node.
    pub end: NodeId,
}

/// A document.
#[derive(Debug)]
pub struct Document {
    nodes: Vec<Node>,
    /// Whether it is a tree of JTidy's, in which texts and comments have names.
    has_named_texts: bool,
}

impl Document {
    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// What a node is.
    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    /// The document's element.
    pub fn root_element(&self) -> Option<NodeId> {
        self.children(ROOT).find(|child| self.kind(*child) == Kind::Element)
    }

    /// The children in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.node(id).first, |child| self.node(*child).next)
    }

    /// The attributes, without declarations of namespaces.
    pub fn attributes(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        (id + 1..self.node(id).attributes_end).filter(|id| self.kind(*id) == Kind::Attribute)
    }

    /// What a node is in or of; none for the document.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        (id != ROOT).then(|| self.node(id).parent)
    }

    /// How XPath sees a text node: text beside text is one node, the first of them.
    pub(super) fn continues_text(&self, id: NodeId) -> bool {
        let is_text = |id| matches!(self.kind(id), Kind::Text | Kind::CData);
        is_text(id) && self.node(id).previous.is_some_and(is_text)
    }

    /// Declarations that hold at an element, nearest first, each prefix once.
    pub(super) fn namespaces(&self, id: NodeId) -> Vec<NodeId> {
        let mut found: Vec<NodeId> = Vec::new();
        let mut at = Some(id);
        while let Some(element) = at {
            for declaration in element + 1..self.node(element).attributes_end {
                let node = self.node(declaration);
                let hidden = || found.iter().any(|other| self.node(*other).name == node.name);
                if node.kind == Kind::Namespace && !hidden() {
                    found.push(declaration);
                }
            }
            at = self.parent(element);
        }
        found.retain(|declaration| !self.node(*declaration).value.is_empty());
        found
    }

    /// The namespace that a prefix has at an element.
    pub fn namespace_of(&self, prefix: &str, id: NodeId) -> Option<&str> {
        if prefix == "xml" {
            return Some(XML_NAMESPACE);
        }
        let declaration = self.namespaces(id).into_iter().find(|other| &*self.node(*other).name == prefix)?;
        Some(&self.node(declaration).value)
    }

    /// The namespace of an element or an attribute; empty for none.
    pub fn namespace(&self, id: NodeId) -> &str {
        self.node(id).uri.as_deref().unwrap_or_default()
    }

    /// The text right within an element.
    pub fn own_text(&self, id: NodeId) -> String {
        let texts = self.children(id).filter(|child| matches!(self.kind(*child), Kind::Text | Kind::CData));
        texts.filter_map(|child| self.own_value(child)).collect()
    }

    /// A node's own text, `None` for documents and elements (`Node.getNodeValue`), which have an empty one in JTidy's trees.
    pub fn own_value(&self, id: NodeId) -> Option<&str> {
        let node = self.node(id);
        let has_one = self.has_named_texts || !matches!(node.kind, Kind::Document | Kind::Element);
        has_one.then_some(&node.value)
    }

    /// What the XPath Extractor takes for a node's value (`XPathUtil.getValueForNode`): an element's first child counts, which
    /// has none if it is an element.
    pub fn extracted_value(&self, id: NodeId) -> Option<&str> {
        let first = self.node(id).first.filter(|_| self.kind(id) == Kind::Element);
        self.own_value(first.unwrap_or(id))
    }

    /// XPath's string value.
    pub fn string_value(&self, id: NodeId) -> String {
        let node = self.node(id);
        match node.kind {
            Kind::Document | Kind::Element => {
                let mut text = String::new();
                for below in &self.nodes[node.attributes_end as usize..node.end as usize] {
                    if matches!(below.kind, Kind::Text | Kind::CData) {
                        text.push_str(&below.value);
                    }
                }
                text
            }
            Kind::Text | Kind::CData => {
                let more =
                    std::iter::successors(Some(id), |id| self.node(*id).next.filter(|n| self.continues_text(*n)));
                more.map(|id| &*self.node(id).value).collect()
            }
            _ => node.value.to_string(),
        }
    }

    /// The name as written; empty for nodes that have none.
    pub fn name(&self, id: NodeId) -> &str {
        match self.kind(id) {
            Kind::Element | Kind::Attribute | Kind::Namespace | Kind::Instruction => &self.node(id).name,
            _ => "",
        }
    }

    /// The name without its prefix.
    pub fn local_name(&self, id: NodeId) -> &str {
        let name = self.name(id);
        name.rsplit_once(':').map_or(name, |(_, local)| local)
    }

    /// The part of the name that name tests compare.
    pub(super) fn tested_name(&self, id: NodeId) -> &str {
        let node = self.node(id);
        node.name.get(node.local_at as usize..).unwrap_or_default()
    }

    /// Whether texts and comments have names, which Xalan does not look for.
    pub(super) fn has_named_texts(&self) -> bool {
        self.has_named_texts
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> NodeId {
        self.nodes.len() as NodeId
    }

    /// A document with nothing in it.
    pub fn empty() -> Self {
        Builder::new().finish()
    }

    /// The markup of a node on one line, as Xalan's serializer has it.
    pub fn markup(&self, id: NodeId) -> String {
        let mut out = String::new();
        self.write(&mut out, id, Layout::Plain);
        out
    }

    /// The markup of a node as Saxon shows it: elements that hold no text are indented by three blanks.
    pub fn indented_markup(&self, id: NodeId) -> String {
        let mut out = String::new();
        self.write(&mut out, id, Layout::Indented);
        out
    }

    fn write(&self, out: &mut String, top: NodeId, layout: Layout) {
        let mut depth = 0_usize;
        let mut last = Last::Nothing;
        let mut at = top;
        loop {
            let node = self.node(at);
            let blank = layout == Layout::Indented && node.kind == Kind::Text && is_xml_blank(&node.value);
            match node.kind {
                Kind::Element => {
                    indent(out, layout, last, depth);
                    self.write_start(out, at, at == top);
                    last = Last::Start;
                    if node.first.is_none() {
                        out.push_str("/>");
                        last = Last::End;
                    } else {
                        out.push('>');
                    }
                }
                Kind::Attribute if layout == Layout::Indented => write_attribute(out, &node.name, &node.value),
                Kind::Attribute | Kind::Namespace | Kind::Document => {}
                // Blank text between tags is laid out anew; beside real text it counts.
                Kind::Text if blank && (node.next.is_some() || node.previous.is_some()) && last != Last::Text => {}
                Kind::Text => {
                    escape_text(out, &node.value);
                    last = Last::Text;
                }
                Kind::CData => {
                    let _ = write!(out, "<![CDATA[{}]]>", node.value);
                    last = Last::Text;
                }
                Kind::Comment => {
                    indent(out, layout, last, depth);
                    let _ = write!(out, "<!--{}-->", node.value);
                    last = Last::End;
                }
                Kind::Instruction => {
                    indent(out, layout, last, depth);
                    let _ = write!(out, "<?{} {}?>", node.name, node.value);
                    last = Last::End;
                }
            }
            if let Some(first) = node.first {
                depth += usize::from(node.kind == Kind::Element);
                at = first;
                continue;
            }
            loop {
                if at == top {
                    return;
                }
                if let Some(next) = self.node(at).next {
                    at = next;
                    break;
                }
                at = self.node(at).parent;
                if self.kind(at) == Kind::Element {
                    depth -= 1;
                    if last == Last::End {
                        indent(out, layout, last, depth);
                    }
                    let _ = write!(out, "</{}>", self.node(at).name);
                    last = Last::End;
                }
            }
        }
    }

    fn write_start(&self, out: &mut String, id: NodeId, with_all_namespaces: bool) {
        let _ = write!(out, "<{}", self.node(id).name);
        let own = (id + 1..self.node(id).attributes_end).filter(|other| self.kind(*other) == Kind::Namespace);
        let declared = if with_all_namespaces { self.namespaces(id) } else { own.collect() };
        for declaration in declared {
            let node = self.node(declaration);
            let name = if node.name.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{}", node.name) };
            write_attribute_after_blank(out, &name, &node.value);
        }
        for attribute in self.attributes(id) {
            write_attribute_after_blank(out, &self.node(attribute).name, &self.node(attribute).value);
        }
    }
}

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Plain,
    Indented,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Start,
    End,
    Text,
}

fn indent(out: &mut String, layout: Layout, last: Last, depth: usize) {
    if layout == Layout::Indented && matches!(last, Last::Start | Last::End) {
        out.push('\n');
        out.extend(std::iter::repeat_n("   ", depth.min(1000)));
    }
}

pub(super) fn is_xml_blank(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n'))
}

fn write_attribute_after_blank(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    write_attribute(out, name, value);
}

fn write_attribute(out: &mut String, name: &str, value: &str) {
    let _ = write!(out, "{name}=\"");
    for c in value.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn escape_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}

/// Puts a document together, from its beginning to its end.
#[derive(Debug)]
pub(super) struct Builder {
    nodes: Vec<Node>,
    open: NodeId,
}

impl Builder {
    pub fn new() -> Self {
        let mut builder = Builder { nodes: Vec::new(), open: ROOT };
        builder.nodes.push(node(Kind::Document, "", "", ROOT));
        builder
    }

    fn add(&mut self, kind: Kind, name: &str, value: &str) -> NodeId {
        let id = self.nodes.len() as NodeId;
        let mut new = node(kind, name, value, self.open);
        new.attributes_end = id + 1;
        new.end = id + 1;
        if !matches!(kind, Kind::Attribute | Kind::Namespace) {
            let last = self.nodes[self.open as usize].last;
            new.previous = last;
            match last {
                Some(last) => self.nodes[last as usize].next = Some(id),
                None => self.nodes[self.open as usize].first = Some(id),
            }
            self.nodes[self.open as usize].last = Some(id);
        }
        self.nodes.push(new);
        id
    }

    /// Opens an element; its attributes are given next.
    pub fn start(&mut self, name: &str) -> NodeId {
        let id = self.add(Kind::Element, name, "");
        self.open = id;
        id
    }

    /// An attribute or a declaration of a namespace of the element that was opened just now.
    pub fn attribute(&mut self, name: &str, value: &str) {
        let prefix =
            name.strip_prefix("xmlns").and_then(|rest| if rest.is_empty() { Some("") } else { rest.strip_prefix(':') });
        match prefix {
            Some(prefix) => self.add(Kind::Namespace, prefix, value),
            None => self.add(Kind::Attribute, name, value),
        };
        let end = self.nodes.len() as NodeId;
        self.nodes[self.open as usize].attributes_end = end;
    }

    /// Gives the open element's names and those of its attributes their namespaces. The name without one, if there is.
    pub fn resolve_names(&mut self) -> Option<String> {
        let element = self.open;
        let document = Document { nodes: std::mem::take(&mut self.nodes), has_named_texts: false };
        let mut unbound = None;
        let mut found: Vec<(NodeId, u32, Option<Box<str>>)> = Vec::new();
        for id in element..document.node(element).attributes_end {
            let node = document.node(id);
            if node.kind == Kind::Namespace {
                continue;
            }
            let prefix = node.name.split_once(':').map(|(prefix, _)| prefix);
            let uri = match prefix {
                None if node.kind == Kind::Attribute => None,
                prefix => document.namespace_of(prefix.unwrap_or_default(), element),
            };
            if let (Some(prefix), None) = (prefix, uri) {
                unbound.get_or_insert_with(|| {
                    if node.kind == Kind::Element {
                        format!("The prefix \"{prefix}\" for element \"{}\" is not bound.", node.name)
                    } else {
                        let of = &document.node(element).name;
                        format!(
                            "The prefix \"{prefix}\" for attribute \"{}\" associated with an element type \"{of}\" is not bound.",
                            node.name
                        )
                    }
                });
            }
            found.push((id, prefix.map_or(0, |prefix| prefix.len() as u32 + 1), uri.map(Box::from)));
        }
        self.nodes = document.nodes;
        for (id, local_at, uri) in found {
            self.nodes[id as usize].local_at = local_at;
            self.nodes[id as usize].uri = uri;
        }
        unbound
    }

    /// Sorts the open element's attributes by name, as the map of a DOM does.
    pub fn sort_attributes(&mut self) {
        let range = self.open as usize + 1..self.nodes[self.open as usize].attributes_end as usize;
        self.nodes[range].sort_by(|one, other| compare_texts(&one.name, &other.name));
    }

    /// Closes the element that was opened last and is still open.
    pub fn end(&mut self) -> NodeId {
        let end = self.nodes.len() as NodeId;
        let open = self.open;
        self.nodes[open as usize].end = end;
        self.open = self.nodes[open as usize].parent;
        open
    }

    /// Text; it continues what was before it, but for CDATA sections that are kept apart.
    pub fn text(&mut self, kind: Kind, value: &str) {
        if value.is_empty() {
            return;
        }
        let last = self.nodes[self.open as usize].last;
        if let Some(last) =
            last.map(|last| &mut self.nodes[last as usize]).filter(|last| last.kind == kind && kind == Kind::Text)
        {
            let mut text = std::mem::take(&mut last.value).into_string();
            text.push_str(value);
            last.value = text.into_boxed_str();
            return;
        }
        self.add(kind, "", value);
    }

    /// Text that is a node of its own, even if it is empty.
    pub fn separate_text(&mut self, kind: Kind, value: &str) {
        self.add(kind, "", value);
    }

    /// A comment.
    pub fn comment(&mut self, value: &str) {
        self.add(Kind::Comment, "", value);
    }

    /// A processing instruction.
    pub fn instruction(&mut self, target: &str, value: &str) {
        self.add(Kind::Instruction, target, value);
    }

    /// The document.
    pub fn finish(mut self) -> Document {
        let end = self.nodes.len() as NodeId;
        self.nodes[0].end = end;
        self.nodes[0].attributes_end = 1;
        Document { nodes: self.nodes, has_named_texts: false }
    }

    /// The document, of a tree in which texts and comments have names.
    pub fn finish_with_named_texts(self) -> Document {
        Document { has_named_texts: true, ..self.finish() }
    }
}

fn node(kind: Kind, name: &str, value: &str, parent: NodeId) -> Node {
    Node {
        kind,
        name: Box::from(name),
        local_at: 0,
        uri: None,
        value: Box::from(value),
        parent,
        previous: None,
        next: None,
        first: None,
        last: None,
        attributes_end: 0,
        end: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::{Reading, read};
    use super::{Kind, ROOT};

    const DATA: &str = "<!DOCTYPE r [<!ENTITY who \"you\">]>\n<r z='1' xmlns:x='urn:x' a='2'>t<![CDATA[c&d]]>z&who;\r\n\
         <e><n>1 &lt; 2</n><e/></e></r>";

    #[test]
    fn texts_and_markup() {
        let dom = read(DATA, Reading::Plain).unwrap();
        let root = dom.root_element().unwrap();
        assert_eq!(dom.string_value(ROOT), "tc&dzyou\n1 < 2");
        let kinds: Vec<Kind> = dom.children(root).map(|child| dom.kind(child)).collect();
        assert_eq!(kinds, [Kind::Text, Kind::CData, Kind::Text, Kind::Element]);
        let values: Vec<_> = dom.attributes(root).filter_map(|attribute| dom.own_value(attribute)).collect();
        assert_eq!(values, ["2", "1"]);
        assert_eq!(dom.own_value(root), None);
        let inner = dom.children(root).last().unwrap();
        assert_eq!(dom.markup(inner), "<e xmlns:x=\"urn:x\"><n>1 &lt; 2</n><e/></e>");
    }

    #[test]
    fn saxon_joins_texts_and_indents() {
        let tree = read(DATA, Reading::Saxon).unwrap();
        let root = tree.root_element().unwrap();
        assert_eq!(tree.children(root).count(), 2);
        let inner = tree.children(root).last().unwrap();
        assert_eq!(tree.indented_markup(inner), "<e xmlns:x=\"urn:x\">\n   <n>1 &lt; 2</n>\n   <e/>\n</e>");
    }

    #[test]
    fn faults_have_a_place() {
        let fault = |text, reading| read(text, reading).unwrap_err();
        assert_eq!(fault("{}", Reading::Saxon).position, Some((1, 1)));
        assert_eq!(fault("", Reading::Saxon).position, None);
        assert_eq!(fault("<y:a/>", Reading::Namespaces).message, "The prefix \"y\" for element \"y:a\" is not bound.");
        assert!(read("<y:a/>", Reading::Plain).is_ok());
    }
}

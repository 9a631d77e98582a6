//! A document as extractors see it: a flat tree of elements and texts, and what jsoup and Jodd take for an element's text.

use ahash::AHashMap;
use scraper::{Html, Node};
use std::sync::OnceLock;

/// A document. Nodes are named by their places; 0 is the document itself.
#[derive(Debug)]
pub(in crate::elements) struct Dom {
    nodes: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    parent: usize,
    /// Places of its children, in order.
    children: Vec<usize>,
    /// Place among its parent's children.
    index: usize,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Document,
    Element { name: String, attributes: Vec<(String, String)> },
    Text(String),
}

/// The document's own place.
pub(super) const DOCUMENT: usize = 0;

/// `noscript` in `noscript` and so on: no document has it.
const MOST_GRAFTS: usize = 1000;

impl Dom {
    /// Parses HTML.
    pub fn parse(text: &str) -> Self {
        let mut dom = Dom { nodes: Vec::new() };
        dom.push(DOCUMENT, Kind::Document);
        dom.graft(DOCUMENT, &super::self_closing::parse(text));
        dom.open_noscripts();
        dom
    }

    fn push(&mut self, parent: usize, kind: Kind) -> usize {
        let place = self.nodes.len();
        let index = match self.nodes.get_mut(parent) {
            Some(parent) => {
                parent.children.push(place);
                parent.children.len() - 1
            }
            None => 0,
        };
        self.nodes.push(Item { parent, children: Vec::new(), index, kind });
        place
    }

    /// Copies a parsed tree below `parent`. Walks without recursion, since documents may be nested deeply.
    fn graft(&mut self, parent: usize, html: &Html) {
        let root = html.tree.root();
        let mut at = root.first_child();
        let mut above = vec![parent];
        while let Some(node) = at {
            let parent = above.last().copied().unwrap_or(parent);
            let place = match node.value() {
                Node::Element(element) => {
                    let attributes = element.attrs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                    Some(self.push(parent, Kind::Element { name: element.name().to_owned(), attributes }))
                }
                Node::Text(text) => Some(self.push(parent, Kind::Text(text.to_string()))),
                // What a template holds is its own, for jsoup.
                Node::Fragment | Node::Document => Some(parent),
                _ => None,
            };
            if let (Some(place), Some(child)) = (place, node.first_child()) {
                above.push(place);
                at = Some(child);
                continue;
            }
            let mut left = node;
            at = loop {
                if let Some(next) = left.next_sibling() {
                    break Some(next);
                }
                above.pop();
                match left.parent() {
                    Some(parent) if parent != root => left = parent,
                    _ => break None,
                }
            };
        }
    }

    /// Gives `noscript` elements their content as elements: without scripts, as jsoup reads, it is no mere text.
    fn open_noscripts(&mut self) {
        let mut grafts = 0;
        let mut place = 0;
        while place < self.nodes.len() && grafts < MOST_GRAFTS {
            if self.name(place) == Some("noscript") {
                let text = self.raw_text(place);
                if text.contains('<') && self.nodes[place].children.iter().all(|child| self.name(*child).is_none()) {
                    grafts += 1;
                    self.nodes[place].children.clear();
                    let fragment = Html::parse_fragment(&text);
                    let first = self.nodes.len();
                    self.graft(place, &fragment);
                    self.unwrap_html(place, first);
                }
            }
            place += 1;
        }
    }

    /// A fragment comes within an `html` element of its own, which is taken out.
    fn unwrap_html(&mut self, parent: usize, html: usize) {
        if self.name(html) == Some("html") && self.nodes[parent].children == [html] {
            let children = std::mem::take(&mut self.nodes[html].children);
            for child in &children {
                self.nodes[*child].parent = parent;
            }
            self.nodes[parent].children = children;
        }
    }

    /// An element's name, in lower case.
    pub fn name(&self, place: usize) -> Option<&str> {
        match &self.nodes[place].kind {
            Kind::Element { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Whether it is an element, and not a text or the document.
    pub fn is_element(&self, place: usize) -> bool {
        matches!(self.nodes[place].kind, Kind::Element { .. })
    }

    /// The node that holds it; none for the document.
    pub fn parent(&self, place: usize) -> Option<usize> {
        (place != DOCUMENT).then(|| self.nodes[place].parent)
    }

    /// All nodes in it.
    pub fn children(&self, place: usize) -> &[usize] {
        &self.nodes[place].children
    }

    /// The elements in it.
    pub fn elements(&self, place: usize) -> impl DoubleEndedIterator<Item = usize> {
        self.children(place).iter().copied().filter(|child| self.is_element(*child))
    }

    /// It and all elements below it, in document order.
    pub fn descendants(&self, place: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open = vec![place];
        while let Some(node) = open.pop() {
            found.push(node);
            open.extend(self.elements(node).rev());
        }
        found
    }

    /// The elements beside it, itself included. The document stands alone.
    pub fn siblings(&self, place: usize) -> Vec<usize> {
        match self.parent(place) {
            Some(parent) => self.elements(parent).collect(),
            None => vec![place],
        }
    }

    /// Value of an attribute; names in any case.
    pub fn attribute(&self, place: usize, name: &str) -> Option<&str> {
        self.attributes(place).iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// All attributes.
    pub fn attributes(&self, place: usize) -> &[(String, String)] {
        match &self.nodes[place].kind {
            Kind::Element { attributes, .. } => attributes,
            _ => &[],
        }
    }

    fn next_sibling(&self, place: usize) -> Option<usize> {
        let parent = self.parent(place)?;
        self.children(parent).get(self.nodes[place].index + 1).copied()
    }

    fn text_of(&self, place: usize) -> Option<&str> {
        match &self.nodes[place].kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// All text below it, as it is (`Node.getTextContent()` of Jodd).
    pub fn raw_text(&self, place: usize) -> String {
        let mut out = String::new();
        self.walk(place, |node, entering| {
            if let Some(text) = self.text_of(node).filter(|_| entering) {
                out.push_str(text);
            }
        });
        out
    }

    /// Visits a node and all below it, when it is entered and when it is left.
    fn walk(&self, place: usize, mut visit: impl FnMut(usize, bool)) {
        let mut open = vec![(place, true)];
        while let Some((node, entering)) = open.pop() {
            visit(node, entering);
            if entering {
                open.push((node, false));
                open.extend(self.children(node).iter().rev().map(|child| (*child, true)));
            }
        }
    }

    /// `Element.text()` of jsoup, trimmed: white space normalised, blocks set apart, scripts and styles left out.
    pub fn text(&self, place: usize) -> String {
        let mut out = String::new();
        self.walk(place, |node, entering| {
            let Some(name) = self.name(node) else {
                if entering {
                    self.append_text(&mut out, node);
                }
                return;
            };
            let is_block = setting(name).is_block;
            if entering {
                if !out.is_empty() && (is_block || name == "br") && !out.ends_with(' ') {
                    out.push(' ');
                }
            } else if is_block
                && !out.ends_with(' ')
                && self
                    .next_sibling(node)
                    .is_some_and(|next| self.name(next).is_none_or(|name| setting(name).set_inline))
            {
                out.push(' ');
            }
        });
        crate::java::number::trim(&out).to_owned()
    }

    /// `Element.ownText()` of jsoup: without what is in its child elements.
    pub fn own_text(&self, place: usize) -> String {
        let mut out = String::new();
        for child in self.children(place) {
            if self.name(*child) == Some("br") && !out.ends_with(' ') {
                out.push(' ');
            }
            self.append_text(&mut out, *child);
        }
        crate::java::number::trim(&out).to_owned()
    }

    fn append_text(&self, out: &mut String, place: usize) {
        let (Some(text), Some(parent)) = (self.text_of(place), self.parent(place)) else { return };
        if matches!(self.name(parent), Some("script" | "style")) {
            return;
        }
        if self.keeps_white_space(parent) {
            out.push_str(text);
            return;
        }
        let mut after_space = out.ends_with(' ');
        for c in text.chars() {
            match c {
                ' ' | '\t' | '\n' | '\u{c}' | '\r' | '\u{a0}' => {
                    if !after_space {
                        out.push(' ');
                    }
                    after_space = true;
                }
                '\u{200b}' | '\u{ad}' => {}
                c => {
                    out.push(c);
                    after_space = false;
                }
            }
        }
    }

    /// jsoup looks no further up than this.
    fn keeps_white_space(&self, place: usize) -> bool {
        const LEVELS: usize = 6;
        std::iter::successors(Some(place), |place| self.parent(*place))
            .take(LEVELS)
            .any(|place| matches!(self.name(place), Some("plaintext" | "pre" | "textarea" | "title")))
    }
}

/// jsoup's block elements.
const BLOCKS: &str = " \
    address applet article aside audio blockquote body canvas caption center col colgroup dd del details \
    dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header \
    hgroup hr html ins li link listing main marquee math menu meta nav noframes noscript ol p plaintext \
    pre script section style svg table tbody td template tfoot th thead title tr ul video ";

/// The inline elements that jsoup knows, and the blocks that it sets like them (`!formatAsBlock`).
const SET_INLINE: &str = " \
    a abbr acronym address area b base basefont bdi bdo bgsound big br button cite code command data \
    datalist del device dfn em embed font h1 h2 h3 h4 h5 h6 i iframe img input ins kbd keygen label \
    legend li map mark menuitem meter nobr object optgroup option output p param pre progress q rb rp rt \
    rtc ruby s samp script select small source span strike strong style sub summary sup td textarea th \
    time title track tt u var wbr ";

/// What jsoup's tables say of an element.
#[derive(Debug, Clone, Copy, Default)]
struct Setting {
    is_block: bool,
    set_inline: bool,
}

fn setting(name: &str) -> Setting {
    static TABLE: OnceLock<AHashMap<&'static str, Setting>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table: AHashMap<&'static str, Setting> = AHashMap::new();
        for name in BLOCKS.split_whitespace() {
            table.entry(name).or_default().is_block = true;
        }
        for name in SET_INLINE.split_whitespace() {
            table.entry(name).or_default().set_inline = true;
        }
        table
    });
    table.get(name).copied().unwrap_or_default()
}

//! Versions of HTML: which of them a page can be, by all that is in it.

use super::input::ascii;
use super::report::Warning;
use super::tree::{Attribute, Kind, Node, NodeId};
use super::{DocType, Failure, Tidy};

pub(super) const HTML20: u16 = 1;
pub(super) const HTML32: u16 = 2;
pub(super) const HTML40_STRICT: u16 = 4;
pub(super) const HTML40_LOOSE: u16 = 8;
pub(super) const FRAMESET: u16 = 16;
pub(super) const XML: u16 = 32;
pub(super) const NETSCAPE: u16 = 64;
pub(super) const MICROSOFT: u16 = 128;
pub(super) const SUN: u16 = 256;
pub(super) const XHTML11: u16 = 1024;
pub(super) const BASIC: u16 = 2048;
pub(super) const PROPRIETARY: u16 = NETSCAPE | MICROSOFT | SUN;
pub(super) const HTML40: u16 = HTML40_STRICT | HTML40_LOOSE | FRAMESET;
pub(super) const LOOSE: u16 = HTML32 | HTML40_LOOSE | FRAMESET;
pub(super) const IFRAME: u16 = HTML40_LOOSE | FRAMESET;
pub(super) const FROM32: u16 = HTML40_STRICT | LOOSE;
pub(super) const EVENTS: u16 = HTML40 | XHTML11;
pub(super) const ALL: u16 = HTML20 | HTML32 | HTML40 | XHTML11 | BASIC;

/// The names of versions as doctypes have them, as HTML and as XHTML. The first of a version is its name; a doctype is not
/// compared with the very first, so that "HTML 4.01" is what the last row says.
const NAMES: [(&str, &str, u16); 11] = [
    ("HTML 4.01", "XHTML 1.0 Strict", HTML40_STRICT),
    ("HTML 4.01 Transitional", "XHTML 1.0 Transitional", HTML40_LOOSE),
    ("HTML 4.01 Frameset", "XHTML 1.0 Frameset", FRAMESET),
    ("HTML 4.0", "XHTML 1.0 Strict", HTML40_STRICT),
    ("HTML 4.0 Transitional", "XHTML 1.0 Transitional", HTML40_LOOSE),
    ("HTML 4.0 Frameset", "XHTML 1.0 Frameset", FRAMESET),
    ("HTML 3.2", "XHTML 1.0 Transitional", HTML32),
    ("HTML 3.2 Final", "XHTML 1.0 Transitional", HTML32),
    ("HTML 3.2 Draft", "XHTML 1.0 Transitional", HTML32),
    ("HTML 2.0", "XHTML 1.0 Strict", HTML20),
    ("HTML 4.01", "XHTML 1.1", XHTML11),
];

pub(super) const XHTML_NAMESPACE: &str = "http://www.w3.org/1999/xhtml";

const ANY_OF_W3C: &[u8] = b"-//W3C//DTD ";
const ANY_OF_IETF: &[u8] = b"-//IETF//DTD ";

/// A doctype as it stands in the page.
pub(super) struct Given {
    /// What is between its first quotation marks.
    pub identifier: String,
}

impl Tidy<'_> {
    /// The page can only be one of `versions`, or a vendor's.
    pub fn constrain(&mut self, versions: u16) {
        self.versions &= versions | PROPRIETARY;
    }

    /// The oldest version that has all that the page has; 0 for none.
    fn oldest_version(&self) -> u16 {
        let is_xml = self.options.xml_out || self.options.xml_tags || self.is_voyager;
        let candidates = [HTML20, HTML32, XHTML11, HTML40_STRICT, HTML40_LOOSE, FRAMESET];
        let holds = |version: &u16| self.versions & version != 0 && !(is_xml && *version == HTML32);
        candidates.into_iter().find(holds).unwrap_or(0)
    }

    fn apparent_version(&mut self) -> u16 {
        if self.doctype == 0 {
            return self.oldest_version();
        }
        if self.versions & self.doctype != 0 {
            return self.doctype;
        }
        self.line = 1;
        self.column = 1;
        self.warn(None, None, Warning::InconsistentVersion);
        self.oldest_version()
    }

    pub fn version_name(&mut self) -> Option<&'static str> {
        let version = self.apparent_version();
        let (html, xhtml, _) = NAMES.iter().find(|(_, _, code)| *code == version)?;
        Some(if self.is_voyager { xhtml } else { html })
    }

    /// Whether the words of a doctype are in the case that SGML wants.
    pub fn has_proper_keywords(&self, doctype: NodeId) -> bool {
        let text = self.node_text(doctype);
        !["SYSTEM", "PUBLIC", "//DTD", "//W3C", "//EN"].iter().any(|word| is_miswritten(word, &text))
    }

    /// The version that a doctype names; 0 for none that is known.
    pub fn version_of(&mut self, doctype: NodeId) -> u16 {
        let (start, end) = (self.tree[doctype].start, self.tree[doctype].end);
        if !self.buffer.slice(start, 5).eq_ignore_ascii_case(b"html ") {
            return 0;
        }
        if !self.has_proper_keywords(doctype) {
            self.warn(Some(doctype), None, Warning::DoctypeNotUpperCase);
        }
        let keyword = self.buffer.slice(start + 5, 7).to_ascii_uppercase();
        if keyword == b"SYSTEM " {
            self.buffer.overwrite(start + 5, b"SYSTEM");
            return 0;
        }
        if keyword == b"PUBLIC " {
            self.buffer.overwrite(start + 5, b"PUBLIC");
        } else {
            self.bad_doctype = true;
        }
        let Some(quote) = (start..end).find(|at| self.buffer.byte(*at) == b'"') else { return 0 };
        let named_from = |from: usize| {
            let name = (from..end).map(|at| self.buffer.byte(at)).take_while(|byte| *byte != b'/');
            name.collect::<Vec<u8>>()
        };
        if self.buffer.slice(quote + 1, ANY_OF_W3C.len()) == ANY_OF_W3C {
            let name = named_from(quote + 1 + ANY_OF_W3C.len());
            let known = NAMES.iter().skip(1).find(|(known, _, _)| known.as_bytes() == name);
            return known.map_or(0, |(_, _, code)| *code);
        }
        if self.buffer.slice(quote + 1, ANY_OF_IETF.len()) == ANY_OF_IETF {
            let name = named_from(quote + 1 + ANY_OF_IETF.len());
            return if name == NAMES[0].0.as_bytes() { NAMES[0].2 } else { 0 };
        }
        0
    }

    /// What the page gives as its doctype.
    pub fn given_doctype(&self, doctype: NodeId) -> Given {
        let text = self.node_text(doctype);
        let mut quotes = 0;
        let mut identifier = String::new();
        for c in text.chars() {
            if c == '"' {
                quotes += 1;
            } else if quotes == 1 {
                identifier.push(c);
            }
        }
        Given { identifier }
    }

    /// Gives the page the doctype that was asked for. The doctype's own text is left as it was: nothing looks at it.
    pub fn fix_doctype(&mut self) -> Result<(), Failure> {
        if self.options.xhtml {
            return self.fix_xhtml_doctype();
        }
        if self.bad_doctype {
            self.warn(None, None, Warning::MalformedDoctype);
        }
        let doctype = self.tree.doctype(self.root);
        match self.options.doctype {
            DocType::Omit => {
                self.drop_node(doctype);
                return Ok(());
            }
            _ if self.options.xml_out => return Ok(()),
            DocType::Strict | DocType::Loose => self.drop_node(doctype),
            DocType::Auto => {
                if doctype.is_some() && (self.doctype == 0 || self.versions & self.doctype != 0) {
                    return Ok(());
                }
                if self.oldest_version() == 0 {
                    return Ok(());
                }
            }
            DocType::User => {}
        }
        if self.is_voyager {
            self.drop_node(doctype);
            self.fix_namespace()?;
        }
        if self.tree.doctype(self.root).is_none() {
            self.insert_doctype();
        }
        Ok(())
    }

    fn fix_xhtml_doctype(&mut self) -> Result<(), Failure> {
        let doctype = self.tree.doctype(self.root);
        self.fix_namespace()?;
        match self.options.doctype {
            DocType::Omit => self.drop_node(doctype),
            DocType::Auto if self.versions & (HTML40_STRICT | FRAMESET | LOOSE | XHTML11) == 0 => {
                self.drop_node(doctype);
            }
            _ if doctype.is_none() => self.insert_doctype(),
            _ => {}
        }
        Ok(())
    }

    fn drop_node(&mut self, id: Option<NodeId>) {
        if let Some(id) = id {
            self.tree.remove(id);
        }
    }

    fn insert_doctype(&mut self) {
        let Some(html) = self.tree.html(self.root) else { return };
        let new = self.tree.add(Node { own_text: Some(Box::default()), ..Node::new(Kind::Doctype, 0, 0) });
        let before = self.tree[html].previous;
        self.tree[new].next = Some(html);
        self.tree[new].parent = Some(self.root);
        let root = self.root;
        if self.tree[root].first == Some(html) {
            self.tree[root].first = Some(new);
        } else {
            self.tree[new].previous = before;
            if let Some(before) = before {
                self.tree[before].next = Some(new);
            }
        }
        self.tree[html].previous = Some(new);
    }

    /// Gives the `html` element the namespace of XHTML.
    fn fix_namespace(&mut self) -> Result<(), Failure> {
        let Some(html) = self.tree.html(self.root) else { return Ok(()) };
        for place in 0..self.tree[html].attributes.len() {
            let Attribute { name: Some(name), value, .. } = &self.tree[html].attributes[place] else {
                return Err(Failure::null("String.equals(Object)", "attr.attribute"));
            };
            if name != "xmlns" {
                continue;
            }
            let Some(value) = value else {
                return Err(Failure::null("String.equals(Object)", "attr.value"));
            };
            if value != XHTML_NAMESPACE {
                self.warn(Some(html), None, Warning::InconsistentNamespace);
                self.tree[html].attributes[place].value = Some(XHTML_NAMESPACE.to_owned());
            }
            return Ok(());
        }
        self.tree.prepend_attribute(html, "xmlns", XHTML_NAMESPACE);
        Ok(())
    }
}

/// Whether a word is first found in another case than its own. Its last place in the text is not looked at.
fn is_miswritten(word: &str, text: &str) -> bool {
    let text: Vec<u8> = text.encode_utf16().map(|unit| ascii(i32::from(unit))).collect();
    let found = text.windows(word.len()).take(text.len().saturating_sub(word.len()));
    found
        .into_iter()
        .find(|part| part.eq_ignore_ascii_case(word.as_bytes()))
        .is_some_and(|part| part != word.as_bytes())
}

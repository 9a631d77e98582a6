//! Tree to bytes, laid out as JMeter 5.6.2 saves a plan (XStream's `PrettyPrintWriter`).

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use super::property::{Property, PropertyValue, XmlElement};
use super::tree::{NodeId, TestElement, TestTree, attribute};
use super::url_code;
use crate::text::Text;

/// Deeper levels are not indented further, lest a deep plan consist of spaces.
const MAX_INDENT: usize = 100;

/// Writes a plan that JMeter loads as the same plan. A plan that JMeter 5.6.2 saved comes out byte for byte.
pub fn write(tree: &TestTree, out: impl Write) -> io::Result<()> {
    let encoded = attribute(&tree.attributes, "version") == Some("1.0");
    let mut writer = Writer { out: BufWriter::new(out), depth: 0, encoded };
    writer.out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
    writer.open("jmeterTestPlan", &tree.attributes)?;
    writer.hash_trees(tree)?;
    writer.close("jmeterTestPlan")?;
    writer.out.write_all(b"\n")?;
    writer.out.flush()
}

struct Writer<W: Write> {
    out: BufWriter<W>,
    depth: usize,
    /// Format version 1.0, in which names and texts are form-encoded.
    encoded: bool,
}

type Attributes = [(Text, Text)];

impl<W: Write> Writer<W> {
    /// All `hashTree`s, without recursion: there may be a hundred thousand in each other.
    fn hash_trees(&mut self, tree: &TestTree) -> io::Result<()> {
        let mut open: Vec<std::slice::Iter<'_, NodeId>> = Vec::new();
        self.line()?;
        if tree.roots().is_empty() {
            return self.out.write_all(b"<hashTree/>");
        }
        self.open("hashTree", &[])?;
        open.push(tree.roots().iter());
        while let Some(children) = open.last_mut() {
            if let Some(&id) = children.next() {
                let node = &tree[id];
                self.line()?;
                self.element(&node.element)?;
                self.line()?;
                if node.children().is_empty() {
                    self.out.write_all(b"<hashTree/>")?;
                } else {
                    self.open("hashTree", &[])?;
                    open.push(node.children().iter());
                }
            } else {
                self.close("hashTree")?;
                open.pop();
            }
        }
        Ok(())
    }

    fn element(&mut self, element: &TestElement) -> io::Result<()> {
        self.with_properties(&element.tag, None, &self.test_attributes(element), &element.properties)
    }

    /// The attributes of a test element, `testname` encoded where the format asks for it.
    fn test_attributes<'a>(&self, element: &'a TestElement) -> Cow<'a, Attributes> {
        if !self.encoded {
            return Cow::Borrowed(&element.attributes);
        }
        let mut attributes = element.attributes.clone();
        if let Some((_, name)) = attributes.iter_mut().find(|(key, _)| &**key == "testname") {
            *name = Text::from(url_code::encode(name));
        }
        Cow::Owned(attributes)
    }

    fn with_properties(
        &mut self,
        tag: &str,
        name: Option<&str>,
        attributes: &Attributes,
        properties: &[Property],
    ) -> io::Result<()> {
        self.start(tag, name, attributes)?;
        if properties.is_empty() {
            return self.out.write_all(b"/>");
        }
        self.out.write_all(b">")?;
        self.depth += 1;
        for property in properties {
            self.line()?;
            self.property(property)?;
        }
        self.close(tag)
    }

    fn property(&mut self, property: &Property) -> io::Result<()> {
        let Property { name, attributes, value, .. } = property;
        let encoded_name = self.encode(name);
        let tag = value.tag();
        match value {
            PropertyValue::String(text) => {
                let text = self.encode(text);
                self.with_text(tag, Some(&encoded_name), attributes, &text)
            }
            PropertyValue::Bool(_) | PropertyValue::Int(_) | PropertyValue::Long(_) => {
                self.with_text(tag, Some(&encoded_name), attributes, &value.text())
            }
            PropertyValue::Float(_) | PropertyValue::Double(_) => {
                self.open(tag, attributes)?;
                for (field, text) in [("name", &**name), ("value", &value.text()), ("savedValue", "0.0")] {
                    self.line()?;
                    self.with_text(field, None, &[], text)?;
                }
                self.close(tag)
            }
            PropertyValue::Element(element) => {
                let attributes = self.test_attributes(element);
                self.with_properties(tag, Some(&encoded_name), &attributes, &element.properties)
            }
            PropertyValue::Collection(entries) | PropertyValue::Map(entries) => {
                self.with_properties(tag, Some(&encoded_name), attributes, entries)
            }
            PropertyValue::Object(fields) => {
                self.open(tag, attributes)?;
                self.line()?;
                self.with_text("name", None, &[], name)?;
                for field in fields {
                    self.line()?;
                    self.xml(field)?;
                }
                self.close(tag)
            }
            PropertyValue::Unknown(element) => self.xml(element),
        }
    }

    fn encode<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.encoded { Cow::Owned(url_code::encode(text)) } else { Cow::Borrowed(text) }
    }

    fn xml(&mut self, element: &XmlElement) -> io::Result<()> {
        let XmlElement { tag, attributes, text, children, .. } = element;
        if children.is_empty() && !text.is_empty() {
            return self.with_text(tag, None, attributes, text);
        }
        self.start(tag, None, attributes)?;
        if children.is_empty() {
            return self.out.write_all(b"/>");
        }
        self.out.write_all(b">")?;
        self.depth += 1;
        escape(text, Place::Text, &mut self.out)?;
        for (index, child) in children.iter().enumerate() {
            // A line break after a text would belong to it.
            if index > 0 || text.is_empty() {
                self.line()?;
            }
            self.xml(child)?;
        }
        self.close(tag)
    }

    fn with_text(&mut self, tag: &str, name: Option<&str>, attributes: &Attributes, text: &str) -> io::Result<()> {
        self.start(tag, name, attributes)?;
        self.out.write_all(b">")?;
        escape(text, Place::Text, &mut self.out)?;
        write!(self.out, "</{tag}>")
    }

    fn open(&mut self, tag: &str, attributes: &Attributes) -> io::Result<()> {
        self.start(tag, None, attributes)?;
        self.depth += 1;
        self.out.write_all(b">")
    }

    /// A start tag up to its last attribute.
    fn start(&mut self, tag: &str, name: Option<&str>, attributes: &Attributes) -> io::Result<()> {
        write!(self.out, "<{tag}")?;
        let name = name.map(|name| ("name", name));
        for (key, value) in name.into_iter().chain(attributes.iter().map(|(key, value)| (&**key, &**value))) {
            write!(self.out, " {key}=\"")?;
            escape(value, Place::Attribute, &mut self.out)?;
            self.out.write_all(b"\"")?;
        }
        Ok(())
    }

    /// An end tag on a line of its own.
    fn close(&mut self, tag: &str) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        self.line()?;
        write!(self.out, "</{tag}>")
    }

    fn line(&mut self) -> io::Result<()> {
        write!(self.out, "\n{:indent$}", "", indent = 2 * self.depth.min(MAX_INDENT))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Text,
    Attribute,
}

/// Writes `text` so that XStream reads the same characters, control characters included.
fn escape(text: &str, place: Place, out: &mut impl Write) -> io::Result<()> {
    let special = |c: char| {
        matches!(c, '&' | '<' | '>' | '"' | '\'' | '\u{fffe}' | '\u{ffff}')
            || c.is_control() && (place == Place::Attribute || !matches!(c, '\t' | '\n'))
    };
    let mut rest = text;
    while let Some(index) = rest.find(special) {
        let (plain, tail) = rest.split_at(index);
        out.write_all(plain.as_bytes())?;
        let mut characters = tail.chars();
        match characters.next() {
            Some('&') => out.write_all(b"&amp;")?,
            Some('<') => out.write_all(b"&lt;")?,
            Some('>') => out.write_all(b"&gt;")?,
            Some('"') => out.write_all(b"&quot;")?,
            Some('\'') => out.write_all(b"&apos;")?,
            Some(other) => write!(out, "&#x{:x};", u32::from(other))?,
            None => {}
        }
        rest = characters.as_str();
    }
    out.write_all(rest.as_bytes())
}

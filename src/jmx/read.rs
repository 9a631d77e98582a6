//! Tokens to tree: what XStream and JMeter's converters (`org.apache.jmeter.save.converters`) do on loading.

use std::io::BufRead;

use super::error::{Error, Position};
use super::property::{Property, PropertyValue, XmlElement};
use super::pull::{CharacterData, Pull, Start, Token, problem};
use super::reference::{self, Found};
use super::tree::{NodeId, TestElement, TestTree, attribute};
use super::url_code;
use crate::java::number;
use crate::text::Text;

/// Properties in properties. JMeter's own elements go five deep; the bound is for code that recurses.
pub(super) const MAX_DEPTH: u32 = 200;

/// Test elements in one plan.
const MAX_ELEMENTS: u32 = 100_000_000;

/// Properties that `reference`s may copy, so that references to references cannot grow without end.
const MAX_REFERENCED: u32 = 1_000_000;

/// Reads a plan.
///
/// The input is read piece by piece and need not be a file. Like JMeter, this takes a file whose outermost `hashTree`
/// is complete, whatever follows it, but logs a warning if that is not the proper end.
pub fn read(input: impl BufRead) -> Result<TestTree, Error> {
    let mut reader = Reader {
        pull: Pull::new(input),
        data: CharacterData::default(),
        tree: TestTree::default(),
        hash_trees: Vec::new(),
        open: Vec::new(),
        encoded: false,
        referenced: 0,
    };
    reader.read_root()?;
    reader.read_hash_trees()?;
    reader.read_rest();
    Ok(reader.tree)
}

struct Reader<R: BufRead> {
    pull: Pull<R>,
    data: CharacterData,
    tree: TestTree,
    hash_trees: Vec<HashTree>,
    open: Vec<Open>,
    /// Format version 1.0, in which names and texts are form-encoded.
    encoded: bool,
    referenced: u32,
}

/// A `hashTree` that is being read.
pub(super) struct HashTree {
    /// The element that it belongs to.
    pub(super) owner: Option<NodeId>,
    /// The element in it whose own `hashTree` comes next.
    waiting: Option<NodeId>,
}

/// A test element or a property with properties in it that is being read.
pub(super) struct Open {
    pub(super) start: Start,
    kind: Container,
    name: Text,
    pub(super) properties: Vec<Property>,
}

#[derive(Clone, Copy)]
enum Container {
    /// An entry of a `hashTree`.
    TestElement,
    Element,
    Collection,
    Map,
}

impl<R: BufRead> Reader<R> {
    fn next(&mut self) -> Result<Token, Error> {
        self.pull.next(&mut self.data)
    }

    fn read_root(&mut self) -> Result<(), Error> {
        let start = match self.next()? {
            Token::Start(start) => start,
            Token::End(at) | Token::EndOfFile(at) => {
                return Err(problem(at, "expected <jmeterTestPlan>, found the end of the file".to_owned()));
            }
        };
        if !matches!(&*class_of(&start), "jmeterTestPlan" | "org.apache.jmeter.save.ScriptWrapper") {
            return Err(Error::NotATestPlan { at: start.at, found: start.tag });
        }
        self.encoded = attribute(&start.attributes, "version") == Some("1.0");
        self.tree.attributes = start.attributes;
        let (at, found) = match self.next()? {
            Token::Start(start) if is_hash_tree(&start) => {
                self.hash_trees.push(HashTree { owner: None, waiting: None });
                return Ok(());
            }
            Token::Start(start) => (start.at, start.tag),
            Token::End(at) | Token::EndOfFile(at) => (at, Text::from("/jmeterTestPlan")),
        };
        Err(Error::ExpectedHashTree { at, place: "in <jmeterTestPlan>".to_owned(), found })
    }

    /// Reads to the end of the outermost `hashTree`.
    fn read_hash_trees(&mut self) -> Result<(), Error> {
        while let Some(HashTree { owner, waiting }) = self.hash_trees.last_mut() {
            let owner = *owner;
            let waiting = waiting.take();
            match (self.next()?, waiting) {
                (Token::Start(start), Some(element)) => {
                    if !is_hash_tree(&start) {
                        let place = format!("after <{}>", self.tree[element].element.tag);
                        return Err(Error::ExpectedHashTree { at: start.at, place, found: start.tag });
                    }
                    if let Some(reference) = reference_of(&start) {
                        return Err(Error::InvalidReference { at: start.at, reference });
                    }
                    self.hash_trees.push(HashTree { owner: Some(element), waiting: None });
                }
                (Token::Start(start), None) => {
                    if is_hash_tree(&start) {
                        return Err(Error::ExpectedElement { at: start.at });
                    }
                    if self.tree.len() >= MAX_ELEMENTS as usize {
                        return Err(Error::Limit { at: start.at, what: "test elements", limit: MAX_ELEMENTS });
                    }
                    let element = self.read_element(start)?;
                    let id = self.tree.add(owner, element);
                    if let Some(innermost) = self.hash_trees.last_mut() {
                        innermost.waiting = Some(id);
                    }
                }
                (Token::End(_) | Token::EndOfFile(_), _) => {
                    self.hash_trees.pop();
                }
            }
        }
        Ok(())
    }

    /// JMeter reads no further than the end of the outermost `hashTree`.
    fn read_rest(&mut self) {
        const TARGET: &str = "org.apache.jmeter.save.SaveService";
        match self.next() {
            Ok(Token::End(_)) => {}
            Ok(Token::Start(start)) => {
                log::warn!(target: TARGET, "{}: <{}> after the test plan's <hashTree> is ignored", start.at, start.tag);
                return;
            }
            Ok(Token::EndOfFile(_)) => return,
            Err(error) => {
                log::warn!(target: TARGET, "What follows the test plan's <hashTree> is ignored: {error}");
                return;
            }
        }
        if let Err(error) = self.next() {
            log::warn!(target: TARGET, "What follows </jmeterTestPlan> is ignored: {error}");
        }
    }

    fn read_element(&mut self, start: Start) -> Result<TestElement, Error> {
        if let Some(path) = reference_of(&start) {
            return match self.resolve(&path, start.at, 0)? {
                Found::Element(element) => {
                    self.skip()?;
                    Ok(TestElement { line: start.at.line, ..element })
                }
                _ => Err(Error::InvalidReference { at: start.at, reference: path }),
            };
        }
        if attribute(&start.attributes, "guiclass").is_none() {
            return Err(Error::MissingGuiClass { at: start.at, tag: start.tag });
        }
        self.open.push(Open { start, kind: Container::TestElement, name: Text::default(), properties: Vec::new() });
        loop {
            match self.next()? {
                Token::Start(start) => {
                    if let Some(property) = self.read_property(start)? {
                        self.add(property);
                    }
                }
                Token::End(_) | Token::EndOfFile(_) => {
                    let Some(Open { start, kind, name, mut properties }) = self.open.pop() else {
                        return Ok(TestElement::default());
                    };
                    properties.shrink_to_fit();
                    let Start { tag, at, mut attributes } = start;
                    let value = match kind {
                        Container::TestElement => {
                            let class = class_of_parts(&tag, &attributes);
                            self.decode_test_name(&mut attributes, at)?;
                            return Ok(TestElement { tag, class, attributes, properties, line: at.line });
                        }
                        Container::Element => {
                            let class = attribute(&attributes, "elementType").unwrap_or_default();
                            let class = self.pull.texts.intern(class);
                            let tag = self.pull.texts.intern("elementProp");
                            self.decode_test_name(&mut attributes, at)?;
                            let attributes = std::mem::take(&mut attributes);
                            let element = TestElement { tag, class, attributes, properties, line: at.line };
                            PropertyValue::Element(Box::new(element))
                        }
                        Container::Collection => PropertyValue::Collection(properties),
                        Container::Map => PropertyValue::Map(properties),
                    };
                    self.add(Property { name, attributes, value, line: at.line });
                }
            }
        }
    }

    /// Puts a property into the container that is being read.
    fn add(&mut self, property: Property) {
        if let Some(container) = self.open.last_mut() {
            container.properties.push(property);
        }
    }

    /// Reads a property to its end. `None` if it has properties in it, which come next, or is XStream's `null`.
    fn read_property(&mut self, start: Start) -> Result<Option<Property>, Error> {
        let class = class_of(&start);
        let kind = class.strip_prefix("org.apache.jmeter.testelement.property.").unwrap_or(&class);
        if kind == "null" {
            // JMeter skips an entry that is not there.
            return self.skip().map(|()| None);
        }
        if let Some(path) = reference_of(&start) {
            return match self.resolve(&path, start.at, 0)? {
                Found::Property(property) => {
                    self.skip()?;
                    Ok(Some(Property { line: start.at.line, ..property }))
                }
                _ => Err(Error::InvalidReference { at: start.at, reference: path }),
            };
        }
        let line = start.at.line;
        let at = start.at;
        match kind {
            "stringProp" | "StringProperty" => {
                let (name, attributes) = self.name_of(start)?;
                let text = self.read_text("stringProp")?;
                let text = self.decode(text, at)?;
                Ok(Some(Property { name, attributes, value: PropertyValue::String(text), line }))
            }
            "boolProp" | "BooleanProperty" => {
                let (name, attributes) = self.name_of(start)?;
                let text = self.read_text("boolProp")?;
                if !text.eq_ignore_ascii_case("true") && !text.eq_ignore_ascii_case("false") {
                    log::warn!(
                        target: "org.apache.jmeter.save.converters.BooleanPropertyConverter",
                        "{at}: property {name} is <boolProp>, and its text {text:?} counts as false"
                    );
                }
                let value = PropertyValue::Bool(number::parse_boolean(&text));
                Ok(Some(Property { name, attributes, value, line }))
            }
            "intProp" | "IntegerProperty" => {
                let (name, attributes) = self.name_of(start)?;
                let text = self.read_text("intProp")?;
                let value = number::parse_int(&text).ok().map(PropertyValue::Int);
                let value = value.ok_or_else(|| not_a_number(at, &name, "intProp", &text))?;
                Ok(Some(Property { name, attributes, value, line }))
            }
            "longProp" | "LongProperty" => {
                let (name, attributes) = self.name_of(start)?;
                let text = self.read_text("longProp")?;
                let value = number::parse_long(&text).ok().map(PropertyValue::Long);
                let value = value.ok_or_else(|| not_a_number(at, &name, "longProp", &text))?;
                Ok(Some(Property { name, attributes, value, line }))
            }
            "doubleProp" | "DoubleProperty" => self
                .read_fields(start, "doubleProp", |text| number::parse_double(text).ok(), PropertyValue::Double)
                .map(Some),
            "FloatProperty" => self
                .read_fields(start, "FloatProperty", |text| number::parse_float(text).ok(), PropertyValue::Float)
                .map(Some),
            "objProp" | "ObjectProperty" => self.read_object(start).map(Some),
            "elementProp" | "TestElementProperty" => {
                if attribute(&start.attributes, "elementType").is_none() {
                    return Err(Error::MissingAttribute { at, tag: start.tag, attribute: "elementType" });
                }
                self.open_container(start, Container::Element)
            }
            "collectionProp" | "CollectionProperty" => self.open_container(start, Container::Collection),
            "mapProp" | "MapProperty" => self.open_container(start, Container::Map),
            _ => {
                let name = self.pull.texts.intern(attribute(&start.attributes, "name").unwrap_or_default());
                let element = self.read_xml(start, 0)?;
                let value = PropertyValue::Unknown(Box::new(element));
                Ok(Some(Property { name, attributes: Vec::new(), value, line }))
            }
        }
    }

    fn open_container(&mut self, mut start: Start, kind: Container) -> Result<Option<Property>, Error> {
        self.check_depth(start.at, 0)?;
        let name = self.take_name(&mut start)?;
        self.open.push(Open { start, kind, name, properties: Vec::new() });
        Ok(None)
    }

    fn check_depth(&self, at: Position, more: u32) -> Result<(), Error> {
        if self.open.len() as u64 + u64::from(more) > u64::from(MAX_DEPTH) {
            return Err(Error::Limit { at, what: "levels of properties", limit: MAX_DEPTH });
        }
        Ok(())
    }

    fn name_of(&mut self, mut start: Start) -> Result<(Text, Vec<(Text, Text)>), Error> {
        let name = self.take_name(&mut start)?;
        Ok((name, start.attributes))
    }

    /// The `name` attribute, which is taken out.
    fn take_name(&mut self, start: &mut Start) -> Result<Text, Error> {
        let Some(index) = start.attributes.iter().position(|(key, _)| &**key == "name") else {
            return Err(Error::MissingAttribute { at: start.at, tag: Text::clone(&start.tag), attribute: "name" });
        };
        let (_, name) = start.attributes.remove(index);
        if start.attributes.is_empty() {
            start.attributes = Vec::new();
        }
        self.decode(name, start.at)
    }

    /// The text of the tag that was just opened, to its end tag. As in XStream, the text ends at the first tag in it.
    fn read_text(&mut self, tag: &str) -> Result<Text, Error> {
        let token = self.next()?;
        let text = self.pull.texts.intern(self.data.as_str());
        if let Token::Start(child) = token {
            log::warn!(
                target: "org.apache.jmeter.save.SaveService",
                "{}: <{}> in <{tag}> is ignored, with the text after it", child.at, child.tag
            );
            self.skip()?;
            self.skip()?;
        }
        Ok(text)
    }

    /// Reads to the end of the tag that was just opened.
    fn skip(&mut self) -> Result<(), Error> {
        let mut depth = 0_u64;
        loop {
            match self.next()? {
                Token::Start(_) => depth += 1,
                Token::End(_) if depth == 0 => return Ok(()),
                Token::End(_) => depth -= 1,
                Token::EndOfFile(_) => return Ok(()),
            }
        }
    }

    /// A `doubleProp` or `FloatProperty`, which XStream writes field by field.
    fn read_fields<T>(
        &mut self,
        start: Start,
        tag: &'static str,
        parse: fn(&str) -> Option<T>,
        value: fn(T) -> PropertyValue,
    ) -> Result<Property, Error> {
        let mut name = Text::default();
        let mut number = Text::from("0.0");
        // What the value was before a run: JMeter writes it, and overwrites it when a run starts.
        let mut saved = Text::from("0.0");
        while let Token::Start(field) = self.next()? {
            match &*field.tag {
                "name" => name = self.read_text("name")?,
                "value" => number = self.read_text("value")?,
                "savedValue" => saved = self.read_text("savedValue")?,
                _ => return Err(Error::UnknownField { at: field.at, found: field.tag }),
            }
        }
        let parse = |text: &str| parse(text).ok_or_else(|| not_a_number(start.at, &name, tag, text));
        parse(&saved)?;
        let value = value(parse(&number)?);
        Ok(Property { name, attributes: start.attributes, value, line: start.at.line })
    }

    fn read_object(&mut self, start: Start) -> Result<Property, Error> {
        let mut name = Text::default();
        let mut fields = Vec::new();
        loop {
            match self.next()? {
                Token::Start(field) if &*field.tag == "name" => name = self.read_text("name")?,
                Token::Start(field) => match reference_of(&field) {
                    Some(path) => match self.resolve(&path, field.at, 1)? {
                        Found::Xml(element) => {
                            self.skip()?;
                            fields.push(XmlElement { tag: field.tag, line: field.at.line, ..element });
                        }
                        _ => return Err(Error::InvalidReference { at: field.at, reference: path }),
                    },
                    None => fields.push(self.read_xml(field, 1)?),
                },
                Token::End(_) | Token::EndOfFile(_) => {
                    let Start { attributes, at, .. } = start;
                    return Ok(Property { name, attributes, value: PropertyValue::Object(fields), line: at.line });
                }
            }
        }
    }

    /// Reads a tag as it is. `depth` is how many tags it stands in that are not in `open`.
    fn read_xml(&mut self, start: Start, depth: u32) -> Result<XmlElement, Error> {
        self.check_depth(start.at, depth)?;
        let Start { tag, attributes, at } = start;
        let mut token = self.next()?;
        let text = self.data.as_str();
        let text = match token {
            Token::Start(_) if text.trim_ascii().is_empty() => Text::default(),
            _ => self.pull.texts.intern(text),
        };
        let mut children = Vec::new();
        while let Token::Start(child) = token {
            children.push(self.read_xml(child, depth + 1)?);
            token = self.next()?;
        }
        children.shrink_to_fit();
        Ok(XmlElement { tag, attributes, text, children, line: at.line })
    }

    /// A copy of what a `reference` attribute names. `inside` is how many tags the reference stands in that are
    /// neither `hashTree`s nor in `open`.
    fn resolve(&mut self, path: &Text, at: Position, inside: usize) -> Result<Found, Error> {
        let found = reference::resolve(path, &self.tree, &self.hash_trees, &self.open, inside);
        let found = found.ok_or_else(|| Error::InvalidReference { at, reference: Text::clone(path) })?;
        let size = found.size();
        self.check_depth(at, size.depth)?;
        self.referenced = self.referenced.saturating_add(size.properties);
        if self.referenced > MAX_REFERENCED {
            return Err(Error::Limit { at, what: "properties copied by references", limit: MAX_REFERENCED });
        }
        Ok(found)
    }

    fn decode(&mut self, text: Text, at: Position) -> Result<Text, Error> {
        if !self.encoded {
            return Ok(text);
        }
        match url_code::decode(&text) {
            Some(decoded) => Ok(self.pull.texts.intern(&decoded)),
            None => Err(problem(at, format!("expected two hexadecimal digits after each % in {text:?}"))),
        }
    }

    fn decode_test_name(&mut self, attributes: &mut [(Text, Text)], at: Position) -> Result<(), Error> {
        if let Some((_, name)) = attributes.iter_mut().find(|(key, _)| &**key == "testname") {
            *name = self.decode(std::mem::take(name), at)?;
        }
        Ok(())
    }
}

fn not_a_number(at: Position, name: &Text, tag: &'static str, text: &str) -> Error {
    Error::NotANumber { at, name: Text::clone(name), tag, text: text.chars().take(80).collect() }
}

fn reference_of(start: &Start) -> Option<Text> {
    start.attributes.iter().find(|(key, _)| &**key == "reference").map(|(_, path)| Text::clone(path))
}

fn is_hash_tree(start: &Start) -> bool {
    matches!(
        &*class_of(start),
        "hashTree" | "org.apache.jorphan.collections.ListedHashTree" | "org.apache.jorphan.collections.HashTree"
    )
}

fn class_of(start: &Start) -> Text {
    class_of_parts(&start.tag, &start.attributes)
}

/// `HierarchicalStreams.readClassType`: an attribute names the class, or else the tag does.
fn class_of_parts(tag: &Text, attributes: &[(Text, Text)]) -> Text {
    for key in ["resolves-to", "class"] {
        if let Some((_, class)) = attributes.iter().find(|(name, _)| &**name == key) {
            return Text::clone(class);
        }
    }
    if tag.contains('_') { Text::from(unescape_name(tag)) } else { Text::clone(tag) }
}

/// XStream's `XmlFriendlyNameCoder`: `_-` is `$`, `__` is `_`, `_.002d` is a character by its code.
fn unescape_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('_') {
        out.push_str(before);
        let code = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        rest = if let Some(after) = after.strip_prefix('-') {
            out.push('$');
            after
        } else if let Some(after) = after.strip_prefix('_') {
            out.push('_');
            after
        } else if let Some(c) = after.strip_prefix('.').and_then(|hex| hex.get(..4)).and_then(code) {
            out.push(c);
            &after[5..]
        } else {
            out.push('_');
            after
        };
    }
    out.push_str(rest);
    out
}

//! Reads XML 1.0, with the sentences that Xerces 2.12.2 has for the first fault.
//!
//! A fault of an XML declaration beyond version, standalone and unknown names has a general sentence; names may hold every
//! letter and digit of Unicode. A DOCTYPE is refused or passed over: general entities of its internal subset whose text has no
//! markup are known, nothing outside the document is read.

use super::document::{Builder, Document, Kind, NodeId};
use std::borrow::Cow;

/// How a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Only checked, a DOCTYPE being a fault (XML Assertion).
    Check,
    /// As a DOM without namespaces: names are compared as they are written.
    Plain,
    /// As a DOM with namespaces.
    Namespaces,
    /// As Saxon's tree: with namespaces, CDATA sections being text like other text.
    Saxon,
}

/// The first fault of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Xerces' sentence.
    pub message: String,
    /// Where the reader was: line and column from 1, as Xerces counts them; none at the end of an empty document.
    pub position: Option<(usize, usize)>,
}

/// Checks a whole document for the XML Assertion.
pub fn check(text: &str) -> Result<(), String> {
    read(text, Reading::Check).map(drop).map_err(|fault| fault.message)
}

/// Reads a whole document.
pub fn read(text: &str, reading: Reading) -> Result<Document, Fault> {
    let read = read_tags(text, reading);
    read.fault.map_or(Ok(read.document), Err)
}

/// A tag of an element, where reading had come behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// The element.
    pub element: NodeId,
    /// Whether it is the end of the element; an empty one has both in one place.
    pub ends: bool,
    /// The byte behind it.
    pub at: usize,
}

/// A document as far as it can be read, and its tags in order.
#[derive(Debug)]
pub struct Tags {
    /// What was read.
    pub document: Document,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Why reading ended before the end of the text.
    pub fault: Option<Fault>,
}

/// Reads a document with the places of its tags.
pub fn read_tags(text: &str, reading: Reading) -> Tags {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut scanner = Scanner { text, at: 0, reading, builder: Builder::new(), entities: Vec::new(), tags: Vec::new() };
    let end = scanner.prolog().and_then(|()| scanner.content()).and_then(|()| scanner.trailing());
    let fault = end.err().map(|message| {
        let position = (!message.starts_with("Premature")).then(|| position(text, scanner.at));
        Fault { message, position }
    });
    Tags { document: scanner.builder.finish(), tags: scanner.tags, fault }
}

/// The text of a file: UTF-16 by its mark, UTF-8 otherwise, or what its declaration says.
pub fn decode(bytes: &[u8]) -> String {
    let declared = || {
        let head = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).into_owned();
        let (_, rest) = head.strip_prefix("<?xml")?.split_once("encoding=")?;
        let name = rest.trim_start_matches(['"', '\'']).split(['"', '\'']).next()?.to_owned();
        encoding_rs::Encoding::for_label(name.as_bytes())
    };
    let (text, _, _) = declared().unwrap_or(encoding_rs::UTF_8).decode(bytes);
    text.into_owned()
}

/// Line and column of a byte, from 1, as Xerces counts them.
pub fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let column = before.rsplit('\n').next().unwrap_or_default().encode_utf16().count() + 1;
    (before.matches('\n').count() + 1, column)
}

/// Elements open at a time.
const MOST_OPEN: usize = 10_000;
/// Characters that entities may stand for in one document (Xerces' limit of secure processing is on their number).
const MOST_EXPANDED: usize = 1 << 20;

const UNFINISHED: &str = "XML document structures must start and end within the same entity.";
const NO_MARKUP_BEFORE: &str = "The markup in the document preceding the root element must be well-formed.";
const NO_MARKUP_AFTER: &str = "The markup in the document following the root element must be well-formed.";
const NO_MARKUP_WITHIN: &str = "The content of elements must consist of well-formed character data or markup.";
const NO_XML_TARGET: &str = "The processing instruction target matching \"[xX][mM][lL]\" is not allowed.";
const CDATA_END_IN_CONTENT: &str =
    "The character sequence \"]]>\" must not appear in content unless used to mark the end of a CDATA section.";
const NO_DOCTYPE: &str =
    "DOCTYPE is disallowed when the feature \"http://apache.org/xml/features/disallow-doctype-decl\" set to true.";

type Checked = Result<(), String>;

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    reading: Reading,
    builder: Builder,
    /// General entities of the internal subset.
    entities: Vec<(&'t str, &'t str)>,
    tags: Vec<Tag>,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn ended(&self) -> bool {
        self.at == self.text.len()
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    fn spaces(&mut self) -> bool {
        let rest = self.rest();
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        self.at += rest.len() - trimmed.len();
        rest.len() != trimmed.len()
    }

    fn name(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        let first = rest.chars().next().filter(|c| starts_name(*c))?;
        let end = rest[first.len_utf8()..].find(|c| !in_name(c)).map_or(rest.len(), |end| end + first.len_utf8());
        self.at += end;
        Some(&rest[..end])
    }

    /// A fault here, unless the text ends here.
    fn fault<T>(&self, sentence: impl Into<String>) -> Result<T, String> {
        Err(if self.ended() { UNFINISHED.to_owned() } else { sentence.into() })
    }

    /// Up to and over `end`; invalid characters on the way are a fault `place`.
    fn until(&mut self, end: &str, place: &str) -> Result<&'t str, String> {
        let length = self.rest().find(end);
        let within = &self.rest()[..length.unwrap_or(self.rest().len())];
        if let Some(c) = within.chars().find(|c| !is_xml_char(*c)) {
            return Err(invalid(c, place));
        }
        match length {
            Some(length) => {
                self.at += length + end.len();
                Ok(within)
            }
            None => Err(UNFINISHED.to_owned()),
        }
    }

    /// All that may stand before the root element.
    fn prolog(&mut self) -> Checked {
        if self.rest().strip_prefix("<?xml").is_some_and(|rest| !rest.starts_with(in_name)) {
            self.at += "<?xml".len();
            self.declaration()?;
        }
        loop {
            self.spaces();
            let rest = self.rest();
            if rest.is_empty() {
                return Err("Premature end of file.".to_owned());
            }
            let Some(markup) = rest.strip_prefix('<') else {
                return Err("Content is not allowed in prolog.".to_owned());
            };
            if self.take("<!--") {
                self.comment()?;
            } else if self.take("<?") {
                self.instruction()?;
            } else if markup.starts_with("!DOCTYPE") {
                if self.reading == Reading::Check {
                    return Err(NO_DOCTYPE.to_owned());
                }
                self.doctype()?;
            } else if markup.starts_with(starts_name) {
                return Ok(());
            } else {
                self.at += 1;
                return self.fault(NO_MARKUP_BEFORE);
            }
        }
    }

    fn declaration(&mut self) -> Checked {
        let mut version = false;
        loop {
            self.spaces();
            if self.take("?>") {
                break;
            }
            let Some(name @ ("version" | "encoding" | "standalone")) = self.name() else {
                return self.fault("A pseudo attribute name is expected.");
            };
            self.spaces();
            let equals = self.take("=");
            self.spaces();
            let Some(quote) = self.peek().filter(|c| equals && matches!(c, '"' | '\'')) else {
                return self.fault("The XML declaration must end with \"?>\".");
            };
            let Some((value, _)) = self.rest()[1..].split_once(quote) else { return Err(UNFINISHED.to_owned()) };
            self.at += value.len() + 2;
            match (name, value) {
                ("version", "1.0" | "1.1") => version = true,
                ("version", _) => {
                    return Err(format!("XML version \"{value}\" is not supported, only XML 1.0 is supported."));
                }
                _ if !version => break,
                ("standalone", "yes" | "no") => {}
                ("standalone", _) => {
                    return Err(format!(
                        "The standalone document declaration value must be \"yes\" or \"no\", not \"{value}\"."
                    ));
                }
                _ => {}
            }
        }
        if version { Ok(()) } else { Err("The version is required in the XML declaration.".to_owned()) }
    }

    /// The root element.
    fn content(&mut self) -> Checked {
        let mut open: Vec<&str> = Vec::new();
        self.at += 1;
        self.start_tag(&mut open)?;
        while let Some(innermost) = open.last().copied() {
            self.characters()?;
            if self.rest().starts_with('&') {
                self.at += 1;
                let text = self.reference()?;
                self.builder.text(Kind::Text, &text);
            } else if self.take("</") {
                if !self.take(innermost) {
                    return self.fault(format!(
                        "The element type \"{innermost}\" must be terminated by the matching end-tag \"</{innermost}>\"."
                    ));
                }
                self.spaces();
                if !self.take(">") {
                    return self
                        .fault(format!("The end-tag for element type \"{innermost}\" must end with a '>' delimiter."));
                }
                open.pop();
                self.end_element();
            } else if self.take("<!--") {
                self.comment()?;
            } else if self.take("<![CDATA[") {
                let text = lines_as_in_xml(self.until("]]>", "CDATA section")?);
                let kind = if self.reading == Reading::Saxon { Kind::Text } else { Kind::CData };
                self.builder.text(kind, &text);
            } else if self.take("<?") {
                self.instruction()?;
            } else {
                self.at += usize::from(!self.ended());
                if !self.peek().is_some_and(starts_name) {
                    return self.fault(NO_MARKUP_WITHIN);
                }
                self.start_tag(&mut open)?;
            }
        }
        Ok(())
    }

    /// Text up to markup, a reference or the end.
    fn characters(&mut self) -> Checked {
        let rest = self.rest();
        let end = memchr::memchr2(b'<', b'&', rest.as_bytes()).unwrap_or(rest.len());
        let text = &rest[..end];
        let cdata_end = memchr::memmem::find(text.as_bytes(), b"]]>");
        let invalid_char = text.char_indices().find(|(_, c)| !is_xml_char(*c));
        match (cdata_end, invalid_char) {
            (Some(at), invalid_char) if invalid_char.is_none_or(|(other, _)| at < other) => {
                Err(CDATA_END_IN_CONTENT.to_owned())
            }
            (_, Some((_, c))) => Err(invalid(c, "element content of the document")),
            _ => {
                self.at += end;
                self.builder.text(Kind::Text, &lines_as_in_xml(text));
                Ok(())
            }
        }
    }

    /// A start tag behind its `<`; one that is not empty is pushed.
    fn start_tag(&mut self, open: &mut Vec<&'t str>) -> Checked {
        let Some(element) = self.name() else { return self.fault(NO_MARKUP_WITHIN) };
        if open.len() >= MOST_OPEN {
            return Err("Elements are nested too deeply.".to_owned());
        }
        let mut names: Vec<&str> = Vec::new();
        // With namespaces, names are compared when all are there.
        let mut repeated = None;
        let node = self.builder.start(element);
        loop {
            let spaced = self.spaces();
            if self.take(">") {
                open.push(element);
                repeated.map_or(Ok(()), Err)?;
                self.started()?;
                self.tags.push(Tag { element: node, ends: false, at: self.at });
                return Ok(());
            }
            if self.take("/>") {
                repeated.map_or(Ok(()), Err)?;
                self.started()?;
                self.tags.push(Tag { element: node, ends: false, at: self.at });
                self.end_element();
                return Ok(());
            }
            let slash = self.take("/");
            let attribute = if spaced && !slash { self.name() } else { None };
            let Some(attribute) = attribute else {
                return self.fault(format!(
                    "Element type \"{element}\" must be followed by either attribute specifications, \">\" or \"/>\"."
                ));
            };
            let value = self.attribute_value(element, attribute)?;
            self.builder.attribute(attribute, &value);
            if names.contains(&attribute) {
                let message = format!("Attribute \"{attribute}\" was already specified for element \"{element}\".");
                if !matches!(self.reading, Reading::Namespaces | Reading::Saxon) {
                    return Err(message);
                }
                repeated.get_or_insert(message);
            }
            names.push(attribute);
        }
    }

    fn end_element(&mut self) {
        let element = self.builder.end();
        self.tags.push(Tag { element, ends: true, at: self.at });
    }

    /// A start tag's attributes are all there.
    fn started(&mut self) -> Checked {
        if matches!(self.reading, Reading::Plain | Reading::Namespaces) {
            self.builder.sort_attributes();
        }
        let unbound = if matches!(self.reading, Reading::Namespaces | Reading::Saxon) {
            self.builder.resolve_names()
        } else {
            None
        };
        unbound.map_or(Ok(()), Err)
    }

    fn attribute_value(&mut self, element: &str, attribute: &str) -> Result<String, String> {
        self.spaces();
        if !self.take("=") {
            return self.fault(format!(
                "Attribute name \"{attribute}\" associated with an element type \"{element}\" must be followed by the ' = ' character."
            ));
        }
        self.spaces();
        let Some(quote) = self.peek().filter(|c| matches!(c, '"' | '\'')) else {
            return self.fault(format!(
                "Open quote is expected for attribute \"{attribute}\" associated with an  element type  \"{element}\"."
            ));
        };
        self.at += 1;
        let mut value = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                c if c == quote => return Ok(value),
                '&' => value.push_str(&self.reference()?),
                '\r' if self.rest().starts_with('\n') => {}
                '\r' | '\n' | '\t' => value.push(' '),
                '<' => {
                    return Err(format!(
                        "The value of attribute \"{attribute}\" associated with an element type \"{element}\" must not contain the '<' character."
                    ));
                }
                c if !is_xml_char(c) => {
                    return Err(invalid(
                        c,
                        &format!("value of attribute \"{attribute}\" and element is \"{element}\""),
                    ));
                }
                c => value.push(c),
            }
        }
        Err(UNFINISHED.to_owned())
    }

    /// A reference behind its `&`.
    fn reference(&mut self) -> Result<Cow<'t, str>, String> {
        if self.take("#") {
            return self.character_reference().map(|c| Cow::Owned(c.to_string()));
        }
        let Some(name) = self.name() else {
            return self.fault("The entity name must immediately follow the '&' in the entity reference.");
        };
        if !self.take(";") {
            return self.fault(format!("The reference to entity \"{name}\" must end with the ';' delimiter."));
        }
        let text = match name {
            "lt" => Some("<"),
            "gt" => Some(">"),
            "amp" => Some("&"),
            "quot" => Some("\""),
            "apos" => Some("'"),
            name => self.entities.iter().find(|(other, _)| *other == name).map(|(_, text)| *text),
        };
        if let Some(text) = text {
            return Ok(Cow::Borrowed(text));
        }
        Err(format!("The entity \"{name}\" was referenced, but not declared."))
    }

    fn character_reference(&mut self) -> Result<char, String> {
        let (radix, kind, start) = if self.take("x") { (16, "hexadecimal", "&#x") } else { (10, "decimal", "&#") };
        let rest = self.rest();
        let digits = &rest[..rest.find(|c: char| !c.is_digit(radix)).unwrap_or(rest.len())];
        if digits.is_empty() {
            return self.fault(format!(
                "A {kind} representation must immediately follow the \"{start}\" in a character reference."
            ));
        }
        self.at += digits.len();
        if !self.take(";") {
            return self.fault("The character reference must end with the ';' delimiter.");
        }
        let code = u32::from_str_radix(digits, radix).ok();
        if let Some(c) = code.and_then(char::from_u32).filter(|c| is_xml_char(*c)) {
            return Ok(c);
        }
        Err(format!("Character reference \"{start}{digits}\" is an invalid XML character."))
    }

    /// A comment behind its `<!--`.
    fn comment(&mut self) -> Checked {
        let text = self.until("--", "comment")?;
        self.builder.comment(&lines_as_in_xml(text));
        if self.take(">") { Ok(()) } else { self.fault("The string \"--\" is not permitted within comments.") }
    }

    /// A processing instruction behind its `<?`.
    fn instruction(&mut self) -> Checked {
        let Some(target) = self.name() else {
            return self.fault("The processing instruction must begin with the name of the target.");
        };
        if target.eq_ignore_ascii_case("xml") {
            return Err(NO_XML_TARGET.to_owned());
        }
        if self.take("?>") {
            self.builder.instruction(target, "");
            return Ok(());
        }
        if !self.spaces() {
            return self.fault("White space is required between the processing instruction target and data.");
        }
        let data = self.until("?>", "processing instruction")?;
        self.builder.instruction(target, &lines_as_in_xml(data));
        Ok(())
    }

    /// Passes over a document type declaration, but for plain general entities in its internal subset.
    fn doctype(&mut self) -> Checked {
        let mut expanded = 0;
        let mut inside = false;
        loop {
            if self.ended() {
                return Err(UNFINISHED.to_owned());
            }
            if self.take("<!--") {
                self.until("-->", "comment")?;
            } else if self.take("<?") {
                self.until("?>", "processing instruction")?;
            } else if self.take("<!ENTITY") {
                self.spaces();
                let name = self.name();
                self.spaces();
                if let (Some(name), Some(quote @ ('"' | '\''))) = (name, self.peek()) {
                    self.at += 1;
                    let value = self.until(if quote == '"' { "\"" } else { "'" }, "entity value")?;
                    expanded += value.len();
                    if expanded <= MOST_EXPANDED && !value.contains(['&', '<', '%']) {
                        self.entities.push((name, value));
                    }
                }
            } else if let Some(quote @ ('"' | '\'')) = self.peek() {
                self.at += 1;
                self.until(if quote == '"' { "\"" } else { "'" }, "literal")?;
            } else {
                match self.peek() {
                    Some('[') => inside = true,
                    Some(']') => inside = false,
                    Some('>') if !inside => {
                        self.at += 1;
                        return Ok(());
                    }
                    _ => {}
                }
                self.at += self.peek().map_or(0, char::len_utf8);
            }
        }
    }

    /// All that may stand behind the root element.
    fn trailing(&mut self) -> Checked {
        loop {
            self.spaces();
            if self.ended() {
                return Ok(());
            }
            if self.take("<!--") {
                self.comment()?;
            } else if self.take("<?") {
                self.instruction()?;
            } else if self.take("<") {
                return self.fault(NO_MARKUP_AFTER);
            } else {
                return Err("Content is not allowed in trailing section.".to_owned());
            }
        }
    }
}

/// What is said of a character that XML does not have. In an attribute's value the sentence goes on differently.
fn invalid(c: char, place: &str) -> String {
    format!("An invalid XML character (Unicode: 0x{:x}) was found in the {place}.", u32::from(c))
}

/// `\r\n` and `\r` are line feeds in XML.
fn lines_as_in_xml(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | ':')
}

fn in_name(c: char) -> bool {
    starts_name(c) || c.is_numeric() || matches!(c, '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::check;

    /// Lines of `text TAB what Xerces says`, `\n` and `\0` standing for a line feed and U+0001.
    #[test]
    fn sentences_are_those_of_xerces() {
        for line in include_str!("../../fixtures/xml/xerces.tsv").lines() {
            let (text, expected) = line.rsplit_once('\t').unwrap();
            let text = text.replace("\\n", "\n").replace("\\0", "\u{1}");
            let actual = check(&text).err().unwrap_or_else(|| "ok".to_owned());
            assert_eq!(actual, expected, "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[<>/!?&;#xa=\"' é\\-\\[\\]CDAT\u{1}]{0,24}") {
            let _ = check(&text);
        }
    }
}

//! XML tokens with resolved characters: what JMeter's parser (MXParser behind XStream's `XppReader`) reports.
//!
//! quick-xml finds the markup; the well-formedness rules that it leaves to its user are checked here.

use std::io::BufRead;
use std::sync::Arc;

use quick_xml::XmlVersion;
use quick_xml::errors::{Error as XmlError, IllFormedError};
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesStart, Event};

use super::error::{Error, Position};
use super::source::Source;
use super::text_table::TextTable;
use crate::text::Text;

/// Attributes of one tag. JMeter's tags have at most six.
const MAX_ATTRIBUTES: u32 = 256;

/// Tags open at one time, which the parser must remember.
const MAX_OPEN: u32 = 10_000_000;

/// A tag that was opened.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) tag: Text,
    pub(super) attributes: Vec<(Text, Text)>,
    pub(super) at: Position,
}

/// What comes next. An empty tag `<a/>` is a start and an end.
#[derive(Debug)]
pub(super) enum Token {
    Start(Start),
    /// Position of the end tag.
    End(Position),
    /// Position after the last character. All tags are closed.
    EndOfFile(Position),
}

/// Reads tokens one by one.
pub(super) struct Pull<R: BufRead> {
    xml: quick_xml::Reader<Source<R>>,
    event: Vec<u8>,
    /// The value of an attribute while it is put together.
    value: CharacterData,
    /// The tags that are open, outermost first.
    open: Vec<Text>,
    seen_declaration: bool,
    seen_root: bool,
    /// Equal names, and equal short values, are stored once.
    pub(super) texts: TextTable,
}

impl<R: BufRead> Pull<R> {
    pub(super) fn new(input: R) -> Self {
        let mut xml = quick_xml::Reader::from_reader(Source::new(input));
        let config = xml.config_mut();
        config.expand_empty_elements = true;
        config.check_comments = true;
        Self {
            xml,
            event: Vec::new(),
            value: CharacterData::default(),
            open: Vec::new(),
            seen_declaration: false,
            seen_root: false,
            texts: TextTable::default(),
        }
    }

    /// The next tag. The character data before it is put into `data`, whose former content is dropped.
    pub(super) fn next(&mut self, data: &mut CharacterData) -> Result<Token, Error> {
        data.clear();
        loop {
            self.event.clear();
            let at = self.xml.get_ref().position();
            let event = match self.xml.read_event_into(&mut self.event) {
                Ok(event) => event,
                Err(problem) => return Err(malformed(at, problem)),
            };
            match event {
                // Empty tags are expanded, so that there is no `Event::Empty`.
                Event::Start(start) | Event::Empty(start) => {
                    if self.open.is_empty() && self.seen_root {
                        return Err(problem(at, format!("expected the end of the file, found <{}>", start.name().0)));
                    }
                    if self.open.len() >= MAX_OPEN as usize {
                        return Err(Error::Limit { at, what: "open tags", limit: MAX_OPEN });
                    }
                    let start = read_start(&start, at, &mut self.texts, &mut self.value)?;
                    self.seen_root = true;
                    self.open.push(Text::clone(&start.tag));
                    return Ok(Token::Start(start));
                }
                Event::End(_) => {
                    self.open.pop();
                    return Ok(Token::End(at));
                }
                Event::Text(text) if self.open.is_empty() => {
                    if let Some(other) = text.chars().find(|&c| !is_white_space(c)) {
                        let expected = if self.seen_root { "the end of the file" } else { "<jmeterTestPlan>" };
                        return Err(problem(at, format!("expected {expected}, found the character {other:?}")));
                    }
                }
                Event::Text(text) => {
                    if memchr::memmem::find(text.as_bytes(), b"]]>").is_some() {
                        return Err(problem(at, "]]> is not allowed in text, expected ]]&gt;".to_owned()));
                    }
                    data.push_str(&text);
                }
                Event::CData(text) if !self.open.is_empty() => data.push_str(&text),
                Event::GeneralRef(name) if !self.open.is_empty() => data.push_reference(&name, at)?,
                Event::CData(_) | Event::GeneralRef(_) => {
                    return Err(problem(at, "text is not allowed outside the root element".to_owned()));
                }
                Event::Decl(declaration) => {
                    if self.seen_declaration || self.seen_root {
                        return Err(problem(at, "an XML declaration is allowed only at the beginning".to_owned()));
                    }
                    self.seen_declaration = true;
                    match declaration.xml_version() {
                        Ok(XmlVersion::Implicit1_0 | XmlVersion::Explicit1_0 | XmlVersion::Explicit1_1) => {}
                        Err(error) => return Err(malformed(at, error)),
                    }
                }
                Event::DocType(_) => return Err(Error::Doctype { at }),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => match self.open.last() {
                    Some(tag) => {
                        return Err(problem(at, format!("expected </{tag}>, found the end of the file")));
                    }
                    None => return Ok(Token::EndOfFile(at)),
                },
            }
        }
    }
}

fn read_start(
    start: &BytesStart<'_>,
    at: Position,
    texts: &mut TextTable,
    value: &mut CharacterData,
) -> Result<Start, Error> {
    let name = start.name().0;
    check_name(name, at)?;
    let tag = texts.intern(name);
    let mut attributes: Vec<(Text, Text)> = Vec::new();
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| attribute_problem(&error, &tag, at))?;
        let key = attribute.key.0;
        check_name(key, at)?;
        if attributes.len() >= MAX_ATTRIBUTES as usize {
            return Err(Error::Limit { at, what: "attributes of one tag", limit: MAX_ATTRIBUTES });
        }
        if attributes.iter().any(|(other, _)| &**other == key) {
            return Err(problem(at, format!("attribute {key} is given twice in <{tag}>")));
        }
        value.clear();
        value.push_attribute(&attribute.value, at)?;
        attributes.push((texts.intern(key), texts.intern(value.as_str())));
    }
    attributes.shrink_to_fit();
    Ok(Start { tag, attributes, at })
}

/// What a surrogate without its other half becomes. A Rust string cannot hold one, and this is what Java sends when it
/// encodes such a string.
const LONE_SURROGATE: char = '?';

/// Characters that are put together from text, CDATA sections and references.
#[derive(Debug, Default)]
pub(super) struct CharacterData {
    text: String,
    /// The first half of a surrogate pair that was written as two references, `&#xd83d;&#xde00;`.
    high_surrogate: Option<u32>,
}

impl CharacterData {
    fn clear(&mut self) {
        self.text.clear();
        self.high_surrogate = None;
    }

    /// The characters.
    pub(super) fn as_str(&mut self) -> &str {
        self.settle_surrogate();
        &self.text
    }

    fn settle_surrogate(&mut self) {
        if self.high_surrogate.take().is_some() {
            self.text.push(LONE_SURROGATE);
        }
    }

    fn push_str(&mut self, text: &str) {
        if !text.is_empty() {
            self.settle_surrogate();
            self.text.push_str(text);
        }
    }

    /// Adds an attribute's raw value: white space becomes spaces (XML 1.0, 3.3.3), references are resolved.
    fn push_attribute(&mut self, raw: &str, at: Position) -> Result<(), Error> {
        let mut rest = raw;
        while let Some(index) = rest.find(['&', '<', '\t', '\n']) {
            self.push_str(&rest[..index]);
            let found = rest.as_bytes()[index];
            rest = &rest[index + 1..];
            match found {
                b'<' => return Err(problem(at, "< is not allowed in an attribute value, expected &lt;".to_owned())),
                b'&' => {
                    let Some((name, after)) = rest.split_once(';') else {
                        return Err(problem(at, "& without ; in an attribute value, expected &amp;".to_owned()));
                    };
                    self.push_reference(name, at)?;
                    rest = after;
                }
                _ => self.push_str(" "),
            }
        }
        self.push_str(rest);
        Ok(())
    }

    /// Adds what `&name;` stands for.
    fn push_reference(&mut self, name: &str, at: Position) -> Result<(), Error> {
        let unknown = || Error::UnknownEntity { at, name: name.chars().take(40).collect() };
        let text = match name {
            "lt" => "<",
            "gt" => ">",
            "amp" => "&",
            "apos" => "'",
            "quot" => "\"",
            _ => return self.push_code_point(code_point(name).ok_or_else(unknown)?).ok_or_else(unknown),
        };
        self.push_str(text);
        Ok(())
    }

    /// Adds a character by its number, 0 and other control characters included. `None` beyond Unicode's end.
    fn push_code_point(&mut self, code: u32) -> Option<()> {
        match (code, self.high_surrogate.take()) {
            (0xDC00..=0xDFFF, Some(high)) => {
                self.text.push(char::from_u32(0x1_0000 + ((high - 0xD800) << 10) + (code - 0xDC00))?);
            }
            (_, Some(_)) => {
                self.text.push(LONE_SURROGATE);
                return self.push_code_point(code);
            }
            (0xD800..=0xDBFF, None) => self.high_surrogate = Some(code),
            (0xDC00..=0xDFFF, None) => self.text.push(LONE_SURROGATE),
            (_, None) => self.text.push(char::from_u32(code)?),
        }
        Some(())
    }
}

/// The number in `#10` or `#xa`. Java's `Integer.parseInt` decides what is too long.
fn code_point(name: &str) -> Option<u32> {
    let number = name.strip_prefix('#')?;
    let (digits, radix) = match number.strip_prefix('x') {
        Some(hex) => (hex, 16),
        None => (number, 10),
    };
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

/// MXParser's names: XML 1.1's, by and large.
fn check_name(name: &str, at: Position) -> Result<(), Error> {
    if is_plain_name(name.as_bytes()) {
        return Ok(());
    }
    let mut characters = name.chars();
    match characters.next() {
        None => return Err(problem(at, "expected a name after < or white space".to_owned())),
        Some(c) if !is_name_start(c) => {
            return Err(problem(at, format!("a name cannot begin with the character {c:?}")));
        }
        Some(_) => {}
    }
    match characters.find(|&c| !is_name_part(c)) {
        Some(c) => Err(problem(at, format!("a name cannot contain the character {c:?}"))),
        None => Ok(()),
    }
}

/// What almost every name is made of: nothing but ASCII.
fn is_plain_name(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

fn is_name_start(c: char) -> bool {
    matches!(c, ':' | 'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
        | '\u{37f}'..='\u{2027}' | '\u{202a}'..='\u{218f}' | '\u{2800}'..='\u{ffef}' | '\u{10000}'..)
}

fn is_name_part(c: char) -> bool {
    is_name_start(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}')
}

fn is_white_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

pub(super) fn problem(at: Position, problem: String) -> Error {
    Error::Malformed { at, problem }
}

fn malformed(at: Position, error: XmlError) -> Error {
    let text = match error {
        XmlError::Io(error) => {
            return Error::Io(
                Arc::try_unwrap(error).unwrap_or_else(|shared| std::io::Error::other(shared.to_string())),
            );
        }
        XmlError::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            format!("expected </{expected}>, found </{found}>")
        }
        XmlError::IllFormed(IllFormedError::UnmatchedEndTag(found)) => {
            format!("expected the end of the file, found </{found}>")
        }
        XmlError::IllFormed(IllFormedError::UnclosedReference) => "& without ;, expected &amp;".to_owned(),
        XmlError::Syntax(error) => error.to_string(),
        XmlError::IllFormed(error) => error.to_string(),
        other => other.to_string(),
    };
    problem(at, text)
}

fn attribute_problem(error: &AttrError, tag: &str, at: Position) -> Error {
    let text = match error {
        AttrError::ExpectedEq(_) => "expected = after the name of an attribute",
        AttrError::ExpectedValue(_) => "expected a value after = of an attribute",
        AttrError::UnquotedValue(_) => "expected \" or ' before the value of an attribute",
        AttrError::ExpectedQuote(..) => "expected a quotation mark after the value of an attribute",
        AttrError::Duplicated(..) => "an attribute is given twice",
    };
    problem(at, format!("{text} in <{tag}>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens on one line: `<tag name="value">text</>`.
    fn tokens(xml: &str) -> String {
        let mut pull = Pull::new(xml.as_bytes());
        let mut data = CharacterData::default();
        let mut out = String::new();
        loop {
            let token = pull.next(&mut data);
            out.push_str(data.as_str());
            match token {
                Ok(Token::Start(start)) => {
                    out += &format!("<{}", start.tag);
                    for (name, value) in start.attributes {
                        out += &format!(" {name}={value:?}");
                    }
                    out.push('>');
                }
                Ok(Token::End(_)) => out += "</>",
                Ok(Token::EndOfFile(_)) => return out,
                Err(error) => return error.to_string(),
            }
        }
    }

    /// Every expectation but those on DOCTYPE and XML 1.1 was checked against `XppDriver` in JMeter 5.6.2's own jars.
    #[test]
    fn characters_are_read_as_xstream_reads_them() {
        for (xml, expected) in [
            ("<a>a<!--c-->b</a>", "<a>ab</>"),
            ("<a>x<![CDATA[y<&]]>z</a>", "<a>xy<&z</>"),
            ("<a><![CDATA[]]]]></a>", "<a>]]</>"),
            ("<a><![CDATA[x\r\ny]]></a>", "<a>x\ny</>"),
            ("<a><![CDATA[a]]>\n<![CDATA[b]]></a>", "<a>a\nb</>"),
            ("<a>x<!---->y<![CDATA[]]>z&lt;w</a>", "<a>xyz<w</>"),
            ("<a>x\r\ny\rz</a>", "<a>x\ny\nz</>"),
            ("<a>x&#xd;&#xa;y&#13;</a>", "<a>x\r\ny\r</>"),
            ("<a b='x\r\ny\tz&#xa;&#9;'/>", "<a b=\"x y z\\n\\t\"></>"),
            ("<a b='&lt;&quot;&apos;&gt;&amp;'/>", "<a b=\"<\\\"'>&\"></>"),
            ("<a b=\"1\"c=\"2\"/>", "<a b=\"1\" c=\"2\"></>"),
            ("<a b='>'/>", "<a b=\">\"></>"),
            ("<a b = '1' ></a >", "<a b=\"1\"></>"),
            ("<a xmlns:x='y' x:b='z'/>", "<a xmlns:x=\"y\" x:b=\"z\"></>"),
            ("<a>]]&gt;</a>", "<a>]]></>"),
            ("<a>&#0;&#x1;\u{1}</a>", "<a>\0\u{1}\u{1}</>"),
            ("<a>&#xd83d;&#xde00;&#x1F600;</a>", "<a>😀😀</>"),
            ("<a>&#xd83d;x&#xde00;</a>", "<a>?x?</>"),
            ("<a>x&#x10FFFF;</a>", "<a>x\u{10ffff}</>"),
            ("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>é</a>", "<a>é</>"),
            ("<?xml version=\"1.1\"?><a/>", "<a></>"),
            (" <?xml version='1.0' standalone='yes'?><a/>", "<a></>"),
            ("\u{feff}<a>x</a>", "<a>x</>"),
            ("<!-- c --><a><?pi x?>y</a>", "<a>y</>"),
            ("<aé/>", "<aé></>"),
            ("<a> x <b/> y </a>", "<a> x <b></> y </>"),
        ] {
            assert_eq!(tokens(xml), expected, "{xml}");
        }
    }

    #[test]
    fn what_is_not_xml_is_refused_with_its_place() {
        for (xml, expected) in [
            ("<a>\n <b></a></b>", "line 2, column 5: expected </b>, found </a>"),
            ("<a></b>", "line 1, column 4: expected </a>, found </b>"),
            ("</a>", "line 1, column 1: expected the end of the file, found </a>"),
            ("<a", "line 1, column 1: tag not closed: `>` not found before end of input"),
            ("<a b='x", "line 1, column 1: attribute value not closed: `'` not found before end of input"),
            ("<a b='<'/>", "line 1, column 1: < is not allowed in an attribute value, expected &lt;"),
            ("<a b='&'/>", "line 1, column 1: & without ; in an attribute value, expected &amp;"),
            ("<a b/>", "line 1, column 1: expected = after the name of an attribute in <a>"),
            ("<a b=c/>", "line 1, column 1: expected \" or ' before the value of an attribute in <a>"),
            ("<a b='1' b='2'/>", "line 1, column 1: attribute b is given twice in <a>"),
            ("<a>]]></a>", "line 1, column 4: ]]> is not allowed in text, expected ]]&gt;"),
            ("<a>é& b</a>", "line 1, column 5: & without ;, expected &amp;"),
            ("<a>&amp b</a>", "line 1, column 4: & without ;, expected &amp;"),
            (
                "<a>& b;</a>",
                "line 1, column 4: unknown entity & b;, expected one of &amp; &lt; &gt; &quot; &apos; or a number such as &#10;",
            ),
            ("<1a/>", "line 1, column 1: a name cannot begin with the character '1'"),
            ("<a 1b=''/>", "line 1, column 1: a name cannot begin with the character '1'"),
            ("<a/ >", "line 1, column 1: a name cannot contain the character '/'"),
            ("< a>", "line 1, column 1: expected a name after < or white space"),
            ("<a><!-- x -- y --></a>", "line 1, column 4: forbidden string `--` was found in a comment"),
            ("text<a/>", "line 1, column 1: expected <jmeterTestPlan>, found the character 't'"),
            ("<a/>\njunk", "line 1, column 5: expected the end of the file, found the character 'j'"),
            ("<a/>&lt;", "line 1, column 5: text is not allowed outside the root element"),
            ("<?xml version='2.0'?><a/>", "line 1, column 1: unknown XML version: either 1.0 or 1.1 is expected"),
            ("<a><?xml version='1.0'?></a>", "line 1, column 4: an XML declaration is allowed only at the beginning"),
            (
                "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
                "line 1, column 1: a document type definition (<!DOCTYPE …>) is not allowed in a plan",
            ),
        ] {
            assert_eq!(tokens(xml), expected, "{xml}");
        }
    }

    #[test]
    fn references_to_nothing_are_refused() {
        for name in ["foo", "AMP", "#", "#x", "#X41", "#x 41", "#65 ", "#x110000", "#xFFFFFFFFF", "#-1", "#+1", ""] {
            let xml = format!("<a>&{name};</a>");
            let expected = format!("line 1, column 4: unknown entity &{name};");
            assert!(tokens(&xml).starts_with(&expected), "{xml}: {}", tokens(&xml));
            let xml = format!("<a b='&{name};'/>");
            assert!(tokens(&xml).starts_with(&format!("line 1, column 1: unknown entity &{name};")), "{xml}");
        }
    }
}

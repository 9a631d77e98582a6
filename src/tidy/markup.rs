//! Attributes, entities and scripts: what the lexer reads within and behind tags.

use super::attributes::{is_script, is_url};
use super::entities;
use super::input::{END, is, is_letter, is_name_character, is_white, lower};
use super::lexer::State;
use super::report::{EntityFault, Error, Fault};
use super::tags::Tag;
use super::tree::{Attribute, Kind, NodeId, Server};
use super::{Failure, Tidy};
use std::borrow::Cow;

/// Values whose white space counts.
const KEPT: [&str; 4] = ["alt", "title", "value", "prompt"];

/// Line breaks and brackets within a value after which its end is missing.
const MANY: usize = 10;

impl Tidy<'_> {
    /// Reads a reference behind its `&`, which was added already.
    pub fn entity(&mut self, is_preformatted: bool) {
        let start = self.buffer.size.saturating_sub(1);
        let column = self.input.column - 1;
        let mut has_semicolon = false;
        let mut is_first = true;
        let mut c;
        loop {
            c = self.input.read();
            if c == END {
                break;
            }
            has_semicolon = is(c, b';');
            if has_semicolon {
                break;
            }
            let belongs_to_it = is_name_character(c) || (is_first && is(c, b'#'));
            if !belongs_to_it {
                self.input.give_back(c);
                break;
            }
            self.push(c);
            is_first = false;
        }
        let reference = self.buffer.text(start, self.buffer.size);
        if reference == "&apos" && !self.options.xml_out && !self.is_voyager && !self.options.xhtml {
            self.entity_fault(&reference, EntityFault::AposUndefined);
        }
        let code = entities::code(&reference);
        if code > 0 && (code < 256 || has_semicolon) {
            if !has_semicolon {
                self.line = self.input.line;
                self.column = column;
                self.entity_fault(&reference, EntityFault::MissingSemicolon);
            }
            self.buffer.size = start;
            self.push(if code == 160 && is_preformatted { i32::from(b' ') } else { code });
            return;
        }
        self.line = self.input.line;
        self.column = column;
        if self.buffer.size <= start + 1 {
            return self.entity_fault(&reference, EntityFault::UnescapedAmpersand);
        }
        self.entity_fault(&reference, EntityFault::Unknown);
        if has_semicolon {
            self.push(i32::from(b';'));
        }
    }

    /// Reads code of a server among attributes, up to its end.
    fn server_code_among_attributes(&mut self, end: u8) {
        self.text_start = self.buffer.size;
        loop {
            let c = self.input.read();
            if c == END {
                break;
            }
            self.push(c);
            if !is(c, end) {
                continue;
            }
            let c = self.input.read();
            if c == END {
                break;
            }
            self.push(c);
            if is(c, b'>') {
                break;
            }
        }
        self.buffer.size = self.buffer.size.saturating_sub(2);
        self.text_end = self.buffer.size;
    }

    /// Reads the name of an attribute, or the code of a server in its place.
    pub fn attribute_name(&mut self, is_empty: &mut bool) -> (Option<String>, Option<Server>) {
        let mut c;
        loop {
            c = self.input.read();
            if is(c, b'/') {
                if self.skip_byte(b'>') {
                    *is_empty = true;
                    return (None, None);
                }
                break;
            }
            if is(c, b'>') {
                return (None, None);
            }
            if is(c, b'<') {
                return (None, self.markup_among_attributes());
            }
            if is(c, b'=') {
                self.attribute_fault(self.token, None, Fault::UnexpectedEqualSign);
                continue;
            }
            if is(c, b'"') || is(c, b'\'') {
                self.attribute_fault(self.token, None, Fault::UnexpectedQuoteMark);
                continue;
            }
            if c == END {
                self.attribute_fault(self.token, None, Fault::UnexpectedEndOfFile);
                self.input.give_back(c);
                return (None, None);
            }
            if !is_white(c) {
                break;
            }
        }
        let start = self.buffer.size;
        let mut last = c;
        loop {
            if is(c, b'=') || is(c, b'>') || is(c, b'<') || c == END {
                self.input.give_back(c);
                break;
            }
            if is(last, b'-') && (is(c, b'"') || is(c, b'\'')) {
                self.buffer.size = self.buffer.size.saturating_sub(1);
                self.input.give_back(c);
                break;
            }
            if is_white(c) {
                break;
            }
            if !self.options.xml_tags {
                c = lower(c);
            }
            self.push(c);
            last = c;
            c = self.input.read();
        }
        let name = (self.buffer.size > start).then(|| self.buffer.text(start, self.buffer.size));
        self.buffer.size = start;
        (name, None)
    }

    fn skip_byte(&mut self, wanted: u8) -> bool {
        let c = self.input.read();
        if is(c, wanted) {
            return true;
        }
        self.input.give_back(c);
        false
    }

    /// Behind a `<` where an attribute could begin: code of a server, or the tag lacks its end.
    fn markup_among_attributes(&mut self) -> Option<Server> {
        let c = self.input.read();
        for (begin, server) in [(b'%', Server::Asp), (b'?', Server::Php)] {
            if is(c, begin) {
                self.server_code_among_attributes(begin);
                let has_code = self.text_end > self.text_start;
                self.text_start = self.text_end;
                return has_code.then_some(server);
            }
        }
        self.input.give_back(c);
        if self.state != State::XmlDeclaration {
            self.input.give_back(i32::from(b'<'));
        }
        self.attribute_fault(self.token, None, Fault::UnexpectedGt);
        None
    }

    /// Reads a value that begins with `<`.
    fn server_value(&mut self) {
        let c = self.input.read();
        self.push(c);
        let is_code = is(c, b'%') || is(c, b'?') || is(c, b'@');
        loop {
            let c = self.input.read();
            if c == END {
                return;
            }
            if is(c, b'>') {
                if is_code {
                    self.push(c);
                } else {
                    self.input.give_back(c);
                }
                return;
            }
            if !is_code && is_white(c) {
                return;
            }
            self.push(c);
            if (is(c, b'"') || is(c, b'\'')) && !self.quoted_in_server_value(c) {
                return;
            }
        }
    }

    /// Reads up to a closing quotation mark; false if it is missing.
    fn quoted_in_server_value(&mut self, quote: i32) -> bool {
        loop {
            let c = self.input.read();
            if self.input.ended {
                self.attribute_fault(self.token, None, Fault::UnexpectedEndOfFile);
                self.input.give_back(c);
                return false;
            }
            if is(c, b'>') {
                self.input.give_back(c);
                self.attribute_fault(self.token, None, Fault::UnexpectedGt);
                return false;
            }
            self.push(c);
            if c == quote {
                return true;
            }
        }
    }

    /// Reads white space and what follows it, which is given back if it is the end.
    fn behind_white(&mut self) -> i32 {
        loop {
            let c = self.input.read();
            if c == END {
                self.input.give_back(c);
            }
            if c == END || !is_white(c) {
                return c;
            }
        }
    }

    /// Reads the value of an attribute, from its `=`.
    pub fn attribute_value(
        &mut self,
        name: Option<&str>,
        fold_case: bool,
        is_empty: &mut bool,
    ) -> Result<Option<String>, Failure> {
        let c = self.behind_white();
        if !is(c, b'=') && !is(c, b'"') && !is(c, b'\'') {
            self.input.give_back(c);
            return Ok(None);
        }
        let c = self.behind_white();
        let start = self.buffer.size;
        let quote = (is(c, b'"') || is(c, b'\'')).then_some(c);
        if is(c, b'<') {
            self.push(c);
            self.server_value();
            let value = (self.buffer.size > start).then(|| self.buffer.text(start, self.buffer.size));
            self.buffer.size = start;
            return Ok(value);
        }
        if quote.is_none() {
            self.input.give_back(c);
        }
        let (doubts, has_gt) = self.value_text(name, fold_case, quote, is_empty)?;
        if doubts > MANY && has_gt {
            let is_free = name.is_some_and(is_script)
                || (name.is_some_and(is_url) && self.buffer.slice(start, 11) == b"javascript:")
                || self.buffer.slice(start, 5) == b"<xml ";
            if !is_free {
                self.error(None, None, Error::SuspectedMissingQuote);
            }
        }
        let length = self.buffer.size.saturating_sub(start);
        self.buffer.size = start;
        if length == 0 && quote.is_none() {
            return Ok(None);
        }
        let is_kept = name.is_some_and(|name| KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(name)));
        let (mut from, mut end) = (start, start + length);
        if !is_kept {
            let is_white_at = |at: usize| is_white(i32::from(self.buffer.byte(at)));
            while end > 0 && is_white_at(end - 1) {
                end -= 1;
            }
            if end < start {
                let (count, length) = (start - end, self.buffer.java_length());
                return Err(Failure::string_index(format!("offset {start}, count -{count}, length {length}")));
            }
            // JTidy compares a place with a length here, so that blanks at the beginning mostly stay.
            while is_white_at(from) && from < end - from {
                from += 1;
            }
        }
        Ok(Some(self.buffer.text(from, end)))
    }

    /// Reads the text of a value; how many doubtful characters it has, and whether one of them is `>`.
    fn value_text(
        &mut self,
        name: Option<&str>,
        fold_case: bool,
        quote: Option<i32>,
        is_empty: &mut bool,
    ) -> Result<(usize, bool), Failure> {
        let (mut doubts, mut has_gt) = (0, false);
        let mut c = 0;
        loop {
            let last = c;
            c = self.input.read();
            if c == END {
                self.attribute_fault(self.token, None, Fault::UnexpectedEndOfFile);
                self.input.give_back(c);
                return Ok((doubts, has_gt));
            }
            if let Some(quote) = quote {
                if c == quote {
                    return Ok((doubts, has_gt));
                }
                if is(c, b'\r') {
                    self.skip_byte(b'\n');
                    c = i32::from(b'\n');
                }
                doubts += usize::from(is(c, b'\n') || is(c, b'<') || is(c, b'>'));
                has_gt |= is(c, b'>');
            } else if self.ends_unquoted(&mut c, name, is_empty)? {
                return Ok((doubts, has_gt));
            }
            if is(c, b'&') {
                if name.is_some_and(|name| name.eq_ignore_ascii_case("id")) {
                    self.attribute_fault(None, None, Fault::EntityInId);
                    continue;
                }
                self.push(c);
                self.entity(false);
                continue;
            }
            if is(c, b'\\') && self.skip_byte(b'\n') {
                c = i32::from(b'\n');
            }
            if is_white(c) {
                if quote.is_none() {
                    return Ok((doubts, has_gt));
                }
                if is(c, b'\n') && name.is_some_and(is_url) {
                    self.attribute_fault(self.token, None, Fault::NewLineInUri);
                    continue;
                }
                c = i32::from(b' ');
                if is(last, b' ') {
                    continue;
                }
            } else if fold_case {
                c = lower(c);
            }
            self.push(c);
        }
    }

    /// Whether a character ends a value without quotation marks.
    fn ends_unquoted(&mut self, c: &mut i32, name: Option<&str>, is_empty: &mut bool) -> Result<bool, Failure> {
        if is(*c, b'>') {
            self.input.give_back(*c);
            return Ok(true);
        }
        if is(*c, b'"') || is(*c, b'\'') {
            self.attribute_fault(self.token, None, Fault::UnexpectedQuoteMark);
            let next = self.input.read();
            self.input.give_back(next);
            if is(next, b'>') {
                self.push(*c);
                return Ok(true);
            }
        }
        if is(*c, b'<') {
            self.input.give_back(*c);
            self.input.give_back(i32::from(b'>'));
            self.attribute_fault(self.token, None, Fault::UnexpectedGt);
            return Ok(true);
        }
        if is(*c, b'/') {
            let next = self.input.read();
            self.input.give_back(next);
            if is(next, b'>') {
                // Java's table does not look for what is null.
                let name = name.ok_or_else(|| Failure::null("Object.hashCode()", "key"))?;
                if !is_url(name) {
                    *is_empty = true;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Reads the attributes of a tag and the end of the tag. The last one comes first.
    pub fn attributes(&mut self, is_empty: &mut bool) -> Result<Vec<Attribute>, Failure> {
        let mut attributes = Vec::new();
        while !self.input.ended {
            let (name, server) = self.attribute_name(is_empty);
            let Some(name) = name else {
                if server.is_none() {
                    break;
                }
                attributes.push(Attribute { name: None, value: None, server });
                continue;
            };
            let value = self.attribute_value(Some(&name), false, is_empty)?;
            let mut letters = name.chars().map(|c| c as i32);
            let is_valid = letters.next().is_some_and(is_letter) && letters.all(is_name_character);
            let ends_with_quote = name.ends_with('"');
            let attribute = Attribute { name: Some(Cow::Owned(name)), value, server: None };
            if is_valid {
                attributes.push(attribute);
                continue;
            }
            let fault = match &attribute.value {
                Some(_) => Fault::BadValue,
                None if ends_with_quote => Fault::MissingQuoteMark,
                None => Fault::UnknownAttribute,
            };
            self.attribute_fault(self.token, Some(&attribute), fault);
        }
        attributes.reverse();
        Ok(attributes)
    }

    /// Reads the text of a script or a style sheet up to the end tag of its element. None if there is a tag where only
    /// white space may be, because the script is elsewhere.
    pub fn script_text(&mut self, container: NodeId) -> Option<NodeId> {
        let element = self.tree[container].element.clone().unwrap_or_default();
        let is_elsewhere =
            self.tree.tag(container) == Some(Tag::Script) && self.tree.attribute(container, "src").is_some();
        self.line = self.input.line;
        self.column = self.input.column;
        self.was_white = false;
        self.text_start = self.buffer.size;
        self.text_end = self.buffer.size;
        let mut script = Script { start: 0, nested: 0, state: In::Text, is_blank: true };
        let mut c;
        loop {
            c = self.input.read();
            if c == END {
                break;
            }
            self.push(c);
            self.text_end = self.buffer.size;
            if script.state == In::Text {
                if !is(c, b'<') {
                    script.is_blank &= is_white(c);
                    continue;
                }
                if self.script_markup(&mut script, is_elsewhere) {
                    return None;
                }
                continue;
            }
            if is_letter(c) {
                continue;
            }
            let matches = self.buffer.slice(script.start, element.len()).eq_ignore_ascii_case(element.as_bytes());
            if script.state == In::StartTag {
                script.nested += i32::from(matches);
                script.state = In::Text;
                continue;
            }
            if self.script_end_tag(container, &mut script, matches) {
                break;
            }
        }
        if script.is_blank {
            self.buffer.size = self.text_end;
            self.text_start = self.text_end;
        } else {
            self.text_end = self.buffer.size;
        }
        if c == END {
            self.error(Some(container), None, Error::MissingEndTag);
        }
        Some(self.new_node(Kind::Text))
    }

    /// Behind a `<` in a script. True if the script ends here because it is elsewhere.
    fn script_markup(&mut self, script: &mut Script, is_elsewhere: bool) -> bool {
        let mut c = self.input.read();
        if is_letter(c) {
            if is_elsewhere && script.is_blank {
                self.buffer.size = self.text_start;
                self.input.give_back(c);
                self.input.give_back(i32::from(b'<'));
                return true;
            }
            self.push(c);
            script.start = self.buffer.size.saturating_sub(1);
            script.state = In::StartTag;
            return false;
        }
        if is(c, b'\\') {
            self.push(c);
            c = self.input.read();
            if !is(c, b'/') {
                self.input.give_back(c);
                return false;
            }
        }
        if !is(c, b'/') {
            self.input.give_back(c);
            return false;
        }
        self.push(c);
        c = self.input.read();
        self.input.give_back(c);
        if is_letter(c) {
            script.start = self.buffer.size;
            script.state = In::EndTag;
        }
        false
    }

    /// Behind the name of an end tag in a script. True if the script ends.
    fn script_end_tag(&mut self, container: NodeId, script: &mut Script, matches: bool) -> bool {
        let is_end = matches && {
            script.nested -= 1;
            script.nested < 0
        };
        if is_end || (script.is_blank && !matches) {
            for at in (script.start..self.buffer.size).rev() {
                self.input.give_back(i32::from(self.buffer.byte(at).cast_signed()));
            }
            self.input.give_back(i32::from(b'/'));
            self.input.give_back(i32::from(b'<'));
            if is_end {
                self.buffer.size = script.start.saturating_sub(2);
            }
            return true;
        }
        if self.buffer.byte(script.start.saturating_sub(2)) != b'\\' {
            self.line = self.input.line;
            self.column = self.input.column - 3;
            self.error(None, None, Error::BadCData);
            if self.is_java_script(container) {
                self.buffer.insert(script.start.saturating_sub(1), b'\\');
            }
        }
        script.state = In::Text;
        false
    }

    fn is_java_script(&self, node: NodeId) -> bool {
        let attributes = &self.tree[node].attributes;
        let names_it = |attribute: &Attribute| {
            (attribute.is("language") || attribute.is("type"))
                && attribute.value.as_deref().is_some_and(|value| value.eq_ignore_ascii_case("javascript"))
        };
        attributes.is_empty() || attributes.iter().any(names_it)
    }
}

/// Where in a script the lexer is.
struct Script {
    /// Where the name of the tag begins.
    start: usize,
    nested: i32,
    state: In,
    is_blank: bool,
}

#[derive(PartialEq, Eq)]
enum In {
    Text,
    StartTag,
    EndTag,
}

//! From characters to tokens.

use super::input::{END, is, is_letter, is_name_character, is_white, lower};
use super::report::{Error, Fault, Warning};
use super::tags::{self, Tag};
use super::tree::{Attribute, Kind, Node, NodeId};
use super::versions::PROPRIETARY;
use super::{Failure, Tidy};
use std::borrow::Cow;

/// How white space is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Where no text may stand: it is left out.
    IgnoreWhitespace,
    /// Between words: it becomes one blank.
    Mixed,
    /// It is kept.
    Preformatted,
}

/// What is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Content,
    /// Behind `<`.
    Markup,
    EndTag,
    StartTag,
    Comment,
    Doctype,
    Instruction,
    CData,
    Section,
    Asp,
    Jste,
    Php,
    XmlDeclaration,
}

/// What a character led to.
enum Step {
    More,
    Token(NodeId),
}

impl Tidy<'_> {
    fn mark_place(&mut self) {
        self.line = self.input.line;
        self.column = self.input.column;
    }

    /// Adds a character to the buffer. XML has no place for some.
    pub fn push(&mut self, c: i32) {
        let is_xml = self.options.xml_out || self.options.xhtml;
        let is_allowed = matches!(c, 0x9 | 0xa | 0xd | 0x20..=0xd7ff | 0xe000..=0xfffd | 0x10000..=0x0010_ffff);
        if !is_xml || is_allowed {
            self.buffer.push_character(c);
        }
    }

    pub fn new_node(&mut self, kind: Kind) -> NodeId {
        let (start, end) = (self.text_start, self.text_end);
        self.tree.add(Node::new(kind, start, end))
    }

    /// An element that the page does not have.
    pub fn inferred(&mut self, tag: Tag) -> NodeId {
        let node = self.new_node(Kind::Start);
        self.tree[node].implicit = true;
        self.tree[node].tag = Some(tag);
        self.tree[node].element = Some(Cow::Borrowed(tag.name()));
        node
    }

    fn new_tag(&mut self, kind: Kind) -> NodeId {
        let name = self.buffer.text(self.text_start, self.text_end);
        let node = self.new_node(kind);
        let tag = if self.options.xml_tags { Some(Tag::Xml) } else { Tag::named(&name) };
        self.tree[node].tag = tag;
        self.tree[node].element = Some(match tag {
            Some(tag) if tag != Tag::Xml => Cow::Borrowed(tag.name()),
            _ => Cow::Owned(name),
        });
        node
    }

    fn token(&mut self, kind: Kind) -> Step {
        let node = self.new_node(kind);
        self.token = Some(node);
        Step::Token(node)
    }

    pub fn unget_token(&mut self) {
        self.pushed = true;
    }

    /// The next token; none at the end.
    pub fn next_token(&mut self, mode: Mode) -> Result<Option<NodeId>, Failure> {
        self.tokens_left = self.tokens_left.checked_sub(1).ok_or(Failure::TooLarge)?;
        if self.tree.len() > self.most_nodes {
            return Err(Failure::TooLarge);
        }
        let has_inlines = self.insert.is_some() || self.inode.is_some();
        if let Some(token) = self.token.filter(|_| self.pushed) {
            // Inlines that are to be opened again come before text.
            if self.tree.kind(token) != Kind::Text || !has_inlines {
                self.pushed = false;
                return Ok(Some(token));
            }
        }
        if has_inlines {
            return self.inserted_token();
        }
        self.read_token(mode)
    }

    fn read_token(&mut self, mode: Mode) -> Result<Option<NodeId>, Failure> {
        self.mark_place();
        self.was_white = false;
        self.text_start = self.buffer.size;
        self.text_end = self.buffer.size;
        let mut mode = mode;
        let mut bad_hyphens = 0;
        let mut in_subset = false;
        let mut declared: Vec<Attribute> = Vec::new();
        let mut c;
        loop {
            c = self.input.read();
            if c == END {
                break;
            }
            if self.insert_space && mode != Mode::IgnoreWhitespace {
                self.push(i32::from(b' '));
            }
            if self.insert_space {
                self.was_white = true;
                self.insert_space = false;
            }
            if is(c, b'\r') {
                c = self.input.read();
                if !is(c, b'\n') {
                    self.input.give_back(c);
                }
                c = i32::from(b'\n');
            }
            self.push(c);
            let step = match self.state {
                State::Content => {
                    self.content(c, &mut mode);
                    Step::More
                }
                State::Markup => self.markup(c, &mut mode),
                State::EndTag => self.end_tag(),
                State::StartTag => self.start_tag(mode)?,
                State::Comment => self.comment(c, &mut bad_hyphens),
                State::Doctype => self.in_doctype(c, &mut in_subset),
                State::Instruction => self.instruction(c),
                State::Asp => self.server_code(c, b'%', Kind::Asp),
                State::Jste => self.server_code(c, b'#', Kind::Jste),
                State::Php => self.server_code(c, b'?', Kind::Php),
                State::Section => self.section(c),
                State::CData => self.cdata_section(c),
                State::XmlDeclaration => self.xml_declaration(c, &mut declared)?,
            };
            if let Step::Token(token) = step {
                return Ok(Some(token));
            }
        }
        Ok(self.token_at_end(c))
    }

    fn token_at_end(&mut self, c: i32) -> Option<NodeId> {
        self.text_end = match self.state {
            State::Content | State::Comment => self.buffer.size,
            _ => return None,
        };
        let kind = if self.state == State::Comment {
            self.warn(None, None, Warning::MalformedComment);
            self.buffer.terminate();
            self.state = State::Content;
            self.was_white = false;
            Kind::Comment
        } else if self.text_end > self.text_start {
            self.input.give_back(c);
            if self.buffer.byte(self.buffer.size - 1) == b' ' {
                self.buffer.size -= 1;
                self.text_end = self.buffer.size;
            }
            Kind::Text
        } else {
            return None;
        };
        self.token = Some(self.new_node(kind));
        self.token
    }

    fn content(&mut self, c: i32, mode: &mut Mode) {
        if is_white(c) && *mode == Mode::IgnoreWhitespace && self.buffer.size == self.text_start + 1 {
            self.buffer.size -= 1;
            self.was_white = false;
            self.mark_place();
            return;
        }
        if is(c, b'<') {
            self.state = State::Markup;
            return;
        }
        if is_white(c) {
            if !self.was_white {
                self.was_white = true;
                if *mode != Mode::Preformatted && !is(c, b' ') && self.buffer.size > 0 {
                    self.buffer.set(self.buffer.size - 1, b' ');
                }
            } else if *mode != Mode::Preformatted {
                self.buffer.size = self.buffer.size.saturating_sub(1);
                self.mark_place();
            }
            return;
        }
        if is(c, b'&') {
            self.entity(*mode == Mode::Preformatted);
        }
        if *mode == Mode::IgnoreWhitespace {
            *mode = Mode::Mixed;
        }
        self.was_white = false;
    }

    /// Drops the last bytes, and goes on to another state; the text before, if there is one.
    fn enter(&mut self, state: State, dropped: usize) -> Option<NodeId> {
        self.buffer.size = self.buffer.size.saturating_sub(dropped);
        self.text_end = self.buffer.size;
        self.state = state;
        if self.text_end > self.text_start {
            self.token = Some(self.new_node(Kind::Text));
            return self.token;
        }
        None
    }

    fn enter_at_start(&mut self, state: State, dropped: usize) -> Step {
        let text = self.enter(state, dropped);
        if let Some(text) = text {
            return Step::Token(text);
        }
        self.text_start = self.buffer.size;
        Step::More
    }

    fn markup(&mut self, c: i32, mode: &mut Mode) -> Step {
        match u8::try_from(c).unwrap_or(0) {
            b'/' => return self.end_of_element(*mode),
            b'!' => return self.declaration(mode),
            b'?' => return self.enter_at_start(State::Instruction, 2),
            b'%' => return self.enter_at_start(State::Asp, 2),
            b'#' => return self.enter_at_start(State::Jste, 2),
            _ if is_letter(c) => {
                self.input.give_back(c);
                return self.enter(State::StartTag, 2).map_or(Step::More, Step::Token);
            }
            _ => {}
        }
        self.state = State::Content;
        self.was_white = false;
        Step::More
    }

    fn end_of_element(&mut self, mode: Mode) -> Step {
        let c = self.input.read();
        if c == END {
            self.input.give_back(c);
            return Step::More;
        }
        self.push(c);
        if !is_letter(c) {
            self.was_white = false;
            self.state = State::Content;
            return Step::More;
        }
        self.buffer.size -= 3;
        self.text_end = self.buffer.size;
        self.input.give_back(c);
        self.state = State::EndTag;
        self.buffer.terminate();
        self.column -= 2;
        if self.text_end > self.text_start {
            if mode == Mode::IgnoreWhitespace && self.buffer.byte(self.buffer.size - 1) == b' ' {
                self.buffer.size -= 1;
                self.text_end = self.buffer.size;
            }
            return self.token(Kind::Text);
        }
        Step::More
    }

    /// Behind `<!`.
    fn declaration(&mut self, mode: &mut Mode) -> Step {
        let mut c = self.input.read();
        match u8::try_from(c).unwrap_or(0) {
            b'-' => {
                c = self.input.read();
                if is(c, b'-') {
                    return self.enter_at_start(State::Comment, 2);
                }
                self.warn(None, None, Warning::MalformedComment);
            }
            b'd' | b'D' => {
                *mode = Mode::IgnoreWhitespace;
                self.skip_doctype_word();
                return self.enter_at_start(State::Doctype, 2);
            }
            b'[' => return self.enter_at_start(State::Section, 2),
            _ => {}
        }
        loop {
            c = self.input.read();
            if is(c, b'>') {
                break;
            }
            if c == END {
                self.input.give_back(c);
                break;
            }
        }
        self.buffer.size = self.buffer.size.saturating_sub(2);
        self.buffer.terminate();
        self.state = State::Content;
        Step::More
    }

    /// Skips to the first character behind the white space that follows.
    fn skip_doctype_word(&mut self) {
        let mut in_white = false;
        loop {
            let c = self.input.read();
            let is_over = c == END || is(c, b'>') || (in_white && !is_white(c));
            if is_over {
                return self.input.give_back(c);
            }
            in_white |= is_white(c);
        }
    }

    /// Reads a name up to its end; the character behind it. The end of the page looks like a character here.
    fn tag_name(&mut self) -> i32 {
        let first = i32::from(self.buffer.byte(self.text_start));
        if !self.options.xml_tags && lower(first) != first {
            self.buffer.set(self.text_start, lower(first).to_le_bytes()[0]);
        }
        loop {
            let c = self.input.read();
            if c == END || !is_name_character(c) {
                self.text_end = self.buffer.size;
                return c & 0xffff;
            }
            self.push(if self.options.xml_tags { c } else { lower(c) });
        }
    }

    fn end_tag(&mut self) -> Step {
        self.text_start = self.buffer.size.saturating_sub(1);
        self.column -= 2;
        let mut c = self.tag_name();
        let token = self.new_tag(Kind::End);
        self.token = Some(token);
        self.buffer.size = self.text_start;
        self.text_end = self.text_start;
        while is_white(c) {
            c = self.input.read();
        }
        if !is(c, b'>') {
            self.input.give_back(c);
            self.attribute_fault(self.token, None, Fault::UnexpectedGt);
            if c == END {
                return Step::More;
            }
        }
        self.state = State::Content;
        self.was_white = false;
        Step::Token(token)
    }

    fn start_tag(&mut self, mode: Mode) -> Result<Step, Failure> {
        self.text_start = self.buffer.size.saturating_sub(1);
        let c = self.tag_name();
        let token = self.new_tag(Kind::Start);
        self.token = Some(token);
        if !is(c, b'>') {
            if is(c, b'/') {
                self.input.give_back(c);
            }
            let mut is_empty = false;
            let attributes = self.attributes(&mut is_empty)?;
            self.tree[token].attributes = attributes;
            if is_empty {
                self.tree[token].kind = Kind::StartEnd;
            }
        }
        self.buffer.size = self.text_start;
        self.text_end = self.text_start;
        let tag = self.tree.tag(token);
        let expects_content = self.tree.kind(token) == Kind::Start && tag.is_none_or(|tag| !tag.is(tags::EMPTY));
        if (mode != Mode::Preformatted || self.may_be_in_pre(token)) && (expects_content || tag == Some(Tag::Br)) {
            self.swallow_line_break();
            self.was_white = true;
        } else {
            self.was_white = false;
        }
        self.state = State::Content;
        match tag {
            None => self.error(None, Some(token), Error::UnknownElement),
            Some(_) if self.options.xml_tags => {}
            Some(tag) => {
                self.constrain(tag.versions());
                let is_spared = self.options.make_clean && matches!(tag, Tag::Nobr | Tag::Wbr);
                if tag.versions() & PROPRIETARY != 0 && !is_spared {
                    self.warn(None, Some(token), Warning::ProprietaryElement);
                }
                self.check_element(token, tag.check())?;
            }
        }
        Ok(Step::Token(token))
    }

    fn swallow_line_break(&mut self) {
        let mut c = self.input.read();
        if is(c, b'\r') {
            c = self.input.read();
            if !is(c, b'\n') {
                self.input.give_back(c);
            }
        } else if !is(c, b'\n') && !is(c, b'\x0c') {
            self.input.give_back(c);
        }
    }

    /// Whether an element may stand in `pre`; `p` becomes `br` there.
    pub fn may_be_in_pre(&self, node: NodeId) -> bool {
        self.tree.tag(node).is_some_and(|tag| tag == Tag::P || tag.is(tags::INLINE))
    }

    fn comment(&mut self, c: i32, bad_hyphens: &mut usize) -> Step {
        if !is(c, b'-') {
            return Step::More;
        }
        let c = self.input.read();
        self.push(c);
        if !is(c, b'-') {
            return Step::More;
        }
        loop {
            let c = self.input.read();
            if is(c, b'>') {
                if *bad_hyphens != 0 {
                    self.warn(None, None, Warning::MalformedComment);
                }
                self.text_end = self.buffer.size.saturating_sub(2);
                self.buffer.terminate();
                self.state = State::Content;
                self.was_white = false;
                let step = self.token(Kind::Comment);
                let mut c = self.input.read();
                if is(c, b'\r') {
                    c = self.input.read();
                }
                if !is(c, b'\n') {
                    self.input.give_back(c);
                }
                return step;
            }
            if *bad_hyphens == 0 {
                self.line = self.input.line;
                self.column = self.input.column - 3;
            }
            *bad_hyphens += 1;
            let last_but_one = |size: usize| size.saturating_sub(2);
            self.buffer.set(last_but_one(self.buffer.size), b'=');
            self.push(c);
            if !is(c, b'-') {
                self.buffer.set(last_but_one(self.buffer.size), b'=');
                return Step::More;
            }
        }
    }

    /// Ends a token whose last character is not part of it.
    fn finish(&mut self, kind: Kind) -> Step {
        self.buffer.size = self.buffer.size.saturating_sub(1);
        self.text_end = self.buffer.size;
        self.buffer.terminate();
        self.state = State::Content;
        self.was_white = false;
        self.token(kind)
    }

    fn in_doctype(&mut self, c: i32, in_subset: &mut bool) -> Step {
        if is_white(c) {
            if self.was_white {
                self.buffer.size = self.buffer.size.saturating_sub(1);
            }
            self.was_white = true;
        } else {
            self.was_white = false;
        }
        if *in_subset {
            *in_subset = !is(c, b']');
        } else {
            *in_subset = is(c, b'[');
        }
        if *in_subset || !is(c, b'>') {
            return Step::More;
        }
        let step = self.finish(Kind::Doctype);
        if let Step::Token(doctype) = step {
            self.doctype = self.version_of(doctype);
        }
        step
    }

    fn instruction(&mut self, c: i32) -> Step {
        match self.buffer.size.wrapping_sub(self.text_start) {
            3 if self.buffer.slice(self.text_start, 3) == b"php" => {
                self.state = State::Php;
                return Step::More;
            }
            4 if self.buffer.slice(self.text_start, 3) == b"xml"
                && is_white(i32::from(self.buffer.byte(self.text_start + 3))) =>
            {
                self.state = State::XmlDeclaration;
                return Step::More;
            }
            _ => {}
        }
        let mut c = c;
        if self.options.xml_tags {
            if !is(c, b'?') {
                return Step::More;
            }
            c = self.input.read();
            if c == END {
                self.warn(None, None, Warning::UnexpectedEndOfFile);
                self.input.give_back(c);
                return Step::More;
            }
            self.push(c);
        }
        if is(c, b'>') { self.finish(Kind::Instruction) } else { Step::More }
    }

    /// Code that ends with a character and `>`.
    fn server_code(&mut self, c: i32, end: u8, kind: Kind) -> Step {
        if !is(c, end) {
            return Step::More;
        }
        if self.skip(b'>') { self.finish(kind) } else { Step::More }
    }

    /// Whether a character comes next; it is read then.
    fn skip(&mut self, wanted: u8) -> bool {
        let c = self.input.read();
        if is(c, wanted) {
            return true;
        }
        self.input.give_back(c);
        false
    }

    fn section(&mut self, c: i32) -> Step {
        if is(c, b'[') && self.buffer.size == self.text_start + 6 && self.buffer.slice(self.text_start, 6) == b"CDATA["
        {
            self.state = State::CData;
            self.buffer.size -= 6;
            return Step::More;
        }
        self.server_code(c, b']', Kind::Section)
    }

    fn cdata_section(&mut self, c: i32) -> Step {
        if is(c, b']') && self.skip(b']') && self.skip(b'>') { self.finish(Kind::CData) } else { Step::More }
    }

    fn xml_declaration(&mut self, c: i32, attributes: &mut Vec<Attribute>) -> Result<Step, Failure> {
        if is_white(c) {
            return Ok(Step::More);
        }
        if !is(c, b'?') {
            self.input.give_back(c);
            let mut is_empty = false;
            let (name, _) = self.attribute_name(&mut is_empty);
            let value = self.attribute_value(name.as_deref(), true, &mut is_empty)?;
            attributes.insert(0, Attribute { name: name.map(Cow::Owned), value, server: None });
        }
        if !self.skip(b'>') {
            return Ok(Step::More);
        }
        self.buffer.size = self.buffer.size.saturating_sub(1);
        self.text_end = self.text_start;
        self.buffer.set(self.text_end, 0);
        self.state = State::Content;
        self.was_white = false;
        let step = self.token(Kind::XmlDeclaration);
        if let Step::Token(token) = step {
            self.tree[token].attributes = std::mem::take(attributes);
        }
        Ok(step)
    }
}

//! What JTidy makes of a tree after it was read: redundant emphasis goes, lists that only indent become divisions, and, if that
//! is asked for, markup of looks becomes styles.

use super::tags::{BLOCK, Content, DEFLIST, INLINE, LIST, ROW, TABLE, Tag};
use super::tree::{Attribute, NodeId};
use super::{Failure, Tidy};
use crate::java::compare_texts;
use std::borrow::Cow;

const GENERATOR: &str = "HTML Tidy for Java (vers. 2009-12-01), see jtidy.sourceforge.net";
const TIDYS: &str = "HTML Tidy";

/// Sizes of fonts from 0 to 6; that of 3 is none.
const SIZES: [Option<&str>; 7] =
    [Some("60%"), Some("70%"), Some("80%"), None, Some("120%"), Some("150%"), Some("200%")];

impl Tidy<'_> {
    pub fn clean(&mut self) -> Result<(), Failure> {
        self.strip_nested_emphasis();
        self.indenting_lists_to_quotations();
        self.quotations_to_divisions();
        if self.options.make_clean {
            self.clean_styles()?;
        }
        Ok(())
    }

    /// The next node in the order of their beginnings.
    fn following(&self, id: NodeId) -> Option<NodeId> {
        let from_next = |id: NodeId| self.tree[id].next;
        self.tree[id].first.or_else(|| from_next(id)).or_else(|| self.tree.ancestors(id).find_map(from_next))
    }

    /// `b` in `b`, and `i` in `i`.
    fn strip_nested_emphasis(&mut self) {
        let mut waiting = vec![Some(self.root)];
        while let Some(at) = waiting.pop() {
            let mut at = at;
            while let Some(id) = at {
                let tag = self.tree.tag(id).filter(|tag| matches!(tag, Tag::B | Tag::I));
                let above = self.tree[id].parent.and_then(|parent| self.tree.tag(parent));
                if tag.is_some() && above == tag {
                    at = self.tree.unwrap(id);
                    continue;
                }
                if let Some(first) = self.tree[id].first {
                    waiting.push(self.tree[id].next);
                    at = Some(first);
                } else {
                    at = self.tree[id].next;
                }
            }
        }
    }

    /// All nodes, children before their parents.
    fn bottom_up(&self) -> Vec<NodeId> {
        // Parents before children, the last child first, turned round.
        let (mut order, mut waiting) = (Vec::new(), vec![self.root]);
        while let Some(id) = waiting.pop() {
            order.push(id);
            waiting.extend(self.tree.children(id));
        }
        order.reverse();
        order
    }

    fn indenting_lists_to_quotations(&mut self) {
        for id in self.bottom_up() {
            let is_list = self.tree.tag(id).is_some_and(|tag| tag.content() == Content::List);
            let Some(only) = self.tree.only_child(id).filter(|_| is_list) else { continue };
            if self.tree[only].implicit {
                self.tree.strip_only_child(id);
                self.rename(id, Tag::Blockquote);
                self.tree[id].implicit = true;
            }
        }
    }

    fn rename(&mut self, id: NodeId, tag: Tag) {
        self.tree[id].tag = Some(tag);
        self.tree[id].element = Some(Cow::Borrowed(tag.name()));
    }

    fn quotations_to_divisions(&mut self) {
        let mut at = Some(self.root);
        while let Some(id) = at {
            if self.tree.tag(id) == Some(Tag::Blockquote) && self.tree[id].implicit {
                let mut indent = 2;
                while self.tree.only_child(id).is_some_and(|only| self.tree.tag(only) == Some(Tag::Blockquote)) {
                    indent += 2;
                    self.tree.strip_only_child(id);
                }
                self.rename(id, Tag::Div);
                let style = format!("margin-left: {indent}em");
                match self.tree.attribute_mut(id, "style").map(|attribute| &mut attribute.value) {
                    Some(Some(value)) => *value = format!("{style}; {value}"),
                    _ => self.tree.append_attribute(id, "style", &style),
                }
            }
            at = self.following(id);
        }
    }

    fn clean_styles(&mut self) -> Result<(), Failure> {
        // Each entry is an element whose children are being cleaned.
        let mut open = vec![self.root];
        let mut at = self.tree[self.root].first;
        while let Some(above) = open.pop() {
            if let Some(id) = at {
                open.push(above);
                if let Some(first) = self.tree[id].first {
                    open.push(id);
                    at = Some(first);
                } else {
                    let cleaned = self.clean_node(id)?;
                    at = self.tree[cleaned].next;
                }
            } else {
                let cleaned = self.clean_node(above)?;
                at = self.tree[cleaned].next;
            }
        }
        Ok(())
    }

    /// Cleans a node until nothing is left to do; what stands in its place.
    fn clean_node(&mut self, id: NodeId) -> Result<NodeId, Failure> {
        while self.tree.is_element(id) {
            if self.list_to_division(id)? {
                continue;
            }
            if let Some(list) = self.merge_nested_list(id)? {
                return Ok(list);
            }
            if self.center_to_division(id)?
                || self.merge_divisions(id)?
                || self.style_block(id)?
                || self.style_inline(id)?
                || self.font_to_span(id)?
            {
                continue;
            }
            break;
        }
        Ok(id)
    }

    fn list_to_division(&mut self, id: NodeId) -> Result<bool, Failure> {
        if !matches!(self.tree.tag(id), Some(Tag::Dir | Tag::Ul | Tag::Ol)) {
            return Ok(false);
        }
        let Some(only) = self.tree.only_child(id) else { return Ok(false) };
        if self.tree.tag(only) != Some(Tag::Li) || !self.tree[only].implicit {
            return Ok(false);
        }
        self.rename(id, Tag::Div);
        self.add_style(id, "margin-left: 2em")?;
        self.tree.strip_only_child(id);
        Ok(true)
    }

    /// A list that is all there is in a list takes its place, or becomes part of the list before it.
    fn merge_nested_list(&mut self, id: NodeId) -> Result<Option<NodeId>, Failure> {
        let tag = self.tree.tag(id);
        if !matches!(tag, Some(Tag::Ul | Tag::Ol)) {
            return Ok(None);
        }
        let Some(item) = self.tree.only_child(id) else { return Ok(None) };
        let Some(list) = self.tree[item].first.filter(|list| self.tree.tag(*list) == tag) else { return Ok(None) };
        let (parent, previous, next) = (self.tree[id].parent, self.tree[id].previous, self.tree[id].next);
        self.tree[list].parent = parent;
        self.tree[list].previous = previous;
        self.tree[list].next = next;
        self.tree.relink(list);
        self.tree[item].first = None;
        self.tree[id].first = None;
        self.tree[id].next = None;
        let is_list = |id: &NodeId| matches!(self.tree.tag(*id), Some(Tag::Ul | Tag::Ol));
        if let Some(before) = previous.filter(is_list) {
            let next = self.tree[list].next;
            self.tree[before].next = next;
            if let Some(next) = next {
                self.tree[next].previous = Some(before);
            }
            let last_item = self.tree[before].last.ok_or_else(|| Failure::null_field("last", "child"))?;
            self.tree[list].parent = Some(last_item);
            self.tree[list].next = None;
            self.tree[list].previous = self.tree[last_item].last;
            self.tree.relink(list);
            self.clean_node(list)?;
        }
        Ok(Some(list))
    }

    fn center_to_division(&mut self, id: NodeId) -> Result<bool, Failure> {
        if self.tree.tag(id) != Some(Tag::Center) {
            return Ok(false);
        }
        self.rename(id, Tag::Div);
        self.add_style(id, "text-align: center")?;
        Ok(true)
    }

    fn merge_divisions(&mut self, id: NodeId) -> Result<bool, Failure> {
        let Some(only) = self.tree.only_child(id) else { return Ok(false) };
        if self.tree.tag(id) != Some(Tag::Div) || self.tree.tag(only) != Some(Tag::Div) {
            return Ok(false);
        }
        self.merge_styles(id, only)?;
        self.tree.strip_only_child(id);
        Ok(true)
    }

    fn style_block(&mut self, id: NodeId) -> Result<bool, Failure> {
        let tag = self.tree.tag(id);
        if self.tree.model(id) & (BLOCK | LIST | DEFLIST | TABLE) == 0
            || matches!(tag, Some(Tag::Table | Tag::Tr | Tag::Li))
        {
            return Ok(false);
        }
        if tag != Some(Tag::Caption) {
            self.style_alignment(id)?;
        }
        let Some(only) = self.tree.only_child(id) else { return Ok(false) };
        let style = match self.tree.tag(only) {
            Some(Tag::B) => "font-weight: bold",
            Some(Tag::I) => "font-style: italic",
            Some(Tag::Font) => return self.take_font(id, only),
            _ => return Ok(false),
        };
        self.merge_styles(id, only)?;
        self.add_style(id, style)?;
        self.tree.strip_only_child(id);
        Ok(true)
    }

    fn style_inline(&mut self, id: NodeId) -> Result<bool, Failure> {
        if self.tree.tag(id) == Some(Tag::Font) || self.tree.model(id) & (INLINE | ROW) == 0 {
            return Ok(false);
        }
        match self.tree.only_child(id) {
            Some(only) if self.tree.tag(only) == Some(Tag::Font) => self.take_font(id, only),
            _ => Ok(false),
        }
    }

    fn take_font(&mut self, id: NodeId, font: NodeId) -> Result<bool, Failure> {
        self.merge_styles(id, font)?;
        let attributes = self.tree[font].attributes.clone();
        self.add_font_styles(id, &attributes)?;
        self.tree.strip_only_child(id);
        Ok(true)
    }

    fn font_to_span(&mut self, id: NodeId) -> Result<bool, Failure> {
        if self.tree.tag(id) != Some(Tag::Font) {
            return Ok(false);
        }
        let node = &self.tree[id];
        if node.next.is_none() && node.parent.is_some_and(|parent| self.tree[parent].first == Some(id)) {
            return Ok(false);
        }
        let attributes = node.attributes.clone();
        self.add_font_styles(id, &attributes)?;
        self.tree[id].attributes.retain(|attribute| attribute.is("style"));
        let count = self.tree[id].attributes.len();
        // Of several the last one stays.
        self.tree[id].attributes.drain(..count.saturating_sub(1));
        self.rename(id, Tag::Span);
        Ok(true)
    }

    fn style_alignment(&mut self, id: NodeId) -> Result<(), Failure> {
        let Some(place) = place_of(&self.tree[id].attributes, "align")? else { return Ok(()) };
        let align = self.tree[id].attributes.remove(place);
        match align.value {
            Some(value) => self.add_style(id, &format!("text-align: {}", value.to_lowercase())),
            None => Ok(()),
        }
    }

    fn add_font_styles(&mut self, id: NodeId, attributes: &[Attribute]) -> Result<(), Failure> {
        for Attribute { name, value, .. } in attributes {
            let name = name.as_deref().ok_or_else(|| Failure::null("String.equals(Object)", "av.attribute"))?;
            let shown = value.as_deref().unwrap_or("null");
            match (name, value) {
                ("face", _) => self.add_style(id, &format!("font-family: {shown}"))?,
                ("color", _) => self.add_style(id, &format!("color: {shown}"))?,
                ("size", Some(size)) => self.add_font_size(id, size)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn add_font_size(&mut self, id: NodeId, size: &str) -> Result<(), Failure> {
        let heading = match size {
            "6" => Some(Tag::H1),
            "5" => Some(Tag::H2),
            "4" => Some(Tag::H3),
            _ => None,
        };
        if let Some(heading) = heading.filter(|_| self.tree.tag(id) == Some(Tag::P)) {
            self.rename(id, heading);
            return Ok(());
        }
        match size_of(size) {
            Some(size) => self.add_style(id, &format!("font-size: {size}")),
            None => Ok(()),
        }
    }

    fn add_style(&mut self, id: NodeId, property: &str) -> Result<(), Failure> {
        match place_of(&self.tree[id].attributes, "style")? {
            Some(place) => {
                let attribute = &mut self.tree[id].attributes[place];
                let style = attribute.value.as_deref().ok_or_else(|| Failure::null("String.length()", "style"))?;
                attribute.value = Some(merged(style, property));
            }
            None => self.tree.prepend_attribute(id, "style", property),
        }
        Ok(())
    }

    /// Gives an element the classes and styles of its child.
    fn merge_styles(&mut self, id: NodeId, child: NodeId) -> Result<(), Failure> {
        let value = |attributes: &[Attribute], name: &str| {
            let found = attributes.iter().find(|attribute| attribute.is(name));
            found.and_then(|attribute| attribute.value.clone())
        };
        let classes = (value(&self.tree[id].attributes, "class"), value(&self.tree[child].attributes, "class"));
        match classes {
            (Some(own), Some(of_child)) => {
                if let Some(attribute) = self.tree.attribute_mut(id, "class") {
                    attribute.value = Some(format!("{own} {of_child}"));
                }
            }
            (None, Some(of_child)) => self.tree.prepend_attribute(id, "class", &of_child),
            (_, None) => {}
        }
        place_of(&self.tree[child].attributes, "style")?;
        place_of(&self.tree[id].attributes, "style")?;
        let styles = (value(&self.tree[id].attributes, "style"), value(&self.tree[child].attributes, "style"));
        match styles {
            (Some(own), Some(of_child)) => {
                if let Some(attribute) = self.tree.attribute_mut(id, "style") {
                    attribute.value = Some(merged(&own, &of_child));
                }
            }
            (None, Some(of_child)) => self.tree.prepend_attribute(id, "style", &of_child),
            (_, None) => {}
        }
        Ok(())
    }

    /// Says in the head of the page who put it in order.
    pub fn add_generator(&mut self) {
        let Some(head) = self.tree.head(self.root) else { return };
        let metas: Vec<NodeId> =
            self.tree.children(head).filter(|child| self.tree.tag(*child) == Some(Tag::Meta)).collect();
        for meta in metas {
            let name = self.tree.attribute(meta, "name").and_then(|name| name.value.as_deref());
            if !name.is_some_and(|name| name.eq_ignore_ascii_case("generator")) {
                continue;
            }
            let content = self.tree.attribute_mut(meta, "content").and_then(|content| content.value.as_mut());
            let is_tidys = |content: &&mut String| {
                content.get(..TIDYS.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(TIDYS))
            };
            if let Some(content) = content.filter(is_tidys) {
                GENERATOR.clone_into(content);
                return;
            }
        }
        let meta = self.inferred(Tag::Meta);
        self.tree.append_attribute(meta, "content", GENERATOR);
        self.tree.append_attribute(meta, "name", "generator");
        self.tree.insert_at_start(head, meta);
    }

    /// Moves objects with contents of their own from the head into the body.
    pub fn bump_objects(&mut self, html: Option<NodeId>) {
        let Some(html) = html else { return };
        let last = |tag: Tag| self.tree.children(html).filter(|child| self.tree.tag(*child) == Some(tag)).last();
        let Some((head, body)) = last(Tag::Head).zip(last(Tag::Body)) else { return };
        let objects: Vec<NodeId> =
            self.tree.children(head).filter(|child| self.tree.tag(*child) == Some(Tag::Object)).collect();
        for object in objects {
            if self.tree.children(object).any(|child| self.tree.tag(child) != Some(Tag::Param)) {
                self.tree.remove(object);
                self.tree.insert_at_start(body, object);
            }
        }
    }
}

/// Where an attribute is. Those who look for it trip over one without a name before it.
fn place_of(attributes: &[Attribute], name: &str) -> Result<Option<usize>, Failure> {
    for (place, attribute) in attributes.iter().enumerate() {
        match attribute.name.as_deref() {
            None => return Err(Failure::null("String.equals(Object)", "av.attribute")),
            Some(known) if known == name => return Ok(Some(place)),
            Some(_) => {}
        }
    }
    Ok(None)
}

/// The properties of two styles in the order of their names. The first of a name counts.
fn merged(one: &str, other: &str) -> String {
    let mut properties: Vec<(&str, &str)> = Vec::new();
    for style in [one, other] {
        let mut rest = style;
        while let Some((name, behind)) = rest.trim_start_matches(' ').split_once(':') {
            let behind = behind.trim_start_matches(' ');
            let (value, more) = behind.split_once(';').map_or((behind, None), |(value, more)| (value, Some(more)));
            if let Err(place) = properties.binary_search_by(|(known, _)| compare_texts(known, name)) {
                properties.insert(place, (name, value));
            }
            let Some(more) = more else { break };
            rest = more;
        }
    }
    let shown: Vec<String> = properties.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    shown.join("; ")
}

/// A font's size as CSS has it.
fn size_of(size: &str) -> Option<Cow<'static, str>> {
    let bytes = size.as_bytes();
    let digit = |at: usize| bytes.get(at).filter(|byte| (b'0'..=b'6').contains(byte)).map(|byte| byte - b'0');
    if let Some(digit) = digit(0) {
        return SIZES.get(usize::from(digit)).copied().flatten().map(Cow::Borrowed);
    }
    let is_smaller = bytes.first() == Some(&b'-');
    let Some(steps) = digit(1) else {
        return Some(Cow::Borrowed(if is_smaller { "smaller" } else { "larger" }));
    };
    let factor = if is_smaller { 0.8 } else { 1.2 };
    let percent = (0..steps).fold(1.0_f64, |size, _| size * factor) * 100.0;
    Some(Cow::Owned(format!("{}%", percent.trunc())))
}

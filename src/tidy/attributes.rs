//! The attributes that JTidy r938 knows, and what their values may be.

use super::input::{is_letter, is_name_character};
use super::report::Fault;
use super::tags::{IMG, Tag};
use super::tree::{Attribute, NodeId, Server};
use super::versions::{
    ALL, EVENTS, FRAMESET, FROM32, HTML40, HTML40_LOOSE, HTML40_STRICT, IFRAME, LOOSE, MICROSOFT, NETSCAPE,
    PROPRIETARY, XHTML11, XML,
};
use super::{Failure, Tidy, xml_names};

/// What a value is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    None,
    Align,
    Bool,
    Clear,
    Color,
    Direction,
    Id,
    Lang,
    Length,
    Name,
    Number,
    Scope,
    Script,
    Scrolling,
    Shape,
    Submit,
    Target,
    Url,
    Valign,
    ValueType,
}

#[derive(Debug)]
pub(super) struct Known {
    pub name: &'static str,
    versions: u16,
    check: Check,
}

const fn known(name: &'static str, versions: u16, check: Check) -> Known {
    Known { name, versions, check }
}

/// In the order of their names.
static KNOWN: &[Known] = &[
    known("abbr", HTML40, Check::None),
    known("accept", ALL, Check::None),
    known("accept-charset", HTML40, Check::None),
    known("accesskey", HTML40, Check::None),
    known("action", ALL, Check::Url),
    known("add_date", NETSCAPE, Check::None),
    known("align", ALL, Check::Align),
    known("alink", LOOSE, Check::Color),
    known("alt", ALL, Check::None),
    known("archive", HTML40, Check::None),
    known("axis", HTML40, Check::None),
    known("background", LOOSE, Check::Url),
    known("bgcolor", LOOSE, Check::Color),
    known("bgproperties", PROPRIETARY, Check::None),
    known("border", ALL, Check::Bool),
    known("bordercolor", MICROSOFT, Check::Color),
    known("bottommargin", MICROSOFT, Check::Number),
    known("cellpadding", FROM32, Check::Length),
    known("cellspacing", FROM32, Check::Length),
    known("char", HTML40, Check::None),
    known("charoff", HTML40, Check::Length),
    known("charset", HTML40, Check::None),
    known("checked", ALL, Check::Bool),
    known("cite", HTML40, Check::Url),
    known("class", HTML40, Check::None),
    known("classid", HTML40, Check::Url),
    known("clear", LOOSE, Check::Clear),
    known("code", LOOSE, Check::None),
    known("codebase", HTML40, Check::Url),
    known("codetype", HTML40, Check::None),
    known("color", LOOSE, Check::Color),
    known("cols", IFRAME, Check::None),
    known("colspan", FROM32, Check::Number),
    known("compact", ALL, Check::Bool),
    known("content", ALL, Check::None),
    known("coords", FROM32, Check::None),
    known("data", HTML40, Check::Url),
    known("datafld", MICROSOFT, Check::None),
    known("dataformatas", MICROSOFT, Check::None),
    known("datapagesize", MICROSOFT, Check::Number),
    known("datasrc", MICROSOFT, Check::Url),
    known("datetime", HTML40, Check::None),
    known("declare", HTML40, Check::Bool),
    known("defer", HTML40, Check::Bool),
    known("dir", HTML40, Check::Direction),
    known("disabled", HTML40, Check::Bool),
    known("enctype", ALL, Check::None),
    known("face", LOOSE, Check::None),
    known("for", HTML40, Check::None),
    known("frame", HTML40, Check::None),
    known("frameborder", FRAMESET | IFRAME, Check::None),
    known("framespacing", PROPRIETARY, Check::Number),
    known("gridx", PROPRIETARY, Check::Number),
    known("gridy", PROPRIETARY, Check::Number),
    known("headers", HTML40, Check::None),
    known("height", ALL, Check::Length),
    known("href", ALL, Check::Url),
    known("hreflang", HTML40, Check::Lang),
    known("hspace", ALL, Check::Number),
    known("http-equiv", ALL, Check::None),
    known("id", HTML40, Check::Id),
    known("ismap", ALL, Check::Bool),
    known("label", HTML40, Check::None),
    known("lang", HTML40, Check::Lang),
    known("language", LOOSE, Check::None),
    known("last_modified", NETSCAPE, Check::None),
    known("last_visit", NETSCAPE, Check::None),
    known("leftmargin", MICROSOFT, Check::Number),
    known("link", LOOSE, Check::Color),
    known("longdesc", HTML40, Check::Url),
    known("lowsrc", PROPRIETARY, Check::Url),
    known("marginheight", IFRAME, Check::Number),
    known("marginwidth", IFRAME, Check::Number),
    known("maxlength", ALL, Check::Number),
    known("media", HTML40, Check::None),
    known("method", ALL, Check::Submit),
    known("multiple", ALL, Check::Bool),
    known("name", ALL, Check::Name),
    known("nohref", FROM32, Check::Bool),
    known("noresize", FRAMESET, Check::Bool),
    known("noshade", LOOSE, Check::Bool),
    known("nowrap", LOOSE, Check::Bool),
    known("object", HTML40_LOOSE, Check::None),
    known("onafterupdate", MICROSOFT, Check::Script),
    known("onbeforeunload", MICROSOFT, Check::Script),
    known("onbeforeupdate", MICROSOFT, Check::Script),
    known("onblur", EVENTS, Check::Script),
    known("onchange", EVENTS, Check::Script),
    known("onclick", EVENTS, Check::Script),
    known("ondataavailable", MICROSOFT, Check::Script),
    known("ondatasetchanged", MICROSOFT, Check::Script),
    known("ondatasetcomplete", MICROSOFT, Check::Script),
    known("ondblclick", EVENTS, Check::Script),
    known("onerrorupdate", MICROSOFT, Check::Script),
    known("onfocus", EVENTS, Check::Script),
    known("onkeydown", EVENTS, Check::Script),
    known("onkeypress", EVENTS, Check::Script),
    known("onkeyup", EVENTS, Check::Script),
    known("onload", EVENTS, Check::Script),
    known("onmousedown", EVENTS, Check::Script),
    known("onmousemove", EVENTS, Check::Script),
    known("onmouseout", EVENTS, Check::Script),
    known("onmouseover", EVENTS, Check::Script),
    known("onmouseup", EVENTS, Check::Script),
    known("onreset", EVENTS, Check::Script),
    known("onrowenter", MICROSOFT, Check::Script),
    known("onrowexit", MICROSOFT, Check::Script),
    known("onselect", EVENTS, Check::Script),
    known("onsubmit", EVENTS, Check::Script),
    known("onunload", EVENTS, Check::Script),
    known("profile", HTML40, Check::Url),
    known("prompt", LOOSE, Check::None),
    known("rbspan", XHTML11, Check::Number),
    known("readonly", HTML40, Check::Bool),
    known("rel", ALL, Check::None),
    known("rev", ALL, Check::None),
    known("rightmargin", MICROSOFT, Check::Number),
    known("rows", ALL, Check::Number),
    known("rowspan", ALL, Check::Number),
    known("rules", HTML40, Check::None),
    known("scheme", HTML40, Check::None),
    known("scope", HTML40, Check::Scope),
    known("scrolling", IFRAME, Check::Scrolling),
    known("selected", ALL, Check::Bool),
    known("shape", FROM32, Check::Shape),
    known("showgrid", PROPRIETARY, Check::Bool),
    known("showgridx", PROPRIETARY, Check::Bool),
    known("showgridy", PROPRIETARY, Check::Bool),
    known("size", LOOSE, Check::Number),
    known("span", HTML40, Check::Number),
    known("src", ALL, Check::Url),
    known("standby", HTML40, Check::None),
    known("start", ALL, Check::Number),
    known("style", HTML40, Check::None),
    known("summary", HTML40, Check::None),
    known("tabindex", HTML40, Check::Number),
    known("target", HTML40, Check::Target),
    known("text", LOOSE, Check::Color),
    known("title", HTML40, Check::None),
    known("topmargin", MICROSOFT, Check::Number),
    known("type", FROM32, Check::None),
    known("usemap", ALL, Check::Bool),
    known("valign", FROM32, Check::Valign),
    known("value", ALL, Check::None),
    known("valuetype", HTML40, Check::ValueType),
    known("version", ALL, Check::None),
    known("vlink", LOOSE, Check::Color),
    known("vspace", LOOSE, Check::Number),
    known("width", ALL, Check::Length),
    known("wrap", NETSCAPE, Check::None),
    known("xml:lang", XML, Check::None),
    known("xml:space", XML, Check::None),
    known("xmlns", ALL, Check::None),
];

fn find(name: &str) -> Option<&'static Known> {
    KNOWN.binary_search_by(|known| known.name.cmp(name)).ok().and_then(|found| KNOWN.get(found))
}

pub(super) fn is_url(name: &str) -> bool {
    find(name).is_some_and(|known| known.check == Check::Url)
}

pub(super) fn is_script(name: &str) -> bool {
    find(name).is_some_and(|known| known.check == Check::Script)
}

const SIDES: &[&str] = &["left", "center", "right", "justify"];
const HEIGHTS: &[&str] = &["top", "middle", "bottom", "baseline"];
const HEIGHTS_OF_IMAGES: &[&str] = &["left", "right"];
const HEIGHTS_OF_VENDORS: &[&str] = &["texttop", "absmiddle", "absbottom", "textbottom"];
const TARGETS: &[&str] = &["_blank", "_self", "_parent", "_top"];
const NO_CLEAR: &str = "none";

const COLORS: [(&str, &str); 16] = [
    ("aqua", "#00FFFF"),
    ("black", "#000000"),
    ("blue", "#0000FF"),
    ("fuchsia", "#FF00FF"),
    ("gray", "#808080"),
    ("green", "#008000"),
    ("lime", "#00FF00"),
    ("maroon", "#800000"),
    ("navy", "#000080"),
    ("olive", "#808000"),
    ("purple", "#800080"),
    ("red", "#FF0000"),
    ("silver", "#C0C0C0"),
    ("teal", "#008080"),
    ("white", "#FFFFFF"),
    ("yellow", "#FFFF00"),
];

fn is_one_of(values: &[&str], value: &str) -> bool {
    values.iter().any(|known| known.eq_ignore_ascii_case(value))
}

impl Check {
    /// The values of attributes that have a fixed set of them.
    fn values(self) -> Option<&'static [&'static str]> {
        Some(match self {
            Check::Submit => &["get", "post"],
            Check::Clear => &[NO_CLEAR, "left", "right", "all"],
            Check::Shape => &["rect", "default", "circle", "poly"],
            Check::Scope => &["row", "rowgroup", "col", "colgroup"],
            Check::ValueType => &["data", "object", "ref"],
            Check::Scrolling => &["no", "yes", "auto"],
            Check::Direction => &["rtl", "ltr"],
            _ => return None,
        })
    }
}

impl Tidy<'_> {
    /// Looks at an attribute of an element; the name of the attribute, if it is known.
    pub fn check_attribute(&mut self, node: NodeId, place: usize) -> Option<&'static str> {
        let attribute = self.tree[node].attributes.get(place)?;
        let Some(known) = attribute.name.as_deref().and_then(find) else {
            let is_vendors = self.tree.tag(node).is_none_or(|tag| tag.versions() & PROPRIETARY != 0);
            let is_asp = attribute.server == Some(Server::Asp);
            if !self.options.xml_tags && !is_asp && !is_vendors {
                self.fault(node, place, Fault::UnknownAttribute);
            }
            return None;
        };
        if known.versions & XML != 0 {
            if !(self.options.xml_tags || self.options.xml_out) {
                self.fault(node, place, Fault::XmlAttribute);
            }
        } else if known.name != "title" || !matches!(self.tree.tag(node), Some(Tag::A | Tag::Link)) {
            self.constrain(known.versions);
        }
        if known.check != Check::None {
            self.check_value(node, place, known.check);
        } else if known.versions & PROPRIETARY != 0 {
            self.fault(node, place, Fault::Proprietary);
        }
        Some(known.name)
    }

    pub fn fault(&mut self, node: NodeId, place: usize, fault: Fault) {
        let attribute = self.tree[node].attributes.get(place).cloned();
        self.attribute_fault(Some(node), attribute.as_ref(), fault);
    }

    fn value(&self, node: NodeId, place: usize) -> Option<&str> {
        self.tree[node].attributes.get(place)?.value.as_deref()
    }

    fn set_value(&mut self, node: NodeId, place: usize, value: String) {
        if let Some(attribute) = self.tree[node].attributes.get_mut(place) {
            attribute.value = Some(value);
        }
    }

    fn check_value(&mut self, node: NodeId, place: usize, check: Check) {
        // What these look at first is not the value.
        match check {
            Check::Script => return,
            Check::Align if self.tree.model(node) & IMG != 0 => return self.check_value(node, place, Check::Valign),
            Check::Target => self.constrain(!HTML40_STRICT),
            Check::Lang if self.tree[node].attributes.get(place).is_some_and(|attribute| attribute.is("lang")) => {
                self.constrain(!XHTML11);
            }
            _ => {}
        }
        let wants_text = matches!(check, Check::Target | Check::Id | Check::Color);
        let Some(value) = self.value(node, place).filter(|value| !(wants_text && value.is_empty())) else {
            if check != Check::Bool {
                self.fault(node, place, Fault::MissingValue);
            }
            if check == Check::Clear {
                self.set_value(node, place, NO_CLEAR.to_owned());
            }
            return;
        };
        let value = value.to_owned();
        match check {
            Check::Url => self.check_url(node, place, &value),
            Check::Align => self.check_words(node, place, SIDES),
            Check::Valign => self.check_height(node, place),
            Check::Bool => {
                self.lower_case(node, place);
            }
            Check::Length => self.check_length(node, place, &value),
            Check::Number => self.check_number(node, place, &value),
            Check::Target => {
                let begins_well = value.chars().next().is_some_and(char::is_alphabetic);
                if !begins_well && !is_one_of(TARGETS, &value) {
                    self.fault(node, place, Fault::BadValue);
                }
            }
            Check::Id => self.check_id(node, place, &value),
            Check::Name => {
                if self.tree.tag(node).is_some_and(is_anchor) {
                    self.constrain(!XHTML11);
                    self.check_anchor(node, place, &value);
                }
            }
            Check::Color => self.check_color(node, place, &value),
            Check::None | Check::Script | Check::Lang => {}
            _ => self.check_words(node, place, check.values().unwrap_or_default()),
        }
    }

    /// Puts a value into lower case, which XHTML wants; the value as it is then.
    fn lower_case(&mut self, node: NodeId, place: usize) -> String {
        let value = self.value(node, place).unwrap_or_default().to_owned();
        let lower = value.to_lowercase();
        if lower != value {
            if self.is_voyager {
                self.fault(node, place, Fault::NotLowerCase);
            }
            self.set_value(node, place, lower.clone());
        }
        lower
    }

    fn check_words(&mut self, node: NodeId, place: usize, values: &[&str]) {
        let value = self.lower_case(node, place);
        if !is_one_of(values, &value) {
            self.fault(node, place, Fault::BadValue);
        }
    }

    fn check_height(&mut self, node: NodeId, place: usize) {
        let value = self.lower_case(node, place);
        if is_one_of(HEIGHTS, &value) {
            return;
        }
        if is_one_of(HEIGHTS_OF_IMAGES, &value) {
            if self.tree.model(node) & IMG == 0 {
                self.fault(node, place, Fault::BadValue);
            }
        } else if is_one_of(HEIGHTS_OF_VENDORS, &value) {
            self.constrain(PROPRIETARY);
            self.fault(node, place, Fault::ProprietaryValue);
        } else {
            self.fault(node, place, Fault::BadValue);
        }
    }

    fn check_url(&mut self, node: NodeId, place: usize, value: &str) {
        let must_be_escaped = |unit: u16| unit > 0x7e || unit <= 0x20 || unit == 0x3c || unit == 0x3e;
        let has_backslash = value.contains('\\');
        let is_malformed = value.encode_utf16().any(must_be_escaped);
        let mut value = value.replace('\\', "/");
        if is_malformed {
            let mut escaped = String::new();
            for unit in value.encode_utf16() {
                match u8::try_from(unit) {
                    Ok(byte) if !must_be_escaped(unit) => escaped.push(char::from(byte)),
                    _ => escaped.push_str(&format!("%{unit:X}")),
                }
            }
            value = escaped;
        }
        if has_backslash || is_malformed {
            self.set_value(node, place, value);
        }
        if has_backslash {
            self.fault(node, place, Fault::FixedBackslash);
        }
        if is_malformed {
            self.fault(node, place, Fault::EscapedUri);
            self.bad_uri();
        }
    }

    fn check_length(&mut self, node: NodeId, place: usize, value: &str) {
        let tag = self.tree.tag(node);
        let is_width = self.tree[node].attributes.get(place).is_some_and(|attribute| attribute.is("width"));
        if is_width && matches!(tag, Some(Tag::Col | Tag::Colgroup)) {
            return;
        }
        let is_cell = matches!(tag, Some(Tag::Td | Tag::Th));
        let mut chars = value.chars();
        let begins_well = chars.next().is_some_and(|c| is_java_digit(c) || c == '%');
        if !begins_well || chars.any(|c| !is_java_digit(c) && (is_cell || c != '%')) {
            self.fault(node, place, Fault::BadValue);
        }
    }

    fn check_number(&mut self, node: NodeId, place: usize, value: &str) {
        let tag = self.tree.tag(node);
        let name = self.tree[node].attributes.get(place).and_then(|attribute| attribute.name.as_deref());
        if tag == Some(Tag::Frameset) && matches!(name, Some("cols" | "rows")) {
            return;
        }
        let digits = if tag == Some(Tag::Font) { value.strip_prefix(['+', '-']).unwrap_or(value) } else { value };
        if digits.chars().any(|c| !is_java_digit(c)) {
            self.fault(node, place, Fault::BadValue);
        }
    }

    fn check_id(&mut self, node: NodeId, place: usize, value: &str) {
        let mut units = value.encode_utf16();
        let first = units.next().unwrap_or(0);
        let begins_well = char::from_u32(u32::from(first)).is_some_and(char::is_alphabetic);
        let (bad, is_name_in_xml) = if begins_well {
            let bad = units.find(|unit| !is_name_character(i32::from(*unit)));
            (bad.is_some(), bad.is_some_and(xml_names::continues))
        } else {
            (true, xml_names::is_letter(first) || matches!(first, 0x5f | 0x3a))
        };
        if bad {
            let is_xml = self.is_voyager && is_name_in_xml;
            self.fault(node, place, if is_xml { Fault::XmlIdSyntax } else { Fault::BadValue });
        }
        self.check_anchor(node, place, value);
    }

    fn check_anchor(&mut self, node: NodeId, place: usize, value: &str) {
        let owner = *self.anchors.entry(value.to_lowercase()).or_insert(node);
        if owner != node {
            self.fault(node, place, Fault::AnchorNotUnique);
        }
    }

    fn check_color(&mut self, node: NodeId, place: usize, value: &str) {
        let is_code = value.starts_with('#');
        let is_known = COLORS.iter().any(|(name, code)| {
            let known = if is_code { code } else { name };
            known.eq_ignore_ascii_case(value)
        });
        if is_code && value.encode_utf16().count() == 7 {
            if is_known {
                return;
            }
            if value.chars().skip(1).all(|c| c.is_ascii_hexdigit()) {
                return self.set_value(node, place, value.to_uppercase());
            }
        } else if is_known && value.bytes().next().is_some_and(|byte| is_letter(i32::from(byte))) {
            return;
        }
        self.fault(node, place, Fault::BadValue);
    }

    /// Drops or joins what an element has twice. An error where JTidy trips over an attribute without a value.
    pub fn repair_duplicates(&mut self, node: NodeId) -> Result<(), Failure> {
        let mut attributes: Vec<Option<Attribute>> =
            std::mem::take(&mut self.tree[node].attributes).into_iter().map(Some).collect();
        let result = self.repair_duplicates_in(node, &mut attributes);
        self.tree[node].attributes = attributes.into_iter().flatten().collect();
        result
    }

    fn repair_duplicates_in(&mut self, node: NodeId, attributes: &mut [Option<Attribute>]) -> Result<(), Failure> {
        let next = |attributes: &[Option<Attribute>], at: usize| {
            (at + 1..attributes.len()).find(|place| attributes[*place].is_some())
        };
        let mut outer = next_from(attributes, 0);
        while let Some(mut at) = outer {
            let mut inner = next(attributes, at);
            while let Some(other) = inner {
                let (Some(one), Some(two)) = (&attributes[at], &attributes[other]) else { break };
                let is_same = one.server.is_none()
                    && two.server.is_none()
                    && one.name.is_some()
                    && one.name.as_deref().map(str::to_lowercase) == two.name.as_deref().map(str::to_lowercase);
                if !is_same {
                    inner = next(attributes, other);
                    continue;
                }
                if !one.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("style")) {
                    // The last one in the page comes first here, and is kept.
                    let behind = next(attributes, other);
                    let repeated = attributes[other].take();
                    self.attribute_fault(Some(node), repeated.as_ref(), Fault::Repeated);
                    inner = behind;
                    continue;
                }
                let joined = join_styles(two.value.as_deref(), one.value.as_deref())?;
                let Some(following) = next(attributes, at) else { break };
                inner = if next(attributes, following).is_none() { None } else { next(attributes, other) };
                if let Some(two) = &mut attributes[other] {
                    two.value = Some(joined);
                }
                let dropped = attributes[at].take();
                self.attribute_fault(Some(node), dropped.as_ref(), Fault::Joining);
                at = following;
            }
            outer = next(attributes, at);
        }
        Ok(())
    }
}

fn next_from(attributes: &[Option<Attribute>], at: usize) -> Option<usize> {
    (at..attributes.len()).find(|place| attributes[*place].is_some())
}

fn join_styles(first: Option<&str>, second: Option<&str>) -> Result<String, Failure> {
    let first = first.ok_or_else(|| Failure::null("String.length()", "current.value"))?;
    let second = second.unwrap_or("null");
    match first.chars().last() {
        None => Err(Failure::string_index("String index out of range: -1".to_owned())),
        Some(';') => Ok(format!("{first} {second}")),
        Some('}') => Ok(format!("{first} {{ {second} }}")),
        Some(_) => Ok(format!("{first}; {second}")),
    }
}

/// Elements whose `name` is an anchor.
fn is_anchor(tag: Tag) -> bool {
    matches!(tag, Tag::A | Tag::Applet | Tag::Form | Tag::Frame | Tag::Iframe | Tag::Img | Tag::Map)
}

/// `Character.isDigit`.
fn is_java_digit(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && c.is_numeric() && c.to_digit(10).is_none() && is_decimal_digit(c))
}

/// The decimal digits of other scripts stand in rows of ten.
fn is_decimal_digit(c: char) -> bool {
    const ROWS: [u32; 10] = [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xe50, 0xff10];
    ROWS.iter().any(|row| (*row..row + 10).contains(&u32::from(c)))
}

#[cfg(test)]
mod tests {
    use super::KNOWN;

    #[test]
    fn the_table_is_sorted() {
        assert!(KNOWN.windows(2).all(|two| two[0].name < two[1].name));
    }
}

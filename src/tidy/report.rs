//! What JTidy says: its warnings and errors with their places, and what it says at the end.

use super::tree::{Attribute, Kind, NodeId};
use super::versions::Given;
use super::{Tidy, summary, tags};
use std::fmt::Write;

/// Errors after which nothing more is told.
const MOST_ERRORS_TOLD: i16 = 6;

/// The most that is kept of what is told.
const MOST_TEXT: usize = 64 << 20;

/// Warnings on elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Warning {
    MissingEndTagFor,
    MissingEndTagBefore,
    DiscardingUnexpected,
    NestedEmphasis,
    CoerceToEndTag,
    NonMatchingEndTag,
    TagNotAllowedIn,
    DoctypeAfterTags,
    MissingStartTag,
    UnexpectedEndTag,
    TooManyElements,
    UsingBrInPlaceOf,
    InsertingTag,
    CantBeNested,
    ProprietaryElement,
    ObsoleteElement,
    UnescapedElement,
    TrimEmptyElement,
    MissingTitleElement,
    IllegalNesting,
    NoframesContent,
    InconsistentVersion,
    MalformedDoctype,
    ContentAfterBody,
    MalformedComment,
    InconsistentNamespace,
    DoctypeNotUpperCase,
    UnexpectedEndOfFile,
    NestedQuotation,
    ElementNotEmpty,
    MissingDoctype,
}

/// Errors on elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Error {
    SuspectedMissingQuote,
    DuplicateFrameset,
    UnknownElement,
    UnexpectedEndTag,
    /// Counted, but not told.
    BadCData,
    /// Counted, but not told.
    MissingEndTag,
}

/// What can be wrong with an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    UnknownAttribute,
    MissingAttribute,
    MissingValue,
    MissingImageMap,
    BadValue,
    XmlIdSyntax,
    XmlAttribute,
    UnexpectedQuoteMark,
    MissingQuoteMark,
    Repeated,
    ProprietaryValue,
    Proprietary,
    UnexpectedEndOfFile,
    IdNameMismatch,
    FixedBackslash,
    EscapedUri,
    NewLineInUri,
    AnchorNotUnique,
    EntityInId,
    Joining,
    UnexpectedEqualSign,
    NotLowerCase,
    /// The one that is an error.
    UnexpectedGt,
}

/// What can be wrong with an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntityFault {
    MissingSemicolon,
    Unknown,
    UnescapedAmpersand,
    AposUndefined,
}

/// Bits of what the end speaks of.
pub(super) mod access {
    pub const MISSING_IMAGE_ALT: u8 = 1;
    pub const MISSING_LINK_ALT: u8 = 2;
    pub const MISSING_SUMMARY: u8 = 4;
    pub const MISSING_IMAGE_MAP: u8 = 8;
    pub const USING_FRAMES: u8 = 16;
    pub const USING_NOFRAMES: u8 = 32;
}

/// Bits of what the end speaks of.
pub(super) mod layout {
    pub const USING_SPACER: u8 = 1;
    pub const USING_LAYER: u8 = 2;
    pub const USING_NOBR: u8 = 4;
    pub const USING_FONT: u8 = 8;
    pub const USING_BODY: u8 = 16;
}

/// JTidy keeps numbers of messages where it means bits.
mod characters {
    pub const VENDOR_SPECIFIC: u8 = 76;
    pub const INVALID_SGML: u8 = 77;
    pub const INVALID_UTF8: u8 = 78;
    pub const INVALID_UTF16: u8 = 79;
    pub const INVALID_URI: u8 = 81;
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Report {
    /// What was told; empty if nobody wants to read it.
    pub text: String,
    /// JTidy counts with 16 bits.
    pub warnings: i16,
    pub errors: i16,
    pub access: u8,
    pub layout: u8,
    characters: u8,
    pub bad_form: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Information,
}

impl Tidy<'_> {
    fn tell(&mut self, level: Level, message: std::fmt::Arguments<'_>) {
        if !self.options.messages || self.report.text.len() > MOST_TEXT {
            return;
        }
        let prefix = match level {
            Level::Error => "Error: ",
            Level::Warning => "Warning: ",
            Level::Information => "",
        };
        let (line, column) = (grouped(self.line), grouped(self.column));
        let _ = writeln!(self.report.text, "line {line} column {column} - {prefix}{message}");
    }

    fn say(&mut self, message: &str) {
        if self.options.messages {
            self.report.text.push_str(message);
            self.report.text.push('\n');
        }
    }

    fn is_quiet(&self) -> bool {
        self.report.errors > MOST_ERRORS_TOLD
    }

    /// How a node is called in messages.
    fn called(&self, id: Option<NodeId>) -> String {
        let Some(id) = id else { return String::new() };
        match self.tree.kind(id) {
            Kind::Start => format!("<{}>", self.name(Some(id))),
            Kind::End => format!("</{}>", self.name(Some(id))),
            Kind::Doctype => "<!DOCTYPE>".to_owned(),
            Kind::Text => "plain text".to_owned(),
            _ => self.name(Some(id)).to_owned(),
        }
    }

    fn name(&self, id: Option<NodeId>) -> &str {
        id.and_then(|id| self.tree[id].element.as_deref()).unwrap_or("null")
    }

    pub fn warn(&mut self, element: Option<NodeId>, node: Option<NodeId>, warning: Warning) {
        let is_form_error = warning == Warning::DiscardingUnexpected && self.report.bad_form;
        if !is_form_error {
            self.report.warnings = self.report.warnings.wrapping_add(1);
        }
        if self.is_quiet() {
            return;
        }
        if is_form_error {
            let called = self.called(node);
            self.tell(Level::Error, format_args!("discarding unexpected {called}"));
        } else if self.options.show_warnings {
            if warning == Warning::UnexpectedEndOfFile {
                self.line = self.input.line;
                self.column = self.input.column;
            }
            if self.options.messages {
                let message = self.warning_text(element, node, warning);
                let is_hint = matches!(warning, Warning::NestedEmphasis | Warning::CoerceToEndTag);
                let level = if is_hint { Level::Information } else { Level::Warning };
                self.tell(level, format_args!("{message}"));
            }
            if let (Warning::ProprietaryElement, Some(node)) = (warning, node) {
                self.report.layout |= match self.tree.tag(node) {
                    Some(tags::Tag::Layer) => layout::USING_LAYER,
                    Some(tags::Tag::Spacer) => layout::USING_SPACER,
                    Some(tags::Tag::Nobr) => layout::USING_NOBR,
                    _ => 0,
                };
            }
        }
    }

    fn warning_text(&self, element: Option<NodeId>, node: Option<NodeId>, warning: Warning) -> String {
        let (called, name) = (self.called(node), self.name(element));
        match warning {
            Warning::MissingEndTagFor => format!("missing </{name}>"),
            Warning::MissingEndTagBefore => format!("missing </{name}> before {called}"),
            Warning::DiscardingUnexpected => format!("discarding unexpected {called}"),
            Warning::NestedEmphasis => format!("nested emphasis {called}"),
            Warning::CoerceToEndTag => format!("<{name}> is probably intended as </{name}>"),
            Warning::NonMatchingEndTag => format!("replacing unexpected {called} by </{name}>"),
            Warning::TagNotAllowedIn => format!("{called} isn't allowed in <{name}> elements"),
            Warning::DoctypeAfterTags => "<!DOCTYPE> isn't allowed after elements".to_owned(),
            Warning::MissingStartTag => format!("missing <{}>", self.name(node)),
            Warning::UnexpectedEndTag if element.is_some() => {
                format!("unexpected </{}> in <{name}>", self.name(node))
            }
            Warning::UnexpectedEndTag => format!("unexpected </{}>", self.name(node)),
            Warning::TooManyElements if element.is_some() => {
                format!("too many {} elements in <{name}>", self.name(node))
            }
            Warning::TooManyElements => format!("too many {} elements", self.name(node)),
            Warning::UsingBrInPlaceOf => format!("using <br> in place of {called}"),
            Warning::InsertingTag => format!("inserting implicit <{}>", self.name(node)),
            Warning::CantBeNested => format!("{called} can't be nested"),
            Warning::ProprietaryElement => format!("{called} is not approved by W3C"),
            Warning::ObsoleteElement => {
                let is_obsolete = element.is_some_and(|element| self.tree.model(element) & tags::OBSOLETE != 0);
                let what = if is_obsolete { "obsolete element" } else { "element" };
                format!("replacing {what} {} by {called}", self.called(element))
            }
            Warning::UnescapedElement => format!("unescaped {} in pre content", self.called(element)),
            Warning::TrimEmptyElement => format!("trimming empty {}", self.called(element)),
            Warning::MissingTitleElement => "inserting missing 'title' element".to_owned(),
            Warning::IllegalNesting => format!("{} shouldn't be nested", self.called(element)),
            Warning::NoframesContent => format!("{called} not inside 'noframes' element"),
            Warning::InconsistentVersion => "html doctype doesn't match content".to_owned(),
            Warning::MalformedDoctype => "expected \"html PUBLIC\" or \"html SYSTEM\"".to_owned(),
            Warning::ContentAfterBody => "content occurs after end of body".to_owned(),
            Warning::MalformedComment => "adjacent hyphens within comment".to_owned(),
            Warning::InconsistentNamespace => "html namespace doesn't match content".to_owned(),
            Warning::DoctypeNotUpperCase => "SYSTEM, PUBLIC, W3C, DTD, EN must be upper case".to_owned(),
            Warning::UnexpectedEndOfFile => {
                format!("end of file while parsing attributes {}", self.called(element))
            }
            Warning::NestedQuotation => "nested q elements, possible typo".to_owned(),
            Warning::ElementNotEmpty => format!("{} element not empty or not closed", self.called(element)),
            Warning::MissingDoctype => "missing <!DOCTYPE> declaration".to_owned(),
        }
    }

    pub fn error(&mut self, element: Option<NodeId>, node: Option<NodeId>, error: Error) {
        self.report.errors = self.report.errors.wrapping_add(1);
        if self.is_quiet() {
            return;
        }
        let (called, own, name) = (self.called(node), self.name(node), self.name(element));
        let message = match error {
            Error::SuspectedMissingQuote => "missing quotemark for attribute value".to_owned(),
            Error::DuplicateFrameset => "repeated FRAMESET element".to_owned(),
            Error::UnknownElement => format!("{called} is not recognized!"),
            Error::UnexpectedEndTag => format!("unexpected </{own}> in <{name}>"),
            Error::BadCData | Error::MissingEndTag => return,
        };
        self.tell(Level::Error, format_args!("{message}"));
    }

    /// A form that ends where it must not.
    pub fn bad_form(&mut self) {
        self.report.bad_form = true;
        self.report.errors = self.report.errors.wrapping_add(1);
    }

    /// A fault of an attribute that the element has not, or whose name matters alone.
    pub fn missing(&mut self, node: NodeId, name: &'static str, fault: Fault) {
        self.attribute_fault(Some(node), Some(&Attribute::new(name, Some(String::new()))), fault);
    }

    pub fn attribute_fault(&mut self, node: Option<NodeId>, attribute: Option<&Attribute>, fault: Fault) {
        if fault == Fault::UnexpectedGt {
            self.report.errors = self.report.errors.wrapping_add(1);
        } else {
            self.report.warnings = self.report.warnings.wrapping_add(1);
        }
        if self.is_quiet() {
            return;
        }
        if fault == Fault::UnexpectedGt {
            let called = self.called(node);
            return self.tell(Level::Error, format_args!("{called} missing '>' for end of tag"));
        }
        if !self.options.show_warnings {
            return;
        }
        if fault == Fault::MissingImageMap {
            self.report.access |= access::MISSING_IMAGE_MAP;
        }
        if fault == Fault::UnexpectedEndOfFile {
            self.line = self.input.line;
            self.column = self.input.column;
        }
        if !self.options.messages {
            return;
        }
        let called = self.called(node);
        let name = attribute.and_then(|attribute| attribute.name.as_deref()).unwrap_or("null");
        let value = attribute.and_then(|attribute| attribute.value.as_deref()).unwrap_or("null");
        let message = match fault {
            Fault::UnknownAttribute => format!("unknown attribute \"{name}\""),
            Fault::MissingAttribute => format!("{called} lacks \"{name}\" attribute"),
            Fault::MissingValue => format!("{called} attribute \"{name}\" lacks value"),
            Fault::MissingImageMap => format!("{called} should use client-side image map"),
            Fault::BadValue => format!("{called} attribute \"{name}\" has invalid value \"{value}\""),
            Fault::XmlIdSyntax => format!("ID \"{called}\" uses XML ID syntax"),
            Fault::XmlAttribute => format!("{called} has XML attribute \"{name}\""),
            Fault::UnexpectedQuoteMark => format!("{called} unexpected or duplicate quote mark"),
            Fault::MissingQuoteMark => format!("{called} attribute with missing trailing quote mark"),
            Fault::Repeated => format!("{called} dropping value \"{value}\" for repeated attribute \"{name}\""),
            Fault::ProprietaryValue => format!("{called} proprietary attribute value \"{value}\""),
            Fault::Proprietary => format!("{called} proprietary attribute \"{name}\""),
            Fault::UnexpectedEndOfFile => format!("end of file while parsing attributes {called}"),
            Fault::IdNameMismatch => format!("{called} id and name attribute value mismatch"),
            Fault::FixedBackslash => format!("{called} converting backslash in URI to slash"),
            Fault::EscapedUri => format!("{called} escaping malformed URI reference"),
            Fault::NewLineInUri => format!("{called} discarding newline in URI reference"),
            Fault::AnchorNotUnique => format!("{called} Anchor \"{value}\" already defined"),
            Fault::EntityInId => "no entities allowed in id attribute, discarding \"&\"".to_owned(),
            Fault::Joining => format!("{called} joining values of repeated attribute \"{name}\""),
            // JTidy's own formatting swallows the quotation marks.
            Fault::UnexpectedEqualSign => format!("{called} unexpected =, expected attribute name"),
            Fault::NotLowerCase => {
                format!("{called} attribute value \"{value}\" for \"{name}\" must be lower case for XHTML")
            }
            Fault::UnexpectedGt => return,
        };
        self.tell(Level::Warning, format_args!("{message}"));
    }

    pub fn bad_uri(&mut self) {
        self.report.characters |= characters::INVALID_URI;
    }

    pub fn entity_fault(&mut self, entity: &str, fault: EntityFault) {
        self.report.warnings = self.report.warnings.wrapping_add(1);
        if self.is_quiet() || !self.options.show_warnings {
            return;
        }
        match fault {
            EntityFault::MissingSemicolon => {
                self.tell(Level::Warning, format_args!("Warning: entity \"{entity}\" doesn't end in ';'"));
            }
            EntityFault::Unknown => {
                self.tell(Level::Warning, format_args!("Warning: unescaped & or unknown entity \"{entity}\""));
            }
            EntityFault::UnescapedAmpersand => {
                self.tell(Level::Warning, format_args!("Warning: unescaped & which should be written as &amp;"));
            }
            EntityFault::AposUndefined => {
                self.tell(Level::Warning, format_args!("Named Entity &apos; only defined in XML/XHTML"));
            }
        }
    }

    pub fn say_version(&mut self, given: Option<&Given>) {
        let version = self.version_name().unwrap_or("HTML proprietary");
        self.line = 1;
        self.column = 1;
        if let Some(given) = given {
            self.say(&format!("InputStream: Doctype given is \"{}\"", given.identifier));
        }
        self.say(&format!("InputStream: Document content looks like {version}"));
    }

    pub fn say_counts(&mut self) {
        let (warnings, errors) = (self.report.warnings, self.report.errors);
        if warnings <= 0 && errors <= 0 {
            return self.say("no warnings or errors were found");
        }
        let counted = |count: i16, what: &str| match count {
            ..=0 => format!("no {what}s"),
            1 => format!("1 {what}"),
            count => format!("{} {what}s", grouped(i32::from(count))),
        };
        self.say(&format!("{}, {} were found!", counted(warnings, "warning"), counted(errors, "error")));
    }

    pub fn say_needs_author(&mut self) {
        self.say(summary::NEEDS_AUTHOR);
    }

    pub fn say_bad_tree(&mut self) {
        self.say("Error: Panic - tree has lost its integrity");
    }

    /// What JTidy recommends at the end.
    pub fn say_summary(&mut self) {
        let characters = self.report.characters;
        for (bits, text) in [
            (characters::VENDOR_SPECIFIC, summary::VENDOR_SPECIFIC),
            (characters::INVALID_SGML, summary::INVALID_SGML),
            (characters::INVALID_UTF8, summary::INVALID_UTF8),
            (characters::INVALID_UTF16, summary::INVALID_UTF16),
            (characters::INVALID_URI, summary::INVALID_URI),
        ] {
            if characters & bits != 0 {
                self.say(text);
            }
        }
        if self.report.bad_form {
            self.say(summary::BAD_FORM);
        }
        if self.report.access & access::USING_NOFRAMES != 0 {
            self.report.access &= !(access::USING_FRAMES | access::USING_NOFRAMES);
        }
        let access = self.report.access;
        for (bit, text) in [
            (access::MISSING_SUMMARY, summary::MISSING_SUMMARY),
            (access::MISSING_IMAGE_ALT, summary::MISSING_IMAGE_ALT),
            (access::MISSING_IMAGE_MAP, summary::MISSING_IMAGE_MAP),
            (access::MISSING_LINK_ALT, summary::MISSING_LINK_ALT),
            (access::USING_FRAMES, summary::FRAMES),
            (u8::MAX, summary::ACCESS),
        ] {
            if access & bit != 0 {
                self.say(text);
            }
        }
        let layout = self.report.layout;
        for (bit, text) in [
            (layout::USING_LAYER, summary::LAYER),
            (layout::USING_SPACER, summary::SPACER),
            (layout::USING_FONT, summary::FONT),
            (layout::USING_NOBR, summary::NOBR),
            (layout::USING_BODY, summary::BODY),
        ] {
            if layout & bit != 0 {
                self.say(text);
            }
        }
    }
}

/// A number as Java's `MessageFormat` shows it.
fn grouped(number: i32) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

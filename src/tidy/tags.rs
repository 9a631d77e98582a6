//! The elements that JTidy r938 knows: in which versions of HTML they are, where they may stand, how their content is read.

use super::versions::{
    ALL, BASIC, FRAMESET, FROM32, HTML40, HTML40_LOOSE, IFRAME, LOOSE, MICROSOFT, NETSCAPE, PROPRIETARY, SUN, XHTML11,
};

pub(super) const EMPTY: u32 = 1 << 0;
pub(super) const HTML: u32 = 1 << 1;
pub(super) const HEAD: u32 = 1 << 2;
pub(super) const BLOCK: u32 = 1 << 3;
pub(super) const INLINE: u32 = 1 << 4;
pub(super) const LIST: u32 = 1 << 5;
pub(super) const DEFLIST: u32 = 1 << 6;
pub(super) const TABLE: u32 = 1 << 7;
pub(super) const ROWGRP: u32 = 1 << 8;
pub(super) const ROW: u32 = 1 << 9;
pub(super) const FIELD: u32 = 1 << 10;
pub(super) const OBJECT: u32 = 1 << 11;
pub(super) const PARAM: u32 = 1 << 12;
pub(super) const FRAMES: u32 = 1 << 13;
pub(super) const HEADING: u32 = 1 << 14;
/// Its end tag may be left out.
pub(super) const OPT: u32 = 1 << 15;
pub(super) const IMG: u32 = 1 << 16;
/// Both inline and block.
pub(super) const MIXED: u32 = 1 << 17;
pub(super) const OBSOLETE: u32 = 1 << 18;

/// How the content of an element is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Html,
    Head,
    Title,
    Script,
    Body,
    FrameSet,
    Inline,
    List,
    DefinitionList,
    Pre,
    Block,
    Table,
    ColumnGroup,
    RowGroup,
    Row,
    NoFrames,
    Select,
    Text,
    Empty,
    OptionGroup,
    /// The elements of XML.
    Any,
}

/// What is looked for in the attributes of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    Attributes,
    Html,
    Script,
    Table,
    Caption,
    Img,
    Area,
    Anchor,
    Map,
    Style,
    TableCell,
    Link,
    Hr,
    Form,
    Meta,
}

struct Definition {
    name: &'static str,
    versions: u16,
    model: u32,
    content: Content,
    check: Check,
}

macro_rules! tags {
    ($($tag:ident $name:literal $versions:expr, $model:expr, $content:ident, $check:ident;)*) => {
        /// An element.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Tag {
            $($tag,)*
            /// Any element of XML.
            Xml,
        }

        static TAGS: &[(Tag, Definition)] = &[
            $((Tag::$tag, Definition {
                name: $name,
                versions: $versions,
                model: $model,
                content: Content::$content,
                check: Check::$check,
            }),)*
        ];
    };
}

// In the order of their names.
tags! {
    A "a" ALL, INLINE, Inline, Anchor;
    Abbr "abbr" HTML40, INLINE, Inline, Attributes;
    Acronym "acronym" HTML40, INLINE, Inline, Attributes;
    Address "address" ALL, BLOCK, Block, Attributes;
    Align "align" NETSCAPE, BLOCK, Block, Attributes;
    Applet "applet" LOOSE, OBJECT | IMG | INLINE | PARAM, Block, Attributes;
    Area "area" ALL & !BASIC, BLOCK | EMPTY, Empty, Area;
    B "b" ALL & !BASIC, INLINE, Inline, Attributes;
    Base "base" ALL, HEAD | EMPTY, Empty, Attributes;
    Basefont "basefont" LOOSE, INLINE | EMPTY, Empty, Attributes;
    Bdo "bdo" HTML40 & !BASIC, INLINE, Inline, Attributes;
    Bgsound "bgsound" MICROSOFT, HEAD | EMPTY, Empty, Attributes;
    Big "big" HTML40 & !BASIC, INLINE, Inline, Attributes;
    Blink "blink" PROPRIETARY, INLINE, Inline, Attributes;
    Blockquote "blockquote" ALL, BLOCK, Block, Attributes;
    Body "body" ALL, HTML | OPT, Body, Attributes;
    Br "br" ALL, INLINE | EMPTY, Empty, Attributes;
    Button "button" HTML40 & !BASIC, INLINE, Inline, Attributes;
    Caption "caption" FROM32, TABLE, Inline, Caption;
    Center "center" LOOSE, BLOCK, Block, Attributes;
    Cite "cite" ALL, INLINE, Inline, Attributes;
    Code "code" ALL, INLINE, Inline, Attributes;
    Col "col" HTML40, TABLE | EMPTY, Empty, Attributes;
    Colgroup "colgroup" HTML40, TABLE | OPT, ColumnGroup, Attributes;
    Comment "comment" MICROSOFT, INLINE, Inline, Attributes;
    Dd "dd" ALL, DEFLIST | OPT, Block, Attributes;
    Del "del" HTML40 & !BASIC, INLINE | BLOCK | MIXED, Inline, Attributes;
    Dfn "dfn" ALL, INLINE, Inline, Attributes;
    Dir "dir" LOOSE, BLOCK | OBSOLETE, List, Attributes;
    Div "div" FROM32, BLOCK, Block, Attributes;
    Dl "dl" ALL, BLOCK, DefinitionList, Attributes;
    Dt "dt" ALL, DEFLIST | OPT, Inline, Attributes;
    Em "em" ALL, INLINE, Inline, Attributes;
    Embed "embed" NETSCAPE, INLINE | IMG | EMPTY, Empty, Attributes;
    Fieldset "fieldset" HTML40 & !BASIC, BLOCK, Block, Attributes;
    Font "font" LOOSE, INLINE, Inline, Attributes;
    Form "form" ALL, BLOCK, Block, Form;
    Frame "frame" FRAMESET, FRAMES | EMPTY, Empty, Attributes;
    Frameset "frameset" FRAMESET, HTML | FRAMES, FrameSet, Attributes;
    H1 "h1" ALL, BLOCK | HEADING, Inline, Attributes;
    H2 "h2" ALL, BLOCK | HEADING, Inline, Attributes;
    H3 "h3" ALL, BLOCK | HEADING, Inline, Attributes;
    H4 "h4" ALL, BLOCK | HEADING, Inline, Attributes;
    H5 "h5" ALL, BLOCK | HEADING, Inline, Attributes;
    H6 "h6" ALL, BLOCK | HEADING, Inline, Attributes;
    Head "head" ALL, HTML | OPT, Head, Attributes;
    Hr "hr" ALL & !BASIC, BLOCK | EMPTY, Empty, Hr;
    Html "html" ALL, HTML | OPT, Html, Html;
    I "i" ALL & !BASIC, INLINE, Inline, Attributes;
    Iframe "iframe" HTML40_LOOSE, INLINE, Block, Attributes;
    Ilayer "ilayer" NETSCAPE, INLINE, Inline, Attributes;
    Img "img" ALL, INLINE | IMG | EMPTY, Empty, Img;
    Input "input" ALL, INLINE | IMG | EMPTY, Empty, Attributes;
    Ins "ins" HTML40 & !BASIC, INLINE | BLOCK | MIXED, Inline, Attributes;
    Isindex "isindex" LOOSE, BLOCK | EMPTY, Empty, Attributes;
    Kbd "kbd" ALL, INLINE, Inline, Attributes;
    Keygen "keygen" NETSCAPE, INLINE | EMPTY, Empty, Attributes;
    Label "label" HTML40, INLINE, Inline, Attributes;
    Layer "layer" NETSCAPE, BLOCK, Block, Attributes;
    Legend "legend" HTML40 & !BASIC, INLINE, Inline, Attributes;
    Li "li" ALL, LIST | OPT, Block, Attributes;
    Link "link" ALL, HEAD | EMPTY, Empty, Link;
    Listing "listing" ALL, BLOCK | OBSOLETE, Pre, Attributes;
    Map "map" HTML40 & !BASIC, INLINE, Block, Map;
    Marquee "marquee" MICROSOFT, INLINE | OPT, Inline, Attributes;
    Menu "menu" LOOSE, BLOCK | OBSOLETE, List, Attributes;
    Meta "meta" ALL, HEAD | EMPTY, Empty, Meta;
    Multicol "multicol" NETSCAPE, BLOCK, Block, Attributes;
    Nobr "nobr" PROPRIETARY, INLINE, Inline, Attributes;
    Noembed "noembed" NETSCAPE, INLINE, Inline, Attributes;
    Noframes "noframes" IFRAME, BLOCK | FRAMES, NoFrames, Attributes;
    Nolayer "nolayer" NETSCAPE, BLOCK | INLINE | MIXED, Block, Attributes;
    Nosave "nosave" NETSCAPE, BLOCK, Block, Attributes;
    Noscript "noscript" HTML40 & !BASIC, BLOCK | INLINE | MIXED, Block, Attributes;
    Object "object" HTML40, OBJECT | HEAD | IMG | INLINE | PARAM, Block, Attributes;
    Ol "ol" ALL, BLOCK, List, Attributes;
    Optgroup "optgroup" HTML40 & !BASIC, FIELD | OPT, OptionGroup, Attributes;
    Option "option" ALL, FIELD | OPT, Text, Attributes;
    P "p" ALL, BLOCK | OPT, Inline, Attributes;
    Param "param" FROM32, INLINE | EMPTY, Empty, Attributes;
    Plaintext "plaintext" ALL, BLOCK | OBSOLETE, Pre, Attributes;
    Pre "pre" ALL, BLOCK, Pre, Attributes;
    Q "q" HTML40, INLINE, Inline, Attributes;
    Rb "rb" XHTML11, INLINE, Inline, Attributes;
    Rbc "rbc" XHTML11, INLINE, Inline, Attributes;
    Rp "rp" XHTML11, INLINE, Inline, Attributes;
    Rt "rt" XHTML11, INLINE, Inline, Attributes;
    Rtc "rtc" XHTML11, INLINE, Inline, Attributes;
    Ruby "ruby" XHTML11, INLINE, Inline, Attributes;
    S "s" LOOSE, INLINE, Inline, Attributes;
    Samp "samp" ALL, INLINE, Inline, Attributes;
    Script "script" HTML40 & !BASIC, HEAD | MIXED | BLOCK | INLINE, Script, Script;
    Select "select" ALL, INLINE | FIELD, Select, Attributes;
    Server "server" NETSCAPE, HEAD | MIXED | BLOCK | INLINE, Script, Attributes;
    Servlet "servlet" SUN, OBJECT | IMG | INLINE | PARAM, Block, Attributes;
    Small "small" HTML40 & !BASIC, INLINE, Inline, Attributes;
    Spacer "spacer" NETSCAPE, INLINE | EMPTY, Empty, Attributes;
    Span "span" FROM32, INLINE, Inline, Attributes;
    Strike "strike" LOOSE, INLINE, Inline, Attributes;
    Strong "strong" ALL, INLINE, Inline, Attributes;
    Style "style" HTML40 & !BASIC, HEAD, Script, Style;
    Sub "sub" HTML40 & !BASIC, INLINE, Inline, Attributes;
    Sup "sup" HTML40 & !BASIC, INLINE, Inline, Attributes;
    Table "table" FROM32, BLOCK, Table, Table;
    Tbody "tbody" HTML40 & !BASIC, TABLE | ROWGRP | OPT, RowGroup, Attributes;
    Td "td" FROM32, ROW | OPT, Block, TableCell;
    Textarea "textarea" ALL, INLINE | FIELD, Text, Attributes;
    Tfoot "tfoot" HTML40 & !BASIC, TABLE | ROWGRP | OPT, RowGroup, Attributes;
    Th "th" FROM32, ROW | OPT, Block, TableCell;
    Thead "thead" HTML40 & !BASIC, TABLE | ROWGRP | OPT, RowGroup, Attributes;
    Title "title" ALL, HEAD, Title, Attributes;
    Tr "tr" FROM32, TABLE | OPT, Row, Attributes;
    Tt "tt" ALL & !BASIC, INLINE, Inline, Attributes;
    U "u" LOOSE, INLINE, Inline, Attributes;
    Ul "ul" ALL, BLOCK, List, Attributes;
    Var "var" ALL, INLINE, Inline, Attributes;
    Wbr "wbr" PROPRIETARY, INLINE | EMPTY, Empty, Attributes;
    Xmp "xmp" ALL, BLOCK | OBSOLETE, Pre, Attributes;
}

static XML: Definition =
    Definition { name: "", versions: ALL, model: BLOCK, content: Content::Any, check: Check::Attributes };

impl Tag {
    /// The element of a name in lower case.
    pub fn named(name: &str) -> Option<Self> {
        let found = TAGS.binary_search_by(|(_, definition)| definition.name.cmp(name)).ok()?;
        TAGS.get(found).map(|(tag, _)| *tag)
    }

    fn definition(self) -> &'static Definition {
        TAGS.get(self as usize).map_or(&XML, |(_, definition)| definition)
    }

    pub fn name(self) -> &'static str {
        self.definition().name
    }

    pub fn versions(self) -> u16 {
        self.definition().versions
    }

    pub fn model(self) -> u32 {
        self.definition().model
    }

    pub fn is(self, model: u32) -> bool {
        self.definition().model & model != 0
    }

    pub fn content(self) -> Content {
        self.definition().content
    }

    pub fn check(self) -> Check {
        self.definition().check
    }
}

#[cfg(test)]
mod tests {
    use super::{TAGS, Tag};

    #[test]
    fn the_table_is_sorted_and_each_tag_is_in_its_place() {
        assert!(TAGS.windows(2).all(|two| two[0].1.name < two[1].1.name));
        for (place, (tag, definition)) in TAGS.iter().enumerate() {
            assert_eq!(*tag as usize, place);
            assert_eq!(Tag::named(definition.name), Some(*tag));
        }
        assert_eq!(Tag::named("section"), None);
        assert_eq!(Tag::Xml.name(), "");
    }
}

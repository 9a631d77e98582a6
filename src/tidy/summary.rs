//! The paragraphs with which JTidy ends. Tools look for them in its output, so they are JTidy's letter by letter.

pub(super) const NEEDS_AUTHOR: &str = "This document has errors that must be fixed before\n\
    using HTML Tidy to generate a tidied up version.";

pub(super) const VENDOR_SPECIFIC: &str = "It is unlikely that vendor-specific, system-dependent encodings\n\
    work widely enough on the World Wide Web; you should avoid using the \n\
    specified character encoding, instead you are recommended to\n\
    use named entities, e.g. &trade;.";

pub(super) const INVALID_SGML: &str = "Character codes 128 to 159 (U+0080 to U+009F) are not allowed in HTML;\n\
    even if they were, they would likely be unprintable control characters.\n\
    Tidy assumed you wanted to refer to a character with the same byte value in the \n\
    specified encoding and replaced that reference with the Unicode equivalent.";

pub(super) const INVALID_UTF8: &str = "Character codes for UTF-8 must be in the range: U+0000 to U+10FFFF.\n\
    The definition of UTF-8 in Annex D of ISO/IEC 10646-1:2000 also\n\
    allows for the use of five- and six-byte sequences to encode\n\
    characters that are outside the range of the Unicode character set;\n\
    those five- and six-byte sequences are illegal for the use of\n\
    UTF-8 as a transformation of Unicode characters. ISO/IEC 10646\n\
    does not allow mapping of unpaired surrogates, nor U+FFFE and U+FFFF\n\
    (but it does allow other noncharacters). For more information please refer to\n\
    http://www.unicode.org/unicode and http://www.cl.cam.ac.uk/~mgk25/unicode.html";

pub(super) const INVALID_UTF16: &str = "Character codes for UTF-16 must be in the range: U+0000 to U+10FFFF.\n\
    The definition of UTF-16 in Annex C of ISO/IEC 10646-1:2000 does not allow the\n\
    mapping of unpaired surrogates. For more information please refer to\n\
    http://www.unicode.org/unicode and http://www.cl.cam.ac.uk/~mgk25/unicode.html";

pub(super) const INVALID_URI: &str = "URIs must be properly escaped, they must not contain unescaped\n\
    characters below U+0021 including the space character and not\n\
    above U+007E. Tidy escapes the URI for you as recommended by\n\
    HTML 4.01 section B.2.1 and XML 1.0 section 4.2.2. Some user agents\n\
    use another algorithm to escape such URIs and some server-sided\n\
    scripts depend on that. If you want to depend on that, you must\n\
    escape the URI by your own. For more information please refer to\n\
    http://www.w3.org/International/O-URL-and-ident.html";

pub(super) const BAD_FORM: &str = "You may need to move one or both of the <form> and </form>\n\
    tags. HTML elements should be properly nested and form elements\n\
    are no exception. For instance you should not place the <form>\n\
    in one table cell and the </form> in another. If the <form> is\n\
    placed before a table, the </form> cannot be placed inside the\n\
    table! Note that one form can't be nested inside another!";

pub(super) const MISSING_SUMMARY: &str = "The table summary attribute should be used to describe\n\
    the table structure. It is very helpful for people using\n\
    non-visual browsers. The scope and headers attributes for\n\
    table cells are useful for specifying which headers apply\n\
    to each table cell, enabling non-visual browsers to provide\n\
    a meaningful context for each cell.";

pub(super) const MISSING_IMAGE_ALT: &str = "The alt attribute should be used to give a short description\n\
    of an image; longer descriptions should be given with the\n\
    longdesc attribute which takes a URL linked to the description.\n\
    These measures are needed for people using non-graphical browsers.";

pub(super) const MISSING_IMAGE_MAP: &str = "Use client-side image maps in preference to server-side image\n\
    maps as the latter are inaccessible to people using non-\n\
    graphical browsers. In addition, client-side maps are easier\n\
    to set up and provide immediate feedback to users.";

pub(super) const MISSING_LINK_ALT: &str = "For hypertext links defined using a client-side image map, you\n\
    need to use the alt attribute to provide a textual description\n\
    of the link for people using non-graphical browsers.";

pub(super) const FRAMES: &str = "Pages designed using frames presents problems for\n\
    people who are either blind or using a browser that\n\
    doesn't support frames. A frames-based page should always\n\
    include an alternative layout inside a NOFRAMES element.";

pub(super) const ACCESS: &str = "For further advice on how to make your pages accessible\n\
    see \"http://www.w3.org/WAI/GL\". You may also want to try\n\
    \"http://www.cast.org/bobby/\" which is a free Web-based\n\
    service for checking URLs for accessibility.";

pub(super) const LAYER: &str = "The Cascading Style Sheets (CSS) Positioning mechanism\n\
    is recommended in preference to the proprietary <LAYER>\n\
    element due to limited vendor support for LAYER.";

pub(super) const SPACER: &str = "You are recommended to use CSS for controlling white\n\
    space (e.g. for indentation, margins and line spacing).\n\
    The proprietary <SPACER> element has limited vendor support.";

pub(super) const FONT: &str = "You are recommended to use CSS to specify the font and\n\
    properties such as its size and color. This will reduce\n\
    the size of HTML files and make them easier to maintain\n\
    compared with using <FONT> elements.";

pub(super) const NOBR: &str = "You are recommended to use CSS to control line wrapping.\n\
    Use \"white-space: nowrap\" to inhibit wrapping in place\n\
    of inserting <NOBR>...</NOBR> into the markup.";

pub(super) const BODY: &str = "You are recommended to use CSS to specify page and link colors";

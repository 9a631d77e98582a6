//! Response bodies as text, by the names that Java's `Charset.forName` knows.

use encoding_rs::Encoding;
use std::borrow::Cow;

/// How many bytes of an HTML page are searched for its `<meta>` charset (`HTTPSampleResult`).
pub(super) const META_SEARCHED: usize = 2000;

/// Decodes `bytes` as `new String(bytes, label)` does: what cannot be decoded becomes U+FFFD, a byte order mark stays.
/// An empty `label` means UTF-8; `None` if there is no such charset.
pub(super) fn decode<'a>(label: &str, bytes: &'a [u8]) -> Option<Cow<'a, str>> {
    const UTF_8: &[&str] = &["", "UTF-8", "UTF8", "unicode-1-1-utf-8"];
    const LATIN_1: &[&str] =
        &["ISO-8859-1", "ISO8859-1", "ISO_8859-1", "ISO8859_1", "ISO_8859_1", "latin1", "l1", "cp819", "8859_1"];
    const ASCII: &[&str] = &["US-ASCII", "ASCII", "ISO646-US", "646", "us", "cp367", "ANSI_X3.4-1968"];

    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(label));
    if is(UTF_8) {
        return Some(String::from_utf8_lossy(bytes));
    }
    // The WHATWG's labels, which encoding_rs knows, make these two windows-1252 and UTF-16 little-endian; Java's do not.
    if is(LATIN_1) {
        return Some(bytes.iter().copied().map(char::from).collect());
    }
    if is(ASCII) {
        return Some(
            bytes.iter().map(|&b| if b < 0x80 { char::from(b) } else { char::REPLACEMENT_CHARACTER }).collect(),
        );
    }
    if is(&["UTF-16", "UTF_16", "unicode"]) {
        return Some(match bytes {
            [0xFF, 0xFE, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0,
            [0xFE, 0xFF, rest @ ..] => encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0,
            _ => encoding_rs::UTF_16BE.decode_without_bom_handling(bytes).0,
        });
    }
    let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
    // Java takes no spaces around a name, and has no such charset.
    if label.trim() != label || encoding == encoding_rs::X_USER_DEFINED {
        return None;
    }
    Some(encoding.decode_without_bom_handling(bytes).0)
}

/// The charset that an HTML page states of itself (`HTTPSampleResult.getDataEncodingNoDefault`): JMeter knows only the
/// one spelling `<meta http-equiv="content-type" content="…"`, in any case.
pub(super) fn of_html(page: &[u8]) -> Option<String> {
    const TAG: &str = "<meta http-equiv=\"content-type\" content=\"";
    let head = String::from_utf8_lossy(&page[..page.len().min(META_SEARCHED)]);
    let from = head.to_ascii_lowercase().find(TAG)? + TAG.len();
    let content = head[from..].split_once('"')?.0;
    of_content_type(content).map(str::to_owned)
}

/// The `charset` parameter of a content type (`SampleResult.setEncodingAndType`), without quotes.
fn of_content_type(content_type: &str) -> Option<&str> {
    const PARAMETER: &str = "charset=";
    let from = content_type.to_ascii_lowercase().find(PARAMETER)? + PARAMETER.len();
    let value = content_type[from..].split(';').next().unwrap_or_default();
    // The first and the last character go, whether or not the last one is a quote.
    match value.strip_prefix(['"', '\'']) {
        Some(inner) => Some(inner.char_indices().next_back().map_or("", |(last, _)| &inner[..last])),
        None => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_by_name() {
        for (label, bytes, expected) in [
            ("", "é".as_bytes(), Some("é")),
            ("utf-8", b"a\xFFb", Some("a\u{FFFD}b")),
            ("iso-8859-1", b"\x80\xE9", Some("\u{80}é")),
            ("windows-1252", b"\x80\xE9", Some("€é")),
            ("US-ASCII", b"a\xE9", Some("a\u{FFFD}")),
            ("UTF-16", b"\0a\0b", Some("ab")),
            ("UTF-16", b"\xFF\xFEa\0", Some("a")),
            ("UTF-16LE", b"a\0", Some("a")),
            ("Shift_JIS", b"\x82\xA0", Some("あ")),
            ("nope", b"x", None),
            (" utf-16le", b"a\0", None),
        ] {
            assert_eq!(decode(label, bytes).as_deref(), expected, "{label}");
        }
    }

    #[test]
    fn html_states_its_charset_in_one_spelling() {
        for (page, expected) in [
            ("<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; Charset=ISO-8859-15\">", Some("ISO-8859-15")),
            ("<meta http-equiv=\"content-type\" content=\"text/html; charset='koi8-r'; x\">", Some("koi8-r")),
            ("<meta http-equiv=\"content-type\" content=\"text/html\">", None),
            ("<meta http-equiv=\"content-type\" content=\"text/html; charset=\"\">", Some("")),
            ("<meta charset=\"koi8-r\">", None),
        ] {
            assert_eq!(of_html(page.as_bytes()).as_deref(), expected, "{page}");
        }
    }
}

//! `multipart/form-data` as JMeter has HttpClient build it (`MultipartEntityBuilder`), with a given boundary.

use std::path::PathBuf;

use bytes::Bytes;

use super::charsets::{Charsets, UNSUPPORTED};
use super::failure::{Failure, Fault, ILLEGAL_ARGUMENT, Stage};
use super::header_value::elements;
use super::request::Part;
use super::response::Timings;
use crate::text::Text;

/// What JMeter shows in place of a file's content.
pub const HIDDEN_FILE: &str = "<actual file content, not shown here>";

/// How the parts are written.
#[derive(Debug, Clone, Copy)]
pub struct Style<'a> {
    /// Parts the parts; 30 to 40 of [`BOUNDARY_CHARS`] in JMeter.
    pub boundary: &'a str,
    /// The sampler's charset, by Java's name.
    pub charset: &'a str,
    /// Fewer part headers, and those in `charset` instead of UTF-8 (`BROWSER_COMPATIBLE_MULTIPART`).
    pub browser_compatible: bool,
}

/// An argument.
#[derive(Debug, Clone, Copy)]
pub struct TextPart<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value, sent as it is.
    pub value: &'a str,
    /// Its content type; the charset is added unless there is a semicolon.
    pub content_type: &'a str,
}

/// A file.
#[derive(Debug, Clone)]
pub struct FilePart<'a> {
    /// The parameter's name.
    pub name: &'a str,
    /// Where the file is.
    pub path: PathBuf,
    /// Its size; 0 when it is not there, as Java has it. Sending it fails then.
    pub len: u64,
    /// Its content type.
    pub content_type: &'a str,
}

/// The characters of HttpClient's boundaries.
pub const BOUNDARY_CHARS: &[u8; 64] = b"-_1234567890abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A random boundary like HttpClient's.
pub fn boundary() -> String {
    let length = fastrand::usize(30..=40);
    (0..length).map(|_| char::from(BOUNDARY_CHARS[fastrand::usize(..BOUNDARY_CHARS.len())])).collect()
}

/// The value of the request's `Content-Type` header.
pub fn content_type(style: &Style<'_>) -> Text {
    format!("multipart/form-data; boundary={}; charset={}", style.boundary, style.charset).into()
}

const DISPOSITION: &str = "Content-Disposition";
const TYPE: &str = "Content-Type";
const TRANSFER_ENCODING: &str = "Content-Transfer-Encoding";

/// The body: arguments first, then files.
pub fn body(
    style: &Style<'_>,
    texts: &[TextPart<'_>],
    files: &[FilePart<'_>],
    charsets: &dyn Charsets,
) -> Result<Vec<Part>, Failure> {
    build(style, texts, files, charsets).map_err(|fault| fault.at(Stage::Prepare, Timings::default()))
}

fn build(
    style: &Style<'_>,
    texts: &[TextPart<'_>],
    files: &[FilePart<'_>],
    charsets: &dyn Charsets,
) -> Result<Vec<Part>, Fault> {
    let encode = |charset: &str, text: &str| {
        charsets.encode(charset, text).ok_or_else(|| Fault::new(UNSUPPORTED, charset.to_owned()))
    };
    let header_charset = if style.browser_compatible { style.charset } else { "UTF-8" };
    let boundary = encode(style.charset, style.boundary)?;
    let mut out = Vec::new();
    let mut parts = Vec::new();
    let begin = |out: &mut Vec<u8>, headers: &[(&str, String)]| -> Result<(), Fault> {
        out.extend_from_slice(b"--");
        out.extend_from_slice(&boundary);
        out.extend_from_slice(b"\r\n");
        for (name, value) in headers {
            // Each is encoded by itself: UTF-16 has its mark before each.
            out.extend_from_slice(&encode(header_charset, name)?);
            out.extend_from_slice(b": ");
            out.extend_from_slice(&encode(header_charset, value)?);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        Ok(())
    };
    for text in texts {
        let (content_type, charset) = text_type(text.content_type, style.charset)?;
        let mut headers = vec![(DISPOSITION, disposition(text.name, None)?)];
        if !style.browser_compatible {
            headers.push((TYPE, content_type));
            headers.push((TRANSFER_ENCODING, "8bit".to_owned()));
        }
        begin(&mut out, &headers)?;
        out.extend_from_slice(&encode(&charset, text.value)?);
        out.extend_from_slice(b"\r\n");
    }
    for file in files {
        let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = percent_encoded(&with_entities(&name, header_charset, charsets));
        let (content_type, _) = parse_type(file.content_type)?;
        let mut headers = vec![(DISPOSITION, disposition(file.name, Some(&name))?), (TYPE, content_type)];
        if !style.browser_compatible {
            headers.push((TRANSFER_ENCODING, "binary".to_owned()));
        }
        begin(&mut out, &headers)?;
        parts.push(Part::Bytes(Bytes::from(std::mem::take(&mut out))));
        parts.push(Part::File { path: file.path.clone(), len: file.len });
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"--");
    out.extend_from_slice(&boundary);
    out.extend_from_slice(b"--\r\n");
    parts.push(Part::Bytes(out.into()));
    Ok(parts)
}

fn disposition(name: &str, file_name: Option<&str>) -> Result<String, Fault> {
    if name.trim().is_empty() {
        return Err(Fault::new("java.lang.IllegalStateException", "Name is blank"));
    }
    let file_name = file_name.map(|name| format!("; filename=\"{}\"", escaped(name))).unwrap_or_default();
    Ok(format!("form-data; name=\"{}\"{file_name}", escaped(name)))
}

/// `FormBodyPartBuilder.encodeForHeader`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '\r') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// `ConversionUtils.percentEncode`.
fn percent_encoded(text: &str) -> String {
    text.replace('"', "%22").replace('\n', "%0A").replace('\r', "%0D")
}

/// `ConversionUtils.encodeWithEntities`, whose entities lack their semicolon.
fn with_entities(text: &str, charset: &str, charsets: &dyn Charsets) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if charsets.can_encode(charset, c) {
            out.push(c);
        } else {
            out.push_str(&format!("&#{}", u32::from(c)));
        }
    }
    out
}

/// An argument's content type as it is written, and the charset of its value.
fn text_type(content_type: &str, charset: &str) -> Result<(String, String), Fault> {
    if content_type.contains(';') {
        let (written, own) = parse_type(content_type)?;
        return Ok((written, own.unwrap_or_else(|| "US-ASCII".to_owned())));
    }
    if content_type.trim().is_empty() {
        return Err(Fault::new(ILLEGAL_ARGUMENT, "MIME type may not be blank"));
    }
    if content_type.contains(['"', ',']) {
        return Err(Fault::new(ILLEGAL_ARGUMENT, "MIME type may not contain reserved characters"));
    }
    Ok((format!("{}; charset={charset}", content_type.to_lowercase()), charset.to_owned()))
}

/// `ContentType.parse`: the type as it is written again, and its charset.
fn parse_type(text: &str) -> Result<(String, Option<String>), Fault> {
    let Some(element) = elements(text).into_iter().next() else {
        return Err(Fault::new("org.apache.http.ParseException", format!("Invalid content type: {text}")));
    };
    let mut written = element.name;
    let mut charset = None;
    for (name, value) in element.parameters {
        written.push_str("; ");
        written.push_str(&name);
        if let Some(value) = value {
            written.push('=');
            // Quotes come back only where the value could not do without.
            if value.contains([
                ' ', ';', ',', ':', '@', '(', ')', '<', '>', '\\', '"', '/', '[', ']', '?', '=', '{', '}', '\t',
            ]) {
                written.push_str(&format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")));
            } else {
                written.push_str(&value);
            }
            if charset.is_none() && name.eq_ignore_ascii_case("charset") && !value.trim().is_empty() {
                charset = Some(value);
            }
        }
    }
    Ok((written, charset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::charsets::tests::Few;

    fn show(parts: &[Part]) -> String {
        parts
            .iter()
            .map(|part| match part {
                Part::Bytes(bytes) => bytes.iter().map(|&byte| char::from(byte)).collect(),
                Part::File { path, len } => format!("<{} {len}>", path.display()),
            })
            .collect()
    }

    fn text<'a>(name: &'a str, value: &'a str, content_type: &'a str) -> TextPart<'a> {
        TextPart { name, value, content_type }
    }

    /// The bodies of the recorded cases http-multipart-args, http-multipart-filenames and http-upload-multipart.
    #[test]
    fn bodies() {
        let style = |charset, browser_compatible| Style { boundary: "B", charset, browser_compatible };
        let build = |style, texts: &[_], files: &[_]| show(&body(&style, texts, files, &Few).unwrap());
        assert_eq!(
            build(
                style("UTF-8", false),
                &[text("a", "1", "text/plain"), text("\u{e9}", "two words", "Text/Plain")],
                &[]
            ),
            "--B\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset=UTF-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; \
             name=\"\u{c3}\u{a9}\"\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: \
             8bit\r\n\r\ntwo words\r\n--B--\r\n"
        );
        assert_eq!(
            build(style("ISO-8859-1", true), &[text("\u{e9}", "\u{e9}", "text/plain")], &[]),
            "--B\r\nContent-Disposition: form-data; name=\"\u{e9}\"\r\n\r\n\u{e9}\r\n--B--\r\n"
        );
        assert_eq!(
            build(style("UTF-8", false), &[text("t", "\u{e9}", "text/html; charset=ISO-8859-1")], &[]),
            "--B\r\nContent-Disposition: form-data; name=\"t\"\r\nContent-Type: text/html; charset=ISO-8859-1\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n\u{e9}\r\n--B--\r\n"
        );
        assert_eq!(build(style("UTF-8", false), &[], &[]), "--B--\r\n");
        let file = FilePart { name: "f", path: "/x/a \"b\".txt".into(), len: 3, content_type: "text/plain" };
        assert_eq!(
            build(style("UTF-8", false), &[], std::slice::from_ref(&file)),
            "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a %22b%22.txt\"\r\nContent-Type: \
             text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\n</x/a \"b\".txt 3>\r\n--B--\r\n"
        );
        let other = FilePart { path: "/x/\u{20ac}\\.txt".into(), ..file };
        assert_eq!(
            build(style("ISO-8859-1", true), &[], &[other]),
            "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"&#8364\\\\.txt\"\r\nContent-Type: \
             text/plain\r\n\r\n</x/\u{20ac}\\.txt 3>\r\n--B--\r\n"
        );
        assert_eq!(&*content_type(&style("UTF-8", false)), "multipart/form-data; boundary=B; charset=UTF-8");
    }

    #[test]
    fn flaws() {
        let style = Style { boundary: "B", charset: "UTF-8", browser_compatible: false };
        let file = |name, content_type| FilePart { name, path: "/x".into(), len: 0, content_type };
        let flaw = |texts: &[_], files: &[_]| body(&style, texts, files, &Few).unwrap_err().text();
        assert_eq!(flaw(&[], &[file("f", "")]), "org.apache.http.ParseException: Invalid content type: ");
        assert_eq!(flaw(&[], &[file("", "a/b")]), "java.lang.IllegalStateException: Name is blank");
        assert_eq!(flaw(&[text("a", "", "")], &[]), "java.lang.IllegalArgumentException: MIME type may not be blank");
        assert_eq!(flaw(&[text("a", "", "a/b; charset=x")], &[]), "java.nio.charset.UnsupportedCharsetException: x");
    }

    #[test]
    fn boundaries() {
        for _ in 0..100 {
            let boundary = boundary();
            assert!((30..=40).contains(&boundary.len()) && boundary.bytes().all(|byte| BOUNDARY_CHARS.contains(&byte)));
        }
    }
}

//! The body of a request and what it is called (`HTTPHC4Impl.setupHttpEntityEnclosingRequestData`).

use super::encode;
use super::fields::{Argument, Fields};
use super::settings::{Implementation, Settings};
use crate::http::multipart::{self, FilePart, HIDDEN_FILE, Style, TextPart};
use crate::http::{Body, Charsets, Part, form};
use crate::java::charset::Charset;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use bytes::Bytes;

/// The type of a form.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// A body with its type.
pub(super) struct Entity {
    pub body: Body,
    /// The type of the entity itself; a header manager's `Content-Type` wins over it.
    pub content_type: Option<Text>,
    /// A type that is set like a header of the plan, before the length: that of an uploaded file.
    pub header_type: Option<Text>,
    /// Whether header managers' types are dropped (multipart).
    pub replaces_type: bool,
    /// The body as JMeter shows it (`queryString`).
    pub shown: Text,
}

/// The entity of a request; `None` for methods that carry none.
pub(super) fn build(
    fields: &Fields,
    settings: &Settings,
    method: &str,
    user: &mut VirtualUser,
) -> Result<Option<Entity>, Thrown> {
    if settings.implementation == Implementation::Java {
        return super::java::body(fields, settings, method, user);
    }
    if matches!(method, "HEAD" | "OPTIONS" | "TRACE") {
        return Ok(None);
    }
    let raw = is_raw(fields, user)?;
    let file_as_body = file_as_body(fields, user)?;
    if method == "GET" && !raw && !(fields.arguments.is_empty() && file_as_body) {
        return Ok(None);
    }
    let charset = charset(fields, user)?;
    if is_multipart(fields, file_as_body, user)? {
        return multipart(fields, charset, user).map(Some);
    }
    if fields.arguments.is_empty() && file_as_body {
        return file(fields, settings, user).map(Some);
    }
    let mut entity = if raw { raw_values(fields, charset, user)? } else { form_of(&fields.arguments, charset, user)? };
    if raw && let Some(file) = fields.files.first() {
        let mime_type = file.mime_type.eval(user)?;
        entity.header_type = (!mime_type.is_empty()).then_some(mime_type);
    }
    if entity.header_type.is_none() && settings.add_content_type {
        entity.header_type = Some(Text::from(FORM));
    }
    Ok(Some(entity))
}

/// The sampler's charset; UTF-8 when the field is empty.
pub(super) fn charset(fields: &Fields, user: &mut VirtualUser) -> Result<Charset, Thrown> {
    let name = fields.content_encoding.eval(user)?;
    let name: &str = if name.is_empty() { "UTF-8" } else { &name };
    Charset::for_name(name).ok_or_else(|| {
        let is_legal = name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "-+.:_".contains(c));
        let class = if is_legal { "UnsupportedCharsetException" } else { "IllegalCharsetNameException" };
        Thrown::new(&format!("java.nio.charset.{class}"), name)
    })
}

/// Whether values are sent as they are, one behind the other.
pub(super) fn is_raw(fields: &Fields, user: &mut VirtualUser) -> Result<bool, Thrown> {
    if fields.raw_body.eval(user)? {
        return Ok(true);
    }
    for argument in &fields.arguments {
        if !argument.name.eval(user)?.is_empty() {
            return Ok(false);
        }
    }
    Ok(!fields.arguments.is_empty())
}

/// Whether there is just one file, without a parameter name.
pub(super) fn file_as_body(fields: &Fields, user: &mut VirtualUser) -> Result<bool, Thrown> {
    match fields.files.as_slice() {
        [file] => Ok(!file.path.eval(user)?.is_empty() && file.name.eval(user)?.is_empty()),
        _ => Ok(false),
    }
}

pub(super) fn is_multipart(fields: &Fields, file_as_body: bool, user: &mut VirtualUser) -> Result<bool, Thrown> {
    if fields.multipart.eval(user)? {
        return Ok(true);
    }
    if fields.files.is_empty() || file_as_body {
        return Ok(false);
    }
    for file in &fields.files {
        if file.path.eval(user)?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// All values, one behind the other.
pub(super) fn raw_text(fields: &Fields, charset: Charset, user: &mut VirtualUser) -> Result<String, Thrown> {
    let mut text = String::new();
    for argument in &fields.arguments {
        if argument.always_encode.eval(user)? {
            text.push_str(&encode::encode(&argument.value.eval(user)?, charset.name())?);
        } else {
            argument.value.append(user, &mut text)?;
        }
    }
    Ok(text)
}

fn raw_values(fields: &Fields, charset: Charset, user: &mut VirtualUser) -> Result<Entity, Thrown> {
    let text = raw_text(fields, charset, user)?;
    Ok(Entity {
        body: Body::Bytes(Bytes::from(charset.encode(&text).into_owned())),
        content_type: Some(Text::from(format!("text/plain; charset={}", charset.name()))),
        header_type: None,
        replaces_type: false,
        shown: Text::from(text),
    })
}

/// Whether a form goes without an argument of this name: one that is blank, or a variable that is not there
/// (`Argument.isSkippable`). Queries leave out only what has no name at all.
fn is_skippable(name: &str) -> bool {
    is_blank(name) || crate::java::number::trim(name).starts_with("${") && name.ends_with('}')
}

/// `JOrphanUtils.isBlank`: nothing but what `Character.isWhitespace` takes for a blank.
fn is_blank(text: &str) -> bool {
    let is_no_break = |c: char| matches!(c, '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}');
    text.chars().all(|c| c.is_whitespace() && !is_no_break(c) || matches!(c, '\x1c'..='\x1f'))
}

/// A form. What the plan gives as encoded already is decoded first, since HttpClient encodes all of it.
fn form_of(arguments: &[Argument], charset: Charset, user: &mut VirtualUser) -> Result<Entity, Thrown> {
    let mut pairs = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let (name, value) = (argument.name.eval(user)?, argument.value.eval(user)?);
        if is_skippable(&name) {
            continue;
        }
        if argument.always_encode.eval(user)? {
            pairs.push((name, value));
        } else {
            let decode = |text: &str| encode::decode(text, charset.name()).map(Text::from);
            pairs.push((decode(&name)?, decode(&value)?));
        }
    }
    let pairs = pairs.iter().map(|(name, value)| (&**name, &**value));
    let text = form::url_encoded(pairs, charset.name(), &JavaCharsets).unwrap_or_default();
    Ok(Entity {
        body: Body::Bytes(Bytes::from(charset.encode(&text).into_owned())),
        content_type: Some(Text::from(format!("{FORM}; charset={}", charset.name()))),
        header_type: None,
        replaces_type: false,
        shown: Text::from(text),
    })
}

pub(super) fn file(fields: &Fields, settings: &Settings, user: &mut VirtualUser) -> Result<Entity, Thrown> {
    let mut header_type = None;
    let mut body = Body::Bytes(Bytes::new());
    if let Some(file) = fields.files.first() {
        let mime_type = file.mime_type.eval(user)?;
        header_type = (!mime_type.is_empty()).then_some(mime_type);
        let path = file.path.eval(user)?;
        let path = user.run.data_file(&path);
        let len = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        body = Body::Parts(vec![Part::File { path, len }]);
    }
    if header_type.is_none() && settings.add_content_type {
        header_type = Some(Text::from(FORM));
    }
    Ok(Entity { body, content_type: None, header_type, replaces_type: false, shown: Text::from(HIDDEN_FILE) })
}

fn multipart(fields: &Fields, charset: Charset, user: &mut VirtualUser) -> Result<Entity, Thrown> {
    let boundary = multipart::boundary();
    let browser_compatible = fields.browser_compatible.eval(user)?;
    let style = Style { boundary: &boundary, charset: charset.name(), browser_compatible };
    let mut texts = Vec::new();
    for argument in &fields.arguments {
        let name = argument.name.eval(user)?;
        if !is_skippable(&name) {
            texts.push((name, argument.value.eval(user)?, argument.content_type.eval(user)?));
        }
    }
    let mut files = Vec::new();
    for file in &fields.files {
        let path = file.path.eval(user)?;
        let path = user.run.data_file(&path);
        files.push((path, file.name.eval(user)?, file.mime_type.eval(user)?));
    }
    let texts: Vec<TextPart<'_>> =
        texts.iter().map(|(name, value, content_type)| TextPart { name, value, content_type }).collect();
    let files: Vec<FilePart<'_>> = files
        .iter()
        .map(|(path, name, content_type)| FilePart {
            name,
            path: path.clone(),
            len: std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            content_type,
        })
        .collect();
    let parts = multipart::body(&style, &texts, &files, &JavaCharsets)
        .map_err(|failure| Thrown::new(&failure.class, failure.message))?;
    let mut shown = String::new();
    for part in &parts {
        match part {
            Part::Bytes(bytes) => shown.push_str(&charset.decode(bytes)),
            Part::File { .. } => shown.push_str(HIDDEN_FILE),
        }
    }
    Ok(Entity {
        body: Body::Parts(parts),
        content_type: Some(multipart::content_type(&style)),
        header_type: None,
        replaces_type: true,
        shown: Text::from(shown),
    })
}

/// Java's charsets for the layer below, which knows none.
pub(super) struct JavaCharsets;

impl Charsets for JavaCharsets {
    fn encode(&self, charset: &str, text: &str) -> Option<Vec<u8>> {
        Charset::for_name(charset).map(|charset| charset.encode(text).into_owned())
    }

    fn can_encode(&self, charset: &str, character: char) -> bool {
        Charset::for_name(charset)
            .is_some_and(|charset| character == '?' || *charset.encode(character.encode_utf8(&mut [0; 4])) != *b"?")
    }
}

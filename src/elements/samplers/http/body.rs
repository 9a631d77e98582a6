//! The body of a request and what it is called (`HTTPHC4Impl.setupHttpEntityEnclosingRequestData`).

use super::encode;
use super::fields::{Argument, Fields};
use super::url::charset;
use crate::http::{Body, Part};
use crate::java::charset::Charset;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use bytes::Bytes;

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
pub(super) fn build(fields: &Fields, method: &str, user: &mut VirtualUser) -> Result<Option<Entity>, Thrown> {
    if matches!(method, "HEAD" | "OPTIONS" | "TRACE") {
        return Ok(None);
    }
    let raw = is_raw(fields, user)?;
    let file_as_body = file_as_body(fields, user)?;
    if method == "GET" && !raw && !(fields.arguments.is_empty() && file_as_body) {
        return Ok(None);
    }
    let name = charset(fields, user)?;
    let Some(charset) = Charset::for_name(&name) else {
        return Err(Thrown::new("java.nio.charset.UnsupportedCharsetException", name));
    };
    if method != "GET" && is_multipart(fields, file_as_body, user)? {
        return multipart(fields, charset, user).map(Some);
    }
    if fields.arguments.is_empty() && file_as_body {
        return file(fields, user).map(Some);
    }
    let entity = if raw { raw_values(fields, charset, user)? } else { form(&fields.arguments, charset, user)? };
    Ok(Some(entity))
}

/// Whether values are sent as they are, one behind the other.
fn is_raw(fields: &Fields, user: &mut VirtualUser) -> Result<bool, Thrown> {
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
fn file_as_body(fields: &Fields, user: &mut VirtualUser) -> Result<bool, Thrown> {
    match fields.files.as_slice() {
        [file] => Ok(!file.path.eval(user)?.is_empty() && file.name.eval(user)?.is_empty()),
        _ => Ok(false),
    }
}

fn is_multipart(fields: &Fields, file_as_body: bool, user: &mut VirtualUser) -> Result<bool, Thrown> {
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

fn raw_values(fields: &Fields, charset: Charset, user: &mut VirtualUser) -> Result<Entity, Thrown> {
    let mut text = String::new();
    for argument in &fields.arguments {
        if argument.always_encode.eval(user)? {
            text.push_str(&encode::encode(&argument.value.eval(user)?, charset.name())?);
        } else {
            argument.value.append(user, &mut text)?;
        }
    }
    Ok(Entity {
        body: Body::Bytes(Bytes::from(charset.encode(&text).into_owned())),
        content_type: Some(Text::from(format!("text/plain; charset={}", charset.name()))),
        header_type: None,
        replaces_type: false,
        shown: Text::from(text),
    })
}

/// A form. What the plan gives as encoded already is decoded and encoded again, as HttpClient does.
fn form(arguments: &[Argument], charset: Charset, user: &mut VirtualUser) -> Result<Entity, Thrown> {
    let mut text = String::new();
    for argument in arguments {
        let (mut name, mut value) = (argument.name.eval(user)?.to_string(), argument.value.eval(user)?.to_string());
        if name.is_empty() {
            continue;
        }
        if !argument.always_encode.eval(user)? {
            name = encode::decode(&name, charset.name())?;
            value = encode::decode(&value, charset.name())?;
        }
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(&encode::encode(&name, charset.name())?);
        text.push('=');
        text.push_str(&encode::encode(&value, charset.name())?);
    }
    Ok(Entity {
        body: Body::Bytes(Bytes::from(charset.encode(&text).into_owned())),
        content_type: Some(Text::from(format!("application/x-www-form-urlencoded; charset={}", charset.name()))),
        header_type: None,
        replaces_type: false,
        shown: Text::from(text),
    })
}

fn file(fields: &Fields, user: &mut VirtualUser) -> Result<Entity, Thrown> {
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
    Ok(Entity {
        body,
        content_type: None,
        header_type,
        replaces_type: false,
        shown: Text::from("<actual file content, not shown here>"),
    })
}

fn multipart(_: &Fields, _: Charset, _: &mut VirtualUser) -> Result<Entity, Thrown> {
    Err(Thrown::new("java.lang.UnsupportedOperationException", "multipart"))
}

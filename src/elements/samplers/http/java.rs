//! What implementation "Java" (`HTTPJavaImpl` over `java.net.HttpURLConnection`) does otherwise than HttpClient: bodies of
//! POST and PUT only, other headers in another order, other words for failures, and no sizes of what was sent.

use super::body::{Entity, JavaCharsets, charset, file, file_as_body, is_multipart, is_raw, raw_text};
use super::fields::Fields;
use super::request::Ready;
use super::settings::Settings;
use super::url::query;
use crate::http::multipart::HIDDEN_FILE;
use crate::http::{Body, Charsets, Exchange, Failure, Header, Part, Url};
use crate::results::SampleResult;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use bytes::Bytes;
use std::time::Duration;

/// What Java 17 calls itself.
const USER_AGENT: &str = "Java/17.0.15";

/// `PostWriter`'s boundary.
const BOUNDARY: &str = "---------------------------7d159c1302d0y0";

/// Refuses methods that `HttpURLConnection` does not know.
pub(super) fn check_method(method: &str) -> Result<(), Thrown> {
    const KNOWN: [&str; 7] = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"];
    if KNOWN.contains(&method) {
        return Ok(());
    }
    Err(Thrown::new("java.net.ProtocolException", format!("Invalid HTTP method: {method}")))
}

/// The entity of a request (`PostWriter`, `PutWriter`). A PUT with named arguments has none.
pub(super) fn body(
    fields: &Fields,
    settings: &Settings,
    method: &str,
    user: &mut VirtualUser,
) -> Result<Option<Entity>, Thrown> {
    let posts = method == "POST";
    if !posts && method != "PUT" {
        return Ok(None);
    }
    let charset = charset(fields, user)?;
    let file_as_body = file_as_body(fields, user)?;
    let mut entity = if posts && is_multipart(fields, file_as_body, user)? {
        multipart(fields, charset.name(), user)?
    } else if fields.arguments.is_empty() && file_as_body {
        file(fields, settings, user)?
    } else {
        let text = if is_raw(fields, user)? {
            raw_text(fields, charset, user)?
        } else if posts {
            query(&fields.arguments, charset.name(), user)?
        } else {
            return Ok(None);
        };
        Entity {
            body: Body::Bytes(Bytes::from(charset.encode(&text).into_owned())),
            content_type: None,
            header_type: None,
            replaces_type: false,
            shown: Text::from(text),
        }
    };
    // What Java itself says of a POST that nobody gave a type.
    entity.content_type = posts.then(|| Text::from("application/x-www-form-urlencoded"));
    Ok(Some(entity))
}

fn multipart(fields: &Fields, charset: &str, user: &mut VirtualUser) -> Result<Entity, Thrown> {
    let encode = |text: &str| JavaCharsets.encode(charset, text).unwrap_or_default();
    let escaped = |text: &str| text.replace('"', "%22").replace('\n', "%0A").replace('\r', "%0D");
    let browser_compatible = fields.browser_compatible.eval(user)?;
    let mut text = String::new();
    for argument in &fields.arguments {
        let name = argument.name.eval(user)?;
        if name.is_empty() {
            continue;
        }
        text.push_str(&format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"\r\n", escaped(&name)));
        if !browser_compatible {
            text.push_str(&format!(
                "Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n"
            ));
        }
        text.push_str("\r\n");
        argument.value.append(user, &mut text)?;
        text.push_str("\r\n");
    }
    let mut shown = text.clone();
    let mut parts = Vec::new();
    for file in &fields.files {
        let path = file.path.eval(user)?;
        let path = user.run.data_file(&path);
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (name, mime_type) = (file.name.eval(user)?, file.mime_type.eval(user)?);
        let header = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {mime_type}\r\n\
             Content-Transfer-Encoding: binary\r\n\r\n",
            escaped(&name),
            escaped(&file_name)
        );
        text.push_str(&header);
        shown.push_str(&format!("{header}{HIDDEN_FILE}\r\n"));
        parts.push(Part::Bytes(Bytes::from(encode(&text))));
        let len = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        parts.push(Part::File { path, len });
        "\r\n".clone_into(&mut text);
    }
    let end = format!("--{BOUNDARY}--\r\n");
    text.push_str(&end);
    shown.push_str(&end);
    parts.push(Part::Bytes(Bytes::from(encode(&text))));
    Ok(Entity {
        body: Body::Parts(parts),
        content_type: None,
        header_type: Some(Text::from(format!("multipart/form-data; boundary={BOUNDARY}"))),
        replaces_type: true,
        shown: Text::from(shown),
    })
}

/// The headers that Java adds behind JMeter's own.
pub(super) fn complete(headers: &mut Vec<Header>, url: &Url, agent: Option<&Text>) {
    let has = |name: &str, headers: &[Header]| headers.iter().any(|header| header.name.eq_ignore_ascii_case(name));
    let agent = match agent {
        Some(agent) if &**agent != crate::http::DEFAULT_USER_AGENT => agent,
        _ => USER_AGENT,
    };
    for (name, value) in [
        ("User-Agent", agent),
        ("Host", url.host_header()),
        ("Accept", "text/html, image/gif, image/jpeg, */*; q=0.2"),
        ("Connection", "keep-alive"),
    ] {
        if !has(name, headers) {
            headers.push(Header::new(name, value));
        }
    }
}

/// A failure in the words of `HttpURLConnection`.
pub(super) fn reworded(mut failure: Failure) -> Failure {
    let message = match &*failure.class {
        "org.apache.http.conn.HttpHostConnectException" => {
            let reason = failure.message.rsplit(" failed: ").next().unwrap_or_default().to_owned();
            Some(("java.net.ConnectException", reason))
        }
        "org.apache.http.conn.ConnectTimeoutException" => {
            Some(("java.net.SocketTimeoutException", "Connect timed out".to_owned()))
        }
        "java.net.UnknownHostException" => {
            let host = failure.message.split(": ").next().unwrap_or_default().to_owned();
            Some(("java.net.UnknownHostException", host))
        }
        "org.apache.http.NoHttpResponseException" => {
            Some(("java.net.SocketException", "Unexpected end of file from server".to_owned()))
        }
        "org.apache.http.ConnectionClosedException" | "org.apache.http.TruncatedChunkException" => {
            Some(("java.io.IOException", "Premature EOF".to_owned()))
        }
        "org.apache.http.client.ClientProtocolException" => {
            Some(("java.io.IOException", "Invalid Http response".to_owned()))
        }
        _ => None,
    };
    if let Some((class, message)) = message {
        failure.class = Text::from(class);
        failure.message = Text::from(message);
    }
    failure.timings.connect = Duration::ZERO;
    failure
}

/// Sizes as `HTTPJavaImpl` takes them: the head as it is shown, with the line ends of the wire, and the body; nothing is
/// known of what was sent, nor when the connection stood.
pub(super) fn sized(result: &mut SampleResult, exchange: &Exchange) {
    let lines = result.response_headers.bytes().filter(|byte| *byte == b'\n').count();
    result.headers_size = (result.response_headers.chars().count() + lines + 2) as u64;
    let length = exchange.head.last("Content-Length").and_then(|length| length.parse().ok());
    result.body_size = match length {
        Some(length) if exchange.body_len > 0 && exchange.status < 400 => length,
        _ => exchange.body_len,
    };
    result.sent_bytes = 0;
}

/// Where Java goes by itself (`HttpURLConnection.followRedirect`): the request that it sends there, or `None` when the
/// answer stands. It never changes the protocol.
pub(super) fn redirected(ready: &Ready, settings: &Settings, exchange: &Exchange) -> Option<Ready> {
    if !matches!(exchange.status, 300..=303 | 305 | 307) {
        return None;
    }
    let url = &ready.request.url;
    let location = exchange.head.first("Location")?;
    let target = Url::parse(location).or_else(|_| url.join(location)).ok()?;
    (target.scheme() == url.scheme()).then(|| ready.redirected_by_java(settings, target, exchange.status == 307))
}

//! The head of a request, in the order in which HttpClient writes it: `Connection`, the plan's headers, `Cookie`, length
//! and type, `Host`, `User-Agent`.

use super::body::Entity;
use super::fields::Fields;
use crate::elements::configs::{CookieManager, HeaderManager};
use crate::http::{Header, Url};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

/// The headers with what JMeter keeps of them.
pub(super) struct Head {
    pub headers: Vec<Header>,
    /// Value of the `Cookie` header.
    pub cookies: Text,
}

/// Builds the head for `url`.
pub(super) fn build(
    fields: &Fields,
    url: &Url,
    entity: Option<&Entity>,
    user: &mut VirtualUser,
) -> Result<Head, Thrown> {
    let mut headers = Vec::with_capacity(8);
    let connection = if fields.keep_alive.eval(user)? { "keep-alive" } else { "close" };
    headers.push(Header::new("Connection", connection));
    let replaces_type = entity.is_some_and(|entity| entity.replaces_type);
    for (name, value) in plan_headers(fields, user)? {
        if name.eq_ignore_ascii_case("Content-Length") || replaces_type && name.eq_ignore_ascii_case("Content-Type") {
            continue;
        }
        if name.eq_ignore_ascii_case("Host") {
            headers.push(Header::new("Host", host(&value, url)));
        } else {
            headers.push(Header { name, value });
        }
    }
    let cookies = cookies(fields, url, &mut headers, user);
    if let Some(entity) = entity {
        let typed = headers.iter().any(|header| header.name.eq_ignore_ascii_case("Content-Type"));
        let has_text =
            headers.iter().any(|header| header.name.eq_ignore_ascii_case("Content-Type") && !header.value.is_empty());
        if let Some(header_type) = &entity.header_type
            && !has_text
        {
            headers.push(Header::new("Content-Type", Text::clone(header_type)));
        }
        headers.push(Header::new("Content-Length", entity.body.len().to_string()));
        if let Some(content_type) = &entity.content_type
            && !typed
        {
            headers.push(Header::new("Content-Type", Text::clone(content_type)));
        }
    }
    let has = |name: &str, headers: &[Header]| headers.iter().any(|header| header.name.eq_ignore_ascii_case(name));
    if !has("Host", &headers) {
        headers.push(Header::new("Host", url.host_header()));
    }
    if let Some(agent) = &fields.user_agent
        && !has("User-Agent", &headers)
    {
        headers.push(Header::new("User-Agent", Text::clone(agent)));
    }
    Ok(Head { headers, cookies })
}

/// Headers of all managers: the nearest first, then those of outer ones whose names are new.
fn plan_headers(fields: &Fields, user: &mut VirtualUser) -> Result<Vec<(Text, Text)>, Thrown> {
    let mut all: Vec<(Text, Text)> = Vec::new();
    for config in &fields.headers {
        let Some(manager) = config.as_any().downcast_ref::<HeaderManager>() else { continue };
        let inner = all.len();
        for (name, value) in manager.headers() {
            let name = name.eval(user)?;
            if !all[..inner].iter().any(|(known, _)| known.eq_ignore_ascii_case(&name)) {
                all.push((name, value.eval(user)?));
            }
        }
    }
    Ok(all)
}

/// A `Host` header of the plan: its own port or the address's goes with it, unless it is the default.
fn host(value: &str, url: &Url) -> String {
    let (name, own_port) = match value.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (name, port.parse::<u32>().ok())
        }
        _ => (value, None),
    };
    match own_port.or_else(|| url.port()) {
        Some(port) if port != u32::from(url.scheme().default_port()) => format!("{name}:{port}"),
        _ => name.to_owned(),
    }
}

/// Puts the Cookie Manager's cookies in the place of a `Cookie` header of the plan, or behind all of them.
fn cookies(fields: &Fields, url: &Url, headers: &mut Vec<Header>, user: &mut VirtualUser) -> Text {
    let manager = fields.cookies.as_ref().and_then(|config| config.as_any().downcast_ref::<CookieManager>());
    let value = manager.and_then(|manager| manager.header(user, url));
    match value {
        Some(value) => {
            let header = Header::new("Cookie", Text::clone(&value));
            match headers.iter().position(|header| header.name.eq_ignore_ascii_case("Cookie")) {
                Some(place) => headers[place] = header,
                None => headers.push(header),
            }
            value
        }
        None => headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case("Cookie"))
            .map(|header| Text::clone(&header.value))
            .unwrap_or_default(),
    }
}

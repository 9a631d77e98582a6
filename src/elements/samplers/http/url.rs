//! The address of a request (`HTTPSamplerBase.getUrl`).

use super::encode;
use super::fields::{Argument, Fields};
use crate::http::Url;
use crate::virtual_user::{Thrown, VirtualUser};

/// Builds the address from the fields; `method` decides whether arguments go into the query.
pub(super) fn build(fields: &Fields, method: &str, user: &mut VirtualUser) -> Result<Url, Thrown> {
    let path = fields.path.eval(user)?;
    let path = path.replace(' ', "%20");
    if path.starts_with("http://") || path.starts_with("https://") {
        return Url::parse(&path).map_err(thrown);
    }
    let domain = fields.domain.eval(user)?;
    let protocol = fields.protocol.eval(user)?;
    let mut file = String::with_capacity(path.len() + 32);
    if !path.starts_with('/') {
        file.push('/');
    }
    file.push_str(&path);
    if matches!(method, "GET" | "DELETE" | "OPTIONS") {
        let query = query(&fields.arguments, &charset(fields, user)?, user)?;
        if !query.is_empty() {
            file.push(if path.contains('?') { '&' } else { '?' });
            file.push_str(&query);
        }
    }
    let protocol = if protocol.is_empty() { "http" } else { &protocol };
    let port = fields.port.eval(user)?;
    let default = if protocol.eq_ignore_ascii_case("https") { 443 } else { 80 };
    let port = port.trim().parse::<u32>().ok().filter(|port| *port != 0 && *port != default);
    Url::from_parts(protocol, &domain, port, &file).map_err(thrown)
}

fn thrown(error: crate::http::UrlError) -> Thrown {
    Thrown::new(&error.class, error.message)
}

/// The sampler's charset: UTF-8 when the field is blank.
pub(super) fn charset(fields: &Fields, user: &mut VirtualUser) -> Result<String, Thrown> {
    let charset = fields.content_encoding.eval(user)?;
    let charset = charset.trim();
    Ok(if charset.is_empty() { "UTF-8".to_owned() } else { charset.to_owned() })
}

/// `name=value&…`; arguments without a name are left out (`HTTPSamplerBase.getQueryString`).
fn query(arguments: &[Argument], charset: &str, user: &mut VirtualUser) -> Result<String, Thrown> {
    let mut query = String::new();
    let mut first = true;
    for argument in arguments {
        let always = argument.always_encode.eval(user)?;
        let name = argument.name.eval(user)?;
        if name.is_empty() {
            continue;
        }
        if !first {
            query.push('&');
        }
        first = false;
        if always {
            query.push_str(&encode::encode(&name, "UTF-8")?);
        } else {
            query.push_str(&name);
        }
        match &argument.separator {
            Some(separator) => separator.append(user, &mut query)?,
            None => query.push('='),
        }
        let value = argument.value.eval(user)?;
        if always {
            query.push_str(&encode::encode(&value, charset)?);
        } else {
            query.push_str(&value);
        }
    }
    Ok(query)
}

//! The address of a request (`HTTPSamplerBase.getUrl`).

use super::encode;
use super::fields::{Argument, Fields};
use crate::http::{Url, UrlError};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use ahash::RandomState;
use std::cell::RefCell;

/// Whether a method's arguments go into its address.
pub(super) fn has_query(method: &str) -> bool {
    matches!(method, "GET" | "DELETE" | "OPTIONS")
}

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
    if has_query(method) && !fields.arguments.is_empty() {
        let charset = fields.content_encoding.eval(user)?;
        let charset = if charset.trim().is_empty() { "UTF-8" } else { &charset };
        let query = query(&fields.arguments, charset, user)?;
        if !query.is_empty() {
            file.push(if path.contains('?') { '&' } else { '?' });
            file.push_str(&query);
        }
    }
    let protocol = if protocol.is_empty() { "http" } else { &protocol };
    let port = fields.port.eval(user)?;
    let default = if protocol.eq_ignore_ascii_case("https") { 443 } else { 80 };
    let port = port.trim().parse::<i32>().ok().filter(|port| !matches!(*port, 0 | -1) && *port != default);
    let port = match port.map(u32::try_from) {
        Some(Err(_)) => {
            let number = port.unwrap_or_default();
            return Err(Thrown::new("java.net.MalformedURLException", format!("Invalid port number :{number}")));
        }
        Some(Ok(port)) => Some(port),
        None => None,
    };
    known_or_new(protocol, &domain, port, &file).map_err(thrown)
}

/// How many addresses each worker remembers.
const REMEMBERED: usize = 256;

/// An address and the parts that it was made of.
struct Known {
    protocol: String,
    domain: Text,
    port: Option<u32>,
    file: String,
    url: Url,
}

/// `Url::from_parts`. Most samples go where one went before, and making an address anew costs as much as the rest of
/// the request: each worker remembers some, in places that their hashes give.
fn known_or_new(protocol: &str, domain: &Text, port: Option<u32>, file: &str) -> Result<Url, UrlError> {
    thread_local! {
        static KNOWN: RefCell<(RandomState, Vec<Option<Known>>)> = RefCell::default();
    }
    KNOWN.with(|known| {
        let (hasher, places) = &mut *known.borrow_mut();
        if places.is_empty() {
            places.resize_with(REMEMBERED, || None);
        }
        let hash = hasher.hash_one((protocol, &**domain, port, file));
        let place = &mut places[(hash % REMEMBERED as u64) as usize];
        if let Some(known) = place
            && known.file == file
            && known.domain == *domain
            && known.port == port
            && known.protocol == protocol
        {
            return Ok(known.url.clone());
        }
        let url = Url::from_parts(protocol, domain, port, file)?;
        let (protocol, file) = (protocol.to_owned(), file.to_owned());
        *place = Some(Known { protocol, domain: Text::clone(domain), port, file, url: url.clone() });
        Ok(url)
    })
}

fn thrown(error: UrlError) -> Thrown {
    Thrown::new(&error.class, error.message)
}

/// `name=value&…`; arguments without a name are left out (`HTTPSamplerBase.getQueryString`). A value that cannot be
/// encoded, for want of the charset, is left out as well.
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
        if always {
            let value = argument.value.eval(user)?;
            match encode::encode(&value, charset) {
                Ok(value) => query.push_str(&value),
                Err(_) => log::warn!(target: "org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase",
                    "Unable to encode parameter in encoding {charset}, parameter value not included in query string"),
            }
        } else {
            argument.value.append(user, &mut query)?;
        }
    }
    Ok(query)
}

//! A text taken apart as `java.net.URL` and its stream handler do it.

use super::UrlError;

/// The parts of a `java.net.URL`.
#[derive(Debug, Default, Clone)]
pub(super) struct Parts {
    pub scheme: String,
    pub authority: String,
    pub host: String,
    pub port: Option<u32>,
    pub path: String,
    pub query: Option<String>,
    pub fragment: Option<String>,
}

pub(super) fn is_protocol(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'))
}

/// `URLStreamHandler.parseURL`: what follows the protocol, without its fragment, laid over what was inherited.
pub(super) fn parse_url(parts: &mut Parts, spec: &str) -> Result<(), UrlError> {
    let query_only = spec.starts_with('?');
    let (mut spec, query) = match spec.split_once('?') {
        Some((before, query)) => (before, Some(query.to_owned())),
        None => (spec, None),
    };
    if query.is_some() || !spec.is_empty() {
        parts.query = query;
    }
    if spec.starts_with("//") && !spec.starts_with("////") {
        let rest = &spec[2..];
        let end = rest.find('/').unwrap_or(rest.len());
        rest[..end].clone_into(&mut parts.authority);
        spec = &rest[end..];
        read_authority(parts)?;
        if !parts.authority.is_empty() {
            parts.path = String::new();
        }
    }
    if !spec.is_empty() {
        if spec.starts_with('/') {
            spec.clone_into(&mut parts.path);
        } else if !parts.path.is_empty() {
            let keep = parts.path.rfind('/').map_or(0, |at| at + 1);
            let slash = if keep == 0 && !parts.authority.is_empty() { "/" } else { "" };
            parts.path.truncate(keep);
            parts.path.push_str(slash);
            parts.path.push_str(spec);
            remove_dots(&mut parts.path);
        } else {
            let slash = if parts.authority.is_empty() { "" } else { "/" };
            parts.path = format!("{slash}{spec}");
        }
    } else if query_only {
        let keep = parts.path.rfind('/').unwrap_or(0);
        parts.path.truncate(keep);
        parts.path.push('/');
    }
    Ok(())
}

pub(super) fn read_authority(parts: &mut Parts) -> Result<(), UrlError> {
    let number = |digits: &str| {
        if digits.is_empty() {
            return Ok(None);
        }
        let port = parse_int(digits).map_err(UrlError::malformed)?;
        match u32::try_from(port) {
            Ok(port) => Ok(Some(port)),
            Err(_) if port == -1 => Ok(None),
            Err(_) => Err(UrlError::malformed(format!("Invalid port number :{port}"))),
        }
    };
    let authority = &parts.authority;
    let host = match authority.split_once('@') {
        // Two of them leave no host.
        Some((_, rest)) if rest.contains('@') => "",
        Some((_, rest)) => rest,
        None => authority,
    };
    if host.starts_with('[') {
        let end = host.find(']').filter(|&end| end > 2);
        let end = end.ok_or_else(|| UrlError::malformed(format!("Invalid authority field: {authority}")))?;
        let address = host[1..end].split('%').next().unwrap_or_default();
        if address.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(UrlError::malformed(format!("Invalid host: {}", &host[..=end])));
        }
        parts.port = match &host[end + 1..] {
            "" => None,
            rest => match rest.strip_prefix(':') {
                Some(digits) => number(digits)?,
                None => return Err(UrlError::malformed(format!("Invalid authority field: {authority}"))),
            },
        };
        parts.host = host[..=end].to_owned();
    } else {
        let (name, digits) = host.split_once(':').unwrap_or((host, ""));
        parts.port = number(digits)?;
        parts.host = name.to_owned();
    }
    Ok(())
}

/// `Integer.parseInt(CharSequence, int, int, int)`; the error is the exception's message.
pub(super) fn parse_int(text: &str) -> Result<i32, String> {
    let flaw = |at: usize| format!("Error at index {at} in: \"{text}\"");
    let negative = text.starts_with('-');
    let signed = negative || text.starts_with('+');
    let limit = if negative { i64::from(i32::MAX) + 1 } else { i64::from(i32::MAX) };
    let mut number = 0;
    let mut at = usize::from(signed);
    for c in text.chars().skip(at) {
        number = c
            .to_digit(10)
            .map(|digit| number * 10 + i64::from(digit))
            .filter(|&n| n <= limit)
            .ok_or_else(|| flaw(at))?;
        at += 1;
    }
    if at == usize::from(signed) {
        return Err(flaw(at));
    }
    i32::try_from(if negative { -number } else { number }).map_err(|_| flaw(at))
}

/// Takes `.` and `..` segments out, as far as `java.net.URL` does: those above the root stay.
pub(super) fn remove_dots(path: &mut String) {
    while let Some(at) = path.find("/./") {
        path.replace_range(at..at + 2, "");
    }
    let mut from = 0;
    while let Some(at) = path[from..].find("/../").map(|at| from + at) {
        let parent = path[..at].rfind('/');
        match parent {
            // Only what begins the path stays: `/../../a`, though not `/../../../a`.
            Some(parent) if at > 0 && path[parent..].find("/../").map(|next| parent + next) != Some(0) => {
                path.replace_range(parent..at + 3, "");
                from = 0;
            }
            _ => from = at + 3,
        }
    }
    while path.ends_with("/..") {
        let at = path.find("/..").unwrap_or(0);
        let Some(parent) = path[..at].rfind('/') else { break };
        path.truncate(parent + 1);
    }
    if path.starts_with("./") && path.len() > 2 {
        path.replace_range(..2, "");
    }
    if path.ends_with("/.") {
        path.pop();
    }
}

//! How cookies are written in a `Cookie` header.

use std::borrow::Cow;

use super::Cookie;

/// `CookiePathComparator`: a path that lies within another comes before it.
pub(super) fn sort_by_path(cookies: &mut [Cow<'_, Cookie>]) {
    let normal = |cookie: &Cookie| {
        if cookie.path.ends_with('/') { cookie.path.to_string() } else { format!("{}/", cookie.path) }
    };
    // The comparison is no order, which a sort may refuse; inserting one by one is what it means.
    for end in 1..cookies.len() {
        let mut at = end;
        while at > 0 {
            let (before, after) = (normal(&cookies[at - 1]), normal(&cookies[at]));
            if before == after || !after.starts_with(&before) {
                break;
            }
            cookies.swap(at - 1, at);
            at -= 1;
        }
    }
}

pub(super) fn format_rfc2109(cookie: &Cookie, version: i32) -> String {
    let pair = |name: &str, value: &str| {
        if version > 0 { format!("{name}=\"{value}\"") } else { format!("{name}={value}") }
    };
    let mut out = pair(&cookie.name, &cookie.value);
    if cookie.path_specified {
        out.push_str("; ");
        out.push_str(&pair("$Path", &cookie.path));
    }
    if cookie.domain_specified {
        out.push_str("; ");
        out.push_str(&pair("$Domain", &cookie.domain));
    }
    out
}

/// A value in quotes, if RFC 6265 would not have it otherwise.
pub(super) fn quote_special(value: &str) -> Cow<'_, str> {
    if !value.contains([' ', '"', ',', ';', '\\']) {
        return Cow::Borrowed(value);
    }
    let mut out = String::from("\"");
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    Cow::Owned(out)
}

//! `application/x-www-form-urlencoded` as HttpClient writes it (`UrlEncodedFormEntity`).

use super::charsets::Charsets;

/// `name=value` pairs joined by `&`: what is neither a letter nor a digit of ASCII nor `-_.*` is escaped in `charset`,
/// and a blank becomes `+`. `None` when there is no such charset. The text is itself encoded in `charset` to be sent.
pub fn url_encoded<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
    charset: &str,
    charsets: &dyn Charsets,
) -> Option<String> {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        push(&mut out, &charsets.encode(charset, name)?);
        out.push('=');
        push(&mut out, &charsets.encode(charset, value)?);
    }
    Some(out)
}

fn push(out: &mut String, bytes: &[u8]) {
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::charsets::tests::Few;

    #[test]
    fn forms() {
        let encode = |charset| url_encoded([("a b", "~*-._!'()\u{e9}\u{20ac}"), ("c", "")].into_iter(), charset, &Few);
        assert_eq!(encode("UTF-8").as_deref(), Some("a+b=%7E*-._%21%27%28%29%C3%A9%E2%82%AC&c="));
        assert_eq!(encode("ISO-8859-1").as_deref(), Some("a+b=%7E*-._%21%27%28%29%E9%3F&c="));
        assert_eq!(encode("x"), None);
    }
}

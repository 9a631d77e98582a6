//! Keeps secrets out of what people are shown of requests and answers. Names stay, so that one sees what was sent.
//!
//! Hidden are the values of headers that identify somebody (`Authorization`, cookies, and whatever is named like a token,
//! a password or a key), of form and query fields, JSON members and XML elements that are named so, and the user in a URL.

use crate::text::Text;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// What stands for a secret.
const HIDDEN: &str = "***";

/// Parts of names of headers and fields that hold secrets.
const WORDS: &[&str] =
    &["password", "passwd", "secret", "token", "api-key", "api_key", "apikey", "credential", "session"];

/// Parts of names of headers that hold secrets, beside [`WORDS`].
const HEADER_WORDS: &[&str] = &["authorization", "cookie"];

/// What is hidden in texts, and what is left of it.
static RULES: LazyLock<Option<Vec<(Regex, &str)>>> = LazyLock::new(|| {
    let words = WORDS.join("|");
    let rules = [
        // The user in `scheme://user:password@host`.
        (r"([A-Za-z][A-Za-z0-9+.\-]*://)[^/?#\s@]*@".to_owned(), "${1}***@"),
        // `name=value` of forms and queries.
        (format!(r#"(?i)((?:^|[?&;\s])[\w.\-\[\]%]*(?:{words})[\w.\-\[\]%]*=)[^&;\s"'<>]+"#), "${1}***"),
        // `"name": "value"` of JSON, where the value may have been cut off.
        (
            format!(r#"(?i)("[^"\\]*(?:{words})[^"\\]*"\s*:\s*)(?:"(?:[^"\\]|\\.)*(?:"|\\?\z)|[^\s,"\[\]{{}}]+)"#),
            "${1}\"***\"",
        ),
        // `<name>value` of XML.
        (format!(r"(?i)(<[\w:.\-]*(?:{words})[\w:.\-]*(?:\s[^<>]*)?>)[^<>]+"), "${1}***"),
    ];
    rules.into_iter().map(|(pattern, left)| Some((Regex::new(&pattern).ok()?, left))).collect()
});

/// Says which headers are hidden.
#[derive(Debug, Clone, Default)]
pub(super) struct Mask {
    /// Names in lower case, beside those that are hidden always.
    more: Vec<String>,
}

impl Mask {
    /// Hides headers of these names, too.
    pub fn new(more: &[Text]) -> Self {
        Mask { more: more.iter().map(|name| name.trim().to_ascii_lowercase()).collect() }
    }

    /// A head without its secrets: one header a line, after a first line of any kind.
    pub fn head(&self, head: &str) -> String {
        let mut out = String::with_capacity(head.len());
        let mut hides = false;
        for line in head.lines() {
            match line.split_once(':') {
                // A header that goes on in a second line.
                _ if line.starts_with([' ', '\t']) && hides => out.push_str(" ***"),
                Some((name, value)) if self.is_secret(name) => {
                    hides = true;
                    out.push_str(name);
                    out.push_str(": ");
                    out.push_str(&hidden(name, value.trim_start()));
                }
                _ => {
                    hides = hides && line.starts_with([' ', '\t']);
                    out.push_str(&text(line));
                }
            }
            out.push('\n');
        }
        out
    }

    fn is_secret(&self, name: &str) -> bool {
        let name = name.trim().to_ascii_lowercase();
        WORDS.iter().chain(HEADER_WORDS).any(|word| name.contains(word)) || self.more.contains(&name)
    }
}

/// What is shown of a secret header: the scheme of an authorization, the names of cookies, the attributes of a new one.
fn hidden(name: &str, value: &str) -> String {
    let name = name.trim().to_ascii_lowercase();
    if name.ends_with("authorization") {
        return match value.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} {HIDDEN}"),
            None => HIDDEN.to_owned(),
        };
    }
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) => format!("{name}={HIDDEN}"),
        None => HIDDEN.to_owned(),
    };
    match name.as_str() {
        "cookie" => value.split("; ").map(pair).collect::<Vec<_>>().join("; "),
        "set-cookie" => match value.split_once(';') {
            Some((cookie, attributes)) => format!("{};{attributes}", pair(cookie)),
            None => pair(value),
        },
        _ => HIDDEN.to_owned(),
    }
}

/// A text without its secrets.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    // Were the patterns wrong, nothing would be shown; a test reads them.
    let Some(rules) = &*RULES else { return Cow::Borrowed(HIDDEN) };
    let mut out = Cow::Borrowed(text);
    for (pattern, left) in rules {
        if let Cow::Owned(changed) = pattern.replace_all(&out, *left) {
            out = Cow::Owned(changed);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_headers_keep_their_names() {
        let mask = Mask::new(&["X-Mine".into()]);
        for (line, shown) in [
            ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
            ("proxy-authorization: abc", "proxy-authorization: ***"),
            ("Cookie: a=1; b=2=3; c", "Cookie: a=***; b=***; ***"),
            ("Set-Cookie: sid=1; Path=/; HttpOnly", "Set-Cookie: sid=***; Path=/; HttpOnly"),
            ("X-CSRF-Token: 1", "X-CSRF-Token: ***"),
            ("x-api-key:1", "x-api-key: ***"),
            ("x-mine: 1", "x-mine: ***"),
            ("Cookie: a=1\n\tb=2\n c\nHost: h", "Cookie: a=***\n ***\n ***\nHost: h"),
            ("Location: http://h/?access_token=1&b=2", "Location: http://h/?access_token=***&b=2"),
            ("GET http://me:pw@h/p?q=1", "GET http://***@h/p?q=1"),
            ("HTTP/1.1 200 OK", "HTTP/1.1 200 OK"),
            ("Server: x\n folded", "Server: x\n folded"),
        ] {
            assert_eq!(mask.head(line), format!("{shown}\n"));
        }
    }

    #[test]
    fn secret_fields_keep_their_names() {
        for (given, shown) in [
            ("user=me&password=p%40ss&x=1", "user=me&password=***&x=1"),
            ("user[password]=a", "user[password]=***"),
            (r#"{"user": "me", "passwordOld" : "a\"b", "n": 1}"#, r#"{"user": "me", "passwordOld" : "***", "n": 1}"#),
            (r#"{"access_token":"cut o"#, r#"{"access_token":"***""#),
            (r#"{"api_key": 17, "a": [1]}"#, r#"{"api_key": "***", "a": [1]}"#),
            ("<a><ns:Password type='x'>b</ns:Password></a>", "<a><ns:Password type='x'>***</ns:Password></a>"),
            ("ftp://u@h and mail me@h", "ftp://***@h and mail me@h"),
            ("nothing = here", "nothing = here"),
        ] {
            assert_eq!(text(given), shown);
        }
    }

    #[test]
    fn hostile_texts_take_no_time() {
        let long = "\"token\"".repeat(20_000) + &"password".repeat(20_000);
        assert!(!text(&long).is_empty());
    }
}

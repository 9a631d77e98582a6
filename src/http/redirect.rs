//! Where a redirect leads: by JMeter's own following (`HTTPSamplerBase.followRedirects`), and by HttpClient's, which
//! "Redirect Automatically" stands for (`LaxRedirectStrategy`).

use super::failure::Fault;
use super::uri::{self, Uri};
use super::url::{Url, UrlError};
use crate::text::Text;

/// Whether JMeter follows an answer: 301, 302, 303 and 308 whatever the method, 307 for GET and HEAD.
pub fn is_followed(status: u16, method: &str) -> bool {
    matches!(status, 301 | 302 | 303 | 308) || (status == 307 && matches!(method, "GET" | "HEAD"))
}

/// The method of the next request: HEAD stays, everything else becomes GET.
pub fn followed_method(method: &str) -> &str {
    if method.eq_ignore_ascii_case("HEAD") { method } else { "GET" }
}

/// The address that JMeter goes to from `base` when the answer's `Location` is `location`. `remove_dots` is
/// `httpsampler.redirect.removeslashdotdot`.
pub fn follow(base: &Url, location: &str, remove_dots: bool) -> Result<Url, UrlError> {
    let location = if remove_dots { remove_slash_dot_dot(location) } else { location.to_owned() };
    sanitize(&make_relative(base, &location.replace(' ', "%20"))?)
}

/// `ConversionUtils.makeRelativeURL`: `new URL(base, location)` without the `../` that lead above the root.
pub fn make_relative(base: &Url, location: &str) -> Result<Url, UrlError> {
    let initial = base.join(location)?;
    if let Some(path) = initial.path().strip_prefix('/').filter(|_| location.starts_with("../")) {
        let above = path.len() - path.trim_start_matches("../").len();
        if above > 0 && location.get(..above) == path.get(..above) {
            return base.join(&location[above..]);
        }
    }
    Ok(initial)
}

/// `ConversionUtils.sanitizeUrl`: an address that is no URI is encoded: every character that is not allowed where it
/// stands, and every percent sign.
pub fn sanitize(url: &Url) -> Result<Url, UrlError> {
    if Uri::parse(url.text()).is_ok() {
        // Where the path has a question mark in it, it ends there from here on.
        return if url.path().contains('?') { Url::parse(url.text()) } else { Ok(url.clone()) };
    }
    let failed =
        |fault: Fault| UrlError { class: fault.class.into(), message: fault.message.unwrap_or_default().into() };
    let mut text = format!("{}:", url.scheme().name());
    if !url.authority().is_empty() {
        text.push_str("//");
        text.push_str(url.authority());
    }
    text.push_str(&uri::quote_path(url.path()));
    for (mark, part) in [('?', url.query()), ('#', url.fragment())] {
        if let Some(part) = part {
            text.push(mark);
            text.push_str(&uri::quote(part));
        }
    }
    Uri::parse_server(&text).map_err(failed)?;
    Url::parse(&text)
}

/// `ConversionUtils.removeSlashDotDot`: takes `..` out of a path, together with the segment before it. Repeated slashes
/// go with it.
pub fn remove_slash_dot_dot(url: &str) -> String {
    let url = url.trim_matches(|c: char| c <= ' ');
    if url.len() < 4 || !url.contains("/..") {
        return url.to_owned();
    }
    let start = match url.find("://") {
        Some(at) => url[at + 3..].find('/').map(|slash| at + 3 + slash),
        None => Some(0),
    };
    let end = match url.find('?').filter(|&at| at > 0) {
        Some(at) => at,
        None => url.find('#').filter(|&at| at > 0).unwrap_or(url.len()),
    };
    // JMeter fails with an internal error where there is no path before the query; we leave such an address alone.
    let Some(start) = start.filter(|&start| start <= end) else { return url.to_owned() };
    let path = &url[start..end];
    let mut segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let mut at = 0;
    while at + 1 < segments.len() {
        if segments[at] != ".." && segments[at + 1] == ".." {
            segments.drain(at..at + 2);
            at = at.saturating_sub(1);
        } else {
            at += 1;
        }
    }
    let mut out = url[..start].to_owned();
    if path.starts_with('/') {
        out.push('/');
    }
    out.push_str(&segments.join("/"));
    if path.ends_with('/') && !segments.is_empty() {
        out.push('/');
    }
    out.push_str(&url[end..]);
    out
}

/// The redirects that HttpClient has followed for one request.
#[derive(Debug, Default)]
pub struct AutoRedirects {
    seen: Vec<Text>,
}

/// What HttpClient does next.
#[derive(Debug, PartialEq, Eq)]
pub enum AutoRedirect {
    /// The answer stands.
    Stop,
    /// It goes there, with GET or HEAD, or with the request as it was.
    Follow {
        /// The next address.
        url: Url,
        /// Whether method, headers and body are repeated (307 and 308 to a POST or DELETE).
        repeat: bool,
    },
    /// It fails with `org.apache.http.client.ClientProtocolException` and no message: an address seen before, no
    /// address, or too many of them.
    Fail,
}

impl AutoRedirects {
    /// Decides upon an answer to `method` at `base`; at most `limit` redirects are followed.
    pub fn next(
        &mut self,
        base: &Url,
        method: &str,
        status: u16,
        location: Option<&str>,
        limit: usize,
    ) -> AutoRedirect {
        let redirectable = matches!(method, "GET" | "POST" | "HEAD" | "DELETE");
        let redirected = match status {
            302 => redirectable && location.is_some(),
            301 | 307 | 308 => redirectable,
            303 => true,
            _ => false,
        };
        if !redirected {
            return AutoRedirect::Stop;
        }
        if self.seen.len() >= limit {
            return AutoRedirect::Fail;
        }
        let next = location.and_then(|location| auto_location(base, location));
        match next {
            Some(url) if !self.seen.contains(url.text()) => {
                self.seen.push(url.text().clone());
                let same = method.eq_ignore_ascii_case("GET") || method.eq_ignore_ascii_case("HEAD");
                AutoRedirect::Follow { url, repeat: !same && matches!(status, 307 | 308) }
            }
            _ => AutoRedirect::Fail,
        }
    }
}

/// `DefaultRedirectStrategy.getLocationURI`: resolved by RFC 3986, dot segments taken out, host in lower case.
fn auto_location(base: &Url, location: &str) -> Option<Url> {
    let reference = Uri::parse(location).ok()?;
    // A `java.net.URL` that was put together has its query behind the last question mark; as a URI it is read anew.
    let own = Uri::parse(base.text()).ok()?;
    let (start, path, query) = if location.split(['/', '?', '#']).next().is_some_and(|start| start.contains(':')) {
        let url = Url::parse(location).ok()?;
        (
            format!("{}://{}", url.scheme().name(), authority_in_lower_case(&url)),
            url.path().to_string(),
            reference.query,
        )
    } else if let Some(authority) = &reference.authority {
        let url = Url::parse(&format!("{}://{authority}", base.scheme().name())).ok()?;
        (format!("{}://{}", base.scheme().name(), authority_in_lower_case(&url)), reference.path, reference.query)
    } else {
        let start = format!("{}://{}", base.scheme().name(), authority_in_lower_case(base));
        let path = super::url::without_empty_segments(&own.path);
        if reference.path.is_empty() {
            (start, path, reference.query.or(own.query))
        } else if reference.path.starts_with('/') {
            (start, reference.path, reference.query)
        } else {
            let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
            (start, format!("{folder}{}", reference.path), reference.query)
        }
    };
    let mut text = start;
    text.push_str(&super::url::without_dot_segments(&path));
    for (mark, part) in [('?', query), ('#', reference.fragment)] {
        if let Some(part) = part {
            text.push(mark);
            text.push_str(&part);
        }
    }
    let url = Url::parse(&text).ok()?;
    url.check().ok().map(|()| url)
}

fn authority_in_lower_case(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    /// Each line is what JMeter's `ConversionUtils` answered.
    #[test]
    fn conversions() {
        for (base, location, answer) in [
            ("http://h:8/a/b/c", "../../../../d", "http://h:8/d"),
            ("http://h:8/a/b/c", "../d", "http://h:8/a/d"),
            ("http://h:8/a", "../d", "http://h:8/d"),
            ("http://h:8/", "../../d?x=../y", "http://h:8/d?x=../y"),
            ("http://h:8/a/", "./../d", "http://h:8/d"),
            ("http://h:8/a/", "/../d", "http://h:8/../d"),
        ] {
            assert_eq!(make_relative(&url(base), location).unwrap().to_string(), answer, "{base} {location}");
        }
        for (text, answer) in [
            ("http://h/a b?c d#e f", "http://h/a%20b?c%20d#e%20f"),
            ("http://h/a%20b?c=%", "http://h/a%2520b?c=%25"),
            ("http://h/a%20b c", "http://h/a%2520b%20c"),
            ("http://h/\u{e9} b", "http://h/\u{e9}%20b"),
            ("http://h/a|b?{x}", "http://h/a%7Cb?%7Bx%7D"),
            ("http://h/ok?x", "http://h/ok?x"),
            ("http://u:p@h/a b", "http://u:p@h/a%20b"),
        ] {
            assert_eq!(sanitize(&url(text)).unwrap().to_string(), answer, "{text}");
        }
        assert_eq!(
            sanitize(&url("http://my_host/a b")).unwrap_err().to_string(),
            "java.net.URISyntaxException: Illegal character in hostname at index 9: http://my_host/a%20b"
        );
        for (text, answer) in [
            ("/one/two/../three", "/one/three"),
            ("http://host/path1/../path2", "http://host/path2"),
            ("/../a", "/../a"),
            ("/a/../../b", "/../b"),
            ("http://h/a//b/../c/", "http://h/a/c/"),
            ("../a/../b", "../b"),
            ("http://h/a/../b?x=/../y#/../z", "http://h/b?x=/../y#/../z"),
            ("http://h/a/../b#/../z", "http://h/b#/../z"),
            ("/a/b/..", "/a"),
            ("/a/b/../", "/a/"),
            ("http://h/..", "http://h/.."),
            ("  /a/../b  ", "/b"),
            ("a/..", ""),
            ("http://h", "http://h"),
            ("/a/..b/c", "/a/..b/c"),
        ] {
            assert_eq!(remove_slash_dot_dot(text), answer, "{text}");
        }
    }

    #[test]
    fn jmeter_follows() {
        let go = |location: &str| follow(&url("http://h:8/redirect-to?url=x"), location, true).unwrap().to_string();
        assert_eq!(go("/echo/a b?c=d e"), "http://h:8/echo/a%20b?c=d%20e");
        assert_eq!(go("/echo?x=a|b"), "http://h:8/echo?x=a%7Cb");
        assert_eq!(go("../../echo/up"), "http://h:8/echo/up");
        assert_eq!(go("//127.0.0.1:8/echo/pr"), "http://127.0.0.1:8/echo/pr");
        assert_eq!(go("/echo/frag#top"), "http://h:8/echo/frag#top");
        assert_eq!(go(""), "http://h:8/redirect-to?url=x");
        assert!(is_followed(308, "POST") && is_followed(307, "HEAD"));
        assert!(!is_followed(307, "POST") && !is_followed(304, "GET"));
        assert_eq!((followed_method("head"), followed_method("PUT")), ("head", "GET"));
    }

    /// Each line is what HttpClient's `DefaultRedirectStrategy` answered.
    #[test]
    fn http_client_follows() {
        let base = url("http://h:8/a/b?q");
        for (location, answer) in [
            ("c", "http://h:8/a/c"),
            ("?x", "http://h:8/a/b?x"),
            ("", "http://h:8/a/b?q"),
            ("#f", "http://h:8/a/b?q#f"),
            ("../../x", "http://h:8/x"),
            ("http://O/a/../b/./c", "http://o/b/c"),
            ("//o/x", "http://o/x"),
            ("/../x", "http://h:8/x"),
            ("/a%2fb/../c", "http://h:8/c"),
            ("http://o", "http://o/"),
        ] {
            assert_eq!(auto_location(&base, location).unwrap().to_string(), answer, "{location}");
        }
        assert_eq!(auto_location(&base, "/x y"), None);
        let mut redirects = AutoRedirects::default();
        let next = |redirects: &mut AutoRedirects, method, status, location| {
            redirects.next(&base, method, status, location, 20)
        };
        assert_eq!(next(&mut redirects, "PUT", 302, Some("/x")), AutoRedirect::Stop);
        assert_eq!(next(&mut redirects, "GET", 302, None), AutoRedirect::Stop);
        assert_eq!(next(&mut redirects, "GET", 301, None), AutoRedirect::Fail);
        let there = url("http://h:8/x");
        assert_eq!(next(&mut redirects, "POST", 307, Some("/x")), AutoRedirect::Follow { url: there, repeat: true });
        assert_eq!(next(&mut redirects, "POST", 302, Some("/x")), AutoRedirect::Fail);
    }
}

//! A user's cookies: stored and sent by the rules of JMeter's `CookieManager` and of HttpClient's cookie
//! specifications below it.

mod dates;
mod format;
mod parse;

pub use dates::http_date;

use std::borrow::Cow;
use std::net::IpAddr;

use crate::http::header_value::{elements, netscape_element};
use crate::http::url::{Scheme, Url};
use format::{format_rfc2109, quote_special, sort_by_path};
use parse::{Received, parse_element, parse_list, parse_rfc6265};

use crate::clock;
use crate::text::Text;

/// JMeter's name for what logs here.
const LOG: &str = "org.apache.jmeter.protocol.http.control.HC4CookieHandler";

/// Which rules apply (`CookieManager.policy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CookiePolicy {
    /// RFC 6265, taken generously.
    #[default]
    Standard,
    /// RFC 6265, taken strictly.
    StandardStrict,
    /// Nothing is stored or sent.
    Ignore,
    /// Netscape's draft.
    Netscape,
    /// Netscape's draft, or RFC 2109 for cookies with a version (`default`, `best-match`, `compatibility`).
    Default,
    /// RFC 2109 (also for `rfc2965`, whose Set-Cookie2 no server sends).
    Rfc2109,
}

impl CookiePolicy {
    /// The policy of a name, whatever its case.
    pub fn named(name: &str) -> Option<Self> {
        Some(match &*name.to_ascii_lowercase() {
            "standard" => Self::Standard,
            "standard-strict" => Self::StandardStrict,
            "ignorecookies" => Self::Ignore,
            "netscape" => Self::Netscape,
            "default" | "best-match" | "compatibility" => Self::Default,
            "rfc2109" | "rfc2965" => Self::Rfc2109,
            _ => return None,
        })
    }
}

/// A cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Its name; case matters.
    pub name: Text,
    /// Its value, without the quotes that it may have come in.
    pub value: Text,
    /// The domain it belongs to.
    pub domain: Text,
    /// The path it belongs to.
    pub path: Text,
    /// Whether it is sent over TLS only.
    pub secure: bool,
    /// When it expires, in seconds since 1970; 0 for never. What has been stored is sent whatever this says.
    pub expires: i64,
    /// Whether the path was written.
    pub path_specified: bool,
    /// Whether the domain was written: if not, the host must be the domain exactly.
    pub domain_specified: bool,
    /// The version of the cookie specification: 0 or, for cookies of the plan, 1.
    pub version: i32,
    /// For a cookie of the plan, its place there.
    pub defined: Option<usize>,
}

impl Cookie {
    /// A cookie of the plan, with the defaults of `org.apache.jmeter.protocol.http.control.Cookie`.
    pub fn defined(place: usize, name: Text, value: Text, domain: Text, path: Text) -> Self {
        Self {
            name,
            value,
            domain,
            path,
            secure: false,
            expires: 0,
            path_specified: true,
            domain_specified: true,
            version: 1,
            defined: Some(place),
        }
    }
}

/// The cookies of one user.
#[derive(Debug, Clone, Default)]
pub struct CookieJar {
    policy: CookiePolicy,
    keep_null: bool,
    skip_checks: bool,
    cookies: Vec<Cookie>,
}

impl CookieJar {
    /// An empty jar.
    pub fn new(policy: CookiePolicy) -> Self {
        Self { policy, ..Self::default() }
    }

    /// Keeps cookies without a value, which delete a cookie otherwise (`CookieManager.delete_null_cookies=false`).
    #[must_use]
    pub fn keeping_null_cookies(mut self) -> Self {
        self.keep_null = true;
        self
    }

    /// Takes cookies of any domain and path (`CookieManager.check.cookies=false`).
    #[must_use]
    pub fn without_checks(mut self) -> Self {
        self.skip_checks = true;
        self
    }

    /// The cookies, in the order in which they were stored.
    pub fn cookies(&self) -> &[Cookie] {
        &self.cookies
    }

    /// Replaces all cookies, as at the start of an iteration.
    pub fn reset(&mut self, cookies: &[Cookie]) {
        self.cookies.clear();
        self.cookies.extend_from_slice(cookies);
    }

    /// Stores a cookie in place of those of the same name, path and domain; one without a value only removes them.
    /// True when it was stored.
    pub fn add(&mut self, cookie: Cookie) -> bool {
        self.remove_matching(&cookie);
        let stored = self.keep_null || !cookie.value.is_empty();
        if stored {
            self.cookies.push(cookie);
        }
        stored
    }

    /// Takes the value of one `Set-Cookie` header of an answer from `url`, and returns what was stored.
    pub fn add_from_response(&mut self, url: &Url, set_cookie: &str) -> Vec<Cookie> {
        let origin = Origin::new(url);
        let received = match self.parse(set_cookie, &origin) {
            Ok(received) => received,
            Err(reason) => {
                log::error!(target: LOG, "Unable to add the cookie: {reason}");
                return Vec::new();
            }
        };
        let mut stored = Vec::new();
        for Received { cookie, expires_millis } in received {
            if !self.skip_checks
                && let Err(reason) = self.validate(&cookie, &origin)
            {
                log::info!(target: LOG, "Not storing invalid cookie: <{set_cookie}> for URL {url} ({reason})");
                continue;
            }
            // An expiry at the epoch is taken for none.
            if expires_millis.is_none_or(|millis| millis == 0 || millis >= clock::now().millis()) {
                if self.add(cookie.clone()) {
                    stored.push(cookie);
                }
            } else {
                self.remove_matching(&cookie);
            }
        }
        stored
    }

    /// The value of the `Cookie` header for a request to `url`; `None` when there is none to send.
    pub fn header_for(&self, url: &Url) -> Option<Text> {
        self.header_for_mapped(url, |_| None)
    }

    /// As [`CookieJar::header_for`], with cookies of the plan as `map` makes them: their parts may hold variables.
    pub fn header_for_mapped(&self, url: &Url, map: impl Fn(&Cookie) -> Option<Cookie>) -> Option<Text> {
        if self.cookies.is_empty() || self.policy == CookiePolicy::Ignore {
            return None;
        }
        let origin = Origin::new(url);
        let cookies = self.cookies.iter().map(|cookie| map(cookie).map_or(Cow::Borrowed(cookie), Cow::Owned));
        let matching: Vec<Cow<'_, Cookie>> = cookies.filter(|cookie| self.matches(cookie, &origin)).collect();
        if matching.is_empty() { None } else { Some(self.format(matching).trim().into()) }
    }

    fn remove_matching(&mut self, cookie: &Cookie) {
        self.cookies
            .retain(|kept| !(kept.name == cookie.name && kept.path == cookie.path && kept.domain == cookie.domain));
    }

    fn parse(&self, header: &str, origin: &Origin) -> Result<Vec<Received>, String> {
        match self.policy {
            CookiePolicy::Ignore => Ok(Vec::new()),
            CookiePolicy::Standard | CookiePolicy::StandardStrict => {
                Ok(parse_rfc6265(header, origin, self.policy)?.into_iter().collect())
            }
            CookiePolicy::Netscape => parse_element(&netscape_element(header), origin, Rules::Netscape),
            CookiePolicy::Default => {
                let list = elements(header);
                let has = |name: &str| {
                    list.iter().any(|e| e.parameters.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)))
                };
                if has("expires") || !has("version") {
                    parse_element(&netscape_element(header), origin, Rules::Compatible)
                } else {
                    parse_list(&list, origin)
                }
            }
            CookiePolicy::Rfc2109 => parse_list(&elements(header), origin),
        }
    }

    /// The rules that a stored cookie is judged by.
    fn rules(&self, cookie: &Cookie) -> Rules {
        match self.policy {
            CookiePolicy::Netscape => Rules::Netscape,
            CookiePolicy::Rfc2109 => Rules::Rfc2109,
            CookiePolicy::Default if cookie.version > 0 => Rules::Rfc2109,
            _ => Rules::Compatible,
        }
    }

    fn validate(&self, cookie: &Cookie, origin: &Origin) -> Result<(), String> {
        let (domain, host) = (&*cookie.domain, &*origin.host);
        let rules = self.rules(cookie);
        if rules == Rules::Rfc2109 {
            if cookie.name.contains(' ') {
                return Err("Cookie name may not contain blanks".to_owned());
            }
            if cookie.name.starts_with('$') {
                return Err("Cookie name may not start with $".to_owned());
            }
            return validate_rfc2109_domain(domain, host);
        }
        if host != domain && !domain_matches(domain, host) {
            let quoted = if rules == Rules::Netscape { "domain" } else { "'domain'" };
            return Err(format!("Illegal {quoted} attribute \"{domain}\". Domain of origin: \"{host}\""));
        }
        if rules == Rules::Netscape && host.contains('.') {
            let parts = domain.split('.').filter(|part| !part.is_empty()).count();
            let special = [".com", ".edu", ".net", ".gov", ".mil", ".org", ".int"];
            let is_special = special.iter().any(|end| domain.to_lowercase().ends_with(end));
            if parts < if is_special { 2 } else { 3 } {
                let which = if is_special { " for special domains" } else { "" };
                return Err(format!("Domain attribute \"{domain}\" violates the Netscape cookie specification{which}"));
            }
        }
        Ok(())
    }

    fn matches(&self, cookie: &Cookie, origin: &Origin) -> bool {
        let domain = cookie.domain.to_lowercase();
        let host = &*origin.host;
        let by_domain = match self.rules(cookie) {
            Rules::Netscape => host.ends_with(&domain),
            Rules::Rfc2109 => host == domain || (domain.starts_with('.') && host.ends_with(&domain)),
            Rules::Compatible => {
                let bare = domain.strip_prefix('.').unwrap_or(&domain);
                host == bare || (cookie.domain_specified && domain_matches(bare, host))
            }
        };
        by_domain && path_matches(&origin.path, &cookie.path) && (!cookie.secure || origin.secure)
    }

    fn format(&self, mut cookies: Vec<Cow<'_, Cookie>>) -> String {
        let version = cookies.iter().map(|cookie| cookie.version).min().unwrap_or(0);
        match self.policy {
            CookiePolicy::Rfc2109 => {
                sort_by_path(&mut cookies);
                let parts = cookies.iter().map(|cookie| format_rfc2109(cookie, version));
                format!("$Version={version}; {}", parts.collect::<Vec<_>>().join("; "))
            }
            CookiePolicy::Default if version > 0 => {
                sort_by_path(&mut cookies);
                // HttpClient makes a header of each, and JMeter joins them with nothing between.
                let own = |cookie: &Cow<'_, Cookie>| {
                    format!("$Version={}; {}", cookie.version, format_rfc2109(cookie, cookie.version))
                };
                cookies.iter().map(own).collect()
            }
            CookiePolicy::Default | CookiePolicy::Netscape | CookiePolicy::Ignore => {
                let pairs = cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value));
                pairs.collect::<Vec<_>>().join("; ")
            }
            CookiePolicy::Standard | CookiePolicy::StandardStrict => {
                cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.encode_utf16().count()));
                let pairs = cookies.iter().map(|cookie| format!("{}={}", cookie.name, quote_special(&cookie.value)));
                pairs.collect::<Vec<_>>().join("; ")
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// RFC 6265, and what passes for Netscape's draft under the default policy.
    Compatible,
    Netscape,
    Rfc2109,
}

/// Where cookies come from or go to (`CookieOrigin`).
struct Origin {
    host: String,
    path: String,
    secure: bool,
}

impl Origin {
    fn new(url: &Url) -> Self {
        let path = if url.path().trim().is_empty() { "/" } else { url.path() };
        Self { host: url.host().to_lowercase(), path: path.to_owned(), secure: url.scheme() == Scheme::Https }
    }

    fn default_path(&self) -> &str {
        match self.path.rfind('/') {
            Some(0) => "/",
            Some(at) => &self.path[..at],
            None => &self.path,
        }
    }
}

/// `BasicDomainHandler.domainMatch`.
fn domain_matches(domain: &str, host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if bare.parse::<IpAddr>().is_ok() {
        return false;
    }
    let domain = domain.strip_prefix('.').unwrap_or(domain);
    match host.strip_suffix(domain) {
        Some("") => true,
        Some(prefix) => prefix.len() > 1 && prefix.ends_with('.'),
        None => false,
    }
}

/// `BasicPathHandler.pathMatch`.
fn path_matches(uri_path: &str, cookie_path: &str) -> bool {
    let cookie_path = match cookie_path.strip_suffix('/') {
        Some(shorter) if !shorter.is_empty() => shorter,
        _ => cookie_path,
    };
    match uri_path.strip_prefix(cookie_path) {
        Some(rest) => cookie_path == "/" || rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

/// `RFC2109DomainHandler.validate`.
fn validate_rfc2109_domain(domain: &str, host: &str) -> Result<(), String> {
    if domain == host {
        return Ok(());
    }
    if !domain.contains('.') {
        return Err(format!("Domain attribute \"{domain}\" does not match the host \"{host}\""));
    }
    let violates = |what: &str| Err(format!("Domain attribute \"{domain}\" violates RFC 2109: {what}"));
    let Some(rest) = domain.strip_prefix('.') else { return violates("domain must start with a dot") };
    if rest.find('.').is_none_or(|at| at == rest.len() - 1) {
        return violates("domain must contain an embedded dot");
    }
    match host.strip_suffix(domain) {
        None => Err(format!("Illegal domain attribute \"{domain}\". Domain of origin: \"{host}\"")),
        Some(rest) if rest.contains('.') => violates("host minus domain may not contain any dots"),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A conversation: each step is a path or a URL, the `Cookie` header that is sent there, and the `Set-Cookie`
    /// headers of the answer. They are those of the recorded cases http-cookies-*.
    fn converse(mut jar: CookieJar, steps: &[(&str, &str, &[&str])]) {
        for (place, sent, set) in steps {
            let text =
                if place.starts_with('/') { format!("http://127.0.0.1:8099{place}") } else { (*place).to_owned() };
            let url = Url::parse(&text).unwrap();
            assert_eq!(jar.header_for(&url).as_deref().unwrap_or(""), *sent, "{place}");
            for header in *set {
                jar.add_from_response(&url, header);
            }
        }
    }

    #[test]
    fn the_standard_policy() {
        converse(
            CookieJar::new(CookiePolicy::Standard),
            &[
                ("/cookie/set", "", &["a=1", "b=2"]),
                ("/cookie/set", "a=1; b=2", &["p=path; Path=/cookie/deep"]),
                ("/cookie/show", "a=1; b=2", &[]),
                ("/cookie/deep/show", "p=path; a=1; b=2", &[]),
                ("/cookie/set", "a=1; b=2", &["s=sec; Secure"]),
                ("/cookie/show", "a=1; b=2", &[]),
                ("https://127.0.0.1:8100/cookie/show", "a=1; b=2; s=sec", &[]),
                ("/cookie/set", "a=1; b=2", &["a=gone; Max-Age=-1"]),
                ("/cookie/set", "b=2", &["b=old; Expires=Thu, 01 Jan 1998 00:00:00 GMT"]),
                ("/cookie/set", "", &["z=kept; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]),
                ("/cookie/set", "z=kept", &["n=1", "m="]),
                ("/cookie/set", "z=kept; n=1", &["n="]),
                ("/cookie/set", "z=kept", &["l=x; Max-Age=3600; HttpOnly"]),
                ("/cookie/set", "z=kept; l=x", &["l=y"]),
                ("/cookie/show", "z=kept; l=y", &[]),
            ],
        );
    }

    #[test]
    fn domains() {
        converse(
            CookieJar::new(CookiePolicy::Standard),
            &[
                ("/cookie/set", "", &["a=1; Domain=127.0.0.1"]),
                ("/cookie/set", "a=1", &["b=1; Domain=example.com"]),
                ("/cookie/set", "a=1", &["c=1; Domain=.127.0.0.1"]),
                ("/cookie/show", "a=1; c=1", &[]),
                ("http://localhost/cookie/set", "", &["d=1; Domain=localhost"]),
                ("http://LOCALHOST/cookie/show", "d=1", &[]),
                ("http://a.example.com/", "", &["e=1; Domain=Example.com", "f=1", "g=1; Domain=ample.com"]),
                ("http://b.example.com/", "e=1", &[]),
                ("http://a.example.com/", "e=1; f=1", &[]),
            ],
        );
        let url = Url::parse("http://127.0.0.1/").unwrap();
        let mut lax = CookieJar::new(CookiePolicy::Standard).without_checks().keeping_null_cookies();
        assert_eq!(lax.add_from_response(&url, "b=; Domain=example.com").len(), 1);
    }

    #[test]
    fn order() {
        converse(
            CookieJar::new(CookiePolicy::Standard),
            &[
                ("/cookie/set", "", &["b=1", "a=2"]),
                ("/cookie/set", "b=1; a=2", &["deep=3; Path=/cookie/x/y"]),
                ("/cookie/set", "b=1; a=2", &["mid=4; Path=/cookie/x"]),
                ("/cookie/set", "b=1; a=2", &["b=5"]),
                ("/cookie/set", "a=2; b=5", &["b=6; Path=/cookie/x"]),
                ("/cookie/x/y/z", "deep=3; mid=4; b=6; a=2; b=5", &[]),
                ("/cookie/show", "a=2; b=5", &[]),
            ],
        );
    }

    #[test]
    fn odd_values() {
        converse(
            CookieJar::new(CookiePolicy::Standard),
            &[
                ("/cookie/set", "", &["q=\"x y\""]),
                ("/cookie/set", "q=\"x y\"", &["eq=a=b=c"]),
                ("/cookie/set", "q=\"x y\"; eq=a=b=c", &["e=", "c=1,2"]),
                ("/header", "", &["bare", " sp = val ; Path=/"]),
                ("/cookie/set", "q=\"x y\"; eq=a=b=c; c=\"1,2\"; sp=val", &["Case=U", "case=l"]),
                ("/header", "sp=val", &["d=1; Path=/; Path=/x", ";", "x=1; Expires=soon"]),
                ("/cookie/show", "q=\"x y\"; eq=a=b=c; c=\"1,2\"; Case=U; case=l; sp=val", &[]),
            ],
        );
    }

    #[test]
    fn other_policies() {
        for policy in [CookiePolicy::Default, CookiePolicy::Netscape] {
            converse(
                CookieJar::new(policy),
                &[
                    ("/cookie/set", "", &["a=1", "b=two words", "c=x,y"]),
                    ("/cookie/set", "a=1; b=two words; c=x,y", &["p=1; Path=/cookie/deep", "o=1; Path=/elsewhere"]),
                    ("/cookie/deep/show", "a=1; b=two words; c=x,y; p=1", &[]),
                    ("/cookie/set", "a=1; b=two words; c=x,y", &["e=1; Expires=Wed, 01-Jan-2098 00:00:00 GMT"]),
                    ("/cookie/set", "a=1; b=two words; c=x,y; e=1", &["g=1; Expires=soon"]),
                    ("/cookie/show", "a=1; b=two words; c=x,y; e=1", &[]),
                ],
            );
        }
        converse(CookieJar::new(CookiePolicy::Ignore), &[("/", "", &["a=1"]), ("/", "", &[])]);
        converse(
            CookieJar::new(CookiePolicy::StandardStrict),
            &[
                ("/", "", &["a=1; Max-Age=x", "b=1; Expires=soon", "c=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT"]),
                ("/", "c=1", &[]),
            ],
        );
        converse(
            CookieJar::new(CookiePolicy::Default),
            &[
                ("/a/b", "", &["a=1; Version=1; Path=/a", "b=2; Version=1"]),
                ("/a/b", "$Version=1; a=\"1\"; $Path=\"/a\"$Version=1; b=\"2\"", &[]),
            ],
        );
        converse(
            CookieJar::new(CookiePolicy::Rfc2109),
            &[("/a/b", "", &["a=1; Version=1, b=2; Path=/c"]), ("/a/b", "$Version=1; a=\"1\"", &[])],
        );
    }

    #[test]
    fn cookies_of_the_plan() {
        let own = |place, name: &str, domain: &str, path: &str| {
            Cookie::defined(place, name.into(), "1".into(), domain.into(), path.into())
        };
        let mut jar = CookieJar::new(CookiePolicy::Standard);
        jar.reset(&[
            own(0, "all", "127.0.0.1", "/"),
            own(1, "deep", "127.0.0.1", "/deep"),
            own(2, "o", "example.com", "/"),
        ]);
        let url = Url::parse("http://127.0.0.1/deep/x").unwrap();
        assert_eq!(jar.header_for(&url).as_deref(), Some("deep=1; all=1"));
        let mapped = jar
            .header_for_mapped(&url, |cookie| cookie.defined.map(|_| Cookie { value: "2".into(), ..cookie.clone() }));
        assert_eq!(mapped.as_deref(), Some("deep=2; all=2"));
        assert!(jar.add_from_response(&url, "all=3; Path=/").iter().all(|cookie| cookie.defined.is_none()));
        assert_eq!(jar.header_for(&url).as_deref(), Some("deep=1; all=3"));
        assert_eq!(CookiePolicy::named("Compatibility"), Some(CookiePolicy::Default));
        assert_eq!(CookiePolicy::named("x"), None);
    }
}

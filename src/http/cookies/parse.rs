//! `Set-Cookie` headers taken apart, by each specification's rules.

use super::dates::{ASCTIME, NETSCAPE, RFC_1036, RFC_1123, lax_date, pattern_date};
use super::{Cookie, CookiePolicy, Origin, Rules};
use crate::clock;
use crate::http::header_value::{Element, Scanner};
use crate::text::Text;

/// A cookie as it came; with the moment of its expiry in milliseconds.
pub(super) struct Received {
    pub cookie: Cookie,
    pub expires_millis: Option<i64>,
}

impl Received {
    pub fn new(name: String, value: String, origin: &Origin) -> Self {
        let cookie = Cookie {
            name: name.into(),
            value: value.into(),
            domain: Text::from(&*origin.host),
            path: Text::from(origin.default_path()),
            secure: false,
            expires: 0,
            path_specified: false,
            domain_specified: false,
            version: 0,
            defined: None,
        };
        Self { cookie, expires_millis: None }
    }

    fn expire_at(&mut self, millis: i64) {
        self.expires_millis = Some(millis);
        self.cookie.expires = millis / 1000;
    }

    fn expire_in(&mut self, seconds: i32) {
        self.expire_at(clock::now().millis() + i64::from(seconds) * 1000);
    }

    /// `BasicMaxAgeHandler`.
    fn strict_max_age(&mut self, value: Option<&str>) -> Result<(), String> {
        let value = value.ok_or("Missing value for 'max-age' attribute")?;
        let age: i32 = value.parse().map_err(|_| format!("Invalid 'max-age' attribute: {value}"))?;
        if age < 0 {
            return Err(format!("Negative 'max-age' attribute: {value}"));
        }
        self.expire_in(age);
        Ok(())
    }

    /// `BasicExpiresHandler`.
    fn strict_expires(&mut self, value: Option<&str>, patterns: &[&str]) -> Result<(), String> {
        let value = value.ok_or("Missing value for 'expires' attribute")?;
        let millis = pattern_date(value, patterns).ok_or_else(|| format!("Invalid 'expires' attribute: {value}"))?;
        self.expire_at(millis);
        Ok(())
    }

    /// `BasicDomainHandler`.
    fn domain(&mut self, value: Option<&str>) -> Result<(), String> {
        let value = not_blank(value).ok_or("Blank or null value for domain attribute")?;
        if !value.ends_with('.') {
            self.cookie.domain = value.strip_prefix('.').unwrap_or(value).to_lowercase().into();
        }
        Ok(())
    }

    /// `BasicPathHandler`.
    fn path(&mut self, value: Option<&str>) {
        self.cookie.path = not_blank(value).unwrap_or("/").into();
    }
}

fn not_blank(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.trim().is_empty())
}

/// `RFC6265CookieSpec.parse`.
pub(super) fn parse_rfc6265(header: &str, origin: &Origin, policy: CookiePolicy) -> Result<Option<Received>, String> {
    let mut scanner = Scanner::new(header);
    let name = scanner.token("=;");
    if name.is_empty() || scanner.at_end() {
        return Ok(None);
    }
    if scanner.next() != Some('=') {
        return Err(format!("Cookie value is invalid: 'Set-Cookie: {header}'"));
    }
    let value = scanner.value(";");
    scanner.next();
    // A name that comes twice keeps its place and takes the later value.
    let mut attributes: Vec<(String, Option<String>)> = Vec::new();
    while !scanner.at_end() {
        let name = scanner.token("=;").to_lowercase();
        let value = (scanner.next() == Some('=')).then(|| {
            let value = scanner.token(";");
            scanner.next();
            value
        });
        match attributes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => attributes.push((name, value)),
        }
    }
    let mut received = Received::new(name, value, origin);
    let has_max_age = attributes.iter().any(|(name, _)| name == "max-age");
    for (name, value) in &attributes {
        let value = value.as_deref();
        match (&**name, policy) {
            ("path", _) => {
                received.cookie.path_specified = true;
                received.path(value);
            }
            ("domain", _) => {
                received.cookie.domain_specified = true;
                received.domain(value)?;
            }
            ("secure", _) => received.cookie.secure = true,
            ("max-age", CookiePolicy::StandardStrict) => received.strict_max_age(value)?,
            ("max-age", _) => {
                match value.and_then(|value| value.parse::<i32>().ok().filter(|_| !value.starts_with('+'))) {
                    Some(age) if age < 0 => received.expire_at(i64::MIN),
                    Some(age) => received.expire_in(age),
                    None => {}
                }
            }
            ("expires", _) if has_max_age => {}
            ("expires", CookiePolicy::StandardStrict) => {
                received.strict_expires(value, &[RFC_1123, RFC_1036, ASCTIME])?;
            }
            ("expires", _) => {
                if let Some(value) = not_blank(value) {
                    let millis = lax_date(value).ok_or_else(|| format!("Invalid 'expires' attribute: {value}"))?;
                    received.expire_at(millis);
                }
            }
            _ => {}
        }
    }
    Ok(Some(received))
}

pub(super) fn parse_list(list: &[Element], origin: &Origin) -> Result<Vec<Received>, String> {
    let mut out = Vec::new();
    for element in list {
        out.extend(parse_element(element, origin, Rules::Rfc2109)?);
    }
    Ok(out)
}

/// `CookieSpecBase.parse`: the attributes are taken from the last to the first, so that the first one counts.
pub(super) fn parse_element(element: &Element, origin: &Origin, rules: Rules) -> Result<Vec<Received>, String> {
    if element.name.is_empty() {
        return Ok(Vec::new());
    }
    let mut received = Received::new(element.name.clone(), element.value.clone().unwrap_or_default(), origin);
    for (name, value) in element.parameters.iter().rev() {
        let value = value.as_deref();
        match (&*name.to_lowercase(), rules) {
            ("path", _) => {
                received.cookie.path_specified = true;
                received.path(value);
            }
            ("domain", rules) => {
                received.cookie.domain_specified = true;
                match (rules, not_blank(value)) {
                    (Rules::Compatible, _) => received.domain(value)?,
                    (_, Some(value)) => received.cookie.domain = value.to_lowercase().into(),
                    (Rules::Netscape, None) => return Err("Blank or null value for domain attribute".to_owned()),
                    (Rules::Rfc2109, None) => return Err("Blank value for domain attribute".to_owned()),
                }
            }
            ("secure", _) => received.cookie.secure = true,
            ("expires", Rules::Compatible | Rules::Netscape) => received.strict_expires(value, &[NETSCAPE])?,
            ("max-age", Rules::Rfc2109) => received.strict_max_age(value)?,
            ("version", Rules::Rfc2109) => {
                let value = not_blank(value).ok_or("Blank value for version attribute")?;
                let version: i32 =
                    value.parse().map_err(|_| format!("Invalid version: For input string: \"{value}\""))?;
                if version < 0 {
                    return Err("Cookie version may not be negative".to_owned());
                }
                received.cookie.version = version;
            }
            _ => {}
        }
    }
    Ok(vec![received])
}

//! Which proxy a request goes through: the sampler's own, or the one of the system properties
//! (`HTTPHC4Impl.createHttpClientKey`).

use super::fields::Fields;
use crate::elements::configs::in_domain;
use crate::http::{Credentials, Proxy, Scheme, Url};
use crate::properties::Properties;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};

/// The proxy of `http.proxyHost` and its kin.
pub(super) struct StaticProxy {
    proxy: Proxy,
    /// Hosts that are asked directly.
    except: Vec<Text>,
    /// Ends of the names of hosts that are asked directly.
    except_suffixes: Vec<Text>,
}

/// The domain of the user at any proxy (`http.proxyDomain`).
pub(super) fn domain(properties: &Properties) -> Text {
    properties.text_or("http.proxyDomain", "")
}

impl StaticProxy {
    /// `None` when no proxy, or no port of it, is set.
    pub fn new(properties: &Properties) -> Option<Self> {
        let system = |name: &str| properties.system().get(name).unwrap_or_default();
        let (host, scheme) = (system("http.proxyHost"), system("http.proxyScheme"));
        let port = system("http.proxyPort").parse::<u16>().ok().filter(|port| *port > 0)?;
        if host.is_empty() {
            return None;
        }
        let user = properties.text_or("http.proxyUser", "");
        let password = properties.text_or("http.proxyPass", "");
        let auth = credentials(&domain(properties), user, password);
        let proxy = Proxy { scheme: scheme_named(&scheme), host, port, auth };
        let (mut except, mut except_suffixes) = (Vec::new(), Vec::new());
        for host in system("http.nonProxyHosts").split('|').filter(|host| !host.is_empty()) {
            match host.strip_prefix('*') {
                Some(suffix) => except_suffixes.push(Text::from(suffix)),
                None => except.push(Text::from(host)),
            }
        }
        Some(StaticProxy { proxy, except, except_suffixes })
    }

    /// The proxy for an address.
    pub fn for_url(&self, url: &Url) -> Option<Proxy> {
        let host = url.host();
        let direct = self.except.contains(host) || self.except_suffixes.iter().any(|suffix| host.ends_with(&**suffix));
        (!direct).then(|| self.proxy.clone())
    }
}

/// The sampler's own proxy, if it names a host and a port.
pub(super) fn of_fields(fields: &Fields, domain: &str, user: &mut VirtualUser) -> Result<Option<Proxy>, Thrown> {
    let host = fields.proxy_host.eval(user)?;
    let port = fields.proxy_port.eval(user)?;
    let Some(port) = u16::try_from(port).ok().filter(|port| *port > 0) else { return Ok(None) };
    if host.trim().is_empty() {
        return Ok(None);
    }
    let scheme = fields.proxy_scheme.eval(user)?.to_lowercase();
    if !matches!(&*scheme, "" | "http" | "https") {
        let message = format!("{scheme} protocol is not supported");
        return Err(Thrown::new("org.apache.http.conn.UnsupportedSchemeException", message));
    }
    let scheme = scheme_named(&scheme);
    let auth = credentials(domain, fields.proxy_user.eval(user)?, fields.proxy_password.eval(user)?);
    Ok(Some(Proxy { scheme, host, port, auth }))
}

fn scheme_named(name: &str) -> Scheme {
    if name.eq_ignore_ascii_case("https") { Scheme::Https } else { Scheme::Http }
}

fn credentials(domain: &str, user: Text, password: Text) -> Option<Credentials> {
    (!user.is_empty()).then(|| Credentials { user: in_domain(domain, user), password })
}

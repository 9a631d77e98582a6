//! HTTP Authorization Manager (`org.apache.jmeter.protocol.http.control.AuthManager`): which name and password go to
//! which addresses.

use crate::elements::roles::Config;
use crate::elements::{Compile, Definition, Role, Severity};
use crate::expr::Expr;
use crate::http::Url;
use crate::jmx::PropertyValue;
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use std::any::Any;

pub(super) const AUTH_MANAGER: Definition = Definition {
    tag: "AuthManager",
    menu: "HTTP Authorization Manager",
    compile: |compile| Some(Role::config(AuthManager::new(compile))),
};

/// Names and passwords by address.
pub struct AuthManager {
    rules: Vec<Rule>,
}

struct Rule {
    url: Expr,
    user: Expr,
    password: Expr,
    domain: Expr,
    realm: Expr,
    mechanism: Expr,
}

/// Who we are to a server.
pub struct Authorization {
    /// The name.
    pub user: Text,
    /// The password.
    pub password: Text,
    /// The realm that it is for; empty for any.
    pub realm: Text,
    /// Whether it is told with the first request (Basic), or only when the server asks.
    pub preemptive: bool,
}

impl AuthManager {
    fn new(compile: &mut Compile<'_>) -> Self {
        let element = compile.element;
        let mut rules = Vec::new();
        for entry in element.collection("AuthManager.auth_list") {
            let PropertyValue::Element(rule) = &entry.value else { continue };
            let mechanism = rule.text_or("Authorization.mechanism", "BASIC");
            if &*mechanism == "KERBEROS" {
                compile.problem(Severity::Unsupported, "Kerberos authentication is not supported");
            }
            if !rule.text("Authorization.domain").is_empty() {
                let words = "NTLM is not supported: servers that ask for nothing else answer 401; Basic and Digest name \
                             the domain with the user";
                compile.problem(Severity::Warning, words);
            }
            rules.push(Rule {
                url: compile.expr_in(rule, "Authorization.url"),
                user: compile.expr_in(rule, "Authorization.username"),
                password: compile.expr_in(rule, "Authorization.password"),
                domain: compile.expr_in(rule, "Authorization.domain"),
                realm: compile.expr_in(rule, "Authorization.realm"),
                mechanism: compile.parse(&mechanism),
            });
        }
        AuthManager { rules }
    }

    /// The first rule whose address is the beginning of `url`, written with or without the protocol's own port. As with
    /// HttpClient, the query takes no part.
    pub fn for_url(&self, url: &Url, user: &mut VirtualUser) -> Result<Option<Authorization>, Thrown> {
        if self.rules.is_empty() {
            return Ok(None);
        }
        let (scheme, host, path) = (url.scheme(), url.host(), url.path());
        let with_port = |port: Option<u32>| match port {
            Some(port) => format!("{}://{host}:{port}{path}", scheme.name()),
            None => format!("{}://{host}{path}", scheme.name()),
        };
        let default = u32::from(scheme.default_port());
        let as_written = with_port(url.port());
        let other = match url.port() {
            None => Some(with_port(Some(default))),
            Some(port) if port == default => Some(with_port(None)),
            Some(_) => None,
        };
        for rule in &self.rules {
            let prefix = rule.url.eval(user)?;
            if as_written.starts_with(&*prefix) || other.as_ref().is_some_and(|other| other.starts_with(&*prefix)) {
                return rule.read(user).map(Some);
            }
        }
        Ok(None)
    }

    /// The first rule for a server and a realm: how HttpClient looks credentials up where Basic is not preemptive.
    pub fn for_realm(&self, url: &Url, realm: &str, user: &mut VirtualUser) -> Result<Option<Authorization>, Thrown> {
        for rule in &self.rules {
            let Ok(address) = Url::parse(&rule.url.eval(user)?) else { continue };
            if address.host() == url.host()
                && address.effective_port() == url.effective_port()
                && *rule.realm.eval(user)? == *realm
            {
                return rule.read(user).map(Some);
            }
        }
        Ok(None)
    }
}

impl Rule {
    fn read(&self, user: &mut VirtualUser) -> Result<Authorization, Thrown> {
        let mechanism = self.mechanism.eval(user)?;
        Ok(Authorization {
            user: in_domain(&self.domain.eval(user)?, self.user.eval(user)?),
            password: self.password.eval(user)?,
            realm: self.realm.eval(user)?,
            preemptive: matches!(&*mechanism, "BASIC" | "BASIC_DIGEST"),
        })
    }
}

/// A user's name as `NTCredentials` have it.
pub fn in_domain(domain: &str, user: Text) -> Text {
    if domain.is_empty() { user } else { Text::from(format!("{}\\{user}", domain.to_uppercase())) }
}

impl Config for AuthManager {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

//! HTTP Cookie Manager (`org.apache.jmeter.protocol.http.control.CookieManager`): a jar for each user, filled with the
//! plan's own cookies at the start and with what servers set.

use crate::elements::roles::{Config, IterationListener};
use crate::elements::{Compile, Definition, Role, Severity};
use crate::expr::{BoolExpr, Expr};
use crate::http::{Cookie, CookieJar, CookiePolicy, Url};
use crate::jmx::PropertyValue;
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::any::Any;
use std::sync::Arc;

pub(super) const COOKIE_MANAGER: Definition = Definition {
    tag: "CookieManager",
    menu: "HTTP Cookie Manager",
    compile: |compile| {
        let manager = Arc::new(CookieManager::new(compile));
        Some(Role { config: Some(manager.clone()), test_iteration: Some(manager), ..Role::default() })
    },
};

/// A user's cookies.
pub struct CookieManager {
    policy: CookiePolicy,
    keep_null: bool,
    skip_checks: bool,
    /// Prefix of the variables that hold received cookies (`CookieManager.save.cookies`).
    saved_as: Option<Text>,
    clear_each_iteration: BoolExpr,
    by_thread_group: BoolExpr,
    /// The plan's cookies as they are written; references in them are read each time they are sent.
    initial: Vec<Cookie>,
    /// What of [`CookieManager::initial`] holds references, by place; empty when nothing does.
    expressions: Vec<CookieExpr>,
    jar: Slot<Jar>,
}

struct CookieExpr {
    name: Expr,
    value: Expr,
    domain: Expr,
    path: Expr,
    secure: BoolExpr,
}

/// A user's jar; `None` before the first sample.
#[derive(Default)]
struct Jar(Option<CookieJar>);

impl CookieManager {
    fn new(compile: &mut Compile<'_>) -> Self {
        let element = compile.element;
        let properties = compile.shared.properties.clone();
        let policy = element.text("CookieManager.policy");
        let policy = CookiePolicy::named(if policy.is_empty() { "standard" } else { &policy }).unwrap_or_else(|| {
            compile.problem(Severity::Warning, format!("cookie policy {policy:?} is unknown, standard is used"));
            CookiePolicy::Standard
        });
        if element.text("CookieManager.policy").eq_ignore_ascii_case("rfc2965") {
            compile.problem(Severity::Warning, "cookie policy rfc2965 is run as rfc2109");
        }
        let mut initial = Vec::new();
        let mut expressions = Vec::new();
        for entry in element.collection("CookieManager.cookies") {
            let PropertyValue::Element(cookie) = &entry.value else { continue };
            let (name, value) = (cookie.name(), cookie.text("Cookie.value"));
            let (domain, path) = (cookie.text("Cookie.domain"), cookie.text("Cookie.path"));
            let version = cookie.text("Cookie.version");
            expressions.push(CookieExpr {
                name: compile.parse(&name),
                value: compile.parse(&value),
                domain: compile.parse(&domain),
                path: compile.parse(&path),
                secure: compile.flag_in(cookie, "Cookie.secure", false),
            });
            initial.push(Cookie {
                secure: cookie.bool("Cookie.secure"),
                path_specified: cookie.bool("Cookie.path_specified"),
                domain_specified: cookie.bool("Cookie.domain_specified"),
                version: version.parse().unwrap_or(1),
                ..Cookie::defined(initial.len(), text(&name), text(&value), text(&domain), text(&path))
            });
        }
        let has_references = |cookie: &CookieExpr| {
            [&cookie.name, &cookie.value, &cookie.domain, &cookie.path].iter().any(|expr| expr.as_literal().is_none())
                || matches!(cookie.secure, BoolExpr::Text(_))
        };
        if !properties.bool_or("CookieManager.allow_variable_cookies", true) || !expressions.iter().any(has_references)
        {
            expressions.clear();
        }
        let prefix = properties.text_or("CookieManager.name.prefix", "COOKIE_");
        CookieManager {
            policy,
            keep_null: !properties.bool_or("CookieManager.delete_null_cookies", true),
            skip_checks: !properties.bool_or("CookieManager.check.cookies", true),
            saved_as: properties.bool_or("CookieManager.save.cookies", false).then(|| Text::from(prefix.trim())),
            clear_each_iteration: compile.flag("CookieManager.clearEachIteration", false),
            by_thread_group: compile.flag("CookieManager.controlledByThreadGroup", false),
            initial,
            expressions,
            jar: compile.slot(),
        }
    }

    /// Takes the user's jar, for the time of a sample.
    pub fn take(&self, user: &mut VirtualUser) -> CookieJar {
        user.slot(self.jar).0.take().unwrap_or_else(|| {
            let mut jar = CookieJar::new(self.policy);
            if self.keep_null {
                jar = jar.keeping_null_cookies();
            }
            if self.skip_checks {
                jar = jar.without_checks();
            }
            jar.reset(&self.initial);
            jar
        })
    }

    /// Gives the jar back.
    pub fn put(&self, user: &mut VirtualUser, jar: CookieJar) {
        user.slot(self.jar).0 = Some(jar);
    }

    /// Puts what a script left in the place of the user's cookies.
    pub fn replace(&self, user: &mut VirtualUser, cookies: &[Cookie]) {
        let mut jar = self.take(user);
        let new: Vec<Cookie> = cookies.iter().filter(|cookie| !jar.cookies().contains(cookie)).cloned().collect();
        jar.reset(cookies);
        self.put(user, jar);
        self.save(&new, user);
    }

    /// The `Cookie` header for an address.
    pub fn header(&self, jar: &CookieJar, url: &Url, user: &mut VirtualUser) -> Result<Option<Text>, Thrown> {
        if url.host().is_empty() {
            return Err(Thrown::new("java.lang.IllegalArgumentException", "Host may not be blank"));
        }
        if self.expressions.is_empty() || jar.cookies().is_empty() {
            return Ok(jar.header_for(url));
        }
        let mut read = Vec::with_capacity(self.expressions.len());
        for (place, cookie) in self.expressions.iter().enumerate() {
            read.push(Cookie {
                secure: cookie.secure.eval(user)?,
                ..Cookie::defined(
                    place,
                    cookie.name.eval(user)?,
                    cookie.value.eval(user)?,
                    cookie.domain.eval(user)?,
                    cookie.path.eval(user)?,
                )
            });
        }
        Ok(jar.header_for_mapped(url, |cookie| {
            let read = read.get(cookie.defined?)?;
            Some(Cookie {
                path_specified: cookie.path_specified,
                domain_specified: cookie.domain_specified,
                version: cookie.version,
                ..read.clone()
            })
        }))
    }

    /// Stores what an answer from `url` sets, and sets the variables that hold cookies if the plan wants them.
    pub fn received<'a>(
        &self,
        jar: &mut CookieJar,
        url: &Url,
        set_cookies: impl Iterator<Item = &'a str>,
        user: &mut VirtualUser,
    ) {
        for header in set_cookies {
            self.save(&jar.add_from_response(url, header), user);
        }
    }

    /// Adds cookies that were received elsewhere: by a resource that had a jar of its own.
    pub fn merge(&self, jar: &mut CookieJar, others: &[Cookie], user: &mut VirtualUser) {
        for cookie in others {
            if jar.add(cookie.clone()) {
                self.save(std::slice::from_ref(cookie), user);
            }
        }
    }

    fn save(&self, cookies: &[Cookie], user: &mut VirtualUser) {
        let Some(prefix) = &self.saved_as else { return };
        for cookie in cookies {
            user.variables.put(&format!("{prefix}{}", cookie.name), Text::clone(&cookie.value));
        }
    }
}

impl Config for CookieManager {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl IterationListener for CookieManager {
    /// An iteration that is another user, or one that is to start without cookies, has the plan's cookies only.
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        if super::starts_anew(&self.by_thread_group, &self.clear_each_iteration, user)?
            && let Some(jar) = &mut user.slot(self.jar).0
        {
            jar.reset(&self.initial);
        }
        Ok(())
    }
}

fn text(text: &str) -> Text {
    Text::from(text)
}

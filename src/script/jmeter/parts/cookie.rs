//! `org.apache.jmeter.protocol.http.control.CookieManager` and `Cookie`.

use super::property::{Collection, TEST_ELEMENT};
use super::{item_at, item_of, list_of, lock, remove_at, text_of};
use crate::http::Cookie;
use crate::script::library::{Answer, Class, Fault, Method, arguments, java, takes};
use crate::script::value::{ClassRef, List, Object, Value};
use crate::text::Text;
use std::sync::{Arc, Mutex};

pub(super) static COOKIE_MANAGER: Class = Class {
    constructor: takes(0, 0, |_, _, _| Ok(Value::object(CookieManager::over(list_of(Vec::new()))))),
    methods: MANAGER_METHODS,
    ..Class::named("org.apache.jmeter.protocol.http.control.CookieManager", &[&TEST_ELEMENT])
};

pub(super) static COOKIE: Class = Class {
    constructor: takes(0, 9, |_, _, args| {
        let text = |place| args.get(place).map_or_else(Text::default, text_of);
        let specified = |place| if args.len() > place { arguments::flag(args, place) } else { Ok(true) };
        let mut cookie = Cookie::defined(0, text(0), text(1), text(2), text(3));
        cookie.defined = None;
        cookie.secure = args.len() > 4 && arguments::flag(args, 4)?;
        cookie.expires = if args.len() > 5 { arguments::long(args, 5)? } else { 0 };
        cookie.path_specified = specified(6)?;
        cookie.domain_specified = specified(7)?;
        if args.len() > 8 {
            cookie.version = arguments::int(args, 8)?;
        }
        Ok(Value::object(CookieObject::of(cookie)))
    }),
    methods: COOKIE_METHODS,
    ..Class::named("org.apache.jmeter.protocol.http.control.Cookie", &[&TEST_ELEMENT])
};

/// A cookie.
#[derive(Debug)]
pub(super) struct CookieObject(Mutex<Cookie>);

impl CookieObject {
    pub(super) fn of(cookie: Cookie) -> Self {
        Self(Mutex::new(cookie))
    }

    pub(super) fn cookie(&self) -> Cookie {
        lock(&self.0).clone()
    }
}

impl Object for CookieObject {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&COOKIE)
    }

    fn to_text(&self) -> String {
        let cookie = lock(&self.0);
        let secure = if cookie.secure { "TRUE" } else { "FALSE" };
        let Cookie { domain, path, name, value, expires, .. } = &*cookie;
        format!("{domain}\tTRUE\t{path}\t{secure}\t{expires}\t{name}\t{value}")
    }
}

fn get(this: &Value, part: impl FnOnce(&Cookie) -> Value) -> Answer {
    Ok(part(&lock(&item_of::<CookieObject>(this)?.0)))
}

fn set(this: &Value, change: impl FnOnce(&mut Cookie)) -> Answer {
    let mut cookie = lock(&item_of::<CookieObject>(this)?.0);
    change(&mut cookie);
    // References in the plan's own cookie are no longer read.
    cookie.defined = None;
    Ok(Value::Null)
}

const COOKIE_METHODS: &[Method] = &[
    java("getDomain", 0, 0, |_, this, _| get(this, |cookie| cookie.domain.clone().into())),
    java("getExpires", 0, 0, |_, this, _| get(this, |cookie| cookie.expires.into())),
    java("getExpiresMillis", 0, 0, |_, this, _| get(this, |cookie| cookie.expires.saturating_mul(1000).into())),
    java("getName", 0, 0, |_, this, _| get(this, |cookie| cookie.name.clone().into())),
    java("getPath", 0, 0, |_, this, _| get(this, |cookie| cookie.path.clone().into())),
    java("getSecure", 0, 0, |_, this, _| get(this, |cookie| cookie.secure.into())),
    java("getValue", 0, 0, |_, this, _| get(this, |cookie| cookie.value.clone().into())),
    java("getVersion", 0, 0, |_, this, _| get(this, |cookie| cookie.version.into())),
    java("isDomainSpecified", 0, 0, |_, this, _| get(this, |cookie| cookie.domain_specified.into())),
    java("isPathSpecified", 0, 0, |_, this, _| get(this, |cookie| cookie.path_specified.into())),
    java("setDomain", 1, 1, |_, this, args| set(this, |cookie| cookie.domain = text_of(&args[0]))),
    java("setExpires", 1, 1, |_, this, args| {
        let expires = arguments::long(args, 0)?;
        set(this, |cookie| cookie.expires = expires)
    }),
    java("setName", 1, 1, |_, this, args| set(this, |cookie| cookie.name = text_of(&args[0]))),
    java("setPath", 1, 1, |_, this, args| set(this, |cookie| cookie.path = text_of(&args[0]))),
    java("setSecure", 1, 1, |_, this, args| {
        let secure = arguments::flag(args, 0)?;
        set(this, |cookie| cookie.secure = secure)
    }),
    java("setValue", 1, 1, |_, this, args| set(this, |cookie| cookie.value = text_of(&args[0]))),
    java("setVersion", 1, 1, |_, this, args| {
        let version = arguments::int(args, 0)?;
        set(this, |cookie| cookie.version = version)
    }),
];

/// A list of cookies.
#[derive(Debug)]
pub(super) struct CookieManager(Arc<List>);

impl CookieManager {
    pub(super) fn over(items: Arc<List>) -> Self {
        Self(items)
    }

    pub(super) fn items(&self) -> &Arc<List> {
        &self.0
    }
}

impl Object for CookieManager {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&COOKIE_MANAGER)
    }
}

fn items(this: &Value) -> Result<&Arc<List>, Fault> {
    item_of::<CookieManager>(this).map(CookieManager::items)
}

const MANAGER_METHODS: &[Method] = &[
    // One of the same name, domain and path goes; an empty one only takes that away (`CookieManager.add`).
    java("add", 0, 1, |_, this, args| {
        let Some(added) = args.first() else {
            items(this)?.push(Value::object(CookieObject::of(Cookie::defined(
                0,
                Text::default(),
                Text::default(),
                Text::default(),
                Text::default(),
            ))));
            return Ok(Value::Null);
        };
        let new = item_of::<CookieObject>(added)?.cookie();
        items(this)?.change(|items| {
            items.retain(|item| {
                let matches = |known: &CookieObject| {
                    let known = lock(&known.0);
                    known.name == new.name && known.domain == new.domain && known.path == new.path
                };
                item.is_same(added) || !item_of::<CookieObject>(item).is_ok_and(matches)
            });
            if !new.value.is_empty() && !items.iter().any(|item| item.is_same(added)) {
                items.push(added.clone());
            }
        });
        Ok(Value::Null)
    }),
    java("clear", 0, 0, |_, this, _| {
        items(this)?.replace(Vec::new());
        Ok(Value::Null)
    }),
    java("get", 1, 1, |_, this, args| item_at(items(this)?, args)),
    java("getCookieCount", 0, 0, |_, this, _| Ok((items(this)?.len() as i32).into())),
    java("getCookies", 0, 0, |_, this, _| Ok(Value::object(Collection::over(items(this)?.clone())))),
    java("remove", 1, 1, |_, this, args| remove_at(items(this)?, args)),
];

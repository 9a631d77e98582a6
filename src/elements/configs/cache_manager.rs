//! HTTP Cache Manager (`org.apache.jmeter.protocol.http.control.CacheManager`): remembers validators, and with "use
//! Cache-Control/Expires" until when an answer is fresh, for each user. Bodies are not kept: a fresh answer is no
//! request at all.

use crate::clock;
use crate::elements::roles::{Config, IterationListener};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{BoolExpr, LongExpr};
use crate::http::{Head, Header};
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use indexmap::IndexMap;
use std::any::Any;
use std::sync::Arc;

const LOG: &str = "org.apache.jmeter.protocol.http.control.CacheManager";

const ONE_YEAR_MS: i64 = 365 * 24 * 60 * 60 * 1000;

pub(super) const CACHE_MANAGER: Definition = Definition {
    tag: "CacheManager",
    menu: "HTTP Cache Manager",
    compile: |compile| {
        let manager = Arc::new(CacheManager::new(compile));
        Some(Role { config: Some(manager.clone()), test_iteration: Some(manager), ..Role::default() })
    },
};

/// A cache for each user.
pub struct CacheManager {
    use_expires: BoolExpr,
    max_size: LongExpr,
    clear_each_iteration: BoolExpr,
    by_thread_group: BoolExpr,
    methods: Vec<String>,
    cache: Slot<Cache>,
}

/// What one user remembers.
#[derive(Default)]
pub struct Cache {
    entries: IndexMap<String, Entry, ahash::RandomState>,
    /// Whether freshness counts; read at the start of each iteration.
    use_expires: bool,
    max_size: usize,
}

#[derive(Debug, Clone)]
struct Entry {
    last_modified: Option<Text>,
    etag: Option<Text>,
    /// Until when the answer is fresh, in milliseconds since 1970.
    expires: Option<i64>,
    /// The answer's `Vary`: the entry itself is kept under a key that holds the values of those headers.
    vary: Option<Text>,
}

impl CacheManager {
    fn new(compile: &mut Compile<'_>) -> Self {
        let methods = compile.shared.properties.text_or("cacheable_methods", "GET");
        CacheManager {
            use_expires: compile.flag("useExpires", false),
            max_size: compile.long("maxSize", 5000),
            clear_each_iteration: compile.flag("clearEachIteration", false),
            by_thread_group: compile.flag("CacheManager.controlledByThread", false),
            methods: methods.split([' ', ',']).map(str::to_owned).collect(),
            cache: compile.slot(),
        }
    }

    /// Takes the user's cache, for the time of a sample.
    pub fn take(&self, user: &mut VirtualUser) -> Cache {
        user.slots.take(self.cache)
    }

    /// Gives the cache back.
    pub fn put(&self, user: &mut VirtualUser, cache: Cache) {
        user.slots.put(self.cache, cache);
    }

    /// Whether answers to `method` with this status are remembered.
    fn keeps(&self, method: &str, status: u16) -> bool {
        let by_status = (200..=299).contains(&status) || status == 304;
        by_status && self.methods.iter().any(|known| known.eq_ignore_ascii_case(method))
    }

    /// Remembers an answer; `request` are the headers that were sent.
    pub fn save(&self, cache: &mut Cache, url: &str, method: &str, head: &Head, request: &[Header]) {
        let vary = head.last("Vary");
        if vary == Some("*") || !self.keeps(method, head.status()) {
            return;
        }
        let value = |name: &str| head.last(name);
        let (last_modified, expires) = (value("Last-Modified"), value("Expires"));
        let (etag, cache_control) = (value("ETag"), value("Cache-Control"));
        let is_blank = |text: Option<&str>| text.is_none_or(|text| text.trim().is_empty());
        if [last_modified, expires, etag, cache_control].into_iter().all(is_blank) {
            return;
        }
        let fresh_until = if cache.use_expires {
            if cache_control.is_some_and(|control| control.contains("no-store")) {
                return;
            }
            fresh_until(cache_control, expires, last_modified, value("Date"))
        } else {
            None
        };
        let own = |text: Option<&str>| text.map(Text::from);
        let entry = |vary: Option<&str>| Entry {
            last_modified: own(last_modified),
            etag: own(etag),
            expires: fresh_until,
            vary: own(vary),
        };
        match vary {
            Some(vary) => {
                cache.insert(url.to_owned(), entry(Some(vary)));
                cache.insert(vary_key(url, vary, request), entry(None));
            }
            // As in JMeter, the first entry of an address stays until the cache is cleared.
            None if cache.entries.contains_key(url) => {}
            None => cache.insert(url.to_owned(), entry(None)),
        }
    }
}

impl Cache {
    /// Whether there is a fresh answer for a GET with these headers.
    pub fn is_fresh(&self, url: &str, request: &[Header]) -> bool {
        let expires = self.find(url, request).and_then(|entry| entry.expires);
        expires.is_some_and(|expires| expires > clock::now().millis())
    }

    /// Adds the validators of a remembered answer to the headers, in place of those that are there.
    pub fn add_validators(&self, url: &str, headers: &mut Vec<Header>) {
        let Some(entry) = self.find(url, headers) else { return };
        for (name, value) in [("If-Modified-Since", &entry.last_modified), ("If-None-Match", &entry.etag)] {
            let Some(value) = value else { continue };
            let header = Header::new(name, Text::clone(value));
            match headers.iter().position(|known| known.name.eq_ignore_ascii_case(name)) {
                Some(place) => headers[place] = header,
                None => headers.push(header),
            }
        }
    }

    /// Whether anything is remembered.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn find(&self, url: &str, request: &[Header]) -> Option<&Entry> {
        let entry = self.entries.get(url)?;
        match &entry.vary {
            None => Some(entry),
            Some(vary) => self.entries.get(&vary_key(url, vary, request)),
        }
    }

    fn insert(&mut self, key: String, entry: Entry) {
        self.entries.insert(key, entry);
        while self.entries.len() > self.max_size {
            self.entries.swap_remove_index(0);
        }
    }
}

impl Config for CacheManager {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl IterationListener for CacheManager {
    fn iteration_start(&self, user: &mut VirtualUser) -> Result<(), Thrown> {
        let clears = super::starts_anew(&self.by_thread_group, &self.clear_each_iteration, user)?;
        let use_expires = self.use_expires.eval(user)?;
        let max_size = self.max_size.eval(user)?;
        let cache = user.slot(self.cache);
        if clears {
            cache.entries.clear();
        }
        cache.use_expires = use_expires;
        cache.max_size = usize::try_from(max_size).unwrap_or(0);
        Ok(())
    }
}

/// The key of an entry whose answer depends on headers of the request.
fn vary_key(url: &str, vary: &str, request: &[Header]) -> String {
    let mut names: Vec<&str> = vary.split(',').map(str::trim_start).collect();
    names.sort_unstable();
    names.dedup();
    let mut key = format!("vary-{vary}-");
    for name in names {
        for header in request.iter().filter(|header| &*header.name == name) {
            key.push_str(name);
            key.push('=');
            key.push_str(&header.value);
            key.push('\n');
        }
    }
    key.push('-');
    key.push_str(url);
    key
}

/// Until when an answer is fresh: by `max-age`, else `Expires`, else a tenth of its age, else for a year. With
/// `no-cache` only `Expires` counts.
fn fresh_until(
    cache_control: Option<&str>,
    expires: Option<&str>,
    last_modified: Option<&str>,
    date: Option<&str>,
) -> Option<i64> {
    const MAX_AGE: &str = "max-age=";
    let now = clock::now().millis();
    // What is no date counts as expired; so does one that HttpClient cannot read.
    let by_expires = expires.map(|expires| crate::http::http_date(expires).unwrap_or(0));
    if cache_control.is_some_and(|control| control.contains("no-cache")) {
        return by_expires;
    }
    if let Some((_, rest)) = cache_control.and_then(|control| control.split_once(MAX_AGE)) {
        let seconds = rest.split([',', ' ']).next().unwrap_or_default().parse::<i64>().unwrap_or(0);
        return Some(now.saturating_add(seconds.saturating_mul(1000)));
    }
    if expires.is_some() {
        return by_expires;
    }
    let filled = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let (Some(modified), Some(date)) = (filled(last_modified), filled(date)) else { return Some(now + ONE_YEAR_MS) };
    match (crate::http::http_date(&date), crate::http::http_date(&modified)) {
        (Some(date), Some(modified)) => Some(now + (date - modified + 5).div_euclid(10)),
        _ => {
            log::warn!(target: LOG, "Failed computing expiration date with following info:{modified},{date}");
            Some(now + ONE_YEAR_MS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness() {
        let now = clock::now().millis();
        let left = |control, expires, modified, date| {
            fresh_until(control, expires, modified, date).map(|until| (until - now + 500).div_euclid(1000))
        };
        let (old, later) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:59:37 GMT");
        assert_eq!(left(Some("private, max-age=60, x"), Some(old), None, None), Some(60));
        assert_eq!(left(Some("no-cache, max-age=60"), None, None, None), None);
        assert_eq!(left(None, None, Some(old), Some(later)), Some(60));
        assert_eq!(left(None, None, None, None), Some(ONE_YEAR_MS / 1000));
        assert_eq!(fresh_until(None, Some("nonsense"), None, None), Some(0));
        assert_eq!(fresh_until(None, Some(old), None, None), Some(784_111_777_000));
    }

    #[test]
    fn keys_hold_the_headers_that_matter() {
        let headers = [Header::new("A", "1"), Header::new("B", "2"), Header::new("b", "3")];
        assert_eq!(vary_key("u", "B, C, A", &headers), "vary-B, C, A-A=1\nB=2\n-u");
    }
}

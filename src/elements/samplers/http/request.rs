//! A request ready to be sent: its head in the order in which HttpClient writes it (`Connection`, the plan's headers,
//! `Cookie`, length and type, `Host`, `User-Agent`, `Authorization`), its entity, and what JMeter shows of them.

use super::body::Entity;
use super::fields::Fields;
use super::java;
use super::result::shown_headers;
use super::settings::{Implementation, Settings};
use crate::http::{Body, Header, Request, Scheme, Url};
use crate::text::{self, Text};
use crate::virtual_user::{Thrown, VirtualUser};
use std::sync::OnceLock;

/// A request and what its result shows of it.
#[derive(Clone)]
pub(super) struct Ready {
    pub request: Request,
    /// How many of the headers are JMeter's own: those go with HttpClient's redirects, the others are made anew.
    own: usize,
    /// The value of the `Cookie` header, as the result shows it.
    pub cookies: Text,
    /// The body as the result shows it (`queryString`).
    pub shown_body: Text,
    /// Whether the entity is a form, whatever the head calls it.
    is_form: bool,
    /// How many of the headers the result shows: with Java only what JMeter itself has set.
    shown: usize,
    /// The head as the result shows it, made when it is first asked for. Cookies are not in it.
    text: OnceLock<Text>,
}

/// The headers that JMeter itself sets, before the cookies.
pub(super) fn plan_head(
    fields: &Fields,
    settings: &Settings,
    url: &Url,
    user: &mut VirtualUser,
) -> Result<Vec<Header>, Thrown> {
    let mut headers = Vec::with_capacity(10);
    let connection = if fields.keep_alive.eval(user)? { "keep-alive" } else { "close" };
    headers.push(Header::new("Connection", connection));
    for (place, manager) in fields.headers.iter().enumerate() {
        for (name, value) in manager.iter() {
            let name = name.eval(user)?;
            // What the nearest manager says goes in whole; of outer ones only names that are new.
            let known = place > 0 && headers[1..].iter().any(|known: &Header| known.name.eq_ignore_ascii_case(&name));
            if !known {
                headers.push(Header { name, value: value.eval(user)? });
            }
        }
    }
    if settings.implementation == Implementation::Java {
        return Ok(headers);
    }
    headers.retain(|header| !header.name.eq_ignore_ascii_case("Content-Length"));
    for header in headers.iter_mut().filter(|header| header.name.eq_ignore_ascii_case("Host")) {
        *header = Header::new("Host", host(&header.value, url));
    }
    Ok(headers)
}

impl Ready {
    /// Completes a head. `cookies` is what the Cookie Manager sends; `via_proxy` tells whether a proxy reads it.
    pub fn new(
        settings: &Settings,
        via_proxy: bool,
        method: &Text,
        url: &Url,
        mut headers: Vec<Header>,
        cookies: Option<Text>,
        entity: Option<Entity>,
    ) -> Self {
        let shown_cookies = put_cookies(&mut headers, cookies);
        let (mut body, mut shown_body) = (Body::Empty, Text::default());
        let own;
        let mut late_type = None;
        let mut is_form = false;
        if let Some(entity) = entity {
            is_form = entity.content_type.as_ref().is_some_and(|own| own.starts_with(super::body::FORM));
            let is_type = |header: &Header| header.name.eq_ignore_ascii_case("Content-Type");
            if entity.replaces_type {
                headers.retain(|header| !is_type(header));
            }
            if let Some(header_type) = entity.header_type
                && headers.iter().find(|header| is_type(header)).is_none_or(|header| header.value.is_empty())
            {
                set(&mut headers, "Content-Type", header_type);
            }
            own = headers.len();
            let typed = headers.iter().any(is_type);
            let mut length = itoa::Buffer::new();
            // With Java a length that the plan gives keeps its place, though not its value.
            set(&mut headers, "Content-Length", Text::from(length.format(entity.body.len())));
            late_type = entity.content_type.filter(|_| !typed);
            body = entity.body;
            shown_body = entity.shown;
        } else {
            own = headers.len();
        }
        // Java names the type behind all it adds itself, and in its own way.
        let is_java = settings.implementation == Implementation::Java;
        if !is_java && let Some(content_type) = late_type.take() {
            headers.push(Header::new("Content-Type", content_type));
        }
        let shown = if is_java { headers.len() } else { usize::MAX };
        let mut ready = Ready {
            shown,
            request: Request { method: Text::clone(method), url: url.clone(), headers, body },
            own,
            cookies: shown_cookies,
            shown_body,
            is_form,
            text: OnceLock::new(),
        };
        ready.complete(settings, via_proxy);
        if let Some(content_type) = late_type {
            ready.request.headers.push(Header::new("Content-type", content_type));
        }
        ready
    }

    /// Adds the header that says who we are: behind all others, or with Java behind JMeter's own.
    pub fn add_authorization(&mut self, settings: &Settings, value: Text) {
        let header = Header::new("Authorization", value);
        match settings.implementation {
            Implementation::HttpClient => self.request.headers.push(header),
            Implementation::Java => {
                self.request.headers.insert(self.own, header);
                self.shown += 1;
            }
        }
        self.text = OnceLock::new();
    }

    /// The headers that JMeter itself has set.
    pub fn own_headers(&self) -> &[Header] {
        &self.request.headers[..self.own]
    }

    /// What every sample shows of a request that is the same at all times is kept for all of them.
    pub fn keep_texts(&self) {
        for shown in [&self.head_text(&[]), &self.cookies, &self.shown_body] {
            text::for_ever(shown);
        }
    }

    /// The head as the result shows it, with what the connection added to it.
    pub fn head_text(&self, added: &[Header]) -> Text {
        if added.is_empty()
            && let Some(text) = self.text.get()
        {
            return Text::clone(text);
        }
        let text = shown_headers(self.request.headers.iter().take(self.shown).chain(added));
        if added.is_empty() {
            let _ = self.text.set(Text::clone(&text));
        }
        text
    }

    /// The same request with other cookies.
    #[must_use]
    pub fn with_cookies(&self, cookies: Text) -> Self {
        let mut ready = self.clone();
        let before = ready.request.headers.len();
        let mut headers = ready.request.headers.split_off(self.own);
        ready.cookies = put_cookies(&mut ready.request.headers, Some(cookies));
        ready.own = ready.request.headers.len();
        debug_assert!(ready.own + headers.len() >= before);
        ready.request.headers.append(&mut headers);
        ready
    }

    /// The request that HttpClient itself sends on to another address: the plan's headers and, if the request is
    /// repeated, its entity.
    #[must_use]
    pub fn redirected(&self, settings: &Settings, via_proxy: bool, mut url: Url, repeat: bool) -> Self {
        let mut ready = self.clone();
        let headers = &mut ready.request.headers;
        // HttpClient builds a form anew from its parameters: without any there is no entity, and only a POST keeps them
        // out of the address.
        let form = match &self.request.body {
            Body::Bytes(bytes) if repeat && self.is_form => std::str::from_utf8(bytes).ok(),
            _ => None,
        };
        let loses_entity =
            form.is_some_and(|form| form.is_empty() || !self.request.method.eq_ignore_ascii_case("POST"));
        if loses_entity {
            headers.truncate(self.own);
            ready.request.body = Body::Empty;
            if let Some(form) = form.filter(|form| !form.is_empty()) {
                url = url.with_query(form);
            }
        } else if repeat {
            let named = |header: &Header, name: &str| header.name.eq_ignore_ascii_case(name);
            let mut place = 0;
            headers.retain(|header| {
                place += 1;
                place <= self.own || named(header, "Content-Length") || named(header, "Content-Type")
            });
        } else {
            headers.truncate(self.own);
            ready.request.body = Body::Empty;
            let head = ready.request.method.eq_ignore_ascii_case("HEAD");
            ready.request.method = Text::from(if head { "HEAD" } else { "GET" });
        }
        ready.request.url = url;
        ready.text = OnceLock::new();
        ready.complete(settings, via_proxy);
        ready
    }

    /// The request that Java itself sends on to another address: as it was, except that a POST that is not repeated
    /// becomes a GET without any of the plan's headers.
    #[must_use]
    pub fn redirected_by_java(&self, settings: &Settings, url: Url, repeat: bool) -> Self {
        let mut ready = self.clone();
        let request = &mut ready.request;
        request.url = url;
        if !repeat && &*request.method == "POST" {
            request.method = Text::from("GET");
            request.headers.clear();
            request.body = Body::Empty;
            ready.own = 0;
        }
        for header in request.headers.iter_mut().filter(|header| header.name.eq_ignore_ascii_case("Host")) {
            header.value = Text::from(request.url.host_header());
        }
        ready.text = OnceLock::new();
        ready.complete(settings, false);
        ready
    }

    /// Adds what HttpClient adds.
    fn complete(&mut self, settings: &Settings, via_proxy: bool) {
        if settings.implementation == Implementation::Java {
            return java::complete(&mut self.request.headers, &self.request.url, settings.user_agent.as_ref());
        }
        if self.request.header("Host").is_none() {
            self.request.headers.push(Header::new("Host", self.request.url.host_header()));
        }
        let is_plain = self.request.url.scheme() == Scheme::Http;
        let connects = self.request.method.eq_ignore_ascii_case("CONNECT");
        if ((via_proxy && is_plain) || connects) && self.request.header("Proxy-Connection").is_none() {
            self.request.headers.push(Header::new("Proxy-Connection", "Keep-Alive"));
        }
        if let Some(agent) = &settings.user_agent
            && self.request.header("User-Agent").is_none()
        {
            self.request.headers.push(Header::new("User-Agent", Text::clone(agent)));
        }
    }
}

/// A `Host` header of the plan: its own port or the address's goes with it, unless it is the default.
fn host(value: &str, url: &Url) -> String {
    let (name, own_port) = match value.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (name, port.parse::<u32>().ok())
        }
        _ => (value, None),
    };
    match own_port.or_else(|| url.port()) {
        Some(port) if port != u32::from(url.scheme().default_port()) => format!("{name}:{port}"),
        _ => name.to_owned(),
    }
}

/// Puts the Cookie Manager's cookies in the place of a `Cookie` header of the plan, or behind all of them. Returns what
/// the result shows.
fn put_cookies(headers: &mut Vec<Header>, cookies: Option<Text>) -> Text {
    match cookies {
        Some(cookies) => {
            set(headers, "Cookie", Text::clone(&cookies));
            cookies
        }
        None => headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case("Cookie"))
            .map_or_else(Text::default, |header| Text::clone(&header.value)),
    }
}

/// `HttpMessage.setHeader`: in place of the first of that name, else at the end.
fn set(headers: &mut Vec<Header>, name: &'static str, value: Text) {
    let header = Header::new(name, value);
    match headers.iter().position(|known| known.name.eq_ignore_ascii_case(name)) {
        Some(place) => headers[place] = header,
        None => headers.push(header),
    }
}

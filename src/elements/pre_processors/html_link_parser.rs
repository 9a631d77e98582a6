//! HTML Link Parser (`org.apache.jmeter.protocol.http.modifier.AnchorModifier`): the request's path, server and arguments
//! are patterns; one of the last page's links and forms that fit them is taken.

use crate::elements::roles::{PreProcessor, Sampler};
use crate::elements::samplers::http::{Argument, Fields, draft};
use crate::elements::{Definition, Role};
use crate::expr::Expr;
use crate::http::Url;
use crate::http::redirect::make_relative;
use crate::java::regex::{Options, Pattern};
use crate::java::url_encoding::{decode, encode_utf8};
use crate::virtual_user::{Thrown, VirtualUser};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::RefCell;

const LOG: &str = "org.apache.jmeter.protocol.http.modifier.AnchorModifier";

pub(super) const HTML_LINK_PARSER: Definition = Definition {
    tag: "AnchorModifier",
    menu: "HTML Link Parser",
    compile: |compile| {
        compile.shared.reads_previous = true;
        Some(Role::pre_processor(HtmlLinkParser))
    },
};

struct HtmlLinkParser;

/// A link or a form of a page.
#[derive(Debug, Clone)]
struct Link {
    url: Url,
    arguments: Vec<Pair>,
    is_form: bool,
}

#[derive(Debug, Clone)]
struct Pair {
    name: String,
    value: String,
    separator: &'static str,
    /// Whether both are to be encoded.
    plain: bool,
}

/// The plan's patterns, as they read now.
struct Wanted {
    protocol: String,
    domain: String,
    path: String,
    arguments: Vec<(String, String)>,
}

impl PreProcessor for HtmlLinkParser {
    fn process(&self, user: &mut VirtualUser, sampler: &dyn Sampler) -> Result<(), Thrown> {
        let page = user.previous.as_ref().filter(|previous| previous.http.is_some()).map(|previous| {
            (previous.response_text().into_owned(), previous.url.as_deref().and_then(|url| Url::parse(url).ok()))
        });
        let (Some((page, Some(address))), Some(fields)) = (page, draft(user, sampler)) else {
            log::info!(target: LOG, "Can't apply HTML Link Parser when the previous sampler run is not an HTTP Request.");
            return Ok(());
        };
        let mut fields = fields.clone();
        let wanted = Wanted::read(&fields, user)?;
        let mut fitting = Vec::new();
        for link in links(&page[page.find('<').unwrap_or(0)..], &address) {
            if wanted.fits(&link)? {
                fitting.push(link);
            }
        }
        if fitting.is_empty() {
            return Ok(());
        }
        let link = fitting.swap_remove(user.random.usize(..fitting.len()));
        fields.domain = Expr::literal(&**link.url.host());
        fields.set_path(link.url.path(), user)?;
        fields.protocol = Expr::literal(link.url.scheme().name());
        if link.is_form {
            let mut offered = link.arguments;
            for (argument, (name, value)) in fields.arguments.iter_mut().zip(&wanted.arguments) {
                let mut replacements = Vec::new();
                for (place, pair) in offered.iter().enumerate() {
                    if equals_or_matches(&pair.name, name)? && equals_or_matches(&pair.value, value)? {
                        replacements.push(place);
                    }
                }
                if !replacements.is_empty() {
                    let pair = offered.remove(replacements[user.random.usize(..replacements.len())]);
                    argument.name = Expr::literal(pair.name);
                    argument.value = Expr::literal(pair.value);
                }
            }
        } else {
            let argument = |pair: Pair| Argument {
                separator: Some(Expr::literal(pair.separator)),
                ..Argument::literal(&pair.name, &pair.value, pair.plain)
            };
            fields.arguments = link.arguments.into_iter().map(argument).collect();
        }
        if let Some(draft) = draft(user, sampler) {
            *draft = fields;
        }
        Ok(())
    }
}

impl Wanted {
    fn read(fields: &Fields, user: &mut VirtualUser) -> Result<Self, Thrown> {
        let protocol = fields.protocol.eval(user)?;
        let mut arguments = Vec::new();
        for argument in &fields.arguments {
            arguments.push((argument.name.eval(user)?.to_string(), argument.value.eval(user)?.to_string()));
        }
        Ok(Wanted {
            protocol: if protocol.is_empty() { "http".to_owned() } else { protocol.to_string() },
            domain: fields.domain.eval(user)?.to_string(),
            path: fields.path(user)?,
            arguments,
        })
    }

    /// Whether a link is one that the plan asks for (`HtmlParsingUtils.isAnchorMatched`).
    fn fits(&self, link: &Link) -> Result<bool, Thrown> {
        if !equals_or_matches(link.url.scheme().name(), &self.protocol)?
            || !self.domain.is_empty() && !equals_or_matches(link.url.host(), &self.domain)?
        {
            return Ok(false);
        }
        let path = link.url.path().replace(' ', "%20");
        if path != self.path && !pattern(&format!("[/]*{}", self.path))?.matches(&path) {
            return Ok(false);
        }
        let query = link.query();
        let query = decode(&query, "UTF-8").unwrap_or(query);
        for (name, _) in &self.arguments {
            if !query.contains(&format!("{name}=")) && !pattern(name)?.contains(&query) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Link {
    fn to(url: Url) -> Self {
        let mut arguments = Vec::new();
        for pair in url.query().map_or("", |query| query).split('&') {
            let (name, value, separator) = match pair.split_once('=') {
                Some((name, value)) => (name, value, "="),
                None => (pair, "", ""),
            };
            if !name.is_empty() {
                arguments.push(Pair { name: name.to_owned(), value: value.to_owned(), separator, plain: false });
            }
        }
        Link { url, arguments, is_form: false }
    }

    /// Adds a form's field. It is encoded, as what comes from a form is.
    fn add_field(&mut self, name: &str, value: &str) {
        let (Ok(name), Ok(value)) = (decode(name, "UTF-8"), decode(value, "UTF-8")) else { return };
        let plain = encode_utf8(&name) != name || encode_utf8(&value) != value;
        self.arguments.push(Pair { name, value, separator: "=", plain });
    }

    fn query(&self) -> String {
        let mut query = String::new();
        for pair in self.arguments.iter().filter(|pair| !pair.name.is_empty()) {
            if !query.is_empty() {
                query.push('&');
            }
            let encoded = |text: &str| if pair.plain { encode_utf8(text) } else { text.to_owned() };
            query.push_str(&encoded(&pair.name));
            query.push_str(pair.separator);
            query.push_str(&encoded(&pair.value));
        }
        query
    }
}

fn pattern(text: &str) -> Result<Pattern, Thrown> {
    Pattern::compile(text, Options::default())
        .map_err(|error| Thrown::new("org.apache.oro.text.MalformedCachePatternException", error.cached_text(text)))
}

fn equals_or_matches(text: &str, wanted: &str) -> Result<bool, Thrown> {
    Ok(text == wanted || pattern(wanted)?.matches(text))
}

/// The page's links, then its forms, then its frames.
fn links(page: &str, address: &Url) -> Vec<Link> {
    let reader = Reader(RefCell::new(Page { address: address.clone(), ..Page::new(address) }));
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(page));
    let tokenizer = Tokenizer::new(reader, TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    let page = tokenizer.sink.0.into_inner();
    let base = make_relative(address, &page.base.unwrap_or_default());
    let Ok(base) = base else {
        log::warn!(target: LOG, "Bad URL of the page's base");
        return page.forms;
    };
    let to = |targets: Vec<String>| {
        let urls = targets.into_iter().filter_map(|target| make_relative(&base, &target).ok());
        urls.map(Link::to).collect::<Vec<_>>()
    };
    let mut all = to(page.anchors);
    all.extend(page.forms);
    all.extend(to(page.frames));
    all
}

struct Reader(RefCell<Page>);

/// What was met so far.
struct Page {
    address: Url,
    base: Option<String>,
    anchors: Vec<String>,
    frames: Vec<String>,
    forms: Vec<Link>,
    /// JMeter never notices the end of a form: fields behind it are still the form's.
    in_form: bool,
    select: String,
    /// A field whose value is the text up to its end tag.
    open: Option<(String, String)>,
}

impl Page {
    fn new(address: &Url) -> Self {
        Page {
            address: address.clone(),
            base: None,
            anchors: Vec::new(),
            frames: Vec::new(),
            forms: Vec::new(),
            in_form: false,
            select: String::new(),
            open: None,
        }
    }

    fn start(&mut self, tag: &Tag) {
        let find = |name: &str| {
            tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
        };
        let or_empty = |name: &str| find(name).unwrap_or_default().to_owned();
        match &*tag.name {
            "base" if self.base.is_none() => self.base = find("href").map(str::to_owned),
            "a" => self.anchors.extend(find("href").filter(|href| !href.starts_with("javascript:")).map(str::to_owned)),
            "frame" => self.frames.extend(find("src").map(str::to_owned)),
            "form" => match find("action").and_then(|action| make_relative(&self.address, action).ok()) {
                Some(url) => {
                    self.forms.push(Link { is_form: true, ..Link::to(url) });
                    self.in_form = true;
                }
                None => self.in_form = false,
            },
            "input" => self.field(&or_empty("name"), &or_empty("value")),
            "select" => self.select = or_empty("name"),
            "textarea" => self.open = Some((or_empty("name"), String::new())),
            "option" => {
                self.close();
                let name = self.select.clone();
                match find("value") {
                    Some(value) => self.field(&name, value),
                    None => self.open = Some((name, String::new())),
                }
            }
            _ => {}
        }
    }

    fn field(&mut self, name: &str, value: &str) {
        if self.in_form
            && let Some(form) = self.forms.last_mut()
        {
            form.add_field(name, value);
        }
    }

    fn close(&mut self) {
        if let Some((name, value)) = self.open.take() {
            self.field(&name, value.trim());
        }
    }
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => {
                if let Some((_, value)) = &mut page.open {
                    value.push_str(&text);
                }
            }
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => match &*tag.name {
                "option" | "textarea" => page.close(),
                "select" => {
                    page.close();
                    page.select.clear();
                }
                _ => {}
            },
            Token::TagToken(tag) => {
                page.start(&tag);
                if let Some(kind) = raw_kind(&tag.name) {
                    return TokenSinkResult::RawData(kind);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn raw_kind(name: &str) -> Option<RawKind> {
    match name {
        "script" => Some(ScriptData),
        "style" => Some(Rawtext),
        "textarea" | "title" => Some(Rcdata),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(path: &str, arguments: &[&str]) -> Wanted {
        let arguments = arguments.iter().map(|name| ((*name).to_owned(), ".*".to_owned())).collect();
        Wanted { protocol: "http".into(), domain: "h".into(), path: path.into(), arguments }
    }

    #[test]
    fn links_and_forms_of_a_page() {
        let page = "<a href='/echo?pick=a%20b'>x</a><a href=javascript:x><a href=rel><form action='/f?q=1'>\
                    <input name=csrf value=f0rm></form><select name=s><option>one</option><option value=2></select>\
                    <textarea name=t>a&amp;b</textarea><frame src=fr><script>\"<a href=no>\"</script>";
        let found = links(page, &Url::parse("http://h/d/p").unwrap());
        let shown: Vec<_> = found.iter().map(|link| format!("{} {}", link.url.path(), link.query())).collect();
        assert_eq!(shown, ["/echo pick=a%20b", "/d/rel ", "/f q=1&csrf=f0rm&s=one&s=2&t=a%26b", "/d/fr "]);
        let fits = |wanted: &Wanted| found.iter().map(|link| wanted.fits(link).unwrap()).collect::<Vec<_>>();
        assert_eq!(fits(&wanted("/ec.*", &["pick"])), [true, false, false, false]);
        assert_eq!(fits(&wanted(".*", &["csrf", "t"])), [false, false, true, false]);
        assert_eq!(fits(&wanted("/d/rel", &[])), [false, true, false, false]);
    }
}

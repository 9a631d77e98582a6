//! The resources that a page names, as `LagartoBasedHtmlParser` finds them.

use crate::http::Url;
use crate::http::redirect::make_relative;
use crate::java::escape::unescape_xml;
use crate::java::regex::{Options, Pattern};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::RefCell;
use std::sync::LazyLock;

/// A page that JMeter cannot parse: what went wrong, in Java's words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HtmlFlaw(pub String);

/// The addresses in a page at `base`, each once, in order.
pub(super) fn resources(page: &str, base: &Url) -> Result<Vec<Url>, HtmlFlaw> {
    let finder = Finder(RefCell::new(Found { base: base.clone(), urls: Vec::new(), flaw: None }));
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(page));
    let tokenizer = Tokenizer::new(finder, TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    let found = tokenizer.sink.0.into_inner();
    match found.flaw {
        Some(flaw) => Err(flaw),
        None => Ok(found.urls),
    }
}

struct Finder(RefCell<Found>);

struct Found {
    base: Url,
    urls: Vec<Url>,
    flaw: Option<HtmlFlaw>,
}

impl TokenSink for Finder {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else { return TokenSinkResult::Continue };
        if tag.kind == TagKind::EndTag {
            return TokenSinkResult::Continue;
        }
        let mut found = self.0.borrow_mut();
        if found.flaw.is_none() {
            found.tag(&tag);
        }
        match raw_kind(&tag.name) {
            Some(kind) => TokenSinkResult::RawData(kind),
            None => TokenSinkResult::Continue,
        }
    }

    /// Lagarto takes CDATA sections for what they are in any page.
    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        true
    }
}

/// What is text up to its end tag.
fn raw_kind(name: &str) -> Option<RawKind> {
    match name {
        "script" => Some(ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => Some(Rawtext),
        "textarea" | "title" => Some(Rcdata),
        _ => None,
    }
}

impl Found {
    fn tag(&mut self, tag: &Tag) {
        let attribute = |name: &str| {
            tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
        };
        match &*tag.name {
            "script" => {
                self.add_value(attribute("src"));
                return;
            }
            "base" => {
                if let Some(href) = attribute("href").filter(|href| !href.is_empty()) {
                    match make_relative(&self.base, href) {
                        Ok(base) => self.base = base,
                        Err(_) => {
                            let cause =
                                format!("java.lang.IllegalArgumentException: Error creating relative url from {href}");
                            self.flaw = Some(HtmlFlaw(cause));
                        }
                    }
                }
            }
            "img" | "frame" | "iframe" | "embed" | "bgsound" => self.add_value(attribute("src")),
            "applet" => {
                let is_blank = |text: Option<&str>| text.is_none_or(|text| text.trim().is_empty());
                let (codebase, archive) = (attribute("codebase"), attribute("archive"));
                if is_blank(codebase) {
                    self.add_value(attribute("code"));
                } else {
                    let file = if is_blank(archive) { attribute("code") } else { archive };
                    let whole = format!("{}/{}", codebase.unwrap_or_default(), file.unwrap_or("null"));
                    self.add_value(Some(&whole));
                }
            }
            "object" => {
                self.add_value(attribute("codebase"));
                self.add_value(attribute("data"));
            }
            "input" => {
                if attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("image")) {
                    self.add_value(attribute("src"));
                }
            }
            "link" => {
                const FETCHED: [&str; 4] = ["stylesheet", "icon", "shortcut icon", "preload"];
                if attribute("rel").is_some_and(|rel| FETCHED.iter().any(|kind| kind.eq_ignore_ascii_case(rel))) {
                    self.add_value(attribute("href"));
                }
            }
            _ => self.add_value(attribute("background")),
        }
        if let Some(style) = attribute("style") {
            self.add_style(style);
        }
    }

    /// A value without what does not belong into an address (`HTMLParser.normalizeUrlValue`).
    fn add_value(&mut self, value: Option<&str>) {
        let Some(value) = value else { return };
        let value: String = value
            .trim_matches(|c: char| c <= ' ')
            .chars()
            .filter(|c| !matches!(c, '\n' | '\r' | '\x08' | '\x0c'))
            .collect();
        self.add(&value);
    }

    /// Addresses in a `style` attribute, if they are quoted (`HtmlParsingUtils.extractStyleURLs`).
    fn add_style(&mut self, style: &str) {
        static QUOTED: LazyLock<Option<Pattern>> = LazyLock::new(|| {
            let options = Options { case_insensitive: true, single_line: true, ..Options::default() };
            Pattern::compile("URL\\(\\s*('|\")(.*)('|\")\\s*\\)", options).ok()
        });
        let Some(pattern) = &*QUOTED else { return };
        for groups in pattern.find_iter(style) {
            self.add(groups.get(2).unwrap_or_default());
        }
    }

    /// `URLCollection.addURL`: what makes no address is left out.
    fn add(&mut self, value: &str) {
        if value.is_empty() {
            return;
        }
        if let Ok(url) = make_relative(&self.base, &unescape_xml(value))
            && !self.urls.iter().any(|known| known.text() == url.text())
        {
            self.urls.push(url);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line is what JMeter's `LagartoBasedHtmlParser` found.
    #[test]
    fn what_lagarto_finds() {
        for (page, found) in [
            ("<img src=a.png><IMG SRC='b.png'/><img src=\"a&amp;b\"><img src=\"x&amp;amp;y\">", "a.png b.png a&b x&y"),
            (
                "<script src=s.js></script><script>\"<img src=no1>\"</script><script src=\"t.js\"/><img src=after>",
                "s.js t.js",
            ),
            ("<style>@import \"x.css\"; <img src=no></style><img src=yes1>", "yes1"),
            (
                "<textarea><img src=ta></textarea><title><img src=ti></title><noscript><img src=ns></noscript>\
                 <iframe src=if><img src=inif></iframe><noframes><img src=nf></noframes><noembed><img src=ne></noembed>\
                 <xmp><img src=xmp></xmp><plaintext><img src=pt>",
                "if pt",
            ),
            (
                "<!-- <img src=c1> --><img src=c2><!--[if IE]><img src=cc><![endif]--><![if !IE]><img src=cd><![endif]><img src=ce>",
                "c2 cd ce",
            ),
            ("<img src=1 src=2><img src><img src=\"\"><img src=\"  a b  \"><img src=\"a\nb\">", "1 a b ab"),
            (
                "<img src=\"foo:bar\"><img src=\"data:image/png;base64,x\"><img src=\"?q2\"><img src=\"#f\">",
                "?q2 p?q#f",
            ),
            (
                "<link rel=stylesheet href=a><link rel=\"ICON\" href=b><link rel=\"shortcut icon\" href=c>\
                 <link rel=preload href=d><link rel=\"alternate stylesheet\" href=e><link rel=stylesheet href=a>",
                "a b c d",
            ),
            (
                "<body background=bg1><div background=bg4 style=\"background:url('u1')\">\
                 <p style='x:URL( \"u2\" );y:url(\"u3\")'><i style=\"url(u4)\">",
                "bg1 bg4 u1 u2\" );y:url(\"u3",
            ),
            (
                "<applet codebase=cb archive=ar code=co><applet codebase=cb2 code=co2><applet code=co3>\
                 <object codebase=oc data=od><input type=Image src=ii><input src=in><embed src=em><bgsound src=bs>\
                 <frame src=fr><video src=v poster=p><source src=so><img srcset=ss>",
                "cb/ar cb2/co2 co3 oc od ii em bs fr",
            ),
            ("<![CDATA[<img src=cd1>]]><img src=cd2><?php <img src=php ?><img src=php2>", "cd2 php2"),
            ("<img src=a.png", ""),
            ("</img src=end><img src=e2><br/><svg><image href=s1 src=s2><img src=s3></svg>", "e2 s3"),
            ("<script src=a.js>var x = \"<!-- <script>\"; </script><img src=q1>--></script><img src=q2>", "a.js q2"),
        ] {
            let urls = resources(page, &Url::parse("http://h:8/d/p?q").unwrap()).unwrap();
            let texts: Vec<_> = urls.iter().map(|url| url.text().strip_prefix("http://h:8/d/").unwrap()).collect();
            assert_eq!(texts.join(" "), found, "{page}");
        }
        let based = resources(
            "<base href=\"http://o/x/\"><img src=r><base href=\"rel/\"><img src=r2>",
            &Url::parse("http://h/").unwrap(),
        );
        let texts: Vec<_> = based.unwrap().iter().map(|url| url.text().to_string()).collect();
        assert_eq!(texts, ["http://o/x/r", "http://o/x/rel/r2"]);
        assert_eq!(
            resources("<base href=\"foo:bar\"><img src=r>", &Url::parse("http://h/").unwrap()),
            Err(HtmlFlaw("java.lang.IllegalArgumentException: Error creating relative url from foo:bar".to_owned()))
        );
    }
}

//! "Retrieve All Embedded Resources" (`HTTPSamplerBase.downloadPageResources`): what a page names is fetched, one after
//! the other or side by side, and becomes sub-samples of a sample around the page.

mod css;
mod html;

use super::exchange::Deadline;
use super::pass::{Cause, Pass, Sampled, address_of, lock};
use super::result;
use super::settings::ParserKind;
use crate::http::{CookieJar, Url, redirect};
use crate::java::charset::Charset;
use crate::java::regex::{Options, Pattern};
use crate::results::SampleResult;
use crate::text::Text;
use crate::virtual_user::Thrown;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::Poll;

const LOG: &str = "org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase";

/// How many resources are fetched at a time where the plan's number is none.
const POOL_SIZE: usize = 6;

/// A resource's result, and what its jar holds at the end if it had its own.
type Fetched = (Result<Option<Box<SampleResult>>, Thrown>, Option<CookieJar>);

impl Pass<'_, '_> {
    /// Fetches what the page in `page` names, which `asked` was sampled for; `depth` counts the pages around it. Returns
    /// the page itself when it names nothing.
    pub(super) fn download(&self, page: Box<SampleResult>, asked: Url, depth: u32) -> Sampled<'_, Box<SampleResult>> {
        Box::pin(async move {
            let mut page = page;
            let urls = match self.named_in(&page, &asked) {
                Ok(urls) => urls,
                Err(flaw) => {
                    let mut sub = SampleResult::clone(&page);
                    result::fail(&mut sub, &flaw.class, flaw.message_or_null());
                    self.add(&mut page, sub);
                    self.judge(&mut page, false);
                    return Ok(page);
                }
            };
            if urls.is_empty() {
                return Ok(page);
            }
            let mut container = page;
            if self.settings.separate_container {
                let page = SampleResult::clone(&container);
                result::store_sub_result(&mut container, page, self.settings.rename_sub_results);
            }
            let (allowed, excluded) = self.filters()?;
            let pool = self.pool()?;
            let mut later = Vec::new();
            for url in urls {
                let url = redirect::sanitize(&url).unwrap_or(url);
                if allowed.as_ref().is_some_and(|pattern| !pattern.matches(url.text()))
                    || excluded.as_ref().is_some_and(|pattern| pattern.matches(url.text()))
                {
                    continue;
                }
                if let Err(failure) = url.check() {
                    let message = format!("{url} URI can not be normalized");
                    log::debug!(target: LOG, "{message}: {}", failure.message);
                    let mut sub = SampleResult::clone(&container);
                    sub.sub_results.clear();
                    result::fail(&mut sub, "java.lang.Exception", &message);
                    self.add(&mut container, sub);
                    self.judge(&mut container, false);
                    continue;
                }
                let url = normalized(&url);
                if pool.is_some() {
                    later.push(url);
                } else {
                    let sub = self.sample(&url, &Text::from("GET"), Cause::Resource, depth + 1).await?;
                    self.take_in(&mut container, sub);
                }
            }
            if let Some(pool) = pool.filter(|_| !later.is_empty()) {
                for (sub, jar) in self.side_by_side(later, pool, depth + 1).await {
                    if let (Some(manager), Some(own), Some(jar)) = (&self.managers.cookies, self.jar, jar) {
                        manager.merge(&mut lock(own), jar.cookies(), &mut self.user());
                    }
                    self.take_in(&mut container, sub?);
                }
            }
            Ok(container)
        })
    }

    /// The addresses in a page or style sheet.
    fn named_in(&self, page: &SampleResult, asked: &Url) -> Result<Vec<Url>, Thrown> {
        let media = result::media_type(&page.content_type);
        let Some((_, kind)) = self.settings.parsers.iter().find(|(known, _)| **known == *media) else {
            return Ok(Vec::new());
        };
        let flaw =
            |class: &str, cause: String| Thrown::new(&format!("org.apache.jmeter.protocol.http.parser.{class}"), cause);
        let class = match kind {
            ParserKind::Html => "HTMLParseException",
            ParserKind::Css => "LinkExtractorParseException",
        };
        if page.response_data.is_empty() {
            return Ok(Vec::new());
        }
        let base = address_of(page, asked).map_err(|error| Thrown::new(&error.class, error.message))?;
        let encoding = page.known_encoding().unwrap_or_default();
        let encoding = if encoding.is_empty() { "UTF-8" } else { &*encoding };
        let Some(charset) = Charset::for_name(encoding) else {
            return Err(flaw(class, format!("java.io.UnsupportedEncodingException: {encoding}")));
        };
        let text = charset.decode(&page.response_data);
        match kind {
            ParserKind::Html => html::resources(&text, &base).map_err(|cause| flaw(class, cause.0)),
            ParserKind::Css => {
                let imports = css::imports(&text).map_err(|css::Unterminated { line, column }| {
                    flaw(
                        class,
                        format!(
                            "java.lang.IllegalArgumentException: Unrecoverable error met during parsing, you can ignore \
                             such errors by setting property:'httpsampler.ignore_failed_embedded_resource' to true, \
                             message:Failed to parse CSS: {base}, Lexical error at line {line}, column {column}.  \
                             Encountered: <EOF> after : \"\""
                        ),
                    )
                })?;
                let unescaped = imports.iter().map(|import| crate::java::escape::unescape_xml(import));
                Ok(unescaped.filter_map(|import| redirect::make_relative(&base, &import).ok()).collect())
            }
        }
    }

    /// What addresses must match, and must not.
    fn filters(&self) -> Result<(Option<Pattern>, Option<Pattern>), Thrown> {
        let mut user = self.user();
        let allowed = filter(&self.fields.embedded_url_re.eval(&mut user)?, "allow");
        let excluded = filter(&self.fields.embedded_url_exclude_re.eval(&mut user)?, "exclude");
        Ok((allowed, excluded))
    }

    /// How many resources are fetched at a time; `None` for one after the other.
    fn pool(&self) -> Result<Option<usize>, Thrown> {
        if !self.flag(&self.fields.concurrent_download) {
            return Ok(None);
        }
        let size = self.fields.concurrent_pool.eval(&mut self.user())?;
        Ok(match size.parse::<usize>() {
            Ok(1) => None,
            Ok(size @ 2..) => Some(size),
            Ok(0) | Err(_) => {
                log::warn!(target: LOG, "Concurrent download resources selected, but pool size value is bad. Use default value");
                Some(POOL_SIZE)
            }
        })
    }

    /// Adds a resource's sample; the page fails with it.
    fn take_in(&self, container: &mut SampleResult, sub: Option<Box<SampleResult>>) {
        let successful = sub.as_ref().is_none_or(|sub| sub.successful);
        if let Some(sub) = sub {
            self.add(container, *sub);
        }
        let successful = container.successful && successful;
        self.judge(container, successful);
    }

    /// Whether a page is successful, and why not (`setParentSampleSuccess`).
    fn judge(&self, page: &mut SampleResult, successful: bool) {
        if self.settings.ignore_failed_resources {
            return;
        }
        page.successful = successful;
        if successful {
            return;
        }
        let mut message = String::from("Embedded resource download error:");
        for sub in page.sub_results.iter().filter(|sub| !sub.successful) {
            let url = sub.url.as_deref().unwrap_or("null");
            message.push_str(&format!("{url} code:{} message:{}, ", sub.response_code, sub.response_message));
        }
        page.response_message = Text::from(message);
    }

    /// Fetches resources in the same task, at most `pool` at a time. Each has a copy of the cookies, as it would have on
    /// a thread of its own; results are in the page's order.
    async fn side_by_side(&self, urls: Vec<Url>, pool: usize, depth: u32) -> Vec<Fetched> {
        let jars: Vec<Option<Mutex<CookieJar>>> =
            urls.iter().map(|_| self.jar.map(|jar| Mutex::new(lock(jar).clone()))).collect();
        let no_deadline = Deadline::new(None);
        let get = Text::from("GET");
        let passes: Vec<Pass<'_, '_>> = jars
            .iter()
            .enumerate()
            .map(|(place, jar)| Pass {
                jar: jar.as_ref(),
                deadline: &no_deadline,
                thread: Text::from(format!("ResDownload-Thread-{}", place % pool + 1)),
                md5: self.md5 || self.settings.resources_use_md5,
                ..*self
            })
            .collect();
        let samples = passes
            .iter()
            .zip(&urls)
            .map(|(pass, url)| -> Sampled<'_, _> { Box::pin(pass.sample(url, &get, Cause::Resource, depth)) })
            .collect();
        let results = all(samples, pool).await;
        drop(passes);
        let jars = jars
            .into_iter()
            .map(|jar| jar.map(|jar| jar.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)));
        results.into_iter().zip(jars).collect()
    }
}

/// Polls futures to their ends, at most `pool` of them begun at a time.
async fn all<F: Future + Unpin>(futures: Vec<F>, pool: usize) -> Vec<F::Output> {
    let mut futures: Vec<Option<F>> = futures.into_iter().map(Some).collect();
    let mut results: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        loop {
            let (mut begun, mut ended) = (0, false);
            for (future, result) in futures.iter_mut().zip(&mut results) {
                let Some(at_work) = future else { continue };
                if begun == pool {
                    break;
                }
                begun += 1;
                if let Poll::Ready(output) = Pin::new(at_work).poll(cx) {
                    *result = Some(output);
                    *future = None;
                    ended = true;
                }
            }
            if begun == 0 {
                return Poll::Ready(());
            }
            // One that ended makes room for one that waits.
            if !ended {
                return Poll::Pending;
            }
        }
    })
    .await;
    results.into_iter().flatten().collect()
}

fn filter(expression: &str, what: &str) -> Option<Pattern> {
    if expression.is_empty() {
        return None;
    }
    match Pattern::compile(expression, Options::default()) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            log::warn!(target: LOG, "Ignoring embedded URL {what} string: {}", error.cached_text(expression));
            None
        }
    }
}

/// `URI.normalize`: dot segments and repeated slashes go; what would lead above the root stays.
fn normalized(url: &Url) -> Url {
    let path = url.path();
    if !path.contains("//") && !path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return url.clone();
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').filter(|segment| !matches!(*segment, "" | ".")) {
        if segment == ".." && segments.last().is_some_and(|last| *last != "..") {
            segments.pop();
        } else {
            segments.push(segment);
        }
    }
    let is_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    let end = if is_folder && !segments.is_empty() { "/" } else { "" };
    let mut text = format!("{}://{}/{}{end}", url.scheme().name(), url.authority(), segments.join("/"));
    for (mark, part) in [('?', url.query()), ('#', url.fragment())] {
        if let Some(part) = part {
            text.push(mark);
            text.push_str(part);
        }
    }
    Url::parse(&text).unwrap_or_else(|_| url.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line is what Java 17 answered to `new URI(…).normalize()`.
    #[test]
    fn paths_are_normalized() {
        for (url, answer) in [
            ("http://h/a/./b/../c?x#y", "http://h/a/c?x#y"),
            ("http://h//a///b", "http://h/a/b"),
            ("http://h/a/..", "http://h/"),
            ("http://h/a/b/..", "http://h/a/"),
            ("http://h/../x", "http://h/../x"),
            ("http://h", "http://h"),
        ] {
            assert_eq!(normalized(&Url::parse(url).unwrap()).to_string(), answer, "{url}");
        }
    }
}

//! What properties say about all HTTP samples of a run.

use super::pacing::Pacing;
use super::proxy::StaticProxy;
use super::{source_address, tls};
use crate::elements::configs::ClientCertificates;
use crate::elements::{Compile, Severity};
use crate::http::{BodyUse, Header, Options, Resolver, SlowSockets, TlsSettings, Version};
use crate::retry::Policy;
use crate::text::Text;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

const HTTP_CPS: &str = "httpclient.socket.http.cps";
const HTTPS_CPS: &str = "httpclient.socket.https.cps";

/// The same for all passes of a sampler.
pub(super) struct Settings {
    pub implementation: Implementation,
    /// How exchanges are made, as far as the sampler's own fields do not say it.
    pub options: Options,
    pub user_agent: Option<Text>,
    /// What results show beside the request's head where `httpclient.localaddress` is set.
    pub local_address: Option<Header>,
    /// `httpsampler.max_redirects`
    pub max_redirects: u32,
    /// `httpsampler.redirect.removeslashdotdot`
    pub remove_slash_dot_dot: bool,
    /// Sub-samples are called after the sampler; otherwise after their addresses.
    pub rename_sub_results: bool,
    /// `httpsampler.max_frame_depth`
    pub max_frame_depth: u32,
    /// `httpsampler.ignore_failed_embedded_resources`
    pub ignore_failed_resources: bool,
    /// `httpsampler.embedded_resources_use_md5`, which counts for concurrent downloads.
    pub resources_use_md5: bool,
    /// `httpsampler.separate.container`
    pub separate_container: bool,
    /// `http.post_add_content_type_if_missing`
    pub add_content_type: bool,
    /// `httpclient4.auth.preemptive`
    pub preemptive_auth: bool,
    pub cached: CachedResource,
    pub proxy: Option<StaticProxy>,
    /// `http.proxyDomain`
    pub proxy_domain: Text,
    /// What users show to servers that ask for a certificate.
    pub certificates: Option<Arc<ClientCertificates>>,
    /// Which media types are parsed for resources, and how (`HTTPResponse.parsers`).
    pub parsers: Vec<(Text, ParserKind)>,
    pub retry: Policy,
    /// Limits that all users keep to; `None` unless that is asked for.
    pub pacing: Option<Arc<Pacing>>,
}

/// Which of JMeter's HTTP implementations is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Implementation {
    /// `HttpClient4`; also what `HttpClient3.1` became.
    HttpClient,
    /// `Java`
    Java,
}

/// What a fresh answer in the cache becomes (`cache_manager.cached_resource_mode`).
pub(super) enum CachedResource {
    /// No sample at all.
    NoSample,
    /// A row with this code and message.
    Row { code: Text, message: Text },
}

/// How resources are found in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParserKind {
    Html,
    Css,
}

/// What all HTTP samplers of a plan share, so that their connections, names and TLS sessions are the same ones.
struct Common {
    tls: Arc<TlsSettings>,
    resolver: Arc<Resolver>,
    pacing: Option<Arc<Pacing>>,
}

impl Settings {
    pub fn new(compile: &mut Compile<'_>, implementation: Implementation, version: Version) -> Self {
        let properties = compile.shared.properties.clone();
        let mut problems = Vec::new();
        let retry = Policy::from_properties(&|name| properties.get(name));
        let common = compile.common(|_| {
            let (tls, told) = tls::settings(&properties);
            problems = told;
            let pacing = retry.pace.map(|by| Arc::new(Pacing::new(by)));
            Common { tls: Arc::new(tls), resolver: Arc::default(), pacing }
        });
        tls::tell(compile, problems);
        let mut options = Options {
            version,
            tls: Arc::clone(&common.tls),
            resolver: Arc::clone(&common.resolver),
            slow: slow_sockets(compile, implementation, version),
            retry_count: u32::try_from(properties.int_or("httpclient4.retrycount", 0)).unwrap_or(0),
            retry_sent: properties.bool_or("httpclient4.request_sent_retry_enabled", false),
            relaxed_gzip: properties.bool_or("httpclient4.gzip_relax_mode", false),
            relaxed_deflate: properties.bool_or("httpclient4.deflate_relax_mode", false),
            ..Options::default()
        };
        let millis = |value: i64| u64::try_from(value).ok().filter(|value| *value > 0).map(Duration::from_millis);
        options.validate_after_inactivity = millis(properties.long_or("httpclient4.validate_after_inactivity", 4900));
        options.idle_timeout = millis(properties.long_or("httpclient4.idletimeout", 0));
        if let Some(lifetime) = millis(properties.long_or("httpclient4.time_to_live", 60_000)) {
            options.time_to_live = lifetime;
        }
        if let Ok(max @ 1..) = u64::try_from(properties.long_or("httpsampler.max_bytes_to_store_per_request", 0)) {
            options.keep_body = BodyUse::Keep { max: Some(max) };
        }
        let local = properties.text_or("httpclient.localaddress", "");
        let mut local_address = None;
        if !local.is_empty() {
            match source_address::of_host(&local) {
                Ok(address) => {
                    let name = if local.parse::<std::net::IpAddr>().is_ok() { "" } else { &*local };
                    local_address = Some(Header::new("X-LocalAddress", format!("{name}/{address}")));
                    options.source_address = Some(address);
                }
                Err(_) => {
                    let words = format!("httpclient.localaddress={local} is neither an address nor a known host");
                    compile.problem(Severity::Warning, words);
                }
            }
        }
        let user_agent = match properties.get("http.user_agent") {
            Some(agent) => Some(agent),
            None if properties.bool_or("httpclient4.default_user_agent_disabled", false) => None,
            None => Some(crate::http::DEFAULT_USER_AGENT.into()),
        };
        let cached = match &*properties.text_or("cache_manager.cached_resource_mode", "RETURN_NO_SAMPLE") {
            "RETURN_200_CACHE" => CachedResource::Row {
                code: Text::from("200"),
                message: properties.text_or("RETURN_200_CACHE.message", "(ex cache)"),
            },
            "RETURN_CUSTOM_STATUS" => CachedResource::Row {
                code: properties.text_or("RETURN_CUSTOM_STATUS.code", ""),
                message: properties.text_or("RETURN_CUSTOM_STATUS.message", ""),
            },
            _ => CachedResource::NoSample,
        };
        let max = |name, default: i32| u32::try_from(properties.int_or(name, default)).unwrap_or(0);
        Settings {
            implementation,
            options,
            user_agent,
            local_address,
            max_redirects: max("httpsampler.max_redirects", 20),
            remove_slash_dot_dot: properties.bool_or("httpsampler.redirect.removeslashdotdot", true),
            rename_sub_results: !properties.bool_or("subresults.disable_renaming", false)
                && !compile.shared.functional_mode,
            max_frame_depth: max("httpsampler.max_frame_depth", 5),
            ignore_failed_resources: properties.bool_or("httpsampler.ignore_failed_embedded_resources", false),
            resources_use_md5: properties.bool_or("httpsampler.embedded_resources_use_md5", false),
            separate_container: properties.bool_or("httpsampler.separate.container", true),
            add_content_type: properties.bool_or("http.post_add_content_type_if_missing", false),
            preemptive_auth: properties.bool_or("httpclient4.auth.preemptive", true),
            cached,
            proxy: StaticProxy::new(&properties),
            proxy_domain: super::proxy::domain(&properties),
            certificates: ClientCertificates::of_run(compile),
            parsers: parsers(&properties),
            retry,
            pacing: common.pacing.clone(),
        }
    }
}

/// How fast connections are to be.
fn slow_sockets(compile: &mut Compile<'_>, implementation: Implementation, version: Version) -> SlowSockets {
    let properties = compile.shared.properties.clone();
    let cps = |name| u32::try_from(properties.int_or(name, 0)).ok().and_then(NonZeroU32::new);
    let mut slow = SlowSockets { http: cps(HTTP_CPS), https: cps(HTTPS_CPS) };
    if implementation == Implementation::Java {
        // The JDK's own connections know of the factory for TLS only.
        slow.http = None;
    }
    if version != Version::Http11 && slow != SlowSockets::default() {
        let words =
            format!("{HTTP_CPS} and {HTTPS_CPS} are without effect over HTTP/2: connections are not slowed down");
        super::version::once(compile, Severity::Warning, words);
    }
    slow
}

/// Media types and their parsers. JMeter's file names three: for HTML, for WML, for style sheets; the one for WML finds
/// the same attributes by regular expressions.
fn parsers(properties: &crate::properties::Properties) -> Vec<(Text, ParserKind)> {
    let mut all = Vec::new();
    for parser in properties.text_or("HTTPResponse.parsers", "").split(' ').filter(|parser| !parser.is_empty()) {
        let class = properties.text_or(&format!("{parser}.className"), "");
        let kind = if class.ends_with(".CssParser") { ParserKind::Css } else { ParserKind::Html };
        let types = properties.text_or(&format!("{parser}.types"), "");
        all.extend(types.split(' ').filter(|media| !media.is_empty()).map(|media| (Text::from(media), kind)));
    }
    all
}

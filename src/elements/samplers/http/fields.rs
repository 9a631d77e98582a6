//! The properties of an HTTP Request with its defaults filled in: what the sampler leaves empty comes from the nearest
//! HTTP Request Defaults that has it, arguments of all of them are appended (`AbstractTestElement.mergeIn`).

use crate::elements::configs::{CookieManager, HeaderManager};
use crate::elements::roles::Config;
use crate::elements::{Compile, Severity};
use crate::expr::{BoolExpr, Expr};
use crate::http::{BodyUse, Options};
use crate::jmx::{PropertyValue, TestElement};
use crate::retry::Policy;
use std::sync::Arc;
use std::time::Duration;

/// A name and a value of the request.
pub(super) struct Argument {
    pub name: Expr,
    pub value: Expr,
    /// What stands between name and value in a query, normally `=`.
    pub separator: Option<Expr>,
    pub always_encode: BoolExpr,
    pub content_type: Expr,
}

/// A file of the request.
pub(super) struct FileArgument {
    pub path: Expr,
    pub name: Expr,
    pub mime_type: Expr,
}

/// Everything that the plan says about a request.
pub(super) struct Fields {
    pub name: Expr,
    pub protocol: Expr,
    pub domain: Expr,
    pub port: Expr,
    pub path: Expr,
    pub method: Expr,
    pub content_encoding: Expr,
    pub follow_redirects: BoolExpr,
    pub auto_redirects: BoolExpr,
    pub keep_alive: BoolExpr,
    pub raw_body: BoolExpr,
    pub multipart: BoolExpr,
    pub browser_compatible: BoolExpr,
    pub connect_timeout: Expr,
    pub response_timeout: Expr,
    pub arguments: Vec<Argument>,
    pub files: Vec<FileArgument>,
    pub headers: Vec<Arc<dyn Config>>,
    pub cookies: Option<Arc<dyn Config>>,
    pub options: Options,
    pub user_agent: Option<crate::text::Text>,
    pub max_redirects: u32,
    /// Sub-samples are called after the sampler; otherwise after their addresses.
    pub rename_sub_results: bool,
    pub retry: Policy,
}

const PREFIX: &str = "HTTPSampler.";

impl Fields {
    pub fn new(compile: &mut Compile<'_>) -> Self {
        let sources = Sources::new(compile);
        let properties = compile.shared.properties.clone();
        let arguments = sources.arguments(compile);
        let files = sources.files(compile);
        let mut options = Options {
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
        if sources.flag(compile, "HTTPSampler.md5").is_true() {
            options.keep_body = BodyUse::Md5;
        } else if let Ok(max @ 1..) = u64::try_from(properties.long_or("httpsampler.max_bytes_to_store_per_request", 0))
        {
            options.keep_body = BodyUse::Keep { max: Some(max) };
        }
        let implementation = sources.text(compile, "implementation");
        if !matches!(implementation.as_literal().map(|text| &**text), Some("" | "HttpClient4" | "HttpClient3.1")) {
            let name = implementation.as_literal().cloned().unwrap_or_default();
            compile.problem(Severity::Warning, format!("implementation {name:?} is run as HttpClient4"));
        }
        if sources.flag(compile, "HTTPSampler.image_parser").is_true() {
            compile.problem(Severity::Unsupported, "embedded resources (HTTPSampler.image_parser) are not fetched yet");
        }
        let user_agent = match properties.get("http.user_agent") {
            Some(agent) => Some(agent),
            None if properties.bool_or("httpclient4.default_user_agent_disabled", false) => None,
            None => Some(crate::http::DEFAULT_USER_AGENT.into()),
        };
        Fields {
            name: compile.name(),
            protocol: sources.text(compile, "protocol"),
            domain: sources.text(compile, "domain"),
            port: sources.text(compile, "port"),
            path: sources.text(compile, "path"),
            method: sources.text(compile, "method"),
            content_encoding: sources.text(compile, "contentEncoding"),
            follow_redirects: sources.flag(compile, "HTTPSampler.follow_redirects"),
            auto_redirects: sources.flag(compile, "HTTPSampler.auto_redirects"),
            keep_alive: sources.flag(compile, "HTTPSampler.use_keepalive"),
            raw_body: sources.flag(compile, "HTTPSampler.postBodyRaw"),
            multipart: sources.flag(compile, "HTTPSampler.DO_MULTIPART_POST"),
            browser_compatible: sources.flag(compile, "HTTPSampler.BROWSER_COMPATIBLE_MULTIPART"),
            connect_timeout: sources.text(compile, "connect_timeout"),
            response_timeout: sources.text(compile, "response_timeout"),
            arguments,
            files,
            headers: sources.headers,
            cookies: sources.cookies,
            options,
            user_agent,
            max_redirects: u32::try_from(properties.int_or("httpsampler.max_redirects", 20)).unwrap_or(20),
            rename_sub_results: !properties.bool_or("subresults.disable_renaming", false)
                && !compile.shared.functional_mode,
            retry: Policy::from_properties(&|name| properties.get(name)),
        }
    }
}

/// The sampler's element and the defaults that apply to it, nearest first.
struct Sources<'a> {
    elements: Vec<&'a TestElement>,
    headers: Vec<Arc<dyn Config>>,
    cookies: Option<Arc<dyn Config>>,
}

impl<'a> Sources<'a> {
    fn new(compile: &Compile<'a>) -> Self {
        let mut sources = Sources { elements: vec![compile.element], headers: Vec::new(), cookies: None };
        for config in compile.configs {
            let gui = config.element.gui_class();
            let gui = gui.rsplit('.').next().unwrap_or_default();
            if &*config.element.class == "ConfigTestElement" && matches!(gui, "HttpDefaultsGui" | "SimpleConfigGui") {
                sources.elements.push(config.element);
            } else if config.downcast::<HeaderManager>().is_some() {
                sources.headers.extend(config.config.clone());
            } else if config.downcast::<CookieManager>().is_some() {
                // Each one takes the place of the one before: the outermost stays.
                sources.cookies = config.config.clone();
            }
        }
        sources
    }

    /// The first element that has the property, where an empty text counts as not having it.
    fn find(&self, key: &str) -> Option<&'a PropertyValue> {
        self.elements.iter().find_map(|element| match element.get(key) {
            Some(PropertyValue::String(text)) if text.is_empty() => None,
            other => other,
        })
    }

    fn text(&self, compile: &mut Compile<'_>, key: &str) -> Expr {
        match self.find(&format!("{PREFIX}{key}")) {
            Some(value) => compile.parse(&value.text()),
            None => Expr::default(),
        }
    }

    fn flag(&self, compile: &mut Compile<'_>, key: &str) -> BoolExpr {
        match self.find(key) {
            Some(value) => BoolExpr::new(compile.parse(&value.text())),
            None => BoolExpr::Fixed(false),
        }
    }

    fn arguments(&self, compile: &mut Compile<'_>) -> Vec<Argument> {
        let mut all = Vec::new();
        for element in &self.elements {
            let Some(arguments) = element.element("HTTPsampler.Arguments") else { continue };
            for entry in arguments.collection("Arguments.arguments") {
                let PropertyValue::Element(argument) = &entry.value else { continue };
                let separator =
                    argument.get("Argument.metadata").is_some().then(|| compile.expr_in(argument, "Argument.metadata"));
                let content_type = argument.text("HTTPArgument.content_type");
                all.push(Argument {
                    name: compile.expr_in(argument, "Argument.name"),
                    value: compile.expr_in(argument, "Argument.value"),
                    separator,
                    always_encode: compile.flag_in(argument, "HTTPArgument.always_encode", false),
                    content_type: compile.parse(if content_type.is_empty() { "text/plain" } else { &content_type }),
                });
            }
        }
        all
    }

    fn files(&self, compile: &mut Compile<'_>) -> Vec<FileArgument> {
        let mut all = Vec::new();
        for element in &self.elements {
            if let Some(files) = element.element("HTTPsampler.Files") {
                for entry in files.collection("HTTPFileArgs.files") {
                    let PropertyValue::Element(file) = &entry.value else { continue };
                    all.push(FileArgument {
                        path: compile.expr_in(file, "File.path"),
                        name: compile.expr_in(file, "File.paramname"),
                        mime_type: compile.expr_in(file, "File.mimetype"),
                    });
                }
            }
            // Plans of JMeter 2.3 and before have one file in the sampler itself.
            if !element.text("HTTPSampler.FILE_NAME").is_empty() {
                all.push(FileArgument {
                    path: compile.expr_in(element, "HTTPSampler.FILE_NAME"),
                    name: compile.expr_in(element, "HTTPSampler.FILE_FIELD"),
                    mime_type: compile.expr_in(element, "HTTPSampler.mimetype"),
                });
            }
        }
        all
    }
}

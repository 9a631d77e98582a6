//! The properties of an HTTP Request that may change from pass to pass: expressions of the plan, or what a
//! pre-processor put in their place.

use super::sources::Sources;
use crate::elements::Compile;
use crate::expr::{BoolExpr, Expr, LongExpr};
use std::sync::Arc;

/// What the plan says about a request, its defaults filled in. A copy is the draft of one pass: pre-processors put
/// literals in place of expressions.
#[derive(Clone)]
pub struct Fields {
    /// The sampler's name.
    pub name: Expr,
    /// `http` or `https`; empty for `http`.
    pub protocol: Expr,
    /// The server.
    pub domain: Expr,
    /// Its port; the protocol's own if it is empty, 0 or no number.
    pub port: Expr,
    /// Path and query, or a whole address.
    pub path: Expr,
    /// The method, as it is sent.
    pub method: Expr,
    /// The charset of values; UTF-8 if it is empty.
    pub content_encoding: Expr,
    /// Whether redirects are followed, each a sub-sample.
    pub follow_redirects: BoolExpr,
    /// Whether HttpClient follows redirects within the sample.
    pub auto_redirects: BoolExpr,
    /// `Connection: keep-alive` or `close`.
    pub keep_alive: BoolExpr,
    /// Whether values are the body, one behind the other, whatever their names.
    pub raw_body: BoolExpr,
    /// Whether the body is multipart.
    pub multipart: BoolExpr,
    /// Whether parts have few headers, as browsers write them.
    pub browser_compatible: BoolExpr,
    /// Milliseconds.
    pub connect_timeout: LongExpr,
    /// Milliseconds.
    pub response_timeout: LongExpr,
    /// Names and values: the sampler's own, then those of its defaults.
    pub arguments: Vec<Argument>,
    /// Files: the sampler's own, then those of its defaults.
    pub files: Vec<FileArgument>,
    /// Names and values of the header managers in scope, the nearest manager first.
    pub headers: Vec<Arc<[(Expr, Expr)]>>,
    /// Whether a page's resources are fetched.
    pub image_parser: BoolExpr,
    /// Whether resources are fetched side by side.
    pub concurrent_download: BoolExpr,
    /// How many resources are fetched at a time.
    pub concurrent_pool: Expr,
    /// Addresses of resources must match this.
    pub embedded_url_re: Expr,
    /// Addresses of resources must not match this.
    pub embedded_url_exclude_re: Expr,
    /// Whether only the MD5 sum of the body is kept.
    pub md5: BoolExpr,
    /// The local address to connect from.
    pub ip_source: Expr,
    /// What `ip_source` names: 0 an address or a host, 1 a network device, 2 and 3 its IPv4 and IPv6 addresses.
    pub ip_source_type: LongExpr,
    /// The proxy's protocol.
    pub proxy_scheme: Expr,
    /// The proxy.
    pub proxy_host: Expr,
    /// Its port.
    pub proxy_port: LongExpr,
    /// The user's name at the proxy.
    pub proxy_user: Expr,
    /// The user's password at the proxy.
    pub proxy_password: Expr,
}

/// A name and a value of the request.
#[derive(Clone)]
pub struct Argument {
    /// The name; without one the argument is left out, or all values are the body.
    pub name: Expr,
    /// The value.
    pub value: Expr,
    /// What stands between name and value in a query; `=` if there is none.
    pub separator: Option<Expr>,
    /// Whether name and value are to be encoded, or are so already.
    pub always_encode: BoolExpr,
    /// The type of a multipart part.
    pub content_type: Expr,
}

/// A file of the request.
#[derive(Clone)]
pub struct FileArgument {
    /// Where it is.
    pub path: Expr,
    /// The parameter's name; a single file without one is the body.
    pub name: Expr,
    /// Its content type.
    pub mime_type: Expr,
}

impl Fields {
    /// The sampler's own properties, with what its defaults add.
    pub(super) fn new(compile: &mut Compile<'_>, sources: &Sources<'_>) -> Self {
        Fields {
            name: compile.name(),
            protocol: sources.text(compile, "protocol"),
            domain: sources.text(compile, "domain"),
            port: sources.text(compile, "port"),
            path: sources.text(compile, "path"),
            method: sources.text(compile, "method"),
            content_encoding: sources.text(compile, "contentEncoding"),
            follow_redirects: sources.flag(compile, "follow_redirects"),
            auto_redirects: sources.flag(compile, "auto_redirects"),
            keep_alive: sources.flag(compile, "use_keepalive"),
            raw_body: sources.flag(compile, "postBodyRaw"),
            multipart: sources.flag(compile, "DO_MULTIPART_POST"),
            browser_compatible: sources.flag(compile, "BROWSER_COMPATIBLE_MULTIPART"),
            connect_timeout: LongExpr::new(sources.text(compile, "connect_timeout")),
            response_timeout: LongExpr::new(sources.text(compile, "response_timeout")),
            arguments: sources.arguments(compile),
            files: sources.files(compile),
            headers: sources.headers(),
            image_parser: sources.flag(compile, "image_parser"),
            concurrent_download: sources.flag(compile, "concurrentDwn"),
            concurrent_pool: sources.text_or(compile, "concurrentPool", "6"),
            embedded_url_re: sources.text(compile, "embedded_url_re"),
            embedded_url_exclude_re: sources.text(compile, "embedded_url_exclude_re"),
            md5: sources.flag(compile, "md5"),
            ip_source: sources.text(compile, "ipSource"),
            ip_source_type: LongExpr::new(sources.text(compile, "ipSourceType")),
            proxy_scheme: sources.text(compile, "proxyScheme"),
            proxy_host: sources.text(compile, "proxyHost"),
            proxy_port: LongExpr::new(sources.text(compile, "proxyPort")),
            proxy_user: sources.text(compile, "proxyUser"),
            proxy_password: sources.text(compile, "proxyPass"),
        }
    }

    /// Whether method and address are the same at every pass; `with_query` tells which methods put arguments there.
    pub(super) fn has_fixed_address(&self, with_query: impl Fn(&str) -> bool) -> bool {
        let Some(method) = self.method.as_literal() else { return false };
        let parts = [&self.protocol, &self.domain, &self.port, &self.path];
        parts.iter().all(|expr| expr.as_literal().is_some())
            && (!with_query(method) || (self.content_encoding.as_literal().is_some() && self.has_fixed_arguments()))
    }

    /// Whether the entity is the same at every pass. A body with files never is: they may change on the disk, and
    /// multipart bodies have a boundary of their own.
    pub(super) fn has_fixed_entity(&self, method: &str) -> bool {
        matches!(method, "HEAD" | "OPTIONS" | "TRACE")
            || self.files.is_empty()
                && matches!((&self.raw_body, &self.multipart), (BoolExpr::Fixed(_), BoolExpr::Fixed(false)))
                && self.content_encoding.as_literal().is_some()
                && self.has_fixed_arguments()
    }

    /// Whether the head is the same at every pass, as far as it follows from the header managers.
    pub(super) fn has_fixed_headers(&self) -> bool {
        matches!(self.keep_alive, BoolExpr::Fixed(_))
            && self
                .headers
                .iter()
                .flat_map(|manager| manager.iter())
                .all(|(name, value)| name.as_literal().is_some() && value.as_literal().is_some())
    }

    /// Whether the exchange is made in the same way at every pass.
    pub(super) fn has_fixed_options(&self) -> bool {
        let numbers = [&self.connect_timeout, &self.response_timeout, &self.ip_source_type, &self.proxy_port];
        let texts = [&self.ip_source, &self.proxy_scheme, &self.proxy_host, &self.proxy_user, &self.proxy_password];
        matches!(self.md5, BoolExpr::Fixed(_))
            && numbers.iter().all(|number| matches!(number, LongExpr::Fixed(_)))
            && texts.iter().all(|text| text.as_literal().is_some())
    }

    fn has_fixed_arguments(&self) -> bool {
        self.arguments.iter().all(|argument| {
            [Some(&argument.name), Some(&argument.value), argument.separator.as_ref()]
                .into_iter()
                .flatten()
                .all(|expr| expr.as_literal().is_some())
                && matches!(argument.always_encode, BoolExpr::Fixed(_))
        })
    }
}

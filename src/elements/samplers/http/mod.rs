//! HTTP Request, as JMeter's HttpClient4 implementation takes it: the address and the head are built from the plan, the
//! exchange is [`crate::http`]'s, redirects, resources and sub-samples are JMeter's.

mod body;
mod draft;
mod embedded;
mod encode;
mod exchange;
mod fields;
mod fixed;
mod java;
mod pacing;
mod pass;
mod proxy;
mod redirect;
mod request;
mod result;
mod retrying;
mod settings;
mod source_address;
mod sources;
mod stack_trace;
mod tls;
mod url;
mod version;

pub use draft::{cookie_manager, draft, keep_headers};
pub use fields::{Argument, Fields, FileArgument};
pub(in crate::elements) use sources::applies;

use crate::elements::roles::{Sampler, Sampling, taken};
use crate::elements::{Compile, Definition, Role, Severity};
use crate::expr::{BoolExpr, Expr};
use crate::http::Version;
use crate::results::SampleResult;
use crate::text::Text;
use crate::virtual_user::{Thrown, ThrownKind, VirtualUser};
use exchange::Deadline;
use fixed::Fixed;
use pass::Pass;
use settings::{Implementation, Settings};
use sources::{Managers, Sources};
use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const HTTP: Definition = Definition {
    tag: "HTTPSamplerProxy",
    menu: "HTTP Request",
    compile: |compile| Some(Role::sampler(HttpRequest::new(compile))),
};

/// HTTP Request.
pub(super) struct HttpRequest {
    fields: Fields,
    fixed: Fixed,
    settings: Settings,
    managers: Managers,
}

impl HttpRequest {
    fn new(compile: &mut Compile<'_>) -> Self {
        let version = version::of_run(compile);
        Self::speaking(compile, version)
    }

    /// The sampler of the BlazeMeter HTTP plugin. It fetches resources side by side unless told otherwise.
    pub(super) fn of_plugin(compile: &mut Compile<'_>) -> Self {
        let version = version::of_plugin(compile);
        let mut sampler = Self::speaking(compile, version);
        if !Sources::new(compile).has("concurrentDwn") {
            sampler.fields.concurrent_download = BoolExpr::Fixed(true);
        }
        sampler
    }

    fn speaking(compile: &mut Compile<'_>, version: Version) -> Self {
        let sources = Sources::new(compile);
        let fields = Fields::new(compile, &sources);
        let default = compile.shared.properties.text_or("jmeter.httpsampler", "HttpClient4");
        let implementation = sources.text_or(compile, "implementation", &default);
        let implementation = match implementation.as_literal().map(|name| &**name) {
            Some("" | "HttpClient4" | "HttpClient3.1") => Implementation::HttpClient,
            Some("Java") => Implementation::Java,
            name => {
                let name = name.unwrap_or("that of an expression").to_owned();
                compile.problem(Severity::Warning, format!("implementation {name:?} is run as HttpClient4"));
                Implementation::HttpClient
            }
        };
        let settings = Settings::new(compile, implementation, version);
        if fields.protocol.as_literal().is_some_and(|protocol| protocol.eq_ignore_ascii_case("file")) {
            compile.problem(Severity::Unsupported, "protocol file is not supported");
        }
        if fields.proxy_scheme.as_literal().is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"))
            && fields.proxy_host.as_literal().is_none_or(|host| !host.is_empty())
        {
            let words = "https addresses cannot be asked for through a proxy that is itself spoken to over TLS";
            compile.problem(Severity::Warning, words);
        }
        let managers = sources.managers();
        let fixed = Fixed::new(&fields, managers.cache.is_some(), managers.dns.is_some(), settings.proxy.is_some());
        HttpRequest { fields, fixed, settings, managers }
    }

    async fn take(&self, user: &mut VirtualUser) -> Result<Option<Box<SampleResult>>, Thrown> {
        let mut draft = user.draft.take().and_then(|draft| draft.downcast::<Fields>().ok());
        if draft.is_none() && self.kept_headers(user).is_some() {
            draft = Some(Box::new(self.fields(user)));
        }
        // What the sample works with leaves the user for its time: resources fetched side by side share it.
        let mut client = std::mem::take(&mut user.http);
        if let Some(certificates) = &self.settings.certificates {
            client.show(certificates.for_user(user));
        }
        let managers = &self.managers;
        let jar = managers.cookies.as_ref().map(|manager| Mutex::new(manager.take(user)));
        let cache = managers.cache.as_ref().map(|manager| Mutex::new(manager.take(user)));
        let (thread, stop) = (Text::clone(&user.thread_name), Arc::clone(&user.stop));
        let deadline = Deadline::new(user.sample_timeout.map(|timeout| crate::clock::now() + timeout));
        let image_parser = &draft.as_deref().unwrap_or(&self.fields).image_parser;
        let is_read = user.reads_response_data || !matches!(image_parser, BoolExpr::Fixed(false));
        let beginning = if is_read { None } else { user.run.needs.beginning_of_body() };
        let result = {
            let user = Mutex::new(&mut *user);
            let pass = Pass {
                fields: draft.as_deref().unwrap_or(&self.fields),
                fixed: draft.is_none().then_some(&self.fixed),
                settings: &self.settings,
                managers,
                user: &user,
                client: &client,
                jar: jar.as_ref(),
                cache: cache.as_ref(),
                stop: &stop,
                deadline: &deadline,
                thread,
                md5: false,
                beginning,
            };
            pass.take().await
        };
        user.http = client;
        if let (Some(manager), Some(jar)) = (&managers.cookies, jar) {
            manager.put(user, jar.into_inner().unwrap_or_else(PoisonError::into_inner));
        }
        if let (Some(manager), Some(cache)) = (&managers.cache, cache) {
            manager.put(user, cache.into_inner().unwrap_or_else(PoisonError::into_inner));
        }
        // The label is read after everything else. What is thrown outside of the request leaves an empty sample.
        let name = draft.as_ref().map_or(&self.fields.name, |draft| &draft.name);
        let sample = match result {
            Ok(None) => Ok(None),
            // Its name could not be read when it began.
            Ok(Some(result)) if result.url.is_none() => Ok(Some(result)),
            Ok(Some(mut result)) => match user.named(|user| name.eval(user)) {
                Ok(label) => {
                    user.sampler_name = Text::clone(&label);
                    result.label = label;
                    Ok(Some(result))
                }
                Err(thrown) if thrown.kind == ThrownKind::Exception => Ok(taken(result::without_name(&thrown))),
                Err(thrown) => Err(thrown),
            },
            Err(thrown) if thrown.kind == ThrownKind::Exception => Ok(taken(result::without_address(&thrown))),
            Err(thrown) => Err(thrown),
        };
        // Post-processors see the request as it was sent.
        user.draft = draft.map(|draft| draft as Box<dyn Any + Send>);
        sample
    }
}

impl Sampler for HttpRequest {
    fn name(&self) -> &Expr {
        &self.fields.name
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(self.take(user))
    }

    fn class_name(&self) -> &'static str {
        "org.apache.jmeter.protocol.http.sampler.HTTPSamplerProxy"
    }
}

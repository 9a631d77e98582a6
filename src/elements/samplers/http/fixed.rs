//! What of a sampler is the same at every pass: put together by the first user who needs it, shared by all.

use super::fields::Fields;
use super::request::Ready;
use super::url::has_query;
use crate::http::{Options, Url};
use crate::text::{self, Text};
use crate::virtual_user::Thrown;
use std::borrow::Cow;
use std::sync::OnceLock;

/// The fixed parts of a sampler, each made once. A part that depends on variables or functions stays unmade.
pub(super) struct Fixed {
    has_address: bool,
    has_request: bool,
    has_options: bool,
    address: OnceLock<Result<(Text, Url), Thrown>>,
    request: OnceLock<Result<Ready, Thrown>>,
    options: OnceLock<Result<Options, Thrown>>,
}

impl Fixed {
    /// Decides what of `fields` is fixed. The cache manager changes heads, the DNS manager and the proxies of the run
    /// change how exchanges are made.
    pub fn new(fields: &Fields, has_cache: bool, has_dns: bool, has_static_proxy: bool) -> Self {
        let has_address = fields.has_fixed_address(has_query);
        let has_entity = fields.method.as_literal().is_some_and(|method| fields.has_fixed_entity(method));
        Fixed {
            has_address,
            has_request: has_address
                && has_entity
                && fields.has_fixed_headers()
                && fields.has_fixed_options()
                && !has_cache,
            has_options: fields.has_fixed_options() && !has_dns && !has_static_proxy,
            address: OnceLock::new(),
            request: OnceLock::new(),
            options: OnceLock::new(),
        }
    }

    /// Method and address, made by `make` if they are fixed and were not made before.
    pub fn address(&self, make: impl FnOnce() -> Result<(Text, Url), Thrown>) -> Result<Cow<'_, (Text, Url)>, Thrown> {
        if !self.has_address {
            return make().map(Cow::Owned);
        }
        let made = self.address.get_or_init(|| {
            make().inspect(|(method, url)| {
                text::for_ever(method);
                text::for_ever(url.text());
            })
        });
        made.as_ref().map(Cow::Borrowed).map_err(Clone::clone)
    }

    /// The request without the cookies of a Cookie Manager; `None` when it is not fixed.
    pub fn request(&self, make: impl FnOnce() -> Result<Ready, Thrown>) -> Option<&Result<Ready, Thrown>> {
        let made = || make().inspect(Ready::keep_texts);
        self.has_request.then(|| self.request.get_or_init(made))
    }

    /// How the exchange is made; `None` when it is not fixed.
    pub fn options(&self, make: impl FnOnce() -> Result<Options, Thrown>) -> Option<&Result<Options, Thrown>> {
        self.has_options.then(|| self.options.get_or_init(make))
    }
}

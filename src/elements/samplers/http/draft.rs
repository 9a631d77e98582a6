//! The draft of one pass: what pre-processors change of the request that follows. JMeter lets them set the sampler's
//! own properties and takes that back after the sample.

use super::HttpRequest;
use super::fields::{Argument, Fields};
use super::url::has_query;
use crate::elements::configs::{CookieManager, Headers};
use crate::elements::roles::Sampler;
use crate::expr::{BoolExpr, Expr};
use crate::java::url_encoding::{decode, encode_utf8};
use crate::virtual_user::{Thrown, VirtualUser};
use std::any::Any;
use std::sync::Arc;

/// The request that `sampler` is about to make, for a pre-processor to change; `None` when it is no HTTP Request. The
/// first call of a pass copies the plan's fields.
pub fn draft<'u>(user: &'u mut VirtualUser, sampler: &dyn Sampler) -> Option<&'u mut Fields> {
    let sampler: &dyn Any = sampler;
    let sampler = sampler.downcast_ref::<HttpRequest>()?;
    if !user.draft.as_ref().is_some_and(|draft| draft.is::<Fields>()) {
        user.draft = Some(Box::new(sampler.fields(user)));
    }
    user.draft.as_mut()?.downcast_mut()
}

/// The Cookie Manager that works for `sampler`, for scripts that read and change cookies (`sampler.getCookieManager()`);
/// `None` when there is none, or the sampler is no HTTP Request. Between samples the jar is the user's own:
/// [`CookieManager::take`] and [`CookieManager::put`].
pub fn cookie_manager(sampler: &dyn Sampler) -> Option<&CookieManager> {
    let sampler: &dyn Any = sampler;
    sampler.downcast_ref::<HttpRequest>()?.managers.cookies.as_deref()
}

/// Keeps what a script made of the headers for the user's later samples: JMeter's scripts change the manager itself.
/// Several managers are merged anew at each sample, which forgets it.
pub fn keep_headers(user: &mut VirtualUser, sampler: &dyn Sampler, headers: &[Headers]) {
    let sampler: &dyn Any = sampler;
    let manager = sampler.downcast_ref::<HttpRequest>().and_then(|sampler| sampler.managers.headers.as_ref());
    if let (Some(manager), [headers]) = (manager, headers) {
        manager.keep(user, Arc::clone(headers));
    }
}

impl HttpRequest {
    /// The plan's fields, with the headers that this user's scripts have left in the manager.
    pub(super) fn fields(&self, user: &mut VirtualUser) -> Fields {
        let mut fields = self.fields.clone();
        if let Some(kept) = self.kept_headers(user) {
            fields.headers = vec![Arc::clone(kept)];
        }
        fields
    }

    /// The headers that this user's scripts have left in the manager, if they have changed it.
    pub(super) fn kept_headers<'u>(&self, user: &'u VirtualUser) -> Option<&'u Headers> {
        self.managers.headers.as_ref()?.kept(user)
    }
}

impl Fields {
    /// The headers of all managers as JMeter merges them: those of the nearest, and of the others those of new names;
    /// `None` without a manager.
    pub fn merged_headers(&self, user: &mut VirtualUser) -> Result<Option<Vec<(Expr, Expr)>>, Thrown> {
        let Some((nearest, others)) = self.headers.split_first() else { return Ok(None) };
        let mut merged = nearest.to_vec();
        for (name, value) in others.iter().flat_map(|manager| manager.iter()) {
            let text = name.eval(user)?;
            let mut known = false;
            for (other, _) in &merged {
                known |= other.eval(user)?.eq_ignore_ascii_case(&text);
            }
            if !known {
                merged.push((name.clone(), value.clone()));
            }
        }
        Ok(Some(merged))
    }

    /// The address (`HTTPSamplerBase.getUrl`).
    pub fn url(&self, user: &mut VirtualUser) -> Result<String, Thrown> {
        let method = self.method.eval(user)?;
        super::url::build(self, &method, user).map(|url| url.text().to_string())
    }

    /// The arguments as they stand in an address (`HTTPSamplerBase.getQueryString`).
    pub fn query_string(&self, user: &mut VirtualUser) -> Result<String, Thrown> {
        let charset = self.content_encoding.eval(user)?;
        let charset = if charset.trim().is_empty() { "UTF-8" } else { &charset };
        super::url::query(&self.arguments, charset, user)
    }

    /// The port, or that of the protocol (`HTTPSamplerBase.getPort`).
    pub fn port_number(&self, user: &mut VirtualUser) -> Result<i32, Thrown> {
        let port = self.port.eval(user)?.trim().parse().unwrap_or(0);
        let secure = self.protocol.eval(user)?.eq_ignore_ascii_case("https");
        Ok(if port > 0 { port } else { [80, 443][usize::from(secure)] })
    }

    /// The plan's path as it stands now, blanks escaped (`HTTPSamplerBase.getPath`).
    pub fn path(&self, user: &mut VirtualUser) -> Result<String, Thrown> {
        Ok(self.path.eval(user)?.replace(' ', "%20"))
    }

    /// Sets the path; a GET's or DELETE's query becomes arguments (`HTTPSamplerBase.setPath`).
    pub fn set_path(&mut self, path: &str, user: &mut VirtualUser) -> Result<(), Thrown> {
        let method = self.method.eval(user)?;
        let is_whole = path.starts_with("http://") || path.starts_with("https://");
        match path.split_once('?') {
            Some((before, query)) if !is_whole && has_query(&method) && &*method != "OPTIONS" => {
                self.path = Expr::literal(before);
                let arguments = query.split('&').filter_map(|pair| {
                    let (name, value, separator) = match pair.split_once('=') {
                        Some((name, value)) => (name, value, "="),
                        None => (pair, "", ""),
                    };
                    (!name.is_empty()).then(|| Argument::encoded(name, value, separator))
                });
                self.arguments.extend(arguments);
            }
            _ => self.path = Expr::literal(path),
        }
        Ok(())
    }

    /// Removes the arguments of a name (`Arguments.removeArgument`).
    pub fn remove_arguments(&mut self, name: &str, user: &mut VirtualUser) -> Result<(), Thrown> {
        let mut kept = Vec::with_capacity(self.arguments.len());
        for argument in std::mem::take(&mut self.arguments) {
            if *argument.name.eval(user)? != *name {
                kept.push(argument);
            }
        }
        self.arguments = kept;
        Ok(())
    }
}

impl Argument {
    /// An argument that is the same whoever reads it.
    pub fn literal(name: &str, value: &str, always_encode: bool) -> Self {
        Argument {
            name: Expr::literal(name),
            value: Expr::literal(value),
            separator: None,
            always_encode: BoolExpr::Fixed(always_encode),
            content_type: Expr::literal("text/plain"),
        }
    }

    /// An argument that is encoded already: it is decoded, and encoded again when it is sent, if that makes a difference
    /// (`HTTPSamplerBase.addEncodedArgument`).
    pub fn encoded(name: &str, value: &str, separator: &str) -> Self {
        let decoded = |text: &str| decode(text, "UTF-8").unwrap_or_else(|_| text.to_owned());
        let (name, value) = (decoded(name), decoded(value));
        let always_encode = encode_utf8(&name) != name || encode_utf8(&value) != value;
        Argument { separator: Some(Expr::literal(separator)), ..Argument::literal(&name, &value, always_encode) }
    }
}

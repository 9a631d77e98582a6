//! The draft of one pass: what pre-processors change of the request that follows. JMeter lets them set the sampler's
//! own properties and takes that back after the sample.

use super::HttpRequest;
use super::fields::{Argument, Fields};
use super::url::has_query;
use crate::elements::roles::Sampler;
use crate::expr::{BoolExpr, Expr};
use crate::java::url_encoding::{decode, encode_utf8};
use crate::virtual_user::{Thrown, VirtualUser};
use std::any::Any;

/// The request that `sampler` is about to make, for a pre-processor to change; `None` when it is no HTTP Request. The
/// first call of a pass copies the plan's fields.
pub fn draft<'u>(user: &'u mut VirtualUser, sampler: &dyn Sampler) -> Option<&'u mut Fields> {
    let sampler: &dyn Any = sampler;
    let sampler = sampler.downcast_ref::<HttpRequest>()?;
    if !user.draft.as_ref().is_some_and(|draft| draft.is::<Fields>()) {
        user.draft = Some(Box::new(sampler.fields.clone()));
    }
    user.draft.as_mut()?.downcast_mut()
}

impl Fields {
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

//! HTTP Request, as JMeter's HttpClient4 implementation takes it: the address and the head are built from the plan, the
//! exchange is [`crate::http`]'s, redirects and sub-samples are JMeter's.

mod body;
mod encode;
mod fields;
mod headers;
mod pass;
mod redirect;
mod result;
mod retrying;
mod url;

use crate::elements::Definition;
use crate::elements::Role;
use crate::elements::roles::{Sampler, Sampling};
use crate::expr::Expr;
use crate::text::Text;
use crate::virtual_user::VirtualUser;
use fields::Fields;

pub(super) const HTTP: Definition = Definition {
    tag: "HTTPSamplerProxy",
    menu: "HTTP Request",
    compile: |compile| Some(Role::sampler(HttpRequest { fields: Fields::new(compile) })),
};

/// HTTP Request.
pub(super) struct HttpRequest {
    fields: Fields,
}

impl Sampler for HttpRequest {
    fn name(&self) -> &Expr {
        &self.fields.name
    }

    fn sample<'a>(&'a self, user: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async move {
            let Some(mut result) = pass::sample(&self.fields, user).await else { return Ok(None) };
            // The label is read after everything else; where that throws, JMeter's sample is an empty one.
            match self.fields.name.eval(user) {
                Ok(label) => {
                    user.sampler_name = Text::clone(&label);
                    result.label = label;
                }
                Err(thrown) => result = result::without_address(&thrown.class, thrown.message_or_null()),
            }
            Ok(Some(result))
        })
    }
}

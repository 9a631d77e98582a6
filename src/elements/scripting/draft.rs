//! `sampler` as scripts see it: an HTTP Request's properties, changed for this pass only.

use crate::elements::roles::Sampler;
use crate::elements::samplers::http::{self, Argument};
use crate::expr::{BoolExpr, Expr};
use crate::script::host::Outcome;
use crate::script::jmeter::ScriptedSampler;
use crate::script::value::{Thrown, Value, java_text};
use crate::virtual_user::VirtualUser;

/// The sampler that a script may change.
pub(in crate::elements) struct Draft<'s>(pub &'s dyn Sampler);

impl ScriptedSampler for Draft<'_> {
    fn call(&mut self, user: &mut VirtualUser, name: &str, arguments: &[Value]) -> Option<Outcome> {
        let texts: Vec<String> = arguments.iter().map(java_text).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let outcome = call(self.0, user, name, &texts)?;
        Some(outcome.map_err(|thrown| Thrown::new(&thrown.class, thrown.message_or_null())))
    }
}

type Called = Result<Value, crate::virtual_user::Thrown>;

fn call(sampler: &dyn Sampler, user: &mut VirtualUser, name: &str, arguments: &[&str]) -> Option<Called> {
    let set = |place: &mut Expr, text: &str| {
        *place = Expr::literal(text);
        Some(Ok(Value::Null))
    };
    match (name, arguments) {
        ("getPath", []) => {
            let fields = http::draft(user, sampler)?.clone();
            return Some(fields.path(user).map(Value::from));
        }
        ("setPath", [path]) => {
            let mut fields = http::draft(user, sampler)?.clone();
            let done = fields.set_path(path, user);
            *http::draft(user, sampler)? = fields;
            return Some(done.map(|()| Value::Null));
        }
        ("getName", []) => {
            let name = match http::draft(user, sampler) {
                Some(fields) => fields.name.clone(),
                None => sampler.name().clone(),
            };
            return Some(name.eval(user).map(Value::String));
        }
        _ => {}
    }
    let fields = http::draft(user, sampler)?;
    let read = match name {
        "getMethod" => Some(&fields.method),
        "getDomain" => Some(&fields.domain),
        "getProtocol" => Some(&fields.protocol),
        "getPortIfSpecified" => Some(&fields.port),
        "getContentEncoding" => Some(&fields.content_encoding),
        _ => None,
    };
    if let (Some(expr), []) = (read.cloned(), arguments) {
        return Some(expr.eval(user).map(Value::String));
    }
    match (name, arguments) {
        ("setName", [text]) => set(&mut fields.name, text),
        ("setMethod", [text]) => set(&mut fields.method, text),
        ("setDomain", [text]) => set(&mut fields.domain, text),
        ("setProtocol", [text]) => set(&mut fields.protocol, text),
        ("setPort", [text]) => set(&mut fields.port, text),
        ("setContentEncoding", [text]) => set(&mut fields.content_encoding, text),
        ("setFollowRedirects", [text]) => {
            fields.follow_redirects = BoolExpr::Fixed(*text == "true");
            Some(Ok(Value::Null))
        }
        ("setPostBodyRaw", [text]) => {
            fields.raw_body = BoolExpr::Fixed(*text == "true");
            Some(Ok(Value::Null))
        }
        ("addArgument", [name, value] | [name, value, _]) => {
            fields.arguments.push(Argument::literal(name, value, true));
            Some(Ok(Value::Null))
        }
        ("addNonEncodedArgument", [name, value, _]) => {
            fields.arguments.push(Argument::literal(name, value, false));
            Some(Ok(Value::Null))
        }
        ("addEncodedArgument", [name, value] | [name, value, _]) => {
            fields.arguments.push(Argument::encoded(name, value, "="));
            Some(Ok(Value::Null))
        }
        _ => None,
    }
}

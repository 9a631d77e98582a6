//! `sampler` as scripts see it: an HTTP Request's properties, changed for this pass only.

use crate::elements::roles::Sampler;
use crate::elements::samplers::http::{self, Argument, Fields};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::http::Cookie;
use crate::script::host::Outcome;
use crate::script::jmeter::{ArgumentParts, Headers, Part, ScriptedSampler};
use crate::script::value::{Thrown, Value, java_text};
use crate::text::Text;
use crate::virtual_user::VirtualUser;

/// The sampler that a script may change.
pub(in crate::elements) struct Draft<'s>(pub &'s dyn Sampler);

impl ScriptedSampler for Draft<'_> {
    fn class_name(&self) -> &'static str {
        self.0.class_name()
    }

    fn call(&mut self, user: &mut VirtualUser, name: &str, arguments: &[Value]) -> Option<Outcome> {
        let texts: Vec<String> = arguments.iter().map(java_text).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Some(call(self.0, user, name, &texts)?.map_err(thrown))
    }

    fn arguments(&mut self, user: &mut VirtualUser) -> Option<Result<Vec<ArgumentParts>, Thrown>> {
        let arguments = http::draft(user, self.0)?.arguments.clone();
        Some(arguments.iter().map(|argument| parts(argument, user)).collect::<Result<_, _>>().map_err(thrown))
    }

    fn set_arguments(&mut self, user: &mut VirtualUser, arguments: Vec<Part<ArgumentParts>>) {
        let Some(fields) = http::draft(user, self.0) else { return };
        let arguments = arguments.into_iter().filter_map(|part| match part {
            Part::Kept(place) => fields.arguments.get(place).cloned(),
            Part::New(parts) => Some(Argument {
                separator: parts.separator.map(Expr::literal),
                content_type: Expr::literal(parts.content_type),
                ..Argument::literal(&parts.name, &parts.value, parts.always_encode)
            }),
        });
        fields.arguments = arguments.collect();
    }

    fn headers(&mut self, user: &mut VirtualUser) -> Option<Result<Option<Headers>, Thrown>> {
        let headers = match http::draft(user, self.0)?.clone().merged_headers(user) {
            Ok(headers) => headers,
            Err(error) => return Some(Err(thrown(error))),
        };
        let read = headers.map(|headers| {
            headers.iter().map(|(name, value)| Ok((name.eval(user)?, value.eval(user)?))).collect::<Result<_, _>>()
        });
        Some(read.transpose().map_err(thrown))
    }

    fn set_headers(&mut self, user: &mut VirtualUser, headers: Vec<Part<(Text, Text)>>, own: bool) {
        let Some(fields) = http::draft(user, self.0) else { return };
        let mut fields = fields.clone();
        let Ok(before) = fields.merged_headers(user) else { return };
        let before = before.unwrap_or_default();
        let headers = headers.into_iter().filter_map(|part| match part {
            Part::Kept(place) => before.get(place).cloned(),
            Part::New((name, value)) => Some((Expr::literal(name), Expr::literal(value))),
        });
        fields.headers = vec![headers.collect()];
        if own {
            http::keep_headers(user, self.0, &fields.headers);
        }
        if let Some(place) = http::draft(user, self.0) {
            *place = fields;
        }
    }

    fn cookies(&mut self, user: &mut VirtualUser) -> Option<Vec<Cookie>> {
        let manager = http::cookie_manager(self.0)?;
        let jar = manager.take(user);
        let cookies = jar.cookies().to_vec();
        manager.put(user, jar);
        Some(cookies)
    }

    fn set_cookies(&mut self, user: &mut VirtualUser, cookies: Vec<Cookie>) {
        if let Some(manager) = http::cookie_manager(self.0) {
            manager.replace(user, &cookies);
        }
    }
}

/// The sampler of a script that is one itself.
pub(in crate::elements) struct Itself(pub &'static str);

impl ScriptedSampler for Itself {
    fn class_name(&self) -> &'static str {
        self.0
    }

    fn call(&mut self, _: &mut VirtualUser, _: &str, _: &[Value]) -> Option<Outcome> {
        None
    }
}

type Called = Result<Value, crate::virtual_user::Thrown>;

fn thrown(thrown: crate::virtual_user::Thrown) -> Thrown {
    Thrown::new(&thrown.class, thrown.message_or_null())
}

fn parts(argument: &Argument, user: &mut VirtualUser) -> Result<ArgumentParts, crate::virtual_user::Thrown> {
    Ok(ArgumentParts {
        name: argument.name.eval(user)?,
        value: argument.value.eval(user)?,
        separator: argument.separator.as_ref().map(|separator| separator.eval(user)).transpose()?,
        always_encode: argument.always_encode.eval(user)?,
        content_type: argument.content_type.eval(user)?,
        description: Text::default(),
    })
}

/// What kind of property a setter sets.
enum Field<'f> {
    Text(&'f mut Expr),
    Flag(&'f mut BoolExpr),
    Number(&'f mut LongExpr),
}

/// The field of a property, by the name in its getter and setter and by its key in the plan.
fn field<'f>(fields: &'f mut Fields, name: &str) -> Option<Field<'f>> {
    Some(match name {
        "Name" | "TestElement.name" => Field::Text(&mut fields.name),
        "Method" | "HTTPSampler.method" => Field::Text(&mut fields.method),
        "Domain" | "HTTPSampler.domain" => Field::Text(&mut fields.domain),
        "Protocol" | "HTTPSampler.protocol" => Field::Text(&mut fields.protocol),
        "PortIfSpecified" | "Port" | "HTTPSampler.port" => Field::Text(&mut fields.port),
        "HTTPSampler.path" => Field::Text(&mut fields.path),
        "ContentEncoding" | "HTTPSampler.contentEncoding" => Field::Text(&mut fields.content_encoding),
        "EmbeddedUrlRE" | "HTTPSampler.embedded_url_re" => Field::Text(&mut fields.embedded_url_re),
        "EmbeddedUrlExcludeRE" | "HTTPSampler.embedded_url_exclude_re" => {
            Field::Text(&mut fields.embedded_url_exclude_re)
        }
        "IpSource" | "HTTPSampler.ipSource" => Field::Text(&mut fields.ip_source),
        "ProxyScheme" | "HTTPSampler.proxyScheme" => Field::Text(&mut fields.proxy_scheme),
        "ProxyHost" | "HTTPSampler.proxyHost" => Field::Text(&mut fields.proxy_host),
        "ProxyUser" | "HTTPSampler.proxyUser" => Field::Text(&mut fields.proxy_user),
        "ProxyPass" | "HTTPSampler.proxyPass" => Field::Text(&mut fields.proxy_password),
        "ConcurrentPool" | "HTTPSampler.concurrentPool" => Field::Text(&mut fields.concurrent_pool),
        "FollowRedirects" | "HTTPSampler.follow_redirects" => Field::Flag(&mut fields.follow_redirects),
        "AutoRedirects" | "HTTPSampler.auto_redirects" => Field::Flag(&mut fields.auto_redirects),
        "UseKeepAlive" | "HTTPSampler.use_keepalive" => Field::Flag(&mut fields.keep_alive),
        "PostBodyRaw" | "HTTPSampler.postBodyRaw" => Field::Flag(&mut fields.raw_body),
        "DoMultipart" | "DoMultipartPost" | "HTTPSampler.DO_MULTIPART_POST" => Field::Flag(&mut fields.multipart),
        "DoBrowserCompatibleMultipart" | "HTTPSampler.BROWSER_COMPATIBLE_MULTIPART" => {
            Field::Flag(&mut fields.browser_compatible)
        }
        "ImageParser" | "HTTPSampler.image_parser" => Field::Flag(&mut fields.image_parser),
        "ConcurrentDwn" | "HTTPSampler.concurrentDwn" => Field::Flag(&mut fields.concurrent_download),
        "MD5" | "HTTPSampler.md5" => Field::Flag(&mut fields.md5),
        "ConnectTimeout" | "HTTPSampler.connect_timeout" => Field::Number(&mut fields.connect_timeout),
        "ResponseTimeout" | "HTTPSampler.response_timeout" => Field::Number(&mut fields.response_timeout),
        _ => return None,
    })
}

fn call(sampler: &dyn Sampler, user: &mut VirtualUser, name: &str, arguments: &[&str]) -> Option<Called> {
    match (name, arguments) {
        ("getPath", []) => {
            let fields = http::draft(user, sampler)?.clone();
            return Some(fields.path(user).map(Value::from));
        }
        ("setPath", [path, ..]) => {
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
        ("getUrl", []) => {
            let fields = http::draft(user, sampler)?.clone();
            return Some(fields.url(user).map(|url| crate::script::library::url::url(&url)));
        }
        ("getQueryString", [] | [_]) => {
            let fields = http::draft(user, sampler)?.clone();
            return Some(fields.query_string(user).map(Value::from));
        }
        // The encoding that is used where none is set.
        ("getContentEncoding", []) => {
            let encoding = http::draft(user, sampler)?.content_encoding.clone();
            return Some(
                encoding.eval(user).map(|text| Value::String(if text.is_empty() { "UTF-8".into() } else { text })),
            );
        }
        ("getPort", []) => {
            let fields = http::draft(user, sampler)?.clone();
            return Some(fields.port_number(user).map(Value::Int));
        }
        _ => {}
    }
    let fields = http::draft(user, sampler)?;
    match (name, arguments) {
        ("addArgument", [name, value]) => fields.arguments.push(Argument::literal(name, value, true)),
        ("addArgument", [name, value, separator]) => fields
            .arguments
            .push(Argument { separator: Some(Expr::literal(*separator)), ..Argument::literal(name, value, true) }),
        ("addNonEncodedArgument", [name, value, separator]) => fields
            .arguments
            .push(Argument { separator: Some(Expr::literal(*separator)), ..Argument::literal(name, value, false) }),
        ("addEncodedArgument", [name, value]) => fields.arguments.push(Argument::encoded(name, value, "=")),
        ("addEncodedArgument", [name, value, separator]) => {
            fields.arguments.push(Argument::encoded(name, value, separator));
        }
        ("setProperty", [key, value]) => set(field(fields, key)?, value),
        ("getPropertyAsString" | "getPropertyAsBoolean" | "getPropertyAsInt", [key]) => {
            let as_flag = name.ends_with("Boolean");
            let read = get(field(fields, key)?);
            return Some(read(user).map(|value| match value {
                Value::Boolean(flag) if !as_flag => Value::from(if flag { "true" } else { "false" }),
                Value::String(text) if as_flag => Value::Boolean(text.eq_ignore_ascii_case("true")),
                other => other,
            }));
        }
        (_, []) => {
            let property = name.strip_prefix("get").or_else(|| name.strip_prefix("is"))?;
            let read = get(field(fields, property)?);
            return Some(read(user));
        }
        (_, [value]) => set(field(fields, name.strip_prefix("set")?)?, value),
        _ => return None,
    }
    Some(Ok(Value::Null))
}

fn set(field: Field<'_>, value: &str) {
    match field {
        Field::Text(place) => *place = Expr::literal(value),
        Field::Flag(place) => *place = BoolExpr::Fixed(value.eq_ignore_ascii_case("true")),
        Field::Number(place) => *place = LongExpr::new(Expr::literal(value)),
    }
}

fn get(field: Field<'_>) -> Box<dyn FnOnce(&mut VirtualUser) -> Called> {
    match field {
        Field::Text(place) => {
            let expr = place.clone();
            Box::new(move |user| expr.eval(user).map(Value::String))
        }
        Field::Flag(place) => {
            let expr = place.clone();
            Box::new(move |user| expr.eval(user).map(Value::Boolean))
        }
        Field::Number(place) => {
            let expr = place.clone();
            Box::new(move |user| expr.eval(user).map(|number| Value::Int(number as i32)))
        }
    }
}

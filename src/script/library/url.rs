//! `java.net.URI` and `URL`: taken apart and put together. Connections are not made; a sampler is for that.

use super::{Answer, Class, Fault, Method, arguments, java, object, takes};
use crate::java::charset::Charset;
use crate::java::url_encoding;
use crate::script::host::Access;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions};

/// `java.net.URI`.
pub static URI: Class = Class {
    constructor: takes(1, 7, |_, _, args| {
        let text = if args.len() > 1 { composed(args)? } else { arguments::text(args, 0)?.into_owned() };
        Ok(Value::object(parse(&URI, &text).map_err(|message| Thrown::new("java.net.URISyntaxException", message))?))
    }),
    statics: &[java("create", 1, 1, |_, _, args| {
        let parsed = parse(&URI, &arguments::text(args, 0)?);
        Ok(Value::object(parsed.map_err(|message| Thrown::new(exceptions::ILLEGAL_ARGUMENT, message))?))
    })],
    methods: URI_METHODS,
    ..Class::named("java.net.URI", &[&SHARED, &object::COMPARABLE])
};

/// `java.net.URL`.
pub static URL: Class = Class {
    constructor: takes(1, 4, |_, _, args| {
        let text = match args {
            [base, relative] => resolved(&of(base)?.text, &super::string::text(relative)?),
            [protocol, host, path] => {
                let part = |value| super::string::text(value);
                format!("{}://{}{}", part(protocol)?, part(host)?, part(path)?)
            }
            [protocol, host, Value::Int(port), path] => {
                let part = |value| super::string::text(value);
                format!("{}://{}:{port}{}", part(protocol)?, part(host)?, part(path)?)
            }
            _ => arguments::text(args, 0)?.into_owned(),
        };
        let malformed = |message: String| Fault::from(Thrown::new("java.net.MalformedURLException", message));
        let Some((protocol, _)) = text.split_once(':').filter(|(name, _)| is_scheme(name)) else {
            return Err(malformed(format!("no protocol: {text}")));
        };
        if !matches!(protocol.to_ascii_lowercase().as_str(), "http" | "https" | "ftp" | "file" | "jar" | "mailto") {
            return Err(malformed(format!("unknown protocol: {}", protocol.to_ascii_lowercase())));
        }
        Ok(Value::object(split(&URL, &text)))
    }),
    methods: URL_METHODS,
    ..Class::named("java.net.URL", &[&SHARED])
};

/// An address that is known to be one, as a `URL`.
pub(crate) fn url(text: &str) -> Value {
    Value::object(split(&URL, text))
}

/// What both have.
static SHARED: Class = Class { methods: SHARED_METHODS, ..Class::named("java.lang.Object", &[&object::OBJECT]) };

/// An address in its parts, as they are written.
#[derive(Debug, Clone)]
pub struct Address {
    class: &'static Class,
    text: String,
    scheme: Option<String>,
    authority: Option<String>,
    path: String,
    query: Option<String>,
    fragment: Option<String>,
}

impl Object for Address {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }

    fn to_text(&self) -> String {
        self.text.clone()
    }

    fn equals(&self, other: &Value) -> bool {
        of(other).is_ok_and(|other| other.text == self.text)
    }

    fn hash_code(&self) -> Option<i32> {
        Some(crate::java::number::string_hash_code(&self.text))
    }

    fn compare(&self, other: &Value) -> Option<std::cmp::Ordering> {
        of(other).ok().map(|other| self.text.cmp(&other.text))
    }
}

impl Address {
    fn host_and_port(&self) -> (Option<&str>, i32) {
        let Some(authority) = &self.authority else { return (None, -1) };
        let place = authority.rsplit('@').next().unwrap_or_default();
        let end = place.rfind(']').map_or(0, |at| at + 1);
        match place[end..].find(':') {
            Some(colon) => (Some(&place[..end + colon]), place[end + colon + 1..].parse().unwrap_or(-1)),
            None => (Some(place), -1),
        }
    }
}

fn of(this: &Value) -> Result<&Address, Fault> {
    arguments::object(this)
}

fn is_scheme(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

fn split(class: &'static Class, text: &str) -> Address {
    let (rest, fragment) = text.split_once('#').map_or((text, None), |(rest, fragment)| (rest, Some(fragment)));
    let (scheme, rest) = match rest.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
        _ => (None, rest),
    };
    let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            (Some(&rest[..end]).filter(|authority| !authority.is_empty()), &rest[end..])
        }
        None => (None, rest),
    };
    Address {
        class,
        text: text.to_owned(),
        scheme: scheme.map(str::to_owned),
        authority: authority.map(str::to_owned),
        path: path.to_owned(),
        query: query.map(str::to_owned),
        fragment: fragment.map(str::to_owned),
    }
}

/// An address as `URI` takes it: without blanks and the like.
fn parse(class: &'static Class, text: &str) -> Result<Address, String> {
    let address = split(class, text);
    let offset = |part: &str| text.find(part).unwrap_or(0);
    let wrong = |c: char| c.is_whitespace() || c.is_control() || "\"<>\\^`{|}".contains(c);
    for (name, part) in [
        ("authority", address.authority.as_deref()),
        ("path", Some(&*address.path)),
        ("query", address.query.as_deref()),
        ("fragment", address.fragment.as_deref()),
    ] {
        if let Some(part) = part
            && let Some(at) = part.find(wrong)
        {
            // Java points at where an authority begins, not at the character.
            let at = if name == "authority" { 0 } else { at };
            let index = text[..offset(part) + at].chars().count();
            return Err(format!("Illegal character in {name} at index {index}: {text}"));
        }
        if let Some(part) = part {
            for (at, _) in part.match_indices('%') {
                let digits = part.get(at + 1..at + 3);
                if !digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit())) {
                    let index = text[..offset(part) + at].chars().count();
                    return Err(format!("Malformed escape pair at index {index}: {text}"));
                }
            }
        }
    }
    if let Some(at) = text.find(':')
        && address.scheme.is_none()
        && !text[..at].contains(['/', '?', '#'])
    {
        return Err(if at == 0 {
            format!("Expected scheme name at index 0: {text}")
        } else {
            let wrong = text.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(0);
            format!("Illegal character in scheme name at index {wrong}: {text}")
        });
    }
    Ok(address)
}

/// `new URI(scheme, …)`: the parts are escaped and put together.
fn composed(args: &[Value]) -> Result<String, Fault> {
    let part = |index: usize| -> Result<Option<String>, Fault> {
        match args.get(index) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => Ok(Some(super::string::text(value)?.into_owned())),
        }
    };
    let escaped = |text: String| {
        let keep = |c: char| c.is_ascii_alphanumeric() || "_-!.~'()*,;:$&+=?/[]@%".contains(c);
        text.chars()
            .map(
                |c| if keep(c) { c.to_string() } else { url_encoding::encode_utf8(&c.to_string()).replace('+', "%20") },
            )
            .collect::<String>()
    };
    let mut out = part(0)?.map(|scheme| scheme + ":").unwrap_or_default();
    match args.len() {
        3 => out += &part(1)?.map(escaped).unwrap_or_default(),
        4 => {
            out += &part(1)?.map(|host| format!("//{host}")).unwrap_or_default();
            out += &part(2)?.map(escaped).unwrap_or_default();
        }
        5 => {
            out += &part(1)?.map(|authority| format!("//{authority}")).unwrap_or_default();
            out += &part(2)?.map(escaped).unwrap_or_default();
            out += &part(3)?.map(|query| format!("?{}", escaped(query))).unwrap_or_default();
        }
        7 => {
            let user = part(1)?.map(|user| user + "@").unwrap_or_default();
            let port = arguments::int(args, 3)?;
            let port = if port >= 0 { format!(":{port}") } else { String::new() };
            out += &part(2)?.map(|host| format!("//{user}{host}{port}")).unwrap_or_default();
            out += &part(4)?.map(escaped).unwrap_or_default();
            out += &part(5)?.map(|query| format!("?{}", escaped(query))).unwrap_or_default();
        }
        _ => return Err(Fault::Mismatch),
    }
    out += &part(args.len() - 1)?.map(|fragment| format!("#{}", escaped(fragment))).unwrap_or_default();
    Ok(out)
}

/// RFC 3986, 5.2: a reference as it is meant from a base.
fn resolved(base: &str, reference: &str) -> String {
    let (base, other) = (split(&URI, base), split(&URI, reference));
    if other.scheme.is_some() {
        return reference.to_owned();
    }
    let scheme = base.scheme.as_ref().map(|scheme| format!("{scheme}:")).unwrap_or_default();
    let authority = other.authority.as_ref().or(base.authority.as_ref());
    let (path, query) = if other.authority.is_some() || other.path.starts_with('/') {
        (other.path.clone(), other.query.clone())
    } else if other.path.is_empty() {
        (base.path.clone(), other.query.clone().or(base.query.clone()))
    } else {
        let directory = base.path.rfind('/').map_or("", |at| &base.path[..=at]);
        let directory = if directory.is_empty() && authority.is_some() { "/" } else { directory };
        (without_dots(&format!("{directory}{}", other.path)), other.query.clone())
    };
    let authority = authority.map(|authority| format!("//{authority}")).unwrap_or_default();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let fragment = other.fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{scheme}{authority}{path}{query}{fragment}")
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let parts: Vec<&str> = path.split('/').collect();
    for (at, part) in parts.iter().enumerate() {
        let last = at + 1 == parts.len();
        match *part {
            "." if last => kept.push(""),
            "." => {}
            ".." if kept.last().is_some_and(|part| !part.is_empty() && *part != "..") => {
                kept.pop();
                if last {
                    kept.push("");
                }
            }
            part => kept.push(part),
        }
    }
    kept.join("/")
}

/// A part with its escapes undone.
fn plain(part: Option<&str>) -> Value {
    part.map(|part| {
        url_encoding::decode_in(&part.replace('+', "%2B"), Charset::UTF_8).unwrap_or_else(|_| part.to_owned())
    })
    .into()
}

static SHARED_METHODS: &[Method] = &[
    java("getAuthority", 0, 0, |_, this, _| Ok(of(this)?.authority.as_deref().into())),
    java("getPort", 0, 0, |_, this, _| Ok(of(this)?.host_and_port().1.into())),
    java("getUserInfo", 0, 0, |_, this, _| {
        Ok(of(this)?.authority.as_deref().and_then(|authority| authority.rsplit_once('@')).map(|(user, _)| user).into())
    }),
];

static URI_METHODS: &[Method] = &[
    java("compareTo", 1, 1, |_, this, args| {
        Ok(super::string::compare_as_java(&of(this)?.text, &of(&args[0])?.text).into())
    }),
    java("getFragment", 0, 0, |_, this, _| Ok(plain(of(this)?.fragment.as_deref()))),
    java("getHost", 0, 0, |_, this, _| Ok(of(this)?.host_and_port().0.into())),
    java("getPath", 0, 0, |_, this, _| Ok(plain(Some(&of(this)?.path)))),
    java("getQuery", 0, 0, |_, this, _| Ok(plain(of(this)?.query.as_deref()))),
    java("getRawFragment", 0, 0, |_, this, _| Ok(of(this)?.fragment.as_deref().into())),
    java("getRawPath", 0, 0, |_, this, _| Ok(of(this)?.path.as_str().into())),
    java("getRawQuery", 0, 0, |_, this, _| Ok(of(this)?.query.as_deref().into())),
    java("getScheme", 0, 0, |_, this, _| Ok(of(this)?.scheme.as_deref().into())),
    java("isAbsolute", 0, 0, |_, this, _| Ok(of(this)?.scheme.is_some().into())),
    java("normalize", 0, 0, |_, this, _| {
        let own = of(this)?;
        let text = own.text.replacen(&own.path, &without_dots(&own.path), usize::from(!own.path.is_empty()));
        Ok(Value::object(split(&URI, &text)))
    }),
    java("resolve", 1, 1, |_, this, args| {
        let reference = match arguments::text_of(&args[0]) {
            Some(text) => text.into_owned(),
            None => of(&args[0])?.text.clone(),
        };
        Ok(Value::object(split(&URI, &resolved(&of(this)?.text, &reference))))
    }),
    java("toASCIIString", 0, 0, |_, this, _| {
        let text = &of(this)?.text;
        let escape = |c: char| if c.is_ascii() { c.to_string() } else { url_encoding::encode_utf8(&c.to_string()) };
        Ok(text.chars().map(escape).collect::<String>().into())
    }),
    java("toURL", 0, 0, |machine, this, _| {
        Ok(machine.construct(&ClassRef::Library(&URL), &[of(this)?.text.as_str().into()])?)
    }),
];

static URL_METHODS: &[Method] = &[
    java("getDefaultPort", 0, 0, |_, this, _| {
        Ok(match of(this)?.scheme.as_deref() {
            Some("http") => 80,
            Some("https") => 443,
            Some("ftp") => 21,
            _ => -1,
        }
        .into())
    }),
    java("getFile", 0, 0, |_, this, _| {
        let own = of(this)?;
        let query = own.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(format!("{}{query}", own.path).into())
    }),
    java("getHost", 0, 0, |_, this, _| Ok(of(this)?.host_and_port().0.unwrap_or_default().into())),
    java("getPath", 0, 0, |_, this, _| Ok(of(this)?.path.as_str().into())),
    java("getProtocol", 0, 0, |_, this, _| {
        Ok(of(this)?.scheme.as_deref().unwrap_or_default().to_ascii_lowercase().into())
    }),
    java("getQuery", 0, 0, |_, this, _| Ok(of(this)?.query.as_deref().into())),
    java("getRef", 0, 0, |_, this, _| Ok(of(this)?.fragment.as_deref().into())),
    java("getText", 0, 3, no_connection),
    java("openConnection", 0, 1, no_connection),
    java("openStream", 0, 0, no_connection),
    java("toExternalForm", 0, 0, |_, this, _| Ok(of(this)?.text.as_str().into())),
    java("toURI", 0, 0, |machine, this, _| {
        Ok(machine.construct(&ClassRef::Library(&URI), &[of(this)?.text.as_str().into()])?)
    }),
];

/// A script has no connections of its own; files can be read by their URL.
fn no_connection(machine: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    let own = of(this)?;
    if own.scheme.as_deref() == Some("file") {
        return Ok(super::string::decode(&super::io::read_file(machine, &own.path)?, None)?.into());
    }
    if !machine.host.allows(Access::Network) {
        return Err(Access::Network.denied().into());
    }
    let message = format!("scripts open no connections: request {} with an HTTP Request sampler", own.text);
    Err(Thrown::new(exceptions::UNSUPPORTED, message).into())
}

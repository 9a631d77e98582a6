//! `log` (an SLF4J logger).

use super::{done, text_of};
use crate::script::host::Outcome;
use crate::script::value::Value;
use crate::text::Text;

pub(super) const TARGET: &str = "org.apache.jmeter.script";

pub(super) fn call((class, element): &(&'static str, Text), name: &str, arguments: &[Value]) -> Option<Outcome> {
    let level = match name {
        "error" | "fatal" => ::log::Level::Error,
        "warn" => ::log::Level::Warn,
        "info" => ::log::Level::Info,
        "debug" => ::log::Level::Debug,
        "trace" => ::log::Level::Trace,
        "isErrorEnabled" | "isWarnEnabled" | "isInfoEnabled" => return Some(Ok(Value::Boolean(true))),
        "getName" if element.is_empty() => return Some(Ok(Value::from(*class))),
        "getName" => return Some(Ok(Value::from(format!("{class}.{element}")))),
        "isDebugEnabled" | "isTraceEnabled" => return Some(Ok(Value::Boolean(false))),
        _ => return None,
    };
    let (format, rest) = arguments.split_first()?;
    let text = formatted(&text_of(format), rest);
    if element.is_empty() {
        ::log::log!(target: class, level, "{text}");
    } else {
        let name = format!("{class}.{element}");
        ::log::log!(target: name.as_str(), level, "{text}");
    }
    done()
}

/// SLF4J's `{}` places; what is left over (an exception) follows the text.
fn formatted(format: &str, arguments: &[Value]) -> String {
    let mut out = String::new();
    let mut rest = format;
    let mut arguments = arguments.iter();
    while let Some(place) = rest.find("{}") {
        let Some(argument) = arguments.next() else { break };
        out.push_str(&rest[..place]);
        out.push_str(&text_of(argument));
        rest = &rest[place + 2..];
    }
    out.push_str(rest);
    for left in arguments {
        out.push(' ');
        out.push_str(&text_of(left));
    }
    out
}

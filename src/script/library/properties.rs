//! Loading and storing `java.util.Properties`.

use super::{Class, arguments, io, java, map};
use crate::java::escape;
use crate::script::value::Value;

/// What `Properties` has beyond a map; one of its parents.
pub static ADDED: Class = Class {
    methods: &[
        java("list", 1, 1, |machine, this, args| {
            for (name, value) in map::of(this)?.entries() {
                let line =
                    format!("{}={}", crate::script::value::java_text(&name), crate::script::value::java_text(&value));
                machine.call_method(&args[0], "println", &[line.into()])?;
            }
            Ok(Value::Null)
        }),
        java("load", 1, 1, |machine, this, args| {
            // Streams are read as ISO-8859-1, readers as text.
            let latin_1 = Value::from("ISO-8859-1");
            let text = io::text_from(machine, &args[0], Some(&latin_1))?;
            for (name, value) in read(&text) {
                map::of(this)?.put(name.into(), value.into());
            }
            Ok(Value::Null)
        }),
        java("store", 2, 2, |machine, this, args| {
            let mut text = String::new();
            if !args[1].is_null() {
                text += &format!("#{}\n", arguments::text(args, 1)?);
            }
            text += &format!("#{}\n", super::temporal::date_text(crate::clock::now().millis()));
            for (name, value) in map::of(this)?.entries() {
                let (name, value) = (crate::script::value::java_text(&name), crate::script::value::java_text(&value));
                text += &format!("{}={}\n", escaped(&name, true), escaped(&value, false));
            }
            machine.call_method(&args[0], "write", &[super::codec::byte_array(text.as_bytes())])?;
            machine.call_method(&args[0], "flush", &[])?;
            Ok(Value::Null)
        }),
    ],
    ..Class::named("java.util.Properties", &[])
};

/// The pairs of a file, in order.
fn read(text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut lines = text.split(['\n', '\r']);
    while let Some(line) = lines.next() {
        let mut logical = trimmed(line).to_owned();
        if logical.is_empty() || logical.starts_with(['#', '!']) {
            continue;
        }
        while ends_open(&logical) {
            logical.pop();
            let Some(next) = lines.next() else { break };
            logical += trimmed(next);
        }
        pairs.push(pair(&logical));
    }
    pairs
}

fn trimmed(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '\u{c}'])
}

/// Whether a line ends in a backslash that is not itself escaped.
fn ends_open(line: &str) -> bool {
    line.chars().rev().take_while(|c| *c == '\\').count() % 2 == 1
}

/// The name up to the first `=`, `:` or blank, and the value after it.
fn pair(line: &str) -> (String, String) {
    let mut escaped = false;
    let end = line.find(|c: char| {
        let ends = !escaped && matches!(c, '=' | ':' | ' ' | '\t' | '\u{c}');
        escaped = !escaped && c == '\\';
        ends
    });
    let Some(end) = end else { return (unescaped(line), String::new()) };
    let rest = trimmed(&line[end..]);
    let rest = rest.strip_prefix(['=', ':']).map_or(rest, trimmed);
    (unescaped(&line[..end]), unescaped(rest))
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    let mut units: Vec<u16> = Vec::new();
    while let Some(c) = chars.next() {
        let plain = match c {
            '\\' => match chars.next() {
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap_or(0xfffd));
                    continue;
                }
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\u{c}',
                Some(other) => other,
                None => continue,
            },
            other => other,
        };
        out += &String::from_utf16_lossy(&std::mem::take(&mut units));
        out.push(plain);
    }
    out + &String::from_utf16_lossy(&units)
}

/// A name or value as it is stored.
fn escaped(text: &str, name: bool) -> String {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        match c {
            ' ' if name || at == 0 => out.push_str("\\ "),
            '=' | ':' | '#' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_ascii_graphic() && c != '\\' || c == ' ' => out.push(c),
            c => out += &escape::escape_java(&c.to_string()),
        }
    }
    out
}

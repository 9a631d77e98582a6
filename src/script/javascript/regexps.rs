//! Regular expressions of JavaScript, run by the engine for Java's.

use super::heap::{Class, Js, ObjectId};
use super::interpreter::{Interpreter, Result};
use crate::script::budget;
use crate::script::library::pattern::{Found, Pattern, after};
use crate::script::value::utf16_len;
use crate::text::Text;
use std::sync::Arc;

/// A JavaScript pattern in Java's syntax: they differ in `$`, in empty classes and in stray braces.
pub(super) fn to_java(source: &str) -> String {
    let mut java = String::with_capacity(source.len());
    let mut chars = source.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('/') => java.push('/'),
                Some('0') => java.push_str(r"\x00"),
                Some('-') if !in_class => java.push('-'),
                Some(escaped) => java.extend(['\\', escaped]),
                None => java.push_str(r"\\"),
            },
            '[' if !in_class => {
                in_class = true;
                java.push('[');
                if chars.peek() == Some(&'^') {
                    chars.next();
                    java.push('^');
                }
                if chars.peek() == Some(&']') {
                    chars.next();
                    in_class = false;
                    // `[^]` is any character, `[]` none.
                    let any = java.ends_with('^');
                    java.truncate(java.len() - if any { 2 } else { 1 });
                    java.push_str(if any { r"[\s\S]" } else { "(?!)" });
                }
            }
            '[' => java.push_str(r"\["),
            ']' if in_class => {
                in_class = false;
                java.push(']');
            }
            '&' if in_class => java.push_str(r"\&"),
            '$' if !in_class => java.push_str(r"(?-m:\z)"),
            c => java.push(c),
        }
    }
    java
}

fn pattern(interpreter: &Interpreter<'_, '_>, id: ObjectId) -> Option<(Arc<Pattern>, bool)> {
    match &interpreter.heap.object(id).class {
        Class::RegExp { pattern, flags, .. } => Some((pattern.clone(), flags.contains('g'))),
        _ => None,
    }
}

/// `source`, `global`, `ignoreCase`, `multiline`.
pub(super) fn property(interpreter: &Interpreter<'_, '_>, id: ObjectId, name: &str) -> Js {
    let Class::RegExp { source, flags, .. } = &interpreter.heap.object(id).class else { return Js::Undefined };
    match name {
        "source" => Js::String(source.clone()),
        "global" => Js::Boolean(flags.contains('g')),
        "ignoreCase" => Js::Boolean(flags.contains('i')),
        "multiline" => Js::Boolean(flags.contains('m')),
        _ => Js::Undefined,
    }
}

fn byte_position(text: &str, units: usize) -> usize {
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= units {
            return at;
        }
        seen += c.len_utf16();
    }
    if seen >= units { text.len() } else { text.len() + 1 }
}

/// The array of a match: its groups, with `index` and `input`.
fn match_array(interpreter: &mut Interpreter<'_, '_>, text: &str, pattern: &Pattern, found: &Found) -> Result {
    let group = |index| found.text(text, index).map_or(Js::Undefined, Js::string);
    let groups = (0..=pattern.group_count()).map(group).collect();
    let array = interpreter.heap.array(groups)?;
    if let Js::Object(id) = &array {
        let properties = &mut interpreter.heap.object_mut(*id).properties;
        properties.insert(Text::from("index"), Js::Number(utf16_len(&text[..found.whole().start]) as f64));
        properties.insert(Text::from("input"), Js::string(text));
    }
    Ok(array)
}

/// `exec`, `test` and `toString`.
pub(super) fn call(
    interpreter: &mut Interpreter<'_, '_>,
    id: ObjectId,
    name: &str,
    arguments: &[Js],
) -> Result<Option<Js>> {
    if !matches!(name, "exec" | "test") {
        return Ok(None);
    }
    let Some((pattern, global)) = pattern(interpreter, id) else { return Ok(None) };
    let text = interpreter.argument_text(arguments, 0)?;
    let from = match interpreter.heap.object(id).properties.get("lastIndex") {
        Some(Js::Number(at)) if global => byte_position(&text, *at as usize),
        _ => 0,
    };
    let found = pattern.find(&text, from)?;
    if global {
        let at = found.as_ref().map_or(0, |found| utf16_len(&text[..found.whole().end]));
        interpreter.heap.object_mut(id).properties.insert(Text::from("lastIndex"), Js::Number(at as f64));
    }
    Ok(Some(match (name, found) {
        ("test", found) => Js::Boolean(found.is_some()),
        (_, Some(found)) => match_array(interpreter, &text, &pattern, &found)?,
        (_, None) => Js::Null,
    }))
}

/// The pattern of an argument: an expression object, or a text that is one.
fn argument(interpreter: &mut Interpreter<'_, '_>, arguments: &[Js]) -> Result<(Arc<Pattern>, bool)> {
    let value = arguments.first().cloned().unwrap_or_else(|| Js::string(""));
    if let Js::Object(id) = value
        && let Some(found) = pattern(interpreter, id)
    {
        return Ok(found);
    }
    let source = interpreter.text(&value)?;
    let made = interpreter.make_regexp(&source, "")?;
    match made {
        Js::Object(id) => pattern(interpreter, id).ok_or_else(|| interpreter.type_error("not a regular expression")),
        _ => Err(interpreter.type_error("not a regular expression")),
    }
}

/// `text.match(expression)`.
pub(super) fn match_text(interpreter: &mut Interpreter<'_, '_>, text: &str, arguments: &[Js]) -> Result {
    let (pattern, global) = argument(interpreter, arguments)?;
    if !global {
        return match pattern.find(text, 0)? {
            Some(found) => match_array(interpreter, text, &pattern, &found),
            None => Ok(Js::Null),
        };
    }
    let all = pattern.find_all(&mut || interpreter.machine.look(), text)?;
    if all.is_empty() {
        return Ok(Js::Null);
    }
    let texts = all.iter().map(|found| Js::string(&text[found.whole()])).collect();
    Ok(interpreter.heap.array(texts)?)
}

/// `text.search(expression)`.
pub(super) fn search(interpreter: &mut Interpreter<'_, '_>, text: &str, arguments: &[Js]) -> Result {
    let (pattern, _) = argument(interpreter, arguments)?;
    let found = pattern.find(text, 0)?;
    Ok(Js::Number(found.map_or(-1.0, |found| utf16_len(&text[..found.whole().start]) as f64)))
}

/// `text.split(expression)`: groups become parts too.
pub(super) fn split(interpreter: &mut Interpreter<'_, '_>, id: ObjectId, text: &str) -> Result<Vec<Js>> {
    let Some((pattern, _)) = pattern(interpreter, id) else { return Ok(vec![Js::string(text)]) };
    let (mut parts, mut copied, mut from) = (Vec::new(), 0, 0);
    while let Some(found) = pattern.find(text, from)? {
        interpreter.machine.look()?;
        let whole = found.whole();
        from = after(text, &whole);
        if whole.is_empty() && (whole.start == copied || whole.start >= text.len()) {
            continue;
        }
        parts.push(Js::string(&text[copied..whole.start]));
        parts
            .extend((1..=pattern.group_count()).map(|group| found.text(text, group).map_or(Js::Undefined, Js::string)));
        copied = whole.end;
    }
    parts.push(Js::string(&text[copied..]));
    Ok(parts)
}

/// `text.replace(what, with)`: only the first match, unless the expression is global.
pub(super) fn replace(interpreter: &mut Interpreter<'_, '_>, text: &str, arguments: &[Js]) -> Result {
    let with = arguments.get(1).cloned().unwrap_or(Js::Undefined);
    let is_pattern = matches!(arguments.first(), Some(Js::Object(id)) if pattern(interpreter, *id).is_some());
    let (pattern, global) = if is_pattern {
        argument(interpreter, arguments)?
    } else {
        let what = interpreter.argument_text(arguments, 0)?;
        let literal = Pattern::compile(&what, crate::script::library::pattern::LITERAL)?;
        (Arc::new(literal), false)
    };
    let (mut out, mut copied, mut from) = (String::new(), 0, 0);
    while let Some(found) = pattern.find(text, from)? {
        interpreter.machine.look()?;
        budget::text(out.len())?;
        let whole = found.whole();
        out.push_str(&text[copied..whole.start]);
        if matches!(with, Js::Object(_) | Js::Native(_) | Js::Bound(_)) {
            let group = |index| found.text(text, index).map_or(Js::Undefined, Js::string);
            let mut values: Vec<Js> = (0..=pattern.group_count()).map(group).collect();
            values.push(Js::Number(utf16_len(&text[..whole.start]) as f64));
            values.push(Js::string(text));
            let value = interpreter.call(&with, Js::Undefined, &values)?;
            out += &interpreter.text(&value)?;
        } else {
            let template = interpreter.text(&with)?;
            expand(text, &pattern, &found, &template, &mut out);
        }
        copied = whole.end;
        from = after(text, &whole);
        if !global {
            break;
        }
    }
    out.push_str(&text[copied..]);
    Ok(Js::string(out))
}

/// Fills in `$1`, `$&`, `` $` ``, `$'` and `$$`.
fn expand(text: &str, pattern: &Pattern, found: &Found, template: &str, out: &mut String) {
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let whole = found.whole();
        let Some(c) = rest.chars().next() else {
            out.push('$');
            break;
        };
        match c {
            '$' => out.push('$'),
            '&' => out.push_str(&text[whole]),
            '`' => out.push_str(&text[..whole.start]),
            '\'' => out.push_str(&text[whole.end..]),
            '0'..='9' => {
                let two = rest.get(..2).and_then(|digits| digits.parse().ok());
                let one = c.to_digit(10).map(|digit| digit as usize);
                let known = |number: &usize| (1..=pattern.group_count()).contains(number);
                if let Some(number) = two.filter(known) {
                    out.push_str(found.text(text, number).unwrap_or_default());
                    rest = &rest[2..];
                    continue;
                }
                match one.filter(known) {
                    Some(number) => out.push_str(found.text(text, number).unwrap_or_default()),
                    None => out.extend(['$', c]),
                }
            }
            c => out.extend(['$', c]),
        }
        rest = &rest[c.len_utf8()..];
    }
    out.push_str(rest);
}

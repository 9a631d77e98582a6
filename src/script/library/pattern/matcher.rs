//! `java.util.regex.Matcher`, and what Groovy makes of one: a list of matches.

use super::super::{Answer, Class, Fault, Method, arguments, groovy, java, object, string};
use super::{Found, Pattern, after};
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions, utf16_len};
use crate::text::Text;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// `java.util.regex.Matcher`.
pub static MATCHER: Class = Class {
    statics: &[java("quoteReplacement", 1, 1, |_, _, args| {
        Ok(arguments::text(args, 0)?.replace('\\', "\\\\").replace('$', "\\$").into())
    })],
    methods: METHODS,
    ..Class::named("java.util.regex.Matcher", &[&object::OBJECT])
};

/// A `Matcher`: a pattern on its way through a text.
#[derive(Debug)]
pub struct Matcher {
    pattern: Arc<dyn Object>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    text: Text,
    found: Option<Found>,
    /// Where the next `find` begins, in bytes; `None` before the first.
    next: Option<usize>,
    /// Up to where `appendReplacement` has copied.
    appended: usize,
    /// The bytes that are looked at.
    region: (usize, usize),
}

impl Object for Matcher {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&MATCHER)
    }

    fn to_text(&self) -> String {
        let state = self.state();
        let last = state.found.as_ref().and_then(|found| found.text(&state.text, 0)).unwrap_or_default();
        let length = utf16_len(&state.text);
        format!("java.util.regex.Matcher[pattern={} region=0,{length} lastmatch={last}]", self.pattern.to_text())
    }
}

impl Matcher {
    /// A matcher of `pattern`, which is a [`Pattern`], on a text.
    pub fn new(pattern: Arc<dyn Object>, text: Text) -> Self {
        let region = (0, text.len());
        Self { pattern, state: Mutex::new(State { text, found: None, next: None, appended: 0, region }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pattern(&self) -> Result<&Pattern, Fault> {
        self.pattern.downcast().ok_or(Fault::Mismatch)
    }

    /// Moves on to the next match.
    fn find(&self) -> Result<bool, Fault> {
        let pattern = self.pattern()?;
        let mut state = self.state();
        let from = state.next.unwrap_or(state.region.0);
        let end = state.region.1;
        let found = if from > end { None } else { pattern.find(&state.text[..end], from)? };
        state.next = Some(found.as_ref().map_or(end + 1, |found| after(&state.text, &found.whole())));
        state.found = found;
        Ok(state.found.is_some())
    }

    /// Whether there is a match anywhere, as Groovy's truth asks; the matcher starts over.
    pub fn is_true(&self) -> Result<bool, Fault> {
        let text = self.state().text.clone();
        Ok(self.pattern()?.find(&text, 0)?.is_some())
    }

    /// All matches as Groovy iterates over them: texts, or lists of groups when there are groups.
    pub fn matches(&self, machine: &mut Machine<'_>) -> Result<Vec<Value>, Fault> {
        let (pattern, text) = (self.pattern()?, self.state().text.clone());
        let all = pattern.find_all(&mut || machine.look(), &text)?;
        Ok(all.iter().map(|found| match_value(pattern, &text, found)).collect())
    }

    fn anchored(&self, whole: bool) -> Answer {
        let pattern = self.pattern()?;
        let mut state = self.state();
        let text = state.text.clone();
        let found = if whole { pattern.match_whole(&text)? } else { pattern.match_start(&text)? };
        state.next = found.as_ref().map(|found| after(&text, &found.whole()));
        state.found = found;
        Ok(state.found.is_some().into())
    }

    fn reset(&self, text: Option<Text>) {
        let mut state = self.state();
        if let Some(text) = text {
            state.text = text;
        }
        let region = (0, state.text.len());
        *state = State { text: state.text.clone(), found: None, next: None, appended: 0, region };
    }

    /// The number of a group that an argument gives by number or name.
    fn group(&self, args: &[Value]) -> Result<usize, Fault> {
        let pattern = self.pattern()?;
        match args {
            [] => Ok(0),
            [value] if arguments::text_of(value).is_some() => {
                let name = arguments::text(args, 0)?;
                pattern.group_number(&name).ok_or_else(|| {
                    Thrown::new(exceptions::ILLEGAL_ARGUMENT, format!("No group with name <{name}>")).into()
                })
            }
            _ => {
                let number = arguments::int(args, 0)?;
                if number < 0 || number as usize > pattern.group_count() {
                    return Err(Thrown::new(exceptions::INDEX, format!("No group {number}")).into());
                }
                Ok(number as usize)
            }
        }
    }

    fn edge(&self, args: &[Value], start: bool) -> Answer {
        let group = self.group(args)?;
        let state = self.state();
        let found = state.found.as_ref().ok_or_else(|| no_match("No match available"))?;
        Ok(found
            .group(group)
            .map_or(-1, |range| {
                let at = if start { range.start } else { range.end };
                utf16_len(&state.text[..at]) as i32
            })
            .into())
    }

    /// `toMatchResult()`: the match as it is now.
    fn snapshot(&self) -> Self {
        let state = self.state();
        let (text, region) = (state.text.clone(), state.region);
        let state = State { text, found: state.found.clone(), next: state.next, appended: state.appended, region };
        Self { pattern: self.pattern.clone(), state: Mutex::new(state) }
    }
}

fn no_match(message: &str) -> Fault {
    Thrown::new(exceptions::ILLEGAL_STATE, message).into()
}

/// What Groovy hands on for a match: its text, or the list of its groups.
fn match_value(pattern: &Pattern, text: &str, found: &Found) -> Value {
    if pattern.group_count() == 0 {
        return Value::from(found.text(text, 0).unwrap_or_default());
    }
    Value::list(group_values(pattern, text, found))
}

/// All groups of a match, the whole first.
pub(crate) fn group_values(pattern: &Pattern, text: &str, found: &Found) -> Vec<Value> {
    (0..=pattern.group_count()).map(|group| found.text(text, group).into()).collect()
}

/// Replaces up to `limit` matches by what the closure gives for each.
pub(crate) fn replace_with(
    machine: &mut Machine<'_>,
    pattern: &Pattern,
    text: &str,
    closure: &Value,
    limit: usize,
) -> Result<String, Fault> {
    let (mut out, mut copied) = (String::with_capacity(text.len()), 0);
    for found in pattern.find_all(&mut || machine.look(), text)?.into_iter().take(limit) {
        let whole = found.whole();
        out.push_str(&text[copied..whole.start]);
        let replacement = call(machine, closure, pattern, text, &found)?;
        out.push_str(&machine.text(&replacement)?);
        budget::text(out.len())?;
        copied = whole.end;
    }
    out.push_str(&text[copied..]);
    Ok(out)
}

/// Calls a closure with a match: its text, or its groups, spread over several parameters if it has them.
pub(crate) fn call(
    machine: &mut Machine<'_>,
    closure: &Value,
    pattern: &Pattern,
    text: &str,
    found: &Found,
) -> Result<Value, Fault> {
    let parameters = match closure {
        Value::Closure(closure) => closure.parameters(),
        _ => return Err(Fault::Mismatch),
    };
    if pattern.group_count() > 0 && parameters > 1 {
        return Ok(machine.call(closure, &group_values(pattern, text, found))?);
    }
    Ok(machine.call(closure, &[match_value(pattern, text, found)])?)
}

fn of(this: &Value) -> Result<&Matcher, Fault> {
    arguments::object(this)
}

static METHODS: &[Method] = &[
    java("appendReplacement", 2, 2, |_, this, args| {
        let matcher = of(this)?;
        let pattern = matcher.pattern()?;
        let mut state = matcher.state();
        let found = state.found.clone().ok_or_else(|| no_match("No match available"))?;
        let whole = found.whole();
        let mut out = state.text[state.appended.min(whole.start)..whole.start].to_owned();
        pattern.expand(&state.text, &found, &arguments::text(args, 1)?, &mut out)?;
        state.appended = whole.end;
        arguments::object::<super::super::string_builder::StringBuilder>(&args[0])?.push(&out)?;
        Ok(this.clone())
    }),
    java("appendTail", 1, 1, |_, this, args| {
        let state = of(this)?.state();
        arguments::object::<super::super::string_builder::StringBuilder>(&args[0])?
            .push(&state.text[state.appended..])?;
        Ok(args[0].clone())
    }),
    java("end", 0, 1, |_, this, args| of(this)?.edge(args, false)),
    java("find", 0, 1, |_, this, args| {
        let matcher = of(this)?;
        if !args.is_empty() {
            let from = arguments::int(args, 0)?;
            let text = matcher.state().text.clone();
            if from < 0 || from as usize > utf16_len(&text) {
                return Err(Thrown::new(exceptions::INDEX, "Illegal start index").into());
            }
            matcher.reset(None);
            let at = crate::script::value::slice_utf16(&text, 0, from as usize).len();
            matcher.state().next = Some(at);
        }
        Ok(matcher.find()?.into())
    }),
    java("group", 0, 1, |_, this, args| {
        let matcher = of(this)?;
        if matcher.state().found.is_none() {
            return Err(no_match("No match found"));
        }
        let group = matcher.group(args)?;
        let state = matcher.state();
        Ok(state.found.as_ref().and_then(|found| found.text(&state.text, group)).map(Value::from).unwrap_or_default())
    }),
    java("groupCount", 0, 0, |_, this, _| Ok((of(this)?.pattern()?.group_count() as i32).into())),
    java("hitEnd", 0, 0, |_, this, _| {
        let state = of(this)?.state();
        Ok(state.found.as_ref().is_none_or(|found| found.whole().end == state.text.len()).into())
    }),
    java("lookingAt", 0, 0, |_, this, _| of(this)?.anchored(false)),
    java("matches", 0, 0, |_, this, _| of(this)?.anchored(true)),
    java("pattern", 0, 0, |_, this, _| Ok(Value::Object(of(this)?.pattern.clone()))),
    java("region", 2, 2, |_, this, args| {
        let matcher = of(this)?;
        let text = matcher.state().text.clone();
        let (from, to) = (arguments::int(args, 0)?, arguments::int(args, 1)?);
        if from < 0 || to < from || to as usize > utf16_len(&text) {
            return Err(Thrown::new(exceptions::INDEX, if from < 0 { "start" } else { "end" }).into());
        }
        let at = |index: i32| crate::script::value::slice_utf16(&text, 0, index as usize).len();
        matcher.reset(None);
        matcher.state().region = (at(from), at(to));
        Ok(this.clone())
    }),
    java("replaceAll", 1, 1, |machine, this, args| replace(machine, this, &args[0], usize::MAX)),
    java("replaceFirst", 1, 1, |machine, this, args| replace(machine, this, &args[0], 1)),
    java("reset", 0, 1, |_, this, args| {
        let text = if args.is_empty() { None } else { Some(Text::from(&*arguments::text(args, 0)?)) };
        of(this)?.reset(text);
        Ok(this.clone())
    }),
    java("results", 0, 0, |machine, this, _| {
        let matcher = of(this)?;
        matcher.reset(None);
        let mut all = Vec::new();
        while matcher.find()? {
            machine.look()?;
            all.push(Value::object(matcher.snapshot()));
        }
        Ok(machine.call_method(&Value::list(all), "stream", &[])?)
    }),
    java("start", 0, 1, |_, this, args| of(this)?.edge(args, true)),
    java("toMatchResult", 0, 0, |_, this, _| Ok(Value::object(of(this)?.snapshot()))),
    java("usePattern", 1, 1, |_, _, _| Err(Thrown::new(exceptions::UNSUPPORTED, "Matcher.usePattern").into())),
    groovy("asBoolean", 0, 0, |_, this, _| Ok(of(this)?.is_true()?.into())),
    groovy("collect", 0, 2, as_list),
    groovy("count", 0, 1, |machine, this, args| {
        if args.is_empty() {
            return Ok((of(this)?.matches(machine)?.len() as i32).into());
        }
        let matches = Value::list(of(this)?.matches(machine)?);
        Ok(machine.call_method(&matches, "count", args)?)
    }),
    groovy("each", 1, 1, |machine, this, args| {
        let matcher = of(this)?;
        let (pattern, text) = (matcher.pattern()?, matcher.state().text.clone());
        for found in pattern.find_all(&mut || machine.look(), &text)? {
            call(machine, &args[0], pattern, &text, &found)?;
        }
        Ok(this.clone())
    }),
    groovy("getAt", 1, 1, get_at),
    groovy("getCount", 0, 0, |machine, this, _| Ok((of(this)?.matches(machine)?.len() as i32).into())),
    groovy("hasGroup", 0, 0, |_, this, _| Ok((of(this)?.pattern()?.group_count() > 0).into())),
    groovy("iterator", 0, 0, |machine, this, _| {
        let matches = Value::list(of(this)?.matches(machine)?);
        Ok(machine.call_method(&matches, "iterator", &[])?)
    }),
    groovy("size", 0, 0, |machine, this, _| Ok((of(this)?.matches(machine)?.len() as i32).into())),
    groovy("toList", 0, 0, |machine, this, _| Ok(Value::list(of(this)?.matches(machine)?))),
];

/// `collect` and its kin: what the list of the matches does.
fn as_list(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let matches = Value::list(of(this)?.matches(machine)?);
    Ok(machine.call_method(&matches, "collect", args)?)
}

fn replace(machine: &mut Machine<'_>, this: &Value, with: &Value, limit: usize) -> Answer {
    let matcher = of(this)?;
    let (pattern, text) = (matcher.pattern()?, matcher.state().text.clone());
    matcher.reset(None);
    if matches!(with, Value::Closure(_)) {
        return Ok(replace_with(machine, pattern, &text, with, limit)?.into());
    }
    let with = string::text(with)?;
    Ok(if limit == 1 {
        pattern.replace_first(&mut || machine.look(), &text, &with)?
    } else {
        pattern.replace_all(&mut || machine.look(), &text, &with)?
    }
    .into())
}

/// `matcher[i]`: the match at `i`; a range or list gives several.
fn get_at(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let matches = of(this)?.matches(machine)?;
    let count = matches.len() as i64;
    let at = |index: i64| -> Answer {
        let from_start = if index < 0 { index + count } else { index };
        usize::try_from(from_start).ok().and_then(|at| matches.get(at).cloned()).ok_or_else(|| {
            let message = format!("index is out of range {}..{} (index = {index})", -count, count - 1);
            Thrown::new(exceptions::INDEX, message).into()
        })
    };
    match &args[0] {
        Value::List(list) => {
            let items: Result<Vec<Value>, Fault> = list.items().iter().map(|i| at(i.to_i64().unwrap_or(0))).collect();
            Ok(Value::list(items?))
        }
        Value::Range(range) => {
            let items: Result<Vec<Value>, Fault> = range.items().iter().map(|i| at(i.to_i64().unwrap_or(0))).collect();
            Ok(Value::list(items?))
        }
        _ => at(i64::from(arguments::int(args, 0)?)),
    }
}

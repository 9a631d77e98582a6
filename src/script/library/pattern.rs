//! `java.util.regex.Pattern`: Java's dialect of regular expressions.

mod matcher;
mod translate;

pub use matcher::{MATCHER, Matcher};
pub(crate) use matcher::{call, replace_with};

use super::{Class, Fault, Method, arguments, groovy, java, object, string};
use crate::script::budget;
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions};
use crate::text::Text;
use fancy_regex::Regex;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// `java.util.regex.Pattern`.
pub static PATTERN: Class = Class {
    statics: STATICS,
    methods: METHODS,
    constants: &[
        ("UNIX_LINES", || 1.into()),
        ("CASE_INSENSITIVE", || CASE_INSENSITIVE.into()),
        ("COMMENTS", || COMMENTS.into()),
        ("MULTILINE", || MULTILINE.into()),
        ("LITERAL", || LITERAL.into()),
        ("DOTALL", || DOTALL.into()),
        ("UNICODE_CASE", || 64.into()),
        ("CANON_EQ", || 128.into()),
        ("UNICODE_CHARACTER_CLASS", || 256.into()),
    ],
    ..Class::named("java.util.regex.Pattern", &[&object::OBJECT])
};

static STATICS: &[Method] = &[
    java("compile", 1, 2, |_, _, args| {
        let flags = if args.len() > 1 { arguments::int(args, 1)? } else { 0 };
        Ok(Value::object(Pattern::compile(&arguments::text(args, 0)?, flags)?))
    }),
    java("matches", 2, 2, |_, _, args| {
        Ok(cached(&arguments::text(args, 0)?)?.matches(&arguments::text(args, 1)?)?.into())
    }),
    java("quote", 1, 1, |_, _, args| Ok(quote(&arguments::text(args, 0)?).into())),
];

static METHODS: &[Method] = &[
    java("asPredicate", 0, 0, |_, this, _| Ok(this.clone())),
    java("flags", 0, 0, |_, this, _| Ok(of(this)?.flags.into())),
    java("matcher", 1, 1, |_, this, args| {
        let Value::Object(pattern) = this else { return Err(Fault::Mismatch) };
        Ok(Value::object(Matcher::new(pattern.clone(), Text::from(&*arguments::text(args, 0)?))))
    }),
    java("pattern", 0, 0, |_, this, _| Ok(of(this)?.source.clone().into())),
    java("split", 1, 2, |machine, this, args| {
        let limit = if args.len() > 1 { arguments::int(args, 1)? } else { 0 };
        Ok(string::string_array(of(this)?.split(&mut || machine.look(), &arguments::text(args, 0)?, limit)?))
    }),
    java("splitAsStream", 1, 1, |machine, this, args| {
        let parts = of(this)?
            .split(&mut || machine.look(), &arguments::text(args, 0)?, 0)?
            .into_iter()
            .map(Value::from)
            .collect();
        Ok(machine.call_method(&Value::list(parts), "stream", &[])?)
    }),
    java("test", 1, 1, |_, this, args| Ok(of(this)?.find(&arguments::text(args, 0)?, 0)?.is_some().into())),
    groovy("isCase", 1, 1, |_, this, args| match arguments::text(args, 0) {
        Ok(text) => Ok(of(this)?.matches(&text)?.into()),
        Err(_) => Ok(of(this)?.matches(&crate::script::value::groovy_text(&args[0]))?.into()),
    }),
];

fn of(this: &Value) -> Result<&Pattern, Fault> {
    arguments::object(this)
}

/// `Pattern.quote`.
pub(crate) fn quote(text: &str) -> String {
    format!("\\Q{}\\E", text.replace("\\E", "\\E\\\\E\\Q"))
}

/// The pattern that an argument is or writes.
pub(crate) enum Source<'v> {
    /// A compiled one.
    Given(&'v Pattern),
    /// Made of a text.
    Written(Arc<Pattern>),
}

impl<'v> Source<'v> {
    /// The pattern at `index` of the arguments.
    pub(crate) fn of(args: &'v [Value], index: usize) -> Result<Self, Fault> {
        let argument = args.get(index).ok_or(Fault::Mismatch)?;
        if let Ok(pattern) = arguments::object::<Pattern>(argument) {
            return Ok(Self::Given(pattern));
        }
        Ok(Self::Written(cached(&arguments::text(args, index)?)?))
    }
}

impl std::ops::Deref for Source<'_> {
    type Target = Pattern;

    fn deref(&self) -> &Pattern {
        match self {
            Self::Given(pattern) => pattern,
            Self::Written(pattern) => pattern,
        }
    }
}

/// `CASE_INSENSITIVE`.
pub const CASE_INSENSITIVE: i32 = 2;
/// `COMMENTS`.
pub const COMMENTS: i32 = 4;
/// `MULTILINE`.
pub const MULTILINE: i32 = 8;
/// `LITERAL`.
pub const LITERAL: i32 = 16;
/// `DOTALL`.
pub const DOTALL: i32 = 32;

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    /// The pattern as it was written.
    pub source: Text,
    /// Java's flags.
    pub flags: i32,
    search: Regex,
    whole: Regex,
    start: Regex,
}

impl Object for Pattern {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&PATTERN)
    }

    fn to_text(&self) -> String {
        self.source.to_string()
    }
}

/// One match: the byte range of each group, group 0 being the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found(Vec<Option<Range<usize>>>);

impl Found {
    /// The range of the whole match.
    pub fn whole(&self) -> Range<usize> {
        self.0.first().cloned().flatten().unwrap_or_default()
    }

    /// The range of a group, `None` when it took no part or does not exist.
    pub fn group(&self, index: usize) -> Option<Range<usize>> {
        self.0.get(index).cloned().flatten()
    }

    /// The text of a group.
    pub fn text<'t>(&self, subject: &'t str, index: usize) -> Option<&'t str> {
        self.group(index).and_then(|range| subject.get(range))
    }
}

fn search(regex: &Regex, text: &str, from: usize) -> Result<Option<Found>, Thrown> {
    let captures = regex.captures_from_pos(text, from).map_err(too_deep)?;
    Ok(captures.map(|captures| {
        let groups = (0..captures.len()).map(|index| captures.get(index).map(|group| group.start()..group.end()));
        Found(groups.collect())
    }))
}

fn syntax_error(source: &str, reason: &str) -> Thrown {
    Thrown::new("java.util.regex.PatternSyntaxException", format!("{reason}\n{source}"))
}

/// What Java says of a pattern that cannot be compiled, for the faults that are common.
fn refused(source: &str, error: &str) -> Thrown {
    let length = source.encode_utf16().count();
    let (what, at) = if error.contains("without closing parenthesis") || error.contains("unclosed group") {
        ("Unclosed group".to_owned(), length)
    } else if error.contains("haracter class") || error.contains("unclosed") {
        ("Unclosed character class".to_owned(), length.saturating_sub(1))
    } else if error.contains("epeat") {
        let at = source.find(['*', '+', '?']).unwrap_or(0);
        (format!("Dangling meta character '{}'", &source[at..=at]), at)
    } else if error.contains("arenthes") {
        ("Unmatched closing ')'".to_owned(), source.find(')').map_or(0, |at| at.saturating_sub(1)))
    } else {
        return syntax_error(source, error);
    };
    let mark = if at < length { format!("\n{}^", " ".repeat(at)) } else { String::new() };
    Thrown::new("java.util.regex.PatternSyntaxException", format!("{what} near index {at}\n{source}{mark}"))
}

fn too_deep(_: fancy_regex::Error) -> Thrown {
    Thrown::with_cause(exceptions::STACK_OVERFLOW, None, Value::Null)
}

/// The pattern of a source without flags; recent ones are kept.
pub(crate) fn cached(source: &str) -> Result<Arc<Pattern>, Thrown> {
    /// Patterns kept; when there are more, all are forgotten.
    const LIMIT: usize = 512;
    static CACHE: OnceLock<Mutex<HashMap<Text, Arc<Pattern>>>> = OnceLock::new();
    let cache = CACHE.get_or_init(Mutex::default);
    if let Some(pattern) = cache.lock().unwrap_or_else(PoisonError::into_inner).get(source) {
        return Ok(pattern.clone());
    }
    let pattern = Arc::new(Pattern::compile(source, 0)?);
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    if cache.len() >= LIMIT {
        cache.clear();
    }
    cache.insert(pattern.source.clone(), pattern.clone());
    Ok(pattern)
}

/// What is asked after each match whether to go on: one may take its time, and there may be many.
pub(crate) type Look<'l> = &'l mut dyn FnMut() -> Result<(), Thrown>;

impl Pattern {
    /// Compiles a pattern with Java's flags.
    pub fn compile(source: &str, flags: i32) -> Result<Self, Thrown> {
        let body = translate::translate(source, flags).map_err(|reason| syntax_error(source, &reason))?;
        let compile = |text: &str| Regex::new(text).map_err(|error| refused(source, &error.to_string()));
        Ok(Self {
            source: Text::from(source),
            flags,
            search: compile(&body)?,
            whole: compile(&format!(r"\A(?:{body})\z"))?,
            start: compile(&format!(r"\A(?:{body})"))?,
        })
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> Result<bool, Thrown> {
        self.whole.is_match(text).map_err(too_deep)
    }

    /// The groups of a match of the whole text.
    pub fn match_whole(&self, text: &str) -> Result<Option<Found>, Thrown> {
        search(&self.whole, text, 0)
    }

    /// The groups of a match at the text's start.
    pub fn match_start(&self, text: &str) -> Result<Option<Found>, Thrown> {
        search(&self.start, text, 0)
    }

    /// The first match at or after a byte position.
    pub fn find(&self, text: &str, from: usize) -> Result<Option<Found>, Thrown> {
        if from > text.len() { Ok(None) } else { search(&self.search, text, from) }
    }

    /// Count of groups, without group 0.
    pub fn group_count(&self) -> usize {
        self.search.captures_len() - 1
    }

    /// The number of a named group.
    pub fn group_number(&self, name: &str) -> Option<usize> {
        self.search.capture_names().position(|group| group == Some(name))
    }

    /// All matches, in order; an empty one moves on by a character.
    pub(crate) fn find_all(&self, look: Look<'_>, text: &str) -> Result<Vec<Found>, Thrown> {
        let (mut all, mut from) = (Vec::new(), 0);
        while let Some(found) = self.find(text, from)? {
            look()?;
            from = after(text, &found.whole());
            all.push(found);
        }
        Ok(all)
    }

    /// `replaceAll`: `$1`, `${name}` and `\` in the replacement have their meaning.
    pub(crate) fn replace_all(&self, look: Look<'_>, text: &str, replacement: &str) -> Result<String, Thrown> {
        self.replace(look, text, replacement, usize::MAX)
    }

    /// `replaceFirst`.
    pub(crate) fn replace_first(&self, look: Look<'_>, text: &str, replacement: &str) -> Result<String, Thrown> {
        self.replace(look, text, replacement, 1)
    }

    fn replace(&self, look: Look<'_>, text: &str, replacement: &str, limit: usize) -> Result<String, Thrown> {
        let (mut out, mut copied, mut from) = (String::with_capacity(text.len()), 0, 0);
        for _ in 0..limit {
            let Some(found) = self.find(text, from)? else { break };
            look()?;
            let whole = found.whole();
            out.push_str(&text[copied..whole.start]);
            self.expand(text, &found, replacement, &mut out)?;
            budget::text(out.len())?;
            copied = whole.end;
            from = after(text, &whole);
        }
        out.push_str(&text[copied..]);
        Ok(out)
    }

    /// Appends a replacement text with its references filled in.
    pub fn expand(&self, text: &str, found: &Found, replacement: &str, out: &mut String) -> Result<(), Thrown> {
        let illegal = |message: &str| Thrown::new(exceptions::ILLEGAL_ARGUMENT, message);
        let group = |index: usize| found.text(text, index).unwrap_or_default();
        let mut chars = replacement.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\\' => out.push(chars.next().ok_or_else(|| illegal("character to be escaped is missing"))?),
                '$' if chars.peek() == Some(&'{') => {
                    chars.next();
                    let name: String = chars.by_ref().take_while(|c| *c != '}').collect();
                    let number = self.group_number(&name);
                    let number = number.ok_or_else(|| illegal(&format!("No group with name {{{name}}}")))?;
                    out.push_str(group(number));
                }
                '$' => {
                    let first = chars.peek().and_then(|c| c.to_digit(10));
                    let mut number = first.ok_or_else(|| illegal("Illegal group reference"))? as usize;
                    chars.next();
                    if number > self.group_count() {
                        return Err(Thrown::new(exceptions::INDEX, format!("No group {number}")));
                    }
                    while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
                        let longer = number * 10 + digit as usize;
                        if longer > self.group_count() {
                            break;
                        }
                        number = longer;
                        chars.next();
                    }
                    out.push_str(group(number));
                }
                c => out.push(c),
            }
        }
        Ok(())
    }

    /// `split`: without a limit, empty parts at the end are dropped.
    pub(crate) fn split(&self, look: Look<'_>, text: &str, limit: i32) -> Result<Vec<String>, Thrown> {
        let (mut parts, mut copied, mut from) = (Vec::new(), 0, 0);
        while limit <= 0 || parts.len() + 1 < limit as usize {
            let Some(found) = self.find(text, from)? else { break };
            look()?;
            let whole = found.whole();
            from = after(text, &whole);
            // A match of nothing makes no part at the very start, nor at the end.
            if whole.end == 0 || (whole.is_empty() && whole.start >= text.len()) {
                continue;
            }
            parts.push(text[copied..whole.start].to_owned());
            copied = whole.end;
        }
        if parts.is_empty() {
            return Ok(vec![text.to_owned()]);
        }
        parts.push(text[copied..].to_owned());
        if limit == 0 {
            while parts.last().is_some_and(String::is_empty) {
                parts.pop();
            }
        }
        Ok(parts)
    }
}

/// Where to look for the next match after one at `found`.
pub(crate) fn after(text: &str, found: &Range<usize>) -> usize {
    if found.is_empty() { found.end + text[found.end..].chars().next().map_or(1, char::len_utf8) } else { found.end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(source: &str) -> Pattern {
        Pattern::compile(source, 0).unwrap()
    }

    #[test]
    fn splits_as_java_does() {
        let split =
            |source: &str, text: &str, limit| pattern(source).split(&mut || Ok(()), text, limit).unwrap().join("|");
        assert_eq!(split(",", "alpha,beta,,gamma,", 0), "alpha|beta||gamma");
        assert_eq!(split(",", "a,b,", -1), "a|b|");
        assert_eq!(split("=", "a=b=c", 2), "a|b=c");
        assert_eq!(split("", "abc", 0), "a|b|c");
        assert_eq!(split("x", "", 0), "");
        assert_eq!(split(",", ",a", 0), "|a");
        assert_eq!(split(",", ",", 0), "");
    }

    #[test]
    fn replaces_as_java_does() {
        let replace =
            |source: &str, text: &str, with: &str| pattern(source).replace_all(&mut || Ok(()), text, with).unwrap();
        assert_eq!(replace(r"(\w+) (\w+)", "John Smith", "$2, $1"), "Smith, John");
        assert_eq!(replace(r"\d+", "a1b22", "#"), "a#b#");
        assert_eq!(replace("(?<n>b)", "abc", "[${n}]"), "a[b]c");
        assert_eq!(replace("x*", "abc", "-"), "-a-b-c-");
        assert_eq!(replace(r"\.", "a.b", r"\\"), r"a\b");
    }

    #[test]
    fn understands_java_syntax() {
        for (source, text, expected) in [
            (r"\p{Alpha}+", "abc", true),
            (r"\Qa.b\E", "a.b", true),
            (r"\Qa.b\E", "axb", false),
            (r"a++b", "aab", true),
            (r"(a)\1", "aa", true),
            (r"[a-z&&[^b]]+", "acd", true),
            (r"\u0041", "A", true),
            (r"\d", "\u{0663}", false),
            (r"(?i)abc", "ABC", true),
            (r"a{1,2}+", "aa", true),
            ("[a[bc]]+", "abc", true),
            (r"\h", "\t", true),
            (".", "\u{85}", false),
        ] {
            assert_eq!(pattern(source).matches(text).unwrap(), expected, "{source} on {text}");
        }
        assert!(Pattern::compile("a(b", 0).is_err());
    }
}

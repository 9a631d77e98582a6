//! Perl 5 patterns as Jakarta ORO 2.0.8 takes them, which is what JMeter's extractors and assertions use.
//!
//! A pattern is parsed by ORO's own grammar (`parse`), then written in the syntax of the `regex` crate, which matches in
//! time linear in the text. Only look-ahead, back-references and a `$` within a pattern go to the backtracking
//! `fancy-regex`; both take the leftmost match and prefer alternatives in their order, as Perl does.
//!
//! Known differences: patterns see Unicode characters where ORO sees UTF-16 units (a `.` takes a whole 😀); a group within
//! a repeated group keeps its last proper text, which ORO spoils (`(?:(a)|b)*` on `ab` leaves an empty group 1).

mod chars;
mod class;
mod engine;
mod parse;
mod syntax;
mod write;

#[cfg(test)]
mod tests;

use engine::Engine;
use parse::Flags;
use thiserror::Error;

/// Compilation options: the masks of `Perl5Compiler`. All off is what JMeter mostly uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Options {
    /// `CASE_INSENSITIVE_MASK`, the pattern's `(?i)`.
    pub case_insensitive: bool,
    /// `SINGLELINE_MASK`, the pattern's `(?s)`: `.` takes line feeds too.
    pub single_line: bool,
    /// `MULTILINE_MASK`, the pattern's `(?m)`: `^` and `$` match at lines.
    pub multi_line: bool,
}

/// ORO's `MalformedPatternException`; displays its message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct PatternError(String);

impl PatternError {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The message of the `MalformedCachePatternException` that JMeter's pattern cache makes of it.
    pub fn cached_text(&self, expression: &str) -> String {
        format!("Invalid expression: {expression}\n{}", self.0)
    }
}

/// A compiled pattern. Cheap to share, not to make.
#[derive(Debug)]
pub struct Pattern {
    source: Box<str>,
    groups: usize,
    engine: Engine,
}

/// A match and its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups<'t> {
    text: &'t str,
    spans: Vec<Option<(usize, usize)>>,
}

impl<'t> Groups<'t> {
    /// Number of groups, the whole match included (ORO's `MatchResult.groups()`).
    pub fn count(&self) -> usize {
        self.spans.len()
    }

    /// The text of a group; 0 is the whole match. None when the group took no part, or does not exist.
    pub fn get(&self, group: usize) -> Option<&'t str> {
        let (start, end) = self.span(group)?;
        self.text.get(start..end)
    }

    /// Byte offsets of a group.
    pub fn span(&self, group: usize) -> Option<(usize, usize)> {
        self.spans.get(group).copied().flatten()
    }

    /// Byte offset of the match.
    pub fn start(&self) -> usize {
        self.span(0).map_or(0, |span| span.0)
    }

    /// Byte offset after the match.
    pub fn end(&self) -> usize {
        self.span(0).map_or(0, |span| span.1)
    }
}

impl Pattern {
    /// Compiles a pattern.
    pub fn compile(pattern: &str, options: Options) -> Result<Self, PatternError> {
        let flags = Flags {
            case_insensitive: options.case_insensitive,
            multi_line: options.multi_line,
            single_line: options.single_line,
            extended: false,
        };
        let parsed = parse::parse(pattern, flags)?;
        Ok(Self { source: pattern.into(), groups: parsed.groups, engine: Engine::new(&parsed)? })
    }

    /// The pattern as it was given.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Number of capturing groups, the whole match not counted.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// Whether the pattern matches somewhere in `text` (`Perl5Matcher.contains`).
    pub fn contains(&self, text: &str) -> bool {
        self.engine.contains(text)
    }

    /// Whether the first match that begins at the start of `text` is all of it (`Perl5Matcher.matches`). A shorter
    /// alternative that comes first makes it false: `a|ab` does not match `ab`.
    pub fn matches(&self, text: &str) -> bool {
        self.engine.matches(text)
    }

    /// The first match that begins at byte `start` or after it. `\A` still means the start of `text`.
    pub fn find_at<'t>(&self, text: &'t str, start: usize) -> Option<Groups<'t>> {
        if !text.is_char_boundary(start) {
            return None;
        }
        let spans = self.engine.find(text, start, self.groups)?;
        Some(Groups { text, spans })
    }

    /// All matches, as repeated calls of `contains` on one `PatternMatcherInput` give them: none ends where the one
    /// before it ended.
    pub fn find_iter<'p, 't>(&'p self, text: &'t str) -> Matches<'p, 't> {
        Matches { pattern: self, text, at: Some(0), last_end: None }
    }
}

/// See [`Pattern::find_iter`].
#[derive(Debug, Clone)]
pub struct Matches<'p, 't> {
    pattern: &'p Pattern,
    text: &'t str,
    at: Option<usize>,
    last_end: Option<usize>,
}

impl<'t> Iterator for Matches<'_, 't> {
    type Item = Groups<'t>;

    fn next(&mut self) -> Option<Groups<'t>> {
        loop {
            let groups = self.pattern.find_at(self.text, self.at?);
            let Some(mut groups) = groups else {
                self.at = None;
                return None;
            };
            if Some(groups.end()) == self.last_end {
                let at = groups.end();
                match self.pattern.engine.find_not_empty(self.text, at, self.pattern.groups) {
                    Some(spans) => groups.spans = spans,
                    None => {
                        self.at = self.text[at..].chars().next().map(|c| at + c.len_utf8());
                        continue;
                    }
                }
            }
            self.at = Some(groups.end());
            self.last_end = Some(groups.end());
            return Some(groups);
        }
    }
}

/// `Perl5Compiler.quotemeta`: a backslash before all that is no letter, digit or underscore.
pub fn quote_meta(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if !c.is_alphanumeric() && c != '_' {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

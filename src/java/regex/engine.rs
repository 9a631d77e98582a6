//! The matchers behind a pattern.

use super::PatternError;
use super::parse::Parsed;
use super::write::{self, Written};
use memchr::memmem::Finder;
use std::sync::OnceLock;

/// Byte offsets of groups, the whole match first.
type Spans = Vec<Option<(usize, usize)>>;

/// Steps after which a backtracking match is given up as failed; ORO would go on for hours.
const BACKTRACK_LIMIT: usize = 5_000_000;
/// Bytes that one compiled pattern may take.
const SIZE_LIMIT: usize = 64 << 20;

/// A matcher that is made when it is first needed.
type Lazy<T> = OnceLock<Option<Box<T>>>;

/// A compiled pattern in the form that suits it.
#[derive(Debug)]
pub(super) struct Engine {
    kind: Kind,
    /// For patterns that can match the empty text: the pattern again, to look for something longer.
    not_empty: Option<(String, Lazy<fancy_regex::Regex>)>,
}

#[derive(Debug)]
enum Kind {
    /// Nothing but text.
    Literal(Box<Finder<'static>>),
    /// Linear time.
    Linear { search: regex::Regex, anchored: Lazy<regex::Regex>, wrapped: bool },
    /// Look-around and back-references.
    Backtracking { search: Box<fancy_regex::Regex>, anchored: Lazy<fancy_regex::Regex> },
}

impl Engine {
    pub(super) fn new(parsed: &Parsed) -> Result<Self, PatternError> {
        let kind = Kind::new(parsed)?;
        let may_be_empty = parsed.node.min_len() == 0;
        Ok(Self { kind, not_empty: may_be_empty.then(|| (write::write_backtracking(parsed), OnceLock::new())) })
    }

    /// The match at byte `start` that ORO prefers among those that are not empty.
    pub(super) fn find_not_empty(&self, text: &str, start: usize, groups: usize) -> Option<Spans> {
        let (pattern, regex) = self.not_empty.as_ref()?;
        let regex = regex.get_or_init(|| {
            let mut builder = backtracking_builder(pattern);
            builder.find_not_empty(true).build().ok().map(Box::new)
        });
        let captures = regex.as_ref()?.captures_from_pos(text, start).unwrap_or_else(gave_up)?;
        (captures.get(0)?.start() == start).then(|| spans(&captures, groups))
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        self.kind.contains(text)
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.kind.matches(text)
    }

    pub(super) fn find(&self, text: &str, start: usize, groups: usize) -> Option<Spans> {
        self.kind.find(text, start, groups)
    }
}

impl Kind {
    fn new(parsed: &Parsed) -> Result<Self, PatternError> {
        if let Some(literal) = write::literal(parsed) {
            return Ok(Self::Literal(Box::new(Finder::new(literal.as_bytes()).into_owned())));
        }
        let Written { text, backtracking, wrapped } = write::write(parsed);
        let too_large = || PatternError::new("Expression is too large.");
        if backtracking {
            let search = Box::new(backtracking_builder(&text).build().ok().ok_or_else(too_large)?);
            Ok(Self::Backtracking { search, anchored: OnceLock::new() })
        } else {
            let search = linear_regex(&text).ok_or_else(too_large)?;
            Ok(Self::Linear { search, anchored: OnceLock::new(), wrapped })
        }
    }

    fn contains(&self, text: &str) -> bool {
        match self {
            Self::Literal(finder) => finder.find(text.as_bytes()).is_some(),
            Self::Linear { search, .. } => search.is_match(text),
            Self::Backtracking { search, .. } => search.is_match(text).unwrap_or_else(gave_up),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Literal(finder) => finder.needle() == text.as_bytes(),
            Self::Linear { search, anchored, wrapped } => {
                let anchored = anchored.get_or_init(|| linear_regex(&at_start(search.as_str())).map(Box::new));
                let Some(regex) = anchored else { return false };
                if *wrapped && text.ends_with('\n') {
                    let end = regex.captures(text).and_then(|captures| captures.get(1)).map(|group| group.end());
                    return end == Some(text.len());
                }
                regex.find(text).is_some_and(|found| found.end() == text.len())
            }
            Self::Backtracking { search, anchored } => {
                let anchored = anchored
                    .get_or_init(|| backtracking_builder(&at_start(search.as_str())).build().ok().map(Box::new));
                let Some(regex) = anchored else { return false };
                regex.find(text).unwrap_or_else(gave_up).is_some_and(|found| found.end() == text.len())
            }
        }
    }

    fn find(&self, text: &str, start: usize, groups: usize) -> Option<Spans> {
        match self {
            Self::Literal(finder) => {
                let at = start + finder.find(&text.as_bytes()[start..])?;
                Some(vec![Some((at, at + finder.needle().len()))])
            }
            Self::Linear { search, wrapped: false, .. } if groups == 0 => {
                let found = search.find_at(text, start)?;
                Some(vec![Some((found.start(), found.end()))])
            }
            Self::Linear { search, wrapped, .. } => {
                let mut locations = search.capture_locations();
                search.captures_read_at(&mut locations, text, start)?;
                let first = usize::from(*wrapped);
                Some((first..=groups + first).map(|group| locations.get(group)).collect())
            }
            Self::Backtracking { search, .. } => {
                let captures = search.captures_from_pos(text, start).unwrap_or_else(gave_up)?;
                Some(spans(&captures, groups))
            }
        }
    }
}

fn at_start(pattern: &str) -> String {
    format!(r"\A(?:{pattern})")
}

fn linear_regex(pattern: &str) -> Option<regex::Regex> {
    regex::RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).nest_limit(1000).build().ok()
}

fn backtracking_builder(pattern: &str) -> fancy_regex::RegexBuilder {
    let mut builder = fancy_regex::RegexBuilder::new(pattern);
    builder.backtrack_limit(BACKTRACK_LIMIT).delegate_size_limit(SIZE_LIMIT);
    builder
}

fn spans(captures: &fancy_regex::Captures<'_, str>, groups: usize) -> Spans {
    (0..=groups).map(|group| captures.get(group).map(|found| (found.start(), found.end()))).collect()
}

/// A match that took too long counts as none.
fn gave_up<T: Default>(cause: fancy_regex::Error) -> T {
    log::warn!("A pattern was given up: {cause}");
    T::default()
}

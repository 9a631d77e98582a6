//! Perl 5 patterns in properties, shared by all that have the same text (`JMeterUtils.getPatternCache()`).
//!
//! A pattern is compiled when the first sample asks for it, as in JMeter: `\w+` alone takes a quarter of a millisecond,
//! and a plan of thousands of patterns would not start for a second, whether or not a run comes to them.

use crate::expr::Expr;
use crate::java::regex::{Options, Pattern, PatternError};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use ahash::AHashMap;
use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

/// Patterns that a thread keeps (`oro.patterncache.size`).
const KEPT: usize = 1000;

/// A pattern with the text that it is made of.
pub(super) struct Compiled {
    /// The pattern as it stands in the plan, references filled in.
    pub text: Text,
    made: OnceLock<Result<Pattern, PatternError>>,
}

impl Compiled {
    /// The pattern, or what is wrong with it.
    pub fn made(&self) -> Result<&Pattern, &PatternError> {
        self.made.get_or_init(|| Pattern::compile(&self.text, Options::default())).as_ref()
    }

    /// The pattern, or the exception that JMeter's cache throws.
    pub fn pattern(&self) -> Result<&Pattern, Thrown> {
        self.made().map_err(|error| {
            Thrown::new("org.apache.oro.text.MalformedCachePatternException", error.cached_text(&self.text))
        })
    }
}

/// A pattern that may hold references.
pub(super) enum PatternExpr {
    /// The same always.
    Fixed(Arc<Compiled>),
    /// Filled in each time.
    Text(Expr),
}

impl PatternExpr {
    /// Settles the pattern if `text` holds no reference.
    pub fn new(text: Expr) -> Self {
        match text.as_literal() {
            Some(literal) => PatternExpr::Fixed(kept(Text::clone(literal))),
            None => PatternExpr::Text(text),
        }
    }

    /// The pattern for this user now.
    pub fn get(&self, user: &mut VirtualUser) -> Result<Arc<Compiled>, Thrown> {
        match self {
            PatternExpr::Fixed(compiled) => Ok(Arc::clone(compiled)),
            PatternExpr::Text(text) => Ok(kept(text.eval(user)?)),
        }
    }
}

thread_local! {
    /// One cache per thread: the compiling thread's makes equal patterns of a plan one; a worker's is for filled in texts,
    /// of which nothing is shared between cores, and 50,000 users need none of their own.
    static CACHE: RefCell<AHashMap<Text, Arc<Compiled>>> = RefCell::default();
}

/// The pattern of `text`, a new one only when this thread has not met it.
fn kept(text: Text) -> Arc<Compiled> {
    CACHE.with_borrow_mut(|cache| {
        if let Some(compiled) = cache.get(&text) {
            return Arc::clone(compiled);
        }
        if cache.len() >= KEPT {
            cache.clear();
        }
        let compiled = Arc::new(Compiled { text: Text::clone(&text), made: OnceLock::new() });
        cache.insert(text, Arc::clone(&compiled));
        compiled
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(pattern: &str) -> Arc<Compiled> {
        match PatternExpr::new(Expr::literal(pattern)) {
            PatternExpr::Fixed(compiled) => compiled,
            PatternExpr::Text(_) => panic!("{pattern} holds no reference"),
        }
    }

    #[test]
    fn equal_patterns_of_a_plan_are_one_and_wait_for_a_sample() {
        let pattern = fixed(r"order \w+");
        assert!(Arc::ptr_eq(&pattern, &fixed(r"order \w+")));
        assert!(!Arc::ptr_eq(&pattern, &fixed(r"order \d+")));
        assert!(pattern.made.get().is_none(), "compiled although no sample was taken");
        assert!(pattern.pattern().unwrap().contains("order a1"));
        assert!(pattern.made.get().is_some());
    }

    #[test]
    fn a_malformed_pattern_says_what_jmeters_cache_says() {
        let error = fixed("a(b").pattern().unwrap_err().to_string();
        assert!(error.contains("Invalid expression: a(b"), "{error}");
    }
}

//! Perl 5 patterns in properties: compiled once with the plan where they are the same always, else kept by their text
//! (`JMeterUtils.getPatternCache()`).

use crate::expr::Expr;
use crate::java::regex::{Options, Pattern, PatternError};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use ahash::AHashMap;
use std::cell::RefCell;
use std::sync::Arc;

/// Patterns that a worker keeps (`oro.patterncache.size`).
const KEPT: usize = 1000;

/// A pattern with the text that it was made of.
pub(super) struct Compiled {
    /// The pattern as it stands in the plan, references filled in.
    pub text: Text,
    /// The pattern, or what is wrong with it.
    pub pattern: Result<Pattern, PatternError>,
}

impl Compiled {
    fn new(text: Text) -> Arc<Self> {
        let pattern = Pattern::compile(&text, Options::default());
        Arc::new(Compiled { text, pattern })
    }

    /// The pattern, or the exception that JMeter's cache throws.
    pub fn pattern(&self) -> Result<&Pattern, Thrown> {
        self.pattern.as_ref().map_err(|error| {
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
    /// Compiles `text` if it holds no reference.
    pub fn new(text: Expr) -> Self {
        match text.as_literal() {
            Some(literal) => PatternExpr::Fixed(Compiled::new(Text::clone(literal))),
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
    /// One cache per worker: nothing is shared between cores, and 50,000 users need no patterns of their own.
    static CACHE: RefCell<AHashMap<Text, Arc<Compiled>>> = RefCell::default();
}

/// The pattern of `text`, made anew only when this worker has not met it.
fn kept(text: Text) -> Arc<Compiled> {
    CACHE.with_borrow_mut(|cache| {
        if let Some(compiled) = cache.get(&text) {
            return Arc::clone(compiled);
        }
        if cache.len() >= KEPT {
            cache.clear();
        }
        let compiled = Compiled::new(Text::clone(&text));
        cache.insert(text, Arc::clone(&compiled));
        compiled
    })
}

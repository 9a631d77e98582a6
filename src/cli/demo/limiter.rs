//! The demo's hidden limit: a token bucket. A pure function of the time, so that it can be tested without waiting.

use std::time::Duration;

/// A bucket that holds `burst` tokens and gets `rate` new ones a second; a request takes one or is refused.
#[derive(Debug, Clone)]
pub(super) struct TokenBucket {
    rate: f64,
    burst: f64,
    tokens: f64,
    last: Duration,
}

impl TokenBucket {
    /// A full bucket.
    pub fn new(rate: f64, burst: f64) -> Self {
        TokenBucket { rate, burst, tokens: burst, last: Duration::ZERO }
    }

    /// Counts time from `now` on.
    pub fn start_at(&mut self, now: Duration) {
        self.last = now;
    }

    /// Whether a request at `now`, counted from any fixed moment, is let through. Refused requests cost nothing.
    pub fn take(&mut self, now: Duration) -> bool {
        let passed = now.saturating_sub(self.last).as_secs_f64();
        self.last = self.last.max(now);
        self.tokens = (self.tokens + passed * self.rate).min(self.burst);
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Share of refusals among `rate` evenly spaced requests a second for eight seconds.
    fn refused(rate: u32) -> f64 {
        let mut bucket = TokenBucket::new(super::super::RATE, super::super::BURST);
        let total = rate * 8;
        let refused =
            (0..total).filter(|n| !bucket.take(Duration::from_secs_f64(f64::from(*n) / f64::from(rate)))).count();
        refused as f64 / f64::from(total)
    }

    #[test]
    fn clean_at_5_some_at_20_most_at_50() {
        assert!(refused(5) < f64::EPSILON);
        assert!((0.02..0.15).contains(&refused(20)), "{}", refused(20));
        assert!((0.55..0.66).contains(&refused(50)), "{}", refused(50));
    }
}

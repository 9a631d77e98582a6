//! A token bucket: the limiter of most APIs. A pure function of the moments at which it is asked.

use crate::clock::Timestamp;

/// A whole token, in the unit in which they are counted. A rate of `r` tokens a second is `r` of these a microsecond, so
/// that nothing is ever rounded.
const TOKEN: u64 = 1_000_000;

/// A limiter's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    /// Requests a second that can be kept up.
    pub per_second: u32,
    /// Requests that may come at once after a time of silence.
    pub burst: u32,
}

/// A limiter at work.
#[derive(Debug)]
pub(super) struct Bucket {
    limit: Limit,
    /// What was left at the moment `at`, in millionths of a token.
    level: u64,
    at: Timestamp,
}

impl Bucket {
    /// A full bucket.
    pub fn new(limit: Limit, now: Timestamp) -> Self {
        Bucket { limit, level: u64::from(limit.burst) * TOKEN, at: now }
    }

    /// Takes a token for a request that comes `now`; false when there is none. A refused request takes nothing.
    pub fn take(&mut self, now: Timestamp) -> bool {
        let since = u64::try_from(now.since(self.at).as_micros()).unwrap_or(u64::MAX);
        let refill = since.saturating_mul(u64::from(self.limit.per_second));
        self.level = self.level.saturating_add(refill).min(u64::from(self.limit.burst) * TOKEN);
        self.at = self.at.max(now);
        let rest = self.level.checked_sub(TOKEN);
        self.level = rest.unwrap_or(self.level);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = super::super::LIMIT;

    /// Refused among the requests that come evenly at a rate, over so many seconds.
    fn refused(per_second: i64, seconds: i64) -> (usize, usize) {
        let mut bucket = Bucket::new(LIMIT, Timestamp::from_millis(0));
        let moments = (0..per_second * seconds).map(|n| Timestamp::from_micros(n * 1_000_000 / per_second));
        let answers: Vec<bool> = moments.map(|moment| bucket.take(moment)).collect();
        (answers.iter().filter(|taken| !**taken).count(), answers.len())
    }

    #[test]
    fn the_three_rates_of_the_demo() {
        assert_eq!(refused(5, 60), (0, 300));
        assert_eq!(refused(20, 8), (7, 160));
        assert_eq!(refused(50, 8), (247, 400));
    }

    #[test]
    fn a_burst_then_one_by_one() {
        let at = Timestamp::from_millis;
        let mut bucket = Bucket::new(Limit { per_second: 2, burst: 3 }, at(0));
        let taken: Vec<bool> =
            [0, 0, 0, 0, 499, 500, 999, 1000, 9000, 9000, 9000, 9000].map(|ms| bucket.take(at(ms))).into();
        let expected = [true, true, true, false, false, true, false, true, true, true, true, false];
        assert_eq!(taken, expected);
    }

    #[test]
    fn a_clock_that_stands_or_leaps_does_no_harm() {
        let mut bucket = Bucket::new(Limit { per_second: u32::MAX, burst: 1 }, Timestamp::from_millis(1000));
        assert!(bucket.take(Timestamp::from_millis(0)));
        assert!(!bucket.take(Timestamp::from_millis(1000)));
        assert!(bucket.take(Timestamp::from_micros(i64::MAX)));
    }
}

//! The `summary + … = …` lines of a run: JMeter's `Summariser`.

use super::figures::{Figures, Sum};
use crate::clock::Timestamp;
use crate::text::Text;

/// A line may come this many seconds after an interval's end, and no sooner than this after the one before.
const WINDOW_SECONDS: i64 = 5;

/// How many users there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UserCounts {
    /// Started and not finished.
    pub active: u32,
    /// Ever started.
    pub started: u32,
    /// Finished.
    pub finished: u32,
}

/// Counts samples and words what they come to (`org.apache.jmeter.reporters.Summariser`). Knows neither clock nor
/// console: it is told the time, and returns lines.
#[derive(Debug)]
pub struct Summariser {
    name: Text,
    interval_seconds: i64,
    transactions: Transactions,
    /// When the last lines were due, in seconds; 0 before the first ones, which thus may come with the first sample.
    last_report: i64,
    now: Timestamp,
    delta: Running,
    total: Running,
}

/// Whether samples of Transaction Controllers count
/// (`summariser.ignore_transaction_controller_sample_result`, by default they do not).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transactions {
    /// They do not, nor do the samples within those that are generated as parents.
    #[default]
    Ignored,
    /// They do.
    Counted,
}

impl Summariser {
    /// A summariser that begins at `now` and reports when `interval_seconds` (`summariser.interval`) of the wall clock
    /// are full.
    pub fn new(name: Text, interval_seconds: i64, transactions: Transactions, now: Timestamp) -> Summariser {
        Summariser {
            name,
            // JMeter fails at the first sample with an interval of 0.
            interval_seconds: interval_seconds.max(1),
            transactions,
            last_report: 0,
            now,
            delta: Running::new(now),
            total: Running::new(now),
        }
    }

    /// The name that its lines begin with.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// Counts a sample that was complete at `now`, without its sub-samples, and appends to `lines` what is due then:
    /// nothing, what was new since the last report, or that and the total.
    pub fn observe(
        &mut self,
        sample: &Figures,
        now: Timestamp,
        users: &dyn Fn() -> UserCounts,
        lines: &mut Vec<String>,
    ) {
        if self.transactions == Transactions::Ignored && sample.sum != Sum::None {
            return;
        }
        // Samples of several workers may come a little out of order.
        self.now = self.now.max(now);
        self.delta.add(sample, self.now);

        let seconds = self.now.millis() / 1000;
        if seconds > self.last_report + WINDOW_SECONDS && seconds % self.interval_seconds <= WINDOW_SECONDS {
            self.last_report = seconds;
            lines.push(self.delta.line(&self.name, Some(users())));
            let new = self.delta.count;
            self.move_delta();
            if self.total.count != new {
                lines.push(self.total.line(&self.name, None));
            }
        }
    }

    /// Appends the last lines of a run that ended at `now`.
    pub fn finish(&mut self, now: Timestamp, users: &dyn Fn() -> UserCounts, lines: &mut Vec<String>) {
        self.now = self.now.max(now);
        self.delta.end = self.now;
        if self.delta.count > 0 && self.total.count > 0 {
            lines.push(self.delta.line(&self.name, Some(users())));
        }
        self.move_delta();
        lines.push(self.total.line(&self.name, None));
    }

    fn move_delta(&mut self) {
        self.total.merge(&self.delta, self.now);
        self.delta = Running::new(self.now);
    }
}

/// Sorts names as the keys of a `ConcurrentHashMap` of up to 11 come out of it, which is the order of JMeter's last
/// lines.
pub(super) fn sort_as_java_does<T>(items: &mut [T], name: impl Fn(&T) -> &str) {
    items.sort_by_key(|item| {
        let hash = name(item).encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
        (hash ^ (hash >> 16)) & 15
    });
}

/// `SummariserRunningSample`
#[derive(Debug)]
struct Running {
    count: u64,
    errors: u64,
    sum: i64,
    min: i64,
    max: i64,
    start: Timestamp,
    end: Timestamp,
}

impl Running {
    fn new(now: Timestamp) -> Running {
        Running { count: 0, errors: 0, sum: 0, min: i64::MAX, max: i64::MIN, start: now, end: now }
    }

    fn add(&mut self, sample: &Figures, now: Timestamp) {
        let elapsed = sample.elapsed_millis as i64;
        self.count += u64::from(sample.sample_count);
        self.errors += u64::from(!sample.successful);
        self.sum = self.sum.saturating_add(elapsed);
        self.min = self.min.min(elapsed);
        self.max = self.max.max(elapsed);
        self.end = now;
    }

    fn merge(&mut self, other: &Running, now: Timestamp) {
        self.count += other.count;
        self.errors += other.errors;
        self.sum = self.sum.saturating_add(other.sum);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.end = now;
    }

    /// A line as `Summariser.format` makes it; with `users` it is one of what is new.
    fn line(&self, name: &str, users: Option<UserCounts>) -> String {
        let millis = if self.count == 0 { 0 } else { self.end.millis() - self.start.millis() };
        let seconds = (millis + 500) / 1000;
        let rate = if millis > 0 {
            format!("{:6.1}", self.count as f64 / millis as f64 * 1000.0)
        } else {
            "******".to_owned()
        };
        let average = if self.count == 0 { 0 } else { self.sum / self.count as i64 };
        let error_percent = if self.count == 0 { 0.0 } else { self.errors as f64 / self.count as f64 * 100.0 };
        let kind = if users.is_some() { '+' } else { '=' };
        let mut line = format!(
            "{name} {kind} {:6} in {:02}:{:02}:{:02} = {rate}/s Avg: {average:5} Min: {:5} Max: {:5} Err: {:5} \
             ({error_percent:.2}%)",
            self.count,
            seconds / 3600,
            seconds % 3600 / 60,
            seconds % 60,
            self.min,
            self.max,
            self.errors,
        );
        if let Some(users) = users {
            line.push_str(&format!(
                " Active: {} Started: {} Finished: {}",
                users.active, users.started, users.finished
            ));
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::SampleResult;

    const MINUTE: i64 = 1_795_488_360_000;

    fn sample(elapsed: i64, successful: bool) -> SampleResult {
        let mut sample = SampleResult::started("a".into(), Timestamp::from_millis(MINUTE));
        sample.finish(Timestamp::from_millis(MINUTE + elapsed));
        sample.successful = successful;
        sample
    }

    fn users() -> UserCounts {
        UserCounts { active: 1, started: 2, finished: 1 }
    }

    /// Lines of a run that begins at `start` ms after a full minute, of samples at (ms after the minute, elapsed,
    /// passed), that ends at `end`.
    fn check(start: i64, samples: &[(i64, i64, bool)], end: i64, expected: &[&str]) {
        let at = |millis| Timestamp::from_millis(MINUTE + millis);
        let mut summariser = Summariser::new("summary".into(), 30, Transactions::Ignored, at(start));
        let mut lines = Vec::new();
        for &(millis, elapsed, successful) in samples {
            summariser.observe(&Figures::of(&sample(elapsed, successful)), at(millis), &users, &mut lines);
        }
        summariser.finish(at(end), &users, &mut lines);
        assert_eq!(lines, expected);
    }

    #[test]
    fn an_empty_run() {
        check(
            0,
            &[],
            100,
            &["summary =      0 in 00:00:00 = ******/s Avg:     0 Min: 9223372036854775807 Max: -9223372036854775808 \
               Err:     0 (0.00%)"],
        );
    }

    #[test]
    fn between_intervals_there_is_but_the_last_line() {
        check(
            10_000,
            &[(10_010, 10, true), (10_020, 11, false), (10_030, 12, true)],
            10_600,
            &["summary =      3 in 00:00:01 =    5.0/s Avg:    11 Min:    10 Max:    12 Err:     1 (33.33%)"],
        );
    }

    #[test]
    fn a_first_sample_at_an_intervals_start_is_reported_at_once() {
        check(
            0,
            &[(87, 0, true)],
            92,
            &[
                "summary +      1 in 00:00:00 =   11.5/s Avg:     0 Min:     0 Max:     0 Err:     0 (0.00%) Active: 1 \
                 Started: 2 Finished: 1",
                "summary =      1 in 00:00:00 =   10.9/s Avg:     0 Min:     0 Max:     0 Err:     0 (0.00%)",
            ],
        );
    }

    #[test]
    fn new_and_total_at_every_interval() {
        check(
            10_000,
            &[(20_000, 100, true), (30_500, 200, true), (31_000, 300, true), (60_000, 400, false), (70_000, 1, true)],
            70_000,
            &[
                "summary +      2 in 00:00:21 =    0.1/s Avg:   150 Min:   100 Max:   200 Err:     0 (0.00%) Active: 1 \
                 Started: 2 Finished: 1",
                "summary +      2 in 00:00:30 =    0.1/s Avg:   350 Min:   300 Max:   400 Err:     1 (50.00%) Active: 1 \
                 Started: 2 Finished: 1",
                "summary =      4 in 00:00:50 =    0.1/s Avg:   250 Min:   100 Max:   400 Err:     1 (25.00%)",
                "summary +      1 in 00:00:10 =    0.1/s Avg:     1 Min:     1 Max:     1 Err:     0 (0.00%) Active: 1 \
                 Started: 2 Finished: 1",
                "summary =      5 in 00:01:00 =    0.1/s Avg:   200 Min:     1 Max:   400 Err:     1 (20.00%)",
            ],
        );
    }

    #[test]
    fn transactions_count_if_asked_for() {
        let mut transaction = sample(5, true);
        transaction.response_message = "Number of samples in transaction : 2, number of failing samples : 0".into();
        for (transactions, expected) in [(Transactions::Ignored, 0), (Transactions::Counted, 1)] {
            let now = Timestamp::from_millis(MINUTE + 10_000);
            let mut summariser = Summariser::new("s".into(), 30, transactions, now);
            summariser.observe(&Figures::of(&transaction), now, &users, &mut Vec::new());
            assert_eq!(summariser.delta.count, expected);
        }
    }

    /// The order in which Java 17 gave the keys.
    #[test]
    fn names_in_javas_order() {
        let mut names = ["summary", "Generate Summary Results", "AaAa", "BBBB", "AaBB", "z", "é😀", "", "load"];
        sort_as_java_does(&mut names, |name| name);
        assert_eq!(names, ["summary", "", "é😀", "load", "Generate Summary Results", "z", "AaAa", "BBBB", "AaBB"]);
    }

    /// `DecimalFormat` rounds the exact binary value, ties to even; so does Rust.
    #[test]
    fn numbers_as_decimal_format_rounds_them() {
        for (value, expected) in
            [(0.05, "0.1"), (0.15, "0.1"), (0.25, "0.2"), (11.45, "11.4"), (123_456.75, "123456.8")]
        {
            assert_eq!(format!("{value:.1}"), expected);
        }
    }
}

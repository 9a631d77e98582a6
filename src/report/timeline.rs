//! What happened when: counts by moment, at a width that suits the length of the run.

use super::scale::Steps;
use ahash::AHashMap;
use std::collections::VecDeque;

/// Widths of a bucket, in milliseconds; each is a multiple of the one before, so that buckets can be joined exactly.
const WIDTHS: [i64; 11] = [100, 500, 1000, 5000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000];

/// Above this many buckets the next width is taken.
const MOST_BUCKETS: i64 = 720;

/// A run of few samples is drawn in no fewer buckets than this, rather than with [`SAMPLES_A_BUCKET`].
const FEWEST_BUCKETS: u64 = 60;

/// How many samples a bucket should have.
const SAMPLES_A_BUCKET: u64 = 10;

/// Response codes with a line of their own; further ones share the last.
const MOST_CODES: usize = 40;

/// The name of what exceeds a bound.
pub const OTHERS: &str = "(others)";

/// What one label did in one bucket. Samples count where they end, `started` where they begin (as in JMeter's graphs).
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// Response times of successful samples, in ms.
    pub passed: Steps,
    /// Response times of failed samples, in ms.
    pub failed: Steps,
    /// Sum of all response times, in ms.
    pub elapsed: u64,
    /// The longest response time, in ms.
    pub longest: u64,
    /// Sum of latencies, in ms.
    pub latency: u64,
    /// Sum of connect times, in ms.
    pub connect: u64,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
    /// Samples that began here.
    pub started: u32,
    /// Samples that a limiter turned away (429, or retried after a `Retry-After`).
    pub rejected: u32,
    /// Sum of the waits before samples (`IdleTime`), in ms.
    pub waited: u64,
}

/// What users did in one bucket.
#[derive(Debug, Clone, Default)]
pub struct Users {
    /// Samples and their sum of `grpThreads` by group.
    pub groups: AHashMap<String, (u64, u64)>,
    /// The most users that any sample saw.
    pub all: u32,
    /// Samples by response code.
    pub codes: AHashMap<String, u32>,
}

/// Things that can be joined when buckets become wider.
pub trait Join: Default {
    /// Takes in the figures of a later moment.
    fn join(&mut self, later: Self);
}

impl Join for Cell {
    fn join(&mut self, later: Self) {
        self.passed.merge(&later.passed);
        self.failed.merge(&later.failed);
        self.elapsed += later.elapsed;
        self.longest = self.longest.max(later.longest);
        self.latency += later.latency;
        self.connect += later.connect;
        self.received += later.received;
        self.sent += later.sent;
        self.started += later.started;
        self.rejected += later.rejected;
        self.waited += later.waited;
    }
}

impl Join for Users {
    fn join(&mut self, later: Self) {
        for (group, (samples, sum)) in later.groups {
            let entry = self.groups.entry(group).or_default();
            entry.0 += samples;
            entry.1 += sum;
        }
        self.all = self.all.max(later.all);
        for (code, count) in later.codes {
            *self.codes.entry(code).or_default() += count;
        }
    }
}

impl Users {
    /// Counts a sample's response code.
    pub fn count_code(&mut self, code: &str) {
        if let Some(count) = self.codes.get_mut(code) {
            *count += 1;
        } else {
            let code = if self.codes.len() < MOST_CODES { code } else { OTHERS };
            *self.codes.entry(code.to_owned()).or_default() += 1;
        }
    }
}

/// Buckets of one kind, from the first moment seen to the last.
#[derive(Debug, Clone)]
pub struct Track<T> {
    /// The first bucket's number: its moment divided by the width.
    first: i64,
    buckets: VecDeque<Option<Box<T>>>,
}

impl<T> Default for Track<T> {
    fn default() -> Self {
        Self { first: 0, buckets: VecDeque::new() }
    }
}

impl<T: Join> Track<T> {
    fn at(&mut self, number: i64) -> &mut T {
        if self.buckets.is_empty() {
            self.first = number;
        }
        while number < self.first {
            self.buckets.push_front(None);
            self.first -= 1;
        }
        let index = (number - self.first) as usize;
        if index >= self.buckets.len() {
            self.buckets.resize_with(index + 1, || None);
        }
        self.buckets[index].get_or_insert_default()
    }

    fn widen(&mut self, factor: i64) {
        let narrow = std::mem::take(self);
        for (index, bucket) in narrow.buckets.into_iter().enumerate() {
            if let Some(bucket) = bucket {
                self.at((narrow.first + index as i64).div_euclid(factor)).join(*bucket);
            }
        }
    }

    /// Every bucket that holds something, with its number.
    pub fn buckets(&self) -> impl Iterator<Item = (i64, &T)> {
        let first = self.first;
        self.buckets
            .iter()
            .enumerate()
            .filter_map(move |(index, bucket)| bucket.as_deref().map(|bucket| (first + index as i64, bucket)))
    }
}

/// All tracks of a report, at one width.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    width: usize,
    /// The span of bucket numbers at the present width; `None` before the first sample.
    span: Option<(i64, i64)>,
    labels: Vec<Track<Cell>>,
    users: Track<Users>,
}

impl Timeline {
    /// The width of a bucket, in milliseconds.
    pub fn width_millis(&self) -> i64 {
        WIDTHS[self.width]
    }

    /// Makes room for the moment `millis`, by wider buckets if need be; to be asked before the other methods are. False
    /// when it is years away from the others: a broken time stamp takes no memory.
    #[must_use]
    pub fn reach(&mut self, millis: i64) -> bool {
        loop {
            let number = millis.div_euclid(self.width_millis());
            let (first, last) =
                self.span.map_or((number, number), |(first, last)| (first.min(number), last.max(number)));
            if last.saturating_sub(first) < MOST_BUCKETS {
                self.span = Some((first, last));
                return true;
            }
            if self.width + 1 == WIDTHS.len() {
                return false;
            }
            self.widen();
        }
    }

    /// Makes buckets wide enough that there is something to see in most of them, once all of `samples` are in.
    pub fn settle(&mut self, samples: u64) {
        while self.span.is_some_and(|(first, last)| {
            let buckets = (last - first + 1) as u64;
            buckets > FEWEST_BUCKETS && samples / buckets < SAMPLES_A_BUCKET
        }) && self.width + 1 < WIDTHS.len()
        {
            self.widen();
        }
    }

    /// Makes buckets as wide as those of `other`, if they are narrower.
    pub fn widen_to(&mut self, other: &Timeline) {
        while self.width < other.width {
            self.widen();
        }
    }

    fn widen(&mut self) {
        let factor = WIDTHS[self.width + 1] / WIDTHS[self.width];
        self.width += 1;
        self.span = self.span.map(|(first, last)| (first.div_euclid(factor), last.div_euclid(factor)));
        self.labels.iter_mut().for_each(|track| track.widen(factor));
        self.users.widen(factor);
    }

    /// The cell of `label` (a number from 0) at the moment `millis`.
    pub fn cell(&mut self, label: usize, millis: i64) -> &mut Cell {
        let number = millis.div_euclid(self.width_millis());
        if label >= self.labels.len() {
            self.labels.resize_with(label + 1, Track::default);
        }
        self.labels[label].at(number)
    }

    /// The users at the moment `millis`.
    pub fn users(&mut self, millis: i64) -> &mut Users {
        let number = millis.div_euclid(self.width_millis());
        self.users.at(number)
    }

    /// The first and the last bucket's number; `None` without samples.
    pub fn span(&self) -> Option<(i64, i64)> {
        self.span
    }

    /// The track of each label.
    pub fn tracks(&self) -> &[Track<Cell>] {
        &self.labels
    }

    /// The users' track.
    pub fn user_track(&self) -> &Track<Users> {
        &self.users
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(timeline: &Timeline) -> Vec<(i64, u32)> {
        timeline.tracks()[0].buckets().map(|(number, cell)| (number * timeline.width_millis(), cell.started)).collect()
    }

    #[test]
    fn buckets_widen_with_the_run_and_lose_nothing() {
        let mut timeline = Timeline::default();
        let mut count = |millis: i64| {
            assert!(timeline.reach(millis));
            timeline.cell(0, millis).started += 1;
        };
        for millis in [1_000_050, 1_000_149, 1_000_160, 1_071_900] {
            count(millis);
        }
        count(1_072_060);
        assert_eq!(timeline.width_millis(), 500);
        assert_eq!(started(&timeline), [(1_000_000, 3), (1_071_500, 1), (1_072_000, 1)]);
        let hour_before = 1_000_000 - 3_600_000;
        assert!(timeline.reach(hour_before));
        timeline.cell(0, hour_before).started += 1;
        assert_eq!(timeline.width_millis(), 15_000);
        assert_eq!(started(&timeline).iter().map(|(_, count)| count).sum::<u32>(), 6);
        assert!(!timeline.reach(i64::MAX) && !timeline.reach(i64::MIN));
    }

    #[test]
    fn few_samples_get_wide_buckets() {
        for (samples, step, width) in [(100, 400, 1000), (100, 40, 100), (5000, 10, 100), (2, 60_000, 5000)] {
            let mut timeline = Timeline::default();
            for sample in 0..samples {
                assert!(timeline.reach(sample * step));
                timeline.cell(0, sample * step).started += 1;
            }
            timeline.settle(samples as u64);
            assert_eq!(timeline.width_millis(), width, "{samples} every {step} ms");
            assert_eq!(started(&timeline).iter().map(|(_, count)| i64::from(*count)).sum::<i64>(), samples);
        }
    }

    #[test]
    fn many_codes_share_a_line() {
        let mut users = Users::default();
        for code in 0..100 {
            users.count_code(&code.to_string());
        }
        assert_eq!((users.codes.len(), users.codes[OTHERS]), (MOST_CODES + 1, 60));
    }
}

//! Console Status Logger of the plugin jpgc-csl: a line on the console for each second that had samples.

use crate::clock;
use crate::elements::roles::{Listener, TestListener};
use crate::elements::{Definition, Role};
use crate::functions::log::STDOUT;
use crate::results::SampleResult;
use crate::virtual_user::{Run, Thrown, VirtualUser};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const CONSOLE_STATUS_LOGGER: Definition = Definition {
    tag: "kg.apc.jmeter.reporters.ConsoleStatusLogger",
    menu: "jp@gc - Console Status Logger",
    compile: |_| {
        let element = Arc::new(ConsoleStatusLogger(Mutex::default()));
        Some(Role { listener: Some(element.clone()), test: Some(element), ..Role::default() })
    },
};

struct ConsoleStatusLogger(Mutex<Status>);

/// The samples since the last line.
#[derive(Default)]
struct Status {
    /// The second of the last line; 0 before the first.
    second: i64,
    /// The second of the first line.
    begin: i64,
    count: u64,
    threads: u32,
    response_times: u64,
    latencies: u64,
    errors: u64,
}

impl Status {
    /// Takes a sample. The first one of another second closes what was before.
    fn take(&mut self, second: i64, total: u32, result: &SampleResult) -> Option<String> {
        let line = (second != self.second && self.count > 0).then(|| {
            if self.second == 0 {
                self.begin = second;
            }
            let line = self.line(second - self.begin, total);
            *self = Status { second, begin: self.begin, threads: self.threads, ..Status::default() };
            line
        });
        self.count += 1;
        self.response_times += result.elapsed_millis();
        self.latencies += result.latency_millis();
        self.errors += u64::from(!result.successful);
        self.threads = result.all_threads;
        line
    }

    fn line(&self, second: i64, total: u32) -> String {
        let average = |sum: u64| sum / self.count.max(1);
        format!(
            "#{second}\tThreads: {}/{total}\tSamples: {}\tLatency: {}\tResp.Time: {}\tErrors: {}",
            self.threads,
            self.count,
            average(self.latencies),
            average(self.response_times),
            self.errors
        )
    }
}

impl TestListener for ConsoleStatusLogger {
    fn test_started(&self, _: &Arc<Run>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).second = 0;
    }
}

impl Listener for ConsoleStatusLogger {
    fn sample_occurred(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<(), Thrown> {
        let second = clock::now().millis().div_euclid(1000);
        let total = user.run.counts.planned.load(Ordering::Relaxed);
        let line = self.0.lock().unwrap_or_else(PoisonError::into_inner).take(second, total, result);
        if let Some(line) = line {
            log::error!(target: STDOUT, "{line}");
        }
        Ok(())
    }

    fn reads_response_data(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::text::Text;
    use std::time::Duration;

    #[test]
    fn a_line_a_second() {
        let mut status = Status::default();
        let mut take = |second, millis, successful| {
            let mut result = SampleResult::started(Text::from("S"), Timestamp::from_millis(0));
            result.elapsed = Duration::from_millis(millis);
            result.latency = Duration::from_millis(millis / 2);
            (result.successful, result.all_threads) = (successful, 2);
            status.take(second, 3, &result)
        };
        assert_eq!(take(100, 10, true), None);
        // The first line counts from the second in which it is written.
        let expected = "#0\tThreads: 2/3\tSamples: 1\tLatency: 5\tResp.Time: 10\tErrors: 0";
        assert_eq!(take(101, 10, true).as_deref(), Some(expected));
        assert_eq!(take(101, 21, false), None);
        let expected = "#3\tThreads: 2/3\tSamples: 2\tLatency: 7\tResp.Time: 15\tErrors: 1";
        assert_eq!(take(104, 1, true).as_deref(), Some(expected));
    }
}

//! AutoStop Listener of the plugin jpgc-autostop: stops the run at once when response times, latencies or errors have
//! been above a limit for some seconds. It looks with the first sample of each second at the averages of the second
//! before.
//!
//! The plugin sends `StopTestNow` to the control port of JMeter, or of another JMeter if that came first; this one stops
//! its own run.

use crate::clock;
use crate::elements::roles::{Listener, TestListener};
use crate::elements::{Compile, Definition, Role};
use crate::expr::Expr;
use crate::functions::log::STDOUT;
use crate::java::number::{float_to_string, parse_float, parse_int};
use crate::results::SampleResult;
use crate::text::Text;
use crate::virtual_user::{Group, Run, StopLevel, Thrown, VirtualUser};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const AUTO_STOP: Definition = Definition {
    tag: "kg.apc.jmeter.reporters.AutoStop",
    menu: "jp@gc - AutoStop Listener",
    compile: |compile| {
        let element = Arc::new(AutoStop::new(compile));
        Some(Role { listener: Some(element.clone()), test: Some(element), ..Role::default() })
    },
};

const TARGET: &str = "kg.apc.jmeter.reporters.AutoStop";

struct AutoStop {
    response_time: Setting,
    latency: Setting,
    error_rate: Setting,
    percentile: Setting,
    percentile_value: Expr,
    watch: Mutex<Watch>,
}

/// A limit and the seconds for which it may be exceeded, as they are written.
struct Setting {
    limit: Expr,
    seconds: Expr,
}

/// What is watched, and the second at work.
#[derive(Default)]
struct Watch {
    response_time: Limit,
    latency: Limit,
    error_rate: Limit,
    percentile: Limit,
    /// As a part of 1.
    percentile_value: f32,
    second: i64,
    current: Second,
    /// Response times of the first samples of all seconds.
    firsts: BTreeMap<u64, u64>,
    firsts_percentile: u64,
}

/// The samples of a second.
#[derive(Default)]
struct Second {
    samples: u64,
    response_times: u64,
    latencies: u64,
    errors: u64,
}

/// One limit.
#[derive(Default)]
struct Limit {
    /// Nothing is watched at 0 and below.
    value: f64,
    seconds: i64,
    /// As the plan has them, for the message.
    texts: (Text, Text),
    /// The last second in which all was well.
    well: i64,
}

impl Limit {
    /// Whether the limit has been exceeded for long enough.
    fn is_up(&mut self, value: f64, second: i64) -> bool {
        if self.value <= 0.0 {
            return false;
        }
        if value > self.value {
            return second - self.well >= self.seconds;
        }
        self.well = second;
        false
    }
}

impl AutoStop {
    fn new(compile: &mut Compile<'_>) -> Self {
        let mut setting = |limit, seconds| Setting { limit: compile.expr(limit), seconds: compile.expr(seconds) };
        AutoStop {
            response_time: setting("avg_response_time", "avg_response_time_length"),
            latency: setting("avg_response_latency", "avg_response_latency_length"),
            error_rate: setting("error_rate", "error_rate_length"),
            percentile: setting("percentile_response_time", "percentile_response_time_secs"),
            percentile_value: compile.expr("percentile_value"),
            watch: Mutex::default(),
        }
    }

    fn read(&self, user: &mut VirtualUser) -> Result<Watch, Thrown> {
        let int = |text: &str| parse_int(text).ok().map(f64::from);
        let rate = |text: &str| parse_float(text).ok().map(|percent| f64::from(percent / 100.0));
        let value = self.percentile_value.eval(user)?;
        let percentile_value = match parse_float(&value) {
            Ok(percent) if percent > 0.0 => percent / 100.0,
            Ok(_) => 1.0,
            Err(_) => {
                log::error!(target: TARGET, "Wrong Percentile Value: {value}");
                1.0
            }
        };
        Ok(Watch {
            error_rate: self.error_rate.read(user, "error rate", rate)?,
            latency: self.latency.read(user, "response time", int)?,
            response_time: self.response_time.read(user, "response time", int)?,
            percentile: self.percentile.read(user, "response time", int)?,
            percentile_value,
            ..Watch::default()
        })
    }
}

impl Setting {
    /// A limit that cannot be read is 0, and less than a second is one.
    fn read(&self, user: &mut VirtualUser, what: &str, number: impl Fn(&str) -> Option<f64>) -> Result<Limit, Thrown> {
        let texts = (self.limit.eval(user)?, self.seconds.eval(user)?);
        let value = number(&texts.0).unwrap_or_else(|| {
            log::error!(target: TARGET, "Wrong {what}: {}", texts.0);
            0.0
        });
        let seconds = parse_int(&texts.1).map_or_else(
            |_| {
                log::error!(target: TARGET, "Wrong {what} period: {}", texts.1);
                1
            },
            |seconds| seconds.max(1),
        );
        Ok(Limit { value, seconds: i64::from(seconds), texts, well: 0 })
    }
}

impl Watch {
    /// Takes a sample; says why the run is to stop.
    fn take(&mut self, second: i64, result: &SampleResult) -> Vec<String> {
        let mut reasons = Vec::new();
        if second != self.second {
            self.look(second, result, &mut reasons);
            self.second = second;
            self.current = Second::default();
            self.firsts_percentile = self.percentile_of_firsts();
        }
        let current = &mut self.current;
        current.samples += 1;
        current.response_times += result.elapsed_millis();
        current.latencies += result.latency_millis();
        current.errors += u64::from(!result.successful);
        reasons
    }

    fn look(&mut self, second: i64, result: &SampleResult, reasons: &mut Vec<String>) {
        let average = |sum: u64| sum as f64 / self.current.samples.max(1) as f64;
        let (response_time, latency) = (average(self.current.response_times), average(self.current.latencies));
        let error_rate = average(self.current.errors);
        let mut check = |limit: &mut Limit, value, what: &str| {
            if limit.is_up(value, second) {
                let (limit, seconds) = &limit.texts;
                reasons.push(format!("{what} more than {limit} for {seconds}s. Auto-shutdown test..."));
            }
        };
        check(&mut self.response_time, response_time, "Average Response Time is");
        check(&mut self.latency, latency, "Average Latency Time is");
        check(&mut self.error_rate, error_rate, "Error rate");
        if self.percentile.value > 0.0 {
            *self.firsts.entry(result.elapsed_millis()).or_default() += 1;
            let what = format!("{}Percentile Response", float_to_string(self.percentile_value));
            check(&mut self.percentile, self.firsts_percentile as f64, &what);
        }
    }

    /// `StatCalculator.getPercentPoint`
    fn percentile_of_firsts(&self) -> u64 {
        let count: u64 = self.firsts.values().sum();
        if self.percentile_value >= 1.0 {
            return self.firsts.last_key_value().map_or(0, |(value, _)| *value);
        }
        let mut target = (count as f64 * f64::from(self.percentile_value)).round() as i64;
        for (value, times) in &self.firsts {
            target -= i64::try_from(*times).unwrap_or(i64::MAX);
            if target <= 0 {
                return *value;
            }
        }
        0
    }
}

impl TestListener for AutoStop {
    fn test_started(&self, run: &Arc<Run>) {
        let mut user = VirtualUser::new(Arc::clone(run), Arc::new(Group::default()), run.stop.signal(), 0);
        match self.read(&mut user) {
            Ok(watch) => *self.watch.lock().unwrap_or_else(PoisonError::into_inner) = watch,
            Err(thrown) => log::error!(target: TARGET, "Nothing is watched: {thrown}"),
        }
    }
}

impl Listener for AutoStop {
    fn sample_occurred(&self, user: &mut VirtualUser, result: &mut SampleResult) -> Result<(), Thrown> {
        let second = clock::now().millis().div_euclid(1000);
        let reasons = self.watch.lock().unwrap_or_else(PoisonError::into_inner).take(second, result);
        for reason in &reasons {
            log::info!(target: TARGET, "{reason}");
            log::error!(target: STDOUT, "AutoStop - {reason}");
        }
        if !reasons.is_empty() {
            user.run.properties.system().set("auto_stopped", "true");
            user.run.stop.raise(StopLevel::Now);
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
    use std::time::Duration;

    /// Samples as `second elapsed latency`, a `!` behind a failed one; says in which second what is wrong.
    fn check(watch: Watch, samples: &str, expected: &str) {
        let mut watch = watch;
        let mut said = Vec::new();
        for sample in samples.split(", ") {
            let successful = !sample.ends_with('!');
            let numbers: Vec<u64> =
                sample.trim_end_matches('!').split(' ').map(|number| number.parse().unwrap()).collect();
            let mut result = SampleResult::started(Text::from("S"), Timestamp::from_millis(0));
            result.elapsed = Duration::from_millis(numbers[1]);
            result.latency = Duration::from_millis(numbers[2]);
            result.successful = successful;
            for reason in watch.take(i64::try_from(numbers[0]).unwrap(), &result) {
                said.push(format!("{}: {}", numbers[0], reason.trim_end_matches(". Auto-shutdown test...")));
            }
        }
        assert_eq!(said.join("; "), expected);
    }

    fn limit(value: f64, seconds: i64) -> Limit {
        Limit { value, seconds, texts: (Text::from(value.to_string()), Text::from(seconds.to_string())), well: 0 }
    }

    #[test]
    fn averages_of_whole_seconds() {
        let times = || Watch { response_time: limit(10.0, 2), ..Watch::default() };
        check(times(), "100 50 0, 101 50 0, 101 5 0", "");
        check(times(), "100 5 0, 101 50 0, 102 5 0, 103 50 0, 104 1 0", "");
        check(
            times(),
            "100 50 0, 101 5 0, 101 50 0, 102 50 0, 103 50 0",
            "102: Average Response Time is more than 10 for 2s; 103: Average Response Time is more than 10 for 2s",
        );
        // Seconds without samples count.
        check(times(), "100 50 0, 105 5 0", "105: Average Response Time is more than 10 for 2s");
        let latency = Watch { latency: limit(10.0, 1), ..Watch::default() };
        check(latency, "100 50 11, 101 5 5, 102 5 5", "101: Average Latency Time is more than 10 for 1s");
    }

    #[test]
    fn errors_and_percentiles() {
        let errors = || Watch { error_rate: limit(0.5, 1), ..Watch::default() };
        check(errors(), "100 1 0!, 100 1 0, 101 1 0", "");
        check(errors(), "100 1 0!, 100 1 0!, 100 1 0, 101 1 0", "101: Error rate more than 0.5 for 1s");
        let percentile = Watch { percentile: limit(10.0, 1), percentile_value: 0.5, ..Watch::default() };
        check(
            percentile,
            "100 50 0, 101 50 0, 101 1 0, 102 1 0, 103 1 0",
            "101: 0.5Percentile Response more than 10 for 1s; 102: 0.5Percentile Response more than 10 for 1s; \
             103: 0.5Percentile Response more than 10 for 1s",
        );
    }
}

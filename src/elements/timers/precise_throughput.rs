//! Precise Throughput Timer: samples at times by chance, as many in each period as asked for. The users of a group share
//! one schedule, counted from the start of the run.

use crate::clock::{self, Timestamp};
use crate::elements::roles::{TestListener, Timer};
use crate::elements::{Compile, Definition, Role};
use crate::expr::{Expr, LongExpr, java_int};
use crate::java::number::{double_to_string, parse_double};
use crate::java::random::Random;
use crate::results::Intended;
use crate::virtual_user::{Group, Run, Slot, Thrown, VirtualUser};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const PRECISE_THROUGHPUT: Definition = Definition {
    tag: "PreciseThroughputTimer",
    menu: "Precise Throughput Timer",
    compile: |compile| {
        let timer = Arc::new(PreciseThroughput::new(compile));
        Some(Role { timer: Some(timer.clone()), test: Some(timer), ..Role::default() })
    },
};

const TARGET: &str = "org.apache.jmeter.timers.poissonarrivals.ConstantPoissonProcessGenerator";
/// Throughputs that differ by less are the same.
const PRECISION: f64 = 0.000_01;
/// More events than this are no plan but a mistake (a period of 0): JMeter runs out of memory.
const MOST_EVENTS: i32 = 50_000_000;

/// The schedules of the groups, shared by all timers of a plan: in JMeter a second timer in a group follows the first.
#[derive(Default)]
struct Schedules(Mutex<Vec<(Arc<Group>, Shared)>>);

/// One schedule, for the users of a group.
type Shared = Arc<Mutex<GroupSchedule>>;

/// A group's schedule. It goes by the settings of one timer, the first that was asked, as they were when the user who
/// asked it came by last; what other timers of the group are set to has no effect.
struct GroupSchedule {
    throughput: f64,
    duration: i64,
    process: Process,
    /// When a user first asked, before which nothing was due: the schedule counts from the start of the run.
    asked: Timestamp,
}

/// What a user's timer knows.
struct Own {
    schedule: Shared,
    /// Whether the schedule goes by this timer.
    leads: bool,
}

/// The properties. JMeter takes those that are absent as 0, not as what its window shows.
struct PreciseThroughput {
    name: Expr,
    throughput: Expr,
    period: LongExpr,
    duration: LongExpr,
    batch_size: Expr,
    seed: LongExpr,
    own: Slot<Option<Own>>,
    schedules: Arc<Schedules>,
}

impl PreciseThroughput {
    fn new(compile: &mut Compile<'_>) -> Self {
        PreciseThroughput {
            name: compile.name(),
            throughput: compile.expr("throughput"),
            period: compile.long("throughputPeriod", 0),
            duration: compile.long("duration", 0),
            batch_size: compile.expr("batchSize"),
            seed: compile.long("randomSeed", 0),
            own: compile.slot(),
            schedules: compile.common(|_| Schedules::default()),
        }
    }

    /// The schedule of the user's group, and whether it goes by this timer.
    fn schedule(&self, user: &mut VirtualUser) -> Result<(Shared, bool), Thrown> {
        if let Some(own) = user.slot(self.own) {
            return Ok((Arc::clone(&own.schedule), own.leads));
        }
        let (seed, batch_size) = (self.seed.eval(user)?, java_int(&self.batch_size.eval(user)?));
        let (schedule, leads) = {
            let mut all = self.schedules.0.lock().unwrap_or_else(PoisonError::into_inner);
            let known = all.iter().find(|(group, _)| Arc::ptr_eq(group, &user.group));
            if let Some((_, schedule)) = known {
                (Arc::clone(schedule), false)
            } else {
                let process = Process::new(seed, batch_size);
                let schedule =
                    Arc::new(Mutex::new(GroupSchedule { throughput: 0.0, duration: 0, process, asked: clock::now() }));
                all.push((Arc::clone(&user.group), Arc::clone(&schedule)));
                (schedule, true)
            }
        };
        *user.slot(self.own) = Some(Own { schedule: Arc::clone(&schedule), leads });
        Ok((schedule, leads))
    }
}

/// Events at times by chance (`ConstantPoissonProcessGenerator`): for each stretch of time as many as its throughput
/// makes, evenly spread over it. In a batch several samples share an event.
struct Process {
    random: Random,
    batch_size: i32,
    /// Place in the batch.
    in_batch: i32,
    throughput: f64,
    /// Where the stretch at hand ends, in seconds from the start of the run.
    end: f64,
    events: Vec<f64>,
    at: usize,
}

impl Process {
    fn new(seed: i64, batch_size: i32) -> Self {
        // Java looks at the seed's lower half only.
        let random = if seed as i32 == 0 { Random::unseeded() } else { Random::new(seed) };
        Process { random, batch_size, in_batch: 0, throughput: 0.0, end: 0.0, events: Vec::new(), at: 0 }
    }

    fn generate(&mut self, throughput: f64, duration: i64, name: &str) -> Result<(), Thrown> {
        self.throughput = throughput;
        let rate = if self.batch_size > 1 { throughput / f64::from(self.batch_size) } else { throughput };
        self.in_batch = 0;
        let count = (rate * duration as f64).ceil() as i32;
        if count > MOST_EVENTS {
            return Err(Thrown::new("java.lang.OutOfMemoryError", "Java heap space"));
        }
        let (end, duration_seconds) = (self.end, duration as f64);
        self.events.clear();
        self.events.extend((0..count).map(|_| end + self.random.next_double() * duration_seconds));
        self.events.sort_by(f64::total_cmp);
        self.at = 0;
        self.end += duration_seconds;
        log::info!(target: TARGET, "{}", self.first_events(name, rate, duration));
        Ok(())
    }

    fn first_events(&self, name: &str, rate: f64, duration: i64) -> String {
        let count = self.events.len();
        let rate = double_to_string(rate);
        let mut line = format!(
            "Generated {count} timings ({name} {count} required, rate {rate}, duration {duration}). \
             First 15 events will be fired at: "
        );
        let mut previous = 0.0;
        for (index, event) in self.events.iter().take(15).enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            let _ = write!(line, "{comma}{} (+{})", double_to_string(*event), double_to_string(event - previous));
            previous = *event;
        }
        line
    }

    /// The next event, in seconds from the start of the run.
    fn next(&mut self, throughput: f64, duration: i64, name: &str) -> Result<f64, Thrown> {
        let used_up = self.in_batch == 0 && self.at == self.events.len();
        // Not-a-number is never the same.
        let same = (throughput - self.throughput).abs() < PRECISION;
        if used_up || !same {
            self.generate(throughput, duration, name)?;
        }
        if self.batch_size != 1 {
            self.in_batch = self.in_batch.wrapping_add(1);
            if self.in_batch != 1 {
                if self.in_batch == self.batch_size {
                    self.in_batch = 0;
                }
                return self.event(self.at.wrapping_sub(1));
            }
        }
        let event = self.event(self.at)?;
        self.at += 1;
        Ok(event)
    }

    fn event(&self, index: usize) -> Result<f64, Thrown> {
        self.events
            .get(index)
            .copied()
            .ok_or_else(|| Thrown { message: None, ..Thrown::new("java.nio.BufferUnderflowException", "") })
    }
}

impl Timer for PreciseThroughput {
    fn delay(&self, user: &mut VirtualUser) -> Result<i64, Thrown> {
        let (schedule, leads) = self.schedule(user)?;
        let throughput = parse_double(&self.throughput.eval(user)?).unwrap_or(0.0);
        let period = i32::try_from(self.period.eval(user)?).unwrap_or(0);
        let duration = self.duration.eval(user)?;
        let name = self.name.eval(user)?;
        let (event, asked) = {
            let mut schedule = schedule.lock().unwrap_or_else(PoisonError::into_inner);
            if leads {
                schedule.throughput = throughput / f64::from(period);
                schedule.duration = duration;
            }
            let GroupSchedule { throughput, duration, process, .. } = &mut *schedule;
            (process.next(*throughput, *duration, &name)?, schedule.asked)
        };
        let now = clock::now().millis();
        let start = user.run.test_start.millis();
        let due = Timestamp::from_micros(start * 1000 + (event * 1e6) as i64);
        user.intended = Some(Intended::at(due.max(asked)));
        let delay = ((event * 1000.0 + start as f64 - now as f64) as i64).max(0);
        if let Some(end) = user.end_time()
            && now.saturating_add(delay) > end.millis()
        {
            let left = end.millis() - now;
            return Err(Thrown::stop_thread(format!(
                "The thread is scheduled to stop in {left} ms and the throughput timer generates a delay of {delay}. \
                 Terminating the thread manually."
            )));
        }
        Ok(delay)
    }
}

impl TestListener for PreciseThroughput {
    fn test_started(&self, _: &Arc<Run>) {
        self.schedules.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::bench;

    fn events(count: usize, batch_size: i32, throughput: f64, duration: i64) -> Vec<String> {
        let mut process = Process::new(42, batch_size);
        (0..count)
            .map(|_| match process.next(throughput, duration, "T") {
                Ok(event) => format!("{event:.4}"),
                Err(thrown) => thrown.to_string(),
            })
            .collect()
    }

    /// Printed by JMeter 5.6.2's `ConstantPoissonProcessGenerator`.
    #[test]
    fn a_seed_gives_jmeters_schedule() {
        assert_eq!(
            events(8, 1, 2.0, 2),
            ["0.5542", "0.6174", "1.3664", "1.4551", "2.5515", "2.7376", "3.3311", "3.8067"]
        );
        assert_eq!(events(7, 3, 3.0, 2), ["1.3664", "1.3664", "1.3664", "1.4551", "1.4551", "1.4551", "2.5542"]);
        assert_eq!(events(3, 0, 3.0, 1), ["0.3087", "0.3087", "0.3087"]);
    }

    #[test]
    fn a_group_goes_by_the_first_timer_that_is_asked() {
        let mut shared = bench::shared();
        let mut timer = |throughput: &str| {
            let keys = ".throughputPeriod=1 .duration=2 .batchSize=1 .randomSeed=42";
            bench::compile(
                &bench::element(&format!("PreciseThroughputTimer .throughput={throughput} {keys}")),
                &mut shared,
            )
        };
        let (first, second) = (timer("${rate}").timer.unwrap(), timer("500").timer.unwrap());
        let schedules = shared.slots.common(|_| Schedules::default());
        let run = bench::run_of(shared);
        let group = Arc::new(Group::default());
        let ask = |timer: &Arc<dyn Timer>, number: u32, rate: &str| {
            let mut user = bench::user(&run, &group, number);
            user.variables.put("rate", rate);
            timer.delay(&mut user).unwrap();
            let all = schedules.0.lock().unwrap();
            let schedule = all[0].1.lock().unwrap();
            (all.len(), schedule.throughput, schedule.process.at)
        };
        assert_eq!(ask(&first, 1, "2"), (1, 2.0, 1));
        assert_eq!(ask(&second, 1, "2"), (1, 2.0, 2));
        assert_eq!(ask(&first, 2, "7"), (1, 2.0, 3));
    }

    #[test]
    fn odd_settings_lose_the_sample() {
        assert_eq!(events(1, 1, 0.0, 10), ["java.nio.BufferUnderflowException"]);
        assert_eq!(events(1, 1, f64::INFINITY, 10), ["java.lang.OutOfMemoryError: Java heap space"]);
    }
}

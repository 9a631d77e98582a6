//! Arrivals Thread Group and Free-Form Arrivals Thread Group of the BlazeMeter plugins: iterations begin at a rate,
//! whatever the server does (`com.blazemeter.jmeter.threads.arrivals`).
//!
//! An arrival is met by a user at rest, or else by a new one, or by nobody when the concurrency limit is reached. When
//! the schedule is over and all have arrived, users end before their next sample. Later thread groups start with the
//! first arrival.
//!
//! The plugin's arithmetic is kept: the rate is looked at when somebody arrives, and says how long it is until the next;
//! while it is nothing, it is looked at every 0.2 s. Hence a ramp-up without steps brings nobody before its end, and a
//! free-form row that rises from nothing may begin with one long pause.

use super::dynamic::{Beginning, Behaviour, Load, LoadFields, role, unit};
use crate::elements::field::Field;
use crate::elements::roles::{Demand, Demands};
use crate::elements::{Compile, Definition, Severity};
use crate::java::number::{parse_double, parse_long};
use crate::jmx::PropertyValue;
use crate::virtual_user::{Dynamic, Thrown, VirtualUser};
use std::sync::Arc;
use std::time::Duration;

pub(super) const ARRIVALS: Definition = Definition {
    tag: "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadGroup",
    menu: "bzm - Arrivals Thread Group",
    compile: |compile| {
        let load = LoadFields::new(compile);
        let group = Arrivals::new(compile, RateFields::Load(load));
        Some(role(compile, group))
    },
};

pub(super) const FREE_FORM: Definition = Definition {
    tag: "com.blazemeter.jmeter.threads.arrivals.FreeFormArrivalsThreadGroup",
    menu: "bzm - Free-Form Arrivals Thread Group",
    compile: |compile| {
        let table = table(compile);
        let unit = unit(compile);
        let group = Arrivals::new(compile, RateFields::Table(table, unit));
        Some(role(compile, group))
    },
};

const STARTER: &str = "com.blazemeter.jmeter.threads.arrivals.ArrivalsThreadStarter";
const SCHEDULE: &str = "Schedule";
const COLUMNS: usize = 3;
/// Milliseconds after which a rate of nothing is looked at again.
const LOOK_AT_NOTHING: f64 = 200.0;

struct Arrivals {
    rate: Arc<RateFields>,
    /// `ConcurrencyLimit`: what is no number is no limit.
    concurrency: Arc<Field<Option<u32>>>,
    /// `ArrivalsLimit`, which has no place in the window.
    limit: Field<i64>,
}

/// What says how many arrive.
enum RateFields {
    Load(LoadFields),
    Table(Vec<[Field<f64>; COLUMNS]>, Field<f64>),
}

/// The table of a free-form group: rate at a row's start and end, and its length.
fn table(compile: &mut Compile<'_>) -> Vec<[Field<f64>; COLUMNS]> {
    let element = compile.element;
    let mut rows = Vec::new();
    for (number, row) in (1..).zip(element.collection(SCHEDULE)) {
        let cells = if let PropertyValue::Collection(cells) = &row.value { cells.as_slice() } else { &[] };
        let [start, end, length, ..] = cells else {
            compile.problem(Severity::Error, format!("row {number} of the schedule has no three columns"));
            continue;
        };
        rows.push([start, end, length].map(|cell| {
            let text = compile.parse(&cell.value.text());
            Field::of(compile, SCHEDULE, text, |text| Ok(parse_double(text).unwrap_or(0.0)))
        }));
    }
    if rows.is_empty() {
        compile.problem(Severity::Warning, "the schedule is empty: nobody arrives");
    }
    rows
}

impl Arrivals {
    fn new(compile: &mut Compile<'_>, rate: RateFields) -> Self {
        let concurrency = Field::new(compile, "ConcurrencyLimit", "", |text| {
            let limit = parse_long(text).unwrap_or(0);
            Ok((limit > 0).then(|| u32::try_from(limit).unwrap_or(u32::MAX)))
        });
        let limit = Field::new(compile, "ArrivalsLimit", "0", |text| Ok(parse_long(text).unwrap_or(0)));
        Arrivals { rate: Arc::new(rate), concurrency: Arc::new(concurrency), limit }
    }
}

impl RateFields {
    fn read(&self, user: &mut VirtualUser) -> Result<Rate, Thrown> {
        match self {
            RateFields::Load(load) => load.read(user).map(Rate::Load),
            RateFields::Table(table, unit) => {
                let unit = unit.read(user)?;
                let mut rows = Vec::with_capacity(table.len());
                for [start, end, length] in table {
                    let (start, end) = (start.read(user)? / unit, end.read(user)? / unit);
                    rows.push(Row { start, end, length: length.read(user)? * unit });
                }
                Ok(Rate::Table(rows))
            }
        }
    }
}

impl Behaviour for Arrivals {
    fn follows_level(&self) -> bool {
        false
    }

    fn begin(&self, mut user: VirtualUser) -> Result<Beginning, Thrown> {
        let limit = u64::try_from(self.limit.read(&mut user)?).unwrap_or(0);
        let (rate, concurrency) = (Arc::clone(&self.rate), Arc::clone(&self.concurrency));
        let mut read = move || -> Result<Now, Thrown> {
            Ok(Now { rate: rate.read(&mut user)?, most: concurrency.read(&mut user)? })
        };
        read()?;
        let demands = Box::new(Pace { read, due: 0.0, scheduled: 0 });
        Ok(Beginning { users: 0, demands, dynamic: Dynamic::arrivals(limit) })
    }
}

/// The fields as they are at one moment.
struct Now {
    rate: Rate,
    most: Option<u32>,
}

/// Arrivals a second over time.
#[derive(Debug, Clone)]
enum Rate {
    /// A ramp-up and a constant rate.
    Load(Load),
    /// Row after row.
    Table(Vec<Row>),
}

/// A row of a free-form schedule: arrivals a second, and seconds.
#[derive(Debug, Clone, Copy)]
struct Row {
    start: f64,
    end: f64,
    length: f64,
}

impl Rate {
    /// The rate after so many seconds, when so many have arrived; `None` when the schedule is over.
    fn at(&self, seconds: f64, scheduled: u64) -> Option<f64> {
        match self {
            Rate::Load(load) => load.rate(seconds, scheduled),
            Rate::Table(rows) => {
                let mut offset = 0_i32;
                for row in rows {
                    let progress = (seconds - f64::from(offset)) / row.length;
                    // Java's `+=` of an int cuts what is after the point.
                    offset = (f64::from(offset) + row.length) as i32;
                    if seconds <= f64::from(offset) {
                        return Some(row.start + progress * (row.end - row.start));
                    }
                }
                log::info!(target: "com.blazemeter.jmeter.threads.arrivals.FreeFormArrivalsThreadStarter",
                    "Got no further schedule, can stop now");
                None
            }
        }
    }
}

impl Load {
    fn rate(&self, seconds: f64, scheduled: u64) -> Option<f64> {
        let (target, up) = (f64::from(self.target) / self.unit, self.ramp_up as f64);
        if seconds >= self.ramp_up.wrapping_add(self.hold) as f64 {
            None
        } else if self.ramp_up == 0 || seconds > up {
            Some(target)
        } else if self.steps > 0 {
            let (size, length) = (target / self.steps as f64, up / self.steps as f64);
            Some(size * ((seconds / length).floor() + 1.0))
        } else {
            let slope = target / up;
            Some(slope * ((2 * scheduled) as f64 / slope).sqrt())
        }
    }
}

/// One arrival after the other.
struct Pace<R> {
    read: R,
    /// When the next is due, in milliseconds.
    due: f64,
    scheduled: u64,
}

impl<R: FnMut() -> Result<Now, Thrown> + Send> Demands for Pace<R> {
    fn next(&mut self, now: Duration, _: u32) -> Option<Demand> {
        let at = offset(self.due);
        if now < at {
            return Some(Demand::Later { at });
        }
        let Now { rate, most } = match (self.read)() {
            Ok(now) => now,
            Err(thrown) => {
                log::error!(target: STARTER, "{thrown}");
                return None;
            }
        };
        let rate = rate.at(self.due / 1000.0, self.scheduled).filter(|rate| *rate >= 0.0);
        let Some(rate) = rate else {
            let count = self.scheduled;
            log::info!(target: STARTER, "Duration limit reached, no more arrivals needed, had arrivals: {count}");
            return None;
        };
        if rate == 0.0 {
            self.due += LOOK_AT_NOTHING;
            return Some(Demand::Later { at: offset(self.due) });
        }
        self.due += 1000.0 / rate;
        self.scheduled += 1;
        Some(Demand::Arrival { at, most })
    }
}

fn offset(millis: f64) -> Duration {
    Duration::try_from_secs_f64(millis / 1000.0).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds of the arrivals.
    fn arrivals(rate: Rate) -> Vec<u128> {
        let read = move || Ok(Now { rate: rate.clone(), most: None });
        let mut pace = Pace { read, due: 0.0, scheduled: 0 };
        let (mut now, mut arrivals) = (Duration::ZERO, Vec::new());
        while let Some(demand) = pace.next(now, 0) {
            match demand {
                Demand::Later { at } => now = at,
                Demand::Arrival { at, .. } => {
                    assert_eq!(at, now);
                    arrivals.push(at.as_millis());
                }
                other => panic!("{other:?}"),
            }
        }
        arrivals
    }

    fn load(target: i32, ramp_up: i64, steps: i64, hold: i64, unit: f64) -> Rate {
        Rate::Load(Load { target, ramp_up, hold, steps, unit })
    }

    fn table(rows: &[(f64, f64, f64)]) -> Rate {
        Rate::Table(rows.iter().map(|&(start, end, length)| Row { start, end, length }).collect())
    }

    #[test]
    fn arrivals_are_evenly_spread() {
        assert_eq!(arrivals(load(4, 0, 0, 1, 1.0)), [0, 250, 500, 750]);
        assert_eq!(arrivals(load(90, 0, 0, 2, 60.0)), [0, 666, 1333]);
        assert_eq!(arrivals(load(500, 0, 0, 10, 1.0)).len(), 5000);
        assert_eq!(arrivals(load(7, 0, 0, 0, 1.0)), [0; 0]);
        assert_eq!(arrivals(load(0, 0, 0, 3, 1.0)), [0; 0]);
        assert_eq!(arrivals(load(-2, 0, 0, 3, 1.0)), [0; 0]);
    }

    #[test]
    fn steps_rise() {
        assert_eq!(arrivals(load(4, 2, 2, 1, 1.0)), [0, 500, 1000, 1250, 1500, 1750, 2000, 2166, 2416, 2666, 2916]);
    }

    #[test]
    fn nobody_comes_in_a_ramp_up_without_steps() {
        // As the plugin did: a rate of nothing is looked at every 0.2 s, until the ramp-up is over.
        assert_eq!(arrivals(load(4, 1, 0, 2, 1.0)), [1200, 1450, 1700, 1950, 2200, 2450, 2700, 2950]);
    }

    #[test]
    fn rows_follow_each_other() {
        // The end of a row belongs to it. As the plugin did: 0.2, 2.7 and 2.95 s.
        assert_eq!(arrivals(table(&[(0.0, 4.0, 2.0), (4.0, 4.0, 1.0)])), [200, 2700, 2950]);
        assert_eq!(arrivals(table(&[(2.0, 2.0, 1.0), (4.0, 4.0, 1.0)])), [0, 500, 1000, 1500, 1750, 2000]);
        assert_eq!(arrivals(table(&[(1.0, 4.0, 3.0)])), [0, 1000, 1500, 1900, 2244, 2553, 2834]);
        assert_eq!(arrivals(table(&[])), [0; 0]);
    }

    #[test]
    fn a_row_without_a_length_ends_the_schedule() {
        // The plugin would start users without end.
        assert_eq!(arrivals(table(&[(5.0, 5.0, 0.0), (4.0, 4.0, 1.0)])), [0; 0]);
    }
}

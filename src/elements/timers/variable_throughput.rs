//! Throughput Shaping Timer of the jpgc plugins: requests a second by a schedule, shared by all users in its scope; the
//! group ends with the schedule (`kg.apc.jmeter.timers.VariableThroughputTimer`).
//!
//! The plugin lets users wait and look again; here each takes the next free place of the schedule. Within a second lost
//! time is made up, from one second to the next it is not.

use crate::clock::{self, Timestamp};
use crate::elements::roles::{TestListener, Timer};
use crate::elements::short_time::seconds;
use crate::elements::{Compile, Definition, Role, Severity};
use crate::jmx::{Property, PropertyValue};
use crate::results::Intended;
use crate::virtual_user::{Run, Thrown, VirtualUser};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const VARIABLE_THROUGHPUT: Definition = Definition {
    tag: "kg.apc.jmeter.timers.VariableThroughputTimer",
    menu: "jp@gc - Throughput Shaping Timer",
    compile: |compile| {
        let rows = rows(compile);
        let timer = Arc::new(VariableThroughput { rows, places: Mutex::default() });
        Some(Role { timer: Some(timer.clone()), test: Some(timer), ..Role::default() })
    },
};

const TARGET: &str = "kg.apc.jmeter.timers.VariableThroughputTimer";
/// A step from one rate to the next may make this many rows at most.
const MOST_ROWS: usize = 100_000;

/// From one rate to another, in requests a second, in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    from: f64,
    to: f64,
    seconds: i64,
}

/// The property `NAME.load_profile` or `load_profile`, else the table of the plan.
fn rows(compile: &mut Compile<'_>) -> Vec<Row> {
    let own = format!("{}.load_profile", compile.element.name());
    let properties = &compile.shared.properties;
    let text = [own.as_str(), "load_profile"]
        .into_iter()
        .find_map(|name| properties.get(name).filter(|text| !text.is_empty()));
    if let Some(text) = text {
        let (rows, wrong) = parse(&text);
        for chunk in wrong {
            compile.problem(Severity::Warning, format!("the load profile's part \"{chunk}\" is left out: it is none"));
        }
        return rows;
    }
    let table = compile.element.collection("load_profile");
    let rows: Vec<Row> = table.iter().filter_map(|row| row_of_table(&row.value)).collect();
    if rows.is_empty() {
        compile.problem(Severity::Warning, "the load profile is empty: its thread group ends at once");
    }
    rows
}

fn row_of_table(row: &PropertyValue) -> Option<Row> {
    let PropertyValue::Collection(cells) = row else { return None };
    let cell = |index: usize| cells.get(index).map(|cell: &Property| &cell.value);
    Some(Row { from: cell(0)?.double(), to: cell(1)?.double(), seconds: i64::from(cell(2)?.int()) })
}

/// `const(10, 60s) line(0, 100, 5m) step(5, 25, 5, 1h)`. Parts that cannot be read are left out and given back.
fn parse(text: &str) -> (Vec<Row>, Vec<String>) {
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for chunk in text.split(')').filter(|chunk| !chunk.trim().is_empty()) {
        match part(chunk) {
            Some(more) => rows.extend(more),
            None => wrong.push(chunk.trim().to_owned() + ")"),
        }
    }
    (rows, wrong)
}

fn part(chunk: &str) -> Option<Vec<Row>> {
    let words: Vec<&str> = chunk.split(['(', ',']).map(str::trim).collect();
    let number = |index: usize| words.get(index)?.parse::<i32>().ok();
    let row = |from: i32, to: i32, seconds| Row { from: f64::from(from), to: f64::from(to), seconds };
    match words.first()?.to_ascii_lowercase().as_str() {
        "const" => Some(vec![row(number(1)?, number(1)?, seconds(words.get(2)?)?)]),
        "line" => Some(vec![row(number(1)?, number(2)?, seconds(words.get(3)?)?)]),
        "step" => {
            let (from, to, step, seconds) = (number(1)?, number(2)?, number(3)?, seconds(words.get(4)?)?);
            let step = if from > to { step.checked_neg()? } else { step };
            if step == 0 {
                return None;
            }
            // Upwards the last rate is one of the steps, downwards it is not.
            let wanted = |rate: &i32| if step > 0 { *rate <= to } else { *rate > to };
            let rates = std::iter::successors(Some(from), |rate| rate.checked_add(step)).take_while(wanted);
            Some(rates.take(MOST_ROWS).map(|rate| row(rate, rate, seconds)).collect())
        }
        _ => None,
    }
}

/// Requests a second in the `second`th second of the schedule; `None` after its end.
fn rate(rows: &[Row], mut second: i64) -> Option<f64> {
    for row in rows {
        if second <= row.seconds {
            return Some(row.from + second as f64 * (row.to - row.from) / row.seconds as f64);
        }
        second -= row.seconds;
    }
    None
}

/// The places taken so far.
#[derive(Debug, Default)]
struct Places {
    /// The schedule's first second, in seconds since the epoch.
    start: Option<i64>,
    /// When it was first asked for a place, in milliseconds since the epoch: nothing was due before, although the places of
    /// that second are taken one after the other.
    asked: i64,
    /// The second of the last place.
    second: i64,
    /// Places taken in that second.
    taken: i64,
}

/// What a user gets.
#[derive(Debug, PartialEq)]
enum Place {
    /// Milliseconds since the epoch; it may be over already.
    At(i64),
    /// The schedule is over, at this moment in milliseconds since the epoch.
    Over(i64),
}

impl Places {
    /// The next place at or after `now`, in milliseconds since the epoch.
    fn next(&mut self, rows: &[Row], now: i64) -> Place {
        let second = now.div_euclid(1000);
        let start = *self.start.get_or_insert_with(|| {
            self.asked = now;
            second
        });
        if self.second < second {
            (self.second, self.taken) = (second, 0);
        }
        loop {
            let Some(rate) = rate(rows, self.second - start) else { return Place::Over(self.second * 1000) };
            let offset = self.taken as f64 * (1000.0 / rate);
            // Without a rate one request passes in a second, as in the plugin: 0 * infinity is no number.
            let offset = if offset.is_nan() { 0.0 } else { offset.ceil() };
            if offset < 1000.0 {
                self.taken += 1;
                return Place::At(self.second * 1000 + offset as i64);
            }
            (self.second, self.taken) = (self.second + 1, 0);
        }
    }
}

struct VariableThroughput {
    rows: Vec<Row>,
    places: Mutex<Places>,
}

impl Timer for VariableThroughput {
    fn delay(&self, user: &mut VirtualUser) -> Result<i64, Thrown> {
        let now = clock::now().millis();
        let (place, asked) = {
            let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
            (places.next(&self.rows, now), places.asked)
        };
        match place {
            Place::At(moment) => {
                user.intended = Some(Intended::at(Timestamp::from_millis(moment.max(asked))));
                Ok((moment - now).max(0))
            }
            Place::Over(end) => {
                if user.group.end().is_none_or(|known| known.millis() > end) {
                    log::info!(target: TARGET, "No further RPS schedule, asking threads to stop...");
                    user.group.close_at(Timestamp::from_micros(end * 1000));
                }
                // Longer than the group lasts: the user ends without a sample.
                Ok((end - now).max(1))
            }
        }
    }
}

impl TestListener for VariableThroughput {
    fn test_started(&self, _: &Arc<Run>) {
        *self.places.lock().unwrap_or_else(PoisonError::into_inner) = Places::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn load_profiles_are_read_as_the_plugin_reads_them() {
        let (rows, wrong) = parse("const(10, 60s) line(0,100,1m30s) STEP(5, 15, 5, 1h) step(3,1,1,2) warp(1) ");
        let row = |from, to, seconds| Row { from, to, seconds };
        let expected = [
            row(10.0, 10.0, 60),
            row(0.0, 100.0, 90),
            row(5.0, 5.0, 3600),
            row(10.0, 10.0, 3600),
            row(15.0, 15.0, 3600),
            row(3.0, 3.0, 2),
            row(2.0, 2.0, 2),
        ];
        assert_eq!(rows, expected);
        assert_eq!(wrong, ["warp(1)"]);
        assert_eq!(parse("step(1, 5, 0, 1s)").1.len(), 1);
    }

    #[test]
    fn rates_rise_within_a_row_and_end_with_the_last() {
        let rows = parse("line(0, 10, 10s) const(5, 2s)").0;
        let rates: Vec<Option<f64>> = [0, 5, 10, 11, 12, 13].map(|second| rate(&rows, second)).into();
        assert_eq!(rates, [Some(0.0), Some(5.0), Some(10.0), Some(5.0), Some(5.0), None]);
    }

    #[test]
    fn places_are_spread_over_each_second_and_lost_seconds_are_lost() {
        let rows = parse("const(4, 5s)").0;
        let mut places = Places::default();
        let taken: Vec<Place> = (0..5).map(|_| places.next(&rows, 10_000)).collect();
        assert_eq!(taken, [10_000, 10_250, 10_500, 10_750, 11_000].map(Place::At));
        // Late: within the second places that are over are still given.
        let taken: Vec<Place> = (0..5).map(|_| places.next(&rows, 13_600)).collect();
        assert_eq!(taken, [13_000, 13_250, 13_500, 13_750, 14_000].map(Place::At));
        assert_eq!(places.next(&rows, 16_001), Place::Over(16_000));
        assert_eq!(Places::default().next(&[], 5_500), Place::Over(5_000));
    }

    #[test]
    fn a_rate_of_nothing_lets_one_pass_in_a_second() {
        let rows = parse("line(0, 2, 2s)").0;
        let mut places = Places::default();
        let taken: Vec<Place> = (0..4).map(|_| places.next(&rows, 1_000)).collect();
        assert_eq!(taken, [1_000, 2_000, 3_000, 3_500].map(Place::At));
    }
}

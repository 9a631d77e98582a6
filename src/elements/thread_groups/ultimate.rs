//! Ultimate Thread Group of the jpgc plugins: a table of rows, each a number of users with their delay, start-up, hold
//! and shut-down (`kg.apc.jmeter.threads.UltimateThreadGroup`).
//!
//! Within a row the last user starts first: user `k` of `n`, counted from the end, starts after `k/n` of the start-up and
//! ends after `k/n` of the shut-down. A user ends after the sample in which its time is over, and takes at least one.

use super::plain::{main_loop, on_sample_error};
use crate::clock::Timestamp;
use crate::elements::roles::{Demand, Schedule, StartLog, ThreadGroup};
use crate::elements::short_time::seconds;
use crate::elements::{Compile, Definition, Phase, Role, Severity, Structure, ThreadGroupRole};
use crate::expr::{Expr, java_int};
use crate::java::number::parse_int;
use crate::jmx::PropertyValue;
use crate::virtual_user::VirtualUser;
use std::sync::Arc;
use std::time::Duration;

pub(super) const ULTIMATE: Definition = Definition {
    tag: "kg.apc.jmeter.threads.UltimateThreadGroup",
    menu: "jp@gc - Ultimate Thread Group",
    compile: |compile| {
        let rows = rows(compile);
        let on_sample_error = compile.expr("ThreadGroup.on_sample_error");
        let group = Arc::new(Ultimate { rows, on_sample_error });
        let (main, main_has_name) = main_loop(compile);
        let role = ThreadGroupRole { group, main, main_has_name, phase: Phase::Main, log: None };
        Some(Role::structure(Structure::ThreadGroup(role)))
    },
};

/// The table of the plan.
const TABLE: &str = "ultimatethreadgroupdata";
/// The property that stands for the tables of all Ultimate Thread Groups; also the table's name in old plans.
const PROPERTY: &str = "threads_schedule";
const COLUMNS: usize = 5;

/// The class that the users of Ultimate and Stepping Thread Groups are started by.
pub(super) const STARTER: &str = "kg.apc.jmeter.threads.AbstractSimpleThreadGroup";

struct Ultimate {
    rows: Vec<[Expr; COLUMNS]>,
    on_sample_error: Expr,
}

/// The property, else the plan's table.
fn rows(compile: &mut Compile<'_>) -> Vec<[Expr; COLUMNS]> {
    if let Some(text) = compile.shared.properties.get(PROPERTY).filter(|text| !text.is_empty()) {
        let (rows, wrong) = parse(&text);
        for chunk in wrong {
            compile.problem(Severity::Warning, format!("the part \"{chunk}\" of {PROPERTY} is left out: it is none"));
        }
        return rows.iter().map(|row| row.map(|cell| Expr::literal(cell.to_string()))).collect();
    }
    let element = compile.element;
    let table = match (element.get(TABLE), element.get(PROPERTY)) {
        (None, Some(PropertyValue::Collection(table))) | (Some(PropertyValue::Collection(table)), _) => table,
        (None, _) => {
            compile.problem(Severity::Warning, "the table of threads is missing: nobody starts");
            return Vec::new();
        }
        (Some(_), _) => {
            compile.problem(Severity::Error, format!("{TABLE} is not a table"));
            return Vec::new();
        }
    };
    let mut rows = Vec::new();
    for (number, row) in (1..).zip(table) {
        let PropertyValue::Collection(cells) = &row.value else {
            compile.problem(Severity::Error, format!("row {number} of the table is none"));
            continue;
        };
        let cells: Vec<Expr> = cells.iter().take(COLUMNS).map(|cell| compile.parse(&cell.value.text())).collect();
        match <[Expr; COLUMNS]>::try_from(cells) {
            Ok(row) => rows.push(row),
            Err(cells) => {
                let columns = cells.len();
                compile.problem(Severity::Error, format!("row {number} of the table has {columns} of 5 columns"));
            }
        }
    }
    rows
}

/// `spawn(2,1s,3s,1m,2s) spawn(…)`. Parts that cannot be read are left out and given back.
fn parse(text: &str) -> (Vec<[i64; COLUMNS]>, Vec<String>) {
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for chunk in text.split(')').filter(|chunk| !chunk.trim().is_empty()) {
        match part(chunk) {
            Some(row) => rows.push(row),
            None => wrong.push(chunk.trim().to_owned() + ")"),
        }
    }
    (rows, wrong)
}

fn part(chunk: &str) -> Option<[i64; COLUMNS]> {
    let words: Vec<&str> = chunk.split(['(', ',']).map(str::trim).collect();
    let [kind, users, times @ ..] = words.as_slice() else { return None };
    let [delay, startup, hold, shutdown, ..] = times else { return None };
    if !kind.eq_ignore_ascii_case("spawn") {
        return None;
    }
    let users = i64::from(parse_int(users).ok()?);
    Some([users, seconds(delay)?, seconds(startup)?, seconds(hold)?, seconds(shutdown)?])
}

impl ThreadGroup for Ultimate {
    fn schedule(&self, user: &mut VirtualUser, _: Timestamp) -> Result<Schedule, String> {
        let mut rows = Vec::with_capacity(self.rows.len());
        for cells in &self.rows {
            let mut row = [0; COLUMNS];
            for (number, cell) in row.iter_mut().zip(cells) {
                *number = java_int(&cell.eval(user).map_err(|thrown| thrown.to_string())?);
            }
            let [users, delay, startup, hold, shutdown] = row;
            rows.push(Row { users, delay, startup, hold, shutdown });
        }
        let timetable = Timetable::new(&rows);
        let users = timetable.users;
        simple_schedule(users, timetable, &self.on_sample_error, user)
    }
}

/// The schedule of a group whose users each have a start and an end. Every iteration is a new user's.
pub(super) fn simple_schedule(
    users: u32,
    demands: impl Iterator<Item = Demand> + Send + 'static,
    on_error: &Expr,
    user: &mut VirtualUser,
) -> Result<Schedule, String> {
    let on_error = on_error.eval(user).map_err(|thrown| thrown.to_string())?;
    Ok(Schedule {
        users,
        demands: Box::new(demands),
        dynamic: None,
        end: None,
        interrupt_at: None,
        on_sample_error: on_sample_error(&on_error),
        same_user_on_next_iteration: false,
        log: Some(StartLog {
            target: STARTER,
            line: format!("Starting thread group number {} threads {users}", user.group.number),
        }),
    })
}

/// A user that starts and ends so many milliseconds after the group's start. What is over already is now.
pub(super) fn user_between(number: u32, start: i64, end: i64) -> Demand {
    let offset = |millis: i64| Duration::from_millis(u64::try_from(millis).unwrap_or(0));
    Demand::User { number, at: offset(start), end: Some(offset(end)) }
}

/// A row of the table; times are in seconds.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    users: i32,
    delay: i32,
    startup: i32,
    hold: i32,
    shutdown: i32,
}

impl Row {
    /// When user `k`, counted from the row's end, starts.
    fn start(self, k: i64) -> i64 {
        self.ascent() + self.part(self.startup, k)
    }

    /// When its time is up.
    fn end(self, k: i64) -> i64 {
        self.ascent() + 1000 * (i64::from(self.startup) + i64::from(self.hold)) + self.part(self.shutdown, k)
    }

    fn ascent(self) -> i64 {
        1000 * i64::from(self.delay)
    }

    /// The part of a slope that user `k` waits for: Java's arithmetic, in which nothing of nothing is 0.
    fn part(self, slope: i32, k: i64) -> i64 {
        let part = f64::from(slope.wrapping_mul(1000)) * k as f64 / f64::from(self.users);
        i64::from(part.floor() as i32)
    }
}

/// All users in the order of their starts, without a list of them.
struct Timetable {
    /// How many there are.
    users: u32,
    rows: Vec<Remaining>,
}

/// The users of one row that have not started.
struct Remaining {
    row: Row,
    /// Users of the rows before.
    before: u32,
    /// How many there are of this row: a row of none or fewer stands for one, at the cost of the last rows.
    users: u32,
    started: u32,
}

impl Timetable {
    fn new(rows: &[Row]) -> Self {
        let sum = rows.iter().fold(0_i32, |sum, row| sum.wrapping_add(row.users));
        let users = u32::try_from(sum).unwrap_or(0);
        let mut before = 0;
        let mut remaining = Vec::new();
        for row in rows {
            let own = u32::try_from(row.users).unwrap_or(1).max(1).min(users - before);
            if own > 0 {
                remaining.push(Remaining { row: *row, before, users: own, started: 0 });
                before += own;
            }
        }
        Timetable { users, rows: remaining }
    }
}

impl Remaining {
    /// The user that starts next, counted from the row's end, and when.
    fn next(&self) -> Option<(i64, i64)> {
        if self.started == self.users {
            return None;
        }
        let position = if self.row.startup == 0 { self.started } else { self.users - 1 - self.started };
        let k = i64::from(self.row.users) - i64::from(position);
        Some((self.row.start(k), k))
    }
}

impl Iterator for Timetable {
    type Item = Demand;

    fn next(&mut self) -> Option<Demand> {
        let soonest = self.rows.iter_mut().filter_map(|row| row.next().map(|(start, k)| (start, k, row)));
        let (start, k, row) = soonest.min_by_key(|(start, _, _)| *start)?;
        row.started += 1;
        let position = u32::try_from(i64::from(row.row.users) - k).unwrap_or(0);
        Some(user_between(row.before + position + 1, start, row.row.end(k)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `number start-end` of each user, in milliseconds.
    fn users(rows: &[[i32; COLUMNS]]) -> Vec<String> {
        let rows: Vec<Row> = rows
            .iter()
            .map(|&[users, delay, startup, hold, shutdown]| Row { users, delay, startup, hold, shutdown })
            .collect();
        super::super::tests::shown(Timetable::new(&rows))
    }

    #[test]
    fn the_last_user_of_a_row_starts_and_ends_first() {
        // As the plugin's users started and ended.
        assert_eq!(
            users(&[[3, 0, 1, 1, 1], [2, 1, 0, 1, 0]]),
            ["3 333-2333", "2 666-2666", "1 1000-3000", "4 1000-2000", "5 1000-2000"]
        );
    }

    #[test]
    fn rows_start_side_by_side() {
        assert_eq!(
            users(&[[2, 0, 4, 0, 2], [2, 1, 2, 0, 0]]),
            ["2 2000-5000", "4 2000-3000", "3 3000-3000", "1 4000-6000"]
        );
    }

    #[test]
    fn a_row_of_nobody_takes_a_user_from_the_last() {
        assert_eq!(users(&[[0, 0, 5, 1, 5], [2, 0, 0, 1, 0]]), ["1 0-6000", "2 0-1000"]);
        assert_eq!(users(&[[0, 0, 0, 1, 0]]), [""; 0]);
        assert_eq!(users(&[[-1, 1, 2, 1, 0], [2, 0, 0, 1, 0]]), ["1 3000-4000"]);
        assert_eq!(users(&[]), [""; 0]);
    }

    #[test]
    fn what_is_over_is_now() {
        assert_eq!(users(&[[1, -5, 0, 1, 0]]), ["1 0-0"]);
    }

    #[test]
    fn a_million_users_are_no_list() {
        let row = Row { users: i32::MAX, delay: 0, startup: 10, hold: 1, shutdown: 0 };
        let mut timetable = Timetable::new(&[row]);
        assert_eq!(timetable.users, i32::MAX as u32);
        assert_eq!(timetable.next(), Some(user_between(i32::MAX as u32, 0, 11_000)));
    }

    #[test]
    fn the_property_is_read_as_the_plugin_reads_it() {
        let (rows, wrong) =
            parse("spawn(1,1s,1m,2,1h) SPAWN( 2 , 0 , 1m30s,3,4,9)  hold(1) spawn(1,x,1,1,1) spawn(3,1) ");
        assert_eq!(rows, [[1, 1, 60, 2, 3600], [2, 0, 90, 3, 4]]);
        assert_eq!(wrong, ["hold(1)", "spawn(1,x,1,1,1)", "spawn(3,1)"]);
    }
}

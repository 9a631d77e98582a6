//! Stepping Thread Group of the jpgc plugins: users start in steps, hold, and end in steps
//! (`kg.apc.jmeter.threads.SteppingThreadGroup`).

use super::plain::main_loop;
use super::ultimate::{simple_schedule, user_between};
use crate::clock::Timestamp;
use crate::elements::roles::{Demand, Schedule, ThreadGroup};
use crate::elements::{Compile, Definition, Phase, Role, Structure, ThreadGroupRole};
use crate::expr::{Expr, java_int};
use crate::virtual_user::VirtualUser;
use std::sync::Arc;

pub(super) const STEPPING: Definition = Definition {
    tag: "kg.apc.jmeter.threads.SteppingThreadGroup",
    menu: "jp@gc - Stepping Thread Group",
    compile: |compile| {
        let group = Arc::new(Stepping::new(compile));
        let (main, main_has_name) = main_loop(compile);
        let role = ThreadGroupRole { group, main, main_has_name, phase: Phase::Main, log: None };
        Some(Role::structure(Structure::ThreadGroup(role)))
    },
};

struct Stepping {
    users: Expr,
    delay: Expr,
    burst: Expr,
    start_count: Expr,
    start_period: Expr,
    ramp_up: Expr,
    flight_time: Expr,
    stop_count: Expr,
    stop_period: Expr,
    on_sample_error: Expr,
}

impl Stepping {
    fn new(compile: &mut Compile<'_>) -> Self {
        Stepping {
            users: compile.expr("ThreadGroup.num_threads"),
            delay: compile.expr("Threads initial delay"),
            burst: compile.expr("Start users count burst"),
            start_count: compile.expr("Start users count"),
            start_period: compile.expr("Start users period"),
            ramp_up: compile.expr("rampUp"),
            flight_time: compile.expr("flighttime"),
            stop_count: compile.expr("Stop users count"),
            stop_period: compile.expr("Stop users period"),
            on_sample_error: compile.expr("ThreadGroup.on_sample_error"),
        }
    }
}

impl ThreadGroup for Stepping {
    fn schedule(&self, user: &mut VirtualUser, _: Timestamp) -> Result<Schedule, String> {
        let mut int = |field: &Expr| field.eval(user).map(|text| java_int(&text)).map_err(|thrown| thrown.to_string());
        let steps = Steps {
            users: int(&self.users)?,
            delay: int(&self.delay)?,
            burst: int(&self.burst)?,
            start_count: int(&self.start_count)?,
            start_period: int(&self.start_period)?,
            ramp_up: int(&self.ramp_up)?,
            flight_time: int(&self.flight_time)?,
            stop_count: int(&self.stop_count)?,
            stop_period: int(&self.stop_period)?,
        };
        let users = u32::try_from(steps.users).unwrap_or(0);
        simple_schedule(users, steps.timetable(), &self.on_sample_error, user)
    }
}

/// The group's numbers; times are in seconds.
#[derive(Debug, Clone, Copy, Default)]
struct Steps {
    /// `This group will start`
    users: i32,
    /// `First, wait for`
    delay: i32,
    /// `Then start`
    burst: i32,
    /// `Next, add … threads`
    start_count: i32,
    /// `every`
    start_period: i32,
    /// `using ramp-up`
    ramp_up: i32,
    /// `Then hold load for`
    flight_time: i32,
    /// `Finally, stop … threads`
    stop_count: i32,
    /// `every`
    stop_period: i32,
}

impl Steps {
    fn timetable(self) -> impl Iterator<Item = Demand> {
        (0..self.users).map(move |index| {
            let (start, end) = self.user(index);
            user_between(index as u32 + 1, start, end)
        })
    }

    /// When user `index`, counted from 0, starts and ends, in milliseconds.
    fn user(&self, index: i32) -> (i64, i64) {
        let all_at_once = |count: i32| if count == 0 { self.users } else { count };
        let (start_count, stop_count) = (all_at_once(self.start_count), all_at_once(self.stop_count));
        let burst = match self.burst.min(self.users) {
            ..=0 => start_count,
            burst => burst,
        };
        // The first step is the burst; each is a ramp-up of its users and the period after it.
        let (step, of_step, position) = if index < burst {
            (0, burst, index)
        } else {
            let after = index.wrapping_sub(burst);
            (after.wrapping_div(start_count).wrapping_add(1), start_count, after.wrapping_rem(start_count))
        };
        let ramp_up = 1000 * i64::from(self.ramp_up);
        let whole_step = ramp_up + 1000 * i64::from(self.start_period);
        let whole_steps = if self.users < burst {
            1
        } else {
            (f64::from(self.users.wrapping_sub(burst)) / f64::from(start_count)).ceil() as i32
        };
        let last_step = match self.users.wrapping_sub(burst).wrapping_rem(start_count) {
            0 => start_count,
            rest => rest,
        };
        let ascent = 1000 * i64::from(self.delay);
        let start = ascent
            .wrapping_add(i64::from(step).wrapping_mul(whole_step))
            .wrapping_add(i64::from(position).wrapping_mul(ramp_up.wrapping_div(i64::from(of_step))));
        let descent = ascent
            .wrapping_add(i64::from(whole_steps).wrapping_mul(whole_step))
            .wrapping_add(ramp_up.wrapping_div(i64::from(start_count)).wrapping_mul(i64::from(last_step)))
            .wrapping_add(1000 * i64::from(self.flight_time));
        let stops = (f64::from(index) / f64::from(stop_count)).floor() as i32;
        let end = descent.wrapping_add((1000 * i64::from(self.stop_period)).wrapping_mul(i64::from(stops)));
        (start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::shown;
    use super::*;

    #[test]
    fn users_start_and_end_in_steps() {
        let steps = Steps {
            users: 5,
            delay: 1,
            start_count: 2,
            start_period: 3,
            ramp_up: 1,
            flight_time: 10,
            stop_count: 3,
            stop_period: 2,
            ..Steps::default()
        };
        // Two steps of 4 s after the first 2 users, one user of the last step (0.5 s of its ramp-up), 10 s.
        let expected = ["1 1000-19500", "2 1500-19500", "3 5000-19500", "4 5500-21500", "5 9000-21500"];
        assert_eq!(shown(steps.timetable()), expected);
    }

    #[test]
    fn a_burst_comes_first() {
        let steps = Steps {
            users: 5,
            burst: 3,
            start_count: 1,
            start_period: 2,
            flight_time: 4,
            stop_count: 5,
            ..Steps::default()
        };
        assert_eq!(shown(steps.timetable()), ["1 0-8000", "2 0-8000", "3 0-8000", "4 2000-8000", "5 4000-8000"]);
        // Bigger than all.
        let steps = Steps { burst: 9, ..steps };
        assert_eq!(shown(steps.timetable()).len(), 5);
        assert_eq!(shown(steps.timetable())[4], "5 0-4000");
    }

    #[test]
    fn no_counts_mean_all_at_once() {
        let steps = Steps { users: 2, start_period: 3, flight_time: 1, stop_period: 7, ..Steps::default() };
        assert_eq!(shown(steps.timetable()), ["1 0-1000", "2 0-1000"]);
        assert_eq!(shown(Steps::default().timetable()), [""; 0]);
        assert_eq!(shown(Steps { users: -3, ..Steps::default() }.timetable()), [""; 0]);
    }

    #[test]
    fn no_numbers_make_it_panic() {
        for odd in [i32::MIN, -1, 1, i32::MAX] {
            for users in [1, 3, i32::MAX] {
                let steps = Steps {
                    users,
                    delay: odd,
                    burst: odd,
                    start_count: odd,
                    start_period: odd,
                    ramp_up: odd,
                    flight_time: odd,
                    stop_count: odd,
                    stop_period: odd,
                };
                assert_eq!(steps.timetable().take(3).count(), users.min(3) as usize);
                steps.user(users - 1);
            }
        }
    }
}

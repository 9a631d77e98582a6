//! Open Model Thread Group: users arrive by a schedule, whatever the server does; each passes once over the plan
//! (`org.apache.jmeter.threads.openmodel`).
//!
//! The schedule counts from the start of the group. JMeter 5.6 counts from the start of the run, so that after a setUp
//! group all overdue users arrive at once; later versions mend that, as is done here.

mod arrivals;
mod schedule;
mod token;

use super::plain::on_sample_error;
use crate::clock::Timestamp;
use crate::elements::controllers::OnePass;
use crate::elements::roles::{Demand, Schedule, StartLog, ThreadGroup};
use crate::elements::{Compile, Definition, Phase, Role, Severity, Structure, ThreadGroupRole};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::java::random::Random;
use crate::virtual_user::{Thrown, VirtualUser};
use arrivals::Arrivals;
use std::sync::Arc;
use std::time::Duration;

pub(super) const OPEN_MODEL: Definition = Definition {
    tag: "OpenModelThreadGroup",
    menu: "Open Model Thread Group",
    compile: |compile| {
        let group = Arc::new(OpenModel::new(compile));
        let main = Arc::new(OnePass);
        let role = ThreadGroupRole { group, main, main_has_name: true, phase: Phase::Main, log: None };
        Some(Role::structure(Structure::ThreadGroup(role)))
    },
};

struct OpenModel {
    schedule: Expr,
    seed: LongExpr,
    on_sample_error: Expr,
    same_user: BoolExpr,
}

impl OpenModel {
    fn new(compile: &mut Compile<'_>) -> Self {
        let schedule = compile.expr("OpenModelThreadGroup.schedule");
        if let Some(text) = schedule.as_literal()
            && let Err(error) = schedule::parse(text)
        {
            compile.problem(Severity::Error, error);
        }
        OpenModel {
            schedule,
            seed: compile.long("OpenModelThreadGroup.random_seed", 0),
            on_sample_error: compile.expr("ThreadGroup.on_sample_error"),
            same_user: compile.flag("ThreadGroup.same_user_on_next_iteration", true),
        }
    }
}

impl ThreadGroup for OpenModel {
    fn schedule(&self, user: &mut VirtualUser, now: Timestamp) -> Result<Schedule, String> {
        let text = |thrown: Thrown| thrown.to_string();
        let schedule = self.schedule.eval(user).map_err(text)?;
        let steps = schedule::parse(&schedule)?;
        let random = match self.seed.eval(user).map_err(text)? {
            0 => Random::unseeded(),
            seed => Random::new(seed),
        };
        let length = Duration::try_from_secs_f64(schedule::length(&steps)).unwrap_or(Duration::MAX);
        // JMeter rounds to whole milliseconds.
        let starts =
            Arrivals::new(steps, random).map(|seconds| Duration::from_millis((seconds * 1000.0).round() as u64));
        Ok(Schedule {
            users: 0,
            demands: Box::new(starts.zip(1..).map(|(at, number)| Demand::Caller { number, at })),
            dynamic: None,
            end: None,
            interrupt_at: Some(now + length),
            on_sample_error: on_sample_error(&self.on_sample_error.eval(user).map_err(text)?),
            same_user_on_next_iteration: self.same_user.eval(user).map_err(text)?,
            log: Some(StartLog {
                target: "org.apache.jmeter.threads.ThreadGroup",
                line: format!("Starting thread group... number={} threads=0 schedule={schedule}", user.group.number),
            }),
        })
    }
}

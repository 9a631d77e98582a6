//! Thread Group, setUp Thread Group and tearDown Thread Group (`org.apache.jmeter.threads.ThreadGroup`).

use crate::clock::Timestamp;
use crate::elements::controllers::Loop;
use crate::elements::roles::{Demand, Demands, Schedule, StartLog, ThreadGroup};
use crate::elements::{Compile, Definition, Phase, Role, Structure, ThreadGroupRole};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::jmx::TestElement;
use crate::virtual_user::{OnSampleError, VirtualUser};
use std::sync::Arc;
use std::time::Duration;

pub(super) const MAIN: Definition =
    Definition { tag: "ThreadGroup", menu: "Thread Group", compile: |compile| Some(role(compile, Phase::Main)) };

pub(super) const SET_UP: Definition = Definition {
    tag: "SetupThreadGroup",
    menu: "setUp Thread Group",
    compile: |compile| Some(role(compile, Phase::SetUp)),
};

pub(super) const TEAR_DOWN: Definition = Definition {
    tag: "PostThreadGroup",
    menu: "tearDown Thread Group",
    compile: |compile| Some(role(compile, Phase::TearDown)),
};

struct Plain {
    users: LongExpr,
    ramp: LongExpr,
    delayed: BoolExpr,
    scheduler: BoolExpr,
    duration: LongExpr,
    delay: LongExpr,
    on_sample_error: Expr,
    same_user: BoolExpr,
}

fn role(compile: &mut Compile<'_>, phase: Phase) -> Role {
    let (main, main_has_name) = main_loop(compile);
    let group = Arc::new(Plain {
        users: compile.long("ThreadGroup.num_threads", 0),
        ramp: compile.long("ThreadGroup.ramp_time", 0),
        delayed: compile.flag("ThreadGroup.delayedStart", false),
        scheduler: compile.flag("ThreadGroup.scheduler", false),
        duration: compile.long("ThreadGroup.duration", 0),
        delay: compile.long("ThreadGroup.delay", 0),
        on_sample_error: compile.expr("ThreadGroup.on_sample_error"),
        same_user: compile.flag("ThreadGroup.same_user_on_next_iteration", true),
    });
    Role::structure(Structure::ThreadGroup(ThreadGroupRole { group, main, main_has_name, phase, log: None }))
}

/// The main loop of `ThreadGroup.main_controller`, and whether it has a name.
pub(super) fn main_loop(compile: &mut Compile<'_>) -> (Arc<Loop>, bool) {
    let empty = TestElement::default();
    let main = compile.element.element("ThreadGroup.main_controller").unwrap_or(&empty);
    (Arc::new(Loop::new(compile, main)), main.has_name())
}

/// A new user at each of the offsets.
pub(super) fn users_at(starts: impl Iterator<Item = Duration>) -> impl Iterator<Item = Demand> {
    starts.zip(1..).map(|(at, number)| Demand::User { number, at, end: None })
}

/// `ThreadGroup.on_sample_error`, in any case; what is not known goes on.
pub(super) fn on_sample_error(text: &str) -> OnSampleError {
    match text.to_ascii_lowercase().as_str() {
        "startnextloop" => OnSampleError::StartNextLoop,
        "stopthread" => OnSampleError::StopThread,
        "stoptest" => OnSampleError::StopTest,
        "stoptestnow" => OnSampleError::StopTestNow,
        _ => OnSampleError::Continue,
    }
}

impl ThreadGroup for Plain {
    fn schedule(&self, user: &mut VirtualUser, now: Timestamp) -> Result<Schedule, String> {
        let text = |thrown: crate::virtual_user::Thrown| thrown.to_string();
        let users = u32::try_from(self.users.eval_int(user).map_err(text)?).unwrap_or(0);
        let ramp_seconds = self.ramp.eval_int(user).map_err(text)?;
        let ramp = Duration::from_secs(u64::try_from(ramp_seconds).unwrap_or(0));
        let delayed = self.delayed.eval(user).map_err(text)?;
        let scheduler = self.scheduler.eval(user).map_err(text)?;
        let mut delay = Duration::ZERO;
        let mut end = None;
        if scheduler {
            let name = user.sampler_name.clone();
            // JMeter checks as it creates a user, and not at all with delayed start.
            let unchecked = delayed || users == 0;
            let (delay_seconds, seconds) =
                (self.delay.eval(user).map_err(text)?, self.duration.eval(user).map_err(text)?);
            delay = match u64::try_from(delay_seconds) {
                Ok(seconds) => Duration::from_secs(seconds),
                Err(_) if unchecked => Duration::ZERO,
                Err(_) => return Err(format!("Invalid delay {delay_seconds} set in Thread Group:{name}")),
            };
            match u64::try_from(seconds) {
                Ok(seconds @ 1..) => end = Some(now + delay + Duration::from_secs(seconds)),
                // No user begins in a time that is already over.
                _ if unchecked => end = Some(now),
                _ => return Err(format!("Invalid duration {seconds} set in Thread Group:{name}")),
            }
        }
        let demands: Box<dyn Demands> = if delayed {
            let last = end.map(|end| end.since(now));
            let ramp = super::ramp::delayed_ramp(users, ramp).map(move |offset| delay + offset);
            Box::new(users_at(ramp.take_while(move |offset| last.is_none_or(|last| *offset < last))))
        } else {
            Box::new(users_at(super::ramp::ramp(users, ramp).map(move |offset| delay + offset)))
        };
        Ok(Schedule {
            users,
            demands,
            dynamic: None,
            end,
            interrupt_at: None,
            on_sample_error: on_sample_error(&self.on_sample_error.eval(user).map_err(text)?),
            same_user_on_next_iteration: self.same_user.eval(user).map_err(text)?,
            log: Some(StartLog {
                target: "org.apache.jmeter.threads.ThreadGroup",
                line: format!(
                    "Starting thread group... number={} threads={users} ramp-up={ramp_seconds} delayedStart={delayed}",
                    user.group.number
                ),
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::bench;
    use crate::virtual_user::Group;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    /// When the users of a group start and when its time is up, in milliseconds from now.
    fn schedule(keys: &str) -> String {
        let mut shared = bench::shared();
        let role = bench::compile(&bench::element(&format!("ThreadGroup name=G {keys}")), &mut shared);
        let Some(Structure::ThreadGroup(ThreadGroupRole { group, .. })) = role.structure else { panic!("no group") };
        let mut user = bench::user(&bench::run_of(shared), &Arc::new(Group::default()), 0);
        user.sampler_name = "G".into();
        match group.schedule(&mut user, NOW) {
            Ok(mut schedule) => {
                let demands = std::iter::from_fn(|| schedule.demands.next(Duration::ZERO, 0));
                let starts: Vec<String> = demands
                    .map(|demand| match demand {
                        Demand::User { at, .. } => at.as_millis().to_string(),
                        other => panic!("{other:?}"),
                    })
                    .collect();
                let end = schedule.end.map(|end| format!(" end {}", end.millis() - NOW.millis())).unwrap_or_default();
                format!("{}{end}", starts.join(" "))
            }
            Err(message) => message,
        }
    }

    #[track_caller]
    fn check(keys: &str, expected: &str) {
        assert_eq!(schedule(keys), expected, "{keys}");
    }

    #[test]
    fn users_start_along_the_ramp() {
        check("num_threads=1", "0");
        check("num_threads=4 ramp_time=2", "0 500 1000 1500");
        check("num_threads=3 ramp_time=-1", "0 0 0");
        check("num_threads=2 ramp_time=1.5", "0 0");
        check("num_threads=3 ramp_time=2 delayedStart=true", "0 1000 2000");
        for none in ["", "0", "-1", "x", "2.0", "3000000000"] {
            check(&format!("num_threads={none}"), "");
        }
    }

    #[test]
    fn a_schedule_delays_and_ends_a_group() {
        check("num_threads=2 ramp_time=1 scheduler=true duration=3 delay=2", "2000 2500 end 5000");
        check("num_threads=2 ramp_time=1 scheduler=false duration=3 delay=2", "0 500");
        // A user that comes when the time is up is started all the same, but not with delayed start.
        check("num_threads=2 ramp_time=4 scheduler=true duration=1", "0 2000 end 1000");
        check("num_threads=2 ramp_time=4 scheduler=true duration=1 delayedStart=true", "0 end 1000");
    }

    #[test]
    fn times_that_make_no_sense_keep_a_group_from_starting() {
        check("num_threads=1 scheduler=true", "Invalid duration 0 set in Thread Group:G");
        check("num_threads=1 scheduler=true duration=x", "Invalid duration 0 set in Thread Group:G");
        check("num_threads=1 scheduler=true duration=-1", "Invalid duration -1 set in Thread Group:G");
        check("num_threads=1 scheduler=true duration=1 delay=-1", "Invalid delay -1 set in Thread Group:G");
        check("num_threads=0 scheduler=true", " end 0");
        check("num_threads=2 scheduler=true delayedStart=true", " end 0");
        check("num_threads=2 scheduler=true duration=1 delay=-1 delayedStart=true", "0 0 end 1000");
    }
}

//! Throughput Controller: runs in some passes of the controller around it, up to a number of times or for a share of the
//! passes, counted for each user or over all of them.

use super::walk::{ControllerId, Turn, Walk};
use super::{Controller, Pass};
use crate::elements::roles::TestListener;
use crate::elements::{Definition, Role};
use crate::expr::{BoolExpr, Expr, LongExpr};
use crate::java::number::{parse_float, parse_int};
use crate::virtual_user::{Run, Slot, Thrown, VirtualUser};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) const THROUGHPUT: Definition = Definition {
    tag: "ThroughputController",
    menu: "Throughput Controller",
    compile: |compile| {
        let controller = Arc::new(Throughput {
            style: compile.long("ThroughputController.style", BY_NUMBER),
            per_user: compile.flag("ThroughputController.perThread", true),
            most: compile.expr_or("ThroughputController.maxThroughput", "1"),
            percent: compile.expr_or("ThroughputController.percentThroughput", "100"),
            own: compile.slot(),
            all: Mutex::default(),
        });
        let role = Role { controller: Some(controller.clone()), test: Some(controller), ..Role::default() };
        Some(role.starts_over())
    },
};

const BY_NUMBER: i64 = 0;
const BY_PERCENT: i64 = 1;

struct Throughput {
    style: LongExpr,
    per_user: BoolExpr,
    most: Expr,
    percent: Expr,
    own: Slot<Own>,
    all: Mutex<Counts>,
}

#[derive(Default)]
struct Own {
    counts: Counts,
    runs_this_time: bool,
}

#[derive(Default, Clone, Copy)]
struct Counts {
    executions: i32,
    passes: i32,
}

impl Throughput {
    fn all(&self) -> MutexGuard<'_, Counts> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn most(&self, user: &mut VirtualUser) -> Result<i32, Thrown> {
        let text = self.most.eval(user)?;
        Ok(parse_int(&text).unwrap_or_else(|_| {
            log::warn!(target: "org.apache.jmeter.control.ThroughputController", "Error parsing '{text}'");
            1
        }))
    }

    fn percent(&self, user: &mut VirtualUser) -> Result<f32, Thrown> {
        let text = self.percent.eval(user)?;
        Ok(parse_float(&text).unwrap_or_else(|_| {
            log::warn!(target: "org.apache.jmeter.control.ThroughputController", "Error parsing '{text}'");
            100.0
        }))
    }

    fn limit(&self, user: &mut VirtualUser) -> Result<Limit, Thrown> {
        match self.style.eval(user)? {
            BY_NUMBER => Ok(Limit::Number(self.most(user)?)),
            style => Ok(Limit::Percent { percent: self.percent(user)?, may_end: style == BY_PERCENT }),
        }
    }

    fn done(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<bool, Thrown> {
        if walk.child_count(me) == 0 {
            return Ok(true);
        }
        let most = match self.limit(walk.user)? {
            Limit::Number(0) => return Ok(true),
            Limit::Number(most) => most,
            Limit::Percent { percent, may_end } => return Ok(may_end && percent == 0.0 && percent.is_sign_positive()),
        };
        let executions = if self.per_user.eval(walk.user)? {
            walk.user.slot(self.own).counts.executions
        } else {
            self.all().executions
        };
        Ok(executions >= most && walk.state(me).current >= walk.child_count(me))
    }
}

enum Limit {
    Number(i32),
    /// A style that does not exist counts as a share, but never ends.
    Percent {
        percent: f32,
        may_end: bool,
    },
}

impl Counts {
    /// Counts a pass; true when the children run in it.
    fn pass(&mut self, limit: &Limit) -> bool {
        self.passes = self.passes.wrapping_add(1);
        let runs = match limit {
            Limit::Number(most) => self.executions < *most,
            Limit::Percent { percent, .. } => {
                (100.0 * f64::from(self.executions) + 50.0) / f64::from(self.passes) < f64::from(*percent)
            }
        };
        if runs {
            self.executions = self.executions.wrapping_add(1);
        }
        runs
    }
}

impl Controller for Throughput {
    fn next(&self, walk: &mut Walk<'_>, me: ControllerId) -> Result<Turn, Thrown> {
        if walk.user.slot(self.own).runs_this_time { walk.generic_next(me) } else { Ok(Turn::Step(None)) }
    }

    fn is_done(&self, walk: &mut Walk<'_>, me: ControllerId) -> bool {
        self.done(walk, me).unwrap_or(false)
    }

    fn enclosing_iteration(&self, walk: &mut Walk<'_>, _: ControllerId, _: Pass) -> Result<(), Thrown> {
        let limit = self.limit(walk.user)?;
        let runs = if self.per_user.eval(walk.user)? {
            walk.user.slot(self.own).counts.pass(&limit)
        } else {
            self.all().pass(&limit)
        };
        walk.user.slot(self.own).runs_this_time = runs;
        Ok(())
    }
}

impl TestListener for Throughput {
    fn test_started(&self, _: &Arc<Run>) {
        *self.all() = Counts::default();
    }
}

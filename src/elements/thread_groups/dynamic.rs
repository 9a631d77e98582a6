//! What Concurrency, Arrivals and Free-Form Arrivals Thread Groups share: fields that are read again and again while
//! the group runs (`com.blazemeter.jmeter.threads.AbstractDynamicThreadGroup`).

use super::plain::on_sample_error;
use crate::clock::Timestamp;
use crate::elements::controllers::DynamicLoop;
use crate::elements::field::Field;
use crate::elements::roles::{Demands, Schedule, ThreadGroup};
use crate::elements::{CollectorSpec, Compile, Phase, Role, Severity, Structure, ThreadGroupRole};
use crate::expr::{BoolExpr, Expr, java_int};
use crate::java::number::{NumberFormatException, parse_double, parse_long, round};
use crate::jmx::TestElement;
use crate::virtual_user::{Dynamic, Thrown, VirtualUser};
use std::sync::Arc;

const TARGET_LEVEL: &str = "TargetLevel";
const MAIN_CONTROLLER: &str = "ThreadGroup.main_controller";
const CONTROLLER: &str = "com.blazemeter.jmeter.control.VirtualUserController";

/// The fields about load.
pub(super) struct LoadFields {
    target: Field<i32>,
    ramp_up: Field<f64>,
    hold: Field<f64>,
    steps: Field<i64>,
    unit: Field<f64>,
}

/// How much load is wanted when, as the fields say now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Load {
    /// Users, or arrivals in a unit of time.
    pub target: i32,
    /// Whole seconds up to the target.
    pub ramp_up: i64,
    /// Whole seconds at the target.
    pub hold: i64,
    /// Steps of the ramp-up; none, or fewer, for a slope.
    pub steps: i64,
    /// Seconds in a unit of time.
    pub unit: f64,
}

impl LoadFields {
    pub fn new(compile: &mut Compile<'_>) -> Self {
        LoadFields {
            target: Field::new(compile, TARGET_LEVEL, "1", |text| Ok(java_int(text))),
            ramp_up: Field::new(compile, "RampUp", "", time),
            hold: Field::new(compile, "Hold", "1", time),
            steps: Field::new(compile, "Steps", "", whole_number),
            unit: unit(compile),
        }
    }

    pub fn read(&self, user: &mut VirtualUser) -> Result<Load, Thrown> {
        let unit = self.unit.read(user)?;
        Ok(Load {
            target: self.target.read(user)?,
            ramp_up: round(self.ramp_up.read(user)? * unit),
            hold: round(self.hold.read(user)? * unit),
            steps: self.steps.read(user)?,
            unit,
        })
    }
}

/// `Unit`: minutes, or else seconds.
pub(super) fn unit(compile: &mut Compile<'_>) -> Field<f64> {
    Field::new(compile, "Unit", "", |text| Ok(if text == "M" { 60.0 } else { 1.0 }))
}

fn time(text: &str) -> Result<f64, NumberFormatException> {
    if text.is_empty() { Ok(0.0) } else { parse_double(text) }
}

fn whole_number(text: &str) -> Result<i64, NumberFormatException> {
    if text.is_empty() { Ok(0) } else { parse_long(text) }
}

/// A dynamic thread group: how it behaves, and what the group does on its own.
pub(super) fn role(compile: &mut Compile<'_>, behaviour: impl Behaviour + 'static) -> Role {
    let main = match compile.element.element(MAIN_CONTROLLER) {
        Some(main) if &*main.class != CONTROLLER => Some(main.class.clone()),
        _ => None,
    };
    if let Some(class) = main {
        let message = format!("its main controller, a {class}, is left out: users loop as this kind of group has it");
        compile.problem(Severity::Warning, message);
    }
    let iterations = Field::new(compile, "Iterations", "", whole_number);
    let most = behaviour.follows_level().then(|| Field::new(compile, TARGET_LEVEL, "1", |text| Ok(java_int(text))));
    let main = Arc::new(DynamicLoop::new(compile, iterations, most));
    let file = compile.expr("LogFilename");
    let logged = file.as_literal().is_none_or(|name| !name.is_empty());
    let log = logged.then(|| CollectorSpec::File { file, element: Box::new(TestElement::default()) });
    let group = Arc::new(DynamicGroup {
        behaviour,
        on_sample_error: compile.expr("ThreadGroup.on_sample_error"),
        same_user: compile.flag("same_user_on_next_iteration", true),
    });
    let role = ThreadGroupRole { group, main, main_has_name: true, phase: Phase::Main, log };
    Role::structure(Structure::ThreadGroup(role))
}

/// What one kind of dynamic group has of its own.
pub(super) trait Behaviour: Send + Sync {
    /// Whether users end where there are more than the target.
    fn follows_level(&self) -> bool;

    /// Users named in the log at the start, what the group demands, and what it keeps account of. `user` is a stand-in
    /// that the demands keep for reading fields.
    fn begin(&self, user: VirtualUser) -> Result<Beginning, Thrown>;
}

/// A dynamic group that starts.
pub(super) struct Beginning {
    pub users: u32,
    pub demands: Box<dyn Demands>,
    pub dynamic: Dynamic,
}

struct DynamicGroup<B> {
    behaviour: B,
    on_sample_error: Expr,
    same_user: BoolExpr,
}

impl<B: Behaviour> ThreadGroup for DynamicGroup<B> {
    fn schedule(&self, user: &mut VirtualUser, _: Timestamp) -> Result<Schedule, String> {
        let text = |thrown: Thrown| thrown.to_string();
        let on_error = on_sample_error(&self.on_sample_error.eval(user).map_err(text)?);
        let same_user_on_next_iteration = self.same_user.eval(user).map_err(text)?;
        let reader = VirtualUser::new(Arc::clone(&user.run), Arc::clone(&user.group), Arc::clone(&user.stop), 0);
        let Beginning { users, demands, dynamic } = self.behaviour.begin(reader).map_err(text)?;
        Ok(Schedule {
            users,
            demands,
            dynamic: Some(dynamic),
            end: None,
            interrupt_at: None,
            on_sample_error: on_error,
            same_user_on_next_iteration,
            log: None,
        })
    }
}

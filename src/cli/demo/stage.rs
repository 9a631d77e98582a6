//! One stage of the demo: the plan at one rate, run as `rotameter -n` runs it.

use super::server::{Counts, Server};
use super::{PLAN, PLAN_NAME, Stopper};
use crate::cli::console;
use crate::cli::progress::Progress;
use crate::cli::session::{Failure, Session};
use crate::clock;
use crate::elements::CollectorSpec;
use crate::engine::Observer;
use crate::expr::Expr;
use crate::jmx::{self, TestElement};
use crate::plan::{self, Plan, Unsupported};
use crate::properties::{Override, Properties, PropertiesBuilder};
use crate::results::ExistingFiles;
use crate::text::Text;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Requests of an iteration of the plan: a script is fetched and posted back.
const REQUESTS: u32 = 2;
/// Users of every stage. The plan's timer delays each by 100 ms, so that they could ask 100 times a second.
pub(super) const USERS: u32 = 10;
/// The users wait nearly all the time; the other cores are the server's and the reader's.
const WORKERS: usize = 1;

/// A stage ends when it took so many times as long as it would without a limit.
const LONGEST: u32 = 6;

/// Whether the users heed `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RetryAfter {
    /// As Rotameter does unless it is told otherwise.
    On,
    /// As JMeter does.
    Off,
}

/// What is asked of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stage {
    /// Requests a second.
    pub rate: u32,
    pub retry_after: RetryAfter,
}

/// The demo's stages.
pub(super) const STAGES: [Stage; 4] = [
    Stage { rate: 5, retry_after: RetryAfter::On },
    Stage { rate: 20, retry_after: RetryAfter::On },
    Stage { rate: 50, retry_after: RetryAfter::On },
    Stage { rate: 50, retry_after: RetryAfter::Off },
];

/// What came of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    pub stage: Stage,
    /// Changes of scripts that the users set out to make.
    pub edits: u32,
    /// As the server counted, so that nobody need take the users' word for it.
    pub counts: Counts,
    /// Samples that were sent more than once.
    pub retried: u64,
    /// Those of them that were accepted in the end.
    pub recovered: u64,
    /// Samples whose refusal stands although `Retry-After` is heeded.
    pub gave_up: u64,
    /// What the users waited for it, added up.
    pub waited: Duration,
    /// From the first user's start to the last one's end.
    pub took: Duration,
}

impl RetryAfter {
    /// As the option `--retry-after` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            RetryAfter::On => "on",
            RetryAfter::Off => "off",
        }
    }
}

impl Outcome {
    /// The part of the requests that was refused, 0 to 1.
    pub fn share(&self) -> f64 {
        self.counts.refused as f64 / self.counts.requests.max(1) as f64
    }
}

impl Stage {
    /// Runs the plan against `server`. Rows come behind those that are in `results`, or in their place.
    pub fn run(
        self,
        server: &Server,
        results: &Path,
        existing: ExistingFiles,
        seconds: u32,
        stopper: &Stopper,
    ) -> Result<Outcome, Failure> {
        let loops = self.loops(seconds);
        let properties = self.properties(server, loops, seconds)?;
        let plan = compile(&properties, results)?;
        let session = Session::open(Arc::new(plan), &properties, existing, WORKERS, Vec::new(), Progress::new())?;
        stopper.watch(session.brake());
        let run = Arc::clone(session.run());
        let before = server.counts();
        let (ended, outcome) = session.play(&Console)?;
        if ended.stuck {
            return Err(Failure::new("Users of the demo's plan would not end."));
        }
        if let Some(error) = outcome.write_errors.first() {
            return Err(Failure::new(format!("Error: {error}")));
        }
        Ok(Outcome {
            stage: self,
            edits: loops * USERS,
            counts: server.counts() - before,
            retried: run.retries.retried.load(Ordering::Relaxed),
            recovered: run.retries.recovered.load(Ordering::Relaxed),
            gave_up: run.retries.gave_up.load(Ordering::Relaxed) + run.retries.not_retried.load(Ordering::Relaxed),
            waited: Duration::from_millis(run.retries.waited_ms.load(Ordering::Relaxed)),
            took: clock::now().since(run.test_start),
        })
    }

    /// What each user has to do so that the stage takes so many seconds at its rate.
    fn loops(self, seconds: u32) -> u32 {
        (self.rate * seconds).div_ceil(REQUESTS * USERS)
    }

    fn properties(self, server: &Server, loops: u32, seconds: u32) -> Result<Properties, Failure> {
        let overrides = [
            ("host", server.address().ip().to_string()),
            ("port", server.address().port().to_string()),
            ("users", USERS.to_string()),
            ("loops", loops.to_string()),
            ("duration", (seconds * LONGEST + 10).to_string()),
            ("rate", self.rate.to_string()),
            ("retry_after", self.retry_after.as_str().to_owned()),
        ];
        let overrides = overrides.map(|(name, value)| Override::Define(Text::from(name), Text::from(value))).into();
        let (properties, _, _) =
            PropertiesBuilder { overrides, ..PropertiesBuilder::default() }.build().map_err(Failure::of)?;
        properties.mark_start(clock::now());
        Ok(properties)
    }
}

fn compile(properties: &Properties, results: &Path) -> Result<Plan, Failure> {
    let tree = jmx::read(PLAN.as_bytes()).map_err(Failure::of)?;
    let file = Expr::literal(results.to_string_lossy().as_ref());
    let options = plan::Options {
        file: PathBuf::from(PLAN_NAME),
        properties: properties.clone(),
        unsupported: Unsupported::Stop,
        collectors: vec![CollectorSpec::File { file, element: Box::new(TestElement::default()) }],
        sample_variables: Vec::new(),
    };
    let compilation = plan::compile(&Arc::new(tree), options);
    compilation.plan.ok_or_else(|| Failure(compilation.diagnostics.iter().map(ToString::to_string).collect()))
}

struct Console;

impl Observer for Console {
    fn group_failed(&self, message: &str) {
        console::error_line(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_can_run() {
        let (properties, _, _) = PropertiesBuilder::default().build().unwrap();
        let plan = compile(&properties, Path::new("results.jtl"));
        assert!(plan.is_ok_and(|plan| plan.groups.len() == 1));
    }
}

//! What all users of a run share: properties, counts, the stop switch, the places of files.

use super::{Count, Fifos, Names, Stop, Value, VarId, Variables};
use crate::clock::Timestamp;
use crate::properties::Properties;
use crate::results::Needs;
use crate::text::Text;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// One run of a plan.
pub struct Run {
    /// Names of variables that the plan mentions.
    pub names: Arc<Names>,
    /// JMeter properties (`__P`, `props`).
    pub properties: Properties,
    /// The plan's file name without folders (`__TestPlanName`).
    pub plan_name: Text,
    /// Folder of the plan: where relative files are looked for after the working directory.
    pub base_dir: PathBuf,
    /// Users that have begun and ended, over all groups.
    pub counts: UserCounts,
    /// The stop switch.
    pub stop: Stop,
    /// When the engine started.
    pub test_start: Timestamp,
    /// Variables that every user starts with: the plan's and all User Defined Variables.
    pub start_values: Vec<(VarId, Value)>,
    /// Places that the plan's elements asked for.
    pub slots: usize,
    /// What the result files record of a sample; events travel without the rest.
    pub needs: Needs,
    /// `httpclient.reset_state_on_thread_group_iteration`
    pub new_user_closes_connections: bool,
    /// Scripts may not use files, processes and the network.
    pub script_sandbox: bool,
    /// `timer.factor`: stretches the random timers.
    pub timer_factor: Option<f32>,
    /// `sample_variables`, in order.
    pub sample_variables: Vec<VarId>,
    /// What heeding `Retry-After` came to.
    pub retries: RetryTotals,
    /// `true` and `false`, shared.
    pub texts: Booleans,
    /// Queues that users hand values on by.
    pub fifos: Fifos,
}

/// Counts of users over all groups of the phase.
#[derive(Debug, Default)]
pub struct UserCounts {
    /// Begun and not ended.
    pub active: AtomicU32,
    /// Begun.
    pub started: AtomicU32,
    /// Ended.
    pub finished: AtomicU32,
    /// Asked for by the groups that were started (`JMeterContextService.getTotalThreads()`).
    pub planned: AtomicU32,
    /// Samples taken, for the line of progress.
    pub samples: Count,
    /// Failed ones among them.
    pub errors: Count,
}

/// What heeding `Retry-After` came to, over the whole run.
#[derive(Debug, Default)]
pub struct RetryTotals {
    /// Samples that were tried more than once.
    pub retried: AtomicU64,
    /// Those of them whose last attempt was accepted.
    pub recovered: AtomicU64,
    /// Those of them whose last attempt was refused.
    pub gave_up: AtomicU64,
    /// Those of them that came to no answer: the run stopped before the next attempt, or the attempt failed.
    pub unanswered: AtomicU64,
    /// Samples that were refused and not tried again: the server asked for too long a wait, or the group's time was over.
    pub not_retried: AtomicU64,
    /// Milliseconds that users waited for it, added up.
    pub waited_ms: AtomicU64,
    /// Requests that were held back to keep to a limit (`retry_after.pace`).
    pub held_back: AtomicU64,
    /// Milliseconds of that, added up.
    pub held_back_ms: AtomicU64,
}

impl RetryTotals {
    /// The closing line of a run whose requests were held back; `None` where none was.
    pub fn pace_summary(&self) -> Option<String> {
        let held_back = self.held_back.load(Ordering::Relaxed);
        let seconds = self.held_back_ms.load(Ordering::Relaxed) as f64 / 1000.0;
        (held_back > 0).then(|| format!("Pace: {held_back} requests held back, {seconds:.1} s in all"))
    }

    /// The closing line of a run that met refusals; `None` where there were none.
    pub fn summary(&self) -> Option<String> {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (retried, not_retried) = (count(&self.retried), count(&self.not_retried));
        if retried == 0 && not_retried == 0 {
            return None;
        }
        let (recovered, gave_up, unanswered) = (count(&self.recovered), count(&self.gave_up), count(&self.unanswered));
        let unanswered = if unanswered == 0 { String::new() } else { format!(", {unanswered} without an answer") };
        Some(format!(
            "Retry-After: {retried} samples retried, {recovered} recovered, {gave_up} gave up{unanswered}; {not_retried} \
             refused without a retry; users waited {:.1} s in all",
            count(&self.waited_ms) as f64 / 1000.0
        ))
    }
}

/// The two texts that are written after every sample.
pub struct Booleans {
    /// `true`
    pub yes: Text,
    /// `false`
    pub no: Text,
}

impl Default for Booleans {
    fn default() -> Self {
        Booleans { yes: Text::from("true"), no: Text::from("false") }
    }
}

impl Run {
    /// The variables of a user that starts now.
    pub fn start_variables(&self) -> Variables {
        let mut variables = Variables::new(Arc::clone(&self.names));
        for (id, value) in &self.start_values {
            variables.set(*id, value.clone());
        }
        variables
    }

    /// Where a relative file is: in the working directory if it is there, else beside the plan
    /// (`FileServer.resolveFileFromWorkingDir…` for data files).
    pub fn data_file(&self, name: &str) -> PathBuf {
        let path = PathBuf::from(name);
        if path.is_absolute() || path.exists() { path } else { self.base_dir.join(path) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_adds_up() {
        let totals = RetryTotals::default();
        assert_eq!(totals.summary(), None);
        for (counter, count) in
            [(&totals.retried, 9), (&totals.recovered, 4), (&totals.gave_up, 3), (&totals.unanswered, 2)]
        {
            counter.store(count, Ordering::Relaxed);
        }
        let line = totals.summary().unwrap();
        assert!(
            line.starts_with("Retry-After: 9 samples retried, 4 recovered, 3 gave up, 2 without an answer; 0 "),
            "{line}"
        );
    }
}

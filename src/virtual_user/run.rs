//! What all users of a run share: properties, counts, the stop switch, the places of files.

use super::{Names, Stop, Value, VarId, Variables};
use crate::clock::Timestamp;
use crate::properties::{Properties, SystemProperties};
use crate::results::Needs;
use crate::text::Text;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

/// One run of a plan.
pub struct Run {
    /// Names of variables that the plan mentions.
    pub names: Arc<Names>,
    /// JMeter properties (`__P`, `props`).
    pub properties: Properties,
    /// Java system properties.
    pub system: SystemProperties,
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
    /// `timer.factor`: stretches the random timers.
    pub timer_factor: Option<f32>,
    /// `sample_variables`, in order.
    pub sample_variables: Vec<VarId>,
    /// `true` and `false`, shared.
    pub texts: Booleans,
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

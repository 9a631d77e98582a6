//! Element tree -> compiled plan. When you hold a [`Plan`], disabled subtrees are gone, modules and includes are in place,
//! scopes and references are resolved, expressions are parsed and every problem is a [`Diagnostic`].

mod compile;
mod items;
mod link;
mod scope;

pub use crate::elements::{Diagnostic, Phase, Severity};
pub use compile::{Compilation, Options, Unsupported, compile};

use crate::elements::CollectorSpec;
use crate::elements::controllers::ControllerTree;
use crate::elements::roles::{TestListener, ThreadGroup, ThreadListener};
use crate::expr::Expr;
use crate::results::CollectorId;
use crate::text::Text;
use crate::virtual_user::Names;
use std::path::PathBuf;
use std::sync::Arc;

/// A plan that can run. Immutable; shared by all users.
pub struct Plan {
    /// The Test Plan element's settings.
    pub settings: Settings,
    /// The plan's file name without folders.
    pub file_name: Text,
    /// The plan's folder.
    pub base_dir: PathBuf,
    /// Numbers of variable names.
    pub names: Arc<Names>,
    /// Places for per-user state that the elements asked for.
    pub slots: usize,
    /// The Test Plan's variables, then each User Defined Variables element, in document order.
    pub variables: Vec<VariableTable>,
    /// Thread groups, in document order.
    pub groups: Vec<Arc<GroupPlan>>,
    /// Result files and summarisers; their numbers are [`crate::results::CollectorId`]s.
    pub collectors: Vec<CollectorSpec>,
    /// Told when the run begins and ends.
    pub test_listeners: Vec<Arc<dyn TestListener>>,
}

/// Settings of the Test Plan element.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Its name.
    pub name: Text,
    /// `TestPlan.functional_mode`: response data are recorded whatever the flags say, sub-samples keep their labels.
    pub functional_mode: bool,
    /// `TestPlan.serialize_threadgroups`: groups run one after another.
    pub serialize_thread_groups: bool,
    /// `TestPlan.tearDown_on_shutdown`: tearDown groups run after a run that was stopped, too.
    pub tear_down_on_shutdown: bool,
}

/// Names and values that are evaluated once, before the run.
pub struct VariableTable {
    /// Whether this is the Test Plan's own table, whose values see no variables.
    pub is_test_plan: bool,
    /// In order.
    pub entries: Vec<(Text, Expr)>,
}

/// A compiled thread group.
pub struct GroupPlan {
    /// Its name.
    pub name: Expr,
    /// When it runs.
    pub phase: Phase,
    /// When its users start.
    pub group: Arc<dyn ThreadGroup>,
    /// Its controllers and samplers.
    pub tree: ControllerTree,
    /// Elements that are told when a user begins and ends, in document order.
    pub thread_listeners: Vec<Arc<dyn ThreadListener>>,
    /// Result files of the group itself.
    pub log: Arc<[CollectorId]>,
}

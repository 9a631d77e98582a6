//! A sampler with everything that works for it (`SamplePackage`), found once when the plan is compiled.

use super::controllers::ControllerId;
use super::roles::{Assertion, ListenerRef, PostProcessor, PreProcessor, Sampler, Timer};
use crate::results::CollectorId;
use std::sync::Arc;

/// Assertions in the order in which they run.
pub type Assertions = Arc<[Arc<dyn Assertion>]>;

/// A sampler and what is in its scope, each list in the order in which it works.
pub struct SamplePackage {
    /// The sampler.
    pub sampler: Arc<dyn Sampler>,
    /// Outermost first.
    pub pre_processors: Arc<[Arc<dyn PreProcessor>]>,
    /// Innermost first.
    pub timers: Arc<[Arc<dyn Timer>]>,
    /// Outermost first.
    pub post_processors: Arc<[Arc<dyn PostProcessor>]>,
    /// Outermost first.
    pub assertions: Assertions,
    /// Innermost first.
    pub listeners: Arc<[ListenerRef]>,
    /// The result files among the listeners.
    pub collectors: Arc<[CollectorId]>,
    /// Whether taking the sample may block its thread.
    pub sampler_blocks: bool,
    /// Whether any of the assertions blocks its thread.
    pub assertions_block: bool,
    /// Whether any of the listeners does.
    pub listeners_block: bool,
    /// Whether anything but a result file may look at the bodies of its answers.
    pub reads_response_data: bool,
    /// The controllers above it, nearest first, up to the group's own.
    pub path: Arc<[ControllerId]>,
}

//! What an element became when it was compiled. Most are one thing; some act at several moments.

use super::controllers::Controller;
use super::roles::{
    Assertion, Config, IterationListener, Listener, PostProcessor, PreProcessor, Sampler, TestListener, ThreadGroup,
    ThreadListener, Timer,
};
use crate::expr::Expr;
use crate::jmx::TestElement;
use std::sync::Arc;

/// The roles of one element.
#[derive(Default)]
pub struct Role {
    /// What it is to the plan's structure, where it is more than an element in a scope.
    pub structure: Option<Structure>,
    /// A logic controller.
    pub controller: Option<Arc<dyn Controller>>,
    /// Whether the controller publishes `__jm__NAME__idx`.
    pub counts_passes: bool,
    /// Whether the controller starts over at each pass of the one around it (`LoopIterationListener`).
    pub starts_over: bool,
    /// A sampler.
    pub sampler: Option<Arc<dyn Sampler>>,
    /// A config element.
    pub config: Option<Arc<dyn Config>>,
    /// A timer.
    pub timer: Option<Arc<dyn Timer>>,
    /// A pre-processor.
    pub pre_processor: Option<Arc<dyn PreProcessor>>,
    /// A post-processor.
    pub post_processor: Option<Arc<dyn PostProcessor>>,
    /// An assertion.
    pub assertion: Option<Arc<dyn Assertion>>,
    /// A listener on the user's time.
    pub listener: Option<Arc<dyn Listener>>,
    /// Acts at each pass of the nearest controller.
    pub iteration: Option<Arc<dyn IterationListener>>,
    /// Acts at each iteration of the thread group.
    pub test_iteration: Option<Arc<dyn IterationListener>>,
    /// Acts when a user begins and ends.
    pub thread: Option<Arc<dyn ThreadListener>>,
    /// Acts when the run begins and ends.
    pub test: Option<Arc<dyn TestListener>>,
}

/// Elements that shape the plan itself.
pub enum Structure {
    /// A thread group.
    ThreadGroup(ThreadGroupRole),
    /// User Defined Variables: names and values, the first of equal names counts.
    Variables(Vec<(String, Expr)>),
    /// A result file or summariser.
    Collector(CollectorSpec),
}

/// A thread group's parts.
pub struct ThreadGroupRole {
    /// When its users start.
    pub group: Arc<dyn ThreadGroup>,
    /// Its main loop.
    pub main: Arc<dyn Controller>,
    /// Whether the main loop has a name of its own, which the group's then takes the place of.
    pub main_has_name: bool,
    /// When it runs.
    pub phase: Phase,
    /// Where the group itself notes who came and went.
    pub log: Option<CollectorSpec>,
}

/// The three phases of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Before all others.
    SetUp,
    /// The load itself.
    Main,
    /// After all others.
    TearDown,
}

/// A result collector as the plan asks for it.
#[derive(Clone)]
pub enum CollectorSpec {
    /// A listener with a file.
    File {
        /// `filename`, as written.
        file: Expr,
        /// The element, for its save configuration and filters.
        element: Box<TestElement>,
    },
    /// Statistics that are kept in memory, for a verdict on the run.
    Live,
    /// A Generate Summary Results element.
    Summariser(Expr),
}

impl Role {
    /// A controller.
    pub fn controller(controller: impl Controller + 'static) -> Self {
        Role { controller: Some(Arc::new(controller)), ..Role::default() }
    }

    /// A sampler.
    pub fn sampler(sampler: impl Sampler + 'static) -> Self {
        Role { sampler: Some(Arc::new(sampler)), ..Role::default() }
    }

    /// A config element.
    pub fn config(config: impl Config + 'static) -> Self {
        Role { config: Some(Arc::new(config)), ..Role::default() }
    }

    /// A timer.
    pub fn timer(timer: impl Timer + 'static) -> Self {
        Role { timer: Some(Arc::new(timer)), ..Role::default() }
    }

    /// A pre-processor.
    pub fn pre_processor(element: impl PreProcessor + 'static) -> Self {
        Role { pre_processor: Some(Arc::new(element)), ..Role::default() }
    }

    /// A post-processor.
    pub fn post_processor(element: impl PostProcessor + 'static) -> Self {
        Role { post_processor: Some(Arc::new(element)), ..Role::default() }
    }

    /// An assertion.
    pub fn assertion(element: impl Assertion + 'static) -> Self {
        Role { assertion: Some(Arc::new(element)), ..Role::default() }
    }

    /// A listener on the user's time.
    pub fn listener(element: impl Listener + 'static) -> Self {
        Role { listener: Some(Arc::new(element)), ..Role::default() }
    }

    /// An element of the plan's structure.
    pub fn structure(structure: Structure) -> Self {
        Role { structure: Some(structure), ..Role::default() }
    }

    /// Nothing at all: views, recorders, the WorkBench.
    pub fn inert() -> Self {
        Role::default()
    }

    /// Publishes `__jm__NAME__idx`.
    #[must_use]
    pub fn counts_passes(mut self) -> Self {
        self.counts_passes = true;
        self
    }

    /// Starts over at each pass of the controller around it.
    #[must_use]
    pub fn starts_over(mut self) -> Self {
        self.starts_over = true;
        self
    }
}

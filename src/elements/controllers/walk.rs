//! The tree of controllers and samplers of one thread group, and a user's way through it.

use super::Controller;
use super::critical_section::LockRequest;
use super::transaction::TransactionRef;
use crate::elements::package::SamplePackage;
use crate::elements::roles::{IterationListener, ListenerRef};
use crate::elements::{Assertions, notify};
use crate::expr::Expr;
use crate::results::{LogicalAction, SampleResult};
use crate::virtual_user::{Names, Thrown, VarId, VirtualUser};
use std::sync::Arc;

/// A controller's place in its [`ControllerTree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ControllerId(pub u32);

/// A sampler's place in its [`ControllerTree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SamplerId(pub u32);

/// What a controller holds: other controllers and samplers, in document order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Child {
    /// A controller.
    Controller(ControllerId),
    /// A sampler.
    Sampler(SamplerId),
}

/// A controller with its children.
pub struct ControllerNode {
    /// The controller's name.
    pub name: Expr,
    /// For controllers that count their passes.
    pub index_variable: Option<IndexVariable>,
    /// What it does.
    pub behaviour: Arc<dyn Controller>,
    /// The controller that holds it; none for the group's own.
    pub parent: Option<ControllerId>,
    /// In document order.
    pub children: Vec<Child>,
    /// Told of each pass, in this order (JMeter's: last in the document first).
    pub iteration_listeners: Vec<PassListener>,
    /// What judges and hears a transaction's own sample.
    pub transaction: TransactionScope,
}

/// `__jm__NAME__idx`, in which a controller says how many passes it has behind it.
pub enum IndexVariable {
    /// Always the same.
    Fixed(VarId),
    /// By the controller's name at the moment.
    Named,
}

impl IndexVariable {
    /// The variable of the controller with that name.
    pub fn of(name: &Expr, names: &mut Names) -> Self {
        match name.as_literal() {
            Some(name) => IndexVariable::Fixed(names.intern(&Self::name(name))),
            None => IndexVariable::Named,
        }
    }

    fn name(controller: &str) -> String {
        format!("__jm__{controller}__idx")
    }
}

/// Something that is told of each pass of a controller.
#[derive(Clone)]
pub enum PassListener {
    /// An element that acts once per pass.
    Element(Arc<dyn IterationListener>),
    /// A loop controller within, which starts over.
    Controller(ControllerId),
}

/// What judges and hears the sample of a Transaction Controller.
#[derive(Default, Clone)]
pub struct TransactionScope {
    /// Assertions above it.
    pub assertions: Assertions,
    /// Listeners above it.
    pub listeners: Arc<[ListenerRef]>,
}

/// All controllers and samplers of one thread group. The group's main controller is number 0.
#[derive(Default)]
pub struct ControllerTree {
    /// By [`ControllerId`].
    pub controllers: Vec<ControllerNode>,
    /// By [`SamplerId`].
    pub samplers: Vec<SamplePackage>,
    /// Elements that are told of each iteration of the group wherever they stand (cookies, caches), in document order.
    pub test_iteration_listeners: Vec<Arc<dyn IterationListener>>,
}

impl ControllerTree {
    /// The group's main controller.
    pub const ROOT: ControllerId = ControllerId(0);

    /// The controller of that number.
    pub fn controller(&self, id: ControllerId) -> &ControllerNode {
        &self.controllers[id.0 as usize]
    }

    /// The sampler of that number.
    pub fn sampler(&self, id: SamplerId) -> &SamplePackage {
        &self.samplers[id.0 as usize]
    }

    /// A new user's state.
    pub fn new_states(&self) -> States {
        States { controllers: vec![ControllerState::default(); self.controllers.len()], suspended: None }
    }
}

/// A user's state in all controllers of its group.
#[derive(Debug)]
pub struct States {
    controllers: Vec<ControllerState>,
    /// The controller that gave the last step, where that was a suspension: the way down to it has been gone already.
    suspended: Option<ControllerId>,
}

/// `GenericController`'s fields.
#[derive(Debug, Clone)]
pub struct ControllerState {
    /// Position among the children.
    pub current: usize,
    /// Passes so far.
    pub iterations: i32,
    /// Nothing left to give.
    pub done: bool,
    /// A pass is about to begin.
    pub first: bool,
    /// The children, once some have been dropped or their order changed.
    pub children: Option<Box<Vec<Child>>>,
}

impl Default for ControllerState {
    fn default() -> Self {
        ControllerState { current: 0, iterations: 0, done: false, first: true, children: None }
    }
}

/// What a user does next.
#[derive(Clone)]
pub enum Step {
    /// Take this sample.
    Sampler(SamplerId),
    /// Go on with a transaction that makes a sample of its own (JMeter's `TransactionSampler`).
    Transaction(TransactionRef),
    /// Nothing yet: let others run and ask again. Controllers that spin without a sample give this now and then.
    Yield,
    /// Nothing yet: get this lock and ask again.
    Lock(LockRequest),
    /// Nothing yet: rest until the group has another arrival, and ask again.
    Rest,
}

impl Step {
    /// Whether this is no sample but a pause on the way to one. To the controllers above, nothing has happened yet.
    pub fn is_suspension(&self) -> bool {
        matches!(self, Step::Yield | Step::Lock(_) | Step::Rest)
    }
}

/// Answer of [`Controller::next`].
pub enum Turn {
    /// A step, or the end of the pass.
    Step(Option<Step>),
    /// Ask the same controller again.
    Again,
}

/// Answer of [`Walk::next`].
pub type Next = Result<Option<Step>, Thrown>;

/// Passes without a sample after which other users get their turn.
const SPINS: u32 = 1000;
/// Controllers within controllers; deeper plans are refused when they are compiled.
pub const MAX_DEPTH: usize = 400;

/// One user at one moment, looking for its next step.
pub struct Walk<'a> {
    /// The group's controllers.
    pub tree: &'a ControllerTree,
    /// The user's state in them.
    pub states: &'a mut States,
    /// The user.
    pub user: &'a mut VirtualUser,
    /// The sampler that ran last: its listeners hear the transactions that end now.
    pub last: Option<SamplerId>,
    /// Passes without a sample.
    pub spins: u32,
}

impl<'a> Walk<'a> {
    /// The controller's behaviour.
    pub fn behaviour(&self, id: ControllerId) -> &'a dyn Controller {
        let tree: &'a ControllerTree = self.tree;
        &*tree.controller(id).behaviour
    }

    /// Does something with each controller.
    pub fn each_controller(&mut self, act: impl Fn(&dyn Controller, &mut Self, ControllerId)) {
        for id in (0..self.tree.controllers.len() as u32).map(ControllerId) {
            act(self.behaviour(id), self, id);
        }
    }

    /// The user's state in a controller.
    pub fn state(&self, id: ControllerId) -> &ControllerState {
        &self.states.controllers[id.0 as usize]
    }

    /// The user's state in a controller.
    pub fn state_mut(&mut self, id: ControllerId) -> &mut ControllerState {
        &mut self.states.controllers[id.0 as usize]
    }

    /// The children as they are for this user.
    pub fn child(&self, id: ControllerId, position: usize) -> Option<Child> {
        match &self.state(id).children {
            Some(children) => children.get(position).copied(),
            None => self.tree.controller(id).children.get(position).copied(),
        }
    }

    /// How many children there are for this user.
    pub fn child_count(&self, id: ControllerId) -> usize {
        self.state(id).children.as_ref().map_or(self.tree.controller(id).children.len(), |children| children.len())
    }

    /// Children that may be changed.
    pub fn children_mut(&mut self, id: ControllerId) -> &mut Vec<Child> {
        let compiled = &self.tree.controller(id).children;
        self.states.controllers[id.0 as usize].children.get_or_insert_with(|| Box::new(compiled.clone()))
    }

    /// JMeter's `controller.next()`: asks until there is a step or the pass is over.
    pub fn next(&mut self, id: ControllerId) -> Next {
        if self.states.suspended == Some(id) {
            self.states.suspended = None;
        }
        let behaviour = self.behaviour(id);
        loop {
            let step = match behaviour.next(self, id)? {
                Turn::Step(step) => step,
                Turn::Again if self.spin() => Some(Step::Yield),
                Turn::Again => continue,
            };
            if step.as_ref().is_some_and(Step::is_suspension) {
                self.states.suspended.get_or_insert(id);
            }
            return Ok(step);
        }
    }

    /// Whether the user is on its way back to where it was suspended. JMeter's threads wait in the middle of this way, so
    /// a controller that would ask a condition or a clock here asks nothing, and goes on to the child it was at.
    pub fn is_resuming(&self) -> bool {
        self.states.suspended.is_some()
    }

    /// Counts a pass without a sample; true when others should get their turn.
    pub fn spin(&mut self) -> bool {
        self.spins += 1;
        self.spins.is_multiple_of(SPINS)
    }

    /// Tells the listeners of a pass that it begins, once.
    pub fn fire_iteration_events(&mut self, id: ControllerId) -> Result<(), Thrown> {
        if !self.state(id).first {
            return Ok(());
        }
        let tree: &'a ControllerTree = self.tree;
        let pass = tree.controller(id).behaviour.pass(self, id);
        if id == ControllerTree::ROOT {
            self.user_iteration_start()?;
        }
        for listener in &tree.controller(id).iteration_listeners {
            match listener {
                PassListener::Element(element) => element.iteration_start(self.user)?,
                PassListener::Controller(within) => self.behaviour(*within).enclosing_iteration(self, *within, pass)?,
            }
        }
        self.state_mut(id).first = false;
        Ok(())
    }

    /// The user begins an iteration of its thread group: counted before any element hears of it.
    fn user_iteration_start(&mut self) -> Result<(), Thrown> {
        let tree: &'a ControllerTree = self.tree;
        self.user.begin_iteration();
        for listener in &tree.test_iteration_listeners {
            listener.iteration_start(self.user)?;
        }
        Ok(())
    }

    /// `__jm__NAME__idx = index`.
    pub fn publish_index(&mut self, id: ControllerId, index: i32) {
        let node = self.tree.controller(id);
        let Some(variable) = &node.index_variable else { return };
        let mut digits = itoa::Buffer::new();
        let value = digits.format(index);
        match variable {
            IndexVariable::Fixed(variable) => self.user.variables.set_text(*variable, value),
            // A group's name was settled when the group began.
            IndexVariable::Named if id == ControllerTree::ROOT => {
                let name = IndexVariable::name(&self.user.group.name);
                self.user.variables.put(&name, value);
            }
            IndexVariable::Named => {
                if let Ok(name) = node.name.eval(self.user) {
                    self.user.variables.put(&IndexVariable::name(&name), value);
                }
            }
        }
    }

    /// `initialize()`
    pub fn initialize(&mut self, id: ControllerId) {
        self.behaviour(id).initialize(self, id);
    }

    /// `reInitialize()`
    pub fn re_initialize(&mut self, id: ControllerId) {
        self.behaviour(id).re_initialize(self, id);
    }

    /// `isDone()`
    pub fn is_done(&mut self, id: ControllerId) -> bool {
        self.behaviour(id).is_done(self, id)
    }

    /// Leaves the loops around the sample that just ended, as far as `action` says
    /// (`JMeterThread.triggerLoopLogicalActionOnParentControllers`).
    pub fn jump(&mut self, sampler: SamplerId, action: LogicalAction) -> Result<(), Thrown> {
        let tree: &'a ControllerTree = self.tree;
        for id in tree.sampler(sampler).path.iter().copied() {
            let behaviour = self.behaviour(id);
            match (action, behaviour.as_iterating()) {
                (LogicalAction::BreakCurrentLoop, Some(iterating)) => {
                    iterating.break_loop(self, id);
                    break;
                }
                (LogicalAction::StartNextIterationOfCurrentLoop, Some(iterating)) => {
                    iterating.start_next_loop(self, id);
                    break;
                }
                (_, Some(iterating)) if id == ControllerTree::ROOT => iterating.start_next_loop(self, id),
                _ => behaviour.trigger_end_of_loop(self, id)?,
            }
        }
        Ok(())
    }

    /// Sends a transaction's own sample to the listeners of the sampler that ran last.
    pub fn notify_of_transaction(&mut self, mut result: SampleResult) -> bool {
        let tree: &'a ControllerTree = self.tree;
        let Some(last) = self.last else { return false };
        notify(self, &tree.sampler(last).listeners, &mut result, true);
        true
    }
}

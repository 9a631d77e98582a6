//! Scopes (`org.apache.jmeter.threads.TestCompiler`): which elements work for a sampler, and in which order.
//!
//! Levels go from the sampler's own children outwards. Timers, configs and listeners are gathered from the inside out;
//! pre-processors, post-processors and assertions work from the outside in, in document order within a level. The
//! plan's own elements count as the last children of each thread group.

use super::items::Item;
use crate::elements::controllers::{
    Child, Controller, ControllerId, ControllerNode, ControllerTree, IndexVariable, PassListener, SamplerId,
    TransactionScope,
};
use crate::elements::package::SamplePackage;
use crate::elements::roles::{ListenerRef, ThreadListener};
use crate::elements::{CollectorSpec, Role, Structure};
use crate::expr::Expr;
use crate::results::CollectorId;
use crate::virtual_user::Names;
use std::sync::Arc;

/// All compiled elements of a plan, in document order.
#[derive(Default)]
pub(super) struct CompiledTree {
    pub elements: Vec<Compiled>,
}

/// A compiled element.
pub(super) struct Compiled {
    pub item: Item,
    pub path: String,
    pub name: Expr,
    pub role: Role,
    pub is_sampler: bool,
    pub parent: Option<usize>,
    pub children: Vec<usize>,
    pub collector: Option<CollectorId>,
    /// Whether its values, or those of a config element in its scope, may hold up the thread.
    pub waits: bool,
}

impl Compiled {
    pub fn is_thread_group(&self) -> bool {
        matches!(self.role.structure, Some(Structure::ThreadGroup(_)))
    }
}

/// The collectors found so far.
#[derive(Default)]
pub(super) struct Sink {
    pub specs: Vec<CollectorSpec>,
    /// Those that the command line adds at plan level.
    pub plan_level: Vec<CollectorId>,
}

impl Sink {
    pub fn add(&mut self, spec: CollectorSpec) -> CollectorId {
        let id = CollectorId(self.specs.len() as u32);
        self.specs.push(spec);
        id
    }
}

/// The config elements of a plan by the elements that they stand in, gathered once: a sampler need not look through all
/// its siblings.
pub(super) struct Configs {
    /// Those directly below each element.
    below: Vec<Vec<usize>>,
    /// What stands beside the thread groups is the plan's.
    of_plan: Vec<usize>,
}

impl Configs {
    pub fn of(tree: &CompiledTree) -> Self {
        let mut found = Configs { below: vec![Vec::new(); tree.elements.len()], of_plan: Vec::new() };
        for (index, element) in tree.elements.iter().enumerate() {
            if element.role.config.is_some() {
                match element.parent {
                    Some(parent) => found.below[parent].push(index),
                    None => found.of_plan.push(index),
                }
            }
        }
        found
    }

    /// Those in a sampler's scope, nearest first.
    pub fn in_scope(&self, tree: &CompiledTree, sampler: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut at = Some(sampler);
        while let Some(index) = at {
            found.extend_from_slice(&self.below[index]);
            at = tree.elements[index].parent;
        }
        found.extend_from_slice(&self.of_plan);
        found
    }
}

/// A thread group's tree and what goes with it.
pub(super) struct BuiltGroup {
    pub tree: ControllerTree,
    pub thread_listeners: Vec<Arc<dyn ThreadListener>>,
}

/// Builds the tree of the thread group `group`.
pub(super) fn group_tree(
    compiled: &CompiledTree,
    sink: &Sink,
    group: usize,
    reads_previous: bool,
    plan_level: &[usize],
    (main, main_has_name): (Arc<dyn Controller>, bool),
    names: &mut Names,
) -> BuiltGroup {
    let mut levels = compiled.elements[group].children.clone();
    levels.extend_from_slice(plan_level);
    let mut builder = Builder {
        compiled,
        sink,
        reads_previous,
        names,
        tree: ControllerTree::default(),
        thread_listeners: Vec::new(),
        levels: Vec::new(),
        controllers_on_path: vec![ControllerTree::ROOT],
        ids: vec![None; compiled.elements.len()],
    };
    let name = compiled.elements[group].name.clone();
    // JMeter puts the group's name in the place of the main loop's, if there is one.
    let main_name = if main_has_name { name.clone() } else { Expr::default() };
    let index_variable = Some(IndexVariable::of(&main_name, builder.names));
    builder.tree.controllers.push(ControllerNode {
        name,
        index_variable,
        behaviour: main,
        parent: None,
        children: Vec::new(),
        iteration_listeners: Vec::new(),
        transaction: TransactionScope::default(),
    });
    // Controllers are numbered before their scopes are gathered: a Transaction Controller is heard of by its siblings.
    builder.number(&levels);
    builder.levels.push(builder.scoped(&levels));
    builder.children(&levels, ControllerTree::ROOT);
    let Builder { mut tree, thread_listeners, .. } = builder;
    for node in &mut tree.controllers {
        node.iteration_listeners.reverse();
    }
    BuiltGroup { tree, thread_listeners }
}

struct Builder<'a> {
    compiled: &'a CompiledTree,
    sink: &'a Sink,
    /// Whether anything in the plan may look at the body of a sample that is over.
    reads_previous: bool,
    names: &'a mut Names,
    tree: ControllerTree,
    thread_listeners: Vec<Arc<dyn ThreadListener>>,
    /// Children at each level from the group down to the element at work, but for those that mean nothing to their
    /// siblings: a level may hold thousands of samplers.
    levels: Vec<Vec<usize>>,
    controllers_on_path: Vec<ControllerId>,
    /// Numbers of controllers in this tree.
    ids: Vec<Option<ControllerId>>,
}

impl Builder<'_> {
    fn number(&mut self, children: &[usize]) {
        for index in children {
            let element = &self.compiled.elements[*index];
            if let Some(behaviour) = element.role.controller.clone() {
                let id = ControllerId(self.tree.controllers.len() as u32);
                self.ids[*index] = Some(id);
                let index_variable = element.role.counts_passes.then(|| IndexVariable::of(&element.name, self.names));
                self.tree.controllers.push(ControllerNode {
                    name: element.name.clone(),
                    index_variable,
                    behaviour,
                    parent: None,
                    children: Vec::new(),
                    iteration_listeners: Vec::new(),
                    transaction: TransactionScope::default(),
                });
            }
            self.number(&element.children);
        }
    }

    /// Registers elements and puts controllers and samplers below `parent`, each after its own children, as JMeter does.
    fn children(&mut self, children: &[usize], parent: ControllerId) {
        for index in children {
            let element = &self.compiled.elements[*index];
            // The plan's own elements are there without what stands below them.
            let is_plan_level = element.parent.is_none();
            let below: &[usize] = if is_plan_level { &[] } else { &element.children };
            if let Some(thread) = &element.role.thread {
                self.thread_listeners.push(Arc::clone(thread));
            }
            if let Some(listener) = &element.role.test_iteration {
                self.tree.test_iteration_listeners.push(Arc::clone(listener));
            }
            self.levels.push(self.scoped(below));
            if let Some(id) = self.ids[*index] {
                self.controllers_on_path.push(id);
                self.children(below, id);
                self.tree.controllers[id.0 as usize].parent = Some(parent);
                self.tree.controllers[id.0 as usize].transaction = self.transaction_scope();
                self.controllers_on_path.pop();
                if !is_plan_level {
                    self.tree.controllers[parent.0 as usize].children.push(Child::Controller(id));
                }
                if element.role.starts_over {
                    self.tree.controllers[parent.0 as usize].iteration_listeners.push(PassListener::Controller(id));
                }
            } else if let Some(sampler) = &element.role.sampler {
                self.children(below, parent);
                let id = SamplerId(self.tree.samplers.len() as u32);
                let package = self.package(Arc::clone(sampler), element.waits);
                self.tree.samplers.push(package);
                self.tree.controllers[parent.0 as usize].children.push(Child::Sampler(id));
            } else {
                self.children(below, parent);
            }
            self.levels.pop();
            if let Some(listener) = &element.role.iteration {
                let listeners = &mut self.tree.controllers[parent.0 as usize].iteration_listeners;
                listeners.push(PassListener::Element(Arc::clone(listener)));
            }
        }
    }

    /// Those of `children` that work for the samplers beside them, or hear them.
    fn scoped(&self, children: &[usize]) -> Vec<usize> {
        let works = |index: usize| {
            let element = &self.compiled.elements[index];
            let Role { pre_processor, timer, post_processor, assertion, listener, .. } = &element.role;
            pre_processor.is_some()
                || timer.is_some()
                || post_processor.is_some()
                || assertion.is_some()
                || listener.is_some()
                || element.collector.is_some()
                || self.ids[index].is_some()
        };
        children.iter().copied().filter(|index| works(*index)).collect()
    }

    fn level_roles(&self) -> impl DoubleEndedIterator<Item = impl Iterator<Item = (usize, &Role)>> {
        self.levels.iter().map(|level| level.iter().map(|index| (*index, &self.compiled.elements[*index].role)))
    }

    fn outside_in<T: ?Sized>(&self, of: impl Fn(&Role) -> Option<Arc<T>>) -> Arc<[Arc<T>]> {
        self.level_roles().flatten().filter_map(|(_, role)| of(role)).collect()
    }

    fn inside_out<T: ?Sized>(&self, of: impl Fn(&Role) -> Option<Arc<T>>) -> Arc<[Arc<T>]> {
        self.level_roles().rev().flatten().filter_map(|(_, role)| of(role)).collect()
    }

    /// Listeners from the inside out; collectors that stand side by side are one entry.
    fn listeners(&self) -> Arc<[ListenerRef]> {
        let mut found: Vec<ListenerRef> = Vec::new();
        let mut collectors: Vec<CollectorId> = Vec::new();
        let flush = |collectors: &mut Vec<CollectorId>, found: &mut Vec<ListenerRef>| {
            if !collectors.is_empty() {
                found.push(ListenerRef::Collectors(std::mem::take(collectors).into()));
            }
        };
        for (index, role) in self.level_roles().rev().flatten() {
            if let Some(listener) = &role.listener {
                flush(&mut collectors, &mut found);
                found.push(ListenerRef::Listener(Arc::clone(listener)));
            }
            if let Some(id) = self.ids[index] {
                // Only controllers that sum up samples care; the others' default does nothing.
                if self.tree.controllers[id.0 as usize].behaviour.hears_samples() {
                    found.push(ListenerRef::Transaction(id));
                }
            }
            collectors.extend(self.compiled.elements[index].collector);
        }
        collectors.extend(&self.sink.plan_level);
        flush(&mut collectors, &mut found);
        found.into()
    }

    fn package(&self, sampler: Arc<dyn crate::elements::roles::Sampler>, waits: bool) -> SamplePackage {
        let pre_processors = self.outside_in(|role| role.pre_processor.clone());
        let timers = self.inside_out(|role| role.timer.clone());
        let post_processors = self.outside_in(|role| role.post_processor.clone());
        let assertions = self.outside_in(|role| role.assertion.clone());
        let listeners = self.listeners();
        let assertions_block = assertions.iter().any(|element| element.blocks());
        let listeners_block =
            listeners.iter().any(|heard| matches!(heard, ListenerRef::Listener(element) if element.blocks()));
        let reads_response_data = self.reads_previous
            || post_processors.iter().any(|element| element.reads_response_data())
            || assertions.iter().any(|element| element.reads_response_data())
            || listeners
                .iter()
                .any(|heard| matches!(heard, ListenerRef::Listener(element) if element.reads_response_data()));
        SamplePackage {
            reads_response_data,
            sampler_blocks: waits || sampler.blocks(),
            sampler,
            pre_processors,
            timers,
            post_processors,
            assertions,
            collectors: collectors_of(&listeners),
            listeners,
            assertions_block,
            listeners_block,
            path: self.controllers_on_path.iter().rev().copied().collect(),
        }
    }

    /// What judges and hears a Transaction Controller's own sample. JMeter gathers these assertions from the inside out.
    fn transaction_scope(&self) -> TransactionScope {
        TransactionScope { assertions: self.inside_out(|role| role.assertion.clone()), listeners: self.listeners() }
    }
}

fn collectors_of(listeners: &[ListenerRef]) -> Arc<[CollectorId]> {
    let ids = listeners.iter().filter_map(|listener| match listener {
        ListenerRef::Collectors(ids) => Some(ids.iter().copied()),
        _ => None,
    });
    ids.flatten().collect()
}

//! Runs small trees of elements without a network or a clock, for tests: a plan is an indented text, its run is the
//! samplers' names in order.
//!
//! A line is a sampler's name, or `@Class key=value …` for any other element; a key without a dot stands for `Class.key`,
//! one that begins with a dot for a bean's bare `key`. A sampler whose name ends in `!` fails; `v:=x` sets a variable and
//! leaves no trace; `next-thread-loop`, `next-loop` and `break` are Flow Control Actions.

use super::controllers::{
    Child, ControllerId, ControllerNode, ControllerTree, IndexVariable, Loop, PassListener, SamplerId, States, Step,
    TransactionScope, Walk, lock,
};
use super::package::SamplePackage;
use super::roles::{Sampler, Sampling, TestListener, ThreadListener};
use super::{Compile, Role, Shared, find};
use crate::clock::Timestamp;
use crate::expr::Expr;
use crate::jmx::TestElement;
use crate::properties::Properties;
use crate::results::{LogicalAction, Needs};
use crate::virtual_user::{Booleans, Fifos, Group, Names, RetryTotals, Run, Stop, Thrown, UserCounts, VirtualUser};
use std::sync::Arc;

/// A tree that is ready to run.
pub struct Bench {
    pub tree: ControllerTree,
    pub run: Arc<Run>,
    pub group: Arc<Group>,
    thread_listeners: Vec<Arc<dyn ThreadListener>>,
    pub test_listeners: Vec<Arc<dyn TestListener>>,
}

/// A user at work.
pub struct BenchUser<'b> {
    bench: &'b Bench,
    pub user: VirtualUser,
    states: States,
    /// Iterations that the output has come to.
    shown: u32,
}

struct Stub(Expr);

impl Sampler for Stub {
    fn name(&self) -> &Expr {
        &self.0
    }

    fn sample<'a>(&'a self, _: &'a mut VirtualUser) -> Sampling<'a> {
        Box::pin(async { Ok(None) })
    }
}

/// What compiling needs, before anything is compiled.
pub fn shared() -> Shared {
    Shared {
        names: Names::default(),
        slots: crate::virtual_user::SlotAllocator::default(),
        diagnostics: Vec::new(),
        properties: Properties::default(),
        base_dir: std::path::PathBuf::new(),
        functional_mode: false,
        tree_error: None,
        waits: false,
        reads_previous: false,
        sampler_properties: None,
    }
}

/// Compiles one element.
pub fn compile(element: &TestElement, shared: &mut Shared) -> Role {
    let definition = find(&element.class).unwrap_or_else(|| panic!("no element {}", element.class));
    let mut compile = Compile { element, configs: &[], shared, path: "" };
    (definition.compile)(&mut compile).unwrap_or_else(|| panic!("{} does not compile", element.class))
}

/// A run of what was compiled with `shared`.
pub fn run_of(shared: Shared) -> Arc<Run> {
    Arc::new(Run {
        names: Arc::new(shared.names),
        properties: shared.properties,
        plan_name: "plan.jmx".into(),
        base_dir: shared.base_dir,
        counts: UserCounts::default(),
        stop: Stop::default(),
        test_start: Timestamp::from_millis(0),
        start_values: Vec::new(),
        slots: shared.slots.count(),
        needs: Needs::default(),
        new_user_closes_connections: true,
        script_sandbox: false,
        timer_factor: None,
        sample_variables: Vec::new(),
        retries: RetryTotals::default(),
        texts: Booleans::default(),
        fifos: Fifos::default(),
    })
}

/// A user of the first group of `run`.
pub fn user(run: &Arc<Run>, group: &Arc<Group>, number: u32) -> VirtualUser {
    VirtualUser::new(Arc::clone(run), Arc::clone(group), run.stop.signal(), number)
}

/// The names of the samples of one user in a group of `loops` iterations; ` | ` stands between iterations.
pub fn labels(loops: i32, plan: &str) -> String {
    Bench::new(loops, plan).user(1).live()
}

impl Bench {
    /// Compiles `plan` below a thread group of `loops` iterations.
    pub fn new(loops: i32, plan: &str) -> Self {
        Self::in_folder(loops, plan, std::path::Path::new(""))
    }

    /// The same for a plan whose data files are in `folder`.
    pub fn in_folder(loops: i32, plan: &str, folder: &std::path::Path) -> Self {
        let mut shared = shared();
        shared.base_dir = folder.to_owned();
        let element = TestElement::new("LoopController", "", "G")
            .with("LoopController.loops", loops)
            .with("LoopController.continue_forever", false);
        let main = {
            let mut compile = Compile { element: &element, configs: &[], shared: &mut shared, path: "" };
            Arc::new(Loop::new(&mut compile, &element))
        };
        let index_variable = Some(IndexVariable::of(&Expr::literal("G"), &mut shared.names));
        let mut builder = Builder {
            shared,
            tree: ControllerTree::default(),
            thread_listeners: Vec::new(),
            test_listeners: Vec::new(),
        };
        builder.tree.controllers.push(ControllerNode {
            name: Expr::literal("G"),
            index_variable,
            behaviour: main,
            parent: None,
            children: Vec::new(),
            iteration_listeners: Vec::new(),
            transaction: TransactionScope::default(),
        });
        let lines: Vec<(usize, &str)> = plan
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| (line.len() - line.trim_start().len(), line.trim()))
            .collect();
        builder.children(&lines, &mut vec![ControllerTree::ROOT]);
        for node in &mut builder.tree.controllers {
            node.iteration_listeners.reverse();
        }
        let Builder { shared, tree, thread_listeners, test_listeners } = builder;
        assert!(shared.diagnostics.is_empty(), "{:?}", shared.diagnostics);
        let group = Arc::new(Group { name: "G".into(), number: 1, users: 1, ..Group::default() });
        Bench { tree, run: run_of(shared), group, thread_listeners, test_listeners }
    }

    /// A user that has started.
    pub fn user(&self, number: u32) -> BenchUser<'_> {
        let user = user(&self.run, &self.group, number);
        let mut user = BenchUser { bench: self, user, states: self.tree.new_states(), shown: 0 };
        user.user.set_last_sample_ok(true);
        user.walk().initialize(ControllerTree::ROOT);
        for listener in &self.thread_listeners {
            listener.thread_started(&mut user.user);
        }
        user
    }
}

impl BenchUser<'_> {
    pub fn walk(&mut self) -> Walk<'_> {
        Walk { tree: &self.bench.tree, states: &mut self.states, user: &mut self.user, last: None, spins: 0 }
    }

    /// The next step; suspensions for the machine's sake are passed over.
    pub fn next_step(&mut self) -> Result<Option<Step>, Thrown> {
        for _ in 0..1000 {
            let step = self.walk().next(ControllerTree::ROOT)?;
            if !matches!(step, Some(Step::Yield)) {
                return Ok(step);
            }
        }
        panic!("the controllers spin without end");
    }

    /// Takes the sample of a step and notes it.
    pub fn take(&mut self, step: &Step, out: &mut String) -> Option<LogicalAction> {
        match step {
            Step::Sampler(id) => {
                let name = self.bench.tree.sampler(*id).sampler.name().clone();
                let label = name.eval(&mut self.user).unwrap();
                self.user.set_last_sample_ok(!label.ends_with('!'));
                let action = match &*label {
                    "next-thread-loop" => Some(LogicalAction::StartNextIterationOfThread),
                    "next-loop" => Some(LogicalAction::StartNextIterationOfCurrentLoop),
                    "break" => Some(LogicalAction::BreakCurrentLoop),
                    _ => None,
                };
                match label.split_once(":=") {
                    Some((variable, value)) => self.user.variables.put(variable, value),
                    None if action.is_none() => {
                        out.push_str(&label);
                        out.push(' ');
                    }
                    None => {}
                }
                action
            }
            Step::Transaction(transaction) => {
                let (done, sub, label) = {
                    let sample = lock(transaction);
                    (sample.done, sample.sub.clone(), sample.result.label.clone())
                };
                if done {
                    out.push_str(&format!("[{label}] "));
                    return None;
                }
                self.take(&sub.expect("a transaction that is not done has a child"), out)
            }
            Step::Yield | Step::Lock(_) | Step::Rest => panic!("nobody else holds a lock"),
        }
    }

    /// Lives to the end of the last iteration, as `JMeterThread.run` does.
    pub fn live(&mut self) -> String {
        let mut out = String::new();
        for _ in 0..100 {
            let outcome = self.pass(&mut out);
            if let Err(thrown) = &outcome {
                out.push_str(&format!("<{thrown}>"));
            }
            if outcome.is_err() || self.walk().is_done(ControllerTree::ROOT) {
                break;
            }
        }
        out.trim_end().to_owned()
    }

    fn pass(&mut self, out: &mut String) -> Result<(), Thrown> {
        while let Some(step) = self.next_step()? {
            assert!(out.len() < 10_000, "the samples have no end: {}", &out[..100]);
            while self.shown < self.user.iteration {
                self.shown += 1;
                out.push_str(if self.shown > 1 { "| " } else { "" });
            }
            if let Some(action) = self.take(&step, out) {
                let mut real = step;
                while let Step::Transaction(transaction) = &real {
                    let sub = lock(transaction).sub.clone().unwrap();
                    real = sub;
                }
                let Step::Sampler(sampler) = real else { panic!("no sampler") };
                self.walk().jump(sampler, action)?;
                self.user.set_last_sample_ok(true);
                return Ok(());
            }
        }
        Ok(())
    }
}

struct Builder {
    shared: Shared,
    tree: ControllerTree,
    thread_listeners: Vec<Arc<dyn ThreadListener>>,
    test_listeners: Vec<Arc<dyn TestListener>>,
}

impl Builder {
    fn children(&mut self, lines: &[(usize, &str)], path: &mut Vec<ControllerId>) {
        let Some((indent, _)) = lines.first() else { return };
        let mut starts: Vec<usize> = (0..lines.len()).filter(|index| lines[*index].0 == *indent).collect();
        starts.push(lines.len());
        for range in starts.windows(2) {
            self.element(lines[range[0]].1, &lines[range[0] + 1..range[1]], path);
        }
    }

    fn element(&mut self, line: &str, below: &[(usize, &str)], path: &mut Vec<ControllerId>) {
        let parent = *path.last().unwrap();
        let Some(class) = line.strip_prefix('@') else {
            self.children(below, path);
            let element = TestElement::new("", "", "");
            let mut compile = Compile { element: &element, configs: &[], shared: &mut self.shared, path: "" };
            let name = compile.parse(line);
            let id = SamplerId(self.tree.samplers.len() as u32);
            self.tree.samplers.push(SamplePackage {
                sampler: Arc::new(Stub(name)),
                pre_processors: Arc::default(),
                timers: Arc::default(),
                post_processors: Arc::default(),
                assertions: Arc::default(),
                listeners: Arc::default(),
                collectors: Arc::default(),
                reads_response_data: true,
                sampler_blocks: false,
                assertions_block: false,
                listeners_block: false,
                path: path.iter().rev().copied().collect(),
            });
            self.tree.controllers[parent.0 as usize].children.push(Child::Sampler(id));
            return;
        };
        let element = element(class);
        let role = compile(&element, &mut self.shared);
        let name = element.name();
        if let Some(behaviour) = role.controller {
            let id = ControllerId(self.tree.controllers.len() as u32);
            let name = Expr::literal(name);
            let index_variable = role.counts_passes.then(|| IndexVariable::of(&name, &mut self.shared.names));
            self.tree.controllers.push(ControllerNode {
                name,
                index_variable,
                behaviour,
                parent: Some(parent),
                children: Vec::new(),
                iteration_listeners: Vec::new(),
                transaction: TransactionScope::default(),
            });
            path.push(id);
            self.children(below, path);
            path.pop();
            let parent = &mut self.tree.controllers[parent.0 as usize];
            parent.children.push(Child::Controller(id));
            if role.starts_over {
                parent.iteration_listeners.push(PassListener::Controller(id));
            }
        }
        self.thread_listeners.extend(role.thread);
        self.test_listeners.extend(role.test);
        if let Some(listener) = role.iteration {
            self.tree.controllers[parent.0 as usize].iteration_listeners.push(PassListener::Element(listener));
        }
    }
}

/// An element from `Class key=value …`.
pub fn element(line: &str) -> TestElement {
    let mut words = line.split(' ');
    let class = words.next().unwrap();
    let mut element = TestElement::new(class, "", class);
    for word in words {
        let (key, value) = word.split_once('=').unwrap();
        if key == "name" {
            element.attributes.retain(|(name, _)| &**name != "testname");
            element.attributes.push(("testname".into(), value.into()));
        } else if let Some(bare) = key.strip_prefix('.') {
            element = element.with(bare, value);
        } else {
            let prefix =
                if class == "InterleaveControl" || class == "RandomController" { "InterleaveControl" } else { class };
            element = element.with(&format!("{prefix}.{key}"), value);
        }
    }
    element
}

//! The compiler: every enabled element becomes its [`Role`]s once, then each thread group's tree is put together.

use super::items::{self, Item};
use super::link::Linker;
use super::scope::{self, Compiled, CompiledTree, Sink};
use super::{GroupPlan, Plan, Settings, VariableTable};
use crate::elements::{
    CollectorSpec, Compile, Diagnostic, Role, ScopedConfig, Severity, Shared, Structure, ThreadGroupRole, find,
};
use crate::jmx::{NodeId, TestTree};
use crate::properties::Properties;
use crate::text::Text;
use crate::virtual_user::{Names, SlotAllocator};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to do with elements that cannot run here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unsupported {
    /// Nothing runs.
    #[default]
    Stop,
    /// The rest runs; the diagnostics say what was left out.
    Skip,
}

/// What compiling needs beside the plan.
pub struct Options {
    /// The plan's file.
    pub file: PathBuf,
    /// JMeter properties before the run.
    pub properties: Properties,
    /// What to do with elements that cannot run here.
    pub unsupported: Unsupported,
    /// Result files and summarisers that the command line asks for, at plan level after all others.
    pub collectors: Vec<CollectorSpec>,
    /// `sample_variables`
    pub sample_variables: Vec<String>,
}

/// A plan with everything that was noticed.
pub struct Compilation {
    /// The plan, unless something keeps it from running.
    pub plan: Option<Plan>,
    /// Every problem, in document order.
    pub diagnostics: Vec<Diagnostic>,
    /// JMeter would not even start: a reference with a wrong number of arguments (`Error occurred compiling the tree`).
    pub tree_error: Option<String>,
}

/// Compiles a plan.
pub fn compile(tree: &Arc<TestTree>, options: Options) -> Compilation {
    let base_dir = options.file.parent().map(Path::to_path_buf).unwrap_or_default();
    let shared = Shared {
        names: Names::default(),
        slots: SlotAllocator::default(),
        diagnostics: Vec::new(),
        properties: options.properties.clone(),
        base_dir,
        functional_mode: false,
        tree_error: None,
        waits: false,
        reads_previous: false,
        sampler_properties: None,
    };
    let mut compiler =
        Compiler { shared, unsupported: options.unsupported, compiled: CompiledTree::default(), sink: Sink::default() };
    for name in &options.sample_variables {
        compiler.shared.names.intern(name);
    }
    let plan = compiler.plan(tree, &options);
    let Compiler { shared, .. } = compiler;
    let stops = |diagnostic: &Diagnostic| match diagnostic.severity {
        Severity::Warning => false,
        Severity::Unsupported => options.unsupported == Unsupported::Stop,
        Severity::Error => true,
    };
    let stopped = shared.diagnostics.iter().any(stops);
    Compilation { plan: plan.filter(|_| !stopped), diagnostics: shared.diagnostics, tree_error: shared.tree_error }
}

struct Compiler {
    shared: Shared,
    unsupported: Unsupported,
    compiled: CompiledTree,
    sink: Sink,
}

impl Compiler {
    fn plan(&mut self, tree: &Arc<TestTree>, options: &Options) -> Option<Plan> {
        let root = self.test_plan(tree)?;
        let Some(mut plan) = items::item(tree, root, 0) else {
            let message = format!("elements are nested more than {} levels deep", items::MAX_DEPTH);
            self.problem(tree, root, Severity::Error, message);
            return None;
        };
        let prefix = self.shared.properties.get("includecontroller.prefix").unwrap_or_default();
        let base_dir = self.shared.base_dir.clone();
        Linker {
            base_dir: &base_dir,
            include_prefix: prefix.to_string(),
            diagnostics: &mut self.shared.diagnostics,
            open: vec![options.file.clone()],
        }
        .link(&mut plan, 0);

        let element = plan.element();
        let settings = Settings {
            name: element.name(),
            functional_mode: element.bool("TestPlan.functional_mode"),
            serialize_thread_groups: element.bool("TestPlan.serialize_threadgroups"),
            tear_down_on_shutdown: element.bool("TestPlan.tearDown_on_shutdown"),
        };
        self.shared.functional_mode = settings.functional_mode;
        let mut variables = vec![self.plan_variables(&plan)];
        let path = settings.name.to_string();
        let children: Vec<usize> = plan.children.iter().map(|child| self.element(child, &path, None)).collect();
        for index in 0..self.compiled.elements.len() {
            if let Some(Structure::Variables(entries)) = self.compiled.elements[index].role.structure.as_mut() {
                let entries = std::mem::take(entries);
                let entries = entries.into_iter().map(|(name, value)| (Text::from(name), value)).collect();
                variables.push(VariableTable { is_test_plan: false, entries });
            }
        }
        self.collectors(options);
        self.samplers();

        let (groups, plan_level): (Vec<usize>, Vec<usize>) =
            children.into_iter().partition(|child| self.compiled.elements[*child].is_thread_group());
        let names = &mut self.shared.names;
        let mut compiled_groups = Vec::new();
        for group in groups {
            let Some(Structure::ThreadGroup(ThreadGroupRole { group: schedule, main, main_has_name, phase, log })) =
                self.compiled.elements[group].role.structure.take()
            else {
                continue;
            };
            let reads_previous = self.shared.reads_previous;
            let built = scope::group_tree(
                &self.compiled,
                &self.sink,
                group,
                reads_previous,
                &plan_level,
                (main, main_has_name),
                names,
            );
            compiled_groups.push(Arc::new(GroupPlan {
                name: self.compiled.elements[group].name.clone(),
                phase,
                group: schedule,
                tree: built.tree,
                thread_listeners: built.thread_listeners,
                log: log.map(|spec| self.sink.add(spec)).into_iter().collect(),
            }));
        }
        let test_listeners = self.compiled.elements.iter().filter_map(|element| element.role.test.clone()).collect();
        let file_name = options.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Some(Plan {
            settings,
            file_name: Text::from(file_name),
            base_dir,
            names: Arc::new(std::mem::take(&mut self.shared.names)),
            slots: self.shared.slots.count(),
            variables,
            groups: compiled_groups,
            collectors: std::mem::take(&mut self.sink.specs),
            test_listeners,
        })
    }

    /// The Test Plan element.
    fn test_plan(&mut self, tree: &TestTree) -> Option<NodeId> {
        let found = tree.roots().iter().copied().find(|root| &*tree[*root].element.class == "TestPlan");
        if found.is_none() {
            self.shared.diagnostics.push(Diagnostic {
                severity: Severity::Error,
                path: String::new(),
                tag: "jmeterTestPlan".to_owned(),
                line: 1,
                message: "the file holds no Test Plan".to_owned(),
            });
        }
        found
    }

    fn plan_variables(&mut self, plan: &Item) -> VariableTable {
        let element = plan.element();
        let path = element.name().to_string();
        let mut compile = Compile { element, configs: &[], shared: &mut self.shared, path: &path };
        let entries = match element.element("TestPlan.user_defined_variables") {
            Some(arguments) => crate::elements::configs::variables(&mut compile, arguments),
            None => Vec::new(),
        };
        let entries = entries.into_iter().map(|(name, value)| (Text::from(name), value)).collect();
        VariableTable { is_test_plan: true, entries }
    }

    /// Compiles an element and those below it; samplers come later, once all configs are known.
    fn element(&mut self, item: &Item, above: &str, parent: Option<usize>) -> usize {
        let element = item.element();
        let path = format!("{above} / {}", element.name());
        let definition = find(&element.class);
        let is_sampler = definition.is_some_and(|definition| crate::elements::samplers::is_sampler(definition.tag));
        self.shared.waits = false;
        let mut compile = Compile { element, configs: &[], shared: &mut self.shared, path: &path };
        let name = compile.name();
        let role = match definition {
            Some(_) if is_sampler => Role::default(),
            Some(definition) => (definition.compile)(&mut compile).unwrap_or_default(),
            None => {
                let advice = crate::elements::advice(&element.class).map(|advice| format!("; {advice}"));
                let message = format!("this element is not supported{}", advice.unwrap_or_default());
                compile.problem(Severity::Unsupported, message);
                Role::default()
            }
        };
        let waits = self.shared.waits;
        if waits && !is_sampler && role.config.is_none() {
            let message = "__fifoPop may have to wait, which only samplers and their config elements can; put a value into \
                           a variable with an Inter-Thread Communication PreProcessor";
            let mut compile = Compile { element, configs: &[], shared: &mut self.shared, path: &path };
            compile.problem(Severity::Unsupported, message);
        }
        let index = self.compiled.elements.len();
        self.compiled.elements.push(Compiled {
            item: item.alone(),
            path: path.clone(),
            name,
            role,
            is_sampler,
            parent,
            children: Vec::new(),
            collector: None,
            waits,
        });
        let skip_children = definition.is_none() && self.unsupported == Unsupported::Skip && parent.is_none();
        if !skip_children {
            let children: Vec<usize> =
                item.children.iter().map(|child| self.element(child, &path, Some(index))).collect();
            self.compiled.elements[index].children = children;
        }
        index
    }

    /// Numbers the collectors: the plan's in document order, then those of the command line.
    fn collectors(&mut self, options: &Options) {
        for element in &mut self.compiled.elements {
            if let Some(Structure::Collector(_)) = element.role.structure {
                let Some(Structure::Collector(spec)) = element.role.structure.take() else { continue };
                element.collector = Some(self.sink.add(spec));
            }
        }
        for spec in &options.collectors {
            let id = self.sink.add(spec.clone());
            self.sink.plan_level.push(id);
        }
    }

    /// Compiles the samplers with the config elements in their scopes.
    fn samplers(&mut self) {
        let configs = scope::Configs::of(&self.compiled);
        for index in 0..self.compiled.elements.len() {
            if !self.compiled.elements[index].is_sampler {
                continue;
            }
            let scope = configs.in_scope(&self.compiled, index);
            let config_waits = scope.iter().any(|config| self.compiled.elements[*config].waits);
            self.shared.waits = config_waits || self.compiled.elements[index].waits;
            let elements: Vec<(Item, _)> = scope
                .iter()
                .map(|config| {
                    let compiled = &self.compiled.elements[*config];
                    (compiled.item.clone(), compiled.role.config.clone())
                })
                .collect();
            let configs: Vec<ScopedConfig<'_>> = elements
                .iter()
                .map(|(item, config)| ScopedConfig { element: item.element(), config: config.clone() })
                .collect();
            let item = self.compiled.elements[index].item.clone();
            let path = self.compiled.elements[index].path.clone();
            let mut compile =
                Compile { element: item.element(), configs: &configs, shared: &mut self.shared, path: &path };
            if let Some(definition) = find(&item.element().class) {
                let role = (definition.compile)(&mut compile).unwrap_or_default();
                if let (Some(properties), Some(sampler)) = (compile.shared.sampler_properties.clone(), &role.sampler) {
                    properties.add(&mut compile, sampler);
                }
                self.compiled.elements[index].role = role;
            }
            self.compiled.elements[index].waits = self.shared.waits;
        }
    }

    fn problem(&mut self, tree: &TestTree, node: NodeId, severity: Severity, message: String) {
        let element = &tree[node].element;
        self.shared.diagnostics.push(Diagnostic {
            severity,
            path: element.name().to_string(),
            tag: element.class.to_string(),
            line: element.line,
            message,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::controllers::SamplerId;

    /// Whether anything reads the bodies of the only sampler, with `below` it and `beside` it.
    fn reads(below: &str, beside: &str) -> bool {
        let plan = format!(
            r#"<jmeterTestPlan><hashTree><TestPlan guiclass="G" testclass="TestPlan" testname="p"/><hashTree><ThreadGroup guiclass="G" testclass="ThreadGroup" testname="g">
<elementProp name="ThreadGroup.main_controller" elementType="LoopController"><intProp name="LoopController.loops">1</intProp></elementProp>
</ThreadGroup><hashTree><HTTPSamplerProxy guiclass="HttpTestSampleGui" testclass="HTTPSamplerProxy" testname="s"/><hashTree>{below}</hashTree>
{beside}</hashTree></hashTree></hashTree></jmeterTestPlan>"#
        );
        let tree = Arc::new(crate::jmx::read(plan.as_bytes()).unwrap());
        let options = Options {
            file: PathBuf::from("p.jmx"),
            properties: Properties::default(),
            unsupported: Unsupported::Stop,
            collectors: Vec::new(),
            sample_variables: Vec::new(),
        };
        let compilation = compile(&tree, options);
        let plan = compilation.plan.unwrap_or_else(|| panic!("{:?}", compilation.diagnostics));
        plan.groups[0].tree.sampler(SamplerId(0)).reads_response_data
    }

    #[test]
    fn who_reads_bodies_is_known() {
        let assertion = |field: &str| {
            format!(
                r#"<ResponseAssertion guiclass="G" testclass="ResponseAssertion" testname="a"><stringProp name="Assertion.test_field">Assertion.{field}</stringProp></ResponseAssertion><hashTree/>"#
            )
        };
        let script = |tag: &str, text: &str| {
            format!(
                r#"<{tag} guiclass="G" testclass="{tag}" testname="j"><stringProp name="scriptLanguage">groovy</stringProp><stringProp name="script">{text}</stringProp></{tag}><hashTree/>"#
            )
        };
        let other = |name: &str| {
            format!(r#"<DebugSampler guiclass="G" testclass="DebugSampler" testname="{name}"/><hashTree/>"#)
        };
        let link_parser = r#"<AnchorModifier guiclass="G" testclass="AnchorModifier" testname="l"/><hashTree/>"#;
        for (below, beside) in [
            (String::new(), String::new()),
            (assertion("response_code"), other("${__time()}")),
            (script("JSR223PostProcessor", "vars.put('a', 'b')"), script("JSR223Sampler", "vars.put('a', 'b')")),
            (String::new(), script("JSR223PostProcessor", "log.info(vars.get('a'))")),
        ] {
            assert!(!reads(&below, &beside), "{below} {beside}");
        }
        for (below, beside) in [
            (assertion("response_data"), String::new()),
            (script("JSR223PostProcessor", "prev.responseDataAsString"), String::new()),
            (String::new(), script("JSR223PostProcessor", "prev.responseDataAsString")),
            (String::new(), script("JSR223Sampler", "ctx.previousResult.responseDataAsString")),
            (String::new(), other("${__regexFunction(a,$0$)}")),
            (String::new(), other("${__evalVar(a)}")),
            (String::new(), other("${__groovy(prev.responseCode)}")),
            (String::new(), other("${__groovy(${text})}")),
            (String::new(), link_parser.to_owned()),
        ] {
            assert!(reads(&below, &beside), "{below} {beside}");
        }
    }
}

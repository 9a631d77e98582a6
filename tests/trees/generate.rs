//! Plans by chance, the same for the same seed.
//!
//! What chance decides in JMeter itself stays out, or can be told apart from nothing: Random and Random Order Controllers
//! have one child, users who run side by side share no counter, and a test is stopped only where one user runs. So does
//! what kills JMeter's thread (an Interleave without anything to run) or never ends (a loop without a sampler); some such
//! plans come about nevertheless, and are left out when JMeter has shown it.

use super::outline::{Node, Outline};
use fastrand::Rng;

/// Controllers within controllers.
const DEPTH: usize = 6;
/// Numbers in [`Tree::controller`].
const CONTROLLERS: usize = 35;
/// Samplers in one tree, before modules are put in.
const SAMPLERS: usize = 14;
/// A user stops after this many samples, whatever its loops say.
const MOST_SAMPLES: usize = 60;

/// The plan of a seed.
pub fn plan(seed: u64) -> Outline {
    let mut rng = Rng::with_seed(seed);
    let serialized = rng.f32() < 0.4;
    let groups = 1 + rng.usize(..3);
    let alone = rng.f32() < 0.6 && (serialized || groups == 1);
    let tears_down = rng.f32() < 0.2;
    // What still runs after a stop is settled by a race in JMeter.
    let may_stop = alone && groups == 1 && !tears_down;
    let temper = Temper::new(&mut rng);
    let mut tree = Tree { rng, alone, may_stop, temper, ..Tree::default() };
    tree.plan(serialized, groups, tears_down)
}

#[derive(Default)]
struct Tree {
    rng: Rng,
    /// No two users run side by side.
    alone: bool,
    /// The test may be stopped.
    may_stop: bool,
    /// How often each kind of child comes, and which controllers do: a plan of a few kinds shows more than one of all.
    temper: Temper,
    /// Names given so far.
    names: usize,
    /// Samplers that may still come in this tree.
    budget: usize,
    /// Counting controllers around the place at work.
    counting: Vec<String>,
    /// Output variables of the ForEach Controllers around it.
    outputs: Vec<String>,
    /// Paths that modules may point at.
    targets: Vec<String>,
    /// Names of controllers above, for the paths of targets.
    above: Vec<String>,
    /// Files that may be included.
    included: Vec<&'static str>,
    /// There is a file of data.
    reads: bool,
}

/// What a plan is made of.
#[derive(Default)]
struct Temper {
    samplers: usize,
    jumps: usize,
    elements: usize,
    controllers: usize,
    /// By the numbers in [`Tree::controller`].
    kinds: Vec<usize>,
}

impl Temper {
    fn new(rng: &mut Rng) -> Self {
        let mut kinds: Vec<usize> = (0..CONTROLLERS).filter(|_| rng.f32() < 0.4).collect();
        kinds.extend([rng.usize(..CONTROLLERS), rng.usize(..CONTROLLERS)]);
        Temper {
            samplers: rng.usize(3..9),
            jumps: rng.usize(..5),
            elements: rng.usize(..5),
            controllers: rng.usize(4..14),
            kinds,
        }
    }
}

impl Tree {
    fn chance(&mut self, part: f32) -> bool {
        self.rng.f32() < part
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.rng.usize(..from.len())]
    }

    fn flag(&mut self) -> &'static str {
        if self.rng.bool() { "true" } else { "false" }
    }

    fn name(&mut self, letter: &str) -> String {
        self.names += 1;
        format!("{letter}{}", self.names)
    }

    fn plan(&mut self, serialized: bool, groups: usize, tears_down: bool) -> Outline {
        let mut plan = Node::new("Plan", "P")
            .with("vars", "x1=0;x2=1;x3=2;n=3;flag=true;off=false;a_1=p;a_2=q;a_3=r;b1=m;b2=n;b3=")
            .with("tear_down", self.flag());
        if serialized {
            plan = plan.with("serialized", "true");
        }
        let guard = format!(
            "def n = ((vars.get('guard') ?: '0') as int) + 1; vars.put('guard', n as String); if (n > {MOST_SAMPLES}) ctx.getThread().stop()"
        );
        let mut children = vec![Node::new("Pre", "guard").with("script", guard)];
        let mut files = Vec::new();
        for _ in 0..self.rng.usize(..3) {
            if self.chance(0.6) {
                children.push(self.element());
            }
        }
        if self.chance(0.35) {
            children.push(self.fragment());
        }
        for file in ["inner.jmx", "more.jmx"] {
            if self.chance(0.15) {
                let known_targets = self.targets.len();
                let fragment = self.fragment();
                self.targets.truncate(known_targets);
                files.push(Node::new("File", file).holding(vec![fragment]));
                self.included.push(file);
            }
        }
        if self.chance(0.3) {
            files.push(Node::new("Data", "rows.csv").with("text", "r1\nr2\nr3\nr4\nr5\n"));
            self.reads = true;
        }
        if self.chance(0.2) {
            children.push(self.group("SetUp"));
        }
        let mut main = Vec::new();
        for _ in 0..groups {
            main.push(self.group("Group"));
        }
        children.extend(main);
        if tears_down {
            children.push(self.group("TearDown"));
        }
        if self.chance(0.3) {
            self.rng.shuffle(&mut children[1..]);
        }
        files.insert(0, plan.holding(children));
        if self.chance(0.3) {
            for file in &mut files {
                self.make_odd(file);
            }
        }
        Outline(files)
    }

    /// Puts values here and there that nobody would type on purpose.
    fn make_odd(&mut self, node: &mut Node) {
        const MAY_BE_ODD: &[&str] =
            &["loops", "start", "end", "incr", "most", "percent", "value", "cond", "lock", "delay", "duration", "in"];
        const ODD: &[&str] =
            &["", " ", "abc", "-1", "-7", " 2", "1.5", "99999999999", "${unset}", "true", "FALSE", "0x2", "+1"];
        for (key, value) in &mut node.keys {
            if MAY_BE_ODD.contains(&key.as_str()) && self.chance(0.08) {
                *value = self.pick(ODD).to_owned();
            }
        }
        for child in &mut node.children {
            self.make_odd(child);
        }
    }

    fn group(&mut self, kind: &str) -> Node {
        let users = if self.alone || kind != "Group" || self.chance(0.5) { "1" } else { "2" };
        let stops: &[&str] = if self.may_stop && kind == "Group" { &["stoptest", "stoptestnow"] } else { &[] };
        let on_error = match self.rng.usize(..10) {
            0..=4 => "continue",
            5..=7 => "startnextloop",
            8 => "stopthread",
            _ => stops.get(self.rng.usize(..2)).copied().unwrap_or("continue"),
        };
        let mut name = self.name("G");
        if self.chance(0.05) {
            name.push_str(" ${n}");
        }
        let mut node = Node::new(kind, name.clone())
            .with("loops", self.pick(&["1", "1", "2", "3", "4", "${n}", "2", "3", "0"]))
            .with("on_error", on_error);
        if users != "1" {
            node = node.with("users", users);
        }
        if self.chance(0.3) {
            node = node.with("same_user", "false");
        }
        if self.chance(0.04) {
            node = node.with("enabled", "false");
        }
        if self.chance(0.1) {
            node = node.with("main", "nameless");
        }
        self.budget = SAMPLERS;
        self.counting = vec![name.replace("${n}", "3")];
        self.above = vec![name];
        let mut children = self.children(1);
        if self.chance(0.4) {
            children.insert(0, self.element());
        }
        node.holding(children)
    }

    fn fragment(&mut self) -> Node {
        let name = self.name("F");
        self.budget = SAMPLERS / 2;
        self.counting.clear();
        self.above = vec![name.clone()];
        // What a module copies from several places may be shared by users side by side.
        let was_alone = std::mem::replace(&mut self.alone, false);
        let node = Node::new("Fragment", name.clone()).holding(self.children(2));
        self.alone = was_alone;
        self.targets.push(format!("Test Plan/P/{name}"));
        node
    }

    /// What stands below a controller.
    fn children(&mut self, depth: usize) -> Vec<Node> {
        let mut children = Vec::new();
        for _ in 0..=self.rng.usize(..4) {
            let Temper { samplers, jumps, elements, controllers, .. } = self.temper;
            let number = self.rng.usize(..samplers + jumps + elements + controllers);
            let mut child = match number {
                _ if number < samplers => self.sampler(),
                _ if number < samplers + jumps => self.jump(depth),
                _ if number < samplers + jumps + elements => self.element(),
                _ if depth < DEPTH && self.budget > 0 => self.controller(depth),
                _ => self.sampler(),
            };
            if self.chance(0.03) {
                child = child.with("enabled", "false");
            }
            children.push(child);
        }
        children
    }

    fn below(&mut self, mut node: Node, depth: usize) -> Node {
        let counts = matches!(node.kind.as_str(), "Loop" | "While" | "ForEach");
        if counts && self.chance(0.1) {
            node.name.push_str(self.pick(&[" ${n}", " ${x1}", " ${__counter(TRUE,)}"]));
        }
        if counts {
            self.counting
                .push(node.name.replace("${n}", "3").replace("${x1}", "1").replace("${__counter(TRUE,)}", "7"));
        }
        self.above.push(node.name.clone());
        let known_targets = self.targets.len();
        let mut children = self.children(depth + 1);
        // What may go round for ever needs a sample to be stopped at.
        let endless = matches!(node.kind.as_str(), "While" | "Runtime") || node.get("loops") == Some("-1");
        if endless || matches!(node.kind.as_str(), "Interleave" | "Random") {
            let sampler = self.sampler();
            let at = self.rng.usize(..=children.len());
            children.insert(at, sampler);
        }
        if matches!(node.kind.as_str(), "Random" | "RandomOrder") {
            let runs = |child: &Node| !is_element(child);
            if let Some(one) = children.iter().position(runs) {
                let one = children[one].clone();
                children.retain(|child| !runs(child));
                // Several that are the same cannot be told apart, unless they count.
                let same = one.kind == "Debug" && !one.name.contains("__counter") && one.children.is_empty();
                let times = if same { 1 + self.rng.usize(..3) } else { 1 };
                children.extend(std::iter::repeat_n(one, times));
            }
            self.targets.truncate(known_targets);
        }
        if counts {
            self.counting.pop();
        }
        if node.kind == "ForEach" {
            self.outputs.pop();
        }
        let path = self.above.join("/");
        self.above.pop();
        let node = node.holding(children);
        // A module does not point at what holds one, so that none goes in a circle.
        if !node.has("Module") && self.chance(0.3) && !path.contains('$') {
            self.targets.push(format!("Test Plan/P/{path}"));
        }
        node
    }

    fn controller(&mut self, depth: usize) -> Node {
        let number = self.rng.usize(..self.temper.kinds.len());
        match self.temper.kinds[number] {
            0..=1 => {
                let name = self.name("simple");
                self.below(Node::new("Simple", name), depth)
            }
            2..=5 => {
                let loops =
                    self.pick(&["0", "1", "2", "2", "3", "${n}", "${x1}", "${x2}", "${__counter(TRUE,)}", "-1", ""]);
                let name = self.name("loop");
                let mut node = Node::new("Loop", name).with("loops", loops);
                if !self.chance(0.2) {
                    node = node.with("forever", self.pick(&["true", "true", "false"]));
                }
                self.below(node, depth)
            }
            6..=7 => {
                let name = self.name("once");
                self.below(Node::new("Once", name), depth)
            }
            8..=11 => {
                let node = self.condition();
                self.below(node, depth)
            }
            12..=14 => {
                let cond = match self.rng.usize(..9) {
                    0 => String::new(),
                    1 => "LAST".to_owned(),
                    2..=4 => format!("${{__jexl3(${{__counter(TRUE,)}} % {} != 0)}}", 2 + self.rng.usize(..3)),
                    5..=6 => "${__jexl3(${x1} < 3)}".to_owned(),
                    7 => "${__groovy((vars.get('x2') as int) < 2)}".to_owned(),
                    _ => self.pick(&["false", "${flag}", "${off}", " False ", "last", "index"]).to_owned(),
                };
                let name = self.name("while");
                let cond = if cond == "index" { format!("${{__jexl3(${{__jm__{name}__idx}} < 2)}}") } else { cond };
                self.below(Node::new("While", name).with("cond", cond), depth)
            }
            15..=17 => {
                let (list, separator) = if self.chance(0.6) { ("a", "true") } else { ("b", "false") };
                let output = self.name("o");
                self.outputs.push(output.clone());
                let name = self.name("each");
                let mut node =
                    Node::new("ForEach", name).with("in", list).with("out", output).with("separator", separator);
                if self.chance(0.4) {
                    node = node.with("start", self.pick(&["0", "1", "2", "", "${x2}", "${__counter(TRUE,)}", "5"]));
                }
                if self.chance(0.3) {
                    node = node.with("end", self.pick(&["1", "2", "3", "${n}", "${__counter(TRUE,)}", "0", "9", ""]));
                }
                self.below(node, depth)
            }
            18..=20 => {
                let name = self.name("inter");
                let mut node = Node::new("Interleave", name).with("style", self.pick(&["0", "1"]));
                if self.chance(0.3) {
                    node = node.with("across", self.flag());
                }
                self.below(node, depth)
            }
            21 => {
                let name = self.name("random");
                let node = Node::new("Random", name).with("style", self.pick(&["0", "1"]));
                self.below(node, depth)
            }
            22 => {
                let name = self.name("order");
                self.below(Node::new("RandomOrder", name), depth)
            }
            23..=24 => {
                let per_user = if self.alone { self.flag() } else { "true" };
                let name = self.name("part");
                let node = Node::new("Throughput", name)
                    .with("style", self.pick(&["0", "1"]))
                    .with("per_user", per_user)
                    .with("most", self.pick(&["0", "1", "2", "3", "${x1}", "${n}", "${__counter(TRUE,)}"]))
                    .with(
                        "percent",
                        self.pick(&["0", "25", "33.3", "50", "66", "100", "150", "${x3}0", "${__counter(TRUE,)}5"]),
                    );
                self.below(node, depth)
            }
            25..=26 => self.switch(depth),
            27 => {
                let name = self.name("time");
                let node = Node::new("Runtime", name).with("seconds", self.pick(&["0", "100000"]));
                self.below(node, depth)
            }
            28..=30 => {
                let mut name = self.name("tx");
                name.push_str(self.pick(&["", "", "", " ${x1}", " ${__counter(TRUE,)}"]));
                let node = Node::new("Transaction", name).with("parent", self.flag()).with("timers", self.flag());
                if self.chance(0.08) {
                    return node;
                }
                self.below(node, depth)
            }
            31 => {
                let name = self.name("alone");
                let lock = self.pick(&["one", "two", "", "${flag}"]);
                self.below(Node::new("Critical", name).with("lock", lock), depth)
            }
            32..=33 if !self.targets.is_empty() || !self.included.is_empty() => {
                if !self.included.is_empty() && self.chance(0.5) {
                    let file = self.included[self.rng.usize(..self.included.len())];
                    return Node::new("Include", self.name("include")).with("path", file);
                }
                match self.targets.len() {
                    0 => self.sampler(),
                    count => {
                        let target = self.targets[self.rng.usize(..count)].clone();
                        Node::new("Module", self.name("module")).with("path", target)
                    }
                }
            }
            _ => {
                let name = self.name("rec");
                let kind = self.pick(&["Recording", "Recording", "Fragment"]);
                self.below(Node::new(kind, name), depth)
            }
        }
    }

    fn switch(&mut self, depth: usize) -> Node {
        let name = self.name("switch");
        let node = self.below(Node::new("Switch", name), depth);
        let child = node.children[self.rng.usize(..node.children.len())].name.clone();
        let value = match self.rng.usize(..8) {
            0..=1 if !child.contains('$') => child,
            2..=3 => self.pick(&["0", "1", "2", "7", "-1", " 1 "]).to_owned(),
            4 => "${x1}".to_owned(),
            5 => "${__counter(TRUE,)}".to_owned(),
            6 => self.pick(&["", "nobody", "default", "${unset}"]).to_owned(),
            _ => "${x3}".to_owned(),
        };
        let mut node = node.with("value", value);
        if self.chance(0.25) {
            node.children.push(Node::new("Debug", "Default"));
        }
        node
    }

    /// An If Controller without anything in it.
    fn condition(&mut self) -> Node {
        let name = self.name("if");
        let node = Node::new("If", name);
        let node = if self.chance(0.75) {
            let cond = match self.rng.usize(..9) {
                0..=1 => self
                    .pick(&["true", "true", "false", " TRUE ", "perhaps", "${flag}", "${flag}", "${off}", ""])
                    .to_owned(),
                2 => "${JMeterThread.last_sample_ok}".to_owned(),
                3..=4 => format!("${{__jexl3(${{x{}}} % 2 == 0)}}", 1 + self.rng.usize(..3)),
                5 => format!("${{__groovy((vars.get('x{}') as int) > 1)}}", 1 + self.rng.usize(..3)),
                6 => "${__jexl3(\"${flag}\" == \"true\" && ${x1} < 2)}".to_owned(),
                _ => format!("${{__jexl3(${{__counter(TRUE,)}} % {} != 1)}}", 2 + self.rng.usize(..3)),
            };
            node.with("cond", cond).with("expression", "true")
        } else {
            let cond =
                self.pick(&["true", "false", "${x1} < 2", "\"${flag}\" == \"true\"", "1 == 1 && ${x2} >= 1", "1"]);
            node.with("cond", cond)
        };
        match self.rng.usize(..3) {
            0 => node.with("all", "true"),
            1 => node.with("all", "false"),
            _ => node,
        }
    }

    fn label(&mut self, letter: &str) -> String {
        let mut name = self.name(letter);
        match self.rng.usize(..12) {
            0 => name.push_str(" ${x1}${x2}${x3}"),
            1 => name.push_str(" ${__counter(TRUE,)}"),
            2 => name.push_str(" ${JMeterThread.last_sample_ok} ${flag}"),
            3..=4 if !self.counting.is_empty() => {
                let of = &self.counting[self.rng.usize(..self.counting.len())];
                name.push_str(&format!(" ${{__jm__{of}__idx}}"));
            }
            5..=6 if !self.outputs.is_empty() => {
                let of = &self.outputs[self.rng.usize(..self.outputs.len())];
                name.push_str(&format!(" ${{{of}}}"));
            }
            7 => name.push_str(" ${c} ${u}"),
            9 => name.push_str(" ${h} ${row}"),
            8 => name.push_str(" ${__threadNum}"),
            _ => {}
        }
        name
    }

    fn sampler(&mut self) -> Node {
        self.budget = self.budget.saturating_sub(1);
        let mut sampler = if self.chance(0.6) {
            let label = self.label("d");
            Node::new("Debug", label)
        } else {
            // JMeter asks for the name of a scripted element three times a sample.
            let label = self.label("s").replace(" ${__counter(TRUE,)}", "");
            let script = self.script();
            Node::new("Script", label).with("script", script)
        };
        while self.chance(0.15) {
            sampler.children.push(self.element());
        }
        sampler
    }

    /// What a scripted sampler does.
    fn script(&mut self) -> String {
        let variable = format!("x{}", 1 + self.rng.usize(..3));
        let counted = self.name("k");
        let counts = format!("def n = ((vars.get('{counted}') ?: '0') as int) + 1; vars.put('{counted}', n as String)");
        let of = 2 + self.rng.usize(..3);
        match self.rng.usize(..20) {
            0..=4 => format!("vars.put('{variable}', (((vars.get('{variable}') as int) + 1) % 5) as String)"),
            5..=6 => format!("vars.put('{variable}', '0')"),
            7..=10 => format!("{counts}; if (n % {of} == 0) SampleResult.setSuccessful(false)"),
            11..=12 => {
                "SampleResult.setSuccessful(false); SampleResult.setResponseCode('503'); SampleResult.setResponseMessage('busy')".to_owned()
            }
            13 => format!("{counts}; if (n % {of} == 0) SampleResult.setIgnore()"),
            14 => format!("{counts}; if (n % {of} == 0) throw new IllegalStateException('no')"),
            15 => "vars.put('flag', vars.get('flag') == 'true' ? 'false' : 'true')".to_owned(),
            16 => "vars.get('a_3') == null ? vars.put('a_3', 'again') : vars.remove('a_3')".to_owned(),
            17 => {
                let action = self.pick(&["BREAK_CURRENT_LOOP", "START_NEXT_ITERATION_OF_THREAD", "START_NEXT_ITERATION_OF_CURRENT_LOOP"]);
                format!("{counts}; if (n % {of} == 0) SampleResult.setTestLogicalAction(org.apache.jmeter.threads.JMeterContext.TestLogicalAction.{action})")
            }
            18 => {
                let what = self.pick(&["SampleResult.setStopThread(true)", "ctx.setStartNextThreadLoop(true)", "SampleResult.setStartNextThreadLoop(true)"]);
                format!("{counts}; if (n == 4) {what}")
            }
            _ => "return vars.get('x1')".to_owned(),
        }
    }

    /// A Flow Control Action, mostly in an If Controller.
    fn jump(&mut self, depth: usize) -> Node {
        self.budget = self.budget.saturating_sub(1);
        let name = self.label("j");
        let flow = match self.rng.usize(..12) {
            0..=3 => Node::new("Flow", name).with("action", "5"),
            4..=6 => Node::new("Flow", name).with("action", "4"),
            7..=8 => Node::new("Flow", name).with("action", "3"),
            9..=10 => Node::new("Flow", name).with("action", "1").with("duration", self.pick(&["0", "1", "${x1}"])),
            _ => {
                let target = if self.may_stop { self.pick(&["0", "2"]) } else { "0" };
                Node::new("Flow", name).with("action", self.pick(&["0", "2"])).with("target", target)
            }
        };
        if depth >= DEPTH || self.chance(0.15) {
            return flow;
        }
        self.condition().holding(vec![flow])
    }

    /// Something that is neither controller nor sampler.
    fn element(&mut self) -> Node {
        let counted = self.name("k");
        let counts = format!("def n = ((vars.get('{counted}') ?: '0') as int) + 1; vars.put('{counted}', n as String)");
        let of = 2 + self.rng.usize(..3);
        let name = self.name("e");
        match self.rng.usize(..21) {
            15 if self.reads => Node::new("Csv", name)
                .with("file", "rows.csv")
                .with("vars", self.pick(&["row", "row", "u"]))
                .with("recycle", self.flag())
                .with("stop", self.flag())
                .with("share", "shareMode.thread"),
            15..=16 => {
                let script = match self.rng.usize(..3) {
                    0 => format!("{counts}; if (n % {of} == 0) sampleResult.setSuccessful(false)"),
                    _ => "vars.put('h', (((vars.get('h') ?: '0') as int) + 1) as String)".to_owned(),
                };
                Node::new("Listen", name).with("script", script)
            }
            17 => Node::new("Response", name)
                .with("field", self.pick(&["Assertion.response_code", "Assertion.response_message"]))
                .with("kind", self.pick(&["2", "8", "6", "16"]))
                .with("scope", self.pick(&["", "all", "children"]))
                .with("pattern", self.pick(&["200", "50", "OK", "no"])),
            18 => {
                let variable = format!("x{}", 1 + self.rng.usize(..3));
                let script =
                    format!("vars.put('{variable}', (((vars.get('{variable}') as int) + 1) % 4) as String); return 1");
                Node::new("TimerScript", name).with("script", script)
            }
            19 => {
                let kind = self.pick(&["Pre", "Post", "Assert", "TimerScript"]);
                Node::new(kind, name)
                    .with("script", format!("{counts}; if (n % {of} == 0) throw new IllegalStateException('no')"))
            }
            0..=2 => {
                Node::new("Timer", name).with("delay", self.pick(&["0", "1", "2", "${x1}", "${__counter(TRUE,c)}"]))
            }
            3..=5 => {
                let per_user = if self.alone { self.flag() } else { "true" };
                let mut node = Node::new("Counter", name)
                    .with("var", self.pick(&["c", "x1", "x2"]))
                    .with("start", self.pick(&["0", "1", "${x2}", ""]))
                    .with("end", self.pick(&["3", "4", "${n}", ""]))
                    .with("incr", self.pick(&["1", "2"]))
                    .with("per_user", per_user);
                if self.chance(0.3) {
                    node = node.with("reset", "true");
                }
                node
            }
            6..=7 => Node::new("Params", name)
                .with("vars", self.pick(&["u=A|B;x3=1", "u=${__counter(TRUE,)}", "x1=0|1;u=${x2}"]))
                .with("each", self.flag()),
            8..=9 => {
                let action = self.pick(&["0", "1", "4", "4", "5", "5", "6", "6"]);
                Node::new("ResultAction", name).with("action", action)
            }
            10..=11 => {
                let action = self.pick(&[
                    "BREAK_CURRENT_LOOP",
                    "START_NEXT_ITERATION_OF_THREAD",
                    "START_NEXT_ITERATION_OF_CURRENT_LOOP",
                ]);
                let action = format!("org.apache.jmeter.threads.JMeterContext.TestLogicalAction.{action}");
                let script = match self.rng.usize(..6) {
                    3 => format!("{counts}; if (n % {of} == 0) prev.setTestLogicalAction({action})"),
                    4 => format!("{counts}; if (n % {of} == 0) ctx.setTestLogicalAction({action})"),
                    5 => format!("{counts}; if (n % {of} == 0) prev.setIgnore()"),
                    0 => "vars.put('x2', (((vars.get('x2') as int) + 1) % 4) as String)".to_owned(),
                    1 => format!("{counts}; if (n % {of} == 0) prev.setSuccessful(false)"),
                    _ => "prev.setSampleLabel(prev.getSampleLabel() + ' ' + vars.get('x1'))".to_owned(),
                };
                Node::new("Post", name).with("script", script)
            }
            12..=13 => {
                let variable = format!("x{}", 1 + self.rng.usize(..3));
                let script = format!("vars.put('{variable}', (((vars.get('{variable}') as int) + 1) % 3) as String)");
                Node::new("Pre", name).with("script", script)
            }
            _ => {
                let script = format!(
                    "{counts}; if (n % {} == 0) {{ AssertionResult.setFailure(true); AssertionResult.setFailureMessage('not ' + n) }}",
                    of + 1
                );
                Node::new("Assert", name).with("script", script)
            }
        }
    }
}

/// Whether a node is neither controller nor sampler.
fn is_element(node: &Node) -> bool {
    matches!(
        node.kind.as_str(),
        "Timer"
            | "TimerScript"
            | "Counter"
            | "Csv"
            | "Params"
            | "ResultAction"
            | "Post"
            | "Pre"
            | "Assert"
            | "Response"
            | "Listen"
    )
}

//! Outlines as JMeter's files: one row a kind, with the names that its keys have in a `.jmx`.

use super::outline::{Node, Outline};
use std::fmt::Write;
use std::path::Path;

/// How a property is written.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Bool,
    Int,
}
use Type::{Bool, Int, Text};

/// Kind, tag, and its keys: name, type, property. A key that a node does not have is not written.
type Row = (&'static str, &'static str, &'static [(&'static str, Type, &'static str)]);

#[rustfmt::skip]
const KINDS: &[Row] = &[
    ("Assert", "JSR223Assertion", &[("script", Text, "script")]),
    ("Counter", "CounterConfig", &[("var", Text, "CounterConfig.name"), ("start", Text, "CounterConfig.start"), ("end", Text, "CounterConfig.end"), ("incr", Text, "CounterConfig.incr"), ("per_user", Bool, "CounterConfig.per_user"), ("reset", Bool, "CounterConfig.reset_on_tg_iteration")]),
    ("Csv", "CSVDataSet", &[("file", Text, "filename"), ("vars", Text, "variableNames"), ("recycle", Bool, "recycle"), ("stop", Bool, "stopThread"), ("share", Text, "shareMode")]),
    ("Critical", "CriticalSectionController", &[("lock", Text, "CriticalSectionController.lockName")]),
    ("Debug", "DebugSampler", &[]),
    ("Flow", "TestAction", &[("action", Int, "ActionProcessor.action"), ("target", Int, "ActionProcessor.target"), ("duration", Text, "ActionProcessor.duration")]),
    ("ForEach", "ForeachController", &[("in", Text, "ForeachController.inputVal"), ("out", Text, "ForeachController.returnVal"), ("separator", Bool, "ForeachController.useSeparator"), ("start", Text, "ForeachController.startIndex"), ("end", Text, "ForeachController.endIndex")]),
    ("Fragment", "TestFragmentController", &[]),
    ("Group", "ThreadGroup", &[]),
    ("If", "IfController", &[("cond", Text, "IfController.condition"), ("all", Bool, "IfController.evaluateAll"), ("expression", Bool, "IfController.useExpression")]),
    ("Include", "IncludeController", &[("path", Text, "IncludeController.includepath")]),
    ("Interleave", "InterleaveControl", &[("style", Int, "InterleaveControl.style"), ("across", Bool, "InterleaveControl.accrossThreads")]),
    ("Listen", "JSR223Listener", &[("script", Text, "script")]),
    ("Loop", "LoopController", &[("loops", Text, "LoopController.loops"), ("forever", Bool, "LoopController.continue_forever")]),
    ("Module", "ModuleController", &[]),
    ("Once", "OnceOnlyController", &[]),
    ("Params", "UserParameters", &[("each", Bool, "UserParameters.per_iteration")]),
    ("Plan", "TestPlan", &[("serialized", Bool, "TestPlan.serialize_threadgroups"), ("tear_down", Bool, "TestPlan.tearDown_on_shutdown")]),
    ("Post", "JSR223PostProcessor", &[("script", Text, "script")]),
    ("Pre", "JSR223PreProcessor", &[("script", Text, "script")]),
    ("Random", "RandomController", &[("style", Int, "InterleaveControl.style")]),
    ("RandomOrder", "RandomOrderController", &[]),
    ("Recording", "RecordingController", &[]),
    ("Response", "ResponseAssertion", &[("field", Text, "Assertion.test_field"), ("kind", Int, "Assertion.test_type"), ("scope", Text, "Assertion.scope")]),
    ("ResultAction", "ResultAction", &[("action", Int, "OnError.action")]),
    ("Runtime", "RunTime", &[("seconds", Text, "RunTime.seconds")]),
    ("Script", "JSR223Sampler", &[("script", Text, "script")]),
    ("SetUp", "SetupThreadGroup", &[]),
    ("Simple", "GenericController", &[]),
    ("Switch", "SwitchController", &[("value", Text, "SwitchController.value")]),
    ("TearDown", "PostThreadGroup", &[]),
    ("Throughput", "ThroughputController", &[("style", Int, "ThroughputController.style"), ("per_user", Bool, "ThroughputController.perThread"), ("most", Text, "ThroughputController.maxThroughput"), ("percent", Text, "ThroughputController.percentThroughput")]),
    ("Timer", "ConstantTimer", &[("delay", Text, "ConstantTimer.delay")]),
    ("TimerScript", "JSR223Timer", &[("script", Text, "script")]),
    ("Transaction", "TransactionController", &[("parent", Bool, "TransactionController.parent"), ("timers", Bool, "TransactionController.includeTimers")]),
    ("While", "WhileController", &[("cond", Text, "WhileController.condition")]),
];

/// Writes the plan's files into `folder`: `plan.jmx` and what it includes.
pub fn write(outline: &Outline, folder: &Path) {
    for root in &outline.0 {
        if root.kind == "Data" {
            std::fs::write(folder.join(&root.name), root.get("text").unwrap_or("")).unwrap();
            continue;
        }
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.push_str("<jmeterTestPlan version=\"1.2\" properties=\"5.0\" jmeter=\"5.6.2\"><hashTree>\n");
        let name = if root.kind == "File" {
            root.children.iter().for_each(|child| element(child, &mut out));
            root.name.as_str()
        } else {
            element(root, &mut out);
            "plan.jmx"
        };
        out.push_str("</hashTree></jmeterTestPlan>\n");
        std::fs::write(folder.join(name), out).unwrap();
    }
}

fn element(node: &Node, out: &mut String) {
    let (_, tag, keys) = KINDS.iter().find(|row| row.0 == node.kind).unwrap_or_else(|| panic!("{}", node.kind));
    let enabled = node.get("enabled").unwrap_or("true");
    let name = escaped(&node.name);
    let _ = write!(out, "<{tag} guiclass=\"{tag}Gui\" testclass=\"{tag}\" testname=\"{name}\" enabled=\"{enabled}\">");
    for (key, written, property) in *keys {
        let Some(value) = node.get(key) else { continue };
        prop(*written, property, value, out);
    }
    match node.kind.as_str() {
        "Plan" => variables(node.get("vars").unwrap_or(""), out),
        "Group" | "SetUp" | "TearDown" => group(node, out),
        "Module" => {
            let names = node.get("path").unwrap_or("").split('/').map(str::to_owned).collect::<Vec<_>>();
            texts("ModuleController.node_path", &names, out);
        }
        "Params" => parameters(node, out),
        "Response" => {
            let patterns = [node.get("pattern").unwrap_or("").to_owned()];
            texts("Asserion.test_strings", &patterns, out);
        }
        "Csv" => {
            prop(Text, "delimiter", ",", out);
            prop(Bool, "quotedData", "false", out);
            prop(Bool, "ignoreFirstLine", "false", out);
        }
        "Script" | "Pre" | "Post" | "Assert" | "Listen" | "TimerScript" => {
            prop(Text, "scriptLanguage", "groovy", out);
            prop(Text, "cacheKey", "true", out);
        }
        "Debug" => {
            for shown in ["displayJMeterProperties", "displayJMeterVariables", "displaySystemProperties"] {
                prop(Bool, shown, "false", out);
            }
        }
        _ => {}
    }
    let _ = writeln!(out, "</{tag}>");
    if node.children.is_empty() {
        out.push_str("<hashTree/>\n");
        return;
    }
    out.push_str("<hashTree>\n");
    node.children.iter().for_each(|child| element(child, out));
    out.push_str("</hashTree>\n");
}

fn prop(written: Type, property: &str, value: &str, out: &mut String) {
    let tag = match written {
        Text => "stringProp",
        Bool => "boolProp",
        Int => "intProp",
    };
    let _ = write!(out, "<{tag} name=\"{property}\">{}</{tag}>", escaped(value));
}

fn texts(property: &str, values: &[String], out: &mut String) {
    let _ = write!(out, "<collectionProp name=\"{property}\">");
    for (index, value) in values.iter().enumerate() {
        prop(Text, &index.to_string(), value, out);
    }
    out.push_str("</collectionProp>");
}

/// `a=1;b=2`
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(';').filter_map(|pair| pair.split_once('='))
}

fn variables(text: &str, out: &mut String) {
    out.push_str("<elementProp name=\"TestPlan.user_defined_variables\" elementType=\"Arguments\" testclass=\"Arguments\"><collectionProp name=\"Arguments.arguments\">");
    for (name, value) in pairs(text) {
        let _ = write!(out, "<elementProp name=\"{name}\" elementType=\"Argument\">");
        prop(Text, "Argument.name", name, out);
        prop(Text, "Argument.value", value, out);
        prop(Text, "Argument.metadata", "=", out);
        out.push_str("</elementProp>");
    }
    out.push_str("</collectionProp></elementProp>");
}

/// `vars` is `a=1|2;b=3`: a column for each user.
fn parameters(node: &Node, out: &mut String) {
    let vars: Vec<(&str, Vec<&str>)> =
        pairs(node.get("vars").unwrap_or("")).map(|(name, values)| (name, values.split('|').collect())).collect();
    texts("UserParameters.names", &vars.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(), out);
    out.push_str("<collectionProp name=\"UserParameters.thread_values\">");
    let users = vars.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    for user in 0..users {
        let column: Vec<_> =
            vars.iter().filter_map(|(_, values)| values.get(user)).map(|value| (*value).to_owned()).collect();
        texts(&format!("c{user}"), &column, out);
    }
    out.push_str("</collectionProp>");
}

fn group(node: &Node, out: &mut String) {
    prop(Text, "ThreadGroup.on_sample_error", node.get("on_error").unwrap_or("continue"), out);
    out.push_str(
        "<elementProp name=\"ThreadGroup.main_controller\" elementType=\"LoopController\" testclass=\"LoopController\"",
    );
    out.push_str(if node.get("main") == Some("nameless") { ">" } else { " testname=\"Loop Controller\">" });
    prop(Bool, "LoopController.continue_forever", node.get("forever").unwrap_or("false"), out);
    prop(Text, "LoopController.loops", node.get("loops").unwrap_or("1"), out);
    out.push_str("</elementProp>");
    prop(Text, "ThreadGroup.num_threads", node.get("users").unwrap_or("1"), out);
    prop(Text, "ThreadGroup.ramp_time", "0", out);
    prop(Bool, "ThreadGroup.same_user_on_next_iteration", node.get("same_user").unwrap_or("true"), out);
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\n', "&#10;")
}

//! What a Debug PostProcessor shows of the sampler it works for: its properties as JMeter stores them, merged with those of
//! the config elements in its scope (`AbstractTestElement.mergeIn`).
//!
//! Samplers keep none of this. The first Debug PostProcessor that is compiled asks for it; from then on each sampler's
//! properties are compiled beside it, and found again by the place where the sampler lies. Plans without one pay nothing.

use super::roles::Sampler;
use super::samplers::http::applies as applies_to_http;
use super::{Compile, ScopedConfig};
use crate::expr::Expr;
use crate::jmx::{Property, PropertyValue, TestElement};
use crate::text::Text;
use crate::virtual_user::{Thrown, VirtualUser};
use indexmap::IndexMap;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The properties of all samplers of a plan.
#[derive(Default)]
pub struct SamplerProperties(Mutex<HashMap<usize, Properties>>);

/// Names and texts of one sampler's.
type Properties = Arc<[(Text, Shown)]>;

/// A property's text, in the pieces that JMeter evaluates one by one.
type Shown = Vec<Expr>;

/// Names that plans have for JMeter's classes, of samplers and their windows.
const CLASSES: &[(&str, &str)] = &[
    ("BeanShellSampler", "org.apache.jmeter.protocol.java.sampler.BeanShellSampler"),
    ("BeanShellSamplerGui", "org.apache.jmeter.protocol.java.control.gui.BeanShellSamplerGui"),
    ("DebugSampler", "org.apache.jmeter.sampler.DebugSampler"),
    ("GraphQLHTTPSamplerGui", "org.apache.jmeter.protocol.http.control.gui.GraphQLHTTPSamplerGui"),
    ("HTTPSamplerProxy", "org.apache.jmeter.protocol.http.sampler.HTTPSamplerProxy"),
    ("HttpTestSampleGui", "org.apache.jmeter.protocol.http.control.gui.HttpTestSampleGui"),
    ("JSR223Sampler", "org.apache.jmeter.protocol.java.sampler.JSR223Sampler"),
    ("JavaSampler", "org.apache.jmeter.protocol.java.sampler.JavaSampler"),
    ("JavaTestSamplerGui", "org.apache.jmeter.protocol.java.control.gui.JavaTestSamplerGui"),
    ("SystemSampler", "org.apache.jmeter.protocol.system.SystemSampler"),
    ("SystemSamplerGui", "org.apache.jmeter.protocol.system.gui.SystemSamplerGui"),
    ("TestBeanGUI", "org.apache.jmeter.testbeans.gui.TestBeanGUI"),
];

/// Managers that an HTTP Request holds: the class, and the property.
const MANAGERS: &[(&str, &str, &str)] = &[
    ("AuthManager", "HTTPSampler.auth_manager", "org.apache.jmeter.protocol.http.control.AuthManager"),
    ("CacheManager", "HTTPSampler.cache_manager", "org.apache.jmeter.protocol.http.control.CacheManager"),
    ("CookieManager", "HTTPSampler.cookie_manager", "org.apache.jmeter.protocol.http.control.CookieManager"),
    ("DNSCacheManager", "HTTPSampler.dns_cache_manager", "org.apache.jmeter.protocol.http.control.DNSCacheManager"),
    ("HeaderManager", "HTTPSampler.header_manager", "org.apache.jmeter.protocol.http.control.HeaderManager"),
];

impl SamplerProperties {
    /// Compiles the properties of a sampler that has just been compiled itself.
    pub fn add(&self, compile: &mut Compile<'_>, sampler: &Arc<dyn Sampler>) {
        let element = compile.element;
        let is_http = &*element.class == "HTTPSamplerProxy";
        let mut merged: IndexMap<Text, Vec<&PropertyValue>> = IndexMap::new();
        for Property { name, value, .. } in &element.properties {
            merged.insert(Text::clone(name), vec![value]);
        }
        let mut shown = own(compile, element);
        for ScopedConfig { element: config, .. } in compile.configs {
            let gui = config.gui_class();
            let applies = if is_http { applies_to_http(config) } else { gui.ends_with("SimpleConfigGui") };
            if !applies {
                continue;
            }
            if let Some((_, name, class)) = MANAGERS.iter().find(|manager| &*config.class == manager.0) {
                // Java's hash of the manager is another in every run.
                shown.push((Text::from(*name), vec![Expr::literal(format!("{class}@{:x}", config.line))]));
            } else if &*config.class == "ConfigTestElement" {
                for Property { name, value, .. } in &config.properties {
                    let values = merged.entry(Text::clone(name)).or_default();
                    match values.first() {
                        Some(PropertyValue::String(text)) if text.is_empty() => *values = vec![value],
                        None | Some(PropertyValue::Element(_)) => values.push(value),
                        Some(_) => {}
                    }
                }
            }
        }
        for (name, values) in merged {
            let mut pieces = Vec::new();
            for value in values {
                append(compile, value, &mut pieces);
            }
            if is_java_arguments(element, &name) {
                let separator = if pieces.is_empty() { "TestElement.name" } else { "&TestElement.name" };
                pieces.push(Expr::literal(separator));
                pieces.push(parse(compile, &element.name()));
                pieces.push(Expr::literal("()"));
            }
            shown.push((name, pieces));
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(place(&**sampler), shown.into());
    }

    /// Names and values as they are now.
    pub fn of(&self, sampler: &dyn Sampler, user: &mut VirtualUser) -> Result<Vec<(Text, Text)>, Thrown> {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&place(sampler)).cloned();
        let mut lines = Vec::new();
        for (name, pieces) in shown.iter().flat_map(|shown| shown.iter()) {
            let mut value = String::new();
            for piece in pieces {
                value.push_str(&piece.eval(user)?);
            }
            lines.push((Text::clone(name), Text::from(value)));
        }
        Ok(lines)
    }
}

fn place(sampler: &dyn Sampler) -> usize {
    std::ptr::from_ref(sampler).cast::<()>().addr()
}

/// What a plan's file has as attributes.
fn own(compile: &mut Compile<'_>, element: &TestElement) -> Vec<(Text, Shown)> {
    let class = |name: &str| {
        let known = CLASSES.iter().find(|class| class.0 == name).map_or(name, |class| class.1);
        vec![Expr::literal(known)]
    };
    let mut own = vec![
        (Text::from("TestElement.enabled"), vec![Expr::literal("true")]),
        (Text::from("TestElement.test_class"), class(&element.class)),
    ];
    let gui = element.gui_class();
    if !gui.is_empty() {
        own.push((Text::from("TestElement.gui_class"), class(&gui)));
    }
    if element.has_name() {
        own.push((Text::from("TestElement.name"), vec![parse(compile, &element.name())]));
    }
    own
}

/// A Java Request gives its class the sampler's name as one argument more.
fn is_java_arguments(element: &TestElement, property: &str) -> bool {
    &*element.class == "JavaSampler" && property == "arguments"
}

/// Appends `getStringValue()` of a property.
fn append(compile: &mut Compile<'_>, value: &PropertyValue, pieces: &mut Shown) {
    match value {
        PropertyValue::Element(element) => match element.class.rsplit('.').next().unwrap_or_default() {
            "Arguments" => arguments(compile, element, pieces),
            "HTTPFileArgs" => files(compile, element, pieces),
            _ => pieces.push(Expr::literal(format!("{}@{:x}", element.class, element.line))),
        },
        PropertyValue::Collection(entries) => {
            pieces.push(Expr::literal("["));
            for (at, entry) in entries.iter().enumerate() {
                if at > 0 {
                    pieces.push(Expr::literal(", "));
                }
                append(compile, &entry.value, pieces);
            }
            pieces.push(Expr::literal("]"));
        }
        other => pieces.push(parse(compile, &other.text())),
    }
}

/// `Arguments.toString()`.
fn arguments(compile: &mut Compile<'_>, element: &TestElement, pieces: &mut Shown) {
    for entry in element.collection("Arguments.arguments") {
        let PropertyValue::Element(argument) = &entry.value else { continue };
        if !pieces.is_empty() {
            pieces.push(Expr::literal("&"));
        }
        for key in ["Argument.name", "Argument.metadata", "Argument.value"] {
            pieces.push(parse(compile, &argument.text(key)));
        }
        pieces.push(Expr::literal("("));
        pieces.push(parse(compile, &argument.text("Argument.desc")));
        pieces.push(Expr::literal(")"));
    }
}

/// `HTTPFileArgs.toString()`.
fn files(compile: &mut Compile<'_>, element: &TestElement, pieces: &mut Shown) {
    for entry in element.collection("HTTPFileArgs.files") {
        let PropertyValue::Element(file) = &entry.value else { continue };
        let before = if pieces.is_empty() { "path:'" } else { "\npath:'" };
        for (text, key) in [(before, "File.path"), ("'|param:'", "File.paramname"), ("'|mimetype:'", "File.mimetype")] {
            pieces.push(Expr::literal(text));
            pieces.push(parse(compile, &file.text(key)));
        }
        pieces.push(Expr::literal("'"));
    }
}

/// A text that the sampler has parsed already, problems and all. What may have to wait (`__fifoPop`) is not evaluated a
/// second time: it is shown as it stands in the plan.
fn parse(compile: &mut Compile<'_>, text: &str) -> Expr {
    let (problems, waits) = (compile.shared.diagnostics.len(), std::mem::take(&mut compile.shared.waits));
    let mut parsed = compile.parse(text);
    if compile.shared.waits {
        parsed = Expr::literal(text);
    }
    compile.shared.waits = waits;
    compile.shared.diagnostics.truncate(problems);
    parsed
}

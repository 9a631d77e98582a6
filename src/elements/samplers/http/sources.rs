//! Where an HTTP Request's properties come from: what the sampler leaves empty comes from the nearest HTTP Request
//! Defaults that has it, arguments of all of them are appended (`AbstractTestElement.mergeIn`).

use super::fields::{Argument, FileArgument};
use crate::elements::configs::{AuthManager, CacheManager, CookieManager, DnsCacheManager, HeaderManager};
use crate::elements::roles::Config;
use crate::elements::{Compile, ScopedConfig, Severity};
use crate::expr::{BoolExpr, Expr};
use crate::jmx::{PropertyValue, TestElement};
use std::any::Any;
use std::sync::Arc;

const PREFIX: &str = "HTTPSampler.";

/// `HTTPSamplerBase.APPLIABLE_CONFIG_CLASSES`, without packages.
const GUI_CLASSES: &[&str] = &[
    "LoginConfigGui",
    "HttpDefaultsGui",
    "SimpleConfigGui",
    "HeaderPanel",
    "DNSCacheManager",
    "DNSCachePanel",
    "AuthPanel",
    "CacheManagerGui",
    "CookiePanel",
    "TestBeanGUI",
];

/// Whether the HTTP Request heeds a config element.
pub(in crate::elements) fn applies(config: &TestElement) -> bool {
    let gui = config.gui_class();
    GUI_CLASSES.contains(&gui.rsplit('.').next().unwrap_or_default())
}

/// The sampler's element and the config elements that apply to it, nearest first.
pub(super) struct Sources<'a> {
    elements: Vec<&'a TestElement>,
    headers: Vec<Arc<HeaderManager>>,
    managers: Managers,
}

/// The managers that work for a sampler. Of several the outermost counts: each one takes the place of the one before.
#[derive(Clone, Default)]
pub(super) struct Managers {
    /// The only Header Manager in scope.
    pub headers: Option<Arc<HeaderManager>>,
    pub cookies: Option<Arc<CookieManager>>,
    pub cache: Option<Arc<CacheManager>>,
    pub auth: Option<Arc<AuthManager>>,
    pub dns: Option<Arc<DnsCacheManager>>,
}

impl<'a> Sources<'a> {
    /// Config elements whose `guiclass` is none of those that JMeter's sampler knows have no effect.
    #[allow(clippy::same_functions_in_if_condition, reason = "each typed call looks for another type")]
    pub fn new(compile: &mut Compile<'a>) -> Self {
        let mut sources =
            Sources { elements: vec![compile.element], headers: Vec::new(), managers: Managers::default() };
        for config in compile.configs {
            let managers = &mut sources.managers;
            if !applies(config.element) {
                if is_manager(config) {
                    no_effect(compile, config.element, &config.element.gui_class());
                }
            } else if &*config.element.class == "ConfigTestElement" {
                sources.elements.push(config.element);
            } else if let Some(manager) = typed::<HeaderManager>(config) {
                sources.headers.push(manager);
            } else {
                supersede(config, &mut managers.cookies);
                supersede(config, &mut managers.cache);
                supersede(config, &mut managers.auth);
                supersede(config, &mut managers.dns);
            }
        }
        sources
    }

    /// The managers in scope.
    pub fn managers(self) -> Managers {
        let headers = match &*self.headers {
            [manager] => Some(Arc::clone(manager)),
            _ => None,
        };
        Managers { headers, ..self.managers }
    }

    /// Names and values of all header managers, the nearest manager first.
    pub fn headers(&self) -> Vec<Arc<[(Expr, Expr)]>> {
        self.headers.iter().map(|manager| Arc::clone(manager.headers())).collect()
    }

    /// The first element that has the property, where an empty text counts as not having it.
    fn find(&self, key: &str) -> Option<&'a PropertyValue> {
        let key = format!("{PREFIX}{key}");
        self.elements.iter().find_map(|element| match element.get(&key) {
            Some(PropertyValue::String(text)) if text.is_empty() => None,
            other => other,
        })
    }

    /// Whether anybody has the property.
    pub fn has(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// A property as an expression; empty when nobody has it.
    pub fn text(&self, compile: &mut Compile<'_>, key: &str) -> Expr {
        self.text_or(compile, key, "")
    }

    /// A property as an expression, or a default when nobody has it.
    pub fn text_or(&self, compile: &mut Compile<'_>, key: &str, default: &str) -> Expr {
        match self.find(key) {
            Some(value) => compile.parse(&value.text()),
            None => Expr::literal(default),
        }
    }

    /// A flag; false when nobody has it.
    pub fn flag(&self, compile: &mut Compile<'_>, key: &str) -> BoolExpr {
        BoolExpr::new(self.text(compile, key))
    }

    /// All arguments.
    pub fn arguments(&self, compile: &mut Compile<'_>) -> Vec<Argument> {
        let mut all = Vec::new();
        for element in &self.elements {
            let Some(arguments) = element.element("HTTPsampler.Arguments") else { continue };
            for entry in arguments.collection("Arguments.arguments") {
                let PropertyValue::Element(argument) = &entry.value else { continue };
                let separator =
                    argument.get("Argument.metadata").is_some().then(|| compile.expr_in(argument, "Argument.metadata"));
                let content_type = argument.get("HTTPArgument.content_type").map(PropertyValue::text);
                all.push(Argument {
                    name: compile.expr_in(argument, "Argument.name"),
                    value: compile.expr_in(argument, "Argument.value"),
                    separator,
                    always_encode: compile.flag_in(argument, "HTTPArgument.always_encode", false),
                    content_type: compile.parse(content_type.as_deref().unwrap_or("text/plain")),
                });
            }
        }
        all
    }

    /// All files.
    pub fn files(&self, compile: &mut Compile<'_>) -> Vec<FileArgument> {
        let mut all = Vec::new();
        for element in &self.elements {
            // Plans of JMeter 2.3 and before have one file in the sampler itself; it comes first.
            if ["FILE_NAME", "FILE_FIELD", "mimetype"]
                .iter()
                .any(|key| !element.text(&format!("{PREFIX}{key}")).is_empty())
            {
                all.push(FileArgument {
                    path: compile.expr_in(element, "HTTPSampler.FILE_NAME"),
                    name: compile.expr_in(element, "HTTPSampler.FILE_FIELD"),
                    mime_type: compile.expr_in(element, "HTTPSampler.mimetype"),
                });
            }
            let Some(files) = element.element("HTTPsampler.Files") else { continue };
            for entry in files.collection("HTTPFileArgs.files") {
                let PropertyValue::Element(file) = &entry.value else { continue };
                all.push(FileArgument {
                    path: compile.expr_in(file, "File.path"),
                    name: compile.expr_in(file, "File.paramname"),
                    mime_type: compile.expr_in(file, "File.mimetype"),
                });
            }
        }
        all
    }
}

fn is_manager(config: &ScopedConfig<'_>) -> bool {
    typed::<HeaderManager>(config).is_some()
        || typed::<CookieManager>(config).is_some()
        || typed::<CacheManager>(config).is_some()
        || typed::<AuthManager>(config).is_some()
        || typed::<DnsCacheManager>(config).is_some()
}

/// Says once that a manager does nothing.
fn no_effect(compile: &mut Compile<'_>, element: &TestElement, gui: &str) {
    let message = format!(
        "{} '{}' of line {} has no effect: its guiclass '{gui}' is none that JMeter's HTTP Request knows",
        element.class,
        element.name(),
        element.line
    );
    if !compile.shared.diagnostics.iter().any(|known| known.message == message) {
        compile.problem(Severity::Warning, message);
    }
}

/// A config element as what it is, shared.
fn typed<T: Config>(config: &ScopedConfig<'_>) -> Option<Arc<T>> {
    let config: Arc<dyn Any + Send + Sync> = config.config.clone()?;
    config.downcast().ok()
}

/// Takes a manager in, if it is one for this place.
fn supersede<T: Config>(config: &ScopedConfig<'_>, place: &mut Option<Arc<T>>) {
    let Some(manager) = typed(config) else { return };
    if place.replace(manager).is_some() {
        log::warn!(target: "org.apache.jmeter.protocol.http.sampler.HTTPSamplerBase",
            "Existing {} superseded by {}", config.element.class, config.element.name());
    }
}

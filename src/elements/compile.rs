//! What an element sees while it is compiled.

use super::roles::Config;
use super::sampler_properties::SamplerProperties;
use super::{Diagnostic, Severity, VariableName};
use crate::expr::{BoolExpr, Expr, LongExpr, NameSource, Scope};
use crate::jmx::{PropertyValue, TestElement};
use crate::properties::Properties;
use crate::text;
use crate::virtual_user::{Names, Slot, SlotAllocator, VarId};
use std::path::PathBuf;
use std::sync::Arc;

/// What all elements of a plan share while it is compiled.
pub struct Shared {
    /// Numbers of variable names.
    pub names: Names,
    /// Places for per-user state.
    pub slots: SlotAllocator,
    /// Problems so far.
    pub diagnostics: Vec<Diagnostic>,
    /// JMeter properties as they are before the run.
    pub properties: Properties,
    /// The plan's folder.
    pub base_dir: PathBuf,
    /// `TestPlan.functional_mode`
    pub functional_mode: bool,
    /// Whether a reference was met that JMeter refuses to compile: nothing runs then.
    pub tree_error: Option<String>,
    /// Whether a value was met that may hold up its thread (`__fifoPop`) since this was set to false.
    pub waits: bool,
    /// Whether anything of the plan may read the body of a sample after that sample is over: a pre-processor, a script, a
    /// function. What reads a body while its sample is at work says so by its role.
    pub reads_previous: bool,
    /// The samplers' properties, once a Debug PostProcessor has asked for them.
    pub sampler_properties: Option<Arc<SamplerProperties>>,
}

/// A config element in a sampler's scope.
#[derive(Clone)]
pub struct ScopedConfig<'a> {
    /// As it stands in the plan.
    pub element: &'a TestElement,
    /// As it was compiled, shared by all samplers that see it.
    pub config: Option<Arc<dyn Config>>,
}

impl ScopedConfig<'_> {
    /// The compiled config, if it is a `T`.
    pub fn downcast<T: 'static>(&self) -> Option<&T> {
        self.config.as_ref().and_then(|config| config.as_any().downcast_ref())
    }
}

/// An element that is being compiled.
pub struct Compile<'a> {
    /// As it stands in the plan.
    pub element: &'a TestElement,
    /// Config elements in a sampler's scope, nearest first; empty for everything else.
    pub configs: &'a [ScopedConfig<'a>],
    /// What all elements share.
    pub shared: &'a mut Shared,
    /// Names from the plan down to the element.
    pub path: &'a str,
}

impl Compile<'_> {
    /// A property as an expression; empty when it is absent.
    pub fn expr(&mut self, key: &str) -> Expr {
        self.expr_in(self.element, key)
    }

    /// A property of `element` (for nested ones) as an expression; empty when it is absent.
    pub fn expr_in(&mut self, element: &TestElement, key: &str) -> Expr {
        match element.get(key).map(PropertyValue::text) {
            Some(text) => self.parse(&text),
            None => Expr::default(),
        }
    }

    /// A property as an expression, or `default` when it is absent.
    pub fn expr_or(&mut self, key: &str, default: &str) -> Expr {
        match self.element.get(key).map(PropertyValue::text) {
            Some(text) => self.parse(&text),
            None => Expr::literal(default),
        }
    }

    /// A flag, or `default` when it is absent.
    pub fn flag(&mut self, key: &str, default: bool) -> BoolExpr {
        self.flag_in(self.element, key, default)
    }

    /// A flag of `element`.
    pub fn flag_in(&mut self, element: &TestElement, key: &str, default: bool) -> BoolExpr {
        match element.get(key).map(PropertyValue::text) {
            Some(text) => BoolExpr::new(self.parse(&text)),
            None => BoolExpr::Fixed(default),
        }
    }

    /// A whole number, or `default` when it is absent.
    pub fn long(&mut self, key: &str, default: i64) -> LongExpr {
        match self.element.get(key).map(PropertyValue::text) {
            Some(text) => LongExpr::new(self.parse(&text)),
            None => LongExpr::Fixed(default),
        }
    }

    /// The element's name.
    pub fn name(&mut self) -> Expr {
        let name = self.element.name();
        self.parse(&name)
    }

    /// Parses a value; what cannot be parsed becomes a diagnostic.
    pub fn parse(&mut self, text: &str) -> Expr {
        let shared = &mut *self.shared;
        let mut scope = Scope::new(NameSource::Compile(&mut shared.names), &mut shared.slots, &shared.properties);
        let parsed = Expr::parse(text, &mut scope);
        let unsupported = std::mem::take(&mut scope.unsupported);
        shared.waits |= scope.waits;
        shared.reads_previous |= scope.reads_previous;
        for function in unsupported {
            self.problem(Severity::Unsupported, format!("function {} {}", function.name, function.reason));
        }
        match parsed {
            Ok(expr) => {
                if let Some(literal) = expr.as_literal() {
                    text::for_ever(literal);
                }
                expr
            }
            Err(error) => {
                self.shared.tree_error.get_or_insert_with(|| error.message.clone());
                self.problem(Severity::Error, error.message);
                Expr::default()
            }
        }
    }

    /// A place for per-user state.
    pub fn slot<T>(&mut self) -> Slot<T> {
        self.shared.slots.slot()
    }

    /// The one `T` that all elements of the plan share, made by the first that asks.
    pub fn common<T: Send + Sync + 'static>(&mut self, make: impl FnOnce(&mut SlotAllocator) -> T) -> Arc<T> {
        self.shared.slots.common(make)
    }

    /// A property that names a variable.
    pub fn variable_name(&mut self, key: &str) -> VariableName {
        let name = self.expr(key);
        VariableName::new(name, &mut self.shared.names)
    }

    /// The number of a variable name.
    pub fn variable(&mut self, name: &str) -> VarId {
        self.shared.names.intern(name)
    }

    /// Notes a problem at this element.
    pub fn problem(&mut self, severity: Severity, message: impl Into<String>) {
        let diagnostic = Diagnostic {
            severity,
            path: self.path.to_owned(),
            tag: self.element.class.to_string(),
            line: self.element.line,
            message: message.into(),
        };
        self.shared.diagnostics.push(diagnostic);
    }
}

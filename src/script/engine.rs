//! Script engines by the names that JMeter's elements give them, and the programs compiled so far.

use super::CompileError;
use super::core::{self, Script};
use super::host::{Bindings, Outcome};
use super::jexl::{self, Jexl};
use super::value::{Thrown, Value};
use crate::text::Text;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A language that scripts are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Groovy 3.
    Groovy,
    /// BeanShell 2.0b6, which JMeter also calls `java`.
    BeanShell,
    /// JEXL 2.
    Jexl2,
    /// JEXL 3.
    Jexl3,
}

impl Language {
    /// The language of an engine's name, as `ScriptEngineManager` finds it with JMeter's jars on Java 17; `None` where
    /// JMeter has no engine either.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "groovy" | "Groovy" => Self::Groovy,
            "beanshell" | "bsh" | "java" => Self::BeanShell,
            "JEXL" | "Jexl" | "jexl" | "JEXL3" | "Jexl3" | "jexl3" => Self::Jexl3,
            "JEXL2" | "Jexl2" | "jexl2" => Self::Jexl2,
            _ => return None,
        })
    }
}

/// A compiled script, shared by all users.
#[derive(Debug)]
pub enum Program {
    /// Groovy or BeanShell.
    Core(Script),
    /// JEXL.
    Jexl(Jexl),
}

/// Why there is no program.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// What is wrong, and where.
    pub error: CompileError,
    /// What the engine throws for it.
    pub thrown: Thrown,
}

/// Programs by language and text. Bounded: texts with `${…}` may be new at every pass.
type Compiled = HashMap<(Language, Text), Result<Arc<Program>, Refusal>, ahash::RandomState>;

const MOST_PROGRAMS: usize = 4096;

impl Program {
    /// The program of a text, compiled on first sight.
    pub fn of(language: Language, source: &Text) -> Result<Arc<Self>, Refusal> {
        static COMPILED: Mutex<Option<Compiled>> = Mutex::new(None);
        let key = (language, Text::clone(source));
        let known = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = known.as_ref().and_then(|compiled| compiled.get(&key)) {
            return program.clone();
        }
        drop(known);
        let program = Self::compile(language, source).map(Arc::new);
        let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
        let compiled = compiled.get_or_insert_default();
        if compiled.len() >= MOST_PROGRAMS {
            compiled.clear();
        }
        compiled.insert(key, program.clone());
        program
    }

    fn compile(language: Language, source: &str) -> Result<Self, Refusal> {
        let core_language = match language {
            Language::Groovy => core::Language::Groovy,
            Language::BeanShell => core::Language::BeanShell,
            Language::Jexl2 | Language::Jexl3 => {
                let dialect = if language == Language::Jexl2 { jexl::Dialect::Jexl2 } else { jexl::Dialect::Jexl3 };
                return Jexl::compile(source, dialect).map(Self::Jexl).map_err(|error| Refusal {
                    thrown: Thrown::new(super::value::exceptions::JEXL, error.to_string()),
                    error,
                });
            }
        };
        Script::compile(source, core_language).map(Self::Core).map_err(|error| {
            let thrown = match language {
                Language::Groovy => Thrown::new(
                    "org.codehaus.groovy.control.MultipleCompilationErrorsException",
                    super::groovy::startup_failed(&error, source, "Script1.groovy"),
                ),
                _ => Thrown::new("bsh.EvalError", &error.message),
            };
            Refusal { error, thrown }
        })
    }

    /// Runs the program.
    pub fn run(&self, bindings: &mut Bindings<'_>) -> Outcome {
        match self {
            Self::Core(script) => script.run(bindings),
            Self::Jexl(jexl) => jexl.eval(bindings),
        }
    }

    /// `toString()` of a value that the program gave.
    pub fn text(&self, bindings: &mut Bindings<'_>, value: &Value) -> Result<String, Thrown> {
        core::to_text(bindings, value)
    }

    /// Whether running it may hold up the thread.
    pub fn may_block(&self) -> bool {
        match self {
            Self::Core(script) => script.may_block(),
            Self::Jexl(_) => false,
        }
    }

    /// The mistake at which a BeanShell script will fail.
    pub fn mistake(&self) -> Option<&CompileError> {
        match self {
            Self::Core(script) => script.mistake(),
            Self::Jexl(_) => None,
        }
    }

    /// Classes that a script names and nobody has, with their lines.
    pub fn missing(&self) -> Vec<(u32, String)> {
        match self {
            Self::Core(script) => script.missing().iter().map(|(at, class)| (at.line, class.clone())).collect(),
            Self::Jexl(_) => Vec::new(),
        }
    }
}

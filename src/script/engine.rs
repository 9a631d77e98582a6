//! Script engines by the names that JMeter's elements give them, and the programs compiled so far.

use super::CompileError;
use super::core::{self, Script};
use super::host::{Bindings, Outcome};
use super::jexl::{self, Jexl};
use super::library::shipped;
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
    /// JMeter has no engine either. Both JEXL engines call themselves "JEXL Engine", and Java 17 keeps one of a name: the
    /// first in the order of the jars, which is JEXL 2.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "groovy" | "Groovy" => Self::Groovy,
            "beanshell" | "bsh" | "java" => Self::BeanShell,
            "JEXL" | "Jexl" | "jexl" | "JEXL2" | "Jexl2" | "jexl2" => Self::Jexl2,
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

/// What stands in the way of a script, told before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// JMeter runs it, this library does not: what is missing.
    Unsupported(String),
    /// It fails in JMeter too, or when it gets there: why.
    Fails(String),
}

/// What stands in the way of a script that was compiled.
pub fn gaps(language: Language, program: &Result<Arc<Program>, Refusal>) -> Vec<Gap> {
    let program = match program {
        Ok(program) => program,
        Err(Refusal { error, .. }) => {
            let unsupported = match error.construct.strip_prefix("class ") {
                Some(class) => shipped::has(class),
                None => !error.construct.is_empty(),
            };
            let text = format!("script, {error}");
            return vec![if unsupported { Gap::Unsupported(text) } else { Gap::Fails(text) }];
        }
    };
    let mut gaps: Vec<Gap> =
        program.mistake().map(|mistake| Gap::Fails(format!("script, {mistake}"))).into_iter().collect();
    let missing = program.missing();
    // BeanShell looks for an imported class when its name is used: that place tells.
    let imported = |name: &str| {
        let full = missing.iter().map(|(_, class)| class).find(|class| class.rsplit('.').next() == Some(name));
        full.map_or_else(|| name.to_owned(), Clone::clone)
    };
    let mut told = Vec::new();
    for (line, class) in &missing {
        let class = imported(class);
        if told.contains(&class) {
            continue;
        }
        let simple = class.rsplit('.').next().unwrap_or_default();
        let used = language != Language::BeanShell || missing.iter().any(|(_, other)| *other == *simple);
        gaps.push(if used && shipped::has(&class) {
            Gap::Unsupported(format!("script, line {line}: class {class} is not supported"))
        } else if used {
            Gap::Fails(format!("script, line {line}: class {class} is not there: the script fails when it gets there"))
        } else {
            Gap::Fails(format!("script, line {line}: class {class} is not there"))
        });
        told.push(class);
    }
    gaps
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

//! A JSR223 element's script (`org.apache.jmeter.util.JSR223TestElement`).

use super::{Fixed, Given, Keys, Pass, Source, may_block, read_file, value_text};
use crate::elements::{Compile, Severity};
use crate::expr::Expr;
use crate::script::engine::{self, Gap, Language, Program, Refusal};
use crate::script::jmeter::JSR223;
use crate::script::library::throwable;
use crate::script::value::Thrown as Exception;
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::Arc;

const KEYS: Keys = Keys { script: "script", file: "filename", parameters: "parameters" };

/// The script of one element.
pub(in crate::elements) struct Jsr223 {
    source: Source,
    language: Expr,
    /// Whether a user compiles the text of its first pass and keeps to it.
    cached: bool,
    kept: Slot<Option<Arc<Program>>>,
    fixed: Fixed,
    /// The element's class: the name of its `log`.
    class: &'static str,
}

/// The classes of the elements, by tag.
const ELEMENT_CLASSES: [(&str, &str); 6] = [
    ("JSR223Assertion", "org.apache.jmeter.assertions.JSR223Assertion"),
    ("JSR223Listener", "org.apache.jmeter.visualizers.JSR223Listener"),
    ("JSR223PostProcessor", "org.apache.jmeter.extractor.JSR223PostProcessor"),
    ("JSR223PreProcessor", "org.apache.jmeter.modifiers.JSR223PreProcessor"),
    ("JSR223Sampler", "org.apache.jmeter.protocol.java.sampler.JSR223Sampler"),
    ("JSR223Timer", "org.apache.jmeter.timers.JSR223Timer"),
];

/// Why a script gave no value: JMeter's `javax.script.ScriptException`.
#[derive(Debug)]
pub(in crate::elements) enum Failure {
    /// With the exception that the script ended with.
    Script(Exception),
    /// With words of JMeter's own.
    Message(String),
}

impl Failure {
    /// What JMeter's element catches. Java's errors (a failed `assert`, a stack overflow) are no exceptions: they go
    /// through everything and end the user.
    pub fn caught(self) -> Result<Self, Thrown> {
        match &self {
            Self::Script(exception) if exception.is_error() => Err(ended(exception)),
            _ => Ok(self),
        }
    }

    /// The `AssertionError` that the script ended with.
    pub fn assertion_error(&self) -> Option<&Exception> {
        match self {
            Self::Script(exception) if throwable::is_instance(exception.class(), "java.lang.AssertionError") => {
                Some(exception)
            }
            _ => None,
        }
    }
}

/// The end of a user by one of Java's errors.
fn ended(error: &Exception) -> Thrown {
    Thrown { class: Text::from(error.class()), ..Thrown::stop_thread(error.message().unwrap_or("null")) }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Script(refusal.thrown)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Script(exception) => write!(f, "javax.script.ScriptException: {exception}"),
            Self::Message(message) => write!(f, "javax.script.ScriptException: {message}"),
        }
    }
}

impl Jsr223 {
    /// Reads the element, and tells what is wrong with a script that is the same at every pass.
    pub fn new(compile: &mut Compile<'_>) -> Self {
        let (source, language) = (Source::new(compile, &KEYS), compile.expr_or("scriptLanguage", "groovy"));
        let cached = !matches!(&*compile.element.text("cacheKey"), "false");
        let fixed = match (source.fixed(), language.as_literal()) {
            (Some(script), Some(language)) if !script.is_empty() => program_before_run(compile, language, script),
            _ => None,
        };
        let tag = &*compile.element.class;
        let class = ELEMENT_CLASSES.iter().find(|known| known.0 == tag).map_or("", |known| known.1);
        Self { source, language, cached, kept: compile.slot(), fixed, class }
    }

    /// Whether the script may look at results.
    pub fn reads_results(&self) -> bool {
        self.source.reads_results
    }

    /// The element's name.
    pub fn name(&self) -> &Expr {
        &self.source.name
    }

    /// Whether the script may hold up its thread.
    pub fn blocks(&self) -> bool {
        may_block(&self.fixed)
    }

    /// The element's properties at this pass.
    pub fn read(&self, user: &mut VirtualUser) -> Result<Pass, Thrown> {
        self.source.read(user)
    }

    /// Runs the script for `user`: the text of its value, `None` for null.
    pub fn run<'u>(&self, user: &'u mut VirtualUser, pass: &Pass, given: Given<'u>) -> Result<Option<String>, Failure> {
        let program = self.program(user, pass)?;
        let (mut world, names) = given.into_world(user);
        world.logger = (self.class, Text::clone(&pass.label));
        let mut bindings = world.bindings(JSR223);
        pass.bind(&mut bindings, "args", names);
        let outcome = value_text(&program, &mut bindings);
        world.close();
        outcome.map_err(Failure::Script)
    }

    /// One pass of a processor, timer or listener: what goes wrong in the script is a line in the log.
    pub fn process<'u>(
        &self,
        user: &'u mut VirtualUser,
        given: Given<'u>,
        target: &'static str,
    ) -> Result<Option<String>, Thrown> {
        let pass = self.read(user)?;
        match self.run(user, &pass, given) {
            Ok(text) => Ok(text),
            Err(failure) => {
                let failure = failure.caught()?;
                log::error!(target: target, "Problem in JSR223 script, {}: {failure}", pass.label);
                Ok(None)
            }
        }
    }

    fn program(&self, user: &mut VirtualUser, pass: &Pass) -> Result<Arc<Program>, Failure> {
        if let Some(fixed) = &self.fixed {
            return Ok(fixed.clone()?);
        }
        let language = self.language.eval(user).map_err(|thrown| Failure::Message(thrown.to_string()))?;
        let name = if language.is_empty() { "groovy" } else { &*language };
        let Pass { label, file, script, .. } = pass;
        let Some(language) = Language::named(name) else {
            return Err(Failure::Message(format!(
                "Cannot find engine named: '{name}', ensure you set language field in JSR223 Test Element: {label}"
            )));
        };
        if !file.is_empty() {
            let source = read_file(file).map_err(|_| {
                let path = std::path::absolute(&**file).unwrap_or_default();
                Failure::Message(format!("Script file '{}' is not a file for element: {label}", path.display()))
            })?;
            return Ok(Program::of(language, &source)?);
        }
        // JMeter's BeanShell engine does not compile: its text is taken anew at every pass.
        let cached = self.cached && language != Language::BeanShell;
        if cached && let Some(program) = user.slot(self.kept) {
            return Ok(Arc::clone(program));
        }
        if script.is_empty() {
            return Err(Failure::Message(format!("Both script file and script text are empty for element:{label}")));
        }
        let program = Program::of(language, script)?;
        if cached {
            *user.slot(self.kept) = Some(Arc::clone(&program));
        }
        Ok(program)
    }
}

/// The program of a script that is the same at every pass; `None` where JMeter has no engine of that name.
fn program_before_run(compile: &mut Compile<'_>, language: &Text, source: &Text) -> Fixed {
    let language = if language.is_empty() { "groovy" } else { &**language };
    let Some(language) = Language::named(language) else {
        compile.problem(
            Severity::Warning,
            format!("JMeter has no script engine named {language} on Java 17: the script fails"),
        );
        return None;
    };
    Some(compiled(compile, language, source))
}

/// The program of a script that is the same at every pass, and what is wrong with it as diagnostics. What is wrong for JMeter too is no reason not to
/// run: JMeter runs the plan, and so do we.
pub(super) fn compiled(compile: &mut Compile<'_>, language: Language, source: &Text) -> Result<Arc<Program>, Refusal> {
    let program = Program::of(language, source);
    for gap in engine::gaps(language, &program) {
        match gap {
            Gap::Unsupported(text) => compile.problem(Severity::Unsupported, text),
            Gap::Fails(text) => compile.problem(Severity::Warning, text),
        }
    }
    program
}

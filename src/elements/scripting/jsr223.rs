//! A JSR223 element's script (`org.apache.jmeter.util.JSR223TestElement`).

use super::{Given, arguments, read_file};
use crate::elements::{Compile, Severity};
use crate::expr::Expr;
use crate::script::engine::{Language, Program, Refusal};
use crate::script::jmeter::{JMeter, JSR223};
use crate::script::library::shipped;
use crate::script::value::{Thrown as Exception, Value};
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::Arc;

/// The script of one element.
pub(in crate::elements) struct Jsr223 {
    /// The element's name.
    pub name: Expr,
    language: Expr,
    /// A file wins over the text.
    pub file: Expr,
    parameters: Expr,
    /// The text, `${…}` put in for each pass.
    pub script: Expr,
    /// Whether a user compiles the text of its first pass and keeps to it.
    cached: bool,
    kept: Slot<Option<Arc<Program>>>,
    /// The program of a text that is the same at every pass.
    fixed: Option<Result<Arc<Program>, Refusal>>,
}

/// Why a script gave no value: what JMeter says of it.
#[derive(Debug)]
pub(in crate::elements) enum Failure {
    /// `javax.script.ScriptException`, with the exception that the script ended with.
    Script(Exception),
    /// The same, of JMeter's own.
    Message(String),
    /// The element could not be read.
    Element(Thrown),
}

impl From<Thrown> for Failure {
    fn from(thrown: Thrown) -> Self {
        Self::Element(thrown)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Script(exception) => write!(f, "javax.script.ScriptException: {exception}"),
            Self::Message(message) => write!(f, "javax.script.ScriptException: {message}"),
            Self::Element(thrown) => write!(f, "{thrown}"),
        }
    }
}

impl Jsr223 {
    /// Reads the element, and tells what is wrong with a script that is the same at every pass.
    pub fn new(compile: &mut Compile<'_>) -> Self {
        let (name, language) = (compile.name(), compile.expr_or("scriptLanguage", "groovy"));
        let (file, script) = (compile.expr("filename"), compile.expr("script"));
        let cached = !matches!(&*compile.element.text("cacheKey"), "false");
        let source = file.as_literal().is_some_and(|file| file.is_empty()).then(|| script.as_literal()).flatten();
        let fixed = match (source, language.as_literal()) {
            (Some(source), Some(language)) if !source.is_empty() => program_before_run(compile, language, source),
            _ => None,
        };
        Self {
            name,
            language,
            parameters: compile.expr("parameters"),
            file,
            script,
            cached,
            kept: compile.slot(),
            fixed,
        }
    }

    /// Whether the script may hold up its thread.
    pub fn blocks(&self) -> bool {
        may_block(self.fixed.as_ref())
    }

    /// Runs the script for `user`: the text of its value, `None` for null.
    pub fn run<'u>(&self, user: &'u mut VirtualUser, given: Given<'u>) -> Result<Option<String>, Failure> {
        let label = self.name.eval(user)?;
        let language = self.language.eval(user)?;
        let language_name = if language.is_empty() { "groovy" } else { &*language };
        let Some(language) = Language::named(language_name) else {
            return Err(Failure::Message(format!(
                "Cannot find engine named: '{language_name}', ensure you set language field in JSR223 Test Element: {label}"
            )));
        };
        let (file, parameters) = (self.file.eval(user)?, self.parameters.eval(user)?);
        let program = self.program(user, language, &file, &label)?;
        let mut jmeter = JMeter::new(user);
        jmeter.result = given.result;
        jmeter.sampled = given.sampled;
        jmeter.assertion = given.assertion;
        jmeter.sampler = given.sampler;
        let mut bindings = jmeter.bindings(JSR223);
        bindings.set("Label", Value::String(label));
        bindings.set("FileName", Value::String(file));
        bindings.set("args", arguments(&parameters));
        bindings.set("Parameters", Value::String(parameters));
        for (name, value) in given.names {
            bindings.set(name, value);
        }
        let value = program.run(&mut bindings).map_err(Failure::Script)?;
        if value.is_null() {
            return Ok(None);
        }
        program.text(&mut bindings, &value).map(Some).map_err(Failure::Script)
    }

    /// A failure of a processor, timer or listener: a line in the log.
    pub fn log_failure(
        &self,
        user: &mut VirtualUser,
        outcome: Result<(), Failure>,
        target: &'static str,
    ) -> Result<(), Thrown> {
        match outcome {
            Ok(()) => Ok(()),
            Err(Failure::Element(thrown)) => Err(thrown),
            Err(failure) => {
                log::error!(target: target, "Problem in JSR223 script, {}: {failure}", self.name.eval(user)?);
                Ok(())
            }
        }
    }

    fn program(
        &self,
        user: &mut VirtualUser,
        language: Language,
        file: &Text,
        label: &str,
    ) -> Result<Arc<Program>, Failure> {
        let refused = |refusal: Refusal| Failure::Script(refusal.thrown);
        if let Some(fixed) = &self.fixed {
            return fixed.clone().map_err(refused);
        }
        if !file.is_empty() {
            let source = read_file(file).map_err(|_| {
                let path = std::path::absolute(&**file).unwrap_or_default();
                Failure::Message(format!("Script file '{}' is not a file for element: {label}", path.display()))
            })?;
            return Program::of(language, &source).map_err(refused);
        }
        // JMeter's BeanShell engine does not compile: its text is taken anew at every pass.
        let cached = self.cached && language != Language::BeanShell;
        if cached && let Some(program) = user.slot(self.kept) {
            return Ok(Arc::clone(program));
        }
        let source = self.script.eval(user)?;
        if source.is_empty() {
            return Err(Failure::Message(format!("Both script file and script text are empty for element:{label}")));
        }
        let program = Program::of(language, &source).map_err(refused)?;
        if cached {
            *user.slot(self.kept) = Some(Arc::clone(&program));
        }
        Ok(program)
    }
}

/// Whether a script may hold up its thread: one that is not known before the run may do anything.
pub(super) fn may_block(fixed: Option<&Result<Arc<Program>, Refusal>>) -> bool {
    match fixed {
        Some(Ok(program)) => program.may_block(),
        Some(Err(_)) => false,
        None => true,
    }
}

/// The program of a script that is the same at every pass; `None` where JMeter has no engine of that name.
fn program_before_run(
    compile: &mut Compile<'_>,
    language: &Text,
    source: &Text,
) -> Option<Result<Arc<Program>, Refusal>> {
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
    match &program {
        Ok(program) => {
            if let Some(mistake) = program.mistake() {
                compile.problem(Severity::Warning, format!("script, {mistake}"));
            }
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
                if used && shipped::has(&class) {
                    compile
                        .problem(Severity::Unsupported, format!("script, line {line}: class {class} is not supported"));
                } else if used {
                    let what =
                        format!("script, line {line}: class {class} is not there: the script fails when it gets there");
                    compile.problem(Severity::Warning, what);
                } else {
                    compile.problem(Severity::Warning, format!("script, line {line}: class {class} is not there"));
                }
                told.push(class);
            }
        }
        Err(refusal) => {
            let error = &refusal.error;
            let severity = match error.construct.strip_prefix("class ") {
                Some(class) if shipped::has(class) => Severity::Unsupported,
                None if !error.construct.is_empty() => Severity::Unsupported,
                _ => Severity::Warning,
            };
            compile.problem(severity, format!("script, {error}"));
        }
    }
    program
}

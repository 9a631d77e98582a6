//! A BeanShell element's script (`org.apache.jmeter.util.BeanShellTestElement`, `BeanShellInterpreter`). Each user has an
//! interpreter of its own for each element; its variables stay from pass to pass.

use super::{Given, arguments, jsr223, read_file};
use crate::elements::Compile;
use crate::expr::{BoolExpr, Expr};
use crate::script::engine::{Language, Program, Refusal};
use crate::script::host::Scope;
use crate::script::jmeter::{BEAN_SHELL, Bound, JMeter, JMeterObject};
use crate::script::value::{Thrown as Exception, Value, java_text};
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::Arc;

/// Names of an element's properties; the test beans and the older elements differ.
pub(in crate::elements) struct Keys {
    script: &'static str,
    file: &'static str,
    parameters: &'static str,
    reset: &'static str,
}

/// The properties of test beans: processors, timer, listener.
pub(in crate::elements) const BEAN: Keys =
    Keys { script: "script", file: "filename", parameters: "parameters", reset: "resetInterpreter" };
/// The properties of the sampler.
pub(in crate::elements) const SAMPLER: Keys = Keys {
    script: "BeanShellSampler.query",
    file: "BeanShellSampler.filename",
    parameters: "BeanShellSampler.parameters",
    reset: "BeanShellSampler.resetInterpreter",
};
/// The properties of the assertion.
pub(in crate::elements) const ASSERTION: Keys = Keys {
    script: "BeanShellAssertion.query",
    file: "BeanShellAssertion.filename",
    parameters: "BeanShellAssertion.parameters",
    reset: "BeanShellAssertion.resetInterpreter",
};

/// What an init file sees: JMeter sets the rest later.
const INIT: &[(&str, Bound)] = &[("log", Bound::Object(JMeterObject::Log))];

/// The script of one element.
pub(in crate::elements) struct BeanShell {
    /// The element's name.
    pub name: Expr,
    script: Expr,
    file: Expr,
    parameters: Expr,
    reset: BoolExpr,
    /// A script that is run first in each new interpreter.
    init_file: Option<Text>,
    interpreter: Slot<Option<Scope>>,
    /// The program of a text that is the same at every pass.
    fixed: Option<Result<Arc<Program>, Refusal>>,
}

/// Why a script gave no value.
#[derive(Debug)]
pub(in crate::elements) enum Failure {
    /// It threw, or is none; `method` is what JMeter called for it.
    Script {
        /// `eval` or `source`.
        method: &'static str,
        /// The exception.
        exception: Exception,
    },
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
            Self::Script { method, exception } => write!(
                f,
                "org.apache.jorphan.util.JMeterException: Error invoking bsh method: {method}\t{}",
                exception.message().unwrap_or("null")
            ),
            Self::Element(thrown) => write!(f, "{thrown}"),
        }
    }
}

impl BeanShell {
    /// Reads the element; `init` is the property that names its init file.
    pub fn new(compile: &mut Compile<'_>, keys: &Keys, init: &str) -> Self {
        let (script, file) = (compile.expr(keys.script), compile.expr(keys.file));
        let source = file.as_literal().is_some_and(|file| file.is_empty()).then(|| script.as_literal()).flatten();
        let fixed = source.map(|source| jsr223::compiled(compile, Language::BeanShell, source));
        let init_file = compile.shared.properties.get(init).filter(|file| !file.trim().is_empty());
        Self {
            name: compile.name(),
            parameters: compile.expr(keys.parameters),
            reset: compile.flag(keys.reset, false),
            init_file,
            fixed,
            script,
            file,
            interpreter: compile.slot(),
        }
    }

    /// Whether the script may hold up its thread.
    pub fn blocks(&self) -> bool {
        self.init_file.is_some() || jsr223::may_block(self.fixed.as_ref())
    }

    /// The user's interpreter, a new one if the element asks for it.
    pub fn interpreter(&self, user: &mut VirtualUser) -> Result<Scope, Thrown> {
        let reset = self.reset.eval(user)?;
        if let Some(scope) = user.slot(self.interpreter)
            && !reset
        {
            return Ok(scope.clone());
        }
        let scope = Scope::new();
        *user.slot(self.interpreter) = Some(scope.clone());
        if let Some(file) = &self.init_file {
            let outcome = read_file(file).map_err(|error| error.to_string()).and_then(|source| {
                let program =
                    Program::of(Language::BeanShell, &source).map_err(|refusal| refusal.thrown.to_string())?;
                program.run(&mut JMeter::new(user).bind(scope.clone(), INIT)).map_err(|thrown| thrown.to_string())
            });
            if let Err(error) = outcome {
                log::warn!(target: "org.apache.jmeter.util.BeanShellInterpreter", "Cannot source init file: {file} {error}");
            }
        }
        Ok(scope)
    }

    /// Runs the script in `scope`: the text of its value, `None` for null; and the text of the script or its file.
    pub fn run<'u>(
        &self,
        user: &'u mut VirtualUser,
        scope: Scope,
        given: Given<'u>,
    ) -> (Text, Result<Option<String>, Failure>) {
        let read = (|| {
            let file = self.file.eval(user)?;
            let source = if file.is_empty() { self.script.eval(user)? } else { Text::default() };
            Ok((self.name.eval(user)?, file, source, self.parameters.eval(user)?))
        })();
        let (label, file, source, parameters) = match read {
            Ok(read) => read,
            Err(thrown) => return (Text::default(), Err(Failure::Element(thrown))),
        };
        let shown = if file.is_empty() { Text::clone(&source) } else { Text::clone(&file) };
        let method = if file.is_empty() { "eval" } else { "source" };
        let failed = |exception| Failure::Script { method, exception };
        let mut jmeter = JMeter::new(user);
        jmeter.result = given.result;
        jmeter.sampled = given.sampled;
        jmeter.assertion = given.assertion;
        jmeter.sampler = given.sampler;
        let mut bindings = jmeter.bind(scope, BEAN_SHELL);
        bindings.set("Label", Value::String(label));
        bindings.set("FileName", Value::String(Text::clone(&file)));
        bindings.set("bsh.args", arguments(&parameters));
        bindings.set("Parameters", Value::String(parameters));
        for (name, value) in given.names {
            bindings.set(name, value);
        }
        let outcome = (|| {
            let program = match &self.fixed {
                Some(fixed) => fixed.clone(),
                None if file.is_empty() => Program::of(Language::BeanShell, &source),
                None => {
                    let source = read_file(&file).map_err(|error| {
                        Exception::new("java.io.FileNotFoundException", format!("{file} ({})", reason(&error)))
                    })?;
                    Program::of(Language::BeanShell, &source)
                }
            };
            let program = program.map_err(|refusal| refusal.thrown)?;
            let value = program.run(&mut bindings)?;
            if value.is_null() {
                return Ok(None);
            }
            program.text(&mut bindings, &value).map(Some)
        })();
        (shown, outcome.map_err(failed))
    }
}

/// A failure of a processor, timer or listener: a line in the log.
pub(in crate::elements) fn log_failure(outcome: Result<(), Failure>, target: &'static str) -> Result<(), Thrown> {
    match outcome {
        Ok(()) => Ok(()),
        Err(Failure::Element(thrown)) => Err(thrown),
        Err(failure) => {
            log::warn!(target: target, "Problem in BeanShell script. {failure}");
            Ok(())
        }
    }
}

fn reason(error: &std::io::Error) -> &'static str {
    if error.kind() == std::io::ErrorKind::PermissionDenied { "Permission denied" } else { "No such file or directory" }
}

/// The text of a variable that a script may have set; `None` for null and for what is not there.
pub(in crate::elements) fn text_of(scope: &Scope, name: &str) -> Option<String> {
    scope.get(name).filter(|value| !value.is_null()).map(|value| java_text(&value))
}

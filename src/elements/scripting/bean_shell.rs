//! A BeanShell element's script (`org.apache.jmeter.util.BeanShellTestElement`, `BeanShellInterpreter`). Each user has an
//! interpreter of its own for each element; its variables stay from pass to pass.

use super::{Fixed, Given, Keys, Pass, Source, jsr223, may_block, read_file, value_text};
use crate::elements::Compile;
use crate::expr::{BoolExpr, Expr};
use crate::script::engine::{Language, Program};
use crate::script::host::Scope;
use crate::script::jmeter::{BEAN_SHELL, Bound, JMeter, JMeterObject};
use crate::script::value::{Thrown as Exception, java_text};
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};

/// The properties of test beans: processors, timer, listener; and that which asks for a new interpreter.
pub(in crate::elements) const BEAN: (Keys, &str) =
    (Keys { script: "script", file: "filename", parameters: "parameters" }, "resetInterpreter");
/// The properties of the sampler.
pub(in crate::elements) const SAMPLER: (Keys, &str) = (
    Keys {
        script: "BeanShellSampler.query",
        file: "BeanShellSampler.filename",
        parameters: "BeanShellSampler.parameters",
    },
    "BeanShellSampler.resetInterpreter",
);
/// The properties of the assertion.
pub(in crate::elements) const ASSERTION: (Keys, &str) = (
    Keys {
        script: "BeanShellAssertion.query",
        file: "BeanShellAssertion.filename",
        parameters: "BeanShellAssertion.parameters",
    },
    "BeanShellAssertion.resetInterpreter",
);

/// The name of `log`.
const LOGGER: &str = "org.apache.jmeter.util.BeanShellInterpreter";

/// What an init file sees: JMeter sets the rest later.
const INIT: &[(&str, Bound)] = &[("log", Bound::Object(JMeterObject::Log))];

/// The script of one element.
pub(in crate::elements) struct BeanShell {
    source: Source,
    reset: BoolExpr,
    /// A script that is run first in each new interpreter.
    init_file: Option<Text>,
    interpreter: Slot<Option<Scope>>,
    fixed: Fixed,
}

/// Why a script gave no value: it threw, or is none.
#[derive(Debug)]
pub(in crate::elements) struct Failure {
    /// What JMeter called for it: `eval` or `source`.
    method: &'static str,
    exception: Exception,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "org.apache.jorphan.util.JMeterException: Error invoking bsh method: {}\t{}",
            self.method,
            self.exception.message().unwrap_or("null")
        )
    }
}

impl BeanShell {
    /// Reads the element; `init` is the property that names its init file.
    pub fn new(compile: &mut Compile<'_>, (keys, reset): &(Keys, &str), init: &str) -> Self {
        let source = Source::new(compile, keys);
        let init_file = compile.shared.properties.get(init).filter(|file| !file.trim().is_empty());
        compile.shared.reads_previous |= init_file.is_some();
        let fixed = source.fixed().map(|script| jsr223::compiled(compile, Language::BeanShell, script));
        Self { source, reset: compile.flag(reset, false), init_file, interpreter: compile.slot(), fixed }
    }

    /// Whether the script may look at results.
    pub fn reads_results(&self) -> bool {
        self.source.reads_results || self.init_file.is_some()
    }

    /// The element's name.
    pub fn name(&self) -> &Expr {
        &self.source.name
    }

    /// Whether the script may hold up its thread.
    pub fn blocks(&self) -> bool {
        self.init_file.is_some() || may_block(&self.fixed)
    }

    /// The element's properties at this pass.
    pub fn read(&self, user: &mut VirtualUser) -> Result<Pass, Thrown> {
        self.source.read(user)
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
                log::warn!(target: LOGGER, "Cannot source init file: {file} {error}");
            }
        }
        Ok(scope)
    }

    /// Runs the script in `scope`: the text of its value, `None` for null.
    pub fn run<'u>(
        &self,
        user: &'u mut VirtualUser,
        pass: &Pass,
        scope: Scope,
        given: Given<'u>,
    ) -> Result<Option<String>, Failure> {
        let (mut world, names) = given.into_world(user);
        world.logger.0 = LOGGER;
        let mut bindings = world.bind(scope, BEAN_SHELL);
        pass.bind(&mut bindings, "bsh.args", names);
        let file = &pass.file;
        let outcome = (|| {
            let program = match &self.fixed {
                Some(fixed) => fixed.clone(),
                None if file.is_empty() => Program::of(Language::BeanShell, &pass.script),
                None => {
                    let source = read_file(file).map_err(|error| {
                        Exception::new("java.io.FileNotFoundException", format!("{file} ({})", reason(&error)))
                    })?;
                    Program::of(Language::BeanShell, &source)
                }
            };
            value_text(&*program.map_err(|refusal| refusal.thrown)?, &mut bindings)
        })();
        world.close();
        outcome.map_err(|exception| Failure { method: if file.is_empty() { "eval" } else { "source" }, exception })
    }

    /// One pass of a processor, timer or listener: what goes wrong in the script is a line in the log.
    pub fn process<'u>(
        &self,
        user: &'u mut VirtualUser,
        given: Given<'u>,
        target: &'static str,
    ) -> Result<Option<String>, Thrown> {
        let (pass, scope) = (self.read(user)?, self.interpreter(user)?);
        Ok(self.run(user, &pass, scope, given).unwrap_or_else(|failure| {
            log::warn!(target: target, "Problem in BeanShell script. {failure}");
            None
        }))
    }
}

fn reason(error: &std::io::Error) -> &'static str {
    if error.kind() == std::io::ErrorKind::PermissionDenied { "Permission denied" } else { "No such file or directory" }
}

/// The text of a variable that a script may have set; `None` for null and for what is not there.
pub(in crate::elements) fn text_of(scope: &Scope, name: &str) -> Option<String> {
    scope.get(name).filter(|value| !value.is_null()).map(|value| java_text(&value))
}

//! The functions that are scripts: `__groovy`, `__BeanShell`, `__jexl2`, `__jexl3`, `__javaScript`. A script is compiled when it is first seen and kept
//! for as long as its text stays the same.

use super::{Definition, Function, Store};
use crate::expr::{Expr, ParseError, Scope, UnsupportedFunction};
use crate::script;
use crate::script::engine::{self, Gap, Language as Engine, Program as Script};
use crate::script::host::Scope as Names;
use crate::script::javascript::JavaScript;
use crate::script::jexl::{Dialect, Jexl};
use crate::script::jmeter::{self, JMeter};
use crate::text::Text;
use crate::virtual_user::{Slot, Thrown, VirtualUser};
use std::sync::Arc;

pub(super) const JEXL2: Definition = Definition {
    name: "__jexl2",
    arguments: (1, Some(2)),
    compile: |arguments, scope| compile(Language::Jexl(Dialect::Jexl2), arguments, scope),
    summary: "The value of a JEXL 2 expression",
};

pub(super) const JEXL3: Definition = Definition {
    name: "__jexl3",
    arguments: (1, Some(2)),
    compile: |arguments, scope| compile(Language::Jexl(Dialect::Jexl3), arguments, scope),
    summary: "The value of a JEXL 3 expression",
};

pub(super) const JAVA_SCRIPT: Definition = Definition {
    name: "__javaScript",
    arguments: (1, Some(2)),
    compile: |arguments, scope| compile(Language::JavaScript, arguments, scope),
    summary: "The value of a JavaScript expression",
};

pub(super) const GROOVY: Definition = Definition {
    name: "__groovy",
    arguments: (1, Some(2)),
    compile: |arguments, scope| compile(Language::Groovy, arguments, scope),
    summary: "The value of a Groovy script",
};

pub(super) const BEAN_SHELL: Definition = Definition {
    name: "__BeanShell",
    arguments: (1, Some(2)),
    compile: |arguments, scope| compile(Language::BeanShell, arguments, scope),
    summary: "The value of a BeanShell script",
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Groovy,
    BeanShell,
    Jexl(Dialect),
    JavaScript,
}

enum Program {
    Script(Arc<Script>),
    Jexl(Jexl),
    JavaScript(JavaScript),
}

impl Language {
    fn program(self, source: &str) -> Result<Program, String> {
        let script = |engine| {
            Script::of(engine, &Text::from(source)).map(Program::Script).map_err(|refusal| refusal.thrown.to_string())
        };
        let program = match self {
            Language::Groovy => return script(Engine::Groovy),
            Language::BeanShell => return script(Engine::BeanShell),
            Language::Jexl(dialect) => Jexl::compile(source, dialect).map(Program::Jexl),
            Language::JavaScript => JavaScript::compile(source).map(Program::JavaScript),
        };
        program.map_err(|error| error.to_string())
    }

    /// The engine of a language whose scripts name classes.
    fn engine(self) -> Option<Engine> {
        match self {
            Language::Groovy => Some(Engine::Groovy),
            Language::BeanShell => Some(Engine::BeanShell),
            Language::Jexl(_) | Language::JavaScript => None,
        }
    }

    fn function(self) -> &'static str {
        match self {
            Language::Groovy => GROOVY.name,
            Language::BeanShell => BEAN_SHELL.name,
            Language::Jexl(Dialect::Jexl2) => JEXL2.name,
            Language::Jexl(Dialect::Jexl3) => JEXL3.name,
            Language::JavaScript => JAVA_SCRIPT.name,
        }
    }

    fn logger(self) -> &'static str {
        match self {
            Language::Groovy => "org.apache.jmeter.functions.Groovy",
            Language::BeanShell => "org.apache.jmeter.functions.BeanShell",
            Language::Jexl(Dialect::Jexl2) => "org.apache.jmeter.functions.Jexl2Function",
            Language::Jexl(Dialect::Jexl3) => "org.apache.jmeter.functions.Jexl3Function",
            Language::JavaScript => "org.apache.jmeter.functions.JavaScript",
        }
    }
}

struct Call {
    language: Language,
    source: Expr,
    /// The program of a source that never changes.
    fixed: Option<Result<Arc<Program>, String>>,
    kept: Slot<Kept>,
    /// The variables of a user's BeanShell interpreter.
    interpreter: Slot<Names>,
    store: Store,
}

/// A user's last script.
#[derive(Default)]
struct Kept(Option<(Text, Arc<Program>)>);

fn compile(
    language: Language,
    mut arguments: Vec<Expr>,
    scope: &mut Scope<'_>,
) -> Result<Box<dyn Function>, ParseError> {
    let variable = (arguments.len() > 1).then(|| arguments.remove(1));
    let store = Store::new(variable, scope);
    let source = arguments.remove(0);
    scope.reads_previous |= source.as_literal().is_none_or(|source| jmeter::may_read_results(source));
    let fixed = source.as_literal().map(|source| language.program(source).map(Arc::new));
    if let (Some(source), Some(engine)) = (source.as_literal(), language.engine()) {
        for gap in engine::gaps(engine, &Script::of(engine, source)) {
            if let Gap::Unsupported(reason) = gap {
                scope.unsupported.push(UnsupportedFunction { name: language.function().to_owned(), reason });
            }
        }
    }
    Ok(Box::new(Call { language, source, fixed, kept: scope.slots.slot(), interpreter: scope.slots.slot(), store }))
}

impl Call {
    fn program(&self, user: &mut VirtualUser) -> Result<Result<Arc<Program>, String>, Thrown> {
        if let Some(fixed) = &self.fixed {
            return Ok(fixed.clone());
        }
        let source = self.source.eval(user)?;
        if let Kept(Some((kept, program))) = user.slot(self.kept)
            && *kept == source
        {
            return Ok(Ok(Arc::clone(program)));
        }
        let program = match self.language.program(&source) {
            Ok(program) => Arc::new(program),
            Err(error) => return Ok(Err(error)),
        };
        *user.slot(self.kept) = Kept(Some((source, Arc::clone(&program))));
        Ok(Ok(program))
    }

    fn value(&self, user: &mut VirtualUser, program: &Program) -> Result<Text, Failure> {
        // Each `${__BeanShell(…)}` has one interpreter, whose variables stay.
        let names = match self.language {
            Language::BeanShell => user.slot(self.interpreter).clone(),
            _ => Names::new(),
        };
        let mut world = JMeter::new(user);
        let bound = match self.language {
            Language::Groovy => jmeter::GROOVY_FUNCTION,
            Language::BeanShell => jmeter::BEAN_SHELL_FUNCTION,
            Language::Jexl(_) | Language::JavaScript => jmeter::EXPRESSION,
        };
        let mut bindings = world.bind(names, bound);
        match program {
            Program::Script(script) => {
                let value = script.run(&mut bindings)?;
                if value.is_null() {
                    return Ok(Text::default());
                }
                Ok(Text::from(script.text(&mut bindings, &value)?))
            }
            Program::Jexl(jexl) => {
                let text = match jexl.eval_to_text(&mut bindings) {
                    Ok(text) => text,
                    // JEXL 3 is silent here: it logs what it throws by itself, and its value is null.
                    Err(thrown)
                        if self.language == Language::Jexl(Dialect::Jexl3)
                            && thrown.class() != "java.lang.NumberFormatException" =>
                    {
                        log::warn!(target: "org.apache.commons.jexl3.JexlEngine", "{thrown}");
                        None
                    }
                    Err(thrown) => return Err(thrown.into()),
                };
                Ok(Text::from(text.unwrap_or_default()))
            }
            Program::JavaScript(script) => Ok(Text::from(script.eval_to_text(&mut bindings)?)),
        }
    }
}

/// Why a script gave no value.
enum Failure {
    /// An exception, or no program.
    Exception(String),
    /// One of Java's errors: the user ends if nobody catches it.
    Error(Thrown),
}

impl From<script::value::Thrown> for Failure {
    fn from(thrown: script::value::Thrown) -> Self {
        if thrown.is_error() {
            let message = thrown.message().unwrap_or("null");
            return Self::Error(Thrown { class: Text::from(thrown.class()), ..Thrown::stop_thread(message) });
        }
        Self::Exception(thrown.to_string())
    }
}

impl Call {
    fn log(&self, error: &str) -> Text {
        log::error!(target: self.language.logger(), "An error occurred while evaluating the expression: {error}");
        Text::default()
    }
}

impl Function for Call {
    fn call(&self, user: &mut VirtualUser) -> Result<Text, Thrown> {
        let value = match self.program(user)? {
            Ok(program) => self.value(user, &program),
            Err(error) => Err(Failure::Exception(error)),
        };
        let text = match value {
            Ok(text) => text,
            // `__groovy` catches exceptions, not Java's errors: those end the user.
            Err(Failure::Error(thrown)) if matches!(self.language, Language::Groovy) => return Err(thrown),
            // The variable keeps what it had.
            Err(Failure::Error(Thrown { class: error, .. })) => return Ok(self.log(&error)),
            Err(Failure::Exception(error)) => return Ok(self.log(&error)),
        };
        self.store.put(user, &text)?;
        Ok(text)
    }
}

//! Exceptions: Java's class names and messages, as JMeter shows them.

use super::Value;
use crate::text::Text;
use std::sync::Arc;

/// The exception classes that the language core itself throws.
pub mod names {
    /// `java.lang.ArithmeticException`.
    pub const ARITHMETIC: &str = "java.lang.ArithmeticException";
    /// `java.lang.IllegalArgumentException`.
    pub const ILLEGAL_ARGUMENT: &str = "java.lang.IllegalArgumentException";
    /// `java.lang.IllegalStateException`.
    pub const ILLEGAL_STATE: &str = "java.lang.IllegalStateException";
    /// `java.lang.NullPointerException`.
    pub const NULL_POINTER: &str = "java.lang.NullPointerException";
    /// `java.lang.NumberFormatException`.
    pub const NUMBER_FORMAT: &str = "java.lang.NumberFormatException";
    /// `java.lang.IndexOutOfBoundsException`.
    pub const INDEX: &str = "java.lang.IndexOutOfBoundsException";
    /// `java.lang.StringIndexOutOfBoundsException`.
    pub const STRING_INDEX: &str = "java.lang.StringIndexOutOfBoundsException";
    /// `java.lang.ArrayIndexOutOfBoundsException`.
    pub const ARRAY_INDEX: &str = "java.lang.ArrayIndexOutOfBoundsException";
    /// `java.lang.ClassCastException`.
    pub const CLASS_CAST: &str = "java.lang.ClassCastException";
    /// `java.lang.UnsupportedOperationException`.
    pub const UNSUPPORTED: &str = "java.lang.UnsupportedOperationException";
    /// `java.util.NoSuchElementException`.
    pub const NO_SUCH_ELEMENT: &str = "java.util.NoSuchElementException";
    /// `java.lang.StackOverflowError`.
    pub const STACK_OVERFLOW: &str = "java.lang.StackOverflowError";
    /// `java.lang.OutOfMemoryError`.
    pub const OUT_OF_MEMORY: &str = "java.lang.OutOfMemoryError";
    /// The end of a script that the end of the run brings: nothing catches it.
    pub const THREAD_DEATH: &str = "java.lang.ThreadDeath";
    /// `groovy.lang.MissingPropertyException`.
    pub const MISSING_PROPERTY: &str = "groovy.lang.MissingPropertyException";
    /// `groovy.lang.MissingMethodException`.
    pub const MISSING_METHOD: &str = "groovy.lang.MissingMethodException";
    /// `org.codehaus.groovy.runtime.typehandling.GroovyCastException`.
    pub const GROOVY_CAST: &str = "org.codehaus.groovy.runtime.typehandling.GroovyCastException";
    /// What a JEXL engine raises; its message says where.
    pub const JEXL: &str = "org.apache.commons.jexl3.JexlException";
    /// What Rhino raises for an error of the language.
    pub const ECMA: &str = "org.mozilla.javascript.EcmaError";
}

/// A Java exception as an object: `e.message`, `e.cause`, `e.class.name`.
#[derive(Debug)]
pub struct Throwable {
    /// Full name of its class.
    pub class: Text,
    /// `getMessage()`.
    pub message: Option<Text>,
    /// `getCause()`: a [`Value::Throwable`] or null.
    pub cause: Value,
    /// Properties of particular exceptions (`property` of a `MissingPropertyException`).
    pub details: Vec<(&'static str, Value)>,
    /// Line of the script on which it arose, 0 when unknown.
    pub line: u32,
}

impl std::fmt::Display for Throwable {
    /// `CLASS: MESSAGE`, as Java's `toString()`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{}: {message}", self.class),
            None => f.write_str(&self.class),
        }
    }
}

/// A script ended with this exception, or is ending with it.
#[derive(Debug, Clone)]
pub struct Thrown {
    /// The exception.
    pub exception: Arc<Throwable>,
    /// Line of the script on which it was thrown, 0 when unknown.
    pub line: u32,
}

impl Thrown {
    /// An exception of `class` with a message.
    pub fn new(class: &str, message: impl AsRef<str>) -> Self {
        Self::with_cause(class, Some(Text::from(message.as_ref())), Value::Null)
    }

    /// An exception of `class` with an optional message and a cause.
    pub fn with_cause(class: &str, message: Option<Text>, cause: Value) -> Self {
        let exception = Throwable { class: Text::from(class), message, cause, details: Vec::new(), line: 0 };
        Self { exception: Arc::new(exception), line: 0 }
    }

    /// An exception that carries further properties.
    pub fn with_details(class: &str, message: impl AsRef<str>, details: Vec<(&'static str, Value)>) -> Self {
        let message = Some(Text::from(message.as_ref()));
        let exception = Throwable { class: Text::from(class), message, cause: Value::Null, details, line: 0 };
        Self { exception: Arc::new(exception), line: 0 }
    }

    /// A `NullPointerException` without a message.
    pub fn nothing() -> Self {
        Self::with_cause(names::NULL_POINTER, None, Value::Null)
    }

    /// A number format error for `text`, in the words of `Integer.parseInt`.
    pub fn number_format(text: &str) -> Self {
        Self::new(names::NUMBER_FORMAT, format!("For input string: \"{text}\""))
    }

    /// Full name of the exception's class.
    pub fn class(&self) -> &str {
        &self.exception.class
    }

    /// Whether it says that there is no method `name`: not one that such a method met on its way.
    pub fn is_missing_method(&self, name: &str) -> bool {
        self.class() == names::MISSING_METHOD
            && self.exception.details.iter().any(|(key, value)| *key == "method" && value.as_text() == Some(name))
    }

    /// Whether it is one of Java's errors, which `catch (Exception e)` does not catch.
    pub fn is_error(&self) -> bool {
        crate::script::library::throwable::is_instance(self.class(), "java.lang.Error")
    }

    /// `getMessage()`.
    pub fn message(&self) -> Option<&str> {
        self.exception.message.as_deref()
    }

    /// The same exception, with the line on which it left a statement, unless a deeper one is known.
    #[must_use]
    pub fn at_line(mut self, line: u32) -> Self {
        if self.line == 0 {
            self.line = line;
        }
        self
    }
}

impl From<Arc<Throwable>> for Thrown {
    fn from(exception: Arc<Throwable>) -> Self {
        let line = exception.line;
        Self { exception, line }
    }
}

impl From<super::Failure> for Thrown {
    fn from(failure: super::Failure) -> Self {
        Self::new(names::ARITHMETIC, failure)
    }
}

impl std::fmt::Display for Thrown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.exception.fmt(f)
    }
}

impl std::error::Error for Thrown {}

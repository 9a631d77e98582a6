//! `java.lang.Throwable` and the exception classes that scripts name.

use super::{Class, Fault, Method, java, object};
use crate::script::host::Outcome;
use crate::script::value::{Throwable, Thrown, Value, java_text};
use crate::text::Text;

/// `java.lang.Throwable`.
pub static THROWABLE: Class = Class { methods: METHODS, ..Class::named("java.lang.Throwable", &[&object::OBJECT]) };

static METHODS: &[Method] = &[
    java("getCause", 0, 0, |_, this, _| Ok(of(this)?.cause.clone())),
    java("getLocalizedMessage", 0, 0, |_, this, _| Ok(of(this)?.message.clone().into())),
    java("getMessage", 0, 0, |_, this, _| Ok(of(this)?.message.clone().into())),
];

/// Each exception class with the one that it extends.
static HIERARCHY: &[(&str, &str)] = &[
    ("groovy.json.JsonException", "java.lang.RuntimeException"),
    ("groovy.lang.GroovyRuntimeException", "java.lang.RuntimeException"),
    ("groovy.lang.MissingFieldException", "groovy.lang.GroovyRuntimeException"),
    ("groovy.lang.MissingMethodException", "groovy.lang.GroovyRuntimeException"),
    ("groovy.lang.MissingPropertyException", "groovy.lang.GroovyRuntimeException"),
    ("groovy.lang.ReadOnlyPropertyException", "groovy.lang.MissingPropertyException"),
    ("java.io.EOFException", "java.io.IOException"),
    ("java.io.FileNotFoundException", "java.io.IOException"),
    ("java.io.IOException", "java.lang.Exception"),
    ("java.io.UncheckedIOException", "java.lang.RuntimeException"),
    ("java.io.UnsupportedEncodingException", "java.io.IOException"),
    ("java.lang.ArithmeticException", "java.lang.RuntimeException"),
    ("java.lang.ArrayIndexOutOfBoundsException", "java.lang.IndexOutOfBoundsException"),
    ("java.lang.ArrayStoreException", "java.lang.RuntimeException"),
    ("java.lang.AssertionError", "java.lang.Error"),
    ("java.lang.ClassCastException", "java.lang.RuntimeException"),
    ("java.lang.ClassNotFoundException", "java.lang.Exception"),
    ("java.lang.CloneNotSupportedException", "java.lang.Exception"),
    ("java.lang.Error", "java.lang.Throwable"),
    ("java.lang.Exception", "java.lang.Throwable"),
    ("java.lang.IllegalArgumentException", "java.lang.RuntimeException"),
    ("java.lang.IllegalStateException", "java.lang.RuntimeException"),
    ("java.lang.IndexOutOfBoundsException", "java.lang.RuntimeException"),
    ("java.lang.InterruptedException", "java.lang.Exception"),
    ("java.lang.NegativeArraySizeException", "java.lang.RuntimeException"),
    ("java.lang.NullPointerException", "java.lang.RuntimeException"),
    ("java.lang.NumberFormatException", "java.lang.IllegalArgumentException"),
    ("java.lang.OutOfMemoryError", "java.lang.VirtualMachineError"),
    ("java.lang.ReflectiveOperationException", "java.lang.Exception"),
    ("java.lang.RuntimeException", "java.lang.Exception"),
    ("java.lang.SecurityException", "java.lang.RuntimeException"),
    ("java.lang.StackOverflowError", "java.lang.VirtualMachineError"),
    ("java.lang.StringIndexOutOfBoundsException", "java.lang.IndexOutOfBoundsException"),
    ("java.lang.Throwable", "java.lang.Object"),
    ("java.lang.UnsupportedOperationException", "java.lang.RuntimeException"),
    ("java.lang.VirtualMachineError", "java.lang.Error"),
    ("java.net.ConnectException", "java.net.SocketException"),
    ("java.net.MalformedURLException", "java.io.IOException"),
    ("java.net.SocketException", "java.io.IOException"),
    ("java.net.SocketTimeoutException", "java.io.IOException"),
    ("java.net.URISyntaxException", "java.lang.Exception"),
    ("java.net.UnknownHostException", "java.io.IOException"),
    ("java.nio.file.FileAlreadyExistsException", "java.io.IOException"),
    ("java.nio.file.NoSuchFileException", "java.io.IOException"),
    ("java.security.NoSuchAlgorithmException", "java.lang.Exception"),
    ("java.text.ParseException", "java.lang.Exception"),
    ("java.time.DateTimeException", "java.lang.RuntimeException"),
    ("java.time.format.DateTimeParseException", "java.time.DateTimeException"),
    ("java.util.ConcurrentModificationException", "java.lang.RuntimeException"),
    ("java.util.EmptyStackException", "java.lang.RuntimeException"),
    ("java.util.InputMismatchException", "java.util.NoSuchElementException"),
    ("java.util.NoSuchElementException", "java.lang.RuntimeException"),
    ("java.util.concurrent.ExecutionException", "java.lang.Exception"),
    ("java.util.concurrent.TimeoutException", "java.lang.Exception"),
    ("java.util.regex.PatternSyntaxException", "java.lang.IllegalArgumentException"),
    ("org.codehaus.groovy.runtime.powerassert.PowerAssertionError", "java.lang.AssertionError"),
    ("org.codehaus.groovy.runtime.typehandling.GroovyCastException", "java.lang.ClassCastException"),
    ("org.xml.sax.SAXException", "java.lang.Exception"),
    ("org.xml.sax.SAXParseException", "org.xml.sax.SAXException"),
];

/// The class that an exception class extends; `java.lang.Exception` when nothing is known of it.
fn parent(class: &str) -> &'static str {
    HIERARCHY.iter().find(|row| row.0 == class).map_or("java.lang.Exception", |row| row.1)
}

/// Whether it is the full name of an exception class.
pub fn is_known(class: &str) -> bool {
    HIERARCHY.iter().any(|row| row.0 == class)
}

/// Whether an exception of `class` is an instance of `of`.
pub fn is_instance(class: &str, of: &str) -> bool {
    let mut class = class;
    loop {
        if class == of {
            return true;
        }
        if class == "java.lang.Object" {
            return false;
        }
        class = parent(class);
    }
}

/// `new class(message, cause)`; a cause alone gives its text as message.
pub fn construct(class: &str, arguments: &[Value]) -> Outcome {
    let (message, cause) = match arguments {
        [] => (None, Value::Null),
        [cause @ Value::Throwable(_)] => (Some(Text::from(java_text(cause))), cause.clone()),
        [message] => (text(message), Value::Null),
        [message, cause, ..] => (text(message), cause.clone()),
    };
    Ok(Value::Throwable(Thrown::with_cause(class, message, cause).exception))
}

fn text(message: &Value) -> Option<Text> {
    (!message.is_null()).then(|| Text::from(crate::script::value::groovy_text(message)))
}

fn of(this: &Value) -> Result<&Throwable, Fault> {
    match this {
        Value::Throwable(exception) => Ok(exception),
        _ => Err(Fault::Mismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hierarchy_is_sorted_and_ends_in_object() {
        assert!(HIERARCHY.is_sorted());
        assert!(is_instance("java.io.FileNotFoundException", "java.io.IOException"));
        assert!(is_instance("java.lang.NumberFormatException", "java.lang.Throwable"));
        assert!(!is_instance("java.lang.Error", "java.lang.Exception"));
    }
}

//! `java.lang.Object` and the null of Groovy.

use super::{Answer, Class, Method, arguments, class_of, java};
use crate::script::machine::Machine;
use crate::script::value::{Value, equals, hash_code, java_text};

/// `java.lang.Object`.
pub static OBJECT: Class = Class { methods: METHODS, ..Class::named("java.lang.Object", &[]) };

/// `org.codehaus.groovy.runtime.NullObject`.
pub static NULL: Class = Class::named("org.codehaus.groovy.runtime.NullObject", &[&OBJECT]);

/// `java.lang.Comparable`.
pub static COMPARABLE: Class = Class::interface("java.lang.Comparable", &[&OBJECT]);

static METHODS: &[Method] = &[
    java("equals", 1, 1, |_, this, args| Ok(equals(this, &arguments::any(args, 0)).into())),
    java("getClass", 0, 0, |_, this, _| Ok(Value::Class(class_of(this)))),
    java("hashCode", 0, 0, |_, this, _| Ok(hash_code(this).into())),
    java("toString", 0, 0, to_string),
];

fn to_string(_: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    Ok(java_text(this).into())
}

//! `java.util.Objects`.

use super::{ANY, Answer, Class, Method, arguments, java, object};
use crate::script::machine::Machine;
use crate::script::value::{Thrown, Value, equals, exceptions, hash_code, java_text};

/// `java.util.Objects`.
pub static OBJECTS: Class = Class { statics: STATICS, ..Class::named("java.util.Objects", &[&object::OBJECT]) };

static STATICS: &[Method] = &[
    java("equals", 2, 2, |_, _, args| Ok(equals(&args[0], &args[1]).into())),
    java("hash", 0, ANY, |_, _, args| {
        let items = match args {
            [Value::Array(array)] => array.items(),
            items => items.to_vec(),
        };
        let hash = |sum: i32, item: &Value| {
            sum.wrapping_mul(31).wrapping_add(if item.is_null() { 0 } else { hash_code(item) })
        };
        Ok(items.iter().fold(1, hash).into())
    }),
    java("hashCode", 1, 1, |_, _, args| Ok(if args[0].is_null() { 0 } else { hash_code(&args[0]) }.into())),
    java("isNull", 1, 1, |_, _, args| Ok(args[0].is_null().into())),
    java("nonNull", 1, 1, |_, _, args| Ok((!args[0].is_null()).into())),
    java("requireNonNull", 1, 2, require),
    java("requireNonNullElse", 2, 2, |_, _, args| Ok(args[usize::from(args[0].is_null())].clone())),
    java("toString", 1, 2, |machine, _, args| {
        if args[0].is_null() {
            let default = arguments::any(args, 1);
            return Ok(if default.is_null() { "null".into() } else { default });
        }
        Ok(arguments::string_of(machine, &args[0])?.into())
    }),
];

fn require(machine: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    if !args[0].is_null() {
        return Ok(args[0].clone());
    }
    let message = match args.get(1) {
        Some(supplier @ Value::Closure(_)) => Some(machine.call(supplier, &[])?),
        other => other.cloned(),
    };
    let message = message.filter(|message| !message.is_null()).map(|message| java_text(&message).into());
    Err(Thrown::with_cause(exceptions::NULL_POINTER, message, Value::Null).into())
}

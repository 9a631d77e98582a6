//! `java.lang.Boolean`.

use super::{Class, Fault, Method, arguments, java, object};
use crate::script::value::Value;

/// `java.lang.Boolean`.
pub static BOOLEAN: Class = Class {
    statics: STATICS,
    methods: METHODS,
    constants: &[("TRUE", || true.into()), ("FALSE", || false.into())],
    ..Class::named("java.lang.Boolean", &[&object::COMPARABLE, &object::OBJECT])
};

static STATICS: &[Method] = &[
    java("parseBoolean", 1, 1, |_, _, args| Ok(parse(args)?.into())),
    java("toString", 1, 1, |_, _, args| Ok(of(&args[0])?.to_string().into())),
    java("valueOf", 1, 1, |_, _, args| Ok(of(&args[0]).or_else(|_| parse(args))?.into())),
];

static METHODS: &[Method] = &[
    java("booleanValue", 0, 0, |_, this, _| Ok(of(this)?.into())),
    java("compareTo", 1, 1, |_, this, args| Ok((of(this)?.cmp(&of(&args[0])?) as i32).into())),
];

fn of(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Boolean(value) => Ok(*value),
        _ => Err(Fault::Mismatch),
    }
}

fn parse(args: &[Value]) -> Result<bool, Fault> {
    Ok(!args[0].is_null() && arguments::text(args, 0)?.eq_ignore_ascii_case("true"))
}

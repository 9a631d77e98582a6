//! `groovy.lang.Closure`.

use super::{ANY, Answer, Class, Constant, Fault, Method, arguments, functional, groovy, java, object};
use crate::script::core::{Derived, Place};
use crate::script::machine::Machine;
use crate::script::value::{Callable, Resolve, Value};
use std::sync::{Arc, Mutex};

/// `groovy.lang.Closure`.
pub static CLOSURE: Class = Class {
    methods: METHODS,
    constants: CONSTANTS,
    ..Class::named("groovy.lang.Closure", &[&functional::RUNNABLE, &object::OBJECT])
};

static CONSTANTS: &[Constant] = &[
    ("DELEGATE_FIRST", || Value::Int(Resolve::DelegateFirst as i32)),
    ("DELEGATE_ONLY", || Value::Int(Resolve::DelegateOnly as i32)),
    ("OWNER_FIRST", || Value::Int(Resolve::OwnerFirst as i32)),
    ("OWNER_ONLY", || Value::Int(Resolve::OwnerOnly as i32)),
    ("TO_SELF", || Value::Int(Resolve::ToSelf as i32)),
];

static METHODS: &[Method] = &[
    java("call", 0, ANY, |machine, this, args| Ok(of(this)?.call(machine, args)?)),
    java("doCall", 0, ANY, |machine, this, args| Ok(of(this)?.call(machine, args)?)),
    java("getMaximumNumberOfParameters", 0, 0, |_, this, _| Ok((of(this)?.parameters() as i32).into())),
    java("getParameterTypes", 0, 0, |_, this, _| Ok(of(this)?.get("parameterTypes").unwrap_or_default())),
    java("getDelegate", 0, 0, |_, this, _| Ok(of(this)?.get("delegate").unwrap_or_default())),
    java("getOwner", 0, 0, |_, this, _| Ok(of(this)?.get("owner").unwrap_or_default())),
    java("getThisObject", 0, 0, |_, this, _| Ok(of(this)?.get("thisObject").unwrap_or_default())),
    java("getResolveStrategy", 0, 0, |_, this, _| Ok(of(this)?.get("resolveStrategy").unwrap_or_default())),
    java("setDelegate", 1, 1, |_, this, args| set(this, "delegate", &args[0])),
    java("setResolveStrategy", 1, 1, |_, this, args| set(this, "resolveStrategy", &args[0])),
    java("asWritable", 0, 0, |_, this, _| Ok(this.clone())),
    java("clone", 0, 0, |_, this, _| {
        let closure = of(this)?;
        let resolve = match closure.get("resolveStrategy").and_then(|value| value.to_i64()) {
            Some(1) => Resolve::DelegateFirst,
            Some(2) => Resolve::OwnerOnly,
            Some(3) => Resolve::DelegateOnly,
            _ => Resolve::OwnerFirst,
        };
        Ok(closure.with_delegate(closure.get("delegate").unwrap_or_default(), resolve))
    }),
    java("rehydrate", 3, 3, |_, this, args| Ok(of(this)?.with_delegate(args[0].clone(), Resolve::OwnerFirst))),
    java("dehydrate", 0, 0, |_, this, _| Ok(this.clone())),
    java("curry", 1, ANY, |_, this, args| Ok(Derived::Curried(this.clone(), args.to_vec(), Place::First).value())),
    java("rcurry", 1, ANY, |_, this, args| Ok(Derived::Curried(this.clone(), args.to_vec(), Place::Last).value())),
    java("ncurry", 2, ANY, |_, this, args| {
        let at = usize::try_from(arguments::int(args, 0)?).map_err(|_| Fault::Mismatch)?;
        Ok(Derived::Curried(this.clone(), args[1..].to_vec(), Place::At(at)).value())
    }),
    java("memoize", 0, 0, memoize),
    java("memoizeAtMost", 1, 1, memoize),
    java("memoizeAtLeast", 1, 1, memoize),
    java("memoizeBetween", 2, 2, memoize),
    java("trampoline", 0, ANY, |_, this, args| {
        if args.is_empty() {
            return Ok(Derived::Trampoline(this.clone()).value());
        }
        Ok(Derived::Curried(this.clone(), args.to_vec(), Place::First).value())
    }),
    java("rightShift", 1, 1, |_, this, args| Ok(Derived::Composed(this.clone(), args[0].clone()).value())),
    java("leftShift", 1, 1, |machine, this, args| match &args[0] {
        first @ Value::Closure(_) => Ok(Derived::Composed(first.clone(), this.clone()).value()),
        value => Ok(machine.call(this, std::slice::from_ref(value))?),
    }),
    java("andThen", 1, 1, |_, this, args| Ok(Derived::Composed(this.clone(), args[0].clone()).value())),
    java("compose", 1, 1, |_, this, args| Ok(Derived::Composed(args[0].clone(), this.clone()).value())),
    java("reversed", 0, 0, |_, this, _| Ok(Derived::Reversed(this.clone()).value())),
    java("negate", 0, 0, |_, this, _| Ok(Derived::Negated(this.clone()).value())),
    java("and", 1, 1, |_, this, args| Ok(Derived::Both(this.clone(), args[0].clone()).value())),
    java("or", 1, 1, |_, this, args| Ok(Derived::Either(this.clone(), args[0].clone()).value())),
    java("thenComparing", 1, 1, |_, this, args| Ok(Derived::Then(this.clone(), args[0].clone()).value())),
    groovy("isCase", 1, 1, |machine, this, args| {
        let answer = machine.call(this, args)?;
        Ok(machine.truth(&answer)?.into())
    }),
];

fn memoize(_: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    Ok(Derived::Memoized(this.clone(), Mutex::default()).value())
}

fn set(this: &Value, name: &str, value: &Value) -> Answer {
    if of(this)?.set(name, value) { Ok(Value::Null) } else { Err(Fault::Mismatch) }
}

fn of(this: &Value) -> Result<&Arc<dyn Callable>, Fault> {
    match this {
        Value::Closure(closure) => Ok(closure),
        _ => Err(Fault::Mismatch),
    }
}

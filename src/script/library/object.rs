//! `java.lang.Object` and the null of Groovy.

use super::{Answer, Class, Fault, Method, arguments, class_of, groovy, java, takes};
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::exceptions;
use crate::script::value::{ClassRef, Object, Resolve, Value, equals, hash_code};

/// `java.lang.Object`.
pub static OBJECT: Class =
    Class { constructor: takes(0, 0, construct), methods: METHODS, ..Class::named("java.lang.Object", &[]) };

/// `org.codehaus.groovy.runtime.NullObject`.
pub static NULL: Class = Class::named("org.codehaus.groovy.runtime.NullObject", &[&OBJECT]);

/// `java.lang.Comparable`.
pub static COMPARABLE: Class = Class::interface("java.lang.Comparable", &[&OBJECT]);

static METHODS: &[Method] = &[
    java("equals", 1, 1, |_, this, args| Ok(equals(this, &arguments::any(args, 0)).into())),
    java("getClass", 0, 0, |_, this, _| Ok(Value::Class(class_of(this)))),
    java("hashCode", 0, 0, |_, this, _| Ok(hash_code(this).into())),
    java("remove(Object)", 1, 1, |machine, this, args| Ok(machine.call_method(this, "remove", args)?)),
    java("toString", 0, 0, to_string),
    java("notify", 0, 0, |_, _, _| Ok(Value::Null)),
    java("notifyAll", 0, 0, |_, _, _| Ok(Value::Null)),
    groovy("is", 1, 1, |_, this, args| Ok(this.is_same(&args[0]).into())),
    groovy("isCase", 1, 1, |machine, this, args| Ok(machine.is_case(this, &args[0])?.into())),
    groovy("with", 1, 2, |machine, this, args| with(machine, this, args, args.len() > 1)),
    groovy("tap", 1, 1, |machine, this, args| with(machine, this, args, true)),
    groovy("identity", 1, 1, |machine, this, args| with(machine, this, args, false)),
    groovy("asType", 1, 1, |machine, this, args| match &args[0] {
        Value::Class(class) => Ok(machine.coerce(this, class)?),
        _ => Err(Fault::Mismatch),
    }),
    groovy("inspect", 0, 0, |machine, this, _| Ok(inspected(machine, this, 0)?.into())),
    groovy("dump", 0, 0, |machine, this, _| {
        let text = machine.text_of(this)?;
        Ok(format!("<{}@{:x} {text}>", class_of(this).name(), hash_code(this)).into())
    }),
    groovy("asBoolean", 0, 0, |machine, this, _| Ok(machine.truth(this)?.into())),
    groovy("getAt", 1, 1, |machine, this, args| {
        let Value::String(name) = &args[0] else { return Err(Fault::Mismatch) };
        Ok(machine.get_property(this, name)?)
    }),
    groovy("getProperty", 1, 1, |machine, this, args| {
        let name = machine.text(&args[0])?;
        Ok(machine.get_property(this, &name)?)
    }),
    groovy("setProperty", 2, 2, |machine, this, args| {
        let name = machine.text(&args[0])?;
        machine.set_property(this, &name, args[1].clone())?;
        Ok(Value::Null)
    }),
    groovy("invokeMethod", 2, 2, |machine, this, args| {
        let name = machine.text(&args[0])?;
        let given = machine.iterate(&args[1])?;
        Ok(machine.call_method(this, &name, &given)?)
    }),
    groovy("hasProperty", 1, 1, |machine, this, args| {
        let name = machine.text(&args[0])?;
        match machine.get_property(this, &name) {
            Ok(_) => Ok(true.into()),
            Err(thrown) if thrown.class() == exceptions::MISSING_PROPERTY => Ok(Value::Null),
            Err(thrown) => Err(thrown.into()),
        }
    }),
    groovy("respondsTo", 1, 2, |machine, this, args| {
        let name = machine.text(&args[0])?;
        let known = (0..8).any(|count| machine.has_method(this, &name, count));
        Ok(Value::list(if known { vec![Value::String(name.into())] } else { Vec::new() }))
    }),
    groovy("println", 0, 1, |machine, _, args| {
        let text = match args.first() {
            Some(value) => machine.text(value)?,
            None => String::new(),
        };
        machine.host.print(&format!("{text}\n"));
        Ok(Value::Null)
    }),
    groovy("print", 1, 1, |machine, _, args| {
        let text = machine.text(&args[0])?;
        machine.host.print(&text);
        Ok(Value::Null)
    }),
    groovy("each", 1, 1, |machine, this, args| {
        for item in machine.iterate(this)? {
            machine.turn()?;
            machine.call(&args[0], &[item])?;
        }
        Ok(this.clone())
    }),
    groovy("eachWithIndex", 1, 1, |machine, this, args| {
        for (index, item) in machine.iterate(this)?.into_iter().enumerate() {
            machine.turn()?;
            machine.call(&args[0], &[item, Value::Int(index as i32)])?;
        }
        Ok(this.clone())
    }),
    groovy("collect", 1, 1, |machine, this, args| {
        let mut out = Vec::new();
        for item in machine.iterate(this)? {
            machine.turn()?;
            out.push(machine.call(&args[0], &[item])?);
        }
        Ok(Value::list(out))
    }),
    groovy("findAll", 1, 1, |machine, this, args| {
        let mut out = Vec::new();
        for item in machine.iterate(this)? {
            let answer = machine.call(&args[0], std::slice::from_ref(&item))?;
            if machine.truth(&answer)? {
                out.push(item);
            }
        }
        Ok(Value::list(out))
    }),
    groovy("find", 1, 1, |machine, this, args| {
        for item in machine.iterate(this)? {
            let answer = machine.call(&args[0], std::slice::from_ref(&item))?;
            if machine.truth(&answer)? {
                return Ok(item);
            }
        }
        Ok(Value::Null)
    }),
    groovy("any", 1, 1, |machine, this, args| {
        for item in machine.iterate(this)? {
            let answer = machine.call(&args[0], &[item])?;
            if machine.truth(&answer)? {
                return Ok(true.into());
            }
        }
        Ok(false.into())
    }),
    groovy("every", 1, 1, |machine, this, args| {
        for item in machine.iterate(this)? {
            let answer = machine.call(&args[0], &[item])?;
            if !machine.truth(&answer)? {
                return Ok(false.into());
            }
        }
        Ok(true.into())
    }),
    groovy("inject", 1, 2, |machine, this, args| {
        let mut items = machine.iterate(this)?.into_iter();
        let (mut sum, step) = match args {
            [first, step] => (first.clone(), step),
            [step] => (items.next().unwrap_or_default(), step),
            _ => return Err(Fault::Mismatch),
        };
        for item in items {
            sum = machine.call(step, &[sum, item])?;
        }
        Ok(sum)
    }),
    groovy("getMetaClass", 0, 0, |_, this, _| Ok(Value::Class(class_of(this)))),
];

fn to_string(machine: &mut Machine<'_>, this: &Value, _: &[Value]) -> Answer {
    if let (Value::Object(object), true) = (this, matches!(class_of(this), crate::script::value::ClassRef::Script(_))) {
        return Ok(object.to_text().into());
    }
    Ok(machine.text_of(this)?.into())
}

/// What `new Object()` gives: nothing but an identity.
#[derive(Debug)]
struct Plain;

impl Object for Plain {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&OBJECT)
    }

    fn to_text(&self) -> String {
        format!("java.lang.Object@{:x}", (std::ptr::from_ref(self).addr() >> 4) & 0x7fff_ffff)
    }
}

fn construct(_: &mut Machine<'_>, _: &Value, args: &[Value]) -> Answer {
    if args.is_empty() { Ok(Value::object(Plain)) } else { Err(Fault::Mismatch) }
}

/// `value.with { … }`: the closure's names are the value's first; `tap` gives the value back.
fn with(machine: &mut Machine<'_>, this: &Value, args: &[Value], tap: bool) -> Answer {
    let Some(Value::Closure(closure)) = args.last() else { return Err(Fault::Mismatch) };
    let tap = match args {
        [Value::Boolean(give), _] => *give,
        _ => tap,
    };
    let closure = closure.with_delegate(this.clone(), Resolve::DelegateFirst);
    let value = machine.call(&closure, std::slice::from_ref(this))?;
    Ok(if tap { this.clone() } else { value })
}

/// `inspect()`: texts in quotes, what is within collections likewise.
fn inspected(machine: &mut Machine<'_>, value: &Value, depth: u32) -> Result<String, Fault> {
    /// Collections within collections.
    const DEEPEST: u32 = 64;
    if depth > DEEPEST {
        return Ok("...".to_owned());
    }
    let items = match value {
        Value::String(_) | Value::GString(_) => {
            let text = machine.text(value)?;
            let mut quoted = String::with_capacity(text.len() + 2);
            quoted.push('\'');
            for c in text.chars() {
                match c {
                    '\'' => quoted.push_str("\\'"),
                    '\\' => quoted.push_str("\\\\"),
                    '\n' => quoted.push_str("\\n"),
                    '\r' => quoted.push_str("\\r"),
                    '\t' => quoted.push_str("\\t"),
                    c => quoted.push(c),
                }
            }
            quoted.push('\'');
            return Ok(quoted);
        }
        Value::Map(map) => {
            if map.is_empty() {
                return Ok("[:]".to_owned());
            }
            let mut entries = Vec::new();
            for (key, value) in map.entries() {
                entries.push(format!(
                    "{}:{}",
                    inspected(machine, &key, depth + 1)?,
                    inspected(machine, &value, depth + 1)?
                ));
            }
            budget::text(entries.iter().map(String::len).sum())?;
            return Ok(format!("[{}]", entries.join(", ")));
        }
        Value::Range(range) => {
            let (from, to) = (inspected(machine, &range.from, depth + 1)?, inspected(machine, &range.to, depth + 1)?);
            return Ok(format!("{from}{}{to}", if range.inclusive { ".." } else { "..<" }));
        }
        Value::List(list) => list.items(),
        Value::Set(set) => set.items(),
        Value::Array(array) => array.items(),
        other => return Ok(machine.text(other)?),
    };
    let mut texts = Vec::with_capacity(items.len());
    for item in &items {
        texts.push(inspected(machine, item, depth + 1)?);
    }
    budget::text(texts.iter().map(String::len).sum())?;
    Ok(format!("[{}]", texts.join(", ")))
}

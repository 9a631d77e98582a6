//! `java.lang.StringBuilder` and `StringBuffer`.

use super::string::{CHAR_SEQUENCE, char_or_text, chars_or_text, index_of, last_index_of};
use super::{Answer, Class, Fault, Method, arguments, groovy, java, object, takes};
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions, slice_utf16, utf16_len};
use std::sync::{Mutex, PoisonError};

/// `java.lang.StringBuilder`.
pub static STRING_BUILDER: Class = Class {
    constructor: takes(0, 1, |machine, _, args| construct(machine, args, false)),
    methods: METHODS,
    ..Class::named("java.lang.StringBuilder", &[&CHAR_SEQUENCE, &object::COMPARABLE])
};

/// `java.lang.StringBuffer`.
pub static STRING_BUFFER: Class = Class {
    constructor: takes(0, 1, |machine, _, args| construct(machine, args, true)),
    methods: METHODS,
    ..Class::named("java.lang.StringBuffer", &[&CHAR_SEQUENCE, &object::COMPARABLE])
};

static METHODS: &[Method] = &[
    java("append", 1, 3, append),
    java("appendCodePoint", 1, 1, |_, this, args| {
        let code = arguments::int(args, 0)?;
        let c = u32::try_from(code).ok().and_then(char::from_u32).ok_or_else(|| {
            Thrown::new(exceptions::ILLEGAL_ARGUMENT, format!("Not a valid Unicode code point: 0x{code:X}"))
        })?;
        change(this, |text| text.push(c))
    }),
    java("capacity", 0, 0, |_, this, _| Ok((of(this)?.read(str::len).max(16) as i32).into())),
    java("delete", 2, 2, |_, this, args| replace(this, arguments::int(args, 0)?, arguments::int(args, 1)?, "")),
    java("deleteCharAt", 1, 1, |_, this, args| {
        let (at, length) = (arguments::int(args, 0)?, length(this)?);
        if at < 0 || at >= length {
            return Err(Thrown::new(exceptions::STRING_INDEX, format!("index {at}, length {length}")).into());
        }
        replace(this, at, at + 1, "")
    }),
    java("ensureCapacity", 1, 1, |_, _, _| Ok(Value::Null)),
    java("indexOf", 1, 2, |_, this, args| {
        let from = if args.len() > 1 { arguments::int(args, 1)?.max(0) as usize } else { 0 };
        Ok(index_of(&of(this)?.to_text(), &arguments::text(args, 0)?, from).into())
    }),
    java("insert", 2, 2, |machine, this, args| {
        let (at, length) = (arguments::int(args, 0)?, length(this)?);
        if at < 0 || at > length {
            return Err(Thrown::new(exceptions::STRING_INDEX, format!("offset {at}, length {length}")).into());
        }
        let text = shown(machine, &args[1])?;
        replace(this, at, at, &text)
    }),
    java("lastIndexOf", 1, 2, |_, this, args| {
        let from = if args.len() > 1 { arguments::int(args, 1)? } else { i32::MAX };
        Ok(last_index_of(&of(this)?.to_text(), &arguments::text(args, 0)?, from).into())
    }),
    java("replace", 3, 3, |_, this, args| {
        replace(this, arguments::int(args, 0)?, arguments::int(args, 1)?, &arguments::text(args, 2)?)
    }),
    java("reverse", 0, 0, |_, this, _| change(this, |text| *text = text.chars().rev().collect())),
    java("setCharAt", 2, 2, |_, this, args| {
        let (at, length) = (arguments::int(args, 0)?, length(this)?);
        if at < 0 || at >= length {
            return Err(Thrown::new(exceptions::STRING_INDEX, format!("index {at}, length {length}")).into());
        }
        replace(this, at, at + 1, &char_or_text(args, 1)?)?;
        Ok(Value::Null)
    }),
    java("setLength", 1, 1, |_, this, args| {
        let wanted = usize::try_from(arguments::int(args, 0)?).map_err(|_| {
            Thrown::new(exceptions::STRING_INDEX, format!("String index out of range: {}", args_text(args)))
        })?;
        budget::text(wanted)?;
        change(this, |text| {
            let length = utf16_len(text);
            if wanted <= length {
                *text = slice_utf16(text, 0, wanted);
            } else {
                text.extend(std::iter::repeat_n('\0', wanted - length));
            }
        })?;
        Ok(Value::Null)
    }),
    java("substring", 1, 2, |machine, this, args| {
        Ok(machine.call_method(&of(this)?.to_text().into(), "substring", args)?)
    }),
    java("trimToSize", 0, 0, |_, _, _| Ok(Value::Null)),
    groovy("clear", 0, 0, |_, this, _| change(this, String::clear)),
    groovy("leftShift", 1, 1, append),
    groovy("putAt", 2, 2, |machine, this, args| {
        let (from, to) = match &args[0] {
            Value::Range(range) => match range.numbers() {
                Some((from, count, _)) => (from as i32, (from + count) as i32),
                None => return Err(Fault::Mismatch),
            },
            _ => (arguments::int(args, 0)?, arguments::int(args, 0)?.saturating_add(1)),
        };
        let text = shown(machine, &args[1])?;
        replace(this, from, to, &text)?;
        Ok(Value::Null)
    }),
];

/// A `StringBuilder` or `StringBuffer`.
#[derive(Debug)]
pub struct StringBuilder {
    text: Mutex<String>,
    buffer: bool,
}

impl StringBuilder {
    /// A `StringBuilder` of `text`.
    pub fn new(text: String) -> Self {
        Self { text: Mutex::new(text), buffer: false }
    }

    /// A `StringBuffer` of `text`.
    pub fn buffer(text: String) -> Self {
        Self { text: Mutex::new(text), buffer: true }
    }

    fn read<R>(&self, read: impl FnOnce(&str) -> R) -> R {
        read(&self.text.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Appends a text.
    pub(crate) fn push(&self, text: &str) -> Result<(), Thrown> {
        let mut own = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        budget::text(own.len().saturating_add(text.len()))?;
        own.push_str(text);
        Ok(())
    }
}

impl Object for StringBuilder {
    fn class(&self) -> ClassRef {
        ClassRef::Library(if self.buffer { &STRING_BUFFER } else { &STRING_BUILDER })
    }

    fn to_text(&self) -> String {
        self.read(str::to_owned)
    }
}

fn of(this: &Value) -> Result<&StringBuilder, Fault> {
    arguments::object(this)
}

fn length(this: &Value) -> Result<i32, Fault> {
    Ok(of(this)?.read(utf16_len) as i32)
}

fn args_text(args: &[Value]) -> String {
    args.first().map(crate::script::value::java_text).unwrap_or_default()
}

fn change(this: &Value, change: impl FnOnce(&mut String)) -> Answer {
    let mut text = of(this)?.text.lock().unwrap_or_else(PoisonError::into_inner);
    change(&mut text);
    Ok(this.clone())
}

fn construct(_: &mut Machine<'_>, args: &[Value], buffer: bool) -> Answer {
    let text = match args {
        [] | [Value::Int(_)] => String::new(),
        [_] => arguments::text(args, 0)?.into_owned(),
        _ => return Err(Fault::Mismatch),
    };
    Ok(Value::object(StringBuilder { text: Mutex::new(text), buffer }))
}

/// What `append` and `insert` add: the characters of a `char[]`, Java's text of anything else.
fn shown(machine: &mut Machine<'_>, value: &Value) -> Result<String, Fault> {
    match value {
        Value::GString(_) => Ok(machine.text(value)?),
        Value::Array(_) => Ok(chars_or_text(value)),
        _ => arguments::string_of(machine, value),
    }
}

fn append(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let mut text = shown(machine, &args[0])?;
    if args.len() == 3 {
        let (from, to) = (arguments::int(args, 1)?, arguments::int(args, 2)?);
        let length = utf16_len(&text) as i32;
        // With a `char[]` the last argument is a count.
        let to = if matches!(args[0], Value::Array(_)) { from.saturating_add(to) } else { to };
        if from < 0 || to > length || from > to {
            let message = format!("start {from}, end {to}, length {length}");
            return Err(Thrown::new(exceptions::INDEX, message).into());
        }
        text = slice_utf16(&text, from as usize, to as usize);
    } else if args.len() == 2 {
        return Err(Fault::Mismatch);
    }
    of(this)?.push(&text)?;
    Ok(this.clone())
}

fn replace(this: &Value, from: i32, to: i32, with: &str) -> Answer {
    let builder = of(this)?;
    let length = length(this)?;
    let end = to.min(length);
    if from < 0 || from > length || from > end {
        let message = format!("start {from}, end {end}, length {length}");
        return Err(Thrown::new(exceptions::STRING_INDEX, message).into());
    }
    let text = builder.to_text();
    let changed =
        format!("{}{with}{}", slice_utf16(&text, 0, from as usize), slice_utf16(&text, end as usize, usize::MAX));
    change(this, |text| *text = changed)
}

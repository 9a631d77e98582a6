//! `groovy.json`: `JsonSlurper`, `JsonOutput` and `JsonBuilder`; and Jayway's `JsonPath`.

mod builder;
mod slurper;

pub use builder::{JSON_BUILDER, JSON_DELEGATE};

use super::enumeration::{self, ENUM, constants};
use super::{ANY, Answer, Class, Fault, Method, arguments, date, file, io, java, object, takes};
use crate::json_path::{Json, JsonPath, PathError};
use crate::script::budget;
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, List, ListKind, Object, Thrown, Value, exceptions, java_text};
use crate::text::Text;
use slurper::Form;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// `groovy.json.JsonSlurper`.
pub static JSON_SLURPER: Class = Class {
    constructor: takes(0, 0, |_, _, _| Ok(slurper(&JSON_SLURPER, Form::Standard))),
    methods: SLURPER_METHODS,
    ..Class::named("groovy.json.JsonSlurper", &[&object::OBJECT])
};

/// `groovy.json.JsonSlurperClassic`.
pub static JSON_SLURPER_CLASSIC: Class = Class {
    constructor: takes(0, 0, |_, _, _| Ok(slurper(&JSON_SLURPER_CLASSIC, Form::Classic))),
    methods: SLURPER_METHODS,
    ..Class::named("groovy.json.JsonSlurperClassic", &[&object::OBJECT])
};

/// `groovy.json.JsonParserType`.
pub static JSON_PARSER_TYPE: Class = Class {
    constants: constants!(JSON_PARSER_TYPE: 0 "CHAR_BUFFER", 1 "INDEX_OVERLAY", 2 "CHARACTER_SOURCE", 3 "LAX"),
    ..Class::named("groovy.json.JsonParserType", &[&ENUM])
};

#[derive(Debug)]
struct JsonSlurper {
    class: &'static Class,
    form: Mutex<Form>,
}

fn slurper(class: &'static Class, form: Form) -> Value {
    Value::object(JsonSlurper { class, form: Mutex::new(form) })
}

impl Object for JsonSlurper {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }
}

/// What a slurper takes and what it makes of it.
fn form(this: &Value) -> Result<Form, Fault> {
    Ok(*arguments::object::<JsonSlurper>(this)?.form.lock().unwrap_or_else(PoisonError::into_inner))
}

static SLURPER_METHODS: &[Method] = &[
    java("parse", 1, 2, |machine, this, args| {
        let text = match &args[0] {
            Value::Array(array) if &*array.element == "char" => super::string::chars_or_text(&args[0]),
            value if arguments::text_of(value).is_some() => return Err(Fault::Mismatch),
            value => io::text_from(machine, value, args.get(1))?,
        };
        Ok(slurper::parse(&text, form(this)?)?)
    }),
    java("parseFile", 1, 2, |machine, this, args| {
        let bytes = io::read_file(machine, &file::path_text(&args[0])?)?;
        Ok(slurper::parse(&super::string::decode(&bytes, args.get(1))?, form(this)?)?)
    }),
    java("parseText", 1, 1, |_, this, args| {
        if args[0].is_null() {
            return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, "Text must not be null or empty").into());
        }
        Ok(slurper::parse(&arguments::text(args, 0)?, form(this)?)?)
    }),
    java("setType", 1, 1, |_, this, args| {
        let lax = enumeration::ordinal(&args[0], &JSON_PARSER_TYPE)? == 3;
        let slurper: &JsonSlurper = arguments::object(this)?;
        *slurper.form.lock().unwrap_or_else(PoisonError::into_inner) = if lax { Form::Lax } else { Form::Standard };
        Ok(this.clone())
    }),
];

/// `groovy.json.JsonOutput`.
pub static JSON_OUTPUT: Class = Class {
    statics: &[
        java("prettyPrint", 1, 2, |_, _, args| Ok(slurper::pretty(&arguments::text(args, 0)?)?.into())),
        java("toJson", 1, 1, |machine, _, args| Ok(to_json(machine, &args[0])?.into())),
        java("unescaped", 1, 1, |_, _, args| Ok(Value::object(Unescaped(Text::from(&*arguments::text(args, 0)?))))),
    ],
    ..Class::named("groovy.json.JsonOutput", &[&object::OBJECT])
};

/// Text that is JSON already.
#[derive(Debug)]
struct Unescaped(Text);

static UNESCAPED: Class = Class::named("groovy.json.JsonOutput$JsonUnescaped", &[&object::OBJECT]);

impl Object for Unescaped {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&UNESCAPED)
    }

    fn to_text(&self) -> String {
        self.0.to_string()
    }
}

/// `groovy.json.JsonGenerator$Options`, of which only building is known.
pub static JSON_OPTIONS: Class = Class {
    constructor: takes(0, 0, |_, _, _| Ok(Value::object(Options { without_nulls: false, plain_unicode: false }))),
    methods: &[
        java("build", 0, 0, |_, this, _| Ok(this.clone())),
        java("dateFormat", 1, 3, |_, this, _| Ok(this.clone())),
        java("disableUnicodeEscaping", 0, 0, |_, this, _| {
            let own: &Options = arguments::object(this)?;
            Ok(Value::object(Options { without_nulls: own.without_nulls, plain_unicode: true }))
        }),
        java("excludeNulls", 0, 0, |_, this, _| {
            let own: &Options = arguments::object(this)?;
            Ok(Value::object(Options { without_nulls: true, plain_unicode: own.plain_unicode }))
        }),
        java("toJson", 1, 1, |machine, this, args| {
            let own: &Options = arguments::object(this)?;
            let mut out = String::new();
            write_json(machine, &args[0], &mut out, own, 0)?;
            Ok(out.into())
        }),
    ],
    ..Class::named("groovy.json.JsonGenerator$Options", &[&object::OBJECT])
};

/// How a generator writes.
#[derive(Debug, Default)]
struct Options {
    without_nulls: bool,
    plain_unicode: bool,
}

impl Object for Options {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&JSON_OPTIONS)
    }
}

/// Values within values.
const DEEPEST: u32 = 512;

/// `JsonOutput.toJson(value)`.
pub(crate) fn to_json(machine: &mut Machine<'_>, value: &Value) -> Result<String, Fault> {
    let mut out = String::new();
    write_json(machine, value, &mut out, &Options::default(), 0)?;
    Ok(out)
}

fn write_json(
    machine: &mut Machine<'_>,
    value: &Value,
    out: &mut String,
    options: &Options,
    depth: u32,
) -> Result<(), Fault> {
    budget::text(out.len())?;
    if depth > DEEPEST {
        return Err(Thrown::with_cause(exceptions::STACK_OVERFLOW, None, Value::Null).into());
    }
    match value {
        Value::Null | Value::Void => out.push_str("null"),
        Value::Boolean(_) => out.push_str(&java_text(value)),
        Value::Double(_) | Value::Float(_) => {
            let number = value.to_f64().unwrap_or(f64::NAN);
            if !number.is_finite() {
                let kind = if number.is_nan() { "NaN" } else { "infinite" };
                let message =
                    format!("Number {} can't be serialized as JSON: {kind} are not allowed in JSON.", java_text(value));
                return Err(Thrown::new("groovy.json.JsonException", message).into());
            }
            out.push_str(&java_text(value));
        }
        value if value.is_number() => out.push_str(&java_text(value)),
        Value::Char(_) | Value::String(_) | Value::GString(_) | Value::Class(_) => {
            let text = if let Value::Class(class) = value { class.name() } else { machine.text(value)? };
            quote(&text, out, options.plain_unicode);
        }
        Value::Map(map) => {
            out.push('{');
            let mut first = true;
            for (key, value) in map.entries() {
                if key.is_null() {
                    let message = "Maps with null keys can't be converted to JSON";
                    return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, message).into());
                }
                if options.without_nulls && value.is_null() {
                    continue;
                }
                out.push_str(if first { "" } else { "," });
                first = false;
                let name = machine.text(&key)?;
                quote(&name, out, options.plain_unicode);
                out.push(':');
                write_json(machine, &value, out, options, depth + 1)?;
            }
            out.push('}');
        }
        Value::Array(array) if &*array.element == "char" => {
            quote(&super::string::chars_or_text(value), out, options.plain_unicode);
        }
        Value::List(_) | Value::Set(_) | Value::Array(_) | Value::Range(_) => {
            out.push('[');
            for (at, item) in super::list::items(value)?.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write_json(machine, item, out, options, depth + 1)?;
            }
            out.push(']');
        }
        Value::Entry(entry) => {
            let pair = Value::map([("key".into(), entry.key.clone()), ("value".into(), entry.value())]);
            write_json(machine, &pair, out, options, depth + 1)?;
        }
        Value::Closure(_) => {
            let content = builder::content_of(machine, value)?;
            write_json(machine, &content, out, options, depth + 1)?;
        }
        Value::Object(object) if object.downcast::<Unescaped>().is_some() => out.push_str(&object.to_text()),
        Value::Object(_) if date::millis(value).is_ok() => {
            let text = date::json_text(date::millis(value)?);
            quote(&text, out, options.plain_unicode);
        }
        Value::Object(object) => match builder::content_of_builder(&**object) {
            Some(content) => write_json(machine, &content, out, options, depth + 1)?,
            None => {
                let text = machine.text(value)?;
                quote(&text, out, options.plain_unicode);
            }
        },
        other => {
            let text = machine.text(other)?;
            quote(&text, out, options.plain_unicode);
        }
    }
    Ok(())
}

/// A JSON string: what is not printable ASCII is escaped.
fn quote(text: &str, out: &mut String, plain_unicode: bool) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(c),
            c if plain_unicode && c >= '\u{7f}' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// `com.jayway.jsonpath.JsonPath`.
pub static JSON_PATH: Class = Class {
    statics: &[
        java("compile", 1, ANY, |_, _, args| {
            let path = arguments::text(args, 0)?;
            let compiled = JsonPath::compile(&path).map_err(|error| invalid_path(error.to_string()))?;
            Ok(Value::object(Compiled(compiled)))
        }),
        java("parse", 1, 2, |machine, _, args| Ok(Value::object(Document(document(machine, &args[0])?)))),
        java("read", 2, ANY, |machine, _, args| {
            let document = document(machine, &args[0])?;
            read(&document, &arguments::text(args, 1)?)
        }),
    ],
    methods: &[java("read", 1, ANY, |machine, this, args| {
        let document = document(machine, &args[0])?;
        evaluate(&arguments::object::<Compiled>(this)?.0, &document)
    })],
    ..Class::named("com.jayway.jsonpath.JsonPath", &[&object::OBJECT])
};

static DOCUMENT: Class = Class {
    methods: &[
        java("json", 0, 0, |_, this, _| Ok(value_of(&arguments::object::<Document>(this)?.0))),
        java("jsonString", 0, 0, |_, this, _| Ok(arguments::object::<Document>(this)?.0.to_json().into())),
        java("read", 1, ANY, |_, this, args| read(&arguments::object::<Document>(this)?.0, &arguments::text(args, 0)?)),
    ],
    ..Class::named("com.jayway.jsonpath.internal.JsonContext", &[&object::OBJECT])
};

#[derive(Debug)]
struct Compiled(JsonPath);

impl Object for Compiled {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&JSON_PATH)
    }
}

#[derive(Debug)]
struct Document(Json);

impl Object for Document {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&DOCUMENT)
    }
}

fn invalid_path(message: String) -> Fault {
    Thrown::new("com.jayway.jsonpath.InvalidPathException", message).into()
}

/// The document of a JSON text, or of values that came from one.
fn document(machine: &mut Machine<'_>, value: &Value) -> Result<Json, Fault> {
    let text = match value {
        Value::Map(_) | Value::List(_) => to_json(machine, value)?,
        value if arguments::text_of(value).is_some() => arguments::text_of(value).unwrap_or_default().into_owned(),
        value => io::text_from(machine, value, None)?,
    };
    if text.is_empty() {
        return Err(Thrown::new(exceptions::ILLEGAL_ARGUMENT, "json string can not be null or empty").into());
    }
    let invalid = |error: crate::json_path::JsonError| {
        Thrown::new("com.jayway.jsonpath.InvalidJsonException", error.wrapped_text())
    };
    Ok(Json::parse(&text).map_err(invalid)?)
}

fn read(document: &Json, path: &str) -> Answer {
    evaluate(&JsonPath::compile(path).map_err(|error| invalid_path(error.to_string()))?, document)
}

fn evaluate(path: &JsonPath, document: &Json) -> Answer {
    match path.read(document) {
        Ok(found) => Ok(value_of(&found)),
        Err(PathError::NotFound(message)) => {
            Err(Thrown::new("com.jayway.jsonpath.PathNotFoundException", message).into())
        }
        Err(PathError::Failed(message)) => Err(invalid_path(message)),
    }
}

/// A result as Java's values.
fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => (*flag).into(),
        Json::Int(number) => i32::try_from(*number).map_or(Value::Long(*number), Value::Int),
        Json::BigInteger(digits) => digits.parse().map_or(Value::Null, Value::integer),
        Json::Double(number) => (*number).into(),
        Json::BigDecimal(digits) => crate::script::value::BigDecimal::parse(digits).map_or(Value::Null, Value::decimal),
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => {
            Value::List(Arc::new(List::new(ListKind::ArrayList, items.iter().map(value_of).collect())))
        }
        Json::Object(object) => Value::map(object.iter().map(|(name, value)| (name.into(), value_of(value)))),
        Json::Keys(keys) => Value::Set(Arc::new(crate::script::value::Set::new(
            crate::script::value::MapKind::Linked,
            keys.iter().map(|key| key.as_str().into()),
        ))),
    }
}

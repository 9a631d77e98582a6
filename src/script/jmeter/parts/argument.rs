//! `org.apache.jmeter.config.Arguments` and `Argument`, `org.apache.jmeter.protocol.http.util.HTTPArgument`.

use super::property::{Collection, TEST_ELEMENT};
use super::{Item, Part, item_at, item_of, list_of, lock, text_of};
use crate::java::url_encoding;
use crate::script::library::iterator::{Walk, iterator};
use crate::script::library::{Answer, Class, Fault, Method, arguments, java, takes};
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, List, Object, Value, java_text};
use crate::text::Text;
use std::sync::{Arc, Mutex};

pub(super) static ARGUMENTS: Class = Class {
    constructor: takes(0, 0, |_, _, _| Ok(Value::object(Arguments::over(list_of(Vec::new()))))),
    methods: ARGUMENTS_METHODS,
    ..Class::named("org.apache.jmeter.config.Arguments", &[&TEST_ELEMENT])
};

pub(super) static ARGUMENT: Class = Class {
    constructor: takes(0, 4, |_, _, args| {
        let text = |place| args.get(place).map_or_else(Text::default, text_of);
        let separator = if args.len() > 2 { Some(text(2)) } else { None };
        let parts = ArgumentParts { name: text(0), value: text(1), separator, description: text(3), ..plain() };
        Ok(made(&ARGUMENT, parts))
    }),
    methods: ARGUMENT_METHODS,
    ..Class::named("org.apache.jmeter.config.Argument", &[&TEST_ELEMENT])
};

pub(super) static HTTP_ARGUMENT: Class = Class {
    constructor: takes(0, 5, |_, _, args| {
        let text = |place: usize| args.get(place).map_or_else(Text::default, text_of);
        let (separator, encoded) = match args {
            [] | [_] | [_, _] => ("=".into(), false),
            [_, _, Value::Boolean(encoded)] => ("=".into(), *encoded),
            [_, _, separator] => (text_of(separator), false),
            [_, _, separator, Value::Boolean(encoded), ..] => (text_of(separator), *encoded),
            _ => return Err(Fault::Mismatch),
        };
        let (mut name, mut value) = (text(0), text(1));
        let mut always_encode = true;
        if encoded {
            let decoded = |text: &str| url_encoding::decode(text, "UTF-8").unwrap_or_else(|_| text.to_owned());
            (name, value) = (decoded(&name).into(), decoded(&value).into());
            always_encode = false;
        }
        let parts = ArgumentParts { name, value, separator: Some(separator), always_encode, ..plain() };
        Ok(made(&HTTP_ARGUMENT, parts))
    }),
    methods: HTTP_ARGUMENT_METHODS,
    ..Class::named("org.apache.jmeter.protocol.http.util.HTTPArgument", &[&ARGUMENT])
};

/// What an argument says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgumentParts {
    /// Its name.
    pub name: Text,
    /// Its value.
    pub value: Text,
    /// What stands between them in a query; `=` if there is none.
    pub separator: Option<Text>,
    /// Whether both are to be encoded.
    pub always_encode: bool,
    /// The type of a multipart part.
    pub content_type: Text,
    /// What the plan's author notes of it.
    pub description: Text,
}

fn plain() -> ArgumentParts {
    ArgumentParts {
        name: Text::default(),
        value: Text::default(),
        separator: None,
        always_encode: false,
        content_type: Text::from("text/plain"),
        description: Text::default(),
    }
}

/// An argument.
#[derive(Debug)]
pub(super) struct Argument {
    class: &'static Class,
    /// What it says, and where it stands among the sampler's own if nothing of it was changed.
    state: Mutex<(ArgumentParts, Option<usize>)>,
}

fn made(class: &'static Class, parts: ArgumentParts) -> Value {
    Value::object(Argument { class, state: Mutex::new((parts, None)) })
}

impl Item for Argument {
    type Parts = ArgumentParts;

    fn read(parts: ArgumentParts, place: usize) -> Self {
        Argument { class: &HTTP_ARGUMENT, state: Mutex::new((parts, Some(place))) }
    }

    fn part(&self) -> Part<ArgumentParts> {
        let state = lock(&self.state);
        state.1.map_or_else(|| Part::New(state.0.clone()), Part::Kept)
    }

    fn settle(&self, place: usize) {
        lock(&self.state).1 = Some(place);
    }
}

impl Object for Argument {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }

    fn to_text(&self) -> String {
        let parts = &lock(&self.state).0;
        format!("{}{}{}", parts.name, parts.separator.as_deref().unwrap_or("="), parts.value)
    }
}

fn get(this: &Value, part: impl FnOnce(&ArgumentParts) -> Value) -> Answer {
    Ok(part(&lock(&item_of::<Argument>(this)?.state).0))
}

fn set(this: &Value, change: impl FnOnce(&mut ArgumentParts)) -> Answer {
    let mut state = lock(&item_of::<Argument>(this)?.state);
    change(&mut state.0);
    state.1 = None;
    Ok(Value::Null)
}

const ARGUMENT_METHODS: &[Method] = &[
    java("getDescription", 0, 0, |_, this, _| get(this, |parts| parts.description.clone().into())),
    java("getMetaData", 0, 0, |_, this, _| get(this, |parts| parts.separator.clone().unwrap_or_default().into())),
    java("getName", 0, 0, |_, this, _| get(this, |parts| parts.name.clone().into())),
    java("getValue", 0, 0, |_, this, _| get(this, |parts| parts.value.clone().into())),
    java("setDescription", 1, 1, |_, this, args| set(this, |parts| parts.description = text_of(&args[0]))),
    java("setMetaData", 1, 1, |_, this, args| set(this, |parts| parts.separator = Some(text_of(&args[0])))),
    java("setName", 1, 1, |_, this, args| set(this, |parts| parts.name = text_of(&args[0]))),
    java("setValue", 1, 1, |_, this, args| set(this, |parts| parts.value = text_of(&args[0]))),
];

const HTTP_ARGUMENT_METHODS: &[Method] = &[
    java("getContentType", 0, 0, |_, this, _| get(this, |parts| parts.content_type.clone().into())),
    java("getEncodedName", 0, 0, |_, this, _| get(this, |parts| encoded(parts, &parts.name))),
    java("getEncodedValue", 0, 0, |_, this, _| get(this, |parts| encoded(parts, &parts.value))),
    java("isAlwaysEncoded", 0, 0, |_, this, _| get(this, |parts| parts.always_encode.into())),
    java("isUseEquals", 0, 0, |_, this, _| {
        get(this, |parts| parts.separator.as_deref().is_none_or(|text| text == "=").into())
    }),
    java("setAlwaysEncoded", 1, 1, |_, this, args| {
        let flag = arguments::flag(args, 0)?;
        set(this, |parts| parts.always_encode = flag)
    }),
    java("setContentType", 1, 1, |_, this, args| set(this, |parts| parts.content_type = text_of(&args[0]))),
    java("setUseEquals", 1, 1, |_, this, args| {
        let separator = if arguments::flag(args, 0)? { "=" } else { "" };
        set(this, |parts| parts.separator = Some(separator.into()))
    }),
];

fn encoded(parts: &ArgumentParts, text: &Text) -> Value {
    if parts.always_encode { url_encoding::encode_utf8(text).into() } else { text.clone().into() }
}

/// A list of arguments.
#[derive(Debug)]
pub(super) struct Arguments(Arc<List>);

impl Arguments {
    pub(super) fn over(items: Arc<List>) -> Self {
        Self(items)
    }

    pub(super) fn items(&self) -> &Arc<List> {
        &self.0
    }
}

impl Object for Arguments {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&ARGUMENTS)
    }

    fn to_text(&self) -> String {
        let items = self.0.items();
        let texts: Vec<String> = items.iter().map(java_text).collect();
        texts.join("&")
    }
}

fn items(this: &Value) -> Result<&Arc<List>, Fault> {
    item_of::<Arguments>(this).map(Arguments::items)
}

const ARGUMENTS_METHODS: &[Method] = &[
    java("addArgument", 1, 4, |machine, this, args| {
        let argument = match args {
            [argument] => {
                item_of::<Argument>(argument)?;
                argument.clone()
            }
            // An `Argument`, which is sent like one that the plan holds.
            _ => {
                let parts = machine.construct(&ClassRef::Library(&ARGUMENT), args)?;
                lock(&item_of::<Argument>(&parts)?.state).0.always_encode = false;
                parts
            }
        };
        items(this)?.push(argument);
        Ok(Value::Null)
    }),
    java("clear", 0, 0, |_, this, _| {
        items(this)?.replace(Vec::new());
        Ok(Value::Null)
    }),
    java("getArgument", 1, 1, |_, this, args| item_at(items(this)?, args)),
    java("getArgumentCount", 0, 0, |_, this, _| Ok((items(this)?.len() as i32).into())),
    java("getArguments", 0, 0, |_, this, _| Ok(Value::object(Collection::over(items(this)?.clone())))),
    java("getArgumentsAsMap", 0, 0, |_, this, _| {
        let map = Value::map([]);
        if let Value::Map(map) = &map {
            for argument in items(this)?.items() {
                let (name, value) = {
                    let state = lock(&item_of::<Argument>(&argument)?.state);
                    (Value::from(state.0.name.clone()), Value::from(state.0.value.clone()))
                };
                // Of several of one name the first counts.
                if map.get(&name).is_none() {
                    map.put(name, value);
                }
            }
        }
        Ok(map)
    }),
    java("iterator", 0, 0, |_, this, _| {
        let properties = Collection::over(items(this)?.clone()).properties();
        Ok(iterator(Walk::of(properties)))
    }),
    java("removeAllArguments", 0, 0, |_, this, _| {
        items(this)?.replace(Vec::new());
        Ok(Value::Null)
    }),
    java("removeArgument", 1, 2, remove),
];

fn remove(_: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let list = items(this)?;
    let said = |item: &Value, value: Option<&Value>| {
        let Ok(argument) = item_of::<Argument>(item) else { return false };
        let state = lock(&argument.state);
        *state.0.name == *text_of(&args[0]) && value.is_none_or(|value| *state.0.value == *text_of(value))
    };
    list.change(|items| match &args[0] {
        Value::Int(place) => {
            if let Some(place) = usize::try_from(*place).ok().filter(|place| *place < items.len()) {
                items.remove(place);
            }
        }
        Value::String(_) => items.retain(|item| !said(item, args.get(1))),
        argument => {
            if let Some(place) = items.iter().position(|item| item.is_same(argument)) {
                items.remove(place);
            }
        }
    });
    Ok(Value::Null)
}

//! `org.apache.jmeter.protocol.http.control.HeaderManager` and `Header`.

use super::property::{Collection, TEST_ELEMENT};
use super::{Item, Part, item_at, item_of, list_of, lock, remove_at, text_of};
use crate::script::library::{Answer, Class, Fault, Method, arguments, java, takes};
use crate::script::value::{ClassRef, List, Object, Value};
use crate::text::Text;
use std::sync::{Arc, Mutex};

pub(super) static HEADER_MANAGER: Class = Class {
    constructor: takes(0, 0, |_, _, _| Ok(Value::object(HeaderManager::over(list_of(Vec::new()))))),
    methods: MANAGER_METHODS,
    ..Class::named("org.apache.jmeter.protocol.http.control.HeaderManager", &[&TEST_ELEMENT])
};

pub(super) static HEADER: Class = Class {
    constructor: takes(0, 2, |_, _, args| {
        let text = |place| args.get(place).map_or_else(Text::default, text_of);
        Ok(made(text(0), text(1)))
    }),
    methods: HEADER_METHODS,
    ..Class::named("org.apache.jmeter.protocol.http.control.Header", &[&TEST_ELEMENT])
};

/// A header: its name and value, and where it stands among the sampler's own if nothing of it was changed.
#[derive(Debug)]
pub(super) struct Header(Mutex<((Text, Text), Option<usize>)>);

fn made(name: Text, value: Text) -> Value {
    Value::object(Header(Mutex::new(((name, value), None))))
}

impl Item for Header {
    type Parts = (Text, Text);

    fn read(parts: (Text, Text), place: usize) -> Self {
        Header(Mutex::new((parts, Some(place))))
    }

    fn part(&self) -> Part<(Text, Text)> {
        let state = lock(&self.0);
        state.1.map_or_else(|| Part::New(state.0.clone()), Part::Kept)
    }

    fn settle(&self, place: usize) {
        lock(&self.0).1 = Some(place);
    }
}

impl Object for Header {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&HEADER)
    }

    fn to_text(&self) -> String {
        let parts = &lock(&self.0).0;
        format!("{}\t{}", parts.0, parts.1)
    }
}

fn set(this: &Value, change: impl FnOnce(&mut (Text, Text))) -> Answer {
    let mut state = lock(&item_of::<Header>(this)?.0);
    change(&mut state.0);
    state.1 = None;
    Ok(Value::Null)
}

const HEADER_METHODS: &[Method] = &[
    java("getName", 0, 0, |_, this, _| Ok(lock(&item_of::<Header>(this)?.0).0.0.clone().into())),
    java("getValue", 0, 0, |_, this, _| Ok(lock(&item_of::<Header>(this)?.0).0.1.clone().into())),
    java("setName", 1, 1, |_, this, args| set(this, |parts| parts.0 = text_of(&args[0]))),
    java("setValue", 1, 1, |_, this, args| set(this, |parts| parts.1 = text_of(&args[0]))),
];

/// A list of headers.
#[derive(Debug)]
pub(super) struct HeaderManager(Arc<List>);

impl HeaderManager {
    pub(super) fn over(items: Arc<List>) -> Self {
        Self(items)
    }

    pub(super) fn items(&self) -> &Arc<List> {
        &self.0
    }
}

impl Object for HeaderManager {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&HEADER_MANAGER)
    }
}

fn items(this: &Value) -> Result<&Arc<List>, Fault> {
    item_of::<HeaderManager>(this).map(HeaderManager::items)
}

/// Whether the item is a header of this name.
fn is_named(item: &Value, name: &str) -> bool {
    item_of::<Header>(item).is_ok_and(|header| lock(&header.0).0.0.eq_ignore_ascii_case(name))
}

const MANAGER_METHODS: &[Method] = &[
    java("add", 0, 1, |_, this, args| {
        let header = match args {
            [header] => {
                item_of::<Header>(header)?;
                header.clone()
            }
            _ => made(Text::default(), Text::default()),
        };
        items(this)?.push(header);
        Ok(Value::Null)
    }),
    java("clear", 0, 0, |_, this, _| {
        items(this)?.replace(Vec::new());
        Ok(Value::Null)
    }),
    java("get", 1, 1, |_, this, args| item_at(items(this)?, args)),
    java("getFirstHeaderNamed", 1, 1, |_, this, args| {
        let name = arguments::text(args, 0)?;
        Ok(items(this)?.items().into_iter().find(|item| is_named(item, &name)).unwrap_or_default())
    }),
    java("getHeader", 1, 1, |_, this, args| item_at(items(this)?, args)),
    java("getHeaders", 0, 0, |_, this, _| Ok(Value::object(Collection::over(items(this)?.clone())))),
    java("remove", 1, 1, |_, this, args| remove_at(items(this)?, args)),
    java("removeHeaderNamed", 1, 1, |_, this, args| {
        let name = arguments::text(args, 0)?;
        items(this)?.change(|items| items.retain(|item| !is_named(item, &name)));
        Ok(Value::Null)
    }),
    java("size", 0, 0, |_, this, _| Ok((items(this)?.len() as i32).into())),
];

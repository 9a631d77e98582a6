//! `java.lang.Enum`: the constants of the library's enumerations.

use super::{Class, Fault, Method, arguments, groovy, java, object};
use crate::script::value::{ClassRef, Object, Thrown, Value, exceptions, java_text};
use std::cmp::Ordering;

/// `java.lang.Enum`. An enumeration lists its constants in the order of their ordinals.
pub static ENUM: Class =
    Class { statics: STATICS, methods: METHODS, ..Class::named("java.lang.Enum", &[&object::COMPARABLE]) };

/// One constant.
#[derive(Debug)]
pub struct Constant {
    class: &'static Class,
    /// Its name.
    pub name: &'static str,
    /// Its place among the constants.
    pub ordinal: usize,
}

impl Object for Constant {
    fn class(&self) -> ClassRef {
        ClassRef::Library(self.class)
    }

    fn to_text(&self) -> String {
        // Units of time print as words.
        if std::ptr::eq(self.class, &raw const super::java_time::CHRONO_UNIT) {
            return super::java_time::unit_text(self.name);
        }
        self.name.to_owned()
    }

    fn equals(&self, other: &Value) -> bool {
        arguments::object::<Constant>(other)
            .is_ok_and(|other| std::ptr::eq(other.class, self.class) && other.ordinal == self.ordinal)
    }

    fn hash_code(&self) -> Option<i32> {
        Some(crate::java::number::string_hash_code(self.name))
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        let other = arguments::object::<Constant>(other).ok()?;
        std::ptr::eq(other.class, self.class).then(|| self.ordinal.cmp(&other.ordinal))
    }
}

/// The constant of `class` at a place.
pub(crate) fn constant(class: &'static Class, ordinal: usize) -> Value {
    let name = class.constants.get(ordinal).map_or("", |row| row.0);
    Value::object(Constant { class, name, ordinal })
}

/// The place of an argument among the constants of `class`.
pub(crate) fn ordinal(value: &Value, class: &'static Class) -> Result<usize, Fault> {
    let constant: &Constant = arguments::object(value)?;
    if std::ptr::eq(constant.class, class) { Ok(constant.ordinal) } else { Err(Fault::Mismatch) }
}

/// The rows of an enumeration's constants.
macro_rules! constants {
    ($class:ident: $($ordinal:literal $name:literal),+ $(,)?) => {
        &[$(($name, || $crate::script::library::enumeration::constant(&$class, $ordinal))),+]
    };
}
pub(crate) use constants;

fn of(this: &Value) -> Result<&Constant, Fault> {
    arguments::object(this)
}

fn class_of(this: &Value) -> Result<&'static Class, Fault> {
    match this {
        Value::Class(ClassRef::Library(class)) => Ok(class),
        _ => Err(Fault::Mismatch),
    }
}

static STATICS: &[Method] = &[
    java("valueOf", 1, 1, |_, this, args| {
        let (class, name) = (class_of(this)?, arguments::text(args, 0)?);
        let found = class.constants.iter().position(|row| row.0 == name);
        let full = class.name.replace('$', ".");
        let unknown = || Thrown::new(exceptions::ILLEGAL_ARGUMENT, format!("No enum constant {full}.{name}"));
        Ok(constant(class, found.ok_or_else(unknown)?))
    }),
    java("values", 0, 0, |_, this, _| {
        let class = class_of(this)?;
        let all = (0..class.constants.len()).map(|ordinal| constant(class, ordinal)).collect();
        Ok(Value::Array(std::sync::Arc::new(crate::script::value::Array::new(class.name, all))))
    }),
];

static METHODS: &[Method] = &[
    java("compareTo", 1, 1, |_, this, args| {
        let (own, other) = (of(this)?, of(&args[0])?);
        Ok((own.ordinal as i32 - other.ordinal as i32).into())
    }),
    java("getDeclaringClass", 0, 0, |_, this, _| Ok(Value::Class(ClassRef::Library(of(this)?.class)))),
    java("name", 0, 0, |_, this, _| Ok(of(this)?.name.into())),
    java("ordinal", 0, 0, |_, this, _| Ok((of(this)?.ordinal as i32).into())),
    java("toString", 0, 0, |_, this, _| Ok(java_text(this).into())),
    groovy("next", 0, 0, |_, this, _| {
        let own = of(this)?;
        Ok(constant(own.class, (own.ordinal + 1) % own.class.constants.len().max(1)))
    }),
    groovy("previous", 0, 0, |_, this, _| {
        let own = of(this)?;
        let count = own.class.constants.len().max(1);
        Ok(constant(own.class, (own.ordinal + count - 1) % count))
    }),
];

//! The class library of scripts: one file for each class or close kin, one table row for each method.

mod arguments;
pub mod boolean;
pub mod civil;
pub mod closure;
pub mod date;
pub mod functional;
pub mod language;
pub mod list;
pub mod map;
pub mod math;
pub mod number;
pub mod object;
pub mod pattern;
pub mod string;
pub mod throwable;

pub use arguments::Fault;

use crate::script::machine::Machine;
use crate::script::value::{ClassRef, ListKind, MapKind, Value};
use std::collections::HashMap;
use std::sync::OnceLock;

/// The answer of a method of the library.
pub type Answer = Result<Value, Fault>;

/// How a method, constructor or static method is run: on its receiver (null for constructors) and arguments.
pub type Run = fn(&mut Machine<'_>, &Value, &[Value]) -> Answer;

/// Whose method it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Java's: all languages have it.
    Java,
    /// One that Groovy adds.
    Groovy,
}

/// One method of a class; overloads of one name are one row, which tells them apart by its arguments.
#[derive(Debug)]
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// Arguments that it takes at least.
    pub least: usize,
    /// Arguments that it takes at most.
    pub most: usize,
    /// Whose it is.
    pub origin: Origin,
    /// What it does.
    pub run: Run,
}

/// A method of Java's own.
pub(crate) const fn java(name: &'static str, least: usize, most: usize, run: Run) -> Method {
    Method { name, least, most, origin: Origin::Java, run }
}

/// A method that Groovy adds.
pub(crate) const fn groovy(name: &'static str, least: usize, most: usize, run: Run) -> Method {
    Method { name, least, most, origin: Origin::Groovy, run }
}

/// As the largest argument count of a method with variable arguments.
pub(crate) const ANY: usize = usize::MAX;

/// A constant of a class, by name.
pub type Constant = (&'static str, fn() -> Value);

/// A class of the library.
#[derive(Debug)]
pub struct Class {
    /// Its full name.
    pub name: &'static str,
    /// Whether it prints as `interface …`.
    pub interface: bool,
    /// What it extends and implements, nearest first.
    pub parents: &'static [&'static Class],
    /// `new`, when it can be made.
    pub constructor: Option<Run>,
    /// Static methods.
    pub statics: &'static [Method],
    /// Constants.
    pub constants: &'static [Constant],
    /// Methods.
    pub methods: &'static [Method],
}

impl Class {
    /// A class without members, to fill in what it has.
    pub const fn named(name: &'static str, parents: &'static [&'static Class]) -> Self {
        Self { name, interface: false, parents, constructor: None, statics: &[], constants: &[], methods: &[] }
    }

    /// An interface without members.
    pub const fn interface(name: &'static str, parents: &'static [&'static Class]) -> Self {
        Self { interface: true, ..Self::named(name, parents) }
    }

    /// The static method of this name for so many arguments.
    pub fn find_static(&'static self, name: &str, arguments: usize) -> Option<&'static Method> {
        let own = self.statics.iter().find(|row| row.name == name && row.takes(arguments));
        own.or_else(|| self.parents.iter().find_map(|parent| parent.find_static(name, arguments)))
    }

    /// The constant of this name.
    pub fn find_constant(&'static self, name: &str) -> Option<Value> {
        let own = self.constants.iter().find(|row| row.0 == name).map(|row| row.1());
        own.or_else(|| self.parents.iter().find_map(|parent| parent.find_constant(name)))
    }

    /// Whether it is `other` or a descendant of it.
    pub fn extends(&'static self, other: &'static Class) -> bool {
        std::ptr::eq(self, other)
            || std::ptr::eq(other, &raw const object::OBJECT)
            || self.parents.iter().any(|parent| parent.extends(other))
    }
}

impl Method {
    fn takes(&self, arguments: usize) -> bool {
        (self.least..=self.most).contains(&arguments)
    }
}

/// All classes that a script can name, sorted by name.
pub static CLASSES: &[&Class] = &[
    &boolean::BOOLEAN,
    &closure::CLOSURE,
    &date::DATE,
    &language::CLASS,
    &list::ARRAY_LIST,
    &list::COLLECTION,
    &list::ITERABLE,
    &list::LINKED_LIST,
    &list::LIST,
    &map::HASH_MAP,
    &map::LINKED_HASH_MAP,
    &map::MAP,
    &math::MATH,
    &number::BIG_DECIMAL,
    &number::BIG_INTEGER,
    &number::BYTE,
    &number::DOUBLE,
    &number::FLOAT,
    &number::INTEGER,
    &number::LONG,
    &number::NUMBER,
    &number::SHORT,
    &object::OBJECT,
    &pattern::PATTERN,
    &string::CHAR_SEQUENCE,
    &string::CHARACTER,
    &string::STRING,
];

/// Packages whose classes Groovy and BeanShell see without an import.
const DEFAULT_PACKAGES: [&str; 7] =
    ["java.lang.", "java.util.", "java.io.", "java.net.", "java.math.", "groovy.lang.", "groovy.util."];

fn index() -> &'static HashMap<&'static str, &'static Class> {
    static INDEX: OnceLock<HashMap<&'static str, &'static Class>> = OnceLock::new();
    INDEX.get_or_init(|| CLASSES.iter().chain(functional::INTERFACES).map(|class| (class.name, *class)).collect())
}

/// The class of a full name, or of a simple name in a package that needs no import.
pub fn find_class(name: &str) -> Option<ClassRef> {
    let index = index();
    if let Some(class) = index.get(name) {
        return Some(ClassRef::Library(class));
    }
    if throwable::is_known(name) {
        return Some(ClassRef::Exception(name.into()));
    }
    if name.contains('.') {
        return None;
    }
    DEFAULT_PACKAGES.iter().find_map(|package| {
        let full = format!("{package}{name}");
        let exception = || throwable::is_known(&full).then(|| ClassRef::Exception(full.as_str().into()));
        index.get(full.as_str()).map(|class| ClassRef::Library(class)).or_else(exception)
    })
}

impl ClassRef {
    /// Whether it is an interface.
    pub fn is_interface(&self) -> bool {
        matches!(self, Self::Library(class) if class.interface)
    }
}

/// The members that a class has in the library.
pub fn definition(class: &ClassRef) -> &'static Class {
    match class {
        ClassRef::Library(class) => class,
        ClassRef::Exception(_) => &throwable::THROWABLE,
        ClassRef::Array(_) => &list::ARRAY,
        ClassRef::Host(_) => &object::OBJECT,
    }
}

/// The class of a value; that of null is `org.codehaus.groovy.runtime.NullObject`.
pub fn class_of(value: &Value) -> ClassRef {
    ClassRef::Library(match value {
        Value::Null | Value::Void => &object::NULL,
        Value::Boolean(_) => &boolean::BOOLEAN,
        Value::Char(_) => &string::CHARACTER,
        Value::Byte(_) => &number::BYTE,
        Value::Short(_) => &number::SHORT,
        Value::Int(_) => &number::INTEGER,
        Value::Long(_) => &number::LONG,
        Value::Float(_) => &number::FLOAT,
        Value::Double(_) => &number::DOUBLE,
        Value::BigInteger(_) => &number::BIG_INTEGER,
        Value::BigDecimal(_) => &number::BIG_DECIMAL,
        Value::String(_) => &string::STRING,
        Value::GString(_) => &string::GSTRING,
        Value::List(list) => match list.kind {
            ListKind::ArrayList => &list::ARRAY_LIST,
            ListKind::LinkedList => &list::LINKED_LIST,
            ListKind::Arrays => &list::ARRAYS_LIST,
            ListKind::Immutable => &list::IMMUTABLE_LIST,
        },
        Value::Set(set) => match set.kind {
            MapKind::Tree => &list::TREE_SET,
            MapKind::Linked | MapKind::Immutable => &list::LINKED_HASH_SET,
            MapKind::Hash | MapKind::Concurrent | MapKind::Properties => &list::HASH_SET,
        },
        Value::Map(map) => match map.kind {
            MapKind::Linked | MapKind::Immutable => &map::LINKED_HASH_MAP,
            MapKind::Hash => &map::HASH_MAP,
            MapKind::Concurrent => &map::CONCURRENT_HASH_MAP,
            MapKind::Tree => &map::TREE_MAP,
            MapKind::Properties => &map::PROPERTIES,
        },
        Value::Entry(_) => &map::ENTRY,
        Value::Range(range) => {
            if range.numbers().is_some() {
                &list::INT_RANGE
            } else {
                &list::OBJECT_RANGE
            }
        }
        Value::Class(_) => &language::CLASS,
        Value::Closure(_) => &closure::CLOSURE,
        Value::Array(array) => return ClassRef::Array(array.element.clone()),
        Value::Throwable(exception) => return ClassRef::Exception(exception.class.clone()),
        Value::Object(object) => return object.class(),
    })
}

/// The simple name of a value's class, as error messages list arguments; `null` for null.
pub fn simple_class_name(value: &Value) -> String {
    if value.is_null() { "null".to_owned() } else { class_of(value).simple_name() }
}

/// The method of `class` or of what it extends, nearest first.
pub fn find_method(class: &'static Class, name: &str, arguments: usize, origin: Origin) -> Option<&'static Method> {
    let own = class.methods.iter().find(|row| row.name == name && row.takes(arguments) && row.origin <= origin);
    own.or_else(|| class.parents.iter().find_map(|parent| find_method(parent, name, arguments, origin)))
}

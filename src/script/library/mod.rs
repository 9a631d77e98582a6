//! The class library of scripts: one file for each class or close kin, one table row for each method.

pub(crate) mod arguments;
pub mod array;
pub mod arrays;
pub mod big_number;
pub mod boolean;
pub mod calendar;
pub mod character;
pub mod civil;
pub mod closure;
pub mod codec;
pub mod collection;
pub mod collections;
pub mod collectors;
pub mod commons;
pub mod commons_arrays;
pub mod commons_time;
pub mod comparator;
pub mod concurrent;
pub mod crypto;
pub mod date;
mod date_text;
pub mod digest;
pub mod enumeration;
pub mod file;
mod format;
pub mod functional;
pub mod gdk;
pub mod io;
pub mod iterator;
pub mod java_time;
pub mod json;
pub mod language;
pub mod list;
pub mod mail;
pub mod map;
pub mod math;
pub mod number;
mod number_groovy;
pub mod object;
pub mod objects;
pub mod optional;
pub mod pattern;
pub mod process;
mod properties;
pub mod queue;
pub mod random;
pub mod range;
pub mod set;
pub mod shipped;
pub mod sql;
pub mod stream;
pub mod string;
pub mod string_builder;
mod string_groovy;
pub mod system;
mod temporal;
pub mod text_format;
pub mod throwable;
pub mod time_category;
pub mod url;
pub mod xml;
pub mod zip;

pub use arguments::Fault;

use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Value};
use std::cell::Cell;
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

/// How objects of a class are made; like the overloads of a method, all constructors are one row.
#[derive(Debug)]
pub struct Constructor {
    /// Arguments that the shortest of them takes.
    pub least: usize,
    /// Arguments that the longest of them takes.
    pub most: usize,
    run: Run,
}

/// A constructor of so many arguments.
pub(crate) const fn takes(least: usize, most: usize, run: Run) -> Option<Constructor> {
    Some(Constructor { least, most, run })
}

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
    pub constructor: Option<Constructor>,
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

    /// `new` with these arguments; none of its constructors may be for them.
    pub fn make(&self, machine: &mut Machine<'_>, arguments: &[Value]) -> Answer {
        match &self.constructor {
            Some(Constructor { least, most, run }) if (*least..=*most).contains(&arguments.len()) => {
                run(machine, &Value::Null, arguments)
            }
            _ => Err(Fault::Mismatch),
        }
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
    &big_number::BIG_DECIMAL,
    &big_number::BIG_INTEGER,
    &big_number::MATH_CONTEXT,
    &big_number::ROUNDING_MODE,
    &boolean::BOOLEAN,
    &calendar::CALENDAR,
    &calendar::GREGORIAN_CALENDAR,
    &calendar::LOCALE,
    &calendar::TIME_ZONE,
    &character::CHARACTER,
    &closure::CLOSURE,
    &codec::BASE64,
    &codec::CHARSET,
    &codec::COMMONS_BASE64,
    &codec::COMMONS_HEX,
    &codec::COMMONS_STRINGS,
    &codec::STANDARD_CHARSETS,
    &codec::URL_DECODER,
    &codec::URL_ENCODER,
    &commons_arrays::ARRAY_UTILS,
    &commons_time::DATE_FORMAT_UTILS,
    &commons_time::DATE_UTILS,
    &commons::FILENAME_UTILS,
    &commons::FILE_UTILS,
    &commons::IO_UTILS,
    &commons::NUMBER_UTILS,
    &commons::RANDOM_STRING_UTILS,
    &commons::RANDOM_UTILS,
    &commons::STRING_ESCAPE_UTILS,
    &commons::STRING_UTILS,
    &commons::SYSTEM_UTILS,
    &commons::TEXT_ESCAPE_UTILS,
    &concurrent::ATOMIC_BOOLEAN,
    &concurrent::ATOMIC_INTEGER,
    &concurrent::ATOMIC_LONG,
    &concurrent::ATOMIC_REFERENCE,
    &concurrent::TIME_UNIT,
    &crypto::CIPHER,
    &crypto::GCM_PARAMETER_SPEC,
    &crypto::IV_PARAMETER_SPEC,
    &crypto::KEY_FACTORY,
    &crypto::KEY_GENERATOR,
    &crypto::PKCS8_SPEC,
    &crypto::PRIVATE_KEY,
    &crypto::PUBLIC_KEY,
    &crypto::SECRET_KEY_SPEC,
    &crypto::SIGNATURE,
    &crypto::X509_SPEC,
    &date::DATE,
    &digest::DIGEST_UTILS,
    &digest::HMAC_UTILS,
    &digest::MAC,
    &digest::MESSAGE_DIGEST,
    &enumeration::ENUM,
    &file::FILE,
    &file::FILES,
    &file::FILE_ATTRIBUTE,
    &file::FILE_TYPE,
    &file::PATHS,
    &file::PATH_NAME,
    &file::STANDARD_COPY_OPTION,
    &file::STANDARD_OPEN_OPTION,
    &io::BUFFERED_INPUT_STREAM,
    &io::BUFFERED_OUTPUT_STREAM,
    &io::BUFFERED_READER,
    &io::BUFFERED_WRITER,
    &io::BYTE_ARRAY_INPUT_STREAM,
    &io::BYTE_ARRAY_OUTPUT_STREAM,
    &io::CLOSEABLE,
    &io::FILE_INPUT_STREAM,
    &io::FILE_OUTPUT_STREAM,
    &io::FILE_READER,
    &io::FILE_WRITER,
    &io::INPUT_STREAM,
    &io::INPUT_STREAM_READER,
    &io::LINE_NUMBER_READER,
    &io::OUTPUT_STREAM_WRITER,
    &io::PRINT_STREAM,
    &io::PRINT_WRITER,
    &io::READER,
    &io::SCANNER,
    &io::STRING_READER,
    &io::STRING_TOKENIZER,
    &io::STRING_WRITER,
    &io::WRITER,
    &java_time::CHRONO_FIELD,
    &java_time::CHRONO_UNIT,
    &java_time::DAY_OF_WEEK,
    &java_time::DURATION,
    &java_time::FORMATTER,
    &java_time::INSTANT,
    &java_time::LOCAL_DATE,
    &java_time::LOCAL_DATE_TIME,
    &java_time::LOCAL_TIME,
    &java_time::MONTH,
    &java_time::OFFSET_DATE_TIME,
    &java_time::PERIOD,
    &java_time::TEMPORAL_ADJUSTER,
    &java_time::TEMPORAL_ADJUSTERS,
    &java_time::TEXT_STYLE,
    &java_time::YEAR_MONTH,
    &java_time::ZONED_DATE_TIME,
    &java_time::ZONE_ID,
    &java_time::ZONE_OFFSET,
    &json::JSON_BUILDER,
    &json::JSON_OPTIONS,
    &json::JSON_OUTPUT,
    &json::JSON_PARSER_TYPE,
    &json::JSON_PATH,
    &json::JSON_SLURPER,
    &json::JSON_SLURPER_CLASSIC,
    &language::CLASS,
    &mail::IMAP_CLIENT,
    &mail::POP3_CLIENT,
    &mail::SMTP_CLIENT,
    &math::MATH,
    &number::BYTE,
    &number::DOUBLE,
    &number::FLOAT,
    &number::INTEGER,
    &number::LONG,
    &number::NUMBER,
    &number::SHORT,
    &object::OBJECT,
    &objects::OBJECTS,
    &pattern::MATCHER,
    &pattern::PATTERN,
    &process::PROCESS,
    &process::PROCESS_BUILDER,
    &process::RUNTIME,
    &random::RANDOM,
    &random::SECURE_RANDOM,
    &random::THREAD_LOCAL_RANDOM,
    &sql::SQL_DATE,
    &sql::TIMESTAMP,
    &string::CHAR_SEQUENCE,
    &string::STRING,
    &string_builder::STRING_BUFFER,
    &string_builder::STRING_BUILDER,
    &system::INET_ADDRESS,
    &system::SYSTEM,
    &system::THREAD,
    &system::UUID,
    &text_format::DATE_FORMAT,
    &text_format::DECIMAL_FORMAT,
    &text_format::DECIMAL_FORMAT_SYMBOLS,
    &text_format::NUMBER_FORMAT,
    &text_format::SIMPLE_DATE_FORMAT,
    &time_category::TIME_CATEGORY,
    &time_category::TIME_DURATION,
    &url::URI,
    &url::URL,
    &xml::G_PATH_RESULT,
    &xml::MARKUP_BUILDER,
    &xml::NEW_XML_PARSER,
    &xml::NEW_XML_SLURPER,
    &xml::NODE,
    &xml::STREAMING_MARKUP_BUILDER,
    &xml::XML_PARSER,
    &xml::XML_SLURPER,
    &zip::ADLER32,
    &zip::CHECKSUM,
    &zip::CRC32,
    &zip::DEFLATER,
    &zip::DEFLATER_OUTPUT_STREAM,
    &zip::GZIP_INPUT_STREAM,
    &zip::GZIP_OUTPUT_STREAM,
    &zip::INFLATER,
    &zip::INFLATER_INPUT_STREAM,
];

/// Packages whose classes Groovy and BeanShell see without an import.
const DEFAULT_PACKAGES: [&str; 7] =
    ["java.lang.", "java.util.", "java.io.", "java.net.", "java.math.", "groovy.lang.", "groovy.util."];

fn index() -> &'static HashMap<&'static str, &'static Class> {
    static INDEX: OnceLock<HashMap<&'static str, &'static Class>> = OnceLock::new();
    let all = || {
        CLASSES.iter().chain(functional::INTERFACES).chain(collection::CLASSES).chain(crate::script::jmeter::CLASSES)
    };
    INDEX.get_or_init(|| all().map(|class| (class.name, *class)).collect())
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
    if let Some((outer, inner)) = name.rsplit_once('.') {
        // A class within a class: `Map.Entry`.
        return match find_class(outer)? {
            ClassRef::Library(outer) => {
                index.get(format!("{}${inner}", outer.name).as_str()).map(|class| ClassRef::Library(class))
            }
            _ => None,
        };
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
        match self {
            Self::Library(class) => class.interface,
            Self::Script(class) => class.is_interface(),
            _ => false,
        }
    }
}

/// The members that a class has in the library.
pub fn definition(class: &ClassRef) -> &'static Class {
    match class {
        ClassRef::Library(class) => class,
        ClassRef::Exception(_) => &throwable::THROWABLE,
        ClassRef::Array(_) => &array::ARRAY,
        ClassRef::Script(class) => match class.outside_parent() {
            Some(ClassRef::Library(parent)) => parent,
            Some(ClassRef::Exception(_)) => &throwable::THROWABLE,
            _ => &object::OBJECT,
        },
        ClassRef::Host(_) => &object::OBJECT,
    }
}

/// The class of a value; that of null is `org.codehaus.groovy.runtime.NullObject`.
pub fn class_of(value: &Value) -> ClassRef {
    ClassRef::Library(match value {
        Value::Null | Value::Void => &object::NULL,
        Value::Boolean(_) => &boolean::BOOLEAN,
        Value::Char(_) => &character::CHARACTER,
        Value::Byte(_) => &number::BYTE,
        Value::Short(_) => &number::SHORT,
        Value::Int(_) => &number::INTEGER,
        Value::Long(_) => &number::LONG,
        Value::Float(_) => &number::FLOAT,
        Value::Double(_) => &number::DOUBLE,
        Value::BigInteger(_) => &big_number::BIG_INTEGER,
        Value::BigDecimal(_) => &big_number::BIG_DECIMAL,
        Value::String(_) => &string::STRING,
        Value::GString(_) => &string::GSTRING,
        Value::List(list) => list::class_of_list(list),
        Value::Set(set) => set::class_of_set(set),
        Value::Map(map) => map::class_of_map(map),
        Value::Entry(entry) => map::class_of_entry(entry),
        Value::Range(range) => range::class_of_range(range),
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

/// A method found before.
#[derive(Clone, Copy)]
struct Found {
    class: &'static Class,
    arguments: usize,
    origin: Origin,
    method: &'static Method,
}

impl Found {
    /// Places for methods that a thread remembers: scripts call few, and those again and again.
    const PLACES: usize = 256;

    fn place(class: &'static Class, name: &str, arguments: usize) -> usize {
        let byte = |at: usize| usize::from(name.as_bytes().get(at).copied().unwrap_or_default());
        let address = std::ptr::from_ref(class).addr() / size_of::<usize>();
        let letters = byte(0) ^ (byte(name.len() / 2) << 2) ^ (byte(name.len().wrapping_sub(1)) << 4);
        (address ^ letters ^ (name.len() << 5) ^ (arguments << 7)) % Self::PLACES
    }
}

thread_local! {
    static FOUND: [Cell<Option<Found>>; Found::PLACES] = const { [const { Cell::new(None) }; Found::PLACES] };
}

/// The method of `class` or of what it extends, nearest first.
pub fn find_method(class: &'static Class, name: &str, arguments: usize, origin: Origin) -> Option<&'static Method> {
    FOUND.with(|places| {
        let place = &places[Found::place(class, name, arguments)];
        if let Some(found) = place.get()
            && std::ptr::eq(found.class, class)
            && found.arguments == arguments
            && found.origin == origin
            && found.method.name == name
        {
            return Some(found.method);
        }
        let method = search(class, name, arguments, origin)?;
        place.set(Some(Found { class, arguments, origin, method }));
        Some(method)
    })
}

fn search(class: &'static Class, name: &str, arguments: usize, origin: Origin) -> Option<&'static Method> {
    let own = class.methods.iter().find(|row| row.name == name && row.takes(arguments) && row.origin <= origin);
    own.or_else(|| class.parents.iter().find_map(|parent| search(parent, name, arguments, origin)))
}

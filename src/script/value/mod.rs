//! The values that scripts compute with: Java's primitives and the objects of its library.

mod big_decimal;
mod burial;
mod callable;
mod collections;
mod equality;
mod groovy_text;
mod java_text;
mod strings;
mod thrown;

pub use big_decimal::{BigDecimal, Failure, Rounding, low_bits};
pub(crate) use burial::bury;
pub use callable::{Callable, Resolve};
pub use collections::{Array, Entry, Extras, Key, List, ListKind, Map, MapKind, RANGE_LIMIT, Range, Set, Table, View};
pub use equality::{compare, compare_numbers, equals, hash_code};

pub use groovy_text::groovy_text;
pub use java_text::{char_text, double_text, float_text, java_text};
pub use strings::{GString, slice_utf16, utf16_len};
pub use thrown::{Throwable, Thrown, names as exceptions};

use crate::script::core::ScriptClass;
use crate::script::host::Outcome;
use crate::script::library::Class;
use crate::script::machine::Machine;
use crate::text::Text;
use num_bigint::BigInt;
use std::any::Any;
use std::sync::Arc;

/// A script's value.
///
/// Values can be handed to another user (through `props`), so they are `Send` and `Sync`; objects with an identity are
/// behind an [`Arc`] and guard their own state.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// BeanShell's `void` and JavaScript's `undefined`: no value at all.
    Void,
    /// `boolean` and `Boolean`.
    Boolean(bool),
    /// `char` and `Character`: a UTF-16 code unit.
    Char(u16),
    /// `byte` and `Byte`.
    Byte(i8),
    /// `short` and `Short`.
    Short(i16),
    /// `int` and `Integer`.
    Int(i32),
    /// `long` and `Long`.
    Long(i64),
    /// `float` and `Float`.
    Float(f32),
    /// `double` and `Double`.
    Double(f64),
    /// `java.math.BigInteger`.
    BigInteger(Arc<BigInt>),
    /// `java.math.BigDecimal`.
    BigDecimal(Arc<BigDecimal>),
    /// `java.lang.String`.
    String(Text),
    /// Groovy's interpolated string.
    GString(Arc<GString>),
    /// `java.util.List` of any kind.
    List(Arc<List>),
    /// A Java array.
    Array(Arc<Array>),
    /// `java.util.Map` of any kind.
    Map(Arc<Map>),
    /// `java.util.Set` of any kind.
    Set(Arc<Set>),
    /// One pair of a map.
    Entry(Arc<Entry>),
    /// Groovy's range.
    Range(Arc<Range>),
    /// A class, as `String` or `Date` stand for themselves in an expression.
    Class(ClassRef),
    /// An exception.
    Throwable(Arc<Throwable>),
    /// A closure or method reference.
    Closure(Arc<dyn Callable>),
    /// An object of the class library.
    Object(Arc<dyn Object>),
}

/// A class that a script can name.
#[derive(Debug, Clone)]
pub enum ClassRef {
    /// A class of the library.
    Library(&'static Class),
    /// A class of JMeter, by its full name; its members are the host's.
    Host(Text),
    /// An exception class, by its full name.
    Exception(Text),
    /// An array class, by the Java name of its elements.
    Array(Text),
    /// A class that a script declares.
    Script(ScriptClass),
}

impl ClassRef {
    /// The full name, as `Class.getName()` gives it.
    pub fn name(&self) -> String {
        match self {
            Self::Library(class) => class.name.to_owned(),
            Self::Host(name) | Self::Exception(name) => name.to_string(),
            Self::Script(class) => class.name().to_string(),
            Self::Array(element) if element.ends_with("[]") => {
                let inner = element.strip_suffix("[]").unwrap_or_default();
                format!("[{}", Self::Array(inner.into()).name())
            }
            Self::Array(element) => match &**element {
                "byte" => "[B".to_owned(),
                "char" => "[C".to_owned(),
                "int" => "[I".to_owned(),
                "long" => "[J".to_owned(),
                "short" => "[S".to_owned(),
                "double" => "[D".to_owned(),
                "float" => "[F".to_owned(),
                "boolean" => "[Z".to_owned(),
                class => format!("[L{class};"),
            },
        }
    }

    /// The name without its package.
    pub fn simple_name(&self) -> String {
        let name = match self {
            Self::Array(element) => format!("{element}[]"),
            _ => self.name(),
        };
        name.rsplit(['.', '$']).next().unwrap_or_default().to_owned()
    }
}

impl PartialEq for ClassRef {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Library(a), Self::Library(b)) => std::ptr::eq(*a, *b) || a.name == b.name,
            (Self::Script(a), Self::Script(b)) => a == b,
            _ => self.name() == other.name(),
        }
    }
}

/// An object of the class library that has no shape of its own in [`Value`].
pub trait Object: Any + Send + Sync + std::fmt::Debug {
    /// Its class.
    fn class(&self) -> ClassRef;

    /// Java's `toString()`.
    fn to_text(&self) -> String {
        format!("{}@1", self.class().name())
    }

    /// Java's `equals`; identity is checked before.
    fn equals(&self, _other: &Value) -> bool {
        false
    }

    /// Java's `hashCode`; `None` for an identity hash.
    fn hash_code(&self) -> Option<i32> {
        None
    }

    /// A property that is not known by name beforehand: children of XML nodes, entries of results.
    fn property(&self, _machine: &mut Machine<'_>, _name: &str) -> Option<Outcome> {
        None
    }

    /// Whether any method may be called on it (`invokeMethod`), as builders let it; see [`Object::invoke`].
    fn is_dynamic(&self) -> bool {
        false
    }

    /// A method that its class does not have.
    fn invoke(&self, _machine: &mut Machine<'_>, _name: &str, _arguments: &[Value]) -> Option<Outcome> {
        None
    }

    /// Groovy's `next()` and `previous()` of what ranges can go over: dates.
    fn successor(&self, _back: bool) -> Option<Value> {
        None
    }

    /// Java's `compareTo`, when both are comparable.
    fn compare(&self, _other: &Value) -> Option<std::cmp::Ordering> {
        None
    }
}

impl dyn Object {
    /// The object as its own type.
    pub fn downcast<T: Object>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}

impl Value {
    /// A `java.lang.String`.
    pub fn string(text: impl AsRef<str>) -> Self {
        Self::String(Text::from(text.as_ref()))
    }

    /// An object of the library.
    pub fn object(object: impl Object) -> Self {
        Self::Object(Arc::new(object))
    }

    /// An `ArrayList`.
    pub fn list(items: Vec<Value>) -> Self {
        Self::List(Arc::new(List::new(ListKind::ArrayList, items)))
    }

    /// A `LinkedHashMap`.
    pub fn map(entries: impl IntoIterator<Item = (Value, Value)>) -> Self {
        let map = Map::new(MapKind::Linked);
        for (key, value) in entries {
            map.put(key, value);
        }
        Self::Map(Arc::new(map))
    }

    /// A `BigDecimal`.
    pub fn decimal(number: BigDecimal) -> Self {
        Self::BigDecimal(Arc::new(number))
    }

    /// A `BigInteger`.
    pub fn integer(number: BigInt) -> Self {
        Self::BigInteger(Arc::new(number))
    }

    /// `null` or no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null | Self::Void)
    }

    /// The text of a string, `None` for anything else.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether `instanceof Number` holds.
    pub fn is_number(&self) -> bool {
        self.is_integral() || matches!(self, Self::Float(_) | Self::Double(_) | Self::BigDecimal(_))
    }

    /// Whether it is a number without a fraction by its type.
    pub fn is_integral(&self) -> bool {
        matches!(self, Self::Byte(_) | Self::Short(_) | Self::Int(_) | Self::Long(_) | Self::BigInteger(_))
    }

    /// `Number.longValue()`, also of a character; `None` for what is no number.
    pub fn to_i64(&self) -> Option<i64> {
        Some(match self {
            Self::Char(c) => i64::from(*c),
            Self::Byte(n) => i64::from(*n),
            Self::Short(n) => i64::from(*n),
            Self::Int(n) => i64::from(*n),
            Self::Long(n) => *n,
            Self::Float(n) => *n as i64,
            Self::Double(n) => *n as i64,
            Self::BigInteger(n) => low_bits(n),
            Self::BigDecimal(n) => n.to_i64_wrapping(),
            _ => return None,
        })
    }

    /// `Number.intValue()`, also of a character.
    pub fn to_i32(&self) -> Option<i32> {
        match self {
            Self::Float(n) => Some(*n as i32),
            Self::Double(n) => Some(*n as i32),
            other => other.to_i64().map(|n| n as i32),
        }
    }

    /// `Number.doubleValue()`, also of a character.
    pub fn to_f64(&self) -> Option<f64> {
        Some(match self {
            Self::Float(n) => f64::from(*n),
            Self::Double(n) => *n,
            Self::BigInteger(n) => n.to_string().parse().ok()?,
            Self::BigDecimal(n) => n.to_f64(),
            other => other.to_i64()? as f64,
        })
    }

    /// The number as a `BigDecimal`, as Groovy converts one; `None` for what has none.
    pub fn to_decimal(&self) -> Option<BigDecimal> {
        Some(match self {
            Self::BigDecimal(n) => BigDecimal::clone(n),
            Self::BigInteger(n) => BigDecimal::from(BigInt::clone(n)),
            Self::Float(n) => BigDecimal::parse(&float_text(*n))?,
            Self::Double(n) => BigDecimal::parse(&double_text(*n))?,
            other => BigDecimal::from(other.to_i64()?),
        })
    }

    /// The number as a `BigInteger`, fractions dropped.
    pub fn to_big_integer(&self) -> Option<BigInt> {
        match self {
            Self::BigInteger(n) => Some(BigInt::clone(n)),
            Self::Float(_) | Self::Double(_) | Self::BigDecimal(_) => self.to_decimal()?.to_big_integer().ok(),
            other => other.to_i64().map(BigInt::from),
        }
    }

    /// Whether both are the same object (`==` of Java on references).
    pub fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) | (Self::Void, Self::Void) => true,
            (Self::List(a), Self::List(b)) => Arc::ptr_eq(a, b),
            (Self::Array(a), Self::Array(b)) => Arc::ptr_eq(a, b),
            (Self::Map(a), Self::Map(b)) => Arc::ptr_eq(a, b),
            (Self::Set(a), Self::Set(b)) => Arc::ptr_eq(a, b),
            (Self::Entry(a), Self::Entry(b)) => Arc::ptr_eq(a, b),
            (Self::Range(a), Self::Range(b)) => Arc::ptr_eq(a, b),
            (Self::GString(a), Self::GString(b)) => Arc::ptr_eq(a, b),
            (Self::Throwable(a), Self::Throwable(b)) => Arc::ptr_eq(a, b),
            (Self::Closure(a), Self::Closure(b)) => std::ptr::addr_eq(Arc::as_ptr(a), Arc::as_ptr(b)),
            (Self::Object(a), Self::Object(b)) => {
                // A host's object may have several handles, which know each other.
                std::ptr::addr_eq(Arc::as_ptr(a), Arc::as_ptr(b))
                    || matches!(a.class(), ClassRef::Host(_)) && a.equals(other)
            }
            (Self::Class(a), Self::Class(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::Char(a), Self::Char(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Long(a), Self::Long(b)) => a == b,
            (Self::Double(a), Self::Double(b)) => a == b,
            _ => false,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Long(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::string(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value.into())
    }
}

impl From<Text> for Value {
    fn from(value: Text) -> Self {
        Self::String(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

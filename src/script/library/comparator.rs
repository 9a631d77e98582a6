//! `java.util.Comparator`, and Java's `compareTo`.

use super::{Answer, Class, Fault, Method, gdk, java, object};
use crate::script::machine::Machine;
use crate::script::value::{ClassRef, Object, Thrown, Value, compare, exceptions};
use std::cmp::Ordering;

/// `java.util.Comparator`.
pub static COMPARATOR: Class =
    Class { statics: STATICS, methods: METHODS, ..Class::interface("java.util.Comparator", &[&object::OBJECT]) };

/// A comparator of the library.
#[derive(Debug, Clone)]
enum Rule {
    Natural,
    IgnoringCase,
    Key { key: Value, by: Option<Value> },
    Reversed(Value),
    Then(Value, Value),
    Nulls { first: bool, by: Value },
}

impl Object for Rule {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&COMPARATOR)
    }
}

/// `Comparator.naturalOrder()`.
pub(crate) fn natural_order() -> Value {
    Value::object(Rule::Natural)
}

/// `String.CASE_INSENSITIVE_ORDER`.
pub fn ignoring_case() -> Value {
    Value::object(Rule::IgnoringCase)
}

/// The opposite of a comparator.
pub(crate) fn reversed(comparator: Value) -> Value {
    Value::object(Rule::Reversed(comparator))
}

/// `a.compareTo(b)`: mixed types are a `ClassCastException`, null a `NullPointerException`.
pub(crate) fn natural(machine: &mut Machine<'_>, a: &Value, b: &Value) -> Result<Ordering, Thrown> {
    if a.is_null() || b.is_null() {
        return Err(Thrown::with_cause(exceptions::NULL_POINTER, None, Value::Null));
    }
    let kind = std::mem::discriminant(a);
    match (a, b) {
        (Value::Object(object), _) => {
            if let Some(order) = object.compare(b) {
                return Ok(order);
            }
            if machine.has_own_method(a, "compareTo", 1) {
                let order = machine.call_method(a, "compareTo", std::slice::from_ref(b))?;
                return Ok(order.to_i64().unwrap_or(0).cmp(&0));
            }
        }
        _ if kind == std::mem::discriminant(b) => {
            if let Some(order) = compare(a, b) {
                return Ok(order);
            }
        }
        _ => {}
    }
    let (from, to) = match a {
        Value::List(_) | Value::Map(_) | Value::Set(_) | Value::Array(_) | Value::Object(_) | Value::Closure(_) => {
            (class_name(a), "java.lang.Comparable".to_owned())
        }
        _ => (class_name(b), class_name(a)),
    };
    Err(Thrown::new(exceptions::CLASS_CAST, cast_message(&from, &to)))
}

fn class_name(value: &Value) -> String {
    super::class_of(value).name()
}

/// Java's words for a cast that fails between classes of its own.
fn cast_message(from: &str, to: &str) -> String {
    let own = |class: &str| class.starts_with("java.") || class.starts_with('[');
    let place = if own(from) && own(to) {
        format!("{from} and {to} are in module java.base of loader 'bootstrap'")
    } else {
        let of = |class: &str| {
            if own(class) {
                format!("{class} is in module java.base of loader 'bootstrap'")
            } else {
                format!("{class} is in unnamed module of loader 'app'")
            }
        };
        format!("{}; {}", of(from), of(to))
    };
    format!("class {from} cannot be cast to class {to} ({place})")
}

/// Compares by a comparator, be it of the library, a closure, or an object of the script.
pub(crate) fn by(machine: &mut Machine<'_>, comparator: &Value, a: &Value, b: &Value) -> Result<Ordering, Thrown> {
    if let Value::Object(object) = comparator
        && let Some(rule) = object.downcast::<Rule>()
    {
        return machine.deeper(|machine| rule.compare(machine, a, b));
    }
    if gdk::is_closure(comparator) && gdk::parameters(comparator) == 1 {
        return gdk::Order::Key(comparator).compare(machine, a, b);
    }
    let order = gdk::call(machine, comparator, "compare", &[a.clone(), b.clone()])?;
    Ok(match order {
        Value::Boolean(yes) => i32::from(yes).cmp(&0),
        order if order.is_number() => order.to_f64().unwrap_or(0.0).total_cmp(&0.0),
        other => {
            let message = format!(
                "Cannot cast object '{}' with class '{}' to class 'java.lang.Number'",
                machine.text(&other)?,
                class_name(&other)
            );
            return Err(Thrown::new(exceptions::GROOVY_CAST, message));
        }
    })
}

impl Rule {
    fn compare(&self, machine: &mut Machine<'_>, a: &Value, b: &Value) -> Result<Ordering, Thrown> {
        match self {
            Self::Natural => natural(machine, a, b),
            Self::IgnoringCase => {
                let (a, b) = (machine.text(a)?, machine.text(b)?);
                Ok(crate::java::compare_texts(&folded(&a), &folded(&b)))
            }
            Self::Key { key, by: order } => {
                let left = gdk::call(machine, key, "apply", std::slice::from_ref(a))?;
                let right = gdk::call(machine, key, "apply", std::slice::from_ref(b))?;
                match order {
                    Some(order) => by(machine, order, &left, &right),
                    None => natural(machine, &left, &right),
                }
            }
            Self::Reversed(order) => by(machine, order, b, a),
            Self::Then(first, second) => match by(machine, first, a, b)? {
                Ordering::Equal => by(machine, second, a, b),
                order => Ok(order),
            },
            Self::Nulls { first, by: order } => {
                let null_first = if *first { Ordering::Less } else { Ordering::Greater };
                match (a.is_null(), b.is_null()) {
                    (true, true) => Ok(Ordering::Equal),
                    (true, false) => Ok(null_first),
                    (false, true) => Ok(null_first.reverse()),
                    _ => by(machine, order, a, b),
                }
            }
        }
    }
}

/// Java folds each character to upper, then to lower case.
fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

fn key(args: &[Value]) -> Answer {
    Ok(Value::object(Rule::Key { key: args[0].clone(), by: args.get(1).cloned() }))
}

static STATICS: &[Method] = &[
    java("comparing", 1, 2, |_, _, args| key(args)),
    java("comparingDouble", 1, 1, |_, _, args| key(args)),
    java("comparingInt", 1, 1, |_, _, args| key(args)),
    java("comparingLong", 1, 1, |_, _, args| key(args)),
    java("naturalOrder", 0, 0, |_, _, _| Ok(natural_order())),
    java("nullsFirst", 1, 1, |_, _, args| Ok(Value::object(Rule::Nulls { first: true, by: args[0].clone() }))),
    java("nullsLast", 1, 1, |_, _, args| Ok(Value::object(Rule::Nulls { first: false, by: args[0].clone() }))),
    java("reverseOrder", 0, 0, |_, _, _| Ok(reversed(natural_order()))),
];

fn then(this: &Value, args: &[Value], keyed: bool) -> Answer {
    let function = |value: &Value| keyed || args.len() > 1 || (gdk::is_closure(value) && gdk::parameters(value) == 1);
    let second = if function(&args[0]) { key(args)? } else { args[0].clone() };
    Ok(Value::object(Rule::Then(this.clone(), second)))
}

fn compare_two(machine: &mut Machine<'_>, this: &Value, args: &[Value]) -> Answer {
    let Value::Object(object) = this else { return Err(Fault::Mismatch) };
    let rule = object.downcast::<Rule>().ok_or(Fault::Mismatch)?;
    Ok(Value::Int(rule.compare(machine, &args[0], &args[1])? as i32))
}

static METHODS: &[Method] = &[
    java("call", 2, 2, compare_two),
    java("compare", 2, 2, compare_two),
    java("reversed", 0, 0, |_, this, _| Ok(reversed(this.clone()))),
    java("thenComparing", 1, 2, |_, this, args| then(this, args, false)),
    java("thenComparingDouble", 1, 1, |_, this, args| then(this, args, true)),
    java("thenComparingInt", 1, 1, |_, this, args| then(this, args, true)),
    java("thenComparingLong", 1, 1, |_, this, args| then(this, args, true)),
];

/// A function that calls a getter of what it is given.
#[derive(Debug)]
struct Getter(&'static str);

impl Object for Getter {
    fn class(&self) -> ClassRef {
        ClassRef::Library(&GETTER)
    }
}

static GETTER: Class = Class {
    methods: &[java("apply", 1, 1, |machine, this, args| {
        let Value::Object(object) = this else { return Err(Fault::Mismatch) };
        let getter = object.downcast::<Getter>().ok_or(Fault::Mismatch)?;
        Ok(machine.call_method(&args[0], getter.0, &[])?)
    })],
    ..Class::named("java.util.Map$Entry$Function", &[&super::functional::FUNCTION])
};

/// A function that calls a getter.
pub(crate) fn getter(name: &'static str) -> Value {
    Value::object(Getter(name))
}

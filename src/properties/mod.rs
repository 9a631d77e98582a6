//! JMeter and system properties: files, `-J`, `-D`, `-q`, typed look-up.
//!
//! Both tables are shared by the whole run and may change at any time: `__setProperty` and scripts write them.

mod builder;
mod defaults;
mod file;
mod system;
mod table;

use std::fmt::Display;
use std::sync::Arc;

pub use builder::{Error, Override, PropertiesBuilder, Warning};
pub use file::{MalformedEscape, parse as parse_file};
pub use system::SystemProperties;
pub use table::Value;

use crate::clock::Timestamp;
use crate::java::date_format::local_date;
use crate::java::number;
use crate::text::Text;
use table::Table;

/// JMeter's properties (`JMeterUtils.getJMeterProperties()`). A clone is another handle to the same table.
///
/// A property that is not defined here is looked up among the system properties, as JMeter does.
#[derive(Debug, Clone, Default)]
pub struct Properties {
    own: Arc<Table>,
    system: SystemProperties,
}

impl Properties {
    /// A table without entries above these system properties.
    pub fn new(system: SystemProperties) -> Self {
        Self { own: Arc::default(), system }
    }

    /// The system properties below this table.
    pub fn system(&self) -> &SystemProperties {
        &self.system
    }

    /// `getProperty(name)`: the text, from the system properties if it is not defined here or is an object here.
    pub fn get(&self, name: &str) -> Option<Text> {
        self.own.text(name).or_else(|| self.system.get(name))
    }

    /// `get(name)` of Java's `Hashtable`: text or object, and only what is defined in this very table.
    pub fn value(&self, name: &str) -> Option<Value> {
        self.own.get(name)
    }

    /// Defines a property. Returns what this table had before.
    pub fn set(&self, name: impl Into<Text>, value: impl Into<Value>) -> Option<Value> {
        self.own.put(name.into(), value.into())
    }

    /// Removes a property from this table; a system property of that name then shows. Returns what was there.
    pub fn remove(&self, name: &str) -> Option<Value> {
        self.own.remove(name)
    }

    /// What is in the properties file that a property names; `None` if it names none.
    pub fn file_named_by(&self, name: &str) -> Option<std::io::Result<Vec<(String, String)>>> {
        let path = self.get(name).filter(|path| !path.is_empty())?;
        Some(std::fs::read(&*path).and_then(|bytes| {
            file::parse(&bytes).map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error.to_string()))
        }))
    }

    /// What is defined in this very table, sorted by name.
    pub fn entries(&self) -> Vec<(Text, Value)> {
        self.own.sorted()
    }

    /// `stringPropertyNames()`, sorted: the names of all texts, those of the system properties included.
    pub fn names(&self) -> Vec<Text> {
        let mut names: Vec<Text> = self.system.entries().into_iter().map(|(name, _)| name).collect();
        let own = self.own.sorted();
        names.extend(own.into_iter().filter(|(_, value)| value.as_text().is_some()).map(|(name, _)| name));
        names.sort();
        names.dedup();
        names
    }

    /// `getPropDefault(name, text)`: without white space at the ends, that of the default included.
    pub fn text_or(&self, name: &str, default: &str) -> Text {
        match self.get(name) {
            Some(text) if number::trim(&text).len() == text.len() => text,
            Some(text) => Text::from(number::trim(&text)),
            None => Text::from(number::trim(default)),
        }
    }

    /// `getPropDefault(name, int)`: the default also stands for what is no number.
    pub fn int_or(&self, name: &str, default: i32) -> i32 {
        self.number_or(name, "int", default, |text| number::parse_int(text).ok())
    }

    /// `getPropDefault(name, long)`: the default also stands for what is no number.
    pub fn long_or(&self, name: &str, default: i64) -> i64 {
        self.number_or(name, "long", default, |text| number::parse_long(text).ok())
    }

    /// `getPropDefault(name, float)`: the default also stands for what is no number.
    pub fn float_or(&self, name: &str, default: f32) -> f32 {
        self.number_or(name, "float", default, |text| number::parse_float(text).ok())
    }

    /// `getPropDefault(name, double)`: the default also stands for what is no number. JMeter reads a `float`, so
    /// that `0.1` is 0.10000000149011612.
    pub fn double_or(&self, name: &str, default: f64) -> f64 {
        self.number_or(name, "double", default, |text| number::parse_float(text).ok().map(f64::from))
    }

    /// `getPropDefault(name, boolean)`: `true`, `t` and 1 are true, `false`, `f` and other numbers are false, in any
    /// case; the default stands for all else.
    pub fn bool_or(&self, name: &str, default: bool) -> bool {
        self.number_or(name, "boolean", default, |text| {
            let is = |word: &str| text.eq_ignore_ascii_case(word);
            if is("true") || is("t") {
                Some(true)
            } else if is("false") || is("f") {
                Some(false)
            } else {
                number::parse_int(text).ok().map(|number| number == 1)
            }
        })
    }

    /// `getArrayPropDefault(name, …)`: the words of the text. `None` if it is absent or blank.
    pub fn words(&self, name: &str) -> Option<Vec<Text>> {
        let text = self.get(name)?;
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r');
        let words: Vec<Text> = text.split(is_space).filter(|word| !word.is_empty()).map(Text::from).collect();
        (!words.is_empty()).then_some(words)
    }

    fn number_or<T: Display>(&self, name: &str, kind: &str, default: T, parse: impl Fn(&str) -> Option<T>) -> T {
        let Some(text) = self.get(name) else { return default };
        let text = number::trim(&text);
        parse(text).unwrap_or_else(|| {
            log::warn!(
                target: "org.apache.jmeter.util.JMeterUtils",
                "Exception 'For input string: \"{text}\"' occurred when fetching {kind} property:'{name}', \
                 defaulting to: {default}"
            );
            default
        })
    }

    /// Defines `START.MS`, `START.YMD` and `START.HMS` (local time), as JMeter does right after reading its options.
    pub fn mark_start(&self, start: Timestamp) {
        self.set("START.MS", Text::from(start.millis().to_string()));
        self.set("START.YMD", Text::from(local_date(start, "yyyyMMdd")));
        self.set("START.HMS", Text::from(local_date(start, "HHmmss")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(entries: &[(&str, &str)]) -> Properties {
        let properties = Properties::default();
        for (name, value) in entries {
            properties.set(*name, *value);
        }
        properties
    }

    #[test]
    fn system_properties_show_through() {
        let system = SystemProperties::default();
        system.set("a", "system");
        let properties = Properties::new(system);
        assert_eq!(properties.get("a").as_deref(), Some("system"));
        assert!(properties.value("a").is_none());
        assert!(properties.set("a", "own").is_none());
        assert_eq!(properties.get("a").as_deref(), Some("own"));
        assert!(properties.set("a", Value::Object(Arc::new(7))).is_some_and(|old| old.as_text().is_some()));
        assert_eq!(properties.get("a").as_deref(), Some("system"));
        let Some(Value::Object(object)) = properties.value("a") else { panic!("an object was put there") };
        assert_eq!(object.downcast_ref::<i32>(), Some(&7));
        properties.remove("a");
        assert!(properties.value("a").is_none());
    }

    #[test]
    fn a_clone_is_the_same_table() {
        let properties = properties(&[("b", "2")]);
        properties.clone().set("a", "1");
        let entries: Vec<_> = properties.entries().into_iter().map(|(name, _)| name).collect();
        assert_eq!(entries.iter().map(|name| &**name).collect::<Vec<_>>(), ["a", "b"]);
        properties.system().set("c", "3");
        properties.set("o", Value::Object(Arc::new(())));
        assert_eq!(properties.names().iter().map(|name| &**name).collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    /// `JMeterUtils.getPropDefault`, line by line.
    #[test]
    fn typed_look_up_is_that_of_jmeter_utils() {
        let properties = properties(&[("n", " 5 "), ("x", "5.5"), ("bad", "${x}"), ("empty", "")]);
        assert_eq!(properties.int_or("n", 1), 5);
        assert_eq!(properties.int_or("x", 1), 1);
        assert_eq!(properties.long_or("n", 1), 5);
        assert_eq!(properties.int_or("absent", 1), 1);
        assert_eq!(properties.int_or("empty", 1), 1);
        assert_eq!(properties.float_or("x", 1.0), 5.5);
        assert_eq!(properties.float_or("bad", 1.0), 1.0);
        properties.set("d", "0.1");
        assert_eq!(properties.double_or("d", 1.0), 0.100_000_001_490_116_12);
        assert_eq!(&*properties.text_or("n", "x"), "5");
        assert_eq!(&*properties.text_or("empty", "x"), "");
        assert_eq!(&*properties.text_or("absent", " x "), "x");
    }

    #[test]
    fn booleans_may_be_words_letters_or_numbers() {
        for (text, expected) in [
            ("true", true),
            (" TRUE ", true),
            ("T", true),
            ("1", true),
            ("false", false),
            ("f", false),
            ("0", false),
            ("2", false),
        ] {
            let properties = properties(&[("b", text)]);
            assert_eq!(properties.bool_or("b", !expected), expected, "{text:?}");
        }
        for text in ["", "yes", "on", "1.0"] {
            let properties = properties(&[("b", text)]);
            assert!(properties.bool_or("b", true) && !properties.bool_or("b", false), "{text:?}");
        }
    }

    #[test]
    fn words_are_parted_by_white_space() {
        let properties = properties(&[("w", " a  b\tc "), ("blank", "  ")]);
        let words = properties.words("w").unwrap_or_default();
        assert_eq!(words.iter().map(|word| &**word).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(properties.words("blank").is_none() && properties.words("absent").is_none());
    }

    #[test]
    fn the_start_is_marked() {
        let properties = Properties::default();
        properties.mark_start(Timestamp::from_millis(1_700_000_000_123));
        assert_eq!(properties.get("START.MS").as_deref(), Some("1700000000123"));
        assert_eq!(properties.get("START.YMD").map(|text| text.len()), Some(8));
        assert_eq!(properties.get("START.HMS").map(|text| text.len()), Some(6));
    }
}

//! A user's variables. Names that the plan mentions were given numbers when it was compiled, so that reading one is an
//! index; names made at run time (`name_1`, `__V`, scripts) live in a map beside them.

use crate::text::Text;
use ahash::AHashMap;
use std::any::Any;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// Number of a variable name that the plan mentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VarId(u32);

/// A name in an expression: numbered when the plan was compiled, or met only at run time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VarRef {
    /// A name that the plan mentions.
    Numbered(VarId),
    /// A name made at run time (`__eval`).
    Named(Text),
}

/// Variables that JMeter itself keeps; [`Names::default`] gives them these numbers.
pub mod well_known {
    use super::VarId;
    /// `JMeterThread.last_sample_ok`
    pub const LAST_SAMPLE_OK: VarId = VarId(0);
    /// `__jmv_SAME_USER`
    pub const SAME_USER: VarId = VarId(1);
    /// `__jmeter.U_T__`: the user's thread name, set by its first HTTP sample.
    pub const USER_TOKEN: VarId = VarId(2);
    /// `START.MS`
    pub const START_MS: VarId = VarId(3);
    /// `START.YMD`
    pub const START_YMD: VarId = VarId(4);
    /// `START.HMS`
    pub const START_HMS: VarId = VarId(5);
    /// `TESTSTART.MS`
    pub const TESTSTART_MS: VarId = VarId(6);
    pub(super) const NAMES: [&str; 7] = [
        "JMeterThread.last_sample_ok",
        "__jmv_SAME_USER",
        "__jmeter.U_T__",
        "START.MS",
        "START.YMD",
        "START.HMS",
        "TESTSTART.MS",
    ];
}

/// The numbered names of a plan.
#[derive(Debug)]
pub struct Names {
    ids: AHashMap<Text, VarId>,
    names: Vec<Text>,
}

impl Default for Names {
    fn default() -> Self {
        let mut names = Names { ids: AHashMap::new(), names: Vec::new() };
        for name in well_known::NAMES {
            names.intern(name);
        }
        names
    }
}

impl Names {
    /// The number of `name`, given out if it is new.
    pub fn intern(&mut self, name: &str) -> VarId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = VarId(self.names.len() as u32);
        let name = Text::from(name);
        self.names.push(Text::clone(&name));
        self.ids.insert(name, id);
        id
    }

    /// The number of `name`, if the plan mentions it.
    pub fn find(&self, name: &str) -> Option<VarId> {
        self.ids.get(name).copied()
    }

    /// The name with number `id`.
    pub fn name(&self, id: VarId) -> &Text {
        &self.names[id.0 as usize]
    }
}

/// An object that a script keeps in a variable.
pub trait VariableObject: Any + Send + Sync {
    /// Its `toString()`.
    fn text(&self) -> Text;
    /// For the script that put it there.
    fn as_any(&self) -> &dyn Any;
}

/// Value of a variable: text, nearly always.
#[derive(Clone)]
pub enum Value {
    /// Text.
    Text(Text),
    /// `vars.putObject`
    Object(Arc<dyn VariableObject>),
}

impl Value {
    /// As `vars.get` gives it.
    pub fn text(&self) -> Text {
        match self {
            Value::Text(text) => Text::clone(text),
            Value::Object(object) => object.text(),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.text(), f)
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Value::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(Text::from(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(Text::from(text))
    }
}

/// The variables of one user (`JMeterVariables`).
#[derive(Debug, Clone)]
pub struct Variables {
    names: Arc<Names>,
    numbered: Vec<Option<Value>>,
    others: AHashMap<Text, Value>,
    /// Names that hold `null`: not set for all who read them, but listed.
    nulls: BTreeSet<Text>,
}

impl Variables {
    /// No variables yet.
    pub fn new(names: Arc<Names>) -> Self {
        let numbered = vec![None; names.names.len()];
        Variables { names, numbered, others: AHashMap::new(), nulls: BTreeSet::new() }
    }

    /// Value of a numbered variable.
    pub fn value(&self, id: VarId) -> Option<&Value> {
        self.numbered.get(id.0 as usize).and_then(Option::as_ref)
    }

    /// Text of a numbered variable.
    pub fn text(&self, id: VarId) -> Option<Text> {
        self.value(id).map(Value::text)
    }

    /// Value of a name in an expression.
    pub fn value_of(&self, name: &VarRef) -> Option<&Value> {
        match name {
            VarRef::Numbered(id) => self.value(*id),
            VarRef::Named(name) => self.get(name),
        }
    }

    /// Sets a name of an expression.
    pub fn set_ref(&mut self, name: &VarRef, value: impl Into<Value>) {
        match name {
            VarRef::Numbered(id) => self.set(*id, value),
            VarRef::Named(name) => self.put(name, value),
        }
    }

    /// Sets a numbered variable.
    pub fn set(&mut self, id: VarId, value: impl Into<Value>) {
        let index = id.0 as usize;
        if index >= self.numbered.len() {
            self.numbered.resize(index + 1, None);
        }
        self.numbered[index] = Some(value.into());
    }

    /// Sets a numbered variable to a text that it may well have already: then nothing is allocated.
    pub fn set_text(&mut self, id: VarId, text: &str) {
        match self.value(id) {
            Some(Value::Text(old)) if **old == *text => {}
            _ => self.set(id, text),
        }
    }

    /// Removes a numbered variable.
    pub fn unset(&mut self, id: VarId) -> Option<Value> {
        self.numbered.get_mut(id.0 as usize).and_then(Option::take)
    }

    /// Value by name (`vars.getObject`).
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self.names.find(name) {
            Some(id) => self.value(id),
            None => self.others.get(name),
        }
    }

    /// Text by name (`vars.get`).
    pub fn get_text(&self, name: &str) -> Option<Text> {
        self.get(name).map(Value::text)
    }

    /// Sets by name (`vars.put`).
    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        match self.names.find(name) {
            Some(id) => self.set(id, value),
            None => {
                let value = value.into();
                match self.others.get_mut(name) {
                    Some(place) => *place = value,
                    None => {
                        self.others.insert(Text::from(name), value);
                    }
                }
            }
        }
    }

    /// Sets to `null`, as a Regular Expression Extractor does for a group that took no part: the variable is not set,
    /// but [`Variables::sorted`] lists it.
    pub fn put_null(&mut self, name: &str) {
        self.remove(name);
        self.nulls.insert(Text::from(name));
    }

    /// Removes by name (`vars.remove`).
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        if !self.nulls.is_empty() {
            self.nulls.remove(name);
        }
        match self.names.find(name) {
            Some(id) => self.unset(id),
            None => self.others.remove(name),
        }
    }

    /// Every variable that is set, sorted by name.
    pub fn sorted(&self) -> Vec<(Text, Value)> {
        let numbered = self.numbered.iter().enumerate().filter_map(|(index, value)| {
            value.as_ref().map(|value| (Text::clone(&self.names.names[index]), value.clone()))
        });
        let mut all: Vec<_> =
            numbered.chain(self.others.iter().map(|(name, value)| (Text::clone(name), value.clone()))).collect();
        let nulls = self.nulls.iter().filter(|name| self.get(name).is_none());
        all.extend(nulls.map(|name| (Text::clone(name), Value::from("null"))));
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_and_made_up_names_are_one_map() {
        let mut names = Names::default();
        let id = names.intern("a");
        let mut variables = Variables::new(Arc::new(names));
        variables.put("a", "1");
        variables.put("a_1", "2");
        assert_eq!(variables.text(id).as_deref(), Some("1"));
        assert_eq!(variables.get_text("a_1").as_deref(), Some("2"));
        let all: Vec<_> = variables.sorted().into_iter().map(|(n, v)| format!("{n}={}", v.text())).collect();
        assert_eq!(all, ["a=1", "a_1=2"]);
        variables.remove("a");
        assert!(variables.get("a").is_none());
        variables.put_null("a_1");
        assert!(variables.get("a_1").is_none());
        assert_eq!(variables.sorted()[0].1.text().as_str(), "null");
        variables.put("a_1", "3");
        assert_eq!(variables.sorted().len(), 1);
    }
}

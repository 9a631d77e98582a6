//! The values of JavaScript and the objects of one evaluation.

use super::tree::Function;
use crate::script::budget;
use crate::script::library::pattern::Pattern;
use crate::script::value::{Thrown, Value};
use crate::text::Text;
use indexmap::IndexMap;
use std::sync::Arc;

/// A JavaScript value.
#[derive(Debug, Clone)]
pub(super) enum Js {
    Undefined,
    Null,
    Boolean(bool),
    Number(f64),
    String(Text),
    /// An object of this evaluation.
    Object(ObjectId),
    /// Something built in, by its path: `Math`, `Math.max`, `parseInt`.
    Native(Text),
    /// A method of a value, taken off it: `"abc".indexOf`.
    Bound(Box<(Js, Text)>),
    /// A Java object; a Java string is one too.
    Java(Value),
    /// A part of a Java class name that is not yet a class: `java.util`.
    Package(Text),
}

impl Js {
    pub(super) fn string(text: impl AsRef<str>) -> Self {
        Self::String(Text::from(text.as_ref()))
    }
}

/// Index of an object in the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ObjectId(usize);

/// Index of a scope in the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScopeId(usize);

/// What an object is, beside its properties.
#[derive(Debug)]
pub(super) enum Class {
    Plain,
    Array(Vec<Js>),
    Function {
        function: Arc<Function>,
        scope: ScopeId,
        this: Option<Js>,
    },
    /// Milliseconds since the epoch, NaN for an invalid date.
    Date(f64),
    RegExp {
        source: Text,
        flags: Text,
        pattern: Arc<Pattern>,
    },
    Error,
    /// `new String(…)` and its kin.
    Boxed(Js),
}

#[derive(Debug)]
pub(super) struct Object {
    pub(super) class: Class,
    pub(super) properties: IndexMap<Text, Js, ahash::RandomState>,
    pub(super) prototype: Option<ObjectId>,
}

/// The variables of one call.
#[derive(Debug)]
struct Scope {
    names: IndexMap<Text, Js, ahash::RandomState>,
    outer: Option<ScopeId>,
}

/// Objects and scopes live until the evaluation ends: then all go at once, cycles included.
#[derive(Debug, Default)]
pub(super) struct Heap {
    objects: Vec<Object>,
    scopes: Vec<Scope>,
}

/// Objects and scopes that one evaluation may make.
const LIMIT: usize = 4_000_000;

impl Heap {
    pub(super) fn add(&mut self, class: Class) -> Result<ObjectId, Thrown> {
        if self.objects.len() >= LIMIT {
            return Err(budget::out_of_memory());
        }
        self.objects.push(Object { class, properties: IndexMap::default(), prototype: None });
        Ok(ObjectId(self.objects.len() - 1))
    }

    pub(super) fn array(&mut self, items: Vec<Js>) -> Result<Js, Thrown> {
        self.add(Class::Array(items)).map(Js::Object)
    }

    pub(super) fn object(&self, id: ObjectId) -> &Object {
        &self.objects[id.0]
    }

    pub(super) fn object_mut(&mut self, id: ObjectId) -> &mut Object {
        &mut self.objects[id.0]
    }

    /// The items of an array object.
    pub(super) fn items(&self, value: &Js) -> Option<&Vec<Js>> {
        match value {
            Js::Object(id) => match &self.object(*id).class {
                Class::Array(items) => Some(items),
                _ => None,
            },
            _ => None,
        }
    }

    /// The items of an array object, to change.
    pub(super) fn items_mut(&mut self, value: &Js) -> Option<&mut Vec<Js>> {
        match value {
            Js::Object(id) => match &mut self.objects[id.0].class {
                Class::Array(items) => Some(items),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn open_scope(&mut self, outer: Option<ScopeId>) -> Result<ScopeId, Thrown> {
        if self.scopes.len() >= LIMIT {
            return Err(budget::out_of_memory());
        }
        self.scopes.push(Scope { names: IndexMap::default(), outer });
        Ok(ScopeId(self.scopes.len() - 1))
    }

    /// Declares a name in a scope; a declaration without a value keeps the one there is.
    pub(super) fn declare(&mut self, scope: ScopeId, name: &Text, value: Option<Js>) {
        let entry = self.scopes[scope.0].names.entry(name.clone());
        match value {
            Some(value) => _ = entry.insert_entry(value),
            None => _ = entry.or_insert(Js::Undefined),
        }
    }

    pub(super) fn lookup(&self, scope: ScopeId, name: &str) -> Option<&Js> {
        let mut at = Some(scope);
        while let Some(ScopeId(index)) = at {
            if let Some(value) = self.scopes[index].names.get(name) {
                return Some(value);
            }
            at = self.scopes[index].outer;
        }
        None
    }

    /// Sets a name where it is declared; false when it is nowhere.
    pub(super) fn assign(&mut self, scope: ScopeId, name: &str, value: Js) -> bool {
        let mut at = Some(scope);
        while let Some(ScopeId(index)) = at {
            if let Some(slot) = self.scopes[index].names.get_mut(name) {
                *slot = value;
                return true;
            }
            at = self.scopes[index].outer;
        }
        false
    }
}

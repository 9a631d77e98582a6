//! What a schema consists of. Elements and types are kept in tables and named by their numbers, since they refer to each
//! other in circles.

use super::model::Model;
use super::simple::Simple;
use ahash::AHashMap;

/// An element's place in [`Schema::elements`].
pub type ElementId = u32;
/// A type's place in [`Schema::types`].
pub type TypeId = u32;

/// A name in a namespace; an empty namespace is none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    pub namespace: Box<str>,
    pub local: Box<str>,
}

impl Name {
    pub fn new(namespace: &str, local: &str) -> Self {
        Name { namespace: namespace.into(), local: local.into() }
    }

    /// As messages about content have it: `{"urn:x":a}`, or `a` without a namespace.
    pub fn expanded(&self) -> String {
        if self.namespace.is_empty() { self.local.to_string() } else { format!("{{{}}}", self.listed()) }
    }

    /// As lists of names have it: `"urn:x":a`, or `a` without a namespace.
    pub fn listed(&self) -> String {
        if self.namespace.is_empty() {
            self.local.to_string()
        } else {
            format!("\"{}\":{}", self.namespace, self.local)
        }
    }
}

/// A schema, complete.
#[derive(Debug, Default)]
pub struct Schema {
    pub(super) elements: Vec<Element>,
    pub(super) types: Vec<Type>,
    /// Elements that a document may begin with, and that wildcards find.
    pub(super) global_elements: AHashMap<Name, ElementId>,
    /// Types that `xsi:type` may name.
    pub(super) global_types: AHashMap<Name, TypeId>,
    /// Attributes that wildcards find.
    pub(super) global_attributes: AHashMap<Name, Attribute>,
    /// The elements that may stand in for one, by name.
    pub(super) substitutes: AHashMap<ElementId, AHashMap<Name, ElementId>>,
    /// What the parser warns of.
    pub(super) warning: Option<String>,
}

/// An element's declaration.
#[derive(Debug, Clone)]
pub struct Element {
    pub name: Name,
    pub type_id: TypeId,
    pub nillable: bool,
    pub is_abstract: bool,
    pub default: Option<String>,
    pub fixed: Option<String>,
    pub constraints: Vec<Constraint>,
}

/// A type of either kind.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "a schema has some hundreds, read once")]
pub enum Type {
    Simple(Simple),
    Complex(Complex),
    /// Not read yet.
    Pending,
}

/// A complex type.
#[derive(Debug)]
pub struct Complex {
    /// As messages have it.
    pub name: Box<str>,
    pub base: Option<TypeId>,
    pub is_abstract: bool,
    pub content: Content,
    pub mixed: bool,
    pub particle: Option<Particle>,
    pub attributes: Vec<Use>,
    pub wildcard: Option<Wildcard>,
}

/// What an element of a complex type may hold.
#[derive(Debug)]
pub enum Content {
    Empty,
    Simple(TypeId),
    Model(Model),
}

/// An attribute's declaration.
#[derive(Debug, Clone)]
pub struct Attribute {
    pub name: Name,
    pub type_id: TypeId,
    pub fixed: Option<String>,
}

/// An attribute that a type has.
#[derive(Debug, Clone)]
pub struct Use {
    pub attribute: Attribute,
    pub required: bool,
}

/// What a wildcard does about what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    Strict,
    Lax,
    Skip,
}

/// `xs:any` and `xs:anyAttribute`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wildcard {
    pub namespaces: Namespaces,
    pub process: Process,
}

/// Namespaces that a wildcard takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Namespaces {
    Any,
    /// All but this one and none.
    Other(Box<str>),
    List(Vec<Box<str>>),
}

impl Wildcard {
    pub fn takes(&self, namespace: &str) -> bool {
        match &self.namespaces {
            Namespaces::Any => true,
            Namespaces::Other(other) => !namespace.is_empty() && namespace != &**other,
            Namespaces::List(list) => list.iter().any(|item| &**item == namespace),
        }
    }

    pub fn shown(&self) -> String {
        match &self.namespaces {
            Namespaces::Any => "WC[##any]".to_owned(),
            Namespaces::Other(other) => format!("WC[##other:\"{other}\"]"),
            Namespaces::List(list) => {
                let names: Vec<String> = list.iter().map(|name| format!("\"{name}\"")).collect();
                format!("WC[{}]", names.join(","))
            }
        }
    }
}

/// A part of a content model, so many times.
#[derive(Debug, Clone)]
pub struct Particle {
    pub min: u32,
    /// None for `unbounded`.
    pub max: Option<u32>,
    pub term: Term,
}

/// What a particle is of.
#[derive(Debug, Clone)]
pub enum Term {
    Element(ElementId),
    Any(Wildcard),
    Sequence(Vec<Particle>),
    Choice(Vec<Particle>),
    All(Vec<Particle>),
}

/// What an identity constraint asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    Unique,
    Key,
    /// The name of the key.
    Reference(Box<str>),
}

/// `xs:unique`, `xs:key` and `xs:keyref`.
#[derive(Debug, Clone)]
pub struct Constraint {
    pub name: Box<str>,
    pub identity: Identity,
    pub selector: Vec<Steps>,
    pub fields: Vec<Vec<Steps>>,
}

/// A path of an identity constraint.
#[derive(Debug, Clone, Default)]
pub struct Steps {
    /// Whether it begins with `.//`.
    pub anywhere: bool,
    pub elements: Vec<Test>,
    /// The attribute at its end.
    pub attribute: Option<Test>,
}

/// A name in such a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    Name(Name),
    Namespace(Box<str>),
    Any,
}

impl Test {
    pub fn holds(&self, namespace: &str, local: &str) -> bool {
        match self {
            Test::Name(name) => &*name.namespace == namespace && &*name.local == local,
            Test::Namespace(own) => &**own == namespace,
            Test::Any => true,
        }
    }
}

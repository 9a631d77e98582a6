//! Schema documents become a [`Schema`]. Everything is looked up by name once; types are read one after another, since they
//! refer to each other in circles.

use super::components::{
    Attribute, Complex, Constraint, Content, Element, ElementId, Identity, Name, Namespaces, Particle, Process, Schema,
    Steps, Term, Test, Type, TypeId, Use, Wildcard,
};
use super::model::Model;
use super::simple::{BOUNDS, Simple, Space, Variety, built_in, simple};
use super::{Trouble, pattern, value};
use crate::xml_path::{Document, Kind, NodeId, Reading, Tags, position, read_tags};
use ahash::AHashMap;
use std::path::{Path, PathBuf};

/// The namespace of schemas.
const XS: &str = "http://www.w3.org/2001/XMLSchema";
/// Documents of a schema, bytes of each, elements and types of all.
const MOST_DOCUMENTS: usize = 500;
const MOST_BYTES: u64 = 16 << 20;
const MOST_COMPONENTS: usize = 100_000;
/// Groups within groups.
const DEEPEST: usize = 200;

/// Parts of a schema that have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Element,
    Type,
    Attribute,
    Group,
    AttributeGroup,
}

impl Part {
    /// As messages have it.
    fn shown(self) -> &'static str {
        match self {
            Part::Element => "element declaration",
            Part::Type => "type definition",
            Part::Attribute => "attribute declaration",
            Part::Group => "group",
            Part::AttributeGroup => "attributeGroup",
        }
    }
}

struct Source {
    tags: Tags,
    text: String,
    target: Box<str>,
    elements_qualified: bool,
    attributes_qualified: bool,
}

/// A node of one of the documents.
type Place = (usize, NodeId);

#[derive(Default)]
struct Reader {
    sources: Vec<Source>,
    loaded: Vec<(PathBuf, Box<str>)>,
    named: AHashMap<(Part, Name), Place>,
    schema: Schema,
    elements: AHashMap<Place, ElementId>,
    types: AHashMap<Place, TypeId>,
    /// Types whose content is still to be read, with the name that messages have for them.
    pending: Vec<(TypeId, Place, Box<str>)>,
    /// Types that are being read.
    reading: Vec<TypeId>,
    heads: Vec<(ElementId, Place, String)>,
}

type Read<T> = Result<T, Trouble>;

/// Reads the schema in a file and those that it includes and imports.
pub fn load(path: &Path) -> Read<Schema> {
    let mut reader = Reader::default();
    reader.schema.types.push(Type::Pending);
    for (name, simple) in built_in(1) {
        let id = reader.schema.types.len() as TypeId;
        reader.schema.global_types.insert(Name::new(XS, name), id);
        reader.schema.types.push(Type::Simple(simple));
    }
    reader.any_type();
    reader.document(path, None, None)?;
    let mut all: Vec<(Part, Name, Place)> =
        reader.named.iter().map(|((part, name), place)| (*part, name.clone(), *place)).collect();
    all.sort_by_key(|(_, _, place)| *place);
    for (part, name, place) in all {
        match part {
            Part::Element => drop(reader.element(place)?),
            Part::Type => {
                let id = reader.type_at(place)?;
                reader.schema.global_types.insert(name, id);
            }
            Part::Attribute => {
                let attribute = reader.attribute(place)?.attribute;
                reader.schema.global_attributes.insert(name, attribute);
            }
            Part::Group | Part::AttributeGroup => {}
        }
    }
    reader.rest()?;
    reader.substitutes()?;
    Ok(reader.schema)
}

impl Reader {
    /// `xs:anyType` is the type number 0.
    fn any_type(&mut self) {
        let wildcard = Wildcard { namespaces: Namespaces::Any, process: Process::Lax };
        let any = Particle { min: 0, max: None, term: Term::Any(wildcard.clone()) };
        let particle = Particle { min: 1, max: Some(1), term: Term::Sequence(vec![any]) };
        let content = Model::new(&particle).map_or(Content::Empty, Content::Model);
        self.schema.types[0] = Type::Complex(Complex {
            name: "anyType".into(),
            base: None,
            is_abstract: false,
            content,
            mixed: true,
            particle: Some(particle),
            attributes: Vec::new(),
            wildcard: Some(wildcard),
        });
        self.schema.global_types.insert(Name::new(XS, "anyType"), 0);
    }

    /// Reads a document and what it names. An included one without a target has that of the one that includes it.
    fn document(&mut self, path: &Path, includer: Option<&str>, imported: Option<&str>) -> Read<()> {
        let key = (path.to_path_buf(), Box::from(includer.or(imported).unwrap_or_default()));
        if self.loaded.contains(&key) {
            return Ok(());
        }
        if self.loaded.len() >= MOST_DOCUMENTS {
            return Err(Trouble::Unsupported("more documents than a schema may have here".to_owned()));
        }
        self.loaded.push(key);
        let missing = || Trouble::Missing(path.display().to_string());
        let size = std::fs::metadata(path).map_err(|_| missing())?.len();
        if size > MOST_BYTES {
            return Err(Trouble::Unsupported(format!("{} is larger than a schema may be here", path.display())));
        }
        let bytes = std::fs::read(path).map_err(|_| missing())?;
        let text = crate::xml_path::decode(&bytes);
        let tags = read_tags(&text, Reading::Saxon);
        if let Some(fault) = tags.fault {
            return Err(Trouble::Malformed(fault));
        }
        let Some(root) = tags.document.root_element() else { return Err(missing()) };
        let document = &tags.document;
        if document.namespace(root) != XS || document.local_name(root) != "schema" {
            let name = document.name(root).to_owned();
            let at = tags.tags.first().map_or(0, |tag| tag.at);
            let message = format!(
                "s4s-elt-schema-ns: The namespace of element '{name}' must be from the schema namespace, '{XS}'."
            );
            return Err(Trouble::Wrong { message, position: position(&text, at) });
        }
        let given = |name: &str| attribute_of(document, root, name);
        let target = given("targetNamespace").or(includer.map(str::to_owned)).unwrap_or_default();
        let qualified = |name: &str| given(name).as_deref() == Some("qualified");
        let (elements_qualified, attributes_qualified) =
            (qualified("elementFormDefault"), qualified("attributeFormDefault"));
        let source = self.sources.len();
        self.sources.push(Source {
            tags,
            text,
            target: target.as_str().into(),
            elements_qualified,
            attributes_qualified,
        });
        for child in self.children((source, root)) {
            let part = match self.tag(child) {
                "element" => Part::Element,
                "simpleType" | "complexType" => Part::Type,
                "attribute" => Part::Attribute,
                "group" => Part::Group,
                "attributeGroup" => Part::AttributeGroup,
                tag @ ("include" | "import") => {
                    let (tag, location) = (tag.to_owned(), self.given(child, "schemaLocation"));
                    let namespace = self.given(child, "namespace");
                    if let Some(location) = location {
                        self.other(path, child, &tag, &location, &target, namespace.as_deref())?;
                    }
                    continue;
                }
                "notation" => continue,
                tag => return Err(Trouble::Unsupported(format!("xs:{tag}"))),
            };
            if let Some(name) = self.given(child, "name") {
                self.named.entry((part, Name::new(&target, &name))).or_insert(child);
            }
        }
        Ok(())
    }

    /// An included or imported document. One that is not there is warned of.
    fn other(
        &mut self,
        path: &Path,
        place: Place,
        tag: &str,
        location: &str,
        target: &str,
        namespace: Option<&str>,
    ) -> Read<()> {
        if location.contains("://") {
            return Err(Trouble::Unsupported(format!("schemas from other places than files ({location})")));
        }
        let other = path.parent().unwrap_or(Path::new("")).join(location);
        let read = if tag == "include" {
            self.document(&other, Some(target), None)
        } else {
            self.document(&other, None, Some(namespace.unwrap_or_default()))
        };
        match read {
            Err(Trouble::Missing(_)) => {
                let (line, column) = self.position(place);
                let sentence = super::unreadable(location);
                self.schema.warning = Some(format!("warning: line={line} col={column} {sentence}"));
                Ok(())
            }
            read => read,
        }
    }

    fn doc(&self, place: Place) -> &Document {
        &self.sources[place.0].tags.document
    }

    fn tag(&self, place: Place) -> &str {
        self.doc(place).local_name(place.1)
    }

    fn given(&self, place: Place, name: &str) -> Option<String> {
        attribute_of(self.doc(place), place.1, name)
    }

    fn is(&self, place: Place, name: &str) -> bool {
        self.given(place, name).is_some_and(|value| matches!(value.trim(), "true" | "1"))
    }

    /// The elements in one, but for annotations.
    fn children(&self, place: Place) -> Vec<Place> {
        let document = self.doc(place);
        let elements = document.children(place.1).filter(|child| document.kind(*child) == Kind::Element);
        elements.filter(|child| document.local_name(*child) != "annotation").map(|child| (place.0, child)).collect()
    }

    fn child(&self, place: Place, tags: &[&str]) -> Option<Place> {
        self.children(place).into_iter().find(|child| tags.contains(&self.tag(*child)))
    }

    fn position(&self, place: Place) -> (usize, usize) {
        let source = &self.sources[place.0];
        let tag = source.tags.tags.iter().find(|tag| tag.element == place.1 && !tag.ends);
        position(&source.text, tag.map_or(0, |tag| tag.at))
    }

    fn wrong<T>(&self, place: Place, message: String) -> Read<T> {
        Err(Trouble::Wrong { message, position: self.position(place) })
    }

    fn unsupported<T>(&self, place: Place, what: &str) -> Read<T> {
        let (line, _) = self.position(place);
        Err(Trouble::Unsupported(format!("{what} (line {line} of the schema)")))
    }

    /// The name that a text is at a place. Without a prefix it has the default namespace, or the target where none is meant.
    fn name(&self, place: Place, text: &str) -> Name {
        let text = text.trim();
        let (prefix, local) = text.split_once(':').unwrap_or(("", text));
        let namespace = self.doc(place).namespace_of(prefix, place.1).unwrap_or_default();
        // A document without a target that was included has the target of the one that includes it.
        let own = &self.sources[place.0].target;
        let chameleon =
            prefix.is_empty() && namespace.is_empty() && !own.is_empty() && self.given_root(place).is_none();
        Name::new(if chameleon { own } else { namespace }, local)
    }

    fn given_root(&self, place: Place) -> Option<String> {
        let document = self.doc(place);
        attribute_of(document, document.root_element()?, "targetNamespace")
    }

    fn find(&self, place: Place, part: Part, text: &str) -> Read<Place> {
        let name = self.name(place, text);
        match self.named.get(&(part, name)) {
            Some(found) => Ok(*found),
            None => self.wrong(
                place,
                format!("src-resolve: Cannot resolve the name '{}' to a(n) '{}' component.", text.trim(), part.shown()),
            ),
        }
    }

    fn room(&self, place: Place) -> Read<()> {
        if self.schema.types.len() + self.schema.elements.len() > MOST_COMPONENTS {
            return self.unsupported(place, "more elements and types than a schema may have here");
        }
        Ok(())
    }

    /// The type of a name.
    fn type_named(&mut self, place: Place, text: &str) -> Read<TypeId> {
        let name = self.name(place, text);
        if &*name.namespace == XS
            && let Some(id) = self.schema.global_types.get(&name)
        {
            return Ok(*id);
        }
        let found = self.find(place, Part::Type, text)?;
        self.type_at(found)
    }

    /// The type that is defined at a place.
    fn type_at(&mut self, place: Place) -> Read<TypeId> {
        let name = self.given(place, "name").unwrap_or_default();
        self.type_called(place, &name)
    }

    fn type_called(&mut self, place: Place, name: &str) -> Read<TypeId> {
        if let Some(id) = self.types.get(&place) {
            return Ok(*id);
        }
        self.room(place)?;
        let id = self.schema.types.len() as TypeId;
        self.schema.types.push(Type::Pending);
        self.types.insert(place, id);
        self.pending.push((id, place, name.into()));
        Ok(id)
    }

    /// A type that is used at once: it is read before anything else is.
    fn ready(&mut self, place: Place, id: TypeId) -> Read<()> {
        if let Some(at) = self.pending.iter().position(|(pending, _, _)| *pending == id) {
            let (id, place, name) = self.pending.swap_remove(at);
            self.read_type(id, place, &name)?;
        } else if matches!(self.schema.types[id as usize], Type::Pending) {
            return self.wrong(place, "st-props-correct.2: Circular definitions have been detected.".to_owned());
        }
        Ok(())
    }

    fn rest(&mut self) -> Read<()> {
        while let Some((id, place, name)) = self.pending.pop() {
            self.read_type(id, place, &name)?;
        }
        Ok(())
    }

    fn read_type(&mut self, id: TypeId, place: Place, name: &str) -> Read<()> {
        if self.reading.len() > DEEPEST {
            return self.unsupported(place, "types that come from each other in more steps than they may here");
        }
        self.reading.push(id);
        let read = if self.tag(place) == "simpleType" {
            self.simple_type(place, name).map(Type::Simple)
        } else {
            self.complex_type(place, name).map(Type::Complex)
        };
        self.reading.pop();
        self.schema.types[id as usize] = read?;
        Ok(())
    }

    /// The simple type that an element `xs:simpleType` within another defines.
    fn inner_type(&mut self, place: Place, owner: &str) -> Read<Option<TypeId>> {
        match self.child(place, &["simpleType", "complexType"]) {
            Some(child) => {
                self.type_called(child, &format!("#AnonType_{}", owner.trim_start_matches("#AnonType_"))).map(Some)
            }
            None => Ok(None),
        }
    }

    fn simple_type(&mut self, place: Place, name: &str) -> Read<Simple> {
        let Some(child) = self.child(place, &["restriction", "list", "union"]) else {
            return self.unsupported(place, "a simple type that is neither a restriction, a list nor a union");
        };
        match self.tag(child) {
            "restriction" => {
                let base = match self.given(child, "base") {
                    Some(base) => Some(self.type_named(child, &base)?),
                    None => self.inner_type(child, name)?,
                };
                let Some(base) = base else { return self.unsupported(child, "a restriction without a base") };
                self.ready(child, base)?;
                let Some(from) = simple(&self.schema, base) else {
                    return self.unsupported(child, "a simple type that restricts a complex one");
                };
                let restricted = from.restricted(name, base);
                self.facets(child, restricted)
            }
            "list" => {
                let item = match self.given(child, "itemType") {
                    Some(item) => Some(self.type_named(child, &item)?),
                    None => self.inner_type(child, name)?,
                };
                let Some(item) = item else { return self.unsupported(child, "a list without a type") };
                self.ready(child, item)?;
                Ok(Simple { base: Some(1), ..Simple::new(name, Variety::List(item), Space::Collapse) })
            }
            _ => {
                let mut members = Vec::new();
                for member in self.given(child, "memberTypes").unwrap_or_default().split_whitespace() {
                    members.push(self.type_named(child, member)?);
                }
                for inner in self.children(child) {
                    members.push(self.type_called(inner, &format!("#AnonType_{name}"))?);
                }
                for member in &members {
                    self.ready(child, *member)?;
                }
                Ok(Simple { base: Some(1), ..Simple::new(name, Variety::Union(members), Space::Preserve) })
            }
        }
    }

    /// The facets of a restriction.
    fn facets(&mut self, place: Place, mut simple: Simple) -> Read<Simple> {
        let base = simple.clone();
        let (mut patterns, mut values) = (Vec::new(), Vec::new());
        for child in self.children(place) {
            let text = self.given(child, "value").unwrap_or_default();
            let count = || text.trim().parse::<usize>().ok();
            match self.tag(child) {
                "pattern" => match pattern::compile(&text) {
                    Some(pattern) => patterns.push((pattern, text)),
                    None => return self.unsupported(child, &format!("the pattern {text}")),
                },
                "enumeration" => match base.value(&self.schema, &text) {
                    Ok(value) => values.push((base.normalized(&text).into_owned(), value)),
                    Err(message) => return self.wrong(place, message),
                },
                "length" => simple.length = count(),
                "minLength" => simple.min_length = count(),
                "maxLength" => simple.max_length = count(),
                "totalDigits" => simple.total_digits = count(),
                "fractionDigits" => simple.fraction_digits = count(),
                "whiteSpace" => {
                    simple.space = match text.trim() {
                        "collapse" => Space::Collapse,
                        "replace" => Space::Replace,
                        _ => Space::Preserve,
                    }
                }
                "simpleType" | "attribute" | "attributeGroup" | "anyAttribute" => {}
                tag => {
                    let Some(at) = BOUNDS.iter().position(|bound| *bound == tag) else {
                        let tag = tag.to_owned();
                        return self.unsupported(child, &format!("the facet {tag}"));
                    };
                    let Variety::Atomic(primitive) = base.variety else {
                        return self.unsupported(child, "a bound of a list or a union");
                    };
                    let text = base.normalized(&text).into_owned();
                    let Some(value) = primitive.value(&text) else {
                        let name = primitive.name();
                        let message = format!("cvc-datatype-valid.1.2.1: '{text}' is not a valid value for '{name}'.");
                        return self.wrong(place, message);
                    };
                    // A bound takes the place of the other one of its side.
                    simple.bounds[at ^ 1] = None;
                    simple.bounds[at] = Some((primitive.shown(&text), value));
                }
            }
        }
        if !patterns.is_empty() {
            let (compiled, texts): (Vec<_>, Vec<String>) = patterns.into_iter().unzip();
            simple.patterns.push((compiled, texts.join("|")));
        }
        if !values.is_empty() {
            simple.enumeration = Some(values);
        }
        Ok(simple)
    }

    fn complex_type(&mut self, place: Place, name: &str) -> Read<Complex> {
        let mut complex = Complex {
            name: name.into(),
            base: Some(0),
            is_abstract: self.is(place, "abstract"),
            content: Content::Empty,
            mixed: self.is(place, "mixed"),
            particle: None,
            attributes: Vec::new(),
            wildcard: None,
        };
        if let Some(content) = self.child(place, &["simpleContent"]) {
            return self.simple_content(content, complex);
        }
        let Some(content) = self.child(place, &["complexContent"]) else {
            complex.particle = self.content_particle(place, 0)?;
            self.attributes(place, &mut complex, 0)?;
            return self.finished(place, complex);
        };
        complex.mixed |= self.is(content, "mixed");
        let Some(step) = self.child(content, &["extension", "restriction"]) else {
            return self.unsupported(content, "content that is neither an extension nor a restriction");
        };
        let base = self.given(step, "base").unwrap_or_default();
        let base_id = self.type_named(step, &base)?;
        self.ready(step, base_id)?;
        complex.base = Some(base_id);
        let own = self.content_particle(step, 0)?;
        self.attributes(step, &mut complex, 0)?;
        let Some(Type::Complex(from)) = self.schema.types.get(base_id as usize) else {
            return self.unsupported(step, "complex content from a simple type");
        };
        let extends = self.tag(step) == "extension";
        if extends {
            complex.mixed |= from.mixed && base_id != 0;
        }
        complex.particle = match (extends, &from.particle, own) {
            (false, _, own) => own,
            (true, Some(first), Some(second)) if base_id != 0 => {
                Some(Particle { min: 1, max: Some(1), term: Term::Sequence(vec![first.clone(), second]) })
            }
            (true, Some(first), None) => Some(first.clone()),
            (true, _, own) => own,
        };
        let (inherited, wildcard) = (from.attributes.clone(), from.wildcard.clone());
        let prohibited = self.prohibited(step);
        inherit(&mut complex, inherited, &prohibited);
        if extends && complex.wildcard.is_none() && base_id != 0 {
            complex.wildcard = wildcard;
        }
        self.finished(place, complex)
    }

    fn finished(&mut self, place: Place, mut complex: Complex) -> Read<Complex> {
        complex.content = match &complex.particle {
            None => Content::Empty,
            Some(particle) if is_empty(particle) => Content::Empty,
            Some(particle) => match Model::new(particle) {
                Some(model) => Content::Model(model),
                None => return self.unsupported(place, "a content model that is too large"),
            },
        };
        if complex.mixed && matches!(complex.content, Content::Empty) {
            let nothing = Particle { min: 1, max: Some(1), term: Term::Sequence(Vec::new()) };
            complex.content = Model::new(&nothing).map_or(Content::Empty, Content::Model);
        }
        Ok(complex)
    }

    fn simple_content(&mut self, content: Place, mut complex: Complex) -> Read<Complex> {
        let Some(step) = self.child(content, &["extension", "restriction"]) else {
            return self.unsupported(content, "content that is neither an extension nor a restriction");
        };
        let base = self.given(step, "base").unwrap_or_default();
        let base_id = self.type_named(step, &base)?;
        self.ready(step, base_id)?;
        complex.base = Some(base_id);
        self.attributes(step, &mut complex, 0)?;
        let (from, inherited, wildcard) = match self.schema.types.get(base_id as usize) {
            Some(Type::Simple(_)) => (base_id, Vec::new(), None),
            Some(Type::Complex(Complex { content: Content::Simple(from), attributes, wildcard, .. })) => {
                (*from, attributes.clone(), wildcard.clone())
            }
            _ => return self.unsupported(step, "simple content from a type without"),
        };
        let prohibited = self.prohibited(step);
        inherit(&mut complex, inherited, &prohibited);
        let mut id = from;
        if self.tag(step) == "restriction" {
            let from = match self.child(step, &["simpleType"]) {
                Some(inner) => self.type_called(inner, &format!("#AnonType_{}", complex.name))?,
                None => from,
            };
            self.ready(step, from)?;
            let Some(simple) = simple(&self.schema, from) else {
                return self.unsupported(step, "simple content from a complex type");
            };
            let restricted = simple.restricted(&format!("#AnonType_{}", complex.name), from);
            let simple = self.facets(step, restricted)?;
            id = self.schema.types.len() as TypeId;
            self.schema.types.push(Type::Simple(simple));
        } else if complex.wildcard.is_none() {
            complex.wildcard = wildcard;
        }
        complex.content = Content::Simple(id);
        Ok(complex)
    }

    /// Names of attributes that a restriction takes away.
    fn prohibited(&self, place: Place) -> Vec<Name> {
        let children = self.children(place).into_iter();
        let gone = children.filter(|child| self.given(*child, "use").as_deref() == Some("prohibited"));
        gone.filter_map(|child| match (self.given(child, "name"), self.given(child, "ref")) {
            (Some(name), _) => Some(self.local(child, &name, false)),
            (_, Some(reference)) => Some(self.name(child, &reference)),
            _ => None,
        })
        .collect()
    }

    /// The name of a local element or attribute.
    fn local(&self, place: Place, name: &str, element: bool) -> Name {
        let source = &self.sources[place.0];
        let by_default = if element { source.elements_qualified } else { source.attributes_qualified };
        let qualified = self.given(place, "form").map_or(by_default, |form| form == "qualified");
        Name::new(if qualified { &source.target } else { "" }, name)
    }

    fn attributes(&mut self, place: Place, complex: &mut Complex, depth: usize) -> Read<()> {
        if depth > DEEPEST {
            return self.unsupported(place, "attribute groups in each other");
        }
        for child in self.children(place) {
            match self.tag(child) {
                "attribute" if self.given(child, "use").as_deref() != Some("prohibited") => {
                    let attribute = self.attribute(child)?;
                    complex.attributes.retain(|other| other.attribute.name != attribute.attribute.name);
                    complex.attributes.push(attribute);
                }
                "attributeGroup" => {
                    let reference = self.given(child, "ref").unwrap_or_default();
                    let group = self.find(child, Part::AttributeGroup, &reference)?;
                    self.attributes(group, complex, depth + 1)?;
                }
                "anyAttribute" => complex.wildcard = Some(self.wildcard(child)),
                "assert" | "alternative" | "openContent" => return self.unsupported(child, "XML Schema 1.1"),
                _ => {}
            }
        }
        Ok(())
    }

    fn attribute(&mut self, place: Place) -> Read<Use> {
        let required = self.given(place, "use").as_deref() == Some("required");
        let fixed = self.given(place, "fixed");
        if let Some(reference) = self.given(place, "ref") {
            let name = self.name(place, &reference);
            if &*name.namespace == "http://www.w3.org/XML/1998/namespace" {
                let type_id = self.schema.global_types.get(&Name::new(XS, "string")).copied().unwrap_or(1);
                return Ok(Use { attribute: Attribute { name, type_id, fixed }, required });
            }
            let found = self.find(place, Part::Attribute, &reference)?;
            let of = self.attribute(found)?.attribute;
            return Ok(Use { attribute: Attribute { fixed: fixed.or(of.fixed.clone()), ..of }, required });
        }
        let local = self.given(place, "name").unwrap_or_default();
        let is_global =
            self.named.get(&(Part::Attribute, Name::new(&self.sources[place.0].target, &local))) == Some(&place);
        let name =
            if is_global { Name::new(&self.sources[place.0].target, &local) } else { self.local(place, &local, false) };
        let type_id = match self.given(place, "type") {
            Some(of) => self.type_named(place, &of)?,
            None => self.inner_type(place, &local)?.unwrap_or(1),
        };
        Ok(Use { attribute: Attribute { name, type_id, fixed }, required })
    }

    fn wildcard(&self, place: Place) -> Wildcard {
        let target = self.sources[place.0].target.clone();
        let namespaces = match self.given(place, "namespace").as_deref().map(str::trim) {
            None | Some("##any") => Namespaces::Any,
            Some("##other") => Namespaces::Other(target),
            Some(list) => Namespaces::List(
                list.split_whitespace()
                    .map(|item| match item {
                        "##targetNamespace" => target.clone(),
                        "##local" => Box::from(""),
                        item => Box::from(item),
                    })
                    .collect(),
            ),
        };
        let process = match self.given(place, "processContents").as_deref() {
            Some("lax") => Process::Lax,
            Some("skip") => Process::Skip,
            _ => Process::Strict,
        };
        Wildcard { namespaces, process }
    }

    /// The particle of a type's content.
    fn content_particle(&mut self, place: Place, depth: usize) -> Read<Option<Particle>> {
        match self.child(place, &["sequence", "choice", "all", "group"]) {
            Some(child) => self.particle(child, depth).map(Some),
            None => Ok(None),
        }
    }

    fn particle(&mut self, place: Place, depth: usize) -> Read<Particle> {
        if depth > DEEPEST {
            return self.unsupported(place, "groups in each other");
        }
        let count = |text: Option<String>| text.map_or(Some(1), |text| text.trim().parse::<u32>().ok());
        let min = count(self.given(place, "minOccurs")).unwrap_or(1);
        let max = count(self.given(place, "maxOccurs"));
        let term = match self.tag(place) {
            "element" => Term::Element(self.element(place)?),
            "any" => Term::Any(self.wildcard(place)),
            "group" => {
                let reference = self.given(place, "ref").unwrap_or_default();
                let group = self.find(place, Part::Group, &reference)?;
                match self.content_particle(group, depth + 1)? {
                    Some(particle) => particle.term,
                    None => Term::Sequence(Vec::new()),
                }
            }
            tag @ ("sequence" | "choice" | "all") => {
                let tag = tag.to_owned();
                let mut parts = Vec::new();
                for child in self.children(place) {
                    parts.push(self.particle(child, depth + 1)?);
                }
                match &*tag {
                    "sequence" => Term::Sequence(parts),
                    "choice" => Term::Choice(parts),
                    _ => Term::All(parts),
                }
            }
            tag => {
                let tag = tag.to_owned();
                return self.unsupported(place, &format!("xs:{tag} in a content model"));
            }
        };
        Ok(Particle { min, max, term })
    }

    /// The element that is declared or referred to at a place.
    fn element(&mut self, place: Place) -> Read<ElementId> {
        if let Some(reference) = self.given(place, "ref") {
            let found = self.find(place, Part::Element, &reference)?;
            return self.element(found);
        }
        if let Some(id) = self.elements.get(&place) {
            return Ok(*id);
        }
        self.room(place)?;
        let local = self.given(place, "name").unwrap_or_default();
        let name = Name::new(&self.sources[place.0].target, &local);
        let is_global = self.named.get(&(Part::Element, name.clone())) == Some(&place);
        let name = if is_global { name } else { self.local(place, &local, true) };
        let id = self.schema.elements.len() as ElementId;
        self.elements.insert(place, id);
        self.schema.elements.push(Element {
            name: name.clone(),
            type_id: 0,
            nillable: self.is(place, "nillable"),
            is_abstract: self.is(place, "abstract"),
            default: self.given(place, "default"),
            fixed: self.given(place, "fixed"),
            constraints: Vec::new(),
        });
        if is_global {
            self.schema.global_elements.insert(name, id);
        }
        let head = self.given(place, "substitutionGroup");
        let type_id = match self.given(place, "type") {
            Some(of) => self.type_named(place, &of)?,
            None => match (self.inner_type(place, &local)?, &head) {
                (Some(id), _) => id,
                (None, Some(head)) => {
                    let head = self.find(place, Part::Element, head)?;
                    let head = self.element(head)?;
                    self.schema.elements[head as usize].type_id
                }
                (None, None) => 0,
            },
        };
        let constraints = self.constraints(place)?;
        let element = &mut self.schema.elements[id as usize];
        element.type_id = type_id;
        element.constraints = constraints;
        if let Some(head) = head {
            self.heads.push((id, place, head));
        }
        Ok(id)
    }

    /// Which elements may stand in for which.
    fn substitutes(&mut self) -> Read<()> {
        let mut of: AHashMap<ElementId, ElementId> = AHashMap::default();
        for (id, place, head) in std::mem::take(&mut self.heads) {
            let head = self.find(place, Part::Element, &head)?;
            of.insert(id, self.element(head)?);
        }
        self.rest()?;
        for member in of.keys() {
            let name = self.schema.elements[*member as usize].name.clone();
            let mut at = *member;
            for _ in 0..DEEPEST {
                let Some(head) = of.get(&at) else { break };
                self.schema.substitutes.entry(*head).or_default().insert(name.clone(), *member);
                at = *head;
            }
        }
        Ok(())
    }

    fn constraints(&mut self, place: Place) -> Read<Vec<Constraint>> {
        let mut constraints = Vec::new();
        for child in self.children(place) {
            let identity = match self.tag(child) {
                "unique" => Identity::Unique,
                "key" => Identity::Key,
                "keyref" => {
                    let refer = self.given(child, "refer").unwrap_or_default();
                    Identity::Reference(self.name(child, &refer).local)
                }
                _ => continue,
            };
            let (mut selector, mut fields) = (Vec::new(), Vec::new());
            for part in self.children(child) {
                let path = self.given(part, "xpath").unwrap_or_default();
                let paths = self.paths(part, &path)?;
                if self.tag(part) == "selector" { selector = paths } else { fields.push(paths) }
            }
            let name = self.given(child, "name").unwrap_or_default().into();
            constraints.push(Constraint { name, identity, selector, fields });
        }
        Ok(constraints)
    }

    /// The paths of a selector or a field.
    fn paths(&self, place: Place, text: &str) -> Read<Vec<Steps>> {
        let mut paths = Vec::new();
        for path in text.split('|') {
            let path = path.trim();
            let mut steps = Steps::default();
            let rest = match path.strip_prefix(".//") {
                Some(rest) => {
                    steps.anywhere = true;
                    rest
                }
                None => path,
            };
            for step in rest.split('/').map(str::trim).filter(|step| *step != ".") {
                let step = step.strip_prefix("child::").unwrap_or(step);
                let attribute = step.strip_prefix('@').or_else(|| step.strip_prefix("attribute::"));
                let text = attribute.unwrap_or(step).trim();
                let test = match text.split_once(':') {
                    _ if text == "*" => Test::Any,
                    Some((prefix, "*")) => {
                        Test::Namespace(self.doc(place).namespace_of(prefix, place.1).unwrap_or_default().into())
                    }
                    // A name without a prefix has no namespace in a path.
                    None if value::is_name(text) => Test::Name(Name::new("", text)),
                    Some((prefix, local)) if value::is_name(local) => {
                        let namespace = self.doc(place).namespace_of(prefix, place.1).unwrap_or_default();
                        Test::Name(Name::new(namespace, local))
                    }
                    _ => return self.unsupported(place, &format!("the path {path}")),
                };
                if attribute.is_some() { steps.attribute = Some(test) } else { steps.elements.push(test) }
            }
            paths.push(steps);
        }
        Ok(paths)
    }
}

/// The attributes of the base that a type does not have of its own.
fn inherit(complex: &mut Complex, inherited: Vec<Use>, prohibited: &[Name]) {
    for attribute in inherited {
        let name = &attribute.attribute.name;
        if !prohibited.contains(name) && complex.attributes.iter().all(|own| own.attribute.name != *name) {
            complex.attributes.push(attribute);
        }
    }
}

/// Whether there is no child that a particle could take. A choice of nothing is no empty content.
fn is_empty(particle: &Particle) -> bool {
    particle.max == Some(0)
        || match &particle.term {
            Term::Sequence(parts) | Term::All(parts) => parts.iter().all(is_empty),
            _ => false,
        }
}

fn attribute_of(document: &Document, element: NodeId, name: &str) -> Option<String> {
    let found = document
        .attributes(element)
        .find(|attribute| document.namespace(*attribute).is_empty() && document.local_name(*attribute) == name)?;
    document.own_value(found).map(str::to_owned)
}

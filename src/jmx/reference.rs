//! XStream's `reference="../../collectionProp/stringProp[2]"`: the tag stands for an object that was written earlier.
//!
//! JMeter writes such a path when one property object hangs in a plan twice, as the columns of User Parameters may.

use super::property::{Property, PropertyValue, XmlElement};
use super::read::{HashTree, Open};
use super::tree::{NodeId, TestElement, TestTree};

/// A copy of what a reference names.
pub(super) enum Found {
    Element(TestElement),
    Property(Property),
    Xml(XmlElement),
}

/// How much a reference brings in.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Size {
    pub(super) properties: u32,
    pub(super) depth: u32,
}

impl Size {
    fn of<'a, T: 'a>(items: impl IntoIterator<Item = &'a T>, size: impl Fn(&'a T) -> Size) -> Size {
        let mut total = Size { properties: 1, depth: 1 };
        for item in items {
            let item = size(item);
            total.properties = total.properties.saturating_add(item.properties);
            total.depth = total.depth.max(item.depth + 1);
        }
        total
    }

    fn of_property(property: &Property) -> Size {
        match &property.value {
            PropertyValue::Element(element) => Size::of(&element.properties, Size::of_property),
            PropertyValue::Collection(entries) | PropertyValue::Map(entries) => Size::of(entries, Size::of_property),
            PropertyValue::Object(fields) => Size::of(fields, Size::of_xml),
            PropertyValue::Unknown(element) => Size::of_xml(element),
            _ => Size { properties: 1, depth: 1 },
        }
    }

    fn of_xml(element: &XmlElement) -> Size {
        Size::of(&element.children, Size::of_xml)
    }
}

impl Found {
    pub(super) fn size(&self) -> Size {
        match self {
            Found::Element(element) => Size::of(&element.properties, Size::of_property),
            Found::Property(property) => Size::of_property(property),
            Found::Xml(element) => Size::of_xml(element),
        }
    }
}

/// A tag of the file, read or being read.
#[derive(Clone, Copy)]
enum Place<'a> {
    Document,
    Root,
    /// The `hashTree` of that element.
    HashTree(Option<NodeId>),
    /// A container that is being read.
    Open(usize),
    Element(&'a TestElement),
    Property(&'a Property),
    Xml(&'a XmlElement),
}

/// Follows `path` from a tag in the innermost of `open`, or of `hash_trees`; `inside` is how many more tags it is in.
pub(super) fn resolve(
    path: &str,
    tree: &TestTree,
    hash_trees: &[HashTree],
    open: &[Open],
    inside: usize,
) -> Option<Found> {
    let document = Document { tree, hash_trees, open };
    let mut steps = path.split('/').filter(|step| *step != ".").peekable();
    let mut place = if steps.next_if_eq(&"").is_some() {
        Place::Document
    } else {
        let mut levels = 0_usize;
        while steps.next_if_eq(&"..").is_some() {
            levels += 1;
        }
        document.ancestor(levels.checked_sub(inside + 1)?)?
    };
    for step in steps {
        place = document.child(place, step)?;
    }
    match place {
        Place::Element(element) => Some(Found::Element(element.clone())),
        Place::Property(property) => Some(Found::Property(property.clone())),
        Place::Xml(element) => Some(Found::Xml(element.clone())),
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Document<'a> {
    tree: &'a TestTree,
    hash_trees: &'a [HashTree],
    open: &'a [Open],
}

impl<'a> Document<'a> {
    /// The tag `levels` above the innermost one that is being read.
    fn ancestor(self, levels: usize) -> Option<Place<'a>> {
        if let Some(index) = self.open.len().checked_sub(levels + 1) {
            return Some(Place::Open(index));
        }
        let levels = levels - self.open.len();
        match self.hash_trees.len().checked_sub(levels + 1) {
            Some(index) => Some(Place::HashTree(self.hash_trees[index].owner)),
            None if levels == self.hash_trees.len() => Some(Place::Root),
            None => None,
        }
    }

    /// The tag that a step such as `stringProp` or `stringProp[2]` names.
    fn child(self, place: Place<'a>, step: &str) -> Option<Place<'a>> {
        let (tag, index) = match step.strip_suffix(']') {
            Some(step) => {
                let (tag, number) = step.split_once('[')?;
                (tag, number.parse::<usize>().ok()?.checked_sub(1)?)
            }
            None => (step, 0),
        };
        let property = |properties: &'a [Property]| {
            properties.iter().filter(|property| property.value.tag() == tag).nth(index).map(Place::Property)
        };
        let xml = |elements: &'a [XmlElement]| {
            elements.iter().filter(|element| &*element.tag == tag).nth(index).map(Place::Xml)
        };
        match place {
            Place::Document => (tag == "jmeterTestPlan" && index == 0).then_some(Place::Root),
            Place::Root => (tag == "hashTree" && index == 0).then_some(Place::HashTree(None)),
            Place::HashTree(owner) => {
                let mut children = self.tree.children(owner).iter();
                if tag == "hashTree" {
                    return children.nth(index).map(|&id| Place::HashTree(Some(id)));
                }
                let elements = children.map(|&id| &self.tree[id].element);
                let mut before = 0;
                for element in elements.filter(|element| &*element.tag == tag) {
                    if before == index {
                        return Some(Place::Element(element));
                    }
                    before += 1;
                }
                let innermost = self.hash_trees.last()?.owner == owner;
                let is_open = innermost && before == index && &*self.open.first()?.start.tag == tag;
                is_open.then_some(Place::Open(0))
            }
            Place::Open(level) => {
                let read = &self.open[level].properties;
                property(read).or_else(|| {
                    let before = read.iter().filter(|property| property.value.tag() == tag).count();
                    let is_open = before == index && &*self.open.get(level + 1)?.start.tag == tag;
                    is_open.then_some(Place::Open(level + 1))
                })
            }
            Place::Element(element) => property(&element.properties),
            Place::Property(Property { value, .. }) => match value {
                PropertyValue::Element(element) => property(&element.properties),
                PropertyValue::Collection(entries) | PropertyValue::Map(entries) => property(entries),
                PropertyValue::Object(fields) => xml(fields),
                PropertyValue::Unknown(element) => xml(&element.children),
                _ => None,
            },
            Place::Xml(element) => xml(&element.children),
        }
    }
}
